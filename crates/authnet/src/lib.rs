#![doc = include_str!("../README.md")]

mod account;
mod client;
pub mod codes;
mod customer_profiles;
mod error;
mod event;
mod gateway;
mod messages;
mod payment_data;
mod provider;
mod recurring;
mod reports;
mod tester;
mod trans_hash;
mod transaction_request;
mod transactions;
mod verdict;
mod webhook;
mod webhook_settings;
pub mod wire;

pub use account::{MerchantDetails, Processor};
pub use client::AuthorizeNet;
pub use customer_profiles::*;
pub use event::{AuthorizeNetEvent, EventPayload, EventType};
pub use gateway::{ACCEPT_JS, AuthorizeNetGateway, AuthorizeNetSubscriptions, customer_of};
pub use messages::{Message, Messages};
pub use payment_data::{
    Address, BankAccountData, CreditCard, CustomerData, OpaqueData, Order, PaymentData, PaymentProfileId,
    ProfilePayment,
};
pub use provider::{AuthorizeNetProvider, register};
pub use recurring::*;
pub use reports::*;
pub use trans_hash::TransHashKey;
pub use transaction_request::*;
pub use transactions::{HeldAction, PrePaidCard, TransactionAnswer, TransactionResponse, Transactions};
pub use webhook::AuthorizeNetWebhooks;
pub use webhook_settings::{NewWebhook, Webhook, WebhookSettings};
