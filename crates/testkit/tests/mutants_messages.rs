//! Every case of the suites of text messages and email can fail: each defect of the reference provider is caught, by the
//! case that is there for it.

use std::sync::Arc;

use turnbuckle_core::provider::IntegrationProvider;
use turnbuckle_testkit::conformance::{
    self, Bench, EmailCases, Fixture, MessageSearch, SmsCases, WebhookCases,
};
use turnbuckle_testkit::reference::{Bug, ReferenceFixture};

/// Each defect, and the beginning of the name of a case that must catch it, on both channels.
const CAUGHT: &[(Bug, &str)] = &[
    (Bug::ClaimsArrival, "taken is not delivered"),
    (Bug::ClaimsArrival, "what becomes of it"),
    (Bug::SendsAgain, "faults, reset after the effect"),
    (Bug::SendsAgain, "faults, 502 with a page"),
    (Bug::DeniesLostAnswers, "faults, timeout after the effect"),
    (Bug::DeniesLostAnswers, "faults, truncated answer"),
    (Bug::DeniesLostAnswers, "faults, answer that is not UTF-8"),
    (Bug::DeniesLostAnswers, "faults, answer nested too deep"),
    (Bug::DeniesLostAnswers, "faults, oversized answer"),
    (Bug::DeniesLostAnswers, "faults, compressed answer"),
    (Bug::DeniesLostAnswers, "faults, 500 after the effect"),
    (Bug::DeniesLostAnswers, "a push settles a lost answer"),
    (Bug::DeniesLostAnswers, "many at a time"),
    (Bug::FindsAnything, "a search for what was sent"),
    (Bug::FindsAnything, "a search for what never was"),
    (Bug::LooksNowhere, "a search for what was sent"),
    (Bug::LooksNowhere, "faults, reset after the effect"),
    (Bug::LooksNowhere, "dropped at every poll"),
    (Bug::InsistsOnRefused, "who is refused is refused, once"),
    (Bug::RefusalsAreErrors, "who is refused is refused, once"),
    (Bug::RefusesWithoutReason, "who is refused is refused, once"),
    (Bug::ForgetsWhoEnded, "who ended messages gets none"),
    (Bug::UnmarkedMessages, "taken is not delivered"),
    (Bug::UnmarkedMessages, "pushes carry the attempt"),
    (Bug::UnmarkedPushes, "pushes carry the attempt"),
    (Bug::UnmarkedPushes, "a push settles a lost answer"),
    (Bug::PushesGoodNews, "pushes fold in any order"),
    (Bug::PushesWithoutReason, "pushes fold in any order"),
    (Bug::RefusesTemplates, "what is declared works, the rest is refused"),
    (Bug::DropsFiles, "what is declared works, the rest is refused"),
    (Bug::SendsAtOnce, "scheduled, sent at its time"),
    (Bug::CancelsNothing, "scheduled, called back, twice"),
    (Bug::CancelsNothing, "who ends messages gets none that waits"),
    (Bug::CancelsNothing, "who ends messages, and the vendor fails"),
    (Bug::CancelsNothing, "who ends messages, and an answer was lost"),
    (Bug::RefusesSecondCancel, "scheduled, called back, twice"),
    (Bug::CancelsWhatLeft, "scheduled, too late to call back"),
    (Bug::SkipsGate, "nothing without consent"),
    (Bug::SkipsGate, "marketing needs a gate"),
    (Bug::SkipsStore, "one key, one message"),
    (Bug::SkipsStore, "one key, one message, after a restart"),
    (Bug::SkipsStore, "another message under the key is an error"),
    (Bug::LogsRecipients, "nothing leaks"),
    (Bug::LogsTexts, "nothing leaks"),
    (Bug::BlamesRecipients, "faults, no connection"),
    (Bug::BlamesRecipients, "faults, reset before the effect"),
    (Bug::BlamesRecipients, "faults, timeout before the effect"),
    (Bug::BlamesRecipients, "faults, 500 before the effect"),
    (Bug::BlamesRecipients, "faults, 429"),
    (Bug::BlamesRecipients, "faults, 429 with a pause"),
    (Bug::BlamesRecipients, "faults, redirect to another host"),
];

/// The same, on one channel.
const CAUGHT_ALONE: &[(Bug, &str)] = &[
    (Bug::StaleStatus, "sms: the state follows the vendor"),
    (Bug::InventsStatus, "sms: the state of no message"),
    (Bug::DropsCopies, "email: everybody gets it, once each"),
];

/// Runs nothing but the suites of messages beside what every provider runs.
struct MessagesOnly {
    inner: ReferenceFixture,
    sms: fn(&mut SmsCases),
}

impl MessagesOnly {
    fn new(inner: ReferenceFixture) -> Self {
        Self { inner, sms: |_| {} }
    }
}

impl Fixture for MessagesOnly {
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

    fn sms(&self) -> Option<SmsCases> {
        let mut cases = self.inner.sms()?;
        (self.sms)(&mut cases);
        Some(cases)
    }

    fn email(&self) -> Option<EmailCases> {
        self.inner.email()
    }

    fn webhooks(&self) -> Option<WebhookCases> {
        self.inner.webhooks()
    }
}

#[tokio::test]
async fn every_defect_is_caught_on_both_channels() {
    let mut missed = Vec::new();
    for defect in CAUGHT.chunk_by(|(one, _), (next, _)| one == next) {
        let [(bug, _), ..] = defect else { continue };
        let report = conformance::report(&MessagesOnly::new(ReferenceFixture::new().with_bug(*bug))).await;
        for (_, case) in defect {
            for channel in ["sms", "email"] {
                let case = format!("{channel}: {case}");
                if !report.failures().any(|(name, _)| name == case) {
                    missed.push(format!("{bug:?} by {case:?}: {report}"));
                }
            }
        }
    }
    assert!(missed.is_empty(), "not caught:\n{}", missed.join("\n"));
}

#[tokio::test]
async fn every_defect_of_one_channel_is_caught() {
    for (bug, case) in CAUGHT_ALONE {
        fails(&MessagesOnly::new(ReferenceFixture::new().with_bug(*bug)), case).await;
    }
}

#[tokio::test]
async fn every_case_is_caught_failing() {
    let report = conformance::report(&MessagesOnly::new(ReferenceFixture::new())).await;
    let cases: Vec<&str> =
        report.passes().filter(|name| name.starts_with("sms: ") || name.starts_with("email: ")).collect();
    let shown = |name: &str| {
        let shared = name.split_once(": ").map_or("", |(_, case)| case);
        CAUGHT.iter().any(|(_, case)| *case == shared)
            || CAUGHT_ALONE.iter().any(|(_, case)| *case == name)
            || shared == "a case for each feature"
    };
    let unshown: Vec<_> = cases.iter().filter(|name| !shown(name)).collect();
    assert!(cases.len() > 70 && unshown.is_empty(), "no defect is there for {unshown:?}");
    for (_, case) in CAUGHT {
        for channel in ["sms", "email"] {
            let case = format!("{channel}: {case}");
            assert!(cases.iter().any(|name| **name == case), "no case {case:?}");
        }
    }
}

async fn fails(fixture: &MessagesOnly, case: &str) {
    let report = conformance::report(fixture).await;
    assert!(report.failures().any(|(name, _)| name == case), "{case}: {report}");
}

#[tokio::test]
async fn a_feature_without_a_case_fails() {
    let fixture = MessagesOnly { inner: ReferenceFixture::new(), sms: |cases| cases.sender_pool = None };
    fails(&fixture, "sms: a case for each feature").await;
}

#[tokio::test]
async fn a_search_that_does_less_than_is_said_fails() {
    let inner = ReferenceFixture::new().with_message_search(MessageSearch::Finds);
    let fixture = MessagesOnly { inner, sms: |cases| cases.messages.search = MessageSearch::Proves };
    fails(&fixture, "sms: a search for what never was").await;
    fails(&fixture, "sms: faults, reset before the effect").await;
    let inner = ReferenceFixture::new().with_message_search(MessageSearch::Nothing);
    let fixture = MessagesOnly { inner, sms: |cases| cases.messages.search = MessageSearch::Finds };
    fails(&fixture, "sms: a search for what was sent").await;
    fails(&fixture, "sms: faults, reset after the effect").await;
}

#[tokio::test]
async fn a_lost_answer_that_no_push_settles_fails() {
    let inner = ReferenceFixture::new().with_message_search(MessageSearch::Nothing);
    let fixture = MessagesOnly::new(inner.with_bug(Bug::UnmarkedPushes));
    fails(&fixture, "sms: faults, reset after the effect").await;
    fails(&fixture, "email: dropped at every poll").await;
}
