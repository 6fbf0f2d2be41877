//! Refunds.

use serde_json::{Value, json};

use super::cards::{Instrument, Rule};
use super::charges;
use super::error::ApiError;
use super::money;
use super::object::{Object, merge_metadata};
use super::page::{self, PAGE};
use super::params::{EXPAND, Field, Kind, clear, may};
use super::payment_intents::find_intent;
use super::router::{Call, Outcome, Route};
use super::state::{Account, Later};

/// How long a refund of the asynchronous test cards takes, in seconds.
const LATER: u64 = 60;

const CREATE: &[Field] = &[
    may("amount", Kind::Integer),
    may("charge", Kind::Text),
    may("payment_intent", Kind::Text),
    may("instructions_email", Kind::Text),
    clear("metadata", Kind::Metadata),
    may("reason", Kind::OneOf(&["duplicate", "fraudulent", "requested_by_customer"])),
    may("refund_application_fee", Kind::Boolean),
    may("reverse_transfer", Kind::Boolean),
    EXPAND,
];

const LIST: &[Field] =
    &[may("charge", Kind::Text), may("payment_intent", Kind::Text), may("created", Kind::Range)];

pub(super) const ROUTES: &[Route] = &[
    Route::post("refunds", &[CREATE], "charge_write", create),
    Route::get("refunds", &[PAGE, LIST], "charge_read", list),
    Route::get("refunds/*", &[&[EXPAND]], "charge_read", retrieve),
    Route::post("refunds/*", &[&[clear("metadata", Kind::Metadata), EXPAND]], "charge_write", update),
    Route::post("refunds/*/cancel", &[&[EXPAND]], "charge_write", cancel),
    Route::get("charges/*/refunds", &[PAGE], "charge_read", list_of_charge),
];

fn find_charge(account: &Account, id: &str, param: &str) -> Outcome {
    account.get("charge", id).ok_or_else(|| ApiError::missing("charge", id, param))
}

fn charge_to_refund(call: &Call<'_>) -> Outcome {
    let (charge, intent) = (call.text("charge"), call.text("payment_intent"));
    if let Some(id) = charge {
        let charge = find_charge(call.account, id, "charge")?;
        if intent.is_some_and(|intent| charge.text("payment_intent") != intent) {
            return Err(ApiError::invalid(
                "The charge and the payment_intent you provided do not belong together. Please pass only one.",
            ));
        }
        return Ok(charge);
    }
    let Some(id) = intent else {
        return Err(ApiError::invalid(
            "One of the following params should be provided for this request: payment_intent or charge.",
        )
        .code("parameter_missing"));
    };
    let intent = find_intent(call.account, id, "payment_intent")?;
    let charge = call.account.get("charge", intent.text("latest_charge"));
    charge.filter(|charge| charge.text("status") == "succeeded").ok_or_else(|| {
        ApiError::invalid(format!("This PaymentIntent ({id}) does not have a successful charge to refund."))
            .while_working()
    })
}

fn create(call: &mut Call<'_>) -> Outcome {
    let before = charge_to_refund(call)?;
    let mut charge = before.clone();
    let id = charge.text("id").to_owned();
    if charge.text("status") != "succeeded" {
        let message = format!("Charge {id} could not be refunded because it has not succeeded.");
        return Err(ApiError::invalid(message).while_working());
    }
    if charge.flag("refunded") {
        let message = format!("Charge {id} has already been refunded.");
        return Err(ApiError::invalid(message).code("charge_already_refunded").while_working());
    }
    let disputes = call.account.newest_first("dispute");
    if disputes.iter().any(|dispute| {
        dispute.text("charge") == id
            && !dispute.flag("is_charge_refundable")
            && dispute.text("status") != "won"
    }) {
        let message = format!("Charge {id} has been charged back; cannot issue a refund.");
        return Err(ApiError::invalid(message).code("charge_disputed").while_working());
    }
    if !charge.flag("captured") {
        let message = format!(
            "Charge {id} has not been captured. Cancel its PaymentIntent to release the authorized amount."
        );
        return Err(ApiError::invalid(message).while_working());
    }
    let refunded = charge.int("amount_refunded");
    let left = charge.int("amount") - refunded;
    if left == 0 {
        let message = format!("Charge {id} has already been refunded.");
        return Err(ApiError::invalid(message).code("charge_already_refunded").while_working());
    }
    let amount = call.int("amount").unwrap_or(left);
    if amount < 1 {
        return Err(ApiError::too_low("amount", 1));
    }
    let currency = charge.text("currency").to_owned();
    if amount > left {
        let message = format!(
            "Refund amount ({}) is greater than unrefunded amount on charge ({})",
            money::shown(amount, &currency),
            money::shown(left, &currency)
        );
        return Err(ApiError::invalid(message).param("amount").while_working());
    }
    let rule = match call.account.instruments.get(charge.text("payment_method")) {
        Some(Instrument::Card { card, .. }) => Some(card.rule),
        _ => None,
    };
    let pending = matches!(rule, None | Some(Rule::RefundPending));
    let mut refund = json!({
        "id": call.account.ids.id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": null,
        "charge": id,
        "created": call.account.now,
        "currency": currency,
        "destination_details": destination(&charge),
        "metadata": {},
        "payment_intent": charge.at(&["payment_intent"]),
        "reason": call.text("reason"),
        "receipt_number": null,
        "source_transfer_reversal": null,
        "status": if pending { "pending" } else { "succeeded" },
        "transfer_reversal": null,
    });
    if let Some(metadata) = call.params.get("metadata") {
        merge_metadata(&mut refund, metadata);
    }
    let entry = charges::book(call.account, &refund, -amount, "refund", false);
    refund.set("balance_transaction", entry.text("id"));
    charge.set("amount_refunded", refunded + amount);
    charge.set("refunded", refunded + amount == charge.int("amount"));
    call.account.put(&refund);
    call.account.save_changed(&before, &charge, "charge.refunded");
    call.account.emit("refund.created", &refund, None);
    let refund_id = refund.text("id").to_owned();
    match rule {
        Some(Rule::RefundFails) => call.account.do_later(LATER, Later::FailRefund(refund_id)),
        Some(Rule::RefundPending) | None => call.account.do_later(LATER, Later::SucceedRefund(refund_id)),
        _ => {}
    }
    Ok(refund)
}

fn destination(charge: &Value) -> Value {
    let kind = charge.at(&["payment_method_details"]).text("type");
    let mut details = json!({ "type": kind });
    let inside = if kind == "card" {
        json!({
            "reference": "7920300012900037", "reference_status": "available",
            "reference_type": "acquirer_reference_number", "type": "refund",
        })
    } else {
        json!({})
    };
    details.set(kind, inside);
    details
}

/// Ends a refund that was on its way; `false` gives the money back to the account.
pub(super) fn complete(account: &mut Account, id: &str, succeeded: bool) -> Option<Value> {
    let before = account.get("refund", id)?;
    if matches!(before.text("status"), "failed" | "canceled") {
        return None;
    }
    let mut refund = before.clone();
    if succeeded {
        if before.text("status") == "succeeded" {
            return None;
        }
        refund.set("status", "succeeded");
        account.save_changed(&before, &refund, "refund.updated");
        account.emit("charge.refund.updated", &refund, Some(&before));
        return Some(refund);
    }
    refund.set("failure_reason", "lost_or_stolen_card");
    undo(account, &mut refund, "failed");
    account.save_changed(&before, &refund, "refund.failed");
    account.emit("charge.refund.updated", &refund, Some(&before));
    Some(refund)
}

fn undo(account: &mut Account, refund: &mut Value, status: &str) {
    let amount = refund.int("amount");
    let entry = charges::book(account, refund, amount, "refund_failure", false);
    refund.set("status", status);
    refund.set("failure_balance_transaction", entry.text("id"));
    if let Some(mut charge) = account.get("charge", refund.text("charge")) {
        charge.set("amount_refunded", charge.int("amount_refunded") - amount);
        charge.set("refunded", false);
        account.put(&charge);
    }
}

fn retrieve(call: &mut Call<'_>) -> Outcome {
    call.account.get("refund", &call.id).ok_or_else(|| ApiError::missing("refund", &call.id, "id"))
}

fn update(call: &mut Call<'_>) -> Outcome {
    let before = retrieve(call)?;
    let mut refund = before.clone();
    if let Some(metadata) = call.params.get("metadata") {
        merge_metadata(&mut refund, metadata);
    }
    call.account.save_changed(&before, &refund, "refund.updated");
    Ok(refund)
}

fn cancel(call: &mut Call<'_>) -> Outcome {
    let before = retrieve(call)?;
    if before.text("status") != "requires_action" {
        let message = format!("Refund {} cannot be canceled: only refunds that require action can.", call.id);
        return Err(ApiError::invalid(message).while_working());
    }
    let mut refund = before.clone();
    undo(call.account, &mut refund, "canceled");
    call.account.save_changed(&before, &refund, "refund.updated");
    Ok(refund)
}

fn list(call: &mut Call<'_>) -> Outcome {
    if let Some(id) = call.text("charge") {
        find_charge(call.account, id, "charge")?;
    }
    if let Some(id) = call.text("payment_intent") {
        find_intent(call.account, id, "payment_intent")?;
    }
    let same = |row: &Value, name: &str| call.text(name).is_none_or(|wanted| row.text(name) == wanted);
    let rows = call.account.newest_first("refund").into_iter().filter(|row| {
        same(row, "charge") && same(row, "payment_intent") && page::created_within(&call.params, row)
    });
    page::list(&call.params, rows.collect(), "refund", "/v1/refunds")
}

fn list_of_charge(call: &mut Call<'_>) -> Outcome {
    find_charge(call.account, &call.id, "charge")?;
    let rows = call.account.newest_first("refund").into_iter().filter(|row| row.text("charge") == call.id);
    page::list(&call.params, rows.collect(), "refund", &format!("/v1/charges/{}/refunds", call.id))
}
