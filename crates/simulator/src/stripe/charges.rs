//! Charges and balance transactions: what confirming a payment leaves behind.

use serde_json::{Value, json};

use super::cards::{Decline, Instrument, Rule, TestCard};
use super::error::ApiError;
use super::object::Object;
use super::page::{self, PAGE};
use super::params::{EXPAND, Field, Kind, clear, may};
use super::router::{Call, Outcome, Route};
use super::search::{self, SEARCH};
use super::state::Account;

/// How long card networks keep an authorization, in seconds: seven days.
pub(super) const AUTHORIZATION_LASTS: u64 = 7 * 24 * 60 * 60;

const FILTER: &[Field] = &[
    may("created", Kind::Range),
    may("customer", Kind::Text),
    may("payment_intent", Kind::Text),
    may("transfer_group", Kind::Text),
];

const UPDATE: &[Field] = &[
    clear("description", Kind::Text),
    clear("metadata", Kind::Metadata),
    clear("receipt_email", Kind::Text),
    may("fraud_details", Kind::Opaque),
    EXPAND,
];

pub(super) const ROUTES: &[Route] = &[
    Route::get("charges", &[PAGE, FILTER], "charge_read", list),
    Route::get("charges/search", &[SEARCH], "charge_read", find),
    Route::get("charges/*", &[&[EXPAND]], "charge_read", retrieve),
    Route::post("charges/*", &[UPDATE], "charge_write", update),
    Route::get("balance_transactions", &[PAGE, TRANSACTIONS], "balance_transaction_read", list_transactions),
    Route::get("balance_transactions/*", &[&[EXPAND]], "balance_transaction_read", transaction),
];

const TRANSACTIONS: &[Field] = &[
    may("created", Kind::Range),
    may("currency", Kind::Text),
    may("source", Kind::Text),
    may("type", Kind::Text),
    may("payout", Kind::Text),
];

/// How the network answered a charge.
#[derive(Clone, Copy, Debug)]
pub(super) enum Answer<'a> {
    Approved {
        captured: bool,
    },
    Declined(Decline),
    /// A bank debit on its way.
    Pending,
    Blocked(&'a Decline),
}

/// Makes the charge of a payment intent; the caller stores it.
pub(super) fn build(
    account: &mut Account,
    intent: &Value,
    method: &Value,
    answer: Answer<'_>,
    authenticated: bool,
) -> Value {
    let instrument = account.instruments.get(method.text("id")).cloned();
    let kind = method.text("type");
    let amount = intent.int("amount");
    let captured = matches!(answer, Answer::Approved { captured: true } | Answer::Pending);
    let (status, failure) = match answer {
        Answer::Approved { .. } => ("succeeded", None),
        Answer::Pending => ("pending", None),
        Answer::Declined(decline) => ("failed", Some(decline)),
        Answer::Blocked(decline) => ("failed", Some(*decline)),
    };
    let id = account.ids.id(if kind == "card" { "ch" } else { "py" });
    let details = match instrument {
        Some(Instrument::Card { card, .. }) => card_details(
            account,
            intent,
            method,
            card,
            matches!(answer, Answer::Approved { captured: false }),
            failure.is_none(),
            authenticated,
        ),
        _ => method.at(&[kind]).clone(),
    };
    let mut method_details = json!({ "type": kind });
    method_details.set(kind, details);
    let descriptor = match intent.text("statement_descriptor") {
        "" => "SIMULATED SHOP",
        own => own,
    };
    json!({
        "id": id,
        "object": "charge",
        "amount": amount,
        "amount_captured": if captured && status == "succeeded" { amount } else { 0 },
        "amount_refunded": 0,
        "application": null,
        "application_fee": null,
        "application_fee_amount": intent.at(&["application_fee_amount"]),
        "balance_transaction": null,
        "billing_details": method.at(&["billing_details"]),
        "calculated_statement_descriptor": descriptor,
        "captured": captured && status == "succeeded",
        "created": account.now,
        "currency": intent.text("currency"),
        "customer": intent.at(&["customer"]),
        "description": intent.at(&["description"]),
        "disputed": false,
        "failure_balance_transaction": null,
        "failure_code": failure.map(|decline| decline.code),
        "failure_message": failure.map(|decline| decline.message),
        "fraud_details": {},
        "livemode": false,
        "metadata": intent.at(&["metadata"]),
        "on_behalf_of": intent.at(&["on_behalf_of"]),
        "outcome": outcome(answer, instrument.as_ref()),
        "paid": status == "succeeded",
        "payment_intent": intent.text("id"),
        "payment_method": method.text("id"),
        "payment_method_details": method_details,
        "presentment_details": null,
        "radar_options": {},
        "receipt_email": intent.at(&["receipt_email"]),
        "receipt_number": null,
        "receipt_url": (failure.is_none()).then(|| format!("https://pay.stripe.com/receipts/payment/{id}")),
        "refunded": false,
        "review": null,
        "shipping": intent.at(&["shipping"]),
        "source": null,
        "source_transfer": null,
        "statement_descriptor": intent.at(&["statement_descriptor"]),
        "statement_descriptor_suffix": intent.at(&["statement_descriptor_suffix"]),
        "status": status,
        "transfer_data": intent.at(&["transfer_data"]),
        "transfer_group": intent.at(&["transfer_group"]),
    })
}

fn card_details(
    account: &mut Account,
    intent: &Value,
    method: &Value,
    card: &TestCard,
    uncaptured: bool,
    approved: bool,
    authenticated: bool,
) -> Value {
    let stored = method.at(&["card"]);
    let asked = |feature: &str| {
        let option = intent.at(&["payment_method_options", "card", feature]).as_str();
        if uncaptured && option == Some("if_available") { "available" } else { "unavailable" }
    };
    let secure = authenticated.then(|| {
        json!({
            "authentication_flow": "challenge", "electronic_commerce_indicator": "05",
            "exemption_indicator": null, "result": "authenticated", "result_reason": null,
            "transaction_id": account.ids.id("3ds"), "version": "2.2.0",
        })
    });
    json!({
        "amount_authorized": approved.then(|| intent.int("amount")),
        "authorization_code": approved.then(|| account.ids.digits(6)),
        "brand": card.brand,
        "capture_before": (uncaptured && approved).then(|| account.now + AUTHORIZATION_LASTS),
        "checks": stored.at(&["checks"]),
        "country": card.country,
        "exp_month": stored.int("exp_month"),
        "exp_year": stored.int("exp_year"),
        "extended_authorization": { "status": "disabled" },
        "fingerprint": stored.text("fingerprint"),
        "funding": card.funding,
        "incremental_authorization": { "status": asked("request_incremental_authorization") },
        "installments": null,
        "last4": card.last4(),
        "mandate": null,
        "multicapture": { "status": asked("request_multicapture") },
        "network": card.brand,
        "network_token": { "used": false },
        "network_transaction_id": approved.then(|| account.ids.digits(15)),
        "overcapture": { "maximum_amount_capturable": intent.int("amount"), "status": "unavailable" },
        "regulated_status": "unregulated",
        "three_d_secure": secure,
        "wallet": null,
    })
}

fn outcome(answer: Answer<'_>, instrument: Option<&Instrument>) -> Value {
    let review = matches!(instrument, Some(Instrument::Card { card, .. }) if card.rule == Rule::Review);
    let fields = |network: &str, reason: Option<&str>, risk: &str, score: u8, seller: &str, kind: &str| {
        json!({
            "advice_code": null, "network_advice_code": null, "network_decline_code": null,
            "network_status": network, "reason": reason, "risk_level": risk, "risk_score": score,
            "seller_message": seller, "type": kind,
        })
    };
    match answer {
        Answer::Pending => {
            fields("approved_by_network", None, "not_assessed", 0, "Payment complete.", "authorized")
        }
        Answer::Approved { .. } if review => fields(
            "approved_by_network",
            Some("elevated_risk_level"),
            "elevated",
            74,
            "Stripe evaluated this payment as having elevated risk, and placed it in your manual review queue.",
            "manual_review",
        ),
        Answer::Approved { .. } => {
            fields("approved_by_network", None, "normal", 12, "Payment complete.", "authorized")
        }
        Answer::Blocked(_) => fields(
            "not_sent_to_network",
            Some("highest_risk_level"),
            "highest",
            92,
            "Stripe blocked this payment as too risky.",
            "blocked",
        ),
        Answer::Declined(decline) => {
            let reason = decline.decline_code.unwrap_or(decline.code);
            let seller = format!("The bank returned the decline code `{reason}`.");
            let mut outcome =
                fields("declined_by_network", Some(reason), "normal", 12, &seller, "issuer_declined");
            outcome.set(
                "advice_code",
                match reason {
                    "lost_card" | "stolen_card" => "do_not_try_again",
                    "incorrect_cvc" | "expired_card" => "confirm_card_data",
                    _ => "try_again_later",
                },
            );
            outcome
        }
    }
}

/// Books money that moved. `amount` is negative for refunds; the fee is Stripe's list price, cards at 2.9% + 30.
pub(super) fn book(
    account: &mut Account,
    source: &Value,
    amount: i64,
    kind: &str,
    available_now: bool,
) -> Value {
    let fee = if amount > 0 && kind == "charge" { amount * 29 / 1000 + 30 } else { 0 };
    let reporting = match kind {
        "refund" | "refund_failure" => "refund",
        "payment_refund" | "transfer_refund" => "transfer_reversal",
        "payout" | "transfer" => kind,
        "payout_cancel" | "payout_failure" => "payout_reversal",
        _ => "charge",
    };
    let status = if available_now { "available" } else { "pending" };
    let available_on = account.now + if available_now { 0 } else { 2 * 24 * 60 * 60 };
    let mut fees = Vec::new();
    if fee > 0 {
        fees.push(json!({
            "amount": fee, "application": null, "currency": source.text("currency"),
            "description": "Stripe processing fees", "type": "stripe_fee",
        }));
    }
    let entry = json!({
        "id": account.ids.id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": available_on,
        "balance_type": "payments",
        "created": account.now,
        "currency": source.text("currency"),
        "description": source.at(&["description"]),
        "exchange_rate": null,
        "fee": fee,
        "fee_details": fees,
        "net": amount - fee,
        "reporting_category": reporting,
        "source": source.text("id"),
        "status": status,
        "type": kind,
    });
    account.put(&entry);
    entry
}

fn retrieve(call: &mut Call<'_>) -> Outcome {
    call.account.get("charge", &call.id).ok_or_else(|| ApiError::missing("charge", &call.id, "id"))
}

fn update(call: &mut Call<'_>) -> Outcome {
    let before = retrieve(call)?;
    let mut charge = before.clone();
    for (name, value) in &call.params {
        match name.as_str() {
            "metadata" => super::object::merge_metadata(&mut charge, value),
            "expand" => {}
            _ => charge.set(name, value.clone()),
        }
    }
    call.account.save_changed(&before, &charge, "charge.updated");
    Ok(charge)
}

fn list(call: &mut Call<'_>) -> Outcome {
    let same = |row: &Value, name: &str| call.text(name).is_none_or(|wanted| row.text(name) == wanted);
    let rows = call.account.newest_first("charge").into_iter().filter(|row| {
        ["customer", "payment_intent", "transfer_group"].iter().all(|name| same(row, name))
            && page::created_within(&call.params, row)
    });
    page::list(&call.params, rows.collect(), "charge", "/v1/charges")
}

fn find(call: &mut Call<'_>) -> Outcome {
    let fields = [
        "amount",
        "created",
        "currency",
        "customer",
        "disputed",
        "metadata",
        "refunded",
        "status",
        "payment_method_details.card.last4",
        "payment_method_details.card.brand",
        "payment_method_details.card.fingerprint",
    ];
    search::search(&call.params, call.account.indexed("charge"), &fields, "/v1/charges/search")
}

fn list_transactions(call: &mut Call<'_>) -> Outcome {
    let same = |row: &Value, name: &str| call.text(name).is_none_or(|wanted| row.text(name) == wanted);
    if let Some(id) = call.text("payout") {
        let payout = call.account.get("payout", id);
        if !payout.ok_or_else(|| ApiError::missing("payout", id, "payout").status(400))?.flag("automatic") {
            return Err(ApiError::invalid(
                "Balance transaction history can only be filtered on automatic transfers, not manual.",
            )
            .param("payout"));
        }
    }
    let paid_out = |row: &Value| {
        call.text("payout").is_none_or(|id| call.account.noted(row.text("id"), "payout").as_str() == Some(id))
    };
    let rows = call.account.newest_first("balance_transaction").into_iter().filter(|row| {
        ["currency", "source", "type"].iter().all(|name| same(row, name))
            && paid_out(row)
            && page::created_within(&call.params, row)
    });
    page::list(&call.params, rows.collect(), "balance transaction", "/v1/balance_transactions")
}

fn transaction(call: &mut Call<'_>) -> Outcome {
    call.account
        .get("balance_transaction", &call.id)
        .ok_or_else(|| ApiError::missing("balance transaction", &call.id, "id"))
}

/// The booking of an asynchronously captured charge becomes known.
pub(super) fn settle(account: &mut Account, id: &str) {
    let Some(before) = account.get("charge", id) else { return };
    let mut charge = before.clone();
    let amount = charge.int("amount");
    let instrument = account.instruments.get(charge.text("payment_method"));
    let at_once =
        matches!(instrument, Some(Instrument::Card { card, .. }) if card.rule == Rule::BypassPending);
    let entry = book(account, &charge, amount, "charge", at_once);
    charge.set("balance_transaction", entry.text("id"));
    account.save_changed(&before, &charge, "charge.updated");
}
