//! A push as it arrived, closed.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use url::Url;

use super::reason::Reason;
use crate::error::{Error, ErrorKind, Result};

/// Longest single header value that is looked at, in bytes.
const MAX_HEADER: usize = 8 * 1024;

/// A push as it arrived: method, public URL, headers and body, none of it trusted.
///
/// The body cannot be read here, as JSON or otherwise; a check turns it into a [`Proof`](super::Proof) first:
///
/// ```compile_fail,E0599
/// # fn f(raw: turnbuckle_core::webhook::RawWebhook) {
/// let event: serde_json::Value = raw.json();
/// # }
/// ```
/// ```compile_fail,E0616
/// # fn f(raw: turnbuckle_core::webhook::RawWebhook) {
/// let event: serde_json::Value = serde_json::from_slice(&raw.body).unwrap();
/// # }
/// ```
#[derive(Clone)]
pub struct RawWebhook {
    method: Method,
    public_url: Url,
    url_text: String,
    headers: HeaderMap,
    pub(super) body: Bytes,
}

impl RawWebhook {
    /// Largest body that [`new`](Self::new) takes, in bytes: 1 MiB.
    pub const MAX_BODY: usize = 1024 * 1024;

    /// Takes a request as the web framework hands it over, its body whole and undecoded.
    ///
    /// `public_url` is the address that the sender was given. It comes from the host's configuration, never from the
    /// `Host` header. Its query and fragment are ignored: the query is the request's own, byte for byte, since some
    /// senders add to it and sign it.
    ///
    /// # Errors
    /// [`Reason::BodyTooLarge`] above [`MAX_BODY`](Self::MAX_BODY), and
    /// [`InvalidConfig`](crate::ErrorKind::InvalidConfig) when the URL is not an absolute `http` or `https` address.
    /// The framework must stop reading at the same limit and refuse; a body that was cut off fails its signature.
    pub fn new(request: Request<Bytes>, public_url: &str) -> Result<Self> {
        Self::with_limit(request, public_url, Self::MAX_BODY)
    }

    /// The same with another limit, in bytes, for senders whose batches are larger or never that large.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_limit(request: Request<Bytes>, public_url: &str, max_body: usize) -> Result<Self> {
        let (head, body) = request.into_parts();
        if body.len() > max_body {
            return Err(Reason::BodyTooLarge.error());
        }
        let base = public_url.split(['?', '#']).next().unwrap_or_default();
        let url_text = match head.uri.query() {
            Some(query) => format!("{base}?{query}"),
            None => base.to_owned(),
        };
        let public_url = Url::parse(&url_text)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::InvalidConfig,
                    "the public URL must be an absolute http or https address",
                )
            })?;
        Ok(Self { method: head.method, public_url, url_text, headers: head.headers, body })
    }

    /// The request's method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The public URL with the request's query, parsed. Parsing normalises; what was signed is
    /// [`url_text`](Self::url_text).
    pub fn public_url(&self) -> &Url {
        &self.public_url
    }

    /// The public URL as configured, with the request's query as it arrived.
    pub fn url_text(&self) -> &str {
        &self.url_text
    }

    /// Length of the body in bytes.
    pub fn body_len(&self) -> usize {
        self.body.len()
    }

    /// A header that must stand exactly once. The name is compared without regard to case.
    ///
    /// # Errors
    /// [`Reason::MissingHeader`], [`Reason::DuplicateHeader`], or [`Reason::MalformedHeader`] for a value that is not
    /// visible ASCII or longer than 8 KiB.
    pub fn header(&self, name: &str) -> Result<&str> {
        self.optional_header(name)?.ok_or_else(|| Reason::MissingHeader.error())
    }

    /// A header that may be absent, and otherwise stands once.
    ///
    /// # Errors
    /// As [`header`](Self::header), save that absence is `None`.
    pub fn optional_header(&self, name: &str) -> Result<Option<&str>> {
        let mut values = self.headers.get_all(name).iter();
        let Some(value) = values.next() else { return Ok(None) };
        if values.next().is_some() {
            return Err(Reason::DuplicateHeader.error());
        }
        match value.to_str() {
            Ok(text) if text.len() <= MAX_HEADER => Ok(Some(text)),
            _ => Err(Reason::MalformedHeader.error()),
        }
    }

    /// Gives the body up, unverified, as a hint about what to ask the vendor's API.
    ///
    /// Only for senders that sign nothing. Take an id from it, ask the vendor, and hand on what the vendor says
    /// ([`Verified::refetched`](super::Verified::refetched)); act on nothing that stands in here.
    pub fn into_unverified_hint(self) -> Bytes {
        self.body
    }
}

impl fmt::Debug for RawWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawWebhook")
            .field("method", &self.method)
            .field("url_bytes", &self.url_text.len())
            .field("headers", &self.headers.len())
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
