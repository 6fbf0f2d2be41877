//! The lines of an invoice, and what they come to.

use serde_json::{Value, json};

use super::customers::find_customer;
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
    json!({
        "id": account.ids.id("il"),
        "object": "line_item",
        "amount": parts.int("amount"),
        "currency": parts.text("currency"),
        "description": parts.at(&["description"]),
        "discount_amounts": [],
        "discountable": parts.get("discountable").and_then(Value::as_bool).unwrap_or(true),
        "discounts": [],
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
            let amount = if trial { 0 } else { prices::amount(item.at(&["price"]), item.int("quantity")) };
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
    let each = each.unwrap_or_else(|| price.text("unit_amount_decimal").to_owned());
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

/// What becomes of a total and of the customer's balance (negative: the customer has credit): what is due, and
/// the balance afterwards. A sum too small to charge is put on the balance instead.
fn settle(total: i64, balance: i64, currency: &str) -> (i64, i64) {
    let due = total + balance;
    if due < money::least(currency) {
        return (0, due);
    }
    (due, 0)
}

/// Sums an invoice up again from its lines, discounts and the customer's balance.
pub(super) fn total(account: &Account, invoice: &mut Value) {
    let lines = of(invoice);
    let subtotal: i64 = lines.iter().map(|line| line.int("amount")).sum();
    let ids = invoice.at(&["discounts"]).as_array().cloned().unwrap_or_default();
    let currency = invoice.text("currency").to_owned();
    let taken = discounts::amounts(account, &ids, &lines, &currency);
    let total = subtotal - taken.iter().map(|(_, amount)| amount).sum::<i64>();
    let discounted: Vec<Value> =
        taken.iter().map(|(id, amount)| json!({ "amount": amount, "discount": id })).collect();
    let credits: Vec<Value> = taken
        .iter()
        .map(|(id, amount)| {
            json!({ "amount": amount, "credit_balance_transaction": null, "discount": id, "type": "discount" })
        })
        .collect();
    let customer = find_customer(account, invoice.text("customer"), "customer").unwrap_or_default();
    let starting = customer.int("balance");
    let (due, ending) = settle(total, starting, &currency);
    for (name, amount) in [
        ("subtotal", subtotal),
        ("subtotal_excluding_tax", subtotal),
        ("total", total),
        ("total_excluding_tax", total),
        ("amount_due", due),
        ("amount_remaining", due),
        ("starting_balance", starting),
    ] {
        invoice.set(name, amount);
    }
    invoice.set("total_discount_amounts", discounted);
    invoice.set("total_pretax_credit_amounts", credits);
    // Before an invoice is finalized this is only a forecast, which Stripe does not show.
    invoice.set("ending_balance", (invoice.text("status") != "draft").then_some(ending));
}

#[cfg(test)]
mod tests {
    use super::settle;

    #[test]
    fn balances_are_used_up_before_cards() {
        assert_eq!(settle(1_000, 0, "usd"), (1_000, 0));
        assert_eq!(settle(1_000, -400, "usd"), (600, 0));
        assert_eq!(settle(1_000, -1_400, "usd"), (0, -400));
        assert_eq!(settle(-300, 0, "usd"), (0, -300));
        assert_eq!(settle(1_000, 250, "usd"), (1_250, 0));
        assert_eq!(settle(49, 0, "usd"), (0, 49));
    }
}
