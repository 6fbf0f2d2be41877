//! What the simulator asks of a provider: the one seam that a new provider fills.

use bytes::Bytes;
use http::{HeaderMap, Method, Response};
use serde_json::Value;

use crate::webhook::SignedWebhook;

/// A request, already taken off its prefix.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    pub(crate) method: Method,
    /// The host that was asked for, in lower case and without its port.
    pub(crate) host: String,
    /// The path as the provider itself would see it, `/v1/refunds`.
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// `http://127.0.0.1:4010/stripe` when the request came over a port; absent on the provider's own host.
    pub(crate) origin: Option<String>,
}

/// How a fault bends the handling; everything else about faults is the dispatcher's.
#[derive(Clone, Debug)]
pub(crate) enum Bend {
    /// Answer this status instead of acting; `None` is the vendor's own body.
    Answer(u16, Option<String>),
    /// Act, then answer this status.
    AnswerAfter(u16, Option<String>),
    /// The vendor's own 429.
    RateLimited(Option<String>),
}

pub(crate) trait Provider: Send + Sync {
    /// The provider's id, which is also its path prefix.
    fn id(&self) -> &'static str;
    /// The host names it answers to in process.
    fn hosts(&self) -> &'static [&'static str];
    /// A path prefix that it also answers to without its id, for SDKs that cannot be given a base path.
    fn root_prefix(&self) -> Option<&'static str>;
    fn handle(&self, request: &Incoming, bend: Option<&Bend>) -> Response<Bytes>;
    /// Marks the request as running until the guard is dropped.
    fn hold(&self, request: &Incoming) -> Option<Box<dyn Send + Sync>>;
    /// Notes a request that never got an answer.
    fn log_unanswered(&self, request: &Incoming);
    /// Whether an account in it has endpoints of its own, which a server delivers to.
    #[cfg(feature = "server")]
    fn wants_delivery(&self) -> bool;
    fn take_webhooks(&self) -> Vec<SignedWebhook>;
    /// Working credentials under the names of the provider's credential schema.
    fn credentials(&self) -> Value;
    fn webhook_keys(&self) -> Vec<String>;
    fn state(&self) -> Value;
}
