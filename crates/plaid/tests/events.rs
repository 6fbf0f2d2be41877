//! What pushes say, typed and in the words of all vendors.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod push_support;

use chrono::{DateTime, TimeDelta, Utc};
use push_support::{receive, signed};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use turnbuckle_core::ErrorKind;
use turnbuckle_core::bank_data::{ItemHealth, ItemState};
use turnbuckle_core::webhook::{EventKind, ItemEvent, TransactionsEvent};
use turnbuckle_plaid::{PlaidEvent, PlaidEventKind};

async fn event(webhook_type: &str, webhook_code: &str, more: Value) -> PlaidEvent {
    let mut body = json!({
        "webhook_type": webhook_type, "webhook_code": webhook_code,
        "item_id": "item-1", "environment": "sandbox",
    });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    receive(&signed(&format!("{body:#}"))).await.unwrap().into_inner()
}

fn end() -> DateTime<Utc> {
    "2026-12-31T00:00:00Z".parse().unwrap()
}

fn failure(code: &str, error_type: &str) -> Value {
    json!({ "error": {
        "error_type": error_type, "error_code": code, "error_message": "m", "display_message": null, "status": 400,
    }})
}

/// Every push of the list, what it is in the words of all vendors, and what it says about the item.
#[tokio::test]
async fn every_push_has_its_place() {
    use EventKind::{Item, Other, Transactions};
    let link = json!({ "link_token": "link-sandbox-1", "link_session_id": "s" });
    let finished = json!({
        "link_token": "link-sandbox-1", "link_session_id": "s", "status": "SUCCESS",
        "public_tokens": ["public-sandbox-1"],
    });
    let added = json!({ "link_token": "l", "link_session_id": "s", "public_token": "public-sandbox-1" });
    let none = json!({});
    let available = Transactions(TransactionsEvent::Available);
    let data = Item(ItemEvent::DataUpdated);
    let table = [
        ("TRANSACTIONS", "SYNC_UPDATES_AVAILABLE", none.clone(), available, None),
        ("TRANSACTIONS", "DEFAULT_UPDATE", json!({ "new_transactions": 3 }), available, None),
        ("TRANSACTIONS", "INITIAL_UPDATE", none.clone(), Transactions(TransactionsEvent::InitialReady), None),
        (
            "TRANSACTIONS",
            "HISTORICAL_UPDATE",
            none.clone(),
            Transactions(TransactionsEvent::HistoricalReady),
            None,
        ),
        (
            "TRANSACTIONS",
            "TRANSACTIONS_REMOVED",
            none.clone(),
            Transactions(TransactionsEvent::Removed),
            None,
        ),
        (
            "TRANSACTIONS",
            "RECURRING_TRANSACTIONS_UPDATE",
            json!({ "account_ids": ["a"] }),
            Transactions(TransactionsEvent::RecurringUpdated),
            None,
        ),
        (
            "ITEM",
            "ERROR",
            failure("ITEM_LOGIN_REQUIRED", "ITEM_ERROR"),
            Item(ItemEvent::ActionRequired),
            Some(ItemState::LoginRequired),
        ),
        (
            "ITEM",
            "ERROR",
            failure("USER_PERMISSION_REVOKED", "ITEM_ERROR"),
            Item(ItemEvent::Revoked),
            Some(ItemState::Revoked),
        ),
        (
            "ITEM",
            "ERROR",
            failure("INSTITUTION_DOWN", "INSTITUTION_ERROR"),
            Item(ItemEvent::Updated),
            Some(ItemState::InstitutionDown),
        ),
        ("ITEM", "ERROR", failure("SOMETHING_NEW", "API_ERROR"), Item(ItemEvent::Updated), None),
        ("ITEM", "ERROR", json!({ "error": null }), Item(ItemEvent::Updated), None),
        ("ITEM", "LOGIN_REPAIRED", none.clone(), Item(ItemEvent::Repaired), Some(ItemState::Healthy)),
        ("ITEM", "NEW_ACCOUNTS_AVAILABLE", none.clone(), Item(ItemEvent::AccountsChanged), None),
        ("ITEM", "USER_PERMISSION_REVOKED", none.clone(), Item(ItemEvent::Revoked), Some(ItemState::Revoked)),
        (
            "ITEM",
            "PENDING_EXPIRATION",
            json!({ "consent_expiration_time": end() }),
            Item(ItemEvent::Expiring),
            Some(ItemState::ConsentEnds(end())),
        ),
        (
            "ITEM",
            "PENDING_DISCONNECT",
            json!({ "reason": "INSTITUTION_MIGRATION", "disconnect_time": end() }),
            Item(ItemEvent::Expiring),
            Some(ItemState::Disconnects(Some(end()))),
        ),
        (
            "ITEM",
            "PENDING_DISCONNECT",
            json!({ "reason": "INSTITUTION_TOKEN_EXPIRATION" }),
            Item(ItemEvent::Expiring),
            Some(ItemState::Disconnects(None)),
        ),
        (
            "ITEM",
            "USER_ACCOUNT_REVOKED",
            json!({ "account_id": "a" }),
            Item(ItemEvent::AccountsChanged),
            None,
        ),
        ("ITEM", "WEBHOOK_UPDATE_ACKNOWLEDGED", none.clone(), Item(ItemEvent::Updated), None),
        ("AUTH", "AUTOMATICALLY_VERIFIED", json!({ "account_id": "a" }), data, None),
        ("AUTH", "VERIFICATION_EXPIRED", json!({ "account_id": "a" }), data, None),
        ("AUTH", "DEFAULT_UPDATE", none.clone(), data, None),
        ("IDENTITY", "DEFAULT_UPDATE", none.clone(), data, None),
        ("HOLDINGS", "DEFAULT_UPDATE", json!({ "new_holdings": 2, "updated_holdings": 0 }), data, None),
        ("INVESTMENTS_TRANSACTIONS", "DEFAULT_UPDATE", none.clone(), data, None),
        ("INVESTMENTS_TRANSACTIONS", "HISTORICAL_UPDATE", none.clone(), data, None),
        ("LIABILITIES", "DEFAULT_UPDATE", none.clone(), data, None),
        ("LINK", "SESSION_FINISHED", finished, Item(ItemEvent::Created), None),
        ("LINK", "SESSION_FINISHED", link.clone(), Other, None),
        ("LINK", "ITEM_ADD_RESULT", added, Item(ItemEvent::Created), None),
        ("LINK", "EVENTS", link, Other, None),
        ("TRANSFER", "TRANSFER_EVENTS_UPDATE", none.clone(), Other, None),
        ("ITEM", "SOMETHING_NEW", none, Other, None),
    ];
    for (webhook_type, webhook_code, more, kind, state) in table {
        let event = event(webhook_type, webhook_code, more).await;
        let what = format!("{webhook_type} {webhook_code}");
        assert_eq!(event.item_state(), state, "{what}");
        let is_other = matches!(event.kind, PlaidEventKind::Other);
        assert_eq!(is_other, matches!(webhook_code, "TRANSFER_EVENTS_UPDATE" | "SOMETHING_NEW"), "{what}");
        let normalized = event.normalize();
        assert_eq!(normalized.kind, kind, "{what}");
        assert_eq!(normalized.account.as_deref(), Some("item-1"));
    }
}

#[tokio::test]
async fn a_session_hands_over_what_was_linked() {
    let more = json!({
        "link_token": "link-sandbox-SENTINEL", "link_session_id": "s-1", "status": "SUCCESS",
        "public_tokens": ["public-sandbox-SENTINEL"], "item_id": null,
    });
    let event = event("LINK", "SESSION_FINISHED", more).await;
    assert!(!format!("{event:?} {:?}", event.kind).contains("SENTINEL"));
    let PlaidEventKind::LinkSessionFinished(session) = event.kind else { panic!("another kind") };
    assert_eq!((session.status.as_str(), session.link_session_id.as_str()), ("SUCCESS", "s-1"));
    assert_eq!(session.public_tokens[0].expose_secret(), "public-sandbox-SENTINEL");
}

/// Pushes come in any order, and twice.
#[tokio::test]
async fn health_folds_pushes_in_any_order() {
    let monday: DateTime<Utc> = "2026-07-13T08:00:00Z".parse().unwrap();
    let broken = event("ITEM", "ERROR", failure("ITEM_LOGIN_REQUIRED", "ITEM_ERROR")).await;
    let repaired = event("ITEM", "LOGIN_REPAIRED", json!({})).await;
    let mut health = ItemHealth::new(monday);
    health.observe(repaired.item_state().unwrap(), monday + TimeDelta::hours(2));
    health.observe(broken.item_state().unwrap(), monday + TimeDelta::hours(1));
    assert_eq!(health.state(), ItemState::Healthy);
    health.observe(broken.item_state().unwrap(), monday + TimeDelta::hours(3));
    assert_eq!(health.state(), ItemState::LoginRequired);
}

#[tokio::test]
async fn what_is_signed_and_no_push_is_an_error() {
    for body in ["", "[]", "{}", r#"{"webhook_type":"ITEM"}"#, r#"{"webhook_type":1,"webhook_code":"ERROR"}"#]
    {
        let error = receive(&signed(body)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{body}");
    }
    let odd =
        r#"{"webhook_type":"ITEM","webhook_code":"PENDING_EXPIRATION","consent_expiration_time":"soon"}"#;
    assert_eq!(receive(&signed(odd)).await.unwrap_err().kind(), ErrorKind::InvalidResponse);
}
