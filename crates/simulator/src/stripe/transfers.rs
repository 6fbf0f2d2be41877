//! Transfers to connected accounts, and their reversals.

use serde_json::{Value, json};

use super::accounts::find_account;
use super::charges;
use super::error::ApiError;
use super::money;
use super::object::{Object, merge_metadata, overlay};
use super::page::{self, PAGE};
use super::params::{EXPAND, Field, Kind, clear, may, need};
use super::payouts::available;
use super::router::{Call, Outcome, Route};
use super::state::{Account, Across};

const CREATE: &[Field] = &[
    may("amount", Kind::Integer),
    need("currency", Kind::Text),
    may("description", Kind::Text),
    need("destination", Kind::Text),
    may("metadata", Kind::Metadata),
    may("source_transaction", Kind::Text),
    may("source_type", Kind::OneOf(&["bank_account", "card", "fpx"])),
    may("transfer_group", Kind::Text),
];

const UPDATE: &[Field] = &[may("description", Kind::Text), clear("metadata", Kind::Metadata)];

const LIST: &[Field] =
    &[may("created", Kind::Range), may("destination", Kind::Text), may("transfer_group", Kind::Text)];

const REVERSE: &[Field] = &[
    may("amount", Kind::Integer),
    may("description", Kind::Text),
    clear("metadata", Kind::Metadata),
    may("refund_application_fee", Kind::Boolean),
];

pub(super) const ROUTES: &[Route] = &[
    Route::post("transfers", &[CREATE, &[EXPAND]], "transfer_write", create),
    Route::get("transfers", &[PAGE, LIST], "transfer_read", list),
    Route::get("transfers/*", &[&[EXPAND]], "transfer_read", retrieve),
    Route::post("transfers/*", &[UPDATE, &[EXPAND]], "transfer_write", update),
    Route::post("transfers/*/reversals", &[REVERSE, &[EXPAND]], "transfer_write", reverse),
    Route::get("transfers/*/reversals", &[PAGE], "transfer_read", list_reversals),
];

fn find_transfer(account: &Account, id: &str) -> Outcome {
    account.get("transfer", id).ok_or_else(|| ApiError::missing("transfer", id, "transfer"))
}

/// What a transfer is on the other side: a payment that arrived (or, negative, left).
fn payment(account: &mut Account, transfer: &Value, amount: i64) -> Value {
    json!({
        "id": account.ids.id("py"), "object": "charge", "amount": amount, "amount_captured": amount,
        "amount_refunded": 0, "balance_transaction": null, "captured": true, "created": account.now,
        "currency": transfer.text("currency"), "customer": null, "description": null, "disputed": false,
        "livemode": false, "metadata": {}, "paid": true, "payment_intent": null, "payment_method": null,
        "payment_method_details": null, "refunded": false, "source_transfer": transfer.text("id"),
        "status": "succeeded", "transfer_group": transfer.at(&["transfer_group"]),
    })
}

fn create(call: &mut Call<'_>) -> Outcome {
    let currency = money::currency(call.text("currency").unwrap_or_default())?;
    let destination = call.text("destination").unwrap_or_default().to_owned();
    find_account(call.account, &destination, "destination").map_err(|error| error.status(400))?;
    let source = match call.text("source_transaction") {
        Some(id) => {
            let found = call.account.get("charge", id);
            Some(found.ok_or_else(|| ApiError::missing("charge", id, "source_transaction").status(400))?)
        }
        None => None,
    };
    let most = match &source {
        Some(charge) => {
            charge.int("amount_captured")
                - call.account.noted(charge.text("id"), "transferred").as_i64().unwrap_or_default()
        }
        None => available(call.account, &currency),
    };
    let amount = match (call.int("amount"), &source) {
        (Some(amount), _) => amount,
        (None, Some(_)) => most,
        (None, None) => return Err(ApiError::missing_param("amount")),
    };
    if amount < 1 {
        return Err(ApiError::too_low("amount", 1));
    }
    if amount > most {
        let error = match &source {
            Some(charge) => ApiError::invalid(format!(
                "Transfers using this transaction as a source must not exceed the source amount. There is {} left of {}.",
                money::shown(most, &currency),
                charge.text("id")
            ))
            .param("amount"),
            None => ApiError::invalid(
                "You have insufficient available funds in your Stripe account. Try adding funds directly to your \
                 available balance by creating Charges using the 4000000000000077 test card. See: \
                 https://stripe.com/docs/testing#available-balance",
            )
            .code("balance_insufficient"),
        };
        return Err(error.while_working());
    }
    let id = call.account.ids.id("tr");
    let mut transfer = json!({
        "id": id,
        "object": "transfer",
        "amount": amount,
        "amount_reversed": 0,
        "balance_transaction": null,
        "created": call.account.now,
        "currency": currency,
        "description": null,
        "destination": destination,
        "destination_payment": null,
        "livemode": false,
        "metadata": {},
        "reversals": { "object": "list", "data": [], "has_more": false, "total_count": 0, "url": format!("/v1/transfers/{id}/reversals") },
        "reversed": false,
        "source_transaction": null,
        "source_type": "card",
        "transfer_group": null,
    });
    overlay(&mut transfer, &call.params, &["amount"]);
    let arrived = payment(call.account, &transfer, amount);
    transfer.set("destination_payment", arrived.text("id"));
    let entry = charges::book(call.account, &transfer, -amount, "transfer", true);
    transfer.set("balance_transaction", entry.text("id"));
    if let Some(charge) = source {
        let before = call.account.noted(charge.text("id"), "transferred").as_i64().unwrap_or_default();
        call.account.note(charge.text("id"), "transferred", before + amount);
    }
    call.account.across.push(Across::Book(destination, arrived, "payment"));
    call.account.save(&transfer, "transfer.created");
    Ok(transfer)
}

fn retrieve(call: &mut Call<'_>) -> Outcome {
    find_transfer(call.account, &call.id)
}

fn update(call: &mut Call<'_>) -> Outcome {
    let before = find_transfer(call.account, &call.id)?;
    let mut transfer = before.clone();
    overlay(&mut transfer, &call.params, &[]);
    call.account.save_changed(&before, &transfer, "transfer.updated");
    Ok(transfer)
}

fn reverse(call: &mut Call<'_>) -> Outcome {
    let before = find_transfer(call.account, &call.id)?;
    let left = before.int("amount") - before.int("amount_reversed");
    let amount = call.int("amount").unwrap_or(left);
    if left == 0 {
        let message = format!("Transfer {} is already fully reversed.", call.id);
        return Err(ApiError::invalid(message).while_working());
    }
    if amount < 1 {
        return Err(ApiError::too_low("amount", 1));
    }
    if amount > left {
        let message = format!(
            "Reversal amount ({}) is greater than unreversed amount on transfer ({})",
            money::shown(amount, before.text("currency")),
            money::shown(left, before.text("currency"))
        );
        return Err(ApiError::invalid(message).param("amount").while_working());
    }
    let mut transfer = before.clone();
    let mut reversal = json!({
        "id": call.account.ids.id("trr"),
        "object": "transfer_reversal",
        "amount": amount,
        "balance_transaction": null,
        "created": call.account.now,
        "currency": before.text("currency"),
        "destination_payment_refund": null,
        "metadata": {},
        "source_refund": null,
        "transfer": call.id,
    });
    if let Some(metadata) = call.params.get("metadata") {
        merge_metadata(&mut reversal, metadata);
    }
    let entry = charges::book(call.account, &reversal, amount, "transfer_refund", true);
    reversal.set("balance_transaction", entry.text("id"));
    let reversed = before.int("amount_reversed") + amount;
    transfer.set("amount_reversed", reversed);
    transfer.set("reversed", reversed == before.int("amount"));
    let mut all = before.at(&["reversals", "data"]).as_array().cloned().unwrap_or_default();
    all.insert(0, reversal.clone());
    transfer.set_at(&["reversals", "total_count"], all.len());
    transfer.set_at(&["reversals", "data"], all);
    call.account.put(&reversal);
    let left = payment(call.account, &before, -amount);
    call.account.across.push(Across::Book(before.text("destination").to_owned(), left, "payment_refund"));
    call.account.save_changed(&before, &transfer, "transfer.reversed");
    Ok(reversal)
}

fn list_reversals(call: &mut Call<'_>) -> Outcome {
    let transfer = find_transfer(call.account, &call.id)?;
    let rows = transfer.at(&["reversals", "data"]).as_array().cloned().unwrap_or_default();
    page::list(&call.params, rows, "reversal", &format!("/v1/transfers/{}/reversals", call.id))
}

fn list(call: &mut Call<'_>) -> Outcome {
    page::matching(call, "transfer", "transfer", &["destination", "transfer_group"], "/v1/transfers")
}
