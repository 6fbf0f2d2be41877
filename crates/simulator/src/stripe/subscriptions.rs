//! Subscriptions: create, read, list. What changes them stands in `subscription_updates`, what they do by
//! themselves in `billing`.

use serde_json::{Map, Value, json};

use super::billing::{self, find_subscription, items_of, period_at, put_items, set_period};
use super::customers::find_customer;
use super::discounts;
use super::error::ApiError;
use super::invoice_life;
use super::invoice_payments::{self, check_owner};
use super::invoices::refuse;
use super::object::{Object, overlay};
use super::page::{self, PAGE};
use super::params::EXPAND;
use super::prices;
use super::router::{Call, Outcome, Route};
use super::setup_intents;
use super::state::Later;
use super::subscription_fields::{CREATE, LIST, REFUSED};
use super::subscription_items::{check_items, read_item};
use super::{invoice_items, invoice_lines, proration, tax_ids, tax_rates};
use crate::calendar;

const DAY: i64 = 24 * 60 * 60;

pub(super) const ROUTES: &[Route] = &[
    Route::post("subscriptions", &[CREATE, &[EXPAND]], "subscription_write", create),
    Route::get("subscriptions", &[PAGE, LIST], "subscription_read", list),
    Route::get("subscriptions/*", &[&[EXPAND]], "subscription_read", retrieve),
];

/// The end of a trial that the parameters ask for, if they ask for one.
fn trial_end(call: &Call<'_>) -> Result<Option<i64>, ApiError> {
    let now = call.account.time();
    match (call.params.get("trial_end"), call.int("trial_period_days")) {
        (Some(_), Some(_)) => Err(ApiError::invalid(
            "You may only specify one of these parameters: trial_end, trial_period_days.",
        )),
        (None, Some(days)) if days < 0 => Err(ApiError::too_low("trial_period_days", 0)),
        (None, Some(days)) if days > 730 => {
            Err(ApiError::invalid("Trials can be 730 days long at most.").param("trial_period_days"))
        }
        (None, days) => Ok(days.filter(|days| *days > 0).map(|days| now + days * DAY)),
        (Some(end), None) => match end.as_i64() {
            None => Ok(None),
            Some(end) if end <= now => {
                let message = "Invalid timestamp: must be an integer Unix timestamp in the future.";
                Err(ApiError::invalid(message).param("trial_end"))
            }
            Some(end) if end > now + 730 * DAY => {
                Err(ApiError::invalid("Trials can be 730 days long at most.").param("trial_end"))
            }
            Some(end) => Ok(Some(end)),
        },
    }
}

pub(super) fn create(call: &mut Call<'_>) -> Outcome {
    refuse(call, REFUSED)?;
    let customer_id = call.text("customer").ok_or_else(|| ApiError::missing_param("customer"))?.to_owned();
    let customer =
        find_customer(call.account, &customer_id, "customer").map_err(|error| error.status(400))?;
    let behavior = call.text("payment_behavior").unwrap_or("allow_incomplete").to_owned();
    if behavior == "pending_if_incomplete" {
        let message =
            "payment_behavior=pending_if_incomplete can only be used when a subscription is updated.";
        return Err(ApiError::invalid(message).param("payment_behavior"));
    }
    let sends = call.text("collection_method") == Some("send_invoice");
    match (sends, call.int("days_until_due")) {
        (true, None) => {
            return Err(ApiError::invalid(
                "You must pass `days_until_due` when creating a subscription with `collection_method` set to \
                 `send_invoice`.",
            )
            .param("days_until_due"));
        }
        (false, Some(_)) => {
            let message = "days_until_due can only be set if collection_method is send_invoice.";
            return Err(ApiError::invalid(message).param("days_until_due"));
        }
        _ => {}
    }
    if let Some(method) = call.text("default_payment_method").map(str::to_owned) {
        check_owner(call.account, &method, &customer_id, "default_payment_method")?;
    }
    let trial = trial_end(call)?;
    let chosen = discounts::read(call.account, call.params.get("discounts"), &customer_id)?;
    let entries = call.params.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut items = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        items.push(read_item(call.account, entry, &format!("items[{at}]"), &customer_id)?);
    }
    check_items(&items)?;
    let extras = read_extras(call, &customer_id)?;
    let rates = read_taxes(call)?;
    let now = call.account.time();
    let anchor = match call.int("billing_cycle_anchor") {
        Some(at) if at <= now => {
            let message = "billing_cycle_anchor must be a timestamp in the future.";
            return Err(ApiError::invalid(message).param("billing_cycle_anchor"));
        }
        Some(at) if period_of_items(&items, now, now).1 < at => {
            let message = "billing_cycle_anchor cannot be later than the next natural billing date.";
            return Err(ApiError::invalid(message).param("billing_cycle_anchor"));
        }
        at => at,
    };
    let mut subscription = blank(call, &customer, trial, anchor);
    if let Some(rates) = rates {
        subscription.set("default_tax_rates", rates);
    }
    put_items(&mut subscription, &items);
    let id = subscription.text("id").to_owned();
    let period = match trial.or(anchor) {
        Some(end) => (now, end),
        None => period_at(&subscription, now),
    };
    let mut items = items_of(&subscription);
    for item in &mut items {
        item.set("subscription", id.clone());
    }
    let currency = items.first().map(|item| item.at(&["price"]).text("currency").to_owned());
    subscription.set("currency", currency);
    put_items(&mut subscription, &items);
    set_period(&mut subscription, period);
    let lines = first_lines(call, &subscription, period, trial.is_some(), anchor.is_some());
    let costs = lines.iter().map(|line| line.int("amount")).sum::<i64>()
        + extras.iter().map(|e| e.int("amount")).sum::<i64>();
    first_payment_possible(call, &subscription, &behavior, costs, sends)?;
    let started = discounts::start(call.account, &chosen, ("subscription", &id), &customer_id);
    subscription.set("discounts", started);
    for item in &items {
        discounts::publish(call.account, item.at(&["discounts"]));
    }
    for mut part in extras {
        part.set("subscription", id.clone());
        invoice_items::make(call.account, &customer, &part);
    }
    begin(call, subscription, lines, &behavior, sends)
}

fn period_of_items(items: &[Value], anchor: i64, at: i64) -> (i64, i64) {
    let first = items.first().cloned().unwrap_or_default();
    let recurring = first.at(&["price", "recurring"]);
    calendar::period(anchor, recurring.text("interval"), recurring.int("interval_count"), at)
}

/// The default tax rates that the parameters name, if they name any; checks the account's tax ids on the way.
pub(super) fn read_taxes(call: &Call<'_>) -> Result<Option<Value>, ApiError> {
    let settings = call.params.get("invoice_settings").cloned().unwrap_or_default();
    let param = "invoice_settings[account_tax_ids]";
    tax_ids::check_own(call.account, settings.get("account_tax_ids"), param)?;
    let given = call.params.get("default_tax_rates");
    let rates = tax_rates::read(call.account, given, "default_tax_rates")?;
    Ok(given.map(|_| rates))
}

/// One-off amounts for the next invoice.
pub(super) fn read_extras(call: &mut Call<'_>, customer: &str) -> Result<Vec<Value>, ApiError> {
    let given = call.params.get("add_invoice_items").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut extras = Vec::new();
    for (at, entry) in given.iter().enumerate() {
        let param = format!("add_invoice_items[{at}]");
        if entry.get("period").is_some_and(|value| !value.is_null()) {
            return Err(ApiError::not_simulated(&format!("{param}[period]")));
        }
        let rates = tax_rates::read(call.account, entry.get("tax_rates"), &format!("{param}[tax_rates]"))?;
        let chosen = discounts::read(call.account, entry.get("discounts"), customer)?;
        let price = prices::resolve(call.account, entry, &param, Some(false))?;
        let quantity = entry.get("quantity").and_then(Value::as_i64).unwrap_or(1);
        prices::check_quantity(quantity, 1, &format!("{param}[quantity]"))?;
        let id = call.account.ids.id("ii");
        extras.push(json!({
            "id": id, "amount": prices::amount(call.account, &price, quantity),
            "currency": price.text("currency"), "metadata": entry.at(&["metadata"]),
            "discountable": entry.get("discountable").and_then(Value::as_bool).unwrap_or(true),
            "discounts": discounts::draft(call.account, &chosen, ("invoice_item", &id), customer),
            "price": price, "quantity": quantity, "tax_rates": rates,
        }));
    }
    Ok(extras)
}

/// The lines of the first invoice. Up to an anchor in the future only a share of the period is charged.
fn first_lines(
    call: &mut Call<'_>,
    subscription: &Value,
    period: (i64, i64),
    trial: bool,
    partial: bool,
) -> Vec<Value> {
    let items = items_of(subscription);
    if trial || !partial {
        return invoice_lines::of_items(call.account, &items, period, trial);
    }
    if call.text("proration_behavior") == Some("none") {
        return Vec::new();
    }
    let whole = period_at(subscription, period.0);
    items
        .iter()
        .map(|item| {
            let full = prices::amount(call.account, item.at(&["price"]), item.int("quantity"));
            let amount = proration::share(full, whole.0, whole.1, period.0);
            invoice_lines::of_item(call.account, item, period, amount, false)
        })
        .collect()
}

fn first_payment_possible(
    call: &mut Call<'_>,
    subscription: &Value,
    behavior: &str,
    costs: i64,
    sends: bool,
) -> Result<(), ApiError> {
    if sends || costs <= 0 || behavior == "default_incomplete" {
        return Ok(());
    }
    let asked = json!({
        "customer": subscription.text("customer"),
        "default_payment_method": subscription.at(&["default_payment_method"]),
    });
    let method =
        invoice_payments::method_for(call.account, &asked).ok_or_else(invoice_payments::no_method)?;
    match invoice_payments::obstacle(call.account, &method) {
        // Nothing is made: neither subscription nor invoice nor charge.
        Some(error) if behavior == "error_if_incomplete" => Err(error),
        _ => Ok(()),
    }
}

fn blank(call: &mut Call<'_>, customer: &Value, trial: Option<i64>, anchor: Option<i64>) -> Value {
    let now = call.account.time();
    let mut subscription = json!({
        "id": call.account.ids.id("sub"),
        "object": "subscription",
        "application": null,
        "application_fee_percent": null,
        "automatic_tax": { "disabled_reason": null, "enabled": false, "liability": null },
        "billing_cycle_anchor": trial.or(anchor).unwrap_or(now),
        "billing_cycle_anchor_config": null,
        "billing_mode": { "flexible": null, "type": "classic" },
        "billing_schedules": [],
        "billing_thresholds": null,
        "cancel_at": null,
        "cancel_at_period_end": false,
        "canceled_at": null,
        "cancellation_details": { "comment": null, "feedback": null, "reason": null },
        "collection_method": "charge_automatically",
        "created": now,
        "currency": null,
        "customer": customer.text("id"),
        "customer_account": null,
        "days_until_due": null,
        "default_payment_method": null,
        "default_source": null,
        "default_tax_rates": [],
        "description": null,
        "discounts": [],
        "ended_at": null,
        "invoice_settings": { "account_tax_ids": null, "issuer": { "type": "self" } },
        "items": {},
        "latest_invoice": null,
        "livemode": false,
        "metadata": {},
        "next_pending_invoice_item_invoice": null,
        "on_behalf_of": null,
        "pause_collection": null,
        "payment_settings": {
            "payment_method_options": null, "payment_method_types": null, "save_default_payment_method": "off",
        },
        "pending_invoice_item_interval": null,
        "pending_setup_intent": null,
        "pending_update": null,
        "schedule": null,
        "start_date": now,
        "status": "incomplete",
        "test_clock": customer.at(&["test_clock"]),
        "transfer_data": null,
        "trial_end": trial,
        "trial_settings": { "end_behavior": { "missing_payment_method": "create_invoice" } },
        "trial_start": trial.map(|_| now),
    });
    let params = call.params.clone();
    apply(&mut subscription, &params, now);
    subscription
}

/// Lays the parameters that need no more than to be kept over a subscription.
pub(super) fn apply(subscription: &mut Value, params: &Map<String, Value>, now: i64) {
    let kept = [
        "application_fee_percent",
        "collection_method",
        "days_until_due",
        "default_payment_method",
        "description",
        "metadata",
        "on_behalf_of",
        "transfer_data",
        "trial_settings",
    ];
    let plain: Map<String, Value> = params
        .iter()
        .filter(|(name, _)| kept.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    overlay(subscription, &plain, &[]);
    for name in ["payment_settings", "cancellation_details", "invoice_settings", "billing_mode"] {
        for (member, value) in params.get(name).and_then(Value::as_object).into_iter().flatten() {
            subscription.set_at(&[name, member], value.clone());
        }
    }
    if let Some(wish) = params.get("cancel_at_period_end").and_then(Value::as_bool) {
        subscription.set("cancel_at_period_end", wish);
        if wish {
            subscription.set("canceled_at", now);
            subscription.set_at(&["cancellation_details", "reason"], "cancellation_requested");
        } else {
            subscription.set("cancel_at", Value::Null);
            subscription.set("canceled_at", Value::Null);
            subscription.set_at(&["cancellation_details", "reason"], Value::Null);
        }
    }
    if let Some(at) = params.get("cancel_at") {
        subscription.set("cancel_at", at.clone());
        subscription.set("cancel_at_period_end", false);
        subscription.set("canceled_at", (!at.is_null()).then_some(now));
        let reason = (!at.is_null()).then_some("cancellation_requested");
        subscription.set_at(&["cancellation_details", "reason"], reason);
    }
}

/// Where `cancel_at` depends on the period, this is its time.
pub(super) fn fix_cancel_at(subscription: &mut Value) {
    let end = billing::period_of(subscription).1;
    if subscription.flag("cancel_at_period_end") || subscription.at(&["cancel_at"]).is_string() {
        subscription.set("cancel_at", end);
    }
}

/// Stores a new subscription with its first invoice, and takes the first payment.
fn begin(
    call: &mut Call<'_>,
    mut subscription: Value,
    lines: Vec<Value>,
    behavior: &str,
    sends: bool,
) -> Outcome {
    let account = &mut *call.account;
    let id = subscription.text("id").to_owned();
    let trial = !subscription.at(&["trial_end"]).is_null();
    let settled = if trial { "trialing" } else { "active" };
    fix_cancel_at(&mut subscription);
    if sends {
        subscription.set("status", settled);
    }
    account.put(&subscription);
    let mut invoice = billing::invoice(account, &subscription, "subscription_create", lines, sends);
    if let Some(mut customer) = account.get("customer", subscription.text("customer")) {
        customer.set("currency", subscription.text("currency"));
        account.put(&customer);
    }
    let free = invoice.int("amount_due") == 0;
    subscription.set("latest_invoice", invoice.text("id"));
    if free {
        subscription.set("status", settled);
    }
    if free && behavior == "default_incomplete" {
        let setup = setup_for(call, &subscription)?;
        subscription.set("pending_setup_intent", setup.text("id"));
    }
    let account = &mut *call.account;
    account.save(&subscription, "customer.subscription.created");
    if !sends {
        // A first invoice does not wait for an hour.
        invoice.set("auto_advance", true);
        account.put(&invoice);
        let open = invoice_life::finalize(account, invoice.text("id"));
        if open.text("status") == "open" && behavior != "default_incomplete" {
            let off_session = call.params.get("off_session").and_then(Value::as_bool).unwrap_or(false);
            // A refusal leaves the subscription incomplete, which is the answer.
            let _refused = invoice_payments::pay(account, invoice.text("id"), None, off_session);
        }
    }
    let now = find_subscription(call.account, &id, "id")?;
    if now.text("status") == "incomplete" {
        call.account.do_later(billing::INCOMPLETE_LASTS, Later::ExpireIncomplete(id.clone()));
    }
    billing::plan(call.account, &id);
    Ok(now)
}

/// Nothing is due yet: the payment method is collected by a setup intent.
fn setup_for(call: &mut Call<'_>, subscription: &Value) -> Outcome {
    let mut params = Map::new();
    params.insert("customer".to_owned(), json!(subscription.text("customer")));
    params.insert("payment_method_types".to_owned(), json!(["card"]));
    let mut inner = Call { account: call.account, params, id: String::new(), version: call.version.clone() };
    setup_intents::create(&mut inner)
}

fn retrieve(call: &mut Call<'_>) -> Outcome {
    find_subscription(call.account, &call.id, "id")
}

fn list(call: &mut Call<'_>) -> Outcome {
    refuse(call, &["plan", "automatic_tax"])?;
    let status = call.text("status");
    let wanted = |row: &Value| {
        let found = row.text("status");
        match status {
            None => found != "canceled",
            Some("all") => true,
            Some("ended") => matches!(found, "canceled" | "incomplete_expired"),
            Some(word) => found == word,
        }
    };
    let price = call.text("price");
    let rows = call.account.newest_first("subscription").into_iter().filter(|row| {
        let period = billing::period_of(row);
        wanted(row)
            && ["collection_method", "customer", "test_clock"]
                .iter()
                .all(|name| call.params.get(*name).is_none_or(|wanted| row.at(&[name]) == wanted))
            // Test clocks' subscriptions are listed only when asked for.
            && (row.at(&["test_clock"]).is_null() || call.params.contains_key("test_clock") || call.params.contains_key("customer"))
            && price.is_none_or(|id| items_of(row).iter().any(|item| item.at(&["price"]).text("id") == id))
            && page::within(&call.params, "current_period_start", period.0)
            && page::within(&call.params, "current_period_end", period.1)
            && page::created_within(&call.params, row)
    });
    page::list(&call.params, rows.collect(), "subscription", "/v1/subscriptions")
}
