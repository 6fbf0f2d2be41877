//! Replay guards: the promises of the trait against a model, and the bounds of the one in memory.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

mod webhook_support;

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use proptest::prelude::*;
use turnbuckle_core::webhook::{
    Claim, ClaimToken, Event, EventKind, FreshnessClass, MacAlgorithm, MacTags, MemoryReplayGuard, Part,
    PaymentEvent, RawObject, ReplayGuard, ReplayKey, Retention, SignedContent, TagEncoding, TimeRule,
    Verified, guard_for, verify_mac,
};
use turnbuckle_core::{ErrorKind, Result};
use webhook_support::*;

const LEASE: Duration = Duration::from_secs(10);
const KEEP: u64 = 60;

fn guard(room: usize) -> MemoryReplayGuard {
    MemoryReplayGuard::new(NonZeroUsize::new(room).unwrap(), Duration::from_secs(KEEP)).unwrap()
}

fn id(number: u8) -> ReplayKey {
    ReplayKey::from_bytes([number; 32])
}

fn granted(claim: Claim) -> ClaimToken {
    match claim {
        Claim::Granted(token) => token,
        other => panic!("expected a grant, got {other:?}"),
    }
}

fn verified(body: &str) -> Verified<String> {
    let tag = hex(&sign256(b"k", body.as_bytes()));
    let tags = MacTags::parse(MacAlgorithm::HmacSha256, TagEncoding::HexLower, [tag.as_str()]).unwrap();
    let raw = push(&[], body.as_bytes());
    let proof = verify_mac(&raw, &SignedContent::new([Part::Body]), &tags, &keys("k"), at(0)).unwrap();
    proof.decode(|bytes| Ok(String::from_utf8_lossy(bytes).into_owned())).unwrap()
}

#[tokio::test]
async fn an_event_is_handled_once() {
    let guard = guard(10);
    let token = granted(guard.claim(&id(1), LEASE, at(0)).await.unwrap());
    assert!(matches!(
        guard.claim(&id(1), LEASE, at(5)).await.unwrap(),
        Claim::InProgress { until } if until == at(10)
    ));
    guard.commit(&token, at(10)).await.unwrap();
    guard.commit(&token, at(30)).await.unwrap();
    assert_eq!(guard.abandon(&token, at(30)).await.unwrap_err().kind(), ErrorKind::Conflict);
    assert!(matches!(guard.claim(&id(1), LEASE, at(70)).await.unwrap(), Claim::Done));
    assert!(matches!(guard.claim(&id(1), LEASE, at(71)).await.unwrap(), Claim::Granted(_)));
}

#[tokio::test]
async fn a_crash_frees_the_event_and_the_sleeper_is_fenced_off() {
    let guard = guard(10);
    let sleeper = granted(guard.claim(&id(1), LEASE, at(0)).await.unwrap());
    assert_eq!(guard.commit(&sleeper, at(11)).await.unwrap_err().code(), Some("claim_ended"));
    let second = granted(guard.claim(&id(1), LEASE, at(11)).await.unwrap());
    assert!(second.fence() > sleeper.fence());
    assert_eq!(guard.commit(&sleeper, at(12)).await.unwrap_err().kind(), ErrorKind::Conflict);
    guard.abandon(&sleeper, at(12)).await.unwrap();
    assert!(matches!(guard.claim(&id(1), LEASE, at(12)).await.unwrap(), Claim::InProgress { .. }));
    guard.commit(&second, at(13)).await.unwrap();
    assert_eq!(guard.commit(&sleeper, at(14)).await.unwrap_err().kind(), ErrorKind::Conflict);
}

#[tokio::test]
async fn an_abandoned_event_is_free_at_once() {
    let guard = guard(10);
    let token = granted(guard.claim(&id(1), LEASE, at(0)).await.unwrap());
    guard.abandon(&token, at(1)).await.unwrap();
    assert!(guard.is_empty());
    assert!(guard.commit(&token, at(1)).await.is_err());
    assert!(matches!(guard.claim(&id(1), LEASE, at(1)).await.unwrap(), Claim::Granted(_)));
}

#[tokio::test]
async fn a_full_guard_refuses_and_never_forgets_early() {
    let guard = guard(3);
    for number in 0..3 {
        let token = granted(guard.claim(&id(number), LEASE, at(0)).await.unwrap());
        guard.commit(&token, at(0)).await.unwrap();
    }
    let full = guard.claim(&id(9), LEASE, at(60)).await.unwrap_err();
    assert_eq!((full.kind(), code(&full)), (ErrorKind::Unavailable, "replay_guard_full"));
    assert!(matches!(guard.claim(&id(0), LEASE, at(60)).await.unwrap(), Claim::Done));
    assert!(matches!(guard.claim(&id(9), LEASE, at(61)).await.unwrap(), Claim::Granted(_)));
    assert_eq!(guard.len(), 1);
}

#[tokio::test]
async fn memory_stays_bounded_over_many_events() {
    let guard = guard(100);
    for number in 0..10_000_u32 {
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        let now = at(i64::from(number));
        let token = granted(guard.claim(&ReplayKey::from_bytes(bytes), LEASE, now).await.unwrap());
        if number % 3 == 0 {
            guard.commit(&token, now).await.unwrap();
        }
        assert!(guard.len() <= 100);
    }
}

#[tokio::test]
async fn leases_and_retention_are_checked() {
    let guard = guard(1);
    for lease in [Duration::ZERO, Duration::from_secs(86_401), Duration::MAX] {
        assert_eq!(guard.claim(&id(1), lease, at(0)).await.unwrap_err().kind(), ErrorKind::InvalidRequest);
    }
    assert!(guard.claim(&id(1), LEASE, DateTime::<Utc>::MAX_UTC).await.is_err());
    for retention in [Duration::ZERO, Duration::MAX] {
        assert!(MemoryReplayGuard::new(NonZeroUsize::MIN, retention).is_err());
    }
}

#[derive(Debug)]
struct Permanent;

#[async_trait]
impl ReplayGuard for Permanent {
    fn retention(&self) -> Retention {
        Retention::Permanent
    }
    async fn claim(&self, key: &ReplayKey, _: Duration, _: DateTime<Utc>) -> Result<Claim> {
        Ok(Claim::Granted(ClaimToken::new(*key, 1)))
    }
    async fn commit(&self, _: &ClaimToken, _: DateTime<Utc>) -> Result<()> {
        Ok(())
    }
    async fn abandon(&self, _: &ClaimToken, _: DateTime<Utc>) -> Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_guard_that_forgets_is_refused_where_time_is_unsigned() {
    let forgetful = || Arc::new(guard(1));
    let window = |seconds| FreshnessClass::SignedTime { window: Duration::from_secs(seconds) };
    assert!(guard_for(window(KEEP), forgetful()).is_ok());
    assert_eq!(guard_for(window(KEEP + 1), forgetful()).unwrap_err().kind(), ErrorKind::InvalidConfig);
    assert_eq!(
        guard_for(FreshnessClass::UnsignedTime, forgetful()).unwrap_err().kind(),
        ErrorKind::InvalidConfig
    );
    assert!(guard_for(FreshnessClass::Refetched, forgetful()).is_ok());
    assert_eq!(FreshnessClass::from(TimeRule::default()), window(360));
    for class in [window(u64::MAX), FreshnessClass::UnsignedTime, FreshnessClass::Refetched] {
        let checked = guard_for(class, Arc::new(Permanent)).unwrap();
        let token = granted(checked.claim(&id(1), LEASE, at(0)).await.unwrap());
        checked.commit(&token, at(0)).await.unwrap();
        checked.abandon(&token, at(0)).await.unwrap();
    }
}

#[tokio::test]
async fn keys_are_bound_to_tenant_and_signed_content() {
    let event = |id: Option<&str>, body: &str| {
        let event =
            Event::new(EventKind::Payment(PaymentEvent::Succeeded), "paid", RawObject::new(Vec::new()));
        verified(body).map(|_| if let Some(id) = id { event.with_id(id) } else { event })
    };
    let key = |tenant: &str, event: &Verified<Event>| ReplayKey::for_event(tenant, event).unwrap();
    // The id decides where there is one, whatever else a second attempt signs.
    assert_eq!(key("a", &event(Some("evt"), "1")), key("a", &event(Some("evt"), "2")));
    assert_ne!(key("a", &event(Some("evt"), "1")), key("b", &event(Some("evt"), "1")));
    assert_ne!(key("a", &event(Some("evt"), "1")), key("a", &event(Some("evt2"), "1")));
    assert_ne!(key("ab", &event(Some("c"), "1")), key("a", &event(Some("bc"), "1")));
    // A namespace that spells what stands behind it is still another namespace.
    let infix = "\0\0\0\0\0\0\0\u{2}id";
    assert_ne!(
        key("a", &event(Some(&format!("{infix}b")), "1")),
        key(&format!("a{infix}"), &event(Some("b"), "1"))
    );
    // Otherwise everything that was signed does; an empty id is none.
    assert_eq!(key("a", &event(None, "1")), key("a", &event(None, "1")));
    assert_eq!(key("a", &event(None, "1")), key("a", &event(Some(""), "1")));
    assert_ne!(key("a", &event(None, "1")), key("a", &event(None, "2")));
    // An id that spells a digest is not that content.
    let plain = verified("x");
    let digest = hex(&plain.digest().unwrap());
    assert_ne!(
        ReplayKey::for_id("a", &plain, |_| digest.clone()).unwrap(),
        ReplayKey::for_content("a", &plain).unwrap()
    );
    assert!(ReplayKey::for_id("a", &plain, |_| String::new()).is_err());
    let batch = verified("x").map(|_| vec![1, 1]).split();
    assert_ne!(
        ReplayKey::for_content("a", &batch[0]).unwrap(),
        ReplayKey::for_content("a", &batch[1]).unwrap()
    );
    let fetched = Verified::refetched(async { Ok(String::new()) }).await.unwrap();
    assert!(ReplayKey::for_content("a", &fetched).is_err());
    let stored = key("a", &event(None, "1"));
    assert_eq!(ReplayKey::from_bytes(*stored.as_bytes()), stored);
}

/// One step of a host that may crash between any two of them: a crash is a token that nobody uses again, or uses late.
#[derive(Debug, Clone)]
enum Step {
    Claim { key: u8, lease: u64 },
    Commit { token: prop::sample::Index },
    Abandon { token: prop::sample::Index },
    Wait { seconds: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..6_u8, 1..20_u64).prop_map(|(key, lease)| Step::Claim { key, lease }),
        3 => any::<prop::sample::Index>().prop_map(|token| Step::Commit { token }),
        1 => any::<prop::sample::Index>().prop_map(|token| Step::Abandon { token }),
        3 => (0..30_i64).prop_map(|seconds| Step::Wait { seconds }),
    ]
}

/// What a guard should know of one key: who holds it, whether it is done, and the last moment of that.
struct Known {
    holder: usize,
    done: bool,
    until: i64,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_guard_in_memory_agrees_with_the_model(steps in prop::collection::vec(step(), 1..120)) {
        const ROOM: usize = 4;
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let guard = guard(ROOM);
        let mut model: HashMap<u8, Known> = HashMap::new();
        let mut tokens: Vec<(u8, ClaimToken)> = Vec::new();
        let mut now = 0;
        for step in steps {
            match step {
                Step::Wait { seconds } => now += seconds,
                Step::Claim { key, lease } => {
                    model.retain(|_, known| now <= known.until);
                    let claim = runtime.block_on(guard.claim(&id(key), Duration::from_secs(lease), at(now)));
                    match model.get(&key) {
                        Some(known) if known.done => prop_assert!(matches!(claim, Ok(Claim::Done))),
                        Some(known) => {
                            let waits = matches!(claim, Ok(Claim::InProgress { until }) if until == at(known.until));
                            prop_assert!(waits, "a held key was not reported as held");
                        }
                        None if model.len() == ROOM => {
                            let error = claim.unwrap_err();
                            prop_assert_eq!(code(&error), "replay_guard_full");
                        }
                        None => {
                            let token = granted(claim.unwrap());
                            prop_assert!(tokens.iter().all(|(_, earlier)| earlier.fence() < token.fence()));
                            let until = now + i64::try_from(lease).unwrap();
                            model.insert(key, Known { holder: tokens.len(), done: false, until });
                            tokens.push((key, token));
                        }
                    }
                }
                Step::Commit { token } if !tokens.is_empty() => {
                    let holder = token.index(tokens.len());
                    let (key, token) = &tokens[holder];
                    let outcome = runtime.block_on(guard.commit(token, at(now)));
                    // Once a kept commit has lapsed, the guard may or may not remember that it was ours.
                    match model.get_mut(key).filter(|known| known.holder == holder) {
                        Some(known) if now <= known.until => {
                            prop_assert!(outcome.is_ok());
                            if !known.done {
                                *known = Known { holder, done: true, until: now + i64::try_from(KEEP).unwrap() };
                            }
                        }
                        Some(known) if known.done => {}
                        _ => prop_assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Conflict),
                    }
                }
                Step::Abandon { token } if !tokens.is_empty() => {
                    let holder = token.index(tokens.len());
                    let (key, token) = &tokens[holder];
                    let outcome = runtime.block_on(guard.abandon(token, at(now)));
                    match model.get(key).filter(|known| known.holder == holder) {
                        Some(known) if known.done && now <= known.until => prop_assert!(outcome.is_err()),
                        Some(known) if known.done => {}
                        Some(_) => {
                            prop_assert!(outcome.is_ok());
                            model.remove(key);
                        }
                        None => prop_assert!(outcome.is_ok()),
                    }
                }
                Step::Commit { .. } | Step::Abandon { .. } => {}
            }
            prop_assert!(guard.len() <= ROOM);
        }
    }
}
