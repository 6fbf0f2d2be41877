//! Transactions that a fraud filter holds.

use turnbuckle_core::payment::{
    Decision, Decline, DeclineAdvice, DeclineReason, Lifecycle, Outcome, Payment, PaymentOperation,
    PaymentRef,
};
use turnbuckle_core::{Effect, Error, ErrorKind, Result};

use super::answer::{amount_of, settled_down, tender_of};
use super::found::{Stand, stand};
use super::{PayflowGateway, expect_kind, kind, operation_of};
use crate::{Followup, Inquiry, Verdict};

impl PayflowGateway {
    /// Ends a hold. Deciding the same way twice is no error; what was decided is read back.
    pub(super) async fn decide_review(&self, payment: &PaymentRef, decision: Decision) -> Result<Outcome> {
        expect_kind(payment, &[kind::SALE, kind::AUTHORIZATION], "is not a handle of a payment")?;
        amount_of(payment)?;
        let verdict = match decision {
            Decision::Accept => Verdict::Approve,
            Decision::Reject => Verdict::Decline,
        };
        // Not derived from a key: there is none, and a decision that failed must not be answered from memory. A decision
        // that is made twice does no more than one.
        let id = self.client.fresh_id()?;
        let held = Followup::new(payment.id(), tender_of(payment));
        let sent = self.client.review(&held, verdict, &id).await;
        let failed = match sent {
            Ok(_) => None,
            Err(error) if error.effect() == Effect::None => Some(error),
            Err(error) => return Err(error.with_payment(payment.clone())),
        };
        let found = match (self.original(payment).await, failed.is_some()) {
            (Ok(found), _) => found,
            (Err(error), false) => {
                return Err(error.with_effect(Effect::Unknown).with_payment(payment.clone()));
            }
            (Err(_), true) => return Err(failed.unwrap_or_else(undecided)),
        };
        match (decision, stand(&found)) {
            (Decision::Accept, Stand::GoesOn) => Ok(Outcome::Approved(self.accepted(payment, &found)?)),
            (Decision::Reject, Stand::Stopped) => Ok(Outcome::Declined(rejected(payment))),
            _ => Err(failed.unwrap_or_else(undecided).with_payment(payment.clone())),
        }
    }

    fn accepted(&self, payment: &PaymentRef, found: &Inquiry) -> Result<Payment> {
        let operation = operation_of(payment)?;
        let amount = amount_of(payment)?;
        let mut accepted = self.found(found, payment.id(), operation, tender_of(payment), amount);
        if accepted.lifecycle == Lifecycle::Pending {
            // The result still says that it was held, and the state that it goes on.
            (accepted.lifecycle, accepted.amounts) = settled_down(operation, amount);
        }
        if operation == PaymentOperation::Authorize {
            accepted.amounts = settled_down(operation, amount).1;
        }
        Ok(accepted)
    }
}

fn undecided() -> Error {
    Error::new(ErrorKind::InvalidResponse, "Payflow took the decision, and the transaction does not show it")
        .with_effect(Effect::Unknown)
}

fn rejected(payment: &PaymentRef) -> Decline {
    let mut decline = Decline::new(DeclineReason::Fraud, DeclineAdvice::OtherMethod);
    decline.code = Some("128".to_owned());
    decline.payment = Some(payment.clone());
    decline
}
