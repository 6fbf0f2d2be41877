//! `expand[]`: ids in a response become the objects they name.

use http::Method;
use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::object::Object;
use super::state::Account;

/// Which members of an object can be expanded, and into what.
fn target(object: &str, member: &str) -> Option<&'static str> {
    Some(match (object, member) {
        ("payment_intent", "latest_charge")
        | ("refund" | "review", "charge")
        | ("balance_transaction", "source") => "charge",
        ("payment_intent" | "setup_intent", "payment_method")
        | ("invoice_settings", "default_payment_method") => "payment_method",
        ("payment_intent" | "setup_intent" | "charge" | "payment_method", "customer") => "customer",
        ("payment_intent" | "charge", "review") => "review",
        ("charge" | "refund" | "review", "payment_intent") => "payment_intent",
        ("charge" | "refund", "balance_transaction" | "failure_balance_transaction") => "balance_transaction",
        ("charge", "refunds") => "refunds",
        ("setup_intent", "latest_attempt") => "setup_attempt",
        ("setup_intent", "mandate" | "single_use_mandate") => "mandate",
        ("charge", "application_fee") => "application_fee",
        ("charge", "transfer" | "source_transfer") => "transfer",
        ("payment_intent" | "charge" | "setup_intent", "application") => "application",
        ("payment_intent" | "charge" | "setup_intent", "on_behalf_of") | ("transfer_data", "destination") => {
            "account"
        }
        ("customer", "default_source" | "test_clock") => "source",
        _ => return None,
    })
}

/// Refuses paths that lead nowhere before the endpoint does anything. `path` is the route's.
pub(super) fn check(method: &Method, path: &str, params: &Map<String, Value>) -> Result<(), ApiError> {
    for (index, expansion) in paths(params) {
        let param = format!("expand[{index}]");
        let steps: Vec<&str> = expansion.split('.').collect();
        if steps.len() > 4 {
            let message =
                format!("You cannot expand more than 4 levels of a property. Property: {expansion}");
            return Err(ApiError::invalid(message).param(&param));
        }
        let (kind, listed) = answer_of(method, path);
        let steps = match steps.split_first() {
            Some((first, rest)) if listed && *first == "data" => Ok(rest),
            Some((first, _)) if listed => Err(*first),
            _ => Ok(steps.as_slice()),
        };
        steps.and_then(|steps| follow(kind, steps)).map_err(|step| {
            ApiError::invalid(format!("This property cannot be expanded ({step}).")).param(&param)
        })?;
    }
    Ok(())
}

/// What a route answers with, and whether in a list.
fn answer_of(method: &Method, path: &str) -> (&'static str, bool) {
    let parts: Vec<&str> = path.split('/').collect();
    let last = parts.last().copied().unwrap_or_default();
    let nested = matches!((path, last), (_, "refunds" | "payment_methods"));
    let kind = match if nested { last } else { parts.first().copied().unwrap_or_default() } {
        "payment_intents" => "payment_intent",
        "setup_intents" => "setup_intent",
        "customers" => "customer",
        "payment_methods" => "payment_method",
        "refunds" => "refund",
        "charges" => "charge",
        "balance_transactions" => "balance_transaction",
        _ => "",
    };
    let listed =
        method == Method::GET && (last == "search" || nested || (parts.len() == 1 && last.ends_with('s')));
    (kind, listed)
}

fn follow<'a>(kind: &str, steps: &[&'a str]) -> Result<(), &'a str> {
    let Some((step, rest)) = steps.split_first() else { return Ok(()) };
    if let Some(into) = target(kind, step) {
        return match (into, rest.split_first()) {
            ("refunds", Some((&"data", rest))) => follow("refund", rest),
            ("refunds", Some((step, _))) => Err(step),
            _ => follow(into, rest),
        };
    }
    match (kind, *step) {
        // A plain hash on the way.
        ("payment_intent" | "charge", "transfer_data") if !rest.is_empty() => follow("transfer_data", rest),
        ("customer", "invoice_settings") if !rest.is_empty() => follow("invoice_settings", rest),
        _ => Err(step),
    }
}

fn paths(params: &Map<String, Value>) -> impl Iterator<Item = (usize, &str)> {
    let listed = params.get("expand").and_then(Value::as_array);
    listed.into_iter().flatten().filter_map(Value::as_str).enumerate()
}

/// Expands what [`check`] let through.
pub(super) fn expand(account: &Account, answer: &mut Value, params: &Map<String, Value>) {
    for (_, path) in paths(params) {
        let steps: Vec<&str> = path.split('.').collect();
        walk(account, answer, &steps, "");
    }
}

fn walk(account: &Account, here: &mut Value, steps: &[&str], owner: &str) {
    let Some((step, rest)) = steps.split_first() else { return };
    let kind = if here.text("object").is_empty() { owner.to_owned() } else { here.text("object").to_owned() };
    if matches!(kind.as_str(), "list" | "search_result") && *step == "data" {
        for row in here.get_mut("data").and_then(Value::as_array_mut).into_iter().flatten() {
            walk(account, row, rest, "");
        }
        return;
    }
    match target(&kind, step) {
        Some("refunds") => {
            let id = here.text("id").to_owned();
            let rows = account.newest_first("refund").into_iter().filter(|row| row.text("charge") == id);
            let rows: Vec<Value> = rows.collect();
            let url = format!("/v1/charges/{id}/refunds");
            here.set("refunds", json!({ "object": "list", "data": rows, "has_more": false, "url": url }));
        }
        Some(into) => {
            let found = here.get(step).and_then(Value::as_str).and_then(|id| {
                // A transaction's source may be a charge or a refund: the id's own prefix decides.
                if id.starts_with("re_") { account.get("refund", id) } else { account.get(into, id) }
            });
            if let Some(found) = found {
                here.set(step, found);
            }
        }
        None => {}
    }
    if let Some(next) = here.get_mut(step) {
        walk(account, next, rest, step);
    }
}
