//! Transactions that a fraud filter holds.

use turnbuckle_core::payment::{
    Decision, Decline, DeclineAdvice, DeclineReason, Lifecycle, Outcome, Payment, PaymentOperation,
    PaymentRef,
};
use turnbuckle_core::{Effect, Error, ErrorKind, Result};

use super::answer::{amount_of, settled_down, tender_of};
use super::{PayflowGateway, expect_kind, kind, operation_of};
use crate::codes::{self, Meaning};
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
        match (decision, where_it_stands(&found)) {
            (Decision::Accept, Stand::Accepted) => Ok(Outcome::Approved(self.accepted(payment, &found)?)),
            (Decision::Reject, Stand::Rejected) => Ok(Outcome::Declined(rejected(payment))),
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

enum Stand {
    Held,
    Accepted,
    Rejected,
}

/// Which `ORIGRESULT` and `TRANSSTATE` a decided transaction has is not proven, so both are looked at: a result of 0, or
/// one of the states in which a transaction goes on by itself, is acceptance.
fn where_it_stands(found: &Inquiry) -> Stand {
    let state = found.state;
    if state.is_some_and(|state| state.voided) {
        return Stand::Rejected;
    }
    match codes::lookup(found.original_result).meaning {
        Meaning::Approved => Stand::Accepted,
        Meaning::Held if state.is_some_and(|state| !state.hangs && matches!(state.base, 3 | 6..=9)) => {
            Stand::Accepted
        }
        Meaning::Held => Stand::Held,
        _ => Stand::Rejected,
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
