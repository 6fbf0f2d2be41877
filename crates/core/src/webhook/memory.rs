//! A replay guard in memory, for one process and schemes that sign the time.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use super::replay::{Claim, ClaimToken, ReplayGuard, ReplayKey, Retention};
use crate::error::{Error, ErrorKind, Result};

/// Longest lease.
const MAX_LEASE: Duration = Duration::from_secs(24 * 60 * 60);

/// Remembers events in memory, bounded in number and time. What it knows is lost with the process, so it suits tests
/// and single processes whose providers sign the time.
///
/// One entry takes about 200 bytes. When every entry is still needed, new claims are refused as
/// [`Unavailable`](crate::ErrorKind::Unavailable) with the code `replay_guard_full`.
pub struct MemoryReplayGuard {
    capacity: usize,
    retention: Duration,
    kept: TimeDelta,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    entries: HashMap<ReplayKey, Entry>,
    // The same entries by the last moment at which each counts, so that room is made without a search.
    by_end: BTreeSet<(DateTime<Utc>, ReplayKey)>,
    last_fence: u64,
}

#[derive(Clone, Copy)]
struct Entry {
    fence: u64,
    done: bool,
    until: DateTime<Utc>,
}

impl State {
    fn put(&mut self, key: ReplayKey, entry: Entry) {
        self.remove(&key);
        self.by_end.insert((entry.until, key));
        self.entries.insert(key, entry);
    }

    fn remove(&mut self, key: &ReplayKey) {
        if let Some(entry) = self.entries.remove(key) {
            self.by_end.remove(&(entry.until, *key));
        }
    }

    fn drop_ended(&mut self, now: DateTime<Utc>) {
        while let Some(&(until, key)) = self.by_end.first() {
            if now <= until {
                break;
            }
            self.remove(&key);
        }
    }
}

impl MemoryReplayGuard {
    /// Room for `capacity` events, each remembered for `retention` after its commit.
    ///
    /// # Errors
    /// [`InvalidConfig`](crate::ErrorKind::InvalidConfig) for a retention of zero or beyond what a date can hold.
    pub fn new(capacity: NonZeroUsize, retention: Duration) -> Result<Self> {
        let kept = TimeDelta::from_std(retention).ok().filter(|kept| *kept > TimeDelta::zero());
        let kept = kept.ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidConfig,
                "a replay guard must remember for a while, and not for all time",
            )
        })?;
        Ok(Self { capacity: capacity.get(), retention, kept, state: Mutex::default() })
    }

    /// How many events are held, some of which may have ended since the last claim.
    pub fn len(&self) -> usize {
        self.state.lock().map_or(0, |state| state.entries.len())
    }

    /// Whether no event is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> Result<MutexGuard<'_, State>> {
        // A poisoned state may have lost an entry; handling an event twice is worse than refusing it.
        self.state
            .lock()
            .map_err(|_| Error::new(ErrorKind::Internal, "the replay guard is unusable after a panic"))
    }
}

#[async_trait]
impl ReplayGuard for MemoryReplayGuard {
    fn retention(&self) -> Retention {
        Retention::Forgets(self.retention)
    }

    async fn claim(&self, key: &ReplayKey, lease: Duration, now: DateTime<Utc>) -> Result<Claim> {
        if lease.is_zero() || lease > MAX_LEASE {
            return Err(Error::invalid_field("lease", "must be longer than zero and at most a day"));
        }
        let until = end(now, TimeDelta::from_std(lease).ok())?;
        let mut state = self.lock()?;
        state.drop_ended(now);
        match state.entries.get(key) {
            Some(entry) if entry.done => return Ok(Claim::Done),
            Some(entry) => return Ok(Claim::InProgress { until: entry.until }),
            None => {}
        }
        if state.entries.len() >= self.capacity {
            return Err(Error::new(
                ErrorKind::Unavailable,
                "the replay guard is full of events that still count",
            )
            .with_code("replay_guard_full"));
        }
        state.last_fence += 1;
        let fence = state.last_fence;
        state.put(*key, Entry { fence, done: false, until });
        Ok(Claim::Granted(ClaimToken::new(*key, fence)))
    }

    async fn commit(&self, token: &ClaimToken, now: DateTime<Utc>) -> Result<()> {
        let until = end(now, Some(self.kept))?;
        let mut state = self.lock()?;
        match state.entries.get(token.key()) {
            Some(entry) if entry.fence == token.fence() && entry.done => Ok(()),
            Some(entry) if entry.fence == token.fence() && now <= entry.until => {
                state.put(*token.key(), Entry { fence: token.fence(), done: true, until });
                Ok(())
            }
            _ => {
                Err(Error::new(ErrorKind::Conflict, "the claim on this event has ended")
                    .with_code("claim_ended"))
            }
        }
    }

    async fn abandon(&self, token: &ClaimToken, _now: DateTime<Utc>) -> Result<()> {
        let mut state = self.lock()?;
        match state.entries.get(token.key()) {
            Some(entry) if entry.fence == token.fence() && entry.done => {
                Err(Error::new(ErrorKind::Conflict, "the event was handled already")
                    .with_code("claim_committed"))
            }
            Some(entry) if entry.fence == token.fence() => {
                state.remove(token.key());
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

fn end(now: DateTime<Utc>, after: Option<TimeDelta>) -> Result<DateTime<Utc>> {
    after
        .and_then(|after| now.checked_add_signed(after))
        .ok_or_else(|| Error::new(ErrorKind::Internal, "the time is beyond what a date can hold"))
}

impl fmt::Debug for MemoryReplayGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryReplayGuard")
            .field("capacity", &self.capacity)
            .field("retention", &self.retention)
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}
