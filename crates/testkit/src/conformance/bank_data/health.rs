//! The health of links: what the vendor says, what failed calls say, and what mends it.

use turnbuckle_core::bank_data::{BankFeature, BankLink, ItemHealth, ItemState, Repair};
use turnbuckle_core::{Error, ErrorKind, Result};

use secrecy::ExposeSecret;

use super::super::report::ensure;
use super::super::{Failed, Report};
use super::reads::call;
use super::{BankTrouble, Done, Stage, Suite, USER, lost_answers};

pub(super) async fn run(suite: &Suite<'_>, report: &mut Report) {
    report.run("health: a fresh link is healthy", fresh(suite)).await;
    for trouble in &suite.cases.troubles {
        report.run(format!("health: {}", trouble.name()), troubled(suite, *trouble)).await;
    }
    report.run("health: a vendor that fails says nothing about the link", vendor_fails(suite)).await;
    if suite.has(BankFeature::Repair) {
        report.run("repair: a session for one person and one link", session(suite)).await;
    }
}

async fn fresh(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let link = stage.linked_for(1).await?;
    let state = stage.bank.item_state(&link).await?;
    ensure(state == ItemState::Healthy, format!("it is {state:?}"))
}

/// Every read of the link, and what came of it.
async fn reads(suite: &Suite<'_>, stage: &Stage<'_>, link: &BankLink) -> Vec<Result<()>> {
    let mut results = vec![stage.bank.accounts(link).await.map(drop)];
    for feature in suite.declared.iter().copied().filter(|feature| *feature != BankFeature::Repair) {
        results.push(call(stage, link, feature).await);
    }
    results
}

async fn troubled(suite: &Suite<'_>, trouble: BankTrouble) -> Done {
    let stage = suite.stage()?;
    let link = stage.linked_for(1).await?;
    let mut health = ItemHealth::new(stage.now());
    stage.bench.bank_trouble(&link, trouble);
    let state = stage.bank.item_state(&link).await?;
    ensure(trouble.fits(state), format!("the vendor says {state:?}"))?;
    let results = reads(suite, &stage, &link).await;
    let errors: Vec<&Error> = results.iter().filter_map(|result| result.as_ref().err()).collect();
    if state.works() {
        ensure(errors.is_empty(), format!("it works, and a call fails: {:?}", errors.first()))?;
        health.observe(state, stage.now());
        ensure(!health.observe_success(stage.now()), "a call that works takes the announced end back")?;
    } else {
        ensure(!errors.is_empty(), "it does not work, and every call does")?;
    }
    for error in errors {
        let told = stage.bank.state_of(error);
        ensure(told.is_some_and(|told| trouble.fits(told)), format!("a failed call says {told:?}: {error}"))?;
        let kind_fits = match trouble {
            BankTrouble::LoginRequired => error.kind() == ErrorKind::ActionRequired,
            BankTrouble::BankDown => error.kind() == ErrorKind::Unavailable,
            _ => true,
        };
        ensure(kind_fits, format!("a failed call is of another kind: {error}"))?;
        health.observe_failure(told, stage.now());
    }
    ensure(trouble.fits(health.state()), format!("what is folded is {:?}", health.state()))?;
    mended(suite, &stage, &link, state).await
}

/// What mends the link does, and it stays the same link.
async fn mended(suite: &Suite<'_>, stage: &Stage<'_>, link: &BankLink, state: ItemState) -> Done {
    match state.repair() {
        Repair::PersonSignsIn if suite.has(BankFeature::Repair) => {
            let session = stage.bank.repair(link, &stage.repair_request()).await?;
            stage.bench.person_mends(link, &session);
        }
        Repair::Wait => stage.bench.bank_recovers(link),
        // A link that is past mending can be ended, and nothing else.
        Repair::NewLink => {
            stage.bank.disconnect(link).await?;
            return ensure(stage.bench.bank_links() == 0, "a link that was revoked cannot be ended");
        }
        _ => return Ok(()),
    }
    let state = stage.bank.item_state(link).await?;
    ensure(state == ItemState::Healthy, format!("mended, and the vendor says {state:?}"))?;
    for result in reads(suite, stage, link).await {
        result.map_err(|error| Failed::new(format!("mended, and a call fails: {error}")))?;
    }
    ensure(stage.bench.bank_links() == 1, "mending made another link")
}

async fn session(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let (link, other) = (stage.linked().await?, stage.linked().await?);
    for broken in [&link, &other] {
        stage.bench.bank_trouble(broken, BankTrouble::LoginRequired);
    }
    let session = stage.bank.repair(&link, &stage.repair_request()).await?;
    ensure(!session.token.expose_secret().is_empty(), "the session has no token")?;
    ensure(!session.is_over(stage.now()), "the session is over before it began")?;
    ensure(stage.faults().saw(USER), "the vendor was not told whose session it is")?;
    ensure(stage.bank.item_state(&link).await? == ItemState::LoginRequired, "a session alone mends")?;
    stage.bench.person_mends(&link, &session);
    ensure(stage.bank.item_state(&link).await? == ItemState::Healthy, "the link is not mended")?;
    ensure(stage.bank.item_state(&other).await? == ItemState::LoginRequired, "another link is mended")
}

async fn vendor_fails(suite: &Suite<'_>) -> Done {
    for fault in lost_answers() {
        let stage = suite.stage()?;
        let link = stage.linked_for(1).await?;
        stage.faults().from_request(1, fault.clone());
        let mut results = reads(suite, &stage, &link).await;
        results.push(stage.bank.item_state(&link).await.map(drop));
        for result in results {
            let Err(error) = result else {
                return Err(Failed::new(format!("{fault:?}: no answer came, and there is one")));
            };
            let told = stage.bank.state_of(&error);
            ensure(told.is_none(), format!("{fault:?}: the link is said to be {told:?}"))?;
            let person = error.kind() == ErrorKind::ActionRequired;
            ensure(!person, format!("{fault:?}: a person is asked to act: {error}"))?;
        }
    }
    Ok(())
}
