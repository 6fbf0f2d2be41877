//! Webhook endpoints: where events go, each signed with its endpoint's own secret.

use serde_json::{Value, json};

use super::error::ApiError;
use super::object::{Object, overlay};
use super::page::{self, PAGE};
use super::params::{EXPAND, Field, Kind, clear, may, need};
use super::router::{Call, Outcome, Route};
use super::state::Account;

const CREATE: &[Field] = &[
    may("api_version", Kind::Text),
    may("connect", Kind::Boolean),
    clear("description", Kind::Text),
    need("enabled_events", Kind::List(&Kind::Text)),
    clear("metadata", Kind::Metadata),
    need("url", Kind::Text),
];

const UPDATE: &[Field] = &[
    clear("description", Kind::Text),
    may("disabled", Kind::Boolean),
    may("enabled_events", Kind::List(&Kind::Text)),
    clear("metadata", Kind::Metadata),
    may("url", Kind::Text),
];

pub(super) const ROUTES: &[Route] = &[
    Route::post("webhook_endpoints", &[CREATE, &[EXPAND]], "webhook_write", create),
    Route::get("webhook_endpoints", &[PAGE], "webhook_read", list),
    Route::get("webhook_endpoints/*", &[&[EXPAND]], "webhook_read", retrieve),
    Route::post("webhook_endpoints/*", &[UPDATE, &[EXPAND]], "webhook_write", update),
    Route::delete("webhook_endpoints/*", &[], "webhook_write", delete),
];

const KIND: &str = "webhook_endpoint";

fn check(call: &Call<'_>) -> Result<(), ApiError> {
    if let Some(url) = call.text("url")
        && !(url.starts_with("https://") || url.starts_with("http://"))
    {
        let message = "Invalid URL: An explicit scheme (such as https) must be provided.";
        return Err(ApiError::invalid(message).code("url_invalid").param("url"));
    }
    let named = call.params.get("enabled_events").and_then(Value::as_array);
    if named.is_some_and(Vec::is_empty) {
        return Err(ApiError::missing_param("enabled_events"));
    }
    Ok(())
}

fn create(call: &mut Call<'_>) -> Outcome {
    check(call)?;
    let living = call.account.newest_first(KIND).len();
    if living >= 16 {
        return Err(
            ApiError::invalid("You have reached the maximum of 16 test webhook endpoints.").while_working()
        );
    }
    let id = format!("we_1{}", call.account.ids.letters(23));
    let secret = format!("whsec_{}", call.account.ids.letters(32));
    let mut endpoint = json!({
        "id": id,
        "object": KIND,
        "api_version": null,
        "application": null,
        "created": call.account.now,
        "description": null,
        "livemode": false,
        "metadata": {},
        "status": "enabled",
    });
    overlay(&mut endpoint, &call.params, &["connect"]);
    call.account.note(&id, "secret", secret.clone());
    call.account.note(&id, "connect", call.flag("connect"));
    call.account.put(&endpoint);
    // Told this once, and never again.
    endpoint.set("secret", secret);
    Ok(endpoint)
}

fn retrieve(call: &mut Call<'_>) -> Outcome {
    call.account.get(KIND, &call.id).ok_or_else(|| ApiError::missing("webhook endpoint", &call.id, KIND))
}

fn update(call: &mut Call<'_>) -> Outcome {
    check(call)?;
    let mut endpoint = retrieve(call)?;
    overlay(&mut endpoint, &call.params, &["disabled"]);
    if let Some(off) = call.params.get("disabled").and_then(Value::as_bool) {
        endpoint.set("status", if off { "disabled" } else { "enabled" });
    }
    call.account.put(&endpoint);
    Ok(endpoint)
}

fn delete(call: &mut Call<'_>) -> Outcome {
    retrieve(call)?;
    let id = call.id.clone();
    call.account.remove(KIND, &id);
    Ok(json!({ "id": id, "object": KIND, "deleted": true }))
}

fn list(call: &mut Call<'_>) -> Outcome {
    page::matching(call, KIND, "webhook endpoint", &[], "/v1/webhook_endpoints")
}

/// Address and secret of every endpoint that wants an event. The platform's hear of connected accounts' events
/// when they were made with `connect`, and then of those only.
pub(super) fn targets(account: &Account, event: &Value) -> Vec<(String, String)> {
    let kind = event.text("type");
    let foreign = !event.text("account").is_empty() && event.text("account") != account.id;
    let wants = |endpoint: &Value| {
        let named = endpoint.at(&["enabled_events"]).as_array();
        let named = named
            .is_some_and(|all| all.iter().filter_map(Value::as_str).any(|name| name == "*" || name == kind));
        let connect = account.noted(endpoint.text("id"), "connect").as_bool().unwrap_or_default();
        named && endpoint.text("status") == "enabled" && connect == foreign
    };
    let living = account.newest_first(KIND).into_iter().rev().filter(wants);
    living
        .map(|endpoint| {
            let secret = account.noted(endpoint.text("id"), "secret").as_str().unwrap_or_default();
            (endpoint.text("url").to_owned(), secret.to_owned())
        })
        .collect()
}
