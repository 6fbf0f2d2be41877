//! Accounts, their numbers, balances and owners, and the banks that keep them.

use std::fmt;

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use super::{BankAmount, BankCurrency};

/// What kind of account it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AccountKind {
    /// Money at a bank: checking, savings.
    Depository,
    /// Borrowed on a card.
    Credit,
    /// Borrowed otherwise: mortgage, student loan.
    Loan,
    /// Securities.
    Investment,
    /// A word that this release does not know.
    Other(String),
}

/// One account. `Debug` shows ids and kinds; names, masks and balances are personal data.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BankAccountData {
    /// The vendor's id. It may change when the person links the bank anew.
    pub id: String,
    /// An id that stays when the bank is linked anew, where the bank has one.
    pub persistent_id: Option<String>,
    /// What kind of account it is.
    pub kind: AccountKind,
    /// The vendor's finer word: `checking`, `credit card`, ...
    pub subtype: Option<String>,
    /// The name that the person knows.
    pub name: String,
    /// The bank's own name for the product.
    pub official_name: Option<String>,
    /// The last digits of the number, two to four of them.
    pub mask: Option<String>,
    /// What is on it, as last read.
    pub balance: AccountBalance,
}

impl BankAccountData {
    /// An account with nothing optional set.
    pub fn new(id: impl Into<String>, kind: AccountKind, name: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            persistent_id: None,
            kind,
            subtype: None,
            name: name.into(),
            official_name: None,
            mask: None,
            balance: AccountBalance::default(),
        }
    }
}

impl fmt::Debug for BankAccountData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BankAccountData")
            .field("id", &self.id)
            .field("persistent_id", &self.persistent_id)
            .field("kind", &self.kind)
            .field("subtype", &self.subtype)
            .finish_non_exhaustive()
    }
}

/// What is on an account. Of a credit account `current` is what is owed. `Debug` shows the currency only.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccountBalance {
    /// What can be spent or withdrawn now.
    pub available: Option<BankAmount>,
    /// What is booked, or owed.
    pub current: Option<BankAmount>,
    /// The credit limit or the agreed overdraft.
    pub limit: Option<BankAmount>,
    /// What it is counted in.
    pub currency: Option<BankCurrency>,
    /// When the bank told, where it says.
    pub updated_at: Option<DateTime<Utc>>,
}

impl fmt::Debug for AccountBalance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountBalance").field("currency", &self.currency).finish_non_exhaustive()
    }
}

/// The numbers by which money reaches an account. They are secrets: whoever has them can draw on the account.
#[derive(Clone)]
#[non_exhaustive]
pub enum AccountNumbers {
    /// United States.
    Ach {
        /// Whose.
        account_id: String,
        /// Account number.
        account: SecretString,
        /// Nine-digit routing number.
        routing: String,
        /// The routing number for wires, where it is another one.
        wire_routing: Option<String>,
        /// Whether the number is a stand-in that the bank made for this link, and dies with it.
        tokenized: bool,
    },
    /// Canada.
    Eft {
        /// Whose.
        account_id: String,
        /// Account number.
        account: SecretString,
        /// Three-digit institution number.
        institution: String,
        /// Five-digit branch (transit) number.
        branch: String,
    },
    /// IBAN countries.
    International {
        /// Whose.
        account_id: String,
        /// IBAN.
        iban: SecretString,
        /// BIC.
        bic: String,
    },
    /// United Kingdom.
    Bacs {
        /// Whose.
        account_id: String,
        /// Account number.
        account: SecretString,
        /// Six-digit sort code.
        sort_code: String,
    },
}

impl AccountNumbers {
    /// Whose numbers these are.
    pub fn account_id(&self) -> &str {
        match self {
            Self::Ach { account_id, .. }
            | Self::Eft { account_id, .. }
            | Self::International { account_id, .. }
            | Self::Bacs { account_id, .. } => account_id,
        }
    }

    /// Stable lower-case name of the scheme: `ach`, `eft`, `international`, `bacs`.
    pub fn scheme(&self) -> &'static str {
        match self {
            Self::Ach { .. } => "ach",
            Self::Eft { .. } => "eft",
            Self::International { .. } => "international",
            Self::Bacs { .. } => "bacs",
        }
    }
}

impl fmt::Debug for AccountNumbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountNumbers")
            .field("scheme", &self.scheme())
            .field("account_id", &self.account_id())
            .finish_non_exhaustive()
    }
}

/// Who owns an account, as the bank has it. Personal data: `Debug` shows counts only.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccountOwner {
    /// Names.
    pub names: Vec<String>,
    /// Email addresses, the primary one first.
    pub emails: Vec<String>,
    /// Telephone numbers, the primary one first.
    pub phones: Vec<String>,
    /// Postal addresses in one line each, the primary one first.
    pub addresses: Vec<String>,
}

impl fmt::Debug for AccountOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountOwner").field("names", &self.names.len()).finish_non_exhaustive()
    }
}

/// The owners of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccountHolderData {
    /// Which account.
    pub account_id: String,
    /// Its owners.
    pub owners: Vec<AccountOwner>,
}

impl AccountHolderData {
    /// The owners of an account.
    pub fn new(account_id: impl Into<String>, owners: Vec<AccountOwner>) -> Self {
        Self { account_id: account_id.into(), owners }
    }
}

/// A bank.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Institution {
    /// The vendor's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Countries, ISO 3166-1 alpha-2.
    pub countries: Vec<String>,
    /// Whether the person signs in on the bank's own page.
    pub oauth: bool,
    /// The bank's page.
    pub url: Option<String>,
    /// How it is doing, where the vendor tells and was asked.
    pub status: Option<InstitutionStatus>,
}

impl Institution {
    /// A bank with nothing optional set.
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            countries: Vec::new(),
            oauth: false,
            url: None,
            status: None,
        }
    }
}

/// How a bank is doing at the vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InstitutionStatus {
    /// Works.
    Healthy,
    /// Works for some, or slowly.
    Degraded,
    /// Does not work.
    Down,
}

/// Which banks to find.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct InstitutionQuery {
    /// Part of the name.
    pub name: String,
    /// In which countries, ISO 3166-1 alpha-2. At least one.
    pub countries: Vec<String>,
}

impl InstitutionQuery {
    /// Banks of one country by part of their name.
    pub fn new(name: impl Into<String>, country: impl Into<String>) -> Self {
        Self { name: name.into(), countries: vec![country.into()] }
    }
}
