//! The conformance suites over the reference provider: core's checks, journal and lookups at work, end to end.

use std::time::Duration;

use turnbuckle_core::payment::Feature;
use turnbuckle_testkit::conformance;
use turnbuckle_testkit::reference::ReferenceFixture;

#[tokio::test]
async fn every_feature() {
    conformance::run(&ReferenceFixture::new()).await;
}

#[tokio::test]
async fn a_search_that_lags() {
    conformance::run(&ReferenceFixture::new().with_search_lag(Duration::from_secs(300))).await;
}

#[tokio::test]
async fn few_features() {
    let few = &[Feature::Purchase, Feature::RawCard, Feature::Refund, Feature::LookupByAttempt];
    conformance::run(&ReferenceFixture::new().with_features(few)).await;
}
