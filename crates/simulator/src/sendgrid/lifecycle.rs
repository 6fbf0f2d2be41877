//! What becomes of a message at each recipient, over simulated time.

use serde_json::{Map, Value, json};

use super::events::{self, Metric};
use super::state::Account;
use super::suppressions::{self, BLOCKS, BOUNCES, INVALID, SPAM, UNSUBSCRIBES};

/// How long a message that was paused is kept after its time, in seconds.
const KEPT: u64 = 72 * 3600;
/// Between attempts of a deferred message, in seconds.
const BETWEEN_ATTEMPTS: u64 = 60;

/// What the recipient's server does with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fate {
    /// It takes the message.
    Deliver,
    /// It refuses for good: `bounce`, and the address is suppressed from then on.
    Bounce,
    /// It refuses this message: `bounce` of type `blocked`, and the address is noted but not suppressed.
    Block,
    /// It puts the message off so many times, a minute apart, and then takes it.
    Defer(u32),
    /// There is no such address: `dropped` as invalid, and the address is suppressed from then on.
    Invalid,
    /// Nothing is heard after `processed`.
    Silent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Scheduled,
    Paused,
    Canceled,
    Processed,
    Deferred,
    Delivered,
    Bounced,
    Blocked,
    Dropped,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Paused => "paused",
            Self::Canceled => "canceled",
            Self::Processed => "processed",
            Self::Deferred => "deferred",
            Self::Delivered => "delivered",
            Self::Bounced => "bounced",
            Self::Blocked => "blocked",
            Self::Dropped => "dropped",
        }
    }
}

/// A message on its way to one recipient.
pub(super) struct Delivery {
    pub(super) sent: usize,
    pub(super) part: usize,
    pub(super) email: String,
    /// `to`, `cc` or `bcc`.
    pub(super) role: &'static str,
    pub(super) due: u64,
    pub(super) state: State,
    pub(super) message_id: String,
    pub(super) attempts: u32,
    pub(super) opened: bool,
    pub(super) clicked: bool,
}

impl Delivery {
    pub(super) fn shown(&self) -> Value {
        json!({
            "email": self.email,
            "role": self.role,
            "state": self.state.word(),
            "sg_message_id": self.message_id,
            "due": self.due,
        })
    }
}

/// Lets everything happen that is due by now, in order.
pub(super) fn advance(account: &mut Account, now: u64) {
    account.now = now;
    while let Some(&(at, number)) = account.queue.first().filter(|(at, _)| *at <= now) {
        account.queue.remove(&(at, number));
        step(account, at, number);
    }
}

fn step(account: &mut Account, at: u64, number: usize) {
    let Some(delivery) = account.deliveries.get(number) else { return };
    match delivery.state {
        State::Scheduled => leave(account, at, number),
        State::Processed | State::Deferred => arrive(account, at, number),
        _ => {}
    }
}

fn set(account: &mut Account, number: usize, state: State) {
    if let Some(delivery) = account.deliveries.get_mut(number) {
        delivery.state = state;
    }
}

/// The time to send has come: unless its batch is held or the address suppressed, the message leaves.
fn leave(account: &mut Account, at: u64, number: usize) {
    let Some(delivery) = account.deliveries.get(number) else { return };
    let Some(sent) = account.sent.get(delivery.sent) else { return };
    let email = delivery.email.to_lowercase();
    match sent.batch.as_ref().and_then(|batch| account.held.get(batch)).map(String::as_str) {
        Some("cancel") => return set(account, number, State::Canceled),
        Some(_) => return set(account, number, State::Paused),
        None => {}
    }
    let bypass = sent.bypass;
    let on = |list: &str| suppressions::holds(account, list, &email);
    let grouped = sent.group.is_some_and(|group| {
        account.groups.iter().any(|known| known.id == group && known.members.contains_key(&email))
    });
    let reason = if on(BOUNCES) && !bypass.bounce {
        Some(("Bounced Address", Metric::BounceDrops))
    } else if on(INVALID) && !bypass.bounce {
        Some(("Invalid", Metric::InvalidEmails))
    } else if on(SPAM) && !bypass.spam {
        Some(("Spam Reporting Address", Metric::SpamReportDrops))
    } else if (on(UNSUBSCRIBES) || grouped) && !bypass.unsubscribe {
        Some(("Unsubscribed Address", Metric::UnsubscribeDrops))
    } else {
        None
    };
    if let Some((reason, metric)) = reason {
        return drop(account, at, number, reason, metric);
    }
    if account.fates.get(&email) == Some(&Fate::Invalid) {
        suppressions::add(account, INVALID, &email, "Mail domain mentioned in email address is unknown", "");
        return drop(account, at, number, "Invalid", Metric::InvalidEmails);
    }
    let scheduled = sent.at < delivery.due;
    let mut extra = Map::new();
    if scheduled {
        extra.insert("send_at".to_owned(), delivery.due.into());
    }
    set(account, number, State::Processed);
    events::happen(account, at, number, "processed", extra, &[Metric::Processed]);
    let takes = account.settings.delivery_takes;
    account.queue.insert((at.saturating_add(takes), number));
}

fn drop(account: &mut Account, at: u64, number: usize, reason: &str, metric: Metric) {
    set(account, number, State::Dropped);
    let extra = object(json!({ "reason": reason, "status": "5.0.0" }));
    events::happen(account, at, number, "dropped", extra, &[metric]);
}

/// The recipient's server answers.
fn arrive(account: &mut Account, at: u64, number: usize) {
    let Some(delivery) = account.deliveries.get_mut(number) else { return };
    let fate = account.fates.get(&delivery.email.to_lowercase()).copied().unwrap_or(Fate::Deliver);
    match fate {
        Fate::Bounce => bounce(account, at, number),
        Fate::Block => block(account, at, number),
        Fate::Silent => {}
        Fate::Defer(times) if delivery.attempts < times => {
            delivery.attempts += 1;
            delivery.state = State::Deferred;
            let extra = object(json!({
                "response": "451 4.7.1 Please try again later",
                "attempt": delivery.attempts.to_string(),
            }));
            events::happen(account, at, number, "deferred", extra, &[Metric::Deferred]);
            account.queue.insert((at.saturating_add(BETWEEN_ATTEMPTS), number));
        }
        Fate::Deliver | Fate::Defer(_) | Fate::Invalid => {
            delivery.state = State::Delivered;
            let extra = object(json!({ "response": "250 OK" }));
            events::happen(account, at, number, "delivered", extra, &[Metric::Delivered]);
        }
    }
}

/// The address turns out not to exist, after a delivery as well.
pub(super) fn bounce(account: &mut Account, at: u64, number: usize) {
    const REASON: &str = "550 5.1.1 The email account that you tried to reach does not exist.";
    let extra = object(json!({
        "type": "bounce",
        "reason": REASON,
        "status": "5.1.1",
        "bounce_classification": "Invalid Address",
    }));
    note(account, number, BOUNCES, REASON, "5.1.1");
    set(account, number, State::Bounced);
    events::happen(account, at, number, "bounce", extra, &[Metric::Bounces]);
}

pub(super) fn block(account: &mut Account, at: u64, number: usize) {
    const REASON: &str = "421 4.3.0 The message was refused";
    let extra = object(json!({
        "type": "blocked",
        "reason": REASON,
        "status": "4.3.0",
        "bounce_classification": "Reputation",
    }));
    note(account, number, BLOCKS, REASON, "4.3.0");
    set(account, number, State::Blocked);
    events::happen(account, at, number, "bounce", extra, &[Metric::Blocks]);
}

fn note(account: &mut Account, number: usize, list: &'static str, reason: &str, status: &str) {
    let email = account.deliveries.get(number).map(|delivery| delivery.email.to_lowercase());
    suppressions::add(account, list, &email.unwrap_or_default(), reason, status);
}

/// A batch is no longer paused: its messages go out now, unless they waited too long.
pub(super) fn resume(account: &mut Account, batch: &str) {
    let (now, sent) = (account.now, &account.sent);
    for (number, delivery) in account.deliveries.iter_mut().enumerate() {
        let of_batch = sent.get(delivery.sent).is_some_and(|sent| sent.batch.as_deref() == Some(batch));
        if !of_batch || delivery.state != State::Paused {
            continue;
        }
        if now > delivery.due.saturating_add(KEPT) {
            delivery.state = State::Canceled;
        } else {
            delivery.state = State::Scheduled;
            account.queue.insert((now.max(delivery.due), number));
        }
    }
    advance(account, now);
}

/// A batch is canceled: what is paused by then is thrown away as well.
pub(super) fn cancel(account: &mut Account, batch: &str) {
    let sent = &account.sent;
    for delivery in &mut account.deliveries {
        let of_batch = sent.get(delivery.sent).is_some_and(|sent| sent.batch.as_deref() == Some(batch));
        if of_batch && delivery.state == State::Paused {
            delivery.state = State::Canceled;
        }
    }
}

pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
