//! What came of a transaction: the response code decides, never the result code of the request.

use turnbuckle_core::http::Operation;
use turnbuckle_core::money::Money;
use turnbuckle_core::payment::{
    Amounts, AvsResult, CvvResult, Decline, DeclineAdvice, DeclineReason, Lifecycle, MethodSummary, Outcome,
    Payment, PaymentOperation, PaymentRef, WireKey,
};
use turnbuckle_core::{Effect, Environment, Error, ErrorKind, Result};

use super::{AuthorizeNetGateway, detail, kind};
use crate::client::PROVIDER;
use crate::codes::Meaning;
use crate::transactions::ReplyFacts;
use crate::wire::{Decimal, is_numeric, is_word};
use crate::{TransactionAnswer, TransactionResponse};

/// What was asked for, to hold the answer against.
pub(super) struct Asked<'a> {
    pub(super) operation: PaymentOperation,
    pub(super) amount: Money,
    /// Of captures and voids: what was authorized, where that is known.
    pub(super) authorized: Option<Money>,
    pub(super) key: &'a WireKey,
    pub(super) allow_partial: bool,
    /// The payment that it works on.
    pub(super) parent: Option<&'a PaymentRef>,
    /// Whether a bank account pays.
    pub(super) is_bank: bool,
    pub(super) sent: Operation,
}

/// What an answer says.
pub(super) enum Judged {
    Outcome(Box<Outcome>),
    /// The duplicate check stopped it; the first transaction, where the answer names it.
    Duplicate(Option<String>),
    /// It had been captured or voided before.
    AlreadyDone,
}

impl AuthorizeNetGateway {
    /// Judges an answer.
    ///
    /// # Errors
    /// What the vendor refused, what leaves the outcome open, and answers that contradict the request.
    pub(super) fn judge(
        &self,
        asked: &Asked<'_>,
        answer: &TransactionAnswer,
        facts: &ReplyFacts,
    ) -> Result<Judged> {
        let response = &answer.response;
        let meaning = response.meaning();
        let code = response.reason_code().unwrap_or_default();
        let strange = |what: &'static str| Err(contradicts(asked, response, Effect::Unknown, what));
        match response.response_code.as_deref() {
            Some("1" | "4") if response.has("310") || response.has("311") => Ok(Judged::AlreadyDone),
            Some("1") if meaning == Some(Meaning::Held) => self.held(asked, response).map(judged),
            Some("1") if response.errors.is_empty() => self.approved(asked, response).map(judged),
            Some("1") => strange("the answer says approved, and names errors"),
            Some("4") if meaning == Some(Meaning::Partial) => self.approved(asked, response).map(judged),
            Some("4") => self.held(asked, response).map(judged),
            Some("2") => Ok(judged(Outcome::Declined(decline(asked, answer)))),
            Some("3") => match meaning {
                Some(Meaning::Declined(..) | Meaning::DeclinedOpen(..)) => {
                    Ok(judged(Outcome::Declined(decline(asked, answer))))
                }
                Some(Meaning::Duplicate) => Ok(Judged::Duplicate(response.id().map(str::to_owned))),
                Some(Meaning::AlreadyDone) => Ok(Judged::AlreadyDone),
                _ => {
                    let error = answer.error(&asked.sent, code, facts);
                    // Where the outcome is open the id helps to find out; where it is not, there is no payment.
                    Err(match response.id().filter(|_| error.effect() == Effect::Unknown) {
                        Some(id) => error.with_payment(reference(id, asked, response)),
                        None => error,
                    })
                }
            },
            _ => strange("the answer has a response code that is not known"),
        }
    }

    /// An approval, held against what was asked for.
    fn approved(&self, asked: &Asked<'_>, response: &TransactionResponse) -> Result<Outcome> {
        let mut payment = self.payment(asked, response)?;
        if asked.operation == PaymentOperation::Verify {
            payment.lifecycle = Lifecycle::Verified;
            return Ok(Outcome::Approved(payment));
        }
        let part = part(asked, response)?;
        let moved = part.unwrap_or(asked.amount);
        let amounts = Amounts::requested(asked.amount);
        let reserved = asked.authorized.unwrap_or(moved);
        (payment.lifecycle, payment.amounts) = match asked.operation {
            PaymentOperation::Authorize => (Lifecycle::Authorized, amounts.with_authorized(moved)),
            PaymentOperation::Void => (Lifecycle::Voided, amounts),
            PaymentOperation::Refund | PaymentOperation::Credit => {
                (Lifecycle::Refunded, amounts.with_refunded(moved))
            }
            _ if asked.is_bank => (Lifecycle::Pending, amounts),
            _ => (Lifecycle::Captured, amounts.with_authorized(reserved).with_captured(moved)),
        };
        if payment.lifecycle == Lifecycle::Pending {
            // A bank debit is approved when it is taken in; the bank answers days later.
            return Ok(Outcome::Processing(payment));
        }
        Ok(if part.is_some() { Outcome::PartiallyApproved(payment) } else { Outcome::Approved(payment) })
    }

    fn held(&self, asked: &Asked<'_>, response: &TransactionResponse) -> Result<Outcome> {
        let mut payment = self.payment(asked, response)?;
        payment.lifecycle = Lifecycle::Pending;
        payment.under_review = true;
        Ok(Outcome::Held(payment))
    }

    /// The payment behind an answer that is neither a decline nor an error.
    fn payment(&self, asked: &Asked<'_>, response: &TransactionResponse) -> Result<Payment> {
        let wrong = |what: &'static str| Err(contradicts(asked, response, Effect::Happened, what));
        let Some(id) = response.id() else {
            // An account in test mode answers as if it approved, with an id of zero.
            return wrong("the answer says approved, without a transaction: the account is in test mode");
        };
        if !is_numeric(id) {
            return wrong("the answer says approved, with an id that is none");
        }
        let works_on_parent = matches!(asked.operation, PaymentOperation::Capture | PaymentOperation::Void);
        if let Some(parent) = asked.parent {
            let named = response.ref_trans_id.as_deref().filter(|id| *id != "0");
            let same =
                if works_on_parent { id == parent.id() } else { named.is_none_or(|id| id == parent.id()) };
            if !same {
                return wrong("the answer is about another payment than was asked for");
            }
        }
        self.check_hash(asked, response, id)?;
        let live = self.client.environment() == Environment::Production
            && response.test_request.as_deref() != Some("1");
        let mut payment = Payment::new(
            reference(id, asked, response),
            asked.operation,
            Lifecycle::Pending,
            Amounts::requested(asked.amount),
            live,
        );
        if asked.operation == PaymentOperation::Refund {
            payment.parent = asked.parent.cloned();
        }
        payment.wire_key = Some(asked.key.clone());
        payment.method = Some(summary(response, asked.is_bank));
        payment.avs = avs(response.avs_result_code.as_deref());
        payment.cvv = cvv(response.cvv_result_code.as_deref());
        payment.auth_code.clone_from(&response.auth_code);
        payment.network_id.clone_from(&response.network_trans_id);
        Ok(payment)
    }

    /// Where the vendor sends its hash and the connection has the key, both must agree about the amount.
    fn check_hash(&self, asked: &Asked<'_>, response: &TransactionResponse, id: &str) -> Result<()> {
        let account = &self.client.account;
        let (Some(key), Some(hash)) = (&account.hash_key, &response.trans_hash_sha2) else { return Ok(()) };
        // Of captures and voids it is not proven which amount the vendor hashes.
        if !matches!(asked.operation, PaymentOperation::Purchase | PaymentOperation::Authorize) {
            return Ok(());
        }
        let part = part(asked, response)?;
        let amount = Decimal::from(part.unwrap_or(asked.amount));
        if key.fits(&account.login, id, &amount, hash) {
            return Ok(());
        }
        let what = "the answer's hash does not fit its transaction and amount";
        Err(contradicts(asked, response, Effect::Unknown, what))
    }
}

fn judged(outcome: Outcome) -> Judged {
    Judged::Outcome(Box::new(outcome))
}

fn contradicts(
    asked: &Asked<'_>,
    response: &TransactionResponse,
    effect: Effect,
    what: &'static str,
) -> Error {
    let error = Error::new(ErrorKind::InvalidResponse, what)
        .with_effect(effect)
        .or_context(&PROVIDER, asked.sent.name);
    match response.id() {
        Some(id) => error.with_payment(reference(id, asked, response)),
        None => error,
    }
}

/// The handle of a transaction, with what a capture or a refund needs of it later.
fn reference(id: &str, asked: &Asked<'_>, response: &TransactionResponse) -> PaymentRef {
    let parent = asked.parent.filter(|parent| parent.id() == id);
    if let Some(parent) = parent {
        return parent.clone();
    }
    let is_bank = asked.is_bank || response.account_type.as_deref() == Some("eCheck");
    let approved = approved_amount(asked, response).and_then(Result::ok);
    transaction_ref(id, approved.unwrap_or(asked.amount), response.last4(), is_bank)
}

/// The approved amount, where the answer names it: it does of prepaid cards and of parts.
fn approved_amount(asked: &Asked<'_>, response: &TransactionResponse) -> Option<Result<Money>> {
    let card = response.pre_paid_card.as_ref()?;
    Some(card.approved_amount.as_ref()?.money(asked.amount.currency()))
}

/// The smaller amount that was approved, where it was one.
fn part(asked: &Asked<'_>, response: &TransactionResponse) -> Result<Option<Money>> {
    let named = approved_amount(asked, response).transpose().map_err(|error| {
        let what = "the answer has an approved amount that cannot be read";
        contradicts(asked, response, Effect::Happened, what).with_source(error)
    })?;
    let is_partial = response.has("295");
    match named {
        Some(amount) if amount != asked.amount => Ok(Some(amount)),
        None if is_partial => {
            let what = "a part was approved, and the answer does not say how much";
            Err(contradicts(asked, response, Effect::Happened, what))
        }
        _ => Ok(None),
    }
}

fn decline(asked: &Asked<'_>, answer: &TransactionAnswer) -> Decline {
    let response = &answer.response;
    let (reason, advice, open) = match response.meaning() {
        Some(Meaning::Declined(reason, advice)) => (reason, advice, false),
        Some(Meaning::DeclinedOpen(reason, advice)) => (reason, advice, true),
        Some(Meaning::Duplicate) => (DeclineReason::Duplicate, DeclineAdvice::NeverAgain, false),
        _ => (DeclineReason::Other, DeclineAdvice::AskBank, false),
    };
    let mut decline = Decline::new(reason, advice);
    decline.code = response.reason_code().filter(|code| is_word(code)).map(str::to_owned);
    let wording = response.errors.first().or_else(|| response.messages.first());
    decline.text = wording.and_then(|message| message.text.clone());
    decline.avs = avs(response.avs_result_code.as_deref());
    decline.cvv = cvv(response.cvv_result_code.as_deref());
    decline.request_id.clone_from(&answer.request_id);
    if open {
        decline.open_authorization = response.id().map(|id| reference(id, asked, response));
    }
    decline
}

/// The handle of a transaction.
pub(super) fn transaction_ref(id: &str, amount: Money, last4: Option<&str>, is_bank: bool) -> PaymentRef {
    let reference = PaymentRef::new(PROVIDER, kind::TRANSACTION, id)
        .with_detail(detail::CURRENCY, amount.currency().code())
        .with_detail(detail::AMOUNT, amount.to_decimal())
        .with_detail(detail::TENDER, if is_bank { detail::BANK } else { detail::CARD });
    match last4 {
        Some(last4) => reference.with_detail(detail::LAST4, last4),
        None => reference,
    }
}

fn summary(response: &TransactionResponse, is_bank: bool) -> MethodSummary {
    method(response.account_type.as_deref(), response.last4(), is_bank)
}

/// What may be shown of a method.
pub(super) fn method(account_type: Option<&str>, last4: Option<&str>, is_bank: bool) -> MethodSummary {
    let mut summary = MethodSummary::default();
    let is_bank = is_bank || account_type == Some("eCheck");
    if is_bank { "bank_account" } else { "card" }.clone_into(&mut summary.kind);
    summary.brand = match account_type {
        _ if is_bank => None,
        Some("AmericanExpress") => Some("amex".to_owned()),
        Some("DinersClub") => Some("diners".to_owned()),
        Some(brand) => Some(brand.to_ascii_lowercase()),
        None => None,
    };
    summary.last4 = last4.map(str::to_owned);
    summary
}

/// Address verification. Not-checked covers what the issuer could not do and what nobody asked for.
pub(super) fn avs(letter: Option<&str>) -> Option<AvsResult> {
    Some(match letter? {
        "X" | "Y" => AvsResult::Match,
        "A" => AvsResult::StreetOnly,
        "W" | "Z" => AvsResult::PostalOnly,
        "N" => AvsResult::NoMatch,
        _ => AvsResult::NotChecked,
    })
}

/// Security code verification.
pub(super) fn cvv(letter: Option<&str>) -> Option<CvvResult> {
    Some(match letter? {
        "M" => CvvResult::Match,
        "N" => CvvResult::NoMatch,
        _ => CvvResult::NotChecked,
    })
}
