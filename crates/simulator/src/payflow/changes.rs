//! What becomes of a transaction: capture, void, refund, the decision about a hold.

use super::ach;
use super::nvp::Reply;
use super::payments::{self, Outcome};
use super::results::Refusal;
use super::state::{Call, Merchant, Money, Phase, Trx};

/// The transaction that ORIGID names.
fn original(merchant: &Merchant, call: &Call) -> Result<Trx, Refusal> {
    let id = call.text("ORIGID").ok_or_else(|| Refusal::field("ORIGID"))?;
    let found = merchant.find(id).cloned().ok_or_else(|| Refusal::of(19))?;
    if found.tender == call.tender() { Ok(found) } else { Err(Refusal::of(2)) }
}

/// AMT in the original's currency; a CURRENCY that differs is refused.
fn part(call: &Call, of: &Trx) -> Result<Option<Money>, Refusal> {
    if call.text("CURRENCY").is_some_and(|currency| currency != of.currency()) {
        return Err(Refusal::of(6));
    }
    let money = call.text("AMT").map(|amount| Money::parse(amount, of.currency())).transpose()?;
    if money.as_ref().is_some_and(|money| money.minor == 0) { Err(Refusal::of(4)) } else { Ok(money) }
}

/// A transaction of its own that follows from another one.
fn following(merchant: &mut Merchant, call: &Call, of: &Trx) -> Trx {
    let mut trx = call.begin(merchant.mint_pnref());
    payments::take_over(&mut trx, of);
    trx.account.clone_from(&of.account);
    trx
}

/// D.
pub(super) fn capture(merchant: &mut Merchant, call: &Call) -> Outcome {
    let of = original(merchant, call)?;
    if of.kind == 'A' && of.phase == Phase::NoMoney {
        return Err(Refusal::of(12));
    }
    if of.phase != Phase::Authorized || of.voided {
        return Err(Refusal::of(111));
    }
    let left = of.amount() - of.captured;
    let money = part(call, &of)?.unwrap_or_else(|| Money { minor: left, currency: of.currency().to_owned() });
    if money.minor > left && !merchant.settings.over_capture {
        return Err(Refusal::of(111));
    }
    let goes_on =
        call.text("CAPTURECOMPLETE") == Some("N") && merchant.settings.paypal_processor && money.minor < left;
    let mut trx = following(merchant, call, &of);
    trx.checks = of.checks.clone();
    trx.checks.code = None;
    trx.phase = Phase::Pending;
    // A capture's answer has no RESPMSG.
    let letter = |check: Option<char>| check.map(String::from);
    let reply = Reply::of(0)
        .with("PNREF", trx.pnref.clone())
        .maybe("AUTHCODE", trx.checks.auth_code.as_deref())
        .maybe("AVSADDR", letter(trx.checks.street).as_deref())
        .maybe("AVSZIP", letter(trx.checks.zip).as_deref());
    if let Some(of) = merchant.find_mut(&of.pnref) {
        of.captured += money.minor;
        if !goes_on {
            of.phase = Phase::Captured;
        }
    }
    trx.money = Some(money);
    merchant.keep(trx);
    Ok(reply)
}

fn approved(trx: &Trx) -> Reply {
    Reply::of(0).with("PNREF", trx.pnref.clone()).with("RESPMSG", "Approved")
}

/// V.
pub(super) fn void(merchant: &mut Merchant, call: &Call) -> Outcome {
    let of = original(merchant, call)?;
    if of.kind == 'A' && of.phase == Phase::NoMoney {
        return Err(Refusal::of(12));
    }
    let open = matches!(
        of.phase,
        Phase::Authorized | Phase::Pending | Phase::Held | Phase::Limbo | Phase::FailedWithHold
    );
    if !open || of.voided || (of.tender == 'A' && !ach::can_be_voided(&of)) {
        return Err(Refusal::of(108));
    }
    let trx = following(merchant, call, &of);
    let reply = approved(&trx);
    if let Some(of) = merchant.find_mut(&of.pnref) {
        of.voided = true;
        ach::voided(of);
    }
    // A credit that never goes out leaves its payment as it was.
    if let Some(payment) =
        of.origin.as_deref().filter(|_| of.kind == 'C').and_then(|id| merchant.find_mut(id))
    {
        payment.refunded -= of.amount();
    }
    merchant.keep(trx);
    Ok(reply)
}

/// C with ORIGID.
pub(super) fn refund(merchant: &mut Merchant, call: &Call) -> Outcome {
    if call.text("ORIGID").is_none() {
        return payments::unreferenced_credit(merchant, call);
    }
    let of = original(merchant, call)?;
    if of.kind == 'A' && of.phase == Phase::NoMoney {
        return Err(Refusal::of(12));
    }
    let took = matches!(of.kind, 'S' | 'D' | 'F') && of.phase == Phase::Settled && !of.voided;
    let left = of.amount() - of.refunded;
    let money = part(call, &of)?.unwrap_or_else(|| Money { minor: left, currency: of.currency().to_owned() });
    if !took || left == 0 || money.minor > left {
        return Err(Refusal::of(105));
    }
    if of.tender == 'A' && money.minor != of.amount() {
        return Err(Refusal::of(4));
    }
    let mut trx = following(merchant, call, &of);
    trx.phase = Phase::Pending;
    if of.tender == 'A' {
        ach::accepted(&mut trx);
    }
    let reply = approved(&trx);
    if let Some(of) = merchant.find_mut(&of.pnref) {
        of.refunded += money.minor;
    }
    trx.money = Some(money);
    merchant.keep(trx);
    Ok(reply)
}

/// U.
pub(super) fn review(merchant: &mut Merchant, call: &Call) -> Outcome {
    let of = original(merchant, call)?;
    // The SDK's words, and those of the older guides.
    let accepts = match call.text("UPDATEACTION") {
        Some("RMS_APPROVE" | "APPROVE") => true,
        Some("RMS_MERCHANT_DECLINE" | "FPS_MERCHANT_DECLINE") => false,
        _ => return Err(Refusal::field("UPDATEACTION")),
    };
    if of.phase != Phase::Held || of.voided {
        return Err(Refusal::of(3));
    }
    let trx = following(merchant, call, &of);
    let reply = approved(&trx);
    if let Some(of) = merchant.find_mut(&of.pnref) {
        let (phase, result) = match (accepts, of.kind) {
            (true, 'A') => (Phase::Authorized, 0),
            (true, _) => (Phase::Pending, 0),
            (false, _) => (Phase::Failed, 128),
        };
        of.phase = phase;
        of.result = result;
        of.message = Refusal::of(result).message;
    }
    merchant.keep(trx);
    Ok(reply)
}
