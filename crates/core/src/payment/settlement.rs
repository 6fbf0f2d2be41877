//! What the vendor says has moved, beside what the journal says should have.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{JournalRecord, MerchantReference, Payment, PaymentOperation, PaymentRef, WireKey};
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
/// entries is compared by their sum.
pub fn reconcile<'a>(
    journal: impl IntoIterator<Item = &'a JournalRecord>,
    settlements: impl IntoIterator<Item = SettlementEntry>,
) -> Reconciliation {
    let mut by_key: BTreeMap<WireKey, Vec<SettlementEntry>> = BTreeMap::new();
    let mut by_payment: BTreeMap<PaymentRef, Vec<SettlementEntry>> = BTreeMap::new();
    let mut result = Reconciliation::default();
    for entry in settlements {
        if !matches!(entry.kind, SettlementKind::Payment | SettlementKind::Refund) {
            continue;
        }
        match (&entry.wire_key, &entry.payment) {
            (Some(key), _) => by_key.entry(key.clone()).or_default().push(entry),
            (None, Some(payment)) => by_payment.entry(identity(payment)).or_default().push(entry),
            (None, None) => result.extra.push(entry),
        }
    }
    for record in journal {
        let Some(moved) = record.moved() else { continue };
        let payment = record.payment();
        let entries = by_key
            .remove(&record.attempt.wire_key)
            .or_else(|| payment.and_then(|payment| by_payment.remove(&identity(payment))));
        let Some(entries) = entries else {
            result.missing.push(record.clone());
            continue;
        };
        let sum = entries.iter().try_fold(Money::zero(moved.currency()), |sum, entry| {
            let signed = match entry.kind {
                SettlementKind::Refund => {
                    Money::new(entry.gross.minor().checked_neg()?, entry.gross.currency())
                }
                _ => entry.gross,
            };
            sum.checked_add(signed)
        });
        for entry in entries {
            if sum == Some(moved) {
                result.matched.push((record.attempt.wire_key.clone(), entry));
            } else {
                result.mismatched.push(Mismatch { record: record.clone(), entry });
            }
        }
    }
    result.extra.extend(by_key.into_values().flatten());
    result.extra.extend(by_payment.into_values().flatten());
    result
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
