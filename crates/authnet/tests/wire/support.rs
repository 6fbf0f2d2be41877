//! A client whose requests are kept, and whose answers are fixtures.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
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
use turnbuckle_authnet::{AuthorizeNet, AuthorizeNetProvider};
use turnbuckle_core::http::{Delivery, RetryPolicy, TransportError, TransportErrorKind, transport_try_fn};
use turnbuckle_core::payment::{IdempotencyKey, MerchantReference, PaymentPolicy};
use turnbuckle_core::provider::{Connection, ConnectionConfig, IntegrationProvider};
use turnbuckle_core::{Clock, Environment};

pub(crate) const LOGIN: &str = "fixtureLogin";
pub(crate) const KEY: &str = "fixtureTxnKey016";

/// What the other side does with one request.
#[derive(Clone)]
pub(crate) enum Answer {
    Reply(u16, Vec<u8>),
    Lost,
}

impl Answer {
    pub(crate) fn fixture(name: &str) -> Self {
        Self::Reply(200, fixture(&format!("responses/{name}.json")))
    }
}

pub(crate) fn fixture(path: &str) -> Vec<u8> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/authnet"));
    std::fs::read(folder.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
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

    pub(crate) fn answering(names: &[&str]) -> Self {
        Self::new(names.iter().map(|name| Answer::fixture(name)))
    }

    pub(crate) fn config(&self, environment: Environment) -> ConnectionConfig {
        let credentials = AuthorizeNetProvider::credentials(LOGIN.into(), KEY.into()).unwrap();
        let wire = self.clone();
        let transport = transport_try_fn(move |request, _| std::future::ready(wire.answer(request)));
        ConnectionConfig::new("acct", environment, credentials)
            .with_transport(Arc::new(transport))
            .with_clock(Arc::new(Still))
            .with_retry(RetryPolicy::never())
            .with_payment_policy(PaymentPolicy::default().with_raw_cards().with_unlinked_credit())
    }

    pub(crate) fn client(&self) -> AuthorizeNet {
        AuthorizeNet::new(&self.config(Environment::Sandbox)).unwrap()
    }

    pub(crate) fn connection(&self) -> Connection {
        AuthorizeNetProvider::new().connect(self.config(Environment::Sandbox)).unwrap()
    }

    fn answer(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        self.sent.lock().unwrap().push(request);
        match self.answers.lock().unwrap().pop_front() {
            None => panic!("more requests than answers"),
            Some(Answer::Lost) => {
                Err(TransportError::new(TransportErrorKind::Reset, Delivery::MaybeDelivered))
            }
            Some(Answer::Reply(status, body)) => {
                let mut response = Response::new(Bytes::from(body));
                *response.status_mut() = StatusCode::from_u16(status).unwrap();
                Ok(response)
            }
        }
    }

    pub(crate) fn sent(&self) -> Vec<Request<Bytes>> {
        self.sent.lock().unwrap().clone()
    }

    /// Compares the request that left at this place with a fixture, byte for byte.
    #[track_caller]
    pub(crate) fn assert_sent_at(&self, place: usize, name: &str) {
        let expected = String::from_utf8(fixture(&format!("requests/{name}.http"))).unwrap();
        let sent = self.sent();
        assert_eq!(message(&sent[place]), expected, "{name}");
    }

    /// The same of the only one.
    #[track_caller]
    pub(crate) fn assert_sent(&self, name: &str) {
        assert_eq!(self.sent().len(), 1, "exactly one request leaves");
        self.assert_sent_at(0, name);
    }
}

/// A request as an HTTP/1.1 message with sorted headers.
pub(crate) fn message(request: &Request<Bytes>) -> String {
    let uri = request.uri();
    assert_eq!(uri.scheme_str(), Some("https"));
    let headers = request.headers().iter();
    let mut headers: Vec<(String, String)> =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
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

pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).unwrap()
}

pub(crate) fn key(value: &str) -> IdempotencyKey {
    IdempotencyKey::new(value, now()).unwrap()
}

pub(crate) fn reference(text: &str) -> MerchantReference {
    MerchantReference::new(text).unwrap()
}

/// Never moves.
#[derive(Debug)]
struct Still;

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
