//! Parameters of payment links.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::{
    AllowedCountries, AutomaticTax, ConsentCollection, PageLineItem, PagePaymentData, PageSubscriptionData,
    Switch, TransferData,
};

/// A new payment link.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct CreatePaymentLink {
    /// What is bought, up to 20; required.
    pub line_items: Vec<PageLineItem>,
    /// What comes after payment.
    pub after_completion: Option<LinkAfterCompletion>,
    /// Lets payers type a promotion code.
    pub allow_promotion_codes: Option<bool>,
    /// The platform's fee in minor units; for single payments.
    pub application_fee_amount: Option<i64>,
    /// The platform's share as decimal text, for example `12.5`; for subscriptions.
    pub application_fee_percent: Option<String>,
    /// Lets Stripe work out taxes.
    pub automatic_tax: Option<AutomaticTax>,
    /// `auto` (Stripe's default) or `required`.
    pub billing_address_collection: Option<String>,
    /// What the payer agrees to.
    pub consent_collection: Option<ConsentCollection>,
    /// ISO 4217 code in lower case, where a price has several.
    pub currency: Option<String>,
    /// `always` or `if_required` (Stripe's default).
    pub customer_creation: Option<String>,
    /// What a page says that is no longer active.
    pub inactive_message: Option<String>,
    /// Makes an invoice afterwards.
    pub invoice_creation: Option<Switch>,
    /// The account that it is made for.
    pub on_behalf_of: Option<String>,
    /// What payments carry.
    pub payment_intent_data: Option<PagePaymentData>,
    /// `always` (Stripe's default) or `if_required`.
    pub payment_method_collection: Option<String>,
    /// Kinds that may be used.
    pub payment_method_types: Vec<String>,
    /// Asks for a telephone number.
    pub phone_number_collection: Option<Switch>,
    /// How often it can be used.
    pub restrictions: Option<LinkRestrictions>,
    /// Asks where the goods go.
    pub shipping_address_collection: Option<AllowedCountries>,
    /// What the button says: `auto`, `book`, `donate`, `pay` or `subscribe`.
    pub submit_type: Option<String>,
    /// What subscriptions carry.
    pub subscription_data: Option<PageSubscriptionData>,
    /// Asks for a tax id.
    pub tax_id_collection: Option<Switch>,
    /// Sends the money on to a connected account.
    pub transfer_data: Option<TransferData>,
    /// Up to 50 entries of the host's own.
    pub metadata: BTreeMap<String, String>,
}

impl CreatePaymentLink {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one to [`line_items`](Self::line_items).
    pub fn with_line_item(mut self, line_item: PageLineItem) -> Self {
        self.line_items.push(line_item);
        self
    }

    /// Sets [`after_completion`](Self::after_completion).
    pub fn with_after_completion(mut self, after_completion: LinkAfterCompletion) -> Self {
        self.after_completion = Some(after_completion);
        self
    }

    /// Sets [`allow_promotion_codes`](Self::allow_promotion_codes).
    pub fn with_allow_promotion_codes(mut self, allow_promotion_codes: bool) -> Self {
        self.allow_promotion_codes = Some(allow_promotion_codes);
        self
    }

    /// Sets [`application_fee_amount`](Self::application_fee_amount).
    pub fn with_application_fee_amount(mut self, application_fee_amount: i64) -> Self {
        self.application_fee_amount = Some(application_fee_amount);
        self
    }

    /// Sets [`application_fee_percent`](Self::application_fee_percent).
    pub fn with_application_fee_percent(mut self, application_fee_percent: impl Into<String>) -> Self {
        self.application_fee_percent = Some(application_fee_percent.into());
        self
    }

    /// Sets [`automatic_tax`](Self::automatic_tax).
    pub fn with_automatic_tax(mut self, automatic_tax: AutomaticTax) -> Self {
        self.automatic_tax = Some(automatic_tax);
        self
    }

    /// Sets [`billing_address_collection`](Self::billing_address_collection).
    pub fn with_billing_address_collection(mut self, billing_address_collection: impl Into<String>) -> Self {
        self.billing_address_collection = Some(billing_address_collection.into());
        self
    }

    /// Sets [`consent_collection`](Self::consent_collection).
    pub fn with_consent_collection(mut self, consent_collection: ConsentCollection) -> Self {
        self.consent_collection = Some(consent_collection);
        self
    }

    /// Sets [`currency`](Self::currency).
    pub fn with_currency(mut self, currency: impl Into<String>) -> Self {
        self.currency = Some(currency.into());
        self
    }

    /// Sets [`customer_creation`](Self::customer_creation).
    pub fn with_customer_creation(mut self, customer_creation: impl Into<String>) -> Self {
        self.customer_creation = Some(customer_creation.into());
        self
    }

    /// Sets [`inactive_message`](Self::inactive_message).
    pub fn with_inactive_message(mut self, inactive_message: impl Into<String>) -> Self {
        self.inactive_message = Some(inactive_message.into());
        self
    }

    /// Sets [`invoice_creation`](Self::invoice_creation).
    pub fn with_invoice_creation(mut self, invoice_creation: Switch) -> Self {
        self.invoice_creation = Some(invoice_creation);
        self
    }

    /// Sets [`on_behalf_of`](Self::on_behalf_of).
    pub fn with_on_behalf_of(mut self, on_behalf_of: impl Into<String>) -> Self {
        self.on_behalf_of = Some(on_behalf_of.into());
        self
    }

    /// Sets [`payment_intent_data`](Self::payment_intent_data).
    pub fn with_payment_intent_data(mut self, payment_intent_data: PagePaymentData) -> Self {
        self.payment_intent_data = Some(payment_intent_data);
        self
    }

    /// Sets [`payment_method_collection`](Self::payment_method_collection).
    pub fn with_payment_method_collection(mut self, payment_method_collection: impl Into<String>) -> Self {
        self.payment_method_collection = Some(payment_method_collection.into());
        self
    }

    /// Sets [`payment_method_types`](Self::payment_method_types).
    pub fn with_payment_method_types<T: Into<String>>(
        mut self,
        payment_method_types: impl IntoIterator<Item = T>,
    ) -> Self {
        self.payment_method_types = payment_method_types.into_iter().map(Into::into).collect();
        self
    }

    /// Sets [`phone_number_collection`](Self::phone_number_collection).
    pub fn with_phone_number_collection(mut self, phone_number_collection: Switch) -> Self {
        self.phone_number_collection = Some(phone_number_collection);
        self
    }

    /// Sets [`restrictions`](Self::restrictions).
    pub fn with_restrictions(mut self, restrictions: LinkRestrictions) -> Self {
        self.restrictions = Some(restrictions);
        self
    }

    /// Sets [`shipping_address_collection`](Self::shipping_address_collection).
    pub fn with_shipping_address_collection(mut self, shipping_address_collection: AllowedCountries) -> Self {
        self.shipping_address_collection = Some(shipping_address_collection);
        self
    }

    /// Sets [`submit_type`](Self::submit_type).
    pub fn with_submit_type(mut self, submit_type: impl Into<String>) -> Self {
        self.submit_type = Some(submit_type.into());
        self
    }

    /// Sets [`subscription_data`](Self::subscription_data).
    pub fn with_subscription_data(mut self, subscription_data: PageSubscriptionData) -> Self {
        self.subscription_data = Some(subscription_data);
        self
    }

    /// Sets [`tax_id_collection`](Self::tax_id_collection).
    pub fn with_tax_id_collection(mut self, tax_id_collection: Switch) -> Self {
        self.tax_id_collection = Some(tax_id_collection);
        self
    }

    /// Sets [`transfer_data`](Self::transfer_data).
    pub fn with_transfer_data(mut self, transfer_data: TransferData) -> Self {
        self.transfer_data = Some(transfer_data);
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for CreatePaymentLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatePaymentLink")
            .field("allow_promotion_codes", &self.allow_promotion_codes)
            .field("application_fee_amount", &self.application_fee_amount)
            .field("application_fee_percent", &self.application_fee_percent)
            .field("automatic_tax", &self.automatic_tax)
            .field("billing_address_collection", &self.billing_address_collection)
            .field("consent_collection", &self.consent_collection)
            .field("currency", &self.currency)
            .field("customer_creation", &self.customer_creation)
            .field("invoice_creation", &self.invoice_creation)
            .field("on_behalf_of", &self.on_behalf_of)
            .field("payment_method_collection", &self.payment_method_collection)
            .field("payment_method_types", &self.payment_method_types)
            .field("phone_number_collection", &self.phone_number_collection)
            .field("restrictions", &self.restrictions)
            .field("shipping_address_collection", &self.shipping_address_collection)
            .field("submit_type", &self.submit_type)
            .field("tax_id_collection", &self.tax_id_collection)
            .field("transfer_data", &self.transfer_data)
            .finish_non_exhaustive()
    }
}

/// What comes after payment.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct LinkAfterCompletion {
    /// `hosted_confirmation` (Stripe's default) or `redirect`.
    #[serde(rename = "type")]
    pub action: String,
    /// With `hosted_confirmation`: what it says.
    pub hosted_confirmation: Option<LinkConfirmation>,
    /// With `redirect`: where to.
    pub redirect: Option<LinkRedirect>,
}

impl LinkAfterCompletion {
    /// The required fields; nothing else is sent.
    pub fn new(action: impl Into<String>) -> Self {
        Self { action: action.into(), hosted_confirmation: None, redirect: None }
    }

    /// Sets [`hosted_confirmation`](Self::hosted_confirmation).
    pub fn with_hosted_confirmation(mut self, hosted_confirmation: LinkConfirmation) -> Self {
        self.hosted_confirmation = Some(hosted_confirmation);
        self
    }

    /// Sets [`redirect`](Self::redirect).
    pub fn with_redirect(mut self, redirect: LinkRedirect) -> Self {
        self.redirect = Some(redirect);
        self
    }
}

impl fmt::Debug for LinkAfterCompletion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkAfterCompletion").field("action", &self.action).finish_non_exhaustive()
    }
}

/// What a confirmation says.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct LinkConfirmation {
    /// Text of the host's own.
    pub custom_message: Option<String>,
}

impl LinkConfirmation {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`custom_message`](Self::custom_message).
    pub fn with_custom_message(mut self, custom_message: impl Into<String>) -> Self {
        self.custom_message = Some(custom_message.into());
        self
    }
}

impl fmt::Debug for LinkConfirmation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkConfirmation").finish_non_exhaustive()
    }
}

/// Where payers go.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct LinkRedirect {
    /// Address; `{CHECKOUT_SESSION_ID}` in it becomes the session's id.
    pub url: String,
}

impl LinkRedirect {
    /// The required fields; nothing else is sent.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into() }
    }
}

impl fmt::Debug for LinkRedirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkRedirect").finish_non_exhaustive()
    }
}

/// How often a link can be used.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct LinkRestrictions {
    /// Counted in finished sessions.
    pub completed_sessions: CompletedSessions,
}

impl LinkRestrictions {
    /// The required fields; nothing else is sent.
    pub fn new(completed_sessions: CompletedSessions) -> Self {
        Self { completed_sessions }
    }
}

/// A number of finished sessions.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct CompletedSessions {
    /// At most.
    pub limit: u64,
}

impl CompletedSessions {
    /// The required fields; nothing else is sent.
    pub fn new(limit: u64) -> Self {
        Self { limit }
    }
}
