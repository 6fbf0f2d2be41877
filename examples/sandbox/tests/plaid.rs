//! The sandbox binary for Plaid, against the simulator on a port.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::process::{Command, Output};

use turnbuckle_simulator::{SimClock, Simulator};

fn plaid() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plaid"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PLAID_")) {
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
    // Long enough that the first look is too early.
    simulator.plaid().configure(|settings| {
        settings.initial_after = 1;
        settings.historical_after = 1;
    });
    let server =
        runtime.block_on(turnbuckle_simulator::serve(([127, 0, 0, 1], 0).into(), simulator.clone())).unwrap();
    let (client_id, secret) = (simulator.plaid().client_id(), simulator.plaid().secret());
    let output = plaid()
        .env("PLAID_CLIENT_ID", &client_id)
        .env("PLAID_SECRET", &secret)
        .env("PLAID_BASE_URL", format!("{}/plaid", server.origin()))
        .output()
        .unwrap();
    let said = text(&output);
    assert!(output.status.success(), "{said}");
    for words in [
        "a login is required, as it should be",
        "9 accounts",
        "2 with numbers",
        "it is gone, as it should be",
    ] {
        assert!(said.contains(words), "no `{words}` in: {said}");
    }
    for secret in [client_id.as_str(), &secret, "access-sandbox", "public-sandbox", "link-sandbox", "://"] {
        let shown = said.lines().skip(2).any(|line| line.contains(secret));
        assert!(!shown, "`{secret}` was printed: {said}");
    }
    let items = simulator.plaid().items();
    assert_eq!((items.len(), items[0]["removed"].as_bool()), (1, Some(true)));
    runtime.block_on(server.shutdown());
}

#[test]
fn without_keys_it_says_what_to_set_and_where_to_find_it() {
    let output = plaid().output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output);
    for word in ["PLAID_CLIENT_ID", "PLAID_SECRET", "dashboard.plaid.com", "PLAID_BASE_URL"] {
        assert!(said.contains(word), "no `{word}` in: {said}");
    }
}

#[test]
fn production_is_refused() {
    for arguments in [&[][..], &["--all"]] {
        for environment in ["production", "development"] {
            let output = plaid()
                .args(arguments)
                .env("PLAID_CLIENT_ID", "client")
                .env("PLAID_SECRET", "7f3a51c0de")
                .env("PLAID_ENV", environment)
                .output()
                .unwrap();
            assert_eq!(output.status.code(), Some(1), "{environment}");
            let said = text(&output);
            assert!(said.contains("PLAID_ENV") && !said.contains("7f3a51c0de"), "{said}");
        }
    }
}

#[test]
fn help_says_what_there_is() {
    let output = plaid().arg("--help").output().unwrap();
    assert!(output.status.success());
    let said = text(&output);
    for word in ["--all", "--list", "PLAID_BASE_URL", "exit status", "dashboard.plaid.com"] {
        assert!(said.contains(word), "no `{word}` in: {said}");
    }
    assert_eq!(plaid().args(["--all", "--list"]).output().unwrap().status.code(), Some(2));
}
