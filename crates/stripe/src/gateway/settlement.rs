//! What moved: the ledger of the balance as settlement entries.

use turnbuckle_core::money::Money;
use turnbuckle_core::payment::{
    PaymentRef, SettlementEntry, SettlementKind, SettlementPage, TransactionQuery,
};
use turnbuckle_core::{Error, ErrorKind, Result};

use super::{StripeGateway, answer, call, kind, marks, refund};
use crate::amount::from_stripe;
use crate::client::PROVIDER;
use crate::{BalanceTransaction, Charge, Created, LedgerSource, ListBalanceTransactions};

const PAGE: u32 = 100;

impl StripeGateway {
    /// One page of the ledger: of a period, or of one automatic payout, whose entries may be older than any period.
    pub(super) async fn ledger(&self, query: &TransactionQuery) -> Result<SettlementPage> {
        let scope = query.sub_account.as_deref();
        let mut params = ListBalanceTransactions::new().with_limit(PAGE);
        match &query.batch {
            Some(payout) => params.payout = Some(payout.clone()),
            None => params.created = Some(Created::since(query.from).until(query.until)),
        }
        params.starting_after.clone_from(&query.page);
        let options = call(scope).with_expand("data.source");
        let page = self.client.balance_transactions().list(&params).with_options(options).page().await?;
        let next = page.has_more.then(|| page.data.last().map(|last| last.id.clone())).flatten();
        let entries = page.data.iter().map(|transaction| entry(transaction, query.batch.as_deref(), scope));
        Ok(SettlementPage::new(entries.collect::<Result<_>>()?, next))
    }
}

fn entry(
    transaction: &BalanceTransaction,
    batch: Option<&str>,
    scope: Option<&str>,
) -> Result<SettlementEntry> {
    let settled = |amount: i64| from_stripe(amount, &transaction.currency);
    let booked_at = transaction
        .created
        .ok_or_else(|| Error::new(ErrorKind::InvalidResponse, "the ledger has an entry without a time"))?;
    let moved = settled(transaction.amount)?;
    let source = transaction.source.as_ref().and_then(|source| source.object());
    let paid = source.map(|source| paid(source, transaction)).transpose()?.flatten();
    let mut entry =
        SettlementEntry::new(&transaction.id, kind_of(transaction), paid.unwrap_or(moved), booked_at);
    entry.settlement_money = paid.filter(|paid| paid.currency() != moved.currency()).map(|_| moved);
    entry.fee = Some(settled(transaction.fee)?);
    entry.net = Some(settled(transaction.net)?);
    entry.batch = batch.map(str::to_owned);
    entry.available_at = transaction.available_on;
    match source {
        Some(LedgerSource::Charge(charge)) => {
            entry.payment = Some(payment_of(charge, scope));
            // The money of an authorization is moved by its capture, whose mark the charge does not have: those are
            // matched by the payment's handle.
            if charge.metadata.get(marks::OPERATION).is_none_or(|operation| operation != "authorize") {
                entry.wire_key = marks::wire_key(&charge.metadata, marks::WIRE_KEY);
            }
            entry.merchant_reference = marks::reference(&charge.metadata);
        }
        Some(LedgerSource::Refund(of)) => {
            entry.payment = Some(refund::refund_ref(of, scope));
            entry.wire_key = marks::wire_key(&of.metadata, marks::WIRE_KEY);
        }
        _ => {}
    }
    Ok(entry)
}

fn payment_of(charge: &Charge, scope: Option<&str>) -> PaymentRef {
    let reference = match &charge.payment_intent {
        Some(intent) => PaymentRef::new(PROVIDER, kind::PAYMENT, intent.id()),
        None => PaymentRef::new(PROVIDER, "charge", &charge.id),
    };
    answer::scoped(reference, scope)
}

/// What the payer paid or got back, where it was in another currency than what was booked.
fn paid(source: &LedgerSource, transaction: &BalanceTransaction) -> Result<Option<Money>> {
    let (amount, currency) = match source {
        LedgerSource::Charge(charge) => (charge.amount_captured, &charge.currency),
        LedgerSource::Refund(refund) => (refund.amount, &refund.currency),
        LedgerSource::Other => return Ok(None),
    };
    if *currency == transaction.currency || currency.is_empty() {
        return Ok(None);
    }
    let signed = if transaction.amount < 0 { -amount } else { amount };
    from_stripe(signed, currency).map(Some)
}

fn kind_of(transaction: &BalanceTransaction) -> SettlementKind {
    let category = transaction.reporting_category.as_deref().unwrap_or_default();
    match transaction.transaction_type.as_str() {
        "charge" | "payment" => SettlementKind::Payment,
        // A refund that failed comes back with the opposite sign, so that both together are nothing.
        "refund" | "payment_refund" | "refund_failure" | "payment_failure_refund" => SettlementKind::Refund,
        "payment_reversal" => SettlementKind::Return,
        "stripe_fee" | "stripe_fx_fee" | "tax_fee" => SettlementKind::Fee,
        "payout" | "payout_cancel" | "payout_failure" => SettlementKind::Payout,
        _ if category.starts_with("dispute") => SettlementKind::Dispute,
        _ => SettlementKind::Other,
    }
}
