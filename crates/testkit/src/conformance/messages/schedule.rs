//! Messages that wait for their time, and are called back when their recipient ends messages.

use turnbuckle_core::messaging::DeliveryState;
use turnbuckle_core::{Clock as _, Effect, ErrorKind};

use super::super::report::ensure;
use super::super::{Failed, Report};
use super::{Done, MessageSearch, Suite};
use crate::fault::Fault;

pub(super) async fn run(suite: &Suite<'_>, report: &mut Report) {
    report.run(suite.name("scheduled, sent at its time"), waits(suite)).await;
    report.run(suite.name("scheduled, called back, twice"), canceled(suite)).await;
    if suite.messages().knows_what_left {
        report.run(suite.name("scheduled, too late to call back"), too_late(suite)).await;
    }
    report.run(suite.name("who ends messages gets none that waits"), stopped(suite)).await;
    report.run(suite.name("who ends messages, and the vendor fails"), stopped_badly(suite)).await;
    if suite.messages().search != MessageSearch::Nothing {
        report.run(suite.name("who ends messages, and an answer was lost"), stopped_unsettled(suite)).await;
    }
}

async fn waits(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let letter = stage.scheduled("1", suite.to())?;
    let at = stage.setup.clock.now() + suite.messages().schedule;
    let accepted = stage.accepted(&letter).await?;
    ensure(accepted.state == DeliveryState::Scheduled, format!("it is said to be {:?}", accepted.state))?;
    ensure(accepted.send_at == Some(at), "the answer does not say when it is sent")?;
    ensure(stage.stands(&letter) == Some(DeliveryState::Scheduled), "the vendor did not schedule it")?;
    stage.advance(suite.messages().schedule);
    stage.settle_down();
    ensure(stage.stands(&letter) == Some(DeliveryState::Delivered), "it was not sent at its time")
}

async fn canceled(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let letter = stage.scheduled("1", suite.to())?;
    let accepted = stage.accepted(&letter).await?;
    for _ in 0..2 {
        stage.post.cancel(&accepted.message).await?;
    }
    stage.advance(suite.messages().schedule);
    stage.settle_down();
    ensure(
        stage.stands(&letter) == Some(DeliveryState::Canceled),
        "it was called back, and sent all the same",
    )
}

async fn too_late(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let letter = stage.scheduled("1", suite.to())?;
    let accepted = stage.accepted(&letter).await?;
    stage.advance(suite.messages().schedule);
    stage.settle_down();
    let state = stage.stands(&letter);
    match stage.post.cancel(&accepted.message).await {
        Ok(()) => Err(Failed::new(format!("it was called back though it is {state:?}"))),
        Err(error) => ensure(error.kind() == ErrorKind::Conflict, format!("not a conflict: {error}")),
    }
}

async fn stopped(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let waiting = [stage.scheduled("1", suite.to())?, stage.scheduled("2", suite.to())?];
    let others = stage.scheduled("3", suite.other())?;
    let now = stage.letter("4", suite.to())?;
    for letter in waiting.iter().chain([&others, &now]) {
        let _ = stage.accepted(letter).await?;
    }
    let stopped = stage.post.stop(suite.to()).await?;
    ensure(stopped.len() == 2, format!("{} messages were called back, not two", stopped.len()))?;
    for (_, result) in stopped {
        result?;
    }
    ensure(stage.post.stop(suite.to()).await?.is_empty(), "what was called back is called back again")?;
    stage.advance(suite.messages().schedule);
    stage.settle_down();
    for letter in &waiting {
        let state = stage.stands(letter);
        ensure(state == Some(DeliveryState::Canceled), format!("called back, and it is {state:?}"))?;
    }
    let state = stage.stands(&others);
    ensure(state == Some(DeliveryState::Delivered), "a message to somebody else was called back")
}

async fn stopped_badly(suite: &Suite<'_>) -> Done {
    for fault in [Fault::ConnectRefused, Fault::ResetBefore, Fault::ResetAfter, Fault::HtmlBadGateway] {
        let stage = suite.stage()?;
        let letter = stage.scheduled("1", suite.to())?;
        let _ = stage.accepted(&letter).await?;
        stage.faults().clear();
        stage.faults().from_request(1, fault);
        let stopped = stage.post.stop(suite.to()).await?;
        ensure(stage.faults().met() > 0, "nothing was sent, so nothing was called back")?;
        stage.faults().clear();
        for (_, result) in &stopped {
            let waits = stage.stands(&letter) == Some(DeliveryState::Scheduled);
            ensure(result.is_err() || !waits, "it waits still, and is said to be called back")?;
        }
        for (_, result) in stage.post.stop(suite.to()).await? {
            result?;
        }
        stage.advance(suite.messages().schedule);
        stage.settle_down();
        let state = stage.stands(&letter);
        ensure(state == Some(DeliveryState::Canceled), format!("tried again, and it is {state:?}"))?;
    }
    Ok(())
}

/// A message waits whose answer was lost: it is looked for before the others are called back.
async fn stopped_unsettled(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let letter = stage.scheduled("1", suite.to())?;
    stage.faults().from_request(1, Fault::ResetAfter);
    let lost = stage.post.send(&letter).await.is_err_and(|error| error.effect() == Effect::Unknown);
    ensure(lost && stage.taken() == 1, "no answer was lost after the effect, so nothing is shown")?;
    stage.faults().clear();
    let mut called_back = 0;
    // A search that lags finds it before its time.
    for _ in 0..4 {
        for (_, result) in stage.post.stop(suite.to()).await? {
            result?;
            called_back += 1;
        }
        stage.advance(suite.messages().schedule / 8);
    }
    ensure(called_back == 1, format!("{called_back} messages were called back, not one"))?;
    stage.advance(suite.messages().schedule);
    stage.settle_down();
    let state = stage.stands(&letter);
    ensure(state == Some(DeliveryState::Canceled), format!("called back, and it is {state:?}"))
}
