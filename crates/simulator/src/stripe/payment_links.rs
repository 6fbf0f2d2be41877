//! Payment links.

use serde_json::{Value, json};

use super::checkout_sessions::read_lines;
use super::error::ApiError;
use super::invoices::refuse;
use super::object::{Object, overlay};
use super::page::{self, PAGE};
use super::params::{EXPAND, Field, Kind, clear, may, need};
use super::prices::{self, CHECKOUT_DATA};
use super::router::{Call, Outcome, Route};
use super::state::Account;

const REFUSED: &[&str] = &["automatic_tax", "optional_items", "shipping_options"];

const CREATE: &[Field] = &[
    may(
        "after_completion",
        Kind::Hash(&[
            may("hosted_confirmation", Kind::Hash(&[may("custom_message", Kind::Text)])),
            may("redirect", Kind::Hash(&[need("url", Kind::Text)])),
            need("type", Kind::OneOf(&["hosted_confirmation", "redirect"])),
        ]),
    ),
    may("allow_promotion_codes", Kind::Boolean),
    may("application_fee_amount", Kind::Integer),
    may("application_fee_percent", Kind::Decimal),
    may("automatic_tax", Kind::Opaque),
    may("billing_address_collection", Kind::OneOf(&["auto", "required"])),
    may("consent_collection", Kind::Opaque),
    may("currency", Kind::Text),
    may("custom_fields", Kind::List(&Kind::Opaque)),
    may("custom_text", Kind::Opaque),
    may("customer_creation", Kind::OneOf(&["always", "if_required"])),
    may("inactive_message", Kind::Text),
    may("invoice_creation", Kind::Opaque),
    need(
        "line_items",
        Kind::List(&Kind::Hash(&[
            may(
                "adjustable_quantity",
                Kind::Hash(&[
                    need("enabled", Kind::Boolean),
                    may("maximum", Kind::Integer),
                    may("minimum", Kind::Integer),
                ]),
            ),
            may("price", Kind::Text),
            may("price_data", Kind::Hash(CHECKOUT_DATA)),
            need("quantity", Kind::Integer),
        ])),
    ),
    may("managed_payments", Kind::Opaque),
    may("metadata", Kind::Metadata),
    may("name_collection", Kind::Opaque),
    may("on_behalf_of", Kind::Text),
    may("optional_items", Kind::List(&Kind::Opaque)),
    may(
        "payment_intent_data",
        Kind::Hash(&[
            may("capture_method", Kind::OneOf(&["automatic", "automatic_async", "manual"])),
            may("description", Kind::Text),
            may("metadata", Kind::Metadata),
            may("setup_future_usage", Kind::OneOf(&["off_session", "on_session"])),
            may("statement_descriptor", Kind::Text),
            may("statement_descriptor_suffix", Kind::Text),
            may("transfer_group", Kind::Text),
        ]),
    ),
    may("payment_method_collection", Kind::OneOf(&["always", "if_required"])),
    may("payment_method_options", Kind::Opaque),
    may("payment_method_types", Kind::List(&Kind::Text)),
    may("phone_number_collection", Kind::Opaque),
    may("restrictions", Kind::Opaque),
    may("shipping_address_collection", Kind::Opaque),
    may("shipping_options", Kind::List(&Kind::Opaque)),
    may("submit_type", Kind::OneOf(&["auto", "book", "donate", "pay", "subscribe"])),
    may(
        "subscription_data",
        Kind::Hash(&[
            may("description", Kind::Text),
            may("invoice_settings", Kind::Opaque),
            may("metadata", Kind::Metadata),
            may("trial_period_days", Kind::Integer),
            may("trial_settings", Kind::Opaque),
        ]),
    ),
    may("tax_id_collection", Kind::Opaque),
    may("transfer_data", Kind::Opaque),
];

const UPDATE: &[Field] = &[
    may("active", Kind::Boolean),
    may(
        "after_completion",
        Kind::Hash(&[
            may("hosted_confirmation", Kind::Hash(&[may("custom_message", Kind::Text)])),
            may("redirect", Kind::Hash(&[need("url", Kind::Text)])),
            need("type", Kind::OneOf(&["hosted_confirmation", "redirect"])),
        ]),
    ),
    may("allow_promotion_codes", Kind::Boolean),
    may("automatic_tax", Kind::Opaque),
    may("billing_address_collection", Kind::OneOf(&["auto", "required"])),
    clear("custom_fields", Kind::List(&Kind::Opaque)),
    may("custom_text", Kind::Opaque),
    may("customer_creation", Kind::OneOf(&["always", "if_required"])),
    clear("inactive_message", Kind::Text),
    may("invoice_creation", Kind::Opaque),
    may(
        "line_items",
        Kind::List(&Kind::Hash(&[
            may(
                "adjustable_quantity",
                Kind::Hash(&[
                    need("enabled", Kind::Boolean),
                    may("maximum", Kind::Integer),
                    may("minimum", Kind::Integer),
                ]),
            ),
            need("id", Kind::Text),
            may("quantity", Kind::Integer),
        ])),
    ),
    may("metadata", Kind::Metadata),
    clear("name_collection", Kind::Opaque),
    clear("optional_items", Kind::List(&Kind::Opaque)),
    may(
        "payment_intent_data",
        Kind::Hash(&[
            clear("description", Kind::Text),
            clear("metadata", Kind::Metadata),
            clear("statement_descriptor", Kind::Text),
            clear("statement_descriptor_suffix", Kind::Text),
            clear("transfer_group", Kind::Text),
        ]),
    ),
    may("payment_method_collection", Kind::OneOf(&["always", "if_required"])),
    clear("payment_method_options", Kind::Opaque),
    clear("payment_method_types", Kind::List(&Kind::Text)),
    may("phone_number_collection", Kind::Opaque),
    clear("restrictions", Kind::Opaque),
    clear("shipping_address_collection", Kind::Opaque),
    may("submit_type", Kind::OneOf(&["auto", "book", "donate", "pay", "subscribe"])),
    may(
        "subscription_data",
        Kind::Hash(&[
            may("invoice_settings", Kind::Opaque),
            clear("metadata", Kind::Metadata),
            clear("trial_period_days", Kind::Integer),
            clear("trial_settings", Kind::Opaque),
        ]),
    ),
    may("tax_id_collection", Kind::Opaque),
];

const LIST: &[Field] = &[may("active", Kind::Boolean)];

pub(super) const ROUTES: &[Route] = &[
    Route::post("payment_links", &[CREATE, &[EXPAND]], "payment_link_write", create),
    Route::get("payment_links", &[PAGE, LIST], "payment_link_read", list),
    Route::get("payment_links/*", &[&[EXPAND]], "payment_link_read", retrieve),
    Route::post("payment_links/*", &[UPDATE, &[EXPAND]], "payment_link_write", update),
    Route::get("payment_links/*/line_items", &[PAGE], "payment_link_read", line_items),
];

fn find_link(account: &Account, id: &str) -> Outcome {
    account.get("payment_link", id).ok_or_else(|| ApiError::missing("payment link", id, "payment_link"))
}

fn create(call: &mut Call<'_>) -> Outcome {
    refuse(call, REFUSED)?;
    let entries = call.params.get("line_items").and_then(Value::as_array).cloned().unwrap_or_default();
    if entries.is_empty() {
        return Err(ApiError::missing_param("line_items"));
    }
    if entries.len() > 20 {
        return Err(ApiError::invalid("A payment link can have at most 20 line items.").param("line_items"));
    }
    let lines = read_lines(call.account, &entries)?;
    let recurring = lines.iter().any(|line| !line.at(&["price", "recurring"]).is_null());
    let name = if recurring { "payment_intent_data" } else { "subscription_data" };
    if call.params.contains_key(name) {
        let message = format!("You can not pass `{name}` with these line items.");
        return Err(ApiError::invalid(message).param(name));
    }
    let currency = lines.first().map(|line| line.text("currency").to_owned());
    let id = format!("plink_1{}", call.account.ids.letters(23));
    let url = format!("https://buy.stripe.com/test_{}", call.account.ids.letters(18));
    let mut link = json!({
        "id": id,
        "object": "payment_link",
        "active": true,
        "after_completion": { "hosted_confirmation": { "custom_message": null }, "type": "hosted_confirmation" },
        "allow_promotion_codes": false,
        "application": null,
        "application_fee_amount": null,
        "application_fee_percent": null,
        "automatic_tax": { "enabled": false, "liability": null },
        "billing_address_collection": "auto",
        "consent_collection": null,
        "currency": currency,
        "custom_fields": [],
        "custom_text": { "after_submit": null, "shipping_address": null, "submit": null, "terms_of_service_acceptance": null },
        "customer_creation": if recurring { "always" } else { "if_required" },
        "inactive_message": null,
        "invoice_creation": null,
        "livemode": false,
        "metadata": {},
        "on_behalf_of": null,
        "payment_intent_data": null,
        "payment_method_collection": "always",
        "payment_method_types": null,
        "phone_number_collection": { "enabled": false },
        "restrictions": null,
        "shipping_address_collection": null,
        "shipping_options": [],
        "submit_type": "auto",
        "subscription_data": null,
        "tax_id_collection": { "enabled": false, "required": "never" },
        "transfer_data": null,
        "url": url,
    });
    overlay(&mut link, &call.params, &["line_items", "currency", "automatic_tax", "custom_text"]);
    call.account.note(&id, "line_items", lines);
    call.account.save(&link, "payment_link.created");
    Ok(link)
}

fn retrieve(call: &mut Call<'_>) -> Outcome {
    find_link(call.account, &call.id)
}

fn update(call: &mut Call<'_>) -> Outcome {
    refuse(call, REFUSED)?;
    let before = find_link(call.account, &call.id)?;
    let id = call.id.clone();
    if let Some(entries) = call.params.get("line_items").and_then(Value::as_array) {
        let mut lines = call.account.noted(&id, "line_items").as_array().cloned().unwrap_or_default();
        for (at, entry) in entries.iter().enumerate() {
            let place = lines.iter_mut().find(|line| line.text("id") == entry.text("id"));
            let line = place.ok_or_else(|| {
                ApiError::missing("line item", entry.text("id"), &format!("line_items[{at}][id]")).status(400)
            })?;
            if let Some(quantity) = entry.get("quantity").and_then(Value::as_i64) {
                prices::check_quantity(quantity, 1, &format!("line_items[{at}][quantity]"))?;
                let amount = prices::amount(call.account, line.at(&["price"]), quantity);
                line.set("quantity", quantity);
                line.set("amount_subtotal", amount);
                line.set("amount_total", amount);
            }
        }
        call.account.note(&id, "line_items", lines);
    }
    let mut link = before.clone();
    overlay(&mut link, &call.params, &["line_items", "automatic_tax", "custom_text"]);
    call.account.save_changed(&before, &link, "payment_link.updated");
    Ok(link)
}

fn line_items(call: &mut Call<'_>) -> Outcome {
    find_link(call.account, &call.id)?;
    let rows = call.account.noted(&call.id, "line_items").as_array().cloned().unwrap_or_default();
    page::list(&call.params, rows, "line item", &format!("/v1/payment_links/{}/line_items", call.id))
}

fn list(call: &mut Call<'_>) -> Outcome {
    let rows = call
        .account
        .newest_first("payment_link")
        .into_iter()
        .filter(|row| call.params.get("active").is_none_or(|wanted| row.at(&["active"]) == wanted));
    page::list(&call.params, rows.collect(), "payment link", "/v1/payment_links")
}
