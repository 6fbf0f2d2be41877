//! Plaid's usual flow in its sandbox, or against a stand-in: `PLAID_CLIENT_ID` and `PLAID_SECRET` hold the keys of the
//! sandbox. With `--all`, every operation of the typed client; with `--list`, their names.

use std::process::ExitCode;

use secrecy::SecretString;
use turnbuckle_core::provider::IntegrationProvider;
use turnbuckle_core::{Error, ErrorKind, Result};
use turnbuckle_plaid::{
    AccountFilter, CreateLinkToken, CreateSandboxToken, LinkUser, Plaid, PlaidProvider, Product, RemoveItem,
    SyncTransactions,
};
use turnbuckle_sandbox::plaid::{BANK, every_operation, first_changes, unconnected};
use turnbuckle_sandbox::{Args, Ready, Runner, Sandbox, Task, complain};

const SANDBOX: Sandbox = Sandbox {
    name: "plaid",
    flow: "link without a person, exchange, accounts, sync, a login that breaks, a session to mend it, remove",
    prefix: "PLAID",
    keys: "https://dashboard.plaid.com/developers/keys (the client id, and the secret of the sandbox)",
};

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Args::read(&SANDBOX).task() {
        Task::List => match unconnected() {
            Ok(plaid) => Box::pin(every_operation(Runner::listing(), &plaid)).await,
            Err(problem) => return complain(problem),
        },
        task => {
            let provider = PlaidProvider::new();
            let ready = match SANDBOX.ready(&provider) {
                Ok(ready) => ready,
                Err(problem) => return complain(problem.message()),
            };
            // Connecting sends nothing.
            let plaid = match provider.connect(ready.config.clone()) {
                Ok(connection) => connection.client::<Plaid>(),
                Err(problem) => return complain(problem),
            };
            let Some(plaid) = plaid else { return complain("the connection has no typed client") };
            println!("Plaid at {}\n", ready.place);
            match task {
                Task::All => Box::pin(every_operation(Runner::new(ready.wire), &plaid)).await,
                _ => Box::pin(flow(&plaid, ready)).await,
            }
        }
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => complain(problem),
    }
}

/// That a call is refused with this code; any other answer is an error.
async fn refused<T>(call: impl Future<Output = Result<T>>, code: &str) -> Result<()> {
    match call.await {
        Err(error) if error.code() == Some(code) => Ok(()),
        Err(error) => Err(error),
        Ok(_) => Err(Error::new(ErrorKind::InvalidResponse, "it was not refused")),
    }
}

/// Everything that changed since the first page, a page at a time.
async fn the_rest(plaid: &Plaid, token: &SecretString, cursor: String) -> Result<(usize, String)> {
    let (mut cursor, mut count) = (cursor, 0);
    loop {
        let next = SyncTransactions::new().with_cursor(cursor).with_count(500);
        let page = plaid.transactions().sync(token, &next).await?;
        count += page.added.len() + page.modified.len() + page.removed.len();
        if !page.has_more {
            return Ok((count, page.next_cursor));
        }
        cursor = page.next_cursor;
    }
}

async fn flow(plaid: &Plaid, ready: Ready) -> Result<bool> {
    let items = plaid.items();
    let accounts = plaid.accounts();
    let auth = plaid.auth();
    let link = plaid.link();
    let mut run = Runner::new(ready.wire);
    let sandbox = plaid.sandbox()?;
    let params = CreateSandboxToken::new(BANK, [Product::Transactions, Product::Auth]);
    let public =
        run.run("sandbox.create_public_token", sandbox.create_public_token(&params), |_| "made".to_owned());
    let Some(public) = public.await else { return Ok(run.finish()) };
    let linked = items.exchange(&public.public_token);
    let Some(linked) = run.run("items.exchange", linked, |linked| linked.item_id.clone()).await else {
        return Ok(run.finish());
    };
    let token = linked.access_token;

    let all = AccountFilter::all();
    let read = accounts.get(&token, &all);
    run.run("accounts.get", read, |list| format!("{} accounts", list.accounts.len())).await;
    let numbers = auth.get(&token, &all);
    run.run("auth.get", numbers, |numbers| format!("{} with numbers", numbers.numbers.ach.len())).await;
    let first = first_changes(plaid, &token);
    let first =
        run.run("transactions.sync (first page)", first, |page| format!("{} new", page.added.len())).await;
    if let Some(first) = first {
        let rest = the_rest(plaid, &token, first.next_cursor);
        run.run("transactions.sync (the rest)", rest, |(count, _)| format!("{count} changes")).await;
    }

    run.run("sandbox.reset_login", sandbox.reset_login(&token), |_| "the login is void".to_owned()).await;
    let blocked = refused(accounts.get(&token, &all), "ITEM_LOGIN_REQUIRED");
    run.run("accounts.get (broken)", blocked, |()| "a login is required, as it should be".to_owned()).await;
    let repair = CreateLinkToken::new("Sandbox run", "en", ["US"], LinkUser::new("sandbox-user-1"));
    let session = link.create_update(&token, &repair);
    run.run("link.create (update mode)", session, |made| format!("a session until {}", made.expiration))
        .await;

    let reason = RemoveItem::new();
    run.run("items.remove", items.remove(&token, &reason), |()| "removed".to_owned()).await;
    let again = refused(items.remove(&token, &reason), "ITEM_NOT_FOUND");
    run.run("items.remove (again)", again, |()| "it is gone, as it should be".to_owned()).await;
    Ok(run.finish())
}
