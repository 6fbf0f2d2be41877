//! Nothing secret or personal in Debug, Display, sources, spans or log lines.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod wire_support;

use std::fmt::Write as _;

use serde_json::json;
use turnbuckle_core::Environment;
use turnbuckle_core::messaging::{EmailBody, EmailMessage, EmailSender, Mailbox};
use turnbuckle_core::payment::IdempotencyKey;
use turnbuckle_sendgrid::*;
use turnbuckle_testkit::leak::{self, Sentinels};
use wire_support::{Answer, KEY, Wire, now};

fn secrets() -> Sentinels {
    Sentinels::new()
        .with("key", KEY)
        .with("recipient", "reader+1@example.com")
        .with("other recipient", "reader@exmaple.com")
        .with("sender", "desk@shop.example")
        .with("text", "words for the reader")
        .with("subject", "SENTINEL subject")
        .with("street", "1 Mill Lane")
        .with("server's words", "no such user")
        .with("file's name", "SENTINEL.pdf")
        .with("oauth secret", "fixture-oauth-secret")
        .with("vendor's words", "SENTINEL wording")
}

fn message() -> EmailMessage {
    let mailbox = |address: &str| Mailbox::new(address).unwrap();
    let body = EmailBody::Parts {
        subject: "SENTINEL subject".to_owned(),
        text: Some("words for the reader".to_owned()),
        html: None,
    };
    let key = IdempotencyKey::new("k", now()).unwrap();
    EmailMessage::transactional(key, mailbox("desk@shop.example"), mailbox("reader+1@example.com"), body)
}

#[tokio::test]
async fn calls_log_nothing_personal() {
    let quoting = json!({"errors": [{
        "message": "SENTINEL wording about reader+1@example.com",
        "field": "personalizations.0.headers.reader+1@example.com",
        "help": "reader+1@example.com",
    }]});
    for answers in [
        vec![Answer::taken()],
        vec![Answer::new(400, quoting.to_string())],
        vec![Answer::new(500, "SENTINEL wording")],
        vec![Answer::new(200, "SENTINEL wording")],
        vec![Answer::Lost],
        vec![Answer::NotSent; 3],
    ] {
        let capture = leak::capture();
        let wire = Wire::new(answers);
        let connection = wire.connect(Environment::Production, &json!({"from": "desk@shop.example"}));
        let sender = connection.email().unwrap();
        let mut shown = match sender.send(&message()).await {
            Ok(sending) => format!("{sending:?}"),
            Err(error) => format!("{error} {error:?} {}", leak::chain(&error)),
        };
        write!(shown, "{connection:?} {sender:?} {:?}", message()).unwrap();
        write!(shown, "{:?}", connection.client::<SendGrid>().unwrap()).unwrap();
        let logged = capture.text();
        assert!(logged.contains("mail_send"), "the call is logged: {logged}");
        secrets().assert_clean(&(shown + &logged));
    }
}

#[tokio::test]
async fn addresses_in_paths_and_answers_are_hidden() {
    let capture = leak::capture();
    let wire = Wire::new([
        Answer::fixture(200, "suppressions"),
        Answer::new(404, r#"{"errors":[{"message":"SENTINEL wording"}]}"#),
        Answer::fixture(200, "verified_senders"),
        Answer::fixture(200, "email_validation"),
        Answer::fixture(200, "template"),
    ]);
    let client = wire.client();
    let email = "reader+1@example.com";
    let mut shown =
        format!("{:?}", client.suppressions().fetch(SuppressionList::Bounces, email).await.unwrap());
    let error = client.suppressions().remove(SuppressionList::Bounces, email).await.unwrap_err();
    write!(shown, "{error} {error:?} {}", leak::chain(&error)).unwrap();
    write!(shown, "{:?}", client.verified_senders().list().page().await.unwrap()).unwrap();
    write!(shown, "{:?}", client.email_validations().validate(email, None).await.unwrap()).unwrap();
    write!(shown, "{:?}", client.templates().fetch("d-1").await.unwrap()).unwrap();
    write!(shown, "{:?}", ListSuppressions::new().with_email(email)).unwrap();
    write!(shown, "{:?}", NewSender::new("Desk", "desk@shop.example", email)).unwrap();
    secrets().assert_clean(&(shown + &capture.text()));
}

#[test]
fn what_is_built_shows_counts() {
    let file = MailFile::new("SENTINEL.pdf", "words for the reader");
    let copy = Personalization::new(MailAddress::new("reader+1@example.com"))
        .with_subject("SENTINEL subject")
        .with_custom_arg("a", "words for the reader")
        .with_data("a", "words for the reader");
    let mail = MailSend::new(MailAddress::new("desk@shop.example"))
        .with_personalization(copy.clone())
        .with_subject("SENTINEL subject")
        .with_content(MailContent::text("words for the reader"))
        .with_attachment(file.clone());
    let version = TemplateVersionContent::new("n", "SENTINEL subject").with_html("words for the reader");
    let url = url::Url::parse("https://shop.example/x").unwrap();
    let webhook = EventWebhookSettings::new(url.clone(), EventChoice::ALL).with_oauth(
        "c",
        "fixture-oauth-secret".into(),
        url,
    );
    secrets().assert_clean(&format!("{mail:?} {copy:?} {file:?} {version:?} {webhook:?}"));
}
