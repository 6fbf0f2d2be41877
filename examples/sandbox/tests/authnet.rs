//! The sandbox binary for Authorize.Net, against the simulator on a port.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::process::{Command, Output};

use turnbuckle_simulator::{SimClock, Simulator};

fn authnet() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_authnet"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AUTHNET_")) {
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
    let own = simulator.authnet();
    let output = authnet()
        .env("AUTHNET_API_LOGIN_ID", own.api_login_id())
        .env("AUTHNET_TRANSACTION_KEY", own.transaction_key())
        .env("AUTHNET_BASE_URL", format!("{}/authorize_net", server.origin()))
        .output()
        .unwrap();
    runtime.block_on(server.shutdown());
    let said = text(&output);
    assert!(output.status.success(), "{said}");
    for words in ["the same payment", "declined as it should", "refused as it should: 54", "voided"] {
        assert!(said.contains(words), "no `{words}` in: {said}");
    }
    for secret in [own.transaction_key().as_str(), "4111111111111111"] {
        assert!(!said.contains(secret), "a secret was printed");
    }
    // One sale, one decline, one authorization and one payment by the stored card: the second try made none.
    let made = own.transactions();
    let statuses: Vec<_> = made.iter().map(|one| one["transactionStatus"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["voided", "declined", "voided", "capturedPendingSettlement"]);
    assert!(own.customer_profiles().is_empty());
}

#[test]
fn without_a_key_it_says_what_to_set_and_where_to_find_it() {
    let output = authnet().output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output);
    for word in
        ["AUTHNET_API_LOGIN_ID", "AUTHNET_TRANSACTION_KEY", "sandbox.authorize.net", "AUTHNET_BASE_URL"]
    {
        assert!(said.contains(word), "no `{word}` in: {said}");
    }
}

/// Production keys look like sandbox ones, so the setting is all there is to refuse.
#[test]
fn production_is_refused() {
    let output = authnet()
        .env("AUTHNET_API_LOGIN_ID", "someone")
        .env("AUTHNET_TRANSACTION_KEY", "7f3a51c0de")
        .env("AUTHNET_ENV", "production")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output);
    assert!(said.contains("AUTHNET_ENV says production") && !said.contains("7f3a51c0de"), "{said}");
}
