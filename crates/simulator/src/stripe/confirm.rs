//! Confirming a payment: what the card does, and what that makes of the intent.

use serde_json::{Value, json};

use super::cards::{self, BankFailure, Decline, Instrument, Rule, When};
use super::charges::{self, Answer};
use super::disputes;
use super::error::ApiError;
use super::object::Object;
use super::payment_methods::{self, card_error};
use super::router::Outcome;
use super::state::{Account, Attempt, Later};

/// Confirms `intent`, which is stored and has its payment method, and stores what comes of it.
pub(super) fn attempt(account: &mut Account, intent: &Value, attempt: &Attempt) -> Outcome {
    let method_id = intent.text("payment_method").to_owned();
    let Some(method) = account.get("payment_method", &method_id) else {
        return Err(ApiError::missing("PaymentMethod", &method_id, "payment_method").status(400));
    };
    let Some(Instrument::Card { card, .. }) = account.instruments.get(&method_id).cloned() else {
        return debit(account, intent, &method, attempt);
    };
    if let Rule::Authenticate(when, _) = card.rule
        && !attempt.authenticated
        && asks(when, attempt.off_session, account.set_up.contains(&method_id))
    {
        if !attempt.billing && (attempt.off_session || attempt.error_on_requires_action) {
            return decline(account, intent, &method, Answer::Declined(cards::AUTHENTICATION), false);
        }
        return Ok(ask(account, intent, attempt));
    }
    match card.rule {
        Rule::Decline(reason) | Rule::Authenticate(_, Some(reason)) => {
            decline(account, intent, &method, Answer::Declined(reason), attempt.authenticated)
        }
        Rule::DeclineCharges => decline(account, intent, &method, Answer::Declined(cards::GENERIC), false),
        Rule::Block => decline(account, intent, &method, Answer::Blocked(&cards::FRAUDULENT), false),
        rule => Ok(approve(account, intent, &method, rule, attempt.authenticated)),
    }
}

pub(super) fn asks(when: When, off_session: bool, set_up: bool) -> bool {
    match when {
        When::Always => true,
        When::UnlessSetUp => !set_up,
        When::OnSession => !off_session,
    }
}

fn ask(account: &mut Account, before: &Value, attempt: &Attempt) -> Value {
    let mut intent = before.clone();
    intent.set("status", "requires_action");
    intent.set("next_action", next_action(account, &intent, attempt));
    account.attempts.insert(intent.text("id").to_owned(), attempt.clone());
    account.save(&intent, &format!("{}.requires_action", intent.text("object")));
    intent
}

/// The step a person has to take: a redirect where there is a way back, else Stripe.js.
pub(super) fn next_action(account: &mut Account, intent: &Value, attempt: &Attempt) -> Value {
    let id = intent.text("id");
    let url = match &account.cause.origin {
        Some(origin) => format!("{origin}/_authenticate/{id}?account={}", account.id),
        None => format!("https://hooks.stripe.com/3d_secure_2/hosted?intent={id}&account={}", account.id),
    };
    match &attempt.return_url {
        Some(return_url) if !attempt.use_stripe_sdk => {
            json!({ "type": "redirect_to_url", "redirect_to_url": { "return_url": return_url, "url": url } })
        }
        _ => json!({
            "type": "use_stripe_sdk",
            "use_stripe_sdk": {
                "type": "three_d_secure_redirect", "stripe_js": url, "source": account.ids.id("src"),
            },
        }),
    }
}

fn approve(account: &mut Account, before: &Value, method: &Value, rule: Rule, authenticated: bool) -> Value {
    let mut intent = before.clone();
    let capture_method = intent.text("capture_method").to_owned();
    let captured = capture_method != "manual";
    let mut charge = charges::build(account, &intent, method, Answer::Approved { captured }, authenticated);
    let amount = intent.int("amount");
    if captured && capture_method == "automatic_async" {
        // The money is captured, but its booking is told later, by charge.updated.
        account.do_later(0, Later::SettleCharge(charge.text("id").to_owned()));
    } else if captured {
        let entry = charges::book(account, &charge, amount, "charge", rule == Rule::BypassPending);
        charge.set("balance_transaction", entry.text("id"));
    }
    let review = (rule == Rule::Review).then(|| open_review(account, &charge));
    if let Some(review) = &review {
        charge.set("review", review.text("id"));
        intent.set("review", review.text("id"));
    }
    intent.set("latest_charge", charge.text("id"));
    intent.set("next_action", Value::Null);
    intent.set("last_payment_error", Value::Null);
    account.save(&charge, "charge.succeeded");
    disputes::plan(account, &charge);
    if let Some(review) = &review {
        account.save(review, "review.opened");
    }
    keep_method(account, &intent, method);
    if captured {
        intent.set("status", "succeeded");
        intent.set("amount_received", amount);
        account.save(&intent, "payment_intent.succeeded");
    } else {
        account.do_later(charges::AUTHORIZATION_LASTS, Later::Expire(intent.text("id").to_owned()));
        intent.set("status", "requires_capture");
        intent.set("amount_capturable", amount);
        account.save(&intent, "payment_intent.amount_capturable_updated");
    }
    intent
}

/// A method that paid is attached for later, or spent.
fn keep_method(account: &mut Account, intent: &Value, method: &Value) {
    let id = method.text("id").to_owned();
    let usage = intent.text("setup_future_usage");
    let customer = intent.text("customer");
    if usage == "off_session" {
        account.set_up.insert(id.clone());
    }
    if !method.at(&["customer"]).is_null() {
        return;
    }
    if !usage.is_empty() && !customer.is_empty() {
        payment_methods::tie(account, method, customer);
    } else {
        account.spent.insert(id);
    }
}

fn open_review(account: &mut Account, charge: &Value) -> Value {
    json!({
        "id": account.ids.id("prv"),
        "object": "review",
        "billing_zip": null,
        "charge": charge.text("id"),
        "closed_reason": null,
        "created": account.now,
        "ip_address": null,
        "livemode": false,
        "open": true,
        "opened_reason": "rule",
        "payment_intent": charge.text("payment_intent"),
        "reason": "rule",
        "session": null,
    })
}

/// Records the failed charge and gives the 402 that carries the live intent.
fn decline(
    account: &mut Account,
    before: &Value,
    method: &Value,
    answer: Answer<'_>,
    authenticated: bool,
) -> Outcome {
    let reason: Decline = match answer {
        Answer::Declined(reason) => reason,
        Answer::Blocked(reason) => *reason,
        Answer::Approved { .. } | Answer::Pending => cards::GENERIC,
    };
    let charge = charges::build(account, before, method, answer, authenticated);
    account.save(&charge, "charge.failed");
    let error = card_error(reason).with("charge", charge.text("id")).with("payment_method", method.clone());
    let error = match charge.at(&["outcome", "advice_code"]).as_str() {
        Some(advice) => error.with("advice_code", advice),
        None => error,
    };
    let mut intent = before.clone();
    intent.set("latest_charge", charge.text("id"));
    Err(error.clone().with("payment_intent", fail(account, &intent, &error)))
}

/// The intent asks for another payment method, and remembers why.
fn fail(account: &mut Account, before: &Value, error: &ApiError) -> Value {
    let mut intent = before.clone();
    intent.set("status", "requires_payment_method");
    intent.set("payment_method", Value::Null);
    intent.set("next_action", Value::Null);
    intent.set("last_payment_error", error.fields.clone());
    account.save(&intent, "payment_intent.payment_failed");
    intent
}

fn debit(account: &mut Account, before: &Value, method: &Value, attempt: &Attempt) -> Outcome {
    if !attempt.has_mandate && method.at(&["customer"]).is_null() {
        return Err(ApiError::invalid(
            "This PaymentIntent requires a mandate, but no existing mandate was found. Collect mandate acceptance \
             from the customer and try again, providing acceptance data in the mandate_data parameter.",
        )
        .code("payment_intent_mandate_invalid"));
    }
    let charge = charges::build(account, before, method, Answer::Pending, false);
    let mut intent = before.clone();
    intent.set("status", "processing");
    intent.set("latest_charge", charge.text("id"));
    intent.set("next_action", Value::Null);
    intent.set("last_payment_error", Value::Null);
    keep_method(account, &intent, method);
    account.save(&charge, "charge.pending");
    account.save(&intent, "payment_intent.processing");
    Ok(intent)
}

/// What the bank says days later about an intent that is processing.
pub(super) fn settle(account: &mut Account, id: &str) -> Option<Value> {
    let mut intent =
        account.get("payment_intent", id).filter(|intent| intent.text("status") == "processing")?;
    let mut charge = account.get("charge", intent.text("latest_charge"))?;
    let method = account.get("payment_method", charge.text("payment_method"))?;
    let failure: Option<&BankFailure> = match account.instruments.get(method.text("id")) {
        Some(Instrument::Bank { failure }) => *failure,
        _ => None,
    };
    let amount = intent.int("amount");
    if let Some(failure) = failure {
        charge.set("status", "failed");
        charge.set("paid", false);
        charge.set("captured", false);
        charge.set("failure_code", failure.code);
        charge.set("failure_message", failure.message);
        account.save(&charge, "charge.failed");
        let error = ApiError::new(402, "invalid_request_error", failure.message)
            .code(failure.code)
            .with("charge", charge.text("id"))
            .with("payment_method", method);
        return Some(fail(account, &intent, &error));
    }
    let entry = charges::book(account, &charge, amount, "payment", false);
    charge.set("balance_transaction", entry.text("id"));
    charge.set("status", "succeeded");
    charge.set("paid", true);
    charge.set("captured", true);
    charge.set("amount_captured", amount);
    account.save(&charge, "charge.succeeded");
    intent.set("status", "succeeded");
    intent.set("amount_received", amount);
    account.save(&intent, "payment_intent.succeeded");
    Some(intent)
}

/// What the person did with the authentication; `None` when the intent was not waiting for one.
pub(super) fn authenticate(account: &mut Account, id: &str, passed: bool) -> Option<Value> {
    let before =
        account.get("payment_intent", id).filter(|intent| intent.text("status") == "requires_action")?;
    let mut kept = account.attempts.remove(id).unwrap_or_default();
    if !passed {
        let error = authentication_failed("payment_intent_authentication_failure");
        return Some(fail(account, &before, &error));
    }
    kept.authenticated = true;
    if before.text("confirmation_method") == "manual" {
        // The server finishes it by confirming once more.
        let mut intent = before;
        intent.set("status", "requires_confirmation");
        intent.set("next_action", Value::Null);
        account.attempts.insert(id.to_owned(), kept);
        account.put(&intent);
        return Some(intent);
    }
    match attempt(account, &before, &kept) {
        Ok(intent) => Some(intent),
        Err(_) => account.get("payment_intent", id),
    }
}

pub(super) fn authentication_failed(code: &str) -> ApiError {
    ApiError::new(
        402,
        "invalid_request_error",
        "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
    )
    .code(code)
}
