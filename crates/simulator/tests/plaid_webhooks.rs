//! Plaid: signed webhooks, keys, and the server.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail")]

mod plaid_common;

use aws_lc_rs::digest;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use plaid_common::{Client, DAY};
use serde_json::{Value, json};
use turnbuckle_simulator::SignedWebhook;

const HOOK: &str = "https://shop.example/hook";

/// Checks a delivery with the key that Plaid gives out, and gives its header and claims.
fn verify(plaid: &Client, webhook: &SignedWebhook) -> Option<(Value, Value)> {
    let token = webhook.headers["plaid-verification"].to_str().unwrap();
    let (message, signature) = token.rsplit_once('.').unwrap();
    let (head, claims) = message.split_once('.').unwrap();
    let json =
        |part: &str| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap() };
    let (head, claims) = (json(head), json(claims));
    let key =
        plaid.post("/webhook_verification_key/get", &json!({ "key_id": head["kid"] })).ok()["key"].clone();
    let mut point = vec![4];
    for part in ["x", "y"] {
        point.extend(URL_SAFE_NO_PAD.decode(key[part].as_str().unwrap()).unwrap());
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    assert_eq!(signature.len(), 64);
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message.as_bytes(), &signature).ok()?;
    let hash = digest::digest(&digest::SHA256, &webhook.body);
    let hex = hash.as_ref().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    (claims["request_body_sha256"] == hex.as_str()).then_some((head, claims))
}

#[test]
fn deliveries_are_signed_by_a_key_that_is_given_out() {
    let plaid = Client::quiet();
    let linked = plaid.link_with(&["transactions"], &json!({ "webhook": HOOK }));
    let fire = json!({ "access_token": linked.access, "webhook_code": "NEW_ACCOUNTS_AVAILABLE" });
    plaid.plaid().take_webhooks();
    plaid.post("/sandbox/item/fire_webhook", &fire).ok();
    let webhook = plaid.plaid().take_webhooks().pop().unwrap();
    assert_eq!(webhook.url.as_deref(), Some(HOOK));
    assert!(webhook.body.starts_with(b"{\n  \""), "two spaces of indentation");
    let (head, claims) = verify(&plaid, &webhook).unwrap();
    assert_eq!((head["alg"].as_str(), head["typ"].as_str()), (Some("ES256"), Some("JWT")));
    assert_eq!(claims["iat"], plaid.sim.clock().unix());
    let told: Value = serde_json::from_slice(&webhook.body).unwrap();
    assert_eq!(
        (told["item_id"].as_str(), told["environment"].as_str()),
        (Some(linked.id.as_str()), Some("sandbox"))
    );

    let mut changed = webhook.clone();
    changed.body = [&webhook.body[..], b" "].concat().into();
    assert!(verify(&plaid, &changed).is_none());

    let old = plaid.plaid().webhook_key_ids().pop().unwrap();
    let new = plaid.plaid().roll_webhook_key();
    let (head, _) = verify(&plaid, &plaid.plaid().sign("{}", 1)).unwrap();
    assert_eq!(head["kid"], new.as_str());
    let (head, claims) = verify(&plaid, &plaid.plaid().sign_with(&old, "{}", 7).unwrap()).unwrap();
    assert_eq!((head["kid"].as_str(), claims["iat"].as_u64()), (Some(old.as_str()), Some(7)));
    assert!(plaid.plaid().expire_webhook_key(&old));
    let key = plaid.post("/webhook_verification_key/get", &json!({ "key_id": old })).ok();
    assert_eq!(key["key"]["expired_at"], plaid.sim.clock().unix());
    plaid
        .post("/webhook_verification_key/get", &json!({ "key_id": "none" }))
        .refused("INVALID_INPUT", "INVALID_WEBHOOK_VERIFICATION_KEY_ID");
}

#[test]
fn a_life_in_webhooks() {
    let plaid = Client::new();
    let linked = plaid.link_with(&["transactions"], &json!({ "webhook": HOOK }));
    plaid.advance(10);
    // Nobody has synced yet, so nobody is told to.
    assert_eq!(plaid.codes(), ["TRANSACTIONS/INITIAL_UPDATE"]);
    plaid.page(&linked.access, "", 1).ok();
    plaid.advance(50);
    assert_eq!(plaid.codes(), ["TRANSACTIONS/HISTORICAL_UPDATE", "TRANSACTIONS/SYNC_UPDATES_AVAILABLE"]);
    plaid.advance(3 * DAY);
    let codes = plaid.codes();
    assert_eq!(codes.iter().filter(|code| *code == "TRANSACTIONS/SYNC_UPDATES_AVAILABLE").count(), 3);
    assert!(codes.contains(&"TRANSACTIONS/TRANSACTIONS_REMOVED".to_owned()));
    plaid.post("/sandbox/item/reset_login", &json!({ "access_token": linked.access })).ok();
    assert!(plaid.plaid().mend_item(&linked.id));
    assert_eq!(plaid.codes(), ["ITEM/ERROR", "ITEM/LOGIN_REPAIRED"]);
    assert!(plaid.plaid().notify(
        &linked.id,
        "ITEM",
        "PENDING_DISCONNECT",
        json!({ "reason": "INSTITUTION_MIGRATION" })
    ));
    assert!(plaid.plaid().break_item(&linked.id, "USER_PERMISSION_REVOKED"));
    assert_eq!(plaid.codes(), ["ITEM/PENDING_DISCONNECT", "ITEM/USER_PERMISSION_REVOKED"]);
    let status = plaid.post("/item/get", &json!({ "access_token": linked.access })).ok()["status"].clone();
    assert_eq!(status["last_webhook"]["code_sent"], "USER_PERMISSION_REVOKED");
    plaid.post("/item/webhook/update", &json!({ "access_token": linked.access, "webhook": null })).ok();
    plaid.advance(DAY);
    assert!(plaid.codes().is_empty());
}

#[test]
fn only_what_fits_can_be_fired() {
    let plaid = Client::quiet();
    let (bare, linked) = (plaid.link(&["auth"]), plaid.link_with(&["auth"], &json!({ "webhook": HOOK })));
    let fire = |access: &Value, kind: Option<&str>, code: &str| {
        let mut body = json!({ "access_token": access, "webhook_code": code });
        if let Some(kind) = kind {
            body["webhook_type"] = kind.into();
        }
        plaid.post("/sandbox/item/fire_webhook", &body)
    };
    fire(&bare.access, None, "ERROR").refused("SANDBOX_ERROR", "SANDBOX_WEBHOOK_INVALID");
    fire(&linked.access, None, "SYNC_UPDATES_AVAILABLE")
        .refused("SANDBOX_ERROR", "SANDBOX_PRODUCT_NOT_ENABLED");
    fire(&linked.access, Some("LIABILITIES"), "ERROR").refused("INVALID_REQUEST", "INVALID_FIELD");
    fire(&linked.access, None, "NOTHING").refused("INVALID_REQUEST", "INVALID_FIELD");
    fire(&linked.access, Some("AUTH"), "DEFAULT_UPDATE").ok();
    for code in
        ["ERROR", "LOGIN_REPAIRED", "PENDING_DISCONNECT", "USER_PERMISSION_REVOKED", "USER_ACCOUNT_REVOKED"]
    {
        fire(&linked.access, Some("ITEM"), code).ok();
    }
    assert_eq!(plaid.codes().len(), 6);
}

#[test]
fn a_microdeposit_is_verified() {
    let plaid = Client::quiet();
    let options = json!({ "webhook": HOOK, "override_password": "microdeposits_good" });
    let linked = plaid.link_with(&["auth"], &options);
    let account = plaid.plaid().accounts(&linked.id)[0].clone();
    assert_eq!(account["verification_status"], "pending_automatic_verification");
    let body = |id: &Value, status: &str| json!({ "access_token": linked.access, "account_id": id, "verification_status": status });
    plaid
        .post(
            "/sandbox/item/set_verification_status",
            &body(&account["account_id"], "automatically_verified"),
        )
        .ok();
    assert_eq!(plaid.plaid().accounts(&linked.id)[0]["verification_status"], "automatically_verified");
    assert_eq!(plaid.codes(), ["AUTH/AUTOMATICALLY_VERIFIED"]);
    plaid
        .post("/sandbox/item/set_verification_status", &body(&json!("x"), "verification_expired"))
        .refused("INVALID_INPUT", "INVALID_ACCOUNT_ID");
}
