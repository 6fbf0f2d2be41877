//! From Stripe's answers to outcomes, payments and declines.

use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;
use turnbuckle_core::money::Money;
use turnbuckle_core::payment::{
    Amounts, AvsResult, CvvResult, Decline, DeclineAdvice, DeclineReason, Lifecycle, MethodSummary,
    NextAction, Outcome, Payment, PaymentOperation, PaymentRef, ReturnParams, WireKey,
};
use turnbuckle_core::{Effect, Error, ErrorKind, Result};
use url::Url;

use super::{detail, kind, marks};
use crate::amount::from_stripe;
use crate::client::PROVIDER;
use crate::{
    CaptureMethod, CardChecks, Charge, CheckResult, PaymentIntent, PaymentIntentStatus, PaymentMethod,
    SetupIntent, SetupIntentStatus, StripeError, declines,
};

/// The handle of a payment.
pub(super) fn reference(intent: &PaymentIntent, scope: Option<&str>) -> PaymentRef {
    let mut reference = scoped(PaymentRef::new(PROVIDER, kind::PAYMENT, &intent.id), scope)
        .with_detail(detail::CURRENCY, intent.currency.to_ascii_uppercase());
    if let Some(last4) = charge(intent).and_then(|charge| summary(charge)?.last4) {
        reference = reference.with_detail(detail::LAST4, last4);
    }
    reference
}

/// Adds the connected account, without which nothing later would find the object.
pub(super) fn scoped(reference: PaymentRef, scope: Option<&str>) -> PaymentRef {
    match scope {
        Some(account) => reference.with_detail(detail::ACCOUNT, account),
        None => reference,
    }
}

fn charge(intent: &PaymentIntent) -> Option<&Charge> {
    intent.latest_charge.as_ref()?.object()
}

/// What made a payment: the mark says so, or else how its money is captured.
pub(super) fn operation(intent: &PaymentIntent) -> PaymentOperation {
    match intent.metadata.get(marks::OPERATION).map(String::as_str) {
        Some("authorize") => PaymentOperation::Authorize,
        Some("purchase") => PaymentOperation::Purchase,
        _ if intent.capture_method == CaptureMethod::Manual => PaymentOperation::Authorize,
        _ => PaymentOperation::Purchase,
    }
}

/// The payment as it stands, for the operation that made it.
pub(super) fn payment(
    intent: &PaymentIntent,
    operation: PaymentOperation,
    scope: Option<&str>,
) -> Result<Payment> {
    let mut payment = Payment::new(
        reference(intent, scope),
        operation,
        lifecycle(intent)?,
        amounts(intent)?,
        intent.livemode,
    );
    payment.merchant_reference = marks::reference(&intent.metadata);
    payment.wire_key = marks::wire_key(&intent.metadata, marks::WIRE_KEY);
    payment.vendor_status = Some(intent.status.as_str().to_owned());
    payment.created_at = intent.created;
    payment.replayed = intent.replayed;
    if let Some(charge) = charge(intent) {
        payment.method = summary(charge);
        let card = charge.payment_method_details.as_ref().and_then(|details| details.card.as_ref());
        payment.avs = card.and_then(|card| avs(card.checks.as_ref()?));
        payment.cvv = card.and_then(|card| cvv(card.checks.as_ref()?));
        payment.auth_code = card.and_then(|card| card.authorization_code.clone());
        payment.network_id = card.and_then(|card| card.network_transaction_id.clone());
        payment.capture_before = card.and_then(|card| card.capture_before);
    }
    Ok(payment)
}

fn amounts(intent: &PaymentIntent) -> Result<Amounts> {
    let money = |amount: i64| from_stripe(amount, &intent.currency);
    let requested = money(intent.amount)?;
    let reserved = match intent.status {
        PaymentIntentStatus::RequiresCapture => intent.amount_capturable,
        PaymentIntentStatus::Succeeded => intent.amount,
        _ => charge(intent).filter(|charge| charge.paid).map_or(0, |charge| charge.amount),
    };
    let captured = match intent.status {
        PaymentIntentStatus::Succeeded | PaymentIntentStatus::RequiresCapture => intent.amount_received,
        _ => 0,
    };
    Ok(Amounts::requested(requested)
        .with_authorized(money(reserved)?)
        .with_captured(money(captured)?)
        .with_refunded(money(charge(intent).map_or(0, given_back))?))
}

/// What was given back. Stripe books what was authorized and never captured as given back as well; that is not a refund.
fn given_back(charge: &Charge) -> i64 {
    let released = charge.amount.saturating_sub(charge.amount_captured);
    charge.amount_refunded.saturating_sub(released).max(0)
}

fn lifecycle(intent: &PaymentIntent) -> Result<Lifecycle> {
    let charge = charge(intent);
    Ok(match &intent.status {
        PaymentIntentStatus::RequiresPaymentMethod => Lifecycle::Failed,
        PaymentIntentStatus::RequiresConfirmation
        | PaymentIntentStatus::RequiresAction
        | PaymentIntentStatus::Processing => Lifecycle::Pending,
        PaymentIntentStatus::RequiresCapture => Lifecycle::Authorized,
        PaymentIntentStatus::Succeeded => match charge {
            Some(charge) if charge.disputed => Lifecycle::Disputed,
            Some(charge) if given_back(charge) > 0 => {
                if given_back(charge) >= intent.amount_received {
                    Lifecycle::Refunded
                } else {
                    Lifecycle::PartlyRefunded
                }
            }
            _ => Lifecycle::Captured,
        },
        PaymentIntentStatus::Canceled if intent.cancellation_reason.as_deref() == Some("automatic") => {
            Lifecycle::Expired
        }
        // Without an authorization there was nothing to release: the payment was broken off.
        PaymentIntentStatus::Canceled => match charge {
            Some(charge) if charge.paid => Lifecycle::Voided,
            _ => Lifecycle::Failed,
        },
        PaymentIntentStatus::Other(_) => {
            return Err(Error::new(ErrorKind::InvalidResponse, "the payment has a state that is not known"));
        }
    })
}

/// What came of a purchase or an authorization.
pub(super) fn outcome(
    intent: &PaymentIntent,
    operation: PaymentOperation,
    scope: Option<&str>,
) -> Result<Outcome> {
    let mut payment = payment(intent, operation, scope)?;
    let done = match operation {
        PaymentOperation::Authorize => PaymentIntentStatus::RequiresCapture,
        _ => PaymentIntentStatus::Succeeded,
    };
    Ok(match &intent.status {
        status if *status == done && is_for_review(intent) => {
            payment.under_review = true;
            Outcome::Held(payment)
        }
        status if *status == done => Outcome::Approved(payment),
        // An authorization that was captured since, seen when resuming it.
        PaymentIntentStatus::Succeeded => Outcome::Approved(payment),
        PaymentIntentStatus::Processing => Outcome::Processing(payment),
        PaymentIntentStatus::RequiresAction => {
            let action = next_action(intent.next_action.as_ref(), intent.client_secret.as_ref())?;
            Outcome::RequiresAction(payment, action)
        }
        PaymentIntentStatus::RequiresPaymentMethod => match &intent.last_payment_error {
            Some(error) => Outcome::Declined(decline(error, Some(payment.reference), None)),
            None => Outcome::Declined(broken_off(payment.reference, intent.status.as_str())),
        },
        PaymentIntentStatus::Canceled => {
            Outcome::Declined(broken_off(payment.reference, intent.status.as_str()))
        }
        _ => {
            return Err(Error::new(
                ErrorKind::InvalidResponse,
                "the payment is in a state that was not asked for",
            )
            .with_payment(payment.reference));
        }
    })
}

/// Whether Radar put the payment before a person. The money is taken or reserved all the same.
fn is_for_review(intent: &PaymentIntent) -> bool {
    charge(intent)
        .and_then(|charge| charge.outcome.as_ref()?.outcome_type.as_deref())
        .is_some_and(|outcome| outcome == "manual_review")
}

/// What came of a capture. `key` is left out where another attempt did it.
pub(super) fn captured(
    intent: &PaymentIntent,
    asked: Option<i64>,
    key: Option<&WireKey>,
    scope: Option<&str>,
) -> Result<Outcome> {
    let mut payment = payment(intent, PaymentOperation::Capture, scope)?;
    payment.amounts.requested = from_stripe(asked.unwrap_or(intent.amount), &intent.currency)?;
    payment.wire_key = key.and_then(|_| marks::wire_key(&intent.metadata, marks::CAPTURE_KEY));
    match intent.status {
        PaymentIntentStatus::Succeeded => Ok(Outcome::Approved(payment)),
        PaymentIntentStatus::Processing => Ok(Outcome::Processing(payment)),
        _ => Err(Error::new(
            ErrorKind::InvalidResponse,
            "the payment is not captured, though its capture went through",
        )
        .with_payment(payment.reference)),
    }
}

/// What came of a void.
pub(super) fn voided(intent: &PaymentIntent, scope: Option<&str>) -> Result<Outcome> {
    let mut payment = payment(intent, PaymentOperation::Void, scope)?;
    // The mark is that of the attempt that made the payment; a void leaves none of its own.
    payment.wire_key = None;
    if intent.status != PaymentIntentStatus::Canceled {
        return Err(Error::new(
            ErrorKind::InvalidResponse,
            "the payment is not canceled, though its void went through",
        )
        .with_payment(payment.reference));
    }
    payment.lifecycle = Lifecycle::Voided;
    Ok(Outcome::Approved(payment))
}

/// A verification as it stands. No money belongs to it.
pub(super) fn verification(
    setup: &SetupIntent,
    currency: turnbuckle_core::money::Currency,
    scope: Option<&str>,
) -> Payment {
    let mut reference = scoped(PaymentRef::new(PROVIDER, kind::SETUP, &setup.id), scope)
        .with_detail(detail::CURRENCY, currency.code());
    let method = setup.payment_method.as_ref().and_then(|method| method.object());
    if let Some(last4) = method.and_then(|method| summary_of_method(method).last4) {
        reference = reference.with_detail(detail::LAST4, last4);
    }
    let lifecycle = match setup.status {
        SetupIntentStatus::Succeeded => Lifecycle::Verified,
        SetupIntentStatus::RequiresPaymentMethod | SetupIntentStatus::Canceled => Lifecycle::Failed,
        _ => Lifecycle::Pending,
    };
    let amounts = Amounts::requested(Money::zero(currency));
    let mut payment = Payment::new(reference, PaymentOperation::Verify, lifecycle, amounts, setup.livemode);
    payment.merchant_reference = marks::reference(&setup.metadata);
    payment.wire_key = marks::wire_key(&setup.metadata, marks::WIRE_KEY);
    payment.vendor_status = Some(setup.status.as_str().to_owned());
    payment.created_at = setup.created;
    payment.replayed = setup.replayed;
    payment.method = method.map(summary_of_method);
    let checks = method.and_then(|method| method.card.as_ref()?.checks.as_ref());
    payment.avs = checks.and_then(avs);
    payment.cvv = checks.and_then(cvv);
    payment
}

/// What the payer must do.
pub(super) fn next_action(
    action: Option<&crate::NextAction>,
    secret: Option<&secrecy::SecretString>,
) -> Result<NextAction> {
    let unclear = || Error::new(ErrorKind::InvalidResponse, "the answer does not say what the payer must do");
    let action = action.ok_or_else(unclear)?;
    let parse = |url: &Option<String>| url.as_deref().and_then(|url| Url::parse(url).ok());
    if let Some(redirect) = &action.redirect_to_url {
        return Ok(NextAction::Redirect { url: parse(&redirect.url).ok_or_else(unclear)? });
    }
    if let Some(deposits) = &action.verify_with_microdeposits {
        return Ok(NextAction::Microdeposits {
            url: parse(&deposits.hosted_verification_url),
            arrives_at: deposits.arrival_date,
        });
    }
    Ok(NextAction::ClientConfirm { client_secret: secret.ok_or_else(unclear)?.clone() })
}

/// Makes a decline of an error that is one.
pub(super) fn declined(error: Error, scope: Option<&str>) -> Result<Outcome> {
    match StripeError::of(&error) {
        Some(stripe) if stripe.is_decline() && error.effect() == Effect::None => {
            let payment =
                stripe.payment_intent.as_ref().map(|intent| reference(intent, scope)).or_else(|| {
                    let setup = stripe.setup_intent.as_ref()?;
                    Some(scoped(PaymentRef::new(PROVIDER, kind::SETUP, &setup.id), scope))
                });
            Ok(Outcome::Declined(decline(stripe, payment, error.request_id())))
        }
        _ => Err(error),
    }
}

pub(super) fn decline(error: &StripeError, payment: Option<PaymentRef>, request_id: Option<&str>) -> Decline {
    let (decline_code, code) = (error.decline_code.as_deref(), error.code.as_deref());
    let mut decline = Decline::new(
        declines::reason(decline_code, code),
        declines::advice(
            decline_code,
            code,
            error.advice_code.as_deref(),
            error.network_advice_code.as_deref(),
        ),
    );
    decline.code = decline_code.or(code).map(str::to_owned);
    decline.text.clone_from(&error.message);
    decline.network_code.clone_from(&error.network_decline_code);
    let checks = error.payment_method.as_ref().and_then(|method| method.card.as_ref()?.checks.as_ref());
    decline.avs = checks.and_then(avs);
    decline.cvv = checks.and_then(cvv);
    decline.payment = payment;
    decline.request_id = request_id.map(str::to_owned);
    decline
}

/// The decline of a payment that waits for a payer whom nobody can ask.
pub(super) fn needs_payer(payment: PaymentRef) -> Decline {
    let mut decline = Decline::new(DeclineReason::AuthenticationRequired, DeclineAdvice::Authenticate);
    decline.code = Some("authentication_required".to_owned());
    decline.payment = Some(payment);
    decline
}

fn broken_off(payment: PaymentRef, status: &str) -> Decline {
    let mut decline = Decline::new(DeclineReason::Other, DeclineAdvice::OtherMethod);
    decline.code = Some(status.to_owned());
    decline.payment = Some(payment);
    decline
}

/// Checks that the payer came back with this payment and not with another one.
pub(super) fn belongs_to(payment: &PaymentRef, returned: &ReturnParams) -> Result<()> {
    let named = [("payment_intent", kind::PAYMENT), ("setup_intent", kind::SETUP)];
    let other = named.iter().any(|(name, of_kind)| {
        let value = returned.parameters.get(*name);
        value.is_some_and(|id| payment.kind() != *of_kind || id.expose_secret() != payment.id())
    });
    if other { Err(Error::invalid_field("returned", "belongs to another payment")) } else { Ok(()) }
}

fn summary(charge: &Charge) -> Option<MethodSummary> {
    let details = charge.payment_method_details.as_ref()?;
    let mut summary = MethodSummary::default();
    summary.kind.clone_from(&details.method_type);
    if let Some(card) = &details.card {
        summary.brand.clone_from(&card.brand);
        summary.last4.clone_from(&card.last4);
        summary.funding.clone_from(&card.funding);
        (summary.exp_month, summary.exp_year) = (card.exp_month, card.exp_year);
    } else if let Some(account) = &details.us_bank_account {
        summary.last4.clone_from(&account.last4);
    }
    Some(summary)
}

pub(super) fn summary_of_method(method: &PaymentMethod) -> MethodSummary {
    let mut summary = MethodSummary::default();
    summary.kind.clone_from(&method.method_type);
    if let Some(card) = &method.card {
        summary.brand.clone_from(&card.brand);
        summary.last4.clone_from(&card.last4);
        summary.funding.clone_from(&card.funding);
        (summary.exp_month, summary.exp_year) = (card.exp_month, card.exp_year);
    } else if let Some(account) = &method.us_bank_account {
        summary.last4.clone_from(&account.last4);
    }
    summary
}

fn avs(checks: &CardChecks) -> Option<AvsResult> {
    let (line, postal) = (checks.address_line1_check.as_ref(), checks.address_postal_code_check.as_ref());
    if line.is_none() && postal.is_none() {
        return None;
    }
    let is = |check: Option<&CheckResult>, wanted: &CheckResult| check == Some(wanted);
    let any_fails = is(line, &CheckResult::Fail) || is(postal, &CheckResult::Fail);
    Some(match (is(line, &CheckResult::Pass), is(postal, &CheckResult::Pass)) {
        (true, true) => AvsResult::Match,
        (true, false) => AvsResult::StreetOnly,
        (false, true) => AvsResult::PostalOnly,
        (false, false) if any_fails => AvsResult::NoMatch,
        (false, false) => AvsResult::NotChecked,
    })
}

fn cvv(checks: &CardChecks) -> Option<CvvResult> {
    Some(match checks.cvc_check.as_ref()? {
        CheckResult::Pass => CvvResult::Match,
        CheckResult::Fail => CvvResult::NoMatch,
        _ => CvvResult::NotChecked,
    })
}

/// The newest first.
pub(super) fn newest_first(payments: &mut [Payment]) {
    let time = |payment: &Payment| payment.created_at.unwrap_or(DateTime::<Utc>::MIN_UTC);
    payments.sort_by_key(|payment| std::cmp::Reverse(time(payment)));
}
