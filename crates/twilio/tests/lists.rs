//! Lists as streams: every object, and never another host.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod wire_support;

use futures_util::{StreamExt, TryStreamExt};
use serde_json::{Value, json};
use turnbuckle_core::ErrorKind;
use turnbuckle_twilio::*;
use wire_support::{AC, Answer, Wire, sample};

/// A page of the API of 2010 with one message, and where the next is.
fn page(sid: &str, next: &Value) -> Answer {
    let mut message = sample("message");
    message["sid"] = sid.into();
    Answer::json(200, &json!({"messages": [message], "next_page_uri": next, "page": 0}))
}

/// A page of a newer product.
fn services(name: &str, next: &Value) -> Answer {
    let mut service = sample("messaging_service");
    service["friendly_name"] = name.into();
    let meta = json!({"key": "services", "next_page_url": next, "page": 0});
    Answer::json(200, &json!({"meta": meta, "services": [service]}))
}

fn path(query: &str) -> Value {
    format!("/2010-04-01/Accounts/{AC}/Messages.json?{query}").into()
}

#[tokio::test]
async fn a_stream_follows_pages_at_the_same_place() {
    let wire = Wire::new([
        page("SM1", &path("PageSize=1&Page=1&PageToken=PASM1")),
        page("SM2", &path("PageSize=1&Page=2&PageToken=PASM2")),
        page("SM3", &Value::Null),
    ]);
    let params = ListMessages::new().with_page_size(1);
    let messages: Vec<Message> = wire.twilio().messages().list(&params).stream().try_collect().await.unwrap();
    assert_eq!(
        messages.iter().map(|message| message.sid.as_str()).collect::<Vec<_>>(),
        ["SM1", "SM2", "SM3"]
    );
    let queries: Vec<_> =
        wire.sent().iter().map(|request| request.uri().query().unwrap().to_owned()).collect();
    assert_eq!(
        queries,
        ["PageSize=1", "PageSize=1&Page=1&PageToken=PASM1", "PageSize=1&Page=2&PageToken=PASM2"]
    );
    assert!(wire.sent().iter().all(|request| request.uri().host() == Some("api.twilio.com")));

    let wire = Wire::new([
        services("a", &"https://messaging.twilio.com/v1/Services?PageSize=1&Page=1&PageToken=PT".into()),
        services("b", &Value::Null),
    ]);
    let stream = wire.twilio().messaging_services().list().stream();
    let names: Vec<_> = stream.map_ok(|service| service.friendly_name).try_collect().await.unwrap();
    assert_eq!(names, ["a", "b"]);
}

#[tokio::test]
async fn a_stand_in_may_name_itself_or_the_vendor() {
    for next in [
        "https://messaging.twilio.com/v1/Services?Page=1",
        "http://127.0.0.1:4010/messaging/v1/Services?Page=1",
    ] {
        let wire = Wire::new([services("a", &next.into()), services("b", &Value::Null)]);
        let config = wire.config().with_base_url("http://127.0.0.1:4010".parse().unwrap());
        let stream = Twilio::new(&config).unwrap().messaging_services().list().stream();
        assert_eq!(stream.count().await, 2);
        let second = wire.sent()[1].uri().to_string();
        assert_eq!(second, "http://127.0.0.1:4010/messaging/v1/Services?Page=1");
    }
}

#[tokio::test]
async fn no_page_leads_the_credentials_elsewhere() {
    for next in [
        "https://evil.example/v1/Services?Page=1",
        "https://messaging.twilio.com.evil.example/v1/Services?Page=1",
        "http://messaging.twilio.com/v1/Services?Page=1",
        "https://messaging.twilio.com:8443/v1/Services?Page=1",
        "//evil.example/v1/Services?Page=1",
        "https://messaging.twilio.com/v1/Other?Page=1",
        "https://messaging.twilio.com/v1/Services",
        "https://api.twilio.com/v1/Services?Page=1",
    ] {
        let wire = Wire::new([services("a", &next.into())]);
        let mut stream = wire.twilio().messaging_services().list().stream();
        let error = stream.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{next}");
        assert!(!error.to_string().contains("evil"));
        assert!(stream.next().await.is_none());
        assert_eq!(wire.sent().len(), 1, "{next}");
    }
}

#[tokio::test]
async fn pages_in_a_circle_end() {
    let again = path("Page=1&PageToken=PASM1");
    let wire = Wire::new((0..5).map(|_| page("SM1", &again)));
    let results: Vec<_> = wire.twilio().messages().list(&ListMessages::new()).stream().collect().await;
    assert!(results.last().unwrap().is_err());
    assert!(results.iter().filter(|result| result.is_err()).count() == 1 && results.len() < 6);
}

#[tokio::test]
async fn a_failed_page_ends_the_stream_and_nothing_is_asked_before_it_is_polled() {
    let wire = Wire::new([page("SM1", &path("Page=1")), Answer::fixture(401, "error_authenticate")]);
    let mut stream = wire.twilio().messages().list(&ListMessages::new()).stream();
    assert!(wire.sent().is_empty());
    assert_eq!(stream.next().await.unwrap().unwrap().sid, "SM1");
    assert_eq!(stream.next().await.unwrap().unwrap_err().kind(), ErrorKind::Unauthorized);
    assert!(stream.next().await.is_none());

    for body in ["{}", "[]", r#"{"messages":{}}"#, r#"{"messages":[]} x"#, ""] {
        let wire = Wire::new([Answer::new(200, body)]);
        let error = wire.twilio().messages().list(&ListMessages::new()).page().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{body}");
    }
    for size in [0, 1001] {
        let wire = Wire::default();
        let list = wire.twilio().messages().list(&ListMessages::new().with_page_size(size));
        let error = list.stream().next().await.unwrap().unwrap_err();
        assert_eq!((error.kind(), error.fields()[0].field.as_ref()), (ErrorKind::InvalidRequest, "PageSize"));
        assert!(wire.sent().is_empty());
    }
}
