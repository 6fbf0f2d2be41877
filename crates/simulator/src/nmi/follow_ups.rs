//! `capture`, `void`, `refund` and `update`: what happens to a transaction that is there.

use super::amount;
use super::booking::{self, Booking};
use super::form::{BILLING, CREDENTIALS, Form, MERCHANT_DEFINED, SHIPPING, is_merchant_defined};
use super::instrument::Means;
use super::reply::{Refused, Reply};
use super::state::{Account, Action, Transaction};

const TARGET: &[&str] = &["type", "transactionid"];
const VOID_REASONS: &[&str] =
    &["fraud", "user_cancel", "icc_rejected", "icc_card_removed", "icc_no_confirmation", "pos_timeout"];

/// The transaction that a request names. One by check is found only by a request that says so.
fn target(account: &Account, form: &Form) -> Result<Transaction, Refused> {
    let id = form.get("transactionid").ok_or_else(|| Refused::required("transactionid"))?;
    let found = account.transaction(id).filter(|transaction| {
        transaction.instrument.is_check() == (form.text("payment") == "check")
            && transaction.actions.first().is_some_and(|first| first.success)
    });
    found.cloned().ok_or_else(|| Refused::new("Invalid Transaction ID specified"))
}

fn action(account: &Account, kind: &'static str, cents: i64, text: &str) -> Action {
    Action {
        kind,
        cents,
        at: account.now,
        success: true,
        source: "api",
        text: text.to_owned(),
        code: "100".to_owned(),
        batch: "0".to_owned(),
        ip: String::new(),
    }
}

fn reply(transaction: &Transaction, text: &str, kind: &str) -> Reply {
    let mut reply = Reply::approved(text, kind);
    reply.authcode.clone_from(&transaction.authcode);
    reply.transaction_id.clone_from(&transaction.id);
    reply.order_id.clone_from(&transaction.order_id);
    reply
}

/// The amount asked for, if one is. Zero is none.
fn asked(form: &Form) -> Option<i64> {
    form.get("amount").and_then(amount::parse).filter(|cents| *cents > 0)
}

pub(super) fn capture(account: &mut Account, form: &Form) -> Result<Reply, Refused> {
    form.check(&[CREDENTIALS, TARGET, &["amount", "orderid", "tracking_number", "shipping_carrier"]])?;
    let mut transaction = target(account, form)?;
    if transaction.condition() != "pending" {
        return Err(Refused::new("A capture requires that the existing transaction be an AUTH"));
    }
    let cents = asked(form).unwrap_or_else(|| transaction.authorized());
    if cents > transaction.authorized() {
        return Err(Refused::new("Capture amount may not exceed the authorized amount"));
    }
    if let Some(order) = form.get("orderid") {
        order.clone_into(&mut transaction.order_id);
        if let Some(kept) = account.transaction_mut(&transaction.id) {
            order.clone_into(&mut kept.order_id);
        }
    }
    let done = action(account, "capture", cents, "SUCCESS");
    booking::act(account, &transaction.id, done);
    Ok(reply(&transaction, "SUCCESS", "capture"))
}

pub(super) fn void(account: &mut Account, form: &Form) -> Result<Reply, Refused> {
    form.check(&[CREDENTIALS, TARGET, &["payment", "void_reason"]])?;
    if form.get("void_reason").is_some_and(|reason| !VOID_REASONS.contains(&reason)) {
        return Err(Refused::invalid("void_reason"));
    }
    let transaction = target(account, form)?;
    let open = ["pending", "pendingsettlement"].contains(&transaction.condition());
    if !open || account.refunded(&transaction.id) != 0 {
        return Err(Refused::new("Only transactions pending settlement can be voided"));
    }
    let last = transaction.actions.iter().rev().find(|action| action.success);
    let cents = last.map_or(0, |action| action.cents);
    let done = action(account, "void", cents, "Transaction Void Successful");
    booking::act(account, &transaction.id, done);
    Ok(reply(&transaction, "Transaction Void Successful", "void"))
}

/// Gives back what was taken, settled or not; without an amount, all that is left.
pub(super) fn refund(account: &mut Account, form: &Form) -> Result<Reply, Refused> {
    form.check(&[CREDENTIALS, TARGET, &["amount", "payment", "orderid"]])?;
    let transaction = target(account, form)?;
    let taken = transaction.moved();
    if taken <= 0 || !["pendingsettlement", "complete"].contains(&transaction.condition()) {
        return Err(Refused::new("Refund requires that the existing transaction be a SALE or CAPTURE"));
    }
    let left = taken - account.refunded(&transaction.id);
    let cents = asked(form).unwrap_or(left);
    if cents > left || cents == 0 {
        return Err(Refused::new("Refund amount may not exceed the transaction balance"));
    }
    let means = Means {
        instrument: transaction.instrument.clone(),
        stored: transaction.stored.clone(),
        contact: Vec::new(),
    };
    let order_id = form.owned("orderid");
    let (id, verdict) = booking::book(
        account,
        Booking {
            kind: "refund",
            cents: -cents,
            means,
            cvv: None,
            currency: transaction.currency.clone(),
            processor: transaction.processor.clone(),
            order_id: order_id.clone(),
            fields: transaction.fields.clone(),
            source: "api",
            ip: String::new(),
            subscription: None,
            refund_of: Some(transaction.id.clone()),
            test: transaction.test,
        },
    );
    Ok(Reply {
        response: verdict.response,
        text: verdict.text,
        transaction_id: id,
        order_id,
        kind: if verdict.response == 2 { String::new() } else { "refund".to_owned() },
        code: verdict.code,
        ..Reply::default()
    })
}

/// Changes what is written beside a transaction; money stays where it is.
pub(super) fn update(account: &mut Account, form: &Form) -> Result<Reply, Refused> {
    const NOTES: &[&str] = &[
        MERCHANT_DEFINED,
        "payment",
        "orderid",
        "order_description",
        "ponumber",
        "tracking_number",
        "shipping_carrier",
        "shipping_date",
    ];
    form.check(&[CREDENTIALS, TARGET, NOTES, BILLING, SHIPPING])?;
    let transaction = target(account, form)?;
    let changes = form.harmless();
    if let Some(kept) = account.transaction_mut(&transaction.id) {
        if let Some(order) = form.get("orderid") {
            order.clone_into(&mut kept.order_id);
        }
        let lasting = |name: &str| {
            is_merchant_defined(name) || [NOTES, BILLING, SHIPPING].iter().any(|group| group.contains(&name))
        };
        for (name, value) in changes.into_iter().filter(|(name, _)| name != "orderid" && lasting(name)) {
            kept.fields.retain(|(known, _)| *known != name);
            kept.fields.push((name, value));
        }
    }
    Ok(reply(&transaction, "SUCCESS", "update"))
}
