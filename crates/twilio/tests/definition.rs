//! The definition against the tables, and what connecting refuses.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use serde_json::json;
use turnbuckle_core::credential::{CredentialField, CredentialSchema, Credentials};
use turnbuckle_core::provider::{Connection, ConnectionConfig, IntegrationProvider};
use turnbuckle_core::{Environment, ErrorKind, Result};
use turnbuckle_twilio::TwilioProvider;

fn form() -> CredentialSchema {
    TwilioProvider::new().definition().credential_schema
}

fn connect(credentials: Credentials) -> Result<Connection> {
    let config = ConnectionConfig::new("account-1", Environment::Sandbox, credentials);
    TwilioProvider::new().connect(config)
}

#[test]
fn form_equals_the_table() {
    let table = include_str!("../../../fixtures/definitions/twilio.json");
    assert_eq!(format!("{:#}\n", form().json_schema()), table);
}

#[test]
fn definition_equals_the_table() {
    let mut definition = serde_json::to_value(TwilioProvider::new().definition()).unwrap();
    let schema = definition.as_object_mut().unwrap().remove("credentialSchema").unwrap();
    assert_eq!(schema, form().json_schema().to_value());
    let settings = definition.as_object_mut().unwrap().remove("settingsSchema").unwrap();
    let names: Vec<_> = settings["properties"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["edge", "from", "messagingServiceSid", "region", "statusCallbackUrl"]);
    assert_eq!(settings.get("required").and_then(|required| required.as_array()).map_or(0, Vec::len), 0);
    let table = json!({
        "provider": "twilio",
        "category": "sms",
        "name": "Twilio",
        "description": "Text messages through Twilio.",
        "logoUrl": null,
        "documentationUrl": "https://www.twilio.com/docs",
        "isOrgOnly": false,
        "isClientAllowed": true,
        "isPlatformOffered": false,
        "requiredCompliance": [],
        "status": "beta",
        "environments": [
            "sandbox",
            "production"
        ],
        "capabilities": ["sms", "webhooks"]
    });
    assert_eq!(definition, table);
}

#[test]
fn names_every_missing_field() {
    let error = form().parse(json!({})).unwrap_err();
    let names = error.fields().iter().map(|field| field.field.as_ref()).collect::<Vec<_>>();
    assert_eq!(names, ["accountSid"]);
    assert!(error.fields().iter().all(|field| field.problem == "is required"));
}

#[test]
fn reads_each_documented_variable() {
    let fields = form().fields().iter();
    let pairs = fields.flat_map(|field| field.env.iter().map(|variable| (*variable, field.name)));
    assert_eq!(
        pairs.collect::<Vec<_>>(),
        [
            ("TWILIO_ACCOUNT_SID", "accountSid"),
            ("TWILIO_SID", "accountSid"),
            ("TWILIO_AUTH_TOKEN", "authToken"),
            ("TWILIO_TOKEN", "authToken"),
            ("TWILIO_API_KEY_SID", "apiKeySid"),
            ("TWILIO_API_KEY", "apiKeySid"),
            ("TWILIO_API_KEY_SECRET", "apiKeySecret"),
        ]
    );
}

#[test]
fn settings_come_from_the_environment() {
    let lookup = |name: &str| match name {
        "TWILIO_FROM" => Some("+14155550100".to_owned()),
        "TWILIO_EDGE" => Some(String::new()),
        _ => None,
    };
    let settings = TwilioProvider::settings_from_env(&lookup).unwrap();
    assert_eq!(serde_json::to_value(settings).unwrap(), json!({"from": "+14155550100"}));
    let lookup = |name: &str| (name == "TWILIO_FROM").then(|| "x".repeat(65));
    let error = TwilioProvider::settings_from_env(&lookup).unwrap_err();
    assert_eq!((error.kind(), error.fields()[0].field.as_ref()), (ErrorKind::InvalidConfig, "from"));
}

#[test]
fn what_is_offered_follows_from_the_credentials() {
    let sid = format!("AC{}", "0a".repeat(16));
    let key = format!("SK{}", "0a".repeat(16));
    let both = json!({"accountSid": sid, "authToken": "token", "apiKeySid": key, "apiKeySecret": "secret"});
    let connection = connect(form().parse(both).unwrap()).unwrap();
    assert!(connection.sms().is_some() && connection.webhooks().is_some());
    assert!(connection.client::<turnbuckle_twilio::Twilio>().is_some());
    let key_only = json!({"accountSid": sid, "apiKeySid": key, "apiKeySecret": "secret"});
    let connection = connect(form().parse(key_only).unwrap()).unwrap();
    assert!(connection.sms().is_some() && connection.webhooks().is_none());
    let mut registry = turnbuckle_core::provider::Registry::new();
    turnbuckle_twilio::register(&mut registry).unwrap();
    assert!(turnbuckle_twilio::register(&mut registry).is_err());
}

#[test]
fn connect_refuses_credentials_of_another_form() {
    const OTHER: CredentialSchema = CredentialSchema::new(&[CredentialField::secret("other", "Other")]);

    let error = connect(OTHER.parse(json!({"other": "SENTINEL-9d1c"})).unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    assert!(!format!("{error} {error:?}").contains("SENTINEL"));
}

#[test]
fn demands_one_complete_way_to_sign_in() {
    let sid = format!("AC{}", "0a".repeat(16));
    let key = format!("SK{}", "0a".repeat(16));
    for (given, missing) in [
        (json!({"accountSid": sid}), "authToken"),
        (json!({"accountSid": sid, "apiKeySid": key}), "apiKeySecret"),
        (json!({"accountSid": sid, "authToken": "token", "apiKeySecret": "secret"}), "apiKeySid"),
    ] {
        let error = connect(form().parse(given).unwrap()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig);
        assert_eq!(error.fields()[0].field, missing);
    }
    for given in [
        json!({"accountSid": sid, "authToken": "token"}),
        json!({"accountSid": sid, "apiKeySid": key, "apiKeySecret": "secret"}),
    ] {
        connect(form().parse(given).unwrap()).unwrap();
    }
}
