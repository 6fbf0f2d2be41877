//! Whether an answer of Authorize.Net's allows the request to be sent again.

use bytes::Bytes;
use http::Response;
use turnbuckle_core::http::{Processed, Verdict, default_verdict};

use crate::codes::{self, Meaning};
use crate::messages::Head;
use crate::wire::decode;

/// The longest answer that can be a plain refusal.
const LONGEST_REFUSAL: usize = 4096;

/// Judges an answer. Its status is 200 even when the server is too busy, so that the codes are read. A busy server may
/// have worked on the request all the same: users saw charges made twice after a maintenance error.
pub(crate) fn verdict(response: &Response<Bytes>) -> Verdict {
    if !response.status().is_success() {
        return default_verdict(response);
    }
    let body = response.body();
    if body.len() > LONGEST_REFUSAL || !contains(body, b"E00") {
        return Verdict::Final;
    }
    let head: Option<Head> = decode(body);
    let code = head.as_ref().and_then(|head| head.messages.code()).and_then(codes::find);
    match code.map(|code| code.meaning) {
        Some(Meaning::Unknown(_)) => Verdict::Retry { processed: Processed::Maybe, after: None },
        _ => Verdict::Final,
    }
}

fn contains(body: &[u8], word: &[u8]) -> bool {
    body.windows(word.len()).any(|window| window == word)
}
