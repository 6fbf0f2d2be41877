//! What a lookup proves, in every combination.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod payment_support;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use payment_support::*;
use turnbuckle_core::payment::*;
use turnbuckle_core::{Effect, Error, ErrorKind, ProviderId, Result};

const MOVING: [PaymentOperation; 7] = [
    PaymentOperation::Purchase,
    PaymentOperation::Authorize,
    PaymentOperation::Capture,
    PaymentOperation::Void,
    PaymentOperation::Refund,
    PaymentOperation::Credit,
    PaymentOperation::Verify,
];

fn now() -> DateTime<Utc> {
    start() + TimeDelta::hours(1)
}

async fn resolved(attempt: &Attempt, answer: Result<Lookup>) -> Result<Resolution> {
    let fake = Fake::new(Feature::ALL);
    fake.say(Answer::Found(answer));
    let resolution = resolve(&fake, attempt, now()).await;
    assert_eq!(
        fake.asked.lock().unwrap().as_slice(),
        std::slice::from_ref(attempt),
        "it asks for this very attempt"
    );
    resolution
}

/// Every absence and when to look again; `None` is the proof that nothing happened.
fn absences() -> [(Authority, Option<DateTime<Utc>>); 4] {
    let (later, earlier) = (now() + TimeDelta::minutes(3), now() - TimeDelta::minutes(3));
    [
        (Authority::Authoritative, None),
        (Authority::Lagging { until: later }, Some(later)),
        (Authority::Lagging { until: earlier }, Some(now())),
        (Authority::Partial, Some(now() + TimeDelta::minutes(15))),
    ]
}

#[tokio::test]
async fn only_an_authoritative_absence_disproves() {
    for operation in MOVING {
        let lost = attempt(operation, "k", Some(usd(100)));
        for (authority, expected) in absences() {
            let resolution = resolved(&lost, Ok(Lookup::Absent(authority))).await.unwrap();
            let expected = expected
                .map_or(Resolution::DidNotHappen, |check_after| Resolution::StillUnknown { check_after });
            assert_eq!(resolution, expected, "{operation} {authority:?}");
        }
        let empty = resolved(&lost, Ok(Lookup::Found(Vec::new()))).await.unwrap();
        assert!(
            matches!(empty, Resolution::StillUnknown { .. }),
            "an empty find is a broken promise, not a proof"
        );
    }
}

#[tokio::test]
async fn what_is_found_happened_if_its_amount_agrees() {
    for operation in MOVING {
        for asked in [
            None,
            Some(usd(100)),
            Some(usd(99)),
            Some(turnbuckle_core::money::Money::new(100, turnbuckle_core::money::Currency::EUR)),
        ] {
            let lost = attempt(operation, "k", asked);
            let found = payment(operation, "p-1", usd(100));
            let result = resolved(&lost, Ok(Lookup::Found(vec![found.clone()]))).await;
            let compares = !matches!(operation, PaymentOperation::Void | PaymentOperation::Verify);
            if compares && asked.is_some_and(|asked| asked != usd(100)) {
                conflict(&result.unwrap_err());
            } else {
                assert_eq!(result.unwrap(), Resolution::Happened(found), "{operation} {asked:?}");
            }
        }
    }
}

fn conflict(error: &Error) {
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Conflict, Effect::Happened), "{error}");
    assert_eq!(error.payment().map(PaymentRef::id), Some("p-1"));
    assert_eq!((error.provider(), error.operation()), (Some(&PROVIDER), Some("resolve")));
}

#[tokio::test]
async fn a_refused_payment_did_not_happen_unless_another_stands() {
    let lost = attempt(PaymentOperation::Purchase, "k", Some(usd(100)));
    let right = payment(PaymentOperation::Purchase, "p-1", usd(100));
    let mut failed = payment(PaymentOperation::Purchase, "p-2", usd(100));
    failed.lifecycle = Lifecycle::Failed;
    let mut failed_for_less = failed.clone();
    failed_for_less.amounts.requested = usd(1);
    let find = |found: Vec<Payment>| resolved(&lost, Ok(Lookup::Found(found)));
    assert_eq!(find(vec![failed.clone()]).await.unwrap(), Resolution::DidNotHappen);
    assert_eq!(find(vec![failed_for_less.clone(), failed.clone()]).await.unwrap(), Resolution::DidNotHappen);
    let happened = Resolution::Happened(right.clone());
    assert_eq!(
        find(vec![failed.clone(), right.clone()]).await.unwrap(),
        happened,
        "the newest is a refused repetition"
    );
    assert_eq!(find(vec![right.clone(), failed.clone()]).await.unwrap(), happened);
    assert_eq!(find(vec![failed_for_less, right.clone()]).await.unwrap(), happened);
    assert_eq!(
        find(vec![right.clone(), right.clone()]).await.unwrap(),
        happened,
        "the same one, listed twice"
    );
    let twice = payment(PaymentOperation::Purchase, "p-3", usd(100));
    conflict(&find(vec![right.clone(), twice]).await.unwrap_err());
    let mut marked = right.clone();
    marked.wire_key = Some(attempt(PaymentOperation::Purchase, "other", None).wire_key);
    conflict(&find(vec![marked]).await.unwrap_err());
    let mut own = right;
    own.wire_key = Some(lost.wire_key.clone());
    assert_eq!(find(vec![own.clone()]).await.unwrap(), Resolution::Happened(own));
}

#[tokio::test]
async fn a_failing_lookup_is_no_answer() {
    let lost = attempt(PaymentOperation::Refund, "k", None);
    let error = resolved(&lost, Err(Error::new(ErrorKind::Unavailable, "down"))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn attempts_of_another_account_or_kind_are_not_looked_up() {
    let mut provider = attempt(PaymentOperation::Purchase, "k", None);
    provider.provider = ProviderId::from_static("other");
    let mut account = attempt(PaymentOperation::Purchase, "k", None);
    account.account = "acct-2".into();
    let fake = Fake::new(Feature::ALL);
    for foreign in [provider, account] {
        let errors = [
            resolve(&fake, &foreign, now()).await.unwrap_err(),
            resolve_store(&fake, &foreign, now()).await.unwrap_err(),
            resolve_subscription(&Plans::default(), &foreign, now()).await.unwrap_err(),
        ];
        for error in errors {
            assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidRequest, Effect::Unknown));
        }
    }
    for operation in [PaymentOperation::Store, PaymentOperation::CreateSubscription] {
        let error = resolve(&fake, &attempt(operation, "k", None), now()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    }
    assert_eq!(fake.calls(), [""; 0]);
}

#[tokio::test]
async fn stored_methods_and_subscriptions_are_found_the_same_way() {
    let lost = attempt(PaymentOperation::Store, "k", None);
    let start_of = attempt(PaymentOperation::CreateSubscription, "k", None);
    let method = StoredMethod::new(handle("m"), MethodSummary::default());
    let plan = Subscription::new(handle("s"), SubscriptionStatus::Active, "active", false);
    let fake = Fake::new(Feature::ALL);
    fake.say(Answer::FoundStored(Ok(Lookup::Found(vec![method.clone()]))));
    assert_eq!(resolve_store(&fake, &lost, now()).await.unwrap(), Resolution::Happened(method));
    let plans = Plans(Lookup::Found(vec![plan.clone()]));
    assert_eq!(resolve_subscription(&plans, &start_of, now()).await.unwrap(), Resolution::Happened(plan));
    for (authority, expected) in absences() {
        fake.say(Answer::FoundStored(Ok(Lookup::Absent(authority))));
        let stored = resolve_store(&fake, &lost, now()).await.unwrap();
        let plans = Plans(Lookup::Absent(authority));
        let subscribed = resolve_subscription(&plans, &start_of, now()).await.unwrap();
        match expected {
            None => {
                assert_eq!(stored, Resolution::DidNotHappen);
                assert_eq!(subscribed, Resolution::DidNotHappen);
            }
            Some(check_after) => {
                assert_eq!(stored, Resolution::StillUnknown { check_after });
                assert_eq!(subscribed, Resolution::StillUnknown { check_after });
            }
        }
    }
}

#[test]
fn an_attempt_survives_storage_and_starts_no_later_than_its_key() {
    let mut full = attempt(PaymentOperation::Refund, "k", Some(usd(5)))
        .with_merchant_reference(order("o\n".trim()))
        .with_parent(handle("p").with_detail("last4", "4242"))
        .with_sub_account(Some("sub".into()));
    full.last_sent_at = start() + TimeDelta::nanoseconds(1);
    let json = serde_json::to_string(&full).unwrap();
    assert_eq!(serde_json::from_str::<Attempt>(&json).unwrap(), full);
    let bare = attempt(PaymentOperation::Void, "k", None);
    assert_eq!(serde_json::from_str::<Attempt>(&serde_json::to_string(&bare).unwrap()).unwrap(), bare);
    let at = |now| Attempt::new(&PROVIDER, ACCOUNT, PaymentOperation::Void, &key("k"), now);
    let repeated = at(start() + TimeDelta::hours(1));
    assert_eq!((repeated.started_at, repeated.last_sent_at), (start(), start() + TimeDelta::hours(1)));
    let ahead = at(start() - TimeDelta::minutes(1));
    assert_eq!(ahead.started_at, start() - TimeDelta::minutes(1), "a key from a clock that is ahead");
}

/// Subscriptions that answer lookups only.
#[derive(Debug)]
struct Plans(Lookup<Subscription>);

impl Default for Plans {
    fn default() -> Self {
        Self(Lookup::Absent(Authority::Authoritative))
    }
}

#[async_trait]
impl Subscriptions for Plans {
    fn provider(&self) -> &ProviderId {
        const { &PROVIDER }
    }

    fn account(&self) -> &str {
        ACCOUNT
    }

    fn features(&self) -> &SubscriptionFeatures {
        const FEATURES: SubscriptionFeatures =
            SubscriptionFeatures::new(SubscriptionFeature::ALL, Idempotency::LookupOnly);
        &FEATURES
    }

    async fn create(&self, _: &SubscriptionRequest) -> Result<SubscriptionOutcome> {
        unreachable!()
    }

    async fn get(&self, _: &PaymentRef) -> Result<Subscription> {
        unreachable!()
    }

    async fn update(&self, _: &SubscriptionUpdate) -> Result<Subscription> {
        unreachable!()
    }

    async fn cancel(&self, _: &PaymentRef, _: CancelWhen) -> Result<Subscription> {
        unreachable!()
    }

    async fn reactivate(&self, _: &PaymentRef, _: &IdempotencyKey) -> Result<Subscription> {
        unreachable!()
    }

    async fn retry_payment(&self, _: &PaymentRef, _: &IdempotencyKey) -> Result<Outcome> {
        unreachable!()
    }

    async fn history(&self, _: &PaymentRef, _: usize) -> Result<Vec<Payment>> {
        unreachable!()
    }

    async fn lookup(&self, _: &Attempt) -> Result<Lookup<Subscription>> {
        Ok(self.0.clone())
    }
}
