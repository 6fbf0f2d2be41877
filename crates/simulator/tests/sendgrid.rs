//! SendGrid with raw bytes in and out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::time::Duration;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use turnbuckle_simulator::sendgrid::{Fate, InboundMail};
use turnbuckle_simulator::{Fault, FaultKind, SignedWebhook, Simulator};

fn call_with(sim: &Simulator, key: &str, method: &str, path: &str, body: &str) -> Response<Bytes> {
    let mut request = Request::builder()
        .method(method)
        .uri(format!("https://api.sendgrid.com/v3/{path}"))
        .header("authorization", format!("Bearer {key}"))
        .header("accept", "application/json");
    if !body.is_empty() {
        request = request.header("content-type", "application/json");
    }
    sim.handle(request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap())
}

fn call(sim: &Simulator, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let text = if body.is_null() { String::new() } else { body.to_string() };
    let response = call_with(sim, &sim.sendgrid().api_key(), method, path, &text);
    let status = response.status().as_u16();
    (status, serde_json::from_slice(response.body()).unwrap_or_default())
}

fn mail(to: &str) -> Value {
    json!({
        "personalizations": [{ "to": [{ "email": to }] }],
        "from": { "email": "shop@example.com" },
        "subject": "Hi",
        "content": [{ "type": "text/plain", "value": "x" }],
    })
}

fn send(sim: &Simulator, body: &Value) -> String {
    let response = call_with(sim, &sim.sendgrid().api_key(), "POST", "mail/send", &body.to_string());
    assert_eq!(response.status(), 202, "{:?}", response.body());
    assert!(response.body().is_empty());
    response.headers()["x-message-id"].to_str().unwrap().to_owned()
}

fn advance(sim: &Simulator, seconds: u64) {
    sim.clock().advance(Duration::from_secs(seconds));
}

fn kinds(sim: &Simulator) -> Vec<String> {
    sim.sendgrid().events().iter().map(|event| event["event"].as_str().unwrap().to_owned()).collect()
}

fn verify(webhook: &SignedWebhook, key: &str) -> bool {
    let header = |name: &str| webhook.headers[name].as_bytes();
    let spki = STANDARD.decode(key).unwrap();
    let signature = STANDARD.decode(header("x-twilio-email-event-webhook-signature")).unwrap();
    let message = [header("x-twilio-email-event-webhook-timestamp"), &webhook.body].concat();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &spki[26..]).verify(&message, &signature).is_ok()
}

#[test]
fn a_message_travels_and_is_told_in_signed_batches() {
    let sim = Simulator::new();
    let mut body = mail("robin@example.org");
    body["custom_args"] = json!({ "attempt": "a1" });
    body["categories"] = json!(["invite"]);
    let id = send(&sim, &body);
    assert_eq!(kinds(&sim), ["processed"]);
    advance(&sim, 1);
    assert_eq!(kinds(&sim), ["processed", "delivered"]);

    let [batch]: [SignedWebhook; 1] = sim.sendgrid().take_webhooks().try_into().unwrap();
    assert!(batch.body.starts_with(b"[{") && batch.body.ends_with(b"}]\r\n"));
    assert!(batch.body.windows(4).any(|four| four == b"},\r\n"));
    let key = sim.sendgrid().webhook_public_key();
    assert!(verify(&batch, &key));
    let events: Vec<Value> = serde_json::from_slice(&batch.body).unwrap();
    for event in &events {
        assert_eq!((&event["email"], &event["attempt"]), (&json!("robin@example.org"), &json!("a1")));
        assert_eq!(event["sg_message_id"].as_str().unwrap().split('.').next(), Some(id.as_str()));
        assert_eq!(event["category"], "invite");
    }
    assert_ne!(events[0]["sg_event_id"], events[1]["sg_event_id"]);
    assert!(sim.sendgrid().take_webhooks().is_empty());

    let mut other = batch.clone();
    other.body = Bytes::from(String::from_utf8(batch.body.to_vec()).unwrap().trim_end().to_owned());
    assert!(!verify(&other, &key), "the line break at the end is part of what is signed");
}

#[test]
fn refusals_name_the_field() {
    let sim = Simulator::new();
    let refused = |change: &dyn Fn(&mut Value), field: &str| {
        let mut body = mail("robin@example.org");
        change(&mut body);
        let (status, answer) = call(&sim, "POST", "mail/send", &body);
        assert_eq!((status, &answer["errors"][0]["field"]), (400, &json!(field)), "{answer}");
        answer["errors"][0]["message"].as_str().unwrap().to_owned()
    };
    let message = refused(&|body| body["custom_args"] = json!("x"), "custom_args");
    assert_eq!(message, "Invalid type. Expected: object, given: string.");
    refused(&|body| body["custom_args"] = json!({ "n": 1 }), "custom_args.n");
    refused(&|body| body["text"] = json!("x"), "text");
    refused(&|body| body["personalizations"] = json!([]), "personalizations");
    refused(&|body| body["personalizations"][0]["to"] = json!([]), "personalizations.0.to");
    refused(
        &|body| body["personalizations"][0]["to"][0]["email"] = json!("no"),
        "personalizations.0.to.0.email",
    );
    let twice = json!([{ "email": "ROBIN@example.org" }]);
    refused(&|body| body["personalizations"][0]["cc"] = twice.clone(), "personalizations.0");
    refused(&|body| body["from"] = json!({}), "from.email");
    refused(&|body| body["subject"] = json!(""), "subject");
    refused(&|body| body["content"] = json!([]), "content");
    refused(&|body| body["content"][0]["value"] = json!(""), "content.0.value");
    let wrong_order = json!([{ "type": "text/html", "value": "x" }, { "type": "text/plain", "value": "x" }]);
    refused(&|body| body["content"] = wrong_order.clone(), "content");
    refused(&|body| body["headers"] = json!({ "Subject": "x" }), "headers");
    refused(&|body| body["categories"] = json!(["a", "a"]), "categories");
    refused(&|body| body["send_at"] = json!(1_749_988_800 + 72 * 3600 + 1), "send_at");
    refused(&|body| body["batch_id"] = json!("unknown"), "batch_id");
    refused(
        &|body| body["attachments"] = json!([{ "content": "%%", "filename": "a" }]),
        "attachments.0.content",
    );
    let text = json!({ "sandbox_mode": { "enable": "true" } });
    refused(&|body| body["mail_settings"] = text.clone(), "mail_settings.sandbox_mode.enable");
    assert!(sim.sendgrid().messages().is_empty());

    let many = (0..1001).map(|n| json!({ "to": [{ "email": format!("r{n}@example.org") }] }));
    let many: Vec<_> = many.collect();
    refused(&|body| body["personalizations"] = json!(many), "personalizations");
}

#[test]
fn keys_scopes_identities_and_credits() {
    let sim = Simulator::new();
    let body = mail("robin@example.org").to_string();
    let status = |key: &str, method: &str, path: &str, body: &str| {
        let response = call_with(&sim, key, method, path, body);
        (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
    };
    assert_eq!(status("SG.wrong", "GET", "scopes", "").0, 401);
    let limited = sim.sendgrid().restricted_key(&["templates.read"]);
    assert_eq!(status(&limited, "GET", "scopes", "").1, r#"{"scopes":["templates.read"]}"#);
    let (code, text) = status(&limited, "POST", "mail/send", &body);
    assert_eq!(code, 403);
    assert!(text.contains("access forbidden"));

    sim.sendgrid().forget_identities();
    let key = sim.sendgrid().api_key();
    let (code, text) = status(&key, "POST", "mail/send", &body);
    assert_eq!(code, 403);
    assert!(text.contains("does not match a verified Sender Identity"));
    let sender = json!({ "nickname": "n", "from_email": "shop@example.com", "reply_to": "shop@example.com" });
    let (code, made) = call(&sim, "POST", "verified_senders", &sender);
    assert_eq!((code, &made["verified"]), (201, &json!(false)));
    assert_eq!(status(&key, "POST", "mail/send", &body).0, 403);
    assert!(sim.sendgrid().confirm_sender("shop@example.com"));
    assert_eq!(status(&key, "POST", "mail/send", &body).0, 202);

    sim.sendgrid().configure(|settings| settings.credits = 0);
    let (code, text) = status(&key, "POST", "mail/send", &body);
    assert_eq!(code, 401);
    assert!(text.contains("Maximum credits exceeded"));
    sim.sendgrid().revoke_key(&key);
    assert_eq!(status(&key, "GET", "scopes", "").0, 401);
}

#[test]
fn suppressed_addresses_get_nothing() {
    let sim = Simulator::new();
    sim.sendgrid().when_sent_to("gone@example.org", Fate::Bounce);
    send(&sim, &mail("gone@example.org"));
    advance(&sim, 1);
    assert_eq!(kinds(&sim), ["processed", "bounce"]);
    let (_, list) = call(&sim, "GET", "suppression/bounces?limit=10", &Value::Null);
    assert_eq!((&list[0]["email"], &list[0]["status"]), (&json!("gone@example.org"), &json!("5.1.1")));

    send(&sim, &mail("Gone@example.org"));
    let last = sim.sendgrid().events().pop().unwrap();
    assert_eq!((&last["event"], &last["reason"]), (&json!("dropped"), &json!("Bounced Address")));
    let mut past = mail("gone@example.org");
    past["mail_settings"] = json!({ "bypass_bounce_management": { "enable": true } });
    send(&sim, &past);
    assert_eq!(kinds(&sim).last().unwrap(), "processed");

    let both = json!({ "delete_all": true, "emails": ["gone@example.org"] });
    assert_eq!(call(&sim, "DELETE", "suppression/bounces", &both).0, 400);
    assert_eq!(call(&sim, "DELETE", "suppression/bounces/gone@example.org", &Value::Null).0, 204);
    assert_eq!(call(&sim, "GET", "suppression/bounces/gone@example.org", &Value::Null).1, json!([]));

    // An id that no group has puts addresses on the global list.
    let leave = json!({ "recipient_emails": ["ada@example.org"] });
    assert_eq!(call(&sim, "POST", "asm/groups/999/suppressions", &leave).0, 201);
    let (_, found) = call(&sim, "GET", "asm/suppressions/global/ada@example.org", &Value::Null);
    assert_eq!(found["recipient_email"], "ada@example.org");
    send(&sim, &mail("ada@example.org"));
    assert_eq!(sim.sendgrid().events().pop().unwrap()["reason"], "Unsubscribed Address");

    let id = send(&sim, &mail("sam@example.org"));
    advance(&sim, 1);
    assert!(sim.sendgrid().bounce_late(&id, "sam@example.org"), "delivered, then bounced");
    assert!(!sim.sendgrid().open(&id, "sam@example.org"));
}

#[test]
fn batches_pause_and_cancel() {
    let sim = Simulator::new();
    let (_, batch) = call(&sim, "POST", "mail/batch", &Value::Null);
    let mut body = mail("robin@example.org");
    body["batch_id"] = batch["batch_id"].clone();
    body["send_at"] = json!(sim.clock().unix() + 600);
    send(&sim, &body);
    assert!(kinds(&sim).is_empty());
    let hold = json!({ "batch_id": batch["batch_id"], "status": "pause" });
    assert_eq!(call(&sim, "POST", "user/scheduled_sends", &hold).0, 201);
    assert_eq!(call(&sim, "POST", "user/scheduled_sends", &hold).0, 400);
    advance(&sim, 700);
    assert!(kinds(&sim).is_empty());
    let path = format!("user/scheduled_sends/{}", batch["batch_id"].as_str().unwrap());
    assert_eq!(call(&sim, "DELETE", &path, &Value::Null).0, 204);
    assert_eq!(kinds(&sim), ["processed"]);

    body["send_at"] = json!(sim.clock().unix() + 600);
    send(&sim, &body);
    let hold = json!({ "batch_id": batch["batch_id"], "status": "cancel" });
    assert_eq!(call(&sim, "POST", "user/scheduled_sends", &hold).0, 201);
    advance(&sim, 700);
    assert_eq!(kinds(&sim), ["processed", "delivered"]);
    let state = &sim.sendgrid().messages()[1]["personalizations"][0]["recipients"][0]["state"];
    assert_eq!(state, "canceled");
}

#[test]
fn templates_fill_subject_and_content() {
    let sim = Simulator::new();
    let (code, template) = call(&sim, "POST", "templates", &json!({ "name": "t", "generation": "dynamic" }));
    assert_eq!(code, 201);
    let id = template["id"].as_str().unwrap();
    let version = json!({ "name": "v", "subject": "For {{name}}", "html_content": "<p>{{name}}</p>" });
    let (code, made) = call(&sim, "POST", &format!("templates/{id}/versions"), &version);
    assert_eq!((code, &made["active"], &made["plain_content"]), (201, &json!(1), &json!("{{name}}")));
    let body = json!({
        "personalizations": [{
            "to": [{ "email": "robin@example.org" }],
            "dynamic_template_data": { "name": "A & B" },
        }],
        "from": { "email": "shop@example.com" },
        "template_id": id,
    });
    send(&sim, &body);
    let composed = &sim.sendgrid().messages()[0]["personalizations"][0];
    assert_eq!(composed["subject"], "For A & B");
    assert_eq!(composed["content"][1]["value"], "<p>A &amp; B</p>");

    for _ in 0..2 {
        call(&sim, "POST", "templates", &json!({ "name": "more", "generation": "dynamic" }));
    }
    let (_, page) = call(&sim, "GET", "templates?generations=dynamic&page_size=2", &Value::Null);
    assert_eq!(page["result"].as_array().unwrap().len(), 2);
    let next = page["_metadata"]["next"].as_str().unwrap().split_once("/v3/").unwrap().1;
    let (_, page) = call(&sim, "GET", next, &Value::Null);
    assert_eq!(page["result"].as_array().unwrap().len(), 1);
    assert_eq!(page["_metadata"].get("next"), None);
    assert_eq!(call(&sim, "GET", "templates?generations=dynamic", &Value::Null).0, 400);
}

#[test]
fn domains_validate_once_records_are_published() {
    let sim = Simulator::new();
    let (code, domain) = call(&sim, "POST", "whitelabel/domains", &json!({ "domain": "mail.example.net" }));
    assert_eq!((code, &domain["valid"]), (201, &json!(false)));
    let path = format!("whitelabel/domains/{}/validate", domain["id"]);
    let (_, checked) = call(&sim, "POST", &path, &Value::Null);
    assert_eq!(checked["valid"], false);
    assert!(checked["validation_results"]["dkim1"]["reason"].is_string());
    sim.sendgrid().publish_records("mail.example.net");
    let (_, checked) = call(&sim, "POST", &path, &Value::Null);
    assert_eq!(
        (&checked["valid"], &checked["validation_results"]["dkim1"]["reason"]),
        (&json!(true), &Value::Null)
    );
}

#[test]
fn event_webhooks_choose_and_sign_with_keys_of_their_own() {
    let sim = Simulator::new();
    let settings = json!({ "enabled": true, "url": "https://example.com/hook", "delivered": true });
    let (code, hook) = call(&sim, "POST", "user/webhooks/event/settings", &settings);
    assert_eq!(code, 201);
    assert_eq!(call(&sim, "POST", "user/webhooks/event/settings", &settings).0, 400);
    let id = hook["id"].as_str().unwrap();
    send(&sim, &mail("robin@example.org"));
    advance(&sim, 1);
    let [plain]: [SignedWebhook; 1] = sim.sendgrid().take_webhooks().try_into().unwrap();
    assert!(!plain.headers.contains_key("x-twilio-email-event-webhook-signature"));
    assert_eq!(plain.url.as_deref(), Some("https://example.com/hook"));
    let events: Vec<Value> = serde_json::from_slice(&plain.body).unwrap();
    assert_eq!((events.len(), &events[0]["event"]), (1, &json!("delivered")));

    let signed = format!("user/webhooks/event/settings/signed/{id}");
    let (_, key) = call(&sim, "PATCH", &signed, &json!({ "enabled": true }));
    let test = json!({ "id": id, "url": "https://example.com/hook" });
    assert_eq!(call(&sim, "POST", "user/webhooks/event/test", &test).0, 204);
    let [sample]: [SignedWebhook; 1] = sim.sendgrid().take_webhooks().try_into().unwrap();
    assert!(verify(&sample, key["public_key"].as_str().unwrap()));
    assert!(!verify(&sample, &sim.sendgrid().webhook_public_key()));
    let (_, off) = call(&sim, "PATCH", &signed, &json!({ "enabled": false }));
    assert_eq!(off["public_key"], "");
}

#[test]
fn sandbox_mode_subusers_faults_and_rates() {
    let sim = Simulator::new();
    let mut body = mail("robin@example.org");
    body["mail_settings"] = json!({ "sandbox_mode": { "enable": true } });
    assert_eq!(call(&sim, "POST", "mail/send", &body).0, 200);
    assert!(sim.sendgrid().messages().is_empty());

    sim.sendgrid().add_subuser("branch");
    let request = Request::post("https://api.eu.sendgrid.com/v3/mail/send")
        .header("authorization", format!("Bearer {}", sim.sendgrid().api_key()))
        .header("content-type", "application/json")
        .header("on-behalf-of", "branch")
        .body(Bytes::from(mail("robin@example.org").to_string()))
        .unwrap();
    assert_eq!(sim.handle(request).status(), 202);
    assert_eq!((sim.sendgrid().messages().len(), sim.sendgrid().messages_of("branch").len()), (0, 1));

    sim.faults().push(Fault::new(FaultKind::RateLimited { retry_after: None }));
    let key = sim.sendgrid().api_key();
    let limited = call_with(&sim, &key, "POST", "mail/send", &mail("robin@example.org").to_string());
    assert_eq!(limited.status(), 429);
    let reset: u64 = limited.headers()["x-ratelimit-reset"].to_str().unwrap().parse().unwrap();
    assert!(reset > sim.clock().unix());
    assert!(sim.sendgrid().messages().is_empty());

    sim.sendgrid().configure(|settings| settings.calls_a_minute = Some(1));
    assert_eq!(call(&sim, "GET", "user/credits", &Value::Null).0, 200);
    assert_eq!(call(&sim, "GET", "user/credits", &Value::Null).0, 429);
    advance(&sim, 60);
    assert_eq!(call(&sim, "GET", "user/credits", &Value::Null).0, 200);
}

#[test]
fn recipients_act_and_statistics_count() {
    let sim = Simulator::new();
    sim.sendgrid().when_sent_to("slow@example.org", Fate::Defer(2));
    let id = send(&sim, &mail("robin@example.org"));
    send(&sim, &mail("slow@example.org"));
    advance(&sim, 200);
    assert_eq!(kinds(&sim).iter().filter(|kind| *kind == "deferred").count(), 2);
    assert!(sim.sendgrid().open(&id, "robin@example.org") && sim.sendgrid().open(&id, "robin@example.org"));
    assert!(sim.sendgrid().click(&id, "robin@example.org", "https://www.example.com/"));
    assert!(sim.sendgrid().report_spam(&id, "robin@example.org"));
    let (_, stats) = call(&sim, "GET", "stats?start_date=2025-06-15&end_date=2025-06-15", &Value::Null);
    let metrics = &stats[0]["stats"][0]["metrics"];
    let counted = ["requests", "delivered", "deferred", "opens", "unique_opens", "clicks", "spam_reports"];
    assert_eq!(counted.map(|name| metrics[name].as_u64().unwrap()), [2, 2, 2, 2, 1, 1, 1]);
    assert_eq!(call(&sim, "GET", "stats", &Value::Null).0, 400);

    let validation = json!({ "email": "robin@example.org" }).to_string();
    let status = |key: &str| call_with(&sim, key, "POST", "validations/email", &validation).status().as_u16();
    assert_eq!((status(&sim.sendgrid().api_key()), status(&sim.sendgrid().validation_key())), (403, 200));
}

#[test]
fn inbound_mail_is_posted_as_a_form() {
    let sim = Simulator::new();
    let setting = json!({ "url": "https://example.com/in", "hostname": "in.example.com" });
    assert_eq!(call(&sim, "POST", "user/webhooks/parse/settings", &setting).0, 201);
    let mail = InboundMail::new("ada@example.org", "desk@in.example.com", "Hello")
        .with_text("text")
        .with_attachment("a.bin", "application/octet-stream", &b"\x00\xff"[..]);
    assert!(sim.sendgrid().receive(&mail));
    let [post]: [SignedWebhook; 1] = sim.sendgrid().take_webhooks().try_into().unwrap();
    assert!(post.headers["content-type"].to_str().unwrap().starts_with("multipart/form-data; boundary="));
    let body = String::from_utf8_lossy(&post.body);
    assert!(body.contains("name=\"attachment1\"; filename=\"a.bin\"") && body.contains("name=\"envelope\""));
    assert!(post.body.windows(2).any(|two| two == b"\x00\xff"));
    assert!(!sim.sendgrid().receive(&InboundMail::new("a@example.org", "b@other.example.com", "x")));
}
