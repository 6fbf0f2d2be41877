//! What this process has asked for under each key, since the vendor keeps no keys.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Mutex, PoisonError};

use turnbuckle_core::money::Money;
use turnbuckle_core::payment::{PaymentRef, WireKey};
use turnbuckle_core::{Effect, Error, ErrorKind, Result};

/// Keys that are remembered; the oldest go first.
const MOST: usize = 10_000;

/// Refuses another request under a key that this process has used.
///
/// Authorize.Net takes another amount for another transaction, whatever the invoice number. A journal remembers across
/// processes and restarts; this is what a connection without one has.
#[derive(Default)]
pub(super) struct Memory(Mutex<Asked>);

#[derive(Default)]
struct Asked {
    by_key: HashMap<WireKey, Wanted>,
    order: VecDeque<WireKey>,
}

#[derive(Clone, PartialEq, Eq)]
struct Wanted {
    amount: Option<Money>,
    parent: Option<String>,
}

impl Memory {
    /// Remembers what is asked for under a key.
    ///
    /// # Errors
    /// [`Conflict`](ErrorKind::Conflict) when something else was asked for before. That may have happened, so the effect
    /// is unknown.
    pub(super) fn claim(
        &self,
        key: &WireKey,
        amount: Option<Money>,
        parent: Option<&PaymentRef>,
    ) -> Result<()> {
        let wanted = Wanted { amount, parent: parent.map(|parent| parent.id().to_owned()) };
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match asked.by_key.get(key) {
            Some(before) if *before == wanted => return Ok(()),
            Some(_) => {
                return Err(Error::new(
                    ErrorKind::Conflict,
                    "this key was used for another amount or payment: look the first attempt up, and take a new key",
                )
                .with_effect(Effect::Unknown));
            }
            None => {}
        }
        if asked.order.len() >= MOST
            && let Some(oldest) = asked.order.pop_front()
        {
            asked.by_key.remove(&oldest);
        }
        asked.order.push_back(key.clone());
        asked.by_key.insert(key.clone(), wanted);
        Ok(())
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").finish_non_exhaustive()
    }
}
