//! The vendor's books: payments, marks of attempts, stored methods, subscriptions, settlement entries.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use turnbuckle_core::money::Money;
use turnbuckle_core::payment::{
    Amounts, Lifecycle, MerchantReference, MethodSummary, Outcome, Payment, PaymentOperation, PaymentRef,
    SettlementEntry, SettlementKind, WireKey,
};
use turnbuckle_core::{Error, ErrorKind, Result};

use super::bank_books::BankBooks;
use super::magic::{Instrument, Magic};
use super::outbox::Outbox;
use super::provider::ID;
use super::subscriptions::Running;
use crate::conformance::LedgerEntry;

/// How long the vendor remembers a key.
pub(super) const RETENTION: Duration = Duration::from_secs(24 * 3600);

#[derive(Default)]
pub(super) struct Books {
    /// By id; ids grow, so this is oldest first.
    pub(super) records: BTreeMap<String, Record>,
    pub(super) marks: BTreeMap<WireKey, Mark>,
    pub(super) methods: BTreeMap<String, Instrument>,
    pub(super) stored_marks: BTreeMap<WireKey, String>,
    pub(super) removed: BTreeSet<String>,
    pub(super) subscriptions: BTreeMap<String, Running>,
    pub(super) entries: Vec<SettlementEntry>,
    pub(super) bank: BankBooks,
    pub(super) outbox: Outbox,
    batches: u32,
    made: u32,
}

/// One payment, refund, credit or verification.
#[derive(Clone)]
pub(super) struct Record {
    pub(super) id: String,
    pub(super) operation: PaymentOperation,
    pub(super) lifecycle: Lifecycle,
    pub(super) amounts: Amounts,
    pub(super) live: bool,
    pub(super) parent: Option<String>,
    pub(super) merchant_reference: Option<MerchantReference>,
    pub(super) wire_key: WireKey,
    pub(super) method: Option<MethodSummary>,
    pub(super) magic: Magic,
    pub(super) created_at: DateTime<Utc>,
    /// Whether more can be captured.
    pub(super) open: bool,
}

/// What one attempt did, kept for replays and lookups.
pub(super) struct Mark {
    pub(super) operation: PaymentOperation,
    pub(super) record: String,
    pub(super) requested: Money,
    pub(super) fingerprint: String,
    pub(super) answer: Outcome,
    pub(super) at: DateTime<Utc>,
}

impl Record {
    pub(super) fn reference(&self) -> PaymentRef {
        let kind = match self.operation {
            PaymentOperation::Refund => "refund",
            _ => "payment",
        };
        PaymentRef::new(ID, kind, &self.id)
    }

    /// The record as the answer to one attempt shows it.
    pub(super) fn payment(&self, operation: PaymentOperation, key: &WireKey, requested: Money) -> Payment {
        let mut amounts = self.amounts;
        amounts.requested = requested;
        let mut payment = Payment::new(self.reference(), operation, self.lifecycle, amounts, self.live);
        payment.parent = self.parent.as_ref().map(|id| PaymentRef::new(ID, "payment", id));
        payment.merchant_reference.clone_from(&self.merchant_reference);
        payment.wire_key = Some(key.clone());
        payment.method.clone_from(&self.method);
        payment.created_at = Some(self.created_at);
        payment.under_review = self.magic == Magic::Held && self.lifecycle == Lifecycle::Pending;
        payment
    }

    pub(super) fn own(&self) -> Payment {
        self.payment(self.operation, &self.wire_key, self.amounts.requested)
    }
}

impl Books {
    pub(super) fn next_id(&mut self, prefix: &str) -> String {
        self.made += 1;
        // Padded, so that ids sort by age.
        format!("{prefix}_{:06}", self.made)
    }

    pub(super) fn record(&self, reference: &PaymentRef) -> Result<Record> {
        let found = self.records.get(reference.id());
        found
            .cloned()
            .ok_or_else(|| Error::new(ErrorKind::NotFound, "no such payment").with_code("not_found"))
    }

    pub(super) fn save(&mut self, record: Record) {
        self.records.insert(record.id.clone(), record);
    }

    /// The first answer to this key, if it is still remembered.
    pub(super) fn replay(
        &self,
        key: &WireKey,
        fingerprint: &str,
        now: DateTime<Utc>,
        compares: bool,
    ) -> Result<Option<Outcome>> {
        let retention = TimeDelta::from_std(RETENTION).unwrap_or(TimeDelta::MAX);
        let Some(mark) = self.marks.get(key).filter(|mark| now - mark.at < retention) else {
            return Ok(None);
        };
        if compares && mark.fingerprint != fingerprint {
            return Err(Error::new(ErrorKind::Conflict, "the key was used for another request")
                .with_code("key_reused"));
        }
        let mut answer = mark.answer.clone();
        match &mut answer {
            Outcome::Approved(payment)
            | Outcome::PartiallyApproved(payment)
            | Outcome::RequiresAction(payment, _)
            | Outcome::Processing(payment)
            | Outcome::Held(payment) => payment.replayed = true,
            _ => {}
        }
        Ok(Some(answer))
    }

    pub(super) fn book(&mut self, record: &Record, key: &WireKey, gross: Money, now: DateTime<Utc>) {
        let kind = if record.operation == PaymentOperation::Refund || gross.minor() < 0 {
            SettlementKind::Refund
        } else {
            SettlementKind::Payment
        };
        let id = self.next_id("se");
        let mut entry = SettlementEntry::new(id, kind, gross, now);
        entry.payment = Some(record.reference());
        entry.wire_key = Some(key.clone());
        entry.merchant_reference.clone_from(&record.merchant_reference);
        self.entries.push(entry);
    }

    pub(super) fn unbook(&mut self, record: &Record) {
        let reference = record.reference();
        self.entries.retain(|entry| entry.payment.as_ref() != Some(&reference));
    }

    pub(super) fn settle(&mut self, now: DateTime<Utc>, wrong: bool) -> String {
        self.batches += 1;
        let batch = format!("batch_{:04}", self.batches);
        let debits: Vec<Record> = self
            .records
            .values()
            .filter(|record| {
                record.lifecycle == Lifecycle::Pending && matches!(record.magic, Magic::Debit | Magic::Bounce)
            })
            .cloned()
            .collect();
        for mut record in debits {
            record.amounts.captured = record.amounts.requested;
            record.lifecycle = Lifecycle::Captured;
            self.book(&record, &record.wire_key.clone(), record.amounts.captured, now);
            self.save(record);
        }
        for record in self.records.values_mut() {
            if record.lifecycle == Lifecycle::Captured && !record.open {
                record.lifecycle = Lifecycle::Settled;
            }
            if record.magic == Magic::Bounce && record.lifecycle == Lifecycle::Settled {
                record.lifecycle = Lifecycle::Returned;
            }
        }
        for entry in self.entries.iter_mut().filter(|entry| entry.batch.is_none()) {
            entry.batch = Some(batch.clone());
            entry.available_at = Some(now);
            if wrong {
                entry.gross = Money::new(entry.gross.minor() + 1, entry.gross.currency());
            }
        }
        batch
    }

    pub(super) fn return_debit(&mut self, id: &str) -> bool {
        match self.records.get_mut(id) {
            Some(record) if record.magic == Magic::Debit && record.lifecycle == Lifecycle::Settled => {
                record.lifecycle = Lifecycle::Returned;
                true
            }
            _ => false,
        }
    }

    pub(super) fn ledger(&self) -> Vec<LedgerEntry> {
        let counted = self.records.values().filter(|record| {
            !matches!(record.operation, PaymentOperation::Refund | PaymentOperation::Verify)
                && record.lifecycle != Lifecycle::Failed
        });
        counted
            .map(|record| {
                let amounts = record.amounts;
                let waits = record.lifecycle == Lifecycle::Pending
                    && matches!(record.magic, Magic::Debit | Magic::Bounce);
                let captured = if waits { amounts.requested } else { amounts.captured };
                LedgerEntry::new(amounts.authorized, captured, amounts.refunded)
                    .with_wire_key(record.wire_key.as_str())
            })
            .collect()
    }
}
