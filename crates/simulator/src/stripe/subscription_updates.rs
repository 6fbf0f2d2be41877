//! What changes a subscription from outside.

use serde_json::{Map, Value, json};

use super::billing::{
    self, find_subscription, is_over, items_of, period_at, period_of, put_items, set_period,
};
use super::discounts;
use super::error::ApiError;
use super::invoice_life;
use super::invoice_payments::{self, check_owner};
use super::invoices::refuse;
use super::object::{Object, merge_metadata};
use super::params::EXPAND;
use super::prices;
use super::router::{Call, Outcome, Route};
use super::state::{Account, Later};
use super::subscription_fields::{REFUSED, UPDATE};
use super::subscription_items::{self, check_items, read_item, set_price, set_terms};
use super::subscriptions::{apply, fix_cancel_at, read_extras, read_taxes};
use super::{invoice_items, invoice_lines, proration};

pub(super) const ROUTES: &[Route] =
    &[Route::post("subscriptions/*", &[UPDATE, &[EXPAND]], "subscription_write", update)];

/// With `pending_if_incomplete` nothing else may be asked for, since the rest could not wait.
const MAY_WAIT: &[&str] = &[
    "billing_cycle_anchor",
    "expand",
    "items",
    "off_session",
    "payment_behavior",
    "proration_behavior",
    "proration_date",
    "trial_end",
];

/// The items as an `items` parameter changes them.
pub(super) fn merge_items(
    account: &mut Account,
    subscription: &Value,
    entries: &[Value],
) -> Result<Vec<Value>, ApiError> {
    let mut items = items_of(subscription);
    let period = period_of(subscription);
    let customer = subscription.text("customer");
    for (at, entry) in entries.iter().enumerate() {
        let param = format!("items[{at}]");
        let id = entry.text("id");
        if id.is_empty() {
            let mut item = read_item(account, entry, &param, customer)?;
            item.set("subscription", subscription.text("id"));
            item.set("current_period_start", period.0);
            item.set("current_period_end", period.1);
            items.push(item);
            continue;
        }
        let place = items.iter().position(|item| item.text("id") == id);
        let place = place
            .ok_or_else(|| ApiError::missing("subscription item", id, &format!("{param}[id]")).status(400))?;
        if entry.flag("deleted") {
            items.remove(place);
            continue;
        }
        subscription_items::refuse(entry, &param)?;
        let Some(item) = items.get_mut(place) else { continue };
        set_terms(account, item, entry, &param, customer)?;
        if entry.get("price").is_some() || entry.get("price_data").is_some() {
            let price = prices::resolve(account, entry, &param, Some(true))?;
            set_price(item, &price);
        }
        if let Some(quantity) = entry.get("quantity").and_then(Value::as_i64) {
            prices::check_quantity(quantity, 0, &format!("{param}[quantity]"))?;
            item.set("quantity", quantity);
        }
        if let Some(metadata) = entry.get("metadata") {
            merge_metadata(item, metadata);
        }
    }
    check_items(&items)?;
    Ok(items)
}

fn interval_of(items: &[Value]) -> Value {
    let first = items.first().cloned().unwrap_or_default();
    json!([
        first.at(&["price", "recurring", "interval"]),
        first.at(&["price", "recurring", "interval_count"])
    ])
}

/// A change of items or dates, worked out and not carried out yet.
pub(super) struct Change {
    /// The subscription afterwards.
    pub(super) after: Value,
    /// Prorations.
    pub(super) parts: Vec<Value>,
    /// One-off amounts for the next invoice.
    pub(super) extras: Vec<Value>,
    /// A new period begins now, and is charged now.
    pub(super) restarts: bool,
}

/// What to change of a subscription's items and dates.
pub(super) struct Wish<'a> {
    pub(super) items: Option<Vec<Value>>,
    pub(super) anchor_now: bool,
    /// `now`, or a time.
    pub(super) trial_end: Option<&'a Value>,
    pub(super) prorates: bool,
    pub(super) proration_date: Option<i64>,
    /// One-off amounts for the next invoice.
    pub(super) extras: Vec<Value>,
}

pub(super) fn work_out(account: &mut Account, before: &Value, wish: Wish<'_>) -> Result<Change, ApiError> {
    let now = account.time();
    let mut after = before.clone();
    let old = items_of(before);
    let (start, end) = period_of(before);
    let at = wish.proration_date.unwrap_or(now);
    // The period of a paused subscription is over: what is prorated there is nothing.
    if wish.proration_date.is_some_and(|at| at < start || at > end) {
        let message = "Cannot specify proration_date outside of the current billing period.";
        return Err(ApiError::invalid(message)
            .code("subscription_proration_date_outside_period")
            .param("proration_date"));
    }
    let items = wish.items.unwrap_or_else(|| old.clone());
    let trialing = before.text("status") == "trialing";
    let ends_trial = trialing && wish.trial_end.is_some_and(Value::is_string);
    let new_trial = wish.trial_end.and_then(Value::as_i64);
    if new_trial.is_some_and(|end| end <= now) {
        let message = "Invalid timestamp: must be an integer Unix timestamp in the future.";
        return Err(ApiError::invalid(message).param("trial_end"));
    }
    let moved = interval_of(&items) != interval_of(&old);
    put_items(&mut after, &items);
    let billed = matches!(before.text("status"), "active" | "past_due" | "unpaid");
    if let Some(trial_end) = new_trial {
        after.set("trial_end", trial_end);
        after.set("trial_start", if trialing { before.at(&["trial_start"]).clone() } else { json!(now) });
        after.set("billing_cycle_anchor", trial_end);
        after.set("status", "trialing");
        set_period(&mut after, (if trialing { start } else { now }, trial_end));
        let parts = if billed && wish.prorates { proration::credits(account, &old, at) } else { Vec::new() };
        return Ok(Change { after, parts, extras: wish.extras, restarts: false });
    }
    let restarts = ends_trial || wish.anchor_now || (moved && !trialing);
    if restarts {
        if ends_trial {
            after.set("status", "active");
            after.set("trial_end", now);
        }
        after.set("billing_cycle_anchor", now);
        let period = period_at(&after, now);
        set_period(&mut after, period);
        let parts = if billed && wish.prorates { proration::credits(account, &old, at) } else { Vec::new() };
        return Ok(Change { after, parts, extras: wish.extras, restarts: true });
    }
    let parts =
        if billed && wish.prorates { proration::between(account, &old, &items, at) } else { Vec::new() };
    Ok(Change { after, parts, extras: wish.extras, restarts: false })
}

/// Carries a change out: prorations become items, and an invoice where one is due now.
pub(super) fn carry_out(
    account: &mut Account,
    before: &Value,
    change: Change,
    settings: &Settings<'_>,
) -> Outcome {
    let id = before.text("id").to_owned();
    let Change { mut after, parts, extras, restarts } = change;
    fix_cancel_at(&mut after);
    let at_once = restarts || (settings.always_invoice && !parts.is_empty());
    let charges = before.text("collection_method") == "charge_automatically";
    if at_once && charges && settings.behavior == "error_if_incomplete" {
        let asked = json!({
            "customer": before.text("customer"),
            "default_payment_method": after.at(&["default_payment_method"]),
        });
        let method = invoice_payments::method_for(account, &asked).ok_or_else(invoice_payments::no_method)?;
        if let Some(error) = invoice_payments::obstacle(account, &method) {
            return Err(error);
        }
    }
    let customer = account.get("customer", before.text("customer")).unwrap_or_default();
    for item in items_of(&after) {
        discounts::publish(account, item.at(&["discounts"]));
    }
    for part in parts.into_iter().chain(extras) {
        invoice_items::make(account, &customer, &part);
    }
    if !at_once {
        account.save_changed(before, &after, "customer.subscription.updated");
        billing::plan(account, &id);
        return Ok(after);
    }
    let lines = if restarts {
        invoice_lines::of_items(account, &items_of(&after), period_of(&after), false)
    } else {
        Vec::new()
    };
    let waits = settings.behavior == "pending_if_incomplete";
    let draft = billing::invoice(account, &after, "subscription_update", lines, false);
    let mut told = if waits { before.clone() } else { after.clone() };
    told.set("latest_invoice", draft.text("id"));
    if waits {
        let expires = account.now + billing::INCOMPLETE_LASTS;
        told.set(
            "pending_update",
            json!({
                "billing_cycle_anchor": restarts.then(|| after.int("billing_cycle_anchor")),
                "expires_at": expires, "subscription_items": items_of(&after),
                "trial_end": null, "trial_from_plan": null,
            }),
        );
        account.note(&id, "pending_invoice", draft.text("id"));
        account.note(&id, "pending_subscription", after.clone());
        account.do_later(billing::INCOMPLETE_LASTS, Later::DropPendingUpdate(id.clone()));
    }
    account.save_changed(before, &told, "customer.subscription.updated");
    let open = invoice_life::finalize(account, draft.text("id"));
    if open.text("status") == "open" && charges {
        if settings.behavior == "default_incomplete" {
            let mut owing = told.clone();
            owing.set("status", "past_due");
            account.save_changed(&told, &owing, "customer.subscription.updated");
        } else {
            // A refusal leaves the subscription past due, or the update pending, which is the answer.
            let _refused = invoice_payments::pay(account, draft.text("id"), None, settings.off_session);
        }
    }
    billing::plan(account, &id);
    find_subscription(account, &id, "id")
}

/// How a change is to be paid for.
pub(super) struct Settings<'a> {
    pub(super) behavior: &'a str,
    pub(super) always_invoice: bool,
    pub(super) off_session: bool,
}

pub(super) fn settings_of(params: &Map<String, Value>) -> Settings<'_> {
    let text = |name: &str| params.get(name).and_then(Value::as_str);
    Settings {
        behavior: text("payment_behavior").unwrap_or("allow_incomplete"),
        always_invoice: text("proration_behavior") == Some("always_invoice"),
        off_session: params.get("off_session").and_then(Value::as_bool).unwrap_or_default(),
    }
}

pub(super) fn still_runs(subscription: &Value) -> Result<(), ApiError> {
    if !is_over(subscription) {
        return Ok(());
    }
    Err(ApiError::invalid("A canceled subscription can only update its cancellation_details and metadata.")
        .while_working())
}

fn update(call: &mut Call<'_>) -> Outcome {
    refuse(call, REFUSED)?;
    let before = find_subscription(call.account, &call.id, "id")?;
    let harmless = ["metadata", "cancellation_details", "expand"];
    if call.params.keys().any(|name| !harmless.contains(&name.as_str())) {
        still_runs(&before)?;
    }
    if before.text("status") == "incomplete" && call.params.contains_key("items") {
        return Err(ApiError::invalid(
            "This subscription cannot be updated in this way because its first invoice is not paid. Only its metadata \
             and default payment method can be updated.",
        )
        .while_working());
    }
    if call.text("payment_behavior") == Some("pending_if_incomplete")
        && let Some(name) = call.params.keys().find(|name| !MAY_WAIT.contains(&name.as_str()))
    {
        let message = format!("`{name}` cannot be updated with payment_behavior=pending_if_incomplete.");
        return Err(ApiError::invalid(message).param(name));
    }
    let customer = before.text("customer").to_owned();
    if let Some(method) = call.text("default_payment_method").map(str::to_owned) {
        check_owner(call.account, &method, &customer, "default_payment_method")?;
    }
    if call.int("cancel_at").is_some_and(|at| at <= call.account.time()) {
        let message = "cancel_at must be a timestamp in the future.";
        return Err(ApiError::invalid(message).param("cancel_at"));
    }
    let chosen = discounts::read(call.account, call.params.get("discounts"), &customer)?;
    let entries = call.params.get("items").and_then(Value::as_array).cloned();
    let items = match &entries {
        Some(entries) => Some(merge_items(call.account, &before, entries)?),
        None => None,
    };
    let rates = read_taxes(call)?;
    let mut extras = read_extras(call, &customer)?;
    for part in &mut extras {
        part.set("subscription", before.text("id"));
    }
    let trial_end = call.params.get("trial_end").cloned();
    let wish = Wish {
        items,
        anchor_now: call.text("billing_cycle_anchor") == Some("now"),
        trial_end: trial_end.as_ref(),
        prorates: call.text("proration_behavior") != Some("none"),
        proration_date: call.int("proration_date"),
        extras,
    };
    let mut change = work_out(call.account, &before, wish)?;
    let now = call.account.time();
    let params = call.params.clone();
    apply(&mut change.after, &params, now);
    if let Some(pause) = params.get("pause_collection") {
        let mut pause = pause.clone();
        if !pause.is_null() {
            pause.set("resumes_at", pause.at(&["resumes_at"]).clone());
        }
        change.after.set("pause_collection", pause);
    }
    if let Some(rates) = rates {
        change.after.set("default_tax_rates", rates);
    }
    if params.contains_key("discounts") {
        let started = discounts::start(call.account, &chosen, ("subscription", before.text("id")), &customer);
        change.after.set("discounts", started);
    }
    carry_out(call.account, &before, change, &settings_of(&params))
}
