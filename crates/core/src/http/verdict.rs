//! What an answer means for sending the request again.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;

/// What an answer means for sending the request again. Each provider may judge by its own headers and codes; where it
/// has nothing to say, [`default_verdict`] does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// The answer can be trusted and stands, success or refusal.
    Final,
    /// The answer stands, but it does not say whether the request took effect; sending it again would not help.
    Uncertain,
    /// The request may be sent again, as far as its safety allows.
    Retry {
        /// Whether the request may have taken effect in spite of this answer.
        processed: Processed,
        /// The least time to wait, where the provider gave it elsewhere than in `Retry-After`, which is read anyway.
        after: Option<Duration>,
    },
}

/// Whether a request that was answered with a failure may have taken effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Processed {
    /// Certainly not.
    No,
    /// It may have.
    Maybe,
}

/// Judges by the status alone.
///
/// | Status | Verdict |
/// |---|---|
/// | 429 | may be sent again, not processed |
/// | 408, 500, 502, 503, 504 | may be sent again, perhaps processed |
/// | any other 5xx | stands, uncertain |
/// | everything else | stands |
///
/// A 503 counts as perhaps processed even with a `Retry-After`: Varnish, for one, adds that header to the 503 it makes
/// up when the server behind it dies while working on the request. A provider that documents its 503 as load shedding
/// says so in a verdict of its own.
pub fn default_verdict(response: &http::Response<Bytes>) -> Verdict {
    match response.status() {
        StatusCode::TOO_MANY_REQUESTS => Verdict::Retry { processed: Processed::No, after: None },
        StatusCode::REQUEST_TIMEOUT
        | StatusCode::INTERNAL_SERVER_ERROR
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => Verdict::Retry { processed: Processed::Maybe, after: None },
        status if status.is_server_error() => Verdict::Uncertain,
        _ => Verdict::Final,
    }
}
