//! From a request for a subscription to Stripe's parameters.

use chrono::{DateTime, Days, Months, NaiveDate, TimeDelta, Utc};
use turnbuckle_core::money::Money;
use turnbuckle_core::payment::{Interval, IntervalUnit, Plan, SubscriptionRequest};
use turnbuckle_core::{Error, Result};

use crate::{PriceData, Recurring, SubscriptionItemData, When, amount};

/// How much earlier than the end of the last period a subscription is told to end at first, so that clocks that differ
/// cannot add a payment.
const END_MARGIN: TimeDelta = TimeDelta::minutes(15);

/// Longest description in characters.
const MAX_DESCRIPTION: usize = 500;

/// When a subscription begins to cost something, and when it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Terms {
    /// The first payment, where it is not made at once.
    pub(super) trial_end: Option<DateTime<Utc>>,
    /// The end after the last payment's period, with one payment of margin where the start is not known exactly.
    pub(super) cancel_at: Option<DateTime<Utc>>,
    /// Whether the end is to be set exactly once the start is known.
    pub(super) settle_end: bool,
}

/// Works out the times. They follow from the key's first use and not from the clock, so that a repetition of the
/// request is the same request.
///
/// # Errors
/// Naming `starts_on`, `trial_days`, `payments` or `plan`.
pub(super) fn terms(request: &SubscriptionRequest) -> Result<Terms> {
    let begun = DateTime::from_timestamp(request.key.first_used_at().timestamp(), 0)
        .ok_or_else(|| Error::invalid_field("key.first_used_at", "is out of range"))?;
    let later = request.starts_on.filter(|day| *day > begun.date_naive());
    let trial_end = match (later, request.trial_days.filter(|days| *days > 0)) {
        (Some(_), Some(_)) => {
            return Err(Error::invalid_field("trial_days", "cannot go with a day of the first payment"));
        }
        (Some(day), None) => Some(noon(day)?),
        (None, Some(days)) => {
            // Stripe takes trials of at most two years.
            let end = (days <= 730).then(|| begun.checked_add_days(Days::new(days.into()))).flatten();
            Some(end.ok_or_else(|| Error::invalid_field("trial_days", "must be at most 730"))?)
        }
        (None, None) => None,
    };
    let Some(payments) = request.payments else {
        return Ok(Terms { trial_end, cancel_at: None, settle_end: false });
    };
    if payments == 0 {
        return Err(Error::invalid_field("payments", "must be at least 1"));
    }
    let Plan::Inline { every, .. } = &request.plan else {
        return Err(Error::invalid_field(
            "payments",
            "needs a plan given here: the interval of a price kept at Stripe is not known beforehand",
        ));
    };
    let end = after(trial_end.unwrap_or(begun), *every, payments)
        .ok_or_else(|| Error::invalid_field("payments", "last too long"))?;
    Ok(match trial_end {
        Some(_) => Terms { trial_end, cancel_at: Some(end), settle_end: false },
        None => Terms { trial_end, cancel_at: Some(end - END_MARGIN), settle_end: true },
    })
}

/// The end of so many periods, as Stripe counts them: of a day that a month does not have, its last day.
pub(super) fn after(start: DateTime<Utc>, every: Interval, times: u32) -> Option<DateTime<Utc>> {
    let units = every.count.checked_mul(times)?;
    match every.unit {
        IntervalUnit::Day => start.checked_add_days(Days::new(units.into())),
        IntervalUnit::Week => start.checked_add_days(Days::new(u64::from(units) * 7)),
        IntervalUnit::Month => start.checked_add_months(Months::new(units)),
        IntervalUnit::Year => start.checked_add_months(Months::new(units.checked_mul(12)?)),
        _ => None,
    }
}

/// Noon, so that the day is the same in most of the world's time zones.
fn noon(day: NaiveDate) -> Result<DateTime<Utc>> {
    day.and_hms_opt(12, 0, 0)
        .map(|time| time.and_utc())
        .ok_or_else(|| Error::invalid_field("starts_on", "is not a day"))
}

/// A plan as an item. `product` is only asked for where the plan is given here.
pub(super) fn item(plan: &Plan, product: Option<&str>) -> Result<SubscriptionItemData> {
    match plan {
        Plan::Vendor { id, quantity } => {
            if *quantity == 0 {
                return Err(Error::invalid_field("plan.quantity", "must be at least 1"));
            }
            Ok(SubscriptionItemData::new().with_price(id).with_quantity((*quantity).into()))
        }
        Plan::Inline { amount, every } => {
            let mut price = price_data(*amount, *every)?;
            price.product = product.map(str::to_owned);
            Ok(SubscriptionItemData::new().with_price_data(price).with_quantity(1))
        }
        _ => Err(Error::unsupported("Stripe does not know this kind of plan here")),
    }
}

fn price_data(money: Money, every: Interval) -> Result<PriceData> {
    let (unit, most) = match every.unit {
        IntervalUnit::Day => ("day", 1095),
        IntervalUnit::Week => ("week", 156),
        IntervalUnit::Month => ("month", 36),
        IntervalUnit::Year => ("year", 3),
        _ => return Err(Error::invalid_field("plan.every", "is a unit that Stripe does not have")),
    };
    if !(1..=most).contains(&every.count) {
        return Err(Error::invalid_field("plan.every", "must be at least one unit and at most three years"));
    }
    Ok(PriceData::new(amount::currency_code(money.currency()))
        .with_unit_amount(amount::to_stripe(money)?)
        .with_recurring(Recurring::new(unit).with_interval_count(every.count)))
}

/// Checks a description against Stripe's limit.
pub(super) fn check_description(description: Option<&str>) -> Result<()> {
    match description {
        Some(text) if text.chars().count() > MAX_DESCRIPTION => {
            Err(Error::invalid_field("description", "must be at most 500 characters"))
        }
        _ => Ok(()),
    }
}

pub(super) fn at(time: Option<DateTime<Utc>>) -> Option<When> {
    time.map(When::At)
}
