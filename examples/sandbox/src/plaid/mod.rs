//! Every operation of the typed client for Plaid, once.
//!
//! An operation is called with every parameter that goes with the others; where parameters exclude each other, a comment
//! says which were left out. All of them are about one item, which the run makes and removes.

mod data;
mod items;
mod sandbox_only;

use std::time::Duration;

use chrono::{Days, NaiveDate};
use secrecy::SecretString;
use turnbuckle_core::credential::{Credentials, process_env};
use turnbuckle_core::provider::{ConnectionConfig, IntegrationProvider};
use turnbuckle_core::{Clock, Environment, Error, ErrorKind, Result, SystemClock};
use turnbuckle_plaid::{Plaid, PlaidProvider, SyncTransactions, TransactionPage, UpdateStatus};

use crate::Runner;

/// The first bank of Plaid's sandbox.
pub const BANK: &str = "ins_109508";

/// A page of nobody's, for addresses.
const WEBHOOK: &str = "https://shop.example/plaid";

/// What stands in for what was not made.
const NOBODYS: &str = "nobodys";

/// A client that never sends anything, to list operations with.
///
/// # Errors
/// As [`Plaid::new`].
pub fn unconnected() -> Result<Plaid> {
    let lookup = |name: &str| name.starts_with("PLAID_").then(|| "unconnected".to_owned());
    let schema = PlaidProvider::new().definition().credential_schema;
    let credentials = Credentials::from_env(schema, &lookup)?;
    Plaid::new(&ConnectionConfig::new("listing", Environment::Sandbox, credentials))
}

/// Calls every operation once, or names it when the runner lists.
///
/// What only Plaid's dashboard or a delivered webhook tells is named by variables: `PLAID_REDIRECT_URI`,
/// `PLAID_LINK_CUSTOMIZATION` and `PLAID_WEBHOOK_KEY_ID`. Without them the session has neither of the first two, and the key
/// that is asked for is one of Plaid's own examples.
///
/// # Errors
/// On a production connection.
pub async fn every_operation(mut runner: Runner, plaid: &Plaid) -> Result<bool> {
    let run = &mut runner;
    items::sessions_and_banks(run, plaid).await;
    let token = Box::pin(sandbox_only::link(run, plaid)).await?;
    items::the_item(run, plaid, &token).await;
    let account = Box::pin(data::accounts(run, plaid, &token)).await;
    Box::pin(data::transactions(run, plaid, &token)).await;
    Box::pin(sandbox_only::rest(run, plaid, &token, &account)).await?;
    Box::pin(items::processors(run, plaid, &token, &account)).await;
    Box::pin(items::ends(run, plaid, token)).await?;
    Ok(runner.finish())
}

/// Today, in UTC.
fn today() -> NaiveDate {
    SystemClock::new().now().date_naive()
}

fn days_ago(days: u64) -> NaiveDate {
    today().checked_sub_days(Days::new(days)).unwrap_or_default()
}

/// What only the dashboard or a webhook tells.
fn outside(variable: &str) -> Option<String> {
    process_env(variable).filter(|value| !value.is_empty())
}

/// How often, and how far apart, transactions are asked for until they are there: a minute and a half in all.
const TRIES: u32 = 45;
const PAUSE: Duration = Duration::from_secs(2);

/// Asks for the first changes until there is something.
///
/// # Errors
/// That of the call; [`Timeout`](ErrorKind::Timeout) when the bank takes longer.
pub async fn first_changes(plaid: &Plaid, token: &SecretString) -> Result<TransactionPage> {
    for _ in 0..TRIES {
        let page = plaid.transactions().sync(token, &SyncTransactions::new()).await?;
        if page.transactions_update_status != UpdateStatus::NotReady && !page.next_cursor.is_empty() {
            return Ok(page);
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(Error::new(ErrorKind::Timeout, "the bank has delivered no transactions yet"))
}
