//! Text messages.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use url::Url;

use super::{Channel, Delivery, MessageAttempt, MessageClass, MessageRef, PhoneNumber, Sending, Template};
use crate::error::Result;
use crate::payment::{IdempotencyKey, Lookup, WireKey};
use crate::provider::ProviderId;

/// Who a text message comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sender {
    /// A number of the account's.
    Number(PhoneNumber),
    /// A name of up to 11 letters and digits, in countries that allow it. Nobody can answer it.
    Name(String),
    /// The vendor picks from a pool of this id.
    Pool(String),
}

/// What a text message says. `Debug` shows its kind and length.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum SmsBody {
    /// These words.
    Text(String),
    /// A template of the vendor's.
    Template(Template),
}

impl fmt::Debug for SmsBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} characters)", text.chars().count()),
            Self::Template(template) => template.fmt(f),
        }
    }
}

/// A text message to one recipient.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SmsMessage {
    /// The caller's key for this message: one key, one message.
    pub key: IdempotencyKey,
    /// Why it is sent.
    pub class: MessageClass,
    /// Who gets it.
    pub to: PhoneNumber,
    /// Who it comes from; `None` is what the connection was set up with.
    pub from: Option<Sender>,
    /// What it says.
    pub body: SmsBody,
    /// Pictures and other media, by address.
    pub media: Vec<Url>,
    /// When to send it; `None` is now.
    pub send_at: Option<DateTime<Utc>>,
    /// How long the vendor may try; `None` is the vendor's own limit.
    pub valid_for: Option<Duration>,
}

impl SmsMessage {
    /// A message that the recipient waits for.
    pub fn transactional(key: IdempotencyKey, to: PhoneNumber, text: impl Into<String>) -> Self {
        Self::new(key, MessageClass::Transactional, to, SmsBody::Text(text.into()))
    }

    /// A message of either class.
    pub fn new(key: IdempotencyKey, class: MessageClass, to: PhoneNumber, body: SmsBody) -> Self {
        Self { key, class, to, from: None, body, media: Vec::new(), send_at: None, valid_for: None }
    }

    /// Sets who it comes from.
    pub fn with_from(mut self, from: Sender) -> Self {
        self.from = Some(from);
        self
    }

    /// Adds a picture or other medium.
    pub fn with_media(mut self, url: Url) -> Self {
        self.media.push(url);
        self
    }

    /// Sets when to send it.
    pub fn with_send_at(mut self, at: DateTime<Utc>) -> Self {
        self.send_at = Some(at);
        self
    }

    /// Sets how long the vendor may try.
    pub fn with_valid_for(mut self, time: Duration) -> Self {
        self.valid_for = Some(time);
        self
    }

    /// The id of this attempt, which travels with the message and comes back in events.
    pub fn wire_key(&self, provider: &ProviderId, account: &str) -> WireKey {
        WireKey::derive_step(provider, account, Channel::Sms.as_str(), &self.key)
    }

    /// The attempt to send it, for a [`DedupStore`](super::DedupStore).
    pub fn attempt(&self, provider: &ProviderId, account: &str, now: DateTime<Utc>) -> MessageAttempt {
        let mut hash = Sha256::new();
        let mut part = |text: &str| {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        };
        part(self.to.as_str());
        match &self.body {
            SmsBody::Text(text) => part(text),
            SmsBody::Template(template) => {
                part(&template.id);
                part(&serde_json::Value::Object(template.data.clone()).to_string());
            }
        }
        self.media.iter().for_each(|url| part(url.as_str()));
        let recipients = vec![self.to.as_str().to_owned()];
        let wire_key = self.wire_key(provider, account);
        MessageAttempt::new(provider, account, Channel::Sms, wire_key, recipients, &hash.finalize(), now)
            .with_send_at(self.send_at)
    }
}

/// One ability of a sender of text messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SmsFeature {
    /// Media.
    Media,
    /// Templates kept at the vendor.
    Templates,
    /// Sending at a later time, and [`cancel`](SmsSender::cancel).
    Schedule,
    /// A name instead of a number as the sender.
    SenderName,
    /// A pool of senders.
    SenderPool,
    /// A limit on how long the vendor may try.
    Validity,
}

impl SmsFeature {
    /// Every ability.
    pub const ALL: &'static [Self] =
        &[Self::Media, Self::Templates, Self::Schedule, Self::SenderName, Self::SenderPool, Self::Validity];

    /// The ability in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Media => "media",
            Self::Templates => "templates",
            Self::Schedule => "scheduled sending",
            Self::SenderName => "a name as the sender",
            Self::SenderPool => "a pool of senders",
            Self::Validity => "a limit on trying",
        }
    }
}

/// What a sender of text messages declares about itself. Core refuses the rest before anything is sent.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct SmsFeatures {
    features: &'static [SmsFeature],
}

impl SmsFeatures {
    /// Declares a sender.
    pub const fn new(features: &'static [SmsFeature]) -> Self {
        Self { features }
    }

    /// Whether it declares this ability.
    pub fn has(&self, feature: SmsFeature) -> bool {
        self.features.contains(&feature)
    }
}

/// Sends text messages.
///
/// - [`Sending::Accepted`] means that the vendor took it, never that it arrived.
/// - A recipient who ended messages is [`Sending::Refused`], never an error that somebody might retry.
/// - A lost answer is an error with [`Effect::Unknown`](crate::Effect::Unknown). Nothing is sent again by itself.
/// - Numbers and texts never show in errors, spans or `Debug`.
#[async_trait]
pub trait SmsSender: fmt::Debug + Send + Sync + 'static {
    /// The provider behind it.
    fn provider(&self) -> &ProviderId;

    /// The host's stable id of this account: part of every attempt's id.
    fn account(&self) -> &str;

    /// What it can do.
    fn features(&self) -> SmsFeatures;

    /// Sends a message, or schedules it.
    async fn send(&self, message: &SmsMessage) -> Result<Sending>;

    /// How far a message has come, as the vendor says now.
    async fn status(&self, message: &MessageRef) -> Result<Delivery>;

    /// Calls back a message that waits for its time. One that was called back before is no error; one that left is a
    /// [`Conflict`](crate::ErrorKind::Conflict).
    async fn cancel(&self, message: &MessageRef) -> Result<()>;

    /// Finds what an attempt sent.
    ///
    /// - Returns only messages that carry the attempt's id or cannot be anybody else's; says how much an absence proves.
    async fn lookup(&self, attempt: &MessageAttempt) -> Result<Lookup<MessageRef>>;
}
