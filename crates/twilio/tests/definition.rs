//! The definition against the tables, and a `connect` that promises nothing.

use serde_json::json;
use turnbuckle_core::credential::{CredentialField, CredentialSchema, Credentials};
use turnbuckle_core::provider::{Connection, ConnectionConfig, IntegrationProvider};
use turnbuckle_core::{Effect, Environment, ErrorKind, Result};
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
        "settingsSchema": null,
        "requiredCompliance": [],
        "status": "beta",
        "environments": [
            "sandbox",
            "production"
        ],
        "capabilities": []
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
fn connect_says_that_it_cannot() {
    let error = connect(form().parse(json!({"accountSid": "AC0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a", "authToken": "valueauthTok", "apiKeySid": "SK0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a", "apiKeySecret": "valueapiKeyS"})).unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(error.effect(), Effect::None);
    assert_eq!(error.provider(), Some(&TwilioProvider::ID));
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
        assert_eq!(connect(form().parse(given).unwrap()).unwrap_err().kind(), ErrorKind::Unsupported);
    }
}
