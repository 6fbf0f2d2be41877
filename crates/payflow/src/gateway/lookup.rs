//! Finding out what became of transactions.

use chrono::{DateTime, TimeDelta, Utc};
use turnbuckle_core::money::Money;
use turnbuckle_core::payment::{
    Attempt, Authority, Lookup, MethodSummary, Payment, PaymentOperation, PaymentRef, StoredMethod,
};
use turnbuckle_core::{Error, ErrorKind, Result};

use super::answer::{amount_of, happened, reference, tender_of};
use super::found::is_unknown;
use super::mark::{Intent, Mark};
use super::vault::stored_ref;
use super::{PayflowGateway, kind, operation_of};
use crate::params::Tender;
use crate::{Inquiry, InquiryKey};

/// How long after it was sent a request may still take effect, or its transaction may not be found yet: the client's deadline
/// of a minute, and a margin, since how fast an inquiry sees a transaction is not documented.
pub(super) const IN_FLIGHT: TimeDelta = TimeDelta::minutes(10);

/// Payflow searches the last 30 days by itself; older ones need a period of at most 30 days, and its time zone is not known.
const RECENT: TimeDelta = TimeDelta::days(28);
const ZONES: TimeDelta = TimeDelta::days(1);

impl PayflowGateway {
    pub(super) async fn by_reference(&self, payment: &PaymentRef) -> Result<Lookup> {
        let operation = operation_of(payment)?;
        let amount = amount_of(payment)?;
        match self.original(payment).await {
            Ok(found) => {
                let payment = self.found(&found, payment.id(), operation, tender_of(payment), amount);
                Ok(Lookup::Found(vec![payment]))
            }
            // Payflow made the handle, so that it knows it no more proves nothing.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Lookup::Absent(Authority::Partial)),
            Err(error) => Err(error),
        }
    }

    /// The transaction with the attempt's reference. A result that leaves open what happened leaves it open here too.
    pub(super) async fn by_attempt(&self, attempt: &Attempt) -> Result<Lookup> {
        let operation = attempt.operation;
        if matches!(operation, PaymentOperation::Store | PaymentOperation::CreateSubscription) {
            return Err(Error::unsupported("this attempt did not make a payment"));
        }
        let mark = self.mark(Intent::of(attempt));
        let Some((found, tender)) = self.marked(attempt, &mark).await? else {
            return Ok(Lookup::Absent(self.absence(attempt)));
        };
        if is_unknown(&found) {
            return Ok(Lookup::Absent(Authority::Partial));
        }
        let amount = match (attempt.amount, &attempt.parent) {
            (Some(amount), _) => amount,
            (None, Some(parent)) => amount_of(parent)?,
            (None, None) => return Err(Error::invalid_field("attempt.amount", "is missing")),
        };
        let mut payment = match (&attempt.parent, operation) {
            (Some(parent), PaymentOperation::Void) => self.found_void(&found, parent, amount),
            _ => self.found(&found, transaction_of(&found)?, operation, tender, amount),
        };
        Self::fill_in(&mut payment, attempt, amount);
        Ok(Lookup::Found(vec![payment]))
    }

    fn fill_in(payment: &mut Payment, attempt: &Attempt, whole: Money) {
        payment.wire_key = Some(attempt.wire_key.clone());
        if attempt.operation == PaymentOperation::Refund {
            payment.parent.clone_from(&attempt.parent);
        }
        if attempt.operation == PaymentOperation::Capture {
            payment.parent.clone_from(&attempt.parent);
            if attempt.amount.is_none() && payment.amounts.captured.is_positive() {
                // All that was left is taken, so all of it is.
                payment.amounts = payment.amounts.with_captured(whole).with_authorized(whole);
            }
        }
    }

    /// Asks for the attempt's transaction; of an attempt that does not say so, as a card's and as a bank account's.
    async fn marked(&self, attempt: &Attempt, mark: &Mark) -> Result<Option<(Inquiry, Tender)>> {
        let key = InquiryKey::CustomerReference {
            reference: mark.custref.clone(),
            period: self.period(attempt.started_at),
        };
        if let Some(parent) = &attempt.parent {
            let tender = tender_of(parent);
            return Ok(absent(self.client.inquire(&key, tender).await)?.map(|found| (found, tender)));
        }
        if let Some(found) = absent(self.client.inquire(&key, Tender::Card).await)? {
            return Ok(Some((found, Tender::Card)));
        }
        match self.client.inquire(&key, Tender::Ach).await {
            Err(error) if is_off(&error) => Ok(None),
            result => Ok(absent(result)?.map(|found| (found, Tender::Ach))),
        }
    }

    fn period(&self, since: DateTime<Utc>) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let old = self.clock.now().signed_duration_since(since) > RECENT;
        old.then(|| (since - ZONES, since + RECENT))
    }

    /// Whether Payflow still knows the attempt's request id for certain. It keeps them for 30 days at least.
    pub(super) fn may_replay(&self, attempt: &Attempt) -> bool {
        self.clock.now().signed_duration_since(attempt.started_at) < RECENT
    }

    /// What it proves that no transaction has the attempt's reference.
    pub(super) fn absence(&self, attempt: &Attempt) -> Authority {
        let until = attempt.last_sent_at + IN_FLIGHT;
        if self.clock.now() < until { Authority::Lagging { until } } else { Authority::Authoritative }
    }

    /// That an upload can be asked about by its reference is not proven, so that none is found proves nothing.
    pub(super) async fn stored_by_attempt(&self, attempt: &Attempt) -> Result<Lookup<StoredMethod>> {
        let mark = self.mark(Intent::of(attempt));
        let key = InquiryKey::CustomerReference {
            reference: mark.custref,
            period: self.period(attempt.started_at),
        };
        let Some(found) = absent(self.client.inquire(&key, Tender::Card).await)? else {
            return Ok(Lookup::Absent(Authority::Partial));
        };
        if found.original_result != 0 {
            let lost = if is_unknown(&found) { Authority::Partial } else { self.absence(attempt) };
            return Ok(Lookup::Absent(lost));
        }
        Ok(Lookup::Found(vec![stored(transaction_of(&found)?, &found)]))
    }
}

fn stored(pnref: &str, found: &Inquiry) -> StoredMethod {
    let mut summary = MethodSummary::default();
    Tender::Card.word().clone_into(&mut summary.kind);
    summary.brand = found.brand.map(str::to_owned);
    summary.last4.clone_from(&found.last4);
    StoredMethod::new(stored_ref(pnref, found.last4.as_deref()), summary)
}

fn transaction_of(found: &Inquiry) -> Result<&str> {
    found.original_pnref.as_deref().ok_or_else(|| happened(None, "the answer names no transaction"))
}

/// `None` for a transaction that is not there.
fn absent(result: Result<Inquiry>) -> Result<Option<Inquiry>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the account cannot have bank debits at all. The same login was good for cards a moment before.
fn is_off(error: &Error) -> bool {
    let code = error.code().unwrap_or_default();
    matches!(code, "2" | "25" | "121") || error.kind() == ErrorKind::Forbidden
}

/// A handle for a payment of a profile's history.
pub(super) fn of_history(pnref: &str, amount: Money) -> PaymentRef {
    reference(kind::SALE, pnref, Tender::Card, amount, None)
}
