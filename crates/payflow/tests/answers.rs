//! Raw answers, decoded: approved, declined, held, unknown and malformed alike.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod wire_support;

use chrono::{DateTime, NaiveDate};
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    AvsResult, Card, CvvResult, DeclineAdvice, DeclineReason, IdempotencyKey, Lifecycle, Lookup, LookupQuery,
    MerchantReference, Outcome, PaymentGateway, PaymentMethod, PaymentOperation, PaymentRef, PaymentRequest,
    WireKey,
};
use turnbuckle_core::provider::IntegrationProvider;
use turnbuckle_core::{Advice, Effect, Environment, Error, ErrorKind};
use turnbuckle_payflow::codes::{self, Meaning};
use turnbuckle_payflow::*;
use wire_support::{Answer, Wire, fixtures, id};

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

fn charge() -> Charge {
    Charge::new(usd(36_245), Instrument::Card(CardData::new("4111111111111111", 12, 2034)))
}

async fn sale(name: &str) -> turnbuckle_core::Result<Transaction> {
    Wire::answering(name).payflow().sale(&charge(), &id()).await
}

fn said(error: &Error) -> &Transaction {
    &PayflowError::of(error).expect("Payflow's words").transaction
}

#[tokio::test]
async fn approved() {
    let sold = sale("approved").await.unwrap();
    assert_eq!((sold.result, sold.pnref.as_deref()), (0, Some("A10A6AE7042E")));
    assert_eq!((sold.message.as_deref(), sold.auth_code.as_deref()), (Some("Approved"), Some("331PNI")));
    assert_eq!(sold.street_match, Some(Check::NotDone));
    assert_eq!(sold.cvv_match, Some(Check::Yes));
    assert_eq!((sold.amount.as_deref(), sold.last4.as_deref()), (Some("362.45"), Some("1111")));
    assert_eq!((sold.brand, sold.expiry.as_deref()), (Some("visa"), Some("0316")));
    assert_eq!(sold.time.as_deref(), Some("2014-02-10 18:34:58"));
    assert_eq!(sold.fields.get("BILLTOLASTNAME"), Some("& Foo"));
    assert!(!sold.duplicate);

    let captured = sale("captured").await.unwrap();
    assert_eq!((captured.message, captured.postal_match), (None, Some(Check::No)));
}

#[tokio::test]
async fn declined_and_refused() {
    let error = sale("declined").await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidRequest, Effect::None));
    assert_eq!((error.code(), error.request_id()), (Some("12"), Some("A10AA63244D1")));
    assert_eq!(error.vendor_message(), Some("Declined"));

    let error = sale("invalid_amount").await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidRequest, Effect::None));
    assert_eq!(said(&error).filter_message.as_deref(), Some("No Rules Triggered"));
    let error = sale("invalid_amount_repeated").await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Conflict, Effect::None));
    assert!(said(&error).duplicate);
}

#[tokio::test]
async fn two_meanings_of_result_1() {
    let error = sale("authentication_failed").await.unwrap_err();
    assert_eq!((error.kind(), error.request_id()), (ErrorKind::Unauthorized, None));
    let error = sale("service_off").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    let error = sale("invalid_vendor").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
}

#[tokio::test]
async fn held_is_no_success() {
    for name in ["held", "not_screened"] {
        let error = sale(name).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::ActionRequired, Effect::Happened), "{name}");
        assert_eq!(PayflowError::of(&error).unwrap().meaning(), Meaning::Held);
    }
}

#[tokio::test]
async fn unknown_is_never_a_decline() {
    for name in ["timeout", "unlisted", "retry_mismatch"] {
        let error = sale(name).await.unwrap_err();
        assert_eq!((error.effect(), error.advice()), (Effect::Unknown, Advice::ResolveFirst), "{name}");
    }
    for name in [
        "malformed_name",
        "malformed_length",
        "malformed_split",
        "malformed_result",
        "malformed_contradiction",
        "malformed_page",
    ] {
        let error = sale(name).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidResponse, Effect::Unknown), "{name}");
        let asked = InquiryKey::Original("A10A6AE7042E".to_owned());
        let error = Wire::answering(name).payflow().inquire(&asked, Tender::Card).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidResponse, Effect::None), "{name}");
    }
}

#[tokio::test]
async fn a_refusal_of_a_repetition_says_nothing_about_the_first() {
    // The repetition was taken for a new request: the first one may still be on its way.
    for name in ["declined", "invalid_amount", "authentication_failed"] {
        let wire = Wire::new([Answer::Lost, Answer::fixture(name)]);
        let error = wire.payflow().sale(&charge(), &id()).await.unwrap_err();
        assert_eq!(error.effect(), Effect::Unknown, "{name}");
    }
    // The stored answer to the first one settles it.
    let wire = Wire::new([Answer::Lost, Answer::fixture("invalid_amount_repeated")]);
    assert_eq!(wire.payflow().sale(&charge(), &id()).await.unwrap_err().effect(), Effect::None);
}

#[tokio::test]
async fn answers_of_others_than_payflow() {
    let cases = [
        (429, ErrorKind::RateLimited, Effect::None),
        (403, ErrorKind::InvalidResponse, Effect::None),
        (302, ErrorKind::InvalidResponse, Effect::Unknown),
        (500, ErrorKind::Unavailable, Effect::Unknown),
        (599, ErrorKind::Unavailable, Effect::Unknown),
    ];
    for (status, kind, effect) in cases {
        let answers = std::iter::repeat_n(Answer::new(status, "<html></html>"), 3);
        let error = Wire::new(answers).payflow().sale(&charge(), &id()).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (kind, effect), "{status}");
        assert_eq!(error.http_status(), Some(status));
    }
}

#[tokio::test]
async fn inquiries() {
    let ask = async |name: &str| {
        let key = InquiryKey::Original("A10A6AE7042E".to_owned());
        Wire::answering(name).payflow().inquire(&key, Tender::Ach).await
    };
    let found = ask("inquiry").await.unwrap();
    assert_eq!((found.original_result, found.original_pnref.as_deref()), (0, Some("A10A6AE7042E")));
    assert_eq!(
        (found.amount.as_deref(), found.customer_reference.as_deref()),
        (Some("20.10"), Some("abc123def456"))
    );
    let state = found.state.unwrap();
    assert_eq!((state.base, state.voided, state.hangs), (6, false, false));

    let found = ask("ach_pending").await.unwrap();
    assert_eq!((found.ach_status.as_deref(), found.customer_reference), (Some("P02"), None));
    assert_eq!(ask("ach_submitted").await.unwrap().state.unwrap().base, 8);
    assert_eq!(ask("ach_rejected").await.unwrap().original_result, 1);
    for name in ["inquiry_not_found", "reference_not_found"] {
        assert_eq!(ask(name).await.unwrap_err().kind(), ErrorKind::NotFound, "{name}");
    }
    // A plain answer does not speak of the transaction.
    assert_eq!(ask("approved").await.unwrap_err().kind(), ErrorKind::InvalidResponse);

    for (state, base, voided, hangs) in [
        (3, 3, false, false),
        (106, 6, false, true),
        (206, 6, false, true),
        (1003, 3, true, false),
        (1106, 6, true, true),
    ] {
        let state = TransState::new(state);
        assert_eq!((state.base, state.voided, state.hangs), (base, voided, hangs));
    }
}

#[tokio::test]
async fn profiles() {
    let profile = Wire::answering("profile").payflow().profile("RP0000000001").await.unwrap();
    assert_eq!((profile.id.as_str(), profile.status.as_str()), ("RP0000000001", "ACTIVE"));
    assert_eq!(
        (profile.period, profile.term, profile.payments_left),
        (Some(PayPeriod::Week), Some(12), Some(12))
    );
    assert_eq!(profile.next_payment, NaiveDate::from_ymd_opt(2005, 1, 1));
    assert_eq!(profile.end, NaiveDate::from_ymd_opt(2005, 3, 19));
    assert_eq!((profile.amount.as_deref(), profile.last4.as_deref()), (Some("1.00"), Some("1881")));

    let payflow = Wire::answering("payments").payflow();
    let payments = payflow.profile_payments("RP0000000001", History::Payments).await.unwrap();
    let told: Vec<_> = payments.iter().map(|payment| (payment.number, payment.result)).collect();
    assert_eq!(told, [(1, 0), (2, 12)]);
    assert_eq!(payments[0].pnref.as_deref(), Some("VWYA06156256"));
    assert_eq!((payments[0].amount.as_deref(), payments[0].state), (Some("1.00"), Some(8)));
    assert_eq!(payments[0].time.as_deref(), Some("21-May-04 04:47 PM"));

    let payflow = Wire::answering("profile_date").payflow();
    let error = payflow.add_profile(&ProfileData::new(), &id()).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::InvalidRequest, Some("7")));
    let error = Wire::answering("approved").payflow().profile("RP0000000001").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
}

/// A gateway whose vendor gives these answers, and a request for it.
fn gateway(answers: &[Answer]) -> (Wire, std::sync::Arc<dyn PaymentGateway>, PaymentRequest) {
    let wire = Wire::new(answers.iter().cloned());
    let connection = PayflowProvider::new().connect(wire.config(Environment::Sandbox)).unwrap();
    let method = PaymentMethod::Card(Card::new("4111111111111111", 12, 2034).unwrap());
    let key = IdempotencyKey::new("k", DateTime::from_timestamp(1_700_000_000, 0).unwrap()).unwrap();
    let reference = MerchantReference::new("order-1").unwrap();
    (wire, connection.payments().unwrap(), PaymentRequest::new(usd(36_245), method, key, reference))
}

async fn purchase(name: &str) -> turnbuckle_core::Result<Outcome> {
    let (_, gateway, request) = gateway(&[Answer::fixture(name)]);
    gateway.purchase(&request).await
}

#[tokio::test]
async fn outcomes() {
    let Outcome::Approved(payment) = purchase("approved").await.unwrap() else { panic!("not approved") };
    assert_eq!((payment.lifecycle, payment.amounts.captured), (Lifecycle::Captured, usd(36_245)));
    assert_eq!((payment.avs, payment.cvv), (Some(AvsResult::NotChecked), Some(CvvResult::Match)));
    let method = payment.method.unwrap();
    assert_eq!((method.brand.as_deref(), method.last4.as_deref()), (Some("visa"), Some("1111")));
    assert_eq!(payment.auth_code.as_deref(), Some("331PNI"));

    let Outcome::Held(payment) = purchase("held").await.unwrap() else { panic!("not held") };
    assert!(payment.under_review && payment.amounts.captured.is_zero());
    assert_eq!(payment.lifecycle, Lifecycle::Pending);

    let Outcome::Declined(decline) = purchase("declined").await.unwrap() else { panic!("not declined") };
    assert_eq!((decline.reason, decline.advice), (DeclineReason::DoNotHonor, DeclineAdvice::AskBank));
    assert_eq!((decline.code.as_deref(), decline.open_authorization), (Some("12"), None));

    for (name, reason) in
        [("avs_failed", DeclineReason::AddressMismatch), ("cvv_failed", DeclineReason::IncorrectCvv)]
    {
        let Outcome::Declined(decline) = purchase(name).await.unwrap() else { panic!("not declined") };
        assert_eq!(decline.reason, reason);
        assert_eq!(decline.open_authorization.unwrap().id(), "A10A6AE7042E", "{name} may leave a hold");
    }
    let error = purchase("timeout").await.unwrap_err();
    assert!(error.effect() == Effect::Unknown && error.attempt().is_some());
}

#[tokio::test]
async fn another_amount_is_no_success() {
    let (_, gateway, mut request) = gateway(&[Answer::fixture("approved")]);
    request.amount = usd(36_246);
    let error = gateway.purchase(&request).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidResponse, Effect::Happened));
    assert_eq!(error.payment().unwrap().id(), "A10A6AE7042E");
}

/// Answers for a repeated purchase: the stored answer, then what the inquiry finds under the reference that the request
/// bore, which stands in the request itself.
async fn repeated(inquiry: impl Fn(&str) -> String) -> (turnbuckle_core::Result<Outcome>, Wire) {
    let (wire, gateway, mut request) = gateway(&[Answer::fixture("approved_repeated")]);
    request.amount = usd(2010);
    // Once to learn the reference, which is the same each time.
    let probe = {
        let (probe, other, mut first) = self::gateway(&[Answer::fixture("approved_plain")]);
        first.amount = usd(2010);
        other.purchase(&first).await.unwrap().approved().unwrap();
        let body = String::from_utf8(probe.sent()[0].body().to_vec()).unwrap();
        body.split('&').find_map(|field| field.strip_prefix("CUSTREF=").map(str::to_owned)).unwrap()
    };
    wire.push(Answer::new(200, inquiry(&probe)));
    (gateway.purchase(&request).await, wire)
}

#[tokio::test]
async fn a_repeated_answer_is_proven_or_a_conflict() {
    let inquiry = |reference: &str, pnref: &str, amount: &str, state: &str| {
        format!(
            "RESULT=0&PNREF=A10A6AE70430&TRANSSTATE={state}&CUSTREF={reference}&ORIGRESULT=0&ORIGPNREF={pnref}&\
             RESPMSG=Approved&AMT={amount}"
        )
    };
    let (result, wire) = repeated(|reference| inquiry(reference, "A10A6AE7042E", "20.10", "6")).await;
    let outcome = result.unwrap();
    assert!(outcome.approved().unwrap().replayed);
    let body = String::from_utf8(wire.sent()[1].body().to_vec()).unwrap();
    assert!(body.starts_with("TRXTYPE=I&TENDER=C&") && body.contains("&CUSTREF="));

    let wrong: [&dyn Fn(&str) -> String; 5] = [
        // Another transaction, another amount, an authorization, another reference, none at all.
        &|reference| inquiry(reference, "A10A6AE70999", "20.10", "6"),
        &|reference| inquiry(reference, "A10A6AE7042E", "20.11", "6"),
        &|reference| inquiry(reference, "A10A6AE7042E", "20.10", "3"),
        &|_| inquiry("000000000000", "A10A6AE7042E", "20.10", "6"),
        &|_| "RESULT=20&PNREF=A10A6AE70430&RESPMSG=Cannot find the customer reference number".to_owned(),
    ];
    for inquiry in wrong {
        let (result, _) = repeated(inquiry).await;
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Conflict, Effect::Happened));
        assert_eq!(error.payment().unwrap().id(), "A10A6AE7042E");
    }
    // Where nobody can be asked, nothing is claimed.
    let (result, _) = repeated(|_| "RESULT=99&RESPMSG=General error".to_owned()).await;
    assert_eq!(result.unwrap_err().effect(), Effect::Unknown);
}

#[tokio::test]
async fn where_a_found_transaction_stands() {
    let handle = |kind: &str, tender: &str| {
        PaymentRef::new(PayflowProvider::ID, kind, "A10A6AE7042E")
            .with_detail("tender", tender)
            .with_detail("currency", "USD")
            .with_detail("amount", "20.10")
    };
    let cases = [
        ("sale", "C", "TRANSSTATE=6&ORIGRESULT=0", Lifecycle::Captured),
        ("sale", "C", "TRANSSTATE=7&ORIGRESULT=0", Lifecycle::Settling),
        ("sale", "C", "TRANSSTATE=8&ORIGRESULT=0", Lifecycle::Settled),
        ("sale", "C", "TRANSSTATE=1006&ORIGRESULT=0", Lifecycle::Voided),
        ("sale", "C", "TRANSSTATE=106&ORIGRESULT=0", Lifecycle::Pending),
        ("sale", "C", "TRANSSTATE=206&ORIGRESULT=126", Lifecycle::Pending),
        ("sale", "C", "TRANSSTATE=6&ORIGRESULT=126", Lifecycle::Captured),
        ("sale", "C", "TRANSSTATE=11&ORIGRESULT=0", Lifecycle::Pending),
        ("sale", "C", "TRANSSTATE=15&ORIGRESULT=0", Lifecycle::Disputed),
        ("sale", "C", "TRANSSTATE=1&ORIGRESULT=12", Lifecycle::Failed),
        ("sale", "C", "ORIGRESULT=104", Lifecycle::Pending),
        ("authorization", "C", "TRANSSTATE=3&ORIGRESULT=0", Lifecycle::Authorized),
        ("authorization", "C", "TRANSSTATE=9&ORIGRESULT=0", Lifecycle::Captured),
        ("authorization", "C", "TRANSSTATE=1003&ORIGRESULT=0", Lifecycle::Voided),
        ("refund", "C", "TRANSSTATE=8&ORIGRESULT=0", Lifecycle::Refunded),
        ("verification", "C", "TRANSSTATE=0&ORIGRESULT=0", Lifecycle::Verified),
        ("sale", "A", "TRANSSTATE=6&ORIGRESULT=0&STATUS=P02", Lifecycle::Pending),
        ("sale", "A", "TRANSSTATE=8&ORIGRESULT=0&STATUS=P03", Lifecycle::Settling),
        ("sale", "A", "TRANSSTATE=6&ORIGRESULT=0&STATUS=P04", Lifecycle::Pending),
        ("sale", "A", "TRANSSTATE=6&ORIGRESULT=0&STATUS=P05", Lifecycle::Voided),
        ("sale", "A", "TRANSSTATE=1&ORIGRESULT=1&STATUS=P15", Lifecycle::Failed),
        ("sale", "A", "TRANSSTATE=11&ORIGRESULT=0&STATUS=R01", Lifecycle::Returned),
    ];
    for (kind, tender, fields, lifecycle) in cases {
        let body = format!("RESULT=0&PNREF=A10A6AE70430&{fields}&ORIGPNREF=A10A6AE7042E&RESPMSG=x&AMT=20.10");
        let (_, gateway, _) = gateway(&[Answer::new(200, body)]);
        let found = gateway.lookup(&LookupQuery::Reference(handle(kind, tender))).await.unwrap();
        let Lookup::Found(payments) = found else { panic!("{fields}: {found:?}") };
        assert_eq!(payments[0].lifecycle, lifecycle, "{kind} {tender} {fields}");
        assert_eq!(payments[0].amounts.requested, usd(2010));
        assert_eq!(payments[0].under_review, fields.contains("206"), "{fields}");
    }
}

#[tokio::test]
async fn request_ids_come_from_account_operation_and_key() {
    let (wire, gateway, request) = gateway(&[Answer::fixture("approved"), Answer::fixture("approved")]);
    gateway.purchase(&request).await.unwrap().approved().unwrap();
    gateway.authorize(&request).await.unwrap().approved().unwrap();
    let derived = |operation| {
        WireKey::derive(gateway.provider(), gateway.account(), operation, &request.key).as_str().to_owned()
    };
    let ids: Vec<_> = wire
        .sent()
        .iter()
        .map(|sent| sent.headers()["x-vps-request-id"].to_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids, [derived(PaymentOperation::Purchase), derived(PaymentOperation::Authorize)]);
}

#[test]
fn every_code_has_words_and_every_answer_a_test() {
    assert!(codes::TABLE.iter().all(|row| !row.text.is_empty()));
    let source = include_str!("answers.rs").to_owned() + include_str!("wire.rs");
    for entry in std::fs::read_dir(fixtures().join("responses")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let name = name.strip_suffix(".txt").unwrap();
        assert!(source.contains(&format!("\"{name}\"")), "{name} is not used");
    }
}
