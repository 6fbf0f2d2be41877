//! Subscription items by themselves: each change is an update of their subscription.

use serde_json::{Value, json};

use super::billing::{find_subscription, items_of};
use super::discounts::{self, DISCOUNT};
use super::error::ApiError;
use super::object::{Object, merge_metadata};
use super::page::{self, PAGE};
use super::params::{EXPAND, Field, Kind, clear, may, need};
use super::prices::{self, RECURRING_DATA};
use super::router::{Call, Outcome, Route};
use super::state::Account;
use super::subscription_updates::{Wish, carry_out, merge_items, settings_of, still_runs, work_out};
use super::tax_rates;

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
        extras: Vec::new(),
    };
    let change = work_out(call.account, before, wish)?;
    let params = call.params.clone();
    carry_out(call.account, before, change, &settings_of(&params))
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

/// A subscription item that is not stored yet, of one entry of an `items` parameter.
pub(super) fn read_item(account: &mut Account, entry: &Value, param: &str, customer: &str) -> Outcome {
    refuse(entry, param)?;
    let price = prices::resolve(account, entry, param, Some(true))?;
    let quantity = entry.get("quantity").and_then(Value::as_i64).unwrap_or(1);
    prices::check_quantity(quantity, 0, &format!("{param}[quantity]"))?;
    let mut item = json!({
        "id": format!("si_{}", account.ids.letters(14)),
        "object": "subscription_item",
        "billed_until": null,
        "billing_thresholds": null,
        "created": account.now,
        "current_period_end": 0,
        "current_period_start": 0,
        "discounts": [],
        "metadata": {},
        "quantity": quantity,
        "subscription": null,
        "tax_rates": [],
    });
    if let Some(metadata) = entry.get("metadata") {
        merge_metadata(&mut item, metadata);
    }
    set_price(&mut item, &price);
    set_terms(account, &mut item, entry, param, customer)?;
    Ok(item)
}

/// Refuses what items take and the simulator does not carry out.
pub(super) fn refuse(entry: &Value, param: &str) -> Result<(), ApiError> {
    let given = |name: &&&str| entry.get(**name).is_some_and(|value| !value.is_null());
    match ["plan", "billing_thresholds"].iter().find(given) {
        Some(name) => Err(ApiError::not_simulated(&format!("{param}[{name}]"))),
        None => Ok(()),
    }
}

/// Gives an item the tax rates and discounts of an entry. The discounts are drafts until the change is made.
pub(super) fn set_terms(
    account: &mut Account,
    item: &mut Value,
    entry: &Value,
    param: &str,
    customer: &str,
) -> Result<(), ApiError> {
    if let Some(given) = entry.get("tax_rates") {
        item.set("tax_rates", tax_rates::read(account, Some(given), &format!("{param}[tax_rates]"))?);
    }
    if let Some(given) = entry.get("discounts") {
        let chosen = discounts::read(account, Some(given), customer)?;
        let id = item.text("id").to_owned();
        item.set("discounts", discounts::draft(account, &chosen, ("subscription_item", &id), customer));
    }
    Ok(())
}

/// Gives an item its price, and the older spelling of it.
pub(super) fn set_price(item: &mut Value, price: &Value) {
    let recurring = price.at(&["recurring"]);
    item.set(
        "plan",
        json!({
            "id": price.text("id"), "object": "plan", "active": price.flag("active"),
            "amount": price.at(&["unit_amount"]), "amount_decimal": price.at(&["unit_amount_decimal"]),
            "billing_scheme": price.text("billing_scheme"), "created": price.int("created"), "currency": price.text("currency"),
            "interval": recurring.text("interval"), "interval_count": recurring.int("interval_count"),
            "livemode": false, "metadata": price.at(&["metadata"]), "meter": null,
            "nickname": price.at(&["nickname"]), "product": price.text("product"), "tiers_mode": price.at(&["tiers_mode"]),
            "transform_usage": null, "trial_period_days": null, "usage_type": "licensed",
        }),
    );
    item.set("price", price.clone());
}

/// Items of one subscription share currency and interval, and no price stands twice.
pub(super) fn check_items(items: &[Value]) -> Result<(), ApiError> {
    let Some(first) = items.first() else {
        return Err(ApiError::missing_param("items"));
    };
    if items.len() > 20 {
        return Err(ApiError::invalid("A subscription can have at most 20 items.").param("items"));
    }
    for (at, item) in items.iter().enumerate() {
        let (price, other) = (item.at(&["price"]), first.at(&["price"]));
        if price.text("currency") != other.text("currency") {
            let message = "The items of a subscription must all have the same currency.";
            return Err(ApiError::invalid(message).param("items"));
        }
        if ["interval", "interval_count"]
            .iter()
            .any(|name| price.at(&["recurring", name]) != other.at(&["recurring", name]))
        {
            return Err(ApiError::invalid(
                "Currently, all subscription items must have the same billing interval in the simulator.",
            )
            .param("items"));
        }
        if items.iter().skip(at + 1).any(|later| later.at(&["price"]).text("id") == price.text("id")) {
            let message =
                format!("Cannot add multiple subscription items with the same price: {}.", price.text("id"));
            return Err(ApiError::invalid(message).param("items"));
        }
    }
    Ok(())
}
