//! Customers.

use serde_json::{Value, json};

use super::billing;
use super::error::ApiError;
use super::object::{Object, merge_metadata};
use super::page::{self, PAGE};
use super::params::{ADDRESS, EXPAND, Field, Kind, SHIPPING, clear, may};
use super::payment_methods;
use super::router::{Call, Outcome, Route};
use super::search::{self, SEARCH};
use super::state::Account;
use super::tax_ids;
use super::test_clocks::find_clock;

const WRITE: &[Field] = &[
    clear("address", Kind::Hash(ADDRESS)),
    may("balance", Kind::Integer),
    clear("description", Kind::Text),
    clear("email", Kind::Text),
    may("invoice_settings", Kind::Hash(&[clear("default_payment_method", Kind::Text)])),
    clear("metadata", Kind::Metadata),
    clear("name", Kind::Text),
    clear("phone", Kind::Text),
    may("preferred_locales", Kind::List(&Kind::Text)),
    clear("shipping", Kind::Hash(SHIPPING)),
    may("tax_exempt", Kind::OneOf(&["exempt", "none", "reverse"])),
    EXPAND,
];

const TAX_IDS: Field = may("tax_id_data", Kind::List(&Kind::Hash(tax_ids::ONE)));

pub(super) const ROUTES: &[Route] = &[
    Route::post(
        "customers",
        &[WRITE, &[may("payment_method", Kind::Text), TAX_IDS, may("test_clock", Kind::Text)]],
        "customer_write",
        create,
    ),
    Route::get(
        "customers",
        &[PAGE, &[may("created", Kind::Range), may("email", Kind::Text)]],
        "customer_read",
        list,
    ),
    Route::get("customers/search", &[SEARCH], "customer_read", find),
    Route::get("customers/*", &[&[EXPAND]], "customer_read", retrieve),
    Route::post("customers/*", &[WRITE], "customer_write", update),
    Route::delete("customers/*", &[], "customer_write", delete),
];

/// The customer, if it exists and was not deleted.
pub(super) fn find_customer(account: &Account, id: &str, param: &str) -> Outcome {
    account
        .get("customer", id)
        .filter(|customer| !customer.flag("deleted"))
        .ok_or_else(|| ApiError::missing("customer", id, param))
}

pub(super) fn create(call: &mut Call<'_>) -> Outcome {
    if let Some(id) = call.text("test_clock") {
        find_clock(call.account, id, "test_clock").map_err(|error| error.status(400))?;
    }
    let method = match call.text("payment_method").map(str::to_owned) {
        Some(id) => Some(payment_methods::resolve(call.account, &id, "payment_method")?),
        None => None,
    };
    let mut customer = json!({
        "id": format!("cus_{}", call.account.ids.letters(14)),
        "object": "customer",
        "address": null,
        "balance": 0,
        "created": call.account.now,
        "currency": null,
        "default_source": null,
        "delinquent": false,
        "description": null,
        "discount": null,
        "email": null,
        "invoice_prefix": call.account.ids.letters(8).to_uppercase(),
        "invoice_settings": {
            "custom_fields": null, "default_payment_method": null, "footer": null, "rendering_options": null,
        },
        "livemode": false,
        "metadata": {},
        "name": null,
        "next_invoice_sequence": 1,
        "phone": null,
        "preferred_locales": [],
        "shipping": null,
        "tax_exempt": "none",
        "test_clock": null,
    });
    apply(call, &mut customer)?;
    call.account.save(&customer, "customer.created");
    for given in call.params.get("tax_id_data").and_then(Value::as_array).cloned().into_iter().flatten() {
        tax_ids::make(call.account, given.text("type"), given.text("value"), customer.text("id"));
    }
    if let Some(method) = method {
        let id = customer.text("id").to_owned();
        payment_methods::tie(call.account, &method, &id);
    }
    Ok(customer)
}

fn apply(call: &mut Call<'_>, customer: &mut Value) -> Result<(), ApiError> {
    for (name, value) in &call.params {
        match name.as_str() {
            "metadata" => merge_metadata(customer, value),
            "invoice_settings" => {
                let id = value.text("default_payment_method");
                let method = call.account.get("payment_method", id);
                if !id.is_empty()
                    && method.is_none_or(|method| method.text("customer") != customer.text("id"))
                {
                    return Err(ApiError::missing(
                        "PaymentMethod",
                        id,
                        "invoice_settings[default_payment_method]",
                    )
                    .status(400));
                }
                let id = (!id.is_empty()).then(|| id.to_owned());
                customer.set_at(&["invoice_settings", "default_payment_method"], id);
            }
            "expand" | "payment_method" | "tax_id_data" => {}
            _ => customer.set(name, value.clone()),
        }
    }
    Ok(())
}

fn retrieve(call: &mut Call<'_>) -> Outcome {
    // A deleted customer can still be read: it says no more than that it is deleted.
    call.account.get("customer", &call.id).ok_or_else(|| ApiError::missing("customer", &call.id, "id"))
}

fn update(call: &mut Call<'_>) -> Outcome {
    let before = find_customer(call.account, &call.id, "id")?;
    let mut customer = before.clone();
    apply(call, &mut customer)?;
    call.account.save_changed(&before, &customer, "customer.updated");
    Ok(customer)
}

fn delete(call: &mut Call<'_>) -> Outcome {
    let customer = find_customer(call.account, &call.id, "id")?;
    for mut method in call.account.newest_first("payment_method") {
        if method.text("customer") == call.id {
            method.set("customer", Value::Null);
            call.account.spent.insert(method.text("id").to_owned());
            call.account.save(&method, "payment_method.detached");
        }
    }
    for found in call.account.newest_first("subscription") {
        if found.text("customer") == call.id && !billing::is_over(&found) {
            billing::cancel(call.account, found.text("id"), "cancellation_requested");
        }
    }
    let gone = json!({ "id": call.id, "object": "customer", "deleted": true });
    call.account.put(&gone);
    call.account.emit("customer.deleted", &customer, None);
    Ok(gone)
}

fn list(call: &mut Call<'_>) -> Outcome {
    let email = call.text("email");
    let rows = call.account.newest_first("customer").into_iter().filter(|customer| {
        !customer.flag("deleted")
            && email.is_none_or(|email| customer.text("email") == email)
            && page::created_within(&call.params, customer)
    });
    page::list(&call.params, rows.collect(), "customer", "/v1/customers")
}

fn find(call: &mut Call<'_>) -> Outcome {
    let rows = call.account.indexed("customer").into_iter().filter(|customer| !customer.flag("deleted"));
    let fields = ["created", "email", "metadata", "name", "phone"];
    search::search(&call.params, rows.collect(), &fields, "/v1/customers/search")
}
