#![doc = include_str!("../README.md")]

mod client;
pub mod codes;
mod contact;
mod error;
mod event;
mod form;
mod gateway;
mod provider;
mod query;
mod records;
mod recurring;
mod reply;
mod source;
mod tester;
mod transactions;
mod vault;
mod webhook;
mod xml;

pub use client::Nmi;
pub use contact::Contact;
pub use error::NmiRefusal;
pub use event::{
    BatchEvent, EventAction, EventCard, Features, Merchant, NmiEvent, NmiObject, PlanEvent, SubscriptionBody,
    TransactionEvent,
};
pub use gateway::{NmiGateway, NmiSubscriptions};
pub use provider::{NmiProvider, register};
pub use query::{Page, Query, TransactionSearch};
pub use records::{Action, Plan, Profile, SubscriptionRecord, Transaction, VaultBilling, VaultCustomer};
pub use recurring::{Frequency, NewSubscription, PlanTerms, Recurring, SubscriptionChange, SubscriptionPlan};
pub use reply::Reply;
pub use source::{Source, VaultMethod, Wallet};
pub use transactions::{NewTransaction, Rail, TransactionType, TransactionUpdate, Transactions};
pub use vault::{Vault, VaultDetails};
pub use webhook::NmiWebhooks;

/// Reads an answer of the Query API as transactions, for tools and fuzzers: the client does the same.
///
/// # Errors
/// [`InvalidResponse`](turnbuckle_core::ErrorKind::InvalidResponse) when it is not such an answer within the limits.
pub fn parse_transactions(body: &[u8]) -> turnbuckle_core::Result<Vec<Transaction>> {
    xml::Element::parse(body)?.records("transaction").map(Transaction::read).collect()
}
