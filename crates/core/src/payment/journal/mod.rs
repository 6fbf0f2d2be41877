//! No lost outcome, even when the process dies: a record before a money-moving request leaves, and its end after.

mod file;
mod memory;
mod sweep;

use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use file::FileJournal;
pub use memory::MemoryJournal;
pub use sweep::{SweepReport, Swept, sweep};

use super::{Attempt, Outcome, Payment, PaymentRef, WireKey, settlement};
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::money::Money;
use crate::provider::ProviderId;

/// Where attempts are written down before they are sent.
///
/// A dropped future or a killed process loses the error that would have said "unknown". The record stays open, and
/// [`sweep`] finds out what became of it.
///
/// - `begin` returns after the record is as durable as the journal makes it; if it fails, nothing is sent.
/// - One record a wire key. A repetition opens the record again and keeps the time of the first.
/// - A repetition with another amount, parent or reference is a [`Conflict`](ErrorKind::Conflict).
/// - [`End::Refused`] says nothing about the earlier sends of a repetition, so it leaves such a record as it is.
#[async_trait]
pub trait Journal: fmt::Debug + Send + Sync + 'static {
    /// Writes an attempt down, before its request leaves.
    async fn begin(&self, attempt: &Attempt) -> Result<()>;

    /// Writes down how it ended.
    async fn conclude(&self, key: &WireKey, conclusion: &Conclusion) -> Result<()>;

    /// One record.
    async fn get(&self, key: &WireKey) -> Result<Option<JournalRecord>>;

    /// One account's records without an end that were last sent before this time, oldest first, at most `limit`.
    async fn open(
        &self,
        provider: &ProviderId,
        account: &str,
        sent_before: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<JournalRecord>>;

    /// Every record first sent in a period, for [`reconcile`](super::reconcile).
    async fn records(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<Vec<JournalRecord>>;
}

/// An attempt and how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct JournalRecord {
    /// The attempt.
    pub attempt: Attempt,
    /// How it ended; `None` while nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conclusion: Option<Conclusion>,
    /// Whether it was sent again although an earlier send may have done something.
    #[serde(default)]
    pub repeated: bool,
}

/// Two handles of one payment may differ in what they carry along.
fn same_handle(first: Option<&PaymentRef>, again: Option<&PaymentRef>) -> bool {
    match (first, again) {
        (Some(first), Some(again)) => first.same_as(again),
        (first, again) => first.is_none() && again.is_none(),
    }
}

impl JournalRecord {
    /// A record without an end.
    pub fn new(attempt: Attempt) -> Self {
        Self { attempt, conclusion: None, repeated: false }
    }

    /// Whether nobody knows yet how it ended.
    pub fn is_open(&self) -> bool {
        self.conclusion.is_none()
    }

    /// The money that it moved, if it did.
    pub fn moved(&self) -> Option<Money> {
        self.conclusion.as_ref().and_then(|conclusion| conclusion.moved)
    }

    /// The payment that it made or worked on.
    pub fn payment(&self) -> Option<&PaymentRef> {
        self.conclusion.as_ref().and_then(|conclusion| conclusion.payment.as_ref())
    }

    /// Opens the record again for a repetition of the same attempt. For implementations of [`Journal`].
    ///
    /// # Errors
    /// [`Conflict`](ErrorKind::Conflict) when the repetition asks for something else under the same key. The effect is
    /// that of the record: unknown while it is open. The error carries the first attempt.
    pub fn reopen(&mut self, again: &Attempt) -> Result<()> {
        let first = &self.attempt;
        let same = first.operation == again.operation
            && first.amount == again.amount
            && same_handle(first.parent.as_ref(), again.parent.as_ref())
            && first.plan == again.plan
            && first.merchant_reference == again.merchant_reference
            && first.sub_account == again.sub_account;
        if !same {
            let effect = if self.is_open() { Effect::Unknown } else { Effect::None };
            return Err(Error::new(
                ErrorKind::Conflict,
                "the idempotency key was used before for another amount, payment or reference",
            )
            .with_effect(effect)
            .with_attempt(self.attempt.clone())
            .or_context(&again.provider, again.operation.as_str()));
        }
        self.attempt.last_sent_at = self.attempt.last_sent_at.max(again.last_sent_at);
        let nothing_yet = self.conclusion.as_ref().is_some_and(Conclusion::did_nothing);
        self.repeated = !nothing_yet;
        self.conclusion = None;
        Ok(())
    }

    /// Writes down how it ended. For implementations of [`Journal`].
    pub fn close(&mut self, conclusion: &Conclusion) {
        // The refusal of one send must not hide what another one did.
        if !(self.repeated && conclusion.end == End::Refused) {
            self.conclusion = Some(conclusion.clone());
        }
    }
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Conclusion {
    /// When it was known.
    pub at: DateTime<Utc>,
    /// How it ended.
    pub end: End,
    /// The payment that it made or worked on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<PaymentRef>,
    /// The money that it moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved: Option<Money>,
}

/// How an attempt ended, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum End {
    /// Done as asked.
    Done,
    /// Accepted; its payment is still pending.
    Pending,
    /// Declined.
    Declined,
    /// This send did nothing: it never left, or the provider refused it. Says nothing about other sends.
    Refused,
    /// A lookup proved that it never happened.
    NotDone,
    /// Something happened that was not what was asked for: see the error that the caller got.
    Wrong,
}

impl Conclusion {
    /// The end of an attempt of which only the word is known.
    pub fn new(at: DateTime<Utc>, end: End) -> Self {
        Self { at, end, payment: None, moved: None }
    }

    fn did_nothing(&self) -> bool {
        matches!(self.end, End::Refused | End::NotDone)
    }

    /// Names the payment.
    pub fn with_payment(mut self, payment: PaymentRef) -> Self {
        self.payment = Some(payment);
        self
    }

    /// What an outcome means for the journal.
    pub fn of_outcome(attempt: &Attempt, outcome: &Outcome, at: DateTime<Utc>) -> Self {
        let end = match outcome {
            Outcome::Approved(_) | Outcome::PartiallyApproved(_) => End::Done,
            Outcome::Declined(decline) => {
                let payment = decline.open_authorization.clone().or_else(|| decline.payment.clone());
                return Self { at, end: End::Declined, payment, moved: None };
            }
            _ => End::Pending,
        };
        let payment = outcome.payment_in_any_state();
        Self {
            at,
            end,
            payment: payment.map(|payment| payment.reference.clone()),
            moved: payment
                .filter(|_| end == End::Done)
                .and_then(|payment| settlement::moved(attempt.operation, payment)),
        }
    }

    /// What a payment found by a lookup means for the journal.
    pub fn of_payment(attempt: &Attempt, payment: &Payment, at: DateTime<Utc>) -> Self {
        use super::Lifecycle::{Failed, Pending};
        let end = match payment.lifecycle {
            Pending => End::Pending,
            Failed => End::Declined,
            _ => End::Done,
        };
        let moved = if end == End::Done { settlement::moved(attempt.operation, payment) } else { None };
        Self { at, end, payment: Some(payment.reference.clone()), moved }
    }

    /// What an error means for the journal: nothing while its effect is unknown.
    pub fn of_error(error: &Error, at: DateTime<Utc>) -> Option<Self> {
        let end = match error.effect() {
            Effect::Unknown => return None,
            Effect::None => End::Refused,
            Effect::Happened => End::Wrong,
        };
        Some(Self { at, end, payment: error.payment().cloned(), moved: None })
    }
}
