//! Holdings and trades. Shares and prices have four decimals and more.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use turnbuckle_core::Result;
use turnbuckle_core::bank_data::Decimal;
use turnbuckle_core::http::Operation;

use crate::client::refused;
use crate::transactions::check_count;
use crate::words::null_default;
use crate::{Account, AccountFilter, Item, Plaid, Security, number};

/// Portfolios can be large.
const BODY: usize = 16 * 1024 * 1024;
const HOLDINGS: Operation = Operation::read("investments.holdings").with_max_body(BODY);
const TRADES: Operation = Operation::read("investments.transactions").with_max_body(BODY);

/// Holdings and trades (<https://plaid.com/docs/api/products/investments/>).
#[derive(Debug, Clone, Copy)]
pub struct Investments<'a>(&'a Plaid);

impl Plaid {
    /// Holdings and trades.
    pub fn investments(&self) -> Investments<'_> {
        Investments(self)
    }
}

impl Investments<'_> {
    /// What is held: `POST /investments/holdings/get`.
    ///
    /// # Errors
    /// As every call.
    pub async fn holdings(&self, access_token: &SecretString, filter: &AccountFilter) -> Result<HoldingList> {
        self.0.call_item(&HOLDINGS, "/investments/holdings/get", access_token, &filter.options()).await
    }

    /// What was bought, sold and paid between two dates: `POST /investments/transactions/get`. Page with the offset until
    /// it reaches the total.
    ///
    /// # Errors
    /// As every call.
    pub async fn transactions(
        &self,
        access_token: &SecretString,
        params: &GetInvestmentTransactions,
    ) -> Result<InvestmentTransactionList> {
        check_count(params.options.as_ref().and_then(|options| options.count)).map_err(refused(&TRADES))?;
        self.0.call_item(&TRADES, "/investments/transactions/get", access_token, params).await
    }
}

/// Which trades to read.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct GetInvestmentTransactions {
    /// The first day.
    pub start_date: NaiveDate,
    /// The last day.
    pub end_date: NaiveDate,
    /// More about what to read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<InvestmentOptions>,
}

impl GetInvestmentTransactions {
    /// Trades from one day to another, both included.
    pub fn new(start_date: NaiveDate, end_date: NaiveDate) -> Self {
        Self { start_date, end_date, options: None }
    }

    /// Sets `options`.
    pub fn with_options(mut self, options: InvestmentOptions) -> Self {
        self.options = Some(options);
        self
    }
}

/// More about what to read.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct InvestmentOptions {
    /// These accounts; empty is all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub account_ids: Vec<String>,
    /// How many at most, 1 to 500; Plaid's default is 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u16>,
    /// How many to skip.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u32>,
    /// Whether a first fetch may go on after the answer, and be told by a push.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub async_update: Option<bool>,
}

impl InvestmentOptions {
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

    /// Sets `async_update`.
    pub fn with_async_update(mut self, async_update: bool) -> Self {
        self.async_update = Some(async_update);
        self
    }
}

/// What is held.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct HoldingList {
    /// The accounts.
    pub accounts: Vec<Account>,
    /// What is held.
    pub holdings: Vec<Holding>,
    /// Of what.
    pub securities: Vec<Security>,
    /// The item.
    pub item: Option<Item>,
    /// Whether the person typed it in, since the bank is not supported.
    #[serde(default, deserialize_with = "null_default")]
    pub is_investments_fallback_item: bool,
    /// Plaid's id of the request.
    #[serde(default, deserialize_with = "null_default")]
    pub request_id: String,
}

impl fmt::Debug for HoldingList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HoldingList")
            .field("accounts", &self.accounts.len())
            .field("holdings", &self.holdings.len())
            .field("securities", &self.securities.len())
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

/// What is held of one security.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Holding {
    /// The account.
    pub account_id: String,
    /// The security.
    pub security_id: String,
    /// The price of one, as the bank has it.
    #[serde(deserialize_with = "number::read")]
    pub institution_price: Decimal,
    /// Of which day.
    pub institution_price_as_of: Option<NaiveDate>,
    /// When exactly.
    pub institution_price_datetime: Option<DateTime<Utc>>,
    /// What all of it is worth.
    #[serde(deserialize_with = "number::read")]
    pub institution_value: Decimal,
    /// What all of it cost.
    #[serde(default, deserialize_with = "number::read_option")]
    pub cost_basis: Option<Decimal>,
    /// How many.
    #[serde(deserialize_with = "number::read")]
    pub quantity: Decimal,
    /// The ISO 4217 code.
    pub iso_currency_code: Option<String>,
    /// The code of a currency that ISO does not list.
    pub unofficial_currency_code: Option<String>,
    /// How many of it are vested.
    #[serde(default, deserialize_with = "number::read_option")]
    pub vested_quantity: Option<Decimal>,
    /// What those are worth.
    #[serde(default, deserialize_with = "number::read_option")]
    pub vested_value: Option<Decimal>,
    /// What was bought when.
    #[serde(default, deserialize_with = "null_default")]
    pub tax_lots: Vec<TaxLot>,
}

impl fmt::Debug for Holding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Holding")
            .field("account_id", &self.account_id)
            .field("security_id", &self.security_id)
            .field("iso_currency_code", &self.iso_currency_code)
            .field("unofficial_currency_code", &self.unofficial_currency_code)
            .finish_non_exhaustive()
    }
}

/// What was bought at one time.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct TaxLot {
    /// The bank's id.
    pub institution_lot_id: Option<String>,
    /// When.
    pub original_purchase_datetime: Option<DateTime<Utc>>,
    /// How many.
    #[serde(default, deserialize_with = "number::read_option")]
    pub quantity: Option<Decimal>,
    /// For how much each.
    #[serde(default, deserialize_with = "number::read_option")]
    pub purchase_price: Option<Decimal>,
    /// For how much in all.
    #[serde(default, deserialize_with = "number::read_option")]
    pub cost_basis: Option<Decimal>,
    /// What it is worth.
    #[serde(default, deserialize_with = "number::read_option")]
    pub current_value: Option<Decimal>,
    /// `LONG` or `SHORT`.
    pub position_type: Option<String>,
}

impl fmt::Debug for TaxLot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaxLot")
            .field("original_purchase_datetime", &self.original_purchase_datetime)
            .field("position_type", &self.position_type)
            .finish_non_exhaustive()
    }
}

/// What was bought, sold and paid.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct InvestmentTransactionList {
    /// The accounts.
    pub accounts: Vec<Account>,
    /// The trades.
    pub investment_transactions: Vec<InvestmentTransaction>,
    /// Of what.
    pub securities: Vec<Security>,
    /// How many there are in all.
    pub total_investment_transactions: u64,
    /// The item.
    pub item: Option<Item>,
    /// Whether the person typed it in, since the bank is not supported.
    #[serde(default, deserialize_with = "null_default")]
    pub is_investments_fallback_item: bool,
    /// Plaid's id of the request.
    #[serde(default, deserialize_with = "null_default")]
    pub request_id: String,
}

impl fmt::Debug for InvestmentTransactionList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvestmentTransactionList")
            .field("accounts", &self.accounts.len())
            .field("investment_transactions", &self.investment_transactions.len())
            .field("securities", &self.securities.len())
            .field("total_investment_transactions", &self.total_investment_transactions)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

/// One trade or payment.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct InvestmentTransaction {
    /// Plaid's id.
    pub investment_transaction_id: String,
    /// The account.
    pub account_id: String,
    /// The security.
    pub security_id: Option<String>,
    /// The day.
    pub date: NaiveDate,
    /// When exactly.
    pub transaction_datetime: Option<DateTime<Utc>>,
    /// What it is.
    #[serde(default, deserialize_with = "null_default")]
    pub name: String,
    /// How many. Below zero when sold.
    #[serde(deserialize_with = "number::read")]
    pub quantity: Decimal,
    /// How much money. **Above zero when money left the account**, for purchases; below when it came in.
    #[serde(deserialize_with = "number::read")]
    pub amount: Decimal,
    /// The price of one.
    #[serde(deserialize_with = "number::read")]
    pub price: Decimal,
    /// The fees within the amount.
    #[serde(default, deserialize_with = "number::read_option")]
    pub fees: Option<Decimal>,
    /// `buy`, `sell`, `cancel`, `cash`, `fee`, `transfer`.
    #[serde(rename = "type", default, deserialize_with = "null_default")]
    pub kind: String,
    /// The finer word.
    #[serde(default, deserialize_with = "null_default")]
    pub subtype: String,
    /// The ISO 4217 code.
    pub iso_currency_code: Option<String>,
    /// The code of a currency that ISO does not list.
    pub unofficial_currency_code: Option<String>,
}

impl fmt::Debug for InvestmentTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvestmentTransaction")
            .field("investment_transaction_id", &self.investment_transaction_id)
            .field("account_id", &self.account_id)
            .field("security_id", &self.security_id)
            .field("date", &self.date)
            .field("kind", &self.kind)
            .field("subtype", &self.subtype)
            .finish_non_exhaustive()
    }
}
