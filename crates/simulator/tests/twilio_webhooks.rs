//! Twilio: incoming messages, opt-outs, signatures.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail")]

mod twilio_client;

use bytes::Bytes;
use turnbuckle_simulator::twilio::{sign, sign_json};
use twilio_client::{Client, TO, param, sid};

const FROM: &str = "%2B14155550100";

fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The vendor's published example.
#[test]
fn forms_are_signed_as_published() {
    let params = pairs(&[
        ("CallSid", "CA1234567890ABCDE"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
        ("Caller", "+14158675309"),
    ]);
    let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
    let signed = sign(url, &params, "12345", "token");
    assert_eq!(signed.headers["x-twilio-signature"], "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    assert_eq!(signed.headers["i-twilio-idempotency-token"], "token");
    assert_eq!(
        signed.body.as_ref(),
        b"CallSid=CA1234567890ABCDE&Digits=1234&From=%2B14158675309&To=%2B18005551212&Caller=%2B14158675309"
    );
    // User, port and fragment of https are no part of it; a port of http is.
    let same = sign("https://u:p@mycompany.com:8443/myapp.php?foo=1&bar=2#rc=2", &params, "12345", "token");
    assert_eq!(same.headers["x-twilio-signature"], signed.headers["x-twilio-signature"]);
    let http = sign("http://mycompany.com:1234/myapp.php?foo=1&bar=2", &params, "12345", "token");
    assert_eq!(http.headers["x-twilio-signature"], "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=");
}

#[test]
fn json_is_signed_by_its_digest() {
    let signed = sign_json("https://a.example/hook?x=1", Bytes::from_static(b"{}"), "12345", "token");
    let digest = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    let url = format!("https://a.example/hook?x=1&bodySHA256={digest}");
    assert_eq!(signed.url.as_deref(), Some(url.as_str()));
    assert_eq!(
        signed.headers["x-twilio-signature"],
        sign(&url, &[], "12345", "").headers["x-twilio-signature"]
    );
}

#[test]
fn stop_and_start_do_what_they_say() {
    let twilio = Client::new();
    let service = twilio.sim.twilio().messaging_service_sid();
    let url = format!("https://messaging.twilio.com/v1/Services/{service}");
    assert_eq!(twilio.call("POST", &url, "InboundRequestUrl=https%3A%2F%2Fshop.example%2Fin").0, 200);
    let plain = format!("To={TO}&From={FROM}&Body=x");
    let stop = twilio.sim.twilio().receive("+14155550123", "+14155550100", " stop ").unwrap();
    assert_eq!(twilio.refused(&plain), (400, 21610));
    // A messaging service finds out later.
    let late = sid(&twilio.send(&format!("To={TO}&MessagingServiceSid={service}&Body=x")));
    twilio.pass(10);
    assert_eq!(twilio.fetch(&late)["error_code"], 21610);
    assert_eq!(twilio.call("POST", &url, "SynchronousValidation=true").0, 200);
    assert_eq!(twilio.refused(&format!("To={TO}&MessagingServiceSid={service}&Body=x")), (400, 21610));
    let pushes = twilio.sim.take_webhooks();
    assert_eq!(pushes.len(), 1);
    let value = |name: &str| param(&pushes[0], name);
    assert_eq!(value("MessageSid"), Some(stop.clone()));
    assert_eq!((value("Body").as_deref(), value("NumMedia").as_deref()), (Some("+stop+"), Some("0")));
    assert_eq!((value("MessagingServiceSid"), value("OptOutType")), (Some(service), None));
    assert_eq!(twilio.fetch(&stop)["direction"], "inbound");
    assert_eq!(
        twilio.core("GET", &format!("/Messages.json?To={TO}&From={FROM}"), "").1["messages"][0]["direction"],
        "outbound-reply"
    );
    twilio.sim.twilio().advanced_opt_out(true);
    twilio.sim.twilio().receive("+14155550123", "+14155550100", "START").unwrap();
    assert_eq!(param(&twilio.sim.take_webhooks()[0], "OptOutType").as_deref(), Some("START"));
    twilio.send(&plain);
    assert!(twilio.sim.twilio().opted_out().is_empty());
    assert_eq!(twilio.sim.twilio().receive("+14155550123", "+14155550199", "x"), None);
}

#[test]
fn answers_and_media_come_in() {
    let twilio = Client::new();
    let number = twilio.sim.twilio().numbers()[0]["sid"].as_str().unwrap().to_owned();
    let service = twilio.sim.twilio().messaging_service_sid();
    let url = format!("https://messaging.twilio.com/v1/Services/{service}");
    twilio.call("POST", &url, "UseInboundWebhookOnNumber=true");
    let (_, shown) = twilio.core(
        "POST",
        &format!("/IncomingPhoneNumbers/{number}.json"),
        "SmsUrl=https%3A%2F%2Fshop.example%2Fn",
    );
    assert_eq!(shown["sms_url"], "https://shop.example/n");
    let media = ["https://phone.example/p.jpg".to_owned()];
    let id = twilio.sim.twilio().receive_media("+14155550123", "+14155550100", "look", &media).unwrap();
    let push = &twilio.sim.take_webhooks()[0];
    assert_eq!(push.url.as_deref(), Some("https://shop.example/n"));
    assert_eq!(param(push, "MediaContentType0").as_deref(), Some("image%2Fjpeg"));
    assert!(param(push, "MediaUrl0").unwrap().contains(&id));
    let reply = twilio.sim.twilio().reply(&id, "nice").unwrap();
    twilio.pass(10);
    assert_eq!(twilio.fetch(&reply)["status"], "delivered");
}

#[test]
fn a_new_token_signs_from_now_on() {
    let twilio = Client::new();
    let id = sid(&twilio.send(&format!("To={TO}&From={FROM}&Body=x")));
    let signature = || {
        let push = twilio.sim.twilio().signed_status(&id, "https://shop.example/s").unwrap();
        push.headers["x-twilio-signature"].clone()
    };
    let old = signature();
    assert_eq!(old, signature());
    assert_ne!(twilio.sim.twilio().rotate_auth_token(), twilio.password);
    assert_ne!(old, signature());
    assert_eq!(twilio.core("GET", "/Messages.json", "").0, 401);
}
