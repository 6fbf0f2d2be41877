//! What comes back through the checked gateway is what was asked for, or an error that says that it happened.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod payment_support;

use payment_support::*;
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::*;
use turnbuckle_core::{Advice, Effect, Environment, Error, ErrorKind};

const ALL: &[Feature] = Feature::ALL;

fn without(missing: Feature) -> Fake {
    let rest: Vec<_> = ALL.iter().copied().filter(|feature| *feature != missing).collect();
    Fake::new(rest.leak())
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

/// The error of an answer that is not what was asked for.
fn happened(error: &Error, operation: &str) {
    assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidResponse, Effect::Happened), "{error}");
    assert_eq!(error.advice(), Advice::Never);
    assert_eq!(error.payment().map(PaymentRef::id), Some("p-1"));
    assert_eq!(error.provider(), Some(&PROVIDER));
    assert_eq!(error.operation(), Some(operation));
}

type Change = fn(&mut Payment);

#[tokio::test]
async fn an_answer_about_something_else_is_an_error_and_names_the_payment() {
    let changes: &[(&str, Change)] = &[
        ("a live payment", |p| p.live = true),
        ("operation", |p| p.operation = PaymentOperation::Verify),
        ("attempt", |p| p.wire_key = Some(attempt(PaymentOperation::Void, "other", None).wire_key)),
        ("reference", |p| p.merchant_reference = Some(order("order-2"))),
        ("amount", |p| p.amounts.requested = usd(101)),
        ("currency", |p| p.amounts = Amounts::requested(Money::new(100, Currency::EUR))),
        ("currency", |p| p.amounts.captured = Money::new(100, Currency::EUR)),
        ("currency", |p| p.amounts.authorized = Money::new(100, Currency::EUR)),
        ("failed", |p| p.lifecycle = Lifecycle::Failed),
        ("for another amount", |p| p.amounts.captured = usd(99)),
        ("for another amount", |p| p.amounts.captured = usd(0)),
    ];
    for (problem, change) in changes {
        let bench = bench(ALL, None);
        let mut wrong = payment(PaymentOperation::Purchase, "p-1", usd(100));
        change(&mut wrong);
        bench.answers(Outcome::Approved(wrong));
        let error = bench.gateway.purchase(&purchase("k", 100)).await.unwrap_err();
        happened(&error, "purchase");
        assert!(error.message().contains(problem), "{problem}: {error}");
        assert_eq!(
            error.attempt().unwrap().wire_key,
            attempt(PaymentOperation::Purchase, "k", None).wire_key
        );
    }
    // Whatever else the outcome says, it is compared as well.
    let wrong = |id| {
        let mut wrong = payment(PaymentOperation::Purchase, id, usd(100));
        wrong.live = true;
        wrong
    };
    let action = NextAction::ClientConfirm { client_secret: "s".to_owned().into() };
    for outcome in [
        Outcome::Processing(wrong("p-1")),
        Outcome::Held(wrong("p-1")),
        Outcome::PartiallyApproved(wrong("p-1")),
        Outcome::RequiresAction(wrong("p-1"), action),
    ] {
        let bench = bench(ALL, None);
        bench.answers(outcome);
        happened(&bench.gateway.purchase(&purchase("k", 100)).await.unwrap_err(), "purchase");
    }
}

#[tokio::test]
async fn test_money_never_passes_on_a_production_connection() {
    let policy = PaymentPolicy::default();
    let right = payment(PaymentOperation::Purchase, "p-1", usd(100));
    let bench = bench_with(Fake::new(ALL), Environment::Production, policy, None);
    bench.answers(Outcome::Approved(right.clone()));
    happened(&bench.gateway.purchase(&purchase("k", 100)).await.unwrap_err(), "purchase");
    bench.answers(Outcome::Approved(right.clone())).answers(Outcome::Held(right.clone()));
    let resumed = bench.gateway.resume(&handle("p-1"), &ReturnParams::default()).await;
    happened(&resumed.unwrap_err(), "resume");
    happened(&bench.gateway.decide(&handle("p-1"), Decision::Accept).await.unwrap_err(), "accept");
    let mut live = right;
    live.live = true;
    bench.answers(Outcome::Approved(live));
    assert!(bench.gateway.purchase(&purchase("k", 100)).await.unwrap().approved().is_some());
}

#[tokio::test]
async fn a_fitted_reference_may_differ() {
    let bench = bench(ALL, None);
    let rule = TextRule::new("reference", 3, Charset::Ascii);
    let (_, change) = rule.apply("order-1", TextPolicy::Fit).unwrap();
    let mut fitted = payment(PaymentOperation::Purchase, "p-1", usd(100));
    fitted.merchant_reference = Some(order("ord"));
    fitted.text_changes = change.into_iter().collect();
    bench.answers(Outcome::Approved(fitted));
    assert!(bench.gateway.purchase(&purchase("k", 100)).await.is_ok());
}

#[tokio::test]
async fn a_part_is_approved_only_when_asked_for_and_only_as_a_part() {
    let part = |captured: Money| {
        let mut part = payment(PaymentOperation::Purchase, "p-1", usd(100));
        part.amounts.captured = captured;
        Outcome::PartiallyApproved(part)
    };
    for (allowed, captured, good) in [
        (true, usd(60), true),
        (true, usd(1), true),
        (false, usd(60), false),
        (true, usd(100), false),
        (true, usd(101), false),
        (true, usd(0), false),
        (true, usd(-1), false),
        (true, Money::new(60, Currency::EUR), false),
    ] {
        let bench = bench(ALL, None);
        bench.answers(part(captured));
        let result = bench.gateway.purchase(&purchase("k", 100).with_allow_partial(allowed)).await;
        match result {
            Ok(outcome) => assert!(good && outcome.approved().is_none(), "a part is not a success"),
            Err(error) => {
                assert!(!good, "{captured}");
                happened(&error, "purchase");
            }
        }
    }
}

#[tokio::test]
async fn each_operation_is_compared_by_what_it_moves() {
    let bench = bench(ALL, None);
    let mut taken = payment(PaymentOperation::Authorize, "p-1", usd(100));
    taken.amounts.captured = usd(100);
    bench.answers(Outcome::Approved(taken.clone()));
    happened(&bench.gateway.authorize(&purchase("k", 100)).await.unwrap_err(), "authorize");
    taken.replayed = true;
    bench.answers(Outcome::Approved(taken));
    assert!(bench.gateway.authorize(&purchase("k", 100)).await.is_ok(), "a repetition after the capture");
    let mut less = payment(PaymentOperation::Authorize, "p-1", usd(100));
    less.amounts.authorized = usd(50);
    bench.answers(Outcome::Approved(less));
    happened(&bench.gateway.authorize(&purchase("k", 100)).await.unwrap_err(), "authorize");

    let mut open = payment(PaymentOperation::Void, "p-1", usd(100));
    open.lifecycle = Lifecycle::Authorized;
    bench.answers(Outcome::Approved(open));
    let void = VoidRequest::new(handle("p-1"), key("k"));
    happened(&bench.gateway.void(&void).await.unwrap_err(), "void");

    let mut other = payment(PaymentOperation::Refund, "p-1", usd(100));
    other.parent = Some(handle("another"));
    bench.answers(Outcome::Approved(other.clone()));
    happened(&bench.gateway.refund(&refund()).await.unwrap_err(), "refund");
    other.parent = Some(handle("p").with_detail("last4", "4242"));
    bench.answers(Outcome::Approved(other.clone()));
    assert!(bench.gateway.refund(&refund()).await.is_ok(), "what a handle carries along may differ");
    other.amounts.refunded = usd(1);
    bench.answers(Outcome::Approved(other));
    happened(&bench.gateway.refund(&refund()).await.unwrap_err(), "refund");

    let mut total = payment(PaymentOperation::Capture, "p-1", usd(40));
    total.amounts.captured = usd(70);
    bench.answers(Outcome::Approved(total.clone()));
    assert!(bench.gateway.capture(&capture().with_amount(usd(40))).await.is_ok(), "captures add up");
    let single =
        bench_with(without(Feature::MultiCapture), Environment::Sandbox, PaymentPolicy::default(), None);
    single.answers(Outcome::Approved(total.clone()));
    happened(&single.gateway.capture(&capture().with_amount(usd(40))).await.unwrap_err(), "capture");
    total.amounts.captured = usd(30);
    bench.answers(Outcome::Approved(total));
    happened(&bench.gateway.capture(&capture().with_amount(usd(40))).await.unwrap_err(), "capture");

    bench.answers(Outcome::Approved(payment(PaymentOperation::Verify, "p-1", usd(1))));
    happened(&bench.gateway.verify(&verify(token())).await.unwrap_err(), "verify");
    bench.answers(Outcome::Approved(payment(PaymentOperation::Verify, "p-1", usd(0))));
    assert!(bench.gateway.verify(&verify(token())).await.is_ok());
    bench.answers(Outcome::Approved(payment(PaymentOperation::Credit, "p-1", usd(7))));
    happened(&bench.gateway.credit(&credit(token(), usd(5))).await.unwrap_err(), "credit");
}

#[tokio::test]
async fn a_decline_stays_a_decline() {
    let bench = bench(ALL, None);
    let mut decline = Decline::new(DeclineReason::Fraud, DeclineAdvice::NeverAgain);
    decline.open_authorization = Some(handle("left"));
    bench.answers(Outcome::Declined(decline.clone()));
    let outcome = bench.gateway.purchase(&purchase("k", 100)).await.unwrap();
    assert_eq!(outcome.declined(), Some(&decline));
    assert!(outcome.approved().is_none() && outcome.payment_in_any_state().is_none());
}

#[tokio::test]
async fn errors_of_the_gateway_keep_their_word_and_gain_their_place() {
    for effect in [Effect::None, Effect::Happened, Effect::Unknown] {
        let bench = bench(ALL, None);
        let lost = Error::new(ErrorKind::Timeout, "no answer").with_effect(effect).with_code("104");
        bench.fake.say(Answer::Outcome(Err(lost)));
        let error = bench.gateway.capture(&capture()).await.unwrap_err();
        assert_eq!((error.kind(), error.effect(), error.code()), (ErrorKind::Timeout, effect, Some("104")));
        assert_eq!((error.provider(), error.operation()), (Some(&PROVIDER), Some("capture")));
        let asked = error.attempt().unwrap();
        assert_eq!(asked.parent, Some(handle("p")));
        assert_eq!((asked.account.as_str(), asked.operation), (ACCOUNT, PaymentOperation::Capture));
    }
    let bench = bench(ALL, None);
    bench.fake.say(Answer::Stored(Err(Error::new(ErrorKind::Network, "gone").with_effect(Effect::Unknown))));
    let error = bench.gateway.store(&store(token())).await.unwrap_err();
    assert_eq!(error.attempt().unwrap().operation, PaymentOperation::Store);
    bench.fake.say(Answer::Found(Err(Error::new(ErrorKind::Network, "gone"))));
    let error = bench.gateway.lookup(&LookupQuery::Reference(handle("p"))).await.unwrap_err();
    assert_eq!((error.provider(), error.operation()), (Some(&PROVIDER), Some("lookup")));
}

#[tokio::test]
async fn a_lookup_never_takes_a_payment_of_the_other_world_for_ours() {
    for (environment, live) in [(Environment::Sandbox, true), (Environment::Production, false)] {
        let bench = bench_with(Fake::new(ALL), environment, PaymentPolicy::default(), None);
        let lost = attempt(PaymentOperation::Purchase, "k", Some(usd(100)));
        let mut found = payment(PaymentOperation::Purchase, "p-1", usd(100));
        for right in [true, false] {
            found.live = live != right;
            bench.fake.say(Answer::Found(Ok(Lookup::Found(vec![found.clone()]))));
            let resolution = resolve(&bench.gateway, &lost, start()).await;
            if right {
                assert_eq!(resolution.unwrap(), Resolution::Happened(found.clone()));
            } else {
                happened(&resolution.unwrap_err(), "lookup");
            }
        }
    }
}
