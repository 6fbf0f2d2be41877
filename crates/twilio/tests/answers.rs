//! What each answer means: kind, effect, advice, and whether the request goes out again.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod wire_support;

use std::time::Duration;

use serde_json::json;
use turnbuckle_core::{Advice, Effect, Error, ErrorKind};
use turnbuckle_twilio::codes::{self, CodeAdvice};
use turnbuckle_twilio::*;
use wire_support::{Answer, FROM, SM, TO, VA, Wire};

fn hello() -> CreateMessage {
    CreateMessage::new(TO).with_from(FROM).with_body("hello")
}

async fn sent(answers: impl IntoIterator<Item = Answer>) -> (Error, usize) {
    let wire = Wire::new(answers);
    let error = wire.twilio().messages().create(&hello()).await.unwrap_err();
    assert!(wire.is_used_up(), "every answer was asked for");
    (error, wire.sent().len())
}

#[tokio::test]
async fn a_refusal_by_code() {
    let (error, _) = sent([Answer::fixture(400, "error_invalid_to")]).await;
    assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidRequest, Effect::None));
    assert_eq!((error.code(), error.http_status()), (Some("21211"), Some(400)));
    assert_eq!((error.fields()[0].field.as_ref(), error.operation()), ("To", Some("messages.create")));
    assert_eq!(error.request_id(), Some("RQ0123456789abcdef0123456789abcdef"));
    assert_eq!(error.vendor_message(), Some("Invalid recipient: +14155550123"));
    assert!(!error.to_string().contains(TO) && !format!("{error:?}").contains(TO));
    let twilio = TwilioError::of(&error).unwrap();
    assert_eq!(twilio.meaning().unwrap().advice, CodeAdvice::Never);

    for (status, name, kind) in [
        (401, "error_authenticate", ErrorKind::Unauthorized),
        (403, "error_test_credentials", ErrorKind::Forbidden),
        (400, "error_geo", ErrorKind::Forbidden),
        (404, "error_not_found", ErrorKind::NotFound),
        (409, "error_not_cancelable", ErrorKind::Conflict),
    ] {
        let (error, count) = sent([Answer::fixture(status, name)]).await;
        assert_eq!((error.kind(), error.effect(), count), (kind, Effect::None, 1), "{name}");
        assert_eq!(error.advice(), Advice::Never, "{name}");
    }
}

/// Every code of the table, as Twilio would send it.
#[tokio::test]
async fn every_code_becomes_its_kind() {
    assert!(codes::all().len() > 90);
    for row in codes::all() {
        let body = json!({"code": row.code, "message": "m", "more_info": "", "status": 400});
        let (error, count) = sent([Answer::json(400, &body)]).await;
        assert_eq!((error.kind(), error.effect(), count), (row.kind, Effect::None, 1), "{}", row.code);
        assert_eq!(error.fields().first().map(|field| field.field.as_ref()), row.field, "{}", row.code);
        assert_eq!(error.code(), Some(row.code.to_string().as_str()));
    }
}

#[tokio::test]
async fn a_code_that_nobody_knows_is_judged_by_its_status() {
    for (status, kind) in [
        (400, ErrorKind::InvalidRequest),
        (401, ErrorKind::Unauthorized),
        (403, ErrorKind::Forbidden),
        (404, ErrorKind::NotFound),
        (409, ErrorKind::Conflict),
        (422, ErrorKind::InvalidRequest),
    ] {
        let body = json!({"code": "99999", "message": "new", "status": status});
        let (error, _) = sent([Answer::json(status, &body)]).await;
        assert_eq!((error.kind(), error.code(), error.effect()), (kind, Some("99999"), Effect::None));
        let (error, _) = sent([Answer::new(status, "<html>no JSON</html>")]).await;
        assert_eq!((error.kind(), error.code()), (kind, None));
        assert!(TwilioError::of(&error).is_none());
    }
}

#[tokio::test]
async fn a_server_that_failed_leaves_it_open_whether_the_message_exists() {
    for status in [500, 502, 503, 504] {
        for answer in [Answer::fixture(status, "error_internal"), Answer::new(status, "<html>")] {
            let (error, count) = sent([answer]).await;
            assert_eq!((error.kind(), error.effect()), (ErrorKind::Unavailable, Effect::Unknown), "{status}");
            assert_eq!((error.advice(), count), (Advice::ResolveFirst, 1), "{status}");
        }
    }
    // Even when the number says that the request was wrong.
    let (error, _) = sent([Answer::fixture(500, "error_invalid_to")]).await;
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Unavailable, Effect::Unknown));

    let (error, count) = sent([Answer::Lost]).await;
    assert_eq!((error.kind(), error.effect(), count), (ErrorKind::Network, Effect::Unknown, 1));
    let (error, _) = sent([Answer::new(408, "")]).await;
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Timeout, Effect::Unknown));
    for broken in ["", "{}", "not json", r#"{"sid":7}"#] {
        let (error, _) = sent([Answer::new(201, broken)]).await;
        assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidResponse, Effect::Unknown), "{broken}");
    }
    let (error, _) = sent([Answer::new(302, "").with_header("location", "https://evil.example/")]).await;
    assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidResponse, Effect::Unknown));
}

#[tokio::test]
async fn what_was_not_processed_goes_out_again() {
    let wire =
        Wire::new([Answer::fixture(429, "error_rate"), Answer::NotSent, Answer::fixture(201, "message")]);
    assert_eq!(wire.twilio().messages().create(&hello()).await.unwrap().sid, SM);
    let sent = wire.sent();
    assert_eq!(sent.len(), 3);
    assert!(sent.iter().all(|request| request.body() == sent[0].body()));

    let limited = Answer::fixture(429, "error_rate").with_header("retry-after", "2");
    let (error, count) = self::sent([limited.clone(), limited.clone(), limited]).await;
    assert_eq!((error.kind(), error.effect(), count), (ErrorKind::RateLimited, Effect::None, 3));
    assert_eq!(error.advice(), Advice::RetryAfter(Duration::from_secs(2)));

    // A 429 to the second attempt would say nothing about a first that went unanswered, so there is no second.
    let (error, count) = self::sent([Answer::Lost]).await;
    assert_eq!((error.effect(), count), (Effect::Unknown, 1));
}

#[tokio::test]
async fn attempts_of_a_verification_that_are_used_up_are_not_asked_again() {
    for code in [60202, 60203, 60207, 60212] {
        let body = json!({"code": code, "message": "Max attempts reached", "status": 429});
        let wire = Wire::new([Answer::json(429, &body)]);
        let start = StartVerification::new(TO, VerifyChannel::Sms);
        let error = wire.twilio().verify(VA).start(&start).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.effect(), wire.sent().len()),
            (ErrorKind::RateLimited, Effect::None, 1)
        );
    }
    // After an approval there is nothing left to check, which is no approval.
    let wire = Wire::new([Answer::fixture(404, "error_not_found")]);
    let of = VerificationOf::To(TO.to_owned());
    let error = wire.twilio().verify(VA).check(&of, &"271828".into()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    // A lost answer to a try may have used it up.
    let wire = Wire::new([Answer::Lost]);
    let error = wire.twilio().verify(VA).check(&of, &"271828".into()).await.unwrap_err();
    assert_eq!((error.effect(), wire.sent().len()), (Effect::Unknown, 1));
}

#[tokio::test]
async fn reads_and_what_sets_a_value_go_out_again() {
    let wire = Wire::new([Answer::Lost, Answer::new(503, ""), Answer::fixture(200, "message_delivered")]);
    wire.twilio().messages().fetch(SM).await.unwrap();
    let wire = Wire::new([Answer::Lost, Answer::new(500, ""), Answer::new(204, "")]);
    wire.twilio().messages().delete(SM).await.unwrap();
    let wire = Wire::new([Answer::Lost, Answer::fixture(200, "message_redacted")]);
    wire.twilio().messages().redact(SM).await.unwrap();

    let wire = Wire::new([Answer::Lost, Answer::Lost, Answer::Lost]);
    let error = wire.twilio().messages().fetch(SM).await.unwrap_err();
    assert_eq!((error.effect(), error.advice()), (Effect::None, Advice::Retry));
    let wire = Wire::new([Answer::Lost, Answer::fixture(404, "error_not_found")]);
    let error = wire.twilio().messages().delete(SM).await.unwrap_err();
    // It may have been deleted by the first attempt.
    assert_eq!((error.kind(), error.effect()), (ErrorKind::NotFound, Effect::Unknown));
}

#[tokio::test]
async fn words_and_fields_that_are_new_are_no_failure() {
    let mut body = wire_support::sample("message");
    body["status"] = "teleported".into();
    body["direction"] = "sideways".into();
    body["error_code"] = "30006".into();
    body["num_segments"] = 3.into();
    body["date_created"] = "the day before yesterday".into();
    body["price"] = serde_json::Value::Null;
    body["of_next_year"] = json!({"x": [1, 2]});
    let wire = Wire::new([Answer::json(200, &body)]);
    let message = wire.twilio().messages().fetch(SM).await.unwrap();
    assert_eq!(message.status, MessageStatus::Other("teleported".to_owned()));
    assert_eq!(message.direction.as_str(), "sideways");
    assert_eq!((message.error_code, message.num_segments), (Some(30006), Some(3)));
    assert_eq!((message.date_created, message.price), (None, None));
}
