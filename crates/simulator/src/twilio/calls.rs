//! Calls: made, told of, hung up. Nobody speaks, and no TwiML is fetched.

use http::Method;
use serde_json::{Value, json};

use super::address::{Address, national};
use super::error::ApiError;
use super::form::{Form, is_sid};
use super::page::Page;
use super::router::{Answer, Ask};
use super::stamp;
use super::state::{Account, CALL_PRICE, Due, money, text};

/// Seconds from queued to ringing, to the answer, to the end.
const TO_RING: i64 = 1;
const TO_ANSWER: i64 = 4;
const TALK: i64 = 20;

pub(super) struct Call {
    sid: String,
    to: String,
    from: String,
    number_sid: Option<String>,
    pub(super) status: &'static str,
    created: i64,
    updated: i64,
    started: Option<i64>,
    ended: Option<i64>,
    price: Option<i64>,
    callback: Option<String>,
    events: Vec<String>,
    told: usize,
    limit: i64,
    deleted: bool,
}

const FIELDS: &[&str] = &[
    "To",
    "From",
    "Method",
    "FallbackUrl",
    "FallbackMethod",
    "StatusCallback",
    "StatusCallbackMethod",
    "SendDigits",
    "Timeout",
    "Record",
    "RecordingChannels",
    "RecordingStatusCallback",
    "RecordingStatusCallbackMethod",
    "SipAuthUsername",
    "SipAuthPassword",
    "MachineDetection",
    "MachineDetectionTimeout",
    "Trim",
    "CallerId",
    "MachineDetectionSpeechThreshold",
    "MachineDetectionSpeechEndThreshold",
    "MachineDetectionSilenceTimeout",
    "AsyncAmd",
    "AsyncAmdStatusCallback",
    "AsyncAmdStatusCallbackMethod",
    "Byoc",
    "CallReason",
    "CallToken",
    "RecordingTrack",
    "TimeLimit",
    "ClientNotificationUrl",
    "Url",
    "Twiml",
    "ApplicationSid",
];
const METHODS: &[&str] = &[
    "Method",
    "FallbackMethod",
    "StatusCallbackMethod",
    "RecordingStatusCallbackMethod",
    "AsyncAmdStatusCallbackMethod",
];
const URLS: &[&str] = &[
    "Url",
    "FallbackUrl",
    "StatusCallback",
    "RecordingStatusCallback",
    "AsyncAmdStatusCallback",
    "ClientNotificationUrl",
];

/// What a call asks for, without whom it is between.
pub(super) fn check(form: &Form) -> Result<(), ApiError> {
    form.check(FIELDS, &["StatusCallbackEvent", "RecordingStatusCallbackEvent"])?;
    for name in METHODS {
        form.one_of(name, &["GET", "POST"])?;
    }
    for name in URLS {
        form.url(name, if *name == "StatusCallback" { 21609 } else { 21205 })?;
    }
    for event in form.all("StatusCallbackEvent") {
        if !["initiated", "ringing", "answered", "completed"].contains(&event) {
            return Err(ApiError::invalid(21626, "StatusCallbackEvent is not one of the events of a call"));
        }
    }
    if form.text("Url").is_none() && form.text("Twiml").is_none() && form.text("ApplicationSid").is_none() {
        return Err(ApiError::invalid(21205, "One of 'Url', 'Twiml' and 'ApplicationSid' is required"));
    }
    if form.text("Twiml").is_some_and(|twiml| twiml.chars().count() > 4_000) {
        return Err(ApiError::invalid(20001, "Parameter 'Twiml' is longer than 4000 characters"));
    }
    if form.text("ApplicationSid").is_some_and(|sid| !is_sid(sid, "AP")) {
        return Err(ApiError::invalid(20001, "Parameter 'ApplicationSid' is not valid"));
    }
    form.whole("Timeout", 1, 600)?;
    form.whole("TimeLimit", 1, 86_400)?;
    form.flag("Record")?;
    form.one_of("MachineDetection", &["Enable", "DetectMessageEnd"])?;
    Ok(())
}

pub(super) fn run(account: &mut Account, ask: &Ask<'_>, rest: &[&str], now: i64) -> Result<Answer, ApiError> {
    match (ask.method, rest) {
        (&Method::POST, []) => create(account, ask, now),
        (&Method::GET, []) => list(account, ask),
        (&Method::GET, [sid]) => {
            Ok(Answer::ok(show(account, account.calls.get(find(account, ask, sid)?), ask)?))
        }
        (&Method::POST, [sid]) => update(account, ask, sid, now),
        (&Method::DELETE, [sid]) => {
            let at = find(account, ask, sid)?;
            if let Some(call) = account.calls.get_mut(at) {
                if call.ended.is_none() {
                    return Err(ApiError::of(20009));
                }
                call.deleted = true;
            }
            Ok(Answer::gone())
        }
        _ => Err(ask.not_found()),
    }
}

fn find(account: &Account, ask: &Ask<'_>, sid: &str) -> Result<usize, ApiError> {
    let at = account.calls.iter().position(|call| call.sid == sid && !call.deleted);
    at.ok_or_else(|| ask.not_found())
}

fn create(account: &mut Account, ask: &Ask<'_>, now: i64) -> Result<Answer, ApiError> {
    let form = &ask.form;
    check(form)?;
    let to = form.text("To").ok_or_else(|| ApiError::invalid(21201, "A 'To' number is required"))?;
    let from = form.text("From").ok_or_else(|| ApiError::invalid(21213, "A 'From' number is required"))?;
    let elsewhere =
        to.strip_prefix("client:").or_else(|| to.strip_prefix("sip:")).is_some_and(|to| !to.is_empty());
    if !elsewhere && !matches!(Address::of(to), Address::Number(_)) {
        return Err(ApiError::of(21211));
    }
    let number_sid = match Address::of(from) {
        Address::Number(number) => account.number(number).map(|own| text(own, "sid").to_owned()),
        _ if elsewhere && from.starts_with("client:") => None,
        _ => return Err(ApiError::of(21212)),
    };
    if number_sid.is_none() && !account.verified.contains(from) && !from.starts_with("client:") {
        return Err(ApiError::of(21210));
    }
    if account.settings.trial && !account.verified.contains(to) {
        return Err(ApiError::invalid(21219, "The 'To' number is not verified, which trial accounts need"));
    }
    account.refusal(to)?;
    let events = match form.all("StatusCallbackEvent") {
        none if none.is_empty() => vec!["completed".to_owned()],
        some => some.into_iter().map(str::to_owned).collect(),
    };
    let at = make(account, form, number_sid, events, now)?;
    tell(account, at, "initiated", now);
    account.due.insert((now + TO_RING, Due::Call(at)));
    Ok(Answer::created(show(account, account.calls.get(at), ask)?))
}

fn make(
    account: &mut Account,
    form: &Form,
    number_sid: Option<String>,
    events: Vec<String>,
    now: i64,
) -> Result<usize, ApiError> {
    let sid = account.sid("CA");
    let posts = form.text("StatusCallbackMethod").is_none_or(|method| method == "POST");
    account.calls.push(Call {
        sid,
        to: form.text("To").unwrap_or_default().to_owned(),
        from: form.text("From").unwrap_or_default().to_owned(),
        number_sid,
        status: "queued",
        created: now,
        updated: now,
        started: None,
        ended: None,
        price: None,
        callback: form.text("StatusCallback").filter(|_| posts).map(str::to_owned),
        events,
        told: 0,
        limit: form.whole("TimeLimit", 1, 86_400)?.unwrap_or(14_400),
        deleted: false,
    });
    Ok(account.calls.len() - 1)
}

pub(super) fn step(account: &mut Account, at: usize, now: i64) {
    let Some(call) = account.calls.get(at) else { return };
    let end = account.call_ends.get(&call.to).copied();
    match call.status {
        "queued" => {
            change(account, at, "ringing", now);
            tell(account, at, "ringing", now);
            account.due.insert((now + TO_ANSWER, Due::Call(at)));
        }
        "ringing" if end.is_some_and(|end| end != "completed") => {
            end_call(account, at, end.unwrap_or("failed"), now);
        }
        "ringing" => {
            let limit = call.limit;
            change(account, at, "in-progress", now);
            if let Some(call) = account.calls.get_mut(at) {
                call.started = Some(now);
            }
            tell(account, at, "answered", now);
            account.due.insert((now + TALK.min(limit), Due::Call(at)));
        }
        "in-progress" => end_call(account, at, "completed", now),
        _ => {}
    }
}

fn change(account: &mut Account, at: usize, status: &'static str, now: i64) {
    if let Some(call) = account.calls.get_mut(at) {
        call.status = status;
        call.updated = now;
    }
}

fn end_call(account: &mut Account, at: usize, status: &'static str, now: i64) {
    change(account, at, status, now);
    if let Some(call) = account.calls.get_mut(at) {
        call.ended = Some(now);
        if let Some(started) = call.started {
            // Minutes that have begun are paid.
            let price = CALL_PRICE * ((now - started).max(1) + 59).div_euclid(60);
            call.price = Some(-price);
            account.balance -= price;
        }
    }
    account.due.retain(|(_, due)| *due != Due::Call(at));
    tell(account, at, "completed", now);
}

fn duration(call: &Call) -> Option<i64> {
    call.ended.map(|ended| call.started.map_or(0, |started| ended - started))
}

fn tell(account: &mut Account, at: usize, event: &str, now: i64) {
    let owner = account.sid.clone();
    let Some(call) = account.calls.get_mut(at) else { return };
    let Some(url) = call.callback.clone().filter(|_| call.events.iter().any(|asked| asked == event)) else {
        return;
    };
    let mut params: Vec<(String, String)> = [
        ("CallSid", call.sid.as_str()),
        ("AccountSid", &owner),
        ("From", &call.from),
        ("To", &call.to),
        ("Caller", &call.from),
        ("Called", &call.to),
        ("CallStatus", if event == "initiated" { "initiated" } else { call.status }),
        ("ApiVersion", "2010-04-01"),
        ("Direction", "outbound-api"),
        ("CallbackSource", "call-progress-events"),
        ("SequenceNumber", &call.told.to_string()),
        ("Timestamp", &stamp::rfc2822(now)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    if let Some(seconds) = duration(call) {
        params.push(("CallDuration".to_owned(), seconds.to_string()));
    }
    call.told += 1;
    account.push(&url, params);
}

pub(super) fn shown(sid: &str, call: &Call) -> Value {
    let uri = format!("/2010-04-01/Accounts/{sid}/Calls/{}", call.sid);
    json!({
        "account_sid": sid, "annotation": null, "answered_by": null, "api_version": "2010-04-01", "caller_name": null,
        "date_created": stamp::rfc2822(call.created), "date_updated": stamp::rfc2822(call.updated),
        "direction": "outbound-api", "duration": duration(call).map(|seconds| seconds.to_string()),
        "end_time": call.ended.map(stamp::rfc2822), "forwarded_from": null, "from": call.from,
        "from_formatted": national(&call.from), "group_sid": null, "parent_call_sid": null,
        "phone_number_sid": call.number_sid, "price": call.price.map(money), "price_unit": "USD", "queue_time": "0",
        "sid": call.sid, "start_time": call.started.map(stamp::rfc2822), "status": call.status,
        "subresource_uris": { "recordings": format!("{uri}/Recordings.json"), "events": format!("{uri}/Events.json") },
        "to": call.to, "to_formatted": national(&call.to), "trunk_sid": "",
        "uri": format!("{uri}.json"),
    })
}

fn show(account: &Account, call: Option<&Call>, ask: &Ask<'_>) -> Result<Value, ApiError> {
    call.map(|call| shown(&account.sid, call)).ok_or_else(|| ask.not_found())
}

/// A call under test credentials, which happens nowhere.
pub(super) fn pretend(account: &mut Account, sid: &str, form: &Form, now: i64) -> Result<Answer, ApiError> {
    make(account, form, None, Vec::new(), now)?;
    let call = account.calls.pop().ok_or_else(|| ApiError::of(20500))?;
    Ok(Answer::created(shown(sid, &call)))
}

fn list(account: &Account, ask: &Ask<'_>) -> Result<Answer, ApiError> {
    let page = Page::of(&ask.query, &["To", "From", "Status"], &[])?;
    let asked = |name: &str, own: &str| ask.query.text(name).is_none_or(|wanted| wanted == own);
    let rows = account
        .calls
        .iter()
        .rev()
        .filter(|call| !call.deleted)
        .filter(|call| asked("To", &call.to) && asked("From", &call.from) && asked("Status", call.status))
        .map(|call| (call.sid.clone(), shown(&account.sid, call)))
        .collect();
    Ok(Answer::ok(page.core(&ask.path, "calls", rows)?))
}

const CHANGES: &[&str] = &[
    "Url",
    "Method",
    "Status",
    "FallbackUrl",
    "FallbackMethod",
    "StatusCallback",
    "StatusCallbackMethod",
    "Twiml",
    "TimeLimit",
];

fn update(account: &mut Account, ask: &Ask<'_>, sid: &str, now: i64) -> Result<Answer, ApiError> {
    let at = find(account, ask, sid)?;
    let form = &ask.form;
    form.check(CHANGES, &[])?;
    form.url("Url", 21205)?;
    form.whole("TimeLimit", 1, 86_400)?;
    let status = account.calls.get(at).map_or("failed", |call| call.status);
    match form.one_of("Status", &["canceled", "completed"])? {
        Some("canceled") if !matches!(status, "queued" | "ringing") => {
            return Err(ApiError::invalid(21220, "The call has been answered or is over"));
        }
        Some("canceled") => end_call(account, at, "canceled", now),
        Some(_) if !matches!(status, "queued" | "ringing" | "in-progress") => {
            return Err(ApiError::invalid(21220, "The call is over"));
        }
        Some(_) if status == "in-progress" => end_call(account, at, "completed", now),
        Some(_) => end_call(account, at, "canceled", now),
        None if (form.text("Url").is_some() || form.text("Twiml").is_some()) && status != "in-progress" => {
            return Err(ApiError::invalid(21220, "The call is not in progress and cannot be redirected"));
        }
        None => change(account, at, status, now),
    }
    Ok(Answer::ok(show(account, account.calls.get(at), ask)?))
}
