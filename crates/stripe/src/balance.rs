//! The account's balance.

use serde::Deserialize;
use std::collections::BTreeMap;
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::get;
use crate::object::null_default;
use crate::{CallOptions, Stripe};

/// What the account holds at Stripe.
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct Balance {
    /// What can be paid out.
    #[serde(default, deserialize_with = "null_default")]
    pub available: Vec<BalanceAmount>,
    /// What is held for connected accounts.
    #[serde(default, deserialize_with = "null_default")]
    pub connect_reserved: Vec<BalanceAmount>,
    /// Whether it is real money.
    #[serde(default, deserialize_with = "null_default")]
    pub livemode: bool,
    /// What is not yet available.
    #[serde(default, deserialize_with = "null_default")]
    pub pending: Vec<BalanceAmount>,
}

/// An amount in one currency.
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct BalanceAmount {
    /// In minor units, perhaps negative.
    #[serde(default, deserialize_with = "null_default")]
    pub amount: i64,
    /// ISO 4217 code in lower case.
    #[serde(default, deserialize_with = "null_default")]
    pub currency: String,
    /// The same by kind of payment method.
    #[serde(default, deserialize_with = "null_default")]
    pub source_types: BTreeMap<String, i64>,
}

const RETRIEVE: Operation = get("balance.retrieve");

/// Calls for the balance: [`Stripe::balance`].
#[derive(Debug, Clone, Copy)]
pub struct Balances<'a> {
    stripe: &'a Stripe,
}

impl<'a> Balances<'a> {
    pub(crate) fn new(stripe: &'a Stripe) -> Self {
        Self { stripe }
    }

    /// The balance: `GET /v1/balance`. Changes nothing, so it serves to try a key.
    pub async fn retrieve(self, options: &CallOptions) -> Result<Balance> {
        self.stripe.get(&RETRIEVE, "/v1/balance", &(), options).await
    }
}
