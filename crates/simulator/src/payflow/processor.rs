//! The test processor: what it says to a card, an address, a code and an amount.

use super::dates;
use super::nvp::Reply;
use super::results::{self, Refusal};
use super::state::{Account, Call, Checks, Merchant, Money, Phase, Trx, Verbosity};

/// The numbers that the test host knows. Others are refused.
const TEST_CARDS: &[&str] = &[
    "4111111111111111",
    "4012888888881881",
    "4222222222222",
    "5555555555554444",
    "5105105105105100",
    "2223000048400011",
    "378282246310005",
    "371449635398431",
    "378734493671000",
    "6011111111111117",
    "6011000990139424",
    "3530111333300000",
    "3566002020360505",
    "30569309025904",
    "38520000023237",
];

pub(super) fn check_card(merchant: &Merchant, account: &Account, now: u64) -> Result<(), Refusal> {
    let number = account.number.as_str();
    let plausible =
        (12..=19).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit()) && luhn(number);
    if !plausible || !(merchant.settings.any_card || TEST_CARDS.contains(&number)) {
        return Err(Refusal::of(23));
    }
    let last_day = dates::expiry(&account.expiry).ok_or_else(|| Refusal::of(24))?;
    if last_day < dates::day_of(now) { Err(Refusal::of(24)) } else { Ok(()) }
}

fn luhn(number: &str) -> bool {
    let sum: u32 = number
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte.saturating_sub(b'0'));
            let doubled = if place % 2 == 1 { digit * 2 } else { digit };
            if doubled > 9 { doubled - 9 } else { doubled }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// CARDTYPE.
pub(super) fn card_type(number: &str) -> Option<&'static str> {
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| number.starts_with(prefix));
    if starts(&["4"]) {
        Some("0")
    } else if starts(&["51", "52", "53", "54", "55", "22", "23", "24", "25", "26", "27"]) {
        Some("1")
    } else if starts(&["6011", "65", "64"]) {
        Some("2")
    } else if starts(&["34", "37"]) {
        Some("3")
    } else if starts(&["30", "36", "38"]) {
        Some("4")
    } else if starts(&["35"]) {
        Some("5")
    } else {
        None
    }
}

/// By the first three characters of the street.
pub(super) fn street_check(street: Option<&str>) -> char {
    let digits = street
        .and_then(|street| street.get(..3))
        .filter(|three| three.bytes().all(|byte| byte.is_ascii_digit()));
    match digits.and_then(|three| three.parse::<u16>().ok()) {
        Some(0..=333) => 'Y',
        Some(334..=666) => 'N',
        _ => 'X',
    }
}

/// By the first five digits of the postal code.
pub(super) fn zip_check(zip: Option<&str>) -> char {
    let digits =
        zip.and_then(|zip| zip.get(..5)).filter(|five| five.bytes().all(|byte| byte.is_ascii_digit()));
    match digits.and_then(|five| five.parse::<u32>().ok()) {
        Some(0..=50_000) => 'Y',
        Some(_) => 'N',
        None => 'X',
    }
}

pub(super) fn code_check(code: Option<&str>) -> Option<char> {
    Some(match code?.parse::<u16>() {
        Ok(0..=300) => 'Y',
        Ok(301..=600) => 'N',
        _ => 'X',
    })
}

/// What an amount does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Approved,
    /// RESULT 126 or 127.
    Held(i32),
    Refused(i32),
    /// Refused, and the bank keeps the hold.
    RefusedWithHold(i32),
    /// This code, and nobody knows what happened: here nothing did.
    LostNothing(i32),
    /// This code, and the bank approved; an inquiry tells.
    LostApproved(i32),
    /// This code, and not even the gateway learns what happened.
    LostForGood(i32),
}

/// Up to 1000 approved, 1001 to 2000 the code above 1000, more than that declined. For the codes whose outcome is
/// unknown, cents tell what really happened.
pub(super) fn verdict(money: &Money) -> Verdict {
    let (whole, cents) = money.parts();
    if whole <= 1_000 {
        return Verdict::Approved;
    }
    let code = i32::try_from(whole - 1_000).unwrap_or(i32::MAX);
    if code > 1_000 || matches!(code, 1 | 26 | 133) || results::text(code).is_none() {
        return Verdict::Refused(12);
    }
    match code {
        126 | 127 => Verdict::Held(code),
        112 | 114 => Verdict::RefusedWithHold(code),
        11 | 103 | 104 | 109 => match cents {
            1 => Verdict::LostApproved(code),
            2 => Verdict::LostForGood(code),
            _ => Verdict::LostNothing(code),
        },
        _ => Verdict::Refused(code),
    }
}

/// What the processor answers to a payment by card: fills in a transaction whose money, account and fields are set.
/// Gives RESULT as it goes out, which is not always what the books say.
pub(super) fn decide(merchant: &mut Merchant, trx: &mut Trx, code: Option<&str>) -> i32 {
    let field = |name: &str| trx.fields.get(name).map(String::as_str);
    let mut checks = Checks {
        auth_code: Some(format!("{}PNI", merchant.ids.digits(3))),
        street: Some(street_check(field("BILLTOSTREET"))),
        zip: Some(zip_check(field("BILLTOZIP"))),
        code: code_check(code),
        network_id: field("CARDONFILE").map(|_| merchant.ids.digits(15)),
    };
    let approved = if trx.kind == 'A' { Phase::Authorized } else { Phase::Pending };
    // Fraud filters look at new payments only: not at credits, reference transactions and recurring payments.
    let screened = trx.kind != 'C' && trx.origin.is_none() && trx.profile.is_none();
    let verdict = match trx.money.as_ref().map(verdict) {
        Some(Verdict::Approved) if screened && merchant.settings.hold_for_review => Verdict::Held(126),
        Some(Verdict::Held(_)) if !screened => Verdict::Approved,
        Some(verdict) => verdict,
        None => Verdict::Approved,
    };
    let (told, kept, phase) = match verdict {
        Verdict::Approved => (0, 0, approved),
        Verdict::Held(code) => (code, code, Phase::Held),
        Verdict::Refused(code) | Verdict::LostNothing(code) => (code, code, Phase::Failed),
        Verdict::RefusedWithHold(code) => (code, code, Phase::FailedWithHold),
        Verdict::LostApproved(code) => (code, 0, approved),
        Verdict::LostForGood(code) => (code, code, Phase::Limbo),
    };
    if matches!(phase, Phase::Failed | Phase::Limbo) {
        checks = Checks::default();
    } else if kept == 112 {
        (checks.street, checks.zip) = (Some('N'), Some('N'));
    } else if kept == 114 {
        checks.code = Some('N');
    }
    trx.checks = checks;
    trx.phase = phase;
    trx.result = kept;
    trx.message = Refusal::of(kept).message;
    told
}

/// The answer to a payment, at the verbosity that was asked for.
pub(super) fn receipt(trx: &Trx, told: i32, verbosity: Verbosity) -> Reply {
    let reply = Reply::of(told).with("PNREF", trx.pnref.clone());
    let message = if told == trx.result { trx.message.clone() } else { Refusal::of(told).message };
    let reply = reply.with("RESPMSG", message);
    if told != trx.result || matches!(trx.phase, Phase::Failed | Phase::Limbo) {
        return reply;
    }
    let reply = details(reply, trx, verbosity);
    match trx.result {
        126 => reply.with("PREFPSMSG", "Review: Total Purchase Price Ceiling").with("POSTFPSMSG", "Review"),
        127 => reply.with("PREFPSMSG", "Fraud Service unavailable"),
        _ => reply,
    }
}

/// What the processor said, and at HIGH what was sent.
pub(super) fn details(reply: Reply, trx: &Trx, verbosity: Verbosity) -> Reply {
    let letter = |check: Option<char>| check.map(String::from);
    let checks = &trx.checks;
    let mut reply = reply
        .maybe("AUTHCODE", checks.auth_code.as_deref())
        .maybe("AVSADDR", letter(checks.street).as_deref())
        .maybe("AVSZIP", letter(checks.zip).as_deref())
        .maybe("CVV2MATCH", letter(checks.code).as_deref());
    let by_card = trx.tender == 'C' && checks.street.is_some();
    if verbosity >= Verbosity::Medium && by_card {
        let address = if checks.street == Some('Y') && checks.zip == Some('Y') { "Y" } else { "U" };
        let code = match checks.code {
            Some('Y') => "M",
            Some('N') => "N",
            _ => "U",
        };
        reply = reply.with("HOSTCODE", "A").with("PROCAVS", address).with("PROCCVV2", code);
    }
    if verbosity == Verbosity::High {
        reply = everything(reply, trx);
    }
    if by_card { reply.with("IAVS", "X").maybe("TXID", checks.network_id.as_deref()) } else { reply }
}

const ECHOED: &[&str] = &[
    "BILLTOFIRSTNAME",
    "BILLTOLASTNAME",
    "BILLTOSTREET",
    "BILLTOCITY",
    "BILLTOSTATE",
    "BILLTOZIP",
    "BILLTOCOUNTRY",
    "BILLTOEMAIL",
];

fn everything(reply: Reply, trx: &Trx) -> Reply {
    let account = trx.account.as_ref();
    let kind = account.filter(|_| trx.tender == 'C').and_then(|account| card_type(&account.number));
    let mut reply = reply.maybe("VISACARDLEVEL", (kind == Some("0")).then_some("12"));
    reply = reply.with("TRANSTIME", dates::shown_time(trx.at));
    for name in ECHOED {
        reply = reply.maybe(name, trx.fields.get(*name).map(String::as_str));
    }
    let amount = trx.money.as_ref().map(Money::shown);
    let expiry = account.map(|account| account.expiry.as_str()).filter(|expiry| !expiry.is_empty());
    reply
        .maybe("AMT", amount.as_deref())
        .maybe("ACCT", account.map(Account::last_four))
        .maybe("EXPDATE", expiry)
        .maybe("CARDTYPE", kind)
}

/// The verification of a card, for no money.
pub(super) fn verify(merchant: &mut Merchant, trx: &mut Trx, call: &Call) {
    decide(merchant, trx, call.text("CVV2"));
    trx.phase = Phase::NoMoney;
    trx.result = 0;
    "Verified".clone_into(&mut trx.message);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_codes_follow_the_documented_table() {
        let street = |text| street_check(Some(text));
        assert_eq!((street("000 Main"), street("333 Main"), street("334 Main")), ('Y', 'Y', 'N'));
        assert_eq!((street("666 Main"), street("667 Main"), street("12 Main")), ('N', 'X', 'X'));
        assert_eq!((street("4935 Elm"), street_check(None)), ('N', 'X'));
        let zip = |text| zip_check(Some(text));
        assert_eq!((zip("00000"), zip("50000"), zip("50001"), zip("99999")), ('Y', 'Y', 'N', 'N'));
        assert_eq!((zip("941110001"), zip("EC1A1"), zip("1234"), zip_check(None)), ('N', 'X', 'X', 'X'));
        let code = |text| code_check(Some(text));
        assert_eq!(
            (code("000"), code("300"), code("301"), code("600")),
            (Some('Y'), Some('Y'), Some('N'), Some('N'))
        );
        assert_eq!((code("601"), code("9999"), code_check(None)), (Some('X'), Some('X'), None));
    }

    #[test]
    fn amounts_choose_the_result() {
        let of = |amount: &str| verdict(&Money::parse(amount, "USD").unwrap());
        assert_eq!(of("1000.99"), Verdict::Approved);
        assert_eq!(of("1001.00"), Verdict::Refused(12));
        assert_eq!(of("1013.00"), Verdict::Refused(13));
        assert_eq!(of("1014.00"), Verdict::Refused(12));
        assert_eq!(of("1126.00"), Verdict::Held(126));
        assert_eq!(of("1114.50"), Verdict::RefusedWithHold(114));
        assert_eq!(of("1104.00"), Verdict::LostNothing(104));
        assert_eq!(of("1104.01"), Verdict::LostApproved(104));
        assert_eq!(of("1104.02"), Verdict::LostForGood(104));
        assert_eq!(
            (of("2000.00"), of("2001.00"), of("2100.00")),
            (Verdict::Refused(1_000), Verdict::Refused(12), Verdict::Refused(12))
        );
    }

    #[test]
    fn numbers_have_a_check_digit() {
        assert!(TEST_CARDS.iter().all(|number| luhn(number) && card_type(number).is_some()));
        assert!(!luhn("4111111111111112"));
    }
}
