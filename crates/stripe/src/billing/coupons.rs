//! Coupons: what a discount takes off.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::{check_id, delete, get, post};
use crate::object::null_default;
use crate::{CallOptions, Created, ListRequest, Object, Stripe};

/// A new coupon: an amount with its currency, or a percentage.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct CreateCoupon {
    /// A code of the host's own; Stripe makes one otherwise.
    pub id: Option<String>,
    /// Amount taken off, in minor units.
    pub amount_off: Option<i64>,
    /// ISO 4217 code in lower case, with `amount_off`.
    pub currency: Option<String>,
    /// Percentage taken off as decimal text, for example `12.5`.
    pub percent_off: Option<String>,
    /// `forever`, `once` (Stripe's default) or `repeating`.
    pub duration: Option<String>,
    /// With `repeating`: for how long.
    pub duration_in_months: Option<u32>,
    /// Only for these products.
    pub applies_to: Option<AppliesTo>,
    /// How often it can be used in all.
    pub max_redemptions: Option<u32>,
    /// What the payer reads, up to 40 characters.
    pub name: Option<String>,
    /// Until when it can be used.
    #[serde(serialize_with = "chrono::serde::ts_seconds_option::serialize")]
    pub redeem_by: Option<DateTime<Utc>>,
    /// Up to 50 entries of the host's own.
    pub metadata: BTreeMap<String, String>,
}

impl CreateCoupon {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`id`](Self::id).
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Sets [`amount_off`](Self::amount_off).
    pub fn with_amount_off(mut self, amount_off: i64) -> Self {
        self.amount_off = Some(amount_off);
        self
    }

    /// Sets [`currency`](Self::currency).
    pub fn with_currency(mut self, currency: impl Into<String>) -> Self {
        self.currency = Some(currency.into());
        self
    }

    /// Sets [`percent_off`](Self::percent_off).
    pub fn with_percent_off(mut self, percent_off: impl Into<String>) -> Self {
        self.percent_off = Some(percent_off.into());
        self
    }

    /// Sets [`duration`](Self::duration).
    pub fn with_duration(mut self, duration: impl Into<String>) -> Self {
        self.duration = Some(duration.into());
        self
    }

    /// Sets [`duration_in_months`](Self::duration_in_months).
    pub fn with_duration_in_months(mut self, duration_in_months: u32) -> Self {
        self.duration_in_months = Some(duration_in_months);
        self
    }

    /// Sets [`applies_to`](Self::applies_to).
    pub fn with_applies_to(mut self, applies_to: AppliesTo) -> Self {
        self.applies_to = Some(applies_to);
        self
    }

    /// Sets [`max_redemptions`](Self::max_redemptions).
    pub fn with_max_redemptions(mut self, max_redemptions: u32) -> Self {
        self.max_redemptions = Some(max_redemptions);
        self
    }

    /// Sets [`name`](Self::name).
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets [`redeem_by`](Self::redeem_by).
    pub fn with_redeem_by(mut self, redeem_by: DateTime<Utc>) -> Self {
        self.redeem_by = Some(redeem_by);
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for CreateCoupon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateCoupon")
            .field("id", &self.id)
            .field("amount_off", &self.amount_off)
            .field("currency", &self.currency)
            .field("percent_off", &self.percent_off)
            .field("duration", &self.duration)
            .field("duration_in_months", &self.duration_in_months)
            .field("applies_to", &self.applies_to)
            .field("max_redemptions", &self.max_redemptions)
            .field("redeem_by", &self.redeem_by)
            .finish_non_exhaustive()
    }
}

/// What a coupon is for.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct AppliesTo {
    /// Products.
    pub products: Vec<String>,
}

impl AppliesTo {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`products`](Self::products).
    pub fn with_products<T: Into<String>>(mut self, products: impl IntoIterator<Item = T>) -> Self {
        self.products = products.into_iter().map(Into::into).collect();
        self
    }
}

/// Changes of a coupon. What it takes off never changes.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct UpdateCoupon {
    /// What the payer reads, up to 40 characters.
    pub name: Option<String>,
    /// Entries to add or replace; an empty value removes one.
    pub metadata: BTreeMap<String, String>,
}

impl UpdateCoupon {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`name`](Self::name).
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for UpdateCoupon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpdateCoupon").finish_non_exhaustive()
    }
}

/// Which coupons to list, newest first.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct ListCoupons {
    /// Created in this time.
    pub created: Option<Created>,
    /// Objects a page, 1 to 100; Stripe's default is 10.
    pub limit: Option<u32>,
    /// After this id.
    pub starting_after: Option<String>,
}

impl ListCoupons {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
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

/// What a discount takes off.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Coupon {
    /// Its code.
    pub id: String,
    /// Amount taken off, in minor units.
    pub amount_off: Option<i64>,
    /// When it was made.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub created: Option<DateTime<Utc>>,
    /// ISO 4217 code in lower case, with `amount_off`.
    pub currency: Option<String>,
    /// Whether it is deleted; the other fields are empty then.
    #[serde(default, deserialize_with = "null_default")]
    pub deleted: bool,
    /// `forever`, `once` or `repeating`.
    #[serde(default, deserialize_with = "null_default")]
    pub duration: String,
    /// With `repeating`: for how long.
    pub duration_in_months: Option<u32>,
    /// Whether it is real.
    #[serde(default, deserialize_with = "null_default")]
    pub livemode: bool,
    /// How often it can be used in all.
    pub max_redemptions: Option<u32>,
    /// The host's own entries.
    #[serde(default, deserialize_with = "null_default")]
    pub metadata: BTreeMap<String, String>,
    /// What the payer reads.
    pub name: Option<String>,
    /// Percentage taken off, as Stripe wrote it.
    pub percent_off: Option<serde_json::Number>,
    /// Until when it can be used.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub redeem_by: Option<DateTime<Utc>>,
    /// How often it was used.
    #[serde(default, deserialize_with = "null_default")]
    pub times_redeemed: u32,
    /// Whether it can still be used.
    #[serde(default, deserialize_with = "null_default")]
    pub valid: bool,
}

impl fmt::Debug for Coupon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Coupon")
            .field("id", &self.id)
            .field("amount_off", &self.amount_off)
            .field("created", &self.created)
            .field("currency", &self.currency)
            .field("deleted", &self.deleted)
            .field("duration", &self.duration)
            .field("duration_in_months", &self.duration_in_months)
            .field("livemode", &self.livemode)
            .field("max_redemptions", &self.max_redemptions)
            .field("percent_off", &self.percent_off)
            .field("redeem_by", &self.redeem_by)
            .field("times_redeemed", &self.times_redeemed)
            .field("valid", &self.valid)
            .finish_non_exhaustive()
    }
}

impl Object for Coupon {
    fn id(&self) -> &str {
        &self.id
    }
}

const CREATE: Operation = post("coupons.create");
const RETRIEVE: Operation = get("coupons.retrieve");
const UPDATE: Operation = post("coupons.update");
const DELETE: Operation = delete("coupons.delete");
static LIST: Operation = get("coupons.list");

/// Calls for coupons: [`Stripe::coupons`].
#[derive(Debug, Clone, Copy)]
pub struct Coupons<'a> {
    stripe: &'a Stripe,
}

impl<'a> Coupons<'a> {
    pub(crate) fn new(stripe: &'a Stripe) -> Self {
        Self { stripe }
    }

    /// Makes a coupon: `POST /v1/coupons`.
    pub async fn create(self, params: &CreateCoupon, options: &CallOptions) -> Result<Coupon> {
        self.stripe.post(&CREATE, "/v1/coupons", params, options).await
    }

    /// One coupon: `GET /v1/coupons/{id}`.
    pub async fn retrieve(self, id: &str, options: &CallOptions) -> Result<Coupon> {
        let path = format!("/v1/coupons/{}", check_id(id)?);
        self.stripe.get(&RETRIEVE, &path, &(), options).await
    }

    /// Changes a coupon: `POST /v1/coupons/{id}`.
    pub async fn update(self, id: &str, params: &UpdateCoupon, options: &CallOptions) -> Result<Coupon> {
        let path = format!("/v1/coupons/{}", check_id(id)?);
        self.stripe.post(&UPDATE, &path, params, options).await
    }

    /// Deletes a coupon; discounts that exist go on: `DELETE /v1/coupons/{id}`.
    /// # Errors
    /// [`NotFound`](turnbuckle_core::ErrorKind::NotFound) when it is gone already.
    pub async fn delete(self, id: &str, options: &CallOptions) -> Result<Coupon> {
        let path = format!("/v1/coupons/{}", check_id(id)?);
        self.stripe.delete(&DELETE, &path, options).await
    }

    /// Coupons, newest first: `GET /v1/coupons`.
    pub fn list(self, params: &ListCoupons) -> ListRequest<Coupon> {
        ListRequest::list(self.stripe, &LIST, "/v1/coupons", params)
    }
}
