//! What identifies a payment: to the vendor, to the merchant, on the wire.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

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
