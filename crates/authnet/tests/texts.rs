//! Any name, address or description arrives intact, or is refused with its field named, or under `Fit` arrives within the
//! limits with the change reported.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use futures_util::FutureExt as _;
use proptest::prelude::*;
use serde_json::Value;
use turnbuckle_core::payment::{
    Address, BankAccount, Card, Customer, Level2, MerchantReference, PaymentMethod, PaymentRequest,
    RequestOptions, TextPolicy,
};
use turnbuckle_core::{Effect, ErrorKind};

use support::{Rig, usd};

const FIELDS: [&str; 28] = [
    "reference",
    "description",
    "level2.purchase_order",
    "method.holder",
    "customer.id",
    "customer.name",
    "customer.email",
    "customer.phone",
    "billing.first_name",
    "billing.last_name",
    "billing.company",
    "billing.line1",
    "billing.line2",
    "billing.city",
    "billing.region",
    "billing.postal_code",
    "billing.country",
    "billing.phone",
    "shipping.first_name",
    "shipping.last_name",
    "shipping.company",
    "shipping.line1",
    "shipping.line2",
    "shipping.city",
    "shipping.region",
    "shipping.postal_code",
    "shipping.country",
    "shipping.phone",
];

fn address(part: &str, text: &str) -> Address {
    let mut address = Address::default();
    let field = match part {
        "first_name" => &mut address.first_name,
        "last_name" => &mut address.last_name,
        "company" => &mut address.company,
        "line1" => &mut address.line1,
        "line2" => &mut address.line2,
        "city" => &mut address.city,
        "region" => &mut address.region,
        "postal_code" => &mut address.postal_code,
        "country" => &mut address.country,
        _ => &mut address.phone,
    };
    *field = Some(text.to_owned());
    address
}

/// A request with this text in this field; `None` where core itself takes no such text.
fn request(rig: &Rig, field: &str, text: &str, policy: TextPolicy) -> Option<PaymentRequest> {
    let mut request = rig.request(2000, "key");
    let card = Card::new("4111111111111111", 12, 2034).unwrap();
    request.method = PaymentMethod::Card(card.clone());
    request.options = RequestOptions::default().with_text(policy);
    let owned = || Some(text.to_owned());
    match field {
        "reference" => request.reference = MerchantReference::new(text).ok()?,
        "description" => request.description = owned(),
        "method.holder" => request.method = PaymentMethod::Card(card.with_holder(text)),
        "level2.purchase_order" => {
            let mut level2 = Level2::default();
            level2.purchase_order = owned();
            request.options.level2 = Some(level2);
        }
        _ => {
            let (owner, part) = field.split_once('.').unwrap();
            let mut customer = Customer::default();
            match (owner, part) {
                ("billing", part) => request.billing = Some(address(part, text)),
                ("shipping", part) => request.shipping = Some(address(part, text)),
                (_, "id") => customer.id = owned(),
                (_, "name") => customer.name = owned(),
                (_, "email") => customer.email = owned(),
                (_, _) => customer.phone = owned(),
            }
            if owner == "customer" {
                request.customer = Some(customer);
            }
        }
    }
    Some(request)
}

/// The text of a field as it reached the vendor.
fn arrived(body: &Value, field: &str) -> String {
    let sent = &body["createTransactionRequest"]["transactionRequest"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let name = |address: &Value| {
        let parts = [text(&address["firstName"]), text(&address["lastName"])];
        if parts[1].is_empty() { parts[0].clone() } else { parts.join(" ") }
    };
    let description = text(&sent["order"]["description"]);
    match field {
        "reference" => description,
        "description" => description.split_once(" | ").map(|(_, rest)| rest.to_owned()).unwrap_or_default(),
        "level2.purchase_order" => text(&sent["poNumber"]),
        "method.holder" | "customer.name" => name(&sent["billTo"]),
        "customer.id" => text(&sent["customer"]["id"]),
        "customer.email" => text(&sent["customer"]["email"]),
        "customer.phone" => text(&sent["billTo"]["phoneNumber"]),
        _ => {
            let (owner, part) = field.split_once('.').unwrap();
            let address = if owner == "billing" { &sent["billTo"] } else { &sent["shipTo"] };
            text(match part {
                "first_name" => &address["firstName"],
                "last_name" => &address["lastName"],
                "company" => &address["company"],
                "line1" | "line2" => &address["address"],
                "city" => &address["city"],
                "region" => &address["state"],
                "postal_code" => &address["zip"],
                "country" => &address["country"],
                _ => &address["phoneNumber"],
            })
        }
    }
}

fn check(field: &str, text: &str, policy: TextPolicy) {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let Some(request) = request(&rig, field, text, policy) else { return };
    let preflight = gateway.preflight(&request);
    // Nothing in these calls waits for anything, so the first poll is the last.
    let result = gateway.purchase(&request).now_or_never().unwrap();
    let log = rig.sim.authnet().request_log();
    assert_eq!(preflight.passes(), result.is_ok(), "preflight and the real thing: {result:?}");
    match result {
        Err(error) => {
            assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidRequest, Effect::None), "{error}");
            let named: Vec<_> = error.fields().iter().map(|problem| problem.field.as_ref()).collect();
            assert_eq!(named, [field]);
            assert_eq!(preflight.refusals, error.fields());
            assert!(log.is_empty(), "refused, and sent all the same");
        }
        Ok(outcome) => {
            let payment = outcome.payment_in_any_state().expect("the simulator took it");
            let body: Value = serde_json::from_slice(&log[0].body).unwrap();
            let came = arrived(&body, field);
            let changes = &payment.text_changes;
            assert_eq!(&preflight.changes, changes);
            if came == text {
                assert!(changes.is_empty(), "intact, and a change was reported");
            } else {
                assert_eq!(policy, TextPolicy::Fit, "{text:?} arrived as {came:?}");
                assert_eq!(changes.len(), 1);
                assert_eq!(changes[0].field, field);
                assert!(changes[0].cut + changes[0].replaced > 0);
                let rule = gateway.features().text.iter().find(|rule| rule.field == field);
                assert!(came.chars().count() <= rule.map_or(0, |rule| rule.max_chars));
            }
        }
    }
}

fn policy() -> impl Strategy<Value = TextPolicy> {
    prop_oneof![Just(TextPolicy::Refuse), Just(TextPolicy::Fit)]
}

/// Texts around every limit, with what names and addresses are made of and what breaks encoders.
fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{1,70}",
        ".{1,40}",
        "[A-Za-zÀ-ž' .,#/-]{1,130}",
        "[\\\\\"<>&{}\\[\\]:,\u{feff}|]{1,30}",
        "[a-z]{240,300}",
        "[\u{1F600}-\u{1F64F}]{1,60}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_text_arrives_or_is_named(field in prop::sample::select(&FIELDS[..]), text in words(), policy in policy()) {
        check(field, &text, policy);
    }

    #[test]
    fn both_lines_of_an_address_share_one_field(first in "[a-z]{1,70}", second in "[a-z]{1,70}", policy in policy()) {
        let rig = Rig::new();
        let gateway = rig.gateway();
        let mut request = request(&rig, "billing.line1", &first, policy).unwrap();
        request.billing.as_mut().unwrap().line2 = Some(second.clone());
        let preflight = gateway.preflight(&request);
        match gateway.purchase(&request).now_or_never().unwrap() {
            Err(error) => {
                prop_assert!(error.fields().iter().all(|problem| problem.field.starts_with("billing.line")));
                prop_assert_eq!(&preflight.refusals[..], error.fields());
            }
            Ok(outcome) => {
                let log = rig.sim.authnet().request_log();
                let body: Value = serde_json::from_slice(&log[0].body).unwrap();
                let came = arrived(&body, "billing.line1");
                let payment = outcome.payment_in_any_state().unwrap();
                prop_assert!(came.chars().count() <= 60);
                prop_assert_eq!(came == format!("{first}, {second}"), payment.text_changes.is_empty());
            }
        }
    }

    #[test]
    fn a_bank_account_s_holder_has_less_room(holder in "\\PC{1,40}", policy in policy()) {
        let rig = Rig::new();
        let gateway = rig.gateway();
        let mut request = rig.request(2000, "key");
        request.options.text = policy;
        request.method = PaymentMethod::BankAccount(BankAccount::new("121042882", "000123456789", &holder).unwrap());
        let preflight = gateway.preflight(&request);
        let result = gateway.purchase(&request).now_or_never().unwrap();
        prop_assert_eq!(preflight.passes(), result.is_ok());
        match result {
            Err(error) => prop_assert_eq!(error.fields()[0].field.as_ref(), "method.holder"),
            Ok(outcome) => {
                let log = rig.sim.authnet().request_log();
                let body: Value = serde_json::from_slice(&log[0].body).unwrap();
                let account = &body["createTransactionRequest"]["transactionRequest"]["payment"]["bankAccount"];
                let came = account["nameOnAccount"].as_str().unwrap();
                let payment = outcome.payment_in_any_state().unwrap();
                prop_assert!(came.chars().count() <= 22);
                prop_assert_eq!(came == holder, payment.text_changes.is_empty());
            }
        }
    }
}

#[test]
fn a_holder_that_the_billing_address_contradicts() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let mut request = request(&rig, "method.holder", "Robin Doe", TextPolicy::Refuse).unwrap();
    let mut billing = address("first_name", "Robin");
    billing.last_name = Some("Doe".into());
    request.billing = Some(billing.clone());
    assert!(gateway.preflight(&request).passes());
    billing.last_name = Some("Roe".into());
    request.billing = Some(billing);
    let refused = gateway.preflight(&request).refusals;
    assert_eq!(refused[0].field, "method.holder");
    request.options.text = TextPolicy::Fit;
    let preflight = gateway.preflight(&request);
    assert!(preflight.passes() && preflight.changes[0].field == "method.holder");
}

#[test]
fn preflight_agrees_with_the_vendor_at_every_limit() {
    let rig = Rig::new();
    for rule in rig.gateway().features().text {
        let at = if rule.field == "customer.email" {
            "a".repeat(245) + "@shop.test"
        } else {
            "5".repeat(rule.max_chars)
        };
        check(rule.field, &at, TextPolicy::Refuse);
        check(rule.field, &(at + "5"), TextPolicy::Refuse);
    }
    assert_eq!(usd(1).minor(), 1);
}
