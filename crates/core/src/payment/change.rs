//! Finding out what became of a change to something that exists already: a decision, a resumption, a change of a
//! subscription. Such an attempt leaves no mark of its own at the vendor, so the state of what it worked on tells.

use chrono::{DateTime, TimeDelta, Utc};

use super::lookup::belongs;
use super::{
    Attempt, Interval, IntervalUnit, Lifecycle, Lookup, LookupQuery, Payment, PaymentGateway,
    PaymentOperation, PaymentRef, Plan, Resolution, Subscription, SubscriptionStatus, Subscriptions,
};
use crate::error::{Error, ErrorKind, Result};

/// How long a request whose answer was lost may still be under way.
const IN_FLIGHT: TimeDelta = TimeDelta::minutes(5);

/// How many payments of a subscription are looked at.
const RECENT: usize = 20;

fn not_yet<T>(attempt: &Attempt, now: DateTime<Utc>) -> Resolution<T> {
    let check_after = attempt.last_sent_at + IN_FLIGHT;
    if now < check_after { Resolution::StillUnknown { check_after } } else { Resolution::DidNotHappen }
}

fn parent(attempt: &Attempt) -> Result<&PaymentRef> {
    let missing = || Error::new(ErrorKind::InvalidRequest, "this attempt does not say what it worked on");
    attempt.parent.as_ref().ok_or_else(|| missing().or_context(&attempt.provider, "resolve"))
}

/// What became of a decision or a resumption.
pub(super) async fn of_payment(
    gateway: &dyn PaymentGateway,
    attempt: &Attempt,
    now: DateTime<Utc>,
) -> Result<Resolution> {
    let query = LookupQuery::Reference(parent(attempt)?.clone());
    let found = match gateway.lookup(&query).await? {
        Lookup::Found(found) => found.into_iter().next(),
        Lookup::Absent(_) => None,
    };
    let Some(payment) = found else {
        return Ok(Resolution::StillUnknown { check_after: now + IN_FLIGHT });
    };
    if payment.under_review || payment.lifecycle == Lifecycle::Pending {
        return Ok(not_yet(attempt, now));
    }
    let ended = matches!(
        payment.lifecycle,
        Lifecycle::Voided | Lifecycle::Failed | Lifecycle::Expired | Lifecycle::Refunded
    );
    Ok(match attempt.operation {
        // Somebody else decided otherwise, or it ran out meanwhile.
        PaymentOperation::Reject if !ended => Resolution::DidNotHappen,
        PaymentOperation::Accept if ended && payment.lifecycle != Lifecycle::Refunded => {
            Resolution::DidNotHappen
        }
        _ => Resolution::Happened(payment),
    })
}

/// What became of an update or a reactivation.
pub(super) async fn of_subscription(
    subscriptions: &dyn Subscriptions,
    attempt: &Attempt,
    now: DateTime<Utc>,
) -> Result<Resolution<Subscription>> {
    let subscription = subscriptions.get(parent(attempt)?).await?;
    let done = if attempt.operation == PaymentOperation::UpdateSubscription {
        attempt.plan.as_ref().and_then(|plan| pays(&subscription, plan))
    } else {
        goes_on(&subscription)
    };
    Ok(match done {
        Some(true) => Resolution::Happened(subscription),
        Some(false) => not_yet(attempt, now),
        None => Resolution::StillUnknown { check_after: now.max(attempt.last_sent_at) + IN_FLIGHT },
    })
}

/// Whether a subscription has this plan; `None` where the vendor does not tell.
fn pays(subscription: &Subscription, plan: &Plan) -> Option<bool> {
    match plan {
        Plan::Vendor { id, .. } => subscription.vendor_plan.as_ref().map(|told| told == id),
        Plan::Inline { amount, every } => {
            let amount = subscription.amount.map(|told| told == *amount);
            match (amount, subscription.every.map(|told| same_time(told, *every))) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), _) => Some(true),
                (None, _) => None,
            }
        }
    }
}

/// Whether both are the same time: a vendor that counts in days and months tells a weekly plan back in days.
fn same_time(one: Interval, other: Interval) -> bool {
    let counted = |interval: Interval| match interval.unit {
        IntervalUnit::Day => (u64::from(interval.count), false),
        IntervalUnit::Week => (u64::from(interval.count) * 7, false),
        IntervalUnit::Month => (u64::from(interval.count), true),
        IntervalUnit::Year => (u64::from(interval.count) * 12, true),
    };
    counted(one) == counted(other)
}

fn goes_on(subscription: &Subscription) -> Option<bool> {
    match subscription.status {
        SubscriptionStatus::Active | SubscriptionStatus::Trialing => {
            // With an end still to come it may never have been started again, or have been made to end then.
            subscription.ends_at.is_none().then_some(true)
        }
        SubscriptionStatus::Pending | SubscriptionStatus::PastDue => Some(true),
        SubscriptionStatus::Suspended | SubscriptionStatus::Cancelled | SubscriptionStatus::Completed => {
            Some(false)
        }
        SubscriptionStatus::Other => None,
    }
}

/// Finds out what became of a retried payment of a subscription whose answer was lost.
///
/// A payment that carries the attempt's mark settles it. Otherwise the subscription does: while a payment is due, the
/// retry did not go through; once none is due, its newest payment that was not refused is the one that paid.
///
/// # Errors
/// What the provider answers; [`InvalidRequest`](ErrorKind::InvalidRequest) for an attempt of another operation or
/// account.
pub async fn resolve_retry(
    subscriptions: &dyn Subscriptions,
    attempt: &Attempt,
    now: DateTime<Utc>,
) -> Result<Resolution> {
    belongs(subscriptions.provider(), subscriptions.account(), attempt)?;
    if attempt.operation != PaymentOperation::RetrySubscription {
        return Err(Error::new(ErrorKind::InvalidRequest, "this attempt did not retry a payment")
            .or_context(&attempt.provider, "resolve"));
    }
    let reference = parent(attempt)?;
    let payments = subscriptions.history(reference, RECENT).await?;
    let stands = |payment: &&Payment| !matches!(payment.lifecycle, Lifecycle::Failed | Lifecycle::Voided);
    let marked = payments.iter().find(|payment| payment.wire_key.as_ref() == Some(&attempt.wire_key));
    if let Some(payment) = marked.filter(stands) {
        return Ok(Resolution::Happened(payment.clone()));
    }
    match subscriptions.get(reference).await?.status {
        SubscriptionStatus::PastDue | SubscriptionStatus::Suspended | SubscriptionStatus::Pending => {
            Ok(not_yet(attempt, now))
        }
        SubscriptionStatus::Active | SubscriptionStatus::Trialing | SubscriptionStatus::Completed => {
            let paid = payments.iter().filter(|payment| payment.lifecycle != Lifecycle::Pending).find(stands);
            Ok(paid.map_or(Resolution::StillUnknown { check_after: now + IN_FLIGHT }, |payment| {
                Resolution::Happened(payment.clone())
            }))
        }
        _ => Ok(not_yet(attempt, now)),
    }
}

#[cfg(test)]
mod tests {
    use super::{Interval, IntervalUnit, same_time};

    #[test]
    fn the_same_time_in_other_words() {
        use IntervalUnit::{Day, Month, Week, Year};
        let same = |one, other| {
            let ((count, unit), (others, other_unit)) = (one, other);
            same_time(Interval::new(count, unit), Interval::new(others, other_unit))
        };
        assert!(same((2, Week), (14, Day)) && same((12, Month), (1, Year)) && same((3, Month), (3, Month)));
        assert!(!same((2, Week), (2, Month)) && !same((30, Day), (1, Month)) && !same((1, Week), (8, Day)));
        assert!(!same((u32::MAX, Week), (u32::MAX, Day)));
    }
}
