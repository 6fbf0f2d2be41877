//! What NMI is and what it asks for.

use turnbuckle_core::credential::{CredentialField, CredentialSchema};
use turnbuckle_core::provider::{
    Category, Connection, ConnectionConfig, IntegrationProvider, ProviderDefinition, ProviderStatus,
};
use turnbuckle_core::{Error, ProviderId, Result};

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
.with_status(ProviderStatus::Beta);

/// NMI's definition and credential form. It cannot connect yet.
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
}

impl IntegrationProvider for NmiProvider {
    fn definition(&self) -> &ProviderDefinition {
        &DEFINITION
    }

    /// Checks the credentials and then refuses: no operation is implemented in this release.
    ///
    /// # Errors
    /// [`InvalidConfig`](turnbuckle_core::ErrorKind::InvalidConfig) for credentials that do not fit the form,
    /// [`Unsupported`](turnbuckle_core::ErrorKind::Unsupported) for those that do.
    fn connect(&self, config: ConnectionConfig) -> Result<Connection> {
        let refused = match CREDENTIALS.check(config.credentials()) {
            Ok(()) => Error::unsupported("this release has the definition and the credential form only"),
            Err(error) => error,
        };
        Err(refused.or_context(&Self::ID, "connect"))
    }
}
