//! Finding payments again: by handle, by the merchant's reference, and by the order id of an attempt.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use turnbuckle_core::money::Money;
use turnbuckle_core::payment::{
    Attempt, Authority, Lifecycle, Lookup, MerchantReference, Payment, PaymentOperation, PaymentRef, WireKey,
};
use turnbuckle_core::{Error, Result};

use super::{NmiGateway, answer, expect_kind, kind, marks, pay, refund};
use crate::records::Transaction;
use crate::{Page, TransactionSearch};

/// How long after it was sent an attempt that is not found may still turn up: the client's deadline of 90 seconds, as much
/// again for what NMI began before the connection was given up, and the rest for its index, whose lag is not published.
const NOT_FOUND_YET: Duration = Duration::from_secs(10 * 60);

/// How far the clocks of the host and of NMI may be apart.
const SKEW: TimeDelta = TimeDelta::minutes(5);

/// Records on one page.
pub(super) const PAGE: u32 = 100;

/// Pages that one search reads at most: ten thousand records.
const MOST_PAGES: u32 = 100;

/// What a search found, and whether it saw everything.
struct Scan {
    found: Vec<Transaction>,
    complete: bool,
}

impl NmiGateway {
    /// One transaction as NMI's index shows it.
    pub(super) async fn read_transaction(&self, id: &str) -> Result<Option<Transaction>> {
        let found = self.client.query().transactions(&TransactionSearch::by_id(id)).await?;
        Ok(found.into_iter().find(|transaction| transaction.transaction_id == id))
    }

    /// The transactions with the order id of an attempt, as NMI's index shows them.
    pub(super) async fn with_order_id(&self, key: &WireKey) -> Result<Vec<Transaction>> {
        let search = TransactionSearch::by_order_id(key.as_str());
        let found = self.client.query().transactions(&search).await?;
        Ok(found.into_iter().filter(|found| found.order_id.as_deref() == Some(key.as_str())).collect())
    }

    async fn scan(&self, search: TransactionSearch, keep: impl Fn(&Transaction) -> bool) -> Result<Scan> {
        let mut found: Vec<Transaction> = Vec::new();
        for number in 0..MOST_PAGES {
            let search = search.clone().with_page(Page::new(number, PAGE));
            let page = self.client.query().transactions(&search).await?;
            let last = page.len() < PAGE as usize;
            for transaction in page {
                // Pages shift while transactions are made, so one may come twice.
                let known = |other: &Transaction| other.transaction_id == transaction.transaction_id;
                if keep(&transaction) && !found.iter().any(known) {
                    found.push(transaction);
                }
            }
            if last {
                return Ok(Scan { found, complete: true });
            }
        }
        Ok(Scan { found, complete: false })
    }

    /// What refunds of their own returned of a payment; `None` when there are too many to read.
    pub(super) async fn refunded(&self, payment: &Transaction) -> Result<Option<Money>> {
        let currency = payment.currency()?;
        let id = &payment.transaction_id;
        let mut search = TransactionSearch::new();
        search.action_types = vec!["refund".to_owned()];
        if let Some(made) = answer::first_action(payment).and_then(|action| action.date) {
            search = search.modified_since(made - SKEW);
        }
        let scan = self.scan(search, |other| other.original_transaction_id.as_ref() == Some(id)).await?;
        if !scan.complete {
            return Ok(None);
        }
        let mut sum = Money::zero(currency);
        for child in &scan.found {
            let refund = answer::payment(child, None, self.live())?;
            if matches!(refund.lifecycle, Lifecycle::Failed | Lifecycle::Voided) {
                continue;
            }
            sum = sum
                .checked_add(refund.amounts.refunded)
                .ok_or_else(|| answer::wrong("the refunds of a transaction do not add up"))?;
        }
        Ok(Some(sum))
    }

    /// By handle. A payment whose money was taken is shown with what its refunds returned, unless more than ten thousand
    /// refunds were made since.
    pub(super) async fn by_reference(&self, payment: &PaymentRef) -> Result<Lookup> {
        expect_kind(payment, kind::TRANSACTION)?;
        let Some(found) = self.read_transaction(payment.id()).await? else {
            // The handle came from an approval, so NMI has it; its index is behind, or the record too old for it.
            return Ok(Lookup::Absent(Authority::Partial));
        };
        let plain = answer::payment(&found, None, self.live())?;
        if !plain.amounts.captured.is_positive() {
            return Ok(Lookup::Found(vec![plain]));
        }
        let refunded = self.refunded(&found).await?;
        Ok(Lookup::Found(vec![answer::payment(&found, refunded, self.live())?]))
    }

    /// Everything with the merchant's reference, made since then: of every processor, or of the one asked for. Of refunds
    /// NMI tells the reference where it keeps the payment's fields with them.
    pub(super) async fn by_merchant_reference(
        &self,
        reference: &MerchantReference,
        since: DateTime<Utc>,
        processor: Option<&str>,
    ) -> Result<Lookup> {
        let mut search = TransactionSearch::new().modified_since(since - SKEW);
        search.defined_field = Some((marks::REFERENCE, reference.as_str().to_owned()));
        let scan = self
            .scan(search, |found| {
                let own = processor.is_none_or(|processor| found.processor_id.as_deref() == Some(processor));
                let made = answer::first_action(found).and_then(|action| action.date);
                let new = made.is_none_or(|made| made >= since - SKEW);
                let marked = found.defined_fields.get(&marks::REFERENCE).map(String::as_str);
                own && new && marked == Some(reference.as_str())
            })
            .await?;
        let until = since + NOT_FOUND_YET;
        self.found(&scan.found, || match scan.complete {
            false => Authority::Partial,
            true if self.clock.now() < until => Authority::Lagging { until },
            true => Authority::Authoritative,
        })
    }

    pub(super) async fn by_attempt(&self, attempt: &Attempt) -> Result<Lookup> {
        match attempt.operation {
            PaymentOperation::Purchase
            | PaymentOperation::Authorize
            | PaymentOperation::Credit
            | PaymentOperation::Verify => self.made_by(attempt).await,
            PaymentOperation::Refund => self.refund_of(attempt).await,
            PaymentOperation::Capture => self.capture_of(attempt).await,
            PaymentOperation::Void => self.void_of(attempt).await,
            _ => Err(Error::unsupported("this gateway cannot have made such an attempt")),
        }
    }

    async fn made_by(&self, attempt: &Attempt) -> Result<Lookup> {
        let found = self.with_order_id(&attempt.wire_key).await?;
        self.found(&found, || self.absence(attempt))
    }

    /// A refund carries its own order id. One that was done by voiding shows on the payment alone, as a void since the
    /// attempt began.
    async fn refund_of(&self, attempt: &Attempt) -> Result<Lookup> {
        let parent = parent(attempt)?;
        let found = self.with_order_id(&attempt.wire_key).await?;
        if found.is_empty()
            && let Some(record) = self.read_transaction(parent.id()).await?
            && answer::done(&record, "void").is_some_and(|void| since(attempt, void.date))
        {
            let taken = answer::done(&record, "capture").or_else(|| answer::done(&record, "sale"));
            if let Some(taken) = taken {
                let money = taken.money(record.currency()?)?;
                let voided = answer::payment(&record, None, self.live())?;
                return Ok(Lookup::Found(vec![refund::as_refund(voided, parent, money)]));
            }
        }
        let lookup = self.found(&found, || self.absence(attempt))?;
        Ok(match lookup {
            Lookup::Found(mut refunds) => {
                for refund in &mut refunds {
                    refund.parent = Some(parent.clone());
                }
                Lookup::Found(refunds)
            }
            absent => absent,
        })
    }

    /// A capture leaves no mark of ours. NMI captures an authorization once, so a capture of this amount since the attempt
    /// began is its trace, whoever made it; any other end of the authorization disproves it.
    async fn capture_of(&self, attempt: &Attempt) -> Result<Lookup> {
        let parent = parent(attempt)?;
        let Some(record) = self.read_transaction(parent.id()).await? else {
            return Ok(Lookup::Absent(self.absence(attempt)));
        };
        let currency = record.currency()?;
        if let Some(capture) = answer::done(&record, "capture") {
            let amount = capture.money(currency)?;
            let ours = attempt.amount.is_none_or(|asked| asked == amount) && since(attempt, capture.date);
            if !ours {
                return Ok(Lookup::Absent(Authority::Authoritative));
            }
            let payment = answer::payment(&record, None, self.live())?;
            return Ok(Lookup::Found(vec![pay::as_capture(payment, amount, false)]));
        }
        let open = record.condition.as_deref() == Some("pending");
        let authority = if open { self.absence(attempt) } else { Authority::Authoritative };
        Ok(Lookup::Absent(authority))
    }

    /// A void leaves no mark of ours; the canceled payment is its trace, whoever canceled it.
    async fn void_of(&self, attempt: &Attempt) -> Result<Lookup> {
        let parent = parent(attempt)?;
        let Some(record) = self.read_transaction(parent.id()).await? else {
            return Ok(Lookup::Absent(self.absence(attempt)));
        };
        let mut payment = answer::payment(&record, None, self.live())?;
        if payment.lifecycle == Lifecycle::Voided {
            payment.operation = PaymentOperation::Void;
            payment.wire_key = None;
            return Ok(Lookup::Found(vec![payment]));
        }
        let settled = record.condition.as_deref() == Some("complete");
        let authority = if settled { Authority::Authoritative } else { self.absence(attempt) };
        Ok(Lookup::Absent(authority))
    }

    /// What it proves that an attempt left no trace: nothing for ten minutes after it was last sent.
    pub(super) fn absence(&self, attempt: &Attempt) -> Authority {
        let until = attempt.last_sent_at + NOT_FOUND_YET;
        if self.clock.now() < until { Authority::Lagging { until } } else { Authority::Authoritative }
    }

    fn found(&self, records: &[Transaction], absence: impl FnOnce() -> Authority) -> Result<Lookup> {
        let payments = records.iter().map(|record| answer::payment(record, None, self.live()));
        let mut payments = payments.collect::<Result<Vec<Payment>>>()?;
        if payments.is_empty() {
            return Ok(Lookup::Absent(absence()));
        }
        payments.sort_by_key(|payment| std::cmp::Reverse(payment.created_at));
        Ok(Lookup::Found(payments))
    }
}

/// Whether something was done since an attempt began. An action without a time counts.
fn since(attempt: &Attempt, date: Option<DateTime<Utc>>) -> bool {
    date.is_none_or(|date| date >= attempt.started_at - SKEW)
}

/// The payment that an attempt worked on.
fn parent(attempt: &Attempt) -> Result<&PaymentRef> {
    attempt
        .parent
        .as_ref()
        .ok_or_else(|| Error::invalid_field("attempt.parent", "is missing: it says which payment to look at"))
}
