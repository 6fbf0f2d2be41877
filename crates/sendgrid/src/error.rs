//! SendGrid's errors, and what they mean for the caller.

use std::fmt;

use bytes::Bytes;
use http::StatusCode;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use turnbuckle_core::http::{Operation, Reply, Safety};
use turnbuckle_core::{Effect, Error, ErrorKind, FieldError};

use crate::client::PROVIDER;

/// Most entries of an answer that are kept.
const MOST: usize = 50;

/// What SendGrid says about a refusal. It is the source of the [`Error`] of every call that SendGrid answered with an
/// error it could explain; [`SendGridError::of`] finds it there. SendGrid has no codes: words and the HTTP status are all.
/// See <https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/errors>.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct SendGridError {
    /// Every problem that SendGrid names, at most 50.
    pub errors: Vec<SendGridProblem>,
    /// The HTTP status that it came with.
    pub http_status: u16,
}

/// One problem that SendGrid names.
#[derive(Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct SendGridProblem {
    /// SendGrid's wording. It may quote what was sent: show it to the account's owner, keep it out of logs.
    #[serde(default, deserialize_with = "text")]
    pub message: Option<String>,
    /// The field, for example `personalizations.0.to`. SendGrid also writes the text `null`, which counts as none.
    #[serde(default, deserialize_with = "text")]
    pub field: Option<String>,
    /// A page that explains it.
    #[serde(default, deserialize_with = "text")]
    pub help: Option<String>,
}

impl SendGridError {
    /// SendGrid's own words about an error of this crate, where it has any.
    pub fn of(error: &Error) -> Option<&Self> {
        std::error::Error::source(error)?.downcast_ref()
    }

    /// Whether a problem has these words, whatever their case.
    fn says(&self, words: &str) -> bool {
        let has = |message: &String| message.to_ascii_lowercase().contains(words);
        self.errors.iter().filter_map(|problem| problem.message.as_ref()).any(has)
    }

    /// `None` for anything else than SendGrid's error objects: 5xx bodies need not be JSON.
    fn parse(body: &Bytes, status: StatusCode) -> Option<Self> {
        #[derive(Deserialize)]
        struct Body {
            #[serde(default)]
            errors: Option<Vec<Value>>,
            #[serde(default)]
            error: Option<Value>,
        }
        let body: Body = serde_json::from_slice(body).ok()?;
        let plain = |message: &str| SendGridProblem {
            message: Some(message.to_owned()),
            ..SendGridProblem::default()
        };
        let read = |value: Value| match value {
            Value::String(message) => Some(plain(&message)),
            object => serde_json::from_value(object).ok(),
        };
        let errors: Vec<_> =
            body.errors.into_iter().flatten().chain(body.error).filter_map(read).take(MOST).collect();
        (!errors.is_empty()).then_some(Self { errors, http_status: status.as_u16() })
    }
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let value = Option::<Value>::deserialize(deserializer)?;
    Ok(value.and_then(|value| value.as_str().filter(|text| *text != "null").map(str::to_owned)))
}

impl fmt::Display for SendGridError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SendGrid answered with an error of {} problems", self.errors.len())
    }
}

impl fmt::Debug for SendGridError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendGridError")
            .field("errors", &self.errors)
            .field("http_status", &self.http_status)
            .finish()
    }
}

impl fmt::Debug for SendGridProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = self.field.as_deref().filter(|field| is_path(field));
        f.debug_struct("SendGridProblem").field("field", &field).finish_non_exhaustive()
    }
}

impl std::error::Error for SendGridError {}

/// Names of fields, as they may stand in a log line. A key of the caller's own may be anything, and may not.
fn is_path(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "asm",
        "attachments",
        "batch_id",
        "bcc",
        "bypass_list_management",
        "categories",
        "cc",
        "click_tracking",
        "content",
        "content_id",
        "custom_args",
        "disposition",
        "domain",
        "dynamic_template_data",
        "email",
        "emails",
        "enable",
        "filename",
        "footer",
        "from",
        "ganalytics",
        "group_id",
        "groups_to_display",
        "headers",
        "hostname",
        "html",
        "html_content",
        "ip_pool_name",
        "mail_settings",
        "name",
        "nickname",
        "open_tracking",
        "personalizations",
        "plain_content",
        "recipient_emails",
        "reply_to",
        "reply_to_list",
        "sandbox_mode",
        "send_at",
        "status",
        "subject",
        "subscription_tracking",
        "substitution_tag",
        "substitutions",
        "template_id",
        "text",
        "to",
        "tracking_settings",
        "type",
        "url",
        "value",
        "from_email",
        "generation",
        "active",
        "editor",
        "test_data",
        "start_date",
        "end_date",
        "aggregated_by",
        "limit",
        "offset",
        "page_size",
        "page_token",
        "enabled",
        "id",
    ];
    let known = |part: &str| WORDS.contains(&part) || part.bytes().all(|byte| byte.is_ascii_digit());
    (1..=100).contains(&text.len()) && text.split('.').all(|part| !part.is_empty() && known(part))
}

/// The error of an answer that is not a success.
pub(crate) fn from_reply(operation: &Operation, reply: &Reply) -> Error {
    let status = reply.response.status();
    let body = SendGridError::parse(reply.response.body(), status);
    let (kind, message) = classify(status, body.as_ref());
    let mut error = Error::new(kind, message)
        .with_effect(effect(operation, reply, status))
        .with_http_status(status.as_u16());
    if let Some(id) = &reply.request_id {
        error = error.with_request_id(id.clone());
    }
    if let Some(wait) = reply.retry_after {
        error = error.with_retry_after(wait);
    }
    if let Some(body) = body {
        let fields = body.errors.iter().filter_map(|problem| problem.field.clone());
        let fields: Vec<_> = fields
            .filter(|field| is_path(field))
            .map(|field| FieldError::new(field, "was refused"))
            .collect();
        if !fields.is_empty() {
            error = error.with_fields(fields);
        }
        if let Some(message) = body.errors.iter().find_map(|problem| problem.message.as_ref()) {
            error = error.with_vendor_message(message.chars().take(1000).collect::<String>());
        }
        error = error.with_source(body);
    }
    error.or_context(&PROVIDER, operation.name)
}

/// A 4xx refused the request, so nothing happened, unless an earlier attempt went unanswered. Anything else says nothing:
/// after a 500 the mail may be on its way.
fn effect(operation: &Operation, reply: &Reply, status: StatusCode) -> Effect {
    match operation.safety {
        Safety::Read => Effect::None,
        _ if !status.is_client_error() || status == StatusCode::REQUEST_TIMEOUT => Effect::Unknown,
        _ => reply.refusal_effect(),
    }
}

/// By status, and by SendGrid's words where one status means several things. That the words of a sender that is not
/// verified end as they do here is unproven in full; its beginning agrees with
/// <https://www.twilio.com/docs/api/errors/60222>. A 403 that SendGrid gives for a while after many bad requests has no
/// documented words, and is told as one that lacks a permission.
fn classify(status: StatusCode, body: Option<&SendGridError>) -> (ErrorKind, &'static str) {
    let says = |words: &str| body.is_some_and(|body| body.says(words));
    match status.as_u16() {
        401 if says("maximum credits exceeded") => {
            (ErrorKind::ActionRequired, "the account's credits are used up")
        }
        401 if says("authenticated user is not authorized") => {
            (ErrorKind::Forbidden, "the account may not send: it is disabled or under review")
        }
        401 => (ErrorKind::Unauthorized, "SendGrid does not accept the API key"),
        403 if says("does not match a verified sender identity") => {
            (ErrorKind::ActionRequired, "the sender is not verified")
        }
        403 => (ErrorKind::Forbidden, "the API key lacks a permission"),
        404 => (ErrorKind::NotFound, "SendGrid has no such object"),
        408 => (ErrorKind::Timeout, "SendGrid did not answer in time"),
        409 => (ErrorKind::Conflict, "the object's state does not allow this"),
        413 => (ErrorKind::InvalidRequest, "the request is too large"),
        429 => (ErrorKind::RateLimited, "SendGrid's rate limit is reached"),
        451 => (ErrorKind::Forbidden, "the region's rules on where data stays do not allow this"),
        400..=499 => (ErrorKind::InvalidRequest, "SendGrid refused the request"),
        500..=599 => (ErrorKind::Unavailable, "SendGrid failed to answer the request"),
        _ => (ErrorKind::InvalidResponse, "the answer is neither a success nor an error of SendGrid's"),
    }
}
