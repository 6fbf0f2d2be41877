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
use super::prices::{ONE, ONE_OFF_DATA, RECURRING_DATA};
use super::router::{Call, Outcome, Route};
use super::subscription_updates::{Wish, merge_items, work_out};
use super::{decimal, invoice_items, invoice_lines, invoice_totals, prices, tax_rates};

const REFUSED: &[&str] = &["automatic_tax", "customer_details", "schedule", "schedule_details"];

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
            clear("discounts", Kind::List(&Kind::Hash(DISCOUNT))),
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
    if details.flag("cancel_now") {
        return Err(ApiError::not_simulated("subscription_details[cancel_now]"));
    }
    let param = "subscription_details[default_tax_rates]";
    let rates = tax_rates::read(call.account, details.get("default_tax_rates"), param)?;
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
        extras: Vec::new(),
    };
    let mut change = work_out(call.account, &subscription, wish)?;
    if details.get("default_tax_rates").is_some() {
        change.after.set("default_tax_rates", rates);
    }
    let at_once = change.restarts || details.text("proration_behavior") == "always_invoice";
    let waiting = invoice_items::pending(
        call.account,
        subscription.text("customer"),
        &id,
        subscription.text("currency"),
    );
    let waiting = changed(call, waiting, subscription.text("customer"), subscription.text("currency"))?;
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
    // What ends with its period has no next one.
    let last = period_of(&change.after).1;
    let ends = details.flag("cancel_at_period_end")
        || details.get("cancel_at").and_then(Value::as_i64).is_some_and(|at| at <= last);
    if change.restarts || !(at_once || ends) {
        lines.extend(invoice_lines::of_items(call.account, &items_of(&change.after), period, false));
    }
    finish(call, &change.after, lines, reason, at)
}

fn preview_of_customer(call: &mut Call<'_>) -> Outcome {
    let id = call.text("customer").ok_or_else(|| ApiError::missing_param("customer"))?.to_owned();
    find_customer(call.account, &id, "customer").map_err(|error| error.status(400))?;
    let currency = call.text("currency").unwrap_or("usd").to_owned();
    let waiting = invoice_items::pending(call.account, &id, "", &currency);
    let waiting = changed(call, waiting, &id, &currency)?;
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

/// What waits for an invoice, as `invoice_items` adds to it and changes it.
fn changed(
    call: &mut Call<'_>,
    mut waiting: Vec<Value>,
    customer: &str,
    currency: &str,
) -> Result<Vec<Value>, ApiError> {
    let entries = call.params.get("invoice_items").and_then(Value::as_array).cloned().unwrap_or_default();
    for (at, entry) in entries.iter().enumerate() {
        let param = format!("invoice_items[{at}]");
        let id = entry.text("invoiceitem");
        let place = waiting.iter().position(|item| !id.is_empty() && item.text("id") == id);
        if place.is_none() && !id.is_empty() {
            let param = format!("{param}[invoiceitem]");
            return Err(ApiError::missing("invoiceitem", id, &param).status(400));
        }
        let before = place.and_then(|place| waiting.get(place).cloned());
        let now = call.account.time();
        let blank = json!({ "currency": currency, "period": { "end": now, "start": now }, "quantity": 1 });
        let mut item = before.unwrap_or(blank);
        change(call, &mut item, entry, &param, customer)?;
        if item.text("currency") != currency {
            let message = "The items of an invoice must all have its currency.";
            return Err(ApiError::invalid(message).param(&format!("{param}[currency]")));
        }
        match place.and_then(|place| waiting.get_mut(place)) {
            Some(known) => *known = item,
            None => waiting.push(item),
        }
    }
    Ok(waiting)
}

fn change(
    call: &mut Call<'_>,
    item: &mut Value,
    entry: &Value,
    param: &str,
    customer: &str,
) -> Result<(), ApiError> {
    let named = |name: &str| format!("{param}[{name}]");
    if entry.get("quantity_decimal").is_some() {
        return Err(ApiError::not_simulated(&named("quantity_decimal")));
    }
    for name in ["currency", "description", "discountable", "metadata", "period"] {
        if let Some(value) = entry.get(name) {
            item.set(name, value.clone());
        }
    }
    let quantity = entry.get("quantity").and_then(Value::as_i64).unwrap_or(item.int("quantity"));
    prices::check_quantity(quantity, 0, &named("quantity"))?;
    item.set("quantity", quantity);
    let unit = prices::exact(entry, "unit_amount", &named("unit_amount"))?;
    if entry.get("price").is_some() || entry.get("price_data").is_some() {
        let price = prices::resolve(call.account, entry, param, Some(false))?;
        item.set("amount", prices::amount(call.account, &price, quantity));
        item.set("currency", price.text("currency"));
        item.set("price", price);
        item.set("pricing", Value::Null);
    } else if let Some((_, exact)) = unit {
        let exact = decimal::scaled(&exact, 12).unwrap_or_default();
        item.set("amount", decimal::share(exact, i128::from(quantity), ONE));
    } else if let Some(amount) = entry.get("amount") {
        item.set("amount", amount.clone());
    } else if item.text("id").is_empty() {
        return Err(ApiError::missing_param(&named("amount")));
    } else if let Some(price) =
        call.account.get("price", item.at(&["pricing", "price_details"]).text("price"))
    {
        item.set("amount", prices::amount(call.account, &price, quantity));
    }
    if let Some(given) = entry.get("tax_rates") {
        item.set("tax_rates", tax_rates::read(call.account, Some(given), &named("tax_rates"))?);
    }
    if let Some(given) = entry.get("discounts") {
        let chosen = discounts::read(call.account, Some(given), customer)?;
        item.set("discounts", discounts::draft(call.account, &chosen, ("invoice_item", ""), customer));
    }
    Ok(())
}

fn finish(call: &mut Call<'_>, of: &Value, lines: Vec<Value>, reason: &str, at: i64) -> Outcome {
    let customer = find_customer(call.account, of.text("customer"), "customer")?;
    let live = match call.params.get("discounts") {
        Some(given) => {
            let chosen = discounts::read(call.account, Some(given), customer.text("id"))?;
            discounts::draft(call.account, &chosen, ("invoice", ""), customer.text("id"))
        }
        None => discounts::still_on(call.account, of.at(&["discounts"])),
    };
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
    invoice_totals::total(call.account, &mut invoice);
    Ok(invoice)
}
