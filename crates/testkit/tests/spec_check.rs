//! The recorded requests of this workspace, judged by the vendors' own descriptions where those are at hand.

#![cfg(feature = "spec-check")]
#![allow(clippy::unwrap_used)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

use turnbuckle_testkit::spec::{Report, check};

/// Straight to standard error: what `println!` writes in a passing test is never seen.
fn say(line: &str) {
    std::io::stderr().write_all(format!("\n{line}\n").as_bytes()).unwrap();
}

/// The folder of descriptions. Without it nothing can be judged, and that is said once a test, on one line.
fn specs(test: &str) -> Option<PathBuf> {
    let why = match env::var_os("TURNBUCKLE_SPECS").filter(|value| !value.is_empty()).map(PathBuf::from) {
        Some(folder) if folder.is_dir() => return Some(folder),
        Some(folder) => format!("TURNBUCKLE_SPECS names {}, which is no folder", folder.display()),
        None => "TURNBUCKLE_SPECS does not name the folder of the vendors' descriptions".to_owned(),
    };
    say(&format!("SPEC CHECK SKIPPED ({test}): {why}"));
    None
}

fn here() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn recorded_requests_agree_with_the_descriptions() {
    let Some(specs) = specs("recorded requests") else { return };
    let report = check(&here().join("../../fixtures"), &specs, &here().join("spec-newer.toml"));
    say(&format!("spec check: {}", report.summary()));
    assert!(report.is_clean(), "\n{report}");
}

/// Copies one vendor's samples to where `check` expects recordings, and judges them.
fn judge_samples(kind: &str, specs: &Path) -> Report {
    let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("spec-samples-{kind}"));
    let _ = fs::remove_dir_all(&root);
    for vendor in vendors() {
        let requests = root.join(&vendor).join("requests");
        fs::create_dir_all(&requests).unwrap();
        for (name, path) in samples(&vendor, kind) {
            fs::copy(path, requests.join(name)).unwrap();
        }
    }
    let newer = root.join("newer.toml");
    fs::write(&newer, "").unwrap();
    check(&root, specs, &newer)
}

fn vendors() -> Vec<String> {
    names(&here().join("tests/spec_samples"))
}

fn samples(vendor: &str, kind: &str) -> Vec<(String, PathBuf)> {
    let folder = here().join("tests/spec_samples").join(vendor).join(kind);
    let names = names(&folder)
        .into_iter()
        .filter(|name| Path::new(name).extension().is_some_and(|end| end == "http"));
    names.map(|name| (name.clone(), folder.join(name))).collect()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn good_samples_pass() {
    let Some(specs) = specs("good samples") else { return };
    let report = judge_samples("good", &specs);
    assert!(report.is_clean(), "\n{report}");
    for vendor in vendors() {
        assert_eq!(report.judged().get(&vendor), Some(&samples(&vendor, "good").len()), "{vendor}");
        assert!(samples(&vendor, "good").len() >= 4, "{vendor}");
    }
}

/// Each bad sample breaks what its `expected.txt` says and nothing else. A line there: file | operation | field |
/// rule | a part of what the description says.
#[test]
fn bad_samples_fail_with_file_operation_and_field() {
    let Some(specs) = specs("bad samples") else { return };
    let report = judge_samples("bad", &specs);
    let mut found: Vec<String> = report
        .findings()
        .iter()
        .map(|finding| {
            let file = finding.file.replace("/requests/", "/");
            format!(
                "{file} | {} | {} | {} | {}",
                finding.operation, finding.field, finding.rule, finding.says
            )
        })
        .collect();
    for vendor in vendors() {
        let list = here().join("tests/spec_samples").join(&vendor).join("bad/expected.txt");
        let expected = fs::read_to_string(list).unwrap();
        for (name, _) in samples(&vendor, "bad") {
            assert!(expected.lines().any(|line| line.starts_with(&format!("{name} | "))), "{vendor}/{name}");
        }
        for line in expected.lines() {
            let (exact, part) = line.rsplit_once(" | ").unwrap();
            let position = found.iter().position(|finding| {
                finding.strip_prefix(&format!("{vendor}/{exact} | ")).is_some_and(|says| says.contains(part))
            });
            let position =
                position.unwrap_or_else(|| panic!("missing: {vendor}/{line}\n{}", found.join("\n")));
            found.remove(position);
        }
    }
    assert!(found.is_empty(), "not expected:\n{}", found.join("\n"));
}
