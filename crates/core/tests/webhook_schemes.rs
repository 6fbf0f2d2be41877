//! The schemes of the field, each put together from the primitives the way an adapter would.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test")]

mod webhook_support;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::Request;
use secrecy::SecretString;
use turnbuckle_core::ErrorKind;
use turnbuckle_core::Result;
use turnbuckle_core::webhook::{
    Freshness, KeySet, MacAlgorithm, MacKey, MacTags, Part, Proof, RawWebhook, Reason, SignatureHeader,
    SignedContent, SignedTime, TagEncoding, TimeRule, Verified, verify_mac,
};
use webhook_support::*;

const SECRET: &str = "whsec_test_vector_not_real";
const T: i64 = 1_700_000_000;
const BODY: &[u8] = br#"{"id":"evt_1","object":"event","type":"payment_intent.succeeded","data":{"object":{"id":"pi_1","object":"payment_intent","amount":1099}}}"#;
const V1: &str = "a89964d4e6258a2b693d0c753b65e04ee2e20b62e894714b56f0af3c42b89027";
const BODY_UTF8: &[u8] = r#"{"name":"Zoë"}"#.as_bytes();
const V1_UTF8: &str = "27931f13808376c9470fab19d036659994f5009e3bb3f4cc189b83c7f8a673fa";

/// `t=<unix>,v1=<hex>[,v1=<hex>]` over `t.body`.
fn timed(raw: &RawWebhook, keys: &KeySet, now: DateTime<Utc>) -> Result<Proof> {
    let header = SignatureHeader::parse(raw.header("x-signature")?, ',', '=')?;
    let tags = MacTags::parse(MacAlgorithm::HmacSha256, TagEncoding::HexLower, header.all("v1"))?;
    let time = header.single("t")?;
    let content = SignedContent::new([Part::Text(time), Part::Text("."), Part::Body])
        .with_time(SignedTime::unix_seconds(time, TimeRule::default())?);
    verify_mac(raw, &content, &tags, keys, now)
}

fn timed_push(header: &str, body: &[u8]) -> RawWebhook {
    push(&[("X-Signature", header)], body)
}

/// `sha512=<HEX>` over the body.
fn body_only(raw: &RawWebhook, keys: &KeySet) -> Result<Proof> {
    let header = SignatureHeader::parse(raw.header("x-body-signature")?, ',', '=')?;
    let tags = MacTags::parse(MacAlgorithm::HmacSha512, TagEncoding::HexAny, [header.single("sha512")?])?;
    verify_mac(raw, &SignedContent::new([Part::Body]), &tags, keys, at(T))
}

#[test]
fn signed_time_and_body_published_vectors() {
    for (body, tag) in [(BODY, V1), (BODY_UTF8, V1_UTF8)] {
        let raw = timed_push(&format!("t={T},v1={tag}"), body);
        let proof = timed(&raw, &keys(SECRET), at(T)).unwrap();
        assert_eq!(&proof.bytes()[..], body);
        assert_eq!(proof.freshness(), Freshness::SignedFresh { signed_at: at(T) });
        assert_eq!(proof.signed_at(), Some(at(T)));
        assert_eq!(proof.matched_key().as_str(), "current");
    }
    assert_eq!(BODY.len(), 137);
    let crossed = timed_push(&format!("t={T},v1={V1_UTF8}"), BODY);
    assert_eq!(code(&timed(&crossed, &keys(SECRET), at(T)).unwrap_err()), "mismatch");
}

#[test]
fn several_tags_any_order_and_unknown_schemes_beside() {
    let wrong = "00".repeat(32);
    for header in [
        format!("t={T},v1={wrong},v1={V1}"),
        format!("t={T},v1={V1},v1={wrong}"),
        format!("v1={V1}, t={T}, v0={wrong}, other=x=y"),
    ] {
        assert!(timed(&timed_push(&header, BODY), &keys(SECRET), at(T)).is_ok());
    }
    let only_wrong = timed_push(&format!("t={T},v1={wrong},v1={wrong}"), BODY);
    assert_eq!(code(&timed(&only_wrong, &keys(SECRET), at(T)).unwrap_err()), "mismatch");
    // The right tag under another scheme's name does not count.
    let downgraded = timed_push(&format!("t={T},v0={V1}"), BODY);
    assert_eq!(code(&timed(&downgraded, &keys(SECRET), at(T)).unwrap_err()), "malformed_header");
}

#[test]
fn tolerance_holds_to_the_moment_on_both_sides() {
    let raw = timed_push(&format!("t={T},v1={V1}"), BODY);
    let check = |now| timed(&raw, &keys(SECRET), now).map(|_| ()).map_err(|error| code(&error).to_owned());
    assert_eq!(check(at(T + 300)), Ok(()));
    assert_eq!(check(at(T + 300) + TimeDelta::nanoseconds(1)), Err("stale".into()));
    assert_eq!(check(at(T + 301)), Err("stale".into()));
    assert_eq!(check(at(T - 60)), Ok(()));
    assert_eq!(check(at(T - 60) - TimeDelta::nanoseconds(1)), Err("future".into()));
    assert_eq!(check(DateTime::<Utc>::MAX_UTC), Err("stale".into()));
    assert_eq!(check(DateTime::<Utc>::MIN_UTC), Err("future".into()));
    assert_eq!(TimeRule::default().window(), Duration::from_secs(360));
}

#[test]
fn an_old_time_with_a_wrong_tag_is_a_mismatch_first() {
    let raw = timed_push(&format!("t={},v1={V1}", T - 9000), BODY);
    assert_eq!(code(&timed(&raw, &keys(SECRET), at(T)).unwrap_err()), "mismatch");
}

#[test]
fn malformed_headers_have_stable_codes() {
    for header in [
        String::new(),
        "garbage".into(),
        format!("t={T}"),
        format!("v1={V1}"),
        format!("t={T},t={T},v1={V1}"),
        format!("t={T},v1={}", V1.to_uppercase()),
        format!("t={T},v1={}", &V1[..62]),
        format!("t={T},v1="),
        format!("t={T},v1={V1},"),
        format!("t=0{T},v1={V1}"),
        format!("t=+{},v1={V1}", T / 10),
        format!("t=-{},v1={V1}", T / 10),
        format!("t=,v1={V1}"),
        format!("=x,t={T},v1={V1}"),
        format!("t={T}{}", format!(",v1={V1}").repeat(17)),
        format!("t={T}{}", ",a=b".repeat(40)),
    ] {
        let error = timed(&timed_push(&header, BODY), &keys(SECRET), at(T)).unwrap_err();
        assert_eq!(
            (error.kind(), code(&error)),
            (ErrorKind::SignatureInvalid, "malformed_header"),
            "{header}"
        );
    }
    let missing = timed(&push(&[], BODY), &keys(SECRET), at(T)).unwrap_err();
    assert_eq!(code(&missing), "missing_header");
    let good = format!("t={T},v1={V1}");
    let twice = push(&[("x-signature", &good), ("X-Signature", &good)], BODY);
    assert_eq!(code(&timed(&twice, &keys(SECRET), at(T)).unwrap_err()), "duplicate_header");
    let long = timed_push(&format!("t={T},v1={V1},v0={}", "a".repeat(9000)), BODY);
    assert_eq!(code(&timed(&long, &keys(SECRET), at(T)).unwrap_err()), "malformed_header");
}

#[test]
fn a_previous_secret_counts_until_it_expires() {
    let until = at(T + 100);
    let rotating =
        KeySet::new(key("new", "whsec_the_new_one")).with_previous(key("old", SECRET), until).unwrap();
    let raw = timed_push(&format!("t={T},v1={V1}"), BODY);
    let before = timed(&raw, &rotating, until - TimeDelta::nanoseconds(1)).unwrap();
    assert_eq!(before.matched_key().as_str(), "old");
    assert_eq!(code(&timed(&raw, &rotating, until).unwrap_err()), "mismatch");

    let new_tag = hex(&sign256(b"whsec_the_new_one", &[format!("{T}.").as_bytes(), BODY].concat()));
    let both = timed_push(&format!("t={T},v1={V1},v1={new_tag}"), BODY);
    let (early, late) = (timed(&both, &rotating, at(T)).unwrap(), timed(&both, &rotating, until).unwrap());
    assert_eq!((early.matched_key().as_str(), late.matched_key().as_str()), ("new", "new"));
    // What stands for the content does not depend on the key that fitted.
    let old_only = timed(&raw, &rotating, at(T)).unwrap();
    assert_eq!(early.digest(), old_only.digest());
}

#[test]
fn key_sets_are_never_empty_and_bounded() {
    for blank in ["", " ", "\t\n"] {
        assert_eq!(
            MacKey::text("a", &SecretString::from(blank)).unwrap_err().kind(),
            ErrorKind::InvalidConfig
        );
    }
    assert!(MacKey::bytes("a", Vec::new().into()).is_err());
    assert!(MacKey::base64("a", &SecretString::from("")).is_err());
    assert!(MacKey::base64("a", &SecretString::from("no base64!")).is_err());
    assert!(MacKey::hex("a", &SecretString::from("abc")).is_err());
    assert!(MacKey::hex("a", &SecretString::from("")).is_err());
    for label in ["", "two words", "\u{e9}", &"a".repeat(129)] {
        assert!(MacKey::text(label, &SecretString::from("x")).is_err());
    }
    let mut set = KeySet::new(key("0", "x"));
    assert!(set.clone().with_current(key("0", "y")).is_err());
    for label in 1..KeySet::MAX_KEYS {
        set = set.with_current(key(&label.to_string(), "x")).unwrap();
    }
    assert_eq!(set.len(), KeySet::MAX_KEYS);
    assert!(set.with_previous(key("more", "x"), at(T)).is_err());
}

#[test]
fn a_second_current_secret_is_told_apart() {
    let set = KeySet::new(key("own", "another")).with_current(key("connected", SECRET)).unwrap();
    let proof = timed(&timed_push(&format!("t={T},v1={V1}"), BODY), &set, at(T)).unwrap();
    assert_eq!(proof.matched_key().as_str(), "connected");
}

#[test]
fn body_only_sha512_published_vectors() {
    let secret = "0123456789ABCDEF".repeat(8);
    let body = br#"{"notificationId":"n-1","eventType":"net.authorize.payment.authcapture.created","eventDate":"2024-01-02T03:04:05.678Z","webhookId":"w-1","payload":{"responseCode":1,"authCode":"ABC123","avsResponse":"Y","authAmount":20.00,"entityName":"transaction","id":"60123456789"}}"#;
    assert_eq!(body.len(), 269);
    let right = "53CF83B60A0426B2D7D144E40B5B2E6C084904F48250B5A6E57E67204147D7E0E5EEF62E2699036A2CBCA73FE34FE0D1E45BFB7F2E5764456F2C0AED8C422DB2";
    let decoded = "7A3E4B933E5A1725DF0F7C96D857C971292C82834A62B546CCB498279E9AAFA52D32977FCCD3D444C5EEF4F0F035C4C9DA85A0A47782BFB63317B9B779719F7B";
    let as_text = keys(&secret);
    let as_hex = KeySet::new(MacKey::hex("current", &SecretString::from(secret.as_str())).unwrap());
    let raw = |tag: &str| push(&[("X-Body-Signature", &format!("sha512={tag}"))], body);

    let proof = body_only(&raw(right), &as_text).unwrap();
    assert_eq!(proof.freshness(), Freshness::Signed);
    assert_eq!(proof.signed_at(), None);
    assert!(body_only(&raw(&right.to_lowercase()), &as_text).is_ok());
    assert_eq!(code(&body_only(&raw(decoded), &as_text).unwrap_err()), "mismatch");
    assert!(body_only(&raw(decoded), &as_hex).is_ok());
    assert_eq!(code(&body_only(&raw(right), &as_hex).unwrap_err()), "mismatch");
    let demanding = proof.decode(|bytes| Ok(bytes.len())).unwrap().require_fresh().unwrap_err();
    assert_eq!(code(&demanding), "time_unsigned");
}

#[test]
fn a_nonce_is_no_time() {
    let body = br#"{"event_id":"evt-0001","event_type":"transaction.sale.success","event_body":{"transaction_id":"1234567890"}}"#;
    let header = "t=a1b2c3d4e5f60718,s=06786c759a74c5233c1292a49828c823e9769cdd068b9b03d1eabc28c4a2abed";
    let raw = timed_push(header, body);
    let parsed = SignatureHeader::parse(raw.header("x-signature").unwrap(), ',', '=').unwrap();
    let nonce = parsed.single("t").unwrap();
    let tags = MacTags::parse(MacAlgorithm::HmacSha256, TagEncoding::HexLower, parsed.all("s")).unwrap();
    let content = SignedContent::new([Part::Text(nonce), Part::Text("."), Part::Body]);
    let proof = verify_mac(&raw, &content, &tags, &keys("nmi_signing_key_not_real"), at(0)).unwrap();
    assert_eq!(proof.freshness(), Freshness::Signed);
    assert!(SignedTime::unix_seconds(nonce, TimeRule::default()).is_err());
}

#[test]
fn id_time_body_with_a_decoded_key() {
    let bytes: Vec<u8> = (0..24).collect();
    let secret = format!("whsec_{}", STANDARD.encode(&bytes));
    let key = MacKey::base64("current", &SecretString::from(secret.strip_prefix("whsec_").unwrap())).unwrap();
    let keys = KeySet::new(key);
    let body = br#"{"type":"contact.created"}"#;
    let message = [b"msg_1.1700000000.", &body[..]].concat();
    let tag = STANDARD.encode(sign256(&bytes, &message));
    let check = |id: &str, time: &str, signature: &str| {
        let raw =
            push(&[("webhook-id", id), ("webhook-timestamp", time), ("webhook-signature", signature)], body);
        let header = SignatureHeader::parse(raw.header("webhook-signature")?, ' ', ',')?;
        let tags = MacTags::parse(MacAlgorithm::HmacSha256, TagEncoding::Base64, header.all("v1"))?;
        let (id, time) = (raw.header("webhook-id")?, raw.header("webhook-timestamp")?);
        let content = SignedContent::new([
            Part::Text(id),
            Part::Text("."),
            Part::Text(time),
            Part::Text("."),
            Part::Body,
        ])
        .with_time(SignedTime::unix_seconds(time, TimeRule::default())?);
        verify_mac(&raw, &content, &tags, &keys, at(T))
    };
    assert!(check("msg_1", "1700000000", &format!("v1,{tag}")).is_ok());
    assert!(check("msg_1", "1700000000", &format!("v1a,AAAA v1,{tag}")).is_ok());
    assert_eq!(code(&check("msg_2", "1700000000", &format!("v1,{tag}")).unwrap_err()), "mismatch");
    assert_eq!(code(&check("msg_1", "1700000001", &format!("v1,{tag}")).unwrap_err()), "mismatch");
    assert_eq!(code(&check("msg_1", "1700000000", &tag).unwrap_err()), "malformed_header");
}

#[test]
fn content_that_leaves_something_unsigned_is_refused() {
    let tag = hex(&sign256(b"k", b"only the header"));
    let tags = MacTags::parse(MacAlgorithm::HmacSha256, TagEncoding::HexLower, [tag.as_str()]).unwrap();
    let raw = push(&[], b"a body");
    let refuse =
        |content: &SignedContent<'_>| verify_mac(&raw, content, &tags, &keys("k"), at(T)).unwrap_err();

    let bodiless = SignedContent::new([Part::Text("only the header")]);
    assert_eq!(code(&refuse(&bodiless)), Reason::BodyMismatch.as_str());
    let half = SignedContent::new([Part::Body]).or_parts([Part::Text("only the header")]);
    assert_eq!(code(&refuse(&half)), Reason::BodyMismatch.as_str());
    let time = SignedTime::unix_seconds("1700000000", TimeRule::default()).unwrap();
    assert_eq!(refuse(&SignedContent::new([Part::Body]).with_time(time)).kind(), ErrorKind::Internal);
    let hash = "ab".repeat(32);
    let unsigned_hash = SignedContent::new([Part::Url]).with_body_sha256(&hash).unwrap();
    assert_eq!(refuse(&unsigned_hash).kind(), ErrorKind::Internal);
    let many = (0..8).fold(SignedContent::new([Part::Body]), |content, _| content.or_parts([Part::Body]));
    assert_eq!(refuse(&many).kind(), ErrorKind::Internal);
    for text in ["AB".repeat(32), "ab".repeat(31), "zz".repeat(32)] {
        assert!(SignedContent::new([Part::Url]).with_body_sha256(&text).is_err());
    }
    // Nothing to bind: an empty body is bound by being empty.
    let empty = push(&[], b"");
    assert!(verify_mac(&empty, &bodiless, &tags, &keys("k"), at(T)).is_ok());
}

#[test]
fn a_form_is_signed_sorted_and_each_distinct_pair_once() {
    let tag = hex(&sign256(b"k", format!("{URL}A1A2b c").as_bytes()));
    let tags = MacTags::parse(MacAlgorithm::HmacSha256, TagEncoding::HexLower, [tag.as_str()]).unwrap();
    let content = SignedContent::new([Part::Url, Part::SortedForm]);
    let check = |body: &str| verify_mac(&push(&[], body.as_bytes()), &content, &tags, &keys("k"), at(T));
    let digest = check("A=1&A=2&b=+c").unwrap().digest();
    for same in ["b=%20c&A=2&A=1", "A=2&A=1&A=2&b=+c&&A=1", "%41=1&A=2&b=%20c"] {
        // Order and repetition are not signed, so they do not make another event either.
        assert_eq!(check(same).unwrap().digest(), digest, "{same}");
    }
    for other in ["A=1&b=+c", "A=1&A=2&b=c", "A=1&A=2&b=+c&d=", "a=1&A=2&b=+c", "A=1&A=2&b=+c&e"] {
        assert_eq!(code(&check(other).unwrap_err()), "mismatch", "{other}");
    }
    let too_many = "a&".repeat(1001);
    assert_eq!(code(&check(&too_many).unwrap_err()), "malformed_body");
}

#[test]
fn size_and_address_are_checked_at_the_door() {
    let sized = |len: usize| Request::post("/in").body(Bytes::from(vec![b'a'; len])).unwrap();
    assert_eq!(RawWebhook::new(sized(RawWebhook::MAX_BODY), URL).unwrap().body_len(), 1024 * 1024);
    assert_eq!(code(&RawWebhook::new(sized(RawWebhook::MAX_BODY + 1), URL).unwrap_err()), "body_too_large");
    assert_eq!(code(&RawWebhook::with_limit(sized(11), URL, 10).unwrap_err()), "body_too_large");
    for url in ["", "/in", "hooks.example.test/in", "ftp://hooks.example.test/in", "https://"] {
        assert_eq!(RawWebhook::new(sized(0), url).unwrap_err().kind(), ErrorKind::InvalidConfig);
    }
}

#[test]
fn the_public_url_keeps_its_text_and_takes_the_requests_query() {
    let raw = |path: &str, url: &str| {
        let request = Request::post(path).header("host", "evil.example").body(Bytes::new()).unwrap();
        RawWebhook::new(request, url).unwrap()
    };
    let asked = raw("/internal?b=2&a=%7e", "https://Hooks.example.test:443/in?configured=1#rc=2");
    assert_eq!(asked.url_text(), "https://Hooks.example.test:443/in?b=2&a=%7e");
    assert_eq!(asked.public_url().host_str(), Some("hooks.example.test"));
    assert_eq!(raw("/internal", "https://a.example?x=1").url_text(), "https://a.example");
    assert_eq!(raw("/internal?", "https://a.example/").url_text(), "https://a.example/?");
}

#[test]
fn verified_values_keep_their_origin() {
    let raw = timed_push(&format!("t={T},v1={V1}"), BODY);
    let proof = || timed(&raw, &keys(SECRET), at(T)).unwrap();
    let digest = proof().digest();
    let batch = proof().decode(|_| Ok(vec!["one", "two"])).unwrap();
    assert_eq!(batch.digest(), Some(digest));
    let events = batch.split();
    assert_eq!(events.iter().map(|event| *event.get()).collect::<Vec<_>>(), ["one", "two"]);
    assert_ne!(events[0].digest(), events[1].digest());
    assert_ne!(events[0].digest(), Some(digest));
    let mapped = events.into_iter().next().unwrap().map(str::len);
    assert_eq!(mapped.freshness(), Freshness::SignedFresh { signed_at: at(T) });
    assert_eq!(mapped.matched_key().unwrap().as_str(), "current");
    assert_eq!(mapped.require_fresh().unwrap().into_inner(), 3);

    assert!(proof().decode_json::<serde_json::Value>().is_ok());
    let wrong = proof().decode_json::<Vec<u8>>().unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::InvalidResponse);
    let refused = proof().decode(|_| Ok(1)).unwrap().try_map(|_| Err::<(), _>(Reason::UnknownKey.error()));
    assert_eq!(code(&refused.unwrap_err()), "unknown_key");
}

#[tokio::test]
async fn a_fetched_value_says_so() {
    let fetched = Verified::refetched(async { Ok(7) }).await.unwrap();
    assert_eq!(fetched.freshness(), Freshness::Refetched);
    assert!(fetched.matched_key().is_none() && fetched.digest().is_none());
    assert_eq!(fetched.require_fresh().unwrap().into_inner(), 7);
    assert!(Verified::<u8>::refetched(async { Err(Reason::Mismatch.error()) }).await.is_err());
}
