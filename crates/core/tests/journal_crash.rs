//! The file journal after crashes, damage, full disks and second openers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod payment_support;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use chrono::TimeDelta;
use payment_support::*;
use turnbuckle_core::payment::*;
use turnbuckle_core::{ErrorKind, Result};

const CHILD: &str = "TURNBUCKLE_TEST_JOURNAL";

fn sent(value: &str) -> Attempt {
    attempt(PaymentOperation::Purchase, value, Some(usd(100))).with_merchant_reference(order("ord\"er–1"))
}

fn done() -> Conclusion {
    Conclusion::new(start(), End::Done).with_payment(handle("p").with_detail("last4", "4242"))
}

async fn all(journal: &dyn Journal) -> Vec<JournalRecord> {
    journal.records(start() - TimeDelta::days(1), start() + TimeDelta::days(1)).await.unwrap()
}

enum Step {
    Begin(&'static str),
    End(&'static str, Conclusion),
}

/// The same steps for any journal, one line each.
async fn step(journal: &dyn Journal, step: &Step) -> Result<()> {
    match step {
        Step::Begin(value) => journal.begin(&sent(value)).await,
        Step::End(value, end) => journal.conclude(&sent(value).wire_key, end).await,
    }
}

fn steps() -> Vec<Step> {
    vec![
        Step::Begin("a"),
        Step::Begin("b"),
        Step::End("a", done()),
        Step::Begin("b"),
        Step::End("b", Conclusion::new(start(), End::Refused)),
        Step::Begin("c"),
        Step::End("c", Conclusion::new(start(), End::NotDone)),
    ]
}

/// A journal file, and its records after each whole line.
async fn written(path: &Path) -> (Vec<u8>, Vec<Vec<JournalRecord>>) {
    let (journal, model) = (FileJournal::open(path).unwrap(), MemoryJournal::new());
    let mut states = vec![Vec::new()];
    for one in steps() {
        step(&journal, &one).await.unwrap();
        step(&model, &one).await.unwrap();
        states.push(all(&model).await);
        assert_eq!(all(&journal).await, *states.last().unwrap());
    }
    drop(journal);
    (std::fs::read(path).unwrap(), states)
}

fn newlines(bytes: &[u8]) -> usize {
    bytes.split(|byte| *byte == b'\n').count() - 1
}

#[tokio::test]
async fn cut_anywhere_it_opens_to_what_was_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let (bytes, states) = written(&path).await;
    assert_eq!(newlines(&bytes) + 1, states.len());
    for length in 0..=bytes.len() {
        std::fs::write(&path, &bytes[..length]).unwrap();
        let journal = FileJournal::open(&path).unwrap_or_else(|error| panic!("cut at {length}: {error}"));
        let whole = newlines(&bytes[..length]);
        assert_eq!(all(&journal).await, states[whole], "cut at {length}");
        if length % 97 == 0 {
            // What comes after the torn line is written over it, not behind it.
            journal.begin(&sent("after")).await.unwrap();
            drop(journal);
            let again = FileJournal::open(&path).unwrap();
            assert_eq!(all(&again).await.len(), states[whole].len() + 1);
        }
    }
}

#[tokio::test]
async fn one_damaged_byte_is_found_or_was_in_the_last_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let (bytes, states) = written(&path).await;
    let lines = newlines(&bytes);
    for index in 0..bytes.len() {
        let line = newlines(&bytes[..index]) + 1;
        for byte in [bytes[index] ^ 1, bytes[index] ^ 0x20, bytes[index] ^ 0x80, 0, b'\n', b'}'] {
            if byte == bytes[index] {
                continue;
            }
            let mut damaged = bytes.clone();
            damaged[index] = byte;
            std::fs::write(&path, &damaged).unwrap();
            match FileJournal::open(&path) {
                Ok(journal) => {
                    assert_eq!(line, lines, "damage at byte {index} of line {line} passed");
                    assert_eq!(all(&journal).await, states[lines - 1]);
                }
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Internal);
                    assert!(
                        error.message().ends_with(&format!("damaged at line {line}")),
                        "{index}: {error}"
                    );
                    // Only a line end in the last line, made or unmade, is told from a torn write.
                    assert!(
                        line < lines || byte == b'\n' || bytes[index] == b'\n',
                        "{index} in the last line"
                    );
                    assert_eq!(std::fs::read(&path).unwrap(), damaged, "a damaged journal is left as it is");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_second_opener_is_refused_until_the_first_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    for _ in 0..20 {
        let first = FileJournal::open(&path).unwrap();
        first.begin(&sent("a")).await.unwrap();
        assert!(FileJournal::open(&path).unwrap_err().message().contains("open"));
        first.compact(start()).await.unwrap();
        assert!(FileJournal::open(&path).is_err(), "the compacted file is locked as well");
    }
}

#[tokio::test]
async fn a_future_dropped_while_writing_leaves_a_whole_record() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = FileJournal::open(&path).unwrap();
    for index in 0..50 {
        let attempt = sent(&format!("k{index}"));
        tokio::select! {
            biased;
            result = journal.begin(&attempt) => result.unwrap(),
            () = std::future::ready(()) => {}
        }
    }
    drop(journal);
    assert_eq!(all(&FileJournal::open(&path).unwrap()).await.len(), 50);
}

#[tokio::test]
async fn a_record_too_long_to_be_read_again_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = FileJournal::open(&path).unwrap();
    let long = |length: usize| sent("long").with_sub_account(Some("x".repeat(length)));
    assert_eq!(journal.begin(&long(64 * 1024)).await.unwrap_err().kind(), ErrorKind::InvalidRequest);
    assert_eq!(journal.get(&sent("long").wire_key).await.unwrap(), None);
    journal.begin(&long(64 * 1024 - 1000)).await.unwrap();
    let detailed = done().with_payment(handle("p").with_detail("d", "x".repeat(64 * 1024)));
    assert!(journal.conclude(&sent("long").wire_key, &detailed).await.is_err());
    journal.begin(&sent("short")).await.unwrap();
    drop(journal);
    let again = FileJournal::open(&path).unwrap();
    let records = all(&again).await;
    assert_eq!(records.len(), 2);
    assert!(records.iter().all(JournalRecord::is_open));
}

#[tokio::test]
async fn compaction_drops_old_ends_and_keeps_what_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let (path, neighbour) = (folder.path().join("pay.one"), folder.path().join("pay.two"));
    let journal = FileJournal::open(&path).unwrap();
    let later = |value: &str| {
        let key = IdempotencyKey::new(value, start() + TimeDelta::hours(1)).unwrap();
        Attempt::new(&PROVIDER, ACCOUNT, PaymentOperation::Refund, &key, start() + TimeDelta::hours(1))
    };
    for value in ["ended", "open", "repeated", "doubled"] {
        journal.begin(&sent(value)).await.unwrap();
    }
    journal.begin(&later("new")).await.unwrap();
    journal.begin(&sent("repeated")).await.unwrap();
    for attempt in [sent("ended"), later("new")] {
        journal.conclude(&attempt.wire_key, &done()).await.unwrap();
    }
    // Another journal beside it compacts into a file of its own.
    std::fs::write(folder.path().join("pay.compacting"), "somebody else's").unwrap();
    let other = FileJournal::open(&neighbour).unwrap();
    other.begin(&sent("theirs")).await.unwrap();
    assert_eq!(journal.compact(start()).await.unwrap(), 0, "not older than the time given");
    assert_eq!(journal.compact(start() + TimeDelta::hours(1)).await.unwrap(), 1);
    assert_eq!(other.compact(start()).await.unwrap(), 0);
    assert_eq!(std::fs::read_to_string(folder.path().join("pay.compacting")).unwrap(), "somebody else's");
    journal.begin(&sent("after")).await.unwrap();
    let before = all(&journal).await;
    drop(journal);
    let journal = FileJournal::open(&path).unwrap();
    assert_eq!(all(&journal).await, before);
    assert_eq!(before.len(), 5);
    journal.conclude(&sent("repeated").wire_key, &Conclusion::new(start(), End::Refused)).await.unwrap();
    let repeated = journal.get(&sent("repeated").wire_key).await.unwrap().unwrap();
    assert!(repeated.is_open(), "that it was repeated survives the compaction");
    assert_eq!(journal.get(&sent("ended").wire_key).await.unwrap(), None);
    assert_eq!(journal.get(&later("new").wire_key).await.unwrap().unwrap().conclusion, Some(done()));
}

#[tokio::test]
async fn a_failed_compaction_leaves_the_old_file_in_force() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = FileJournal::open(&path).unwrap();
    journal.begin(&sent("a")).await.unwrap();
    journal.conclude(&sent("a").wire_key, &done()).await.unwrap();
    std::fs::create_dir(folder.path().join("journal.compacting")).unwrap();
    assert!(journal.compact(start() + TimeDelta::days(1)).await.is_err());
    journal.begin(&sent("b")).await.unwrap();
    drop(journal);
    assert_eq!(all(&FileJournal::open(&path).unwrap()).await.len(), 2);
}

fn child(test: &str, path: &Path, shell: Option<&str>) -> Command {
    let exe = std::env::current_exe().unwrap();
    let mut command = match shell {
        Some(script) => {
            let mut command = Command::new("sh");
            command.arg("-c").arg(format!("{script}; exec \"$0\" \"$@\"")).arg(exe);
            command
        }
        None => Command::new(exe),
    };
    command.args(["--exact", test, "--ignored", "--nocapture"]).env(CHILD, path).stdout(Stdio::piped());
    command
}

fn child_path() -> Option<PathBuf> {
    std::env::var_os(CHILD).map(PathBuf::from)
}

/// Begins and ends attempts until it is killed, and says each time what the journal has promised.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a process of its own, started and killed by the test below"]
async fn child_that_is_killed() {
    let Some(path) = child_path() else { return };
    let journal = Arc::new(FileJournal::open(path).unwrap());
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let journal = journal.clone();
            tokio::spawn(async move {
                let pid = std::process::id();
                for index in 0.. {
                    let attempt = sent(&format!("{pid}-{task}-{index}"));
                    journal.begin(&attempt).await.unwrap();
                    say("begun", &attempt);
                    if index % 3 == 0 {
                        journal.conclude(&attempt.wire_key, &done()).await.unwrap();
                        say("ended", &attempt);
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

fn say(word: &str, attempt: &Attempt) {
    // One write, so that a kill leaves whole lines or none.
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{word} {}\n", attempt.wire_key).as_bytes()).unwrap();
    out.flush().unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn what_a_killed_process_was_promised_is_in_the_journal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let mut promised = std::collections::BTreeMap::new();
    for round in 0..12_usize {
        let mut killed = child("child_that_is_killed", &path, None).spawn().unwrap();
        let mut lines = BufReader::new(killed.stdout.take().unwrap()).lines();
        let mut note = |line: &str| {
            if let Some((word @ ("begun" | "ended"), key)) = line.split_once(' ') {
                let key = WireKey::try_from(key.to_owned()).unwrap();
                *promised.entry(key).or_insert(false) |= word == "ended";
                return true;
            }
            false
        };
        // Another moment each time; the child goes on while this side reads.
        let mut wanted = 1 + round * 7;
        while wanted > 0 {
            wanted -= usize::from(note(&lines.next().expect("the child goes on").unwrap()));
        }
        killed.kill().unwrap();
        assert!(!killed.wait().unwrap().success());
        for line in lines {
            note(&line.unwrap());
        }
        let journal = FileJournal::open(&path).unwrap();
        for (key, ended) in &promised {
            let record = journal.get(key).await.unwrap().unwrap_or_else(|| panic!("{key} is lost"));
            assert!(!ended || !record.is_open(), "the end of {key} is lost");
        }
    }
    assert!(promised.len() > 12 && promised.values().any(|ended| *ended));
}

/// Writes until the file may not grow any more.
#[tokio::test]
#[ignore = "a process of its own with a limit on file size, started by the test below"]
async fn child_with_a_full_disk() {
    let Some(path) = child_path() else { return };
    let journal = FileJournal::open(&path).unwrap();
    let mut begun = Vec::new();
    let failed = loop {
        let attempt = sent(&format!("k{}", begun.len()));
        match journal.begin(&attempt).await {
            Ok(()) => begun.push(attempt),
            Err(error) => break error,
        }
    };
    assert!(begun.len() > 3);
    assert_eq!((failed.kind(), failed.message()), (ErrorKind::Internal, "the journal could not be written"));
    let refused = [
        journal.begin(&sent("next")).await.unwrap_err(),
        journal.begin(&begun[0]).await.unwrap_err(),
        journal.conclude(&begun[0].wire_key, &done()).await.unwrap_err(),
        journal.get(&begun[0].wire_key).await.unwrap_err(),
        journal.open(&PROVIDER, ACCOUNT, start() + TimeDelta::days(1), 9).await.unwrap_err(),
        journal.records(start(), start()).await.unwrap_err(),
        journal.compact(start()).await.unwrap_err(),
    ];
    assert!(refused.iter().all(|error| error.message().contains("open it again")));
    drop(journal);
    let again = FileJournal::open(&path).unwrap();
    let records: Vec<_> = all(&again).await.into_iter().map(|record| record.attempt).collect();
    assert!(begun.iter().all(|attempt| records.contains(attempt)));
    say("survived", &begun[0]);
}

#[cfg(target_os = "linux")]
#[test]
fn after_a_failed_write_it_refuses_everything_until_it_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    // Eight blocks; the signal is ignored, so that the write fails instead.
    let output = child("child_with_a_full_disk", &path, Some("trap '' XFSZ; ulimit -f 8")).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("survived "), "{text}");
}
