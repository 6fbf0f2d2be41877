//! The sandbox binary for Twilio, against the simulator on a port: the flow, `--all`, `--list` and what is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use turnbuckle_simulator::{SimClock, Simulator};

fn twilio(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_twilio"));
    command.args(arguments);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TWILIO_")) {
        command.env_remove(name);
    }
    command
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Runs the binary as the account itself, or with these credentials.
fn run(arguments: &[&str], credentials: Option<(String, String)>) -> (Output, Simulator) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let simulator = Simulator::builder().with_clock(SimClock::real()).build();
    let server =
        runtime.block_on(turnbuckle_simulator::serve(([127, 0, 0, 1], 0).into(), simulator.clone())).unwrap();
    let inside = simulator.twilio();
    inside.opt_out(&inside.number(), "+15005550004");
    let mut command = twilio(arguments);
    match credentials {
        None => {
            command
                .env("TWILIO_ACCOUNT_SID", inside.account_sid())
                .env("TWILIO_AUTH_TOKEN", inside.auth_token())
                .env("TWILIO_FROM", inside.number())
                .env("TWILIO_MESSAGING_SERVICE_SID", inside.messaging_service_sid())
                .env("TWILIO_VERIFY_SERVICE_SID", inside.verify_service_sid());
        }
        Some((sid, token)) => {
            command.env("TWILIO_ACCOUNT_SID", sid).env("TWILIO_AUTH_TOKEN", token);
        }
    }
    let output = command.env("TWILIO_BASE_URL", format!("{}/twilio", server.origin())).output().unwrap();
    runtime.block_on(server.shutdown());
    (output, simulator)
}

fn listed() -> Vec<String> {
    let output = twilio(&["--list"]).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", text(&output));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn name(line: &str) -> &str {
    line.split(' ').next().unwrap()
}

/// The sources of the client that make operations.
fn sources() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/twilio/src");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let sources = files.filter(|path| path.is_file()).map(|path| fs::read_to_string(path).unwrap());
    sources.filter(|source| source.contains(": Operation = ")).collect()
}

#[test]
fn no_operation_of_the_client_is_missed() {
    let mut names = BTreeSet::new();
    let mut constants = 0;
    for source in sources() {
        constants += source.matches(": Operation = ").count();
        for start in [": Operation = once(\"", ": Operation = read(\"", ": Operation = set(\""] {
            names.extend(source.split(start).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()));
        }
    }
    assert!(names.len() >= 39, "only {} operations found in the sources", names.len());
    // A constant that is made in another way than these would be missed.
    assert_eq!(constants, names.len());
    let listed: BTreeSet<_> = listed().iter().map(|line| name(line).to_owned()).collect();
    assert_eq!(names, listed);
}

#[test]
fn every_operation_is_called_once_and_works() {
    let (output, simulator) = run(&["--all"], None);
    let said = text(&output);
    assert!(output.status.success(), "{said}");
    let listed = listed();
    assert!(said.contains(&format!("\n{0} of {0} operations worked", listed.len())), "{said}");
    assert!(!said.contains("ERROR") && !said.contains("MISNAMED"), "{said}");
    for operation in &listed {
        let lines = said.lines().filter(|line| line.starts_with(&format!("{operation:<39} "))).count();
        assert_eq!(lines, 1, "{operation}");
    }
    for secret in [simulator.twilio().auth_token().as_str(), "+14155550123", "271828", "6735"] {
        let shown = said.lines().find(|line| line.contains(secret) && !line.contains("/PhoneNumbers/"));
        assert_eq!(shown.filter(|line| !line.starts_with("lookups.fetch")), None, "{secret}");
    }
}

/// Every parameter that the client can send was sent.
#[test]
fn every_parameter_is_sent() {
    let (output, simulator) = run(&["--all"], None);
    assert!(output.status.success(), "{}", text(&output));
    let mut sent = String::from("&");
    for request in simulator.twilio().request_log() {
        for part in [request.query.as_str(), &String::from_utf8_lossy(&request.body)] {
            sent.push_str(part);
            sent.push('&');
        }
    }
    let mut known = BTreeSet::new();
    for source in sources().iter().chain([&message_source()]) {
        for call in [".text(\"", ".maybe(\"", ".flag(\"", ".number(\"", ".each(\"", ".time(\""] {
            known.extend(source.split(call).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()));
        }
    }
    assert!(known.len() > 60, "only {} parameters found in the sources", known.len());
    // Verifications are looked for by their id here, and an application takes calls as an address does.
    let excluded = ["To", "ApplicationSid", "Twiml"];
    let missing: Vec<_> = known
        .iter()
        .filter(|name| {
            let plain = name.replace('<', "%3C").replace('>', "%3E");
            !sent.contains(&format!("&{plain}=")) && !excluded.contains(&name.as_str())
        })
        .collect();
    assert!(missing.is_empty(), "never sent: {missing:?}");
}

fn message_source() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/twilio/src/message_create.rs");
    fs::read_to_string(path).unwrap()
}

#[test]
fn the_usual_flow_works() {
    let (output, simulator) = run(&[], None);
    let said = text(&output);
    assert!(output.status.success(), "{said}");
    for words in [
        "queued SM",
        "refused as it should: 21211",
        "refused as it should: 21610",
        "4 of 4 operations worked",
    ] {
        assert!(said.contains(words), "no `{words}` in: {said}");
    }
    assert_eq!(simulator.twilio().messages().len(), 1);
    // And with test credentials, which send nothing.
    let (output, simulator) = run(&[], Some(simulator.twilio().test_credentials()));
    assert!(output.status.success(), "{}", text(&output));
    assert!(simulator.twilio().messages().is_empty());
}

#[test]
fn refusals_stop_nothing_and_have_the_client_s_names() {
    let wrong = (format!("AC{}", "a".repeat(32)), "b".repeat(32));
    let (output, _) = run(&["--all"], Some(wrong));
    let said = text(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(&format!("\n0 of {} operations worked", listed().len())), "{said}");
    assert!(!said.contains("MISNAMED") && !said.contains(&"b".repeat(32)), "{said}");
}

#[test]
fn without_keys_it_says_what_to_set_and_production_is_refused() {
    let output = twilio(&[]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output);
    for word in ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "Test credentials", "TWILIO_BASE_URL"] {
        assert!(said.contains(word), "no `{word}` in: {said}");
    }
    let output = twilio(&["--all"])
        .env("TWILIO_ACCOUNT_SID", format!("AC{}", "a".repeat(32)))
        .env("TWILIO_AUTH_TOKEN", "b".repeat(32))
        .env("TWILIO_ENV", "production")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("TWILIO_ENV says production"), "{}", text(&output));
}
