//! What SendGrid is and what it asks for.

use turnbuckle_core::credential::{CredentialField, CredentialSchema};
use turnbuckle_core::provider::{
    Category, Connection, ConnectionConfig, IntegrationProvider, ProviderDefinition, ProviderStatus,
};
use turnbuckle_core::{Error, ProviderId, Result};

const CREDENTIALS: CredentialSchema = CredentialSchema::new(&[
    CredentialField::secret("apiKey", "API Key").required().with_env(&["SENDGRID_API_KEY", "SENDGRID_KEY"]),
    CredentialField::text("webhookPublicKey", "Webhook Public Key (optional)")
        .with_description("Verifies the signed event webhook")
        .with_env(&["SENDGRID_WEBHOOK_PUBLIC_KEY"]),
]);

static DEFINITION: ProviderDefinition = ProviderDefinition::new(
    SendGridProvider::ID,
    Category::EmailTransactional,
    "SendGrid",
    "Transactional email through Twilio SendGrid.",
    CREDENTIALS,
)
.with_documentation_url("https://www.twilio.com/docs/sendgrid")
.with_status(ProviderStatus::Beta);

/// SendGrid's definition and credential form. It cannot connect yet.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct SendGridProvider;

impl SendGridProvider {
    /// The provider's id.
    pub const ID: ProviderId = ProviderId::from_static("sendgrid");

    /// The provider.
    pub const fn new() -> Self {
        Self
    }
}

impl IntegrationProvider for SendGridProvider {
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
