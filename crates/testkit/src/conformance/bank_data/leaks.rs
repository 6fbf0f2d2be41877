//! Tokens, numbers and names stay out of every `Debug`, error, span and event.

use std::fmt::Write as _;

use secrecy::ExposeSecret;
use turnbuckle_core::bank_data::{BalanceQuery, BankFeature, BankLink, TransactionSync};

use super::super::payments::leaks::of_credentials;
use super::super::report::ensure;
use super::super::{Failed, Report};
use super::{BankTrouble, Done, Stage, Suite};
use crate::fault::Fault;
use crate::leak::{Sentinels, capture, chain};

pub(super) async fn run(suite: &Suite<'_>, report: &mut Report) {
    report.run("bank data: nothing leaks", leaks(suite)).await;
}

async fn leaks(suite: &Suite<'_>) -> Done {
    let mut sentinels = of_credentials(suite.fixture.provider().as_ref(), &suite.fixture.credentials());
    for (name, value) in &suite.cases.private {
        sentinels.add(*name, value);
    }
    let spans = capture();
    let text = spans.watch(everything(suite, &mut sentinels)).await?;
    let logged = spans.text();
    drop(spans);
    let found = sentinels.find(&text);
    ensure(found.is_empty(), format!("in what was printed: {}", found.join(", ")))?;
    let found = sentinels.find(&logged);
    ensure(found.is_empty(), format!("in spans and events: {}", found.join(", ")))
}

/// Links, reads, breaks and ends, spoiled and not, and prints all that can be printed.
async fn everything(suite: &Suite<'_>, sentinels: &mut Sentinels) -> Result<String, Failed> {
    let mut text = String::new();
    for fault in [None, Some(Fault::ResetAfter), Some(Fault::BadUtf8), Some(Fault::HtmlBadGateway)] {
        let stage = suite.stage()?;
        let bank = stage.bank.as_ref();
        let session = bank.link(&stage.request()).await?;
        sentinels.add("session", session.token.expose_secret());
        let returned = stage
            .bench
            .person_links(&session)
            .ok_or_else(|| Failed::new("nobody could link a bank in the session"))?;
        sentinels.add("public token", returned.public_token.expose_secret());
        let _ = writeln!(text, "{:?} {session:?} {returned:?} {:?}", stage.request(), stage.bank);
        let link = bank.exchange(&returned).await?;
        sentinels.add("access token", link.token().expose_secret());
        (0..3).for_each(|_| stage.day(&link));
        for line in stage.bench.bank_accounts(&link) {
            sentinels.add("account number", line.number.unwrap_or_default());
            line.owners.into_iter().for_each(|owner| sentinels.add("owner", owner));
        }
        let _ = writeln!(text, "{link:?} {link:#?} {:?}", link.to_secret());
        spoil(&stage, fault.as_ref());
        reads(suite, &stage, &link, &mut text).await;
        for trouble in &suite.cases.troubles {
            stage.bench.bank_trouble(&link, *trouble);
            reads(suite, &stage, &link, &mut text).await;
            if *trouble == BankTrouble::Revoked {
                break;
            }
        }
        print(&mut text, &bank.exchange(&returned).await);
        print(&mut text, &bank.disconnect(&link).await);
        reads(suite, &stage, &link, &mut text).await;
    }
    Ok(text)
}

fn spoil(stage: &Stage<'_>, fault: Option<&Fault>) {
    stage.faults().clear();
    if let Some(fault) = fault {
        stage.faults().from_request(1, fault.clone());
    }
}

async fn reads(suite: &Suite<'_>, stage: &Stage<'_>, link: &BankLink, text: &mut String) {
    let bank = stage.bank.as_ref();
    print(text, &bank.item_state(link).await);
    print(text, &bank.accounts(link).await);
    if suite.has(BankFeature::Numbers) {
        print(text, &bank.numbers(link).await);
    }
    if suite.has(BankFeature::LiveBalances) {
        print(text, &bank.balances(link, &BalanceQuery::default()).await);
    }
    if suite.has(BankFeature::Identity) {
        print(text, &bank.identity(link).await);
    }
    if suite.has(BankFeature::Repair) {
        print(text, &bank.repair(link, &stage.repair_request()).await);
    }
    if suite.has(BankFeature::Transactions) {
        let mut sync = TransactionSync::new(bank, link, None);
        while let Some(event) = sync.next().await {
            let failed = event.is_err();
            print(text, &event);
            let _ = writeln!(text, "{sync:?}");
            if failed {
                break;
            }
        }
    }
}

fn print<T: std::fmt::Debug>(text: &mut String, result: &turnbuckle_core::Result<T>) {
    let _ = match result {
        Ok(value) => writeln!(text, "{value:?}\n{value:#?}"),
        Err(error) => writeln!(text, "{}", chain(error)),
    };
}
