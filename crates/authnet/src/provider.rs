//! What Authorize.Net is and what it asks for.

use turnbuckle_core::credential::{CredentialField, CredentialSchema};
use turnbuckle_core::provider::{
    Category, Connection, ConnectionConfig, IntegrationProvider, ProviderDefinition, ProviderStatus,
};
use turnbuckle_core::{Error, ProviderId, Result};

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
.with_status(ProviderStatus::Beta);

/// Authorize.Net's definition and credential form. It cannot connect yet.
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
}

impl IntegrationProvider for AuthorizeNetProvider {
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
