//! The definition against the tables, and what `connect` checks.

use serde_json::json;
use turnbuckle_core::credential::{CredentialField, CredentialSchema, Credentials};
use turnbuckle_core::provider::{Connection, ConnectionConfig, IntegrationProvider};
use turnbuckle_core::{Environment, ErrorKind, Result};
use turnbuckle_nmi::NmiProvider;

fn form() -> CredentialSchema {
    NmiProvider::new().definition().credential_schema
}

fn connect(credentials: Credentials) -> Result<Connection> {
    let config = ConnectionConfig::new("account-1", Environment::Sandbox, credentials);
    NmiProvider::new().connect(config)
}

#[test]
fn form_equals_the_table() {
    let table = include_str!("../../../fixtures/definitions/nmi.json");
    assert_eq!(format!("{:#}\n", form().json_schema()), table);
}

#[test]
fn definition_equals_the_table() {
    let mut definition = serde_json::to_value(NmiProvider::new().definition()).unwrap();
    let schema = definition.as_object_mut().unwrap().remove("credentialSchema").unwrap();
    assert_eq!(schema, form().json_schema().to_value());
    let table = json!({
        "provider": "nmi",
        "category": "payment_gateway",
        "name": "NMI",
        "description": "Card and bank payments through the NMI gateway and its resellers.",
        "logoUrl": null,
        "documentationUrl": "https://docs.nmi.com/",
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
    assert_eq!(names, ["securityKey"]);
    assert!(error.fields().iter().all(|field| field.problem == "is required"));
}

#[test]
fn reads_each_documented_variable() {
    let fields = form().fields().iter();
    let pairs = fields.flat_map(|field| field.env.iter().map(|variable| (*variable, field.name)));
    assert_eq!(
        pairs.collect::<Vec<_>>(),
        [
            ("NMI_SECURITY_KEY", "securityKey"),
            ("NMI_USERNAME", "username"),
            ("NMI_PASSWORD", "password"),
            ("NMI_WEBHOOK_KEY", "webhookKey"),
        ]
    );
}

#[test]
fn connect_offers_what_is_declared_and_webhooks_only_with_a_key() {
    let all = json!({"securityKey": "valuesecurit", "username": "valueusernam", "password": "valuepasswor", "webhookKey": "valuewebhook"});
    let connection = connect(form().parse(all).unwrap()).unwrap();
    let declared = NmiProvider::new().definition().capabilities.iter().copied().collect();
    assert_eq!(connection.capabilities(), declared);
    assert!(connection.client::<turnbuckle_nmi::Nmi>().is_some());
    let without = connect(form().parse(json!({"securityKey": "valuesecurit"})).unwrap()).unwrap();
    assert!(without.webhooks().is_none());
    assert!(!format!("{connection:?} {without:?}").contains("value"));
}

#[test]
fn connect_refuses_credentials_of_another_form() {
    const OTHER: CredentialSchema = CredentialSchema::new(&[CredentialField::secret("other", "Other")]);

    let error = connect(OTHER.parse(json!({"other": "SENTINEL-9d1c"})).unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    assert!(!format!("{error} {error:?}").contains("SENTINEL"));
}
