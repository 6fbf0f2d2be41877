//! Parameters that change, end or find a payment.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::form::Field;
use crate::{CaptureMethod, Created, PaymentMethodData, PaymentMethodOptions, Shipping};

/// Takes authorized money.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct CapturePaymentIntent {
    /// How much, in minor units; all that can be captured when absent. What is less is released.
    pub amount_to_capture: Option<i64>,
    /// `false` keeps the rest for further captures, where the authorization allows several.
    pub final_capture: Option<bool>,
    /// The platform's fee in minor units.
    pub application_fee_amount: Option<i64>,
    /// Text on the statement, not for cards.
    pub statement_descriptor: Option<String>,
    /// Text on a card statement behind the account's prefix.
    pub statement_descriptor_suffix: Option<String>,
    /// Entries to add or replace; an empty value removes one.
    pub metadata: BTreeMap<String, String>,
}

impl CapturePaymentIntent {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`amount_to_capture`](Self::amount_to_capture).
    pub fn with_amount_to_capture(mut self, amount_to_capture: i64) -> Self {
        self.amount_to_capture = Some(amount_to_capture);
        self
    }

    /// Sets [`final_capture`](Self::final_capture).
    pub fn with_final_capture(mut self, final_capture: bool) -> Self {
        self.final_capture = Some(final_capture);
        self
    }

    /// Sets [`application_fee_amount`](Self::application_fee_amount).
    pub fn with_application_fee_amount(mut self, application_fee_amount: i64) -> Self {
        self.application_fee_amount = Some(application_fee_amount);
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

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for CapturePaymentIntent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CapturePaymentIntent")
            .field("amount_to_capture", &self.amount_to_capture)
            .field("final_capture", &self.final_capture)
            .field("application_fee_amount", &self.application_fee_amount)
            .finish_non_exhaustive()
    }
}

/// Cancels a payment that has not succeeded, and releases what is authorized.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct CancelPaymentIntent {
    /// `abandoned`, `duplicate`, `fraudulent` or `requested_by_customer`.
    pub cancellation_reason: Option<String>,
}

impl CancelPaymentIntent {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`cancellation_reason`](Self::cancellation_reason).
    pub fn with_cancellation_reason(mut self, cancellation_reason: impl Into<String>) -> Self {
        self.cancellation_reason = Some(cancellation_reason.into());
        self
    }
}

/// Changes a payment that is not yet confirmed.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct UpdatePaymentIntent {
    /// Amount in minor units.
    pub amount: Option<i64>,
    /// ISO 4217 code in lower case.
    pub currency: Option<String>,
    /// The customer.
    pub customer: Option<String>,
    /// Free text.
    pub description: Field<String>,
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
    /// `on_session` or `off_session`: keeps the payment method for later.
    pub setup_future_usage: Field<String>,
    /// Where Stripe sends a receipt.
    pub receipt_email: Field<String>,
    /// Where the goods go.
    pub shipping: Field<Shipping>,
    /// The platform's fee in minor units.
    pub application_fee_amount: Field<i64>,
    /// Text on the statement, not for cards.
    pub statement_descriptor: Option<String>,
    /// Text on a card statement behind the account's prefix.
    pub statement_descriptor_suffix: Option<String>,
    /// Groups transfers.
    pub transfer_group: Option<String>,
    /// Entries to add or replace; an empty value removes one.
    pub metadata: BTreeMap<String, String>,
}

impl UpdatePaymentIntent {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`amount`](Self::amount).
    pub fn with_amount(mut self, amount: i64) -> Self {
        self.amount = Some(amount);
        self
    }

    /// Sets [`currency`](Self::currency).
    pub fn with_currency(mut self, currency: impl Into<String>) -> Self {
        self.currency = Some(currency.into());
        self
    }

    /// Sets [`customer`](Self::customer).
    pub fn with_customer(mut self, customer: impl Into<String>) -> Self {
        self.customer = Some(customer.into());
        self
    }

    /// Sets [`description`](Self::description).
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Field::Set(description.into());
        self
    }

    /// Clears [`description`](Self::description) at Stripe.
    pub fn without_description(mut self) -> Self {
        self.description = Field::Clear;
        self
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

    /// Sets [`setup_future_usage`](Self::setup_future_usage).
    pub fn with_setup_future_usage(mut self, setup_future_usage: impl Into<String>) -> Self {
        self.setup_future_usage = Field::Set(setup_future_usage.into());
        self
    }

    /// Clears [`setup_future_usage`](Self::setup_future_usage) at Stripe.
    pub fn without_setup_future_usage(mut self) -> Self {
        self.setup_future_usage = Field::Clear;
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

    /// Sets [`application_fee_amount`](Self::application_fee_amount).
    pub fn with_application_fee_amount(mut self, application_fee_amount: i64) -> Self {
        self.application_fee_amount = Field::Set(application_fee_amount);
        self
    }

    /// Clears [`application_fee_amount`](Self::application_fee_amount) at Stripe.
    pub fn without_application_fee_amount(mut self) -> Self {
        self.application_fee_amount = Field::Clear;
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

impl fmt::Debug for UpdatePaymentIntent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpdatePaymentIntent")
            .field("amount", &self.amount)
            .field("currency", &self.currency)
            .field("customer", &self.customer)
            .field("payment_method", &self.payment_method)
            .field("payment_method_types", &self.payment_method_types)
            .field("payment_method_options", &self.payment_method_options)
            .field("capture_method", &self.capture_method)
            .field("setup_future_usage", &self.setup_future_usage)
            .field("application_fee_amount", &self.application_fee_amount)
            .field("transfer_group", &self.transfer_group)
            .finish_non_exhaustive()
    }
}

/// Raises an authorization that asked for being raised.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct IncrementAuthorization {
    /// The new total in minor units.
    pub amount: i64,
    /// Free text.
    pub description: Option<String>,
    /// The platform's fee in minor units.
    pub application_fee_amount: Option<i64>,
    /// Text on the statement.
    pub statement_descriptor: Option<String>,
    /// Entries to add or replace.
    pub metadata: BTreeMap<String, String>,
}

impl IncrementAuthorization {
    /// The required fields; nothing else is sent.
    pub fn new(amount: i64) -> Self {
        Self {
            amount,
            description: None,
            application_fee_amount: None,
            statement_descriptor: None,
            metadata: BTreeMap::new(),
        }
    }

    /// Sets [`description`](Self::description).
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets [`application_fee_amount`](Self::application_fee_amount).
    pub fn with_application_fee_amount(mut self, application_fee_amount: i64) -> Self {
        self.application_fee_amount = Some(application_fee_amount);
        self
    }

    /// Sets [`statement_descriptor`](Self::statement_descriptor).
    pub fn with_statement_descriptor(mut self, statement_descriptor: impl Into<String>) -> Self {
        self.statement_descriptor = Some(statement_descriptor.into());
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for IncrementAuthorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IncrementAuthorization")
            .field("amount", &self.amount)
            .field("application_fee_amount", &self.application_fee_amount)
            .finish_non_exhaustive()
    }
}

/// Which payments to list, newest first.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct ListPaymentIntents {
    /// Of this customer.
    pub customer: Option<String>,
    /// Created in this time.
    pub created: Option<Created>,
    /// Objects a page, 1 to 100; Stripe's default is 10.
    pub limit: Option<u32>,
    /// After this id.
    pub starting_after: Option<String>,
}

impl ListPaymentIntents {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`customer`](Self::customer).
    pub fn with_customer(mut self, customer: impl Into<String>) -> Self {
        self.customer = Some(customer.into());
        self
    }

    /// Sets [`created`](Self::created).
    pub fn with_created(mut self, created: Created) -> Self {
        self.created = Some(created);
        self
    }

    /// Sets [`limit`](Self::limit).
    pub fn with_limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Sets [`starting_after`](Self::starting_after).
    pub fn with_starting_after(mut self, starting_after: impl Into<String>) -> Self {
        self.starting_after = Some(starting_after.into());
        self
    }
}

/// Which payments to search for. New objects are found with a delay: an object that is missing proves nothing.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct SearchPaymentIntents {
    /// In Stripe's query language, for example `metadata['order']:'6735'`.
    pub query: String,
    /// Objects a page, 1 to 100; Stripe's default is 10.
    pub limit: Option<u32>,
    /// The page to begin with.
    pub page: Option<String>,
}

impl SearchPaymentIntents {
    /// The required fields; nothing else is sent.
    pub fn new(query: impl Into<String>) -> Self {
        Self { query: query.into(), limit: None, page: None }
    }

    /// Sets [`limit`](Self::limit).
    pub fn with_limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Sets [`page`](Self::page).
    pub fn with_page(mut self, page: impl Into<String>) -> Self {
        self.page = Some(page.into());
        self
    }
}

impl fmt::Debug for SearchPaymentIntents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SearchPaymentIntents").field("limit", &self.limit).finish_non_exhaustive()
    }
}
