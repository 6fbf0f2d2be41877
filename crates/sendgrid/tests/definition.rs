//! The definition against the tables, and what connecting refuses.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use serde_json::json;
use turnbuckle_core::credential::{CredentialField, CredentialSchema, Credentials};
use turnbuckle_core::provider::{Connection, ConnectionConfig, IntegrationProvider};
use turnbuckle_core::{Environment, ErrorKind, Result};
use turnbuckle_sendgrid::SendGridProvider;

const KEY: &str = concat!(
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1",
    "flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=="
);

fn form() -> CredentialSchema {
    SendGridProvider::new().definition().credential_schema
}

fn connect(credentials: Credentials) -> Result<Connection> {
    let config = ConnectionConfig::new("account-1", Environment::Sandbox, credentials);
    SendGridProvider::new().connect(config)
}

#[test]
fn form_equals_the_table() {
    let table = include_str!("../../../fixtures/definitions/sendgrid.json");
    assert_eq!(format!("{:#}\n", form().json_schema()), table);
}

#[test]
fn definition_equals_the_table() {
    let mut definition = serde_json::to_value(SendGridProvider::new().definition()).unwrap();
    let schema = definition.as_object_mut().unwrap().remove("credentialSchema").unwrap();
    assert_eq!(schema, form().json_schema().to_value());
    let settings = definition.as_object_mut().unwrap().remove("settingsSchema").unwrap();
    let names: Vec<_> = settings["properties"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["from", "onBehalfOf", "region", "sandboxMode", "webhookToleranceSeconds"]);
    let table = json!({
        "provider": "sendgrid",
        "category": "email_transactional",
        "name": "SendGrid",
        "description": "Transactional email through Twilio SendGrid.",
        "logoUrl": null,
        "documentationUrl": "https://www.twilio.com/docs/sendgrid",
        "isOrgOnly": false,
        "isClientAllowed": true,
        "isPlatformOffered": false,
        "requiredCompliance": [],
        "status": "beta",
        "environments": [
            "sandbox",
            "production"
        ],
        "capabilities": ["email", "webhooks"]
    });
    assert_eq!(definition, table);
}

#[test]
fn names_every_missing_field() {
    let error = form().parse(json!({})).unwrap_err();
    let names = error.fields().iter().map(|field| field.field.as_ref()).collect::<Vec<_>>();
    assert_eq!(names, ["apiKey"]);
    assert!(error.fields().iter().all(|field| field.problem == "is required"));
}

#[test]
fn reads_each_documented_variable() {
    let fields = form().fields().iter();
    let pairs = fields.flat_map(|field| field.env.iter().map(|variable| (*variable, field.name)));
    assert_eq!(
        pairs.collect::<Vec<_>>(),
        [
            ("SENDGRID_API_KEY", "apiKey"),
            ("SENDGRID_KEY", "apiKey"),
            ("SENDGRID_WEBHOOK_PUBLIC_KEY", "webhookPublicKey"),
        ]
    );
}

#[test]
fn settings_come_from_the_environment() {
    let lookup = |name: &str| match name {
        "SENDGRID_FROM" => Some("desk@shop.example".to_owned()),
        "SENDGRID_SANDBOX_MODE" => Some("false".to_owned()),
        "SENDGRID_REGION" => Some(String::new()),
        _ => None,
    };
    let settings = SendGridProvider::settings_from_env(&lookup).unwrap();
    assert_eq!(
        serde_json::to_value(settings).unwrap(),
        json!({"from": "desk@shop.example", "sandboxMode": false})
    );
    for (variable, value, field) in
        [("SENDGRID_SANDBOX_MODE", "yes", "sandboxMode"), ("SENDGRID_REGION", "mars", "region")]
    {
        let lookup = |name: &str| (name == variable).then(|| value.to_owned());
        let error = SendGridProvider::settings_from_env(&lookup).unwrap_err();
        assert_eq!((error.kind(), error.fields()[0].field.as_ref()), (ErrorKind::InvalidConfig, field));
    }
}

#[test]
fn what_is_offered_follows_from_the_credentials() {
    let connection =
        connect(form().parse(json!({"apiKey": "a key", "webhookPublicKey": KEY})).unwrap()).unwrap();
    assert!(connection.email().is_some() && connection.webhooks().is_some());
    assert!(connection.client::<turnbuckle_sendgrid::SendGrid>().is_some());
    let connection = connect(form().parse(json!({"apiKey": "a key"})).unwrap()).unwrap();
    assert!(connection.email().is_some() && connection.webhooks().is_none());
    let mut registry = turnbuckle_core::provider::Registry::new();
    turnbuckle_sendgrid::register(&mut registry).unwrap();
    assert!(turnbuckle_sendgrid::register(&mut registry).is_err());
}

#[test]
fn connect_refuses_keys_that_cannot_be_used() {
    for (given, field) in [
        (json!({"apiKey": "a\u{e9}key"}), "apiKey"),
        (json!({"apiKey": "a key", "webhookPublicKey": "no key"}), "webhookPublicKey"),
        (json!({"apiKey": "a key", "webhookPublicKey": format!("{KEY},{KEY}")}), "webhookPublicKey"),
    ] {
        let error = connect(form().parse(given).unwrap()).unwrap_err();
        assert_eq!((error.kind(), error.fields()[0].field.as_ref()), (ErrorKind::InvalidConfig, field));
        assert_eq!(error.provider(), Some(&SendGridProvider::ID));
    }
}

#[test]
fn connect_refuses_credentials_of_another_form() {
    const OTHER: CredentialSchema = CredentialSchema::new(&[CredentialField::secret("other", "Other")]);

    let error = connect(OTHER.parse(json!({"other": "SENTINEL-9d1c"})).unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    assert!(!format!("{error} {error:?}").contains("SENTINEL"));
}
