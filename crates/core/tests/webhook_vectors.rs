//! Cases that were checked with other people's libraries, run through schemes composed the way adapters compose them.
#![cfg(feature = "ecdsa")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod webhook_support;

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Request;
use serde::Deserialize;
use turnbuckle_core::Result;
use turnbuckle_core::webhook::{
    EcdsaEncoding, EcdsaSignature, Freshness, JwtRule, KeyLabel, MacAlgorithm, MacTags, P256PublicKey, Part,
    Proof, PublicKeySet, RawWebhook, Reason, SignedContent, SignedTime, TagEncoding, TimeRule, UnverifiedJwt,
    VerifyingKey, verify_ecdsa, verify_jwt, verify_mac,
};
use webhook_support::{URL, at, code, keys};

#[derive(Deserialize)]
struct Set<C> {
    cases: Vec<C>,
    #[serde(default)]
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    kid: String,
    x: String,
    y: String,
    expired_at: Option<i64>,
}

#[derive(Deserialize)]
struct FormCase {
    id: String,
    expect: String,
    auth_token: String,
    method: String,
    url: String,
    headers: BTreeMap<String, String>,
    content_type: Option<String>,
    raw_body: String,
}

#[derive(Deserialize)]
struct TimedCase {
    id: String,
    expect: String,
    crypto_valid: Option<bool>,
    reject_reason: Option<String>,
    now_unix: i64,
    public_key: Option<String>,
    headers: BTreeMap<String, String>,
    raw_body_base64: String,
}

impl TimedCase {
    fn raw(&self) -> RawWebhook {
        request("POST", URL, &self.headers, STANDARD.decode(&self.raw_body_base64).unwrap())
    }
}

fn request(method: &str, url: &str, headers: &BTreeMap<String, String>, body: Vec<u8>) -> RawWebhook {
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    RawWebhook::new(request.body(Bytes::from(body)).unwrap(), url).unwrap()
}

/// URL and sorted form, or URL alone with the body's hash in its query; the default port may or may not be signed.
fn url_and_form(case: &FormCase) -> Result<Proof> {
    let raw = request(&case.method, &case.url, &case.headers, case.raw_body.clone().into_bytes());
    if raw.optional_header("x-twilio-webhooks-signature-settings")?.is_some() {
        return Err(Reason::WrongAlgorithm.error());
    }
    let tags =
        MacTags::parse(MacAlgorithm::HmacSha1, TagEncoding::Base64, [raw.header("x-twilio-signature")?])?;
    let url = raw.url_text();
    let default_port = if url.starts_with("https") { ":443" } else { ":80" };
    let (host_end, _) = url.match_indices('/').nth(2).unwrap();
    let without = url.replacen(&format!("{default_port}/"), "/", 1);
    let with = format!("{}{default_port}{}", &url[..host_end], &url[host_end..]);
    let hash = url.split_once("bodySHA256=").map(|(_, hash)| hash);
    let is_form = case.content_type.as_deref() == Some("application/x-www-form-urlencoded");
    let content = if let Some(hash) = hash.filter(|_| !is_form) {
        SignedContent::new([Part::Url])
            .or_parts([Part::Text(&without)])
            .or_parts([Part::Text(&with)])
            .with_body_sha256(hash)?
    } else {
        SignedContent::new([Part::Url, Part::SortedForm])
            .or_parts([Part::Text(&without), Part::SortedForm])
            .or_parts([Part::Text(&with), Part::SortedForm])
    };
    verify_mac(&raw, &content, &tags, &keys(&case.auth_token), at(0))
}

#[test]
fn url_and_form_vectors() {
    let set: Set<FormCase> =
        serde_json::from_str(include_str!("../../../fixtures/webhooks/twilio.json")).unwrap();
    let mut valid = 0;
    for case in &set.cases {
        let outcome = url_and_form(case);
        assert_eq!(outcome.is_ok(), case.expect == "valid", "{} {outcome:?}", case.id);
        if let Ok(proof) = outcome {
            assert_eq!(&proof.bytes()[..], case.raw_body.as_bytes(), "{}", case.id);
            assert_eq!(proof.freshness(), Freshness::Signed);
            valid += 1;
        }
    }
    assert_eq!((valid, set.cases.len()), (17, 32));
}

/// Ten digits and the body with nothing between, signed with a key pair.
fn time_and_body(case: &TimedCase) -> Result<Proof> {
    let raw = case.raw();
    let signature = raw.header("x-twilio-email-event-webhook-signature")?;
    let signature = EcdsaSignature::from_base64(EcdsaEncoding::Der, signature)?;
    let time = raw.header("x-twilio-email-event-webhook-timestamp")?;
    let rule = TimeRule::new(Duration::from_secs(600), Duration::from_secs(600));
    let content =
        SignedContent::new([Part::Text(time), Part::Body]).with_time(SignedTime::unix_seconds(time, rule)?);
    let key = P256PublicKey::from_spki_base64(case.public_key.as_deref().unwrap())?;
    let keys = PublicKeySet::new(VerifyingKey::new(KeyLabel::new("current")?, key));
    verify_ecdsa(&raw, &content, &signature, &keys, at(case.now_unix))
}

#[test]
fn time_and_body_vectors() {
    let set: Set<TimedCase> =
        serde_json::from_str(include_str!("../../../fixtures/webhooks/sendgrid.json")).unwrap();
    let mut valid = 0;
    for case in &set.cases {
        match time_and_body(case) {
            Ok(proof) => {
                assert_eq!(case.expect, "valid", "{}", case.id);
                assert_eq!(proof.bytes(), &STANDARD.decode(&case.raw_body_base64).unwrap());
                valid += 1;
            }
            Err(error) => {
                assert_eq!(case.expect, "invalid", "{} {error}", case.id);
                if case.crypto_valid == Some(true) {
                    let expected = match case.id.as_str() {
                        "sg-i19-stale-timestamp" => "stale",
                        "sg-i20-future-timestamp" => "future",
                        _ => "malformed_header",
                    };
                    assert_eq!(code(&error), expected, "{}", case.id);
                }
            }
        }
    }
    assert_eq!((valid, set.cases.len()), (11, 26));
}

#[test]
fn a_rewritten_signature_is_the_same_content() {
    let set: Set<TimedCase> =
        serde_json::from_str(include_str!("../../../fixtures/webhooks/sendgrid.json")).unwrap();
    let twin = set.cases.iter().find(|case| case.id == "sg-v12-malleated-s").unwrap();
    let signature = |case: &TimedCase| case.headers["X-Twilio-Email-Event-Webhook-Signature"].clone();
    let time = |case: &TimedCase| case.headers["X-Twilio-Email-Event-Webhook-Timestamp"].clone();
    let others: Vec<_> = set
        .cases
        .iter()
        .filter(|case| case.expect == "valid" && case.raw_body_base64 == twin.raw_body_base64)
        .filter(|case| time(case) == time(twin) && signature(case) != signature(twin))
        .collect();
    assert!(!others.is_empty());
    for other in others {
        assert_eq!(time_and_body(twin).unwrap().digest(), time_and_body(other).unwrap().digest());
    }
}

#[test]
fn token_vectors() {
    let set: Set<TimedCase> =
        serde_json::from_str(include_str!("../../../fixtures/webhooks/plaid.json")).unwrap();
    let check = |case: &TimedCase| -> Result<Proof> {
        let raw = case.raw();
        let token = UnverifiedJwt::parse(raw.header("plaid-verification")?)?;
        let jwk = set.keys.iter().find(|key| key.kid == token.kid().as_str());
        let jwk = jwk.ok_or_else(|| Reason::UnknownKey.error())?;
        let key = P256PublicKey::from_jwk_coordinates(&jwk.x, &jwk.y)?;
        let mut key = VerifyingKey::new(token.kid().clone(), key);
        if let Some(expired) = jwk.expired_at {
            key = key.with_expiry(at(expired));
        }
        verify_jwt(&raw, &token, &key, JwtRule::new("request_body_sha256"), at(case.now_unix))
    };
    let mut valid = 0;
    for case in &set.cases {
        match check(case) {
            Ok(proof) => {
                assert_eq!(case.expect, "valid", "{}", case.id);
                assert!(proof.signed_at().is_some());
                assert_eq!(proof.bytes(), &STANDARD.decode(&case.raw_body_base64).unwrap());
                valid += 1;
            }
            Err(error) => {
                assert_eq!(case.expect, "invalid", "{} {error}", case.id);
                let expected = match case.reject_reason.as_deref().unwrap() {
                    "body_hash" => "body_mismatch",
                    "too_old" => "stale",
                    "future_iat" => "future",
                    "alg" => "wrong_algorithm",
                    "claim_missing" => "missing_claim",
                    "expired_key" => "unknown_key",
                    "kid" | "malformed" => "malformed_header",
                    // A signature of the wrong length is refused for its form, any other for its value.
                    "signature" if case.id == "pl-i24-der-signature" => "malformed_header",
                    "signature" => "mismatch",
                    other => panic!("a reason without a code: {other}"),
                };
                assert_eq!(code(&error), expected, "{}", case.id);
            }
        }
    }
    assert_eq!((valid, set.cases.len()), (10, 28));
}
