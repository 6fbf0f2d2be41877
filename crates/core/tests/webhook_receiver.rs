//! The whole way behind `dyn`: a push in, verified events out, each handled once.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod webhook_support;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use turnbuckle_core::webhook::{
    Claim, Event, EventKind, FreshnessClass, KeySet, MacAlgorithm, MacTags, MemoryReplayGuard, Part,
    PaymentEvent, RawObject, RawWebhook, ReplayKey, SignatureHeader, SignedContent, SignedTime, TagEncoding,
    TimeRule, Verified, WebhookReceiver, guard_for, verify_mac,
};
use turnbuckle_core::{ErrorKind, Result};
use webhook_support::{at, hex, key, push, sign256};

const T: i64 = 1_700_000_000;

#[derive(Debug)]
struct Receiver {
    keys: KeySet,
}

#[derive(Deserialize)]
struct Wire {
    id: String,
    paid: bool,
}

#[async_trait]
impl WebhookReceiver for Receiver {
    fn freshness(&self) -> FreshnessClass {
        TimeRule::default().into()
    }

    async fn receive(&self, raw: RawWebhook, now: DateTime<Utc>) -> Result<Vec<Verified<Event>>> {
        let header = SignatureHeader::parse(raw.header("x-signature")?, ',', '=')?;
        let time = header.single("t")?;
        let tags = MacTags::parse(MacAlgorithm::HmacSha256, TagEncoding::HexLower, header.all("v1"))?;
        let content = SignedContent::new([Part::Text(time), Part::Text("."), Part::Body])
            .with_time(SignedTime::unix_seconds(time, TimeRule::default())?);
        let wires = verify_mac(&raw, &content, &tags, &self.keys, now)?.decode_json::<Vec<Wire>>()?;
        let event = |wire: Wire| {
            let kind = if wire.paid { PaymentEvent::Succeeded } else { PaymentEvent::Failed };
            Event::new(EventKind::Payment(kind), "payment", RawObject::new(Vec::new())).with_id(wire.id)
        };
        Ok(wires.split().into_iter().map(|wire| wire.map(event)).collect())
    }
}

fn delivery(time: i64, body: &str) -> RawWebhook {
    let tag = hex(&sign256(b"secret", format!("{time}.{body}").as_bytes()));
    push(&[("x-signature", &format!("t={time},v1={tag}"))], body.as_bytes())
}

#[tokio::test]
async fn a_second_delivery_is_recognised_though_it_is_signed_anew() {
    let receiver: Arc<dyn WebhookReceiver> =
        Arc::new(Receiver { keys: KeySet::new(key("current", "secret")) });
    let memory = MemoryReplayGuard::new(NonZeroUsize::new(8).unwrap(), Duration::from_secs(360)).unwrap();
    let guard = guard_for(receiver.freshness(), Arc::new(memory)).unwrap();
    let body = r#"[{"id":"e1","paid":true},{"id":"e2","paid":false}]"#;

    let mut handled = Vec::new();
    for attempt in 0..3 {
        let now = T + 20 * attempt;
        for event in receiver.receive(delivery(now, body), at(now)).await.unwrap() {
            let key = ReplayKey::for_event("integration-1", &event).unwrap();
            match guard.claim(&key, Duration::from_secs(10), at(now)).await.unwrap() {
                // The first attempt at the second event crashes before its commit.
                Claim::Granted(_) if attempt == 0 && event.get().id.as_deref() == Some("e2") => {}
                Claim::Granted(token) => {
                    guard.commit(&token, at(now)).await.unwrap();
                    handled.push((attempt, event.get().id.clone().unwrap(), event.get().kind));
                }
                Claim::Done | Claim::InProgress { .. } => {}
            }
        }
    }
    assert_eq!(
        handled,
        [
            (0, "e1".to_owned(), EventKind::Payment(PaymentEvent::Succeeded)),
            (1, "e2".to_owned(), EventKind::Payment(PaymentEvent::Failed)),
        ]
    );
}

#[tokio::test]
async fn a_signed_body_that_cannot_be_read_is_no_signature_fault() {
    let receiver = Receiver { keys: KeySet::new(key("current", "secret")) };
    for body in ["{}", "", "[{\"id\":\"a\",\"id\":\"b\",\"paid\":true}]", &"[".repeat(10_000)] {
        let error = receiver.receive(delivery(T, body), at(T)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    }
}
