//! Cards that come from elsewhere: as a token, or authenticated by another 3-D Secure server.

use std::fmt;

use secrecy::SecretString;
use serde::Serialize;

use crate::PaymentMethodData;
use crate::form::expose;

/// A card as a token of Stripe's browser code, `tok_...`.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct CardToken {
    /// The token.
    #[serde(serialize_with = "expose")]
    pub token: SecretString,
}

impl CardToken {
    /// A token.
    pub fn new(token: impl Into<SecretString>) -> Self {
        Self { token: token.into() }
    }
}

impl fmt::Debug for CardToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CardToken").finish_non_exhaustive()
    }
}

impl PaymentMethodData {
    /// A card as a token of Stripe's browser code.
    pub fn of_card_token(token: impl Into<SecretString>) -> Self {
        let mut data = Self::new("card");
        data.card_token = Some(CardToken::new(token));
        data
    }
}

/// The result of a 3-D Secure authentication that was done elsewhere.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct ThreeDSecureData {
    /// The authentication value (CAVV, AAV, AEVV), base64.
    #[serde(serialize_with = "expose")]
    pub cryptogram: SecretString,
    /// The directory server's transaction id; of version 1 the XID.
    pub transaction_id: String,
    /// `1.0.2`, `2.1.0`, `2.2.0`, `2.3.0` or `2.3.1`.
    pub version: String,
    /// `01`, `02`, `05`, `06` or `07`.
    pub electronic_commerce_indicator: Option<String>,
}

impl ThreeDSecureData {
    /// The required fields; nothing else is sent.
    pub fn new(
        cryptogram: impl Into<SecretString>,
        transaction_id: impl Into<String>,
        version: impl Into<String>,
    ) -> Self {
        Self {
            cryptogram: cryptogram.into(),
            transaction_id: transaction_id.into(),
            version: version.into(),
            electronic_commerce_indicator: None,
        }
    }

    /// Sets [`electronic_commerce_indicator`](Self::electronic_commerce_indicator).
    pub fn with_electronic_commerce_indicator(mut self, indicator: impl Into<String>) -> Self {
        self.electronic_commerce_indicator = Some(indicator.into());
        self
    }
}

impl fmt::Debug for ThreeDSecureData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreeDSecureData")
            .field("version", &self.version)
            .field("electronic_commerce_indicator", &self.electronic_commerce_indicator)
            .finish_non_exhaustive()
    }
}

/// An earlier payment of a series that was made elsewhere, for a payment without the cardholder.
///
/// Stripe lets only some accounts send it; to others it answers that the parameter is unknown.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct MitExemption {
    /// The network's transaction id of the first payment.
    pub network_transaction_id: String,
}

impl MitExemption {
    /// The network's transaction id of the first payment.
    pub fn new(network_transaction_id: impl Into<String>) -> Self {
        Self { network_transaction_id: network_transaction_id.into() }
    }
}
