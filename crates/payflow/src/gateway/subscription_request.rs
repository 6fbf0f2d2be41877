//! From a request for a subscription to a recurring profile.

use chrono::{DateTime, Days, NaiveDate, Utc};
use turnbuckle_core::money::Money;
use turnbuckle_core::payment::{
    Interval, IntervalUnit, PaymentMethod, PaymentRef, Plan, RequestOptions, SubscriptionRequest, TextPolicy,
};
use turnbuckle_core::{Error, ErrorKind, FieldError, Result};

use super::request::{Wish, card_data, payer};
use super::texts::Texts;
use super::{detail, kind};
use crate::params::{Tender, decimal};
use crate::{Instrument, PayPeriod, ProfileData};

/// A profile as a request describes it.
///
/// # Errors
/// [`InvalidRequest`](ErrorKind::InvalidRequest) naming every field that does not fit,
/// [`Unsupported`](ErrorKind::Unsupported) for what Payflow does not have.
pub(super) fn profile(request: &SubscriptionRequest, now: DateTime<Utc>) -> Result<ProfileData> {
    let mut texts = Texts::new(TextPolicy::Refuse);
    let (amount, every) = inline(&request.plan)?;
    let mut data = ProfileData::new();
    texts.keep(decimal("plan.amount", amount))?;
    data.amount = Some(amount);
    data.period = texts.keep(period(every))?;
    data.start = texts.keep(start(request, now))?;
    data.term = Some(request.payments.unwrap_or(0));
    if request.payments == Some(0) {
        texts.refuse("payments", "must be at least 1");
    }
    data.name = texts.fit("reference", Some(request.reference.as_str()));
    data.comment1 = texts.fit("description", request.description.as_deref());
    data.instrument = instrument(&request.method, &mut texts)?;
    let options = RequestOptions::default();
    let mut wish = Wish::new(&request.method, &request.reference, &options);
    wish.customer = request.customer.as_ref();
    wish.billing = request.billing.as_ref();
    let mut billing = payer(&wish, &mut texts);
    data.email = billing.email.take();
    data.billing = Some(billing);
    texts.finish()?;
    Ok(data)
}

/// The amount and interval of a plan given here.
pub(super) fn inline(plan: &Plan) -> Result<(Money, Interval)> {
    match plan {
        Plan::Inline { amount, every } => Ok((*amount, *every)),
        _ => Err(Error::unsupported("Payflow keeps no plans: give amount and interval")),
    }
}

/// What pays for a profile: a card, or a sale or capture whose card is used.
pub(super) fn instrument(method: &PaymentMethod, texts: &mut Texts) -> Result<Option<Instrument>> {
    match method {
        PaymentMethod::Card(card) => Ok(Some(Instrument::Card(card_data(card)))),
        PaymentMethod::Stored(stored) if pays(stored) => {
            Ok(Some(Instrument::Reference(stored.id().to_owned())))
        }
        PaymentMethod::Stored(_) => {
            texts.refuse(
                "method.stored",
                "is not a handle of a sale or a capture: Payflow starts a profile from those",
            );
            Ok(None)
        }
        _ => Err(Error::unsupported("a recurring profile at Payflow takes cards only")),
    }
}

fn pays(stored: &PaymentRef) -> bool {
    matches!(stored.kind(), kind::SALE | kind::CAPTURE)
        && stored.detail(detail::TENDER) != Some(Tender::Ach.as_str())
}

/// Payflow's word for an interval.
pub(super) fn period(every: Interval) -> Result<PayPeriod> {
    Ok(match (every.unit, every.count) {
        (IntervalUnit::Day, 1) => PayPeriod::Day,
        (IntervalUnit::Week, 1) | (IntervalUnit::Day, 7) => PayPeriod::Week,
        (IntervalUnit::Week, 2) | (IntervalUnit::Day, 14) => PayPeriod::TwoWeeks,
        (IntervalUnit::Week, 4) | (IntervalUnit::Day, 28) => PayPeriod::FourWeeks,
        (IntervalUnit::Month, 1) => PayPeriod::Month,
        (IntervalUnit::Month, 3) => PayPeriod::Quarter,
        (IntervalUnit::Month, 6) => PayPeriod::HalfYear,
        (IntervalUnit::Year, 1) | (IntervalUnit::Month, 12) => PayPeriod::Year,
        _ => {
            return Err(Error::invalid_field(
                "plan.every",
                "is not one that Payflow has: 1 day, 1, 2 or 4 weeks, 1, 3 or 6 months, 1 year",
            ));
        }
    })
}

/// The interval of Payflow's word; `None` for twice a month, which is none.
pub(super) fn interval(period: PayPeriod) -> Option<Interval> {
    let (count, unit) = match period {
        PayPeriod::Day => (1, IntervalUnit::Day),
        PayPeriod::Week => (1, IntervalUnit::Week),
        PayPeriod::TwoWeeks => (2, IntervalUnit::Week),
        PayPeriod::FourWeeks => (4, IntervalUnit::Week),
        PayPeriod::Month => (1, IntervalUnit::Month),
        PayPeriod::Quarter => (3, IntervalUnit::Month),
        PayPeriod::HalfYear => (6, IntervalUnit::Month),
        PayPeriod::Year => (1, IntervalUnit::Year),
        PayPeriod::HalfMonth => return None,
    };
    Some(Interval::new(count, unit))
}

/// Tomorrow, which is Payflow's earliest. The day is UTC's, which is never behind the one in the Americas.
pub(super) fn tomorrow(now: DateTime<Utc>) -> Result<NaiveDate> {
    now.date_naive()
        .checked_add_days(Days::new(1))
        .ok_or_else(|| Error::new(ErrorKind::Internal, "the clock is out of range"))
}

fn start(request: &SubscriptionRequest, now: DateTime<Utc>) -> Result<NaiveDate> {
    let earliest = tomorrow(now)?;
    match (request.starts_on, request.trial_days.filter(|days| *days > 0)) {
        (Some(_), Some(_)) => {
            Err(Error::invalid_field("trial_days", "cannot go with a day of the first payment"))
        }
        (Some(day), None) if day < earliest => {
            Err(Error::invalid_field("starts_on", "must be tomorrow or later: Payflow starts no earlier"))
        }
        (Some(day), None) => Ok(day),
        (None, Some(days)) => now
            .date_naive()
            .checked_add_days(Days::new(days.into()))
            .ok_or_else(|| Error::invalid_field("trial_days", "is too many")),
        (None, None) => Ok(earliest),
    }
}

/// Whether a profile is the one that was asked for, as far as it tells: what names it, each payment, how often.
pub(super) fn differs(asked: &ProfileData, found: &crate::Profile) -> Option<&'static str> {
    let amount = asked.amount.zip(found.amount.as_deref());
    let same_amount =
        amount.is_none_or(|(asked, text)| crate::params::read_decimal(text, asked.currency()) == Some(asked));
    if !same_amount {
        return Some("the profile is about another amount than was asked for");
    }
    if asked.period.zip(found.period).is_some_and(|(asked, found)| asked != found) {
        return Some("the profile is about another interval than was asked for");
    }
    if asked.name.as_deref().zip(found.name.as_deref()).is_some_and(|(asked, found)| asked != found) {
        return Some("the profile has another reference than was asked for");
    }
    None
}

pub(super) fn invalid(field: &'static str, problem: &'static str) -> Error {
    Error::new(ErrorKind::InvalidRequest, "the request does not fit Payflow")
        .with_fields(vec![FieldError::new(field, problem)])
}
