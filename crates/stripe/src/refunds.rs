//! Refunds.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::{check_id, get, post};
use crate::object::{null_default, string_enum};
use crate::{
    BalanceTransaction, CallOptions, Charge, Created, Expandable, ListRequest, Object, PaymentIntent, Stripe,
};

string_enum! {
    /// How far a refund has come.
    RefundStatus {
        /// Under way.
        Pending = "pending",
        /// The payer must act.
        RequiresAction = "requires_action",
        /// Given to the payer's bank.
        Succeeded = "succeeded",
        /// Came back; the money is on the account's balance again.
        Failed = "failed",
        /// Canceled.
        Canceled = "canceled",
    }
}

/// Gives money back.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct CreateRefund {
    /// The payment; either this or the charge.
    pub payment_intent: Option<String>,
    /// The charge.
    pub charge: Option<String>,
    /// How much, in minor units; all that is left when absent.
    pub amount: Option<i64>,
    /// `duplicate`, `fraudulent` or `requested_by_customer`.
    pub reason: Option<String>,
    /// Gives the platform's fee back too.
    pub refund_application_fee: Option<bool>,
    /// Takes the money back from the connected account.
    pub reverse_transfer: Option<bool>,
    /// Up to 50 entries of the host's own.
    pub metadata: BTreeMap<String, String>,
}

impl CreateRefund {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`payment_intent`](Self::payment_intent).
    pub fn with_payment_intent(mut self, payment_intent: impl Into<String>) -> Self {
        self.payment_intent = Some(payment_intent.into());
        self
    }

    /// Sets [`charge`](Self::charge).
    pub fn with_charge(mut self, charge: impl Into<String>) -> Self {
        self.charge = Some(charge.into());
        self
    }

    /// Sets [`amount`](Self::amount).
    pub fn with_amount(mut self, amount: i64) -> Self {
        self.amount = Some(amount);
        self
    }

    /// Sets [`reason`](Self::reason).
    pub fn with_reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Sets [`refund_application_fee`](Self::refund_application_fee).
    pub fn with_refund_application_fee(mut self, refund_application_fee: bool) -> Self {
        self.refund_application_fee = Some(refund_application_fee);
        self
    }

    /// Sets [`reverse_transfer`](Self::reverse_transfer).
    pub fn with_reverse_transfer(mut self, reverse_transfer: bool) -> Self {
        self.reverse_transfer = Some(reverse_transfer);
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for CreateRefund {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateRefund")
            .field("payment_intent", &self.payment_intent)
            .field("charge", &self.charge)
            .field("amount", &self.amount)
            .field("reason", &self.reason)
            .field("refund_application_fee", &self.refund_application_fee)
            .field("reverse_transfer", &self.reverse_transfer)
            .finish_non_exhaustive()
    }
}

/// Changes of a refund.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct UpdateRefund {
    /// Entries to add or replace; an empty value removes one.
    pub metadata: BTreeMap<String, String>,
}

impl UpdateRefund {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for UpdateRefund {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpdateRefund").finish_non_exhaustive()
    }
}

/// Which refunds to list, newest first.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct ListRefunds {
    /// Of this charge.
    pub charge: Option<String>,
    /// Of this payment.
    pub payment_intent: Option<String>,
    /// Created in this time.
    pub created: Option<Created>,
    /// Objects a page, 1 to 100; Stripe's default is 10.
    pub limit: Option<u32>,
    /// After this id.
    pub starting_after: Option<String>,
}

impl ListRefunds {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`charge`](Self::charge).
    pub fn with_charge(mut self, charge: impl Into<String>) -> Self {
        self.charge = Some(charge.into());
        self
    }

    /// Sets [`payment_intent`](Self::payment_intent).
    pub fn with_payment_intent(mut self, payment_intent: impl Into<String>) -> Self {
        self.payment_intent = Some(payment_intent.into());
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

/// Money given back.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Refund {
    /// Id, `re_...`.
    pub id: String,
    /// Amount in minor units.
    #[serde(default, deserialize_with = "null_default")]
    pub amount: i64,
    /// Its entry in the ledger.
    pub balance_transaction: Option<Expandable<BalanceTransaction>>,
    /// The charge.
    pub charge: Option<Expandable<Charge>>,
    /// When it was made.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub created: Option<DateTime<Utc>>,
    /// ISO 4217 code in lower case.
    #[serde(default, deserialize_with = "null_default")]
    pub currency: String,
    /// The ledger entry that undid it.
    pub failure_balance_transaction: Option<Expandable<BalanceTransaction>>,
    /// Why it failed.
    pub failure_reason: Option<String>,
    /// The host's own entries.
    #[serde(default, deserialize_with = "null_default")]
    pub metadata: BTreeMap<String, String>,
    /// The payment.
    pub payment_intent: Option<Expandable<PaymentIntent>>,
    /// Why it was made.
    pub reason: Option<String>,
    /// Number on the receipt that Stripe sent.
    pub receipt_number: Option<String>,
    /// How far it has come.
    #[serde(default, deserialize_with = "null_default")]
    pub status: RefundStatus,
    /// Whether Stripe answered with the stored result of an earlier request under the same idempotency key.
    #[serde(skip)]
    pub replayed: bool,
}

impl fmt::Debug for Refund {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refund")
            .field("id", &self.id)
            .field("amount", &self.amount)
            .field("balance_transaction", &self.balance_transaction)
            .field("charge", &self.charge)
            .field("created", &self.created)
            .field("currency", &self.currency)
            .field("failure_balance_transaction", &self.failure_balance_transaction)
            .field("failure_reason", &self.failure_reason)
            .field("payment_intent", &self.payment_intent)
            .field("reason", &self.reason)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl Object for Refund {
    fn id(&self) -> &str {
        &self.id
    }
}

impl CreateRefund {
    /// Refunds a payment.
    pub fn of_payment_intent(id: impl Into<String>) -> Self {
        Self::new().with_payment_intent(id)
    }

    /// Refunds a charge.
    pub fn of_charge(id: impl Into<String>) -> Self {
        Self::new().with_charge(id)
    }
}

const CREATE: Operation = post("refunds.create");
const UPDATE: Operation = post("refunds.update");
const RETRIEVE: Operation = get("refunds.retrieve");
static LIST: Operation = get("refunds.list");

/// Calls for refunds: [`Stripe::refunds`].
#[derive(Debug, Clone, Copy)]
pub struct Refunds<'a> {
    stripe: &'a Stripe,
}

impl<'a> Refunds<'a> {
    pub(crate) fn new(stripe: &'a Stripe) -> Self {
        Self { stripe }
    }

    /// Gives money back: `POST /v1/refunds`.
    pub async fn create(&self, params: &CreateRefund, options: &CallOptions) -> Result<Refund> {
        let (object, replayed) = self.stripe.post_replayable(&CREATE, "/v1/refunds", params, options).await?;
        Ok(Refund { replayed, ..object })
    }

    /// One refund: `GET /v1/refunds/{id}`.
    pub async fn retrieve(&self, id: &str, options: &CallOptions) -> Result<Refund> {
        let path = format!("/v1/refunds/{}", check_id(id)?);
        self.stripe.get(&RETRIEVE, &path, &(), options).await
    }

    /// Changes a refund's entries: `POST /v1/refunds/{id}`.
    pub async fn update(&self, id: &str, params: &UpdateRefund, options: &CallOptions) -> Result<Refund> {
        let path = format!("/v1/refunds/{}", check_id(id)?);
        let (object, replayed) = self.stripe.post_replayable(&UPDATE, &path, params, options).await?;
        Ok(Refund { replayed, ..object })
    }

    /// Refunds, newest first: `GET /v1/refunds`.
    pub fn list(&self, params: &ListRefunds) -> ListRequest<Refund> {
        ListRequest::list(self.stripe, &LIST, "/v1/refunds", params)
    }
}
