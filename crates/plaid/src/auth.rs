//! Account and routing numbers.

use std::fmt;

use secrecy::SecretString;
use serde::Deserialize;
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::words::{null_default, secret};
use crate::{Account, AccountFilter, Item, Plaid};

const GET: Operation = Operation::read("auth.get");

/// Account and routing numbers (<https://plaid.com/docs/api/products/auth/>).
#[derive(Debug, Clone, Copy)]
pub struct Auth<'a>(&'a Plaid);

impl Plaid {
    /// Account and routing numbers.
    pub fn auth(&self) -> Auth<'_> {
        Auth(self)
    }
}

impl Auth<'_> {
    /// The numbers by which money reaches the accounts: `POST /auth/get`.
    ///
    /// # Errors
    /// As every call.
    pub async fn get(&self, access_token: &SecretString, filter: &AccountFilter) -> Result<AuthNumbers> {
        self.0.call_item(&GET, "/auth/get", access_token, &filter.options()).await
    }
}

/// Accounts and their numbers.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct AuthNumbers {
    /// The accounts.
    pub accounts: Vec<Account>,
    /// The numbers, by scheme.
    pub numbers: Numbers,
    /// The item.
    pub item: Option<Item>,
    /// Plaid's id of the request.
    #[serde(default, deserialize_with = "null_default")]
    pub request_id: String,
}

/// The numbers, by scheme. They are secrets: whoever has them can draw on the accounts.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Numbers {
    /// United States.
    pub ach: Vec<AchNumbers>,
    /// Canada.
    pub eft: Vec<EftNumbers>,
    /// IBAN countries.
    pub international: Vec<InternationalNumbers>,
    /// United Kingdom.
    pub bacs: Vec<BacsNumbers>,
}

/// Numbers of an account in the United States.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct AchNumbers {
    /// Whose.
    pub account_id: String,
    /// The account number.
    #[serde(deserialize_with = "secret")]
    pub account: SecretString,
    /// The nine-digit routing number.
    pub routing: String,
    /// The routing number for wires, where it is known.
    pub wire_routing: Option<String>,
    /// Whether the number is a stand-in that the bank made for this item, and dies with it.
    #[serde(default, deserialize_with = "null_default")]
    pub is_tokenized_account_number: bool,
}

impl fmt::Debug for AchNumbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AchNumbers")
            .field("account_id", &self.account_id)
            .field("is_tokenized_account_number", &self.is_tokenized_account_number)
            .finish_non_exhaustive()
    }
}

/// Numbers of an account in Canada.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct EftNumbers {
    /// Whose.
    pub account_id: String,
    /// The account number.
    #[serde(deserialize_with = "secret")]
    pub account: SecretString,
    /// The institution number.
    pub institution: String,
    /// The branch (transit) number.
    pub branch: String,
}

impl fmt::Debug for EftNumbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EftNumbers").field("account_id", &self.account_id).finish_non_exhaustive()
    }
}

/// Numbers of an account in an IBAN country.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct InternationalNumbers {
    /// Whose.
    pub account_id: String,
    /// The IBAN.
    #[serde(deserialize_with = "secret")]
    pub iban: SecretString,
    /// The BIC.
    pub bic: String,
}

impl fmt::Debug for InternationalNumbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InternationalNumbers").field("account_id", &self.account_id).finish_non_exhaustive()
    }
}

/// Numbers of an account in the United Kingdom.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct BacsNumbers {
    /// Whose.
    pub account_id: String,
    /// The account number.
    #[serde(deserialize_with = "secret")]
    pub account: SecretString,
    /// The six-digit sort code.
    pub sort_code: String,
}

impl fmt::Debug for BacsNumbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BacsNumbers").field("account_id", &self.account_id).finish_non_exhaustive()
    }
}
