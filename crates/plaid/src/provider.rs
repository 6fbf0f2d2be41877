//! What Plaid is and what it asks for.

use turnbuckle_core::credential::{CredentialField, CredentialSchema};
use turnbuckle_core::provider::{
    Category, Connection, ConnectionConfig, IntegrationProvider, ProviderDefinition, ProviderStatus,
};
use turnbuckle_core::{Error, ProviderId, Result};

const CREDENTIALS: CredentialSchema = CredentialSchema::new(&[
    CredentialField::text("clientId", "Client ID").required().with_env(&["PLAID_CLIENT_ID"]),
    CredentialField::secret("secret", "Secret")
        .required()
        .with_description("There is one for sandbox and another for production")
        .with_env(&["PLAID_SECRET"]),
]);

static DEFINITION: ProviderDefinition = ProviderDefinition::new(
    PlaidProvider::ID,
    Category::Banking,
    "Plaid",
    "Bank accounts, balances and transactions of end users who link their bank.",
    CREDENTIALS,
)
.with_documentation_url("https://plaid.com/docs/")
.with_status(ProviderStatus::Beta);

/// Plaid's definition and credential form. It cannot connect yet.
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
}

impl IntegrationProvider for PlaidProvider {
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
