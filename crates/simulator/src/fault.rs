//! Faults on request: what a test wants to go wrong, for which requests, how often.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Method, Response};
#[cfg(feature = "server")]
use serde_json::Value;

/// One thing that goes wrong, and the requests it goes wrong for.
///
/// ```
/// use turnbuckle_simulator::{Fault, FaultKind};
///
/// let fault = Fault::new(FaultKind::ResetAfter).on_method("POST").on_path("/capture").times(2);
/// # let _ = fault;
/// ```
#[derive(Clone, Debug)]
pub struct Fault {
    kind: FaultKind,
    method: Option<String>,
    path: Option<String>,
    left: u32,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// The answer comes after this many milliseconds; the idempotency key counts as running meanwhile.
    Latency(u64),
    /// 429 in the vendor's own words, before any effect.
    RateLimited {
        /// The `Retry-After` header as it is to stand on the wire; Stripe itself sends none.
        retry_after: Option<String>,
    },
    /// This status instead of the call; the effect does not happen. `None` is the vendor's own error body.
    Status(u16, Option<String>),
    /// The effect happens, and then this status is the answer.
    StatusAfterEffect(u16, Option<String>),
    /// A proxy's HTML page with status 502, before any effect.
    HtmlBadGateway,
    /// The connection closes without an answer, before any effect.
    ResetBefore,
    /// The effect happens, and then the connection closes without an answer.
    ResetAfter,
    /// The effect happens; the body breaks off half-way through its announced length.
    Truncated,
    /// The effect happens; the body is whole but no JSON.
    Malformed,
    /// The effect happens; the body trickles, one byte every this many milliseconds.
    SlowBody(u64),
}

impl Fault {
    /// A fault for the next request, whatever it is.
    pub fn new(kind: FaultKind) -> Self {
        Self { kind, method: None, path: None, left: 1 }
    }

    /// Only for requests of this method.
    pub fn on_method(mut self, method: impl Into<String>) -> Self {
        self.method = Some(method.into());
        self
    }

    /// Only for requests whose path contains this.
    pub fn on_path(mut self, part: impl Into<String>) -> Self {
        self.path = Some(part.into());
        self
    }

    /// For this many matching requests instead of one.
    pub fn times(mut self, count: u32) -> Self {
        self.left = count;
        self
    }

    fn matches(&self, method: &Method, path: &str) -> bool {
        self.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method.as_str()))
            && self.path.as_deref().is_none_or(|part| path.contains(part))
    }

    #[cfg(feature = "server")]
    /// Reads `{"kind":"status","status":503,"body":"…","method":"POST","path":"/refunds","times":2}`.
    pub(crate) fn from_json(value: &Value) -> Result<Self, String> {
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let number = |name: &str| value.get(name).and_then(Value::as_u64);
        let kind = match value.get("kind").and_then(Value::as_str).unwrap_or_default() {
            "latency" => FaultKind::Latency(number("ms").unwrap_or(1000)),
            "rate-limited" => FaultKind::RateLimited { retry_after: text("retry_after") },
            "status" => FaultKind::Status(status(number("status"))?, text("body")),
            "status-after-effect" => FaultKind::StatusAfterEffect(status(number("status"))?, text("body")),
            "slow-body" => FaultKind::SlowBody(number("ms").unwrap_or(50)),
            other => FaultKind::from_word(other)?,
        };
        let times =
            u32::try_from(number("times").unwrap_or(1)).map_err(|_| "times is too large".to_owned())?;
        Ok(Self { kind, method: text("method"), path: text("path"), left: times })
    }
}

fn status(number: Option<u64>) -> Result<u16, String> {
    let code = number.and_then(|code| u16::try_from(code).ok()).unwrap_or(500);
    if (200..=599).contains(&code) { Ok(code) } else { Err(format!("{code} is no status to answer with")) }
}

impl FaultKind {
    /// Reads the `x-simulator-fault` header: `reset-after`, `status=503`, `latency=200`, `rate-limited=2`.
    pub(crate) fn from_word(word: &str) -> Result<Self, String> {
        let (name, argument) = word.trim().split_once('=').unwrap_or((word.trim(), ""));
        let number = |default: u64| argument.parse::<u64>().unwrap_or(default);
        Ok(match name {
            "latency" => Self::Latency(number(1000)),
            "rate-limited" => {
                Self::RateLimited { retry_after: (!argument.is_empty()).then(|| argument.to_owned()) }
            }
            "status" => Self::Status(status(Some(number(500)))?, None),
            "status-after-effect" => Self::StatusAfterEffect(status(Some(number(500)))?, None),
            "bad-gateway" => Self::HtmlBadGateway,
            "reset-before" => Self::ResetBefore,
            "reset-after" => Self::ResetAfter,
            "truncated" => Self::Truncated,
            "malformed" => Self::Malformed,
            "slow-body" => Self::SlowBody(number(50)),
            _ => return Err(format!("no fault is called {name:?}")),
        })
    }

    fn from_headers(headers: &HeaderMap) -> Option<Result<Self, String>> {
        let word = headers.get("x-simulator-fault")?.to_str().unwrap_or_default();
        Some(Self::from_word(word))
    }
}

/// The queue of faults that are still to happen. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<VecDeque<Fault>>>);

impl Faults {
    /// Adds a fault. Of several that match one request, the one pushed first happens.
    pub fn push(&self, fault: Fault) {
        if fault.left > 0 {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(fault);
        }
    }

    /// Forgets every fault that has not happened.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// How many requests are still to be hit.
    pub fn remaining(&self) -> u32 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|fault| fault.left).sum()
    }

    /// The fault of one request, by its header or from the queue. A header that names no fault is an error:
    /// a test that asked for a fault must not pass without one.
    pub(crate) fn take(
        &self,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
    ) -> Result<Option<FaultKind>, String> {
        match FaultKind::from_headers(headers) {
            Some(named) => named.map(Some),
            None => Ok(self.take_queued(method, path)),
        }
    }

    fn take_queued(&self, method: &Method, path: &str) -> Option<FaultKind> {
        let mut queue = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = queue.iter().position(|fault| fault.matches(method, path))?;
        let fault = queue.get_mut(at)?;
        fault.left -= 1;
        let kind = fault.kind.clone();
        if fault.left == 0 {
            queue.remove(at);
        }
        Some(kind)
    }
}

/// What a socket has to do beside sending the response; in process it can only be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WireFault {
    /// Nothing: send the response.
    None,
    /// Wait this many milliseconds, then send the response.
    Delay(u64),
    /// Close without an answer.
    Reset {
        /// Whether the call was carried out first.
        effect_happened: bool,
    },
    /// Announce the whole body, send half of it, close.
    Truncate,
    /// Send one byte, wait this many milliseconds, send the next.
    Trickle(u64),
}

/// A response, and what the wire does to it.
#[non_exhaustive]
pub struct Handled {
    /// The whole response. For a reset before the effect it is empty, with status 503.
    pub response: Response<Bytes>,
    /// What happens to it on a socket.
    pub wire: WireFault,
    /// While this lives, the request counts as running: its idempotency key is in use.
    pub(crate) running: Option<Box<dyn Send + Sync>>,
}

impl fmt::Debug for Handled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handled")
            .field("status", &self.response.status())
            .field("wire", &self.wire)
            .field("running", &self.running.is_some())
            .finish_non_exhaustive()
    }
}

/// The connection closed before an answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dropped {
    /// Whether the provider had carried the call out. A client cannot know this; a test may.
    pub effect_happened: bool,
}

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection closed before an answer came")
    }
}

impl std::error::Error for Dropped {}
