//! Subscriptions over the simulator.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::time::Duration;

use chrono::{Datelike as _, Days, NaiveDate};
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    Address, BankAccount, CancelWhen, Customer, Interval, IntervalUnit, PaymentMethod, Plan, StoreRequest,
    Subscription, SubscriptionFeature, SubscriptionRequest, SubscriptionStatus, SubscriptionUpdate,
    Subscriptions,
};
use turnbuckle_core::{Clock as _, Effect, ErrorKind};
use turnbuckle_nmi::{Frequency, Nmi, PlanTerms};

use support::{POOR, Rig, VISA, card, reference, usd};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn monthly(cents: i64) -> Plan {
    Plan::Inline { amount: usd(cents), every: Interval::new(1, IntervalUnit::Month) }
}

fn request(rig: &Rig, method: PaymentMethod, plan: Plan, key: &str) -> SubscriptionRequest {
    SubscriptionRequest::new(method, plan, rig.key(key), reference("member-7"))
}

async fn start(subscriptions: &dyn Subscriptions, request: &SubscriptionRequest) -> Subscription {
    let outcome = subscriptions.create(request).await.unwrap();
    assert!(outcome.first_payment.is_none(), "NMI makes the first payment by itself");
    outcome.subscription.unwrap()
}

fn today(rig: &Rig) -> NaiveDate {
    rig.clock.now().date_naive()
}

#[tokio::test]
async fn a_subscription_is_charged_changed_and_ended() {
    let rig = Rig::new();
    let subscriptions = rig.subscriptions();
    let mut customer = Customer::default();
    customer.email = Some("robin@example.com".to_owned());
    let mut billing = Address::default();
    billing.first_name = Some("Robin".to_owned());
    billing.last_name = Some("Doe".to_owned());
    let start_on = today(&rig).checked_add_days(Days::new(10)).unwrap();
    let wish = request(&rig, card(VISA), monthly(1200), "1")
        .with_customer(customer)
        .with_billing(billing)
        .with_starts_on(start_on)
        .with_payments(3)
        .with_description("Gym")
        .with_metadata("locker", "9");
    let made = start(subscriptions.as_ref(), &wish).await;
    assert_eq!((made.status, made.amount), (SubscriptionStatus::Pending, Some(usd(1200))));
    assert_eq!(made.next_payment_at.unwrap().date_naive(), start_on);
    assert!(made.wire_key.is_some() && !made.live);
    let kept = &rig.nmi().subscriptions()[0];
    assert_eq!(kept["plan"]["day_of_month"], start_on.day().to_string());
    assert_eq!(kept["plan"]["payments"], "3");
    for (name, value) in [
        ("first_name", "Robin"),
        ("email", "robin@example.com"),
        ("order_description", "Gym"),
        ("merchant_defined_field_1", "member-7"),
        ("merchant_defined_field_5", "locker=9"),
    ] {
        assert_eq!(kept["fields"][name], value, "{name}");
    }
    // The same key starts nothing more; the same key for another amount is a conflict.
    let again = subscriptions.create(&wish).await.unwrap().subscription.unwrap();
    assert!(again.reference.same_as(&made.reference));
    let other = request(&rig, card(VISA), monthly(1300), "1");
    let error = subscriptions.create(&other).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Conflict, Effect::Happened));
    assert_eq!(rig.nmi().subscriptions().len(), 1);

    rig.clock.advance(DAY * 11);
    let now = subscriptions.get(&made.reference).await.unwrap();
    assert_eq!(now.status, SubscriptionStatus::Active);
    assert_eq!(now.every, Some(Interval::new(1, IntervalUnit::Month)));
    let history = subscriptions.history(&made.reference, 10).await.unwrap();
    assert_eq!((history.len(), history[0].amounts.captured), (1, usd(1200)));
    // What NMI counts after a change of a counted plan is not published.
    let change = SubscriptionUpdate::new(made.reference.clone(), rig.key("2")).with_plan(monthly(1500));
    assert_eq!(subscriptions.update(&change).await.unwrap_err().kind(), ErrorKind::Unsupported);
    rig.clock.advance(DAY * 62);
    assert_eq!(subscriptions.get(&made.reference).await.unwrap().status, SubscriptionStatus::Completed);
    assert_eq!(subscriptions.history(&made.reference, 10).await.unwrap().len(), 3);
    for _ in 0..2 {
        let ended = subscriptions.cancel(&made.reference, CancelWhen::Now).await.unwrap();
        assert_eq!(ended.status, SubscriptionStatus::Cancelled);
    }
    assert!(rig.nmi().subscriptions().is_empty());
}

#[tokio::test]
async fn a_plan_and_what_pays_can_change() {
    let rig = Rig::new();
    let subscriptions = rig.subscriptions();
    let wish = request(&rig, card(POOR), monthly(1200), "1");
    let made = start(subscriptions.as_ref(), &wish).await;
    assert_eq!(made.status, SubscriptionStatus::PastDue, "the first payment was made and failed");
    let failed = subscriptions.history(&made.reference, 10).await.unwrap();
    assert_eq!(failed[0].lifecycle, turnbuckle_core::payment::Lifecycle::Failed);
    let weekly = Plan::Inline { amount: usd(900), every: Interval::new(2, IntervalUnit::Week) };
    let change = SubscriptionUpdate::new(made.reference.clone(), rig.key("2"))
        .with_plan(weekly)
        .with_method(card(VISA))
        .with_description("Pool");
    let now = subscriptions.update(&change).await.unwrap();
    assert_eq!(now.amount, Some(usd(900)));
    let kept = &rig.nmi().subscriptions()[0];
    assert_eq!(
        (&kept["plan"]["day_frequency"], &kept["fields"]["order_description"]),
        (&"14".into(), &"Pool".into())
    );
    rig.clock.advance(DAY * 40);
    assert_eq!(subscriptions.get(&made.reference).await.unwrap().status, SubscriptionStatus::Active);
    let moved = SubscriptionUpdate::new(made.reference.clone(), rig.key("3"))
        .with_plan(Plan::Vendor { id: "gold".to_owned(), quantity: 1 });
    assert_eq!(subscriptions.update(&moved).await.unwrap_err().kind(), ErrorKind::Unsupported);
    let euro =
        Plan::Inline { amount: Money::new(900, Currency::EUR), every: Interval::new(1, IntervalUnit::Month) };
    let other = SubscriptionUpdate::new(made.reference.clone(), rig.key("4")).with_plan(euro);
    assert_eq!(subscriptions.update(&other).await.unwrap_err().kind(), ErrorKind::InvalidRequest);
}

#[tokio::test]
async fn plans_kept_at_nmi_and_every_kind_of_method_start_one() {
    let rig = Rig::new();
    let nmi = rig.connect().client::<Nmi>().unwrap();
    let terms = PlanTerms::new(usd(2500), Frequency::Days(30));
    nmi.recurring().add_plan("gold", "Gold", &terms).await.unwrap();
    nmi.recurring().edit_plan("gold", "Gold plan", &terms.with_payments(12)).await.unwrap();
    assert_eq!(rig.nmi().plans()[0]["name"], "Gold plan");
    let stored = StoreRequest::new(card(VISA), rig.key("0"), reference("member-7"));
    let stored = rig.gateway().store(&stored).await.unwrap();
    let bank = BankAccount::new("123123123", "000123456789", "Robin Doe").unwrap();
    let gold = || Plan::Vendor { id: "gold".to_owned(), quantity: 1 };
    let subscriptions = rig.subscriptions();
    for (key, method) in [
        ("1", PaymentMethod::Stored(stored.reference)),
        ("2", PaymentMethod::BankAccount(bank)),
        ("3", card(VISA)),
    ] {
        let made = start(subscriptions.as_ref(), &request(&rig, method, gold(), key)).await;
        let found = subscriptions.get(&made.reference).await.unwrap();
        assert_eq!((found.vendor_plan.as_deref(), found.amount), (Some("gold"), Some(usd(2500))), "{key}");
    }
    assert_eq!(rig.nmi().subscriptions().len(), 3);
    for wrong in [
        request(&rig, card(VISA), Plan::Vendor { id: "gold".to_owned(), quantity: 2 }, "4"),
        request(&rig, card(VISA), gold(), "5").with_payments(3),
        request(&rig, card(VISA), monthly(100), "6").with_payments(0),
        request(&rig, card(VISA), monthly(100), "7")
            .with_starts_on(NaiveDate::from_ymd_opt(2001, 1, 1).unwrap()),
        request(
            &rig,
            card(VISA),
            Plan::Inline { amount: usd(100), every: Interval::new(3, IntervalUnit::Year) },
            "8",
        ),
    ] {
        let error = subscriptions.create(&wrong).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidRequest, Effect::None));
    }
    let unknown = request(&rig, card(VISA), Plan::Vendor { id: "silver".to_owned(), quantity: 1 }, "9");
    assert!(subscriptions.create(&unknown).await.is_err());
    assert_eq!(rig.nmi().subscriptions().len(), 3);
}

#[tokio::test]
async fn trials_begin_later_and_what_is_not_offered_is_refused() {
    let rig = Rig::new();
    let subscriptions = rig.subscriptions();
    let wish = request(&rig, card(VISA), monthly(1200), "1").with_trial_days(14);
    let made = start(subscriptions.as_ref(), &wish).await;
    let first = made.next_payment_at.unwrap().date_naive();
    assert_eq!(first, today(&rig).checked_add_days(Days::new(14)).unwrap());
    let features = subscriptions.features();
    for feature in [
        SubscriptionFeature::CancelAtPeriodEnd,
        SubscriptionFeature::Reactivate,
        SubscriptionFeature::RetryPayment,
    ] {
        assert!(!features.has(feature));
    }
    let unsupported = |error: turnbuckle_core::Error| assert_eq!(error.kind(), ErrorKind::Unsupported);
    unsupported(subscriptions.cancel(&made.reference, CancelWhen::PeriodEnd).await.unwrap_err());
    unsupported(subscriptions.reactivate(&made.reference, &rig.key("2")).await.unwrap_err());
    unsupported(subscriptions.retry_payment(&made.reference, &rig.key("3")).await.unwrap_err());
}
