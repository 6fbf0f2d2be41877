//! Transactions and batches, found again.

use turnbuckle_authnet::{Batch, Page};

use super::transactions::Settled;
use super::{Calls, Setting};

/// Finds a settled card payment of the last month: the newest batch's first.
pub(super) async fn batches(calls: &mut Calls, at: &Setting<'_>) -> Option<Settled> {
    let reports = at.client.reports();
    let period = reports.settled_batches(at.days(-30), at.now);
    let show = |found: &Vec<Batch>| format!("ok {} batches", found.len());
    let found = calls.runner.run("reports.settled_batches", period, show).await.unwrap_or_default();
    let cards = found.iter().filter(|batch| batch.payment_method.as_deref() == Some("creditCard"));
    let newest = cards.max_by_key(|batch| batch.settlement_time);
    let id = newest.and_then(|batch| batch.batch_id.clone()).unwrap_or_else(|| "1".to_owned());
    let state = |batch: &Option<Batch>| {
        let state = batch.as_ref().and_then(|batch| batch.settlement_state.clone());
        format!("ok {}", state.unwrap_or_else(|| "no batch".to_owned()))
    };
    calls.runner.run("reports.batch", reports.batch(&id), state).await;
    let inside = reports.of_batch(&id, Page::new(1).with_limit(100));
    let list = calls
        .runner
        .run("reports.transactions_of_batch", inside, |list| {
            format!("ok {} on the page", list.transactions.len())
        })
        .await?;
    let settled = list
        .transactions
        .into_iter()
        .find(|one| one.transaction_status.as_deref() == Some("settledSuccessfully"))?;
    let last4 = settled.account_number?.get(4..)?.to_owned();
    Some(Settled { id: settled.trans_id?, last4 })
}

pub(super) async fn transactions(calls: &mut Calls, at: &Setting<'_>, id: &str) {
    let reports = at.client.reports();
    calls
        .runner
        .run("reports.transaction_details", reports.details(id), |one| {
            format!("ok {}", one.transaction_status.as_deref().unwrap_or("no status"))
        })
        .await;
    let page = reports.unsettled(Page::new(1).with_limit(5));
    calls
        .runner
        .run("reports.unsettled", page, |list| {
            let total = list.total_num_in_result_set.as_deref().unwrap_or("an unknown number");
            format!("ok {} on the page of {total}", list.transactions.len())
        })
        .await;
}
