//! What a provider call is: its name, whether it may be sent again, and its bounds.

use std::time::Duration;

/// One kind of call to a provider. Adapters declare theirs as constants.
///
/// ```
/// use std::time::Duration;
/// use turnbuckle_core::http::Operation;
///
/// const CAPTURE: Operation = Operation::idempotent("capture");
/// const BALANCE: Operation = Operation::read("balance").with_deadline(Duration::from_secs(10));
/// # assert_eq!((CAPTURE.name, BALANCE.deadline.as_secs()), ("capture", 10));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// Short constant name, for example `capture`; shown in errors and spans.
    pub name: &'static str,
    /// Whether it may be sent again.
    pub safety: Safety,
    /// Time for everything together: waiting for the rate limit, all attempts, all pauses between them.
    pub deadline: Duration,
    /// Time for one attempt; never more than what is left of the deadline.
    pub attempt_timeout: Duration,
    /// Largest answer in bytes.
    pub max_body: usize,
    /// How many requests each attempt counts for in the rate limit.
    pub cost: u32,
}

impl Operation {
    /// Deadline unless another is set: 60 seconds. Shorter deadlines for calls that move money mean more outcomes that
    /// nobody knows.
    pub const DEFAULT_DEADLINE: Duration = Duration::from_secs(60);
    /// Time for one attempt of a read unless another is set: 20 seconds, so that a stuck one leaves room for the next.
    /// Everything else waits as long as the deadline allows, since sending it again early meets the first still running.
    pub const DEFAULT_READ_TIMEOUT: Duration = Duration::from_secs(20);
    /// Largest answer unless another is set: 4 MiB.
    pub const DEFAULT_MAX_BODY: usize = 4 * 1024 * 1024;

    /// A call that changes nothing.
    pub const fn read(name: &'static str) -> Self {
        Self { attempt_timeout: Self::DEFAULT_READ_TIMEOUT, ..Self::new(name, Safety::Read) }
    }

    /// A call that the provider itself recognizes when the identical bytes arrive again.
    pub const fn idempotent(name: &'static str) -> Self {
        Self::new(name, Safety::Idempotent)
    }

    /// A call that must not be sent again once it may have been delivered.
    pub const fn once(name: &'static str) -> Self {
        Self::new(name, Safety::Once)
    }

    const fn new(name: &'static str, safety: Safety) -> Self {
        Self {
            name,
            safety,
            deadline: Self::DEFAULT_DEADLINE,
            attempt_timeout: Self::DEFAULT_DEADLINE,
            max_body: Self::DEFAULT_MAX_BODY,
            cost: 1,
        }
    }

    /// Sets the time for everything together. Of reads, an attempt still ends after its own timeout; of everything
    /// else, an attempt may take the whole deadline.
    pub const fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        if !matches!(self.safety, Safety::Read) {
            self.attempt_timeout = deadline;
        }
        self
    }

    /// Sets the time for one attempt. Set it after the deadline.
    pub const fn with_attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// Sets the largest answer in bytes.
    pub const fn with_max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// Sets how many requests each attempt counts for in the rate limit.
    pub const fn with_cost(mut self, cost: u32) -> Self {
        self.cost = cost;
        self
    }
}

/// Whether a request may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Safety {
    /// It changes nothing at the provider: always.
    Read,
    /// The provider's own idempotency covers the identical bytes: always, with the same key.
    Idempotent,
    /// Only while it is certain that the provider did not process it.
    Once,
}
