//! Payouts: money that goes to the merchant's bank.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::{check_id, get, post};
use crate::object::{null_default, string_enum};
use crate::{BalanceTransaction, CallOptions, Created, Expandable, ListRequest, Object, Stripe};

string_enum! {
    /// How far a payout has come.
    PayoutStatus {
        /// Not yet handed to the bank.
        Pending = "pending",
        /// On its way.
        InTransit = "in_transit",
        /// Said to have arrived; it may still turn out to have failed, within some days.
        Paid = "paid",
        /// Came back.
        Failed = "failed",
        /// Canceled.
        Canceled = "canceled",
    }
}

/// Sends money from the balance to the bank.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct CreatePayout {
    /// In minor units.
    pub amount: i64,
    /// ISO 4217 code in lower case.
    pub currency: String,
    /// Free text.
    pub description: Option<String>,
    /// The bank account or card; the default for the currency otherwise.
    pub destination: Option<String>,
    /// `standard` (Stripe's default) or `instant`.
    pub method: Option<String>,
    /// A payout method (v2), in place of `destination`.
    pub payout_method: Option<String>,
    /// Which balance: `card`, `bank_account` or `fpx`.
    pub source_type: Option<String>,
    /// Text on the bank statement, up to 22 characters.
    pub statement_descriptor: Option<String>,
    /// Up to 50 entries of the host's own.
    pub metadata: BTreeMap<String, String>,
}

impl CreatePayout {
    /// The required fields; nothing else is sent.
    pub fn new(amount: i64, currency: impl Into<String>) -> Self {
        Self {
            amount,
            currency: currency.into(),
            description: None,
            destination: None,
            method: None,
            payout_method: None,
            source_type: None,
            statement_descriptor: None,
            metadata: BTreeMap::new(),
        }
    }

    /// Sets [`description`](Self::description).
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets [`destination`](Self::destination).
    pub fn with_destination(mut self, destination: impl Into<String>) -> Self {
        self.destination = Some(destination.into());
        self
    }

    /// Sets [`method`](Self::method).
    pub fn with_method(mut self, method: impl Into<String>) -> Self {
        self.method = Some(method.into());
        self
    }

    /// Sets [`payout_method`](Self::payout_method).
    pub fn with_payout_method(mut self, payout_method: impl Into<String>) -> Self {
        self.payout_method = Some(payout_method.into());
        self
    }

    /// Sets [`source_type`](Self::source_type).
    pub fn with_source_type(mut self, source_type: impl Into<String>) -> Self {
        self.source_type = Some(source_type.into());
        self
    }

    /// Sets [`statement_descriptor`](Self::statement_descriptor).
    pub fn with_statement_descriptor(mut self, statement_descriptor: impl Into<String>) -> Self {
        self.statement_descriptor = Some(statement_descriptor.into());
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for CreatePayout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatePayout")
            .field("amount", &self.amount)
            .field("currency", &self.currency)
            .field("destination", &self.destination)
            .field("method", &self.method)
            .field("payout_method", &self.payout_method)
            .field("source_type", &self.source_type)
            .finish_non_exhaustive()
    }
}

/// Which payouts to list, newest first.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct ListPayouts {
    /// Expected in this time.
    pub arrival_date: Option<Created>,
    /// To this bank account or card.
    pub destination: Option<String>,
    /// A status, for example `paid`.
    pub status: Option<String>,
    /// Created in this time.
    pub created: Option<Created>,
    /// Objects a page, 1 to 100; Stripe's default is 10.
    pub limit: Option<u32>,
    /// After this id.
    pub starting_after: Option<String>,
}

impl ListPayouts {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`arrival_date`](Self::arrival_date).
    pub fn with_arrival_date(mut self, arrival_date: Created) -> Self {
        self.arrival_date = Some(arrival_date);
        self
    }

    /// Sets [`destination`](Self::destination).
    pub fn with_destination(mut self, destination: impl Into<String>) -> Self {
        self.destination = Some(destination.into());
        self
    }

    /// Sets [`status`](Self::status).
    pub fn with_status(mut self, status: impl Into<String>) -> Self {
        self.status = Some(status.into());
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

/// Money that goes to the merchant's bank.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Payout {
    /// Id, `po_...`.
    pub id: String,
    /// In minor units; below zero it is taken from the bank.
    #[serde(default, deserialize_with = "null_default")]
    pub amount: i64,
    /// The day it is expected to arrive.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub arrival_date: Option<DateTime<Utc>>,
    /// Whether Stripe made it by itself. Only then do ledger entries name it.
    #[serde(default, deserialize_with = "null_default")]
    pub automatic: bool,
    /// Its entry in the ledger.
    pub balance_transaction: Option<Expandable<BalanceTransaction>>,
    /// When it was made.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub created: Option<DateTime<Utc>>,
    /// ISO 4217 code in lower case.
    #[serde(default, deserialize_with = "null_default")]
    pub currency: String,
    /// Free text.
    pub description: Option<String>,
    /// The bank account or card.
    pub destination: Option<Expandable<PayoutDestination>>,
    /// The ledger entry that undid it.
    pub failure_balance_transaction: Option<Expandable<BalanceTransaction>>,
    /// Why it failed, as a code.
    pub failure_code: Option<String>,
    /// Why it failed.
    pub failure_message: Option<String>,
    /// Whether it is real.
    #[serde(default, deserialize_with = "null_default")]
    pub livemode: bool,
    /// The host's own entries.
    #[serde(default, deserialize_with = "null_default")]
    pub metadata: BTreeMap<String, String>,
    /// `standard` or `instant`.
    #[serde(default, deserialize_with = "null_default")]
    pub method: String,
    /// The payout that this one reverses.
    pub original_payout: Option<Expandable<Payout>>,
    /// `completed`, `in_progress` or `not_applicable`: whether its ledger entries can be listed.
    pub reconciliation_status: Option<String>,
    /// The payout that reverses this one.
    pub reversed_by: Option<Expandable<Payout>>,
    /// Which balance.
    pub source_type: Option<String>,
    /// Text on the bank statement.
    pub statement_descriptor: Option<String>,
    /// How far it has come.
    #[serde(default, deserialize_with = "null_default")]
    pub status: PayoutStatus,
    /// `bank_account` or `card`.
    #[serde(rename = "type", default, deserialize_with = "null_default")]
    pub payout_type: String,
}

impl fmt::Debug for Payout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payout")
            .field("id", &self.id)
            .field("amount", &self.amount)
            .field("arrival_date", &self.arrival_date)
            .field("automatic", &self.automatic)
            .field("balance_transaction", &self.balance_transaction)
            .field("created", &self.created)
            .field("currency", &self.currency)
            .field("destination", &self.destination)
            .field("failure_balance_transaction", &self.failure_balance_transaction)
            .field("failure_code", &self.failure_code)
            .field("livemode", &self.livemode)
            .field("method", &self.method)
            .field("original_payout", &self.original_payout)
            .field("reconciliation_status", &self.reconciliation_status)
            .field("reversed_by", &self.reversed_by)
            .field("source_type", &self.source_type)
            .field("status", &self.status)
            .field("payout_type", &self.payout_type)
            .finish_non_exhaustive()
    }
}

impl Object for Payout {
    fn id(&self) -> &str {
        &self.id
    }
}

/// The bank account or card that a payout goes to.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct PayoutDestination {
    /// Id, `ba_...` or `card_...`.
    pub id: String,
    /// Last four digits.
    pub last4: Option<String>,
    /// `bank_account` or `card`.
    #[serde(rename = "object", default, deserialize_with = "null_default")]
    pub destination_type: String,
}

impl Object for PayoutDestination {
    fn id(&self) -> &str {
        &self.id
    }
}

const CREATE: Operation = post("payouts.create");
const RETRIEVE: Operation = get("payouts.retrieve");
const CANCEL: Operation = post("payouts.cancel");
static LIST: Operation = get("payouts.list");

/// Calls for payouts: [`Stripe::payouts`].
#[derive(Debug, Clone, Copy)]
pub struct Payouts<'a> {
    stripe: &'a Stripe,
}

impl<'a> Payouts<'a> {
    pub(crate) fn new(stripe: &'a Stripe) -> Self {
        Self { stripe }
    }

    /// Sends money to the bank: `POST /v1/payouts`.
    pub async fn create(self, params: &CreatePayout, options: &CallOptions) -> Result<Payout> {
        self.stripe.post(&CREATE, "/v1/payouts", params, options).await
    }

    /// One payout: `GET /v1/payouts/{id}`.
    pub async fn retrieve(self, id: &str, options: &CallOptions) -> Result<Payout> {
        let path = format!("/v1/payouts/{}", check_id(id)?);
        self.stripe.get(&RETRIEVE, &path, &(), options).await
    }

    /// Cancels a payout that is still pending: `POST /v1/payouts/{id}/cancel`.
    pub async fn cancel(self, id: &str, options: &CallOptions) -> Result<Payout> {
        let path = format!("/v1/payouts/{}/cancel", check_id(id)?);
        self.stripe.post(&CANCEL, &path, &(), options).await
    }

    /// Payouts, newest first: `GET /v1/payouts`.
    pub fn list(self, params: &ListPayouts) -> ListRequest<Payout> {
        ListRequest::list(self.stripe, &LIST, "/v1/payouts", params)
    }
}
