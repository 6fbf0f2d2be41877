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
use turnbuckle_twilio::{Twilio, TwilioProvider};

pub(crate) const AC: &str = "AC0a1b2c3d0a1b2c3d0a1b2c3d0a1b2c3d";
pub(crate) const SK: &str = "SK00112233001122330011223300112233";
pub(crate) const SM: &str = "SM5e6f7a8b5e6f7a8b5e6f7a8b5e6f7a8b";
pub(crate) const MM: &str = "MM9c8d7e6f9c8d7e6f9c8d7e6f9c8d7e6f";
pub(crate) const ME: &str = "ME10203040102030401020304010203040";
pub(crate) const MG: &str = "MGaabbccddaabbccddaabbccddaabbccdd";
pub(crate) const PN: &str = "PN0f1e2d3c0f1e2d3c0f1e2d3c0f1e2d3c";
pub(crate) const HX: &str = "HX4b5a69784b5a69784b5a69784b5a6978";
pub(crate) const VA: &str = "VAdeadbeefdeadbeefdeadbeefdeadbeef";
pub(crate) const VE: &str = "VEcafe1234cafe1234cafe1234cafe1234";
pub(crate) const CA: &str = "CA77665544776655447766554477665544";
pub(crate) const AP: &str = "AP31415926314159263141592631415926";
pub(crate) const TO: &str = "+14155550123";
pub(crate) const FROM: &str = "+14155550100";
pub(crate) const TOKEN: &str = "fixture-token-that-opens-nothing";
pub(crate) const CALLBACK: &str = "https://shop.example/twilio/status?tenant=7";

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

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::new(status, body.to_string())
    }

    pub(crate) fn fixture(status: u16, name: &str) -> Self {
        Self::new(status, fixture(&format!("responses/{name}.json")))
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: &str) -> Self {
        if let Self::Reply { headers, .. } = &mut self {
            headers.push((name, value.to_owned()));
        }
        self
    }
}

pub(crate) fn fixtures() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/twilio"))
}

pub(crate) fn fixture(path: &str) -> String {
    std::fs::read_to_string(fixtures().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A sample body, to be changed in places.
pub(crate) fn sample(name: &str) -> Value {
    serde_json::from_str(&fixture(&format!("responses/{name}.json"))).unwrap()
}

pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

/// Fri, 14 Aug 2026 09:12:31: when the sample message was made.
pub(crate) fn now() -> DateTime<Utc> {
    at(1_786_698_751)
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

    /// Answers 200 with this object.
    pub(crate) fn answering(name: &str) -> Self {
        Self::new([Answer::fixture(200, name)])
    }

    pub(crate) fn config_with(
        &self,
        environment: Environment,
        credentials: Value,
        settings: &Value,
    ) -> ConnectionConfig {
        let definition = TwilioProvider::new();
        let definition = definition.definition();
        let wire = self.clone();
        let transport = transport_try_fn(move |request, _| std::future::ready(wire.answer(request)));
        let credentials = definition.credential_schema.parse(credentials).unwrap();
        ConnectionConfig::new("acct", environment, credentials)
            .with_settings(definition.settings_schema.unwrap().parse(settings).unwrap())
            .with_transport(Arc::new(transport))
            .with_clock(Arc::new(Still))
    }

    pub(crate) fn config(&self) -> ConnectionConfig {
        self.config_with(Environment::Production, credentials(), &settings())
    }

    pub(crate) fn twilio(&self) -> Twilio {
        Twilio::new(&self.config()).unwrap()
    }

    pub(crate) fn connect(&self) -> Connection {
        TwilioProvider::new().connect(self.config()).unwrap()
    }

    fn answer(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        self.sent.lock().unwrap().push(request);
        match self.answers.lock().unwrap().pop_front().expect("more requests than answers") {
            Answer::Lost => Err(TransportError::new(TransportErrorKind::Reset, Delivery::MaybeDelivered)),
            Answer::NotSent => Err(TransportError::new(TransportErrorKind::Connect, Delivery::NotSent)),
            Answer::Reply { status, headers, body } => {
                let mut response = Response::new(Bytes::from(body));
                *response.status_mut() = StatusCode::from_u16(status).unwrap();
                let id = "RQ0123456789abcdef0123456789abcdef";
                response.headers_mut().insert("twilio-request-id", id.parse().unwrap());
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

    pub(crate) fn is_used_up(&self) -> bool {
        self.answers.lock().unwrap().is_empty()
    }

    /// The decoded pairs of the one form that left.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        let sent = self.sent();
        assert_eq!(sent.len(), 1, "exactly one request leaves");
        pairs(&sent[0])
    }

    /// Compares the one request that left with a fixture, byte for byte.
    pub(crate) fn assert_sent(&self, name: &str) {
        let sent = self.sent();
        assert_eq!(sent.len(), 1, "exactly one request leaves");
        let expected = fixture(&format!("requests/{name}.http"));
        assert_eq!(message(&sent[0]), expected, "{name}");
    }
}

pub(crate) fn credentials() -> Value {
    json!({
        "accountSid": AC, "authToken": TOKEN,
        "apiKeySid": SK, "apiKeySecret": "fixture-secret-that-opens-nothing",
    })
}

pub(crate) fn settings() -> Value {
    json!({"from": FROM, "statusCallbackUrl": CALLBACK})
}

pub(crate) fn pairs(request: &Request<Bytes>) -> Vec<(String, String)> {
    url::form_urlencoded::parse(request.body())
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
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
        now()
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    async fn sleep(&self, _duration: Duration) {}
}
