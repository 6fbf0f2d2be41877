//! What text messages and email have in common.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use super::{DeliveryReason, DeliveryState};
use crate::error::{Error, Result};
use crate::provider::ProviderId;

/// By which way a message travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Channel {
    /// A text message to a telephone.
    Sms,
    /// Email.
    Email,
}

impl Channel {
    /// Stable lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "email",
        }
    }
}

/// Why a message is sent. What the law asks of the two differs, so it is never guessed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageClass {
    /// The recipient waits for it: a code, a receipt, an invitation that was asked for.
    Transactional,
    /// Anything else. It says how the recipient ends it.
    Marketing {
        /// How the recipient ends it.
        unsubscribe: Unsubscribe,
    },
}

/// How a recipient ends messages of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsubscribe {
    /// By answering with the vendor's keyword (STOP).
    Keyword,
    /// By the vendor's own list of this id, to which the vendor puts a link.
    Group(String),
    /// By following this link.
    Link(Url),
}

/// The handle of a message at a vendor. No secret; safe to store and log.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MessageRef {
    provider: ProviderId,
    id: String,
}

impl MessageRef {
    /// A handle made by a provider's adapter.
    pub fn new(provider: ProviderId, id: impl Into<String>) -> Self {
        Self { provider, id: id.into() }
    }

    /// Who made it.
    pub fn provider(&self) -> &ProviderId {
        &self.provider
    }

    /// The vendor's id.
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl fmt::Debug for MessageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MessageRef({} {})", self.provider, self.id)
    }
}

impl fmt::Display for MessageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.provider, self.id)
    }
}

/// A telephone number in the international form: `+` and 7 to 15 digits, the first not zero (ITU-T E.164). Personal data:
/// `Debug` shows the last two digits.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// A number; spaces, dashes, dots and brackets are dropped. Whether somebody has it is for the vendor to say.
    ///
    /// # Errors
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) naming `phone`, without repeating it.
    pub fn new(text: &str) -> Result<Self> {
        let kept: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')')).collect();
        let digits = kept.strip_prefix('+').unwrap_or_default();
        let fits = (7..=15).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        if fits {
            Ok(Self(kept))
        } else {
            Err(Error::invalid_field("phone", "is not a number like +14155550123"))
        }
    }

    /// The number with its plus.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        Self::new(&text)
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> Self {
        number.0
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PhoneNumber(…{})", self.0.get(self.0.len().saturating_sub(2)..).unwrap_or_default())
    }
}

/// A template kept at the vendor, and what goes into it. `Debug` shows the id and the names.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Template {
    /// The vendor's id.
    pub id: String,
    /// What goes into it, by name.
    pub data: Map<String, Value>,
}

impl Template {
    /// A template with nothing in it.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), data: Map::new() }
    }

    /// Adds something that goes into it.
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.data.insert(name.into(), value.into());
        self
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.data.keys().collect();
        f.debug_struct("Template").field("id", &self.id).field("names", &names).finish_non_exhaustive()
    }
}

/// What came of a send that the vendor answered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "an accepted message is not a delivered one, and a refused one was not sent"]
#[non_exhaustive]
pub enum Sending {
    /// The vendor took it. Whether it arrives, events and lookups tell.
    Accepted(Accepted),
    /// It was not sent, because of who it was for. Sending it again does not help.
    Refused(Refusal),
}

impl Sending {
    /// The message, if the vendor took it.
    pub fn accepted(&self) -> Option<&Accepted> {
        match self {
            Self::Accepted(accepted) => Some(accepted),
            Self::Refused(_) => None,
        }
    }

    /// Why it was not sent.
    pub fn refused(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::Accepted(_) => None,
        }
    }
}

/// A message that a vendor took.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Accepted {
    /// Its handle.
    pub message: MessageRef,
    /// Where it stands: accepted, scheduled or queued.
    pub state: DeliveryState,
    /// When it will be sent, where it was scheduled.
    pub send_at: Option<DateTime<Utc>>,
    /// How many parts are billed, where the vendor tells.
    pub parts: Option<u32>,
    /// Whether an earlier send under the same key is the answer, and nothing was sent now.
    pub replayed: bool,
}

impl Accepted {
    /// A message with nothing optional set.
    pub fn new(message: MessageRef, state: DeliveryState) -> Self {
        Self { message, state, send_at: None, parts: None, replayed: false }
    }
}

/// Why a message was not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The normalized reason.
    pub reason: DeliveryReason,
    /// The vendor's code, or a word of the host's gate.
    pub code: Option<String>,
}

impl Refusal {
    /// A refusal.
    pub fn new(reason: DeliveryReason) -> Self {
        Self { reason, code: None }
    }

    /// Adds the vendor's code.
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }
}
