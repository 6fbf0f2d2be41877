//! The definition against the tables, connecting, and the connection test.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod wire_support;

use serde_json::{Value, json};
use turnbuckle_core::credential::{CredentialField, CredentialSchema, Credentials, environment_from_env};
use turnbuckle_core::provider::{
    Capability, Connection, ConnectionConfig, IntegrationProvider, Registry, Severity,
};
use turnbuckle_core::{Environment, ErrorKind, Result};
use turnbuckle_plaid::{Plaid, PlaidProvider, register};
use wire_support::{Answer, Wire};

fn form() -> CredentialSchema {
    PlaidProvider::new().definition().credential_schema
}

fn connect(credentials: Credentials) -> Result<Connection> {
    PlaidProvider::new().connect(ConnectionConfig::new("account-1", Environment::Sandbox, credentials))
}

#[test]
fn form_equals_the_table() {
    let table = include_str!("../../../fixtures/definitions/plaid.json");
    assert_eq!(format!("{:#}\n", form().json_schema()), table);
}

#[test]
fn definition_equals_the_table() {
    let mut definition = serde_json::to_value(PlaidProvider::new().definition()).unwrap();
    let object = definition.as_object_mut().unwrap();
    let schema = object.remove("credentialSchema").unwrap();
    assert_eq!(schema, form().json_schema().to_value());
    let settings = object.remove("settingsSchema").unwrap();
    let names: Vec<_> = settings["properties"].as_object().unwrap().keys().cloned().collect();
    let mut expected = vec![
        "clientName",
        "webhookUrl",
        "redirectUri",
        "linkCustomization",
        "categoryVersion",
        "transactionsPageSize",
        "originalDescriptions",
    ];
    expected.sort_unstable();
    assert_eq!(names, expected);
    let table = json!({
        "provider": "plaid",
        "category": "banking",
        "name": "Plaid",
        "description": "Bank accounts, balances and transactions of end users who link their bank.",
        "logoUrl": null,
        "documentationUrl": "https://plaid.com/docs/",
        "isOrgOnly": false,
        "isClientAllowed": true,
        "isPlatformOffered": false,
        "requiredCompliance": [],
        "status": "active",
        "environments": ["sandbox", "production"],
        "capabilities": ["bank_data", "webhooks"],
    });
    assert_eq!(definition, table);
}

#[test]
fn names_every_missing_field() {
    let error = form().parse(json!({})).unwrap_err();
    let names = error.fields().iter().map(|field| field.field.as_ref()).collect::<Vec<_>>();
    assert_eq!(names, ["clientId", "secret"]);
    assert!(error.fields().iter().all(|field| field.problem == "is required"));
}

#[test]
fn reads_each_documented_variable() {
    let fields = form().fields().iter();
    let pairs = fields.flat_map(|field| field.env.iter().map(|variable| (*variable, field.name)));
    assert_eq!(pairs.collect::<Vec<_>>(), [("PLAID_CLIENT_ID", "clientId"), ("PLAID_SECRET", "secret"),]);
}

#[test]
fn development_is_a_clear_configuration_error() {
    assert_eq!(PlaidProvider::environment("sandbox").unwrap(), Environment::Sandbox);
    assert_eq!(PlaidProvider::environment("production").unwrap(), Environment::Production);
    let closed = PlaidProvider::environment("development").unwrap_err();
    assert_eq!(closed.kind(), ErrorKind::InvalidConfig);
    assert!(closed.message().contains("closed its development environment"));
    assert!(PlaidProvider::environment("prod").unwrap_err().message().contains("neither"));
    // The same variable read the common way.
    let lookup = |_: &str| Some("development".to_owned());
    let error = environment_from_env("PLAID", &lookup).unwrap_err();
    assert!(error.message().contains("PLAID_ENV names a development environment"));
}

#[test]
fn connect_offers_what_it_declares() {
    let credentials = form().parse(json!({"clientId": "valueclientI", "secret": "valuesecret"})).unwrap();
    let connection = connect(credentials).unwrap();
    let offered: Vec<_> = connection.capabilities().into_iter().collect();
    assert_eq!(offered, [Capability::BankData, Capability::Webhooks]);
    assert!(connection.client::<Plaid>().is_some());
    assert_eq!(connection.bank_data().unwrap().provider(), &PlaidProvider::ID);
}

#[test]
fn connect_refuses_what_cannot_be_sent() {
    const OTHER: CredentialSchema = CredentialSchema::new(&[CredentialField::secret("other", "Other")]);
    const LOOSE: CredentialSchema = CredentialSchema::new(&[
        CredentialField::secret("clientId", "C"),
        CredentialField::secret("secret", "S"),
    ]);

    let error = connect(OTHER.parse(json!({"other": "SENTINEL-9d1c"})).unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    assert!(!format!("{error} {error:?}").contains("SENTINEL"));

    let blank = LOOSE.parse(json!({"clientId": "id", "secret": "SENTINEL é"})).unwrap();
    let error = Plaid::new(&ConnectionConfig::new("a", Environment::Sandbox, blank)).unwrap_err();
    assert_eq!((error.kind(), error.fields()[0].field.as_ref()), (ErrorKind::InvalidConfig, "secret"));
    assert!(!format!("{error} {error:?}").contains("SENTINEL"));
}

#[test]
fn settings_are_checked_when_connecting() {
    for bad in [
        json!({"clientName": "A name of more than thirty signs"}),
        json!({"transactionsPageSize": 501}),
        json!({"transactionsPageSize": 0}),
        json!({"categoryVersion": "v9"}),
        json!({"colour": "red"}),
    ] {
        assert_eq!(PlaidProvider::settings(&bad).unwrap_err().kind(), ErrorKind::InvalidConfig, "{bad}");
    }
    let settings = PlaidProvider::settings(&Value::Null).unwrap();
    assert_eq!(
        (settings.integer("transactionsPageSize"), settings.text("categoryVersion")),
        (Some(500), Some("v2"))
    );
}

#[test]
fn registers_once() {
    let mut registry = Registry::new();
    register(&mut registry).unwrap();
    assert!(register(&mut registry).is_err());
}

async fn test_with(
    answer: Answer,
    environment: Environment,
    settings: Value,
) -> turnbuckle_core::provider::ConnectionTest {
    let wire = Wire::new([answer]);
    let config = wire.config(environment).with_settings(PlaidProvider::settings(&settings).unwrap());
    let test = PlaidProvider::new().connect(config).unwrap().test().await.unwrap();
    assert_eq!(wire.bodies()[0].0, "/institutions/get");
    test
}

#[tokio::test]
async fn the_test_asks_for_one_bank() {
    let named = json!({"clientName": "Stand & Board"});
    let answer = Answer::fixture(200, "institutions_get");
    let test = test_with(answer.clone(), Environment::Sandbox, named.clone()).await;
    assert!(test.is_ready() && test.findings.is_empty());
    assert_eq!((test.live, test.message.as_str()), (Some(false), "Connected to Plaid in sandbox."));
    let test = test_with(answer.clone(), Environment::Production, named).await;
    assert_eq!(test.live, Some(true));

    // Without a name no bank can be linked, which a test is the time to say.
    let test = test_with(answer, Environment::Sandbox, json!({})).await;
    assert!(test.is_ready());
    assert_eq!(
        (test.findings[0].code.as_ref(), test.findings[0].severity),
        ("client_name_missing", Severity::Warning)
    );
}

#[tokio::test]
async fn refused_keys_are_a_test_that_failed() {
    let keys = Answer::fixture(400, "error_invalid_api_keys");
    let test = test_with(keys, Environment::Sandbox, json!({})).await;
    assert!(!test.success && test.live.is_none());
    let body =
        r#"{"error_type":"INVALID_INPUT","error_code":"UNAUTHORIZED_ENVIRONMENT","error_message":"m"}"#;
    let test = test_with(Answer::new(400, body), Environment::Production, json!({})).await;
    assert!(!test.success);

    // A Plaid that cannot be asked is an error, not a verdict on the keys.
    let down = || Answer::fixture(503, "error_planned_maintenance");
    let wire = Wire::new([down(), down(), down()]);
    let connection = PlaidProvider::new().connect(wire.config(Environment::Sandbox)).unwrap();
    assert_eq!(connection.test().await.unwrap_err().kind(), ErrorKind::Unavailable);
}
