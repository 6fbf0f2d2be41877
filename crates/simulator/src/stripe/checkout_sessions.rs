//! Checkout sessions: what a shop sends a customer to, and what the customer does there.

use serde_json::{Map, Value, json};

use super::customers::find_customer;
use super::discounts;
use super::error::ApiError;
use super::invoices::refuse;
use super::object::{Object, overlay};
use super::page::{self, PAGE};
use super::params::{EXPAND, Field, Kind, may, need};
use super::prices::{self, CHECKOUT_DATA};
use super::router::{Call, Outcome, Route};
use super::state::{Account, Later};
use super::tax_rates;
use super::taxes::{self, Taxes};

const DAY: i64 = 24 * 60 * 60;

const REFUSED: &[&str] = &["automatic_tax", "optional_items", "shipping_options"];

const CREATE: &[Field] = &[
    may("adaptive_pricing", Kind::Opaque),
    may("after_expiration", Kind::Hash(&[may("recovery", Kind::Opaque)])),
    may("allow_promotion_codes", Kind::Boolean),
    may("automatic_tax", Kind::Opaque),
    may("billing_address_collection", Kind::OneOf(&["auto", "required"])),
    may("branding_settings", Kind::Opaque),
    may("cancel_url", Kind::Text),
    may("client_reference_id", Kind::Text),
    may("consent_collection", Kind::Opaque),
    may("currency", Kind::Text),
    may("custom_fields", Kind::List(&Kind::Opaque)),
    may("custom_text", Kind::Opaque),
    may("customer", Kind::Text),
    may("customer_account", Kind::Text),
    may("customer_creation", Kind::OneOf(&["always", "if_required"])),
    may("customer_email", Kind::Text),
    may(
        "customer_update",
        Kind::Hash(&[
            may("address", Kind::OneOf(&["auto", "never"])),
            may("name", Kind::OneOf(&["auto", "never"])),
            may("shipping", Kind::OneOf(&["auto", "never"])),
        ]),
    ),
    may(
        "discounts",
        Kind::List(&Kind::Hash(&[may("coupon", Kind::Text), may("promotion_code", Kind::Text)])),
    ),
    may("excluded_payment_method_types", Kind::List(&Kind::Text)),
    may("expires_at", Kind::Integer),
    may("integration_identifier", Kind::Text),
    may("invoice_creation", Kind::Hash(&[need("enabled", Kind::Boolean), may("invoice_data", Kind::Opaque)])),
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
            may("dynamic_tax_rates", Kind::List(&Kind::Text)),
            may("metadata", Kind::Metadata),
            may("price", Kind::Text),
            may("price_data", Kind::Hash(CHECKOUT_DATA)),
            may("quantity", Kind::Integer),
            may("tax_rates", Kind::List(&Kind::Text)),
        ])),
    ),
    may("locale", Kind::Text),
    may("managed_payments", Kind::Opaque),
    may("metadata", Kind::Metadata),
    may("mode", Kind::OneOf(&["payment", "setup", "subscription"])),
    may("name_collection", Kind::Opaque),
    may("optional_items", Kind::List(&Kind::Opaque)),
    may("origin_context", Kind::OneOf(&["mobile_app", "web"])),
    may(
        "payment_intent_data",
        Kind::Hash(&[
            may("application_fee_amount", Kind::Integer),
            may("capture_method", Kind::OneOf(&["automatic", "automatic_async", "manual"])),
            may("description", Kind::Text),
            may("metadata", Kind::Metadata),
            may("on_behalf_of", Kind::Text),
            may("receipt_email", Kind::Text),
            may("setup_future_usage", Kind::OneOf(&["off_session", "on_session"])),
            may("shipping", Kind::Opaque),
            may("statement_descriptor", Kind::Text),
            may("statement_descriptor_suffix", Kind::Text),
            may("transfer_data", Kind::Opaque),
            may("transfer_group", Kind::Text),
        ]),
    ),
    may("payment_method_collection", Kind::OneOf(&["always", "if_required"])),
    may("payment_method_configuration", Kind::Text),
    may("payment_method_data", Kind::Opaque),
    may("payment_method_options", Kind::Opaque),
    may("payment_method_types", Kind::List(&Kind::Text)),
    may("permissions", Kind::Opaque),
    may("phone_number_collection", Kind::Hash(&[need("enabled", Kind::Boolean)])),
    may("redirect_on_completion", Kind::OneOf(&["always", "if_required", "never"])),
    may("return_url", Kind::Text),
    may("saved_payment_method_options", Kind::Opaque),
    may(
        "setup_intent_data",
        Kind::Hash(&[
            may("description", Kind::Text),
            may("metadata", Kind::Metadata),
            may("on_behalf_of", Kind::Text),
        ]),
    ),
    may("shipping_address_collection", Kind::Opaque),
    may("shipping_options", Kind::List(&Kind::Opaque)),
    may("submit_type", Kind::OneOf(&["auto", "book", "donate", "pay", "subscribe"])),
    may(
        "subscription_data",
        Kind::Hash(&[
            may("application_fee_percent", Kind::Decimal),
            may("billing_cycle_anchor", Kind::Integer),
            may("billing_cycle_anchor_config", Kind::Opaque),
            may("billing_mode", Kind::Opaque),
            may("default_tax_rates", Kind::List(&Kind::Text)),
            may("description", Kind::Text),
            may("invoice_settings", Kind::Opaque),
            may("metadata", Kind::Metadata),
            may("on_behalf_of", Kind::Text),
            may("pending_invoice_item_interval", Kind::Opaque),
            may("proration_behavior", Kind::OneOf(&["create_prorations", "none"])),
            may("transfer_data", Kind::Opaque),
            may("trial_end", Kind::Integer),
            may("trial_period_days", Kind::Integer),
            may(
                "trial_settings",
                Kind::Hash(&[need(
                    "end_behavior",
                    Kind::Hash(&[need(
                        "missing_payment_method",
                        Kind::OneOf(&["cancel", "create_invoice", "pause"]),
                    )]),
                )]),
            ),
        ]),
    ),
    may("success_url", Kind::Text),
    may("tax_id_collection", Kind::Opaque),
    may("ui_mode", Kind::OneOf(&["elements", "embedded_page", "form", "hosted_page"])),
    may("wallet_options", Kind::Opaque),
];

const LIST: &[Field] = &[
    may("created", Kind::Range),
    may("customer", Kind::Text),
    may("customer_account", Kind::Text),
    may("customer_details", Kind::Hash(&[need("email", Kind::Text)])),
    may("payment_intent", Kind::Text),
    may("payment_link", Kind::Text),
    may("status", Kind::OneOf(&["complete", "expired", "open"])),
    may("subscription", Kind::Text),
];

pub(super) const ROUTES: &[Route] = &[
    Route::post("checkout/sessions", &[CREATE, &[EXPAND]], "checkout_session_write", create),
    Route::get("checkout/sessions", &[PAGE, LIST], "checkout_session_read", list),
    Route::get("checkout/sessions/*", &[&[EXPAND]], "checkout_session_read", retrieve),
    Route::post("checkout/sessions/*/expire", &[&[EXPAND]], "checkout_session_write", expire),
    Route::get("checkout/sessions/*/line_items", &[PAGE], "checkout_session_read", line_items),
];

pub(super) fn find_session(account: &Account, id: &str) -> Outcome {
    account.get("checkout.session", id).ok_or_else(|| ApiError::missing("checkout.session", id, "session"))
}

/// Line items as sessions and payment links show them.
pub(super) fn read_lines(account: &mut Account, entries: &[Value]) -> Result<Vec<Value>, ApiError> {
    let mut lines = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let param = format!("line_items[{at}]");
        if entry.get("dynamic_tax_rates").is_some() {
            return Err(ApiError::not_simulated(&format!("{param}[dynamic_tax_rates]")));
        }
        let rates = tax_rates::read(account, entry.get("tax_rates"), &format!("{param}[tax_rates]"))?;
        let price = prices::resolve(account, entry, &param, None)?;
        let quantity = entry.get("quantity").and_then(Value::as_i64);
        let quantity = quantity.ok_or_else(|| ApiError::missing_param(&format!("{param}[quantity]")))?;
        prices::check_quantity(quantity, 1, &format!("{param}[quantity]"))?;
        let product = account.get("product", price.text("product")).unwrap_or_default();
        let amount = prices::amount(account, &price, quantity);
        let id = account.ids.id("li");
        account.note(&id, "tax_rates", rates);
        lines.push(json!({
            "id": id, "object": "item", "adjustable_quantity": null, "amount_discount": 0,
            "amount_subtotal": amount, "amount_tax": 0, "amount_total": amount, "currency": price.text("currency"),
            "description": product.text("name"), "metadata": {}, "price": price, "quantity": quantity,
        }));
    }
    let first = lines.first().map(|line| line.text("currency").to_owned()).unwrap_or_default();
    if lines.iter().any(|line| line.text("currency") != first) {
        return Err(ApiError::invalid("All line items must have the same currency.").param("line_items"));
    }
    Ok(lines)
}

pub(super) fn is_recurring(line: &Value) -> bool {
    !line.at(&["price", "recurring"]).is_null()
}

/// Which parameters go with which mode.
fn check_mode(call: &Call<'_>, mode: &str, lines: &[Value]) -> Result<(), ApiError> {
    for (name, of) in [
        ("payment_intent_data", "payment"),
        ("subscription_data", "subscription"),
        ("setup_intent_data", "setup"),
        ("invoice_creation", "payment"),
    ] {
        if call.params.contains_key(name) && mode != of {
            let message = format!("You can not pass `{name}` in `{mode}` mode.");
            return Err(ApiError::invalid(message).param(name));
        }
    }
    match mode {
        "setup" if !lines.is_empty() => {
            Err(ApiError::invalid("You can not pass `line_items` in `setup` mode.").param("line_items"))
        }
        "setup" => Ok(()),
        _ if lines.is_empty() => Err(ApiError::missing_param("line_items")),
        "payment" if lines.iter().any(is_recurring) => Err(ApiError::invalid(
            "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use \
             only one-time prices.",
        )
        .param("line_items")),
        "subscription" if !lines.iter().any(is_recurring) => Err(ApiError::invalid(
            "You must provide at least one recurring price in `subscription` mode when using prices.",
        )
        .param("line_items")),
        _ => Ok(()),
    }
}

fn create(call: &mut Call<'_>) -> Outcome {
    refuse(call, REFUSED)?;
    if call.params.get("invoice_creation").is_some_and(|wish| wish.flag("enabled")) {
        return Err(ApiError::not_simulated("invoice_creation"));
    }
    let hosted = matches!(call.text("ui_mode"), None | Some("hosted_page"));
    if hosted && call.text("success_url").is_none() {
        return Err(ApiError::missing_param("success_url"));
    }
    let customer = call.text("customer").map(str::to_owned);
    if let Some(id) = &customer {
        find_customer(call.account, id, "customer").map_err(|error| error.status(400))?;
        if call.params.contains_key("customer_email") {
            return Err(ApiError::invalid(
                "You may only specify one of these parameters: customer, customer_email.",
            ));
        }
    }
    let entries = call.params.get("line_items").and_then(Value::as_array).cloned().unwrap_or_default();
    let lines = read_lines(call.account, &entries)?;
    let recurring = lines.iter().any(is_recurring);
    let mode = call.text("mode").unwrap_or(if recurring { "subscription" } else { "payment" }).to_owned();
    check_mode(call, &mode, &lines)?;
    if lines.len() > 100 {
        return Err(ApiError::invalid("A session can have at most 100 line items.").param("line_items"));
    }
    let chosen =
        discounts::read(call.account, call.params.get("discounts"), customer.as_deref().unwrap_or_default())?;
    if !chosen.is_empty() && call.params.contains_key("allow_promotion_codes") {
        return Err(ApiError::invalid(
            "You may only specify one of these parameters: allow_promotion_codes, discounts.",
        ));
    }
    let data = call.params.get("subscription_data").cloned().unwrap_or_default();
    let param = "subscription_data[default_tax_rates]";
    let rates = tax_rates::read(call.account, data.get("default_tax_rates"), param)?;
    let mut lines = lines;
    sum_up(call.account, &mut lines, &chosen, &rates, customer.as_deref().unwrap_or_default());
    let now = call.account.time();
    let expires = call.int("expires_at").unwrap_or(now + DAY);
    if !(now + 30 * 60..=now + DAY).contains(&expires) {
        let message = "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.";
        return Err(ApiError::invalid(message).param("expires_at"));
    }
    let params = call.params.clone();
    let session = make(call, &params, &mode, lines, &chosen, expires);
    Ok(session)
}

/// Takes coupons off lines and puts taxes on them: those of the line, or else these.
fn sum_up(account: &Account, lines: &mut [Value], chosen: &[(Value, Value)], rates: &Value, customer: &str) {
    let currency = lines.first().map(|line| line.text("currency").to_owned()).unwrap_or_default();
    let mut left: Vec<i64> = lines.iter().map(|line| line.int("amount_subtotal")).collect();
    for (coupon, _) in chosen {
        let covers = |line: &Value| discounts::covers(coupon, line.at(&["price", "product"]));
        let covered: Vec<bool> = lines.iter().map(covers).collect();
        discounts::take(coupon, &covered, &mut left, &currency);
    }
    for (line, left) in lines.iter_mut().zip(left) {
        let own = account.noted(line.text("id"), "tax_rates");
        let rates = if own.as_array().is_none_or(Vec::is_empty) { rates } else { own };
        let due = if taxes::applies(account, customer) { taxes::of(left, rates) } else { Taxes::default() };
        line.set("amount_discount", line.int("amount_subtotal") - left);
        line.set("amount_tax", due.on_top + due.inside);
        line.set("amount_total", left + due.on_top);
    }
}

/// Makes and stores a session of checked parts.
pub(super) fn make(
    call: &mut Call<'_>,
    params: &Map<String, Value>,
    mode: &str,
    lines: Vec<Value>,
    chosen: &[(Value, Value)],
    expires: i64,
) -> Value {
    let id = format!("cs_test_a1{}", call.account.ids.letters(58));
    let sum = |name: &str| lines.iter().map(|line| line.int(name)).sum::<i64>();
    let (subtotal, off, tax) = (sum("amount_subtotal"), sum("amount_discount"), sum("amount_tax"));
    let total = sum("amount_total");
    let currency = lines.first().map(|line| line.text("currency").to_owned());
    let currency = currency.or_else(|| params.get("currency").and_then(Value::as_str).map(str::to_owned));
    let url = match &call.account.cause.origin {
        Some(origin) => format!("{origin}/_checkout/{id}?account={}", call.account.id),
        None => format!("https://checkout.stripe.com/c/pay/{id}"),
    };
    let priced = mode != "setup";
    let discounts: Vec<Value> = chosen
        .iter()
        .map(|(coupon, code)| json!({ "coupon": coupon.text("id"), "promotion_code": code }))
        .collect();
    let mut session = json!({
        "id": id,
        "object": "checkout.session",
        "adaptive_pricing": { "enabled": false },
        "after_expiration": null,
        "allow_promotion_codes": null,
        "amount_subtotal": priced.then_some(subtotal),
        "amount_total": priced.then_some(total),
        "automatic_tax": { "enabled": false, "liability": null, "provider": null, "status": null },
        "billing_address_collection": null,
        "cancel_url": null,
        "client_reference_id": null,
        "client_secret": null,
        "collected_information": null,
        "consent": null,
        "consent_collection": null,
        "created": call.account.now,
        "currency": currency,
        "currency_conversion": null,
        "custom_fields": [],
        "custom_text": { "after_submit": null, "shipping_address": null, "submit": null, "terms_of_service_acceptance": null },
        "customer": null,
        "customer_account": null,
        "customer_creation": if mode == "subscription" { "always" } else { "if_required" },
        "customer_details": null,
        "customer_email": null,
        "invoice": null,
        "invoice_creation": null,
        "livemode": false,
        "locale": null,
        "metadata": {},
        "origin_context": null,
        "payment_intent": null,
        "payment_link": null,
        "payment_method_collection": if mode == "subscription" { "always" } else { "if_required" },
        "payment_method_configuration_details": null,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "permissions": null,
        "phone_number_collection": { "enabled": false },
        "recovered_from": null,
        "saved_payment_method_options": null,
        "setup_intent": null,
        "shipping_address_collection": null,
        "shipping_cost": null,
        "shipping_options": [],
        "submit_type": null,
        "subscription": null,
        "success_url": null,
        "total_details": { "amount_discount": off, "amount_shipping": 0, "amount_tax": tax },
        "ui_mode": "hosted_page",
        "wallet_options": null,
    });
    let elsewhere = [
        "currency",
        "discounts",
        "line_items",
        "payment_intent_data",
        "setup_intent_data",
        "subscription_data",
        "payment_method_data",
        "payment_method_configuration",
        "customer_update",
        "automatic_tax",
        "custom_text",
        "optional_items",
        "invoice_creation",
    ];
    overlay(&mut session, params, &elsewhere);
    session.set("discounts", discounts);
    session.set("expires_at", expires);
    session.set("mode", mode);
    session.set("payment_status", if priced && total > 0 { "unpaid" } else { "no_payment_required" });
    session.set("status", "open");
    session.set("url", url);
    call.account.note(&id, "line_items", lines);
    call.account.note(&id, "params", Value::Object(params.clone()));
    // Stripe sends no event for a session that begins.
    call.account.put(&session);
    call.account.do_at(expires, Later::ExpireSession(id));
    session
}

fn retrieve(call: &mut Call<'_>) -> Outcome {
    find_session(call.account, &call.id)
}

fn line_items(call: &mut Call<'_>) -> Outcome {
    find_session(call.account, &call.id)?;
    let rows = call.account.noted(&call.id, "line_items").as_array().cloned().unwrap_or_default();
    page::list(&call.params, rows, "line item", &format!("/v1/checkout/sessions/{}/line_items", call.id))
}

fn end(account: &mut Account, session: &Value) -> Value {
    let mut session = session.clone();
    session.set("status", "expired");
    session.set("url", Value::Null);
    account.save(&session, "checkout.session.expired");
    session
}

fn expire(call: &mut Call<'_>) -> Outcome {
    let session = find_session(call.account, &call.id)?;
    if session.text("status") != "open" {
        return Err(ApiError::invalid(format!(
            "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of {}.",
            session.text("status")
        ))
        .param("session")
        .while_working());
    }
    Ok(end(call.account, &session))
}

/// Nobody paid within the session's time.
pub(super) fn lapse(account: &mut Account, id: &str) {
    if let Some(session) = account.get("checkout.session", id).filter(|found| found.text("status") == "open")
    {
        end(account, &session);
    }
}

fn list(call: &mut Call<'_>) -> Outcome {
    let email = call.params.get("customer_details").map(|details| details.text("email").to_owned());
    let rows = call.account.newest_first("checkout.session").into_iter().filter(|row| {
        ["customer", "payment_intent", "payment_link", "status", "subscription"]
            .iter()
            .all(|name| call.params.get(*name).is_none_or(|wanted| row.at(&[name]) == wanted))
            && email.as_ref().is_none_or(|email| row.at(&["customer_details"]).text("email") == email)
            && page::created_within(&call.params, row)
    });
    page::list(&call.params, rows.collect(), "checkout.session", "/v1/checkout/sessions")
}
