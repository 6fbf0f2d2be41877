//! What SendGrid is, what it asks for, and how to connect to it.

use std::sync::Arc;

use serde_json::{Map, Value};
use turnbuckle_core::credential::{
    CredentialField, CredentialSchema, SettingField, SettingKind, Settings, SettingsSchema,
};
use turnbuckle_core::messaging::CheckedEmail;
use turnbuckle_core::provider::{
    Capability, Category, Connection, ConnectionConfig, IntegrationProvider, ProviderDefinition,
    ProviderStatus, Registry, RegistryError,
};
use turnbuckle_core::{Error, ErrorKind, ProviderId, Result};

use crate::tester::SendGridTester;
use crate::{SendGrid, SendGridEmail, SendGridWebhooks};

const CREDENTIALS: CredentialSchema = CredentialSchema::new(&[
    CredentialField::secret("apiKey", "API Key").required().with_env(&["SENDGRID_API_KEY", "SENDGRID_KEY"]),
    CredentialField::text("webhookPublicKey", "Webhook Public Key (optional)")
        .with_description("Verifies the signed event webhook")
        .with_env(&["SENDGRID_WEBHOOK_PUBLIC_KEY"]),
]);

const SETTINGS: SettingsSchema = SettingsSchema::new(&[
    SettingField::new("from", "Sender", SettingKind::text(254))
        .with_description("The address that mail comes from; the connection test checks that it may"),
    SettingField::new("region", "Region", SettingKind::choice(&["global", "eu"]))
        .with_description("eu for an EU subuser with its own key"),
    SettingField::new("onBehalfOf", "Subuser", SettingKind::text(254))
        .with_description("The subuser that a parent account's key acts for"),
    SettingField::new("sandboxMode", "Sandbox Mode", SettingKind::boolean())
        .with_description("Checks mail and sends none; on in the sandbox unless set"),
    SettingField::new(
        "webhookToleranceSeconds",
        "Webhook Tolerance (seconds)",
        SettingKind::integer(0, 604_800),
    )
    .with_description("How old the signed time of an event may be; 25 hours unless set"),
]);

/// The variable that may hold each setting of text.
const SETTINGS_ENV: &[(&str, &str)] =
    &[("from", "SENDGRID_FROM"), ("region", "SENDGRID_REGION"), ("onBehalfOf", "SENDGRID_ON_BEHALF_OF")];

static DEFINITION: ProviderDefinition = ProviderDefinition::new(
    SendGridProvider::ID,
    Category::EmailTransactional,
    "SendGrid",
    "Transactional email through Twilio SendGrid.",
    CREDENTIALS,
)
.with_documentation_url("https://www.twilio.com/docs/sendgrid")
.with_settings_schema(SETTINGS)
.with_status(ProviderStatus::Beta)
.with_capabilities(&[Capability::Email, Capability::Webhooks]);

/// SendGrid as a provider: its definition, and connections to its accounts.
///
/// ```no_run
/// use turnbuckle_core::Environment;
/// use turnbuckle_core::credential::Credentials;
/// use turnbuckle_core::messaging::{EmailBody, EmailMessage, EmailSender, Mailbox, Sending, Template};
/// use turnbuckle_core::payment::IdempotencyKey;
/// use turnbuckle_core::provider::ConnectionConfig;
/// use turnbuckle_sendgrid::SendGridProvider;
///
/// # async fn send(credentials: Credentials, first_used_at: chrono::DateTime<chrono::Utc>) -> turnbuckle_core::Result<()> {
/// let config = ConnectionConfig::new("my-shop", Environment::Production, credentials);
/// let email = SendGridProvider::new().email(config)?;
/// let key = IdempotencyKey::new("receipt-4711", first_used_at)?;
/// let (from, to) = (Mailbox::new("desk@shop.example")?, Mailbox::new("reader@example.com")?);
/// let body = EmailBody::Template(Template::new("d-0a1b2c3d").with("order", "4711"));
/// match email.send(&EmailMessage::transactional(key, from, to, body)).await? {
///     Sending::Accepted(accepted) => println!("under way: {}", accepted.message),
///     Sending::Refused(refusal) => println!("not sent: {:?}", refusal.reason),
///     _ => {}
/// }
/// # Ok(())
/// # }
/// ```
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

    /// The settings that the environment holds: `SENDGRID_FROM`, `SENDGRID_REGION`, `SENDGRID_ON_BEHALF_OF`, and
    /// `SENDGRID_SANDBOX_MODE` as `true` or `false`. Empty variables count as unset.
    ///
    /// # Errors
    /// [`InvalidConfig`](ErrorKind::InvalidConfig) when one does not fit its field.
    pub fn settings_from_env(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Settings> {
        let read = |variable: &str| lookup(variable).filter(|value| !value.is_empty());
        let texts = SETTINGS_ENV
            .iter()
            .filter_map(|(field, variable)| Some(((*field).to_owned(), Value::String(read(variable)?))));
        let mode = read("SENDGRID_SANDBOX_MODE").map(|text| match text.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            // Anything else is refused by the schema, and neither word is guessed.
            _ => Value::String(text),
        });
        let mode = mode.map(|value| ("sandboxMode".to_owned(), value));
        SETTINGS.parse(&Value::Object(texts.chain(mode).collect::<Map<_, _>>()))
    }

    /// Connects and hands out the sender, behind core's checks: the short way for a service with one account.
    ///
    /// # Errors
    /// As [`connect`](IntegrationProvider::connect).
    pub fn email(&self, config: ConnectionConfig) -> Result<Arc<CheckedEmail>> {
        self.connect(config)?.email().ok_or_else(|| {
            Error::new(ErrorKind::Internal, "the connection sends no mail").with_provider(Self::ID)
        })
    }
}

/// Adds SendGrid to a registry.
///
/// # Errors
/// [`RegistryError::Duplicate`] when the id is taken.
pub fn register(registry: &mut Registry) -> Result<(), RegistryError> {
    registry.register(SendGridProvider::new())
}

impl IntegrationProvider for SendGridProvider {
    fn definition(&self) -> &ProviderDefinition {
        &DEFINITION
    }

    /// Checks credentials and settings; sends nothing. Webhooks are there only when the credentials hold the public key.
    ///
    /// # Errors
    /// [`InvalidConfig`](ErrorKind::InvalidConfig), naming every bad field and no value.
    fn connect(&self, config: ConnectionConfig) -> Result<Connection> {
        connect(config).map_err(|error| error.or_context(&Self::ID, "connect"))
    }
}

fn connect(config: ConnectionConfig) -> Result<Connection> {
    CREDENTIALS.check(config.credentials())?;
    let settings = settings(config.settings())?;
    let config = config.with_settings(settings);
    let client = SendGrid::new(&config)?;
    let email = SendGridEmail::new(client.clone(), &config);
    let tester = SendGridTester::new(client.clone(), email.is_sandboxed(), &config)?;
    let mut builder = Connection::builder(&DEFINITION, &config, Arc::new(tester))
        .with_email(Arc::new(email))?
        .with_client(Arc::new(client));
    if let Some(webhooks) = SendGridWebhooks::from_config(&config)? {
        builder = builder.with_webhooks(Arc::new(webhooks));
    }
    builder.build()
}

/// The settings again, since they may have been checked against another schema, with the defaults filled in.
fn settings(given: &Settings) -> Result<Settings> {
    let value = serde_json::to_value(given)
        .map_err(|_| Error::new(ErrorKind::Internal, "checked settings cannot be written as JSON"))?;
    SETTINGS.parse(&value)
}
