//! What money-moving requests do to the books.

use turnbuckle_core::money::Money;
use turnbuckle_core::payment::{
    Amounts, CaptureRequest, Decision, Decline, DeclineAdvice, DeclineReason, Lifecycle, MerchantReference,
    NextAction, OnAction, Outcome, Payment, PaymentOperation, PaymentRef, RefundRequest, TextChange, WireKey,
};
use turnbuckle_core::{Error, ErrorKind, Result};

use super::Bug;
use super::books::{Books, Mark, Record};
use super::magic::{Instrument, Magic};
use super::vendor::ReferenceVendor;

/// One request as it arrives at the vendor.
pub(super) struct Arrival<'a> {
    pub(super) vendor: &'a ReferenceVendor,
    pub(super) operation: PaymentOperation,
    pub(super) key: WireKey,
    pub(super) fingerprint: String,
    pub(super) live: bool,
}

/// What a payment asks for.
pub(super) struct Asked<'a> {
    pub(super) amount: Money,
    pub(super) reference: &'a MerchantReference,
    pub(super) instrument: Instrument,
    pub(super) allow_partial: bool,
    pub(super) on_action: &'a OnAction,
    pub(super) changes: Vec<TextChange>,
    /// Only for the defect that leaks it.
    pub(super) number: Option<String>,
}

fn conflict(code: &'static str, message: &'static str) -> Error {
    Error::new(ErrorKind::Conflict, message).with_code(code)
}

impl Arrival<'_> {
    fn has(&self, bug: Bug) -> bool {
        self.vendor.has(bug)
    }

    /// Answers a repetition from memory, or does the work and remembers the answer.
    pub(super) fn once(
        &self,
        books: &mut Books,
        requested: impl FnOnce(&Outcome) -> Option<(String, Money)>,
        work: impl FnOnce(&mut Books) -> Result<Outcome>,
    ) -> Result<Outcome> {
        let now = self.vendor.now();
        if !self.has(Bug::ForgetsKeys) {
            let compares = !self.has(Bug::IgnoresChangedAmount);
            if let Some(answer) = books.replay(&self.key, &self.fingerprint, now, compares)? {
                return Ok(answer);
            }
        }
        let answer = work(books)?;
        if let Some((record, requested)) = requested(&answer) {
            let mark = Mark {
                operation: self.operation,
                record,
                requested,
                fingerprint: self.fingerprint.clone(),
                answer: answer.clone(),
                at: now,
            };
            books.marks.insert(self.key.clone(), mark);
        }
        Ok(answer)
    }

    pub(super) fn pay(&self, books: &mut Books, asked: &Asked<'_>) -> Result<Outcome> {
        let mut made = None;
        let answer = self.once(
            books,
            |_| None,
            |books| {
                let (record, answer) = self.decide_payment(books, asked);
                made = Some(record.id.clone());
                books.save(record);
                Ok(answer)
            },
        )?;
        // A declined payment has no payment in its answer, and still is what its key did.
        if let Some(record) = made {
            let mark = Mark {
                operation: self.operation,
                record,
                requested: asked.amount,
                fingerprint: self.fingerprint.clone(),
                answer: answer.clone(),
                at: self.vendor.now(),
            };
            books.marks.insert(self.key.clone(), mark);
        }
        Ok(answer)
    }

    fn new_record(&self, books: &mut Books, prefix: &str, amounts: Amounts, lifecycle: Lifecycle) -> Record {
        Record {
            id: books.next_id(prefix),
            operation: self.operation,
            lifecycle,
            amounts,
            live: self.live,
            parent: None,
            merchant_reference: None,
            wire_key: self.key.clone(),
            method: None,
            magic: Magic::Approve,
            created_at: self.vendor.now(),
            open: false,
        }
    }

    fn decide_payment(&self, books: &mut Books, asked: &Asked<'_>) -> (Record, Outcome) {
        let none = Amounts::requested(asked.amount);
        let mut record = self.new_record(books, "pay", none, Lifecycle::Pending);
        record.merchant_reference = Some(asked.reference.clone());
        record.method = Some(asked.instrument.summary.clone());
        record.magic = asked.instrument.magic;
        let changes = if self.has(Bug::FitsSilently) { Vec::new() } else { asked.changes.clone() };
        let shown = |record: &Record| {
            let mut payment = record.own();
            payment.text_changes.clone_from(&changes);
            if self.has(Bug::LeaksCard) {
                payment.vendor_status.clone_from(&asked.number);
            }
            payment
        };
        let decline = |reason, advice, code: &str| {
            let mut decline = Decline::new(reason, advice);
            decline.code = Some(code.to_owned());
            decline.text = Some("The payment was declined.".to_owned());
            decline
        };
        let magic = match asked.instrument.magic {
            Magic::Decline if self.has(Bug::ApprovesDeclines) => Magic::Approve,
            Magic::Held if self.has(Bug::ApprovesHeld) => Magic::Approve,
            magic => magic,
        };
        let declined = match magic {
            Magic::Decline | Magic::OpenHold => {
                Some((DeclineReason::DoNotHonor, DeclineAdvice::OtherMethod, "do_not_honor"))
            }
            Magic::Partial if !asked.allow_partial && !self.has(Bug::ApprovesPartsUnasked) => {
                Some((DeclineReason::InsufficientFunds, DeclineAdvice::OtherMethod, "insufficient_funds"))
            }
            Magic::Action if matches!(asked.on_action, OnAction::Refuse) => {
                let advice = DeclineAdvice::Authenticate;
                Some((DeclineReason::AuthenticationRequired, advice, "authentication_required"))
            }
            _ => None,
        };
        if let Some((reason, advice, code)) = declined {
            let mut decline = decline(reason, advice, code);
            record.lifecycle = Lifecycle::Failed;
            if magic == Magic::OpenHold {
                record.lifecycle = Lifecycle::Authorized;
                record.amounts = none.with_authorized(asked.amount);
                decline.open_authorization = Some(record.reference());
            }
            return (record, Outcome::Declined(decline));
        }
        match magic {
            Magic::Action => {
                let page = "https://reference.invalid/authenticate";
                let answer = match url::Url::parse_with_params(page, [("payment", &record.id)]) {
                    Ok(url) => Outcome::RequiresAction(shown(&record), NextAction::Redirect { url }),
                    Err(_) => Outcome::Declined(decline(
                        DeclineReason::ProcessingError,
                        DeclineAdvice::OtherMethod,
                        "no_page",
                    )),
                };
                (record, answer)
            }
            Magic::Held => {
                record.amounts = none.with_authorized(asked.amount);
                let answer = Outcome::Held(shown(&record));
                (record, answer)
            }
            Magic::Debit | Magic::Bounce => {
                let answer = Outcome::Processing(shown(&record));
                (record, answer)
            }
            Magic::Partial => {
                let half = Money::new((asked.amount.minor() + 1) / 2, asked.amount.currency());
                self.take(books, &mut record, half);
                let answer = Outcome::PartiallyApproved(shown(&record));
                (record, answer)
            }
            _ => {
                self.take(books, &mut record, asked.amount);
                let answer = Outcome::Approved(shown(&record));
                (record, answer)
            }
        }
    }

    /// Reserves, and for a purchase takes.
    fn take(&self, books: &mut Books, record: &mut Record, amount: Money) {
        let taken =
            if self.has(Bug::TakesMore) { Money::new(amount.minor() + 1, amount.currency()) } else { amount };
        record.amounts = record.amounts.with_authorized(taken);
        if record.operation == PaymentOperation::Authorize {
            record.lifecycle = Lifecycle::Authorized;
            record.open = true;
        } else {
            record.amounts = record.amounts.with_captured(taken);
            record.lifecycle = Lifecycle::Captured;
            books.book(record, &self.key, taken, self.vendor.now());
        }
    }

    pub(super) fn capture(&self, books: &mut Books, request: &CaptureRequest) -> Result<Outcome> {
        self.once(books, identified, |books| {
            let mut record = books.record(&request.payment)?;
            if !record.open {
                return Err(conflict("not_capturable", "the payment has nothing left to capture"));
            }
            let left = difference(record.amounts.authorized, record.amounts.captured)?;
            let amount = request.amount.unwrap_or(left);
            if amount.currency() != left.currency() {
                return Err(Error::invalid_field("amount", "is in another currency than the authorization"));
            }
            if amount > left && !self.has(Bug::CapturesTooMuch) {
                return Err(Error::invalid_field("amount", "is more than what is left of the authorization"));
            }
            let total = sum(record.amounts.captured, amount)?;
            record.amounts = record.amounts.with_captured(total);
            record.lifecycle = Lifecycle::Captured;
            record.open = !request.is_final && amount < left;
            books.book(&record, &self.key, amount, self.vendor.now());
            let payment = record.payment(self.operation, &self.key, amount);
            books.save(record);
            Ok(Outcome::Approved(payment))
        })
    }

    pub(super) fn void(
        &self,
        books: &mut Books,
        reference: &PaymentRef,
        captured_too: bool,
    ) -> Result<Outcome> {
        self.once(books, identified, |books| {
            let mut record = books.record(reference)?;
            let requested = record.amounts.requested;
            match record.lifecycle {
                Lifecycle::Voided if !self.has(Bug::RefusesSecondVoid) => {}
                Lifecycle::Authorized | Lifecycle::Pending => self.release(books, &mut record),
                Lifecycle::Captured if captured_too => self.release(books, &mut record),
                _ => return Err(conflict("not_voidable", "the payment can no longer be voided")),
            }
            let mut payment = record.payment(self.operation, &self.key, requested);
            if self.has(Bug::VoidsNothing) {
                payment.lifecycle = Lifecycle::Voided;
            }
            Ok(Outcome::Approved(payment))
        })
    }

    fn release(&self, books: &mut Books, record: &mut Record) {
        if self.has(Bug::VoidsNothing) {
            return;
        }
        record.lifecycle = Lifecycle::Voided;
        record.amounts = Amounts::requested(record.amounts.requested);
        record.open = false;
        books.unbook(record);
        books.save(record.clone());
    }

    pub(super) fn refund(&self, books: &mut Books, request: &RefundRequest) -> Result<Outcome> {
        self.once(books, identified, |books| {
            let mut parent = books.record(&request.payment)?;
            let left = difference(parent.amounts.captured, parent.amounts.refunded)?;
            if !left.is_positive() {
                return Err(conflict("nothing_left", "the payment has nothing left to refund"));
            }
            let amount = request.amount.unwrap_or(left);
            if amount.currency() != left.currency() {
                return Err(Error::invalid_field("amount", "is in another currency than the payment"));
            }
            if amount > left && !self.has(Bug::RefundsTooMuch) {
                return Err(Error::invalid_field("amount", "is more than what is left of the payment"));
            }
            let amounts = Amounts::requested(amount).with_refunded(amount);
            let mut refund = self.new_record(books, "re", amounts, Lifecycle::Settling);
            refund.parent = Some(parent.id.clone());
            let whole = amount == left && parent.amounts.refunded.is_zero();
            if request.void_if_unsettled && whole && parent.lifecycle == Lifecycle::Captured {
                self.release(books, &mut parent);
                refund.lifecycle = Lifecycle::Voided;
            } else {
                parent.amounts = parent.amounts.with_refunded(sum(parent.amounts.refunded, amount)?);
                parent.lifecycle =
                    if amount == left { Lifecycle::Refunded } else { Lifecycle::PartlyRefunded };
                books.save(parent);
                let gross = Money::new(-amount.minor(), amount.currency());
                books.book(&refund, &self.key, gross, self.vendor.now());
            }
            let answer = Outcome::Approved(refund.own());
            books.save(refund);
            Ok(answer)
        })
    }

    pub(super) fn credit(&self, books: &mut Books, asked: &Asked<'_>) -> Result<Outcome> {
        self.once(books, identified, |books| {
            if asked.instrument.magic == Magic::Decline {
                let advice = DeclineAdvice::OtherMethod;
                return Ok(Outcome::Declined(Decline::new(DeclineReason::DoNotHonor, advice)));
            }
            let amounts = Amounts::requested(asked.amount).with_refunded(asked.amount);
            let mut record = self.new_record(books, "cr", amounts, Lifecycle::Settling);
            record.merchant_reference = Some(asked.reference.clone());
            record.method = Some(asked.instrument.summary.clone());
            let gross = Money::new(-asked.amount.minor(), asked.amount.currency());
            books.book(&record, &self.key, gross, self.vendor.now());
            let answer = Outcome::Approved(record.own());
            books.save(record);
            Ok(answer)
        })
    }

    pub(super) fn verify(&self, books: &mut Books, asked: &Asked<'_>) -> Result<Outcome> {
        self.once(books, identified, |books| {
            let lifecycle = if asked.instrument.magic == Magic::Decline && !self.has(Bug::ApprovesDeclines) {
                let advice = DeclineAdvice::OtherMethod;
                return Ok(Outcome::Declined(Decline::new(DeclineReason::DoNotHonor, advice)));
            } else {
                Lifecycle::Verified
            };
            let mut record = self.new_record(books, "ver", Amounts::requested(asked.amount), lifecycle);
            record.merchant_reference = Some(asked.reference.clone());
            record.method = Some(asked.instrument.summary.clone());
            let answer = Outcome::Approved(record.own());
            books.save(record);
            Ok(answer)
        })
    }
}

/// The end of a hold for review.
pub(super) fn decide(
    vendor: &ReferenceVendor,
    books: &mut Books,
    reference: &PaymentRef,
    decision: Decision,
) -> Result<Outcome> {
    let accept = decision == Decision::Accept || vendor.has(Bug::IgnoresDecision);
    finish(vendor, books, reference, Magic::Held, accept, DeclineReason::Fraud)
}

/// The payer is back.
pub(super) fn resume(
    vendor: &ReferenceVendor,
    books: &mut Books,
    reference: &PaymentRef,
    authenticated: bool,
) -> Result<Outcome> {
    let accept = authenticated || vendor.has(Bug::IgnoresPayer);
    finish(vendor, books, reference, Magic::Action, accept, DeclineReason::AuthenticationRequired)
}

fn finish(
    vendor: &ReferenceVendor,
    books: &mut Books,
    reference: &PaymentRef,
    waits_for: Magic,
    accept: bool,
    reason: DeclineReason,
) -> Result<Outcome> {
    let mut record = books.record(reference)?;
    if record.magic != waits_for {
        return Err(conflict("not_waiting", "the payment does not wait for this"));
    }
    match record.lifecycle {
        Lifecycle::Pending => {}
        Lifecycle::Failed | Lifecycle::Voided => {
            return Ok(Outcome::Declined(Decline::new(reason, DeclineAdvice::OtherMethod)));
        }
        // Told twice: it is done already.
        _ => return Ok(Outcome::Approved(record.own())),
    }
    if !accept {
        record.lifecycle = Lifecycle::Failed;
        record.amounts = Amounts::requested(record.amounts.requested);
        books.save(record);
        return Ok(Outcome::Declined(Decline::new(reason, DeclineAdvice::OtherMethod)));
    }
    let arrival = Arrival {
        vendor,
        operation: record.operation,
        key: record.wire_key.clone(),
        fingerprint: String::new(),
        live: record.live,
    };
    let amount = record.amounts.requested;
    arrival.take(books, &mut record, amount);
    let payment: Payment = record.own();
    books.save(record);
    Ok(Outcome::Approved(payment))
}

fn identified(answer: &Outcome) -> Option<(String, Money)> {
    let payment = answer.payment_in_any_state()?;
    Some((payment.reference.id().to_owned(), payment.amounts.requested))
}

fn sum(left: Money, right: Money) -> Result<Money> {
    left.checked_add(right).ok_or_else(|| Error::invalid_field("amount", "does not fit"))
}

fn difference(left: Money, right: Money) -> Result<Money> {
    left.checked_sub(right).ok_or_else(|| Error::invalid_field("amount", "does not fit"))
}
