//! Every operation of Payflow's typed client, through the sandbox binary, against the simulator on a port.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use chrono::{DateTime, Utc};
use turnbuckle_simulator::payflow::Login;
use turnbuckle_simulator::{SimClock, Simulator};

fn payflow(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_payflow"));
    command.args(arguments);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PAYFLOW_")) {
        command.env_remove(name);
    }
    command
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn listed() -> Vec<String> {
    let output = payflow(&["--list"]).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", text(&output));
    let mut names: Vec<_> = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    names.sort();
    names
}

/// Operations that the client has for the gateway alone: its methods for them are not public.
const INTERNAL: &[&str] = &["replay_profile"];

/// The names that the client's sources give their operations, `change("sale")` and `inquiry("inquire")`, and those of its
/// public methods.
fn named(folder: &Path, names: &mut Vec<String>, methods: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            named(&path, names, methods);
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        let mut found = 0;
        for maker in ["= change(\"", "= inquiry(\""] {
            for (at, _) in source.match_indices(maker) {
                names.push(source[at + maker.len()..].split('"').next().unwrap().to_owned());
                found += 1;
            }
        }
        let public = source.split("pub async fn ").skip(1);
        methods.extend(public.map(|rest| rest.split('(').next().unwrap().to_owned()));
        // A constant that is made in another way than these would be missed.
        let constants = source.matches(": Operation =").count();
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
    secrets: Vec<String>,
    /// What was sent, request by request.
    sent: Vec<String>,
}

/// A request in Payflow's own words, as the simulator's login; gives the value of a name in the answer.
fn ask(simulator: &Simulator, id: &str, fields: &str, name: &str) -> String {
    let Login { partner, vendor, user, password, .. } = simulator.payflow().login();
    let body = format!("PARTNER={partner}&VENDOR={vendor}&USER={user}&PWD={password}&TENDER=C&{fields}");
    let request = http::Request::post("https://pilot-payflowpro.paypal.com/")
        .header("content-type", "text/namevalue")
        .header("x-vps-request-id", id)
        .header("x-vps-client-timeout", "45")
        .body(body.into())
        .unwrap();
    let answer = String::from_utf8(simulator.handle(request).into_body().to_vec()).unwrap();
    assert!(answer.starts_with("RESULT=0&"), "{answer}");
    let pairs = answer.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(own, _)| *own == name).map(|(_, value)| value.to_owned()).next().unwrap_or_default()
}

const CARD: &str = "ACCT=4111111111111111&EXPDATE=1234";

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// A settled sale, and a profile whose first payment failed: what only time can make. It takes two days.
fn prepared(simulator: &Simulator) -> (String, String) {
    let settled = ask(simulator, "s", &format!("TRXTYPE=S&{CARD}&AMT=20.00"), "PNREF");
    simulator.payflow().settle().unwrap();
    let tomorrow = DateTime::<Utc>::from(simulator.clock().now() + DAY).format("%m%d%Y");
    let add =
        format!("TRXTYPE=R&ACTION=A&PROFILENAME=x&AMT=1012.00&START={tomorrow}&TERM=0&PAYPERIOD=YEAR&{CARD}");
    let failed = ask(simulator, "a", &add, "PROFILEID");
    simulator.clock().advance(2 * DAY);
    ask(simulator, "m", &format!("TRXTYPE=R&ACTION=M&ORIGPROFILEID={failed}&AMT=12.00"), "PROFILEID");
    (settled, failed)
}

/// Runs `--all`, with the simulator's login or another password.
fn all(password: Option<&str>) -> Run {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    // The present, once two days were spent on preparations.
    let begun = SimClock::real().unix() - 2 * DAY.as_secs();
    let simulator = Simulator::builder().with_clock(SimClock::fixed(begun)).build();
    simulator.payflow().configure(|settings| settings.unreferenced_credit = true);
    let server =
        runtime.block_on(turnbuckle_simulator::serve(([127, 0, 0, 1], 0).into(), simulator.clone())).unwrap();
    let login = simulator.payflow().login();
    let mut command = payflow(&["--all"]);
    let password = password.unwrap_or(&login.password);
    command
        .env("PAYFLOW_PARTNER", &login.partner)
        .env("PAYFLOW_VENDOR", &login.vendor)
        .env("PAYFLOW_USER", &login.user)
        .env("PAYFLOW_PASSWORD", password)
        .env("PAYFLOW_BASE_URL", format!("{}/paypal_payflow", server.origin()));
    let (settled, failed) = prepared(&simulator);
    let before = simulator.payflow().request_log().len();
    command.env("PAYFLOW_SETTLED_SALE", settled).env("PAYFLOW_FAILED_PROFILE", failed);
    let output = command.output().unwrap();
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
    let secrets =
        vec![password.to_owned(), "4111111111111111".to_owned(), "Payer".to_owned(), "://".to_owned()];
    let requests = simulator.payflow().request_log();
    let sent =
        requests.iter().skip(before).map(|sent| String::from_utf8(sent.body.to_vec()).unwrap()).collect();
    Run { code: output.status.code(), lines, said: text(&output), secrets, sent }
}

#[test]
fn no_operation_of_the_client_is_missed() {
    let (mut names, mut methods) = (Vec::new(), Vec::new());
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/payflow/src");
    named(&sources, &mut names, &mut methods);
    names.sort();
    methods.sort();
    assert!(names.len() >= 17, "only {} operations found in the sources", names.len());
    // A method is called as its operation is.
    assert_eq!(methods, listed());
    for internal in INTERNAL {
        assert!(names.iter().any(|name| name == internal), "there is no {internal} any more");
    }
    names.retain(|name| !INTERNAL.contains(&name.as_str()));
    assert_eq!(names, listed());
}

#[test]
fn every_operation_is_called_once_and_works() {
    let run = all(None);
    let said = &run.said;
    let names = listed();
    assert_eq!(run.lines.keys().collect::<Vec<_>>(), names.iter().collect::<Vec<_>>(), "{said}");
    for (name, line) in &run.lines {
        assert!(line.outcome.starts_with("ok "), "{name}: {}\n{said}", line.outcome);
        assert_eq!(line.status, "200", "{name}");
    }
    assert_eq!(run.code, Some(0), "{said}");
    assert!(said.contains(&format!("\n{0} of {0} operations worked", names.len())), "{said}");
    for secret in &run.secrets {
        let shown: Vec<_> = said.lines().skip(2).filter(|line| line.contains(secret)).collect();
        assert!(shown.is_empty(), "`{secret}` was printed: {shown:?}");
    }
}

/// Parameters that exclude others which are sent.
const LEFT_OUT: &[&str] = &[
    // A bank account instead of a card.
    "ABA",
    "ACCTTYPE",
    "AUTHTYPE",
    "CHKNUM",
    "FIRSTNAME",
    "PRENOTE",
    // 3-D Secure 1 instead of 2.
    "XID",
    // Of a hosted page, instead of a reference.
    "SECURETOKEN",
];

/// Every parameter that the client's sources write is sent.
#[test]
fn no_parameter_of_the_client_is_missed() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/payflow/src");
    let mut written = BTreeSet::new();
    for entry in fs::read_dir(sources).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        for maker in ["params.set(", "params.set_some(", "params.set_secret(", "self.set("] {
            for (at, _) in source.match_indices(maker) {
                let rest = source[at + maker.len()..].trim_start();
                if let Some(name) = rest.strip_prefix('"') {
                    written.insert(name.split('"').next().unwrap().to_owned());
                }
            }
        }
    }
    assert!(written.len() >= 60, "only {} parameters found in the sources", written.len());
    let run = all(None);
    let is_sent = |name: &str| {
        run.sent.iter().any(|body| {
            let body = format!("&{body}");
            body.contains(&format!("&{name}=")) || body.contains(&format!("&{name}["))
        })
    };
    for name in &written {
        let left_out = LEFT_OUT.contains(&name.as_str());
        assert_ne!(is_sent(name), left_out, "{name}, left out on purpose: {left_out}");
    }
}

/// A refusal carries the client's own name of the operation, which tells whether the name on the line is the right one.
#[test]
fn names_are_the_clients_own_and_refusals_stop_nothing() {
    let run = all(Some("nobodys7f3a51c0de"));
    assert_eq!(run.code, Some(1));
    assert_eq!(run.lines.len(), listed().len(), "{}", run.said);
    for (name, line) in &run.lines {
        assert_eq!(line.status, "200", "{name}: {}", line.outcome);
        assert!(line.outcome.contains("User authentication failed"), "{name}: {}", line.outcome);
        assert!(line.outcome.contains(&format!("paypal_payflow {name}: ")), "{name}: {}", line.outcome);
        assert!(!line.outcome.contains("MISNAMED"), "{name}: {}", line.outcome);
    }
    assert!(!run.said.contains("7f3a51c0de"), "the password was printed");
}

#[test]
fn production_is_refused_here_too() {
    let mut command = payflow(&["--all"]);
    for name in ["PAYFLOW_PARTNER", "PAYFLOW_VENDOR", "PAYFLOW_USER", "PAYFLOW_PASSWORD"] {
        command.env(name, "7f3a51c0de");
    }
    let output = command.env("PAYFLOW_ENV", "production").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output);
    assert!(said.contains("PAYFLOW_ENV") && !said.contains("7f3a51c0de"), "{said}");
}

#[test]
fn help_says_what_there_is() {
    let output = payflow(&["--help"]).output().unwrap();
    assert!(output.status.success());
    let said = text(&output);
    for word in ["--all", "--list", "PAYFLOW_BASE_URL", "exit status", "manager.paypal.com"] {
        assert!(said.contains(word), "no `{word}` in: {said}");
    }
    assert_eq!(payflow(&["--all", "--list"]).output().unwrap().status.code(), Some(2));
}
