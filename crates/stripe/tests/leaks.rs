//! Nothing secret or personal in Debug, Display, sources or spans.

#![allow(clippy::unwrap_used, reason = "helpers of tests, which clippy does not recognize as such")]

mod wire_support;

use std::error::Error as _;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex};

use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use turnbuckle_core::{Environment, Error};
use turnbuckle_stripe::*;
use wire_support::{Answer, Wire};

const SECRETS: [&str; 14] = [
    "sk_test_SENTINEL",
    "4242424242424242",
    "7319",
    "000123456789",
    "_secret_SENTINEL",
    "Longbob",
    "1 Main St",
    "longbob@example.com",
    "+15550100",
    "SENTINEL message",
    "idem-SENTINEL",
    "SENTINEL metadata",
    "203.0.113.9",
    "hooks.stripe.com",
];

fn assert_clean(text: &str) {
    assert!(!text.is_empty());
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

fn params() -> CreatePaymentIntent {
    let address = Address::new().with_line1("1 Main St");
    let billing = BillingDetails::new()
        .with_name("Longbob Longsen")
        .with_email("longbob@example.com")
        .with_phone("+15550100")
        .with_address(address.clone());
    let card = CardData::new("4242424242424242", 9, 2031).with_cvc("7319");
    let bank = UsBankAccountData::new("000123456789", "110000000", "individual");
    CreatePaymentIntent::new(2020, "usd")
        .with_payment_method_data(
            PaymentMethodData::of_card(card).with_us_bank_account(bank).with_billing_details(billing),
        )
        .with_mandate_data(MandateData::online("203.0.113.9", "Mozilla"))
        .with_shipping(Shipping::new().with_name("Longbob Longsen").with_address(address))
        .with_receipt_email("longbob@example.com")
        .with_description("SENTINEL metadata")
        .with_metadata("note", "SENTINEL metadata")
}

fn payment() -> serde_json::Value {
    json!({"id": "pi_1", "object": "payment_intent", "amount": 2020, "currency": "usd", "status": "requires_action",
        "client_secret": "pi_1_secret_SENTINEL", "description": "SENTINEL metadata",
        "metadata": {"note": "SENTINEL metadata"}, "receipt_email": "longbob@example.com",
        "shipping": {"name": "Longbob", "phone": "+15550100", "address": {"line1": "1 Main St"}},
        "next_action": {"type": "redirect_to_url", "redirect_to_url": {"url": "https://hooks.stripe.com/3ds"}},
        "last_payment_error": {"type": "card_error", "message": "SENTINEL message", "param": "4242424242424242 x"},
        "customer": {"id": "cus_1", "email": "longbob@example.com", "name": "Longbob", "phone": "+15550100"},
        "payment_method": {"id": "pm_1", "type": "card", "billing_details": {"name": "Longbob"}},
        "latest_charge": {"id": "ch_1", "billing_details": {"email": "longbob@example.com"},
            "failure_message": "SENTINEL message", "outcome": {"seller_message": "SENTINEL message"}}})
}

fn shown(error: &Error) -> String {
    let mut text = format!("{error} {error:?} {error:#?}");
    let mut source = error.source();
    while let Some(inner) = source {
        write!(text, " {inner} {inner:?}").unwrap();
        source = inner.source();
    }
    text
}

#[tokio::test]
async fn nothing_leaks() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let options = CallOptions::new().with_idempotency_key("idem-SENTINEL");
    assert_clean(&format!("{:?} {:#?} {options:?}", params(), params()));

    let answers = [
        Answer::new(200, payment().to_string()),
        Answer::new(
            402,
            json!({"error": {"type": "card_error", "code": "card_declined",
            "message": "SENTINEL message", "payment_intent": payment()}})
            .to_string(),
        ),
        Answer::new(
            400,
            json!({"error": {"type": "invalid_request_error", "message": "SENTINEL message: Longbob",
            "param": "name: Longbob", "code": "code: 4242424242424242"}})
            .to_string(),
        ),
        Answer::new(
            401,
            json!({"error": {"type": "invalid_request_error",
            "message": "Invalid API Key provided: sk_test_SENTINEL"}})
            .to_string(),
        ),
        Answer::new(200, r#"{"id":"pi_1","amount":"4242424242424242 SENTINEL message"}"#),
        Answer::new(418, "SENTINEL message"),
        Answer::Lost,
        Answer::Lost,
        Answer::Lost,
    ];
    let wire = Wire::new(answers);
    let config = wire.config(Environment::Sandbox, "sk_test_SENTINEL");
    let stripe = Stripe::new(&config).unwrap();
    assert_clean(&format!("{stripe:?} {:?} {:?}", stripe.payment_intents(), config));

    let payment = stripe.payment_intents().create(&params(), &options).await.unwrap();
    assert_clean(&format!("{payment:?} {payment:#?}"));
    for _ in 0..6 {
        let error = stripe.payment_intents().create(&params(), &options).await.unwrap_err();
        assert_clean(&shown(&error));
    }
    assert!(wire.sent().iter().all(|request| request.headers()["authorization"].is_sensitive()));
    let list = stripe.customers().list(&ListCustomers::new().with_email("longbob@example.com"));
    assert_clean(&format!("{list:?}"));
    assert_clean(&format!("{:?}", list.stream()));

    let log = log.0.lock().unwrap().clone();
    assert!(log.contains("payment_intents.create"), "the log is being written");
    assert_clean(&log);
}

/// Writes down every span and event.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Visit for Log {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        writeln!(self.0.lock().unwrap(), "{field}={value:?}").unwrap();
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut self.clone());
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
