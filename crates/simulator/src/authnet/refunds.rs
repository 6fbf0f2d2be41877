//! Refunds, with and without an original.

use super::answer::Answer;
use super::ask::{self, Source, Stop};
use super::cards::{self, Means};
use super::charge::{duplicate, duplicate_key, is_test};
use super::json::Json;
use super::reasons::APPROVED;
use super::state::Gateway;
use super::transaction::{Kind, Transaction};

/// How long after settlement a payment can be refunded.
const REFUNDABLE: u64 = 120 * 86_400;

/// `refundTransaction`
pub(super) fn refund(gateway: &mut Gateway, body: &Json, request: &Json) -> Result<Answer, Stop> {
    let amount = ask::amount(request)?;
    if amount == 0 {
        return Err(Answer::new(5).into());
    }
    let currency = match (ask::currency(gateway, request), request.text_at("refTransId")) {
        (Ok(currency), _) => currency,
        // Another currency than the original's.
        (Err(_), Some(_)) => return Err(Answer::new(54).into()),
        (Err(stop), None) => return Err(stop),
    };
    let parent = request.text_at("refTransId");
    let source = if let Some(id) = &parent {
        linked(gateway, request, id, amount)?
    } else {
        if !gateway.settings.unlinked_credit {
            return Err(Answer::new(54).into());
        }
        ask::source(gateway, request)?
    };
    if is_test(gateway, request) {
        return Ok(Answer { test: true, amount, ..Answer::new(APPROVED) }.of(&source.means));
    }
    let key = duplicate_key(request, Kind::Refund, amount, &source);
    if let Some(answer) = duplicate(gateway, request, &key) {
        return Err(answer.of(&source.means).into());
    }
    let scripted = gateway.script.pop_front();
    if let Some(order) = scripted.as_ref().filter(|order| !order.after_effect) {
        return Err(Answer::new(order.reason).of(&source.means).into());
    }
    let id = gateway.transaction_id();
    let made = Transaction {
        id: id.clone(),
        kind: Kind::Refund,
        status: "refundPendingSettlement",
        response_code: 1,
        reason: APPROVED,
        auth_code: String::new(),
        avs: "P",
        cvv: "",
        cavv: "",
        requested: amount,
        authorized: amount,
        settle: amount,
        currency,
        submitted: gateway.now,
        means: source.means.clone(),
        request: request.without(&["payment", "profile"]),
        bill_to: source.bill_to,
        ship_to: source.ship_to,
        ref_id: body.text_at("refId"),
        client_id: body.text_at("clientId"),
        parent: parent.clone(),
        batch: None,
        settled: None,
        hold: None,
        subscription: None,
        profile: source.profile,
        network_id: None,
        duplicate_key: key,
        returned: None,
    };
    gateway.tell_payment("payment.refund.created", &made);
    gateway.transactions.push(made);
    if let Some(order) = scripted {
        return Err(Answer::new(order.reason).of(&source.means).into());
    }
    let ref_trans_id = parent.unwrap_or_default();
    Ok(Answer { trans_id: id, ref_trans_id, amount, ..Answer::new(APPROVED) }.of(&source.means))
}

/// Checks a refund against its original, and gives what the original was paid with.
fn linked(gateway: &Gateway, request: &Json, id: &str, amount: i64) -> Result<Source, Stop> {
    if !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Answer::new(15).into());
    }
    let Some(original) = gateway.transaction(id) else { return Err(Answer::new(16).into()) };
    let means = &original.means;
    let refused = |reason| Err(Stop::from(Answer::new(reason).of(means)));
    let age = original.settled.map(|settled| gateway.now.saturating_sub(settled));
    if original.status != "settledSuccessfully" || age.is_none_or(|age| age > REFUNDABLE) {
        return refused(54);
    }
    let named = request.get("payment");
    let stored = request.get("profile");
    match (named, stored) {
        (None, None) => return Err(Answer::blank("Credit card number").into()),
        (Some(payment), _) if !same_means(payment, means) => return refused(54),
        (None, Some(profile)) => {
            let own = |id: &str| profile.text_at(id);
            let payment = own("paymentProfile.paymentProfileId").unwrap_or_default();
            let known = original.profile.as_ref();
            if known.is_none_or(|(customer, method)| {
                Some(customer) != own("customerProfileId").as_ref() || *method != payment
            }) {
                return refused(54);
            }
        }
        _ => {}
    }
    if gateway.refunded(id) + amount > original.settle {
        return refused(55);
    }
    Ok(Source {
        means: means.clone(),
        code: None,
        bill_to: request.get("billTo").cloned().or_else(|| original.bill_to.clone()),
        ship_to: None,
        profile: original.profile.clone(),
    })
}

/// Whether `payment` names what was charged: the last four characters are enough.
fn same_means(payment: &Json, means: &Means) -> bool {
    let ends =
        |path: &str| payment.text_at(path).is_some_and(|number| cards::mask(&number) == means.masked());
    match means {
        Means::Card { .. } => ends("creditCard.cardNumber"),
        Means::Bank { .. } => ends("bankAccount.accountNumber"),
    }
}
