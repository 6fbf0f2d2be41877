//! Plaid in the words of all vendors: what is asked, what is read, what is refused.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod wire_support;

use std::str::FromStr;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use turnbuckle_core::bank_data::*;
use turnbuckle_core::money::Currency;
use turnbuckle_core::provider::IntegrationProvider;
use turnbuckle_core::{Effect, Environment, ErrorKind};
use turnbuckle_plaid::PlaidProvider;
use wire_support::{ACCOUNT, Answer, ITEM, Wire, access_token, fixture, public_token};

fn bank(wire: &Wire) -> Arc<dyn BankData> {
    bank_with(wire, &json!({ "clientName": "Stand & Board" }))
}

fn bank_with(wire: &Wire, settings: &Value) -> Arc<dyn BankData> {
    let config = wire.config(Environment::Sandbox).with_settings(PlaidProvider::settings(settings).unwrap());
    PlaidProvider::new().connect(config).unwrap().bank_data().unwrap()
}

fn link() -> BankLink {
    BankLink::new(ITEM, access_token()).with_institution("ins_109508")
}

fn usd(text: &str) -> BankAmount {
    BankAmount::new(Decimal::from_str(text).unwrap(), Some(BankCurrency::Iso(Currency::USD)))
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

#[tokio::test]
async fn a_session_is_asked_for_and_keeps_the_end_that_plaid_names() {
    let wire = Wire::answering("link_token_create");
    let mut request = LinkRequest::new("user-7", vec![BankProduct::Transactions, BankProduct::Numbers], "US")
        .with_days_requested(365)
        .with_webhook("https://shop.example/plaid".parse().unwrap());
    request.optional_products =
        vec![BankProduct::Identity, BankProduct::Liabilities, BankProduct::Investments];
    let session = bank(&wire).link(&request).await.unwrap();
    assert_eq!(session.expires_at.to_rfc3339(), "2026-07-14T13:30:00+00:00");
    assert!(
        session.is_over(session.expires_at) && !session.is_over(session.expires_at - TimeDelta::seconds(1))
    );
    assert_eq!(session.hosted_url.unwrap().scheme(), "https");
    let (path, body) = wire.bodies().swap_remove(0);
    assert_eq!(path, "/link/token/create");
    let expected = json!({
        "client_name": "Stand & Board", "language": "en", "country_codes": ["US"],
        "user": { "client_user_id": "user-7" },
        "products": ["transactions", "auth"], "optional_products": ["identity", "liabilities", "investments"],
        "webhook": "https://shop.example/plaid", "transactions": { "days_requested": 365 },
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn settings_fill_in_what_a_request_leaves_out() {
    let wire = Wire::answering("link_token_create");
    let settings = json!({
        "clientName": "Stand & Board", "webhookUrl": "https://shop.example/plaid",
        "redirectUri": "https://shop.example/back", "linkCustomization": "boards",
    });
    let request = LinkRequest::new("user-7", vec![BankProduct::Transactions], "US");
    bank_with(&wire, &settings).link(&request).await.unwrap();
    let (_, body) = wire.bodies().swap_remove(0);
    assert_eq!(body["webhook"], "https://shop.example/plaid");
    assert_eq!(body["redirect_uri"], "https://shop.example/back");
    assert_eq!(body["link_customization_name"], "boards");
    assert!(body.get("transactions").is_none());
}

#[tokio::test]
async fn a_session_that_cannot_be_is_refused_before_it_leaves() {
    let wire = Wire::new([]);
    let request = LinkRequest::new("user-7", vec![BankProduct::Transactions], "US");
    let error = bank_with(&wire, &json!({})).link(&request).await.unwrap_err();
    assert_eq!((error.kind(), error.fields()[0].field.as_ref()), (ErrorKind::InvalidConfig, "clientName"));
    let none = LinkRequest::new("user-7", vec![], "US");
    assert_eq!(bank(&wire).link(&none).await.unwrap_err().fields()[0].field, "products");
    let days = LinkRequest::new("user-7", vec![BankProduct::Identity], "US").with_days_requested(30);
    assert_eq!(bank(&wire).link(&days).await.unwrap_err().fields()[0].field, "days_requested");
    let many = request.clone().with_days_requested(731);
    assert_eq!(bank(&wire).link(&many).await.unwrap_err().fields()[0].field, "transactions.days_requested");
    assert_eq!(wire.attempts(), 0);
}

#[tokio::test]
async fn a_repair_names_no_products_and_carries_the_token() {
    let wire = Wire::answering("link_token_create");
    let mut request = RepairRequest::new("user-7", "US");
    request.choose_accounts = true;
    bank(&wire).repair(&link(), &request).await.unwrap();
    let (path, body) = wire.bodies().swap_remove(0);
    assert_eq!(path, "/link/token/create");
    let expected = json!({
        "access_token": access_token().expose_secret(), "client_name": "Stand & Board", "language": "en",
        "country_codes": ["US"], "user": { "client_user_id": "user-7" },
        "update": { "account_selection_enabled": true },
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn an_exchange_is_sent_once() {
    let wire = Wire::answering("item_public_token_exchange");
    let mut returned = LinkReturn::new(public_token());
    returned.institution_id = Some("ins_109508".to_owned());
    let link = bank(&wire).exchange(&returned).await.unwrap();
    assert_eq!((link.item_id.as_str(), link.institution_id.as_deref()), (ITEM, Some("ins_109508")));
    assert_eq!(link.token().expose_secret(), access_token().expose_secret());

    let wire = Wire::new([Answer::Lost]);
    let error = bank(&wire).exchange(&returned).await.unwrap_err();
    assert_eq!((error.effect(), error.operation(), wire.attempts()), (Effect::Unknown, Some("exchange"), 1));
}

#[tokio::test]
async fn accounts_balances_numbers_and_owners() {
    let wire = Wire::new([
        Answer::fixture(200, "accounts_get"),
        Answer::fixture(200, "accounts_balance_get"),
        Answer::fixture(200, "auth_get"),
        Answer::fixture(200, "identity_get"),
    ]);
    let bank = bank(&wire);
    let accounts = bank.accounts(&link()).await.unwrap();
    let account = &accounts[0];
    assert_eq!(
        (account.id.as_str(), &account.kind, account.mask.as_deref()),
        (ACCOUNT, &AccountKind::Depository, Some("4417"))
    );
    assert_eq!(account.persistent_id.as_deref(), Some("persistent-stand-board-everyday-0001"));
    assert_eq!(account.balance.available, Some(usd("1203.42")));

    let mut query = BalanceQuery::default();
    query.account_ids = vec![ACCOUNT.to_owned()];
    query.not_before = Some(now());
    let balances = bank.balances(&link(), &query).await.unwrap();
    assert_eq!((balances[0].0.as_str(), &balances[0].1.current), (ACCOUNT, &Some(usd("1289.5"))));
    assert_eq!(wire.bodies()[1].1["options"]["min_last_updated_datetime"], "2027-01-15T08:00:00Z");

    let numbers = bank.numbers(&link()).await.unwrap();
    let schemes: Vec<_> = numbers.iter().map(AccountNumbers::scheme).collect();
    assert_eq!(schemes, ["ach", "eft", "international", "bacs"]);
    assert!(numbers.iter().all(|number| number.account_id() == ACCOUNT));

    let holders = bank.identity(&link()).await.unwrap();
    let owner = &holders[0].owners[0];
    assert_eq!((owner.names[0].as_str(), owner.emails[0].as_str()), ("Robin Stand", "robin@shop.example"));
    assert_eq!(owner.addresses, ["1 Board Walk, Buffalo, NY, 14201, US"]);
}

/// The primary address comes first wherever the bank puts it.
#[tokio::test]
async fn the_primary_contact_comes_first() {
    let mut body: Value = serde_json::from_str(&fixture("responses/identity_get.json")).unwrap();
    body["accounts"][0]["owners"][0]["emails"] = json!([
        { "data": "old@shop.example", "primary": false, "type": "other" },
        { "data": "robin@shop.example", "primary": true, "type": "primary" },
    ]);
    let wire = Wire::new([Answer::new(200, body.to_string())]);
    let holders = bank(&wire).identity(&link()).await.unwrap();
    assert_eq!(holders[0].owners[0].emails, ["robin@shop.example", "old@shop.example"]);
}

/// A token opens one item. An answer about another one is never stored as this one's.
#[tokio::test]
async fn answers_about_another_item_are_refused() {
    let other = BankLink::new("another item", access_token());
    let wire = Wire::new([
        Answer::fixture(200, "accounts_get"),
        Answer::fixture(200, "accounts_balance_get"),
        Answer::fixture(200, "auth_get"),
        Answer::fixture(200, "identity_get"),
        Answer::fixture(200, "item_get"),
    ]);
    let bank = bank(&wire);
    let refused = ErrorKind::InvalidResponse;
    assert_eq!(bank.accounts(&other).await.unwrap_err().kind(), refused);
    assert_eq!(bank.balances(&other, &BalanceQuery::default()).await.unwrap_err().kind(), refused);
    assert_eq!(bank.numbers(&other).await.unwrap_err().kind(), refused);
    assert_eq!(bank.identity(&other).await.unwrap_err().kind(), refused);
    assert_eq!(bank.item_state(&other).await.unwrap_err().kind(), refused);

    let wire = Wire::answering("accounts_balance_get");
    let mut query = BalanceQuery::default();
    query.account_ids = vec!["another account".to_owned()];
    assert_eq!(bank_with(&wire, &json!({})).balances(&link(), &query).await.unwrap_err().kind(), refused);
}

#[tokio::test]
async fn a_page_of_changes() {
    let wire = Wire::answering("transactions_sync");
    let settings =
        json!({ "transactionsPageSize": 250, "categoryVersion": "v1", "originalDescriptions": true });
    let bank = bank_with(&wire, &settings);
    let cursor = SyncCursor::new("c-0001").unwrap();
    let page = bank.sync_page(&link(), Some(&cursor)).await.unwrap();
    let (path, body) = wire.bodies().swap_remove(0);
    assert_eq!(path, "/transactions/sync");
    let expected = json!({
        "access_token": access_token().expose_secret(), "cursor": "c-0001", "count": 250,
        "options": { "include_original_description": true, "personal_finance_category_version": "v1" },
    });
    assert_eq!(body, expected);

    assert_eq!((page.history, page.has_more), (SyncHistory::Historical, false));
    assert_eq!(page.next.unwrap().as_str(), "cursor-stand-board-0002");
    let bought = &page.added[0];
    // Above zero is money that left, at Plaid; the type says so here.
    assert_eq!(bought.flow, Flow::Outflow(usd("84.6")));
    assert_eq!(page.modified[0].flow, Flow::Inflow(usd("2410.35")));
    assert_eq!(bought.replaces.as_deref(), Some("txnPendingStandBoard00000000000000001"));
    assert_eq!(
        (bought.date.to_string().as_str(), bought.authorized_date.unwrap().to_string().as_str()),
        ("2026-07-13", "2026-07-12")
    );
    let category = bought.category.as_ref().unwrap();
    assert_eq!(
        (category.detailed.as_str(), category.taxonomy.as_deref()),
        ("GENERAL_MERCHANDISE_SPORTING_GOODS", Some("v2"))
    );
    assert_eq!(bought.counterparties[0].id.as_deref(), Some("entityStandBoard"));
    assert_eq!((bought.channel.as_deref(), bought.check_number.as_deref()), (Some("in store"), Some("0042")));
    assert_eq!(bought.original_description.as_deref(), Some("STAND BOARD 7731"));
    assert_eq!(page.removed[0].account_id.as_deref(), Some(ACCOUNT));
    assert_eq!(page.accounts[0].id, ACCOUNT);

    // Nothing is ready: no cursor to store.
    let page = bank.sync_page(&link(), None).await.unwrap();
    assert_eq!((page.next, page.history), (None, SyncHistory::NotReady));
}

/// Where Plaid leaves the version out, it is the one that was asked for.
#[tokio::test]
async fn categories_always_say_whose_words_they_are() {
    let body =
        fixture("responses/transactions_sync.json").replace("\"version\": \"v2\"", "\"version\": null");
    let wire = Wire::new([Answer::new(200, body)]);
    let page = bank(&wire).sync_page(&link(), None).await.unwrap();
    assert_eq!(page.added[0].category.as_ref().unwrap().taxonomy.as_deref(), Some("v2"));
    assert_eq!(wire.bodies()[0].1["options"]["personal_finance_category_version"], "v2");
}

#[tokio::test]
async fn a_cursor_that_could_not_be_sent_back_is_refused() {
    let body =
        fixture("responses/transactions_sync.json").replace("cursor-stand-board-0002", &"x".repeat(257));
    let wire = Wire::new([Answer::new(200, body)]);
    assert_eq!(bank(&wire).sync_page(&link(), None).await.unwrap_err().kind(), ErrorKind::InvalidResponse);
}

/// Pages one and two, the data change, both again, and one commit at the end.
#[tokio::test]
async fn a_mutation_begins_the_loop_anew_from_its_first_cursor() {
    let page = |next: &str, more: bool| {
        let mut body: Value = serde_json::from_str(&fixture("responses/transactions_sync.json")).unwrap();
        body["next_cursor"] = next.into();
        body["has_more"] = more.into();
        Answer::new(200, body.to_string())
    };
    let wire = Wire::new([
        page("c-1", true),
        page("c-2", true),
        Answer::fixture(400, "error_mutation"),
        page("d-1", true),
        page("d-2", false),
    ]);
    let bank = bank(&wire);
    let link = link();
    let mut sync = TransactionSync::new(&*bank, &link, Some(SyncCursor::new("stored").unwrap()));
    let mut seen = Vec::new();
    while let Some(event) = sync.next().await {
        seen.push(match event.unwrap() {
            SyncEvent::Page(page) => format!("page to {}", page.next.unwrap().as_str()),
            SyncEvent::Restart => "restart".to_owned(),
            SyncEvent::Commit(cursor) => format!("commit {}", cursor.unwrap().as_str()),
            _ => panic!("another event"),
        });
    }
    assert_eq!(seen, ["page to c-1", "page to c-2", "restart", "page to d-1", "page to d-2", "commit d-2"]);
    let cursors: Vec<_> =
        wire.bodies().iter().map(|(_, body)| body["cursor"].as_str().unwrap().to_owned()).collect();
    assert_eq!(cursors, ["stored", "c-1", "c-2", "stored", "d-1"]);
}

#[tokio::test]
async fn banks() {
    let wire = Wire::new([
        Answer::fixture(200, "institutions_search"),
        Answer::fixture(200, "institutions_get_by_id"),
        Answer::fixture(400, "error_invalid_institution"),
        Answer::fixture(200, "institutions_get_by_id"),
    ]);
    let bank = bank(&wire);
    let found = bank.institutions(&InstitutionQuery::new("Platypus", "US")).await.unwrap();
    assert_eq!(
        (found[0].id.as_str(), found[0].countries.as_slice()),
        ("ins_109508", ["US".to_owned()].as_slice())
    );
    let one = bank.institution("ins_109508", "US").await.unwrap().unwrap();
    assert_eq!(
        (one.status, one.url.as_deref()),
        (Some(InstitutionStatus::Healthy), Some("https://platypus.example"))
    );
    assert!(bank.institution("ins_0", "US").await.unwrap().is_none());
    assert_eq!(bank.institution("ins_1", "US").await.unwrap_err().kind(), ErrorKind::InvalidResponse);
}

#[tokio::test]
async fn how_an_item_is_doing() {
    let item = |error: Value, ends: Value| {
        let mut body: Value = serde_json::from_str(&fixture("responses/item_get.json")).unwrap();
        body["item"]["error"] = error;
        body["item"]["consent_expiration_time"] = ends;
        Answer::new(200, body.to_string())
    };
    let error = |code: &str, error_type: &str| json!({ "error_type": error_type, "error_code": code, "error_message": "m", "display_message": null });
    let at = |days: i64| now() + TimeDelta::days(days);
    let refused = |name: &str| Answer::fixture(400, name);
    let table = [
        (item(Value::Null, Value::Null), ItemState::Healthy),
        (item(Value::Null, json!(at(90))), ItemState::Healthy),
        (item(Value::Null, json!(at(7))), ItemState::ConsentEnds(at(7))),
        (item(Value::Null, json!(at(-1))), ItemState::LoginRequired),
        (item(error("ITEM_LOGIN_REQUIRED", "ITEM_ERROR"), Value::Null), ItemState::LoginRequired),
        (item(error("USER_PERMISSION_REVOKED", "ITEM_ERROR"), Value::Null), ItemState::Revoked),
        (item(error("INSTITUTION_DOWN", "INSTITUTION_ERROR"), Value::Null), ItemState::InstitutionDown),
        (item(error("BRAND_NEW", "BRAND_NEW_ERROR"), Value::Null), ItemState::LoginRequired),
        (item(error("INTERNAL_SERVER_ERROR", "API_ERROR"), Value::Null), ItemState::Healthy),
        (refused("error_item_login_required"), ItemState::LoginRequired),
        (refused("error_item_not_found"), ItemState::Revoked),
        (refused("error_invalid_access_token"), ItemState::Revoked),
        (refused("error_institution_down"), ItemState::InstitutionDown),
    ];
    for (index, (answer, state)) in table.into_iter().enumerate() {
        let wire = Wire::new([answer]);
        assert_eq!(bank(&wire).item_state(&link()).await.unwrap(), state, "case {index}");
    }
    // What says nothing about the item is an error, not a state.
    let wire = Wire::new([refused("error_invalid_api_keys")]);
    let bank = bank(&wire);
    let error = bank.item_state(&link()).await.unwrap_err();
    assert_eq!((error.kind(), bank.state_of(&error)), (ErrorKind::Unauthorized, None));
}

#[tokio::test]
async fn ending_a_link_twice_is_no_error() {
    for answer in [
        Answer::fixture(200, "item_remove"),
        Answer::fixture(400, "error_item_not_found"),
        Answer::fixture(400, "error_invalid_access_token"),
    ] {
        let wire = Wire::new([answer]);
        bank(&wire).disconnect(&link()).await.unwrap();
        assert_eq!(wire.bodies()[0].0, "/item/remove");
    }
    let wire = Wire::new([Answer::fixture(400, "error_institution_down")]);
    let error = bank(&wire).disconnect(&link()).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Unavailable, Some("disconnect")));
}
