//! Lines of invoices.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::object::null_default;
use crate::{Expandable, Object, Price};

/// Which lines to list.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct ListInvoiceLines {
    /// Objects a page, 1 to 100; Stripe's default is 10.
    pub limit: Option<u32>,
    /// After this id.
    pub starting_after: Option<String>,
}

impl ListInvoiceLines {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
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

/// A line of an invoice.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct InvoiceLine {
    /// Id, `il_...`.
    pub id: String,
    /// In minor units.
    #[serde(default, deserialize_with = "null_default")]
    pub amount: i64,
    /// ISO 4217 code in lower case.
    #[serde(default, deserialize_with = "null_default")]
    pub currency: String,
    /// Free text that the payer reads.
    pub description: Option<String>,
    /// Whether discounts apply.
    #[serde(default, deserialize_with = "null_default")]
    pub discountable: bool,
    /// The invoice.
    pub invoice: Option<String>,
    /// Whether it is real.
    #[serde(default, deserialize_with = "null_default")]
    pub livemode: bool,
    /// The host's own entries.
    #[serde(default, deserialize_with = "null_default")]
    pub metadata: BTreeMap<String, String>,
    /// What made it.
    pub parent: Option<InvoiceLineParent>,
    /// The time that it is for.
    pub period: Option<Period>,
    /// Its price.
    pub pricing: Option<Pricing>,
    /// How many.
    pub quantity: Option<u64>,
    /// Before discounts, in minor units.
    #[serde(default, deserialize_with = "null_default")]
    pub subtotal: i64,
}

impl fmt::Debug for InvoiceLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvoiceLine")
            .field("id", &self.id)
            .field("amount", &self.amount)
            .field("currency", &self.currency)
            .field("discountable", &self.discountable)
            .field("invoice", &self.invoice)
            .field("livemode", &self.livemode)
            .field("parent", &self.parent)
            .field("period", &self.period)
            .field("pricing", &self.pricing)
            .field("quantity", &self.quantity)
            .field("subtotal", &self.subtotal)
            .finish_non_exhaustive()
    }
}

impl Object for InvoiceLine {
    fn id(&self) -> &str {
        &self.id
    }
}

/// What made a line.
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct InvoiceLineParent {
    /// `invoice_item_details` or `subscription_item_details`.
    #[serde(rename = "type", default, deserialize_with = "null_default")]
    pub parent_type: String,
    /// The invoice item.
    pub invoice_item_details: Option<LineOfInvoiceItem>,
    /// The item of a subscription.
    pub subscription_item_details: Option<LineOfSubscription>,
}

/// The invoice item behind a line.
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct LineOfInvoiceItem {
    /// The invoice item.
    pub invoice_item: Option<String>,
    /// Whether it is a proration.
    #[serde(default, deserialize_with = "null_default")]
    pub proration: bool,
    /// The subscription.
    pub subscription: Option<String>,
}

/// The subscription behind a line.
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct LineOfSubscription {
    /// The invoice item of a proration.
    pub invoice_item: Option<String>,
    /// Whether it is a proration.
    #[serde(default, deserialize_with = "null_default")]
    pub proration: bool,
    /// The subscription.
    pub subscription: Option<String>,
    /// The item.
    pub subscription_item: Option<String>,
}

/// The price of a line.
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct Pricing {
    /// `price_details` so far.
    #[serde(rename = "type", default, deserialize_with = "null_default")]
    pub pricing_type: String,
    /// Which price.
    pub price_details: Option<PriceDetails>,
    /// Amount of one unit in minor units, with its decimals.
    pub unit_amount_decimal: Option<String>,
}

/// Which price.
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct PriceDetails {
    /// The price.
    pub price: Option<Expandable<Price>>,
    /// The product.
    pub product: Option<String>,
}

/// A time from one moment to another.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Period {
    /// Its end.
    #[serde(default, with = "chrono::serde::ts_seconds_option")]
    pub end: Option<DateTime<Utc>>,
    /// Its start.
    #[serde(default, with = "chrono::serde::ts_seconds_option")]
    pub start: Option<DateTime<Utc>>,
}

impl Period {
    /// From `start` to `end`, in whole seconds.
    pub fn new(start: DateTime<Utc>, end: DateTime<Utc>) -> Self {
        Self { end: Some(end), start: Some(start) }
    }
}
