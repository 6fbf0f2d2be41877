//! Stripe's signature, and what stands behind it.

#![allow(clippy::unwrap_used, reason = "helpers of tests, which clippy does not recognize as such")]

mod wire_support;

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use http::Request;
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::Sha256;
use turnbuckle_core::webhook::{
    DisputeEvent, Event, EventKind, FreshnessClass, KeySet, MacKey, PaymentEvent, RawWebhook, RefundEvent,
    SetupEvent, SubscriptionEvent, TimeRule, Verified, WebhookReceiver,
};
use turnbuckle_core::{Environment, Error, ErrorKind};
use turnbuckle_stripe::{PaymentIntentStatus, SetupIntentStatus, StripeEvent, StripeObject, StripeWebhooks};
use wire_support::{SCHEMA, SETTINGS, Wire};

const SECRET: &str = "whsec_test_vector_not_real";
const SIGNED_AT: i64 = 1_700_000_000;
/// Two vectors that were computed apart from this library.
const BODY: &str = r#"{"id":"evt_1","object":"event","type":"payment_intent.succeeded","data":{"object":{"id":"pi_1","object":"payment_intent","amount":1099}}}"#;
const TAG: &str = "a89964d4e6258a2b693d0c753b65e04ee2e20b62e894714b56f0af3c42b89027";
const UTF8_BODY: &str = r#"{"name":"Zoë"}"#;
const UTF8_TAG: &str = "27931f13808376c9470fab19d036659994f5009e3bb3f4cc189b83c7f8a673fa";

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn webhooks() -> StripeWebhooks {
    StripeWebhooks::new(&SECRET.into()).unwrap()
}

fn push(header: &str, body: impl Into<Bytes>) -> RawWebhook {
    let request = Request::post("/stripe").header("Stripe-Signature", header).body(body.into()).unwrap();
    RawWebhook::new(request, "https://shop.example/stripe").unwrap()
}

fn key(label: &str, secret: &str) -> MacKey {
    MacKey::text(label, &secret.into()).unwrap()
}

fn mac(secret: &str, content: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(content.as_bytes());
    mac.finalize().into_bytes().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn signed(body: &str) -> String {
    format!("t={SIGNED_AT},v1={}", mac(SECRET, &format!("{SIGNED_AT}.{body}")))
}

fn verify(header: &str, body: &str) -> Result<StripeEvent, Error> {
    webhooks().verify(&push(header, body.to_owned()), at(SIGNED_AT)).map(Verified::into_inner)
}

fn code(result: Result<StripeEvent, Error>) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignatureInvalid);
    assert_eq!(error.provider().unwrap().as_str(), "stripe");
    error.code().unwrap().to_owned()
}

#[test]
fn the_vectors_pass() {
    let event = verify(&format!("t={SIGNED_AT},v1={TAG}"), BODY).unwrap();
    assert_eq!((event.id.as_str(), event.event_type.as_str()), ("evt_1", "payment_intent.succeeded"));
    assert_eq!(event.object.as_bytes(), br#"{"id":"pi_1","object":"payment_intent","amount":1099}"#);
    let StripeObject::PaymentIntent(payment) = event.decode().unwrap() else { panic!("a payment") };
    assert_eq!((payment.id.as_str(), payment.amount), ("pi_1", 1099));

    // The second one is signed well, and is no event.
    let error = verify(&format!("t={SIGNED_AT},v1={UTF8_TAG}"), UTF8_BODY).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    assert_eq!(mac(SECRET, &format!("{SIGNED_AT}.{UTF8_BODY}")), UTF8_TAG);
}

#[test]
fn headers_with_more_in_them() {
    let wrong = "0".repeat(64);
    for header in [
        format!("t={SIGNED_AT},v1={wrong},v1={TAG}"),
        format!("t={SIGNED_AT},v1={TAG},v1={wrong}"),
        format!("v0={wrong},t={SIGNED_AT},v1={TAG},v2=anything"),
        format!("t={SIGNED_AT}, v1={TAG}"),
    ] {
        verify(&header, BODY).unwrap();
    }
}

#[test]
fn forgeries_fail() {
    let upper = TAG.to_uppercase();
    let cases = [
        (format!("t={SIGNED_AT},v1={}", "0".repeat(64)), "mismatch"),
        (format!("t={SIGNED_AT},v0={TAG}"), "malformed_header"),
        (format!("t={SIGNED_AT},v1={upper}"), "malformed_header"),
        (format!("t={SIGNED_AT},v1={}", &TAG[..62]), "malformed_header"),
        (format!("t={SIGNED_AT},v1={TAG}00"), "malformed_header"),
        (format!("t={SIGNED_AT},v1="), "malformed_header"),
        (format!("v1={TAG}"), "malformed_header"),
        (format!("t={SIGNED_AT}"), "malformed_header"),
        (format!("t={SIGNED_AT},t={SIGNED_AT},v1={TAG}"), "malformed_header"),
        (format!("t=1700000001,v1={TAG}"), "mismatch"),
        (format!("t=+170000000,v1={TAG}"), "malformed_header"),
        (format!("t=0{SIGNED_AT},v1={TAG}"), "malformed_header"),
        (String::new(), "malformed_header"),
    ];
    for (header, reason) in cases {
        assert_eq!(code(verify(&header, BODY)), reason, "{header}");
    }
    let header = format!("t={SIGNED_AT},v1={TAG}");
    assert_eq!(code(verify(&header, &BODY.replace("1099", "1098"))), "mismatch");
    assert_eq!(code(verify(&header, &format!("{BODY} "))), "mismatch");

    let request = Request::post("/stripe").body(Bytes::from(BODY)).unwrap();
    let raw = RawWebhook::new(request, "https://shop.example/stripe").unwrap();
    assert_eq!(webhooks().verify(&raw, at(SIGNED_AT)).unwrap_err().code(), Some("missing_header"));
    let request =
        Request::post("/stripe").header("stripe-signature", &header).header("stripe-signature", &header);
    let raw =
        RawWebhook::new(request.body(Bytes::from(BODY)).unwrap(), "https://shop.example/stripe").unwrap();
    assert_eq!(webhooks().verify(&raw, at(SIGNED_AT)).unwrap_err().code(), Some("duplicate_header"));
}

#[test]
fn the_whole_secret_is_the_key() {
    let bare = SECRET.strip_prefix("whsec_").unwrap();
    let header = format!("t={SIGNED_AT},v1={}", mac(bare, &format!("{SIGNED_AT}.{BODY}")));
    assert_eq!(code(verify(&header, BODY)), "mismatch");
}

#[test]
fn the_time_may_be_off_by_so_much() {
    let raw = || push(&format!("t={SIGNED_AT},v1={TAG}"), BODY);
    for seconds in [-300, -1, 0, 300] {
        webhooks().verify(&raw(), at(SIGNED_AT + seconds)).unwrap();
    }
    let reason = |webhooks: &StripeWebhooks, seconds| {
        code(webhooks.verify(&raw(), at(SIGNED_AT + seconds)).map(Verified::into_inner))
    };
    assert_eq!(reason(&webhooks(), 301), "stale");
    assert_eq!(reason(&webhooks(), -301), "future");
    let strict = webhooks().with_time_rule(TimeRule::new(Duration::from_secs(10), Duration::ZERO));
    assert_eq!(reason(&strict, 11), "stale");
    assert_eq!(reason(&strict, -1), "future");
    assert_eq!(strict.freshness(), FreshnessClass::SignedTime { window: Duration::from_secs(10) });
}

#[test]
fn several_secrets_and_which_one_fitted() {
    let until = at(SIGNED_AT) + TimeDelta::minutes(1);
    let keys = KeySet::new(key("new", "whsec_other")).with_previous(key("old", SECRET), until).unwrap();
    let rolling = StripeWebhooks::with_keys(keys);
    let raw = push(&format!("t={SIGNED_AT},v1={TAG}"), BODY);
    let event = rolling.verify(&raw, at(SIGNED_AT)).unwrap();
    assert_eq!(event.matched_key().unwrap().as_str(), "old");
    assert_eq!(rolling.verify(&raw, until).unwrap_err().code(), Some("mismatch"));
}

#[test]
fn a_connection_brings_its_secret_and_tolerance() {
    let config = Wire::new([]).config(Environment::Sandbox, "sk_test_1");
    assert!(StripeWebhooks::from_config(&config).unwrap().is_none());
    let credentials =
        turnbuckle_core::credential::Credentials::from_pairs(SCHEMA, [("webhookSecret", SECRET)]).unwrap();
    let with = |settings: Value| {
        turnbuckle_core::provider::ConnectionConfig::new("acct", Environment::Sandbox, credentials.clone())
            .with_settings(SETTINGS.parse(&settings).unwrap())
    };
    let raw = push(&format!("t={SIGNED_AT},v1={TAG}"), BODY);
    let webhooks = StripeWebhooks::from_config(&with(json!({}))).unwrap().unwrap();
    webhooks.verify(&raw, at(SIGNED_AT + 300)).unwrap();
    let webhooks =
        StripeWebhooks::from_config(&with(json!({"webhookToleranceSeconds": 5}))).unwrap().unwrap();
    webhooks.verify(&raw, at(SIGNED_AT + 5)).unwrap();
    assert!(webhooks.verify(&raw, at(SIGNED_AT + 6)).is_err());
    let error = StripeWebhooks::from_config(&with(json!({"webhookToleranceSeconds": -1}))).unwrap_err();
    assert_eq!(error.fields()[0].field, "webhookToleranceSeconds");
    assert!(!format!("{webhooks:?}").contains(SECRET));
}

#[test]
fn the_envelope() {
    let body = wire_support::fixture("responses/event.json");
    let event = verify(&signed(&body), &body).unwrap();
    assert_eq!(event.created, Some(at(1_784_008_801)));
    assert_eq!((event.livemode, event.thin), (Some(false), false));
    assert_eq!(event.api_version.as_deref(), Some("2026-06-24.dahlia"));
    assert!(event.request_id.is_none() && event.idempotency_key.is_none() && event.account.is_none());
    let StripeObject::Other(object) = event.decode().unwrap() else { panic!("a warning is not typed") };
    let warning: Value = serde_json::from_slice(object.as_bytes()).unwrap();
    assert_eq!(warning["fraud_type"], "unauthorized_use_of_card");
    let warned = event.normalize();
    assert_eq!(warned.kind, EventKind::Dispute(DisputeEvent::Warning));
    let references: Vec<_> = warned.references.iter().map(|found| (found.kind(), found.id())).collect();
    assert!(references.contains(&("payment_intent", "pi_3TbOrder6741BoardsPay001")), "{references:?}");
    assert!(references.contains(&("charge", "ch_3TbOrder6741BoardsChg001")), "{references:?}");

    let body = json!({"id": "evt_2", "object": "event", "type": "customer.updated", "created": 1_700_000_000,
        "account": "acct_1", "api_version": "2026-06-24.dahlia", "livemode": true, "pending_webhooks": 2,
        "request": {"id": "req_1", "idempotency_key": "key-1"}, "something": ["new"],
        "data": {"object": {"id": "cus_1"}, "previous_attributes": {"name": "Longbob"}}})
    .to_string();
    let event = verify(&signed(&body), &body).unwrap();
    assert_eq!((event.account.as_deref(), event.livemode), (Some("acct_1"), Some(true)));
    assert_eq!(
        (event.request_id.as_deref(), event.idempotency_key.as_deref()),
        (Some("req_1"), Some("key-1"))
    );
    assert_eq!(event.previous_attributes.as_ref().unwrap().as_bytes(), br#"{"name":"Longbob"}"#);
    assert!(!format!("{event:?}").contains("Longbob"));

    // Old versions name the request by its id.
    let body = r#"{"id":"evt_3","type":"x.y","request":"req_2","data":{"object":{}}}"#;
    assert_eq!(verify(&signed(body), body).unwrap().request_id.as_deref(), Some("req_2"));
}

#[test]
fn signed_bodies_that_are_no_events() {
    let deep = format!(
        r#"{{"id":"evt_1","type":"a.b","data":{{"object":{}1{}}}}}"#,
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    for body in [
        "",
        "[]",
        "null",
        "{}",
        r#"{"id":"evt_1","type":"a.b"}"#,
        r#"{"id":"","type":"a.b","data":{"object":{}}}"#,
        r#"{"id":"evt_1","type":"","data":{"object":{}}}"#,
        r#"{"id":"evt_1","type":"a.b","data":{}}"#,
        r#"{"id":"evt_1","id":"evt_2","type":"a.b","data":{"object":{}}}"#,
        "\u{feff}{}",
    ] {
        let error = verify(&signed(body), body).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{body}");
    }
    // Nobody reads the object yet, however deep; reading it is an error and no crash.
    let event = verify(&signed(&deep), &deep).unwrap();
    assert_eq!(event.normalize().kind, EventKind::Other);
    let body = r#"{"id":"evt_1","type":"charge.failed","data":{"object":[1]}}"#;
    assert_eq!(verify(&signed(body), body).unwrap().decode().unwrap_err().kind(), ErrorKind::InvalidResponse);
}

#[test]
fn thin_events_hold_no_object() {
    let body = json!({"id": "evt_test_1", "object": "v2.core.event", "type": "v1.billing.meter.error_report_triggered",
        "created": "2023-11-14T22:13:20.000Z", "livemode": false, "data": {"reason": "x"},
        "related_object": {"id": "mtr_1", "type": "billing.meter", "url": "/v1/billing/meters/mtr_1"}})
    .to_string();
    let event = verify(&signed(&body), &body).unwrap();
    assert!(event.thin);
    assert_eq!(event.created, Some(at(SIGNED_AT)));
    assert!(matches!(event.decode().unwrap(), StripeObject::Other(_)));
    let event = event.normalize();
    assert_eq!((event.kind, event.object.as_bytes().len()), (EventKind::Other, body.len()));
    assert!(event.references.is_empty());
}

async fn normalized(event_type: &str, object: Value) -> Event {
    let body =
        json!({"id": "evt_1", "object": "event", "type": event_type, "created": SIGNED_AT, "livemode": false,
        "account": "acct_1", "data": {"object": object}})
        .to_string();
    let events = webhooks().receive(push(&signed(&body), body), at(SIGNED_AT)).await.unwrap();
    assert_eq!(events.len(), 1);
    events.into_iter().next().unwrap().into_inner()
}

#[tokio::test]
async fn events_in_one_vocabulary() {
    use EventKind::{Dispute, Payment, Payout, Refund, Setup, Subscription};
    use turnbuckle_core::webhook::PayoutEvent;
    let cases = [
        ("payment_intent.created", json!({}), Payment(PaymentEvent::Created)),
        ("payment_intent.processing", json!({}), Payment(PaymentEvent::Processing)),
        ("payment_intent.requires_action", json!({}), Payment(PaymentEvent::RequiresAction)),
        ("payment_intent.amount_capturable_updated", json!({}), Payment(PaymentEvent::Authorized)),
        ("payment_intent.succeeded", json!({}), Payment(PaymentEvent::Succeeded)),
        ("payment_intent.payment_failed", json!({}), Payment(PaymentEvent::Failed)),
        ("payment_intent.canceled", json!({}), Payment(PaymentEvent::Canceled)),
        ("payment_intent.something_new", json!({}), Payment(PaymentEvent::Updated)),
        ("charge.succeeded", json!({"captured": true}), Payment(PaymentEvent::Succeeded)),
        ("charge.succeeded", json!({"captured": false}), Payment(PaymentEvent::Authorized)),
        ("charge.succeeded", json!({}), Payment(PaymentEvent::Updated)),
        ("charge.captured", json!({}), Payment(PaymentEvent::Captured)),
        ("charge.expired", json!({}), Payment(PaymentEvent::Expired)),
        ("charge.refunded", json!({}), Refund(RefundEvent::Updated)),
        ("charge.refund.updated", json!({"status": "failed"}), Refund(RefundEvent::Failed)),
        ("refund.created", json!({"status": "succeeded"}), Refund(RefundEvent::Created)),
        ("refund.updated", json!({"status": "succeeded"}), Refund(RefundEvent::Succeeded)),
        ("refund.failed", json!({}), Refund(RefundEvent::Failed)),
        ("charge.dispute.created", json!({}), Dispute(DisputeEvent::Opened)),
        ("charge.dispute.funds_withdrawn", json!({}), Dispute(DisputeEvent::FundsWithdrawn)),
        ("charge.dispute.closed", json!({}), Dispute(DisputeEvent::Closed)),
        ("radar.early_fraud_warning.created", json!({}), Dispute(DisputeEvent::Warning)),
        ("setup_intent.setup_failed", json!({}), Setup(SetupEvent::Failed)),
        ("payment_method.detached", json!({}), Setup(SetupEvent::Removed)),
        ("payout.paid", json!({}), Payout(PayoutEvent::Paid)),
        ("review.opened", json!({}), Payment(PaymentEvent::UnderReview)),
        ("invoice.payment_failed", json!({}), Subscription(SubscriptionEvent::PaymentFailed)),
        ("customer.subscription.deleted", json!({}), Subscription(SubscriptionEvent::Canceled)),
        ("customer.created", json!({}), EventKind::Other),
        ("plan.created", json!({"status": 7}), EventKind::Other),
        ("nonsense", json!({}), EventKind::Other),
    ];
    for (event_type, object, kind) in cases {
        let event = normalized(event_type, object).await;
        assert_eq!(event.kind, kind, "{event_type}");
        assert_eq!(event.vendor_type, event_type);
        assert_eq!((event.id.as_deref(), event.account.as_deref()), (Some("evt_1"), Some("acct_1")));
        assert_eq!((event.live, event.occurred_at), (Some(false), Some(at(SIGNED_AT))));
    }
}

#[tokio::test]
async fn events_name_what_they_concern() {
    let refund =
        json!({"id": "re_1", "object": "refund", "charge": {"id": "ch_1"}, "payment_intent": "pi_1"});
    let event = normalized("refund.created", refund).await;
    let references: Vec<_> =
        event.references.iter().map(|reference| (reference.kind(), reference.id())).collect();
    assert_eq!(references, [("refund", "re_1"), ("payment_intent", "pi_1"), ("charge", "ch_1")]);

    let event = normalized(
        "charge.dispute.created",
        json!({"id": "dp_1", "object": "dispute", "charge": "ch_1", "payment_intent": null}),
    )
    .await;
    assert_eq!(event.references[0].to_string(), "stripe:dispute:dp_1");
    assert_eq!(event.references[1].to_string(), "stripe:charge:ch_1");
}

#[test]
fn objects_are_typed_by_the_event() {
    let object = |event_type: &str, name: &str| {
        let object = wire_support::fixture(&format!("responses/{name}.json"));
        let body = format!(
            r#"{{"id":"evt_1","object":"event","type":"{event_type}","data":{{"object":{object}}}}}"#
        );
        verify(&signed(&body), &body).unwrap().decode().unwrap()
    };
    let StripeObject::PaymentIntent(payment) =
        object("payment_intent.payment_failed", "payment_intent_failed")
    else {
        panic!()
    };
    assert_eq!(payment.status, PaymentIntentStatus::RequiresPaymentMethod);
    let refusal = payment.last_payment_error.unwrap();
    assert_eq!(refusal.decline_code.as_deref(), Some("insufficient_funds"));
    for event_type in ["charge.succeeded", "charge.refunded"] {
        let StripeObject::Charge(charge) = object(event_type, "charge") else { panic!() };
        assert_eq!((charge.amount, charge.amount_refunded, charge.refunded), (9000, 4200, false));
    }
    for event_type in ["charge.refund.updated", "refund.created"] {
        let StripeObject::Refund(refund) = object(event_type, "refund") else { panic!() };
        assert_eq!(refund.amount, 4200);
    }
    let StripeObject::SetupIntent(setup) = object("setup_intent.succeeded", "setup_intent") else { panic!() };
    assert_eq!(setup.status, SetupIntentStatus::Succeeded);
    let StripeObject::Dispute(dispute) = object("charge.dispute.created", "dispute") else { panic!() };
    assert_eq!((dispute.amount, dispute.status.as_str()), (4800, "needs_response"));
    let evidence = dispute.evidence_details.unwrap();
    assert_eq!((evidence.due_by, evidence.past_due), (Some(at(1_785_887_999)), false));
    let card = dispute.payment_method_details.unwrap().card.unwrap();
    assert_eq!(card.network_reason_code.as_deref(), Some("4853"));
}

proptest! {
    #[test]
    fn no_header_and_no_body_panics(header in "[ -~]{0,120}", body in any::<Vec<u8>>(), now in any::<u32>()) {
        let raw = push(&header, body);
        prop_assert!(webhooks().verify(&raw, at(now.into())).is_err());
    }

    #[test]
    fn no_signed_body_panics(body in any::<String>(), object in "[\\[\\]{}\",:a-z0-9]{0,80}") {
        let _ = verify(&signed(&body), &body);
        let body = format!(r#"{{"id":"evt_1","type":"charge.updated","data":{{"object":{object}}}}}"#);
        if let Ok(event) = verify(&signed(&body), &body) {
            let _ = event.decode();
            let _ = event.normalize();
        }
    }
}
