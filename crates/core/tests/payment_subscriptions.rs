//! What core checks for every provider of subscriptions.
#![allow(clippy::unwrap_used, reason = "a test")]

mod payment_support;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use payment_support::*;
use turnbuckle_core::payment::*;
use turnbuckle_core::{Effect, Environment, Error, ErrorKind, ProviderId, Result};

/// Answers the two calls that the tests make.
#[derive(Debug)]
struct Vendor {
    live: bool,
}

#[async_trait]
impl Subscriptions for Vendor {
    fn provider(&self) -> &ProviderId {
        const { &PROVIDER }
    }

    fn account(&self) -> &str {
        ACCOUNT
    }

    fn features(&self) -> &SubscriptionFeatures {
        const FEATURES: SubscriptionFeatures = SubscriptionFeatures::new(
            SubscriptionFeature::ALL,
            Idempotency::Keys { retention: Duration::from_secs(24 * 3600) },
        );
        &FEATURES
    }

    async fn create(&self, _: &SubscriptionRequest) -> Result<SubscriptionOutcome> {
        Err(Error::unsupported("not here"))
    }

    async fn get(&self, _: &PaymentRef) -> Result<Subscription> {
        Err(Error::unsupported("not here"))
    }

    async fn update(&self, _: &SubscriptionUpdate) -> Result<Subscription> {
        Err(Error::unsupported("not here"))
    }

    async fn cancel(&self, _: &PaymentRef, _: CancelWhen) -> Result<Subscription> {
        Err(Error::unsupported("not here"))
    }

    async fn reactivate(&self, _: &PaymentRef, _: &IdempotencyKey) -> Result<Subscription> {
        Err(Error::unsupported("not here"))
    }

    async fn retry_payment(&self, _: &PaymentRef, _: &IdempotencyKey) -> Result<Outcome> {
        let mut paid = payment(PaymentOperation::Purchase, "p-1", usd(100));
        paid.live = self.live;
        Ok(Outcome::Approved(paid))
    }

    async fn history(&self, _: &PaymentRef, _: usize) -> Result<Vec<Payment>> {
        Err(Error::unsupported("not here"))
    }

    async fn lookup(&self, _: &Attempt) -> Result<Lookup<Subscription>> {
        Ok(Lookup::Absent(Authority::Authoritative))
    }
}

fn checked(environment: Environment, live: bool) -> CheckedSubscriptions {
    let clock = Arc::new(FixedClock::default());
    CheckedSubscriptions::new(Arc::new(Vendor { live }), environment, PaymentPolicy::default(), clock, None)
}

#[tokio::test]
async fn a_retried_payment_of_the_other_world_is_no_success() {
    let running = PaymentRef::new(PROVIDER, "subscription", "s-1");
    for (environment, live, fits) in [
        (Environment::Sandbox, false, true),
        (Environment::Production, true, true),
        (Environment::Sandbox, true, false),
        (Environment::Production, false, false),
    ] {
        match checked(environment, live).retry_payment(&running, &key("k")).await {
            Ok(outcome) => assert!(fits && outcome.approved().is_some()),
            Err(error) => {
                assert!(!fits, "{error}");
                assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidResponse, Effect::Happened));
                assert_eq!(error.payment().map(PaymentRef::id), Some("p-1"));
            }
        }
    }
}

#[tokio::test]
async fn an_attempt_of_another_account_is_not_looked_up() {
    let ours = attempt(PaymentOperation::CreateSubscription, "k", None);
    let mut theirs = ours.clone();
    theirs.account = "acct-2".to_owned();
    let subscriptions = checked(Environment::Sandbox, false);
    assert_eq!(subscriptions.lookup(&ours).await.unwrap(), Lookup::Absent(Authority::Authoritative));
    let error = subscriptions.lookup(&theirs).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidRequest, Effect::Unknown));
}
