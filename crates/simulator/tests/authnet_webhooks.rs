//! Authorize.Net: signatures, events, registered webhooks, and faults.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod authnet_client;

use authnet_client::{CARD, Client, read, text};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};
use turnbuckle_simulator::authnet::sign;
use turnbuckle_simulator::{Fault, FaultKind, Simulator};

fn signature(webhook: &turnbuckle_simulator::SignedWebhook) -> &str {
    webhook.headers["x-anet-signature"].to_str().unwrap()
}

#[test]
fn signatures_match_vectors_computed_elsewhere() {
    let key = "0123456789ABCDEF".repeat(8);
    let body = r#"{"notificationId":"n-1","eventType":"net.authorize.payment.authcapture.created","eventDate":"2024-01-02T03:04:05.678Z","webhookId":"w-1","payload":{"responseCode":1,"authCode":"ABC123","avsResponse":"Y","authAmount":20.00,"entityName":"transaction","id":"60123456789"}}"#;
    let signed = sign(Bytes::from_static(body.as_bytes()), &key);
    assert_eq!(
        signature(&signed),
        "sha512=53CF83B60A0426B2D7D144E40B5B2E6C084904F48250B5A6E57E67204147D7E0E5EEF62E2699036A2CBCA73FE34FE0D1E45BFB7F2E5764456F2C0AED8C422DB2"
    );
    assert_eq!((signed.body.as_ref(), signed.provider), (body.as_bytes(), "authorize_net"));
    let gateway = Client::new();
    let own = gateway.sim.authnet().signature_key();
    assert!(
        own.len() == 128 && own.bytes().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte))
    );
    assert_eq!(
        signature(&gateway.sim.authnet().signed_webhook("{}")),
        signature(&sign(Bytes::from_static(b"{}"), &own))
    );
}

#[test]
fn every_change_is_told_once_and_in_order() {
    let gateway = Client::new();
    let fields = format!(
        r#""refId":"r1","transactionRequest":{{"transactionType":"authOnlyTransaction","amount":"20.00",{CARD},"order":{{"invoiceNumber":"I1"}}}}"#
    );
    let id = text(&gateway.ok("createTransactionRequest", &fields)["transactionResponse"]["transId"]);
    gateway.outcome("priorAuthCaptureTransaction", &format!(r#""refTransId":"{id}""#));
    gateway.outcome("voidTransaction", &format!(r#""refTransId":"{id}""#));
    gateway
        .outcome("authCaptureTransaction", &format!(r#""amount":"1.00",{CARD},"billTo":{{"zip":"46282"}}"#));
    gateway
        .outcome("authCaptureTransaction", &format!(r#""amount":"1.00",{CARD},"billTo":{{"zip":"46299"}}"#));
    gateway.ok("createCustomerProfileRequest", r#""profile":{"email":"a@example.com"}"#);
    let told: Vec<Value> = gateway
        .sim
        .take_webhooks()
        .iter()
        .map(|webhook| {
            assert_eq!(
                signature(webhook),
                signature(&sign(webhook.body.clone(), &gateway.sim.authnet().signature_key()))
            );
            serde_json::from_slice(&webhook.body).unwrap()
        })
        .collect();
    let kinds: Vec<&str> = told.iter().map(|event| event["eventType"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        [
            "net.authorize.payment.authorization.created",
            "net.authorize.payment.priorAuthCapture.created",
            "net.authorize.payment.void.created",
            "net.authorize.payment.fraud.held",
            "net.authorize.customer.created",
        ]
    );
    let payload = &told[0]["payload"];
    assert_eq!(
        (&payload["id"], &payload["authAmount"], &payload["invoiceNumber"], &payload["merchantReferenceId"]),
        (&id.as_str().into(), &20.0.into(), &"I1".into(), &"r1".into())
    );
    assert_eq!(told[3]["payload"]["fraudList"][0]["fraudAction"], "authAndHold");
    assert_eq!(told[3]["payload"]["responseCode"], 4);
    assert_eq!(told[0]["eventDate"], "2025-06-15T12:00:00.0000000Z");
    assert!(gateway.sim.take_webhooks().is_empty());
}

#[test]
fn webhooks_are_registered_with_basic_authentication() {
    let gateway = Client::new();
    let types = gateway.rest("GET", "eventtypes", "").1;
    assert_eq!(types.as_array().unwrap().len(), 23);
    let create = r#"{"name":"shop","url":"https://shop.example/hook","eventTypes":["net.authorize.payment.authcapture.created"],"status":"active"}"#;
    let (status, made) = gateway.rest("POST", "webhooks", create);
    assert_eq!((status, &made["status"]), (201, &"active".into()));
    let id = text(&made["webhookId"]);
    assert_eq!(made["_links"]["self"]["href"], format!("/rest/v1/webhooks/{id}"));
    gateway.sale("20.00", "");
    gateway.authorize("21.00", "");
    let sent = gateway.sim.take_webhooks();
    let urls: Vec<Option<&str>> = sent.iter().map(|webhook| webhook.url.as_deref()).collect();
    assert_eq!(urls, [None, Some("https://shop.example/hook"), None]);
    let body: Value = serde_json::from_slice(&sent[1].body).unwrap();
    assert_eq!(body["webhookId"], id.as_str());
    // A name above others stands for all below it.
    let (_, changed) =
        gateway.rest("PUT", &format!("webhooks/{id}"), r#"{"eventTypes":["net.authorize.payment"]}"#);
    assert_eq!(changed["url"], "https://shop.example/hook");
    gateway.authorize("22.00", "");
    assert_eq!(gateway.sim.take_webhooks().len(), 2);
    assert_eq!(gateway.rest("POST", &format!("webhooks/{id}/pings"), "").0, 400);
    gateway.rest("PUT", &format!("webhooks/{id}"), r#"{"status":"inactive"}"#);
    assert_eq!(gateway.rest("POST", &format!("webhooks/{id}/pings"), "").0, 200);
    gateway.authorize("23.00", "");
    assert_eq!(gateway.sim.take_webhooks().len(), 1);
    let history = gateway.rest("GET", "notifications?offset=0&limit=2", "").1;
    assert_eq!(history["notifications"].as_array().unwrap().len(), 2);
    let one = text(&history["notifications"][0]["notificationId"]);
    assert_eq!(gateway.rest("GET", &format!("notifications/{one}"), "").1["payload"]["authAmount"], 23.0);
    assert_eq!(gateway.rest("GET", "webhooks", "").1.as_array().unwrap().len(), 1);
    assert_eq!(gateway.rest("DELETE", &format!("webhooks/{id}"), "").0, 200);
    assert_eq!(gateway.rest("GET", &format!("webhooks/{id}"), "").0, 404);
    for wrong in [
        "x",
        "{}",
        r#"{"url":"ftp://a","eventTypes":["net.authorize.payment"]}"#,
        r#"{"url":"https://a.example","eventTypes":["net.authorize.money"]}"#,
        r#"{"url":"https://a.example","eventTypes":[]}"#,
        r#"{"url":"https://a.example","eventTypes":["net.authorize.payment"],"status":"on"}"#,
        r#"{"url":"https://a.example","eventTypes":["net.authorize.payment"],"colour":"red"}"#,
        r#"{"url":"https://a.example","eventTypes":["net.authorize.payment"],"name":"a-b"}"#,
    ] {
        let (status, error) = gateway.rest("POST", "webhooks", wrong);
        assert_eq!((status, &error["reason"]), (400, &"INVALID_DATA".into()), "{wrong}");
    }
    let stranger = Request::get("https://apitest.authorize.net/rest/v1/webhooks").body(Bytes::new()).unwrap();
    let refused = gateway.sim.handle(stranger);
    let said: Value = serde_json::from_slice(refused.body()).unwrap();
    assert_eq!((refused.status().as_u16(), &said["status"]), (401, &401.into()));
}

#[test]
fn faults_happen_before_or_after_the_effect() {
    let gateway = Client::new();
    let rest = |invoice: u32| {
        let fields = format!(
            r#""transactionRequest":{{"transactionType":"authCaptureTransaction","amount":"20.00",{CARD},"order":{{"invoiceNumber":"{invoice}"}}}}"#
        );
        gateway.request("createTransactionRequest", &fields)
    };
    let kept = || gateway.sim.authnet().transactions().len();
    gateway.sim.faults().push(Fault::new(FaultKind::ResetAfter));
    assert!(gateway.sim.try_handle(rest(1)).unwrap_err().effect_happened);
    assert_eq!(kept(), 1);
    gateway.sim.faults().push(Fault::new(FaultKind::ResetBefore));
    assert!(!gateway.sim.try_handle(rest(2)).unwrap_err().effect_happened);
    gateway.sim.faults().push(Fault::new(FaultKind::RateLimited { retry_after: Some("2".to_owned()) }));
    let busy = gateway.sim.handle(rest(2));
    assert_eq!((busy.status().as_u16(), busy.headers()["retry-after"].to_str().unwrap()), (200, "2"));
    assert_eq!(read(&busy)["messages"]["message"][0], json!({ "code": "E00053", "text": "Server too busy" }));
    gateway.sim.faults().push(Fault::new(FaultKind::Status(500, None)));
    let broken = gateway.sim.handle(rest(2));
    assert_eq!(
        (broken.status().as_u16(), &read(&broken)["messages"]["message"][0]["code"]),
        (500, &"E00001".into())
    );
    gateway.sim.faults().push(Fault::new(FaultKind::HtmlBadGateway));
    assert_eq!(gateway.sim.handle(rest(2)).status(), 502);
    assert_eq!(kept(), 1);
    gateway.sim.faults().push(Fault::new(FaultKind::StatusAfterEffect(503, Some("gone".to_owned()))));
    let late = gateway.sim.handle(rest(2));
    assert_eq!((late.status().as_u16(), late.body().as_ref()), (503, b"gone".as_slice()));
    assert_eq!(kept(), 2);
    let statuses: Vec<u16> = gateway.sim.authnet().request_log().iter().map(|one| one.status).collect();
    assert_eq!(statuses, [200, 0, 200, 500, 0, 503]);
    assert!(!format!("{:?}", gateway.sim.authnet().request_log()).contains("4111"));
}

#[test]
fn the_same_seed_gives_the_same_world() {
    let run = |seed| {
        let gateway = Client { sim: Simulator::builder().with_seed(seed).build() };
        gateway.sale("20.00", "");
        (gateway.sim.authnet().transaction_key(), gateway.sim.state()["authorize_net"].clone())
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}
