#![doc = include_str!("../README.md")]

mod balance;
mod balance_transactions;
mod charges;
mod client;
mod customers;
mod details;
mod disputes;
mod error;
mod event;
mod event_kind;
mod form;
#[cfg(test)]
mod form_tests;
mod list;
mod object;
mod options;
mod payment_intent_changes;
mod payment_intent_create;
mod payment_intents;
mod payment_method_params;
mod payment_methods;
mod refunds;
mod setup_intents;
mod verdict;
mod webhook;

pub use balance::*;
pub use balance_transactions::*;
pub use charges::*;
pub use client::Stripe;
pub use customers::*;
pub use details::*;
pub use disputes::*;
pub use error::{StripeError, StripeErrorType};
pub use event::{StripeEvent, StripeObject};
pub use form::Field;
pub use list::{List, ListRequest, ListStream};
pub use object::{Expandable, Object};
pub use options::CallOptions;
pub use payment_intent_changes::*;
pub use payment_intent_create::*;
pub use payment_intents::*;
pub use payment_method_params::*;
pub use payment_methods::*;
pub use refunds::*;
pub use setup_intents::*;
pub use webhook::StripeWebhooks;
