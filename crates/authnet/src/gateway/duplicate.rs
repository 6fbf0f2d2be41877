//! The vendor's duplicate check, and repetitions under a key that the vendor may have forgotten.

use chrono::TimeDelta;
use turnbuckle_core::money::Money;
use turnbuckle_core::payment::{
    Attempt, Authority, Decline, DeclineAdvice, DeclineReason, IdempotencyKey, Lifecycle, Lookup,
    LookupQuery, Outcome, Payment, PaymentGateway, PaymentOperation, PaymentRef,
};
use turnbuckle_core::{Effect, Error, ErrorKind, Result};

use super::answer::Asked;
use super::request::invoice;
use super::search::{SKEW, Wanted};
use super::{AuthorizeNetGateway, kind};
use crate::client::PROVIDER;
use crate::codes::{self, Meaning};
use crate::{Settings, TransactionDetails};

/// How long before the end of the duplicate window a repetition stops being stopped for sure.
const MARGIN: TimeDelta = TimeDelta::minutes(10);

impl AuthorizeNetGateway {
    /// A duplicate is never an approval: the first transaction is read, and must be ours, for this very amount.
    pub(super) async fn duplicate(&self, asked: &Asked<'_>, first: Option<String>) -> Result<Outcome> {
        let unclear = |error: Error| {
            let error = error.with_effect(Effect::Unknown);
            match &first {
                Some(id) => error.with_payment(PaymentRef::new(PROVIDER, kind::TRANSACTION, id)),
                None => error,
            }
        };
        let found = match &first {
            Some(id) => Some(self.client.reports().details(id).await.map_err(unclear)?),
            None => self.own(asked).await.map_err(unclear)?,
        };
        let ours = found.filter(|found| found.order.invoice_number.as_deref() == Some(invoice(asked.key)));
        let Some(details) = ours else {
            // A first transaction that was read is somebody else's. One that was neither named nor found may be ours all the
            // same: lists lag.
            let effect = if first.is_some() { Effect::None } else { Effect::Unknown };
            return Err(Error::new(
                ErrorKind::DuplicateBlocked,
                "Authorize.Net stopped it as a duplicate, and the first transaction is not of this attempt",
            )
            .with_effect(effect)
            .with_code("11")
            .or_context(&PROVIDER, asked.sent.name));
        };
        let payment =
            self.payment_of(&details, asked.amount.currency(), Some((asked.operation, Some(asked.key))));
        replayed(asked, payment.map_err(unclear)?, &details)
    }

    /// The transaction with this attempt's invoice number among those that are not settled.
    async fn own(&self, asked: &Asked<'_>) -> Result<Option<TransactionDetails>> {
        let since = self.clock.now() - TimeDelta::seconds(Settings::LONGEST_DUPLICATE_WINDOW.into()) - SKEW;
        let scan = self.scan_unsettled(since, &Wanted::Invoice(invoice(asked.key))).await?;
        match scan.found.first().and_then(|found| found.trans_id.as_deref()) {
            Some(id) => self.client.reports().details(id).await.map(Some),
            None => Ok(None),
        }
    }

    /// A key that is older than the vendor's duplicate window may have been used and forgotten there: then the first
    /// attempt is looked up, and nothing is sent unless it is certain that there was none.
    ///
    /// # Errors
    /// [`Conflict`](ErrorKind::Conflict), effect unknown, when nobody can tell.
    pub(super) async fn forgotten(&self, asked: &Asked<'_>, key: &IdempotencyKey) -> Result<Option<Outcome>> {
        let window = TimeDelta::seconds(Settings::LONGEST_DUPLICATE_WINDOW.into()) - MARGIN;
        if self.clock.now() - key.first_used_at() < window {
            return Ok(None);
        }
        let mut attempt = Attempt::new(&PROVIDER, &self.account, asked.operation, key, key.first_used_at())
            .with_amount(Some(asked.amount));
        attempt.parent = asked.parent.cloned();
        let unclear = |error: Error| error.with_effect(Effect::Unknown);
        match self.lookup(&LookupQuery::Attempt(Box::new(attempt))).await.map_err(unclear)? {
            Lookup::Absent(Authority::Authoritative) => Ok(None),
            Lookup::Found(mut found) if !found.is_empty() => {
                // A refused repetition may be newer than the payment that went through.
                let standing = found.iter().position(|payment| payment.lifecycle != Lifecycle::Failed);
                let payment = found.swap_remove(standing.unwrap_or(0));
                replayed(asked, payment, &TransactionDetails::default()).map(Some)
            }
            _ => Err(Error::new(
                ErrorKind::Conflict,
                "the key is older than Authorize.Net checks for duplicates, and it cannot be told whether it was used: \
                 look the first attempt up",
            )
            .with_effect(Effect::Unknown)
            .or_context(&PROVIDER, asked.sent.name)),
        }
    }

    /// Refuses another amount or payment under a key that this process has used.
    pub(super) fn claim(&self, asked: &Asked<'_>, amount: Option<Money>) -> Result<()> {
        self.memory
            .claim(asked.key, amount, asked.parent)
            .map_err(|error| error.or_context(&PROVIDER, asked.sent.name))
    }
}

/// The outcome of the first request, for a repetition of it.
fn replayed(asked: &Asked<'_>, mut payment: Payment, details: &TransactionDetails) -> Result<Outcome> {
    payment.replayed = true;
    let conflict = |payment: &Payment, what: &'static str| {
        Err(Error::new(ErrorKind::Conflict, what)
            .with_effect(Effect::Happened)
            .with_payment(payment.reference.clone())
            .or_context(&PROVIDER, asked.sent.name))
    };
    if payment.amounts.requested != asked.amount {
        return conflict(&payment, "this key was used before, for another amount");
    }
    if asked.operation == PaymentOperation::Refund
        && let (Some(parent), Some(named)) = (asked.parent, &payment.parent)
        && !parent.same_as(named)
    {
        return conflict(&payment, "this key was used before, for another payment");
    }
    if payment.parent.is_some() {
        payment.parent = asked.parent.cloned();
    }
    let moved = match asked.operation {
        PaymentOperation::Authorize => payment.amounts.authorized,
        PaymentOperation::Refund | PaymentOperation::Credit => payment.amounts.refunded,
        PaymentOperation::Verify => asked.amount,
        _ => payment.amounts.captured,
    };
    match payment.lifecycle {
        Lifecycle::Failed | Lifecycle::Expired => Ok(Outcome::Declined(first_decline(details))),
        Lifecycle::Voided => conflict(&payment, "this key was used before, and its payment was voided"),
        Lifecycle::Pending if payment.under_review => Ok(Outcome::Held(payment)),
        Lifecycle::Pending => Ok(Outcome::Processing(payment)),
        _ if moved < asked.amount && asked.allow_partial => Ok(Outcome::PartiallyApproved(payment)),
        _ => Ok(Outcome::Approved(payment)),
    }
}

fn first_decline(details: &TransactionDetails) -> Decline {
    let code = details.response_reason_code.as_deref();
    let meaning = code.and_then(codes::find).map(|row| row.meaning);
    let (reason, advice) = match meaning {
        Some(Meaning::Declined(reason, advice) | Meaning::DeclinedOpen(reason, advice)) => (reason, advice),
        _ => (DeclineReason::Other, DeclineAdvice::AskBank),
    };
    let mut decline = Decline::new(reason, advice);
    decline.code = code.map(str::to_owned);
    decline
}
