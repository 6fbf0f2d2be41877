//! `expand[]`: ids in a response become the objects they name.

use http::Method;
use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::invoice_payments;
use super::object::Object;
use super::state::Account;

/// Which members of an object can be expanded, and into what. A hash inside an object is called by its path;
/// `list:` is a list whose rows have that kind.
const TARGETS: &[(&str, &str, &str)] = &[
    ("balance_transaction", "source", "source"),
    ("billing_portal.session", "configuration", "billing_portal.configuration"),
    ("charge", "application", "application"),
    ("charge", "application_fee", "application_fee"),
    ("charge", "balance_transaction", "balance_transaction"),
    ("charge", "customer", "customer"),
    ("charge", "dispute", "dispute"),
    ("charge", "failure_balance_transaction", "balance_transaction"),
    ("charge", "on_behalf_of", "account"),
    ("charge", "payment_intent", "payment_intent"),
    ("charge", "refunds", "list:refund"),
    ("charge", "review", "review"),
    ("charge", "source_transfer", "transfer"),
    ("charge", "transfer", "transfer"),
    ("charge.transfer_data", "destination", "account"),
    ("checkout.session", "customer", "customer"),
    ("checkout.session", "invoice", "invoice"),
    ("checkout.session", "line_items", "list:item"),
    ("checkout.session", "payment_intent", "payment_intent"),
    ("checkout.session", "payment_link", "payment_link"),
    ("checkout.session", "setup_intent", "setup_intent"),
    ("checkout.session", "subscription", "subscription"),
    ("customer", "default_source", "source"),
    ("customer", "subscriptions", "list:subscription"),
    ("customer", "test_clock", "test_helpers.test_clock"),
    ("customer.invoice_settings", "default_payment_method", "payment_method"),
    ("discount", "customer", "customer"),
    ("discount", "promotion_code", "promotion_code"),
    ("discount.source", "coupon", "coupon"),
    ("dispute", "charge", "charge"),
    ("dispute", "payment_intent", "payment_intent"),
    ("dispute.evidence", "customer_communication", "file"),
    ("dispute.evidence", "customer_signature", "file"),
    ("dispute.evidence", "receipt", "file"),
    ("dispute.evidence", "refund_policy", "file"),
    ("dispute.evidence", "service_documentation", "file"),
    ("dispute.evidence", "shipping_documentation", "file"),
    ("dispute.evidence", "uncategorized_file", "file"),
    ("invoice", "account_tax_ids", "tax_id"),
    ("invoice", "confirmation_secret", "confirmation_secret"),
    ("invoice", "customer", "customer"),
    ("invoice", "default_payment_method", "payment_method"),
    ("invoice", "discounts", "discount"),
    ("invoice", "lines", "list:line_item"),
    ("invoice", "payments", "list:invoice_payment"),
    ("invoice", "test_clock", "test_helpers.test_clock"),
    ("invoice.parent.subscription_details", "subscription", "subscription"),
    ("invoice_payment", "invoice", "invoice"),
    ("invoice_payment.payment", "charge", "charge"),
    ("invoice_payment.payment", "payment_intent", "payment_intent"),
    ("invoiceitem", "customer", "customer"),
    ("invoiceitem", "discounts", "discount"),
    ("invoiceitem", "invoice", "invoice"),
    ("item", "price", "price"),
    ("line_item", "discounts", "discount"),
    ("line_item.pricing.price_details", "price", "price"),
    ("payment_intent", "application", "application"),
    ("payment_intent", "customer", "customer"),
    ("payment_intent", "latest_charge", "charge"),
    ("payment_intent", "on_behalf_of", "account"),
    ("payment_intent", "payment_method", "payment_method"),
    ("payment_intent", "review", "review"),
    ("payment_intent.transfer_data", "destination", "account"),
    ("payment_link", "line_items", "list:item"),
    ("payment_method", "customer", "customer"),
    ("payout", "balance_transaction", "balance_transaction"),
    ("payout", "failure_balance_transaction", "balance_transaction"),
    ("payout", "original_payout", "payout"),
    ("payout", "reversed_by", "payout"),
    ("price", "product", "product"),
    ("price", "tiers", "tiers"),
    ("product", "default_price", "price"),
    ("promotion_code", "customer", "customer"),
    ("promotion_code.promotion", "coupon", "coupon"),
    ("refund", "balance_transaction", "balance_transaction"),
    ("refund", "charge", "charge"),
    ("refund", "failure_balance_transaction", "balance_transaction"),
    ("refund", "payment_intent", "payment_intent"),
    ("refund", "transfer_reversal", "transfer_reversal"),
    ("review", "charge", "charge"),
    ("review", "payment_intent", "payment_intent"),
    ("setup_intent", "application", "application"),
    ("setup_intent", "customer", "customer"),
    ("setup_intent", "latest_attempt", "setup_attempt"),
    ("setup_intent", "mandate", "mandate"),
    ("setup_intent", "on_behalf_of", "account"),
    ("setup_intent", "payment_method", "payment_method"),
    ("setup_intent", "single_use_mandate", "mandate"),
    ("subscription", "customer", "customer"),
    ("subscription", "default_payment_method", "payment_method"),
    ("subscription", "discounts", "discount"),
    ("subscription", "items", "list:subscription_item"),
    ("subscription", "latest_invoice", "invoice"),
    ("subscription", "pending_setup_intent", "setup_intent"),
    ("subscription", "test_clock", "test_helpers.test_clock"),
    ("subscription_item", "discounts", "discount"),
    ("subscription_item.price", "product", "product"),
    ("transfer", "balance_transaction", "balance_transaction"),
    ("transfer", "destination", "account"),
    ("transfer", "destination_payment", "charge"),
    ("transfer", "source_transaction", "charge"),
    ("transfer_reversal", "balance_transaction", "balance_transaction"),
    ("transfer_reversal", "transfer", "transfer"),
];

fn stands_for_price(kind: &str) -> bool {
    kind.rsplit_once('.').is_some_and(|(_, last)| last == "price")
}

fn target(kind: &str, member: &str) -> Option<&'static str> {
    // A price stands whole inside a subscription item or a line.
    let kind = if stands_for_price(kind) { "price" } else { kind };
    TARGETS.iter().find(|(of, name, _)| *of == kind && *name == member).map(|(_, _, into)| *into)
}

/// Refuses paths that lead nowhere before the endpoint does anything. `path` is the route's.
pub(super) fn check(method: &Method, path: &str, params: &Map<String, Value>) -> Result<(), ApiError> {
    for (index, expansion) in paths(params) {
        let param = format!("expand[{index}]");
        let steps: Vec<&str> = expansion.split('.').collect();
        if steps.len() > 4 {
            let message =
                format!("You cannot expand more than 4 levels of a property. Property: {expansion}");
            return Err(ApiError::invalid(message).param(&param));
        }
        let (kind, listed) = answer_of(method, path);
        let steps = match steps.split_first() {
            Some((first, rest)) if listed && *first == "data" => Ok(rest),
            Some((first, _)) if listed => Err(*first),
            _ => Ok(steps.as_slice()),
        };
        steps.and_then(|steps| follow(kind, steps)).map_err(|step| {
            ApiError::invalid(format!("This property cannot be expanded ({step}).")).param(&param)
        })?;
    }
    Ok(())
}

/// What a route answers with, and whether in a list.
fn answer_of(method: &Method, path: &str) -> (&'static str, bool) {
    let parts: Vec<&str> = path.split('/').collect();
    let last = parts.last().copied().unwrap_or_default();
    let nested = matches!(last, "refunds" | "payment_methods" | "reversals" | "line_items" | "lines");
    let first = match parts.as_slice() {
        ["checkout" | "billing_portal" | "test_helpers", second, ..] => second,
        [first, ..] => first,
        [] => "",
    };
    let kind = match if nested { last } else { first } {
        "balance_transactions" => "balance_transaction",
        "charges" => "charge",
        "customers" => "customer",
        "disputes" => "dispute",
        "invoice_payments" => "invoice_payment",
        "invoiceitems" => "invoiceitem",
        "invoices" => "invoice",
        "line_items" => "item",
        "lines" => "line_item",
        "payment_intents" => "payment_intent",
        "payment_links" => "payment_link",
        "payment_methods" => "payment_method",
        "payouts" => "payout",
        "prices" => "price",
        "products" => "product",
        "promotion_codes" => "promotion_code",
        "refunds" => "refund",
        "reversals" => "transfer_reversal",
        "reviews" => "review",
        "sessions" if parts.first() == Some(&"checkout") => "checkout.session",
        "sessions" => "billing_portal.session",
        "setup_intents" => "setup_intent",
        "subscription_items" => "subscription_item",
        "subscriptions" => "subscription",
        "transfers" => "transfer",
        _ => "",
    };
    let whole = parts.len() == 1 || (parts.len() == 2 && first != parts.first().copied().unwrap_or_default());
    let listed = method == Method::GET && (last == "search" || nested || (whole && last.ends_with('s')));
    (kind, listed)
}

fn follow<'a>(kind: &str, steps: &[&'a str]) -> Result<(), &'a str> {
    let Some((step, rest)) = steps.split_first() else { return Ok(()) };
    if let Some(into) = target(kind, step) {
        return match (into.strip_prefix("list:"), rest.split_first()) {
            (Some(rows), Some((&"data", rest))) => follow(rows, rest),
            (Some(_), Some((step, _))) => Err(step),
            _ => follow(into, rest),
        };
    }
    // A plain hash on the way, which may hold further ones.
    let inside = format!("{kind}.{step}");
    let deeper = format!("{inside}.");
    let leads = TARGETS.iter().any(|(of, _, _)| *of == inside || of.starts_with(&deeper))
        || stands_for_price(&inside);
    if leads && !rest.is_empty() { follow(&inside, rest) } else { Err(step) }
}

fn paths(params: &Map<String, Value>) -> impl Iterator<Item = (usize, &str)> {
    let listed = params.get("expand").and_then(Value::as_array);
    listed.into_iter().flatten().filter_map(Value::as_str).enumerate()
}

/// Expands what [`check`] let through.
pub(super) fn expand(account: &Account, answer: &mut Value, params: &Map<String, Value>) {
    for (_, path) in paths(params) {
        let steps: Vec<&str> = path.split('.').collect();
        walk(account, answer, &steps, "");
    }
}

fn walk(account: &Account, here: &mut Value, steps: &[&str], within: &str) {
    let Some((step, rest)) = steps.split_first() else { return };
    let kind =
        if here.text("object").is_empty() { within.to_owned() } else { here.text("object").to_owned() };
    if matches!(kind.as_str(), "list" | "search_result") && *step == "data" {
        for row in here.get_mut("data").and_then(Value::as_array_mut).into_iter().flatten() {
            walk(account, row, rest, within);
        }
        return;
    }
    if let Some(into) = target(&kind, step) {
        let fresh = match into {
            "confirmation_secret" => Some(invoice_payments::confirmation_secret(account, here)),
            "tiers" => {
                Some(account.noted(here.text("id"), "tiers")).filter(|tiers| tiers.is_array()).cloned()
            }
            _ if into.starts_with("list:") => embedded_list(account, here, step),
            _ => match here.get(step) {
                Some(Value::Array(ids)) => {
                    let found =
                        |id: &Value| id.as_str().and_then(|id| account.get(into, id)).unwrap_or(id.clone());
                    Some(Value::Array(ids.iter().map(found).collect()))
                }
                Some(Value::String(id)) if into == "source" => account.by_id(id),
                Some(Value::String(id)) => account.get(into, id),
                _ => None,
            },
        };
        if let Some(fresh) = fresh {
            here.set(step, fresh);
        }
    }
    match here.get_mut(step) {
        Some(Value::Array(several)) => {
            for one in several {
                walk(account, one, rest, "");
            }
        }
        Some(next) => {
            let inside = format!("{kind}.{step}");
            walk(account, next, rest, &inside);
        }
        None => {}
    }
}

/// Lists that an object shows only when asked; the others are in it already.
fn embedded_list(account: &Account, here: &Value, member: &str) -> Option<Value> {
    let id = here.text("id");
    let list = |rows: Vec<Value>, url: String| {
        Some(json!({ "object": "list", "data": rows, "has_more": false, "url": url }))
    };
    let rows_of = |kind: &str, owner: &str| -> Vec<Value> {
        let rows = account.newest_first(kind).into_iter();
        rows.filter(|row| row.text(owner) == id).collect()
    };
    match (here.text("object"), member) {
        ("charge", "refunds") => list(rows_of("refund", "charge"), format!("/v1/charges/{id}/refunds")),
        ("invoice", "payments") => {
            list(rows_of("invoice_payment", "invoice"), "/v1/invoice_payments".to_owned())
        }
        ("customer", "subscriptions") => {
            let running = |row: &Value| !matches!(row.text("status"), "canceled" | "incomplete_expired");
            let rows = rows_of("subscription", "customer").into_iter().filter(running).collect();
            list(rows, format!("/v1/customers/{id}/subscriptions"))
        }
        ("checkout.session", "line_items") => list(
            account.noted(id, "line_items").as_array()?.clone(),
            format!("/v1/checkout/sessions/{id}/line_items"),
        ),
        ("payment_link", "line_items") => list(
            account.noted(id, "line_items").as_array()?.clone(),
            format!("/v1/payment_links/{id}/line_items"),
        ),
        _ => None,
    }
}
