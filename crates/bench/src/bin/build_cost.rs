//! What a Stripe client adds to a clean debug build, in crates and in seconds of CPU.
//!
//! `cargo run -p turnbuckle-bench --bin build-cost` builds three packages from nothing, each in a directory of its own:
//! what a service has anyway (reqwest, serde, serde_json, tokio in full), the same with turnbuckle-stripe, the same with
//! async-stripe for payments, billing and webhooks. Cargo calls this program in place of rustc; it runs rustc and writes
//! down the time. Linux only, since the time comes from `/proc`.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, process};

const LOG: &str = "TURNBUCKLE_BUILD_COST_LOG";
const CRATES: usize = 25;
const SECONDS: f64 = 30.0;

const BASELINE: &str = r#"
reqwest = "0.13"
serde = { version = "1", features = ["derive"] }
serde_json = "1"
tokio = { version = "1", features = ["full"] }
"#;

/// The client and the calls that turnbuckle-stripe covers, with its webhooks.
const ASYNC_STRIPE: &str = r#"
async-stripe = { version = "=1.0.0-rc.10", default-features = false, features = ["rustls-aws-lc-rs", "rustls-tls-native"] }
async-stripe-billing = { version = "=1.0.0-rc.10", features = ["subscription"] }
async-stripe-core = { version = "=1.0.0-rc.10", features = ["balance", "balance_transaction", "charge", "customer", "payment_intent", "refund", "setup_intent"] }
async-stripe-payment = { version = "=1.0.0-rc.10", features = ["payment_method"] }
async-stripe-webhook = { version = "=1.0.0-rc.10", features = ["async-stripe-billing", "async-stripe-payment"] }
"#;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<ExitCode> {
    match env::var_os(LOG) {
        Some(log) => stand_in_for_rustc(Path::new(&log)),
        None => compare(),
    }
}

fn stand_in_for_rustc(log: &Path) -> Outcome<ExitCode> {
    let mut arguments = env::args_os().skip(1);
    let rustc = arguments.next().ok_or("cargo names no rustc")?;
    let status = Command::new(rustc).args(arguments).status()?;
    if let (Ok(name), Ok(version)) = (env::var("CARGO_PKG_NAME"), env::var("CARGO_PKG_VERSION")) {
        let line = format!("{name} {version} {}\n", children_seconds()?);
        OpenOptions::new().create(true).append(true).open(log)?.write_all(line.as_bytes())?;
    }
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// CPU time, user and system, of all child processes that have ended, in seconds.
fn children_seconds() -> Outcome<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The second field is the program's name in brackets and may hold spaces.
    let fields = stat.rsplit_once(')').ok_or("/proc/self/stat is not as expected")?.1;
    let ticks: Vec<f64> = fields.split_whitespace().skip(13).take(2).flat_map(str::parse).collect();
    // A tick is a hundredth of a second on every Linux.
    Ok(ticks.iter().sum::<f64>() / 100.0)
}

/// Seconds of rustc by crate and version, and of everything: cargo, build scripts, C compilers.
struct Build {
    crates: BTreeMap<String, f64>,
    whole: f64,
}

fn compare() -> Outcome<ExitCode> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let scratch = env::temp_dir().join(format!("turnbuckle-build-cost-{}", process::id()));
    let stripe = format!("turnbuckle-stripe = {{ path = '{}' }}\n", root.join("crates/stripe").display());

    let baseline = build(&root, &scratch.join("baseline"), "")?;
    println!("baseline: {} crates, {:.1} s of CPU in all", baseline.crates.len(), baseline.whole);
    let (crates, seconds) =
        report("turnbuckle-stripe", &baseline, &build(&root, &scratch.join("ours"), &stripe)?);
    let holds = |holds| if holds { "holds" } else { "DOES NOT HOLD" };
    println!("  at most {CRATES} crates: {}", holds(crates <= CRATES));
    println!("  at most {SECONDS} s: {}", holds(seconds <= SECONDS));
    report("async-stripe", &baseline, &build(&root, &scratch.join("peer"), ASYNC_STRIPE)?);

    fs::remove_dir_all(&scratch)?;
    Ok(ExitCode::SUCCESS)
}

fn build(root: &Path, directory: &Path, dependencies: &str) -> Outcome<Build> {
    fs::create_dir_all(directory.join("src"))?;
    fs::write(directory.join("src/lib.rs"), "")?;
    let manifest = format!(
        "[package]\nname = \"scratch\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]{BASELINE}{dependencies}"
    );
    fs::write(directory.join("Cargo.toml"), manifest)?;
    // The versions of this workspace, so that only additions count.
    fs::copy(root.join("Cargo.lock"), directory.join("Cargo.lock"))?;
    cargo(directory, &["fetch", "--quiet"], None)?;

    let log = directory.join("rustc.log");
    let before = children_seconds()?;
    cargo(directory, &["build", "--quiet"], Some(&log))?;
    let whole = children_seconds()? - before;

    let mut crates = BTreeMap::new();
    for line in fs::read_to_string(log)?.lines() {
        if let Some((name, seconds)) = line.rsplit_once(' ')
            && !name.starts_with("scratch ")
        {
            // A crate with a build script is compiled twice.
            *crates.entry(name.to_owned()).or_default() += seconds.parse::<f64>()?;
        }
    }
    Ok(Build { crates, whole })
}

fn cargo(directory: &Path, arguments: &[&str], log: Option<&PathBuf>) -> Outcome<()> {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(directory);
    // As crates from a registry are built; only those of the workspace at hand are built incrementally.
    command.env("CARGO_INCREMENTAL", "0").env("CARGO_TARGET_DIR", directory.join("target"));
    for inherited in ["RUSTC_WORKSPACE_WRAPPER", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"] {
        command.env_remove(inherited);
    }
    if let Some(log) = log {
        command.env(LOG, log).env("RUSTC_WRAPPER", env::current_exe()?);
    }
    if command.status()?.success() { Ok(()) } else { Err("cargo failed".into()) }
}

/// Prints what a build adds to the baseline: crates, and seconds of rustc on them.
fn report(name: &str, baseline: &Build, build: &Build) -> (usize, f64) {
    let mut added: Vec<_> =
        build.crates.iter().filter(|(name, _)| !baseline.crates.contains_key(*name)).collect();
    added.sort_by(|one, other| other.1.total_cmp(one.1));
    let seconds = added.iter().map(|(_, seconds)| **seconds).sum();
    println!(
        "{name} adds {} crates and {seconds:.1} s of CPU in rustc on them; the whole build takes {:.1} s more",
        added.len(),
        build.whole - baseline.whole
    );
    for (name, seconds) in &added {
        println!("  {seconds:6.2} s  {name}");
    }
    (added.len(), seconds)
}
