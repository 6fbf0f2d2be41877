//! Whole flows over the simulator, which was written by somebody else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::TimeDelta;
use futures_util::TryStreamExt;
use http::Request;
use serde_json::{Value, json};
use turnbuckle_core::http::transport_fn;
use turnbuckle_core::messaging::*;
use turnbuckle_core::payment::IdempotencyKey;
use turnbuckle_core::provider::{Connection, ConnectionConfig, IntegrationProvider};
use turnbuckle_core::webhook::{EmailEvent, Event, EventKind, RawWebhook, Verified};
use turnbuckle_core::{Clock as _, Environment, ErrorKind};
use turnbuckle_sendgrid::*;
use turnbuckle_simulator::sendgrid::{Fate, InboundMail};
use turnbuckle_simulator::{SignedWebhook, SimClock, Simulator};
use turnbuckle_testkit::FixedClock;

const HOOK: &str = "https://shop.example/sendgrid";
const READER: &str = "reader@example.net";

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
        let sendgrid = simulator.sendgrid();
        let key = json!({"apiKey": sendgrid.api_key(), "webhookPublicKey": sendgrid.webhook_public_key()});
        let connection = connect(&simulator, &clock, key, &json!({"from": "desk@example.com"}));
        Self { simulator, clock, connection }
    }

    fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.simulator.clock().advance(by);
    }

    fn client(&self) -> Arc<SendGrid> {
        self.connection.client().unwrap()
    }

    fn key(&self, key: &str) -> IdempotencyKey {
        IdempotencyKey::new(key, self.clock.now()).unwrap()
    }

    fn message(&self, key: &str, body: EmailBody) -> EmailMessage {
        let mailbox = |address: &str| Mailbox::new(address).unwrap();
        EmailMessage::transactional(self.key(key), mailbox("desk@example.com"), mailbox(READER), body)
    }

    fn words(&self, key: &str) -> EmailMessage {
        let text = Some("Order 6735 is ready.".to_owned());
        self.message(key, EmailBody::Parts { subject: "Ready".to_owned(), text, html: None })
    }

    /// Everything that was pushed since the last call.
    async fn events(&self) -> Vec<Event> {
        let receiver = self.connection.webhooks().unwrap();
        let mut all = Vec::new();
        for webhook in self.simulator.take_webhooks() {
            let received = receiver.receive(raw(webhook), self.clock.now()).await.unwrap();
            all.extend(received.into_iter().map(Verified::into_inner));
        }
        all
    }
}

fn connect(
    simulator: &Simulator,
    clock: &Arc<FixedClock>,
    credentials: Value,
    settings: &Value,
) -> Connection {
    let provider = SendGridProvider::new();
    let definition = provider.definition();
    let vendor = simulator.clone();
    let credentials = definition.credential_schema.parse(credentials).unwrap();
    let config = ConnectionConfig::new("acct", Environment::Production, credentials)
        .with_settings(definition.settings_schema.unwrap().parse(settings).unwrap())
        .with_transport(Arc::new(transport_fn(move |request| vendor.handle(request))))
        .with_clock(Arc::clone(clock) as _);
    provider.connect(config).unwrap()
}

fn request(webhook: SignedWebhook) -> Request<Bytes> {
    let mut request = Request::post(HOOK).body(webhook.body).unwrap();
    *request.headers_mut() = webhook.headers;
    request
}

fn raw(webhook: SignedWebhook) -> RawWebhook {
    RawWebhook::new(request(webhook), HOOK).unwrap()
}

#[tokio::test]
async fn a_mail_from_the_send_to_the_bounce() {
    let rig = Rig::new();
    let email = rig.connection.email().unwrap();
    let message = rig.words("order");
    let sending = email.send(&message).await.unwrap();
    let handle = sending.accepted().unwrap().message.clone();
    rig.advance(Duration::from_secs(60));
    let events = rig.events().await;
    let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::Email(EmailEvent::Processed), EventKind::Email(EmailEvent::Delivered)]);
    let attempt = message.wire_key(&SendGridProvider::ID, "acct");
    for event in &events {
        let news = event.delivery.as_ref().unwrap();
        assert_eq!((&news.message, news.attempt.as_ref()), (&handle, Some(&attempt)));
        assert!(event.id.is_some());
    }
    let sendgrid = rig.simulator.sendgrid();
    assert!(sendgrid.open(handle.id(), READER) && sendgrid.bounce_late(handle.id(), READER));
    let mut delivery = Delivery::new(DeliveryState::Accepted, rig.clock.now());
    for event in events.into_iter().chain(rig.events().await) {
        delivery.observe(&event.delivery.unwrap());
    }
    assert_eq!(
        (delivery.state, delivery.reason),
        (DeliveryState::Bounced, Some(DeliveryReason::InvalidRecipient))
    );
    // The next one is not sent, and an event says why.
    let _ = email.send(&rig.words("next")).await.unwrap();
    let news = rig.events().await.pop().unwrap().delivery.unwrap();
    assert_eq!((news.state, news.reason), (DeliveryState::Failed, Some(DeliveryReason::Suppressed)));
    let client = rig.client();
    let bounces = client.suppressions().list(SuppressionList::Bounces, &ListSuppressions::new());
    let bounces: Vec<_> = bounces.stream().try_collect().await.unwrap();
    assert_eq!((bounces.len(), bounces[0].email.as_str()), (1, READER));
    client.suppressions().remove(SuppressionList::Bounces, READER).await.unwrap();
    assert!(client.suppressions().fetch(SuppressionList::Bounces, READER).await.unwrap().is_none());
}

#[tokio::test]
async fn a_template_from_its_making_to_the_mail() {
    let rig = Rig::new();
    let client = rig.client();
    let template = client.templates().create("Receipt", &TemplateGeneration::Dynamic).await.unwrap();
    let content = TemplateVersionContent::new("One", "Order {{order}}").with_html("<b>{{order}}</b>");
    let first =
        client.template_versions().create(&template.id, &content.clone().with_active(true)).await.unwrap();
    let second = client.template_versions().create(&template.id, &content).await.unwrap();
    client.template_versions().activate(&template.id, &second.id).await.unwrap();
    client.template_versions().delete(&template.id, &first.id).await.unwrap();
    let fetched = client.templates().fetch(&template.id).await.unwrap();
    assert_eq!(fetched.active().map(|version| version.id.as_str()), Some(second.id.as_str()));
    let all: Vec<_> = client.templates().list(&ListTemplates::new()).stream().try_collect().await.unwrap();
    assert_eq!(all.len(), 1);
    let body = EmailBody::Template(Template::new(template.id.clone()).with("order", "6735"));
    let _ = rig.connection.email().unwrap().send(&rig.message("t", body)).await.unwrap();
    let sent = rig.simulator.sendgrid().messages();
    assert_eq!(sent[0]["personalizations"][0]["subject"], "Order 6735");
    client.templates().delete(&template.id).await.unwrap();
    assert_eq!(client.templates().fetch(&template.id).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn scheduled_mail_is_called_back_after_a_restart() {
    let rig = Rig::new();
    let email = rig.connection.email().unwrap();
    let at = rig.clock.now() + TimeDelta::hours(3);
    let sending = email.send(&rig.words("later").with_send_at(at)).await.unwrap();
    let handle = sending.accepted().unwrap().message.clone();
    let key = json!({"apiKey": rig.simulator.sendgrid().api_key()});
    let fresh = connect(&rig.simulator, &rig.clock, key, &json!({})).email().unwrap();
    fresh.cancel(&handle).await.unwrap();
    fresh.cancel(&handle).await.unwrap();
    rig.advance(Duration::from_secs(4 * 3600));
    assert!(rig.events().await.is_empty());
    let sent = rig.simulator.sendgrid().messages();
    assert_eq!(sent[0]["personalizations"][0]["recipients"][0]["state"], "canceled");
    // One that leaves carries the same handle.
    let at = rig.clock.now() + TimeDelta::hours(3);
    let sending = email.send(&rig.words("leaves").with_send_at(at)).await.unwrap();
    rig.advance(Duration::from_secs(4 * 3600));
    let events = rig.events().await;
    assert!(events.iter().all(|event| {
        event.delivery.as_ref().map(|news| &news.message)
            == sending.accepted().map(|accepted| &accepted.message)
    }));
    assert_eq!(events.len(), 2);
}

#[tokio::test]
async fn a_sender_a_domain_and_what_is_missing() {
    let rig = Rig::new();
    let sendgrid = rig.simulator.sendgrid();
    let client = rig.client();
    sendgrid.forget_identities();
    let error = rig.connection.email().unwrap().send(&rig.words("refused")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ActionRequired, "{error}");
    let test = rig.connection.test().await.unwrap();
    let codes: Vec<_> = test.findings.iter().map(|finding| finding.code.as_ref()).collect();
    assert_eq!(codes, ["sender_not_verified", "webhook_missing"]);
    let new = NewSender::new("Desk", "desk@example.com", "desk@example.com")
        .with_names("Desk", "Desk")
        .with_address("1 Mill Lane", "Mill", "00000", "US");
    let sender = client.verified_senders().create(&new).await.unwrap();
    client.verified_senders().resend(sender.id).await.unwrap();
    assert!(!client.verified_senders().steps_completed().await.unwrap().sender_verified);
    assert!(sendgrid.confirm_sender("desk@example.com"));
    let senders: Vec<_> = client.verified_senders().list().stream().try_collect().await.unwrap();
    assert!(senders.len() == 1 && senders[0].verified);
    let _ = rig.connection.email().unwrap().send(&rig.words("taken")).await.unwrap();
    let domain = client.domains().create(&NewDomain::new("shop.example")).await.unwrap();
    assert!(!domain.valid && domain.dns.len() == 3);
    assert!(!client.domains().validate(domain.id).await.unwrap().valid);
    sendgrid.publish_records("shop.example");
    assert!(client.domains().validate(domain.id).await.unwrap().valid);
    let domains: Vec<_> = client.domains().list(&ListDomains::new()).stream().try_collect().await.unwrap();
    assert!(domains.iter().any(|known| known.id == domain.id && known.valid));
    client.domains().delete(domain.id).await.unwrap();
    let weak = json!({"apiKey": sendgrid.restricted_key(&["alerts.read"])});
    let test = connect(&rig.simulator, &rig.clock, weak, &json!({})).test().await.unwrap();
    assert!(!test.is_ready(), "{test:?}");
}

#[tokio::test]
async fn groups_that_are_left_and_come_back_to() {
    let rig = Rig::new();
    let groups = rig.client();
    let groups = groups.unsubscribe_groups();
    let group = groups.create(&GroupContent::new("News", "Once a month")).await.unwrap();
    let mine = [READER.to_owned()];
    assert_eq!(groups.suppress(group.id, &mine).await.unwrap(), mine);
    assert_eq!(groups.suppressed(group.id).await.unwrap(), mine);
    assert_eq!(groups.search(group.id, &mine).await.unwrap(), mine);
    let mail = MailSend::new(MailAddress::new("desk@example.com"))
        .with_personalization(Personalization::new(MailAddress::new(READER)))
        .with_subject("News")
        .with_content(MailContent::text("News"))
        .with_unsubscribe(UnsubscribeSettings::new(group.id));
    rig.client().mail().send(&mail).await.unwrap();
    let events = rig.events().await;
    let news = events[0].delivery.as_ref().unwrap();
    assert_eq!((news.reason, news.attempt.as_ref()), (Some(DeliveryReason::Unsubscribed), None));
    groups.release(group.id, READER).await.unwrap();
    assert!(groups.suppressed(group.id).await.unwrap().is_empty());
    assert_eq!(groups.suppress(group.id + 77, &mine).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert!(!rig.client().suppressions().is_global(READER).await.unwrap(), "no list of all mail");
    rig.client().suppressions().add_global(&mine).await.unwrap();
    assert!(rig.client().suppressions().is_global(READER).await.unwrap());
    rig.client().suppressions().remove_global(READER).await.unwrap();
}

#[tokio::test]
async fn event_webhooks_and_their_keys() {
    let rig = Rig::new();
    let client = rig.client();
    let url = url::Url::parse(HOOK).unwrap();
    let settings = EventWebhookSettings::new(url.clone(), EventChoice::DELIVERY);
    let webhook = client.event_webhooks().create(&settings).await.unwrap();
    assert_eq!(client.event_webhooks().public_key(&webhook.id).await.unwrap(), None);
    let key = client.event_webhooks().sign(&webhook.id).await.unwrap();
    let webhooks = SendGridWebhooks::new(&key).unwrap();
    let _ = rig.connection.email().unwrap().send(&rig.words("signed")).await.unwrap();
    rig.advance(Duration::from_secs(60));
    let pushes = rig.simulator.take_webhooks();
    assert!(!pushes.is_empty());
    for push in pushes {
        let mut spoiled = push.clone();
        spoiled.body = Bytes::from([&push.body[..], b" "].concat());
        assert!(webhooks.verify(&raw(spoiled), rig.clock.now()).is_err());
        assert!(!webhooks.verify(&raw(push), rig.clock.now()).unwrap().get().is_empty());
    }
    assert_eq!(client.event_webhooks().list().await.unwrap().webhooks.len(), 1);
    client.event_webhooks().delete(&webhook.id).await.unwrap();
}

#[tokio::test]
async fn mail_that_comes_in() {
    let rig = Rig::new();
    let setting = ParseSetting::new("in.example.com", "https://shop.example/inbound");
    rig.client().parse_settings().create(&setting).await.unwrap();
    let mail = InboundMail::new(READER, "desk@in.example.com", "Größe?").with_text("Which size is it?");
    assert!(rig.simulator.sendgrid().receive(&mail));
    let push = rig.simulator.take_webhooks().pop().unwrap();
    let content_type = push.headers["content-type"].to_str().unwrap();
    let parsed = InboundEmail::parse_unverified(content_type, &push.body, &InboundLimits::new()).unwrap();
    assert_eq!(parsed.text("subject").as_deref(), Some("Größe?"));
    assert_eq!(parsed.text("text").as_deref().map(str::trim), Some("Which size is it?"));
    assert_eq!(parsed.envelope.unwrap().to, ["desk@in.example.com"]);
}

#[tokio::test]
async fn the_account_its_numbers_and_a_subuser() {
    let rig = Rig::new();
    let client = rig.client();
    let before = client.account().credits().await.unwrap().remain.unwrap();
    let _ = rig.connection.email().unwrap().send(&rig.words("counted")).await.unwrap();
    rig.advance(Duration::from_secs(60));
    assert_eq!(client.account().credits().await.unwrap().remain, Some(before - 1));
    client.account().fetch().await.unwrap();
    let today = rig.clock.now().date_naive();
    let stats = client.stats().fetch(&StatsRange::since(today)).await.unwrap();
    assert_eq!(stats[0].stats[0].metrics.delivered, 1);
    rig.simulator.sendgrid().add_subuser("branch");
    let branch = client.for_subuser("branch").unwrap();
    assert!(branch.templates().list(&ListTemplates::new()).page().await.unwrap().items.is_empty());
    let validation = client.with_api_key(rig.simulator.sendgrid().validation_key().into()).unwrap();
    let result = validation.email_validations().validate(READER, None).await.unwrap();
    assert_eq!(result.email, READER);
    rig.simulator.sendgrid().configure(|settings| settings.credits = 0);
    let error = rig.connection.email().unwrap().send(&rig.words("beyond")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ActionRequired);
}

#[tokio::test]
async fn everything_that_a_mail_can_carry_is_taken() {
    let rig = Rig::new();
    rig.simulator.sendgrid().when_sent_to(READER, Fate::Defer(1));
    let batch = rig.client().scheduled_sends().create_batch().await.unwrap();
    rig.client().scheduled_sends().check_batch(&batch).await.unwrap();
    let later = rig.clock.now() + TimeDelta::hours(1);
    let copy = Personalization::new(MailAddress::new(READER).with_name("Reader"))
        .with_cc(MailAddress::new("copy@example.net"))
        .with_header("X-Order", "6735")
        .with_substitution("%order%", "6735")
        .with_custom_arg("order", "6735");
    let mail = MailSend::new(MailAddress::new("desk@example.com").with_name("Desk"))
        .with_personalization(copy)
        .with_reply_to_list([MailAddress::new("a@example.com"), MailAddress::new("b@example.com")])
        .with_subject("Order %order%")
        .with_content(MailContent::text("%order%"))
        .with_content(MailContent::html("<img src=\"cid:logo\">"))
        .with_attachment(MailFile::new("logo.png", &b"png"[..]).with_media_type("image/png").inline("logo"))
        .with_category("receipt")
        .with_send_at(later)
        .with_batch(batch.clone())
        .with_mail_settings(MailSettings::new().with_footer(Footer::new("Shop", "<p>Shop</p>")))
        .with_tracking_settings(
            TrackingSettings::new()
                .with_click_tracking(ClickTracking::new(true, false))
                .with_ganalytics(GoogleAnalytics::new(true).with_source("shop", "email", "receipts")),
        );
    assert!(rig.client().mail().send(&mail).await.unwrap().accepted);
    let sends = rig.client();
    let sends = sends.scheduled_sends();
    sends.create(&batch, &BatchStatus::Pause).await.unwrap();
    assert_eq!(sends.fetch(&batch).await.unwrap().unwrap().status, BatchStatus::Pause);
    sends.delete(&batch).await.unwrap();
    assert!(sends.list().await.unwrap().is_empty());
    rig.advance(Duration::from_secs(2 * 3600));
    let states: Vec<_> =
        rig.events().await.iter().filter_map(|event| Some(event.delivery.as_ref()?.state)).collect();
    assert!(states.contains(&DeliveryState::Deferred), "{states:?}");
    assert_eq!(states.iter().filter(|state| **state == DeliveryState::Delivered).count(), 2);
    let sent = rig.simulator.sendgrid().messages();
    assert_eq!(sent[0]["personalizations"][0]["subject"], "Order 6735");
    let sandboxed = mail_in_sandbox();
    assert!(!rig.client().mail().send(&sandboxed).await.unwrap().accepted);
    assert_eq!(rig.simulator.sendgrid().messages().len(), 1, "what is only checked is not sent");
}

fn mail_in_sandbox() -> MailSend {
    MailSend::new(MailAddress::new("desk@example.com"))
        .with_personalization(Personalization::new(MailAddress::new(READER)))
        .with_subject("Checked")
        .with_content(MailContent::text("x"))
        .with_mail_settings(MailSettings::new().with_sandbox_mode(Switch::ON))
}
