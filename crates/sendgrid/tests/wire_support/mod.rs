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
use serde_json::{Value, json};
use turnbuckle_core::http::{Delivery, TransportError, TransportErrorKind, transport_try_fn};
use turnbuckle_core::provider::{Connection, ConnectionConfig, IntegrationProvider};
use turnbuckle_core::{Clock, Environment, Result};
use turnbuckle_sendgrid::{SendGrid, SendGridProvider};

pub(crate) const KEY: &str = "SG.fixture-key-that-opens-nothing";
pub(crate) const BATCH: &str = "YmF0Y2gtb25l";

/// What the other side does with one request.
#[derive(Clone)]
pub(crate) enum Answer {
    Reply { status: u16, headers: Vec<(&'static str, String)>, body: String },
    Lost,
    NotSent,
}

impl Answer {
    pub(crate) fn new(status: u16, body: impl Into<String>) -> Self {
        Self::Reply { status, headers: Vec::new(), body: body.into() }
    }

    pub(crate) fn fixture(status: u16, name: &str) -> Self {
        Self::new(status, fixture(&format!("responses/{name}.json")))
    }

    /// A mail that was taken.
    pub(crate) fn taken() -> Self {
        Self::new(202, "").with_header("x-message-id", "LRzXl_NHStOGhQ4kofSm_A")
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: &str) -> Self {
        if let Self::Reply { headers, .. } = &mut self {
            headers.push((name, value.to_owned()));
        }
        self
    }
}

pub(crate) fn fixture(path: &str) -> String {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/sendgrid"));
    std::fs::read_to_string(folder.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

pub(crate) fn now() -> DateTime<Utc> {
    at(1_800_000_000)
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

    pub(crate) fn config(&self, environment: Environment, settings: &Value) -> ConnectionConfig {
        let definition = SendGridProvider::new();
        let definition = definition.definition();
        let wire = self.clone();
        let transport = transport_try_fn(move |request, _| std::future::ready(wire.answer(request)));
        let credentials = definition.credential_schema.parse(json!({"apiKey": KEY})).unwrap();
        ConnectionConfig::new("acct", environment, credentials)
            .with_settings(definition.settings_schema.unwrap().parse(settings).unwrap())
            .with_transport(Arc::new(transport))
            .with_clock(Arc::new(Still))
    }

    pub(crate) fn client(&self) -> SendGrid {
        SendGrid::new(&self.config(Environment::Production, &json!({}))).unwrap()
    }

    pub(crate) fn connect(&self, environment: Environment, settings: &Value) -> Connection {
        SendGridProvider::new().connect(self.config(environment, settings)).unwrap()
    }

    fn answer(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        self.sent.lock().unwrap().push(request);
        match self.answers.lock().unwrap().pop_front().expect("more requests than answers") {
            Answer::Lost => Err(TransportError::new(TransportErrorKind::Reset, Delivery::MaybeDelivered)),
            Answer::NotSent => Err(TransportError::new(TransportErrorKind::Connect, Delivery::NotSent)),
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

    /// What was sent, as `METHOD path`.
    pub(crate) fn lines(&self) -> Vec<String> {
        let line = |request: &Request<Bytes>| format!("{} {}", request.method(), request.uri().path());
        self.sent().iter().map(line).collect()
    }

    pub(crate) fn body(&self, index: usize) -> Value {
        serde_json::from_slice(self.sent()[index].body()).unwrap()
    }

    /// Compares the last request that left with a fixture, byte for byte.
    pub(crate) fn assert_sent(&self, name: &str) {
        let sent = self.sent();
        let expected = fixture(&format!("requests/{name}.http"));
        assert_eq!(message(sent.last().expect("a request left")), expected, "{name}");
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

/// Never moves.
#[derive(Debug)]
pub(crate) struct Still;

#[async_trait]
impl Clock for Still {
    fn now(&self) -> DateTime<Utc> {
        now()
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    async fn sleep(&self, _duration: Duration) {}
}
