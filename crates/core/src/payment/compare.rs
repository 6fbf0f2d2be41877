//! What came back beside what was asked for.

use super::{Attempt, Lifecycle, Outcome, Payment, PaymentOperation};
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::provider::Environment;

fn contradicts(payment: &Payment, what: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidResponse, what)
        .with_effect(Effect::Happened)
        .with_payment(payment.reference.clone())
}

/// Test money on a test connection, real money on a real one.
pub(super) fn world(environment: Environment, payment: &Payment) -> Result<()> {
    match (environment, payment.live) {
        (Environment::Production, false) => {
            Err(contradicts(payment, "a test payment came back on a production connection"))
        }
        (Environment::Sandbox, true) => {
            Err(contradicts(payment, "a live payment came back on a sandbox connection"))
        }
        _ => Ok(()),
    }
}

fn agree(attempt: &Attempt, payment: &Payment) -> Result<()> {
    let differs =
        |what: &str| Err(contradicts(payment, format!("the answer is about {what} than was asked for")));
    if payment.operation != attempt.operation {
        return differs("another operation");
    }
    if payment.wire_key.as_ref().is_some_and(|key| key != &attempt.wire_key) {
        return differs("another attempt");
    }
    let fitted = payment.text_changes.iter().any(|change| change.field == "reference");
    if let (Some(asked), Some(came), false) =
        (&attempt.merchant_reference, &payment.merchant_reference, fitted)
        && asked != came
    {
        return differs("another reference");
    }
    if let (PaymentOperation::Refund, Some(asked), Some(came)) =
        (attempt.operation, &attempt.parent, &payment.parent)
        && !asked.same_as(came)
    {
        return differs("another payment");
    }
    let amounts = payment.amounts;
    let currency = attempt.amount.unwrap_or(amounts.requested).currency();
    let all = [amounts.requested, amounts.authorized, amounts.captured, amounts.refunded];
    if all.iter().any(|amount| amount.currency() != currency) {
        return differs("another currency");
    }
    if attempt.amount.is_some_and(|amount| amount != amounts.requested) {
        return differs("another amount");
    }
    Ok(())
}

/// Whether an outcome is about what the attempt asked for. A decline is never turned into anything else.
pub(super) fn outcome(
    environment: Environment,
    several_captures: bool,
    attempt: &Attempt,
    allow_partial: bool,
    outcome: &Outcome,
) -> Result<()> {
    let Some(payment) = outcome.payment_in_any_state() else { return Ok(()) };
    world(environment, payment)?;
    agree(attempt, payment)?;
    let amounts = payment.amounts;
    let moved = match attempt.operation {
        PaymentOperation::Authorize => amounts.authorized,
        PaymentOperation::Purchase | PaymentOperation::Capture => amounts.captured,
        PaymentOperation::Refund | PaymentOperation::Credit => amounts.refunded,
        _ => amounts.requested,
    };
    // Several captures of one authorization add up, so the total may be above what this one asked for.
    let adds_up =
        attempt.operation == PaymentOperation::Capture && several_captures && moved >= amounts.requested;
    let problem = match outcome {
        Outcome::Approved(_) | Outcome::PartiallyApproved(_) if payment.lifecycle == Lifecycle::Failed => {
            "the answer says approved, and the payment failed"
        }
        Outcome::Approved(_) if moved != amounts.requested && !adds_up => {
            "the answer says approved, for another amount than was asked for"
        }
        // A repetition may come after the capture.
        Outcome::Approved(_) | Outcome::PartiallyApproved(_)
            if attempt.operation == PaymentOperation::Authorize
                && !amounts.captured.is_zero()
                && !payment.replayed =>
        {
            "the answer says authorized, and money was taken"
        }
        Outcome::Approved(_)
            if attempt.operation == PaymentOperation::Void && payment.lifecycle != Lifecycle::Voided =>
        {
            "the answer says voided, and the payment is not"
        }
        Outcome::PartiallyApproved(_) if !allow_partial => {
            "a part was approved, which the request did not allow"
        }
        Outcome::PartiallyApproved(_) if moved >= amounts.requested || !moved.is_positive() => {
            "the answer says partly approved, and the amount is not a part"
        }
        _ => return Ok(()),
    };
    Err(contradicts(payment, problem))
}
