//! What happens at night: batches are settled, and days later some bank debits come back.

use serde_json::{Map, Value, json};

use super::amount;
use super::booking;
use super::events;
use super::instrument::Instrument;
use super::stamp;
use super::state::{Account, Action};

#[derive(Clone, Debug)]
pub(super) struct Batch {
    pub(super) id: String,
    pub(super) processor: String,
    pub(super) at: u64,
    pub(super) cents: i64,
    pub(super) transactions: Vec<String>,
}

impl Batch {
    pub(super) fn json(&self) -> Value {
        json!({
            "batch_id": self.id, "processor_id": self.processor, "date": stamp::moment(self.at),
            "amount": amount::show(self.cents), "count": self.transactions.len(),
            "transaction_ids": self.transactions,
        })
    }
}

/// What waits for settlement, by processor. What was approved in test mode waits forever.
fn waiting(account: &Account) -> Vec<(String, Vec<String>)> {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    let open =
        account.transactions.iter().filter(|known| !known.test && known.condition() == "pendingsettlement");
    for transaction in open {
        match groups.iter_mut().find(|(processor, _)| *processor == transaction.processor) {
            Some((_, ids)) => ids.push(transaction.id.clone()),
            None => groups.push((transaction.processor.clone(), vec![transaction.id.clone()])),
        }
    }
    groups
}

/// Settles everything that waits, one batch a processor.
pub(super) fn settle(account: &mut Account) -> Vec<Value> {
    let mut made = Vec::new();
    for (processor, ids) in waiting(account) {
        let batch = account.next_id();
        let mut cents = 0;
        for id in &ids {
            let Some(transaction) = account.transaction(id) else { continue };
            let moved = transaction.moved();
            cents += moved;
            let settled = Action {
                kind: "settle",
                cents: moved,
                at: account.now,
                success: true,
                source: "internal",
                text: "ACCEPTED".to_owned(),
                code: "100".to_owned(),
                batch: batch.clone(),
                ip: String::new(),
            };
            if transaction.instrument.is_check() {
                booking::act(account, id, settled);
            } else if let Some(kept) = account.transaction_mut(id) {
                // Cards are told of by their batch.
                kept.actions.push(settled);
            }
        }
        let batch = Batch { id: batch, processor, at: account.now, cents, transactions: ids };
        events::tell(account, "settlement.batch.complete", event(account, &batch));
        made.push(batch.json());
        account.batches.push(batch);
    }
    made
}

/// The processor takes no batch: everything stays as it is, and the event names no transaction.
pub(super) fn fail(account: &mut Account) -> usize {
    let groups = waiting(account);
    for (processor, _) in &groups {
        let id = account.next_id();
        let body = json!({ "processor": named(processor), "batch_id": id });
        events::tell(account, "settlement.batch.failure", body);
    }
    groups.len()
}

/// The bank returns a debit, before it was settled or after. Whether there was one to return.
pub(super) fn return_check(account: &mut Account, id: &str, reason: &str) -> bool {
    let open = account.transaction(id).filter(|known| known.instrument.is_check() && known.moved() != 0);
    let Some(transaction) = open else { return false };
    let kind = if transaction.has("settle") { "check_late_return" } else { "check_return" };
    let returned = Action {
        kind,
        cents: transaction.moved(),
        at: account.now,
        success: true,
        source: "internal",
        text: reason.to_owned(),
        code: "100".to_owned(),
        batch: "0".to_owned(),
        ip: String::new(),
    };
    booking::act(account, id, returned);
    true
}

fn named(processor: &str) -> Value {
    let kind = if processor.starts_with("ck") { "ck" } else { "cc" };
    json!({ "id": processor, "name": format!("Test processor {processor}"), "type": kind })
}

fn event(account: &Account, batch: &Batch) -> Value {
    let mut brands: Map<String, Value> = Map::new();
    let mut sums: Vec<(String, usize, i64)> = Vec::new();
    for transaction in batch.transactions.iter().filter_map(|id| account.transaction(id)) {
        let Instrument::Card(card) = &transaction.instrument else { continue };
        let brand = card.brand().to_ascii_lowercase();
        match sums.iter_mut().find(|row| row.0 == brand) {
            Some(row) => (row.1, row.2) = (row.1 + 1, row.2 + transaction.moved()),
            None => sums.push((brand, 1, transaction.moved())),
        }
    }
    for (brand, count, cents) in sums {
        brands.insert(brand, json!({ "count": count.to_string(), "amount": amount::show(cents) }));
    }
    json!({
        "processor": named(&batch.processor),
        "batch_id": batch.id,
        "count": batch.transactions.len().to_string(),
        "amount": amount::show(batch.cents),
        "by_card_type": brands,
        "transaction_ids": batch.transactions,
    })
}
