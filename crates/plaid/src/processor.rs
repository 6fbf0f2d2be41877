//! Tokens with which partners read an account.

use std::fmt;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::Plaid;
use crate::words::{null_default, secret};

/// Plaid does not say what a repetition does, so each is sent once.
const CREATE: Operation = Operation::once("processor.create_token");
const CREATE_STRIPE: Operation = Operation::once("processor.create_stripe_token");

/// Tokens for partners (<https://plaid.com/docs/api/processors/>).
#[derive(Debug, Clone, Copy)]
pub struct Processor<'a>(&'a Plaid);

impl Plaid {
    /// Tokens with which partners read an account.
    pub fn processor(&self) -> Processor<'_> {
        Processor(self)
    }
}

impl Processor<'_> {
    /// A token with which a partner reads one account: `POST /processor/token/create`. Sent once; after a lost answer ask
    /// again, a second token does not disturb the first as far as is known.
    ///
    /// # Errors
    /// As every call.
    pub async fn create_token(
        &self,
        access_token: &SecretString,
        params: &CreateProcessorToken,
    ) -> Result<ProcessorToken> {
        self.0.call_item(&CREATE, "/processor/token/create", access_token, params).await
    }

    /// A token with which Stripe charges one account: `POST /processor/stripe/bank_account_token/create`. Sent once.
    ///
    /// # Errors
    /// As every call.
    pub async fn create_stripe_token(
        &self,
        access_token: &SecretString,
        account_id: &str,
    ) -> Result<StripeBankAccountToken> {
        #[derive(Serialize)]
        struct Body<'a> {
            account_id: &'a str,
        }

        let path = "/processor/stripe/bank_account_token/create";
        self.0.call_item(&CREATE_STRIPE, path, access_token, &Body { account_id }).await
    }
}

/// For whom, and for which account.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct CreateProcessorToken {
    /// The account.
    pub account_id: String,
    /// The partner, in Plaid's word, for example `dwolla`.
    pub processor: String,
}

impl CreateProcessorToken {
    /// With what is required.
    pub fn new(account_id: impl Into<String>, processor: impl Into<String>) -> Self {
        Self { account_id: account_id.into(), processor: processor.into() }
    }
}

/// What a partner reads an account with.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct ProcessorToken {
    /// The token.
    #[serde(deserialize_with = "secret")]
    pub processor_token: SecretString,
    /// Plaid's id of the request.
    #[serde(default, deserialize_with = "null_default")]
    pub request_id: String,
}

impl fmt::Debug for ProcessorToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProcessorToken").field("request_id", &self.request_id).finish_non_exhaustive()
    }
}

/// What Stripe charges an account with.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct StripeBankAccountToken {
    /// The token, `btok_...`.
    #[serde(deserialize_with = "secret")]
    pub stripe_bank_account_token: SecretString,
    /// Plaid's id of the request.
    #[serde(default, deserialize_with = "null_default")]
    pub request_id: String,
}

impl fmt::Debug for StripeBankAccountToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StripeBankAccountToken").field("request_id", &self.request_id).finish_non_exhaustive()
    }
}
