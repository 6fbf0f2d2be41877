//! Simulated time: one clock that every provider of a [`Simulator`](crate::Simulator) shares.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A clock that tests can set and move. Clones share the same time.
///
/// ```
/// use std::time::Duration;
/// use turnbuckle_simulator::SimClock;
///
/// let clock = SimClock::fixed(1_700_000_000);
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.unix(), 1_700_000_060);
/// ```
#[derive(Clone, Debug)]
pub struct SimClock(Arc<Mutex<Reading>>);

#[derive(Clone, Copy, Debug)]
enum Reading {
    /// Stands still at this time since the epoch.
    Fixed(Duration),
    /// Runs with the machine's clock, this much ahead of it.
    Real(Duration),
}

/// The last second of the year 9999: the clock stops there, so that sums of times cannot overflow.
const END_OF_TIME: Duration = Duration::from_secs(253_402_300_799);

impl SimClock {
    /// A clock that stands still at a Unix time (seconds) until it is moved.
    pub fn fixed(unix_seconds: u64) -> Self {
        Self(Arc::new(Mutex::new(Reading::Fixed(Duration::from_secs(unix_seconds)))))
    }

    /// A clock that runs with the machine's; [`advance`](Self::advance) puts it ahead.
    pub fn real() -> Self {
        Self(Arc::new(Mutex::new(Reading::Real(Duration::ZERO))))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let mut reading = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *reading = match *reading {
            Reading::Fixed(at) => Reading::Fixed(at.saturating_add(by)),
            Reading::Real(ahead) => Reading::Real(ahead.saturating_add(by)),
        };
    }

    /// Stops the clock at a Unix time (seconds), later or earlier than the present one.
    pub fn set(&self, unix_seconds: u64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) =
            Reading::Fixed(Duration::from_secs(unix_seconds));
    }

    /// The time in whole seconds since the Unix epoch.
    pub fn unix(&self) -> u64 {
        self.since_epoch().as_secs()
    }

    /// The time as the standard library spells it.
    pub fn now(&self) -> SystemTime {
        UNIX_EPOCH + self.since_epoch()
    }

    fn since_epoch(&self) -> Duration {
        let at = match *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Reading::Fixed(at) => at,
            Reading::Real(ahead) => machine_time().saturating_add(ahead),
        };
        at.min(END_OF_TIME)
    }
}

impl Default for SimClock {
    /// Stands still at 2025-06-15 12:00:00 UTC, so that tests which never think of time are deterministic.
    fn default() -> Self {
        Self::fixed(1_749_988_800)
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
fn machine_time() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
