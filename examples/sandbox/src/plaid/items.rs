//! Sessions, banks, and the item itself.

use secrecy::SecretString;
use turnbuckle_core::Result;
use turnbuckle_plaid::{
    AccountFilters, CreateLinkToken, CreateProcessorToken, GetInstitution, GetInstitutionOptions, HostedLink,
    InstitutionOptions, LinkTransactions, LinkUpdate, LinkUser, ListInstitutionOptions, ListInstitutions,
    Plaid, Product, RemoveItem, RemoveReason, SearchInstitutions, SubtypeFilter,
};

use super::{BANK, NOBODYS, WEBHOOK, outside};
use crate::Runner;

fn user() -> LinkUser {
    LinkUser::new("sandbox-user-1")
        .with_legal_name("Alberta Bobbeth Charleson")
        .with_phone_number("+14155550123")
        .with_email_address("payer@example.com")
}

fn filters() -> AccountFilters {
    AccountFilters::new()
        .with_depository(SubtypeFilter::new(["checking", "savings"]))
        .with_credit(SubtypeFilter::new(["credit card"]))
        .with_loan(SubtypeFilter::new(["student", "mortgage"]))
        .with_investment(SubtypeFilter::new(["ira", "401k"]))
}

/// A session for a new item. `android_package_name` excludes `redirect_uri`; `update` is for an item that exists.
fn session() -> CreateLinkToken {
    let hosted = HostedLink::new()
        .with_delivery_method("email")
        .with_completion_redirect_uri("https://shop.example/done")
        .with_url_lifetime_seconds(3_600)
        .with_is_mobile_app(false);
    let mut session = CreateLinkToken::new("Sandbox run", "en", ["US"], user())
        .with_products([Product::Transactions])
        .with_required_if_supported_products([Product::Auth])
        .with_optional_products([Product::Liabilities])
        .with_additional_consented_products([Product::Investments])
        .with_webhook(WEBHOOK)
        .with_account_filters(filters())
        .with_institution_id(BANK)
        .with_transactions(LinkTransactions::new(180))
        .with_hosted_link(hosted);
    // Both must be known to the dashboard.
    if let Some(uri) = outside("PLAID_REDIRECT_URI") {
        session = session.with_redirect_uri(uri);
    }
    if let Some(name) = outside("PLAID_LINK_CUSTOMIZATION") {
        session = session.with_link_customization_name(name);
    }
    session
}

pub(super) async fn sessions_and_banks(run: &mut Runner, plaid: &Plaid) {
    let link = plaid.link();
    let session = session();
    let made = run.run("link.create", link.create(&session), |made| format!("ok until {}", made.expiration));
    let token = made.await.map_or_else(|| NOBODYS.into(), |made| made.link_token);
    let get = link.get(&token);
    run.run("link.get", get, |info| format!("ok {} sessions", info.link_sessions.len())).await;

    let banks = plaid.institutions();
    let search = SearchInstitutions::new("Platypus", ["US"])
        .with_products([Product::Transactions])
        .with_options(InstitutionOptions::new().with_oauth(false).with_include_optional_metadata(true));
    run.run("institutions.search", banks.search(&search), |found| {
        format!("ok {} banks", found.institutions.len())
    })
    .await;
    let options = ListInstitutionOptions::new()
        .with_products([Product::Auth])
        .with_routing_numbers(["011000138"])
        .with_oauth(false)
        .with_include_optional_metadata(true);
    let list = ListInstitutions::new(5, 0, ["US"]).with_options(options);
    run.run("institutions.get", banks.get(&list), |page| format!("ok {} in all", page.total)).await;
    let options = GetInstitutionOptions::new().with_include_optional_metadata(true).with_include_status(true);
    let one = GetInstitution::new(BANK, ["US"]).with_options(options);
    run.run("institutions.get_by_id", banks.get_by_id(&one), |bank| format!("ok {}", bank.institution.name))
        .await;
}

pub(super) async fn the_item(run: &mut Runner, plaid: &Plaid, token: &SecretString) {
    let items = plaid.items();
    let link = plaid.link();
    run.run("items.get", items.get(token), |info| format!("ok {}", info.item.item_id)).await;
    let repair = CreateLinkToken::new("Sandbox run", "en", ["US"], user())
        .with_update(LinkUpdate::new().with_account_selection_enabled(true));
    let made = link.create_update(token, &repair);
    run.run("link.create (update mode)", made, |made| format!("ok until {}", made.expiration)).await;
}

pub(super) async fn processors(run: &mut Runner, plaid: &Plaid, token: &SecretString, account: &str) {
    let processor = plaid.processor();
    let params = CreateProcessorToken::new(account, "dwolla");
    let made = processor.create_token(token, &params);
    run.run("processor.create_token", made, |_| "ok".to_owned()).await;
    let made = processor.create_stripe_token(token, account);
    run.run("processor.create_stripe_token", made, |_| "ok".to_owned()).await;
}

pub(super) async fn ends(run: &mut Runner, plaid: &Plaid, token: SecretString) -> Result<()> {
    let keys = plaid.webhook_keys();
    let key =
        outside("PLAID_WEBHOOK_KEY_ID").unwrap_or_else(|| "6c5516e1-92dc-479e-a8ff-5a51992e0001".to_owned());
    run.run("webhook_keys.get", keys.get(&key), |key| format!("ok {}", key.key.kid)).await;
    let items = plaid.items();
    let updated = items.update_webhook(&token, Some("https://shop.example/other"));
    run.run("items.update_webhook", updated, |info| format!("ok {}", info.item.item_id)).await;
    let rotated =
        run.run("items.invalidate_access_token", items.invalidate_access_token(&token), |_| "ok".to_owned());
    let token = rotated.await.map_or(token, |rotated| rotated.new_access_token);
    let sandbox = plaid.sandbox()?;
    run.run("sandbox.reset_login", sandbox.reset_login(&token), |_| "ok".to_owned()).await;
    let reason =
        RemoveItem::new().with_reason_code(RemoveReason::OtherReason).with_reason_note("A sandbox run");
    run.run("items.remove", items.remove(&token, &reason), |()| "ok".to_owned()).await;
    Ok(())
}
