//! From Stripe's subscriptions and invoices to the vocabulary of all providers.

use chrono::{DateTime, Utc};
use turnbuckle_core::payment::{
    Amounts, Interval, IntervalUnit, Lifecycle, Payment, PaymentOperation, PaymentRef, Plan, Subscription,
    SubscriptionStatus,
};
use turnbuckle_core::{Error, ErrorKind, Result};

use super::{detail, kind, marks};
use crate::amount::{from_stripe, to_stripe};
use crate::client::PROVIDER;
use crate::{Expandable, Invoice, InvoiceStatus, RecurringTerms, SubscriptionItem};

/// The end that was agreed on, in seconds, so that it comes back when a cancellation is taken back.
pub(super) const ENDS_AT: &str = "turnbuckle_ends_at";

/// The handle of a subscription.
pub(super) fn reference(id: &str) -> PaymentRef {
    PaymentRef::new(PROVIDER, kind::SUBSCRIPTION, id)
}

/// A subscription as it stands.
pub(super) fn subscription(found: &crate::Subscription) -> Result<Subscription> {
    let mut answer =
        Subscription::new(reference(&found.id), status(found), found.status.as_str(), found.livemode);
    if let Some(item) = only_item(found) {
        let price = item.price.as_ref();
        if let Some(unit) = price.and_then(|price| price.unit_amount) {
            let total = item.quantity.and_then(|quantity| unit.checked_mul(i64::try_from(quantity).ok()?));
            answer.amount = total.map(|total| from_stripe(total, &found.currency)).transpose()?;
        }
        answer.vendor_plan = price.map(|price| price.id.clone());
        answer.every = price.and_then(|price| interval(price.recurring.as_ref()?));
    }
    answer.ends_at = found.ended_at.or(found.cancel_at);
    answer.next_payment_at = next_payment(found);
    answer.wire_key = marks::wire_key(&found.metadata, marks::WIRE_KEY);
    Ok(answer)
}

/// The item of a subscription that has only one.
pub(super) fn only_item(found: &crate::Subscription) -> Option<&SubscriptionItem> {
    let items = found.items.as_ref()?;
    match items.data.as_slice() {
        [item] if !items.has_more => Some(item),
        _ => None,
    }
}

fn status(found: &crate::Subscription) -> SubscriptionStatus {
    use crate::SubscriptionStatus as Word;
    match &found.status {
        Word::Incomplete => SubscriptionStatus::Pending,
        Word::Trialing => SubscriptionStatus::Trialing,
        Word::Active if found.pause_collection.is_some() => SubscriptionStatus::Suspended,
        Word::Active => SubscriptionStatus::Active,
        Word::PastDue => SubscriptionStatus::PastDue,
        Word::Unpaid | Word::Paused => SubscriptionStatus::Suspended,
        Word::Canceled if ran_to_its_end(found) => SubscriptionStatus::Completed,
        Word::Canceled | Word::IncompleteExpired => SubscriptionStatus::Cancelled,
        Word::Other(_) => SubscriptionStatus::Other,
    }
}

fn ran_to_its_end(found: &crate::Subscription) -> bool {
    matches!((agreed_end(found), found.ended_at), (Some(agreed), Some(ended)) if ended >= agreed)
}

/// The end that was agreed on when it was made.
pub(super) fn agreed_end(found: &crate::Subscription) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(found.metadata.get(ENDS_AT)?.parse().ok()?, 0)
}

/// The end of the current period, unless the subscription is over by then.
fn next_payment(found: &crate::Subscription) -> Option<DateTime<Utc>> {
    let over = matches!(status(found), SubscriptionStatus::Cancelled | SubscriptionStatus::Completed);
    let items = found.items.as_ref()?;
    let next = items.data.iter().filter_map(|item| item.current_period_end).min()?;
    let ends_first = found.cancel_at_period_end || found.cancel_at.is_some_and(|end| end <= next);
    (!over && !ends_first).then_some(next)
}

fn interval(terms: &RecurringTerms) -> Option<Interval> {
    let unit = match terms.interval.as_str() {
        "day" => IntervalUnit::Day,
        "week" => IntervalUnit::Week,
        "month" => IntervalUnit::Month,
        "year" => IntervalUnit::Year,
        _ => return None,
    };
    Some(Interval::new(terms.interval_count, unit))
}

/// Compares what came back with what was asked for.
///
/// # Errors
/// [`InvalidResponse`](ErrorKind::InvalidResponse): another amount, currency or interval.
pub(super) fn check_plan(found: &crate::Subscription, plan: &Plan) -> Result<()> {
    let Some(item) = only_item(found) else { return Ok(()) };
    let price = item.price.as_ref();
    let same = match plan {
        Plan::Inline { amount, every } => price.is_some_and(|price| {
            price.unit_amount == to_stripe(*amount).ok()
                && price.currency.eq_ignore_ascii_case(amount.currency().code())
                && price.recurring.as_ref().and_then(interval) == Some(*every)
                && item.quantity == Some(1)
        }),
        Plan::Vendor { id, quantity } => {
            price.is_some_and(|price| price.id == *id) && item.quantity == Some((*quantity).into())
        }
        _ => true,
    };
    if same {
        return Ok(());
    }
    Err(Error::new(ErrorKind::InvalidResponse, "the subscription has another price than the one asked for"))
}

/// The id of the payment that an invoice was or is to be paid with.
pub(super) fn payment_id(invoice: &Invoice) -> Option<&str> {
    let payments = &invoice.payments.as_ref()?.data;
    let chosen = payments.iter().find(|payment| payment.status == "paid");
    let chosen = chosen.or_else(|| payments.iter().find(|payment| payment.is_default));
    chosen.or(payments.first())?.payment.as_ref()?.payment_intent.as_ref().map(Expandable::id)
}

/// An invoice as a payment; `None` for drafts and for invoices over nothing, such as a trial's.
///
/// What was refunded stands on the payment and not on the invoice: look the payment up.
pub(super) fn payment(invoice: &Invoice, parent: &PaymentRef) -> Result<Option<Payment>> {
    let lifecycle = match invoice.status {
        InvoiceStatus::Draft => return Ok(None),
        InvoiceStatus::Paid => Lifecycle::Captured,
        InvoiceStatus::Void => Lifecycle::Voided,
        InvoiceStatus::Uncollectible => Lifecycle::Failed,
        InvoiceStatus::Open | InvoiceStatus::Other(_) => Lifecycle::Pending,
    };
    if invoice.amount_due == 0 && invoice.amount_paid == 0 {
        return Ok(None);
    }
    let money = |amount: i64| from_stripe(amount, &invoice.currency);
    let amounts = Amounts::requested(money(invoice.amount_due)?).with_captured(money(invoice.amount_paid)?);
    let reference = match payment_id(invoice) {
        Some(id) => PaymentRef::new(PROVIDER, kind::PAYMENT, id),
        None => PaymentRef::new(PROVIDER, kind::INVOICE, &invoice.id),
    };
    let reference = reference.with_detail(detail::CURRENCY, invoice.currency.to_ascii_uppercase());
    let mut payment =
        Payment::new(reference, PaymentOperation::Purchase, lifecycle, amounts, invoice.livemode);
    payment.parent = Some(parent.clone());
    payment.vendor_status = Some(invoice.status.as_str().to_owned());
    payment.created_at = invoice.created;
    Ok(Some(payment))
}
