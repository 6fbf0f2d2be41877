//! What the vendor pushes: it carries the attempt, settles it, and folds to what became of each message.

use std::collections::BTreeMap;

use turnbuckle_core::messaging::{Delivery, DeliveryNews, DeliveryReason, DeliveryState};
use turnbuckle_core::payment::Resolution;
use turnbuckle_core::webhook::{EventKind, RawWebhook};
use turnbuckle_core::{Clock as _, Effect};

use super::super::report::ensure;
use super::super::{Failed, Report};
use super::{Done, EndedMessages, Stage, Suite};
use crate::fault::Fault;

/// Largest push that is taken: vendors send events in batches.
const MOST: usize = 8 * 1024 * 1024;

pub(super) async fn run(suite: &Suite<'_>, report: &mut Report) {
    if !suite.messages().pushes {
        return;
    }
    report.run(suite.name("pushes carry the attempt"), carry(suite)).await;
    report.run(suite.name("a push settles a lost answer"), settle(suite)).await;
    report.run(suite.name("pushes fold in any order"), fold(suite)).await;
}

/// Everything that the vendor has pushed so far, verified and decoded.
pub(super) async fn news(suite: &Suite<'_>, stage: &Stage<'_>) -> Result<Vec<DeliveryNews>, Failed> {
    let cases = suite.fixture.webhooks().ok_or_else(|| Failed::new("pushes, and no webhook cases"))?;
    let receiver =
        stage.receiver.as_ref().ok_or_else(|| Failed::new("pushes, and the connection receives none"))?;
    let mut news = Vec::new();
    for push in stage.bench.message_pushes(suite.channel()) {
        let raw = RawWebhook::with_limit(push, &cases.public_url, MOST)?;
        for event in receiver.receive(raw, stage.setup.clock.now()).await? {
            let event = event.into_inner();
            let about = matches!(
                (suite.channel(), event.kind),
                (turnbuckle_core::messaging::Channel::Sms, EventKind::Message(_))
                    | (turnbuckle_core::messaging::Channel::Email, EventKind::Email(_))
            );
            if let Some(word) = event.delivery {
                ensure(about, format!("a message's event is of another kind: {:?}", event.kind))?;
                news.push(*word);
            }
        }
    }
    ensure(!news.is_empty(), "the bench made no pushes")?;
    Ok(news)
}

async fn carry(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let letter = stage.letter("1", suite.to())?;
    let attempt = stage.post.attempt(&letter, stage.setup.clock.now());
    let accepted = stage.accepted(&letter).await?;
    stage.settle_down();
    for word in news(suite, &stage).await? {
        ensure(word.attempt.as_ref() == Some(&attempt.wire_key), "a push does not carry the attempt's id")?;
        ensure(word.message == accepted.message, "a push names another message than the answer did")?;
        ensure(word.recipient == suite.to(), "a push names another recipient")?;
    }
    Ok(())
}

async fn settle(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let (lost, other) = (stage.letter("1", suite.to())?, stage.letter("2", suite.other())?);
    stage.faults().from_request(1, Fault::ResetAfter);
    let Err(error) = stage.post.send(&lost).await else {
        return Err(Failed::new("the answer was lost, and there is one"));
    };
    ensure(error.effect() == Effect::Unknown, format!("the effect is not unknown: {error}"))?;
    stage.faults().clear();
    let _ = stage.accepted(&other).await?;
    stage.settle_down();
    for word in news(suite, &stage).await? {
        stage.post.observe(&word).await?;
    }
    stage.faults().clear();
    stage.faults().from_request(1, Fault::ConnectRefused);
    let settled = stage.post.settle(lost.key()).await?;
    ensure(matches!(settled, Resolution::Happened(_)), "the push did not settle it")?;
    ensure(stage.faults().requests() == 0, "what is settled is looked up again")?;
    let again = stage.accepted(&lost).await?;
    ensure(again.replayed && stage.taken() == 2, "what the push settled is sent again")
}

/// Every recipient whose fate is known, and one who ended messages: the pushes in any order, and doubled, fold to what
/// the vendor has.
async fn fold(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let messages = suite.messages();
    let mut letters = vec![stage.letter("0", suite.to())?];
    for (number, (to, _)) in messages.fates.iter().enumerate() {
        letters.push(stage.letter(&format!("F{number}"), to)?);
    }
    if messages.ended == EndedMessages::Dropped {
        stage.bench.ends_messages(suite.channel(), suite.other());
        letters.push(stage.letter("E", suite.other())?);
    }
    for letter in &letters {
        let _ = stage.accepted(letter).await?;
    }
    let mut words = 0;
    for _ in 0..4 {
        stage.advance(messages.arrives_within / 4);
        let mut news = news(suite, &stage).await?;
        words = news.len();
        for turn in 0..news.len() {
            news.rotate_left(1);
            same(suite, &stage, &news, turn)?;
            news.reverse();
            same(suite, &stage, &news, turn)?;
            let twice: Vec<_> = news.iter().chain(&news).cloned().collect();
            same(suite, &stage, &twice, turn)?;
        }
    }
    ensure(words > letters.len(), "hardly anything was pushed, so no order is shown")?;
    if messages.ended == EndedMessages::Dropped {
        let told = news(suite, &stage)
            .await?
            .into_iter()
            .any(|word| word.recipient == suite.other() && word.reason == Some(DeliveryReason::Unsubscribed));
        ensure(told, "no push says that the recipient ended messages")?;
    }
    Ok(())
}

fn same(suite: &Suite<'_>, stage: &Stage<'_>, news: &[DeliveryNews], turn: usize) -> Done {
    let mut folded: BTreeMap<(&str, &str), Delivery> = BTreeMap::new();
    for word in news {
        let key = (word.message.id(), word.recipient.as_str());
        let fresh = || Delivery::new(DeliveryState::Accepted, word.at);
        folded.entry(key).or_insert_with(fresh).observe(word);
    }
    for message in stage.bench.messages(suite.channel()) {
        let found = folded.iter().find(|((id, to), _)| *id == message.id && *to == message.recipient);
        let state = found.map(|(_, delivery)| delivery.state);
        // What is not final yet need not have been told yet.
        let behind = !message.state.is_final() && state.is_none_or(|state| state < message.state);
        let fits = state == Some(message.state) || behind;
        let why = format!("`{}` folds to {state:?}, not {:?} (order {turn})", message.id, message.state);
        ensure(fits, why)?;
        let reasoned = found.is_none_or(|(_, delivery)| {
            !delivery.state.is_failure()
                || delivery.state == DeliveryState::Canceled
                || delivery.reason.is_some()
        });
        ensure(reasoned, format!("`{}` failed, and no push says why", message.id))?;
    }
    Ok(())
}
