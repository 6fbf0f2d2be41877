//! From Payflow's answers to outcomes, payments and declines.

use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    Amounts, AvsResult, CvvResult, Decline, DeclineAdvice, DeclineReason, Lifecycle, MethodSummary, Outcome,
    Payment, PaymentOperation, PaymentRef, TextChange,
};
use turnbuckle_core::{Effect, Environment, Error, ErrorKind, Result};

use super::mark::Mark;
use super::{PayflowGateway, detail, kind_of};
use crate::client::PROVIDER;
use crate::codes::{self, Meaning};
use crate::params::{Tender, read_decimal};
use crate::{Check, PayflowError, Transaction};

/// What was asked for, to compare an answer with.
pub(super) struct Asked<'a> {
    pub(super) operation: PaymentOperation,
    pub(super) tender: Tender,
    /// `None` where it was left to Payflow.
    pub(super) amount: Option<Money>,
    pub(super) currency: Currency,
    pub(super) parent: Option<&'a PaymentRef>,
    pub(super) mark: &'a Mark,
    pub(super) method: Option<MethodSummary>,
    pub(super) changes: Vec<TextChange>,
}

/// An answer that says what became of a transaction.
pub(super) enum Answer {
    /// `RESULT` 0.
    Done(Transaction),
    /// Done, and held for review.
    Held(Transaction),
    /// The method was refused.
    Declined(Transaction, DeclineReason, DeclineAdvice),
}

impl Answer {
    /// # Errors
    /// Whatever is neither a success, a hold nor a decline; and a decline that leaves open what an earlier send did.
    pub(super) fn of(result: Result<Transaction>) -> Result<Self> {
        let error = match result {
            Ok(transaction) => return Ok(Self::Done(transaction)),
            Err(error) => error,
        };
        match PayflowError::of(&error).map(|said| (said.meaning(), said.transaction.clone())) {
            Some((Meaning::Held, transaction)) => Ok(Self::Held(transaction)),
            Some((Meaning::Declined(reason, advice), transaction)) if error.effect() == Effect::None => {
                Ok(Self::Declined(transaction, reason, advice))
            }
            _ => Err(error),
        }
    }

    pub(super) fn transaction(&self) -> &Transaction {
        match self {
            Self::Done(transaction) | Self::Held(transaction) | Self::Declined(transaction, ..) => {
                transaction
            }
        }
    }

    /// Whether something exists at Payflow now.
    pub(super) fn happened(&self) -> bool {
        !matches!(self, Self::Declined(..))
    }
}

/// The handle of a transaction.
pub(super) fn reference(
    kind: &'static str,
    pnref: &str,
    tender: Tender,
    amount: Money,
    last4: Option<&str>,
) -> PaymentRef {
    let reference = PaymentRef::new(PROVIDER, kind, pnref)
        .with_detail(detail::TENDER, tender.as_str())
        .with_detail(detail::CURRENCY, amount.currency().code())
        .with_detail(detail::AMOUNT, amount.to_decimal());
    match last4 {
        Some(last4) => reference.with_detail(detail::LAST4, last4),
        None => reference,
    }
}

/// The tender of an earlier transaction.
pub(super) fn tender_of(payment: &PaymentRef) -> Tender {
    if payment.detail(detail::TENDER) == Some(Tender::Ach.as_str()) { Tender::Ach } else { Tender::Card }
}

/// The amount of an earlier transaction.
///
/// # Errors
/// [`InvalidRequest`](ErrorKind::InvalidRequest) for a handle that does not carry it.
pub(super) fn amount_of(payment: &PaymentRef) -> Result<Money> {
    let unusable = || Error::invalid_field("payment", "does not carry its amount and currency");
    let currency = payment.detail(detail::CURRENCY).ok_or_else(unusable)?;
    let currency = Currency::new(currency).map_err(|_| unusable())?;
    let amount = payment.detail(detail::AMOUNT).ok_or_else(unusable)?;
    read_decimal(amount, currency).ok_or_else(unusable)
}

/// An answer that cannot be right although the transaction went through.
pub(super) fn happened(payment: Option<PaymentRef>, message: &'static str) -> Error {
    let error = Error::new(ErrorKind::InvalidResponse, message).with_effect(Effect::Happened);
    match payment {
        Some(payment) => error.with_payment(payment),
        None => error,
    }
}

impl PayflowGateway {
    pub(super) fn is_live(&self) -> bool {
        self.client.environment() == Environment::Production
    }

    /// The outcome of an answer that stands, for an amount that is known.
    pub(super) fn outcome(&self, answer: &Answer, asked: Asked<'_>, amount: Money) -> Result<Outcome> {
        let transaction = answer.transaction();
        if let Answer::Declined(transaction, reason, advice) = answer {
            return Ok(Outcome::Declined(decline(transaction, *reason, *advice, &asked, amount)));
        }
        let Some(pnref) = &transaction.pnref else {
            return Err(happened(None, "the answer says approved and names no transaction"));
        };
        let last4 = asked.method.as_ref().and_then(|method| method.last4.clone());
        let last4 = last4.or_else(|| transaction.last4.clone());
        let reference = reference(kind_of(asked.operation), pnref, asked.tender, amount, last4.as_deref());
        if let Some(told) = &transaction.amount
            && read_decimal(told, amount.currency()) != Some(amount)
        {
            return Err(happened(Some(reference), "the answer is about another amount than was asked for"));
        }
        let pending = asked.tender == Tender::Ach || matches!(answer, Answer::Held(_));
        let (lifecycle, amounts) = if pending {
            (Lifecycle::Pending, Amounts::requested(amount))
        } else {
            settled_down(asked.operation, amount)
        };
        let mut payment = Payment::new(reference, asked.operation, lifecycle, amounts, self.is_live());
        payment.parent = asked.parent.cloned();
        payment.wire_key = Some(asked.mark.wire_key.clone());
        let mut method = asked.method.unwrap_or_default();
        if method.kind.is_empty() {
            asked.tender.word().clone_into(&mut method.kind);
        }
        method.brand = method.brand.or_else(|| transaction.brand.map(str::to_owned));
        method.last4 = last4;
        payment.method = Some(method);
        payment.avs = avs(transaction.street_match, transaction.postal_match);
        payment.cvv = cvv(transaction.cvv_match);
        payment.auth_code.clone_from(&transaction.auth_code);
        payment.network_id.clone_from(&transaction.network_id);
        payment.vendor_status = Some(transaction.result.to_string());
        payment.replayed = transaction.duplicate;
        payment.under_review = matches!(answer, Answer::Held(_));
        payment.text_changes = asked.changes;
        Ok(match answer {
            Answer::Held(_) => Outcome::Held(payment),
            _ if asked.tender == Tender::Ach => Outcome::Processing(payment),
            _ => Outcome::Approved(payment),
        })
    }
}

/// Where a transaction stands that went through just now.
pub(super) fn settled_down(operation: PaymentOperation, amount: Money) -> (Lifecycle, Amounts) {
    let amounts = Amounts::requested(amount);
    match operation {
        PaymentOperation::Authorize => (Lifecycle::Authorized, amounts.with_authorized(amount)),
        PaymentOperation::Refund | PaymentOperation::Credit => {
            (Lifecycle::Refunded, amounts.with_refunded(amount))
        }
        PaymentOperation::Verify => (Lifecycle::Verified, amounts),
        PaymentOperation::Void => (Lifecycle::Voided, amounts),
        _ => (Lifecycle::Captured, amounts.with_authorized(amount).with_captured(amount)),
    }
}

fn decline(
    transaction: &Transaction,
    reason: DeclineReason,
    advice: DeclineAdvice,
    asked: &Asked<'_>,
    amount: Money,
) -> Decline {
    let mut decline = Decline::new(reason, advice);
    decline.code = Some(transaction.result.to_string());
    decline.text.clone_from(&transaction.message);
    decline.network_code = transaction.network_code.clone().or_else(|| transaction.host_code.clone());
    decline.avs = avs(transaction.street_match, transaction.postal_match);
    decline.cvv = cvv(transaction.cvv_match);
    decline.request_id.clone_from(&transaction.pnref);
    if let Some(pnref) = &transaction.pnref
        && codes::leaves_authorization(transaction.result)
    {
        let kind = kind_of(asked.operation);
        decline.open_authorization = Some(reference(kind, pnref, asked.tender, amount, None));
    }
    decline
}

pub(super) fn avs(street: Option<Check>, postal: Option<Check>) -> Option<AvsResult> {
    if street.is_none() && postal.is_none() {
        return None;
    }
    let (street, postal) = (street.unwrap_or(Check::NotDone), postal.unwrap_or(Check::NotDone));
    Some(match (street, postal) {
        (Check::Yes, Check::Yes) => AvsResult::Match,
        (Check::Yes, _) => AvsResult::StreetOnly,
        (_, Check::Yes) => AvsResult::PostalOnly,
        (Check::NotDone, Check::NotDone) => AvsResult::NotChecked,
        _ => AvsResult::NoMatch,
    })
}

pub(super) fn cvv(check: Option<Check>) -> Option<CvvResult> {
    check.map(|check| match check {
        Check::Yes => CvvResult::Match,
        Check::No => CvvResult::NoMatch,
        Check::NotDone => CvvResult::NotChecked,
    })
}
