//! Wire keys: fixed for ever, and never shared.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod payment_support;

use std::collections::BTreeSet;

use payment_support::start;
use proptest::prelude::*;
use turnbuckle_core::ProviderId;
use turnbuckle_core::payment::{IdempotencyKey, PaymentOperation, WireKey};

fn wire(provider: &str, account: &str, step: &str, key: &str) -> WireKey {
    let key = IdempotencyKey::new(key, start()).unwrap();
    WireKey::derive_step(&provider.parse().unwrap(), account, step, &key)
}

/// Computed with Python's hashlib: SHA-256 over the length-prefixed parts, 160 bits, five to a character. A change here
/// charges every customer again whose payment is repeated over an upgrade.
#[test]
fn wire_keys_never_change() {
    let long = "~".repeat(255);
    for (provider, account, operation, key, expected) in [
        ("stripe", "acct-1", PaymentOperation::Purchase, "order-1", "q5flo8bnkfsfsu3u6i7dla5o07is10ug"),
        ("stripe", "acct-1", PaymentOperation::Capture, "order-1", "80b2391brnn1vbgjj2bmsiqfjcv1blhg"),
        ("nmi", "", PaymentOperation::Void, "k", "nkdovjh0nie9pj1ccghb0dspknijk264"),
        (
            "authorize_net",
            "Ünïcode",
            PaymentOperation::CreateSubscription,
            &long,
            "hs8ipgj3ie392jjmsh7827nblvul937m",
        ),
    ] {
        let provider: ProviderId = provider.parse().unwrap();
        let key = IdempotencyKey::new(key, start()).unwrap();
        assert_eq!(WireKey::derive(&provider, account, operation, &key).as_str(), expected);
        assert_eq!(WireKey::derive_step(&provider, account, operation.as_str(), &key).as_str(), expected);
    }
}

#[test]
fn the_time_of_first_use_is_no_part_of_it() {
    let provider = ProviderId::from_static("stripe");
    let at = |seconds| IdempotencyKey::new("k", start() + chrono::TimeDelta::seconds(seconds)).unwrap();
    let derive = |key| WireKey::derive(&provider, "a", PaymentOperation::Refund, &key);
    assert_eq!(derive(at(0)), derive(at(3600)));
}

#[test]
fn every_operation_has_its_own() {
    let operations = [
        PaymentOperation::Purchase,
        PaymentOperation::Authorize,
        PaymentOperation::Capture,
        PaymentOperation::Void,
        PaymentOperation::Refund,
        PaymentOperation::Credit,
        PaymentOperation::Verify,
        PaymentOperation::Store,
        PaymentOperation::CreateSubscription,
    ];
    let keys: BTreeSet<_> = operations.iter().map(|step| wire("stripe", "a", step.as_str(), "k")).collect();
    assert_eq!(keys.len(), operations.len());
    for operation in operations {
        let json = serde_json::to_string(&operation).unwrap();
        assert_eq!(json, format!("\"{operation}\""), "the stored name is the hashed one");
    }
}

#[test]
fn keys_keep_their_rules_in_and_out_of_storage() {
    for wrong in
        [String::new(), " ".into(), "a b".into(), "a\nb".into(), "ä".into(), "\u{7f}".into(), "x".repeat(256)]
    {
        let error = IdempotencyKey::new(wrong.clone(), start()).unwrap_err();
        assert_eq!(error.fields()[0].field, "idempotency_key");
        let stored = serde_json::json!({ "value": wrong, "first_used_at": start() });
        assert!(serde_json::from_value::<IdempotencyKey>(stored).is_err(), "{wrong:?}");
    }
    let key = IdempotencyKey::new("!order~1", start()).unwrap();
    let json = serde_json::to_string(&key).unwrap();
    assert_eq!(json, r#"{"value":"!order~1","first_used_at":"2027-01-15T08:00:00Z"}"#);
    assert_eq!(serde_json::from_str::<IdempotencyKey>(&json).unwrap(), key);
}

#[test]
fn stored_wire_keys_are_checked() {
    let key = wire("stripe", "a", "purchase", "k");
    let json = serde_json::to_string(&key).unwrap();
    assert_eq!(serde_json::from_str::<WireKey>(&json).unwrap(), key);
    assert_eq!(key.short(12), &key.as_str()[..12]);
    assert_eq!(key.short(0), "");
    assert_eq!(key.short(99), key.as_str());
    for wrong in [
        "",
        "0",
        "w0000000000000000000000000000000",
        "A0000000000000000000000000000000",
        "000000000000000000000000000000000",
    ] {
        assert!(WireKey::try_from(wrong.to_owned()).is_err(), "{wrong}");
    }
}

fn part() -> impl Strategy<Value = String> {
    prop_oneof!["[a-c]{1,3}", "[!-~]{1,40}"]
}

proptest! {
    #[test]
    fn the_alphabet_is_safe_for_any_vendor(account in "\\PC{0,20}", key in part()) {
        let wire = wire("stripe", &account, "purchase", &key);
        prop_assert_eq!(wire.as_str().len(), 32);
        prop_assert!(wire.as_str().bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'v').contains(&byte)));
    }

    #[test]
    fn equal_only_for_equal_parts(
        a in ("[a-c]{1,3}", "[a-c]{0,3}", "[a-c]{0,3}", part()),
        b in ("[a-c]{1,3}", "[a-c]{0,3}", "[a-c]{0,3}", part()),
    ) {
        let of = |p: &(String, String, String, String)| wire(&p.0, &p.1, &p.2, &p.3);
        prop_assert_eq!(of(&a) == of(&b), a == b);
    }

    #[test]
    fn moving_a_boundary_makes_another_key(text in "[a-c]{4,12}", cut in 1..4_usize, other in 1..4_usize) {
        prop_assume!(cut != other);
        let split = |at: usize| wire("p", &text[..at], "purchase", &text[at..]);
        prop_assert_ne!(split(cut), split(other));
        let step = |at: usize| wire("p", "a", &text[..at], &text[at..]);
        prop_assert_ne!(step(cut), step(other));
        let provider = |at: usize| wire(&text[..at], &text[at..], "purchase", "k");
        prop_assert_ne!(provider(cut), provider(other));
    }
}
