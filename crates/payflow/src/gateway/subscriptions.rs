//! Payflow's recurring profiles behind the shape that every provider of subscriptions shares.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    Amounts, Attempt, Authority, CancelWhen, Decline, Idempotency, IdempotencyKey, Lifecycle, Lookup,
    Outcome, Payment, PaymentOperation, PaymentRef, Subscription, SubscriptionFeature, SubscriptionFeatures,
    SubscriptionOutcome, SubscriptionRequest, SubscriptionStatus, SubscriptionUpdate, Subscriptions,
    TextPolicy,
};
use turnbuckle_core::{Clock, Effect, Error, ErrorKind, ProviderId, Result};

use super::answer::settled_down;
use super::lookup::of_history;
use super::subscription_request as wish;
use super::texts::Texts;
use super::{ID, KEY_RETENTION, PayflowGateway, detail, expect_kind, kind};
use crate::client::PROVIDER;
use crate::codes::{self, Meaning};
use crate::params::{decimal, read_decimal};
use crate::{History, Payflow, PayflowError, Profile, ProfileChange, ProfileData, ProfilePayment, RequestId};

static FEATURES: SubscriptionFeatures = SubscriptionFeatures::new(
    &[
        SubscriptionFeature::InlinePlan,
        SubscriptionFeature::StartsOn,
        SubscriptionFeature::Trial,
        SubscriptionFeature::PaymentCount,
        SubscriptionFeature::RawCard,
        SubscriptionFeature::Stored,
        SubscriptionFeature::ChangePlan,
        SubscriptionFeature::ChangeMethod,
        SubscriptionFeature::ChangeDescription,
        SubscriptionFeature::Reactivate,
        SubscriptionFeature::RetryPayment,
    ],
    Idempotency::Keys { retention: KEY_RETENTION },
);

/// Payflow's recurring profiles as [`Subscriptions`].
///
/// # Start
/// A profile starts tomorrow at the earliest, so nothing is paid at once: the first payment of an outcome is always `None`.
/// It pays from a card, or from the card of an earlier sale or capture.
///
/// # A lost answer
/// Payflow finds profiles by their own id alone. What became of a lost creation is therefore asked by its request id, under
/// which Payflow repeats its first answer. That spends the id where it was never used: so it is done once no request can be
/// under way any more, and from then on the same key starts nothing.
///
/// # Changes
/// A change of a deactivated profile would wake it up, so it is refused: reactivate it first. A profile that is reactivated
/// goes on tomorrow; payments that it missed are not made up for.
///
/// # Not proven
/// Which words besides `ACTIVE` a profile's status has; that a failed payment's number is its place in the history; and
/// that Payflow repeats the answer to a creation under an inquiry with the same request id (it may answer 133 instead,
/// which leaves the creation unknown).
#[derive(Debug)]
pub struct PayflowSubscriptions {
    gateway: PayflowGateway,
}

impl PayflowSubscriptions {
    /// Subscriptions of one account. `account` is the host's stable id of the integration, a part of every request id.
    ///
    /// Hosts take them from a [`Connection`](turnbuckle_core::provider::Connection), where they stand behind core's
    /// checks.
    pub fn new(client: Payflow, account: impl Into<String>, clock: Arc<dyn Clock>) -> Self {
        Self { gateway: PayflowGateway::new(client, account, clock) }
    }

    fn client(&self) -> &Payflow {
        &self.gateway.client
    }

    fn id(&self, key: &IdempotencyKey) -> RequestId {
        self.gateway.mark(super::mark::Intent::new(PaymentOperation::CreateSubscription, key)).id
    }

    fn now(&self) -> DateTime<Utc> {
        self.gateway.clock.now()
    }

    async fn read(&self, subscription: &PaymentRef) -> Result<Profile> {
        expect_kind(subscription, &[kind::PROFILE], "is not a handle of a subscription")?;
        self.client().profile(subscription.id()).await
    }

    /// A profile as it stands. One that is active with failed payments is asked whether the newest one failed.
    async fn standing(&self, subscription: &PaymentRef) -> Result<Subscription> {
        let profile = self.read(subscription).await?;
        let mut found = self.subscription(&profile, currency_of(subscription));
        if found.status == SubscriptionStatus::Active && profile.failures.is_some_and(|failures| failures > 0)
        {
            let payments = self.client().profile_payments(subscription.id(), History::Payments).await?;
            if payments.last().is_some_and(|newest| newest.result != 0) {
                found.status = SubscriptionStatus::PastDue;
            }
        }
        Ok(found)
    }

    fn subscription(&self, profile: &Profile, currency: Option<Currency>) -> Subscription {
        let mut subscription = Subscription::new(
            profile_ref(&profile.id, currency),
            status(&profile.status),
            word(&profile.status),
            self.gateway.is_live(),
        );
        subscription.amount =
            currency.and_then(|currency| read_decimal(profile.amount.as_deref()?, currency));
        subscription.every = profile.period.and_then(wish::interval);
        if subscription.status == SubscriptionStatus::Active {
            subscription.next_payment_at = profile.next_payment.map(midnight);
        }
        // A profile without an end names a day all the same.
        subscription.ends_at = profile.end.filter(|_| profile.term != Some(0)).map(midnight);
        subscription
    }

    /// The subscription after a change that went through, read back.
    async fn changed(&self, reference: &PaymentRef) -> Result<Subscription> {
        match self.read(reference).await {
            Ok(profile) => Ok(self.subscription(&profile, currency_of(reference))),
            Err(error) => Err(Error::new(
                ErrorKind::InvalidResponse,
                "the subscription was changed, and could not be read back",
            )
            .with_effect(Effect::Happened)
            .with_payment(reference.clone())
            .with_source(error)),
        }
    }

    /// A profile that was made, compared with what was asked for.
    async fn made(
        &self,
        change: &ProfileChange,
        asked: &ProfileData,
        currency: Currency,
    ) -> Result<Subscription> {
        let reference = profile_ref(&change.profile, Some(currency));
        let profile = self.read(&reference).await.map_err(|error| {
            Error::new(ErrorKind::InvalidResponse, "the profile was made, and could not be read back")
                .with_effect(Effect::Unknown)
                .with_payment(reference.clone())
                .with_source(error)
        })?;
        if let Some(problem) = wish::differs(asked, &profile) {
            let kind =
                if change.transaction.duplicate { ErrorKind::Conflict } else { ErrorKind::InvalidResponse };
            return Err(Error::new(kind, problem).with_effect(Effect::Happened).with_payment(reference));
        }
        Ok(self.subscription(&profile, Some(currency)))
    }

    fn payment(&self, found: &ProfilePayment, subscription: &PaymentRef) -> Option<Payment> {
        let currency = currency_of(subscription)?;
        let amount = read_decimal(found.amount.as_deref()?, currency)?;
        let (lifecycle, amounts) = match codes::lookup(found.result).meaning {
            Meaning::Approved => settled_down(PaymentOperation::Purchase, amount),
            Meaning::Held | Meaning::Refused(_, Effect::Unknown) => {
                (Lifecycle::Pending, Amounts::requested(amount))
            }
            _ => (Lifecycle::Failed, Amounts::requested(amount)),
        };
        let reference = of_history(found.pnref.as_deref()?, amount);
        let live = self.gateway.is_live();
        let mut payment = Payment::new(reference, PaymentOperation::Purchase, lifecycle, amounts, live);
        payment.parent = Some(subscription.clone());
        payment.vendor_status = Some(found.result.to_string());
        Some(payment)
    }

    /// What came of a payment that was tried again.
    async fn retried(
        &self,
        change: &ProfileChange,
        subscription: &PaymentRef,
        number: u32,
    ) -> Result<Outcome> {
        if let Some(result) = change.payment_result.filter(|result| *result != 0) {
            return match codes::lookup(result).meaning {
                Meaning::Declined(reason, advice) => {
                    let mut decline = Decline::new(reason, advice);
                    decline.code = Some(result.to_string());
                    Ok(Outcome::Declined(decline))
                }
                _ => Err(Error::new(
                    ErrorKind::Unavailable,
                    "the payment was tried again, and did not go through",
                )
                .with_effect(Effect::Unknown)
                .with_code(result.to_string())),
            };
        }
        let open = |error: Error| error.with_effect(Effect::Unknown).with_payment(subscription.clone());
        let payments =
            self.client().profile_payments(subscription.id(), History::Payments).await.map_err(open)?;
        let tried = change.payment.as_deref();
        let found = payments
            .iter()
            .rev()
            .find(|payment| tried.is_some() && payment.pnref.as_deref() == tried)
            .or_else(|| {
                payments.iter().rev().find(|payment| payment.number >= number && payment.result == 0)
            });
        match found.and_then(|found| self.payment(found, subscription)) {
            Some(payment) if payment.lifecycle == Lifecycle::Captured => Ok(Outcome::Approved(payment)),
            Some(payment) => Ok(Outcome::Processing(payment)),
            None => Err(open(Error::new(
                ErrorKind::InvalidResponse,
                "the payment was tried again, and the history does not show what came of it",
            ))),
        }
    }
}

/// What a refusal says about the payment in it: its own result, where the answer carries one.
fn declined_payment(error: &Error) -> Option<Decline> {
    let said = PayflowError::of(error).filter(|_| error.effect() == Effect::None)?;
    let own = said.transaction.fields.filled("TRXRESULT").and_then(|result| result.parse().ok());
    let own = own.filter(|result: &i32| *result != 0);
    let result = own.unwrap_or(said.transaction.result);
    let Meaning::Declined(reason, advice) = codes::lookup(result).meaning else { return None };
    let mut decline = Decline::new(reason, advice);
    decline.code = Some(result.to_string());
    decline.text.clone_from(&said.transaction.message);
    Some(decline)
}

/// The handle of a profile.
fn profile_ref(profile: &str, currency: Option<Currency>) -> PaymentRef {
    let reference = PaymentRef::new(PROVIDER, kind::PROFILE, profile);
    match currency {
        Some(currency) => reference.with_detail(detail::CURRENCY, currency.code()),
        None => reference,
    }
}

fn currency_of(subscription: &PaymentRef) -> Option<Currency> {
    Currency::new(subscription.detail(detail::CURRENCY)?).ok()
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

fn status(word: &str) -> SubscriptionStatus {
    match word {
        "ACTIVE" => SubscriptionStatus::Active,
        "VENDOR INACTIVE" | "DEACTIVATED BY MERCHANT" | "INACTIVE" | "CANCELLED" => {
            SubscriptionStatus::Cancelled
        }
        "EXPIRED" => SubscriptionStatus::Completed,
        "TOO MANY FAILURES" => SubscriptionStatus::Suspended,
        _ => SubscriptionStatus::Other,
    }
}

/// Words only: what may stand in a log line.
fn word(status: &str) -> String {
    status.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '-')).take(40).collect()
}

fn is_over(profile: &Profile) -> bool {
    matches!(status(&profile.status), SubscriptionStatus::Cancelled | SubscriptionStatus::Completed)
}

#[async_trait]
impl Subscriptions for PayflowSubscriptions {
    fn provider(&self) -> &ProviderId {
        &ID
    }

    fn account(&self) -> &str {
        &self.gateway.account
    }

    fn features(&self) -> &SubscriptionFeatures {
        &FEATURES
    }

    async fn create(&self, request: &SubscriptionRequest) -> Result<SubscriptionOutcome> {
        let asked = wish::profile(request, self.now())?;
        let (amount, _) = wish::inline(&request.plan)?;
        let change = match self.client().add_profile(&asked, &self.id(&request.key)).await {
            Ok(change) => change,
            Err(error) => {
                let said = PayflowError::of(&error);
                if said.is_some_and(|said| said.transaction.duplicate && said.transaction.result == 19) {
                    // So Payflow may answer the repetition of an addition that went through.
                    return Err(error.with_effect(Effect::Unknown));
                }
                return match declined_payment(&error) {
                    Some(decline) => Ok(SubscriptionOutcome::new(None, Some(Outcome::Declined(decline)))),
                    None => Err(error),
                };
            }
        };
        let subscription = self.made(&change, &asked, amount.currency()).await?;
        Ok(SubscriptionOutcome::new(Some(subscription), None))
    }

    /// The amount is told only for handles that carry their currency, as those do that this crate makes: Payflow's answer
    /// names none.
    async fn get(&self, subscription: &PaymentRef) -> Result<Subscription> {
        self.standing(subscription).await
    }

    async fn update(&self, update: &SubscriptionUpdate) -> Result<Subscription> {
        let mut texts = Texts::new(TextPolicy::Refuse);
        let mut changes = ProfileData::new();
        let mut reference = update.subscription.clone();
        if let Some(plan) = &update.plan {
            let (amount, every) = wish::inline(plan)?;
            if currency_of(&update.subscription).is_some_and(|currency| currency != amount.currency()) {
                texts.refuse("plan.amount", "is in another currency than the subscription");
            }
            texts.keep(decimal("plan.amount", amount))?;
            changes.amount = Some(amount);
            changes.period = texts.keep(wish::period(every))?;
            reference = profile_ref(reference.id(), Some(amount.currency()));
        }
        if let Some(method) = &update.method {
            changes.instrument = wish::instrument(method, &mut texts)?;
        }
        changes.comment1 = texts.fit("description", update.description.as_deref());
        texts.finish()?;
        let profile = self.read(&update.subscription).await?;
        if is_over(&profile) {
            return Err(Error::new(
                ErrorKind::Conflict,
                "the subscription is over, and a change would start it again: reactivate it",
            ));
        }
        let id = self.gateway.step_id("update_subscription", &update.key);
        self.client().modify_profile(reference.id(), &changes, &id).await?;
        let changed = self.changed(&reference).await?;
        let differs = changes.amount.zip(changed.amount).is_some_and(|(asked, found)| asked != found)
            || changes
                .period
                .and_then(wish::interval)
                .zip(changed.every)
                .is_some_and(|(asked, found)| asked != found);
        if differs {
            return Err(Error::new(ErrorKind::Conflict, "the subscription did not take the change")
                .with_effect(Effect::Happened)
                .with_payment(reference));
        }
        Ok(changed)
    }

    /// At once. Payflow does not end a profile with its period.
    async fn cancel(&self, subscription: &PaymentRef, when: CancelWhen) -> Result<Subscription> {
        if when != CancelWhen::Now {
            return Err(Error::unsupported("Payflow ends profiles at once"));
        }
        let profile = self.read(subscription).await?;
        if is_over(&profile) {
            return Ok(self.subscription(&profile, currency_of(subscription)));
        }
        // A fixed id would have the second end, after a reactivation, answered from memory. Ending twice is no more than
        // ending once.
        let id = self.client().fresh_id()?;
        if let Err(error) = self.client().cancel_profile(subscription.id(), &id).await {
            return match self.read(subscription).await {
                Ok(profile) if is_over(&profile) => {
                    Ok(self.subscription(&profile, currency_of(subscription)))
                }
                _ => Err(error),
            };
        }
        self.changed(subscription).await
    }

    async fn reactivate(&self, subscription: &PaymentRef, key: &IdempotencyKey) -> Result<Subscription> {
        let profile = self.read(subscription).await?;
        if status(&profile.status) == SubscriptionStatus::Active {
            return Ok(self.subscription(&profile, currency_of(subscription)));
        }
        let changes = ProfileData::new().with_start(wish::tomorrow(self.now())?);
        let id = self.gateway.step_id("reactivate_subscription", key);
        self.client().reactivate_profile(subscription.id(), &changes, &id).await?;
        let changed = self.changed(subscription).await?;
        if matches!(changed.status, SubscriptionStatus::Cancelled | SubscriptionStatus::Completed) {
            // Payflow repeated the answer to an earlier reactivation.
            return Err(Error::new(
                ErrorKind::Conflict,
                "the key was used before, and the subscription ended since",
            ));
        }
        Ok(changed)
    }

    /// Tries the newest payment again, if it failed: of an older one nobody could tell afterwards what came of the try.
    /// [`Payflow::retry_profile_payment`] tries any.
    async fn retry_payment(&self, subscription: &PaymentRef, key: &IdempotencyKey) -> Result<Outcome> {
        expect_kind(subscription, &[kind::PROFILE], "is not a handle of a subscription")?;
        if currency_of(subscription).is_none() {
            return Err(wish::invalid("subscription", "does not carry its currency"));
        }
        let payments = self.client().profile_payments(subscription.id(), History::Payments).await?;
        let id = self.gateway.step_id("retry_subscription_payment", key);
        let Some(failed) = payments.last().filter(|newest| newest.result != 0) else {
            // Perhaps because this very key paid it before.
            return match self.client().replay_profile(&id).await {
                Ok(Some(change)) => self.retried(&change, subscription, 0).await,
                Ok(None) => Err(Error::new(
                    ErrorKind::Conflict,
                    "the newest payment of the subscription did not fail, so there is none to try again",
                )),
                Err(error) => Err(error),
            };
        };
        match self.client().retry_profile_payment(subscription.id(), failed.number, &id).await {
            Ok(change) => self.retried(&change, subscription, failed.number).await,
            Err(error) => match declined_payment(&error) {
                Some(decline) => Ok(Outcome::Declined(decline)),
                None => Err(error),
            },
        }
    }

    async fn history(&self, subscription: &PaymentRef, limit: usize) -> Result<Vec<Payment>> {
        expect_kind(subscription, &[kind::PROFILE], "is not a handle of a subscription")?;
        if currency_of(subscription).is_none() {
            return Err(wish::invalid("subscription", "does not carry its currency"));
        }
        if limit == 0 {
            return Ok(Vec::new());
        }
        let payments = self.client().profile_payments(subscription.id(), History::Payments).await?;
        let newest = payments.iter().rev().take(limit);
        newest
            .map(|payment| {
                self.payment(payment, subscription).ok_or_else(|| {
                    Error::new(ErrorKind::InvalidResponse, "a payment of the history cannot be read")
                })
            })
            .collect()
    }

    async fn lookup(&self, attempt: &Attempt) -> Result<Lookup<Subscription>> {
        if self.now() < attempt.last_sent_at + super::lookup::IN_FLIGHT {
            return Ok(Lookup::Absent(self.gateway.absence(attempt)));
        }
        if !self.gateway.may_replay(attempt) {
            return Ok(Lookup::Absent(Authority::Partial));
        }
        let change = match self.client().replay_profile(&self.id(&attempt.key)).await {
            Ok(Some(change)) => change,
            Ok(None) => return Ok(Lookup::Absent(Authority::Authoritative)),
            Err(error) => match PayflowError::of(&error) {
                Some(said) if matches!(said.transaction.result, 19 | 133) => {
                    return Ok(Lookup::Absent(Authority::Partial));
                }
                _ => return Err(error),
            },
        };
        let currency = attempt.amount.map(Money::currency);
        let reference = profile_ref(&change.profile, currency);
        let profile = self.read(&reference).await?;
        let mut subscription = self.subscription(&profile, currency);
        subscription.wire_key = Some(attempt.wire_key.clone());
        Ok(Lookup::Found(vec![subscription]))
    }
}
