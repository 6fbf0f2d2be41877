//! A journal in one append-only file, synced before anything is sent.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures_channel::oneshot;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::memory::Records;
use super::{Attempt, Conclusion, Journal, JournalRecord, WireKey};
use crate::error::{Error, ErrorKind, Result};
use crate::provider::ProviderId;

/// A journal in one append-only file, for one process at a time.
///
/// Each line is a checksum and a record as JSON. `begin` and `conclude` return after the line is written and synced; lines
/// that arrive together share one sync. A torn last line, as a crash leaves it, is dropped on opening: its `begin` never
/// returned, so nothing was sent. Damage anywhere else is an error that names the line. After a failed write or sync the
/// journal refuses everything until it is opened again, since nobody knows what reached the disk.
///
/// It keeps every record in memory, some 100 000 at most; [`compact`](Self::compact) drops old concluded ones.
pub struct FileJournal {
    writer: Option<SyncSender<Command>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Begin(Attempt),
    Conclude(WireKey, Conclusion),
}

/// No record comes near this many bytes; a longer line is damage, and must not fill the memory.
const LONGEST: u64 = 64 * 1024;

type Reply<T> = oneshot::Sender<Result<T>>;

enum Command {
    Write(Box<Line>, Reply<()>),
    Get(WireKey, Reply<Option<JournalRecord>>),
    Open((ProviderId, String), DateTime<Utc>, usize, Reply<Vec<JournalRecord>>),
    Between(DateTime<Utc>, DateTime<Utc>, Reply<Vec<JournalRecord>>),
    Compact(DateTime<Utc>, Reply<usize>),
}

impl FileJournal {
    /// Lines that may wait for one sync.
    const BATCH: usize = 256;

    /// Opens or creates a journal, locks the file against other processes, and starts the thread that writes it.
    ///
    /// # Errors
    /// When the file cannot be opened or read, another process has it, or a line before the last is damaged.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let mut file = private()
            .truncate(false)
            .open(path)
            .map_err(|source| failed("the journal cannot be opened", source))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::new(ErrorKind::Internal, "another process has the journal open"));
            }
            Err(TryLockError::Error(source)) => return Err(failed("the journal cannot be locked", source)),
        }
        let records = match load(&mut file, path) {
            Ok(records) => records,
            Err(error) => {
                unlock(&file);
                return Err(error);
            }
        };
        let (writer, commands) = sync_channel(Self::BATCH);
        let mut store = Store { file, path: path.to_owned(), records, broken: false };
        let thread = std::thread::Builder::new()
            .name("turnbuckle-journal".to_owned())
            .spawn(move || store.run(&commands))
            .map_err(|source| failed("the journal's thread cannot be started", source))?;
        Ok(Self { writer: Some(writer), thread: Some(thread) })
    }

    /// Rewrites the file without concluded records that were first sent before this time, and returns how many were
    /// dropped. Open records always stay.
    ///
    /// # Errors
    /// When the new file cannot be written; the old one stays in force then. When its folder cannot be synced, the journal
    /// refuses everything until it is opened again.
    pub async fn compact(&self, before: DateTime<Utc>) -> Result<usize> {
        self.ask(|reply| Command::Compact(before, reply)).await
    }

    async fn ask<T>(&self, command: impl FnOnce(Reply<T>) -> Command) -> Result<T> {
        let gone = || Error::new(ErrorKind::Internal, "the journal's thread has ended");
        let (reply, answer) = oneshot::channel();
        // The channel is as deep as a batch; a full one means the disk is behind, and waiting here is the brake.
        self.writer.as_ref().ok_or_else(gone)?.send(command(reply)).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

/// Waits until what is under way is on disk and the file is unlocked, so that it can be opened again at once.
impl Drop for FileJournal {
    fn drop(&mut self) {
        drop(self.writer.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has nothing left to write.
            drop(thread.join());
        }
    }
}

impl fmt::Debug for FileJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileJournal").finish_non_exhaustive()
    }
}

#[async_trait]
impl Journal for FileJournal {
    async fn begin(&self, attempt: &Attempt) -> Result<()> {
        self.ask(|reply| Command::Write(Box::new(Line::Begin(attempt.clone())), reply)).await
    }

    async fn conclude(&self, key: &WireKey, conclusion: &Conclusion) -> Result<()> {
        let line = Line::Conclude(key.clone(), conclusion.clone());
        self.ask(|reply| Command::Write(Box::new(line), reply)).await
    }

    async fn get(&self, key: &WireKey) -> Result<Option<JournalRecord>> {
        self.ask(|reply| Command::Get(key.clone(), reply)).await
    }

    async fn open(
        &self,
        provider: &ProviderId,
        account: &str,
        sent_before: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<JournalRecord>> {
        let whose = (provider.clone(), account.to_owned());
        self.ask(|reply| Command::Open(whose, sent_before, limit, reply)).await
    }

    async fn records(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<Vec<JournalRecord>> {
        self.ask(|reply| Command::Between(from, until, reply)).await
    }
}

struct Store {
    file: File,
    path: std::path::PathBuf,
    records: Records,
    broken: bool,
}

impl Store {
    fn run(&mut self, commands: &Receiver<Command>) {
        while let Ok(first) = commands.recv() {
            let mut batch = Vec::new();
            let mut next = Some(first);
            while let Some(command) = next.take() {
                match command {
                    Command::Write(line, reply) => batch.push((*line, reply)),
                    other => {
                        self.write(std::mem::take(&mut batch));
                        self.answer(other);
                    }
                }
                if batch.len() < FileJournal::BATCH {
                    next = commands.try_recv().ok();
                }
            }
            self.write(batch);
        }
        unlock(&self.file);
    }

    fn write(&mut self, batch: Vec<(Line, Reply<()>)>) {
        let mut written = Vec::with_capacity(batch.len());
        let mut bytes = Vec::new();
        for (line, reply) in batch {
            // A caller that went away still gets its line written: its request may already be on its way.
            let done = if self.broken { Err(broken()) } else { self.accept(&line, &mut bytes) };
            match done {
                Ok(()) => written.push(reply),
                Err(error) => drop(reply.send(Err(error))),
            }
        }
        if written.is_empty() {
            return;
        }
        let synced = self.file.write_all(&bytes).and_then(|()| self.file.sync_data());
        for reply in written {
            let result = match &synced {
                Ok(()) => Ok(()),
                Err(source) => Err(Error::new(ErrorKind::Internal, "the journal could not be written")
                    .with_source(source.to_string())),
            };
            drop(reply.send(result));
        }
        self.broken |= synced.is_err();
    }

    fn accept(&mut self, line: &Line, bytes: &mut Vec<u8>) -> Result<()> {
        let encoded = encode(line)?;
        apply(&mut self.records, line)?;
        bytes.extend_from_slice(&encoded);
        Ok(())
    }

    fn answer(&mut self, command: Command) {
        match command {
            Command::Write(line, reply) => self.write(vec![(*line, reply)]),
            Command::Get(key, reply) => {
                let found = self.records.by_key.get(&key).cloned();
                drop(reply.send(self.unbroken(found)));
            }
            Command::Open((provider, account), before, limit, reply) => {
                let found = self.records.open(&provider, &account, before, limit);
                drop(reply.send(self.unbroken(found)));
            }
            Command::Between(from, until, reply) => {
                let found = self.records.between(from, until);
                drop(reply.send(self.unbroken(found)));
            }
            Command::Compact(before, reply) => drop(reply.send(self.compact(before))),
        }
    }

    /// In a broken journal memory may be ahead of the disk.
    fn unbroken<T>(&self, value: T) -> Result<T> {
        if self.broken { Err(broken()) } else { Ok(value) }
    }

    fn compact(&mut self, before: DateTime<Utc>) -> Result<usize> {
        if self.broken {
            return Err(broken());
        }
        let keep: BTreeMap<_, _> = self
            .records
            .by_key
            .iter()
            .filter(|(_, record)| record.is_open() || record.attempt.started_at >= before)
            .map(|(key, record)| (key.clone(), record.clone()))
            .collect();
        let mut bytes = Vec::new();
        for (key, record) in &keep {
            // Begun twice is what a repeated record is.
            for _ in 0..=usize::from(record.repeated) {
                bytes.extend(encode(&Line::Begin(record.attempt.clone()))?);
            }
            if let Some(conclusion) = &record.conclusion {
                bytes.extend(encode(&Line::Conclude(key.clone(), conclusion.clone()))?);
            }
        }
        // The whole name and more, so that two journals in one folder never share it.
        let mut fresh_path = self.path.clone().into_os_string();
        fresh_path.push(".compacting");
        let fresh = || -> std::io::Result<File> {
            let mut fresh = private().truncate(true).open(&fresh_path)?;
            fresh.try_lock()?;
            fresh.write_all(&bytes)?;
            fresh.sync_all()?;
            std::fs::rename(&fresh_path, &self.path)?;
            Ok(fresh)
        };
        self.file = fresh().map_err(|source| failed("the journal could not be compacted", source))?;
        let dropped = self.records.by_key.len() - keep.len();
        self.records.by_key = keep;
        // Until the folder is synced a crash may bring the old file back, without what is written from now on.
        sync_parent(&self.path).inspect_err(|_| self.broken = true)?;
        Ok(dropped)
    }
}

fn encode(line: &Line) -> Result<Vec<u8>> {
    let json = serde_json::to_string(line).map_err(|source| {
        Error::new(ErrorKind::Internal, "a journal record cannot be written").with_source(source)
    })?;
    let line = format!("{} {json}\n", checksum(json.as_bytes())).into_bytes();
    if line.len() as u64 > LONGEST {
        // Written, it would be taken for damage when the journal is opened again.
        return Err(Error::new(ErrorKind::InvalidRequest, "a journal record is longer than 64 KiB"));
    }
    Ok(line)
}

fn checksum(json: &[u8]) -> String {
    let digest = Sha256::digest(json);
    format!("{:08x}", digest.iter().take(4).fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte)))
}

fn decode(line: &[u8]) -> Option<Line> {
    let text = std::str::from_utf8(line.strip_suffix(b"\n")?).ok()?;
    let (sum, json) = text.split_once(' ')?;
    if sum != checksum(json.as_bytes()) {
        return None;
    }
    serde_json::from_str(json).ok()
}

/// Whether a whole record stands at the beginning and something follows. A torn write does not look like that: the end
/// of a line was damaged, and the next one with it.
fn holds_a_record(line: &[u8]) -> bool {
    let Some((sum, rest)) = line.split_at_checked(9) else { return false };
    let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<serde::de::IgnoredAny>();
    let Some(Ok(_)) = values.next() else { return false };
    let (json, after) = rest.split_at(values.byte_offset().min(rest.len()));
    !after.is_empty() && sum == format!("{} ", checksum(json)).as_bytes()
}

fn apply(records: &mut Records, line: &Line) -> Result<()> {
    match line {
        Line::Begin(attempt) => records.begin(attempt),
        Line::Conclude(key, conclusion) => records.conclude(key, conclusion),
    }
}

/// Reads the file, drops a torn last line, and leaves the position at the end.
fn replay(file: &mut File) -> Result<Records> {
    let unreadable = |source| failed("the journal cannot be read", source);
    let length = file.metadata().map_err(unreadable)?.len();
    let mut records = Records::new(Records::DEFAULT_CAPACITY);
    let mut reader = BufReader::new(&mut *file);
    let (mut good, mut number) = (0_u64, 0_u64);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = (&mut reader).take(LONGEST).read_until(b'\n', &mut line).map_err(unreadable)? as u64;
        if read == 0 {
            break;
        }
        number += 1;
        match decode(&line) {
            Some(line) => apply(&mut records, &line)?,
            None if good + read == length && !holds_a_record(&line) => break,
            None => {
                return Err(Error::new(
                    ErrorKind::Internal,
                    format!("the journal is damaged at line {number}"),
                ));
            }
        }
        good += read;
    }
    file.set_len(good).map_err(|source| failed("the journal's torn last line cannot be dropped", source))?;
    file.seek(SeekFrom::Start(good)).map_err(unreadable)?;
    file.sync_all().map_err(unreadable)?;
    Ok(records)
}

fn load(file: &mut File, path: &Path) -> Result<Records> {
    if !still_at(file, path).map_err(|source| failed("the journal cannot be read", source))? {
        return Err(Error::new(ErrorKind::Internal, "another process has the journal open"));
    }
    let records = replay(file)?;
    sync_parent(path)?;
    Ok(records)
}

/// Closing is not enough: a process that is just being forked holds the lock until it has closed its copy.
fn unlock(file: &File) {
    drop(file.unlock());
}

/// Whether the locked file is the one that has the name: another process may have compacted it between the opening and
/// the lock, and what is written to the old one is lost.
fn still_at(file: &File, path: &Path) -> std::io::Result<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let (ours, named) = (file.metadata()?, std::fs::metadata(path)?);
        Ok((ours.dev(), ours.ino()) == (named.dev(), named.ino()))
    }
    #[cfg(not(unix))]
    {
        let _ = (file, path);
        Ok(true)
    }
}

/// A new file is durable only once its folder is.
fn sync_parent(path: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(parent)
            .and_then(|folder| folder.sync_all())
            .map_err(|source| failed("the journal's folder cannot be synced", source))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Amounts and order numbers are nobody else's business: a new file is its owner's alone, where the system knows owners.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn failed(message: &'static str, source: std::io::Error) -> Error {
    Error::new(ErrorKind::Internal, message).with_source(source)
}

fn broken() -> Error {
    Error::new(ErrorKind::Internal, "an earlier write to the journal failed: open it again")
}
