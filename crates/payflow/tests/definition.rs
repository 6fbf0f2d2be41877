//! The definition against the tables, and what `connect` checks before anything is sent.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use serde_json::json;
use turnbuckle_core::credential::{CredentialField, CredentialSchema, Credentials};
use turnbuckle_core::provider::{Capability, Connection, ConnectionConfig, IntegrationProvider, Registry};
use turnbuckle_core::{Effect, Environment, ErrorKind, Result};
use turnbuckle_payflow::PayflowProvider;

fn form() -> CredentialSchema {
    PayflowProvider::new().definition().credential_schema
}

fn connect(credentials: Credentials) -> Result<Connection> {
    let config = ConnectionConfig::new("account-1", Environment::Sandbox, credentials);
    PayflowProvider::new().connect(config)
}

#[test]
fn form_equals_the_table() {
    let table = include_str!("../../../fixtures/definitions/paypal_payflow.json");
    assert_eq!(format!("{:#}\n", form().json_schema()), table);
}

#[test]
fn definition_equals_the_table() {
    let mut definition = serde_json::to_value(PayflowProvider::new().definition()).unwrap();
    let schema = definition.as_object_mut().unwrap().remove("credentialSchema").unwrap();
    assert_eq!(schema, form().json_schema().to_value());
    let table = json!({
        "provider": "paypal_payflow",
        "category": "payment_gateway",
        "name": "PayPal Payflow Pro",
        "description": "Card and bank payments through the PayPal Payflow gateway.",
        "logoUrl": null,
        "documentationUrl": "https://developer.paypal.com/api/nvp-soap/payflow/",
        "isOrgOnly": false,
        "isClientAllowed": true,
        "isPlatformOffered": false,
        "settingsSchema": null,
        "requiredCompliance": [
            "pci_dss"
        ],
        "status": "active",
        "environments": [
            "sandbox",
            "production"
        ],
        "capabilities": ["payments", "subscriptions"]
    });
    assert_eq!(definition, table);
}

#[test]
fn names_every_missing_field() {
    let error = form().parse(json!({})).unwrap_err();
    let names = error.fields().iter().map(|field| field.field.as_ref()).collect::<Vec<_>>();
    assert_eq!(names, ["partner", "vendor", "user", "password"]);
    assert!(error.fields().iter().all(|field| field.problem == "is required"));
}

#[test]
fn reads_each_documented_variable() {
    let fields = form().fields().iter();
    let pairs = fields.flat_map(|field| field.env.iter().map(|variable| (*variable, field.name)));
    assert_eq!(
        pairs.collect::<Vec<_>>(),
        [
            ("PAYFLOW_PARTNER", "partner"),
            ("PAYFLOW_VENDOR", "vendor"),
            ("PAYFLOW_USER", "user"),
            ("PAYFLOW_PASSWORD", "password"),
        ]
    );
}

#[test]
fn connects_to_both_worlds() {
    let credentials = PayflowProvider::credentials("PayPal", "shop", "api", "correct horse".into()).unwrap();
    for environment in [Environment::Sandbox, Environment::Production] {
        let config = ConnectionConfig::new("account-1", environment, credentials.clone());
        let connection = PayflowProvider::new().connect(config).unwrap();
        let offered: Vec<_> = connection.capabilities().into_iter().collect();
        assert_eq!(offered, [Capability::Payments, Capability::Subscriptions]);
        assert!(connection.webhooks().is_none());
    }
    let mut registry = Registry::new();
    turnbuckle_payflow::register(&mut registry).unwrap();
    assert!(turnbuckle_payflow::register(&mut registry).is_err());
}

#[test]
fn connect_refuses_what_payflow_cannot_read() {
    for (password, vendor) in
        [("say \"SENTINEL\"", "shop"), ("SENTINEL\u{fc}", "shop"), ("SENTINEL", "sh\u{f6}p")]
    {
        let credentials = PayflowProvider::credentials("PayPal", vendor, "api", password.into()).unwrap();
        let error = connect(credentials).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig);
        assert_eq!(error.effect(), Effect::None);
        assert_eq!(error.provider(), Some(&PayflowProvider::ID));
        let field = error.fields()[0].field.as_ref();
        assert_eq!(field, if vendor == "shop" { "password" } else { "vendor" });
        assert!(!format!("{error} {error:?}").contains("SENTINEL"));
    }
}

#[test]
fn connect_refuses_credentials_of_another_form() {
    const OTHER: CredentialSchema = CredentialSchema::new(&[CredentialField::secret("other", "Other")]);

    let error = connect(OTHER.parse(json!({"other": "SENTINEL-9d1c"})).unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    assert!(!format!("{error} {error:?}").contains("SENTINEL"));
}
