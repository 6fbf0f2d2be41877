//! Pushes: the published vectors, the lookup of keys and its bounds, forgeries, and events.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod push_support;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::DateTime;
use futures_util::future::join_all;
use push_support::{KID, KeyServer, Signer, with_token};
use serde::Deserialize;
use serde_json::{Value, json};
use turnbuckle_core::http::RetryPolicy;
use turnbuckle_core::webhook::{FreshnessClass, RawWebhook, ReplayKey, TimeRule, WebhookReceiver};
use turnbuckle_core::{Clock, Environment, Error, ErrorKind};
use turnbuckle_plaid::{Plaid, PlaidEventKind, PlaidWebhooks};
use turnbuckle_testkit::FixedClock;
use turnbuckle_testkit::fault::DropAfterPolls;

const BODY: &str = r#"{"webhook_type":"TRANSACTIONS","webhook_code":"SYNC_UPDATES_AVAILABLE","item_id":"item-1",
  "initial_update_complete":true,"historical_update_complete":false,"environment":"sandbox"}"#;

fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::new())
}

fn code(error: &Error) -> &str {
    error.code().unwrap_or_default()
}

#[derive(Deserialize)]
struct Vectors {
    cases: Vec<Vector>,
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Vector {
    id: String,
    expect: String,
    reject_reason: Option<String>,
    now_unix: i64,
    headers: BTreeMap<String, String>,
    raw_body_base64: String,
}

/// The same vectors that core replays, here through the call for the key.
#[tokio::test]
async fn vectors() {
    let text = include_str!("../../../fixtures/webhooks/plaid.json");
    let vectors: Vectors = serde_json::from_str(text).unwrap();
    let server = KeyServer::default();
    for key in &vectors.keys {
        server.put(key["kid"].as_str().unwrap(), 200, json!({ "key": key, "request_id": "r" }));
    }
    let mut valid = 0;
    for case in &vectors.cases {
        let clock = clock();
        let mut request = http::Request::post("/plaid");
        for (name, value) in &case.headers {
            request = request.header(name, value);
        }
        let body = Bytes::from(STANDARD.decode(&case.raw_body_base64).unwrap());
        let raw = RawWebhook::new(request.body(body).unwrap(), "https://shop.example/plaid").unwrap();
        let now = DateTime::from_timestamp(case.now_unix, 0).unwrap();
        // Some vectors are of production.
        let live =
            String::from_utf8_lossy(&STANDARD.decode(&case.raw_body_base64).unwrap()).contains("production");
        let environment = if live { Environment::Production } else { Environment::Sandbox };
        let webhooks = PlaidWebhooks::new(Plaid::new(&server.config(environment, &clock)).unwrap());
        match webhooks.verify(&raw, now).await {
            Ok(event) => {
                assert_eq!(case.expect, "valid", "{}", case.id);
                assert!(event.digest().is_some() && !event.get().webhook_code.is_empty());
                valid += 1;
            }
            // Signed, and a body that no push of Plaid's has: the signature was good.
            Err(error) if error.kind() == ErrorKind::InvalidResponse => {
                assert_eq!(case.expect, "valid", "{} {error}", case.id);
                valid += 1;
            }
            Err(error) => {
                assert_eq!(case.expect, "invalid", "{} {error}", case.id);
                assert_eq!(error.kind(), ErrorKind::SignatureInvalid, "{}", case.id);
                let expected = match case.reject_reason.as_deref().unwrap() {
                    "body_hash" => "body_mismatch",
                    "too_old" => "stale",
                    "future_iat" => "future",
                    "alg" => "wrong_algorithm",
                    "claim_missing" => "missing_claim",
                    "expired_key" => "unknown_key",
                    "kid" | "malformed" => "malformed_header",
                    "signature" if case.id == "pl-i24-der-signature" => "malformed_header",
                    "signature" => "mismatch",
                    other => panic!("a reason without a code: {other}"),
                };
                assert_eq!(code(&error), expected, "{}", case.id);
            }
        }
    }
    assert_eq!((valid, vectors.cases.len()), (10, 28));
}

#[tokio::test]
async fn a_key_is_asked_for_once_and_again_after_an_hour() {
    let (clock, signer) = (clock(), Signer::new(KID));
    let server = KeyServer::with(&[&signer]);
    let webhooks = server.webhooks(&clock);
    for _ in 0..5 {
        let event = webhooks.verify(&signer.push(BODY, clock.now()), clock.now()).await.unwrap();
        assert_eq!(event.matched_key().unwrap().as_str(), KID);
    }
    assert_eq!(server.asked(), 1);
    clock.advance(Duration::from_secs(3599));
    webhooks.verify(&signer.push(BODY, clock.now()), clock.now()).await.unwrap();
    assert_eq!(server.asked(), 1);
    clock.advance(Duration::from_secs(1));
    webhooks.verify(&signer.push(BODY, clock.now()), clock.now()).await.unwrap();
    assert_eq!(server.asked(), 2);
}

#[tokio::test]
async fn a_key_that_ended_is_refused_and_stays_so() {
    let (clock, signer) = (clock(), Signer::new(KID));
    let server = KeyServer::with(&[&signer]);
    let webhooks = server.webhooks(&clock);
    webhooks.verify(&signer.push(BODY, clock.now()), clock.now()).await.unwrap();
    server.put(KID, 200, signer.answer(Some(1_768_480_000)));
    clock.advance(Duration::from_secs(3600));
    for _ in 0..3 {
        let error = webhooks.verify(&signer.push(BODY, clock.now()), clock.now()).await.unwrap_err();
        assert_eq!((error.kind(), code(&error)), (ErrorKind::SignatureInvalid, "unknown_key"));
    }
    assert_eq!(server.asked(), 2);
}

/// The state outlives connections; two of them share what was learnt.
#[tokio::test]
async fn connections_of_one_integration_share_keys() {
    let (clock, signer) = (clock(), Signer::new(KID));
    let server = KeyServer::with(&[&signer]);
    let config = server.config(Environment::Sandbox, &clock);
    for _ in 0..3 {
        let webhooks = PlaidWebhooks::new(Plaid::new(&config).unwrap());
        webhooks.verify(&signer.push(BODY, clock.now()), clock.now()).await.unwrap();
    }
    assert_eq!(server.asked(), 1);
    // Another world has other keys, even with the same state.
    let live = server.config(Environment::Production, &clock).with_state(config.state().clone());
    let live = PlaidWebhooks::new(Plaid::new(&live).unwrap());
    let error = live.verify(&signer.push(BODY, clock.now()), clock.now()).await.unwrap_err();
    assert_eq!((code(&error), server.asked()), ("wrong_environment", 2));
}

#[tokio::test]
async fn many_pushes_at_once_ask_once() {
    let (clock, signer) = (clock(), Signer::new(KID));
    let server = KeyServer::with(&[&signer]);
    let webhooks = server.webhooks(&clock);
    let raw = signer.push(BODY, clock.now());
    let results = join_all((0..50).map(|_| webhooks.verify(&raw, clock.now()))).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(server.asked(), 1);
}

/// One failure is told to all who waited, and the next push asks anew.
#[tokio::test]
async fn a_failed_lookup_is_no_verdict() {
    let (clock, signer) = (clock(), Signer::new(KID));
    let server = KeyServer::with(&[&signer]);
    server.lose(true);
    let config = server.config(Environment::Sandbox, &clock).with_retry(RetryPolicy::never());
    let webhooks = PlaidWebhooks::new(Plaid::new(&config).unwrap());
    let raw = signer.push(BODY, clock.now());
    let results = join_all((0..20).map(|_| webhooks.verify(&raw, clock.now()))).await;
    for result in &results {
        // Not a 401: Plaid must send it again.
        assert_eq!(result.as_ref().unwrap_err().kind(), ErrorKind::Network);
    }
    assert_eq!(server.asked(), 1);
    server.lose(false);
    webhooks.verify(&signer.push(BODY, clock.now()), clock.now()).await.unwrap();
    assert_eq!(server.asked(), 2);
}

/// A caller that is dropped at any moment leaves nobody waiting.
#[tokio::test]
async fn whoever_asks_may_be_dropped() {
    for polls in 0..8 {
        let (clock, signer) = (clock(), Signer::new(KID));
        let server = KeyServer::with(&[&signer]);
        let webhooks = server.webhooks(&clock);
        let raw = signer.push(BODY, clock.now());
        let dropped = DropAfterPolls::new(Box::pin(webhooks.verify(&raw, clock.now())), polls);
        let (_, second) = tokio::join!(dropped, webhooks.verify(&raw, clock.now()));
        assert!(second.is_ok(), "{polls} polls: {}", second.unwrap_err());
        assert!(server.asked() <= 2);
    }
}

#[tokio::test]
async fn unknown_ids_do_not_hammer() {
    let clock = clock();
    let real = Signer::new(KID);
    let server = KeyServer::with(&[&real]);
    let webhooks = server.webhooks(&clock);
    webhooks.verify(&real.push(BODY, clock.now()), clock.now()).await.unwrap();

    // The same id many times: one question in five minutes.
    let ghost = Signer::new("ghost");
    for _ in 0..100 {
        let error = webhooks.verify(&ghost.push(BODY, clock.now()), clock.now()).await.unwrap_err();
        assert_eq!(code(&error), "unknown_key");
    }
    assert_eq!(server.asked(), 2);

    // Another id each time: a few questions, then none, and the answer is to come again.
    let mut busy = 0;
    for number in 0..1000 {
        let ghost = Signer::new(&format!("ghost-{number}"));
        let error = webhooks.verify(&ghost.push(BODY, clock.now()), clock.now()).await.unwrap_err();
        busy += usize::from(error.kind() == ErrorKind::Unavailable);
        if error.kind() == ErrorKind::Unavailable {
            assert_eq!(error.retry_after(), Some(Duration::from_secs(60)));
        }
    }
    assert_eq!((server.asked(), busy), (20, 1000 - 18));

    // The key that is known works all the while.
    webhooks.verify(&real.push(BODY, clock.now()), clock.now()).await.unwrap();
    // And a new key works a minute later.
    let fresh = Signer::new("fresh");
    server.put("fresh", 200, fresh.answer(None));
    assert!(webhooks.verify(&fresh.push(BODY, clock.now()), clock.now()).await.is_err());
    clock.advance(Duration::from_secs(60));
    webhooks.verify(&fresh.push(BODY, clock.now()), clock.now()).await.unwrap();
    clock.advance(Duration::from_secs(240));
    webhooks.verify(&real.push(BODY, clock.now()), clock.now()).await.unwrap();
}

/// Hours of made-up ids neither push the real key out nor grow without end.
#[tokio::test]
async fn a_long_flood_keeps_the_real_key() {
    let clock = clock();
    let real = Signer::new(KID);
    let server = KeyServer::with(&[&real]);
    let webhooks = server.webhooks(&clock);
    webhooks.verify(&real.push(BODY, clock.now()), clock.now()).await.unwrap();
    let ghost = Signer::new("unused");
    let claims = json!({ "iat": 0, "request_body_sha256": "" });
    for number in 0..1000 {
        clock.advance(Duration::from_secs(3));
        let header = json!({ "alg": "ES256", "kid": format!("ghost-{number}") });
        let raw = with_token(&ghost.token(&header, &claims), BODY);
        let error = webhooks.verify(&raw, clock.now()).await.unwrap_err();
        assert_eq!(code(&error), "unknown_key");
    }
    let asked = server.asked();
    webhooks.verify(&real.push(BODY, clock.now()), clock.now()).await.unwrap();
    assert_eq!(server.asked(), asked, "still remembered after 50 minutes");
}

#[tokio::test]
async fn keys_of_another_kind_are_not_used() {
    let (clock, signer) = (clock(), Signer::new(KID));
    let spoiled = [
        ("alg", json!("ES384")),
        ("crv", json!("P-384")),
        ("kty", json!("RSA")),
        ("use", json!("enc")),
        ("kid", json!("another")),
        ("x", json!("AAAA")),
        ("y", signer.answer(None)["key"]["x"].clone()),
    ];
    for (field, value) in spoiled {
        let server = KeyServer::default();
        let mut answer = signer.answer(None);
        answer["key"][field] = value;
        server.put(KID, 200, answer);
        let error =
            server.webhooks(&clock).verify(&signer.push(BODY, clock.now()), clock.now()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{field}");
    }
}

#[tokio::test]
async fn forgeries() {
    let (clock, signer, other) = (clock(), Signer::new(KID), Signer::new(KID));
    let server = KeyServer::with(&[&signer]);
    let webhooks = server.webhooks(&clock);
    let now = clock.now();
    let refused = |raw: RawWebhook| {
        let webhooks = webhooks.clone();
        async move { code(&webhooks.verify(&raw, now).await.unwrap_err()).to_owned() }
    };
    assert_eq!(refused(other.push(BODY, now)).await, "mismatch");
    let none = json!({ "alg": "none", "kid": KID });
    let hmac = json!({ "alg": "HS256", "kid": KID });
    let claims = json!({ "iat": now.timestamp(), "request_body_sha256": "0".repeat(64) });
    assert_eq!(refused(with_token(&signer.token(&none, &claims), BODY)).await, "wrong_algorithm");
    assert_eq!(refused(with_token(&signer.token(&hmac, &claims), BODY)).await, "wrong_algorithm");
    let right = json!({ "alg": "ES256", "kid": KID });
    assert_eq!(refused(with_token(&signer.token(&right, &claims), BODY)).await, "body_mismatch");
    assert_eq!(refused(signer.push(BODY, now - chrono::TimeDelta::seconds(301))).await, "stale");
    assert_eq!(refused(signer.push(BODY, now + chrono::TimeDelta::seconds(61))).await, "future");
    webhooks.verify(&signer.push(BODY, now - chrono::TimeDelta::seconds(300)), now).await.unwrap();

    let bare = http::Request::post("/plaid").body(Bytes::from_static(BODY.as_bytes())).unwrap();
    assert_eq!(refused(RawWebhook::new(bare, "https://shop.example/plaid").unwrap()).await, "missing_header");
    // A signed body of another world.
    let live = BODY.replace("sandbox", "production");
    assert_eq!(refused(signer.push(&live, now)).await, "wrong_environment");
}

#[tokio::test]
async fn the_receiver_yields_one_event_with_its_item() {
    let (clock, signer) = (clock(), Signer::new(KID));
    let webhooks = KeyServer::with(&[&signer]).webhooks(&clock);
    assert_eq!(webhooks.freshness(), FreshnessClass::from(TimeRule::default()));
    let raw = signer.push(BODY, clock.now());
    let event = webhooks.verify(&raw, clock.now()).await.unwrap();
    event.get().require_item("item-1").unwrap();
    assert_eq!(event.get().require_item("item-2").unwrap_err().fields()[0].field, "item_id");
    let PlaidEventKind::SyncUpdatesAvailable(updates) = &event.get().kind else { panic!("another kind") };
    assert!(updates.initial_update_complete && !updates.historical_update_complete);

    let events = webhooks.receive(raw.clone(), clock.now()).await.unwrap();
    assert_eq!(events.len(), 1);
    let normalized = events[0].get();
    assert_eq!((normalized.account.as_deref(), normalized.live), (Some("item-1"), Some(false)));
    assert_eq!(normalized.vendor_type, "TRANSACTIONS.SYNC_UPDATES_AVAILABLE");
    assert_eq!(normalized.id.as_ref().map(String::len), Some(64), "the hash of what was signed");
    // The same token is the same event, a new one another.
    let key = |raw: RawWebhook| {
        let (webhooks, now) = (webhooks.clone(), clock.now());
        async move {
            let event = webhooks.receive(raw, now).await.unwrap().swap_remove(0);
            ReplayKey::for_event("tenant", &event).unwrap()
        }
    };
    let later = signer.push(BODY, clock.now() + chrono::TimeDelta::seconds(1));
    assert_eq!(key(raw.clone()).await, key(raw.clone()).await);
    assert_ne!(key(raw).await, key(later).await);
}
