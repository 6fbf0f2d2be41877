//! How far a message has come, folded from news in any order.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::MessageRef;
use crate::payment::WireKey;

/// How far a message to one recipient has come.
///
/// The order is that of strength: of two words about one message the later one here counts, whichever arrives first. An
/// email that was delivered and then bounced has bounced; a text that was delivered is not merely sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeliveryState {
    /// The vendor took it.
    Accepted,
    /// It waits for its time.
    Scheduled,
    /// It waits at the vendor.
    Queued,
    /// It left the vendor.
    Sent,
    /// The recipient's side asked to wait; the vendor tries again.
    Deferred,
    /// It was called back before it was sent.
    Canceled,
    /// The recipient's side took it.
    Delivered,
    /// It was opened or read.
    Read,
    /// The vendor did not send it.
    Failed,
    /// The recipient's side did not take it.
    Undelivered,
    /// It came back after it had been taken.
    Bounced,
}

impl DeliveryState {
    /// Whether nothing more is to be expected. A delivered email may still bounce.
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Self::Canceled | Self::Delivered | Self::Read | Self::Failed | Self::Undelivered | Self::Bounced
        )
    }

    /// Whether it did not and will not arrive.
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Canceled | Self::Failed | Self::Undelivered | Self::Bounced)
    }
}

/// Why a message was refused or did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeliveryReason {
    /// The recipient ended such messages. Never send again unless they ask for it.
    Unsubscribed,
    /// The recipient called an earlier one spam. Never send again.
    ReportedSpam,
    /// The host's own gate says that there is no consent.
    NoConsent,
    /// The address or number does not exist, or cannot take such messages.
    InvalidRecipient,
    /// The vendor holds a list of addresses that bounced before, and this one is on it.
    Suppressed,
    /// The recipient cannot be reached now: switched off, mailbox full.
    Unreachable,
    /// A carrier or mail server blocked it.
    Blocked,
    /// A carrier or mail server took it for spam.
    Filtered,
    /// The sender is not allowed to write there: not registered, not verified.
    SenderNotAllowed,
    /// The vendor's account lacks money or is not active.
    AccountInactive,
    /// It waited for too long.
    Expired,
    /// Nobody said why.
    Unknown,
}

impl DeliveryReason {
    /// Whether the same message to the same recipient may be tried again later, under a new key.
    pub fn may_retry(self) -> bool {
        matches!(self, Self::Unreachable | Self::Expired | Self::Unknown)
    }
}

/// One word about one message to one recipient. `Debug` leaves the recipient out.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeliveryNews {
    /// The message.
    pub message: MessageRef,
    /// The recipient, as the vendor spells it.
    pub recipient: String,
    /// How far it has come.
    pub state: DeliveryState,
    /// When, as the vendor says; else when it was received.
    pub at: DateTime<Utc>,
    /// Why it did not arrive.
    pub reason: Option<DeliveryReason>,
    /// The vendor's code or words for that, in its own vocabulary.
    pub code: Option<String>,
    /// The attempt that sent it, which came back with it.
    pub attempt: Option<WireKey>,
}

impl DeliveryNews {
    /// A word with nothing optional set.
    pub fn new(
        message: MessageRef,
        recipient: impl Into<String>,
        state: DeliveryState,
        at: DateTime<Utc>,
    ) -> Self {
        Self { message, recipient: recipient.into(), state, at, reason: None, code: None, attempt: None }
    }
}

impl std::fmt::Debug for DeliveryNews {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeliveryNews")
            .field("message", &self.message)
            .field("state", &self.state)
            .field("at", &self.at)
            .field("reason", &self.reason)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}

/// How far one message to one recipient has come: the strongest word so far, and the earliest time of it. Hosts keep one
/// by (message, recipient). Folding is the same in any order, and repeated news change nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Delivery {
    /// How far it has come.
    pub state: DeliveryState,
    /// Since when.
    pub at: DateTime<Utc>,
    /// Why it did not arrive.
    pub reason: Option<DeliveryReason>,
    /// The vendor's code for that.
    pub code: Option<String>,
}

impl Delivery {
    /// A message of which one thing is known.
    pub fn new(state: DeliveryState, at: DateTime<Utc>) -> Self {
        Self { state, at, reason: None, code: None }
    }

    /// Takes a word in. Returns whether the state changed.
    pub fn observe(&mut self, news: &DeliveryNews) -> bool {
        self.fold(&Self { state: news.state, at: news.at, reason: news.reason, code: news.code.clone() })
    }

    /// As [`observe`](Self::observe), for what a lookup told.
    pub fn fold(&mut self, other: &Self) -> bool {
        // Everything is compared, so that two orders of the same news never end differently.
        let key = |word: &Self| (std::cmp::Reverse(word.at), word.reason, word.code.clone());
        match other.state.cmp(&self.state) {
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Greater => {
                *self = other.clone();
                true
            }
            std::cmp::Ordering::Equal => {
                if key(other) > key(self) {
                    *self = other.clone();
                }
                false
            }
        }
    }
}
