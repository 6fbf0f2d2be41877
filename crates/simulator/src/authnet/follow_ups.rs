//! Captures, voids, and decisions about what is held.

use super::answer::{Answer, Outcome};
use super::ask::{self, Stop};
use super::charge::is_test;
use super::error::Refusal;
use super::json::Json;
use super::reasons::APPROVED;
use super::state::Gateway;
use super::transaction::{Hold, Kind, Transaction};

/// The answer about a transaction that exists: the id is the original's.
fn about(one: &Transaction, reason: u16) -> Answer {
    Answer {
        auth_code: one.auth_code.clone(),
        avs: one.avs,
        trans_id: one.id.clone(),
        ref_trans_id: one.id.clone(),
        amount: one.settle,
        ..Answer::new(reason)
    }
    .of(&one.means)
}

/// The id that a follow-up names.
fn original(request: &Json) -> Result<String, Stop> {
    let id = request.text_at("refTransId").ok_or_else(|| Answer::blank("Transaction ID"))?;
    if id.bytes().all(|byte| byte.is_ascii_digit()) { Ok(id) } else { Err(Answer::new(15).into()) }
}

fn ordered(gateway: &mut Gateway) -> Option<(u16, bool)> {
    gateway.script.pop_front().map(|order| (order.reason, order.after_effect))
}

/// `priorAuthCaptureTransaction`: once, and at most what was authorized.
pub(super) fn capture(gateway: &mut Gateway, request: &Json) -> Result<Answer, Stop> {
    let id = original(request)?;
    let asked = request.text_at("amount").map(|_| ask::amount(request)).transpose()?;
    ask::currency(gateway, request)?;
    if is_test(gateway, request) {
        return Ok(Answer { test: true, auth_code: "000000".to_owned(), ..Answer::new(APPROVED) });
    }
    let Some(one) = gateway.transaction(&id) else { return Err(Answer::new(16).into()) };
    match one.status {
        "authorizedPendingCapture" => {}
        "capturedPendingSettlement" | "settledSuccessfully" if !one.is_refund() => {
            return Ok(about(one, 311));
        }
        _ => return Err(Answer::new(16).into()),
    }
    let amount = asked.unwrap_or(one.authorized);
    if amount == 0 {
        return Err(Answer::new(5).into());
    }
    if amount > one.authorized {
        return Err(Answer::new(47).of(&one.means).into());
    }
    let scripted = ordered(gateway);
    if let Some((reason, false)) = scripted {
        return Err(Answer::new(reason).into());
    }
    let Some(one) = gateway.transaction_mut(&id) else { return Err(Answer::new(16).into()) };
    one.status = "capturedPendingSettlement";
    one.settle = amount;
    let done = one.clone();
    gateway.tell_payment("payment.priorAuthCapture.created", &done);
    match scripted {
        Some((reason, _)) => Err(Answer::new(reason).into()),
        None => Ok(about(&done, APPROVED)),
    }
}

/// `voidTransaction`: whatever is not settled yet.
pub(super) fn void(gateway: &mut Gateway, request: &Json) -> Result<Answer, Stop> {
    let id = original(request)?;
    if is_test(gateway, request) {
        return Ok(Answer { test: true, auth_code: "000000".to_owned(), ..Answer::new(APPROVED) });
    }
    let Some(one) = gateway.transaction(&id) else { return Err(Answer::new(16).into()) };
    match one.status {
        "voided" => return Ok(about(one, 310)),
        "authorizedPendingCapture" | "capturedPendingSettlement" | "refundPendingSettlement" => {}
        _ if one.is_held() => {}
        _ => return Err(Answer::new(327).of(&one.means).into()),
    }
    let scripted = ordered(gateway);
    if let Some((reason, false)) = scripted {
        return Err(Answer::new(reason).into());
    }
    let Some(one) = gateway.transaction_mut(&id) else { return Err(Answer::new(16).into()) };
    one.status = "voided";
    let done = one.clone();
    gateway.tell_payment("payment.void.created", &done);
    match scripted {
        Some((reason, _)) => Err(Answer::new(reason).into()),
        None => Ok(about(&done, APPROVED)),
    }
}

/// `updateHeldTransactionRequest`
pub(super) fn decide(gateway: &mut Gateway, body: &Json) -> Outcome {
    let id = body.text_at("heldTransactionRequest.refTransId").unwrap_or_default();
    let approve = body.text_at("heldTransactionRequest.action").as_deref() == Some("approve");
    let Some(one) = gateway.transaction(&id).filter(|one| one.is_held()) else {
        return Ok(Answer::new(16).reply(gateway));
    };
    let (hold, means) = (one.hold, one.means.clone());
    let unauthorized = hold == Some(Hold::Unauthorized);
    let code = if approve && unauthorized && !means.is_bank() { gateway.auth_code() } else { String::new() };
    let network = if approve && unauthorized { gateway.network_id(&means) } else { None };
    let Some(one) = gateway.transaction_mut(&id) else { return Err(Refusal::new("E00040")) };
    if approve {
        one.status = match one.kind {
            Kind::AuthOnly => "authorizedPendingCapture",
            _ => "capturedPendingSettlement",
        };
        (one.response_code, one.reason) = (1, APPROVED);
        if unauthorized {
            one.auth_code = code;
            one.network_id = network;
        }
    } else {
        one.status = if unauthorized { "declined" } else { "voided" };
    }
    let done = one.clone();
    let event = if approve { "payment.fraud.approved" } else { "payment.fraud.declined" };
    gateway.tell_payment(event, &done);
    Ok(about(&done, APPROVED).reply(gateway))
}
