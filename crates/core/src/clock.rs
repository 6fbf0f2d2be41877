//! Time, injected: wall time for the vendors, monotonic time for durations, and waiting.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

/// Where the library gets its time from. Nothing in this workspace reads a clock by itself.
///
/// Wall time may step backwards; everything that measures a duration uses [`monotonic`](Self::monotonic).
#[async_trait]
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// Wall time.
    fn now(&self) -> DateTime<Utc>;

    /// Time since an arbitrary fixed point; never goes backwards.
    fn monotonic(&self) -> Duration;

    /// Waits. A test clock may return at once and move itself forward instead.
    async fn sleep(&self, duration: Duration);
}

/// The machine's clock; waits on tokio's timer.
#[cfg(feature = "reqwest")]
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct SystemClock;

#[cfg(feature = "reqwest")]
impl SystemClock {
    /// The machine's clock.
    pub fn new() -> Self {
        Self
    }
}

#[cfg(feature = "reqwest")]
#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    fn now(&self) -> DateTime<Utc> {
        std::time::SystemTime::now().into()
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that reads the monotonic clock")]
    fn monotonic(&self) -> Duration {
        static ORIGIN: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
        ORIGIN.get_or_init(std::time::Instant::now).elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
