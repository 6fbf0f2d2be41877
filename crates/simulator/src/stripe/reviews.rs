//! Reviews: payments that a person has to look at.

use serde_json::Value;

use super::error::ApiError;
use super::object::Object;
use super::page::{self, PAGE};
use super::params::{EXPAND, Field, Kind, may};
use super::router::{Call, Outcome, Route};

const LIST: &[Field] = &[may("created", Kind::Range)];

pub(super) const ROUTES: &[Route] = &[
    Route::get("reviews", &[PAGE, LIST], "review_read", list),
    Route::get("reviews/*", &[&[EXPAND]], "review_read", retrieve),
    Route::post("reviews/*/approve", &[&[EXPAND]], "review_write", approve),
];

fn retrieve(call: &mut Call<'_>) -> Outcome {
    call.account.get("review", &call.id).ok_or_else(|| ApiError::missing("review", &call.id, "review"))
}

fn approve(call: &mut Call<'_>) -> Outcome {
    let mut review = retrieve(call)?;
    if !review.flag("open") {
        return Err(ApiError::invalid("This review is already closed.").while_working());
    }
    review.set("open", false);
    review.set("reason", "approved");
    review.set("closed_reason", "approved");
    for (kind, member) in [("charge", "charge"), ("payment_intent", "payment_intent")] {
        if let Some(mut held) = call.account.get(kind, review.text(member)) {
            held.set("review", Value::Null);
            call.account.put(&held);
        }
    }
    call.account.save(&review, "review.closed");
    Ok(review)
}

fn list(call: &mut Call<'_>) -> Outcome {
    // Only those that wait for somebody.
    let rows = call.account.newest_first("review").into_iter();
    let rows = rows.filter(|row| row.flag("open") && page::created_within(&call.params, row));
    page::list(&call.params, rows.collect(), "review", "/v1/reviews")
}
