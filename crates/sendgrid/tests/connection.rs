//! The test of a connection: what it asks, and what it finds missing.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod wire_support;

use serde_json::{Value, json};
use turnbuckle_core::provider::{ConnectionTest, Severity};
use turnbuckle_core::{Environment, ErrorKind};
use wire_support::{Answer, Wire};

fn steps(sender: bool, domain: bool) -> Answer {
    Answer::new(200, json!({"results": {"sender_verified": sender, "domain_verified": domain}}).to_string())
}

async fn test(
    environment: Environment,
    settings: Value,
    answers: Vec<Answer>,
) -> (ConnectionTest, Vec<String>) {
    let wire = Wire::new(answers);
    let test = wire.connect(environment, &settings).test().await.unwrap();
    let lines = wire.lines();
    assert!(lines.iter().all(|line| line.starts_with("GET ")), "only reads: {lines:?}");
    (test, lines)
}

fn codes(test: &ConnectionTest) -> Vec<(&str, Severity)> {
    test.findings.iter().map(|finding| (finding.code.as_ref(), finding.severity)).collect()
}

#[tokio::test]
async fn an_account_that_is_ready_but_for_the_key_of_its_webhook() {
    let answers =
        vec![Answer::fixture(200, "scopes"), steps(true, true), Answer::fixture(200, "event_webhooks")];
    let (test, lines) = test(Environment::Production, json!({}), answers).await;
    assert!(test.success && test.is_ready() && test.live == Some(true));
    assert_eq!(codes(&test), [("webhook_key_missing", Severity::Warning)]);
    assert_eq!(
        lines,
        [
            "GET /v3/scopes",
            "GET /v3/verified_senders/steps_completed",
            "GET /v3/user/webhooks/event/settings/all"
        ]
    );
}

#[tokio::test]
async fn everything_that_can_be_missing() {
    let answers = vec![
        Answer::new(200, r#"{"scopes":["alerts.read"]}"#),
        steps(false, false),
        Answer::new(200, r#"{"max_allowed":1,"webhooks":[]}"#),
    ];
    let (result, _) = test(Environment::Production, json!({"sandboxMode": true}), answers).await;
    assert!(result.success && !result.is_ready() && result.live == Some(false));
    assert_eq!(
        codes(&result),
        [
            ("scope_missing", Severity::Blocking),
            ("scope_missing", Severity::Warning),
            ("scope_missing", Severity::Warning),
            ("sandbox_mode", Severity::Blocking),
            ("sender_not_verified", Severity::Blocking),
            ("webhook_key_missing", Severity::Warning),
            ("webhook_missing", Severity::Warning),
        ]
    );
    let quiet =
        json!({"webhooks": [{"id": "w", "enabled": true, "url": "https://shop.example", "open": true}]});
    let answers = vec![
        Answer::fixture(200, "scopes"),
        Answer::fixture(403, "error_forbidden"),
        Answer::new(200, quiet.to_string()),
    ];
    let (result, _) = test(Environment::Sandbox, json!({"sandboxMode": false}), answers).await;
    assert!(result.is_ready() && result.live.is_none());
    let names: Vec<_> = codes(&result).into_iter().map(|(code, _)| code).collect();
    assert_eq!(
        names,
        ["sandbox_sends_for_real", "permission_missing", "webhook_key_missing", "webhook_events_missing"]
    );
}

#[tokio::test]
async fn the_sender_of_the_settings_may_send_or_not() {
    let settings = |from: &str| json!({"from": from});
    let hooks = || Answer::fixture(200, "event_webhooks");
    for (from, domain, asked_domains, missing) in [
        ("Desk@shop.example", false, false, false),
        ("other@shop.example", true, true, false),
        ("other@elsewhere.example", true, true, true),
    ] {
        let mut answers = vec![
            Answer::fixture(200, "scopes"),
            steps(true, domain),
            Answer::fixture(200, "verified_senders"),
        ];
        if asked_domains {
            answers.push(Answer::fixture(200, "domains"));
        }
        answers.push(hooks());
        let (result, lines) = test(Environment::Production, settings(from), answers).await;
        let names: Vec<_> = codes(&result).into_iter().map(|(code, _)| code).collect();
        assert_eq!(names.contains(&"from_not_verified"), missing, "{from}");
        assert_eq!(names.contains(&"domain_not_authenticated"), !domain, "{from}");
        assert_eq!(lines.len(), 4 + usize::from(asked_domains));
        assert_eq!(result.is_ready(), !missing);
    }
}

#[tokio::test]
async fn keys_that_do_not_work_are_a_test_that_failed() {
    for answer in [
        Answer::fixture(401, "error_unauthorized"),
        Answer::fixture(403, "error_forbidden"),
        Answer::fixture(401, "error_credits"),
        Answer::fixture(401, "error_not_authorized"),
    ] {
        let (result, lines) = test(Environment::Production, json!({}), vec![answer]).await;
        assert!(!result.success && lines.len() == 1);
    }
    let wire = Wire::new(vec![Answer::new(500, ""); 3]);
    let error = wire.connect(Environment::Production, &json!({})).test().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
}
