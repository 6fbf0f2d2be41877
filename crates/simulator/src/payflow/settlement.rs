//! Settlement: batches, and what banks answer later.

use super::ach;
use super::dates;
use super::state::{Merchant, Phase, Trx};

/// How long a bank takes to send a debit back.
const BANKS_TAKE: u64 = 2 * dates::DAY;

/// Settles all that is pending as one batch; its number, where there was anything.
pub(super) fn settle(merchant: &mut Merchant, now: u64) -> Option<u64> {
    let batch = merchant.batches + 1;
    let due = |trx: &&mut Trx| trx.phase == Phase::Pending && !trx.voided;
    let mut settled = 0_usize;
    for trx in merchant.transactions.iter_mut().filter(due) {
        trx.phase = Phase::Settled;
        trx.batch = Some((batch, now));
        ach::submitted(trx);
        settled += 1;
    }
    if settled == 0 {
        return None;
    }
    merchant.batches = batch;
    Some(batch)
}

/// Banks answer the debits that were submitted: all of them, or those submitted long enough ago. How many came back.
pub(super) fn banks_answer(merchant: &mut Merchant, now: u64, all: bool) -> usize {
    let due = |trx: &Trx| trx.batch.is_some_and(|(_, at)| all || now >= at.saturating_add(BANKS_TAKE));
    let submitted = merchant.transactions.iter_mut().filter(|trx| due(trx));
    submitted.map(|trx| usize::from(ach::answered(trx))).sum()
}
