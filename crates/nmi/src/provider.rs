//! What NMI is, what it asks for, and how to connect to it.

use std::sync::Arc;

use secrecy::SecretString;
use turnbuckle_core::credential::{CredentialField, CredentialSchema, Credentials};
use turnbuckle_core::payment::PaymentGateway;
use turnbuckle_core::provider::{
    Capability, Category, Connection, ConnectionConfig, IntegrationProvider, ProviderDefinition,
    ProviderStatus, Registry, RegistryError,
};
use turnbuckle_core::{Error, ErrorKind, ProviderId, Result};

use crate::tester::NmiTester;
use crate::{Nmi, NmiGateway, NmiSubscriptions, NmiWebhooks};

const CREDENTIALS: CredentialSchema = CredentialSchema::new(&[
    CredentialField::secret("securityKey", "Security Key").required().with_env(&["NMI_SECURITY_KEY"]),
    CredentialField::text("username", "Username (optional)").with_env(&["NMI_USERNAME"]),
    CredentialField::secret("password", "Password (optional)").with_env(&["NMI_PASSWORD"]),
    CredentialField::secret("webhookKey", "Webhook Signing Key (optional)")
        .with_description("Signs the webhooks; from Settings, Webhooks")
        .with_env(&["NMI_WEBHOOK_KEY"]),
]);

static DEFINITION: ProviderDefinition = ProviderDefinition::new(
    NmiProvider::ID,
    Category::PaymentGateway,
    "NMI",
    "Card and bank payments through the NMI gateway and its resellers.",
    CREDENTIALS,
)
.with_documentation_url("https://docs.nmi.com/")
.with_required_compliance(&["pci_dss"])
.with_status(ProviderStatus::Beta)
.with_capabilities(&[Capability::Payments, Capability::Subscriptions, Capability::Webhooks]);

/// NMI as a provider: its definition, and connections to its accounts.
///
/// User name and password are the older way to sign in; the form keeps them, and this crate does not send them.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct NmiProvider;

impl NmiProvider {
    /// The provider's id.
    pub const ID: ProviderId = ProviderId::from_static("nmi");

    /// The provider.
    pub const fn new() -> Self {
        Self
    }

    /// Credentials with a security key and nothing else: enough to take payments, not to receive webhooks.
    ///
    /// # Errors
    /// [`InvalidConfig`](ErrorKind::InvalidConfig) when it is empty.
    pub fn credentials(security_key: SecretString) -> Result<Credentials> {
        Credentials::from_pairs(CREDENTIALS, [("securityKey", security_key)])
    }

    /// Connects and hands out the gateway, behind core's checks: the short way for a service with one account.
    ///
    /// # Errors
    /// As [`connect`](IntegrationProvider::connect).
    pub fn payments(&self, config: ConnectionConfig) -> Result<Arc<dyn PaymentGateway>> {
        self.connect(config)?.payments().ok_or_else(|| {
            Error::new(ErrorKind::Internal, "the connection has no payments").with_provider(Self::ID)
        })
    }
}

impl IntegrationProvider for NmiProvider {
    fn definition(&self) -> &ProviderDefinition {
        &DEFINITION
    }

    /// Checks what it was given and builds the connection. Sends nothing.
    fn connect(&self, config: ConnectionConfig) -> Result<Connection> {
        connect(&config).map_err(|error| error.or_context(&Self::ID, "connect"))
    }
}

fn connect(config: &ConnectionConfig) -> Result<Connection> {
    CREDENTIALS.check(config.credentials())?;
    let clock = config.clock()?;
    let client = Nmi::new(config)?;
    let tester = Arc::new(NmiTester::new(client.clone(), config, Arc::clone(&clock)));
    let account = config.account();
    let gateway = Arc::new(NmiGateway::new(client.clone(), account, Arc::clone(&clock)));
    let subscriptions = Arc::new(NmiSubscriptions::new(client.clone(), account, clock));
    let mut builder = Connection::builder(&DEFINITION, config, tester)
        .with_payments(gateway)?
        .with_subscriptions(subscriptions)?
        .with_client(Arc::new(client));
    if let Some(webhooks) = NmiWebhooks::from_config(config)? {
        builder = builder.with_webhooks(Arc::new(webhooks));
    }
    builder.build()
}

/// Adds NMI to a registry.
///
/// # Errors
/// [`RegistryError::Duplicate`] when the id is taken.
pub fn register(registry: &mut Registry) -> std::result::Result<(), RegistryError> {
    registry.register(NmiProvider::new())
}
