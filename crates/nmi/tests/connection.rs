//! What the test of a connection says, and which questions it asks.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod support;
mod wire_support;

use serde_json::{Value, json};
use turnbuckle_core::http::BaseUrl;
use turnbuckle_core::provider::{ConnectionTest, IntegrationProvider, Severity};
use turnbuckle_core::{Environment, ErrorKind, Result};
use turnbuckle_nmi::NmiProvider;

use support::Rig;
use wire_support::{Answer, Wire};

async fn test_with(rig: &Rig, environment: Environment, credentials: Value) -> Result<ConnectionTest> {
    let config = rig.config_with(environment, credentials, rig.transport());
    NmiProvider::new().connect(config).unwrap().test().await
}

fn codes(test: &ConnectionTest) -> Vec<&str> {
    test.findings.iter().map(|finding| finding.code.as_ref()).collect()
}

#[tokio::test]
async fn good_credentials_pass_and_name_the_account() {
    let rig = Rig::new();
    let test = test_with(&rig, Environment::Sandbox, rig.credentials()).await.unwrap();
    assert!(test.success && test.is_ready());
    assert_eq!(test.live, Some(false), "the sandbox host knows no real money");
    assert_eq!(test.account.as_ref().unwrap().id, rig.nmi().merchant_id());
    assert!(codes(&test).is_empty());
    let test = test_with(&rig, Environment::Production, rig.credentials()).await.unwrap();
    assert_eq!((test.success, test.live), (true, Some(true)));
    // Nothing that it asks could move money.
    assert!(rig.transactions().is_empty());
    assert!(rig.nmi().request_log().iter().all(|request| request.path == "/api/query.php"));
}

#[tokio::test]
async fn bad_keys_and_keys_that_may_not_query_are_told_apart() {
    let rig = Rig::new();
    for key in [rig.nmi().tokenization_key(), "RevokedKey0815RevokedKey08151234".to_owned()] {
        let test = test_with(&rig, Environment::Sandbox, json!({ "securityKey": key })).await.unwrap();
        assert!(!test.success);
        assert!(test.message.contains("does not accept"), "{}", test.message);
    }
    let limited = json!({ "securityKey": rig.nmi().payments_only_key() });
    let test = test_with(&rig, Environment::Sandbox, limited).await.unwrap();
    assert!(!test.success && !test.is_ready());
    assert!(test.message.contains("may not query"));
    assert_eq!(codes(&test), ["query_permission_missing", "webhook_key_missing"]);
    assert_eq!(test.findings[0].severity, Severity::Blocking);
}

#[tokio::test]
async fn test_mode_behind_production_blocks_and_its_absence_proves_nothing_in_a_sandbox() {
    let rig = Rig::new();
    rig.nmi().test_mode(true);
    let test = test_with(&rig, Environment::Production, rig.credentials()).await.unwrap();
    assert_eq!((test.success, test.live, codes(&test)), (false, Some(false), vec!["account_in_test_mode"]));
    let test = test_with(&rig, Environment::Sandbox, rig.credentials()).await.unwrap();
    assert_eq!((test.success, test.live), (true, Some(false)));

    // A reseller's host serves tests and real money alike.
    rig.nmi().test_mode(false);
    let base: BaseUrl = "http://127.0.0.1:4010/nmi".parse().unwrap();
    let config = rig.config().with_base_url(base);
    let test = NmiProvider::new().connect(config).unwrap().test().await.unwrap();
    assert_eq!((test.success, test.live, codes(&test)), (true, None, vec!["account_not_in_test_mode"]));
}

#[tokio::test]
async fn a_mode_that_cannot_be_read_blocks_production_only() {
    for (environment, success) in [(Environment::Production, false), (Environment::Sandbox, true)] {
        let wire = Wire::answering(&["query_profile.xml", "query_empty.xml"]);
        let test = wire.connect(environment).test().await.unwrap();
        assert_eq!(test.success, success);
        assert!(codes(&test).contains(&"webhook_key_missing"));
    }
}

#[tokio::test]
async fn what_could_not_be_asked_is_an_error() {
    let answers = || [Answer::new(503, ""), Answer::new(503, ""), Answer::new(503, "")];
    let error = Wire::new(answers()).connect(Environment::Sandbox).test().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    // A refused query whose second question stays open says nothing about the key.
    let wire = Wire::new([Answer::fixture("query_unknown_key.xml"), Answer::fixture("rate_limited.txt")]);
    let error = wire.connect(Environment::Sandbox).test().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    // NMI's old wording of a bad login is recognized on both scripts.
    let wire = Wire::answering(&["query_login.xml", "unauthorized.txt"]);
    assert!(!wire.connect(Environment::Sandbox).test().await.unwrap().success);
    let forms = wire.forms();
    assert_eq!(
        forms[1][1..],
        [("type".to_owned(), "void".to_owned()), ("transactionid".to_owned(), "0".to_owned())]
    );
}
