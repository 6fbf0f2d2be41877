//! Tax rates and tax ids.
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
    /// 8.875 % on top.
    sales: String,
    /// 19 % that prices include.
    vat: String,
}

fn shop() -> Shop {
    let stripe = Client::new();
    stripe.sim.clock().set(JUNE);
    stripe.post("/v1/products", "id=gold&name=Gold").ok();
    let customer = id(&stripe.post("/v1/customers", "").ok()).to_owned();
    let method = stripe.post("/v1/payment_methods/pm_card_visa/attach", &format!("customer={customer}")).ok();
    let body = format!("invoice_settings[default_payment_method]={}", id(&method));
    stripe.post(&format!("/v1/customers/{customer}"), &body).ok();
    let rate = |form: &str| id(&stripe.post("/v1/tax_rates", form).ok()).to_owned();
    let sales = rate("display_name=Sales&inclusive=false&percentage=8.875&tax_type=sales_tax&country=US");
    let vat = rate("display_name=VAT&inclusive=true&percentage=19&jurisdiction=DE");
    Shop { stripe, customer, sales, vat }
}

impl Shop {
    fn draft(&self, more: &str) -> String {
        let body = format!("customer={}&auto_advance=false&{more}", self.customer);
        format!("/v1/invoices/{}", id(&self.stripe.post("/v1/invoices", &body).ok()))
    }

    fn line(&self, draft: &str, amount: i64, more: &str) {
        let invoice = draft.rsplit('/').next().unwrap();
        let body = format!("customer={}&invoice={invoice}&amount={amount}&{more}", self.customer);
        self.stripe.post("/v1/invoiceitems", &body).ok();
    }
}

fn int(object: &Value, name: &str) -> i64 {
    object[name].as_i64().unwrap()
}

#[test]
fn rates_are_made_changed_and_checked() {
    let shop = shop();
    let stripe = &shop.stripe;
    let path = format!("/v1/tax_rates/{}", shop.sales);
    let rate = stripe.get(&path).ok();
    assert_eq!((rate["percentage"].as_f64(), rate["inclusive"].as_bool()), (Some(8.875), Some(false)));
    for (form, param) in [
        ("inclusive=true&percentage=1", "display_name"),
        ("display_name=T&percentage=1", "inclusive"),
        ("display_name=T&inclusive=true", "percentage"),
        ("display_name=T&inclusive=true&percentage=100.5", "percentage"),
        ("display_name=T&inclusive=true&percentage=1.23456", "percentage"),
        ("display_name=T&inclusive=true&percentage=1&tax_type=toll", "tax_type"),
    ] {
        let reply = stripe.post("/v1/tax_rates", form);
        assert_eq!((reply.status, reply.error()["param"].as_str()), (400, Some(param)), "{form}");
    }
    assert_eq!(stripe.get("/v1/tax_rates?inclusive=true").ok()["data"][0]["id"], shop.vat.as_str());
    assert_eq!(stripe.post(&path, "percentage=9").error()["code"], "parameter_unknown");
    assert_eq!(stripe.post(&path, "active=false").ok()["active"], false);
    let draft = shop.draft("");
    let body = |rate: &str| format!("default_tax_rates[0]={rate}");
    for refused in [shop.sales.as_str(), "txr_none"] {
        let reply = stripe.post(&draft, &body(refused));
        assert_eq!((reply.status, reply.error()["param"].as_str()), (400, Some("default_tax_rates[0]")));
    }
    stripe.post(&draft, &body(&shop.vat)).ok();
}

#[test]
fn an_invoice_adds_taxes_line_by_line() {
    let shop = shop();
    let draft = shop.draft(&format!("default_tax_rates[0]={}", shop.sales));
    shop.line(&draft, 1_999, "");
    shop.line(&draft, 1_999, "");
    shop.line(&draft, 11_900, &format!("tax_rates[0]={}", shop.vat));
    let open = shop.stripe.post(&format!("{draft}/finalize"), "").ok();
    // 8.875 % of 19.99 is 1.774, rounded on each line; 119.00 hold 19.00.
    assert_eq!(int(&open, "subtotal"), 15_898);
    assert_eq!(int(&open, "total"), 15_898 + 2 * 177);
    assert_eq!(int(&open, "total_excluding_tax"), 15_898 - 1_900);
    assert_eq!(int(&open, "subtotal_excluding_tax"), 15_898 - 1_900);
    assert_eq!(int(&open, "amount_due"), 16_252);
    let taxes = open["total_taxes"].as_array().unwrap();
    let seen: Vec<_> = taxes
        .iter()
        .map(|tax| {
            let rate = tax["tax_rate_details"]["tax_rate"].as_str().unwrap();
            (rate, tax["tax_behavior"].as_str().unwrap(), int(tax, "amount"), int(tax, "taxable_amount"))
        })
        .collect();
    assert_eq!(
        seen,
        [(shop.sales.as_str(), "exclusive", 354, 3_998), (shop.vat.as_str(), "inclusive", 1_900, 10_000)]
    );
    assert_eq!(open["default_tax_rates"][0]["percentage"], 8.875);
    let lines = open["lines"]["data"].as_array().unwrap();
    let own: Vec<_> = lines.iter().map(|line| int(&line["taxes"][0], "amount")).collect();
    assert_eq!(own, [177, 177, 1_900]);
    let paid = shop.stripe.post(&format!("{draft}/pay"), "").ok();
    assert_eq!(int(&paid, "amount_paid"), 16_252);
    assert_eq!(shop.stripe.sim.stripe().charges()[0]["amount"], 16_252);
}

#[test]
fn discounts_come_before_taxes() {
    let shop = shop();
    shop.stripe.post("/v1/coupons", "id=Q&percent_off=25").ok();
    let draft = shop.draft(&format!("default_tax_rates[0]={}&discounts[0][coupon]=Q", shop.sales));
    shop.line(&draft, 999, "");
    shop.line(&draft, 1_002, "");
    shop.line(&draft, 1_000, "discountable=false");
    let seen = shop.stripe.get(&draft).ok();
    // A quarter of 20.01 is 5.00; its parts follow the lines.
    let lines = seen["lines"]["data"].as_array().unwrap();
    let off: Vec<_> = lines.iter().map(|line| line["discount_amounts"][0]["amount"].as_i64()).collect();
    assert_eq!(off, [Some(250), Some(250), None]);
    let taxes: Vec<_> = lines.iter().map(|line| int(&line["taxes"][0], "amount")).collect();
    assert_eq!(taxes, [66, 67, 89]);
    assert_eq!(int(&seen, "total"), 3_001 - 500 + 222);
    assert_eq!(seen["total_discount_amounts"][0]["amount"], 500);
}

#[test]
fn who_is_exempt_pays_none() {
    let shop = shop();
    shop.stripe.post(&format!("/v1/customers/{}", shop.customer), "tax_exempt=exempt").ok();
    let draft = shop.draft(&format!("default_tax_rates[0]={}", shop.sales));
    shop.line(&draft, 1_000, "");
    let seen = shop.stripe.get(&draft).ok();
    assert_eq!((int(&seen, "total"), seen["total_taxes"].as_array().unwrap().len()), (1_000, 0));
    shop.stripe.post(&format!("/v1/customers/{}", shop.customer), "tax_exempt=none").ok();
    assert_eq!(int(&shop.stripe.post(&draft, "description=again").ok(), "total"), 1_089);
}

#[test]
fn subscriptions_are_taxed_at_every_renewal() {
    let shop = shop();
    let data = "[price_data][currency]=usd&items[0][price_data][product]=gold\
        &items[0][price_data][recurring][interval]=month&items[0][price_data][unit_amount]=2000";
    let made = shop
        .stripe
        .post(
            "/v1/subscriptions",
            &format!(
                "customer={}&items[0]{data}&default_tax_rates[0]={}&expand[]=latest_invoice",
                shop.customer, shop.sales
            ),
        )
        .ok();
    assert_eq!(made["default_tax_rates"][0]["id"], shop.sales.as_str());
    assert_eq!(int(&made["latest_invoice"], "amount_paid"), 2_178);
    // The item's own rate stands instead of the subscription's.
    let item = id(&made["items"]["data"][0]).to_owned();
    let changed = shop
        .stripe
        .post(&format!("/v1/subscription_items/{item}"), &format!("tax_rates[0]={}", shop.vat))
        .ok();
    assert_eq!(changed["tax_rates"][0]["id"], shop.vat.as_str());
    let ahead = shop.stripe.post("/v1/invoices/create_preview", &format!("subscription={}", id(&made))).ok();
    assert_eq!((int(&ahead, "total"), int(&ahead, "total_excluding_tax")), (2_000, 1_681));
    shop.stripe.sim.clock().advance(Duration::from_secs(31 * DAY));
    let renewal = &shop.stripe.sim.stripe().invoices()[0];
    assert_eq!((int(renewal, "amount_paid"), renewal["status"].as_str()), (2_000, Some("paid")));
    assert_eq!(int(&renewal["total_taxes"][0], "amount"), 319);
    let cleared = shop.stripe.post(&format!("/v1/subscription_items/{item}"), "tax_rates=").ok();
    assert_eq!(cleared["tax_rates"].as_array().unwrap().len(), 0);
}

#[test]
fn prorations_carry_the_taxes_of_their_item() {
    let shop = shop();
    let price = shop
        .stripe
        .post("/v1/prices", "product=gold&currency=usd&unit_amount=1000&recurring[interval]=month")
        .ok();
    let body = format!(
        "customer={}&items[0][price]={}&items[0][tax_rates][0]={}",
        shop.customer,
        id(&price),
        shop.sales
    );
    let made = shop.stripe.post("/v1/subscriptions", &body).ok();
    shop.stripe.sim.clock().advance(Duration::from_secs(15 * DAY));
    let body = format!(
        "items[0][id]={}&items[0][quantity]=3&proration_behavior=always_invoice&expand[]=latest_invoice",
        id(&made["items"]["data"][0])
    );
    let after = shop.stripe.post(&format!("/v1/subscriptions/{}", id(&made)), &body).ok();
    let invoice = &after["latest_invoice"];
    // -5.00 and 15.00, with 8.875 % each.
    let taxes: Vec<_> = invoice["lines"]["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (int(line, "amount"), int(&line["taxes"][0], "amount")))
        .collect();
    assert_eq!(taxes, [(-500, -44), (1_500, 133)]);
    assert_eq!(int(invoice, "total"), 1_089);
}

#[test]
fn a_checkout_charges_the_taxes_of_its_lines() {
    let shop = shop();
    let stripe = &shop.stripe;
    stripe.post("/v1/coupons", "id=TEN&amount_off=1000&currency=usd").ok();
    let line = "line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]=2000\
        &line_items[0][price_data][product]=gold&line_items[0][quantity]=2";
    let back = "success_url=https%3A%2F%2Fshop.example%2Fok";
    let made = stripe
        .post(
            "/v1/checkout/sessions",
            &format!(
                "mode=payment&{back}&{line}&line_items[0][tax_rates][0]={}&discounts[0][coupon]=TEN",
                shop.sales
            ),
        )
        .ok();
    assert_eq!((int(&made, "amount_subtotal"), int(&made, "amount_total")), (4_000, 3_266));
    assert_eq!(
        (int(&made["total_details"], "amount_discount"), int(&made["total_details"], "amount_tax")),
        (1_000, 266)
    );
    let lines = stripe.get(&format!("/v1/checkout/sessions/{}/line_items", id(&made))).ok();
    let line_of = &lines["data"][0];
    assert_eq!(
        (int(line_of, "amount_discount"), int(line_of, "amount_tax"), int(line_of, "amount_total")),
        (1_000, 266, 3_266)
    );
    stripe.sim.stripe().complete_checkout(id(&made), "pm_card_visa").unwrap();
    assert_eq!(stripe.sim.stripe().charges()[0]["amount"], 3_266);

    let monthly = format!("{line}&line_items[0][price_data][recurring][interval]=month");
    let made = stripe
        .post(
            "/v1/checkout/sessions",
            &format!(
                "mode=subscription&{back}&{monthly}&subscription_data[default_tax_rates][0]={}",
                shop.vat
            ),
        )
        .ok();
    assert_eq!((int(&made, "amount_total"), int(&made["total_details"], "amount_tax")), (4_000, 639));
    let done = stripe.sim.stripe().complete_checkout(id(&made), "pm_card_visa").unwrap();
    let invoice = stripe.get(&format!("/v1/invoices/{}", done["invoice"].as_str().unwrap())).ok();
    assert_eq!((int(&invoice, "amount_paid"), int(&invoice, "total_excluding_tax")), (4_000, 3_361));
}

#[test]
fn tax_ids_belong_to_customers_or_to_the_account() {
    let shop = shop();
    let stripe = &shop.stripe;
    let ids = format!("/v1/customers/{}/tax_ids", shop.customer);
    let theirs = stripe.post(&ids, "type=eu_vat&value=DE123456789").ok();
    assert_eq!(
        (theirs["country"].as_str(), theirs["verification"]["status"].as_str()),
        (Some("DE"), Some("pending"))
    );
    assert_eq!(stripe.post(&ids, "type=eu&value=1").error()["param"], "type");
    assert_eq!(stripe.post(&ids, "type=eu_vat").error()["param"], "value");
    let own = stripe.post("/v1/tax_ids", "type=us_ein&value=12-3456789").ok();
    assert_eq!((own["owner"]["type"].as_str(), own["country"].as_str()), (Some("self"), Some("US")));
    assert_eq!(stripe.get("/v1/tax_ids").ok()["data"].as_array().unwrap().len(), 1);
    let draft = shop.draft(&format!("account_tax_ids[0]={}", id(&own)));
    let seen = stripe.get(&format!("{draft}?expand[]=account_tax_ids")).ok();
    assert_eq!(seen["account_tax_ids"][0]["value"], "12-3456789");
    assert_eq!(seen["customer_tax_ids"][0]["value"], "DE123456789");
    for foreign in [id(&theirs), "txi_none"] {
        let body = format!("customer={}&account_tax_ids[0]={foreign}", shop.customer);
        let reply = stripe.post("/v1/invoices", &body);
        assert_eq!((reply.status, reply.error()["param"].as_str()), (400, Some("account_tax_ids[0]")));
    }
    let path = format!("{ids}/{}", id(&theirs));
    assert_eq!(stripe.send("DELETE", &path, "").ok()["deleted"], true);
    assert_eq!(stripe.get(&path).status, 404);
    let known = stripe.post("/v1/customers", "tax_id_data[0][type]=gb_vat&tax_id_data[0][value]=GB1").ok();
    let listed = stripe.get(&format!("/v1/customers/{}/tax_ids", id(&known))).ok();
    assert_eq!(listed["data"][0]["type"], "gb_vat");
    assert!(stripe.kinds_of_events().contains(&"customer.tax_id.created".to_owned()));
}

#[test]
fn invoices_of_a_subscription_carry_its_invoice_settings() {
    let shop = shop();
    let own = shop.stripe.post("/v1/tax_ids", "type=us_ein&value=12-3456789").ok();
    let body = format!(
        "customer={}&items[0][price_data][currency]=usd&items[0][price_data][product]=gold\
         &items[0][price_data][recurring][interval]=month&items[0][price_data][unit_amount]=2000\
         &invoice_settings[account_tax_ids][0]={}&invoice_settings[footer]=Thanks&expand[]=latest_invoice",
        shop.customer,
        id(&own)
    );
    let made = shop.stripe.post("/v1/subscriptions", &body).ok();
    assert_eq!(made["latest_invoice"]["account_tax_ids"][0], own["id"]);
    assert_eq!(made["latest_invoice"]["footer"], "Thanks");
    let reply = shop
        .stripe
        .post(&format!("/v1/subscriptions/{}", id(&made)), "invoice_settings[account_tax_ids][0]=txi_none");
    assert_eq!(reply.error()["param"], "invoice_settings[account_tax_ids][0]");
}
