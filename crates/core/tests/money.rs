//! Money: the currency table, and decimals that survive the way out and back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use proptest::prelude::*;
use turnbuckle_core::money::{Currency, Money};

// ISO 4217 list one of 2024-06-25 with the later amendments (ANG to XCG, BGN to EUR, CUC withdrawn, XAD added).
const TWO: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF \
    CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL \
    HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR \
    MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP \
    SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD YER ZAR ZMW \
    ZWG XAD XCG";
const ZERO: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
const THREE: &str = "BHD IQD JOD KWD LYD OMR TND";
const FOUR: &str = "CLF UYW";
const ONE_OF_EACH: [&str; 4] = ["JPY", "USD", "KWD", "CLF"];

fn currency(code: &str) -> Currency {
    Currency::new(code).unwrap()
}

#[test]
fn exactly_the_active_codes_are_known() {
    let listed: std::collections::BTreeMap<_, _> = [(0, ZERO), (2, TWO), (3, THREE), (4, FOUR)]
        .into_iter()
        .flat_map(|(exponent, list)| list.split_whitespace().map(move |code| (code.to_owned(), exponent)))
        .collect();
    assert_eq!(listed.len(), 165);
    let letters = || 'A'..='Z';
    for code in letters().flat_map(|a| letters().flat_map(move |b| letters().map(move |c| [a, b, c]))) {
        let code: String = code.iter().collect();
        let ours = Currency::new(&code).ok().map(|currency| currency.exponent());
        assert_eq!(ours, listed.get(&code).copied(), "{code}");
    }
}

#[test]
fn codes_are_read_in_either_case_and_nothing_else() {
    assert_eq!(currency("usd"), Currency::USD);
    assert_eq!("eUr".parse::<Currency>().unwrap().code(), "EUR");
    for wrong in
        ["", " ", "US", "USDX", "USD ", " USD", "USD EUR", "U D", "ＵＳＤ", "ÜSD", "840", "BGN", "ANG", "XXX"]
    {
        let error = Currency::new(wrong).unwrap_err();
        assert_eq!(error.fields()[0].field, "currency");
        assert!(wrong.trim().is_empty() || !error.to_string().contains(wrong));
    }
    assert_eq!(
        [Currency::USD, Currency::EUR, Currency::GBP, Currency::CAD, Currency::JPY].map(|c| c.exponent()),
        [2, 2, 2, 2, 0]
    );
}

#[test]
fn decimals_are_plain_or_refused() {
    let read = |text: &str, code: &str| Money::parse(text, currency(code)).ok().map(Money::minor);
    for (text, code, minor) in [
        ("20.10", "USD", 2010),
        ("20.1", "USD", 2010),
        ("20", "USD", 2000),
        ("-3", "USD", -300),
        (".5", "USD", 50),
        ("-.05", "USD", -5),
        ("-0.00", "USD", 0),
        ("007.00", "USD", 700),
        ("1.1000", "USD", 110),
        ("500", "JPY", 500),
        ("500.000", "JPY", 500),
        ("1.234", "KWD", 1234),
        ("0.0001", "CLF", 1),
        ("92233720368547758.07", "USD", i64::MAX),
        ("-92233720368547758.08", "USD", i64::MIN),
        ("-9223372036854775808", "JPY", i64::MIN),
        ("00000000000000000000000000000000001", "JPY", 1),
    ] {
        assert_eq!(read(text, code), Some(minor), "{text} {code}");
    }
    for (text, code) in [
        ("", "USD"),
        (".", "USD"),
        ("-", "USD"),
        ("-.", "USD"),
        ("+1", "USD"),
        ("--1", "USD"),
        ("1-", "USD"),
        ("- 1", "USD"),
        (" 1", "USD"),
        ("1 ", "USD"),
        ("1\n", "USD"),
        ("1 000", "USD"),
        ("1,000", "USD"),
        ("1_000", "USD"),
        ("1.2.3", "USD"),
        ("1..2", "USD"),
        ("1.-2", "USD"),
        ("1e3", "USD"),
        ("1E-2", "USD"),
        ("0x10", "USD"),
        ("NaN", "USD"),
        ("inf", "USD"),
        ("$1", "USD"),
        ("1.001", "USD"),
        ("0.5", "JPY"),
        ("1.2345", "KWD"),
        ("0.00001", "CLF"),
        ("١٢", "USD"),
        ("１２", "USD"),
        ("−1", "USD"),
        ("1\u{0}", "USD"),
        ("92233720368547758.08", "USD"),
        ("-92233720368547758.09", "USD"),
        ("9223372036854775808", "JPY"),
        ("99999999999999999999999999999999", "USD"),
    ] {
        let error = Money::parse(text, currency(code)).expect_err(text);
        assert_eq!(error.fields()[0].field, "amount");
    }
}

#[test]
fn amounts_of_two_currencies_never_mix() {
    let (usd, eur) = (Money::new(5, Currency::USD), Money::new(5, Currency::EUR));
    assert_eq!(usd.checked_add(eur), None);
    assert_eq!(usd.checked_sub(eur), None);
    assert_eq!(usd.partial_cmp(&eur), None);
    assert_ne!(usd, eur);
    let max = Money::new(i64::MAX, Currency::USD);
    assert_eq!(max.checked_add(Money::new(1, Currency::USD)), None);
    assert_eq!(Money::new(i64::MIN, Currency::USD).checked_sub(Money::new(1, Currency::USD)), None);
    assert_eq!(max.checked_sub(max), Some(Money::zero(Currency::USD)));
    assert!(
        max.is_positive()
            && !Money::zero(Currency::USD).is_positive()
            && Money::zero(Currency::USD).is_zero()
    );
    assert!(!Money::new(-1, Currency::USD).is_positive());
}

#[test]
fn stored_money_is_integers_and_known_codes() {
    let price = Money::new(-2010, Currency::USD);
    let json = serde_json::to_string(&price).unwrap();
    assert_eq!(json, r#"{"minor":-2010,"currency":"USD"}"#);
    assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), price);
    for wrong in [
        r#"{"minor":20.1,"currency":"USD"}"#,
        r#"{"minor":20.0,"currency":"USD"}"#,
        r#"{"minor":"20","currency":"USD"}"#,
        r#"{"minor":9223372036854775808,"currency":"USD"}"#,
        r#"{"minor":1,"currency":"XXX"}"#,
        r#"{"minor":1,"currency":"BGN"}"#,
        r#"{"minor":1}"#,
        r#"{"currency":"USD"}"#,
    ] {
        assert!(serde_json::from_str::<Money>(wrong).is_err(), "{wrong}");
    }
}

fn any_minor() -> impl Strategy<Value = i64> {
    prop_oneof![any::<i64>(), -1000..1000_i64, Just(i64::MIN), Just(i64::MAX), Just(0)]
}

proptest! {
    #[test]
    fn every_amount_survives_as_a_decimal(minor in any_minor(), code in prop::sample::select(ONE_OF_EACH.to_vec())) {
        let money = Money::new(minor, currency(code));
        let text = money.to_decimal();
        let digits = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        prop_assert_eq!(digits, currency(code).exponent() as usize);
        prop_assert!(text.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit()));
        prop_assert_eq!(Money::parse(&text, money.currency()).unwrap(), money);
        prop_assert_eq!(money.to_string(), format!("{text} {code}"));
        prop_assert_eq!(format!("{money:?}"), money.to_string());
    }

    #[test]
    fn any_text_is_read_exactly_or_refused(text in "[-+.0-9 eE,]{0,24}|\\PC{0,12}", code in prop::sample::select(ONE_OF_EACH.to_vec())) {
        if let Ok(money) = Money::parse(&text, currency(code)) {
            // Compared as exact decimals: zeros at the ends carry no value.
            let normal = |text: &str| {
                let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
                let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
                let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
                let sign = if whole.is_empty() && fraction.is_empty() { "" } else { sign };
                format!("{sign}{whole}.{fraction}")
            };
            prop_assert_eq!(normal(&text), normal(&money.to_decimal()));
        }
    }

    #[test]
    fn sums_agree_with_wide_integers(a in any_minor(), b in any_minor()) {
        let wide = |value: i128| i64::try_from(value).ok().map(|minor| Money::new(minor, Currency::EUR));
        let (left, right) = (Money::new(a, Currency::EUR), Money::new(b, Currency::EUR));
        prop_assert_eq!(left.checked_add(right), wide(i128::from(a) + i128::from(b)));
        prop_assert_eq!(left.checked_sub(right), wide(i128::from(a) - i128::from(b)));
        prop_assert_eq!(left.partial_cmp(&right), Some(a.cmp(&b)));
    }
}
