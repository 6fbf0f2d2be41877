//! When to ask for transactions although no push came.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use turnbuckle_core::bank_data::{ItemState, Repair, SyncHistory};

/// When to sync an item next, for hosts whose pushes fail or that have no public address.
///
/// Pushes are the ordinary way: with them, a sync a day makes up for those that were lost. Without them the plan asks as
/// often as Plaid has news (some four times a day) and as its limits allow (30 to 50 calls a minute and item), and never
/// asks for an item that only a person can mend.
///
/// ```
/// use chrono::{DateTime, TimeDelta};
/// use turnbuckle_core::bank_data::{ItemState, SyncHistory};
/// use turnbuckle_plaid::PollPlan;
///
/// let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
/// let plan = PollPlan::new(ItemState::Healthy, SyncHistory::Historical).with_last_push(now - TimeDelta::hours(3));
/// assert_eq!(plan.next(now), Some(now + TimeDelta::hours(24)));
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct PollPlan {
    /// How the item is doing.
    pub state: ItemState,
    /// How much of its history the last sync found.
    pub history: SyncHistory,
    /// When Plaid last pushed anything about it.
    pub last_push: Option<DateTime<Utc>>,
    /// How many syncs in a row found nothing ready, or failed.
    pub idle: u32,
}

/// With pushes: makes up for a lost one.
const WITH_PUSHES: TimeDelta = TimeDelta::hours(24);
/// Without: as often as banks are asked.
const WITHOUT_PUSHES: TimeDelta = TimeDelta::hours(6);
/// While the history is incomplete: pages come for minutes, and for two years of them sometimes hours.
const INCOMPLETE: TimeDelta = TimeDelta::minutes(30);
/// Pushes count as working for this long after the last one.
const PUSH_MEMORY: TimeDelta = TimeDelta::days(3);
/// The first pause of an item that is not ready, or whose bank is down; it doubles each time.
const FIRST_NOT_READY: Duration = Duration::from_secs(10);
const FIRST_DOWN: Duration = Duration::from_secs(15 * 60);
const LONGEST_NOT_READY: Duration = Duration::from_secs(15 * 60);
const LONGEST_DOWN: Duration = Duration::from_secs(6 * 60 * 60);

impl PollPlan {
    /// A plan for an item that never pushed and has not been asked in vain.
    pub fn new(state: ItemState, history: SyncHistory) -> Self {
        Self { state, history, last_push: None, idle: 0 }
    }

    /// Sets when Plaid last pushed anything about the item.
    pub fn with_last_push(mut self, at: DateTime<Utc>) -> Self {
        self.last_push = Some(at);
        self
    }

    /// Sets how many syncs in a row found nothing ready, or failed.
    pub fn with_idle(mut self, idle: u32) -> Self {
        self.idle = idle;
        self
    }

    /// When to sync next, seen from the end of a sync; `None` when only a person can help. Hosts with many items add a
    /// random part, so that they do not all ask at once.
    pub fn next(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let pause = match (self.state, self.state.repair()) {
            (ItemState::InstitutionDown, _) => doubled(FIRST_DOWN, self.idle, LONGEST_DOWN),
            (state, Repair::PersonSignsIn | Repair::NewLink) if !state.works() => return None,
            _ => match self.history {
                SyncHistory::NotReady => doubled(FIRST_NOT_READY, self.idle, LONGEST_NOT_READY),
                SyncHistory::Initial => INCOMPLETE,
                _ if self.last_push.is_some_and(|at| now - at <= PUSH_MEMORY) => WITH_PUSHES,
                _ => WITHOUT_PUSHES,
            },
        };
        now.checked_add_signed(pause)
    }
}

fn doubled(first: Duration, times: u32, longest: Duration) -> TimeDelta {
    let factor = 2_u32.saturating_pow(times.min(16));
    let pause = first.saturating_mul(factor).min(longest);
    TimeDelta::from_std(pause).unwrap_or(TimeDelta::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn minutes(plan: PollPlan) -> Option<i64> {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        plan.next(now).map(|next| (next - now).num_minutes())
    }

    #[test]
    fn asks_more_often_the_less_is_known() {
        let healthy = |history| PollPlan::new(ItemState::Healthy, history);
        assert_eq!(minutes(healthy(SyncHistory::Historical)), Some(6 * 60));
        assert_eq!(minutes(healthy(SyncHistory::Unknown)), Some(6 * 60));
        assert_eq!(minutes(healthy(SyncHistory::Initial)), Some(30));
        assert_eq!(minutes(healthy(SyncHistory::NotReady)), Some(0));
        assert_eq!(minutes(healthy(SyncHistory::NotReady).with_idle(4)), Some(2));
        assert_eq!(minutes(healthy(SyncHistory::NotReady).with_idle(u32::MAX)), Some(15));
    }

    #[test]
    fn old_pushes_do_not_count() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let plan = |days| {
            let at = now - TimeDelta::days(days);
            PollPlan::new(ItemState::Healthy, SyncHistory::Historical).with_last_push(at)
        };
        assert_eq!(minutes(plan(3)), Some(24 * 60));
        assert_eq!(minutes(plan(4)), Some(6 * 60));
    }

    #[test]
    fn leaves_broken_items_alone() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let plan = |state| PollPlan::new(state, SyncHistory::Historical);
        assert_eq!(minutes(plan(ItemState::LoginRequired)), None);
        assert_eq!(minutes(plan(ItemState::Revoked)), None);
        assert_eq!(minutes(plan(ItemState::ConsentEnds(now))), Some(6 * 60));
        assert_eq!(minutes(plan(ItemState::Disconnects(None))), Some(6 * 60));
        assert_eq!(minutes(plan(ItemState::InstitutionDown)), Some(15));
        assert_eq!(minutes(plan(ItemState::InstitutionDown).with_idle(9)), Some(6 * 60));
    }
}
