//! From a subscription request to the vendor's terms.

use chrono::{DateTime, Days, Utc};
use turnbuckle_core::money::Money;
use turnbuckle_core::payment::{
    Address, Customer, Interval, IntervalUnit, MerchantReference, PaymentMethod, Plan, SubscriptionRequest,
    SubscriptionStatus, TextPolicy, WireKey,
};
use turnbuckle_core::{Error, ErrorKind, Result};

use super::request::{Instrument, instrument, invoice, two_decimals};
use super::text::Texts;
use crate::{CustomerData, Order, ProfileIds, RecurringInterval, RecurringRequest, Schedule};

/// Characters of a subscription's name.
const NAME: usize = 50;

/// What pays, as a subscription takes it.
pub(super) fn pays(
    method: &PaymentMethod,
    (customer, billing): (Option<&Customer>, Option<&Address>),
    request: &mut RecurringRequest,
    texts: &mut Texts,
) {
    match instrument(method, texts) {
        Some(Instrument::Payment(payment)) => {
            request.payment = Some(payment);
            let is_named = billing.is_some_and(|billing| {
                [&billing.first_name, &billing.last_name].into_iter().flatten().any(|name| !name.is_empty())
            });
            let holder = match method {
                PaymentMethod::Card(card) => card.holder(),
                // It has a place of its own, and stands in for a name where the address has none.
                PaymentMethod::BankAccount(account) if !is_named => Some(account.holder_name.as_str()),
                _ => None,
            };
            let mut billing = texts.billing(billing, holder, customer);
            // The address of a subscription has no telephone number; the customer beside it has.
            let phone = billing.phone_number.take();
            request.bill_to = Some(billing).filter(|billing| !billing.is_empty());
            let data = CustomerData {
                id: texts.take("customer.id", customer.and_then(|customer| customer.id.as_deref())),
                email: texts.take("customer.email", customer.and_then(|customer| customer.email.as_deref())),
                phone_number: phone,
                ..CustomerData::default()
            };
            let known = data.id.is_some() || data.email.is_some() || data.phone_number.is_some();
            request.customer = known.then_some(data);
        }
        Some(Instrument::Profile(profile)) => {
            let method = profile.payment_profile.payment_profile_id;
            request.profile = Some(ProfileIds::new(profile.customer_profile_id, method));
        }
        None => {}
    }
}

/// Amount and interval of a plan.
pub(super) fn plan(plan: &Plan) -> Result<(Money, RecurringInterval)> {
    let Plan::Inline { amount, every } = plan else {
        return Err(Error::unsupported("Authorize.Net keeps no plans: give amount and interval"));
    };
    two_decimals(*amount).map_err(|problem| {
        Error::new(ErrorKind::InvalidRequest, "the plan does not fit Authorize.Net")
            .with_fields(vec![problem])
    })?;
    Ok((*amount, interval(*every)?))
}

fn interval(every: Interval) -> Result<RecurringInterval> {
    let (length, unit, least, most) = match every.unit {
        IntervalUnit::Day => (every.count, "days", 7, 365),
        IntervalUnit::Week => (every.count.saturating_mul(7), "days", 7, 365),
        IntervalUnit::Month => (every.count, "months", 1, 12),
        IntervalUnit::Year => (every.count.saturating_mul(12), "months", 1, 12),
        _ => {
            return Err(Error::invalid_field(
                "plan.every",
                "is of a unit that Authorize.Net does not count in",
            ));
        }
    };
    match u16::try_from(length) {
        Ok(length) if (least..=most).contains(&length) => Ok(RecurringInterval::new(length, unit)),
        _ => Err(Error::invalid_field("plan.every", "must be 7 to 365 days or 1 to 12 months")),
    }
}

/// The interval as it was asked for.
pub(super) fn asked(plan: &Plan) -> Option<Interval> {
    match plan {
        Plan::Inline { every, .. } => Some(*every),
        _ => None,
    }
}

/// The vendor's interval in words that every provider shares.
pub(super) fn every(length: Option<&str>, unit: Option<&str>) -> Option<Interval> {
    let count = length?.parse().ok()?;
    match unit? {
        "days" => Some(Interval::new(count, IntervalUnit::Day)),
        "months" => Some(Interval::new(count, IntervalUnit::Month)),
        _ => None,
    }
}

/// Whether both are the same time: a week is seven days, a year twelve months.
pub(super) fn same_interval(one: &RecurringInterval, other: Option<Interval>) -> bool {
    other.and_then(|other| interval(other).ok()).is_some_and(|other| other == *one)
}

/// A new subscription. Days of trial move the first payment.
pub(super) fn create(
    request: &SubscriptionRequest,
    key: &WireKey,
    now: DateTime<Utc>,
) -> Result<RecurringRequest> {
    let (amount, interval) = plan(&request.plan)?;
    let mut texts = Texts::new(TextPolicy::Refuse);
    let mut terms = RecurringRequest::default();
    let begins = request.starts_on.unwrap_or_else(|| now.date_naive());
    let trial = Days::new(request.trial_days.unwrap_or(0).into());
    let begins = begins
        .checked_add_days(trial)
        .ok_or_else(|| Error::invalid_field("trial_days", "end behind the calendar"))?;
    let payments = match request.payments {
        None => Schedule::ENDLESS,
        Some(payments) => u16::try_from(payments)
            .ok()
            .filter(|payments| (1..Schedule::ENDLESS).contains(payments))
            .ok_or_else(|| Error::invalid_field("payments", "must be 1 to 9998"))?,
    };
    terms.payment_schedule = Some(Schedule::new(interval, begins, payments));
    terms.amount = Some(amount.into());
    let description = texts.description(&request.reference, request.description.as_deref());
    terms.name = name(&request.reference);
    let mut order = Order::new(invoice(key));
    order.description = description;
    terms.order = Some(order);
    let who = (request.customer.as_ref(), request.billing.as_ref());
    pays(&request.method, who, &mut terms, &mut texts);
    if texts.problems.is_empty() {
        return Ok(terms);
    }
    Err(Error::new(ErrorKind::InvalidRequest, "the request does not fit Authorize.Net")
        .with_fields(texts.problems))
}

/// The merchant's reference, where it fits; it stands in full in the description.
fn name(reference: &MerchantReference) -> Option<String> {
    let name = reference.as_str();
    (name.chars().count() <= NAME).then(|| name.to_owned())
}

/// The vendor's word for a state.
pub(super) fn status(word: &str) -> SubscriptionStatus {
    match word {
        "active" => SubscriptionStatus::Active,
        "suspended" => SubscriptionStatus::Suspended,
        "canceled" | "cancelled" | "terminated" => SubscriptionStatus::Cancelled,
        "expired" => SubscriptionStatus::Completed,
        _ => SubscriptionStatus::Other,
    }
}
