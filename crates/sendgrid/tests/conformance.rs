//! Every conformance suite over the simulator, which was written by somebody else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::Request;
use serde_json::{Value, json};
use turnbuckle_core::http::transport_fn;
use turnbuckle_core::messaging::{Channel, DeliveryState, Mailbox, Template};
use turnbuckle_core::provider::{Connection, IntegrationProvider};
use turnbuckle_core::{Clock as _, Environment, Result};
use turnbuckle_sendgrid::{ATTEMPT_ARG, SendGridProvider};
use turnbuckle_simulator::sendgrid::Fate;
use turnbuckle_simulator::{SignedWebhook, SimClock, Simulator};
use turnbuckle_testkit::FixedClock;
use turnbuckle_testkit::conformance::{
    self, Bench, EmailCases, EndedMessages, Fixture, MessageCases, Setup, SigningKey, VendorMessage,
    WebhookCases,
};

const HOOK: &str = "https://shop.test/hooks/sendgrid";
const BOUNCES: &str = "bounces@example.net";
const BLOCKS: &str = "blocks@example.net";
const NOBODY: &str = "nobody@example.net";
const LATE: &str = "late@example.net";

struct SendGrid;

/// An account with a group and a template, whose ids follow from the seed.
struct World {
    simulator: Simulator,
    group: String,
    template: String,
}

impl World {
    fn at(unix: u64) -> Self {
        let simulator = Simulator::builder().with_clock(SimClock::fixed(unix)).build();
        let group = call(&simulator, "asm/groups", &json!({"name": "News", "description": "Once a month"}));
        let template = call(&simulator, "templates", &json!({"name": "Receipt", "generation": "dynamic"}));
        let template = template["id"].as_str().unwrap().to_owned();
        let version =
            json!({"name": "One", "subject": "Order {{order}}", "html_content": "{{order}}", "active": 1});
        call(&simulator, &format!("templates/{template}/versions"), &version);
        for (email, fate) in
            [(BOUNCES, Fate::Bounce), (BLOCKS, Fate::Block), (NOBODY, Fate::Invalid), (LATE, Fate::Defer(3))]
        {
            simulator.sendgrid().when_sent_to(email, fate);
        }
        simulator.sendgrid().configure(|settings| settings.delivery_takes = 5);
        Self { simulator, group: group["id"].to_string(), template }
    }
}

fn call(simulator: &Simulator, path: &str, body: &Value) -> Value {
    let request = Request::post(format!("https://api.sendgrid.com/v3/{path}"))
        .header("authorization", format!("Bearer {}", simulator.sendgrid().api_key()))
        .header("accept", "application/json")
        .header("content-type", "application/json")
        .body(Bytes::from(body.to_string()))
        .unwrap();
    let response = simulator.handle(request);
    assert!(response.status().is_success(), "{path}: {:?}", response.body());
    serde_json::from_slice(response.body()).unwrap()
}

fn unix(at: DateTime<Utc>) -> u64 {
    u64::try_from(at.timestamp()).unwrap()
}

fn delivered(webhook: SignedWebhook) -> Request<Bytes> {
    let mut request = Request::post(HOOK).body(webhook.body).unwrap();
    *request.headers_mut() = webhook.headers;
    request
}

impl Fixture for SendGrid {
    fn provider(&self) -> Arc<dyn IntegrationProvider> {
        Arc::new(SendGridProvider::new())
    }

    fn credentials(&self) -> Value {
        let simulator = World::at(1_800_000_000).simulator;
        let sendgrid = simulator.sendgrid();
        json!({"apiKey": sendgrid.api_key(), "webhookPublicKey": sendgrid.webhook_public_key()})
    }

    fn refused_credentials(&self) -> Option<Value> {
        Some(json!({"apiKey": "SG.revoked0815revoked0815.revoked0815"}))
    }

    fn bench(&self) -> Box<dyn Bench> {
        let clock = Arc::new(FixedClock::new());
        Box::new(SendGridBench { world: World::at(unix(clock.now())), clock, pushes: AtomicU64::new(0) })
    }

    fn email(&self) -> Option<EmailCases> {
        let mailbox = |address: &str| Mailbox::new(address).unwrap();
        let world = World::at(1_800_000_000);
        let messages = MessageCases::new()
            .with_fate(BOUNCES, DeliveryState::Bounced)
            .with_fate(BLOCKS, DeliveryState::Undelivered)
            .with_fate(NOBODY, DeliveryState::Failed)
            .with_fate(LATE, DeliveryState::Delivered)
            .with_ended(EndedMessages::Dropped)
            .with_template(Template::new(world.template).with("order", "4711"));
        let (to, other) = (mailbox("reader@example.net"), mailbox("second@example.net"));
        Some(EmailCases::new(mailbox("desk@example.com"), to, other, messages).with_group(world.group))
    }

    fn webhooks(&self) -> Option<WebhookCases> {
        let headers = &["x-twilio-email-event-webhook-signature", "x-twilio-email-event-webhook-timestamp"];
        Some(WebhookCases::new(HOOK, headers, &["webhookPublicKey"]))
    }
}

struct SendGridBench {
    world: World,
    clock: Arc<FixedClock>,
    /// No two events have the same id.
    pushes: AtomicU64,
}

fn state(word: &str) -> DeliveryState {
    match word {
        "scheduled" => DeliveryState::Scheduled,
        "processed" => DeliveryState::Queued,
        "deferred" => DeliveryState::Deferred,
        "delivered" => DeliveryState::Delivered,
        "bounced" => DeliveryState::Bounced,
        "blocked" => DeliveryState::Undelivered,
        "dropped" => DeliveryState::Failed,
        "canceled" => DeliveryState::Canceled,
        other => panic!("{other}"),
    }
}

impl Bench for SendGridBench {
    fn connect(&self, setup: &Setup) -> Result<Connection> {
        let provider = SendGridProvider::new();
        let vendor = self.world.simulator.clone();
        let transport = Arc::new(transport_fn(move |request| vendor.handle(request)));
        // At SendGrid the mode makes a sandbox, not the key: what is sent in the suites has to arrive, and a connection
        // that was set up for tests stays one in production. The suite's guard remembers for an hour.
        let settings = json!({
            "sandboxMode": setup.environment() == Environment::Production,
            "webhookToleranceSeconds": 1800,
            "from": "desk@example.com",
        });
        let settings = provider.definition().settings_schema.unwrap().parse(&settings)?;
        provider.connect(setup.config(&provider, transport)?.with_settings(settings))
    }

    fn clock(&self) -> Arc<FixedClock> {
        Arc::clone(&self.clock)
    }

    fn clock_moved(&self, clock: &FixedClock) {
        self.world.simulator.clock().set(unix(clock.now()));
    }

    fn messages(&self, channel: Channel) -> Vec<VendorMessage> {
        assert_eq!(channel, Channel::Email);
        let mut all = Vec::new();
        for message in self.world.simulator.sendgrid().messages() {
            for copy in message["personalizations"].as_array().unwrap() {
                let attempt = copy["custom_args"][ATTEMPT_ARG].as_str().map(str::to_owned);
                for recipient in copy["recipients"].as_array().unwrap() {
                    // A scheduled mail goes by its batch and its time.
                    let id = match message["batch_id"].as_str() {
                        Some(batch) => format!("batch:{batch}@{}", recipient["due"]),
                        None => message["id"].as_str().unwrap().to_owned(),
                    };
                    let (email, word) = (recipient["email"].as_str(), recipient["state"].as_str());
                    let one = VendorMessage::new(id, email.unwrap(), state(word.unwrap()));
                    all.push(one.with_attempt(attempt.clone()));
                }
            }
        }
        all
    }

    /// All that happened so far in one batch, as SendGrid would sign it now.
    fn message_pushes(&self, _channel: Channel) -> Vec<Request<Bytes>> {
        let sendgrid = self.world.simulator.sendgrid();
        vec![delivered(sendgrid.signed_batch(&sendgrid.events()))]
    }

    fn ends_messages(&self, _channel: Channel, recipient: &str) {
        call(&self.world.simulator, "asm/suppressions/global", &json!({"recipient_emails": [recipient]}));
    }

    fn push(&self, key: SigningKey, at: DateTime<Utc>) -> Option<Request<Bytes>> {
        let clock = SimClock::fixed(unix(at));
        let signer = match key {
            SigningKey::Current => Simulator::builder().with_clock(clock).build(),
            SigningKey::Previous => return None,
            SigningKey::Unknown => Simulator::builder().with_clock(clock).with_seed(815).build(),
        };
        let event = json!({
            "event": "processed", "email": "reader@example.net", "timestamp": at.timestamp(),
            "sg_event_id": format!("event-{}", self.pushes.fetch_add(1, Ordering::Relaxed)), "sg_message_id": "bm90aGluZw.recvd-0",
        });
        Some(delivered(signer.sendgrid().signed_batch(&[event])))
    }
}

#[tokio::test]
async fn conformance() {
    conformance::run(&SendGrid).await;
}

#[test]
fn arrival_takes_less_than_the_suite_waits() {
    assert!(MessageCases::new().arrives_within > Duration::from_secs(5 + 3 * 60));
}
