//! The fields of one request.

use chrono::NaiveDate;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::{Error, Result};

/// The fields of one request, in the order in which they are sent. Values are wiped when it is dropped.
pub(crate) struct Params {
    transaction: &'static str,
    tender: Tender,
    fields: Vec<(&'static str, Zeroizing<String>)>,
}

/// What a transaction is about: `TENDER`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Tender {
    /// `C`: a card.
    Card,
    /// `A`: a bank account, by ACH.
    Ach,
}

impl Tender {
    /// Payflow's letter.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Card => "C",
            Self::Ach => "A",
        }
    }

    /// The word for [`MethodSummary::kind`](turnbuckle_core::payment::MethodSummary::kind).
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Ach => "ach",
        }
    }
}

impl Params {
    pub(crate) fn new(transaction: &'static str, tender: Tender) -> Self {
        Self { transaction, tender, fields: Vec::new() }
    }

    pub(crate) fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.fields.push((name, Zeroizing::new(value.into())));
    }

    pub(crate) fn set_some(&mut self, name: &'static str, value: Option<&str>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.set(name, value);
        }
    }

    pub(crate) fn set_secret(&mut self, name: &'static str, value: &SecretString) {
        self.set(name, value.expose_secret());
    }

    /// An amount and its currency.
    pub(crate) fn set_money(&mut self, money: Money) -> Result<()> {
        self.set("AMT", decimal("amount", money)?);
        self.set("CURRENCY", money.currency().code());
        Ok(())
    }

    /// `TRXTYPE` and `TENDER`. A request without its tender is refused silently.
    pub(crate) fn kind(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        [("TRXTYPE", self.transaction), ("TENDER", self.tender.as_str())].into_iter()
    }

    pub(crate) fn rest(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        self.fields.iter().map(|(name, value)| (*name, value.as_str()))
    }
}

/// Most digits of an amount.
const AMOUNT_DIGITS: usize = 10;

/// An amount as Payflow takes it: two decimals, or none in a currency without any.
///
/// # Errors
/// [`InvalidRequest`](turnbuckle_core::ErrorKind::InvalidRequest) naming the field, for a negative amount, one of more than
/// ten digits, and a currency with three decimals or more: how Payflow writes those is not documented.
pub(crate) fn decimal(field: &'static str, money: Money) -> Result<String> {
    if money.currency().exponent() > 2 {
        return Err(Error::invalid_field(field, "is in a currency with more than two decimals"));
    }
    if money.minor() < 0 {
        return Err(Error::invalid_field(field, "is negative"));
    }
    let text = money.to_decimal();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if digits > AMOUNT_DIGITS {
        return Err(Error::invalid_field(field, "has more than ten digits"));
    }
    Ok(text)
}

/// Reads an amount as Payflow writes it.
pub(crate) fn read_decimal(text: &str, currency: Currency) -> Option<Money> {
    Money::parse(text.trim(), currency).ok()
}

/// `MMDDYYYY`, as recurring profiles write days.
pub(crate) fn profile_day(day: NaiveDate) -> String {
    day.format("%m%d%Y").to_string()
}

/// Reads `MMDDYYYY`.
pub(crate) fn read_profile_day(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%m%d%Y").ok()
}

/// An id of a transaction or a profile.
///
/// # Errors
/// [`InvalidRequest`](turnbuckle_core::ErrorKind::InvalidRequest) when it is not 1 to 32 letters and digits.
pub(crate) fn check_id<'a>(field: &'static str, id: &'a str) -> Result<&'a str> {
    if crate::transaction::is_id(id) {
        Ok(id)
    } else {
        Err(Error::invalid_field(field, "is not an id of Payflow's"))
    }
}
