//! Batch ids, and what is paused or canceled under them.

use serde_json::{Value, json};

use super::error::{Answer, ApiError, Outcome};
use super::fields::{self, Field, Kind, may, must, text};
use super::lifecycle;
use super::state::Account;

const STATUS: Kind = Kind::Word(&["pause", "cancel"]);
const HOLD: &[Field] = &[must("batch_id", Kind::Text(100)), must("status", STATUS)];
const CHANGE: &[Field] = &[may("status", STATUS)];

pub(super) fn create(account: &mut Account) -> Outcome {
    let id = account.ids.letters(40);
    account.batches.insert(id.clone());
    Answer::created(json!({ "batch_id": id }))
}

pub(super) fn get(account: &Account, id: &str) -> Outcome {
    known(account, id)?;
    Answer::ok(json!({ "batch_id": id }))
}

fn known(account: &Account, id: &str) -> Result<(), ApiError> {
    if account.batches.contains(id) { Ok(()) } else { Err(ApiError::null_text(400, "invalid batch id")) }
}

fn shown(id: &str, status: &str) -> Value {
    json!({ "batch_id": id, "status": status })
}

pub(super) fn hold(account: &mut Account, body: &[u8]) -> Outcome {
    let input = fields::parse(body, HOLD, fields::plain)?;
    let (id, status) = (text(&input, "batch_id"), text(&input, "status"));
    known(account, id)?;
    if account.held.contains_key(id) {
        return Err(ApiError::field("a status is already set for this batch id", "batch_id"));
    }
    account.held.insert(id.to_owned(), status.to_owned());
    Answer::created(shown(id, status))
}

pub(super) fn list(account: &Account) -> Outcome {
    Answer::ok(account.held.iter().map(|(id, status)| shown(id, status)).collect())
}

/// An array of one, or of none while the batch is neither paused nor canceled.
pub(super) fn status(account: &Account, id: &str) -> Outcome {
    let held = account.held.get(id);
    Answer::ok(held.map(|status| shown(id, status)).into_iter().collect())
}

pub(super) fn change(account: &mut Account, id: &str, body: &[u8]) -> Outcome {
    let input = fields::parse(body, CHANGE, fields::plain)?;
    let Some(status) = account.held.get_mut(id) else {
        return Err(ApiError::null_text(404, "batch id not found"));
    };
    text(&input, "status").clone_into(status);
    if status == "cancel" {
        lifecycle::cancel(account, id);
    }
    Answer::nothing()
}

/// Lets a batch go. What was canceled when its time came is gone.
pub(super) fn release(account: &mut Account, id: &str) -> Outcome {
    if account.held.remove(id).is_none() {
        return Err(ApiError::null_text(404, "batch id not found"));
    }
    lifecycle::resume(account, id);
    Answer::nothing()
}
