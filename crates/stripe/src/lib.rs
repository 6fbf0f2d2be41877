#![doc = include_str!("../README.md")]

mod balance;
mod balance_transactions;
mod charges;
mod client;
mod customers;
mod details;
mod error;
mod form;
mod list;
mod object;
mod options;
mod payment_intent_params;
mod payment_intents;
mod payment_method_params;
mod payment_methods;
mod refunds;
mod setup_intents;
mod verdict;

pub use balance::{Balance, BalanceAmount, Balances};
pub use balance_transactions::{BalanceTransaction, BalanceTransactions, FeeDetail, ListBalanceTransactions};
pub use charges::{
    Charge, ChargeCard, ChargeMethodDetails, ChargeOutcome, ChargeStatus, ChargeUsBankAccount, Charges,
    ListCharges,
};
pub use client::Stripe;
pub use customers::{CreateCustomer, Customer, Customers, ListCustomers, UpdateCustomer};
pub use details::{Address, BillingDetails, CardChecks, CheckResult, Created, Shipping};
pub use error::{StripeError, StripeErrorType};
pub use form::Field;
pub use list::{List, ListRequest, ListStream};
pub use object::{Expandable, Object};
pub use options::CallOptions;
pub use payment_intent_params::{
    CancelPaymentIntent, CapturePaymentIntent, ConfirmPaymentIntent, CreatePaymentIntent,
    IncrementAuthorization, ListPaymentIntents, SearchPaymentIntents, UpdatePaymentIntent,
};
pub use payment_intents::{
    CaptureMethod, Microdeposits, NextAction, PaymentIntent, PaymentIntentStatus, PaymentIntents,
    RedirectToUrl,
};
pub use payment_method_params::{
    AutomaticPaymentMethods, CardData, CardOptions, CustomerAcceptance, MandateData, OnlineAcceptance,
    PaymentMethodData, PaymentMethodOptions, TransferData, UsBankAccountData, UsBankAccountOptions,
};
pub use payment_methods::{
    AttachPaymentMethod, Card, ListPaymentMethods, PaymentMethod, PaymentMethods, UsBankAccount,
};
pub use refunds::{CreateRefund, ListRefunds, Refund, RefundStatus, Refunds, UpdateRefund};
pub use setup_intents::{
    CancelSetupIntent, ConfirmSetupIntent, CreateSetupIntent, ListSetupIntents, SetupIntent,
    SetupIntentStatus, SetupIntents,
};
