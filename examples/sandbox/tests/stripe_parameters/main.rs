//! Every optional parameter of every operation of Stripe's typed client is sent by `--all`, unless a table says why not.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests"
)]

mod client;
mod excluded;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use client::{Client, Parameter};
use excluded::{LEFT_OUT, ONE_OF};
use http::{Request, Response};
use turnbuckle_core::Environment;
use turnbuckle_core::credential::Credentials;
use turnbuckle_core::http::{Limits, Transport, TransportError};
use turnbuckle_core::provider::{ConnectionConfig, IntegrationProvider};
use turnbuckle_sandbox::stripe::{Outside, every_operation};
use turnbuckle_sandbox::{Runner, Wire};
use turnbuckle_simulator::{SimClock, Simulator};
use turnbuckle_stripe::{Stripe, StripeProvider};

/// Hands requests to the simulator.
#[derive(Debug)]
struct ToSimulator(Simulator);

#[async_trait]
impl Transport for ToSimulator {
    async fn send(&self, request: Request<Bytes>, _: Limits) -> Result<Response<Bytes>, TransportError> {
        Ok(self.0.handle(request))
    }
}

/// The names of what `--all` sends, by operation.
fn sent() -> BTreeMap<String, Vec<String>> {
    let simulator = Simulator::builder().with_clock(SimClock::real()).with_search_lag(Duration::ZERO).build();
    let key = simulator.stripe().secret_key();
    let lookup = |name: &str| (name == "STRIPE_SECRET_KEY").then(|| key.clone());
    let schema = StripeProvider::new().definition().credential_schema;
    let credentials = Credentials::from_env(schema, &lookup).unwrap();
    let wire = std::sync::Arc::new(Wire::new(ToSimulator(simulator)));
    let config = ConnectionConfig::new("all", Environment::Sandbox, credentials).with_transport(wire.clone());
    let stripe = Stripe::new(&config).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let outside = Outside::read(&|_| None);
    let runner = runtime.block_on(every_operation(Runner::new(wire), &stripe, &outside)).unwrap();
    runner.calls().iter().map(|(operation, call)| (operation.clone(), call.parameters.clone())).collect()
}

/// Fields of [`ONE_OF`], where their struct is at hand.
fn alternatives(of: &str, field: &str) -> Option<usize> {
    ONE_OF.iter().position(|group| group.of == of && group.fields.contains(&field))
}

#[test]
fn every_parameter_is_filled_or_its_absence_explained() {
    let client = Client::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/stripe/src"));
    let sent = sent();
    assert!(client.operations.len() > 100, "only {} operations were understood", client.operations.len());
    assert_eq!(client.operations.keys().collect::<Vec<_>>(), sent.keys().collect::<Vec<_>>());

    let (mut all, mut filled) = (0, 0);
    let mut missing = Vec::new();
    let mut left_out = BTreeSet::new();
    let mut apart = BTreeSet::new();
    for (operation, names) in &sent {
        let parameters = client.parameters(operation);
        let is_sent = |parameter: &Parameter| names.iter().any(|name| parameter.is(name));
        for name in names {
            assert!(parameters.iter().any(|parameter| parameter.is(name)), "{operation} sends {name}");
        }
        // Of parameters that exclude each other, one has to be there.
        let mut chosen: BTreeMap<(String, usize), bool> = BTreeMap::new();
        for parameter in &parameters {
            all += 1;
            let there = is_sent(parameter);
            filled += usize::from(there);
            let path = parameter.path();
            let left = LEFT_OUT.iter().position(|left| {
                let below = path.strip_prefix(left.path);
                left.operation == operation
                    && below.is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
            });
            if let Some(left) = left {
                let why = LEFT_OUT[left].why;
                assert!(!there, "{operation} sends {path}, which the table leaves out: {why}");
                left_out.insert(left);
                continue;
            }
            // The outermost choice decides: what is inside an alternative that was not chosen is not missing.
            let mut excused = false;
            for (at, of, field) in &parameter.fields {
                let Some(group) = alternatives(of, field) else { continue };
                // Where the struct itself is not sent, there is no choice in it.
                let inside = |other: &&Parameter| other.steps.starts_with(&parameter.steps[..*at]);
                if *at > 0 && !parameters.iter().filter(inside).any(is_sent) {
                    continue;
                }
                let place = format!("{:?}", &parameter.steps[..*at]);
                let alternative = parameters.iter().filter(|other| {
                    other
                        .fields
                        .iter()
                        .any(|(there, its, name)| there == at && its == of && name == field && inside(other))
                });
                let taken = alternative.into_iter().any(is_sent);
                *chosen.entry((place, group)).or_default() |= taken;
                if !taken {
                    apart.insert((group, field.clone()));
                    excused = true;
                    break;
                }
            }
            if !there && !excused {
                missing.push(format!("{operation}: {path}"));
            }
        }
        for ((place, group), taken) in chosen {
            let group = &ONE_OF[group];
            if !taken {
                missing.push(format!(
                    "{operation}: none of {:?} of {} in {place} ({})",
                    group.fields, group.of, group.why
                ));
            }
        }
    }
    assert!(missing.is_empty(), "{} are not filled:\n{}", missing.len(), missing.join("\n"));
    let unused: Vec<_> = (0..LEFT_OUT.len()).filter(|at| !left_out.contains(at)).collect();
    let unused: Vec<_> = unused.iter().map(|at| (LEFT_OUT[*at].operation, LEFT_OUT[*at].path)).collect();
    assert!(unused.is_empty(), "not needed in the table: {unused:?}");
    for (at, group) in ONE_OF.iter().enumerate() {
        let out = group.fields.iter().any(|field| apart.contains(&(at, (*field).to_owned())));
        assert!(out, "not needed in the table: {:?} of {}", group.fields, group.of);
    }
    println!("{filled} of {all} parameters of {} operations are filled", sent.len());
}
