//! Subscription items by themselves: each change is an update of their subscription.

use serde_json::{Value, json};

use super::billing::{find_subscription, items_of};
use super::discounts::DISCOUNT;
use super::error::ApiError;
use super::object::Object;
use super::page::{self, PAGE};
use super::params::{EXPAND, Field, Kind, clear, may, need};
use super::prices::RECURRING_DATA;
use super::router::{Call, Outcome, Route};
use super::state::Account;
use super::subscription_updates::{Wish, carry_out, merge_items, settings_of, still_runs, work_out};

const CREATE: &[Field] = &[
    clear("billing_thresholds", Kind::Opaque),
    clear("discounts", Kind::List(&Kind::Hash(DISCOUNT))),
    may("metadata", Kind::Metadata),
    may(
        "payment_behavior",
        Kind::OneOf(&[
            "allow_incomplete",
            "default_incomplete",
            "error_if_incomplete",
            "pending_if_incomplete",
        ]),
    ),
    may("plan", Kind::Text),
    may("price", Kind::Text),
    may("price_data", Kind::Hash(RECURRING_DATA)),
    may("proration_behavior", Kind::OneOf(&["always_invoice", "create_prorations", "none"])),
    may("proration_date", Kind::Integer),
    may("quantity", Kind::Integer),
    need("subscription", Kind::Text),
    clear("tax_rates", Kind::List(&Kind::Text)),
];

const UPDATE: &[Field] = &[
    clear("billing_thresholds", Kind::Opaque),
    clear("discounts", Kind::List(&Kind::Hash(DISCOUNT))),
    clear("metadata", Kind::Metadata),
    may("off_session", Kind::Boolean),
    may(
        "payment_behavior",
        Kind::OneOf(&[
            "allow_incomplete",
            "default_incomplete",
            "error_if_incomplete",
            "pending_if_incomplete",
        ]),
    ),
    may("plan", Kind::Text),
    may("price", Kind::Text),
    may("price_data", Kind::Hash(RECURRING_DATA)),
    may("proration_behavior", Kind::OneOf(&["always_invoice", "create_prorations", "none"])),
    may("proration_date", Kind::Integer),
    may("quantity", Kind::Integer),
    clear("tax_rates", Kind::List(&Kind::Text)),
];

const DELETE: &[Field] = &[
    may("clear_usage", Kind::Boolean),
    may(
        "payment_behavior",
        Kind::OneOf(&[
            "allow_incomplete",
            "default_incomplete",
            "error_if_incomplete",
            "pending_if_incomplete",
        ]),
    ),
    may("proration_behavior", Kind::OneOf(&["always_invoice", "create_prorations", "none"])),
    may("proration_date", Kind::Integer),
];

const LIST: &[Field] = &[need("subscription", Kind::Text)];

pub(super) const ROUTES: &[Route] = &[
    Route::post("subscription_items", &[CREATE, &[EXPAND]], "subscription_write", create),
    Route::get("subscription_items", &[PAGE, LIST], "subscription_read", list),
    Route::get("subscription_items/*", &[&[EXPAND]], "subscription_read", retrieve),
    Route::post("subscription_items/*", &[UPDATE, &[EXPAND]], "subscription_write", update),
    Route::delete("subscription_items/*", &[DELETE], "subscription_write", delete),
];

/// An item and its subscription.
fn find(account: &Account, id: &str) -> Result<(Value, Value), ApiError> {
    let mut all = account.newest_first("subscription").into_iter();
    all.find_map(|subscription| {
        let item = items_of(&subscription).into_iter().find(|item| item.text("id") == id)?;
        Some((item, subscription))
    })
    .ok_or_else(|| ApiError::missing("subscription item", id, "item"))
}

fn change(call: &mut Call<'_>, before: &Value, entry: Value) -> Outcome {
    still_runs(before)?;
    let items = merge_items(call.account, before, &[entry])?;
    let wish = Wish {
        items: Some(items),
        anchor_now: false,
        trial_end: None,
        prorates: call.text("proration_behavior") != Some("none"),
        proration_date: call.int("proration_date"),
    };
    let change = work_out(call.account, before, wish)?;
    let params = call.params.clone();
    carry_out(call.account, before, change, settings_of(&params))
}

fn create(call: &mut Call<'_>) -> Outcome {
    let id = call.text("subscription").unwrap_or_default().to_owned();
    let before = find_subscription(call.account, &id, "subscription").map_err(|error| error.status(400))?;
    let known: Vec<String> = items_of(&before).iter().map(|item| item.text("id").to_owned()).collect();
    let mut entry = Value::Object(call.params.clone());
    entry.set("id", Value::Null);
    let after = change(call, &before, entry)?;
    let made = |item: &Value| !known.iter().any(|id| id == item.text("id"));
    // A pending update does not have its item yet.
    Ok(items_of(&after).into_iter().find(made).unwrap_or_default())
}

fn retrieve(call: &mut Call<'_>) -> Outcome {
    find(call.account, &call.id).map(|(item, _)| item)
}

fn update(call: &mut Call<'_>) -> Outcome {
    let (_, before) = find(call.account, &call.id)?;
    let mut entry = Value::Object(call.params.clone());
    entry.set("id", call.id.clone());
    let after = change(call, &before, entry)?;
    let id = call.id.clone();
    Ok(items_of(&after).into_iter().find(|item| item.text("id") == id).unwrap_or_default())
}

fn delete(call: &mut Call<'_>) -> Outcome {
    let (_, before) = find(call.account, &call.id)?;
    if items_of(&before).len() == 1 {
        return Err(ApiError::invalid(
            "A subscription must have at least one active item. To cancel it, delete the subscription itself.",
        )
        .while_working());
    }
    let entry = json!({ "id": call.id, "deleted": true });
    change(call, &before, entry)?;
    Ok(json!({ "id": call.id, "object": "subscription_item", "deleted": true }))
}

fn list(call: &mut Call<'_>) -> Outcome {
    let id = call.text("subscription").unwrap_or_default();
    let subscription =
        find_subscription(call.account, id, "subscription").map_err(|error| error.status(400))?;
    let mut rows = items_of(&subscription);
    rows.reverse();
    page::list(&call.params, rows, "subscription item", "/v1/subscription_items")
}
