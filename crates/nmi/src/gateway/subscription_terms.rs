//! Terms of subscriptions: the shared shape's as NMI's, and back.

use chrono::{Datelike, NaiveDate};
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    Interval, IntervalUnit, PaymentRef, Plan, Subscription, SubscriptionStatus, WireKey,
};
use turnbuckle_core::{Error, Result};

use super::{detail, kind};
use crate::client::PROVIDER;
use crate::records::SubscriptionRecord;
use crate::{Frequency, PlanTerms, SubscriptionPlan};

/// A handle on a subscription. NMI does not always tell its currency, so the handle does.
pub(super) fn reference(id: &str, currency: Currency) -> PaymentRef {
    PaymentRef::new(PROVIDER, kind::SUBSCRIPTION, id).with_detail(detail::CURRENCY, currency.code())
}

/// The plan as NMI takes it. `start` is the day of the first payment, which a monthly plan goes on with.
pub(super) fn plan(plan: &Plan, payments: Option<u32>, start: NaiveDate) -> Result<SubscriptionPlan> {
    match plan {
        Plan::Vendor { id, quantity } => {
            if *quantity != 1 {
                return Err(Error::invalid_field("plan.quantity", "must be 1: NMI has no quantities"));
            }
            if payments.is_some() {
                return Err(Error::invalid_field("payments", "is set by the plan at NMI"));
            }
            Ok(SubscriptionPlan::Existing(id.clone()))
        }
        Plan::Inline { amount, every } => {
            if payments == Some(0) {
                return Err(Error::invalid_field("payments", "must be above zero"));
            }
            let terms =
                PlanTerms::new(*amount, frequency(*every, start)?).with_payments(payments.unwrap_or(0));
            Ok(SubscriptionPlan::Own(terms))
        }
        _ => Err(Error::unsupported("NMI does not know this kind of plan")),
    }
}

/// The terms of an inline plan, for an update.
pub(super) fn terms(plan_wanted: &Plan, payments: u32, start: NaiveDate) -> Result<PlanTerms> {
    match plan(plan_wanted, None, start)? {
        SubscriptionPlan::Own(terms) => Ok(terms.with_payments(payments)),
        SubscriptionPlan::Existing(_) => {
            Err(Error::unsupported("that NMI moves a subscription to another of its plans is not published"))
        }
    }
}

fn frequency(every: Interval, start: NaiveDate) -> Result<Frequency> {
    let days = |each: u32| {
        let days = every.count.checked_mul(each).filter(|days| *days > 0);
        days.map(Frequency::Days)
    };
    let months = |each: u32| {
        let months = every.count.checked_mul(each).filter(|months| (1..=24).contains(months));
        months.map(|months| Frequency::Months { months, day: start.day() })
    };
    let frequency = match every.unit {
        IntervalUnit::Day => days(1),
        IntervalUnit::Week => days(7),
        IntervalUnit::Month => months(1),
        IntervalUnit::Year => months(12),
        _ => None,
    };
    frequency
        .ok_or_else(|| Error::invalid_field("plan.every", "must be at least a day and at most 24 months"))
}

/// A record as a subscription.
pub(super) fn subscription(
    record: &SubscriptionRecord,
    currency: Option<Currency>,
    today: NaiveDate,
    live: bool,
) -> Subscription {
    let told = record.currency.as_deref().and_then(|code| Currency::new(code).ok());
    let currency = told.or(currency);
    let id = &record.subscription_id;
    let handle = match currency {
        Some(currency) => reference(id, currency),
        None => PaymentRef::new(PROVIDER, kind::SUBSCRIPTION, id),
    };
    let (status, word) = status(record, today);
    let mut subscription = Subscription::new(handle, status, word, live);
    let amount = record.plan.amount.as_deref();
    subscription.amount = currency.zip(amount).and_then(|(currency, text)| Money::parse(text, currency).ok());
    subscription.every = every(record);
    subscription.vendor_plan = Some(record.plan.plan_id.clone()).filter(|id| !id.is_empty());
    let midnight = record.next_charge_date.and_then(|day| day.and_hms_opt(0, 0, 0));
    subscription.next_payment_at = midnight.map(|time| time.and_utc());
    subscription.wire_key = record.order_id.clone().and_then(|id| WireKey::try_from(id).ok());
    subscription
}

fn every(record: &SubscriptionRecord) -> Option<Interval> {
    match (record.plan.day_frequency, record.plan.month_frequency) {
        (_, Some(months)) => Some(Interval::new(months, IntervalUnit::Month)),
        (Some(days), None) => Some(Interval::new(days, IntervalUnit::Day)),
        (None, None) => None,
    }
}

/// NMI tells no state; it follows from the counts of payments and the day of the next.
fn status(record: &SubscriptionRecord, today: NaiveDate) -> (SubscriptionStatus, &'static str) {
    let completed = record.completed_payments.unwrap_or(0);
    let attempted = record.attempted_payments.unwrap_or(completed);
    let late = record.next_charge_date.is_some_and(|day| day < today);
    if record.remaining_payments.as_deref() == Some("0") {
        (SubscriptionStatus::Completed, "completed")
    } else if late || (attempted > 0 && completed == 0) {
        (SubscriptionStatus::PastDue, "past due")
    } else if completed == 0 {
        (SubscriptionStatus::Pending, "pending")
    } else {
        (SubscriptionStatus::Active, "active")
    }
}
