//! Reviews: payments that a person should look at.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::{check_id, get, post};
use crate::object::null_default;
use crate::{CallOptions, Charge, Created, Expandable, ListRequest, Object, PaymentIntent, Stripe};

/// Which open reviews to list, newest first.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct ListReviews {
    /// Created in this time.
    pub created: Option<Created>,
    /// Objects a page, 1 to 100; Stripe's default is 10.
    pub limit: Option<u32>,
    /// After this id.
    pub starting_after: Option<String>,
}

impl ListReviews {
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

/// A payment that a person should look at. Where the payer was is in no `Debug` output.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Review {
    /// Id, `prv_...`.
    pub id: String,
    /// Postal code of the card.
    pub billing_zip: Option<String>,
    /// The charge.
    pub charge: Option<Expandable<Charge>>,
    /// For example `approved`, `refunded` or `disputed`.
    pub closed_reason: Option<String>,
    /// When it was made.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub created: Option<DateTime<Utc>>,
    /// Network address of the payer.
    pub ip_address: Option<String>,
    /// Whether it is real.
    #[serde(default, deserialize_with = "null_default")]
    pub livemode: bool,
    /// Whether somebody should still look.
    #[serde(default, deserialize_with = "null_default")]
    pub open: bool,
    /// `rule` or `manual`.
    pub opened_reason: Option<String>,
    /// The payment.
    pub payment_intent: Option<Expandable<PaymentIntent>>,
    /// Why it is open, or what closed it.
    pub reason: Option<String>,
}

impl fmt::Debug for Review {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Review")
            .field("id", &self.id)
            .field("charge", &self.charge)
            .field("closed_reason", &self.closed_reason)
            .field("created", &self.created)
            .field("livemode", &self.livemode)
            .field("open", &self.open)
            .field("opened_reason", &self.opened_reason)
            .field("payment_intent", &self.payment_intent)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

impl Object for Review {
    fn id(&self) -> &str {
        &self.id
    }
}

const APPROVE: Operation = post("reviews.approve");
const RETRIEVE: Operation = get("reviews.retrieve");
static LIST: Operation = get("reviews.list");

/// Calls for reviews: [`Stripe::reviews`].
#[derive(Debug, Clone, Copy)]
pub struct Reviews<'a> {
    stripe: &'a Stripe,
}

impl<'a> Reviews<'a> {
    pub(crate) fn new(stripe: &'a Stripe) -> Self {
        Self { stripe }
    }

    /// Lets a payment pass: `POST /v1/reviews/{id}/approve`.
    pub async fn approve(self, id: &str, options: &CallOptions) -> Result<Review> {
        let path = format!("/v1/reviews/{}/approve", check_id(id)?);
        self.stripe.post(&APPROVE, &path, &(), options).await
    }

    /// One review: `GET /v1/reviews/{id}`.
    pub async fn retrieve(self, id: &str, options: &CallOptions) -> Result<Review> {
        let path = format!("/v1/reviews/{}", check_id(id)?);
        self.stripe.get(&RETRIEVE, &path, &(), options).await
    }

    /// Open reviews, newest first: `GET /v1/reviews`.
    pub fn list(self, params: &ListReviews) -> ListRequest<Review> {
        ListRequest::list(self.stripe, &LIST, "/v1/reviews", params)
    }
}
