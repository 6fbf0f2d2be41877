//! Any name, any address, any text: it arrives as it is, or is refused with its field named, or is fitted with the change
//! reported. And what preflight says is what then happens.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use std::sync::Arc;

use proptest::prelude::*;
use support::{Rig, approved, reference, usd, visa};
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    Address, Card, Customer, Level2, MerchantReference, PaymentGateway, PaymentMethod, PaymentRequest,
    RequestOptions, TextPolicy,
};
use turnbuckle_core::{Effect, ErrorKind};

/// Fields of a request, what Payflow calls them, and how to set them.
type Setter = fn(&mut PaymentRequest, String);

fn billing(request: &mut PaymentRequest) -> &mut Address {
    request.billing.get_or_insert_with(Address::default)
}

fn shipping(request: &mut PaymentRequest) -> &mut Address {
    request.shipping.get_or_insert_with(Address::default)
}

fn customer(request: &mut PaymentRequest) -> &mut Customer {
    request.customer.get_or_insert_with(Customer::default)
}

const FIELDS: &[(&str, &str, Setter)] = &[
    ("description", "COMMENT2", |request, text| request.description = Some(text)),
    ("level2.purchase_order", "PONUM", |request, text| {
        let mut level2 = Level2::default();
        level2.purchase_order = Some(text);
        request.options.level2 = Some(level2);
    }),
    ("method.holder", "BILLTOFIRSTNAME", |request, text| {
        let card = Card::new("4111111111111111", 12, 2034).unwrap().with_holder(text);
        request.method = PaymentMethod::Card(card);
    }),
    ("customer.name", "BILLTOFIRSTNAME", |request, text| customer(request).name = Some(text)),
    ("customer.email", "BILLTOEMAIL", |request, text| customer(request).email = Some(text)),
    ("customer.phone", "BILLTOPHONENUM", |request, text| customer(request).phone = Some(text)),
    ("billing.first_name", "BILLTOFIRSTNAME", |request, text| billing(request).first_name = Some(text)),
    ("billing.last_name", "BILLTOLASTNAME", |request, text| billing(request).last_name = Some(text)),
    ("billing.company", "COMPANYNAME", |request, text| billing(request).company = Some(text)),
    ("billing.line1", "BILLTOSTREET", |request, text| billing(request).line1 = Some(text)),
    ("billing.line2", "BILLTOSTREET2", |request, text| billing(request).line2 = Some(text)),
    ("billing.city", "BILLTOCITY", |request, text| billing(request).city = Some(text)),
    ("billing.region", "BILLTOSTATE", |request, text| billing(request).region = Some(text)),
    ("billing.postal_code", "BILLTOZIP", |request, text| billing(request).postal_code = Some(text)),
    ("billing.country", "BILLTOCOUNTRY", |request, text| billing(request).country = Some(text)),
    ("billing.phone", "BILLTOPHONENUM", |request, text| billing(request).phone = Some(text)),
    ("shipping.first_name", "SHIPTOFIRSTNAME", |request, text| shipping(request).first_name = Some(text)),
    ("shipping.last_name", "SHIPTOLASTNAME", |request, text| shipping(request).last_name = Some(text)),
    ("shipping.line1", "SHIPTOSTREET", |request, text| shipping(request).line1 = Some(text)),
    ("shipping.line2", "SHIPTOSTREET2", |request, text| shipping(request).line2 = Some(text)),
    ("shipping.city", "SHIPTOCITY", |request, text| shipping(request).city = Some(text)),
    ("shipping.region", "SHIPTOSTATE", |request, text| shipping(request).region = Some(text)),
    ("shipping.postal_code", "SHIPTOZIP", |request, text| shipping(request).postal_code = Some(text)),
    ("shipping.country", "SHIPTOCOUNTRY", |request, text| shipping(request).country = Some(text)),
    ("shipping.phone", "SHIPTOPHONENUM", |request, text| shipping(request).phone = Some(text)),
];

struct Stage {
    rig: Rig,
    gateway: Arc<dyn PaymentGateway>,
    runtime: tokio::runtime::Runtime,
}

impl Stage {
    fn new() -> Self {
        let rig = Rig::new();
        let gateway = rig.gateway();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        Self { rig, gateway, runtime }
    }

    /// Charges with this text and checks the promise.
    fn check(&self, name: &str, wire: &str, set: Setter, text: &str, policy: TextPolicy, key: &str) {
        let mut request = self.rig.request(1099, key);
        set(&mut request, text.to_owned());
        request.options.text = policy;
        let preflight = self.gateway.preflight(&request);
        let result = self.runtime.block_on(self.gateway.purchase(&request));
        match result {
            Ok(outcome) => {
                assert!(preflight.passes(), "{name}: preflight refuses what goes through: {preflight:?}");
                let payment = approved(&outcome);
                let arrived = &self.rig.transactions()[0]["fields"][wire];
                let change = payment.text_changes.iter().find(|change| change.field == name);
                assert_eq!(change.is_some(), preflight.changes.iter().any(|change| change.field == name));
                match change {
                    None if text.is_empty() => assert!(arrived.is_null()),
                    None => assert_eq!(arrived, text, "{name} arrives as it is"),
                    Some(change) => {
                        assert_eq!(policy, TextPolicy::Fit, "{name} is changed only when asked for");
                        let arrived = arrived.as_str().unwrap();
                        assert!(arrived != text && (change.replaced > 0 || change.cut > 0));
                        let rule =
                            self.gateway.features().text.iter().find(|rule| rule.field == name).unwrap();
                        assert!(rule.problem(arrived).is_none(), "{name} is within its limits");
                    }
                }
            }
            Err(error) => {
                assert_eq!(
                    (error.kind(), error.effect()),
                    (ErrorKind::InvalidRequest, Effect::None),
                    "{error}"
                );
                assert!(
                    error.fields().iter().any(|field| field.field == name),
                    "{name} is not named: {error}"
                );
                assert!(preflight.refusals.iter().any(|field| field.field == name), "{name}: {preflight:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_text_in_any_field(
        index in 0..FIELDS.len(),
        text in prop_oneof![any::<String>(), "[ -~]{0,40}", "[A-Za-z0-9 &=-]{1,33}", "[\u{c0}-\u{17f} ]{1,35}"],
        fit in any::<bool>(),
    ) {
        thread_local!(static STAGE: Stage = Stage::new());
        let (name, wire, set) = FIELDS[index];
        let policy = if fit { TextPolicy::Fit } else { TextPolicy::Refuse };
        STAGE.with(|stage| {
            let key = format!("k{}", stage.rig.transactions().len());
            stage.check(name, wire, set, &text, policy, &key);
        });
    }

    #[test]
    fn any_merchant_reference(text in prop_oneof![any::<String>(), "[ -~]{1,128}"]) {
        thread_local!(static STAGE: Stage = Stage::new());
        if let Ok(reference) = MerchantReference::new(text.clone()) {
            STAGE.with(|stage| {
                let mut request = stage.rig.request(1099, &format!("k{}", stage.rig.transactions().len()));
                request.reference = reference;
                match stage.runtime.block_on(stage.gateway.purchase(&request)) {
                    Ok(outcome) => {
                        approved(&outcome);
                        assert_eq!(stage.rig.transactions()[0]["fields"]["COMMENT1"], text);
                    }
                    Err(error) => assert!(error.fields().iter().any(|field| field.field == "reference")),
                }
            });
        }
    }
}

#[test]
fn every_limit_holds_at_the_vendor() {
    let stage = Stage::new();
    for (number, (name, wire, set)) in FIELDS.iter().enumerate() {
        let rule = stage.gateway.features().text.iter().find(|rule| rule.field == *name).unwrap();
        for (step, length) in [1, rule.max_chars, rule.max_chars + 1].into_iter().enumerate() {
            let text = "5".repeat(length);
            stage.check(name, wire, *set, &text, TextPolicy::Refuse, &format!("k{number}-{step}"));
            stage.check(name, wire, *set, &text, TextPolicy::Fit, &format!("f{number}-{step}"));
        }
    }
    // Every rule has its field here, but the reference, which core limits the same way.
    let known = |field: &str| field == "reference" || FIELDS.iter().any(|(name, ..)| *name == field);
    assert!(stage.gateway.features().text.iter().all(|rule| known(rule.field)));
}

#[test]
fn every_bad_field_is_named_at_once() {
    let stage = Stage::new();
    let mut request = stage.rig.request(1099, "k");
    request.options = RequestOptions::default();
    billing(&mut request).line1 = Some("x".repeat(31));
    billing(&mut request).postal_code = Some("95112-1737".to_owned());
    shipping(&mut request).city = Some("Z\u{fc}rich".to_owned());
    shipping(&mut request).company = Some("Acme".to_owned());
    request.amount = usd(10_000_000_000);
    let preflight = stage.gateway.preflight(&request);
    let mut told: Vec<_> = preflight.refusals.iter().map(|field| field.field.to_string()).collect();
    told.sort();
    let all = ["amount", "billing.line1", "billing.postal_code", "shipping.city", "shipping.company"];
    assert_eq!(told, all);
    request.amount = usd(1099);
    let error = stage.runtime.block_on(stage.gateway.purchase(&request)).unwrap_err();
    assert_eq!(error.fields().len(), 4);
    assert!(stage.rig.transactions().is_empty());
    request.options.text = TextPolicy::Fit;
    shipping(&mut request).company = None;
    let outcome = stage.runtime.block_on(stage.gateway.purchase(&request)).unwrap();
    assert_eq!(approved(&outcome).text_changes.len(), 3);
    let sent = &stage.rig.transactions()[0]["fields"];
    assert_eq!((&sent["SHIPTOCITY"], &sent["BILLTOZIP"]), (&"Zurich".into(), &"951121737".into()));
}

#[test]
fn one_name_reaches_payflow() {
    let stage = Stage::new();
    let holder =
        |name: &str| PaymentMethod::Card(Card::new("4111111111111111", 12, 2034).unwrap().with_holder(name));
    let mut request = stage.rig.request(1099, "k");
    billing(&mut request).first_name = Some("Robin".to_owned());
    billing(&mut request).last_name = Some("Doe".to_owned());
    request.method = holder("Alex Doe");
    let error = stage.runtime.block_on(stage.gateway.purchase(&request)).unwrap_err();
    assert_eq!(error.fields()[0].field, "method.holder");
    request.method = holder("Robin Doe");
    approved(&stage.runtime.block_on(stage.gateway.purchase(&request)).unwrap());
    let sent = &stage.rig.transactions()[0]["fields"];
    assert_eq!((&sent["BILLTOFIRSTNAME"], &sent["BILLTOLASTNAME"]), (&"Robin".into(), &"Doe".into()));
}

#[test]
fn amounts_that_payflow_cannot_take() {
    let stage = Stage::new();
    let cases = [
        (Money::new(1, Currency::new("KWD").unwrap()), false),
        (Money::new(9_999_999_999, Currency::USD), true),
        (Money::new(10_000_000_000, Currency::USD), false),
    ];
    for (number, (amount, good)) in cases.into_iter().enumerate() {
        let mut request = stage.rig.request(1, &format!("k{number}"));
        request.amount = amount;
        assert_eq!(stage.gateway.preflight(&request).passes(), good, "{amount}");
        // The simulator declines so much, and takes it in.
        let result = stage.runtime.block_on(stage.gateway.purchase(&request));
        assert_eq!(result.is_ok(), good, "{amount}: {result:?}");
    }
    let mut request = PaymentRequest::new(usd(1099), visa(), stage.rig.key("z"), reference("r"));
    let mut level2 = Level2::default();
    level2.tax = Some(Money::new(10_000_000_000, Currency::USD));
    request.options.level2 = Some(level2);
    assert_eq!(stage.gateway.preflight(&request).refusals[0].field, "level2.tax");
}
