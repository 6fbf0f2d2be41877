//! A client whose requests are kept, and whose answers are fixtures.

#![allow(dead_code, reason = "each test uses its part")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests, which clippy does not recognize as such"
)]

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Request, Response, StatusCode};
use turnbuckle_core::http::{Delivery, TransportError, TransportErrorKind, transport_try_fn};
use turnbuckle_core::payment::PaymentPolicy;
use turnbuckle_core::provider::ConnectionConfig;
use turnbuckle_core::{Clock, Environment, Random, Result};
use turnbuckle_payflow::{Payflow, PayflowProvider, RequestId};

/// Holds both separators, so that it needs its length.
pub(crate) const PASSWORD: &str = "opens&nothing=Fixture";

/// What the other side does with one request.
#[derive(Clone)]
pub(crate) enum Answer {
    Reply { status: u16, body: String },
    Lost,
}

impl Answer {
    pub(crate) fn new(status: u16, body: impl Into<String>) -> Self {
        Self::Reply { status, body: body.into() }
    }

    pub(crate) fn fixture(name: &str) -> Self {
        Self::new(200, fixture(&format!("responses/{name}.txt")))
    }
}

pub(crate) fn fixtures() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/payflow"))
}

pub(crate) fn fixture(path: &str) -> String {
    std::fs::read_to_string(fixtures().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub(crate) fn id() -> RequestId {
    RequestId::new("idem-0001").unwrap()
}

/// Requests that left, and answers that are still to come.
#[derive(Clone, Default)]
pub(crate) struct Wire {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    sent: Arc<Mutex<Vec<Request<Bytes>>>>,
}

impl Wire {
    pub(crate) fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self { answers: Arc::new(Mutex::new(answers.into_iter().collect())), sent: Arc::default() }
    }

    /// One more answer.
    pub(crate) fn push(&self, answer: Answer) {
        self.answers.lock().unwrap().push_back(answer);
    }

    /// Answers with this fixture, once.
    pub(crate) fn answering(name: &str) -> Self {
        Self::new([Answer::fixture(name)])
    }

    pub(crate) fn config(&self, environment: Environment) -> ConnectionConfig {
        let credentials =
            PayflowProvider::credentials("PayPal", "FixtureShop", "FixtureApi", PASSWORD.into()).unwrap();
        let wire = self.clone();
        let transport = transport_try_fn(move |request, _| std::future::ready(wire.answer(request)));
        ConnectionConfig::new("acct", environment, credentials)
            .with_transport(Arc::new(transport))
            .with_clock(Arc::new(Still))
            .with_payment_policy(PaymentPolicy::default().with_raw_cards().with_unlinked_credit())
    }

    pub(crate) fn payflow(&self) -> Payflow {
        Payflow::new(&self.config(Environment::Sandbox)).unwrap().with_random(Arc::new(Counting::default()))
    }

    fn answer(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        self.sent.lock().unwrap().push(request);
        match self.answers.lock().unwrap().pop_front().expect("more requests than answers") {
            Answer::Lost => Err(TransportError::new(TransportErrorKind::Reset, Delivery::MaybeDelivered)),
            Answer::Reply { status, body } => {
                let mut response = Response::new(Bytes::from(body));
                *response.status_mut() = StatusCode::from_u16(status).unwrap();
                Ok(response)
            }
        }
    }

    pub(crate) fn sent(&self) -> Vec<Request<Bytes>> {
        self.sent.lock().unwrap().clone()
    }

    /// Compares the one request that left with a fixture, byte for byte.
    pub(crate) fn assert_sent(&self, name: &str) {
        let sent = self.sent();
        assert_eq!(sent.len(), 1, "exactly one request leaves");
        assert_eq!(message(&sent[0]), fixture(&format!("requests/{name}.http")), "{name}");
    }
}

/// A request as an HTTP/1.1 message with sorted headers.
pub(crate) fn message(request: &Request<Bytes>) -> String {
    let uri = request.uri();
    assert_eq!(uri.scheme_str(), Some("https"));
    let mut headers: Vec<(String, String)> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.push(("host".to_owned(), uri.authority().unwrap().to_string()));
    headers.sort();
    let mut text = format!("{} {} HTTP/1.1\n", request.method(), uri.path_and_query().unwrap());
    for (name, value) in headers {
        writeln!(text, "{name}: {value}").unwrap();
    }
    text.push('\n');
    text.push_str(std::str::from_utf8(request.body()).unwrap());
    text
}

/// Never moves, except that sleeping past the end of an attempt never happens.
#[derive(Debug)]
struct Still;

#[async_trait]
impl Clock for Still {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000, 0).unwrap()
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    async fn sleep(&self, _duration: Duration) {}
}

/// Other bytes each time, and the same ones in each run.
#[derive(Debug, Default)]
struct Counting(Mutex<u8>);

impl Random for Counting {
    fn fill(&self, buffer: &mut [u8]) -> Result<()> {
        let mut count = self.0.lock().unwrap();
        *count += 1;
        buffer.fill(*count);
        Ok(())
    }
}
