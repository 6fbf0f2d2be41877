//! Finding out what happened: attempts, lookups and what an absence proves.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::change;
use super::{
    IdempotencyKey, MerchantReference, Payment, PaymentGateway, PaymentOperation, PaymentRef, Plan,
    StoredMethod, Subscription, Subscriptions, WireKey,
};
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::money::Money;
use crate::provider::ProviderId;

/// One attempt to do something at a provider, as much of it as is needed to find out later what became of it. Holds no
/// card number and no secret, so it may be stored; the journal stores it before the request leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Attempt {
    /// The provider.
    pub provider: ProviderId,
    /// The host's stable id of the account.
    pub account: String,
    /// What it does.
    pub operation: PaymentOperation,
    /// What identifies it at the vendor.
    pub wire_key: WireKey,
    /// The caller's key.
    pub key: IdempotencyKey,
    /// The merchant's reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merchant_reference: Option<MerchantReference>,
    /// The amount; `None` where the request left it to the vendor ("all that is left").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// The payment that it works on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<PaymentRef>,
    /// The plan that it starts or changes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
    /// The sub-account that it acts for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_account: Option<String>,
    /// When it was first sent, or when its key was first used, if that is earlier: nothing of it is older.
    pub started_at: DateTime<Utc>,
    /// When it was last sent.
    pub last_sent_at: DateTime<Utc>,
}

impl Attempt {
    /// An attempt that starts now.
    pub fn new(
        provider: &ProviderId,
        account: &str,
        operation: PaymentOperation,
        key: &IdempotencyKey,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            provider: provider.clone(),
            account: account.to_owned(),
            operation,
            wire_key: WireKey::derive(provider, account, operation, key),
            key: key.clone(),
            merchant_reference: None,
            amount: None,
            parent: None,
            plan: None,
            sub_account: None,
            started_at: now.min(key.first_used_at()),
            last_sent_at: now,
        }
    }

    /// Sets the merchant's reference.
    pub fn with_merchant_reference(mut self, reference: MerchantReference) -> Self {
        self.merchant_reference = Some(reference);
        self
    }

    /// Sets the amount.
    pub fn with_amount(mut self, amount: Option<Money>) -> Self {
        self.amount = amount;
        self
    }

    /// Sets the payment that it works on.
    pub fn with_parent(mut self, parent: PaymentRef) -> Self {
        self.parent = Some(parent);
        self
    }

    /// Sets the plan that it starts or changes to.
    pub fn with_plan(mut self, plan: Option<Plan>) -> Self {
        self.plan = plan;
        self
    }

    /// Sets the sub-account that it acts for.
    pub fn with_sub_account(mut self, account: Option<String>) -> Self {
        self.sub_account = account;
        self
    }
}

/// What to look for.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum LookupQuery {
    /// One payment by its handle.
    Reference(PaymentRef),
    /// Every payment with the merchant's reference, made since then, on one account: the connection's own, or a
    /// sub-account. Neither what is found nor an absence speaks of the others. Refunds are not among them: their parents
    /// are.
    MerchantReference {
        /// The merchant's reference.
        reference: MerchantReference,
        /// Not older than this.
        since: DateTime<Utc>,
        /// The sub-account; `None` is the connection's own account.
        sub_account: Option<String>,
    },
    /// What one attempt did. For a capture, void or refund this is the payment or refund that carries its mark.
    Attempt(Box<Attempt>),
}

impl LookupQuery {
    /// Every payment with the merchant's reference on the connection's own account, made since then.
    pub fn merchant_reference(reference: MerchantReference, since: DateTime<Utc>) -> Self {
        Self::MerchantReference { reference, since, sub_account: None }
    }
}

/// What a lookup found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lookup<T = Payment> {
    /// These, newest first; never empty.
    Found(Vec<T>),
    /// Nothing, and how much that proves.
    Absent(Authority),
}

/// How much an absence proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Authority {
    /// It did not happen.
    Authoritative,
    /// It proves nothing before this time: the request may still be under way, or the vendor's index behind.
    Lagging {
        /// When to look again.
        until: DateTime<Utc>,
    },
    /// It proves nothing: the vendor's search can find, never disprove.
    Partial,
}

/// What became of an attempt whose answer was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "the resolution says whether money moved"]
#[non_exhaustive]
pub enum Resolution<T = Payment> {
    /// The vendor has it. Look at its lifecycle: it may still be pending.
    Happened(T),
    /// Nothing happened, or it was declined. A new attempt needs a new key.
    DidNotHappen,
    /// Nobody knows yet.
    StillUnknown {
        /// When to look again.
        check_after: DateTime<Utc>,
    },
}

/// How long to wait after a search that can never disprove.
const PARTIAL_WAIT: Duration = Duration::from_secs(15 * 60);

/// Finds out what became of a purchase, authorization, capture, void, refund, credit or verification, of a decision or
/// of a resumption whose answer was lost.
///
/// - Decisions and resumptions leave no mark: the state of their payment tells.
///
/// - An absence counts only if the gateway calls it authoritative.
/// - A payment that carries the attempt's mark with another amount is an error with [`Effect::Happened`], and so are two
///   different payments for one attempt.
/// - A payment that the vendor refused counts as not having happened, unless another one went through.
///
/// # Errors
/// What the lookup answers, and [`InvalidRequest`](ErrorKind::InvalidRequest) for an attempt of another kind: use
/// [`resolve_store`] and [`resolve_subscription`] for those.
pub async fn resolve(
    gateway: &dyn PaymentGateway,
    attempt: &Attempt,
    now: DateTime<Utc>,
) -> Result<Resolution> {
    if matches!(
        attempt.operation,
        PaymentOperation::Store
            | PaymentOperation::CreateSubscription
            | PaymentOperation::UpdateSubscription
            | PaymentOperation::ReactivateSubscription
            | PaymentOperation::RetrySubscription
    ) {
        return Err(Error::new(ErrorKind::InvalidRequest, "this attempt did not make a payment")
            .or_context(gateway.provider(), "resolve"));
    }
    belongs(gateway.provider(), gateway.account(), attempt)?;
    if matches!(
        attempt.operation,
        PaymentOperation::Resume | PaymentOperation::Accept | PaymentOperation::Reject
    ) {
        return change::of_payment(gateway, attempt, now).await;
    }
    let lookup = gateway.lookup(&LookupQuery::Attempt(Box::new(attempt.clone()))).await?;
    let Lookup::Found(found) = lookup else { return Ok(conclude(lookup, now)) };
    let nothing = found.is_empty();
    // A refused repetition may be newer than the payment that went through.
    let mut standing =
        found.into_iter().filter(|payment| payment.lifecycle != super::Lifecycle::Failed).collect::<Vec<_>>();
    let Some(payment) = standing.first() else {
        return Ok(if nothing { conclude(Lookup::Found(Vec::new()), now) } else { Resolution::DidNotHappen });
    };
    let compares = !matches!(attempt.operation, PaymentOperation::Void | PaymentOperation::Verify);
    let differs = if standing.iter().any(|other| !other.reference.same_as(&payment.reference)) {
        Some("more than one payment carries the mark of this attempt")
    } else if payment.wire_key.as_ref().is_some_and(|key| key != &attempt.wire_key) {
        Some("the payment found for this attempt carries the mark of another one")
    } else if attempt.amount.is_some_and(|amount| compares && amount != payment.amounts.requested) {
        Some("a payment carries the mark of this attempt with another amount")
    } else {
        None
    };
    match differs {
        Some(problem) => Err(Error::new(ErrorKind::Conflict, problem)
            .with_effect(Effect::Happened)
            .with_payment(payment.reference.clone())
            .or_context(gateway.provider(), "resolve")),
        None => Ok(Resolution::Happened(standing.swap_remove(0))),
    }
}

/// Finds out what became of a `store` whose answer was lost.
///
/// # Errors
/// What the lookup answers.
pub async fn resolve_store(
    gateway: &dyn PaymentGateway,
    attempt: &Attempt,
    now: DateTime<Utc>,
) -> Result<Resolution<StoredMethod>> {
    belongs(gateway.provider(), gateway.account(), attempt)?;
    Ok(conclude(gateway.lookup_stored(attempt).await?, now))
}

/// Finds out what became of a subscription whose creation, update or reactivation lost its answer.
///
/// A creation is found by its mark. The others leave none: the subscription's own plan and status tell, and where the
/// vendor does not tell those, it stays unknown.
///
/// # Errors
/// What the lookup answers.
pub async fn resolve_subscription(
    subscriptions: &dyn Subscriptions,
    attempt: &Attempt,
    now: DateTime<Utc>,
) -> Result<Resolution<Subscription>> {
    belongs(subscriptions.provider(), subscriptions.account(), attempt)?;
    if matches!(
        attempt.operation,
        PaymentOperation::UpdateSubscription | PaymentOperation::ReactivateSubscription
    ) {
        return change::of_subscription(subscriptions, attempt, now).await;
    }
    Ok(conclude(subscriptions.lookup(attempt).await?, now))
}

pub(super) fn belongs(provider: &ProviderId, account: &str, attempt: &Attempt) -> Result<()> {
    if &attempt.provider == provider && attempt.account == account {
        return Ok(());
    }
    Err(Error::new(ErrorKind::InvalidRequest, "this attempt belongs to another account")
        .with_effect(Effect::Unknown)
        .or_context(provider, "resolve"))
}

fn conclude<T>(lookup: Lookup<T>, now: DateTime<Utc>) -> Resolution<T> {
    let later = |wait: Duration| now + wait;
    match lookup {
        Lookup::Found(found) => match found.into_iter().next() {
            Some(newest) => Resolution::Happened(newest),
            None => Resolution::StillUnknown { check_after: later(PARTIAL_WAIT) },
        },
        Lookup::Absent(Authority::Authoritative) => Resolution::DidNotHappen,
        Lookup::Absent(Authority::Lagging { until }) => {
            Resolution::StillUnknown { check_after: until.max(now) }
        }
        Lookup::Absent(Authority::Partial) => Resolution::StillUnknown { check_after: later(PARTIAL_WAIT) },
    }
}
