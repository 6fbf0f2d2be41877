//! Tokens and public keys that are not quite right, signed for real.
#![cfg(feature = "ecdsa")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod webhook_support;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use sha2::{Digest as _, Sha256};
use turnbuckle_core::ErrorKind;
use turnbuckle_core::webhook::{
    EcdsaEncoding, EcdsaSignature, JwtRule, KeyLabel, P256PublicKey, Part, PublicKeySet, SignedContent,
    UnverifiedJwt, VerifyingKey, verify_ecdsa, verify_jwt,
};
use webhook_support::*;

const T: i64 = 1_700_000_000;
const HEADER: &str = r#"{"alg":"ES256","kid":"k1","typ":"JWT"}"#;

struct Signer {
    pair: EcdsaKeyPair,
    key: P256PublicKey,
}

impl Signer {
    fn new() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let point = pair.public_key().as_ref();
        let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
        let key = P256PublicKey::from_jwk_coordinates(&x, &y).unwrap();
        Self { pair, key }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()
    }

    fn token(&self, header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = URL_SAFE_NO_PAD.encode(self.sign(signed.as_bytes()));
        format!("{signed}.{signature}")
    }

    fn named(&self, kid: &str) -> VerifyingKey {
        VerifyingKey::new(KeyLabel::new(kid).unwrap(), self.key.clone())
    }

    /// The reason why a token is refused over the body `{}`, or `ok`.
    fn verdict(&self, token: &str, now: i64) -> String {
        let outcome = UnverifiedJwt::parse(token).and_then(|token| {
            verify_jwt(&push(&[], b"{}"), &token, &self.named("k1"), JwtRule::new("body"), at(now))
        });
        outcome.map_or_else(|error| code(&error).to_owned(), |_| "ok".to_owned())
    }
}

fn claims(iat: &str) -> String {
    format!(r#"{{"iat":{iat},"body":"{}"}}"#, hex(&Sha256::digest(b"{}")))
}

#[test]
fn time_limits_are_exact() {
    let signer = Signer::new();
    let token = signer.token(HEADER, &claims(&T.to_string()));
    for (now, verdict) in [(T, "ok"), (T + 300, "ok"), (T + 301, "stale"), (T - 60, "ok"), (T - 61, "future")]
    {
        assert_eq!(signer.verdict(&token, now), verdict, "{}", now - T);
    }
}

#[test]
fn headers_must_be_ours() {
    let signer = Signer::new();
    let good = claims(&T.to_string());
    for (header, verdict) in [
        (r#"{"alg":"ES256","kid":"k1"}"#, "ok"),
        (r#"{"alg":"ES256","kid":"k1","typ":"jwt","x":1,"x":2}"#, "ok"),
        (r#"{"alg":"ES256","kid":"k2"}"#, "unknown_key"),
        (r#"{"alg":"es256","kid":"k1"}"#, "wrong_algorithm"),
        (r#"{"alg":"ES384","kid":"k1"}"#, "wrong_algorithm"),
        (r#"{"alg":null,"kid":"k1"}"#, "wrong_algorithm"),
        (r#"{"alg":["ES256"],"kid":"k1"}"#, "wrong_algorithm"),
        (r#"{"alg":"none","alg":"ES256","kid":"k1"}"#, "malformed_header"),
        (r#"{"alg":"ES256","kid":"k0","kid":"k1"}"#, "malformed_header"),
        (r#"{"kid":"k1"}"#, "malformed_header"),
        (r#"{"alg":"ES256"}"#, "malformed_header"),
        (r#"{"alg":"ES256","kid":""}"#, "malformed_header"),
        (r#"{"alg":"ES256","kid":"two words"}"#, "malformed_header"),
        (r#"{"alg":"ES256","kid":7}"#, "malformed_header"),
        (r#"{"alg":"ES256","kid":"k1","typ":"at+jwt"}"#, "malformed_header"),
        (r#"{"alg":"ES256","kid":"k1","crit":["x"]}"#, "malformed_header"),
        (r#"{"alg":"ES256","kid":"k1","crit":null}"#, "malformed_header"),
        (r#"{"alg":"ES256","kid":"k1","b64":false}"#, "malformed_header"),
        (r#"["ES256","k1",null,false,false]"#, "malformed_header"),
        ("", "malformed_header"),
    ] {
        assert_eq!(signer.verdict(&signer.token(header, &good), T), verdict, "{header}");
    }
}

#[test]
fn claims_must_be_whole_and_single() {
    let signer = Signer::new();
    let hash = hex(&Sha256::digest(b"{}"));
    let deep = format!(r#"{{"iat":{T},"body":"{hash}","x":{}{}}}"#, "[".repeat(500), "]".repeat(500));
    for (payload, verdict) in [
        (claims(&T.to_string()), "ok"),
        (claims(&format!("{T}.0")), "missing_claim"),
        (claims(&format!("\"{T}\"")), "missing_claim"),
        (claims("1e400"), "malformed_header"),
        (claims("9223372036854775807"), "missing_claim"),
        (format!(r#"{{"iat":1,"iat":{T},"body":"{hash}"}}"#), "malformed_header"),
        (format!(r#"{{"iat":{T},"body":"{hash}","body":"{hash}"}}"#), "malformed_header"),
        (format!(r#"{{"iat":{T},"body":"{}"}}"#, hash.to_uppercase()), "missing_claim"),
        (format!(r#"{{"iat":{T},"body":"{}"}}"#, &hash[2..]), "missing_claim"),
        (format!(r#"{{"iat":{T},"body":7}}"#), "missing_claim"),
        (format!(r#"{{"iat":{T},"body":"{}"}}"#, "00".repeat(32)), "body_mismatch"),
        (format!(r#"[{T},"{hash}"]"#), "malformed_header"),
        (deep, "malformed_header"),
        (String::new(), "malformed_header"),
    ] {
        assert_eq!(signer.verdict(&signer.token(HEADER, &payload), T), verdict, "{payload:.80}");
    }
}

#[test]
fn the_compact_form_is_strict() {
    let signer = Signer::new();
    let good = signer.token(HEADER, &claims(&T.to_string()));
    let (head, tail) = good.rsplit_once('.').unwrap();
    // The last of 86 characters carries four bits that must be zero.
    let last = tail.chars().last().unwrap();
    let loose = char::from(u8::try_from(last).unwrap() + 1);
    for bad in [
        head.to_owned(),
        format!("{good}."),
        format!(".{good}"),
        format!("{good}=="),
        format!(" {good}"),
        format!("{head}.{}{loose}", &tail[..85]),
        format!("{head}.{}", &tail[..84]),
        format!("{head}."),
        format!("{}.{tail}", head.replacen('.', "..", 1)),
        format!("{}{good}", "A".repeat(9000)),
    ] {
        assert_eq!(signer.verdict(&bad, T), "malformed_header", "{bad:.60}");
    }
    assert_eq!(Signer::new().verdict(&good, T), "mismatch");
}

#[test]
fn keys_expire_to_the_moment_and_are_found_by_name() {
    let signer = Signer::new();
    let raw = push(&[], b"message");
    let signature = EcdsaSignature::from_bytes(EcdsaEncoding::Fixed, signer.sign(b"message")).unwrap();
    let content = SignedContent::new([Part::Body]);
    let set = PublicKeySet::new(Signer::new().named("other"))
        .with_key(signer.named("ours").with_expiry(at(T)))
        .unwrap();
    let check = |now| verify_ecdsa(&raw, &content, &signature, &set, now);
    assert_eq!(check(at(T) - TimeDelta::nanoseconds(1)).unwrap().matched_key().as_str(), "ours");
    assert_eq!(code(&check(at(T)).unwrap_err()), "mismatch");
    assert!(set.find("ours", at(T - 1)).is_some() && set.find("ours", at(T)).is_none());
    assert!(set.find("nobody", at(0)).is_none());
    assert!(set.clone().with_key(signer.named("ours")).is_err());
    let full = (2..12).fold(set, |set, label| set.with_key(signer.named(&label.to_string())).unwrap());
    assert!(full.with_key(signer.named("more")).is_err());
}

#[test]
fn public_keys_are_read_strictly() {
    let signer = Signer::new();
    let point = signer.pair.public_key().as_ref();
    let prefix = STANDARD.decode("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE").unwrap();
    let der = [&prefix[..26], point].concat();
    assert!(P256PublicKey::from_spki_der(&der).is_ok());
    let text = STANDARD.encode(&der);
    assert!(P256PublicKey::from_spki_base64(&text).is_ok());

    let mut off_curve = der.clone();
    off_curve[90] ^= 1;
    let mut compressed = [&prefix[..26], &point[..33]].concat();
    compressed[26] = 2;
    let hybrid = |tag| {
        let mut hybrid = der.clone();
        hybrid[26] = tag;
        hybrid
    };
    for bad in [
        &off_curve,
        &compressed,
        &hybrid(6),
        &hybrid(7),
        &[&der[..], &[0]].concat(),
        &der[..90].to_vec(),
        &Vec::new(),
    ] {
        assert_eq!(P256PublicKey::from_spki_der(bad).unwrap_err().kind(), ErrorKind::InvalidConfig);
    }
    for bad in
        ["", &format!("{text}\n"), &format!("-----BEGIN PUBLIC KEY-----\n{text}"), &text.replace('=', "")]
    {
        assert!(P256PublicKey::from_spki_base64(bad).is_err());
    }
    let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
    let zero = URL_SAFE_NO_PAD.encode([0; 32]);
    for (x, y) in
        [(&x[..42], &y[..]), (&x, &zero), (&zero, &zero), (&format!("{x}="), &y), (&y, &x), ("", "")]
    {
        assert!(P256PublicKey::from_jwk_coordinates(x, y).is_err());
    }
    for length in [0, 63, 65] {
        assert!(EcdsaSignature::from_bytes(EcdsaEncoding::Fixed, vec![1; length]).is_err());
    }
    for length in [0, 73] {
        assert!(EcdsaSignature::from_bytes(EcdsaEncoding::Der, vec![1; length]).is_err());
    }
}
