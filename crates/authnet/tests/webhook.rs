//! Webhooks: the signature over the text key, the typed events, and their shared vocabulary.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::path::PathBuf;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use turnbuckle_authnet::{AuthorizeNetEvent, AuthorizeNetWebhooks, EventType};
use turnbuckle_core::webhook::{
    EventKind, FreshnessClass, KeySet, MacKey, PaymentEvent, RawWebhook, RefundEvent, SetupEvent,
    SubscriptionEvent, WebhookReceiver,
};
use turnbuckle_core::{ErrorKind, Result};

fn fixture(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/authnet/webhooks"));
    std::fs::read(folder.join(name)).unwrap()
}

fn text_key() -> secrecy::SecretString {
    "0123456789ABCDEF".repeat(8).into()
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_704_164_646, 0).unwrap()
}

fn push(body: Vec<u8>, signature: &str) -> RawWebhook {
    let request =
        http::Request::post("/hooks").header("X-ANET-Signature", signature).body(Bytes::from(body)).unwrap();
    RawWebhook::new(request, "https://shop.test/hooks").unwrap()
}

fn verify(signature: &str) -> Result<AuthorizeNetEvent> {
    let webhooks = AuthorizeNetWebhooks::new(&text_key()).unwrap();
    let raw = push(fixture("authcapture.json"), signature);
    webhooks.verify(&raw, now()).map(turnbuckle_core::webhook::Verified::into_inner)
}

#[test]
fn the_text_of_the_key_signs() {
    let good = String::from_utf8(fixture("authcapture.signature")).unwrap();
    let event = verify(&good).unwrap();
    assert_eq!((event.notification_id.as_str(), event.webhook_id.as_deref()), ("n-1", Some("w-1")));
    assert_eq!(event.payload.auth_amount.as_ref().unwrap().as_str(), "20.00");
    assert_eq!(event.event_date.unwrap().timestamp_millis(), 1_704_164_645_678);
    // Either case of the digits.
    let lower = format!("sha512={}", good.strip_prefix("sha512=").unwrap().to_ascii_lowercase());
    verify(&lower).unwrap();
}

#[test]
fn the_decoded_key_does_not() {
    let bad = String::from_utf8(fixture("authcapture.decoded-key.signature")).unwrap();
    assert_eq!(verify(&bad).unwrap_err().kind(), ErrorKind::SignatureInvalid);
    // The vector is what a decoded key makes: it fits that key, so it is the key that fails.
    let decoded = MacKey::hex("decoded", &text_key()).unwrap();
    let webhooks = AuthorizeNetWebhooks::with_keys(KeySet::new(decoded));
    webhooks.verify(&push(fixture("authcapture.json"), &bad), now()).unwrap();
}

#[test]
fn malformed_signatures_are_refused() {
    let good = String::from_utf8(fixture("authcapture.signature")).unwrap();
    for bad in [
        "",
        "sha512",
        "sha512=",
        "sha256=00",
        "sha512=00",
        &good.replace("sha512", "SHA512"),
        &good[7..],
        &format!("{good},{good}"),
        &format!("{good}00"),
        &good[..good.len() - 2],
    ] {
        assert_eq!(verify(bad).unwrap_err().kind(), ErrorKind::SignatureInvalid, "{bad:?}");
    }
    let none = http::Request::post("/hooks").body(Bytes::from(fixture("authcapture.json"))).unwrap();
    let raw = RawWebhook::new(none, "https://shop.test/hooks").unwrap();
    let webhooks = AuthorizeNetWebhooks::new(&text_key()).unwrap();
    assert_eq!(webhooks.verify(&raw, now()).unwrap_err().kind(), ErrorKind::SignatureInvalid);
    assert_eq!(AuthorizeNetWebhooks::new(&"".into()).unwrap_err().kind(), ErrorKind::InvalidConfig);
    assert_eq!(webhooks.freshness(), FreshnessClass::UnsignedTime);
}

fn event(name: &str, payload: &str) -> AuthorizeNetEvent {
    let body = format!(
        r#"{{"notificationId":"n-2","eventType":"{name}","eventDate":"2024-01-02T03:04:05.1234567Z","payload":{payload}}}"#
    );
    AuthorizeNetEvent::decode(body.as_bytes()).unwrap()
}

#[test]
fn every_event_has_a_name_of_ours() {
    use PaymentEvent as P;
    use SubscriptionEvent as S;
    let expected = [
        EventKind::Other,
        EventKind::Other,
        EventKind::Other,
        EventKind::Setup(SetupEvent::Succeeded),
        EventKind::Setup(SetupEvent::Updated),
        EventKind::Setup(SetupEvent::Removed),
        EventKind::Subscription(S::Created),
        EventKind::Subscription(S::Updated),
        EventKind::Subscription(S::Paused),
        EventKind::Subscription(S::Canceled),
        EventKind::Subscription(S::Canceled),
        EventKind::Subscription(S::Ending),
        EventKind::Subscription(S::Expired),
        EventKind::Subscription(S::PaymentFailed),
        EventKind::Payment(P::Authorized),
        EventKind::Payment(P::Succeeded),
        EventKind::Payment(P::Captured),
        EventKind::Payment(P::Captured),
        EventKind::Refund(RefundEvent::Created),
        EventKind::Payment(P::Canceled),
        EventKind::Payment(P::Updated),
        EventKind::Payment(P::Failed),
        EventKind::Payment(P::UnderReview),
    ];
    assert_eq!(EventType::ALL.len(), expected.len());
    for (name, expected) in EventType::ALL.iter().zip(expected) {
        let event = event(name.as_str(), r#"{"entityName":"transaction","id":"1"}"#);
        assert_eq!(&event.event_type, name);
        assert_eq!(event.to_event().kind, expected, "{}", name.as_str());
    }
    let unknown = event("net.authorize.something.new", "{}");
    assert_eq!(unknown.to_event().kind, EventKind::Other);
    assert_eq!(unknown.to_event().vendor_type, "net.authorize.something.new");
}

#[test]
fn the_name_says_what_was_tried_and_the_code_what_came_of_it() {
    let kind = |name: &str, code: u8| {
        event(name, &format!(r#"{{"responseCode":{code},"entityName":"transaction","id":7}}"#))
            .to_event()
            .kind
    };
    let name = "net.authorize.payment.authcapture.created";
    assert_eq!(kind(name, 2), EventKind::Payment(PaymentEvent::Failed));
    assert_eq!(kind(name, 4), EventKind::Payment(PaymentEvent::UnderReview));
    assert_eq!(kind("net.authorize.payment.refund.created", 3), EventKind::Refund(RefundEvent::Failed));
}

#[test]
fn events_name_what_they_are_about() {
    let held = AuthorizeNetEvent::decode(&fixture("fraud_held.json")).unwrap().to_event();
    assert_eq!((held.references[0].kind(), held.references[0].id()), ("transaction", "64374658636"));
    assert_eq!(held.occurred_at.unwrap().timestamp(), 1_684_361_238);
    let method = event(
        "net.authorize.customer.paymentProfile.created",
        r#"{"customerProfileId":394,"entityName":"customerPaymentProfile","id":"694"}"#,
    )
    .to_event();
    assert_eq!((method.references[0].kind(), method.references[0].id()), ("payment_profile", "694"));
    assert_eq!(method.references[0].detail("customer"), Some("394"));
    let subscription =
        event("net.authorize.customer.subscription.failed", r#"{"entityName":"subscription","id":"1"}"#);
    assert_eq!(subscription.to_event().references[0].kind(), "subscription");
    for broken in [
        "",
        "{}",
        "[]",
        r#"{"notificationId":"n","eventType":"x"}"#,
        r#"{"notificationId":"","eventType":"x","payload":{}}"#,
    ] {
        let error = AuthorizeNetEvent::decode(broken.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{broken}");
    }
}
