//! Calls about transactions: changes since a cursor, dates, and asking the bank at once.

use std::fmt;

use chrono::NaiveDate;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use turnbuckle_core::http::Operation;
use turnbuckle_core::{Error, Result};

use crate::client::refused;
use crate::words::{null_default, string_enum};
use crate::{Account, Item, Plaid, Transaction};

/// Room for 500 transactions and the accounts around them.
const PAGE_BODY: usize = 16 * 1024 * 1024;
const SYNC: Operation = Operation::read("transactions.sync").with_max_body(PAGE_BODY);
const GET: Operation = Operation::read("transactions.get").with_max_body(PAGE_BODY);
/// Billed by the call, so it is sent once.
const REFRESH: Operation = Operation::once("transactions.refresh");

/// Transactions (<https://plaid.com/docs/api/products/transactions/>).
#[derive(Debug, Clone, Copy)]
pub struct Transactions<'a>(pub(crate) &'a Plaid);

impl Plaid {
    /// Transactions.
    pub fn transactions(&self) -> Transactions<'_> {
        Transactions(self)
    }
}

#[derive(Serialize)]
struct Nothing {}

impl Transactions<'_> {
    /// One page of what changed since a cursor: `POST /transactions/sync`.
    ///
    /// Pages are of one piece: apply them together, and store the cursor of the last one together with them. A page that
    /// fails with `TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION` makes all pages since the stored cursor void.
    /// [`TransactionSync`](turnbuckle_core::bank_data::TransactionSync) over
    /// [`PlaidBankData`](crate::PlaidBankData) keeps these rules.
    ///
    /// # Errors
    /// As every call.
    pub async fn sync(
        &self,
        access_token: &SecretString,
        params: &SyncTransactions,
    ) -> Result<TransactionPage> {
        check_count(params.count).map_err(refused(&SYNC))?;
        let days = params.options.as_ref().and_then(|options| options.days_requested);
        check_days(days).map_err(refused(&SYNC))?;
        if params.cursor.as_ref().is_some_and(|cursor| cursor.is_empty() || cursor.len() > 256) {
            let error = Error::invalid_field("cursor", "must be 1 to 256 bytes, or left out at first");
            return Err(refused(&SYNC)(error));
        }
        self.0.call_item(&SYNC, "/transactions/sync", access_token, params).await
    }

    /// Transactions between two dates: `POST /transactions/get`. Page with the offset until it reaches the total.
    ///
    /// # Errors
    /// As every call; [`Unavailable`](turnbuckle_core::ErrorKind::Unavailable) with the code `PRODUCT_NOT_READY` while
    /// Plaid fetches for the first time.
    pub async fn get(
        &self,
        access_token: &SecretString,
        params: &GetTransactions,
    ) -> Result<TransactionList> {
        let options = params.options.as_ref();
        check_count(options.and_then(|options| options.count)).map_err(refused(&GET))?;
        check_days(options.and_then(|options| options.days_requested)).map_err(refused(&GET))?;
        self.0.call_item(&GET, "/transactions/get", access_token, params).await
    }

    /// Asks the bank for new transactions at once: `POST /transactions/refresh`. An add-on that is billed by the call,
    /// so it is sent once. What is new comes with a push.
    ///
    /// # Errors
    /// As every call.
    pub async fn refresh(&self, access_token: &SecretString) -> Result<Refreshed> {
        self.0.call_item(&REFRESH, "/transactions/refresh", access_token, &Nothing {}).await
    }
}

pub(crate) fn check_count(count: Option<u16>) -> Result<()> {
    match count {
        Some(count) if !(1..=500).contains(&count) => Err(Error::invalid_field("count", "must be 1 to 500")),
        _ => Ok(()),
    }
}

pub(crate) fn check_days(days: Option<u16>) -> Result<()> {
    match days {
        Some(days) if !(1..=730).contains(&days) => {
            Err(Error::invalid_field("days_requested", "must be 1 to 730"))
        }
        _ => Ok(()),
    }
}

/// Which changes to read.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct SyncTransactions {
    /// Where the last sync ended, 1 to 256 bytes. It belongs to one access token, and is good for a year at least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// How many changes a page holds at most, 1 to 500; Plaid's default is 100. Larger pages are interrupted more
    /// rarely.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u16>,
    /// More about what to read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<SyncOptions>,
}

impl SyncTransactions {
    /// Everything, from the beginning.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `cursor`.
    pub fn with_cursor(mut self, cursor: impl Into<String>) -> Self {
        self.cursor = Some(cursor.into());
        self
    }

    /// Sets `count`.
    pub fn with_count(mut self, count: u16) -> Self {
        self.count = Some(count);
        self
    }

    /// Sets `options`.
    pub fn with_options(mut self, options: SyncOptions) -> Self {
        self.options = Some(options);
        self
    }
}

/// More about what to read.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct SyncOptions {
    /// Whether to send the bank's own text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include_original_description: Option<bool>,
    /// Whose words categories are in: `v1` or `v2`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub personal_finance_category_version: Option<String>,
    /// How far back the first fetch goes, 1 to 730, where transactions were not part of the link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_requested: Option<u16>,
    /// This account alone, with cursors of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
}

impl SyncOptions {
    /// Nothing set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `include_original_description`.
    pub fn with_include_original_description(mut self, include_original_description: bool) -> Self {
        self.include_original_description = Some(include_original_description);
        self
    }

    /// Sets `personal_finance_category_version`.
    pub fn with_personal_finance_category_version(
        mut self,
        personal_finance_category_version: impl Into<String>,
    ) -> Self {
        self.personal_finance_category_version = Some(personal_finance_category_version.into());
        self
    }

    /// Sets `days_requested`.
    pub fn with_days_requested(mut self, days_requested: u16) -> Self {
        self.days_requested = Some(days_requested);
        self
    }

    /// Sets `account_id`.
    pub fn with_account_id(mut self, account_id: impl Into<String>) -> Self {
        self.account_id = Some(account_id.into());
        self
    }
}

/// Which transactions to read.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct GetTransactions {
    /// The first day.
    pub start_date: NaiveDate,
    /// The last day.
    pub end_date: NaiveDate,
    /// More about what to read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<GetOptions>,
}

impl GetTransactions {
    /// Transactions from one day to another, both included.
    pub fn new(start_date: NaiveDate, end_date: NaiveDate) -> Self {
        Self { start_date, end_date, options: None }
    }

    /// Sets `options`.
    pub fn with_options(mut self, options: GetOptions) -> Self {
        self.options = Some(options);
        self
    }
}

/// More about what to read.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct GetOptions {
    /// These accounts; empty is all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub account_ids: Vec<String>,
    /// How many at most, 1 to 500; Plaid's default is 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u16>,
    /// How many to skip.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u32>,
    /// Whether to send the bank's own text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include_original_description: Option<bool>,
    /// Whose words categories are in: `v1` or `v2`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub personal_finance_category_version: Option<String>,
    /// How far back the first fetch goes, 1 to 730, where transactions were not part of the link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_requested: Option<u16>,
}

impl GetOptions {
    /// Nothing set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `account_ids`.
    pub fn with_account_ids(mut self, account_ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.account_ids = account_ids.into_iter().map(Into::into).collect();
        self
    }

    /// Sets `count`.
    pub fn with_count(mut self, count: u16) -> Self {
        self.count = Some(count);
        self
    }

    /// Sets `offset`.
    pub fn with_offset(mut self, offset: u32) -> Self {
        self.offset = Some(offset);
        self
    }

    /// Sets `include_original_description`.
    pub fn with_include_original_description(mut self, include_original_description: bool) -> Self {
        self.include_original_description = Some(include_original_description);
        self
    }

    /// Sets `personal_finance_category_version`.
    pub fn with_personal_finance_category_version(
        mut self,
        personal_finance_category_version: impl Into<String>,
    ) -> Self {
        self.personal_finance_category_version = Some(personal_finance_category_version.into());
        self
    }

    /// Sets `days_requested`.
    pub fn with_days_requested(mut self, days_requested: u16) -> Self {
        self.days_requested = Some(days_requested);
        self
    }
}

string_enum! {
    /// How much of the history Plaid has fetched.
    UpdateStatus {
        /// Nothing yet.
        NotReady = "NOT_READY",
        /// The last 30 days.
        Initial = "INITIAL_UPDATE_COMPLETE",
        /// All that was asked for.
        Historical = "HISTORICAL_UPDATE_COMPLETE",
        /// Plaid does not know.
        Unknown = "TRANSACTIONS_UPDATE_STATUS_UNKNOWN",
    }
}

/// One page of changes.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct TransactionPage {
    /// How much of the history is there.
    pub transactions_update_status: UpdateStatus,
    /// The accounts as they are now.
    pub accounts: Vec<Account>,
    /// New transactions.
    pub added: Vec<Transaction>,
    /// Transactions that changed, whole.
    pub modified: Vec<Transaction>,
    /// Transactions that are gone.
    pub removed: Vec<RemovedTransaction>,
    /// Where the next page begins; **empty while nothing is ready, and then not to be stored**.
    pub next_cursor: String,
    /// Whether there are more pages.
    pub has_more: bool,
    /// Plaid's id of the request.
    #[serde(default, deserialize_with = "null_default")]
    pub request_id: String,
}

impl fmt::Debug for TransactionPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransactionPage")
            .field("transactions_update_status", &self.transactions_update_status)
            .field("accounts", &self.accounts.len())
            .field("added", &self.added.len())
            .field("modified", &self.modified.len())
            .field("removed", &self.removed.len())
            .field("has_more", &self.has_more)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

/// A transaction that is gone.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct RemovedTransaction {
    /// Plaid's id.
    pub transaction_id: String,
    /// The account.
    pub account_id: Option<String>,
}

/// Transactions between two dates.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct TransactionList {
    /// The accounts.
    pub accounts: Vec<Account>,
    /// The transactions, the newest first.
    pub transactions: Vec<Transaction>,
    /// How many there are in all.
    pub total_transactions: u64,
    /// The item.
    pub item: Option<Item>,
    /// Plaid's id of the request.
    #[serde(default, deserialize_with = "null_default")]
    pub request_id: String,
}

impl fmt::Debug for TransactionList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransactionList")
            .field("accounts", &self.accounts.len())
            .field("transactions", &self.transactions.len())
            .field("total_transactions", &self.total_transactions)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

/// That the bank is being asked.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Refreshed {
    /// Plaid's id of the request.
    pub request_id: String,
}
