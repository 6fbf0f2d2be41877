//! Accounts and their balance.

use std::fmt;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::Deserialize;
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::Twilio;
use crate::client::read;
use crate::hosts::Product;
use crate::object::{decimal, null_default, secret, string_enum, time};

string_enum! {
    /// Whether an account works.
    AccountStatus {
        /// It does.
        Active = "active",
        /// Twilio or its owner stopped it.
        Suspended = "suspended",
        /// It is gone for good.
        Closed = "closed",
    }
}

string_enum! {
    /// Whether an account is paid for.
    AccountType {
        /// Not yet: it reaches only numbers that it has verified.
        Trial = "Trial",
        /// It is.
        Full = "Full",
    }
}

/// An account. Twilio's answer holds the auth token, which stays in a secret here.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Account {
    /// Id, `AC...`.
    pub sid: String,
    /// The main account; the account itself, where it is one.
    #[serde(default, deserialize_with = "null_default")]
    pub owner_account_sid: String,
    /// The owner's name for it.
    #[serde(default, deserialize_with = "null_default")]
    pub friendly_name: String,
    /// Whether it works.
    #[serde(default, deserialize_with = "null_default")]
    pub status: AccountStatus,
    /// Whether it is paid for.
    #[serde(rename = "type", default, deserialize_with = "null_default")]
    pub account_type: AccountType,
    /// What signs in and signs webhooks.
    #[serde(default, deserialize_with = "secret")]
    pub auth_token: Option<SecretString>,
    /// When it was opened.
    #[serde(default, deserialize_with = "time")]
    pub date_created: Option<DateTime<Utc>>,
    /// When it last changed.
    #[serde(default, deserialize_with = "time")]
    pub date_updated: Option<DateTime<Utc>>,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("sid", &self.sid)
            .field("owner_account_sid", &self.owner_account_sid)
            .field("friendly_name", &self.friendly_name)
            .field("status", &self.status)
            .field("account_type", &self.account_type)
            .field("date_created", &self.date_created)
            .field("date_updated", &self.date_updated)
            .finish_non_exhaustive()
    }
}

impl Account {
    /// Whether it belongs to a main account.
    pub fn is_subaccount(&self) -> bool {
        !self.owner_account_sid.is_empty() && self.owner_account_sid != self.sid
    }
}

/// What an account has left.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Balance {
    /// The account.
    #[serde(default, deserialize_with = "null_default")]
    pub account_sid: String,
    /// The amount, digit for digit; a string, since Twilio counts in fractions of a cent.
    #[serde(default, deserialize_with = "decimal")]
    pub balance: Option<String>,
    /// Its currency, in upper case.
    #[serde(default, deserialize_with = "null_default")]
    pub currency: String,
}

const FETCH: Operation = read("accounts.fetch");
const BALANCE: Operation = read("accounts.balance");

/// Calls for the account: [`Twilio::accounts`].
#[derive(Debug, Clone, Copy)]
pub struct Accounts<'a> {
    twilio: &'a Twilio,
}

impl<'a> Accounts<'a> {
    pub(crate) fn new(twilio: &'a Twilio) -> Self {
        Self { twilio }
    }

    /// The account: `GET /2010-04-01/Accounts/{Sid}.json`.
    ///
    /// # Errors
    /// [`Forbidden`](turnbuckle_core::ErrorKind::Forbidden) with the code 20008 for test credentials, and for restricted
    /// API keys without the permission.
    pub async fn fetch(self) -> Result<Account> {
        self.twilio.get(&FETCH, Product::Api, &self.twilio.account_path(".json"), "").await
    }

    /// What it has left: `GET .../Balance.json`.
    pub async fn balance(self) -> Result<Balance> {
        self.twilio.get(&BALANCE, Product::Api, &self.twilio.account_path("/Balance.json"), "").await
    }
}
