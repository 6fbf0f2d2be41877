//! Plaid: whatever comes is answered.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail")]

mod plaid_common;

use plaid_common::Client;
use serde_json::json;

/// Every cut and many small changes of bodies that are right.
#[test]
fn no_body_fails_the_server() {
    let plaid = Client::quiet();
    let linked = plaid.link(&["transactions"]);
    let cursor = plaid.page(&linked.access, "", 1).ok()["next_cursor"].clone();
    let bodies = [
        ("/transactions/sync", json!({ "access_token": linked.access, "cursor": cursor, "count": 5 })),
        (
            "/transactions/get",
            json!({ "access_token": linked.access, "start_date": "2025-01-31", "end_date": "2025-06-15" }),
        ),
        (
            "/sandbox/transactions/create",
            json!({ "access_token": linked.access, "transactions": [
            { "date_transacted": "2025-06-15", "date_posted": "2025-06-15", "amount": -1.5, "description": "x" },
        ] }),
        ),
        (
            "/link/token/create",
            json!({
                "client_name": "x", "language": "en", "country_codes": ["US"], "user": { "client_user_id": "u" },
                "products": ["auth"], "hosted_link": { "url_lifetime_seconds": 60 },
            }),
        ),
    ];
    let mut number = 0_u32;
    for (path, body) in bodies {
        let body = body.to_string();
        let mut send = |body: &str| {
            number += 1;
            let reply = plaid.raw(path, body);
            assert!(reply.status == 200 || reply.status == 400, "{body}: {}", reply.text);
            assert!(reply.body["request_id"].is_string());
        };
        for at in (0..body.len()).filter(|at| body.is_char_boundary(*at)) {
            send(&body[..at]);
            for letter in ["", "\"", "0", "-", "null", "{", "\u{e9}", "9999999999999999999"] {
                send(&format!("{}{letter}{}", &body[..at], &body[at + 1..]));
            }
        }
    }
    assert!(number > 4_000, "only {number} bodies");
}

#[test]
fn no_jump_of_the_clock_fails_the_server() {
    let plaid = Client::new();
    plaid.plaid().configure(|settings| settings.login_lasts_days = None);
    let linked = plaid.link_with(&["transactions"], &json!({ "webhook": "https://shop.example/hook" }));
    plaid.advance(60);
    let before = plaid.plaid().transactions(&linked.id).len();
    plaid.sim.clock().set(u64::MAX);
    let after = plaid.plaid().transactions(&linked.id).len();
    // At most 800 days are lived through at one look.
    assert!(after > before + 10_000 && after < before + 13_000, "{before} {after}");
    plaid.page(&linked.access, "", 500).ok();
    plaid.sim.clock().set(0);
    plaid.page(&linked.access, "", 500).ok();
    let early = plaid.link(&["transactions", "investments"]);
    plaid.advance(60);
    plaid.page(&early.access, "", 500).ok();
    plaid.post("/investments/holdings/get", &json!({ "access_token": early.access })).ok();
}
