//! Definitions, the registry, and the result of a connection test.

#![expect(clippy::unwrap_used, reason = "helpers fail the test that calls them")]

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use turnbuckle_core::credential::{
    CredentialField, CredentialSchema, SettingField, SettingKind, SettingsSchema,
};
use turnbuckle_core::provider::{
    AccountIdentity, Capability, Category, Connection, ConnectionConfig, ConnectionTest, Finding,
    IntegrationProvider, ProviderDefinition, ProviderStatus, Registry, RegistryError, Severity,
};
use turnbuckle_core::{Environment, Error, ErrorKind, ProviderId, Result};

const FORM: CredentialSchema =
    CredentialSchema::new(&[CredentialField::secret("apiKey", "API Key").required()]);

#[derive(Debug)]
struct Fake {
    definition: ProviderDefinition,
    #[expect(dead_code, reason = "stands for whatever a provider may hold")]
    held: &'static str,
}

impl Fake {
    fn new(id: &'static str, category: Category) -> Self {
        let id = ProviderId::from_static(id);
        Self { definition: ProviderDefinition::new(id, category, "Fake", "A fake.", FORM), held: "SENTINEL" }
    }

    fn map(mut self, change: impl FnOnce(ProviderDefinition) -> ProviderDefinition) -> Self {
        self.definition = change(self.definition);
        self
    }
}

impl IntegrationProvider for Fake {
    fn definition(&self) -> &ProviderDefinition {
        &self.definition
    }

    fn connect(&self, _: ConnectionConfig) -> Result<Connection> {
        Err(Error::unsupported("a fake does not connect"))
    }
}

fn registry() -> Registry {
    let mut registry = Registry::new();
    registry
        .register(Fake::new("stripe", Category::PaymentGateway).map(|definition| {
            definition.with_capabilities(&[Capability::Payments, Capability::Webhooks]).with_org_only(true)
        }))
        .unwrap();
    registry.register(Fake::new("nmi", Category::PaymentGateway)).unwrap();
    registry
        .register_shared(Arc::new(Fake::new("twilio", Category::Sms).map(|definition| {
            definition.with_capabilities(&[Capability::Sms, Capability::Webhooks]).with_client_allowed(false)
        })))
        .unwrap();
    registry
}

fn ids<'a>(definitions: impl Iterator<Item = &'a ProviderDefinition>) -> Vec<&'a str> {
    definitions.map(|definition| definition.id.as_str()).collect()
}

#[test]
fn a_definition_has_the_documented_defaults() {
    let json = serde_json::to_value(Fake::new("fake", Category::AiMl).definition()).unwrap();
    assert_eq!(
        json,
        json!({
            "provider": "fake",
            "category": "ai_ml",
            "name": "Fake",
            "description": "A fake.",
            "logoUrl": null,
            "documentationUrl": null,
            "isOrgOnly": false,
            "isClientAllowed": true,
            "isPlatformOffered": false,
            "credentialSchema": {
                "type": "object",
                "required": ["apiKey"],
                "properties": {"apiKey": {"type": "string", "title": "API Key", "format": "password"}},
            },
            "settingsSchema": null,
            "requiredCompliance": [],
            "status": "active",
            "environments": ["sandbox", "production"],
            "capabilities": [],
        })
    );
}

#[test]
fn every_field_of_a_definition_is_written() {
    const SETTINGS: SettingsSchema =
        SettingsSchema::new(&[SettingField::new("region", "Region", SettingKind::choice(&["global", "eu"]))]);
    let fake = Fake::new("fake", Category::DataImport).map(|definition| {
        definition
            .with_logo_url("https://fake.example/logo.svg")
            .with_documentation_url("https://fake.example/docs")
            .with_org_only(true)
            .with_client_allowed(false)
            .with_platform_offered(true)
            .with_settings_schema(SETTINGS)
            .with_required_compliance(&["pci_dss", "soc2"])
            .with_status(ProviderStatus::Deprecated)
            .with_environments(&[Environment::Production])
            .with_capabilities(&[Capability::BankData, Capability::Imports])
    });
    let text = serde_json::to_string(fake.definition()).unwrap();
    let expected = r#"{"provider":"fake","category":"data_import","name":"Fake","description":"A fake.","logoUrl":"https://fake.example/logo.svg","documentationUrl":"https://fake.example/docs","isOrgOnly":true,"isClientAllowed":false,"isPlatformOffered":true,"credentialSchema":{"type":"object","required":["apiKey"],"properties":{"apiKey":{"type":"string","title":"API Key","format":"password"}}},"settingsSchema":{"type":"object","required":[],"properties":{"region":{"type":"string","title":"Region","enum":["global","eu"]}}},"requiredCompliance":["pci_dss","soc2"],"status":"deprecated","environments":["production"],"capabilities":["bank_data","imports"]}"#;
    assert_eq!(text, expected);
}

#[test]
fn the_words_are_spelled_as_in_the_tables() {
    let categories = Category::ALL.iter().map(|category| category.as_str()).collect::<Vec<_>>();
    assert_eq!(
        categories,
        [
            "authentication",
            "payment_gateway",
            "email_transactional",
            "email_marketing",
            "sms",
            "voice",
            "push_notification",
            "ai_ml",
            "storage",
            "monitoring",
            "feature_flags",
            "webhook",
            "accounting",
            "project_management",
            "communication",
            "productivity",
            "banking",
            "permits",
            "cameras",
            "drones",
            "shipping",
            "rental",
            "licensing",
            "data_import",
        ]
    );
    for category in Category::ALL {
        assert_eq!(serde_json::to_value(category).unwrap(), category.as_str());
        assert_eq!(category.as_str().parse::<Category>().unwrap(), *category);
        assert_eq!(category.to_string(), category.as_str());
    }
    for capability in Capability::ALL {
        assert_eq!(serde_json::to_value(capability).unwrap(), capability.as_str());
        assert_eq!(capability.as_str().parse::<Capability>().unwrap(), *capability);
    }
    for status in ProviderStatus::ALL {
        assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        assert_eq!(status.as_str().parse::<ProviderStatus>().unwrap(), *status);
    }
    assert!("Sms".parse::<Category>().is_err());
    assert!("sms ".parse::<Capability>().is_err());
    assert!("ready".parse::<ProviderStatus>().is_err());
}

/// Every id of the tables is a valid id, although none of them is built in.
#[test]
fn provider_ids_are_open() {
    for id in [
        "auth0",
        "okta",
        "cognito",
        "paypal_payflow",
        "nmi",
        "authorize_net",
        "stripe",
        "aws_ses",
        "sendgrid",
        "klaviyo",
        "aws_sns",
        "twilio",
        "aws_bedrock",
        "openai",
        "aws_s3",
        "datadog",
        "sentry",
        "cloudwatch",
        "launchdarkly",
        "aws_appconfig",
        "plaid",
        "csv_import",
        "quickbooks",
        "one_more",
    ] {
        assert_eq!(id.parse::<ProviderId>().unwrap().as_str(), id);
    }
}

#[test]
fn a_registry_finds_and_lists() {
    let registry = registry();
    assert_eq!(registry.len(), 3);
    assert_eq!(ids(registry.definitions()), ["nmi", "stripe", "twilio"]);
    assert_eq!(ids(registry.by_category(Category::PaymentGateway)), ["nmi", "stripe"]);
    assert_eq!(ids(registry.by_category(Category::Voice)), [""; 0]);
    assert_eq!(ids(registry.by_capability(Capability::Webhooks)), ["stripe", "twilio"]);
    assert_eq!(ids(registry.by_capability(Capability::Payments)), ["stripe"]);
    assert_eq!(ids(registry.client_configurable()), ["nmi"], "org-only and closed ones are left out");
    let found = registry.get(&ProviderId::from_static("twilio")).unwrap();
    assert_eq!(found.definition().category, Category::Sms);
}

#[test]
fn an_unknown_id_is_answered_with_the_known_ones() {
    let id: ProviderId = "strype".parse().unwrap();
    let error = registry().get(&id).unwrap_err();
    assert_eq!(error.to_string(), "no provider `strype` is registered; there are: nmi, stripe, twilio");
    let RegistryError::Unknown { id: asked, known } = &error else { panic!("{error}") };
    assert_eq!((asked, known.len()), (&id, 3));

    let error = Error::from(error);
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    assert!(error.to_string().contains("there are: nmi, stripe, twilio"));
}

#[test]
fn a_second_provider_with_the_same_id_is_refused_and_the_first_stays() {
    let mut registry = registry();
    let error = registry.register(Fake::new("nmi", Category::Drones)).unwrap_err();
    assert_eq!(error, RegistryError::Duplicate { id: ProviderId::from_static("nmi") });
    assert_eq!(error.to_string(), "a provider `nmi` is already registered");
    assert_eq!(ids(registry.by_category(Category::PaymentGateway)), ["nmi", "stripe"]);
    assert_eq!(registry.len(), 3);
}

#[test]
fn a_registry_prints_ids_only() {
    let shown = format!("{:?}", registry());
    assert!(shown.contains("twilio") && !shown.contains("SENTINEL"), "{shown}");
}

#[test]
fn a_connection_test_serializes_with_milliseconds() {
    let plain = ConnectionTest::failed("the key was refused", Duration::from_micros(1999));
    let text = serde_json::to_string(&plain).unwrap();
    assert_eq!(text, r#"{"success":false,"message":"the key was refused","latency":1}"#);

    let full = ConnectionTest::passed("connected", Duration::from_millis(84))
        .with_account(AccountIdentity::new("acct_1").with_name("Shop"))
        .with_live(true)
        .with_finding(
            Finding::new(Severity::Warning, "no_webhook_secret", "webhooks cannot be verified")
                .with_action("add the webhook secret"),
        );
    let expected: Value = json!({
        "success": true, "message": "connected", "latency": 84, "live": true,
        "account": {"id": "acct_1", "name": "Shop"},
        "findings": [{
            "severity": "warning", "code": "no_webhook_secret", "message": "webhooks cannot be verified",
            "action": "add the webhook secret",
        }],
    });
    assert_eq!(serde_json::to_value(&full).unwrap(), expected);

    let endless = ConnectionTest::passed("", Duration::MAX);
    assert_eq!(serde_json::to_value(&endless).unwrap()["latency"], u64::MAX);
}

#[test]
fn a_blocking_finding_keeps_a_connection_from_being_ready() {
    let passed = ConnectionTest::passed("connected", Duration::ZERO);
    assert!(passed.is_ready());
    assert!(passed.clone().with_finding(Finding::new(Severity::Warning, "w", "w")).is_ready());
    assert!(!passed.with_finding(Finding::new(Severity::Blocking, "b", "b")).is_ready());
    assert!(!ConnectionTest::failed("refused", Duration::ZERO).is_ready());
}
