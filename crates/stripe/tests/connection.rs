//! The definition against the tables, connecting, and the connection test.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests, which clippy does not recognize as such"
)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use support::Rig;
use turnbuckle_core::credential::{CredentialField, CredentialSchema};
use turnbuckle_core::http::transport_fn;
use turnbuckle_core::provider::{
    Capability, ConnectionConfig, ConnectionTest, IntegrationProvider, Registry, Severity,
};
use turnbuckle_core::{Environment, Error, ErrorKind};
use turnbuckle_simulator::{Fault, FaultKind};
use turnbuckle_stripe::{Stripe, StripeProvider, register};

fn form() -> CredentialSchema {
    StripeProvider::new().definition().credential_schema
}

fn connect(environment: Environment, credentials: Value) -> Result<(), Error> {
    let credentials = form().parse(credentials)?;
    let config = ConnectionConfig::new("account", environment, credentials);
    StripeProvider::new().connect(config).map(|_| ())
}

fn codes(test: &ConnectionTest) -> Vec<(&str, Severity)> {
    test.findings.iter().map(|finding| (finding.code.as_ref(), finding.severity)).collect()
}

/// A Stripe whose balance has this body and status.
async fn test_against(
    credentials: Value,
    environment: Environment,
    status: u16,
    body: Value,
) -> ConnectionTest {
    let rig = Rig::new();
    let transport = transport_fn(move |_| {
        let mut response = http::Response::new(Bytes::from(body.to_string()));
        *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
        response
    });
    let config = ConnectionConfig::new("account", environment, form().parse(credentials).unwrap())
        .with_transport(Arc::new(transport))
        .with_clock(Arc::new(rig.clock.clone()));
    StripeProvider::new().connect(config).unwrap().test().await.unwrap()
}

#[test]
fn form_equals_the_table() {
    let table = include_str!("../../../fixtures/definitions/stripe.json");
    assert_eq!(format!("{:#}\n", form().json_schema()), table);
}

#[test]
fn definition_equals_the_table() {
    let definition = serde_json::to_value(StripeProvider::new().definition()).unwrap();
    for (name, value) in [
        ("provider", json!("stripe")),
        ("category", json!("payment_gateway")),
        ("name", json!("Stripe")),
        ("isOrgOnly", json!(false)),
        ("isClientAllowed", json!(true)),
        ("isPlatformOffered", json!(false)),
        ("requiredCompliance", json!(["pci_dss"])),
        ("status", json!("active")),
        ("environments", json!(["sandbox", "production"])),
        ("capabilities", json!(["payments", "subscriptions", "webhooks"])),
    ] {
        assert_eq!(definition[name], value, "{name}");
    }
    let settings = &definition["settingsSchema"]["properties"];
    assert_eq!(settings["webhookToleranceSeconds"]["default"], 300);
    assert!(settings["apiVersion"].is_object());
}

#[test]
fn reads_each_documented_variable() {
    let fields = form().fields().iter();
    let pairs = fields.flat_map(|field| field.env.iter().map(|variable| (*variable, field.name)));
    assert_eq!(
        pairs.collect::<Vec<_>>(),
        [
            ("STRIPE_SECRET_KEY", "secretKey"),
            ("STRIPE_SECRET", "secretKey"),
            ("STRIPE_PUBLISHABLE_KEY", "publishableKey"),
            ("STRIPE_WEBHOOK_SECRET", "webhookSecret"),
            ("STRIPE_WEBHOOK", "webhookSecret"),
        ]
    );
}

#[test]
fn a_key_of_the_other_world_does_not_connect() {
    for (environment, key, fits) in [
        (Environment::Sandbox, "sk_test_SENTINEL", true),
        (Environment::Sandbox, "rk_test_SENTINEL", true),
        (Environment::Sandbox, "sk_live_SENTINEL", false),
        (Environment::Sandbox, "rk_live_SENTINEL", false),
        (Environment::Sandbox, "sk_org_live_SENTINEL", false),
        (Environment::Sandbox, "sk_org_test_SENTINEL", true),
        (Environment::Production, "sk_live_SENTINEL", true),
        (Environment::Production, "sk_test_SENTINEL", false),
        (Environment::Production, "rk_test_SENTINEL", false),
        (Environment::Production, "sk_org_test_SENTINEL", false),
    ] {
        match connect(environment, json!({ "secretKey": key })) {
            Ok(()) => assert!(fits, "{key}"),
            Err(error) => {
                assert!(!fits, "{key}");
                assert_eq!(error.kind(), ErrorKind::InvalidConfig);
                assert_eq!(error.fields()[0].field, "secretKey");
                assert_eq!(error.provider(), Some(&StripeProvider::ID));
                assert!(!format!("{error} {error:?}").contains("SENTINEL"));
            }
        }
    }
    let error = connect(Environment::Sandbox, json!({ "secretKey": "pk_test_x" })).unwrap_err();
    assert_eq!(error.fields()[0].field, "secretKey");
}

#[test]
fn credentials_and_settings_of_another_form_do_not_connect() {
    const OTHER: CredentialSchema = CredentialSchema::new(&[CredentialField::secret("other", "Other")]);
    let rig = Rig::new();
    let credentials = OTHER.parse(json!({ "other": "SENTINEL" })).unwrap();
    let error = StripeProvider::new()
        .connect(ConnectionConfig::new("account", Environment::Sandbox, credentials))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    assert!(!format!("{error} {error:?}").contains("SENTINEL"));

    let schema = StripeProvider::new().definition().settings_schema.unwrap();
    assert!(schema.parse(&json!({ "webhookToleranceSeconds": 0 })).is_err());
    let settings = schema.parse(&json!({ "apiVersion": "not a\u{e9} version" })).unwrap();
    let error = StripeProvider::new().connect(rig.config().with_settings(settings)).unwrap_err();
    assert_eq!(error.fields()[0].field, "apiVersion");
}

#[test]
fn a_connection_offers_what_its_credentials_allow() {
    let rig = Rig::new();
    let connection = rig.connect();
    let both = [Capability::Payments, Capability::Subscriptions, Capability::Webhooks];
    assert_eq!(connection.capabilities().into_iter().collect::<Vec<_>>(), both);
    assert!(connection.client::<Stripe>().is_some());
    assert!(!format!("{connection:?}").contains(&rig.sim.stripe().secret_key()));
    let config = rig.config_with(json!({ "secretKey": rig.sim.stripe().secret_key() }), rig.transport());
    let connection = StripeProvider::new().connect(config).unwrap();
    assert!(connection.payments().is_some() && connection.webhooks().is_none());

    let mut registry = Registry::new();
    register(&mut registry).unwrap();
    assert!(register(&mut registry).is_err());
    assert!(registry.get(&StripeProvider::ID).is_ok());
}

#[tokio::test]
async fn a_good_key_passes_and_the_time_is_measured() {
    let rig = Rig::new();
    let clock = rig.clock.clone();
    let sim = rig.sim.clone();
    let slow = transport_fn(move |request| {
        clock.advance(Duration::from_millis(84));
        sim.handle(request)
    });
    let config = rig.config_with(rig.credentials(), Arc::new(slow));
    let test = StripeProvider::new().connect(config).unwrap().test().await.unwrap();
    assert!(test.success && test.is_ready() && test.findings.is_empty(), "{test:?}");
    assert_eq!((test.live, test.latency), (Some(false), Duration::from_millis(84)));
    let log = rig.sim.stripe().request_log();
    assert_eq!((log.len(), log[0].method.as_str(), log[0].path.as_str()), (1, "GET", "/v1/balance"));
}

#[tokio::test]
async fn what_the_credentials_lack_is_found() {
    let rig = Rig::new();
    let key = rig.sim.stripe().secret_key();
    let test_with = |credentials: Value| {
        let config = rig.config_with(credentials, rig.transport());
        async move { StripeProvider::new().connect(config).unwrap().test().await.unwrap() }
    };
    let test = test_with(json!({ "secretKey": key })).await;
    assert!(test.is_ready());
    let lacking =
        [("webhook_secret_missing", Severity::Warning), ("publishable_key_missing", Severity::Info)];
    assert_eq!(codes(&test), lacking);
    let test = test_with(json!({
        "secretKey": key, "publishableKey": "pk_live_x", "webhookSecret": "whsec_x",
    }))
    .await;
    assert!(test.success && !test.is_ready());
    assert_eq!(codes(&test), [("publishable_key_mode", Severity::Blocking)]);
}

#[tokio::test]
async fn a_key_that_stripe_does_not_accept_fails_without_being_shown() {
    let rig = Rig::new();
    let mut credentials = rig.credentials();
    credentials["secretKey"] = json!("sk_test_SENTINEL_0123");
    let config = rig.config_with(credentials, rig.transport());
    let test = StripeProvider::new().connect(config).unwrap().test().await.unwrap();
    assert!(!test.success);
    assert!(test.message.contains("does not accept"));
    assert!(!format!("{test:?}").contains("SENTINEL"));
}

#[tokio::test]
async fn a_restricted_key_is_limited_not_bad() {
    let rig = Rig::new();
    let mut credentials = rig.credentials();
    credentials["secretKey"] = json!(rig.sim.stripe().restricted_key());
    let config = rig.config_with(credentials, rig.transport());
    let test = StripeProvider::new().connect(config).unwrap().test().await.unwrap();
    assert!(test.success && test.is_ready());
    assert_eq!(codes(&test), [("permission_missing", Severity::Warning)]);
    assert!(test.findings[0].message.contains("rak_balance_read"));
    // The same answer to a key that is not restricted is no success.
    let refusal = json!({ "error": { "type": "invalid_request_error", "message": "No." } });
    let test = test_against(json!({ "secretKey": "sk_test_x" }), Environment::Sandbox, 403, refusal).await;
    assert!(!test.success);
}

#[tokio::test]
async fn the_balance_says_which_world_it_is() {
    for (environment, live, fits) in [
        (Environment::Sandbox, false, true),
        (Environment::Sandbox, true, false),
        (Environment::Production, true, true),
        (Environment::Production, false, false),
    ] {
        // A key of an organization does not say which world it belongs to.
        let credentials =
            json!({ "secretKey": "sk_org_x", "publishableKey": "pk_x", "webhookSecret": "whsec_x" });
        let balance = json!({ "object": "balance", "livemode": live });
        let test = test_against(credentials, environment, 200, balance).await;
        assert_eq!((test.success, test.is_ready(), test.live), (fits, fits, Some(live)));
        assert_eq!(codes(&test).len(), usize::from(!fits));
    }
}

#[tokio::test]
async fn a_stripe_that_cannot_be_asked_is_an_error_not_a_verdict() {
    let rig = Rig::new();
    rig.sim.faults().push(Fault::new(FaultKind::Status(503, None)).times(20));
    let error = rig.connect().test().await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Unavailable, Some("balance.retrieve")));
}
