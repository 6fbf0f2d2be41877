//! A clock that moves by itself, a scripted transport, and shorthands.

#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part")]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Request, Response};
use turnbuckle_core::http::{
    ConnectionState, Delivery, HttpClient, HttpClientBuilder, Limits, Transport, TransportError,
    TransportErrorKind,
};
use turnbuckle_core::{Clock, Environment, ProviderId, Random};

pub const PROVIDER: ProviderId = ProviderId::from_static("acme_pay");

/// `sleep` returns at once and moves the clock forward.
#[derive(Debug, Default)]
pub struct AutoClock {
    moved: Mutex<Duration>,
    pub sleeps: Mutex<Vec<Duration>>,
}

impl AutoClock {
    pub fn slept(&self) -> Vec<Duration> {
        self.sleeps.lock().unwrap().clone()
    }

    pub fn advance(&self, by: Duration) {
        *self.moved.lock().unwrap() += by;
    }
}

#[async_trait]
impl Clock for AutoClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + *self.moved.lock().unwrap()
    }

    fn monotonic(&self) -> Duration {
        *self.moved.lock().unwrap()
    }

    async fn sleep(&self, duration: Duration) {
        self.sleeps.lock().unwrap().push(duration);
        self.advance(duration);
    }
}

/// Every byte the same: 0xff draws the longest pause, 0 none at all.
#[derive(Debug)]
pub struct FixedRandom(pub u8);

impl Random for FixedRandom {
    fn fill(&self, buffer: &mut [u8]) -> turnbuckle_core::Result<()> {
        buffer.fill(self.0);
        Ok(())
    }
}

/// What one attempt meets.
#[derive(Debug, Clone)]
pub enum Step {
    Answer(u16, Vec<(&'static str, String)>, Bytes),
    Fail(TransportErrorKind, Delivery),
    Hang,
}

pub fn answer(status: u16) -> Step {
    Step::Answer(status, Vec::new(), Bytes::new())
}

pub fn answer_with(status: u16, name: &'static str, value: &str) -> Step {
    Step::Answer(status, vec![(name, value.to_owned())], Bytes::new())
}

pub fn fail(kind: TransportErrorKind, delivery: Delivery) -> Step {
    Step::Fail(kind, delivery)
}

pub fn not_sent() -> Step {
    fail(TransportErrorKind::Connect, Delivery::NotSent)
}

pub fn lost() -> Step {
    fail(TransportErrorKind::Reset, Delivery::MaybeDelivered)
}

pub fn broken() -> Step {
    fail(TransportErrorKind::Truncated, Delivery::Answered)
}

/// Plays its steps in order; one request too many fails the test.
#[derive(Debug, Default)]
pub struct Script {
    steps: Mutex<VecDeque<Step>>,
    pub seen: Mutex<Vec<(String, Bytes, Limits)>>,
}

impl Script {
    pub fn new(steps: impl IntoIterator<Item = Step>) -> Arc<Self> {
        Arc::new(Self { steps: Mutex::new(steps.into_iter().collect()), seen: Mutex::default() })
    }

    pub fn sent(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    pub fn left(&self) -> usize {
        self.steps.lock().unwrap().len()
    }
}

#[async_trait]
impl Transport for Script {
    async fn send(&self, request: Request<Bytes>, limits: Limits) -> Result<Response<Bytes>, TransportError> {
        let head = format!("{} {} {:?}", request.method(), request.uri(), request.headers());
        self.seen.lock().unwrap().push((head, request.into_body(), limits));
        let step = self.steps.lock().unwrap().pop_front().expect("one request more than the test foresees");
        match step {
            Step::Answer(status, headers, body) => {
                let mut response = Response::builder().status(status);
                for (name, value) in headers {
                    response = response.header(name, value);
                }
                Ok(response.body(body).unwrap())
            }
            Step::Fail(kind, delivery) => Err(TransportError::new(kind, delivery)),
            Step::Hang => std::future::pending().await,
        }
    }
}

pub fn builder(transport: Arc<dyn Transport>, clock: Arc<dyn Clock>) -> HttpClientBuilder {
    HttpClient::builder(PROVIDER, Environment::Sandbox, transport, clock)
        .with_random(Arc::new(FixedRandom(0xff)))
}

pub fn client(transport: &Arc<Script>) -> (HttpClient, Arc<AutoClock>) {
    client_with(transport, ConnectionState::new())
}

pub fn client_with(transport: &Arc<Script>, state: ConnectionState) -> (HttpClient, Arc<AutoClock>) {
    let clock = Arc::new(AutoClock::default());
    let transport = Arc::clone(transport);
    let client = builder(transport, Arc::clone(&clock) as Arc<dyn Clock>).with_state(Arc::new(state)).build();
    (client, clock)
}

pub fn post() -> Request<Bytes> {
    Request::post("https://api.example.com/v1/charges")
        .header("idempotency-key", "key-1")
        .body(Bytes::from_static(b"amount=1099"))
        .unwrap()
}
