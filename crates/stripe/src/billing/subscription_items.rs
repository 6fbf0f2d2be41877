//! Items of subscriptions: a price and how many of it.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::{check_id, delete, get, post};
use crate::object::null_default;
use crate::{CallOptions, Discount, Field, ListRequest, Object, Price, PriceData, Stripe};

/// A new item of a subscription.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct CreateSubscriptionItem {
    /// The subscription.
    pub subscription: String,
    /// The price's id.
    pub price: Option<String>,
    /// A price made for this item.
    pub price_data: Option<PriceData>,
    /// How many.
    pub quantity: Option<u64>,
    /// Discounts of this item.
    pub discounts: Vec<Discount>,
    /// `allow_incomplete`, `default_incomplete`, `error_if_incomplete` or `pending_if_incomplete`.
    pub payment_behavior: Option<String>,
    /// `create_prorations` (Stripe's default), `always_invoice` or `none`.
    pub proration_behavior: Option<String>,
    /// The moment that proration is worked out for.
    #[serde(serialize_with = "chrono::serde::ts_seconds_option::serialize")]
    pub proration_date: Option<DateTime<Utc>>,
    /// Tax rates of this item.
    pub tax_rates: Vec<String>,
    /// Up to 50 entries of the host's own.
    pub metadata: BTreeMap<String, String>,
}

impl CreateSubscriptionItem {
    /// The required fields; nothing else is sent.
    pub fn new(subscription: impl Into<String>) -> Self {
        Self {
            subscription: subscription.into(),
            price: None,
            price_data: None,
            quantity: None,
            discounts: Vec::new(),
            payment_behavior: None,
            proration_behavior: None,
            proration_date: None,
            tax_rates: Vec::new(),
            metadata: BTreeMap::new(),
        }
    }

    /// Sets [`price`](Self::price).
    pub fn with_price(mut self, price: impl Into<String>) -> Self {
        self.price = Some(price.into());
        self
    }

    /// Sets [`price_data`](Self::price_data).
    pub fn with_price_data(mut self, price_data: PriceData) -> Self {
        self.price_data = Some(price_data);
        self
    }

    /// Sets [`quantity`](Self::quantity).
    pub fn with_quantity(mut self, quantity: u64) -> Self {
        self.quantity = Some(quantity);
        self
    }

    /// Adds one to [`discounts`](Self::discounts).
    pub fn with_discount(mut self, discount: Discount) -> Self {
        self.discounts.push(discount);
        self
    }

    /// Sets [`payment_behavior`](Self::payment_behavior).
    pub fn with_payment_behavior(mut self, payment_behavior: impl Into<String>) -> Self {
        self.payment_behavior = Some(payment_behavior.into());
        self
    }

    /// Sets [`proration_behavior`](Self::proration_behavior).
    pub fn with_proration_behavior(mut self, proration_behavior: impl Into<String>) -> Self {
        self.proration_behavior = Some(proration_behavior.into());
        self
    }

    /// Sets [`proration_date`](Self::proration_date).
    pub fn with_proration_date(mut self, proration_date: DateTime<Utc>) -> Self {
        self.proration_date = Some(proration_date);
        self
    }

    /// Sets [`tax_rates`](Self::tax_rates).
    pub fn with_tax_rates<T: Into<String>>(mut self, tax_rates: impl IntoIterator<Item = T>) -> Self {
        self.tax_rates = tax_rates.into_iter().map(Into::into).collect();
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for CreateSubscriptionItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateSubscriptionItem")
            .field("subscription", &self.subscription)
            .field("price", &self.price)
            .field("quantity", &self.quantity)
            .field("discounts", &self.discounts)
            .field("payment_behavior", &self.payment_behavior)
            .field("proration_behavior", &self.proration_behavior)
            .field("proration_date", &self.proration_date)
            .field("tax_rates", &self.tax_rates)
            .finish_non_exhaustive()
    }
}

/// Changes of an item.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct UpdateSubscriptionItem {
    /// The price's id.
    pub price: Option<String>,
    /// A price made for this item.
    pub price_data: Option<PriceData>,
    /// How many.
    pub quantity: Option<u64>,
    /// Discounts of this item.
    pub discounts: Field<Vec<Discount>>,
    /// The payer is not there.
    pub off_session: Option<bool>,
    /// `allow_incomplete`, `default_incomplete`, `error_if_incomplete` or `pending_if_incomplete`.
    pub payment_behavior: Option<String>,
    /// `create_prorations` (Stripe's default), `always_invoice` or `none`.
    pub proration_behavior: Option<String>,
    /// The moment that proration is worked out for.
    #[serde(serialize_with = "chrono::serde::ts_seconds_option::serialize")]
    pub proration_date: Option<DateTime<Utc>>,
    /// Tax rates of this item.
    pub tax_rates: Field<Vec<String>>,
    /// Entries to add or replace; an empty value removes one.
    pub metadata: BTreeMap<String, String>,
}

impl UpdateSubscriptionItem {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`price`](Self::price).
    pub fn with_price(mut self, price: impl Into<String>) -> Self {
        self.price = Some(price.into());
        self
    }

    /// Sets [`price_data`](Self::price_data).
    pub fn with_price_data(mut self, price_data: PriceData) -> Self {
        self.price_data = Some(price_data);
        self
    }

    /// Sets [`quantity`](Self::quantity).
    pub fn with_quantity(mut self, quantity: u64) -> Self {
        self.quantity = Some(quantity);
        self
    }

    /// Sets [`discounts`](Self::discounts).
    pub fn with_discounts(mut self, discounts: Vec<Discount>) -> Self {
        self.discounts = Field::Set(discounts);
        self
    }

    /// Clears [`discounts`](Self::discounts) at Stripe.
    pub fn without_discounts(mut self) -> Self {
        self.discounts = Field::Clear;
        self
    }

    /// Sets [`off_session`](Self::off_session).
    pub fn with_off_session(mut self, off_session: bool) -> Self {
        self.off_session = Some(off_session);
        self
    }

    /// Sets [`payment_behavior`](Self::payment_behavior).
    pub fn with_payment_behavior(mut self, payment_behavior: impl Into<String>) -> Self {
        self.payment_behavior = Some(payment_behavior.into());
        self
    }

    /// Sets [`proration_behavior`](Self::proration_behavior).
    pub fn with_proration_behavior(mut self, proration_behavior: impl Into<String>) -> Self {
        self.proration_behavior = Some(proration_behavior.into());
        self
    }

    /// Sets [`proration_date`](Self::proration_date).
    pub fn with_proration_date(mut self, proration_date: DateTime<Utc>) -> Self {
        self.proration_date = Some(proration_date);
        self
    }

    /// Sets [`tax_rates`](Self::tax_rates).
    pub fn with_tax_rates(mut self, tax_rates: Vec<String>) -> Self {
        self.tax_rates = Field::Set(tax_rates);
        self
    }

    /// Clears [`tax_rates`](Self::tax_rates) at Stripe.
    pub fn without_tax_rates(mut self) -> Self {
        self.tax_rates = Field::Clear;
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for UpdateSubscriptionItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpdateSubscriptionItem")
            .field("price", &self.price)
            .field("quantity", &self.quantity)
            .field("discounts", &self.discounts)
            .field("off_session", &self.off_session)
            .field("payment_behavior", &self.payment_behavior)
            .field("proration_behavior", &self.proration_behavior)
            .field("proration_date", &self.proration_date)
            .field("tax_rates", &self.tax_rates)
            .finish_non_exhaustive()
    }
}

/// How an item is removed.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct DeleteSubscriptionItem {
    /// Removes it although its use was counted.
    pub clear_usage: Option<bool>,
    /// `allow_incomplete`, `default_incomplete`, `error_if_incomplete` or `pending_if_incomplete`.
    pub payment_behavior: Option<String>,
    /// `create_prorations` (Stripe's default), `always_invoice` or `none`.
    pub proration_behavior: Option<String>,
    /// The moment that proration is worked out for.
    #[serde(serialize_with = "chrono::serde::ts_seconds_option::serialize")]
    pub proration_date: Option<DateTime<Utc>>,
}

impl DeleteSubscriptionItem {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`clear_usage`](Self::clear_usage).
    pub fn with_clear_usage(mut self, clear_usage: bool) -> Self {
        self.clear_usage = Some(clear_usage);
        self
    }

    /// Sets [`payment_behavior`](Self::payment_behavior).
    pub fn with_payment_behavior(mut self, payment_behavior: impl Into<String>) -> Self {
        self.payment_behavior = Some(payment_behavior.into());
        self
    }

    /// Sets [`proration_behavior`](Self::proration_behavior).
    pub fn with_proration_behavior(mut self, proration_behavior: impl Into<String>) -> Self {
        self.proration_behavior = Some(proration_behavior.into());
        self
    }

    /// Sets [`proration_date`](Self::proration_date).
    pub fn with_proration_date(mut self, proration_date: DateTime<Utc>) -> Self {
        self.proration_date = Some(proration_date);
        self
    }
}

/// Which items to list.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ListSubscriptionItems {
    /// Of this subscription.
    pub subscription: String,
    /// Objects a page, 1 to 100; Stripe's default is 10.
    pub limit: Option<u32>,
    /// After this id.
    pub starting_after: Option<String>,
}

impl ListSubscriptionItems {
    /// The required fields; nothing else is sent.
    pub fn new(subscription: impl Into<String>) -> Self {
        Self { subscription: subscription.into(), limit: None, starting_after: None }
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

/// A price and how many of it.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct SubscriptionItem {
    /// Id, `si_...`.
    pub id: String,
    /// When it was made.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub created: Option<DateTime<Utc>>,
    /// Until when it is paid.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub current_period_end: Option<DateTime<Utc>>,
    /// Since when it is paid.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub current_period_start: Option<DateTime<Utc>>,
    /// Whether it is deleted; the other fields are empty then.
    #[serde(default, deserialize_with = "null_default")]
    pub deleted: bool,
    /// The host's own entries.
    #[serde(default, deserialize_with = "null_default")]
    pub metadata: BTreeMap<String, String>,
    /// The price.
    pub price: Option<Price>,
    /// How many; absent for counted use.
    pub quantity: Option<u64>,
    /// The subscription.
    pub subscription: Option<String>,
}

impl fmt::Debug for SubscriptionItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubscriptionItem")
            .field("id", &self.id)
            .field("created", &self.created)
            .field("current_period_end", &self.current_period_end)
            .field("current_period_start", &self.current_period_start)
            .field("deleted", &self.deleted)
            .field("price", &self.price)
            .field("quantity", &self.quantity)
            .field("subscription", &self.subscription)
            .finish_non_exhaustive()
    }
}

impl Object for SubscriptionItem {
    fn id(&self) -> &str {
        &self.id
    }
}

const CREATE: Operation = post("subscription_items.create");
const RETRIEVE: Operation = get("subscription_items.retrieve");
const UPDATE: Operation = post("subscription_items.update");
const DELETE: Operation = delete("subscription_items.delete");
static LIST: Operation = get("subscription_items.list");

/// Calls for items of subscriptions: [`Stripe::subscription_items`].
#[derive(Debug, Clone, Copy)]
pub struct SubscriptionItems<'a> {
    stripe: &'a Stripe,
}

impl<'a> SubscriptionItems<'a> {
    pub(crate) fn new(stripe: &'a Stripe) -> Self {
        Self { stripe }
    }

    /// Adds an item: `POST /v1/subscription_items`.
    pub async fn create(
        self,
        params: &CreateSubscriptionItem,
        options: &CallOptions,
    ) -> Result<SubscriptionItem> {
        self.stripe.post(&CREATE, "/v1/subscription_items", params, options).await
    }

    /// One item: `GET /v1/subscription_items/{id}`.
    pub async fn retrieve(self, id: &str, options: &CallOptions) -> Result<SubscriptionItem> {
        let path = format!("/v1/subscription_items/{}", check_id(id)?);
        self.stripe.get(&RETRIEVE, &path, &(), options).await
    }

    /// Changes an item: `POST /v1/subscription_items/{id}`.
    pub async fn update(
        self,
        id: &str,
        params: &UpdateSubscriptionItem,
        options: &CallOptions,
    ) -> Result<SubscriptionItem> {
        let path = format!("/v1/subscription_items/{}", check_id(id)?);
        self.stripe.post(&UPDATE, &path, params, options).await
    }

    /// Removes an item: `DELETE /v1/subscription_items/{id}`.
    /// # Errors
    /// [`NotFound`](turnbuckle_core::ErrorKind::NotFound) when it is gone already.
    pub async fn delete(
        self,
        id: &str,
        params: &DeleteSubscriptionItem,
        options: &CallOptions,
    ) -> Result<SubscriptionItem> {
        let path = format!("/v1/subscription_items/{}", check_id(id)?);
        self.stripe.delete_with(&DELETE, &path, params, options).await
    }

    /// Items of one subscription: `GET /v1/subscription_items`.
    pub fn list(self, params: &ListSubscriptionItems) -> ListRequest<SubscriptionItem> {
        ListRequest::list(self.stripe, &LIST, "/v1/subscription_items", params)
    }
}
