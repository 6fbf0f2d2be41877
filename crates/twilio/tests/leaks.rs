//! Nothing secret or personal in Debug, Display, sources or spans.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod wire_support;

use std::error::Error as _;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use serde_json::{Value, json};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use turnbuckle_core::messaging::*;
use turnbuckle_core::payment::IdempotencyKey;
use turnbuckle_core::provider::IntegrationProvider;
use turnbuckle_core::webhook::{RawWebhook, WebhookReceiver};
use turnbuckle_core::{Environment, Error};
use turnbuckle_twilio::twiml::{Dial, Gather, MessagingResponse, ReplyMessage, Say, VoiceResponse};
use turnbuckle_twilio::*;
use url::Url;
use wire_support::{AC, Answer, MG, MM, SK, SM, VA, Wire, now};

const SECRETS: [&str; 12] = [
    "SENTINEL",
    "14155550123",
    "14155550100",
    "5550123",
    "271828",
    "Longbob",
    "1 Main St",
    "shop.example",
    "203.0.113.9",
    "hush=",
    "Basic ",
    "QUMw",
];

#[track_caller]
fn assert_clean(text: &str) {
    assert!(!text.is_empty());
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[track_caller]
fn clean(value: &impl fmt::Debug) {
    assert_clean(&format!("{value:?} {value:#?}"));
}

fn url() -> Url {
    Url::parse("https://shop.example/status?hush=SENTINEL").unwrap()
}

fn credentials() -> Value {
    json!({"accountSid": AC, "authToken": "token-SENTINEL", "apiKeySid": SK, "apiKeySecret": "secret-SENTINEL"})
}

fn settings() -> Value {
    json!({"from": "+14155550100", "messagingServiceSid": MG, "statusCallbackUrl": url().as_str()})
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

#[test]
fn nothing_that_a_caller_fills_in_shows() {
    let (to, from) = ("+14155550123", "+14155550100");
    clean(
        &CreateMessage::new(to)
            .with_from(from)
            .with_body("SENTINEL")
            .with_media_url(url())
            .with_content_variables("SENTINEL")
            .with_status_callback(url())
            .with_persistent_action("SENTINEL")
            .with_fallback_from(from),
    );
    clean(&ListMessages::new().with_to(to).with_from(from));
    clean(&ListIncomingPhoneNumbers::new().with_phone_number(from).with_friendly_name("SENTINEL"));
    clean(
        &UpdateIncomingPhoneNumber::new()
            .with_sms_url(url())
            .with_voice_url(url())
            .with_status_callback(url()),
    );
    clean(
        &CreateMessagingService::new("SENTINEL").with_inbound_request_url(url()).with_status_callback(url()),
    );
    clean(&CreateContent::text("en", "SENTINEL").with_variable("1", "SENTINEL"));
    clean(
        &LookupNumber::new()
            .with_first_name("Longbob")
            .with_last_name("Longbob")
            .with_address_line1("1 Main St"),
    );
    clean(
        &StartVerification::new(to, VerifyChannel::Sms)
            .with_custom_code("271828".into())
            .with_device_ip("203.0.113.9")
            .with_tags("SENTINEL"),
    );
    clean(&VerificationOf::To(to.to_owned()));
    let say = Say::new("SENTINEL");
    let gather = Gather::new().with_action(url()).with_prompt(say.clone());
    let dial = Dial::new(to).with_caller_id(from).with_action(url());
    clean(&gather);
    clean(&dial);
    let voice = VoiceResponse::new().with_say(say).with_gather(gather).with_dial(dial).with_play(&url());
    clean(&voice);
    clean(
        &CreateCall::new(to, from, CallScript::Twiml(voice)).with_status_callback(url()).with_caller_id(from),
    );
    clean(&CallScript::Url(url()));
    let reply = ReplyMessage::new("SENTINEL").with_to(to).with_media(url()).with_status_callback(url());
    clean(&reply);
    clean(&MessagingResponse::new().with_message(reply));
}

/// Every sample with what is personal replaced by sentinels.
fn answer(name: &str) -> Value {
    let text = wire_support::fixture(&format!("responses/{name}.json"));
    let text = text
        .replace("Order 6735 is ready: 2 boards at the blue door.", "SENTINEL")
        .replace("Which door?", "SENTINEL")
        .replace("fixture-token-in-an-answer", "token-SENTINEL")
        .replace("Hello {{1}}, order {{2}} is ready.", "SENTINEL")
        .replace("The website could not be reached.", "SENTINEL")
        .replace("(415) 555-0123", "SENTINEL");
    serde_json::from_str(&text).unwrap()
}

#[tokio::test]
async fn nothing_that_twilio_answers_shows() {
    async fn ask<T: fmt::Debug>(name: &str, call: impl AsyncFnOnce(Twilio) -> turnbuckle_core::Result<T>) {
        let wire = Wire::new([Answer::json(200, &answer(name))]);
        let config = wire.config_with(Environment::Production, credentials(), &settings());
        clean(&call(Twilio::new(&config).unwrap()).await.unwrap());
    }
    let log = log();
    ask("message", async |twilio| twilio.messages().fetch(SM).await).await;
    ask("messages", async |twilio| twilio.messages().list(&ListMessages::new()).page().await).await;
    ask("media_list", async |twilio| twilio.media(MM).list().page().await).await;
    ask("incoming_phone_numbers", async |twilio| {
        twilio.incoming_phone_numbers().list(&ListIncomingPhoneNumbers::new()).page().await
    })
    .await;
    ask("messaging_services", async |twilio| twilio.messaging_services().list().page().await).await;
    ask("service_phone_numbers", async |twilio| twilio.messaging_services().phone_numbers(MG).page().await)
        .await;
    ask("tollfree_verifications", async |twilio| {
        twilio.compliance().tollfree_verifications(wire_support::PN).page().await
    })
    .await;
    ask("contents", async |twilio| twilio.contents().list().page().await).await;
    ask("lookup", async |twilio| twilio.lookups().fetch("+14155550123", &LookupNumber::new()).await).await;
    ask("verification", async |twilio| twilio.verify(VA).fetch(wire_support::VE).await).await;
    ask("call_completed", async |twilio| twilio.calls().fetch(wire_support::CA).await).await;
    ask("account", async |twilio| twilio.accounts().fetch().await).await;
    let log = log.0.lock().unwrap().clone();
    assert!(log.contains("verify.fetch"), "the log is being written");
    assert_clean(&log);
}

#[tokio::test]
async fn nothing_in_errors_spans_and_connections() {
    let log = log();
    let answers = [
        Answer::json(201, &answer("message")),
        Answer::json(400, &json!({"code": 21610, "message": "SENTINEL +14155550123", "status": 400})),
        Answer::json(400, &json!({"code": 21408, "message": "SENTINEL +14155550123", "status": 400})),
        Answer::json(401, &json!({"code": 20003, "message": "token-SENTINEL", "more_info": "SENTINEL"})),
        Answer::json(400, &json!({"code": "21602 SENTINEL", "message": "SENTINEL"})),
        Answer::new(201, r#"{"sid":7,"body":"SENTINEL"}"#),
        Answer::new(418, "SENTINEL"),
        Answer::new(500, "SENTINEL"),
        Answer::Lost,
    ];
    let wire = Wire::new(answers.clone());
    let config = wire.config_with(Environment::Production, credentials(), &settings());
    clean(&config);
    let connection = TwilioProvider::new().connect(config).unwrap();
    clean(&connection);
    clean(&connection.client::<Twilio>().unwrap());
    clean(&connection.webhooks().unwrap());
    let sms = connection.sms().unwrap();
    clean(&sms);
    for (index, _) in answers.iter().enumerate() {
        let key = IdempotencyKey::new(format!("key-{index}"), now()).unwrap();
        let to = PhoneNumber::new("+14155550123").unwrap();
        match sms.send(&SmsMessage::transactional(key, to, "SENTINEL: your code is 271828")).await {
            Ok(sending) => clean(&sending),
            Err(error) => assert_clean(&shown(&error)),
        }
    }
    assert!(wire.is_used_up());
    assert!(wire.sent().iter().all(|request| request.headers()["authorization"].is_sensitive()));
    let client = connection.client::<Twilio>().unwrap();
    let list = client.messages().list(&ListMessages::new().with_to("+14155550123"));
    clean(&list);
    clean(&list.stream());

    // A refusal by the client itself names the field and no value.
    let to = PhoneNumber::new("+14155550123").unwrap();
    let key = IdempotencyKey::new("media", now()).unwrap();
    let media =
        SmsMessage::transactional(key, to, "SENTINEL").with_media(Url::parse("ftp://SENTINEL/").unwrap());
    assert_clean(&shown(&sms.send(&media).await.unwrap_err()));
    let wrong = client.lookups().fetch("SENTINEL", &LookupNumber::new()).await.unwrap_err();
    assert_clean(&shown(&wrong));

    let log = log.0.lock().unwrap().clone();
    assert!(log.contains("messages.create"), "the log is being written");
    assert_clean(&log);
}

#[tokio::test]
async fn nothing_that_is_pushed_shows() {
    use hmac::{Hmac, KeyInit, Mac};
    let pairs = [
        ("AccountSid", AC),
        ("Body", "SENTINEL"),
        ("From", "+14155550123"),
        ("MediaContentType0", "image/png"),
        ("MediaUrl0", "https://shop.example/SENTINEL"),
        ("MessageSid", SM),
        ("NumMedia", "1"),
        ("To", "+14155550100"),
    ];
    for extra in [None, Some(("MessageStatus", "delivered")), Some(("CallSid", "CA1"))] {
        let mut pairs = pairs.to_vec();
        if let Some((name, value)) = extra {
            pairs.push((name, value));
            if name == "CallSid" {
                pairs.retain(|(name, _)| *name != "MessageSid");
            }
        }
        pairs.sort_unstable();
        let mut mac = Hmac::<sha1::Sha1>::new_from_slice(b"token-SENTINEL").unwrap();
        mac.update(b"https://shop.example/hook");
        for (name, value) in &pairs {
            mac.update(name.as_bytes());
            mac.update(value.as_bytes());
        }
        let signature = {
            use base64::Engine as _;
            base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes())
        };
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
        let push = http::Request::post("/hook")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-twilio-signature", signature)
            .body(Bytes::from(body))
            .unwrap();
        let raw = RawWebhook::new(push, "https://shop.example/hook").unwrap();
        let webhooks = TwilioWebhooks::new(&"token-SENTINEL".into()).unwrap();
        clean(&webhooks);
        clean(&raw);
        let event = webhooks.verify(&raw, now()).unwrap();
        clean(&event);
        let typed = event.into_inner();
        clean(&typed);
        if let TwilioEvent::Inbound(message) = &typed {
            clean(&message.params);
        }
        for event in webhooks.receive(raw, now()).await.unwrap() {
            clean(event.get());
        }
        let other = TwilioWebhooks::new(&"another-SENTINEL".into()).unwrap();
        let bare = http::Request::post("/hook").body(Bytes::from_static(b"SENTINEL")).unwrap();
        let raw = RawWebhook::new(bare, "https://shop.example/hook?hush=SENTINEL").unwrap();
        assert_clean(&shown(&other.verify(&raw, now()).unwrap_err()));
    }
}

/// The one log of this process. A log a test would miss what another test's thread asked for first.
fn log() -> Log {
    static LOG: std::sync::OnceLock<Log> = std::sync::OnceLock::new();
    LOG.get_or_init(|| {
        let log = Log::default();
        tracing::subscriber::set_global_default(log.clone()).unwrap();
        log
    })
    .clone()
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
