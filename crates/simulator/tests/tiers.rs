//! Prices whose amount depends on the quantity.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod common;

use common::{Client, id};
use serde_json::{Value, json};
use std::time::Duration;

const DAY: u64 = 24 * 60 * 60;
/// 1 June 2025, so that a month has 30 days.
const JUNE: u64 = 1_748_736_000;
/// Ten for 5.00 each and 1.00 at the start, up to thirty for 4.005 each, then 20.00 for all that is more.
const TIERS: &str = "tiers[0][up_to]=10&tiers[0][unit_amount]=500&tiers[0][flat_amount]=100\
    &tiers[1][up_to]=30&tiers[1][unit_amount_decimal]=400.5&tiers[2][up_to]=inf&tiers[2][flat_amount]=2000";

struct Shop {
    stripe: Client,
    customer: String,
    method: String,
}

fn shop() -> Shop {
    let stripe = Client::new();
    stripe.sim.clock().set(JUNE);
    stripe.post("/v1/products", "id=seat&name=Seat").ok();
    let customer = id(&stripe.post("/v1/customers", "").ok()).to_owned();
    let attached =
        stripe.post("/v1/payment_methods/pm_card_visa/attach", &format!("customer={customer}")).ok();
    Shop { method: id(&attached).to_owned(), stripe, customer }
}

impl Shop {
    fn price(&self, mode: &str) -> Value {
        let body = format!(
            "product=seat&currency=usd&recurring[interval]=month&billing_scheme=tiered&tiers_mode={mode}&{TIERS}"
        );
        self.stripe.post("/v1/prices", &body).ok()
    }

    fn subscribe(&self, price: &Value, quantity: u32) -> Value {
        let body = format!(
            "customer={}&default_payment_method={}&items[0][price]={}&items[0][quantity]={quantity}\
             &expand[]=latest_invoice",
            self.customer,
            self.method,
            id(price)
        );
        self.stripe.post("/v1/subscriptions", &body).ok()
    }
}

#[test]
fn tiers_are_shown_when_they_are_asked_for() {
    let shop = shop();
    let price = shop.price("graduated");
    assert_eq!(
        (price["billing_scheme"].as_str(), price["tiers_mode"].as_str()),
        (Some("tiered"), Some("graduated"))
    );
    assert!(price["unit_amount"].is_null() && price["unit_amount_decimal"].is_null());
    assert!(price.get("tiers").is_none());
    let seen = shop.stripe.get(&format!("/v1/prices/{}?expand[]=tiers", id(&price))).ok();
    assert_eq!(
        seen["tiers"],
        json!([
            { "flat_amount": 100, "flat_amount_decimal": "100", "unit_amount": 500, "unit_amount_decimal": "500", "up_to": 10 },
            { "flat_amount": null, "flat_amount_decimal": null, "unit_amount": null, "unit_amount_decimal": "400.5", "up_to": 30 },
            { "flat_amount": 2_000, "flat_amount_decimal": "2000", "unit_amount": null, "unit_amount_decimal": null, "up_to": null },
        ])
    );
}

#[test]
fn tiers_are_checked() {
    let shop = shop();
    let start = "product=seat&currency=usd&recurring[interval]=month";
    for (form, param) in [
        ("billing_scheme=tiered&tiers_mode=volume", "tiers"),
        (&format!("billing_scheme=tiered&{TIERS}") as &str, "tiers_mode"),
        (&format!("billing_scheme=tiered&tiers_mode=steps&{TIERS}"), "tiers_mode"),
        (&format!("billing_scheme=tiered&tiers_mode=volume&unit_amount=5&{TIERS}"), "unit_amount"),
        (&format!("unit_amount=5&{TIERS}"), "tiers"),
        (
            &format!(
                "billing_scheme=tiered&tiers_mode=volume&transform_quantity[divide_by]=2&transform_quantity[round]=up&{TIERS}"
            ),
            "transform_quantity",
        ),
        ("billing_scheme=tiered&tiers_mode=volume&tiers[0][up_to]=inf", "tiers[0][unit_amount]"),
        (
            "billing_scheme=tiered&tiers_mode=volume&tiers[0][up_to]=9&tiers[0][unit_amount]=1",
            "tiers[0][up_to]",
        ),
        (
            "billing_scheme=tiered&tiers_mode=volume&tiers[0][up_to]=inf&tiers[0][unit_amount]=1&tiers[1][up_to]=inf&tiers[1][unit_amount]=1",
            "tiers[0][up_to]",
        ),
        (
            "billing_scheme=tiered&tiers_mode=volume&tiers[0][up_to]=9&tiers[0][unit_amount]=1&tiers[1][up_to]=9&tiers[1][unit_amount]=1",
            "tiers[1][up_to]",
        ),
        (
            "billing_scheme=tiered&tiers_mode=volume&tiers[0][up_to]=inf&tiers[0][unit_amount]=-1",
            "tiers[0][unit_amount]",
        ),
    ] {
        let reply = shop.stripe.post("/v1/prices", &format!("{start}&{form}"));
        assert_eq!((reply.status, reply.error()["param"].as_str()), (400, Some(param)), "{form}");
    }
    let once = format!("product=seat&currency=usd&billing_scheme=tiered&tiers_mode=volume&{TIERS}");
    assert_eq!(shop.stripe.post("/v1/prices", &once).error()["param"], "tiers");
}

#[test]
fn subscriptions_are_charged_by_tiers() {
    let shop = shop();
    for (mode, quantity, expected) in [
        ("graduated", 10, 5_100),
        ("graduated", 13, 5_100 + 1_202),
        ("graduated", 31, 5_100 + 8_010 + 2_000),
        ("volume", 10, 5_100),
        ("volume", 11, 4_406),
        ("volume", 31, 2_000),
    ] {
        let made = shop.subscribe(&shop.price(mode), quantity);
        let invoice = &made["latest_invoice"];
        assert_eq!(invoice["amount_paid"], expected, "{mode} {quantity}");
        assert_eq!(invoice["lines"]["data"][0]["amount"], expected, "{mode} {quantity}");
        assert_eq!(made["items"]["data"][0]["plan"]["tiers_mode"], mode);
    }
}

#[test]
fn a_change_of_quantity_is_prorated_over_the_tiers() {
    let shop = shop();
    let made = shop.subscribe(&shop.price("graduated"), 10);
    shop.stripe.sim.clock().advance(Duration::from_secs(15 * DAY));
    let item = id(&made["items"]["data"][0]).to_owned();
    let body = "quantity=20&proration_behavior=always_invoice";
    shop.stripe.post(&format!("/v1/subscription_items/{item}"), body).ok();
    let invoices = shop.stripe.sim.stripe().invoices();
    // Half of 51.00 comes back, half of 51.00 + 40.05 is due.
    let lines: Vec<_> =
        invoices[0]["lines"]["data"].as_array().unwrap().iter().map(|line| line["amount"].as_i64()).collect();
    assert_eq!(lines, [Some(-2_550), Some(4_553)]);
    assert_eq!(invoices[0]["amount_paid"], 2_003);
}
