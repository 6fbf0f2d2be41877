//! What Twilio is and what it asks for.

use turnbuckle_core::credential::{CredentialField, CredentialSchema, Credentials, Pattern};
use turnbuckle_core::provider::{
    Category, Connection, ConnectionConfig, IntegrationProvider, ProviderDefinition, ProviderStatus,
};
use turnbuckle_core::{Error, ErrorKind, FieldError, ProviderId, Result};

const CREDENTIALS: CredentialSchema = CredentialSchema::new(&[
    CredentialField::text("accountSid", "Account SID")
        .required()
        .with_pattern(Pattern::hex("AC", 32))
        .with_env(&["TWILIO_ACCOUNT_SID", "TWILIO_SID"]),
    CredentialField::secret("authToken", "Auth Token")
        .with_description("Signs the webhooks; also signs in where there is no API key")
        .with_env(&["TWILIO_AUTH_TOKEN", "TWILIO_TOKEN"]),
    CredentialField::text("apiKeySid", "API Key SID")
        .with_description("Signs in together with its secret")
        .with_pattern(Pattern::hex("SK", 32))
        .with_env(&["TWILIO_API_KEY_SID", "TWILIO_API_KEY"]),
    CredentialField::secret("apiKeySecret", "API Key Secret").with_env(&["TWILIO_API_KEY_SECRET"]),
]);

static DEFINITION: ProviderDefinition = ProviderDefinition::new(
    TwilioProvider::ID,
    Category::Sms,
    "Twilio",
    "Text messages through Twilio.",
    CREDENTIALS,
)
.with_documentation_url("https://www.twilio.com/docs")
.with_status(ProviderStatus::Beta);

/// Twilio's definition and credential form. It cannot connect yet.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct TwilioProvider;

impl TwilioProvider {
    /// The provider's id.
    pub const ID: ProviderId = ProviderId::from_static("twilio");

    /// The provider.
    pub const fn new() -> Self {
        Self
    }
}

impl IntegrationProvider for TwilioProvider {
    fn definition(&self) -> &ProviderDefinition {
        &DEFINITION
    }

    /// Checks the credentials and then refuses: no operation is implemented in this release.
    ///
    /// # Errors
    /// [`InvalidConfig`](turnbuckle_core::ErrorKind::InvalidConfig) for credentials that do not fit the form,
    /// [`Unsupported`](turnbuckle_core::ErrorKind::Unsupported) for those that do.
    fn connect(&self, config: ConnectionConfig) -> Result<Connection> {
        let refused = match check(config.credentials()) {
            Ok(()) => Error::unsupported("this release has the definition and the credential form only"),
            Err(error) => error,
        };
        Err(refused.or_context(&Self::ID, "connect"))
    }
}

/// The schema cannot say "one of two": the auth token, or an API key with its secret.
fn check(credentials: &Credentials) -> Result<()> {
    CREDENTIALS.check(credentials)?;
    let has = |name| credentials.get(name).is_some();
    let missing = match (has("authToken"), has("apiKeySid"), has("apiKeySecret")) {
        (_, true, true) | (true, false, false) => return Ok(()),
        (_, true, false) => FieldError::new("apiKeySecret", "is required together with apiKeySid"),
        (_, false, true) => FieldError::new("apiKeySid", "is required together with apiKeySecret"),
        (false, false, false) => FieldError::new("authToken", "is required where there is no API key"),
    };
    Err(Error::new(ErrorKind::InvalidConfig, "the credentials cannot sign in").with_fields(vec![missing]))
}
