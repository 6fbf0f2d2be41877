//! The test of a connection: whose account, and what the sender lacks.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod wire_support;

use serde_json::{Value, json};
use turnbuckle_core::provider::{ConnectionTest, IntegrationProvider, Severity};
use turnbuckle_core::{Environment, ErrorKind};
use turnbuckle_twilio::TwilioProvider;
use wire_support::{AC, Answer, CALLBACK, FROM, MG, Wire, credentials, sample, settings};

async fn test(
    environment: Environment,
    settings: Value,
    answers: Vec<Answer>,
) -> (ConnectionTest, Vec<String>) {
    let wire = Wire::new(answers);
    let config = wire.config_with(environment, credentials(), &settings);
    let test = TwilioProvider::new().connect(config).unwrap().test().await.unwrap();
    assert!(wire.is_used_up(), "every answer was asked for");
    assert!(wire.sent().iter().all(|request| request.method() == "GET"), "the test changes nothing");
    (test, wire.lines())
}

fn codes(test: &ConnectionTest) -> Vec<&str> {
    test.findings.iter().map(|finding| finding.code.as_ref()).collect()
}

fn account() -> Answer {
    Answer::fixture(200, "account")
}

fn numbers() -> Answer {
    Answer::fixture(200, "incoming_phone_numbers")
}

fn number_with(change: &Value) -> Answer {
    let mut number = sample("incoming_phone_number");
    for (name, value) in change.as_object().unwrap() {
        number[name] = value.clone();
    }
    Answer::json(200, &json!({"incoming_phone_numbers": [number], "next_page_uri": null}))
}

fn service_with(change: &Value) -> Answer {
    let mut service = sample("messaging_service");
    for (name, value) in change.as_object().unwrap() {
        service[name] = value.clone();
    }
    Answer::json(200, &service)
}

fn none(key: &str) -> Answer {
    Answer::json(200, &json!({key: [], "meta": {"next_page_url": null, "key": key}}))
}

#[tokio::test]
async fn an_account_that_is_ready_but_for_what_cannot_be_seen() {
    let (test, lines) = test(Environment::Production, settings(), vec![account(), numbers()]).await;
    assert!(test.success && test.is_ready());
    assert_eq!((test.message.as_str(), test.live), ("Connected to Twilio.", Some(true)));
    let identity = test.account.as_ref().unwrap();
    assert_eq!((identity.id.as_str(), identity.name.as_deref()), (AC, Some("Stand & Board")));
    // The registration of a single number is not told anywhere.
    assert_eq!(codes(&test), ["registration_not_checked"]);
    assert_eq!(
        lines,
        [
            format!("GET /2010-04-01/Accounts/{AC}.json"),
            format!("GET /2010-04-01/Accounts/{AC}/IncomingPhoneNumbers.json"),
        ]
    );
    // The answer holds the auth token; what is told does not.
    assert!(!serde_json::to_string(&test).unwrap().contains("fixture-token"));
}

#[tokio::test]
async fn a_service_that_is_ready() {
    let settings = json!({"messagingServiceSid": MG, "statusCallbackUrl": CALLBACK});
    let answers = vec![
        account(),
        Answer::fixture(200, "messaging_service"),
        Answer::fixture(200, "service_phone_numbers"),
    ];
    let (test, _) = test(Environment::Production, settings, answers).await;
    assert!(test.is_ready() && test.findings.is_empty(), "{test:?}");
}

#[tokio::test]
async fn what_a_service_lacks() {
    let settings = || json!({"messagingServiceSid": MG, "statusCallbackUrl": CALLBACK});
    let unregistered = || service_with(&json!({"us_app_to_person_registered": false}));
    let pool = || Answer::fixture(200, "service_phone_numbers");
    let mut campaigns = sample("campaigns");
    campaigns["compliance"][0]["campaign_status"] = "IN_PROGRESS".into();
    let not_found = Answer::fixture(404, "error_not_found");
    let forbidden = || Answer::json(403, &json!({"code": 70051, "message": "no", "status": 403}));
    let cases = vec![
        (vec![not_found], vec!["messaging_service_unknown"], false),
        (vec![unregistered(), pool(), none("compliance")], vec!["campaign_missing"], false),
        (vec![unregistered(), pool(), Answer::json(200, &campaigns)], vec!["campaign_not_verified"], false),
        (vec![unregistered(), pool(), Answer::fixture(200, "campaigns")], vec![], true),
        (vec![unregistered(), pool(), forbidden()], vec!["campaign_not_checked"], true),
        (
            vec![unregistered(), none("phone_numbers"), none("alpha_senders"), none("short_codes")],
            vec!["messaging_service_without_senders"],
            false,
        ),
        (
            vec![unregistered(), none("phone_numbers"), Answer::fixture(200, "service_alpha_senders")],
            vec![],
            true,
        ),
        (
            vec![service_with(&json!({"inbound_request_url": null})), pool()],
            vec!["inbound_webhook_missing"],
            true,
        ),
        (vec![unregistered(), none("phone_numbers"), forbidden()], vec!["senders_not_checked"], true),
        (vec![forbidden()], vec!["messaging_service_not_checked"], true),
    ];
    for (answers, expected, ready) in cases {
        let answers = std::iter::once(account()).chain(answers).collect();
        let (test, _) = test(Environment::Production, settings(), answers).await;
        assert_eq!((codes(&test), test.is_ready()), (expected, ready));
        assert!(test.success);
    }
}

#[tokio::test]
async fn what_a_number_lacks() {
    let no_sms = json!({"capabilities": {"sms": false, "mms": false, "voice": true}});
    let no_webhook = json!({"sms_url": ""});
    let toll_free = |status: &str| {
        let mut page = sample("tollfree_verifications");
        page["verifications"][0]["status"] = status.into();
        Answer::json(200, &page)
    };
    let free = "+18885550100";
    let cases = vec![
        (FROM, vec![number_with(&no_sms)], vec!["sender_without_sms", "registration_not_checked"], false),
        (
            FROM,
            vec![number_with(&no_webhook)],
            vec!["inbound_webhook_missing", "registration_not_checked"],
            true,
        ),
        (FROM, vec![number_with(&json!({"phone_number": "+14155550111"}))], vec!["sender_not_owned"], false),
        (
            free,
            vec![number_with(&json!({"phone_number": free})), toll_free("IN_REVIEW")],
            vec!["tollfree_not_verified"],
            false,
        ),
        (free, vec![number_with(&json!({"phone_number": free})), toll_free("TWILIO_APPROVED")], vec![], true),
        ("+41445550100", vec![number_with(&json!({"phone_number": "+41445550100"}))], vec![], true),
        ("STANDBOARD", vec![], vec![], true),
    ];
    for (from, answers, expected, ready) in cases {
        let asked = answers.len();
        let answers = std::iter::once(account()).chain(answers).collect();
        let settings = json!({"from": from, "statusCallbackUrl": CALLBACK});
        let (test, lines) = test(Environment::Production, settings, answers).await;
        assert_eq!((codes(&test), test.is_ready()), (expected, ready), "{from}");
        assert_eq!(lines.len(), 1 + asked);
        if asked == 2 {
            assert_eq!(lines[2], "GET /v1/Tollfree/Verifications");
        }
    }
}

#[tokio::test]
async fn accounts_that_are_not_what_they_should_be() {
    let with = |name: &str, value: &str| {
        let mut account = sample("account");
        account[name] = value.into();
        Answer::json(200, &account)
    };
    for status in ["suspended", "closed", "of_next_year"] {
        let (test, _) = test(Environment::Production, settings(), vec![with("status", status)]).await;
        assert_eq!((test.success, codes(&test)), (false, vec!["account_not_active"]), "{status}");
    }
    let trial = vec![with("type", "Trial"), numbers()];
    let (test_, _) = test(Environment::Production, settings(), trial).await;
    assert!(codes(&test_).contains(&"trial_account") && test_.success);
    // There is no sandbox: real credentials send for real, and say so.
    let (test_, _) = test(Environment::Sandbox, settings(), vec![account(), numbers()]).await;
    assert!(codes(&test_).contains(&"sandbox_sends_for_real"));
    assert_eq!((test_.success, test_.live), (true, Some(true)));

    let nothing = test(Environment::Production, json!({}), vec![account()]).await.0;
    assert_eq!(codes(&nothing), ["status_callback_missing", "sender_missing"]);
    assert!(
        nothing
            .findings
            .iter()
            .all(|finding| finding.severity == Severity::Warning && finding.action.is_some())
    );
}

#[tokio::test]
async fn test_credentials_belong_to_the_sandbox() {
    let answer = || vec![Answer::fixture(403, "error_test_credentials")];
    let (sandbox, lines) = test(Environment::Sandbox, settings(), answer()).await;
    assert_eq!((sandbox.is_ready(), sandbox.live, lines.len()), (true, Some(false), 1));
    let (production, _) = test(Environment::Production, settings(), answer()).await;
    assert_eq!((production.success, production.live), (false, Some(false)));
    assert_eq!(codes(&production), ["test_credentials"]);
}

#[tokio::test]
async fn keys_that_are_refused_or_restricted() {
    let (test_, _) =
        test(Environment::Production, settings(), vec![Answer::fixture(401, "error_authenticate")]).await;
    assert!(!test_.success && test_.findings.is_empty());

    let forbidden = || Answer::json(403, &json!({"code": 70051, "message": "no", "status": 403}));
    let answers = vec![forbidden(), Answer::fixture(200, "balance"), forbidden()];
    let (test_, lines) = test(Environment::Production, settings(), answers).await;
    assert_eq!(codes(&test_), ["permission_missing", "sender_not_checked"]);
    assert_eq!((test_.is_ready(), test_.message.as_str()), (true, "Twilio accepts the API key."));
    assert_eq!(lines[1], format!("GET /2010-04-01/Accounts/{AC}/Balance.json"));
    let (test_, _) =
        test(Environment::Production, settings(), vec![forbidden(), forbidden(), forbidden()]).await;
    assert!(test_.success && test_.message.contains("neither account nor balance"));
    let refused = vec![forbidden(), Answer::fixture(401, "error_authenticate")];
    assert!(!test(Environment::Production, settings(), refused).await.0.success);

    let wire = Wire::new([account(), numbers()]);
    let mut credentials = credentials();
    credentials.as_object_mut().unwrap().remove("authToken");
    let config = wire.config_with(Environment::Production, credentials, &settings());
    let test_ = TwilioProvider::new().connect(config).unwrap().test().await.unwrap();
    assert!(codes(&test_).contains(&"auth_token_missing"));
}

#[tokio::test]
async fn a_vendor_that_cannot_be_asked_is_an_error() {
    for answers in [
        vec![Answer::Lost, Answer::Lost, Answer::Lost],
        vec![account(), Answer::new(500, ""), Answer::Lost, Answer::Lost],
    ] {
        let wire = Wire::new(answers);
        let error = wire.connect().test().await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Network | ErrorKind::Unavailable), "{error}");
        assert_eq!(error.provider().unwrap().as_str(), "twilio");
    }
}
