//! A ledger kept in step: in pages of any size, with changes under the pages, and before there is anything.

use std::collections::BTreeMap;

use turnbuckle_core::bank_data::{SyncEvent, SyncHistory, TransactionSync, collect};
use turnbuckle_core::{Error, ErrorKind};

use super::super::report::ensure;
use super::super::{Failed, Report};
use super::host::{Host, same_ledger};
use super::{Done, Suite};

/// More events than any loop has.
const MOST_EVENTS: usize = 200;

pub(super) async fn run(suite: &Suite<'_>, report: &mut Report) {
    report.run("sync: nothing ready is no cursor", nothing_ready(suite)).await;
    for size in &suite.cases.page_sizes {
        let name = format!("sync: pages of {size} fold to the vendor's ledger");
        report.run(name, folds(suite, *size)).await;
    }
    report.run("sync: several pages are one loop", pages(suite)).await;
    report.run("sync: gathered whole", gathered(suite)).await;
    report.run("sync: a change while paging, from the beginning", changed(suite, false)).await;
    report.run("sync: a change while paging, from a cursor", changed(suite, true)).await;
    report.run("sync: a cursor of another link is an error", another_link(suite)).await;
}

async fn nothing_ready(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let link = stage.linked().await?;
    if suite.cases.late_history {
        let mut sync = TransactionSync::new(stage.bank.as_ref(), &link, None);
        while let Some(event) = sync.next().await {
            match event? {
                SyncEvent::Page(page) => {
                    let lines = page.added.len() + page.modified.len() + page.removed.len();
                    ensure(lines == 0, "nothing is ready, and there are transactions")?;
                    ensure(
                        page.history == SyncHistory::NotReady,
                        "nothing is ready, and the page denies it",
                    )?;
                }
                SyncEvent::Commit(cursor) => {
                    ensure(cursor.is_none(), "nothing is ready, and there is a cursor to store")?;
                }
                _ => return Err(Failed::new("nothing is ready, and the loop begins anew")),
            }
        }
    }
    let mut host = Host::default();
    stage.day(&link);
    host.sync(stage.bank.as_ref(), &link).await?;
    ensure(host.stored.is_some(), "there are transactions, and no cursor to store")?;
    ensure(!host.ledger.is_empty(), "the first day brought nothing")?;
    host.same(&stage, &link)
}

async fn folds(suite: &Suite<'_>, size: usize) -> Done {
    let stage = suite.paging(size)?;
    let link = stage.linked().await?;
    let mut host = Host::default();
    let (mut left, mut came, mut replaced) = (false, false, false);
    host.sync(stage.bank.as_ref(), &link).await?;
    host.same(&stage, &link)?;
    for day in 1..=suite.cases.days {
        stage.day(&link);
        host.sync(stage.bank.as_ref(), &link).await?;
        host.same(&stage, &link).map_err(|why| Failed::new(format!("day {day}: {why}")))?;
        for line in stage.bench.bank_ledger(&link) {
            left |= line.change.is_sign_negative() && !line.change.is_zero();
            came |= line.change.is_sign_positive() && !line.change.is_zero();
            replaced |= line.replaces.is_some();
        }
    }
    for (shown, what) in [
        (left, "money that left"),
        (came, "money that came in"),
        (replaced, "a pending transaction that was replaced"),
        (host.told.modified > 0, "a transaction that changed"),
        (host.told.removed > 0, "a transaction that was taken back"),
    ] {
        ensure(shown, format!("the days brought no {what}, so nothing is shown"))?;
    }
    Ok(())
}

async fn pages(suite: &Suite<'_>) -> Done {
    let stage = suite.several_pages()?;
    let link = stage.linked_for(2).await?;
    let mut host = Host::default();
    host.sync(stage.bank.as_ref(), &link).await?;
    ensure(host.told.loops == 1, "more than one commit came of it")?;
    ensure(host.told.pages > 1, "everything was on one page, so paging is not shown")?;
    let (pages, stored) = (host.told.pages, host.stored.clone());
    // Nothing happened since: one page, and nothing on it.
    host.sync(stage.bank.as_ref(), &link).await?;
    ensure(host.told.pages == pages + 1 && host.stored.is_some(), "a loop over no change is not one page")?;
    ensure(stored.is_some(), "there is no cursor to store")?;
    host.same(&stage, &link)
}

async fn gathered(suite: &Suite<'_>) -> Done {
    let stage = suite.several_pages()?;
    let link = stage.linked_for(3).await?;
    let (all, cursor) = collect(stage.bank.as_ref(), &link, None, 100_000).await?;
    let folded: BTreeMap<_, _> = all
        .added
        .into_iter()
        .chain(all.modified)
        .map(|transaction| (transaction.id.clone(), transaction))
        .collect();
    same_ledger(&folded, &stage, &link)?;
    ensure(cursor.is_some(), "there is no cursor to store")?;
    let refused = collect(stage.bank.as_ref(), &link, None, 1).await;
    let named = |error: &Error| error.fields().iter().any(|field| field.field == "limit");
    ensure(refused.is_err_and(|error| named(&error)), "more than the limit was gathered")
}

/// A day passes after so many events of the loop, for every such number. What the loop and the one after it fold is the
/// vendor's ledger.
async fn changed(suite: &Suite<'_>, from_cursor: bool) -> Done {
    let mut restarts = 0;
    for at in 0..MOST_EVENTS {
        let stage = suite.several_pages()?;
        let link = stage.linked_for(1).await?;
        let bank = stage.bank.as_ref();
        let mut host = Host::default();
        if from_cursor {
            host.sync(bank, &link).await?;
        }
        stage.day(&link);
        let mut events = 0;
        host.drive(
            bank,
            &link,
            |so_far| {
                events = so_far;
                if so_far == at {
                    stage.day(&link);
                }
                true
            },
            || false,
        )
        .await?;
        host.sync(bank, &link).await?;
        host.same(&stage, &link).map_err(|why| Failed::new(format!("changed after {at} events: {why}")))?;
        restarts += host.told.restarts;
        if events < at {
            let shown = !suite.cases.restarts || restarts > 0;
            return ensure(shown, "no change was told of while paging, so nothing is shown");
        }
    }
    Err(Failed::new(format!("a loop has more than {MOST_EVENTS} events: let the bench's days bring less")))
}

async fn another_link(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let (one, other) = (stage.linked_for(1).await?, stage.linked_for(1).await?);
    let bank = stage.bank.as_ref();
    let mut host = Host::default();
    host.sync(bank, &one).await?;
    match bank.sync_page(&other, host.stored.as_ref()).await {
        Ok(_) => Err(Failed::new("a cursor of one link was taken for another's")),
        // A conflict would make the loop begin anew from the same cursor.
        Err(error) => ensure(error.kind() != ErrorKind::Conflict, format!("it came out as: {error}")),
    }
}
