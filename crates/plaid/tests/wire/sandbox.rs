//! Sandbox helpers.

use secrecy::ExposeSecret;
use turnbuckle_core::{Effect, Environment, ErrorKind};
use turnbuckle_plaid::*;

use crate::wire_support::{ACCOUNT, Answer, Wire, access_token, public_token};
use crate::{day, decimal};

#[tokio::test]
async fn create_public_token() {
    let wire = Wire::answering("sandbox_public_token_create");
    let range = SandboxTransactionRange::new()
        .with_start_date(day("2026-06-01"))
        .with_end_date(day("2026-07-01"))
        .with_days_requested(30);
    let options = SandboxTokenOptions::new()
        .with_webhook("https://shop.example/plaid")
        .with_override_username("user_transactions_dynamic")
        .with_override_password("any")
        .with_transactions(range);
    let params = CreateSandboxToken::new("ins_109508", [Product::Transactions]).with_options(options);
    let token = wire.plaid().sandbox().unwrap().create_public_token(&params).await.unwrap();
    wire.assert_sent("sandbox_public_token_create");
    assert_eq!(token.public_token.expose_secret(), public_token().expose_secret());
    let none = CreateSandboxToken::new("ins_109508", []);
    let error = wire.plaid().sandbox().unwrap().create_public_token(&none).await.unwrap_err();
    assert_eq!(error.fields()[0].field, "initial_products");
}

#[tokio::test]
async fn fire_webhook() {
    let wire = Wire::answering("sandbox_item_fire_webhook");
    let params = FireWebhook::new("DEFAULT_UPDATE").with_webhook_type("TRANSACTIONS");
    let fired = wire.plaid().sandbox().unwrap().fire_webhook(&access_token(), &params).await.unwrap();
    wire.assert_sent("sandbox_item_fire_webhook");
    assert!(fired.webhook_fired);
}

#[tokio::test]
async fn reset_login() {
    let wire = Wire::answering("sandbox_item_reset_login");
    let reset = wire.plaid().sandbox().unwrap().reset_login(&access_token()).await.unwrap();
    wire.assert_sent("sandbox_item_reset_login");
    assert!(reset.reset_login);
}

#[tokio::test]
async fn set_verification_status() {
    let wire = Wire::answering("sandbox_item_set_verification_status");
    let params = SetVerificationStatus::new(ACCOUNT, "verification_expired");
    let done =
        wire.plaid().sandbox().unwrap().set_verification_status(&access_token(), &params).await.unwrap();
    wire.assert_sent("sandbox_item_set_verification_status");
    assert_eq!(done.request_id, "StandBoardReq01");
}

/// The amount is one that no float holds.
#[tokio::test]
async fn create_transactions() {
    let wire = Wire::answering("sandbox_transactions_create");
    let wax = SandboxTransaction::new(
        day("2026-07-13"),
        day("2026-07-14"),
        decimal("9007199254740993.25"),
        "Board wax",
    )
    .with_iso_currency_code("USD");
    wire.plaid()
        .sandbox()
        .unwrap()
        .create_transactions(&access_token(), std::slice::from_ref(&wax))
        .await
        .unwrap();
    wire.assert_sent("sandbox_transactions_create");
    for bad in [vec![], vec![wax; 11]] {
        let error =
            wire.plaid().sandbox().unwrap().create_transactions(&access_token(), &bad).await.unwrap_err();
        assert_eq!(error.fields()[0].field, "transactions");
    }
    assert_eq!(wire.attempts(), 1);
}

#[tokio::test]
async fn create_processor_token() {
    let wire = Wire::answering("sandbox_processor_token_create");
    let options = SandboxProcessorOptions::new()
        .with_override_username("user_good")
        .with_override_password("pass_good");
    let params = CreateSandboxProcessorToken::new("ins_109508").with_options(options);
    let token = wire.plaid().sandbox().unwrap().create_processor_token(&params).await.unwrap();
    wire.assert_sent("sandbox_processor_token_create");
    assert_eq!(token.processor_token.expose_secret(), "processor-sandbox-stand-board");
}

#[test]
fn production_has_none_of_it() {
    let wire = Wire::new([]);
    let live = Plaid::new(&wire.config(Environment::Production)).unwrap();
    let error = live.sandbox().unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Unsupported, Effect::None));
}

#[tokio::test]
async fn nothing_here_is_sent_twice() {
    let wire = Wire::new([Answer::Lost, Answer::Lost, Answer::Lost]);
    let plaid = wire.plaid();
    let sandbox = plaid.sandbox().unwrap();
    let params = CreateSandboxToken::new("ins_109508", [Product::Auth]);
    assert_eq!(sandbox.create_public_token(&params).await.unwrap_err().effect(), Effect::Unknown);
    assert_eq!(sandbox.reset_login(&access_token()).await.unwrap_err().effect(), Effect::Unknown);
    let wax = SandboxTransaction::new(day("2026-07-13"), day("2026-07-14"), decimal("1.5"), "Board wax");
    let error = sandbox.create_transactions(&access_token(), &[wax]).await.unwrap_err();
    assert_eq!((error.effect(), wire.attempts()), (Effect::Unknown, 3));
}
