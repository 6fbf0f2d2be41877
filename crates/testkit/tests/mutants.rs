//! The suites of payments, subscriptions, webhooks and connections can fail: each defect of the reference provider is
//! caught, by the case that is there for it.

use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{Feature, PaymentMethod, VendorToken};
use turnbuckle_core::provider::IntegrationProvider;
use turnbuckle_testkit::conformance::{
    self, Bench, Case, Fixture, PaymentCases, SubscriptionCases, WebhookCases,
};
use turnbuckle_testkit::reference::{Bug, ReferenceFixture, TOKEN_KIND};

/// Each defect, and the beginning of the name of a case that must catch it.
const CAUGHT: &[(Bug, &str)] = &[
    (Bug::ForgetsKeys, "keys: the same request moves money once"),
    (Bug::IgnoresChangedAmount, "keys: another amount is an error"),
    (Bug::ApprovesDeclines, "payments: a decline is declined"),
    (Bug::DeclinesAreErrors, "payments: a decline is declined"),
    (Bug::TakesMore, "payments: approved for what was asked"),
    (Bug::CapturesTooMuch, "capture: too much is refused"),
    (Bug::RefundsTooMuch, "refund: too much is refused"),
    (Bug::VoidsNothing, "void: releases the reservation"),
    (Bug::RefusesSecondVoid, "void: twice is no error"),
    (Bug::ApprovesHeld, "payments: a hold accepted"),
    (Bug::IgnoresDecision, "payments: a hold rejected"),
    (Bug::IgnoresPayer, "payments: the payer fails to act"),
    (Bug::DeniesLostAnswers, "faults: purchase, reset after the effect"),
    (Bug::LooksNowhere, "faults: purchase, timeout after the effect"),
    (Bug::LooksNowhere, "killed: purchase before it is concluded"),
    (Bug::LooksNowhere, "dropped: refund at every poll"),
    (Bug::LooksNowhere, "lookup: by handle"),
    (Bug::LooksNowhere, "subscriptions: a lost answer is found"),
    (Bug::FindsAnything, "lookup: an attempt that never was"),
    (Bug::FindsAnything, "faults: refund, reset before the effect"),
    (Bug::ApprovesPartsUnasked, "payments: no part where it is not"),
    (Bug::DropsMetadata, "limits: metadata arrives"),
    (Bug::KeepsRemovedMethods, "store: charged until it is removed"),
    (Bug::RefusesSecondUnstore, "unstore: twice is no error"),
    (Bug::BlindPreflight, "texts: description over its limit is refused"),
    (Bug::FitsSilently, "texts: description over its limit is fitted"),
    (Bug::SettlesOtherAmounts, "settlement: agrees with the journal"),
    (Bug::MixesBatches, "settlement: one batch"),
    (Bug::LeaksCard, "leaks: nothing secret is written anywhere"),
    (Bug::LogsToken, "leaks: nothing secret is written anywhere"),
    (Bug::LogsKey, "connection: nothing leaks"),
    (Bug::MixesEnvironments, "connection: the other environment"),
    (Bug::SendsOnConnect, "connection: connecting sends nothing"),
    (Bug::PassesEveryTest, "connection: the test fails with refused credentials"),
    (Bug::LacksSubscriptions, "connection: offers what is declared"),
    (Bug::SubscribesTwice, "subscriptions: the same key once"),
    (Bug::KeepsSubscriptions, "subscriptions: end, twice"),
    (Bug::ReceivesWithoutSecret, "webhooks: no key, no receiver"),
    (Bug::ForgetsPreviousSecret, "webhooks: the previous key"),
    (Bug::IgnoresSignedTime, "webhooks: stale and early pushes"),
    (Bug::NamelessEvents, "webhooks: a good push is accepted"),
    (Bug::Panics, "payments: approved for what was asked"),
];

#[tokio::test]
async fn every_defect_is_caught() {
    std::panic::set_hook(Box::new(|info| {
        // The defect that panics does so hundreds of times.
        if !info.to_string().contains("a defect on purpose") {
            eprintln!("{info}");
        }
    }));
    let mut missed = Vec::new();
    for defect in CAUGHT.chunk_by(|(one, _), (next, _)| one == next) {
        let [(bug, _), ..] = defect else { continue };
        let fixture = Changed { inner: ReferenceFixture::new().with_bug(*bug), change: Some };
        let report = conformance::report(&fixture).await;
        for (_, case) in defect {
            if !report.failures().any(|(name, _)| name.starts_with(case)) {
                missed.push(format!("{bug:?} by {case:?}: {report}"));
            }
        }
    }
    assert!(missed.is_empty(), "not caught:\n{}", missed.join("\n"));
}

#[tokio::test]
async fn a_healthy_reference_passes_the_same_way() {
    let report = conformance::report(&ReferenceFixture::new()).await;
    assert!(report.passed(), "{report}");
    for (_, case) in CAUGHT {
        assert!(report.passes().any(|name| name.starts_with(case)), "no case {case:?}");
    }
}

/// A fixture that says something else than the gateway, and has no other cases than those of payments and webhooks.
struct Changed {
    inner: ReferenceFixture,
    change: fn(PaymentCases) -> Option<PaymentCases>,
}

impl Fixture for Changed {
    fn provider(&self) -> std::sync::Arc<dyn IntegrationProvider> {
        self.inner.provider()
    }

    fn credentials(&self) -> serde_json::Value {
        self.inner.credentials()
    }

    fn refused_credentials(&self) -> Option<serde_json::Value> {
        self.inner.refused_credentials()
    }

    fn bench(&self) -> Box<dyn Bench> {
        self.inner.bench()
    }

    fn payments(&self) -> Option<PaymentCases> {
        self.inner.payments().and_then(self.change)
    }

    fn subscriptions(&self) -> Option<SubscriptionCases> {
        self.inner.subscriptions()
    }

    fn webhooks(&self) -> Option<WebhookCases> {
        self.inner.webhooks()
    }
}

async fn fails(fixture: &dyn Fixture, case: &str) {
    let report = conformance::report(fixture).await;
    assert!(report.failures().any(|(name, _)| name == case), "{report}");
}

#[tokio::test]
async fn a_declared_feature_without_a_case_fails() {
    let change = |mut cases: PaymentCases| {
        cases.held = None;
        Some(cases)
    };
    fails(&Changed { inner: ReferenceFixture::new(), change }, "payments: a case for each feature").await;
}

#[tokio::test]
async fn a_case_without_its_feature_fails() {
    let few = &[Feature::Purchase, Feature::VendorToken];
    let change = |cases: PaymentCases| {
        let held = PaymentMethod::Token(VendorToken::new(TOKEN_KIND, "tok_held"));
        Some(cases.with_held(Case::new(held, Money::new(2600, Currency::USD))))
    };
    let inner = ReferenceFixture::new().with_features(few);
    fails(&Changed { inner, change }, "payments: a case for each feature").await;
}

#[tokio::test]
async fn a_declared_capability_without_cases_fails() {
    fails(&Changed { inner: ReferenceFixture::new(), change: |_| None }, "fixture: payment cases").await;
}

#[tokio::test]
#[should_panic(expected = "conformance cases failed")]
async fn run_panics_once_with_every_name() {
    conformance::run(&ReferenceFixture::new().with_bug(Bug::KeepsSubscriptions)).await;
}
