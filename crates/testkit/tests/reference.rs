//! The suites pass over the reference provider.

use std::time::Duration;

use turnbuckle_core::bank_data::BankFeature;
use turnbuckle_core::messaging::{EmailFeature, SmsFeature};
use turnbuckle_core::payment::Feature;
use turnbuckle_testkit::conformance::{self, MessageSearch};
use turnbuckle_testkit::reference::ReferenceFixture;

#[tokio::test]
async fn conformance() {
    conformance::run(&ReferenceFixture::new()).await;
}

#[tokio::test]
async fn a_search_that_lags() {
    conformance::run(&ReferenceFixture::new().with_search_lag(Duration::from_secs(300))).await;
}

#[tokio::test]
async fn only_a_few_features() {
    let few = &[Feature::Purchase, Feature::RawCard, Feature::Refund, Feature::LookupByAttempt];
    conformance::run(&ReferenceFixture::new().with_features(few)).await;
}

#[tokio::test]
async fn no_purchase_and_no_lookups() {
    let few = &[Feature::Authorize, Feature::VendorToken, Feature::Transactions];
    conformance::run(&ReferenceFixture::new().with_features(few)).await;
}

#[tokio::test]
async fn bank_data_without_transactions_and_repair() {
    let few = &[BankFeature::Numbers, BankFeature::Identity];
    conformance::run(&ReferenceFixture::new().with_bank_features(few)).await;
}

#[tokio::test]
async fn messages_with_few_features() {
    let sms = &[SmsFeature::Templates, SmsFeature::SenderPool];
    let email = &[EmailFeature::Attachments];
    conformance::run(&ReferenceFixture::new().with_sms_features(sms).with_email_features(email)).await;
}

#[tokio::test]
async fn messages_whose_search_proves_nothing() {
    for search in [MessageSearch::Finds, MessageSearch::Nothing] {
        conformance::run(&ReferenceFixture::new().with_message_search(search)).await;
    }
}
