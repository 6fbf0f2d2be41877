//! Invoices: what can be asked of them.

use serde_json::{Value, json};

use super::customers::find_customer;
use super::discounts;
use super::error::ApiError;
use super::invoice_fields::{CREATE, FINALIZE, LIST, PAY, PAYMENTS, REFUSED, UPDATE};
use super::invoice_life::{DRAFT_LASTS, Draft, build, finalize, mark_uncollectible, publish, void};
use super::invoice_payments::{self, check_owner};
use super::money;
use super::object::{Object, overlay};
use super::page::{self, PAGE};
use super::params::EXPAND;
use super::router::{Call, Outcome, Route};
use super::state::{Account, Later};
use super::{billing, invoice_items, invoice_lines, invoice_totals, tax_ids, tax_rates};

const DAY: i64 = 24 * 60 * 60;

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
    let rates = taxes(call)?;
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
    finalizes_in_future(call, auto_advance)?;
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
    if let Some(rates) = rates {
        invoice.set("default_tax_rates", rates);
    }
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

/// The default tax rates that the parameters name, if they name any; checks the account's tax ids on the way.
fn taxes(call: &Call<'_>) -> Result<Option<Value>, ApiError> {
    tax_ids::check_own(call.account, call.params.get("account_tax_ids"), "account_tax_ids")?;
    let given = call.params.get("default_tax_rates");
    let rates = tax_rates::read(call.account, given, "default_tax_rates")?;
    Ok(given.map(|_| rates))
}

fn finalizes_in_future(call: &Call<'_>, auto_advance: bool) -> Result<(), ApiError> {
    let Some(at) = call.int("automatically_finalizes_at") else { return Ok(()) };
    let message = if !auto_advance {
        "`automatically_finalizes_at` can only be set when `auto_advance` is true."
    } else if at <= call.account.time() {
        "`automatically_finalizes_at` must be in the future."
    } else {
        return Ok(());
    };
    Err(ApiError::invalid(message).param("automatically_finalizes_at"))
}

const WRITTEN_ELSEWHERE: &[&str] = &[
    "default_tax_rates",
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
    let rates = taxes(call)?;
    let advances =
        call.params.get("auto_advance").and_then(Value::as_bool).unwrap_or(before.flag("auto_advance"));
    finalizes_in_future(call, advances)?;
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
    if let Some(rates) = rates {
        invoice.set("default_tax_rates", rates);
    }
    if draft {
        invoice_totals::total(call.account, &mut invoice);
        if let Some(at) = call.int("automatically_finalizes_at") {
            call.account.do_at(at, Later::Finalize(call.id.clone()));
        } else if invoice.flag("auto_advance") && !before.flag("auto_advance") {
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
    let written_off = mark_uncollectible(call.account, &invoice);
    billing::invoice_written_off(call.account, &written_off);
    Ok(written_off)
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
