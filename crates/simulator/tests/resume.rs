//! Subscriptions that a trial left paused, and how they go on.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod common;

use common::{Client, id};
use serde_json::Value;
use std::time::Duration;

const DAY: u64 = 24 * 60 * 60;
/// 1 June 2025, so that a month has 30 days.
const JUNE: u64 = 1_748_736_000;
/// When the trial ends.
const PAUSE: u64 = JUNE + DAY;

struct Shop {
    stripe: Client,
    customer: String,
    subscription: String,
}

/// A subscription of 30.00 a month whose trial ended on 2 June without a payment method; it is 12 June.
fn paused() -> Shop {
    let stripe = Client::new();
    stripe.sim.clock().set(JUNE);
    let customer = id(&stripe.post("/v1/customers", "").ok()).to_owned();
    let price = stripe
        .post("/v1/prices", "product_data[name]=Gold&currency=usd&unit_amount=3000&recurring[interval]=month")
        .ok();
    let body = format!(
        "customer={customer}&items[0][price]={}&trial_period_days=1\
         &trial_settings[end_behavior][missing_payment_method]=pause",
        id(&price)
    );
    let made = stripe.post("/v1/subscriptions", &body).ok();
    stripe.sim.clock().advance(Duration::from_secs(11 * DAY));
    let path = format!("/v1/subscriptions/{}", id(&made));
    assert_eq!(stripe.get(&path).ok()["status"], "paused");
    Shop { stripe, customer, subscription: path }
}

impl Shop {
    fn resume(&self, form: &str) -> common::Reply {
        self.stripe.post(&format!("{}/resume", self.subscription), form)
    }

    fn waiting(&self) -> Vec<Value> {
        let path = format!("/v1/invoiceitems?customer={}&pending=true", self.customer);
        self.stripe.get(&path).ok()["data"].as_array().unwrap().clone()
    }

    fn pay_with_a_card(&self) {
        let body = format!("customer={}", self.customer);
        let method = self.stripe.post("/v1/payment_methods/pm_card_visa/attach", &body).ok();
        let body = format!("default_payment_method={}", id(&method));
        self.stripe.post(&self.subscription, &body).ok();
    }
}

fn period(subscription: &Value) -> (u64, u64) {
    let item = &subscription["items"]["data"][0];
    (item["current_period_start"].as_u64().unwrap(), item["current_period_end"].as_u64().unwrap())
}

#[test]
fn unchanged_goes_on_with_the_period_of_the_present() {
    let shop = paused();
    let after = shop.resume("billing_cycle_anchor=unchanged").ok();
    assert_eq!(after["status"], "active");
    assert_eq!(
        (after["billing_cycle_anchor"].as_u64(), period(&after)),
        (Some(PAUSE), (PAUSE, PAUSE + 30 * DAY))
    );
    // 20 of 30 days are left, which the next invoice charges.
    let waiting = shop.waiting();
    assert_eq!((waiting.len(), waiting[0]["amount"].as_i64()), (1, Some(2_000)));
    assert_eq!(waiting[0]["proration"], true);
    assert!(shop.stripe.kinds_of_events().contains(&"customer.subscription.resumed".to_owned()));
    assert_eq!(shop.resume("").status, 400, "it is not paused any more");
}

#[test]
fn the_date_of_a_proration_can_be_told() {
    let shop = paused();
    let at = PAUSE + 15 * DAY;
    let late = format!("billing_cycle_anchor=unchanged&proration_date={}", PAUSE + 31 * DAY);
    assert_eq!(shop.resume(&late).error()["param"], "proration_date");
    shop.resume(&format!("billing_cycle_anchor=unchanged&proration_date={at}")).ok();
    assert_eq!(shop.waiting()[0]["amount"], 1_500);
}

#[test]
fn without_prorations_nothing_is_due_until_the_next_period() {
    let shop = paused();
    let after = shop.resume("billing_cycle_anchor=unchanged&proration_behavior=none").ok();
    assert_eq!((after["status"].as_str(), shop.waiting().len()), (Some("active"), 0));
}

#[test]
fn an_invoice_has_to_be_paid_first() {
    let shop = paused();
    let form = "billing_cycle_anchor=unchanged&proration_behavior=always_invoice&expand[]=latest_invoice";
    let still = shop.resume(form).ok();
    assert_eq!(
        (still["status"].as_str(), still["latest_invoice"]["amount_due"].as_i64()),
        (Some("paused"), Some(2_000))
    );
    shop.pay_with_a_card();
    shop.stripe.post(&format!("/v1/invoices/{}/pay", id(&still["latest_invoice"])), "").ok();
    assert_eq!(shop.stripe.get(&shop.subscription).ok()["status"], "active");
}

#[test]
fn an_invoice_that_is_written_off_need_not_be_paid() {
    let shop = paused();
    let form = "billing_cycle_anchor=unchanged&proration_behavior=always_invoice";
    let still = shop.resume(form).ok();
    let invoice = still["latest_invoice"].as_str().unwrap();
    shop.stripe.post(&format!("/v1/invoices/{invoice}/mark_uncollectible"), "").ok();
    assert_eq!(shop.stripe.get(&shop.subscription).ok()["status"], "active");
}

#[test]
fn now_begins_a_new_period_and_charges_it() {
    let shop = paused();
    shop.pay_with_a_card();
    let after = shop.resume("expand[]=latest_invoice").ok();
    assert_eq!(
        (after["status"].as_str(), after["latest_invoice"]["amount_paid"].as_i64()),
        (Some("active"), Some(3_000))
    );
    assert_eq!(period(&after).0, JUNE + 11 * DAY);
}
