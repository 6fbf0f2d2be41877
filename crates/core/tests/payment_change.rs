//! Changes to what exists already: written down before they leave, and told apart afterwards by what they worked on.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod payment_support;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use payment_support::*;
use turnbuckle_core::payment::*;
use turnbuckle_core::{Advice, Effect, Environment, Error, ErrorKind, ProviderId, Result};

const FEATURES: SubscriptionFeatures = SubscriptionFeatures::new(
    SubscriptionFeature::ALL,
    Idempotency::Keys { retention: Duration::from_secs(86_400) },
);

/// Subscriptions by script: what each call answers, in order.
#[derive(Debug, Default)]
struct Vendor {
    bare: bool,
    changes: Mutex<VecDeque<Result<Subscription>>>,
    retries: Mutex<VecDeque<Result<Outcome>>>,
    standing: Mutex<Option<Subscription>>,
    paid: Mutex<Vec<Payment>>,
    calls: Mutex<Vec<&'static str>>,
}

impl Vendor {
    fn note(&self, call: &'static str) {
        self.calls.lock().unwrap().push(call);
    }

    fn change(&self, call: &'static str) -> Result<Subscription> {
        self.note(call);
        self.changes.lock().unwrap().pop_front().unwrap()
    }

    fn calls(&self) -> Vec<&'static str> {
        self.calls.lock().unwrap().clone()
    }
}

#[async_trait]
impl Subscriptions for Vendor {
    fn provider(&self) -> &ProviderId {
        const { &PROVIDER }
    }

    fn account(&self) -> &str {
        ACCOUNT
    }

    fn features(&self) -> &SubscriptionFeatures {
        const BARE: SubscriptionFeatures = SubscriptionFeatures::new(&[], Idempotency::LookupOnly);
        if self.bare { const { &BARE } } else { const { &FEATURES } }
    }

    async fn create(&self, _: &SubscriptionRequest) -> Result<SubscriptionOutcome> {
        self.note("create");
        Err(Error::new(ErrorKind::Timeout, "lost").with_effect(Effect::Unknown))
    }

    async fn get(&self, _: &PaymentRef) -> Result<Subscription> {
        Ok(self.standing.lock().unwrap().clone().unwrap())
    }

    async fn update(&self, _: &SubscriptionUpdate) -> Result<Subscription> {
        self.change("update")
    }

    async fn cancel(&self, _: &PaymentRef, _: CancelWhen) -> Result<Subscription> {
        self.change("cancel")
    }

    async fn reactivate(&self, _: &PaymentRef, _: &IdempotencyKey) -> Result<Subscription> {
        self.change("reactivate")
    }

    async fn retry_payment(&self, _: &PaymentRef, _: &IdempotencyKey) -> Result<Outcome> {
        self.note("retry_payment");
        self.retries.lock().unwrap().pop_front().unwrap()
    }

    async fn history(&self, _: &PaymentRef, limit: usize) -> Result<Vec<Payment>> {
        Ok(self.paid.lock().unwrap().iter().take(limit).cloned().collect())
    }

    async fn lookup(&self, _: &Attempt) -> Result<Lookup<Subscription>> {
        Ok(Lookup::Absent(Authority::Partial))
    }
}

fn lost<T>() -> Result<T> {
    Err(Error::new(ErrorKind::Timeout, "the answer was lost").with_effect(Effect::Unknown))
}

fn monthly(minor: i64) -> Plan {
    Plan::Inline { amount: usd(minor), every: Interval::new(1, IntervalUnit::Month) }
}

fn running(status: SubscriptionStatus) -> Subscription {
    Subscription::new(handle("s"), status, "word", false)
}

fn priced(minor: i64) -> Subscription {
    let mut subscription = running(SubscriptionStatus::Active);
    subscription.amount = Some(usd(minor));
    subscription.every = Some(Interval::new(1, IntervalUnit::Month));
    subscription
}

fn at(minutes: i64) -> DateTime<Utc> {
    start() + TimeDelta::minutes(minutes)
}

fn checked(vendor: Vendor) -> (Arc<Vendor>, Arc<MemoryJournal>, CheckedSubscriptions) {
    let (vendor, journal) = (Arc::new(vendor), Arc::new(MemoryJournal::new()));
    let clock = Arc::new(FixedClock::default());
    let subscriptions = CheckedSubscriptions::new(
        vendor.clone(),
        Environment::Sandbox,
        PaymentPolicy::default(),
        clock,
        Some(journal.clone()),
    );
    (vendor, journal, subscriptions)
}

async fn open(journal: &MemoryJournal) -> Vec<JournalRecord> {
    journal.open(&PROVIDER, ACCOUNT, at(600), 10).await.unwrap()
}

#[tokio::test]
async fn changes_of_a_subscription_are_written_down_and_swept() {
    let vendor = Vendor::default();
    vendor.changes.lock().unwrap().extend([lost(), lost()]);
    vendor.retries.lock().unwrap().push_back(lost());
    let (vendor, journal, subscriptions) = checked(vendor);
    let update = SubscriptionUpdate::new(handle("s"), key("u")).with_plan(monthly(1500));
    let errors = [
        subscriptions.update(&update).await.unwrap_err(),
        subscriptions.reactivate(&handle("s"), &key("r")).await.unwrap_err(),
        subscriptions.retry_payment(&handle("s"), &key("p")).await.unwrap_err(),
    ];
    for error in &errors {
        assert_eq!((error.effect(), error.advice()), (Effect::Unknown, Advice::ResolveFirst));
        assert!(error.attempt().is_some(), "an unknown effect says what to resolve");
    }
    assert_eq!(open(&journal).await.len(), 3);

    // The retry went through, and so did the rest.
    *vendor.standing.lock().unwrap() = Some(priced(1500));
    *vendor.paid.lock().unwrap() = vec![payment(PaymentOperation::Purchase, "p-1", usd(1500))];
    let bench = bench(Feature::ALL, None);
    let gateway = &bench.gateway;
    let report = sweep(&*journal, gateway, Some(&subscriptions), at(60), at(60), 10).await.unwrap();
    assert!(report.is_settled(), "{report:?}");
    let payments = report.swept.iter().filter(|(_, swept)| matches!(swept, Swept::Payment(_))).count();
    let changed = report.swept.iter().filter(|(_, swept)| matches!(swept, Swept::Subscription(_))).count();
    assert_eq!((payments, changed), (1, 2));
    assert_eq!(open(&journal).await.len(), 0);
}

#[tokio::test]
async fn a_change_that_ends_well_closes_its_record_and_a_refused_one_too() {
    let vendor = Vendor::default();
    let refused = Err(Error::new(ErrorKind::InvalidRequest, "no such plan"));
    vendor.changes.lock().unwrap().extend([Ok(priced(1500)), refused, Ok(priced(1500))]);
    let (vendor, journal, subscriptions) = checked(vendor);
    let update = |name| SubscriptionUpdate::new(handle("s"), key(name)).with_plan(monthly(1500));
    subscriptions.update(&update("a")).await.unwrap();
    subscriptions.update(&update("b")).await.unwrap_err();
    let described = SubscriptionUpdate::new(handle("s"), key("c")).with_description("words");
    subscriptions.update(&described).await.unwrap();
    assert_eq!(vendor.calls(), ["update", "update", "update"]);
    let ends: Vec<_> = journal.records(at(-60), at(60)).await.unwrap();
    let ends: Vec<_> = ends.iter().map(|record| record.conclusion.as_ref().unwrap().end).collect();
    assert_eq!(ends, [End::Done, End::Refused], "what moves no money leaves no record");
}

#[tokio::test]
async fn another_plan_under_the_same_key_is_a_conflict() {
    let vendor = Vendor::default();
    vendor.changes.lock().unwrap().push_back(lost());
    let (vendor, _, subscriptions) = checked(vendor);
    let update = |minor| SubscriptionUpdate::new(handle("s"), key("u")).with_plan(monthly(minor));
    subscriptions.update(&update(1500)).await.unwrap_err();
    let error = subscriptions.update(&update(1600)).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Conflict, Effect::Unknown));
    assert_eq!(vendor.calls(), ["update"]);
}

#[tokio::test]
async fn what_subscriptions_do_not_declare_is_refused_unsent() {
    let (vendor, _, subscriptions) = checked(Vendor { bare: true, ..Vendor::default() });
    let create = SubscriptionRequest::new(token(), monthly(100), key("k"), order("o"));
    let update = SubscriptionUpdate::new(handle("s"), key("k"));
    let refused = [
        subscriptions.create(&create).await.map(drop).unwrap_err(),
        subscriptions.update(&update.clone().with_plan(monthly(1))).await.map(drop).unwrap_err(),
        subscriptions.update(&update.clone().with_method(token())).await.map(drop).unwrap_err(),
        subscriptions.update(&update.with_description("d")).await.map(drop).unwrap_err(),
        subscriptions.cancel(&handle("s"), CancelWhen::PeriodEnd).await.map(drop).unwrap_err(),
        subscriptions.reactivate(&handle("s"), &key("k")).await.map(drop).unwrap_err(),
        subscriptions.retry_payment(&handle("s"), &key("k")).await.map(drop).unwrap_err(),
    ];
    for error in refused {
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Unsupported, Effect::None), "{error}");
    }
    assert_eq!(vendor.calls(), [""; 0]);
}

#[tokio::test]
async fn the_plan_tells_whether_an_update_went_through() {
    let update = |plan: Plan| {
        attempt(PaymentOperation::UpdateSubscription, "u", None)
            .with_parent(handle("s"))
            .with_plan(Some(plan))
    };
    let other_interval = {
        let mut found = priced(1500);
        found.every = Some(Interval::new(2, IntervalUnit::Month));
        found
    };
    let of_vendor = |plan: Option<&str>| {
        let mut found = running(SubscriptionStatus::Active);
        found.vendor_plan = plan.map(str::to_owned);
        found
    };
    let gold = Plan::Vendor { id: "gold".to_owned(), quantity: 1 };
    let cases = [
        (monthly(1500), priced(1500), Some(true)),
        (monthly(1500), priced(1400), Some(false)),
        (monthly(1500), other_interval, Some(false)),
        (monthly(1500), running(SubscriptionStatus::Active), None),
        (gold.clone(), of_vendor(Some("gold")), Some(true)),
        (gold.clone(), of_vendor(Some("silver")), Some(false)),
        (gold, of_vendor(None), None),
    ];
    for (plan, standing, expected) in cases {
        let vendor = Vendor { standing: Mutex::new(Some(standing.clone())), ..Vendor::default() };
        let attempt = update(plan);
        let soon = resolve_subscription(&vendor, &attempt, at(1)).await.unwrap();
        let late = resolve_subscription(&vendor, &attempt, at(60)).await.unwrap();
        match expected {
            Some(true) => assert_eq!(
                (soon, late),
                (Resolution::Happened(standing.clone()), Resolution::Happened(standing))
            ),
            Some(false) => {
                assert_eq!(soon, Resolution::StillUnknown { check_after: at(5) }, "it may be under way");
                assert_eq!(late, Resolution::DidNotHappen);
            }
            None => assert!(matches!(
                (soon, late),
                (Resolution::StillUnknown { .. }, Resolution::StillUnknown { .. })
            )),
        }
    }
}

#[tokio::test]
async fn the_status_tells_whether_a_reactivation_went_through() {
    use SubscriptionStatus::*;
    let attempt = attempt(PaymentOperation::ReactivateSubscription, "r", None).with_parent(handle("s"));
    for (status, ends, expected) in [
        (Active, false, Some(true)),
        (Active, true, None),
        (Trialing, false, Some(true)),
        (PastDue, false, Some(true)),
        (Suspended, false, Some(false)),
        (Cancelled, false, Some(false)),
        (Completed, false, Some(false)),
        (Other, false, None),
    ] {
        let mut standing = running(status);
        standing.ends_at = ends.then(|| at(1000));
        let vendor = Vendor { standing: Mutex::new(Some(standing)), ..Vendor::default() };
        let late = resolve_subscription(&vendor, &attempt, at(60)).await.unwrap();
        let told = match late {
            Resolution::Happened(_) => Some(true),
            Resolution::DidNotHappen => Some(false),
            _ => None,
        };
        assert_eq!(told, expected, "{status:?} {ends}");
    }
}

#[tokio::test]
async fn a_retry_is_settled_by_its_mark_or_by_what_is_due() {
    let attempt = attempt(PaymentOperation::RetrySubscription, "p", None).with_parent(handle("s"));
    let paid = payment(PaymentOperation::Purchase, "p-1", usd(1500));
    let mut marked = payment(PaymentOperation::Purchase, "p-2", usd(1500));
    marked.wire_key = Some(attempt.wire_key.clone());
    let mut refused = paid.clone();
    refused.lifecycle = Lifecycle::Failed;
    let vendor = |status, paid: Vec<Payment>| Vendor {
        standing: Mutex::new(Some(running(status))),
        paid: Mutex::new(paid),
        ..Vendor::default()
    };
    let ask = async |vendor: &Vendor, minutes| resolve_retry(vendor, &attempt, at(minutes)).await.unwrap();
    let due = vendor(SubscriptionStatus::PastDue, vec![refused.clone()]);
    assert_eq!(ask(&due, 1).await, Resolution::StillUnknown { check_after: at(5) });
    assert_eq!(ask(&due, 6).await, Resolution::DidNotHappen);
    let settled = vendor(SubscriptionStatus::Active, vec![refused.clone(), paid.clone()]);
    assert_eq!(ask(&settled, 1).await, Resolution::Happened(paid.clone()));
    let by_mark = vendor(SubscriptionStatus::PastDue, vec![paid, marked.clone()]);
    assert_eq!(ask(&by_mark, 1).await, Resolution::Happened(marked));
    let nothing = vendor(SubscriptionStatus::Active, vec![refused]);
    assert!(matches!(ask(&nothing, 60).await, Resolution::StillUnknown { .. }));
    let other = payment_support::attempt(PaymentOperation::UpdateSubscription, "p", None);
    assert_eq!(resolve_retry(&nothing, &other, at(1)).await.unwrap_err().kind(), ErrorKind::InvalidRequest);
}

fn standing(lifecycle: Lifecycle, under_review: bool) -> Payment {
    let mut payment = payment(PaymentOperation::Purchase, "p", usd(100));
    payment.lifecycle = lifecycle;
    payment.under_review = under_review;
    payment
}

#[tokio::test]
async fn the_payment_tells_what_became_of_a_decision() {
    use PaymentOperation::{Accept, Reject, Resume};
    for (operation, lifecycle, under_review, expected) in [
        (Accept, Lifecycle::Captured, true, false),
        (Accept, Lifecycle::Pending, false, false),
        (Accept, Lifecycle::Captured, false, true),
        (Accept, Lifecycle::Authorized, false, true),
        (Accept, Lifecycle::Refunded, false, true),
        (Accept, Lifecycle::Voided, false, false),
        (Reject, Lifecycle::Captured, true, false),
        (Reject, Lifecycle::Captured, false, false),
        (Reject, Lifecycle::Voided, false, true),
        (Reject, Lifecycle::Refunded, false, true),
        (Resume, Lifecycle::Pending, false, false),
        (Resume, Lifecycle::Captured, false, true),
        (Resume, Lifecycle::Failed, false, true),
    ] {
        let fake = Fake::new(Feature::ALL);
        let found = standing(lifecycle, under_review);
        fake.say(Answer::Found(Ok(Lookup::Found(vec![found.clone()]))));
        let attempt = attempt(operation, "d", None).with_parent(handle("p"));
        let late = resolve(&fake, &attempt, at(60)).await.unwrap();
        let wanted = if expected { Resolution::Happened(found) } else { Resolution::DidNotHappen };
        assert_eq!(late, wanted, "{operation} {lifecycle:?} {under_review}");
    }
    let fake = Fake::new(Feature::ALL);
    fake.say(Answer::Found(Ok(Lookup::Found(vec![standing(Lifecycle::Pending, true)]))));
    let attempt = attempt(Accept, "d", None).with_parent(handle("p"));
    let soon = resolve(&fake, &attempt, at(1)).await.unwrap();
    assert_eq!(soon, Resolution::StillUnknown { check_after: at(5) }, "the decision may be under way");
}

#[tokio::test]
async fn decisions_and_returns_are_written_down_and_swept() {
    let journal = Arc::new(MemoryJournal::new());
    let bench = bench(Feature::ALL, Some(journal.clone()));
    let gateway = &bench.gateway;
    for _ in 0..2 {
        bench.fake.say(Answer::Outcome(lost()));
    }
    let error = gateway.decide(&handle("p"), Decision::Accept).await.unwrap_err();
    assert_eq!(error.attempt().map(|attempt| attempt.operation), Some(PaymentOperation::Accept));
    let returned = ReturnParams::default();
    let error = gateway.resume(&handle("q"), &returned).await.unwrap_err();
    assert_eq!((error.effect(), error.operation()), (Effect::Unknown, Some("resume")));
    assert_eq!(open(&journal).await.len(), 2);
    // A day and more later the same decision may still be made: it has no key that a vendor could forget.
    bench.clock.set(TimeDelta::hours(30));
    bench.fake.say(Answer::Outcome(lost()));
    gateway.decide(&handle("p"), Decision::Accept).await.unwrap_err();
    for _ in 0..2 {
        bench.fake.say(Answer::Found(Ok(Lookup::Found(vec![standing(Lifecycle::Captured, false)]))));
    }
    let report = sweep(&*journal, gateway, None, at(6000), at(6000), 10).await.unwrap();
    assert!(report.is_settled() && report.swept.len() == 2, "{report:?}");
    assert_eq!(open(&journal).await.len(), 0);
}
