//! The lines of an invoice.

use serde_json::{Value, json};

use super::discounts;
use super::money;
use super::object::Object;
use super::prices;
use super::state::Account;

fn line(account: &mut Account, parts: &Value, parent: &Value) -> Value {
    let price = parts.at(&["price"]);
    let quantity = parts.get("quantity").and_then(Value::as_i64).unwrap_or(1);
    let pricing = if price.is_null() {
        json!({ "price_details": null, "type": "price_details", "unit_amount_decimal": parts.int("amount").to_string() })
    } else {
        json!({
            "price_details": { "price": price.text("id"), "product": price.text("product") },
            "type": "price_details",
            "unit_amount_decimal": price.text("unit_amount_decimal"),
        })
    };
    let discounts = parts.at(&["discounts"]).as_array().cloned().unwrap_or_default();
    let id = account.ids.id("il");
    // A line shows its taxes, not the rates that it was made with.
    account.note(&id, "tax_rates", parts.at(&["tax_rates"]).clone());
    json!({
        "id": id,
        "object": "line_item",
        "amount": parts.int("amount"),
        "currency": parts.text("currency"),
        "description": parts.at(&["description"]),
        "discount_amounts": [],
        "discountable": parts.get("discountable").and_then(Value::as_bool).unwrap_or(true),
        "discounts": discounts,
        "invoice": null,
        "livemode": false,
        "metadata": parts.get("metadata").filter(|metadata| metadata.is_object()).cloned().unwrap_or_else(|| json!({})),
        "parent": parent,
        "period": parts.at(&["period"]),
        "pretax_credit_amounts": [],
        "pricing": pricing,
        "quantity": quantity,
        "quantity_decimal": quantity.to_string(),
        "subscription": parts.at(&["subscription"]),
        "subtotal": parts.int("amount"),
        "taxes": [],
    })
}

/// A line for each item of a subscription over one period; in a trial they cost nothing.
pub(super) fn of_items(
    account: &mut Account,
    items: &[Value],
    period: (i64, i64),
    trial: bool,
) -> Vec<Value> {
    items
        .iter()
        .map(|item| {
            let amount =
                if trial { 0 } else { prices::amount(account, item.at(&["price"]), item.int("quantity")) };
            of_item(account, item, period, amount, trial)
        })
        .collect()
}

/// A line for one item, at a given amount.
pub(super) fn of_item(
    account: &mut Account,
    item: &Value,
    period: (i64, i64),
    amount: i64,
    trial: bool,
) -> Value {
    let price = item.at(&["price"]);
    let product = account.get("product", price.text("product")).unwrap_or_default();
    let name = product.text("name");
    let unit = price.get("unit_amount").and_then(Value::as_i64);
    let each = unit.map(|unit| money::shown(unit, price.text("currency")));
    let each = each.unwrap_or_else(|| match price.text("unit_amount_decimal") {
        "" => "tiered".to_owned(),
        exact => exact.to_owned(),
    });
    let interval = price.at(&["recurring"]).text("interval");
    let description = if trial {
        format!("Trial period for {name}")
    } else {
        format!("{} × {name} (at {each} / {interval})", item.int("quantity"))
    };
    let parts = json!({
        "amount": amount, "currency": price.text("currency"), "description": description,
        "period": { "start": period.0, "end": period.1 }, "price": price, "quantity": item.int("quantity"),
        "subscription": item.text("subscription"), "metadata": item.at(&["metadata"]),
        "discounts": discounts::still_on(account, item.at(&["discounts"])),
        "tax_rates": item.at(&["tax_rates"]),
    });
    let parent = json!({
        "invoice_item_details": null,
        "subscription_item_details": {
            "invoice_item": null, "proration": false, "proration_details": { "credited_items": null },
            "subscription": item.text("subscription"), "subscription_item": item.text("id"),
        },
        "type": "subscription_item_details",
    });
    line(account, &parts, &parent)
}

/// The line of an invoice item, or of the parts of one that does not exist yet.
pub(super) fn of_invoice_item(account: &mut Account, item: &Value) -> Value {
    let price = match item.at(&["pricing", "price_details"]).text("price") {
        "" => item.at(&["price"]).clone(),
        id => account.get("price", id).unwrap_or_default(),
    };
    let details = item.at(&["parent", "subscription_details"]);
    let either = |name: &str| match details.text(name) {
        "" => item.at(&[name]).clone(),
        id => Value::from(id),
    };
    let (subscription, subscription_item) = (either("subscription"), either("subscription_item"));
    let id = Some(item.text("id")).filter(|id| !id.is_empty());
    let proration = json!({ "credited_items": null });
    let parent = if subscription_item.is_null() {
        json!({
            "invoice_item_details": {
                "invoice_item": id, "proration": false, "proration_details": proration, "subscription": subscription,
            },
            "subscription_item_details": null,
            "type": "invoice_item_details",
        })
    } else {
        json!({
            "invoice_item_details": null,
            "subscription_item_details": {
                "invoice_item": id, "proration": true, "proration_details": proration,
                "subscription": subscription, "subscription_item": subscription_item,
            },
            "type": "subscription_item_details",
        })
    };
    let mut parts = item.clone();
    parts.set("price", price);
    parts.set("subscription", subscription);
    line(account, &parts, &parent)
}

/// Puts lines on an invoice, with its id on each.
pub(super) fn put(invoice: &mut Value, mut lines: Vec<Value>) {
    let id = invoice.text("id").to_owned();
    for line in &mut lines {
        line.set("invoice", id.clone());
    }
    let list = json!({
        "object": "list", "has_more": false, "total_count": lines.len(), "data": lines,
        "url": format!("/v1/invoices/{id}/lines"),
    });
    invoice.set("lines", list);
}

pub(super) fn of(invoice: &Value) -> Vec<Value> {
    invoice.at(&["lines", "data"]).as_array().cloned().unwrap_or_default()
}
