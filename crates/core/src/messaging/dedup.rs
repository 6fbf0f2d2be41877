//! One key, one message, where no vendor sees to that.

use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Channel, MessageRef, Refusal};
use crate::error::Result;
use crate::payment::WireKey;
use crate::provider::ProviderId;

/// One attempt to send a message. Recipients are personal data: `Debug` shows how many.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MessageAttempt {
    /// The provider.
    pub provider: ProviderId,
    /// The host's stable id of the account.
    pub account: String,
    /// By which way.
    pub channel: Channel,
    /// The id that travels with the message.
    pub wire_key: WireKey,
    /// Who it is for.
    pub recipients: Vec<String>,
    /// SHA-256 of recipients and content in hex, so that another message under the same key is seen.
    pub fingerprint: String,
    /// When the message is to leave, where it was scheduled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_at: Option<DateTime<Utc>>,
    /// When it was sent to the vendor.
    pub started_at: DateTime<Utc>,
}

impl MessageAttempt {
    pub(super) fn new(
        provider: &ProviderId,
        account: &str,
        channel: Channel,
        wire_key: WireKey,
        recipients: Vec<String>,
        digest: &[u8],
        started_at: DateTime<Utc>,
    ) -> Self {
        let fingerprint = digest.iter().fold(String::with_capacity(64), |mut text, byte| {
            let hex = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
            text.extend([hex(byte >> 4), hex(byte & 15)]);
            text
        });
        let (provider, account) = (provider.clone(), account.to_owned());
        Self { provider, account, channel, wire_key, recipients, fingerprint, send_at: None, started_at }
    }

    pub(super) fn with_send_at(mut self, at: Option<DateTime<Utc>>) -> Self {
        self.send_at = at;
        self
    }
}

impl fmt::Debug for MessageAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageAttempt")
            .field("provider", &self.provider)
            .field("account", &self.account)
            .field("channel", &self.channel)
            .field("wire_key", &self.wire_key)
            .field("recipients", &self.recipients.len())
            .field("send_at", &self.send_at)
            .field("started_at", &self.started_at)
            .finish_non_exhaustive()
    }
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageEnd {
    /// The vendor has it.
    Sent(MessageRef),
    /// It was refused because of who it was for.
    Refused(Refusal),
    /// Nothing was sent.
    NotSent,
    /// It was called back before it left.
    Canceled(MessageRef),
}

/// An attempt and how it ended; `None` while nobody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DedupRecord {
    /// The attempt.
    pub attempt: MessageAttempt,
    /// How it ended.
    pub end: Option<MessageEnd>,
}

impl DedupRecord {
    /// A record.
    pub fn new(attempt: MessageAttempt, end: Option<MessageEnd>) -> Self {
        Self { attempt, end }
    }
}

/// What [`DedupStore::begin`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Begun {
    /// Nothing was sent under this key: send now. The attempt is written down.
    Fresh,
    /// There is a record already: do not send.
    Earlier(Box<DedupRecord>),
}

/// Where attempts to send messages are written down. In memory by default; a host that restarts brings a durable one.
///
/// - `begin` is atomic: of two that begin with one key at once, one is fresh.
/// - A record that ended as [`NotSent`](MessageEnd::NotSent) does not count.
/// - If `begin` fails, nothing is sent.
#[async_trait]
pub trait DedupStore: fmt::Debug + Send + Sync + 'static {
    /// Writes an attempt down before it is sent, unless there is one with its id.
    async fn begin(&self, attempt: &MessageAttempt) -> Result<Begun>;

    /// Writes down how an attempt ended.
    async fn settle(&self, key: &WireKey, end: &MessageEnd) -> Result<()>;

    /// One record.
    async fn get(&self, key: &WireKey) -> Result<Option<DedupRecord>>;

    /// One account's attempts without an end that began before this time, oldest first.
    async fn unsettled(
        &self,
        provider: &ProviderId,
        account: &str,
        before: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<MessageAttempt>>;

    /// One account's messages to a recipient that were sent to the vendor and leave after this time.
    async fn scheduled_to(
        &self,
        provider: &ProviderId,
        account: &str,
        recipient: &str,
        after: DateTime<Utc>,
    ) -> Result<Vec<(WireKey, MessageRef)>>;
}
