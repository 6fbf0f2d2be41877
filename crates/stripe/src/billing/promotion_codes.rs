//! Promotion codes: what payers type to get a coupon.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::{check_id, get, post};
use crate::object::null_default;
use crate::{CallOptions, Coupon, Created, Customer, Expandable, ListRequest, Object, Stripe};

/// A new promotion code.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct CreatePromotionCode {
    /// What it gives.
    pub promotion: Promotion,
    /// Whether it can be used.
    pub active: Option<bool>,
    /// The code; Stripe makes one otherwise. Letters, digits and dashes.
    pub code: Option<String>,
    /// Only for this customer.
    pub customer: Option<String>,
    /// Until when it can be used.
    #[serde(serialize_with = "chrono::serde::ts_seconds_option::serialize")]
    pub expires_at: Option<DateTime<Utc>>,
    /// How often it can be used in all.
    pub max_redemptions: Option<u32>,
    /// What else must hold.
    pub restrictions: Option<PromotionRestrictions>,
    /// Up to 50 entries of the host's own.
    pub metadata: BTreeMap<String, String>,
}

impl CreatePromotionCode {
    /// The required fields; nothing else is sent.
    pub fn new(promotion: Promotion) -> Self {
        Self {
            promotion,
            active: None,
            code: None,
            customer: None,
            expires_at: None,
            max_redemptions: None,
            restrictions: None,
            metadata: BTreeMap::new(),
        }
    }

    /// Sets [`active`](Self::active).
    pub fn with_active(mut self, active: bool) -> Self {
        self.active = Some(active);
        self
    }

    /// Sets [`code`](Self::code).
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Sets [`customer`](Self::customer).
    pub fn with_customer(mut self, customer: impl Into<String>) -> Self {
        self.customer = Some(customer.into());
        self
    }

    /// Sets [`expires_at`](Self::expires_at).
    pub fn with_expires_at(mut self, expires_at: DateTime<Utc>) -> Self {
        self.expires_at = Some(expires_at);
        self
    }

    /// Sets [`max_redemptions`](Self::max_redemptions).
    pub fn with_max_redemptions(mut self, max_redemptions: u32) -> Self {
        self.max_redemptions = Some(max_redemptions);
        self
    }

    /// Sets [`restrictions`](Self::restrictions).
    pub fn with_restrictions(mut self, restrictions: PromotionRestrictions) -> Self {
        self.restrictions = Some(restrictions);
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for CreatePromotionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatePromotionCode")
            .field("promotion", &self.promotion)
            .field("active", &self.active)
            .field("customer", &self.customer)
            .field("expires_at", &self.expires_at)
            .field("max_redemptions", &self.max_redemptions)
            .field("restrictions", &self.restrictions)
            .finish_non_exhaustive()
    }
}

/// What a promotion code gives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Promotion {
    /// `coupon`, the only kind so far.
    #[serde(rename = "type", default, deserialize_with = "null_default")]
    pub promotion_type: String,
    /// The coupon's id.
    #[serde(default, deserialize_with = "coupon_id")]
    pub coupon: Option<String>,
}

impl Promotion {
    /// Gives a coupon.
    pub fn coupon(id: impl Into<String>) -> Self {
        Self { promotion_type: "coupon".to_owned(), coupon: Some(id.into()) }
    }
}

/// The coupon may come in full.
fn coupon_id<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<String>, D::Error> {
    Ok(Option::<Expandable<Coupon>>::deserialize(deserializer)?.map(|coupon| coupon.id().to_owned()))
}

/// What must hold for a promotion code to be taken.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct PromotionRestrictions {
    /// Only a customer's first payment.
    pub first_time_transaction: Option<bool>,
    /// At least this much, in minor units.
    pub minimum_amount: Option<i64>,
    /// ISO 4217 code in lower case of that amount.
    pub minimum_amount_currency: Option<String>,
}

impl PromotionRestrictions {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`first_time_transaction`](Self::first_time_transaction).
    pub fn with_first_time_transaction(mut self, first_time_transaction: bool) -> Self {
        self.first_time_transaction = Some(first_time_transaction);
        self
    }

    /// Sets [`minimum_amount`](Self::minimum_amount).
    pub fn with_minimum_amount(mut self, minimum_amount: i64) -> Self {
        self.minimum_amount = Some(minimum_amount);
        self
    }

    /// Sets [`minimum_amount_currency`](Self::minimum_amount_currency).
    pub fn with_minimum_amount_currency(mut self, minimum_amount_currency: impl Into<String>) -> Self {
        self.minimum_amount_currency = Some(minimum_amount_currency.into());
        self
    }
}

/// Changes of a promotion code.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct UpdatePromotionCode {
    /// Whether it can be used.
    pub active: Option<bool>,
    /// Entries to add or replace; an empty value removes one.
    pub metadata: BTreeMap<String, String>,
}

impl UpdatePromotionCode {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`active`](Self::active).
    pub fn with_active(mut self, active: bool) -> Self {
        self.active = Some(active);
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for UpdatePromotionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpdatePromotionCode").field("active", &self.active).finish_non_exhaustive()
    }
}

/// Which promotion codes to list, newest first.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct ListPromotionCodes {
    /// Only those that can be used, or only the others.
    pub active: Option<bool>,
    /// With this code.
    pub code: Option<String>,
    /// That give this coupon.
    pub coupon: Option<String>,
    /// Only for this customer.
    pub customer: Option<String>,
    /// Created in this time.
    pub created: Option<Created>,
    /// Objects a page, 1 to 100; Stripe's default is 10.
    pub limit: Option<u32>,
    /// After this id.
    pub starting_after: Option<String>,
}

impl ListPromotionCodes {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`active`](Self::active).
    pub fn with_active(mut self, active: bool) -> Self {
        self.active = Some(active);
        self
    }

    /// Sets [`code`](Self::code).
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Sets [`coupon`](Self::coupon).
    pub fn with_coupon(mut self, coupon: impl Into<String>) -> Self {
        self.coupon = Some(coupon.into());
        self
    }

    /// Sets [`customer`](Self::customer).
    pub fn with_customer(mut self, customer: impl Into<String>) -> Self {
        self.customer = Some(customer.into());
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

impl fmt::Debug for ListPromotionCodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListPromotionCodes")
            .field("active", &self.active)
            .field("coupon", &self.coupon)
            .field("customer", &self.customer)
            .field("created", &self.created)
            .field("limit", &self.limit)
            .field("starting_after", &self.starting_after)
            .finish_non_exhaustive()
    }
}

/// What payers type to get a coupon. The code is in no `Debug` output.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct PromotionCode {
    /// Id, `promo_...`.
    pub id: String,
    /// Whether it can be used.
    #[serde(default, deserialize_with = "null_default")]
    pub active: bool,
    /// The code.
    #[serde(default, deserialize_with = "null_default")]
    pub code: String,
    /// When it was made.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub created: Option<DateTime<Utc>>,
    /// Only for this customer.
    pub customer: Option<Expandable<Customer>>,
    /// Until when it can be used.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub expires_at: Option<DateTime<Utc>>,
    /// Whether it is real.
    #[serde(default, deserialize_with = "null_default")]
    pub livemode: bool,
    /// How often it can be used in all.
    pub max_redemptions: Option<u32>,
    /// The host's own entries.
    #[serde(default, deserialize_with = "null_default")]
    pub metadata: BTreeMap<String, String>,
    /// What it gives.
    #[serde(default, deserialize_with = "null_default")]
    pub promotion: Promotion,
    /// How often it was used.
    #[serde(default, deserialize_with = "null_default")]
    pub times_redeemed: u32,
}

impl fmt::Debug for PromotionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PromotionCode")
            .field("id", &self.id)
            .field("active", &self.active)
            .field("created", &self.created)
            .field("customer", &self.customer)
            .field("expires_at", &self.expires_at)
            .field("livemode", &self.livemode)
            .field("max_redemptions", &self.max_redemptions)
            .field("promotion", &self.promotion)
            .field("times_redeemed", &self.times_redeemed)
            .finish_non_exhaustive()
    }
}

impl Object for PromotionCode {
    fn id(&self) -> &str {
        &self.id
    }
}

const CREATE: Operation = post("promotion_codes.create");
const RETRIEVE: Operation = get("promotion_codes.retrieve");
const UPDATE: Operation = post("promotion_codes.update");
static LIST: Operation = get("promotion_codes.list");

/// Calls for promotion codes: [`Stripe::promotion_codes`].
#[derive(Debug, Clone, Copy)]
pub struct PromotionCodes<'a> {
    stripe: &'a Stripe,
}

impl<'a> PromotionCodes<'a> {
    pub(crate) fn new(stripe: &'a Stripe) -> Self {
        Self { stripe }
    }

    /// Makes a promotion code: `POST /v1/promotion_codes`.
    pub async fn create(self, params: &CreatePromotionCode, options: &CallOptions) -> Result<PromotionCode> {
        self.stripe.post(&CREATE, "/v1/promotion_codes", params, options).await
    }

    /// One promotion code: `GET /v1/promotion_codes/{id}`.
    pub async fn retrieve(self, id: &str, options: &CallOptions) -> Result<PromotionCode> {
        let path = format!("/v1/promotion_codes/{}", check_id(id)?);
        self.stripe.get(&RETRIEVE, &path, &(), options).await
    }

    /// Changes a promotion code; it is never deleted, only made inactive: `POST /v1/promotion_codes/{id}`.
    pub async fn update(
        self,
        id: &str,
        params: &UpdatePromotionCode,
        options: &CallOptions,
    ) -> Result<PromotionCode> {
        let path = format!("/v1/promotion_codes/{}", check_id(id)?);
        self.stripe.post(&UPDATE, &path, params, options).await
    }

    /// Promotion codes, newest first: `GET /v1/promotion_codes`.
    pub fn list(self, params: &ListPromotionCodes) -> ListRequest<PromotionCode> {
        ListRequest::list(self.stripe, &LIST, "/v1/promotion_codes", params)
    }
}
