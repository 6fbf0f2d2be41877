//! Checkout sessions, payment links and the portal.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod common;

use common::{Client, id};
use std::time::Duration;

const LINE: &str = "line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]=2000\
    &line_items[0][price_data][product_data][name]=Hat&line_items[0][quantity]=2";
const BACK: &str = "success_url=https%3A%2F%2Fshop.example%2Fok&cancel_url=https%3A%2F%2Fshop.example%2Fno";

#[test]
fn a_payment_is_checked_out_once() {
    let stripe = Client::new();
    let made = stripe.post("/v1/checkout/sessions", &format!(
        "mode=payment&{BACK}&{LINE}&client_reference_id=o-7&metadata[a]=b&payment_intent_data[metadata][order]=7&customer_creation=always")).ok();
    assert_eq!(
        (made["status"].as_str(), made["payment_status"].as_str(), made["amount_total"].as_i64()),
        (Some("open"), Some("unpaid"), Some(4_000))
    );
    assert!(made["url"].as_str().unwrap().starts_with("https://checkout.stripe.com/"));
    let lines = stripe
        .get(&format!("/v1/checkout/sessions/{}/line_items?expand[]=data.price.product", id(&made)))
        .ok();
    assert_eq!(
        (lines["data"][0]["quantity"].as_i64(), lines["data"][0]["price"]["product"]["name"].as_str()),
        (Some(2), Some("Hat"))
    );
    let declined = stripe.sim.stripe().complete_checkout(id(&made), "pm_card_chargeDeclined").unwrap_err();
    assert_eq!(declined["error"]["code"], "card_declined");
    let done = stripe.sim.stripe().complete_checkout(id(&made), "pm_card_visa").unwrap();
    assert_eq!((done["status"].as_str(), done["payment_status"].as_str()), (Some("complete"), Some("paid")));
    let seen = stripe
        .get(&format!("/v1/checkout/sessions/{}?expand[]=payment_intent&expand[]=customer", id(&made)))
        .ok();
    assert_eq!(seen["payment_intent"]["metadata"]["order"], "7");
    assert_eq!(seen["customer"]["object"], "customer");
    assert!(stripe.kinds_of_events().contains(&"checkout.session.completed".to_owned()));
    assert!(stripe.sim.stripe().complete_checkout(id(&made), "pm_card_visa").is_err());
    assert_eq!(stripe.post(&format!("/v1/checkout/sessions/{}/expire", id(&made)), "").status, 400);
}

#[test]
fn a_subscription_and_a_setup_are_checked_out() {
    let stripe = Client::new();
    stripe.post("/v1/coupons", "id=Q&percent_off=25").ok();
    let made = stripe.post("/v1/checkout/sessions", &format!(
        "mode=subscription&{BACK}&{LINE}&line_items[0][price_data][recurring][interval]=month&discounts[0][coupon]=Q&subscription_data[metadata][a]=b")).ok();
    assert_eq!(made["amount_total"], 3_000);
    let done = stripe.sim.stripe().complete_checkout(id(&made), "pm_card_visa").unwrap();
    let subscription = stripe
        .get(&format!("/v1/subscriptions/{}?expand[]=latest_invoice", done["subscription"].as_str().unwrap()))
        .ok();
    assert_eq!(
        (subscription["status"].as_str(), subscription["metadata"]["a"].as_str()),
        (Some("active"), Some("b"))
    );
    assert_eq!(subscription["latest_invoice"]["amount_paid"], 3_000);
    assert_eq!(done["invoice"], subscription["latest_invoice"]["id"]);
    let setup = stripe.post("/v1/checkout/sessions", &format!("mode=setup&currency=usd&{BACK}")).ok();
    let done = stripe.sim.stripe().complete_checkout(id(&setup), "pm_card_visa").unwrap();
    assert_eq!(
        stripe.get(&format!("/v1/setup_intents/{}", done["setup_intent"].as_str().unwrap())).ok()["status"],
        "succeeded"
    );
}

#[test]
fn sessions_expire() {
    let stripe = Client::new();
    let create = || stripe.post("/v1/checkout/sessions", &format!("mode=payment&{BACK}&{LINE}")).ok();
    let (by_hand, by_time) = (create(), create());
    assert_eq!(
        stripe.post(&format!("/v1/checkout/sessions/{}/expire", id(&by_hand)), "").ok()["status"],
        "expired"
    );
    stripe.sim.clock().advance(Duration::from_secs(24 * 3_600));
    assert_eq!(stripe.get(&format!("/v1/checkout/sessions/{}", id(&by_time))).ok()["status"], "expired");
    assert_eq!(stripe.get("/v1/checkout/sessions?status=expired").ok()["data"].as_array().unwrap().len(), 2);
    for (form, param) in [
        (format!("mode=payment&{LINE}"), "success_url"),
        (format!("mode=payment&{BACK}"), "line_items"),
        (format!("mode=subscription&{BACK}&{LINE}"), "line_items"),
        (format!("mode=payment&{BACK}&{LINE}&subscription_data[description]=x"), "subscription_data"),
        (format!("mode=payment&{BACK}&{LINE}&expires_at=5"), "expires_at"),
        (format!("mode=payment&{BACK}&{LINE}&colour=red"), "colour"),
    ] {
        let reply = stripe.post("/v1/checkout/sessions", &form);
        assert_eq!((reply.status, reply.error()["param"].as_str()), (400, Some(param)), "{form}");
    }
}

#[test]
fn links_and_portals() {
    let stripe = Client::new();
    let link = stripe.post("/v1/payment_links", LINE).ok();
    assert!(link["url"].as_str().unwrap().starts_with("https://buy.stripe.com/"));
    let path = format!("/v1/payment_links/{}", id(&link));
    let lines = stripe.get(&format!("{path}/line_items")).ok();
    stripe
        .post(
            &path,
            &format!("active=false&line_items[0][id]={}&line_items[0][quantity]=3", id(&lines["data"][0])),
        )
        .ok();
    assert_eq!(stripe.get(&format!("{path}/line_items")).ok()["data"][0]["amount_total"], 6_000);
    assert!(stripe.get("/v1/payment_links?active=true").ok()["data"].as_array().unwrap().is_empty());
    let customer = stripe.post("/v1/customers", "name=A").ok();
    let session = stripe
        .post(
            "/v1/billing_portal/sessions",
            &format!("customer={}&return_url=https%3A%2F%2Fx.example", id(&customer)),
        )
        .ok();
    assert!(session["url"].as_str().unwrap().starts_with("https://billing.stripe.com/"));
    let listed = stripe.get("/v1/billing_portal/configurations").ok();
    assert_eq!(listed["data"][0]["id"], session["configuration"]);
    assert_eq!(stripe.post("/v1/billing_portal/sessions", "customer=cus_none").status, 400);
    let own =
        stripe.post("/v1/billing_portal/configurations", "features[invoice_history][enabled]=true").ok();
    assert_eq!(
        stripe.post(&format!("/v1/billing_portal/configurations/{}", id(&own)), "active=false").ok()["active"],
        false
    );
}
