//! Billing, payment pages, platforms, payouts, disputes, files and events: every request byte for byte.

#![allow(clippy::unwrap_used, reason = "helpers of tests, which clippy does not recognize as such")]

#[path = "../wire_support/mod.rs"]
mod wire_support;

mod files;
mod invoices;
mod operations;
mod pages;
mod platforms;
mod products;
mod shapes;
mod states;
mod subscriptions;

use chrono::{DateTime, Utc};
use wire_support::{Answer, Wire, fixture};

/// Answers with a list of this one object.
fn page_of(name: &str) -> Wire {
    let object = fixture(&format!("responses/{name}.json"));
    Wire::new([Answer::new(
        200,
        format!(r#"{{"object":"list","data":[{object}],"has_more":false,"url":"/v1"}}"#),
    )])
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}
