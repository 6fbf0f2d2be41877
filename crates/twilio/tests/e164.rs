//! Numbers against the numbering plans, with the feature `e164`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#![cfg(feature = "e164")]

mod wire_support;

use turnbuckle_core::messaging::{PhoneNumber, SmsMessage, SmsSender as _};
use turnbuckle_core::payment::IdempotencyKey;
use turnbuckle_core::{Effect, ErrorKind};
use turnbuckle_twilio::{e164, magic};
use wire_support::{Answer, Wire, now};

#[test]
fn numbers_that_can_exist_and_those_that_cannot() {
    for (text, country, expected) in [
        ("+1 (415) 523-8886", None, "+14155238886"),
        ("415-523-8886", Some("US"), "+14155238886"),
        ("044 668 18 00", Some("CH"), "+41446681800"),
        ("+44 20 7946 0018", None, "+442079460018"),
    ] {
        assert_eq!(e164::parse(text, country).unwrap().as_str(), expected, "{text}");
    }
    for (text, country) in [
        ("+1415555", None),
        ("+19995550123", None),
        ("+999123456789", None),
        ("415-523-8886", None),
        ("hello", Some("US")),
        ("", None),
        ("+0123456789", None),
    ] {
        let error = e164::parse(text, country).unwrap_err();
        assert_eq!(
            (error.kind(), error.fields()[0].field.as_ref()),
            (ErrorKind::InvalidRequest, "phone"),
            "{text}"
        );
        assert!(text.is_empty() || !error.to_string().contains(text));
    }
    assert_eq!(e164::parse("1", Some("XX")).unwrap_err().fields()[0].field, "country");
}

/// The plans know the range of the magic numbers, or test credentials would be of no use.
#[test]
fn magic_numbers_pass() {
    for number in [
        magic::FROM_VALID,
        magic::TO_INVALID,
        magic::TO_UNROUTABLE,
        magic::TO_FORBIDDEN_COUNTRY,
        magic::TO_UNSUBSCRIBED,
        magic::TO_NOT_MOBILE,
    ] {
        e164::check(&PhoneNumber::new(number).unwrap()).unwrap();
    }
}

#[tokio::test]
async fn a_number_of_no_plan_is_refused_before_anything_is_sent() {
    let wire = Wire::default();
    let sms = wire.connect().sms().unwrap();
    let key = || IdempotencyKey::new("k", now()).unwrap();
    let nowhere = PhoneNumber::new("+999123456789").unwrap();
    let error = sms.send(&SmsMessage::transactional(key(), nowhere, "hello")).await.unwrap_err();
    assert_eq!((error.effect(), error.fields()[0].field.as_ref()), (Effect::None, "to"));
    assert!(wire.sent().is_empty());

    let mut body = wire_support::sample("message");
    body["to"] = "+14155238886".into();
    let wire = Wire::new([Answer::json(201, &body)]);
    let sms = wire.connect().sms().unwrap();
    let number = PhoneNumber::new("+14155238886").unwrap();
    sms.send(&SmsMessage::transactional(key(), number, "hello")).await.unwrap().accepted().unwrap();
}
