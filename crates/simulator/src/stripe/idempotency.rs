//! Idempotency keys: the first answer is kept for a day and replayed.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::error::ApiError;

/// How long a key is kept, in simulated seconds.
const KEPT_FOR: u64 = 24 * 60 * 60;

#[derive(Clone, Debug)]
pub(super) struct Kept {
    path: String,
    params: Map<String, Value>,
    at: u64,
    pub(super) request_id: String,
    pub(super) status: u16,
    pub(super) body: Value,
}

/// The keys of one account.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    kept: HashMap<String, Kept>,
    running: HashSet<String>,
}

impl Ledger {
    /// The answer to replay; or nothing, when the call is to be carried out.
    pub(super) fn look_up(
        &mut self,
        key: &str,
        path: &str,
        params: &Map<String, Value>,
        now: u64,
    ) -> Result<Option<Kept>, ApiError> {
        self.kept.retain(|_, kept| kept.at.saturating_add(KEPT_FOR) > now);
        if key.len() > 255 {
            return Err(ApiError::new(
                400,
                "idempotency_error",
                "Idempotency keys can be at most 255 characters long.",
            ));
        }
        if self.running.contains(key) {
            return Err(ApiError::invalid(format!(
                "Another request with the idempotency key {key} is still running. Try again when it is done."
            ))
            .code("idempotency_key_in_use")
            .status(409));
        }
        match self.kept.get(key) {
            None => Ok(None),
            Some(kept) if kept.path == path && kept.params == *params => Ok(Some(kept.clone())),
            Some(kept) => {
                let message = if kept.path == path {
                    format!(
                        "Keys for idempotent requests can only be used with the same parameters they were first \
                         used with. Try using a key other than '{key}' if you meant to execute a different \
                         request."
                    )
                } else {
                    format!(
                        "Keys for idempotent requests can only be used for the same endpoint they were first \
                         used for ('{path}' vs '{}'). Try using a key other than '{key}' if you meant to execute \
                         a different request.",
                        kept.path
                    )
                };
                Err(ApiError::new(400, "idempotency_error", message))
            }
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "a record of one request: every part is named at the one call"
    )]
    pub(super) fn keep(
        &mut self,
        key: &str,
        path: &str,
        params: Map<String, Value>,
        at: u64,
        request_id: &str,
        status: u16,
        body: Value,
    ) {
        let kept =
            Kept { path: path.to_owned(), params, at, request_id: request_id.to_owned(), status, body };
        self.kept.insert(key.to_owned(), kept);
    }

    pub(super) fn start(&mut self, key: &str) {
        self.running.insert(key.to_owned());
    }

    pub(super) fn finish(&mut self, key: &str) {
        self.running.remove(key);
    }
}
