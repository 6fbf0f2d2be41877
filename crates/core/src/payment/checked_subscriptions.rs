//! The checks that core makes for every provider of subscriptions.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::compare;
use super::guard::Guard;
use super::lookup::belongs;
use super::{
    Attempt, CancelWhen, Conclusion, Decline, End, IdempotencyKey, Journal, Lookup, Outcome, Payment,
    PaymentMethod, PaymentOperation, PaymentPolicy, PaymentRef, Plan, Subscription, SubscriptionFeature,
    SubscriptionFeatures, SubscriptionOutcome, SubscriptionRequest, SubscriptionUpdate, Subscriptions,
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

    fn need(&self, asked: bool, feature: SubscriptionFeature) -> Result<()> {
        if !asked || self.inner.features().has(feature) {
            return Ok(());
        }
        Err(Error::unsupported(format!("subscriptions here do not declare `{}`", feature.as_str())))
    }

    fn check_method(&self, method: &PaymentMethod) -> Result<()> {
        let feature = match method {
            PaymentMethod::Card(_) => SubscriptionFeature::RawCard,
            PaymentMethod::Token(_) => SubscriptionFeature::VendorToken,
            PaymentMethod::Stored(_) => SubscriptionFeature::Stored,
            PaymentMethod::BankAccount(_) => SubscriptionFeature::BankAccount,
        };
        self.need(true, feature)?;
        self.guard.raw_card(method)?;
        match method {
            PaymentMethod::Token(token) => {
                let kinds = self.inner.features().token_kinds;
                if kinds.contains(&token.kind()) {
                    return Ok(());
                }
                Err(Error::invalid_field(
                    "method.token",
                    format!("is of a kind other than {}", kinds.join(", ")),
                ))
            }
            PaymentMethod::Stored(stored) => self.check_own(stored),
            _ => Ok(()),
        }
    }

    fn check_plan(&self, plan: &Plan) -> Result<()> {
        match plan {
            Plan::Inline { amount, .. } => {
                self.need(true, SubscriptionFeature::InlinePlan)?;
                Guard::positive(*amount)
            }
            Plan::Vendor { .. } => self.need(true, SubscriptionFeature::VendorPlan),
        }
    }

    fn check_own(&self, reference: &PaymentRef) -> Result<()> {
        Guard::own(self.inner.provider(), reference)
    }

    fn check_request(&self, request: &SubscriptionRequest) -> Result<()> {
        self.check_method(&request.method)?;
        self.check_plan(&request.plan)?;
        self.need(request.starts_on.is_some(), SubscriptionFeature::StartsOn)?;
        self.need(request.trial_days.is_some(), SubscriptionFeature::Trial)?;
        self.need(request.payments.is_some(), SubscriptionFeature::PaymentCount)?;
        self.need(!request.metadata.is_empty(), SubscriptionFeature::Metadata)?;
        let customer = request.customer.as_ref().and_then(|customer| customer.reference.as_ref());
        customer.map_or(Ok(()), |reference| self.check_own(reference))
    }

    fn check_update(&self, request: &SubscriptionUpdate) -> Result<()> {
        self.check_own(&request.subscription)?;
        self.need(request.plan.is_some(), SubscriptionFeature::ChangePlan)?;
        self.need(request.method.is_some(), SubscriptionFeature::ChangeMethod)?;
        self.need(request.description.is_some(), SubscriptionFeature::ChangeDescription)?;
        request.plan.as_ref().map_or(Ok(()), |plan| self.check_plan(plan))?;
        request.method.as_ref().map_or(Ok(()), |method| self.check_method(method))
    }

    /// Test and live never mix.
    fn check_world(&self, found: &Subscription) -> Result<()> {
        if self.guard.is_world(found.live) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::InvalidResponse, "a subscription of the other environment came back")
            .with_effect(Effect::Happened)
            .with_payment(found.reference.clone()))
    }

    fn attempt(&self, operation: PaymentOperation, key: &IdempotencyKey) -> Attempt {
        Attempt::new(self.inner.provider(), self.inner.account(), operation, key, self.guard.now())
    }

    /// Writes the attempt down, lets it run, and writes down how it ended.
    async fn journaled<T>(
        &self,
        attempt: Attempt,
        call: impl Future<Output = Result<T>>,
        check: impl FnOnce(&T) -> Result<()>,
        conclusion: impl FnOnce(&Attempt, &T, DateTime<Utc>) -> Conclusion,
    ) -> Result<T> {
        let name = attempt.operation.as_str();
        self.guard.begin(self.inner.features().idempotency, &attempt).await?;
        let result = call.await.and_then(|answer| check(&answer).map(|()| answer));
        let now = self.guard.now();
        let concluded = match &result {
            Ok(answer) => Some(conclusion(&attempt, answer, now)),
            Err(error) => Conclusion::of_error(error, now),
        };
        self.guard.conclude(&attempt, concluded).await;
        result.map_err(|error| self.fail(name, error).with_attempt(attempt))
    }
}

fn changed(_: &Attempt, found: &Subscription, now: DateTime<Utc>) -> Conclusion {
    Conclusion::new(now, End::Done).with_payment(found.reference.clone())
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

    fn features(&self) -> &SubscriptionFeatures {
        self.inner.features()
    }

    async fn create(&self, request: &SubscriptionRequest) -> Result<SubscriptionOutcome> {
        const OPERATION: PaymentOperation = PaymentOperation::CreateSubscription;
        self.check_request(request).map_err(|error| self.fail(OPERATION.as_str(), error))?;
        let amount = match &request.plan {
            Plan::Inline { amount, .. } => Some(*amount),
            Plan::Vendor { .. } => None,
        };
        let attempt = self
            .attempt(OPERATION, &request.key)
            .with_amount(amount)
            .with_plan(Some(request.plan.clone()))
            .with_merchant_reference(request.reference.clone());
        let check = |outcome: &SubscriptionOutcome| {
            outcome.subscription.as_ref().map_or(Ok(()), |found| self.check_world(found))
        };
        let conclusion = |_: &Attempt, outcome: &SubscriptionOutcome, now| conclude(outcome, now);
        self.journaled(attempt, self.inner.create(request), check, conclusion).await
    }

    async fn get(&self, subscription: &PaymentRef) -> Result<Subscription> {
        self.check_own(subscription).map_err(|error| self.fail("get_subscription", error))?;
        self.inner.get(subscription).await.map_err(|error| self.fail("get_subscription", error))
    }

    async fn update(&self, request: &SubscriptionUpdate) -> Result<Subscription> {
        const OPERATION: PaymentOperation = PaymentOperation::UpdateSubscription;
        self.check_update(request).map_err(|error| self.fail(OPERATION.as_str(), error))?;
        let attempt = self
            .attempt(OPERATION, &request.key)
            .with_plan(request.plan.clone())
            .with_parent(request.subscription.clone());
        if request.plan.is_none() {
            // What it pays with and what it is called moves no money, and leaves nothing that a lookup could compare.
            self.guard
                .key(self.inner.features().idempotency, &request.key)
                .map_err(|error| self.fail(OPERATION.as_str(), error))?;
            let result = self.inner.update(request).await;
            let result = result.and_then(|found| self.check_world(&found).map(|()| found));
            return result.map_err(|error| self.fail(OPERATION.as_str(), error).with_attempt(attempt));
        }
        let call = self.inner.update(request);
        self.journaled(attempt, call, |found| self.check_world(found), changed).await
    }

    async fn cancel(&self, subscription: &PaymentRef, when: CancelWhen) -> Result<Subscription> {
        self.need(when == CancelWhen::PeriodEnd, SubscriptionFeature::CancelAtPeriodEnd)
            .and_then(|()| self.check_own(subscription))
            .map_err(|error| self.fail("cancel_subscription", error))?;
        self.inner.cancel(subscription, when).await.map_err(|error| self.fail("cancel_subscription", error))
    }

    async fn reactivate(&self, subscription: &PaymentRef, key: &IdempotencyKey) -> Result<Subscription> {
        const OPERATION: PaymentOperation = PaymentOperation::ReactivateSubscription;
        self.need(true, SubscriptionFeature::Reactivate)
            .and_then(|()| self.check_own(subscription))
            .map_err(|error| self.fail(OPERATION.as_str(), error))?;
        let attempt = self.attempt(OPERATION, key).with_parent(subscription.clone());
        let call = self.inner.reactivate(subscription, key);
        self.journaled(attempt, call, |found| self.check_world(found), changed).await
    }

    async fn retry_payment(&self, subscription: &PaymentRef, key: &IdempotencyKey) -> Result<Outcome> {
        const OPERATION: PaymentOperation = PaymentOperation::RetrySubscription;
        self.need(true, SubscriptionFeature::RetryPayment)
            .and_then(|()| self.check_own(subscription))
            .map_err(|error| self.fail(OPERATION.as_str(), error))?;
        let attempt = self.attempt(OPERATION, key).with_parent(subscription.clone());
        let call = self.inner.retry_payment(subscription, key);
        let check = |outcome: &Outcome| {
            let payment = outcome.payment_in_any_state();
            payment.map_or(Ok(()), |payment| compare::world(self.guard.environment, payment))
        };
        self.journaled(attempt, call, check, Conclusion::of_outcome).await
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
fn conclude(outcome: &SubscriptionOutcome, now: DateTime<Utc>) -> Conclusion {
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
