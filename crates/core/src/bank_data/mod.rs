//! Bank data: links to people's banks, their accounts, and a ledger of transactions kept in step.
//!
//! - [`BankData`] is what a host calls, behind `dyn`.
//! - A [`BankLink`] is the host's access to one login at one bank. Its token is a secret and never expires by itself: seal
//!   it, open it to call.
//! - [`TransactionSync`] turns pages into events that a host can store without losing or doubling a transaction.
//! - [`ItemHealth`] folds errors and webhooks into the one question that matters: does somebody have to act?

mod account;
mod amount;
mod health;
mod link;
mod provider;
mod sync;
mod transaction;

pub use account::{
    AccountBalance, AccountHolderData, AccountKind, AccountNumbers, AccountOwner, BankAccountData,
    Institution, InstitutionQuery, InstitutionStatus,
};
pub use amount::{BankAmount, BankCurrency, Decimal, Flow};
pub use health::{ItemHealth, ItemState, Repair};
pub use link::{
    BalanceQuery, BankLink, BankProduct, LinkRequest, LinkReturn, LinkSession, LinkedAccount, RepairRequest,
    find_duplicate,
};
pub use provider::{BankData, BankFeature, BankFeatures};
pub use sync::{SyncCursor, SyncEvent, SyncHistory, SyncPage, TransactionSync, collect};
pub use transaction::{BankTransaction, Category, Counterparty, RemovedTransaction};
