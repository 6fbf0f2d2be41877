//! Syncs that fail, are dropped, or whose process dies, at every point: nothing is lost, nothing doubled.

use turnbuckle_core::Effect;

use super::super::report::ensure;
use super::super::{Failed, Report};
use super::host::{End, Host};
use super::{Done, Suite, lost_answers};
use crate::fault::{DropAfterPolls, Fault};

/// More requests, events or polls than any loop has.
const MOST: usize = 400;

pub(super) async fn run(suite: &Suite<'_>, report: &mut Report) {
    for (name, again) in [("asked again", true), ("begun anew", false)] {
        for fault in lost_answers() {
            let case = format!("sync: {} at every call, {name}", words(&fault));
            report.run(case, fails(suite, &fault, again)).await;
        }
    }
    report.run("sync: a process that dies at every event", dies(suite)).await;
    report.run("sync: dropped at every poll", dropped(suite)).await;
}

fn words(fault: &Fault) -> &'static str {
    match fault {
        Fault::ConnectRefused => "no connection",
        Fault::ResetBefore => "reset before",
        Fault::ResetAfter => "reset after",
        Fault::Truncated => "truncated answer",
        Fault::HtmlBadGateway => "502 with a page",
        _ => "429",
    }
}

/// Every request of the loop is spoiled in turn, once and for good. The same page is asked for again, or the loop is begun
/// anew from the stored cursor.
async fn fails(suite: &Suite<'_>, fault: &Fault, again: bool) -> Done {
    let (mut met, mut failed) = (0, 0);
    for for_good in [true, false] {
        for number in 1..=MOST {
            let stage = suite.several_pages()?;
            let link = stage.linked_for(1).await?;
            let bank = stage.bank.as_ref();
            let mut host = Host::default();
            host.sync(bank, &link).await?;
            stage.day(&link);
            let faults = stage.faults();
            faults.clear();
            if for_good {
                faults.from_request(number, fault.clone());
            } else {
                faults.on_request(number, fault.clone());
            }
            let mut spoiled = 0;
            let (before, ledger) = (host.stored.clone(), host.ledger.clone());
            let result = host
                .drive(
                    bank,
                    &link,
                    |_| true,
                    || {
                        spoiled += faults.met();
                        faults.clear();
                        again
                    },
                )
                .await;
            failed += usize::from(spoiled > 0);
            spoiled += faults.met();
            if spoiled == 0 {
                break;
            }
            met += 1;
            let at = |why: Failed| Failed::new(format!("request {number}: {why}"));
            if let Err(error) = result {
                let read = error.effect() == Effect::None;
                ensure(read, format!("a read that failed may have changed something: {error}"))
                    .map_err(at)?;
                let kept = host.stored == before && host.ledger == ledger;
                ensure(kept, "a loop that failed was committed").map_err(at)?;
                host.sync(bank, &link).await?;
            }
            host.same(&stage, &link).map_err(at)?;
        }
    }
    ensure(met > 0, "the loop sent nothing, so nothing could be spoiled")?;
    ensure(failed > 0, "no call failed, so nothing is shown")
}

/// The process ends after every event, and another begins from what was stored; a day passes meanwhile.
async fn dies(suite: &Suite<'_>) -> Done {
    for at in 0..MOST {
        let stage = suite.several_pages()?;
        let link = stage.linked_for(1).await?;
        let mut host = Host::default();
        host.sync(stage.bank.as_ref(), &link).await?;
        stage.day(&link);
        let end = host.drive(stage.bank.as_ref(), &link, |events| events < at, || false).await?;
        stage.day(&link);
        let bank = stage.started_again()?;
        host.sync(bank.as_ref(), &link).await?;
        host.same(&stage, &link).map_err(|why| Failed::new(format!("after {at} events: {why}")))?;
        if end == End::Committed {
            return ensure(at > 2, "the loop had hardly any events, so nothing is shown");
        }
    }
    Err(Failed::new(format!("a loop has more than {MOST} events: let the bench's days bring less")))
}

async fn dropped(suite: &Suite<'_>) -> Done {
    for polls in 0..MOST {
        let stage = suite.several_pages()?;
        let link = stage.linked_for(1).await?;
        let bank = stage.bank.as_ref();
        let mut host = Host::default();
        host.sync(bank, &link).await?;
        stage.day(&link);
        let done = DropAfterPolls::new(host.sync(bank, &link), polls).await;
        host.sync(bank, &link).await?;
        host.same(&stage, &link).map_err(|why| Failed::new(format!("after {polls} polls: {why}")))?;
        if let Some(result) = done {
            result?;
            return ensure(polls > 1, "the loop never gave way, so nothing is shown");
        }
    }
    Err(Failed::new(format!("not done after {MOST} polls")))
}
