//! What Stripe is, what it asks for, and how to connect to it.

use std::sync::Arc;

use secrecy::SecretString;
use turnbuckle_core::credential::{
    CredentialField, CredentialSchema, Credentials, Pattern, SettingField, SettingKind, Settings,
    SettingsSchema,
};
use turnbuckle_core::payment::PaymentGateway;
use turnbuckle_core::provider::{
    Capability, Category, Connection, ConnectionConfig, IntegrationProvider, ProviderDefinition, Registry,
    RegistryError,
};
use turnbuckle_core::{Error, ErrorKind, ProviderId, Result};

use crate::gateway::StripeGateway;
use crate::tester::StripeTester;
use crate::{Stripe, StripeSubscriptions, StripeWebhooks};

const CREDENTIALS: CredentialSchema = CredentialSchema::new(&[
    CredentialField::secret("secretKey", "Secret Key")
        .required()
        .with_pattern(Pattern::prefix(&["sk", "rk"], "_"))
        .with_env(&["STRIPE_SECRET_KEY", "STRIPE_SECRET"]),
    CredentialField::text("publishableKey", "Publishable Key")
        .with_pattern(Pattern::prefix(&["pk"], "_"))
        .with_env(&["STRIPE_PUBLISHABLE_KEY"]),
    CredentialField::secret("webhookSecret", "Webhook Secret")
        .with_env(&["STRIPE_WEBHOOK_SECRET", "STRIPE_WEBHOOK"]),
]);

const SETTINGS: SettingsSchema = SettingsSchema::new(&[
    SettingField::new("apiVersion", "API Version", SettingKind::text(64)),
    SettingField::new(
        "webhookToleranceSeconds",
        "Oldest Webhook (seconds)",
        SettingKind::integer(1, 3600).with_default_integer(300),
    ),
]);

static DEFINITION: ProviderDefinition = ProviderDefinition::new(
    StripeProvider::ID,
    Category::PaymentGateway,
    "Stripe",
    "Card and bank payments, stored payment methods, refunds, subscriptions and webhooks through Stripe.",
    CREDENTIALS,
)
.with_documentation_url("https://docs.stripe.com/")
.with_settings_schema(SETTINGS)
.with_required_compliance(&["pci_dss"])
.with_capabilities(&[Capability::Payments, Capability::Subscriptions, Capability::Webhooks]);

/// Stripe as a provider: its definition, and connections to its accounts.
///
/// ```no_run
/// use chrono::Utc;
/// use turnbuckle_core::Environment;
/// use turnbuckle_core::money::{Currency, Money};
/// use turnbuckle_core::payment::{
///     IdempotencyKey, MerchantReference, Outcome, PaymentMethod, PaymentRequest, VendorToken,
/// };
/// use turnbuckle_core::provider::ConnectionConfig;
/// use turnbuckle_stripe::StripeProvider;
///
/// # async fn charge(key: String, first_used_at: chrono::DateTime<Utc>) -> turnbuckle_core::Result<()> {
/// let credentials = StripeProvider::credentials("sk_test_...".into())?;
/// let stripe =
///     StripeProvider::new().payments(ConnectionConfig::new("my-shop", Environment::Sandbox, credentials))?;
/// let request = PaymentRequest::new(
///     Money::parse("20.10", Currency::USD)?,
///     PaymentMethod::Token(VendorToken::new("payment_method", "pm_card_visa")),
///     IdempotencyKey::new(key, first_used_at)?,
///     MerchantReference::new("order-1001")?,
/// );
/// match stripe.purchase(&request).await? {
///     Outcome::Approved(payment) => println!("paid: {}", payment.reference),
///     other => println!("not paid: {}", other.as_str()),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct StripeProvider;

impl StripeProvider {
    /// The provider's id.
    pub const ID: ProviderId = ProviderId::from_static("stripe");

    /// The provider.
    pub const fn new() -> Self {
        Self
    }

    /// Credentials with a secret key and nothing else: enough to take payments, not to receive webhooks.
    ///
    /// # Errors
    /// [`InvalidConfig`](ErrorKind::InvalidConfig) when it begins with neither `sk_` nor `rk_`.
    pub fn credentials(secret_key: SecretString) -> Result<Credentials> {
        Credentials::from_pairs(CREDENTIALS, [("secretKey", secret_key)])
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

/// Adds Stripe to a registry.
///
/// # Errors
/// [`RegistryError::Duplicate`] when the id is taken.
pub fn register(registry: &mut Registry) -> Result<(), RegistryError> {
    registry.register(StripeProvider::new())
}

impl IntegrationProvider for StripeProvider {
    fn definition(&self) -> &ProviderDefinition {
        &DEFINITION
    }

    /// Checks credentials, settings, and that the secret key belongs to the environment; sends nothing. Webhooks are
    /// there only when the credentials hold a webhook secret.
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
    let client = Stripe::new(&config)?;
    let clock = config.clock()?;
    let gateway = StripeGateway::new(client.clone(), config.account(), Arc::clone(&clock));
    let subscriptions = StripeSubscriptions::new(client.clone(), config.account(), Arc::clone(&clock));
    let tester = StripeTester::new(client.clone(), &config, clock);
    let mut builder = Connection::builder(&DEFINITION, &config, Arc::new(tester))
        .with_payments(Arc::new(gateway))?
        .with_subscriptions(Arc::new(subscriptions))?
        .with_client(Arc::new(client));
    if let Some(webhooks) = StripeWebhooks::from_config(&config)? {
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
