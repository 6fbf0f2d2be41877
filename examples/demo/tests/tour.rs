//! The tour as a person starts it: its exit status, its output, and what it refuses.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::process::{Command, Output};

use serde_json::Value;
use turnbuckle_simulator::{ServerHandle, SimClock, Simulator};

fn tour() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_turnbuckle-demo"));
    for (name, _) in std::env::vars_os() {
        let provider = ["STRIPE_", "PAYFLOW_", "NMI_", "AUTHNET_", "PLAID_", "TWILIO_", "SENDGRID_"];
        if name.to_str().is_some_and(|name| provider.iter().any(|prefix| name.starts_with(prefix))) {
            command.env_remove(name);
        }
    }
    command
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!(
            "{error}: {}\n{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )
    })
}

fn failed_steps(report: &Value) -> Vec<String> {
    let steps = report["steps"].as_array().expect("steps");
    steps
        .iter()
        .filter(|step| step["ok"] != true)
        .map(|step| format!("{}: {}", step["name"], step["result"]))
        .collect()
}

/// A simulator on a port, for a tour that believes it talks to a sandbox.
struct StandIn {
    simulator: Simulator,
    server: Option<ServerHandle>,
    runtime: tokio::runtime::Runtime,
}

impl StandIn {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        let simulator = Simulator::builder().with_clock(SimClock::real()).build();
        let serving = turnbuckle_simulator::serve(([127, 0, 0, 1], 0).into(), simulator.clone());
        let server = runtime.block_on(serving).expect("a port");
        Self { simulator, server: Some(server), runtime }
    }

    fn base_url(&self) -> String {
        format!("{}/stripe", self.server.as_ref().expect("running").origin())
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            self.runtime.block_on(server.shutdown());
        }
    }
}

#[test]
fn offline_every_step_passes() {
    let output = tour().arg("--json").output().expect("the tour runs");
    let report = json(&output);
    assert_eq!(failed_steps(&report), Vec::<String>::new());
    assert!(output.status.success());
    assert_eq!(report["ok"], true);
    for gateway in ["Stripe", "PayPal Payflow Pro", "NMI", "Authorize.Net"] {
        assert!(report["providers"][gateway].as_str().expect("a place").contains("simulator"), "{gateway}");
        let steps = report["steps"].as_array().expect("steps");
        let own = steps.iter().filter(|step| step["provider"] == gateway).count();
        assert!(own >= 17, "{own} steps over {gateway}");
    }
    let names: Vec<_> = report["steps"]
        .as_array()
        .expect("steps")
        .iter()
        .map(|step| step["name"].as_str().expect("a name"))
        .collect();
    for name in [
        "list the providers",
        "seal",
        "open",
        "connect",
        "test the connection",
        "charge, twice the same",
        "authorize, capture a part",
        "refund a part",
        "see a card declined",
        "lose the answer to a charge",
        "be killed in a charge",
        "rotate the master key",
        "receive a signed webhook",
    ] {
        assert!(names.contains(&name), "no step `{name}`");
    }
}

#[test]
fn a_line_a_step_without_colours_off_a_terminal() {
    let output = tour().output().expect("the tour runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success(), "{text}");
    assert!(!text.contains('\u{1b}'));
    assert!(text.lines().filter(|line| line.starts_with("  ok  ")).count() >= 20, "{text}");
    assert!(text.contains("steps passed"));
    let head = text.lines().find(|line| line.contains("Stripe") && line.contains("Authorize.Net"));
    assert!(head.is_some_and(|head| head.contains("PayPal Payflow Pro") && head.contains("NMI")), "{text}");
}

#[test]
fn with_a_test_key_it_uses_the_sandbox_and_says_so() {
    let stand_in = StandIn::new();
    let output = tour()
        .arg("--json")
        .env("STRIPE_SECRET", stand_in.simulator.stripe().secret_key())
        .env("STRIPE_BASE_URL", stand_in.base_url())
        .output()
        .expect("the tour runs");
    let report = json(&output);
    assert_eq!(failed_steps(&report), Vec::<String>::new());
    assert!(report["providers"]["Stripe"].as_str().expect("a place").contains("STRIPE_SECRET is set"));
    assert!(stand_in.simulator.stripe().charges().len() >= 5, "the charges were made elsewhere");
}

#[test]
fn a_wrong_key_fails_steps_and_the_tour_goes_on() {
    let stand_in = StandIn::new();
    let output = tour()
        .arg("--json")
        .env("STRIPE_SECRET_KEY", "sk_test_wrong7f3a")
        .env("STRIPE_BASE_URL", stand_in.base_url())
        .output()
        .expect("the tour runs");
    assert_eq!(output.status.code(), Some(1));
    let report = json(&output);
    assert_eq!(report["ok"], false);
    let failed = failed_steps(&report);
    assert!(failed.iter().any(|step| step.contains("test the connection")), "{failed:?}");
    let last = report["steps"].as_array().and_then(|steps| steps.last()).expect("a step");
    assert_eq!(last["name"], "disconnect", "the tour stopped early");
    assert!(!String::from_utf8_lossy(&output.stdout).contains("wrong7f3a"), "the key was printed");
}

#[test]
fn a_live_key_is_refused_before_anything_is_sent() {
    let stand_in = StandIn::new();
    for name in ["STRIPE_SECRET_KEY", "STRIPE_SECRET"] {
        let output = tour()
            .env(name, "sk_live_7f3a51c0de")
            .env("STRIPE_BASE_URL", stand_in.base_url())
            .output()
            .expect("the tour runs");
        assert_eq!(output.status.code(), Some(1));
        let said =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(said.contains("secretKey") || said.contains("live"), "{said}");
        assert!(!said.contains("7f3a51c0de"), "the key was printed");
    }
    assert!(stand_in.simulator.stripe().request_log().is_empty());
}

#[test]
fn production_is_refused() {
    let output = tour().env("STRIPE_ENV", "production").output().expect("the tour runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("STRIPE_ENV"));
}
