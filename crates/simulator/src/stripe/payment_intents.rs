//! Payment intents: create, confirm, update, read.

use serde_json::{Map, Value, json};

use super::confirm;
use super::customers::find_customer;
use super::error::ApiError;
use super::invoice_payments;
use super::money;
use super::object::{Object, merge_metadata};
use super::page::{self, PAGE};
use super::params::{EXPAND, Field, Kind, SHIPPING, clear, may, need};
use super::payment_methods::{self, DATA};
use super::router::{Call, Outcome, Route};
use super::search::{self, SEARCH};
use super::state::{Account, Attempt};

const CAPTURE_METHOD: Field = may("capture_method", Kind::OneOf(&["automatic", "automatic_async", "manual"]));
const USAGE: Field = clear("setup_future_usage", Kind::OneOf(&["off_session", "on_session"]));

/// What create, update and confirm all take.
const SHARED: &[Field] = &[
    CAPTURE_METHOD,
    USAGE,
    may("payment_method", Kind::Text),
    may("payment_method_data", Kind::Hash(DATA)),
    may("payment_method_options", Kind::Opaque),
    may("payment_method_types", Kind::List(&Kind::Text)),
    clear("receipt_email", Kind::Text),
    clear("shipping", Kind::Hash(SHIPPING)),
    EXPAND,
];

/// What create and update take.
const WRITE: &[Field] = &[
    clear("application_fee_amount", Kind::Integer),
    may("customer", Kind::Text),
    may("customer_account", Kind::Text),
    clear("description", Kind::Text),
    clear("metadata", Kind::Metadata),
    may("payment_method_configuration", Kind::Text),
    may("statement_descriptor", Kind::Text),
    may("statement_descriptor_suffix", Kind::Text),
    may("transfer_data", Kind::Opaque),
    may("transfer_group", Kind::Text),
    may("amount_details", Kind::Opaque),
    may("payment_details", Kind::Opaque),
];

/// What create (with `confirm=true`) and confirm take.
const CONFIRM: &[Field] = &[
    may("error_on_requires_action", Kind::Boolean),
    may("mandate", Kind::Text),
    may("mandate_data", Kind::Opaque),
    may("off_session", Kind::OffSession),
    may("radar_options", Kind::Opaque),
    may("return_url", Kind::Text),
    may("use_stripe_sdk", Kind::Boolean),
    may("confirmation_token", Kind::Text),
];

const CREATE: &[Field] = &[
    need("amount", Kind::Integer),
    need("currency", Kind::Text),
    may(
        "automatic_payment_methods",
        Kind::Hash(&[
            need("enabled", Kind::Boolean),
            may("allow_redirects", Kind::OneOf(&["always", "never"])),
        ]),
    ),
    may("confirm", Kind::Boolean),
    may("confirmation_method", Kind::OneOf(&["automatic", "manual"])),
    may("on_behalf_of", Kind::Text),
];

const UPDATE: &[Field] = &[may("amount", Kind::Integer), may("currency", Kind::Text)];
const LIST: &[Field] = &[may("created", Kind::Range), may("customer", Kind::Text)];

pub(super) const ROUTES: &[Route] = &[
    Route::post("payment_intents", &[CREATE, WRITE, SHARED, CONFIRM], "payment_intent_write", create),
    Route::get("payment_intents", &[PAGE, LIST], "payment_intent_read", list),
    Route::get("payment_intents/search", &[SEARCH], "payment_intent_read", find),
    Route::get(
        "payment_intents/*",
        &[&[EXPAND, may("client_secret", Kind::Text)]],
        "payment_intent_read",
        retrieve,
    ),
    Route::post("payment_intents/*", &[UPDATE, WRITE, SHARED], "payment_intent_write", update),
    Route::post(
        "payment_intents/*/confirm",
        &[SHARED, CONFIRM, &[may("client_secret", Kind::Text)]],
        "payment_intent_write",
        confirm,
    ),
];

pub(super) fn find_intent(account: &Account, id: &str, param: &str) -> Outcome {
    account.get("payment_intent", id).ok_or_else(|| ApiError::missing("payment_intent", id, param))
}

pub(super) fn create(call: &mut Call<'_>) -> Outcome {
    let currency = money::currency(call.text("currency").unwrap_or_default())?;
    let amount = money::amount(call.int("amount").unwrap_or_default(), &currency)?;
    let confirming = call.flag("confirm");
    if !confirming {
        for name in ["off_session", "error_on_requires_action", "mandate_data", "mandate", "return_url"] {
            if call.params.contains_key(name) {
                let message = format!(
                    "The parameter `{name}` cannot be passed when creating a PaymentIntent unless `confirm` is set \
                     to true."
                );
                return Err(ApiError::invalid(message).param(name));
            }
        }
    }
    let automatic = automatic_methods(call)?;
    let id = call.account.ids.id("pi");
    let default_capture = if call.version.as_str() >= "2024-04-10" { "automatic_async" } else { "automatic" };
    let secret = format!("{id}_secret_{}", call.account.ids.letters(25));
    let mut intent = json!({
        "id": id,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": { "tip": {} },
        "amount_received": 0,
        "application": null,
        "application_fee_amount": null,
        "automatic_payment_methods": automatic,
        "canceled_at": null,
        "cancellation_reason": null,
        "capture_method": default_capture,
        "client_secret": secret,
        "confirmation_method": call.text("confirmation_method").unwrap_or("automatic"),
        "created": call.account.now,
        "currency": currency,
        "customer": null,
        "customer_account": null,
        "description": null,
        "excluded_payment_method_types": null,
        "last_payment_error": null,
        "latest_charge": null,
        "livemode": false,
        "metadata": {},
        "next_action": null,
        "on_behalf_of": call.text("on_behalf_of"),
        "payment_method": null,
        "payment_method_configuration_details": null,
        "payment_method_options": { "card": { "installments": null, "mandate_options": null, "network": null, "request_three_d_secure": "automatic" } },
        "payment_method_types": ["card"],
        "processing": null,
        "receipt_email": null,
        "review": null,
        "setup_future_usage": null,
        "shipping": null,
        "source": null,
        "statement_descriptor": null,
        "statement_descriptor_suffix": null,
        "status": "requires_payment_method",
        "transfer_data": null,
        "transfer_group": null,
    });
    apply(call, &mut intent)?;
    if confirming {
        ready_to_confirm(&intent, call)?;
    }
    call.account.save(&intent, "payment_intent.created");
    if confirming {
        let wish = attempt_of(call);
        return confirm::attempt(call.account, &intent, &wish);
    }
    Ok(intent)
}

/// Newer versions turn automatic payment methods on unless types are named.
fn automatic_methods(call: &Call<'_>) -> Outcome {
    let typed = call.params.contains_key("payment_method_types");
    match call.params.get("automatic_payment_methods") {
        Some(given) if typed && given.flag("enabled") => Err(ApiError::invalid(
            "You may only specify one of these parameters: automatic_payment_methods, payment_method_types.",
        )),
        Some(given) => {
            let redirects = given.get("allow_redirects").and_then(Value::as_str).unwrap_or("always");
            Ok(json!({ "enabled": given.flag("enabled"), "allow_redirects": redirects }))
        }
        None if !typed && call.version.as_str() >= "2023-08-16" => {
            Ok(json!({ "enabled": true, "allow_redirects": "always" }))
        }
        None => Ok(Value::Null),
    }
}

/// Lays the parameters over the intent and gives it its payment method.
fn apply(call: &mut Call<'_>, intent: &mut Value) -> Result<(), ApiError> {
    let params: Map<String, Value> = call.params.clone();
    if let Some(id) = params.get("customer").and_then(Value::as_str) {
        find_customer(call.account, id, "customer").map_err(|error| error.status(400))?;
        intent.set("customer", id);
    }
    for (name, value) in &params {
        match name.as_str() {
            "metadata" => merge_metadata(intent, value),
            "payment_method_options" => {
                for (kind, options) in value.as_object().into_iter().flatten() {
                    for (option, value) in options.as_object().into_iter().flatten() {
                        intent.set_at(&["payment_method_options", kind, option], value.clone());
                    }
                }
            }
            "transfer_data" => {
                let mut data = value.clone();
                if let Some(amount) = data.at(&["amount"]).as_str().and_then(|text| text.parse::<i64>().ok())
                {
                    data.set("amount", amount);
                }
                intent.set("transfer_data", data);
            }
            "application_fee_amount"
            | "capture_method"
            | "description"
            | "payment_method_types"
            | "receipt_email"
            | "setup_future_usage"
            | "shipping"
            | "statement_descriptor"
            | "statement_descriptor_suffix"
            | "transfer_group" => intent.set(name, value.clone()),
            _ => {}
        }
    }
    let given = params.get("payment_method").and_then(Value::as_str);
    let data = params.get("payment_method_data").and_then(Value::as_object);
    let method = match (given, data) {
        (Some(_), Some(_)) => {
            return Err(ApiError::invalid(
                "You may only specify one of these parameters: payment_method, payment_method_data.",
            ));
        }
        (None, None) => return Ok(()),
        (Some(id), None) => payment_methods::resolve(call.account, id, "payment_method")?,
        (None, Some(data)) => {
            let method = payment_methods::build(call.account, data, "payment_method_data")?;
            call.account.put(&method);
            method
        }
    };
    check_method(call.account, intent, &method)?;
    intent.set("payment_method", method.text("id"));
    intent.set("status", "requires_confirmation");
    Ok(())
}

fn check_method(account: &Account, intent: &Value, method: &Value) -> Result<(), ApiError> {
    let id = method.text("id");
    let owner = method.text("customer");
    let customer = intent.text("customer");
    if account.spent.contains(id) {
        return Err(payment_methods::already_spent());
    }
    if !owner.is_empty() && customer.is_empty() {
        return Err(ApiError::invalid(format!(
            "The PaymentMethod {id} belongs to the Customer {owner}. Please include the Customer in the `customer` \
             parameter on the PaymentIntent."
        )));
    }
    if !owner.is_empty() && owner != customer {
        return Err(ApiError::invalid(format!(
            "The customer does not have a payment method with the ID {id}. The payment method must be attached to \
             the customer."
        ))
        .param("payment_method"));
    }
    let kind = method.text("type");
    let automatic = intent.at(&["automatic_payment_methods"]).flag("enabled");
    let types = intent.at(&["payment_method_types"]).as_array();
    let allowed = types.is_some_and(|types| types.iter().any(|listed| listed.as_str() == Some(kind)));
    if !automatic && !allowed {
        return Err(ApiError::invalid(format!(
            "The PaymentMethod provided ({kind}) is not allowed for this PaymentIntent. Please attach a \
             PaymentMethod of one of the following types: {}. Alternatively update the allowed \
             payment_method_types for this PaymentIntent to include \"{kind}\".",
            types.into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
        ))
        .param("payment_method"));
    }
    Ok(())
}

fn attempt_of(call: &Call<'_>) -> Attempt {
    Attempt {
        off_session: call.flag("off_session"),
        error_on_requires_action: call.flag("error_on_requires_action"),
        use_stripe_sdk: call.flag("use_stripe_sdk"),
        return_url: call.text("return_url").map(str::to_owned),
        has_mandate: call.params.contains_key("mandate_data") || call.params.contains_key("mandate"),
        authenticated: false,
        billing: false,
    }
}

/// Checks that confirming can begin at all.
fn ready_to_confirm(intent: &Value, call: &Call<'_>) -> Result<(), ApiError> {
    match intent.text("status") {
        "succeeded" => {
            return Err(ApiError::unexpected_state(
                intent,
                "You cannot confirm this PaymentIntent because it has already succeeded after being previously \
                 confirmed.",
            ));
        }
        status @ ("canceled" | "processing" | "requires_capture") => {
            return Err(ApiError::unexpected_state(
                intent,
                format!(
                    "You cannot confirm this PaymentIntent because it has a status of {status}. Only a PaymentIntent \
                     with one of the following statuses may be confirmed: requires_confirmation, requires_action."
                ),
            ));
        }
        _ => {}
    }
    if intent.at(&["payment_method"]).is_null() {
        return Err(ApiError::unexpected_state(
            intent,
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the \
             PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a \
             payment method or ConfirmationToken.",
        ));
    }
    let automatic = intent.at(&["automatic_payment_methods"]);
    let may_redirect = automatic.flag("enabled") && automatic.text("allow_redirects") == "always";
    if may_redirect && !call.params.contains_key("return_url") && !call.flag("use_stripe_sdk") {
        return Err(ApiError::invalid(
            "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of \
             these payment methods might redirect your customer off of your page, you must provide a `return_url`. \
             If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` \
             to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and \
             Payment Intents.",
        ));
    }
    Ok(())
}

fn confirm(call: &mut Call<'_>) -> Outcome {
    let id = call.id.clone();
    let before = find_intent(call.account, &id, "intent")?;
    let mut intent = before.clone();
    if !matches!(intent.text("status"), "succeeded" | "canceled" | "processing" | "requires_capture") {
        apply(call, &mut intent)?;
    }
    ready_to_confirm(&intent, call)?;
    let kept = call.account.attempts.remove(&id);
    let mut wish = attempt_of(call);
    wish.authenticated = intent.text("confirmation_method") == "manual"
        && before.text("status") == "requires_confirmation"
        && kept.is_some_and(|kept| kept.authenticated);
    call.account.put(&intent);
    let outcome = confirm::attempt(call.account, &intent, &wish);
    invoice_payments::follow(call.account, &id);
    outcome
}

fn update(call: &mut Call<'_>) -> Outcome {
    let before = find_intent(call.account, &call.id, "intent")?;
    let mut intent = before.clone();
    let status = before.text("status");
    let closed = matches!(status, "succeeded" | "canceled" | "processing" | "requires_capture");
    for name in ["amount", "currency", "payment_method", "payment_method_data", "customer", "capture_method"]
    {
        if closed && call.params.contains_key(name) {
            let message = format!(
                "This PaymentIntent's {name} could not be updated because it has a status of {status}. You may only \
                 update the {name} of a PaymentIntent with one of the following statuses: requires_payment_method, \
                 requires_confirmation, requires_action."
            );
            return Err(ApiError::unexpected_state(&before, message));
        }
    }
    if let Some(currency) = call.text("currency") {
        intent.set("currency", money::currency(currency)?);
    }
    if let Some(amount) = call.int("amount") {
        intent.set("amount", money::amount(amount, intent.text("currency"))?);
    }
    apply(call, &mut intent)?;
    // Stripe sends no event for an update.
    call.account.put(&intent);
    Ok(intent)
}

fn retrieve(call: &mut Call<'_>) -> Outcome {
    find_intent(call.account, &call.id, "intent")
}

fn list(call: &mut Call<'_>) -> Outcome {
    let customer = call.text("customer");
    let rows = call.account.newest_first("payment_intent").into_iter().filter(|row| {
        customer.is_none_or(|customer| row.text("customer") == customer)
            && page::created_within(&call.params, row)
    });
    page::list(&call.params, rows.collect(), "payment_intent", "/v1/payment_intents")
}

fn find(call: &mut Call<'_>) -> Outcome {
    let fields = ["amount", "created", "currency", "customer", "metadata", "status"];
    search::search(
        &call.params,
        call.account.indexed("payment_intent"),
        &fields,
        "/v1/payment_intents/search",
    )
}
