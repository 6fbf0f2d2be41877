//! The parts of the kit, one by one.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use turnbuckle_core::http::{
    Delivery, HttpClient, Limits, Operation, ReqwestTransport, RetryPolicy, Transport, TransportErrorKind,
    default_verdict, transport_fn,
};
use turnbuckle_core::{Clock, Effect, Environment, ErrorKind, ProviderId, Random};
use turnbuckle_testkit::fault::{BodyFault, DropAfterPolls, Fault, FaultServer, FaultTransport, Faults};
use turnbuckle_testkit::leak::{Sentinels, capture, chain};
use turnbuckle_testkit::transport::{CountingTransport, RecordingTransport};
use turnbuckle_testkit::{FixedClock, SeededRandom};

const PROVIDER: ProviderId = ProviderId::from_static("acme_pay");

fn ok() -> Arc<dyn Transport> {
    Arc::new(transport_fn(|_| http::Response::new(Bytes::from_static(b"{}"))))
}

fn post(url: &str, body: &'static str) -> http::Request<Bytes> {
    let mut request = http::Request::new(Bytes::from_static(body.as_bytes()));
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = http::Uri::try_from(url).unwrap_or_default();
    request
}

fn limits() -> Limits {
    Limits::new(Duration::from_secs(5), 1024)
}

#[tokio::test]
async fn the_clock_moves_when_told_and_monotonic_time_never_goes_back() {
    let clock = FixedClock::new();
    let start = clock.now();
    assert_eq!(clock.now(), start, "it stands still");
    clock.advance(Duration::from_secs(90));
    clock.step_back(Duration::from_secs(3600));
    assert_eq!((start - clock.now()).num_seconds(), 3600 - 90);
    assert_eq!(clock.monotonic(), Duration::from_secs(90));
    clock.sleep(Duration::from_millis(250)).await;
    assert_eq!(clock.sleeps(), [Duration::from_millis(250)]);
    clock.advance_to(start);
    assert_eq!(clock.now(), start);
}

#[tokio::test]
async fn a_sleep_lets_others_go_first_and_a_manual_clock_waits() {
    let clock = FixedClock::new();
    let quick = std::pin::pin!(async {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    });
    let alarm = std::pin::pin!(clock.sleep(Duration::from_secs(60)));
    let winner = futures_util::future::select(quick, alarm).await;
    assert!(matches!(winner, futures_util::future::Either::Left(_)));
    assert!(clock.sleeps().is_empty(), "a sleep that was dropped is not one that ended");

    let manual = Arc::new(FixedClock::new().manual());
    let sleeper = tokio::spawn({
        let manual = Arc::clone(&manual);
        async move { manual.sleep(Duration::from_secs(10)).await }
    });
    tokio::task::yield_now().await;
    manual.advance(Duration::from_secs(9));
    tokio::task::yield_now().await;
    assert!(!sleeper.is_finished());
    manual.advance(Duration::from_secs(1));
    sleeper.await.unwrap();
}

#[test]
fn seeded_randomness_repeats_itself_and_names_its_seed() {
    let draw = |seed| {
        let random = SeededRandom::new(seed);
        let mut bytes = [0; 37];
        random.fill(&mut bytes).unwrap();
        bytes
    };
    assert_eq!(draw(7), draw(7));
    assert_ne!(draw(7), draw(8));
    assert!(format!("{:?}", SeededRandom::new(4711)).contains("4711"));
    // The first word of SplitMix64 with seed 0, as its authors publish it.
    assert_eq!(SeededRandom::new(0).next_u64(), 0xE220_A839_7B1D_CDAF);
}

#[test]
fn a_sentinel_is_found_in_every_encoding() {
    let secret = "s3cr\"et/+key=1";
    let sentinels = Sentinels::new().with("key", secret);
    let hex = |upper: bool| {
        let digits: Vec<String> = secret
            .bytes()
            .map(|byte| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") })
            .collect();
        digits.concat()
    };
    let hidden = [
        format!("x{secret}y"),
        r#"{"k":"s3cr\"et/+key=1"}"#.to_owned(),
        "q=s3cr%22et%2F%2Bkey%3D1".to_owned(),
        "q=s3cr%22et%2f%2bkey%3d1".to_owned(),
        hex(false),
        hex(true),
        format!("{secret:?}"),
    ];
    for text in hidden {
        assert_eq!(sentinels.find(&text).len(), 1, "{text}");
    }
    for before in ["", "u", "us", "user:"] {
        for after in ["", ":", "::x", "?>?>"] {
            use base64::Engine as _;
            let text = format!("{before}{secret}{after}");
            for engine in [
                base64::engine::general_purpose::STANDARD,
                base64::engine::general_purpose::URL_SAFE,
                base64::engine::general_purpose::URL_SAFE_NO_PAD,
            ] {
                assert_eq!(sentinels.find(&engine.encode(&text)), ["key (base64)"], "{before} {after}");
            }
        }
    }
    assert!(sentinels.find("s3cret key 1, nothing to see").is_empty());
    assert!(!format!("{sentinels:?}").contains("s3cr"));
}

#[test]
fn a_short_sentinel_counts_only_alone() {
    let sentinels = Sentinels::new().with("cvv", "7391");
    assert_eq!(sentinels.find("cvv=\"7391\""), ["cvv (clear)"]);
    assert_eq!(sentinels.find("(7391)").len(), 1);
    for text in ["at 12:00:01.7391Z", "id 17391", "re_7391", "73910"] {
        assert!(sentinels.find(text).is_empty(), "{text}");
    }
}

#[test]
#[should_panic(expected = "secrets in the output: key (clear)")]
fn assert_clean_fails_without_repeating_the_secret() {
    Sentinels::new().with("key", "sk_sentinel").assert_clean("oops sk_sentinel");
}

#[tokio::test]
async fn capture_sees_spans_fields_events_and_late_fields() {
    let capture = capture();
    let span = tracing::info_span!("work", early = "one", late = tracing::field::Empty);
    span.record("late", "two");
    span.in_scope(|| tracing::debug!(third = ?"three", "message {}", "four"));
    capture.watch(async { tracing::error!("five") }).await;
    for word in ["work", "one", "two", "three", "message four", "five"] {
        assert!(capture.text().contains(word), "{word}: {}", capture.text());
    }
    let text = capture.text();
    drop(capture);
    tracing::error!("nobody listens");
    assert!(!text.contains("nobody"));
}

#[test]
fn an_error_chain_shows_every_cause() {
    let inner = std::io::Error::other("the innermost");
    let error = turnbuckle_core::Error::new(ErrorKind::Network, "outside").with_source(inner);
    assert!(chain(&error).contains("outside") && chain(&error).contains("the innermost"));
}

#[tokio::test]
async fn counting_and_recording() {
    let counting = Arc::new(CountingTransport::new(ok()));
    let secrets = Sentinels::new().with("key", "sk_sentinel").with("card", "4242424242424242");
    let recording = RecordingTransport::new(counting.clone())
        .with_headers(&["content-type", "x-key"])
        .with_secrets(secrets.clone());
    let mut request = post("https://api.test/v1/charge?key=sk_sentinel", "card=4242424242424242&amount=5");
    request.headers_mut().insert("x-key", "Basic c2tfc2VudGluZWw=".parse().unwrap());
    request.headers_mut().insert("authorization", "Bearer other".parse().unwrap());
    recording.send(request, limits()).await.unwrap();
    assert_eq!(counting.sent(), 1);
    let messages = recording.messages();
    let message = messages.first().unwrap();
    assert!(message.starts_with("POST /v1/charge?key={key} HTTP/1.1\r\nhost: api.test\r\n"), "{message}");
    assert!(message.ends_with("\r\n\r\ncard={card}&amount=5"), "{message}");
    assert!(!message.contains("authorization"));
    assert!(!format!("{recording:?}").contains("4242"));
}

#[tokio::test]
async fn faults_hit_what_they_are_meant_for_and_count_what_got_through() {
    let counting = Arc::new(CountingTransport::new(ok()));
    let faults = Faults::new();
    let transport = FaultTransport::new(counting.clone(), faults.clone());
    faults.on_request(2, Fault::ResetAfter);
    faults.on_path("/refund", Fault::ConnectRefused);
    faults.from_request(4, Fault::TooManyRequests { retry_after: Some(3) });
    let mut results = Vec::new();
    for path in ["charge", "charge", "refund", "charge", "charge"] {
        results.push(transport.send(post(&format!("https://api.test/{path}"), "hello1"), limits()).await);
    }
    assert_eq!(results.remove(0).unwrap().status(), 200);
    let lost = results.remove(0).unwrap_err();
    assert_eq!((lost.kind(), lost.delivery()), (TransportErrorKind::Reset, Delivery::MaybeDelivered));
    assert_eq!(results.remove(0).unwrap_err().delivery(), Delivery::NotSent);
    let slow_down = results.remove(0).unwrap();
    assert_eq!(
        (slow_down.status().as_u16(), slow_down.headers()["retry-after"].as_bytes()),
        (429, &b"3"[..])
    );
    assert_eq!((faults.requests(), faults.delivered(), faults.met(), counting.sent()), (5, 2, 4, 2));
    assert!(faults.saw("hello1") && !faults.saw("hello2"));
    faults.clear();
    assert!(transport.send(post("https://api.test/refund", ""), limits()).await.is_ok());
    assert_eq!((faults.requests(), faults.met()), (1, 0));
}

#[tokio::test]
async fn every_fault_reaches_the_vendor_or_not_as_it_says() {
    let every = [
        Fault::ConnectRefused,
        Fault::ResetBefore,
        Fault::ResetAfter,
        Fault::TimeoutBefore,
        Fault::TimeoutAfter,
        Fault::Truncated,
        Fault::BadUtf8,
        Fault::DeepJson,
        Fault::HtmlBadGateway,
        Fault::Oversized,
        Fault::Compressed,
        Fault::TooManyRequests { retry_after: None },
        Fault::ServerError { after_effect: true },
        Fault::ServerError { after_effect: false },
        Fault::Redirect { location: "https://elsewhere.test/".to_owned() },
    ];
    for fault in every {
        let counting = Arc::new(CountingTransport::new(ok()));
        let faults = Faults::new();
        faults.from_request(1, fault.clone());
        let clock = Arc::new(FixedClock::new());
        let transport = Arc::new(FaultTransport::new(counting.clone(), faults.clone()));
        let client = HttpClient::builder(PROVIDER, Environment::Sandbox, transport, clock.clone())
            .with_random(Arc::new(SeededRandom::new(1)))
            .with_retry(RetryPolicy::never())
            .build();
        let request = post("https://api.test/charge", "");
        let result = client.send(&Operation::once("charge"), request, default_verdict).await;
        assert_eq!(counting.sent() == 1, fault.reaches_vendor(), "{fault:?}");
        assert!(clock.sleeps().is_empty(), "{fault:?} hit the deadline");
        let settled = match &result {
            Err(error) => error.effect() == Effect::None,
            Ok(reply) => !reply.ambiguous && !reply.response.status().is_success(),
        };
        assert!(!settled || !fault.reaches_vendor(), "{fault:?}: the client claims that nothing happened");
    }
}

#[tokio::test]
async fn a_fault_transport_can_be_dropped_before_and_after_the_vendor() {
    let mut reached = Vec::new();
    for polls in 0..10 {
        let counting = Arc::new(CountingTransport::new(ok()));
        let transport = FaultTransport::new(counting.clone(), Faults::new());
        let call = DropAfterPolls::new(transport.send(post("https://api.test/", ""), limits()), polls);
        let done = call.await.is_some();
        reached.push((counting.sent(), done));
        if done {
            break;
        }
    }
    assert_eq!(reached, [(0, false), (0, false), (1, false), (1, true)]);
}

#[tokio::test]
async fn body_faults_through_the_default_transport() {
    use TransportErrorKind as Kind;
    let transport = ReqwestTransport::new().unwrap();
    let cases = [
        (BodyFault::None, None),
        (BodyFault::ClosedBeforeHead, Some((Kind::Reset, Delivery::MaybeDelivered))),
        (BodyFault::SlowHead, Some((Kind::Timeout, Delivery::MaybeDelivered))),
        (BodyFault::SlowBody, Some((Kind::Timeout, Delivery::Answered))),
        (BodyFault::OversizedDeclared(100_000), Some((Kind::BodyTooLarge, Delivery::Answered))),
        (BodyFault::OversizedChunked(100_000), Some((Kind::BodyTooLarge, Delivery::Answered))),
        (BodyFault::Compressed, Some((Kind::CompressedReply, Delivery::Answered))),
        (BodyFault::Truncated, Some((Kind::Truncated, Delivery::Answered))),
        (BodyFault::BadChunk, Some((Kind::Truncated, Delivery::Answered))),
        (BodyFault::NotHttp, Some((Kind::Malformed, Delivery::MaybeDelivered))),
    ];
    for (fault, expected) in cases {
        let server = FaultServer::start(fault).await.unwrap();
        let slow = matches!(fault, BodyFault::SlowHead | BodyFault::SlowBody);
        // Long enough to reach the server on a busy machine, short enough to wait for; the rest ends by itself.
        let time = Duration::from_millis(if slow { 300 } else { 30_000 });
        let request = post(&format!("{}/charge", server.base_url()), "a=1");
        let result = transport.send(request, Limits::new(time, 1024)).await;
        let seen = result.as_ref().err().map(|error| (error.kind(), error.delivery()));
        assert_eq!(seen, expected, "{fault:?}");
        assert_eq!(server.requests(), 1, "{fault:?}: sent once");
    }
}
