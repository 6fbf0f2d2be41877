//! No access record, no secret.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::envelope::{Context, KeyId};
use crate::error::{Error, ErrorKind, FieldError, Result};

/// Who wants a secret, what for, and in the course of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    actor: String,
    purpose: String,
    correlation_id: String,
}

impl Access {
    /// The actor (a stable user or service id), the purpose (such as `charge` or `connection_test`) and the
    /// correlation id of the request or job. They go into the audit trail as they are: no secrets, no free text.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] naming each that is empty, longer than 256 bytes or holds a control character.
    pub fn new(
        actor: impl Into<String>,
        purpose: impl Into<String>,
        correlation_id: impl Into<String>,
    ) -> Result<Self> {
        let access =
            Self { actor: actor.into(), purpose: purpose.into(), correlation_id: correlation_id.into() };
        let parts = [
            ("actor", &access.actor),
            ("purpose", &access.purpose),
            ("correlation_id", &access.correlation_id),
        ];
        let problems: Vec<_> = parts
            .into_iter()
            .filter(|(_, part)| part.is_empty() || part.len() > 256 || part.chars().any(char::is_control))
            .map(|(name, _)| FieldError::new(name, "must have 1 to 256 bytes and no control characters"))
            .collect();
        if problems.is_empty() {
            return Ok(access);
        }
        Err(Error::new(ErrorKind::InvalidRequest, "the access cannot be recorded").with_fields(problems))
    }

    /// Who wants the secret.
    pub fn actor(&self) -> &str {
        &self.actor
    }

    /// What for.
    pub fn purpose(&self) -> &str {
        &self.purpose
    }

    /// In the course of what request or job.
    pub fn correlation_id(&self) -> &str {
        &self.correlation_id
    }
}

/// What is done with the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AccessAction {
    /// It is opened and handed to the caller.
    Open,
    /// It is opened inside the sealer and sealed again under a new data key.
    Reencrypt,
}

impl AccessAction {
    /// `open` or `reencrypt`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Reencrypt => "reencrypt",
        }
    }
}

/// One access, written down before it happens. Whether the envelope then opened is not part of it: a record means that
/// somebody was about to see the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccessRecord {
    /// When.
    pub at: DateTime<Utc>,
    /// What is done.
    pub action: AccessAction,
    /// By whom and what for.
    pub access: Access,
    /// Which credential.
    pub context: Context,
    /// Under which key it is sealed.
    pub key_id: KeyId,
}

/// The sink did not take the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the audit sink refused the access record")]
pub struct AuditRefused;

/// Where access records go. There is no default, and none that throws records away: a host that opens credentials says
/// where the trace of it is kept.
///
/// # Contract
/// - `Ok` means that the record is as durable as the host's audit trail is; only then is anything decrypted.
/// - `Err` stops the access.
#[async_trait]
pub trait AuditSink: fmt::Debug + Send + Sync + 'static {
    /// Takes one record.
    async fn record(&self, record: &AccessRecord) -> Result<(), AuditRefused>;
}

/// Keeps records in memory, for tests and demos. Refuses once it is full, so that no access goes unrecorded.
pub struct MemoryAuditSink {
    records: Mutex<Vec<AccessRecord>>,
    capacity: usize,
}

impl MemoryAuditSink {
    /// A sink for at most this many records.
    pub fn new(capacity: usize) -> Self {
        Self { records: Mutex::new(Vec::new()), capacity }
    }

    /// The records so far, oldest first.
    pub fn records(&self) -> Vec<AccessRecord> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl fmt::Debug for MemoryAuditSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryAuditSink").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}

#[async_trait]
impl AuditSink for MemoryAuditSink {
    async fn record(&self, record: &AccessRecord) -> Result<(), AuditRefused> {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        if records.len() >= self.capacity {
            return Err(AuditRefused);
        }
        records.push(record.clone());
        Ok(())
    }
}
