//! Invoice items: amounts that wait for an invoice.

use serde_json::{Value, json};

use super::customers::find_customer;
use super::discounts::{self, DISCOUNT};
use super::error::ApiError;
use super::invoices::{find_invoice, refuse};
use super::money;
use super::object::{Object, overlay};
use super::page::{self, PAGE};
use super::params::{EXPAND, Field, Kind, clear, may, need};
use super::prices::{self, ONE_OFF_DATA};
use super::router::{Call, Outcome, Route};
use super::state::Account;
use super::{billing, invoice_lines, invoice_totals, tax_rates};

const REFUSED: &[&str] = &["quantity_decimal"];

const CREATE: &[Field] = &[
    may("amount", Kind::Integer),
    may("currency", Kind::Text),
    may("customer", Kind::Text),
    may("customer_account", Kind::Text),
    may("description", Kind::Text),
    may("discountable", Kind::Boolean),
    clear("discounts", Kind::List(&Kind::Hash(DISCOUNT))),
    may("invoice", Kind::Text),
    clear("metadata", Kind::Metadata),
    may("period", Kind::Hash(&[need("end", Kind::Integer), need("start", Kind::Integer)])),
    may("price_data", Kind::Hash(ONE_OFF_DATA)),
    may("pricing", Kind::Hash(&[may("price", Kind::Text)])),
    may("quantity", Kind::Integer),
    may("quantity_decimal", Kind::Decimal),
    may("subscription", Kind::Text),
    may("tax_behavior", Kind::OneOf(&["exclusive", "inclusive", "unspecified"])),
    clear("tax_code", Kind::Text),
    may("tax_rates", Kind::List(&Kind::Text)),
    may("unit_amount_decimal", Kind::Decimal),
];

const UPDATE: &[Field] = &[
    may("amount", Kind::Integer),
    may("description", Kind::Text),
    may("discountable", Kind::Boolean),
    clear("discounts", Kind::List(&Kind::Hash(DISCOUNT))),
    clear("metadata", Kind::Metadata),
    may("period", Kind::Hash(&[need("end", Kind::Integer), need("start", Kind::Integer)])),
    may("price_data", Kind::Hash(ONE_OFF_DATA)),
    may("pricing", Kind::Hash(&[may("price", Kind::Text)])),
    may("quantity", Kind::Integer),
    may("quantity_decimal", Kind::Decimal),
    may("tax_behavior", Kind::OneOf(&["exclusive", "inclusive", "unspecified"])),
    clear("tax_code", Kind::Text),
    clear("tax_rates", Kind::List(&Kind::Text)),
    may("unit_amount_decimal", Kind::Decimal),
];

const LIST: &[Field] = &[
    may("created", Kind::Range),
    may("customer", Kind::Text),
    may("customer_account", Kind::Text),
    may("invoice", Kind::Text),
    may("pending", Kind::Boolean),
];

pub(super) const ROUTES: &[Route] = &[
    Route::post("invoiceitems", &[CREATE, &[EXPAND]], "invoice_write", create),
    Route::get("invoiceitems", &[PAGE, LIST], "invoice_read", list),
    Route::get("invoiceitems/*", &[&[EXPAND]], "invoice_read", retrieve),
    Route::post("invoiceitems/*", &[UPDATE, &[EXPAND]], "invoice_write", update),
    Route::delete("invoiceitems/*", &[], "invoice_write", delete),
];

fn find_item(account: &Account, id: &str) -> Outcome {
    account
        .get("invoiceitem", id)
        .filter(|item| !item.flag("deleted"))
        .ok_or_else(|| ApiError::missing("invoiceitem", id, "invoiceitem"))
}

/// Makes and stores an item of these parts. `subscription_item` among them makes it a proration. Its discounts begin.
pub(super) fn make(account: &mut Account, customer: &Value, parts: &Value) -> Value {
    let price = parts.at(&["price"]);
    let subscription = parts.at(&["subscription"]);
    let proration = !parts.at(&["subscription_item"]).is_null();
    let parent = (!subscription.is_null()).then(|| {
        json!({
            "subscription_details": {
                "subscription": subscription, "subscription_item": parts.at(&["subscription_item"]),
            },
            "type": "subscription_details",
        })
    });
    let pricing = (!price.is_null()).then(|| {
        json!({
            "price_details": { "price": price.text("id"), "product": price.text("product") },
            "type": "price_details",
            "unit_amount_decimal": price.text("unit_amount_decimal"),
        })
    });
    let now = account.time();
    let quantity = parts.get("quantity").and_then(Value::as_i64).unwrap_or(1);
    let period = match parts.at(&["period"]) {
        Value::Null => json!({ "start": now, "end": now }),
        given => given.clone(),
    };
    let id = match parts.text("id") {
        "" => account.ids.id("ii"),
        own => own.to_owned(),
    };
    let item = json!({
        "id": id,
        "object": "invoiceitem",
        "amount": parts.int("amount"),
        "currency": parts.text("currency"),
        "customer": customer.text("id"),
        "customer_account": null,
        "date": now,
        "description": parts.at(&["description"]),
        "discountable": parts.get("discountable").and_then(Value::as_bool).unwrap_or(true),
        "discounts": parts.at(&["discounts"]).as_array().cloned().unwrap_or_default(),
        "invoice": parts.at(&["invoice"]),
        "livemode": false,
        "metadata": parts.get("metadata").filter(|metadata| metadata.is_object()).cloned().unwrap_or_else(|| json!({})),
        "net_amount": parts.int("amount"),
        "parent": parent,
        "period": period,
        "pricing": pricing,
        "proration": proration,
        "proration_details": proration.then(|| json!({ "discount_amounts": [] })),
        "quantity": quantity,
        "quantity_decimal": quantity.to_string(),
        "tax_rates": parts.at(&["tax_rates"]).as_array().cloned().unwrap_or_default(),
        "test_clock": customer.at(&["test_clock"]),
    });
    discounts::publish(account, item.at(&["discounts"]));
    account.save(&item, "invoiceitem.created");
    item
}

/// Takes what waits for this customer (and this subscription, or none) onto an invoice, oldest first.
pub(super) fn take_pending(
    account: &mut Account,
    customer: &str,
    subscription: &str,
    currency: &str,
    invoice: &str,
) -> Vec<Value> {
    let mut waiting = pending(account, customer, subscription, currency);
    waiting
        .iter_mut()
        .map(|item| {
            item.set("invoice", invoice);
            account.put(item);
            invoice_lines::of_invoice_item(account, item)
        })
        .collect()
}

/// What waits, oldest first.
pub(super) fn pending(account: &Account, customer: &str, subscription: &str, currency: &str) -> Vec<Value> {
    let mut waiting = account.those("invoiceitem", |item| {
        let of = item.at(&["parent", "subscription_details"]).text("subscription");
        !item.flag("deleted")
            && item.at(&["invoice"]).is_null()
            && item.text("customer") == customer
            && item.text("currency") == currency
            && (of.is_empty() || of == subscription)
    });
    waiting.reverse();
    waiting
}

/// A draft is deleted: its items wait again.
pub(super) fn let_go(account: &mut Account, invoice: &str) {
    for mut item in account.newest_first("invoiceitem") {
        if item.text("invoice") == invoice {
            item.set("invoice", Value::Null);
            account.put(&item);
        }
    }
}

/// Brings the lines of a draft up to its items.
fn refresh(account: &mut Account, invoice: &str) {
    let Some(mut draft) = account.get("invoice", invoice).filter(|draft| draft.text("status") == "draft")
    else {
        return;
    };
    let items: Vec<Value> = account.newest_first("invoiceitem");
    let items =
        items.into_iter().rev().filter(|item| item.text("invoice") == invoice && !item.flag("deleted"));
    let items: Vec<Value> = items.collect();
    let lines: Vec<Value> = items.iter().map(|item| invoice_lines::of_invoice_item(account, item)).collect();
    invoice_lines::put(&mut draft, lines);
    invoice_totals::total(account, &mut draft);
    account.put(&draft);
}

/// The amount, and the price where there is one.
fn priced(call: &mut Call<'_>, quantity: i64) -> Result<(Option<i64>, Value, Option<String>), ApiError> {
    let pricing = call.params.get("pricing").map(|pricing| pricing.text("price").to_owned());
    let data = call.params.get("price_data").cloned();
    let amount = call.int("amount");
    let unit = call.text("unit_amount_decimal").map(str::to_owned);
    if [pricing.is_some(), data.is_some(), amount.is_some(), unit.is_some()]
        .iter()
        .filter(|given| **given)
        .count()
        > 1
    {
        return Err(ApiError::invalid(
            "You may only specify one of these parameters: amount, pricing, price_data, unit_amount_decimal.",
        ));
    }
    if let Some(text) = unit {
        let exact = super::decimal::scaled(&text, 12).unwrap_or_default();
        if exact.abs() > 99_999_999 * prices::ONE {
            return Err(ApiError::invalid("Amount is too large.")
                .code("amount_too_large")
                .param("unit_amount_decimal"));
        }
        return Ok((
            Some(super::decimal::share(exact, i128::from(quantity), 1_000_000_000_000)),
            Value::Null,
            None,
        ));
    }
    let line = match (pricing, data) {
        (Some(id), _) => json!({ "price": id }),
        (None, Some(data)) => json!({ "price_data": data }),
        (None, None) => return Ok((amount, Value::Null, None)),
    };
    let price = prices::resolve(call.account, &line, "pricing", Some(false))?;
    let currency = price.text("currency").to_owned();
    Ok((Some(prices::amount(call.account, &price, quantity)), price, Some(currency)))
}

fn create(call: &mut Call<'_>) -> Outcome {
    refuse(call, REFUSED)?;
    let id = call.text("customer").ok_or_else(|| ApiError::missing_param("customer"))?.to_owned();
    let customer = find_customer(call.account, &id, "customer").map_err(|error| error.status(400))?;
    let quantity = call.int("quantity").unwrap_or(1);
    prices::check_quantity(quantity, 0, "quantity")?;
    let draft = match call.text("invoice") {
        Some(number) => Some(editable(call.account, number, &id)?),
        None => None,
    };
    if let Some(subscription) = call.text("subscription") {
        let found = billing::find_subscription(call.account, subscription, "subscription");
        if found.map_err(|error| error.status(400))?.text("customer") != id {
            return Err(ApiError::missing("subscription", subscription, "subscription").status(400));
        }
    }
    let chosen = discounts::read(call.account, call.params.get("discounts"), &id)?;
    let rates = tax_rates::read(call.account, call.params.get("tax_rates"), "tax_rates")?;
    let (amount, price, priced_in) = priced(call, quantity)?;
    let amount = amount.ok_or_else(|| ApiError::missing_param("amount"))?;
    let currency = match (call.text("currency"), priced_in, &draft) {
        (Some(code), _, _) => money::currency(code)?,
        (None, Some(code), _) => code,
        (None, None, Some(draft)) => draft.text("currency").to_owned(),
        _ => return Err(ApiError::missing_param("currency")),
    };
    if draft.as_ref().is_some_and(|draft| draft.text("currency") != currency) {
        let message = "The currency of the invoice item must be the same as the invoice's.";
        return Err(ApiError::invalid(message).param("currency"));
    }
    let number = call.account.ids.id("ii");
    let discounts = discounts::draft(call.account, &chosen, ("invoice_item", &number), &id);
    let mut parts = json!({
        "id": number, "amount": amount, "currency": currency, "price": price, "quantity": quantity,
        "discounts": discounts, "tax_rates": rates,
    });
    for name in ["description", "discountable", "invoice", "metadata", "period", "subscription"] {
        if let Some(value) = call.params.get(name) {
            parts.set(name, value.clone());
        }
    }
    let item = make(call.account, &customer, &parts);
    refresh(call.account, item.text("invoice"));
    Ok(item)
}

fn editable(account: &Account, invoice: &str, customer: &str) -> Outcome {
    let draft = find_invoice(account, invoice, "invoice").map_err(|error| error.status(400))?;
    if draft.text("customer") != customer {
        return Err(ApiError::missing("invoice", invoice, "invoice").status(400));
    }
    if draft.text("status") != "draft" || !draft.at(&["parent"]).is_null() {
        let message = "This invoice is no longer editable.";
        return Err(ApiError::invalid(message).code("invoice_not_editable").param("invoice").while_working());
    }
    Ok(draft)
}

fn retrieve(call: &mut Call<'_>) -> Outcome {
    find_item(call.account, &call.id)
}

fn still_open(account: &Account, item: &Value) -> Result<(), ApiError> {
    let invoice = account.get("invoice", item.text("invoice"));
    match invoice {
        Some(invoice) if invoice.text("status") != "draft" => Err(ApiError::invalid(
            "This invoice item cannot be changed because its invoice is no longer editable.",
        )
        .code("invoice_not_editable")
        .while_working()),
        _ => Ok(()),
    }
}

fn update(call: &mut Call<'_>) -> Outcome {
    refuse(call, REFUSED)?;
    let before = find_item(call.account, &call.id)?;
    still_open(call.account, &before)?;
    let quantity = call.int("quantity").unwrap_or(before.int("quantity"));
    prices::check_quantity(quantity, 0, "quantity")?;
    let customer = before.text("customer").to_owned();
    let chosen = discounts::read(call.account, call.params.get("discounts"), &customer)?;
    let rates = tax_rates::read(call.account, call.params.get("tax_rates"), "tax_rates")?;
    let (amount, price, _) = priced(call, quantity)?;
    let mut item = before.clone();
    overlay(
        &mut item,
        &call.params,
        &[
            "discounts",
            "pricing",
            "price_data",
            "tax_behavior",
            "tax_code",
            "tax_rates",
            "unit_amount_decimal",
        ],
    );
    if call.params.contains_key("discounts") {
        let started = discounts::start(call.account, &chosen, ("invoice_item", &call.id), &customer);
        item.set("discounts", started);
    }
    if call.params.contains_key("tax_rates") {
        item.set("tax_rates", rates);
    }
    if !price.is_null() {
        item.set(
            "pricing",
            json!({
                "price_details": { "price": price.text("id"), "product": price.text("product") },
                "type": "price_details",
                "unit_amount_decimal": price.text("unit_amount_decimal"),
            }),
        );
    }
    let kept = before.at(&["pricing", "price_details"]).text("price");
    let known = call.account.get("price", kept);
    let recounted = known
        .filter(|_| call.params.contains_key("quantity"))
        .map(|price| prices::amount(call.account, &price, quantity));
    if let Some(amount) = amount.or(recounted) {
        item.set("amount", amount);
        item.set("net_amount", amount);
    }
    item.set("quantity_decimal", quantity.to_string());
    call.account.put(&item);
    refresh(call.account, item.text("invoice"));
    Ok(item)
}

fn delete(call: &mut Call<'_>) -> Outcome {
    let item = find_item(call.account, &call.id)?;
    still_open(call.account, &item)?;
    let gone = json!({ "id": call.id, "object": "invoiceitem", "deleted": true });
    call.account.put(&gone);
    refresh(call.account, item.text("invoice"));
    call.account.emit("invoiceitem.deleted", &item, None);
    Ok(gone)
}

fn list(call: &mut Call<'_>) -> Outcome {
    let rows = call.account.newest_first("invoiceitem").into_iter().filter(|row| {
        !row.flag("deleted")
            && ["customer", "invoice"]
                .iter()
                .all(|name| call.params.get(*name).is_none_or(|wanted| row.at(&[name]) == wanted))
            && call
                .params
                .get("pending")
                .and_then(Value::as_bool)
                .is_none_or(|yes| row.at(&["invoice"]).is_null() == yes)
            && page::within(&call.params, "created", row.int("date"))
    });
    page::list(&call.params, rows.collect(), "invoiceitem", "/v1/invoiceitems")
}
