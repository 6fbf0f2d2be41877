//! The sender: what leaves, what comes of each answer, and how scheduled mail is called back.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod wire_support;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use turnbuckle_core::messaging::*;
use turnbuckle_core::payment::{IdempotencyKey, Resolution};
use turnbuckle_core::provider::Connection;
use turnbuckle_core::{Advice, Effect, Environment, ErrorKind};
use turnbuckle_sendgrid::{SendGridError, SendGridProvider};
use url::Url;
use wire_support::{Answer, BATCH, Wire, now};

const PLAIN: &str = "words for the reader";

fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::new(text, now()).unwrap()
}

fn mailbox(address: &str) -> Mailbox {
    Mailbox::new(address).unwrap()
}

fn body() -> EmailBody {
    EmailBody::Parts {
        subject: "Hi".to_owned(),
        text: Some(PLAIN.to_owned()),
        html: Some("<p>words</p>".to_owned()),
    }
}

fn message() -> EmailMessage {
    EmailMessage::transactional(key("k"), mailbox("desk@shop.example"), mailbox("reader@example.com"), body())
}

fn live(wire: &Wire) -> Connection {
    wire.connect(Environment::Production, &json!({}))
}

fn batches() -> Vec<Answer> {
    vec![Answer::fixture(201, "batch"), Answer::taken()]
}

fn in_an_hour() -> DateTime<Utc> {
    now() + TimeDelta::hours(1)
}

#[tokio::test]
async fn a_message_leaves_whole_and_with_its_attempt() {
    let wire = Wire::new([Answer::taken()]);
    let sender = live(&wire).email().unwrap();
    let mut message = message()
        .with_to(mailbox("second@example.com").with_name("Second"))
        .with_attachment(Attachment::new("a.txt", "text/plain", &b"abc"[..]));
    message.cc.push(mailbox("copy@example.com"));
    message.bcc.push(mailbox("blind@example.com"));
    message.reply_to.push(mailbox("answers@shop.example"));
    message.categories.push("receipt".to_owned());
    let sending = sender.send(&message).await.unwrap();
    let accepted = sending.accepted().unwrap();
    assert_eq!(accepted.message.id(), "LRzXl_NHStOGhQ4kofSm_A");
    assert_eq!((accepted.state, accepted.replayed), (DeliveryState::Accepted, false));
    let attempt = message.wire_key(&SendGridProvider::ID, "acct");
    assert_eq!(
        wire.body(0),
        json!({
            "personalizations": [{
                "to": [{"email": "reader@example.com"}, {"email": "second@example.com", "name": "Second"}],
                "cc": [{"email": "copy@example.com"}],
                "bcc": [{"email": "blind@example.com"}],
                "custom_args": {"turnbuckle_attempt": attempt.as_str()},
            }],
            "from": {"email": "desk@shop.example"},
            "reply_to": {"email": "answers@shop.example"},
            "subject": "Hi",
            "content": [{"type": "text/plain", "value": PLAIN}, {"type": "text/html", "value": "<p>words</p>"}],
            "attachments": [{"content": "YWJj", "type": "text/plain", "filename": "a.txt"}],
            "categories": ["receipt"],
        })
    );
    let again = sender.send(&message).await.unwrap();
    assert!(again.accepted().unwrap().replayed);
    assert_eq!(wire.sent().len(), 1, "one key, one mail");
}

/// Everybody agreed to everything.
#[derive(Debug)]
struct Agreed;

#[async_trait::async_trait]
impl ConsentGate for Agreed {
    async fn may_send(&self, _: Channel, _: &MessageClass, _: &str) -> turnbuckle_core::Result<Consent> {
        Ok(Consent::Given)
    }
}

#[tokio::test]
async fn templates_and_ways_to_leave() {
    let wire = Wire::new(vec![Answer::taken(); 3]);
    let config = wire.config(Environment::Production, &json!({})).with_consent_gate(Arc::new(Agreed));
    let sender = SendGridProvider::new().email(config).unwrap();
    let dynamic = EmailBody::Template(Template::new("d-1").with("order", 4711));
    let group = MessageClass::Marketing { unsubscribe: Unsubscribe::Group("15".to_owned()) };
    let (from, to) = (mailbox("desk@shop.example"), mailbox("reader@example.com"));
    let send = |name: &str, class: MessageClass, body: EmailBody| {
        EmailMessage::new(key(name), class, from.clone(), to.clone(), body)
    };
    let _ = sender.send(&send("a", group, dynamic)).await.unwrap();
    assert_eq!(wire.body(0)["asm"], json!({"group_id": 15}));
    assert_eq!(wire.body(0)["personalizations"][0]["dynamic_template_data"], json!({"order": 4711}));
    assert_eq!(wire.body(0)["template_id"], "d-1");
    let legacy = EmailBody::Template(Template::new("0a1b").with("%a%", "b"));
    let _ = sender.send(&send("b", MessageClass::Transactional, legacy)).await.unwrap();
    assert_eq!(wire.body(1)["personalizations"][0]["substitutions"], json!({"%a%": "b"}));
    let link = Url::parse("https://shop.example/leave?a=1&b=2").unwrap();
    let by_link = MessageClass::Marketing { unsubscribe: Unsubscribe::Link(link) };
    let shown = EmailBody::Parts {
        subject: "News".to_owned(),
        text: Some("Leave: https://shop.example/leave?a=1&b=2".to_owned()),
        html: Some("<a href=\"https://shop.example/leave?a=1&amp;b=2\">Leave</a>".to_owned()),
    };
    let _ = sender.send(&send("c", by_link.clone(), shown)).await.unwrap();
    assert_eq!(wire.body(2)["headers"], json!({"List-Unsubscribe": "<https://shop.example/leave?a=1&b=2>"}));
    let word = MessageClass::Marketing { unsubscribe: Unsubscribe::Group("news".to_owned()) };
    let keyword = MessageClass::Marketing { unsubscribe: Unsubscribe::Keyword };
    for (name, class) in [("d", by_link), ("e", word), ("f", keyword)] {
        let error = sender.send(&send(name, class, body())).await.unwrap_err();
        assert_eq!((error.kind(), error.fields()[0].field.as_ref()), (ErrorKind::InvalidRequest, "class"));
    }
    assert_eq!(wire.sent().len(), 3, "nothing of that was sent");
}

#[tokio::test]
async fn what_each_answer_means() {
    let with = |status, name| Answer::fixture(status, name);
    for (answers, kind, effect) in [
        (vec![with(400, "error_invalid")], ErrorKind::InvalidRequest, Effect::None),
        (vec![with(401, "error_unauthorized")], ErrorKind::Unauthorized, Effect::None),
        (vec![with(401, "error_credits")], ErrorKind::ActionRequired, Effect::None),
        (vec![with(401, "error_not_authorized")], ErrorKind::Forbidden, Effect::None),
        (vec![with(403, "error_forbidden")], ErrorKind::Forbidden, Effect::None),
        (vec![with(403, "error_sender")], ErrorKind::ActionRequired, Effect::None),
        (vec![Answer::new(404, "")], ErrorKind::NotFound, Effect::None),
        (vec![Answer::new(405, "")], ErrorKind::InvalidRequest, Effect::None),
        (vec![Answer::new(406, "")], ErrorKind::InvalidRequest, Effect::None),
        (vec![Answer::new(413, "")], ErrorKind::InvalidRequest, Effect::None),
        (vec![Answer::new(451, "")], ErrorKind::Forbidden, Effect::None),
        (vec![with(429, "error_rate"); 3], ErrorKind::RateLimited, Effect::None),
        (vec![Answer::new(500, "<html>")], ErrorKind::Unavailable, Effect::Unknown),
        (vec![Answer::new(503, r#"{"error":"down"}"#)], ErrorKind::Unavailable, Effect::Unknown),
        (vec![Answer::Lost], ErrorKind::Network, Effect::Unknown),
        (vec![Answer::NotSent; 3], ErrorKind::Network, Effect::None),
        (vec![Answer::new(200, "")], ErrorKind::InvalidResponse, Effect::Unknown),
        (vec![Answer::new(302, "")], ErrorKind::InvalidResponse, Effect::Unknown),
        (vec![Answer::new(202, "")], ErrorKind::InvalidResponse, Effect::Happened),
    ] {
        let wire = Wire::new(answers);
        let error = live(&wire).email().unwrap().send(&message()).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (kind, effect), "{error}");
        assert_eq!(error.provider(), Some(&SendGridProvider::ID));
        let shown = format!("{error} {error:?}");
        assert!(
            !shown.contains("reader") && !shown.contains(PLAIN) && !shown.contains("fixture-key"),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn a_refusal_names_its_field_and_hides_its_words() {
    let wire = Wire::new([Answer::fixture(400, "error_invalid")]);
    let error = live(&wire).email().unwrap().send(&message()).await.unwrap_err();
    assert_eq!(error.fields()[0].field, "personalizations.0.custom_args");
    assert!(error.vendor_message().unwrap().starts_with("Invalid type."));
    assert_eq!(SendGridError::of(&error).unwrap().errors.len(), 1);
    assert!(!format!("{error} {error:?}").contains("Invalid type"));
    let quoting = r#"{"errors":[{"message":"m","field":"personalizations.0.headers.reader@example.com"},{"message":"n","field":"null"}]}"#;
    let wire = Wire::new([Answer::new(400, quoting)]);
    let error = live(&wire).email().unwrap().send(&message()).await.unwrap_err();
    assert!(error.fields().is_empty() && !format!("{error:?}").contains("reader"));
    assert_eq!(SendGridError::of(&error).unwrap().errors[1].field, None);
}

#[tokio::test]
async fn a_rate_limit_says_when_to_come_again() {
    let limited = Answer::fixture(429, "error_rate").with_header("x-ratelimit-reset", "1800000020");
    let wire = Wire::new([limited.clone(), Answer::taken()]);
    let _ = live(&wire).email().unwrap().send(&message()).await.unwrap();
    assert_eq!(wire.sent().len(), 2, "a 429 was not processed");
    let far = Answer::fixture(429, "error_rate").with_header("x-ratelimit-reset", "1800003600");
    let error = live(&Wire::new([far])).email().unwrap().send(&message()).await.unwrap_err();
    assert_eq!(error.advice(), Advice::RetryAfter(std::time::Duration::from_secs(3600)));
}

#[tokio::test]
async fn a_lost_answer_blocks_its_key_until_an_event_settles_it() {
    let wire = Wire::new([Answer::Lost]);
    let sender = live(&wire).email().unwrap();
    let error = sender.send(&message()).await.unwrap_err();
    assert_eq!(error.advice(), Advice::ResolveFirst);
    assert_eq!(sender.send(&message()).await.unwrap_err().kind(), ErrorKind::Conflict);
    assert!(matches!(sender.settle(&key("k")).await.unwrap(), Resolution::StillUnknown { .. }));
    let handle = MessageRef::new(SendGridProvider::ID, "m-1");
    let mut news = DeliveryNews::new(handle.clone(), "reader@example.com", DeliveryState::Queued, now());
    news.attempt = Some(message().wire_key(&SendGridProvider::ID, "acct"));
    sender.observe(&news).await.unwrap();
    assert_eq!(sender.settle(&key("k")).await.unwrap(), Resolution::Happened(handle));
    assert_eq!(wire.sent().len(), 1);
}

#[tokio::test]
async fn the_sandbox_sends_nothing_unless_it_is_told_to() {
    let wire = Wire::new([Answer::new(200, "")]);
    let sender = wire.connect(Environment::Sandbox, &json!({})).email().unwrap();
    let sending = sender.send(&message().with_send_at(in_an_hour())).await.unwrap();
    assert!(sending.accepted().unwrap().message.id().starts_with("sandbox:"));
    assert_eq!(wire.body(0)["mail_settings"], json!({"sandbox_mode": {"enable": true}}));
    assert_eq!(wire.sent().len(), 1, "no batch is made for it");
    // A mail that was sent although it should only have been checked is not passed over.
    let wire = Wire::new([Answer::taken()]);
    let sender = wire.connect(Environment::Sandbox, &json!({})).email().unwrap();
    assert_eq!(sender.send(&message()).await.unwrap_err().effect(), Effect::Happened);
    let wire = Wire::new([Answer::taken()]);
    let sender = wire.connect(Environment::Sandbox, &json!({"sandboxMode": false})).email().unwrap();
    let _ = sender.send(&message()).await.unwrap();
    assert_eq!(wire.body(0)["mail_settings"], Value::Null);
}

#[tokio::test]
async fn scheduled_mail_is_called_back() {
    let answers = batches().into_iter().chain([Answer::fixture(201, "scheduled_send")]);
    let wire = Wire::new(answers);
    let sender = live(&wire).email().unwrap();
    let sending = sender.send(&message().with_send_at(in_an_hour())).await.unwrap();
    let accepted = sending.accepted().unwrap();
    assert_eq!(accepted.message.id(), format!("batch:{BATCH}@1800003600"));
    assert_eq!((accepted.state, accepted.send_at), (DeliveryState::Scheduled, Some(in_an_hour())));
    let sent = wire.body(1);
    assert_eq!((&sent["batch_id"], &sent["send_at"]), (&json!(BATCH), &json!(1_800_003_600)));
    assert_eq!(sent["personalizations"][0]["custom_args"]["turnbuckle_batch"], format!("{BATCH}@1800003600"));
    let stopped = sender.stop("reader@example.com").await.unwrap();
    assert!(matches!(stopped.as_slice(), [(message, Ok(()))] if *message == accepted.message));
    assert_eq!(wire.body(2), json!({"batch_id": BATCH, "status": "cancel"}));
}

#[tokio::test]
async fn a_batch_that_cannot_be_made_leaves_nothing_open() {
    for answers in
        [vec![Answer::Lost; 3], vec![Answer::new(500, ""); 3], vec![Answer::fixture(201, "scopes")]]
    {
        let wire = Wire::new(answers);
        let error =
            live(&wire).email().unwrap().send(&message().with_send_at(in_an_hour())).await.unwrap_err();
        assert_eq!(error.effect(), Effect::None);
        assert!(wire.lines().iter().all(|line| line == "POST /v3/mail/batch"));
    }
}

#[tokio::test]
async fn calling_back_in_every_state() {
    let handle = |seconds: i64| {
        MessageRef::new(SendGridProvider::ID, format!("batch:{BATCH}@{}", now().timestamp() + seconds))
    };
    let known = r#"{"errors":[{"message":"a status for this batch id exists","field":null}]}"#;
    let exists = || Answer::new(400, known);
    let canceled = json!([{"batch_id": BATCH, "status": "cancel"}]).to_string();
    let paused = || Answer::fixture(200, "scheduled_sends");
    for (answers, ahead, result) in [
        (vec![Answer::fixture(201, "scheduled_send")], 3600, Ok(())),
        (vec![exists(), Answer::new(200, canceled)], 3600, Ok(())),
        (vec![exists(), paused(), Answer::new(204, "")], 3600, Ok(())),
        (vec![exists(), Answer::new(200, "[]")], 3600, Err((ErrorKind::InvalidRequest, Effect::None))),
        (vec![Answer::fixture(201, "scheduled_send")], 599, Err((ErrorKind::Conflict, Effect::Unknown))),
        (vec![], 0, Err((ErrorKind::Conflict, Effect::None))),
        (vec![Answer::fixture(403, "error_forbidden")], 3600, Err((ErrorKind::Forbidden, Effect::None))),
    ] {
        let expected = answers.len();
        let wire = Wire::new(answers);
        let sender = live(&wire).email().unwrap();
        let outcome = sender.cancel(&handle(ahead)).await.map_err(|error| (error.kind(), error.effect()));
        assert_eq!((outcome, wire.sent().len()), (result, expected));
    }
    let wire = Wire::default();
    let sender = live(&wire).email().unwrap();
    let left = MessageRef::new(SendGridProvider::ID, "LRzXl_NHStOGhQ4kofSm_A");
    assert_eq!(sender.cancel(&left).await.unwrap_err().kind(), ErrorKind::Conflict);
    let foreign = MessageRef::new(turnbuckle_core::ProviderId::from_static("twilio"), "x");
    assert_eq!(sender.cancel(&foreign).await.unwrap_err().kind(), ErrorKind::InvalidRequest);
}
