//! Transactions.

use turnbuckle_core::ErrorKind;
use turnbuckle_plaid::*;

use crate::wire_support::{ACCOUNT, Answer, Wire, access_token, fixture};
use crate::{day, decimal};

#[tokio::test]
async fn sync() {
    let wire = Wire::answering("transactions_sync");
    let options = SyncOptions::new()
        .with_include_original_description(true)
        .with_personal_finance_category_version("v2")
        .with_days_requested(365)
        .with_account_id(ACCOUNT);
    let params = SyncTransactions::new().with_cursor("c-0001").with_count(250).with_options(options);
    let page = wire.plaid().transactions().sync(&access_token(), &params).await.unwrap();
    wire.assert_sent("transactions_sync");
    assert_eq!(page.transactions_update_status, UpdateStatus::Historical);
    assert_eq!((page.next_cursor.as_str(), page.has_more), ("cursor-stand-board-0002", false));
    assert_eq!(page.removed[0].transaction_id, "txnRemovedStandBoard00000000000001");

    let added = &page.added[0];
    assert_eq!((added.amount, added.iso_currency_code.as_deref()), (decimal("84.6"), Some("USD")));
    assert_eq!((added.date, added.authorized_date), (day("2026-07-13"), Some(day("2026-07-12"))));
    assert_eq!(added.pending_transaction_id.as_deref(), Some("txnPendingStandBoard00000000000000001"));
    let category = added.personal_finance_category.as_ref().unwrap();
    assert_eq!((category.primary.as_str(), category.version.as_deref()), ("GENERAL_MERCHANDISE", Some("v2")));
    assert_eq!(added.counterparties[0].entity_id.as_deref(), Some("entityStandBoard"));
    assert_eq!(added.location.as_ref().unwrap().lat, Some(decimal("42.953125")));
    assert_eq!(page.modified[0].amount, decimal("-2410.35"));

    let page = wire.plaid().transactions().sync(&access_token(), &params).await.unwrap();
    assert_eq!((page.next_cursor.as_str(), page.transactions_update_status), ("", UpdateStatus::NotReady));
}

#[tokio::test]
async fn sync_first() {
    let wire = Wire::answering("transactions_sync");
    wire.plaid().transactions().sync(&access_token(), &SyncTransactions::new()).await.unwrap();
    wire.assert_sent("transactions_sync_first");
}

#[tokio::test]
async fn get() {
    let wire = Wire::answering("transactions_get");
    let options = GetOptions::new()
        .with_account_ids([ACCOUNT])
        .with_count(500)
        .with_offset(500)
        .with_include_original_description(true)
        .with_personal_finance_category_version("v1")
        .with_days_requested(90);
    let params = GetTransactions::new(day("2026-06-01"), day("2026-07-01")).with_options(options);
    let list = wire.plaid().transactions().get(&access_token(), &params).await.unwrap();
    wire.assert_sent("transactions_get");
    assert_eq!((list.transactions.len(), list.total_transactions), (1, 1));
    let list = wire.plaid().transactions().get(&access_token(), &params).await.unwrap();
    let sparse = &list.transactions[0];
    assert!(sparse.location.as_ref().unwrap().city.is_none() && sparse.counterparties.is_empty());
}

#[tokio::test]
async fn refresh() {
    let wire = Wire::answering("transactions_refresh");
    let answer = wire.plaid().transactions().refresh(&access_token()).await.unwrap();
    wire.assert_sent("transactions_refresh");
    assert_eq!(answer.request_id, "StandBoardReq01");
}

#[tokio::test]
async fn recurring() {
    let wire = Wire::answering("transactions_recurring_get");
    let params = GetRecurring::new()
        .with_account_ids([ACCOUNT])
        .with_options(RecurringOptions::new().with_personal_finance_category_version("v2"));
    let streams = wire.plaid().transactions().recurring(&access_token(), &params).await.unwrap();
    wire.assert_sent("transactions_recurring_get");
    let inflow = &streams.inflow_streams[0];
    assert_eq!((&inflow.frequency, &inflow.status), (&RecurringFrequency::Monthly, &StreamStatus::Mature));
    assert_eq!(inflow.average_amount.amount, Some(decimal("-2405.175")));
    assert_eq!(inflow.predicted_next_date, Some(day("2026-08-13")));
    assert_eq!(streams.outflow_streams[0].status, StreamStatus::EarlyDetection);
    let streams = wire.plaid().transactions().recurring(&access_token(), &params).await.unwrap();
    assert_eq!(streams.inflow_streams[0].merchant_name, None);
}

#[tokio::test]
async fn bounds_are_kept_before_anything_leaves() {
    let wire = Wire::new([]);
    let plaid = wire.plaid();
    let sync = |params| {
        let plaid = plaid.clone();
        async move { plaid.transactions().sync(&access_token(), &params).await.unwrap_err() }
    };
    let field = |error: &turnbuckle_core::Error| {
        assert_eq!(
            (error.operation(), error.provider().unwrap().as_str()),
            (Some("transactions.sync"), "plaid")
        );
        error.fields()[0].field.to_string()
    };
    assert_eq!(field(&sync(SyncTransactions::new().with_count(0)).await), "count");
    assert_eq!(field(&sync(SyncTransactions::new().with_count(501)).await), "count");
    // An empty cursor is what a page without data carries: sent, it would read everything anew.
    assert_eq!(field(&sync(SyncTransactions::new().with_cursor("")).await), "cursor");
    assert_eq!(field(&sync(SyncTransactions::new().with_cursor("x".repeat(257))).await), "cursor");
    let days = SyncOptions::new().with_days_requested(731);
    assert_eq!(field(&sync(SyncTransactions::new().with_options(days)).await), "days_requested");
    assert_eq!(wire.attempts(), 0);
}

/// Words, fields and codes are added without a new version.
#[tokio::test]
async fn words_and_fields_that_are_new_do_no_harm() {
    let mut body: serde_json::Value =
        serde_json::from_str(&fixture("responses/transactions_sync.json")).unwrap();
    body["transactions_update_status"] = "ALMOST_COMPLETE".into();
    body["accounts"][0]["type"] = "crypto".into();
    body["added"][0]["brand_new"] = serde_json::json!({ "field": [1] });
    body["added"][0]["payment_channel"] = "by drone".into();
    let wire = Wire::new([Answer::new(200, body.to_string())]);
    let page = wire.plaid().transactions().sync(&access_token(), &SyncTransactions::new()).await.unwrap();
    assert_eq!(page.transactions_update_status.as_str(), "ALMOST_COMPLETE");
    assert_eq!(page.accounts[0].account_type, AccountType::Other("crypto".to_owned()));
    assert_eq!(page.added[0].payment_channel, "by drone");
}

/// What cannot be held exactly is refused, not rounded.
#[tokio::test]
async fn an_amount_that_would_be_rounded_is_refused() {
    let body = fixture("responses/transactions_sync.json")
        .replace("\"amount\": 84.6,", "\"amount\": 0.12345678901234567890123456789012345,");
    assert!(body.contains("0.1234567890123456789"));
    let wire = Wire::new([Answer::new(200, body)]);
    let error =
        wire.plaid().transactions().sync(&access_token(), &SyncTransactions::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    assert!(!format!("{error} {error:?}").contains("0.123"));
}
