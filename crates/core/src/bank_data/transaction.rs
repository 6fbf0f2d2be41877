//! One line of an account's ledger.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::Flow;

/// A transaction as the bank has it now. `Debug` shows ids, dates and states; who was paid and how much is personal data.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BankTransaction {
    /// The vendor's id. A posted transaction has another one than the pending one that it replaces.
    pub id: String,
    /// The account.
    pub account_id: String,
    /// Which way how much money went.
    pub flow: Flow,
    /// The day it was booked; of a pending one, the day it happened.
    pub date: NaiveDate,
    /// The day it was authorized, where the bank tells.
    pub authorized_date: Option<NaiveDate>,
    /// When exactly, where the bank tells.
    pub at: Option<DateTime<Utc>>,
    /// Whether it is still pending.
    pub pending: bool,
    /// The pending transaction that this one replaces.
    pub replaces: Option<String>,
    /// The vendor's cleaned text.
    pub name: String,
    /// The bank's own text, where it was asked for.
    pub original_description: Option<String>,
    /// The merchant's name, where the vendor knows it.
    pub merchant: Option<String>,
    /// What it was for.
    pub category: Option<Category>,
    /// Who else took part.
    pub counterparties: Vec<Counterparty>,
    /// `online`, `in store`, `other`.
    pub channel: Option<String>,
    /// Of a cheque.
    pub check_number: Option<String>,
}

impl BankTransaction {
    /// A booked transaction with nothing optional set.
    pub fn new(
        id: impl Into<String>,
        account_id: impl Into<String>,
        flow: Flow,
        date: NaiveDate,
        name: impl Into<String>,
    ) -> Self {
        Self {
            id: id.into(),
            account_id: account_id.into(),
            flow,
            date,
            authorized_date: None,
            at: None,
            pending: false,
            replaces: None,
            name: name.into(),
            original_description: None,
            merchant: None,
            category: None,
            counterparties: Vec::new(),
            channel: None,
            check_number: None,
        }
    }
}

impl fmt::Debug for BankTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BankTransaction")
            .field("id", &self.id)
            .field("account_id", &self.account_id)
            .field("date", &self.date)
            .field("pending", &self.pending)
            .field("replaces", &self.replaces)
            .finish_non_exhaustive()
    }
}

/// What a transaction was for, in the vendor's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Category {
    /// The broad word.
    pub primary: String,
    /// The finer word.
    pub detailed: String,
    /// How sure the vendor is, in its own words.
    pub confidence: Option<String>,
    /// Which version of the vendor's list the words are from; words of two versions do not compare.
    pub taxonomy: Option<String>,
}

impl Category {
    /// A category.
    pub fn new(primary: impl Into<String>, detailed: impl Into<String>) -> Self {
        Self { primary: primary.into(), detailed: detailed.into(), confidence: None, taxonomy: None }
    }
}

/// Somebody else who took part: a shop, a marketplace, a payment app. `Debug` shows the kind only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Counterparty {
    /// The name.
    pub name: String,
    /// The vendor's word: `merchant`, `marketplace`, `payment_app`, ...
    pub kind: String,
    /// The vendor's stable id of it.
    pub id: Option<String>,
}

impl Counterparty {
    /// A counterparty.
    pub fn new(name: impl Into<String>, kind: impl Into<String>) -> Self {
        Self { name: name.into(), kind: kind.into(), id: None }
    }
}

impl fmt::Debug for Counterparty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Counterparty").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// A transaction that the bank took back, or that a posted one replaced.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RemovedTransaction {
    /// The vendor's id.
    pub id: String,
    /// The account, where the vendor tells.
    pub account_id: Option<String>,
}

impl RemovedTransaction {
    /// A removed transaction.
    pub fn new(id: impl Into<String>, account_id: Option<String>) -> Self {
        Self { id: id.into(), account_id }
    }
}
