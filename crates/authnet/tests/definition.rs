//! The definition against the tables, and a `connect` that promises nothing.

use serde_json::json;
use turnbuckle_authnet::AuthorizeNetProvider;
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
        "capabilities": []
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
fn connect_says_that_it_cannot() {
    let error = connect(form().parse(json!({"apiLoginId": "valueapiLogi", "transactionKey": "valuetransac", "signatureKey": "valuesignatu"})).unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(error.effect(), Effect::None);
    assert_eq!(error.provider(), Some(&AuthorizeNetProvider::ID));
}

#[test]
fn connect_refuses_credentials_of_another_form() {
    const OTHER: CredentialSchema = CredentialSchema::new(&[CredentialField::secret("other", "Other")]);

    let error = connect(OTHER.parse(json!({"other": "SENTINEL-9d1c"})).unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    assert!(!format!("{error} {error:?}").contains("SENTINEL"));
}
