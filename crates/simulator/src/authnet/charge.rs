//! Authorizations and sales.

use super::answer::{Answer, Outcome, Reply};
use super::ask::{self, Source, Stop};
use super::cards;
use super::error::Refusal;
use super::follow_ups;
use super::json::Json;
use super::money::decimal;
use super::profiles;
use super::reasons;
use super::refunds;
use super::state::Gateway;
use super::transaction::{Hold, Kind, Transaction};

/// What is above this declines an eCheck.
const LARGEST_ECHECK: i64 = 10_000;
/// What a partial authorization gives.
const PART: i64 = 123;

/// Postal codes of the stand-in's own: held before the authorization, and after it.
const HOLD_FIRST: &str = "46298";
const HOLD_AFTER: &str = "46299";

/// `createTransactionRequest`
pub(super) fn create(gateway: &mut Gateway, body: &Json) -> Outcome {
    let Some(request) = body.get("transactionRequest") else { return Err(Refusal::new("E00014")) };
    ask::check(request)?;
    let done = match request.text_at("transactionType").unwrap_or_default().as_str() {
        "authOnlyTransaction" => pay(gateway, body, request, Kind::AuthOnly),
        "authCaptureTransaction" => pay(gateway, body, request, Kind::AuthCapture),
        "captureOnlyTransaction" => pay(gateway, body, request, Kind::CaptureOnly),
        "priorAuthCaptureTransaction" => follow_ups::capture(gateway, request),
        "voidTransaction" => follow_ups::void(gateway, request),
        "refundTransaction" => refunds::refund(gateway, body, request),
        _ => return Err(Refusal::new("E00060")),
    };
    let mut answer = match done {
        Ok(answer) => answer,
        Err(Stop::Answered(answer)) => *answer,
        Err(Stop::Refused(refusal)) => return Err(refusal),
    };
    answer.user_fields = request
        .get("userFields")
        .map(|fields| Json::List(fields.items_at("userField").into_iter().cloned().collect()));
    let (approved, id) = (answer.response_code == 1, answer.trans_id.clone());
    let reply = answer.reply(gateway);
    if approved && request.flag_at("profile.createProfile") == Some(true) {
        return Ok(with_profile(gateway, reply, &id));
    }
    Ok(reply)
}

/// `profileResponse`, beside an approved payment that asked for a profile.
fn with_profile(gateway: &mut Gateway, reply: Reply, id: &str) -> Reply {
    let Some(paid) = gateway.transaction(id).cloned() else { return reply };
    let customer = paid.request.get("customer").cloned().unwrap_or(Json::Null);
    let made = profiles::from_transaction(gateway, &paid, None, &customer);
    let body = match made {
        Ok(made) => made.body(None),
        Err(refusal) => refusal.body(None),
    };
    reply.with("profileResponse", body)
}

fn pay(gateway: &mut Gateway, body: &Json, request: &Json, kind: Kind) -> Result<Answer, Stop> {
    let amount = ask::amount(request)?;
    let currency = ask::currency(gateway, request)?;
    let source = ask::source(gateway, request)?;
    if amount == 0 && kind != Kind::AuthOnly {
        return Err(Answer::new(5).of(&source.means).into());
    }
    if amount == 0 && (source.means.is_bank() || !gateway.settings.zero_dollar) {
        return Err(Answer::new(if gateway.settings.zero_dollar { 5 } else { 289 }).of(&source.means).into());
    }
    if kind == Kind::CaptureOnly && request.text_at("authCode").is_none() {
        return Err(Answer::blank("Authorization code").of(&source.means).into());
    }
    if is_test(gateway, request) {
        return Ok(tested(amount, &source));
    }
    let key = duplicate_key(request, kind, amount, &source);
    if let Some(answer) = duplicate(gateway, request, &key) {
        return Err(answer.of(&source.means).into());
    }
    let draft = Draft {
        kind,
        amount,
        currency,
        source,
        key,
        // A stored card's code comes with the profile.
        request: request.without(&["payment", "profile"]),
        ref_id: body.text_at("refId"),
        client_id: body.text_at("clientId"),
        subscription: None,
    };
    Ok(run(gateway, draft))
}

pub(super) fn is_test(gateway: &Gateway, request: &Json) -> bool {
    gateway.settings.test_mode
        || ask::setting(request, "testRequest").is_some_and(|flag| matches!(flag.as_str(), "true" | "1"))
}

/// In Test Mode nothing is kept, and the id is 0.
fn tested(amount: i64, source: &Source) -> Answer {
    Answer { auth_code: "000000".to_owned(), test: true, amount, ..Answer::new(reasons::APPROVED) }
        .of(&source.means)
}

/// What makes two payments the same one.
pub(super) fn duplicate_key(request: &Json, kind: Kind, amount: i64, source: &Source) -> String {
    let mut parts = vec![kind.name().to_owned(), decimal(amount), source.means.fingerprint()];
    if let cards::Means::Card { expires: (year, month), .. } = &source.means {
        parts.push(format!("{year}-{month}"));
    }
    for path in ["poNumber", "order.invoiceNumber", "customer.id"] {
        parts.push(request.text_at(path).unwrap_or_default());
    }
    for name in ["firstName", "lastName", "company", "address", "city", "state", "zip", "country"] {
        let own = source.bill_to.as_ref().and_then(|address| address.text_at(name));
        parts.push(own.unwrap_or_default());
    }
    parts.join("\u{1f}")
}

/// Reason 11, with the original's id and code only if the request named a window.
pub(super) fn duplicate(gateway: &Gateway, request: &Json, key: &str) -> Option<Answer> {
    let named = ask::setting(request, "duplicateWindow").and_then(|text| text.trim().parse::<i64>().ok());
    let window = match named {
        Some(seconds) => u64::try_from(seconds).unwrap_or_default(),
        None => gateway.settings.duplicate_window,
    };
    let since = |one: &&Transaction| gateway.now.saturating_sub(one.submitted) < window;
    let same = |one: &&Transaction| one.duplicate_key == key && matches!(one.response_code, 1 | 4);
    let original = gateway.transactions.iter().rev().filter(since).find(same)?;
    let mut answer = Answer::new(11);
    if named.is_some() {
        answer.trans_id.clone_from(&original.id);
        answer.auth_code.clone_from(&original.auth_code);
    }
    Some(answer)
}

/// A payment that is ready to go to the bank.
pub(super) struct Draft {
    pub(super) kind: Kind,
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) source: Source,
    pub(super) key: String,
    pub(super) request: Json,
    pub(super) ref_id: Option<String>,
    pub(super) client_id: Option<String>,
    pub(super) subscription: Option<(String, u32)>,
}

/// What the bank says: the reason, how much, what is left on a prepaid card, and whether a filter holds it.
struct Verdict {
    reason: u16,
    approved: i64,
    balance: Option<i64>,
    hold: Option<Hold>,
}

fn judge(gateway: &mut Gateway, draft: &Draft, avs: &str, cvv: &str) -> Verdict {
    let verdict = |reason| {
        let approved = if reasons::response_code(reason) == 2 { 0 } else { draft.amount };
        Verdict { reason, approved, balance: None, hold: None }
    };
    let zip = draft.source.bill_to.as_ref().and_then(|address| address.text_at("zip")).unwrap_or_default();
    let zip = zip.get(..5).unwrap_or(&zip);
    if draft.source.means.is_bank() && draft.amount > LARGEST_ECHECK {
        return verdict(2);
    }
    if zip == "46282" {
        return verdict(2);
    }
    let rejects = |letters: &str, result: &str| !result.is_empty() && letters.contains(result);
    let bad_avs = rejects(&gateway.settings.rejected_avs, avs);
    let bad_cvv = rejects(&gateway.settings.rejected_cvv, cvv);
    match (bad_avs, bad_cvv) {
        (true, true) => return verdict(45),
        (true, false) => return verdict(27),
        (false, true) => return verdict(65),
        (false, false) => {}
    }
    if zip == HOLD_FIRST {
        return Verdict { hold: Some(Hold::Unauthorized), ..verdict(252) };
    }
    if std::mem::take(&mut gateway.hold_next) || zip == HOLD_AFTER {
        return Verdict { hold: Some(Hold::Authorized), ..verdict(253) };
    }
    let partial = ask::setting(&draft.request, "allowPartialAuth")
        .is_some_and(|flag| matches!(flag.as_str(), "true" | "1"));
    match zip {
        "46225" if partial && draft.amount > PART => {
            Verdict { approved: PART, balance: Some(0), ..verdict(295) }
        }
        "46226" => Verdict { balance: Some(PART), ..verdict(reasons::APPROVED) },
        "46227" => Verdict { balance: Some(-PART), ..verdict(reasons::APPROVED) },
        "46228" => Verdict { balance: Some(0), ..verdict(reasons::APPROVED) },
        _ => verdict(reasons::APPROVED),
    }
}

/// Sends a payment to the bank and keeps what came of it.
pub(super) fn run(gateway: &mut Gateway, draft: Draft) -> Answer {
    let avs =
        if draft.source.means.is_bank() { "P" } else { cards::address_check(draft.source.bill_to.as_ref()) };
    let cvv = cards::code_check(draft.source.code.as_deref());
    let scripted = gateway.script.pop_front();
    if let Some(order) = scripted.as_ref().filter(|order| !order.after_effect)
        && reasons::response_code(order.reason) == 3
    {
        return Answer { avs, cvv, ..Answer::new(order.reason) }.of(&draft.source.means);
    }
    let verdict = match scripted.as_ref().filter(|order| !order.after_effect) {
        None => judge(gateway, &draft, avs, cvv),
        Some(order) => {
            let code = reasons::response_code(order.reason);
            let hold = match order.reason {
                252 => Some(Hold::Unauthorized),
                _ if code == 4 => Some(Hold::Authorized),
                _ => None,
            };
            let approved = if code == 2 { 0 } else { draft.amount };
            Verdict { reason: order.reason, approved, balance: None, hold }
        }
    };
    let answer = keep(gateway, draft, &verdict, avs, cvv);
    match scripted {
        // The payment went through, and the answer says something else: nobody can know from it.
        Some(order) if order.after_effect => Answer {
            reason: order.reason,
            response_code: reasons::response_code(order.reason),
            text: reasons::text(order.reason).to_owned(),
            trans_id: "0".to_owned(),
            auth_code: String::new(),
            network_id: None,
            ..answer
        },
        _ => answer,
    }
}

fn keep(
    gateway: &mut Gateway,
    draft: Draft,
    verdict: &Verdict,
    avs: &'static str,
    cvv: &'static str,
) -> Answer {
    let response_code = reasons::response_code(verdict.reason);
    let Draft { kind, amount, currency, source, key, request, ref_id, client_id, subscription } = draft;
    let status = match (response_code, verdict.hold) {
        (2, _) => "declined",
        (_, Some(Hold::Unauthorized)) => "FDSPendingReview",
        (_, Some(Hold::Authorized)) => "FDSAuthorizedPendingReview",
        _ if kind == Kind::AuthOnly => "authorizedPendingCapture",
        _ => "capturedPendingSettlement",
    };
    let bank = source.means.is_bank();
    let authorized = matches!(response_code, 1 | 4) && verdict.hold != Some(Hold::Unauthorized);
    let auth_code = match request.text_at("authCode") {
        Some(code) if kind == Kind::CaptureOnly => code,
        _ if authorized && !bank => gateway.auth_code(),
        _ => String::new(),
    };
    let network_id = if authorized { gateway.network_id(&source.means) } else { None };
    let id = gateway.transaction_id();
    let profile = source.profile.clone();
    let cavv = if bank { "" } else { "2" };
    let made = Transaction {
        id: id.clone(),
        kind,
        status,
        response_code,
        reason: verdict.reason,
        auth_code: auth_code.clone(),
        avs,
        cvv,
        cavv,
        requested: amount,
        authorized: verdict.approved,
        settle: verdict.approved,
        currency,
        submitted: gateway.now,
        means: source.means.clone(),
        request,
        bill_to: source.bill_to,
        ship_to: source.ship_to,
        ref_id,
        client_id,
        parent: None,
        batch: None,
        settled: None,
        hold: verdict.hold,
        subscription,
        profile: source.profile,
        network_id: network_id.clone(),
        duplicate_key: key,
        returned: None,
    };
    let event = match (verdict.hold, kind) {
        (Some(_), _) => "payment.fraud.held",
        (None, Kind::AuthOnly) => "payment.authorization.created",
        (None, Kind::CaptureOnly) => "payment.capture.created",
        (None, _) => "payment.authcapture.created",
    };
    if response_code != 2 {
        gateway.tell_payment(event, &made);
    }
    let masked = made.means.masked();
    let brand = made.means.kind();
    gateway.transactions.push(made);
    let profile = profile.map(|(customer, payment)| {
        Json::object([("customerProfileId", customer.into()), ("customerPaymentProfileId", payment.into())])
    });
    let prepaid = verdict.balance.map(|balance| {
        Json::object([
            ("requestedAmount", decimal(amount).into()),
            ("approvedAmount", decimal(verdict.approved).into()),
            ("balanceOnCard", decimal(balance).into()),
        ])
    });
    let split = (verdict.reason == 295).then(|| {
        let payment = Json::object([
            ("transId", id.as_str().into()),
            ("responseCode", "1".into()),
            ("responseToCustomer", "1".into()),
            ("authCode", auth_code.as_str().into()),
            ("accountNumber", masked.as_str().into()),
            ("accountType", brand.into()),
            ("requestedAmount", decimal(amount).into()),
            ("approvedAmount", decimal(verdict.approved).into()),
            ("balanceOnCard", "0.00".into()),
        ]);
        (gateway.serial(), Json::List(vec![payment]))
    });
    Answer {
        auth_code,
        avs,
        cvv,
        cavv,
        trans_id: id,
        amount: verdict.approved,
        network_id,
        prepaid,
        split,
        profile,
        account: (masked, brand.to_owned()),
        ..Answer::new(verdict.reason)
    }
}
