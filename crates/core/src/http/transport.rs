//! The one door to the network: a request goes out once, a response or the reason for its absence comes back.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::StatusCode;

use crate::error::ErrorKind;

/// Sends one request, once.
///
/// # Behavior
/// - A redirect is a response like any other: it is handed back, never followed.
/// - A request is never sent a second time, whatever failed.
/// - No compression is asked for, and a compressed body is refused: a small reply must not become a large one.
/// - [`Delivery::NotSent`] is claimed only where it is certain. In doubt the answer is
///   [`Delivery::MaybeDelivered`], since a charge may hang on it.
/// - The body of a response whose status is below 400 is at most [`Limits::max_body`] long, or the call fails; a longer
///   error body is cut at [`Limits::max_error_body`] and never fails the call.
#[async_trait]
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Sends the request and reads the whole response.
    ///
    /// # Errors
    /// When no complete response can be handed back. The error says how far the request got.
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> Result<http::Response<Bytes>, TransportError>;

    /// Whether [`send`](Self::send) surely ends within [`Limits::time_left`] by itself, however the other side behaves.
    /// The client sets no alarm of its own then. Say yes only of real time that has been tested.
    fn keeps_time(&self) -> bool {
        false
    }
}

/// Bounds of one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Time for the whole attempt, from connecting to the last byte of the body.
    pub time_left: Duration,
    /// Largest body, in bytes, of a response whose status is below 400.
    pub max_body: usize,
    /// Bytes kept of the body of a response whose status is 400 or above; the rest is dropped.
    pub max_error_body: usize,
}

impl Limits {
    /// Bytes of an error body that are kept unless something else is asked for: 64 KiB.
    pub const DEFAULT_MAX_ERROR_BODY: usize = 64 * 1024;

    /// Bounds with the default for error bodies.
    pub const fn new(time_left: Duration, max_body: usize) -> Self {
        Self { time_left, max_body, max_error_body: Self::DEFAULT_MAX_ERROR_BODY }
    }

    /// Keeps this many bytes of an error body.
    pub const fn with_max_error_body(mut self, bytes: usize) -> Self {
        self.max_error_body = bytes;
        self
    }
}

/// Why there is no response.
///
/// Neither `Display` nor the source shows a URL, a query, a header value or a body.
#[derive(Debug, thiserror::Error)]
#[error("{kind} ({delivery})")]
pub struct TransportError {
    kind: TransportErrorKind,
    delivery: Delivery,
    status: Option<StatusCode>,
    #[source]
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl TransportError {
    /// A failure and how far the request got.
    pub fn new(kind: TransportErrorKind, delivery: Delivery) -> Self {
        Self { kind, delivery, status: None, source: None }
    }

    /// Attaches the status of a response whose body could not be read.
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    /// Attaches the cause. It must be safe to print: no URL, no header value, no body.
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What failed.
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// How far the request got.
    pub fn delivery(&self) -> Delivery {
        self.delivery
    }

    /// The status, when the head of a response arrived and its body could not be used.
    pub fn status(&self) -> Option<StatusCode> {
        self.status
    }
}

/// What failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection: name not found, refused, unreachable.
    Connect,
    /// The TLS handshake failed, or the certificate was not accepted.
    Tls,
    /// Time ran out.
    Timeout,
    /// The connection ended before a response began.
    Reset,
    /// The connection ended inside the body of a response.
    Truncated,
    /// The body is longer than [`Limits::max_body`].
    BodyTooLarge,
    /// The body is compressed, which was not asked for.
    CompressedReply,
    /// The URL is neither HTTPS nor plain HTTP to this machine's loopback, or carries a user name.
    InsecureUrl,
    /// What came back is not HTTP.
    Malformed,
    /// Anything else.
    Other,
}

impl TransportErrorKind {
    /// Stable lower-case name, for logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Reset => "reset",
            Self::Truncated => "truncated",
            Self::BodyTooLarge => "body_too_large",
            Self::CompressedReply => "compressed_reply",
            Self::InsecureUrl => "insecure_url",
            Self::Malformed => "malformed",
            Self::Other => "other",
        }
    }

    /// Whether another attempt could end differently. A reply that is too large or compressed will be so again, and a
    /// certificate that is refused is not to be asked about twice.
    pub(crate) fn is_transient(self) -> bool {
        match self {
            Self::Connect | Self::Timeout | Self::Reset | Self::Truncated | Self::Other => true,
            Self::Tls | Self::BodyTooLarge | Self::CompressedReply | Self::InsecureUrl | Self::Malformed => {
                false
            }
        }
    }

    pub(crate) fn error_kind(self) -> ErrorKind {
        match self {
            Self::Timeout => ErrorKind::Timeout,
            Self::Connect | Self::Tls | Self::Reset | Self::Other => ErrorKind::Network,
            Self::Truncated | Self::BodyTooLarge | Self::CompressedReply | Self::Malformed => {
                ErrorKind::InvalidResponse
            }
            Self::InsecureUrl => ErrorKind::InvalidConfig,
        }
    }

    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::Connect => "no connection could be made",
            Self::Tls => "no trusted TLS connection could be made",
            Self::Timeout => "no complete answer in time",
            Self::Reset => "the connection ended before an answer",
            Self::Truncated => "the connection ended inside the answer",
            Self::BodyTooLarge => "the answer is longer than its limit",
            Self::CompressedReply => "the answer is compressed, which was not asked for",
            Self::InsecureUrl => {
                "the URL must be https, or plain http to a loopback host, without user information"
            }
            Self::Malformed => "the answer is not HTTP",
            Self::Other => "the request failed",
        }
    }
}

impl fmt::Display for TransportErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

/// How far a request got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// No byte of it reached the provider.
    NotSent,
    /// Some or all of it may have reached the provider, and nothing came back.
    MaybeDelivered,
    /// The provider answered, and the answer could not be read. What it did is as unknown as without an answer.
    Answered,
}

impl Delivery {
    /// Stable lower-case name, for logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotSent => "not_sent",
            Self::MaybeDelivered => "maybe_delivered",
            Self::Answered => "answered",
        }
    }
}

impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotSent => "the request was not sent",
            Self::MaybeDelivered => "the request may have been delivered",
            Self::Answered => "the request was answered",
        })
    }
}

/// A transport made from a function over `http` types, such as a simulator's router. It never fails.
///
/// ```
/// use bytes::Bytes;
/// use turnbuckle_core::http::transport_fn;
///
/// let teapot = transport_fn(|_request: http::Request<Bytes>| {
///     let mut response = http::Response::new(Bytes::from_static(b"short and stout"));
///     *response.status_mut() = http::StatusCode::IM_A_TEAPOT;
///     response
/// });
/// # let _: std::sync::Arc<dyn turnbuckle_core::http::Transport> = std::sync::Arc::new(teapot);
/// ```
pub fn transport_fn<F>(function: F) -> impl Transport
where
    F: Fn(http::Request<Bytes>) -> http::Response<Bytes> + Send + Sync + 'static,
{
    transport_try_fn(move |request, _limits| std::future::ready(Ok(function(request))))
}

/// A transport made from an asynchronous function that may fail: a recorder, a fault injector.
pub fn transport_try_fn<F, T>(function: F) -> impl Transport
where
    F: Fn(http::Request<Bytes>, Limits) -> T + Send + Sync + 'static,
    T: Future<Output = Result<http::Response<Bytes>, TransportError>> + Send + 'static,
{
    FnTransport(function)
}

struct FnTransport<F>(F);

impl<F> fmt::Debug for FnTransport<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FnTransport").finish_non_exhaustive()
    }
}

#[async_trait]
impl<F, T> Transport for FnTransport<F>
where
    F: Fn(http::Request<Bytes>, Limits) -> T + Send + Sync + 'static,
    T: Future<Output = Result<http::Response<Bytes>, TransportError>> + Send + 'static,
{
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        (self.0)(request, limits).await
    }
}
