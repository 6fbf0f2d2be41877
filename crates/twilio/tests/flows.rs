//! Whole flows over the simulator, which was written by somebody else.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::TryStreamExt;
use serde_json::json;
use turnbuckle_core::http::transport_fn;
use turnbuckle_core::messaging::*;
use turnbuckle_core::payment::IdempotencyKey;
use turnbuckle_core::provider::{Connection, ConnectionConfig, IntegrationProvider};
use turnbuckle_core::webhook::RawWebhook;
use turnbuckle_core::{Clock as _, Environment};
use turnbuckle_simulator::{SimClock, Simulator};
use turnbuckle_testkit::FixedClock;
use turnbuckle_twilio::*;

const HOOK: &str = "https://shop.example/twilio";
const TO: &str = "+14155550123";

struct Rig {
    simulator: Simulator,
    clock: Arc<FixedClock>,
    connection: Connection,
}

impl Rig {
    fn new() -> Self {
        let clock = Arc::new(FixedClock::new());
        let start = u64::try_from(clock.now().timestamp()).unwrap();
        let simulator = Simulator::builder().with_clock(SimClock::fixed(start)).build();
        let twilio = simulator.twilio();
        let provider = TwilioProvider::new();
        let definition = provider.definition();
        let (key, secret) = twilio.api_key();
        let credentials = json!({
            "accountSid": twilio.account_sid(), "authToken": twilio.auth_token(),
            "apiKeySid": key, "apiKeySecret": secret,
        });
        let settings = json!({
            "from": twilio.number(), "messagingServiceSid": twilio.messaging_service_sid(), "statusCallbackUrl": HOOK,
        });
        let vendor = simulator.clone();
        let credentials = definition.credential_schema.parse(credentials).unwrap();
        let config = ConnectionConfig::new("acct", Environment::Production, credentials)
            .with_settings(definition.settings_schema.unwrap().parse(&settings).unwrap())
            .with_transport(Arc::new(transport_fn(move |request| vendor.handle(request))))
            .with_clock(Arc::clone(&clock) as _);
        let connection = provider.connect(config).unwrap();
        Self { simulator, clock, connection }
    }

    fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.simulator.clock().advance(by);
    }

    fn message(&self, key: &str, to: &str) -> SmsMessage {
        let key = IdempotencyKey::new(key, self.clock.now()).unwrap();
        SmsMessage::transactional(key, PhoneNumber::new(to).unwrap(), "Order 6735 is ready.")
    }

    fn twilio(&self) -> Arc<Twilio> {
        self.connection.client().unwrap()
    }
}

#[tokio::test]
async fn a_message_from_the_send_to_the_last_push() {
    let rig = Rig::new();
    let sms = rig.connection.sms().unwrap();
    let message = rig.message("order", TO);
    let sent = sms.send(&message).await.unwrap();
    let accepted = sent.accepted().unwrap();
    rig.advance(Duration::from_secs(600));
    assert_eq!(sms.status(&accepted.message).await.unwrap().state, DeliveryState::Delivered);

    let mut delivery = Delivery::new(accepted.state, rig.clock.now());
    let webhooks = rig.connection.webhooks().unwrap();
    let pushes = rig.simulator.twilio().take_webhooks();
    assert!(pushes.len() >= 2, "{}", pushes.len());
    for push in pushes {
        let target = push.url.as_deref().unwrap().strip_prefix("https://shop.example").unwrap().to_owned();
        let mut request = http::Request::builder().method("POST").uri(target);
        for (name, value) in &push.headers {
            request = request.header(name, value);
        }
        let raw = RawWebhook::new(request.body(push.body).unwrap(), HOOK).unwrap();
        for event in webhooks.receive(raw, rig.clock.now()).await.unwrap() {
            let news = event.into_inner().delivery.unwrap();
            assert_eq!(news.attempt, Some(message.wire_key(&TwilioProvider::ID, "acct")));
            delivery.observe(&news);
        }
    }
    assert_eq!(delivery.state, DeliveryState::Delivered);
    let listed: Vec<Message> =
        rig.twilio().messages().list(&ListMessages::new().with_to(TO)).stream().try_collect().await.unwrap();
    assert_eq!(listed.iter().map(|found| found.sid.as_str()).collect::<Vec<_>>(), [accepted.message.id()]);
}

#[tokio::test]
async fn who_answers_stop_gets_nothing_that_waits_and_nothing_new() {
    let rig = Rig::new();
    let sms = rig.connection.sms().unwrap();
    let scheduled = rig.message("later", TO).with_send_at(rig.clock.now() + TimeDelta::hours(2));
    assert_eq!(sms.send(&scheduled).await.unwrap().accepted().unwrap().state, DeliveryState::Scheduled);
    let twilio = rig.simulator.twilio();
    assert!(twilio.receive(TO, &twilio.number(), "STOP").is_some());
    let stopped = sms.stop(&scheduled.to).await.unwrap();
    assert!(matches!(stopped.as_slice(), [(_, Ok(()))]), "{stopped:?}");
    // A messaging service looks at that only after it took the message.
    let sending = sms.send(&rig.message("now", TO)).await.unwrap();
    rig.advance(Duration::from_secs(600));
    let delivery = sms.status(&sending.accepted().unwrap().message).await.unwrap();
    assert_eq!(
        (delivery.state, delivery.reason),
        (DeliveryState::Failed, Some(DeliveryReason::Unsubscribed))
    );
}

#[tokio::test]
async fn the_test_of_the_connection_passes() {
    let rig = Rig::new();
    let test = rig.connection.test().await.unwrap();
    assert!(test.success, "{test:?}");
    assert_eq!(test.account.unwrap().id, rig.simulator.twilio().account_sid());
}
