//! Payments that Radar puts before a person.

use chrono::DateTime;
use turnbuckle_core::payment::{
    Decision, Decline, DeclineAdvice, DeclineReason, IdempotencyKey, Outcome, PaymentRef,
};
use turnbuckle_core::{Effect, Error, ErrorKind, Result};

use super::{StripeGateway, answer, call, detail, expect_kind, happened, kind};
use crate::{CancelPaymentIntent, CreateRefund, PaymentIntent, PaymentIntentStatus, RefundStatus};

impl StripeGateway {
    /// Ends a review.
    ///
    /// At Stripe a review holds nothing back: a purchase under review is captured, an authorization reserved. To accept
    /// approves the review. To reject cancels what is only reserved and refunds what is captured, which closes the review
    /// as well, and the outcome is a decline for suspected fraud. Nothing is put on Radar's block lists.
    pub(super) async fn decide_review(&self, payment: &PaymentRef, decision: Decision) -> Result<Outcome> {
        expect_kind(payment, kind::PAYMENT)?;
        let scope = payment.detail(detail::ACCOUNT);
        let intent = self.intent(payment.id(), scope).await?;
        match decision {
            Decision::Accept => self.accept(&intent, scope).await,
            Decision::Reject => self.reject(&intent, scope).await,
        }
    }

    async fn accept(&self, intent: &PaymentIntent, scope: Option<&str>) -> Result<Outcome> {
        let review = needs_review(intent, scope)?;
        if self.client.reviews().retrieve(review, &call(scope)).await?.open {
            self.client.reviews().approve(review, &call(scope)).await?;
        }
        let outcome = answer::outcome(intent, answer::operation(intent), scope);
        match outcome.map_err(|error| happened(error, intent, scope))? {
            Outcome::Held(payment) => Ok(Outcome::Approved(super::decided(payment))),
            outcome => Ok(outcome),
        }
    }

    async fn reject(&self, intent: &PaymentIntent, scope: Option<&str>) -> Result<Outcome> {
        let reference = answer::reference(intent, scope);
        let review = self.client.reviews().retrieve(needs_review(intent, scope)?, &call(scope)).await?;
        if !review.open && review.closed_reason.as_deref() == Some("approved") {
            return Err(
                Error::new(ErrorKind::Conflict, "the payment was approved before").with_payment(reference)
            );
        }
        // There is one rejection of a payment, so the payment's own id makes the key.
        let key = IdempotencyKey::new(intent.id.clone(), DateTime::UNIX_EPOCH)?;
        let step = self.step_key("decide/reject", &key);
        let options = call(scope).with_idempotency_key(step.as_str());
        match intent.status {
            PaymentIntentStatus::Canceled => {}
            PaymentIntentStatus::Succeeded => {
                let mut params = CreateRefund::new();
                params.payment_intent = Some(intent.id.clone());
                let refunded = self.client.refunds().create(&params, &options).await;
                match refunded {
                    Ok(refund) if matches!(refund.status, RefundStatus::Failed | RefundStatus::Canceled) => {
                        return Err(Error::new(
                            ErrorKind::Conflict,
                            "the payment was taken, and its refund failed: the money is still with the merchant",
                        )
                        .with_effect(Effect::Happened)
                        .with_payment(reference));
                    }
                    Ok(_) => {}
                    Err(error) if super::is_code(&error, "charge_already_refunded") => {}
                    Err(error) => return Err(error.with_payment(reference)),
                }
            }
            _ => {
                let canceled = self
                    .client
                    .payment_intents()
                    .cancel(&intent.id, &CancelPaymentIntent::new(), &options)
                    .await;
                let canceled = canceled.map_err(|error| error.with_payment(reference.clone()))?;
                if canceled.status != PaymentIntentStatus::Canceled {
                    return Err(Error::new(ErrorKind::InvalidResponse, "Stripe did not cancel the payment")
                        .with_effect(Effect::Unknown)
                        .with_payment(reference));
                }
            }
        }
        let mut decline = Decline::new(DeclineReason::Fraud, DeclineAdvice::OtherMethod);
        decline.code = Some("review_rejected".to_owned());
        decline.payment = Some(reference);
        Ok(Outcome::Declined(decline))
    }

    /// Whether somebody has yet to decide.
    pub(super) async fn is_under_review(&self, intent: &PaymentIntent, scope: Option<&str>) -> Result<bool> {
        match review_of(intent) {
            Some(review) => Ok(self.client.reviews().retrieve(review, &call(scope)).await?.open),
            None => Ok(false),
        }
    }
}

/// Without a review there is nothing to decide, and above all nothing to refund.
fn needs_review<'a>(intent: &'a PaymentIntent, scope: Option<&str>) -> Result<&'a str> {
    review_of(intent).ok_or_else(|| {
        Error::new(ErrorKind::Conflict, "the payment has no review to decide")
            .with_payment(answer::reference(intent, scope))
    })
}

fn review_of(intent: &PaymentIntent) -> Option<&str> {
    let of_charge = || intent.latest_charge.as_ref()?.object()?.review.as_deref();
    intent.review.as_deref().or_else(of_charge)
}
