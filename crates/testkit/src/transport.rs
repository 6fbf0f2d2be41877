//! Transports that watch: one that counts, one that writes down.

use std::fmt::{self, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use turnbuckle_core::http::{Limits, Transport, TransportError};

use crate::leak::Sentinels;

/// Counts what goes through.
#[derive(Debug)]
pub struct CountingTransport {
    inner: Arc<dyn Transport>,
    sent: AtomicUsize,
}

impl CountingTransport {
    /// Counts what goes to this transport.
    pub fn new(inner: Arc<dyn Transport>) -> Self {
        Self { inner, sent: AtomicUsize::new(0) }
    }

    /// How many requests went through.
    pub fn sent(&self) -> usize {
        self.sent.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Transport for CountingTransport {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        self.sent.fetch_add(1, Ordering::SeqCst);
        self.inner.send(request, limits).await
    }
}

/// Writes every request down as an HTTP/1.1 message, for fixtures and for tests that hold the exact bytes.
///
/// A message holds the method, path and query, the host, the headers that were asked for (in that order) and the body.
/// Secrets become their name in braces.
pub struct RecordingTransport {
    inner: Arc<dyn Transport>,
    headers: &'static [&'static str],
    secrets: Sentinels,
    messages: Mutex<Vec<String>>,
}

impl RecordingTransport {
    /// Writes down what goes to this transport: `content-type` and no other header.
    pub fn new(inner: Arc<dyn Transport>) -> Self {
        Self {
            inner,
            headers: &["content-type"],
            secrets: Sentinels::new(),
            messages: Mutex::new(Vec::new()),
        }
    }

    /// Writes these headers down, named in lower case.
    pub fn with_headers(mut self, names: &'static [&'static str]) -> Self {
        self.headers = names;
        self
    }

    /// Replaces these values by their names, in every encoding that [`Sentinels`] knows.
    pub fn with_secrets(mut self, secrets: Sentinels) -> Self {
        self.secrets = secrets;
        self
    }

    /// Every message so far.
    pub fn messages(&self) -> Vec<String> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn message(&self, request: &http::Request<Bytes>) -> String {
        let uri = request.uri();
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        let mut text = format!("{} {target} HTTP/1.1\r\n", request.method());
        if let Some(authority) = uri.authority() {
            let _ = write!(text, "host: {authority}\r\n");
        }
        for name in self.headers {
            for value in request.headers().get_all(*name) {
                let _ = write!(text, "{name}: {}\r\n", String::from_utf8_lossy(value.as_bytes()));
            }
        }
        text += "\r\n";
        text += &String::from_utf8_lossy(request.body());
        self.secrets.redact(&text)
    }
}

impl fmt::Debug for RecordingTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordingTransport")
            .field("inner", &self.inner)
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Transport for RecordingTransport {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let message = self.message(&request);
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).push(message);
        self.inner.send(request, limits).await
    }
}
