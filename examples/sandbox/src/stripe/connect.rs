//! Connected accounts, and money that moves to them.

use turnbuckle_stripe::{
    AccountController, AccountLink, AccountProfile, AccountSettings, CollectionOptions, ControllerDashboard,
    ControllerFees, ControllerLosses, CreateAccount, CreateAccountLink, CreateTransfer, ListAccounts,
    ListTransfers, PaymentSettings, PayoutSchedule, PayoutSettings, ReverseTransfer, UpdateAccount,
    UpdateTransfer,
};

use super::payments::{charge_of, earn};
use super::{Calls, EMAIL, PAGE, Setting, USD, id};

fn profile() -> AccountProfile {
    AccountProfile::new()
        .with_mcc("5734")
        .with_name("Sandbox run")
        .with_product_description("Boards")
        .with_support_email(EMAIL)
        .with_support_phone("+15555550100")
        .with_support_url(PAGE)
        .with_url(PAGE)
}

/// A weekly schedule excludes `monthly_anchor`.
fn settings() -> AccountSettings {
    let schedule =
        PayoutSchedule::new().with_delay_days(7).with_interval("weekly").with_weekly_anchor("friday");
    let payouts = PayoutSettings::new()
        .with_debit_negative_balances(true)
        .with_schedule(schedule)
        .with_statement_descriptor("SANDBOX");
    AccountSettings::new()
        .with_payouts(payouts)
        .with_payments(PaymentSettings::new().with_statement_descriptor("SANDBOX"))
}

pub(super) async fn every_operation(calls: &mut Calls, at: &Setting<'_>) {
    let accounts = at.stripe.accounts();
    // `controller` excludes `type`; an account token excludes `business_type`, and only a browser can make one.
    let params = CreateAccount::new()
        .with_business_profile(profile())
        .with_business_type("company")
        .with_capability("card_payments")
        .with_capability("transfers")
        .with_controller(
            AccountController::new()
                .with_fees(ControllerFees::new("application"))
                .with_losses(ControllerLosses::new("application"))
                .with_requirement_collection("stripe")
                .with_stripe_dashboard(ControllerDashboard::new("express")),
        )
        .with_country("US")
        .with_default_currency(USD)
        .with_email(EMAIL)
        .with_settings(settings())
        .with_metadata("run", &at.word);
    let made = calls.object("accounts.create", accounts.create(&params, at.none)).await;
    let plain = CreateAccount::new().with_account_type("express");
    let made = calls.or_plain(made, "accounts.retrieve", accounts.create(&plain, at.none)).await;
    let account = id(made.as_ref(), "acct_placeholder");
    calls.object("accounts.retrieve", accounts.retrieve(&account, at.none)).await;
    let params = UpdateAccount::new()
        .with_business_profile(profile())
        .with_business_type("company")
        .with_capability("transfers")
        .with_default_currency(USD)
        .with_email(EMAIL)
        .with_settings(settings())
        .with_metadata("run", &at.word);
    calls.object("accounts.update", accounts.update(&account, &params, at.none)).await;
    let params = ListAccounts::new().with_created(at.lately()).with_limit(3).with_starting_after(&account);
    calls.page("accounts.list", accounts.list(&params)).await;
    let params = CreateAccountLink::new(&account, "account_onboarding")
        .with_refresh_url(PAGE)
        .with_return_url(PAGE)
        .with_collection_options(
            CollectionOptions::new().with_fields("eventually_due").with_future_requirements("include"),
        );
    let link = at.stripe.account_links().create(&params, at.none);
    // Whoever holds the address acts for the account's owner.
    let show = |_: &AccountLink| "ok an address, not shown".to_owned();
    calls.runner.run("account_links.create", link, show).await;
    transfers(calls, at, &account).await;
    calls.object("accounts.delete", accounts.delete(&account, at.none)).await;
}

async fn transfers(calls: &mut Calls, at: &Setting<'_>, made: &str) {
    let transfers = at.stripe.transfers();
    // Stripe moves money only to an account whose owner answered its questions, which a new one's has not.
    let account = at.outside.connected_account.clone().unwrap_or_else(|| made.to_owned());
    let paid = calls.before("transfers.create", earn(at, 2000)).await;
    let params = CreateTransfer::new(USD, &account)
        .with_amount(500)
        .with_description("Sandbox run")
        .with_source_transaction(charge_of(paid.as_ref()))
        .with_source_type("card")
        .with_transfer_group(&at.word)
        .with_metadata("run", &at.word);
    let made = calls.object("transfers.create", transfers.create(&params, at.none)).await;
    let transfer = id(made.as_ref(), "tr_placeholder");
    calls.object("transfers.retrieve", transfers.retrieve(&transfer, at.none)).await;
    let params = UpdateTransfer::new().with_description("Changed").with_metadata("run", &at.word);
    calls.object("transfers.update", transfers.update(&transfer, &params, at.none)).await;
    let params = ListTransfers::new()
        .with_destination(&account)
        .with_transfer_group(&at.word)
        .with_created(at.lately())
        .with_limit(3)
        .with_starting_after(&transfer);
    calls.page("transfers.list", transfers.list(&params)).await;
    let params = ReverseTransfer::new()
        .with_amount(100)
        .with_description("Sandbox run")
        .with_refund_application_fee(false)
        .with_metadata("run", &at.word);
    calls.object("transfers.reverse", transfers.reverse(&transfer, &params, at.none)).await;
}
