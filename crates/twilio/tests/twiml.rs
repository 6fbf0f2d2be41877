//! TwiML: what is written, and that no text can become markup.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use proptest::prelude::*;
use turnbuckle_core::ErrorKind;
use turnbuckle_twilio::twiml::{Dial, Gather, MessagingResponse, ReplyMessage, Say, VoiceResponse};
use url::Url;

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

#[test]
fn answers_to_messages() {
    assert_eq!(MessagingResponse::new().to_xml().unwrap(), format!("{HEAD}<Response/>"));
    let reply = ReplyMessage::new("Door 2 & ring")
        .with_media(url("https://shop.example/a.png?x=1&y=2"))
        .with_to("+14155550123")
        .with_from("+14155550100")
        .with_status_callback(url("https://shop.example/s?a=1&b=\"2\""));
    let answer = MessagingResponse::new()
        .with_message(reply)
        .with_text("<b>")
        .with_redirect(&url("https://shop.example/n"));
    assert_eq!(
        answer.to_xml().unwrap(),
        format!(
            "{HEAD}<Response><Message to=\"+14155550123\" from=\"+14155550100\" \
             statusCallback=\"https://shop.example/s?a=1&amp;b=%222%22\"><Body>Door 2 &amp; ring</Body>\
             <Media>https://shop.example/a.png?x=1&amp;y=2</Media></Message><Message>&lt;b&gt;</Message>\
             <Redirect>https://shop.example/n</Redirect></Response>"
        )
    );
}

#[test]
fn instructions_for_calls() {
    let gather = Gather::new()
        .with_action(url("https://shop.example/digits"))
        .with_digits(4)
        .with_timeout(5)
        .with_finish_on_key("*")
        .with_prompt(Say::new("Your code?").with_voice("alice").with_language("en-GB").with_times(2));
    let dial = Dial::new("+14155550123")
        .with_caller_id("+14155550100")
        .with_timeout(20)
        .with_action(url("https://shop.example/after"));
    let voice = VoiceResponse::new()
        .with_gather(gather)
        .with_play(&url("https://shop.example/a.mp3"))
        .with_pause(2)
        .with_dial(dial)
        .with_redirect(&url("https://shop.example/next"))
        .with_hangup();
    assert_eq!(
        voice.to_xml().unwrap(),
        format!(
            "{HEAD}<Response><Gather action=\"https://shop.example/digits\" numDigits=\"4\" timeout=\"5\" \
             finishOnKey=\"*\"><Say voice=\"alice\" language=\"en-GB\" loop=\"2\">Your code?</Say></Gather>\
             <Play>https://shop.example/a.mp3</Play><Pause length=\"2\"/><Dial callerId=\"+14155550100\" timeout=\"20\" \
             action=\"https://shop.example/after\"><Number>+14155550123</Number></Dial>\
             <Redirect>https://shop.example/next</Redirect><Hangup/></Response>"
        )
    );
    assert_eq!(
        VoiceResponse::new().with_reject().to_xml().unwrap(),
        format!("{HEAD}<Response><Reject/></Response>")
    );
    // An empty text is an element all the same.
    let silent = VoiceResponse::new().with_say(Say::new(""));
    assert_eq!(silent.to_xml().unwrap(), format!("{HEAD}<Response><Say></Say></Response>"));
}

#[test]
fn characters_that_xml_cannot_hold_are_refused_by_name() {
    for character in ['\0', '\u{1}', '\u{b}', '\u{1f}', '\u{fffe}', '\u{ffff}'] {
        let error = MessagingResponse::new().with_text(format!("a{character}b")).to_xml().unwrap_err();
        assert_eq!((error.kind(), error.fields()[0].field.as_ref()), (ErrorKind::InvalidRequest, "Message"));
        let reply = ReplyMessage::new("x").with_to(character.to_string());
        let error = MessagingResponse::new().with_message(reply).to_xml().unwrap_err();
        assert_eq!(error.fields()[0].field, "to");
    }
}

/// What a parser makes of escaped text.
fn unescape(text: &str) -> String {
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&#9;", "\t"),
        ("&#10;", "\n"),
        ("&#13;", "\r"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
}

proptest! {
    #[test]
    fn a_text_comes_back_as_it_was_and_is_never_markup(text in "[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\u{fffe}\u{ffff}]{1,80}", to in "[ -~]{1,30}") {
        let message = ReplyMessage::new(text.clone()).with_to(to.clone());
        let xml = MessagingResponse::new().with_message(message).to_xml().unwrap();
        let inner = xml.strip_prefix(HEAD).unwrap().strip_prefix("<Response><Message to=\"").unwrap();
        let inner = inner.strip_suffix("</Message></Response>").unwrap();
        let (attribute, body) = inner.split_once("\">").unwrap();
        prop_assert!(!attribute.contains(['<', '>', '"']) && !body.contains(['<', '>']));
        prop_assert_eq!(unescape(attribute), to);
        prop_assert_eq!(unescape(body), text);
    }
}
