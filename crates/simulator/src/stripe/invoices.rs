//! Invoices: what can be asked of them.

use serde_json::{Value, json};

use super::customers::find_customer;
use super::discounts::{self, DISCOUNT};
use super::error::ApiError;
use super::invoice_life::{DRAFT_LASTS, Draft, build, finalize, mark_uncollectible, publish, void};
use super::invoice_payments::{self, check_owner};
use super::money;
use super::object::{Object, overlay};
use super::page::{self, PAGE};
use super::params::{EXPAND, Field, Kind, clear, may, need};
use super::router::{Call, Outcome, Route};
use super::state::{Account, Later};
use super::{billing, invoice_items, invoice_lines};

const DAY: i64 = 24 * 60 * 60;

/// Features that would change amounts or payments, and are not carried out.
const REFUSED: &[&str] = &[
    "account_tax_ids",
    "application_fee_amount",
    "automatic_tax",
    "automatically_finalizes_at",
    "default_source",
    "default_tax_rates",
    "from_invoice",
    "shipping_cost",
    "transfer_data",
];

const CREATE: &[Field] = &[
    clear("account_tax_ids", Kind::List(&Kind::Text)),
    may("application_fee_amount", Kind::Integer),
    may("auto_advance", Kind::Boolean),
    may("automatic_tax", Kind::Opaque),
    may("automatically_finalizes_at", Kind::Integer),
    may("collection_method", Kind::OneOf(&["charge_automatically", "send_invoice"])),
    may("currency", Kind::Text),
    clear("custom_fields", Kind::List(&Kind::Opaque)),
    may("customer", Kind::Text),
    may("customer_account", Kind::Text),
    may("days_until_due", Kind::Integer),
    may("default_payment_method", Kind::Text),
    may("default_source", Kind::Text),
    may("default_tax_rates", Kind::List(&Kind::Text)),
    may("description", Kind::Text),
    clear("discounts", Kind::List(&Kind::Hash(DISCOUNT))),
    may("due_date", Kind::Integer),
    may("effective_at", Kind::Integer),
    may("footer", Kind::Text),
    may("from_invoice", Kind::Opaque),
    may("issuer", Kind::Opaque),
    clear("metadata", Kind::Metadata),
    may("number", Kind::Text),
    may("on_behalf_of", Kind::Text),
    may(
        "payment_settings",
        Kind::Hash(&[
            clear("default_mandate", Kind::Text),
            may("payment_method_options", Kind::Opaque),
            clear("payment_method_types", Kind::List(&Kind::Text)),
        ]),
    ),
    may("pending_invoice_items_behavior", Kind::OneOf(&["exclude", "include"])),
    may("rendering", Kind::Opaque),
    may("shipping_cost", Kind::Opaque),
    may(
        "shipping_details",
        Kind::Hash(&[need("address", Kind::Opaque), need("name", Kind::Text), clear("phone", Kind::Text)]),
    ),
    may("statement_descriptor", Kind::Text),
    may("subscription", Kind::Text),
    may("transfer_data", Kind::Opaque),
];

const UPDATE: &[Field] = &[
    clear("account_tax_ids", Kind::List(&Kind::Text)),
    may("application_fee_amount", Kind::Integer),
    may("auto_advance", Kind::Boolean),
    may("automatic_tax", Kind::Opaque),
    may("automatically_finalizes_at", Kind::Integer),
    may("collection_method", Kind::OneOf(&["charge_automatically", "send_invoice"])),
    clear("custom_fields", Kind::List(&Kind::Opaque)),
    may("days_until_due", Kind::Integer),
    may("default_payment_method", Kind::Text),
    clear("default_source", Kind::Text),
    clear("default_tax_rates", Kind::List(&Kind::Text)),
    may("description", Kind::Text),
    clear("discounts", Kind::List(&Kind::Hash(DISCOUNT))),
    may("due_date", Kind::Integer),
    clear("effective_at", Kind::Integer),
    may("footer", Kind::Text),
    may("issuer", Kind::Opaque),
    clear("metadata", Kind::Metadata),
    clear("number", Kind::Text),
    clear("on_behalf_of", Kind::Text),
    may(
        "payment_settings",
        Kind::Hash(&[
            clear("default_mandate", Kind::Text),
            may("payment_method_options", Kind::Opaque),
            clear("payment_method_types", Kind::List(&Kind::Text)),
        ]),
    ),
    may("rendering", Kind::Opaque),
    clear("shipping_cost", Kind::Opaque),
    clear("shipping_details", Kind::Opaque),
    may("statement_descriptor", Kind::Text),
    clear("transfer_data", Kind::Opaque),
];

const LIST: &[Field] = &[
    may("collection_method", Kind::OneOf(&["charge_automatically", "send_invoice"])),
    may("created", Kind::Range),
    may("customer", Kind::Text),
    may("customer_account", Kind::Text),
    may("due_date", Kind::Range),
    may("status", Kind::OneOf(&["draft", "open", "paid", "uncollectible", "void"])),
    may("subscription", Kind::Text),
];

const FINALIZE: &[Field] = &[may("auto_advance", Kind::Boolean)];

const PAY: &[Field] = &[
    may("forgive", Kind::Boolean),
    clear("mandate", Kind::Text),
    may("off_session", Kind::Boolean),
    may("paid_out_of_band", Kind::Boolean),
    may("payment_method", Kind::Text),
    may("source", Kind::Text),
];

const PAYMENTS: &[Field] = &[
    may("created", Kind::Range),
    may("invoice", Kind::Text),
    may(
        "payment",
        Kind::Hash(&[
            may("payment_intent", Kind::Text),
            may("payment_record", Kind::Text),
            need("type", Kind::OneOf(&["payment_intent", "payment_record"])),
        ]),
    ),
    may("status", Kind::OneOf(&["canceled", "open", "paid"])),
];

pub(super) const ROUTES: &[Route] = &[
    Route::post("invoices", &[CREATE, &[EXPAND]], "invoice_write", create),
    Route::get("invoices", &[PAGE, LIST], "invoice_read", list),
    Route::get("invoices/*", &[&[EXPAND]], "invoice_read", retrieve),
    Route::post("invoices/*", &[UPDATE, &[EXPAND]], "invoice_write", update),
    Route::delete("invoices/*", &[], "invoice_write", delete),
    Route::post("invoices/*/finalize", &[FINALIZE, &[EXPAND]], "invoice_write", finalize_now),
    Route::post("invoices/*/pay", &[PAY, &[EXPAND]], "invoice_write", pay),
    Route::post("invoices/*/void", &[&[EXPAND]], "invoice_write", void_now),
    Route::post("invoices/*/mark_uncollectible", &[&[EXPAND]], "invoice_write", give_up),
    Route::post("invoices/*/send", &[&[EXPAND]], "invoice_write", send),
    Route::get("invoices/*/lines", &[PAGE], "invoice_read", list_lines),
    Route::get("invoice_payments", &[PAGE, PAYMENTS], "invoice_read", list_payments),
    Route::get("invoice_payments/*", &[&[EXPAND]], "invoice_read", payment),
];

pub(super) fn find_invoice(account: &Account, id: &str, param: &str) -> Outcome {
    account
        .get("invoice", id)
        .filter(|invoice| !invoice.flag("deleted"))
        .ok_or_else(|| ApiError::missing("invoice", id, param))
}

/// Refuses parameters that are given and not empty.
pub(super) fn refuse(call: &Call<'_>, names: &[&str]) -> Result<(), ApiError> {
    let given = |name: &str| {
        call.params.get(name).is_some_and(|value| !value.is_null() && value.text("enabled") != "false")
    };
    match names.iter().find(|name| given(name)) {
        Some(name) => Err(ApiError::not_simulated(name)),
        None => Ok(()),
    }
}

fn create(call: &mut Call<'_>) -> Outcome {
    refuse(call, REFUSED)?;
    let id = call.text("customer").ok_or_else(|| ApiError::missing_param("customer"))?.to_owned();
    let customer = find_customer(call.account, &id, "customer").map_err(|error| error.status(400))?;
    let subscription = match call.text("subscription") {
        Some(id) => {
            let found = billing::find_subscription(call.account, id, "subscription");
            let found = found.map_err(|error| error.status(400))?;
            if found.text("customer") != customer.text("id") {
                return Err(ApiError::missing("subscription", id, "subscription").status(400));
            }
            found
        }
        None => Value::Null,
    };
    let collection = call.text("collection_method").unwrap_or("charge_automatically").to_owned();
    let days = due_in(call, &collection)?;
    if let Some(method) = call.text("default_payment_method").map(str::to_owned) {
        check_owner(call.account, &method, &id, "default_payment_method")?;
    }
    let chosen = discounts::read(call.account, call.params.get("discounts"), &id)?;
    let currency = match call.text("currency") {
        Some(code) => money::currency(code)?,
        None if !subscription.is_null() => subscription.text("currency").to_owned(),
        None => match customer.text("currency") {
            "" => "usd".to_owned(),
            own => own.to_owned(),
        },
    };
    let pulls = match call.text("pending_invoice_items_behavior") {
        Some(word) => word == "include",
        None => !subscription.is_null(),
    };
    let now = call.account.time();
    let auto_advance = call.flag("auto_advance");
    let draft = Draft {
        customer: &customer,
        currency: &currency,
        reason: "manual",
        subscription: &subscription,
        collection_method: &collection,
        days_until_due: days,
        discounts: Vec::new(),
        period: (now, now),
        auto_advance,
    };
    let mut invoice = build(call.account, &draft);
    overlay(&mut invoice, &call.params, WRITTEN_ELSEWHERE);
    settings(call, &mut invoice);
    let number = invoice.text("id").to_owned();
    let mut lines = Vec::new();
    if pulls {
        lines = invoice_items::take_pending(call.account, &id, subscription.text("id"), &currency, &number);
    }
    if !subscription.is_null() && lines.is_empty() {
        return Err(ApiError::invalid("Nothing to invoice for subscription")
            .code("invoice_no_subscription_line_items"));
    }
    invoice_lines::put(&mut invoice, lines);
    let started = discounts::start(call.account, &chosen, ("invoice", &number), &id);
    invoice.set("discounts", started);
    publish(call.account, &mut invoice);
    Ok(invoice)
}

const WRITTEN_ELSEWHERE: &[&str] = &[
    "currency",
    "customer",
    "days_until_due",
    "discounts",
    "payment_settings",
    "pending_invoice_items_behavior",
    "subscription",
    "automatic_tax",
];

fn settings(call: &Call<'_>, invoice: &mut Value) {
    for (name, value) in call.params.get("payment_settings").and_then(Value::as_object).into_iter().flatten()
    {
        invoice.set_at(&["payment_settings", name], value.clone());
    }
}

/// Invoices that are sent need a day to be paid by; the others cannot have one.
fn due_in(call: &Call<'_>, collection: &str) -> Result<Option<i64>, ApiError> {
    let given = ["days_until_due", "due_date"].into_iter().find(|name| call.params.contains_key(*name));
    match (collection, given) {
        ("send_invoice", None) => Err(ApiError::invalid(
            "If invoice collection method is 'send_invoice', you must specify 'days_until_due' or 'due_date'.",
        )
        .code("parameter_missing")
        .param("days_until_due")),
        ("charge_automatically", Some(name)) => Err(ApiError::invalid(
            "You can only specify 'days_until_due' or 'due_date' if invoice collection method is 'send_invoice'.",
        )
        .param(name)),
        _ => match call.int("days_until_due") {
            Some(days) if days < 0 => Err(ApiError::too_low("days_until_due", 0)),
            days => Ok(days),
        },
    }
}

fn retrieve(call: &mut Call<'_>) -> Outcome {
    find_invoice(call.account, &call.id, "invoice")
}

fn update(call: &mut Call<'_>) -> Outcome {
    refuse(call, REFUSED)?;
    let before = find_invoice(call.account, &call.id, "invoice")?;
    let draft = before.text("status") == "draft";
    let closed = matches!(before.text("status"), "void" | "uncollectible");
    // What a person reads on the invoice is fixed with its number.
    let always = ["metadata", "auto_advance", "default_payment_method", "payment_settings", "expand"];
    if let Some(name) = call
        .params
        .keys()
        .find(|name| !draft && (closed || !always.contains(&name.as_str())) && *name != "metadata")
    {
        let message = format!("Finalized invoices can't be updated in this way: {name}.");
        return Err(ApiError::invalid(message).code("invoice_not_editable").param(name).while_working());
    }
    let customer = before.text("customer").to_owned();
    if let Some(method) = call.text("default_payment_method").map(str::to_owned) {
        check_owner(call.account, &method, &customer, "default_payment_method")?;
    }
    let collection = call.text("collection_method").unwrap_or(before.text("collection_method")).to_owned();
    let days = if call.params.contains_key("collection_method") || call.params.contains_key("days_until_due")
    {
        due_in(call, &collection)?
    } else {
        None
    };
    let chosen = discounts::read(call.account, call.params.get("discounts"), &customer)?;
    let mut invoice = before.clone();
    overlay(&mut invoice, &call.params, WRITTEN_ELSEWHERE);
    settings(call, &mut invoice);
    if let Some(days) = days {
        invoice.set("due_date", call.account.time() + days * DAY);
    }
    if call.params.contains_key("discounts") {
        let started = discounts::start(call.account, &chosen, ("invoice", &call.id), &customer);
        invoice.set("discounts", started);
    }
    if draft {
        invoice_lines::total(call.account, &mut invoice);
        if invoice.flag("auto_advance") && !before.flag("auto_advance") {
            invoice.set("automatically_finalizes_at", call.account.now + DRAFT_LASTS);
            call.account.do_later(DRAFT_LASTS, Later::Finalize(call.id.clone()));
        }
    }
    call.account.save_changed(&before, &invoice, "invoice.updated");
    Ok(invoice)
}

fn delete(call: &mut Call<'_>) -> Outcome {
    let invoice = find_invoice(call.account, &call.id, "invoice")?;
    if invoice.text("status") != "draft" || !invoice.at(&["parent"]).is_null() {
        return Err(ApiError::invalid(
            "You can only delete draft invoices that do not belong to a subscription.",
        )
        .code("invoice_not_editable")
        .while_working());
    }
    invoice_items::let_go(call.account, &call.id);
    let gone = json!({ "id": call.id, "object": "invoice", "deleted": true });
    call.account.put(&gone);
    call.account.emit("invoice.deleted", &invoice, None);
    Ok(gone)
}

fn finalize_now(call: &mut Call<'_>) -> Outcome {
    let mut invoice = find_invoice(call.account, &call.id, "invoice")?;
    if invoice.text("status") != "draft" {
        return Err(ApiError::invalid(
            "This invoice is already finalized, you can't re-finalize a non-draft invoice.",
        )
        .code("invoice_already_finalized")
        .while_working());
    }
    if let Some(wish) = call.params.get("auto_advance") {
        invoice.set("auto_advance", wish.clone());
        call.account.put(&invoice);
    }
    let finalized = finalize(call.account, &call.id);
    let charges =
        finalized.flag("auto_advance") && finalized.text("collection_method") == "charge_automatically";
    if charges && finalized.text("status") == "open" {
        // Stripe attempts it about an hour after the invoice was finalized.
        call.account.do_later(DRAFT_LASTS, Later::RetryPayment(call.id.clone()));
        let mut planned = finalized;
        planned.set("next_payment_attempt", call.account.now + DRAFT_LASTS);
        call.account.put(&planned);
        return Ok(planned);
    }
    Ok(finalized)
}

fn wrong_status(invoice: &Value, verb: &str) -> ApiError {
    let status = invoice.text("status");
    ApiError::invalid(format!(
        "You can only pass in open invoices. This invoice isn't open: it is {status}, and cannot be {verb}."
    ))
    .code("invoice_not_editable")
    .while_working()
}

fn pay(call: &mut Call<'_>) -> Outcome {
    refuse(call, &["source", "mandate"])?;
    let id = call.id.clone();
    let mut invoice = find_invoice(call.account, &id, "invoice")?;
    let off_session = call.params.get("off_session").and_then(Value::as_bool).unwrap_or(true);
    let customer = invoice.text("customer").to_owned();
    if let Some(method) = call.text("payment_method").map(str::to_owned) {
        check_owner(call.account, &method, &customer, "payment_method")?;
    }
    match invoice.text("status") {
        "draft" => invoice = finalize(call.account, &id),
        "paid" => {
            return Err(ApiError::invalid("Invoice is already paid")
                .code("invoice_already_paid")
                .while_working());
        }
        "void" => return Err(wrong_status(&invoice, "paid")),
        _ => {}
    }
    if invoice.text("status") == "paid" {
        return Ok(invoice);
    }
    if call.flag("paid_out_of_band") {
        invoice_payments::abandon(call.account, &id);
        return Ok(invoice_payments::paid(call.account, &invoice, false));
    }
    let method = call.text("payment_method").map(str::to_owned);
    let after =
        invoice_payments::pay(call.account, &id, method, off_session).map_err(ApiError::while_working)?;
    let intent = invoice_payments::intent_of(call.account, &id).unwrap_or_default();
    if intent.text("status") == "requires_action" {
        return Err(ApiError::card(
            "invoice_payment_intent_requires_action",
            "This payment requires additional user action before it can be completed successfully. Payment can be \
             completed using the PaymentIntent associated with the invoice.",
        )
        .with("payment_intent", intent));
    }
    Ok(after)
}

fn void_now(call: &mut Call<'_>) -> Outcome {
    let invoice = find_invoice(call.account, &call.id, "invoice")?;
    if !matches!(invoice.text("status"), "open" | "uncollectible") {
        return Err(wrong_status(&invoice, "voided"));
    }
    let voided = void(call.account, &invoice);
    billing::invoice_voided(call.account, &voided);
    Ok(voided)
}

fn give_up(call: &mut Call<'_>) -> Outcome {
    let invoice = find_invoice(call.account, &call.id, "invoice")?;
    if invoice.text("status") != "open" {
        return Err(wrong_status(&invoice, "marked uncollectible"));
    }
    Ok(mark_uncollectible(call.account, &invoice))
}

fn send(call: &mut Call<'_>) -> Outcome {
    let mut invoice = find_invoice(call.account, &call.id, "invoice")?;
    if invoice.text("collection_method") != "send_invoice" {
        return Err(ApiError::invalid(
            "You can only manually send an invoice if its collection method is 'send_invoice'.",
        )
        .while_working());
    }
    match invoice.text("status") {
        "draft" => invoice = finalize(call.account, &call.id),
        "open" => {}
        _ => return Err(wrong_status(&invoice, "sent")),
    }
    call.account.emit("invoice.sent", &invoice, None);
    Ok(invoice)
}

fn list(call: &mut Call<'_>) -> Outcome {
    let subscription = call.text("subscription").map(str::to_owned);
    let rows = call.account.newest_first("invoice").into_iter().filter(|row| {
        let of = row.at(&["parent", "subscription_details"]).text("subscription");
        !row.flag("deleted")
            && ["collection_method", "customer", "status"]
                .iter()
                .all(|name| call.params.get(*name).is_none_or(|wanted| row.at(&[name]) == wanted))
            && subscription.as_ref().is_none_or(|id| of == id)
            && page::within(&call.params, "due_date", row.int("due_date"))
            && page::created_within(&call.params, row)
    });
    page::list(&call.params, rows.collect(), "invoice", "/v1/invoices")
}

fn list_lines(call: &mut Call<'_>) -> Outcome {
    let invoice = find_invoice(call.account, &call.id, "invoice")?;
    let url = format!("/v1/invoices/{}/lines", call.id);
    page::list(&call.params, invoice_lines::of(&invoice), "line item", &url)
}

fn list_payments(call: &mut Call<'_>) -> Outcome {
    let intent = call.params.get("payment").map(|payment| payment.text("payment_intent").to_owned());
    let rows = call.account.newest_first("invoice_payment").into_iter().filter(|row| {
        ["invoice", "status"]
            .iter()
            .all(|name| call.params.get(*name).is_none_or(|wanted| row.at(&[name]) == wanted))
            && intent.as_ref().is_none_or(|id| row.at(&["payment"]).text("payment_intent") == id)
            && page::created_within(&call.params, row)
    });
    page::list(&call.params, rows.collect(), "invoice payment", "/v1/invoice_payments")
}

fn payment(call: &mut Call<'_>) -> Outcome {
    let found = call.account.get("invoice_payment", &call.id);
    found.ok_or_else(|| ApiError::missing("invoice payment", &call.id, "id"))
}
