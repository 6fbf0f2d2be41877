//! Every case of the bank data suite can fail: each defect of the reference provider is caught, by the case that is
//! there for it.

use std::sync::Arc;

use turnbuckle_core::bank_data::BankFeature;
use turnbuckle_core::provider::IntegrationProvider;
use turnbuckle_testkit::conformance::{self, BankDataCases, BankTrouble, Bench, Fixture, WebhookCases};
use turnbuckle_testkit::reference::{Bug, ReferenceFixture};

/// Each defect, and the beginning of the name of a case that must catch it.
const CAUGHT: &[(Bug, &str)] = &[
    (Bug::DeclaresTooMuch, "bank data: what is not declared is refused"),
    (Bug::LinksForNothing, "link: for nothing is refused"),
    (Bug::RepeatsExchange, "link: a lost exchange is not repeated"),
    (Bug::DeniesLostAnswers, "link: a lost exchange is not repeated"),
    (Bug::DeniesLostAnswers, "disconnect: a lost answer"),
    (Bug::KnowsEveryBank, "institutions: found by name and by id"),
    (Bug::KeepsLinks, "disconnect: twice"),
    (Bug::KeepsLinks, "health: revoked"),
    (Bug::RefusesSecondDisconnect, "disconnect: twice"),
    (Bug::TellsAllBalances, "balances: of what was asked for"),
    (Bug::FlipsSigns, "sync: pages of 100 fold"),
    (Bug::RoundsAmounts, "sync: pages of 100 fold"),
    (Bug::ForgetsReplaced, "sync: pages of 7 fold"),
    (Bug::DropsRemoved, "sync: pages of 1 fold"),
    (Bug::DropsRemoved, "sync: a process that dies at every event"),
    (Bug::EndsPagesEarly, "sync: pages of 2 fold"),
    (Bug::EndsPagesEarly, "sync: several pages are one loop"),
    (Bug::EndsPagesEarly, "sync: gathered whole"),
    (Bug::EndsPagesEarly, "sync: reset after at every call, asked again"),
    (Bug::PointsNowhere, "sync: nothing ready is no cursor"),
    (Bug::HidesChangesWhilePaging, "sync: a change while paging, from the beginning"),
    (Bug::HidesChangesWhilePaging, "sync: a change while paging, from a cursor"),
    (Bug::ForgetsCursors, "sync: several pages are one loop"),
    (Bug::SharesCursors, "sync: a cursor of another link is an error"),
    (Bug::CommitsLostPages, "sync: reset before at every call, begun anew"),
    (Bug::CommitsLostPages, "sync: 502 with a page at every call, asked again"),
    (Bug::CommitsLostPages, "reads: lost answers harm nothing"),
    (Bug::SkipsAfterDrops, "sync: dropped at every poll"),
    (Bug::FeelsHealthy, "health: login required"),
    (Bug::FeelsHealthy, "health: consent ends"),
    (Bug::FeelsHealthy, "health: disconnects soon"),
    (Bug::FeelsHealthy, "health: bank down"),
    (Bug::GuessesState, "health: a vendor that fails says nothing about the link"),
    (Bug::BlamesTheLink, "health: a vendor that fails says nothing about the link"),
    (Bug::RepairsByLinking, "repair: a session for one person and one link"),
    (Bug::RepairsByLinking, "health: login required"),
    (Bug::ConfusesAccounts, "accounts: as the bank has them"),
    (Bug::ConfusesAccounts, "numbers: as the bank has them"),
    (Bug::ConfusesAccounts, "balances: as the bank has them"),
    (Bug::ConfusesAccounts, "owners: as the bank has them"),
    (Bug::ConfusesAccounts, "link: the same bank twice is seen before the exchange"),
    (Bug::AnonymousSessions, "link: a session for one person"),
    (Bug::LinksWithoutToken, "link: exchanged, stored, opened"),
    (Bug::ExchangesTwice, "link: exchanged once"),
    (Bug::WakesSick, "health: a fresh link is healthy"),
    (Bug::UnnamedItems, "pushes: there are transactions"),
    (Bug::UnnamedItems, "pushes: consent ends"),
    (Bug::UnnamedItems, "pushes: disconnects soon"),
    (Bug::UnnamedItems, "pushes: revoked"),
    (Bug::QuietBank, "pushes: there are transactions"),
    (Bug::QuietRepairs, "pushes: login required"),
    (Bug::LogsBankToken, "bank data: nothing leaks"),
    (Bug::LogsAccountNumber, "bank data: nothing leaks"),
    (Bug::NamesOwners, "bank data: nothing leaks"),
];

/// Runs nothing but the bank data suite beside what every provider runs.
struct BankOnly {
    inner: ReferenceFixture,
    change: fn(&mut BankDataCases),
}

impl BankOnly {
    fn new(inner: ReferenceFixture) -> Self {
        Self { inner, change: |_| {} }
    }
}

impl Fixture for BankOnly {
    fn provider(&self) -> Arc<dyn IntegrationProvider> {
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

    fn webhooks(&self) -> Option<WebhookCases> {
        self.inner.webhooks()
    }

    fn bank_data(&self) -> Option<BankDataCases> {
        let mut cases = self.inner.bank_data()?;
        (self.change)(&mut cases);
        Some(cases)
    }
}

#[tokio::test]
async fn every_defect_is_caught() {
    let mut missed = Vec::new();
    for defect in CAUGHT.chunk_by(|(one, _), (next, _)| one == next) {
        let [(bug, _), ..] = defect else { continue };
        let report = conformance::report(&BankOnly::new(ReferenceFixture::new().with_bug(*bug))).await;
        for (_, case) in defect {
            if !report.failures().any(|(name, _)| name.starts_with(case)) {
                missed.push(format!("{bug:?} by {case:?}: {report}"));
            }
        }
    }
    assert!(missed.is_empty(), "not caught:\n{}", missed.join("\n"));
}

#[tokio::test]
async fn every_case_is_caught_failing() {
    let report = conformance::report(&BankOnly::new(ReferenceFixture::new())).await;
    let unrelated = ["credentials:", "connection:", "fixture:", "webhooks:"];
    let cases: Vec<&str> =
        report.passes().filter(|name| !unrelated.iter().any(|begin| name.starts_with(begin))).collect();
    // One shape stands for the others of its kind.
    let shown = |name: &str| {
        let kind = |name: &str| match name.split_once(" at every call, ") {
            Some((_, end)) => end.to_owned(),
            None => name.to_owned(),
        };
        let by_defect = CAUGHT.iter().any(|(_, case)| name.starts_with(case) || kind(name) == kind(case));
        by_defect || name == "bank data: a case for each feature"
    };
    let unshown: Vec<_> = cases.iter().filter(|name| !shown(name)).collect();
    assert!(cases.len() > 30 && unshown.is_empty(), "no defect is there for {unshown:?}");
    for (_, case) in CAUGHT {
        assert!(cases.iter().any(|name| name.starts_with(case)), "no case {case:?}");
    }
}

async fn fails(fixture: &BankOnly, case: &str) {
    let report = conformance::report(fixture).await;
    assert!(report.failures().any(|(name, _)| name == case), "{report}");
}

#[tokio::test]
async fn what_is_not_declared_and_sent_fails() {
    let few = &[BankFeature::Identity];
    let inner = ReferenceFixture::new().with_bank_features(few).with_bug(Bug::SendsUndeclared);
    fails(&BankOnly::new(inner), "bank data: what is not declared is refused").await;
}

#[tokio::test]
async fn a_repair_without_a_login_to_mend_fails() {
    let change = |cases: &mut BankDataCases| cases.troubles.retain(|t| *t != BankTrouble::LoginRequired);
    let fixture = BankOnly { inner: ReferenceFixture::new(), change };
    fails(&fixture, "bank data: a case for each feature").await;
}

#[tokio::test]
async fn pages_that_hold_everything_show_nothing_and_fail() {
    let change = |cases: &mut BankDataCases| cases.page_sizes = vec![100];
    let fixture = BankOnly { inner: ReferenceFixture::new(), change };
    fails(&fixture, "sync: several pages are one loop").await;
    fails(&fixture, "sync: a change while paging, from the beginning").await;
}
