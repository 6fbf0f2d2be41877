//! What people answer, and what their words do to their subscription.

use super::callbacks::{inbound_params, tell_status};
use super::progress;
use super::segments;
use super::state::{Account, Media, Message, text};

const STOP: &[&str] = &["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"];
const START: &[&str] = &["START", "YES", "UNSTOP"];
const HELP: &[&str] = &["HELP", "INFO"];

/// `STOP`, `START` or `HELP`, if the whole text is one of their words.
fn keyword(body: &str) -> Option<&'static str> {
    let word = body.trim().to_ascii_uppercase();
    [("STOP", STOP), ("START", START), ("HELP", HELP)]
        .into_iter()
        .find(|(_, words)| words.contains(&word.as_str()))
        .map(|(kind, _)| kind)
}

fn message(sid: String, from: &str, to: &str, body: &str, now: i64) -> Message {
    let counted = segments::count(body);
    Message {
        sid,
        service: None,
        from: Some(from.to_owned()),
        to: to.to_owned(),
        body: body.to_owned(),
        counted,
        media: Vec::new(),
        direction: "inbound",
        status: "received",
        error: None,
        segments: counted,
        price: None,
        created: now,
        sent: Some(now),
        updated: now,
        callback: None,
        send_at: None,
        validity: 36_000,
        from_template: false,
        forget_body: false,
        forget_address: false,
        deleted: false,
    }
}

/// A message comes in at one of the account's numbers. Its id; `None` where the account has no such number.
pub(super) fn receive(
    account: &mut Account,
    (from, to): (&str, &str),
    body: &str,
    media: &[String],
    now: i64,
) -> Option<String> {
    let number = to.rsplit_once(':').map_or(to, |(_, number)| number);
    let known = account.number(number)?;
    let own = (text(known, "sms_url").to_owned(), text(known, "sms_method").to_owned());
    let scope = account.scope(to);
    let service = account.service_of(number);
    let service_sid = service.map(|service| service.sid.clone());
    let (url, method) = match service {
        Some(service) if !service.flag("use_inbound_webhook_on_number") => (
            service.text("inbound_request_url").unwrap_or_default().to_owned(),
            service.text("inbound_method").unwrap_or("POST").to_owned(),
        ),
        _ => own,
    };
    let sid = account.sid(if media.is_empty() { "SM" } else { "MM" });
    let mut received = message(sid.clone(), from, to, body, now);
    received.service.clone_from(&service_sid);
    received.media =
        media.iter().map(|_| Media { sid: account.sid("ME"), kind: "image/jpeg", at: now }).collect();
    let kind = keyword(body);
    let told = kind.filter(|_| account.settings.advanced_opt_out);
    let links: Vec<String> = received
        .media
        .iter()
        .map(|media| {
            format!(
                "https://api.twilio.com/2010-04-01/Accounts/{}/Messages/{sid}/Media/{}",
                account.sid, media.sid
            )
        })
        .collect();
    let params = inbound_params(account, &received, service_sid.as_deref(), told, &links);
    account.by_sid.insert(sid.clone(), account.messages.len());
    account.messages.push(received);
    if !url.is_empty() && method == "POST" {
        account.push(&url, params);
    }
    let answer = match kind {
        Some("STOP") => {
            let was_in = account.opted_out.insert((scope, from.to_owned()));
            was_in.then_some("You get no more messages from this number. Answer START to get them again.")
        }
        Some("START") => {
            let was_out = account.opted_out.remove(&(scope, from.to_owned()));
            was_out.then_some("You get messages from this number again. Answer STOP to end them.")
        }
        Some(_) => Some("Answer STOP to get no more messages."),
        None => None,
    };
    if let Some(answer) = answer {
        reply(account, (to, from), answer, now);
    }
    Some(sid)
}

/// An answer to an incoming message, by Twilio itself or by TwiML.
pub(super) fn reply(account: &mut Account, (from, to): (&str, &str), body: &str, now: i64) -> String {
    let sid = account.sid("SM");
    let mut answer = message(sid.clone(), from, to, body, now);
    answer.direction = "outbound-reply";
    answer.status = "queued";
    answer.sent = None;
    let index = account.messages.len();
    account.by_sid.insert(sid.clone(), index);
    account.messages.push(answer);
    progress::enter(account, index);
    sid
}

/// A recipient reads what was delivered, which only channels tell.
pub(super) fn read(account: &mut Account, sid: &str, now: i64) -> bool {
    let Some(index) = account.by_sid.get(sid).copied() else { return false };
    let Some(message) = account.messages.get_mut(index).filter(|message| message.status == "delivered")
    else {
        return false;
    };
    message.status = "read";
    message.updated = now;
    tell_status(account, index, now);
    true
}
