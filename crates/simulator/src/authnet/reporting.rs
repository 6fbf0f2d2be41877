//! Transactions and batches, looked up.

use std::cmp::Ordering;

use super::answer::{Outcome, Reply};
use super::dates;
use super::error::Refusal;
use super::json::Json;
use super::state::Gateway;
use super::transaction::Transaction;

/// The longest period of a batch list.
const LONGEST_PERIOD: i64 = 31 * 86_400;

fn allowed(gateway: &Gateway) -> Result<(), Refusal> {
    if gateway.settings.transaction_details { Ok(()) } else { Err(Refusal::new("E00011")) }
}

/// `getTransactionDetailsRequest`
pub(super) fn details(gateway: &mut Gateway, body: &Json) -> Outcome {
    allowed(gateway)?;
    let id = body.text_at("transId").unwrap_or_default();
    let one = gateway.transaction(&id).ok_or_else(|| Refusal::new("E00040"))?;
    let mut reply = Reply::ok().with("transaction", one.details(gateway));
    if let Some(client) = &one.client_id {
        reply = reply.with("clientId", client.as_str());
    }
    if let Some(ref_id) = &one.ref_id {
        reply = reply.with("transrefId", ref_id.as_str());
    }
    Ok(reply)
}

/// Sorts and cuts a list as `sorting` and `paging` ask: newest first, 1000 a page, where they do not.
fn list(body: &Json, mut found: Vec<&Transaction>) -> Reply {
    let by_id =
        |one: &&Transaction, other: &&Transaction| (one.id.len(), &one.id).cmp(&(other.id.len(), &other.id));
    if body.text_at("sorting.orderBy").as_deref() == Some("id") {
        found.sort_by(by_id);
    } else {
        found.sort_by(|one, other| one.submitted.cmp(&other.submitted).then_with(|| by_id(one, other)));
    }
    if body.flag_at("sorting.orderDescending").unwrap_or(true) {
        found.reverse();
    }
    let total = found.len();
    let page: Vec<Json> = cut(body, found).into_iter().map(Transaction::summary).collect();
    if page.is_empty() {
        return Reply::nothing_found();
    }
    Reply::ok().with("transactions", page).with("totalNumInResultSet", total)
}

/// One page; `offset` counts pages from 1.
pub(super) fn cut<T>(body: &Json, all: Vec<T>) -> Vec<T> {
    let number = |path: &str| body.text_at(path).and_then(|text| text.trim().parse::<usize>().ok());
    let limit = number("paging.limit").unwrap_or(1000);
    let page = number("paging.offset").unwrap_or(1).saturating_sub(1);
    all.into_iter().skip(page.saturating_mul(limit)).take(limit).collect()
}

/// `getUnsettledTransactionListRequest`: what is in no batch yet.
pub(super) fn unsettled(gateway: &mut Gateway, body: &Json) -> Outcome {
    allowed(gateway)?;
    let pending = body.text_at("status").as_deref() == Some("pendingApproval");
    let wanted = |one: &&Transaction| one.batch.is_none() && (!pending || one.is_held());
    Ok(list(body, gateway.transactions.iter().filter(wanted).collect()))
}

/// `getTransactionListRequest`
pub(super) fn batch_list(gateway: &mut Gateway, body: &Json) -> Outcome {
    allowed(gateway)?;
    let id = body.text_at("batchId").ok_or_else(|| Refusal::saying("E00014", "Batch ID is required."))?;
    Ok(list(body, gateway.in_batch(&id)))
}

/// `getTransactionListForCustomerRequest`
pub(super) fn customer_list(gateway: &mut Gateway, body: &Json) -> Outcome {
    allowed(gateway)?;
    let customer = body.text_at("customerProfileId").unwrap_or_default();
    let payment = body.text_at("customerPaymentProfileId");
    if !gateway.profiles.iter().any(|profile| profile.id == customer) {
        return Err(Refusal::new("E00040"));
    }
    let own = |one: &&Transaction| {
        one.profile.as_ref().is_some_and(|(owner, method)| {
            *owner == customer && payment.as_ref().is_none_or(|id| id == method)
        })
    };
    Ok(list(body, gateway.transactions.iter().filter(own).collect()))
}

/// `getSettledBatchListRequest`: the last day, unless a period is named.
pub(super) fn batches(gateway: &mut Gateway, body: &Json) -> Outcome {
    allowed(gateway)?;
    let moment = |name: &str| body.text_at(name).and_then(|text| dates::parse_moment(text.trim()));
    let now = i64::try_from(gateway.now).unwrap_or(i64::MAX);
    let (first, last) = match (moment("firstSettlementDate"), moment("lastSettlementDate")) {
        (None, None) => (now - 86_400, now),
        (Some(first), None) => (first, first + LONGEST_PERIOD),
        (None, Some(last)) => (last - LONGEST_PERIOD, last),
        (Some(first), Some(last)) => (first, last),
    };
    match last.cmp(&first) {
        Ordering::Less => {
            return Err(Refusal::saying("E00013", "First settlement date is after last settlement date."));
        }
        _ if last - first > LONGEST_PERIOD => {
            return Err(Refusal::saying("E00013", "The date range cannot be greater than 31 days."));
        }
        _ => {}
    }
    let statistics = body.flag_at("includeStatistics").unwrap_or_default();
    let within = gateway.batches.iter().filter(|batch| {
        let settled = i64::try_from(batch.settled).unwrap_or(i64::MAX);
        first <= settled && settled <= last
    });
    let rows: Vec<Json> = within.map(|batch| batch.shown(gateway, statistics)).collect();
    if rows.is_empty() {
        return Ok(Reply::nothing_found());
    }
    Ok(Reply::ok().with("batchList", rows))
}

/// `getBatchStatisticsRequest`
pub(super) fn batch(gateway: &mut Gateway, body: &Json) -> Outcome {
    allowed(gateway)?;
    let id = body.text_at("batchId").unwrap_or_default();
    let batch = gateway.batches.iter().find(|batch| batch.id == id);
    let batch = batch.ok_or_else(|| Refusal::new("E00040"))?;
    Ok(Reply::ok().with("batch", batch.shown(gateway, true)))
}
