//! Every operation of Plaid's typed client, through the sandbox binary, against the simulator on a port.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use turnbuckle_simulator::{SimClock, Simulator};

fn plaid(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plaid"));
    command.args(arguments);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PLAID_")) {
        command.env_remove(name);
    }
    command
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// What `--list` prints, a remark included: `link.create (update mode)`.
fn listed() -> BTreeSet<String> {
    let output = plaid(&["--list"]).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", text(&output));
    let lines: Vec<_> = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    let names: BTreeSet<_> = lines.iter().cloned().collect();
    assert_eq!(lines.len(), names.len(), "one is listed twice: {lines:?}");
    names
}

fn sources(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            let source = fs::read_to_string(&path).unwrap();
            found.push((path, source));
        }
    }
}

fn client() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/plaid/src"), &mut found);
    found
}

/// Files whose public methods are no calls of the client: webhooks are verified.
const NO_CALLS: &[&str] = &["webhook.rs"];

#[test]
fn no_operation_of_the_client_is_missed() {
    let (mut names, mut methods) = (BTreeSet::new(), 0);
    for (path, source) in client() {
        let mut found = 0;
        for maker in ["Operation::read(\"", "Operation::once(\"", "Operation::idempotent(\""] {
            for (at, _) in source.match_indices(maker) {
                names.insert(source[at + maker.len()..].split('"').next().unwrap().to_owned());
                found += 1;
            }
        }
        // A constant that is made in another way than these would be missed.
        let constants = source.matches(": Operation =").count();
        assert_eq!(constants, found, "an operation in {} is made in a new way", path.display());
        if !NO_CALLS.iter().any(|name| path.ends_with(name)) {
            methods += source.matches("    pub async fn ").count();
        }
    }
    assert!(names.len() >= 31, "only {} operations found in the sources", names.len());
    let listed = listed();
    let own: BTreeSet<_> = listed.iter().map(|line| line.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(own, names);
    // A method each, update mode among them.
    assert_eq!(listed.len(), methods);
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
    secrets: Vec<String>,
    /// The bodies that were sent.
    sent: Vec<Value>,
}

/// Runs `--all`, with the simulator's secret or another.
fn all(secret: Option<&str>) -> Run {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let simulator = Simulator::builder().with_clock(SimClock::real()).build();
    simulator.plaid().configure(|settings| {
        settings.initial_after = 0;
        settings.historical_after = 0;
    });
    let server =
        runtime.block_on(turnbuckle_simulator::serve(([127, 0, 0, 1], 0).into(), simulator.clone())).unwrap();
    let client_id = simulator.plaid().client_id();
    let secret = secret.map_or_else(|| simulator.plaid().secret(), str::to_owned);
    let output = plaid(&["--all"])
        .env("PLAID_CLIENT_ID", &client_id)
        .env("PLAID_SECRET", &secret)
        .env("PLAID_BASE_URL", format!("{}/plaid", server.origin()))
        .env("PLAID_WEBHOOK_KEY_ID", simulator.plaid().webhook_key_ids().pop().unwrap())
        .env("PLAID_REDIRECT_URI", "https://shop.example/back")
        .env("PLAID_LINK_CUSTOMIZATION", "default")
        .output()
        .unwrap();
    runtime.block_on(server.shutdown());
    let operations = listed();
    let mut lines = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines().skip(2) {
        // The longest name that fits: one name may begin another.
        let Some(name) = operations
            .iter()
            .filter(|name| line.starts_with(&format!("{name} ")))
            .max_by_key(|name| name.len())
        else {
            assert!(line.ends_with("operations worked"), "{line}");
            continue;
        };
        let words: Vec<_> = line[name.len()..].split_whitespace().collect();
        let shown = Line { status: words[2].to_owned(), outcome: words[3..].join(" ") };
        assert!(lines.insert(name.clone(), shown).is_none(), "called twice: {line}");
    }
    let mut secrets = vec![client_id, secret, "payer@example.com".to_owned(), "://".to_owned()];
    secrets
        .extend(["access-", "public-", "link-", "processor-", "btok_"].map(|kind| format!("{kind}sandbox")));
    let sent = simulator.plaid().request_log();
    let sent = sent.iter().map(|sent| serde_json::from_slice(&sent.body).unwrap()).collect();
    Run { code: output.status.code(), lines, said: text(&output), secrets, sent }
}

#[test]
fn every_operation_is_called_once_and_works() {
    let run = all(None);
    let said = &run.said;
    let names = listed();
    assert_eq!(run.lines.keys().collect::<Vec<_>>(), names.iter().collect::<Vec<_>>(), "{said}");
    for (name, line) in &run.lines {
        assert!(line.outcome == "ok" || line.outcome.starts_with("ok "), "{name}: {}\n{said}", line.outcome);
        assert_eq!(line.status, "200", "{name}");
    }
    assert_eq!(run.code, Some(0), "{said}");
    assert!(said.contains(&format!("\n{0} of {0} operations worked", names.len())), "{said}");
    for secret in &run.secrets {
        let shown: Vec<_> = said.lines().skip(2).filter(|line| line.contains(secret)).collect();
        assert!(shown.is_empty(), "`{secret}` was printed: {shown:?}");
    }
}

/// Parameters that exclude others which are sent, and builders of what is no request.
const LEFT_OUT: &[&str] = &[
    // An Android app instead of a page to come back to.
    "android_package_name",
    // Settings of the connection, the poll plan and the check of webhooks.
    "client_name",
    "idle",
    "last_push",
    "page_size",
    "time_rule",
];

fn keys(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                found.insert(name.clone());
                keys(value, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        _ => {}
    }
}

/// Every parameter that the client's types can hold is sent.
#[test]
fn no_parameter_of_the_client_is_missed() {
    let mut written = BTreeSet::new();
    for (_, source) in client() {
        let parameters = source.split("pub fn with_").skip(1);
        written.extend(parameters.map(|rest| rest.split('(').next().unwrap().to_owned()));
    }
    assert!(written.len() >= 50, "only {} parameters found in the sources", written.len());
    let mut sent = BTreeSet::new();
    all(None).sent.iter().for_each(|body| keys(body, &mut sent));
    for name in &written {
        // Most builders of settings share no name with a field; `client_name` does.
        let left_out = LEFT_OUT.contains(&name.as_str()) && name != "client_name";
        assert_ne!(sent.contains(name), left_out, "{name}, left out on purpose: {left_out}");
    }
}

/// A refusal carries the client's own name of the operation, which tells whether the name on the line is the right one.
#[test]
fn names_are_the_clients_own_and_refusals_stop_nothing() {
    let run = all(Some("nobodys7f3a51c0de"));
    assert_eq!(run.code, Some(1));
    assert_eq!(run.lines.len(), listed().len(), "{}", run.said);
    for (name, line) in &run.lines {
        let own = name.split(' ').next().unwrap();
        assert!(line.outcome.contains(&format!("plaid {own}: ")), "{name}: {}", line.outcome);
        assert!(!line.outcome.contains("MISNAMED"), "{name}: {}", line.outcome);
    }
    // Those that need no token got as far as Plaid.
    assert!(
        run.lines["institutions.get"].outcome.contains("invalid client_id or secret provided"),
        "{}",
        run.said
    );
    assert!(!run.said.contains("7f3a51c0de"), "the secret was printed");
}
