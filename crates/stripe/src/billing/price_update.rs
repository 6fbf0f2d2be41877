//! Changing and listing prices.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::Created;

/// Changes of a price.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct UpdatePrice {
    /// Whether it can be used.
    pub active: Option<bool>,
    /// A name of the host's own to find it by.
    pub lookup_key: Option<String>,
    /// A name that only the merchant sees.
    pub nickname: Option<String>,
    /// `exclusive`, `inclusive`; cannot be changed once it is set.
    pub tax_behavior: Option<String>,
    /// Takes the lookup key away from another price that has it.
    pub transfer_lookup_key: Option<bool>,
    /// Entries to add or replace; an empty value removes one.
    pub metadata: BTreeMap<String, String>,
}

impl UpdatePrice {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`active`](Self::active).
    pub fn with_active(mut self, active: bool) -> Self {
        self.active = Some(active);
        self
    }

    /// Sets [`lookup_key`](Self::lookup_key).
    pub fn with_lookup_key(mut self, lookup_key: impl Into<String>) -> Self {
        self.lookup_key = Some(lookup_key.into());
        self
    }

    /// Sets [`nickname`](Self::nickname).
    pub fn with_nickname(mut self, nickname: impl Into<String>) -> Self {
        self.nickname = Some(nickname.into());
        self
    }

    /// Sets [`tax_behavior`](Self::tax_behavior).
    pub fn with_tax_behavior(mut self, tax_behavior: impl Into<String>) -> Self {
        self.tax_behavior = Some(tax_behavior.into());
        self
    }

    /// Sets [`transfer_lookup_key`](Self::transfer_lookup_key).
    pub fn with_transfer_lookup_key(mut self, transfer_lookup_key: bool) -> Self {
        self.transfer_lookup_key = Some(transfer_lookup_key);
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for UpdatePrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpdatePrice")
            .field("active", &self.active)
            .field("lookup_key", &self.lookup_key)
            .field("tax_behavior", &self.tax_behavior)
            .field("transfer_lookup_key", &self.transfer_lookup_key)
            .finish_non_exhaustive()
    }
}

/// Which prices to list, newest first.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct ListPrices {
    /// Only those that can be used, or only the others.
    pub active: Option<bool>,
    /// Of this currency.
    pub currency: Option<String>,
    /// With one of these lookup keys, at most ten.
    pub lookup_keys: Vec<String>,
    /// Of this product.
    pub product: Option<String>,
    /// `one_time` or `recurring`.
    #[serde(rename = "type")]
    pub price_type: Option<String>,
    /// Created in this time.
    pub created: Option<Created>,
    /// Objects a page, 1 to 100; Stripe's default is 10.
    pub limit: Option<u32>,
    /// After this id.
    pub starting_after: Option<String>,
}

impl ListPrices {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`active`](Self::active).
    pub fn with_active(mut self, active: bool) -> Self {
        self.active = Some(active);
        self
    }

    /// Sets [`currency`](Self::currency).
    pub fn with_currency(mut self, currency: impl Into<String>) -> Self {
        self.currency = Some(currency.into());
        self
    }

    /// Sets [`lookup_keys`](Self::lookup_keys).
    pub fn with_lookup_keys<T: Into<String>>(mut self, lookup_keys: impl IntoIterator<Item = T>) -> Self {
        self.lookup_keys = lookup_keys.into_iter().map(Into::into).collect();
        self
    }

    /// Sets [`product`](Self::product).
    pub fn with_product(mut self, product: impl Into<String>) -> Self {
        self.product = Some(product.into());
        self
    }

    /// Sets [`price_type`](Self::price_type).
    pub fn with_price_type(mut self, price_type: impl Into<String>) -> Self {
        self.price_type = Some(price_type.into());
        self
    }

    /// Sets [`created`](Self::created).
    pub fn with_created(mut self, created: Created) -> Self {
        self.created = Some(created);
        self
    }

    /// Sets [`limit`](Self::limit).
    pub fn with_limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Sets [`starting_after`](Self::starting_after).
    pub fn with_starting_after(mut self, starting_after: impl Into<String>) -> Self {
        self.starting_after = Some(starting_after.into());
        self
    }
}
