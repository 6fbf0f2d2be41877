//! Finding a message whose answer was lost.

use std::collections::{HashMap, VecDeque};
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use chrono::TimeDelta;
use futures_core::Stream;
use turnbuckle_core::messaging::{
    MessageAttempt, MessageClass, MessageRef, PhoneNumber, SmsBody, SmsMessage,
};
use turnbuckle_core::payment::{Authority, IdempotencyKey, Lookup, WireKey};
use turnbuckle_core::{Error, Result};

use crate::client::PROVIDER;
use crate::{ListMessages, Message, MessageDirection, Twilio};

/// How far the clocks may be apart.
const SKEW: TimeDelta = TimeDelta::seconds(60);
/// How long a call may take, and the clocks be apart.
const LATEST: TimeDelta = TimeDelta::seconds(120);
/// Most messages that are looked at.
const MOST: usize = 300;
/// Most messages whose attempts are remembered.
const REMEMBERED: usize = 10_000;

/// Which attempt each message belongs to, as far as this process saw the answers: what is known to be another attempt's
/// must not be taken for a lost one.
#[derive(Debug, Default)]
pub(super) struct Claimed(Mutex<Claims>);

#[derive(Debug, Default)]
struct Claims {
    by_sid: HashMap<String, WireKey>,
    order: VecDeque<String>,
}

impl Claimed {
    pub(super) fn insert(&self, sid: &str, key: &WireKey) {
        let mut claims = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if claims.by_sid.insert(sid.to_owned(), key.clone()).is_none() {
            claims.order.push_back(sid.to_owned());
        }
        if claims.order.len() > REMEMBERED
            && let Some(oldest) = claims.order.pop_front()
        {
            claims.by_sid.remove(&oldest);
        }
    }

    fn is_of_another(&self, sid: &str, key: &WireKey) -> bool {
        let claims = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        claims.by_sid.get(sid).is_some_and(|owner| owner != key)
    }
}

/// Twilio keeps no id of ours on a message, so one is found by what it says: sent by the API, to the recipient, word for
/// word, in the minutes of the attempt, and not known to be another attempt's. Two that fit are none: whose they are
/// cannot be told. A template, a medium, a trial account's own line and smart encoding all keep a message from being
/// found. Nothing found proves nothing: messages that wait are missing from such lists.
pub(super) async fn find(
    client: &Twilio,
    claimed: &Claimed,
    attempt: &MessageAttempt,
) -> Result<Lookup<MessageRef>> {
    let to = match attempt.recipients.as_slice() {
        [to] => PhoneNumber::new(to)?,
        _ => return Err(Error::invalid_field("attempt", "is not one to one telephone number")),
    };
    let params = ListMessages::new().with_to(to.as_str()).with_page_size(100);
    let mut messages = client.messages().list(&params).stream();
    let mut found: Option<Message> = None;
    for _ in 0..MOST {
        let next = std::future::poll_fn(|context| Pin::new(&mut messages).poll_next(context)).await;
        let Some(message) = next.transpose()? else { break };
        if fits(&message, &to, attempt)? && !claimed.is_of_another(&message.sid, &attempt.wire_key) {
            if found.is_some() {
                return Ok(Lookup::Absent(Authority::Partial));
            }
            found = Some(message);
        }
    }
    Ok(match found {
        Some(message) => {
            claimed.insert(&message.sid, &attempt.wire_key);
            Lookup::Found(vec![MessageRef::new(PROVIDER, message.sid)])
        }
        None => Lookup::Absent(Authority::Partial),
    })
}

fn fits(message: &Message, to: &PhoneNumber, attempt: &MessageAttempt) -> Result<bool> {
    let Some(created) = message.date_created else { return Ok(false) };
    let after = created.signed_duration_since(attempt.started_at);
    if message.to != to.as_str()
        || message.direction != MessageDirection::OutboundApi
        || message.num_media.unwrap_or_default() != 0
        || after < -SKEW
        || after > LATEST
    {
        return Ok(false);
    }
    // The same words to the same recipient make the same fingerprint under any key.
    let key = IdempotencyKey::new("lookup", attempt.started_at)?;
    let body = SmsBody::Text(message.body.clone().unwrap_or_default());
    let same = SmsMessage::new(key, MessageClass::Transactional, to.clone(), body);
    Ok(same.attempt(&attempt.provider, &attempt.account, attempt.started_at).fingerprint
        == attempt.fingerprint)
}
