//! `expand[]`: ids in a response become the objects they name.

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
        ("payment_intent" | "setup_intent", "payment_method") | ("customer", "default_payment_method") => {
            "payment_method"
        }
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

pub(super) fn expand(
    account: &Account,
    answer: &mut Value,
    params: &Map<String, Value>,
) -> Result<(), ApiError> {
    let Some(paths) = params.get("expand").and_then(Value::as_array) else { return Ok(()) };
    for (index, path) in paths.iter().filter_map(Value::as_str).enumerate() {
        let steps: Vec<&str> = path.split('.').collect();
        if steps.len() > 4 {
            let message = format!("You cannot expand more than 4 levels of a property. Property: {path}");
            return Err(ApiError::invalid(message).param(&format!("expand[{index}]")));
        }
        walk(account, answer, &steps, "").map_err(|step| {
            let message = format!("This property cannot be expanded ({step}).");
            ApiError::invalid(message).param(&format!("expand[{index}]"))
        })?;
    }
    Ok(())
}

fn walk(account: &Account, here: &mut Value, steps: &[&str], owner: &str) -> Result<(), String> {
    let Some((step, rest)) = steps.split_first() else { return Ok(()) };
    let kind = if here.text("object").is_empty() { owner.to_owned() } else { here.text("object").to_owned() };
    if matches!(kind.as_str(), "list" | "search_result") && *step == "data" {
        let Some(rows) = here.get_mut("data").and_then(Value::as_array_mut) else { return Ok(()) };
        return rows.iter_mut().try_for_each(|row| walk(account, row, rest, ""));
    }
    let Some(into) = target(&kind, step) else {
        // `transfer_data.destination`: a plain hash on the way.
        return match here.get_mut(step) {
            Some(next) if next.is_object() && !rest.is_empty() => {
                let owner = if *step == "invoice_settings" { "customer" } else { step };
                walk(account, next, rest, owner)
            }
            Some(Value::Null) if !rest.is_empty() => Ok(()),
            _ => Err((*step).to_owned()),
        };
    };
    if into == "refunds" {
        let id = here.text("id").to_owned();
        let rows = account.newest_first("refund").into_iter().filter(|row| row.text("charge") == id);
        let rows: Vec<Value> = rows.collect();
        let url = format!("/v1/charges/{id}/refunds");
        here.set("refunds", json!({ "object": "list", "data": rows, "has_more": false, "url": url }));
    } else if let Some(found) = here.get(step).and_then(Value::as_str).and_then(|id| {
        // A transaction's source may be a charge or a refund: the id's own prefix decides.
        if id.starts_with("re_") { account.get("refund", id) } else { account.get(into, id) }
    }) {
        here.set(step, found);
    }
    match here.get_mut(step) {
        Some(next) if next.is_object() => walk(account, next, rest, ""),
        _ => Ok(()),
    }
}
