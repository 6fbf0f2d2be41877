//! What pays: a card, a bank account, or an earlier transaction.

use std::fmt;

use secrecy::SecretString;
use turnbuckle_core::{Error, Result};

use crate::params::{Params, Tender, check_id};

/// What pays.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Instrument {
    /// A card in the clear.
    Card(CardData),
    /// A bank account in the United States.
    BankAccount(BankAccountData),
    /// The card of an earlier transaction, by its `PNREF` (`ORIGID`): a reference transaction. Off for an account until
    /// PayPal's support switches it on, and possible for 12 months. Fraud filters do not screen it.
    Reference(String),
}

impl Instrument {
    /// Which tender it is.
    pub fn tender(&self) -> Tender {
        match self {
            Self::BankAccount(_) => Tender::Ach,
            Self::Card(_) | Self::Reference(_) => Tender::Card,
        }
    }

    pub(crate) fn write(&self, params: &mut Params) -> Result<()> {
        match self {
            Self::Card(card) => card.write(params),
            Self::BankAccount(account) => account.write(params),
            Self::Reference(pnref) => {
                params.set("ORIGID", check_id("reference", pnref)?);
                Ok(())
            }
        }
    }
}

/// A card in the clear.
#[derive(Clone)]
#[non_exhaustive]
pub struct CardData {
    /// `ACCT`: the number, at most 19 digits.
    pub number: SecretString,
    /// The expiry month, 1 to 12.
    pub exp_month: u8,
    /// The expiry year, four digits; two of them are sent.
    pub exp_year: u16,
    /// `CVV2`: the security code.
    pub cvv: Option<SecretString>,
}

impl CardData {
    /// A card without a security code.
    pub fn new(number: impl Into<SecretString>, exp_month: u8, exp_year: u16) -> Self {
        Self { number: number.into(), exp_month, exp_year, cvv: None }
    }

    /// Adds the security code.
    pub fn with_cvv(mut self, cvv: impl Into<SecretString>) -> Self {
        self.cvv = Some(cvv.into());
        self
    }

    /// `EXPDATE`, `MMYY`.
    pub(crate) fn expiry(&self) -> Result<String> {
        if !(1..=12).contains(&self.exp_month) {
            return Err(Error::invalid_field("card.exp_month", "must be 1 to 12"));
        }
        Ok(format!("{:02}{:02}", self.exp_month, self.exp_year % 100))
    }

    fn write(&self, params: &mut Params) -> Result<()> {
        params.set_secret("ACCT", &self.number);
        params.set("EXPDATE", self.expiry()?);
        if let Some(cvv) = &self.cvv {
            params.set_secret("CVV2", cvv);
        }
        Ok(())
    }
}

impl fmt::Debug for CardData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CardData").finish_non_exhaustive()
    }
}

/// A bank account in the United States.
#[derive(Clone)]
#[non_exhaustive]
pub struct BankAccountData {
    /// `ABA`: the routing number, nine digits.
    pub routing_number: String,
    /// `ACCT`: the account number.
    pub account_number: SecretString,
    /// `ACCTTYPE`: whether it is a savings account.
    pub savings: bool,
    /// `FIRSTNAME`: the whole name of the holder, at most 30 characters.
    pub holder: String,
    /// `AUTHTYPE`: how the holder agreed (`WEB`, `PPD`, `CCD`, `TEL`, `ARC`, `POP`, `RCK`).
    pub agreement: &'static str,
    /// `CHKNUM`: the check's number.
    pub check_number: Option<String>,
}

impl BankAccountData {
    /// A checking account.
    pub fn new(
        routing_number: impl Into<String>,
        account_number: impl Into<SecretString>,
        holder: impl Into<String>,
        agreement: &'static str,
    ) -> Self {
        Self {
            routing_number: routing_number.into(),
            account_number: account_number.into(),
            savings: false,
            holder: holder.into(),
            agreement,
            check_number: None,
        }
    }

    /// Says that it is a savings account.
    pub fn with_savings(mut self) -> Self {
        self.savings = true;
        self
    }

    /// Adds the check's number.
    pub fn with_check_number(mut self, number: impl Into<String>) -> Self {
        self.check_number = Some(number.into());
        self
    }

    fn write(&self, params: &mut Params) -> Result<()> {
        if !matches!(self.agreement, "WEB" | "PPD" | "CCD" | "TEL" | "ARC" | "POP" | "RCK") {
            return Err(Error::invalid_field("bank_account.agreement", "is not one of Payflow's"));
        }
        params.set("ABA", self.routing_number.as_str());
        params.set_secret("ACCT", &self.account_number);
        params.set("ACCTTYPE", if self.savings { "S" } else { "C" });
        params.set("AUTHTYPE", self.agreement);
        params.set("FIRSTNAME", self.holder.as_str());
        params.set_some("CHKNUM", self.check_number.as_deref());
        Ok(())
    }
}

impl fmt::Debug for BankAccountData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BankAccountData")
            .field("savings", &self.savings)
            .field("agreement", &self.agreement)
            .finish_non_exhaustive()
    }
}
