//! Whether a link works, and who has to act when it does not.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::webhook::ItemEvent;

/// How a link is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ItemState {
    /// It works.
    Healthy,
    /// The person must sign in again.
    LoginRequired,
    /// It works until the person's consent ends.
    ConsentEnds(DateTime<Utc>),
    /// It works until the bank or the vendor breaks it off; `None` where they do not say when.
    Disconnects(Option<DateTime<Utc>>),
    /// The person or the bank ended it. Only a new link helps.
    Revoked,
    /// The bank does not answer. Waiting helps.
    InstitutionDown,
}

/// What mends a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Repair {
    /// Nothing is broken.
    None,
    /// A session in which the person signs in or consents again ([`BankData::repair`](super::BankData::repair)).
    PersonSignsIn,
    /// A new link, exchanged anew.
    NewLink,
    /// Time.
    Wait,
}

impl ItemState {
    /// What mends it.
    pub fn repair(self) -> Repair {
        match self {
            Self::Healthy => Repair::None,
            Self::LoginRequired | Self::ConsentEnds(_) | Self::Disconnects(_) => Repair::PersonSignsIn,
            Self::Revoked => Repair::NewLink,
            Self::InstitutionDown => Repair::Wait,
        }
    }

    /// Whether data still flows.
    pub fn works(self) -> bool {
        matches!(self, Self::Healthy | Self::ConsentEnds(_) | Self::Disconnects(_))
    }
}

/// The state of one link, folded from calls and pushes, in whatever order they arrive.
///
/// ```
/// use chrono::{DateTime, TimeDelta};
/// use turnbuckle_core::bank_data::{ItemHealth, ItemState};
///
/// let monday = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
/// let mut health = ItemHealth::new(monday);
/// health.observe(ItemState::LoginRequired, monday + TimeDelta::hours(2));
/// // A push of an hour ago arrives late and changes nothing.
/// health.observe(ItemState::Healthy, monday + TimeDelta::hours(1));
/// assert_eq!(health.state(), ItemState::LoginRequired);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemHealth {
    state: ItemState,
    since: DateTime<Utc>,
    seen_at: DateTime<Utc>,
}

impl ItemHealth {
    /// A link that worked at this time.
    pub fn new(at: DateTime<Utc>) -> Self {
        Self { state: ItemState::Healthy, since: at, seen_at: at }
    }

    /// How it is doing.
    pub fn state(&self) -> ItemState {
        self.state
    }

    /// Since when it has been doing so.
    pub fn since(&self) -> DateTime<Utc> {
        self.since
    }

    /// Takes in what was seen at a time. What is older than the newest that was seen changes nothing; a link that was
    /// revoked stays so. Returns whether the state changed.
    pub fn observe(&mut self, state: ItemState, at: DateTime<Utc>) -> bool {
        if at < self.seen_at || self.state == ItemState::Revoked {
            return false;
        }
        self.seen_at = at;
        let changed = self.state != state;
        if changed {
            self.state = state;
            self.since = at;
        }
        changed
    }

    /// Takes in that a call went through. Announced ends stay announced, since calls work until then.
    pub fn observe_success(&mut self, at: DateTime<Utc>) -> bool {
        match self.state {
            ItemState::ConsentEnds(end) | ItemState::Disconnects(Some(end)) if at < end => false,
            ItemState::Disconnects(None) => false,
            _ => self.observe(ItemState::Healthy, at),
        }
    }

    /// Takes in what a call failed with, as [`BankData::state_of`](super::BankData::state_of) reads it. Failures that say
    /// nothing about the link change nothing.
    pub fn observe_failure(&mut self, told: Option<ItemState>, at: DateTime<Utc>) -> bool {
        told.is_some_and(|state| self.observe(state, at))
    }

    /// Takes in a push. Those that say when something ends carry it beside the event, in the vendor's own object.
    pub fn observe_event(
        &mut self,
        event: ItemEvent,
        ends_at: Option<DateTime<Utc>>,
        at: DateTime<Utc>,
    ) -> bool {
        match event {
            ItemEvent::ActionRequired => self.observe(ItemState::LoginRequired, at),
            ItemEvent::Repaired => self.observe(ItemState::Healthy, at),
            ItemEvent::Expiring => match ends_at {
                Some(end) => self.observe(ItemState::ConsentEnds(end), at),
                None => self.observe(ItemState::Disconnects(None), at),
            },
            ItemEvent::Revoked => self.observe(ItemState::Revoked, at),
            _ => false,
        }
    }
}
