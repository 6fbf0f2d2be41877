//! The sandbox binary for Payflow, against the simulator on a port.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::process::{Command, Output};

use turnbuckle_simulator::{SimClock, Simulator};

fn payflow() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_payflow"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PAYFLOW_")) {
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
    let login = simulator.payflow().login();
    let run = || {
        payflow()
            .env("PAYFLOW_PARTNER", &login.partner)
            .env("PAYFLOW_VENDOR", &login.vendor)
            .env("PAYFLOW_USER", &login.user)
            .env("PAYFLOW_PASSWORD", &login.password)
            .env("PAYFLOW_BASE_URL", format!("{}/paypal_payflow", server.origin()))
            .output()
            .unwrap()
    };
    let output = run();
    let said = text(&output);
    assert!(output.status.success(), "{said}");
    for words in ["declined as it should be: 12", "the same payment", "not settled yet, as it should be: 105"]
    {
        assert!(said.contains(words), "no `{words}` in: {said}");
    }
    for secret in [login.password.as_str(), "4111111111111111", "://"] {
        let shown = said.lines().skip(2).any(|line| line.contains(secret));
        assert!(!shown, "`{secret}` was printed: {said}");
    }
    // One payment for a request id that was sent twice, and nothing left to settle but the capture and the stored card's.
    let pending = simulator.payflow().transactions().into_iter();
    let pending = pending.filter(|trx| trx["state"] == "pending" && trx["voided"] == false);
    assert_eq!(pending.count(), 2, "{said}");
    let profile = &simulator.payflow().subscriptions()[0];
    assert_eq!(profile["status"], "DEACTIVATED BY MERCHANT");

    simulator.payflow().configure(|settings| settings.reference_transactions = false);
    let output = run();
    assert!(output.status.success(), "{}", text(&output));
    assert!(text(&output).contains("reference transactions are off"), "{}", text(&output));
    runtime.block_on(server.shutdown());
}

#[test]
fn without_a_login_it_says_what_to_set_and_where_to_find_it() {
    let output = payflow().output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output);
    for word in
        ["PAYFLOW_PARTNER", "PAYFLOW_VENDOR", "PAYFLOW_PASSWORD", "manager.paypal.com", "PAYFLOW_BASE_URL"]
    {
        assert!(said.contains(word), "no `{word}` in: {said}");
    }
}

#[test]
fn production_is_refused() {
    let output = payflow()
        .env("PAYFLOW_PARTNER", "PayPal")
        .env("PAYFLOW_VENDOR", "shop")
        .env("PAYFLOW_USER", "shop")
        .env("PAYFLOW_PASSWORD", "7f3a51c0de")
        .env("PAYFLOW_ENV", "production")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output);
    assert!(said.contains("PAYFLOW_ENV") && !said.contains("7f3a51c0de"), "{said}");
}
