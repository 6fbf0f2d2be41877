//! New transactions: sales, authorizations, voice authorizations, uploads, unreferenced credits.

use super::ach;
use super::nvp::Reply;
use super::processor;
use super::results::Refusal;
use super::state::{Account, Call, Checks, Merchant, REFERENCES_KEPT, Trx};

pub(super) type Outcome = Result<Reply, Refusal>;

/// What a reference transaction takes over when it is not sent again. The address goes along.
const TAKEN_OVER: &[&str] = &[
    "BILLTOFIRSTNAME",
    "BILLTOMIDDLENAME",
    "BILLTOLASTNAME",
    "BILLTOSTREET",
    "BILLTOSTREET2",
    "BILLTOCITY",
    "BILLTOSTATE",
    "BILLTOZIP",
    "BILLTOCOUNTRY",
    "BILLTOEMAIL",
    "BILLTOPHONENUM",
    "COMPANYNAME",
    "INVNUM",
    "PONUM",
    "CUSTCODE",
    "COMMENT1",
    "COMMENT2",
    "SHIPTOFIRSTNAME",
    "SHIPTOLASTNAME",
    "SHIPTOSTREET",
    "SHIPTOCITY",
    "SHIPTOSTATE",
    "SHIPTOZIP",
    "SHIPTOCOUNTRY",
];

pub(super) fn take_over(trx: &mut Trx, source: &Trx) {
    for name in TAKEN_OVER {
        if let Some(value) = source.fields.get(*name) {
            trx.fields.entry((*name).to_owned()).or_insert_with(|| value.clone());
        }
    }
}

/// S, A and F.
pub(super) fn pay(merchant: &mut Merchant, call: &Call) -> Outcome {
    if call.tender() == 'A' {
        return ach::debit(merchant, call);
    }
    let source = source(merchant, call)?;
    let account = account(call, source.as_ref())?;
    processor::check_card(merchant, &account, call.now)?;
    let own = call.money()?;
    let money = own
        .or_else(|| source.as_ref().and_then(|source| source.money.clone()))
        .ok_or_else(|| Refusal::of(4))?;
    let voice = call.kind() == 'F';
    if voice && call.text("AUTHCODE").is_none() {
        return Err(Refusal::field("AUTHCODE"));
    }
    if money.minor == 0 && (call.kind() != 'A' || !merchant.settings.verification) {
        return Err(Refusal::of(4));
    }
    let mut trx = call.begin(merchant.mint_pnref());
    if let Some(source) = &source {
        take_over(&mut trx, source);
    }
    trx.account = Some(account);
    let verifies = money.minor == 0;
    trx.money = Some(money);
    let told = if verifies {
        processor::verify(merchant, &mut trx, call);
        0
    } else {
        processor::decide(merchant, &mut trx, call.text("CVV2"))
    };
    if voice && trx.result == 0 {
        trx.checks.auth_code = call.text("AUTHCODE").map(str::to_owned);
    }
    let reply = processor::receipt(&trx, told, call.verbosity());
    merchant.keep(trx);
    Ok(reply)
}

/// The earlier transaction that a new payment refers to.
pub(super) fn source(merchant: &Merchant, call: &Call) -> Result<Option<Trx>, Refusal> {
    let Some(id) = call.text("ORIGID") else { return Ok(None) };
    if !merchant.settings.reference_transactions {
        return Err(Refusal::of(117));
    }
    let source = merchant.find(id).ok_or_else(|| Refusal::of(19))?;
    if call.now >= source.at.saturating_add(REFERENCES_KEPT) || source.account.is_none() {
        return Err(Refusal::of(19));
    }
    if source.tender == call.tender() { Ok(Some(source.clone())) } else { Err(Refusal::of(2)) }
}

fn account(call: &Call, source: Option<&Trx>) -> Result<Account, Refusal> {
    let stored = source.and_then(|source| source.account.clone());
    let mut account = match call.text("ACCT") {
        Some(number) => Account { number: number.to_owned(), ..Account::default() },
        None => stored.ok_or_else(|| Refusal::of(23))?,
    };
    if let Some(expiry) = call.text("EXPDATE") {
        expiry.clone_into(&mut account.expiry);
    }
    Ok(account)
}

/// L: keeps a card, without a word to the bank.
pub(super) fn upload(merchant: &mut Merchant, call: &Call) -> Outcome {
    if call.text("AMT").is_some() {
        return Err(Refusal::of(4));
    }
    if call.tender() != 'C' {
        return Err(Refusal::of(2));
    }
    let account = account(call, None)?;
    processor::check_card(merchant, &account, call.now)?;
    let mut trx = call.begin(merchant.mint_pnref());
    trx.account = Some(account);
    let reply = Reply::of(0).with("PNREF", trx.pnref.clone()).with("RESPMSG", "Approved");
    merchant.keep(trx);
    Ok(reply)
}

/// C without ORIGID: money to a card that nothing was taken from.
pub(super) fn unreferenced_credit(merchant: &mut Merchant, call: &Call) -> Outcome {
    if !merchant.settings.unreferenced_credit {
        return Err(Refusal::of(117));
    }
    if call.tender() == 'A' {
        return ach::unreferenced_credit(merchant, call);
    }
    let account = account(call, None)?;
    processor::check_card(merchant, &account, call.now)?;
    let money = call.money()?.filter(|money| money.minor > 0).ok_or_else(|| Refusal::of(4))?;
    let mut trx = call.begin(merchant.mint_pnref());
    trx.account = Some(account);
    trx.money = Some(money);
    let told = processor::decide(merchant, &mut trx, None);
    trx.checks = Checks::default();
    let reply = processor::receipt(&trx, told, call.verbosity());
    merchant.keep(trx);
    Ok(reply)
}
