//! A scripted gateway, a clock that stands still, and short ways to make requests.
#![allow(dead_code, reason = "every test file uses its own part")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::large_enum_variant, reason = "tests")]

use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::*;
use turnbuckle_core::{Clock, Environment, ProviderId, Result};

pub(crate) const PROVIDER: ProviderId = ProviderId::from_static("fake");
pub(crate) const ACCOUNT: &str = "acct-1";
pub(crate) const PAN: &str = "4242424242424242";
pub(crate) const CVV: &str = "739";

pub(crate) fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

pub(crate) fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

pub(crate) fn key(value: &str) -> IdempotencyKey {
    IdempotencyKey::new(value, start()).unwrap()
}

pub(crate) fn order(value: &str) -> MerchantReference {
    MerchantReference::new(value).unwrap()
}

pub(crate) fn handle(id: &str) -> PaymentRef {
    PaymentRef::new(PROVIDER, "payment", id)
}

pub(crate) fn foreign() -> PaymentRef {
    PaymentRef::new(ProviderId::from_static("other"), "payment", "x")
}

pub(crate) fn card() -> PaymentMethod {
    PaymentMethod::Card(Card::new(PAN, 12, 2030).unwrap().with_cvv(CVV).unwrap())
}

pub(crate) fn token() -> PaymentMethod {
    PaymentMethod::Token(VendorToken::new("nonce", "tok-sentinel"))
}

pub(crate) fn bank() -> PaymentMethod {
    PaymentMethod::BankAccount(BankAccount::new("021000021", "000123456789", "A Payer").unwrap())
}

pub(crate) fn purchase(key_value: &str, minor: i64) -> PaymentRequest {
    PaymentRequest::new(usd(minor), token(), key(key_value), order("order-1"))
}

pub(crate) fn attempt(operation: PaymentOperation, key_value: &str, amount: Option<Money>) -> Attempt {
    Attempt::new(&PROVIDER, ACCOUNT, operation, &key(key_value), start()).with_amount(amount)
}

pub(crate) fn payment(operation: PaymentOperation, id: &str, requested: Money) -> Payment {
    let amounts = Amounts::requested(requested);
    let (lifecycle, amounts) = match operation {
        PaymentOperation::Purchase | PaymentOperation::Capture => {
            (Lifecycle::Captured, amounts.with_authorized(requested).with_captured(requested))
        }
        PaymentOperation::Authorize => (Lifecycle::Authorized, amounts.with_authorized(requested)),
        PaymentOperation::Void => (Lifecycle::Voided, amounts),
        PaymentOperation::Refund | PaymentOperation::Credit => {
            (Lifecycle::Settling, amounts.with_refunded(requested))
        }
        _ => (Lifecycle::Verified, amounts),
    };
    Payment::new(handle(id), operation, lifecycle, amounts, false)
}

/// Milliseconds since [`start`].
#[derive(Debug, Default)]
pub(crate) struct FixedClock(AtomicI64);

impl FixedClock {
    pub(crate) fn set(&self, since_start: TimeDelta) {
        self.0.store(since_start.num_milliseconds(), Ordering::SeqCst);
    }
}

#[async_trait]
impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        start() + TimeDelta::milliseconds(self.0.load(Ordering::SeqCst))
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    async fn sleep(&self, _: Duration) {}
}

/// What one call of the scripted gateway answers.
#[derive(Debug)]
pub(crate) enum Answer {
    Outcome(Result<Outcome>),
    Stored(Result<StoredMethod>),
    Found(Result<Lookup>),
    FoundStored(Result<Lookup<StoredMethod>>),
    Never,
}

/// Records the names of its calls and answers by script; a call with no answer left fails the test.
#[derive(Debug)]
pub(crate) struct Fake {
    pub(crate) features: GatewayFeatures,
    pub(crate) calls: Mutex<Vec<&'static str>>,
    pub(crate) asked: Mutex<Vec<Attempt>>,
    pub(crate) script: Mutex<VecDeque<Answer>>,
}

impl Fake {
    pub(crate) fn new(features: &'static [Feature]) -> Self {
        let features =
            GatewayFeatures::new(features, Idempotency::Keys { retention: Duration::from_secs(24 * 3600) })
                .with_token_kinds(&["nonce"]);
        Self { features, calls: Mutex::default(), asked: Mutex::default(), script: Mutex::default() }
    }

    pub(crate) fn say(&self, answer: Answer) -> &Self {
        self.script.lock().unwrap().push_back(answer);
        self
    }

    pub(crate) fn calls(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }

    fn next(&self, call: &'static str) -> Answer {
        self.calls.lock().unwrap().push(call);
        self.script.lock().unwrap().pop_front().unwrap_or_else(|| panic!("`{call}` was not expected"))
    }

    async fn outcome(&self, call: &'static str) -> Result<Outcome> {
        match self.next(call) {
            Answer::Outcome(outcome) => outcome,
            Answer::Never => std::future::pending().await,
            other => panic!("`{call}` has the answer {other:?}"),
        }
    }
}

#[async_trait]
impl PaymentGateway for Fake {
    fn provider(&self) -> &ProviderId {
        const { &PROVIDER }
    }

    fn account(&self) -> &str {
        ACCOUNT
    }

    fn features(&self) -> &GatewayFeatures {
        &self.features
    }

    async fn purchase(&self, _: &PaymentRequest) -> Result<Outcome> {
        self.outcome("purchase").await
    }

    async fn authorize(&self, _: &PaymentRequest) -> Result<Outcome> {
        self.outcome("authorize").await
    }

    async fn capture(&self, _: &CaptureRequest) -> Result<Outcome> {
        self.outcome("capture").await
    }

    async fn void(&self, _: &VoidRequest) -> Result<Outcome> {
        self.outcome("void").await
    }

    async fn refund(&self, _: &RefundRequest) -> Result<Outcome> {
        self.outcome("refund").await
    }

    async fn credit(&self, _: &CreditRequest) -> Result<Outcome> {
        self.outcome("credit").await
    }

    async fn verify(&self, _: &VerifyRequest) -> Result<Outcome> {
        self.outcome("verify").await
    }

    async fn store(&self, _: &StoreRequest) -> Result<StoredMethod> {
        match self.next("store") {
            Answer::Stored(stored) => stored,
            other => panic!("`store` has the answer {other:?}"),
        }
    }

    async fn unstore(&self, _: &PaymentRef) -> Result<()> {
        self.next("unstore");
        Ok(())
    }

    async fn lookup(&self, query: &LookupQuery) -> Result<Lookup> {
        if let LookupQuery::Attempt(attempt) = query {
            self.asked.lock().unwrap().push((**attempt).clone());
        }
        match self.next("lookup") {
            Answer::Found(found) => found,
            other => panic!("`lookup` has the answer {other:?}"),
        }
    }

    async fn lookup_stored(&self, _: &Attempt) -> Result<Lookup<StoredMethod>> {
        match self.next("lookup_stored") {
            Answer::FoundStored(found) => found,
            other => panic!("`lookup_stored` has the answer {other:?}"),
        }
    }

    async fn resume(&self, _: &PaymentRef, _: &ReturnParams) -> Result<Outcome> {
        self.outcome("resume").await
    }

    async fn decide(&self, _: &PaymentRef, _: Decision) -> Result<Outcome> {
        self.outcome("decide").await
    }

    async fn transactions(&self, _: &TransactionQuery) -> Result<SettlementPage> {
        self.next("transactions");
        Ok(SettlementPage::default())
    }

    fn preflight(&self, _: &PaymentRequest) -> Preflight {
        Preflight::default()
    }
}

/// A scripted gateway behind the checks, on a sandbox connection that opted into everything.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) fake: Arc<Fake>,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) gateway: CheckedGateway,
}

pub(crate) fn bench(features: &'static [Feature], journal: Option<Arc<dyn Journal>>) -> Bench {
    let policy = PaymentPolicy::default().with_raw_cards().with_unlinked_credit();
    bench_with(Fake::new(features), Environment::Sandbox, policy, journal)
}

pub(crate) fn bench_with(
    fake: Fake,
    environment: Environment,
    policy: PaymentPolicy,
    journal: Option<Arc<dyn Journal>>,
) -> Bench {
    let (fake, clock) = (Arc::new(fake), Arc::new(FixedClock::default()));
    let gateway = CheckedGateway::new(fake.clone(), environment, policy, clock.clone(), journal);
    Bench { fake, clock, gateway }
}

impl Bench {
    pub(crate) fn answers(&self, outcome: Outcome) -> &Self {
        self.fake.say(Answer::Outcome(Ok(outcome)));
        self
    }
}
