//! What the vendor says has moved, beside what the journal says should have.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::{End, JournalRecord, MerchantReference, Payment, PaymentOperation, PaymentRef, WireKey};
use crate::money::Money;

/// One movement of money as the vendor reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SettlementEntry {
    /// The vendor's id of the movement.
    pub id: String,
    /// What kind of movement it is.
    pub kind: SettlementKind,
    /// The amount before fees; negative when money leaves the merchant.
    pub gross: Money,
    /// The vendor's fee, where it is told.
    pub fee: Option<Money>,
    /// The amount after fees, where it is told.
    pub net: Option<Money>,
    /// The amount in the merchant's settlement currency, where that is another one.
    pub settlement_money: Option<Money>,
    /// The settlement batch or payout.
    pub batch: Option<String>,
    /// The payment or refund that moved.
    pub payment: Option<PaymentRef>,
    /// The wire key of the attempt that made it, where the vendor keeps it.
    pub wire_key: Option<WireKey>,
    /// The merchant's reference, where the vendor keeps it.
    pub merchant_reference: Option<MerchantReference>,
    /// When the vendor booked it.
    pub booked_at: DateTime<Utc>,
    /// When it is or was available to the merchant.
    pub available_at: Option<DateTime<Utc>>,
}

impl SettlementEntry {
    /// A movement with nothing optional set.
    pub fn new(id: impl Into<String>, kind: SettlementKind, gross: Money, booked_at: DateTime<Utc>) -> Self {
        Self {
            id: id.into(),
            kind,
            gross,
            fee: None,
            net: None,
            settlement_money: None,
            batch: None,
            payment: None,
            wire_key: None,
            merchant_reference: None,
            booked_at,
            available_at: None,
        }
    }
}

/// What kind of movement a settlement entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SettlementKind {
    /// Money of a purchase or capture.
    Payment,
    /// Money of a refund or credit.
    Refund,
    /// Money taken back by a dispute, or given back after it.
    Dispute,
    /// A bank debit that came back.
    Return,
    /// The vendor's fees.
    Fee,
    /// Money on its way to the merchant's bank.
    Payout,
    /// Anything else.
    Other,
}

/// One page of settlement entries.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct SettlementPage {
    /// The entries, in the vendor's order.
    pub entries: Vec<SettlementEntry>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<String>,
}

impl SettlementPage {
    /// A page.
    pub fn new(entries: Vec<SettlementEntry>, next: Option<String>) -> Self {
        Self { entries, next }
    }
}

/// What journal and settlement say about each other.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Reconciliation {
    /// In both, with the same amount.
    pub matched: Vec<(WireKey, SettlementEntry)>,
    /// In the journal as having moved money, and not settled.
    pub missing: Vec<JournalRecord>,
    /// Settled, and not in the journal.
    pub extra: Vec<SettlementEntry>,
    /// In both, with another amount or currency.
    pub mismatched: Vec<Mismatch>,
}

/// One attempt whose settled amount is not what the journal says.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Mismatch {
    /// What the journal has.
    pub record: JournalRecord,
    /// What was settled.
    pub entry: SettlementEntry,
}

/// Compares what the journal says has moved with what the vendor settled.
///
/// Only payments and refunds take part; fees, payouts and the rest have no attempt of ours behind them. Entries match
/// by wire key, or else by the payment's handle; refunds count with their sign turned. A purchase settled in several
/// entries is compared by their sum, several captures of one handle entry by entry.
///
/// A record that is open, pending or wrong is not missing when nothing was settled for it; when something was, it is
/// compared with the amount that was asked for. Money settled for an attempt that the journal calls declined or not
/// done is a mismatch.
pub fn reconcile<'a>(
    journal: impl IntoIterator<Item = &'a JournalRecord>,
    settlements: impl IntoIterator<Item = SettlementEntry>,
) -> Reconciliation {
    let mut result = Reconciliation::default();
    let (moved, other): (Vec<_>, Vec<_>) = journal
        .into_iter()
        .filter_map(|record| Some((kind_of(record.attempt.operation)?, record)))
        .partition(|(_, record)| record.moved().is_some());
    let records: Vec<_> = moved.into_iter().chain(other).collect();
    let keys: BTreeSet<_> = records.iter().map(|(kind, record)| (&record.attempt.wire_key, *kind)).collect();

    let mut by_key: BTreeMap<_, Vec<SettlementEntry>> = BTreeMap::new();
    let mut by_payment: BTreeMap<_, Vec<SettlementEntry>> = BTreeMap::new();
    for entry in settlements {
        let kind = entry.kind;
        if !matches!(kind, SettlementKind::Payment | SettlementKind::Refund) {
            continue;
        }
        match (&entry.wire_key, &entry.payment) {
            (Some(key), _) if keys.contains(&(key, kind)) => {
                by_key.entry((key.clone(), kind)).or_default().push(entry);
            }
            (_, Some(payment)) => by_payment.entry((identity(payment), kind)).or_default().push(entry),
            (_, None) => result.extra.push(entry),
        }
    }

    let mut groups: BTreeMap<_, Vec<&JournalRecord>> = BTreeMap::new();
    for (kind, record) in records {
        if let Some(entries) = by_key.remove(&(record.attempt.wire_key.clone(), kind)) {
            result.compare(record, entries);
        } else if let Some(payment) = record.payment() {
            groups.entry((identity(payment), kind)).or_default().push(record);
        } else {
            result.compare(record, Vec::new());
        }
    }
    for (handle, group) in groups {
        result.compare_group(group, by_payment.remove(&handle).unwrap_or_default());
    }
    result.extra.extend(by_payment.into_values().flatten());
    result
}

impl Reconciliation {
    fn compare(&mut self, record: &JournalRecord, entries: Vec<SettlementEntry>) {
        if entries.is_empty() {
            if record.moved().is_some() {
                self.missing.push(record.clone());
            }
            return;
        }
        let agrees = expected(record).is_some_and(|expected| sum(&entries, expected) == Some(expected));
        for entry in entries {
            if agrees {
                self.matched.push((record.attempt.wire_key.clone(), entry));
            } else {
                self.mismatched.push(Mismatch { record: record.clone(), entry });
            }
        }
    }

    /// Records that share a handle, as several captures of one authorization do: each takes the entry of its amount.
    fn compare_group(&mut self, mut group: Vec<&JournalRecord>, mut entries: Vec<SettlementEntry>) {
        if group.len() > 1 {
            group.retain(|record| {
                let equal = expected(record).and_then(|expected| {
                    entries
                        .iter()
                        .position(|entry| sum(std::slice::from_ref(entry), expected) == Some(expected))
                });
                if let Some(index) = equal {
                    self.matched.push((record.attempt.wire_key.clone(), entries.remove(index)));
                }
                equal.is_none()
            });
        }
        let Some(last) = group.pop() else { return self.extra.extend(entries) };
        let rest = entries.split_off(group.len().min(entries.len()));
        let mut entries = entries.into_iter();
        for record in group {
            self.compare(record, entries.next().into_iter().collect());
        }
        self.compare(last, rest);
    }
}

/// What should have been settled, if anything.
fn expected(record: &JournalRecord) -> Option<Money> {
    let unsure =
        record.conclusion.as_ref().is_none_or(|known| matches!(known.end, End::Pending | End::Wrong));
    record.moved().or(record.attempt.amount.filter(|_| unsure))
}

fn sum(entries: &[SettlementEntry], expected: Money) -> Option<Money> {
    entries.iter().try_fold(Money::zero(expected.currency()), |sum, entry| match entry.kind {
        SettlementKind::Refund => sum.checked_sub(entry.gross),
        _ => sum.checked_add(entry.gross),
    })
}

/// The settlement entries that an operation makes.
fn kind_of(operation: PaymentOperation) -> Option<SettlementKind> {
    match operation {
        PaymentOperation::Purchase | PaymentOperation::Capture => Some(SettlementKind::Payment),
        PaymentOperation::Refund | PaymentOperation::Credit => Some(SettlementKind::Refund),
        _ => None,
    }
}

/// Handles of one payment may differ in what they carry along; provider, kind and id say whether it is the same.
fn identity(payment: &PaymentRef) -> PaymentRef {
    PaymentRef::new(payment.provider().clone(), payment.kind(), payment.id())
}

/// What an outcome's payment moved, for the journal. Of several captures each one counts what it asked for.
pub(super) fn moved(operation: PaymentOperation, payment: &Payment) -> Option<Money> {
    let amounts = payment.amounts;
    let amount = match operation {
        PaymentOperation::Capture if amounts.requested < amounts.captured => amounts.requested,
        PaymentOperation::Purchase | PaymentOperation::Capture => amounts.captured,
        PaymentOperation::Refund | PaymentOperation::Credit => amounts.refunded,
        _ => return None,
    };
    amount.is_positive().then_some(amount)
}
