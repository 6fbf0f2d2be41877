//! Prices: how much of a product, how often.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::{check_id, get, post};
use crate::object::null_default;
use crate::{
    CallOptions, CreatePrice, Expandable, ListPrices, ListRequest, Object, Product, Stripe, UpdatePrice,
};

/// How much of a product, how often.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Price {
    /// Id, `price_...`.
    pub id: String,
    /// Whether it can be used.
    #[serde(default, deserialize_with = "null_default")]
    pub active: bool,
    /// `per_unit` or `tiered`.
    pub billing_scheme: Option<String>,
    /// When it was made.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub created: Option<DateTime<Utc>>,
    /// ISO 4217 code in lower case.
    #[serde(default, deserialize_with = "null_default")]
    pub currency: String,
    /// Whether it is deleted; the other fields are empty then.
    #[serde(default, deserialize_with = "null_default")]
    pub deleted: bool,
    /// Whether it is real.
    #[serde(default, deserialize_with = "null_default")]
    pub livemode: bool,
    /// A name of the host's own to find it by.
    pub lookup_key: Option<String>,
    /// The host's own entries.
    #[serde(default, deserialize_with = "null_default")]
    pub metadata: BTreeMap<String, String>,
    /// A name that only the merchant sees.
    pub nickname: Option<String>,
    /// The product.
    pub product: Option<Expandable<Product>>,
    /// How often it is paid; absent for a single payment.
    pub recurring: Option<RecurringTerms>,
    /// `exclusive`, `inclusive` or `unspecified`.
    pub tax_behavior: Option<String>,
    /// `graduated` or `volume`.
    pub tiers_mode: Option<String>,
    /// `one_time` or `recurring`.
    #[serde(rename = "type", default, deserialize_with = "null_default")]
    pub price_type: String,
    /// Amount of one unit in minor units; absent for tiers and fractions.
    pub unit_amount: Option<i64>,
    /// The same with its decimals.
    pub unit_amount_decimal: Option<String>,
}

impl fmt::Debug for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Price")
            .field("id", &self.id)
            .field("active", &self.active)
            .field("billing_scheme", &self.billing_scheme)
            .field("created", &self.created)
            .field("currency", &self.currency)
            .field("deleted", &self.deleted)
            .field("livemode", &self.livemode)
            .field("lookup_key", &self.lookup_key)
            .field("product", &self.product)
            .field("recurring", &self.recurring)
            .field("tax_behavior", &self.tax_behavior)
            .field("tiers_mode", &self.tiers_mode)
            .field("price_type", &self.price_type)
            .field("unit_amount", &self.unit_amount)
            .field("unit_amount_decimal", &self.unit_amount_decimal)
            .finish_non_exhaustive()
    }
}

impl Object for Price {
    fn id(&self) -> &str {
        &self.id
    }
}

/// How often a price is paid.
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct RecurringTerms {
    /// `day`, `week`, `month` or `year`.
    #[serde(default, deserialize_with = "null_default")]
    pub interval: String,
    /// So many intervals apart.
    #[serde(default, deserialize_with = "null_default")]
    pub interval_count: u32,
    /// The meter that counts its use.
    pub meter: Option<String>,
    /// Days without payment.
    pub trial_period_days: Option<u32>,
    /// `licensed` or `metered`.
    pub usage_type: Option<String>,
}

const CREATE: Operation = post("prices.create");
const RETRIEVE: Operation = get("prices.retrieve");
const UPDATE: Operation = post("prices.update");
static LIST: Operation = get("prices.list");

/// Calls for prices: [`Stripe::prices`].
#[derive(Debug, Clone, Copy)]
pub struct Prices<'a> {
    stripe: &'a Stripe,
}

impl<'a> Prices<'a> {
    pub(crate) fn new(stripe: &'a Stripe) -> Self {
        Self { stripe }
    }

    /// Makes a price: `POST /v1/prices`.
    pub async fn create(self, params: &CreatePrice, options: &CallOptions) -> Result<Price> {
        self.stripe.post(&CREATE, "/v1/prices", params, options).await
    }

    /// One price: `GET /v1/prices/{id}`.
    pub async fn retrieve(self, id: &str, options: &CallOptions) -> Result<Price> {
        let path = format!("/v1/prices/{}", check_id(id)?);
        self.stripe.get(&RETRIEVE, &path, &(), options).await
    }

    /// Changes a price; it is never deleted, only made inactive: `POST /v1/prices/{id}`.
    pub async fn update(self, id: &str, params: &UpdatePrice, options: &CallOptions) -> Result<Price> {
        let path = format!("/v1/prices/{}", check_id(id)?);
        self.stripe.post(&UPDATE, &path, params, options).await
    }

    /// Prices, newest first: `GET /v1/prices`.
    pub fn list(self, params: &ListPrices) -> ListRequest<Price> {
        ListRequest::list(self.stripe, &LIST, "/v1/prices", params)
    }
}
