//! Payments that repeat.

use std::collections::BTreeMap;
use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{
    Address, Attempt, Customer, IdempotencyKey, Lookup, MerchantReference, Outcome, Payment, PaymentMethod,
    PaymentRef, SubscriptionFeatures,
};
use crate::error::Result;
use crate::money::Money;
use crate::provider::ProviderId;

/// Payments that the vendor repeats by itself.
///
/// - The same key with the same request makes one subscription.
/// - A lost answer of `create` is found again by [`lookup`](Self::lookup).
#[async_trait]
pub trait Subscriptions: fmt::Debug + Send + Sync + 'static {
    /// The provider behind it.
    fn provider(&self) -> &ProviderId;

    /// The host's stable id of this account: part of every wire key.
    fn account(&self) -> &str;

    /// What it can do.
    fn features(&self) -> &SubscriptionFeatures;

    /// Starts a subscription.
    async fn create(&self, request: &SubscriptionRequest) -> Result<SubscriptionOutcome>;

    /// One subscription as it is now.
    async fn get(&self, subscription: &PaymentRef) -> Result<Subscription>;

    /// Changes what is set in the request and leaves the rest.
    ///
    /// - A lost answer to a change of plan is settled by [`resolve_subscription`](super::resolve_subscription).
    async fn update(&self, request: &SubscriptionUpdate) -> Result<Subscription>;

    /// Ends a subscription. Ending it twice is no error.
    async fn cancel(&self, subscription: &PaymentRef, when: CancelWhen) -> Result<Subscription>;

    /// Starts a suspended or cancelled subscription again.
    ///
    /// - A lost answer is settled by [`resolve_subscription`](super::resolve_subscription).
    async fn reactivate(&self, subscription: &PaymentRef, key: &IdempotencyKey) -> Result<Subscription>;

    /// Tries the last failed payment again.
    ///
    /// - The same key makes no second payment; a lost answer is settled by [`resolve_retry`](super::resolve_retry).
    async fn retry_payment(&self, subscription: &PaymentRef, key: &IdempotencyKey) -> Result<Outcome>;

    /// Its payments, newest first, at most `limit` of them.
    async fn history(&self, subscription: &PaymentRef, limit: usize) -> Result<Vec<Payment>>;

    /// Finds a subscription whose creation lost its answer.
    async fn lookup(&self, attempt: &Attempt) -> Result<Lookup<Subscription>>;
}

/// A new subscription.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SubscriptionRequest {
    /// What pays.
    pub method: PaymentMethod,
    /// How much, how often.
    pub plan: Plan,
    /// The caller's key.
    pub key: IdempotencyKey,
    /// The merchant's reference.
    pub reference: MerchantReference,
    /// Who pays.
    pub customer: Option<Customer>,
    /// The billing address.
    pub billing: Option<Address>,
    /// The day of the first payment; `None` is today, or the vendor's earliest.
    pub starts_on: Option<NaiveDate>,
    /// How many payments; `None` goes on until cancelled.
    pub payments: Option<u32>,
    /// Days without a payment at the beginning.
    pub trial_days: Option<u32>,
    /// What is bought, in words.
    pub description: Option<String>,
    /// The merchant's own data.
    pub metadata: BTreeMap<String, String>,
}

impl SubscriptionRequest {
    /// A subscription that starts now and goes on until cancelled.
    pub fn new(method: PaymentMethod, plan: Plan, key: IdempotencyKey, reference: MerchantReference) -> Self {
        Self {
            method,
            plan,
            key,
            reference,
            customer: None,
            billing: None,
            starts_on: None,
            payments: None,
            trial_days: None,
            description: None,
            metadata: BTreeMap::new(),
        }
    }

    /// Sets who pays.
    pub fn with_customer(mut self, customer: Customer) -> Self {
        self.customer = Some(customer);
        self
    }

    /// Sets the billing address.
    pub fn with_billing(mut self, address: Address) -> Self {
        self.billing = Some(address);
        self
    }

    /// Sets the day of the first payment.
    pub fn with_starts_on(mut self, day: NaiveDate) -> Self {
        self.starts_on = Some(day);
        self
    }

    /// Ends it after this many payments.
    pub fn with_payments(mut self, payments: u32) -> Self {
        self.payments = Some(payments);
        self
    }

    /// Begins with days without a payment.
    pub fn with_trial_days(mut self, days: u32) -> Self {
        self.trial_days = Some(days);
        self
    }

    /// Says what is bought.
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Adds one entry of the merchant's own data.
    pub fn with_metadata(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(name.into(), value.into());
        self
    }
}

/// How much, how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Plan {
    /// A price or plan kept at the vendor.
    Vendor {
        /// Its id.
        id: String,
        /// How many of it.
        quantity: u32,
    },
    /// An amount and an interval given here.
    Inline {
        /// Each payment.
        amount: Money,
        /// The time between two payments.
        every: Interval,
    },
}

/// The time between two payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Interval {
    /// How many units.
    pub count: u32,
    /// Of which unit.
    pub unit: IntervalUnit,
}

impl Interval {
    /// Every so many units.
    pub const fn new(count: u32, unit: IntervalUnit) -> Self {
        Self { count, unit }
    }
}

/// A unit of time between payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IntervalUnit {
    /// A day.
    Day,
    /// Seven days.
    Week,
    /// A calendar month.
    Month,
    /// A calendar year.
    Year,
}

/// A change to a subscription. What is `None` stays as it is.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SubscriptionUpdate {
    /// Which one.
    pub subscription: PaymentRef,
    /// The caller's key.
    pub key: IdempotencyKey,
    /// Pay with this from now on.
    pub method: Option<PaymentMethod>,
    /// Another amount, interval or plan.
    pub plan: Option<Plan>,
    /// Another description.
    pub description: Option<String>,
}

impl SubscriptionUpdate {
    /// Changes nothing yet.
    pub fn new(subscription: PaymentRef, key: IdempotencyKey) -> Self {
        Self { subscription, key, method: None, plan: None, description: None }
    }

    /// Pays with this from now on.
    pub fn with_method(mut self, method: PaymentMethod) -> Self {
        self.method = Some(method);
        self
    }

    /// Changes amount, interval or plan.
    pub fn with_plan(mut self, plan: Plan) -> Self {
        self.plan = Some(plan);
        self
    }

    /// Changes the description.
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }
}

/// When a cancellation takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CancelWhen {
    /// At once.
    Now,
    /// At the end of what is paid for.
    PeriodEnd,
}

/// A subscription, and what came of its first payment where there was one.
#[derive(Debug, Clone)]
#[must_use = "a subscription that exists is not a first payment that was approved"]
#[non_exhaustive]
pub struct SubscriptionOutcome {
    /// The subscription; `None` when the first payment was declined and the vendor keeps nothing.
    pub subscription: Option<Subscription>,
    /// The first payment.
    pub first_payment: Option<Outcome>,
}

impl SubscriptionOutcome {
    /// A subscription and its first payment.
    pub fn new(subscription: Option<Subscription>, first_payment: Option<Outcome>) -> Self {
        Self { subscription, first_payment }
    }
}

/// A subscription as the vendor has it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Subscription {
    /// The handle for everything that follows.
    pub reference: PaymentRef,
    /// Where it stands.
    pub status: SubscriptionStatus,
    /// The vendor's own word for the state.
    pub vendor_status: String,
    /// The plan kept at the vendor that it follows, where it follows one and the vendor tells.
    pub vendor_plan: Option<String>,
    /// Each payment, where the vendor tells.
    pub amount: Option<Money>,
    /// The time between two payments, where the vendor tells.
    pub every: Option<Interval>,
    /// When the next payment is due.
    pub next_payment_at: Option<DateTime<Utc>>,
    /// When it ends or ended.
    pub ends_at: Option<DateTime<Utc>>,
    /// The wire key of the attempt that made it, where the vendor keeps it.
    pub wire_key: Option<super::WireKey>,
    /// Real money, or test.
    pub live: bool,
}

impl Subscription {
    /// A subscription with nothing optional set.
    pub fn new(
        reference: PaymentRef,
        status: SubscriptionStatus,
        vendor_status: impl Into<String>,
        live: bool,
    ) -> Self {
        Self {
            reference,
            status,
            vendor_status: vendor_status.into(),
            vendor_plan: None,
            amount: None,
            every: None,
            next_payment_at: None,
            ends_at: None,
            wire_key: None,
            live,
        }
    }
}

/// Where a subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SubscriptionStatus {
    /// Waiting for its first payment.
    Pending,
    /// In its trial.
    Trialing,
    /// Paid.
    Active,
    /// A payment failed, and is tried again.
    PastDue,
    /// Stopped until somebody acts.
    Suspended,
    /// Ended by somebody.
    Cancelled,
    /// Ran to its end.
    Completed,
    /// A word that this release does not know: see [`Subscription::vendor_status`].
    Other,
}
