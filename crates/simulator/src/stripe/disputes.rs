//! Disputes: the card holder wants the money back.

use serde_json::{Map, Value, json};

use super::cards::{Instrument, Rule};
use super::charges;
use super::error::ApiError;
use super::object::{Object, merge_metadata};
use super::page::{self, PAGE};
use super::params::{EXPAND, Field, Kind, clear, may};
use super::router::{Call, Outcome, Route};
use super::state::{Account, Later};

/// How long a shop may answer, in seconds: nine days.
const ANSWER_WITHIN: u64 = 9 * 24 * 60 * 60;
/// Stripe's fee for a dispute, in minor units.
const FEE: i64 = 1_500;

/// Evidence that is a file.
const FILES: &[&str] = &[
    "cancellation_policy",
    "customer_communication",
    "customer_signature",
    "duplicate_charge_documentation",
    "receipt",
    "refund_policy",
    "service_documentation",
    "shipping_documentation",
    "uncategorized_file",
];

const UPDATE: &[Field] = &[
    may(
        "evidence",
        Kind::Hash(&[
            may("access_activity_log", Kind::Text),
            may("billing_address", Kind::Text),
            may("cancellation_policy", Kind::Text),
            may("cancellation_policy_disclosure", Kind::Text),
            may("cancellation_rebuttal", Kind::Text),
            may("customer_communication", Kind::Text),
            may("customer_email_address", Kind::Text),
            may("customer_name", Kind::Text),
            may("customer_purchase_ip", Kind::Text),
            may("customer_signature", Kind::Text),
            may("duplicate_charge_documentation", Kind::Text),
            may("duplicate_charge_explanation", Kind::Text),
            may("duplicate_charge_id", Kind::Text),
            clear("enhanced_evidence", Kind::Opaque),
            may("product_description", Kind::Text),
            may("receipt", Kind::Text),
            may("refund_policy", Kind::Text),
            may("refund_policy_disclosure", Kind::Text),
            may("refund_refusal_explanation", Kind::Text),
            may("service_date", Kind::Text),
            may("service_documentation", Kind::Text),
            may("shipping_address", Kind::Text),
            may("shipping_carrier", Kind::Text),
            may("shipping_date", Kind::Text),
            may("shipping_documentation", Kind::Text),
            may("shipping_tracking_number", Kind::Text),
            may("uncategorized_file", Kind::Text),
            may("uncategorized_text", Kind::Text),
        ]),
    ),
    clear("metadata", Kind::Metadata),
    may("submit", Kind::Boolean),
];

const LIST: &[Field] =
    &[may("charge", Kind::Text), may("created", Kind::Range), may("payment_intent", Kind::Text)];

/// What evidence there can be.
const EVIDENCE: &[&str] = &[
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
];

pub(super) const ROUTES: &[Route] = &[
    Route::get("disputes", &[PAGE, LIST], "dispute_read", list),
    Route::get("disputes/*", &[&[EXPAND]], "dispute_read", retrieve),
    Route::post("disputes/*", &[UPDATE, &[EXPAND]], "dispute_write", update),
    Route::post("disputes/*/close", &[&[EXPAND]], "dispute_write", close),
];

fn find_dispute(account: &Account, id: &str) -> Outcome {
    account.get("dispute", id).ok_or_else(|| ApiError::missing("dispute", id, "dispute"))
}

/// Plans the dispute that a test card brings, once its charge is captured.
pub(super) fn plan(account: &mut Account, charge: &Value) {
    let disputed = matches!(
        account.instruments.get(charge.text("payment_method")),
        Some(Instrument::Card { card, .. }) if matches!(card.rule, Rule::Dispute(..))
    );
    if disputed && charge.flag("captured") {
        account.do_later(0, Later::OpenDispute(charge.text("id").to_owned()));
    }
}

/// The card holder complains about a charge.
pub(super) fn open(account: &mut Account, charge: &str) {
    let Some(before) = account.get("charge", charge).filter(|charge| !charge.flag("disputed")) else {
        return;
    };
    let (reason, inquiry) = match account.instruments.get(before.text("payment_method")) {
        Some(Instrument::Card { card, .. }) => match card.rule {
            Rule::Dispute(reason, inquiry) => (reason, inquiry),
            _ => ("general", false),
        },
        _ => ("general", false),
    };
    let amount =
        before.int("amount_captured") - before.int("amount_refunded").min(before.int("amount_captured"));
    let due_by = account.now + ANSWER_WITHIN;
    let evidence: Map<String, Value> =
        EVIDENCE.iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
    let mut dispute = json!({
        "id": format!("du_1{}", account.ids.letters(23)),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge,
        "created": account.now,
        "currency": before.text("currency"),
        "enhanced_eligibility_types": [],
        "evidence": evidence,
        "evidence_details": {
            "due_by": due_by, "enhanced_eligibility": {}, "has_evidence": false, "past_due": false,
            "submission_count": 0,
        },
        "is_charge_refundable": inquiry,
        "livemode": false,
        "metadata": {},
        "network_reason_code": "10.4",
        "payment_intent": before.at(&["payment_intent"]),
        "payment_method_details": {
            "card": {
                "brand": before.at(&["payment_method_details", "card", "brand"]), "case_type": if inquiry { "inquiry" } else { "chargeback" },
                "network_reason_code": "10.4",
            },
            "type": "card",
        },
        "reason": reason,
        "status": if inquiry { "warning_needs_response" } else { "needs_response" },
    });
    let mut disputed = before.clone();
    disputed.set("disputed", true);
    disputed.set("dispute", dispute.text("id"));
    account.save_changed(&before, &disputed, "charge.updated");
    if inquiry {
        account.save(&dispute, "charge.dispute.created");
    } else {
        let entry = withdraw(account, &dispute, -amount, FEE);
        dispute.set("balance_transactions", json!([entry]));
        account.save(&dispute, "charge.dispute.created");
        account.emit("charge.dispute.funds_withdrawn", &dispute, None);
    }
    account.do_later(ANSWER_WITHIN, Later::LapseDispute(dispute.text("id").to_owned()));
}

fn withdraw(account: &mut Account, dispute: &Value, amount: i64, fee: i64) -> Value {
    let mut entry = charges::book(account, dispute, amount, "adjustment", true);
    if fee != 0 {
        entry.set("fee", fee);
        entry.set("net", amount - fee);
        entry.set(
            "fee_details",
            json!([{
                "amount": fee, "application": null, "currency": dispute.text("currency"),
                "description": "Dispute fee", "type": "stripe_fee",
            }]),
        );
    }
    entry.set("reporting_category", if amount < 0 { "dispute" } else { "dispute_reversal" });
    account.put(&entry);
    entry
}

fn still_open(dispute: &Value) -> bool {
    matches!(dispute.text("status"), "needs_response" | "warning_needs_response")
}

fn update(call: &mut Call<'_>) -> Outcome {
    let before = find_dispute(call.account, &call.id)?;
    let mut dispute = before.clone();
    if let Some(metadata) = call.params.get("metadata") {
        merge_metadata(&mut dispute, metadata);
    }
    let evidence = call.params.get("evidence").and_then(Value::as_object).cloned().unwrap_or_default();
    let submits = call.params.get("submit").and_then(Value::as_bool).unwrap_or(true);
    let answers = !evidence.is_empty() || call.params.contains_key("submit");
    if answers && !still_open(&before) {
        return Err(ApiError::invalid("This dispute is already closed, or its evidence was submitted.")
            .while_working());
    }
    for (name, value) in &evidence {
        if name == "enhanced_evidence" {
            return Err(ApiError::not_simulated("evidence[enhanced_evidence]"));
        }
        if let Some(id) = value.as_str().filter(|_| FILES.contains(&name.as_str())) {
            let param = format!("evidence[{name}]");
            let file = call
                .account
                .get("file", id)
                .ok_or_else(|| ApiError::missing("file", id, &param).status(400))?;
            if file.text("purpose") != "dispute_evidence" {
                let message = format!("The file {id} must have the purpose `dispute_evidence`.");
                return Err(ApiError::invalid(message).param(&param));
            }
        }
        dispute.set_at(&["evidence", name], value.clone());
    }
    let length: usize = dispute
        .at(&["evidence"])
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(_, text)| text.as_str())
        .map(|text| text.chars().count())
        .sum();
    if length > 150_000 {
        return Err(ApiError::invalid("The combined character count of all fields is limited to 150,000.")
            .param("evidence"));
    }
    let any =
        dispute.at(&["evidence"]).as_object().is_some_and(|all| all.values().any(|value| !value.is_null()));
    dispute.set_at(&["evidence_details", "has_evidence"], any);
    if answers && submits && any {
        let inquiry = before.text("status") == "warning_needs_response";
        dispute.set("status", if inquiry { "warning_under_review" } else { "under_review" });
        dispute.set_at(&["evidence_details", "submission_count"], 1);
        call.account.do_later(0, Later::DecideDispute(call.id.clone()));
    }
    call.account.save_changed(&before, &dispute, "charge.dispute.updated");
    Ok(dispute)
}

/// The bank decides at once on the evidence that Stripe documents for tests; on any other it takes its time,
/// which is [`settle`].
pub(super) fn decide(account: &mut Account, id: &str) {
    let Some(dispute) = account.get("dispute", id) else { return };
    match dispute.at(&["evidence"]).text("uncategorized_text") {
        "winning_evidence" => {
            settle(account, id, true);
        }
        "losing_evidence" => {
            settle(account, id, false);
        }
        _ => {}
    }
}

/// Ends a dispute. `None` when it had ended before.
pub(super) fn settle(account: &mut Account, id: &str, won: bool) -> Option<Value> {
    let mut dispute = account.get("dispute", id)?;
    if matches!(dispute.text("status"), "won" | "lost" | "warning_closed") {
        return None;
    }
    let inquiry = dispute.text("status").starts_with("warning");
    dispute.set(
        "status",
        match (inquiry, won) {
            (true, _) => "warning_closed",
            (false, true) => "won",
            (false, false) => "lost",
        },
    );
    let back = won && !inquiry;
    if back {
        let amount = dispute.int("amount");
        let entry = withdraw(account, &dispute, amount, 0);
        let mut entries = dispute.at(&["balance_transactions"]).as_array().cloned().unwrap_or_default();
        entries.push(entry);
        dispute.set("balance_transactions", entries);
    }
    account.save(&dispute, "charge.dispute.closed");
    if back {
        account.emit("charge.dispute.funds_reinstated", &dispute, None);
    }
    Some(dispute)
}

/// Nobody answered in time.
pub(super) fn lapse(account: &mut Account, id: &str) {
    let Some(mut dispute) = account.get("dispute", id).filter(still_open) else { return };
    dispute.set_at(&["evidence_details", "past_due"], true);
    account.put(&dispute);
    settle(account, id, false);
}

fn close(call: &mut Call<'_>) -> Outcome {
    let dispute = find_dispute(call.account, &call.id)?;
    if !still_open(&dispute) {
        return Err(ApiError::invalid("This dispute is already closed.").while_working());
    }
    let id = call.id.clone();
    settle(call.account, &id, false).ok_or_else(|| ApiError::missing("dispute", &id, "dispute"))
}

fn retrieve(call: &mut Call<'_>) -> Outcome {
    find_dispute(call.account, &call.id)
}

fn list(call: &mut Call<'_>) -> Outcome {
    page::matching(call, "dispute", "dispute", &["charge", "payment_intent"], "/v1/disputes")
}
