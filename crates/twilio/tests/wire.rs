//! Every request, byte for byte, and every sample answer, read.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod wire_support;

use chrono::NaiveDate;
use serde_json::json;
use turnbuckle_core::{Environment, ErrorKind};
use turnbuckle_twilio::*;
use url::Url;
use wire_support::{AC, AP, Answer, FROM, HX, ME, MG, MM, PN, SM, TO, VA, VE, Wire, at, settings};

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

#[tokio::test]
async fn messages_create() {
    let wire = Wire::new([Answer::fixture(201, "message")]);
    let params = CreateMessage::new(TO)
        .with_from(FROM)
        .with_body("Grüße & 100% of 2 boards + postage: it’s here 👋")
        .with_status_callback(url("https://shop.example/twilio/status?tenant=7&turnbuckle_attempt=x"))
        .with_application_sid(AP)
        .with_provide_feedback(true)
        .with_attempt(2)
        .with_validity_period(3600)
        .with_content_retention(ContentRetention::Discard)
        .with_address_retention(AddressRetention::Obfuscate)
        .with_smart_encoded(true)
        .with_shorten_urls(false)
        .with_send_as_mms(false)
        .with_risk_check(RiskCheck::Enable)
        .with_fallback_from("+14155550101");
    let message = wire.twilio().messages().create(&params).await.unwrap();
    wire.assert_sent("messages_create");

    assert_eq!((message.sid.as_str(), message.account_sid.as_str()), (SM, AC));
    assert_eq!((message.to.as_str(), message.from.as_deref()), (TO, Some(FROM)));
    assert_eq!(message.status, MessageStatus::Queued);
    assert_eq!(message.direction, MessageDirection::OutboundApi);
    assert_eq!((message.num_segments, message.num_media), (Some(1), Some(0)));
    assert_eq!(message.date_created, Some(wire_support::now()));
    assert!(message.date_sent.is_none() && message.price.is_none() && message.error_code.is_none());
}

#[tokio::test]
async fn messages_of_other_kinds() {
    let wire = Wire::new([Answer::fixture(201, "message")]);
    let params = CreateMessage::new(TO)
        .with_from("STANDBOARD")
        .with_media_url(url("https://shop.example/a.png"))
        .with_media_url(url("https://shop.example/b.jpg?size=2&v=3"));
    wire.twilio().messages().create(&params).await.unwrap();
    wire.assert_sent("messages_create_mms");

    let wire = Wire::new([Answer::fixture(201, "message")]);
    let params = CreateMessage::new("whatsapp:+14155550123")
        .with_messaging_service_sid(MG)
        .with_content_sid(HX)
        .with_content_variables(r#"{"1":"Zoë","2":"6735"}"#)
        .with_persistent_action("geo:47.37,8.54|Shop");
    wire.twilio().messages().create(&params).await.unwrap();
    wire.assert_sent("messages_create_template");

    let wire = Wire::new([Answer::fixture(201, "message_scheduled")]);
    let params = CreateMessage::new(TO)
        .with_messaging_service_sid(MG)
        .with_body("Ready at noon.")
        .with_send_at(at(1_786_701_600));
    let message = wire.twilio().messages().create(&params).await.unwrap();
    wire.assert_sent("messages_schedule");
    assert_eq!(message.status, MessageStatus::Scheduled);
    assert_eq!((message.from, message.num_segments), (None, Some(0)));
    assert_eq!(message.messaging_service_sid.as_deref(), Some(MG));
}

#[tokio::test]
async fn messages_that_twilio_would_refuse_are_not_sent() {
    let base = || CreateMessage::new(TO).with_from(FROM).with_body("hello");
    let cases = [
        (CreateMessage::new("").with_from(FROM).with_body("hello"), "To"),
        (CreateMessage::new(TO).with_body("hello"), "From"),
        (CreateMessage::new(TO).with_from(FROM), "Body"),
        (base().with_body("x".repeat(1601)), "Body"),
        (base().with_messaging_service_sid("MG1"), "MessagingServiceSid"),
        (base().with_content_sid("HX1"), "ContentSid"),
        (base().with_content_variables("{}"), "ContentVariables"),
        (base().with_validity_period(0), "ValidityPeriod"),
        (base().with_validity_period(36_001), "ValidityPeriod"),
        (base().with_send_at(at(1_786_701_600)), "SendAt"),
        ((0..11).fold(base(), |params, _| params.with_media_url(url("https://shop.example/a"))), "MediaUrl"),
    ];
    let wire = Wire::default();
    for (params, field) in cases {
        let error = wire.twilio().messages().create(&params).await.unwrap_err();
        assert_eq!((error.kind(), error.fields()[0].field.as_ref()), (ErrorKind::InvalidRequest, field));
        assert_eq!(error.operation(), Some("messages.create"));
    }
    assert!(wire.sent().is_empty());
}

#[tokio::test]
async fn messages_afterwards() {
    let wire = Wire::answering("message_delivered");
    let message = wire.twilio().messages().fetch(SM).await.unwrap();
    wire.assert_sent("messages_fetch");
    assert_eq!((message.status, message.price.as_deref()), (MessageStatus::Delivered, Some("-0.00790")));
    assert_eq!(message.price_unit.as_deref(), Some("USD"));

    let wire = Wire::answering("message_undelivered");
    let message = wire.twilio().messages().fetch(SM).await.unwrap();
    assert_eq!((message.status, message.error_code), (MessageStatus::Undelivered, Some(30006)));

    let wire = Wire::answering("messages");
    let params = ListMessages::new()
        .with_to(TO)
        .with_from(FROM)
        .with_sent_before(day(2026, 8, 31))
        .with_sent_after(day(2026, 8, 1))
        .with_page_size(20);
    let page = wire.twilio().messages().list(&params).page().await.unwrap();
    wire.assert_sent("messages_list");
    assert_eq!((page.items.len(), page.has_more), (2, false));
    assert_eq!(page.items[1].direction, MessageDirection::Inbound);
    assert_eq!(page.items[1].num_media, Some(2));

    let wire = Wire::answering("message_redacted");
    let message = wire.twilio().messages().redact(SM).await.unwrap();
    wire.assert_sent("messages_redact");
    assert_eq!(message.body.as_deref(), Some(""));

    let wire = Wire::answering("message_canceled");
    let message = wire.twilio().messages().cancel(SM).await.unwrap();
    wire.assert_sent("messages_cancel");
    assert_eq!(message.status, MessageStatus::Canceled);

    let wire = Wire::new([Answer::new(204, "")]);
    wire.twilio().messages().delete(SM).await.unwrap();
    wire.assert_sent("messages_delete");
}

#[tokio::test]
async fn media() {
    let wire = Wire::answering("media_list");
    let page = wire.twilio().media(MM).list().page().await.unwrap();
    wire.assert_sent("media_list");
    assert_eq!((page.items[0].sid.as_str(), page.items[0].content_type.as_str()), (ME, "image/jpeg"));

    let wire = Wire::answering("media");
    let medium = wire.twilio().media(MM).fetch(ME).await.unwrap();
    wire.assert_sent("media_fetch");
    assert_eq!(medium.parent_sid, MM);

    let wire = Wire::new([Answer::new(204, "")]);
    wire.twilio().media(MM).delete(ME).await.unwrap();
    wire.assert_sent("media_delete");
}

#[tokio::test]
async fn the_redirect_of_a_medium_is_handed_back() {
    let there = "https://media.cdn.example/ME1?Signature=SENTINEL";
    let wire = Wire::new([Answer::new(307, "").with_header("location", there)]);
    let content = wire.twilio().media(MM).content(ME).await.unwrap();
    wire.assert_sent("media_content");
    let MediaContent::Elsewhere(found) = &content else { panic!("{content:?}") };
    assert_eq!(found.as_str(), there);
    assert!(!format!("{content:?}").contains("SENTINEL"));

    let wire = Wire::new([Answer::new(200, "bytes").with_header("content-type", "image/png")]);
    match wire.twilio().media(MM).content(ME).await.unwrap() {
        MediaContent::Here { content_type, bytes } => {
            assert_eq!((content_type.as_deref(), &bytes[..]), (Some("image/png"), &b"bytes"[..]));
        }
        other => panic!("{other:?}"),
    }

    for location in ["http://media.cdn.example/ME1", "ftp://x", "not a url"] {
        let wire = Wire::new([Answer::new(302, "").with_header("location", location)]);
        let error = wire.twilio().media(MM).content(ME).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{location}");
        assert_eq!(wire.sent().len(), 1);
    }
}

#[tokio::test]
async fn phone_numbers() {
    let wire = Wire::answering("incoming_phone_numbers");
    let params = ListIncomingPhoneNumbers::new()
        .with_phone_number(FROM)
        .with_friendly_name("Orders & more")
        .with_beta(false)
        .with_origin("twilio")
        .with_page_size(5);
    let page = wire.twilio().incoming_phone_numbers().list(&params).page().await.unwrap();
    wire.assert_sent("phone_numbers_list");
    let number = &page.items[0];
    assert_eq!((number.sid.as_str(), number.phone_number.as_str()), (PN, FROM));
    assert!(number.capabilities.sms && number.capabilities.mms && !number.capabilities.fax);
    assert_eq!(number.sms_url.as_deref(), Some("https://shop.example/twilio/inbound"));

    let wire = Wire::answering("incoming_phone_number");
    assert_eq!(
        wire.twilio().incoming_phone_numbers().fetch(PN).await.unwrap().status.as_deref(),
        Some("in-use")
    );
    wire.assert_sent("phone_numbers_fetch");

    let wire = Wire::answering("incoming_phone_number");
    let params = UpdateIncomingPhoneNumber::new()
        .with_friendly_name("Orders")
        .with_sms_url(url("https://shop.example/twilio/inbound"))
        .with_sms_method("POST")
        .with_sms_fallback_url(url("https://shop.example/twilio/fallback"))
        .with_sms_fallback_method("POST")
        .with_voice_url(url("https://shop.example/twilio/voice"))
        .with_voice_method("POST")
        .with_voice_fallback_url(url("https://shop.example/twilio/voice2"))
        .with_voice_fallback_method("GET")
        .with_status_callback(url("https://shop.example/twilio/calls"))
        .with_status_callback_method("POST");
    wire.twilio().incoming_phone_numbers().update(PN, &params).await.unwrap();
    wire.assert_sent("phone_numbers_update");
}

#[tokio::test]
async fn available_phone_numbers() {
    let wire = Wire::answering("available_phone_numbers");
    let params = SearchPhoneNumbers::new()
        .with_area_code(415)
        .with_contains("415***BOARD")
        .with_sms_enabled(true)
        .with_mms_enabled(true)
        .with_voice_enabled(false)
        .with_exclude_all_address_required(true)
        .with_beta(false)
        .with_near_number(FROM)
        .with_distance(25)
        .with_in_postal_code("94103")
        .with_in_region("CA")
        .with_in_locality("San Francisco")
        .with_page_size(3);
    let search = wire.twilio().available_phone_numbers().search("US", NumberKind::Local, &params);
    let page = search.page().await.unwrap();
    wire.assert_sent("available_phone_numbers_local");
    let number = &page.items[0];
    assert_eq!((number.phone_number.as_str(), number.iso_country.as_str()), ("+14155550187", "US"));
    assert_eq!(
        (number.latitude.as_deref(), number.longitude.as_deref()),
        (Some("37.774900"), Some("-122.4194"))
    );
    assert!(number.capabilities.voice && number.capabilities.sms && !number.capabilities.mms);

    let wire = Wire::answering("available_phone_numbers");
    let none = SearchPhoneNumbers::new();
    wire.twilio().available_phone_numbers().search("US", NumberKind::TollFree, &none).page().await.unwrap();
    wire.assert_sent("available_phone_numbers_toll_free");

    let wire = Wire::answering("available_phone_numbers");
    let params = SearchPhoneNumbers::new().with_sms_enabled(true);
    wire.twilio().available_phone_numbers().search("GB", NumberKind::Mobile, &params).page().await.unwrap();
    wire.assert_sent("available_phone_numbers_mobile");

    for country in ["us", "USA", "U/", ""] {
        let wire = Wire::default();
        let search = wire.twilio().available_phone_numbers().search(country, NumberKind::Local, &none);
        assert_eq!(search.page().await.unwrap_err().fields()[0].field, "CountryCode");
    }
}

#[tokio::test]
async fn ids_from_outside_lead_nowhere_else() {
    let wire = Wire::default();
    let twilio = wire.twilio();
    for bad in [
        "",
        "SM1",
        "../Accounts",
        "SM5e6f7a8b5e6f7a8b5e6f7a8b5e6f7a8/",
        &format!("{SM}0"),
        &format!("{SM}?x"),
    ] {
        assert_eq!(twilio.messages().fetch(bad).await.unwrap_err().kind(), ErrorKind::InvalidRequest);
        assert_eq!(twilio.media(bad).fetch(ME).await.unwrap_err().kind(), ErrorKind::InvalidRequest);
        assert_eq!(twilio.calls().hang_up(bad).await.unwrap_err().kind(), ErrorKind::InvalidRequest);
        assert_eq!(twilio.contents().fetch(bad).await.unwrap_err().kind(), ErrorKind::InvalidRequest);
        assert!(twilio.for_subaccount(bad).is_err());
    }
    assert!(wire.sent().is_empty());
}

#[tokio::test]
async fn sign_in_with_the_auth_token_and_for_a_subaccount() {
    let wire = Wire::answering("account");
    let credentials = json!({"accountSid": AC, "authToken": "token"});
    let config = wire.config_with(Environment::Production, credentials, &settings());
    Twilio::new(&config).unwrap().accounts().fetch().await.unwrap();
    // base64 of "AC0a1b...:token", made elsewhere.
    let expected = "Basic QUMwYTFiMmMzZDBhMWIyYzNkMGExYjJjM2QwYTFiMmMzZDp0b2tlbg==";
    assert_eq!(wire.sent()[0].headers()["authorization"], expected);

    let wire = Wire::answering("message");
    let sub = "ACffffffffffffffffffffffffffffffff";
    wire.twilio().for_subaccount(sub).unwrap().messages().fetch(SM).await.unwrap();
    assert_eq!(wire.lines(), [format!("GET /2010-04-01/Accounts/{sub}/Messages/{SM}.json")]);
}

#[tokio::test]
async fn one_address_for_everything_and_regions() {
    let wire = Wire::new([
        Answer::fixture(200, "balance"),
        Answer::fixture(200, "verification"),
        Answer::fixture(200, "lookup"),
        Answer::fixture(200, "messaging_service"),
        Answer::fixture(200, "content"),
    ]);
    let config = wire.config().with_base_url("http://127.0.0.1:4010".parse().unwrap());
    let twilio = Twilio::new(&config).unwrap();
    twilio.accounts().balance().await.unwrap();
    twilio.verify(VA).fetch(VE).await.unwrap();
    twilio.lookups().fetch(TO, &LookupNumber::new()).await.unwrap();
    twilio.messaging_services().fetch(MG).await.unwrap();
    twilio.contents().fetch(HX).await.unwrap();
    let sent: Vec<_> = wire.sent().iter().map(|request| request.uri().to_string()).collect();
    let base = "http://127.0.0.1:4010";
    assert_eq!(
        sent,
        [
            format!("{base}/2010-04-01/Accounts/{AC}/Balance.json"),
            format!("{base}/verify/v2/Services/{VA}/Verifications/{VE}"),
            format!("{base}/lookups/v2/PhoneNumbers/%2B14155550123"),
            format!("{base}/messaging/v1/Services/{MG}"),
            format!("{base}/content/v1/Content/{HX}"),
        ]
    );

    let wire = Wire::answering("message");
    let settings = json!({"from": FROM, "region": "ie1", "edge": "dublin"});
    let config = wire.config_with(Environment::Production, wire_support::credentials(), &settings);
    Twilio::new(&config).unwrap().messages().fetch(SM).await.unwrap();
    assert_eq!(wire.sent()[0].uri().host(), Some("api.dublin.ie1.twilio.com"));
}

/// Each recorded request is compared by a test of this file: a recording that nothing sends would prove nothing.
#[test]
fn every_recording_is_compared() {
    let tests = [include_str!("wire.rs"), include_str!("wire_products.rs")].concat();
    let mut count = 0;
    for entry in std::fs::read_dir(wire_support::fixtures().join("requests")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let name = name.strip_suffix(".http").unwrap();
        assert!(tests.contains(&format!("assert_sent(\"{name}\")")), "{name}");
        count += 1;
    }
    assert_eq!(count, 49);
}
