//! What must not pass: undeclared features, raw cards, unlinked credit, the other environment. And what must arrive.

use turnbuckle_core::payment::{
    CreditRequest, Feature, MerchantReference, Outcome, PaymentPolicy, PaymentRef, RefundRequest,
};
use turnbuckle_core::{Effect, Environment, ErrorKind, ProviderId};

use super::super::report::ensure;
use super::super::{Failed, Report};
use super::{Done, Stage, Suite, approved, requests};

const STRANGER: ProviderId = ProviderId::from_static("somebody_else");

pub(super) async fn run(suite: &Suite<'_>, report: &mut Report) {
    for feature in Feature::ALL.iter().copied() {
        let name = feature.as_str();
        if !suite.has(feature) {
            report.run(format!("limits: no {name}, nothing sent"), undeclared(suite, feature)).await;
        } else if let Some(word) = word_of(suite, feature) {
            report.run(format!("limits: {name} arrives"), arrives(suite, feature, &word)).await;
        }
    }
    if suite.cases.raw_card.is_some() {
        report.run("limits: raw cards are off", raw_cards_off(suite)).await;
    }
    if suite.has(Feature::UnlinkedCredit) {
        report.run("limits: unlinked credit is off", credit_off(suite)).await;
    }
    report.run("limits: sandbox credentials in production", other_world(suite)).await;
    if suite.has(Feature::Refund) {
        report.run("limits: a handle of another provider", foreign_handle(suite)).await;
    }
}

async fn undeclared(suite: &Suite<'_>, feature: Feature) -> Done {
    let stage = suite.stage()?;
    match requests::call(suite, &stage, feature).await? {
        Ok(()) => return Err(Failed::new("it went through")),
        Err(error) => {
            ensure(error.kind() == ErrorKind::Unsupported, format!("not `unsupported`: {error}"))?;
            ensure(error.effect() == Effect::None, "the error does not say that nothing happened")?;
        }
    }
    ensure(stage.faults().requests() == 0, "something was sent")
}

/// The word by which the vendor's side of the feature is recognized; empty where nothing is known to look for.
fn word_of(suite: &Suite<'_>, feature: Feature) -> Option<String> {
    let own = suite.cases.words.iter().find(|(of, _)| *of == feature).map(|(_, word)| *word);
    let usual = match feature {
        Feature::Metadata => requests::METADATA,
        Feature::StatementDescriptor => requests::DESCRIPTOR,
        Feature::Level2 => requests::PURCHASE_ORDER,
        Feature::ThreeDSecure => requests::THREE_DS_ID,
        Feature::SubAccount => suite.cases.sub_account.as_deref()?,
        Feature::StoredCredential => "",
        _ => return None,
    };
    Some(own.unwrap_or(usual).to_owned())
}

async fn arrives(suite: &Suite<'_>, feature: Feature, word: &str) -> Done {
    let stage = suite.stage()?;
    let plain = stage.request(&suite.cases.approved, "1")?;
    let request = requests::with_feature(suite, plain.clone(), feature)
        .ok_or_else(|| Failed::new("not a feature of requests"))?;
    approved(stage.charge(&request).await?)?;
    ensure(stage.faults().saw(word), "what was asked for did not reach the vendor")?;
    if word.is_empty() {
        return Ok(());
    }
    let without = suite.stage()?;
    approved(without.charge(&plain).await?)?;
    ensure(!without.faults().saw(word), "the vendor gets it whether asked for or not")
}

async fn raw_cards_off(suite: &Suite<'_>) -> Done {
    let stage = Stage::new(suite.fixture, |setup| setup.policy = PaymentPolicy::default())?;
    let Some(case) = &suite.cases.raw_card else { return Ok(()) };
    unsupported(&stage, stage.charge(&stage.request(case, "1")?).await)
}

async fn credit_off(suite: &Suite<'_>) -> Done {
    let policy = PaymentPolicy::default().with_raw_cards();
    let stage = Stage::new(suite.fixture, |setup| setup.policy = policy)?;
    let case = &suite.cases.approved;
    let reference = MerchantReference::new("CONF1")?;
    let request = CreditRequest::new(case.amount, case.method.clone(), stage.key("1")?, reference);
    unsupported(&stage, stage.gateway.credit(&request).await)
}

fn unsupported(stage: &Stage, result: turnbuckle_core::Result<Outcome>) -> Done {
    match result {
        Ok(outcome) => return Err(Failed::new(format!("came out as {}", outcome.as_str()))),
        Err(error) => ensure(error.kind() == ErrorKind::Unsupported, format!("not `unsupported`: {error}"))?,
    }
    ensure(stage.faults().requests() == 0, "something was sent")
}

async fn other_world(suite: &Suite<'_>) -> Done {
    let stage = Stage::new(suite.fixture, |setup| setup.environment = Environment::Production);
    // Refusing to connect is the best answer of all.
    let Ok(stage) = stage else { return Ok(()) };
    let result = stage.charge(&stage.request(&suite.cases.approved, "1")?).await;
    ensure(result.is_err(), "sandbox credentials charged on a production connection")
}

async fn foreign_handle(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let foreign = PaymentRef::new(STRANGER, "payment", "1");
    let result = stage.gateway.refund(&RefundRequest::new(foreign, stage.key("1")?)).await;
    ensure(result.is_err(), "a handle of another provider was taken")?;
    ensure(stage.faults().requests() == 0, "something was sent")
}
