//! What Plaid is, what it asks for, and how to connect to it.

use std::sync::Arc;

use secrecy::SecretString;
use turnbuckle_core::bank_data::BankData;
use turnbuckle_core::credential::{
    CredentialField, CredentialSchema, Credentials, SettingField, SettingKind, Settings, SettingsSchema,
};
use turnbuckle_core::provider::{
    Capability, Category, Connection, ConnectionConfig, IntegrationProvider, ProviderDefinition, Registry,
    RegistryError,
};
use turnbuckle_core::{Environment, Error, ErrorKind, ProviderId, Result};

use crate::bank_data::{BankDataOptions, PlaidBankData};
use crate::tester::PlaidTester;
use crate::{Plaid, PlaidWebhooks};

const CREDENTIALS: CredentialSchema = CredentialSchema::new(&[
    CredentialField::text("clientId", "Client ID").required().with_env(&["PLAID_CLIENT_ID"]),
    CredentialField::secret("secret", "Secret")
        .required()
        .with_description("There is one for sandbox and another for production")
        .with_env(&["PLAID_SECRET"]),
]);

const SETTINGS: SettingsSchema = SettingsSchema::new(&[
    SettingField::new("clientName", "Client Name", SettingKind::text(30))
        .with_description("What persons see when they link a bank"),
    SettingField::new("webhookUrl", "Webhook URL", SettingKind::text(2000)),
    SettingField::new("redirectUri", "Redirect URI", SettingKind::text(2000))
        .with_description("Where banks send the person back to. It must be allowed at Plaid"),
    SettingField::new("linkCustomization", "Link Customization", SettingKind::text(200)),
    SettingField::new(
        "categoryVersion",
        "Category Version",
        SettingKind::choice(&["v1", "v2"]).with_default_text("v2"),
    ),
    SettingField::new(
        "transactionsPageSize",
        "Transactions per Page",
        SettingKind::integer(1, 500).with_default_integer(500),
    ),
    SettingField::new(
        "originalDescriptions",
        "Original Descriptions",
        SettingKind::boolean().with_default_boolean(false),
    ),
]);

static DEFINITION: ProviderDefinition = ProviderDefinition::new(
    PlaidProvider::ID,
    Category::Banking,
    "Plaid",
    "Bank accounts, balances and transactions of end users who link their bank.",
    CREDENTIALS,
)
.with_documentation_url("https://plaid.com/docs/")
.with_settings_schema(SETTINGS)
.with_capabilities(&[Capability::BankData, Capability::Webhooks]);

/// Plaid as a provider: its definition, and connections to its clients.
///
/// ```no_run
/// use turnbuckle_core::Environment;
/// use turnbuckle_core::bank_data::{BankProduct, LinkRequest};
/// use turnbuckle_core::provider::ConnectionConfig;
/// use turnbuckle_plaid::PlaidProvider;
///
/// # async fn link() -> turnbuckle_core::Result<()> {
/// let credentials = PlaidProvider::credentials("client id", "secret".into())?;
/// let settings = PlaidProvider::settings(&serde_json::json!({ "clientName": "Stand & Board" }))?;
/// let config = ConnectionConfig::new("my-shop", Environment::Sandbox, credentials).with_settings(settings);
/// let plaid = PlaidProvider::new().bank_data(config)?;
/// let session = plaid.link(&LinkRequest::new("user-7", vec![BankProduct::Transactions], "US")).await?;
/// println!("the session ends at {}", session.expires_at);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct PlaidProvider;

impl PlaidProvider {
    /// The provider's id.
    pub const ID: ProviderId = ProviderId::from_static("plaid");

    /// The provider.
    pub const fn new() -> Self {
        Self
    }

    /// Both keys of a client.
    ///
    /// # Errors
    /// [`InvalidConfig`](ErrorKind::InvalidConfig) when one is empty.
    pub fn credentials(client_id: impl Into<SecretString>, secret: SecretString) -> Result<Credentials> {
        Credentials::from_pairs(CREDENTIALS, [("clientId", client_id.into()), ("secret", secret)])
    }

    /// Settings from a JSON object, checked against the form.
    ///
    /// # Errors
    /// [`InvalidConfig`](ErrorKind::InvalidConfig), naming every bad field.
    pub fn settings(value: &serde_json::Value) -> Result<Settings> {
        SETTINGS.parse(value)
    }

    /// Reads the name of an environment, as `PLAID_ENV` holds it.
    ///
    /// # Errors
    /// [`InvalidConfig`](ErrorKind::InvalidConfig) for anything but `sandbox` and `production`. Plaid closed `development`
    /// on 20 June 2024 and deleted its items; the message says so.
    pub fn environment(name: &str) -> Result<Environment> {
        let message = match name {
            "sandbox" => return Ok(Environment::Sandbox),
            "production" => return Ok(Environment::Production),
            "development" => {
                "Plaid closed its development environment in June 2024: use sandbox, or production with its limits"
            }
            _ => "Plaid's environment is neither sandbox nor production",
        };
        Err(Error::new(ErrorKind::InvalidConfig, message).with_provider(Self::ID))
    }

    /// Connects and hands out the bank data: the short way for a service with one client.
    ///
    /// # Errors
    /// As [`connect`](IntegrationProvider::connect).
    pub fn bank_data(&self, config: ConnectionConfig) -> Result<Arc<dyn BankData>> {
        self.connect(config)?.bank_data().ok_or_else(|| {
            Error::new(ErrorKind::Internal, "the connection has no bank data").with_provider(Self::ID)
        })
    }
}

/// Adds Plaid to a registry.
///
/// # Errors
/// [`RegistryError::Duplicate`] when the id is taken.
pub fn register(registry: &mut Registry) -> Result<(), RegistryError> {
    registry.register(PlaidProvider::new())
}

impl IntegrationProvider for PlaidProvider {
    fn definition(&self) -> &ProviderDefinition {
        &DEFINITION
    }

    /// Checks credentials and settings; sends nothing.
    ///
    /// # Errors
    /// [`InvalidConfig`](ErrorKind::InvalidConfig), naming every bad field and no value.
    fn connect(&self, config: ConnectionConfig) -> Result<Connection> {
        connect(config).map_err(|error| error.or_context(&Self::ID, "connect"))
    }
}

fn connect(config: ConnectionConfig) -> Result<Connection> {
    CREDENTIALS.check(config.credentials())?;
    let settings = checked(config.settings())?;
    let config = config.with_settings(settings);
    let client = Plaid::new(&config)?;
    let options = BankDataOptions::from_config(&config);
    let tester = PlaidTester::new(client.clone(), config.clock()?, options.client_name.is_some());
    Connection::builder(&DEFINITION, &config, Arc::new(tester))
        .with_bank_data(Arc::new(PlaidBankData::new(client.clone(), options)))
        .with_webhooks(Arc::new(PlaidWebhooks::new(client.clone())))
        .with_client(Arc::new(client))
        .build()
}

/// The settings again, since they may have been checked against another schema, with the defaults filled in.
fn checked(given: &Settings) -> Result<Settings> {
    let value = serde_json::to_value(given)
        .map_err(|_| Error::new(ErrorKind::Internal, "checked settings cannot be written as JSON"))?;
    SETTINGS.parse(&value)
}
