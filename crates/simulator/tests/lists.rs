//! Pages, searches and expansion.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod common;

use common::{Client, id};
use serde_json::Value;
use std::time::Duration;

fn customers(stripe: &Client, count: usize) -> Vec<String> {
    (0..count).map(|n| id(&stripe.post("/v1/customers", &format!("name=c{n}")).ok()).to_owned()).collect()
}

fn ids(list: &Value) -> Vec<String> {
    list["data"].as_array().unwrap().iter().map(|row| id(row).to_owned()).collect()
}

#[test]
fn pages_run_newest_first_in_both_directions() {
    let stripe = Client::new();
    let mut all = customers(&stripe, 25);
    all.reverse();
    let first = stripe.get("/v1/customers").ok();
    assert_eq!(
        (first["object"].as_str(), first["url"].as_str(), first["has_more"].as_bool()),
        (Some("list"), Some("/v1/customers"), Some(true))
    );
    assert_eq!(ids(&first), all[..10]);
    let second = stripe.get(&format!("/v1/customers?limit=100&starting_after={}", all[9])).ok();
    assert_eq!(second["has_more"], false);
    assert_eq!(ids(&second), all[10..]);
    let back = stripe.get(&format!("/v1/customers?limit=3&ending_before={}", all[10])).ok();
    assert_eq!(ids(&back), all[7..10]);
    assert_eq!(back["has_more"], true);
    let start = stripe.get(&format!("/v1/customers?limit=3&ending_before={}", all[2])).ok();
    assert_eq!((ids(&start), start["has_more"].as_bool()), (all[..2].to_vec(), Some(false)));
}

#[test]
fn page_parameters_are_checked() {
    let stripe = Client::new();
    for (query, param) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=x", "limit"),
        ("starting_after=cus_none", "starting_after"),
        ("colour=red", "colour"),
    ] {
        let reply = stripe.get(&format!("/v1/customers?{query}"));
        assert_eq!((reply.status, reply.error()["param"].as_str()), (400, Some(param)), "{query}");
    }
    let one = &customers(&stripe, 1)[0];
    assert_eq!(stripe.get(&format!("/v1/customers?starting_after={one}&ending_before={one}")).status, 400);
}

#[test]
fn lists_filter_by_time_and_owner() {
    let stripe = Client::new();
    let customer = customers(&stripe, 1).remove(0);
    let early = stripe.pay("pm_card_visa", &format!("customer={customer}")).ok();
    stripe.sim.clock().advance(Duration::from_secs(100));
    let late = stripe.pay("pm_card_visa", "").ok();
    let at = late["created"].as_u64().unwrap();
    assert_eq!(ids(&stripe.get(&format!("/v1/payment_intents?created[gte]={at}")).ok()), [id(&late)]);
    assert_eq!(ids(&stripe.get(&format!("/v1/payment_intents?created[lt]={at}")).ok()), [id(&early)]);
    assert_eq!(ids(&stripe.get(&format!("/v1/payment_intents?created={at}")).ok()), [id(&late)]);
    assert_eq!(ids(&stripe.get(&format!("/v1/payment_intents?customer={customer}")).ok()), [id(&early)]);
    let charges = stripe.get(&format!("/v1/charges?payment_intent={}", id(&late))).ok();
    assert_eq!(charges["data"][0]["id"], late["latest_charge"]);
}

#[test]
fn the_search_index_lags_a_minute_behind() {
    let stripe = Client::new();
    let paid = stripe.pay("pm_card_visa", "metadata[order]=A-1").ok();
    let query = "/v1/payment_intents/search?query=metadata%5B%27order%27%5D%3A%27A-1%27";
    assert!(ids(&stripe.get(query).ok()).is_empty(), "never a read after a write");
    stripe.sim.clock().advance(Duration::from_secs(60));
    assert_eq!(ids(&stripe.get(query).ok()), [id(&paid)]);
    // A change is not seen at once either: the index still knows the old metadata.
    stripe.post(&format!("/v1/payment_intents/{}", id(&paid)), "metadata[order]=A-2").ok();
    assert_eq!(stripe.get(query).ok()["data"][0]["metadata"]["order"], "A-1");
    stripe.sim.clock().advance(Duration::from_secs(60));
    assert!(ids(&stripe.get(query).ok()).is_empty());
}

#[test]
fn searches_combine_clauses_and_turn_pages() {
    let stripe = Client::new();
    for amount in [100, 200, 300, 400] {
        stripe
            .post(
                "/v1/payment_intents",
                &format!("amount={amount}&currency=usd&metadata[shop]=x{}", amount / 200),
            )
            .ok();
    }
    stripe.sim.clock().advance(Duration::from_secs(60));
    let search = |query: &str, more: &str| {
        let encoded: String =
            percent_encoding::utf8_percent_encode(query, percent_encoding::NON_ALPHANUMERIC).to_string();
        stripe.get(&format!("/v1/payment_intents/search?query={encoded}{more}"))
    };
    let amounts = |query: &str| -> Vec<i64> {
        search(query, "").ok()["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["amount"].as_i64().unwrap())
            .collect()
    };
    assert_eq!(amounts("amount>200"), [400, 300]);
    assert_eq!(amounts("amount>=200 AND amount<400"), [300, 200]);
    assert_eq!(amounts("amount:100 OR amount:400"), [400, 100]);
    assert_eq!(amounts("metadata[\"shop\"]:\"x1\" AND -amount:300"), [200]);
    assert_eq!(amounts("status:'requires_payment_method' currency:'usd' amount<200"), [100]);
    assert_eq!(amounts("-metadata['none']:null"), Vec::<i64>::new());
    assert_eq!(amounts("metadata['shop']:'it\\'s'"), Vec::<i64>::new());
    let first = search("currency:'usd'", "&limit=3").ok();
    assert_eq!((first["object"].as_str(), first["has_more"].as_bool()), (Some("search_result"), Some(true)));
    let next =
        search("currency:'usd'", &format!("&limit=3&page={}", first["next_page"].as_str().unwrap())).ok();
    assert_eq!((next["data"][0]["amount"].as_i64(), next["has_more"].as_bool()), (Some(100), Some(false)));
    assert!(next["next_page"].is_null());
    for bad in
        ["", "amount", "amount:1 AND status:'x' OR amount:2", "colour:'red'", "metadata:'x'", "status:'open"]
    {
        assert_eq!(search(bad, "").status, 400, "{bad}");
    }
}

#[test]
fn expansion_follows_ids_and_refuses_the_rest() {
    let stripe = Client::new();
    let customer = customers(&stripe, 1).remove(0);
    let paid = stripe.pay("pm_card_visa", &format!("customer={customer}&capture_method=automatic")).ok();
    let path = format!("/v1/payment_intents/{}", id(&paid));
    let seen = stripe.get(&format!("{path}?expand[]=latest_charge.balance_transaction&expand[]=customer&expand[]=payment_method&expand[]=latest_charge.refunds")).ok();
    assert_eq!(seen["latest_charge"]["balance_transaction"]["object"], "balance_transaction");
    assert_eq!(seen["latest_charge"]["refunds"]["object"], "list");
    assert_eq!(seen["customer"]["object"], "customer");
    assert_eq!(seen["payment_method"]["object"], "payment_method");
    let list = stripe.get("/v1/payment_intents?expand[]=data.latest_charge").ok();
    assert_eq!(list["data"][0]["latest_charge"]["object"], "charge");
    let refund = stripe
        .post("/v1/refunds", &format!("payment_intent={}&expand[]=charge.payment_intent", id(&paid)))
        .ok();
    assert_eq!(refund["charge"]["payment_intent"]["id"], paid["id"]);
    let refused = stripe.get(&format!("{path}?expand[]=amount"));
    assert_eq!(refused.error()["message"], "This property cannot be expanded (amount).");
    assert_eq!(stripe.get(&format!("{path}?expand[]=a.b.c.d.e")).status, 400);
    assert_eq!(stripe.get("/v1/payment_intents?expand[]=latest_charge").status, 400, "a list expands data.…");
    let sources = stripe.get("/v1/balance_transactions?expand[]=data.source").ok();
    assert_eq!(sources["data"][0]["source"]["object"], "refund");
    assert_eq!(sources["data"][1]["source"]["object"], "charge");
    // A null stays null.
    assert!(stripe.get(&format!("{path}?expand[]=review")).ok()["review"].is_null());
}

#[test]
fn events_are_listed_by_kind() {
    let stripe = Client::new();
    stripe.pay("pm_card_visa", "").ok();
    let charges = stripe.get("/v1/events?type=charge.*").ok();
    assert!(
        charges["data"]
            .as_array()
            .unwrap()
            .iter()
            .all(|event| event["type"].as_str().unwrap().starts_with("charge."))
    );
    let one = stripe.get("/v1/events?types[]=payment_intent.succeeded&types[]=refund.created").ok();
    assert_eq!(one["data"].as_array().unwrap().len(), 1);
    let event = stripe.get(&format!("/v1/events/{}", id(&one["data"][0]))).ok();
    assert_eq!(event["data"]["object"]["status"], "succeeded");
}

#[test]
fn every_list_pages_and_refuses_what_it_does_not_know() {
    let stripe = Client::new();
    for path in [
        "products",
        "prices",
        "coupons",
        "promotion_codes",
        "subscriptions",
        "invoices",
        "invoiceitems",
        "invoice_payments",
        "checkout/sessions",
        "payment_links",
        "billing_portal/configurations",
        "disputes",
        "reviews",
        "files",
        "payouts",
        "transfers",
        "accounts",
        "webhook_endpoints",
        "test_helpers/test_clocks",
        "balance_transactions",
    ] {
        let list = stripe.get(&format!("/v1/{path}?limit=1")).ok();
        assert_eq!(
            (list["object"].as_str(), list["url"].as_str()),
            (Some("list"), Some(&*format!("/v1/{path}")))
        );
        for (query, param) in [
            ("limit=0", "limit"),
            ("colour=red", "colour"),
            ("starting_after=x_1", "starting_after"),
            ("expand[]=colour", "expand[0]"),
        ] {
            let reply = stripe.get(&format!("/v1/{path}?{query}"));
            assert_eq!((reply.status, reply.error()["param"].as_str()), (400, Some(param)), "{path} {query}");
        }
        let restricted = Client { key: stripe.sim.stripe().restricted_key(), ..stripe.with("x-none", "1") };
        assert_eq!(restricted.get(&format!("/v1/{path}")).status, 403, "{path}");
    }
}
