//! Subscriptions: how they begin, change and end.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

#[path = "../common/mod.rs"]
mod common;

mod changes;

use common::{Client, id};
use serde_json::Value;
use std::time::Duration;

const DAY: u64 = 24 * 60 * 60;
/// 1 June 2025, so that a month has 30 days.
const JUNE: u64 = 1_748_736_000;

struct Shop {
    stripe: Client,
    customer: String,
    method: String,
}

fn shop(card: &str) -> Shop {
    let stripe = Client::new();
    stripe.sim.clock().set(JUNE);
    stripe.post("/v1/products", "id=gold&name=Gold").ok();
    for (key, amount) in [("small", 1_000), ("large", 3_000)] {
        stripe
            .post("/v1/prices", &format!("product=gold&currency=usd&unit_amount={amount}&recurring[interval]=month&lookup_key={key}"))
            .ok();
    }
    let customer = id(&stripe.post("/v1/customers", "email=a@example.com").ok()).to_owned();
    let attached =
        stripe.post(&format!("/v1/payment_methods/{card}/attach"), &format!("customer={customer}")).ok();
    let method = id(&attached).to_owned();
    Shop { stripe, customer, method }
}

impl Shop {
    fn price(&self, key: &str) -> String {
        id(&self.stripe.get(&format!("/v1/prices?lookup_keys[]={key}")).ok()["data"][0]).to_owned()
    }

    fn subscribe(&self, more: &str) -> common::Reply {
        self.stripe.post(
            "/v1/subscriptions",
            &format!("customer={}&items[0][price]={}&{more}", self.customer, self.price("small")),
        )
    }

    fn with_card(&self, more: &str) -> Value {
        self.subscribe(&format!("default_payment_method={}&{more}", self.method)).ok()
    }

    fn read(&self, subscription: &Value) -> Value {
        self.stripe.get(&format!("/v1/subscriptions/{}", id(subscription))).ok()
    }

    fn update(&self, subscription: &Value, body: &str) -> common::Reply {
        self.stripe.post(&format!("/v1/subscriptions/{}", id(subscription)), body)
    }

    fn pass(&self, seconds: u64) {
        self.stripe.sim.clock().advance(Duration::from_secs(seconds));
    }

    fn invoices(&self) -> Vec<Value> {
        self.stripe.sim.stripe().invoices()
    }
}

fn item(subscription: &Value) -> &Value {
    &subscription["items"]["data"][0]
}

#[test]
fn a_first_payment_makes_it_active() {
    let shop = shop("pm_card_visa");
    let made = shop.with_card(
        "expand[]=latest_invoice.payments&expand[]=latest_invoice.confirmation_secret&metadata[plan]=gold",
    );
    assert_eq!((made["status"].as_str(), made["metadata"]["plan"].as_str()), (Some("active"), Some("gold")));
    assert!(made.get("current_period_end").is_none(), "the period is the items'");
    assert_eq!(item(&made)["current_period_start"], JUNE);
    assert_eq!(item(&made)["current_period_end"], JUNE + 30 * DAY);
    let invoice = &made["latest_invoice"];
    assert_eq!((invoice["status"].as_str(), invoice["amount_paid"].as_i64()), (Some("paid"), Some(1_000)));
    assert_eq!(invoice["billing_reason"], "subscription_create");
    assert_eq!(invoice["parent"]["subscription_details"]["subscription"], made["id"]);
    assert!(invoice.get("payment_intent").is_none());
    assert_eq!(invoice["payments"]["data"][0]["status"], "paid");
    let path = format!("/v1/invoices/{}?expand[]=payments.data.payment.payment_intent", id(invoice));
    let seen = shop.stripe.get(&path).ok();
    assert_eq!(seen["payments"]["data"][0]["payment"]["payment_intent"]["status"], "succeeded");
    assert!(invoice["confirmation_secret"].is_null(), "there is nothing left to confirm");
    let kinds = shop.stripe.kinds_of_events();
    for kind in [
        "customer.subscription.created",
        "invoice.created",
        "invoice.finalized",
        "invoice.paid",
        "invoice.payment_succeeded",
        "customer.subscription.updated",
        "charge.succeeded",
    ] {
        assert!(kinds.iter().any(|found| found == kind), "{kind} in {kinds:?}");
    }
    assert_eq!(shop.stripe.sim.stripe().charges().len(), 1);
}

#[test]
fn parameters_are_checked() {
    let shop = shop("pm_card_visa");
    let price = shop.price("small");
    let customer = &shop.customer;
    for (form, param) in [
        (format!("items[0][price]={price}"), "customer"),
        (format!("customer={customer}"), "items"),
        (format!("customer={customer}&items[0][price]=price_none"), "items[0][price]"),
        (format!("customer={customer}&items[0][price]={price}&items[1][price]={price}"), "items"),
        (format!("customer={customer}&items[0][price]={price}&payment_behavior=hope"), "payment_behavior"),
        (
            format!("customer={customer}&items[0][price]={price}&payment_behavior=pending_if_incomplete"),
            "payment_behavior",
        ),
        (format!("customer={customer}&items[0][price]={price}&trial_end=5"), "trial_end"),
        (
            format!("customer={customer}&items[0][price]={price}&collection_method=send_invoice"),
            "days_until_due",
        ),
        (
            format!("customer={customer}&items[0][price]={price}&default_payment_method=pm_card_visa"),
            "default_payment_method",
        ),
        (format!("customer={customer}&items[0][price]={price}&items[0][colour]=red"), "items[0][colour]"),
        (format!("customer={customer}&items[0][price]={price}&automatic_tax[enabled]=true"), "automatic_tax"),
    ] {
        let reply = shop.stripe.post("/v1/subscriptions", &form);
        assert_eq!((reply.status, reply.error()["param"].as_str()), (400, Some(param)), "{form}");
    }
    assert_eq!(shop.subscribe("").error()["code"], "resource_missing", "nothing to pay with");
    assert!(shop.stripe.sim.stripe().subscriptions().is_empty());
    assert!(shop.invoices().is_empty());
}

#[test]
fn an_inline_price_needs_a_product_only() {
    let shop = shop("pm_card_visa");
    let made = shop.stripe.post("/v1/subscriptions", &format!(
        "customer={}&default_payment_method={}&items[0][quantity]=3&items[0][price_data][currency]=usd&items[0][price_data][product]=gold\
         &items[0][price_data][recurring][interval]=week&items[0][price_data][unit_amount]=250",
        shop.customer, shop.method)).ok();
    assert_eq!(item(&made)["price"]["active"], false, "inline prices cannot be used again");
    assert_eq!(item(&made)["current_period_end"], JUNE + 7 * DAY);
    assert_eq!(shop.invoices()[0]["total"], 750);
}

#[test]
fn a_refused_card_leaves_it_incomplete_or_nothing_at_all() {
    let shop = shop("pm_card_chargeCustomerFail");
    let made = shop.with_card("");
    assert_eq!(made["status"], "incomplete");
    assert_eq!(
        (shop.invoices()[0]["status"].as_str(), shop.invoices()[0]["attempt_count"].as_i64()),
        (Some("open"), Some(1))
    );
    let before = shop.stripe.sim.stripe().subscriptions().len();
    let refused = shop
        .subscribe(&format!("default_payment_method={}&payment_behavior=error_if_incomplete", shop.method));
    assert_eq!((refused.status, refused.error()["code"].as_str()), (402, Some("card_declined")));
    assert_eq!(shop.stripe.sim.stripe().subscriptions().len(), before);
    shop.pass(23 * 3_600);
    assert_eq!(shop.read(&made)["status"], "incomplete_expired");
    assert_eq!(shop.invoices()[0]["status"], "void");
    assert_eq!(shop.stripe.sim.stripe().payment_intents()[0]["status"], "canceled");
}

#[test]
fn three_d_secure_waits_for_the_card_holder() {
    let shop = shop("pm_card_threeDSecure2Required");
    let refused = shop
        .subscribe(&format!("default_payment_method={}&payment_behavior=error_if_incomplete", shop.method));
    assert_eq!(
        (refused.status, refused.error()["code"].as_str()),
        (402, Some("subscription_payment_intent_requires_action"))
    );
    let made = shop.with_card("");
    assert_eq!(made["status"], "incomplete");
    let intent = shop.stripe.sim.stripe().payment_intents()[0].clone();
    assert_eq!(intent["status"], "requires_action");
    assert!(shop.stripe.kinds_of_events().contains(&"invoice.payment_action_required".to_owned()));
    shop.stripe.sim.stripe().complete_authentication(id(&intent), true).unwrap();
    assert_eq!(shop.read(&made)["status"], "active");
    assert_eq!(shop.invoices()[0]["status"], "paid");
}

#[test]
fn default_incomplete_waits_for_the_browser() {
    let shop = shop("pm_card_visa");
    let made = shop.subscribe("payment_behavior=default_incomplete&payment_settings[save_default_payment_method]=on_subscription&expand[]=latest_invoice.confirmation_secret").ok();
    assert_eq!(made["status"], "incomplete");
    let secret = made["latest_invoice"]["confirmation_secret"]["client_secret"].as_str().unwrap();
    let intent = secret.split("_secret_").next().unwrap();
    let refused = shop
        .stripe
        .post(&format!("/v1/payment_intents/{intent}/confirm"), "payment_method=pm_card_chargeDeclined");
    assert_eq!(refused.status, 402);
    assert_eq!(shop.read(&made)["status"], "incomplete");
    shop.stripe
        .post(&format!("/v1/payment_intents/{intent}/confirm"), &format!("payment_method={}", shop.method))
        .ok();
    let now = shop.read(&made);
    assert_eq!(
        (now["status"].as_str(), now["default_payment_method"].as_str()),
        (Some("active"), Some(shop.method.as_str()))
    );
    // With nothing due, a setup intent collects the card.
    let trial = shop
        .subscribe("payment_behavior=default_incomplete&trial_period_days=7&expand[]=pending_setup_intent")
        .ok();
    assert_eq!(
        (trial["status"].as_str(), trial["pending_setup_intent"]["object"].as_str()),
        (Some("trialing"), Some("setup_intent"))
    );
}

#[test]
fn renewals_are_drafts_for_an_hour() {
    let shop = shop("pm_card_visa");
    let made = shop.with_card("");
    shop.pass(30 * DAY);
    let renewed = shop.read(&made);
    assert_eq!(item(&renewed)["current_period_start"], JUNE + 30 * DAY);
    assert_eq!(item(&renewed)["current_period_end"], JUNE + 61 * DAY);
    let draft = shop.invoices()[0].clone();
    assert_eq!(
        (draft["status"].as_str(), draft["billing_reason"].as_str()),
        (Some("draft"), Some("subscription_cycle"))
    );
    shop.pass(3_599);
    assert_eq!(shop.stripe.get(&format!("/v1/invoices/{}", id(&draft))).ok()["status"], "draft");
    shop.pass(1);
    let paid = shop.stripe.get(&format!("/v1/invoices/{}", id(&draft))).ok();
    assert_eq!((paid["status"].as_str(), paid["amount_paid"].as_i64()), (Some("paid"), Some(1_000)));
    assert_eq!(shop.read(&made)["status"], "active");
    // A jump over several periods makes every invoice, in order.
    shop.pass(92 * DAY);
    shop.read(&made);
    assert_eq!(shop.invoices().len(), 5);
    assert!(shop.invoices().iter().all(|invoice| invoice["status"] == "paid"));
}

#[test]
fn failing_renewals_are_retried_and_then_canceled() {
    let shop = shop("pm_card_visa");
    let made = shop.with_card("");
    let bad = shop
        .stripe
        .post("/v1/payment_methods/pm_card_chargeCustomerFail/attach", &format!("customer={}", shop.customer))
        .ok();
    shop.update(&made, &format!("default_payment_method={}", id(&bad))).ok();
    shop.pass(30 * DAY + 3_600);
    assert_eq!(shop.read(&made)["status"], "past_due");
    let attempts = |expected: i64| assert_eq!(shop.invoices()[0]["attempt_count"], expected);
    attempts(1);
    assert_eq!(shop.invoices()[0]["next_payment_attempt"], shop.stripe.sim.clock().unix() + 3 * DAY);
    shop.pass(3 * DAY);
    attempts(2);
    shop.pass(5 * DAY);
    attempts(3);
    shop.pass(7 * DAY);
    let over = shop.read(&made);
    attempts(4);
    assert_eq!(
        (over["status"].as_str(), over["cancellation_details"]["reason"].as_str()),
        (Some("canceled"), Some("payment_failed"))
    );
    assert!(shop.stripe.kinds_of_events().contains(&"customer.subscription.deleted".to_owned()));
}

#[test]
fn a_retry_with_a_good_card_saves_it() {
    let shop = shop("pm_card_visa");
    let made = shop.with_card("");
    shop.stripe.sim.stripe().after_retries(turnbuckle_simulator::stripe::AfterRetries::MarkUnpaid);
    let bad = shop
        .stripe
        .post("/v1/payment_methods/pm_card_chargeCustomerFail/attach", &format!("customer={}", shop.customer))
        .ok();
    shop.update(&made, &format!("default_payment_method={}", id(&bad))).ok();
    shop.pass(30 * DAY + 3_600);
    shop.pass(15 * DAY);
    assert_eq!(shop.read(&made)["status"], "unpaid");
    let invoice = shop.invoices()[0].clone();
    let path = format!("/v1/invoices/{}/pay", id(&invoice));
    assert_eq!(shop.stripe.post(&path, "").status, 402);
    let paid = shop.stripe.post(&path, &format!("payment_method={}", shop.method)).ok();
    assert_eq!(paid["status"], "paid");
    assert_eq!(shop.read(&made)["status"], "active");
    assert_eq!(shop.stripe.post(&path, "").error()["code"], "invoice_already_paid");
}

#[test]
fn trials_end_with_an_invoice() {
    let shop = shop("pm_card_visa");
    let made = shop.with_card("trial_period_days=10");
    assert_eq!(
        (made["status"].as_str(), made["trial_end"].as_u64()),
        (Some("trialing"), Some(JUNE + 10 * DAY))
    );
    assert_eq!(
        (shop.invoices()[0]["total"].as_i64(), shop.invoices()[0]["status"].as_str()),
        (Some(0), Some("paid"))
    );
    shop.pass(7 * DAY);
    shop.read(&made);
    assert_eq!(
        shop.stripe
            .kinds_of_events()
            .iter()
            .filter(|kind| *kind == "customer.subscription.trial_will_end")
            .count(),
        1
    );
    shop.pass(3 * DAY + 3_600);
    let now = shop.read(&made);
    assert_eq!(now["status"], "active");
    assert_eq!(item(&now)["current_period_start"], JUNE + 10 * DAY);
    assert_eq!(
        (shop.invoices()[0]["total"].as_i64(), shop.invoices()[0]["status"].as_str()),
        (Some(1_000), Some("paid"))
    );
}

#[test]
fn a_trial_without_a_card_pauses_and_resumes() {
    let shop = shop("pm_card_visa");
    let made =
        shop.subscribe("trial_period_days=5&trial_settings[end_behavior][missing_payment_method]=pause").ok();
    shop.pass(5 * DAY);
    assert_eq!(shop.read(&made)["status"], "paused");
    assert!(shop.stripe.kinds_of_events().contains(&"customer.subscription.paused".to_owned()));
    shop.update(&made, &format!("default_payment_method={}", shop.method)).ok();
    let resumed = shop.stripe.post(&format!("/v1/subscriptions/{}/resume", id(&made)), "").ok();
    assert_eq!(resumed["status"], "active");
    assert!(shop.stripe.kinds_of_events().contains(&"customer.subscription.resumed".to_owned()));
    assert_eq!(shop.stripe.post(&format!("/v1/subscriptions/{}/resume", id(&made)), "").status, 400);
    let ends =
        shop.subscribe("trial_period_days=5&trial_settings[end_behavior][missing_payment_method]=cancel");
    let ends = ends.ok();
    shop.update(&made, "default_payment_method=").error();
    shop.pass(5 * DAY);
    assert_eq!(shop.read(&ends)["status"], "canceled");
}
