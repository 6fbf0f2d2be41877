//! Refunds.

use turnbuckle_core::payment::{
    Amounts, Lifecycle, Outcome, Payment, PaymentOperation, PaymentRef, RefundReason, RefundRequest,
};
use turnbuckle_core::{Effect, Environment, Error, ErrorKind, Result};

use super::{StripeGateway, answer, call, detail, expect_kind, kind, marks, scope};
use crate::amount::from_stripe;
use crate::client::PROVIDER;
use crate::{CreateRefund, Refund, RefundStatus};

impl StripeGateway {
    pub(super) async fn refund_payment(&self, request: &RefundRequest) -> Result<Outcome> {
        expect_kind(&request.payment, kind::PAYMENT)?;
        if request.void_if_unsettled {
            return Err(Error::unsupported("Stripe cannot void what is captured: ask for a plain refund"));
        }
        let scope = scope(&request.payment, &request.options)?;
        let key = self.wire_key(PaymentOperation::Refund, &request.key);
        let mut params = CreateRefund::new();
        params.payment_intent = Some(request.payment.id().to_owned());
        params.amount = self.in_currency(&request.payment, request.amount, scope).await?;
        params.reason = request.reason.and_then(reason).map(str::to_owned);
        params.metadata = marks::metadata(&request.options.metadata, PaymentOperation::Refund, &key, None)?;
        let options = call(scope).with_idempotency_key(key.as_str());
        match self.client.refunds().create(&params, &options).await {
            Ok(refund) => self.refunded(&refund, Some(&request.payment), scope).map_err(|error| {
                error.with_effect(Effect::Happened).with_payment(refund_ref(&refund, scope))
            }),
            Err(error) => answer::declined(error, scope),
        }
    }

    /// What came of a refund.
    fn refunded(&self, refund: &Refund, parent: Option<&PaymentRef>, scope: Option<&str>) -> Result<Outcome> {
        let payment = self.refund_payment_of(refund, parent, scope)?;
        Ok(match &refund.status {
            RefundStatus::Succeeded => Outcome::Approved(payment),
            RefundStatus::Pending | RefundStatus::RequiresAction => Outcome::Processing(payment),
            RefundStatus::Failed | RefundStatus::Canceled => {
                Outcome::Declined(failed(refund, payment.reference))
            }
            RefundStatus::Other(_) => {
                return Err(Error::new(
                    ErrorKind::InvalidResponse,
                    "the refund has a state that is not known",
                ));
            }
        })
    }

    /// A refund as a payment of its own. Stripe's refunds do not say whether they are real; the key they were made with
    /// does.
    pub(super) fn refund_payment_of(
        &self,
        refund: &Refund,
        parent: Option<&PaymentRef>,
        scope: Option<&str>,
    ) -> Result<Payment> {
        let requested = from_stripe(refund.amount, &refund.currency)?;
        let (lifecycle, amounts) = match refund.status {
            RefundStatus::Succeeded => {
                (Lifecycle::Refunded, Amounts::requested(requested).with_refunded(requested))
            }
            RefundStatus::Failed | RefundStatus::Canceled => {
                (Lifecycle::Failed, Amounts::requested(requested))
            }
            _ => (Lifecycle::Pending, Amounts::requested(requested)),
        };
        let live = self.client.environment() == Environment::Production;
        let reference = refund_ref(refund, scope);
        let mut payment = Payment::new(reference, PaymentOperation::Refund, lifecycle, amounts, live);
        payment.parent = parent.cloned().or_else(|| {
            let id = refund.payment_intent.as_ref()?.id();
            Some(answer::scoped(PaymentRef::new(PROVIDER, kind::PAYMENT, id), scope))
        });
        payment.wire_key = marks::wire_key(&refund.metadata, marks::WIRE_KEY);
        payment.vendor_status = Some(refund.status.as_str().to_owned());
        payment.created_at = refund.created;
        payment.replayed = refund.replayed;
        Ok(payment)
    }
}

pub(super) fn refund_ref(refund: &Refund, scope: Option<&str>) -> PaymentRef {
    answer::scoped(PaymentRef::new(PROVIDER, kind::REFUND, &refund.id), scope)
        .with_detail(detail::CURRENCY, refund.currency.to_ascii_uppercase())
}

fn reason(reason: RefundReason) -> Option<&'static str> {
    match reason {
        RefundReason::Duplicate => Some("duplicate"),
        RefundReason::Fraudulent => Some("fraudulent"),
        RefundReason::RequestedByCustomer => Some("requested_by_customer"),
        _ => None,
    }
}

fn failed(refund: &Refund, reference: PaymentRef) -> turnbuckle_core::payment::Decline {
    use turnbuckle_core::payment::{Decline, DeclineAdvice, DeclineReason};
    let (reason, advice) = match refund.failure_reason.as_deref() {
        Some("lost_or_stolen_card") => (DeclineReason::LostOrStolen, DeclineAdvice::OtherMethod),
        Some("expired_or_canceled_card") => (DeclineReason::ExpiredCard, DeclineAdvice::OtherMethod),
        Some("insufficient_funds") => (DeclineReason::MerchantSetup, DeclineAdvice::FixSetup),
        Some("charge_for_pending_refund_disputed") => (DeclineReason::Duplicate, DeclineAdvice::NeverAgain),
        Some("declined") => (DeclineReason::DoNotHonor, DeclineAdvice::OtherMethod),
        _ => (DeclineReason::Other, DeclineAdvice::OtherMethod),
    };
    let mut decline = Decline::new(reason, advice);
    decline.code = refund.failure_reason.clone().or_else(|| Some(refund.status.as_str().to_owned()));
    decline.payment = Some(reference);
    decline
}
