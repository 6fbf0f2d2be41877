//! Connected accounts, and the links that they are onboarded with.

use serde_json::{Value, json};

use super::charges;
use super::error::ApiError;
use super::object::{Object, overlay};
use super::page::{self, PAGE};
use super::params::{EXPAND, Field, Kind, clear, may, need};
use super::router::{Call, Outcome, Route};
use super::state::{Account, Across};
use super::{World, state};

const CREATE: &[Field] = &[
    may("account_token", Kind::Text),
    may(
        "business_profile",
        Kind::Hash(&[
            may("annual_revenue", Kind::Opaque),
            may("estimated_worker_count", Kind::Integer),
            may("mcc", Kind::Text),
            may(
                "minority_owned_business_designation",
                Kind::List(&Kind::OneOf(&[
                    "lgbtqi_owned_business",
                    "minority_owned_business",
                    "none_of_these_apply",
                    "prefer_not_to_answer",
                    "women_owned_business",
                ])),
            ),
            may("monthly_estimated_revenue", Kind::Opaque),
            may("name", Kind::Text),
            may("product_description", Kind::Text),
            may("support_address", Kind::Opaque),
            may("support_email", Kind::Text),
            may("support_phone", Kind::Text),
            clear("support_url", Kind::Text),
            may("url", Kind::Text),
        ]),
    ),
    may("business_type", Kind::OneOf(&["company", "government_entity", "individual", "non_profit"])),
    may("capabilities", Kind::Opaque),
    may("company", Kind::Opaque),
    may(
        "controller",
        Kind::Hash(&[
            may("fees", Kind::Hash(&[may("payer", Kind::OneOf(&["account", "application"]))])),
            may("losses", Kind::Hash(&[may("payments", Kind::OneOf(&["application", "stripe"]))])),
            may("requirement_collection", Kind::OneOf(&["application", "stripe"])),
            may("stripe_dashboard", Kind::Hash(&[may("type", Kind::OneOf(&["express", "full", "none"]))])),
        ]),
    ),
    may("country", Kind::Text),
    may("default_currency", Kind::Text),
    may("documents", Kind::Opaque),
    may("email", Kind::Text),
    may("external_account", Kind::Text),
    may("groups", Kind::Opaque),
    may("individual", Kind::Opaque),
    clear("metadata", Kind::Metadata),
    may("settings", Kind::Opaque),
    may(
        "tos_acceptance",
        Kind::Hash(&[
            may("date", Kind::Integer),
            may("ip", Kind::Text),
            may("service_agreement", Kind::Text),
            may("user_agent", Kind::Text),
        ]),
    ),
    may("type", Kind::OneOf(&["custom", "express", "standard"])),
];

const UPDATE: &[Field] = &[
    may("account_token", Kind::Text),
    may(
        "business_profile",
        Kind::Hash(&[
            may("annual_revenue", Kind::Opaque),
            may("estimated_worker_count", Kind::Integer),
            may("mcc", Kind::Text),
            may(
                "minority_owned_business_designation",
                Kind::List(&Kind::OneOf(&[
                    "lgbtqi_owned_business",
                    "minority_owned_business",
                    "none_of_these_apply",
                    "prefer_not_to_answer",
                    "women_owned_business",
                ])),
            ),
            may("monthly_estimated_revenue", Kind::Opaque),
            may("name", Kind::Text),
            may("product_description", Kind::Text),
            may("support_address", Kind::Opaque),
            may("support_email", Kind::Text),
            may("support_phone", Kind::Text),
            clear("support_url", Kind::Text),
            may("url", Kind::Text),
        ]),
    ),
    may("business_type", Kind::OneOf(&["company", "government_entity", "individual", "non_profit"])),
    may("capabilities", Kind::Opaque),
    may("company", Kind::Opaque),
    may("default_currency", Kind::Text),
    may("documents", Kind::Opaque),
    may("email", Kind::Text),
    clear("external_account", Kind::Text),
    may("groups", Kind::Opaque),
    may("individual", Kind::Opaque),
    clear("metadata", Kind::Metadata),
    may("settings", Kind::Opaque),
    may(
        "tos_acceptance",
        Kind::Hash(&[
            may("date", Kind::Integer),
            may("ip", Kind::Text),
            may("service_agreement", Kind::Text),
            may("user_agent", Kind::Text),
        ]),
    ),
];

const LIST: &[Field] = &[may("created", Kind::Range)];

const LINK: &[Field] = &[
    need("account", Kind::Text),
    may("collect", Kind::OneOf(&["currently_due", "eventually_due"])),
    may(
        "collection_options",
        Kind::Hash(&[
            may("fields", Kind::OneOf(&["currently_due", "eventually_due"])),
            may("future_requirements", Kind::OneOf(&["include", "omit"])),
        ]),
    ),
    may("refresh_url", Kind::Text),
    may("return_url", Kind::Text),
    need("type", Kind::OneOf(&["account_onboarding", "account_update"])),
];

pub(super) const ROUTES: &[Route] = &[
    Route::post("accounts", &[CREATE, &[EXPAND]], "account_write", create),
    Route::get("accounts", &[PAGE, LIST], "account_read", list),
    Route::get("accounts/*", &[&[EXPAND]], "account_read", retrieve),
    Route::post("accounts/*", &[UPDATE, &[EXPAND]], "account_write", update),
    Route::delete("accounts/*", &[], "account_write", delete),
    Route::post("accounts/*/login_links", &[&[EXPAND]], "account_write", login),
    Route::post("account_links", &[LINK, &[EXPAND]], "account_link_write", link),
];

pub(super) fn find_account(account: &Account, id: &str, param: &str) -> Outcome {
    account.get("account", id).ok_or_else(|| {
        ApiError::missing("destination", id, param).with("message", format!("No such account: '{id}'"))
    })
}

/// An account as it begins; `ready` ones were onboarded.
pub(super) fn blank(id: &str, now: u64, ready: bool) -> Value {
    let capability = if ready { "active" } else { "inactive" };
    let due: Vec<&str> = if ready {
        Vec::new()
    } else {
        vec!["business_profile.url", "external_account", "tos_acceptance.date", "tos_acceptance.ip"]
    };
    json!({
        "id": id,
        "object": "account",
        "business_profile": { "mcc": null, "name": if ready { Some("Simulated shop") } else { None }, "url": null },
        "business_type": if ready { Some("company") } else { None },
        "capabilities": { "card_payments": capability, "transfers": capability },
        "charges_enabled": ready,
        "controller": {
            "fees": { "payer": "account" }, "is_controller": true, "losses": { "payments": "stripe" },
            "requirement_collection": "stripe", "stripe_dashboard": { "type": "full" }, "type": "application",
        },
        "country": "US",
        "created": now,
        "default_currency": "usd",
        "details_submitted": ready,
        "email": if ready { Some("owner@example.com") } else { None },
        "external_accounts": { "object": "list", "data": [], "has_more": false, "total_count": 0, "url": format!("/v1/accounts/{id}/external_accounts") },
        "future_requirements": {},
        "metadata": {},
        "payouts_enabled": ready,
        "requirements": {
            "alternatives": [], "current_deadline": null, "currently_due": due, "disabled_reason": if ready { None } else { Some("requirements.past_due") },
            "errors": [], "eventually_due": due, "past_due": due, "pending_verification": [],
        },
        "settings": { "dashboard": { "display_name": "Simulated shop", "timezone": "Etc/UTC" } },
        "tos_acceptance": { "date": null, "ip": null, "user_agent": null },
        "type": "standard",
    })
}

fn platform_only(call: &Call<'_>) -> Result<(), ApiError> {
    if call.account.platform {
        return Ok(());
    }
    Err(ApiError::invalid(
        "Only a platform can work with connected accounts: leave out the Stripe-Account header.",
    )
    .status(403))
}

fn create(call: &mut Call<'_>) -> Outcome {
    platform_only(call)?;
    if call.params.contains_key("type") && call.params.contains_key("controller") {
        return Err(ApiError::invalid("You may only specify one of these parameters: controller, type."));
    }
    let id = format!("acct_1{}", call.account.ids.letters(15));
    let mut made = blank(&id, call.account.now, false);
    apply(&mut made, call);
    if call.params.contains_key("controller") {
        made.set("type", "none");
    }
    call.account.put(&made);
    call.account.across.push(Across::Open(made.clone()));
    Ok(made)
}

fn apply(object: &mut Value, call: &Call<'_>) {
    overlay(
        object,
        &call.params,
        &[
            "business_profile",
            "capabilities",
            "controller",
            "settings",
            "tos_acceptance",
            "account_token",
            "external_account",
            "default_currency",
        ],
    );
    for name in ["business_profile", "controller", "settings", "tos_acceptance"] {
        for (member, value) in call.params.get(name).and_then(Value::as_object).into_iter().flatten() {
            object.set_at(&[name, member], value.clone());
        }
    }
    for (name, wish) in call.params.get("capabilities").and_then(Value::as_object).into_iter().flatten() {
        let on = object.flag("details_submitted");
        if wish.text("requested") == "true" {
            object.set_at(&["capabilities", name], if on { "active" } else { "inactive" });
        }
    }
}

fn retrieve(call: &mut Call<'_>) -> Outcome {
    if call.id == call.account.id && call.account.platform {
        return Ok(blank(&call.id, 1_600_000_000, true));
    }
    let id = call.id.clone();
    find_account(call.account, &id, "account").map_err(|_| {
        ApiError::invalid(format!(
            "The provided key does not have access to account '{id}' (or that account does not exist). Application \
             access may have been revoked."
        ))
        .code("account_invalid")
        .status(403)
    })
}

fn update(call: &mut Call<'_>) -> Outcome {
    platform_only(call)?;
    let mut changed = retrieve(call)?;
    apply(&mut changed, call);
    call.account.put(&changed);
    call.account.across.push(Across::Change(changed.clone()));
    Ok(changed)
}

fn delete(call: &mut Call<'_>) -> Outcome {
    platform_only(call)?;
    retrieve(call)?;
    let id = call.id.clone();
    call.account.remove("account", &id);
    call.account.across.push(Across::Close(id.clone()));
    Ok(json!({ "id": id, "object": "account", "deleted": true }))
}

fn list(call: &mut Call<'_>) -> Outcome {
    page::matching(call, "account", "account", &[], "/v1/accounts")
}

fn link(call: &mut Call<'_>) -> Outcome {
    platform_only(call)?;
    let id = call.text("account").unwrap_or_default().to_owned();
    let found = find_account(call.account, &id, "account").map_err(|error| error.status(400))?;
    if call.text("type") == Some("account_update") && !found.flag("details_submitted") {
        let message =
            "You cannot create `account_update` type Account Links for accounts that are not onboarded.";
        return Err(ApiError::invalid(message).param("type"));
    }
    for name in ["refresh_url", "return_url"] {
        if call.text(name).is_none() {
            return Err(ApiError::missing_param(name));
        }
    }
    let secret = call.account.ids.letters(24);
    Ok(json!({
        "object": "account_link",
        "created": call.account.now,
        "expires_at": call.account.now + 300,
        "url": format!("https://connect.stripe.com/setup/s/{id}/{secret}"),
    }))
}

fn login(call: &mut Call<'_>) -> Outcome {
    platform_only(call)?;
    let found = retrieve(call)?;
    let express = found.text("type") == "express"
        || found.at(&["controller", "stripe_dashboard"]).text("type") == "express";
    if !express || !found.flag("details_submitted") {
        return Err(ApiError::invalid(
            "Cannot create a login link for an account that is not an Express account, or not onboarded.",
        )
        .while_working());
    }
    let secret = call.account.ids.letters(24);
    Ok(json!({
        "object": "login_link", "created": call.account.now,
        "url": format!("https://connect.stripe.com/express/{}/{secret}", call.id),
    }))
}

/// The account's owner answered every question.
pub(super) fn onboard(world: &mut World, id: &str) -> Option<Value> {
    let platform = world.platform.clone();
    let found = world.accounts.get(&platform)?.get("account", id)?;
    let ready = blank(id, 0, true);
    let mut changed = found;
    for name in ["charges_enabled", "details_submitted", "payouts_enabled", "requirements"] {
        changed.set(name, ready.at(&[name]).clone());
    }
    let names: Vec<String> = changed
        .at(&["capabilities"])
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.clone())
        .collect();
    for name in names {
        changed.set_at(&["capabilities", &name], "active");
    }
    let account = world.accounts.get_mut(&platform)?;
    account.put(&changed);
    account.across.push(Across::Change(changed.clone()));
    reach_across(world, &platform);
    Some(changed)
}

/// Carries out what a request did to other accounts.
pub(super) fn reach_across(world: &mut World, from: &str) {
    let now = world.clock.unix();
    let Some(account) = world.accounts.get_mut(from) else { return };
    for step in std::mem::take(&mut account.across) {
        match step {
            Across::Open(object) => {
                let id = object.text("id").to_owned();
                let seed = world.seed.wrapping_add(1 + world.accounts.len() as u64);
                let mut opened =
                    state::Account::new(id.clone(), false, seed, world.raw_cards, world.search_lag);
                opened.put(&object);
                world.accounts.insert(id, opened);
            }
            Across::Change(object) => {
                let Some(other) = world.accounts.get_mut(object.text("id")) else { continue };
                other.now = now;
                let before = other.get("account", object.text("id")).unwrap_or_default();
                other.save_changed(&before, &object, "account.updated");
            }
            Across::Close(id) => {
                world.accounts.remove(&id);
            }
            Across::Book(id, mut payment, kind) => {
                let Some(other) = world.accounts.get_mut(&id) else { continue };
                other.now = now;
                let amount = payment.int("amount");
                let entry = charges::book(other, &payment, amount, kind, true);
                payment.set("balance_transaction", entry.text("id"));
                if amount > 0 {
                    other.save(&payment, "payment.created");
                }
            }
        }
    }
}
