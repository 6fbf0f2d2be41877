//! Invoices of their own, and test clocks.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod common;

use common::{Client, id};

const DAY: u64 = 24 * 60 * 60;

fn customer(stripe: &Client, card: &str) -> String {
    let customer = id(&stripe.post("/v1/customers", "name=A").ok()).to_owned();
    let method =
        stripe.post(&format!("/v1/payment_methods/{card}/attach"), &format!("customer={customer}")).ok();
    let body = format!("invoice_settings[default_payment_method]={}", id(&method));
    stripe.post(&format!("/v1/customers/{customer}"), &body).ok();
    customer
}

#[test]
fn a_draft_is_filled_finalized_and_paid() {
    let stripe = Client::new();
    let customer = customer(&stripe, "pm_card_visa");
    let item = stripe
        .post("/v1/invoiceitems", &format!("customer={customer}&amount=700&currency=usd&description=Work"))
        .ok();
    assert!(item["invoice"].is_null());
    let body = format!("customer={customer}&pending_invoice_items_behavior=include&auto_advance=false");
    let draft = stripe.post("/v1/invoices", &body).ok();
    assert_eq!(
        (draft["status"].as_str(), draft["total"].as_i64(), draft["number"].as_str()),
        (Some("draft"), Some(700), None)
    );
    let path = format!("/v1/invoices/{}", id(&draft));
    let more = stripe
        .post("/v1/invoiceitems", &format!("customer={customer}&invoice={}&amount=300", id(&draft)))
        .ok();
    assert_eq!(stripe.get(&path).ok()["total"], 1_000);
    stripe.post(&format!("/v1/invoiceitems/{}", id(&more)), "amount=400").ok();
    stripe.post(&path, "description=June&metadata[a]=b").ok();
    let open = stripe.post(&format!("{path}/finalize"), "").ok();
    assert_eq!((open["status"].as_str(), open["amount_due"].as_i64()), (Some("open"), Some(1_100)));
    assert!(open["number"].as_str().unwrap().ends_with("-0001"));
    assert_eq!(stripe.post(&format!("{path}/finalize"), "").error()["code"], "invoice_already_finalized");
    assert_eq!(stripe.post(&path, "description=July").error()["code"], "invoice_not_editable");
    assert_eq!(stripe.send("DELETE", &format!("/v1/invoiceitems/{}", id(&more)), "").status, 400);
    let paid = stripe.post(&format!("{path}/pay"), "expand[]=payments").ok();
    assert_eq!(
        (paid["status"].as_str(), paid["payments"]["data"][0]["status"].as_str()),
        (Some("paid"), Some("paid"))
    );
    let payments = stripe.get(&format!("/v1/invoice_payments?invoice={}", id(&draft))).ok();
    assert_eq!(payments["data"][0]["amount_paid"], 1_100);
    assert_eq!(stripe.post(&format!("{path}/void"), "").status, 400);
    assert_eq!(stripe.get(&format!("{path}/lines?limit=1")).ok()["has_more"], true);
    assert_eq!(
        stripe.get(&format!("/v1/invoices?customer={customer}&status=paid")).ok()["data"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn drafts_are_deleted_open_ones_voided_or_given_up() {
    let stripe = Client::new();
    let customer = customer(&stripe, "pm_card_chargeCustomerFail");
    let open = || {
        stripe.post("/v1/invoiceitems", &format!("customer={customer}&amount=700&currency=usd")).ok();
        let draft = stripe
            .post("/v1/invoices", &format!("customer={customer}&pending_invoice_items_behavior=include"))
            .ok();
        format!("/v1/invoices/{}", id(&draft))
    };
    let draft = open();
    assert_eq!(stripe.send("DELETE", &draft, "").ok()["deleted"], true);
    assert_eq!(stripe.get(&draft).status, 404);
    let failing = open();
    assert_eq!(stripe.get(&failing).ok()["total"], 1_400, "the deleted draft's item waited again");
    let refused = stripe.post(&format!("{failing}/pay"), "");
    assert_eq!((refused.status, refused.error()["code"].as_str()), (402, Some("card_declined")));
    assert_eq!(stripe.get(&failing).ok()["attempt_count"], 1);
    let void = stripe.post(&format!("{failing}/void"), "").ok();
    assert_eq!(void["status"], "void");
    assert_eq!(stripe.sim.stripe().payment_intents()[0]["status"], "canceled");
    let lost = open();
    stripe.post(&format!("{lost}/finalize"), "").ok();
    assert_eq!(stripe.post(&format!("{lost}/mark_uncollectible"), "").ok()["status"], "uncollectible");
    assert_eq!(stripe.post(&format!("{lost}/send"), "").status, 400);
    let kinds = stripe.kinds_of_events();
    for kind in [
        "invoice.deleted",
        "invoice.payment_failed",
        "invoice.voided",
        "invoice.marked_uncollectible",
        "invoiceitem.created",
    ] {
        assert!(kinds.iter().any(|found| found == kind), "{kind}");
    }
}

#[test]
fn balances_are_used_before_cards() {
    let stripe = Client::new();
    let customer = customer(&stripe, "pm_card_visa");
    stripe.post(&format!("/v1/customers/{customer}"), "balance=-600").ok();
    stripe.post("/v1/invoiceitems", &format!("customer={customer}&amount=1000&currency=usd")).ok();
    let draft = stripe
        .post("/v1/invoices", &format!("customer={customer}&pending_invoice_items_behavior=include"))
        .ok();
    let paid = stripe.post(&format!("/v1/invoices/{}/pay", id(&draft)), "").ok();
    assert_eq!(
        (paid["total"].as_i64(), paid["amount_paid"].as_i64(), paid["ending_balance"].as_i64()),
        (Some(1_000), Some(400), Some(0))
    );
    assert_eq!(stripe.get(&format!("/v1/customers/{customer}")).ok()["balance"], 0);
    assert_eq!(
        stripe.post("/v1/invoices/create_preview", &format!("customer={customer}")).error()["code"],
        "invoice_upcoming_none"
    );
}

#[test]
fn a_test_clock_runs_months_in_a_moment() {
    let stripe = Client::new();
    let start = 1_748_736_000;
    let clock = stripe.post("/v1/test_helpers/test_clocks", &format!("frozen_time={start}&name=June")).ok();
    let path = format!("/v1/test_helpers/test_clocks/{}", id(&clock));
    let customer = stripe.post("/v1/customers", &format!("test_clock={}", id(&clock))).ok();
    assert_eq!(customer["created"], start);
    let method =
        stripe.post("/v1/payment_methods/pm_card_visa/attach", &format!("customer={}", id(&customer))).ok();
    stripe.post("/v1/products", "id=p&name=P").ok();
    let price =
        stripe.post("/v1/prices", "product=p&currency=usd&unit_amount=900&recurring[interval]=month").ok();
    let made = stripe
        .post(
            "/v1/subscriptions",
            &format!(
                "customer={}&items[0][price]={}&default_payment_method={}",
                id(&customer),
                id(&price),
                id(&method)
            ),
        )
        .ok();
    assert_eq!((made["created"].as_u64(), made["test_clock"].as_str()), (Some(start), Some(id(&clock))));
    let advance = |to: u64| stripe.post(&format!("{path}/advance"), &format!("frozen_time={to}"));
    assert_eq!(advance(start).status, 400);
    assert_eq!(advance(start + 62 * DAY).status, 400, "two intervals at most");
    assert_eq!(advance(start + 30 * DAY + 3_600).ok()["status"], "advancing");
    assert_eq!(stripe.get(&path).ok()["status"], "ready");
    let paid = stripe.get(&format!("/v1/invoices?subscription={}", id(&made))).ok();
    assert_eq!(paid["data"].as_array().unwrap().len(), 2);
    assert_eq!(
        (paid["data"][0]["status"].as_str(), paid["data"][0]["created"].as_u64()),
        (Some("paid"), Some(start + 30 * DAY))
    );
    // The simulator's own time did not move, and moves no clock.
    assert_ne!(stripe.sim.clock().unix(), start);
    stripe.sim.clock().advance(std::time::Duration::from_secs(90 * DAY));
    assert_eq!(stripe.get(&path).ok()["frozen_time"], start + 30 * DAY + 3_600);
    assert_eq!(stripe.sim.stripe().invoices().len(), 2);
    // A card that fails from now on: past due, retries, canceled.
    let bad = stripe
        .post("/v1/payment_methods/pm_card_chargeCustomerFail/attach", &format!("customer={}", id(&customer)))
        .ok();
    stripe
        .post(&format!("/v1/subscriptions/{}", id(&made)), &format!("default_payment_method={}", id(&bad)))
        .ok();
    advance(start + 62 * DAY).ok();
    assert_eq!(stripe.get(&format!("/v1/subscriptions/{}", id(&made))).ok()["status"], "past_due");
    advance(start + 80 * DAY).ok();
    assert_eq!(stripe.get(&format!("/v1/subscriptions/{}", id(&made))).ok()["status"], "canceled");
    assert_eq!(stripe.send("DELETE", &path, "").ok()["deleted"], true);
    assert_eq!(stripe.get(&path).status, 404);
    assert_eq!(stripe.get(&format!("/v1/customers/{}", id(&customer))).ok()["deleted"], true);
    let kinds = stripe.kinds_of_events();
    for kind in [
        "test_helpers.test_clock.advancing",
        "test_helpers.test_clock.ready",
        "test_helpers.test_clock.deleted",
    ] {
        assert!(kinds.iter().any(|found| found == kind), "{kind}");
    }
}

#[test]
fn a_draft_finalizes_at_the_time_that_it_is_told() {
    let stripe = Client::new();
    let customer = customer(&stripe, "pm_card_visa");
    let at = stripe.sim.clock().unix() + 2 * DAY;
    stripe.post("/v1/invoiceitems", &format!("customer={customer}&amount=700&currency=usd")).ok();
    let body = format!("customer={customer}&pending_invoice_items_behavior=include");
    for refused in [
        format!("automatically_finalizes_at={at}"),
        "auto_advance=true&automatically_finalizes_at=5".to_owned(),
    ] {
        let reply = stripe.post("/v1/invoices", &format!("{body}&{refused}"));
        assert_eq!(reply.error()["param"], "automatically_finalizes_at", "{refused}");
    }
    let draft = stripe
        .post("/v1/invoices", &format!("{body}&auto_advance=true&automatically_finalizes_at={at}"))
        .ok();
    let path = format!("/v1/invoices/{}", id(&draft));
    stripe.sim.clock().advance(std::time::Duration::from_secs(2 * DAY - 1));
    assert_eq!(stripe.get(&path).ok()["status"], "draft");
    stripe.sim.clock().advance(std::time::Duration::from_secs(1));
    let paid = stripe.get(&path).ok();
    assert_eq!((paid["status"].as_str(), paid["amount_paid"].as_i64()), (Some("paid"), Some(700)));
}
