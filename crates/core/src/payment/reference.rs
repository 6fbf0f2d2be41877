//! What identifies a payment: to the vendor, to the merchant, on the wire.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::provider::ProviderId;

/// An opaque, serializable handle on something at a provider: a payment, a refund, a stored method, a subscription.
///
/// It holds what the vendor needs later (kind, last four, tender, parent), carries a version, and no secret, so it may
/// be stored and logged. Only the provider that made it can use it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PaymentRef {
    #[serde(rename = "v")]
    version: u8,
    provider: ProviderId,
    kind: String,
    id: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    details: BTreeMap<String, String>,
}

impl PaymentRef {
    /// The version that this release writes.
    pub const VERSION: u8 = 1;

    /// A handle made by a provider's adapter. `kind` is the adapter's own word, for example `payment_intent`.
    pub fn new(provider: ProviderId, kind: impl Into<String>, id: impl Into<String>) -> Self {
        Self { version: Self::VERSION, provider, kind: kind.into(), id: id.into(), details: BTreeMap::new() }
    }

    /// Adds something that the adapter needs later, for example `last4`. Never a secret or a whole card number.
    pub fn with_detail(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.details.insert(name.into(), value.into());
        self
    }

    /// Who made it.
    pub fn provider(&self) -> &ProviderId {
        &self.provider
    }

    /// The adapter's word for what it is.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The vendor's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Something the adapter kept with it.
    pub fn detail(&self, name: &str) -> Option<&str> {
        self.details.get(name).map(String::as_str)
    }

    /// Whether both name the same thing at the vendor: what they carry along may differ.
    pub fn same_as(&self, other: &Self) -> bool {
        (&self.provider, &self.kind, &self.id) == (&other.provider, &other.kind, &other.id)
    }

    /// The version it was written with.
    pub fn version(&self) -> u8 {
        self.version
    }
}

impl fmt::Debug for PaymentRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PaymentRef({} {} {})", self.provider, self.kind, self.id)
    }
}

impl fmt::Display for PaymentRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.provider, self.kind, self.id)
    }
}

/// The merchant's own, human reference: an order or invoice number. It need not be unique; the wire reference is.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MerchantReference(String);

impl MerchantReference {
    /// Longest reference in characters.
    pub const MAX_CHARS: usize = 128;

    /// A reference of 1 to 128 characters with no control characters.
    ///
    /// # Errors
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) naming `reference`.
    pub fn new(reference: impl Into<String>) -> Result<Self> {
        let reference = reference.into();
        let length = reference.chars().count();
        if length == 0 || length > Self::MAX_CHARS || reference.chars().any(char::is_control) {
            return Err(Error::invalid_field(
                "reference",
                "must be 1 to 128 characters, none of them control characters",
            ));
        }
        Ok(Self(reference))
    }

    /// The reference as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for MerchantReference {
    type Error = Error;

    fn try_from(reference: String) -> Result<Self> {
        Self::new(reference)
    }
}

impl From<MerchantReference> for String {
    fn from(reference: MerchantReference) -> Self {
        reference.0
    }
}

impl fmt::Debug for MerchantReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MerchantReference({:?})", self.0)
    }
}

impl fmt::Display for MerchantReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
