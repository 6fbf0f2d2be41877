//! Parameters that begin a payment and carry it out.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::form::Field;
use crate::{
    AutomaticPaymentMethods, CaptureMethod, MandateData, PaymentMethodData, PaymentMethodOptions, Shipping,
    TransferData,
};

/// A new payment.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct CreatePaymentIntent {
    /// Amount in minor units, at most eight digits; at least about half a US dollar.
    pub amount: i64,
    /// ISO 4217 code in lower case.
    pub currency: String,
    /// Confirms at once: the sale or the authorization happens in this call.
    pub confirm: Option<bool>,
    /// When the money is taken; `manual` authorizes only.
    pub capture_method: Option<CaptureMethod>,
    /// The customer.
    pub customer: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// The payment method.
    pub payment_method: Option<String>,
    /// What the payer confirmed in the browser, `ctoken_...`, instead of a payment method.
    pub confirmation_token: Option<String>,
    /// A new payment method.
    pub payment_method_data: Option<PaymentMethodData>,
    /// Kinds that may be used.
    pub payment_method_types: Vec<String>,
    /// Lets the account's settings choose the kinds.
    pub automatic_payment_methods: Option<AutomaticPaymentMethods>,
    /// Options by kind.
    pub payment_method_options: Option<PaymentMethodOptions>,
    /// Where the payer comes back to after a redirect.
    pub return_url: Option<String>,
    /// The payer is not there.
    pub off_session: Option<bool>,
    /// `on_session` or `off_session`: keeps the payment method for later.
    pub setup_future_usage: Option<String>,
    /// A mandate that exists.
    pub mandate: Option<String>,
    /// A new mandate.
    pub mandate_data: Option<MandateData>,
    /// Fails where the payer would have to act.
    pub error_on_requires_action: Option<bool>,
    /// Where Stripe sends a receipt.
    pub receipt_email: Option<String>,
    /// Where the goods go.
    pub shipping: Option<Shipping>,
    /// Text on the statement, not for cards; at most 22 characters.
    pub statement_descriptor: Option<String>,
    /// Text on a card statement behind the account's prefix.
    pub statement_descriptor_suffix: Option<String>,
    /// The platform's fee in minor units.
    pub application_fee_amount: Option<i64>,
    /// Sends the money on to a connected account.
    pub transfer_data: Option<TransferData>,
    /// The account that the payment is made for.
    pub on_behalf_of: Option<String>,
    /// Groups transfers.
    pub transfer_group: Option<String>,
    /// Up to 50 entries of the host's own, keys up to 40 characters, values up to 500.
    pub metadata: BTreeMap<String, String>,
}

impl CreatePaymentIntent {
    /// The required fields; nothing else is sent.
    pub fn new(amount: i64, currency: impl Into<String>) -> Self {
        Self {
            amount,
            currency: currency.into(),
            confirm: None,
            capture_method: None,
            customer: None,
            description: None,
            payment_method: None,
            confirmation_token: None,
            payment_method_data: None,
            payment_method_types: Vec::new(),
            automatic_payment_methods: None,
            payment_method_options: None,
            return_url: None,
            off_session: None,
            setup_future_usage: None,
            mandate: None,
            mandate_data: None,
            error_on_requires_action: None,
            receipt_email: None,
            shipping: None,
            statement_descriptor: None,
            statement_descriptor_suffix: None,
            application_fee_amount: None,
            transfer_data: None,
            on_behalf_of: None,
            transfer_group: None,
            metadata: BTreeMap::new(),
        }
    }

    /// Sets [`confirm`](Self::confirm).
    pub fn with_confirm(mut self, confirm: bool) -> Self {
        self.confirm = Some(confirm);
        self
    }

    /// Sets [`capture_method`](Self::capture_method).
    pub fn with_capture_method(mut self, capture_method: CaptureMethod) -> Self {
        self.capture_method = Some(capture_method);
        self
    }

    /// Sets [`customer`](Self::customer).
    pub fn with_customer(mut self, customer: impl Into<String>) -> Self {
        self.customer = Some(customer.into());
        self
    }

    /// Sets [`description`](Self::description).
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets [`payment_method`](Self::payment_method).
    pub fn with_payment_method(mut self, payment_method: impl Into<String>) -> Self {
        self.payment_method = Some(payment_method.into());
        self
    }

    /// Sets [`confirmation_token`](Self::confirmation_token).
    pub fn with_confirmation_token(mut self, confirmation_token: impl Into<String>) -> Self {
        self.confirmation_token = Some(confirmation_token.into());
        self
    }

    /// Sets [`payment_method_data`](Self::payment_method_data).
    pub fn with_payment_method_data(mut self, payment_method_data: PaymentMethodData) -> Self {
        self.payment_method_data = Some(payment_method_data);
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

    /// Sets [`automatic_payment_methods`](Self::automatic_payment_methods).
    pub fn with_automatic_payment_methods(
        mut self,
        automatic_payment_methods: AutomaticPaymentMethods,
    ) -> Self {
        self.automatic_payment_methods = Some(automatic_payment_methods);
        self
    }

    /// Sets [`payment_method_options`](Self::payment_method_options).
    pub fn with_payment_method_options(mut self, payment_method_options: PaymentMethodOptions) -> Self {
        self.payment_method_options = Some(payment_method_options);
        self
    }

    /// Sets [`return_url`](Self::return_url).
    pub fn with_return_url(mut self, return_url: impl Into<String>) -> Self {
        self.return_url = Some(return_url.into());
        self
    }

    /// Sets [`off_session`](Self::off_session).
    pub fn with_off_session(mut self, off_session: bool) -> Self {
        self.off_session = Some(off_session);
        self
    }

    /// Sets [`setup_future_usage`](Self::setup_future_usage).
    pub fn with_setup_future_usage(mut self, setup_future_usage: impl Into<String>) -> Self {
        self.setup_future_usage = Some(setup_future_usage.into());
        self
    }

    /// Sets [`mandate`](Self::mandate).
    pub fn with_mandate(mut self, mandate: impl Into<String>) -> Self {
        self.mandate = Some(mandate.into());
        self
    }

    /// Sets [`mandate_data`](Self::mandate_data).
    pub fn with_mandate_data(mut self, mandate_data: MandateData) -> Self {
        self.mandate_data = Some(mandate_data);
        self
    }

    /// Sets [`error_on_requires_action`](Self::error_on_requires_action).
    pub fn with_error_on_requires_action(mut self, error_on_requires_action: bool) -> Self {
        self.error_on_requires_action = Some(error_on_requires_action);
        self
    }

    /// Sets [`receipt_email`](Self::receipt_email).
    pub fn with_receipt_email(mut self, receipt_email: impl Into<String>) -> Self {
        self.receipt_email = Some(receipt_email.into());
        self
    }

    /// Sets [`shipping`](Self::shipping).
    pub fn with_shipping(mut self, shipping: Shipping) -> Self {
        self.shipping = Some(shipping);
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

    /// Sets [`application_fee_amount`](Self::application_fee_amount).
    pub fn with_application_fee_amount(mut self, application_fee_amount: i64) -> Self {
        self.application_fee_amount = Some(application_fee_amount);
        self
    }

    /// Sets [`transfer_data`](Self::transfer_data).
    pub fn with_transfer_data(mut self, transfer_data: TransferData) -> Self {
        self.transfer_data = Some(transfer_data);
        self
    }

    /// Sets [`on_behalf_of`](Self::on_behalf_of).
    pub fn with_on_behalf_of(mut self, on_behalf_of: impl Into<String>) -> Self {
        self.on_behalf_of = Some(on_behalf_of.into());
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

impl fmt::Debug for CreatePaymentIntent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatePaymentIntent")
            .field("amount", &self.amount)
            .field("currency", &self.currency)
            .field("confirm", &self.confirm)
            .field("capture_method", &self.capture_method)
            .field("customer", &self.customer)
            .field("payment_method", &self.payment_method)
            .field("payment_method_types", &self.payment_method_types)
            .field("automatic_payment_methods", &self.automatic_payment_methods)
            .field("payment_method_options", &self.payment_method_options)
            .field("off_session", &self.off_session)
            .field("setup_future_usage", &self.setup_future_usage)
            .field("mandate", &self.mandate)
            .field("error_on_requires_action", &self.error_on_requires_action)
            .field("application_fee_amount", &self.application_fee_amount)
            .field("transfer_data", &self.transfer_data)
            .field("on_behalf_of", &self.on_behalf_of)
            .field("transfer_group", &self.transfer_group)
            .finish_non_exhaustive()
    }
}

/// Confirms a payment: the money moves, or is authorized.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct ConfirmPaymentIntent {
    /// The payment method.
    pub payment_method: Option<String>,
    /// A new payment method.
    pub payment_method_data: Option<PaymentMethodData>,
    /// Kinds that may be used.
    pub payment_method_types: Vec<String>,
    /// Options by kind.
    pub payment_method_options: Option<PaymentMethodOptions>,
    /// When the money is taken.
    pub capture_method: Option<CaptureMethod>,
    /// Where the payer comes back to after a redirect.
    pub return_url: Option<String>,
    /// The payer is not there.
    pub off_session: Option<bool>,
    /// `on_session` or `off_session`: keeps the payment method for later.
    pub setup_future_usage: Option<String>,
    /// A mandate that exists.
    pub mandate: Option<String>,
    /// A new mandate.
    pub mandate_data: Option<MandateData>,
    /// Fails where the payer would have to act.
    pub error_on_requires_action: Option<bool>,
    /// Where Stripe sends a receipt.
    pub receipt_email: Field<String>,
    /// Where the goods go.
    pub shipping: Field<Shipping>,
}

impl ConfirmPaymentIntent {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`payment_method`](Self::payment_method).
    pub fn with_payment_method(mut self, payment_method: impl Into<String>) -> Self {
        self.payment_method = Some(payment_method.into());
        self
    }

    /// Sets [`payment_method_data`](Self::payment_method_data).
    pub fn with_payment_method_data(mut self, payment_method_data: PaymentMethodData) -> Self {
        self.payment_method_data = Some(payment_method_data);
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

    /// Sets [`payment_method_options`](Self::payment_method_options).
    pub fn with_payment_method_options(mut self, payment_method_options: PaymentMethodOptions) -> Self {
        self.payment_method_options = Some(payment_method_options);
        self
    }

    /// Sets [`capture_method`](Self::capture_method).
    pub fn with_capture_method(mut self, capture_method: CaptureMethod) -> Self {
        self.capture_method = Some(capture_method);
        self
    }

    /// Sets [`return_url`](Self::return_url).
    pub fn with_return_url(mut self, return_url: impl Into<String>) -> Self {
        self.return_url = Some(return_url.into());
        self
    }

    /// Sets [`off_session`](Self::off_session).
    pub fn with_off_session(mut self, off_session: bool) -> Self {
        self.off_session = Some(off_session);
        self
    }

    /// Sets [`setup_future_usage`](Self::setup_future_usage).
    pub fn with_setup_future_usage(mut self, setup_future_usage: impl Into<String>) -> Self {
        self.setup_future_usage = Some(setup_future_usage.into());
        self
    }

    /// Sets [`mandate`](Self::mandate).
    pub fn with_mandate(mut self, mandate: impl Into<String>) -> Self {
        self.mandate = Some(mandate.into());
        self
    }

    /// Sets [`mandate_data`](Self::mandate_data).
    pub fn with_mandate_data(mut self, mandate_data: MandateData) -> Self {
        self.mandate_data = Some(mandate_data);
        self
    }

    /// Sets [`error_on_requires_action`](Self::error_on_requires_action).
    pub fn with_error_on_requires_action(mut self, error_on_requires_action: bool) -> Self {
        self.error_on_requires_action = Some(error_on_requires_action);
        self
    }

    /// Sets [`receipt_email`](Self::receipt_email).
    pub fn with_receipt_email(mut self, receipt_email: impl Into<String>) -> Self {
        self.receipt_email = Field::Set(receipt_email.into());
        self
    }

    /// Clears [`receipt_email`](Self::receipt_email) at Stripe.
    pub fn without_receipt_email(mut self) -> Self {
        self.receipt_email = Field::Clear;
        self
    }

    /// Sets [`shipping`](Self::shipping).
    pub fn with_shipping(mut self, shipping: Shipping) -> Self {
        self.shipping = Field::Set(shipping);
        self
    }

    /// Clears [`shipping`](Self::shipping) at Stripe.
    pub fn without_shipping(mut self) -> Self {
        self.shipping = Field::Clear;
        self
    }
}

impl fmt::Debug for ConfirmPaymentIntent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfirmPaymentIntent")
            .field("payment_method", &self.payment_method)
            .field("payment_method_types", &self.payment_method_types)
            .field("payment_method_options", &self.payment_method_options)
            .field("capture_method", &self.capture_method)
            .field("off_session", &self.off_session)
            .field("setup_future_usage", &self.setup_future_usage)
            .field("mandate", &self.mandate)
            .field("error_on_requires_action", &self.error_on_requires_action)
            .finish_non_exhaustive()
    }
}
