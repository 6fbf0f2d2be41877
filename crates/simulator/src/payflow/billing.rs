//! Recurring payments: what happens when time goes on.

use super::ach;
use super::dates::{self, Day};
use super::processor;
use super::recurring::{ACTIVE, EXPIRED, TOO_MANY_FAILURES};
use super::results::Refusal;
use super::state::{Call, Merchant, Money, Profile, ProfilePayment, Trx};

/// How many payments one jump of the clock makes for one profile, so that a jump of centuries ends.
const MOST_AT_ONCE: usize = 2_000;

/// Moves every profile to the present.
pub(super) fn advance(merchant: &mut Merchant, now: u64) {
    if !merchant.settings.recurring_billing {
        return;
    }
    let today = dates::day_of(now);
    let mut profiles = std::mem::take(&mut merchant.profiles);
    for profile in &mut profiles {
        for _ in 0..MOST_AT_ONCE {
            if !make_next(merchant, profile, today) {
                break;
            }
        }
    }
    merchant.profiles = profiles;
}

/// Makes the next payment or retry of a profile, if one is due.
fn make_next(merchant: &mut Merchant, profile: &mut Profile, today: Day) -> bool {
    if profile.status != ACTIVE {
        return false;
    }
    let next = profile.next_day();
    let retry = profile.retry.map(|(day, _)| day).filter(|day| next.is_none_or(|next| *day <= next));
    let Some(day) = retry.or(next).filter(|day| *day <= today) else { return false };
    if retry.is_some() {
        try_again(merchant, profile, day);
    } else {
        pay(merchant, profile, day);
    }
    true
}

/// Payments that fell due while a profile was not active are not made up for.
pub(super) fn skip_missed(profile: &mut Profile, today: Day) {
    while profile.next_day().is_some_and(|day| day <= today) {
        profile.periods_since_anchor += 1;
    }
}

fn scheduled(merchant: &mut Merchant, profile: &Profile, day: Day) -> (i32, String) {
    let at = dates::start_of(day);
    let call = Call { fields: profile.fields.clone(), request_id: String::new(), now: at };
    let (result, pairs) = transact(merchant, profile, 'S', profile.money.clone(), &call, None);
    let pnref = pairs.into_iter().find(|(name, _)| *name == "TRXPNREF").map(|(_, pnref)| pnref);
    (result, pnref.unwrap_or_default())
}

fn pay(merchant: &mut Merchant, profile: &mut Profile, day: Day) {
    // A new period ends the retries of the one before.
    profile.retry = None;
    let (result, pnref) = scheduled(merchant, profile, day);
    let number = i64::try_from(profile.payments.len()).unwrap_or(i64::MAX).saturating_add(1);
    profile.payments.push(ProfilePayment { number, pnref, result });
    profile.periods_since_anchor += 1;
    profile.periods_done += 1;
    if result == 0 {
        profile.total += profile.money.minor;
    } else {
        profile.failures += 1;
        profile.retry = (profile.retry_days > 0).then_some((day + 1, profile.retry_days - 1));
    }
    conclude(profile);
}

fn try_again(merchant: &mut Merchant, profile: &mut Profile, day: Day) {
    let left = profile.retry.map_or(0, |(_, left)| left);
    let (result, pnref) = scheduled(merchant, profile, day);
    if let Some(payment) = profile.payments.last_mut() {
        (payment.pnref, payment.result) = (pnref, result);
    }
    profile.retry = (result != 0 && left > 0).then_some((day + 1, left - 1));
    if result == 0 {
        profile.total += profile.money.minor;
        profile.failures -= 1;
    }
    conclude(profile);
}

/// A profile ends when its last payment is through, or when too many failed; retries come first.
fn conclude(profile: &mut Profile) {
    if profile.retry.is_some() {
        return;
    }
    if profile.most_failures > 0 && profile.failures >= profile.most_failures {
        profile.status = TOO_MANY_FAILURES;
    } else if profile.term > 0 && profile.payments_left() == 0 {
        profile.status = EXPIRED;
    }
}

/// Makes a transaction of a profile. Gives its RESULT and what the answer says of it.
pub(super) fn transact(
    merchant: &mut Merchant,
    profile: &Profile,
    kind: char,
    money: Money,
    call: &Call,
    code: Option<&str>,
) -> (i32, Vec<(&'static str, String)>) {
    let mut trx = call.begin(merchant.mint_pnref());
    trx.kind = kind;
    trx.tender = profile.tender;
    trx.account = Some(profile.account.clone());
    trx.profile = Some(profile.id.clone());
    trx.origin = None;
    for (name, value) in &profile.fields {
        trx.fields.entry(name.clone()).or_insert_with(|| value.clone());
    }
    let verifies = money.minor == 0;
    trx.money = Some(money);
    let told = if profile.tender == 'A' {
        ach::accepted(&mut trx);
        0
    } else if let Err(refusal) = processor::check_card(merchant, &profile.account, trx.at) {
        refused(&mut trx, refusal)
    } else if verifies {
        processor::verify(merchant, &mut trx, call);
        0
    } else {
        processor::decide(merchant, &mut trx, code)
    };
    let mut pairs = vec![
        ("TRXRESULT", told.to_string()),
        ("TRXPNREF", trx.pnref.clone()),
        ("TRXRESPMSG", if told == trx.result { trx.message.clone() } else { Refusal::of(told).message }),
    ];
    if told == trx.result {
        pairs.extend(trx.checks.auth_code.clone().map(|code| ("AUTHCODE", code)));
        let checks =
            [("AVSADDR", trx.checks.street), ("AVSZIP", trx.checks.zip), ("CVV2MATCH", trx.checks.code)];
        pairs.extend(
            checks.into_iter().filter_map(|(name, check)| check.map(|check| (name, check.to_string()))),
        );
    }
    merchant.keep(trx);
    (told, pairs)
}

fn refused(trx: &mut Trx, refusal: Refusal) -> i32 {
    trx.phase = super::state::Phase::Failed;
    trx.result = refusal.result;
    trx.message = refusal.message;
    trx.result
}
