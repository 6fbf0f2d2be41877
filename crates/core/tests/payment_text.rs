//! Text that vendors limit: fitted and reported, or refused and named.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod payment_support;

use payment_support::{bank, key, order, usd};
use proptest::prelude::*;
use turnbuckle_core::ErrorKind;
use turnbuckle_core::payment::*;

const SETS: [Charset; 4] = [Charset::Unicode, Charset::Ascii, Charset::Latin1, Charset::Alphanumeric];

fn takes(rule: &TextRule, c: char) -> bool {
    let in_set = match rule.charset {
        Charset::Unicode => !c.is_control(),
        Charset::Ascii => (' '..='~').contains(&c),
        Charset::Latin1 => (' '..='~').contains(&c) || ('\u{a0}'..='\u{ff}').contains(&c),
        Charset::Alphanumeric => c.is_ascii_alphanumeric(),
        _ => false,
    };
    in_set && !rule.forbidden.contains(c)
}

fn any_rule() -> impl Strategy<Value = TextRule> {
    (
        prop::sample::select(SETS.to_vec()),
        0..12_usize,
        0..4_usize,
        prop::sample::select(vec!["", "<>", "aé€", " "]),
    )
        .prop_map(|(charset, max, min, forbidden)| {
            TextRule::new("billing.city", max, charset).with_min(min).with_forbidden(forbidden)
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_is_sent_obeys_the_rule(rule in any_rule(), text in "\\PC{0,16}|[ -~]{0,16}|[éüßłñ€<>a ]{0,16}|.{0,8}") {
        for policy in [TextPolicy::Refuse, TextPolicy::Fit] {
            let length = text.chars().count();
            match rule.apply(&text, policy) {
                Ok((sent, change)) => {
                    let count = sent.chars().count();
                    prop_assert!(sent.chars().all(|c| takes(&rule, c)), "{:?}", sent);
                    prop_assert!(count <= rule.max_chars);
                    prop_assert!(count >= rule.min_chars || text.is_empty());
                    prop_assert_eq!(rule.problem(&sent), None);
                    prop_assert_eq!(change.is_none(), sent == text, "a change is reported, and nothing else is");
                    if let Some(change) = change {
                        prop_assert_eq!(policy, TextPolicy::Fit);
                        prop_assert_eq!(&change.field, "billing.city");
                        prop_assert_eq!(change.replaced, text.chars().filter(|c| !takes(&rule, *c)).count());
                        prop_assert!(change.cut > 0 || change.replaced > 0);
                        prop_assert!(!sent.trim().is_empty());
                    }
                }
                Err(error) => {
                    prop_assert!(rule.problem(&text).is_some());
                    prop_assert_eq!(error.kind(), ErrorKind::InvalidRequest);
                    prop_assert_eq!(error.fields().len(), 1);
                    prop_assert_eq!(&*error.fields()[0].field, "billing.city");
                }
            }
            prop_assert!(rule.problem(&text).is_some() || length <= rule.max_chars);
        }
    }
}

#[test]
fn no_text_is_repeated_in_errors_or_changes() {
    let rule = TextRule::new("customer.name", 6, Charset::Ascii).with_forbidden("<>");
    let error = rule.apply("Sentinelname", TextPolicy::Refuse).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("Sent"));
    let (sent, change) = rule.apply("Sentinelname", TextPolicy::Fit).unwrap();
    let change = change.unwrap();
    assert_eq!((sent.as_str(), change.cut, change.replaced), ("Sentin", 6, 0));
    assert!(!format!("{change:?}").contains("Sent"));
    assert_eq!(serde_json::to_string(&change).unwrap(), r#"{"field":"customer.name","replaced":0,"cut":6}"#);
}

#[test]
fn texts_are_cut_in_characters() {
    let rule = TextRule::new("description", 3, Charset::Unicode);
    let fitted = |text: &str| rule.apply(text, TextPolicy::Fit).unwrap();
    assert_eq!(fitted("äöüß").0, "äöü");
    assert_eq!(fitted("東京タワー").0, "東京タ");
    assert_eq!(fitted("😀😀😀😀").0, "😀😀😀");
    assert_eq!(fitted("äöü"), ("äöü".to_owned(), None));
    assert_eq!(fitted("東京タワー").1.unwrap().cut, 2);
}

#[test]
fn forbidden_and_control_characters_are_left_out_and_counted() {
    let rule = TextRule::new("description", 20, Charset::Ascii).with_forbidden("<>");
    let (sent, change) = rule.apply("a<b>\u{7}c\n", TextPolicy::Fit).unwrap();
    assert_eq!((sent.as_str(), change.unwrap().replaced), ("abc", 4));
    let error = rule.apply("a<b", TextPolicy::Refuse).unwrap_err();
    assert!(error.fields()[0].problem.contains("none of <>"));
    assert!(rule.apply("<>", TextPolicy::Fit).is_err(), "nothing is left");
    assert!(rule.apply("< >", TextPolicy::Fit).is_err(), "only a space is left");
}

#[test]
fn a_minimum_holds_for_texts_that_are_not_empty() {
    let rule = TextRule::new("statement_descriptor", 22, Charset::Ascii).with_min(5);
    assert_eq!(rule.problem(""), None);
    assert!(rule.problem("abcd").is_some());
    assert!(rule.apply("abcd", TextPolicy::Fit).is_err(), "a short text cannot be fitted");
    assert_eq!(rule.problem("abcde"), None);
}

#[cfg(not(feature = "transliterate"))]
#[test]
fn without_transliteration_foreign_letters_are_refused() {
    for text in ["Müller", "東京", "O’Neil", "Łódź"] {
        for charset in [Charset::Ascii, Charset::Alphanumeric] {
            let error = TextRule::new("billing.city", 40, charset).apply(text, TextPolicy::Fit).unwrap_err();
            assert_eq!(error.fields()[0].field, "billing.city");
        }
    }
    assert!(
        TextRule::new("billing.city", 40, Charset::Latin1)
            .apply("Müller", TextPolicy::Fit)
            .unwrap()
            .1
            .is_none()
    );
}

#[cfg(feature = "transliterate")]
#[test]
fn with_transliteration_names_of_every_script_fit() {
    let rule = TextRule::new("customer.name", 40, Charset::Ascii);
    for (text, expected) in [
        ("Müller", "Muller"),
        ("José Ñuñez", "Jose Nunez"),
        ("Łódź", "Lodz"),
        ("O’Neil", "O'Neil"),
        ("Straße", "Strasse"),
        ("e\u{301}", "e"),
    ] {
        let (sent, change) = rule.apply(text, TextPolicy::Fit).unwrap();
        assert_eq!(sent, expected);
        assert!(change.unwrap().replaced > 0);
    }
    for text in ["東京", "Иванов", "Παπαδόπουλος", "محمد", "김철수", "สมชาย"]
    {
        let (sent, _) = rule.apply(text, TextPolicy::Fit).unwrap();
        assert!(sent.is_ascii() && sent.chars().any(|c| c.is_ascii_alphabetic()), "{text}: {sent}");
        assert!(rule.apply(text, TextPolicy::Refuse).is_err());
    }
    // A letter may become several; the cut counts what is sent.
    let short = TextRule::new("customer.name", 5, Charset::Alphanumeric);
    let (sent, change) = short.apply("Straße", TextPolicy::Fit).unwrap();
    assert_eq!((sent.as_str(), change.unwrap().cut), ("Stras", 2));
    // What no script table knows is refused rather than dropped.
    assert!(rule.apply("A\u{e000}", TextPolicy::Fit).is_err());
}

#[test]
fn preflight_looks_at_every_text_of_a_request() {
    let fields = [
        "reference",
        "description",
        "statement_descriptor",
        "level2.purchase_order",
        "method.holder",
        "customer.id",
        "customer.name",
        "customer.email",
        "customer.phone",
        "billing.first_name",
        "billing.last_name",
        "billing.company",
        "billing.line1",
        "billing.line2",
        "billing.city",
        "billing.region",
        "billing.postal_code",
        "billing.country",
        "billing.phone",
        "shipping.first_name",
        "shipping.last_name",
        "shipping.company",
        "shipping.line1",
        "shipping.line2",
        "shipping.city",
        "shipping.region",
        "shipping.postal_code",
        "shipping.country",
        "shipping.phone",
    ];
    let some = || Some("sentinel text".to_owned());
    let mut address = Address::default();
    for field in [
        &mut address.first_name,
        &mut address.last_name,
        &mut address.company,
        &mut address.line1,
        &mut address.line2,
        &mut address.city,
        &mut address.region,
        &mut address.postal_code,
        &mut address.country,
        &mut address.phone,
    ] {
        *field = some();
    }
    let mut customer = Customer::default();
    (customer.id, customer.name, customer.email, customer.phone) = (some(), some(), some(), some());
    let mut level2 = Level2::default();
    level2.purchase_order = some();
    let mut options =
        RequestOptions::default().with_statement_descriptor("sentinel text").with_level2(level2);
    let request = PaymentRequest::new(usd(1), bank(), key("k"), order("sentinel text"))
        .with_description("sentinel text")
        .with_customer(customer)
        .with_billing(address.clone())
        .with_shipping(address);
    let rules = fields.map(|field| TextRule::new(field, 4, Charset::Ascii));
    let run = |options: &RequestOptions| {
        let mut preflight = Preflight::default();
        preflight.texts(&rules, &request.clone().with_options(options.clone()));
        preflight
    };
    let refused = run(&options);
    assert!(!refused.passes());
    let mut named: Vec<_> = refused.refusals.iter().map(|refusal| refusal.field.to_string()).collect();
    named.sort_unstable();
    let mut all = fields.map(str::to_owned);
    all.sort_unstable();
    assert_eq!(named, all);
    options = options.with_text(TextPolicy::Fit);
    let fitted = run(&options);
    assert!(fitted.passes());
    assert_eq!(fitted.changes.len(), fields.len());
    assert!(!format!("{refused:?} {fitted:?}").contains("entinel"));
}
