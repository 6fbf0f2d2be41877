//! Payments: outcomes instead of successes, effects instead of guesses, and a journal that loses nothing.
//!
//! - [`PaymentGateway`] is what a host calls, behind `dyn`; [`Subscriptions`] is the same for payments that repeat.
//! - [`Outcome`] says what came of a call. Only [`Outcome::Approved`] is a success.
//! - An error whose [effect](crate::Effect) is unknown is settled by [`resolve`], a whole process's worth of them by
//!   [`sweep`] over a [`Journal`].
//! - [`reconcile`] compares the journal with what the vendor settled.

mod change;
mod checked;
mod checked_subscriptions;
mod compare;
mod decline;
mod features;
mod gateway;
mod guard;
mod journal;
mod key;
mod lookup;
mod method;
mod options;
mod outcome;
mod preflight;
mod reference;
mod request;
mod settlement;
mod subscription;
mod subscription_features;
mod text;

pub use change::resolve_retry;
pub use checked::CheckedGateway;
pub use checked_subscriptions::CheckedSubscriptions;
pub use decline::{Decline, DeclineAdvice, DeclineReason, RetryCaps};
pub use features::{Feature, GatewayFeatures, Idempotency};
pub use gateway::PaymentGateway;
pub use guard::PaymentPolicy;
pub use journal::{
    Conclusion, End, FileJournal, Journal, JournalRecord, MemoryJournal, SweepReport, Swept, sweep,
};
pub use key::{IdempotencyKey, PaymentOperation, WireKey};
pub use lookup::{
    Attempt, Authority, Lookup, LookupQuery, Resolution, resolve, resolve_store, resolve_subscription,
};
pub use method::{AccountHolder, AccountType, BankAccount, Card, PaymentMethod, SecCode, VendorToken};
pub use options::{
    Address, Customer, Initiator, Level2, OriginalPayment, RequestOptions, StoredCredential,
    StoredCredentialReason, ThreeDSecure,
};
pub use outcome::{Amounts, AvsResult, CvvResult, Lifecycle, MethodSummary, NextAction, Outcome, Payment};
pub use preflight::Preflight;
pub use reference::{MerchantReference, PaymentRef};
pub use request::{
    CaptureRequest, CreditRequest, Decision, OnAction, PaymentRequest, RefundReason, RefundRequest,
    ReturnParams, StoreRequest, StoredMethod, TransactionQuery, VerifyRequest, VoidRequest,
};
pub use settlement::{Mismatch, Reconciliation, SettlementEntry, SettlementKind, SettlementPage, reconcile};
pub use subscription::{
    CancelWhen, Interval, IntervalUnit, Plan, Subscription, SubscriptionOutcome, SubscriptionRequest,
    SubscriptionStatus, SubscriptionUpdate, Subscriptions,
};
pub use subscription_features::{SubscriptionFeature, SubscriptionFeatures};
pub use text::{Charset, TextChange, TextPolicy, TextRule};
