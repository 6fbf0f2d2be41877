//! Every conformance suite over Twilio's adapter, with a small Twilio in memory as the vendor.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod vendor;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::Request;
use serde_json::{Value, json};
use turnbuckle_core::Result;
use turnbuckle_core::http::transport_fn;
use turnbuckle_core::messaging::{Channel, DeliveryReason, DeliveryState, PhoneNumber, Sender, Template};
use turnbuckle_core::provider::{Connection, IntegrationProvider};
use turnbuckle_testkit::FixedClock;
use turnbuckle_testkit::conformance::{
    self, Bench, EndedMessages, Fixture, MessageCases, MessageSearch, Setup, SigningKey, SmsCases,
    VendorMessage, WebhookCases,
};
use turnbuckle_twilio::{ATTEMPT_PARAM, TwilioProvider};
use vendor::{AC, FILTERED, FROM, MG, SECRET, SK, TOKEN, UNREACHABLE, Vendor, signed};

const HOOK: &str = "https://shop.test/hooks/twilio";
/// Letters and digits, as the suite wants to see them at the vendor.
const TEMPLATE: &str = "HX4b5a69784b5a69784b5a69784b5a6978";

struct Twilio;

impl Fixture for Twilio {
    fn provider(&self) -> Arc<dyn IntegrationProvider> {
        Arc::new(TwilioProvider::new())
    }

    fn credentials(&self) -> Value {
        json!({"accountSid": AC, "authToken": TOKEN, "apiKeySid": SK, "apiKeySecret": SECRET})
    }

    fn refused_credentials(&self) -> Option<Value> {
        Some(json!({"accountSid": AC, "authToken": "revoked0815revoked0815revoked"}))
    }

    fn bench(&self) -> Box<dyn Bench> {
        let clock = Arc::new(FixedClock::new());
        Box::new(TwilioBench { vendor: Vendor::new(Arc::clone(&clock)), clock })
    }

    fn sms(&self) -> Option<SmsCases> {
        let number = |text: &str| PhoneNumber::new(text).unwrap();
        let mut messages = MessageCases::new()
            .with_refused("+15005550001", DeliveryReason::InvalidRecipient)
            .with_refused("+15005550004", DeliveryReason::Unsubscribed)
            .with_refused("+15005550009", DeliveryReason::InvalidRecipient)
            .with_fate(UNREACHABLE, DeliveryState::Undelivered)
            .with_fate(FILTERED, DeliveryState::Failed)
            .with_search(MessageSearch::Finds)
            .with_ended(EndedMessages::Refused)
            .with_template(Template::new(TEMPLATE).with("1", "Zoe"));
        messages.arrives_within = Duration::from_secs(64);
        Some(
            SmsCases::new(number("+14155550123"), number("+14155550124"), messages)
                .with_sender_name("STANDBOARD")
                .with_sender_pool(MG)
                .with_scheduled_from(Sender::Pool(MG.to_owned())),
        )
    }

    fn webhooks(&self) -> Option<WebhookCases> {
        Some(WebhookCases::new(HOOK, &["x-twilio-signature"], &["authToken"]))
    }
}

struct TwilioBench {
    vendor: Vendor,
    clock: Arc<FixedClock>,
}

fn state(status: &str) -> DeliveryState {
    match status {
        "scheduled" => DeliveryState::Scheduled,
        "queued" | "sending" => DeliveryState::Queued,
        "sent" => DeliveryState::Sent,
        "delivered" => DeliveryState::Delivered,
        "undelivered" => DeliveryState::Undelivered,
        "failed" => DeliveryState::Failed,
        "canceled" => DeliveryState::Canceled,
        other => panic!("{other}"),
    }
}

impl Bench for TwilioBench {
    fn connect(&self, setup: &Setup) -> Result<Connection> {
        let provider = TwilioProvider::new();
        let vendor = self.vendor.clone();
        let transport = Arc::new(transport_fn(move |request| vendor.handle(&request)));
        let settings = json!({"from": FROM, "statusCallbackUrl": HOOK});
        let settings = provider.definition().settings_schema.unwrap().parse(&settings)?;
        provider.connect(setup.config(&provider, transport)?.with_settings(settings))
    }

    fn clock(&self) -> Arc<FixedClock> {
        Arc::clone(&self.clock)
    }

    fn messages(&self, channel: Channel) -> Vec<VendorMessage> {
        assert_eq!(channel, Channel::Sms);
        let message = |line: vendor::Line| {
            let attempt = line.callback.as_ref().and_then(|url| {
                let found = url.query_pairs().find(|(name, _)| name == ATTEMPT_PARAM);
                found.map(|(_, value)| value.into_owned())
            });
            VendorMessage::new(line.sid, line.to, state(line.status)).with_attempt(attempt)
        };
        self.vendor.lines().into_iter().map(message).collect()
    }

    fn message_pushes(&self, _channel: Channel) -> Vec<Request<Bytes>> {
        self.vendor.pushes()
    }

    fn ends_messages(&self, _channel: Channel, recipient: &str) {
        self.vendor.stop(recipient);
    }

    /// To and from short codes: of an escaped plus the letter may be of either case, which is the same form.
    fn push(&self, key: SigningKey, at: DateTime<Utc>) -> Option<Request<Bytes>> {
        let token = match key {
            SigningKey::Current => TOKEN,
            SigningKey::Previous => return None,
            SigningKey::Unknown => "nobodys0815nobodys0815nobodys",
        };
        let sid = format!("SM{:032x}", at.timestamp());
        let form = [
            ("MessageSid", sid),
            ("MessageStatus", "sent".to_owned()),
            ("To", "78263".to_owned()),
            ("AccountSid", AC.to_owned()),
        ];
        Some(signed(token, HOOK, &form))
    }
}

#[tokio::test]
async fn conformance() {
    conformance::run(&Twilio).await;
}
