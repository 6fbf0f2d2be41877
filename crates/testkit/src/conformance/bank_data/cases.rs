//! What the bank data suite needs of a provider, and the vendor's own books in plain words.

use chrono::NaiveDate;
use turnbuckle_core::bank_data::{BankProduct, Decimal, ItemState};
use turnbuckle_core::webhook::ItemEvent;

/// What the bank data suite needs.
///
/// The bench plays the person and the bank: see [`Bench::person_links`](super::super::Bench::person_links) and what
/// follows there.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BankDataCases {
    /// What a link is asked for.
    pub products: Vec<BankProduct>,
    /// The country of the test bank, ISO 3166-1 alpha-2.
    pub country: String,
    /// The vendor's id of the test bank.
    pub institution: String,
    /// A part of its name by which it is found.
    pub institution_name: String,
    /// What can go wrong with a link, as far as the vendor tells by calls. A provider that declares `Repair` has
    /// [`BankTrouble::LoginRequired`] among them.
    pub troubles: Vec<BankTrouble>,
    /// Sizes of pages to read in. [`Setup::page_size`](super::super::Setup::page_size) hands each to the bench.
    pub page_sizes: Vec<usize>,
    /// How many days to keep in step.
    pub days: usize,
    /// Whether a link has no transactions before its first day.
    pub late_history: bool,
    /// Whether the vendor tells that its data changed under the pages; else it must page through what it had.
    pub restarts: bool,
    /// Whether the vendor pushes what becomes of a link. It must then be received by the connection's webhooks.
    pub pushes: bool,
    /// More that must never be printed, by name: names of accounts, texts of transactions. Numbers and owners are known
    /// from the vendor's books.
    pub private: Vec<(&'static str, String)>,
}

impl BankDataCases {
    /// A vendor that tells of changes under its pages; pages of 1, 2, 7 and 100; four days; no trouble.
    pub fn new(
        products: Vec<BankProduct>,
        country: impl Into<String>,
        institution: impl Into<String>,
        institution_name: impl Into<String>,
    ) -> Self {
        Self {
            products,
            country: country.into(),
            institution: institution.into(),
            institution_name: institution_name.into(),
            troubles: Vec::new(),
            page_sizes: vec![1, 2, 7, 100],
            days: 4,
            late_history: false,
            restarts: true,
            pushes: false,
            private: Vec::new(),
        }
    }

    /// Adds what can go wrong with a link.
    pub fn with_trouble(mut self, trouble: BankTrouble) -> Self {
        self.troubles.push(trouble);
        self
    }

    /// Sets the sizes of pages. The smallest must make several pages of a day's changes.
    pub fn with_page_sizes(mut self, sizes: Vec<usize>) -> Self {
        self.page_sizes = sizes;
        self
    }

    /// Says that a link has no transactions before its first day.
    pub fn with_late_history(mut self) -> Self {
        self.late_history = true;
        self
    }

    /// Says that the vendor pages through what it had when the loop began, whatever changes meanwhile.
    pub fn without_restarts(mut self) -> Self {
        self.restarts = false;
        self
    }

    /// Says that the vendor pushes what becomes of a link.
    pub fn with_pushes(mut self) -> Self {
        self.pushes = true;
        self
    }

    /// Adds something that must never be printed. It must be distinctive: a word that also names a kind of account
    /// would be found by chance.
    pub fn with_private(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.private.push((name, value.into()));
        self
    }
}

/// What can go wrong with a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BankTrouble {
    /// The person must sign in again.
    LoginRequired,
    /// The person's consent ends soon.
    ConsentEnds,
    /// The bank or the vendor will break it off.
    Disconnects,
    /// The person or the bank ended it.
    Revoked,
    /// The bank does not answer.
    BankDown,
}

impl BankTrouble {
    /// Whether this is how the trouble is told.
    pub fn fits(self, state: ItemState) -> bool {
        match self {
            Self::LoginRequired => state == ItemState::LoginRequired,
            Self::ConsentEnds => matches!(state, ItemState::ConsentEnds(_)),
            Self::Disconnects => matches!(state, ItemState::Disconnects(_)),
            Self::Revoked => state == ItemState::Revoked,
            Self::BankDown => state == ItemState::InstitutionDown,
        }
    }

    /// What a push about it is, where vendors push it.
    pub(super) fn event(self) -> Option<ItemEvent> {
        match self {
            Self::LoginRequired => Some(ItemEvent::ActionRequired),
            Self::ConsentEnds | Self::Disconnects => Some(ItemEvent::Expiring),
            Self::Revoked => Some(ItemEvent::Revoked),
            Self::BankDown => None,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::LoginRequired => "login required",
            Self::ConsentEnds => "consent ends",
            Self::Disconnects => "disconnects soon",
            Self::Revoked => "revoked",
            Self::BankDown => "bank down",
        }
    }
}

/// One transaction in the vendor's own books.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BankLine {
    /// The vendor's id.
    pub id: String,
    /// The account's id.
    pub account: String,
    /// How the balance changed: below zero when money left.
    pub change: Decimal,
    /// What it is counted in, ISO or not.
    pub currency: Option<String>,
    /// The day.
    pub date: NaiveDate,
    /// Whether it is pending.
    pub pending: bool,
    /// The pending one that it replaced.
    pub replaces: Option<String>,
    /// What it says.
    pub name: String,
}

impl BankLine {
    /// A booked transaction without a currency.
    pub fn new(
        id: impl Into<String>,
        account: impl Into<String>,
        change: Decimal,
        date: NaiveDate,
        name: impl Into<String>,
    ) -> Self {
        Self {
            id: id.into(),
            account: account.into(),
            change,
            currency: None,
            date,
            pending: false,
            replaces: None,
            name: name.into(),
        }
    }

    /// Sets what it is counted in.
    pub fn with_currency(mut self, code: Option<impl Into<String>>) -> Self {
        self.currency = code.map(Into::into);
        self
    }

    /// Sets whether it is pending.
    pub fn with_pending(mut self, pending: bool) -> Self {
        self.pending = pending;
        self
    }

    /// Names the pending one that it replaced.
    pub fn with_replaces(mut self, id: Option<impl Into<String>>) -> Self {
        self.replaces = id.map(Into::into);
        self
    }
}

/// One account in the vendor's own books.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BankAccountLine {
    /// The vendor's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The last digits.
    pub mask: Option<String>,
    /// What can be spent.
    pub available: Option<Decimal>,
    /// What is on it, or owed.
    pub current: Option<Decimal>,
    /// What it is counted in, ISO or not.
    pub currency: Option<String>,
    /// Its number or IBAN, where the vendor hands it out.
    pub number: Option<String>,
    /// The names of its owners.
    pub owners: Vec<String>,
}

impl BankAccountLine {
    /// An account with nothing optional set.
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            mask: None,
            available: None,
            current: None,
            currency: None,
            number: None,
            owners: Vec::new(),
        }
    }

    /// Sets the last digits.
    pub fn with_mask(mut self, mask: Option<impl Into<String>>) -> Self {
        self.mask = mask.map(Into::into);
        self
    }

    /// Sets what is on it.
    pub fn with_balance(
        mut self,
        available: Option<Decimal>,
        current: Option<Decimal>,
        currency: Option<impl Into<String>>,
    ) -> Self {
        (self.available, self.current) = (available, current);
        self.currency = currency.map(Into::into);
        self
    }

    /// Sets its number or IBAN.
    pub fn with_number(mut self, number: Option<impl Into<String>>) -> Self {
        self.number = number.map(Into::into);
        self
    }

    /// Adds an owner.
    pub fn with_owner(mut self, name: impl Into<String>) -> Self {
        self.owners.push(name.into());
        self
    }
}
