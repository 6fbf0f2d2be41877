//! What a key may do, and what the account has.

use serde::Deserialize;
use serde_json::Number;
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::SendGrid;
use crate::client::read;
use crate::object::string_enum;

const SCOPES: Operation = read("scopes_fetch");
const CREDITS: Operation = read("credits_fetch");
const ACCOUNT: Operation = read("account_fetch");

string_enum! {
    /// What kind of account it is.
    AccountPlan {
        /// One that costs nothing.
        Free = "free",
        /// One that is paid for.
        Paid = "paid",
    }
}

/// The account.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct AccountInfo {
    /// What kind it is.
    #[serde(default, rename = "type")]
    pub plan: AccountPlan,
    /// How well mail from it is taken, 0 to 100, digit for digit.
    pub reputation: Option<Number>,
}

/// How much mail the account may still send.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Credits {
    /// What is left.
    pub remain: Option<i64>,
    /// What there is in a period.
    pub total: Option<i64>,
    /// What went beyond it.
    pub overage: Option<i64>,
    /// What is used.
    pub used: Option<i64>,
    /// When the period began, as SendGrid writes it.
    pub last_reset: Option<String>,
    /// When the next begins.
    pub next_reset: Option<String>,
    /// How often one begins.
    pub reset_frequency: Option<String>,
}

#[derive(Deserialize)]
struct Scopes {
    scopes: Vec<String>,
}

/// What a key may do, and what the account has.
#[derive(Debug, Clone, Copy)]
pub struct Account<'a> {
    client: &'a SendGrid,
}

impl<'a> Account<'a> {
    pub(crate) fn new(client: &'a SendGrid) -> Self {
        Self { client }
    }

    /// What the key may do, for example `mail.send`.
    /// See <https://www.twilio.com/docs/sendgrid/api-reference/api-key-permissions>.
    pub async fn scopes(&self) -> Result<Vec<String>> {
        Ok(self.client.get::<Scopes>(&SCOPES, "/v3/scopes", &[]).await?.scopes)
    }

    /// How much mail the account may still send.
    pub async fn credits(&self) -> Result<Credits> {
        self.client.get(&CREDITS, "/v3/user/credits", &[]).await
    }

    /// The account.
    pub async fn fetch(&self) -> Result<AccountInfo> {
        self.client.get(&ACCOUNT, "/v3/user/account", &[]).await
    }
}
