//! Setup intents: verifying a card and saving it without a payment.

use serde_json::{Value, json};

use super::cards::{self, Instrument, Rule, When};
use super::confirm::{authentication_failed, next_action};
use super::customers::find_customer;
use super::error::ApiError;
use super::object::{Object, merge_metadata};
use super::page::{self, PAGE};
use super::params::{EXPAND, Field, Kind, clear, may};
use super::payment_methods::{self, DATA, card_error};
use super::router::{Call, Outcome, Route};
use super::state::{Account, Attempt};

const CONFIRM: &[Field] = &[
    may("mandate_data", Kind::Opaque),
    may("payment_method", Kind::Text),
    may("payment_method_data", Kind::Hash(DATA)),
    may("payment_method_options", Kind::Opaque),
    may("return_url", Kind::Text),
    may("use_stripe_sdk", Kind::Boolean),
    EXPAND,
];

const CREATE: &[Field] = &[
    may(
        "automatic_payment_methods",
        Kind::Hash(&[
            may("enabled", Kind::Boolean),
            may("allow_redirects", Kind::OneOf(&["always", "never"])),
        ]),
    ),
    may("confirm", Kind::Boolean),
    may("customer", Kind::Text),
    clear("description", Kind::Text),
    clear("metadata", Kind::Metadata),
    may("on_behalf_of", Kind::Text),
    may("payment_method_types", Kind::List(&Kind::Text)),
    may("single_use", Kind::Opaque),
    may("usage", Kind::OneOf(&["off_session", "on_session"])),
];

const UPDATE: &[Field] = &[
    may("customer", Kind::Text),
    clear("description", Kind::Text),
    clear("metadata", Kind::Metadata),
    may("payment_method", Kind::Text),
    may("payment_method_data", Kind::Hash(DATA)),
    may("payment_method_options", Kind::Opaque),
    may("payment_method_types", Kind::List(&Kind::Text)),
    EXPAND,
];

const LIST: &[Field] =
    &[may("created", Kind::Range), may("customer", Kind::Text), may("payment_method", Kind::Text)];

const CANCEL: &[Field] =
    &[may("cancellation_reason", Kind::OneOf(&["abandoned", "duplicate", "requested_by_customer"])), EXPAND];

pub(super) const ROUTES: &[Route] = &[
    Route::post("setup_intents", &[CREATE, CONFIRM], "setup_intent_write", create),
    Route::get("setup_intents", &[PAGE, LIST], "setup_intent_read", list),
    Route::get(
        "setup_intents/*",
        &[&[EXPAND, may("client_secret", Kind::Text)]],
        "setup_intent_read",
        retrieve,
    ),
    Route::post("setup_intents/*", &[UPDATE], "setup_intent_write", update),
    Route::post(
        "setup_intents/*/confirm",
        &[CONFIRM, &[may("client_secret", Kind::Text)]],
        "setup_intent_write",
        confirm,
    ),
    Route::post("setup_intents/*/cancel", &[CANCEL], "setup_intent_write", cancel),
];

fn find_setup(account: &Account, id: &str) -> Outcome {
    account.get("setup_intent", id).ok_or_else(|| ApiError::missing("setupintent", id, "intent"))
}

pub(super) fn create(call: &mut Call<'_>) -> Outcome {
    let confirming = call.flag("confirm");
    if !confirming {
        for name in ["mandate_data", "return_url"] {
            if call.params.contains_key(name) {
                let message = format!(
                    "The parameter `{name}` cannot be passed when creating a SetupIntent unless `confirm` is set to \
                     true."
                );
                return Err(ApiError::invalid(message).param(name));
            }
        }
    }
    let typed = call.params.contains_key("payment_method_types");
    let automatic = match call.params.get("automatic_payment_methods") {
        Some(given) => {
            let redirects = given.get("allow_redirects").and_then(Value::as_str).unwrap_or("always");
            json!({ "enabled": given.flag("enabled"), "allow_redirects": redirects })
        }
        None if !typed && call.version.as_str() >= "2023-08-16" => {
            json!({ "enabled": true, "allow_redirects": "always" })
        }
        None => Value::Null,
    };
    let id = call.account.ids.id("seti");
    let secret = format!("{id}_secret_{}", call.account.ids.letters(25));
    let mut setup = json!({
        "id": id,
        "object": "setup_intent",
        "application": null,
        "automatic_payment_methods": automatic,
        "cancellation_reason": null,
        "client_secret": secret,
        "created": call.account.now,
        "customer": null,
        "description": null,
        "excluded_payment_method_types": null,
        "flow_directions": null,
        "last_setup_error": null,
        "latest_attempt": null,
        "livemode": false,
        "mandate": null,
        "metadata": {},
        "next_action": null,
        "on_behalf_of": call.text("on_behalf_of"),
        "payment_method": null,
        "payment_method_configuration_details": null,
        "payment_method_options": { "card": { "mandate_options": null, "network": null, "request_three_d_secure": "automatic" } },
        "payment_method_types": ["card"],
        "single_use_mandate": null,
        "status": "requires_payment_method",
        "usage": call.text("usage").unwrap_or("off_session"),
    });
    apply(call, &mut setup)?;
    if confirming {
        ready_to_confirm(&setup, call)?;
    }
    call.account.save(&setup, "setup_intent.created");
    if confirming { run(call, &setup) } else { Ok(setup) }
}

fn apply(call: &mut Call<'_>, setup: &mut Value) -> Result<(), ApiError> {
    if let Some(id) = call.text("customer").map(str::to_owned) {
        find_customer(call.account, &id, "customer").map_err(|error| error.status(400))?;
        setup.set("customer", id);
    }
    for name in ["description", "payment_method_types"] {
        if let Some(value) = call.params.get(name) {
            setup.set(name, value.clone());
        }
    }
    if let Some(metadata) = call.params.get("metadata") {
        merge_metadata(setup, metadata);
    }
    let given = call.text("payment_method").map(str::to_owned);
    let data = call.params.get("payment_method_data").and_then(Value::as_object).cloned();
    let method = match (given, data) {
        (Some(id), _) => payment_methods::resolve(call.account, &id, "payment_method")?,
        (None, Some(data)) => {
            let method = payment_methods::build(call.account, &data, "payment_method_data")?;
            call.account.put(&method);
            method
        }
        (None, None) => return Ok(()),
    };
    let (owner, customer) = (method.text("customer"), setup.text("customer"));
    if call.account.spent.contains(method.text("id")) {
        return Err(payment_methods::already_spent());
    }
    if !owner.is_empty() && owner != customer {
        return Err(ApiError::invalid(format!(
            "The PaymentMethod {} belongs to a different Customer than the SetupIntent.",
            method.text("id")
        ))
        .param("payment_method"));
    }
    setup.set("payment_method", method.text("id"));
    setup.set("status", "requires_confirmation");
    Ok(())
}

fn ready_to_confirm(setup: &Value, call: &Call<'_>) -> Result<(), ApiError> {
    let status = setup.text("status");
    if matches!(status, "succeeded" | "canceled") {
        let message = format!(
            "You cannot confirm this SetupIntent because it has a status of {status}. Only a SetupIntent with one of \
             the following statuses may be confirmed: requires_confirmation, requires_action."
        );
        return Err(ApiError::unexpected_state(setup, message));
    }
    if setup.at(&["payment_method"]).is_null() {
        return Err(ApiError::unexpected_state(
            setup,
            "You cannot confirm this SetupIntent because it's missing a payment method. You can either update the \
             SetupIntent with a payment method and then confirm it again, or confirm it again directly with a payment \
             method.",
        ));
    }
    let automatic = setup.at(&["automatic_payment_methods"]);
    let may_redirect = automatic.flag("enabled") && automatic.text("allow_redirects") == "always";
    if may_redirect && !call.params.contains_key("return_url") && !call.flag("use_stripe_sdk") {
        return Err(ApiError::invalid(
            "This SetupIntent is configured to accept payment methods enabled in your Dashboard. Because some of \
             these payment methods might redirect your customer off of your page, you must provide a `return_url`. \
             If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` \
             to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and \
             Payment Intents.",
        ));
    }
    Ok(())
}

fn confirm(call: &mut Call<'_>) -> Outcome {
    let mut setup = find_setup(call.account, &call.id)?;
    if !matches!(setup.text("status"), "succeeded" | "canceled") {
        apply(call, &mut setup)?;
    }
    ready_to_confirm(&setup, call)?;
    call.account.put(&setup);
    run(call, &setup)
}

fn run(call: &mut Call<'_>, setup: &Value) -> Outcome {
    let wish = Attempt {
        return_url: call.text("return_url").map(str::to_owned),
        use_stripe_sdk: call.flag("use_stripe_sdk"),
        ..Attempt::default()
    };
    attempt(call.account, setup, &wish)
}

fn attempt(account: &mut Account, before: &Value, wish: &Attempt) -> Outcome {
    let mut setup = before.clone();
    let id = setup.text("payment_method").to_owned();
    let method = account.get("payment_method", &id).unwrap_or_default();
    let card = match account.instruments.get(&id) {
        Some(Instrument::Card { card, .. }) => Some(*card),
        _ => None,
    };
    let asks =
        card.is_some_and(|card| matches!(card.rule, Rule::Authenticate(When::Always | When::UnlessSetUp, _)));
    if asks && !wish.authenticated {
        setup.set("status", "requires_action");
        setup.set("next_action", next_action(account, &setup, wish));
        account.attempts.insert(setup.text("id").to_owned(), wish.clone());
        account.save(&setup, "setup_intent.requires_action");
        return Ok(setup);
    }
    let tried = account.ids.id("setatt");
    setup.set("latest_attempt", tried);
    if let Some(decline) = card.and_then(cards::TestCard::refuses_setup) {
        let error = card_error(decline).with("payment_method", method);
        let failed = fail(account, &setup, &error);
        return Err(error.with("setup_intent", failed));
    }
    let customer = setup.text("customer").to_owned();
    if !customer.is_empty() && method.at(&["customer"]).is_null() {
        payment_methods::tie(account, &method, &customer);
    }
    if setup.text("usage") == "off_session" {
        account.set_up.insert(id);
    }
    setup.set("status", "succeeded");
    setup.set("next_action", Value::Null);
    setup.set("last_setup_error", Value::Null);
    account.save(&setup, "setup_intent.succeeded");
    Ok(setup)
}

fn fail(account: &mut Account, before: &Value, error: &ApiError) -> Value {
    let mut setup = before.clone();
    setup.set("status", "requires_payment_method");
    setup.set("payment_method", Value::Null);
    setup.set("next_action", Value::Null);
    setup.set("last_setup_error", error.fields.clone());
    account.save(&setup, "setup_intent.setup_failed");
    setup
}

/// What the person did with the authentication; `None` when the intent was not waiting for one.
pub(super) fn authenticate(account: &mut Account, id: &str, passed: bool) -> Option<Value> {
    let before = account.get("setup_intent", id).filter(|setup| setup.text("status") == "requires_action")?;
    let mut kept = account.attempts.remove(id).unwrap_or_default();
    if !passed {
        return Some(fail(account, &before, &authentication_failed("setup_intent_authentication_failure")));
    }
    kept.authenticated = true;
    match attempt(account, &before, &kept) {
        Ok(setup) => Some(setup),
        Err(_) => account.get("setup_intent", id),
    }
}

fn retrieve(call: &mut Call<'_>) -> Outcome {
    find_setup(call.account, &call.id)
}

fn update(call: &mut Call<'_>) -> Outcome {
    let mut setup = find_setup(call.account, &call.id)?;
    if matches!(setup.text("status"), "succeeded" | "canceled") && call.params.contains_key("payment_method")
    {
        let message =
            format!("You cannot update this SetupIntent because it has already {}.", setup.text("status"));
        return Err(ApiError::unexpected_state(&setup, message));
    }
    apply(call, &mut setup)?;
    call.account.put(&setup);
    Ok(setup)
}

fn cancel(call: &mut Call<'_>) -> Outcome {
    let mut setup = find_setup(call.account, &call.id)?;
    let status = setup.text("status");
    if matches!(status, "succeeded" | "canceled") {
        let message = format!(
            "You cannot cancel this SetupIntent because it has a status of {status}. Only a SetupIntent with one of \
             the following statuses may be canceled: requires_payment_method, requires_confirmation, requires_action."
        );
        return Err(ApiError::unexpected_state(&setup, message));
    }
    setup.set("status", "canceled");
    setup.set("next_action", Value::Null);
    setup.set("cancellation_reason", call.text("cancellation_reason"));
    call.account.save(&setup, "setup_intent.canceled");
    Ok(setup)
}

fn list(call: &mut Call<'_>) -> Outcome {
    let same = |row: &Value, name: &str| call.text(name).is_none_or(|wanted| row.text(name) == wanted);
    let rows = call.account.newest_first("setup_intent").into_iter().filter(|row| {
        same(row, "customer") && same(row, "payment_method") && page::created_within(&call.params, row)
    });
    page::list(&call.params, rows.collect(), "setupintent", "/v1/setup_intents")
}
