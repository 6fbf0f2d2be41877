//! What Stripe's answers become: objects, errors, effects.

#![allow(clippy::unwrap_used, reason = "helpers of tests, which clippy does not recognize as such")]

mod wire_support;

use proptest::prelude::*;
use serde_json::{Value, json};
use turnbuckle_core::payment::{Decision, IdempotencyKey, PaymentRef, ReturnParams};
use turnbuckle_core::provider::IntegrationProvider;
use turnbuckle_core::{Advice, Effect, Environment, Error, ErrorKind};
use turnbuckle_stripe::*;
use wire_support::{Answer, Wire, keyed};

async fn create(wire: &Wire) -> Result<PaymentIntent, Error> {
    let params = CreatePaymentIntent::new(2020, "usd").with_payment_method("pm_card_visa").with_confirm(true);
    wire.stripe().payment_intents().create(&params, &keyed()).await
}

async fn refused(answers: impl IntoIterator<Item = Answer>) -> (Error, usize) {
    let wire = Wire::new(answers);
    let error = create(&wire).await.unwrap_err();
    assert_eq!(error.provider().unwrap().as_str(), "stripe");
    assert_eq!(error.operation(), Some("payment_intents.create"));
    (error, wire.sent().len())
}

fn refusal(status: u16, error_type: &str, code: &str) -> Answer {
    Answer::new(
        status,
        json!({"error": {"type": error_type, "code": code, "message": "secret words"}}).to_string(),
    )
}

#[tokio::test]
async fn a_decline_carries_the_live_payment() {
    let (error, sent) = refused([Answer::fixture(402, "declined")]).await;
    assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidRequest, Effect::None));
    assert_eq!((error.code(), error.http_status(), sent), (Some("generic_decline"), Some(402), 1));
    assert_eq!(error.request_id(), Some("req_123"));
    assert_eq!(error.vendor_message(), Some("Your card was declined."));
    let stripe = StripeError::of(&error).unwrap();
    assert!(stripe.is_decline() && !stripe.replayed);
    assert_eq!(stripe.error_type, StripeErrorType::Card);
    assert_eq!(stripe.code.as_deref(), Some("card_declined"));
    assert_eq!(stripe.charge.as_deref(), Some("ch_3TbOrder6743BoardsChg001"));
    let payment = stripe.payment_intent.as_ref().unwrap();
    assert_eq!(payment.id, "pi_3TbOrder6743BoardsPay001");
    assert_eq!(payment.status, PaymentIntentStatus::RequiresPaymentMethod);
    let last = payment.last_payment_error.as_ref().unwrap();
    assert_eq!(last.decline_code.as_deref(), Some("generic_decline"));
}

#[tokio::test]
async fn a_decline_stays_readable_when_its_payment_is_not() {
    let body = r#"{"error":{"type":"card_error","code":"expired_card","payment_intent":{"id":7}}}"#;
    let (error, _) = refused([Answer::new(402, body)]).await;
    let stripe = StripeError::of(&error).unwrap();
    assert_eq!((stripe.code.as_deref(), stripe.payment_intent.is_none()), (Some("expired_card"), true));
}

#[tokio::test]
async fn refusals_by_code_type_and_status() {
    let cases = [
        (Answer::fixture(401, "unauthorized"), ErrorKind::Unauthorized),
        (refusal(403, "invalid_request_error", "more_permissions_required"), ErrorKind::Forbidden),
        (Answer::fixture(404, "no_such_charge"), ErrorKind::NotFound),
        (refusal(400, "invalid_request_error", "resource_missing"), ErrorKind::NotFound),
        (Answer::fixture(400, "cancel_refused"), ErrorKind::Conflict),
        (Answer::fixture(400, "raw_card_refused"), ErrorKind::InvalidRequest),
        (refusal(400, "invalid_request_error", "charge_already_refunded"), ErrorKind::Conflict),
        (refusal(400, "invalid_request_error", "balance_insufficient"), ErrorKind::Conflict),
        (refusal(400, "invalid_request_error", "api_key_expired"), ErrorKind::Unauthorized),
        (refusal(402, "card_error", "authentication_required"), ErrorKind::ActionRequired),
        (refusal(400, "a_new_type", "a_new_code"), ErrorKind::InvalidRequest),
        (Answer::new(418, "short and stout"), ErrorKind::InvalidRequest),
    ];
    for (answer, kind) in cases {
        let (error, sent) = refused([answer]).await;
        assert_eq!((error.kind(), error.effect(), sent), (kind, Effect::None, 1), "{error}");
        assert_eq!(error.advice(), Advice::Never);
    }
}

/// Whoever takes "nothing" for an answer here and charges under a new key may charge twice.
#[tokio::test]
async fn a_key_that_was_used_for_something_else_leaves_open_what_that_did() {
    let (error, sent) = refused([refusal(400, "idempotency_error", "")]).await;
    assert_eq!((error.kind(), error.effect(), sent), (ErrorKind::Conflict, Effect::Unknown, 1), "{error}");
    assert_eq!(error.advice(), Advice::ResolveFirst);
}

#[tokio::test]
async fn a_bad_parameter_is_named() {
    let body = json!({"error": {"type": "invalid_request_error", "code": "parameter_missing",
        "param": "payment_method_data[card][number]", "message": "Missing required param."}});
    let (error, _) = refused([Answer::new(400, body.to_string())]).await;
    assert_eq!(error.fields()[0].field, "payment_method_data[card][number]");
    assert_eq!(error.fields()[0].problem, "is missing");

    let body = json!({"error": {"type": "invalid_request_error", "code": "4242 4242", "param": "a b\n4242"}});
    let (error, _) = refused([Answer::new(400, body.to_string())]).await;
    assert!(error.fields().is_empty() && error.code().is_none());
    assert!(!format!("{error} {error:?} {}", StripeError::of(&error).unwrap()).contains("4242"));
}

#[tokio::test]
async fn rate_limits_are_tried_again_and_did_nothing() {
    for answer in [
        refusal(429, "invalid_request_error", "rate_limit"),
        refusal(429, "invalid_request_error", "lock_timeout"),
        refusal(400, "invalid_request_error", "rate_limit"),
        Answer::new(429, ""),
    ] {
        let (error, sent) = refused([answer.clone(), answer.clone(), answer]).await;
        assert_eq!((error.kind(), error.effect(), sent), (ErrorKind::RateLimited, Effect::None, 3));
        assert_eq!(error.advice(), Advice::Retry);
    }
    let wire = Wire::new([
        refusal(429, "invalid_request_error", "lock_timeout"),
        Answer::fixture(200, "payment_intent"),
    ]);
    create(&wire).await.unwrap();
}

#[tokio::test]
async fn a_key_in_use_is_waited_for_and_stays_unknown() {
    let busy = || Answer::fixture(409, "key_in_use");
    let (error, sent) = refused([busy(), busy(), busy()]).await;
    assert_eq!((error.kind(), error.effect(), sent), (ErrorKind::Conflict, Effect::Unknown, 3));
    assert_eq!(error.advice(), Advice::ResolveFirst);

    let wire = Wire::new([busy(), Answer::fixture(200, "payment_intent")]);
    create(&wire).await.unwrap();

    // Whatever the status, the code says that another request is at it.
    let (error, sent) = refused([refusal(400, "invalid_request_error", "idempotency_key_in_use")]).await;
    assert_eq!((error.kind(), error.effect(), sent), (ErrorKind::Conflict, Effect::Unknown, 1));

    // Another conflict did nothing.
    let other = || refusal(409, "invalid_request_error", "some_conflict");
    let (error, sent) = refused([other(), other(), other()]).await;
    assert_eq!((error.kind(), error.effect(), sent), (ErrorKind::Conflict, Effect::None, 3));
}

#[tokio::test]
async fn server_errors_leave_it_open() {
    let down = || Answer::fixture(500, "api_error");
    let (error, sent) = refused([down(), down(), down()]).await;
    assert_eq!((error.kind(), error.effect(), sent), (ErrorKind::Unavailable, Effect::Unknown, 3));

    let html = || Answer::new(502, "<html><body>Bad Gateway</body></html>");
    let (error, sent) = refused([html(), html(), html()]).await;
    assert_eq!((error.kind(), error.effect(), sent), (ErrorKind::Unavailable, Effect::Unknown, 3));
    assert!(StripeError::of(&error).is_none());

    let wire = Wire::new([html(), html(), html()]);
    let error = wire.stripe().balance().retrieve(&CallOptions::new()).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Unavailable, Effect::None));
    assert_eq!(error.advice(), Advice::Retry);
}

#[tokio::test]
async fn stripe_says_whether_to_retry() {
    let stored = Answer::fixture(500, "api_error")
        .with_header("stripe-should-retry", "false")
        .with_header("idempotent-replayed", "true");
    let (error, sent) = refused([stored]).await;
    assert_eq!((error.kind(), error.effect(), sent), (ErrorKind::Unavailable, Effect::Unknown, 1));
    assert!(StripeError::of(&error).unwrap().replayed);

    let (_, sent) =
        refused([Answer::fixture(409, "key_in_use").with_header("stripe-should-retry", "false")]).await;
    assert_eq!(sent, 1);
    let (error, sent) =
        refused([refusal(429, "invalid_request_error", "x").with_header("stripe-should-retry", "false")])
            .await;
    assert_eq!((error.effect(), sent), (Effect::None, 1));

    let again = Answer::fixture(400, "raw_card_refused").with_header("stripe-should-retry", "true");
    let wire = Wire::new([again, Answer::fixture(200, "payment_intent")]);
    create(&wire).await.unwrap();
    assert_eq!(wire.sent().len(), 2);
}

#[tokio::test]
async fn what_an_unanswered_attempt_did_is_told_only_by_stored_results() {
    // A decline is the stored result under the key, of whichever attempt.
    let (error, _) = refused([Answer::Lost, Answer::fixture(402, "declined")]).await;
    assert_eq!(error.effect(), Effect::None);
    // So is anything marked as replayed.
    let replayed = Answer::fixture(400, "raw_card_refused").with_header("idempotent-replayed", "true");
    let (error, _) = refused([Answer::Lost, replayed]).await;
    assert_eq!(error.effect(), Effect::None);
    // A refusal that was never stored says nothing about the attempt before.
    for answer in [
        Answer::fixture(400, "raw_card_refused"),
        Answer::fixture(401, "unauthorized"),
        refusal(400, "idempotency_error", ""),
    ] {
        let (error, _) = refused([Answer::Lost, answer]).await;
        assert_eq!(error.effect(), Effect::Unknown, "{error}");
    }
    let (error, sent) = refused([Answer::Lost, Answer::Lost, Answer::Lost]).await;
    assert_eq!((error.kind(), error.effect(), sent), (ErrorKind::Network, Effect::Unknown, 3));
}

#[tokio::test]
async fn a_success_that_cannot_be_read_may_have_happened() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let bodies = [
        String::new(),
        "<html>".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        r#"{"id":"pi_1","amount":1,"amount":2}"#.to_owned(),
        r#"{"id":"pi_1","amount":1e400}"#.to_owned(),
        format!(r#"{{"id":"pi_1","next_action":{deep}}}"#),
    ];
    for body in bodies {
        let wire = Wire::new([Answer::new(200, body.clone())]);
        let error = create(&wire).await.unwrap_err();
        let shown = &body[..body.len().min(60)];
        assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidResponse, Effect::Unknown), "{shown}");
        assert!(std::error::Error::source(&error).is_none(), "the parser's words may quote the body");

        let wire = Wire::new([Answer::new(200, body)]);
        let error = wire.stripe().payment_intents().retrieve("pi_1", &CallOptions::new()).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidResponse, Effect::None));
    }
    let (error, _) = refused([Answer::new(302, "")]).await;
    assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidResponse, Effect::Unknown));
}

fn with(name: &str, change: impl FnOnce(&mut Value)) -> Answer {
    let mut body: Value =
        serde_json::from_str(&wire_support::fixture(&format!("responses/{name}.json"))).unwrap();
    change(&mut body);
    Answer::new(200, body.to_string())
}

fn payment(status: &str) -> Answer {
    with("payment_intent", |body| {
        body["status"] = json!(status);
        body["review"] = json!("prv_1");
        body["metadata"] = json!({});
    })
}

/// The confirmation, or the approval, went through: nobody may read "nothing happened" out of what follows.
#[tokio::test]
async fn a_state_that_nobody_knows_is_no_proof_that_nothing_happened() {
    let reference = PaymentRef::new(StripeProvider::ID, "payment_intent", "pi_1");
    let wire = Wire::new([payment("requires_confirmation"), payment("requires_patience")]);
    let gateway =
        StripeProvider::new().payments(wire.config(Environment::Sandbox, wire_support::KEY)).unwrap();
    let error = gateway.resume(&reference, &ReturnParams::default()).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidResponse, Effect::Happened), "{error}");
    assert!(error.payment().is_some());

    let review = || Answer::new(200, r#"{"id":"prv_1","object":"review","open":true}"#);
    let wire = Wire::new([payment("requires_patience"), review(), review()]);
    let gateway =
        StripeProvider::new().payments(wire.config(Environment::Sandbox, wire_support::KEY)).unwrap();
    let error = gateway.decide(&reference, Decision::Accept).await.unwrap_err();
    assert_eq!((error.effect(), wire.sent().len()), (Effect::Happened, 3), "{error}");
}

/// A paused subscription that goes on may be paid for at once; a refusal of what follows does not undo that.
#[tokio::test]
async fn a_subscription_that_goes_on_is_not_nothing() {
    let subscription = |status: &str| {
        with("subscription", |body| {
            body["status"] = json!(status);
            body["cancel_at_period_end"] = json!(true);
        })
    };
    let refused = refusal(400, "invalid_request_error", "parameter_invalid");
    let wire = Wire::new([subscription("paused"), subscription("active"), refused.clone()]);
    let config = wire.config(Environment::Sandbox, wire_support::KEY);
    let subscriptions = StripeProvider::new().connect(config).unwrap().subscriptions().unwrap();
    let reference = PaymentRef::new(StripeProvider::ID, "subscription", "sub_1");
    let first_used_at = chrono::DateTime::from_timestamp(1_700_000_000, 0).unwrap();
    let key = IdempotencyKey::new("again", first_used_at).unwrap();
    let error = subscriptions.reactivate(&reference, &key).await.unwrap_err();
    assert_eq!((error.effect(), wire.sent().len()), (Effect::Happened, 3), "{error}");

    let wire = Wire::new([subscription("active"), refused]);
    let config = wire.config(Environment::Sandbox, wire_support::KEY);
    let subscriptions = StripeProvider::new().connect(config).unwrap().subscriptions().unwrap();
    let error = subscriptions.reactivate(&reference, &key).await.unwrap_err();
    assert_eq!((error.effect(), wire.sent().len()), (Effect::None, 2), "{error}");
}

/// A rejection that left the money with the merchant is no decline.
#[tokio::test]
async fn a_rejection_whose_refund_failed_is_an_error() {
    let reference = PaymentRef::new(StripeProvider::ID, "payment_intent", "pi_1");
    let review = Answer::new(200, r#"{"id":"prv_1","object":"review","open":true}"#);
    let refund = with("refund", |body| body["status"] = json!("failed"));
    let wire = Wire::new([payment("succeeded"), review, refund]);
    let gateway =
        StripeProvider::new().payments(wire.config(Environment::Sandbox, wire_support::KEY)).unwrap();
    let error = gateway.decide(&reference, Decision::Reject).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Conflict, Effect::Happened), "{error}");
    assert!(error.payment().is_some());
}

#[tokio::test]
async fn new_words_and_fields_do_no_harm() {
    let mut body: Value =
        serde_json::from_str(&wire_support::fixture("responses/payment_intent.json")).unwrap();
    body["status"] = json!("requires_patience");
    body["capture_method"] = json!("lunar");
    body["a_new_field"] = json!({"with": ["anything", null, 1.5]});
    body["next_action"] = json!({"type": "new_action", "new_action": {"x": 1}});
    body["metadata"] = Value::Null;
    body["amount_received"] = Value::Null;
    let wire = Wire::new([Answer::new(200, body.to_string())]);
    let payment = create(&wire).await.unwrap();
    assert_eq!(payment.status, PaymentIntentStatus::Other("requires_patience".to_owned()));
    assert_eq!(payment.status.as_str(), "requires_patience");
    assert_eq!(payment.capture_method, CaptureMethod::Other("lunar".to_owned()));
    assert_eq!(payment.next_action.unwrap().action_type, "new_action");
    assert_eq!(payment.amount_received, 0);
}

#[tokio::test]
async fn what_nobody_reads_may_be_as_deep_as_it_likes() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let body = format!(r#"{{"id":"pi_1","amount":7,"a_new_field":{deep}}}"#);
    assert_eq!(create(&Wire::new([Answer::new(200, body)])).await.unwrap().amount, 7);
}

#[tokio::test]
async fn expanded_objects_are_there_in_full() {
    let mut body: Value =
        serde_json::from_str(&wire_support::fixture("responses/payment_intent.json")).unwrap();
    body["latest_charge"] = serde_json::from_str(&wire_support::fixture("responses/charge.json")).unwrap();
    body["latest_charge"]["refunds"] = json!({"object": "list", "has_more": false, "data": [
        serde_json::from_str::<Value>(&wire_support::fixture("responses/refund.json")).unwrap()]});
    let wire = Wire::new([Answer::new(200, body.to_string())]);
    let payment = create(&wire).await.unwrap();
    assert_eq!(payment.customer.as_ref().unwrap().id(), "cus_TbBoardPayer17");
    assert!(payment.customer.unwrap().object().is_none());
    let charge = payment.latest_charge.unwrap();
    assert_eq!(charge.id(), "ch_3TbOrder6735BoardsChg001");
    let charge = charge.object().unwrap();
    let refunded: i64 = charge.refunds.as_ref().unwrap().data.iter().map(|refund| refund.amount).sum();
    assert_eq!((refunded, charge.amount_refunded), (4200, 4200));
}

#[tokio::test]
async fn what_the_payer_must_do() {
    let body = json!({"id": "pi_1", "amount": 1, "currency": "usd", "status": "requires_action", "next_action":
        {"type": "redirect_to_url", "redirect_to_url": {"url": "https://hooks.stripe.com/x", "return_url": "https://a.example"}}});
    let payment = create(&Wire::new([Answer::new(200, body.to_string())])).await.unwrap();
    let next = payment.next_action.unwrap();
    assert_eq!(next.redirect_to_url.unwrap().url.as_deref(), Some("https://hooks.stripe.com/x"));

    let body = json!({"id": "pi_1", "status": "requires_action", "next_action": {"type": "verify_with_microdeposits",
        "verify_with_microdeposits": {"arrival_date": 1_700_000_000, "microdeposit_type": "amounts"}}});
    let payment = create(&Wire::new([Answer::new(200, body.to_string())])).await.unwrap();
    let deposits = payment.next_action.unwrap().verify_with_microdeposits.unwrap();
    assert_eq!(deposits.arrival_date.unwrap().timestamp(), 1_700_000_000);
}

proptest! {
    #[test]
    fn no_body_panics(status in 200_u16..600, body in any::<String>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let answer = Answer::new(status, body);
        let wire = Wire::new([answer.clone(), answer.clone(), answer]);
        let error = runtime.block_on(create(&wire)).unwrap_err();
        prop_assert!(status < 400 || error.kind() != ErrorKind::InvalidResponse);
    }
}
