//! Bank accounts: accepted at once, answered by the bank days later.

use super::nvp::Reply;
use super::payments::{self, Outcome};
use super::results::Refusal;
use super::state::{Account, Call, Merchant, Phase, Trx};

/// STATUS of a debit that waits.
const WAITING: &str = "P02";
const SUBMITTED: &str = "P03";
const WILL_NOT_SETTLE: &str = "P06";
const REJECTED: &str = "P15";

/// The words for a STATUS, which an inquiry gives as RESPMSG.
pub(super) fn words(status: &str) -> &'static str {
    match status {
        WAITING => "Pending, waiting to settle",
        SUBMITTED => "Submitted for settlement",
        WILL_NOT_SETTLE => "Payment voided, will not settle",
        REJECTED => "PNI front end edit failed",
        "R01" => "Insufficient funds",
        "R02" => "Account closed",
        "R03" => "No account/unable to locate account",
        _ => "Returned",
    }
}

/// The return that a test account number stands for: `12345678` and the code.
fn outcome(number: &str) -> Option<u8> {
    let code = number.strip_prefix("12345678").filter(|code| code.len() == 2)?;
    code.parse().ok().filter(|code| (1..=99).contains(code))
}

fn check_routing(aba: &str) -> Result<(), Refusal> {
    const WEIGHTS: [u32; 3] = [3, 7, 1];
    let digits = aba.len() == 9 && aba.bytes().all(|byte| byte.is_ascii_digit());
    let weighted = aba.bytes().zip(WEIGHTS.iter().cycle());
    let sum: u32 = weighted.map(|(byte, weight)| u32::from(byte.saturating_sub(b'0')) * weight).sum();
    if digits && sum.is_multiple_of(10) { Ok(()) } else { Err(Refusal::of(22)) }
}

pub(super) fn account(call: &Call, source: Option<&Trx>) -> Result<Account, Refusal> {
    if let (None, Some(stored)) = (call.text("ACCT"), source.and_then(|source| source.account.clone())) {
        return Ok(stored);
    }
    let number = call.text("ACCT").ok_or_else(|| Refusal::of(23))?;
    if !(4..=17).contains(&number.len()) || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::of(23));
    }
    let aba = call.text("ABA").ok_or_else(|| Refusal::of(22))?;
    check_routing(aba)?;
    for name in ["ACCTTYPE", "BILLTOFIRSTNAME"] {
        call.text(name).ok_or_else(|| Refusal::field(name))?;
    }
    Ok(Account { number: number.to_owned(), expiry: String::new(), aba: aba.to_owned() })
}

pub(super) fn accepted(trx: &mut Trx) {
    trx.phase = Phase::Pending;
    let rejected = trx.account.as_ref().is_some_and(|account| outcome(&account.number) == Some(99));
    if rejected {
        // Approved at first; the rejection is found by asking.
        trx.phase = Phase::Failed;
        trx.result = 1;
    }
    trx.status = Some(if rejected { REJECTED } else { WAITING }.to_owned());
}

/// S with TENDER=A.
pub(super) fn debit(merchant: &mut Merchant, call: &Call) -> Outcome {
    if call.kind() != 'S' {
        return Err(Refusal::of(3));
    }
    let source = payments::source(merchant, call)?;
    let account = account(call, source.as_ref())?;
    let prenote = call.text("PRENOTE") == Some("Y");
    let own = call.money()?;
    let money = own
        .or_else(|| source.as_ref().and_then(|source| source.money.clone()))
        .ok_or_else(|| Refusal::of(4))?;
    if prenote != (money.minor == 0) {
        return Err(Refusal::of(4));
    }
    if money.currency != "USD" {
        return Err(Refusal::of(6));
    }
    let mut trx = call.begin(merchant.mint_pnref());
    if let Some(source) = &source {
        payments::take_over(&mut trx, source);
    }
    trx.account = Some(account);
    trx.money = Some(money);
    accepted(&mut trx);
    let reply = Reply::of(0).with("PNREF", trx.pnref.clone()).with("RESPMSG", "Approved");
    merchant.keep(trx);
    Ok(reply)
}

pub(super) fn unreferenced_credit(merchant: &mut Merchant, call: &Call) -> Outcome {
    let account = account(call, None)?;
    let money = call.money()?.filter(|money| money.minor > 0).ok_or_else(|| Refusal::of(4))?;
    let mut trx = call.begin(merchant.mint_pnref());
    trx.account = Some(account);
    trx.money = Some(money);
    accepted(&mut trx);
    let reply = Reply::of(0).with("PNREF", trx.pnref.clone()).with("RESPMSG", "Approved");
    merchant.keep(trx);
    Ok(reply)
}

/// Only before the first settlement.
pub(super) fn can_be_voided(trx: &Trx) -> bool {
    trx.status.as_deref() == Some(WAITING)
}

pub(super) fn voided(trx: &mut Trx) {
    if trx.tender == 'A' {
        trx.status = Some(WILL_NOT_SETTLE.to_owned());
    }
}

pub(super) fn submitted(trx: &mut Trx) {
    if trx.tender == 'A' {
        trx.status = Some(SUBMITTED.to_owned());
    }
}

/// The bank answers a submitted debit: where the account is a bad one, the money comes back.
pub(super) fn answered(trx: &mut Trx) -> bool {
    let code = trx.account.as_ref().and_then(|account| outcome(&account.number));
    let waits = trx.tender == 'A' && trx.phase == Phase::Settled && trx.status.as_deref() == Some(SUBMITTED);
    match code {
        Some(code @ 1..=98) if waits => {
            trx.status = Some(format!("R{code:02}"));
            trx.phase = Phase::Returned;
            true
        }
        _ => false,
    }
}
