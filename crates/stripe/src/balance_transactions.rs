//! The ledger of the balance.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::{check_id, get};
use crate::object::null_default;
use crate::{CallOptions, Charge, Created, Expandable, ListRequest, Object, Refund, Stripe};

/// Which ledger entries to list, newest first.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct ListBalanceTransactions {
    /// Paid out with this payout; only of automatic ones.
    pub payout: Option<String>,
    /// Caused by this charge, refund or transfer.
    pub source: Option<String>,
    /// Of this type, for example `charge` or `refund`.
    #[serde(rename = "type")]
    pub transaction_type: Option<String>,
    /// In this currency.
    pub currency: Option<String>,
    /// Created in this time.
    pub created: Option<Created>,
    /// Objects a page, 1 to 100; Stripe's default is 10.
    pub limit: Option<u32>,
    /// After this id.
    pub starting_after: Option<String>,
}

impl ListBalanceTransactions {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`payout`](Self::payout).
    pub fn with_payout(mut self, payout: impl Into<String>) -> Self {
        self.payout = Some(payout.into());
        self
    }

    /// Sets [`source`](Self::source).
    pub fn with_source(mut self, source: impl Into<String>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Sets [`transaction_type`](Self::transaction_type).
    pub fn with_transaction_type(mut self, transaction_type: impl Into<String>) -> Self {
        self.transaction_type = Some(transaction_type.into());
        self
    }

    /// Sets [`currency`](Self::currency).
    pub fn with_currency(mut self, currency: impl Into<String>) -> Self {
        self.currency = Some(currency.into());
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

/// One entry of the ledger.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct BalanceTransaction {
    /// Id, `txn_...`.
    pub id: String,
    /// Gross amount in minor units, negative when it leaves.
    #[serde(default, deserialize_with = "null_default")]
    pub amount: i64,
    /// When it becomes available.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub available_on: Option<DateTime<Utc>>,
    /// When it was made.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub created: Option<DateTime<Utc>>,
    /// ISO 4217 code in lower case.
    #[serde(default, deserialize_with = "null_default")]
    pub currency: String,
    /// Free text.
    pub description: Option<String>,
    /// Rate of a conversion, as Stripe wrote it.
    pub exchange_rate: Option<serde_json::Number>,
    /// Fees in minor units.
    #[serde(default, deserialize_with = "null_default")]
    pub fee: i64,
    /// The fees, one by one.
    #[serde(default, deserialize_with = "null_default")]
    pub fee_details: Vec<FeeDetail>,
    /// Net amount in minor units.
    #[serde(default, deserialize_with = "null_default")]
    pub net: i64,
    /// Category in Stripe's reports.
    pub reporting_category: Option<String>,
    /// What caused it.
    pub source: Option<Expandable<LedgerSource>>,
    /// `available` or `pending`.
    pub status: Option<String>,
    /// For example `charge`, `refund`, `payout` or `adjustment`.
    #[serde(rename = "type", default, deserialize_with = "null_default")]
    pub transaction_type: String,
}

impl fmt::Debug for BalanceTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BalanceTransaction")
            .field("id", &self.id)
            .field("amount", &self.amount)
            .field("available_on", &self.available_on)
            .field("created", &self.created)
            .field("currency", &self.currency)
            .field("exchange_rate", &self.exchange_rate)
            .field("fee", &self.fee)
            .field("fee_details", &self.fee_details)
            .field("net", &self.net)
            .field("reporting_category", &self.reporting_category)
            .field("source", &self.source)
            .field("status", &self.status)
            .field("transaction_type", &self.transaction_type)
            .finish_non_exhaustive()
    }
}

impl Object for BalanceTransaction {
    fn id(&self) -> &str {
        &self.id
    }
}

/// What caused an entry of the ledger, where the request expanded `data.source`.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "object", rename_all = "snake_case")]
#[non_exhaustive]
pub enum LedgerSource {
    /// A payer's money came in.
    Charge(Box<Charge>),
    /// It went back.
    Refund(Box<Refund>),
    /// Anything else: payouts, disputes, transfers.
    #[serde(other)]
    Other,
}

impl Object for LedgerSource {
    /// Empty for what this crate does not read.
    fn id(&self) -> &str {
        match self {
            Self::Charge(charge) => &charge.id,
            Self::Refund(refund) => &refund.id,
            Self::Other => "",
        }
    }
}

/// One fee.
#[derive(Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct FeeDetail {
    /// In minor units.
    #[serde(default, deserialize_with = "null_default")]
    pub amount: i64,
    /// The platform that took it.
    pub application: Option<String>,
    /// ISO 4217 code in lower case.
    #[serde(default, deserialize_with = "null_default")]
    pub currency: String,
    /// What it is for.
    pub description: Option<String>,
    /// For example `stripe_fee` or `application_fee`.
    #[serde(rename = "type", default, deserialize_with = "null_default")]
    pub fee_type: String,
}

impl fmt::Debug for FeeDetail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FeeDetail")
            .field("amount", &self.amount)
            .field("application", &self.application)
            .field("currency", &self.currency)
            .field("fee_type", &self.fee_type)
            .finish_non_exhaustive()
    }
}

const RETRIEVE: Operation = get("balance_transactions.retrieve");
static LIST: Operation = get("balance_transactions.list");

/// Calls for the ledger: [`Stripe::balance_transactions`].
#[derive(Debug, Clone, Copy)]
pub struct BalanceTransactions<'a> {
    stripe: &'a Stripe,
}

impl<'a> BalanceTransactions<'a> {
    pub(crate) fn new(stripe: &'a Stripe) -> Self {
        Self { stripe }
    }

    /// One entry: `GET /v1/balance_transactions/{id}`.
    pub async fn retrieve(&self, id: &str, options: &CallOptions) -> Result<BalanceTransaction> {
        let path = format!("/v1/balance_transactions/{}", check_id(id)?);
        self.stripe.get(&RETRIEVE, &path, &(), options).await
    }

    /// Entries, newest first: `GET /v1/balance_transactions`.
    pub fn list(&self, params: &ListBalanceTransactions) -> ListRequest<BalanceTransaction> {
        ListRequest::list(self.stripe, &LIST, "/v1/balance_transactions", params)
    }
}
