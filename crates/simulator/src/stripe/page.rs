//! Lists: newest first, one page at a time.

use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::object::Object;
use super::params::{Field, Kind, may};
use super::router::{Call, Outcome};

pub(super) const PAGE: &[Field] = &[
    may("limit", Kind::Integer),
    may("starting_after", Kind::Text),
    may("ending_before", Kind::Text),
    may("expand", Kind::List(&Kind::Text)),
];

pub(super) fn limit(params: &Map<String, Value>) -> Result<usize, ApiError> {
    let asked = params.get("limit").and_then(Value::as_i64).unwrap_or(10);
    if asked < 1 {
        let error = ApiError::too_low("limit", 1);
        return Err(error.with(
            "message",
            format!("This value must be greater than or equal to 1 (it currently is '{asked}')."),
        ));
    }
    if asked > 100 {
        let message = format!("This value must be less than or equal to 100 (it currently is '{asked}').");
        return Err(ApiError::invalid(message).code("parameter_invalid_integer").param("limit"));
    }
    Ok(usize::try_from(asked).unwrap_or(10))
}

/// Whether an object was created within the `created` parameter's bounds.
pub(super) fn created_within(params: &Map<String, Value>, object: &Value) -> bool {
    within(params, "created", object.int("created"))
}

/// Whether a number lies within the bounds that a parameter gives.
pub(super) fn within(params: &Map<String, Value>, name: &str, created: i64) -> bool {
    match params.get(name) {
        None => true,
        Some(Value::Object(bounds)) => {
            let bound = |name: &str| bounds.get(name).and_then(Value::as_i64);
            bound("gt").is_none_or(|least| created > least)
                && bound("gte").is_none_or(|least| created >= least)
                && bound("lt").is_none_or(|most| created < most)
                && bound("lte").is_none_or(|most| created <= most)
        }
        Some(exact) => exact.as_i64() == Some(created),
    }
}

/// One page of all objects of a kind whose members in `same` equal the parameters of those names.
pub(super) fn matching(call: &Call<'_>, kind: &str, word: &str, same: &[&str], url: &str) -> Outcome {
    let fits = |row: &Value| {
        !row.flag("deleted")
            && same.iter().all(|name| call.params.get(*name).is_none_or(|wanted| row.at(&[name]) == wanted))
            && created_within(&call.params, row)
    };
    list(&call.params, call.account.newest_first(kind).into_iter().filter(fits).collect(), word, url)
}

/// `rows` newest first. `kind` is Stripe's word for the object in "No such …".
pub(super) fn list(
    params: &Map<String, Value>,
    rows: Vec<Value>,
    kind: &str,
    url: &str,
) -> Result<Value, ApiError> {
    let limit = limit(params)?;
    let cursor = |name: &str| -> Result<Option<usize>, ApiError> {
        let Some(id) = params.get(name).and_then(Value::as_str) else { return Ok(None) };
        let at = rows.iter().position(|row| row.text("id") == id);
        at.map(Some).ok_or_else(|| ApiError::missing(kind, id, name).status(400))
    };
    let (after, before) = (cursor("starting_after")?, cursor("ending_before")?);
    let (from, to, has_more) = match (after, before) {
        (Some(_), Some(_)) => {
            return Err(ApiError::invalid(
                "You cannot use both `starting_after` and `ending_before`. Please pass only one.",
            ));
        }
        (None, Some(before)) => {
            let from = before.saturating_sub(limit);
            (from, before, from > 0)
        }
        (after, None) => {
            let from = after.map_or(0, |at| at + 1);
            let to = from.saturating_add(limit).min(rows.len());
            (from, to, to < rows.len())
        }
    };
    let data: Vec<Value> = rows.into_iter().skip(from).take(to - from).collect();
    Ok(json!({ "object": "list", "url": url, "has_more": has_more, "data": data }))
}
