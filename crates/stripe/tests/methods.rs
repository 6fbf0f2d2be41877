//! Stored methods, verifications, reviews, lookups and settlement against the simulated Stripe.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests, which clippy does not recognize as such"
)]

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;
use support::{Rig, approved, reference, token, usd};
use turnbuckle_core::http::transport_fn;
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    Authority, CaptureRequest, Card, Customer, Decision, DeclineReason, Initiator, Journal, Lifecycle,
    Lookup, LookupQuery, MemoryJournal, NextAction, OnAction, OriginalPayment, Outcome, PaymentMethod,
    PaymentRef, RefundRequest, ReturnParams, SettlementKind, StoreRequest, StoredCredential,
    StoredCredentialReason, TransactionQuery, VerifyRequest, reconcile,
};
use turnbuckle_core::{Clock, Effect, ErrorKind};
use turnbuckle_stripe::StripeProvider;

fn allow() -> OnAction {
    OnAction::Allow { return_url: "https://shop.example/back".parse().unwrap() }
}

fn merchant_initiated() -> StoredCredential {
    StoredCredential::subsequent(
        Initiator::Merchant,
        StoredCredentialReason::Recurring,
        OriginalPayment::default(),
    )
}

#[tokio::test]
async fn a_stored_method_pays_with_and_without_the_payer_until_it_is_removed() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let mut customer = Customer::default();
    customer.name = Some("Jo Doe".to_owned());
    let request = StoreRequest::new(token("pm_card_visa"), rig.key("s1"), reference("customer-7"))
        .with_customer(customer);
    let stored = gateway.store(&request).await.unwrap();
    assert_eq!(stored.reference.kind(), "payment_method");
    assert_eq!(stored.summary.last4.as_deref(), Some("4242"));
    assert!(stored.reference.detail("customer").unwrap().starts_with("cus_"));
    assert_eq!(rig.sim.stripe().customers().len(), 1);
    // The same request again keeps the same method.
    assert_eq!(gateway.store(&request).await.unwrap().reference, stored.reference);
    assert_eq!(rig.sim.stripe().customers().len(), 1);

    let method = PaymentMethod::Stored(stored.reference.clone());
    let mut charge = rig.request(1500, "-", "c1");
    charge.method = method.clone();
    approved(&gateway.purchase(&charge).await.unwrap());
    let mut charge = rig.request(1600, "-", "c2").with_stored_credential(merchant_initiated());
    charge.method = method.clone();
    approved(&gateway.purchase(&charge).await.unwrap());
    let log = rig.sim.stripe().request_log();
    let body = String::from_utf8(log.last().unwrap().body.to_vec()).unwrap();
    assert!(body.contains("off_session=true") && !body.contains("error_on_requires_action"), "{body}");

    gateway.unstore(&stored.reference).await.unwrap();
    gateway.unstore(&stored.reference).await.unwrap();
    let mut charge = rig.request(1700, "-", "c3");
    charge.method = method;
    assert_eq!(gateway.purchase(&charge).await.unwrap_err().effect(), Effect::None);
    let unknown = PaymentRef::new(StripeProvider::ID, "payment_method", "pm_none");
    assert!(gateway.unstore(&unknown).await.is_err());
}

#[tokio::test]
async fn a_method_joins_a_customer_that_exists_and_declined_ones_do_not() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let first = gateway
        .store(&StoreRequest::new(token("pm_card_visa"), rig.key("s1"), reference("c")))
        .await
        .unwrap();
    let owner = first.reference.detail("customer").unwrap();
    let mut customer = Customer::default();
    customer.reference = Some(PaymentRef::new(StripeProvider::ID, "customer", owner));
    let store = |card: &str, key: &str| {
        StoreRequest::new(token(card), rig.key(key), reference("c")).with_customer(customer.clone())
    };
    let second = gateway.store(&store("pm_card_mastercard", "s2")).await.unwrap();
    assert_eq!(second.reference.detail("customer"), Some(owner));
    assert_eq!(rig.sim.stripe().customers().len(), 1);
    let error = gateway.store(&store("pm_card_chargeDeclined", "s3")).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidRequest, Effect::None));
    assert_eq!(error.code(), Some("generic_decline"));

    // Charging a method in another customer's name is refused before it is sent.
    let mut charge = rig.request(1500, "-", "c1").with_customer(Customer::default());
    charge.method = PaymentMethod::Stored(second.reference);
    let mut other = Customer::default();
    other.reference = Some(PaymentRef::new(StripeProvider::ID, "customer", "cus_other"));
    charge.customer = Some(other);
    assert_eq!(gateway.purchase(&charge).await.unwrap_err().fields()[0].field, "customer.reference");
}

#[tokio::test]
async fn the_first_payment_of_a_series_sets_the_method_up() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let request = rig
        .request(1500, "pm_card_visa", "k")
        .with_stored_credential(StoredCredential::initial(StoredCredentialReason::Recurring));
    approved(&gateway.purchase(&request).await.unwrap());
    assert_eq!(rig.sim.stripe().payment_intents()[0]["setup_future_usage"], "off_session");

    let contradiction = rig
        .request(1500, "pm_card_visa", "k2")
        .with_stored_credential(merchant_initiated())
        .with_on_action(allow());
    assert_eq!(gateway.purchase(&contradiction).await.unwrap_err().fields()[0].field, "on_action");
}

#[tokio::test]
async fn a_series_that_began_elsewhere_names_its_first_payment() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let series = |id: &str| {
        let original = OriginalPayment::new(id);
        StoredCredential::subsequent(Initiator::Merchant, StoredCredentialReason::Unscheduled, original)
    };
    let mut request =
        rig.request(1500, "pm_card_visa", "k1").with_stored_credential(series("016150703802094"));
    approved(&gateway.purchase(&request).await.unwrap());
    let sent = rig.sim.stripe().payment_intents();
    let options = &sent[0]["payment_method_options"]["card"];
    assert_eq!(options["mit_exemption"]["network_transaction_id"], "016150703802094");

    let card = Card::new("4242424242424242", 12, 2034).unwrap();
    request.method = PaymentMethod::Card(card);
    request.key = rig.key("k2");
    approved(&gateway.purchase(&request).await.unwrap());
    request = request.with_stored_credential(merchant_initiated());
    request.key = rig.key("k3");
    assert_eq!(gateway.purchase(&request).await.unwrap_err().fields()[0].field, "method");
}

#[tokio::test]
async fn a_series_without_the_payer_ends_in_a_decline_where_the_bank_wants_the_payer() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let stored = gateway
        .store(&StoreRequest::new(token("pm_card_authenticationRequired"), rig.key("s"), reference("c")))
        .await
        .unwrap();
    let mut charge = rig.request(1500, "-", "c").with_stored_credential(merchant_initiated());
    charge.method = PaymentMethod::Stored(stored.reference);
    let outcome = gateway.purchase(&charge).await.unwrap();
    assert_eq!(outcome.declined().unwrap().reason, DeclineReason::AuthenticationRequired);
    assert_eq!(rig.good_charges(), 0);
}

#[tokio::test]
async fn a_verification_moves_no_money() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let verify = |card: &str, key: &str| {
        VerifyRequest::new(token(card), Currency::USD, rig.key(key), reference("check"))
    };
    let outcome = gateway.verify(&verify("pm_card_visa", "v1")).await.unwrap();
    let payment = approved(&outcome);
    assert_eq!((payment.lifecycle, payment.amounts.requested), (Lifecycle::Verified, usd(0)));
    assert_eq!(payment.method.as_ref().unwrap().last4.as_deref(), Some("4242"));
    let outcome = gateway.verify(&verify("pm_card_chargeDeclinedIncorrectCvc", "v2")).await.unwrap();
    assert_eq!(outcome.declined().unwrap().reason, DeclineReason::IncorrectCvv);

    let outcome = gateway.verify(&verify("pm_card_threeDSecureRequired", "v3")).await.unwrap();
    assert_eq!(outcome.declined().unwrap().reason, DeclineReason::AuthenticationRequired);
    assert_eq!(rig.sim.stripe().setup_intents()[0]["status"], "canceled", "nothing is left waiting");

    let request = verify("pm_card_threeDSecureRequired", "v4").with_on_action(allow());
    let outcome = gateway.verify(&request).await.unwrap();
    let Outcome::RequiresAction(payment, NextAction::Redirect { .. }) = outcome else {
        panic!("{outcome:?}")
    };
    rig.sim.stripe().complete_authentication(payment.reference.id(), true).unwrap();
    let outcome = gateway.resume(&payment.reference, &ReturnParams::default()).await.unwrap();
    assert_eq!(approved(&outcome).lifecycle, Lifecycle::Verified);
    assert!(rig.charges().is_empty());
}

#[tokio::test]
async fn lookups_find_by_handle_and_by_reference_and_say_what_an_absence_proves() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let since = rig.clock.now();
    let paid = approved(&gateway.purchase(&rig.request(1099, "pm_card_visa", "p")).await.unwrap()).clone();
    let refund = gateway.refund(&RefundRequest::new(paid.reference.clone(), rig.key("r"))).await.unwrap();
    let refund = approved(&refund).clone();
    for (handle, lifecycle) in
        [(paid.reference.clone(), Lifecycle::Refunded), (refund.reference, Lifecycle::Refunded)]
    {
        let Lookup::Found(found) = gateway.lookup(&LookupQuery::Reference(handle)).await.unwrap() else {
            panic!()
        };
        assert_eq!(found[0].lifecycle, lifecycle);
    }
    let by = |text: &str| LookupQuery::merchant_reference(reference(text), since);
    let Lookup::Found(found) = gateway.lookup(&by("order-1001")).await.unwrap() else { panic!() };
    assert_eq!((found.len(), &found[0].reference), (1, &paid.reference));
    let Lookup::Absent(Authority::Lagging { until }) = gateway.lookup(&by("order-2")).await.unwrap() else {
        panic!()
    };
    rig.clock.advance((until - rig.clock.now()).to_std().unwrap());
    let absent = gateway.lookup(&by("order-2")).await.unwrap();
    assert_eq!(absent, Lookup::Absent(Authority::Authoritative));
    let none = PaymentRef::new(StripeProvider::ID, "payment_intent", "pi_none");
    let absent = gateway.lookup(&LookupQuery::Reference(none)).await.unwrap();
    assert_eq!(absent, Lookup::Absent(Authority::Authoritative));
}

#[tokio::test]
async fn a_lookup_reads_further_pages_and_admits_where_it_stopped() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let since = rig.clock.now();
    let mut wanted = rig.request(1099, "pm_card_visa", "first");
    wanted.reference = reference("wanted");
    approved(&gateway.purchase(&wanted).await.unwrap());
    for index in 0..120 {
        approved(&gateway.purchase(&rig.request(100, "pm_card_visa", &format!("k{index}"))).await.unwrap());
    }
    let query = LookupQuery::merchant_reference(reference("wanted"), since);
    let Lookup::Found(found) = gateway.lookup(&query).await.unwrap() else { panic!() };
    assert_eq!(found.len(), 1);

    // A list without an end.
    let pages = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&pages);
    let endless = transport_fn(move |_| {
        let page = counted.fetch_add(1, Ordering::SeqCst);
        let row = json!({ "id": format!("pi_{page}"), "object": "payment_intent", "metadata": {} });
        http::Response::new(Bytes::from(
            json!({ "object": "list", "has_more": true, "data": [row] }).to_string(),
        ))
    });
    let config = rig.config_with(rig.credentials(), Arc::new(endless));
    let gateway = StripeProvider::new().payments(config).unwrap();
    rig.clock.advance(Duration::from_secs(600));
    assert_eq!(gateway.lookup(&query).await.unwrap(), Lookup::Absent(Authority::Partial));
    assert_eq!(pages.load(Ordering::SeqCst), 20);
}

/// The simulator holds payments for review; the endpoints that end a review are made up here.
fn with_reviews(rig: &Rig) -> (turnbuckle_core::provider::Connection, Arc<Mutex<Vec<String>>>) {
    use turnbuckle_core::provider::IntegrationProvider;
    let approvals = Arc::new(Mutex::new(Vec::new()));
    let (sim, seen) = (rig.sim.clone(), Arc::clone(&approvals));
    let transport = transport_fn(move |request: http::Request<Bytes>| {
        let path = request.uri().path().to_owned();
        let Some(rest) = path.strip_prefix("/v1/reviews/") else { return sim.handle(request) };
        let id = rest.trim_end_matches("/approve").to_owned();
        if rest.ends_with("/approve") {
            seen.lock().unwrap().push(id.clone());
        }
        let closed = seen.lock().unwrap().contains(&id).then_some("approved");
        let review =
            json!({ "id": id, "object": "review", "open": closed.is_none(), "closed_reason": closed });
        http::Response::new(Bytes::from(review.to_string()))
    });
    let config = rig.config_with(rig.credentials(), Arc::new(transport));
    (StripeProvider::new().connect(config).unwrap(), approvals)
}

#[tokio::test]
async fn a_payment_under_review_is_held_and_a_decision_ends_it() {
    let rig = Rig::new();
    let (connection, approvals) = with_reviews(&rig);
    let gateway = connection.payments().unwrap();
    let outcome = gateway.purchase(&rig.request(1099, "pm_card_riskLevelElevated", "p1")).await.unwrap();
    let Outcome::Held(held) = outcome else { panic!("{outcome:?}") };
    let still = gateway.resume(&held.reference, &ReturnParams::default()).await.unwrap();
    assert!(matches!(still, Outcome::Held(_)));
    let outcome = gateway.decide(&held.reference, Decision::Accept).await.unwrap();
    assert_eq!(approved(&outcome).amounts.captured, usd(1099));
    assert_eq!(approvals.lock().unwrap().len(), 1);
    let after = gateway.resume(&held.reference, &ReturnParams::default()).await.unwrap();
    approved(&after);

    let error = gateway.decide(&held.reference, Decision::Reject).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Conflict, Effect::None), "it is approved");

    // Rejecting refunds what is captured, and cancels what is only reserved.
    let outcome = gateway.purchase(&rig.request(1200, "pm_card_riskLevelElevated", "p2")).await.unwrap();
    let Outcome::Held(captured) = outcome else { panic!() };
    let outcome = gateway.authorize(&rig.request(1300, "pm_card_riskLevelElevated", "a")).await.unwrap();
    let Outcome::Held(reserved) = outcome else { panic!() };
    for (payment, ends) in [(&captured, Lifecycle::Refunded), (&reserved, Lifecycle::Voided)] {
        for _ in 0..2 {
            let outcome = gateway.decide(&payment.reference, Decision::Reject).await.unwrap();
            assert_eq!(outcome.declined().unwrap().reason, DeclineReason::Fraud);
        }
        let query = LookupQuery::Reference(payment.reference.clone());
        let Lookup::Found(found) = gateway.lookup(&query).await.unwrap() else { panic!() };
        assert_eq!(found[0].lifecycle, ends);
    }
    assert_eq!(rig.sim.stripe().refunds().len(), 1);
    let plain = approved(&gateway.purchase(&rig.request(900, "pm_card_visa", "x")).await.unwrap()).clone();
    for decision in [Decision::Accept, Decision::Reject] {
        let error = gateway.decide(&plain.reference, decision).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict, "there is nothing to decide");
    }
    assert_eq!(rig.sim.stripe().refunds().len(), 1);
}

#[tokio::test]
async fn the_ledger_agrees_with_the_journal() {
    let rig = Rig::new();
    let journal = Arc::new(MemoryJournal::new());
    let shared: Arc<dyn Journal> = Arc::<MemoryJournal>::clone(&journal);
    let gateway = StripeProvider::new().payments(rig.config().with_journal(shared)).unwrap();
    let from = rig.clock.now();
    let paid = approved(&gateway.purchase(&rig.request(1099, "pm_card_visa", "p")).await.unwrap()).clone();
    let held = approved(&gateway.authorize(&rig.request(5000, "pm_card_visa", "a")).await.unwrap()).clone();
    let capture = CaptureRequest::new(held.reference, rig.key("c")).with_amount(usd(3000));
    approved(&gateway.capture(&capture).await.unwrap());
    let refund = RefundRequest::new(paid.reference.clone(), rig.key("r")).with_amount(usd(99));
    approved(&gateway.refund(&refund).await.unwrap());
    rig.clock.advance(Duration::from_secs(1));

    let until = rig.clock.now();
    let page = gateway.transactions(&TransactionQuery::new(from, until)).await.unwrap();
    assert_eq!((page.entries.len(), &page.next), (3, &None));
    let charge =
        page.entries.iter().find(|entry| entry.payment.as_ref().unwrap().id() == paid.reference.id());
    let charge = charge.unwrap();
    assert_eq!(
        (charge.kind, charge.gross, charge.wire_key.as_ref()),
        (SettlementKind::Payment, usd(1099), paid.wire_key.as_ref())
    );
    assert_eq!(charge.net.unwrap(), usd(1099).checked_sub(charge.fee.unwrap()).unwrap());
    let refund = page.entries.iter().find(|entry| entry.kind == SettlementKind::Refund).unwrap();
    assert_eq!(refund.gross, usd(-99));

    let records = journal.records(from, until).await.unwrap();
    let result = reconcile(&records, page.entries.clone());
    assert_eq!(result.matched.len(), 3, "{result:?}");
    assert!(
        result.missing.is_empty() && result.extra.is_empty() && result.mismatched.is_empty(),
        "{result:?}"
    );
}

#[tokio::test]
async fn the_ledger_comes_in_pages() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let from = rig.clock.now();
    for index in 0..130 {
        approved(&gateway.purchase(&rig.request(100, "pm_card_visa", &format!("k{index}"))).await.unwrap());
    }
    rig.clock.advance(Duration::from_secs(1));
    let query = TransactionQuery::new(from, rig.clock.now());
    let first = gateway.transactions(&query).await.unwrap();
    let second = gateway.transactions(&query.clone().with_page(first.next.clone().unwrap())).await.unwrap();
    assert_eq!((first.entries.len(), second.entries.len(), second.next), (100, 30, None));
    assert!(first.entries.iter().all(|entry| second.entries.iter().all(|other| other.id != entry.id)));
}

#[tokio::test]
async fn a_payout_is_a_batch_and_keeps_both_currencies_apart() {
    use SettlementKind::{Dispute, Fee, Payment, Payout, Refund};

    let rig = Rig::new();
    let queries = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&queries);
    let key = "0123456789abcdefghijklmnopqrstuv";
    let row = |id: &str, amount: i64, kind: &str, category: &str, source: serde_json::Value| {
        json!({
            "id": id, "object": "balance_transaction", "amount": amount, "currency": "usd", "fee": 30,
            "net": amount - 30, "type": kind, "reporting_category": category, "created": 1_749_988_800,
            "available_on": 1_750_161_600, "status": "available", "source": source,
        })
    };
    let charge = json!({
        "id": "ch_1", "object": "charge", "amount": 1000, "amount_captured": 1000, "currency": "eur",
        "payment_intent": "pi_1", "metadata": { "turnbuckle_wire_key": key, "turnbuckle_operation": "purchase" },
    });
    let refund = json!({
        "id": "re_1", "object": "refund", "amount": 400, "currency": "eur", "payment_intent": "pi_1",
        "status": "succeeded", "metadata": {},
    });
    let rows = json!([
        row("txn_1", 1080, "charge", "charge", charge),
        row("txn_2", -432, "refund", "refund", refund),
        row("txn_3", -1500, "adjustment", "dispute", json!({ "id": "dp_1", "object": "dispute" })),
        row("txn_4", -852, "payout", "payout", json!({ "id": "po_1", "object": "payout" })),
        row("txn_5", -200, "stripe_fee", "fee", json!(null)),
    ]);
    let ledger = transport_fn(move |request: http::Request<Bytes>| {
        seen.lock().unwrap().push(request.uri().query().unwrap_or_default().to_owned());
        let page = json!({ "object": "list", "has_more": false, "data": rows });
        http::Response::new(Bytes::from(page.to_string()))
    });
    let config = rig.config_with(rig.credentials(), Arc::new(ledger));
    let gateway = StripeProvider::new().payments(config).unwrap();
    let now = rig.clock.now();
    let page = gateway.transactions(&TransactionQuery::new(now, now).with_batch("po_1")).await.unwrap();
    let query = queries.lock().unwrap()[0].clone();
    assert!(query.contains("payout=po_1") && !query.contains("created"), "{query}");

    let kinds = page.entries.iter().map(|entry| entry.kind).collect::<Vec<_>>();
    assert_eq!(kinds, [Payment, Refund, Dispute, Payout, Fee]);
    let eur = |minor| Money::new(minor, Currency::EUR);
    let [charge, refund, dispute, ..] = page.entries.as_slice() else { panic!() };
    assert_eq!((charge.gross, charge.settlement_money), (eur(1000), Some(usd(1080))));
    assert_eq!((charge.fee, charge.net), (Some(usd(30)), Some(usd(1050))));
    assert_eq!(charge.wire_key.as_ref().unwrap().as_str(), key);
    assert_eq!((refund.gross, refund.settlement_money), (eur(-400), Some(usd(-432))));
    assert_eq!((dispute.gross, dispute.settlement_money, &dispute.payment), (usd(-1500), None, &None));
    assert!(page.entries.iter().all(|entry| entry.batch.as_deref() == Some("po_1")));
}
