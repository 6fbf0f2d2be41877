//! A small Twilio that lives in memory: messages with states over time, answers as raw bytes, signed callbacks. It knows
//! nothing of the adapter.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use http::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};
use turnbuckle_core::Clock as _;
use turnbuckle_testkit::FixedClock;
use url::Url;

pub(crate) const AC: &str = "AC0a1b2c3d0a1b2c3d0a1b2c3d0a1b2c3d";
pub(crate) const SK: &str = "SK00112233001122330011223300112233";
pub(crate) const MG: &str = "MGaabbccddaabbccddaabbccddaabbccdd";
pub(crate) const FROM: &str = "+14155550100";
pub(crate) const SECRET: &str = "apiKeySecret0815apiKeySecret0815";
pub(crate) const TOKEN: &str = "authToken0815authToken0815aa";
/// Carriers say that nobody is there.
pub(crate) const UNREACHABLE: &str = "+14155550144";
/// Carriers filter what goes there.
pub(crate) const FILTERED: &str = "+14155550155";

struct Entry {
    sid: String,
    form: Vec<(String, String)>,
    created: DateTime<Utc>,
    leaves: DateTime<Utc>,
    canceled: Option<DateTime<Utc>>,
}

impl Entry {
    fn field(&self, name: &str) -> Option<&str> {
        self.form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn to(&self) -> &str {
        self.field("To").unwrap_or_default()
    }

    /// Every state that it has gone through by now, with the time.
    fn history(&self, now: DateTime<Utc>) -> Vec<(&'static str, DateTime<Utc>)> {
        let mut states = Vec::new();
        if self.leaves > self.created {
            states.push(("scheduled", self.created));
        }
        if let Some(at) = self.canceled {
            states.push(("canceled", at));
            return states;
        }
        let last = match self.to() {
            UNREACHABLE => "undelivered",
            FILTERED => "failed",
            _ => "delivered",
        };
        for (word, seconds) in [("queued", 0), ("sending", 5), ("sent", 10), (last, 30)] {
            states.push((word, self.leaves + TimeDelta::seconds(seconds)));
        }
        states.retain(|(_, at)| *at <= now);
        states
    }

    fn status(&self, now: DateTime<Utc>) -> (&'static str, DateTime<Utc>) {
        self.history(now).last().copied().unwrap_or(("accepted", self.created))
    }

    fn json(&self, now: DateTime<Utc>) -> Value {
        let (status, updated) = self.status(now);
        let sent = self.history(now).iter().find(|(word, _)| *word == "sent").map(|(_, at)| at.to_rfc2822());
        let media = self.form.iter().filter(|(name, _)| name == "MediaUrl").count();
        json!({
            "sid": self.sid, "account_sid": AC, "messaging_service_sid": self.field("MessagingServiceSid"),
            "from": self.field("From"), "to": self.to(), "body": self.field("Body").unwrap_or_default(),
            "status": status, "direction": "outbound-api", "num_segments": "1", "num_media": media.to_string(),
            "price": null, "price_unit": "USD", "error_code": error_code(status), "error_message": null,
            "date_created": self.created.to_rfc2822(), "date_sent": sent, "date_updated": updated.to_rfc2822(),
            "uri": format!("/2010-04-01/Accounts/{AC}/Messages/{}.json", self.sid), "api_version": "2010-04-01",
        })
    }
}

fn error_code(status: &str) -> Option<u32> {
    match status {
        "undelivered" => Some(30003),
        "failed" => Some(30007),
        _ => None,
    }
}

#[derive(Default)]
struct Books {
    entries: Vec<Entry>,
    stopped: BTreeSet<String>,
}

/// A message as the vendor has it.
pub(crate) struct Line {
    pub(crate) sid: String,
    pub(crate) to: String,
    pub(crate) status: &'static str,
    pub(crate) callback: Option<Url>,
}

#[derive(Clone)]
pub(crate) struct Vendor {
    clock: Arc<FixedClock>,
    books: Arc<Mutex<Books>>,
}

impl Vendor {
    pub(crate) fn new(clock: Arc<FixedClock>) -> Self {
        Self { clock, books: Arc::default() }
    }

    pub(crate) fn stop(&self, number: &str) {
        self.books.lock().unwrap().stopped.insert(number.to_owned());
    }

    pub(crate) fn lines(&self) -> Vec<Line> {
        let now = self.clock.now();
        let books = self.books.lock().unwrap();
        let line = |entry: &Entry| Line {
            sid: entry.sid.clone(),
            to: entry.to().to_owned(),
            status: entry.status(now).0,
            callback: entry.field("StatusCallback").map(|url| url.parse().unwrap()),
        };
        books.entries.iter().map(line).collect()
    }

    /// Every callback so far, oldest first.
    pub(crate) fn pushes(&self) -> Vec<Request<Bytes>> {
        let now = self.clock.now();
        let books = self.books.lock().unwrap();
        let mut pushes = Vec::new();
        for entry in &books.entries {
            let Some(url) = entry.field("StatusCallback") else { continue };
            for (status, at) in entry.history(now) {
                let mut form = vec![
                    ("SmsSid", entry.sid.clone()),
                    ("MessageSid", entry.sid.clone()),
                    ("MessageStatus", status.to_owned()),
                    ("SmsStatus", status.to_owned()),
                    ("To", entry.to().to_owned()),
                    ("From", FROM.to_owned()),
                    ("AccountSid", AC.to_owned()),
                    ("ApiVersion", "2010-04-01".to_owned()),
                ];
                form.extend(error_code(status).map(|code| ("ErrorCode", code.to_string())));
                pushes.push((at, signed(TOKEN, url, &form)));
            }
        }
        pushes.sort_by_key(|(at, _)| *at);
        pushes.into_iter().map(|(_, push)| push).collect()
    }

    pub(crate) fn handle(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let expected = format!("Basic {}", STANDARD.encode(format!("{SK}:{SECRET}")));
        if request.headers().get("authorization").is_none_or(|given| given.as_bytes() != expected.as_bytes())
        {
            return error(401, 20003, "Authenticate");
        }
        let own = format!("/2010-04-01/Accounts/{AC}");
        let Some(path) = request.uri().path().strip_prefix(&own) else {
            return error(404, 20404, "not found");
        };
        let query = request.uri().query().unwrap_or_default();
        let sid = path.strip_prefix("/Messages/").and_then(|rest| rest.strip_suffix(".json"));
        let form = pairs(request.body());
        match (request.method(), path, sid) {
            // The credentials are the account's for tests: they may do this and nothing else.
            (&Method::GET, ".json", _) => error(403, 20008, "not with test credentials"),
            (&Method::POST, "/Messages.json", _) => self.create(form),
            (&Method::GET, "/Messages.json", _) => self.list(&pairs(query.as_bytes())),
            (&Method::GET, _, Some(sid)) => self.change(sid, |_, _| true),
            (&Method::POST, _, Some(sid)) => self.change(sid, |entry, now| {
                let waits = entry.status(now).0 == "scheduled";
                if waits {
                    entry.canceled = Some(now);
                }
                waits
            }),
            _ => error(404, 20404, "not found"),
        }
    }

    fn create(&self, form: Vec<(String, String)>) -> Response<Bytes> {
        let now = self.clock.now();
        let mut books = self.books.lock().unwrap();
        let field = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        let to = field("To").unwrap_or_default();
        match to.as_str() {
            "+15005550001" => return error(400, 21211, "no such number"),
            "+15005550004" => return error(400, 21610, "unsubscribed"),
            "+15005550009" => return error(400, 21614, "not mobile"),
            stopped if books.stopped.contains(stopped) => return error(400, 21610, "unsubscribed"),
            _ => {}
        }
        if field("From").is_none() && field("MessagingServiceSid").is_none() {
            return error(400, 21603, "no sender");
        }
        let leaves = match field("SendAt") {
            Some(_) if field("MessagingServiceSid").is_none() => return error(400, 35118, "no service"),
            Some(text) => DateTime::parse_from_rfc3339(&text).unwrap().to_utc(),
            None => now,
        };
        let sid = format!("SM{:032x}", 0xfeed_0000_u32 + u32::try_from(books.entries.len()).unwrap());
        let entry = Entry { sid, form, created: now, leaves, canceled: None };
        let body = entry.json(now);
        books.entries.push(entry);
        answer(201, &body)
    }

    fn list(&self, query: &[(String, String)]) -> Response<Bytes> {
        let now = self.clock.now();
        let to = query.iter().find(|(name, _)| name == "To").map(|(_, value)| value.as_str());
        let books = self.books.lock().unwrap();
        let own = books.entries.iter().rev().filter(|entry| to.is_none_or(|to| entry.to() == to));
        let messages: Vec<Value> = own.map(|entry| entry.json(now)).collect();
        answer(200, &json!({"messages": messages, "page": 0, "next_page_uri": null}))
    }

    fn change(&self, sid: &str, change: impl FnOnce(&mut Entry, DateTime<Utc>) -> bool) -> Response<Bytes> {
        let now = self.clock.now();
        let mut books = self.books.lock().unwrap();
        let Some(entry) = books.entries.iter_mut().find(|entry| entry.sid == sid) else {
            return error(404, 20404, "The requested resource was not found");
        };
        if change(entry, now) {
            answer(200, &entry.json(now))
        } else {
            error(409, 30409, "This message cannot be canceled")
        }
    }
}

/// A push of a form, signed as Twilio signs.
pub(crate) fn signed(token: &str, url: &str, form: &[(&str, String)]) -> Request<Bytes> {
    let mut sorted = form.to_vec();
    sorted.sort();
    let data = sorted.iter().fold(url.to_owned(), |data, (name, value)| data + name + value);
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(token.as_bytes()).unwrap();
    mac.update(data.as_bytes());
    let url: Url = url.parse().unwrap();
    let target = url.query().map_or(url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    Request::post(target)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("x-twilio-signature", STANDARD.encode(mac.finalize().into_bytes()))
        .body(Bytes::from(body))
        .unwrap()
}

fn pairs(text: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

fn answer(status: u16, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

fn error(status: u16, code: u32, message: &str) -> Response<Bytes> {
    answer(status, &json!({"code": code, "message": message, "more_info": "", "status": status}))
}
