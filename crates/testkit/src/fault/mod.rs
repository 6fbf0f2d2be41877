//! Faults on purpose: what goes wrong, when, and what reached the vendor all the same.
//!
//! [`Faults`] is the script; [`FaultTransport`] plays it in front of any transport, and the
//! [reference provider](crate::reference) plays it without one. Faults inside an answer's body exist only where bytes
//! are read: [`FaultServer`] makes those on a loopback port. [`DropAfterPolls`] drops a future half way.

mod poll;
mod server;
mod transport;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use poll::DropAfterPolls;
pub(crate) use poll::give_way;
pub use server::{BodyFault, FaultServer};
pub use transport::FaultTransport;

/// What goes wrong with one request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// No connection: the request never leaves.
    ConnectRefused,
    /// The connection ends before the vendor has the request; the sender cannot know.
    ResetBefore,
    /// The vendor acts on the request, then the connection ends.
    ResetAfter,
    /// Time runs out before the vendor has the request; the sender cannot know.
    TimeoutBefore,
    /// The vendor acts on the request, then time runs out.
    TimeoutAfter,
    /// The vendor acts on the request, and its answer breaks off.
    Truncated,
    /// The vendor acts on the request, and its answer is not UTF-8.
    BadUtf8,
    /// The vendor acts on the request, and its answer is JSON, 10 000 arrays deep.
    DeepJson,
    /// The vendor acts on the request, and a proxy in front of it answers 502 with a page.
    HtmlBadGateway,
    /// The vendor acts on the request, and its answer is longer than the limit.
    Oversized,
    /// The vendor acts on the request, and its answer is compressed.
    Compressed,
    /// 429: the vendor does nothing.
    TooManyRequests {
        /// Seconds in `Retry-After`; `None` leaves the header out.
        retry_after: Option<u64>,
    },
    /// 500 with an empty body.
    ServerError {
        /// Whether the vendor acted on the request first.
        after_effect: bool,
    },
    /// 302 to this address: the vendor does nothing.
    Redirect {
        /// Where to.
        location: String,
    },
}

impl Fault {
    /// Whether the vendor acts on the request in spite of it.
    pub fn reaches_vendor(&self) -> bool {
        match self {
            Self::ResetAfter
            | Self::TimeoutAfter
            | Self::Truncated
            | Self::BadUtf8
            | Self::DeepJson
            | Self::HtmlBadGateway
            | Self::Oversized
            | Self::Compressed => true,
            Self::ServerError { after_effect } => *after_effect,
            Self::ConnectRefused
            | Self::ResetBefore
            | Self::TimeoutBefore
            | Self::TooManyRequests { .. }
            | Self::Redirect { .. } => false,
        }
    }
}

/// A script of faults, and a count of what happened. Cloning shares it.
///
/// Requests are numbered from 1. The first rule that fits a request decides; what no rule fits passes.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    rules: Vec<(When, Fault)>,
    requests: usize,
    delivered: usize,
    met: usize,
    seen: Vec<String>,
}

/// Counts only: what was seen holds secrets.
impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State")
            .field("rules", &self.rules)
            .field("requests", &self.requests)
            .field("delivered", &self.delivered)
            .field("met", &self.met)
            .finish_non_exhaustive()
    }
}

#[derive(Debug)]
enum When {
    Request(usize),
    From(usize),
    Path(String),
}

impl Faults {
    /// Everything passes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Spoils the n-th request from now on the count, which starts at 1.
    pub fn on_request(&self, number: usize, fault: Fault) {
        self.state().rules.push((When::Request(number), fault));
    }

    /// Spoils the n-th request and every later one.
    pub fn from_request(&self, number: usize, fault: Fault) {
        self.state().rules.push((When::From(number), fault));
    }

    /// Spoils every request whose path contains this.
    pub fn on_path(&self, part: impl Into<String>, fault: Fault) {
        self.state().rules.push((When::Path(part.into()), fault));
    }

    /// Lets everything pass again and starts every count anew. What was seen stays seen.
    pub fn clear(&self) {
        let mut state = self.state();
        *state = State { seen: std::mem::take(&mut state.seen), ..State::default() };
    }

    /// How many requests there were, spoiled ones included.
    pub fn requests(&self) -> usize {
        self.state().requests
    }

    /// How many requests reached the vendor.
    pub fn delivered(&self) -> usize {
        self.state().delivered
    }

    /// How many requests were spoiled.
    pub fn met(&self) -> usize {
        self.state().met
    }

    /// Whether any request that reached the vendor had this text in its path, query, header values or body. Ask for
    /// plain letters and digits, which no encoding changes.
    pub fn saw(&self, text: &str) -> bool {
        self.state().seen.iter().any(|seen| seen.contains(text))
    }

    /// Counts one request and says what happens to it. For transports and in-memory providers: `path` is what
    /// [`on_path`](Self::on_path) looks at.
    pub fn meet(&self, path: &str) -> Option<Fault> {
        let mut state = self.state();
        state.requests += 1;
        let number = state.requests;
        let fault = state.rules.iter().find(|(when, _)| match when {
            When::Request(at) => *at == number,
            When::From(at) => *at <= number,
            When::Path(part) => path.contains(part.as_str()),
        });
        let fault = fault.map(|(_, fault)| fault.clone());
        state.met += usize::from(fault.is_some());
        fault
    }

    /// Notes that a request reached the vendor, and what it said.
    pub fn deliver(&self, content: impl Into<String>) {
        let mut state = self.state();
        state.delivered += 1;
        state.seen.push(content.into());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
