//! What both channels share around a send: consent, one message a key, and what is settled afterwards.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tracing::error;

use super::{
    Accepted, Begun, Channel, Consent, ConsentGate, DedupRecord, DedupStore, DeliveryNews, DeliveryReason,
    DeliveryState, MessageAttempt, MessageClass, MessageEnd, MessageRef, Refusal, Sending,
};
use crate::clock::Clock;
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::payment::{Authority, Lookup, Resolution, WireKey};
use crate::provider::ProviderId;

/// How long to wait before looking again for what a search could not disprove.
const LATER: chrono::TimeDelta = chrono::TimeDelta::minutes(15);

/// How many unsettled attempts a stop looks through.
const MOST_UNSETTLED: usize = 10_000;

#[derive(Debug)]
pub(super) struct Keeper {
    pub(super) gate: Arc<dyn ConsentGate>,
    pub(super) store: Arc<dyn DedupStore>,
    pub(super) clock: Arc<dyn Clock>,
}

impl Keeper {
    pub(super) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Asks the gate, writes the attempt down, sends, and writes down how it ended.
    pub(super) async fn send(
        &self,
        attempt: MessageAttempt,
        class: &MessageClass,
        call: impl Future<Output = Result<Sending>>,
    ) -> Result<Sending> {
        if let Some(earlier) = self.store.get(&attempt.wire_key).await? {
            // A repetition is answered with what came of the first, whatever the gate says by now.
            if let Some(answer) = replay(&earlier, &attempt)? {
                return Ok(answer);
            }
        }
        for recipient in &attempt.recipients {
            if self.gate.may_send(attempt.channel, class, recipient).await? == Consent::Missing {
                return Ok(Sending::Refused(Refusal::new(DeliveryReason::NoConsent)));
            }
        }
        if let Begun::Earlier(earlier) = self.store.begin(&attempt).await?
            && let Some(answer) = replay(&earlier, &attempt)?
        {
            return Ok(answer);
        }
        let result = call.await;
        let end = match &result {
            Ok(Sending::Accepted(accepted)) => Some(MessageEnd::Sent(accepted.message.clone())),
            Ok(Sending::Refused(refusal)) => Some(MessageEnd::Refused(refusal.clone())),
            Err(error) if error.effect() == Effect::None => Some(MessageEnd::NotSent),
            Err(_) => None,
        };
        if let Some(end) = end
            && let Err(failure) = self.store.settle(&attempt.wire_key, &end).await
        {
            // The caller still learns what came of it; the record stays open and blocks the key.
            error!(
                provider = %attempt.provider,
                channel = attempt.channel.as_str(),
                wire_key = %attempt.wire_key,
                kind = %failure.kind(),
                "the store did not take how a message ended"
            );
        }
        result
    }

    /// Settles an attempt by what a lookup found.
    pub(super) async fn settle(
        &self,
        key: &WireKey,
        look: impl AsyncFnOnce(&MessageAttempt) -> Result<Lookup<MessageRef>>,
    ) -> Result<Resolution<MessageRef>> {
        let Some(record) = self.store.get(key).await? else {
            return Err(Error::new(ErrorKind::NotFound, "no message was sent under this key"));
        };
        match record.end {
            Some(MessageEnd::Sent(message) | MessageEnd::Canceled(message)) => {
                return Ok(Resolution::Happened(message));
            }
            Some(MessageEnd::Refused(_) | MessageEnd::NotSent) => return Ok(Resolution::DidNotHappen),
            None => {}
        }
        match look(&record.attempt).await? {
            Lookup::Found(found) => match found.into_iter().next() {
                Some(message) => {
                    self.store.settle(key, &MessageEnd::Sent(message.clone())).await?;
                    Ok(Resolution::Happened(message))
                }
                None => Ok(Resolution::StillUnknown { check_after: self.now() + LATER }),
            },
            Lookup::Absent(Authority::Authoritative) => {
                self.store.settle(key, &MessageEnd::NotSent).await?;
                Ok(Resolution::DidNotHappen)
            }
            Lookup::Absent(Authority::Lagging { until }) => {
                Ok(Resolution::StillUnknown { check_after: until })
            }
            Lookup::Absent(_) => Ok(Resolution::StillUnknown { check_after: self.now() + LATER }),
        }
    }

    /// The unsettled attempts for a recipient that wait for their time, if they were sent at all.
    pub(super) async fn unsettled_to(
        &self,
        provider: &ProviderId,
        account: &str,
        recipient: &str,
    ) -> Result<Vec<MessageAttempt>> {
        let now = self.now();
        let begun = now + chrono::TimeDelta::seconds(1);
        let mut unsettled = self.store.unsettled(provider, account, begun, MOST_UNSETTLED).await?;
        unsettled.retain(|attempt| {
            let theirs = attempt.recipients.iter().any(|known| known.eq_ignore_ascii_case(recipient));
            theirs && attempt.send_at.is_some_and(|at| at > now)
        });
        Ok(unsettled)
    }

    /// Settles an unsettled attempt by news that carry its id.
    pub(super) async fn observe(&self, news: &DeliveryNews) -> Result<()> {
        let Some(key) = &news.attempt else { return Ok(()) };
        match self.store.get(key).await? {
            Some(DedupRecord { end: None, .. }) => {
                self.store.settle(key, &MessageEnd::Sent(news.message.clone())).await
            }
            _ => Ok(()),
        }
    }

    /// Lets a key go that nothing settles: the caller takes it that nothing was sent.
    pub(super) async fn release(&self, key: &WireKey) -> Result<()> {
        match self.store.get(key).await? {
            Some(DedupRecord { end: None, .. }) => self.store.settle(key, &MessageEnd::NotSent).await,
            Some(_) => Err(Error::new(ErrorKind::Conflict, "what came of this message is known")),
            None => Err(Error::new(ErrorKind::NotFound, "no message was sent under this key")),
        }
    }
}

/// What a repetition is answered with; `None` when nothing was sent before.
fn replay(earlier: &DedupRecord, again: &MessageAttempt) -> Result<Option<Sending>> {
    if earlier.end == Some(MessageEnd::NotSent) {
        return Ok(None);
    }
    if earlier.attempt.fingerprint != again.fingerprint {
        return Err(Error::new(ErrorKind::Conflict, "the key was used before for another message"));
    }
    match &earlier.end {
        Some(MessageEnd::Sent(message)) => {
            let mut accepted = Accepted::new(message.clone(), DeliveryState::Accepted);
            accepted.replayed = true;
            accepted.send_at = earlier.attempt.send_at;
            Ok(Some(Sending::Accepted(accepted)))
        }
        Some(MessageEnd::Canceled(message)) => {
            let mut accepted = Accepted::new(message.clone(), DeliveryState::Canceled);
            accepted.replayed = true;
            Ok(Some(Sending::Accepted(accepted)))
        }
        Some(MessageEnd::Refused(refusal)) => Ok(Some(Sending::Refused(refusal.clone()))),
        Some(MessageEnd::NotSent) => Ok(None),
        None => Err(Error::new(
            ErrorKind::Conflict,
            "an earlier send under this key is unsettled: settle it, or release the key if it must be sent again",
        )
        .with_effect(Effect::Unknown)),
    }
}

/// Refuses what is not declared.
pub(super) fn need(channel: Channel, declared: bool, feature: &'static str) -> Result<()> {
    if declared {
        return Ok(());
    }
    Err(Error::unsupported(format!("this sender of {} does not declare `{feature}`", channel.as_str())))
}
