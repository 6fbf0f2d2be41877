//! The definition against the tables, and what connecting checks.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use serde_json::{Value, json};
use turnbuckle_authnet::{AuthorizeNet, AuthorizeNetProvider};
use turnbuckle_core::credential::{CredentialField, CredentialSchema, Credentials};
use turnbuckle_core::provider::{Connection, ConnectionConfig, IntegrationProvider};
use turnbuckle_core::{Effect, Environment, ErrorKind, Result};

fn form() -> CredentialSchema {
    AuthorizeNetProvider::new().definition().credential_schema
}

fn connect(credentials: Credentials) -> Result<Connection> {
    let config = ConnectionConfig::new("account-1", Environment::Sandbox, credentials);
    AuthorizeNetProvider::new().connect(config)
}

fn credentials(signature_key: &str) -> Value {
    json!({ "apiLoginId": "login", "transactionKey": "key", "signatureKey": signature_key })
}

#[test]
fn form_equals_the_table() {
    let table = include_str!("../../../fixtures/definitions/authorize_net.json");
    assert_eq!(format!("{:#}\n", form().json_schema()), table);
}

#[test]
fn definition_equals_the_table() {
    let mut definition = serde_json::to_value(AuthorizeNetProvider::new().definition()).unwrap();
    let schema = definition.as_object_mut().unwrap().remove("credentialSchema").unwrap();
    assert_eq!(schema, form().json_schema().to_value());
    let table = json!({
        "provider": "authorize_net",
        "category": "payment_gateway",
        "name": "Authorize.Net",
        "description": "Card and bank payments through the Authorize.Net gateway.",
        "logoUrl": null,
        "documentationUrl": "https://developer.authorize.net/api/reference/",
        "isOrgOnly": false,
        "isClientAllowed": true,
        "isPlatformOffered": false,
        "settingsSchema": null,
        "requiredCompliance": [
            "pci_dss"
        ],
        "status": "beta",
        "environments": [
            "sandbox",
            "production"
        ],
        "capabilities": ["payments", "subscriptions", "webhooks"]
    });
    assert_eq!(definition, table);
}

#[test]
fn names_every_missing_field() {
    let error = form().parse(json!({})).unwrap_err();
    let names = error.fields().iter().map(|field| field.field.as_ref()).collect::<Vec<_>>();
    assert_eq!(names, ["apiLoginId", "transactionKey"]);
    assert!(error.fields().iter().all(|field| field.problem == "is required"));
}

#[test]
fn reads_each_documented_variable() {
    let fields = form().fields().iter();
    let pairs = fields.flat_map(|field| field.env.iter().map(|variable| (*variable, field.name)));
    assert_eq!(
        pairs.collect::<Vec<_>>(),
        [
            ("AUTHNET_API_LOGIN_ID", "apiLoginId"),
            ("AUTHNET_TRANSACTION_KEY", "transactionKey"),
            ("AUTHNET_SIGNATURE_KEY", "signatureKey"),
        ]
    );
}

#[test]
fn webhooks_come_with_the_signature_key() {
    let with = connect(form().parse(credentials(&"0123456789ABCDEF".repeat(8))).unwrap()).unwrap();
    assert!(with.webhooks().is_some() && with.client::<AuthorizeNet>().is_some());
    let without = AuthorizeNetProvider::credentials("login".into(), "key".into()).unwrap();
    assert!(connect(without).unwrap().webhooks().is_none());
}

#[test]
fn a_signature_key_that_is_none_is_refused() {
    let error = connect(form().parse(credentials("SENTINEL-9d1c")).unwrap()).unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidConfig, Effect::None));
    assert_eq!(error.fields()[0].field, "signatureKey");
    assert_eq!(error.provider(), Some(&AuthorizeNetProvider::ID));
    assert!(!format!("{error} {error:?}").contains("SENTINEL"));
}

#[test]
fn connect_refuses_credentials_of_another_form() {
    const OTHER: CredentialSchema = CredentialSchema::new(&[CredentialField::secret("other", "Other")]);

    let error = connect(OTHER.parse(json!({"other": "SENTINEL-9d1c"})).unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    assert!(!format!("{error} {error:?}").contains("SENTINEL"));
}
