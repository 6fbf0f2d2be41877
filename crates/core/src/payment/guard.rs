//! What the checks of payments and of subscriptions share: policy, key age, and the journal around an attempt.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tracing::error;

use super::{
    Attempt, Conclusion, End, Idempotency, IdempotencyKey, Journal, JournalRecord, PaymentMethod,
    PaymentOperation, PaymentRef,
};
use crate::clock::Clock;
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::money::Money;
use crate::provider::{Environment, ProviderId};

/// What a connection allows beyond the harmless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct PaymentPolicy {
    /// Whether raw card numbers may pass. Off, since they put the host in PCI scope: the vendor's browser code and
    /// tokens keep it out.
    pub raw_cards: bool,
    /// Whether money may be sent with no earlier payment. Off, since a stolen key could empty the account.
    pub unlinked_credit: bool,
}

impl PaymentPolicy {
    /// Lets raw card numbers pass.
    pub fn with_raw_cards(mut self) -> Self {
        self.raw_cards = true;
        self
    }

    /// Lets money be sent with no earlier payment.
    pub fn with_unlinked_credit(mut self) -> Self {
        self.unlinked_credit = true;
        self
    }
}

/// How far a host's clock may be ahead of the one that stamped a key.
const KEY_SKEW: TimeDelta = TimeDelta::minutes(5);

/// How long before the vendor forgets a key a replay stops being safe: it may still be on its way by then.
const RETENTION_MARGIN: TimeDelta = TimeDelta::minutes(10);

/// Environment, policy, time and journal of one connection.
#[derive(Debug)]
pub(super) struct Guard {
    pub(super) environment: Environment,
    pub(super) policy: PaymentPolicy,
    clock: Arc<dyn Clock>,
    journal: Option<Arc<dyn Journal>>,
}

impl Guard {
    pub(super) fn new(
        environment: Environment,
        policy: PaymentPolicy,
        clock: Arc<dyn Clock>,
        journal: Option<Arc<dyn Journal>>,
    ) -> Self {
        Self { environment, policy, clock, journal }
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Whether live or test money is what this connection is for.
    pub(super) fn is_world(&self, live: bool) -> bool {
        live == (self.environment == Environment::Production)
    }

    pub(super) fn raw_card(&self, method: &PaymentMethod) -> Result<()> {
        match method {
            PaymentMethod::Card(_) if !self.policy.raw_cards => Err(Error::unsupported(
                "raw card numbers are off for this connection: collect the card with the vendor's own browser code \
                 (Stripe.js at Stripe) and pass its token, or opt in with `PaymentPolicy::with_raw_cards`",
            )),
            _ => Ok(()),
        }
    }

    pub(super) fn own(provider: &ProviderId, payment: &PaymentRef) -> Result<()> {
        if payment.provider() == provider && payment.version() <= PaymentRef::VERSION {
            return Ok(());
        }
        Err(Error::invalid_field("payment", "was made by another provider or a newer release"))
    }

    pub(super) fn positive(amount: Money) -> Result<()> {
        if amount.is_positive() { Ok(()) } else { Err(Error::invalid_field("amount", "must be above zero")) }
    }

    /// Refuses a key that is stamped in the future, or older than the vendor keeps keys.
    pub(super) fn key(&self, idempotency: Idempotency, key: &IdempotencyKey) -> Result<()> {
        if key.first_used_at() > self.clock.now() + KEY_SKEW {
            return Err(Error::invalid_field("key.first_used_at", "was first used in the future"));
        }
        self.replayable(idempotency, key.first_used_at())
    }

    fn replayable(&self, idempotency: Idempotency, first_used_at: DateTime<Utc>) -> Result<()> {
        let Idempotency::Keys { retention } = idempotency else { return Ok(()) };
        let age = self.clock.now().signed_duration_since(first_used_at);
        let limit = TimeDelta::from_std(retention).unwrap_or(TimeDelta::MAX) - RETENTION_MARGIN;
        if age < limit {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Conflict,
            "the idempotency key is older than the vendor keeps keys, so this replay would be a new charge: look the \
             first attempt up",
        )
        .with_effect(Effect::Unknown))
    }

    /// Checks the key and writes the attempt down. After an error nothing may be sent.
    pub(super) async fn begin(&self, idempotency: Idempotency, attempt: &Attempt) -> Result<()> {
        let context = |error: Error| error.or_context(&attempt.provider, attempt.operation.as_str());
        // A decision or a return is about a payment that exists, and the vendor takes it once: no key of the caller's
        // ages here, and repeating it makes no second payment.
        let once = matches!(
            attempt.operation,
            PaymentOperation::Resume | PaymentOperation::Accept | PaymentOperation::Reject
        );
        if !once {
            self.key(idempotency, &attempt.key).map_err(|error| context(resolvable(error, attempt)))?;
        }
        let Some(journal) = &self.journal else { return Ok(()) };
        let earlier = journal.get(&attempt.wire_key).await.map_err(context)?;
        if let Some(record) = earlier.as_ref().filter(|_| !once) {
            // A host may stamp a repeated key anew; the journal remembers when it was first used.
            self.replayable(idempotency, record.attempt.started_at)
                .and_then(|()| Self::repeatable(idempotency, record))
                .map_err(|error| context(resolvable(error, &record.attempt)))?;
        }
        journal.begin(attempt).await.map_err(|error| match earlier {
            // This send is refused, and the earlier one may have taken effect all the same.
            Some(record) if record.is_open() && error.effect() == Effect::None => {
                context(error.with_effect(Effect::Unknown).with_attempt(record.attempt))
            }
            _ => context(error),
        })
    }

    /// Where the vendor has no device against doing something twice, the journal is one.
    fn repeatable(idempotency: Idempotency, record: &JournalRecord) -> Result<()> {
        if !matches!(idempotency, Idempotency::LookupOnly) {
            return Ok(());
        }
        let effect = match record.conclusion.as_ref().map(|conclusion| conclusion.end) {
            Some(End::NotDone | End::Refused) => return Ok(()),
            Some(End::Declined) => Effect::None,
            Some(_) => Effect::Happened,
            None => Effect::Unknown,
        };
        let error = Error::new(
            ErrorKind::Conflict,
            "the vendor keeps no idempotency keys, and this key was used before: look the first attempt up",
        )
        .with_effect(effect);
        Err(match record.payment() {
            Some(payment) => error.with_payment(payment.clone()),
            None => error,
        })
    }

    /// A journal that fails here leaves the record open, and a sweep settles it; the caller still gets the outcome.
    pub(super) async fn conclude(&self, attempt: &Attempt, conclusion: Option<Conclusion>) {
        let (Some(journal), Some(conclusion)) = (&self.journal, conclusion) else { return };
        if let Err(failure) = journal.conclude(&attempt.wire_key, &conclusion).await {
            error!(
                provider = %attempt.provider,
                operation = attempt.operation.as_str(),
                wire_key = %attempt.wire_key,
                kind = %failure.kind(),
                "the journal did not take how an attempt ended; its record stays open"
            );
        }
    }
}

/// An error that asks to resolve something says what.
fn resolvable(error: Error, attempt: &Attempt) -> Error {
    match error.effect() {
        Effect::Unknown => error.with_attempt(attempt.clone()),
        _ => error,
    }
}
