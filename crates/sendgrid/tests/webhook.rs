//! Signatures against the vectors, events as SendGrid writes them, and batches.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use serde_json::{Value, json};
use turnbuckle_core::ErrorKind;
use turnbuckle_core::messaging::{Delivery, DeliveryReason, DeliveryState};
use turnbuckle_core::webhook::{
    EmailEvent, Event, EventKind, RawWebhook, TimeRule, Verified, WebhookReceiver,
};
use turnbuckle_sendgrid::{SendGridEventType, SendGridWebhooks};

const SIGNATURE: &str = "X-Twilio-Email-Event-Webhook-Signature";
const TIMESTAMP: &str = "X-Twilio-Email-Event-Webhook-Timestamp";

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn raw(headers: &[(&str, &str)], body: &[u8]) -> RawWebhook {
    let mut request = http::Request::post("/sendgrid");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    RawWebhook::new(request.body(Bytes::copy_from_slice(body)).unwrap(), "https://shop.example/sendgrid")
        .unwrap()
}

/// A key of the test's own, and what it signs.
struct Signer(EcdsaKeyPair);

impl Signer {
    fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap())
    }

    fn public_key(&self) -> String {
        let mut der = vec![
            0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
            0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
        ];
        der.extend_from_slice(self.0.public_key().as_ref());
        STANDARD.encode(der)
    }

    fn sign(&self, time: &str, body: &[u8]) -> String {
        let signature = self.0.sign(&SystemRandom::new(), &[time.as_bytes(), body].concat()).unwrap();
        STANDARD.encode(signature.as_ref())
    }

    fn push(&self, body: &[u8]) -> RawWebhook {
        let time = "1800000000";
        raw(&[(SIGNATURE, &self.sign(time, body)), (TIMESTAMP, time)], body)
    }
}

async fn receive(events: &Value) -> Vec<Event> {
    let signer = Signer::new();
    let webhooks = SendGridWebhooks::new(&signer.public_key()).unwrap();
    let body = format!("{events}\r\n");
    let received = webhooks.receive(signer.push(body.as_bytes()), at(1_800_000_000)).await.unwrap();
    received.into_iter().map(Verified::into_inner).collect()
}

#[test]
fn vectors() {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../fixtures/webhooks/sendgrid.json")).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    let mut valid = 0;
    let tolerance = Duration::from_secs(vectors["tolerance_seconds"].as_u64().unwrap());
    for case in cases {
        let id = case["id"].as_str().unwrap();
        let text = |name: &str| case[name].as_str().unwrap_or_else(|| unreachable!("{id} {name}"));
        let headers: Vec<_> = case["headers"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
            .collect();
        let body = STANDARD.decode(text("raw_body_base64")).unwrap();
        let webhooks = SendGridWebhooks::new(text("public_key"))
            .map(|webhooks| webhooks.with_time_rule(TimeRule::new(tolerance, tolerance)));
        let now = at(case["now_unix"].as_i64().unwrap());
        let outcome = webhooks.and_then(|webhooks| webhooks.verify(&raw(&headers, &body), now));
        // An empty body may be signed, and is no batch all the same.
        let fits = outcome.as_ref().err().is_none_or(|error| error.kind() == ErrorKind::InvalidResponse);
        assert_eq!(outcome.is_ok(), fits && id != "sg-v08-empty-body", "{id}");
        assert_eq!(fits, case["expect"] == "valid", "{id}: {outcome:?}");
        valid += usize::from(fits);
    }
    assert!(valid > 5 && cases.len() - valid > 10, "{valid} of {}", cases.len());
}

#[tokio::test]
async fn every_kind_of_event_has_its_place() {
    let base =
        json!({"email": "reader@example.com", "timestamp": 1_799_999_990, "sg_message_id": "abc-1_x.recv.0"});
    for (extra, kind, state, reason) in [
        (json!({"event": "processed"}), EmailEvent::Processed, Some(DeliveryState::Queued), None),
        (
            json!({"event": "delivered", "response": "250 OK"}),
            EmailEvent::Delivered,
            Some(DeliveryState::Delivered),
            None,
        ),
        (
            json!({"event": "deferred", "attempt": "5"}),
            EmailEvent::Deferred,
            Some(DeliveryState::Deferred),
            None,
        ),
        (
            json!({"event": "dropped", "reason": "Bounced Address"}),
            EmailEvent::Dropped,
            Some(DeliveryState::Failed),
            Some(DeliveryReason::Suppressed),
        ),
        (
            json!({"event": "dropped", "reason": "Unsubscribed Address"}),
            EmailEvent::Dropped,
            Some(DeliveryState::Failed),
            Some(DeliveryReason::Unsubscribed),
        ),
        (
            json!({"event": "dropped", "reason": "Spam Reporting Address"}),
            EmailEvent::Dropped,
            Some(DeliveryState::Failed),
            Some(DeliveryReason::ReportedSpam),
        ),
        (
            json!({"event": "dropped", "reason": "Invalid"}),
            EmailEvent::Dropped,
            Some(DeliveryState::Failed),
            Some(DeliveryReason::InvalidRecipient),
        ),
        (
            json!({"event": "dropped", "reason": "something new"}),
            EmailEvent::Dropped,
            Some(DeliveryState::Failed),
            Some(DeliveryReason::Unknown),
        ),
        (
            json!({"event": "bounce", "type": "bounce", "status": "5.1.1", "bounce_classification": "Invalid Address"}),
            EmailEvent::Bounced,
            Some(DeliveryState::Bounced),
            Some(DeliveryReason::InvalidRecipient),
        ),
        (
            json!({"event": "bounce", "type": "blocked", "status": "4.0.0"}),
            EmailEvent::Bounced,
            Some(DeliveryState::Undelivered),
            Some(DeliveryReason::Blocked),
        ),
        (
            json!({"event": "open", "sg_machine_open": false}),
            EmailEvent::Opened,
            Some(DeliveryState::Read),
            None,
        ),
        (
            json!({"event": "open", "sg_machine_open": true}),
            EmailEvent::Opened,
            Some(DeliveryState::Delivered),
            None,
        ),
        (
            json!({"event": "click", "url": "https://shop.example"}),
            EmailEvent::Clicked,
            Some(DeliveryState::Read),
            None,
        ),
        (json!({"event": "spamreport"}), EmailEvent::Complained, Some(DeliveryState::Delivered), None),
        (json!({"event": "unsubscribe"}), EmailEvent::Unsubscribed, None, None),
        (json!({"event": "group_unsubscribe", "asm_group_id": 5}), EmailEvent::Unsubscribed, None, None),
        (json!({"event": "group_resubscribe", "asm_group_id": 5}), EmailEvent::Resubscribed, None, None),
    ] {
        let mut event = base.clone();
        event.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        let received = receive(&json!([event])).await;
        assert_eq!(received.len(), 1);
        assert_eq!(received[0].kind, EventKind::Email(kind), "{extra}");
        assert_eq!(received[0].vendor_type, extra["event"].as_str().unwrap());
        let news = received[0].delivery.as_ref();
        assert_eq!(news.map(|news| news.state), state, "{extra}");
        assert_eq!(news.and_then(|news| news.reason), reason, "{extra}");
        if let Some(news) = news {
            assert_eq!((news.message.id(), news.recipient.as_str()), ("abc-1_x", "reader@example.com"));
            assert_eq!(news.at, at(1_799_999_990));
        }
        assert_eq!(received[0].object.decode_json::<Value>().unwrap(), event, "it stays as it was pushed");
    }
}

#[tokio::test]
async fn what_is_strange_hides_nothing() {
    let key = "0123456789abcdefghijklmnopqrstuv";
    let received = receive(&json!([
        7,
        {"event": "account_status_change", "type": "compliance_suspend", "timestamp": 1_799_999_000, "sg_event_id": "e-1"},
        {"event": "invented", "email": "reader@example.com", "sg_event_id": "e-2"},
        {"event": "delivered", "email": "reader@example.com", "sg_message_id": "m.1", "timestamp": "1799999000",
         "turnbuckle_attempt": key, "turnbuckle_batch": "b-1@1800003600", "sg_event_id": "e-3", "category": ["a", "b"]},
        {"event": "delivered", "email": "reader@example.com", "sg_message_id": "m.1", "turnbuckle_batch": "b-1@1"},
    ]))
    .await;
    assert_eq!(received.len(), 5);
    assert!(received[..3].iter().all(|event| event.kind == EventKind::Other && event.delivery.is_none()));
    assert_eq!(received[2].vendor_type, "invented");
    let ids: Vec<_> = received.iter().map(|event| event.id.as_deref()).collect();
    assert_eq!(ids, [None, Some("e-1"), Some("e-2"), Some("e-3"), None]);
    let news = received[3].delivery.as_ref().unwrap();
    assert_eq!(news.message.id(), "batch:b-1@1800003600");
    assert_eq!(news.attempt.as_ref().unwrap().as_str(), key);
    let news = received[4].delivery.as_ref().unwrap();
    assert_eq!(news.message.id(), "m", "a batch without an attempt of ours is somebody else's");
    assert_eq!(news.at, at(1_800_000_000), "without a time of its own, when it came");
}

#[tokio::test]
async fn a_large_batch_is_read_in_order_and_each_is_itself() {
    let events: Vec<_> = (0..3000)
        .map(|index| json!({"event": "delivered", "email": "a@example.com", "sg_event_id": format!("e{index}"), "sg_message_id": "m.x"}))
        .collect();
    let body = format!("{}\r\n", Value::Array(events)).replace("},", "},\r\n");
    let signer = Signer::new();
    let webhooks = SendGridWebhooks::new(&signer.public_key()).unwrap();
    let received = webhooks.receive(signer.push(body.as_bytes()), at(1_800_000_000)).await.unwrap();
    assert_eq!(received.len(), 3000);
    assert!(received.iter().zip(0..).all(|(event, index)| event.get().id == Some(format!("e{index}"))));
    let digests: std::collections::HashSet<_> =
        received.iter().map(|event| event.digest().unwrap()).collect();
    assert_eq!(digests.len(), 3000);
}

#[test]
fn several_keys_and_a_day_old_repeat_are_taken() {
    let (first, second, third) = (Signer::new(), Signer::new(), Signer::new());
    let keys = format!("{}, {}", first.public_key(), second.public_key());
    let webhooks = SendGridWebhooks::new(&keys).unwrap();
    let day = TimeDelta::hours(24);
    for (signer, fits) in [(&first, true), (&second, true), (&third, false)] {
        assert_eq!(webhooks.verify(&signer.push(b"[]\r\n"), at(1_800_000_000) + day).is_ok(), fits);
    }
    let late = webhooks.verify(&first.push(b"[]\r\n"), at(1_800_000_000) + TimeDelta::hours(26)).unwrap_err();
    assert_eq!((late.kind(), late.code()), (ErrorKind::SignatureInvalid, Some("stale")));
    let object = webhooks.verify(&first.push(b"{}"), at(1_800_000_000)).unwrap_err();
    assert_eq!(object.kind(), ErrorKind::InvalidResponse, "signed, and no array");
}

#[tokio::test]
async fn states_fold_the_same_in_any_order() {
    let event = |event: &str, time: i64| json!({"event": event, "type": "bounce", "email": "a@example.com", "sg_message_id": "m.1", "timestamp": time});
    let received = receive(&json!([event("processed", 1), event("delivered", 2), event("bounce", 3)])).await;
    let news: Vec<_> = received.iter().map(|event| event.delivery.clone().unwrap()).collect();
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut delivery = Delivery::new(DeliveryState::Accepted, at(0));
        for index in order {
            delivery.observe(&news[index]);
        }
        assert_eq!((delivery.state, delivery.at), (DeliveryState::Bounced, at(3)));
    }
}

proptest! {
    #[test]
    fn any_change_breaks_a_signature(mut body in proptest::collection::vec(any::<u8>(), 1..200), place in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let signer = Signer::new();
        let webhooks = SendGridWebhooks::new(&signer.public_key()).unwrap();
        let signature = signer.sign("1800000000", &body);
        let headers = [(SIGNATURE, signature.as_str()), (TIMESTAMP, "1800000000")];
        let read = |raw: &RawWebhook| webhooks.verify(raw, at(1_800_000_000));
        let good = read(&raw(&headers, &body));
        prop_assert!(good.is_ok() || good.unwrap_err().kind() == ErrorKind::InvalidResponse);
        let later = [(SIGNATURE, signature.as_str()), (TIMESTAMP, "1800000001")];
        prop_assert_eq!(read(&raw(&later, &body)).unwrap_err().kind(), ErrorKind::SignatureInvalid);
        let index = place.index(body.len());
        body[index] ^= 1 << bit;
        prop_assert_eq!(read(&raw(&headers, &body)).unwrap_err().kind(), ErrorKind::SignatureInvalid);
    }

    #[test]
    fn any_text_of_an_event_comes_back(reason in any::<String>(), email in any::<String>()) {
        let signer = Signer::new();
        let webhooks = SendGridWebhooks::new(&signer.public_key()).unwrap();
        let body = json!([{"event": "dropped", "reason": reason, "email": email}]).to_string();
        let batch = webhooks.verify(&signer.push(body.as_bytes()), at(1_800_000_000)).unwrap().into_inner();
        prop_assert_eq!(&batch[0].event, &SendGridEventType::Dropped);
        prop_assert_eq!(batch[0].reason.as_ref(), Some(&reason));
        prop_assert_eq!(batch[0].email.as_ref(), Some(&email));
    }
}
