//! What the vendor pushes about a link: it names the link, and folds to how the link is doing.

use turnbuckle_core::bank_data::{BankFeature, BankLink, ItemHealth, ItemState, Repair};
use turnbuckle_core::webhook::{Event, EventKind, ItemEvent, RawWebhook, TransactionsEvent};

use super::super::report::ensure;
use super::super::{Failed, Report};
use super::{BankTrouble, Done, Stage, Suite};

pub(super) async fn run(suite: &Suite<'_>, report: &mut Report) {
    if suite.has(BankFeature::Transactions) {
        report.run("pushes: there are transactions", transactions(suite)).await;
    }
    for trouble in suite.cases.troubles.iter().filter(|trouble| trouble.event().is_some()) {
        report.run(format!("pushes: {}", trouble.name()), troubled(suite, *trouble)).await;
    }
}

/// Everything that was pushed about a link so far, verified and decoded.
async fn events(suite: &Suite<'_>, stage: &Stage<'_>, link: &BankLink) -> Result<Vec<Event>, Failed> {
    let cases = suite.fixture.webhooks().ok_or_else(|| Failed::new("pushes, and no webhook cases"))?;
    let connection = stage.bench.connect(&stage.setup)?;
    let receiver = connection.webhooks();
    let receiver = receiver.ok_or_else(|| Failed::new("pushes, and the connection receives none"))?;
    let mut events = Vec::new();
    for push in stage.bench.bank_pushes(link) {
        let raw = RawWebhook::new(push, &cases.public_url)?;
        for event in receiver.receive(raw, stage.now()).await? {
            events.push(event.into_inner());
        }
    }
    let named = events.iter().all(|event| event.account.as_deref() == Some(&link.item_id));
    ensure(named, "a push does not name the link that it is about")?;
    Ok(events)
}

async fn transactions(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let link = stage.linked_for(1).await?;
    let told = events(suite, &stage, &link).await?.into_iter().any(|event| {
        use TransactionsEvent::{Available, HistoricalReady, InitialReady};
        matches!(event.kind, EventKind::Transactions(Available | InitialReady | HistoricalReady))
    });
    ensure(told, "no push says that there are transactions")
}

async fn troubled(suite: &Suite<'_>, trouble: BankTrouble) -> Done {
    let stage = suite.stage()?;
    let link = stage.linked_for(1).await?;
    stage.bench.bank_trouble(&link, trouble);
    let seen = events(suite, &stage, &link).await?;
    let expected = trouble.event().map(EventKind::Item);
    let told = seen.iter().any(|event| Some(event.kind) == expected);
    ensure(told, format!("no push is {expected:?}"))?;
    let state = folded(&stage, &seen).state();
    let same = state.repair() == stage.bank.item_state(&link).await?.repair();
    ensure(same, format!("the pushes fold to {state:?}, and the vendor says otherwise"))?;
    if state.repair() != Repair::PersonSignsIn || !suite.has(BankFeature::Repair) {
        return Ok(());
    }
    let session = stage.bank.repair(&link, &stage.repair_request()).await?;
    stage.bench.person_mends(&link, &session);
    let seen = events(suite, &stage, &link).await?;
    if seen.iter().any(|event| event.kind == EventKind::Item(ItemEvent::ActionRequired)) {
        let state = folded(&stage, &seen).state();
        ensure(state == ItemState::Healthy, format!("mended, and the pushes fold to {state:?}"))?;
    }
    Ok(())
}

/// How the link is doing, by its pushes in the order in which they came.
fn folded(stage: &Stage<'_>, events: &[Event]) -> ItemHealth {
    let mut health = ItemHealth::new(stage.now());
    for event in events {
        if let EventKind::Item(item) = event.kind {
            health.observe_event(item, None, stage.now());
        }
    }
    health
}
