//! Subscriptions: payments that Stripe repeats.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::{check_id, delete, get, post};
use crate::object::{null_default, string_enum};
use crate::{
    CallOptions, CancelSubscription, CreateSubscription, Customer, Expandable, Invoice, List, ListRequest,
    ListSubscriptions, Object, PaymentMethod, ResumeSubscription, SetupIntent, Stripe, SubscriptionItem,
    UpdateSubscription,
};

string_enum! {
    /// Where a subscription stands.
    SubscriptionStatus {
        /// The first payment is not made yet; it has 23 hours.
        Incomplete = "incomplete",
        /// The first payment was not made in time; it is over.
        IncompleteExpired = "incomplete_expired",
        /// In its trial.
        Trialing = "trialing",
        /// Paid.
        Active = "active",
        /// A payment failed, and is tried again.
        PastDue = "past_due",
        /// Payments failed and are not tried again.
        Unpaid = "unpaid",
        /// Stopped at the end of a trial without a payment method.
        Paused = "paused",
        /// Over.
        Canceled = "canceled",
    }
}

/// Payments that Stripe repeats. What is paid until when stands on its items.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Subscription {
    /// Id, `sub_...`.
    pub id: String,
    /// The platform's share, as Stripe wrote it.
    pub application_fee_percent: Option<serde_json::Number>,
    /// What all periods are counted from.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub billing_cycle_anchor: Option<DateTime<Utc>>,
    /// When it will end.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub cancel_at: Option<DateTime<Utc>>,
    /// Whether it ends with the current period.
    #[serde(default, deserialize_with = "null_default")]
    pub cancel_at_period_end: bool,
    /// When it was told to end, which may be before it ends.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub canceled_at: Option<DateTime<Utc>>,
    /// `charge_automatically` or `send_invoice`.
    pub collection_method: Option<String>,
    /// When it was made.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub created: Option<DateTime<Utc>>,
    /// ISO 4217 code in lower case.
    #[serde(default, deserialize_with = "null_default")]
    pub currency: String,
    /// The customer.
    pub customer: Option<Expandable<Customer>>,
    /// Days until an invoice is due.
    pub days_until_due: Option<u32>,
    /// What pays.
    pub default_payment_method: Option<Expandable<PaymentMethod>>,
    /// Free text that the payer reads.
    pub description: Option<String>,
    /// When it ended.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub ended_at: Option<DateTime<Utc>>,
    /// What is paid for.
    pub items: Option<List<SubscriptionItem>>,
    /// Its last invoice.
    pub latest_invoice: Option<Expandable<Invoice>>,
    /// Whether it is real.
    #[serde(default, deserialize_with = "null_default")]
    pub livemode: bool,
    /// The host's own entries.
    #[serde(default, deserialize_with = "null_default")]
    pub metadata: BTreeMap<String, String>,
    /// When pending items are invoiced.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub next_pending_invoice_item_invoice: Option<DateTime<Utc>>,
    /// The account that it is made for.
    pub on_behalf_of: Option<String>,
    /// Whether collecting is stopped.
    pub pause_collection: Option<PausedCollection>,
    /// A setup that the payer must finish.
    pub pending_setup_intent: Option<Expandable<SetupIntent>>,
    /// The schedule that steers it.
    pub schedule: Option<String>,
    /// When it began.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub start_date: Option<DateTime<Utc>>,
    /// Where it stands.
    #[serde(default, deserialize_with = "null_default")]
    pub status: SubscriptionStatus,
    /// The test clock that it lives under.
    pub test_clock: Option<String>,
    /// End of the trial.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub trial_end: Option<DateTime<Utc>>,
    /// Start of the trial.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub trial_start: Option<DateTime<Utc>>,
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("id", &self.id)
            .field("application_fee_percent", &self.application_fee_percent)
            .field("billing_cycle_anchor", &self.billing_cycle_anchor)
            .field("cancel_at", &self.cancel_at)
            .field("cancel_at_period_end", &self.cancel_at_period_end)
            .field("canceled_at", &self.canceled_at)
            .field("collection_method", &self.collection_method)
            .field("created", &self.created)
            .field("currency", &self.currency)
            .field("customer", &self.customer)
            .field("days_until_due", &self.days_until_due)
            .field("default_payment_method", &self.default_payment_method)
            .field("ended_at", &self.ended_at)
            .field("items", &self.items)
            .field("latest_invoice", &self.latest_invoice)
            .field("livemode", &self.livemode)
            .field("next_pending_invoice_item_invoice", &self.next_pending_invoice_item_invoice)
            .field("on_behalf_of", &self.on_behalf_of)
            .field("pause_collection", &self.pause_collection)
            .field("pending_setup_intent", &self.pending_setup_intent)
            .field("schedule", &self.schedule)
            .field("start_date", &self.start_date)
            .field("status", &self.status)
            .field("test_clock", &self.test_clock)
            .field("trial_end", &self.trial_end)
            .field("trial_start", &self.trial_start)
            .finish_non_exhaustive()
    }
}

impl Object for Subscription {
    fn id(&self) -> &str {
        &self.id
    }
}

/// Collecting is stopped.
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct PausedCollection {
    /// What becomes of invoices: `keep_as_draft`, `mark_uncollectible` or `void`.
    #[serde(default, deserialize_with = "null_default")]
    pub behavior: String,
    /// When it collects again.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub resumes_at: Option<DateTime<Utc>>,
}

const CREATE: Operation = post("subscriptions.create");
const RETRIEVE: Operation = get("subscriptions.retrieve");
const UPDATE: Operation = post("subscriptions.update");
const CANCEL: Operation = delete("subscriptions.cancel");
const RESUME: Operation = post("subscriptions.resume");
static LIST: Operation = get("subscriptions.list");

/// Calls for subscriptions: [`Stripe::subscriptions`].
#[derive(Debug, Clone, Copy)]
pub struct Subscriptions<'a> {
    stripe: &'a Stripe,
}

impl<'a> Subscriptions<'a> {
    pub(crate) fn new(stripe: &'a Stripe) -> Self {
        Self { stripe }
    }

    /// Starts a subscription: `POST /v1/subscriptions`.
    /// Without a trial its first invoice is paid in this call. With Stripe's default for `payment_behavior` a first
    /// payment that is declined leaves an [`Incomplete`](SubscriptionStatus::Incomplete) subscription and no error.
    pub async fn create(self, params: &CreateSubscription, options: &CallOptions) -> Result<Subscription> {
        self.stripe.post(&CREATE, "/v1/subscriptions", params, options).await
    }

    /// One subscription: `GET /v1/subscriptions/{id}`.
    pub async fn retrieve(self, id: &str, options: &CallOptions) -> Result<Subscription> {
        let path = format!("/v1/subscriptions/{}", check_id(id)?);
        self.stripe.get(&RETRIEVE, &path, &(), options).await
    }

    /// Changes a subscription: `POST /v1/subscriptions/{id}`.
    pub async fn update(
        self,
        id: &str,
        params: &UpdateSubscription,
        options: &CallOptions,
    ) -> Result<Subscription> {
        let path = format!("/v1/subscriptions/{}", check_id(id)?);
        self.stripe.post(&UPDATE, &path, params, options).await
    }

    /// Ends a subscription at once: `DELETE /v1/subscriptions/{id}`.
    /// # Errors
    /// [`NotFound`](turnbuckle_core::ErrorKind::NotFound) when it is over already, which after a lost answer means that
    /// the first attempt did it.
    pub async fn cancel(
        self,
        id: &str,
        params: &CancelSubscription,
        options: &CallOptions,
    ) -> Result<Subscription> {
        let path = format!("/v1/subscriptions/{}", check_id(id)?);
        self.stripe.delete_with(&CANCEL, &path, params, options).await
    }

    /// Lets a paused subscription go on, once the invoice that this makes is paid: `POST
    /// /v1/subscriptions/{id}/resume`.
    pub async fn resume(
        self,
        id: &str,
        params: &ResumeSubscription,
        options: &CallOptions,
    ) -> Result<Subscription> {
        let path = format!("/v1/subscriptions/{}/resume", check_id(id)?);
        self.stripe.post(&RESUME, &path, params, options).await
    }

    /// Subscriptions, newest first: `GET /v1/subscriptions`.
    pub fn list(self, params: &ListSubscriptions) -> ListRequest<Subscription> {
        ListRequest::list(self.stripe, &LIST, "/v1/subscriptions", params)
    }
}
