//! Recurring profiles over the simulator.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use IntervalUnit::{Day, Month, Week, Year};
use chrono::{Days, NaiveDate};
use support::{Break, BreakingTransport, Rig, approved, bank_account, reference, usd, visa};
use turnbuckle_core::payment::{
    Address, Authority, CancelWhen, Customer, DeclineReason, Interval, IntervalUnit, Lifecycle, Lookup,
    PaymentMethod, Plan, Resolution, Subscription, SubscriptionFeature, SubscriptionRequest,
    SubscriptionStatus, SubscriptionUpdate, Subscriptions, resolve_retry, resolve_subscription,
};
use turnbuckle_core::{Clock, Effect, ErrorKind};

fn every(count: u32, unit: IntervalUnit) -> Plan {
    Plan::Inline { amount: usd(1200), every: Interval::new(count, unit) }
}

fn request(rig: &Rig, key: &str) -> SubscriptionRequest {
    SubscriptionRequest::new(visa(), every(1, IntervalUnit::Month), rig.key(key), reference("sub-1"))
}

fn tomorrow(rig: &Rig) -> NaiveDate {
    rig.clock.now().date_naive() + Days::new(1)
}

async fn started(rig: &Rig, subscriptions: &dyn Subscriptions, key: &str) -> Subscription {
    subscriptions.create(&request(rig, key)).await.unwrap().subscription.unwrap()
}

fn days(count: u64) -> Duration {
    Duration::from_secs(count * 24 * 3600)
}

#[tokio::test]
async fn a_profile_starts_tomorrow_and_pays_by_itself() {
    let rig = Rig::new();
    let subscriptions = rig.connect().subscriptions().unwrap();
    let mut customer = Customer::default();
    customer.email = Some("robin@example.com".to_owned());
    let mut address = Address::default();
    address.line1 = Some("1 Main St".to_owned());
    let wanted = request(&rig, "k")
        .with_customer(customer)
        .with_billing(address)
        .with_description("Gold & Silver")
        .with_payments(3);
    let outcome = subscriptions.create(&wanted).await.unwrap();
    assert!(outcome.first_payment.is_none(), "nothing is paid at once");
    let made = outcome.subscription.unwrap();
    assert_eq!((made.status, made.amount), (SubscriptionStatus::Active, Some(usd(1200))));
    assert_eq!(made.every, Some(Interval::new(1, IntervalUnit::Month)));
    assert_eq!(made.next_payment_at.unwrap().date_naive(), tomorrow(&rig));
    assert!(made.ends_at.is_some());

    rig.clock.advance(days(40));
    let history = subscriptions.history(&made.reference, 10).await.unwrap();
    assert_eq!(history.len(), 2);
    assert!(
        history
            .iter()
            .all(|paid| paid.lifecycle == Lifecycle::Captured && paid.amounts.captured == usd(1200))
    );
    assert!(history.iter().all(|paid| paid.parent.as_ref().unwrap().same_as(&made.reference)));
    assert_eq!(subscriptions.history(&made.reference, 1).await.unwrap()[0].reference, history[0].reference);
    rig.clock.advance(days(60));
    let over = subscriptions.get(&made.reference).await.unwrap();
    assert_eq!(over.status, SubscriptionStatus::Completed, "{over:?}");
}

#[tokio::test]
async fn intervals_and_days() {
    let rig = Rig::new();
    let subscriptions = rig.connect().subscriptions().unwrap();
    let good = [
        (1, Day, "DAY"),
        (1, Week, "WEEK"),
        (7, Day, "WEEK"),
        (2, Week, "BIWK"),
        (4, Week, "FRWK"),
        (1, Month, "MONT"),
        (3, Month, "QTER"),
        (6, Month, "SMYR"),
        (12, Month, "YEAR"),
        (1, Year, "YEAR"),
    ];
    for (index, (count, unit, word)) in good.into_iter().enumerate() {
        let mut wanted = request(&rig, &format!("k{index}"));
        wanted.plan = every(count, unit);
        subscriptions.create(&wanted).await.unwrap().subscription.unwrap();
        assert_eq!(rig.sim.payflow().subscriptions()[0]["payperiod"], word);
    }
    let made = rig.sim.payflow().subscriptions().len();
    for (count, unit) in [(2, Month), (3, Week), (2, Year), (0, Month)] {
        let mut wanted = request(&rig, "bad");
        wanted.plan = every(count, unit);
        let error = subscriptions.create(&wanted).await.unwrap_err();
        assert_eq!(error.fields()[0].field, "plan.every");
    }
    let today = rig.clock.now().date_naive();
    let refused = [
        (request(&rig, "1").with_starts_on(today), "starts_on"),
        (request(&rig, "2").with_starts_on(tomorrow(&rig)).with_trial_days(3), "trial_days"),
        (request(&rig, "3").with_payments(0), "payments"),
        (request(&rig, "4").with_description("say \"x\""), "description"),
    ];
    for (wanted, field) in refused {
        let error = subscriptions.create(&wanted).await.unwrap_err();
        assert_eq!((error.fields()[0].field.as_ref(), error.effect()), (field, Effect::None));
    }
    assert_eq!(rig.sim.payflow().subscriptions().len(), made);
    let trial = request(&rig, "trial").with_trial_days(14);
    let trial = subscriptions.create(&trial).await.unwrap().subscription.unwrap();
    assert_eq!(trial.next_payment_at.unwrap().date_naive(), today + Days::new(14));
}

#[tokio::test]
async fn what_pays() {
    let rig = Rig::new();
    let connection = rig.connect();
    let (gateway, subscriptions) = (connection.payments().unwrap(), connection.subscriptions().unwrap());
    let sale = approved(&gateway.purchase(&rig.request(2010, "s")).await.unwrap()).clone();
    let mut wanted = request(&rig, "k");
    wanted.method = PaymentMethod::Stored(sale.reference);
    subscriptions.create(&wanted).await.unwrap().subscription.unwrap();
    let held = approved(&gateway.authorize(&rig.request(2010, "a")).await.unwrap()).clone();
    wanted.method = PaymentMethod::Stored(held.reference);
    wanted.key = rig.key("k2");
    assert_eq!(subscriptions.create(&wanted).await.unwrap_err().fields()[0].field, "method.stored");
    wanted.method = bank_account();
    assert_eq!(subscriptions.create(&wanted).await.unwrap_err().kind(), ErrorKind::Unsupported);
    assert!(!subscriptions.features().has(SubscriptionFeature::VendorPlan));
}

#[tokio::test]
async fn profiles_change_end_and_start_again() {
    let rig = Rig::new();
    let subscriptions = rig.connect().subscriptions().unwrap();
    let made = started(&rig, &*subscriptions, "k").await;
    let plan = Plan::Inline { amount: usd(1500), every: Interval::new(1, IntervalUnit::Year) };
    let update = SubscriptionUpdate::new(made.reference.clone(), rig.key("u"))
        .with_plan(plan)
        .with_method(visa())
        .with_description("Platinum");
    let changed = subscriptions.update(&update).await.unwrap();
    assert_eq!(
        (changed.amount, changed.every),
        (Some(usd(1500)), Some(Interval::new(1, IntervalUnit::Year)))
    );

    for _ in 0..2 {
        let ended = subscriptions.cancel(&made.reference, CancelWhen::Now).await.unwrap();
        assert_eq!(ended.status, SubscriptionStatus::Cancelled);
    }
    // A change would wake it up.
    let error = subscriptions.update(&update).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Conflict, Effect::None));
    let again = subscriptions.reactivate(&made.reference, &rig.key("r")).await.unwrap();
    assert_eq!(again.status, SubscriptionStatus::Active);
    // The second end is not answered from memory.
    let ended = subscriptions.cancel(&made.reference, CancelWhen::Now).await.unwrap();
    assert_eq!(ended.status, SubscriptionStatus::Cancelled);
    assert_eq!(subscriptions.get(&made.reference).await.unwrap().status, SubscriptionStatus::Cancelled);
    // And a second start under the key of the first is no start.
    let error = subscriptions.reactivate(&made.reference, &rig.key("r")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
}

#[tokio::test]
async fn the_same_key_with_another_plan_is_a_conflict() {
    let rig = Rig::new();
    let subscriptions = rig.connect().subscriptions().unwrap();
    let made = started(&rig, &*subscriptions, "k").await;
    assert_eq!(started(&rig, &*subscriptions, "k").await.reference, made.reference);
    let mut other = request(&rig, "k");
    other.plan = Plan::Inline { amount: usd(9900), every: Interval::new(1, IntervalUnit::Month) };
    let error = subscriptions.create(&other).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Conflict, Effect::Happened));
    assert_eq!(error.payment().unwrap().id(), made.reference.id());
    assert_eq!(rig.sim.payflow().subscriptions().len(), 1);
    // So Payflow may answer a repetition, says its library's sample: nothing is claimed then.
    rig.sim.payflow().configure(|settings| settings.profile_replays_answer_19 = true);
    let error = subscriptions.create(&request(&rig, "k")).await.unwrap_err();
    assert_eq!(error.effect(), Effect::Unknown);
    rig.clock.advance(Duration::from_secs(3600));
    let resolution = resolve_subscription(&*subscriptions, error.attempt().unwrap(), rig.clock.now()).await;
    assert!(matches!(resolution.unwrap(), Resolution::StillUnknown { .. }));
}

#[tokio::test]
async fn lost_creations() {
    let rig = Rig::new();
    let transport = Arc::new(BreakingTransport::new(&rig.sim));
    let subscriptions = rig.breaking(&transport).subscriptions().unwrap();
    for (what, exists) in [(Break::AfterEffect, true), (Break::BeforeEffect, false)] {
        let before = rig.sim.payflow().subscriptions().len();
        transport.plan(what, "TRXTYPE=R", 1);
        let wanted = request(&rig, &format!("{what:?}"));
        let error = subscriptions.create(&wanted).await.unwrap_err();
        let attempt = error.attempt().unwrap().clone();
        assert_eq!(error.effect(), Effect::Unknown);
        // Nothing is asked while the request may be under way: the question would spend its id.
        let sent = rig.sim.payflow().request_log().len();
        let lookup = subscriptions.lookup(&attempt).await.unwrap();
        assert!(matches!(lookup, Lookup::Absent(Authority::Lagging { .. })));
        assert_eq!(rig.sim.payflow().request_log().len(), sent);
        rig.clock.advance(Duration::from_secs(3600));
        for _ in 0..2 {
            match resolve_subscription(&*subscriptions, &attempt, rig.clock.now()).await.unwrap() {
                Resolution::Happened(found) => {
                    assert!(exists && found.amount == Some(usd(1200)));
                    assert_eq!(found.wire_key.as_ref(), Some(&attempt.wire_key));
                }
                Resolution::DidNotHappen => assert!(!exists),
                other => panic!("{other:?}"),
            }
        }
        // From then on the key starts nothing.
        if !exists {
            assert!(subscriptions.create(&wanted).await.is_err());
        }
        assert_eq!(rig.sim.payflow().subscriptions().len(), before + usize::from(exists));
    }
    rig.sim.payflow().configure(|settings| settings.refuse_changed_retries = true);
    transport.plan(Break::AfterEffect, "TRXTYPE=R", 1);
    let error = subscriptions.create(&request(&rig, "k133")).await.unwrap_err();
    rig.clock.advance(Duration::from_secs(3600));
    let resolution = resolve_subscription(&*subscriptions, error.attempt().unwrap(), rig.clock.now()).await;
    assert!(matches!(resolution.unwrap(), Resolution::StillUnknown { .. }), "133 does not say what was done");
}

/// A profile whose first payment failed, since its amount is declined.
async fn failing(rig: &Rig, subscriptions: &dyn Subscriptions) -> Subscription {
    let mut wanted = request(rig, "f");
    wanted.plan = Plan::Inline { amount: usd(105_000), every: Interval::new(1, IntervalUnit::Month) };
    let made = subscriptions.create(&wanted).await.unwrap().subscription.unwrap();
    rig.clock.advance(days(3));
    made
}

#[tokio::test]
async fn failed_payments_are_tried_again() {
    let rig = Rig::new();
    let transport = Arc::new(BreakingTransport::new(&rig.sim));
    let subscriptions = rig.breaking(&transport).subscriptions().unwrap();
    let made = failing(&rig, &*subscriptions).await;
    let found = subscriptions.get(&made.reference).await.unwrap();
    assert_eq!(found.status, SubscriptionStatus::PastDue);
    let history = subscriptions.history(&made.reference, 5).await.unwrap();
    assert_eq!((history.len(), history[0].lifecycle), (1, Lifecycle::Failed));

    let outcome = subscriptions.retry_payment(&made.reference, &rig.key("r1")).await;
    let outcome = outcome.unwrap();
    let decline = outcome.declined().expect("it fails again");
    assert_eq!((decline.reason, decline.code.as_deref()), (DeclineReason::InsufficientFunds, Some("50")));
    // With an amount that is good, it goes through.
    let plan = Plan::Inline { amount: usd(1200), every: Interval::new(1, IntervalUnit::Month) };
    let update = SubscriptionUpdate::new(made.reference.clone(), rig.key("u")).with_plan(plan);
    subscriptions.update(&update).await.unwrap();
    let key = rig.key("r2");
    let outcome = subscriptions.retry_payment(&made.reference, &key).await.unwrap();
    assert_eq!(approved(&outcome).amounts.captured, usd(1200));
    let sales = rig.count("S");
    // The same key pays nothing more, and answers the same.
    let again = subscriptions.retry_payment(&made.reference, &key).await.unwrap();
    assert!(approved(&again).reference.same_as(&approved(&outcome).reference));
    let error = subscriptions.retry_payment(&made.reference, &rig.key("r3")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!(rig.count("S"), sales);
    assert_eq!(subscriptions.get(&made.reference).await.unwrap().status, SubscriptionStatus::Active);
}

#[tokio::test]
async fn a_lost_retry_is_found_out() {
    for (what, paid) in [(Break::AfterEffect, true), (Break::BeforeEffect, false)] {
        let rig = Rig::new();
        let transport = Arc::new(BreakingTransport::new(&rig.sim));
        let subscriptions = rig.breaking(&transport).subscriptions().unwrap();
        let made = failing(&rig, &*subscriptions).await;
        let plan = Plan::Inline { amount: usd(1200), every: Interval::new(1, IntervalUnit::Month) };
        let update = SubscriptionUpdate::new(made.reference.clone(), rig.key("u")).with_plan(plan);
        subscriptions.update(&update).await.unwrap();
        transport.plan_containing(what, "&ACTION=P&");
        let error = subscriptions.retry_payment(&made.reference, &rig.key("r")).await.unwrap_err();
        assert_eq!(error.effect(), Effect::Unknown);
        rig.clock.advance(Duration::from_secs(3600));
        let found = resolve_retry(&*subscriptions, error.attempt().unwrap(), rig.clock.now()).await.unwrap();
        match found {
            Resolution::Happened(payment) => assert!(paid && payment.amounts.captured == usd(1200)),
            Resolution::DidNotHappen => assert!(!paid),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn recurring_billing_may_be_off() {
    let rig = Rig::new();
    rig.sim.payflow().configure(|settings| settings.recurring_billing = false);
    let subscriptions = rig.connect().subscriptions().unwrap();
    let error = subscriptions.create(&request(&rig, "k")).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Forbidden, Effect::None));
}
