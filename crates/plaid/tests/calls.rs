//! What holds for every call: how often it leaves, and what a lost or broken answer means.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod every_call;
mod wire_support;

use every_call::{CALLS, call, fixture_of};
use turnbuckle_core::{Advice, Effect, ErrorKind};
use wire_support::{Answer, Wire, access_token, fixture};

/// What does not change anything may be asked for without a look at what happened before.
fn changes_nothing(path: &str) -> bool {
    path.ends_with("/get")
        || matches!(
            path,
            "/link/token/create"
                | "/institutions/search"
                | "/institutions/get_by_id"
                | "/identity/match"
                | "/transactions/sync"
        )
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_where_that_is_safe() {
    for (path, repeatable) in CALLS {
        let wire = Wire::new([Answer::Lost, Answer::fixture(200, &fixture_of(path))]);
        let result = call(path, &wire.plaid(), &access_token()).await.unwrap();
        assert_eq!(result.is_ok(), repeatable, "{path}");
        assert_eq!(wire.attempts(), if repeatable { 2 } else { 1 }, "{path}");
        let sent = wire.sent();
        assert!(sent.iter().all(|request| request.body() == sent[0].body()), "the same bytes each time");
        if let Err(error) = result {
            assert_eq!((error.effect(), error.advice()), (Effect::Unknown, Advice::ResolveFirst), "{path}");
        }
    }
}

#[tokio::test]
async fn no_answer_at_all() {
    for (path, repeatable) in CALLS {
        let wire = Wire::new([Answer::Lost, Answer::Lost, Answer::Lost]);
        let error = call(path, &wire.plaid(), &access_token()).await.unwrap().unwrap_err();
        assert_eq!(wire.attempts(), if repeatable { 3 } else { 1 }, "{path}");
        let effect = if changes_nothing(path) { Effect::None } else { Effect::Unknown };
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Network, effect), "{path}");
    }
}

/// Cut off at every length, an answer is an error and never half an answer.
#[tokio::test]
async fn a_cut_off_answer_is_never_taken_for_a_whole_one() {
    for (path, _) in CALLS {
        let whole = fixture(&format!("responses/{}.json", fixture_of(path)));
        let compact = serde_json::from_str::<serde_json::Value>(&whole).unwrap().to_string();
        let step = (compact.len() / 40).max(1);
        for length in (0..compact.len()).step_by(step) {
            let Some(part) = compact.get(..length) else { continue };
            let wire = Wire::new([Answer::new(200, part)]);
            let error = call(path, &wire.plaid(), &access_token()).await.unwrap().unwrap_err();
            let effect = if changes_nothing(path) { Effect::None } else { Effect::Unknown };
            assert_eq!(
                (error.kind(), error.effect()),
                (ErrorKind::InvalidResponse, effect),
                "{path} {length}"
            );
            assert_eq!(wire.attempts(), 1, "{path}: it was answered");
        }
    }
}

/// `null` where an object should be, another type, an empty object: refused or read, and never a panic.
#[tokio::test]
async fn answers_of_another_shape_do_no_harm() {
    for (path, _) in CALLS {
        let whole: serde_json::Value =
            serde_json::from_str(&fixture(&format!("responses/{}.json", fixture_of(path)))).unwrap();
        for field in whole.as_object().unwrap().keys() {
            for odd in [
                serde_json::Value::Null,
                "odd".into(),
                7.into(),
                serde_json::json!([[]]),
                serde_json::json!({}),
            ] {
                let mut body = whole.clone();
                body[field] = odd;
                let wire = Wire::new([Answer::new(200, body.to_string())]);
                if let Err(error) = call(path, &wire.plaid(), &access_token()).await.unwrap() {
                    assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{path} {field}");
                }
            }
        }
        // An empty object is no answer: "no accounts" must be said, not left out.
        for body in ["{}", "null", "[]", "7", "\"text\"", "{\"a\":", &"[".repeat(20_000)] {
            let wire = Wire::new([Answer::new(200, body)]);
            let error = call(path, &wire.plaid(), &access_token()).await.unwrap().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{path}");
        }
    }
}
