//! What the flow and the fault tests share: a simulated Payflow, a clock that moves when somebody waits, and a transport
//! between them that a test can break.
#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "clippy counts as tests only what bears the attribute")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Request, Response};
use serde_json::Value;
use turnbuckle_core::http::{
    Delivery, Limits, RetryPolicy, Transport, TransportError, TransportErrorKind, transport_fn,
};
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    BankAccount, Card, IdempotencyKey, Journal, MerchantReference, Outcome, Payment, PaymentGateway,
    PaymentMethod, PaymentPolicy, PaymentRequest, Subscriptions,
};
use turnbuckle_core::provider::{Connection, ConnectionConfig, IntegrationProvider};
use turnbuckle_core::{Clock, Environment, Random, Result};
use turnbuckle_payflow::PayflowProvider;
use turnbuckle_simulator::{SimClock, Simulator};

pub(crate) const ACCOUNT: &str = "tenant-7/payflow";

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

/// No jitter: every pause is as long as it can be. Every draw differs, as request ids must.
#[derive(Debug, Default)]
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
    /// The request is never sent, and the transport knows it.
    NotSent,
    /// 503, before the simulator sees it.
    Busy,
}

/// Hands requests to the simulator, and loses some.
#[derive(Debug)]
pub(crate) struct BreakingTransport {
    sim: Simulator,
    /// What to break, in which transaction type, how often.
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

    /// Breaks the next `times` requests whose body begins with this.
    pub(crate) fn plan(&self, what: Break, begins: &'static str, times: usize) {
        *self.plan.lock().unwrap() = Some((what, begins, times));
    }

    /// Breaks the next request whose body contains this.
    pub(crate) fn plan_containing(&self, what: Break, part: &'static str) {
        *self.plan.lock().unwrap() = Some((what, part, 1));
    }

    fn take(&self, request: &Request<Bytes>) -> Option<Break> {
        let mut plan = self.plan.lock().unwrap();
        let (what, part, times) = plan.as_mut()?;
        let body = std::str::from_utf8(request.body()).unwrap();
        let fits = if part.starts_with('&') { body.contains(*part) } else { body.starts_with(*part) };
        if *times == 0 || !fits {
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
            Some(Break::NotSent) => Err(TransportError::new(TransportErrorKind::Connect, Delivery::NotSent)),
            Some(Break::BeforeEffect) => Err(lost),
            Some(Break::AfterEffect) => {
                self.sim.handle(request);
                Err(lost)
            }
            Some(Break::Busy) => {
                let mut response = Response::new(Bytes::new());
                *response.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
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

/// A simulated Payflow and all it takes to connect to it.
pub(crate) struct Rig {
    pub(crate) sim: Simulator,
    pub(crate) clock: TestClock,
}

impl Rig {
    pub(crate) fn new() -> Self {
        let sim = Simulator::new();
        sim.payflow().configure(|settings| settings.unreferenced_credit = true);
        let clock = TestClock::new(sim.clock().clone());
        Self { sim, clock }
    }

    pub(crate) fn config(&self, transport: Arc<dyn Transport>) -> ConnectionConfig {
        let login = self.sim.payflow().login();
        let credentials =
            PayflowProvider::credentials(&login.partner, &login.vendor, &login.user, login.password.into());
        ConnectionConfig::new(ACCOUNT, Environment::Sandbox, credentials.unwrap())
            .with_transport(transport)
            .with_clock(Arc::new(self.clock.clone()))
            .with_random(Arc::new(Longest))
            .with_payment_policy(PaymentPolicy::default().with_raw_cards().with_unlinked_credit())
    }

    /// Straight to the simulator.
    pub(crate) fn transport(&self) -> Arc<dyn Transport> {
        let sim = self.sim.clone();
        Arc::new(transport_fn(move |request| sim.handle(request)))
    }

    pub(crate) fn connect(&self) -> Connection {
        PayflowProvider::new().connect(self.config(self.transport())).unwrap()
    }

    pub(crate) fn gateway(&self) -> Arc<dyn PaymentGateway> {
        self.connect().payments().unwrap()
    }

    /// A connection whose answers a test can lose; it sends nothing twice on its own.
    pub(crate) fn breaking(&self, transport: &Arc<BreakingTransport>) -> Connection {
        let transport: Arc<dyn Transport> = Arc::clone(transport) as _;
        let config = self.config(transport).with_retry(RetryPolicy::never());
        PayflowProvider::new().connect(config).unwrap()
    }

    pub(crate) fn breaking_with(
        &self,
        transport: &Arc<BreakingTransport>,
        journal: &Arc<dyn Journal>,
    ) -> (Arc<dyn PaymentGateway>, Arc<dyn Subscriptions>) {
        let transport: Arc<dyn Transport> = Arc::clone(transport) as _;
        let config =
            self.config(transport).with_retry(RetryPolicy::never()).with_journal(Arc::clone(journal));
        let connection = PayflowProvider::new().connect(config).unwrap();
        (connection.payments().unwrap(), connection.subscriptions().unwrap())
    }

    pub(crate) fn key(&self, value: &str) -> IdempotencyKey {
        IdempotencyKey::new(value, self.clock.now()).unwrap()
    }

    /// A request for so many cents by a test card.
    pub(crate) fn request(&self, cents: i64, key: &str) -> PaymentRequest {
        PaymentRequest::new(usd(cents), visa(), self.key(key), reference("order-1001"))
    }

    pub(crate) fn transactions(&self) -> Vec<Value> {
        self.sim.payflow().transactions()
    }

    /// Transactions of this type that went through.
    pub(crate) fn count(&self, kind: &str) -> usize {
        let those = self.transactions();
        those.iter().filter(|trx| trx["trxtype"] == kind && trx["result"] == 0).count()
    }
}

pub(crate) fn usd(cents: i64) -> Money {
    Money::new(cents, Currency::USD)
}

pub(crate) fn visa() -> PaymentMethod {
    PaymentMethod::Card(Card::new("4111111111111111", 12, 2034).unwrap().with_cvv("123").unwrap())
}

pub(crate) fn bank_account() -> PaymentMethod {
    PaymentMethod::BankAccount(BankAccount::new("111111118", "1111111111", "Robin Doe").unwrap())
}

pub(crate) fn reference(text: &str) -> MerchantReference {
    MerchantReference::new(text).unwrap()
}

#[track_caller]
pub(crate) fn approved(outcome: &Outcome) -> &Payment {
    outcome.approved().unwrap_or_else(|| panic!("{outcome:?}"))
}
