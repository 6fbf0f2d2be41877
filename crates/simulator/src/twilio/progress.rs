//! Messages and calls move on as the clock does.

use super::address::{is_american, is_toll_free};
use super::callbacks::tell_status;
use super::state::{Account, Due, MMS_PRICE, Message, SMS_PRICE, text};
use super::{calls, services};

/// Seconds that a messaging service takes to queue, the queue to send, the carrier to report.
const TO_QUEUE: i64 = 1;
const TO_SEND: i64 = 1;
const TO_REPORT: i64 = 2;

/// Everything that has fallen due, in its order.
pub(super) fn advance(account: &mut Account, now: i64) {
    while let Some((at, due)) = account.due.first().cloned().filter(|(at, _)| *at <= now) {
        account.due.pop_first();
        match due {
            Due::Message(index) => step(account, index, at),
            Due::Call(index) => calls::step(account, index, at),
        }
    }
}

/// When a new message moves for the first time.
pub(super) fn enter(account: &mut Account, index: usize) {
    let Some(message) = account.messages.get(index) else { return };
    let at = match message.status {
        "scheduled" => message.send_at.unwrap_or(message.created),
        "accepted" => message.created + TO_QUEUE,
        "queued" => message.created + TO_SEND,
        _ => return,
    };
    account.due.insert((at, Due::Message(index)));
}

fn change(account: &mut Account, index: usize, at: i64, how: impl FnOnce(&mut Message)) {
    if let Some(message) = account.messages.get_mut(index) {
        how(message);
        message.updated = at;
        if message.is_final() {
            forget(message);
        }
    }
    tell_status(account, index, at);
}

/// What the sender asked not to keep goes when the message has come to its end.
fn forget(message: &mut Message) {
    if message.forget_body {
        message.body.clear();
    }
    if message.forget_address {
        let kept = message.to.len().saturating_sub(4);
        message.to =
            message.to.char_indices().map(|(at, digit)| if at < kept { digit } else { 'X' }).collect();
    }
}

fn step(account: &mut Account, index: usize, at: i64) {
    let Some(message) = account.messages.get(index) else { return };
    match message.status {
        "scheduled" => {
            change(account, index, at, |message| message.status = "accepted");
            account.due.insert((at + TO_QUEUE, Due::Message(index)));
        }
        "accepted" => queue(account, index, at),
        "queued" => send(account, index, at),
        "sent" => report(account, index, at),
        _ => {}
    }
}

/// A messaging service picks the sender.
fn queue(account: &mut Account, index: usize, at: i64) {
    let Some(message) = account.messages.get(index) else { return };
    let service = message.service.clone().unwrap_or_default();
    let from = message.from.clone().or_else(|| services::sender(account, &service, &message.to));
    if account.has_opted_out(&service, &message.to) {
        return change(account, index, at, |message| fail(message, "failed", 21610));
    }
    let Some(from) = from else {
        return change(account, index, at, |message| fail(message, "failed", 21703));
    };
    change(account, index, at, |message| {
        message.from = Some(from);
        message.segments = message.counted;
        message.status = "queued";
    });
    account.due.insert((at + TO_SEND, Due::Message(index)));
}

fn fail(message: &mut Message, status: &'static str, code: u32) {
    message.status = status;
    message.error = Some(code);
}

fn send(account: &mut Account, index: usize, at: i64) {
    let Some(message) = account.messages.get(index) else { return };
    let last = message.send_at.unwrap_or(message.created) + message.validity;
    if account.settings.carriers_down || at > last {
        if at >= last {
            return change(account, index, at, |message| fail(message, "failed", 30001));
        }
        account.due.insert((last, Due::Message(index)));
        return;
    }
    if account.status != "active" {
        return change(account, index, at, |message| fail(message, "failed", 30002));
    }
    if account.failures.get(&message.to) == Some(&30001) {
        return change(account, index, at, |message| fail(message, "failed", 30001));
    }
    if outside_of_window(account, message, at) {
        return change(account, index, at, |message| fail(message, "failed", 63016));
    }
    let price = match (message.media.len(), i64::try_from(message.segments)) {
        (0, Ok(segments)) => SMS_PRICE * segments,
        _ => MMS_PRICE,
    };
    account.balance -= price;
    change(account, index, at, |message| {
        message.status = "sent";
        message.sent = Some(at);
        message.price = Some(-price);
    });
    account.due.insert((at + TO_REPORT, Due::Message(index)));
}

/// WhatsApp takes free text only within a day of the recipient's last message.
fn outside_of_window(account: &Account, message: &Message, at: i64) -> bool {
    message.to.starts_with("whatsapp:")
        && !message.from_template
        && !account.messages.iter().any(|other| {
            other.direction == "inbound"
                && other.from.as_deref() == Some(message.to.as_str())
                && other.created + 86_400 > at
        })
}

fn report(account: &mut Account, index: usize, at: i64) {
    let Some(message) = account.messages.get(index) else { return };
    let code = account.failures.get(&message.to).copied().or_else(|| unregistered(account, message));
    change(account, index, at, |message| match code {
        Some(code) => fail(message, "undelivered", code),
        None => message.status = "delivered",
    });
}

/// Carriers in the United States block numbers without a verified campaign or toll-free verification.
fn unregistered(account: &Account, message: &Message) -> Option<u32> {
    let from = message.from.as_deref().filter(|from| is_american(from) && is_american(&message.to))?;
    if is_toll_free(from) {
        let sid = account.number(from).map(|number| text(number, "sid")).unwrap_or_default();
        let verified = account.toll_free.iter().any(|known| {
            known.get("tollfree_phone_number_sid").is_some_and(|own| own == sid)
                && known.get("status").is_some_and(|status| status == "TWILIO_APPROVED")
        });
        return (!verified).then_some(30032);
    }
    let verified = account.service_of(from).is_some_and(|service| {
        service
            .campaigns
            .iter()
            .any(|known| known.get("campaign_status").is_some_and(|own| own == "VERIFIED"))
    });
    (!verified).then_some(30034)
}

/// The carriers are back: what waits goes out now.
pub(super) fn resume(account: &mut Account, now: i64) {
    let waiting: Vec<usize> = account
        .messages
        .iter()
        .enumerate()
        .filter(|(_, message)| message.status == "queued" && !message.deleted)
        .map(|(index, _)| index)
        .collect();
    for index in waiting {
        account.due.retain(|(_, due)| *due != Due::Message(index));
        account.due.insert((now, Due::Message(index)));
    }
}
