//! The billing portal: sessions and configurations. Nobody visits it here.

use serde_json::{Value, json};

use super::customers::find_customer;
use super::error::ApiError;
use super::object::{Object, overlay};
use super::page::{self, PAGE};
use super::params::{EXPAND, Field, Kind, clear, may, need};
use super::router::{Call, Outcome, Route};
use super::state::Account;

const KIND: &str = "billing_portal.configuration";

const CREATE: &[Field] = &[
    may("configuration", Kind::Text),
    may("customer", Kind::Text),
    may("customer_account", Kind::Text),
    may(
        "flow_data",
        Kind::Hash(&[
            may("after_completion", Kind::Opaque),
            may("subscription_cancel", Kind::Opaque),
            may("subscription_update", Kind::Opaque),
            may("subscription_update_confirm", Kind::Opaque),
            need(
                "type",
                Kind::OneOf(&[
                    "payment_method_update",
                    "subscription_cancel",
                    "subscription_update",
                    "subscription_update_confirm",
                ]),
            ),
        ]),
    ),
    may("locale", Kind::Text),
    may("on_behalf_of", Kind::Text),
    may("return_url", Kind::Text),
];

const CONFIGURE: &[Field] = &[
    may(
        "business_profile",
        Kind::Hash(&[
            clear("headline", Kind::Text),
            may("privacy_policy_url", Kind::Text),
            may("terms_of_service_url", Kind::Text),
        ]),
    ),
    clear("default_return_url", Kind::Text),
    need("features", Kind::Opaque),
    may("login_page", Kind::Hash(&[need("enabled", Kind::Boolean)])),
    may("metadata", Kind::Metadata),
    clear("name", Kind::Text),
];

const RECONFIGURE: &[Field] = &[
    may("active", Kind::Boolean),
    may(
        "business_profile",
        Kind::Hash(&[
            clear("headline", Kind::Text),
            clear("privacy_policy_url", Kind::Text),
            clear("terms_of_service_url", Kind::Text),
        ]),
    ),
    clear("default_return_url", Kind::Text),
    may("features", Kind::Opaque),
    may("login_page", Kind::Hash(&[need("enabled", Kind::Boolean)])),
    clear("metadata", Kind::Metadata),
    clear("name", Kind::Text),
];

const LIST: &[Field] = &[may("active", Kind::Boolean), may("is_default", Kind::Boolean)];

pub(super) const ROUTES: &[Route] = &[
    Route::post("billing_portal/sessions", &[CREATE, &[EXPAND]], "customer_portal_write", create),
    Route::post("billing_portal/configurations", &[CONFIGURE, &[EXPAND]], "customer_portal_write", configure),
    Route::get("billing_portal/configurations", &[PAGE, LIST], "customer_portal_read", list),
    Route::get("billing_portal/configurations/*", &[&[EXPAND]], "customer_portal_read", retrieve),
    Route::post(
        "billing_portal/configurations/*",
        &[RECONFIGURE, &[EXPAND]],
        "customer_portal_write",
        change,
    ),
];

fn find(account: &Account, id: &str) -> Outcome {
    account.get(KIND, id).ok_or_else(|| ApiError::missing("configuration", id, "configuration"))
}

fn blank(account: &mut Account, is_default: bool) -> Value {
    json!({
        "id": format!("bpc_1{}", account.ids.letters(23)),
        "object": KIND,
        "active": true,
        "application": null,
        "business_profile": { "headline": null, "privacy_policy_url": null, "terms_of_service_url": null },
        "created": account.now,
        "default_return_url": null,
        "features": {},
        "is_default": is_default,
        "livemode": false,
        "login_page": { "enabled": false, "url": null },
        "metadata": {},
        "name": null,
        "updated": account.now,
    })
}

/// The configuration of the dashboard, which is there when it is first asked for.
fn default(account: &mut Account) -> Value {
    let known = account.newest_first(KIND).into_iter().find(|found| found.flag("is_default"));
    known.unwrap_or_else(|| {
        let made = blank(account, true);
        account.put(&made);
        made
    })
}

fn create(call: &mut Call<'_>) -> Outcome {
    let customer = call.text("customer").ok_or_else(|| ApiError::missing_param("customer"))?.to_owned();
    find_customer(call.account, &customer, "customer").map_err(|error| error.status(400))?;
    let configuration = match call.text("configuration") {
        Some(id) => find(call.account, id).map_err(|error| error.status(400))?,
        None => default(call.account),
    };
    if !configuration.flag("active") {
        let message = "The configuration is not active.";
        return Err(ApiError::invalid(message).param("configuration"));
    }
    let secret = call.account.ids.letters(40);
    Ok(json!({
        "id": format!("bps_1{}", call.account.ids.letters(23)),
        "object": "billing_portal.session",
        "configuration": configuration.text("id"),
        "created": call.account.now,
        "customer": customer,
        "customer_account": null,
        "flow": call.params.get("flow_data"),
        "livemode": false,
        "locale": call.text("locale"),
        "on_behalf_of": call.text("on_behalf_of"),
        "return_url": call.text("return_url"),
        "url": format!("https://billing.stripe.com/p/session/test_{secret}"),
    }))
}

fn configure(call: &mut Call<'_>) -> Outcome {
    if call.params.get("features").and_then(Value::as_object).is_none_or(serde_json::Map::is_empty) {
        return Err(ApiError::missing_param("features"));
    }
    let mut made = blank(call.account, false);
    overlay(&mut made, &call.params, &[]);
    call.account.save(&made, "billing_portal.configuration.created");
    Ok(made)
}

fn retrieve(call: &mut Call<'_>) -> Outcome {
    find(call.account, &call.id)
}

fn change(call: &mut Call<'_>) -> Outcome {
    let before = find(call.account, &call.id)?;
    if before.flag("is_default") && call.params.get("active") == Some(&Value::Bool(false)) {
        return Err(ApiError::invalid("The default configuration cannot be deactivated.").param("active"));
    }
    let mut changed = before.clone();
    overlay(&mut changed, &call.params, &[]);
    changed.set("updated", call.account.now);
    call.account.save_changed(&before, &changed, "billing_portal.configuration.updated");
    Ok(changed)
}

fn list(call: &mut Call<'_>) -> Outcome {
    default(call.account);
    page::matching(
        call,
        KIND,
        "configuration",
        &["active", "is_default"],
        "/v1/billing_portal/configurations",
    )
}
