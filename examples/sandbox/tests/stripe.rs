//! The sandbox binary for Stripe, against the simulator on a port.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::process::{Command, Output};

use turnbuckle_simulator::{SimClock, Simulator};

fn stripe() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stripe"));
    for name in ["STRIPE_SECRET_KEY", "STRIPE_SECRET", "STRIPE_ENV", "STRIPE_BASE_URL"] {
        command.env_remove(name);
    }
    command
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn the_usual_flow_works_against_a_stand_in() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let simulator = Simulator::builder().with_clock(SimClock::real()).build();
    let server =
        runtime.block_on(turnbuckle_simulator::serve(([127, 0, 0, 1], 0).into(), simulator.clone())).unwrap();
    let key = simulator.stripe().secret_key();
    let output = stripe()
        .env("STRIPE_SECRET_KEY", &key)
        .env("STRIPE_BASE_URL", format!("{}/stripe", server.origin()))
        .output()
        .unwrap();
    let said = text(&output);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("declined as it should: insufficient_funds"), "{said}");
    assert!(said.contains("the same payment"), "{said}");
    assert!(!said.contains(&key), "the key was printed");
    assert!(simulator.stripe().refunds().len() == 1 && simulator.stripe().charges().len() >= 4);
    runtime.block_on(server.shutdown());
}

#[test]
fn without_a_key_it_says_what_to_set_and_where_to_find_it() {
    let output = stripe().output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output);
    for word in ["STRIPE_SECRET_KEY or STRIPE_SECRET", "dashboard.stripe.com", "STRIPE_BASE_URL"] {
        assert!(said.contains(word), "no `{word}` in: {said}");
    }
}

#[test]
fn a_live_key_is_refused() {
    let output = stripe().env("STRIPE_SECRET_KEY", "sk_live_7f3a51c0de").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output);
    assert!(said.contains("secretKey") && !said.contains("7f3a51c0de"), "{said}");
}
