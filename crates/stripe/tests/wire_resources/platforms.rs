//! Accounts, account links, transfers: every request byte for byte.

use turnbuckle_stripe::*;

use crate::wire_support::{Wire, keyed};
use crate::{at, page_of};

#[tokio::test]
async fn accounts_create() {
    let wire = Wire::answering("account");
    let params = CreateAccount::new()
        .with_account_type("express")
        .with_account_token("ct_123")
        .with_business_profile(
            AccountProfile::new()
                .with_mcc("5734")
                .with_name("Boards")
                .with_product_description("Boards & more")
                .with_support_email("help@shop.example")
                .with_support_phone("+15555550100")
                .with_support_url("https://shop.example/help")
                .with_url("https://shop.example"),
        )
        .with_business_type("company")
        .with_capability("transfers")
        .with_controller(
            AccountController::new()
                .with_fees(ControllerFees::new("application"))
                .with_losses(ControllerLosses::new("stripe"))
                .with_requirement_collection("stripe")
                .with_stripe_dashboard(ControllerDashboard::new("express")),
        )
        .with_country("US")
        .with_default_currency("usd")
        .with_email("payer@shop.example")
        .with_settings(
            AccountSettings::new()
                .with_payouts(
                    PayoutSettings::new()
                        .with_debit_negative_balances(true)
                        .with_schedule(
                            PayoutSchedule::new()
                                .with_delay_days(7)
                                .with_interval("weekly")
                                .with_monthly_anchor(15)
                                .with_weekly_anchor("friday"),
                        )
                        .with_statement_descriptor("SHOP 7"),
                )
                .with_payments(PaymentSettings::new().with_statement_descriptor("SHOP 7")),
        )
        .with_metadata("order", "7 + 8");
    let answer = wire.stripe().accounts().create(&params, &keyed()).await.unwrap();
    wire.assert_sent("accounts_create");
    assert_eq!(answer.id, "acct_1TbWorkshop00007");
}

#[tokio::test]
async fn accounts_retrieve() {
    let wire = Wire::answering("account");
    let answer = wire.stripe().accounts().retrieve("acct_123", &keyed()).await.unwrap();
    wire.assert_sent("accounts_retrieve");
    assert_eq!(answer.id, "acct_1TbWorkshop00007");
}

#[tokio::test]
async fn accounts_update() {
    let wire = Wire::answering("account");
    let params = UpdateAccount::new()
        .with_account_token("ct_123")
        .with_business_profile(
            AccountProfile::new()
                .with_mcc("5734")
                .with_name("Boards")
                .with_product_description("Boards & more")
                .with_support_email("help@shop.example")
                .with_support_phone("+15555550100")
                .with_support_url("https://shop.example/help")
                .with_url("https://shop.example"),
        )
        .with_business_type("company")
        .with_capability("transfers")
        .with_default_currency("usd")
        .with_email("payer@shop.example")
        .with_settings(
            AccountSettings::new()
                .with_payouts(
                    PayoutSettings::new()
                        .with_debit_negative_balances(true)
                        .with_schedule(
                            PayoutSchedule::new()
                                .with_delay_days(7)
                                .with_interval("weekly")
                                .with_monthly_anchor(15)
                                .with_weekly_anchor("friday"),
                        )
                        .with_statement_descriptor("SHOP 7"),
                )
                .with_payments(PaymentSettings::new().with_statement_descriptor("SHOP 7")),
        )
        .with_metadata("order", "7 + 8");
    let answer = wire.stripe().accounts().update("acct_123", &params, &keyed()).await.unwrap();
    wire.assert_sent("accounts_update");
    assert_eq!(answer.id, "acct_1TbWorkshop00007");
}

#[tokio::test]
async fn accounts_delete() {
    let wire = Wire::answering("deleted_account");
    let answer = wire.stripe().accounts().delete("acct_123", &keyed()).await.unwrap();
    wire.assert_sent("accounts_delete");
    assert_eq!((answer.id.as_str(), answer.deleted), ("acct_1TbWorkshop00007", true));
}

#[tokio::test]
async fn accounts_list() {
    let wire = page_of("account");
    let params = ListAccounts::new()
        .with_created(Created::since(at(1_700_000_000)).until(at(1_702_592_000)))
        .with_limit(3)
        .with_starting_after("last_123");
    let page = wire.stripe().accounts().list(&params).page().await.unwrap();
    wire.assert_sent("accounts_list");
    assert_eq!(page.data[0].id, "acct_1TbWorkshop00007");
}

#[tokio::test]
async fn account_links_create() {
    let wire = Wire::answering("account_link");
    let params = CreateAccountLink::new("acct_123", "account_onboarding")
        .with_refresh_url("https://shop.example/again")
        .with_return_url("https://shop.example/back")
        .with_collection_options(
            CollectionOptions::new().with_fields("eventually_due").with_future_requirements("include"),
        );
    let answer = wire.stripe().account_links().create(&params, &keyed()).await.unwrap();
    wire.assert_sent("account_links_create");
    assert!(answer.url.is_some());
}

#[tokio::test]
async fn transfers_create() {
    let wire = Wire::answering("transfer");
    let params = CreateTransfer::new("usd", "acct_123")
        .with_amount(1099)
        .with_description("Two boards, 1 m")
        .with_source_transaction("ch_123")
        .with_source_type("card")
        .with_transfer_group("ORDER7")
        .with_metadata("order", "7 + 8");
    let answer = wire.stripe().transfers().create(&params, &keyed()).await.unwrap();
    wire.assert_sent("transfers_create");
    assert_eq!(answer.id, "tr_3TbOrder6735MakersPart01");
}

#[tokio::test]
async fn transfers_retrieve() {
    let wire = Wire::answering("transfer");
    let answer = wire.stripe().transfers().retrieve("tr_123", &keyed()).await.unwrap();
    wire.assert_sent("transfers_retrieve");
    assert_eq!(answer.id, "tr_3TbOrder6735MakersPart01");
}

#[tokio::test]
async fn transfers_update() {
    let wire = Wire::answering("transfer");
    let params = UpdateTransfer::new().with_description("Two boards, 1 m").with_metadata("order", "7 + 8");
    let answer = wire.stripe().transfers().update("tr_123", &params, &keyed()).await.unwrap();
    wire.assert_sent("transfers_update");
    assert_eq!(answer.id, "tr_3TbOrder6735MakersPart01");
}

#[tokio::test]
async fn transfers_reverse() {
    let wire = Wire::answering("transfer_reversal");
    let params = ReverseTransfer::new()
        .with_amount(1099)
        .with_description("Two boards, 1 m")
        .with_refund_application_fee(true)
        .with_metadata("order", "7 + 8");
    let answer = wire.stripe().transfers().reverse("tr_123", &params, &keyed()).await.unwrap();
    wire.assert_sent("transfers_reverse");
    assert_eq!(answer.id, "trr_1TbOrder6735MakersBack01");
}

#[tokio::test]
async fn transfers_list() {
    let wire = page_of("transfer");
    let params = ListTransfers::new()
        .with_destination("acct_123")
        .with_transfer_group("ORDER7")
        .with_created(Created::since(at(1_700_000_000)).until(at(1_702_592_000)))
        .with_limit(3)
        .with_starting_after("last_123");
    let page = wire.stripe().transfers().list(&params).page().await.unwrap();
    wire.assert_sent("transfers_list");
    assert_eq!(page.data[0].id, "tr_3TbOrder6735MakersPart01");
}
