//! The checks around every gateway: what they refuse never reaches it, and what comes back is what was asked for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod payment_support;

use std::time::Duration;

use chrono::TimeDelta;
use payment_support::*;
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::*;
use turnbuckle_core::{Advice, Effect, Environment, ErrorKind, ProviderId, Result};

const ALL: &[Feature] = Feature::ALL;

fn without(missing: Feature) -> Fake {
    let rest: Vec<_> = ALL.iter().copied().filter(|feature| *feature != missing).collect();
    Fake::new(rest.leak())
}

fn allow() -> OnAction {
    OnAction::Allow { return_url: "https://shop.example/back".parse().unwrap() }
}

fn stored() -> PaymentMethod {
    PaymentMethod::Stored(handle("method"))
}

fn with_method(method: PaymentMethod) -> PaymentRequest {
    PaymentRequest::new(usd(100), method, key("k"), order("order-1"))
}

fn with_options(options: RequestOptions) -> PaymentRequest {
    purchase("k", 100).with_options(options)
}

/// What every call has in common, so that one table can hold them all.
async fn run(gateway: &CheckedGateway, call: &Call) -> Result<()> {
    match call {
        Call::Purchase(request) => gateway.purchase(request).await.map(drop),
        Call::Authorize(request) => gateway.authorize(request).await.map(drop),
        Call::Capture(request) => gateway.capture(request).await.map(drop),
        Call::Void(request) => gateway.void(request).await.map(drop),
        Call::Refund(request) => gateway.refund(request).await.map(drop),
        Call::Credit(request) => gateway.credit(request).await.map(drop),
        Call::Verify(request) => gateway.verify(request).await.map(drop),
        Call::Store(request) => gateway.store(request).await.map(drop),
        Call::Unstore(method) => gateway.unstore(method).await,
        Call::Lookup(query) => gateway.lookup(query).await.map(drop),
        Call::LookupStored(attempt) => gateway.lookup_stored(attempt).await.map(drop),
        Call::Resume(payment) => gateway.resume(payment, &ReturnParams::default()).await.map(drop),
        Call::Decide(payment) => gateway.decide(payment, Decision::Accept).await.map(drop),
        Call::Transactions(query) => gateway.transactions(query).await.map(drop),
    }
}

#[derive(Debug)]
enum Call {
    Purchase(PaymentRequest),
    Authorize(PaymentRequest),
    Capture(CaptureRequest),
    Void(VoidRequest),
    Refund(RefundRequest),
    Credit(CreditRequest),
    Verify(VerifyRequest),
    Store(StoreRequest),
    Unstore(PaymentRef),
    Lookup(LookupQuery),
    LookupStored(Attempt),
    Resume(PaymentRef),
    Decide(PaymentRef),
    Transactions(TransactionQuery),
}

fn credit(method: PaymentMethod, amount: Money) -> CreditRequest {
    CreditRequest::new(amount, method, key("k"), order("order-1"))
}

fn verify(method: PaymentMethod) -> VerifyRequest {
    VerifyRequest::new(method, Currency::USD, key("k"), order("order-1"))
}

fn store(method: PaymentMethod) -> StoreRequest {
    StoreRequest::new(method, key("k"), order("order-1"))
}

fn capture() -> CaptureRequest {
    CaptureRequest::new(handle("p"), key("k"))
}

fn refund() -> RefundRequest {
    RefundRequest::new(handle("p"), key("k"))
}

fn lookup_attempt(operation: PaymentOperation) -> Call {
    Call::Lookup(LookupQuery::Attempt(Box::new(attempt(operation, "k", None))))
}

/// Every call that needs a feature beyond those of the plainest gateway, with the feature that it needs.
fn needs() -> Vec<(Feature, Call)> {
    let recurring = StoredCredential::initial(StoredCredentialReason::Recurring);
    let secure = ThreeDSecure::new("2.2.0", "05", "cavv", "ds");
    let period = TransactionQuery::new(start(), start() + TimeDelta::days(1));
    let sub = || RequestOptions::default().with_sub_account("sub");
    let since = start();
    let mut list = vec![
        (Feature::Purchase, Call::Purchase(purchase("k", 100))),
        (Feature::Authorize, Call::Authorize(purchase("k", 100))),
        (Feature::Authorize, Call::Capture(capture())),
        (Feature::PartialCapture, Call::Capture(capture().with_amount(usd(5)))),
        (Feature::MultiCapture, Call::Capture(capture().with_more_to_come())),
        (Feature::Refund, Call::Refund(refund())),
        (Feature::PartialRefund, Call::Refund(refund().with_amount(usd(5)))),
        (Feature::VoidCaptured, Call::Refund(refund().with_void_if_unsettled())),
        (Feature::UnlinkedCredit, Call::Credit(credit(token(), usd(5)))),
        (Feature::Verify, Call::Verify(verify(token()))),
        (Feature::PayerAction, Call::Verify(verify(token()).with_on_action(allow()))),
        (Feature::Store, Call::Store(store(token()))),
        (Feature::Unstore, Call::Unstore(handle("m"))),
        (Feature::PartialApproval, Call::Purchase(purchase("k", 100).with_allow_partial(true))),
        (Feature::PayerAction, Call::Purchase(purchase("k", 100).with_on_action(allow()))),
        (Feature::PayerAction, Call::Resume(handle("p"))),
        (Feature::Review, Call::Decide(handle("p"))),
        (Feature::LookupByReference, Call::Lookup(LookupQuery::Reference(handle("p")))),
        (
            Feature::LookupByMerchantReference,
            Call::Lookup(LookupQuery::merchant_reference(order("o"), since)),
        ),
        (
            Feature::SubAccount,
            Call::Lookup(LookupQuery::MerchantReference {
                reference: order("o"),
                since,
                sub_account: Some("sub".to_owned()),
            }),
        ),
        (Feature::LookupByAttempt, lookup_attempt(PaymentOperation::Purchase)),
        (Feature::LookupByAttempt, Call::LookupStored(attempt(PaymentOperation::Store, "k", None))),
        (Feature::Store, Call::LookupStored(attempt(PaymentOperation::Store, "k", None))),
        (Feature::Transactions, Call::Transactions(period.clone())),
        (Feature::SettlementBatch, Call::Transactions(period.with_batch("b"))),
        (
            Feature::StoredCredential,
            Call::Purchase(purchase("k", 100).with_stored_credential(recurring.clone())),
        ),
        (Feature::StoredCredential, Call::Authorize(purchase("k", 100).with_stored_credential(recurring))),
        (Feature::ThreeDSecure, Call::Purchase(purchase("k", 100).with_three_d_secure(secure))),
        (Feature::SubAccount, Call::Capture(capture().with_options(sub()))),
        (Feature::SubAccount, Call::Refund(refund().with_options(sub()))),
    ];
    for (feature, options) in [
        (Feature::SubAccount, sub()),
        (Feature::StatementDescriptor, RequestOptions::default().with_statement_descriptor("S")),
        (Feature::Level2, RequestOptions::default().with_level2(Level2::default())),
        (Feature::Metadata, RequestOptions::default().with_metadata("a", "b")),
    ] {
        list.push((feature, Call::Purchase(with_options(options.clone()))));
        list.push((feature, Call::Authorize(with_options(options.clone()))));
        let mut void = VoidRequest::new(handle("p"), key("k"));
        let (mut credit, mut verify, mut store) = (credit(token(), usd(5)), verify(token()), store(token()));
        (void.options, credit.options) = (options.clone(), options.clone());
        (verify.options, store.options) = (options.clone(), options);
        list.push((feature, Call::Void(void)));
        list.push((feature, Call::Credit(credit)));
        list.push((feature, Call::Verify(verify)));
        list.push((feature, Call::Store(store)));
    }
    for (feature, method) in [
        (Feature::RawCard, card()),
        (Feature::VendorToken, token()),
        (Feature::ChargeStored, stored()),
        (Feature::BankAccount, bank()),
    ] {
        list.push((feature, Call::Purchase(with_method(method.clone()))));
        list.push((feature, Call::Authorize(with_method(method.clone()))));
        list.push((feature, Call::Credit(credit(method.clone(), usd(5)))));
        list.push((feature, Call::Verify(verify(method.clone()))));
        list.push((feature, Call::Store(store(method))));
    }
    list
}

#[tokio::test]
async fn nothing_undeclared_reaches_the_gateway() {
    let policy = PaymentPolicy::default().with_raw_cards().with_unlinked_credit();
    let mut seen = std::collections::BTreeSet::new();
    for (feature, call) in needs() {
        seen.insert(feature);
        let bench = bench_with(without(feature), Environment::Sandbox, policy, None);
        let error = run(&bench.gateway, &call).await.expect_err("undeclared");
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{feature:?} {call:?}: {error}");
        assert_eq!((error.effect(), error.advice()), (Effect::None, Advice::Never));
        assert!(error.to_string().contains(feature.as_str()), "{error}");
        assert_eq!(error.provider(), Some(&PROVIDER));
        assert!(error.operation().is_some());
        assert_eq!(bench.fake.calls(), [""; 0], "{feature:?} {call:?}");
    }
    let missing: Vec<_> = ALL.iter().filter(|feature| !seen.contains(feature)).collect();
    assert!(missing.is_empty(), "no call tests {missing:?}");
}

#[tokio::test]
async fn a_void_needs_something_that_can_be_voided() {
    for (declared, reaches) in [
        (&[Feature::Authorize][..], true),
        (&[Feature::VoidCaptured][..], true),
        (&[Feature::Purchase, Feature::Refund][..], false),
    ] {
        let bench = bench_with(Fake::new(declared), Environment::Sandbox, PaymentPolicy::default(), None);
        if reaches {
            bench.fake.say(declined());
        }
        let result = bench.gateway.void(&VoidRequest::new(handle("p"), key("k"))).await;
        assert_eq!(result.is_ok(), reaches, "{declared:?}");
        assert_eq!(bench.fake.calls().len(), usize::from(reaches));
    }
}

#[tokio::test]
async fn everything_declared_does_reach_it() {
    for (_, call) in needs() {
        let bench = bench(ALL, None);
        let (answer, name) = match &call {
            Call::Store(_) => {
                (Answer::Stored(Ok(StoredMethod::new(handle("m"), MethodSummary::default()))), "store")
            }
            Call::Lookup(_) => (Answer::Found(Ok(Lookup::Absent(Authority::Partial))), "lookup"),
            Call::LookupStored(_) => {
                (Answer::FoundStored(Ok(Lookup::Absent(Authority::Partial))), "lookup_stored")
            }
            Call::Purchase(_) => (declined(), "purchase"),
            Call::Authorize(_) => (declined(), "authorize"),
            Call::Capture(_) => (declined(), "capture"),
            Call::Void(_) => (declined(), "void"),
            Call::Refund(_) => (declined(), "refund"),
            Call::Credit(_) => (declined(), "credit"),
            Call::Verify(_) => (declined(), "verify"),
            Call::Resume(_) => (declined(), "resume"),
            Call::Decide(_) => (declined(), "decide"),
            Call::Unstore(_) => (declined(), "unstore"),
            Call::Transactions(_) => (declined(), "transactions"),
        };
        bench.fake.say(answer);
        run(&bench.gateway, &call).await.unwrap_or_else(|error| panic!("{call:?}: {error}"));
        assert_eq!(bench.fake.calls(), [name]);
    }
}

fn declined() -> Answer {
    Answer::Outcome(Ok(Outcome::Declined(Decline::new(
        DeclineReason::InsufficientFunds,
        DeclineAdvice::OtherMethod,
    ))))
}

#[tokio::test]
async fn raw_cards_and_unlinked_credit_need_an_opt_in() {
    let bench = bench_with(Fake::new(ALL), Environment::Sandbox, PaymentPolicy::default(), None);
    for call in [
        Call::Purchase(with_method(card())),
        Call::Authorize(with_method(card())),
        Call::Verify(verify(card())),
        Call::Store(store(card())),
    ] {
        let error = run(&bench.gateway, &call).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.message().contains("with_raw_cards"));
        assert!(!format!("{error} {error:?}").contains("4242"));
    }
    let error = run(&bench.gateway, &Call::Credit(credit(token(), usd(5)))).await.unwrap_err();
    assert!(error.message().contains("with_unlinked_credit"));
    let policy = PaymentPolicy::default().with_unlinked_credit();
    let credits = bench_with(Fake::new(ALL), Environment::Sandbox, policy, None);
    assert!(
        run(&credits.gateway, &Call::Credit(credit(card(), usd(5)))).await.is_err(),
        "a raw card all the same"
    );
    assert_eq!((bench.fake.calls().len(), credits.fake.calls().len()), (0, 0));
}

#[tokio::test]
async fn requests_that_cannot_be_right_are_refused_with_their_field() {
    let bench = bench(ALL, None);
    let other_token = PaymentMethod::Token(VendorToken::new("unknown", "tok-sentinel"));
    let mut newer = serde_json::to_value(handle("p")).unwrap();
    newer["v"] = 2.into();
    let newer: PaymentRef = serde_json::from_value(newer).unwrap();
    let mut buyer = Customer::default();
    buyer.reference = Some(foreign());
    let mut foreign_attempt = attempt(PaymentOperation::Purchase, "k", None);
    foreign_attempt.provider = ProviderId::from_static("other");
    let mut other_account = attempt(PaymentOperation::Purchase, "k", None);
    other_account.account = "acct-2".into();
    let future =
        IdempotencyKey::new("k", start() + TimeDelta::minutes(5) + TimeDelta::milliseconds(1)).unwrap();
    for (field, call) in vec![
        ("method.token", Call::Purchase(with_method(other_token.clone()))),
        ("method.token", Call::Store(store(other_token))),
        ("payment", Call::Purchase(with_method(PaymentMethod::Stored(foreign())))),
        ("payment", Call::Purchase(purchase("k", 1).with_customer(buyer.clone()))),
        ("payment", Call::Store(store(token()).with_customer(buyer))),
        ("payment", Call::Capture(CaptureRequest::new(foreign(), key("k")))),
        ("payment", Call::Capture(CaptureRequest::new(newer, key("k")))),
        ("payment", Call::Void(VoidRequest::new(foreign(), key("k")))),
        ("payment", Call::Refund(RefundRequest::new(foreign(), key("k")))),
        ("payment", Call::Unstore(foreign())),
        ("payment", Call::Lookup(LookupQuery::Reference(foreign()))),
        ("payment", Call::Resume(foreign())),
        ("payment", Call::Decide(foreign())),
        ("amount", Call::Purchase(purchase("k", 0))),
        ("amount", Call::Purchase(purchase("k", -1))),
        ("amount", Call::Purchase(purchase("k", i64::MIN))),
        ("amount", Call::Authorize(purchase("k", 0))),
        ("amount", Call::Capture(capture().with_amount(usd(0)))),
        ("amount", Call::Refund(refund().with_amount(usd(-5)))),
        ("amount", Call::Credit(credit(token(), usd(0)))),
        ("key.first_used_at", Call::Capture(CaptureRequest::new(handle("p"), future))),
        ("", Call::Lookup(LookupQuery::Attempt(Box::new(foreign_attempt.clone())))),
        ("", Call::LookupStored(foreign_attempt)),
        ("", Call::LookupStored(other_account)),
    ] {
        let error = run(&bench.gateway, &call).await.expect_err("wrong");
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{call:?}");
        let named = error.fields().first().map_or("", |problem| &*problem.field);
        assert_eq!(named, field, "{call:?}");
        assert!(!format!("{error} {error:?}").contains("sentinel"));
        assert_eq!(bench.fake.calls(), [""; 0]);
    }
}

#[tokio::test]
async fn a_key_is_good_until_shortly_before_the_vendor_forgets_it() {
    let last = TimeDelta::hours(24) - TimeDelta::minutes(10) - TimeDelta::milliseconds(1);
    for (age, good) in [
        (TimeDelta::minutes(-5), true),
        (TimeDelta::minutes(-5) - TimeDelta::milliseconds(1), false),
        (TimeDelta::zero(), true),
        (last, true),
        (last + TimeDelta::milliseconds(1), false),
        (TimeDelta::hours(24), false),
        (TimeDelta::days(4000), false),
    ] {
        let bench = bench(ALL, None);
        bench.clock.set(age);
        bench.fake.say(declined());
        let result = bench.gateway.purchase(&purchase("k", 100)).await;
        assert_eq!(result.is_ok(), good, "{age}");
        assert_eq!(bench.fake.calls().len(), usize::from(good));
        if age > last {
            let error = result.unwrap_err();
            assert_eq!((error.kind(), error.effect()), (ErrorKind::Conflict, Effect::Unknown));
            assert_eq!(error.advice(), Advice::ResolveFirst);
            assert_eq!(error.operation(), Some("purchase"));
            let asked = error.attempt().expect("what to resolve");
            assert_eq!((asked.amount, asked.operation), (Some(usd(100)), PaymentOperation::Purchase));
            assert_eq!(asked.started_at, start());
        }
    }
    // A vendor that keeps no keys has none to forget.
    let mut fake = Fake::new(ALL);
    fake.features = GatewayFeatures::new(ALL, Idempotency::LookupOnly).with_token_kinds(&["nonce"]);
    let policy = PaymentPolicy::default();
    let old = bench_with(fake, Environment::Sandbox, policy, None);
    old.clock.set(TimeDelta::days(30));
    old.fake.say(declined());
    assert!(old.gateway.purchase(&purchase("k", 100)).await.is_ok());
    // Shorter than the margin: never safe.
    let mut fake = Fake::new(ALL);
    let short = Idempotency::Keys { retention: Duration::from_secs(60) };
    fake.features = GatewayFeatures::new(ALL, short).with_token_kinds(&["nonce"]);
    let short = bench_with(fake, Environment::Sandbox, policy, None);
    assert!(short.gateway.purchase(&purchase("k", 100)).await.is_err());
}

#[test]
fn preflight_tells_what_the_checks_would_refuse() {
    let bench = bench_with(Fake::new(ALL), Environment::Sandbox, PaymentPolicy::default(), None);
    assert!(bench.gateway.preflight(&purchase("k", 100)).passes());
    let zero = bench.gateway.preflight(&purchase("k", 0));
    assert_eq!(zero.refusals[0].field, "amount");
    assert!(!bench.gateway.preflight(&with_method(card())).passes());
    bench.clock.set(TimeDelta::days(2));
    assert!(!bench.gateway.preflight(&purchase("k", 100)).passes());
    assert_eq!(bench.fake.calls(), [""; 0]);
}

#[tokio::test]
async fn an_order_that_was_refunded_is_still_one_payment() {
    let bench = bench(Feature::ALL, None);
    let paid = payment(PaymentOperation::Purchase, "p-1", usd(100));
    let refund = payment(PaymentOperation::Refund, "r-1", usd(40));
    let ask = || LookupQuery::merchant_reference(order("order-1"), start());
    bench.fake.say(Answer::Found(Ok(Lookup::Found(vec![refund.clone(), paid.clone()]))));
    assert_eq!(bench.gateway.lookup(&ask()).await.unwrap(), Lookup::Found(vec![paid]));
    // A refund alone proves neither that there is no payment nor which one it is.
    bench.fake.say(Answer::Found(Ok(Lookup::Found(vec![refund.clone()]))));
    assert_eq!(bench.gateway.lookup(&ask()).await.unwrap(), Lookup::Absent(Authority::Partial));
    // By its own handle a refund is found.
    bench.fake.say(Answer::Found(Ok(Lookup::Found(vec![refund.clone()]))));
    let by_handle = bench.gateway.lookup(&LookupQuery::Reference(handle("r-1"))).await.unwrap();
    assert_eq!(by_handle, Lookup::Found(vec![refund]));
}
