//! Any change breaks a signature, no input breaks a parser, and nothing secret is printed.
#![allow(clippy::unwrap_used, clippy::format_push_string, reason = "a test")]

mod webhook_support;

use bytes::Bytes;
use http::Request;
use proptest::prelude::*;
use secrecy::SecretString;
use turnbuckle_core::Result;
use turnbuckle_core::webhook::{
    Event, EventKind, KeySet, MacAlgorithm, MacKey, MacTag, MacTags, MemoryReplayGuard, Part, Proof,
    RawObject, RawWebhook, ReplayKey, SignatureHeader, SignedContent, SignedTime, TagEncoding, TimeRule,
    form_pairs, verify_mac,
};
use webhook_support::*;

const T: i64 = 1_700_000_000;

/// Time, URL and body are all signed.
fn check(header: &str, query: &str, body: &[u8]) -> Result<Proof> {
    let request = Request::post(format!("/in?{query}"))
        .header("x-signature", header)
        .body(Bytes::copy_from_slice(body))
        .map_err(|_| turnbuckle_core::webhook::Reason::MalformedHeader.error())?;
    let raw = RawWebhook::new(request, URL)?;
    let parsed = SignatureHeader::parse(raw.header("x-signature")?, ',', '=')?;
    let time = parsed.single("t")?;
    let tags = MacTags::parse(MacAlgorithm::HmacSha512, TagEncoding::HexLower, [parsed.single("v1")?])?;
    let content =
        SignedContent::new([Part::Text(time), Part::Text("."), Part::Url, Part::Text("."), Part::Body])
            .with_time(SignedTime::unix_seconds(time, TimeRule::default())?);
    verify_mac(&raw, &content, &tags, &keys("secret"), at(T))
}

fn signed(query: &str, body: &[u8]) -> String {
    let message = [format!("{T}.{URL}?{query}.").as_bytes(), body].concat();
    format!("t={T},v1={}", hex(&sign512(b"secret", &message)))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_flipped_bit_is_noticed(
        body in prop::collection::vec(any::<u8>(), 1..200),
        query in "[a-z]{1,8}=[a-z0-9]{1,8}",
        place in any::<prop::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let header = signed(&query, &body);
        let proof = check(&header, &query, &body).unwrap();
        prop_assert_eq!(proof.bytes(), &body);

        let mut other = body.clone();
        let at = place.index(other.len());
        *other.get_mut(at).unwrap() ^= 1 << bit;
        prop_assert!(check(&header, &query, &other).is_err());

        let flip = |text: &str| {
            let mut bytes = text.as_bytes().to_vec();
            let at = place.index(bytes.len());
            *bytes.get_mut(at).unwrap() ^= 1 << bit;
            String::from_utf8(bytes).ok()
        };
        if let Some(header) = flip(&header) {
            prop_assert!(check(&header, &query, &body).is_err());
        }
        if let Some(query) = flip(&query) {
            prop_assert!(check(&header, &query, &body).is_err());
        }
        prop_assert!(check(&header, &query, &[&body[..], b"\n"].concat()).is_err());
    }

    #[test]
    fn parsers_take_any_text(text in any::<String>(), bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(header) = SignatureHeader::parse(&text, ',', '=') {
            let _ = header.single("t");
            prop_assert!(header.all("v1").count() <= 32);
        }
        for algorithm in [MacAlgorithm::HmacSha1, MacAlgorithm::HmacSha256, MacAlgorithm::HmacSha512] {
            for encoding in [TagEncoding::HexLower, TagEncoding::HexAny, TagEncoding::Base64] {
                let _ = MacTag::parse(algorithm, encoding, &text);
            }
        }
        let _ = SignedTime::unix_seconds(&text, TimeRule::default());
        let _ = SignedContent::new([Part::Body]).with_body_sha256(&text);
        let _ = form_pairs(&bytes);
        #[cfg(feature = "ecdsa")]
        {
            use turnbuckle_core::webhook::{EcdsaEncoding, EcdsaSignature, P256PublicKey, UnverifiedJwt};
            let _ = UnverifiedJwt::parse(&text);
            let _ = UnverifiedJwt::parse(&String::from_utf8_lossy(&bytes));
            let _ = EcdsaSignature::from_base64(EcdsaEncoding::Der, &text);
            let _ = P256PublicKey::from_spki_base64(&text);
            let _ = P256PublicKey::from_spki_der(&bytes);
            let _ = P256PublicKey::from_jwk_coordinates(&text, &text);
        }
    }

    #[test]
    fn tokens_shaped_like_tokens_do_not_break(header in any::<Vec<u8>>(), claims in any::<Vec<u8>>()) {
        #[cfg(feature = "ecdsa")]
        {
            use base64::Engine as _;
            use base64::engine::general_purpose::URL_SAFE_NO_PAD;
            let token = format!("{}.{}.AA", URL_SAFE_NO_PAD.encode(&header), URL_SAFE_NO_PAD.encode(&claims));
            prop_assert!(turnbuckle_core::webhook::UnverifiedJwt::parse(&token).is_err());
        }
        let _ = (header, claims);
    }

    #[test]
    fn forms_read_as_the_url_crate_reads_them(text in "[a-zA-Z0-9+%&= ;é]{0,60}") {
        let ours: Vec<_> = form_pairs(text.as_bytes())
            .unwrap()
            .iter()
            .map(|(name, value)| {
                (String::from_utf8_lossy(name).into_owned(), String::from_utf8_lossy(value).into_owned())
            })
            .collect();
        let theirs: Vec<_> = url::form_urlencoded::parse(text.as_bytes()).into_owned().collect();
        prop_assert_eq!(ours, theirs);
    }
}

#[test]
fn a_form_has_an_end() {
    assert_eq!(form_pairs("a&".repeat(1000).as_bytes()).unwrap().len(), 1000);
    assert_eq!(code(&form_pairs("a&".repeat(1001).as_bytes()).unwrap_err()), "malformed_body");
    assert_eq!(form_pairs(b"a=%ff%zz%4").unwrap(), [(b"a".to_vec(), b"\xff%zz%4".to_vec())]);
}

#[test]
fn a_tag_matches_itself_alone() {
    let parse = |text: &str| MacTag::parse(MacAlgorithm::HmacSha1, TagEncoding::HexAny, text).unwrap();
    assert!(parse(&"aB".repeat(20)).matches(&parse(&"Ab".repeat(20))));
    assert!(!parse(&"00".repeat(20)).matches(&parse(&format!("{}01", "00".repeat(19)))));
    // A longer tag with the same beginning is another tag.
    let longer = MacTag::parse(MacAlgorithm::HmacSha256, TagEncoding::HexAny, &"00".repeat(32)).unwrap();
    assert!(!parse(&"00".repeat(20)).matches(&longer));
}

#[test]
fn nothing_received_or_secret_is_printed() {
    const SENTINEL: &str = "5e471e15e471e1";
    let secret = SecretString::from(SENTINEL);
    let set = KeySet::new(MacKey::text("current", &secret).unwrap())
        .with_previous(MacKey::text("previous", &SecretString::from(format!("{SENTINEL}x"))).unwrap(), at(T))
        .unwrap();
    let request = Request::post(format!("/in?token={SENTINEL}"))
        .header("x-signature", format!("t={T},v1={SENTINEL}"))
        .body(Bytes::from(format!("{{\"name\":\"{SENTINEL}\"}}")))
        .unwrap();
    let raw = RawWebhook::new(request, &format!("https://hooks.example.test/{SENTINEL}")).unwrap();
    let header = SignatureHeader::parse(raw.header("x-signature").unwrap(), ',', '=').unwrap();
    let tag_text = format!("{SENTINEL}{}", "0".repeat(50));
    let tags = MacTags::parse(MacAlgorithm::HmacSha256, TagEncoding::HexLower, [tag_text.as_str()]).unwrap();
    let content = SignedContent::new([Part::Text(SENTINEL), Part::Url, Part::Body])
        .with_body_sha256(&tag_text)
        .unwrap();
    let tag = MacAlgorithm::HmacSha256.tag(&MacKey::text("a", &secret).unwrap(), [SENTINEL.as_bytes()]);
    let good = hex(&sign256(SENTINEL.as_bytes(), format!("{{\"name\":\"{SENTINEL}\"}}").as_bytes()));
    let good = MacTags::parse(MacAlgorithm::HmacSha256, TagEncoding::HexLower, [good.as_str()]).unwrap();
    let proof = verify_mac(&raw, &SignedContent::new([Part::Body]), &good, &set, at(T)).unwrap();
    let refused = verify_mac(&raw, &SignedContent::new([Part::Body]), &tags, &set, at(T)).unwrap_err();
    let mut shown =
        format!("{set:?} {raw:?} {header:?} {tags:?} {content:?} {tag:?} {proof:?} {refused:?} {refused}");
    let value = proof.decode_json::<serde_json::Value>().unwrap();
    let undecodable = RawObject::new(format!("\"{SENTINEL}\"")).decode_json::<u8>().unwrap_err();
    let event = Event::new(EventKind::Other, "other", RawObject::new(SENTINEL));
    let long = std::time::Duration::from_secs(1);
    let guard = MemoryReplayGuard::new(std::num::NonZeroUsize::MIN, long).unwrap();
    let key = ReplayKey::for_content(SENTINEL, &value).unwrap();
    shown += &format!("{value:?} {undecodable:?} {undecodable} {event:?} {guard:?} {key:?}");
    for bad in [
        MacKey::base64("a", &SecretString::from(format!("{SENTINEL}!"))).unwrap_err(),
        MacKey::hex("a", &SecretString::from(format!("{SENTINEL}z"))).unwrap_err(),
        MacTag::parse(MacAlgorithm::HmacSha1, TagEncoding::Base64, SENTINEL).unwrap_err(),
        SignatureHeader::parse(SENTINEL, ',', '=').unwrap_err(),
        SignedTime::unix_seconds(SENTINEL, TimeRule::default()).unwrap_err(),
    ] {
        shown += &format!("{bad:?} {bad}");
    }
    #[cfg(feature = "ecdsa")]
    {
        use turnbuckle_core::webhook::{EcdsaEncoding, EcdsaSignature, UnverifiedJwt};
        let bad = UnverifiedJwt::parse(SENTINEL).unwrap_err();
        let signature = EcdsaSignature::from_bytes(EcdsaEncoding::Der, SENTINEL.into()).unwrap();
        shown += &format!("{bad:?} {bad} {signature:?}");
    }
    assert!(!shown.contains(SENTINEL), "{shown}");
    assert!(shown.contains("current") && shown.contains("previous"));
    // Bytes printed as a list would escape the search above.
    let as_list = format!("{:?}", SENTINEL.as_bytes());
    assert!(!shown.contains(as_list.trim_matches(['[', ']'])));
}
