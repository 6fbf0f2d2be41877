//! Prices that a request gives in place of a price's id, and moments that may also be a word.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

/// A moment, or one of the words that Stripe takes in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// A moment, sent in whole seconds.
    At(DateTime<Utc>),
    /// A word of Stripe's, for example `now`; which ones fit stands at the field.
    Word(String),
}

impl When {
    /// At once.
    pub fn now() -> Self {
        Self::Word("now".to_owned())
    }
}

impl From<DateTime<Utc>> for When {
    fn from(time: DateTime<Utc>) -> Self {
        Self::At(time)
    }
}

impl Serialize for When {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Self::At(time) => serializer.serialize_i64(time.timestamp()),
            Self::Word(word) => serializer.serialize_str(word),
        }
    }
}

/// A price made for one use.
///
/// Items of a subscription want `product` and `recurring`. Invoice items and a subscription's single charges
/// ([`AddInvoiceItem`](crate::AddInvoiceItem)) want `product` and know no `recurring`. Only checkout sessions and payment
/// links take `product_data`.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct PriceData {
    /// ISO 4217 code in lower case.
    pub currency: String,
    /// The product that is sold.
    pub product: Option<String>,
    /// A product made for this price.
    pub product_data: Option<ProductData>,
    /// How often it is paid; absent for a single payment.
    pub recurring: Option<Recurring>,
    /// `exclusive`, `inclusive` or `unspecified`.
    pub tax_behavior: Option<String>,
    /// Amount of one unit in minor units.
    pub unit_amount: Option<i64>,
    /// The same with up to twelve decimals, as text; either this or `unit_amount`.
    pub unit_amount_decimal: Option<String>,
}

impl PriceData {
    /// The required fields; nothing else is sent.
    pub fn new(currency: impl Into<String>) -> Self {
        Self {
            currency: currency.into(),
            product: None,
            product_data: None,
            recurring: None,
            tax_behavior: None,
            unit_amount: None,
            unit_amount_decimal: None,
        }
    }

    /// Sets [`product`](Self::product).
    pub fn with_product(mut self, product: impl Into<String>) -> Self {
        self.product = Some(product.into());
        self
    }

    /// Sets [`product_data`](Self::product_data).
    pub fn with_product_data(mut self, product_data: ProductData) -> Self {
        self.product_data = Some(product_data);
        self
    }

    /// Sets [`recurring`](Self::recurring).
    pub fn with_recurring(mut self, recurring: Recurring) -> Self {
        self.recurring = Some(recurring);
        self
    }

    /// Sets [`tax_behavior`](Self::tax_behavior).
    pub fn with_tax_behavior(mut self, tax_behavior: impl Into<String>) -> Self {
        self.tax_behavior = Some(tax_behavior.into());
        self
    }

    /// Sets [`unit_amount`](Self::unit_amount).
    pub fn with_unit_amount(mut self, unit_amount: i64) -> Self {
        self.unit_amount = Some(unit_amount);
        self
    }

    /// Sets [`unit_amount_decimal`](Self::unit_amount_decimal).
    pub fn with_unit_amount_decimal(mut self, unit_amount_decimal: impl Into<String>) -> Self {
        self.unit_amount_decimal = Some(unit_amount_decimal.into());
        self
    }
}

impl fmt::Debug for PriceData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PriceData")
            .field("currency", &self.currency)
            .field("product", &self.product)
            .field("recurring", &self.recurring)
            .field("tax_behavior", &self.tax_behavior)
            .field("unit_amount", &self.unit_amount)
            .field("unit_amount_decimal", &self.unit_amount_decimal)
            .finish_non_exhaustive()
    }
}

/// A product made together with its price.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct ProductData {
    /// What the payer reads.
    pub name: String,
    /// Free text that the payer reads.
    pub description: Option<String>,
    /// Up to eight addresses of pictures.
    pub images: Vec<String>,
    /// Stripe's tax code.
    pub tax_code: Option<String>,
    /// What one unit is called on receipts.
    pub unit_label: Option<String>,
    /// Up to 50 entries of the host's own.
    pub metadata: BTreeMap<String, String>,
}

impl ProductData {
    /// The required fields; nothing else is sent.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            description: None,
            images: Vec::new(),
            tax_code: None,
            unit_label: None,
            metadata: BTreeMap::new(),
        }
    }

    /// Sets [`description`](Self::description).
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets [`images`](Self::images).
    pub fn with_images<T: Into<String>>(mut self, images: impl IntoIterator<Item = T>) -> Self {
        self.images = images.into_iter().map(Into::into).collect();
        self
    }

    /// Sets [`tax_code`](Self::tax_code).
    pub fn with_tax_code(mut self, tax_code: impl Into<String>) -> Self {
        self.tax_code = Some(tax_code.into());
        self
    }

    /// Sets [`unit_label`](Self::unit_label).
    pub fn with_unit_label(mut self, unit_label: impl Into<String>) -> Self {
        self.unit_label = Some(unit_label.into());
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for ProductData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProductData")
            .field("name", &self.name)
            .field("tax_code", &self.tax_code)
            .finish_non_exhaustive()
    }
}

/// How often a price is paid. At most three years apart.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Recurring {
    /// `day`, `week`, `month` or `year`.
    pub interval: String,
    /// So many intervals apart; Stripe's default is 1.
    pub interval_count: Option<u32>,
}

impl Recurring {
    /// The required fields; nothing else is sent.
    pub fn new(interval: impl Into<String>) -> Self {
        Self { interval: interval.into(), interval_count: None }
    }

    /// Sets [`interval_count`](Self::interval_count).
    pub fn with_interval_count(mut self, interval_count: u32) -> Self {
        self.interval_count = Some(interval_count);
        self
    }
}
