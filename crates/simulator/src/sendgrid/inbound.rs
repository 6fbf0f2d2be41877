//! Inbound parse: where mail for a host name is posted to, and the posts.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::error::{Answer, ApiError, Outcome};
use super::fields::{self, Field, Kind, may, must, text};
use super::state::{Account, is, merge};
use crate::webhook::SignedWebhook;

const CREATE: &[Field] = &[
    must("url", Kind::Text(2048)),
    must("hostname", Kind::Text(253)),
    may("spam_check", Kind::Flag),
    may("send_raw", Kind::Flag),
];
const CHANGE: &[Field] = &[
    may("url", Kind::Text(2048)),
    may("hostname", Kind::Text(253)),
    may("spam_check", Kind::Flag),
    may("send_raw", Kind::Flag),
];

fn find<'a>(account: &'a mut Account, host: &str) -> Result<&'a mut Value, ApiError> {
    account.parse.iter_mut().find(|known| is(known, "hostname", host)).ok_or_else(ApiError::not_found)
}

pub(super) fn create(account: &mut Account, body: &[u8]) -> Outcome {
    let input = fields::parse(body, CREATE, fields::plain)?;
    let host = text(&input, "hostname");
    if account.parse.iter().any(|known| is(known, "hostname", host)) {
        return Err(ApiError::field("hostname is already in use", "hostname"));
    }
    let mut setting = json!({ "spam_check": false, "send_raw": false });
    merge(&mut setting, input);
    account.parse.push(setting.clone());
    Answer::created(setting)
}

pub(super) fn list(account: &Account) -> Outcome {
    Answer::ok(json!({ "result": account.parse }))
}

pub(super) fn get(account: &mut Account, host: &str) -> Outcome {
    Answer::ok(find(account, host)?.clone())
}

pub(super) fn update(account: &mut Account, host: &str, body: &[u8]) -> Outcome {
    let input = fields::parse(body, CHANGE, fields::plain)?;
    let setting = find(account, host)?;
    merge(setting, input);
    Answer::ok(setting.clone())
}

pub(super) fn delete(account: &mut Account, host: &str) -> Outcome {
    find(account, host)?;
    account.parse.retain(|known| !is(known, "hostname", host));
    Answer::nothing()
}

/// A mail that somebody sends to a host name of the account.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct InboundMail {
    /// The address it comes from.
    pub from: String,
    /// The address it goes to, which decides by its host name where it is posted.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The text, and the HTML.
    pub text: String,
    /// The HTML; none when empty.
    pub html: String,
    /// Names, content types and contents of what is attached.
    pub attachments: Vec<(String, String, Bytes)>,
}

impl InboundMail {
    /// A mail with a text and nothing attached.
    pub fn new(from: impl Into<String>, to: impl Into<String>, subject: impl Into<String>) -> Self {
        Self { from: from.into(), to: to.into(), subject: subject.into(), ..Self::default() }
    }

    /// With a text.
    #[must_use]
    pub fn with_text(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    /// With an attachment.
    #[must_use]
    pub fn with_attachment(
        mut self,
        name: impl Into<String>,
        content_type: impl Into<String>,
        content: impl Into<Bytes>,
    ) -> Self {
        self.attachments.push((name.into(), content_type.into(), content.into()));
        self
    }
}

/// The post of a mail, unsigned as without a security policy. `None` when nobody receives mail for its host.
pub(super) fn post(account: &mut Account, mail: &InboundMail) -> Option<SignedWebhook> {
    let host = mail.to.rsplit_once('@').map(|(_, host)| host)?;
    let setting = account.parse.iter().find(|known| is(known, "hostname", host))?.clone();
    let url = setting.get("url").and_then(Value::as_str)?.to_owned();
    let raw = setting.get("send_raw").and_then(Value::as_bool) == Some(true);
    let boundary = format!("xYzZY{}", account.ids.letters(16));
    let headers = format!("From: {}\r\nTo: {}\r\nSubject: {}\r\n", mail.from, mail.to, mail.subject);
    let mut parts: Vec<(String, String)> = vec![
        ("dkim".to_owned(), "{@example.com : pass}".to_owned()),
        ("SPF".to_owned(), "pass".to_owned()),
        ("to".to_owned(), mail.to.clone()),
        ("from".to_owned(), mail.from.clone()),
        ("subject".to_owned(), mail.subject.clone()),
        ("sender_ip".to_owned(), "192.0.2.1".to_owned()),
        ("envelope".to_owned(), json!({ "to": [mail.to], "from": mail.from }).to_string()),
    ];
    let mut charsets = json!({ "to": "UTF-8", "from": "UTF-8", "subject": "UTF-8" });
    if setting.get("spam_check").and_then(Value::as_bool) == Some(true) {
        parts.push(("spam_score".to_owned(), "0.1".to_owned()));
        parts.push(("spam_report".to_owned(), "Spam detection software has looked at this mail".to_owned()));
    }
    if raw {
        parts.push(("email".to_owned(), format!("{headers}\r\n{}", mail.text)));
    } else {
        parts.push(("headers".to_owned(), headers));
        parts.push(("attachments".to_owned(), mail.attachments.len().to_string()));
        for (name, text) in [("text", &mail.text), ("html", &mail.html)] {
            if !text.is_empty() {
                parts.push((name.to_owned(), text.clone()));
                merge(&mut charsets, super::lifecycle::object(json!({ (name): "UTF-8" })));
            }
        }
    }
    parts.push(("charsets".to_owned(), charsets.to_string()));
    let attached = if raw { &[] } else { mail.attachments.as_slice() };
    if !attached.is_empty() {
        let info = attached.iter().enumerate().map(|(at, (name, kind, _))| {
            (format!("attachment{}", at + 1), json!({ "filename": name, "name": name, "type": kind }))
        });
        parts.push(("attachment-info".to_owned(), Value::Object(info.collect()).to_string()));
    }
    let mut body = Vec::new();
    for (name, value) in parts {
        body.extend_from_slice(
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                .as_bytes(),
        );
    }
    for (at, (name, kind, content)) in attached.iter().enumerate() {
        let name = name.replace(['"', '\r', '\n'], "_");
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"attachment{}\"; filename=\"{name}\"\r\n\
             Content-Type: {kind}\r\n\r\n",
            at + 1
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_str(&format!("multipart/form-data; boundary={boundary}")) {
        headers.insert("content-type", value);
    }
    headers.insert("user-agent", HeaderValue::from_static("SendGrid"));
    Some(SignedWebhook { provider: "sendgrid", headers, body: body.into(), url: Some(url) })
}
