//! When to send again: how often, how long to pause, and what `Retry-After` says.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::HeaderMap;
use http::header::RETRY_AFTER;

use crate::random::Random;

/// The longest `Retry-After` that is believed: seven days. Anything longer is cut to it.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How often a request is sent, and how long the pauses are.
///
/// Before attempt *n + 1* the pause is drawn evenly from zero to `base * 2^(n - 1)`, at most `cap` ("full jitter"): many
/// clients that failed together do not come back together. A longer `Retry-After` is obeyed instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// Attempts in all, the first included. Default 3; 0 counts as 1.
    pub max_attempts: u32,
    /// Upper bound of the first pause. Default 500 ms.
    pub base: Duration,
    /// Upper bound of every pause. Default 5 s.
    pub cap: Duration,
}

impl RetryPolicy {
    /// Three attempts, pauses of up to 500 ms, then up to 1 s.
    pub const fn new() -> Self {
        Self { max_attempts: 3, base: Duration::from_millis(500), cap: Duration::from_secs(5) }
    }

    /// Never sends anything twice.
    pub const fn never() -> Self {
        Self::new().with_max_attempts(1)
    }

    /// Sets the number of attempts, the first included.
    pub const fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Sets the upper bound of the first pause.
    pub const fn with_base(mut self, base: Duration) -> Self {
        self.base = base;
        self
    }

    /// Sets the upper bound of every pause.
    pub const fn with_cap(mut self, cap: Duration) -> Self {
        self.cap = cap;
        self
    }

    /// The pause after so many attempts, at least one.
    pub(crate) fn pause(&self, attempts: u32, random: &dyn Random) -> Duration {
        let doublings = attempts.saturating_sub(1).min(31);
        let bound = self.base.saturating_mul(1 << doublings).min(self.cap);
        let nanos = u64::try_from(bound.as_nanos()).unwrap_or(u64::MAX);
        let mut bytes = [0; 8];
        if random.fill(&mut bytes).is_err() {
            return bound;
        }
        // The high half of the product maps 64 random bits evenly onto zero to the bound.
        let drawn = (u128::from(u64::from_le_bytes(bytes)) * (u128::from(nanos) + 1)) >> 64;
        Duration::from_nanos(u64::try_from(drawn).unwrap_or(nanos))
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::new()
    }
}

/// Reads `Retry-After`: whole seconds, or a date in the form that HTTP writes today (`Sun, 06 Nov 1994 08:49:37 GMT`).
/// A date that has passed gives zero. A header that is neither, or negative, counts as absent. At most
/// [`MAX_RETRY_AFTER`].
pub fn parse_retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // Only too many digits can fail here, and that means very long.
        text.parse().map_or(MAX_RETRY_AFTER, Duration::from_secs)
    } else {
        let date = DateTime::parse_from_rfc2822(text).ok()?;
        date.to_utc().signed_duration_since(now).to_std().unwrap_or(Duration::ZERO)
    };
    Some(wait.min(MAX_RETRY_AFTER))
}
