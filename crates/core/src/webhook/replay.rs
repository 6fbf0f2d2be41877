//! Handling an event once: keys, claims, and guards that remember.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::content::{TimeRule, sha256};
use super::event::Event;
use super::proof::Verified;
use crate::error::{Error, ErrorKind, Result};

/// What makes two deliveries the same event, as a hash.
///
/// Made from verified values only, and always within a namespace (one integration of one tenant), so that one tenant's
/// events can never hide another's.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReplayKey([u8; 32]);

impl ReplayKey {
    /// The key of a normalized event: its signed id, or else its signed content.
    ///
    /// # Errors
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for a fetched event without an id.
    pub fn for_event(namespace: &str, event: &Verified<Event>) -> Result<Self> {
        match event.get().id.as_deref() {
            Some(id) if !id.is_empty() => Ok(Self::derive(namespace, b"id", id.as_bytes())),
            _ => Self::for_content(namespace, event),
        }
    }

    /// The key of a vendor's own event by an id that the closure takes from the verified value. Where the vendor has
    /// no id, join what tells events apart, such as a message's id and its status.
    ///
    /// # Errors
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for an empty id.
    pub fn for_id<E>(namespace: &str, event: &Verified<E>, id: impl FnOnce(&E) -> String) -> Result<Self> {
        let id = id(event.get());
        if id.is_empty() {
            return Err(Error::invalid_field("id", "is empty, and would make all events one"));
        }
        Ok(Self::derive(namespace, b"id", id.as_bytes()))
    }

    /// The key of everything that was signed. A vendor that signs a new time with every attempt makes every attempt
    /// another event this way.
    ///
    /// # Errors
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for a fetched value, which has no signed content.
    pub fn for_content<E>(namespace: &str, event: &Verified<E>) -> Result<Self> {
        match event.digest() {
            Some(digest) => Ok(Self::derive(namespace, b"content", &digest)),
            None => Err(Error::invalid_field("id", "is missing, and a fetched event has no signed content")),
        }
    }

    /// A key that a store kept.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key as a store keeps it.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn derive(namespace: &str, kind: &[u8], value: &[u8]) -> Self {
        let len = |bytes: &[u8]| u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes();
        Self(sha256(&[
            b"turnbuckle replay key 1",
            &len(namespace.as_bytes()),
            namespace.as_bytes(),
            &len(kind),
            kind,
            value,
        ]))
    }
}

impl fmt::Debug for ReplayKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReplayKey(")?;
        for byte in self.0.iter().take(4) {
            write!(f, "{byte:02x}")?;
        }
        f.write_str("..)")
    }
}

/// What a [`ReplayGuard`] answers to a claim.
#[derive(Debug)]
pub enum Claim {
    /// The event is ours to handle, until the lease ends. Finish with `commit` or `abandon`.
    Granted(ClaimToken),
    /// Somebody else is at it. Unless they finish, it is free after this time: answer the vendor with 503.
    InProgress {
        /// The last moment of the other's lease.
        until: DateTime<Utc>,
    },
    /// It was handled before: answer the vendor with success, and do nothing.
    Done,
}

/// The right to handle one event, within its lease. Each claim of a key carries a higher number than the one before.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct ClaimToken {
    key: ReplayKey,
    fence: u64,
}

impl ClaimToken {
    /// A token, for implementations of [`ReplayGuard`].
    pub fn new(key: ReplayKey, fence: u64) -> Self {
        Self { key, fence }
    }

    /// The claimed key.
    pub fn key(&self) -> &ReplayKey {
        &self.key
    }

    /// The claim's number.
    pub fn fence(&self) -> u64 {
        self.fence
    }
}

/// How long a guard remembers what was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retention {
    /// At least this long after the commit.
    Forgets(Duration),
    /// Until the integration's secret is replaced, or for ever.
    Permanent,
}

/// What a scheme says about time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FreshnessClass {
    /// It signs the time; a push is acceptable for at most this long ([`TimeRule::window`]).
    SignedTime {
        /// Largest accepted age and largest accepted lead together.
        window: Duration,
    },
    /// It signs no time: a push is acceptable for ever, and so is its copy.
    UnsignedTime,
    /// It signs nothing; values are fetched from the vendor, and a repeated push only fetches again.
    Refetched,
}

impl From<TimeRule> for FreshnessClass {
    fn from(rule: TimeRule) -> Self {
        Self::SignedTime { window: rule.window() }
    }
}

/// Remembers which events are being handled and which are done.
///
/// Time is an argument; an implementation over a database may use the database's own clock instead.
///
/// * A key is claimed by one holder at a time, and by nobody once it is done.
/// * A lease that ends without commit frees the key: a crash in between does not lose the event.
/// * A claim whose lease has ended, or that somebody else has taken over, can no longer be committed.
/// * A committed key stays done for as long as [`retention`](Self::retention) says.
/// * A guard that has no room refuses; it never forgets early.
#[async_trait]
pub trait ReplayGuard: fmt::Debug + Send + Sync {
    /// How long this guard remembers.
    fn retention(&self) -> Retention;

    /// Asks for an event, for as long as `lease`.
    ///
    /// # Errors
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for a lease that is zero or longer than the guard allows,
    /// [`Unavailable`](crate::ErrorKind::Unavailable) when the guard has no room or cannot reach its store: answer the
    /// vendor with 503, and the event comes again.
    async fn claim(&self, key: &ReplayKey, lease: Duration, now: DateTime<Utc>) -> Result<Claim>;

    /// Records that the event was handled. Repeating the call is harmless.
    ///
    /// # Errors
    /// [`Conflict`](crate::ErrorKind::Conflict) when the lease has ended or the claim is another's: what was done under
    /// it may be done again.
    async fn commit(&self, token: &ClaimToken, now: DateTime<Utc>) -> Result<()>;

    /// Gives the event back unhandled, for the next delivery. A claim that is no longer held is left alone.
    ///
    /// # Errors
    /// [`Conflict`](crate::ErrorKind::Conflict) when it was committed already.
    async fn abandon(&self, token: &ClaimToken, now: DateTime<Utc>) -> Result<()>;
}

/// A guard that was found good enough for a scheme. Comes from [`guard_for`].
#[derive(Debug, Clone)]
pub struct CheckedGuard(Arc<dyn ReplayGuard>);

impl CheckedGuard {
    /// As [`ReplayGuard::claim`].
    ///
    /// # Errors
    /// As there.
    pub async fn claim(&self, key: &ReplayKey, lease: Duration, now: DateTime<Utc>) -> Result<Claim> {
        self.0.claim(key, lease, now).await
    }

    /// As [`ReplayGuard::commit`].
    ///
    /// # Errors
    /// As there.
    pub async fn commit(&self, token: &ClaimToken, now: DateTime<Utc>) -> Result<()> {
        self.0.commit(token, now).await
    }

    /// As [`ReplayGuard::abandon`].
    ///
    /// # Errors
    /// As there.
    pub async fn abandon(&self, token: &ClaimToken, now: DateTime<Utc>) -> Result<()> {
        self.0.abandon(token, now).await
    }
}

/// Checks that a guard remembers as long as a scheme's pushes stay acceptable.
///
/// ```
/// use std::num::NonZeroUsize;
/// use std::sync::Arc;
/// use std::time::Duration;
/// use turnbuckle_core::webhook::{FreshnessClass, MemoryReplayGuard, TimeRule, guard_for};
///
/// # fn main() -> turnbuckle_core::Result<()> {
/// let room = NonZeroUsize::new(10_000).expect("not zero");
/// let memory = Arc::new(MemoryReplayGuard::new(room, Duration::from_secs(600))?);
/// assert!(guard_for(TimeRule::default().into(), memory.clone()).is_ok());
/// assert!(guard_for(FreshnessClass::UnsignedTime, memory).is_err());
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`InvalidConfig`](crate::ErrorKind::InvalidConfig) when the guard forgets at all and the scheme signs no time, or
/// when it forgets sooner than the scheme's window.
pub fn guard_for(freshness: FreshnessClass, guard: Arc<dyn ReplayGuard>) -> Result<CheckedGuard> {
    let problem = match (freshness, guard.retention()) {
        (_, Retention::Permanent) | (FreshnessClass::Refetched, _) => None,
        (FreshnessClass::SignedTime { window }, Retention::Forgets(after)) if after >= window => None,
        (FreshnessClass::SignedTime { .. }, _) => {
            Some("the replay guard forgets sooner than a signed push goes stale")
        }
        (FreshnessClass::UnsignedTime, _) => {
            Some("this provider signs no time: its replay guard must remember for good")
        }
    };
    match problem {
        None => Ok(CheckedGuard(guard)),
        Some(problem) => Err(Error::new(ErrorKind::InvalidConfig, problem)),
    }
}
