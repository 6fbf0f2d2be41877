//! The life of a subscription: trials, renewals, failed payments, cancellation.

use serde_json::{Value, json};

use super::discounts;
use super::error::ApiError;
use super::invoice_life::{self, Draft};
use super::object::Object;
use super::router::Outcome;
use super::state::{Account, AfterRetries, Later};
use super::{invoice_items, invoice_lines, invoice_payments, proration};
use crate::calendar;

const DAY: i64 = 24 * 60 * 60;

/// How long a first invoice may stay unpaid, in seconds: 23 hours.
pub(super) const INCOMPLETE_LASTS: u64 = 23 * 60 * 60;

pub(super) fn find_subscription(account: &Account, id: &str, param: &str) -> Outcome {
    account.get("subscription", id).ok_or_else(|| ApiError::missing("subscription", id, param))
}

pub(super) fn items_of(subscription: &Value) -> Vec<Value> {
    subscription.at(&["items", "data"]).as_array().cloned().unwrap_or_default()
}

pub(super) fn put_items(subscription: &mut Value, items: &[Value]) {
    let id = subscription.text("id").to_owned();
    let list = json!({
        "object": "list", "has_more": false, "total_count": items.len(), "data": items,
        "url": format!("/v1/subscription_items?subscription={id}"),
    });
    subscription.set("items", list);
}

/// The period that the items share.
pub(super) fn period_of(subscription: &Value) -> (i64, i64) {
    let item = subscription.at(&["items", "data"]).get(0).cloned().unwrap_or_default();
    (item.int("current_period_start"), item.int("current_period_end"))
}

pub(super) fn set_period(subscription: &mut Value, period: (i64, i64)) {
    let mut items = items_of(subscription);
    for item in &mut items {
        item.set("current_period_start", period.0);
        item.set("current_period_end", period.1);
    }
    put_items(subscription, &items);
}

/// The period on the grid of a subscription's anchor that holds a time.
pub(super) fn period_at(subscription: &Value, at: i64) -> (i64, i64) {
    let recurring = subscription.at(&["items", "data"]).get(0).cloned().unwrap_or_default();
    let recurring = recurring.at(&["price", "recurring"]);
    let anchor = subscription.int("billing_cycle_anchor");
    calendar::period(anchor, recurring.text("interval"), recurring.int("interval_count"), at)
}

pub(super) fn is_over(subscription: &Value) -> bool {
    matches!(subscription.text("status"), "canceled" | "incomplete_expired")
}

/// Changes a stored subscription and tells of it.
fn change(account: &mut Account, id: &str, event: &str, edit: impl FnOnce(&mut Value)) {
    let Some(before) = account.get("subscription", id) else { return };
    let mut subscription = before.clone();
    edit(&mut subscription);
    if subscription != before {
        account.save_changed(&before, &subscription, event);
    }
}

/// Makes an invoice for a subscription: these lines, and what waits for it. It is a draft, for an hour if it
/// goes on by itself.
pub(super) fn invoice(
    account: &mut Account,
    subscription: &Value,
    reason: &str,
    lines: Vec<Value>,
    auto_advance: bool,
) -> Value {
    let customer = account.get("customer", subscription.text("customer")).unwrap_or_default();
    let sends = subscription.text("collection_method") == "send_invoice";
    let live = discounts::still_on(account, subscription.at(&["discounts"]));
    let draft = Draft {
        customer: &customer,
        currency: subscription.text("currency"),
        reason,
        subscription,
        collection_method: subscription.text("collection_method"),
        days_until_due: sends.then(|| subscription.int("days_until_due")),
        discounts: live.clone(),
        period: period_of(subscription),
        auto_advance,
    };
    let mut invoice = invoice_life::build(account, &draft);
    let number = invoice.text("id").to_owned();
    let mut all = invoice_items::take_pending(
        account,
        customer.text("id"),
        subscription.text("id"),
        subscription.text("currency"),
        &number,
    );
    all.extend(lines);
    invoice_lines::put(&mut invoice, all);
    invoice_life::publish(account, &mut invoice);
    let of_lines = invoice_lines::of(&invoice);
    let of_lines = of_lines.iter().flat_map(|line| line.at(&["discounts"]).as_array().into_iter().flatten());
    for id in live.iter().chain(of_lines).filter_map(Value::as_str) {
        account.note(id, "used", true);
    }
    invoice
}

/// Does what has fallen due, and plans the next time.
pub(super) fn wake(account: &mut Account, id: &str) {
    let Some(subscription) = account.get("subscription", id).filter(|found| !is_over(found)) else { return };
    let now = account.time();
    let number = |name: &str| subscription.get(name).and_then(Value::as_i64);
    if subscription.at(&["pause_collection", "resumes_at"]).as_i64().is_some_and(|at| at <= now) {
        change(account, id, "customer.subscription.updated", |found| {
            found.set("pause_collection", Value::Null);
        });
    }
    if number("cancel_at").is_some_and(|at| at <= now) {
        cancel(account, id, "cancellation_requested");
        return;
    }
    match subscription.text("status") {
        "trialing" if number("trial_end").is_some_and(|end| end <= now) => end_trial(account, id),
        "trialing" => {
            let near = number("trial_end").is_some_and(|end| end - 3 * DAY <= now);
            if near && account.noted(id, "trial_end_told") != subscription.at(&["trial_end"]) {
                account.note(id, "trial_end_told", subscription.at(&["trial_end"]).clone());
                account.emit("customer.subscription.trial_will_end", &subscription, None);
            }
        }
        "active" | "past_due" | "unpaid" if period_of(&subscription).1 <= now => {
            renew(account, id, &subscription);
        }
        _ => {}
    }
    plan(account, id);
}

/// Plans the next thing that falls due by itself.
pub(super) fn plan(account: &mut Account, id: &str) {
    let Some(subscription) = account.get("subscription", id).filter(|found| !is_over(found)) else { return };
    let now = account.time();
    let mut times = vec![
        subscription.at(&["cancel_at"]).as_i64(),
        subscription.at(&["pause_collection", "resumes_at"]).as_i64(),
    ];
    match subscription.text("status") {
        "trialing" => {
            let end = subscription.at(&["trial_end"]).as_i64();
            times.extend([end, end.map(|end| end - 3 * DAY)]);
        }
        "active" | "past_due" | "unpaid" => times.push(Some(period_of(&subscription).1)),
        _ => {}
    }
    let Some(next) = times.into_iter().flatten().filter(|at| *at > now).min() else { return };
    // What is planned already is not planned twice, or wake-ups would multiply.
    if account.noted(id, "next").as_i64() != Some(next) {
        account.note(id, "next", next);
        account.do_at(next, Later::Bill(id.to_owned()));
    }
}

/// Begins the next period, and makes its invoice. `seen` is the subscription as it was last told of.
fn renew(account: &mut Account, id: &str, seen: &Value) {
    let Some(mut subscription) = account.get("subscription", id) else { return };
    let ended = period_of(&subscription).1;
    let period = period_at(&subscription, ended);
    set_period(&mut subscription, period);
    let items = items_of(&subscription);
    let lines = invoice_lines::of_items(account, &items, period, false);
    let pause = subscription.at(&["pause_collection"]).text("behavior").to_owned();
    let goes_on = subscription.text("status") != "unpaid" && pause.is_empty();
    let draft = invoice(account, &subscription, "subscription_cycle", lines, goes_on);
    subscription.set("latest_invoice", draft.text("id"));
    account.save_changed(seen, &subscription, "customer.subscription.updated");
    match pause.as_str() {
        "void" => {
            let open = invoice_life::finalize(account, draft.text("id"));
            if open.text("status") == "open" {
                invoice_life::void(account, &open);
            }
        }
        "mark_uncollectible" => {
            let open = invoice_life::finalize(account, draft.text("id"));
            if open.text("status") == "open" {
                invoice_life::mark_uncollectible(account, &open);
            }
        }
        _ => {}
    }
}

fn has_method(account: &Account, subscription: &Value) -> bool {
    let asked = json!({
        "customer": subscription.text("customer"),
        "parent": { "subscription_details": { "subscription": subscription.text("id") } },
    });
    invoice_payments::method_for(account, &asked).is_some()
}

fn end_trial(account: &mut Account, id: &str) {
    let Some(subscription) = account.get("subscription", id) else { return };
    let behavior =
        subscription.at(&["trial_settings", "end_behavior"]).text("missing_payment_method").to_owned();
    let automatic = subscription.text("collection_method") == "charge_automatically";
    if automatic && !has_method(account, &subscription) {
        match behavior.as_str() {
            "cancel" => return cancel(account, id, "payment_failed"),
            "pause" => {
                change(account, id, "customer.subscription.updated", |found| found.set("status", "paused"));
                let paused = account.get("subscription", id).unwrap_or_default();
                return account.emit("customer.subscription.paused", &paused, None);
            }
            _ => {}
        }
    }
    let mut started = subscription.clone();
    started.set("status", "active");
    account.put(&started);
    // The trial's period ended with it: what follows is a renewal like any other.
    renew(account, id, &subscription);
}

/// Ends a subscription now.
pub(super) fn cancel(account: &mut Account, id: &str, reason: &str) {
    let Some(mut subscription) = account.get("subscription", id) else { return };
    let now = account.now;
    subscription.set("status", "canceled");
    subscription.set("ended_at", now);
    if subscription.at(&["canceled_at"]).is_null() {
        subscription.set("canceled_at", now);
    }
    subscription.set_at(&["cancellation_details", "reason"], reason);
    subscription.set("pending_update", Value::Null);
    account.save(&subscription, "customer.subscription.deleted");
    // Nobody is charged for what is over: its drafts and open invoices stop.
    let running = |invoice: &Value| {
        subscription_of(invoice) == id && matches!(invoice.text("status"), "draft" | "open")
    };
    for mut invoice in account.those("invoice", running) {
        invoice.set("auto_advance", false);
        invoice.set("next_payment_attempt", Value::Null);
        account.put(&invoice);
    }
}

/// Credits the rest of the period, as items that wait for an invoice.
pub(super) fn credit_rest(account: &mut Account, subscription: &Value) {
    if subscription.text("status") == "trialing" {
        return;
    }
    let now = account.time();
    let customer = account.get("customer", subscription.text("customer")).unwrap_or_default();
    for part in proration::credits(account, &items_of(subscription), now) {
        invoice_items::make(account, &customer, &part);
    }
}

fn subscription_of(invoice: &Value) -> &str {
    invoice.at(&["parent", "subscription_details"]).text("subscription")
}

/// What a paid invoice does to its subscription.
pub(super) fn invoice_paid(account: &mut Account, invoice: &Value) {
    let id = subscription_of(invoice).to_owned();
    let Some(subscription) = account.get("subscription", &id).filter(|found| !is_over(found)) else { return };
    let number = invoice.text("id");
    if account.noted(&id, "pending_invoice").as_str() == Some(number) {
        apply_pending_update(account, &id);
    }
    let settled = match subscription.text("status") {
        "incomplete" => invoice.text("billing_reason") == "subscription_create",
        "past_due" | "unpaid" | "paused" => subscription.text("latest_invoice") == number,
        _ => false,
    };
    let keeps =
        subscription.at(&["payment_settings"]).text("save_default_payment_method") == "on_subscription";
    let method =
        invoice_payments::intent_of(account, number).map(|intent| intent.at(&["payment_method"]).clone());
    let resumed = settled && subscription.text("status") == "paused";
    change(account, &id, "customer.subscription.updated", |found| {
        if settled {
            found.set("status", "active");
        }
        if let Some(method) = method.filter(|method| keeps && !method.is_null()) {
            found.set("default_payment_method", method);
        }
    });
    if resumed {
        let resumed = account.get("subscription", &id).unwrap_or_default();
        account.emit("customer.subscription.resumed", &resumed, None);
    }
    plan(account, &id);
}

/// An invoice that a resumption waits for need not be paid: writing it off is enough.
pub(super) fn invoice_written_off(account: &mut Account, invoice: &Value) {
    let id = subscription_of(invoice).to_owned();
    let Some(subscription) = account.get("subscription", &id) else { return };
    if subscription.text("status") != "paused" || subscription.text("latest_invoice") != invoice.text("id") {
        return;
    }
    change(account, &id, "customer.subscription.updated", |found| found.set("status", "active"));
    let resumed = account.get("subscription", &id).unwrap_or_default();
    account.emit("customer.subscription.resumed", &resumed, None);
    plan(account, &id);
}

/// A bank debit is under way: Stripe gives the customer credit for it.
pub(super) fn invoice_processing(account: &mut Account, invoice: &Value) {
    let id = subscription_of(invoice).to_owned();
    change(account, &id, "customer.subscription.updated", |found| {
        if found.text("status") == "incomplete" {
            found.set("status", "active");
        }
    });
    plan(account, &id);
}

/// What a failed payment does to its subscription; `last` when no retry follows.
pub(super) fn invoice_failed(account: &mut Account, invoice: &Value, last: bool) {
    let id = subscription_of(invoice).to_owned();
    let first = invoice.text("billing_reason") == "subscription_create";
    let pending = account.noted(&id, "pending_invoice").as_str() == Some(invoice.text("id"));
    if first || pending || invoice.text("billing_reason") == "manual" {
        return;
    }
    change(account, &id, "customer.subscription.updated", |found| {
        if found.text("status") == "active" {
            found.set("status", "past_due");
        }
    });
    let now = account.get("subscription", &id).unwrap_or_default();
    if !last || now.text("status") != "past_due" {
        return;
    }
    match account.after_retries {
        AfterRetries::Cancel => cancel(account, &id, "payment_failed"),
        AfterRetries::MarkUnpaid => {
            change(account, &id, "customer.subscription.updated", |found| found.set("status", "unpaid"));
        }
        AfterRetries::LeavePastDue => {}
    }
}

/// A voided first invoice ends its subscription; a voided update is not made.
pub(super) fn invoice_voided(account: &mut Account, invoice: &Value) {
    let id = subscription_of(invoice).to_owned();
    let Some(subscription) = account.get("subscription", &id) else { return };
    if account.noted(&id, "pending_invoice").as_str() == Some(invoice.text("id")) {
        forget_pending_update(account, &id);
    }
    match subscription.text("status") {
        "incomplete" if subscription.text("latest_invoice") == invoice.text("id") => {
            change(account, &id, "customer.subscription.updated", |found| {
                found.set("status", "incomplete_expired");
            });
        }
        "past_due" if subscription.text("latest_invoice") == invoice.text("id") => {
            change(account, &id, "customer.subscription.updated", |found| found.set("status", "active"));
        }
        _ => {}
    }
}

/// The first invoice was not paid in time.
pub(super) fn expire_incomplete(account: &mut Account, id: &str) {
    let subscription = account.get("subscription", id).filter(|found| found.text("status") == "incomplete");
    let Some(subscription) = subscription else { return };
    let now = account.now;
    change(account, id, "customer.subscription.updated", |found| {
        found.set("status", "incomplete_expired");
        found.set("ended_at", now);
    });
    if let Some(invoice) = account.get("invoice", subscription.text("latest_invoice")) {
        invoice_life::void(account, &invoice);
    }
}

fn apply_pending_update(account: &mut Account, id: &str) {
    let wanted = account.noted(id, "pending_subscription").clone();
    let Some(before) = account.get("subscription", id) else { return };
    forget(account, id);
    let mut subscription = before.clone();
    for name in ["items", "billing_cycle_anchor", "trial_end", "currency"] {
        subscription.set(name, wanted.at(&[name]).clone());
    }
    subscription.set("pending_update", Value::Null);
    account.put(&subscription);
    account.emit("customer.subscription.pending_update_applied", &subscription, None);
    account.emit("customer.subscription.updated", &subscription, Some(&before));
}

fn forget(account: &mut Account, id: &str) {
    account.note(id, "pending_invoice", Value::Null);
    account.note(id, "pending_subscription", Value::Null);
}

fn forget_pending_update(account: &mut Account, id: &str) {
    forget(account, id);
    change(account, id, "customer.subscription.pending_update_expired", |found| {
        found.set("pending_update", Value::Null);
    });
}

/// A pending update was not paid for in time: its invoice is voided with it.
pub(super) fn drop_pending_update(account: &mut Account, id: &str) {
    let subscription = account.get("subscription", id).unwrap_or_default();
    if subscription.at(&["pending_update", "expires_at"]).as_i64() != Some(account.time()) {
        return;
    }
    let number = account.noted(id, "pending_invoice").as_str().map(str::to_owned);
    let Some(invoice) = number.and_then(|number| account.get("invoice", &number)) else { return };
    if invoice.text("status") == "open" {
        invoice_life::void(account, &invoice);
    }
    forget_pending_update(account, id);
}
