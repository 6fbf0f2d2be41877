//! From answers that are no success to errors.

use turnbuckle_core::http::{Operation, Reply, Safety};
use turnbuckle_core::{Effect, Error, ErrorKind, FieldError};

use crate::codes::{self, Meaning};
use crate::messages::Messages;
use crate::wire::is_word;

/// How long a record that was just made may stay invisible to other calls: the vendor's users see 15 to 60 seconds.
pub(crate) const RECORD_DELAY: std::time::Duration = std::time::Duration::from_secs(30);

/// The error of a request that was refused as a whole.
pub(crate) fn of_messages(operation: &Operation, messages: &Messages, reply: &Reply) -> Error {
    let code = messages.code().unwrap_or_default();
    let text = messages.message.first().and_then(|message| message.text.as_deref());
    of_code(operation, code, text, reply)
}

/// The error behind a code. A code that is not in the table leaves open what happened.
pub(crate) fn of_code(operation: &Operation, code: &str, text: Option<&str>, reply: &Reply) -> Error {
    let row = codes::find(code);
    let (kind, open) = match row.map(|row| row.meaning) {
        Some(Meaning::Refused(kind)) => (kind, false),
        Some(Meaning::Unknown(kind)) => (kind, true),
        Some(Meaning::Duplicate) => (ErrorKind::DuplicateBlocked, false),
        Some(Meaning::AlreadyDone) => (ErrorKind::Conflict, false),
        Some(Meaning::Declined(..) | Meaning::DeclinedOpen(..)) => (ErrorKind::InvalidRequest, false),
        None if code.starts_with('E') => (ErrorKind::InvalidRequest, true),
        // A success under an error, or nothing that is known.
        _ => (ErrorKind::InvalidResponse, true),
    };
    let what =
        row.map_or("Authorize.Net answered with a code that this release does not know", |row| row.what);
    let effect = match (operation.safety, open) {
        (Safety::Read, _) => Effect::None,
        (_, true) => Effect::Unknown,
        (_, false) => reply.refusal_effect(),
    };
    let mut error = answered(Error::new(kind, what).with_effect(effect), reply);
    if is_word(code) {
        error = error.with_code(code);
    }
    if let Some(text) = text {
        error = error.with_vendor_message(text.chars().take(1000).collect::<String>());
    }
    if code == "E00040" {
        error = error.with_retry_after(RECORD_DELAY);
    }
    let field = match code {
        "5" => "amount",
        "9" => "bank_account.routing_number",
        "10" => "bank_account.account_number",
        "39" => "currency",
        "E00022" | "E00023" => "plan.every",
        "E00018" => "card.exp_year",
        _ => return error,
    };
    error.with_fields(vec![FieldError::new(field, "was refused")])
}

/// The error of an answer that is not one of Authorize.Net's: it answers everything with 200.
pub(crate) fn of_status(operation: &Operation, reply: &Reply) -> Error {
    let status = reply.response.status();
    let (kind, message) = match status.as_u16() {
        401 => (ErrorKind::Unauthorized, "Authorize.Net does not accept the credentials"),
        403 => (ErrorKind::Forbidden, "the request was forbidden"),
        404 => (ErrorKind::NotFound, "there is nothing at this address"),
        408 => (ErrorKind::Timeout, "Authorize.Net did not answer in time"),
        429 => (ErrorKind::RateLimited, "the rate limit is reached"),
        400..=499 => (ErrorKind::InvalidRequest, "the request was refused"),
        500..=599 => (ErrorKind::Unavailable, "Authorize.Net failed to answer the request"),
        _ => (ErrorKind::InvalidResponse, "the answer is not one of Authorize.Net's"),
    };
    let refused = status.is_client_error() && status.as_u16() != 408;
    let effect = match operation.safety {
        Safety::Read => Effect::None,
        _ if refused => reply.refusal_effect(),
        _ => Effect::Unknown,
    };
    answered(Error::new(kind, message).with_effect(effect), reply)
}

/// The error of an answer that cannot be read, or contradicts the request. It may have happened all the same.
pub(crate) fn unreadable(operation: &Operation, reply: &Reply, message: &'static str) -> Error {
    let effect = if operation.safety == Safety::Read { Effect::None } else { Effect::Unknown };
    answered(Error::new(ErrorKind::InvalidResponse, message).with_effect(effect), reply)
}

fn answered(mut error: Error, reply: &Reply) -> Error {
    error = error.with_http_status(reply.response.status().as_u16());
    if let Some(id) = &reply.request_id {
        error = error.with_request_id(id.clone());
    }
    match reply.retry_after {
        Some(wait) => error.with_retry_after(wait),
        None => error,
    }
}
