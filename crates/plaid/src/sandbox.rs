//! What exists in sandbox alone: items without a person, pushes on demand, logins that break.

use std::fmt;

use chrono::NaiveDate;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use turnbuckle_core::bank_data::Decimal;
use turnbuckle_core::http::Operation;
use turnbuckle_core::{Environment, Error, ErrorKind, Result};

use crate::client::{PROVIDER, refused};
use crate::words::{null_default, secret};
use crate::{Plaid, Product, number};

// None of these is documented as safe to repeat, so each is sent once.
const CREATE_PUBLIC_TOKEN: Operation = Operation::once("sandbox.create_public_token");
const FIRE_WEBHOOK: Operation = Operation::once("sandbox.fire_webhook");
const RESET_LOGIN: Operation = Operation::once("sandbox.reset_login");
const SET_VERIFICATION_STATUS: Operation = Operation::once("sandbox.set_verification_status");
const CREATE_TRANSACTIONS: Operation = Operation::once("sandbox.create_transactions");
const CREATE_PROCESSOR_TOKEN: Operation = Operation::once("sandbox.create_processor_token");

/// Sandbox helpers (<https://plaid.com/docs/api/sandbox/>).
#[derive(Debug, Clone, Copy)]
pub struct Sandbox<'a>(&'a Plaid);

impl Plaid {
    /// What exists in sandbox alone.
    ///
    /// # Errors
    /// [`Unsupported`](ErrorKind::Unsupported) on a production connection; nothing is ever sent there.
    pub fn sandbox(&self) -> Result<Sandbox<'_>> {
        match self.environment() {
            Environment::Sandbox => Ok(Sandbox(self)),
            Environment::Production => {
                Err(Error::new(ErrorKind::Unsupported, "sandbox helpers do not exist in production")
                    .or_context(&PROVIDER, "sandbox"))
            }
        }
    }
}

#[derive(Serialize)]
struct Nothing {}

impl Sandbox<'_> {
    /// A public token as Link would return it, without a person: `POST /sandbox/public_token/create`.
    ///
    /// # Errors
    /// As every call.
    pub async fn create_public_token(&self, params: &CreateSandboxToken) -> Result<SandboxPublicToken> {
        if params.initial_products.is_empty() {
            return Err(refused(&CREATE_PUBLIC_TOKEN)(Error::invalid_field("initial_products", "is empty")));
        }
        self.0.call(&CREATE_PUBLIC_TOKEN, "/sandbox/public_token/create", params).await
    }

    /// Makes Plaid push: `POST /sandbox/item/fire_webhook`.
    ///
    /// # Errors
    /// As every call.
    pub async fn fire_webhook(
        &self,
        access_token: &SecretString,
        params: &FireWebhook,
    ) -> Result<WebhookFired> {
        self.0.call_item(&FIRE_WEBHOOK, "/sandbox/item/fire_webhook", access_token, params).await
    }

    /// Makes the person sign in again: `POST /sandbox/item/reset_login`. Calls then fail with `ITEM_LOGIN_REQUIRED`.
    ///
    /// # Errors
    /// As every call.
    pub async fn reset_login(&self, access_token: &SecretString) -> Result<LoginReset> {
        self.0.call_item(&RESET_LOGIN, "/sandbox/item/reset_login", access_token, &Nothing {}).await
    }

    /// Sets how far the numbers of an account are verified: `POST /sandbox/item/set_verification_status`.
    ///
    /// # Errors
    /// As every call.
    pub async fn set_verification_status(
        &self,
        access_token: &SecretString,
        params: &SetVerificationStatus,
    ) -> Result<SandboxDone> {
        let path = "/sandbox/item/set_verification_status";
        self.0.call_item(&SET_VERIFICATION_STATUS, path, access_token, params).await
    }

    /// Adds transactions: `POST /sandbox/transactions/create`. Only to depository accounts of items of the user
    /// `user_transactions_dynamic`, within the last 14 days, at most ten at once.
    ///
    /// # Errors
    /// As every call.
    pub async fn create_transactions(
        &self,
        access_token: &SecretString,
        transactions: &[SandboxTransaction],
    ) -> Result<SandboxDone> {
        #[derive(Serialize)]
        struct Body<'a> {
            transactions: &'a [SandboxTransaction],
        }

        if !(1..=10).contains(&transactions.len()) {
            let error = Error::invalid_field("transactions", "must be 1 to 10");
            return Err(refused(&CREATE_TRANSACTIONS)(error));
        }
        let path = "/sandbox/transactions/create";
        self.0.call_item(&CREATE_TRANSACTIONS, path, access_token, &Body { transactions }).await
    }

    /// A processor token without a person: `POST /sandbox/processor_token/create`.
    ///
    /// # Errors
    /// As every call.
    pub async fn create_processor_token(
        &self,
        params: &CreateSandboxProcessorToken,
    ) -> Result<crate::ProcessorToken> {
        self.0.call(&CREATE_PROCESSOR_TOKEN, "/sandbox/processor_token/create", params).await
    }
}

/// Which item to make.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct CreateSandboxToken {
    /// The bank, for example `ins_109508`.
    pub institution_id: String,
    /// The products. At least one.
    pub initial_products: Vec<Product>,
    /// More about the item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<SandboxTokenOptions>,
}

impl CreateSandboxToken {
    /// An item at a bank, with these products.
    pub fn new(
        institution_id: impl Into<String>,
        initial_products: impl IntoIterator<Item = Product>,
    ) -> Self {
        Self {
            institution_id: institution_id.into(),
            initial_products: initial_products.into_iter().collect(),
            options: None,
        }
    }

    /// Sets `options`.
    pub fn with_options(mut self, options: SandboxTokenOptions) -> Self {
        self.options = Some(options);
        self
    }
}

/// More about the item to make.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct SandboxTokenOptions {
    /// Where Plaid pushes news of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook: Option<String>,
    /// The test user: `user_good`, `user_transactions_dynamic`, `user_custom`, ...
    #[serde(skip_serializing_if = "Option::is_none")]
    pub override_username: Option<String>,
    /// The test password, or what it forces: `error_ITEM_LOCKED`, ...
    #[serde(skip_serializing_if = "Option::is_none")]
    pub override_password: Option<String>,
    /// Which transactions it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transactions: Option<SandboxTransactionRange>,
}

impl fmt::Debug for SandboxTokenOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxTokenOptions")
            .field("override_username", &self.override_username)
            .field("transactions", &self.transactions)
            .finish_non_exhaustive()
    }
}

impl SandboxTokenOptions {
    /// Nothing set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `webhook`.
    pub fn with_webhook(mut self, webhook: impl Into<String>) -> Self {
        self.webhook = Some(webhook.into());
        self
    }

    /// Sets `override_username`.
    pub fn with_override_username(mut self, override_username: impl Into<String>) -> Self {
        self.override_username = Some(override_username.into());
        self
    }

    /// Sets `override_password`.
    pub fn with_override_password(mut self, override_password: impl Into<String>) -> Self {
        self.override_password = Some(override_password.into());
        self
    }

    /// Sets `transactions`.
    pub fn with_transactions(mut self, transactions: SandboxTransactionRange) -> Self {
        self.transactions = Some(transactions);
        self
    }
}

/// Which transactions an item has.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct SandboxTransactionRange {
    /// The first day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date: Option<NaiveDate>,
    /// The last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_date: Option<NaiveDate>,
    /// How far back, 1 to 730.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_requested: Option<u16>,
}

impl SandboxTransactionRange {
    /// Nothing set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `start_date`.
    pub fn with_start_date(mut self, start_date: NaiveDate) -> Self {
        self.start_date = Some(start_date);
        self
    }

    /// Sets `end_date`.
    pub fn with_end_date(mut self, end_date: NaiveDate) -> Self {
        self.end_date = Some(end_date);
        self
    }

    /// Sets `days_requested`.
    pub fn with_days_requested(mut self, days_requested: u16) -> Self {
        self.days_requested = Some(days_requested);
        self
    }
}

/// Which push to make.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct FireWebhook {
    /// The code, for example `SYNC_UPDATES_AVAILABLE`.
    pub webhook_code: String,
    /// The type, for codes that several types have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_type: Option<String>,
}

impl FireWebhook {
    /// With what is required.
    pub fn new(webhook_code: impl Into<String>) -> Self {
        Self { webhook_code: webhook_code.into(), webhook_type: None }
    }

    /// Sets `webhook_type`.
    pub fn with_webhook_type(mut self, webhook_type: impl Into<String>) -> Self {
        self.webhook_type = Some(webhook_type.into());
        self
    }
}

/// How far the numbers of an account are verified.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct SetVerificationStatus {
    /// The account.
    pub account_id: String,
    /// `automatically_verified` or `verification_expired`.
    pub verification_status: String,
}

impl SetVerificationStatus {
    /// With what is required.
    pub fn new(account_id: impl Into<String>, verification_status: impl Into<String>) -> Self {
        Self { account_id: account_id.into(), verification_status: verification_status.into() }
    }
}

/// A transaction to add.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct SandboxTransaction {
    /// The day it happened.
    pub date_transacted: NaiveDate,
    /// The day it was booked.
    pub date_posted: NaiveDate,
    /// How much. Above zero when money leaves the account.
    #[serde(serialize_with = "number::write")]
    pub amount: Decimal,
    /// What it is.
    pub description: String,
    /// The ISO 4217 code; Plaid's default is USD.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iso_currency_code: Option<String>,
}

impl fmt::Debug for SandboxTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxTransaction")
            .field("date_transacted", &self.date_transacted)
            .field("date_posted", &self.date_posted)
            .field("iso_currency_code", &self.iso_currency_code)
            .finish_non_exhaustive()
    }
}

impl SandboxTransaction {
    /// With what is required.
    pub fn new(
        date_transacted: NaiveDate,
        date_posted: NaiveDate,
        amount: Decimal,
        description: impl Into<String>,
    ) -> Self {
        Self {
            date_transacted,
            date_posted,
            amount,
            description: description.into(),
            iso_currency_code: None,
        }
    }

    /// Sets `iso_currency_code`.
    pub fn with_iso_currency_code(mut self, iso_currency_code: impl Into<String>) -> Self {
        self.iso_currency_code = Some(iso_currency_code.into());
        self
    }
}

/// Which processor token to make.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct CreateSandboxProcessorToken {
    /// The bank.
    pub institution_id: String,
    /// More about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<SandboxProcessorOptions>,
}

impl CreateSandboxProcessorToken {
    /// A token for an account at a bank.
    pub fn new(institution_id: impl Into<String>) -> Self {
        Self { institution_id: institution_id.into(), options: None }
    }

    /// Sets `options`.
    pub fn with_options(mut self, options: SandboxProcessorOptions) -> Self {
        self.options = Some(options);
        self
    }
}

/// More about a processor token.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct SandboxProcessorOptions {
    /// The test user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub override_username: Option<String>,
    /// The test password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub override_password: Option<String>,
}

impl fmt::Debug for SandboxProcessorOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxProcessorOptions")
            .field("override_username", &self.override_username)
            .finish_non_exhaustive()
    }
}

impl SandboxProcessorOptions {
    /// Nothing set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `override_username`.
    pub fn with_override_username(mut self, override_username: impl Into<String>) -> Self {
        self.override_username = Some(override_username.into());
        self
    }

    /// Sets `override_password`.
    pub fn with_override_password(mut self, override_password: impl Into<String>) -> Self {
        self.override_password = Some(override_password.into());
        self
    }
}

/// What Link would have returned.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct SandboxPublicToken {
    /// The token, to be exchanged.
    #[serde(deserialize_with = "secret")]
    pub public_token: SecretString,
    /// Plaid's id of the request.
    #[serde(default, deserialize_with = "null_default")]
    pub request_id: String,
}

impl fmt::Debug for SandboxPublicToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxPublicToken").field("request_id", &self.request_id).finish_non_exhaustive()
    }
}

/// Whether a push was made.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct WebhookFired {
    /// Whether it was.
    pub webhook_fired: bool,
    /// Plaid's id of the request.
    #[serde(default, deserialize_with = "null_default")]
    pub request_id: String,
}

/// Whether the login was broken.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct LoginReset {
    /// Whether it was.
    pub reset_login: bool,
    /// Plaid's id of the request.
    #[serde(default, deserialize_with = "null_default")]
    pub request_id: String,
}

/// That it was done.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct SandboxDone {
    /// Plaid's id of the request.
    pub request_id: String,
}
