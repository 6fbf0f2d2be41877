//! The definition against the tables, and a `connect` that promises nothing.

use serde_json::json;
use turnbuckle_core::credential::{CredentialField, CredentialSchema, Credentials};
use turnbuckle_core::provider::{Connection, ConnectionConfig, IntegrationProvider};
use turnbuckle_core::{Effect, Environment, ErrorKind, Result};
use turnbuckle_csv_import::CsvImportProvider;

fn form() -> CredentialSchema {
    CsvImportProvider::new().definition().credential_schema
}

fn connect(credentials: Credentials) -> Result<Connection> {
    let config = ConnectionConfig::new("account-1", Environment::Sandbox, credentials);
    CsvImportProvider::new().connect(config)
}

#[test]
fn form_equals_the_table() {
    let table = include_str!("../../../fixtures/definitions/csv_import.json");
    assert_eq!(format!("{:#}\n", form().json_schema()), table);
}

#[test]
fn definition_equals_the_table() {
    let mut definition = serde_json::to_value(CsvImportProvider::new().definition()).unwrap();
    let schema = definition.as_object_mut().unwrap().remove("credentialSchema").unwrap();
    assert_eq!(schema, form().json_schema().to_value());
    let table = json!({
        "provider": "csv_import",
        "category": "data_import",
        "name": "CSV Import",
        "description": "Records from CSV files.",
        "logoUrl": null,
        "documentationUrl": null,
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
fn connect_says_that_it_cannot() {
    let error = connect(form().parse(json!({})).unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(error.effect(), Effect::None);
    assert_eq!(error.provider(), Some(&CsvImportProvider::ID));
}

#[test]
fn connect_refuses_credentials_of_another_form() {
    const OTHER: CredentialSchema = CredentialSchema::new(&[CredentialField::secret("other", "Other")]);

    let error = connect(OTHER.parse(json!({"other": "SENTINEL-9d1c"})).unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    assert!(!format!("{error} {error:?}").contains("SENTINEL"));
}
