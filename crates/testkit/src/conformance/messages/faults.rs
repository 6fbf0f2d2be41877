//! Lost answers and dropped sends: one message at most, and what is said about it is true.

use turnbuckle_core::messaging::{Accepted, Sending};
use turnbuckle_core::payment::Resolution;
use turnbuckle_core::{Clock as _, Effect, Error, ErrorKind};

use std::time::Duration;

use super::super::payments::faults::named;
use super::super::report::ensure;
use super::super::{Failed, Report};
use super::{Done, Letter, MessageSearch, Stage, Suite, events};
use crate::fault::{DropAfterPolls, Fault};

/// More requests than one send takes.
const MOST_REQUESTS: usize = 12;

/// More polls than one send takes.
const MOST_POLLS: usize = 400;

/// How often an attempt that is still unknown is looked up again.
const LOOKUPS: usize = 6;

pub(super) async fn run(suite: &Suite<'_>, report: &mut Report) {
    for (name, fault) in named() {
        report.run(suite.name(&format!("faults, {name}")), survives(suite, &fault)).await;
    }
    report.run(suite.name("dropped at every poll"), dropped(suite)).await;
}

/// Spoils each request of the send in turn, once and for good.
async fn survives(suite: &Suite<'_>, fault: &Fault) -> Done {
    let (mut met, mut unknown) = (0, 0);
    for for_good in [true, false] {
        for number in 1..=MOST_REQUESTS {
            let stage = suite.stage()?;
            let letter = stage.letter("1", suite.to())?;
            if for_good {
                stage.faults().from_request(number, fault.clone());
            } else {
                stage.faults().on_request(number, fault.clone());
            }
            let result = stage.post.send(&letter).await;
            if stage.faults().met() == 0 {
                break;
            }
            met += 1;
            stage.faults().clear();
            let taken = stage.taken();
            let at = |why: Failed| Failed::new(format!("request {number}: {why}"));
            truthful(&result, taken).map_err(at)?;
            let Err(error) = result else { continue };
            if error.effect() == Effect::Unknown {
                unknown += taken;
                blocked(&stage, &letter, taken).await.map_err(at)?;
                found_out(suite, &stage, &letter, taken == 1).await.map_err(at)?;
            } else {
                sent_now(&stage, &letter, false).await.map_err(at)?;
            }
        }
    }
    ensure(met > 0, "the send sent nothing, so nothing could be spoiled")?;
    let lost = matches!(fault, Fault::ResetAfter | Fault::TimeoutAfter);
    ensure(!lost || unknown > 0, "no answer was lost after the effect, so nothing is shown")
}

/// What the caller was told agrees with the vendor's books.
fn truthful(result: &Result<Sending, Error>, taken: usize) -> Done {
    ensure(taken <= 1, format!("one key made {taken} messages"))?;
    match result {
        Ok(Sending::Accepted(Accepted { state, .. })) => {
            ensure(taken == 1, "nothing was taken, and the answer is accepted")?;
            ensure(!state.is_final(), format!("taken, and said to be {state:?}"))
        }
        Ok(Sending::Refused(_)) => Err(Failed::new("a fault came out as a refusal")),
        Ok(_) => Err(Failed::new("an answer that this suite does not know")),
        Err(error) if error.effect() == Effect::None => {
            ensure(taken == 0, format!("it was taken, and the error denies it: {error}"))
        }
        Err(_) => Ok(()),
    }
}

/// While nobody knows, its key sends nothing.
async fn blocked(stage: &Stage<'_>, letter: &Letter, taken: usize) -> Done {
    let sent = stage.faults().requests();
    let Err(error) = stage.post.send(letter).await else {
        return Err(Failed::new("nobody knows what came of it, and it could be sent again"));
    };
    let says = error.kind() == ErrorKind::Conflict && error.effect() == Effect::Unknown;
    ensure(says, format!("the second send does not say that the first is unknown: {error}"))?;
    ensure(stage.faults().requests() == sent && stage.taken() == taken, "the second send was sent")
}

/// It is sent, once; as the answer to the first send where that is known to have happened.
async fn sent_now(stage: &Stage<'_>, letter: &Letter, replayed: bool) -> Done {
    let again = stage.accepted(letter).await?;
    ensure(again.replayed == replayed, "what came of the first send is forgotten")?;
    ensure(stage.taken() == 1, "one key made more than one message")
}

/// What is found out later agrees with the vendor's books: by a search, else by a push, else by the caller's decision.
async fn found_out(suite: &Suite<'_>, stage: &Stage<'_>, letter: &Letter, happened: bool) -> Done {
    for _ in 0..LOOKUPS {
        let now = stage.setup.clock.now();
        match stage.post.settle(letter.key()).await? {
            Resolution::Happened(_) => {
                ensure(happened, "nothing was taken, and the search found something")?;
                return sent_now(stage, letter, true).await;
            }
            Resolution::DidNotHappen => {
                ensure(!happened, "it was taken, and the search denies it")?;
                return sent_now(stage, letter, false).await;
            }
            Resolution::StillUnknown { check_after } => {
                let wait = check_after.signed_duration_since(now).to_std().unwrap_or_default();
                stage.advance(wait + Duration::from_secs(1));
            }
            _ => return Err(Failed::new("a resolution that this suite does not know")),
        }
    }
    let excused = match suite.messages().search {
        MessageSearch::Proves => false,
        MessageSearch::Finds => !happened,
        MessageSearch::Nothing => true,
    };
    ensure(excused, format!("still unknown after {LOOKUPS} lookups"))?;
    if happened && suite.messages().pushes {
        for news in events::news(suite, stage).await? {
            stage.post.observe(&news).await?;
        }
        let settled = stage.post.settle(letter.key()).await?;
        ensure(matches!(settled, Resolution::Happened(_)), "no push settles it")?;
        return sent_now(stage, letter, true).await;
    }
    if happened {
        return Ok(());
    }
    stage.post.release(letter.key()).await?;
    sent_now(stage, letter, false).await
}

async fn dropped(suite: &Suite<'_>) -> Done {
    let mut effects = 0;
    for polls in 0..MOST_POLLS {
        let stage = suite.stage()?;
        let letter = stage.letter("1", suite.to())?;
        if DropAfterPolls::new(stage.post.send(&letter), polls).await.is_some() {
            return ensure(polls > 0 && effects > 0, "no drop came after the effect, so nothing is shown");
        }
        let taken = stage.taken();
        effects += taken;
        let at = |why: Failed| Failed::new(format!("dropped after {polls} polls: {why}"));
        ensure(taken <= 1, "one key made more than one message").map_err(at)?;
        match stage.post.send(&letter).await {
            Ok(Sending::Accepted(accepted)) => {
                let first = taken == 0 && !accepted.replayed;
                ensure(first && stage.taken() == 1, "it was sent again").map_err(at)?;
            }
            Ok(_) => return Err(at(Failed::new("a dropped send came out as a refusal"))),
            Err(error) => {
                ensure(error.effect() == Effect::Unknown, format!("{error}")).map_err(at)?;
                ensure(stage.taken() == taken, "it was sent again").map_err(at)?;
                found_out(suite, &stage, &letter, taken == 1).await.map_err(at)?;
            }
        }
    }
    Err(Failed::new(format!("not done after {MOST_POLLS} polls")))
}
