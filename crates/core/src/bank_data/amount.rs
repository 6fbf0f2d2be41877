//! Amounts as banks state them: exact decimals, in currencies that ISO may not know.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::money::{Currency, Money};

pub use rust_decimal::Decimal;

/// The currency of a bank's amount.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BankCurrency {
    /// An active ISO 4217 code.
    Iso(Currency),
    /// Anything else that a bank counts in: cryptocurrencies, points, codes that are out of use.
    Unofficial(String),
}

impl BankCurrency {
    /// What a vendor tells in two fields, of which at most one is filled.
    ///
    /// An ISO field with a code that is not active is kept as unofficial: its exponent is not known.
    pub fn from_codes(iso: Option<&str>, unofficial: Option<&str>) -> Option<Self> {
        let code = iso.or(unofficial)?;
        Some(match (iso, Currency::new(code)) {
            (Some(_), Ok(currency)) => Self::Iso(currency),
            _ => Self::Unofficial(code.to_owned()),
        })
    }

    /// The code as text.
    pub fn code(&self) -> &str {
        match self {
            Self::Iso(currency) => currency.code(),
            Self::Unofficial(code) => code,
        }
    }
}

impl fmt::Display for BankCurrency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// An exact amount. Not in minor units: investments have four decimals and more, and an unofficial currency has no known
/// unit.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BankAmount {
    /// How much, exactly as the vendor stated it.
    pub value: Decimal,
    /// Of what; `None` where the bank does not tell.
    pub currency: Option<BankCurrency>,
}

impl BankAmount {
    /// An amount.
    pub fn new(value: Decimal, currency: Option<BankCurrency>) -> Self {
        Self { value, currency }
    }

    /// The amount in minor units of its ISO currency.
    ///
    /// # Errors
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) naming `amount` when it has more decimals than the currency
    /// has, does not fit, or the currency is not one of ISO's.
    pub fn to_money(&self) -> Result<Money> {
        match &self.currency {
            Some(BankCurrency::Iso(currency)) => Money::parse(&self.value.to_string(), *currency),
            _ => Err(Error::invalid_field("amount", "is not in an ISO currency")),
        }
    }
}

impl fmt::Display for BankAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.currency {
            Some(currency) => write!(f, "{} {currency}", self.value),
            None => write!(f, "{}", self.value),
        }
    }
}

/// Which way money went, seen from the account. Vendors disagree about signs, so the sign is a type: the amounts inside
/// are zero or above.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flow {
    /// Money left the account: a purchase, a fee, a transfer to somebody.
    Outflow(BankAmount),
    /// Money came in: wages, a refund, interest.
    Inflow(BankAmount),
}

impl Flow {
    /// From an amount that is positive when money leaves the account.
    pub fn positive_is_outflow(mut amount: BankAmount) -> Self {
        if amount.value.is_sign_negative() && !amount.value.is_zero() {
            amount.value.set_sign_positive(true);
            Self::Inflow(amount)
        } else {
            amount.value.set_sign_positive(true);
            Self::Outflow(amount)
        }
    }

    /// How much, zero or above.
    pub fn amount(&self) -> &BankAmount {
        match self {
            Self::Outflow(amount) | Self::Inflow(amount) => amount,
        }
    }

    /// The change of the account's balance: below zero when money left.
    pub fn signed(&self) -> Decimal {
        match self {
            Self::Outflow(amount) => -amount.value,
            Self::Inflow(amount) => amount.value,
        }
    }
}
