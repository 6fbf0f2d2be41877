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
use secrecy::SecretString;
use turnbuckle_core::http::{Delivery, TransportError, TransportErrorKind, transport_try_fn};
use turnbuckle_core::provider::ConnectionConfig;
use turnbuckle_core::{Clock, Environment};
use turnbuckle_plaid::{Plaid, PlaidProvider};

pub(crate) const CLIENT_ID: &str = "5f0c1d2e3b4a596877665544";
pub(crate) const SECRET: &str = "fixture-secret-that-opens-nothing";
pub(crate) const ACCOUNT: &str = "accEverydayStandBoard00000000000001";
pub(crate) const ITEM: &str = "itemStandBoard000000000000000001";

const UUID: &str = "3f0c5d1e-8b7a-4c21-9d42-6a1f00b0a7d1";

pub(crate) fn access_token() -> SecretString {
    format!("access-sandbox-{UUID}").into()
}

pub(crate) fn public_token() -> SecretString {
    format!("public-sandbox-{UUID}").into()
}

pub(crate) fn link_token() -> SecretString {
    format!("link-sandbox-{UUID}").into()
}

/// What the other side does with one request.
#[derive(Clone)]
pub(crate) enum Answer {
    Reply { status: u16, headers: Vec<(&'static str, &'static str)>, body: String },
    Lost,
}

impl Answer {
    pub(crate) fn new(status: u16, body: impl Into<String>) -> Self {
        Self::Reply { status, headers: Vec::new(), body: body.into() }
    }

    pub(crate) fn fixture(status: u16, name: &str) -> Self {
        Self::new(status, fixture(&format!("responses/{name}.json")))
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: &'static str) -> Self {
        if let Self::Reply { headers, .. } = &mut self {
            headers.push((name, value));
        }
        self
    }
}

pub(crate) fn fixtures() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/plaid"))
}

pub(crate) fn fixture(path: &str) -> String {
    std::fs::read_to_string(fixtures().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
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

    /// Answers 200 with this body, and then with the least that such a body can be.
    pub(crate) fn answering(name: &str) -> Self {
        Self::new([Answer::fixture(200, name), Answer::fixture(200, &format!("{name}_sparse"))])
    }

    pub(crate) fn config(&self, environment: Environment) -> ConnectionConfig {
        let credentials = PlaidProvider::credentials(CLIENT_ID, SECRET.into()).unwrap();
        let wire = self.clone();
        let transport = transport_try_fn(move |request, _| std::future::ready(wire.answer(request)));
        ConnectionConfig::new("acct", environment, credentials)
            .with_transport(Arc::new(transport))
            .with_clock(Arc::new(Still))
    }

    pub(crate) fn plaid(&self) -> Plaid {
        Plaid::new(&self.config(Environment::Sandbox)).unwrap()
    }

    fn answer(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        self.sent.lock().unwrap().push(request);
        match self.answers.lock().unwrap().pop_front().expect("more requests than answers") {
            Answer::Lost => Err(TransportError::new(TransportErrorKind::Reset, Delivery::MaybeDelivered)),
            Answer::Reply { status, headers, body } => {
                let mut response = Response::new(Bytes::from(body));
                *response.status_mut() = StatusCode::from_u16(status).unwrap();
                for (name, value) in headers {
                    response.headers_mut().insert(name, value.parse().unwrap());
                }
                Ok(response)
            }
        }
    }

    pub(crate) fn sent(&self) -> Vec<Request<Bytes>> {
        self.sent.lock().unwrap().clone()
    }

    pub(crate) fn attempts(&self) -> usize {
        self.sent.lock().unwrap().len()
    }

    /// The path and body of each request.
    pub(crate) fn bodies(&self) -> Vec<(String, serde_json::Value)> {
        let read = |request: &Request<Bytes>| {
            (request.uri().path().to_owned(), serde_json::from_slice(request.body()).unwrap())
        };
        self.sent().iter().map(read).collect()
    }

    /// Compares the first request that left with a fixture, byte for byte.
    pub(crate) fn assert_sent(&self, name: &str) {
        let expected = fixture(&format!("requests/{name}.http"));
        assert_eq!(message(&self.sent()[0]), expected, "{name}");
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
pub(crate) struct Still;

#[async_trait]
impl Clock for Still {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    async fn sleep(&self, _duration: Duration) {}
}
