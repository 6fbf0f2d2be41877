//! Every sample answer, as the outcome that a host gets.

use turnbuckle_core::payment::{
    AvsResult, BankAccount, CaptureRequest, CvvResult, DeclineAdvice, DeclineReason, Lifecycle, Outcome,
    PaymentMethod, PaymentRequest, VoidRequest,
};
use turnbuckle_core::provider::IntegrationProvider;
use turnbuckle_core::{Effect, Environment, ErrorKind, Result};

use super::gateway_requests::{authorized, card, purchase, usd};
use super::support::{Answer, Wire, key};

/// The sample of an approval, with the reference of the request that it is to answer.
fn approved(request: &PaymentRequest) -> Answer {
    let Answer::Reply(status, body) = Answer::fixture("approved") else { unreachable!() };
    let text = String::from_utf8(body).unwrap();
    let mark = turnbuckle_core::payment::WireKey::derive(
        &super::gateway_requests::PROVIDER,
        "acct",
        turnbuckle_core::payment::PaymentOperation::Purchase,
        &request.key,
    );
    Answer::Reply(status, text.replace("TEST-REF-002", mark.short(20)).into_bytes())
}

async fn outcome(answers: &[&str]) -> Result<Outcome> {
    let wire = Wire::answering(answers);
    let outcome = wire.connection().payments().unwrap().purchase(&purchase("key-1")).await;
    assert_eq!(wire.sent().len(), answers.len(), "every answer was asked for");
    outcome
}

#[tokio::test]
async fn approved_by_the_response_code() {
    let request = purchase("key-1");
    let wire = Wire::new([approved(&request)]);
    let outcome = wire.connection().payments().unwrap().purchase(&request).await.unwrap();
    let payment = outcome.approved().unwrap();
    assert_eq!((payment.reference.kind(), payment.reference.id()), ("transaction", "40109582700"));
    assert_eq!(payment.reference.detail("last4"), Some("0027"));
    assert_eq!(payment.reference.detail("tender"), Some("card"));
    assert_eq!((payment.lifecycle, payment.amounts.captured), (Lifecycle::Captured, usd("20.10")));
    assert_eq!((payment.avs, payment.cvv), (Some(AvsResult::Match), Some(CvvResult::NotChecked)));
    assert_eq!(payment.auth_code.as_deref(), Some("000000"));
    assert_eq!(payment.network_id.as_deref(), Some("00000000000000000000000"));
    let method = payment.method.as_ref().unwrap();
    assert_eq!((method.brand.as_deref(), method.last4.as_deref()), (Some("visa"), Some("0027")));
}

#[tokio::test]
async fn the_answer_of_another_request_is_none() {
    let error = outcome(&["approved"]).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidResponse, Effect::Unknown));
}

#[tokio::test]
async fn declined_although_the_result_is_ok() {
    let declined = outcome(&["declined"]).await.unwrap();
    let decline = declined.declined().unwrap();
    assert_eq!((decline.reason, decline.advice), (DeclineReason::DoNotHonor, DeclineAdvice::AskBank));
    assert_eq!(decline.code.as_deref(), Some("2"));
    let declined = outcome(&["declined_cvv"]).await.unwrap();
    let decline = declined.declined().unwrap();
    assert_eq!((decline.reason, decline.cvv), (DeclineReason::IncorrectCvv, Some(CvvResult::NoMatch)));
}

#[tokio::test]
async fn a_wrong_card_number_is_a_decline_of_the_card() {
    // The sample carries a reference of its own, so it is read without one.
    let wire = Wire::answering(&["error"]);
    let request = turnbuckle_authnet::TransactionRequest::new(turnbuckle_authnet::TransactionType::AuthOnly);
    let answer = wire.client().transactions().create(&request, None).await.unwrap();
    assert_eq!(answer.response.response_code.as_deref(), Some("3"));
    assert_eq!((answer.response.reason_code(), answer.response.id()), (Some("6"), None));
    assert!(!answer.messages.is_ok() && answer.messages.code() == Some("E00027"));
}

#[tokio::test]
async fn held_is_neither_approved_nor_declined() {
    for sample in ["held", "held_as_approved"] {
        let Outcome::Held(payment) = outcome(&[sample]).await.unwrap() else { panic!("{sample}") };
        assert_eq!((payment.lifecycle, payment.amounts.captured), (Lifecycle::Pending, usd("0.00")));
    }
}

#[tokio::test]
async fn a_reservation_that_may_be_left_is_named() {
    let declined = outcome(&["hold_left"]).await.unwrap();
    assert_eq!(declined.declined().unwrap().open_authorization.as_ref().unwrap().id(), "40109582705");
}

#[tokio::test]
async fn unclear_answers_are_neither() {
    for (sample, kind) in [
        ("unknown", ErrorKind::Unavailable),
        ("unheard_of", ErrorKind::InvalidResponse),
        ("busy", ErrorKind::RateLimited),
        ("truncated", ErrorKind::InvalidResponse),
        ("no_result", ErrorKind::InvalidResponse),
        ("ok", ErrorKind::InvalidResponse),
    ] {
        let error = outcome(&[sample]).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (kind, Effect::Unknown), "{sample}: {error}");
        assert!(error.attempt().is_some(), "{sample}");
    }
    for body in [
        &b""[..],
        b"\xEF\xBB\xBF",
        b"<html>",
        b"[]",
        b"\xFF\xFE{}",
        b"{\"messages\":{\"resultCode\":\"Maybe\"}}",
    ] {
        let wire = Wire::new([Answer::Reply(200, body.to_vec())]);
        let error = wire.connection().payments().unwrap().purchase(&purchase("key-1")).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidResponse, Effect::Unknown));
    }
    let deep = "[".repeat(10_000);
    let body = format!("{{\"messages\":{{\"resultCode\":\"Ok\"}},\"transactionResponse\":{deep}");
    let wire = Wire::new([Answer::Reply(200, body.into_bytes())]);
    let error = wire.connection().payments().unwrap().purchase(&purchase("key-1")).await.unwrap_err();
    assert_eq!(error.effect(), Effect::Unknown);
}

#[tokio::test]
async fn refusals_of_the_request_happened_to_nobody() {
    for (sample, kind) in
        [("unauthorized", ErrorKind::Unauthorized), ("malformed_request", ErrorKind::InvalidRequest)]
    {
        let error = outcome(&[sample]).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (kind, Effect::None), "{sample}: {error}");
    }
}

#[tokio::test]
async fn test_mode_approves_nothing() {
    let error = outcome(&["test_mode"]).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidResponse, Effect::Happened));
}

#[tokio::test]
async fn a_test_payment_on_a_production_connection_is_an_error() {
    let Answer::Reply(_, body) = Answer::fixture("test_mode") else { unreachable!() };
    let text = String::from_utf8(body).unwrap().replace(r#""transId": "0""#, r#""transId":"7""#);
    let wire = Wire::new([Answer::Reply(200, text.replace(r#""transId":"0""#, r#""transId":"7""#).into())]);
    let config = wire.config(Environment::Production);
    let connection = turnbuckle_authnet::AuthorizeNetProvider::new().connect(config).unwrap();
    let error = connection.payments().unwrap().purchase(&purchase("key-1")).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidResponse, Effect::Happened));
    assert_eq!(error.payment().unwrap().id(), "7");
    assert_eq!(wire.sent()[0].uri().host(), Some("api2.authorize.net"));
}

#[tokio::test]
async fn a_part_only_where_it_is_allowed() {
    let error = outcome(&["partial"]).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidResponse, Effect::Happened));
    let wire = Wire::answering(&["partial"]);
    let request = purchase("key-1").with_allow_partial(true);
    let outcome = wire.connection().payments().unwrap().purchase(&request).await.unwrap();
    let Outcome::PartiallyApproved(payment) = outcome else { panic!("{outcome:?}") };
    assert_eq!(payment.amounts.captured, usd("1.23"));
    // A later capture or refund of everything is of this much.
    assert_eq!(payment.reference.detail("amount"), Some("1.23"));
}

#[tokio::test]
async fn a_refusal_that_nobody_knows_leaves_it_open() {
    let Answer::Reply(_, body) = Answer::fixture("malformed_request") else { unreachable!() };
    let text = String::from_utf8(body).unwrap().replace("E00003", "E00777");
    let wire = Wire::new([Answer::Reply(200, text.into_bytes())]);
    let error = wire.connection().payments().unwrap().purchase(&purchase("key-1")).await.unwrap_err();
    assert_eq!((error.effect(), error.code()), (Effect::Unknown, Some("E00777")));
}

#[tokio::test]
async fn a_bank_debit_is_under_way() {
    let mut request = purchase("key-1");
    let account = BankAccount::new("121042882", "000123456789", "Robin Doe").unwrap();
    request.method = PaymentMethod::BankAccount(account);
    let wire = Wire::answering(&["echeck"]);
    let outcome = wire.connection().payments().unwrap().purchase(&request).await.unwrap();
    let Outcome::Processing(payment) = outcome else { panic!("{outcome:?}") };
    assert_eq!(payment.reference.detail("tender"), Some("bank"));
    assert_eq!(payment.lifecycle, Lifecycle::Pending);
}

#[tokio::test]
async fn a_duplicate_is_ours_only_with_invoice_and_amount() {
    let replayed = outcome(&["duplicate", "details_own"]).await.unwrap();
    let payment = replayed.approved().unwrap();
    assert!(payment.replayed);
    assert_eq!((payment.reference.id(), payment.amounts.captured), ("40109582700", usd("20.10")));

    let other = outcome(&["duplicate", "details_other_amount"]).await.unwrap_err();
    assert_eq!((other.kind(), other.effect()), (ErrorKind::Conflict, Effect::Happened));
    assert_eq!(other.payment().unwrap().id(), "40109582700");

    let stranger = outcome(&["duplicate", "details_stranger"]).await.unwrap_err();
    assert_eq!((stranger.kind(), stranger.effect()), (ErrorKind::DuplicateBlocked, Effect::None));

    let unread = outcome(&["duplicate", "busy"]).await.unwrap_err();
    assert_eq!((unread.effect(), unread.payment().unwrap().id()), (Effect::Unknown, "40109582700"));
}

#[tokio::test]
async fn a_duplicate_of_nothing_that_can_be_seen_may_be_ours() {
    let Answer::Reply(_, body) = Answer::fixture("duplicate") else { unreachable!() };
    let unnamed = String::from_utf8(body).unwrap().replace("40109582700", "0");
    let wire = Wire::new([Answer::Reply(200, unnamed.into_bytes()), Answer::fixture("nothing_found")]);
    let error = wire.connection().payments().unwrap().purchase(&purchase("key-1")).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::DuplicateBlocked, Effect::Unknown));
    assert!(error.attempt().is_some(), "an unknown effect says what to resolve");
    assert_eq!(wire.sent().len(), 2, "nothing is sent again");
}

#[tokio::test]
async fn captured_before_is_a_success_for_the_same_amount_only() {
    let capture = |amount: &str| CaptureRequest::new(authorized(), key("key-2")).with_amount(usd(amount));
    let wire = Wire::answering(&["captured_already", "details_captured_part"]);
    let outcome = wire.connection().payments().unwrap().capture(&capture("12.00")).await.unwrap();
    let payment = outcome.approved().unwrap();
    assert!(payment.replayed && payment.amounts.captured == usd("12.00"));

    let wire = Wire::answering(&["captured_already", "details_captured_part"]);
    let error = wire.connection().payments().unwrap().capture(&capture("20.10")).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Conflict, Effect::None));

    let wire = Wire::new([Answer::fixture("captured_already"), Answer::Lost]);
    let error = wire.connection().payments().unwrap().capture(&capture("12.00")).await.unwrap_err();
    assert_eq!(error.effect(), Effect::Unknown);
}

#[tokio::test]
async fn voided_before_is_looked_at() {
    let void = VoidRequest::new(authorized(), key("key-3"));
    let wire = Wire::answering(&["voided_already", "details_voided"]);
    let outcome = wire.connection().payments().unwrap().void(&void).await.unwrap();
    assert_eq!(outcome.approved().unwrap().lifecycle, Lifecycle::Voided);
    let wire = Wire::answering(&["voided_already", "details_captured_part"]);
    let error = wire.connection().payments().unwrap().void(&void).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Conflict, Effect::Unknown));
}

#[tokio::test]
async fn a_hash_must_fit_the_amount() {
    let signed = |hash: &str| {
        let Answer::Reply(_, body) = Answer::fixture("echeck") else { unreachable!() };
        let text = String::from_utf8(body).unwrap().replace("eCheck", "Visa");
        let text = text.replace("40109582707", "60123456789");
        Answer::Reply(
            200,
            text.replace(r#""transHashSha2":"""#, &format!(r#""transHashSha2":"{hash}""#)).into(),
        )
    };
    let good = "D654C96DFD305215FE1C0143945B458982D1072563EA8033791B787EF78C7C5CB6B82838700BF7B47AEBDE201FF9A4621446B2005F7472C114CBF0842E1475FA";
    let pay = async |answer: Answer, amount: &str| {
        let wire = Wire::new([answer]);
        let credentials = turnbuckle_authnet::AuthorizeNetProvider::new().definition().credential_schema;
        let credentials = credentials
            .parse(serde_json::json!({ "apiLoginId": "APILOGIN", "transactionKey": "key", "signatureKey": "0123456789ABCDEF".repeat(8) }))
            .unwrap();
        let own = wire.config(Environment::Sandbox);
        let config =
            turnbuckle_core::provider::ConnectionConfig::new("acct", Environment::Sandbox, credentials)
                .with_transport(own.transport().unwrap())
                .with_clock(own.clock().unwrap())
                .with_payment_policy(own.payment_policy());
        let connection = turnbuckle_authnet::AuthorizeNetProvider::new().connect(config).unwrap();
        let mut request = purchase("key-1");
        request.amount = usd(amount);
        request.method = PaymentMethod::Card(card());
        connection.payments().unwrap().purchase(&request).await
    };
    assert!(pay(signed(good), "20.00").await.unwrap().approved().is_some());
    for (answer, amount) in
        [(signed(good), "20.01"), (signed(&good.replace("D654", "D655")), "20.00"), (signed("zz"), "20.00")]
    {
        let error = pay(answer, amount).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidResponse, Effect::Unknown));
        assert_eq!(error.payment().unwrap().id(), "60123456789");
    }
}
