//! Every sample of Plaid's own description, where that is at hand.
//!
//! `TURNBUCKLE_SPECS=<folder> cargo test -p turnbuckle-plaid --features spec-check --test samples`

#![cfg(feature = "spec-check")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod push_support;
mod wire_support;

use std::collections::BTreeSet;
use std::env;
use std::fmt::Debug;
use std::path::PathBuf;

use push_support::{receive, signed};
use secrecy::SecretString;
use turnbuckle_core::Result;
use turnbuckle_plaid::*;
use turnbuckle_testkit::spec;
use wire_support::{Answer, Wire};

/// The samples hold tokens of several environments; the calls need one of ours.
const TOKEN: &str = "access-sandbox-sample";

fn specs() -> Option<PathBuf> {
    let folder = env::var_os("TURNBUCKLE_SPECS").map(PathBuf::from)?;
    folder.is_dir().then_some(folder)
}

/// Calls the operation, which reads the sample; `None` for operations that this crate does not have.
async fn read(operation: &str, plaid: &Plaid) -> Option<Result<String>> {
    fn shown<T: Debug>(result: Result<T>) -> Option<Result<String>> {
        Some(result.map(|value| format!("{value:?}")))
    }
    let token = &SecretString::from(TOKEN);
    let all = &AccountFilter::all();
    let day = "2026-07-01".parse().unwrap();
    let path = operation.strip_prefix("POST ")?;
    match path {
        "/link/token/create" => {
            let params = CreateLinkToken::new("Shop", "en", ["US"], LinkUser::new("user-7"));
            shown(plaid.link().create(&params).await)
        }
        "/link/token/get" => shown(plaid.link().get(&"link-sandbox-sample".into()).await),
        "/item/public_token/exchange" => shown(plaid.items().exchange(&"public-sandbox-sample".into()).await),
        "/item/get" => shown(plaid.items().get(token).await),
        "/item/remove" => shown(plaid.items().remove(token, &RemoveItem::new()).await),
        "/item/access_token/invalidate" => shown(plaid.items().invalidate_access_token(token).await),
        "/item/webhook/update" => shown(plaid.items().update_webhook(token, None).await),
        "/institutions/search" => {
            shown(plaid.institutions().search(&SearchInstitutions::new("a", ["US"])).await)
        }
        "/institutions/get" => shown(plaid.institutions().get(&ListInstitutions::new(1, 0, ["US"])).await),
        "/institutions/get_by_id" => {
            shown(plaid.institutions().get_by_id(&GetInstitution::new("ins_1", ["US"])).await)
        }
        "/processor/token/create" => {
            let params = CreateProcessorToken::new("account", "dwolla");
            shown(plaid.processor().create_token(token, &params).await)
        }
        "/processor/stripe/bank_account_token/create" => {
            shown(plaid.processor().create_stripe_token(token, "account").await)
        }
        "/accounts/get" => shown(plaid.accounts().get(token, all).await),
        "/accounts/balance/get" => shown(plaid.accounts().balance(token, &GetBalance::new()).await),
        "/auth/get" => shown(plaid.auth().get(token, all).await),
        "/identity/get" => shown(plaid.identity().get(token, all).await),
        "/identity/match" => shown(plaid.identity().match_user(token, &IdentityUser::new(), all).await),
        "/transactions/sync" => shown(plaid.transactions().sync(token, &SyncTransactions::new()).await),
        "/transactions/get" => shown(plaid.transactions().get(token, &GetTransactions::new(day, day)).await),
        "/transactions/refresh" => shown(plaid.transactions().refresh(token).await),
        "/transactions/recurring/get" => {
            shown(plaid.transactions().recurring(token, &GetRecurring::new()).await)
        }
        "/liabilities/get" => shown(plaid.liabilities().get(token, all).await),
        "/investments/holdings/get" => shown(plaid.investments().holdings(token, all).await),
        "/investments/transactions/get" => {
            shown(plaid.investments().transactions(token, &GetInvestmentTransactions::new(day, day)).await)
        }
        "/webhook_verification_key/get" => shown(plaid.webhook_keys().get("key").await),
        _ => sandbox(path, plaid, token).await.map(|result| result.map(|value| format!("{value:?}"))),
    }
}

async fn sandbox(path: &str, plaid: &Plaid, token: &SecretString) -> Option<Result<Box<dyn Debug>>> {
    fn boxed<T: Debug + 'static>(result: Result<T>) -> Option<Result<Box<dyn Debug>>> {
        Some(result.map(|value| -> Box<dyn Debug> { Box::new(value) }))
    }
    let sandbox = plaid.sandbox().unwrap();
    match path {
        "/sandbox/public_token/create" => {
            let params = CreateSandboxToken::new("ins_1", [Product::Auth]);
            boxed(sandbox.create_public_token(&params).await)
        }
        "/sandbox/item/fire_webhook" => {
            boxed(sandbox.fire_webhook(token, &FireWebhook::new("DEFAULT_UPDATE")).await)
        }
        "/sandbox/item/reset_login" => boxed(sandbox.reset_login(token).await),
        "/sandbox/item/set_verification_status" => {
            let params = SetVerificationStatus::new("account", "verification_expired");
            boxed(sandbox.set_verification_status(token, &params).await)
        }
        "/sandbox/transactions/create" => {
            let day = "2026-07-01".parse().unwrap();
            let wax = SandboxTransaction::new(day, day, "1.5".parse().unwrap(), "Wax");
            boxed(sandbox.create_transactions(token, &[wax]).await)
        }
        "/sandbox/processor_token/create" => {
            boxed(sandbox.create_processor_token(&CreateSandboxProcessorToken::new("ins_1")).await)
        }
        _ => None,
    }
}

#[tokio::test]
async fn every_answer_is_read() {
    let Some(specs) = specs() else { return eprintln!("SAMPLES SKIPPED: TURNBUCKLE_SPECS names no folder") };
    let samples = spec::samples(&specs, "plaid.json").unwrap();
    let mut read_operations = BTreeSet::new();
    let mut broken = Vec::new();
    for sample in &samples {
        let wire = Wire::new([Answer::new(200, sample.body.clone())]);
        match read(&sample.of, &wire.plaid()).await {
            None => {}
            Some(Ok(shown)) => {
                assert!(!shown.is_empty());
                read_operations.insert(sample.of.as_str());
            }
            Some(Err(error)) => broken.push(format!("{} {}: {error}", sample.of, sample.name)),
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
    assert_eq!(read_operations.len(), 31, "{read_operations:#?}");
}

/// Every sample of a push, whether this crate knows the push or not.
#[tokio::test]
async fn every_push_is_read() {
    let Some(specs) = specs() else { return eprintln!("SAMPLES SKIPPED: TURNBUCKLE_SPECS names no folder") };
    let samples = spec::samples(&specs, "plaid.json").unwrap();
    let (mut known, mut other) = (0, 0);
    for sample in samples.iter().filter(|sample| sample.body.contains("\"webhook_code\"")) {
        // The samples are of both environments.
        let body = sample.body.replace("\"environment\":\"production\"", "\"environment\":\"sandbox\"");
        let event = receive(&signed(&body)).await.unwrap_or_else(|error| panic!("{}: {error}", sample.of));
        match event.get().kind {
            PlaidEventKind::Other => other += 1,
            _ => known += 1,
        }
    }
    assert!(known >= 20 && other >= 20, "{known} known, {other} other");
}
