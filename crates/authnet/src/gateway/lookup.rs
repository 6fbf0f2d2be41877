//! Finding payments again: by handle, by the merchant's reference, and by the mark of an attempt.

use chrono::{DateTime, TimeDelta, Utc};
use turnbuckle_core::money::Currency;
use turnbuckle_core::payment::{
    Attempt, Authority, Lifecycle, Lookup, MerchantReference, Payment, PaymentOperation, PaymentRef,
};
use turnbuckle_core::{Error, ErrorKind, Result};

use super::movements::{currency_of, expect_transaction};
use super::request::invoice;
use super::search::{IN_FLIGHT, SKEW, Wanted};
use super::{AuthorizeNetGateway, details};
use crate::TransactionDetails;

/// Transactions that one lookup by the merchant's reference reads in full.
const MOST_READS: usize = 200;

impl AuthorizeNetGateway {
    pub(super) async fn by_reference(&self, payment: &PaymentRef) -> Result<Lookup> {
        expect_transaction(payment)?;
        let currency = match currency_of(payment) {
            Some(currency) => currency,
            None => self.currency().await?,
        };
        match self.client.reports().details(payment.id()).await {
            Ok(found) => Ok(Lookup::Found(vec![self.payment_of(&found, currency, None)?])),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Lookup::Absent(Authority::Authoritative)),
            Err(error) => Err(error),
        }
    }

    /// Every payment with the merchant's reference in its description. Lists do not show descriptions, so that each of
    /// our transactions since then is read, at most 200 of them.
    pub(super) async fn by_merchant_reference(
        &self,
        reference: &MerchantReference,
        since: DateTime<Utc>,
    ) -> Result<Lookup> {
        let currency = self.currency().await?;
        let scan = self.scan(since - SKEW, &Wanted::Ours).await?;
        let complete = scan.complete && scan.found.len() <= MOST_READS;
        let mut payments = Vec::new();
        for id in scan.found.iter().filter_map(|found| found.trans_id.as_deref()).take(MOST_READS) {
            let found = self.client.reports().details(id).await?;
            if details::merchant_reference(&found).as_ref() == Some(reference) {
                payments.push(self.payment_of(&found, currency, None)?);
            }
        }
        Ok(newest_first(payments, || self.absence(since, complete)))
    }

    pub(super) async fn by_attempt(&self, attempt: &Attempt) -> Result<Lookup> {
        match attempt.operation {
            PaymentOperation::Purchase
            | PaymentOperation::Authorize
            | PaymentOperation::Credit
            | PaymentOperation::Verify => self.made_by(attempt).await,
            PaymentOperation::Capture => self.capture_of(attempt).await,
            PaymentOperation::Void => self.void_of(attempt).await,
            PaymentOperation::Refund => self.refund_of(attempt).await,
            _ => Err(Error::unsupported("this gateway finds such an attempt elsewhere")),
        }
    }

    /// The transactions that carry the attempt's invoice number.
    async fn made_by(&self, attempt: &Attempt) -> Result<Lookup> {
        let (payments, complete) = self.marked(attempt).await?;
        Ok(newest_first(payments, || self.absence(attempt.last_sent_at, complete)))
    }

    async fn marked(&self, attempt: &Attempt) -> Result<(Vec<Payment>, bool)> {
        let since = attempt.started_at - SKEW;
        let scan = self.scan(since, &Wanted::Invoice(invoice(&attempt.wire_key))).await?;
        let currency = self.currency_for(attempt).await?;
        let mut payments = Vec::new();
        for id in scan.found.iter().filter_map(|found| found.trans_id.as_deref()) {
            let found = self.client.reports().details(id).await?;
            let made_by = (attempt.operation, Some(&attempt.wire_key));
            payments.push(self.payment_of(&found, currency, Some(made_by))?);
        }
        Ok((payments, scan.complete))
    }

    /// A capture leaves no mark; the captured payment is its trace, whoever captured it, for there is only one capture.
    async fn capture_of(&self, attempt: &Attempt) -> Result<Lookup> {
        let (found, currency) = self.parent_of(attempt).await?;
        let made_by = (PaymentOperation::Capture, None);
        let mut payment = self.payment_of(&found, currency, Some(made_by))?;
        let taken = payment.amounts.captured;
        if details::is_captured(payment.lifecycle) {
            if attempt.amount.is_some_and(|amount| amount != taken) {
                // Captured for another amount, so not by this attempt, and never again.
                return Ok(Lookup::Absent(Authority::Authoritative));
            }
            payment.amounts.requested = taken;
            payment.parent = None;
            return Ok(Lookup::Found(vec![payment]));
        }
        Ok(Lookup::Absent(self.unless_closed(attempt, payment.lifecycle)))
    }

    /// A void leaves no mark; the voided payment is its trace, whoever voided it.
    async fn void_of(&self, attempt: &Attempt) -> Result<Lookup> {
        let (found, currency) = self.parent_of(attempt).await?;
        let payment = self.payment_of(&found, currency, Some((PaymentOperation::Void, None)))?;
        if payment.lifecycle == Lifecycle::Voided {
            return Ok(Lookup::Found(vec![payment]));
        }
        Ok(Lookup::Absent(self.unless_closed(attempt, payment.lifecycle)))
    }

    /// The refund that carries the mark; or the void that stood for it, if the whole balance was asked for.
    async fn refund_of(&self, attempt: &Attempt) -> Result<Lookup> {
        let (payments, complete) = self.marked(attempt).await?;
        if !payments.is_empty() {
            return Ok(newest_first(payments, || Authority::Partial));
        }
        if attempt.parent.is_some() {
            let (found, currency) = self.parent_of(attempt).await?;
            let mut payment = self.payment_of(&found, currency, Some((PaymentOperation::Refund, None)))?;
            let whole = payment.amounts.requested;
            if payment.lifecycle == Lifecycle::Voided && attempt.amount.is_none_or(|amount| amount == whole) {
                payment.parent.clone_from(&attempt.parent);
                payment.amounts = payment.amounts.with_refunded(whole);
                return Ok(Lookup::Found(vec![payment]));
            }
        }
        Ok(Lookup::Absent(self.absence(attempt.last_sent_at, complete)))
    }

    async fn parent_of(&self, attempt: &Attempt) -> Result<(TransactionDetails, Currency)> {
        let parent = attempt.parent.as_ref().ok_or_else(|| {
            Error::invalid_field("attempt.parent", "is missing: it says which payment to look at")
        })?;
        expect_transaction(parent)?;
        let currency = match currency_of(parent) {
            Some(currency) => currency,
            None => self.currency_for(attempt).await?,
        };
        Ok((self.client.reports().details(parent.id()).await?, currency))
    }

    async fn currency_for(&self, attempt: &Attempt) -> Result<Currency> {
        if let Some(amount) = attempt.amount {
            return Ok(amount.currency());
        }
        match attempt.parent.as_ref().and_then(currency_of) {
            Some(currency) => Ok(currency),
            None => self.currency().await,
        }
    }

    /// A payment that can be neither captured nor voided any more was not touched by this attempt.
    fn unless_closed(&self, attempt: &Attempt, lifecycle: Lifecycle) -> Authority {
        let open = matches!(lifecycle, Lifecycle::Authorized | Lifecycle::Pending | Lifecycle::Captured);
        if open { self.absence(attempt.last_sent_at, true) } else { Authority::Authoritative }
    }

    /// What it proves that something left no trace. How far the vendor's lists lag is not proven; five minutes are
    /// allowed for.
    pub(super) fn absence(&self, sent: DateTime<Utc>, complete: bool) -> Authority {
        let until = sent + TimeDelta::from_std(IN_FLIGHT).unwrap_or(TimeDelta::MAX);
        match complete {
            false => Authority::Partial,
            true if self.clock.now() < until => Authority::Lagging { until },
            true => Authority::Authoritative,
        }
    }
}

fn newest_first(mut payments: Vec<Payment>, absence: impl FnOnce() -> Authority) -> Lookup {
    if payments.is_empty() {
        return Lookup::Absent(absence());
    }
    payments.sort_by_key(|payment| std::cmp::Reverse(payment.created_at));
    Lookup::Found(payments)
}
