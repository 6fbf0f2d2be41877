//! The client's policy over scripted transports: what is sent again, what the caller is told, and how long it takes.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail the test")]

mod http_support;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_support::{
    AutoClock, Script, Step, answer, answer_with, broken, builder, client, client_with, fail, lost, not_sent,
    post,
};
use turnbuckle_core::http::{
    ConnectionState, Delivery, MAX_RETRY_AFTER, Operation, Processed, RateLimit, RetryBudget, RetryPolicy,
    Transport, TransportError, TransportErrorKind, Verdict, default_verdict, transport_fn, transport_try_fn,
};
use turnbuckle_core::{Advice, Clock, Effect, ErrorKind};

const READ: Operation = Operation::read("lookup");
const IDEMPOTENT: Operation = Operation::idempotent("capture");
const ONCE: Operation = Operation::once("charge");
const ALL: [Operation; 3] = [READ, IDEMPOTENT, ONCE];

fn processed(processed: Processed) -> impl Fn(&http::Response<Bytes>) -> Verdict + Send + Sync {
    move |response| match response.status().as_u16() {
        200 => Verdict::Final,
        _ => Verdict::Retry { processed, after: None },
    }
}

#[tokio::test]
async fn every_cell_of_safety_and_first_ending() {
    use Processed::{Maybe, No};
    // First ending, how the verdict judges it, whether it is followed by another attempt, and whether it stays
    // ambiguous: for read, idempotent, once.
    let cells: [(Step, Processed, [bool; 3], bool); 5] = [
        (not_sent(), No, [true, true, true], false),
        (lost(), No, [true, true, false], true),
        (broken(), No, [true, true, false], true),
        (answer(400), No, [true, true, true], false),
        (answer(400), Maybe, [true, true, false], true),
    ];
    for (first, judged, again, ambiguous) in cells {
        for (operation, again) in ALL.iter().zip(again) {
            let script = Script::new([first.clone(), answer(200)]);
            let (client, _) = client(&script);
            let result = client.send(operation, post(), processed(judged)).await;
            let cell = format!("{first:?} {judged:?} {operation:?}");
            assert_eq!(script.sent(), if again { 2 } else { 1 }, "{cell}");
            let expect_ambiguous = ambiguous && *operation != READ;
            match result {
                Ok(reply) => {
                    assert_eq!(reply.ambiguous, expect_ambiguous, "{cell}");
                    assert_eq!(reply.attempts, if again { 2 } else { 1 }, "{cell}");
                    assert_eq!(reply.response.status(), if again { 200 } else { 400 }, "{cell}");
                }
                Err(error) => {
                    assert!(!again, "{cell}");
                    assert_eq!(error.effect(), Effect::Unknown, "{cell}");
                    assert_eq!(error.advice(), Advice::ResolveFirst, "{cell}");
                }
            }
        }
    }
}

#[tokio::test]
async fn final_and_uncertain_answers_are_never_followed_by_another_attempt() {
    for operation in ALL {
        for (verdict, ambiguous) in [(Verdict::Final, false), (Verdict::Uncertain, operation != READ)] {
            let script = Script::new([answer(500)]);
            let reply = client(&script).0.send(&operation, post(), |_: &_| verdict).await.unwrap();
            assert_eq!((reply.attempts, reply.ambiguous), (1, ambiguous), "{operation:?} {verdict:?}");
        }
    }
}

#[tokio::test]
async fn failures_that_would_repeat_themselves_are_not_repeated() {
    let hopeless = [
        (TransportErrorKind::Tls, Delivery::NotSent, ErrorKind::Network),
        (TransportErrorKind::BodyTooLarge, Delivery::Answered, ErrorKind::InvalidResponse),
        (TransportErrorKind::CompressedReply, Delivery::Answered, ErrorKind::InvalidResponse),
        (TransportErrorKind::Malformed, Delivery::MaybeDelivered, ErrorKind::InvalidResponse),
        (TransportErrorKind::InsecureUrl, Delivery::NotSent, ErrorKind::InvalidConfig),
    ];
    for (kind, delivery, expected) in hopeless {
        for operation in ALL {
            let script = Script::new([fail(kind, delivery)]);
            let error = client(&script).0.send(&operation, post(), default_verdict).await.unwrap_err();
            assert_eq!((script.sent(), error.kind()), (1, expected), "{kind:?} {operation:?}");
            let unknown = delivery != Delivery::NotSent && operation != READ;
            assert_eq!(error.effect(), if unknown { Effect::Unknown } else { Effect::None }, "{kind:?}");
        }
    }
}

#[tokio::test]
async fn all_attempts_failing_tell_the_worst_that_may_have_happened() {
    let cases = [
        (vec![not_sent(), not_sent(), not_sent()], Effect::None),
        (vec![lost(), not_sent(), not_sent()], Effect::Unknown),
        (vec![not_sent(), broken(), not_sent()], Effect::Unknown),
        (vec![answer(500), not_sent(), not_sent()], Effect::Unknown),
        (vec![answer(429), not_sent(), not_sent()], Effect::None),
    ];
    for (steps, effect) in cases {
        for (operation, effect) in [(IDEMPOTENT, effect), (READ, Effect::None)] {
            let script = Script::new(steps.clone());
            let error = client(&script).0.send(&operation, post(), default_verdict).await.unwrap_err();
            assert_eq!((script.left(), error.effect()), (0, effect), "{steps:?} {operation:?}");
            assert_eq!(error.kind(), ErrorKind::Network);
            assert_eq!(error.operation(), Some(operation.name));
            assert_eq!(error.provider(), Some(&http_support::PROVIDER));
            let source = std::error::Error::source(&error).unwrap();
            let source = source.downcast_ref::<TransportError>().expect("the transport's own word");
            assert_eq!(source.delivery(), Delivery::NotSent);
        }
    }
}

#[tokio::test]
async fn a_later_answer_does_not_settle_an_earlier_attempt() {
    let cases = [
        vec![lost(), answer(429), answer(429)],
        vec![lost(), not_sent(), answer(401)],
        vec![answer(500), answer(402)],
        vec![broken(), answer(404)],
    ];
    for steps in cases {
        let script = Script::new(steps.clone());
        let reply = client(&script).0.send(&IDEMPOTENT, post(), default_verdict).await.unwrap();
        assert_eq!((script.left(), reply.ambiguous), (0, true), "{steps:?}");
        assert_eq!(reply.refusal_effect(), Effect::Unknown, "{steps:?}");
    }
    let script = Script::new([not_sent(), answer(429), answer(402)]);
    let reply = client(&script).0.send(&ONCE, post(), default_verdict).await.unwrap();
    assert_eq!((reply.ambiguous, reply.refusal_effect()), (false, Effect::None));
}

#[tokio::test]
async fn every_attempt_is_the_same_bytes() {
    let script = Script::new([lost(), answer(503), answer(200)]);
    client(&script).0.send(&IDEMPOTENT, post(), default_verdict).await.unwrap();
    let seen = script.seen.lock().unwrap();
    assert!(seen.iter().all(|(head, body, _)| (head, body) == (&seen[0].0, &seen[0].1)));
    assert!(seen[0].0.contains("key-1"));
}

#[test]
fn the_default_verdict_by_status() {
    let judge = |status: u16, retry_after: bool| {
        let mut response = http::Response::builder().status(status);
        if retry_after {
            response = response.header("retry-after", "5");
        }
        default_verdict(&response.body(Bytes::new()).unwrap())
    };
    for retry_after in [false, true] {
        assert_eq!(judge(429, retry_after), Verdict::Retry { processed: Processed::No, after: None });
        for status in [408, 500, 502, 503, 504] {
            let maybe = Verdict::Retry { processed: Processed::Maybe, after: None };
            assert_eq!(judge(status, retry_after), maybe, "{status}");
        }
        for status in [501, 505, 520, 599] {
            assert_eq!(judge(status, retry_after), Verdict::Uncertain, "{status}");
        }
        for status in [200, 201, 204, 301, 400, 401, 402, 403, 404, 409, 422] {
            assert_eq!(judge(status, retry_after), Verdict::Final, "{status}");
        }
    }
}

#[tokio::test]
async fn pauses_double_up_to_the_cap_and_are_drawn_from_zero() {
    let policy = RetryPolicy::new().with_max_attempts(7);
    for (byte, expected) in [(0xff, [500, 1000, 2000, 4000, 5000, 5000]), (0x00, [0; 6])] {
        let script = Script::new(vec![not_sent(); 7]);
        let clock = Arc::new(AutoClock::default());
        let client = builder(script.clone(), clock.clone())
            .with_random(Arc::new(http_support::FixedRandom(byte)))
            .with_retry(policy)
            .build();
        client.send(&ONCE, post(), default_verdict).await.unwrap_err();
        let slept: Vec<u128> = clock.slept().iter().map(Duration::as_millis).collect();
        assert_eq!(slept, expected);
    }
}

#[tokio::test]
async fn retry_after_is_obeyed_ignored_or_handed_back() {
    // Header, pause before the second attempt (the drawn pause is 500 ms), or the wait that is handed back.
    let date = "Thu, 01 Jan 1970 00:00:30 GMT";
    let past = "Wed, 31 Dec 1969 23:59:00 GMT";
    let cases: [(&str, Result<u64, Duration>); 12] = [
        ("7", Ok(7000)),
        ("0", Ok(500)),
        (date, Ok(30_000)),
        (past, Ok(500)),
        ("-5", Ok(500)),
        ("soon", Ok(500)),
        ("1.5", Ok(500)),
        ("", Ok(500)),
        ("60", Err(Duration::from_secs(60))),
        ("86400", Err(Duration::from_secs(86_400))),
        ("99999999999999999999999999", Err(MAX_RETRY_AFTER)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", Err(MAX_RETRY_AFTER)),
    ];
    for (header, expected) in cases {
        let script = Script::new([answer_with(429, "retry-after", header), answer(200)]);
        let (client, clock) = client(&script);
        let reply = client.send(&ONCE, post(), default_verdict).await.unwrap();
        match expected {
            Ok(pause) => {
                assert_eq!(reply.response.status(), 200, "{header}");
                assert_eq!(clock.slept(), [Duration::from_millis(pause)], "{header}");
            }
            Err(wait) => {
                assert_eq!(reply.response.status(), 429, "{header}");
                assert_eq!((reply.retry_after, reply.attempts), (Some(wait), 1), "{header}");
                assert!(clock.slept().is_empty(), "{header}");
                assert_eq!(client.state().budget().tokens(), RetryBudget::DEFAULT_CAPACITY, "{header}");
            }
        }
    }
}

#[tokio::test]
async fn a_verdict_may_name_its_own_wait() {
    let script = Script::new([answer_with(429, "retry-after", "9"), answer(200)]);
    let (client, clock) = client(&script);
    let after = Some(Duration::from_secs(3));
    let verdict = |response: &http::Response<Bytes>| match response.status().as_u16() {
        200 => Verdict::Final,
        _ => Verdict::Retry { processed: Processed::No, after },
    };
    client.send(&ONCE, post(), verdict).await.unwrap();
    assert_eq!(clock.slept(), [Duration::from_secs(3)]);
}

#[tokio::test]
async fn a_storm_costs_no_more_than_the_budget() {
    let storms: [(Step, usize); 4] = [
        (answer(429), 100),
        (answer(500), 100),
        (not_sent(), 100),
        (fail(TransportErrorKind::Timeout, Delivery::MaybeDelivered), 50),
    ];
    for (step, extra) in storms {
        let script = Script::new(vec![step.clone(); 1000 + extra]);
        let (client, _) = client(&script);
        for _ in 0..1000 {
            let _ = client.send(&IDEMPOTENT, post(), default_verdict).await;
        }
        assert_eq!((script.sent(), script.left()), (1000 + extra, 0), "{step:?}");
        assert_eq!(client.state().budget().tokens(), 0);
    }
}

#[tokio::test]
async fn success_refills_the_budget_slowly_and_not_beyond_full() {
    let state = ConnectionState::new().with_retry_budget(RetryBudget::new(5));
    let script = Script::new([answer(429), answer(200), answer(429)]);
    let (client, _) = client_with(&script, state);
    assert_eq!(client.send(&ONCE, post(), default_verdict).await.unwrap().attempts, 2);
    assert_eq!(client.state().budget().tokens(), 1);
    assert_eq!(client.send(&ONCE, post(), default_verdict).await.unwrap().response.status(), 429);

    let script = Script::new(vec![answer(200); 9]);
    let (client, _) = client_with(&script, ConnectionState::new().with_retry_budget(RetryBudget::new(5)));
    for _ in 0..9 {
        client.send(&ONCE, post(), default_verdict).await.unwrap();
    }
    assert_eq!(client.state().budget().tokens(), 5);
}

fn two_a_second() -> ConnectionState {
    ConnectionState::new().with_rate_limit(RateLimit::per_second(NonZeroU32::new(2).unwrap()))
}

#[tokio::test]
async fn the_rate_limit_waits_within_the_deadline_and_refuses_beyond_it() {
    let script = Script::new(vec![answer(200); 4]);
    let (client, clock) = client_with(&script, two_a_second());
    for _ in 0..3 {
        client.send(&ONCE, post(), default_verdict).await.unwrap();
    }
    assert_eq!(clock.slept(), [Duration::from_millis(500); 2]);

    // The place comes up exactly with the deadline.
    let hasty = ONCE.with_deadline(Duration::from_millis(500));
    let error = client.send(&hasty, post(), default_verdict).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::RateLimited, Effect::None));
    assert_eq!(error.advice(), Advice::RetryAfter(Duration::from_millis(500)));
    assert_eq!(script.sent(), 3);

    // The refused call took no place: the next one waits no longer than it would have.
    client.send(&ONCE, post(), default_verdict).await.unwrap();
    assert_eq!(clock.slept(), [Duration::from_millis(500); 3]);
}

#[tokio::test]
async fn retries_pass_the_rate_limit_too_and_fall_back_to_what_is_known() {
    let slow = RateLimit::new(NonZeroU32::MIN, Duration::from_secs(100));
    let script = Script::new([lost()]);
    let (client, _) = client_with(&script, ConnectionState::new().with_rate_limit(slow));
    let error = client.send(&IDEMPOTENT, post(), default_verdict).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Network, Effect::Unknown));

    let script = Script::new([answer(429)]);
    let (client, _) = client_with(&script, ConnectionState::new().with_rate_limit(slow));
    let reply = client.send(&ONCE, post(), default_verdict).await.unwrap();
    assert_eq!((reply.response.status().as_u16(), reply.ambiguous), (429, false));
}

#[tokio::test]
async fn a_transport_that_hangs_meets_the_deadline() {
    for (operation, effect) in [(ONCE, Effect::Unknown), (IDEMPOTENT, Effect::Unknown), (READ, Effect::None)]
    {
        let operation = operation.with_deadline(Duration::from_secs(8));
        let script = Script::new([Step::Hang]);
        let (client, clock) = client(&script);
        let error = client.send(&operation, post(), default_verdict).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Timeout, effect), "{operation:?}");
        assert_eq!(clock.monotonic(), Duration::from_secs(8), "{operation:?}");
    }
}

#[tokio::test]
async fn a_stuck_attempt_leaves_room_for_the_next() {
    let script = Script::new([Step::Hang, Step::Hang, answer(200)]);
    let (client, _) = client(&script);
    let reply = client.send(&READ, post(), default_verdict).await.unwrap();
    assert_eq!(reply.attempts, 3);
    let left: Vec<u128> =
        script.seen.lock().unwrap().iter().map(|seen| seen.2.time_left.as_millis()).collect();
    // 60 s in all, 20 s an attempt, pauses of 500 ms and 1 s.
    assert_eq!(left, [20_000, 20_000, 18_500]);

    let script = Script::new([Step::Hang]);
    let once = ONCE.with_attempt_timeout(Duration::from_secs(5));
    let error = client_with(&script, ConnectionState::new()).0.send(&once, post(), default_verdict).await;
    assert_eq!(error.unwrap_err().effect(), Effect::Unknown);
}

#[tokio::test]
async fn no_time_means_nothing_is_sent() {
    let script = Script::new([]);
    let operation = IDEMPOTENT.with_deadline(Duration::ZERO);
    let error = client(&script).0.send(&operation, post(), default_verdict).await.unwrap_err();
    assert_eq!((error.kind(), error.effect(), script.sent()), (ErrorKind::Timeout, Effect::None, 0));
}

#[tokio::test]
async fn an_answer_that_is_there_wins_over_the_alarm() {
    let script = Script::new([answer(200)]);
    let (client, clock) = client(&script);
    client.send(&ONCE, post(), default_verdict).await.unwrap();
    assert!(clock.slept().is_empty());
}

#[tokio::test]
async fn unsafe_urls_are_refused_before_anything_else() {
    for uri in [
        "http://api.example.com/v1",
        "http://10.0.0.1/",
        "http://localhost.example.com/",
        "http://[::ffff:127.0.0.1]/",
        "http://127.1/",
        "https://user:secret@api.example.com/",
        "http://127.0.0.1@example.com/",
        "ftp://api.example.com/",
        "/relative",
    ] {
        let script = Script::new([]);
        let (client, _) = client_with(&script, two_a_second());
        let request = Request::get(uri).body(Bytes::new()).unwrap();
        let error = client.send(&ONCE, request, default_verdict).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidConfig, Effect::None), "{uri}");
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("secret") && !shown.contains("example"), "{shown}");
    }
    for uri in ["https://api.example.com/", "http://127.9.9.9:80/", "http://[::1]:8080/", "http://LOCALHOST/"]
    {
        let script = Script::new([answer(200)]);
        let request = Request::get(uri).body(Bytes::new()).unwrap();
        client(&script).0.send(&ONCE, request, default_verdict).await.unwrap();
    }
}

#[tokio::test]
async fn any_transport_is_held_to_the_limits() {
    let body = Bytes::from(vec![b'x'; 100_000]);
    let operation = ONCE.with_max_body(99_999);
    let script = Script::new([Step::Answer(200, Vec::new(), body.clone())]);
    let error = client(&script).0.send(&operation, post(), default_verdict).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidResponse, Effect::Unknown));
    assert_eq!(error.http_status(), Some(200));

    let script = Script::new([Step::Answer(402, Vec::new(), body)]);
    let reply = client(&script).0.send(&operation, post(), default_verdict).await.unwrap();
    assert_eq!(reply.response.body().len(), 64 * 1024);
}

/// Never rings, so that a call stays pending.
#[derive(Debug)]
struct Still;
#[async_trait::async_trait]
impl Clock for Still {
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        chrono::DateTime::UNIX_EPOCH
    }
    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
    async fn sleep(&self, _: Duration) {
        std::future::pending::<()>().await;
    }
}

#[tokio::test]
async fn a_dropped_call_leaves_the_connection_usable() {
    let script = Script::new([Step::Hang, answer(200)]);
    let limit = RateLimit::per_second(NonZeroU32::MIN).with_burst(NonZeroU32::new(2).unwrap());
    let state = Arc::new(ConnectionState::new().with_rate_limit(limit));
    let client = builder(script.clone(), Arc::new(Still)).with_state(state).build();
    {
        let mut call = Box::pin(client.send(&ONCE, post(), default_verdict));
        let pending =
            std::future::poll_fn(|context| Poll::Ready(call.as_mut().poll(context).is_pending())).await;
        assert!(pending);
    }
    assert_eq!(client.send(&ONCE, post(), default_verdict).await.unwrap().attempts, 1);
}

#[tokio::test]
async fn request_ids_come_from_the_named_headers_and_only_when_plain() {
    let cases = [
        ("request-id", "req_123", Some("req_123")),
        ("x-request-id", "a-b.c:d", Some("a-b.c:d")),
        ("other-id", "req_123", None),
        ("request-id", "two words", None),
        ("request-id", "", None),
    ];
    for (name, value, expected) in cases {
        let script = Script::new([answer_with(200, name, value)]);
        let reply = client(&script).0.send(&ONCE, post(), default_verdict).await.unwrap();
        assert_eq!(reply.request_id.as_deref(), expected, "{name}: {value}");
    }
    let script = Script::new([answer_with(200, "x-vendor-trace", "t1")]);
    let clock = Arc::new(AutoClock::default());
    let client = builder(script, clock).with_request_id_headers(&["x-vendor-trace"]).build();
    let reply = client.send(&ONCE, post(), default_verdict).await.unwrap();
    assert_eq!(reply.request_id.as_deref(), Some("t1"));
}

#[tokio::test]
async fn functions_are_transports() {
    let clock = Arc::new(AutoClock::default());
    let echo: Arc<dyn Transport> = Arc::new(transport_fn(|request| http::Response::new(request.into_body())));
    let reply = builder(echo, clock.clone()).build().send(&ONCE, post(), default_verdict).await.unwrap();
    assert_eq!(reply.response.body(), "amount=1099");

    let faulty = transport_try_fn(|_, limits| async move {
        assert_eq!(limits.max_body, Operation::DEFAULT_MAX_BODY);
        Err(TransportError::new(TransportErrorKind::Other, Delivery::MaybeDelivered))
    });
    let error = builder(Arc::new(faulty), clock).build().send(&ONCE, post(), default_verdict).await;
    assert_eq!(error.unwrap_err().effect(), Effect::Unknown);
}

/// As an adapter uses the client: behind a trait object, with a verdict of its own, from any thread.
#[async_trait::async_trait]
trait Gateway: Send + Sync {
    async fn charge(&self) -> turnbuckle_core::Result<u32>;
}

#[async_trait::async_trait]
impl Gateway for turnbuckle_core::http::HttpClient {
    async fn charge(&self) -> turnbuckle_core::Result<u32> {
        let forbidden = "x-should-retry";
        let verdict = |response: &http::Response<Bytes>| match response.headers().get(forbidden) {
            Some(value) if value == "false" => Verdict::Uncertain,
            _ => default_verdict(response),
        };
        Ok(self.send(&IDEMPOTENT, post(), verdict).await?.attempts)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_serves_behind_a_trait_object_and_across_threads() {
    let script = Script::new([answer(500), answer_with(500, "x-should-retry", "false")]);
    let gateway: Arc<dyn Gateway> = Arc::new(client(&script).0);
    assert_eq!(tokio::spawn(async move { gateway.charge().await }).await.unwrap().unwrap(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_on_many_threads_share_one_limit_and_one_budget() {
    let script = Script::new(vec![answer(429); 20 + 4]);
    let limit = RateLimit::per_second(NonZeroU32::MIN).with_burst(NonZeroU32::new(20 + 4).unwrap());
    let state = ConnectionState::new().with_rate_limit(limit).with_retry_budget(RetryBudget::new(20));
    let (client, _) = client_with(&script, state);
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.send(&ONCE, post(), default_verdict).await.unwrap().attempts })
        })
        .collect();
    let mut attempts = 0;
    for call in calls {
        attempts += call.await.unwrap();
    }
    assert_eq!((attempts, script.left()), (24, 0));
}
