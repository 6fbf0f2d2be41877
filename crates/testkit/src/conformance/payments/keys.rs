//! Idempotency keys: money moves once, and a changed request is no repetition.

use std::sync::Arc;
use std::time::Duration;

use turnbuckle_core::money::Money;
use turnbuckle_core::payment::{Idempotency, MemoryJournal};
use turnbuckle_core::{Effect, ErrorKind};

use super::super::report::ensure;
use super::super::{Failed, Report};
use super::{Done, Stage, Suite, approved};

pub(super) async fn run(suite: &Suite<'_>, report: &mut Report) {
    report.run("keys: the same request moves money once", repeats(suite, false)).await;
    report.run("keys: the same request moves money once, with a journal", repeats(suite, true)).await;
    report.run("keys: another amount is an error", changed_amount(suite, false)).await;
    report.run("keys: another amount is an error, with a journal", changed_amount(suite, true)).await;
    report.run("keys: another key is another payment", other_key(suite)).await;
    report.run("keys: a key that the vendor forgot is refused", too_old(suite)).await;
}

fn stage(suite: &Suite<'_>, journal: bool) -> Result<Stage, Failed> {
    Stage::new(suite.fixture, |setup| {
        setup.journal = journal.then(|| Arc::new(MemoryJournal::new()) as _);
    })
}

async fn repeats(suite: &Suite<'_>, journal: bool) -> Done {
    let stage = stage(suite, journal)?;
    let request = stage.request(&suite.cases.approved, "1")?;
    let first = approved(stage.charge(&request).await?)?;
    let once = stage.totals();
    let again = stage.charge(&request).await;
    ensure(stage.totals().same_money(once), "the same key moved money twice")?;
    match (again, stage.gateway.features().idempotency) {
        (Ok(outcome), _) => {
            let second = approved(outcome)?;
            ensure(second.reference.id() == first.reference.id(), "the repetition names another payment")
        }
        (Err(error), Idempotency::Keys { .. }) => {
            Err(Failed::new(format!("the vendor keeps keys, and the repetition failed: {error}")))
        }
        (Err(_), _) => Ok(()),
    }
}

async fn changed_amount(suite: &Suite<'_>, journal: bool) -> Done {
    let stage = stage(suite, journal)?;
    let request = stage.request(&suite.cases.approved, "1")?;
    approved(stage.charge(&request).await?)?;
    let once = stage.totals();
    let mut changed = request;
    changed.amount = Money::new(changed.amount.minor() + 100, changed.amount.currency());
    let sent = stage.faults().delivered();
    let result = stage.charge(&changed).await;
    ensure(stage.totals().same_money(once), "the same key with another amount moved more money")?;
    match result {
        Ok(outcome) => {
            Err(Failed::new(format!("the same key with another amount came out as {}", outcome.as_str())))
        }
        Err(error) if journal => {
            ensure(error.kind() == ErrorKind::Conflict, format!("not a conflict: {error}"))?;
            ensure(stage.faults().delivered() == sent, "the conflict was known, and something was sent")
        }
        // The answer belongs to the first request, which did happen, or the vendor refused this one.
        Err(error) if error.kind() == ErrorKind::InvalidResponse && error.effect() == Effect::Happened => {
            Err(Failed::new("the gateway took the first payment's answer for this one's"))
        }
        Err(_) => Ok(()),
    }
}

async fn other_key(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    approved(stage.charge(&stage.request(&suite.cases.approved, "1")?).await?)?;
    let once = stage.totals();
    approved(stage.charge(&stage.request(&suite.cases.approved, "2")?).await?)?;
    ensure(stage.totals().entries == once.entries + 1, "two keys did not make two payments")
}

async fn too_old(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let Idempotency::Keys { retention } = stage.gateway.features().idempotency else { return Ok(()) };
    let request = stage.request(&suite.cases.approved, "1")?;
    approved(stage.charge(&request).await?)?;
    let once = stage.totals();
    stage.advance(retention + Duration::from_secs(60));
    let sent = stage.faults().delivered();
    let result = stage.charge(&request).await;
    ensure(result.is_err(), "a replay later than the vendor keeps keys was not refused")?;
    ensure(stage.faults().delivered() == sent, "the replay was sent")?;
    ensure(stage.totals().same_money(once), "the replay moved money")
}
