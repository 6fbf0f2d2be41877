//! Payments that Radar puts before a person.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::{check_id, get, post};
use crate::object::null_default;
use crate::{CallOptions, Object, Stripe};

/// A payment that somebody is to look at.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Review {
    /// Id, `prv_...`.
    pub id: String,
    /// The charge under review.
    pub charge: Option<String>,
    /// Why it was closed: `approved`, `refunded`, `refunded_as_fraud`, `disputed`, `canceled`, ...
    pub closed_reason: Option<String>,
    /// When it was opened.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub created: Option<DateTime<Utc>>,
    /// Whether it is real.
    #[serde(default, deserialize_with = "null_default")]
    pub livemode: bool,
    /// Whether somebody has yet to decide.
    #[serde(default, deserialize_with = "null_default")]
    pub open: bool,
    /// The payment under review.
    pub payment_intent: Option<String>,
}

impl Object for Review {
    fn id(&self) -> &str {
        &self.id
    }
}

const APPROVE: Operation = post("reviews.approve");
const RETRIEVE: Operation = get("reviews.retrieve");

/// Calls for reviews: [`Stripe::reviews`].
#[derive(Debug, Clone, Copy)]
pub struct Reviews<'a> {
    stripe: &'a Stripe,
}

impl<'a> Reviews<'a> {
    pub(crate) fn new(stripe: &'a Stripe) -> Self {
        Self { stripe }
    }

    /// One review: `GET /v1/reviews/{id}`.
    pub async fn retrieve(self, id: &str, options: &CallOptions) -> Result<Review> {
        let path = format!("/v1/reviews/{}", check_id(id)?);
        self.stripe.get(&RETRIEVE, &path, &(), options).await
    }

    /// Approves a payment, which closes its review: `POST /v1/reviews/{id}/approve`.
    pub async fn approve(self, id: &str, options: &CallOptions) -> Result<Review> {
        let path = format!("/v1/reviews/{}/approve", check_id(id)?);
        self.stripe.post(&APPROVE, &path, &(), options).await
    }
}
