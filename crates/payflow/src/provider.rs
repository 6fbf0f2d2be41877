//! What PayPal Payflow Pro is and what it asks for.

use turnbuckle_core::credential::{CredentialField, CredentialSchema};
use turnbuckle_core::provider::{
    Category, Connection, ConnectionConfig, IntegrationProvider, ProviderDefinition, ProviderStatus,
};
use turnbuckle_core::{Error, ProviderId, Result};

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
.with_status(ProviderStatus::Beta);

/// PayPal Payflow Pro's definition and credential form. It cannot connect yet.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct PayflowProvider;

impl PayflowProvider {
    /// The provider's id.
    pub const ID: ProviderId = ProviderId::from_static("paypal_payflow");

    /// The provider.
    pub const fn new() -> Self {
        Self
    }
}

impl IntegrationProvider for PayflowProvider {
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
