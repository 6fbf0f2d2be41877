//! Lost answers, dropped futures and storms: exactly one effect, a caller who knows it, and nothing sent twice.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::Value;
use turnbuckle_core::http::RetryPolicy;
use turnbuckle_core::payment::{
    CaptureRequest, CreditRequest, Interval, IntervalUnit, MemoryJournal, PaymentGateway, PaymentRef, Plan,
    RefundRequest, Resolution, StoreRequest, SubscriptionRequest, Subscriptions, Swept, VoidRequest, resolve,
    resolve_store, resolve_subscription, sweep,
};
use turnbuckle_core::provider::Connection;
use turnbuckle_core::{Advice, Clock as _, Effect, Error, ErrorKind};
use turnbuckle_testkit::fault::DropAfterPolls;

use support::{Break, BreakingTransport, Rig, VISA, approved, card, reference, usd};

/// Everything that changes something at NMI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Purchase,
    Authorize,
    Capture,
    Void,
    Refund,
    Credit,
    Store,
    Subscribe,
}

const CALLS: [Call; 8] = [
    Call::Purchase,
    Call::Authorize,
    Call::Capture,
    Call::Void,
    Call::Refund,
    Call::Credit,
    Call::Store,
    Call::Subscribe,
];

struct Stage {
    rig: Rig,
    transport: Arc<BreakingTransport>,
    connection: Connection,
    gateway: Arc<dyn PaymentGateway>,
    subscriptions: Arc<dyn Subscriptions>,
    on: Option<PaymentRef>,
}

async fn stage(call: Call, rig: Rig, yields: (usize, usize), retry: RetryPolicy) -> Stage {
    let on = match call {
        Call::Capture | Call::Void => {
            let held = rig.gateway().authorize(&rig.request(2010, card(VISA), "before")).await.unwrap();
            Some(approved(&held).reference.clone())
        }
        Call::Refund => {
            let paid = rig.gateway().purchase(&rig.request(3010, card(VISA), "before")).await.unwrap();
            rig.nmi().settle();
            Some(approved(&paid).reference.clone())
        }
        _ => None,
    };
    let transport = Arc::new(BreakingTransport::new(&rig.sim).with_yields(yields.0, yields.1));
    let connection = rig.breaking(&transport, retry);
    let gateway = connection.payments().unwrap();
    let subscriptions = connection.subscriptions().unwrap();
    Stage { rig, transport, connection, gateway, subscriptions, on }
}

impl Stage {
    async fn act(&self, call: Call) -> Result<(), Error> {
        let rig = &self.rig;
        let on = || self.on.clone().unwrap();
        let key = rig.key("k");
        match call {
            Call::Purchase => self.gateway.purchase(&rig.request(2010, card(VISA), "k")).await.map(drop),
            Call::Authorize => self.gateway.authorize(&rig.request(2010, card(VISA), "k")).await.map(drop),
            Call::Capture => self.gateway.capture(&CaptureRequest::new(on(), key)).await.map(drop),
            Call::Void => self.gateway.void(&VoidRequest::new(on(), key)).await.map(drop),
            Call::Refund => {
                let refund = RefundRequest::new(on(), key).with_amount(usd(1000));
                self.gateway.refund(&refund).await.map(drop)
            }
            Call::Credit => {
                let credit = CreditRequest::new(usd(500), card(VISA), key, reference("credit"));
                self.gateway.credit(&credit).await.map(drop)
            }
            Call::Store => {
                let store = StoreRequest::new(card(VISA), key, reference("account-7"));
                self.gateway.store(&store).await.map(drop)
            }
            Call::Subscribe => self.subscriptions.create(&self.subscription()).await.map(drop),
        }
    }

    fn subscription(&self) -> SubscriptionRequest {
        let plan = Plan::Inline { amount: usd(1200), every: Interval::new(1, IntervalUnit::Month) };
        SubscriptionRequest::new(card(VISA), plan, self.rig.key("k"), reference("order-1001"))
    }

    /// How often the call took effect.
    fn effects(&self, call: Call) -> usize {
        let transactions = self.rig.transactions();
        let actions = |kind: &str| {
            let of = |known: &Value| {
                let actions = known["actions"].as_array().unwrap();
                actions
                    .iter()
                    .filter(|action| action["action_type"] == kind && action["success"] == true)
                    .count()
            };
            transactions.iter().map(of).sum::<usize>()
        };
        match call {
            Call::Purchase => actions("sale"),
            Call::Authorize => actions("auth"),
            Call::Capture => actions("capture"),
            Call::Void => actions("void"),
            Call::Refund => actions("refund"),
            Call::Credit => actions("credit"),
            Call::Store => self.rig.nmi().customers().len(),
            Call::Subscribe => {
                let events = self.rig.nmi().events();
                events.iter().filter(|event| event["event_type"] == "recurring.subscription.add").count()
            }
        }
    }

    /// Whether a later lookup says that it happened; waits as long as it is told to.
    async fn found_out(&self, call: Call, error: &Error) -> bool {
        let attempt = error.attempt().unwrap();
        for _ in 0..4 {
            let now = self.rig.clock.now();
            let happened = match call {
                Call::Store => known(&resolve_store(self.gateway.as_ref(), attempt, now).await.unwrap()),
                Call::Subscribe => {
                    known(&resolve_subscription(self.subscriptions.as_ref(), attempt, now).await.unwrap())
                }
                _ => known(&resolve(self.gateway.as_ref(), attempt, now).await.unwrap()),
            };
            match happened {
                Ok(happened) => return happened,
                Err(check_after) => {
                    let wait = check_after.signed_duration_since(now).to_std().unwrap_or_default();
                    self.rig.clock.advance(wait + Duration::from_secs(1));
                }
            }
        }
        panic!("{call:?} is still unknown")
    }
}

fn known<T>(resolution: &Resolution<T>) -> Result<bool, chrono::DateTime<chrono::Utc>> {
    match resolution {
        Resolution::Happened(_) => Ok(true),
        Resolution::DidNotHappen => Ok(false),
        Resolution::StillUnknown { check_after } => Err(*check_after),
        _ => panic!("a resolution that is not known"),
    }
}

#[tokio::test]
async fn an_answer_lost_after_the_effect_is_found_and_nothing_is_done_twice() {
    for call in CALLS {
        let stage = stage(call, Rig::new(), (0, 0), RetryPolicy::new()).await;
        stage.transport.plan(Break::AfterEffect, "transact.php", usize::MAX);
        let error = stage.act(call).await.unwrap_err();
        assert_eq!((error.effect(), error.advice()), (Effect::Unknown, Advice::ResolveFirst), "{call:?}");
        assert_eq!(stage.transport.transacts(), 1, "{call:?} was sent again");
        assert_eq!(stage.effects(call), 1);
        stage.transport.plan(Break::AfterEffect, "transact.php", 0);
        assert!(stage.found_out(call, &error).await, "{call:?}");
        // The same call with the same key does nothing more.
        let _ = stage.act(call).await;
        assert_eq!(stage.effects(call), 1, "{call:?} was done twice");
    }
}

#[tokio::test]
async fn one_more_method_of_a_customer_is_found_among_all_customers() {
    let stage = stage(Call::Store, Rig::new(), (0, 0), RetryPolicy::new()).await;
    let rig = &stage.rig;
    let first = StoreRequest::new(card(VISA), rig.key("first"), reference("account-7"));
    let mut owner = turnbuckle_core::payment::Customer::default();
    owner.reference = Some(rig.gateway().store(&first).await.unwrap().reference);
    for other in 0..120 {
        let store = StoreRequest::new(card(VISA), rig.key(&format!("other{other}")), reference("another"));
        rig.gateway().store(&store).await.unwrap();
    }
    let store = StoreRequest::new(card("5431111111111111"), rig.key("k"), reference("account-7"))
        .with_customer(owner);
    stage.transport.plan(Break::AfterEffect, "transact.php", 1);
    let error = stage.gateway.store(&store).await.unwrap_err();
    assert_eq!(error.effect(), Effect::Unknown);
    let now = rig.clock.now();
    let found = resolve_store(stage.gateway.as_ref(), error.attempt().unwrap(), now).await.unwrap();
    let Resolution::Happened(found) = found else { panic!("{found:?}") };
    assert_eq!((found.reference.kind(), found.summary.last4.as_deref()), ("billing", Some("1111")));
    assert!(found.reference.same_as(&stage.gateway.store(&store).await.unwrap().reference));
    let all = rig.nmi().customers();
    assert_eq!(all.iter().map(|known| known["billings"].as_array().unwrap().len()).sum::<usize>(), 122);
    let stored = turnbuckle_core::payment::PaymentMethod::Stored(found.reference);
    approved(&rig.gateway().purchase(&rig.request(2010, stored, "pay")).await.unwrap());
    assert_eq!(rig.transactions()[0]["payment"]["cc_type"], "Mastercard");
}

#[tokio::test]
async fn a_request_that_was_lost_is_disproved_and_not_before_its_time() {
    for call in CALLS {
        let stage = stage(call, Rig::new(), (0, 0), RetryPolicy::new()).await;
        stage.transport.plan(Break::BeforeEffect, "transact.php", usize::MAX);
        let error = stage.act(call).await.unwrap_err();
        assert_eq!(error.effect(), Effect::Unknown, "{call:?}");
        assert_eq!((stage.transport.transacts(), stage.effects(call)), (1, 0), "{call:?}");
        stage.transport.plan(Break::BeforeEffect, "transact.php", 0);
        let before = stage.rig.clock.now();
        assert!(!stage.found_out(call, &error).await, "{call:?}");
        assert!(stage.rig.clock.now() - before >= chrono::TimeDelta::minutes(10), "{call:?}: too early");
    }
}

#[tokio::test]
async fn what_never_left_is_sent_again_and_may_be_repeated() {
    for call in CALLS {
        let stage = stage(call, Rig::new(), (0, 0), RetryPolicy::new()).await;
        stage.transport.plan(Break::NotSent, "transact.php", 2);
        stage.act(call).await.unwrap();
        assert_eq!(stage.effects(call), 1, "{call:?}");
    }
    let stage = stage(Call::Purchase, Rig::new(), (0, 0), RetryPolicy::never()).await;
    stage.transport.plan(Break::NotSent, "transact.php", 1);
    let error = stage.act(Call::Purchase).await.unwrap_err();
    assert_eq!((error.effect(), error.advice()), (Effect::None, Advice::Retry));
}

#[tokio::test]
async fn answers_that_leave_it_open_are_unknown_and_not_sent_again() {
    let broken = [
        Break::Status(500),
        Break::Status(502),
        Break::Status(503),
        Break::Status(418),
        Break::Instead("response=3&responsetext=Communication error&transactionid=&response_code=421"),
        Break::Instead("response=3&responsetext=Something of next year&transactionid=&response_code=499"),
        Break::Instead("<html>not a form</html>"),
        Break::Instead("response=1&responsetext=SUCCESS&transactionid=5&response_code=200"),
    ];
    for call in CALLS {
        for what in &broken {
            let stage = stage(call, Rig::new(), (0, 0), RetryPolicy::new()).await;
            stage.transport.plan(what.clone(), "transact.php", usize::MAX);
            let error = stage.act(call).await.unwrap_err();
            assert_eq!(error.effect(), Effect::Unknown, "{call:?} {what:?}");
            assert_eq!(stage.transport.transacts(), 1, "{call:?} {what:?} was sent again");
            stage.transport.plan(Break::NotSent, "transact.php", 0);
            let happened = stage.effects(call) == 1;
            assert_eq!(stage.found_out(call, &error).await, happened, "{call:?} {what:?}");
        }
    }
}

#[tokio::test]
async fn a_future_dropped_at_any_poll_leaves_one_effect_at_most_and_a_sweep_knows() {
    for call in CALLS {
        let mut effects = 0;
        for polls in 0..200 {
            let journal = Arc::new(MemoryJournal::new());
            let rig = Rig::new().with_journal(Arc::clone(&journal) as _);
            let stage = stage(call, rig, (2, 2), RetryPolicy::new()).await;
            let done = DropAfterPolls::new(stage.act(call), polls).await;
            if done.is_some() {
                assert!(effects > 0, "{call:?}: no drop came after the effect, so nothing is shown");
                break;
            }
            assert!(polls < 199, "{call:?} never ends");
            let happened = stage.effects(call);
            assert!(happened <= 1, "{call:?} dropped after {polls} polls was done twice");
            effects += happened;
            stage.rig.clock.advance(Duration::from_secs(15 * 60));
            let now = stage.rig.clock.now();
            let report = sweep(
                journal.as_ref(),
                stage.gateway.as_ref(),
                Some(stage.subscriptions.as_ref()),
                now,
                now,
                10,
            );
            let report = report.await.unwrap();
            assert!(report.is_settled(), "{call:?} dropped after {polls} polls: {:?}", report.swept);
            let found =
                report.swept.iter().filter(|(_, swept)| !matches!(swept, Swept::DidNotHappen)).count();
            let concluded = report.swept.is_empty();
            assert!(found == happened || concluded, "{call:?} dropped after {polls} polls");
        }
    }
}

#[tokio::test]
async fn a_rate_limit_is_handed_back_and_never_hammered() {
    let own = concat!(
        "response=3&responsetext=Rate limit exceeded&authcode=&transactionid=&avsresponse=&cvvresponse=&orderid=",
        "&type=&response_code=301",
    );
    for limit in [Break::Status(429), Break::Refused(own)] {
        let rig = Rig::new();
        let transport = Arc::new(BreakingTransport::new(&rig.sim));
        let gateway = rig.breaking(&transport, RetryPolicy::new()).payments().unwrap();
        transport.plan(limit, "transact.php", usize::MAX);
        let error = gateway.purchase(&rig.request(2010, card(VISA), "1")).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::RateLimited, Effect::None));
        assert!(matches!(error.advice(), Advice::RetryAfter(wait) if wait >= Duration::from_secs(60)));
        assert_eq!(transport.transacts(), 1);
    }
    let rig = Rig::new();
    rig.nmi().limit_next(1);
    let error = rig.gateway().purchase(&rig.request(2010, card(VISA), "1")).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::RateLimited, Effect::None));
    assert!(rig.transactions().is_empty());
}

#[tokio::test]
async fn a_storm_costs_no_more_than_the_retry_budget() {
    let rig = Rig::new();
    let transport = Arc::new(BreakingTransport::new(&rig.sim));
    let gateway = rig.breaking(&transport, RetryPolicy::new()).payments().unwrap();
    transport.plan(Break::Status(503), "query.php", usize::MAX);
    for number in 0..200 {
        let request = rig.request(2010, card(VISA), &number.to_string());
        let error = gateway.purchase(&request).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Unavailable, Effect::None));
    }
    // Five hundred tokens at five a repetition.
    assert_eq!(transport.sent.load(Ordering::SeqCst), 200 + 100);
    assert_eq!(transport.transacts(), 0, "nothing is paid that cannot be looked up first");

    let rig = Rig::new();
    let transport = Arc::new(BreakingTransport::new(&rig.sim));
    let connection = rig.breaking(&transport, RetryPolicy::new());
    transport.plan(Break::Status(503), "transact.php", usize::MAX);
    for number in 0..200 {
        let request = rig.request(2010, card(VISA), &number.to_string());
        assert_eq!(
            connection.payments().unwrap().purchase(&request).await.unwrap_err().effect(),
            Effect::Unknown
        );
    }
    assert_eq!(transport.transacts(), 200, "once each");
}

#[tokio::test]
async fn with_a_journal_the_second_use_of_a_key_does_not_even_leave() {
    let journal = Arc::new(MemoryJournal::new());
    let rig = Rig::new().with_journal(Arc::clone(&journal) as _);
    rig.nmi().index_lag(Duration::from_secs(600));
    let stage = stage(Call::Purchase, rig, (0, 0), RetryPolicy::new()).await;
    stage.transport.plan(Break::AfterEffect, "transact.php", 1);
    assert_eq!(stage.act(Call::Purchase).await.unwrap_err().effect(), Effect::Unknown);
    let sent = stage.transport.sent.load(Ordering::SeqCst);
    let again = stage.act(Call::Purchase).await.unwrap_err();
    assert_eq!((again.kind(), again.effect()), (ErrorKind::Conflict, Effect::Unknown));
    assert_eq!(stage.transport.sent.load(Ordering::SeqCst), sent);
    assert_eq!(stage.effects(Call::Purchase), 1);
    assert!(stage.connection.payments().is_some());
}
