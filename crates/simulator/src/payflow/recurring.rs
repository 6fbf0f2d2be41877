//! R: profiles that are added, changed, started again, ended and asked about.

use super::ach;
use super::billing;
use super::dates::{self, Day};
use super::nvp::{Fields, Reply};
use super::payments::Outcome;
use super::processor;
use super::results::Refusal;
use super::state::{Account, Call, Merchant, Money, Profile, REFERENCES_KEPT};

pub(super) const ACTIVE: &str = "ACTIVE";
pub(super) const DEACTIVATED: &str = "DEACTIVATED BY MERCHANT";
pub(super) const EXPIRED: &str = "EXPIRED";
pub(super) const TOO_MANY_FAILURES: &str = "TOO MANY FAILURES";

pub(super) fn run(merchant: &mut Merchant, call: &Call) -> Outcome {
    if !merchant.settings.recurring_billing {
        return Err(Refusal::saying(1, "User authentication failed: Recurring Billing"));
    }
    match call.text("ACTION") {
        Some("A") => add(merchant, call),
        Some("M") => modify(merchant, call),
        Some("R") => reactivate(merchant, call),
        Some("C") => cancel(merchant, call),
        Some("I") => inquire(merchant, call),
        Some("P") => retry(merchant, call),
        _ => Err(Refusal::field("ACTION")),
    }
}

/// A reference to this request, as RPREF.
fn rpref(merchant: &mut Merchant) -> String {
    format!("R{}", merchant.ids.letters(11).to_ascii_uppercase())
}

fn approved(merchant: &mut Merchant, id: &str) -> Reply {
    Reply::of(0).with("RPREF", rpref(merchant)).with("PROFILEID", id).with("RESPMSG", "Approved")
}

fn start_day(call: &Call) -> Result<Option<Day>, Refusal> {
    let Some(text) = call.text("START") else { return Ok(None) };
    match dates::day_from(text) {
        Some(day) if day > dates::day_of(call.now) => Ok(Some(day)),
        _ => Err(Refusal::saying(
            7,
            "Field format error: Start or next payment date must be a valid future date",
        )),
    }
}

fn pay_period(call: &Call, start: Day) -> Result<Option<String>, Refusal> {
    let Some(period) = call.text("PAYPERIOD") else { return Ok(None) };
    let late = period == "SMMO" && dates::date_in_month(start) > 15;
    if late || dates::payment_day(0, period, 0).is_none() {
        return Err(Refusal::field("PAYPERIOD"));
    }
    Ok(Some(period.to_owned()))
}

fn account(merchant: &Merchant, call: &Call) -> Result<Account, Refusal> {
    if let (None, Some(id)) = (call.text("ACCT"), call.text("ORIGID")) {
        let of = merchant.find(id).ok_or_else(|| Refusal::of(19))?;
        let fresh = call.now < of.at.saturating_add(REFERENCES_KEPT);
        // Of a sale or a capture, nothing else.
        return match &of.account {
            Some(account) if fresh && of.tender == call.tender() && matches!(of.kind, 'S' | 'D') => {
                Ok(account.clone())
            }
            _ => Err(Refusal::of(31)),
        };
    }
    if call.tender() == 'A' {
        return ach::account(call, None);
    }
    let account = Account {
        number: call.text("ACCT").ok_or_else(|| Refusal::of(23))?.to_owned(),
        expiry: call.text("EXPDATE").unwrap_or_default().to_owned(),
        aba: String::new(),
    };
    processor::check_card(merchant, &account, call.now)?;
    Ok(account)
}

fn add(merchant: &mut Merchant, call: &Call) -> Outcome {
    if !matches!(call.text("TENDER"), Some("C" | "A")) {
        return Err(Refusal::of(2));
    }
    let name = call.text("PROFILENAME").ok_or_else(|| Refusal::field("PROFILENAME"))?.to_owned();
    let money = call.money()?.filter(|money| money.minor > 0).ok_or_else(|| Refusal::of(4))?;
    let start = start_day(call)?.ok_or_else(|| Refusal::field("START"))?;
    let pay_period = pay_period(call, start)?.ok_or_else(|| Refusal::field("PAYPERIOD"))?;
    let term = call.number("TERM").ok_or_else(|| Refusal::field("TERM"))?;
    let account = account(merchant, call)?;
    let id = format!("RT{:010}", merchant.profiles.len() + 1);
    let mut profile = Profile {
        id: id.clone(),
        status: ACTIVE,
        name,
        tender: call.tender(),
        money,
        account,
        fields: kept(call),
        start,
        anchor: start,
        periods_since_anchor: 0,
        pay_period,
        term,
        periods_done: 0,
        most_failures: call.number("MAXFAILPAYMENTS").unwrap_or_default(),
        failures: 0,
        retry_days: call.number("RETRYNUMDAYS").unwrap_or_default(),
        retry: None,
        payments: Vec::new(),
        optional: Vec::new(),
        total: 0,
        optional_total: 0,
        created: call.now,
        request_id: call.request_id.clone(),
    };
    let optional = optional(merchant, call, &mut profile)?;
    let fails = optional.as_ref().is_some_and(|(result, _)| *result != 0);
    if fails && !merchant.settings.profile_survives_failed_transaction {
        return Ok(failed(merchant, None, optional));
    }
    let reply = with_transaction(approved(merchant, &id), optional);
    merchant.profiles.push(profile);
    Ok(reply)
}

/// What a profile keeps of its request beside what it has fields for.
fn kept(call: &Call) -> Fields {
    let mut fields = super::fields::kept(&call.fields);
    fields.retain(|name, _| {
        name.starts_with("BILLTO") || name.starts_with("SHIPTO") || NOTES.contains(&name.as_str())
    });
    fields
}

const NOTES: &[&str] =
    &["COMPANYNAME", "COMMENT1", "COMMENT2", "DESC", "ACCTTYPE", "AUTHTYPE", "INVNUM", "PONUM"];

/// What a transaction of a profile answers: its RESULT, and the pairs that go into the reply.
type Transacted = (i32, Vec<(&'static str, String)>);

/// OPTIONALTRX: a verification, or an initial fee.
fn optional(
    merchant: &mut Merchant,
    call: &Call,
    profile: &mut Profile,
) -> Result<Option<Transacted>, Refusal> {
    let kind = match call.text("OPTIONALTRX") {
        None => return Ok(None),
        Some("A") => 'A',
        Some(_) => 'S',
    };
    let amount = call.text("OPTIONALTRXAMT").filter(|_| kind == 'S');
    let money = match amount {
        Some(amount) => Money::parse(amount, &profile.money.currency)?,
        None if kind == 'A' => Money { minor: 0, currency: profile.money.currency.clone() },
        None => return Err(Refusal::field("OPTIONALTRXAMT")),
    };
    if kind == 'S' && money.minor == 0 {
        return Err(Refusal::of(4));
    }
    let minor = money.minor;
    let transacted = billing::transact(merchant, profile, kind, money, call, call.text("CVV2"));
    if let Some((_, pnref)) = transacted.1.iter().find(|(name, _)| *name == "TRXPNREF") {
        profile.optional.push(pnref.clone());
    }
    if transacted.0 == 0 {
        profile.optional_total += minor;
    }
    Ok(Some(transacted))
}

fn with_transaction(reply: Reply, transacted: Option<Transacted>) -> Reply {
    let pairs = transacted.into_iter().flat_map(|(_, pairs)| pairs);
    pairs.fold(reply, |reply, (name, value)| reply.with(name, value))
}

/// A transaction that failed takes the action along.
fn failed(merchant: &mut Merchant, id: Option<&str>, transacted: Option<Transacted>) -> Reply {
    let reply = Reply::of(36).with("RPREF", rpref(merchant)).maybe("PROFILEID", id);
    with_transaction(reply.with("RESPMSG", Refusal::of(36).message), transacted)
}

fn named(merchant: &Merchant, call: &Call) -> Result<usize, Refusal> {
    let id = call.text("ORIGPROFILEID").ok_or_else(|| Refusal::field("ORIGPROFILEID"))?;
    merchant.profiles.iter().position(|profile| profile.id == id).ok_or_else(|| Refusal::of(37))
}

/// The profile that is meant, as a copy.
fn copy(merchant: &Merchant, call: &Call) -> Result<(usize, Profile), Refusal> {
    let at = named(merchant, call)?;
    merchant.profiles.get(at).cloned().map(|profile| (at, profile)).ok_or_else(|| Refusal::of(37))
}

fn put(merchant: &mut Merchant, at: usize, profile: Profile) {
    if let Some(place) = merchant.profiles.get_mut(at) {
        *place = profile;
    }
}

/// Takes over whatever the request says.
fn change(merchant: &Merchant, call: &Call, profile: &mut Profile) -> Result<(), Refusal> {
    if call.text("CURRENCY").is_some_and(|currency| currency != profile.money.currency) {
        return Err(Refusal::of(6));
    }
    if let Some(amount) = call.text("AMT") {
        let money = Money::parse(amount, &profile.money.currency)?;
        if money.minor == 0 {
            return Err(Refusal::of(4));
        }
        profile.money = money;
    }
    if call.text("ACCT").is_some() || call.text("ORIGID").is_some() {
        profile.account = account(merchant, call)?;
        profile.tender = call.tender();
    } else if let Some(expiry) = call.text("EXPDATE") {
        let account = Account { expiry: expiry.to_owned(), ..profile.account.clone() };
        processor::check_card(merchant, &account, call.now)?;
        profile.account = account;
    }
    let start = start_day(call)?;
    if let Some(period) = pay_period(call, start.unwrap_or(profile.start))? {
        if start.is_none() && period != profile.pay_period {
            // Counted on from the last payment.
            let last =
                dates::payment_day(profile.anchor, &profile.pay_period, profile.periods_since_anchor - 1);
            let begun = profile.periods_since_anchor > 0;
            profile.anchor = last.filter(|_| begun).unwrap_or(profile.anchor);
            profile.periods_since_anchor = i64::from(begun);
        }
        profile.pay_period = period;
    }
    if let Some(start) = start {
        (profile.start, profile.anchor, profile.periods_since_anchor) = (start, start, 0);
    }
    if let Some(name) = call.text("PROFILENAME") {
        name.clone_into(&mut profile.name);
    }
    profile.term = call.number("TERM").unwrap_or(profile.term);
    profile.most_failures = call.number("MAXFAILPAYMENTS").unwrap_or(profile.most_failures);
    profile.retry_days = call.number("RETRYNUMDAYS").unwrap_or(profile.retry_days);
    profile.fields.extend(kept(call));
    Ok(())
}

/// M. A profile that the merchant had ended runs again; one that PayPal ended stays as it is.
fn modify(merchant: &mut Merchant, call: &Call) -> Outcome {
    let (at, mut profile) = copy(merchant, call)?;
    change(merchant, call, &mut profile)?;
    if profile.status == DEACTIVATED {
        billing::skip_missed(&mut profile, dates::day_of(call.now));
        profile.status = ACTIVE;
    }
    finish(merchant, call, at, profile)
}

/// R.
fn reactivate(merchant: &mut Merchant, call: &Call) -> Outcome {
    let (at, mut profile) = copy(merchant, call)?;
    if profile.status == ACTIVE {
        return Err(Refusal::of(35));
    }
    if call.text("START").is_none() {
        return Err(Refusal::field("START"));
    }
    change(merchant, call, &mut profile)?;
    if profile.term > 0 && profile.payments_left() == 0 {
        return Err(Refusal::of(35));
    }
    if profile.most_failures > 0 && profile.failures >= profile.most_failures {
        return Err(Refusal::of(35));
    }
    profile.status = ACTIVE;
    profile.retry = None;
    finish(merchant, call, at, profile)
}

fn finish(merchant: &mut Merchant, call: &Call, at: usize, mut profile: Profile) -> Outcome {
    let optional = optional(merchant, call, &mut profile)?;
    let id = profile.id.clone();
    let fails = optional.as_ref().is_some_and(|(result, _)| *result != 0);
    if fails && !merchant.settings.profile_survives_failed_transaction {
        return Ok(failed(merchant, Some(&id), optional));
    }
    put(merchant, at, profile);
    Ok(with_transaction(approved(merchant, &id), optional))
}

/// C.
fn cancel(merchant: &mut Merchant, call: &Call) -> Outcome {
    let (at, mut profile) = copy(merchant, call)?;
    if profile.status != ACTIVE {
        return Err(Refusal::of(33));
    }
    profile.status = DEACTIVATED;
    profile.retry = None;
    let id = profile.id.clone();
    put(merchant, at, profile);
    Ok(approved(merchant, &id))
}

/// P: one payment that failed, once more.
fn retry(merchant: &mut Merchant, call: &Call) -> Outcome {
    let (at, mut profile) = copy(merchant, call)?;
    let number = call.number("PAYMENTNUM").ok_or_else(|| Refusal::field("PAYMENTNUM"))?;
    let failed_before =
        profile.payments.iter().any(|payment| payment.number == number && payment.result != 0);
    if !failed_before {
        return Err(Refusal::of(34));
    }
    let money = match call.text("AMT") {
        Some(amount) => Money::parse(amount, &profile.money.currency)?,
        None => profile.money.clone(),
    };
    if money.minor == 0 {
        return Err(Refusal::of(4));
    }
    let minor = money.minor;
    let transacted = billing::transact(merchant, &profile, 'S', money, call, None);
    let (result, pnref) = (transacted.0, transacted.1.iter().find(|(name, _)| *name == "TRXPNREF"));
    let pnref = pnref.map(|(_, pnref)| pnref.clone()).unwrap_or_default();
    if let Some(payment) = profile.payments.iter_mut().find(|payment| payment.number == number) {
        (payment.result, payment.pnref) = (result, pnref);
    }
    let id = profile.id.clone();
    if result == 0 {
        profile.total += minor;
        profile.failures = (profile.failures - 1).max(0);
        profile.retry = None;
        if profile.status == TOO_MANY_FAILURES {
            billing::skip_missed(&mut profile, dates::day_of(call.now));
            profile.status = ACTIVE;
        }
    }
    put(merchant, at, profile);
    if result != 0 && !merchant.settings.profile_survives_failed_transaction {
        return Ok(failed(merchant, Some(&id), Some(transacted)));
    }
    Ok(with_transaction(approved(merchant, &id), Some(transacted)))
}

/// I: the profile, its payments, or its optional transactions.
fn inquire(merchant: &mut Merchant, call: &Call) -> Outcome {
    let (_, profile) = copy(merchant, call)?;
    let reply = Reply::of(0).with("RPREF", rpref(merchant)).with("PROFILEID", profile.id.clone());
    let paid: Vec<&str> = match call.text("PAYMENTHISTORY") {
        Some("Y") => profile.payments.iter().map(|payment| payment.pnref.as_str()).collect(),
        Some("O") => profile.optional.iter().map(String::as_str).collect(),
        _ => return Ok(described(reply, &profile)),
    };
    let transactions = paid.into_iter().filter_map(|pnref| merchant.find(pnref));
    Ok(transactions.enumerate().fold(reply, |reply, (at, trx)| {
        let number = at + 1;
        reply
            .with(format!("P_PNREF{number}"), trx.pnref.clone())
            .with(format!("P_TRANSTIME{number}"), dates::history_time(trx.at))
            .with(format!("P_RESULT{number}"), trx.result.to_string())
            .with(format!("P_TENDER{number}"), trx.tender.to_string())
            .with(format!("P_AMT{number}"), trx.money.as_ref().map(Money::shown).unwrap_or_default())
            .with(format!("P_TRANSTATE{number}"), trx.trans_state().to_string())
    }))
}

fn described(reply: Reply, profile: &Profile) -> Reply {
    let shown = |minor: i64| Money { minor, currency: profile.money.currency.clone() }.shown();
    let masked = masked(&profile.account.number);
    let ends = profile.term > 0;
    let last = dates::payment_day(
        profile.anchor,
        &profile.pay_period,
        profile.periods_since_anchor + profile.payments_left() - 1,
    );
    let end = last.filter(|_| ends).map(dates::shown_day);
    let next =
        profile.next_day().filter(|_| profile.status == ACTIVE).map(dates::shown_day).unwrap_or_default();
    let expiry = Some(profile.account.expiry.as_str()).filter(|expiry| !expiry.is_empty());
    let reply = reply
        .with("STATUS", profile.status)
        .with("PROFILENAME", profile.name.clone())
        .with("START", dates::shown_day(profile.start))
        .with("TERM", profile.term.to_string())
        .with("NEXTPAYMENT", next)
        .maybe("END", end.as_deref())
        .with("PAYPERIOD", profile.pay_period.clone())
        .with("AMT", profile.money.shown())
        .with("ACCT", masked)
        .maybe("EXPDATE", expiry)
        .with("PAYMENTSLEFT", profile.payments_left().to_string())
        .with("AGGREGATEAMT", shown(profile.total))
        .with("AGGREGATEOPTIONALAMT", shown(profile.optional_total))
        .with("MAXFAILPAYMENTS", profile.most_failures.to_string())
        .with("NUMFAILPAYMENTS", profile.failures.to_string())
        .with("RETRYNUMDAYS", profile.retry_days.to_string());
    let sent = profile.fields.iter().filter(|(name, _)| name.starts_with("BILLTO") || *name == "COMPANYNAME");
    // Under the names of the time that this reply is from.
    sent.fold(reply, |reply, (name, value)| {
        reply.with(name.strip_prefix("BILLTO").unwrap_or(name), value.clone())
    })
}

/// `4012XXXXXXXX1881`.
fn masked(number: &str) -> String {
    let hidden = number.len().saturating_sub(8);
    match (number.get(..4), number.get(number.len().saturating_sub(4)..)) {
        (Some(first), Some(last)) if hidden > 0 => format!("{first}{}{last}", "X".repeat(hidden)),
        _ => "X".repeat(number.len()),
    }
}
