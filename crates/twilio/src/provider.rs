//! What Twilio is, what it asks for, and how to connect to it.

use std::sync::Arc;

use serde_json::{Map, Value};
use turnbuckle_core::credential::{
    CredentialField, CredentialSchema, Pattern, SettingField, SettingKind, Settings, SettingsSchema,
};
use turnbuckle_core::messaging::CheckedSms;
use turnbuckle_core::provider::{
    Capability, Category, Connection, ConnectionConfig, IntegrationProvider, ProviderDefinition,
    ProviderStatus, Registry, RegistryError,
};
use turnbuckle_core::{Error, ErrorKind, ProviderId, Result};

use crate::tester::TwilioTester;
use crate::{Twilio, TwilioSms, TwilioWebhooks};

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

const SETTINGS: SettingsSchema = SettingsSchema::new(&[
    SettingField::new("from", "Sender", SettingKind::text(64))
        .with_description("A number like +14155550123, a short code, or a name of up to 11 characters"),
    SettingField::new("messagingServiceSid", "Messaging Service SID", SettingKind::text(34))
        .with_description("Picks the sender, and is needed to schedule messages"),
    SettingField::new("statusCallbackUrl", "Status Callback URL", SettingKind::text(2000))
        .with_description("Where Twilio tells how far messages have come"),
    SettingField::new("region", "Region", SettingKind::text(32))
        .with_description("For example ie1, with its edge"),
    SettingField::new("edge", "Edge", SettingKind::text(32)).with_description("For example dublin"),
]);

/// The variable that may hold each setting.
const SETTINGS_ENV: &[(&str, &str)] = &[
    ("from", "TWILIO_FROM"),
    ("messagingServiceSid", "TWILIO_MESSAGING_SERVICE_SID"),
    ("statusCallbackUrl", "TWILIO_STATUS_CALLBACK_URL"),
    ("region", "TWILIO_REGION"),
    ("edge", "TWILIO_EDGE"),
];

static DEFINITION: ProviderDefinition = ProviderDefinition::new(
    TwilioProvider::ID,
    Category::Sms,
    "Twilio",
    "Text messages through Twilio.",
    CREDENTIALS,
)
.with_documentation_url("https://www.twilio.com/docs")
.with_settings_schema(SETTINGS)
.with_status(ProviderStatus::Beta)
.with_capabilities(&[Capability::Sms, Capability::Webhooks]);

/// Twilio as a provider: its definition, and connections to its accounts.
///
/// ```no_run
/// use turnbuckle_core::Environment;
/// use turnbuckle_core::credential::Credentials;
/// use turnbuckle_core::messaging::{PhoneNumber, Sending, SmsMessage, SmsSender};
/// use turnbuckle_core::payment::IdempotencyKey;
/// use turnbuckle_core::provider::ConnectionConfig;
/// use turnbuckle_twilio::TwilioProvider;
///
/// # async fn send(credentials: Credentials, first_used_at: chrono::DateTime<chrono::Utc>) -> turnbuckle_core::Result<()> {
/// let settings = TwilioProvider::settings_from_env(&turnbuckle_core::credential::process_env)?;
/// let config =
///     ConnectionConfig::new("my-shop", Environment::Production, credentials).with_settings(settings);
/// let sms = TwilioProvider::new().sms(config)?;
/// let key = IdempotencyKey::new("invite-4711", first_used_at)?;
/// let to = PhoneNumber::new("+14155550123")?;
/// match sms.send(&SmsMessage::transactional(key, to, "Your code is 271828.")).await? {
///     Sending::Accepted(accepted) => println!("under way: {}", accepted.message),
///     Sending::Refused(refusal) => println!("not sent: {:?}", refusal.reason),
///     _ => {}
/// }
/// # Ok(())
/// # }
/// ```
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

    /// The settings that the environment holds: `TWILIO_FROM`, `TWILIO_MESSAGING_SERVICE_SID`,
    /// `TWILIO_STATUS_CALLBACK_URL`, `TWILIO_REGION`, `TWILIO_EDGE`. Empty variables count as unset.
    ///
    /// # Errors
    /// [`InvalidConfig`](ErrorKind::InvalidConfig) when one does not fit its field.
    pub fn settings_from_env(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Settings> {
        let given = SETTINGS_ENV.iter().filter_map(|(field, variable)| {
            lookup(variable)
                .filter(|value| !value.is_empty())
                .map(|value| ((*field).to_owned(), Value::String(value)))
        });
        SETTINGS.parse(&Value::Object(given.collect::<Map<_, _>>()))
    }

    /// Connects and hands out the sender, behind core's checks: the short way for a service with one account.
    ///
    /// # Errors
    /// As [`connect`](IntegrationProvider::connect).
    pub fn sms(&self, config: ConnectionConfig) -> Result<Arc<CheckedSms>> {
        self.connect(config)?.sms().ok_or_else(|| {
            Error::new(ErrorKind::Internal, "the connection sends no messages").with_provider(Self::ID)
        })
    }
}

/// Adds Twilio to a registry.
///
/// # Errors
/// [`RegistryError::Duplicate`] when the id is taken.
pub fn register(registry: &mut Registry) -> Result<(), RegistryError> {
    registry.register(TwilioProvider::new())
}

impl IntegrationProvider for TwilioProvider {
    fn definition(&self) -> &ProviderDefinition {
        &DEFINITION
    }

    /// Checks credentials and settings; sends nothing. Webhooks are there only when the credentials hold the auth token.
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
    let client = Twilio::new(&config)?;
    let sms = TwilioSms::new(client.clone(), &config)?;
    let tester = TwilioTester::new(client.clone(), &sms, &config)?;
    let mut builder = Connection::builder(&DEFINITION, &config, Arc::new(tester))
        .with_sms(Arc::new(sms))?
        .with_client(Arc::new(client));
    if let Some(webhooks) = TwilioWebhooks::from_config(&config)? {
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
