//! A journal that lives as long as the process: for tests, and for hosts that bring durability some other way.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{Attempt, Conclusion, Journal, JournalRecord, WireKey};
use crate::error::{Error, ErrorKind, Result};
use crate::provider::ProviderId;

/// A journal in memory. It survives dropped futures, not a killed process.
#[derive(Debug)]
pub struct MemoryJournal {
    records: Mutex<Records>,
}

impl MemoryJournal {
    /// An empty journal of at most 100 000 records; when it is full, `begin` fails and nothing is sent.
    pub fn new() -> Self {
        Self::with_capacity(Records::DEFAULT_CAPACITY)
    }

    /// An empty journal of at most so many records.
    pub fn with_capacity(records: usize) -> Self {
        Self { records: Mutex::new(Records::new(records)) }
    }

    fn with<T>(&self, work: impl FnOnce(&mut Records) -> T) -> T {
        // Every change is complete before it can panic, so a poisoned lock still guards whole records.
        work(&mut self.records.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Default for MemoryJournal {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Journal for MemoryJournal {
    async fn begin(&self, attempt: &Attempt) -> Result<()> {
        self.with(|records| records.begin(attempt))
    }

    async fn conclude(&self, key: &WireKey, conclusion: &Conclusion) -> Result<()> {
        self.with(|records| records.conclude(key, conclusion))
    }

    async fn get(&self, key: &WireKey) -> Result<Option<JournalRecord>> {
        Ok(self.with(|records| records.by_key.get(key).cloned()))
    }

    async fn open(
        &self,
        provider: &ProviderId,
        account: &str,
        sent_before: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<JournalRecord>> {
        Ok(self.with(|records| records.open(provider, account, sent_before, limit)))
    }

    async fn records(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<Vec<JournalRecord>> {
        Ok(self.with(|records| records.between(from, until)))
    }
}

/// The records of a journal and their rules, shared by the journals of this crate.
#[derive(Debug)]
pub(super) struct Records {
    pub(super) by_key: BTreeMap<WireKey, JournalRecord>,
    capacity: usize,
}

impl Records {
    pub(super) const DEFAULT_CAPACITY: usize = 100_000;

    pub(super) fn new(capacity: usize) -> Self {
        Self { by_key: BTreeMap::new(), capacity }
    }

    pub(super) fn begin(&mut self, attempt: &Attempt) -> Result<()> {
        if let Some(record) = self.by_key.get_mut(&attempt.wire_key) {
            return record.reopen(attempt);
        }
        if self.by_key.len() >= self.capacity {
            return Err(Error::new(
                ErrorKind::Internal,
                "the journal is full: drop concluded records, or give it more room",
            ));
        }
        self.by_key.insert(attempt.wire_key.clone(), JournalRecord::new(attempt.clone()));
        Ok(())
    }

    pub(super) fn conclude(&mut self, key: &WireKey, conclusion: &Conclusion) -> Result<()> {
        let record = self
            .by_key
            .get_mut(key)
            .ok_or_else(|| Error::new(ErrorKind::NotFound, "the journal has no such attempt"))?;
        record.close(conclusion);
        Ok(())
    }

    pub(super) fn open(
        &self,
        provider: &ProviderId,
        account: &str,
        sent_before: DateTime<Utc>,
        limit: usize,
    ) -> Vec<JournalRecord> {
        let mut open: Vec<_> = self
            .by_key
            .values()
            .filter(|record| record.is_open() && record.attempt.last_sent_at < sent_before)
            .filter(|record| &record.attempt.provider == provider && record.attempt.account == account)
            .cloned()
            .collect();
        open.sort_by_key(|record| record.attempt.last_sent_at);
        open.truncate(limit);
        open
    }

    pub(super) fn between(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<JournalRecord> {
        let mut found: Vec<_> = self
            .by_key
            .values()
            .filter(|record| (from..until).contains(&record.attempt.started_at))
            .cloned()
            .collect();
        found.sort_by_key(|record| record.attempt.started_at);
        found
    }
}
