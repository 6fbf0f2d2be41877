//! Suites that every provider runs over its own adapter, in one line.
//!
//! A provider supplies a [`Fixture`]: its credentials, a fresh vendor for each case (a simulator, mostly), and one
//! [`Case`] for each feature that its gateway declares. [`run`] picks the suites by what the definition declares, runs
//! every case, and panics once, naming all that failed.
//!
//! ```
//! use turnbuckle_testkit::conformance;
//! use turnbuckle_testkit::reference::ReferenceFixture;
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! conformance::run(&ReferenceFixture::new()).await;
//! # });
//! ```

mod bank_data;
mod connection;
mod credentials;
mod email;
mod fixture;
mod matrix;
mod messages;
mod payments;
mod report;
mod setup;
mod sms;
mod subscriptions;
mod webhooks;

pub use bank_data::{BankAccountLine, BankDataCases, BankLine, BankTrouble};
pub use fixture::{
    Bench, Case, Fixture, LedgerEntry, PaymentCases, SigningKey, SubscriptionCases, WebhookCases,
};
pub use matrix::FeatureMatrix;
pub use messages::{EmailCases, EndedMessages, MessageCases, MessageSearch, SmsCases, VendorMessage};
pub use report::{Failed, Report};
pub use setup::Setup;

use turnbuckle_core::provider::Capability;

/// Runs every suite that the provider's definition calls for.
///
/// # Panics
/// When a case fails: once, at the end, naming every failure.
#[track_caller]
pub fn run(fixture: &dyn Fixture) -> impl Future<Output = ()> {
    // The caller's line, not the one that polls.
    let caller = std::panic::Location::caller();
    async move {
        let report = report(fixture).await;
        fail_if_any(&report, caller);
    }
}

fn fail_if_any(report: &Report, caller: &std::panic::Location<'_>) {
    assert!(
        report.passed(),
        "{report}
run from {caller}"
    );
}

/// Runs every suite that the provider's definition calls for, and returns what came of it.
pub async fn report(fixture: &dyn Fixture) -> Report {
    let mut report = Report::new();
    credentials::run(fixture, &mut report).await;
    connection::run(fixture, &mut report).await;
    let provider = fixture.provider();
    let definition = provider.definition();
    report.check(
        "fixture: payment cases",
        agree(definition.has(Capability::Payments), fixture.payments().is_some()),
    );
    let offered = fixture.subscriptions().is_some();
    report.check("fixture: subscription cases", agree(definition.has(Capability::Subscriptions), offered));
    report.check(
        "fixture: bank data cases",
        agree(definition.has(Capability::BankData), fixture.bank_data().is_some()),
    );
    report.check("fixture: sms cases", agree(definition.has(Capability::Sms), fixture.sms().is_some()));
    report.check("fixture: email cases", agree(definition.has(Capability::Email), fixture.email().is_some()));
    report.check(
        "fixture: webhook cases",
        agree(definition.has(Capability::Webhooks), fixture.webhooks().is_some()),
    );
    if let Some(cases) = fixture.payments() {
        payments::run(fixture, &cases, &mut report).await;
    }
    if let Some(cases) = fixture.subscriptions() {
        subscriptions::run(fixture, &cases, &mut report).await;
    }
    if let Some(cases) = fixture.bank_data() {
        bank_data::run(fixture, &cases, &mut report).await;
    }
    if let Some(cases) = fixture.sms() {
        sms::run(fixture, &cases, &mut report).await;
    }
    if let Some(cases) = fixture.email() {
        email::run(fixture, &cases, &mut report).await;
    }
    if let Some(cases) = fixture.webhooks() {
        webhooks::run(fixture, &cases, &mut report).await;
    }
    report
}

fn agree(declared: bool, offered: bool) -> Result<(), Failed> {
    match (declared, offered) {
        (true, false) => Err(Failed::new("the definition declares it, and the fixture has no cases for it")),
        (false, true) => {
            Err(Failed::new("the fixture has cases for it, and the definition does not declare it"))
        }
        _ => Ok(()),
    }
}
