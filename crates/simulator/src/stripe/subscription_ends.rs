//! What ends a subscription, or its pause.

use serde_json::Value;

use super::billing::{self, find_subscription, is_over, items_of, period_at, set_period};
use super::error::ApiError;
use super::object::Object;
use super::params::EXPAND;
use super::router::{Call, Outcome, Route};
use super::subscription_fields::{CANCEL, RESUME};
use super::{invoice_items, invoice_life, invoice_lines, invoice_payments, proration};

pub(super) const ROUTES: &[Route] = &[
    Route::delete("subscriptions/*", &[CANCEL, &[EXPAND]], "subscription_write", cancel),
    Route::post("subscriptions/*/resume", &[RESUME, &[EXPAND]], "subscription_write", resume),
];

fn cancel(call: &mut Call<'_>) -> Outcome {
    let subscription = find_subscription(call.account, &call.id, "id")?;
    if is_over(&subscription) {
        return Err(ApiError::missing("subscription", &call.id, "id").while_working());
    }
    if let Some(details) = call.params.get("cancellation_details").and_then(Value::as_object) {
        let mut noted = subscription.clone();
        for (name, value) in details {
            noted.set_at(&["cancellation_details", name], value.clone());
        }
        call.account.put(&noted);
    }
    if call.flag("prorate") {
        billing::credit_rest(call.account, &subscription);
    }
    let id = call.id.clone();
    billing::cancel(call.account, &id, "cancellation_requested");
    if subscription.text("status") == "incomplete"
        && let Some(invoice) = call.account.get("invoice", subscription.text("latest_invoice"))
        && invoice.text("status") == "open"
    {
        invoice_life::void(call.account, &invoice);
    }
    if call.flag("invoice_now") {
        let canceled = find_subscription(call.account, &id, "id")?;
        let waits = invoice_items::pending(
            call.account,
            subscription.text("customer"),
            &id,
            subscription.text("currency"),
        );
        if !waits.is_empty() {
            let last = billing::invoice(call.account, &canceled, "manual", Vec::new(), false);
            let open = invoice_life::finalize(call.account, last.text("id"));
            let mut canceled = canceled;
            canceled.set("latest_invoice", last.text("id"));
            call.account.put(&canceled);
            if open.text("status") == "open" && open.text("collection_method") == "charge_automatically" {
                // A refusal is on the invoice.
                let _refused = invoice_payments::pay(call.account, last.text("id"), None, true);
            }
        }
    }
    find_subscription(call.account, &id, "id")
}

/// `now` begins a new period, which is charged at once; `unchanged` goes on with the period that surrounds the present,
/// and what is left of it is prorated.
fn resume(call: &mut Call<'_>) -> Outcome {
    let before = find_subscription(call.account, &call.id, "id")?;
    if before.text("status") != "paused" {
        let message = format!(
            "You can only resume a paused subscription. This one has a status of {}.",
            before.text("status")
        );
        return Err(ApiError::invalid(message).while_working());
    }
    let now = call.account.time();
    let id = call.id.clone();
    let unchanged = call.text("billing_cycle_anchor") == Some("unchanged");
    let mut after = before.clone();
    if !unchanged {
        after.set("billing_cycle_anchor", now);
    }
    let period = period_at(&after, now);
    set_period(&mut after, period);
    let items = items_of(&after);
    let (mut lines, mut at_once) = (Vec::new(), true);
    if unchanged {
        let at = call.int("proration_date").unwrap_or(now);
        if at < period.0 || at > period.1 {
            let message = "Cannot specify proration_date outside of the current billing period.";
            return Err(ApiError::invalid(message)
                .code("subscription_proration_date_outside_period")
                .param("proration_date"));
        }
        let behavior = call.text("proration_behavior").unwrap_or("create_prorations").to_owned();
        let customer = call.account.get("customer", before.text("customer")).unwrap_or_default();
        let parts = match behavior.as_str() {
            "none" => Vec::new(),
            _ => proration::charges(call.account, &items, at),
        };
        at_once = behavior == "always_invoice" && !parts.is_empty();
        for part in &parts {
            invoice_items::make(call.account, &customer, part);
        }
    } else {
        lines = invoice_lines::of_items(call.account, &items, period, false);
    }
    if !at_once {
        // No invoice has to be paid first.
        after.set("status", "active");
        call.account.save_changed(&before, &after, "customer.subscription.updated");
        call.account.emit("customer.subscription.resumed", &after, None);
        billing::plan(call.account, &id);
        return Ok(after);
    }
    let draft = billing::invoice(call.account, &after, "subscription_update", lines, false);
    after.set("latest_invoice", draft.text("id"));
    call.account.save_changed(&before, &after, "customer.subscription.updated");
    let open = invoice_life::finalize(call.account, draft.text("id"));
    if open.text("status") == "open" {
        // Unpaid, it stays paused, which is the answer.
        let _refused = invoice_payments::pay(call.account, draft.text("id"), None, true);
    }
    find_subscription(call.account, &id, "id")
}
