//! The vendor: what happens over there, apart from who asks.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use turnbuckle_core::Clock;
use turnbuckle_core::payment::PaymentRef;

use super::Bug;
use super::books::Books;
use crate::clock::FixedClock;
use crate::conformance::LedgerEntry;

/// The vendor behind a [`ReferenceProvider`](super::ReferenceProvider): its books, and what a test may do to it. Cloning
/// shares the books. Each starts with empty books of its own.
#[derive(Clone)]
pub struct ReferenceVendor {
    shared: Arc<Shared>,
}

struct Shared {
    clock: Arc<dyn Clock>,
    lag: Duration,
    bugs: Vec<Bug>,
    books: Mutex<Books>,
}

impl ReferenceVendor {
    /// A vendor with empty books and a clock that stands still.
    pub fn new() -> Self {
        Self::with_clock(Arc::new(FixedClock::new()))
    }

    /// A vendor with empty books that reads this clock.
    pub fn with_clock(clock: Arc<dyn Clock>) -> Self {
        Self::assemble(clock, Duration::ZERO, Vec::new())
    }

    /// Makes the search for attempts lag: an attempt sent less than this long ago is not found, and its absence proves
    /// nothing. The books start afresh.
    pub fn with_search_lag(self, lag: Duration) -> Self {
        Self::assemble(Arc::clone(&self.shared.clock), lag, self.shared.bugs.clone())
    }

    /// Adds a defect. The books start afresh.
    pub fn with_bug(self, bug: Bug) -> Self {
        let bugs = self.shared.bugs.iter().copied().chain([bug]).collect();
        Self::assemble(Arc::clone(&self.shared.clock), self.shared.lag, bugs)
    }

    fn assemble(clock: Arc<dyn Clock>, lag: Duration, bugs: Vec<Bug>) -> Self {
        Self { shared: Arc::new(Shared { clock, lag, bugs, books: Mutex::new(Books::default()) }) }
    }

    /// The money in the books: one entry a payment or unlinked credit, oldest first.
    pub fn ledger(&self) -> Vec<LedgerEntry> {
        self.books().ledger()
    }

    /// How many subscriptions were ever started.
    pub fn subscriptions(&self) -> usize {
        self.books().subscriptions.len()
    }

    /// Settles everything that was captured or debited, as one batch, and returns the batch's id.
    pub fn settle(&self) -> String {
        let now = self.now();
        self.books().settle(now, self.has(Bug::SettlesOtherAmounts))
    }

    /// Lets a bank send a settled debit back. `false` when there is no such debit.
    pub fn return_debit(&self, payment: &PaymentRef) -> bool {
        self.books().return_debit(payment.id())
    }

    /// Charges every running subscription once more, as the end of a period does.
    pub fn renew(&self) {
        let now = self.now();
        self.books().renew(now);
    }

    pub(super) fn has(&self, bug: Bug) -> bool {
        self.shared.bugs.contains(&bug)
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.shared.clock.now()
    }

    pub(super) fn lag(&self) -> Duration {
        self.shared.lag
    }

    pub(super) fn books(&self) -> MutexGuard<'_, Books> {
        self.shared.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for ReferenceVendor {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ReferenceVendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReferenceVendor").field("bugs", &self.shared.bugs).finish_non_exhaustive()
    }
}
