//! What Authorize.Net is, what it asks for, and how to connect to it.

use std::sync::Arc;

use secrecy::SecretString;
use turnbuckle_core::credential::{CredentialField, CredentialSchema, Credentials};
use turnbuckle_core::payment::PaymentGateway;
use turnbuckle_core::provider::{
    Capability, Category, Connection, ConnectionConfig, IntegrationProvider, ProviderDefinition,
    ProviderStatus, Registry, RegistryError,
};
use turnbuckle_core::{Error, ErrorKind, ProviderId, Result};

use crate::tester::AuthorizeNetTester;
use crate::{AuthorizeNet, AuthorizeNetGateway, AuthorizeNetSubscriptions, AuthorizeNetWebhooks};

const CREDENTIALS: CredentialSchema = CredentialSchema::new(&[
    CredentialField::text("apiLoginId", "API Login ID")
        .required()
        .with_env(&["AUTHNET_API_LOGIN_ID"])
        .with_max_len(25),
    CredentialField::secret("transactionKey", "Transaction Key")
        .required()
        .with_env(&["AUTHNET_TRANSACTION_KEY"])
        .with_max_len(16),
    CredentialField::secret("signatureKey", "Signature Key (optional)")
        .with_description("Signs the webhooks")
        .with_env(&["AUTHNET_SIGNATURE_KEY"]),
]);

static DEFINITION: ProviderDefinition = ProviderDefinition::new(
    AuthorizeNetProvider::ID,
    Category::PaymentGateway,
    "Authorize.Net",
    "Card and bank payments through the Authorize.Net gateway.",
    CREDENTIALS,
)
.with_documentation_url("https://developer.authorize.net/api/reference/")
.with_required_compliance(&["pci_dss"])
.with_status(ProviderStatus::Beta)
.with_capabilities(&[Capability::Payments, Capability::Subscriptions, Capability::Webhooks]);

/// Authorize.Net as a provider: its definition, and connections to its merchants.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct AuthorizeNetProvider;

impl AuthorizeNetProvider {
    /// The provider's id.
    pub const ID: ProviderId = ProviderId::from_static("authorize_net");

    /// The provider.
    pub const fn new() -> Self {
        Self
    }

    /// Credentials without a signature key: enough to take payments, not to receive webhooks.
    ///
    /// # Errors
    /// [`InvalidConfig`](ErrorKind::InvalidConfig) when one of them is empty or too long.
    pub fn credentials(api_login_id: SecretString, transaction_key: SecretString) -> Result<Credentials> {
        Credentials::from_pairs(
            CREDENTIALS,
            [("apiLoginId", api_login_id), ("transactionKey", transaction_key)],
        )
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

/// Adds Authorize.Net to a registry.
///
/// # Errors
/// [`RegistryError::Duplicate`] when the id is taken.
pub fn register(registry: &mut Registry) -> Result<(), RegistryError> {
    registry.register(AuthorizeNetProvider::new())
}

impl IntegrationProvider for AuthorizeNetProvider {
    fn definition(&self) -> &ProviderDefinition {
        &DEFINITION
    }

    /// Checks the credentials; sends nothing. Webhooks are there only when the credentials hold a signature key.
    ///
    /// # Errors
    /// [`InvalidConfig`](ErrorKind::InvalidConfig), naming every bad field and no value.
    fn connect(&self, config: ConnectionConfig) -> Result<Connection> {
        connect(&config).map_err(|error| error.or_context(&Self::ID, "connect"))
    }
}

fn connect(config: &ConnectionConfig) -> Result<Connection> {
    CREDENTIALS.check(config.credentials())?;
    let client = AuthorizeNet::new(config)?;
    let clock = config.clock()?;
    let gateway = AuthorizeNetGateway::new(client.clone(), config.account(), Arc::clone(&clock));
    let subscriptions = AuthorizeNetSubscriptions::new(client.clone(), config.account(), Arc::clone(&clock));
    let tester = AuthorizeNetTester::new(client.clone(), config, clock);
    let mut builder = Connection::builder(&DEFINITION, config, Arc::new(tester))
        .with_payments(Arc::new(gateway))?
        .with_subscriptions(Arc::new(subscriptions))?
        .with_client(Arc::new(client));
    if let Some(webhooks) = AuthorizeNetWebhooks::from_config(config)? {
        builder = builder.with_webhooks(Arc::new(webhooks));
    }
    builder.build()
}
