//! Every operation of NMI's typed client, through the sandbox binary, against the simulator on a port.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use turnbuckle_simulator::{SimClock, Simulator};

fn nmi(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nmi"));
    command.args(arguments);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("NMI_")) {
        command.env_remove(name);
    }
    command
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The lines of `--list`: names, some with a remark.
fn listed() -> Vec<String> {
    let output = nmi(&["--list"]).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", text(&output));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn name(line: &str) -> &str {
    line.split(' ').next().unwrap()
}

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The sources of the client: the files in which it makes its operations.
fn sources() -> Vec<String> {
    let folder = here().join("../../crates/nmi/src");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let sources = files.filter(|path| path.is_file()).map(|path| fs::read_to_string(path).unwrap());
    sources.filter(|source| source.contains(": Operation = ")).collect()
}

/// One line of a run: operation with its remark, method, path, status, outcome.
struct Line {
    path: String,
    status: String,
    outcome: String,
}

struct Run {
    code: Option<i32>,
    lines: BTreeMap<String, Line>,
    said: String,
    key: String,
    simulator: Simulator,
}

/// Runs `--all` with this key, or the simulator's.
fn all(key: Option<&str>) -> Run {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let simulator = Simulator::builder().with_clock(SimClock::real()).build();
    let server =
        runtime.block_on(turnbuckle_simulator::serve(([127, 0, 0, 1], 0).into(), simulator.clone())).unwrap();
    let key = key.map_or_else(|| simulator.nmi().security_key(), str::to_owned);
    let output = nmi(&["--all"])
        .env("NMI_SECURITY_KEY", &key)
        .env("NMI_BASE_URL", format!("{}/nmi", server.origin()))
        .output()
        .unwrap();
    runtime.block_on(server.shutdown());
    let mut lines = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines().skip(2) {
        let Some((operation, rest)) = line.split_once(" POST ") else {
            assert!(line.contains(" operations worked"), "{line}");
            continue;
        };
        let mut words = rest.split_whitespace();
        let (path, status) = (words.next().unwrap().to_owned(), words.next().unwrap().to_owned());
        let shown = Line { path, status, outcome: words.collect::<Vec<_>>().join(" ") };
        assert!(lines.insert(operation.trim().to_owned(), shown).is_none(), "called twice: {line}");
    }
    Run { code: output.status.code(), lines, said: text(&output), key, simulator }
}

#[test]
fn no_operation_of_the_client_is_missed() {
    let mut names = BTreeSet::new();
    let mut constants = 0;
    for source in sources() {
        constants += source.matches(": Operation = ").count();
        for start in [": Operation = once(\"", ": Operation = read(\""] {
            names.extend(source.split(start).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()));
        }
    }
    assert!(names.len() >= 26, "only {} operations found in the sources", names.len());
    // A constant that is made in another way than these would be missed.
    assert_eq!(constants, names.len());
    let listed: BTreeSet<_> = listed().iter().map(|line| name(line).to_owned()).collect();
    assert_eq!(names, listed);
}

/// Two methods may share an operation, so each method has to be called as well.
#[test]
fn no_method_of_the_client_is_missed() {
    let folder = here().join("src/nmi");
    let files = fs::read_dir(folder).unwrap().map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
    let calls = files.collect::<String>();
    let mut count = 0;
    for source in sources() {
        for rest in source.split("pub async fn ").skip(1) {
            let method = rest.split('(').next().unwrap();
            assert!(calls.contains(&format!(".{method}(")), "{method} is never called");
            count += 1;
        }
    }
    assert!(count >= 24, "only {count} methods found in the sources");
}

#[test]
fn every_operation_is_called_once_and_works() {
    let run = all(None);
    let said = &run.said;
    let mut listed = listed();
    listed.sort();
    assert_eq!(run.lines.keys().cloned().collect::<Vec<_>>(), listed, "{said}");
    assert_eq!(run.code, Some(0), "{said}");
    assert!(said.contains(&format!("\n{0} of {0} operations worked", listed.len())), "{said}");
    for (operation, line) in &run.lines {
        let script = if operation.starts_with("query_") { "query" } else { "transact" };
        assert!(line.path.ends_with(&format!("/api/{script}.php")), "{operation}: {}", line.path);
        assert_eq!(line.status, "200", "{operation}");
        assert!(line.outcome.starts_with("ok ") && line.outcome.len() > 3, "{operation}: {}", line.outcome);
    }
    // Found again by everything that was asked for at once.
    assert_eq!(run.lines["query_transactions"].outcome, "ok 1 found", "{said}");
    assert_ne!(run.lines["query_customer_vault (one)"].outcome, "ok none");
    assert_ne!(run.lines["query_recurring (one)"].outcome, "ok none");
    // Nothing is charged after the run.
    assert!(run.simulator.nmi().subscriptions().is_empty());
    for secret in [run.key.as_str(), "4111111111111111", "://"] {
        let shown: Vec<_> = said.lines().skip(2).filter(|line| line.contains(secret)).collect();
        assert!(shown.is_empty(), "`{secret}` was printed: {shown:?}");
    }
}

/// Every parameter that the client can send was sent: what it writes into a form is in a request of the run.
#[test]
fn every_parameter_is_sent() {
    let run = all(None);
    let sent: BTreeSet<String> = run
        .simulator
        .nmi()
        .request_log()
        .iter()
        .flat_map(|request| {
            let body = String::from_utf8(request.body.to_vec()).unwrap();
            body.split('&').map(|pair| pair.split('=').next().unwrap().to_owned()).collect::<Vec<_>>()
        })
        .collect();
    let mut known = BTreeSet::new();
    for source in ["transactions", "vault", "recurring", "query", "contact"] {
        let source = fs::read_to_string(here().join(format!("../../crates/nmi/src/{source}.rs"))).unwrap();
        for call in [".set(\"", ".maybe(\"", ".amount(\"", ".secret(\""] {
            known.extend(source.split(call).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()));
        }
        if source.contains("const SHIPPING") {
            let names = source.split("const BILLING").nth(1).unwrap().split("impl").next().unwrap();
            known.extend(names.split('"').skip(1).step_by(2).map(str::to_owned));
        }
    }
    assert!(known.len() > 60, "only {} parameters found in the sources", known.len());
    // Google Pay is sent in the place of Apple Pay; version 1 of 3-D Secure in that of version 2.
    let excluded = ["decrypted_googlepay_data", "xid"];
    let missing: Vec<_> =
        known.iter().filter(|name| !sent.contains(*name) && !excluded.contains(&name.as_str())).collect();
    assert!(missing.is_empty(), "never sent: {missing:?}");
    assert!((1..=20).all(|number| sent.contains(&format!("merchant_defined_field_{number}"))));
}

/// A refusal carries the client's own name of the operation, which tells whether the name on the line is the right one.
#[test]
fn names_are_the_clients_own_and_refusals_stop_nothing() {
    let run = all(Some("ofnobody7f3a51c0de"));
    assert_eq!(run.code, Some(1));
    assert_eq!(run.lines.len(), listed().len(), "{}", run.said);
    for (operation, line) in &run.lines {
        assert_eq!(line.status, "200", "{operation}: {}", line.outcome);
        assert!(
            line.outcome.contains(&format!("nmi {}: ", name(operation))),
            "{operation}: {}",
            line.outcome
        );
        assert!(line.outcome.contains("API key not found"), "{operation}: {}", line.outcome);
        assert!(!line.outcome.contains("MISNAMED"), "{operation}: {}", line.outcome);
    }
    assert!(!run.said.contains("7f3a51c0de"), "the key was printed");
}

#[test]
fn help_says_what_there_is() {
    let output = nmi(&["--help"]).output().unwrap();
    assert!(output.status.success());
    let said = text(&output);
    for word in ["--all", "--list", "NMI_BASE_URL", "exit status", "docs.nmi.com"] {
        assert!(said.contains(word), "no `{word}` in: {said}");
    }
    assert_eq!(nmi(&["--all", "--list"]).output().unwrap().status.code(), Some(2));
}
