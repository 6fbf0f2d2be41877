//! Payouts, disputes, events, webhook endpoints, reviews, test clocks: every request byte for byte.

use turnbuckle_stripe::*;

use crate::wire_support::{Wire, keyed};
use crate::{at, page_of};

#[tokio::test]
async fn payouts_create() {
    let wire = Wire::answering("payout");
    let params = CreatePayout::new(1099, "usd")
        .with_description("Two boards, 1 m")
        .with_destination("ba_123")
        .with_method("instant")
        .with_payout_method("usba_123")
        .with_source_type("card")
        .with_statement_descriptor("SHOP 7")
        .with_metadata("order", "7 + 8");
    let answer = wire.stripe().payouts().create(&params, &keyed()).await.unwrap();
    wire.assert_sent("payouts_create");
    assert_eq!(answer.id, "po_1TbShopWeeklyPayout00031");
}

#[tokio::test]
async fn payouts_retrieve() {
    let wire = Wire::answering("payout");
    let answer = wire.stripe().payouts().retrieve("po_123", &keyed()).await.unwrap();
    wire.assert_sent("payouts_retrieve");
    assert_eq!(answer.id, "po_1TbShopWeeklyPayout00031");
}

#[tokio::test]
async fn payouts_cancel() {
    let wire = Wire::answering("payout");
    let answer = wire.stripe().payouts().cancel("po_123", &keyed()).await.unwrap();
    wire.assert_sent("payouts_cancel");
    assert_eq!(answer.id, "po_1TbShopWeeklyPayout00031");
}

#[tokio::test]
async fn payouts_list() {
    let wire = page_of("payout");
    let params = ListPayouts::new()
        .with_arrival_date(Created::since(at(1_700_000_000)).until(at(1_702_592_000)))
        .with_destination("ba_123")
        .with_status("in_transit")
        .with_created(Created::since(at(1_700_000_000)).until(at(1_702_592_000)))
        .with_limit(3)
        .with_starting_after("last_123");
    let page = wire.stripe().payouts().list(&params).page().await.unwrap();
    wire.assert_sent("payouts_list");
    assert_eq!(page.data[0].id, "po_1TbShopWeeklyPayout00031");
}

#[tokio::test]
async fn disputes_retrieve() {
    let wire = Wire::answering("dispute");
    let answer = wire.stripe().disputes().retrieve("dp_123", &keyed()).await.unwrap();
    wire.assert_sent("disputes_retrieve");
    assert_eq!(answer.id, "dp_1TbOrder6735BoardsDis001");
}

#[tokio::test]
async fn disputes_update() {
    let wire = Wire::answering("dispute");
    let params = UpdateDispute::new()
        .with_evidence(
            DisputeEvidence::new()
                .with_access_activity_log("access activity log")
                .with_billing_address("billing address")
                .with_cancellation_policy("cancellation policy")
                .with_cancellation_policy_disclosure("cancellation policy disclosure")
                .with_cancellation_rebuttal("cancellation rebuttal")
                .with_customer_communication("customer communication")
                .with_customer_email_address("payer@shop.example")
                .with_customer_name("customer name")
                .with_customer_purchase_ip("203.0.113.7")
                .with_customer_signature("customer signature")
                .with_duplicate_charge_documentation("duplicate charge documentation")
                .with_duplicate_charge_explanation("duplicate charge explanation")
                .with_duplicate_charge_id("ch_456")
                .with_product_description("product description")
                .with_receipt("receipt")
                .with_refund_policy("refund policy")
                .with_refund_policy_disclosure("refund policy disclosure")
                .with_refund_refusal_explanation("refund refusal explanation")
                .with_service_date("service date")
                .with_service_documentation("service documentation")
                .with_shipping_address("shipping address")
                .with_shipping_carrier("shipping carrier")
                .with_shipping_date("shipping date")
                .with_shipping_documentation("shipping documentation")
                .with_shipping_tracking_number("shipping tracking number")
                .with_uncategorized_file("uncategorized file")
                .with_uncategorized_text("uncategorized text"),
        )
        .with_submit(true)
        .with_metadata("order", "7 + 8");
    let answer = wire.stripe().disputes().update("dp_123", &params, &keyed()).await.unwrap();
    wire.assert_sent("disputes_update");
    assert_eq!(answer.id, "dp_1TbOrder6735BoardsDis001");
}

#[tokio::test]
async fn disputes_close() {
    let wire = Wire::answering("dispute");
    let answer = wire.stripe().disputes().close("dp_123", &keyed()).await.unwrap();
    wire.assert_sent("disputes_close");
    assert_eq!(answer.id, "dp_1TbOrder6735BoardsDis001");
}

#[tokio::test]
async fn disputes_list() {
    let wire = page_of("dispute");
    let params = ListDisputes::new()
        .with_charge("ch_123")
        .with_payment_intent("pi_123")
        .with_created(Created::since(at(1_700_000_000)).until(at(1_702_592_000)))
        .with_limit(3)
        .with_starting_after("last_123");
    let page = wire.stripe().disputes().list(&params).page().await.unwrap();
    wire.assert_sent("disputes_list");
    assert_eq!(page.data[0].id, "dp_1TbOrder6735BoardsDis001");
}

#[tokio::test]
async fn events_retrieve() {
    let wire = Wire::answering("event");
    let answer = wire.stripe().events().retrieve("evt_123", &keyed()).await.unwrap();
    wire.assert_sent("events_retrieve");
    assert_eq!(answer.id, "evt_1TbOrder6741FraudWarn001");
}

#[tokio::test]
async fn events_list() {
    let wire = page_of("event");
    let params = ListEvents::new()
        .with_delivery_success(true)
        .with_event_type("charge.succeeded")
        .with_types(["charge.failed", "charge.refunded"])
        .with_created(Created::since(at(1_700_000_000)).until(at(1_702_592_000)))
        .with_limit(3)
        .with_starting_after("last_123");
    let page = wire.stripe().events().list(&params).page().await.unwrap();
    wire.assert_sent("events_list");
    assert_eq!(page.data[0].id, "evt_1TbOrder6741FraudWarn001");
}

#[tokio::test]
async fn webhook_endpoints_create() {
    let wire = Wire::answering("webhook_endpoint");
    let params = CreateWebhookEndpoint::new("https://shop.example/page")
        .with_enabled_events(["charge.failed", "charge.succeeded"])
        .with_api_version("2026-06-24.dahlia")
        .with_connect(true)
        .with_description("Two boards, 1 m")
        .with_metadata("order", "7 + 8");
    let answer = wire.stripe().webhook_endpoints().create(&params, &keyed()).await.unwrap();
    wire.assert_sent("webhook_endpoints_create");
    assert_eq!(answer.id, "we_1TbShopHookForBilling001");
}

#[tokio::test]
async fn webhook_endpoints_retrieve() {
    let wire = Wire::answering("webhook_endpoint");
    let answer = wire.stripe().webhook_endpoints().retrieve("we_123", &keyed()).await.unwrap();
    wire.assert_sent("webhook_endpoints_retrieve");
    assert_eq!(answer.id, "we_1TbShopHookForBilling001");
}

#[tokio::test]
async fn webhook_endpoints_update() {
    let wire = Wire::answering("webhook_endpoint");
    let params = UpdateWebhookEndpoint::new()
        .with_description("Two boards, 1 m")
        .with_disabled(true)
        .with_enabled_events(["charge.failed", "charge.succeeded"])
        .with_url("https://shop.example/page")
        .with_metadata("order", "7 + 8");
    let answer = wire.stripe().webhook_endpoints().update("we_123", &params, &keyed()).await.unwrap();
    wire.assert_sent("webhook_endpoints_update");
    assert_eq!(answer.id, "we_1TbShopHookForBilling001");
}

#[tokio::test]
async fn webhook_endpoints_delete() {
    let wire = Wire::answering("deleted_webhook_endpoint");
    let answer = wire.stripe().webhook_endpoints().delete("we_123", &keyed()).await.unwrap();
    wire.assert_sent("webhook_endpoints_delete");
    assert_eq!((answer.id.as_str(), answer.deleted), ("we_1TbShopHookForBilling001", true));
}

#[tokio::test]
async fn webhook_endpoints_list() {
    let wire = page_of("webhook_endpoint");
    let params = ListWebhookEndpoints::new().with_limit(3).with_starting_after("last_123");
    let page = wire.stripe().webhook_endpoints().list(&params).page().await.unwrap();
    wire.assert_sent("webhook_endpoints_list");
    assert_eq!(page.data[0].id, "we_1TbShopHookForBilling001");
}

#[tokio::test]
async fn reviews_approve() {
    let wire = Wire::answering("review");
    let answer = wire.stripe().reviews().approve("prv_123", &keyed()).await.unwrap();
    wire.assert_sent("reviews_approve");
    assert_eq!(answer.id, "prv_1TbOrder6741BoardsRev001");
}

#[tokio::test]
async fn reviews_retrieve() {
    let wire = Wire::answering("review");
    let answer = wire.stripe().reviews().retrieve("prv_123", &keyed()).await.unwrap();
    wire.assert_sent("reviews_retrieve");
    assert_eq!(answer.id, "prv_1TbOrder6741BoardsRev001");
}

#[tokio::test]
async fn reviews_list() {
    let wire = page_of("review");
    let params = ListReviews::new()
        .with_created(Created::since(at(1_700_000_000)).until(at(1_702_592_000)))
        .with_limit(3)
        .with_starting_after("last_123");
    let page = wire.stripe().reviews().list(&params).page().await.unwrap();
    wire.assert_sent("reviews_list");
    assert_eq!(page.data[0].id, "prv_1TbOrder6741BoardsRev001");
}

#[tokio::test]
async fn test_clocks_create() {
    let wire = Wire::answering("test_helpers_test_clock");
    let params = CreateTestClock::new(at(1_700_000_000)).with_name("Stand & Board");
    let answer = wire.stripe().test_clocks().create(&params, &keyed()).await.unwrap();
    wire.assert_sent("test_clocks_create");
    assert_eq!(answer.id, "clock_1TbBoardCareRenewal00001");
}

#[tokio::test]
async fn test_clocks_advance() {
    let wire = Wire::answering("test_helpers_test_clock");
    let params = AdvanceTestClock::new(at(1_700_000_000));
    let answer = wire.stripe().test_clocks().advance("clock_123", &params, &keyed()).await.unwrap();
    wire.assert_sent("test_clocks_advance");
    assert_eq!(answer.id, "clock_1TbBoardCareRenewal00001");
}

#[tokio::test]
async fn test_clocks_retrieve() {
    let wire = Wire::answering("test_helpers_test_clock");
    let answer = wire.stripe().test_clocks().retrieve("clock_123", &keyed()).await.unwrap();
    wire.assert_sent("test_clocks_retrieve");
    assert_eq!(answer.id, "clock_1TbBoardCareRenewal00001");
}

#[tokio::test]
async fn test_clocks_delete() {
    let wire = Wire::answering("deleted_test_helpers_test_clock");
    let answer = wire.stripe().test_clocks().delete("clock_123", &keyed()).await.unwrap();
    wire.assert_sent("test_clocks_delete");
    assert_eq!((answer.id.as_str(), answer.deleted), ("clock_1TbBoardCareRenewal00001", true));
}

#[tokio::test]
async fn test_clocks_list() {
    let wire = page_of("test_helpers_test_clock");
    let params = ListTestClocks::new().with_limit(3).with_starting_after("last_123");
    let page = wire.stripe().test_clocks().list(&params).page().await.unwrap();
    wire.assert_sent("test_clocks_list");
    assert_eq!(page.data[0].id, "clock_1TbBoardCareRenewal00001");
}
