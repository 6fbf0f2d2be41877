//! Keeping a ledger in step with a bank: pages, restarts, and the one moment at which a cursor may be stored.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{BankAccountData, BankData, BankLink, BankTransaction, RemovedTransaction};
use crate::error::{Error, ErrorKind, Result};

/// Where a sync went on to. Opaque, at most 256 bytes, no secret; of use with the same link only.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SyncCursor(String);

impl SyncCursor {
    /// Longest cursor in bytes.
    pub const MAX_LEN: usize = 256;

    /// A cursor that the vendor gave.
    ///
    /// # Errors
    /// [`InvalidRequest`](ErrorKind::InvalidRequest) naming `cursor` when it is empty or longer than 256 bytes. An empty
    /// one means that nothing was ready: storing it would look like a sync from the beginning that succeeded.
    pub fn new(cursor: impl Into<String>) -> Result<Self> {
        let cursor = cursor.into();
        if cursor.is_empty() || cursor.len() > Self::MAX_LEN {
            return Err(Error::invalid_field("cursor", "must be 1 to 256 bytes"));
        }
        Ok(Self(cursor))
    }

    /// The cursor as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for SyncCursor {
    type Error = Error;

    fn try_from(cursor: String) -> Result<Self> {
        Self::new(cursor)
    }
}

impl From<SyncCursor> for String {
    fn from(cursor: SyncCursor) -> Self {
        cursor.0
    }
}

impl fmt::Debug for SyncCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SyncCursor({} bytes)", self.0.len())
    }
}

/// How much of the history the bank has delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SyncHistory {
    /// Nothing yet: wait for a push, or ask again in a while.
    NotReady,
    /// The last weeks.
    Initial,
    /// All that was asked for.
    Historical,
    /// The vendor does not say.
    Unknown,
}

/// One page of changes, as the vendor's adapter returns it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SyncPage {
    /// The accounts of the link as they are now.
    pub accounts: Vec<BankAccountData>,
    /// New transactions.
    pub added: Vec<BankTransaction>,
    /// Transactions that changed, whole.
    pub modified: Vec<BankTransaction>,
    /// Transactions that are gone.
    pub removed: Vec<RemovedTransaction>,
    /// Where the next page begins; `None` while nothing is ready.
    pub next: Option<SyncCursor>,
    /// Whether there are more pages.
    pub has_more: bool,
    /// How much of the history is there.
    pub history: SyncHistory,
}

impl SyncPage {
    /// A page with nothing in it.
    pub fn new(next: Option<SyncCursor>, has_more: bool, history: SyncHistory) -> Self {
        Self {
            accounts: Vec::new(),
            added: Vec::new(),
            modified: Vec::new(),
            removed: Vec::new(),
            next,
            has_more,
            history,
        }
    }
}

/// What a host does next.
#[derive(Debug)]
#[non_exhaustive]
pub enum SyncEvent {
    /// Stage this page.
    Page(Box<SyncPage>),
    /// Throw away everything that was staged since the last commit: the bank's data changed meanwhile, and the loop
    /// begins anew from where it began.
    Restart,
    /// Apply all that was staged and store this cursor, in one transaction. `None`: nothing was ready, there is nothing to
    /// apply, and the cursor stays what it was.
    Commit(Option<SyncCursor>),
}

/// One loop over the changes since a cursor: pages, then one commit. It holds one page at a time, so a link with a
/// million transactions takes no more memory than one with a hundred.
///
/// ```
/// # use turnbuckle_core::bank_data::{BankData, BankLink, SyncCursor, SyncEvent, TransactionSync};
/// # async fn step(bank: &dyn BankData, link: &BankLink, stored: Option<SyncCursor>) -> turnbuckle_core::Result<()> {
/// let mut sync = TransactionSync::new(bank, link, stored);
/// while let Some(event) = sync.next().await {
///     match event? {
///         SyncEvent::Page(page) => { /* stage page.added, page.modified, page.removed */ }
///         SyncEvent::Restart => { /* drop what is staged */ }
///         SyncEvent::Commit(cursor) => { /* in one transaction: apply what is staged, store the cursor */ }
///         _ => {}
///     }
/// }
/// # Ok(())
/// # }
/// ```
///
/// An error leaves the loop where it was: call [`next`](Self::next) again to ask for the same page once more, or drop the
/// loop and the staged pages, and start later from the stored cursor.
#[derive(Debug)]
pub struct TransactionSync<'a> {
    bank: &'a dyn BankData,
    link: &'a BankLink,
    began_at: Option<SyncCursor>,
    at: Option<SyncCursor>,
    state: State,
    restarts: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Paging,
    Committing,
    Over,
}

impl<'a> TransactionSync<'a> {
    /// How often a loop may begin anew before it gives up: a bank whose data changes under every page is not in a state
    /// to be read.
    pub const MOST_RESTARTS: u32 = 10;

    /// A loop over what changed since the stored cursor; `None` reads from the beginning.
    pub fn new(bank: &'a dyn BankData, link: &'a BankLink, from: Option<SyncCursor>) -> Self {
        Self { bank, link, began_at: from.clone(), at: from, state: State::Paging, restarts: 0 }
    }

    /// The next event; `None` after the commit.
    pub async fn next(&mut self) -> Option<Result<SyncEvent>> {
        match self.state {
            State::Over => None,
            State::Committing => {
                self.state = State::Over;
                Some(Ok(SyncEvent::Commit(self.at.clone())))
            }
            State::Paging => Some(self.page().await),
        }
    }

    async fn page(&mut self) -> Result<SyncEvent> {
        let page = match self.bank.sync_page(self.link, self.at.as_ref()).await {
            Ok(page) => page,
            Err(error) if error.kind() == ErrorKind::Conflict && self.restarts < Self::MOST_RESTARTS => {
                self.restarts += 1;
                self.at.clone_from(&self.began_at);
                return Ok(SyncEvent::Restart);
            }
            Err(error) => return Err(error),
        };
        if page.has_more && (page.next.is_none() || page.next == self.at) {
            // Asking again would go round for ever.
            return Err(Error::new(
                ErrorKind::InvalidResponse,
                "the bank says that there is more, and not where",
            )
            .or_context(self.bank.provider(), "sync"));
        }
        if page.next.is_some() {
            self.at.clone_from(&page.next);
        }
        if !page.has_more {
            self.state = State::Committing;
        }
        Ok(SyncEvent::Page(Box::new(page)))
    }
}

/// Runs a whole loop and gathers it, for small links. What was added and then changed or removed within the loop is
/// already folded.
///
/// # Errors
/// What the pages answer; [`InvalidRequest`](ErrorKind::InvalidRequest) naming `limit` when there are more transactions
/// than that: use [`TransactionSync`] then, nothing is lost.
pub async fn collect(
    bank: &dyn BankData,
    link: &BankLink,
    from: Option<SyncCursor>,
    limit: usize,
) -> Result<(SyncPage, Option<SyncCursor>)> {
    let mut sync = TransactionSync::new(bank, link, from);
    let mut gathered = Gathered::default();
    let mut last = None;
    while let Some(event) = sync.next().await {
        match event? {
            SyncEvent::Page(page) => {
                gathered.take(&page);
                last = Some(page);
                if gathered.len() > limit {
                    return Err(Error::invalid_field("limit", "is below the number of changed transactions"));
                }
            }
            SyncEvent::Restart => gathered = Gathered::default(),
            SyncEvent::Commit(cursor) => {
                let mut page =
                    last.map_or_else(|| SyncPage::new(None, false, SyncHistory::Unknown), |page| *page);
                (page.added, page.modified, page.removed) = gathered.into_parts();
                return Ok((page, cursor));
            }
        }
    }
    Err(Error::new(ErrorKind::Internal, "a sync ended without a commit"))
}

/// What a loop amounts to.
#[derive(Default)]
struct Gathered {
    added: BTreeMap<String, BankTransaction>,
    modified: BTreeMap<String, BankTransaction>,
    removed: BTreeMap<String, RemovedTransaction>,
}

impl Gathered {
    fn take(&mut self, page: &SyncPage) {
        for transaction in &page.added {
            self.modified.remove(&transaction.id);
            self.removed.remove(&transaction.id);
            self.added.insert(transaction.id.clone(), transaction.clone());
        }
        for transaction in &page.modified {
            self.removed.remove(&transaction.id);
            let list =
                if self.added.contains_key(&transaction.id) { &mut self.added } else { &mut self.modified };
            list.insert(transaction.id.clone(), transaction.clone());
        }
        for removed in &page.removed {
            self.modified.remove(&removed.id);
            // One that came and went within the loop was never stored by anybody; telling of it does no harm.
            self.added.remove(&removed.id);
            self.removed.insert(removed.id.clone(), removed.clone());
        }
    }

    fn len(&self) -> usize {
        self.added.len() + self.modified.len() + self.removed.len()
    }

    fn into_parts(self) -> (Vec<BankTransaction>, Vec<BankTransaction>, Vec<RemovedTransaction>) {
        (
            self.added.into_values().collect(),
            self.modified.into_values().collect(),
            self.removed.into_values().collect(),
        )
    }
}
