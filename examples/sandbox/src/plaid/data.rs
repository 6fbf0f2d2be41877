//! What there is to read about an item.

use secrecy::SecretString;
use turnbuckle_core::{Clock, SystemClock};
use turnbuckle_plaid::{
    AccountFilter, GetBalance, GetInvestmentTransactions, GetOptions, GetRecurring, GetTransactions,
    IdentityAddress, IdentityUser, InvestmentOptions, Plaid, RecurringOptions, SyncOptions, SyncTransactions,
};

use super::{NOBODYS, days_ago, first_changes, today};
use crate::Runner;

/// Gives the id of the checking account.
pub(super) async fn accounts(run: &mut Runner, plaid: &Plaid, token: &SecretString) -> String {
    let account_calls = plaid.accounts();
    let auth = plaid.auth();
    let identity = plaid.identity();
    let liabilities = plaid.liabilities();
    let investments = plaid.investments();
    let all = run.prepare("accounts.get", account_calls.get(token, &AccountFilter::all())).await;
    let all = all.map(|list| list.accounts).unwrap_or_default();
    let of = |subtype: &str| {
        let found = all.iter().find(|account| account.subtype.as_deref() == Some(subtype));
        found.map_or_else(|| NOBODYS.to_owned(), |account| account.account_id.clone())
    };
    let checking = of("checking");
    let one = AccountFilter::of([checking.clone()]);
    let show = |count: usize| format!("ok {count} accounts");

    let read = account_calls.get(token, &one);
    run.run("accounts.get", read, |list| show(list.accounts.len())).await;
    let live = GetBalance::new()
        .with_account_ids([checking.clone()])
        .with_min_last_updated_datetime(SystemClock::new().now() - chrono::Duration::days(1));
    run.run("accounts.balance", account_calls.balance(token, &live), |list| show(list.accounts.len())).await;
    run.run("auth.get", auth.get(token, &one), |numbers| show(numbers.numbers.ach.len())).await;
    run.run("identity.get", identity.get(token, &one), |list| show(list.accounts.len())).await;
    let address = IdentityAddress::new()
        .with_street("2992 Cameron Road")
        .with_city("Malakoff")
        .with_region("NY")
        .with_postal_code("14236")
        .with_country("US");
    let user = IdentityUser::new()
        .with_legal_name("Alberta Bobbeth Charleson")
        .with_phone_number("1112223333")
        .with_email_address("accountholder0@example.com")
        .with_address(address);
    let matched = identity.match_user(token, &user, &one);
    run.run("identity.match", matched, |found| show(found.accounts.len())).await;

    let owed = AccountFilter::of([of("credit card")]);
    let owed = liabilities.get(token, &owed);
    run.run("liabilities.get", owed, |list| show(list.accounts.len())).await;
    let invested = of("ira");
    let held = AccountFilter::of([invested.clone()]);
    let held = investments.holdings(token, &held);
    run.run("investments.holdings", held, |list| format!("ok {} holdings", list.holdings.len())).await;
    let options = InvestmentOptions::new()
        .with_account_ids([invested])
        .with_count(10)
        .with_offset(0)
        .with_async_update(false);
    let trades = GetInvestmentTransactions::new(days_ago(90), today()).with_options(options);
    let trades = investments.transactions(token, &trades);
    run.run("investments.transactions", trades, |list| {
        format!("ok {} in all", list.total_investment_transactions)
    })
    .await;
    checking
}

pub(super) async fn transactions(run: &mut Runner, plaid: &Plaid, token: &SecretString) {
    let calls = plaid.transactions();
    let first = run.prepare("transactions.sync", first_changes(plaid, token)).await;
    let account =
        first.iter().flat_map(|page| &page.accounts).find(|one| one.subtype.as_deref() == Some("checking"));
    let account = account.map_or_else(|| NOBODYS.to_owned(), |account| account.account_id.clone());
    // A cursor belongs to the stream of one account, as the call that goes on from it does.
    let options = SyncOptions::new()
        .with_include_original_description(true)
        .with_personal_finance_category_version("v2")
        .with_days_requested(90)
        .with_account_id(account.clone());
    let begin = SyncTransactions::new().with_count(1).with_options(options.clone());
    let begun = run.prepare("transactions.sync", calls.sync(token, &begin)).await;
    let cursor = begun.map_or_else(|| NOBODYS.to_owned(), |page| page.next_cursor);
    let next = SyncTransactions::new().with_cursor(cursor).with_count(5).with_options(options);
    run.run("transactions.sync", calls.sync(token, &next), |page| format!("ok {} new", page.added.len()))
        .await;

    let options = GetOptions::new()
        .with_account_ids([account.clone()])
        .with_count(5)
        .with_offset(0)
        .with_include_original_description(true)
        .with_personal_finance_category_version("v2")
        .with_days_requested(90);
    let dates = GetTransactions::new(days_ago(20), today()).with_options(options);
    run.run("transactions.get", calls.get(token, &dates), |list| {
        format!("ok {} in all", list.total_transactions)
    })
    .await;
    let repeating = GetRecurring::new()
        .with_account_ids([account])
        .with_options(RecurringOptions::new().with_personal_finance_category_version("v2"));
    run.run("transactions.recurring", calls.recurring(token, &repeating), |streams| {
        format!("ok {} in, {} out", streams.inflow_streams.len(), streams.outflow_streams.len())
    })
    .await;
    run.run("transactions.refresh", calls.refresh(token), |_| "ok".to_owned()).await;
}
