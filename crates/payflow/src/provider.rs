//! What PayPal Payflow Pro is, what it asks for, and how to connect to it.

use std::sync::Arc;

use secrecy::SecretString;
use turnbuckle_core::credential::{CredentialField, CredentialSchema, Credentials};
use turnbuckle_core::payment::PaymentGateway;
use turnbuckle_core::provider::{
    Capability, Category, Connection, ConnectionConfig, IntegrationProvider, ProviderDefinition, Registry,
    RegistryError,
};
use turnbuckle_core::{Error, ErrorKind, ProviderId, Result};

use crate::client::PROVIDER;
use crate::tester::PayflowTester;
use crate::{Payflow, PayflowGateway, PayflowSubscriptions};

const CREDENTIALS: CredentialSchema = CredentialSchema::new(&[
    CredentialField::text("partner", "Partner")
        .required()
        .with_description("Your Payflow partner (usually PayPal)")
        .with_env(&["PAYFLOW_PARTNER"])
        .with_max_len(12),
    CredentialField::text("vendor", "Vendor/Merchant ID")
        .required()
        .with_description("Your merchant login ID")
        .with_env(&["PAYFLOW_VENDOR"])
        .with_max_len(64),
    CredentialField::text("user", "User")
        .required()
        .with_description("API user (same as vendor if not set up)")
        .with_env(&["PAYFLOW_USER"])
        .with_max_len(64),
    CredentialField::secret("password", "Password")
        .required()
        .with_description("API password")
        .with_env(&["PAYFLOW_PASSWORD"]),
]);

static DEFINITION: ProviderDefinition = ProviderDefinition::new(
    PayflowProvider::ID,
    Category::PaymentGateway,
    "PayPal Payflow Pro",
    "Card and bank payments through the PayPal Payflow gateway.",
    CREDENTIALS,
)
.with_documentation_url("https://developer.paypal.com/api/nvp-soap/payflow/")
.with_required_compliance(&["pci_dss"])
.with_capabilities(&[Capability::Payments, Capability::Subscriptions]);

/// PayPal Payflow Pro as a provider: its definition, and connections to its accounts.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct PayflowProvider;

impl PayflowProvider {
    /// The provider's id.
    pub const ID: ProviderId = PROVIDER;

    /// The provider.
    pub const fn new() -> Self {
        Self
    }

    /// Credentials from their four parts.
    ///
    /// # Errors
    /// [`InvalidConfig`](ErrorKind::InvalidConfig) naming the parts that do not fit the form.
    pub fn credentials(
        partner: &str,
        vendor: &str,
        user: &str,
        password: SecretString,
    ) -> Result<Credentials> {
        let plain = |text: &str| SecretString::from(text.to_owned());
        let parts = [
            ("partner", plain(partner)),
            ("vendor", plain(vendor)),
            ("user", plain(user)),
            ("password", password),
        ];
        Credentials::from_pairs(CREDENTIALS, parts)
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

/// Adds PayPal Payflow Pro to a registry.
///
/// # Errors
/// [`RegistryError::Duplicate`] when the id is taken.
pub fn register(registry: &mut Registry) -> Result<(), RegistryError> {
    registry.register(PayflowProvider::new())
}

impl IntegrationProvider for PayflowProvider {
    fn definition(&self) -> &ProviderDefinition {
        &DEFINITION
    }

    /// Checks the credentials; sends nothing. Payflow has no signed webhooks, so there are none.
    ///
    /// # Errors
    /// [`InvalidConfig`](ErrorKind::InvalidConfig), naming every bad field and no value.
    fn connect(&self, config: ConnectionConfig) -> Result<Connection> {
        connect(&config).map_err(|error| error.or_context(&Self::ID, "connect"))
    }
}

fn connect(config: &ConnectionConfig) -> Result<Connection> {
    CREDENTIALS.check(config.credentials())?;
    let client = Payflow::new(config)?;
    let clock = config.clock()?;
    let gateway = PayflowGateway::new(client.clone(), config.account(), Arc::clone(&clock));
    let subscriptions = PayflowSubscriptions::new(client.clone(), config.account(), Arc::clone(&clock));
    let tester = PayflowTester::new(client.clone(), config, clock);
    Connection::builder(&DEFINITION, config, Arc::new(tester))
        .with_payments(Arc::new(gateway))?
        .with_subscriptions(Arc::new(subscriptions))?
        .with_client(Arc::new(client))
        .build()
}
