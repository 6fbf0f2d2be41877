//! What requests have in common: series of payments, 3-D Secure results, people, addresses, options.

use std::collections::BTreeMap;
use std::fmt;

use secrecy::SecretString;

use super::{PaymentRef, TextPolicy};
use crate::money::Money;

/// Who started a payment with a stored credential, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredCredential {
    /// Who started it.
    pub initiator: Initiator,
    /// Why the credential is kept.
    pub reason: StoredCredentialReason,
    /// The first payment of the series; `None` makes this the first.
    pub original: Option<OriginalPayment>,
}

impl StoredCredential {
    /// The first payment of a series, with the cardholder present.
    pub fn initial(reason: StoredCredentialReason) -> Self {
        Self { initiator: Initiator::Customer, reason, original: None }
    }

    /// A later payment of a series.
    pub fn subsequent(
        initiator: Initiator,
        reason: StoredCredentialReason,
        original: OriginalPayment,
    ) -> Self {
        Self { initiator, reason, original: Some(original) }
    }
}

/// Who started a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Initiator {
    /// The cardholder.
    Customer,
    /// The merchant, with the cardholder absent.
    Merchant,
}

/// Why a credential is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoredCredentialReason {
    /// At no fixed times.
    Unscheduled,
    /// At fixed times.
    Recurring,
    /// In a fixed number of parts.
    Installment,
}

/// The first payment of a series.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct OriginalPayment {
    /// The network's transaction id of the first payment.
    pub network_id: Option<String>,
    /// Its amount; Discover asks for it.
    pub amount: Option<Money>,
}

impl OriginalPayment {
    /// Names the first payment by the network's id.
    pub fn new(network_id: impl Into<String>) -> Self {
        Self { network_id: Some(network_id.into()), amount: None }
    }
}

/// The result of a 3-D Secure authentication that was done elsewhere, passed through.
#[derive(Clone)]
#[non_exhaustive]
pub struct ThreeDSecure {
    /// The protocol's version, for example `2.2.0`.
    pub version: String,
    /// The electronic commerce indicator, two digits.
    pub eci: String,
    /// The authentication value (CAVV, AAV), base64.
    pub cavv: SecretString,
    /// The directory server's transaction id (or the XID of version 1).
    pub transaction_id: String,
}

impl ThreeDSecure {
    /// An authentication result.
    pub fn new(
        version: impl Into<String>,
        eci: impl Into<String>,
        cavv: impl Into<String>,
        transaction_id: impl Into<String>,
    ) -> Self {
        Self {
            version: version.into(),
            eci: eci.into(),
            cavv: SecretString::from(cavv.into()),
            transaction_id: transaction_id.into(),
        }
    }
}

impl fmt::Debug for ThreeDSecure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreeDSecure")
            .field("version", &self.version)
            .field("eci", &self.eci)
            .field("transaction_id", &self.transaction_id)
            .finish_non_exhaustive()
    }
}

/// Who pays. Personal data: its `Debug` shows ids only.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Customer {
    /// The merchant's own id of the customer.
    pub id: Option<String>,
    /// The customer's handle at the vendor, where one exists.
    pub reference: Option<PaymentRef>,
    /// The whole name.
    pub name: Option<String>,
    /// The email address.
    pub email: Option<String>,
    /// The telephone number.
    pub phone: Option<String>,
    /// The address that the payer's device connected from.
    pub ip: Option<std::net::IpAddr>,
}

impl fmt::Debug for Customer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Customer")
            .field("id", &self.id)
            .field("reference", &self.reference)
            .finish_non_exhaustive()
    }
}

/// A postal address. Personal data: its `Debug` shows the country only.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Address {
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Company.
    pub company: Option<String>,
    /// Street and number.
    pub line1: Option<String>,
    /// Apartment, floor.
    pub line2: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State, province or region.
    pub region: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Country, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address").field("country", &self.country).finish_non_exhaustive()
    }
}

/// What a request may carry besides its purpose.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct RequestOptions {
    /// Act for this sub-account (a Stripe connected account, a processor id).
    pub sub_account: Option<String>,
    /// What the payer reads on the bank statement.
    pub statement_descriptor: Option<String>,
    /// Tax and purchase order, for cheaper processing of company cards.
    pub level2: Option<Level2>,
    /// The merchant's own data, kept by the vendor. Never secrets or personal data: vendors show it in clear.
    pub metadata: BTreeMap<String, String>,
    /// What to do with text that the vendor cannot take as it is.
    pub text: TextPolicy,
}

impl RequestOptions {
    /// Acts for a sub-account.
    pub fn with_sub_account(mut self, account: impl Into<String>) -> Self {
        self.sub_account = Some(account.into());
        self
    }

    /// Sets what the payer reads on the bank statement.
    pub fn with_statement_descriptor(mut self, text: impl Into<String>) -> Self {
        self.statement_descriptor = Some(text.into());
        self
    }

    /// Adds one entry of the merchant's own data.
    pub fn with_metadata(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(name.into(), value.into());
        self
    }

    /// Sets tax and purchase order.
    pub fn with_level2(mut self, level2: Level2) -> Self {
        self.level2 = Some(level2);
        self
    }

    /// Sets the text policy.
    pub fn with_text(mut self, policy: TextPolicy) -> Self {
        self.text = policy;
        self
    }
}

/// Tax and purchase order of a company's purchase.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Level2 {
    /// The tax contained in the amount.
    pub tax: Option<Money>,
    /// The buyer's purchase order number.
    pub purchase_order: Option<String>,
}
