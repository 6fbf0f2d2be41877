//! What exists in the sandbox only.

use secrecy::SecretString;
use turnbuckle_core::Result;
use turnbuckle_core::bank_data::Decimal;
use turnbuckle_plaid::{
    CreateSandboxProcessorToken, CreateSandboxToken, FireWebhook, Plaid, Product, SandboxProcessorOptions,
    SandboxTokenOptions, SandboxTransaction, SandboxTransactionRange, SetVerificationStatus,
};

use super::{BANK, NOBODYS, WEBHOOK, days_ago, today};
use crate::Runner;

/// Makes the item of the run and gives its access token.
pub(super) async fn link(run: &mut Runner, plaid: &Plaid) -> Result<SecretString> {
    let items = plaid.items();
    // The days exclude `days_requested`.
    let options = SandboxTokenOptions::new()
        .with_webhook(WEBHOOK)
        .with_override_username("user_transactions_dynamic")
        .with_override_password("any")
        .with_transactions(
            SandboxTransactionRange::new().with_start_date(days_ago(60)).with_end_date(today()),
        );
    let params = CreateSandboxToken::new(BANK, [Product::Transactions, Product::Auth]).with_options(options);
    let sandbox = plaid.sandbox()?;
    let made =
        run.run("sandbox.create_public_token", sandbox.create_public_token(&params), |_| "ok".to_owned());
    let public = made.await.map_or_else(|| NOBODYS.into(), |made| made.public_token);
    let exchanged = items.exchange(&public);
    let exchanged = run.run("items.exchange", exchanged, |linked| format!("ok {}", linked.item_id)).await;
    Ok(exchanged.map_or_else(|| NOBODYS.into(), |linked| linked.access_token))
}

pub(super) async fn rest(run: &mut Runner, plaid: &Plaid, token: &SecretString, account: &str) -> Result<()> {
    let sandbox = plaid.sandbox()?;
    let made = SandboxTransaction::new(days_ago(1), today(), Decimal::new(1234, 2), "A sandbox run")
        .with_iso_currency_code("USD");
    let created = sandbox.create_transactions(token, std::slice::from_ref(&made));
    run.run("sandbox.create_transactions", created, |_| "ok".to_owned()).await;
    let fire = FireWebhook::new("SYNC_UPDATES_AVAILABLE").with_webhook_type("TRANSACTIONS");
    run.run("sandbox.fire_webhook", sandbox.fire_webhook(token, &fire), |_| "ok".to_owned()).await;
    let status = SetVerificationStatus::new(account, "automatically_verified");
    let set = sandbox.set_verification_status(token, &status);
    run.run("sandbox.set_verification_status", set, |_| "ok".to_owned()).await;
    let options = SandboxProcessorOptions::new()
        .with_override_username("user_good")
        .with_override_password("pass_good");
    let params = CreateSandboxProcessorToken::new(BANK).with_options(options);
    let made = sandbox.create_processor_token(&params);
    run.run("sandbox.create_processor_token", made, |_| "ok".to_owned()).await;
    Ok(())
}
