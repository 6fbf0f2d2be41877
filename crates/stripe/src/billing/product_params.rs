//! Parameters of products.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::{Created, Field, MarketingFeature, Recurring};

/// A new product. Package dimensions, which are fractions, are not offered.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct CreateProduct {
    /// What the payer reads.
    pub name: String,
    /// An id of the host's own.
    pub id: Option<String>,
    /// Whether it is for sale.
    pub active: Option<bool>,
    /// A price made with it, which becomes its default.
    pub default_price_data: Option<DefaultPriceData>,
    /// Free text that the payer reads.
    pub description: Option<String>,
    /// Up to eight addresses of pictures.
    pub images: Vec<String>,
    /// Up to 15 features for a price table.
    pub marketing_features: Vec<MarketingFeature>,
    /// Whether it is a thing that is sent.
    pub shippable: Option<bool>,
    /// Text on the statement; for subscriptions only.
    pub statement_descriptor: Option<String>,
    /// Stripe's tax code.
    pub tax_code: Option<String>,
    /// What one unit is called on receipts.
    pub unit_label: Option<String>,
    /// A public page about it.
    pub url: Option<String>,
    /// Up to 50 entries of the host's own.
    pub metadata: BTreeMap<String, String>,
}

impl CreateProduct {
    /// The required fields; nothing else is sent.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            id: None,
            active: None,
            default_price_data: None,
            description: None,
            images: Vec::new(),
            marketing_features: Vec::new(),
            shippable: None,
            statement_descriptor: None,
            tax_code: None,
            unit_label: None,
            url: None,
            metadata: BTreeMap::new(),
        }
    }

    /// Sets [`id`](Self::id).
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Sets [`active`](Self::active).
    pub fn with_active(mut self, active: bool) -> Self {
        self.active = Some(active);
        self
    }

    /// Sets [`default_price_data`](Self::default_price_data).
    pub fn with_default_price_data(mut self, default_price_data: DefaultPriceData) -> Self {
        self.default_price_data = Some(default_price_data);
        self
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

    /// Adds one to [`marketing_features`](Self::marketing_features).
    pub fn with_marketing_feature(mut self, marketing_feature: MarketingFeature) -> Self {
        self.marketing_features.push(marketing_feature);
        self
    }

    /// Sets [`shippable`](Self::shippable).
    pub fn with_shippable(mut self, shippable: bool) -> Self {
        self.shippable = Some(shippable);
        self
    }

    /// Sets [`statement_descriptor`](Self::statement_descriptor).
    pub fn with_statement_descriptor(mut self, statement_descriptor: impl Into<String>) -> Self {
        self.statement_descriptor = Some(statement_descriptor.into());
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

    /// Sets [`url`](Self::url).
    pub fn with_url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for CreateProduct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateProduct")
            .field("name", &self.name)
            .field("id", &self.id)
            .field("active", &self.active)
            .field("shippable", &self.shippable)
            .field("tax_code", &self.tax_code)
            .finish_non_exhaustive()
    }
}

/// The price that a new product begins with.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct DefaultPriceData {
    /// ISO 4217 code in lower case.
    pub currency: String,
    /// How often it is paid; absent for a single payment.
    pub recurring: Option<Recurring>,
    /// `exclusive`, `inclusive` or `unspecified`.
    pub tax_behavior: Option<String>,
    /// Amount of one unit in minor units.
    pub unit_amount: Option<i64>,
    /// The same with up to twelve decimals, as text.
    pub unit_amount_decimal: Option<String>,
    /// Up to 50 entries of the host's own.
    pub metadata: BTreeMap<String, String>,
}

impl DefaultPriceData {
    /// The required fields; nothing else is sent.
    pub fn new(currency: impl Into<String>) -> Self {
        Self {
            currency: currency.into(),
            recurring: None,
            tax_behavior: None,
            unit_amount: None,
            unit_amount_decimal: None,
            metadata: BTreeMap::new(),
        }
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

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for DefaultPriceData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DefaultPriceData")
            .field("currency", &self.currency)
            .field("recurring", &self.recurring)
            .field("tax_behavior", &self.tax_behavior)
            .field("unit_amount", &self.unit_amount)
            .field("unit_amount_decimal", &self.unit_amount_decimal)
            .finish_non_exhaustive()
    }
}

/// Changes of a product.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct UpdateProduct {
    /// Whether it is for sale.
    pub active: Option<bool>,
    /// Id of the price that is its default.
    pub default_price: Option<String>,
    /// Free text that the payer reads.
    pub description: Field<String>,
    /// Up to eight addresses of pictures.
    pub images: Vec<String>,
    /// Up to 15 features for a price table.
    pub marketing_features: Vec<MarketingFeature>,
    /// What the payer reads.
    pub name: Option<String>,
    /// Whether it is a thing that is sent.
    pub shippable: Option<bool>,
    /// Text on the statement; for subscriptions only.
    pub statement_descriptor: Option<String>,
    /// Stripe's tax code.
    pub tax_code: Field<String>,
    /// What one unit is called on receipts.
    pub unit_label: Field<String>,
    /// A public page about it.
    pub url: Field<String>,
    /// Entries to add or replace; an empty value removes one.
    pub metadata: BTreeMap<String, String>,
}

impl UpdateProduct {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`active`](Self::active).
    pub fn with_active(mut self, active: bool) -> Self {
        self.active = Some(active);
        self
    }

    /// Sets [`default_price`](Self::default_price).
    pub fn with_default_price(mut self, default_price: impl Into<String>) -> Self {
        self.default_price = Some(default_price.into());
        self
    }

    /// Sets [`description`](Self::description).
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Field::Set(description.into());
        self
    }

    /// Clears [`description`](Self::description) at Stripe.
    pub fn without_description(mut self) -> Self {
        self.description = Field::Clear;
        self
    }

    /// Sets [`images`](Self::images).
    pub fn with_images<T: Into<String>>(mut self, images: impl IntoIterator<Item = T>) -> Self {
        self.images = images.into_iter().map(Into::into).collect();
        self
    }

    /// Adds one to [`marketing_features`](Self::marketing_features).
    pub fn with_marketing_feature(mut self, marketing_feature: MarketingFeature) -> Self {
        self.marketing_features.push(marketing_feature);
        self
    }

    /// Sets [`name`](Self::name).
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets [`shippable`](Self::shippable).
    pub fn with_shippable(mut self, shippable: bool) -> Self {
        self.shippable = Some(shippable);
        self
    }

    /// Sets [`statement_descriptor`](Self::statement_descriptor).
    pub fn with_statement_descriptor(mut self, statement_descriptor: impl Into<String>) -> Self {
        self.statement_descriptor = Some(statement_descriptor.into());
        self
    }

    /// Sets [`tax_code`](Self::tax_code).
    pub fn with_tax_code(mut self, tax_code: impl Into<String>) -> Self {
        self.tax_code = Field::Set(tax_code.into());
        self
    }

    /// Clears [`tax_code`](Self::tax_code) at Stripe.
    pub fn without_tax_code(mut self) -> Self {
        self.tax_code = Field::Clear;
        self
    }

    /// Sets [`unit_label`](Self::unit_label).
    pub fn with_unit_label(mut self, unit_label: impl Into<String>) -> Self {
        self.unit_label = Field::Set(unit_label.into());
        self
    }

    /// Clears [`unit_label`](Self::unit_label) at Stripe.
    pub fn without_unit_label(mut self) -> Self {
        self.unit_label = Field::Clear;
        self
    }

    /// Sets [`url`](Self::url).
    pub fn with_url(mut self, url: impl Into<String>) -> Self {
        self.url = Field::Set(url.into());
        self
    }

    /// Clears [`url`](Self::url) at Stripe.
    pub fn without_url(mut self) -> Self {
        self.url = Field::Clear;
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for UpdateProduct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpdateProduct")
            .field("active", &self.active)
            .field("default_price", &self.default_price)
            .field("name", &self.name)
            .field("shippable", &self.shippable)
            .field("tax_code", &self.tax_code)
            .finish_non_exhaustive()
    }
}

/// Which products to list, newest first.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct ListProducts {
    /// Only those for sale, or only the others.
    pub active: Option<bool>,
    /// With one of these ids; neither `starting_after` nor `limit` goes with it.
    pub ids: Vec<String>,
    /// Only things that are sent, or only the others.
    pub shippable: Option<bool>,
    /// With this page.
    pub url: Option<String>,
    /// Created in this time.
    pub created: Option<Created>,
    /// Objects a page, 1 to 100; Stripe's default is 10.
    pub limit: Option<u32>,
    /// After this id.
    pub starting_after: Option<String>,
}

impl ListProducts {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`active`](Self::active).
    pub fn with_active(mut self, active: bool) -> Self {
        self.active = Some(active);
        self
    }

    /// Sets [`ids`](Self::ids).
    pub fn with_ids<T: Into<String>>(mut self, ids: impl IntoIterator<Item = T>) -> Self {
        self.ids = ids.into_iter().map(Into::into).collect();
        self
    }

    /// Sets [`shippable`](Self::shippable).
    pub fn with_shippable(mut self, shippable: bool) -> Self {
        self.shippable = Some(shippable);
        self
    }

    /// Sets [`url`](Self::url).
    pub fn with_url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
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

impl fmt::Debug for ListProducts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListProducts")
            .field("active", &self.active)
            .field("ids", &self.ids)
            .field("shippable", &self.shippable)
            .field("created", &self.created)
            .field("limit", &self.limit)
            .field("starting_after", &self.starting_after)
            .finish_non_exhaustive()
    }
}
