//! What a call writes into spans and events: the fields that are promised, and nothing of the request or the answer.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail the test")]

mod http_support;

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_support::{Script, Step, answer, client, lost};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use turnbuckle_core::http::{Operation, default_verdict};

#[derive(Clone, Default)]
struct Capture(Arc<Mutex<Vec<String>>>);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        use fmt::Write;
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}

impl Capture {
    fn push(&self, lead: &str, record: impl FnOnce(&mut Line<'_>)) {
        let mut text = lead.to_owned();
        record(&mut Line(&mut text));
        self.0.lock().unwrap().push(text);
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Capture {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        self.push(attributes.metadata().name(), |line| attributes.record(line));
    }

    fn on_record(&self, _: &Id, values: &Record<'_>, _: Context<'_, S>) {
        self.push("record", |line| values.record(line));
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let span = context.event_span(event).map_or("nowhere", |span| span.name());
        self.push(&format!("event in {span}"), |line| event.record(line));
    }
}

const SENTINEL: &str = "sentinel_a41e";

/// Everything that a call with sentinels in every place writes down.
async fn written(steps: Vec<Step>, operation: Operation) -> Vec<String> {
    let capture = Capture::default();
    let subscriber = tracing_subscriber::registry().with(capture.clone());
    let _guard = tracing::subscriber::set_default(subscriber);
    let script = Script::new(steps);
    let (client, _) = client(&script);
    let request = Request::post(format!("https://api.example.com/v1/{SENTINEL}?key={SENTINEL}"))
        .header("authorization", format!("Bearer {SENTINEL}"))
        .body(Bytes::from(format!("card={SENTINEL}")))
        .unwrap();
    let result = client.send(&operation, request, default_verdict).await;
    let shown = format!("{result:?} {client:?}");
    assert!(!shown.contains(SENTINEL), "{shown}");
    let lines = capture.0.lock().unwrap().clone();
    assert!(!lines.is_empty());
    assert!(lines.iter().all(|line| !line.contains(SENTINEL) && !line.contains("example.com")), "{lines:#?}");
    lines
}

fn talkative(status: u16, request_id: &str) -> Step {
    let headers = vec![
        ("request-id", request_id.to_owned()),
        ("set-cookie", SENTINEL.to_owned()),
        (SENTINEL, "1".to_owned()),
    ];
    Step::Answer(status, headers, Bytes::from(format!("{{\"secret\":\"{SENTINEL}\"}}")))
}

#[tokio::test]
async fn an_answered_call() {
    let lines =
        written(vec![talkative(429, "req_1"), talkative(200, "req_2")], Operation::once("charge")).await;
    let text = lines.join("\n");
    assert!(lines[0].starts_with("provider.call "), "{text}");
    for part in ["provider=acme_pay", "operation=\"charge\"", "environment=\"sandbox\""] {
        assert!(lines[0].contains(part), "{text}");
    }
    let events: Vec<_> = lines.iter().filter(|line| line.starts_with("event in provider.call ")).collect();
    assert_eq!(events.len(), 2, "{text}");
    assert!(events[0].contains("attempt=1") && events[0].contains("status=429"), "{text}");
    assert!(events[0].contains("pause_ms=500"), "{text}");
    assert!(events[1].contains("attempt=2") && events[1].contains("status=200"), "{text}");
    assert!(!events[1].contains("pause_ms"), "{text}");
    for record in
        ["attempts=2", "status=200", "request_id=\"req_2\"", "latency_ms=500", "outcome=\"answered\""]
    {
        assert!(lines.contains(&format!("record {record}")), "{record}\n{text}");
    }
}

#[tokio::test]
async fn an_ambiguous_call_and_a_failed_one() {
    let lines = written(vec![lost(), talkative(402, "req_1")], Operation::idempotent("charge")).await;
    assert!(lines.contains(&"record outcome=\"ambiguous\"".to_owned()), "{lines:#?}");

    let lines =
        written(vec![Step::Hang], Operation::once("charge").with_deadline(Duration::from_secs(9))).await;
    for record in ["attempts=1", "latency_ms=9000", "outcome=\"timeout\""] {
        assert!(lines.contains(&format!("record {record}")), "{record}\n{lines:#?}");
    }
    assert!(lines.iter().any(|line| line.contains("delivery=\"maybe_delivered\"")), "{lines:#?}");
}

#[tokio::test]
async fn a_request_id_that_is_not_one_is_not_written() {
    let odd = format!("Bearer {SENTINEL} {}", "x".repeat(300));
    let lines = written(vec![talkative(200, &odd)], Operation::once("charge")).await;
    assert!(lines.iter().all(|line| !line.contains("request_id=")), "{lines:#?}");
}

#[tokio::test]
async fn the_span_is_left_while_the_call_waits() {
    let capture = Capture::default();
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(capture.clone()));
    let script = Script::new([answer(200)]);
    let (client, _) = client(&script);
    let operation = Operation::once("charge");
    let request = http_support::post();
    let call = client.send(&operation, request, default_verdict);
    tracing::info!("between");
    call.await.unwrap();
    tracing::info!("after");
    let lines = capture.0.lock().unwrap();
    assert_eq!(lines.iter().filter(|line| line.starts_with("event in nowhere ")).count(), 2, "{lines:#?}");
}
