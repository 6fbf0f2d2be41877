//! Lookups, stored methods, settlement.

use std::time::Duration;

use chrono::TimeDelta;
use turnbuckle_core::Clock as _;
use turnbuckle_core::payment::{
    Attempt, Feature, Journal, Lookup, LookupQuery, MemoryJournal, MerchantReference, PaymentMethod,
    PaymentOperation, RefundRequest, Resolution, SettlementEntry, StoreRequest, TransactionQuery, reconcile,
    resolve_store,
};

use super::super::report::ensure;
use super::super::{Case, Failed, Report};
use super::{Done, Stage, Suite, approved, refused};
use crate::fault::Fault;

/// More pages than a test fills.
const MOST_PAGES: usize = 50;

pub(super) async fn run(suite: &Suite<'_>, report: &mut Report) {
    if suite.has(Feature::LookupByReference) {
        report.run("lookup: by handle", by_handle(suite)).await;
    }
    if suite.has(Feature::LookupByMerchantReference) {
        report.run("lookup: by the merchant's reference", by_reference(suite)).await;
    }
    if suite.has(Feature::LookupByAttempt) {
        report.run("lookup: what an attempt did", by_attempt(suite)).await;
        report.run("lookup: an attempt that never was", absent_attempt(suite)).await;
    }
    if suite.has(Feature::Store) {
        report.run("store: once for one key", stores(suite)).await;
        if suite.has(Feature::LookupByAttempt) {
            report.run("store: a lost answer is found", stores_lost(suite)).await;
        }
    }
    if suite.has(Feature::Unstore) {
        report.run("unstore: twice is no error", unstores(suite)).await;
    }
    if suite.has(Feature::ChargeStored) && suite.has(Feature::Store) {
        report.run("store: charged until it is removed", charges_stored(suite)).await;
    }
    if suite.has(Feature::Transactions) {
        report.run("settlement: agrees with the journal", reconciles(suite)).await;
    }
    if suite.has(Feature::SettlementBatch) {
        report.run("settlement: one batch", batches(suite)).await;
    }
}

async fn by_handle(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let payment = approved(stage.charge(&stage.request(&suite.cases.approved, "1")?).await?)?;
    match stage.gateway.lookup(&LookupQuery::Reference(payment.reference.clone())).await? {
        Lookup::Found(found) => {
            let found = found.first().ok_or_else(|| Failed::new("found, and nothing in it"))?;
            ensure(found.reference.id() == payment.reference.id(), "another payment was found")?;
            ensure(found.amounts.captured == payment.amounts.captured, "with another amount")
        }
        _ => Err(Failed::new("the payment was not found")),
    }
}

async fn by_reference(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let since = stage.setup.clock.now() - TimeDelta::minutes(5);
    let mut seen = Vec::new();
    for name in ["1", "2"] {
        let payment = approved(stage.charge(&stage.request(&suite.cases.approved, name)?).await?)?;
        seen.push(payment.reference.id().to_owned());
    }
    // A vendor's index may be behind.
    stage.advance(Duration::from_secs(3600));
    let query = LookupQuery::merchant_reference(MerchantReference::new("CONF1")?, since);
    match stage.gateway.lookup(&query).await? {
        Lookup::Found(found) => {
            let ids: Vec<&str> = found.iter().map(|payment| payment.reference.id()).collect();
            ensure(seen.first().is_some_and(|id| ids.contains(&id.as_str())), "the payment was not found")?;
            ensure(!seen.last().is_some_and(|id| ids.contains(&id.as_str())), "another payment was found")
        }
        _ => Err(Failed::new("the payment was not found")),
    }
}

async fn by_attempt(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let request = stage.request(&suite.cases.approved, "1")?;
    let payment = approved(stage.charge(&request).await?)?;
    stage.advance(Duration::from_secs(3600));
    let attempt = attempt(&stage, &request.key, payment.operation)
        .with_amount(Some(request.amount))
        .with_merchant_reference(request.reference);
    match stage.gateway.lookup(&LookupQuery::Attempt(Box::new(attempt))).await? {
        Lookup::Found(found) => ensure(
            found.iter().all(|found| found.reference.id() == payment.reference.id()) && !found.is_empty(),
            "other payments were found",
        ),
        _ => Err(Failed::new("the payment was not found")),
    }
}

fn attempt(
    stage: &Stage,
    key: &turnbuckle_core::payment::IdempotencyKey,
    operation: PaymentOperation,
) -> Attempt {
    let gateway = &stage.gateway;
    Attempt::new(gateway.provider(), gateway.account(), operation, key, key.first_used_at())
}

async fn absent_attempt(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    approved(stage.charge(&stage.request(&suite.cases.approved, "1")?).await?)?;
    let request = stage.request(&suite.cases.approved, "2")?;
    let operation = PaymentOperation::Purchase;
    let attempt = attempt(&stage, &request.key, operation)
        .with_amount(Some(request.amount))
        .with_merchant_reference(request.reference);
    let found = stage.gateway.lookup(&LookupQuery::Attempt(Box::new(attempt))).await?;
    ensure(matches!(found, Lookup::Absent(_)), "an attempt that never was sent was found")
}

fn store_request(suite: &Suite<'_>, stage: &Stage, name: &str) -> Result<StoreRequest, Failed> {
    let method = suite.cases.storable.clone().ok_or_else(|| Failed::new("no method to store"))?;
    Ok(StoreRequest::new(method, stage.key(name)?, MerchantReference::new(format!("CONF{name}"))?))
}

async fn stores(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let request = store_request(suite, &stage, "1")?;
    let first = stage.gateway.store(&request).await?;
    if let Ok(again) = stage.gateway.store(&request).await {
        ensure(again.reference.id() == first.reference.id(), "the same key stored the method twice")?;
    }
    ensure(stage.totals().captured == 0, "storing took money")
}

async fn unstores(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let first = stage.gateway.store(&store_request(suite, &stage, "1")?).await?;
    stage.gateway.unstore(&first.reference).await?;
    let again = stage.gateway.unstore(&first.reference).await;
    again.map_err(|error| Failed::new(format!("removing it twice is an error: {error}")))
}

async fn stores_lost(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let request = store_request(suite, &stage, "1")?;
    stage.faults().from_request(1, Fault::ResetAfter);
    let result = stage.gateway.store(&request).await;
    stage.faults().clear();
    let Err(error) = result else { return Err(Failed::new("stored, though no answer came")) };
    if error.effect() != turnbuckle_core::Effect::Unknown {
        // The first of several requests was spoiled, before anything could be kept.
        return Ok(());
    }
    let attempt = error.attempt().ok_or_else(|| Failed::new("the error has no attempt"))?;
    for _ in 0..6 {
        let now = stage.setup.clock.now();
        match resolve_store(stage.gateway.as_ref(), attempt, now).await? {
            Resolution::StillUnknown { check_after } => {
                let wait = check_after.signed_duration_since(now).to_std().unwrap_or_default();
                stage.advance(wait + Duration::from_secs(1));
            }
            _ => return Ok(()),
        }
    }
    ensure(suite.cases.never_disproves, "still unknown")
}

async fn charges_stored(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let stored = stage.gateway.store(&store_request(suite, &stage, "1")?).await?;
    let case = Case::new(PaymentMethod::Stored(stored.reference.clone()), suite.cases.approved.amount);
    approved(stage.charge(&stage.request(&case, "2")?).await?)?;
    if !suite.has(Feature::Unstore) {
        return Ok(());
    }
    let once = stage.totals();
    stage.gateway.unstore(&stored.reference).await?;
    refused(stage.charge(&stage.request(&case, "3")?).await, "a charge of a removed method")?;
    ensure(stage.totals().same_money(once), "a removed method was charged")
}

async fn all_pages(stage: &Stage, query: TransactionQuery) -> Result<Vec<SettlementEntry>, Failed> {
    let mut entries = Vec::new();
    let mut query = query;
    for _ in 0..MOST_PAGES {
        let page = stage.gateway.transactions(&query).await?;
        entries.extend(page.entries);
        match page.next {
            Some(next) => query = query.with_page(next),
            None => return Ok(entries),
        }
    }
    Err(Failed::new(format!("more than {MOST_PAGES} pages")))
}

async fn reconciles(suite: &Suite<'_>) -> Done {
    let journal = std::sync::Arc::new(MemoryJournal::new());
    let stage =
        Stage::new(suite.fixture, |setup| setup.journal = Some(std::sync::Arc::clone(&journal) as _))?;
    let start = stage.setup.clock.now() - TimeDelta::minutes(5);
    let case = &suite.cases.approved;
    let mut last = None;
    for name in ["1", "2", "3", "4"] {
        last = Some(stage.paid(case, name).await?);
    }
    stage.bench.settle();
    if let (Some(payment), true) = (last, suite.has(Feature::Refund)) {
        let refund = RefundRequest::new(payment.reference, stage.key("5")?);
        approved(stage.gateway.refund(&refund).await?)?;
    }
    stage.bench.settle();
    stage.advance(Duration::from_secs(3600));
    let end = stage.setup.clock.now() + TimeDelta::minutes(5);
    let entries = all_pages(&stage, TransactionQuery::new(start, end)).await?;
    let records = journal.records(start, end).await?;
    let result = reconcile(&records, entries);
    ensure(result.mismatched.is_empty(), format!("{} amounts differ", result.mismatched.len()))?;
    ensure(result.missing.is_empty(), format!("{} payments are not in the report", result.missing.len()))?;
    ensure(result.extra.is_empty(), format!("{} entries are nobody's", result.extra.len()))?;
    let expected = 4 + usize::from(suite.has(Feature::Refund));
    ensure(result.matched.len() >= expected, "fewer entries than payments")?;
    let none = all_pages(&stage, TransactionQuery::new(end, end + TimeDelta::days(1))).await?;
    ensure(none.is_empty(), "a period in which nothing moved has entries")
}

async fn batches(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let start = stage.setup.clock.now() - TimeDelta::minutes(5);
    stage.paid(&suite.cases.approved, "1").await?;
    let first = stage.bench.settle().ok_or_else(|| Failed::new("the bench settles no batch"))?;
    stage.paid(&suite.cases.approved, "2").await?;
    let second = stage.bench.settle().ok_or_else(|| Failed::new("the bench settles no batch"))?;
    ensure(first != second, "two batches have one id")?;
    let end = stage.setup.clock.now() + TimeDelta::days(1);
    for batch in [first, second] {
        let entries = all_pages(&stage, TransactionQuery::new(start, end).with_batch(&batch)).await?;
        ensure(!entries.is_empty(), "a batch has no entries")?;
        let pure = entries.iter().all(|entry| entry.batch.as_ref().is_none_or(|of| *of == batch));
        ensure(pure, "a batch has entries of another")?;
    }
    Ok(())
}
