//! Email.

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::{Channel, MessageAttempt, MessageClass, MessageRef, Sending, Template};
use crate::error::{Error, Result};
use crate::payment::{IdempotencyKey, Lookup, WireKey};
use crate::provider::ProviderId;

/// An email address with a name. Personal data: `Debug` shows the domain.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Mailbox {
    /// The address.
    pub address: String,
    /// The name.
    pub name: Option<String>,
}

impl Mailbox {
    /// An address: something, an at sign, a domain; no blanks, brackets, commas or control characters, at most 254 bytes.
    ///
    /// # Errors
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) naming `address`, without repeating it.
    pub fn new(address: impl Into<String>) -> Result<Self> {
        let address = address.into();
        let plain =
            |c: char| !c.is_control() && !c.is_whitespace() && !matches!(c, '<' | '>' | ',' | ';' | '"');
        let fits = address.len() <= 254
            && address.chars().all(plain)
            && address.rsplit_once('@').is_some_and(|(local, domain)| {
                !local.is_empty() && !local.contains('@') && domain.contains('.') && !domain.starts_with('.')
            });
        if fits {
            Ok(Self { address, name: None })
        } else {
            Err(Error::invalid_field("address", "is not an email address"))
        }
    }

    /// Adds a name.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mailbox(…@{})", self.address.rsplit_once('@').map_or("", |(_, domain)| domain))
    }
}

/// What an email says. `Debug` shows its kind.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum EmailBody {
    /// Subject and text, in one or both forms.
    Parts {
        /// The subject.
        subject: String,
        /// For readers that show text.
        text: Option<String>,
        /// For readers that show pages.
        html: Option<String>,
    },
    /// A template of the vendor's, which brings the subject.
    Template(Template),
}

impl fmt::Debug for EmailBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parts { text, html, .. } => {
                f.debug_struct("Parts").field("text", &text.is_some()).field("html", &html.is_some()).finish()
            }
            Self::Template(template) => template.fmt(f),
        }
    }
}

/// A file that travels along. `Debug` shows type and size.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attachment {
    /// The file's name.
    pub name: String,
    /// Its media type, for example `application/pdf`.
    pub media_type: String,
    /// What is in it.
    pub content: Bytes,
    /// The id by which a page shows it (`cid:`); `None` is a file beside the text.
    pub inline_id: Option<String>,
}

impl Attachment {
    /// A file beside the text.
    pub fn new(name: impl Into<String>, media_type: impl Into<String>, content: impl Into<Bytes>) -> Self {
        Self { name: name.into(), media_type: media_type.into(), content: content.into(), inline_id: None }
    }
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attachment({}, {} bytes)", self.media_type, self.content.len())
    }
}

/// One email. All recipients see each other, but for those in `bcc`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct EmailMessage {
    /// The caller's key for this message: one key, one message.
    pub key: IdempotencyKey,
    /// Why it is sent.
    pub class: MessageClass,
    /// Who it comes from.
    pub from: Mailbox,
    /// Who gets it. At least one.
    pub to: Vec<Mailbox>,
    /// Who gets a copy.
    pub cc: Vec<Mailbox>,
    /// Who gets a copy without the others knowing.
    pub bcc: Vec<Mailbox>,
    /// Where answers go; empty is the sender.
    pub reply_to: Vec<Mailbox>,
    /// What it says.
    pub body: EmailBody,
    /// Files that travel along.
    pub attachments: Vec<Attachment>,
    /// Words by which the vendor's statistics group it. Never personal data.
    pub categories: Vec<String>,
    /// When to send it; `None` is now.
    pub send_at: Option<DateTime<Utc>>,
}

impl EmailMessage {
    /// An email to one recipient, who waits for it.
    pub fn transactional(key: IdempotencyKey, from: Mailbox, to: Mailbox, body: EmailBody) -> Self {
        Self::new(key, MessageClass::Transactional, from, to, body)
    }

    /// An email of either class to one recipient.
    pub fn new(
        key: IdempotencyKey,
        class: MessageClass,
        from: Mailbox,
        to: Mailbox,
        body: EmailBody,
    ) -> Self {
        Self {
            key,
            class,
            from,
            to: vec![to],
            cc: Vec::new(),
            bcc: Vec::new(),
            reply_to: Vec::new(),
            body,
            attachments: Vec::new(),
            categories: Vec::new(),
            send_at: None,
        }
    }

    /// Adds a recipient.
    pub fn with_to(mut self, to: Mailbox) -> Self {
        self.to.push(to);
        self
    }

    /// Adds a file.
    pub fn with_attachment(mut self, attachment: Attachment) -> Self {
        self.attachments.push(attachment);
        self
    }

    /// Sets when to send it.
    pub fn with_send_at(mut self, at: DateTime<Utc>) -> Self {
        self.send_at = Some(at);
        self
    }

    /// Everybody who gets it.
    pub fn recipients(&self) -> impl Iterator<Item = &Mailbox> {
        self.to.iter().chain(&self.cc).chain(&self.bcc)
    }

    /// The id of this attempt, which travels with the message and comes back in events.
    pub fn wire_key(&self, provider: &ProviderId, account: &str) -> WireKey {
        WireKey::derive_step(provider, account, Channel::Email.as_str(), &self.key)
    }

    /// The attempt to send it, for a [`DedupStore`](super::DedupStore).
    pub fn attempt(&self, provider: &ProviderId, account: &str, now: DateTime<Utc>) -> MessageAttempt {
        let mut hash = Sha256::new();
        let mut part = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        part(self.from.address.as_bytes());
        for list in [&self.to, &self.cc, &self.bcc] {
            part(&(list.len() as u64).to_be_bytes());
            for mailbox in list {
                part(mailbox.address.as_bytes());
            }
        }
        match &self.body {
            EmailBody::Parts { subject, text, html } => {
                part(subject.as_bytes());
                part(text.as_deref().unwrap_or_default().as_bytes());
                part(html.as_deref().unwrap_or_default().as_bytes());
            }
            EmailBody::Template(template) => {
                part(template.id.as_bytes());
                part(serde_json::Value::Object(template.data.clone()).to_string().as_bytes());
            }
        }
        for attachment in &self.attachments {
            part(attachment.name.as_bytes());
            part(&attachment.content);
        }
        let recipients = self.recipients().map(|mailbox| mailbox.address.clone()).collect();
        let wire_key = self.wire_key(provider, account);
        MessageAttempt::new(provider, account, Channel::Email, wire_key, recipients, &hash.finalize(), now)
            .with_send_at(self.send_at)
    }
}

/// One ability of a sender of email.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum EmailFeature {
    /// Files.
    Attachments,
    /// Templates kept at the vendor.
    Templates,
    /// Sending at a later time, and [`cancel`](EmailSender::cancel).
    Schedule,
    /// Words for the vendor's statistics.
    Categories,
    /// The vendor's own lists of those who ended messages.
    UnsubscribeGroups,
}

impl EmailFeature {
    /// Every ability.
    pub const ALL: &'static [Self] =
        &[Self::Attachments, Self::Templates, Self::Schedule, Self::Categories, Self::UnsubscribeGroups];

    /// The ability in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Attachments => "attachments",
            Self::Templates => "templates",
            Self::Schedule => "scheduled sending",
            Self::Categories => "categories",
            Self::UnsubscribeGroups => "unsubscribe groups",
        }
    }
}

/// What a sender of email declares about itself. Core refuses the rest before anything is sent.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct EmailFeatures {
    features: &'static [EmailFeature],
}

impl EmailFeatures {
    /// Declares a sender.
    pub const fn new(features: &'static [EmailFeature]) -> Self {
        Self { features }
    }

    /// Whether it declares this ability.
    pub fn has(&self, feature: EmailFeature) -> bool {
        self.features.contains(&feature)
    }
}

/// Sends email.
///
/// - [`Sending::Accepted`] means that the vendor took it, never that it arrived. Whom the vendor then leaves out, since
///   they ended such messages, events tell.
/// - A lost answer is an error with [`Effect::Unknown`](crate::Effect::Unknown). Nothing is sent again by itself.
/// - Addresses and texts never show in errors, spans or `Debug`.
#[async_trait]
pub trait EmailSender: fmt::Debug + Send + Sync + 'static {
    /// The provider behind it.
    fn provider(&self) -> &ProviderId;

    /// The host's stable id of this account: part of every attempt's id.
    fn account(&self) -> &str;

    /// What it can do.
    fn features(&self) -> EmailFeatures;

    /// Sends a message, or schedules it.
    async fn send(&self, message: &EmailMessage) -> Result<Sending>;

    /// Calls back a message that waits for its time. One that was called back before is no error.
    async fn cancel(&self, message: &MessageRef) -> Result<()>;

    /// Finds what an attempt sent. Many vendors of email can find nothing: then only events settle it.
    async fn lookup(&self, attempt: &MessageAttempt) -> Result<Lookup<MessageRef>>;
}
