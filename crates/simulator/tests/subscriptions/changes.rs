//! How subscriptions change and end.

use super::common::id;
use super::{DAY, JUNE, item, shop};
use serde_json::Value;

#[test]
fn changes_are_prorated_to_the_second() {
    let shop = shop("pm_card_visa");
    let made = shop.with_card("");
    shop.pass(10 * DAY);
    let body = format!("items[0][id]={}&items[0][price]={}", id(item(&made)), shop.price("large"));
    let preview = shop.stripe.post("/v1/invoices/create_preview", &format!(
        "subscription={}&subscription_details[items][0][id]={}&subscription_details[items][0][price]={}",
        id(&made), id(item(&made)), shop.price("large"))).ok();
    // 20 of 30 days: 667 back, 2000 more, and the next month's 3000.
    let amounts = |invoice: &Value| -> Vec<i64> {
        invoice["lines"]["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| line["amount"].as_i64().unwrap())
            .collect()
    };
    assert_eq!(amounts(&preview), [-667, 2_000, 3_000]);
    assert!(shop.stripe.sim.stripe().invoice_items().is_empty(), "a preview leaves nothing behind");
    let changed = shop.update(&made, &body).ok();
    assert_eq!(item(&changed)["price"]["unit_amount"], 3_000);
    assert_eq!(item(&changed)["id"], item(&made)["id"]);
    assert_eq!(shop.stripe.sim.stripe().invoice_items().len(), 2);
    assert_eq!(shop.invoices().len(), 1);
    shop.pass(20 * DAY + 3_600);
    shop.read(&made);
    assert_eq!(
        (amounts(&shop.invoices()[0]), shop.invoices()[0]["amount_paid"].as_i64()),
        (vec![-667, 2_000, 3_000], Some(4_333))
    );
    // Without prorations nothing waits; always_invoice charges at once.
    shop.update(
        &made,
        &format!("items[0][id]={}&items[0][quantity]=2&proration_behavior=none", id(item(&made))),
    )
    .ok();
    assert_eq!(shop.stripe.sim.stripe().invoice_items().len(), 2);
    let at_once = shop
        .update(
            &made,
            &format!(
                "items[0][id]={}&items[0][quantity]=4&proration_behavior=always_invoice",
                id(item(&made))
            ),
        )
        .ok();
    let last = shop.invoices()[0].clone();
    assert_eq!(
        (at_once["latest_invoice"].as_str(), last["billing_reason"].as_str(), last["status"].as_str()),
        (Some(id(&last)), Some("subscription_update"), Some("paid"))
    );
    assert_eq!(last["lines"]["data"][0]["parent"]["subscription_item_details"]["proration"], true);
}

#[test]
fn another_interval_starts_a_new_period() {
    let shop = shop("pm_card_visa");
    let made = shop.with_card("");
    let yearly = shop
        .stripe
        .post("/v1/prices", "product=gold&currency=usd&unit_amount=12000&recurring[interval]=year")
        .ok();
    shop.pass(15 * DAY);
    let changed =
        shop.update(&made, &format!("items[0][id]={}&items[0][price]={}", id(item(&made)), id(&yearly))).ok();
    assert_eq!(item(&changed)["current_period_start"], JUNE + 15 * DAY);
    assert_eq!(shop.invoices()[0]["amount_paid"], 12_000 - 500);
}

#[test]
fn pending_updates_wait_for_their_payment() {
    let shop = shop("pm_card_visa");
    let made = shop.with_card("");
    let asks = shop
        .stripe
        .post(
            "/v1/payment_methods/pm_card_threeDSecure2Required/attach",
            &format!("customer={}", shop.customer),
        )
        .ok();
    shop.update(&made, &format!("default_payment_method={}", id(&asks))).ok();
    shop.pass(10 * DAY);
    let body = format!(
        "items[0][id]={}&items[0][price]={}&proration_behavior=always_invoice",
        id(item(&made)),
        shop.price("large")
    );
    let refused = shop.update(&made, &format!("{body}&payment_behavior=error_if_incomplete"));
    assert_eq!(refused.status, 402);
    assert!(shop.stripe.sim.stripe().invoice_items().is_empty());
    let waits = shop.update(&made, &format!("{body}&payment_behavior=pending_if_incomplete")).ok();
    assert_eq!(item(&waits)["price"]["unit_amount"], 1_000);
    assert_eq!(waits["pending_update"]["subscription_items"][0]["price"]["unit_amount"], 3_000);
    assert_eq!(shop.update(&made, "payment_behavior=pending_if_incomplete&description=x").status, 400);
    let intent = shop.stripe.sim.stripe().payment_intents()[0].clone();
    shop.stripe.sim.stripe().complete_authentication(id(&intent), true).unwrap();
    let done = shop.read(&made);
    assert_eq!(item(&done)["price"]["unit_amount"], 3_000);
    assert!(done["pending_update"].is_null());
    assert!(
        shop.stripe.kinds_of_events().contains(&"customer.subscription.pending_update_applied".to_owned())
    );
}

#[test]
fn canceling_now_or_at_the_end() {
    let shop = shop("pm_card_visa");
    let later = shop.with_card("");
    let marked = shop.update(&later, "cancel_at_period_end=true").ok();
    assert_eq!(
        (marked["status"].as_str(), marked["cancel_at"].as_u64()),
        (Some("active"), Some(JUNE + 30 * DAY))
    );
    let kept = shop.update(&later, "cancel_at_period_end=false").ok();
    assert!(kept["cancel_at"].is_null() && kept["canceled_at"].is_null());
    shop.update(&later, "cancel_at_period_end=true").ok();
    let now = shop.with_card("");
    shop.pass(15 * DAY);
    let path = format!("/v1/subscriptions/{}?prorate=true&invoice_now=true", id(&now));
    let gone = shop.stripe.send("DELETE", &path, "").ok();
    assert_eq!(
        (gone["status"].as_str(), gone["ended_at"].as_u64()),
        (Some("canceled"), Some(JUNE + 15 * DAY))
    );
    let last = &shop.invoices()[0];
    assert_eq!((last["total"].as_i64(), last["status"].as_str()), (Some(-500), Some("paid")));
    assert_eq!(shop.stripe.get(&format!("/v1/customers/{}", shop.customer)).ok()["balance"], -500);
    assert_eq!(shop.stripe.send("DELETE", &path, "").status, 404);
    assert_eq!(shop.update(&now, "cancel_at_period_end=true").status, 400);
    shop.update(&now, "metadata[why]=x").ok();
    shop.pass(15 * DAY);
    assert_eq!(shop.read(&later)["status"], "canceled");
    let count = |query: &str| {
        shop.stripe.get(&format!("/v1/subscriptions?customer={}{query}", shop.customer)).ok()["data"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(
        (count(""), count("&status=all"), count("&status=canceled"), count("&status=active")),
        (0, 2, 2, 0)
    );
}

#[test]
fn collection_pauses() {
    let shop = shop("pm_card_visa");
    let made = shop.with_card("");
    let until = JUNE + 40 * DAY;
    shop.update(&made, &format!("pause_collection[behavior]=void&pause_collection[resumes_at]={until}")).ok();
    shop.pass(31 * DAY);
    assert_eq!(shop.read(&made)["status"], "active");
    assert_eq!(shop.invoices()[0]["status"], "void");
    shop.pass(31 * DAY);
    assert!(shop.read(&made)["pause_collection"].is_null());
    assert_eq!(shop.invoices()[0]["status"], "paid");
}

#[test]
fn discounts_take_their_share() {
    let shop = shop("pm_card_visa");
    shop.stripe.post("/v1/coupons", "id=HALF&percent_off=50&duration=once").ok();
    let made = shop.with_card("discounts[0][coupon]=HALF&expand[]=discounts");
    assert_eq!(made["discounts"][0]["source"]["coupon"], "HALF");
    let first = &shop.invoices()[0];
    assert_eq!((first["subtotal"].as_i64(), first["total"].as_i64()), (Some(1_000), Some(500)));
    assert_eq!(first["total_discount_amounts"][0]["amount"], 500);
    assert_eq!(shop.stripe.get("/v1/coupons/HALF").ok()["times_redeemed"], 1);
    shop.pass(31 * DAY);
    shop.read(&made);
    assert_eq!(shop.invoices()[0]["total"], 1_000, "once is once");
}

#[test]
fn items_are_subscriptions_in_part() {
    let shop = shop("pm_card_visa");
    let made = shop.with_card("");
    shop.pass(15 * DAY);
    let added = shop
        .stripe
        .post(
            "/v1/subscription_items",
            &format!("subscription={}&price={}&quantity=2", id(&made), shop.price("large")),
        )
        .ok();
    assert_eq!(added["quantity"], 2);
    let waiting: i64 =
        shop.stripe.sim.stripe().invoice_items().iter().map(|item| item["amount"].as_i64().unwrap()).sum();
    assert_eq!(waiting, 3_000);
    let path = format!("/v1/subscription_items/{}", id(&added));
    assert_eq!(shop.stripe.post(&path, "quantity=1&metadata[a]=b").ok()["metadata"]["a"], "b");
    assert_eq!(
        shop.stripe.get(&format!("/v1/subscription_items?subscription={}", id(&made))).ok()["data"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(
        shop.stripe.send("DELETE", &format!("{path}?proration_behavior=none"), "").ok()["deleted"],
        true
    );
    assert_eq!(shop.stripe.get(&path).status, 404);
    assert_eq!(
        shop.stripe.send("DELETE", &format!("/v1/subscription_items/{}", id(item(&made))), "").status,
        400
    );
}

#[test]
fn an_anchor_charges_a_share_first() {
    let shop = shop("pm_card_visa");
    let anchor = JUNE + 15 * DAY;
    let made = shop.with_card(&format!("billing_cycle_anchor={anchor}"));
    assert_eq!(item(&made)["current_period_end"], anchor);
    // 15 of the 31 days from 16 May to 16 June.
    assert_eq!(shop.invoices()[0]["amount_paid"], 484);
    assert_eq!(shop.subscribe(&format!("billing_cycle_anchor={}", JUNE + 32 * DAY)).status, 400);
}

#[test]
fn sent_invoices_wait_for_the_customer() {
    let shop = shop("pm_card_visa");
    let made = shop.subscribe("collection_method=send_invoice&days_until_due=14").ok();
    assert_eq!(made["status"], "active");
    shop.pass(3_600);
    shop.read(&made);
    let invoice = shop.invoices()[0].clone();
    assert_eq!(
        (invoice["status"].as_str(), invoice["due_date"].as_u64()),
        (Some("open"), Some(JUNE + 14 * DAY))
    );
    assert!(shop.stripe.kinds_of_events().contains(&"invoice.sent".to_owned()));
    let paid = shop.stripe.post(&format!("/v1/invoices/{}/pay", id(&invoice)), "paid_out_of_band=true").ok();
    assert_eq!(paid["status"], "paid");
}

#[test]
fn the_same_key_subscribes_once() {
    let shop = shop("pm_card_visa");
    let stripe = shop.stripe.with("idempotency-key", "sub-1");
    let body = format!(
        "customer={}&items[0][price]={}&default_payment_method={}",
        shop.customer,
        shop.price("small"),
        shop.method
    );
    let first = stripe.post("/v1/subscriptions", &body).ok();
    let again = stripe.post("/v1/subscriptions", &body);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.ok(), first);
    assert_eq!(shop.stripe.sim.stripe().charges().len(), 1);
}
