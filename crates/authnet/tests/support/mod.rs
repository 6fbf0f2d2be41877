//! What the flow, fault, leak and text tests share: a simulated Authorize.Net, a clock that moves when somebody waits, and
//! a transport between them that a test can break.
#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "clippy counts as tests only what bears the attribute")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Request, Response};
use serde_json::{Value, json};
use turnbuckle_authnet::AuthorizeNetProvider;
use turnbuckle_core::http::{
    Delivery, Limits, RetryPolicy, Transport, TransportError, TransportErrorKind, transport_fn,
};
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    Card, IdempotencyKey, Interval, IntervalUnit, Journal, MerchantReference, Outcome, Payment,
    PaymentGateway, PaymentMethod, PaymentPolicy, PaymentRequest, Plan, SubscriptionRequest,
};
use turnbuckle_core::provider::{Connection, ConnectionConfig, IntegrationProvider};
use turnbuckle_core::{Clock, Environment, Random, Result};
use turnbuckle_simulator::{SimClock, Simulator};

pub(crate) const ACCOUNT: &str = "tenant-7/authorize-net";

/// The simulator's clock, seen as the library's. Pauses move it; alarms that are there to ring at a deadline do not, or
/// every call would be late.
#[derive(Debug, Clone)]
pub(crate) struct TestClock {
    sim: SimClock,
    monotonic: Arc<Mutex<Duration>>,
}

impl TestClock {
    pub(crate) fn new(sim: SimClock) -> Self {
        Self { sim, monotonic: Arc::default() }
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.sim.advance(by);
        *self.monotonic.lock().unwrap() += by;
    }
}

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(i64::try_from(self.sim.unix()).unwrap(), 0).unwrap()
    }

    fn monotonic(&self) -> Duration {
        *self.monotonic.lock().unwrap()
    }

    async fn sleep(&self, duration: Duration) {
        if duration >= Duration::from_secs(15) {
            std::future::pending::<()>().await;
        }
        self.advance(duration);
    }
}

/// No jitter: every pause is as long as it can be.
#[derive(Debug)]
pub(crate) struct Longest;

impl Random for Longest {
    fn fill(&self, buffer: &mut [u8]) -> Result<()> {
        buffer.fill(0xFF);
        Ok(())
    }
}

/// What a test does to the requests that match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Break {
    /// The simulator carries the request out, and the answer is lost.
    AfterEffect,
    /// The request is lost.
    BeforeEffect,
    /// The request is answered with this status, and never seen by the simulator.
    Answer(u16),
}

/// Hands requests to the simulator, and loses some.
#[derive(Debug)]
pub(crate) struct BreakingTransport {
    sim: Simulator,
    /// What to break, with which words in the body, how often.
    plan: Mutex<Option<(Break, &'static str, usize)>>,
    pub(crate) sent: AtomicUsize,
    /// How often each send is polled in vain, before and after the effect.
    yields: (usize, usize),
}

impl BreakingTransport {
    pub(crate) fn new(sim: &Simulator) -> Self {
        Self { sim: sim.clone(), plan: Mutex::new(None), sent: AtomicUsize::new(0), yields: (0, 0) }
    }

    pub(crate) fn with_yields(mut self, before: usize, after: usize) -> Self {
        self.yields = (before, after);
        self
    }

    /// Breaks the next `times` requests whose body has these words.
    pub(crate) fn plan(&self, what: Break, words: &'static str, times: usize) {
        *self.plan.lock().unwrap() = Some((what, words, times));
    }

    fn take(&self, request: &Request<Bytes>) -> Option<Break> {
        let mut plan = self.plan.lock().unwrap();
        let (what, words, times) = plan.as_mut()?;
        if *times == 0 || !std::str::from_utf8(request.body()).unwrap().contains(*words) {
            return None;
        }
        *times -= 1;
        Some(*what)
    }
}

#[async_trait]
impl Transport for BreakingTransport {
    async fn send(
        &self,
        request: Request<Bytes>,
        _limits: Limits,
    ) -> std::result::Result<Response<Bytes>, TransportError> {
        let lost = TransportError::new(TransportErrorKind::Reset, Delivery::MaybeDelivered);
        for _ in 0..self.yields.0 {
            yield_once().await;
        }
        self.sent.fetch_add(1, Ordering::SeqCst);
        let answer = match self.take(&request) {
            Some(Break::BeforeEffect) => Err(lost),
            Some(Break::AfterEffect) => {
                self.sim.handle(request);
                Err(lost)
            }
            Some(Break::Answer(status)) => {
                let mut response = Response::new(Bytes::from_static(b"<html>"));
                *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
                Ok(response)
            }
            None => self.sim.try_handle(request).map_err(|_| lost),
        };
        for _ in 0..self.yields.1 {
            yield_once().await;
        }
        answer
    }
}

async fn yield_once() {
    let mut polled = false;
    std::future::poll_fn(move |context| {
        if std::mem::replace(&mut polled, true) {
            return std::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

/// A simulated Authorize.Net and all it takes to connect to it.
pub(crate) struct Rig {
    pub(crate) sim: Simulator,
    pub(crate) clock: TestClock,
}

impl Rig {
    pub(crate) fn new() -> Self {
        let sim = Simulator::new();
        sim.authnet().allow_unlinked_credit(true);
        let clock = TestClock::new(sim.clock().clone());
        Self { sim, clock }
    }

    pub(crate) fn credentials(&self) -> Value {
        let vendor = self.sim.authnet();
        json!({
            "apiLoginId": vendor.api_login_id(),
            "transactionKey": vendor.transaction_key(),
            "signatureKey": vendor.signature_key(),
        })
    }

    pub(crate) fn config_with(&self, credentials: Value, transport: Arc<dyn Transport>) -> ConnectionConfig {
        let form = AuthorizeNetProvider::new().definition().credential_schema;
        ConnectionConfig::new(ACCOUNT, Environment::Sandbox, form.parse(credentials).unwrap())
            .with_transport(transport)
            .with_clock(Arc::new(self.clock.clone()))
            .with_random(Arc::new(Longest))
            .with_payment_policy(PaymentPolicy::default().with_raw_cards().with_unlinked_credit())
    }

    pub(crate) fn transport(&self) -> Arc<dyn Transport> {
        let sim = self.sim.clone();
        Arc::new(transport_fn(move |request| sim.handle(request)))
    }

    pub(crate) fn connect(&self) -> Connection {
        AuthorizeNetProvider::new().connect(self.config_with(self.credentials(), self.transport())).unwrap()
    }

    pub(crate) fn gateway(&self) -> Arc<dyn PaymentGateway> {
        self.connect().payments().unwrap()
    }

    /// A connection whose answers a test can lose.
    pub(crate) fn breaking(
        &self,
        transport: &Arc<BreakingTransport>,
        journal: Option<Arc<dyn Journal>>,
    ) -> Connection {
        let transport: Arc<dyn Transport> = Arc::clone(transport) as _;
        let mut config = self.config_with(self.credentials(), transport).with_retry(RetryPolicy::new());
        if let Some(journal) = journal {
            config = config.with_journal(journal);
        }
        AuthorizeNetProvider::new().connect(config).unwrap()
    }

    pub(crate) fn key(&self, value: &str) -> IdempotencyKey {
        IdempotencyKey::new(value, self.clock.now()).unwrap()
    }

    pub(crate) fn request(&self, cents: i64, key: &str) -> PaymentRequest {
        PaymentRequest::new(usd(cents), card(), self.key(key), reference("order-1001"))
    }

    pub(crate) fn subscription(&self, key: &str) -> SubscriptionRequest {
        let plan = Plan::Inline { amount: usd(1200), every: Interval::new(1, IntervalUnit::Month) };
        SubscriptionRequest::new(card(), plan, self.key(key), reference("sub-1"))
    }

    /// What the vendor has of transactions that went through.
    pub(crate) fn standing(&self) -> Vec<Value> {
        let mut all = self.sim.authnet().transactions();
        all.retain(|one| one["transactionStatus"] != "declined");
        all
    }

    pub(crate) fn status(&self, payment: &Payment) -> String {
        let all = self.sim.authnet().transactions();
        let one = all.iter().find(|one| one["transId"] == payment.reference.id()).unwrap();
        one["transactionStatus"].as_str().unwrap().to_owned()
    }
}

pub(crate) fn usd(cents: i64) -> Money {
    Money::new(cents, Currency::USD)
}

pub(crate) fn card() -> PaymentMethod {
    let card = Card::new("4111111111111111", 12, 2034).unwrap().with_cvv("900").unwrap();
    PaymentMethod::Card(card.with_holder("Robin Doe"))
}

pub(crate) fn reference(text: &str) -> MerchantReference {
    MerchantReference::new(text).unwrap()
}

#[track_caller]
pub(crate) fn approved(outcome: Outcome) -> Payment {
    match outcome {
        Outcome::Approved(payment) => payment,
        other => panic!("{other:?}"),
    }
}
