//! The checks that core makes for every provider of subscriptions.

use std::sync::Arc;

use async_trait::async_trait;

use super::compare;
use super::guard::Guard;
use super::lookup::belongs;
use super::{
    Attempt, CancelWhen, Conclusion, Decline, End, Idempotency, IdempotencyKey, Journal, Lookup, Outcome,
    Payment, PaymentMethod, PaymentOperation, PaymentPolicy, PaymentRef, Plan, Subscription,
    SubscriptionOutcome, SubscriptionRequest, SubscriptionUpdate, Subscriptions,
};
use crate::clock::Clock;
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::provider::{Environment, ProviderId};

/// Subscriptions behind core's checks: what
/// [`Connection::subscriptions`](crate::provider::Connection::subscriptions) hands out.
#[derive(Debug)]
pub struct CheckedSubscriptions {
    inner: Arc<dyn Subscriptions>,
    guard: Guard,
}

impl CheckedSubscriptions {
    /// Puts subscriptions behind the checks.
    pub fn new(
        inner: Arc<dyn Subscriptions>,
        environment: Environment,
        policy: PaymentPolicy,
        clock: Arc<dyn Clock>,
        journal: Option<Arc<dyn Journal>>,
    ) -> Self {
        Self { inner, guard: Guard::new(environment, policy, clock, journal) }
    }

    fn fail(&self, operation: &'static str, error: Error) -> Error {
        error.or_context(self.inner.provider(), operation)
    }

    fn check_method(&self, method: &PaymentMethod) -> Result<()> {
        self.guard.raw_card(method)?;
        match method {
            PaymentMethod::Stored(stored) => self.check_own(stored),
            _ => Ok(()),
        }
    }

    fn check_own(&self, reference: &PaymentRef) -> Result<()> {
        Guard::own(self.inner.provider(), reference)
    }

    fn check_request(&self, request: &SubscriptionRequest) -> Result<()> {
        self.check_method(&request.method)?;
        if let Plan::Inline { amount, .. } = &request.plan {
            Guard::positive(*amount)?;
        }
        Ok(())
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Subscriptions for CheckedSubscriptions {
    fn provider(&self) -> &ProviderId {
        self.inner.provider()
    }

    fn account(&self) -> &str {
        self.inner.account()
    }

    fn idempotency(&self) -> Idempotency {
        self.inner.idempotency()
    }

    async fn create(&self, request: &SubscriptionRequest) -> Result<SubscriptionOutcome> {
        const OPERATION: PaymentOperation = PaymentOperation::CreateSubscription;
        self.check_request(request).map_err(|error| self.fail(OPERATION.as_str(), error))?;
        let amount = match &request.plan {
            Plan::Inline { amount, .. } => Some(*amount),
            Plan::Vendor { .. } => None,
        };
        let now = self.guard.now();
        let attempt = Attempt::new(self.inner.provider(), self.inner.account(), OPERATION, &request.key, now)
            .with_amount(amount)
            .with_merchant_reference(request.reference.clone());
        self.guard.begin(self.inner.idempotency(), &attempt).await?;
        let result = self.inner.create(request).await.and_then(|outcome| {
            match outcome.subscription.as_ref().map(|found| found.live) {
                Some(live) if !self.guard.is_world(live) => Err(Error::new(
                    ErrorKind::InvalidResponse,
                    "a subscription of the other environment came back",
                )
                .with_effect(Effect::Happened)),
                _ => Ok(outcome),
            }
        });
        let now = self.guard.now();
        let conclusion = match &result {
            Ok(outcome) => Some(conclude(outcome, now)),
            Err(error) => Conclusion::of_error(error, now),
        };
        self.guard.conclude(&attempt, conclusion).await;
        result.map_err(|error| self.fail(OPERATION.as_str(), error).with_attempt(attempt))
    }

    async fn get(&self, subscription: &PaymentRef) -> Result<Subscription> {
        self.check_own(subscription).map_err(|error| self.fail("get_subscription", error))?;
        self.inner.get(subscription).await.map_err(|error| self.fail("get_subscription", error))
    }

    async fn update(&self, request: &SubscriptionUpdate) -> Result<Subscription> {
        let checked = self
            .check_own(&request.subscription)
            .and_then(|()| request.method.as_ref().map_or(Ok(()), |method| self.check_method(method)))
            .and_then(|()| self.guard.key(self.inner.idempotency(), &request.key));
        checked.map_err(|error| self.fail("update_subscription", error))?;
        self.inner.update(request).await.map_err(|error| self.fail("update_subscription", error))
    }

    async fn cancel(&self, subscription: &PaymentRef, when: CancelWhen) -> Result<Subscription> {
        self.check_own(subscription).map_err(|error| self.fail("cancel_subscription", error))?;
        self.inner.cancel(subscription, when).await.map_err(|error| self.fail("cancel_subscription", error))
    }

    async fn reactivate(&self, subscription: &PaymentRef, key: &IdempotencyKey) -> Result<Subscription> {
        self.check_own(subscription)
            .and_then(|()| self.guard.key(self.inner.idempotency(), key))
            .map_err(|error| self.fail("reactivate_subscription", error))?;
        let result = self.inner.reactivate(subscription, key).await;
        result.map_err(|error| self.fail("reactivate_subscription", error))
    }

    async fn retry_payment(&self, subscription: &PaymentRef, key: &IdempotencyKey) -> Result<Outcome> {
        self.check_own(subscription)
            .and_then(|()| self.guard.key(self.inner.idempotency(), key))
            .map_err(|error| self.fail("retry_subscription_payment", error))?;
        let result = self.inner.retry_payment(subscription, key).await;
        let result = result.and_then(|outcome| {
            let payment = outcome.payment_in_any_state();
            payment.map_or(Ok(()), |payment| compare::world(self.guard.environment, payment))?;
            Ok(outcome)
        });
        result.map_err(|error| self.fail("retry_subscription_payment", error))
    }

    async fn history(&self, subscription: &PaymentRef, limit: usize) -> Result<Vec<Payment>> {
        self.check_own(subscription).map_err(|error| self.fail("subscription_history", error))?;
        self.inner
            .history(subscription, limit)
            .await
            .map_err(|error| self.fail("subscription_history", error))
    }

    async fn lookup(&self, attempt: &Attempt) -> Result<Lookup<Subscription>> {
        belongs(self.provider(), self.account(), attempt)
            .map_err(|error| self.fail("lookup_subscription", error))?;
        self.inner.lookup(attempt).await.map_err(|error| self.fail("lookup_subscription", error))
    }
}

/// A subscription that exists is done, whatever became of its first payment, which has a record of its own kind: the
/// vendor repeats it.
fn conclude(outcome: &SubscriptionOutcome, now: chrono::DateTime<chrono::Utc>) -> Conclusion {
    match (&outcome.subscription, &outcome.first_payment) {
        (Some(subscription), _) => {
            Conclusion::new(now, End::Done).with_payment(subscription.reference.clone())
        }
        (None, Some(Outcome::Declined(Decline { open_authorization: Some(open), .. }))) => {
            Conclusion::new(now, End::Declined).with_payment(open.clone())
        }
        (None, _) => Conclusion::new(now, End::Declined),
    }
}
