//! Twilio's errors, and what they mean for the caller.

use std::fmt;

use bytes::Bytes;
use http::StatusCode;
use serde::Deserialize;
use turnbuckle_core::http::{Operation, Reply, Safety};
use turnbuckle_core::{Effect, Error, ErrorKind, FieldError};

use crate::client::PROVIDER;
use crate::codes::{self, CodeAdvice, TwilioCode};
use crate::object::number;

/// What Twilio says about a refusal. It is the source of the [`Error`] of every call that Twilio answered with an error
/// it could explain; [`TwilioError::of`] finds it there.
#[derive(Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct TwilioError {
    /// Twilio's number, for example 21211; [`codes`](crate::codes) says what it means.
    #[serde(default, deserialize_with = "number")]
    pub code: Option<u32>,
    /// Twilio's wording. It quotes what was sent, numbers included: show it to the account's owner, keep it out of logs.
    pub message: Option<String>,
    /// A page that explains the code.
    pub more_info: Option<String>,
    /// The HTTP status that it came with.
    #[serde(skip)]
    pub http_status: u16,
}

impl TwilioError {
    /// Twilio's own words about an error of this crate, where it has any.
    pub fn of(error: &Error) -> Option<&Self> {
        std::error::Error::source(error)?.downcast_ref()
    }

    /// What the code means; `None` for one that this version of the crate does not know.
    pub fn meaning(&self) -> Option<&'static TwilioCode> {
        codes::find(self.code?)
    }

    /// `None` for anything else than Twilio's error object: 5xx bodies need not be JSON.
    pub(crate) fn parse(body: &Bytes) -> Option<Self> {
        serde_json::from_slice::<Self>(body).ok().filter(|error| error.code.is_some())
    }
}

impl fmt::Display for TwilioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Twilio answered with an error")?;
        match self.code {
            Some(code) => write!(f, ": {code}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for TwilioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwilioError")
            .field("code", &self.code)
            .field("http_status", &self.http_status)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for TwilioError {}

/// The error of an answer that is not a success.
pub(crate) fn from_reply(operation: &Operation, reply: &Reply) -> Error {
    let status = reply.response.status();
    let body = TwilioError::parse(reply.response.body())
        .map(|body| TwilioError { http_status: status.as_u16(), ..body });
    let known = body.as_ref().and_then(TwilioError::meaning);
    let (kind, message) = classify(status, known);
    let mut error = Error::new(kind, message)
        .with_effect(effect(operation, reply, status))
        .with_http_status(status.as_u16());
    if let Some(id) = request_id(reply) {
        error = error.with_request_id(id);
    }
    if let Some(wait) = reply.retry_after {
        error = error.with_retry_after(wait);
    }
    if let Some(row) = known
        && let Some(field) = row.field
    {
        error = error.with_fields(vec![FieldError::new(field, problem(row))]);
    }
    if let Some(body) = body {
        if let Some(code) = body.code {
            error = error.with_code(code.to_string());
        }
        if let Some(message) = &body.message {
            error = error.with_vendor_message(message.chars().take(1000).collect::<String>());
        }
        error = error.with_source(body);
    }
    error.or_context(&PROVIDER, operation.name)
}

/// `RQ` and hexadecimal digits as a rule; anything else does not belong into logs.
fn request_id(reply: &Reply) -> Option<String> {
    let plain =
        |id: &&str| (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let own = reply.response.headers().get("twilio-request-id").and_then(|id| id.to_str().ok());
    own.filter(plain).map(str::to_owned).or_else(|| reply.request_id.clone())
}

/// A 4xx refused the request, so nothing happened, unless an earlier attempt went unanswered. Anything else says nothing:
/// after a 500 the message may exist. See <https://www.twilio.com/docs/api/errors/20500>.
fn effect(operation: &Operation, reply: &Reply, status: StatusCode) -> Effect {
    match operation.safety {
        Safety::Read => Effect::None,
        _ if !status.is_client_error() || status == StatusCode::REQUEST_TIMEOUT => Effect::Unknown,
        _ => reply.refusal_effect(),
    }
}

fn classify(status: StatusCode, known: Option<&TwilioCode>) -> (ErrorKind, &'static str) {
    // A server that failed has failed, whatever number it gives; and what was refused for its rate was not looked at.
    let decides = status.is_client_error() && status != StatusCode::REQUEST_TIMEOUT;
    if let Some(row) = known.filter(|_| decides) {
        return (row.kind, sentence(row.kind));
    }
    let kind = match status.as_u16() {
        401 => ErrorKind::Unauthorized,
        403 => ErrorKind::Forbidden,
        404 => ErrorKind::NotFound,
        408 => ErrorKind::Timeout,
        409 => ErrorKind::Conflict,
        429 => ErrorKind::RateLimited,
        400..=499 => ErrorKind::InvalidRequest,
        500..=599 => ErrorKind::Unavailable,
        _ => ErrorKind::InvalidResponse,
    };
    (kind, sentence(kind))
}

fn sentence(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Unauthorized => "Twilio does not accept the credentials",
        ErrorKind::Forbidden => "the credentials or the account may not do this",
        ErrorKind::NotFound => "Twilio has no such object",
        ErrorKind::Timeout => "Twilio did not answer in time",
        ErrorKind::Conflict => "the object's state does not allow this",
        ErrorKind::RateLimited => "Twilio takes no more of this at the moment",
        ErrorKind::ActionRequired => "somebody must act at Twilio first",
        ErrorKind::InvalidRequest => "Twilio refused the request",
        ErrorKind::Unavailable => "Twilio failed to answer the request",
        _ => "the answer is neither a success nor an error of Twilio's",
    }
}

fn problem(row: &TwilioCode) -> &'static str {
    match row.advice {
        CodeAdvice::Never => "cannot or may not get this",
        CodeAdvice::FixAccount => "is not permitted for this account yet",
        CodeAdvice::RetryLater => "takes no more at the moment",
        CodeAdvice::FixRequest => "was refused",
    }
}
