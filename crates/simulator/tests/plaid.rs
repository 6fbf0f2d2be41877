//! Plaid: link, items, accounts and what is refused.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail")]

mod plaid_common;

use http::Request;
use plaid_common::{BANK, Client, DAY, Reply};
use serde_json::{Value, json};
use turnbuckle_simulator::plaid::LinkLogin;
use turnbuckle_simulator::{Fault, FaultKind};

fn link_request() -> Value {
    json!({
        "client_name": "Stand & Board", "language": "en", "country_codes": ["US"],
        "user": { "client_user_id": "user-7" }, "products": ["transactions"],
    })
}

#[test]
fn wrong_keys_are_told_in_plaids_words() {
    let plaid = Client::new();
    let body = json!({ "count": 1, "offset": 0, "country_codes": ["US"] });
    assert_eq!(plaid.post("/institutions/get", &body).ok()["institutions"][0]["institution_id"], BANK);

    let mut request = plaid.request("/institutions/get", &body.to_string());
    request.headers_mut().insert("plaid-secret", "wrong".parse().unwrap());
    let reply = Reply::from(plaid.sim.handle(request));
    assert_eq!(reply.refused("INVALID_INPUT", "INVALID_API_KEYS"), "invalid client_id or secret provided");
    assert_eq!(reply.body["display_message"], Value::Null);

    let mut request = plaid.request("/institutions/get", &body.to_string());
    *request.uri_mut() = "https://production.plaid.com/institutions/get".parse().unwrap();
    Reply::from(plaid.sim.handle(request)).refused("INVALID_INPUT", "UNAUTHORIZED_ENVIRONMENT");

    let mut request = plaid.request("/institutions/get", &body.to_string());
    request.headers_mut().remove("plaid-secret");
    let message = Reply::from(plaid.sim.handle(request)).refused("INVALID_REQUEST", "MISSING_FIELDS");
    assert_eq!(message, "the following required fields are missing: secret");

    // Keys may stand in the body as well.
    let mut body = body;
    body["client_id"] = plaid.plaid().client_id().into();
    body["secret"] = plaid.plaid().secret().into();
    let mut request = plaid.request("/institutions/get", &body.to_string());
    request.headers_mut().remove("plaid-secret");
    request.headers_mut().remove("plaid-client-id");
    Reply::from(plaid.sim.handle(request)).ok();
}

#[test]
fn fields_are_strict() {
    let plaid = Client::new();
    let cases = [
        (json!({ "count": 1, "offset": 0 }), "MISSING_FIELDS", "country_codes"),
        (
            json!({ "count": 1, "offset": 0, "country_codes": ["US"], "colour": 1 }),
            "UNKNOWN_FIELDS",
            "colour",
        ),
        (json!({ "count": 501, "offset": 0, "country_codes": ["US"] }), "INVALID_FIELD", "count"),
        (json!({ "count": 1, "offset": 0, "country_codes": ["XX"] }), "INVALID_FIELD", "country_codes"),
        (json!({ "count": 1, "offset": 0, "country_codes": [] }), "INVALID_FIELD", "country_codes"),
        (
            json!({ "count": 1, "offset": 0, "country_codes": ["US"], "options": { "x": 1 } }),
            "UNKNOWN_FIELDS",
            "options.x",
        ),
    ];
    for (body, code, named) in cases {
        let message = plaid.post("/institutions/get", &body).refused("INVALID_REQUEST", code);
        assert!(message.contains(named), "{message}");
    }
    plaid.raw("/institutions/get", "{").refused("INVALID_REQUEST", "INVALID_BODY");
    let unknown = plaid.post("/institutions", &json!({}));
    assert_eq!((unknown.status, unknown.body["error_code"].as_str()), (404, Some("NOT_FOUND")));
    let mut request = plaid.request("/item/get", "{}");
    request.headers_mut().insert("content-type", "text/plain".parse().unwrap());
    Reply::from(plaid.sim.handle(request)).refused("INVALID_REQUEST", "INVALID_HEADERS");
    let mut request = plaid.request("/item/get", "{}");
    request.headers_mut().insert("plaid-version", "2018-05-22".parse().unwrap());
    Reply::from(plaid.sim.handle(request)).refused("INVALID_REQUEST", "INCOMPATIBLE_API_VERSION");
}

#[test]
fn a_token_lives_as_long_as_documented() {
    let plaid = Client::quiet();
    let public = plaid.public_token(&["transactions"], &json!({})).ok()["public_token"].clone();
    plaid.advance(30 * 60);
    let late = plaid.post("/item/public_token/exchange", &json!({ "public_token": public }));
    assert!(late.refused("INVALID_INPUT", "INVALID_PUBLIC_TOKEN").contains("expired"));

    let public = plaid.public_token(&["transactions"], &json!({})).ok()["public_token"].clone();
    let body = json!({ "public_token": public });
    let first = plaid.post("/item/public_token/exchange", &body).ok();
    plaid.post("/item/public_token/exchange", &body).refused("INVALID_INPUT", "INVALID_PUBLIC_TOKEN");
    plaid.plaid().configure(|settings| settings.exchange_repeats = true);
    let again = plaid.post("/item/public_token/exchange", &body).ok();
    assert_eq!(first["access_token"], again["access_token"]);

    let old = json!({ "access_token": first["access_token"] });
    let fresh = plaid.post("/item/access_token/invalidate", &old).ok()["new_access_token"].clone();
    plaid.post("/item/get", &old).refused("INVALID_INPUT", "INVALID_ACCESS_TOKEN");
    let item = plaid.post("/item/get", &json!({ "access_token": fresh })).ok();
    assert_eq!(item["item"]["item_id"], first["item_id"]);

    let removed = plaid.post("/item/remove", &json!({ "access_token": fresh, "reason_code": "OTHER" })).ok();
    assert_eq!(removed.as_object().unwrap().len(), 1);
    plaid.post("/item/remove", &json!({ "access_token": fresh })).refused("ITEM_ERROR", "ITEM_NOT_FOUND");

    for (token, word) in [("access-production-x", "format"), ("nothing", "format")] {
        let message = plaid.post("/item/get", &json!({ "access_token": token }));
        assert!(message.refused("INVALID_INPUT", "INVALID_ACCESS_TOKEN").contains(word));
    }
    let foreign = json!({ "access_token": "access-production-0b1c5b6e-0000-4000-a000-000000000000" });
    let message = plaid.post("/item/get", &foreign).refused("INVALID_INPUT", "INVALID_ACCESS_TOKEN");
    assert!(message.contains("wrong Plaid environment"), "{message}");
}

#[test]
fn sessions_link_and_repair() {
    let plaid = Client::quiet();
    let made = plaid.post("/link/token/create", &link_request()).ok();
    assert_eq!(made["expiration"], "2025-06-15T16:00:00Z");
    let token = made["link_token"].as_str().unwrap();
    let wrong = plaid.plaid().complete_link(token, &LinkLogin::new(BANK).with_password("no")).unwrap_err();
    assert_eq!(wrong["error_code"], "INVALID_CREDENTIALS");
    let locked = LinkLogin::new(BANK).with_password("error_ITEM_LOCKED");
    assert_eq!(plaid.plaid().complete_link(token, &locked).unwrap_err()["error_code"], "ITEM_LOCKED");
    let device = LinkLogin::new(BANK).with_password("mfa_device");
    assert_eq!(plaid.plaid().complete_link(token, &device).unwrap_err()["error_code"], "INVALID_MFA");
    let done = plaid.plaid().complete_link(token, &device.with_answers(&["1234"])).unwrap();
    assert_eq!(done["accounts"].as_array().unwrap().len(), 9);
    assert!(plaid.plaid().complete_link(token, &LinkLogin::new(BANK)).is_err());
    let info = plaid.post("/link/token/get", &json!({ "link_token": token })).ok();
    assert_eq!(info["link_sessions"].as_array().unwrap().len(), 4);
    assert_eq!(
        info["link_sessions"][3]["results"]["item_add_results"][0]["public_token"],
        done["public_token"]
    );
    let access =
        plaid.post("/item/public_token/exchange", &json!({ "public_token": done["public_token"] })).ok();

    let item = access["item_id"].as_str().unwrap();
    let body = json!({ "access_token": access["access_token"] });
    plaid.post("/sandbox/item/reset_login", &body).ok();
    plaid.post("/accounts/get", &body).refused("ITEM_ERROR", "ITEM_LOGIN_REQUIRED");
    plaid.post("/transactions/sync", &body).refused("ITEM_ERROR", "ITEM_LOGIN_REQUIRED");
    assert_eq!(plaid.post("/item/get", &body).ok()["item"]["error"]["error_code"], "ITEM_LOGIN_REQUIRED");
    let mut update = link_request();
    update["access_token"] = access["access_token"].clone();
    plaid.post("/link/token/create", &update).refused("INVALID_REQUEST", "INVALID_FIELD");
    update.as_object_mut().unwrap().remove("products");
    let made = plaid.post("/link/token/create", &update).ok();
    assert_eq!(made["expiration"], "2025-06-15T12:30:00Z");
    let token = made["link_token"].as_str().unwrap();
    let done = plaid.plaid().complete_link(token, &LinkLogin::new("")).unwrap();
    assert_eq!((done["public_token"].clone(), done["item_id"].as_str()), (Value::Null, Some(item)));
    plaid.post("/accounts/get", &body).ok();
    let late = plaid.post("/link/token/create", &update).ok()["link_token"].as_str().unwrap().to_owned();
    plaid.advance(30 * 60);
    assert_eq!(
        plaid.plaid().complete_link(&late, &LinkLogin::new("")).unwrap_err()["error_code"],
        "INVALID_LINK_TOKEN"
    );
}

#[test]
fn link_tokens_are_strict() {
    let plaid = Client::quiet();
    let cases: [(&str, Value, &str); 8] = [
        ("products", json!(["balance", "auth"]), "INVALID_FIELD"),
        ("products", json!([]), "MISSING_FIELDS"),
        ("language", json!("xx"), "INVALID_FIELD"),
        ("redirect_uri", json!("https://shop.example/back?x=1"), "INVALID_FIELD"),
        ("transactions", json!({ "days_requested": 731 }), "INVALID_FIELD"),
        ("hosted_link", json!({ "url_lifetime_seconds": 21 * 86_400 + 1 }), "INVALID_FIELD"),
        ("hosted_link", json!({ "delivery_method": "sms" }), "MISSING_FIELDS"),
        ("webhook", json!("nowhere"), "INVALID_FIELD"),
    ];
    for (name, value, code) in cases {
        let mut body = link_request();
        body[name] = value;
        plaid.post("/link/token/create", &body).refused("INVALID_REQUEST", code);
    }
    plaid.plaid().configure(|settings| {
        settings.products_off.insert("transactions".to_owned());
    });
    plaid.post("/link/token/create", &link_request()).refused("INVALID_INPUT", "INVALID_PRODUCT");
}

#[test]
fn a_hosted_page_links() {
    let plaid = Client::quiet();
    let mut body = link_request();
    body["hosted_link"] = json!({});
    body["webhook"] = json!("https://shop.example/hook");
    let url = plaid.post("/link/token/create", &body).ok()["hosted_link_url"].as_str().unwrap().to_owned();
    let page = plaid.sim.handle(Request::get(&url).body(bytes::Bytes::new()).unwrap());
    assert_eq!(page.status(), 200);
    let told = plaid.plaid().take_webhooks();
    let told = told.iter().map(|webhook| serde_json::from_slice::<Value>(&webhook.body).unwrap());
    let told = told.into_iter().find(|told| told["webhook_type"] == "LINK").unwrap();
    assert_eq!(
        (told["webhook_code"].as_str(), told["status"].as_str()),
        (Some("SESSION_FINISHED"), Some("SUCCESS"))
    );
    plaid.post("/item/public_token/exchange", &json!({ "public_token": told["public_tokens"][0] })).ok();
}

#[test]
fn accounts_are_exact() {
    let plaid = Client::quiet();
    let linked = plaid.link(&["auth", "identity"]);
    let body = json!({ "access_token": linked.access });
    let reply = plaid.post("/accounts/get", &body);
    // The number as it stands on the wire.
    assert!(reply.text.contains(r#""current":23631.9805,"#), "{}", reply.text);
    let accounts = reply.ok()["accounts"].clone();
    let id = accounts[0]["account_id"].as_str().unwrap();
    assert!(plaid.plaid().set_balances(id, Some("-0.000000000000000001"), Some("12345678901234567.89")));
    let reply = plaid.post("/accounts/balance/get", &body);
    assert!(reply.text.contains(r#""available":-0.000000000000000001,"current":12345678901234567.89,"#));
    let numbers = plaid.post("/auth/get", &body).ok();
    assert_eq!(numbers["numbers"]["ach"].as_array().unwrap().len(), 2);
    let card =
        json!({ "access_token": linked.access, "options": { "account_ids": [accounts[3]["account_id"]] } });
    plaid.post("/auth/get", &card).refused("ITEM_ERROR", "NO_AUTH_ACCOUNTS");
    let none = json!({ "access_token": linked.access, "options": { "account_ids": ["x"] } });
    plaid.post("/accounts/get", &none).refused("INVALID_INPUT", "INVALID_ACCOUNT_ID");
    let holdings = plaid.post("/investments/holdings/get", &body);
    // Nine decimals times four: the product is exact.
    assert!(holdings.text.contains(r#""institution_value":593.9795266023168"#), "{}", holdings.text);
    plaid.plaid().configure(|settings| settings.consent_required = true);
    plaid.post("/liabilities/get", &body).refused("ITEM_ERROR", "ADDITIONAL_CONSENT_REQUIRED");
}

#[test]
fn other_countries_have_other_numbers() {
    let plaid = Client::quiet();
    for (bank, kind, count) in
        [("ins_43", "eft", 2), ("ins_116834", "bacs", 2), ("ins_116834", "international", 2)]
    {
        let opened = plaid.plaid().open_item(bank, &["auth"], None).unwrap();
        let numbers = plaid.post("/auth/get", &json!({ "access_token": opened.access_token })).ok();
        assert_eq!(numbers["numbers"][kind].as_array().unwrap().len(), count);
        assert!(numbers["numbers"]["ach"].as_array().unwrap().is_empty());
        plaid.post(
            "/liabilities/get",
            &json!({ "access_token": opened.access_token, "options": { "account_ids": [] } }),
        );
    }
    let opened = plaid.plaid().open_item("ins_116834", &["auth"], None).unwrap();
    let body = json!({ "access_token": opened.access_token });
    plaid.post("/liabilities/get", &body).refused("ITEM_ERROR", "PRODUCTS_NOT_SUPPORTED");
    let again = plaid.plaid().open_item("ins_127287", &["auth"], None).unwrap();
    let once = plaid.plaid().open_item("ins_127287", &["auth"], None).unwrap();
    let (one, other) = (plaid.plaid().accounts(&once.item_id), plaid.plaid().accounts(&again.item_id));
    assert_ne!(one[0]["account_id"], other[0]["account_id"]);
    assert_eq!(one[0]["persistent_account_id"], other[0]["persistent_account_id"]);
}

#[test]
fn banks_fail_apart_from_plaid() {
    let plaid = Client::quiet();
    let linked = plaid.link(&["transactions"]);
    let body = json!({ "access_token": linked.access });
    assert!(plaid.plaid().set_institution_status(BANK, "DOWN"));
    plaid.post("/accounts/get", &body).refused("INSTITUTION_ERROR", "INSTITUTION_DOWN");
    let asked =
        json!({ "institution_id": BANK, "country_codes": ["US"], "options": { "include_status": true } });
    let bank = plaid.post("/institutions/get_by_id", &asked).ok();
    assert_eq!(bank["institution"]["status"]["item_logins"]["status"], "DOWN");
    plaid.post("/item/get", &body).ok();
    plaid.plaid().set_institution_status(BANK, "HEALTHY");
    plaid.post("/accounts/get", &body).ok();

    for (bank, kind, code) in [
        ("ins_132361", "INSTITUTION_ERROR", "INSTITUTION_DOWN"),
        ("ins_133402", "INSTITUTION_ERROR", "INSTITUTION_NO_LONGER_SUPPORTED"),
        ("ins_1", "INVALID_INPUT", "INVALID_INSTITUTION"),
    ] {
        let body = json!({ "institution_id": bank, "initial_products": ["auth"] });
        plaid.post("/sandbox/public_token/create", &body).refused(kind, code);
    }
    for (fault, status, code) in [
        (FaultKind::Status(500, None), 500, "INTERNAL_SERVER_ERROR"),
        (FaultKind::Status(503, None), 503, "PLANNED_MAINTENANCE"),
        (FaultKind::RateLimited { retry_after: None }, 429, "RATE_LIMIT"),
    ] {
        plaid.sim.faults().push(Fault::new(fault));
        let reply = plaid.post("/accounts/get", &body);
        assert_eq!((reply.status, reply.body["error_code"].as_str()), (status, Some(code)));
    }
    plaid.sim.faults().push(Fault::new(FaultKind::ResetAfter).on_path("/invalidate"));
    let lost = plaid.sim.try_handle(plaid.request("/item/access_token/invalidate", &body.to_string()));
    assert!(lost.unwrap_err().effect_happened);
    plaid.post("/item/get", &body).refused("INVALID_INPUT", "INVALID_ACCESS_TOKEN");
}

#[test]
fn limits_are_by_item_and_by_client() {
    let plaid = Client::quiet();
    plaid.plaid().configure(|settings| settings.rate_limits = true);
    let (one, other) = (plaid.link(&["auth"]), plaid.link(&["auth"]));
    for _ in 0..40 {
        plaid.post("/item/get", &json!({ "access_token": one.access })).ok();
    }
    let over = plaid.post("/item/get", &json!({ "access_token": one.access }));
    assert_eq!((over.status, over.body["error_type"].as_str()), (429, Some("RATE_LIMIT_EXCEEDED")));
    assert_eq!(over.body["error_code"], "ITEM_GET_LIMIT");
    plaid.post("/item/get", &json!({ "access_token": other.access })).ok();
    plaid.advance(60);
    plaid.post("/item/get", &json!({ "access_token": one.access })).ok();
    let list = json!({ "count": 1, "offset": 0, "country_codes": ["US"] });
    for _ in 0..10 {
        plaid.post("/institutions/get", &list).ok();
    }
    assert_eq!(plaid.post("/institutions/get", &list).body["error_code"], "INSTITUTIONS_GET_LIMIT");
}

#[test]
fn a_login_lasts_thirty_days() {
    let plaid = Client::new();
    let linked = plaid.link_with(&["transactions"], &json!({ "webhook": "https://shop.example/hook" }));
    let body = json!({ "access_token": linked.access });
    plaid.advance(30 * DAY - 1);
    plaid.post("/accounts/get", &body).ok();
    plaid.codes();
    plaid.advance(1);
    plaid.post("/accounts/get", &body).refused("ITEM_ERROR", "ITEM_LOGIN_REQUIRED");
    assert!(plaid.codes().contains(&"ITEM/ERROR".to_owned()));
    // Nothing arrives while it is broken; all that was missed comes afterwards.
    let before = plaid.plaid().transactions(&linked.id).len();
    plaid.advance(3 * DAY);
    assert_eq!(plaid.plaid().transactions(&linked.id).len(), before);
    assert!(plaid.plaid().mend_item(&linked.id));
    assert!(plaid.plaid().transactions(&linked.id).len() > before + 30);
    assert!(plaid.codes().contains(&"ITEM/LOGIN_REPAIRED".to_owned()));
}

#[test]
fn tokens_for_partners_name_an_account() {
    let plaid = Client::quiet();
    let linked = plaid.link(&["auth"]);
    let accounts = plaid.plaid().accounts(&linked.id);
    let body = |account: &Value| json!({ "access_token": linked.access, "account_id": account, "processor": "dwolla" });
    let made = plaid.post("/processor/token/create", &body(&accounts[0]["account_id"])).ok();
    assert!(made["processor_token"].as_str().unwrap().starts_with("processor-sandbox-"));
    plaid.post("/processor/token/create", &body(&json!("x"))).refused("INVALID_INPUT", "INVALID_ACCOUNT_ID");
    let card = body(&accounts[3]["account_id"]);
    plaid.post("/processor/token/create", &card).refused("ITEM_ERROR", "NO_AUTH_ACCOUNTS");
    let stripe = json!({ "access_token": linked.access, "account_id": accounts[0]["account_id"] });
    let made = plaid.post("/processor/stripe/bank_account_token/create", &stripe).ok();
    assert!(made["stripe_bank_account_token"].as_str().unwrap().starts_with("btok_"));
}
