//! What pays: cards, vendor tokens, stored methods, bank accounts.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use super::PaymentRef;
use crate::error::ErrorKind::InvalidRequest;
use crate::error::{Error, FieldError, Result};

/// What pays for a purchase.
///
/// Raw cards and bank accounts mean the same to every gateway. A [`VendorToken`] or a stored method belongs to the
/// vendor that made it: moving to another gateway by changing an id works for raw methods only.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum PaymentMethod {
    /// A card number in the clear. Refused unless the connection opted in, since it puts the host in PCI scope.
    Card(Card),
    /// A token from the vendor's own browser or mobile code.
    Token(VendorToken),
    /// A method that [`store`](super::PaymentGateway::store) kept at the vendor.
    Stored(PaymentRef),
    /// A bank account, charged by ACH or eCheck.
    BankAccount(BankAccount),
}

impl PaymentMethod {
    /// What kind it is, for messages: `card`, `token`, `stored` or `bank_account`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Card(_) => "card",
            Self::Token(_) => "token",
            Self::Stored(_) => "stored",
            Self::BankAccount(_) => "bank_account",
        }
    }
}

/// A card in the clear.
#[derive(Clone)]
pub struct Card {
    number: SecretString,
    exp_month: u8,
    exp_year: u16,
    cvv: Option<SecretString>,
    holder: Option<String>,
}

impl Card {
    /// A card by its number (12 to 19 digits that pass the Luhn check; spaces and dashes are dropped), expiry month
    /// (1 to 12) and four-digit year.
    ///
    /// # Errors
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) naming every bad field, with no value in it.
    pub fn new(number: &str, exp_month: u8, exp_year: u16) -> Result<Self> {
        let kept = || number.chars().filter(|c| !matches!(c, ' ' | '-'));
        // Exactly as long as needed: a growing or shrinking buffer would leave unwiped copies behind.
        let mut digits = String::with_capacity(kept().map(char::len_utf8).sum());
        digits.extend(kept());
        let mut fields = Vec::new();
        if !(12..=19).contains(&digits.len()) || !luhn(&digits) {
            fields.push(FieldError::new("card.number", "is not a card number"));
        }
        let digits = SecretString::from(digits);
        if !(1..=12).contains(&exp_month) {
            fields.push(FieldError::new("card.exp_month", "must be 1 to 12"));
        }
        if !(2000..=2099).contains(&exp_year) {
            fields.push(FieldError::new("card.exp_year", "must have four digits"));
        }
        if fields.is_empty() {
            Ok(Self { number: digits, exp_month, exp_year, cvv: None, holder: None })
        } else {
            Err(Error::new(InvalidRequest, "the card cannot be used").with_fields(fields))
        }
    }

    /// Adds the security code, three or four digits. It is sent once and never kept.
    ///
    /// # Errors
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) naming `card.cvv`.
    pub fn with_cvv(mut self, cvv: &str) -> Result<Self> {
        if !(3..=4).contains(&cvv.len()) || !cvv.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Error::invalid_field("card.cvv", "must be three or four digits"));
        }
        self.cvv = Some(SecretString::from(cvv.to_owned()));
        Ok(self)
    }

    /// Adds the holder's name.
    pub fn with_holder(mut self, holder: impl Into<String>) -> Self {
        self.holder = Some(holder.into());
        self
    }

    /// The whole number.
    pub fn number(&self) -> &SecretString {
        &self.number
    }

    /// The expiry month, 1 to 12.
    pub fn exp_month(&self) -> u8 {
        self.exp_month
    }

    /// The expiry year with four digits.
    pub fn exp_year(&self) -> u16 {
        self.exp_year
    }

    /// The security code.
    pub fn cvv(&self) -> Option<&SecretString> {
        self.cvv.as_ref()
    }

    /// The holder's name.
    pub fn holder(&self) -> Option<&str> {
        self.holder.as_deref()
    }

    /// The last four digits, which may be shown and logged.
    pub fn last4(&self) -> String {
        let number = self.number.expose_secret();
        number.get(number.len().saturating_sub(4)..).unwrap_or_default().to_owned()
    }

    /// The first six digits, which may be shown and logged. `None` for numbers shorter than fourteen digits: with the last
    /// four beside them too little would stay hidden.
    pub fn bin(&self) -> Option<String> {
        let number = self.number.expose_secret();
        number.get(..6).filter(|_| number.len() >= 14).map(str::to_owned)
    }
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Card").field("bin", &self.bin()).field("last4", &self.last4()).finish_non_exhaustive()
    }
}

fn luhn(digits: &str) -> bool {
    let mut sum = 0;
    for (index, byte) in digits.bytes().rev().enumerate() {
        if !byte.is_ascii_digit() {
            return false;
        }
        let digit = u32::from(byte - b'0');
        sum += match (index % 2, digit) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => digit * 2 - 9,
            (_, digit) => digit * 2,
        };
    }
    sum % 10 == 0
}

/// A token made by the vendor's own browser or mobile code: a Stripe payment method, Accept.js opaque data, a
/// Collect.js token.
#[derive(Clone)]
pub struct VendorToken {
    kind: String,
    value: SecretString,
}

impl VendorToken {
    /// A token and its kind, as the gateway's crate documents it, for example `payment_method`.
    pub fn new(kind: impl Into<String>, value: impl Into<String>) -> Self {
        Self { kind: kind.into(), value: SecretString::from(value.into()) }
    }

    /// The kind of token.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The token itself.
    pub fn value(&self) -> &SecretString {
        &self.value
    }
}

impl fmt::Debug for VendorToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VendorToken").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Whose bank account it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccountHolder {
    /// A person.
    Individual,
    /// A company.
    Company,
}

/// What kind of bank account it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccountType {
    /// A checking account.
    Checking,
    /// A savings account.
    Savings,
}

/// How the payer agreed to an ACH debit (the NACHA standard entry class).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecCode {
    /// Agreed on the web.
    Web,
    /// A signed, standing agreement of a consumer.
    Ppd,
    /// A company's account.
    Ccd,
    /// Agreed by telephone.
    Tel,
}

/// A United States bank account.
#[derive(Clone)]
#[non_exhaustive]
pub struct BankAccount {
    /// The nine-digit ABA routing number.
    pub routing_number: String,
    /// The account number, 1 to 17 digits.
    pub account_number: SecretString,
    /// The holder's name.
    pub holder_name: String,
    /// A person or a company.
    pub holder: AccountHolder,
    /// Checking or savings.
    pub account_type: AccountType,
    /// How the payer agreed.
    pub sec_code: SecCode,
}

impl BankAccount {
    /// A person's checking account, agreed to on the web; change the public fields for anything else.
    ///
    /// # Errors
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) naming every bad field: the routing number's check digit is
    /// checked.
    pub fn new(routing_number: &str, account_number: &str, holder_name: impl Into<String>) -> Result<Self> {
        let mut fields = Vec::new();
        if !routing_ok(routing_number) {
            fields.push(FieldError::new("bank_account.routing_number", "is not an ABA routing number"));
        }
        if !(1..=17).contains(&account_number.len())
            || !account_number.bytes().all(|byte| byte.is_ascii_digit())
        {
            fields.push(FieldError::new("bank_account.account_number", "must be 1 to 17 digits"));
        }
        if !fields.is_empty() {
            return Err(Error::new(InvalidRequest, "the bank account cannot be used").with_fields(fields));
        }
        Ok(Self {
            routing_number: routing_number.to_owned(),
            account_number: SecretString::from(account_number.to_owned()),
            holder_name: holder_name.into(),
            holder: AccountHolder::Individual,
            account_type: AccountType::Checking,
            sec_code: SecCode::Web,
        })
    }

    /// The last four digits of the account number.
    pub fn last4(&self) -> String {
        let number = self.account_number.expose_secret();
        number.get(number.len().saturating_sub(4)..).unwrap_or_default().to_owned()
    }
}

impl fmt::Debug for BankAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BankAccount")
            .field("routing_number", &self.routing_number)
            .field("holder", &self.holder)
            .field("account_type", &self.account_type)
            .finish_non_exhaustive()
    }
}

fn routing_ok(number: &str) -> bool {
    let weights = [3, 7, 1, 3, 7, 1, 3, 7, 1];
    number.len() == 9
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && number.bytes().zip(weights).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum::<u32>() % 10
            == 0
}
