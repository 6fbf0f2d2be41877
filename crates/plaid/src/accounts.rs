//! Accounts and their balances.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use turnbuckle_core::Result;
use turnbuckle_core::bank_data::Decimal;
use turnbuckle_core::http::Operation;

use crate::words::{null_default, string_enum};
use crate::{Item, Owner, Plaid, number};

const GET: Operation = Operation::read("accounts.get");
/// Plaid asks the bank meanwhile, which may take half a minute and more.
const BALANCE: Operation = Operation::read("accounts.balance")
    .with_deadline(Duration::from_secs(120))
    .with_attempt_timeout(Duration::from_secs(60));

/// Accounts (<https://plaid.com/docs/api/accounts/>).
#[derive(Debug, Clone, Copy)]
pub struct Accounts<'a>(&'a Plaid);

impl Plaid {
    /// Accounts and their balances.
    pub fn accounts(&self) -> Accounts<'_> {
        Accounts(self)
    }
}

impl Accounts<'_> {
    /// The accounts, with balances as Plaid last saw them: `POST /accounts/get`.
    ///
    /// # Errors
    /// As every call.
    pub async fn get(&self, access_token: &SecretString, filter: &AccountFilter) -> Result<AccountList> {
        self.0.call_item(&GET, "/accounts/get", access_token, &filter.options()).await
    }

    /// The accounts, with balances read at the bank now: `POST /accounts/balance/get`. This can take half a minute and
    /// more; the call waits up to 60 seconds for one attempt and 120 in all.
    ///
    /// # Errors
    /// As every call.
    pub async fn balance(&self, access_token: &SecretString, params: &GetBalance) -> Result<AccountList> {
        #[derive(Serialize)]
        struct Body<'a> {
            #[serde(skip_serializing_if = "GetBalance::is_empty")]
            options: &'a GetBalance,
        }

        self.0.call_item(&BALANCE, "/accounts/balance/get", access_token, &Body { options: params }).await
    }
}

/// Which accounts a call is about.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct AccountFilter {
    /// These accounts; empty is all.
    pub account_ids: Vec<String>,
}

/// A body that is nothing but a filter.
#[derive(Serialize)]
pub(crate) struct FilterBody<'a> {
    #[serde(skip_serializing_if = "AccountFilter::is_all")]
    options: &'a AccountFilter,
}

impl AccountFilter {
    /// All accounts.
    pub fn all() -> Self {
        Self::default()
    }

    /// These accounts; none given means all.
    pub fn of(account_ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { account_ids: account_ids.into_iter().map(Into::into).collect() }
    }

    pub(crate) fn is_all(&self) -> bool {
        self.account_ids.is_empty()
    }

    pub(crate) fn options(&self) -> FilterBody<'_> {
        FilterBody { options: self }
    }
}

/// Which balances to read.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct GetBalance {
    /// These accounts; empty is all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub account_ids: Vec<String>,
    /// The oldest balance that will do. Capital One (`ins_128026`) needs it for accounts that are not depository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_last_updated_datetime: Option<DateTime<Utc>>,
}

impl GetBalance {
    /// Nothing set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `account_ids`.
    pub fn with_account_ids(mut self, account_ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.account_ids = account_ids.into_iter().map(Into::into).collect();
        self
    }

    /// Sets `min_last_updated_datetime`.
    pub fn with_min_last_updated_datetime(mut self, min_last_updated_datetime: DateTime<Utc>) -> Self {
        self.min_last_updated_datetime = Some(min_last_updated_datetime);
        self
    }
}

impl GetBalance {
    fn is_empty(&self) -> bool {
        self.account_ids.is_empty() && self.min_last_updated_datetime.is_none()
    }
}

string_enum! {
    /// What kind of account it is.
    AccountType {
        /// Money at a bank.
        Depository = "depository",
        /// A card.
        Credit = "credit",
        /// A loan.
        Loan = "loan",
        /// Securities.
        Investment = "investment",
        /// Securities, in older data.
        Brokerage = "brokerage",
    }
}

/// Accounts of an item.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct AccountList {
    /// The accounts.
    pub accounts: Vec<Account>,
    /// The item.
    pub item: Option<Item>,
    /// Plaid's id of the request.
    #[serde(default, deserialize_with = "null_default")]
    pub request_id: String,
}

/// One account. `Debug` shows ids and kinds; names, masks, balances and owners are personal data.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Account {
    /// Plaid's id. It may change when the bank is linked anew.
    pub account_id: String,
    /// What is on it.
    pub balances: Balances,
    /// The last two to four digits of the number.
    pub mask: Option<String>,
    /// The name that the person knows.
    #[serde(default, deserialize_with = "null_default")]
    pub name: String,
    /// The bank's own name for the product.
    pub official_name: Option<String>,
    /// The kind.
    #[serde(rename = "type", default, deserialize_with = "null_default")]
    pub account_type: AccountType,
    /// The finer word: `checking`, `credit card`, ...
    pub subtype: Option<String>,
    /// How far the numbers are verified, where they are verified by small deposits.
    pub verification_status: Option<String>,
    /// An id that stays when the bank is linked anew, at banks that have one.
    pub persistent_account_id: Option<String>,
    /// `personal`, `business` or `unrecognized`.
    pub holder_category: Option<String>,
    /// Who owns it; filled by [`Identity::get`](crate::Identity::get) alone.
    #[serde(default, deserialize_with = "null_default")]
    pub owners: Vec<Owner>,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("account_id", &self.account_id)
            .field("persistent_account_id", &self.persistent_account_id)
            .field("account_type", &self.account_type)
            .field("subtype", &self.subtype)
            .field("verification_status", &self.verification_status)
            .field("holder_category", &self.holder_category)
            .finish_non_exhaustive()
    }
}

/// What is on an account. Exact decimals, in the one currency of the two that is set.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Balances {
    /// What can be spent or withdrawn now.
    #[serde(default, deserialize_with = "number::read_option")]
    pub available: Option<Decimal>,
    /// What is booked; of cards and loans what is owed.
    #[serde(default, deserialize_with = "number::read_option")]
    pub current: Option<Decimal>,
    /// The credit limit, or the agreed overdraft.
    #[serde(default, deserialize_with = "number::read_option")]
    pub limit: Option<Decimal>,
    /// The ISO 4217 code.
    pub iso_currency_code: Option<String>,
    /// The code of a currency that ISO does not list.
    pub unofficial_currency_code: Option<String>,
    /// How old it is, at the banks that tell.
    pub last_updated_datetime: Option<DateTime<Utc>>,
    /// What is borrowed against securities; of investments alone.
    #[serde(default, deserialize_with = "number::read_option")]
    pub margin_loan_amount: Option<Decimal>,
}

impl fmt::Debug for Balances {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Balances")
            .field("iso_currency_code", &self.iso_currency_code)
            .field("unofficial_currency_code", &self.unofficial_currency_code)
            .field("last_updated_datetime", &self.last_updated_datetime)
            .finish_non_exhaustive()
    }
}
