//! What the next invoice would be: nothing of it is stored.

use serde_json::{Value, json};

use super::billing::{self, find_subscription, items_of, period_at, period_of};
use super::customers::find_customer;
use super::discounts::{self, DISCOUNT};
use super::error::ApiError;
use super::invoice_life::{self, Draft};
use super::invoices::refuse;
use super::object::Object;
use super::params::{EXPAND, Field, Kind, clear, may, need};
use super::prices::{ONE_OFF_DATA, RECURRING_DATA};
use super::router::{Call, Outcome, Route};
use super::subscription_updates::{Wish, merge_items, work_out};
use super::{invoice_items, invoice_lines};

const REFUSED: &[&str] =
    &["automatic_tax", "customer_details", "discounts", "invoice_items", "schedule", "schedule_details"];

const PREVIEW: &[Field] = &[
    may("automatic_tax", Kind::Opaque),
    may("currency", Kind::Text),
    may("customer", Kind::Text),
    may("customer_account", Kind::Text),
    may("customer_details", Kind::Opaque),
    clear("discounts", Kind::List(&Kind::Hash(DISCOUNT))),
    may(
        "invoice_items",
        Kind::List(&Kind::Hash(&[
            may("amount", Kind::Integer),
            may("currency", Kind::Text),
            may("description", Kind::Text),
            may("discountable", Kind::Boolean),
            clear("discounts", Kind::List(&Kind::Opaque)),
            may("invoiceitem", Kind::Text),
            clear("metadata", Kind::Metadata),
            may("period", Kind::Hash(&[need("end", Kind::Integer), need("start", Kind::Integer)])),
            may("price", Kind::Text),
            may("price_data", Kind::Hash(ONE_OFF_DATA)),
            may("quantity", Kind::Integer),
            may("quantity_decimal", Kind::Decimal),
            may("tax_behavior", Kind::OneOf(&["exclusive", "inclusive", "unspecified"])),
            clear("tax_code", Kind::Text),
            clear("tax_rates", Kind::List(&Kind::Text)),
            may("unit_amount", Kind::Integer),
            may("unit_amount_decimal", Kind::Decimal),
        ])),
    ),
    may("issuer", Kind::Opaque),
    clear("on_behalf_of", Kind::Text),
    may("preview_mode", Kind::OneOf(&["next", "recurring"])),
    may("schedule", Kind::Text),
    may("schedule_details", Kind::Opaque),
    may("subscription", Kind::Text),
    may(
        "subscription_details",
        Kind::Hash(&[
            may("billing_cycle_anchor", Kind::IntegerOr(&["now", "unchanged"])),
            may("billing_mode", Kind::Opaque),
            clear("billing_schedules", Kind::List(&Kind::Opaque)),
            clear("cancel_at", Kind::IntegerOr(&["max_billed_until", "max_period_end", "min_period_end"])),
            may("cancel_at_period_end", Kind::Boolean),
            may("cancel_now", Kind::Boolean),
            clear("default_tax_rates", Kind::List(&Kind::Text)),
            may(
                "items",
                Kind::List(&Kind::Hash(&[
                    clear("billing_thresholds", Kind::Opaque),
                    may("clear_usage", Kind::Boolean),
                    may("deleted", Kind::Boolean),
                    clear("discounts", Kind::List(&Kind::Hash(DISCOUNT))),
                    may("id", Kind::Text),
                    clear("metadata", Kind::Metadata),
                    may("plan", Kind::Text),
                    may("price", Kind::Text),
                    may("price_data", Kind::Hash(RECURRING_DATA)),
                    may("quantity", Kind::Integer),
                    clear("tax_rates", Kind::List(&Kind::Text)),
                ])),
            ),
            may("proration_behavior", Kind::OneOf(&["always_invoice", "create_prorations", "none"])),
            may("proration_date", Kind::Integer),
            may("resume_at", Kind::OneOf(&["now"])),
            may("start_date", Kind::Integer),
            may("trial_end", Kind::IntegerOr(&["now"])),
        ]),
    ),
];

pub(super) const ROUTES: &[Route] =
    &[Route::post("invoices/create_preview", &[PREVIEW, &[EXPAND]], "invoice_read", preview)];

fn preview(call: &mut Call<'_>) -> Outcome {
    refuse(call, REFUSED)?;
    let id = call.text("subscription").map(str::to_owned);
    let details = call.params.get("subscription_details").cloned().unwrap_or_default();
    let Some(id) = id else { return preview_of_customer(call) };
    let subscription =
        find_subscription(call.account, &id, "subscription").map_err(|error| error.status(400))?;
    let ends = subscription.flag("cancel_at_period_end") && details.is_null();
    if billing::is_over(&subscription) || ends {
        return Err(ApiError::invalid(
            "No upcoming invoices for customer: it has no subscription that goes on.",
        )
        .code("invoice_upcoming_none")
        .status(404));
    }
    let items = match details.get("items").and_then(Value::as_array) {
        Some(entries) => Some(merge_items(call.account, &subscription, entries)?),
        None => None,
    };
    let wish = Wish {
        items,
        anchor_now: details.text("billing_cycle_anchor") == "now",
        trial_end: details.get("trial_end"),
        prorates: details.text("proration_behavior") != "none",
        proration_date: details.get("proration_date").and_then(Value::as_i64),
    };
    let change = work_out(call.account, &subscription, wish)?;
    let at_once = change.restarts || details.text("proration_behavior") == "always_invoice";
    let waiting = invoice_items::pending(
        call.account,
        subscription.text("customer"),
        &id,
        subscription.text("currency"),
    );
    let mut lines = Vec::new();
    for part in waiting.iter().chain(&change.parts) {
        lines.push(invoice_lines::of_invoice_item(call.account, part));
    }
    let now = call.account.time();
    let (reason, at, period) = if at_once {
        ("subscription_update", now, period_of(&change.after))
    } else {
        let end = period_of(&change.after).1;
        ("upcoming", end, period_at(&change.after, end))
    };
    if !at_once || change.restarts {
        lines.extend(invoice_lines::of_items(call.account, &items_of(&change.after), period, false));
    }
    finish(call, &change.after, lines, reason, at)
}

fn preview_of_customer(call: &mut Call<'_>) -> Outcome {
    let id = call.text("customer").ok_or_else(|| ApiError::missing_param("customer"))?.to_owned();
    find_customer(call.account, &id, "customer").map_err(|error| error.status(400))?;
    let currency = call.text("currency").unwrap_or("usd").to_owned();
    let waiting = invoice_items::pending(call.account, &id, "", &currency);
    if waiting.is_empty() {
        return Err(ApiError::invalid(format!("No upcoming invoices for customer: {id}"))
            .code("invoice_upcoming_none")
            .status(404));
    }
    let mut lines = Vec::new();
    for item in &waiting {
        lines.push(invoice_lines::of_invoice_item(call.account, item));
    }
    let of = json!({ "customer": id, "currency": currency, "collection_method": "charge_automatically" });
    let now = call.account.time();
    finish(call, &of, lines, "upcoming", now)
}

fn finish(call: &mut Call<'_>, of: &Value, lines: Vec<Value>, reason: &str, at: i64) -> Outcome {
    let customer = find_customer(call.account, of.text("customer"), "customer")?;
    let live = discounts::still_on(call.account, of.at(&["discounts"]));
    let none = Value::Null;
    let draft = Draft {
        customer: &customer,
        currency: of.text("currency"),
        reason,
        subscription: if of.text("id").is_empty() { &none } else { of },
        collection_method: of.text("collection_method"),
        days_until_due: None,
        discounts: live,
        period: period_of(of),
        auto_advance: false,
    };
    let mut invoice = invoice_life::build(call.account, &draft);
    let id = call.account.ids.id("upcoming_in");
    invoice.set("id", id);
    invoice.set("created", at);
    invoice_lines::put(&mut invoice, lines);
    invoice_lines::total(call.account, &mut invoice);
    Ok(invoice)
}
