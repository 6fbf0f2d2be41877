//! Every operation of Stripe's typed client, through the sandbox binary, against the simulator on a port.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use turnbuckle_simulator::{SimClock, Simulator};

fn stripe(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stripe"));
    command.args(arguments);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("STRIPE_")) {
        command.env_remove(name);
    }
    command
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn listed() -> Vec<String> {
    let output = stripe(&["--list"]).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", text(&output));
    let mut names: Vec<_> = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    names.sort();
    names
}

/// The names that the client's sources give their operations: `post("refunds.create")`, `Operation::read("...")`.
fn named(folder: &Path, names: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            named(&path, names);
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        for (at, _) in source.match_indices("(\"") {
            let callee: String = source[..at]
                .chars()
                .rev()
                .take_while(|letter| letter.is_alphanumeric() || "_:.".contains(*letter))
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .collect();
            let makes =
                ["get", "post", "delete"].contains(&callee.as_str()) || callee.starts_with("Operation::");
            let name = source[at + 2..].split('"').next().unwrap();
            if makes && name.contains('.') {
                names.push(name.to_owned());
            }
        }
        // A constant that is made in another way than these would be missed.
        let constants = source.matches(": Operation = ").count() + source.matches(": Operation =\n").count();
        let found = source.matches(": Operation = get(").count()
            + source.matches(": Operation = post(").count()
            + source.matches(": Operation = delete(").count()
            + source.matches(": Operation = Operation::").count();
        assert_eq!(constants, found, "an operation in {} is made in a new way", path.display());
    }
}

/// One line: operation, method, path, status, outcome.
struct Line {
    status: String,
    outcome: String,
}

struct Run {
    code: Option<i32>,
    lines: BTreeMap<String, Line>,
    said: String,
    key: String,
}

/// Runs `--all` with this key, or the simulator's.
fn all(key: Option<&str>) -> Run {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let simulator = Simulator::builder().with_clock(SimClock::real()).build();
    let server =
        runtime.block_on(turnbuckle_simulator::serve(([127, 0, 0, 1], 0).into(), simulator.clone())).unwrap();
    let key = key.map_or_else(|| simulator.stripe().secret_key(), str::to_owned);
    let output = stripe(&["--all"])
        .env("STRIPE_SECRET_KEY", &key)
        .env("STRIPE_BASE_URL", format!("{}/stripe", server.origin()))
        .output()
        .unwrap();
    runtime.block_on(server.shutdown());
    let mut lines = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines().skip(2) {
        let words: Vec<_> = line.split_whitespace().collect();
        if words[1] == "of" {
            continue;
        }
        let name = words[0].to_owned();
        let shown = Line { status: words[3].to_owned(), outcome: words[4..].join(" ") };
        assert!(lines.insert(name, shown).is_none(), "called twice: {line}");
    }
    Run { code: output.status.code(), lines, said: text(&output), key }
}

#[test]
fn no_operation_of_the_client_is_missed() {
    let mut names = Vec::new();
    named(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/stripe/src"), &mut names);
    names.sort();
    assert!(names.len() > 100, "only {} operations found in the sources", names.len());
    assert_eq!(names, listed());
}

#[test]
fn every_operation_is_called_once_and_works() {
    let run = all(None);
    let said = &run.said;
    let names = listed();
    assert_eq!(run.lines.keys().collect::<Vec<_>>(), names.iter().collect::<Vec<_>>(), "{said}");
    for (name, line) in &run.lines {
        assert!(line.status.starts_with('2') && line.outcome.starts_with("ok "), "{name}: {}", line.outcome);
    }
    assert!(said.contains(&format!("\n{0} of {0} operations worked", names.len())), "{said}");
    assert!(!said.contains("\nbefore "), "something that an operation needs was refused: {said}");
    assert_eq!(run.code, Some(0), "{said}");
    for secret in [run.key.as_str(), "_secret_", "whsec_", "sk_test", "://"] {
        let shown: Vec<_> = said.lines().skip(2).filter(|line| line.contains(secret)).collect();
        assert!(shown.is_empty(), "`{secret}` was printed: {shown:?}");
    }
}

/// A refusal carries the client's own name of the operation, which tells whether the name on the line is the right one.
#[test]
fn names_are_the_clients_own_and_refusals_stop_nothing() {
    let run = all(Some("sk_test_ofnobody7f3a51c0de"));
    assert_eq!(run.code, Some(1));
    assert_eq!(run.lines.len(), listed().len(), "{}", run.said);
    for (name, line) in &run.lines {
        assert_eq!(line.status, "401", "{name}: {}", line.outcome);
        assert!(line.outcome.contains(&format!("stripe {name}: ")), "{name}: {}", line.outcome);
        assert!(!line.outcome.contains("MISNAMED"), "{name}: {}", line.outcome);
    }
    assert!(!run.said.contains("7f3a51c0de"), "the key was printed");
}

#[test]
fn a_live_key_is_refused_here_too() {
    let output = stripe(&["--all"]).env("STRIPE_SECRET_KEY", "sk_live_7f3a51c0de").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output);
    assert!(said.contains("secretKey") && !said.contains("7f3a51c0de"), "{said}");
}

#[test]
fn help_says_what_there_is() {
    let output = stripe(&["--help"]).output().unwrap();
    assert!(output.status.success());
    let said = text(&output);
    for word in ["--all", "--list", "STRIPE_BASE_URL", "exit status", "dashboard.stripe.com"] {
        assert!(said.contains(word), "no `{word}` in: {said}");
    }
    assert_eq!(stripe(&["--all", "--list"]).output().unwrap().status.code(), Some(2));
}
