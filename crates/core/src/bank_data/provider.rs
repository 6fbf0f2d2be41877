//! The shape that providers of bank data share.

use std::fmt;

use async_trait::async_trait;

use super::{
    AccountBalance, AccountHolderData, AccountNumbers, BalanceQuery, BankAccountData, BankLink, Institution,
    InstitutionQuery, ItemState, LinkRequest, LinkReturn, LinkSession, RepairRequest, SyncCursor, SyncPage,
};
use crate::error::{Error, Result};
use crate::provider::ProviderId;

/// One ability of a provider of bank data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum BankFeature {
    /// `numbers`.
    Numbers,
    /// `balances`, read at the bank now.
    LiveBalances,
    /// `identity`.
    Identity,
    /// `sync_page`.
    Transactions,
    /// `repair`.
    Repair,
}

impl BankFeature {
    /// Every ability.
    pub const ALL: &'static [Self] =
        &[Self::Numbers, Self::LiveBalances, Self::Identity, Self::Transactions, Self::Repair];

    /// The ability in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Numbers => "account numbers",
            Self::LiveBalances => "live balances",
            Self::Identity => "account owners",
            Self::Transactions => "transactions",
            Self::Repair => "repair of a link",
        }
    }
}

/// What a provider of bank data declares about itself. Every one can link, exchange, list accounts, find banks, tell the
/// state of a link, and disconnect.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct BankFeatures {
    features: &'static [BankFeature],
}

impl BankFeatures {
    /// Declares a provider of bank data.
    pub const fn new(features: &'static [BankFeature]) -> Self {
        Self { features }
    }

    /// Whether it declares this ability.
    pub fn has(&self, feature: BankFeature) -> bool {
        self.features.contains(&feature)
    }
}

/// A provider of bank data.
///
/// - Nothing here moves money. Reads may be repeated; what the provider bills for or can do only once is not.
/// - An error of the kind [`ActionRequired`](crate::ErrorKind::ActionRequired) needs the person: see
///   [`repair`](Self::repair). Whether the bank or the provider is down, [`state_of`](Self::state_of) tells.
/// - Tokens, numbers, names and balances never show in errors, spans or `Debug`.
#[async_trait]
pub trait BankData: fmt::Debug + Send + Sync + 'static {
    /// The provider behind it.
    fn provider(&self) -> &ProviderId;

    /// What it can do.
    fn features(&self) -> BankFeatures;

    /// A session in which a person links a bank. Asking again makes another session and does no harm.
    async fn link(&self, request: &LinkRequest) -> Result<LinkSession>;

    /// A session in which the person mends a link. The link and its token stay the same; nothing is exchanged afterwards.
    async fn repair(&self, link: &BankLink, request: &RepairRequest) -> Result<LinkSession>;

    /// Turns what the browser returned into access.
    ///
    /// - Never repeated: after a lost answer the person links again.
    async fn exchange(&self, returned: &LinkReturn) -> Result<BankLink>;

    /// The accounts, with balances as last read.
    async fn accounts(&self, link: &BankLink) -> Result<Vec<BankAccountData>>;

    /// The numbers by which money reaches the accounts.
    async fn numbers(&self, link: &BankLink) -> Result<Vec<AccountNumbers>>;

    /// Balances, read at the bank now, by account. This can take half a minute.
    async fn balances(&self, link: &BankLink, query: &BalanceQuery) -> Result<Vec<(String, AccountBalance)>>;

    /// Who owns the accounts.
    async fn identity(&self, link: &BankLink) -> Result<Vec<AccountHolderData>>;

    /// One page of changes since a cursor. Hosts use [`TransactionSync`](super::TransactionSync).
    ///
    /// # Errors
    /// [`Conflict`](crate::ErrorKind::Conflict) when the data changed while it was being paged through: all pages since the
    /// loop began are void.
    async fn sync_page(&self, link: &BankLink, cursor: Option<&SyncCursor>) -> Result<SyncPage>;

    /// Banks by name, at most some ten.
    async fn institutions(&self, query: &InstitutionQuery) -> Result<Vec<Institution>>;

    /// One bank; `None` where the provider knows none of this id.
    async fn institution(&self, id: &str, country: &str) -> Result<Option<Institution>>;

    /// How a link is doing, as the provider says.
    async fn item_state(&self, link: &BankLink) -> Result<ItemState>;

    /// What a failed call says about the link; `None` where it says nothing, as when the network or the provider failed.
    fn state_of(&self, error: &Error) -> Option<ItemState>;

    /// Ends a link at the provider. Ending it twice is no error.
    async fn disconnect(&self, link: &BankLink) -> Result<()>;
}
