//! Refunds.

use turnbuckle_core::money::Money;
use turnbuckle_core::payment::{
    Amounts, Lifecycle, Outcome, Payment, PaymentOperation, PaymentRef, RefundRequest,
};
use turnbuckle_core::{Error, ErrorKind, Result};

use super::answer::{self, Asked};
use super::{NmiGateway, detail, expect_kind, kind, pay};
use crate::NmiRefusal;
use crate::records::Transaction;

impl NmiGateway {
    /// Returns money. What is left is read first where no amount is named: what NMI makes of a refund without an amount
    /// after a partial one is not published.
    pub(super) async fn refund_payment(&self, request: &RefundRequest) -> Result<Outcome> {
        expect_kind(&request.payment, kind::TRANSACTION)?;
        pay::refuse_options(&request.options)?;
        let handle = self.whole_handle(&request.payment).await?;
        if request.amount.is_some_and(|amount| {
            answer::amount_of(&handle).is_none_or(|whole| whole.currency() != amount.currency())
        }) {
            return Err(Error::invalid_field("amount", "is in another currency than the payment"));
        }
        self.check_mode().await?;
        let key = self.wire_key(PaymentOperation::Refund, &request.key);
        if let Some(earlier) = self.earlier(&key, PaymentOperation::Refund).await? {
            return self.earlier_refund(&earlier, request);
        }
        let balance = if request.amount.is_none() || request.void_if_unsettled {
            Some(self.balance(&request.payment).await?)
        } else {
            None
        };
        if let Some(balance) = balance.as_ref().filter(|_| request.void_if_unsettled)
            && balance.covers(request.amount)
        {
            return self.void_instead(&handle, balance.captured).await;
        }
        let amount = match (request.amount, &balance) {
            (Some(amount), _) => amount,
            (None, Some(balance)) => balance.left()?,
            (None, None) => return Err(answer::wrong("what is left of the payment is not known")),
        };
        let rail = answer::rail_of(&handle);
        let refunds = self.client.transactions();
        match refunds.refund(request.payment.id(), amount, key.as_str(), rail).await {
            Ok(reply) => {
                let asked = Asked {
                    operation: PaymentOperation::Refund,
                    amount,
                    rail,
                    wire_key: Some(&key),
                    last4: handle.detail(detail::LAST4).map(str::to_owned),
                    live: self.live(),
                };
                let mut refund = answer::approved(&reply, &asked)?;
                refund.parent = Some(request.payment.clone());
                Ok(Outcome::Approved(refund))
            }
            Err(error) if NmiRefusal::of(&error).is_some_and(NmiRefusal::is_duplicate) => {
                match self.earlier(&key, PaymentOperation::Refund).await {
                    Ok(Some(earlier)) => self.earlier_refund(&earlier, request),
                    Ok(None) | Err(_) => Err(error),
                }
            }
            Err(error) => answer::declined(error),
        }
    }

    fn earlier_refund(&self, earlier: &Transaction, request: &RefundRequest) -> Result<Outcome> {
        let other = earlier.original_transaction_id.as_deref().is_some_and(|id| id != request.payment.id());
        let made = answer::payment(earlier, None, self.live())
            .map_err(|error| error.with_effect(turnbuckle_core::Effect::Unknown))?;
        if other {
            return Err(Error::new(
                ErrorKind::Conflict,
                "this key was used before, to refund another payment",
            )
            .with_effect(turnbuckle_core::Effect::Happened)
            .with_payment(made.reference));
        }
        let amount = request.amount.unwrap_or(made.amounts.requested);
        let mut outcome = answer::replay(earlier, PaymentOperation::Refund, amount, self.live())?;
        if let Outcome::Approved(refund) = &mut outcome {
            refund.parent = Some(request.payment.clone());
        }
        Ok(outcome)
    }

    /// Stops a payment that is not on its way yet: to the payer that is the whole money back.
    async fn void_instead(&self, payment: &PaymentRef, captured: Money) -> Result<Outcome> {
        match self.void_now(payment).await? {
            Outcome::Approved(voided) => Ok(Outcome::Approved(as_refund(voided, payment, captured))),
            other => Ok(other),
        }
    }

    /// What was taken and what of it went back, read from the payment and from the refunds that name it.
    async fn balance(&self, payment: &PaymentRef) -> Result<Balance> {
        let record = self.read_transaction(payment.id()).await?;
        let record =
            record.ok_or_else(|| Error::new(ErrorKind::NotFound, "NMI shows no such transaction"))?;
        let Some(refunded) = self.refunded(&record).await? else {
            return Err(Error::new(
                ErrorKind::Conflict,
                "the refunds since this payment are too many to tell what is left of it: name the amount",
            ));
        };
        let now = answer::payment(&record, Some(refunded), self.live())?;
        let unsettled = record.condition.as_deref() == Some("pendingsettlement");
        Ok(Balance { captured: now.amounts.captured, refunded: now.amounts.refunded, unsettled })
    }
}

struct Balance {
    captured: Money,
    refunded: Money,
    unsettled: bool,
}

impl Balance {
    /// Whether this amount is all of a payment that can still be voided and of which nothing went back.
    fn covers(&self, amount: Option<Money>) -> bool {
        self.unsettled
            && self.refunded.is_zero()
            && self.captured.is_positive()
            && amount.is_none_or(|amount| amount == self.captured)
    }

    fn left(&self) -> Result<Money> {
        let left = self.captured.checked_sub(self.refunded).filter(|left| left.is_positive());
        left.ok_or_else(|| Error::new(ErrorKind::Conflict, "nothing is left of the payment to refund"))
    }
}

/// A void that stands for a refund.
pub(super) fn as_refund(voided: Payment, payment: &PaymentRef, captured: Money) -> Payment {
    let amounts = Amounts::requested(captured).with_refunded(captured);
    let reference = voided.reference.clone();
    let mut refund =
        Payment::new(reference, PaymentOperation::Refund, Lifecycle::Voided, amounts, voided.live);
    refund.parent = Some(payment.clone());
    refund.replayed = voided.replayed;
    refund.vendor_status = voided.vendor_status;
    refund
}
