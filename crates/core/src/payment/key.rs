//! Idempotency keys, and what becomes of them on the wire.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::PaymentRef;
use crate::error::{Error, Result};
use crate::provider::ProviderId;

/// The caller's own key for one intent to move money, with the time of its first use.
///
/// Make it once, store it beside the order, and pass the same key with every repetition. The time matters: a vendor
/// forgets keys, and a replay later than that would be a new charge, so it is refused.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct IdempotencyKey {
    value: String,
    first_used_at: DateTime<Utc>,
}

/// A key as it was stored: it keeps the rules of [`IdempotencyKey::new`] or is not read.
#[derive(Deserialize)]
struct Stored {
    value: String,
    first_used_at: DateTime<Utc>,
}

impl TryFrom<Stored> for IdempotencyKey {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self> {
        Self::new(stored.value, stored.first_used_at)
    }
}

impl IdempotencyKey {
    /// Longest key in bytes.
    pub const MAX_LEN: usize = 255;

    /// A key of 1 to 255 printable ASCII characters, and when it was first used.
    ///
    /// # Errors
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) naming `idempotency_key`.
    pub fn new(value: impl Into<String>, first_used_at: DateTime<Utc>) -> Result<Self> {
        let value = value.into();
        if value.is_empty()
            || value.len() > Self::MAX_LEN
            || !value.bytes().all(|byte| byte.is_ascii_graphic())
        {
            return Err(Error::invalid_field(
                "idempotency_key",
                "must be 1 to 255 printable ASCII characters",
            ));
        }
        Ok(Self { value, first_used_at })
    }

    /// The key of the one decision about a payment, or of the payer's return: the payment itself is what makes it one.
    ///
    /// # Errors
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) naming `payment` when its id is longer than any vendor's.
    pub fn of_payment(payment: &PaymentRef, first_used_at: DateTime<Utc>) -> Result<Self> {
        let id: String = url::form_urlencoded::byte_serialize(payment.id().as_bytes()).collect();
        Self::new(format!("{}:{id}", payment.kind()), first_used_at)
            .map_err(|_| Error::invalid_field("payment", "has an id that no vendor gives"))
    }

    /// The caller's value.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// When the key was first used.
    pub fn first_used_at(&self) -> DateTime<Utc> {
        self.first_used_at
    }
}

impl fmt::Debug for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdempotencyKey({:?}, first used {})", self.value, self.first_used_at)
    }
}

/// What a payment call does. Part of every wire key, so that a capture never reuses the authorization's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PaymentOperation {
    /// Authorize and capture in one step.
    Purchase,
    /// Reserve an amount.
    Authorize,
    /// Take all or part of a reserved amount.
    Capture,
    /// Release a reservation, or stop a payment before it settles.
    Void,
    /// Return money of an earlier payment.
    Refund,
    /// Send money to a card or account with no earlier payment.
    Credit,
    /// Check a method without moving money.
    Verify,
    /// Keep a method at the vendor for later.
    Store,
    /// Go on after the payer came back.
    Resume,
    /// End a hold for review by taking the payment.
    Accept,
    /// End a hold for review by refusing the payment.
    Reject,
    /// Start a subscription.
    CreateSubscription,
    /// Change what a subscription costs.
    UpdateSubscription,
    /// Start a suspended or cancelled subscription again.
    ReactivateSubscription,
    /// Try a failed payment of a subscription again.
    RetrySubscription,
}

impl PaymentOperation {
    /// Stable lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Purchase => "purchase",
            Self::Authorize => "authorize",
            Self::Capture => "capture",
            Self::Void => "void",
            Self::Refund => "refund",
            Self::Credit => "credit",
            Self::Verify => "verify",
            Self::Store => "store",
            Self::Resume => "resume",
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::CreateSubscription => "create_subscription",
            Self::UpdateSubscription => "update_subscription",
            Self::ReactivateSubscription => "reactivate_subscription",
            Self::RetrySubscription => "retry_subscription",
        }
    }
}

impl fmt::Display for PaymentOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The key of one attempt as the vendor sees it: 32 characters of `0-9a-v`, a hash over provider, account, operation
/// and the caller's key. The same intent always has the same wire key; two accounts or two operations never share one.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WireKey(String);

impl WireKey {
    const ALPHABET: &'static [u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
    const LEN: usize = 32;

    /// Derives the wire key. `account` is the host's stable id of the integration, so that a rotated credential does
    /// not change it.
    pub fn derive(
        provider: &ProviderId,
        account: &str,
        operation: PaymentOperation,
        key: &IdempotencyKey,
    ) -> Self {
        Self::derive_step(provider, account, operation.as_str(), key)
    }

    /// As [`derive`](Self::derive), for one step of an operation that takes several requests.
    pub fn derive_step(provider: &ProviderId, account: &str, step: &str, key: &IdempotencyKey) -> Self {
        let mut hash = Sha256::new();
        for part in ["turnbuckle/wire-key/1", provider.as_str(), account, step, key.value()] {
            // Prefixed with its length, so that no two lists of parts run together.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let digest = hash.finalize();
        let mut text = String::with_capacity(Self::LEN);
        for group in digest.chunks_exact(5).take(Self::LEN / 8) {
            let bits = group.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
            for shift in (0..8).rev() {
                let index = (bits >> (shift * 5) & 31) as usize;
                text.push(char::from(Self::ALPHABET.get(index).copied().unwrap_or(b'0')));
            }
        }
        Self(text)
    }

    /// All 32 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first `length` characters, for a vendor whose reference field is shorter: twelve of them are sixty bits.
    pub fn short(&self, length: usize) -> &str {
        self.0.get(..length).unwrap_or(&self.0)
    }
}

impl TryFrom<String> for WireKey {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        if text.len() == Self::LEN && text.bytes().all(|byte| Self::ALPHABET.contains(&byte)) {
            Ok(Self(text))
        } else {
            Err(Error::invalid_field("wire_key", "must be 32 characters of 0-9 and a-v"))
        }
    }
}

impl From<WireKey> for String {
    fn from(key: WireKey) -> Self {
        key.0
    }
}

impl fmt::Debug for WireKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WireKey({})", self.0)
    }
}

impl fmt::Display for WireKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
