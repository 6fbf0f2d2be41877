//! Every provider that the tour knows. A new one adds its line to [`known`].

use std::sync::Arc;

use turnbuckle_authnet::AuthorizeNetProvider;
use turnbuckle_core::ProviderId;
use turnbuckle_core::payment::{Card, PaymentMethod, VendorToken};
use turnbuckle_core::provider::{IntegrationProvider, Registry, RegistryError};
use turnbuckle_csv_import::CsvImportProvider;
use turnbuckle_nmi::NmiProvider;
use turnbuckle_payflow::PayflowProvider;
use turnbuckle_plaid::PlaidProvider;
use turnbuckle_sendgrid::SendGridProvider;
use turnbuckle_simulator::Simulator;
use turnbuckle_stripe::StripeProvider;
use turnbuckle_twilio::TwilioProvider;

/// A provider and what the tour needs to know of it besides its definition.
pub(crate) struct Known {
    /// The provider.
    pub(crate) provider: Arc<dyn IntegrationProvider>,
    /// What its environment variables begin with, for `_ENV` and `_BASE_URL`.
    pub(crate) prefix: &'static str,
    /// What the tour does with it.
    pub(crate) tour: Tour,
}

impl Known {
    /// How it is tried, where it takes payments.
    pub(crate) fn trial(&self) -> Option<Trial> {
        match self.tour {
            Tour::Payments(trial) => Some(trial),
            _ => None,
        }
    }
}

/// What the tour does with a provider.
#[derive(Clone, Copy)]
pub(crate) enum Tour {
    /// It takes payments.
    Payments(Trial),
    /// It reads banks.
    BankData,
    /// Its form is shown.
    Form,
}

/// What the sandbox of a gateway approves and declines.
#[derive(Clone, Copy)]
pub(crate) struct Trial {
    /// What is approved.
    pub(crate) approved: Means,
    /// What is declined, and how the sandbox is told to.
    pub(crate) declined: Trigger,
    /// Lets the built-in simulator settle what was captured, where refunds wait for that.
    pub(crate) settle: Option<fn(&Simulator)>,
}

/// What pays.
#[derive(Clone, Copy)]
pub(crate) enum Means {
    /// A token of the vendor's own, by kind and value.
    Token(&'static str, &'static str),
    /// A published test number in the clear.
    Card(&'static str),
}

/// What makes a sandbox decline.
#[derive(Clone, Copy)]
pub(crate) enum Trigger {
    /// Another means.
    Means(Means),
    /// This amount, in cents.
    Cents(i64),
    /// This postal code.
    PostalCode(&'static str),
}

impl Means {
    /// A method of it.
    ///
    /// # Errors
    /// When the number is none.
    pub(crate) fn method(self) -> turnbuckle_core::Result<PaymentMethod> {
        Ok(match self {
            Self::Token(kind, value) => PaymentMethod::Token(VendorToken::new(kind, value)),
            Self::Card(number) => {
                PaymentMethod::Card(Card::new(number, 12, 2034)?.with_cvv("123")?.with_holder("Robin Doe"))
            }
        })
    }

    /// Whether the connection must opt in to raw card numbers.
    pub(crate) fn is_raw(self) -> bool {
        matches!(self, Self::Card(_))
    }
}

const STRIPE: Trial = Trial {
    approved: Means::Token("payment_method", "pm_card_visa"),
    declined: Trigger::Means(Means::Token("payment_method", "pm_card_visa_chargeDeclinedInsufficientFunds")),
    settle: None,
};

const PAYFLOW: Trial = Trial {
    approved: Means::Card("4111111111111111"),
    declined: Trigger::Cents(101_200),
    settle: Some(|simulator| _ = simulator.payflow().settle()),
};

const NMI: Trial = Trial {
    approved: Means::Card("4111111111111111"),
    declined: Trigger::Cents(99),
    settle: Some(|simulator| _ = simulator.nmi().settle()),
};

const AUTHORIZE_NET: Trial = Trial {
    approved: Means::Card("4111111111111111"),
    declined: Trigger::PostalCode("46282"),
    settle: Some(|simulator| _ = simulator.authnet().settle()),
};

/// Every provider, in the order of the tour.
pub(crate) fn known() -> Vec<Known> {
    fn entry(provider: impl IntegrationProvider, prefix: &'static str, tour: Tour) -> Known {
        Known { provider: Arc::new(provider), prefix, tour }
    }
    vec![
        entry(StripeProvider::new(), "STRIPE", Tour::Payments(STRIPE)),
        entry(PayflowProvider::new(), "PAYFLOW", Tour::Payments(PAYFLOW)),
        entry(NmiProvider::new(), "NMI", Tour::Payments(NMI)),
        entry(AuthorizeNetProvider::new(), "AUTHNET", Tour::Payments(AUTHORIZE_NET)),
        entry(PlaidProvider::new(), "PLAID", Tour::BankData),
        entry(TwilioProvider::new(), "TWILIO", Tour::Form),
        entry(SendGridProvider::new(), "SENDGRID", Tour::Form),
        entry(CsvImportProvider::new(), "CSV_IMPORT", Tour::Form),
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
