//! The public keys that pushes are signed with.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::Plaid;
use crate::words::null_default;

/// Plaid waits ten seconds for the answer to a push, and the key is asked for meanwhile.
const GET: Operation = Operation::read("webhook_keys.get")
    .with_deadline(Duration::from_secs(8))
    .with_attempt_timeout(Duration::from_secs(4));

/// Keys of pushes (<https://plaid.com/docs/api/webhooks/webhook-verification/>).
#[derive(Debug, Clone, Copy)]
pub struct WebhookKeys<'a>(&'a Plaid);

impl Plaid {
    /// The public keys that pushes are signed with.
    pub fn webhook_keys(&self) -> WebhookKeys<'_> {
        WebhookKeys(self)
    }
}

impl WebhookKeys<'_> {
    /// A key by the id that a push names: `POST /webhook_verification_key/get`.
    /// [`PlaidWebhooks`](crate::PlaidWebhooks) asks and remembers by itself.
    ///
    /// # Errors
    /// As every call; [`NotFound`](turnbuckle_core::ErrorKind::NotFound) when there is none of this id.
    pub async fn get(&self, key_id: &str) -> Result<WebhookKeyInfo> {
        #[derive(Serialize)]
        struct Body<'a> {
            key_id: &'a str,
        }

        self.0.call(&GET, "/webhook_verification_key/get", &Body { key_id }).await
    }
}

/// A key.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct WebhookKeyInfo {
    /// The key.
    pub key: WebhookKey,
    /// Plaid's id of the request.
    #[serde(default, deserialize_with = "null_default")]
    pub request_id: String,
}

/// A public key as a JSON web key.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct WebhookKey {
    /// The algorithm: `ES256`.
    pub alg: String,
    /// The curve: `P-256`.
    pub crv: String,
    /// The id.
    pub kid: String,
    /// The kind of key: `EC`.
    pub kty: String,
    /// The use: `sig`.
    #[serde(rename = "use")]
    pub key_use: String,
    /// The first coordinate, in base64url.
    pub x: String,
    /// The second coordinate, in base64url.
    pub y: String,
    /// When it was made, in seconds since 1970.
    pub created_at: Option<i64>,
    /// When it ended, in seconds since 1970. A key with an end is no longer accepted.
    pub expired_at: Option<i64>,
}
