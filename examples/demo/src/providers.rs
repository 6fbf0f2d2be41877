//! Every provider that the tour knows. A new one adds its line to [`known`].

use std::sync::Arc;

use turnbuckle_authnet::AuthorizeNetProvider;
use turnbuckle_core::ProviderId;
use turnbuckle_core::payment::{PaymentMethod, VendorToken};
use turnbuckle_core::provider::{IntegrationProvider, Registry, RegistryError};
use turnbuckle_csv_import::CsvImportProvider;
use turnbuckle_nmi::NmiProvider;
use turnbuckle_payflow::PayflowProvider;
use turnbuckle_plaid::PlaidProvider;
use turnbuckle_sendgrid::SendGridProvider;
use turnbuckle_stripe::StripeProvider;
use turnbuckle_twilio::TwilioProvider;

/// A provider and what the tour needs to know of it besides its definition.
pub(crate) struct Known {
    /// The provider.
    pub(crate) provider: Arc<dyn IntegrationProvider>,
    /// What its environment variables begin with, for `_ENV` and `_BASE_URL`.
    pub(crate) prefix: &'static str,
    /// Its test cards, where it takes payments.
    pub(crate) cards: Option<TestCards>,
}

/// Test cards of a gateway.
#[derive(Clone, Copy)]
pub(crate) struct TestCards {
    /// A token that is approved.
    pub(crate) approved: (&'static str, &'static str),
    /// A token that is declined for want of money.
    pub(crate) declined: (&'static str, &'static str),
}

impl TestCards {
    /// A method from one of the tokens.
    pub(crate) fn method(token: (&str, &str)) -> PaymentMethod {
        PaymentMethod::Token(VendorToken::new(token.0, token.1))
    }
}

const STRIPE: TestCards = TestCards {
    approved: ("payment_method", "pm_card_visa"),
    declined: ("payment_method", "pm_card_visa_chargeDeclinedInsufficientFunds"),
};

/// Every provider, in the order of the tour.
pub(crate) fn known() -> Vec<Known> {
    fn entry(provider: impl IntegrationProvider, prefix: &'static str, cards: Option<TestCards>) -> Known {
        Known { provider: Arc::new(provider), prefix, cards }
    }
    vec![
        entry(StripeProvider::new(), "STRIPE", Some(STRIPE)),
        entry(PayflowProvider::new(), "PAYFLOW", None),
        entry(NmiProvider::new(), "NMI", None),
        entry(AuthorizeNetProvider::new(), "AUTHNET", None),
        entry(PlaidProvider::new(), "PLAID", None),
        entry(TwilioProvider::new(), "TWILIO", None),
        entry(SendGridProvider::new(), "SENDGRID", None),
        entry(CsvImportProvider::new(), "CSV_IMPORT", None),
    ]
}

/// A registry of all of them, as a host keeps one.
pub(crate) fn registry(known: &[Known]) -> Result<Registry, RegistryError> {
    let mut registry = Registry::new();
    for entry in known {
        registry.register_shared(Arc::clone(&entry.provider))?;
    }
    Ok(registry)
}

/// The entry of one provider.
pub(crate) fn find<'a>(known: &'a [Known], id: &ProviderId) -> Option<&'a Known> {
    known.iter().find(|entry| &entry.provider.definition().id == id)
}
