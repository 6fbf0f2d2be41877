//! The merchant's own account.

use std::fmt;

use serde::{Deserialize, Serialize};
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::{AuthorizeNet, Call};
use crate::wire::{flag, list, text, words};

impl AuthorizeNet {
    /// Asks whether the credentials are good. Harmless.
    ///
    /// # Errors
    /// [`Unauthorized`](turnbuckle_core::ErrorKind::Unauthorized) when they are not.
    pub async fn authenticate_test(&self) -> Result<()> {
        const OPERATION: Operation = Operation::read("account.authenticate_test");
        self.call(&OPERATION, &AuthenticateTest {}).await.map(drop)
    }

    /// Whose account it is, and how it is set up.
    ///
    /// # Errors
    /// As every read.
    pub async fn merchant_details(&self) -> Result<MerchantDetails> {
        const OPERATION: Operation = Operation::read("account.merchant_details");
        self.call(&OPERATION, &GetMerchantDetails {}).await
    }
}

#[derive(Serialize)]
struct AuthenticateTest {}

impl Call for AuthenticateTest {
    const NAME: &'static str = "authenticateTestRequest";
    type Answer = Nothing;
}

/// An answer that says no more than that it was done.
#[derive(Deserialize)]
pub(crate) struct Nothing {}

#[derive(Serialize)]
struct GetMerchantDetails {}

impl Call for GetMerchantDetails {
    const NAME: &'static str = "getMerchantDetailsRequest";
    type Answer = MerchantDetails;
}

/// A merchant's account. `Debug` leaves names out.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MerchantDetails {
    /// Whether the account is in test mode: it then answers and processes nothing.
    #[serde(default, deserialize_with = "flag")]
    pub is_test_mode: Option<bool>,
    /// The banks' processors behind it.
    #[serde(default, deserialize_with = "list")]
    pub processors: Vec<Processor>,
    /// The merchant's name.
    #[serde(default, deserialize_with = "text")]
    pub merchant_name: Option<String>,
    /// The vendor's id of the account.
    #[serde(default, deserialize_with = "text")]
    pub gateway_id: Option<String>,
    /// Cards and accounts that it takes: `Visa`, `Echeck`, ...
    #[serde(default, deserialize_with = "words")]
    pub payment_methods: Vec<String>,
    /// Currencies that it takes; mostly one.
    #[serde(default, deserialize_with = "words")]
    pub currencies: Vec<String>,
    /// For Accept.js. Not secret.
    #[serde(default, deserialize_with = "text")]
    pub public_client_key: Option<String>,
}

impl fmt::Debug for MerchantDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MerchantDetails")
            .field("is_test_mode", &self.is_test_mode)
            .field("gateway_id", &self.gateway_id)
            .field("currencies", &self.currencies)
            .finish_non_exhaustive()
    }
}

/// A processor behind an account.
#[derive(Debug, Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct Processor {
    /// Its name.
    #[serde(default, deserialize_with = "text")]
    pub name: Option<String>,
}
