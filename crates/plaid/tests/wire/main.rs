//! Every call: the request byte for byte, the fullest and the least answer.

#![allow(clippy::unwrap_used, reason = "helpers of tests, which clippy does not recognize as such")]

#[path = "../wire_support/mod.rs"]
mod wire_support;

mod accounts;
mod institutions;
mod items;
mod link;
mod money;
mod sandbox;
mod transactions;

use std::collections::BTreeSet;
use std::str::FromStr;

use chrono::NaiveDate;
use turnbuckle_core::bank_data::Decimal;

fn decimal(text: &str) -> Decimal {
    Decimal::from_str(text).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A request without a test would go unnoticed otherwise.
#[test]
fn every_recorded_request_is_compared() {
    let sources = ["accounts", "institutions", "items", "link", "money", "sandbox", "transactions"];
    let tests: String = sources
        .iter()
        .map(|name| {
            let path = format!("{}/tests/wire/{name}.rs", env!("CARGO_MANIFEST_DIR"));
            std::fs::read_to_string(path).unwrap()
        })
        .collect();
    let names: BTreeSet<_> = std::fs::read_dir(wire_support::fixtures().join("requests"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(names.len() == 38);
    for name in names {
        let name = name.strip_suffix(".http").unwrap();
        assert!(tests.contains(&format!("assert_sent(\"{name}\")")), "{name}");
    }
}
