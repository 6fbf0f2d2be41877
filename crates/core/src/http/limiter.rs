//! The rate limit of a connection.

use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How many requests a connection may send.
///
/// ```
/// use std::num::NonZeroU32;
/// use std::time::Duration;
/// use turnbuckle_core::http::RateLimit;
///
/// # let (ten, three) = (NonZeroU32::new(10).unwrap(), NonZeroU32::new(3).unwrap());
/// let limit = RateLimit::new(ten, Duration::from_secs(60)).with_burst(three);
/// # assert_eq!(limit.burst.get(), 3);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimit {
    /// Requests per period, in the long run.
    pub requests: NonZeroU32,
    /// The period.
    pub per: Duration,
    /// Requests that may go out at once after a rest.
    pub burst: NonZeroU32,
}

impl RateLimit {
    /// So many requests in each period, evenly spread: the burst is one.
    pub const fn new(requests: NonZeroU32, per: Duration) -> Self {
        Self { requests, per, burst: NonZeroU32::MIN }
    }

    /// So many requests a second, evenly spread: the burst is one.
    pub const fn per_second(requests: NonZeroU32) -> Self {
        Self::new(requests, Duration::from_secs(1))
    }

    /// Lets so many requests go out at once after a rest.
    pub const fn with_burst(mut self, burst: NonZeroU32) -> Self {
        self.burst = burst;
        self
    }
}

/// Hands out places in time, first come, first served, so that a [`RateLimit`] holds.
///
/// Time is an argument: monotonic, from any fixed point. A reading older than one seen before counts as that one, so a
/// clock that steps back, or threads that read it in another order than they arrive, gain nothing.
#[derive(Debug)]
pub struct RateLimiter {
    interval: Duration,
    burst: u32,
    line: Mutex<Line>,
}

#[derive(Debug, Default)]
struct Line {
    latest: Duration,
    /// When the next place would come up if there were no burst.
    next: Duration,
}

impl RateLimiter {
    /// A limiter that has rested: the whole burst is available.
    pub fn new(limit: RateLimit) -> Self {
        // Rounded up, so that rounding can only slow down.
        let nanos = limit.per.as_nanos().div_ceil(u128::from(limit.requests.get()));
        Self {
            interval: Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX)),
            burst: limit.burst.get(),
            line: Mutex::new(Line::default()),
        }
    }

    /// Takes a place worth `cost` requests and returns how long to wait for it.
    ///
    /// # Errors
    /// When the wait would be longer than `patience`. No place is taken then; the error is the wait.
    pub fn reserve(&self, now: Duration, cost: u32, patience: Duration) -> Result<Duration, Duration> {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        let now = line.latest.max(now);
        line.latest = now;
        let next = line.next.max(now).saturating_add(self.interval.saturating_mul(cost));
        let wait = next.saturating_sub(self.interval.saturating_mul(self.burst)).saturating_sub(now);
        if wait > patience {
            return Err(wait);
        }
        line.next = next;
        Ok(wait)
    }
}
