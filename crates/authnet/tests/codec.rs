//! The codec: exact decimals, byte order marks, lists in either shape, and no input that makes it panic.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::path::Path;

use proptest::prelude::*;
use serde_json::Value;
use turnbuckle_authnet::wire::{Decimal, decode};
use turnbuckle_authnet::{
    AuthorizeNetEvent, Messages, Settings, TransactionDetails, TransactionList, TransactionRequest,
    TransactionResponse, TransactionType,
};
use turnbuckle_core::money::{Currency, Money};

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

#[test]
fn decimals_are_exact_and_plain() {
    for (text, minor) in
        [("20.10", 2010), ("20.1", 2010), ("20", 2000), ("0.00", 0), ("-3.5", -350), ("20.1000", 2010)]
    {
        assert_eq!(Decimal::parse(text).unwrap().money(Currency::USD).unwrap(), usd(minor), "{text}");
    }
    for text in ["", ".", "1.", ".5", "1e2", "1E+2", "0x1", "1,00", "+1", " 1", "1 ", "--1", "1.2.3", "NaN"] {
        assert!(Decimal::parse(text).is_none(), "{text}");
    }
    assert!(Decimal::parse(&"1".repeat(33)).is_none());
    // More decimals than a cent, or more than fits, is no money.
    for text in ["0.001", "99999999999999999999"] {
        assert!(Decimal::parse(text).unwrap().money(Currency::USD).is_err(), "{text}");
    }
    // Not by way of a float.
    let details: TransactionDetails =
        decode(br#"{"authAmount":70368744177664.01,"settleAmount":"0.10"}"#).unwrap();
    assert_eq!(details.auth_amount.unwrap().as_str(), "70368744177664.01");
    assert_eq!(details.settle_amount.unwrap().as_str(), "0.10");
}

#[test]
fn one_byte_order_mark_is_dropped() {
    assert_eq!(decode::<Value>(b"\xEF\xBB\xBF{}").unwrap(), serde_json::json!({}));
    assert_eq!(decode::<Value>(b"{}").unwrap(), serde_json::json!({}));
    assert!(decode::<Value>(b"\xEF\xBB\xBF\xEF\xBB\xBF{}").is_none());
    assert!(decode::<Value>(b"\xEF\xBB{}").is_none());
    let name: Value = decode("\u{feff}{\"name\":\"Zoë\"}".as_bytes()).unwrap();
    assert_eq!(name["name"], "Zoë");
}

#[test]
fn lists_and_words_come_in_either_shape() {
    for body in [
        r#"{"responseCode":"3","transId":0,"errors":[{"errorCode":"6","errorText":"x"}]}"#,
        r#"{"responseCode":3,"transId":"0","errors":{"error":[{"errorCode":6,"errorText":"x"}]},"messages":""}"#,
    ] {
        let response: TransactionResponse = decode(body.as_bytes()).unwrap();
        assert_eq!((response.response_code.as_deref(), response.reason_code()), (Some("3"), Some("6")));
        assert_eq!(response.id(), None);
    }
    let messages: Messages = decode(br#"{"resultCode":"Ok","message":[{"code":"I00001"}]}"#).unwrap();
    assert!(messages.is_ok() && messages.has("I00001"));
    let none: TransactionList = decode(br#"{"transactions":null}"#).unwrap();
    assert!(none.transactions.is_empty());
    assert!(decode::<TransactionList>(br#"{"transactions":"x"}"#).is_none());
    // A doubled field is no answer: which one counts?
    assert!(decode::<TransactionResponse>(br#"{"responseCode":"2","responseCode":"1"}"#).is_none());
}

#[test]
fn depth_and_size_do_no_harm() {
    for bytes in
        ["[".repeat(10_000), "{\"transactionResponse\":".repeat(10_000), "{\"errors\":[".repeat(10_000)]
    {
        assert!(decode::<TransactionResponse>(bytes.as_bytes()).is_none());
        assert!(decode::<Value>(bytes.as_bytes()).is_none());
        assert!(AuthorizeNetEvent::decode(bytes.as_bytes()).is_err());
    }
    let row = r#"{"transId":"1","invoiceNumber":"x"},"#.repeat(50_000);
    let list = format!(r#"{{"transactions":[{}]}}"#, row.trim_end_matches(','));
    assert_eq!(decode::<TransactionList>(list.as_bytes()).unwrap().transactions.len(), 50_000);
}

#[test]
fn the_order_of_the_schema_is_kept() {
    let mut request = TransactionRequest::new(TransactionType::AuthOnly)
        .with_settings(Settings::new().with("zeta", "1").with("alpha", "2"))
        .with_ref_trans_id("1")
        .with_amount(usd(100));
    request.po_number = Some("p".into());
    let text = serde_json::to_string(&request).unwrap();
    let places: Vec<usize> = [
        "transactionType",
        "amount",
        "currencyCode",
        "refTransId",
        "poNumber",
        "transactionSettings",
        "zeta",
        "alpha",
    ]
    .iter()
    .map(|name| text.find(name).unwrap())
    .collect();
    assert!(places.is_sorted(), "{text}");
}

/// What a fuzz target checks, for any bytes.
fn any_bytes(bytes: &[u8]) {
    let _ = decode::<Value>(bytes);
    let _ = decode::<TransactionDetails>(bytes);
    let _ = decode::<TransactionList>(bytes);
    if let Some(response) = decode::<TransactionResponse>(bytes) {
        let _ = (response.reason_code(), response.id(), response.last4(), response.meaning());
    }
    if let Ok(event) = AuthorizeNetEvent::decode(bytes) {
        let shared = event.to_event();
        assert_eq!(shared.id.as_deref(), Some(event.notification_id.as_str()));
    }
    if let Some(decimal) = std::str::from_utf8(bytes).ok().and_then(Decimal::parse)
        && let Ok(money) = decimal.money(Currency::USD)
    {
        assert_eq!(Decimal::from(money).money(Currency::USD).unwrap(), money);
    }
}

#[test]
fn the_codec_survives_its_corpus() {
    let mut seen = 0;
    for target in ["authnet_answer", "authnet_event", "authnet_decimal"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
        for entry in std::fs::read_dir(folder).unwrap() {
            any_bytes(&std::fs::read(entry.unwrap().path()).unwrap());
            seen += 1;
        }
    }
    assert!(seen >= 20, "{seen} inputs");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn money_goes_there_and_back(minor in any::<i64>()) {
        prop_assert_eq!(Decimal::from(usd(minor)).money(Currency::USD).unwrap(), usd(minor));
        let text = format!(r#"{{"authAmount":{}}}"#, Decimal::from(usd(minor)));
        let details: TransactionDetails = decode(text.as_bytes()).unwrap();
        prop_assert_eq!(details.auth_amount.unwrap().money(Currency::USD).unwrap(), usd(minor));
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        any_bytes(&bytes);
    }

    #[test]
    fn no_text_panics(text in "[\\[\\]{}\":,0-9a-zA-Z.\\\\ \u{feff}]{0,200}") {
        any_bytes(text.as_bytes());
    }

    #[test]
    fn broken_answers_are_no_answers(cut in 0..500_usize, at in 0..500_usize, byte in any::<u8>()) {
        let sample = include_bytes!("../../../fixtures/authnet/responses/approved.json");
        any_bytes(&sample[..cut.min(sample.len())]);
        let mut changed = sample.to_vec();
        let at = at % changed.len();
        changed[at] = byte;
        any_bytes(&changed);
    }
}
