//! What is read of a link: accounts, numbers, balances, owners; and what is not declared.

use secrecy::ExposeSecret;
use turnbuckle_core::bank_data::{
    AccountBalance, AccountNumbers, BalanceQuery, BankAmount, BankFeature, BankLink, InstitutionQuery,
};
use turnbuckle_core::{Effect, Error, ErrorKind, Result};

use super::super::report::ensure;
use super::super::{BankAccountLine, Failed, Report};
use super::{Done, Stage, Suite, lost_answers};

pub(super) async fn run(suite: &Suite<'_>, report: &mut Report) {
    report.run("bank data: what is not declared is refused", undeclared(suite)).await;
    report.run("accounts: as the bank has them", accounts(suite)).await;
    if suite.has(BankFeature::Numbers) {
        report.run("numbers: as the bank has them", numbers(suite)).await;
    }
    if suite.has(BankFeature::LiveBalances) {
        report.run("balances: as the bank has them", balances(suite)).await;
        report.run("balances: of what was asked for", some_balances(suite)).await;
    }
    if suite.has(BankFeature::Identity) {
        report.run("owners: as the bank has them", owners(suite)).await;
    }
    report.run("reads: lost answers harm nothing", lost(suite)).await;
}

/// Calls what needs the feature.
pub(super) async fn call(stage: &Stage<'_>, link: &BankLink, feature: BankFeature) -> Result<()> {
    let bank = stage.bank.as_ref();
    match feature {
        BankFeature::Numbers => bank.numbers(link).await.map(drop),
        BankFeature::LiveBalances => bank.balances(link, &BalanceQuery::default()).await.map(drop),
        BankFeature::Identity => bank.identity(link).await.map(drop),
        BankFeature::Transactions => bank.sync_page(link, None).await.map(drop),
        BankFeature::Repair => bank.repair(link, &stage.repair_request()).await.map(drop),
        _ => Err(Error::new(ErrorKind::Internal, "the suite has no call for this feature yet")),
    }
}

async fn undeclared(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let link = stage.linked_for(1).await?;
    for feature in BankFeature::ALL.iter().copied() {
        let words = feature.as_str();
        let result = call(&stage, &link, feature).await;
        if suite.has(feature) {
            ensure(result.is_ok(), format!("`{words}` is declared and fails: {:?}", result.err()))?;
            stage.faults().clear();
            continue;
        }
        let kind = result.as_ref().map_err(Error::kind);
        ensure(kind == Err(ErrorKind::Unsupported), format!("`{words}` is not declared and not refused"))?;
        ensure(stage.faults().requests() == 0, format!("`{words}` is not declared and was sent"))?;
    }
    Ok(())
}

fn lines(stage: &Stage<'_>, link: &BankLink) -> Result<Vec<BankAccountLine>, Failed> {
    let lines = stage.bench.bank_accounts(link);
    ensure(!lines.is_empty(), "the bench's bank has no accounts, so nothing is shown")?;
    Ok(lines)
}

fn same_balance(told: &AccountBalance, line: &BankAccountLine) -> bool {
    let value = |amount: &Option<BankAmount>| amount.as_ref().map(|amount| amount.value);
    let code = told.currency.as_ref().map(|currency| currency.code().to_owned());
    let counted = |amount: &Option<BankAmount>| {
        amount.as_ref().is_none_or(|amount| amount.currency.as_ref() == told.currency.as_ref())
    };
    value(&told.available) == line.available
        && value(&told.current) == line.current
        && code == line.currency
        && counted(&told.available)
        && counted(&told.current)
}

async fn accounts(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let link = stage.linked_for(1).await?;
    let told = stage.bank.accounts(&link).await?;
    let lines = lines(&stage, &link)?;
    ensure(told.len() == lines.len(), format!("{} accounts, and the bank has {}", told.len(), lines.len()))?;
    for line in &lines {
        let id = &line.id;
        let account = told.iter().find(|account| account.id == *id);
        let account = account.ok_or_else(|| Failed::new(format!("`{id}` is missing")))?;
        ensure(account.name == line.name, format!("`{id}` has another name"))?;
        ensure(account.mask == line.mask, format!("`{id}` has other last digits"))?;
        ensure(same_balance(&account.balance, line), format!("`{id}` has another balance"))?;
    }
    Ok(())
}

fn number(numbers: &AccountNumbers) -> Option<&str> {
    match numbers {
        AccountNumbers::Ach { account, .. }
        | AccountNumbers::Eft { account, .. }
        | AccountNumbers::Bacs { account, .. } => Some(account.expose_secret()),
        AccountNumbers::International { iban, .. } => Some(iban.expose_secret()),
        _ => None,
    }
}

async fn numbers(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let link = stage.linked_for(1).await?;
    let told = stage.bank.numbers(&link).await?;
    let lines = lines(&stage, &link)?;
    ensure(lines.iter().any(|line| line.number.is_some()), "the bench's bank tells no number")?;
    for line in &lines {
        let id = &line.id;
        let mut of_it = told.iter().filter(|numbers| numbers.account_id() == *id).map(number);
        let same = match &line.number {
            Some(known) => of_it.any(|number| number == Some(known)),
            None => of_it.next().is_none(),
        };
        ensure(same, format!("`{id}` has another number"))?;
    }
    let strange = told.iter().any(|told| !lines.iter().any(|line| line.id == told.account_id()));
    ensure(!strange, "a number belongs to no account")
}

async fn balances(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let link = stage.linked_for(1).await?;
    let told = stage.bank.balances(&link, &BalanceQuery::default()).await?;
    let lines = lines(&stage, &link)?;
    ensure(told.len() == lines.len(), "not every account has a balance")?;
    for line in &lines {
        let balance = told.iter().find(|(id, _)| *id == line.id);
        let same = balance.is_some_and(|(_, balance)| same_balance(balance, line));
        ensure(same, format!("`{}` has another balance", line.id))?;
    }
    Ok(())
}

async fn some_balances(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let link = stage.linked_for(1).await?;
    let lines = lines(&stage, &link)?;
    ensure(lines.len() > 1, "the bench's bank has one account, so nothing is shown")?;
    for line in &lines {
        let mut query = BalanceQuery::default();
        query.account_ids = vec![line.id.clone()];
        let told = stage.bank.balances(&link, &query).await?;
        let one = matches!(told.as_slice(), [(id, balance)] if *id == line.id && same_balance(balance, line));
        ensure(one, format!("`{}` was asked for, and something else was told", line.id))?;
    }
    Ok(())
}

async fn owners(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let link = stage.linked_for(1).await?;
    let told = stage.bank.identity(&link).await?;
    let lines = lines(&stage, &link)?;
    ensure(lines.iter().any(|line| !line.owners.is_empty()), "the bench's bank knows no owner")?;
    for line in &lines {
        let of_it = told.iter().filter(|holder| holder.account_id == line.id);
        let mut names: Vec<_> =
            of_it.flat_map(|holder| &holder.owners).flat_map(|owner| owner.names.clone()).collect();
        let mut known = line.owners.clone();
        names.sort();
        known.sort();
        ensure(names == known, format!("`{}` has other owners", line.id))?;
    }
    Ok(())
}

/// A read whose answer is lost is an error that changed nothing, or was read again.
async fn lost(suite: &Suite<'_>) -> Done {
    for fault in lost_answers() {
        let stage = suite.stage()?;
        let link = stage.linked_for(1).await?;
        let bank = stage.bank.as_ref();
        for (name, number) in [("accounts", 0), ("institutions", 1), ("institution", 2), ("item state", 3)] {
            stage.faults().clear();
            stage.faults().from_request(1, fault.clone());
            let query = InstitutionQuery::new(&suite.cases.institution_name, &suite.cases.country);
            let result = match number {
                0 => bank.accounts(&link).await.map(drop),
                1 => bank.institutions(&query).await.map(drop),
                2 => bank.institution(&suite.cases.institution, &suite.cases.country).await.map(drop),
                _ => bank.item_state(&link).await.map(drop),
            };
            ensure(stage.faults().met() > 0, format!("{name}: nothing was sent"))?;
            failed_softly(result, name)?;
        }
        let reads = suite.declared.iter().copied().filter(|feature| *feature != BankFeature::Repair);
        for feature in reads {
            stage.faults().clear();
            stage.faults().from_request(1, fault.clone());
            failed_softly(call(&stage, &link, feature).await, feature.as_str())?;
        }
    }
    Ok(())
}

fn failed_softly(result: Result<()>, name: &str) -> Done {
    match result {
        Ok(()) => Err(Failed::new(format!("{name}: no answer came, and there is one"))),
        Err(error) => ensure(
            error.effect() == Effect::None,
            format!("{name}: a read may have changed something: {error}"),
        ),
    }
}
