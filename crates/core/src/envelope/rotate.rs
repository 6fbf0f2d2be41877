//! Walking a store to bring its blobs under the active key. Stopped at any point, every blob still opens.

use std::collections::BTreeMap;
use std::fmt;

use async_trait::async_trait;

use crate::envelope::{Access, Context, Envelope, EnvelopeError, KeyId, Sealer};
use crate::error::{Error, ErrorKind, Result};

/// One stored blob with the context that the host rebuilt from its row.
#[derive(Clone)]
#[non_exhaustive]
pub struct StoredBlob {
    /// The row's id; pages are ordered by it.
    pub id: String,
    /// Where the credential belongs.
    pub context: Context,
    /// The envelope.
    pub blob: Vec<u8>,
}

impl StoredBlob {
    /// One stored blob.
    pub fn new(id: impl Into<String>, context: Context, blob: Vec<u8>) -> Self {
        Self { id: id.into(), context, blob }
    }
}

impl fmt::Debug for StoredBlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredBlob").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Where a host keeps its blobs, as far as rotation needs it.
///
/// # Contract
/// - [`page`](Self::page) is ordered by an order that stays the same between calls, and begins right behind `after`. A
///   blob that was there before the walk and is there after it appears.
/// - [`compare_and_swap`](Self::compare_and_swap) is atomic and durable. A context that changes with the blob (its
///   version, say) is covered by comparing the blob, since each write makes a new one.
#[async_trait]
pub trait BlobStore: fmt::Debug + Send + Sync {
    /// At most `limit` blobs behind the id `after`, or from the start; empty at the end.
    async fn page(&self, after: Option<&str>, limit: usize) -> Result<Vec<StoredBlob>>;

    /// Replaces `old` by `new` if `old` is still what is stored; `false` if it is not, or the row is gone.
    async fn compare_and_swap(&self, id: &str, old: &[u8], new: &[u8]) -> Result<bool>;
}

/// How to walk.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RotateOptions {
    /// Continue behind this id: [`Report::next`] of an earlier run.
    pub after: Option<String>,
    /// Blobs a page, 100 unless set; at least 1.
    pub page_size: usize,
    /// Stop after this many blobs; no limit unless set.
    pub limit: Option<u64>,
    /// Stop when this many blobs could not be read, 1000 unless set: then something general is wrong.
    pub max_unreadable: usize,
}

impl RotateOptions {
    /// The whole store, 100 blobs a page.
    pub fn new() -> Self {
        Self { after: None, page_size: 100, limit: None, max_unreadable: 1_000 }
    }

    /// Continues behind this id.
    pub fn with_after(mut self, id: impl Into<String>) -> Self {
        self.after = Some(id.into());
        self
    }

    /// Blobs a page.
    pub fn with_page_size(mut self, blobs: usize) -> Self {
        self.page_size = blobs.max(1);
        self
    }

    /// Stops after this many blobs.
    pub fn with_limit(mut self, blobs: u64) -> Self {
        self.limit = Some(blobs);
        self
    }

    /// Stops when this many blobs could not be read.
    pub fn with_max_unreadable(mut self, blobs: usize) -> Self {
        self.max_unreadable = blobs;
        self
    }
}

impl Default for RotateOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// What a walk did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct Report {
    /// Blobs that were replaced.
    pub rewritten: u64,
    /// Blobs that were under the active key already.
    pub already: u64,
    /// Blobs that somebody else changed or removed in between. They may be under any key: walk again.
    pub lost_races: u64,
    /// Blobs that were left as they are, since they do not open.
    pub unreadable: Vec<Unreadable>,
    /// The last id that was dealt with, where the walk stopped early; `None` after the end, and in an
    /// [`Interrupted`] that stopped before the first blob.
    pub next: Option<String>,
}

impl Report {
    /// Whether the walk reached the end and nothing needs another look.
    pub fn is_complete(&self) -> bool {
        self.next.is_none() && self.lost_races == 0 && self.unreadable.is_empty()
    }
}

/// A blob that does not open, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unreadable {
    /// The row's id.
    pub id: String,
    /// Why.
    pub error: EnvelopeError,
}

/// A walk that could not go on: the store failed, the key service is away, the audit sink refused. Every blob still
/// opens; continue behind [`Report::next`].
#[derive(Debug, thiserror::Error)]
#[error("the walk over the stored envelopes stopped early")]
#[non_exhaustive]
pub struct Interrupted {
    /// What was done until then.
    pub report: Report,
    /// What stopped it.
    pub source: Error,
}

impl From<Interrupted> for Error {
    fn from(interrupted: Interrupted) -> Self {
        interrupted.source
    }
}

/// Brings every blob under the active key; payloads stay as they are. Safe to run twice at once and to stop anywhere.
///
/// # Errors
/// [`Interrupted`], with what was done until then.
pub async fn rewrap_all(
    sealer: &Sealer,
    store: &dyn BlobStore,
    options: RotateOptions,
) -> Result<Report, Interrupted> {
    walk(sealer, store, options, None).await
}

/// Seals every blob again with a new data key under the active key, for after a master key was exposed. Each blob is
/// opened, so each is recorded as an access.
///
/// # Errors
/// [`Interrupted`], with what was done until then.
pub async fn reencrypt_all(
    sealer: &Sealer,
    store: &dyn BlobStore,
    access: &Access,
    options: RotateOptions,
) -> Result<Report, Interrupted> {
    walk(sealer, store, options, Some(access)).await
}

async fn walk(
    sealer: &Sealer,
    store: &dyn BlobStore,
    options: RotateOptions,
    access: Option<&Access>,
) -> Result<Report, Interrupted> {
    let mut report = Report { next: options.after.clone(), ..Report::default() };
    let mut left = options.limit.unwrap_or(u64::MAX);
    loop {
        let page = match store.page(report.next.as_deref(), options.page_size.max(1)).await {
            Ok(page) => page,
            Err(source) => return Err(Interrupted { report, source }),
        };
        if page.is_empty() {
            report.next = None;
            return Ok(report);
        }
        let before = report.next.clone();
        for stored in page {
            if left == 0 {
                return Ok(report);
            }
            left -= 1;
            if let Err(source) = step(sealer, store, &stored, access, &mut report).await {
                return Err(Interrupted { report, source });
            }
            report.next = Some(stored.id);
            if report.unreadable.len() >= options.max_unreadable.max(1) {
                let source = Error::new(ErrorKind::Envelope, "too many stored envelopes do not open");
                return Err(Interrupted { report, source });
            }
        }
        if report.next == before {
            let source = Error::new(ErrorKind::Internal, "the blob store returned the same page twice");
            return Err(Interrupted { report, source });
        }
    }
}

/// Deals with one blob. An error stops the walk; a blob that does not open does not.
async fn step(
    sealer: &Sealer,
    store: &dyn BlobStore,
    stored: &StoredBlob,
    access: Option<&Access>,
    report: &mut Report,
) -> Result<()> {
    let StoredBlob { id, context, blob } = stored;
    let new = match access {
        None => sealer.rewrap(context, blob).await,
        Some(access) => sealer.reencrypt(context, blob, access).await.map(|sealed| Some(sealed.blob)),
    };
    match new {
        Ok(None) => report.already += 1,
        Ok(Some(new)) if store.compare_and_swap(id, blob, &new).await? => report.rewritten += 1,
        Ok(Some(_)) => report.lost_races += 1,
        Err(
            error @ (EnvelopeError::UnknownKey { .. }
            | EnvelopeError::Denied
            | EnvelopeError::Corrupt(_)
            | EnvelopeError::Rejected),
        ) => report.unreadable.push(Unreadable { id: id.clone(), error }),
        // These say nothing about the blob.
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// Counts the stored blobs by the key that opens them: a key that is not listed may be retired, once no process seals
/// with it any more. Opens nothing.
///
/// # Errors
/// The store's own, and [`ErrorKind::Envelope`] for a blob that is no envelope, since it may name any key.
pub async fn keys_in_use(store: &dyn BlobStore) -> Result<BTreeMap<KeyId, u64>> {
    let mut counts = BTreeMap::new();
    let mut after: Option<String> = None;
    loop {
        let page = store.page(after.as_deref(), 100).await?;
        let Some(last) = page.last().map(|stored| stored.id.clone()) else { return Ok(counts) };
        if after.as_ref() == Some(&last) {
            return Err(Error::new(ErrorKind::Internal, "the blob store returned the same page twice"));
        }
        for stored in page {
            let envelope = Envelope::parse(&stored.blob)?;
            *counts.entry(envelope.key_id().clone()).or_default() += 1;
        }
        after = Some(last);
    }
}
