//! Rate limiter, connection state, base URLs.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail the test")]

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use proptest::prelude::*;
use turnbuckle_core::ErrorKind;
use turnbuckle_core::http::{BaseUrl, ConnectionState, RateLimit, RateLimiter};

fn limiter(requests: u32, per: Duration, burst: u32) -> RateLimiter {
    let count = |number| NonZeroU32::new(number).unwrap();
    RateLimiter::new(RateLimit::new(count(requests), per).with_burst(count(burst)))
}

proptest! {
    /// Whatever the callers' clocks read, in any window no more goes out than the burst and what the window earns.
    #[test]
    fn the_rate_is_never_exceeded(
        requests in 1_u32..50,
        per_ms in 1_u64..5000,
        burst in 1_u32..20,
        calls in prop::collection::vec((0_u64..10_000, 0_u64..5000), 1..200),
    ) {
        let per = Duration::from_millis(per_ms);
        let limiter = limiter(requests, per, burst);
        let mut latest = Duration::ZERO;
        let mut departures = Vec::new();
        for (now_ms, patience_ms) in calls {
            // Not sorted: a reading may be older than one that came before.
            let now = Duration::from_millis(now_ms);
            latest = latest.max(now);
            if let Ok(wait) = limiter.reserve(now, 1, Duration::from_millis(patience_ms)) {
                prop_assert!(wait <= Duration::from_millis(patience_ms));
                departures.push((latest + wait).as_nanos());
            }
        }
        departures.sort_unstable();
        for (first, start) in departures.iter().enumerate() {
            for (last, end) in departures.iter().enumerate().skip(first) {
                let earned = (end - start) * u128::from(requests) / per.as_nanos();
                let allowed = u128::from(burst) + earned;
                prop_assert!((last - first + 1) as u128 <= allowed, "{} in {} ns", last - first + 1, end - start);
            }
        }
    }

    /// Nothing is wasted either: callers in line leave one interval apart.
    #[test]
    fn a_line_of_callers_moves_at_the_full_rate(requests in 1_u32..1000, burst in 1_u32..20, callers in 1_u32..100) {
        let limiter = limiter(requests, Duration::from_secs(1), burst);
        let interval = Duration::from_nanos(1_000_000_000_u64.div_ceil(u64::from(requests)));
        for caller in 0..callers {
            let wait = limiter.reserve(Duration::from_secs(5), 1, Duration::MAX).unwrap();
            prop_assert_eq!(wait, interval * (caller + 1).saturating_sub(burst));
        }
    }

    #[test]
    fn base_urls_never_panic_and_never_leave_their_host(base in ".{0,40}", path in ".{0,40}") {
        let _ = BaseUrl::parse(&base);
        let base = BaseUrl::parse("https://api.example.com/prefix").unwrap();
        if let Ok(uri) = base.join(&path) {
            prop_assert_eq!(uri.host(), Some("api.example.com"));
            prop_assert!(uri.path().starts_with("/prefix/"));
            prop_assert_eq!(uri.query(), None);
            // What is sent is parsed once more; that parser must find nothing to tidy up.
            let url = url::Url::parse(&uri.to_string()).unwrap();
            prop_assert_eq!(url.path(), uri.path());
        }
    }
}

#[test]
fn a_clock_that_steps_back_gives_nothing_away() {
    let limiter = limiter(1, Duration::from_secs(1), 1);
    let at = Duration::from_secs;
    assert_eq!(limiter.reserve(at(10), 1, Duration::ZERO), Ok(Duration::ZERO));
    for now in [0, 10, 0, 5, 10] {
        assert_eq!(limiter.reserve(at(now), 1, Duration::ZERO), Err(at(1)));
    }
    assert_eq!(limiter.reserve(at(11), 1, Duration::ZERO), Ok(Duration::ZERO));
}

#[test]
fn a_costly_request_takes_several_places() {
    let limiter = limiter(10, Duration::from_secs(1), 5);
    let ms = Duration::from_millis;
    assert_eq!(limiter.reserve(ms(0), 3, ms(0)), Ok(ms(0)));
    assert_eq!(limiter.reserve(ms(0), 3, ms(500)), Ok(ms(100)));
    assert_eq!(limiter.reserve(ms(0), 20, ms(500)), Err(ms(2100)));
    assert_eq!(limiter.reserve(ms(0), u32::MAX, Duration::ZERO).map_err(|wait| wait > ms(1000)), Err(true));
}

#[test]
fn slots_are_made_once_a_type_and_shared() {
    struct Keys(u8);
    struct Other;
    let state = ConnectionState::new();
    let count = AtomicUsize::new(0);
    let make = || {
        count.fetch_add(1, Ordering::Relaxed);
        Keys(7)
    };
    let first = state.slot(make);
    assert!(Arc::ptr_eq(&first, &state.slot(make)));
    assert_eq!((first.0, count.load(Ordering::Relaxed)), (7, 1));
    // A slot may ask for another while it is made.
    state.slot(|| {
        let _ = state.slot(|| 5_u64);
        Other
    });
    assert_eq!(*state.slot(|| 6_u64), 5);
}

#[test]
fn the_debug_output_of_a_state_shows_no_slot() {
    let state = ConnectionState::new();
    state.slot(|| String::from("sk_sentinel"));
    assert!(!format!("{state:?}").contains("sentinel"));
}

#[test]
fn base_urls_that_stand() {
    for (text, joined) in [
        ("https://api.example.com", "https://api.example.com/v1/x"),
        ("https://API.example.com/", "https://api.example.com/v1/x"),
        ("https://api.example.com:8443/a/b/", "https://api.example.com:8443/a/b/v1/x"),
        ("http://localhost:4010/stripe", "http://localhost:4010/stripe/v1/x"),
        ("http://127.0.0.2:1", "http://127.0.0.2:1/v1/x"),
        ("http://[::1]:8080", "http://[::1]:8080/v1/x"),
    ] {
        let base = BaseUrl::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(base.join("/v1/x").unwrap(), joined);
    }
    let base = BaseUrl::parse("https://api.example.com").unwrap();
    let uri = base.join_with_query("/v1/x", [("a[]", "1&2"), ("b", "ü #")]).unwrap();
    assert_eq!(uri, "https://api.example.com/v1/x?a%5B%5D=1%262&b=%C3%BC+%23");
    assert_eq!(base.join_with_query("/v1/x", [("", ""); 0]).unwrap(), "https://api.example.com/v1/x");
}

#[test]
fn base_urls_that_are_refused() {
    for text in [
        "",
        "api.example.com",
        "/v1",
        "http://api.example.com",
        "http://192.168.0.1",
        "http://0.0.0.0",
        "http://[::ffff:127.0.0.1]",
        "http://localhost.example.com",
        "ftp://localhost",
        "file:///etc/passwd",
        "https://user@api.example.com",
        "https://user:secret@api.example.com",
        "https://:secret@api.example.com",
        "https://api.example.com?x=secret",
        "https://api.example.com?",
        "https://api.example.com#",
        "https://api.example.com//a",
        "https://api.example.com/a%zz",
    ] {
        let error = BaseUrl::parse(text).expect_err(text);
        assert_eq!(error.kind(), ErrorKind::InvalidConfig);
        assert!(!format!("{error} {error:?}").contains("secret"));
    }
}

#[test]
fn ids_cannot_lead_to_another_endpoint() {
    let base = BaseUrl::parse("https://api.example.com/v1").unwrap();
    for id in [
        "..", ".", "%2e%2E", ".%2e", "a?b=c", "a#b", "a\\..\\b", "a b", "ä", "a%", "a%2", "", "\u{0}", "a\nb",
    ] {
        assert!(base.join(&format!("/charges/{id}/capture")).is_err(), "{id:?}");
    }
    for path in ["charges", "", "//evil.example.com/", "@evil.example.com"] {
        assert!(base.join(path).is_err(), "{path}");
    }
    assert!(base.join("/charges/ch_1:2@x~%20/").is_ok());
}
