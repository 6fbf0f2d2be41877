//! Plaid's errors, and what they mean for the caller.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use serde::Deserialize;
use turnbuckle_core::http::{Operation, Processed, Reply, Safety, Verdict, default_verdict};
use turnbuckle_core::{Effect, Error, ErrorKind, FieldError};

use crate::ErrorClass;
use crate::words::is_word;

/// How long to leave Plaid alone after a rate limit that names no time: limits are counted by the minute
/// (<https://plaid.com/docs/errors/rate-limit-exceeded/>), and no `Retry-After` is documented.
const RATE_WINDOW: Duration = Duration::from_secs(60);

/// What Plaid says about a refusal, about a broken item, or in a push.
///
/// It is the source of the [`Error`] of every call that Plaid answered with an error that could be read;
/// [`PlaidError::of`] finds it there.
#[derive(Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct PlaidError {
    /// The broad class, for example `ITEM_ERROR`.
    pub error_type: String,
    /// The code, for example `ITEM_LOGIN_REQUIRED`.
    pub error_code: String,
    /// Why, where Plaid tells: `OAUTH_INVALID_TOKEN`, `OAUTH_CONSENT_EXPIRED`, `OAUTH_USER_REVOKED`.
    #[serde(default)]
    pub error_code_reason: Option<String>,
    /// Plaid's wording for developers. It may quote what was sent: keep it out of logs.
    #[serde(default)]
    pub error_message: Option<String>,
    /// Plaid's wording for the person, where the error concerns them.
    #[serde(default)]
    pub display_message: Option<String>,
    /// Plaid's id of the request; absent in pushes.
    #[serde(default)]
    pub request_id: Option<String>,
    /// The HTTP status, which only errors inside pushes carry.
    #[serde(default)]
    pub status: Option<u16>,
    /// Plaid's page about it.
    #[serde(default)]
    pub documentation_url: Option<String>,
    /// What Plaid suggests.
    #[serde(default)]
    pub suggested_action: Option<String>,
}

impl PlaidError {
    /// Plaid's own words about an error of this crate, where it has any.
    pub fn of(error: &Error) -> Option<&Self> {
        std::error::Error::source(error)?.downcast_ref()
    }

    /// What it means. By the code; by the type for codes that are newer than this crate.
    pub fn class(&self) -> ErrorClass {
        let by_code = ErrorClass::of_code(&self.error_code);
        by_code.or_else(|| ErrorClass::of_type(&self.error_type)).unwrap_or(ErrorClass::InvalidRequest)
    }

    /// The fields that the message names as missing or unknown. They stand nowhere else.
    fn fields(&self) -> Vec<FieldError> {
        let problem = match self.error_code.as_str() {
            "MISSING_FIELDS" => "is missing",
            "UNKNOWN_FIELDS" => "is not a field of this call",
            _ => return Vec::new(),
        };
        let message = self.error_message.as_deref().unwrap_or_default();
        let Some((_, names)) = message.rsplit_once(": ") else { return Vec::new() };
        let words = names.split(',').map(str::trim).filter(|name| is_word(name)).take(20);
        words.map(|name| FieldError::new(name.to_owned(), problem)).collect()
    }

    fn parse(body: &Bytes) -> Option<Self> {
        serde_json::from_slice::<Self>(body).ok().filter(|error| !error.error_code.is_empty())
    }
}

impl fmt::Display for PlaidError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plaid answered with an error")?;
        let words = [
            Some(self.error_type.as_str()),
            Some(self.error_code.as_str()),
            self.error_code_reason.as_deref(),
        ];
        for (index, word) in words.into_iter().flatten().filter(|word| is_word(word)).enumerate() {
            write!(f, "{}{word}", if index == 0 { ": " } else { ", " })?;
        }
        Ok(())
    }
}

impl fmt::Debug for PlaidError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |text: &str| is_word(text).then(|| text.to_owned());
        f.debug_struct("PlaidError")
            .field("error_type", &word(&self.error_type))
            .field("error_code", &word(&self.error_code))
            .field("error_code_reason", &self.error_code_reason.as_deref().and_then(word))
            .field("request_id", &self.request_id.as_deref().and_then(word))
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for PlaidError {}

/// Judges an answer by Plaid's code, and by the status where there is none.
///
/// A bank that is down is not asked again at once: outages last, and the caller knows what can wait.
pub(crate) fn verdict(response: &Response<Bytes>) -> Verdict {
    if response.status().is_success() {
        return Verdict::Final;
    }
    match PlaidError::parse(response.body()).map(|error| error.class()) {
        Some(ErrorClass::ItemRateLimit | ErrorClass::ClientRateLimit) => {
            let named = response.headers().contains_key(http::header::RETRY_AFTER);
            Verdict::Retry { processed: Processed::No, after: (!named).then_some(RATE_WINDOW) }
        }
        Some(ErrorClass::PlaidDown) => Verdict::Retry { processed: Processed::Maybe, after: None },
        Some(_) if response.status().is_client_error() => Verdict::Final,
        _ => default_verdict(response),
    }
}

/// The error of an answer that is not a success.
pub(crate) fn from_reply(operation: &Operation, reply: &Reply) -> Error {
    let status = reply.response.status();
    let body = PlaidError::parse(reply.response.body());
    let class = body.as_ref().map(PlaidError::class);
    let (kind, message) = match class {
        Some(class) => (class.kind(), class.message()),
        None => by_status(status),
    };
    let mut error = Error::new(kind, message)
        .with_effect(effect(operation, reply, class))
        .with_http_status(status.as_u16());
    let wait = match (reply.retry_after, class) {
        (Some(wait), _) => Some(wait),
        (None, Some(ErrorClass::NotReady)) => Some(RATE_WINDOW),
        (None, _) => None,
    };
    if let Some(wait) = wait {
        error = error.with_retry_after(wait);
    }
    let own_id = body.as_ref().and_then(|body| body.request_id.clone()).filter(|id| is_word(id));
    if let Some(id) = own_id.or_else(|| reply.request_id.clone()) {
        error = error.with_request_id(id);
    }
    match body {
        Some(body) => with_words(error, body),
        None => error,
    }
}

fn with_words(mut error: Error, body: PlaidError) -> Error {
    if is_word(&body.error_code) {
        error = error.with_code(body.error_code.clone());
    }
    if let Some(message) = &body.error_message {
        error = error.with_vendor_message(message.chars().take(1000).collect::<String>());
    }
    let fields = body.fields();
    if !fields.is_empty() {
        error = error.with_fields(fields);
    }
    error.with_source(body)
}

/// What may have happened: nothing where Plaid refused with a code, unless an earlier attempt got no answer; open where
/// Plaid failed, or the answer is not Plaid's.
fn effect(operation: &Operation, reply: &Reply, class: Option<ErrorClass>) -> Effect {
    if operation.safety == Safety::Read {
        return Effect::None;
    }
    let status = reply.response.status();
    match class {
        Some(class) if !class.leaves_open() && status.is_client_error() => reply.refusal_effect(),
        None if status == StatusCode::TOO_MANY_REQUESTS => reply.refusal_effect(),
        _ => Effect::Unknown,
    }
}

/// For answers without Plaid's body, such as those of a proxy.
fn by_status(status: StatusCode) -> (ErrorKind, &'static str) {
    match status.as_u16() {
        401 => (ErrorKind::Unauthorized, "Plaid does not accept the client id or the secret"),
        403 => (ErrorKind::Forbidden, "Plaid does not allow this"),
        404 => (ErrorKind::NotFound, "Plaid has no such object"),
        408 => (ErrorKind::Timeout, "Plaid did not answer in time"),
        429 => (ErrorKind::RateLimited, "Plaid's rate limit is reached"),
        400..=499 => (ErrorKind::InvalidRequest, "Plaid refused the request"),
        500..=599 => (ErrorKind::Unavailable, "Plaid failed to answer the request"),
        _ => (ErrorKind::InvalidResponse, "the answer is neither a success nor an error of Plaid's"),
    }
}
