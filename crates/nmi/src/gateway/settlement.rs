//! What was settled: the actions of the kind `settle` of each transaction.

use chrono::TimeDelta;
use turnbuckle_core::money::Money;
use turnbuckle_core::payment::{
    MerchantReference, PaymentOperation, SettlementEntry, SettlementKind, SettlementPage, TransactionQuery,
    WireKey,
};
use turnbuckle_core::{Error, Result};

use super::lookup::PAGE;
use super::{NmiGateway, answer, marks};
use crate::records::{Action, Transaction};
use crate::{Page, TransactionSearch};

impl NmiGateway {
    /// One page of transactions, and what settled of them in the period or in the batch.
    ///
    /// NMI has no report of settlements. Its query goes by the time of the last change, so a payment that settled in the
    /// period and was refunded after it is found only without an end; the period is therefore open for NMI, and cut here.
    /// A batch is looked for in the period too: NMI cannot ask for one. Pages may be without entries and still have a next
    /// one.
    pub(super) async fn settled(&self, query: &TransactionQuery) -> Result<SettlementPage> {
        let number = match &query.page {
            None => 0,
            Some(page) => page
                .parse::<u32>()
                .map_err(|_| Error::invalid_field("page", "is not where a page of this gateway ended"))?,
        };
        let since = query.from - TimeDelta::minutes(5);
        let search = TransactionSearch::new().modified_since(since).with_page(Page::new(number, PAGE));
        let found = self.client.query().transactions(&search).await?;
        let mut entries = Vec::new();
        for transaction in &found {
            let processor = query.sub_account.as_deref();
            if processor.is_some_and(|processor| transaction.processor_id.as_deref() != Some(processor)) {
                continue;
            }
            for (index, action) in transaction.actions.iter().enumerate() {
                entries.extend(entry(transaction, index, action, query)?);
            }
        }
        let next = (found.len() >= PAGE as usize).then(|| (number + 1).to_string());
        Ok(SettlementPage::new(entries, next))
    }
}

fn entry(
    transaction: &Transaction,
    index: usize,
    action: &Action,
    query: &TransactionQuery,
) -> Result<Option<SettlementEntry>> {
    let settles = action.action_type == "settle";
    let returns = action.action_type.ends_with("return");
    if !action.success || !(settles || returns) {
        return Ok(None);
    }
    let booked_at = action.date.ok_or_else(|| answer::wrong("a settlement in the answer has no time"))?;
    let inside = booked_at >= query.from && booked_at < query.until;
    let batch = action.batch_id.as_deref();
    let wanted = query
        .batch
        .as_deref()
        .is_none_or(|wanted| batch == Some(wanted) || action.processor_batch_id.as_deref() == Some(wanted));
    if !inside || !wanted {
        return Ok(None);
    }
    let currency = transaction.currency()?;
    let amount = action.money(currency)?;
    let payment = answer::payment(transaction, None, true)?;
    let outgoing = matches!(payment.operation, PaymentOperation::Refund | PaymentOperation::Credit);
    let (kind, gross) = match (returns, outgoing) {
        (true, _) => (SettlementKind::Return, Money::new(-amount.minor(), currency)),
        (false, true) => (SettlementKind::Refund, Money::new(-amount.minor(), currency)),
        (false, false) => (SettlementKind::Payment, amount),
    };
    let id = format!("{}/{index}", transaction.transaction_id);
    let mut entry = SettlementEntry::new(id, kind, gross, booked_at);
    entry.batch = batch.or(action.processor_batch_id.as_deref()).map(str::to_owned);
    // The money of an authorization is moved by its capture, which has another key: those are matched by the handle.
    if payment.operation != PaymentOperation::Authorize {
        let order = transaction.order_id.clone();
        entry.wire_key = order.and_then(|order| WireKey::try_from(order).ok());
    }
    entry.payment = Some(payment.reference);
    let reference = transaction.defined_fields.get(&marks::REFERENCE).cloned();
    entry.merchant_reference = reference.and_then(|text| MerchantReference::new(text).ok());
    Ok(Some(entry))
}
