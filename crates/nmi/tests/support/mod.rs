//! What the flow, fault and text tests share: a simulated NMI, a clock that moves when somebody waits, and a transport
//! between them that a test can break.
#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy counts as tests only what bears the attribute"
)]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Request, Response};
use serde_json::{Value, json};
use turnbuckle_core::http::{
    Delivery, Limits, RetryPolicy, Transport, TransportError, TransportErrorKind, transport_fn,
};
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    Card, IdempotencyKey, Journal, MerchantReference, Outcome, Payment, PaymentGateway, PaymentMethod,
    PaymentPolicy, PaymentRequest, Subscriptions,
};
use turnbuckle_core::provider::{Connection, ConnectionConfig, IntegrationProvider};
use turnbuckle_core::{Clock, Environment, Random, Result};
use turnbuckle_nmi::NmiProvider;
use turnbuckle_simulator::nmi::NmiSimulator;
use turnbuckle_simulator::{SimClock, Simulator};

pub(crate) const ACCOUNT: &str = "tenant-7/nmi";
pub(crate) const VISA: &str = "4111111111111111";
/// The account behind it has no money.
pub(crate) const POOR: &str = "4000000000009995";

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Break {
    /// The simulator carries the request out, and the answer is lost.
    AfterEffect,
    /// The request is lost.
    BeforeEffect,
    /// The request is never sent, and the transport knows it.
    NotSent,
    /// Something in front of the gateway answers instead.
    Status(u16),
    /// The simulator carries the request out, and this is what comes back with status 200.
    Instead(&'static str),
    /// Nothing is carried out, and this is what comes back with status 200.
    Refused(&'static str),
}

/// Hands requests to the simulator, and breaks some.
#[derive(Debug)]
pub(crate) struct BreakingTransport {
    sim: Simulator,
    /// What to break, whose path ends so, how often.
    plan: Mutex<Option<(Break, &'static str, usize)>>,
    /// How many Payment API requests left.
    pub(crate) transacts: AtomicUsize,
    /// How many requests left.
    pub(crate) sent: AtomicUsize,
    /// How often each send is polled in vain, before and after the effect.
    pub(crate) yields: (usize, usize),
}

impl BreakingTransport {
    pub(crate) fn new(sim: &Simulator) -> Self {
        let zero = AtomicUsize::default;
        Self { sim: sim.clone(), plan: Mutex::new(None), transacts: zero(), sent: zero(), yields: (0, 0) }
    }

    pub(crate) fn with_yields(mut self, before: usize, after: usize) -> Self {
        self.yields = (before, after);
        self
    }

    /// Breaks the next `times` requests whose path ends so.
    pub(crate) fn plan(&self, what: Break, path: &'static str, times: usize) {
        *self.plan.lock().unwrap() = Some((what, path, times));
    }

    pub(crate) fn transacts(&self) -> usize {
        self.transacts.load(Ordering::SeqCst)
    }

    fn take(&self, request: &Request<Bytes>) -> Option<Break> {
        let mut plan = self.plan.lock().unwrap();
        let (what, path, times) = plan.as_mut()?;
        if *times == 0 || !request.uri().path().ends_with(*path) {
            return None;
        }
        *times -= 1;
        Some(what.clone())
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
        if request.uri().path().ends_with("transact.php") {
            self.transacts.fetch_add(1, Ordering::SeqCst);
        }
        let answer = match self.take(&request) {
            Some(Break::NotSent) => Err(TransportError::new(TransportErrorKind::Connect, Delivery::NotSent)),
            Some(Break::BeforeEffect) => Err(lost),
            Some(Break::AfterEffect) => {
                self.sim.handle(request);
                Err(lost)
            }
            Some(Break::Status(status)) => {
                Ok(Response::builder().status(status).body(Bytes::from_static(b"<html></html>")).unwrap())
            }
            Some(Break::Refused(body)) => Ok(Response::new(Bytes::from_static(body.as_bytes()))),
            Some(Break::Instead(body)) => {
                self.sim.handle(request);
                Ok(Response::new(Bytes::from_static(body.as_bytes())))
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

/// A simulated NMI and all it takes to connect to it.
pub(crate) struct Rig {
    pub(crate) sim: Simulator,
    pub(crate) clock: TestClock,
    pub(crate) journal: Option<Arc<dyn Journal>>,
}

impl Rig {
    pub(crate) fn new() -> Self {
        let sim = Simulator::builder().with_clock(SimClock::fixed(1_700_000_000)).build();
        sim.nmi().refuse(POOR, "202", "Insufficient funds");
        let clock = TestClock::new(sim.clock().clone());
        Self { sim, clock, journal: None }
    }

    pub(crate) fn with_journal(mut self, journal: Arc<dyn Journal>) -> Self {
        self.journal = Some(journal);
        self
    }

    pub(crate) fn nmi(&self) -> &NmiSimulator {
        self.sim.nmi()
    }

    pub(crate) fn credentials(&self) -> Value {
        json!({ "securityKey": self.nmi().security_key(), "webhookKey": self.nmi().webhook_key() })
    }

    pub(crate) fn config_with(
        &self,
        environment: Environment,
        credentials: Value,
        transport: Arc<dyn Transport>,
    ) -> ConnectionConfig {
        let credentials = NmiProvider::new().definition().credential_schema.parse(credentials).unwrap();
        let config = ConnectionConfig::new(ACCOUNT, environment, credentials)
            .with_transport(transport)
            .with_clock(Arc::new(self.clock.clone()))
            .with_random(Arc::new(Longest))
            .with_payment_policy(PaymentPolicy::default().with_raw_cards().with_unlinked_credit());
        match &self.journal {
            Some(journal) => config.with_journal(Arc::clone(journal)),
            None => config,
        }
    }

    /// Straight to the simulator.
    pub(crate) fn transport(&self) -> Arc<dyn Transport> {
        let sim = self.sim.clone();
        Arc::new(transport_fn(move |request| sim.handle(request)))
    }

    pub(crate) fn config(&self) -> ConnectionConfig {
        self.config_with(Environment::Sandbox, self.credentials(), self.transport())
    }

    pub(crate) fn connect(&self) -> Connection {
        NmiProvider::new().connect(self.config()).unwrap()
    }

    pub(crate) fn gateway(&self) -> Arc<dyn PaymentGateway> {
        self.connect().payments().unwrap()
    }

    pub(crate) fn subscriptions(&self) -> Arc<dyn Subscriptions> {
        self.connect().subscriptions().unwrap()
    }

    /// A connection whose answers a test can break.
    pub(crate) fn breaking(&self, transport: &Arc<BreakingTransport>, retry: RetryPolicy) -> Connection {
        let transport: Arc<dyn Transport> = Arc::clone(transport) as _;
        let config = self.config_with(Environment::Sandbox, self.credentials(), transport).with_retry(retry);
        NmiProvider::new().connect(config).unwrap()
    }

    pub(crate) fn key(&self, value: &str) -> IdempotencyKey {
        IdempotencyKey::new(value, self.clock.now()).unwrap()
    }

    pub(crate) fn request(&self, cents: i64, method: PaymentMethod, key: &str) -> PaymentRequest {
        PaymentRequest::new(usd(cents), method, self.key(key), reference("order-1001"))
    }

    pub(crate) fn transactions(&self) -> Vec<Value> {
        self.nmi().transactions()
    }

    /// Transactions whose first action worked.
    pub(crate) fn good(&self) -> Vec<Value> {
        self.transactions().into_iter().filter(|known| known["actions"][0]["success"] == true).collect()
    }
}

pub(crate) fn usd(cents: i64) -> Money {
    Money::new(cents, Currency::USD)
}

pub(crate) fn card(number: &str) -> PaymentMethod {
    PaymentMethod::Card(Card::new(number, 12, 2034).unwrap().with_cvv("999").unwrap())
}

pub(crate) fn reference(text: &str) -> MerchantReference {
    MerchantReference::new(text).unwrap()
}

#[track_caller]
pub(crate) fn approved(outcome: &Outcome) -> &Payment {
    outcome.approved().unwrap_or_else(|| panic!("{outcome:?}"))
}
