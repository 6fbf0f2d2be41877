//! The default transport, over reqwest and rustls.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http::header::CONTENT_ENCODING;

use super::base_url::{is_secure_uri, is_secure_url};
use super::transport::{Delivery, Limits, Transport, TransportError, TransportErrorKind};
use crate::error::{Error, ErrorKind, Result};

/// Longest time to make a connection, TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Below the idle timeouts that are common at the other end: a request that meets a connection just being closed is one
/// whose outcome nobody knows.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Sends over reqwest: rustls with the platform's roots, HTTP/2 where offered, a pool of connections that all clones
/// share. Make one for the whole process. It needs a tokio runtime.
///
/// # Behavior
/// - Redirects, reqwest's own retries, cookies, the referer and compression are off.
/// - Plain HTTP goes only to a loopback host, and `localhost` is this machine whatever the resolver says.
/// - Proxy variables of the environment (`HTTPS_PROXY` and its like) are ignored: where credentials travel is not for
///   the environment to say. A proxy is named in [`via_proxy`](Self::via_proxy).
/// - A connection is given up after 10 seconds, as not sent. An idle one is closed after 30 seconds.
/// - Whatever fails after a connection stands counts as perhaps delivered. A body that ends early, is too long or is
///   compressed counts as answered: the provider acted on the request, and what it did cannot be read.
/// - A `Content-Length` above the limit is refused before the body is read. Error bodies are cut, not refused.
#[derive(Clone)]
pub struct ReqwestTransport {
    client: reqwest::Client,
}

impl ReqwestTransport {
    /// A transport that connects directly.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`] when TLS cannot be set up on this machine.
    pub fn new() -> Result<Self> {
        Self::build(Self::builder())
    }

    /// A transport that reaches HTTPS hosts through a tunnel of this HTTP proxy, for example
    /// `http://user:password@proxy.internal:3128`. Loopback hosts are reached directly.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`] when the proxy's URL cannot be used, or TLS cannot be set up on this machine.
    pub fn via_proxy(url: &str) -> Result<Self> {
        let proxy = reqwest::Proxy::https(url)
            .map_err(|_| Error::new(ErrorKind::InvalidConfig, "the proxy's URL cannot be used"))?
            .no_proxy(reqwest::NoProxy::from_string("localhost,127.0.0.0/8,::1"));
        Self::build(Self::builder().proxy(proxy))
    }

    fn builder() -> reqwest::ClientBuilder {
        let here = [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))];
        reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .tls_backend_rustls()
            .resolve_to_addrs("localhost", &here)
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(POOL_IDLE_TIMEOUT)
    }

    fn build(builder: reqwest::ClientBuilder) -> Result<Self> {
        let client = builder.build().map_err(|error| {
            Error::new(ErrorKind::InvalidConfig, "the HTTP client could not be set up")
                .with_source(error.without_url())
        })?;
        Ok(Self { client })
    }
}

impl fmt::Debug for ReqwestTransport {
    // The client's own output shows proxies, and they may carry a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestTransport").finish_non_exhaustive()
    }
}

#[async_trait]
impl Transport for ReqwestTransport {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let insecure = || TransportError::new(TransportErrorKind::InsecureUrl, Delivery::NotSent);
        if !is_secure_uri(request.uri()) {
            return Err(insecure());
        }
        let mut request = reqwest::Request::try_from(request).map_err(|error| {
            TransportError::new(TransportErrorKind::Other, Delivery::NotSent).with_source(error.without_url())
        })?;
        if !is_secure_url(request.url()) {
            return Err(insecure());
        }
        *request.timeout_mut() = Some(limits.time_left);

        let mut response = self.client.execute(request).await.map_err(before_the_head)?;
        let status = response.status();
        let unreadable = |kind| TransportError::new(kind, Delivery::Answered).with_status(status);
        if response.headers().get_all(CONTENT_ENCODING).iter().any(|coding| !is_identity(coding)) {
            return Err(unreadable(TransportErrorKind::CompressedReply));
        }
        let failed = status.is_client_error() || status.is_server_error();
        let cap = if failed { limits.max_error_body } else { limits.max_body };
        if !failed && response.content_length().is_some_and(|length| length > cap as u64) {
            return Err(unreadable(TransportErrorKind::BodyTooLarge));
        }
        let body = read_body(&mut response, status, cap, failed).await?;

        let mut answer = http::Response::new(body);
        *answer.status_mut() = status;
        *answer.version_mut() = response.version();
        std::mem::swap(answer.headers_mut(), response.headers_mut());
        Ok(answer)
    }

    /// reqwest's timer runs from connecting to the last byte of the body.
    fn keeps_time(&self) -> bool {
        true
    }
}

async fn read_body(
    response: &mut reqwest::Response,
    status: StatusCode,
    cap: usize,
    cut: bool,
) -> Result<Bytes, TransportError> {
    // Most bodies come in one piece, which is handed on as it is; several are joined.
    let (mut whole, mut joined) = (Bytes::new(), BytesMut::new());
    while let Some(chunk) = response.chunk().await.map_err(|error| inside_the_body(error, status))? {
        let room = cap - whole.len() - joined.len();
        if chunk.len() > room && !cut {
            return Err(
                TransportError::new(TransportErrorKind::BodyTooLarge, Delivery::Answered).with_status(status)
            );
        }
        let piece = chunk.slice(..chunk.len().min(room));
        if whole.is_empty() && joined.is_empty() {
            whole = piece;
        } else {
            joined.extend_from_slice(&std::mem::take(&mut whole));
            joined.extend_from_slice(&piece);
        }
        if cut && whole.len() + joined.len() == cap {
            break;
        }
    }
    Ok(if joined.is_empty() { whole } else { joined.freeze() })
}

fn is_identity(coding: &http::HeaderValue) -> bool {
    coding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity")
}

fn before_the_head(error: reqwest::Error) -> TransportError {
    use TransportErrorKind as Kind;

    let (kind, delivery) = if error.is_builder() {
        (Kind::Other, Delivery::NotSent)
    } else if error.is_connect() {
        let kind = match io_kind(&error) {
            _ if error.is_timeout() => Kind::Timeout,
            // rustls reports a refused certificate or a broken handshake as invalid data.
            Some(io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof) => Kind::Tls,
            _ => Kind::Connect,
        };
        (kind, Delivery::NotSent)
    } else if error.is_timeout() {
        (Kind::Timeout, Delivery::MaybeDelivered)
    } else {
        let kind = match cause::<hyper::Error>(&error) {
            Some(hyper) if hyper.is_parse() => Kind::Malformed,
            Some(hyper) if hyper.is_incomplete_message() || hyper.is_canceled() || hyper.is_closed() => {
                Kind::Reset
            }
            _ if io_kind(&error).is_some() => Kind::Reset,
            _ => Kind::Other,
        };
        (kind, Delivery::MaybeDelivered)
    };
    TransportError::new(kind, delivery).with_source(error.without_url())
}

fn inside_the_body(error: reqwest::Error, status: StatusCode) -> TransportError {
    let kind = if error.is_timeout() { TransportErrorKind::Timeout } else { TransportErrorKind::Truncated };
    TransportError::new(kind, Delivery::Answered).with_status(status).with_source(error.without_url())
}

/// The first cause of this type.
fn cause<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// The kind of the I/O error among the causes; of one wrapped in others, the innermost.
fn io_kind(error: &reqwest::Error) -> Option<io::ErrorKind> {
    let mut found = cause::<io::Error>(error)?;
    while let Some(inner) = found.get_ref().and_then(|inner| inner.downcast_ref::<io::Error>()) {
        found = inner;
    }
    Some(found.kind())
}
