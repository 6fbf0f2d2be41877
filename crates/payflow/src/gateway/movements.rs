//! Captures, voids and refunds.

use turnbuckle_core::money::Money;
use turnbuckle_core::payment::{
    Amounts, CaptureRequest, Lifecycle, Outcome, Payment, PaymentOperation, PaymentRef, RefundReason,
    RefundRequest, RequestOptions, VoidRequest,
};
use turnbuckle_core::{Effect, Error, ErrorKind, Result};

use super::answer::{Answer, Asked, amount_of, happened, settled_down, tender_of};
use super::mark::{Intent, Mark};
use super::{PayflowGateway, detail, expect_kind, kind};
use crate::params::{Tender, read_decimal};
use crate::{Followup, Inquiry, InquiryKey, TransState};

impl PayflowGateway {
    pub(super) async fn capture_payment(&self, request: &CaptureRequest) -> Result<Outcome> {
        const OPERATION: PaymentOperation = PaymentOperation::Capture;
        let payment = &request.payment;
        expect_kind(payment, &[kind::AUTHORIZATION], "is not a handle of an authorization")?;
        no_options(&request.options)?;
        let authorized = amount_of(payment)?;
        same_currency(request.amount, authorized)?;
        if request.amount.is_some_and(|amount| amount > authorized) {
            // Payflow itself may take more than was authorized.
            return Err(Error::invalid_field("amount", "is more than was authorized"));
        }
        let mark = self.mark(Intent {
            amount: request.amount,
            parent: Some(payment),
            ..Intent::new(OPERATION, &request.key)
        });
        let capture = followup(payment, request.amount, &mark);
        let sent = self.client.capture(&capture, request.is_final, &mark.id).await;
        let asked = asked(OPERATION, payment, request.amount, authorized, &mark);
        let answer = Answer::of(sent)?;
        if answer.transaction().duplicate {
            self.confirm(&answer, &asked).await?;
        }
        let taken = self.moved(&answer, &asked, authorized).await?;
        if taken > authorized {
            let pnref = answer.transaction().pnref.as_deref().unwrap_or_default();
            let reference = super::answer::reference(kind::CAPTURE, pnref, asked.tender, taken, None);
            return Err(happened(Some(reference), "more was captured than was authorized"));
        }
        let everything = request.amount.is_none();
        let mut outcome = self.outcome(&answer, asked, taken)?;
        if let Outcome::Approved(captured) = &mut outcome
            && everything
        {
            // All that was left is taken now, so all of it is.
            captured.amounts = captured.amounts.with_captured(authorized).with_authorized(authorized);
        }
        Ok(outcome)
    }

    pub(super) async fn void_payment(&self, request: &VoidRequest) -> Result<Outcome> {
        const OPERATION: PaymentOperation = PaymentOperation::Void;
        let payment = &request.payment;
        let voidable = [kind::SALE, kind::AUTHORIZATION, kind::CAPTURE, kind::CREDIT, kind::REFUND];
        expect_kind(payment, &voidable, "is not a handle of a transaction that can be voided")?;
        no_options(&request.options)?;
        amount_of(payment)?;
        let mark = self.mark(Intent { parent: Some(payment), ..Intent::new(OPERATION, &request.key) });
        match self.client.void(&followup(payment, None, &mark), &mark.id).await {
            Ok(answer) if answer.duplicate => {
                // What the first request voided is known by what is voided.
                let found = self
                    .original(payment)
                    .await
                    .map_err(|error| error.with_effect(Effect::Unknown).with_payment(payment.clone()))?;
                if is_voided(&found) {
                    return self.voided(payment, &mark, true);
                }
                Err(Error::new(
                    ErrorKind::Conflict,
                    "the key was used before to void another transaction, and this one is not voided",
                )
                .with_effect(Effect::None))
            }
            Ok(_) => self.voided(payment, &mark, false),
            Err(error) if error.effect() == Effect::None && is_state_error(&error) => {
                // Voided already, by whomever: then it is done.
                match self.original(payment).await {
                    Ok(found) if is_voided(&found) => self.voided(payment, &mark, true),
                    _ => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    fn voided(&self, payment: &PaymentRef, mark: &Mark, replayed: bool) -> Result<Outcome> {
        let amounts = Amounts::requested(amount_of(payment)?);
        let mut voided =
            Payment::new(payment.clone(), PaymentOperation::Void, Lifecycle::Voided, amounts, self.is_live());
        voided.replayed = replayed;
        // A repetition may find the void of another attempt.
        voided.wire_key = (!replayed).then(|| mark.wire_key.clone());
        Ok(Outcome::Approved(voided))
    }

    pub(super) async fn refund_payment(&self, request: &RefundRequest) -> Result<Outcome> {
        const OPERATION: PaymentOperation = PaymentOperation::Refund;
        let payment = &request.payment;
        expect_kind(payment, &[kind::SALE, kind::CAPTURE], "is not a handle of a sale or a capture")?;
        no_options(&request.options)?;
        let whole = amount_of(payment)?;
        same_currency(request.amount, whole)?;
        if request.amount.is_some_and(|amount| amount > whole) {
            return Err(Error::invalid_field("amount", "is more than the payment"));
        }
        let tender = tender_of(payment);
        if tender == Tender::Ach && request.amount.is_some_and(|amount| amount != whole) {
            return Err(Error::invalid_field(
                "amount",
                "must be the whole debit: Payflow refunds no part of one",
            ));
        }
        let mark = self.mark(Intent {
            amount: request.amount,
            parent: Some(payment),
            ..Intent::new(OPERATION, &request.key)
        });
        let is_whole = request.amount.is_none_or(|amount| amount == whole);
        if request.void_if_unsettled && is_whole {
            let found = self.original(payment).await?;
            if found.state.is_some_and(|state| state.base == 6)
                && let Some(outcome) = self.void_instead(request, whole, &mark).await?
            {
                return Ok(outcome);
            }
        }
        // Bank debits are refunded whole; the amount may stay out.
        let mut refund = followup(payment, request.amount, &mark);
        refund.comment1 = request.reason.and_then(reason).map(str::to_owned);
        let sent = self.client.refund(&refund, &mark.id).await;
        let asked = asked(OPERATION, payment, request.amount, whole, &mark);
        let answer = Answer::of(sent)?;
        if answer.transaction().duplicate {
            self.confirm(&answer, &asked).await?;
        }
        let returned = self.moved(&answer, &asked, whole).await?;
        if returned > whole {
            let pnref = answer.transaction().pnref.as_deref().unwrap_or_default();
            let reference = super::answer::reference(kind::REFUND, pnref, tender, returned, None);
            return Err(happened(Some(reference), "more was returned than was paid"));
        }
        self.outcome(&answer, asked, returned)
    }

    /// Voids what is not settled. `None` when it is too late for that, so that a refund is the way.
    async fn void_instead(
        &self,
        request: &RefundRequest,
        whole: Money,
        mark: &Mark,
    ) -> Result<Option<Outcome>> {
        let payment = &request.payment;
        let id = self.step_id("refund/void", &request.key);
        // The void bears the refund's reference, so that a lookup of the refund finds it.
        let answer = match self.client.void(&followup(payment, None, mark), &id).await {
            Ok(answer) => answer,
            Err(error) if error.effect() == Effect::None && is_state_error(&error) => {
                // Voided under this key before, or settling by now.
                return match self.original(payment).await {
                    Ok(found) if is_voided(&found) => Err(error),
                    _ => Ok(None),
                };
            }
            Err(error) => return Err(error),
        };
        if answer.duplicate && !is_voided(&self.original(payment).await?) {
            return Err(Error::new(
                ErrorKind::Conflict,
                "the key was used before to void another transaction, and this one is not voided",
            ));
        }
        let (_, amounts) = settled_down(PaymentOperation::Refund, whole);
        let Some(pnref) = &answer.pnref else {
            return Err(happened(None, "the answer says approved and names no transaction"));
        };
        let reference = super::answer::reference(
            kind::REFUND,
            pnref,
            tender_of(payment),
            whole,
            payment.detail(detail::LAST4),
        );
        let mut refund =
            Payment::new(reference, PaymentOperation::Refund, Lifecycle::Voided, amounts, self.is_live());
        refund.parent = Some(payment.clone());
        refund.wire_key = Some(mark.wire_key.clone());
        refund.replayed = answer.duplicate;
        Ok(Some(Outcome::Approved(refund)))
    }

    /// How much an answer moved: what was asked for, or what Payflow made of "all that is left".
    async fn moved(&self, answer: &Answer, asked: &Asked<'_>, whole: Money) -> Result<Money> {
        if let Some(amount) = asked.amount {
            return Ok(amount);
        }
        let transaction = answer.transaction();
        if !answer.happened() {
            return Ok(whole);
        }
        if let Some(amount) = told(transaction.amount.as_deref(), whole) {
            return Ok(amount);
        }
        let unknown = |message: &'static str| {
            Error::new(ErrorKind::InvalidResponse, message).with_effect(Effect::Unknown)
        };
        let Some(pnref) = &transaction.pnref else {
            return Err(happened(None, "the answer says approved and names no transaction"));
        };
        let found = self.client.inquire(&InquiryKey::Original(pnref.clone()), asked.tender).await.map_err(
            |error| unknown("it went through, and for how much could not be asked").with_source(error),
        )?;
        // A vendor that does not say it either took the whole: that is what it documents.
        Ok(told(found.amount.as_deref(), whole).unwrap_or(whole))
    }

    /// The transaction behind a handle, as it is now.
    pub(super) async fn original(&self, payment: &PaymentRef) -> Result<Inquiry> {
        self.client.inquire(&InquiryKey::Original(payment.id().to_owned()), tender_of(payment)).await
    }
}

/// The reason in words, for PayPal Manager: Payflow has no field for it.
fn reason(reason: RefundReason) -> Option<&'static str> {
    match reason {
        RefundReason::Duplicate => Some("duplicate"),
        RefundReason::Fraudulent => Some("fraudulent"),
        RefundReason::RequestedByCustomer => Some("requested by customer"),
        _ => None,
    }
}

fn told(amount: Option<&str>, whole: Money) -> Option<Money> {
    read_decimal(amount?, whole.currency())
}

fn followup(payment: &PaymentRef, amount: Option<Money>, mark: &Mark) -> Followup {
    let followup = Followup::new(payment.id(), tender_of(payment)).with_customer_reference(&mark.custref);
    match amount {
        Some(amount) => followup.with_amount(amount),
        None => followup,
    }
}

fn asked<'a>(
    operation: PaymentOperation,
    payment: &'a PaymentRef,
    amount: Option<Money>,
    whole: Money,
    mark: &'a Mark,
) -> Asked<'a> {
    let mut method = turnbuckle_core::payment::MethodSummary::default();
    method.last4 = payment.detail(detail::LAST4).map(str::to_owned);
    Asked {
        operation,
        tender: tender_of(payment),
        amount,
        currency: whole.currency(),
        parent: Some(payment),
        mark,
        method: Some(method),
        changes: Vec::new(),
    }
}

/// Captures, voids and refunds carry no texts of the request's, and none may be lost silently.
fn no_options(options: &RequestOptions) -> Result<()> {
    if options.level2.is_some() {
        return Err(Error::invalid_field(
            "options.level2",
            "goes with the payment, not with what follows it",
        ));
    }
    Ok(())
}

fn same_currency(amount: Option<Money>, whole: Money) -> Result<()> {
    match amount {
        Some(amount) if amount.currency() != whole.currency() => {
            Err(Error::invalid_field("amount", "is in another currency than the payment"))
        }
        _ => Ok(()),
    }
}

/// Whether a refusal speaks of the transaction's state rather than of the request.
fn is_state_error(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Conflict | ErrorKind::InvalidRequest)
}

fn is_voided(found: &Inquiry) -> bool {
    found.state.is_some_and(|state: TransState| state.voided)
        || matches!(found.ach_status.as_deref(), Some("P05" | "P06"))
}
