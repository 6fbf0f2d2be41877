//! A clock that stands still until it is told to move.

use std::fmt;
use std::future::poll_fn;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use turnbuckle_core::Clock;

/// A clock that stands still until it is told to move.
///
/// [`sleep`](Clock::sleep) returns without waiting and moves the clock forward by what was asked for. It lets whatever
/// it races against go first, by giving way a number of times (64 unless set): a deadline therefore fires only for a
/// call that is truly stuck. A [`manual`](Self::manual) clock does not move by itself: its sleepers wait for
/// [`advance`](Self::advance).
///
/// ```
/// use std::time::Duration;
/// use turnbuckle_core::Clock;
/// use turnbuckle_testkit::FixedClock;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let clock = FixedClock::new();
/// let before = clock.now();
/// clock.sleep(Duration::from_secs(3600)).await;
/// assert_eq!((clock.now() - before).num_minutes(), 60);
/// assert_eq!(clock.sleeps(), [Duration::from_secs(3600)]);
/// # });
/// ```
pub struct FixedClock {
    reading: Mutex<Reading>,
    patience: Option<u32>,
}

struct Reading {
    wall: DateTime<Utc>,
    monotonic: Duration,
    sleeps: Vec<Duration>,
    sleepers: Vec<Waker>,
}

impl FixedClock {
    /// How often a sleep gives way before it ends.
    const PATIENCE: u32 = 64;

    /// A clock that shows noon of 15 January 2026, UTC.
    pub fn new() -> Self {
        // Seconds since 1970; in range, so the fallback is never taken.
        Self::at(DateTime::from_timestamp(1_768_478_400, 0).unwrap_or_default())
    }

    /// A clock that shows this time.
    pub fn at(wall: DateTime<Utc>) -> Self {
        let reading = Reading { wall, monotonic: Duration::ZERO, sleeps: Vec::new(), sleepers: Vec::new() };
        Self { reading: Mutex::new(reading), patience: Some(Self::PATIENCE) }
    }

    /// Sets how often a sleep gives way before it ends. A transport that needs more turns than this to answer looks
    /// stuck to whoever watches its deadline.
    pub fn with_patience(mut self, turns: u32) -> Self {
        self.patience = Some(turns);
        self
    }

    /// Makes sleepers wait until the clock is advanced past their time.
    pub fn manual(mut self) -> Self {
        self.patience = None;
        self
    }

    /// Moves wall and monotonic time forward, and wakes whoever waits.
    pub fn advance(&self, by: Duration) {
        let mut reading = self.reading();
        reading.pass(by);
        let sleepers = std::mem::take(&mut reading.sleepers);
        drop(reading);
        sleepers.into_iter().for_each(Waker::wake);
    }

    /// Moves wall time forward to this time, if it is not past already.
    pub fn advance_to(&self, time: DateTime<Utc>) {
        let by = time.signed_duration_since(self.now()).to_std().unwrap_or_default();
        self.advance(by);
    }

    /// Moves wall time backwards, as an adjustment of the machine's clock does. Monotonic time stays.
    pub fn step_back(&self, by: Duration) {
        let mut reading = self.reading();
        let by = TimeDelta::from_std(by).unwrap_or(TimeDelta::MAX);
        reading.wall = reading.wall.checked_sub_signed(by).unwrap_or(DateTime::<Utc>::MIN_UTC);
    }

    /// Every sleep that ran to its end, in order. One that lost a race and was dropped is not among them.
    pub fn sleeps(&self) -> Vec<Duration> {
        self.reading().sleeps.clone()
    }

    fn reading(&self) -> MutexGuard<'_, Reading> {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reading {
    fn pass(&mut self, by: Duration) {
        let delta = TimeDelta::from_std(by).unwrap_or(TimeDelta::MAX);
        self.wall = self.wall.checked_add_signed(delta).unwrap_or(DateTime::<Utc>::MAX_UTC);
        self.monotonic = self.monotonic.saturating_add(by);
    }
}

impl Default for FixedClock {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for FixedClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reading = self.reading();
        f.debug_struct("FixedClock")
            .field("wall", &reading.wall)
            .field("monotonic", &reading.monotonic)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        self.reading().wall
    }

    fn monotonic(&self) -> Duration {
        self.reading().monotonic
    }

    async fn sleep(&self, duration: Duration) {
        let until = self.monotonic().saturating_add(duration);
        let mut turns = 0;
        poll_fn(|context| {
            let mut reading = self.reading();
            if reading.monotonic >= until {
                return Poll::Ready(());
            }
            match self.patience {
                Some(patience) if turns >= patience => {
                    let rest = until.saturating_sub(reading.monotonic);
                    reading.pass(rest);
                    return Poll::Ready(());
                }
                Some(_) => context.waker().wake_by_ref(),
                None => reading.sleepers.push(context.waker().clone()),
            }
            turns += 1;
            Poll::Pending
        })
        .await;
        self.reading().sleeps.push(duration);
    }
}
