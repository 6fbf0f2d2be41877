//! Messages and their media: reading, redacting, calling back, deleting.

use http::Method;
use serde_json::{Value, json};

use super::callbacks::tell_status;
use super::error::{ApiError, words};
use super::form::Form;
use super::page::Page;
use super::router::{Answer, Ask};
use super::send;
use super::stamp;
use super::state::{Account, Media, Message, money};

pub(super) fn run(account: &mut Account, ask: &Ask<'_>, rest: &[&str], now: i64) -> Result<Answer, ApiError> {
    match (ask.method, rest) {
        (&Method::POST, []) => send::create(account, &ask.form, now),
        (&Method::GET, []) => list(account, ask),
        (&Method::GET, [sid]) => {
            ask.query.check(&[], &[])?;
            Ok(Answer::ok(show(account, known(account, ask, sid)?)))
        }
        (&Method::POST, [sid]) => update(account, ask, sid, now),
        (&Method::DELETE, [sid]) => delete(account, ask, sid),
        (&Method::POST, [sid, "Feedback"]) => {
            known(account, ask, sid)?;
            ask.form.check(&["Outcome"], &[])?;
            let outcome = ask.form.one_of("Outcome", &["confirmed", "unconfirmed"])?.unwrap_or("confirmed");
            let at = stamp::rfc2822(now);
            Ok(Answer::created(json!({
                "account_sid": account.sid, "message_sid": sid, "outcome": outcome, "date_created": at,
                "date_updated": at, "uri": ask.path,
            })))
        }
        (method, [sid, "Media", media @ ..]) => self::media(account, ask, method, (sid, media)),
        (_, [] | [_]) => Err(ApiError::new(405, 20004, "Method not allowed")),
        _ => Err(ask.not_found()),
    }
}

fn known<'a>(account: &'a Account, ask: &Ask<'_>, sid: &str) -> Result<&'a Message, ApiError> {
    account.message(sid).ok_or_else(|| ask.not_found())
}

fn uri(account: &Account, message: &Message) -> String {
    format!("/2010-04-01/Accounts/{}/Messages/{}", account.sid, message.sid)
}

pub(super) fn show(account: &Account, message: &Message) -> Value {
    show_as(account, &account.sid, message)
}

pub(super) fn show_as(account: &Account, sid: &str, message: &Message) -> Value {
    let uri = uri(account, message).replace(&account.sid, sid);
    json!({
        "account_sid": sid, "api_version": "2010-04-01", "body": message.body,
        "date_created": stamp::rfc2822(message.created), "date_sent": message.sent.map(stamp::rfc2822),
        "date_updated": stamp::rfc2822(message.updated), "direction": message.direction, "error_code": message.error,
        "error_message": message.error.map(words), "from": message.from,
        "messaging_service_sid": message.service, "num_media": message.media.len().to_string(),
        "num_segments": message.segments.to_string(), "price": message.price.map(money), "price_unit": "USD",
        "sid": message.sid, "status": message.status,
        "subresource_uris": { "media": format!("{uri}/Media.json") }, "to": message.to, "uri": format!("{uri}.json"),
    })
}

const DAY: i64 = 86_400;

/// A day, or a time, of a filter: the day that it lies in.
fn day(query: &Form, name: &str) -> Result<Option<i64>, ApiError> {
    let Some(text) = query.text(name) else { return Ok(None) };
    let at = stamp::parse_day(text).or_else(|| stamp::parse_iso(text));
    at.map(|at| Some(at.div_euclid(DAY)))
        .ok_or_else(|| ApiError::invalid(20001, format!("Parameter '{name}' is not a date")))
}

/// A filter by date leaves out what has no date yet.
fn list(account: &Account, ask: &Ask<'_>) -> Result<Answer, ApiError> {
    let page = Page::of(&ask.query, &["To", "From", "DateSent", "DateSent<", "DateSent>"], &[])?;
    let (to, from) = (ask.query.text("To"), ask.query.text("From"));
    let on = day(&ask.query, "DateSent")?;
    let before = day(&ask.query, "DateSent<")?;
    let after = day(&ask.query, "DateSent>")?;
    let dated = |sent: Option<i64>| match sent.map(|at| at.div_euclid(DAY)) {
        None => on.is_none() && before.is_none() && after.is_none(),
        Some(day) => {
            on.is_none_or(|on| on == day)
                && before.is_none_or(|before| day <= before)
                && after.is_none_or(|after| day >= after)
        }
    };
    let rows = account
        .messages
        .iter()
        .rev()
        .filter(|message| !message.deleted && dated(message.sent))
        .filter(|message| to.is_none_or(|to| message.to == to))
        .filter(|message| from.is_none_or(|from| message.from.as_deref() == Some(from)))
        .map(|message| (message.sid.clone(), show(account, message)))
        .collect();
    Ok(Answer::ok(page.core(&ask.path, "messages", rows)?))
}

fn update(account: &mut Account, ask: &Ask<'_>, sid: &str, now: i64) -> Result<Answer, ApiError> {
    ask.form.check(&["Body", "Status"], &[])?;
    let message = known(account, ask, sid)?;
    let (status, is_final) = (message.status, message.is_final());
    let canceled = ask.form.one_of("Status", &["canceled"])?.is_some();
    let body = ask.form.get("Body");
    if canceled && status != "scheduled" {
        return Err(ApiError::of(30409));
    }
    if body.is_some_and(|body| !body.is_empty()) {
        return Err(ApiError::invalid(
            20001,
            "Parameter 'Body' must be empty: a body can only be taken away",
        ));
    }
    if body.is_some() && !canceled && !is_final {
        return Err(ApiError::of(20009));
    }
    let index = account.by_sid.get(sid).copied().unwrap_or(usize::MAX);
    if let Some(message) = account.messages.get_mut(index) {
        if canceled {
            message.status = "canceled";
        }
        if body.is_some() {
            message.body.clear();
        }
        message.updated = now;
    }
    if canceled {
        tell_status(account, index, now);
    }
    Ok(Answer::ok(show(account, known(account, ask, sid)?)))
}

fn delete(account: &mut Account, ask: &Ask<'_>, sid: &str) -> Result<Answer, ApiError> {
    if !known(account, ask, sid)?.is_final() {
        return Err(ApiError::of(20009));
    }
    let index = account.by_sid.get(sid).copied().unwrap_or(usize::MAX);
    if let Some(message) = account.messages.get_mut(index) {
        message.deleted = true;
        message.body.clear();
        message.media.clear();
    }
    Ok(Answer::gone())
}

fn show_media(account: &Account, message: &Message, media: &Media) -> Value {
    json!({
        "account_sid": account.sid, "content_type": media.kind, "date_created": stamp::rfc2822(media.at),
        "date_updated": stamp::rfc2822(media.at), "parent_sid": message.sid, "sid": media.sid,
        "uri": format!("{}/Media/{}.json", uri(account, message), media.sid),
    })
}

fn media(
    account: &mut Account,
    ask: &Ask<'_>,
    method: &Method,
    (sid, rest): (&str, &[&str]),
) -> Result<Answer, ApiError> {
    let message = known(account, ask, sid)?;
    let find = |media: &str| message.media.iter().find(|own| own.sid == media).ok_or_else(|| ask.not_found());
    match (method, rest) {
        (&Method::GET, []) => {
            let page = Page::of(&ask.query, &["DateCreated", "DateCreated<", "DateCreated>"], &[])?;
            let on = day(&ask.query, "DateCreated")?;
            let before = day(&ask.query, "DateCreated<")?;
            let after = day(&ask.query, "DateCreated>")?;
            let rows = message
                .media
                .iter()
                .filter(|media| {
                    let day = media.at.div_euclid(DAY);
                    on.is_none_or(|on| on == day)
                        && before.is_none_or(|before| day <= before)
                        && after.is_none_or(|after| day >= after)
                })
                .map(|media| (media.sid.clone(), show_media(account, message, media)))
                .collect();
            Ok(Answer::ok(page.core(&ask.path, "media_list", rows)?))
        }
        // The bytes themselves are elsewhere.
        (&Method::GET, [media]) if !ask.is_json => {
            let media = find(media)?;
            Ok(Answer::redirect(format!("https://media.twiliocdn.com/{}/{}", account.sid, media.sid)))
        }
        (&Method::GET, [media]) => Ok(Answer::ok(show_media(account, message, find(media)?))),
        (&Method::DELETE, [media]) => {
            find(media)?;
            let index = account.by_sid.get(sid).copied().unwrap_or(usize::MAX);
            if let Some(message) = account.messages.get_mut(index) {
                message.media.retain(|own| own.sid != *media);
            }
            Ok(Answer::gone())
        }
        _ => Err(ask.not_found()),
    }
}
