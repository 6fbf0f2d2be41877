//! Webhooks: the vectors, random forms, and what the pushes say.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod wire_support;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::TimeDelta;
use hmac::{Hmac, KeyInit, Mac};
use http::Request;
use proptest::prelude::*;
use serde::Deserialize;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use turnbuckle_core::messaging::{Delivery, DeliveryReason, DeliveryState};
use turnbuckle_core::webhook::{
    EventKind, FreshnessClass, KeySet, MacKey, MessageEvent, RawWebhook, Reason, WebhookReceiver,
};
use turnbuckle_core::{ErrorKind, Result};
use turnbuckle_twilio::{CallStatus, MessageStatus, OptOut, TwilioEvent, TwilioWebhooks};
use wire_support::{Wire, now};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const URL: &str = "https://hooks.example.test/twilio/sms";
const FORM: &str = "application/x-www-form-urlencoded";

#[derive(Deserialize)]
struct Vectors {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    expect: String,
    auth_token: String,
    method: String,
    url: String,
    headers: std::collections::BTreeMap<String, String>,
    content_type: Option<String>,
    raw_body: String,
}

fn raw(
    method: &str,
    url: &str,
    content_type: Option<&str>,
    headers: &[(&str, &str)],
    body: &[u8],
) -> RawWebhook {
    let (base, query) = url.split_once('?').map_or((url, None), |(base, query)| (base, Some(query)));
    let path = base.splitn(4, '/').nth(3).unwrap_or_default();
    let target = query.map_or(format!("/{path}"), |query| format!("/{path}?{query}"));
    let mut request = Request::builder().method(method).uri(target).header("host", "attacker.example");
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    RawWebhook::new(request.body(Bytes::copy_from_slice(body)).unwrap(), base).unwrap()
}

fn verify(token: &str, raw: &RawWebhook) -> Result<TwilioEvent> {
    let webhooks = TwilioWebhooks::new(&token.into()).unwrap();
    webhooks.verify(raw, now()).map(turnbuckle_core::webhook::Verified::into_inner)
}

#[test]
fn vectors() {
    let vectors: Vectors =
        serde_json::from_str(include_str!("../../../fixtures/webhooks/twilio.json")).unwrap();
    let mut valid = 0;
    for case in &vectors.cases {
        let headers: Vec<_> =
            case.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let body = case.raw_body.as_bytes();
        let raw = raw(&case.method, &case.url, case.content_type.as_deref(), &headers, body);
        let outcome = verify(&case.auth_token, &raw);
        assert_eq!(outcome.is_ok(), case.expect == "valid", "{}: {outcome:?}", case.id);
        valid += usize::from(outcome.is_ok());
        if let Err(error) = outcome {
            assert_eq!(error.kind(), ErrorKind::SignatureInvalid, "{}", case.id);
        }
    }
    assert_eq!((valid, vectors.cases.len()), (17, 32));
}

/// Signs as Twilio does, put together another way than the library's: a sorted map of sets.
fn sign(token: &str, url: &str, pairs: &[(String, String)]) -> String {
    let mut sorted: std::collections::BTreeMap<&[u8], std::collections::BTreeSet<&[u8]>> =
        std::collections::BTreeMap::new();
    for (name, value) in pairs {
        sorted.entry(name.as_bytes()).or_default().insert(value.as_bytes());
    }
    let mut data = url.as_bytes().to_vec();
    for (name, values) in sorted {
        for value in values {
            data.extend_from_slice(name);
            data.extend_from_slice(value);
        }
    }
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).unwrap();
    mac.update(&data);
    STANDARD.encode(mac.finalize().into_bytes())
}

fn encode(pairs: &[(String, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A signed form, read.
fn push_to(url: &str, pairs: &[(&str, &str)]) -> RawWebhook {
    let pairs = owned(pairs);
    let signature = sign(TOKEN, url, &pairs);
    raw("POST", url, Some(FORM), &[("x-twilio-signature", &signature)], encode(&pairs).as_bytes())
}

fn event(pairs: &[(&str, &str)]) -> TwilioEvent {
    verify(TOKEN, &push_to(URL, pairs)).unwrap()
}

fn pair() -> impl Strategy<Value = (String, String)> {
    ("[A-Za-z0-9_.]{1,8}|\\PC{1,6}", "\\PC{0,20}|[ +%&=a-z]{0,10}")
}

proptest! {
    #[test]
    fn random_forms_verify_and_any_change_breaks_them(
        pairs in prop::collection::vec(pair(), 1..12),
        token in "[0-9a-f]{32}",
        at in any::<prop::sample::Index>(),
        value in "\\PC{0,20}",
    ) {
        let signature = sign(&token, URL, &pairs);
        let check = |pairs: &[(String, String)], signature: &str, token: &str, url: &str| {
            verify(token, &raw("POST", url, Some(FORM), &[("x-twilio-signature", signature)], encode(pairs).as_bytes()))
        };
        prop_assert!(check(&pairs, &signature, &token, URL).is_ok());
        // The order on the wire and repetition do not count.
        let mut shuffled = pairs.clone();
        shuffled.reverse();
        shuffled.push(pairs[0].clone());
        prop_assert!(check(&shuffled, &signature, &token, URL).is_ok());

        let refused = |result: Result<TwilioEvent>| {
            result.is_err_and(|error| error.code() == Some(Reason::Mismatch.as_str()))
        };
        let mut changed = pairs.clone();
        let place = at.index(pairs.len());
        changed[place].1 = format!("{}x", changed[place].1);
        if sign(&token, URL, &changed) != signature {
            prop_assert!(refused(check(&changed, &signature, &token, URL)));
        }
        let mut more = pairs.clone();
        more.push(("Added".to_owned(), format!("{value}!")));
        prop_assert!(refused(check(&more, &signature, &token, URL)));
        prop_assert!(refused(check(&pairs, &signature, &token.replace(['0', '1', '2'], "f"), URL)) || !token.contains(['0', '1', '2']));
        prop_assert!(refused(check(&pairs, &signature, &token, "https://hooks.example.test/twilio/sms2")));
        let with_query = [URL, "?a=1"].concat();
        prop_assert!(refused(check(&pairs, &signature, &token, &with_query)));
        let flipped = if signature.starts_with('A') { signature.replacen('A', "B", 1) } else { format!("A{}", &signature[1..]) };
        prop_assert!(refused(check(&pairs, &flipped, &token, URL)));
    }
}

#[test]
fn ports_user_names_and_addresses() {
    let pairs = owned(&[("A", "1")]);
    let accepted = |signed: &str, configured: &str| {
        let signature = sign(TOKEN, signed, &pairs);
        verify(TOKEN, &raw("POST", configured, Some(FORM), &[("x-twilio-signature", &signature)], b"A=1"))
            .is_ok()
    };
    for (signed, configured) in [
        ("https://h.example/a", "https://h.example/a"),
        ("https://h.example/a", "https://h.example:443/a"),
        ("https://h.example:443/a", "https://h.example/a"),
        ("http://h.example:80/a", "http://h.example/a"),
        ("http://h.example/a", "http://h.example:80/a"),
        ("https://h.example:8443/a", "https://h.example:8443/a"),
        ("https://h.example/a", "https://h.example:8443/a"),
        ("https://h.example/a", "https://user:pass@h.example:8443/a"),
        ("https://h.example/a", "https://user:pass@h.example/a"),
        ("http://h.example:8080/a", "http://user:pass@h.example:8080/a"),
        ("https://[2001:db8::1]/a", "https://[2001:db8::1]/a"),
        ("https://[2001:db8::1]/a", "https://[2001:db8::1]:8443/a"),
        ("https://[2001:db8::1]:443/a", "https://[2001:db8::1]/a"),
        ("https://h.example/a", "https://h.example/a#rc=2&rp=all"),
    ] {
        assert!(accepted(signed, configured), "signed {signed}, configured {configured}");
    }
    for (signed, configured) in [
        ("https://h.example:8444/a", "https://h.example:8443/a"),
        ("https://h.example:80/a", "https://h.example/a"),
        ("http://h.example:443/a", "http://h.example/a"),
        ("http://h.example/a", "https://h.example/a"),
        ("https://h.example/a/", "https://h.example/a"),
        ("https://attacker.example/a", "https://h.example/a"),
        ("https://H.example/A", "https://h.example/a"),
    ] {
        assert!(!accepted(signed, configured), "signed {signed}, configured {configured}");
    }
}

#[test]
fn json_is_bound_by_its_hash() {
    let body = r#"{"type":"x"}"#;
    let hash = Sha256::digest(body.as_bytes())
        .iter()
        .fold(String::new(), |hash, byte| hash + &format!("{byte:02x}"));
    let url = format!("{URL}?bodySHA256={hash}");
    let signature = sign(TOKEN, &url, &[]);
    let check = |url: &str, body: &str, content_type: &str| {
        let headers = [("x-twilio-signature", signature.as_str())];
        verify(TOKEN, &raw("POST", url, Some(content_type), &headers, body.as_bytes()))
    };
    assert!(matches!(check(&url, body, "application/json").unwrap(), TwilioEvent::Other(_)));
    let code = |result: Result<TwilioEvent>| result.unwrap_err().code().unwrap().to_owned();
    assert_eq!(code(check(&url, r#"{"type":"y"}"#, "application/json")), "body_mismatch");
    // Without a hash nothing binds the body.
    let bare = sign(TOKEN, URL, &[]);
    let unbound =
        raw("POST", URL, Some("application/json"), &[("x-twilio-signature", &bare)], body.as_bytes());
    assert_eq!(code(verify(TOKEN, &unbound)), "body_mismatch");
    let url = format!("{URL}?bodySHA256=zz");
    assert_eq!(code(check(&url, body, "application/json")), "malformed_header");
    // A form is bound by its parameters, whatever the URL says.
    let url = format!("{URL}?bodySHA256={hash}");
    assert_eq!(code(check(&url, "MessageSid=SM1", FORM)), "mismatch");
}

#[test]
fn two_tokens_while_one_is_replaced_and_shared_keys() {
    let pairs = owned(&[("MessageSid", "SM1"), ("MessageStatus", "sent")]);
    let body = encode(&pairs);
    let old = sign("the old token", URL, &pairs);
    let push = |headers: &[(&str, &str)]| raw("POST", URL, Some(FORM), headers, body.as_bytes());
    let keys = KeySet::new(MacKey::text("current", &"the new token".into()).unwrap())
        .with_previous(
            MacKey::text("previous", &"the old token".into()).unwrap(),
            now() + TimeDelta::hours(1),
        )
        .unwrap();
    let webhooks = TwilioWebhooks::with_keys(keys);
    let signed = push(&[("x-twilio-signature", &old)]);
    assert_eq!(webhooks.verify(&signed, now()).unwrap().matched_key().unwrap().as_str(), "previous");
    assert!(webhooks.verify(&signed, now() + TimeDelta::hours(1)).is_err());

    let id = "webhooks_sharedkey_00000000000000000000000000";
    let webhooks = TwilioWebhooks::new(&TOKEN.into()).unwrap().with_shared_key(id, &"shared".into()).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(b"shared").unwrap();
    mac.update(format!("{URL}MessageSidSM1MessageStatussent").as_bytes());
    let sha256 = STANDARD.encode(mac.finalize().into_bytes());
    let sha1 = sign("shared", URL, &pairs);
    let own = sign(TOKEN, URL, &pairs);
    let check = |signature: &str, settings: &str| {
        let headers = [("x-twilio-signature", signature), ("x-twilio-webhooks-signature-settings", settings)];
        let result = webhooks.verify(&push(&headers), now());
        result
            .map(|event| event.matched_key().unwrap().as_str().to_owned())
            .map_err(|error| error.code().unwrap().to_owned())
    };
    let settings = |algorithm: &str| format!("key={id},algorithm={algorithm}");
    assert_eq!(check(&sha256, &settings("HMAC_SHA256")), Ok(id.to_owned()));
    assert_eq!(check(&sha1, &settings("HMAC_SHA1")), Ok(id.to_owned()));
    let refused = |reason: Reason| Err(reason.as_str().to_owned());
    assert_eq!(check(&sha1, &settings("HMAC_MD5")), refused(Reason::WrongAlgorithm));
    assert_eq!(check(&sha1, &settings("none")), refused(Reason::WrongAlgorithm));
    assert_eq!(check(&sha256, &settings("HMAC_SHA1")), refused(Reason::MalformedHeader));
    assert_eq!(check(&own, &settings("HMAC_SHA1")), refused(Reason::Mismatch));
    assert_eq!(check(&own, "key=webhooks_sharedkey_other,algorithm=HMAC_SHA1"), refused(Reason::UnknownKey));
    assert_eq!(check(&own, "algorithm=HMAC_SHA1"), refused(Reason::MalformedHeader));
    assert!(webhooks.verify(&push(&[("x-twilio-signature", &own)]), now()).is_ok());
    assert!(webhooks.verify(&push(&[("x-twilio-signature", &sha1)]), now()).is_err());
}

#[test]
fn without_the_auth_token_there_are_no_webhooks() {
    let wire = Wire::default();
    assert!(TwilioWebhooks::from_config(&wire.config()).unwrap().is_some());
    assert!(TwilioWebhooks::new(&" ".into()).is_err());
    let webhooks = TwilioWebhooks::new(&TOKEN.into()).unwrap();
    assert_eq!(webhooks.freshness(), FreshnessClass::UnsignedTime);
}

#[tokio::test]
async fn a_status_callback_carries_its_attempt() {
    let attempt = "0123456789abcdefghijklmnopqrstuv";
    let url = format!("{URL}?tenant=7&turnbuckle_attempt={attempt}");
    let pairs = [
        ("MessageSid", "SM1"),
        ("SmsSid", "SM1"),
        ("MessageStatus", "undelivered"),
        ("SmsStatus", "undelivered"),
        ("ErrorCode", "30003"),
        ("AccountSid", "AC1"),
        ("From", "+14155550100"),
        ("To", "+14155550123"),
        ("ApiVersion", "2010-04-01"),
    ];
    let webhooks = TwilioWebhooks::new(&TOKEN.into()).unwrap();
    let events = webhooks.receive(push_to(&url, &pairs), now()).await.unwrap();
    assert_eq!(events.len(), 1);
    let event = events[0].get();
    assert_eq!(event.kind, EventKind::Message(MessageEvent::Undelivered));
    assert_eq!((event.id.as_deref(), event.account.as_deref()), (Some("SM1:undelivered"), Some("AC1")));
    assert_eq!((event.vendor_type.as_str(), event.live), ("message.undelivered", None));
    let news = event.delivery.as_ref().unwrap();
    assert_eq!((news.message.id(), news.recipient.as_str()), ("SM1", "+14155550123"));
    assert_eq!((news.state, news.reason), (DeliveryState::Undelivered, Some(DeliveryReason::Unreachable)));
    assert_eq!((news.code.as_deref(), news.at), (Some("30003"), now()));
    assert_eq!(news.attempt.as_ref().unwrap().as_str(), attempt);

    // An attempt that nobody of ours wrote is none, and one in the body is not looked at.
    for url in [format!("{URL}?turnbuckle_attempt=x"), URL.to_owned()] {
        let mut pairs = pairs.to_vec();
        pairs.push(("turnbuckle_attempt", attempt));
        let TwilioEvent::Status(status) = verify(TOKEN, &push_to(&url, &pairs)).unwrap() else { panic!() };
        assert_eq!(status.attempt, None);
    }
}

#[test]
fn every_status_has_its_kind() {
    for (word, kind, state) in [
        ("accepted", Some(MessageEvent::Queued), DeliveryState::Accepted),
        ("scheduled", Some(MessageEvent::Queued), DeliveryState::Scheduled),
        ("queued", Some(MessageEvent::Queued), DeliveryState::Queued),
        ("sending", Some(MessageEvent::Queued), DeliveryState::Queued),
        ("sent", Some(MessageEvent::Sent), DeliveryState::Sent),
        ("delivered", Some(MessageEvent::Delivered), DeliveryState::Delivered),
        ("read", Some(MessageEvent::Read), DeliveryState::Read),
        ("undelivered", Some(MessageEvent::Undelivered), DeliveryState::Undelivered),
        ("failed", Some(MessageEvent::Failed), DeliveryState::Failed),
        ("canceled", Some(MessageEvent::Failed), DeliveryState::Canceled),
        ("of_next_year", None, DeliveryState::Accepted),
    ] {
        let event = event(&[("MessageSid", "SM1"), ("MessageStatus", word)]).normalize(now());
        assert_eq!(event.kind, kind.map_or(EventKind::Other, EventKind::Message), "{word}");
        assert_eq!(event.delivery.unwrap().state, state, "{word}");
        assert_eq!(event.vendor_type, format!("message.{word}"));
    }
}

proptest! {
    #[test]
    fn callbacks_fold_to_one_state_in_any_order(order in Just(["queued", "sending", "sent", "delivered", "read"].to_vec()).prop_shuffle(), repeat in 0_usize..5) {
        let mut words = order.clone();
        words.push(order[repeat]);
        let mut delivery = Delivery::new(DeliveryState::Accepted, now());
        for word in words {
            let TwilioEvent::Status(status) = event(&[("MessageSid", "SM1"), ("MessageStatus", word)]) else { panic!() };
            delivery.observe(&status.news(now()));
        }
        prop_assert_eq!(delivery.state, DeliveryState::Read);
    }
}

#[test]
fn messages_that_come_in() {
    let pairs = [
        ("MessageSid", "MM1"),
        ("SmsSid", "MM1"),
        ("SmsStatus", "received"),
        ("AccountSid", "AC1"),
        ("MessagingServiceSid", "MG1"),
        ("From", "+14155550123"),
        ("To", "+14155550100"),
        ("Body", "Which door? 🚪"),
        ("NumMedia", "2"),
        ("NumSegments", "1"),
        ("MediaUrl0", "https://api.twilio.com/a"),
        ("MediaContentType0", "image/jpeg"),
        ("MediaUrl1", "https://api.twilio.com/b"),
        ("MediaContentType1", "image/png"),
    ];
    let TwilioEvent::Inbound(message) = event(&pairs) else { panic!() };
    assert_eq!((message.body.as_str(), message.from.as_str()), ("Which door? 🚪", "+14155550123"));
    assert_eq!(message.media[1], ("https://api.twilio.com/b".to_owned(), "image/png".to_owned()));
    assert_eq!((message.media.len(), message.opt_out), (2, None));
    let normal = TwilioEvent::Inbound(message).normalize(now());
    assert_eq!(normal.kind, EventKind::Message(MessageEvent::Received));
    assert_eq!((normal.id.as_deref(), normal.account.as_deref()), (Some("MM1:received"), Some("AC1")));
    assert!(normal.delivery.is_none());

    // A number of media that is not true makes no loop.
    let lying = event(&[("MessageSid", "SM1"), ("Body", ""), ("NumMedia", "4000000000"), ("MediaUrl0", "u")]);
    let TwilioEvent::Inbound(message) = lying else { panic!() };
    assert_eq!(message.media.len(), 1);
}

#[test]
fn stop_and_start() {
    for (body, opt_out_type, expected, kind) in [
        ("STOP", None, Some(OptOut::Stop), MessageEvent::OptedOut),
        (" stop\n", None, Some(OptOut::Stop), MessageEvent::OptedOut),
        ("Unsubscribe", None, Some(OptOut::Stop), MessageEvent::OptedOut),
        ("cancel", None, Some(OptOut::Stop), MessageEvent::OptedOut),
        ("STOP PLEASE", None, None, MessageEvent::Received),
        ("START", None, Some(OptOut::Start), MessageEvent::OptedIn),
        ("unstop", None, Some(OptOut::Start), MessageEvent::OptedIn),
        ("YES", None, None, MessageEvent::Received),
        ("HELP", Some("HELP"), Some(OptOut::Help), MessageEvent::Received),
        ("arrêt", Some("STOP"), Some(OptOut::Stop), MessageEvent::OptedOut),
        ("oui", Some("START"), Some(OptOut::Start), MessageEvent::OptedIn),
    ] {
        let mut pairs =
            vec![("MessageSid", "SM1"), ("Body", body), ("NumMedia", "0"), ("From", "+14155550123")];
        pairs.extend(opt_out_type.map(|word| ("OptOutType", word)));
        let TwilioEvent::Inbound(message) = event(&pairs) else { panic!() };
        assert_eq!(message.opt_out, expected, "{body}");
        assert_eq!(TwilioEvent::Inbound(message).normalize(now()).kind, EventKind::Message(kind), "{body}");
    }
}

#[test]
fn calls_queries_and_everything_else() {
    let TwilioEvent::Call(call) = event(&[
        ("CallSid", "CA1"),
        ("CallStatus", "completed"),
        ("AccountSid", "AC1"),
        ("Direction", "outbound-api"),
        ("SequenceNumber", "3"),
    ]) else {
        panic!()
    };
    assert_eq!((call.status.clone(), call.sequence_number), (CallStatus::Completed, Some(3)));
    let normal = TwilioEvent::Call(call).normalize(now());
    assert_eq!((normal.kind, normal.id.as_deref()), (EventKind::Other, Some("CA1:completed:3")));
    assert_eq!(normal.vendor_type, "call.completed");

    // A push by GET has its parameters in the URL.
    let url = format!("{URL}?MessageSid=SM1&MessageStatus=sent&To=%2B14155550123");
    let signature = sign(TOKEN, &url, &[]);
    let push = raw("GET", &url, None, &[("x-twilio-signature", &signature)], b"");
    let TwilioEvent::Status(status) = verify(TOKEN, &push).unwrap() else { panic!() };
    assert_eq!((status.status, status.to.as_str()), (MessageStatus::Sent, "+14155550123"));

    let TwilioEvent::Other(other) = event(&[("AccountSid", "AC1"), ("Level", "ERROR")]) else { panic!() };
    assert_eq!(other.params.iter().count(), 2);
    let normal = TwilioEvent::Other(other).normalize(now());
    assert_eq!((normal.kind, normal.id, normal.account.as_deref()), (EventKind::Other, None, Some("AC1")));
}
