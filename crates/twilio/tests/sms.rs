//! Twilio behind `SmsSender`: what leaves, what comes of it, and what is found again.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod wire_support;

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};
use turnbuckle_core::messaging::*;
use turnbuckle_core::payment::{Authority, IdempotencyKey, Lookup, Resolution};
use turnbuckle_core::provider::IntegrationProvider;
use turnbuckle_core::{Effect, Environment, ErrorKind, ProviderId};
use turnbuckle_twilio::{ATTEMPT_PARAM, TwilioProvider};
use url::Url;
use wire_support::{Answer, CALLBACK, FROM, HX, MG, SM, TO, Wire, credentials, now, sample, settings};

const PROVIDER: ProviderId = TwilioProvider::ID;

fn key(value: &str) -> IdempotencyKey {
    IdempotencyKey::new(value, now()).unwrap()
}

fn to() -> PhoneNumber {
    PhoneNumber::new(TO).unwrap()
}

fn hello(name: &str) -> SmsMessage {
    SmsMessage::transactional(key(name), to(), "Order 6735 is ready: 2 boards at the blue door.")
}

fn sms(wire: &Wire) -> Arc<CheckedSms> {
    wire.connect().sms().unwrap()
}

fn sms_with(wire: &Wire, settings: &Value) -> Arc<CheckedSms> {
    let config = wire.config_with(Environment::Production, credentials(), settings);
    TwilioProvider::new().connect(config).unwrap().sms().unwrap()
}

fn created(name: &str) -> Answer {
    Answer::fixture(201, name)
}

fn field(form: &[(String, String)], name: &str) -> Option<String> {
    form.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
}

#[tokio::test]
async fn a_text_with_the_attempt_in_its_callback() {
    let wire = Wire::new([created("message")]);
    let message = hello("order-6735");
    let Sending::Accepted(accepted) = sms(&wire).send(&message).await.unwrap() else { panic!() };
    assert_eq!((accepted.message.id(), accepted.state), (SM, DeliveryState::Queued));
    assert_eq!((accepted.parts, accepted.send_at, accepted.replayed), (Some(1), None, false));

    let form = wire.form();
    let names: Vec<_> = form.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["To", "From", "Body", "StatusCallback"]);
    assert_eq!((field(&form, "To").as_deref(), field(&form, "From").as_deref()), (Some(TO), Some(FROM)));
    let expected = format!("{CALLBACK}&{ATTEMPT_PARAM}={}", message.wire_key(&PROVIDER, "acct"));
    assert_eq!(field(&form, "StatusCallback"), Some(expected));
}

#[tokio::test]
async fn everything_that_a_message_can_have() {
    let wire = Wire::new([created("message")]);
    let message = hello("mms")
        .with_from(Sender::Pool(MG.to_owned()))
        .with_media(Url::parse("https://shop.example/a.png").unwrap())
        .with_media(Url::parse("https://shop.example/b.png").unwrap())
        .with_valid_for(Duration::from_secs(90));
    sms(&wire).send(&message).await.unwrap().accepted().unwrap();
    let form = wire.form();
    assert_eq!(field(&form, "MessagingServiceSid").as_deref(), Some(MG));
    assert_eq!(field(&form, "From"), None);
    assert_eq!(form.iter().filter(|(name, _)| name == "MediaUrl").count(), 2);
    assert_eq!(field(&form, "ValidityPeriod").as_deref(), Some("90"));

    let wire = Wire::new([created("message")]);
    let template = Template::new(HX).with("1", "Zoë").with("2", "6735");
    let message =
        SmsMessage::new(key("template"), MessageClass::Transactional, to(), SmsBody::Template(template));
    sms(&wire).send(&message).await.unwrap().accepted().unwrap();
    let form = wire.form();
    assert_eq!(field(&form, "ContentSid").as_deref(), Some(HX));
    let variables: Value = serde_json::from_str(&field(&form, "ContentVariables").unwrap()).unwrap();
    assert_eq!(variables, json!({"1": "Zoë", "2": "6735"}));
    assert_eq!(field(&form, "Body"), None);
}

#[tokio::test]
async fn the_sender_is_the_message_s_own_or_the_setting_s() {
    let number = |text: &str| Sender::Number(PhoneNumber::new(text).unwrap());
    let both = json!({"from": FROM, "messagingServiceSid": MG});
    let pool = json!({"from": MG});
    let code = json!({"from": "78263"});
    let cases = [
        (&both, None, Some(FROM), Some(MG)),
        (&both, Some(number("+14155550109")), Some("+14155550109"), None),
        (&both, Some(Sender::Name("STANDBOARD".to_owned())), Some("STANDBOARD"), None),
        (&pool, None, None, Some(MG)),
        (&pool, Some(number(FROM)), Some(FROM), None),
        (&code, None, Some("78263"), None),
        (&code, Some(Sender::Pool(MG.to_owned())), None, Some(MG)),
    ];
    for (settings, own, from, service) in cases {
        let wire = Wire::new([created("message")]);
        let mut message = hello("sender");
        message.from = own;
        sms_with(&wire, settings).send(&message).await.unwrap().accepted().unwrap();
        let form = wire.form();
        assert_eq!(field(&form, "From").as_deref(), from);
        assert_eq!(field(&form, "MessagingServiceSid").as_deref(), service);
        assert_eq!(field(&form, "StatusCallback"), None);
    }
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_by_field_and_sends_nothing() {
    let marketing = |unsubscribe, text: &str| {
        SmsMessage::new(
            key("m"),
            MessageClass::Marketing { unsubscribe },
            to(),
            SmsBody::Text(text.to_owned()),
        )
    };
    let template =
        |template| SmsMessage::new(key("t"), MessageClass::Transactional, to(), SmsBody::Template(template));
    let soon = now() + TimeDelta::seconds(300);
    let link = Url::parse("https://shop.example/stop").unwrap();
    let cases = [
        (SmsMessage::transactional(key("a"), to(), ""), "body"),
        (SmsMessage::transactional(key("a"), to(), "x".repeat(1601)), "body"),
        (hello("a").with_from(Sender::Name("NAME OF 12 CH".to_owned())), "from"),
        (hello("a").with_from(Sender::Name("12345678901".to_owned())), "from"),
        (hello("a").with_from(Sender::Name("<b>".to_owned())), "from"),
        (hello("a").with_from(Sender::Pool("MG1".to_owned())), "from"),
        (hello("a").with_send_at(now() + TimeDelta::days(1)), "send_at"),
        (hello("a").with_from(Sender::Pool(MG.to_owned())).with_send_at(soon), "send_at"),
        (
            hello("a").with_from(Sender::Pool(MG.to_owned())).with_send_at(now() + TimeDelta::days(36)),
            "send_at",
        ),
        (hello("a").with_valid_for(Duration::ZERO), "valid_for"),
        (hello("a").with_valid_for(Duration::from_secs(36_001)), "valid_for"),
        (hello("a").with_valid_for(Duration::from_millis(1500)), "valid_for"),
        (hello("a").with_media(Url::parse("file:///etc/passwd").unwrap()), "media"),
        (template(Template::new("HX1")), "template"),
        (template(Template::new(HX).with("1", 7)), "template"),
        (template(Template::new(HX)).with_media(Url::parse("https://shop.example/a").unwrap()), "media"),
        (marketing(Unsubscribe::Group("g".to_owned()), "Sale!"), "class"),
        (marketing(Unsubscribe::Link(link.clone()), "Sale!"), "class"),
        (marketing(Unsubscribe::Keyword, "Sale!").with_from(Sender::Name("SHOP".to_owned())), "class"),
    ];
    let wire = Wire::default();
    let gate: Arc<dyn ConsentGate> = Arc::new(Everybody);
    let sms = TwilioProvider::new().connect(wire.config().with_consent_gate(gate)).unwrap().sms().unwrap();
    for (message, name) in &cases {
        let error = sms.send(message).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{name}: {error}");
        assert_eq!((error.fields()[0].field.as_ref(), error.effect()), (*name, Effect::None));
    }
    let many = (0..11).fold(hello("a"), |message, _| message.with_media(link.clone()));
    assert_eq!(sms.send(&many).await.unwrap_err().fields()[0].field, "media");
    let nobody = sms_with(&wire, &json!({}));
    assert_eq!(nobody.send(&hello("a")).await.unwrap_err().fields()[0].field, "from");
    assert!(wire.sent().is_empty());

    // What was refused used no key up, and what fits goes out.
    let wire = Wire::new([created("message"), created("message"), created("message_scheduled")]);
    let config = wire.config().with_consent_gate(Arc::new(Everybody));
    let sms = TwilioProvider::new().connect(config).unwrap().sms().unwrap();
    let text = "Sale! End it: https://shop.example/stop";
    sms.send(&marketing(Unsubscribe::Link(link), text)).await.unwrap().accepted().unwrap();
    let mut other = marketing(Unsubscribe::Keyword, "Sale! Answer STOP to end it.");
    other.key = key("m2");
    sms.send(&other).await.unwrap().accepted().unwrap();
    let scheduled =
        hello("a").with_from(Sender::Pool(MG.to_owned())).with_send_at(now() + TimeDelta::days(35));
    let sent = sms.send(&scheduled).await.unwrap();
    assert_eq!(sent.accepted().unwrap().send_at, scheduled.send_at);
}

#[derive(Debug)]
struct Everybody;

#[async_trait::async_trait]
impl ConsentGate for Everybody {
    async fn may_send(&self, _: Channel, _: &MessageClass, _: &str) -> turnbuckle_core::Result<Consent> {
        Ok(Consent::Given)
    }
}

#[tokio::test]
async fn a_verdict_on_the_recipient_is_a_refusal_and_stays_one() {
    for (code, reason) in [
        (21610, DeliveryReason::Unsubscribed),
        (21211, DeliveryReason::InvalidRecipient),
        (21612, DeliveryReason::InvalidRecipient),
        (21614, DeliveryReason::InvalidRecipient),
        (21635, DeliveryReason::InvalidRecipient),
        (21265, DeliveryReason::InvalidRecipient),
    ] {
        let wire = Wire::new([Answer::json(400, &json!({"code": code, "message": "no", "status": 400}))]);
        let sms = sms(&wire);
        // The second time nothing leaves: the key says what came of it.
        for _ in 0..2 {
            let sending = sms.send(&hello("refused")).await.unwrap();
            let refusal = sending.refused().unwrap();
            assert_eq!((refusal.reason, refusal.code.clone()), (reason, Some(code.to_string())));
            assert!(!refusal.reason.may_retry());
        }
        assert_eq!(wire.sent().len(), 1);
    }
}

#[tokio::test]
async fn what_somebody_can_put_right_is_an_error_and_leaves_the_key_free() {
    for (status, code, kind) in [
        (400, 21408, ErrorKind::Forbidden),
        (400, 21608, ErrorKind::ActionRequired),
        (400, 21606, ErrorKind::InvalidRequest),
        (400, 30034, ErrorKind::ActionRequired),
        (401, 20003, ErrorKind::Unauthorized),
        (400, 21611, ErrorKind::RateLimited),
        (403, 10001, ErrorKind::ActionRequired),
    ] {
        let refused = Answer::json(status, &json!({"code": code, "message": "no", "status": status}));
        let wire = Wire::new([refused, created("message")]);
        let sms = sms(&wire);
        let error = sms.send(&hello("later")).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (kind, Effect::None), "{code}");
        sms.send(&hello("later")).await.unwrap().accepted().unwrap();
    }
}

#[tokio::test]
async fn a_lost_answer_blocks_the_key_until_something_settles_it() {
    for lost in [Answer::Lost, Answer::new(500, ""), Answer::new(201, "<html>")] {
        let wire = Wire::new([lost]);
        let sms = sms(&wire);
        let error = sms.send(&hello("lost")).await.unwrap_err();
        assert_eq!(error.effect(), Effect::Unknown);
        assert_eq!(sms.send(&hello("lost")).await.unwrap_err().effect(), Effect::Unknown);
        assert_eq!(wire.sent().len(), 1, "nothing is sent twice");
    }
}

/// What the list answers, with each message changed.
fn listed(changes: &[Value]) -> Answer {
    let messages: Vec<Value> = changes
        .iter()
        .map(|change| {
            let mut message = sample("message_delivered");
            for (name, value) in change.as_object().unwrap() {
                message[name] = value.clone();
            }
            message
        })
        .collect();
    Answer::json(200, &json!({"messages": messages, "next_page_uri": null}))
}

async fn settled(changes: &[Value]) -> Resolution<MessageRef> {
    let wire = Wire::new([Answer::Lost, listed(changes)]);
    let sms = sms(&wire);
    sms.send(&hello("lost")).await.unwrap_err();
    let resolution = sms.settle(&key("lost")).await.unwrap();
    let list = &wire.sent()[1];
    assert_eq!(list.uri().query(), Some("To=%2B14155550123&PageSize=100"));
    resolution
}

#[tokio::test]
async fn a_lookup_finds_and_never_disproves() {
    let found = Resolution::Happened(MessageRef::new(PROVIDER, SM));
    assert_eq!(settled(&[json!({})]).await, found);
    let noise = [
        json!({"sid": "SM1", "body": "Order 6735 is ready: 2 boards at the blue door"}),
        json!({"sid": "SM2", "to": "+14155550124"}),
        json!({"sid": "SM3", "direction": "inbound"}),
        json!({"sid": "SM4", "num_media": "1"}),
        json!({"sid": "SM5", "date_created": "Fri, 14 Aug 2026 09:11:30 +0000"}),
        json!({"sid": "SM6", "date_created": "Fri, 14 Aug 2026 09:14:32 +0000"}),
        json!({"sid": "SM7", "date_created": null}),
    ];
    let mut with_noise = noise.to_vec();
    with_noise.push(json!({}));
    assert_eq!(settled(&with_noise).await, found);
    assert!(matches!(settled(&noise).await, Resolution::StillUnknown { .. }));
    assert!(matches!(settled(&[]).await, Resolution::StillUnknown { .. }));
    // Whose of two it is cannot be told.
    assert!(matches!(settled(&[json!({}), json!({"sid": "SM8"})]).await, Resolution::StillUnknown { .. }));
}

#[tokio::test]
async fn a_message_of_another_attempt_is_not_taken_for_a_lost_one() {
    let wire = Wire::new([created("message"), Answer::Lost, listed(&[json!({})])]);
    let sms = sms(&wire);
    sms.send(&hello("first")).await.unwrap().accepted().unwrap();
    sms.send(&hello("second")).await.unwrap_err();
    let attempt = hello("second").attempt(&PROVIDER, "acct", now());
    assert_eq!(sms.lookup(&attempt).await.unwrap(), Lookup::Absent(Authority::Partial));
    // For its own attempt it is found.
    let wire = Wire::new([created("message"), listed(&[json!({})])]);
    let sms = self::sms(&wire);
    sms.send(&hello("first")).await.unwrap().accepted().unwrap();
    let attempt = hello("first").attempt(&PROVIDER, "acct", now());
    assert_eq!(sms.lookup(&attempt).await.unwrap(), Lookup::Found(vec![MessageRef::new(PROVIDER, SM)]));
}

#[tokio::test]
async fn another_message_than_was_asked_for_is_an_error_that_says_it_happened() {
    for (name, value) in [("to", "+14155550199"), ("account_sid", "ACffffffffffffffffffffffffffffffff")] {
        let mut body = sample("message");
        body[name] = value.into();
        let wire = Wire::new([Answer::json(201, &body)]);
        let error = sms(&wire).send(&hello("odd")).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidResponse, Effect::Happened));
        assert!(error.message().contains(SM), "{error}");
        assert!(!error.to_string().contains(value) && !format!("{error:?}").contains(value));
    }
}

#[tokio::test]
async fn how_far_a_message_has_come() {
    let handle = MessageRef::new(PROVIDER, SM);
    let wire = Wire::answering("message_undelivered");
    let delivery = sms(&wire).status(&handle).await.unwrap();
    assert_eq!(
        (delivery.state, delivery.reason),
        (DeliveryState::Undelivered, Some(DeliveryReason::InvalidRecipient))
    );
    assert_eq!((delivery.code.as_deref(), delivery.at), (Some("30006"), now() + TimeDelta::seconds(31)));

    for (word, state) in [
        ("accepted", DeliveryState::Accepted),
        ("scheduled", DeliveryState::Scheduled),
        ("queued", DeliveryState::Queued),
        ("sending", DeliveryState::Queued),
        ("sent", DeliveryState::Sent),
        ("partially_delivered", DeliveryState::Sent),
        ("canceled", DeliveryState::Canceled),
        ("delivered", DeliveryState::Delivered),
        ("read", DeliveryState::Read),
        ("failed", DeliveryState::Failed),
        ("undelivered", DeliveryState::Undelivered),
        ("of_next_year", DeliveryState::Accepted),
    ] {
        let mut body = sample("message");
        body["status"] = word.into();
        let wire = Wire::new([Answer::json(200, &body)]);
        assert_eq!(sms(&wire).status(&handle).await.unwrap().state, state, "{word}");
    }
    let other = MessageRef::new(ProviderId::from_static("sendgrid"), SM);
    assert_eq!(sms(&Wire::default()).status(&other).await.unwrap_err().kind(), ErrorKind::InvalidRequest);
}

#[tokio::test]
async fn calling_back() {
    let handle = MessageRef::new(PROVIDER, SM);
    let wire = Wire::answering("message_canceled");
    sms(&wire).cancel(&handle).await.unwrap();
    assert_eq!(wire.form(), [("Status".to_owned(), "canceled".to_owned())]);

    // The second time Twilio refuses, and the message says that it is canceled. So it is after a lost answer.
    let refused = || Answer::fixture(409, "error_not_cancelable");
    for answers in [vec![refused()], vec![Answer::Lost, refused()]] {
        let wire = Wire::new(answers.into_iter().chain([Answer::fixture(200, "message_canceled")]));
        sms(&wire).cancel(&handle).await.unwrap();
        assert!(wire.is_used_up());
    }
    let wire = Wire::new([refused(), Answer::fixture(200, "message_delivered")]);
    let error = sms(&wire).cancel(&handle).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Conflict, Effect::None));
    // It still waits, so the refusal stands.
    let wire = Wire::new([refused(), Answer::fixture(200, "message_scheduled")]);
    assert_eq!(sms(&wire).cancel(&handle).await.unwrap_err().code(), Some("30409"));
    // An answer that does not say so is no success.
    let wire =
        Wire::new([Answer::fixture(200, "message_scheduled"), Answer::fixture(200, "message_scheduled")]);
    let error = sms(&wire).cancel(&handle).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidResponse, Effect::Unknown));
    let wire = Wire::new([Answer::Lost, Answer::Lost, Answer::Lost]);
    assert_eq!(sms(&wire).cancel(&handle).await.unwrap_err().effect(), Effect::Unknown);
}

#[tokio::test]
async fn stop_calls_back_what_is_scheduled() {
    let settings = json!({"messagingServiceSid": MG});
    let wire = Wire::new([created("message_scheduled"), Answer::fixture(200, "message_canceled")]);
    let sms = sms_with(&wire, &settings);
    let message = hello("reminder").with_send_at(now() + TimeDelta::hours(2));
    let sent = sms.send(&message).await.unwrap();
    assert_eq!(sent.accepted().unwrap().state, DeliveryState::Scheduled);
    let stopped = sms.stop(&to()).await.unwrap();
    assert_eq!(stopped.len(), 1);
    assert!(stopped[0].1.is_ok());
    assert!(wire.is_used_up());
}

#[test]
fn settings_that_cannot_be_used_are_named() {
    let wire = Wire::default();
    for (name, values) in [
        (
            "from",
            &["+0", "+1-415", "a name that is long", "987654321", "MGaabbccddaabbccddaabbccddaabbccdX"][..],
        ),
        ("messagingServiceSid", &["MG1", "SM5e6f7a8b5e6f7a8b5e6f7a8b5e6f7a8b"]),
        (
            "statusCallbackUrl",
            &[
                "shop",
                "http://shop.example/s",
                "ftp://shop.example",
                "https://shop.example/?turnbuckle_attempt=1",
            ],
        ),
        ("edge", &["Dublin!"]),
        ("region", &["IE1"]),
    ] {
        for value in values {
            let mut settings = settings();
            settings["edge"] = "dublin".into();
            settings["region"] = "ie1".into();
            settings[name] = (*value).into();
            let config = wire.config_with(Environment::Production, credentials(), &settings);
            let error = TwilioProvider::new().connect(config).unwrap_err();
            assert_eq!((error.kind(), error.fields()[0].field.as_ref()), (ErrorKind::InvalidConfig, name));
            assert!(!error.to_string().contains(value), "{value}");
        }
    }
    let local = json!({"statusCallbackUrl": "http://127.0.0.1:8080/status#rc=2"});
    sms_with(&wire, &local);
}
