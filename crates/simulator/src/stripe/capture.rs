//! What happens to an authorized payment: captured, raised, canceled, expired.

use serde_json::Value;

use super::charges;
use super::disputes;
use super::error::ApiError;
use super::money;
use super::object::{Object, merge_metadata};
use super::params::{EXPAND, Field, Kind, clear, may, need};
use super::payment_intents::find_intent;
use super::router::{Call, Outcome, Route};
use super::state::Account;

const CAPTURE: &[Field] = &[
    may("amount_to_capture", Kind::Integer),
    may("application_fee_amount", Kind::Integer),
    may("final_capture", Kind::Boolean),
    clear("metadata", Kind::Metadata),
    may("statement_descriptor", Kind::Text),
    may("statement_descriptor_suffix", Kind::Text),
    may("transfer_data", Kind::Opaque),
    EXPAND,
];

const INCREMENT: &[Field] = &[
    need("amount", Kind::Integer),
    may("application_fee_amount", Kind::Integer),
    may("description", Kind::Text),
    may("metadata", Kind::Metadata),
    may("statement_descriptor", Kind::Text),
    may("transfer_data", Kind::Opaque),
    EXPAND,
];

const CANCEL: &[Field] = &[
    may(
        "cancellation_reason",
        Kind::OneOf(&["abandoned", "duplicate", "fraudulent", "requested_by_customer"]),
    ),
    EXPAND,
];

pub(super) const ROUTES: &[Route] = &[
    Route::post("payment_intents/*/capture", &[CAPTURE], "payment_intent_write", capture),
    Route::post("payment_intents/*/cancel", &[CANCEL], "payment_intent_write", cancel),
    Route::post("payment_intents/*/increment_authorization", &[INCREMENT], "payment_intent_write", increment),
];

fn capture(call: &mut Call<'_>) -> Outcome {
    let mut intent = find_intent(call.account, &call.id, "intent")?;
    let status = intent.text("status");
    let charge = call.account.get("charge", intent.text("latest_charge"));
    if let Some(charge) = charge.as_ref().filter(|_| intent.text("cancellation_reason") == "automatic") {
        let message = format!(
            "The charge {} has expired and can no longer be captured. You'll need to create a new one.",
            charge.text("id")
        );
        return Err(ApiError::invalid(message)
            .code("charge_expired_for_capture")
            .with("payment_intent", intent.clone())
            .while_working());
    }
    let (Some(mut charge), "requires_capture") = (charge, status) else {
        let message = format!(
            "This PaymentIntent could not be captured because it has a status of {status}. Only a PaymentIntent with \
             one of the following statuses may be captured: requires_capture."
        );
        return Err(ApiError::unexpected_state(&intent, message));
    };
    let capturable = intent.int("amount_capturable");
    let amount = call.int("amount_to_capture").unwrap_or(capturable);
    if amount < 1 {
        return Err(ApiError::too_low("amount_to_capture", 1));
    }
    if amount > capturable {
        let message = format!(
            "The amount_to_capture ({}) is greater than the amount that can be captured ({}).",
            money::shown(amount, intent.text("currency")),
            money::shown(capturable, intent.text("currency")),
        );
        return Err(ApiError::invalid(message)
            .code("amount_too_large")
            .param("amount_to_capture")
            .while_working());
    }
    let is_final = call.params.get("final_capture").and_then(Value::as_bool).unwrap_or(true);
    let several =
        charge.at(&["payment_method_details", "card", "multicapture"]).text("status") == "available";
    if !is_final && !several {
        return Err(ApiError::invalid(
            "You can only set `final_capture` to false when multicapture is available on the charge.",
        )
        .param("final_capture"));
    }
    if let Some(metadata) = call.params.get("metadata") {
        merge_metadata(&mut intent, metadata);
    }
    for name in ["application_fee_amount", "statement_descriptor", "statement_descriptor_suffix"] {
        if let Some(value) = call.params.get(name) {
            intent.set(name, value.clone());
        }
    }
    let before = charge.clone();
    let entry = charges::book(call.account, &charge, amount, "charge", false);
    let captured = charge.int("amount_captured") + amount;
    let authorized = charge.int("amount");
    charge.set("captured", true);
    charge.set("amount_captured", captured);
    charge.set("balance_transaction", entry.text("id"));
    intent.set("amount_received", captured);
    if is_final {
        // What was authorized and not captured is released: Stripe books it as refunded.
        charge.set("amount_refunded", authorized - captured);
        intent.set("amount_capturable", 0);
        intent.set("status", "succeeded");
    } else {
        intent.set("amount_capturable", capturable - amount);
    }
    call.account.save_changed(&before, &charge, "charge.captured");
    disputes::plan(call.account, &charge);
    if intent.text("status") == "succeeded" {
        call.account.save(&intent, "payment_intent.succeeded");
    } else {
        call.account.save(&intent, "payment_intent.amount_capturable_updated");
    }
    Ok(intent)
}

fn cancel(call: &mut Call<'_>) -> Outcome {
    let intent = find_intent(call.account, &call.id, "intent")?;
    let status = intent.text("status");
    if !matches!(
        status,
        "requires_payment_method" | "requires_capture" | "requires_confirmation" | "requires_action"
    ) {
        let message = format!(
            "You cannot cancel this PaymentIntent because it has a status of {status}. Only a PaymentIntent with one \
             of the following statuses may be canceled: requires_payment_method, requires_capture, \
             requires_confirmation, requires_action, processing."
        );
        return Err(ApiError::unexpected_state(&intent, message));
    }
    let reason = call.params.get("cancellation_reason").cloned().unwrap_or_default();
    Ok(release(call.account, &intent, &reason, "charge.refunded"))
}

/// Cancels an intent; what was authorized goes back to the card holder.
fn release(account: &mut Account, before: &Value, reason: &Value, charge_event: &str) -> Value {
    let mut intent = before.clone();
    if before.text("status") == "requires_capture"
        && let Some(held) = account.get("charge", before.text("latest_charge"))
    {
        let mut charge = held.clone();
        let captured = charge.int("amount_captured");
        charge.set("amount_refunded", charge.int("amount") - captured);
        charge.set("refunded", captured == 0);
        account.save_changed(&held, &charge, charge_event);
    }
    intent.set("status", "canceled");
    intent.set("amount_capturable", 0);
    intent.set("canceled_at", account.now);
    intent.set("cancellation_reason", reason.clone());
    intent.set("next_action", Value::Null);
    account.attempts.remove(intent.text("id"));
    account.save(&intent, "payment_intent.canceled");
    intent
}

/// Cancels what was authorized so long ago that the network has let go of it.
pub(super) fn expire(account: &mut Account, id: &str) {
    let intent =
        account.get("payment_intent", id).filter(|intent| intent.text("status") == "requires_capture");
    if let Some(intent) = intent {
        release(account, &intent, &Value::from("automatic"), "charge.expired");
    }
}

fn increment(call: &mut Call<'_>) -> Outcome {
    let mut intent = find_intent(call.account, &call.id, "intent")?;
    let charge = call.account.get("charge", intent.text("latest_charge")).unwrap_or_default();
    if intent.text("status") != "requires_capture" {
        let message = format!(
            "This PaymentIntent's authorization could not be incremented because it has a status of {}. Only a \
             PaymentIntent with one of the following statuses may be incremented: requires_capture.",
            intent.text("status")
        );
        return Err(ApiError::unexpected_state(&intent, message));
    }
    let offered = charge.at(&["payment_method_details", "card", "incremental_authorization"]).text("status");
    if offered != "available" {
        return Err(
            ApiError::invalid("The card does not support incremental authorizations.").while_working()
        );
    }
    let amount = money::amount(call.int("amount").unwrap_or_default(), intent.text("currency"))?;
    if amount <= intent.int("amount") {
        return Err(ApiError::invalid(
            "The amount of an incremental authorization must be greater than the currently authorized amount.",
        )
        .param("amount"));
    }
    if let Some(metadata) = call.params.get("metadata") {
        merge_metadata(&mut intent, metadata);
    }
    for name in ["application_fee_amount", "description", "statement_descriptor"] {
        if let Some(value) = call.params.get(name) {
            intent.set(name, value.clone());
        }
    }
    let mut raised = charge.clone();
    raised.set("amount", amount);
    raised.set_at(&["payment_method_details", "card", "amount_authorized"], amount);
    call.account.save_changed(&charge, &raised, "charge.updated");
    intent.set("amount", amount);
    intent.set("amount_capturable", amount);
    call.account.save(&intent, "payment_intent.amount_capturable_updated");
    Ok(intent)
}
