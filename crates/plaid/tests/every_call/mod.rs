//! Every call of the client, by its path.

#![allow(dead_code, reason = "each test uses its part")]
#![allow(clippy::unwrap_used, reason = "helpers of tests, which clippy does not recognize as such")]

use std::fmt::Debug;

use secrecy::SecretString;
use turnbuckle_core::Result;
use turnbuckle_plaid::*;

use crate::wire_support::ACCOUNT;

/// The paths of all calls, and whether each may be sent again when its answer is lost.
pub(crate) const CALLS: [(&str, bool); 31] = [
    ("/link/token/create", true),
    ("/link/token/get", true),
    ("/item/public_token/exchange", false),
    ("/item/get", true),
    ("/item/remove", true),
    ("/item/access_token/invalidate", false),
    ("/item/webhook/update", true),
    ("/institutions/search", true),
    ("/institutions/get", true),
    ("/institutions/get_by_id", true),
    ("/processor/token/create", false),
    ("/processor/stripe/bank_account_token/create", false),
    ("/accounts/get", true),
    ("/accounts/balance/get", true),
    ("/auth/get", true),
    ("/identity/get", true),
    ("/identity/match", true),
    ("/transactions/sync", true),
    ("/transactions/get", true),
    ("/transactions/refresh", false),
    ("/transactions/recurring/get", true),
    ("/liabilities/get", true),
    ("/investments/holdings/get", true),
    ("/investments/transactions/get", true),
    ("/webhook_verification_key/get", true),
    ("/sandbox/public_token/create", false),
    ("/sandbox/item/fire_webhook", false),
    ("/sandbox/item/reset_login", false),
    ("/sandbox/item/set_verification_status", false),
    ("/sandbox/transactions/create", false),
    ("/sandbox/processor_token/create", false),
];

/// The fixture that answers a path.
pub(crate) fn fixture_of(path: &str) -> String {
    path.trim_start_matches('/').replace('/', "_")
}

/// Makes a call and shows its answer as `Debug` does; `None` for paths that this crate does not have.
pub(crate) async fn call(path: &str, plaid: &Plaid, token: &SecretString) -> Option<Result<String>> {
    fn shown<T: Debug>(result: Result<T>) -> Result<String> {
        result.map(|value| format!("{value:?} {value:#?}"))
    }
    let all = &AccountFilter::all();
    let day = "2026-07-01".parse().unwrap();
    Some(match path {
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
            let params = CreateProcessorToken::new(ACCOUNT, "dwolla");
            shown(plaid.processor().create_token(token, &params).await)
        }
        "/processor/stripe/bank_account_token/create" => {
            shown(plaid.processor().create_stripe_token(token, ACCOUNT).await)
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
        _ => return sandbox(path, plaid, token).await.map(shown),
    })
}

async fn sandbox(path: &str, plaid: &Plaid, token: &SecretString) -> Option<Result<Box<dyn Debug>>> {
    fn boxed<T: Debug + 'static>(result: Result<T>) -> Result<Box<dyn Debug>> {
        result.map(|value| -> Box<dyn Debug> { Box::new(value) })
    }
    let sandbox = plaid.sandbox().unwrap();
    Some(match path {
        "/sandbox/public_token/create" => {
            let params = CreateSandboxToken::new("ins_1", [Product::Auth]);
            boxed(sandbox.create_public_token(&params).await)
        }
        "/sandbox/item/fire_webhook" => {
            boxed(sandbox.fire_webhook(token, &FireWebhook::new("DEFAULT_UPDATE")).await)
        }
        "/sandbox/item/reset_login" => boxed(sandbox.reset_login(token).await),
        "/sandbox/item/set_verification_status" => {
            let params = SetVerificationStatus::new(ACCOUNT, "verification_expired");
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
        _ => return None,
    })
}
