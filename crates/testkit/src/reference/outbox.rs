//! The vendor's side of messages: what was taken, what becomes of it as time passes, and who ended messages.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use turnbuckle_core::messaging::{Channel, DeliveryReason, DeliveryState};
use turnbuckle_core::payment::WireKey;
use turnbuckle_core::{Error, ErrorKind, Result};

use crate::conformance::VendorMessage;

#[derive(Default)]
pub(super) struct Outbox {
    mails: Vec<Mail>,
    ended: BTreeSet<(Channel, String)>,
}

/// What becomes of a message, by whom it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Arrives,
    Unreachable,
    Bounces,
    Defers,
    /// The vendor takes it and leaves the recipient out.
    Dropped(DeliveryReason),
    /// The vendor does not take it.
    Refused(DeliveryReason),
}

/// One message that the vendor took.
#[derive(Clone)]
pub(super) struct Mail {
    pub(super) id: String,
    pub(super) attempt: Option<WireKey>,
    channel: Channel,
    recipients: Vec<(String, Fate)>,
    taken_at: DateTime<Utc>,
    send_at: Option<DateTime<Utc>>,
    canceled_at: Option<DateTime<Utc>>,
}

/// A message as it is handed over.
pub(super) struct Handed {
    pub(super) channel: Channel,
    pub(super) attempt: Option<WireKey>,
    pub(super) recipients: Vec<String>,
    pub(super) send_at: Option<DateTime<Utc>>,
}

/// Something that became of a message to one recipient.
pub(super) struct Word {
    pub(super) state: DeliveryState,
    pub(super) at: DateTime<Utc>,
    pub(super) reason: Option<DeliveryReason>,
}

/// The vendor's own code for a reason.
pub(super) fn code(reason: DeliveryReason) -> &'static str {
    match reason {
        DeliveryReason::Unsubscribed => "ended_by_recipient",
        DeliveryReason::InvalidRecipient => "no_such_recipient",
        DeliveryReason::Suppressed => "on_a_list",
        DeliveryReason::Unreachable => "not_reached",
        _ => "other",
    }
}

/// The reason behind the vendor's own code.
pub(super) fn reason(code: &str) -> Option<DeliveryReason> {
    use DeliveryReason::{InvalidRecipient, Suppressed, Unreachable, Unsubscribed};
    [Unsubscribed, InvalidRecipient, Suppressed, Unreachable]
        .into_iter()
        .find(|known| self::code(*known) == code)
}

fn magic(recipient: &str) -> Fate {
    let name = recipient.split_once('@').map_or(recipient, |(local, _)| local);
    match name {
        "+12025550110" | "ended" => Fate::Refused(DeliveryReason::Unsubscribed),
        "+12025550111" | "refused" => Fate::Refused(DeliveryReason::InvalidRecipient),
        "+12025550112" | "unreachable" => Fate::Unreachable,
        "bounce" => Fate::Bounces,
        "defer" => Fate::Defers,
        "suppressed" => Fate::Dropped(DeliveryReason::Suppressed),
        _ => Fate::Arrives,
    }
}

impl Outbox {
    fn fate(&self, channel: Channel, recipient: &str) -> Fate {
        if !self.ended.contains(&(channel, recipient.to_owned())) {
            return magic(recipient);
        }
        match channel {
            // A carrier's STOP is known before a text leaves; a list of addresses is looked at while sending.
            Channel::Sms => Fate::Refused(DeliveryReason::Unsubscribed),
            _ => Fate::Dropped(DeliveryReason::Unsubscribed),
        }
    }

    /// Takes a message, or says why not.
    pub(super) fn take(
        &mut self,
        handed: Handed,
        now: DateTime<Utc>,
    ) -> std::result::Result<Mail, DeliveryReason> {
        let mut recipients = Vec::new();
        for recipient in handed.recipients {
            match self.fate(handed.channel, &recipient) {
                Fate::Refused(reason) => return Err(reason),
                fate => recipients.push((recipient, fate)),
            }
        }
        let mail = Mail {
            id: format!("{}_{:06}", handed.channel.as_str(), self.mails.len() + 1),
            attempt: handed.attempt,
            channel: handed.channel,
            recipients,
            taken_at: now,
            send_at: handed.send_at.filter(|at| *at > now),
            canceled_at: None,
        };
        self.mails.push(mail.clone());
        Ok(mail)
    }

    pub(super) fn mail(&self, id: &str) -> Result<&Mail> {
        let found = self.mails.iter().find(|mail| mail.id == id);
        found.ok_or_else(|| Error::new(ErrorKind::NotFound, "no such message").with_code("not_found"))
    }

    pub(super) fn by_attempt(&self, channel: Channel, attempt: &WireKey) -> Option<&Mail> {
        self.mails.iter().find(|mail| mail.channel == channel && mail.attempt.as_ref() == Some(attempt))
    }

    pub(super) fn newest(&self, channel: Channel) -> Option<&Mail> {
        self.mails.iter().rev().find(|mail| mail.channel == channel)
    }

    /// Calls a message back. Twice is once.
    pub(super) fn cancel(&mut self, id: &str, now: DateTime<Utc>) -> Result<()> {
        self.mail(id)?;
        let Some(mail) = self.mails.iter_mut().find(|mail| mail.id == id) else { return Ok(()) };
        if mail.canceled_at.is_some() {
            return Ok(());
        }
        if mail.send_at.is_none_or(|at| at <= now) {
            return Err(Error::new(ErrorKind::Conflict, "the message has left").with_code("has_left"));
        }
        mail.canceled_at = Some(now);
        Ok(())
    }

    pub(super) fn end(&mut self, channel: Channel, recipient: &str) {
        self.ended.insert((channel, recipient.to_owned()));
    }

    /// Everything that became of every message so far: message, recipient, word.
    pub(super) fn news(&self, channel: Channel, now: DateTime<Utc>) -> Vec<(Mail, String, Word)> {
        let mut news = Vec::new();
        for mail in self.mails.iter().filter(|mail| mail.channel == channel) {
            for (recipient, fate) in &mail.recipients {
                for word in mail.story(*fate, now) {
                    news.push((mail.clone(), recipient.clone(), word));
                }
            }
        }
        news.sort_by_key(|(_, _, word)| word.at);
        news
    }

    /// Every message as it stands.
    pub(super) fn messages(&self, channel: Channel, now: DateTime<Utc>) -> Vec<VendorMessage> {
        let mails = self.mails.iter().filter(|mail| mail.channel == channel);
        mails
            .flat_map(|mail| {
                mail.recipients.iter().filter_map(move |(recipient, fate)| {
                    let word = mail.story(*fate, now).pop()?;
                    Some(
                        VendorMessage::new(&mail.id, recipient, word.state)
                            .with_attempt(mail.attempt.as_ref().map(|key| key.as_str().to_owned())),
                    )
                })
            })
            .collect()
    }
}

impl Mail {
    pub(super) fn send_at(&self) -> Option<DateTime<Utc>> {
        self.send_at
    }

    /// How a message to its first recipient stands.
    pub(super) fn stands(&self, now: DateTime<Utc>) -> Option<Word> {
        let (_, fate) = self.recipients.first()?;
        self.story(*fate, now).pop()
    }

    /// What became of it so far, oldest first.
    fn story(&self, fate: Fate, now: DateTime<Utc>) -> Vec<Word> {
        use DeliveryState as State;
        let leaves = self.send_at.unwrap_or(self.taken_at);
        let mut words = Vec::new();
        let mut say = |state, at, reason| words.push(Word { state, at, reason });
        if self.send_at.is_some() {
            say(State::Scheduled, self.taken_at, None);
        }
        if let Some(at) = self.canceled_at {
            say(State::Canceled, at, None);
            return words;
        }
        let after = |seconds| leaves + TimeDelta::seconds(seconds);
        let (unreachable, gone) = (DeliveryReason::Unreachable, DeliveryReason::InvalidRecipient);
        say(State::Queued, leaves, None);
        match fate {
            Fate::Dropped(reason) | Fate::Refused(reason) => say(State::Failed, after(1), Some(reason)),
            fate => {
                say(State::Sent, after(5), None);
                match fate {
                    Fate::Unreachable => say(State::Undelivered, after(30), Some(unreachable)),
                    Fate::Defers => {
                        say(State::Deferred, after(10), None);
                        say(State::Delivered, after(600), None);
                    }
                    Fate::Bounces => {
                        say(State::Delivered, after(30), None);
                        say(State::Bounced, after(900), Some(gone));
                    }
                    _ => say(State::Delivered, after(30), None),
                }
            }
        }
        words.retain(|word| word.at <= now);
        words
    }
}
