//! Whether an answer that Payflow calls a duplicate is about the request that was sent.

use turnbuckle_core::payment::PaymentOperation;
use turnbuckle_core::{Effect, Error, ErrorKind, Result};

use super::answer::{Answer, Asked, reference};
use super::{PayflowGateway, kind_of};
use crate::params::read_decimal;
use crate::{Inquiry, InquiryKey, TransState};

impl PayflowGateway {
    /// Asks for the transaction by the reference that only an equal request has, and compares what is found.
    ///
    /// # Errors
    /// [`Conflict`](ErrorKind::Conflict) when the answer belongs to another request under the same key; the effect is that
    /// of the other one. Whatever the inquiry answers, with the effect unknown.
    pub(super) async fn confirm(&self, answer: &Answer, asked: &Asked<'_>) -> Result<()> {
        let key = InquiryKey::CustomerReference { reference: asked.mark.custref.clone(), period: None };
        let found = match self.client.inquire(&key, asked.tender).await {
            Ok(found) => found,
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(conflict(answer, asked)),
            Err(error) => {
                let open = Error::new(
                    ErrorKind::Unavailable,
                    "Payflow repeated an earlier answer, and could not be asked which request it belongs to",
                )
                .with_effect(Effect::Unknown);
                return Err(open.with_source(error));
            }
        };
        if is_same(&found, answer, asked) { Ok(()) } else { Err(conflict(answer, asked)) }
    }
}

fn is_same(found: &Inquiry, answer: &Answer, asked: &Asked<'_>) -> bool {
    let told = answer.transaction();
    let same_transaction = found.original_pnref.is_none() || found.original_pnref == told.pnref;
    let same_reference =
        found.customer_reference.as_deref().is_none_or(|reference| reference == asked.mark.custref);
    let same_amount = match (asked.amount, found.amount.as_deref().or(told.amount.as_deref())) {
        (Some(asked), Some(text)) => read_decimal(text, asked.currency()) == Some(asked),
        _ => true,
    };
    let held = !matches!(answer, Answer::Done(_));
    let same_type = held || found.state.is_none_or(|state| fits(asked.operation, state));
    same_transaction && same_reference && same_amount && same_type
}

/// Whether a transaction that went through can be in this state. Authorizations alone are ever authorized or captured;
/// everything else settles.
fn fits(operation: PaymentOperation, state: TransState) -> bool {
    match operation {
        PaymentOperation::Authorize => matches!(state.base, 0 | 1 | 3 | 9),
        PaymentOperation::Purchase | PaymentOperation::Capture | PaymentOperation::Credit => {
            !matches!(state.base, 3 | 9)
        }
        _ => true,
    }
}

fn conflict(answer: &Answer, asked: &Asked<'_>) -> Error {
    let told = answer.transaction();
    let effect = if answer.happened() { Effect::Happened } else { Effect::None };
    let error = Error::new(
        ErrorKind::Conflict,
        "the key was used before for another request, and Payflow repeated the answer to that one",
    )
    .with_effect(effect)
    .with_code(told.result.to_string());
    match (&told.pnref, effect) {
        (Some(pnref), Effect::Happened) => {
            // What it is for is not known; a lookup of the handle tells.
            let amount = asked.amount.unwrap_or(turnbuckle_core::money::Money::zero(asked.currency));
            let told_amount = told.amount.as_deref().and_then(|text| read_decimal(text, asked.currency));
            let amount = told_amount.unwrap_or(amount);
            error.with_payment(reference(kind_of(asked.operation), pnref, asked.tender, amount, None))
        }
        _ => error,
    }
}
