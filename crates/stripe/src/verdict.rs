//! Whether an answer of Stripe's allows the request to be sent again.

use bytes::Bytes;
use http::{Response, StatusCode};
use turnbuckle_core::http::{Processed, Verdict, default_verdict};

use crate::error::ErrorBody;

/// Judges an answer. `stripe-should-retry` is obeyed first; it decides whether to send again, while the status decides
/// whether the request may have taken effect.
///
/// A 409 that says the key is in use means that another request with the same key is still running: this attempt did
/// nothing, and the other one may well do it. That counts as "perhaps processed".
pub(crate) fn verdict(response: &Response<Bytes>) -> Verdict {
    let status = response.status();
    if status.is_success() {
        return Verdict::Final;
    }
    let processed = if status.is_server_error()
        || status == StatusCode::REQUEST_TIMEOUT
        || (status == StatusCode::CONFLICT && !is_settled_conflict(response))
    {
        Processed::Maybe
    } else {
        Processed::No
    };
    match (should_retry(response), processed) {
        (Some(true), processed) => Verdict::Retry { processed, after: None },
        (Some(false), Processed::Maybe) => Verdict::Uncertain,
        (Some(false), Processed::No) => Verdict::Final,
        (None, Processed::Maybe) => Verdict::Retry { processed, after: None },
        (None, Processed::No) if status == StatusCode::CONFLICT || is_rate_limit(response) => {
            Verdict::Retry { processed, after: None }
        }
        (None, Processed::No) => default_verdict(response),
    }
}

fn should_retry(response: &Response<Bytes>) -> Option<bool> {
    match response.headers().get("stripe-should-retry")?.as_bytes() {
        b"true" => Some(true),
        b"false" => Some(false),
        _ => None,
    }
}

/// A conflict that names another cause than a request under the same key.
fn is_settled_conflict(response: &Response<Bytes>) -> bool {
    code(response).is_some_and(|code| code != "idempotency_key_in_use")
}

/// Old versions answer 400 where new ones answer 429.
fn is_rate_limit(response: &Response<Bytes>) -> bool {
    response.status() == StatusCode::BAD_REQUEST && code(response).as_deref() == Some("rate_limit")
}

fn code(response: &Response<Bytes>) -> Option<String> {
    ErrorBody::parse(response.body())?.error.code
}
