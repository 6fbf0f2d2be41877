//! NMI's refusals, and what they mean for the caller.

use std::fmt;
use std::time::Duration;

use turnbuckle_core::http::{Operation, Safety};
use turnbuckle_core::{Effect, Error, ErrorKind};

use crate::codes::{Meaning, meaning, refid, strip_refid};
use crate::reply::{Reply, is_word};

/// How long to leave NMI alone after its rate limit, for which it names no time. Asking again at once extends the block.
const RATE_LIMIT_PAUSE: Duration = Duration::from_secs(60);

/// What NMI answered to a call that it did not approve. The source of the call's [`Error`]; [`NmiRefusal::of`] finds it
/// there.
#[derive(Clone)]
#[non_exhaustive]
pub struct NmiRefusal {
    /// The whole reply.
    pub reply: Reply,
    /// What it means.
    pub meaning: Meaning,
}

impl NmiRefusal {
    /// NMI's own words about an error of this crate, where it has any.
    pub fn of(error: &Error) -> Option<&Self> {
        std::error::Error::source(error)?.downcast_ref()
    }

    /// Whether the payment method was refused, rather than the request.
    pub fn is_decline(&self) -> bool {
        matches!(self.meaning, Meaning::Declined(..))
    }

    /// Whether a duplicate check stopped the request.
    pub fn is_duplicate(&self) -> bool {
        self.meaning == Meaning::Duplicate
    }
}

impl fmt::Display for NmiRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NMI refused the request")?;
        match self.reply.response_code().filter(|code| is_word(code)) {
            Some(code) => write!(f, ": code {code}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for NmiRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NmiRefusal").field("reply", &self.reply).field("meaning", &self.meaning).finish()
    }
}

impl std::error::Error for NmiRefusal {}

/// The reply, if it is an approval; else its error. `ambiguous` says that an earlier attempt of the same call may have
/// taken effect.
pub(crate) fn approved(reply: Reply, ambiguous: bool) -> Result<Reply, Error> {
    let meaning = meaning(reply.response(), reply.response_code(), reply.response_text());
    let (kind, effect, message) = match meaning {
        Meaning::Approved => return Ok(reply),
        Meaning::Declined(..) => (ErrorKind::InvalidRequest, Effect::None, "the payment method was declined"),
        // Only a query tells whether the first one was ours: until then nobody knows.
        Meaning::Duplicate => {
            (ErrorKind::DuplicateBlocked, Effect::Unknown, "NMI's duplicate check stopped the request")
        }
        Meaning::Refused(kind, effect) => (kind, effect, refusal(kind)),
    };
    let effect = if ambiguous { Effect::Unknown } else { effect };
    let mut error = described(Error::new(kind, message).with_effect(effect), &reply);
    if kind == ErrorKind::RateLimited {
        error = error.with_retry_after(RATE_LIMIT_PAUSE);
    }
    Err(error.with_source(NmiRefusal { reply, meaning }))
}

fn refusal(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Unauthorized => "NMI does not accept the security key",
        ErrorKind::RateLimited => "NMI's rate limit is reached",
        ErrorKind::NotFound => "NMI has no such object",
        ErrorKind::Conflict => "the transaction's state does not allow this",
        ErrorKind::Unavailable => "the processor did not answer NMI",
        ErrorKind::InvalidResponse => "the reply is neither an approval nor a refusal that is known",
        _ => "NMI refused the request",
    }
}

fn described(mut error: Error, reply: &Reply) -> Error {
    if let Some(code) = reply.response_code().filter(|code| is_word(code)) {
        error = error.with_code(code);
    }
    vendor_text(error, reply.response_text())
}

fn vendor_text(mut error: Error, text: &str) -> Error {
    if let Some(id) = refid(text) {
        error = error.with_request_id(id);
    }
    let text: String = strip_refid(text).chars().take(500).collect();
    if text.is_empty() { error } else { error.with_vendor_message(text) }
}

/// The error of an `error_response` of query.php.
pub(crate) fn of_query(text: &str) -> Error {
    let kind = match meaning("3", Some("300"), text) {
        Meaning::Refused(ErrorKind::InvalidRequest, _) if lacks_permission(text) => ErrorKind::Forbidden,
        Meaning::Refused(kind, _) => kind,
        _ => ErrorKind::InvalidRequest,
    };
    let message = match kind {
        ErrorKind::Forbidden => "the security key may not query",
        kind => refusal(kind),
    };
    let error = vendor_text(Error::new(kind, message), text);
    if kind == ErrorKind::RateLimited { error.with_retry_after(RATE_LIMIT_PAUSE) } else { error }
}

/// The wording for a key without the Query permission is not published; these words are in every guess at it.
fn lacks_permission(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["permission", "not authorized", "not allowed", "cannot be used"].iter().any(|word| text.contains(word))
}

/// The error of an answer whose status is not a success, or whose body is not NMI's.
pub(crate) fn of_status(operation: &Operation, reply: &turnbuckle_core::http::Reply) -> Error {
    let status = reply.response.status();
    let (kind, message, effect) = match status.as_u16() {
        429 => (ErrorKind::RateLimited, "NMI's rate limit is reached", reply.refusal_effect()),
        500..=599 => (ErrorKind::Unavailable, "NMI failed to answer the request", Effect::Unknown),
        // NMI answers 200 to everything it understood, so this came from something in front of it.
        _ => (ErrorKind::InvalidResponse, "the answer is not one of NMI's", Effect::Unknown),
    };
    let effect = if operation.safety == Safety::Read { Effect::None } else { effect };
    let mut error = Error::new(kind, message).with_effect(effect).with_http_status(status.as_u16());
    if let Some(wait) = reply.retry_after {
        error = error.with_retry_after(wait);
    } else if kind == ErrorKind::RateLimited {
        error = error.with_retry_after(RATE_LIMIT_PAUSE);
    }
    error
}
