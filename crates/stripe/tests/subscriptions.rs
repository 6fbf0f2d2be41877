//! Subscriptions behind the shape of all providers: what leaves, in which order, and what is made of the answers.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests, which clippy does not recognize as such"
)]

mod wire_support;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    Attempt, Authority, BankAccount, CancelWhen, Customer, DeclineReason, IdempotencyKey, Interval,
    IntervalUnit, Lifecycle, Lookup, MerchantReference, NextAction, Outcome, PaymentMethod, PaymentOperation,
    PaymentRef, Plan, SubscriptionRequest, SubscriptionStatus, SubscriptionUpdate, Subscriptions,
    VendorToken, WireKey,
};
use turnbuckle_core::{Advice, Effect, ErrorKind, ProviderId, SystemClock};
use turnbuckle_stripe::StripeSubscriptions;
use wire_support::{Answer, Wire, message};

const STRIPE: ProviderId = ProviderId::from_static("stripe");
const BEGUN: i64 = 1_700_000_000; // 2023-11-14 22:13:20 UTC

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn key() -> IdempotencyKey {
    IdempotencyKey::new("order-7", at(BEGUN)).unwrap()
}

fn wire_key(step: &str) -> String {
    WireKey::derive_step(&STRIPE, "acct", step, &key()).to_string()
}

fn stored() -> PaymentMethod {
    PaymentMethod::Stored(PaymentRef::new(STRIPE, "payment_method", "pm_1").with_detail("customer", "cus_1"))
}

fn token() -> PaymentMethod {
    PaymentMethod::Token(VendorToken::new("payment_method", "pm_1"))
}

fn monthly() -> Plan {
    let every = Interval::new(1, IntervalUnit::Month);
    Plan::Inline { amount: Money::new(2000, Currency::USD), every }
}

fn vendor() -> Plan {
    Plan::Vendor { id: "price_1".to_owned(), quantity: 2 }
}

fn request(method: PaymentMethod, plan: Plan) -> SubscriptionRequest {
    SubscriptionRequest::new(method, plan, key(), MerchantReference::new("member 7").unwrap())
}

fn reference() -> PaymentRef {
    PaymentRef::new(STRIPE, "subscription", "sub_1")
}

fn subscriptions(wire: &Wire) -> StripeSubscriptions {
    StripeSubscriptions::new(wire.stripe(), "acct", Arc::new(Now))
}

/// The answers' own time.
#[derive(Debug)]
struct Now;

#[async_trait::async_trait]
impl turnbuckle_core::Clock for Now {
    fn now(&self) -> DateTime<Utc> {
        at(BEGUN)
    }

    fn monotonic(&self) -> std::time::Duration {
        SystemClock::new().monotonic()
    }

    async fn sleep(&self, _duration: std::time::Duration) {}
}

/// A subscription over 20 dollars a month, with more fields at its end.
fn subscription(status: &str, more: &str) -> Answer {
    priced(status, "price_9", 2000, 1, more)
}

fn priced(status: &str, price: &str, unit: i64, quantity: u64, more: &str) -> Answer {
    Answer::new(
        200,
        format!(
            r#"{{"id":"sub_1","status":"{status}","currency":"usd","customer":"cus_1","livemode":false,
            "billing_cycle_anchor":{BEGUN},"items":{{"object":"list","has_more":false,"data":[{{"id":"si_1",
            "quantity":{quantity},"current_period_end":1702592000,"price":{{"id":"{price}","currency":"usd",
            "product":"prod_1","unit_amount":{unit},"recurring":{{"interval":"month","interval_count":1}}}}}}]}}
            {more}}}"#
        ),
    )
}

const INVOICE: &str = r#"{"id":"in_1","status":"paid","currency":"usd","amount_due":2000,"amount_paid":2000,
    "payments":{"data":[{"id":"inpay_1","is_default":true,"status":"paid","amount_requested":2000,
    "payment":{"type":"payment_intent","payment_intent":"pi_1"}}],"has_more":false}}"#;

fn with_invoice() -> String {
    format!(r#","latest_invoice":{INVOICE}"#)
}

fn intent(status: &str, more: &str) -> Answer {
    Answer::new(
        200,
        format!(
            r#"{{"id":"pi_1","status":"{status}","amount":2000,"amount_received":2000,"currency":"usd",
            "livemode":false{more}}}"#
        ),
    )
}

fn lines(wire: &Wire) -> Vec<String> {
    let first = |request| message(request).lines().next().unwrap().replace(" HTTP/1.1", "");
    wire.sent().iter().map(first).collect()
}

fn body(wire: &Wire, index: usize) -> String {
    String::from_utf8(wire.sent()[index].body().to_vec()).unwrap()
}

fn keys(wire: &Wire) -> Vec<String> {
    let sent = wire.sent();
    let keys = sent.iter().filter_map(|request| request.headers().get("idempotency-key"));
    keys.map(|key| key.to_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_price_at_stripe_and_a_stored_method_take_one_request() {
    let wire = Wire::new([priced("active", "price_1", 1000, 2, &with_invoice()), intent("succeeded", "")]);
    let outcome = subscriptions(&wire).create(&request(stored(), vendor())).await.unwrap();

    assert_eq!(
        lines(&wire),
        ["POST /v1/subscriptions", "GET /v1/payment_intents/pi_1?expand[0]=latest_charge"]
    );
    let mark = wire_key("create_subscription");
    assert_eq!(
        body(&wire, 0),
        format!(
            "customer=cus_1&items[0][price]=price_1&items[0][quantity]=2&default_payment_method=pm_1\
             &payment_behavior=allow_incomplete&metadata[turnbuckle_operation]=create_subscription\
             &metadata[turnbuckle_reference]=member%207&metadata[turnbuckle_wire_key]={mark}\
             &expand[0]=latest_invoice.payments"
        )
    );
    assert_eq!(keys(&wire), [mark]);

    let subscription = outcome.subscription.unwrap();
    assert_eq!(subscription.reference, reference());
    assert_eq!(subscription.status, SubscriptionStatus::Active);
    assert_eq!(subscription.amount, Some(Money::new(2000, Currency::USD)));
    assert_eq!(subscription.every, Some(Interval::new(1, IntervalUnit::Month)));
    assert_eq!(subscription.next_payment_at, Some(at(1_702_592_000)));
    let Some(Outcome::Approved(payment)) = outcome.first_payment else { panic!("approved") };
    assert_eq!(payment.reference.id(), "pi_1");
}

#[tokio::test]
async fn a_counted_plan_of_a_new_payer_takes_its_steps_each_under_its_own_key() {
    let made = format!(r#","cancel_at":1707947300{}"#, with_invoice());
    let wire = Wire::new([
        Answer::new(200, r#"{"id":"cus_1"}"#),
        Answer::new(200, r#"{"data":[{"id":"pm_1","type":"card","customer":"cus_1"}],"has_more":false}"#),
        Answer::new(200, r#"{"id":"prod_1","name":"Boards"}"#),
        subscription("active", &made),
        intent("succeeded", ""),
        subscription("active", r#","cancel_at":1707948800"#),
    ]);
    let mut wanted = request(token(), monthly());
    wanted.payments = Some(3);
    wanted.description = Some("Boards".to_owned());
    let outcome = subscriptions(&wire).create(&wanted).await.unwrap();

    let lines = lines(&wire);
    assert_eq!(lines[0], "POST /v1/customers");
    assert!(lines[1].starts_with("GET /v1/customers/cus_1/payment_methods"), "{}", lines[1]);
    assert_eq!(lines[2..4], ["POST /v1/products", "POST /v1/subscriptions"]);
    assert_eq!(lines[5], "POST /v1/subscriptions/sub_1");
    let keys = keys(&wire);
    let distinct: std::collections::BTreeSet<_> = keys.iter().collect();
    assert_eq!((keys.len(), distinct.len()), (4, 4));
    assert_eq!(keys[2], wire_key("create_subscription"));

    assert!(body(&wire, 2).starts_with("name=Boards&id=turnbuckle_"));
    let created = body(&wire, 3);
    assert!(created.contains("&items[0][price_data][currency]=usd&items[0][price_data][product]=prod_1"));
    assert!(created.contains("&items[0][price_data][recurring][interval]=month"));
    assert!(created.contains("&items[0][price_data][unit_amount]=2000&items[0][quantity]=1"));
    // Three months after the key's first use, less a quarter of an hour; then exactly.
    assert!(created.contains("&cancel_at=1707947900&"), "{created}");
    assert!(created.contains("&proration_behavior=none&"));
    assert_eq!(
        body(&wire, 5),
        "cancel_at=1707948800&proration_behavior=none&metadata[turnbuckle_ends_at]=1707948800"
    );
    assert_eq!(outcome.subscription.unwrap().ends_at, Some(at(1_707_948_800)));
}

#[tokio::test]
async fn an_end_that_cannot_be_settled_stays_the_safe_one() {
    let wire = Wire::new([
        Answer::new(400, r#"{"error":{"type":"invalid_request_error","code":"resource_already_exists"}}"#),
        subscription("active", r#","cancel_at":1707947900"#),
        Answer::new(400, r#"{"error":{"type":"invalid_request_error"}}"#),
    ]);
    let mut wanted = request(stored(), monthly());
    wanted.payments = Some(3);
    let outcome = subscriptions(&wire).create(&wanted).await.unwrap();
    assert_eq!(outcome.subscription.unwrap().ends_at, Some(at(1_707_947_900)));
    assert!(outcome.first_payment.is_none());
    let product = body(&wire, 0).split_once("id=").unwrap().1.to_owned();
    assert!(body(&wire, 1).contains(&format!("[product]={product}&")), "a product that exists is used again");
}

#[tokio::test]
async fn a_later_first_payment_makes_the_end_exact_at_once() {
    for (trial_days, starts_on, begin, end) in [
        (Some(14), None, 1_701_209_600, 1_703_801_600),
        (None, NaiveDate::from_ymd_opt(2024, 1, 31), 1_706_702_400, 1_709_208_000),
    ] {
        let wire = Wire::new([
            Answer::new(200, r#"{"id":"prod_1"}"#),
            subscription("trialing", &format!(r#","cancel_at":{end}"#)),
        ]);
        let mut wanted = request(stored(), monthly());
        (wanted.trial_days, wanted.starts_on, wanted.payments) = (trial_days, starts_on, Some(1));
        let outcome = subscriptions(&wire).create(&wanted).await.unwrap();
        let body = body(&wire, 1);
        assert!(
            body.contains(&format!("&trial_end={begin}")) && body.contains(&format!("&cancel_at={end}")),
            "{body}"
        );
        assert_eq!(outcome.subscription.unwrap().status, SubscriptionStatus::Trialing);
        assert!(outcome.first_payment.is_none());
    }
}

#[tokio::test]
async fn what_stripe_cannot_do_is_refused_before_anything_leaves() {
    let wire = Wire::new([]);
    let refused = async |change: &dyn Fn(&mut SubscriptionRequest)| {
        let mut wanted = request(stored(), monthly());
        change(&mut wanted);
        let error = subscriptions(&wire).create(&wanted).await.unwrap_err();
        assert_eq!(error.effect(), Effect::None);
        error.fields().first().map_or_else(|| error.kind().to_string(), |field| field.field.to_string())
    };
    assert_eq!(refused(&|wanted| wanted.payments = Some(0)).await, "payments");
    assert_eq!(refused(&|wanted| (wanted.payments, wanted.plan) = (Some(3), vendor())).await, "payments");
    assert_eq!(refused(&|wanted| wanted.payments = Some(u32::MAX)).await, "payments");
    assert_eq!(refused(&|wanted| wanted.trial_days = Some(731)).await, "trial_days");
    let both = |wanted: &mut SubscriptionRequest| {
        wanted.trial_days = Some(3);
        wanted.starts_on = NaiveDate::from_ymd_opt(2024, 1, 31);
    };
    assert_eq!(refused(&both).await, "trial_days");
    let long = Interval::new(4, IntervalUnit::Year);
    let plan = |every, amount| Plan::Inline { amount, every };
    let usd = Money::new(2000, Currency::USD);
    assert_eq!(refused(&|wanted| wanted.plan = plan(long, usd)).await, "plan.every");
    let none = Plan::Vendor { id: "price_1".to_owned(), quantity: 0 };
    assert_eq!(refused(&|wanted| wanted.plan = none.clone()).await, "plan.quantity");
    let odd = Money::new(1_234_567, Currency::new("KWD").unwrap());
    let month = Interval::new(1, IntervalUnit::Month);
    assert_eq!(refused(&|wanted| wanted.plan = plan(month, odd)).await, "amount");
    assert_eq!(refused(&|wanted| wanted.description = Some("x".repeat(501))).await, "description");
    let bank = BankAccount::new("110000000", "000123456789", "A").unwrap();
    assert_eq!(
        refused(&|wanted| wanted.method = PaymentMethod::BankAccount(bank.clone())).await,
        "unsupported"
    );
    let ownerless = PaymentMethod::Stored(PaymentRef::new(STRIPE, "payment_method", "pm_1"));
    assert_eq!(refused(&|wanted| wanted.method = ownerless.clone()).await, "customer.reference");
    let mark = |wanted: &mut SubscriptionRequest| {
        wanted.metadata.insert("turnbuckle_wire_key".to_owned(), "x".to_owned());
    };
    assert_eq!(refused(&mark).await, "metadata");
    assert!(wire.sent().is_empty());
}

#[tokio::test]
async fn a_declined_card_leaves_nothing_and_an_unpaid_subscription_says_so() {
    let wire = Wire::new([Answer::fixture(402, "declined")]);
    let outcome = subscriptions(&wire).create(&request(stored(), vendor())).await.unwrap();
    assert!(outcome.subscription.is_none());
    assert_eq!(outcome.first_payment.unwrap().declined().unwrap().reason, DeclineReason::DoNotHonor);

    let action = r#","client_secret":"pi_1_secret_2","next_action":{"type":"use_stripe_sdk"}"#;
    let wire = Wire::new([
        priced("incomplete", "price_1", 1000, 2, &with_invoice()),
        intent("requires_action", action),
    ]);
    let outcome = subscriptions(&wire).create(&request(stored(), vendor())).await.unwrap();
    assert_eq!(outcome.subscription.unwrap().status, SubscriptionStatus::Pending);
    let first = outcome.first_payment.unwrap();
    assert!(matches!(first, Outcome::RequiresAction(_, NextAction::ClientConfirm { .. })));
}

#[tokio::test]
async fn an_effect_is_that_of_the_subscription() {
    // Steps before it are safe to repeat under the same key.
    let wire = Wire::new(std::iter::repeat_n(Answer::Lost, 10));
    let error = subscriptions(&wire).create(&request(stored(), monthly())).await.unwrap_err();
    assert!(lines(&wire).iter().all(|line| line == "POST /v1/products"));
    assert_eq!((error.effect(), error.advice()), (Effect::None, Advice::Retry));

    let wire = Wire::new(std::iter::repeat_n(Answer::Lost, 10));
    let error = subscriptions(&wire).create(&request(stored(), vendor())).await.unwrap_err();
    assert_eq!(error.effect(), Effect::Unknown);

    let wire = Wire::new([priced("active", "price_1", 1000, 3, "")]);
    let error = subscriptions(&wire).create(&request(stored(), vendor())).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidResponse, Effect::Happened));
    assert_eq!(error.payment(), Some(&reference()));

    let unread = [priced("active", "price_1", 1000, 2, &with_invoice()), Answer::new(404, "{}")];
    let error = subscriptions(&Wire::new(unread)).create(&request(stored(), vendor())).await.unwrap_err();
    assert_eq!((error.effect(), error.payment()), (Effect::Happened, Some(&reference())));
}

#[tokio::test]
async fn a_method_that_is_attached_already_is_used() {
    let wire = Wire::new([
        Answer::new(400, r#"{"error":{"type":"invalid_request_error"}}"#),
        Answer::new(200, r#"{"id":"pm_1","type":"card","customer":"cus_1"}"#),
        priced("trialing", "price_1", 1000, 2, ""),
    ]);
    let mut wanted = request(token(), vendor());
    let mut customer = Customer::default();
    customer.reference = Some(PaymentRef::new(STRIPE, "customer", "cus_1"));
    wanted.customer = Some(customer);
    let _ = subscriptions(&wire).create(&wanted).await.unwrap();
    assert_eq!(
        lines(&wire),
        ["POST /v1/payment_methods/pm_1/attach", "GET /v1/payment_methods/pm_1", "POST /v1/subscriptions"]
    );
}

#[tokio::test]
async fn an_update_changes_the_one_item_without_proration() {
    let wire = Wire::new([subscription("active", ""), priced("active", "price_1", 1000, 2, "")]);
    let mut update = SubscriptionUpdate::new(reference(), key());
    (update.plan, update.method) = (Some(vendor()), Some(stored()));
    update.description = Some("More boards".to_owned());
    subscriptions(&wire).update(&update).await.unwrap();
    assert_eq!(lines(&wire), ["GET /v1/subscriptions/sub_1", "POST /v1/subscriptions/sub_1"]);
    assert_eq!(
        body(&wire, 1),
        "items[0][id]=si_1&items[0][price]=price_1&items[0][quantity]=2&default_payment_method=pm_1\
         &description=More%20boards&payment_behavior=error_if_incomplete&proration_behavior=none"
    );
    assert_eq!(keys(&wire), [wire_key("update_subscription")]);

    let wire = Wire::new([subscription("active", "")]);
    let other = PaymentRef::new(STRIPE, "payment_method", "pm_2").with_detail("customer", "cus_2");
    update.method = Some(PaymentMethod::Stored(other));
    let error = subscriptions(&wire).update(&update).await.unwrap_err();
    assert_eq!(error.fields()[0].field, "customer.reference");
}

#[tokio::test]
async fn ending_twice_is_no_error() {
    let gone = Answer::new(404, r#"{"error":{"type":"invalid_request_error","code":"resource_missing"}}"#);
    let wire = Wire::new([subscription("canceled", ""), gone.clone(), subscription("canceled", "")]);
    for _ in 0..2 {
        let ended = subscriptions(&wire).cancel(&reference(), CancelWhen::Now).await.unwrap();
        assert_eq!(ended.status, SubscriptionStatus::Cancelled);
        assert_eq!(ended.next_payment_at, None);
    }
    assert_eq!(lines(&wire)[1..], ["DELETE /v1/subscriptions/sub_1", "GET /v1/subscriptions/sub_1"]);

    let wire = Wire::new([gone.clone(), gone]);
    let error = subscriptions(&wire).cancel(&reference(), CancelWhen::Now).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);

    let wire = Wire::new([subscription("active", r#","cancel_at_period_end":true,"cancel_at":1702592000"#)]);
    let ending = subscriptions(&wire).cancel(&reference(), CancelWhen::PeriodEnd).await.unwrap();
    assert_eq!(body(&wire, 0), "cancel_at_period_end=true");
    assert_eq!((ending.ends_at, ending.next_payment_at), (Some(at(1_702_592_000)), None));
}

#[tokio::test]
async fn a_reactivation_takes_back_the_early_end_and_keeps_the_agreed_one() {
    let ending = r#","cancel_at_period_end":true,"cancel_at":1702592000"#;
    let counted = format!(r#"{ending},"metadata":{{"turnbuckle_ends_at":"1707948800"}}"#);
    for (more, sent) in [
        (ending, Some("cancel_at_period_end=false&proration_behavior=none")),
        (counted.as_str(), Some("cancel_at=1707948800&proration_behavior=none")),
        (r#","pause_collection":{"behavior":"void"}"#, Some("pause_collection=&proration_behavior=none")),
        (r#","cancel_at":1707948800,"metadata":{"turnbuckle_ends_at":"1707948800"}"#, None),
    ] {
        let wire = Wire::new([subscription("active", more), subscription("active", "")]);
        subscriptions(&wire).reactivate(&reference(), &key()).await.unwrap();
        assert_eq!(wire.sent().len(), 1 + usize::from(sent.is_some()), "{more}");
        if let Some(sent) = sent {
            assert_eq!(body(&wire, 1), sent);
            assert_eq!(keys(&wire), [wire_key("reactivate_subscription")]);
        }
    }

    let wire = Wire::new([subscription("paused", ""), subscription("active", "")]);
    subscriptions(&wire).reactivate(&reference(), &key()).await.unwrap();
    assert_eq!(lines(&wire)[1], "POST /v1/subscriptions/sub_1/resume");

    let wire = Wire::new([subscription("canceled", "")]);
    let error = subscriptions(&wire).reactivate(&reference(), &key()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

fn invoices(data: &str) -> Answer {
    Answer::new(200, format!(r#"{{"data":[{data}],"has_more":false}}"#))
}

#[tokio::test]
async fn a_retry_pays_the_newest_open_invoice() {
    let open = INVOICE.replace("\"paid\"", "\"open\"");
    let wire = Wire::new([invoices(&open), Answer::new(200, INVOICE), intent("succeeded", "")]);
    let outcome = subscriptions(&wire).retry_payment(&reference(), &key()).await.unwrap();
    assert!(outcome.approved().is_some());
    assert_eq!(
        lines(&wire)[..2],
        ["GET /v1/invoices?status=open&subscription=sub_1&limit=1", "POST /v1/invoices/in_1/pay"]
    );
    assert_eq!(keys(&wire), [wire_key("retry_subscription_payment")]);

    let wire = Wire::new([invoices(&open), Answer::fixture(402, "declined")]);
    let outcome = subscriptions(&wire).retry_payment(&reference(), &key()).await.unwrap();
    assert!(outcome.declined().is_some());

    let wire = Wire::new([invoices(""), invoices("")]);
    let error = subscriptions(&wire).retry_payment(&reference(), &key()).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Conflict, Effect::None));
    assert_eq!(
        lines(&wire)[1],
        "GET /v1/invoices?status=paid&subscription=sub_1&limit=1&expand[0]=data.payments"
    );

    // An earlier try under the same key was paid, and its answer was lost.
    let first_used = key().first_used_at().timestamp();
    for (paid_at, answered) in [(first_used + 3, true), (first_used - 3600, false)] {
        let paid = INVOICE.replacen('{', &format!(r#"{{"status_transitions":{{"paid_at":{paid_at}}},"#), 1);
        let wire = Wire::new([invoices(""), invoices(&paid)]);
        let result = subscriptions(&wire).retry_payment(&reference(), &key()).await;
        assert_eq!(keys(&wire), [""; 0], "nothing is paid twice");
        match result {
            Ok(outcome) => assert!(answered && outcome.approved().is_some_and(|paid| paid.replayed)),
            Err(error) => assert!(!answered && error.kind() == ErrorKind::Conflict, "{error}"),
        }
    }
}

#[tokio::test]
async fn a_history_is_the_invoices_that_cost_something() {
    let trial = r#"{"id":"in_0","status":"paid","currency":"usd","amount_due":0,"amount_paid":0}"#;
    let draft = r#"{"id":"in_2","status":"draft","currency":"usd","amount_due":2000}"#;
    let open = r#"{"id":"in_3","status":"open","currency":"usd","amount_due":2000,"amount_paid":0}"#;
    let wire = Wire::new([invoices(&format!("{draft},{open},{INVOICE},{trial}"))]);
    let payments = subscriptions(&wire).history(&reference(), 10).await.unwrap();
    let seen: Vec<_> = payments.iter().map(|paid| (paid.reference.id(), paid.lifecycle)).collect();
    assert_eq!(seen, [("in_3", Lifecycle::Pending), ("pi_1", Lifecycle::Captured)]);
    assert_eq!(payments[1].amounts.captured, Money::new(2000, Currency::USD));
    assert_eq!(payments[1].parent, Some(reference()));

    let wire = Wire::new([invoices(&format!("{open},{INVOICE}"))]);
    assert_eq!(subscriptions(&wire).history(&reference(), 1).await.unwrap().len(), 1);
    assert!(subscriptions(&Wire::new([])).history(&reference(), 0).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_lost_creation_is_found_by_its_mark() {
    let operation = PaymentOperation::CreateSubscription;
    let attempt = |sent: i64| {
        let mut attempt = Attempt::new(&STRIPE, "acct", operation, &key(), at(sent));
        attempt.started_at = at(sent);
        attempt
    };
    let mark = wire_key("create_subscription");
    let marked =
        format!(r#"{{"id":"sub_1","status":"active","metadata":{{"turnbuckle_wire_key":"{mark}"}}}}"#);
    let other = r#"{"id":"sub_2","status":"active","metadata":{}}"#;
    let wire = Wire::new([invoices(&format!("{other},{marked}"))]);
    let found = subscriptions(&wire).lookup(&attempt(BEGUN)).await.unwrap();
    let Lookup::Found(found) = found else { panic!("found") };
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].wire_key.as_ref().unwrap().as_str(), mark);
    assert!(lines(&wire)[0].contains("status=all&created[gte]="), "{}", lines(&wire)[0]);

    let wire = Wire::new([invoices(other), invoices(other)]);
    let young = subscriptions(&wire).lookup(&attempt(BEGUN)).await.unwrap();
    assert!(matches!(young, Lookup::Absent(Authority::Lagging { .. })));
    let old = subscriptions(&wire).lookup(&attempt(BEGUN - 3600)).await.unwrap();
    assert_eq!(old, Lookup::Absent(Authority::Authoritative));
}

#[tokio::test]
async fn every_state_has_its_word() {
    let ended = r#","ended_at":1707948800,"metadata":{"turnbuckle_ends_at":"1707948800"}"#;
    for (word, more, status) in [
        ("incomplete", "", SubscriptionStatus::Pending),
        ("incomplete_expired", "", SubscriptionStatus::Cancelled),
        ("trialing", "", SubscriptionStatus::Trialing),
        ("active", "", SubscriptionStatus::Active),
        ("active", r#","pause_collection":{"behavior":"void"}"#, SubscriptionStatus::Suspended),
        ("past_due", "", SubscriptionStatus::PastDue),
        ("unpaid", "", SubscriptionStatus::Suspended),
        ("paused", "", SubscriptionStatus::Suspended),
        ("canceled", r#","ended_at":1702592000"#, SubscriptionStatus::Cancelled),
        ("canceled", ended, SubscriptionStatus::Completed),
        ("hibernating", "", SubscriptionStatus::Other),
    ] {
        let found = subscriptions(&Wire::new([subscription(word, more)])).get(&reference()).await.unwrap();
        assert_eq!((found.status, found.vendor_status.as_str()), (status, word), "{more}");
    }
    let wire = Wire::new([]);
    let payment = PaymentRef::new(STRIPE, "payment_intent", "pi_1");
    let error = subscriptions(&wire).get(&payment).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
}
