//! A transaction as it is asked for. Fields stand in the order of the vendor's schema.

use std::fmt;

use secrecy::SecretString;
use serde::Serialize;

use crate::payment_data::expose_some;
use crate::wire::Decimal;
use crate::{Address, CustomerData, Order, PaymentData, ProfilePayment};

/// What kind of transaction it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum TransactionType {
    /// Charge in one step; of bank accounts, debit.
    #[serde(rename = "authCaptureTransaction")]
    AuthCapture,
    /// Reserve an amount.
    #[serde(rename = "authOnlyTransaction")]
    AuthOnly,
    /// Take a reserved amount, once.
    #[serde(rename = "priorAuthCaptureTransaction")]
    PriorAuthCapture,
    /// Take an amount that was authorized elsewhere, by its authorization code.
    #[serde(rename = "captureOnlyTransaction")]
    CaptureOnly,
    /// Return money: with a reference of a settled payment, or without one where the account may.
    #[serde(rename = "refundTransaction")]
    Refund,
    /// Stop something that is not settled.
    #[serde(rename = "voidTransaction")]
    Void,
}

/// A transaction: `createTransactionRequest`.
///
/// `Debug` shows what it does and on what; nothing of who pays.
///
/// <https://developer.authorize.net/api/reference/index.html#payment-transactions>
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TransactionRequest {
    /// What kind it is.
    pub transaction_type: TransactionType,
    /// In currency units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Decimal>,
    /// ISO 4217. An account takes the currency that it settles in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency_code: Option<String>,
    /// What pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment: Option<PaymentData>,
    /// A stored method that pays instead; no `payment` and no `bill_to` may stand beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<ProfilePayment>,
    /// The authorization code of a capture that was authorized elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_code: Option<String>,
    /// The transaction that this one works on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ref_trans_id: Option<String>,
    /// Invoice number and description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
    /// The tax within the amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax: Option<ExtendedAmount>,
    /// The buyer's purchase order, at most 25 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub po_number: Option<String>,
    /// The merchant's customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerData>,
    /// The billing address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bill_to: Option<Address>,
    /// Where the goods go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ship_to: Option<Address>,
    /// The address that the payer's device connected from.
    #[serde(rename = "customerIP", skip_serializing_if = "Option::is_none")]
    pub customer_ip: Option<String>,
    /// The result of a 3-D Secure step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cardholder_authentication: Option<CardholderAuthentication>,
    /// Switches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_settings: Option<Settings>,
    /// Where this stands in a series of payments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processing_options: Option<ProcessingOptions>,
    /// The first payment of the series.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subsequent_auth_information: Option<SubsequentAuth>,
}

impl TransactionRequest {
    /// A transaction with nothing else set.
    pub fn new(transaction_type: TransactionType) -> Self {
        Self {
            transaction_type,
            amount: None,
            currency_code: None,
            payment: None,
            profile: None,
            auth_code: None,
            ref_trans_id: None,
            order: None,
            tax: None,
            po_number: None,
            customer: None,
            bill_to: None,
            ship_to: None,
            customer_ip: None,
            cardholder_authentication: None,
            transaction_settings: None,
            processing_options: None,
            subsequent_auth_information: None,
        }
    }

    /// Sets amount and currency.
    pub fn with_amount(mut self, amount: turnbuckle_core::money::Money) -> Self {
        self.currency_code = Some(amount.currency().code().to_owned());
        self.amount = Some(amount.into());
        self
    }

    /// Sets what pays.
    pub fn with_payment(mut self, payment: PaymentData) -> Self {
        self.payment = Some(payment);
        self
    }

    /// Lets a stored method pay.
    pub fn with_profile(mut self, profile: ProfilePayment) -> Self {
        self.profile = Some(profile);
        self
    }

    /// Names the transaction that this one works on.
    pub fn with_ref_trans_id(mut self, id: impl Into<String>) -> Self {
        self.ref_trans_id = Some(id.into());
        self
    }

    /// Sets invoice number and description.
    pub fn with_order(mut self, order: Order) -> Self {
        self.order = Some(order);
        self
    }

    /// Sets the switches.
    pub fn with_settings(mut self, settings: Settings) -> Self {
        self.transaction_settings = Some(settings);
        self
    }
}

impl fmt::Debug for TransactionRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransactionRequest")
            .field("transaction_type", &self.transaction_type)
            .field("amount", &self.amount)
            .field("currency_code", &self.currency_code)
            .field("payment", &self.payment)
            .field("profile", &self.profile)
            .field("ref_trans_id", &self.ref_trans_id)
            .field("order", &self.order)
            .field("transaction_settings", &self.transaction_settings)
            .finish_non_exhaustive()
    }
}

/// An amount with a name of its own.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ExtendedAmount {
    /// In currency units.
    pub amount: Decimal,
}

impl ExtendedAmount {
    /// An amount.
    pub fn new(amount: impl Into<Decimal>) -> Self {
        Self { amount: amount.into() }
    }
}

/// The result of a 3-D Secure step.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CardholderAuthentication {
    /// The electronic commerce indicator.
    pub authentication_indicator: String,
    /// The authentication value.
    #[serde(serialize_with = "expose_some")]
    pub cardholder_authentication_value: Option<SecretString>,
}

impl CardholderAuthentication {
    /// An indicator and a value.
    pub fn new(indicator: impl Into<String>, value: SecretString) -> Self {
        Self { authentication_indicator: indicator.into(), cardholder_authentication_value: Some(value) }
    }
}

/// Switches of one transaction.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct Settings {
    /// Name and value of each.
    pub setting: Vec<Setting>,
}

/// One switch.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Setting {
    /// For example `duplicateWindow`.
    pub setting_name: String,
    /// Its value.
    pub setting_value: String,
}

impl Settings {
    /// The longest duplicate window that Authorize.Net takes, in seconds: eight hours.
    pub const LONGEST_DUPLICATE_WINDOW: u32 = 28_800;

    /// No switches.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops the same transaction from being made again within so many seconds, at most
    /// [`LONGEST_DUPLICATE_WINDOW`](Self::LONGEST_DUPLICATE_WINDOW).
    pub fn with_duplicate_window(self, seconds: u32) -> Self {
        self.with("duplicateWindow", seconds.to_string())
    }

    /// Says whether a smaller amount may be approved.
    pub fn with_allow_partial_auth(self, allow: bool) -> Self {
        self.with("allowPartialAuth", allow.to_string())
    }

    /// Sets any other switch.
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.setting.push(Setting { setting_name: name.into(), setting_value: value.into() });
        self
    }
}

/// Where a payment stands in a series.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProcessingOptions {
    /// The first of a series at fixed times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_first_recurring_payment: Option<bool>,
    /// The first of a series at no fixed times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_first_subsequent_auth: Option<bool>,
    /// A later one, started by the merchant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_subsequent_auth: Option<bool>,
    /// A later one, started by the cardholder with what is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_stored_credentials: Option<bool>,
}

/// The first payment of a series.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SubsequentAuth {
    /// The network's id of it: letters, digits and spaces, at most 255.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_network_trans_id: Option<String>,
    /// Its amount; Discover asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_auth_amount: Option<Decimal>,
    /// `resubmission`, `delayedCharge`, `reauthorization` or `noShow`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
