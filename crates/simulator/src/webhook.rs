//! Webhooks as a vendor would send them: signed requests, ready to deliver.

use std::fmt;

use bytes::Bytes;
use http::HeaderMap;

/// A signed delivery. The bytes are what was signed: pass them on unchanged.
#[derive(Clone)]
#[non_exhaustive]
pub struct SignedWebhook {
    /// The provider that sends it, `stripe` for example.
    pub provider: &'static str,
    /// The headers of the request, the signature among them.
    pub headers: HeaderMap,
    /// The exact body.
    pub body: Bytes,
    /// Where it goes, when the account was given an endpoint of its own for it.
    pub url: Option<String>,
}

impl fmt::Debug for SignedWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedWebhook")
            .field("provider", &self.provider)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
