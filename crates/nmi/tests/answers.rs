//! Every sample body, decoded: approved, declined, refused, unknown and malformed alike.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod wire_support;

use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    AvsResult, Card, CvvResult, DeclineAdvice, DeclineReason, Lifecycle, Lookup, LookupQuery,
    MerchantReference, Outcome, PaymentMethod, PaymentOperation, PaymentRequest, TransactionQuery,
};
use turnbuckle_core::{Advice, Effect, Environment, Error, ErrorKind, ProviderId};
use turnbuckle_nmi::codes::Meaning;
use turnbuckle_nmi::*;
use wire_support::{Answer, Wire, key, now};

fn usd(cents: i64) -> Money {
    Money::new(cents, Currency::USD)
}

fn new() -> NewTransaction {
    let card = Card::new("4111111111111111", 12, 2034).unwrap();
    NewTransaction::new(TransactionType::Sale, usd(2010), Source::Card(card)).with_order_id("order-attempt-1")
}

async fn sale(answer: Answer) -> Result<Reply, Error> {
    Wire::new([answer]).nmi().transactions().create(&new()).await
}

async fn refused(name: &str) -> Error {
    sale(Answer::fixture(name)).await.unwrap_err()
}

#[tokio::test]
async fn approvals_are_read() {
    let reply = sale(Answer::fixture("sale_approved.txt")).await.unwrap();
    assert_eq!(reply.transaction_id(), Some("2762757839"));
    assert_eq!((reply.auth_code(), reply.order_id()), (Some("123456"), Some("order-attempt-1")));
    assert_eq!((reply.avs_response(), reply.cvv_response()), (Some("N"), Some("N")));
    for (name, text) in [
        ("capture_approved.txt", "SUCCESS"),
        ("void_approved.txt", "Transaction Void Successful"),
        ("validate_approved.txt", ""),
        ("customer_added.txt", "Customer Added"),
        ("customer_updated.txt", "Customer Update Successful"),
        ("customer_deleted.txt", "Customer Deleted"),
        ("subscription_added.txt", "Subscription added"),
    ] {
        assert_eq!(sale(Answer::fixture(name)).await.unwrap().response_text(), text, "{name}");
    }
}

#[tokio::test]
async fn declines_and_refusals_are_told_apart() {
    for name in ["sale_declined.txt", "check_failed.txt"] {
        let error = refused(name).await;
        let refusal = NmiRefusal::of(&error).unwrap();
        assert!(refusal.is_decline());
        assert_eq!(refusal.meaning, Meaning::Declined(DeclineReason::DoNotHonor, DeclineAdvice::AskBank));
        assert_eq!(
            (error.kind(), error.effect(), error.code()),
            (ErrorKind::InvalidRequest, Effect::None, Some("200"))
        );
    }
    for (name, kind, effect) in [
        ("capture_refused.txt", ErrorKind::Conflict, Effect::None),
        ("void_refused.txt", ErrorKind::Conflict, Effect::None),
        ("refund_too_much.txt", ErrorKind::Conflict, Effect::None),
        ("invalid_transaction.txt", ErrorKind::NotFound, Effect::None),
        ("customer_unknown.txt", ErrorKind::NotFound, Effect::None),
        ("subscription_unknown.txt", ErrorKind::NotFound, Effect::None),
        ("unauthorized.txt", ErrorKind::Unauthorized, Effect::None),
        ("unknown_key.txt", ErrorKind::Unauthorized, Effect::None),
        ("no_dup_seconds.txt", ErrorKind::InvalidRequest, Effect::None),
        ("rate_limited.txt", ErrorKind::RateLimited, Effect::None),
        ("duplicate.txt", ErrorKind::DuplicateBlocked, Effect::Unknown),
        ("communication_error.txt", ErrorKind::Unavailable, Effect::Unknown),
        ("bad_gateway.txt", ErrorKind::InvalidResponse, Effect::Unknown),
    ] {
        let error = refused(name).await;
        assert_eq!((error.kind(), error.effect()), (kind, effect), "{name}");
        assert!(NmiRefusal::of(&error).is_none_or(|refusal| !refusal.is_decline()), "{name}");
        assert_eq!(error.provider(), Some(&NmiProvider::ID));
    }
    let limited = refused("rate_limited.txt").await;
    assert!(matches!(limited.advice(), Advice::RetryAfter(_)));
    let duplicate = refused("duplicate.txt").await;
    assert_eq!(duplicate.request_id(), Some("3174971726"));
    assert_eq!(duplicate.vendor_message(), Some("Duplicate transaction"));
    assert!(!format!("{duplicate} {duplicate:?}").contains("Duplicate transaction"));
}

#[tokio::test]
async fn statuses_other_than_200_are_not_read_as_answers() {
    let approved = wire_support::fixture("responses/sale_approved.txt");
    for (status, kind, effect) in [
        (201, ErrorKind::InvalidResponse, Effect::Unknown),
        (302, ErrorKind::InvalidResponse, Effect::Unknown),
        (403, ErrorKind::InvalidResponse, Effect::Unknown),
        (429, ErrorKind::RateLimited, Effect::None),
        (500, ErrorKind::Unavailable, Effect::Unknown),
        (503, ErrorKind::Unavailable, Effect::Unknown),
    ] {
        let error = sale(Answer::new(status, approved.clone())).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (kind, effect), "{status}");
    }
    let waited = sale(Answer::new(429, "").with_header("retry-after", "7")).await.unwrap_err();
    assert_eq!(waited.retry_after().map(|wait| wait.as_secs()), Some(7));
    assert_eq!(sale(Answer::Lost).await.unwrap_err().effect(), Effect::Unknown);
}

#[tokio::test]
async fn nothing_is_taken_for_an_approval_that_is_none() {
    for body in [
        "",
        "response=1",
        "response=1&responsetext=SUCCESS",
        "response=1&responsetext=SUCCESS&response_code=200",
        "response=2&responsetext=SUCCESS&response_code=100",
        "response=3&responsetext=SUCCESS&response_code=100",
        "response=1&responsetext=SUCCESS&response_code=100&response=2",
        "response=11&responsetext=SUCCESS&response_code=100",
        "{\"response\":\"1\",\"response_code\":\"100\"}",
        "<nm_response><response>1</response></nm_response>",
    ] {
        let error = sale(Answer::new(200, body)).await.unwrap_err();
        assert_eq!(error.effect(), Effect::Unknown, "{body}");
    }
}

#[tokio::test]
async fn queries_are_read() {
    let wire = Wire::answering(&["query_sale.xml", "query_settled_and_refunded.xml"]);
    let nmi = wire.nmi();
    let search = TransactionSearch::by_id("1177101697");
    let found = nmi.query().transactions(&search).await.unwrap();
    assert_eq!(found[0].condition.as_deref(), Some("pendingsettlement"));
    assert_eq!((found[0].order_id.as_deref(), found[0].last4()), (None, Some("1111")));
    assert_eq!(found[0].actions[0].money(Currency::USD).unwrap(), usd(10_000));
    assert_eq!(found[0].actions[0].batch_id, None);

    let found = nmi.query().transactions(&TransactionSearch::new()).await.unwrap();
    assert_eq!(found.len(), 3);
    assert_eq!(found[0].defined_fields[&1], "order-7");
    assert_eq!(found[0].customer_vault_id.as_deref(), Some("256806849"));
    let settle = &found[0].actions[2];
    assert_eq!((settle.action_type.as_str(), settle.batch_id.as_deref()), ("settle", Some("76158269")));
    assert_eq!(settle.date.unwrap().to_rfc3339(), "2026-05-06T00:00:00+00:00");
    assert_eq!(found[1].original_transaction_id.as_deref(), Some("11000000007"));
    assert_eq!(found[1].actions[0].money(Currency::USD).unwrap(), usd(478));
    assert!(!found[2].actions[0].success);

    let wire = Wire::answering(&[
        "query_vault.xml",
        "query_vault_first_only.xml",
        "query_recurring.xml",
        "query_plans.xml",
    ]);
    let nmi = wire.nmi();
    let customer = nmi.query().customer("256806849").await.unwrap().unwrap();
    let ids: Vec<_> = customer.billings.iter().map(|billing| billing.billing_id.as_str()).collect();
    assert_eq!(ids, ["b-1", "b-2"]);
    let customer = nmi.query().customer("256806849").await.unwrap().unwrap();
    assert_eq!((customer.billings.len(), customer.card_type.as_deref()), (0, Some("Visa")));
    let subscription = nmi.query().subscription("5630139560").await.unwrap().unwrap();
    assert_eq!(subscription.order_id.as_deref(), Some("order-attempt-1"));
    assert_eq!((subscription.plan.month_frequency, subscription.plan.day_of_month), (Some(1), Some(15)));
    let plans = nmi.query().plans(Page::new(0, 10)).await.unwrap();
    assert_eq!((plans[0].plan_id.as_str(), plans[0].day_frequency), ("gold", Some(30)));

    let wire = Wire::answering(&[
        "query_test_mode_off.xml",
        "query_profile.xml",
        "query_empty.xml",
        "query_empty.xml",
    ]);
    let nmi = wire.nmi();
    assert!(!nmi.query().test_mode().await.unwrap());
    let profile = nmi.query().profile().await.unwrap();
    assert_eq!(
        (profile.merchant_id.as_deref(), profile.company.as_deref()),
        (Some("1234567"), Some("Example Shop"))
    );
    assert_eq!(nmi.query().test_mode().await.unwrap_err().kind(), ErrorKind::InvalidResponse);
    assert!(nmi.query().customer("256806849").await.unwrap().is_none());
}

#[tokio::test]
async fn refused_queries_did_nothing() {
    for (body, kind) in [
        (wire_support::fixture("responses/query_login.xml"), ErrorKind::Unauthorized),
        (wire_support::fixture("responses/query_unknown_key.xml"), ErrorKind::Unauthorized),
        ("<nm_response><error_response>This key has no permission to query REFID:1</error_response></nm_response>".to_owned(), ErrorKind::Forbidden),
        ("<nm_response><error_response>Rate limit exceeded</error_response></nm_response>".to_owned(), ErrorKind::RateLimited),
        ("<nm_response><error_response>Something else</error_response></nm_response>".to_owned(), ErrorKind::InvalidRequest),
        ("not XML".to_owned(), ErrorKind::InvalidResponse),
        ("<nm_response><transaction></transaction></nm_response>".to_owned(), ErrorKind::InvalidResponse),
    ] {
        let wire = Wire::new([Answer::new(200, body.clone())]);
        let error = wire.nmi().query().transactions(&TransactionSearch::new()).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (kind, Effect::None), "{body}");
    }
}

fn request() -> PaymentRequest {
    let card = Card::new("4111111111111111", 12, 2034).unwrap().with_cvv("999").unwrap();
    let reference = MerchantReference::new("order-7").unwrap();
    PaymentRequest::new(usd(2010), PaymentMethod::Card(card), key("k"), reference)
}

/// The order id that the request above leaves with.
fn wire_key() -> String {
    let provider: ProviderId = NmiProvider::ID;
    turnbuckle_core::payment::WireKey::derive(&provider, "acct", PaymentOperation::Purchase, &key("k"))
        .to_string()
}

#[tokio::test]
async fn the_gateway_asks_first_and_then_pays() {
    let approved = format!(
        "response=1&responsetext=SUCCESS&authcode=123456&transactionid=7&avsresponse=Y&cvvresponse=M&orderid={}&type=sale&response_code=100",
        wire_key()
    );
    let wire = Wire::new([Answer::fixture("query_empty.xml"), Answer::new(200, approved)]);
    let outcome = wire.gateway().purchase(&request()).await.unwrap();
    let payment = outcome.approved().unwrap();
    assert_eq!((payment.avs, payment.cvv), (Some(AvsResult::Match), Some(CvvResult::Match)));
    assert_eq!((payment.reference.id(), payment.lifecycle), ("7", Lifecycle::Captured));
    assert_eq!(payment.wire_key.as_ref().map(ToString::to_string), Some(wire_key()));
    let forms = wire.forms();
    assert_eq!(forms[0][1], ("order_id".to_owned(), wire_key()));
    assert!(forms[1].contains(&("orderid".to_owned(), wire_key())));
    assert!(forms[1].contains(&("merchant_defined_field_1".to_owned(), "order-7".to_owned())));
}

#[tokio::test]
async fn an_approval_of_something_else_is_an_error_and_names_the_payment() {
    let of = |order: &str, kind: &str, more: &str| {
        format!(
            "response=1&responsetext=SUCCESS&authcode=1&transactionid=7&avsresponse=&cvvresponse=&orderid={order}&type={kind}&response_code=100{more}"
        )
    };
    for body in [
        of("another", "sale", ""),
        of(&wire_key(), "auth", ""),
        of(&wire_key(), "sale", "&amount_authorized=20.09"),
    ] {
        let wire = Wire::new([Answer::fixture("query_empty.xml"), Answer::new(200, body.clone())]);
        let error = wire.gateway().purchase(&request()).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidResponse, Effect::Happened), "{body}");
        assert_eq!(error.payment().unwrap().id(), "7");
    }
    let nameless = of(&wire_key(), "sale", "").replace("transactionid=7", "transactionid=");
    let wire = Wire::new([Answer::fixture("query_empty.xml"), Answer::new(200, nameless)]);
    assert_eq!(wire.gateway().purchase(&request()).await.unwrap_err().effect(), Effect::Unknown);
}

#[tokio::test]
async fn a_duplicate_is_ours_only_if_our_order_id_is_found() {
    let found = |amount: &str| {
        format!(
            "<nm_response><transaction><transaction_id>9</transaction_id><transaction_type>cc</transaction_type><condition>pendingsettlement</condition><order_id>{}</order_id><currency>USD</currency><action><amount>{amount}</amount><action_type>sale</action_type><date>20231114221320</date><success>1</success></action></transaction></nm_response>",
            wire_key()
        )
    };
    let empty = || Answer::fixture("query_empty.xml");
    let duplicate = || Answer::fixture("duplicate.txt");
    let ours = Wire::new([empty(), duplicate(), Answer::new(200, found("20.10"))]);
    let outcome = ours.gateway().purchase(&request()).await.unwrap();
    let payment = outcome.approved().unwrap();
    assert!(payment.replayed && payment.reference.id() == "9");

    let theirs = Wire::new([empty(), duplicate(), empty()]);
    let error = theirs.gateway().purchase(&request()).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::DuplicateBlocked, Effect::Unknown));
    assert_eq!(error.advice(), Advice::ResolveFirst);

    let silent = Wire::new([empty(), duplicate(), Answer::new(200, "no XML")]);
    assert_eq!(silent.gateway().purchase(&request()).await.unwrap_err().kind(), ErrorKind::DuplicateBlocked);

    let other_amount = Wire::new([Answer::new(200, found("20.11"))]);
    let error = other_amount.gateway().purchase(&request()).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Conflict, Effect::Happened));
    assert_eq!(other_amount.sent().len(), 1, "nothing was sent that could move money");
}

#[tokio::test]
async fn an_account_in_test_mode_moves_nothing_behind_a_production_connection() {
    let wire = Wire::answering(&["query_test_mode_on.xml"]);
    let gateway = wire.connect(Environment::Production).payments().unwrap();
    let error = gateway.purchase(&request()).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidConfig, Effect::None));
    assert_eq!(wire.sent().len(), 1);
    assert_eq!(wire.sent()[0].uri().host(), Some("secure.nmi.com"));

    // A mode that cannot be read stops it too; one that is off is asked for once.
    let wire = Wire::answering(&["query_empty.xml"]);
    let gateway = wire.connect(Environment::Production).payments().unwrap();
    assert!(gateway.purchase(&request()).await.is_err());
    let declined = || [Answer::fixture("query_empty.xml"), Answer::fixture("sale_declined.txt")];
    let wire = Wire::new(
        [Answer::fixture("query_test_mode_off.xml")].into_iter().chain(declined()).chain(declined()),
    );
    let gateway = wire.connect(Environment::Production).payments().unwrap();
    for _ in 0..2 {
        let outcome = gateway.purchase(&request()).await.unwrap();
        assert!(matches!(outcome, Outcome::Declined(_)));
    }
    assert_eq!(wire.sent().len(), 5);
}

#[tokio::test]
async fn records_become_payments_with_their_states() {
    let wire = Wire::answering(&["query_settled_and_refunded.xml", "query_settled_and_refunded.xml"]);
    let handle = turnbuckle_core::payment::PaymentRef::new(NmiProvider::ID, "transaction", "11000000007");
    let Lookup::Found(found) = wire.gateway().lookup(&LookupQuery::Reference(handle)).await.unwrap() else {
        unreachable!("the payment is found")
    };
    let payment = &found[0];
    assert_eq!(payment.operation, PaymentOperation::Authorize);
    assert_eq!(payment.lifecycle, Lifecycle::PartlyRefunded);
    let amounts = payment.amounts;
    assert_eq!((amounts.authorized, amounts.captured, amounts.refunded), (usd(2010), usd(1250), usd(478)));
    assert_eq!(payment.merchant_reference.as_ref().unwrap().as_str(), "order-7");
    let method = payment.method.as_ref().unwrap();
    assert_eq!(
        (method.last4.as_deref(), method.exp_month, method.exp_year),
        (Some("1111"), Some(12), Some(2034))
    );

    let wire = Wire::answering(&["query_settled_and_refunded.xml", "query_settled_and_refunded.xml"]);
    let from = chrono::DateTime::parse_from_rfc3339("2026-05-01T00:00:00Z").unwrap().to_utc();
    let query = TransactionQuery::new(from, from + chrono::TimeDelta::days(30));
    let page = wire.gateway().transactions(&query).await.unwrap();
    assert_eq!((page.entries.len(), page.next), (1, None));
    let entry = &page.entries[0];
    assert_eq!((entry.gross, entry.batch.as_deref()), (usd(1250), Some("76158269")));
    assert_eq!(entry.wire_key, None, "the capture's key is not the authorization's");
    assert_eq!(entry.payment.as_ref().unwrap().id(), "11000000007");
    let other = query.with_batch("1");
    assert!(wire.gateway().transactions(&other).await.unwrap().entries.is_empty());
    assert!(now() < from);
}
