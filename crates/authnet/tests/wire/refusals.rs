//! Errors of calls that are no transactions, and what they advise.

use std::time::Duration;

use turnbuckle_authnet::{NewWebhook, RecurringRequest};
use turnbuckle_core::payment::{PaymentMethod, PaymentRef, RefundRequest};
use turnbuckle_core::{Advice, Effect, ErrorKind};

use super::gateway_requests::{PROVIDER, authorized, purchase, usd};
use super::support::{Answer, Wire, key};

#[tokio::test]
async fn a_method_that_is_not_visible_yet_advises_to_wait() {
    let mut request = purchase("key-1");
    request.method = PaymentMethod::Stored(
        PaymentRef::new(PROVIDER, "payment_profile", "34897359").with_detail("customer", "38392767"),
    );
    let wire = Wire::answering(&["not_found"]);
    let error = wire.connection().payments().unwrap().purchase(&request).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::NotFound, Effect::None));
    assert_eq!(error.advice(), Advice::RetryAfter(Duration::from_secs(30)));
    let wire = Wire::answering(&["not_found"]);
    let error = wire.client().recurring().create(&RecurringRequest::default()).await.unwrap_err();
    assert_eq!((error.code(), error.retry_after()), (Some("E00040"), Some(Duration::from_secs(30))));
}

#[tokio::test]
async fn what_is_gone_needs_no_removing() {
    let stored = PaymentRef::new(PROVIDER, "payment_profile", "34897359").with_detail("customer", "38392767");
    let wire = Wire::answering(&["not_found"]);
    wire.connection().payments().unwrap().unstore(&stored).await.unwrap();
    wire.assert_sent("payment_profiles_delete");
}

#[tokio::test]
async fn a_refund_before_settlement_is_a_conflict() {
    let wire = Wire::answering(&["refund_unsettled"]);
    let refund = RefundRequest::new(authorized(), key("key-4")).with_amount(usd("20.10"));
    let error = wire.connection().payments().unwrap().refund(&refund).await.unwrap_err();
    assert_eq!((error.kind(), error.effect(), error.code()), (ErrorKind::Conflict, Effect::None, Some("54")));
}

#[tokio::test]
async fn a_part_of_an_unsettled_payment_is_neither_voided_nor_refunded() {
    let wire = Wire::answering(&["details_own"]);
    let refund =
        RefundRequest::new(authorized(), key("key-4")).with_amount(usd("5.00")).with_void_if_unsettled();
    let error = wire.connection().payments().unwrap().refund(&refund).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Conflict, Effect::None));
    wire.assert_sent_at(0, "transaction_details_of_payment");
}

#[tokio::test]
async fn statuses_that_are_not_the_vendor_s() {
    for (status, kind, effect) in [
        (500, ErrorKind::Unavailable, Effect::Unknown),
        (502, ErrorKind::Unavailable, Effect::Unknown),
        (302, ErrorKind::InvalidResponse, Effect::Unknown),
        (408, ErrorKind::Timeout, Effect::Unknown),
        (403, ErrorKind::Forbidden, Effect::None),
        (429, ErrorKind::RateLimited, Effect::None),
    ] {
        let wire = Wire::new([Answer::Reply(status, b"<html>".to_vec())]);
        let error = wire.connection().payments().unwrap().purchase(&purchase("key-1")).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (kind, effect), "{status}: {error}");
        let wire = Wire::new([Answer::Reply(status, b"<html>".to_vec())]);
        let error = wire.client().authenticate_test().await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (kind, Effect::None), "{status}: {error}");
    }
}

#[tokio::test]
async fn the_rest_side_refuses_in_its_own_words() {
    let Answer::Reply(_, body) = Answer::fixture("webhook_refused") else { unreachable!() };
    let wire = Wire::new([Answer::Reply(400, body)]);
    let new = NewWebhook::new("nonsense", []);
    let error = wire.client().webhooks().create(&new).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::InvalidRequest, Some("INVALID_DATA")));
    assert_eq!(error.vendor_message(), Some("The URL is not valid."));
    // An id cannot lead to another address.
    let wire = Wire::new([]);
    assert!(wire.client().webhooks().get("../merchants").await.is_err());
    assert!(wire.sent().is_empty());
}
