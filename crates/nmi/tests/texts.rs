//! Any text in any field arrives intact, or is refused with its field named, or is fitted with the change told; and
//! preflight says the same before anything is sent.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod support;

use proptest::prelude::*;
use serde_json::Value;
use turnbuckle_core::payment::{
    Address, BankAccount, Card, Customer, Level2, PaymentMethod, PaymentRequest, RequestOptions, TextPolicy,
};
use turnbuckle_core::{Effect, ErrorKind};

use support::{Rig, VISA, card};

/// Every field of text, and where it stands at NMI.
const FIELDS: [(&str, &str); 28] = [
    ("description", "order_description"),
    ("statement_descriptor", "descriptor"),
    ("level2.purchase_order", "ponumber"),
    ("method.holder", "(name)"),
    ("customer.id", "merchant_defined_field_2"),
    ("customer.name", "(name)"),
    ("customer.email", "email"),
    ("customer.phone", "phone"),
    ("billing.first_name", "first_name"),
    ("billing.last_name", "last_name"),
    ("billing.company", "company"),
    ("billing.line1", "address1"),
    ("billing.line2", "address2"),
    ("billing.city", "city"),
    ("billing.region", "state"),
    ("billing.postal_code", "zip"),
    ("billing.country", "country"),
    ("billing.phone", "phone"),
    ("shipping.first_name", "shipping_first_name"),
    ("shipping.last_name", "shipping_last_name"),
    ("shipping.company", "shipping_company"),
    ("shipping.line1", "shipping_address1"),
    ("shipping.line2", "shipping_address2"),
    ("shipping.city", "shipping_city"),
    ("shipping.region", "shipping_state"),
    ("shipping.postal_code", "shipping_zip"),
    ("shipping.country", "shipping_country"),
    ("shipping.phone", "shipping_phone"),
];

fn address(part: &str, text: String) -> Address {
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
    *field = Some(text);
    address
}

fn with(rig: &Rig, field: &str, text: &str, policy: TextPolicy) -> PaymentRequest {
    let mut request = rig.request(2010, card(VISA), "1");
    request.options = RequestOptions::default().with_text(policy);
    let text = text.to_owned();
    match field.split_once('.') {
        Some(("billing", part)) => request.with_billing(address(part, text)),
        Some(("shipping", part)) => request.with_shipping(address(part, text)),
        Some(("customer", part)) => {
            let mut customer = Customer::default();
            let field = match part {
                "id" => &mut customer.id,
                "name" => &mut customer.name,
                "email" => &mut customer.email,
                _ => &mut customer.phone,
            };
            *field = Some(text);
            request.with_customer(customer)
        }
        Some(("method", _)) => {
            let card = Card::new(VISA, 12, 2034).unwrap().with_holder(text);
            request.method = PaymentMethod::Card(card);
            request
        }
        Some(_) => {
            let mut level2 = Level2::default();
            level2.purchase_order = Some(text);
            request.options.level2 = Some(level2);
            request
        }
        None if field == "description" => request.with_description(text),
        None => {
            request.options.statement_descriptor = Some(text);
            request
        }
    }
}

/// What NMI has of the field.
fn arrived(kept: &Value, name: &str) -> String {
    let of = |name: &str| kept["fields"][name].as_str().unwrap_or_default().to_owned();
    if name != "(name)" {
        return of(name);
    }
    let parts = [of("first_name"), of("last_name")];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// One text in one field; what may differ is said at each comparison.
async fn check(field: &str, name: &str, text: &str, policy: TextPolicy) {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let request = with(&rig, field, text, policy);
    let preflight = gateway.preflight(&request);
    let outcome = match gateway.purchase(&request).await {
        Ok(outcome) => outcome,
        Err(error) => {
            assert_eq!(
                (error.kind(), error.effect()),
                (ErrorKind::InvalidRequest, Effect::None),
                "{field} {text:?}"
            );
            assert!(error.fields().iter().any(|problem| problem.field == field), "{field} {text:?}: {error}");
            assert!(
                preflight.refusals.iter().any(|problem| problem.field == field),
                "{field} {text:?}: {error}"
            );
            assert!(
                rig.nmi().request_log().is_empty(),
                "{field} {text:?} was sent and then refused: {error}"
            );
            return;
        }
    };
    assert!(preflight.passes(), "{field} {text:?}: {:?}", preflight.refusals);
    let payment = outcome.approved().unwrap();
    assert_eq!(payment.text_changes, preflight.changes, "{field} {text:?}");
    let arrived = arrived(&rig.transactions()[0], name);
    if payment.text_changes.is_empty() {
        // A country's code is the same in either case.
        let same =
            if name.ends_with("country") { arrived.eq_ignore_ascii_case(text) } else { arrived == text };
        assert!(same, "{field}: {text:?} arrived as {arrived:?}");
    } else {
        assert_eq!(policy, TextPolicy::Fit);
        assert!(payment.text_changes.iter().all(|change| change.field == field));
        let rule = gateway.features().text.iter().find(|rule| rule.field == field).unwrap();
        assert!(rule.problem(&arrived).is_none() && !arrived.is_empty(), "{field}: {arrived:?}");
    }
}

fn run(future: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future);
}

/// Short and long, plain and not, near every limit.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z ]{1,3}",
        "[A-Z]{2}",
        "\\PC{0,40}",
        "[\\x00-\\x7f]{0,30}",
        ".{0,40}",
        "[a-z]{1,9}@[a-z]{1,9}",
        "[a-z\u{e4}\u{4e2d}&=+% ]{250,260}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_text_arrives_or_is_refused_by_name(
        index in 0..FIELDS.len(),
        text in any_text(),
        fit in any::<bool>(),
    ) {
        let (field, name) = FIELDS[index];
        let policy = if fit { TextPolicy::Fit } else { TextPolicy::Refuse };
        run(check(field, name, &text, policy));
    }
}

#[tokio::test]
async fn every_field_has_a_rule_and_every_rule_a_field() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let rules: Vec<&str> = gateway.features().text.iter().map(|rule| rule.field).collect();
    assert_eq!(rules, FIELDS.map(|(field, _)| field));
    for (field, name) in FIELDS {
        for length in [1, 2, 3, 22, 23, 254, 255, 256] {
            let text = "A".repeat(length);
            for policy in [TextPolicy::Refuse, TextPolicy::Fit] {
                check(field, name, &text, policy).await;
            }
        }
    }
}

#[tokio::test]
async fn three_names_for_one_payment_are_all_kept() {
    let rig = Rig::new();
    let mut customer = Customer::default();
    customer.name = Some("Shop & Co".to_owned());
    let mut billing = Address::default();
    billing.first_name = Some("Robin".to_owned());
    let named = Card::new(VISA, 12, 2034).unwrap().with_holder("R. DOE");
    let request =
        rig.request(2010, PaymentMethod::Card(named), "1").with_customer(customer).with_billing(billing);
    assert!(rig.gateway().purchase(&request).await.unwrap().approved().is_some());
    let fields = rig.transactions()[0]["fields"].clone();
    assert_eq!(fields["first_name"], "Robin");
    assert_eq!(fields["merchant_defined_field_4"], "R. DOE");
    assert_eq!(fields["merchant_defined_field_3"], "Shop & Co");
    // Alone, the holder's name is the payment's, and is parted so that it can be put together again.
    let named = Card::new(VISA, 12, 2034).unwrap().with_holder("Ana  Mar\u{ed}a de la Cruz");
    let request = rig.request(2020, PaymentMethod::Card(named), "2");
    assert!(rig.gateway().purchase(&request).await.unwrap().approved().is_some());
    assert_eq!(arrived(&rig.transactions()[0], "(name)"), "Ana  Mar\u{ed}a de la Cruz");
}

#[tokio::test]
async fn what_has_no_rule_is_checked_all_the_same() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let base = || rig.request(2010, card(VISA), "1");
    let yen = turnbuckle_core::money::Money::new(500, turnbuckle_core::money::Currency::JPY);
    let mut in_yen = base();
    in_yen.amount = yen;
    let mut tax = Level2::default();
    tax.tax = Some(yen);
    let mut customer = Customer::default();
    customer.phone = Some("2".to_owned());
    let many =
        (0..17).fold(RequestOptions::default(), |options, n| options.with_metadata(format!("k{n:02}"), "v"));
    let account = BankAccount::new("123123123", "42", "").unwrap();
    for (field, request) in [
        ("amount", in_yen),
        ("level2.tax", base().with_options(RequestOptions::default().with_level2(tax))),
        ("customer.phone", base().with_customer(customer).with_billing(address("phone", "1".to_owned()))),
        ("metadata", base().with_options(many)),
        ("metadata", base().with_options(RequestOptions::default().with_metadata("k", "v".repeat(300)))),
        ("metadata", base().with_options(RequestOptions::default().with_metadata("k", "a\nb"))),
        ("options.sub_account", base().with_options(RequestOptions::default().with_sub_account("a b"))),
        ("method.holder", rig.request(2010, PaymentMethod::BankAccount(account), "1")),
    ] {
        let refusals = gateway.preflight(&request).refusals;
        assert!(refusals.iter().any(|refusal| refusal.field == field), "{field}: {refusals:?}");
        let error = gateway.purchase(&request).await.unwrap_err();
        assert!(error.fields().iter().any(|problem| problem.field == field), "{field}: {error}");
        assert_eq!(error.effect(), Effect::None);
    }
    assert!(rig.nmi().request_log().is_empty());
    let sixteen =
        (0..16).fold(RequestOptions::default(), |options, n| options.with_metadata(format!("k{n:02}"), "v"));
    assert!(gateway.purchase(&base().with_options(sixteen)).await.unwrap().approved().is_some());
    assert_eq!(rig.transactions()[0]["fields"]["merchant_defined_field_20"], "k15=v");
}
