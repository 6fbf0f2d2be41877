//! Parts of requests for Stripe's payment pages.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::{CaptureMethod, PriceData, TransferData, TrialSettings};

/// Something to buy on a payment page.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct PageLineItem {
    /// The price's id.
    pub price: Option<String>,
    /// A price made for it.
    pub price_data: Option<PriceData>,
    /// How many.
    pub quantity: Option<u64>,
    /// Lets the payer choose how many.
    pub adjustable_quantity: Option<AdjustableQuantity>,
}

impl PageLineItem {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`price`](Self::price).
    pub fn with_price(mut self, price: impl Into<String>) -> Self {
        self.price = Some(price.into());
        self
    }

    /// Sets [`price_data`](Self::price_data).
    pub fn with_price_data(mut self, price_data: PriceData) -> Self {
        self.price_data = Some(price_data);
        self
    }

    /// Sets [`quantity`](Self::quantity).
    pub fn with_quantity(mut self, quantity: u64) -> Self {
        self.quantity = Some(quantity);
        self
    }

    /// Sets [`adjustable_quantity`](Self::adjustable_quantity).
    pub fn with_adjustable_quantity(mut self, adjustable_quantity: AdjustableQuantity) -> Self {
        self.adjustable_quantity = Some(adjustable_quantity);
        self
    }
}

impl fmt::Debug for PageLineItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageLineItem")
            .field("price", &self.price)
            .field("quantity", &self.quantity)
            .field("adjustable_quantity", &self.adjustable_quantity)
            .finish_non_exhaustive()
    }
}

/// Lets the payer choose how many.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct AdjustableQuantity {
    /// Whether the payer chooses.
    pub enabled: bool,
    /// At most.
    pub maximum: Option<u64>,
    /// At least.
    pub minimum: Option<u64>,
}

impl AdjustableQuantity {
    /// The required fields; nothing else is sent.
    pub fn new(enabled: bool) -> Self {
        Self { enabled, maximum: None, minimum: None }
    }

    /// Sets [`maximum`](Self::maximum).
    pub fn with_maximum(mut self, maximum: u64) -> Self {
        self.maximum = Some(maximum);
        self
    }

    /// Sets [`minimum`](Self::minimum).
    pub fn with_minimum(mut self, minimum: u64) -> Self {
        self.minimum = Some(minimum);
        self
    }
}

/// What the payment made on a page carries.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct PagePaymentData {
    /// The platform's fee in minor units; not for payment links, which have it elsewhere.
    pub application_fee_amount: Option<i64>,
    /// When the money is taken.
    pub capture_method: Option<CaptureMethod>,
    /// Free text.
    pub description: Option<String>,
    /// The account that it is made for; not for payment links, which have it elsewhere.
    pub on_behalf_of: Option<String>,
    /// Where Stripe sends a receipt; not for payment links.
    pub receipt_email: Option<String>,
    /// `on_session` or `off_session`: keeps the payment method for later.
    pub setup_future_usage: Option<String>,
    /// Text on the statement, not for cards.
    pub statement_descriptor: Option<String>,
    /// Text on a card statement behind the account's prefix.
    pub statement_descriptor_suffix: Option<String>,
    /// Sends the money on to a connected account; not for payment links, which have it elsewhere.
    pub transfer_data: Option<TransferData>,
    /// Groups transfers.
    pub transfer_group: Option<String>,
    /// Up to 50 entries of the host's own.
    pub metadata: BTreeMap<String, String>,
}

impl PagePaymentData {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`application_fee_amount`](Self::application_fee_amount).
    pub fn with_application_fee_amount(mut self, application_fee_amount: i64) -> Self {
        self.application_fee_amount = Some(application_fee_amount);
        self
    }

    /// Sets [`capture_method`](Self::capture_method).
    pub fn with_capture_method(mut self, capture_method: CaptureMethod) -> Self {
        self.capture_method = Some(capture_method);
        self
    }

    /// Sets [`description`](Self::description).
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets [`on_behalf_of`](Self::on_behalf_of).
    pub fn with_on_behalf_of(mut self, on_behalf_of: impl Into<String>) -> Self {
        self.on_behalf_of = Some(on_behalf_of.into());
        self
    }

    /// Sets [`receipt_email`](Self::receipt_email).
    pub fn with_receipt_email(mut self, receipt_email: impl Into<String>) -> Self {
        self.receipt_email = Some(receipt_email.into());
        self
    }

    /// Sets [`setup_future_usage`](Self::setup_future_usage).
    pub fn with_setup_future_usage(mut self, setup_future_usage: impl Into<String>) -> Self {
        self.setup_future_usage = Some(setup_future_usage.into());
        self
    }

    /// Sets [`statement_descriptor`](Self::statement_descriptor).
    pub fn with_statement_descriptor(mut self, statement_descriptor: impl Into<String>) -> Self {
        self.statement_descriptor = Some(statement_descriptor.into());
        self
    }

    /// Sets [`statement_descriptor_suffix`](Self::statement_descriptor_suffix).
    pub fn with_statement_descriptor_suffix(
        mut self,
        statement_descriptor_suffix: impl Into<String>,
    ) -> Self {
        self.statement_descriptor_suffix = Some(statement_descriptor_suffix.into());
        self
    }

    /// Sets [`transfer_data`](Self::transfer_data).
    pub fn with_transfer_data(mut self, transfer_data: TransferData) -> Self {
        self.transfer_data = Some(transfer_data);
        self
    }

    /// Sets [`transfer_group`](Self::transfer_group).
    pub fn with_transfer_group(mut self, transfer_group: impl Into<String>) -> Self {
        self.transfer_group = Some(transfer_group.into());
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for PagePaymentData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PagePaymentData")
            .field("application_fee_amount", &self.application_fee_amount)
            .field("capture_method", &self.capture_method)
            .field("on_behalf_of", &self.on_behalf_of)
            .field("setup_future_usage", &self.setup_future_usage)
            .field("transfer_data", &self.transfer_data)
            .field("transfer_group", &self.transfer_group)
            .finish_non_exhaustive()
    }
}

/// What the subscription made on a page carries.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct PageSubscriptionData {
    /// Free text that the payer reads.
    pub description: Option<String>,
    /// Length of the trial.
    pub trial_period_days: Option<u32>,
    /// What happens when the trial ends.
    pub trial_settings: Option<TrialSettings>,
    /// Up to 50 entries of the host's own.
    pub metadata: BTreeMap<String, String>,
}

impl PageSubscriptionData {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`description`](Self::description).
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets [`trial_period_days`](Self::trial_period_days).
    pub fn with_trial_period_days(mut self, trial_period_days: u32) -> Self {
        self.trial_period_days = Some(trial_period_days);
        self
    }

    /// Sets [`trial_settings`](Self::trial_settings).
    pub fn with_trial_settings(mut self, trial_settings: TrialSettings) -> Self {
        self.trial_settings = Some(trial_settings);
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for PageSubscriptionData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageSubscriptionData")
            .field("trial_period_days", &self.trial_period_days)
            .field("trial_settings", &self.trial_settings)
            .finish_non_exhaustive()
    }
}

/// What the setup made on a page carries.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct PageSetupData {
    /// Free text.
    pub description: Option<String>,
    /// The account that it is made for.
    pub on_behalf_of: Option<String>,
    /// Up to 50 entries of the host's own.
    pub metadata: BTreeMap<String, String>,
}

impl PageSetupData {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`description`](Self::description).
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets [`on_behalf_of`](Self::on_behalf_of).
    pub fn with_on_behalf_of(mut self, on_behalf_of: impl Into<String>) -> Self {
        self.on_behalf_of = Some(on_behalf_of.into());
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for PageSetupData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageSetupData").field("on_behalf_of", &self.on_behalf_of).finish_non_exhaustive()
    }
}

/// Asks for a postal address.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct AllowedCountries {
    /// ISO 3166 codes of two letters.
    pub allowed_countries: Vec<String>,
}

impl AllowedCountries {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`allowed_countries`](Self::allowed_countries).
    pub fn with_allowed_countries<T: Into<String>>(
        mut self,
        allowed_countries: impl IntoIterator<Item = T>,
    ) -> Self {
        self.allowed_countries = allowed_countries.into_iter().map(Into::into).collect();
        self
    }
}

/// On or off.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Switch {
    /// Which of the two.
    pub enabled: bool,
}

impl Switch {
    /// The required fields; nothing else is sent.
    pub fn new(enabled: bool) -> Self {
        Self { enabled }
    }
}

/// What the payer agrees to.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct ConsentCollection {
    /// `auto` or `none`.
    pub promotions: Option<String>,
    /// `required` or `none`.
    pub terms_of_service: Option<String>,
}

impl ConsentCollection {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`promotions`](Self::promotions).
    pub fn with_promotions(mut self, promotions: impl Into<String>) -> Self {
        self.promotions = Some(promotions.into());
        self
    }

    /// Sets [`terms_of_service`](Self::terms_of_service).
    pub fn with_terms_of_service(mut self, terms_of_service: impl Into<String>) -> Self {
        self.terms_of_service = Some(terms_of_service.into());
        self
    }
}
