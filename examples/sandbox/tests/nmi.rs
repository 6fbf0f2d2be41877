//! The sandbox binary for NMI, against the simulator on a port.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::process::{Command, Output};

use turnbuckle_simulator::{SimClock, Simulator};

fn nmi() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nmi"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("NMI_")) {
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
    let key = simulator.nmi().security_key();
    let output = nmi()
        .env("NMI_SECURITY_KEY", &key)
        .env("NMI_BASE_URL", format!("{}/nmi", server.origin()))
        .output()
        .unwrap();
    let said = text(&output);
    assert!(output.status.success(), "{said}");
    for words in [
        "Example Shop",
        "address Y code M",
        "stopped as a duplicate, as it should",
        "1 found: pendingsettlement",
        "declined as it should: 200",
        "5 found: ",
    ] {
        assert!(said.contains(words), "no `{words}` in: {said}");
    }
    assert!(!said.contains("ERROR") && !said.contains("4111111111111111"), "{said}");
    assert!(!said.contains(&key), "the key was printed");
    let rows = simulator.nmi().transactions();
    let refunds = rows.iter().filter(|row| !row["refund_of"].is_null()).count();
    let conditions = rows.iter().map(|row| row["condition"].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!((rows.len(), refunds), (7, 1));
    assert!(conditions.contains(&"canceled") && conditions.contains(&"failed"), "{conditions:?}");
    assert!(simulator.nmi().customers().is_empty(), "what was stored is still there");
    runtime.block_on(server.shutdown());
}

#[test]
fn without_a_key_it_says_what_to_set_and_where_to_find_it() {
    let output = nmi().output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output);
    for word in ["NMI_SECURITY_KEY", "Settings, Security Keys", "docs.nmi.com", "NMI_BASE_URL"] {
        assert!(said.contains(word), "no `{word}` in: {said}");
    }
}

/// A key of NMI's does not tell what it is for, so the setting and the host have to.
#[test]
fn production_is_refused_before_anything_is_sent() {
    for arguments in [&[][..], &["--all"]] {
        let output = nmi()
            .args(arguments)
            .env("NMI_SECURITY_KEY", "7f3a51c0de")
            .env("NMI_ENV", "production")
            .output()
            .unwrap();
        let said = text(&output);
        assert_eq!(output.status.code(), Some(1));
        assert!(said.contains("NMI_ENV says production") && !said.contains("7f3a51c0de"), "{said}");
        for host in ["https://secure.nmi.com", "https://secure.networkmerchants.com"] {
            let output = nmi()
                .args(arguments)
                .env("NMI_SECURITY_KEY", "7f3a51c0de")
                .env("NMI_BASE_URL", host)
                .output()
                .unwrap();
            let said = text(&output);
            assert_eq!(output.status.code(), Some(1));
            assert!(said.contains("NMI's production") && !said.contains("7f3a51c0de"), "{said}");
        }
    }
}
