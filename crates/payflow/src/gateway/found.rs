//! From what an inquiry finds to payments.

use turnbuckle_core::Effect;
use turnbuckle_core::money::Money;
use turnbuckle_core::payment::{Amounts, Lifecycle, MethodSummary, Payment, PaymentOperation, PaymentRef};

use super::answer::{avs, cvv, reference, settled_down};
use super::{PayflowGateway, kind_of};
use crate::codes::{self, Meaning};
use crate::params::{Tender, read_decimal};
use crate::{Inquiry, TransState};

impl PayflowGateway {
    /// A found transaction as a payment. `amount` stands where the answer tells none.
    ///
    /// How much of an authorization was captured is not told; the captures say it.
    pub(super) fn found(
        &self,
        found: &Inquiry,
        pnref: &str,
        operation: PaymentOperation,
        tender: Tender,
        amount: Money,
    ) -> Payment {
        let told = found.amount.as_deref().and_then(|text| read_decimal(text, amount.currency()));
        let amount = told.unwrap_or(amount);
        let reference = reference(kind_of(operation), pnref, tender, amount, found.last4.as_deref());
        let lifecycle = lifecycle(found, operation);
        let amounts = amounts(lifecycle, operation, amount);
        let mut payment = Payment::new(reference, operation, lifecycle, amounts, self.is_live());
        payment.under_review = stand(found) == Stand::Held;
        let mut method = MethodSummary::default();
        tender.word().clone_into(&mut method.kind);
        method.brand = found.brand.map(str::to_owned);
        method.last4.clone_from(&found.last4);
        payment.method = Some(method);
        payment.avs = avs(found.street_match, found.postal_match);
        payment.cvv = cvv(found.cvv_match);
        payment.auth_code.clone_from(&found.auth_code);
        payment.network_id.clone_from(&found.network_id);
        payment.vendor_status = found
            .ach_status
            .clone()
            .or_else(|| found.fields.filled("TRANSSTATE").map(str::to_owned))
            .filter(|status| crate::transaction::is_id(status));
        payment
    }

    /// A found void as the payment that it voided.
    pub(super) fn found_void(&self, found: &Inquiry, parent: &PaymentRef, amount: Money) -> Payment {
        let lifecycle =
            if found.original_result == 0 { Lifecycle::Voided } else { lifecycle_of_result(found) };
        Payment::new(
            parent.clone(),
            PaymentOperation::Void,
            lifecycle,
            Amounts::requested(amount),
            self.is_live(),
        )
    }
}

/// Whether nobody, Payflow included, knows what became of it.
pub(super) fn is_unknown(found: &Inquiry) -> bool {
    matches!(codes::lookup(found.original_result).meaning, Meaning::Refused(_, Effect::Unknown))
        && codes::TABLE.iter().any(|row| row.code == found.original_result)
}

/// Where a transaction stands that may have been held for review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stand {
    Held,
    /// It was never held, or goes on.
    GoesOn,
    /// It was refused or voided.
    Stopped,
}

/// Which `ORIGRESULT` and `TRANSSTATE` a transaction has once it was decided about is not proven, so both are looked at: a
/// result of 0, or one of the states in which a transaction goes on by itself, means that it does.
pub(super) fn stand(found: &Inquiry) -> Stand {
    let state = found.state;
    if state.is_some_and(|state| state.voided) {
        return Stand::Stopped;
    }
    let goes_on = state.is_some_and(|state| !state.hangs && matches!(state.base, 3 | 6..=9));
    match codes::lookup(found.original_result).meaning {
        Meaning::Approved => Stand::GoesOn,
        Meaning::Held if goes_on => Stand::GoesOn,
        Meaning::Held => Stand::Held,
        _ => Stand::Stopped,
    }
}

fn lifecycle_of_result(found: &Inquiry) -> Lifecycle {
    match codes::lookup(found.original_result).meaning {
        Meaning::Held => Lifecycle::Pending,
        _ if is_unknown(found) => Lifecycle::Pending,
        _ => Lifecycle::Failed,
    }
}

fn lifecycle(found: &Inquiry, operation: PaymentOperation) -> Lifecycle {
    if found.state.is_some_and(|state| state.voided) {
        return Lifecycle::Voided;
    }
    if let Some(status) = &found.ach_status {
        return of_debit(status, operation);
    }
    if found.original_result != 0 && stand(found) != Stand::GoesOn {
        return lifecycle_of_result(found);
    }
    let fresh = settled_down(operation, Money::zero(turnbuckle_core::money::Currency::USD)).0;
    match found.state {
        None => fresh,
        // It hangs: it may settle once somebody sees to it.
        Some(TransState { hangs: true, .. }) => Lifecycle::Pending,
        Some(state) => of_state(state.base, operation, fresh),
    }
}

fn of_state(base: u32, operation: PaymentOperation, fresh: Lifecycle) -> Lifecycle {
    let returns = matches!(operation, PaymentOperation::Refund | PaymentOperation::Credit);
    match base {
        1 => Lifecycle::Failed,
        // An authorization that was captured.
        9 => Lifecycle::Captured,
        6..=8 if returns => Lifecycle::Refunded,
        7 => Lifecycle::Settling,
        8 => Lifecycle::Settled,
        // What failed to settle may settle later.
        10 | 11 | 12 | 14 | 16 => Lifecycle::Pending,
        15 => Lifecycle::Disputed,
        _ => fresh,
    }
}

fn of_debit(status: &str, operation: PaymentOperation) -> Lifecycle {
    let returns = matches!(operation, PaymentOperation::Refund | PaymentOperation::Credit);
    match status {
        "P03" if returns => Lifecycle::Refunded,
        "P03" => Lifecycle::Settling,
        "P05" | "P06" => Lifecycle::Voided,
        "P15" => Lifecycle::Failed,
        returned if returned.starts_with('R') => Lifecycle::Returned,
        _ => Lifecycle::Pending,
    }
}

fn amounts(lifecycle: Lifecycle, operation: PaymentOperation, amount: Money) -> Amounts {
    match lifecycle {
        Lifecycle::Voided | Lifecycle::Failed | Lifecycle::Pending | Lifecycle::Returned => {
            Amounts::requested(amount)
        }
        _ => settled_down(operation, amount).1,
    }
}
