//! Discounts of single items, and what an invoice will be with changes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod common;

use common::{Client, id};
use serde_json::Value;
use std::time::Duration;

const DAY: u64 = 24 * 60 * 60;
/// 1 June 2025, so that a month has 30 days.
const JUNE: u64 = 1_748_736_000;

struct Shop {
    stripe: Client,
    customer: String,
    small: String,
    large: String,
}

fn shop() -> Shop {
    let stripe = Client::new();
    stripe.sim.clock().set(JUNE);
    stripe.post("/v1/products", "id=gold&name=Gold").ok();
    let price = |amount: u32| {
        let body = format!("product=gold&currency=usd&unit_amount={amount}&recurring[interval]=month");
        id(&stripe.post("/v1/prices", &body).ok()).to_owned()
    };
    let (small, large) = (price(1_000), price(3_000));
    let customer = id(&stripe.post("/v1/customers", "").ok()).to_owned();
    let method = stripe.post("/v1/payment_methods/pm_card_visa/attach", &format!("customer={customer}")).ok();
    let body = format!("invoice_settings[default_payment_method]={}", id(&method));
    stripe.post(&format!("/v1/customers/{customer}"), &body).ok();
    stripe.post("/v1/coupons", "id=HALF&percent_off=50&duration=forever").ok();
    stripe.post("/v1/coupons", "id=ONCE&amount_off=300&currency=usd&duration=once").ok();
    Shop { stripe, customer, small, large }
}

impl Shop {
    fn subscribe(&self, more: &str) -> Value {
        let body = format!(
            "customer={}&items[0][price]={}&items[1][price]={}&expand[]=latest_invoice&{more}",
            self.customer, self.small, self.large
        );
        self.stripe.post("/v1/subscriptions", &body).ok()
    }

    fn redeemed(&self, coupon: &str) -> i64 {
        self.stripe.get(&format!("/v1/coupons/{coupon}")).ok()["times_redeemed"].as_i64().unwrap()
    }
}

fn off(invoice: &Value) -> Vec<i64> {
    let lines = invoice["lines"]["data"].as_array().unwrap().iter();
    let sum = |line: &Value| {
        line["discount_amounts"].as_array().unwrap().iter().map(|one| one["amount"].as_i64().unwrap()).sum()
    };
    lines.map(sum).collect()
}

#[test]
fn an_item_has_discounts_of_its_own() {
    let shop = shop();
    let made = shop.subscribe("items[1][discounts][0][coupon]=HALF&discounts[0][coupon]=ONCE");
    let invoice = &made["latest_invoice"];
    // The item's half of 30.00 first, then 3.00 off 10.00 + 15.00, by their shares.
    assert_eq!(off(invoice), [120, 1_500 + 180]);
    assert_eq!(invoice["amount_paid"], 2_200);
    assert_eq!(invoice["total_discount_amounts"].as_array().unwrap().len(), 2);
    let item = &made["items"]["data"][1];
    let path = format!("/v1/subscription_items/{}?expand[]=discounts", id(item));
    let seen = shop.stripe.get(&path).ok();
    assert_eq!(seen["discounts"][0]["subscription_item"], item["id"]);
    assert_eq!(seen["discounts"][0]["source"]["coupon"], "HALF");
    shop.stripe.sim.clock().advance(Duration::from_secs(31 * DAY));
    let renewal = &shop.stripe.sim.stripe().invoices()[0];
    assert_eq!((off(renewal), renewal["amount_paid"].as_i64()), (vec![0, 1_500], Some(2_500)));
    assert_eq!((shop.redeemed("HALF"), shop.redeemed("ONCE")), (1, 1));
}

#[test]
fn a_discount_for_once_is_used_up_by_the_item_s_first_invoice() {
    let shop = shop();
    let made = shop.subscribe("items[0][discounts][0][coupon]=ONCE");
    assert_eq!(off(&made["latest_invoice"]), [300, 0]);
    shop.stripe.sim.clock().advance(Duration::from_secs(31 * DAY));
    assert_eq!(off(&shop.stripe.sim.stripe().invoices()[0]), [0, 0]);
    let item = format!("/v1/subscription_items/{}", id(&made["items"]["data"][0]));
    shop.stripe.post(&item, "discounts[0][coupon]=HALF").ok();
    shop.stripe.sim.clock().advance(Duration::from_secs(31 * DAY));
    assert_eq!(off(&shop.stripe.sim.stripe().invoices()[0]), [500, 0]);
    assert_eq!(shop.stripe.post(&item, "discounts=").ok()["discounts"].as_array().unwrap().len(), 0);
    assert_eq!(shop.stripe.post(&item, "discounts[0][coupon]=NONE").status, 400);
}

#[test]
fn invoice_items_have_discounts_of_their_own() {
    let shop = shop();
    let draft = shop.stripe.post("/v1/invoices", &format!("customer={}", shop.customer)).ok();
    let body = |amount: u32, more: &str| {
        format!("customer={}&invoice={}&amount={amount}&{more}", shop.customer, id(&draft))
    };
    let item = shop.stripe.post("/v1/invoiceitems", &body(900, "discounts[0][coupon]=HALF")).ok();
    assert_eq!(item["discounts"].as_array().unwrap().len(), 1);
    shop.stripe.post("/v1/invoiceitems", &body(1_000, "")).ok();
    let path = format!("/v1/invoices/{}", id(&draft));
    let seen = shop.stripe.get(&path).ok();
    assert_eq!((off(&seen), seen["total"].as_i64()), (vec![450, 0], Some(1_450)));
    let item = format!("/v1/invoiceitems/{}", id(&item));
    shop.stripe.post(&item, "discounts[0][coupon]=ONCE").ok();
    assert_eq!(shop.stripe.get(&path).ok()["total"], 1_600);
    shop.stripe.post(&item, "discounts=").ok();
    assert_eq!(shop.stripe.get(&path).ok()["total"], 1_900);
}

#[test]
fn an_update_adds_one_off_items() {
    let shop = shop();
    let made = shop.subscribe("");
    let path = format!("/v1/subscriptions/{}", id(&made));
    let extra = "add_invoice_items[0][price_data][currency]=usd&add_invoice_items[0][price_data][product]=gold\
        &add_invoice_items[0][price_data][unit_amount]=700&add_invoice_items[0][discounts][0][coupon]=HALF";
    shop.stripe.post(&path, extra).ok();
    let waiting = shop.stripe.get(&format!("/v1/invoiceitems?customer={}&pending=true", shop.customer)).ok();
    assert_eq!(waiting["data"][0]["amount"], 700);
    shop.stripe.sim.clock().advance(Duration::from_secs(31 * DAY));
    let renewal = &shop.stripe.sim.stripe().invoices()[0];
    assert_eq!((renewal["subtotal"].as_i64(), renewal["amount_paid"].as_i64()), (Some(4_700), Some(4_350)));
}

#[test]
fn a_preview_counts_what_it_is_told_and_keeps_nothing() {
    let shop = shop();
    let made = shop.subscribe("");
    let form = format!(
        "subscription={}&discounts[0][coupon]=ONCE&invoice_items[0][amount]=500&invoice_items[0][currency]=usd\
         &invoice_items[1][price_data][currency]=usd&invoice_items[1][price_data][product]=gold\
         &invoice_items[1][price_data][unit_amount]=250&invoice_items[1][quantity]=2\
         &invoice_items[1][discounts][0][coupon]=HALF\
         &subscription_details[items][0][id]={}&subscription_details[items][0][discounts][0][coupon]=HALF",
        id(&made),
        id(&made["items"]["data"][1])
    );
    let ahead = shop.stripe.post("/v1/invoices/create_preview", &form).ok();
    // 5.00 + 5.00 + 10.00 + 30.00, half off the second and the last, then 3.00 off all.
    assert_eq!(
        (ahead["subtotal"].as_i64(), ahead["total"].as_i64()),
        (Some(5_000), Some(5_000 - 250 - 1_500 - 300))
    );
    assert_eq!((shop.redeemed("HALF"), shop.redeemed("ONCE")), (0, 0));
    let plain = shop.stripe.post("/v1/invoices/create_preview", &format!("subscription={}", id(&made))).ok();
    assert_eq!(plain["total"], 4_000);
    let waits = shop
        .stripe
        .post("/v1/invoiceitems", &format!("customer={}&amount=900&currency=usd", shop.customer))
        .ok();
    let form = format!(
        "subscription={}&invoice_items[0][invoiceitem]={}&invoice_items[0][amount]=100",
        id(&made),
        id(&waits)
    );
    assert_eq!(shop.stripe.post("/v1/invoices/create_preview", &form).ok()["total"], 4_100);
    for (form, param) in [
        ("invoice_items[0][invoiceitem]=ii_none", "invoice_items[0][invoiceitem]"),
        ("invoice_items[0][quantity]=2", "invoice_items[0][amount]"),
        ("invoice_items[0][amount]=5&invoice_items[0][currency]=eur", "invoice_items[0][currency]"),
        ("subscription_details[cancel_now]=true", "subscription_details[cancel_now]"),
    ] {
        let form = format!("subscription={}&{form}", id(&made));
        let reply = shop.stripe.post("/v1/invoices/create_preview", &form);
        assert_eq!((reply.status, reply.error()["param"].as_str()), (400, Some(param)), "{form}");
    }
    assert_eq!(shop.stripe.get(&format!("/v1/invoiceitems/{}", id(&waits))).ok()["amount"], 900);
}
