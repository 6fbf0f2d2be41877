//! Payflow's refusals, and what they mean for the caller.

use std::fmt;

use turnbuckle_core::http::{Operation, Reply, Safety};
use turnbuckle_core::{Effect, Error, ErrorKind};

use crate::Transaction;
use crate::codes::{self, Meaning};

/// What Payflow said about a transaction that did not simply go through.
///
/// It is the source of the [`Error`] of every call that Payflow answered with another `RESULT` than 0;
/// [`PayflowError::of`] finds it there. A transaction that is held for review is such an error too, with the effect
/// [`Effect::Happened`]: the one `RESULT` that may be taken for a success is 0.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PayflowError {
    /// The answer.
    pub transaction: Transaction,
}

impl PayflowError {
    /// Payflow's own words about an error of this crate, where it has any.
    pub fn of(error: &Error) -> Option<&Self> {
        std::error::Error::source(error)?.downcast_ref()
    }

    /// What its `RESULT` means.
    pub fn meaning(&self) -> Meaning {
        codes::lookup(self.transaction.result).meaning
    }
}

impl fmt::Display for PayflowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = codes::lookup(self.transaction.result);
        write!(f, "Payflow answered with result {}: {}", code.code, code.text)
    }
}

impl std::error::Error for PayflowError {}

/// The error of an answer that Payflow's own servers did not give: they answer 200 whatever the result.
pub(crate) fn from_status(operation: &Operation, reply: &Reply) -> Error {
    let status = reply.response.status();
    let (kind, message) = match status.as_u16() {
        408 => (ErrorKind::Timeout, "Payflow did not answer in time"),
        429 => (ErrorKind::RateLimited, "too many requests"),
        400..=499 => (ErrorKind::InvalidResponse, "the request was refused before Payflow read it"),
        500..=599 => (ErrorKind::Unavailable, "Payflow failed to answer the request"),
        _ => (ErrorKind::InvalidResponse, "the answer is not one of Payflow's"),
    };
    let effect = match operation.safety {
        Safety::Read => Effect::None,
        _ if status.is_client_error() && status.as_u16() != 408 => reply.refusal_effect(),
        _ => Effect::Unknown,
    };
    let error = Error::new(kind, message).with_effect(effect).with_http_status(status.as_u16());
    match reply.retry_after {
        Some(wait) => error.with_retry_after(wait),
        None => error,
    }
}

/// The error of an answer that cannot be read although it came from Payflow: it may have gone through.
pub(crate) fn unreadable(operation: &Operation, message: &'static str) -> Error {
    let effect = if operation.safety == Safety::Read { Effect::None } else { Effect::Unknown };
    Error::new(ErrorKind::InvalidResponse, message).with_effect(effect)
}

/// The error of an answer with another `RESULT` than 0.
///
/// `ambiguous` says that an earlier send of the same request may have done something. Only an answer that Payflow itself
/// calls the stored one of the first request settles what became of that; any other refusal leaves it open.
pub(crate) fn from_result(operation: &Operation, transaction: Transaction, ambiguous: bool) -> Error {
    let code = codes::lookup(transaction.result);
    let (mut kind, mut effect, mut text) = match code.meaning {
        Meaning::Approved | Meaning::Held => (ErrorKind::ActionRequired, Effect::Happened, code.text),
        Meaning::Declined(..) => (ErrorKind::InvalidRequest, Effect::None, code.text),
        Meaning::Refused(kind, effect) => (kind, effect, code.text),
    };
    let message = transaction.message.as_deref().unwrap_or_default();
    match transaction.result {
        1 if codes::names_a_service(message) => {
            (kind, text) = (ErrorKind::Forbidden, "a service that the request needs is off for the account");
        }
        1 => text = "Payflow does not accept the credentials",
        _ => {}
    }
    if transaction.duplicate && effect == Effect::None && !matches!(code.meaning, Meaning::Declined(..)) {
        // Payflow repeats its first answer for ever, so the same request cannot succeed.
        (kind, text) =
            (ErrorKind::Conflict, "Payflow repeats its refusal of an earlier request: use a new key");
    }
    if operation.safety == Safety::Read {
        effect = Effect::None;
    } else if ambiguous && !transaction.duplicate && effect == Effect::None {
        effect = Effect::Unknown;
    }
    let mut error = Error::new(kind, text).with_effect(effect).with_code(transaction.result.to_string());
    if let Some(pnref) = &transaction.pnref {
        error = error.with_request_id(pnref.clone());
    }
    if let Some(message) = &transaction.message {
        error = error.with_vendor_message(message.chars().take(1000).collect::<String>());
    }
    error.with_source(PayflowError { transaction })
}
