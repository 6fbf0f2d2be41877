//! What pays and who pays, as requests carry it. Fields stand in the order of the vendor's schema.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, Serializer};

#[expect(clippy::ref_option, reason = "the shape that serde asks for")]
pub(crate) fn expose_some<S: Serializer>(
    secret: &Option<SecretString>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match secret {
        Some(secret) => serializer.serialize_some(secret.expose_secret()),
        None => serializer.serialize_none(),
    }
}

fn expose<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

/// What pays: exactly one kind.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum PaymentData {
    /// A card; in refunds its last four digits.
    CreditCard(CreditCard),
    /// A bank account, for eCheck.
    BankAccount(BankAccountData),
    /// What Accept.js handed over.
    OpaqueData(OpaqueData),
}

/// A card number of at most 16 digits. `Debug` shows nothing of it.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CreditCard {
    /// The number, or in refunds the last four digits.
    #[serde(serialize_with = "expose")]
    pub card_number: SecretString,
    /// `YYYY-MM`, or `XXXX` in refunds.
    pub expiration_date: String,
    /// The security code.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "expose_some")]
    pub card_code: Option<SecretString>,
}

impl CreditCard {
    /// A card by number, month (1 to 12) and four-digit year.
    pub fn new(number: impl Into<SecretString>, month: u8, year: u16) -> Self {
        Self { card_number: number.into(), expiration_date: format!("{year:04}-{month:02}"), card_code: None }
    }

    /// The card of an earlier payment, for a refund: its last four digits.
    pub fn of_last4(last4: impl Into<SecretString>) -> Self {
        Self { card_number: last4.into(), expiration_date: "XXXX".to_owned(), card_code: None }
    }

    /// Adds the security code.
    pub fn with_card_code(mut self, code: impl Into<SecretString>) -> Self {
        self.card_code = Some(code.into());
        self
    }
}

impl fmt::Debug for CreditCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreditCard").finish_non_exhaustive()
    }
}

/// A United States bank account. `Debug` shows its kind.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct BankAccountData {
    /// `checking`, `savings` or `businessChecking`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_type: Option<String>,
    /// The routing number, nine digits.
    pub routing_number: String,
    /// The account number, at most 17 characters.
    #[serde(serialize_with = "expose")]
    pub account_number: SecretString,
    /// The holder, at most 22 characters.
    pub name_on_account: String,
    /// `PPD`, `WEB`, `CCD`, `TEL`, `ARC` or `BOC`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub echeck_type: Option<String>,
}

impl BankAccountData {
    /// An account by routing number, account number and holder.
    pub fn new(
        routing_number: impl Into<String>,
        account_number: impl Into<SecretString>,
        name_on_account: impl Into<String>,
    ) -> Self {
        Self {
            account_type: None,
            routing_number: routing_number.into(),
            account_number: account_number.into(),
            name_on_account: name_on_account.into(),
            echeck_type: None,
        }
    }

    /// Sets the kind of account.
    pub fn with_account_type(mut self, account_type: impl Into<String>) -> Self {
        self.account_type = Some(account_type.into());
        self
    }

    /// Sets how the payer agreed.
    pub fn with_echeck_type(mut self, echeck_type: impl Into<String>) -> Self {
        self.echeck_type = Some(echeck_type.into());
        self
    }
}

impl fmt::Debug for BankAccountData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BankAccountData")
            .field("account_type", &self.account_type)
            .field("echeck_type", &self.echeck_type)
            .finish_non_exhaustive()
    }
}

/// What Accept.js handed to the browser: a descriptor, and a value that can be used once, within 15 minutes.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OpaqueData {
    /// For example `COMMON.ACCEPT.INAPP.PAYMENT`.
    pub data_descriptor: String,
    /// The value.
    #[serde(serialize_with = "expose")]
    pub data_value: SecretString,
}

impl OpaqueData {
    /// A descriptor and a value.
    pub fn new(descriptor: impl Into<String>, value: impl Into<SecretString>) -> Self {
        Self { data_descriptor: descriptor.into(), data_value: value.into() }
    }
}

impl fmt::Debug for OpaqueData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpaqueData").field("data_descriptor", &self.data_descriptor).finish_non_exhaustive()
    }
}

/// A stored method that pays.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProfilePayment {
    /// The customer.
    pub customer_profile_id: String,
    /// The customer's method.
    pub payment_profile: PaymentProfileId,
}

impl ProfilePayment {
    /// A customer's stored method.
    pub fn new(customer_profile_id: impl Into<String>, payment_profile_id: impl Into<String>) -> Self {
        Self {
            customer_profile_id: customer_profile_id.into(),
            payment_profile: PaymentProfileId {
                payment_profile_id: payment_profile_id.into(),
                card_code: None,
            },
        }
    }
}

/// A stored method by its id.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PaymentProfileId {
    /// The id.
    pub payment_profile_id: String,
    /// The security code, where the payer typed it in again.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "expose_some")]
    pub card_code: Option<SecretString>,
}

/// A name and an address. `Debug` shows the country only.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Address {
    /// Given name, at most 50 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Family name, at most 50 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Company, at most 50 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// Street, number and apartment, at most 60 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// City, at most 40 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State or region, at most 40 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Postal code, at most 20 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zip: Option<String>,
    /// Country, at most 60 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Telephone, at most 25 characters; billing addresses only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
}

impl Address {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address").field("country", &self.country).finish_non_exhaustive()
    }
}

/// An order: the invoice number that a transaction is found by, and what is bought.
#[derive(Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Order {
    /// At most 20 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invoice_number: Option<String>,
    /// At most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl Order {
    /// An order by its invoice number.
    pub fn new(invoice_number: impl Into<String>) -> Self {
        Self { invoice_number: Some(invoice_number.into()), description: None }
    }

    /// Says what is bought.
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }
}

impl fmt::Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Order").field("invoice_number", &self.invoice_number).finish_non_exhaustive()
    }
}

/// The merchant's customer, as a payment names them. `Debug` shows the id.
#[derive(Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CustomerData {
    /// `individual` or `business`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub customer_type: Option<String>,
    /// The merchant's own id, at most 20 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// At most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// At most 25 characters; subscriptions only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
}

impl fmt::Debug for CustomerData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CustomerData").field("id", &self.id).finish_non_exhaustive()
    }
}
