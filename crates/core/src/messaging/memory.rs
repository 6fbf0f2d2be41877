//! Attempts to send messages, kept in memory.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{Begun, DedupRecord, DedupStore, MessageAttempt, MessageEnd, MessageRef};
use crate::error::{Error, ErrorKind, Result};
use crate::payment::WireKey;
use crate::provider::ProviderId;

/// Keeps the newest attempts in memory. Lost with the process, so a host that must not send twice after a restart brings a
/// durable store.
///
/// It forgets settled attempts only. When it is full of unsettled ones it refuses further sends: forgetting one would
/// allow it to be sent twice.
pub struct MemoryDedupStore {
    most: NonZeroUsize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    records: BTreeMap<WireKey, DedupRecord>,
    settled: VecDeque<WireKey>,
}

impl MemoryDedupStore {
    /// How many attempts are kept by default: some 25 MB of them.
    pub const DEFAULT_CAPACITY: NonZeroUsize = NonZeroUsize::MIN.saturating_add(49_999);

    /// Keeps at most so many.
    pub fn new(most: NonZeroUsize) -> Self {
        Self { most, kept: Mutex::default() }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryDedupStore {
    fn default() -> Self {
        Self::new(Self::DEFAULT_CAPACITY)
    }
}

impl fmt::Debug for MemoryDedupStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryDedupStore").field("kept", &self.kept().records.len()).finish_non_exhaustive()
    }
}

#[async_trait]
impl DedupStore for MemoryDedupStore {
    async fn begin(&self, attempt: &MessageAttempt) -> Result<Begun> {
        let mut kept = self.kept();
        match kept.records.get(&attempt.wire_key) {
            Some(earlier) if earlier.end != Some(MessageEnd::NotSent) => {
                return Ok(Begun::Earlier(Box::new(earlier.clone())));
            }
            _ => {}
        }
        while kept.records.len() >= self.most.get() && !kept.records.contains_key(&attempt.wire_key) {
            let Some(oldest) = kept.settled.pop_front() else {
                return Err(Error::new(
                    ErrorKind::Unavailable,
                    "too many messages are unsettled to keep track of another: settle or release some",
                ));
            };
            if kept.records.get(&oldest).is_some_and(|record| record.end.is_some()) {
                kept.records.remove(&oldest);
            }
        }
        kept.records.insert(attempt.wire_key.clone(), DedupRecord::new(attempt.clone(), None));
        Ok(Begun::Fresh)
    }

    async fn settle(&self, key: &WireKey, end: &MessageEnd) -> Result<()> {
        let mut kept = self.kept();
        if let Some(record) = kept.records.get_mut(key) {
            let first = record.end.is_none();
            record.end = Some(end.clone());
            if first {
                kept.settled.push_back(key.clone());
            }
        }
        Ok(())
    }

    async fn get(&self, key: &WireKey) -> Result<Option<DedupRecord>> {
        Ok(self.kept().records.get(key).cloned())
    }

    async fn unsettled(
        &self,
        provider: &ProviderId,
        account: &str,
        before: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<MessageAttempt>> {
        let kept = self.kept();
        let open = kept.records.values().filter(|record| record.end.is_none()).map(|record| &record.attempt);
        let mut open: Vec<_> = open
            .filter(|attempt| {
                attempt.provider == *provider && attempt.account == account && attempt.started_at < before
            })
            .cloned()
            .collect();
        open.sort_by_key(|attempt| attempt.started_at);
        open.truncate(limit);
        Ok(open)
    }

    async fn scheduled_to(
        &self,
        provider: &ProviderId,
        account: &str,
        recipient: &str,
        after: DateTime<Utc>,
    ) -> Result<Vec<(WireKey, MessageRef)>> {
        let kept = self.kept();
        let scheduled = kept.records.values().filter_map(|DedupRecord { attempt, end }| {
            let ours = attempt.provider == *provider && attempt.account == account;
            let waits = attempt.send_at.is_some_and(|at| at > after);
            let theirs = attempt.recipients.iter().any(|known| known.eq_ignore_ascii_case(recipient));
            match end {
                Some(MessageEnd::Sent(message)) if ours && waits && theirs => {
                    Some((attempt.wire_key.clone(), message.clone()))
                }
                _ => None,
            }
        });
        Ok(scheduled.collect())
    }
}
