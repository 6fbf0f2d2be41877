//! Transfers: money that moves from the platform to a connected account.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::{check_id, get, post};
use crate::object::null_default;
use crate::{
    BalanceTransaction, CallOptions, Charge, ConnectedAccount, Created, Expandable, ListRequest, Object,
    Refund, Stripe,
};

/// Moves money to a connected account.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct CreateTransfer {
    /// ISO 4217 code in lower case.
    pub currency: String,
    /// The account.
    pub destination: String,
    /// In minor units.
    pub amount: Option<i64>,
    /// Free text.
    pub description: Option<String>,
    /// The charge whose money it is: the transfer then waits for it.
    pub source_transaction: Option<String>,
    /// Which balance: `card` (Stripe's default), `bank_account` or `fpx`.
    pub source_type: Option<String>,
    /// Groups it with payments.
    pub transfer_group: Option<String>,
    /// Up to 50 entries of the host's own.
    pub metadata: BTreeMap<String, String>,
}

impl CreateTransfer {
    /// The required fields; nothing else is sent.
    pub fn new(currency: impl Into<String>, destination: impl Into<String>) -> Self {
        Self {
            currency: currency.into(),
            destination: destination.into(),
            amount: None,
            description: None,
            source_transaction: None,
            source_type: None,
            transfer_group: None,
            metadata: BTreeMap::new(),
        }
    }

    /// Sets [`amount`](Self::amount).
    pub fn with_amount(mut self, amount: i64) -> Self {
        self.amount = Some(amount);
        self
    }

    /// Sets [`description`](Self::description).
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets [`source_transaction`](Self::source_transaction).
    pub fn with_source_transaction(mut self, source_transaction: impl Into<String>) -> Self {
        self.source_transaction = Some(source_transaction.into());
        self
    }

    /// Sets [`source_type`](Self::source_type).
    pub fn with_source_type(mut self, source_type: impl Into<String>) -> Self {
        self.source_type = Some(source_type.into());
        self
    }

    /// Sets [`transfer_group`](Self::transfer_group).
    pub fn with_transfer_group(mut self, transfer_group: impl Into<String>) -> Self {
        self.transfer_group = Some(transfer_group.into());
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for CreateTransfer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateTransfer")
            .field("currency", &self.currency)
            .field("destination", &self.destination)
            .field("amount", &self.amount)
            .field("source_transaction", &self.source_transaction)
            .field("source_type", &self.source_type)
            .field("transfer_group", &self.transfer_group)
            .finish_non_exhaustive()
    }
}

/// Changes of a transfer.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct UpdateTransfer {
    /// Free text.
    pub description: Option<String>,
    /// Entries to add or replace; an empty value removes one.
    pub metadata: BTreeMap<String, String>,
}

impl UpdateTransfer {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`description`](Self::description).
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for UpdateTransfer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpdateTransfer").finish_non_exhaustive()
    }
}

/// Which transfers to list, newest first.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct ListTransfers {
    /// To this account.
    pub destination: Option<String>,
    /// Of this group.
    pub transfer_group: Option<String>,
    /// Created in this time.
    pub created: Option<Created>,
    /// Objects a page, 1 to 100; Stripe's default is 10.
    pub limit: Option<u32>,
    /// After this id.
    pub starting_after: Option<String>,
}

impl ListTransfers {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`destination`](Self::destination).
    pub fn with_destination(mut self, destination: impl Into<String>) -> Self {
        self.destination = Some(destination.into());
        self
    }

    /// Sets [`transfer_group`](Self::transfer_group).
    pub fn with_transfer_group(mut self, transfer_group: impl Into<String>) -> Self {
        self.transfer_group = Some(transfer_group.into());
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

/// Takes money back from a connected account.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct ReverseTransfer {
    /// In minor units; all that is left when absent.
    pub amount: Option<i64>,
    /// Free text.
    pub description: Option<String>,
    /// Gives the platform's fee back too.
    pub refund_application_fee: Option<bool>,
    /// Up to 50 entries of the host's own.
    pub metadata: BTreeMap<String, String>,
}

impl ReverseTransfer {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`amount`](Self::amount).
    pub fn with_amount(mut self, amount: i64) -> Self {
        self.amount = Some(amount);
        self
    }

    /// Sets [`description`](Self::description).
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets [`refund_application_fee`](Self::refund_application_fee).
    pub fn with_refund_application_fee(mut self, refund_application_fee: bool) -> Self {
        self.refund_application_fee = Some(refund_application_fee);
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for ReverseTransfer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReverseTransfer")
            .field("amount", &self.amount)
            .field("refund_application_fee", &self.refund_application_fee)
            .finish_non_exhaustive()
    }
}

/// Money that moved from the platform to a connected account.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Transfer {
    /// Id, `tr_...`.
    pub id: String,
    /// In minor units.
    #[serde(default, deserialize_with = "null_default")]
    pub amount: i64,
    /// What was taken back, in minor units.
    #[serde(default, deserialize_with = "null_default")]
    pub amount_reversed: i64,
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
    /// The account.
    pub destination: Option<Expandable<ConnectedAccount>>,
    /// What the account received.
    pub destination_payment: Option<Expandable<Charge>>,
    /// Whether it is real.
    #[serde(default, deserialize_with = "null_default")]
    pub livemode: bool,
    /// The host's own entries.
    #[serde(default, deserialize_with = "null_default")]
    pub metadata: BTreeMap<String, String>,
    /// Whether all of it was taken back.
    #[serde(default, deserialize_with = "null_default")]
    pub reversed: bool,
    /// The charge whose money it is.
    pub source_transaction: Option<Expandable<Charge>>,
    /// Which balance.
    pub source_type: Option<String>,
    /// Its group.
    pub transfer_group: Option<String>,
}

impl fmt::Debug for Transfer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transfer")
            .field("id", &self.id)
            .field("amount", &self.amount)
            .field("amount_reversed", &self.amount_reversed)
            .field("balance_transaction", &self.balance_transaction)
            .field("created", &self.created)
            .field("currency", &self.currency)
            .field("destination", &self.destination)
            .field("destination_payment", &self.destination_payment)
            .field("livemode", &self.livemode)
            .field("reversed", &self.reversed)
            .field("source_transaction", &self.source_transaction)
            .field("source_type", &self.source_type)
            .field("transfer_group", &self.transfer_group)
            .finish_non_exhaustive()
    }
}

impl Object for Transfer {
    fn id(&self) -> &str {
        &self.id
    }
}

/// Money taken back from a connected account.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct TransferReversal {
    /// Id, `trr_...`.
    pub id: String,
    /// In minor units.
    #[serde(default, deserialize_with = "null_default")]
    pub amount: i64,
    /// Its entry in the ledger.
    pub balance_transaction: Option<Expandable<BalanceTransaction>>,
    /// When it was made.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub created: Option<DateTime<Utc>>,
    /// ISO 4217 code in lower case.
    #[serde(default, deserialize_with = "null_default")]
    pub currency: String,
    /// The refund of what the account received.
    pub destination_payment_refund: Option<Expandable<Refund>>,
    /// The host's own entries.
    #[serde(default, deserialize_with = "null_default")]
    pub metadata: BTreeMap<String, String>,
    /// The refund that caused it.
    pub source_refund: Option<Expandable<Refund>>,
    /// The transfer.
    pub transfer: Option<Expandable<Transfer>>,
}

impl fmt::Debug for TransferReversal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransferReversal")
            .field("id", &self.id)
            .field("amount", &self.amount)
            .field("balance_transaction", &self.balance_transaction)
            .field("created", &self.created)
            .field("currency", &self.currency)
            .field("destination_payment_refund", &self.destination_payment_refund)
            .field("source_refund", &self.source_refund)
            .field("transfer", &self.transfer)
            .finish_non_exhaustive()
    }
}

impl Object for TransferReversal {
    fn id(&self) -> &str {
        &self.id
    }
}

const CREATE: Operation = post("transfers.create");
const RETRIEVE: Operation = get("transfers.retrieve");
const UPDATE: Operation = post("transfers.update");
const REVERSE: Operation = post("transfers.reverse");
static LIST: Operation = get("transfers.list");

/// Calls for transfers: [`Stripe::transfers`].
#[derive(Debug, Clone, Copy)]
pub struct Transfers<'a> {
    stripe: &'a Stripe,
}

impl<'a> Transfers<'a> {
    pub(crate) fn new(stripe: &'a Stripe) -> Self {
        Self { stripe }
    }

    /// Moves money to a connected account: `POST /v1/transfers`.
    pub async fn create(self, params: &CreateTransfer, options: &CallOptions) -> Result<Transfer> {
        self.stripe.post(&CREATE, "/v1/transfers", params, options).await
    }

    /// One transfer: `GET /v1/transfers/{id}`.
    pub async fn retrieve(self, id: &str, options: &CallOptions) -> Result<Transfer> {
        let path = format!("/v1/transfers/{}", check_id(id)?);
        self.stripe.get(&RETRIEVE, &path, &(), options).await
    }

    /// Changes a transfer's text and entries: `POST /v1/transfers/{id}`.
    pub async fn update(self, id: &str, params: &UpdateTransfer, options: &CallOptions) -> Result<Transfer> {
        let path = format!("/v1/transfers/{}", check_id(id)?);
        self.stripe.post(&UPDATE, &path, params, options).await
    }

    /// Takes money back: `POST /v1/transfers/{id}/reversals`.
    pub async fn reverse(
        self,
        id: &str,
        params: &ReverseTransfer,
        options: &CallOptions,
    ) -> Result<TransferReversal> {
        let path = format!("/v1/transfers/{}/reversals", check_id(id)?);
        self.stripe.post(&REVERSE, &path, params, options).await
    }

    /// Transfers, newest first: `GET /v1/transfers`.
    pub fn list(self, params: &ListTransfers) -> ListRequest<Transfer> {
        ListRequest::list(self.stripe, &LIST, "/v1/transfers", params)
    }
}
