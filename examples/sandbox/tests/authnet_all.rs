//! Every operation of Authorize.Net's typed client, through the sandbox binary, against the simulator on a port.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use bytes::Bytes;
use turnbuckle_simulator::{SimClock, Simulator};

fn authnet(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_authnet"));
    command.args(arguments);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AUTHNET_")) {
        command.env_remove(name);
    }
    command
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The names that `--list` shows, remarks included.
fn listed() -> Vec<String> {
    let output = authnet(&["--list"]).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", text(&output));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// The operation of a line: what follows a blank is a remark.
fn operation(line: &str) -> String {
    line.split(' ').next().unwrap().to_owned()
}

/// The names that the client's sources give their operations: `Operation::read("reports.batch")`, and those that depend
/// on the type of a transaction: `TransactionType::Void => "transactions.void"`.
fn named(folder: &Path, names: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            named(&path, names);
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        for made in ["once(", "read(", "idempotent("] {
            for (at, _) in source.match_indices(&format!(" Operation::{made}")) {
                let rest = &source[at + " Operation::".len() + made.len()..];
                match rest.strip_prefix('"') {
                    Some(name) => names.push(name.split('"').next().unwrap().to_owned()),
                    // The one whose name depends on the type of a transaction.
                    None if rest.starts_with("match kind {") => {}
                    None => panic!("an operation in {} is named in a new way", path.display()),
                }
            }
        }
        let arms = source.lines().filter(|line| line.contains("=> \"transactions."));
        names.extend(arms.map(|line| line.split('"').nth(1).unwrap().to_owned()));
    }
}

/// One line: operation, method, path, status, outcome.
struct Line {
    status: String,
    outcome: String,
}

struct Run {
    code: Option<i32>,
    /// In the order in which they were shown.
    lines: Vec<(String, Line)>,
    said: String,
    simulator: Simulator,
}

/// A settled payment, which a run of a minute cannot make by itself.
fn settle_one(simulator: &Simulator) {
    let own = simulator.authnet();
    let body = format!(
        r#"{{"createTransactionRequest":{{"merchantAuthentication":{{"name":"{}","transactionKey":"{}"}},"transactionRequest":{{"transactionType":"authCaptureTransaction","amount":"20.00","payment":{{"creditCard":{{"cardNumber":"5424000000000015","expirationDate":"2034-12"}}}}}}}}}}"#,
        own.api_login_id(),
        own.transaction_key()
    );
    let request = http::Request::post("https://apitest.authorize.net/xml/v1/request.api")
        .header("content-type", "application/json")
        .body(Bytes::from(body))
        .unwrap();
    simulator.handle(request);
    assert_eq!(own.settle().len(), 1);
}

/// Runs `--all` with this key, or the simulator's.
fn all(key: Option<&str>) -> Run {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let simulator = Simulator::builder().with_clock(SimClock::real()).build();
    settle_one(&simulator);
    let server =
        runtime.block_on(turnbuckle_simulator::serve(([127, 0, 0, 1], 0).into(), simulator.clone())).unwrap();
    let key = key.map_or_else(|| simulator.authnet().transaction_key(), str::to_owned);
    let output = authnet(&["--all"])
        .env("AUTHNET_API_LOGIN_ID", simulator.authnet().api_login_id())
        .env("AUTHNET_TRANSACTION_KEY", &key)
        .env("AUTHNET_BASE_URL", format!("{}/authorize_net", server.origin()))
        .output()
        .unwrap();
    runtime.block_on(server.shutdown());
    let listed = listed();
    let mut lines = Vec::new();
    for line in String::from_utf8_lossy(&output.stdout).lines().skip(2) {
        let Some(name) = listed.iter().filter(|name| line.starts_with(*name)).max_by_key(|name| name.len())
        else {
            assert!(line.contains(" operations worked"), "{line}");
            continue;
        };
        let words: Vec<_> = line[name.len()..].split_whitespace().collect();
        lines.push((name.clone(), Line { status: words[2].to_owned(), outcome: words[3..].join(" ") }));
    }
    Run { code: output.status.code(), lines, said: text(&output), simulator }
}

#[test]
fn no_operation_of_the_client_is_missed() {
    let mut names = Vec::new();
    named(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/authnet/src"), &mut names);
    names.sort();
    assert!(names.len() >= 30, "only {} operations found in the sources", names.len());
    let mut shown: Vec<_> = listed().iter().map(|line| operation(line)).collect();
    shown.sort();
    shown.dedup();
    assert_eq!(names, shown);
}

#[test]
fn every_operation_is_called_once_and_works() {
    let run = all(None);
    let said = &run.said;
    let names: Vec<_> = run.lines.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(names, listed(), "{said}");
    for (name, line) in &run.lines {
        assert!(line.outcome.starts_with("ok"), "{name}: {} {}\n{said}", line.status, line.outcome);
        assert!(line.status.starts_with('2'), "{name}: {}", line.status);
    }
    assert!(said.contains(&format!("\n{0} of {0} operations worked", names.len())), "{said}");
    assert_eq!(run.code, Some(0), "{said}");
    for secret in [run.simulator.authnet().transaction_key().as_str(), "4111111111111111", "://example"] {
        assert!(!said.contains(secret), "`{secret}` was printed");
    }
    // What a run leaves behind is what it cannot take back.
    assert!(run.simulator.authnet().webhooks().is_empty());
    let subscriptions = run.simulator.authnet().subscriptions();
    assert_eq!((subscriptions.len(), subscriptions[0]["status"].as_str()), (1, Some("canceled")));
}

/// A refusal carries the client's own name of the operation, which tells whether the name on the line is the right one.
#[test]
fn names_are_the_clients_own_and_refusals_stop_nothing() {
    let run = all(Some("7f3a51c0de"));
    assert_eq!(run.code, Some(1));
    assert_eq!(run.lines.len(), listed().len(), "{}", run.said);
    for (name, line) in &run.lines {
        let own = format!("authorize_net {}: ", operation(name));
        assert!(line.outcome.contains(&own), "{name}: {}", line.outcome);
        assert!(!line.outcome.contains("MISNAMED"), "{name}: {}", line.outcome);
        // Only the REST side knows other statuses than 200.
        assert_eq!(line.status, if name.starts_with("webhooks.") { "401" } else { "200" }, "{name}");
    }
    assert!(!run.said.contains("7f3a51c0de"), "the key was printed");
}

#[test]
fn help_says_what_there_is() {
    let output = authnet(&["--help"]).output().unwrap();
    assert!(output.status.success());
    let said = text(&output);
    for word in ["--all", "--list", "AUTHNET_BASE_URL", "exit status", "sandbox.authorize.net"] {
        assert!(said.contains(word), "no `{word}` in: {said}");
    }
    assert_eq!(authnet(&["--all", "--list"]).output().unwrap().status.code(), Some(2));
}
