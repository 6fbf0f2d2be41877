//! Payouts: the balance goes to the bank.

use serde_json::{Value, json};

use super::charges;
use super::error::ApiError;
use super::money;
use super::object::{Object, merge_metadata};
use super::page::{self, PAGE};
use super::params::{EXPAND, Field, Kind, clear, may, need};
use super::router::{Call, Outcome, Route};
use super::state::{Account, Later};

/// How long a standard payout is on its way, in seconds: two days.
const STANDARD: u64 = 2 * 24 * 60 * 60;
/// An instant one: half an hour.
const INSTANT: u64 = 30 * 60;

const CREATE: &[Field] = &[
    need("amount", Kind::Integer),
    need("currency", Kind::Text),
    may("description", Kind::Text),
    may("destination", Kind::Text),
    may("metadata", Kind::Metadata),
    may("method", Kind::OneOf(&["instant", "standard"])),
    may("payout_method", Kind::Text),
    may("source_type", Kind::OneOf(&["bank_account", "card", "fpx"])),
    may("statement_descriptor", Kind::Text),
];

const UPDATE: &[Field] = &[clear("metadata", Kind::Metadata)];

const LIST: &[Field] = &[
    may("arrival_date", Kind::Range),
    may("created", Kind::Range),
    may("destination", Kind::Text),
    may("status", Kind::Text),
];

const REVERSE: &[Field] = &[may("metadata", Kind::Metadata)];

pub(super) const ROUTES: &[Route] = &[
    Route::post("payouts", &[CREATE, &[EXPAND]], "payout_write", create),
    Route::get("payouts", &[PAGE, LIST], "payout_read", list),
    Route::get("payouts/*", &[&[EXPAND]], "payout_read", retrieve),
    Route::post("payouts/*", &[UPDATE, &[EXPAND]], "payout_write", update),
    Route::post("payouts/*/cancel", &[&[EXPAND]], "payout_write", cancel),
    Route::post("payouts/*/reverse", &[REVERSE, &[EXPAND]], "payout_write", reverse),
];

/// What can be paid out or transferred now.
pub(super) fn available(account: &Account, currency: &str) -> i64 {
    let ready =
        |entry: &Value| entry.text("currency") == currency && entry.int("available_on") <= account.time();
    account.those("balance_transaction", ready).iter().map(|entry| entry.int("net")).sum()
}

fn find_payout(account: &Account, id: &str) -> Outcome {
    account.get("payout", id).ok_or_else(|| ApiError::missing("payout", id, "payout"))
}

fn make(account: &mut Account, amount: i64, currency: &str, automatic: bool, method: &str) -> Value {
    let wait = if method == "instant" { INSTANT } else { STANDARD };
    let mut payout = json!({
        "id": account.ids.id("po"),
        "object": "payout",
        "amount": amount,
        "application_fee": null,
        "application_fee_amount": null,
        "arrival_date": account.now + wait,
        "automatic": automatic,
        "balance_transaction": null,
        "created": account.now,
        "currency": currency,
        "description": if automatic { Some("STRIPE PAYOUT") } else { None },
        "destination": format!("ba_1{}", account.ids.letters(23)),
        "failure_balance_transaction": null,
        "failure_code": null,
        "failure_message": null,
        "livemode": false,
        "metadata": {},
        "method": method,
        "original_payout": null,
        "payout_method": null,
        "reconciliation_status": if automatic { "completed" } else { "not_applicable" },
        "reversed_by": null,
        "source_type": "card",
        "statement_descriptor": null,
        "status": "pending",
        "trace_id": null,
        "type": "bank_account",
    });
    let entry = charges::book(account, &payout, -amount, "payout", true);
    payout.set("balance_transaction", entry.text("id"));
    payout
}

fn begin(account: &mut Account, payout: &Value) {
    account.save(payout, "payout.created");
    let wait = if payout.text("method") == "instant" { INSTANT } else { STANDARD };
    account.do_later(wait, Later::ArrivePayout(payout.text("id").to_owned()));
}

/// The automatic payouts of a day: one a currency, over everything that is available and not paid out yet.
pub(super) fn settle(account: &mut Account) -> Vec<Value> {
    let entries = account.newest_first("balance_transaction");
    let ready: Vec<&Value> = entries
        .iter()
        .filter(|entry| {
            entry.int("available_on") <= account.time() && account.noted(entry.text("id"), "payout").is_null()
        })
        .collect();
    let mut currencies: Vec<&str> = ready.iter().map(|entry| entry.text("currency")).collect();
    currencies.sort_unstable();
    currencies.dedup();
    let mut made = Vec::new();
    for currency in currencies {
        let bundle: Vec<&Value> =
            ready.iter().copied().filter(|entry| entry.text("currency") == currency).collect();
        let amount: i64 = bundle.iter().map(|entry| entry.int("net")).sum();
        if amount < 1 {
            continue;
        }
        let payout = make(account, amount, currency, true, "standard");
        let id = payout.text("id").to_owned();
        for entry in bundle {
            account.note(entry.text("id"), "payout", id.clone());
        }
        account.note(payout.text("balance_transaction"), "payout", id);
        begin(account, &payout);
        made.push(payout);
    }
    made
}

/// The money is at the bank.
pub(super) fn arrive(account: &mut Account, id: &str) {
    let Some(mut payout) = account.get("payout", id).filter(|found| found.text("status") == "pending") else {
        return;
    };
    payout.set("status", "paid");
    payout.set("trace_id", json!({ "status": "supported", "value": account.ids.digits(15) }));
    account.save(&payout, "payout.paid");
}

/// The bank sends the money back. `None` when the payout was neither on its way nor there.
pub(super) fn fail(account: &mut Account, id: &str) -> Option<Value> {
    let found = account.get("payout", id);
    let mut payout = found.filter(|found| matches!(found.text("status"), "pending" | "paid"))?;
    let entry = charges::book(account, &payout, payout.int("amount"), "payout_failure", true);
    payout.set("status", "failed");
    payout.set("failure_code", "account_closed");
    payout.set("failure_message", "The bank account has been closed.");
    payout.set("failure_balance_transaction", entry.text("id"));
    account.save(&payout, "payout.failed");
    Some(payout)
}

fn create(call: &mut Call<'_>) -> Outcome {
    let currency = money::currency(call.text("currency").unwrap_or_default())?;
    let amount = call.int("amount").unwrap_or_default();
    if amount < 1 {
        return Err(ApiError::too_low("amount", 1));
    }
    if amount > available(call.account, &currency) {
        return Err(ApiError::invalid(
            "You have insufficient funds in your Stripe account for this transfer. Your card balance is too low. You \
             can use the /v1/balance endpoint to view your Stripe balance (for more details, see \
             stripe.com/docs/api#balance).",
        )
        .code("balance_insufficient")
        .param("amount")
        .while_working());
    }
    let method = call.text("method").unwrap_or("standard").to_owned();
    let mut payout = make(call.account, amount, &currency, false, &method);
    for name in ["description", "statement_descriptor", "payout_method"] {
        if let Some(value) = call.params.get(name) {
            payout.set(name, value.clone());
        }
    }
    if let Some(metadata) = call.params.get("metadata") {
        merge_metadata(&mut payout, metadata);
    }
    begin(call.account, &payout);
    Ok(payout)
}

fn retrieve(call: &mut Call<'_>) -> Outcome {
    find_payout(call.account, &call.id)
}

fn update(call: &mut Call<'_>) -> Outcome {
    let before = find_payout(call.account, &call.id)?;
    let mut payout = before.clone();
    if let Some(metadata) = call.params.get("metadata") {
        merge_metadata(&mut payout, metadata);
    }
    call.account.save_changed(&before, &payout, "payout.updated");
    Ok(payout)
}

fn cancel(call: &mut Call<'_>) -> Outcome {
    let mut payout = find_payout(call.account, &call.id)?;
    if payout.text("status") != "pending" || payout.flag("automatic") {
        return Err(ApiError::invalid(
            "Payouts can only be canceled while they are pending, and automatic ones not at all.",
        )
        .code("payouts_not_allowed")
        .while_working());
    }
    let entry = charges::book(call.account, &payout, payout.int("amount"), "payout_cancel", true);
    payout.set("status", "canceled");
    payout.set("failure_balance_transaction", entry.text("id"));
    call.account.save(&payout, "payout.canceled");
    Ok(payout)
}

fn reverse(call: &mut Call<'_>) -> Outcome {
    let before = find_payout(call.account, &call.id)?;
    if before.text("status") != "paid" || !before.at(&["reversed_by"]).is_null() || before.int("amount") < 0 {
        return Err(ApiError::invalid(
            "Only payouts that were paid, and not reversed before, can be reversed.",
        )
        .while_working());
    }
    let mut back = make(call.account, -before.int("amount"), before.text("currency"), false, "standard");
    back.set("original_payout", before.text("id"));
    if let Some(metadata) = call.params.get("metadata") {
        merge_metadata(&mut back, metadata);
    }
    begin(call.account, &back);
    let mut payout = before.clone();
    payout.set("reversed_by", back.text("id"));
    call.account.save_changed(&before, &payout, "payout.updated");
    Ok(back)
}

fn list(call: &mut Call<'_>) -> Outcome {
    let rows = call.account.newest_first("payout").into_iter().filter(|row| {
        ["destination", "status"]
            .iter()
            .all(|name| call.params.get(*name).is_none_or(|wanted| row.at(&[name]) == wanted))
            && page::within(&call.params, "arrival_date", row.int("arrival_date"))
            && page::created_within(&call.params, row)
    });
    page::list(&call.params, rows.collect(), "payout", "/v1/payouts")
}
