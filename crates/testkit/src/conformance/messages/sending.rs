//! Sending: taken is not delivered, once a key, by consent, and never again to somebody whom the vendor refuses.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use turnbuckle_core::messaging::{
    BulkEnd, Channel, Consent, ConsentGate, DeliveryReason, DeliveryState, MemoryDedupStore, MessageClass,
    Sending, StopSignal, Unsubscribe, bulk,
};
use turnbuckle_core::payment::{Authority, Lookup};
use turnbuckle_core::{Clock as _, Effect, Error, ErrorKind, Result};

use super::super::report::ensure;
use super::super::{Failed, Report};
use super::{Anybody, Done, EndedMessages, MessageSearch, Suite, TEXT};
use crate::fault::Fault;

pub(super) async fn run(suite: &Suite<'_>, report: &mut Report) {
    report.run(suite.name("taken is not delivered"), taken(suite)).await;
    if !suite.messages().fates.is_empty() {
        report.run(suite.name("what becomes of it"), fates(suite)).await;
    }
    report.run(suite.name("one key, one message"), once(suite)).await;
    report.run(suite.name("one key, one message, after a restart"), once_restarted(suite)).await;
    report.run(suite.name("another message under the key is an error"), changed(suite)).await;
    if !suite.messages().refused.is_empty() {
        report.run(suite.name("who is refused is refused, once"), refused(suite)).await;
    }
    if suite.messages().ended != EndedMessages::Unknown {
        report.run(suite.name("who ended messages gets none"), ended(suite)).await;
    }
    report.run(suite.name("nothing without consent"), consent(suite)).await;
    report.run(suite.name("marketing needs a gate"), marketing(suite)).await;
    report.run(suite.name("a search for what was sent"), searched(suite)).await;
    report.run(suite.name("a search for what never was"), never(suite)).await;
    report.run(suite.name("many at a time"), many(suite)).await;
}

async fn taken(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let letter = stage.letter("1", suite.to())?;
    let accepted = stage.accepted(&letter).await?;
    ensure(!accepted.replayed, "the first send claims to be a repetition")?;
    ensure(!accepted.message.id().is_empty(), "the message has no handle")?;
    ensure(!accepted.state.is_final(), format!("taken, and said to be {:?}", accepted.state))?;
    ensure(stage.taken() == 1, "the vendor did not take one message")?;
    ensure(stage.faults().saw(TEXT), "what it says did not reach the vendor")?;
    let at_vendor = stage.at_vendor(&letter);
    ensure(at_vendor.len() == 1, "the attempt's id did not travel with the message")?;
    let right = at_vendor.iter().all(|message| message.recipient == suite.to());
    ensure(right, "the message is for somebody else")?;
    ensure(
        stage.stands(&letter) != Some(DeliveryState::Delivered),
        "the bench delivers at once: nothing is shown",
    )?;
    stage.settle_down();
    let state = stage.stands(&letter);
    ensure(state == Some(DeliveryState::Delivered), format!("in the end it is {state:?}"))
}

/// The bench does to each recipient what it was said to do, so that the cases after this one show something.
async fn fates(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    for (number, (to, fate)) in suite.messages().fates.iter().enumerate() {
        let letter = stage.letter(&number.to_string(), to)?;
        let accepted = stage.accepted(&letter).await?;
        ensure(!accepted.state.is_final(), format!("taken, and said to be {:?}", accepted.state))?;
        stage.settle_down();
        let state = stage.stands(&letter);
        ensure(state == Some(*fate), format!("recipient {number} ends as {state:?}, not {fate:?}"))?;
    }
    Ok(())
}

async fn once(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let letter = stage.letter("1", suite.to())?;
    let first = stage.accepted(&letter).await?;
    let sent = stage.faults().requests();
    let again = stage.accepted(&letter).await?;
    ensure(stage.faults().requests() == sent, "the repetition was sent")?;
    ensure(stage.taken() == 1, "one key made more than one message")?;
    ensure(
        again.replayed && again.message == first.message,
        "the repetition is not answered with the first",
    )?;
    let other = stage.accepted(&stage.letter("2", suite.to())?).await?;
    ensure(!other.replayed && stage.taken() == 2, "another key is not another message")
}

async fn once_restarted(suite: &Suite<'_>) -> Done {
    let store = Arc::new(MemoryDedupStore::default());
    let stage = suite.stage_with(|setup| setup.dedup = Some(Arc::clone(&store) as _))?;
    let letter = stage.letter("1", suite.to())?;
    let first = stage.accepted(&letter).await?;
    let Sending::Accepted(again) = stage.started_again()?.send(&letter).await? else {
        return Err(Failed::new("the repetition was refused"));
    };
    ensure(stage.taken() == 1, "one key made more than one message")?;
    ensure(again.replayed && again.message == first.message, "the repetition is not answered with the first")
}

async fn changed(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let _ = stage.accepted(&stage.letter("1", suite.to())?).await?;
    let sent = stage.faults().requests();
    let others = [stage.letter_saying("1", suite.to(), "otherwords")?, stage.letter("1", suite.other())?];
    for other in &others {
        let Err(error) = stage.post.send(other).await else {
            return Err(Failed::new("another message was taken for the same"));
        };
        ensure(error.kind() == ErrorKind::Conflict, format!("not a conflict: {error}"))?;
        ensure(error.effect() == Effect::None, "the error does not say that nothing happened")?;
    }
    ensure(stage.faults().requests() == sent && stage.taken() == 1, "the other message was sent")
}

async fn refused(suite: &Suite<'_>) -> Done {
    for (to, reason) in &suite.messages().refused {
        let stage = suite.stage()?;
        let ordinary = stage.letter("0", suite.to())?;
        let _ = stage.accepted(&ordinary).await?;
        let one_send = stage.faults().requests();
        let letter = stage.letter("1", to)?;
        for _ in 0..2 {
            let sending = stage.post.send(&letter).await;
            let sending = sending.map_err(|error| Failed::new(format!("a refusal came out as {error}")))?;
            let refusal = sending.refused().ok_or_else(|| Failed::new("who is refused was accepted"))?;
            ensure(refusal.reason == *reason, format!("the reason is {:?}, not {reason:?}", refusal.reason))?;
            ensure(refusal.code.as_ref().is_some_and(|code| !code.is_empty()), "the vendor's code is lost")?;
            ensure(stage.faults().requests() <= one_send * 2, "a refused message was sent again")?;
        }
        ensure(stage.at_vendor(&letter).is_empty() && stage.taken() == 1, "refused, and taken all the same")?;
    }
    Ok(())
}

async fn ended(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    stage.bench.ends_messages(suite.channel(), suite.to());
    let letter = stage.letter("1", suite.to())?;
    let sending = stage.post.send(&letter).await?;
    stage.settle_down();
    if suite.messages().ended == EndedMessages::Refused {
        let reason = sending.refused().map(|refusal| refusal.reason);
        let known = reason == Some(DeliveryReason::Unsubscribed);
        ensure(known, format!("who ended messages is {reason:?}"))?;
        ensure(stage.taken() == 0, "refused, and taken all the same")?;
    } else {
        ensure(sending.accepted().is_some(), "who ended messages was refused, not left out")?;
        let left_out = stage.stands(&letter).is_some_and(DeliveryState::is_failure);
        ensure(left_out, "who ended messages was not left out")?;
    }
    let other = stage.letter("2", suite.other())?;
    let _ = stage.accepted(&other).await?;
    stage.settle_down();
    ensure(stage.stands(&other) == Some(DeliveryState::Delivered), "somebody else was left out as well")
}

/// What a gate was asked.
type Asked = (Channel, bool, String);

/// Answers as it was told, and notes what it was asked.
#[derive(Debug)]
struct Gate {
    answer: Option<Consent>,
    asked: Mutex<Vec<Asked>>,
}

impl Gate {
    fn new(answer: Option<Consent>) -> Arc<Self> {
        Arc::new(Self { answer, asked: Mutex::default() })
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl ConsentGate for Gate {
    async fn may_send(&self, channel: Channel, class: &MessageClass, recipient: &str) -> Result<Consent> {
        let transactional = *class == MessageClass::Transactional;
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.push((channel, transactional, recipient.to_owned()));
        self.answer.ok_or_else(|| Error::new(ErrorKind::Internal, "the host's list is away"))
    }
}

async fn consent(suite: &Suite<'_>) -> Done {
    for answer in [Some(Consent::Given), Some(Consent::Missing), None] {
        let gate = Gate::new(answer);
        let stage = suite.stage_with(|setup| setup.gate = Some(Arc::clone(&gate) as _))?;
        let result = stage.post.send(&stage.letter("1", suite.to())?).await;
        let asked = gate.asked();
        let right = asked == [(suite.channel(), true, suite.to().to_owned())];
        ensure(right, format!("the gate was asked {} times, or something else", asked.len()))?;
        let sent = stage.faults().requests() > 0 || stage.taken() > 0;
        match (answer, result) {
            (Some(Consent::Given), Ok(sending)) => {
                ensure(sending.accepted().is_some() && sent, "there is consent, and nothing was sent")?;
            }
            (Some(Consent::Missing), Ok(sending)) => {
                let reason = sending.refused().map(|refusal| refusal.reason);
                ensure(reason == Some(DeliveryReason::NoConsent), format!("the reason is {reason:?}"))?;
                ensure(!sent, "there is no consent, and it was sent")?;
            }
            (None, Err(error)) => {
                ensure(!sent, "the gate could not answer, and it was sent")?;
                ensure(error.effect() == Effect::None, "the error does not say that nothing happened")?;
            }
            (_, result) => {
                return Err(Failed::new(format!("the gate says {answer:?}, and it came to {result:?}")));
            }
        }
    }
    Ok(())
}

async fn marketing(suite: &Suite<'_>) -> Done {
    let class = MessageClass::Marketing { unsubscribe: Unsubscribe::Keyword };
    let stage = suite.stage()?;
    let sending = stage.post.send(&stage.letter("1", suite.to())?.with_class(class.clone())).await?;
    let reason = sending.refused().map(|refusal| refusal.reason);
    ensure(reason == Some(DeliveryReason::NoConsent), "marketing was sent though nobody was asked")?;
    ensure(stage.faults().requests() == 0, "it was sent")?;
    let gate = Gate::new(Some(Consent::Given));
    let stage = suite.stage_with(|setup| setup.gate = Some(Arc::clone(&gate) as _))?;
    let _ = stage.post.send(&stage.letter("1", suite.to())?.with_class(class)).await;
    let asked = gate.asked();
    let right = !asked.is_empty() && asked.iter().all(|(_, transactional, _)| !transactional);
    ensure(right, "the gate was not asked, or was told another class")
}

async fn searched(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let mut sent = Vec::new();
    for name in ["1", "2"] {
        let letter = stage.letter(name, suite.to())?;
        let attempt = stage.post.attempt(&letter, stage.setup.clock.now());
        sent.push((attempt, stage.accepted(&letter).await?));
    }
    for (attempt, accepted) in sent {
        let mut found = false;
        for _ in 0..6 {
            match stage.post.lookup(&attempt).await? {
                Lookup::Found(messages) => {
                    ensure(messages == [accepted.message.clone()], "the search found another message")?;
                    found = true;
                }
                Lookup::Absent(Authority::Authoritative) => {
                    return Err(Failed::new("it was sent, and the search denies it"));
                }
                Lookup::Absent(_) => {}
                _ => return Err(Failed::new("an answer that this suite does not know")),
            }
            stage.settle_down();
        }
        let must = suite.messages().search != MessageSearch::Nothing;
        ensure(found || !must, "it was sent, and the search never finds it")?;
    }
    Ok(())
}

async fn never(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let _ = stage.accepted(&stage.letter("1", suite.to())?).await?;
    let unsent = stage.letter("2", suite.to())?;
    let attempt = stage.post.attempt(&unsent, stage.setup.clock.now());
    let mut proven = false;
    for _ in 0..6 {
        match stage.post.lookup(&attempt).await? {
            Lookup::Found(_) => return Err(Failed::new("nothing was sent, and the search found something")),
            Lookup::Absent(authority) => proven |= authority == Authority::Authoritative,
            _ => return Err(Failed::new("an answer that this suite does not know")),
        }
        stage.settle_down();
    }
    let proves = suite.messages().search == MessageSearch::Proves;
    ensure(proven == proves, format!("a search that {:?}, and proven: {proven}", suite.messages().search))?;
    let unknown = stage.post.settle(unsent.key()).await;
    let kind = unknown.err().map(|error| error.kind());
    ensure(kind == Some(ErrorKind::NotFound), "a key under which nothing was sent is settled")
}

/// Six messages, two at a time: one is refused, if anybody is, and the answers of two are lost.
async fn many(suite: &Suite<'_>) -> Done {
    let stage = suite.stage_with(|setup| setup.gate = Some(Arc::new(Anybody)))?;
    let mut letters = Vec::new();
    for number in 0..6 {
        let to = match suite.messages().refused.first() {
            Some((refused, _)) if number == 1 => refused,
            _ => suite.to(),
        };
        letters.push(stage.letter(&number.to_string(), to)?);
    }
    stage.faults().on_request(3, Fault::ResetAfter);
    stage.faults().on_request(5, Fault::ResetBefore);
    let two = NonZeroUsize::new(2).unwrap_or(NonZeroUsize::MIN);
    let post = &stage.post;
    let report = bulk(&letters, two, &StopSignal::new(), |letter| post.send(letter)).await;
    ensure(report.ends.len() == letters.len(), "not every message has an end")?;
    for (number, (letter, end)) in letters.iter().zip(&report.ends).enumerate() {
        let taken = !stage.at_vendor(letter).is_empty();
        let fits = match end {
            BulkEnd::Sent(Sending::Accepted(_)) => taken,
            BulkEnd::Sent(Sending::Refused(_)) | BulkEnd::NotSent(_) => !taken,
            BulkEnd::Unknown(_) => true,
            _ => false,
        };
        ensure(fits, format!("message {number} ended as {end:?}, and the vendor says otherwise"))?;
    }
    ensure(report.unknown().count() > 0, "no answer was lost, so nothing is shown")
}
