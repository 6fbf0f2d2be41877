//! Every sample of Plaid's own description, where that is at hand.
//!
//! `TURNBUCKLE_SPECS=<folder> cargo test -p turnbuckle-plaid --features spec-check --test samples`

#![cfg(feature = "spec-check")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod every_call;
mod push_support;
mod wire_support;

use std::collections::BTreeSet;
use std::env;
use std::path::PathBuf;

use every_call::call;
use push_support::{receive, signed};
use secrecy::SecretString;
use turnbuckle_plaid::PlaidEventKind;
use turnbuckle_testkit::spec;
use wire_support::{Answer, Wire};

/// The samples hold tokens of several environments; the calls need one of ours.
const TOKEN: &str = "access-sandbox-sample";

fn specs() -> Option<PathBuf> {
    let folder = env::var_os("TURNBUCKLE_SPECS").map(PathBuf::from)?;
    folder.is_dir().then_some(folder)
}

#[tokio::test]
async fn every_answer_is_read() {
    let Some(specs) = specs() else { return eprintln!("SAMPLES SKIPPED: TURNBUCKLE_SPECS names no folder") };
    let samples = spec::samples(&specs, "plaid.json").unwrap();
    let mut read_operations = BTreeSet::new();
    let mut broken = Vec::new();
    for sample in &samples {
        let wire = Wire::new([Answer::new(200, sample.body.clone())]);
        let Some(path) = sample.of.strip_prefix("POST ") else { continue };
        match call(path, &wire.plaid(), &SecretString::from(TOKEN)).await {
            None => {}
            Some(Ok(shown)) => {
                assert!(!shown.is_empty());
                read_operations.insert(sample.of.as_str());
            }
            Some(Err(error)) => broken.push(format!("{} {}: {error}", sample.of, sample.name)),
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
    assert_eq!(read_operations.len(), 31, "{read_operations:#?}");
}

/// Every sample of a push, whether this crate knows the push or not.
#[tokio::test]
async fn every_push_is_read() {
    let Some(specs) = specs() else { return eprintln!("SAMPLES SKIPPED: TURNBUCKLE_SPECS names no folder") };
    let samples = spec::samples(&specs, "plaid.json").unwrap();
    let (mut known, mut other) = (0, 0);
    for sample in samples.iter().filter(|sample| sample.body.contains("\"webhook_code\"")) {
        // The samples are of both environments.
        let body = sample.body.replace("\"environment\":\"production\"", "\"environment\":\"sandbox\"");
        let event = receive(&signed(&body)).await.unwrap_or_else(|error| panic!("{}: {error}", sample.of));
        match event.get().kind {
            PlaidEventKind::Other => other += 1,
            _ => known += 1,
        }
    }
    assert!(known >= 20 && other >= 20, "{known} known, {other} other");
}
