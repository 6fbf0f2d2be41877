//! Nothing secret or personal in Debug, Display, sources or spans, whatever is called and whatever comes back.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod every_call;
mod wire_support;

use std::fmt::Write as _;

use every_call::{CALLS, call, fixture_of};
use turnbuckle_core::Environment;
use turnbuckle_plaid::*;
use turnbuckle_testkit::leak::{Sentinels, capture, chain};
use wire_support::{Answer, SECRET, Wire, access_token};

fn sentinels() -> Sentinels {
    Sentinels::new()
        .with("secret", SECRET)
        .with("tokens", "-sandbox-3f0c5d1e-8b7a-4c21-9d42-6a1f00b0a7d1")
        .with("new access token", "access-sandbox-7e2b9c40-1111-4a6e-8f4d-2c5d9a3b7f10")
        .with("processor token", "processor-sandbox-stand-board")
        .with("Stripe's token", "btok_StandBoard0001")
        .with("session page", "hl/stand-and-board")
        .with("ach account", "000123456789")
        .with("eft account", "111122223333")
        .with("iban", "GB29NWBK60161331926819")
        .with("bacs account", "31926819")
        .with("loan", "7004417001")
        .with("payment reference", "7004417099")
        .with("name", "Robin Stand")
        .with("email", "robin@shop.example")
        .with("telephone", "15550100")
        .with("street", "1 Board Walk")
        .with("account's name", "Everyday Checking Plus")
        .with("what the bank wrote", "STAND BOARD 7731")
        .with("balance", "1203.42")
        .with("what was paid", "2410.35")
        .with("holding", "10000.123456789")
        .with("what was typed", "SENTINEL message")
}

#[tokio::test]
async fn nothing_leaks() {
    let (sentinels, log) = (sentinels(), capture());
    let mut shown = String::new();
    for (path, _) in CALLS {
        let vendor = r#"{"error_type":"ITEM_ERROR SENTINEL message","error_code":"SENTINEL message",
            "error_message":"SENTINEL message Robin Stand","display_message":"SENTINEL message"}"#;
        let answers = [
            Answer::fixture(200, &fixture_of(path)),
            Answer::new(400, vendor),
            Answer::new(200, "{\"accounts\":\"SENTINEL message Robin Stand\"}"),
            Answer::new(418, "SENTINEL message"),
            Answer::Lost,
            Answer::Lost,
            Answer::Lost,
        ];
        let wire = Wire::new(answers);
        let plaid = wire.plaid();
        shown.push_str(&call(path, &plaid, &access_token()).await.unwrap().unwrap());
        for _ in 0..4 {
            if let Err(error) = call(path, &plaid, &access_token()).await.unwrap() {
                shown.push_str(&chain(&error));
            }
        }
        assert!(wire.sent().iter().all(|request| request.headers()["plaid-secret"].is_sensitive()));
        write!(shown, "{plaid:?} {:#?}", wire.config(Environment::Sandbox)).unwrap();
    }
    assert!(shown.len() > 50_000, "there is something to search");
    sentinels.assert_clean(&shown);
    assert!(log.text().contains("transactions.sync"), "the log is being written");
    sentinels.assert_clean(&log.text());
}

#[test]
fn requests_show_ids_and_nothing_of_the_person() {
    let user = LinkUser::new("user-7")
        .with_legal_name("Robin Stand")
        .with_phone_number("+15550100")
        .with_email_address("robin@shop.example");
    let link = CreateLinkToken::new("Shop", "en", ["US"], user);
    let known = IdentityUser::new()
        .with_legal_name("Robin Stand")
        .with_email_address("robin@shop.example")
        .with_address(IdentityAddress::new().with_street("1 Board Walk").with_country("US"));
    let day = "2026-07-01".parse().unwrap();
    let made = SandboxTransaction::new(day, day, "2410.35".parse().unwrap(), "STAND BOARD 7731");
    let options = SandboxTokenOptions::new().with_override_password("SENTINEL message");
    let shown = format!("{link:#?} {known:#?} {made:#?} {options:#?}");
    assert!(shown.contains("user-7"));
    sentinels().assert_clean(&shown);
}

#[test]
fn errors_about_tokens_do_not_repeat_them() {
    let wire = Wire::new([]);
    let plaid = wire.plaid();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for token in ["access-production-SENTINEL message", "public-sandbox-3f0c5d1e-8b7a-4c21-9d42-6a1f00b0a7d1"]
    {
        let error = runtime.block_on(plaid.items().get(&token.into())).unwrap_err();
        sentinels().assert_clean(&chain(&error));
    }
}
