//! Plaid: ledgers, and the stream of their changes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail")]

mod plaid_common;

use plaid_common::{Client, DAY, Ledger};
use serde_json::{Value, json};

const MUTATION: &str = "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION";

#[test]
fn a_history_comes_in_two_parts() {
    let plaid = Client::new();
    let days = json!({ "transactions": { "start_date": "2023-06-17", "end_date": "2025-06-15" } });
    let linked = plaid.link_with(&["transactions"], &days);
    let first = plaid.page(&linked.access, "", 100).ok();
    assert_eq!(first["transactions_update_status"], "NOT_READY");
    assert_eq!((first["next_cursor"].as_str(), first["has_more"].as_bool()), (Some(""), Some(false)));
    let dates =
        json!({ "access_token": linked.access, "start_date": "2025-01-01", "end_date": "2025-06-15" });
    plaid.post("/transactions/get", &dates).refused("ITEM_ERROR", "PRODUCT_NOT_READY");

    plaid.advance(10);
    let mut ledger = Ledger::default();
    let cursor = plaid.fold(&linked.access, "", 500, &mut ledger);
    assert!((420..450).contains(&ledger.0.len()), "{}", ledger.0.len());
    assert_eq!(
        plaid.page(&linked.access, &cursor, 1).ok()["transactions_update_status"],
        "INITIAL_UPDATE_COMPLETE"
    );

    plaid.advance(50);
    let cursor = plaid.fold(&linked.access, &cursor, 500, &mut ledger);
    assert!(ledger.0.len() > 10_000, "{}", ledger.0.len());
    assert_eq!(ledger, Ledger::of(&plaid, &linked.id));
    let empty = plaid.page(&linked.access, &cursor, 1).ok();
    assert_eq!(empty["next_cursor"], cursor.as_str());
    assert_eq!(empty["transactions_update_status"], "HISTORICAL_UPDATE_COMPLETE");
    let dates =
        json!({ "access_token": linked.access, "start_date": "2023-06-17", "end_date": "2025-06-15" });
    assert_eq!(plaid.post("/transactions/get", &dates).ok()["total_transactions"], ledger.0.len());
}

#[test]
fn days_bring_take_and_change() {
    let plaid = Client::new();
    plaid.plaid().configure(|settings| settings.login_lasts_days = None);
    let linked = plaid.link(&["transactions"]);
    plaid.advance(60);
    let (mut ledger, mut seen) = (Ledger::default(), (0, 0, 0, 0));
    let mut cursor = plaid.fold(&linked.access, "", 500, &mut ledger);
    for day in 1..=60 {
        plaid.advance(DAY);
        let page = plaid.page(&linked.access, &cursor, 500).ok();
        let count = |name: &str| page[name].as_array().unwrap().len();
        let booked =
            page["added"].as_array().unwrap().iter().filter(|one| !one["pending_transaction_id"].is_null());
        seen = (
            seen.0 + count("added"),
            seen.1 + count("modified"),
            seen.2 + count("removed"),
            seen.3 + booked.count(),
        );
        ledger.take(&page);
        page["next_cursor"].as_str().unwrap().clone_into(&mut cursor);
        if day % 10 == 0 {
            assert_eq!(ledger, Ledger::of(&plaid, &linked.id));
        }
    }
    let (added, modified, removed, booked) = seen;
    assert!(added > 1500 && modified > 5 && booked > 700, "{seen:?}");
    // Some were never booked, or were taken back.
    assert!(removed > booked + 5, "{seen:?}");
}

#[test]
fn the_same_seed_makes_the_same_ledger() {
    let ledger = || {
        let plaid = Client::new();
        let linked = plaid.link(&["transactions"]);
        plaid.advance(5 * DAY);
        Ledger::of(&plaid, &linked.id)
    };
    assert!(ledger().0.len() > 1000);
    assert_eq!(ledger(), ledger());
}

#[test]
fn a_change_between_pages_ends_the_loop() {
    let plaid = Client::quiet();
    let linked = plaid.link(&["transactions"]);
    for number in 0..5 {
        plaid.plaid().add_transaction(&linked.id, &json!({ "name": format!("n{number}") })).unwrap();
    }
    let first = plaid.page(&linked.access, "", 2).ok();
    assert_eq!((first["has_more"].as_bool(), first["added"].as_array().unwrap().len()), (Some(true), 2));
    let within = first["next_cursor"].as_str().unwrap();
    assert!(within.len() <= 256);
    let second = plaid.page(&linked.access, within, 2).ok();
    // The same page again, as long as nothing changes.
    assert_eq!(plaid.page(&linked.access, within, 2).ok()["added"], second["added"]);
    let id = plaid.plaid().add_transaction(&linked.id, &json!({ "amount": "7.25" })).unwrap();
    plaid.page(&linked.access, within, 2).refused("TRANSACTIONS_ERROR", MUTATION);
    let mut ledger = Ledger::default();
    let cursor = plaid.fold(&linked.access, "", 2, &mut ledger);
    assert_eq!(ledger, Ledger::of(&plaid, &linked.id));

    // What came and went in between is not told; what was known and went is.
    let brief = plaid.plaid().add_transaction(&linked.id, &json!({})).unwrap();
    assert!(plaid.plaid().remove_transaction(&linked.id, &brief));
    assert!(plaid.plaid().remove_transaction(&linked.id, &id));
    let page = plaid.page(&linked.access, &cursor, 100).ok();
    assert_eq!(page["added"], json!([]));
    assert_eq!(page["removed"].as_array().unwrap().len(), 1);
    assert_eq!(page["removed"][0]["transaction_id"], id.as_str());
}

#[test]
fn amounts_are_exact_on_the_wire() {
    let plaid = Client::quiet();
    let linked = plaid.link(&["transactions"]);
    plaid.plaid().add_transaction(&linked.id, &json!({ "amount": "0.1234567890123456789" })).unwrap();
    let text = plaid.page(&linked.access, "", 100).text;
    assert!(text.contains(r#""amount":0.1234567890123456789,"#), "{text}");
    assert_eq!(plaid.plaid().transactions(&linked.id)[0]["amount"], "0.1234567890123456789");
}

#[test]
fn scripts_write_every_field() {
    let plaid = Client::quiet();
    let linked = plaid.link(&["transactions"]);
    let accounts = plaid.plaid().accounts(&linked.id);
    let fields = json!({
        "account_id": accounts[1]["account_id"], "amount": "-5.5", "pending": true, "iso_currency_code": null,
        "unofficial_currency_code": "BTC", "check_number": "17", "merchant_name": "Grocer", "date": "2025-06-14",
    });
    let id = plaid.plaid().add_transaction(&linked.id, &fields).unwrap();
    let page = plaid.page(&linked.access, "", 100).ok();
    for (name, value) in fields.as_object().unwrap() {
        let expected = if name == "amount" { &json!(-5.5) } else { value };
        assert_eq!(&page["added"][0][name], expected, "{name}");
    }
    let cursor = page["next_cursor"].as_str().unwrap();
    assert!(plaid.plaid().change_transaction(&linked.id, &id, &json!({ "name": "Grocer 2" })));
    assert!(!plaid.plaid().change_transaction(&linked.id, &id, &json!({ "amount": "1e5" })));
    assert!(!plaid.plaid().change_transaction(&linked.id, &id, &json!({ "account_id": "x" })));
    let posted = plaid.plaid().post_transaction(&linked.id, &id).unwrap();
    assert!(plaid.plaid().post_transaction(&linked.id, &posted).is_none(), "it is booked already");
    let page = plaid.page(&linked.access, cursor, 100).ok();
    assert_eq!(page["added"][0]["pending_transaction_id"], id.as_str());
    assert_eq!(page["added"][0]["amount"], -5.5);
    assert_eq!(page["removed"][0]["transaction_id"], id.as_str());

    // A stream of one account is another stream.
    let own =
        json!({ "access_token": linked.access, "options": { "account_id": accounts[0]["account_id"] } });
    assert_eq!(plaid.post("/transactions/sync", &own).ok()["added"], json!([]));
    let mut mixed = own.clone();
    mixed["cursor"] = cursor.into();
    plaid.post("/transactions/sync", &mixed).refused("INVALID_REQUEST", "INVALID_FIELD");
}

#[test]
fn cursors_belong_to_their_item() {
    let plaid = Client::quiet();
    let (one, other) = (plaid.link(&["transactions"]), plaid.link(&["transactions"]));
    let cursor = plaid.page(&one.access, "", 1).ok()["next_cursor"].as_str().unwrap().to_owned();
    let message = plaid.page(&other.access, &cursor, 1).refused("INVALID_REQUEST", "INVALID_FIELD");
    assert_eq!(message, "cursor not associated with access_token");
    plaid.page(&one.access, "bm90aGluZw", 1).refused("INVALID_REQUEST", "INVALID_FIELD");
    plaid.page(&one.access, &"x".repeat(257), 1).refused("INVALID_REQUEST", "INVALID_FIELD");
    // A rotated token keeps the stream.
    let fresh = plaid.post("/item/access_token/invalidate", &json!({ "access_token": one.access })).ok();
    plaid.page(&fresh["new_access_token"], &cursor, 1).ok();
}

#[test]
fn transactions_by_date_turn_pages() {
    let plaid = Client::new();
    let linked = plaid.link(&["transactions"]);
    plaid.advance(60);
    let mut ids = Vec::new();
    let mut total = 1;
    while ids.len() < total {
        let body = json!({
            "access_token": linked.access, "start_date": "2025-06-01", "end_date": "2025-06-15",
            "options": { "count": 50, "offset": ids.len() },
        });
        let page = plaid.post("/transactions/get", &body).ok();
        total = usize::try_from(page["total_transactions"].as_u64().unwrap()).unwrap();
        let rows = page["transactions"].as_array().unwrap().clone();
        assert!(!rows.is_empty());
        ids.extend(rows.into_iter().map(|row| row["transaction_id"].as_str().unwrap().to_owned()));
    }
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert!(count > 200 && count == ids.len());
    let backwards =
        json!({ "access_token": linked.access, "start_date": "2025-06-15", "end_date": "2025-06-01" });
    plaid.post("/transactions/get", &backwards).refused("INVALID_REQUEST", "INVALID_FIELD");
    let no_day =
        json!({ "access_token": linked.access, "start_date": "2025-02-30", "end_date": "2025-06-01" });
    plaid.post("/transactions/get", &no_day).refused("INVALID_REQUEST", "INVALID_FIELD");
}

#[test]
fn refresh_and_what_repeats() {
    let plaid = Client::new();
    let linked = plaid.link(&["transactions"]);
    let body = json!({ "access_token": linked.access });
    plaid.post("/transactions/refresh", &body).refused("ITEM_ERROR", "PRODUCT_NOT_READY");
    plaid.advance(60);
    let before = plaid.plaid().transactions(&linked.id).len();
    plaid.post("/transactions/refresh", &body).ok();
    assert_eq!(plaid.plaid().transactions(&linked.id).len(), before + 3);
    let streams = plaid.post("/transactions/recurring/get", &body).ok();
    assert_eq!(streams["inflow_streams"][0]["average_amount"]["amount"], -2450.12);
    assert_eq!(streams["inflow_streams"][0]["frequency"], "BIWEEKLY");
    assert_eq!(streams["outflow_streams"].as_array().unwrap().len(), 2);
    plaid.plaid().configure(|settings| {
        settings.products_off.insert("transactions_refresh".to_owned());
    });
    plaid.post("/transactions/refresh", &body).refused("INVALID_INPUT", "INVALID_PRODUCT");
}

#[test]
fn made_transactions_are_checked() {
    let plaid = Client::new();
    let made = |day: &str, posted: &str| json!({ "date_transacted": day, "date_posted": posted, "amount": 12.34, "description": "Rye", "iso_currency_code": "USD" });
    let dynamic = json!({ "override_username": "user_transactions_dynamic", "override_password": "any" });
    let (plain, dynamic) = (plaid.link(&["transactions"]), plaid.link_with(&["transactions"], &dynamic));
    plaid.advance(60);
    let send = |access: &Value, rows: Vec<Value>| {
        plaid.post("/sandbox/transactions/create", &json!({ "access_token": access, "transactions": rows }))
    };
    let good = made("2025-06-14", "2025-06-15");
    send(&plain.access, vec![good.clone()]).refused("INVALID_REQUEST", "INVALID_FIELD");
    let many = send(&dynamic.access, vec![good.clone(); 11]).refused("INVALID_REQUEST", "INVALID_FIELD");
    assert_eq!(many, "The request contains too many transactions.");
    for bad in
        [made("2025-05-30", "2025-06-01"), made("2025-06-15", "2025-06-14"), made("2025-06-15", "2025-06-16")]
    {
        send(&dynamic.access, vec![bad]).refused("INVALID_REQUEST", "INVALID_FIELD");
    }
    let mut unknown = good.clone();
    unknown["colour"] = json!(1);
    send(&dynamic.access, vec![unknown]).refused("INVALID_REQUEST", "UNKNOWN_FIELDS");
    send(&dynamic.access, vec![good]).ok();
    let last = plaid.plaid().transactions(&dynamic.id).pop().unwrap();
    assert_eq!(
        (last["name"].as_str(), last["amount"].as_str(), last["date"].as_str()),
        (Some("Rye"), Some("12.34"), Some("2025-06-15"))
    );
}
