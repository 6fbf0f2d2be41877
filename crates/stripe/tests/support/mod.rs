//! What the flow and the fault tests share: a simulated Stripe, a clock that moves when somebody waits, and a transport
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
use serde_json::{Value, json};
use turnbuckle_core::http::{
    Delivery, Limits, RetryPolicy, Transport, TransportError, TransportErrorKind, transport_fn,
};
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    IdempotencyKey, MerchantReference, Outcome, Payment, PaymentGateway, PaymentMethod, PaymentPolicy,
    PaymentRequest, VendorToken,
};
use turnbuckle_core::provider::{Connection, ConnectionConfig, IntegrationProvider};
use turnbuckle_core::{Clock, Environment, Random, Result};
use turnbuckle_simulator::{SimClock, Simulator};
use turnbuckle_stripe::StripeProvider;

pub(crate) const ACCOUNT: &str = "tenant-7/stripe";

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
    /// The request is never sent, and the transport knows it.
    NotSent,
}

/// Hands requests to the simulator, and loses some.
#[derive(Debug)]
pub(crate) struct BreakingTransport {
    sim: Simulator,
    /// What to break, in which path, how often.
    plan: Mutex<Option<(Break, &'static str, usize)>>,
    pub(crate) sent: AtomicUsize,
    /// How often each send is polled in vain, before and after the effect.
    pub(crate) yields: (usize, usize),
}

impl BreakingTransport {
    pub(crate) fn new(sim: &Simulator) -> Self {
        Self { sim: sim.clone(), plan: Mutex::new(None), sent: AtomicUsize::new(0), yields: (0, 0) }
    }

    pub(crate) fn with_yields(mut self, before: usize, after: usize) -> Self {
        self.yields = (before, after);
        self
    }

    /// Breaks the next `times` POSTs whose path contains `path`.
    pub(crate) fn plan(&self, what: Break, path: &'static str, times: usize) {
        *self.plan.lock().unwrap() = Some((what, path, times));
    }

    fn take(&self, request: &Request<Bytes>) -> Option<Break> {
        let mut plan = self.plan.lock().unwrap();
        let (what, path, times) = plan.as_mut()?;
        if *times == 0 || request.method() != http::Method::POST || !request.uri().path().contains(*path) {
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

/// A simulated Stripe and all it takes to connect to it.
pub(crate) struct Rig {
    pub(crate) sim: Simulator,
    pub(crate) clock: TestClock,
}

impl Rig {
    pub(crate) fn new() -> Self {
        let sim = Simulator::new();
        let clock = TestClock::new(sim.clock().clone());
        Self { sim, clock }
    }

    pub(crate) fn credentials(&self) -> Value {
        json!({
            "secretKey": self.sim.stripe().secret_key(),
            "publishableKey": self.sim.stripe().publishable_key(),
            "webhookSecret": self.sim.stripe().webhook_secret(),
        })
    }

    pub(crate) fn config_with(&self, credentials: Value, transport: Arc<dyn Transport>) -> ConnectionConfig {
        let credentials = StripeProvider::new().definition().credential_schema.parse(credentials).unwrap();
        ConnectionConfig::new(ACCOUNT, Environment::Sandbox, credentials)
            .with_transport(transport)
            .with_clock(Arc::new(self.clock.clone()))
            .with_random(Arc::new(Longest))
            .with_payment_policy(PaymentPolicy::default().with_raw_cards())
    }

    /// Straight to the simulator.
    pub(crate) fn transport(&self) -> Arc<dyn Transport> {
        let sim = self.sim.clone();
        Arc::new(transport_fn(move |request| sim.handle(request)))
    }

    pub(crate) fn config(&self) -> ConnectionConfig {
        self.config_with(self.credentials(), self.transport())
    }

    pub(crate) fn connect(&self) -> Connection {
        StripeProvider::new().connect(self.config()).unwrap()
    }

    pub(crate) fn gateway(&self) -> Arc<dyn PaymentGateway> {
        self.connect().payments().unwrap()
    }

    /// A gateway whose answers a test can lose; it sends nothing twice on its own.
    pub(crate) fn breaking(&self, transport: &Arc<BreakingTransport>) -> Arc<dyn PaymentGateway> {
        let transport: Arc<dyn Transport> = Arc::clone(transport) as _;
        let config = self.config_with(self.credentials(), transport).with_retry(RetryPolicy::never());
        StripeProvider::new().connect(config).unwrap().payments().unwrap()
    }

    pub(crate) fn key(&self, value: &str) -> IdempotencyKey {
        IdempotencyKey::new(value, self.clock.now()).unwrap()
    }

    /// A request for so many cents by a test payment method such as `pm_card_visa`.
    pub(crate) fn request(&self, cents: i64, method: &str, key: &str) -> PaymentRequest {
        PaymentRequest::new(usd(cents), token(method), self.key(key), reference("order-1001"))
    }

    pub(crate) fn charges(&self) -> Vec<Value> {
        self.sim.stripe().charges()
    }

    /// Charges that took or hold money.
    pub(crate) fn good_charges(&self) -> usize {
        self.charges().iter().filter(|charge| charge["status"] != "failed").count()
    }
}

pub(crate) fn usd(cents: i64) -> Money {
    Money::new(cents, Currency::USD)
}

pub(crate) fn token(id: &str) -> PaymentMethod {
    PaymentMethod::Token(VendorToken::new("payment_method", id))
}

pub(crate) fn reference(text: &str) -> MerchantReference {
    MerchantReference::new(text).unwrap()
}

#[track_caller]
pub(crate) fn approved(outcome: &Outcome) -> &Payment {
    outcome.approved().unwrap_or_else(|| panic!("{outcome:?}"))
}
