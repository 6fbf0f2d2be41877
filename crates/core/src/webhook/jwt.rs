//! Compact tokens signed with ES256 that carry the hash of the body.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::Value;

use super::content::{Identity, TimeRule, check_body_sha256, sha256, sha256_from_hex};
use super::ecdsa::{EcdsaEncoding, EcdsaSignature, VerifyingKey};
use super::keyset::KeyLabel;
use super::proof::{Freshness, Proof};
use super::raw::RawWebhook;
use super::reason::Reason;
use crate::error::Result;

/// Longest token, in bytes.
const MAX_TOKEN: usize = 8 * 1024;

/// A token taken apart and not yet checked. All that can be read is which key it claims.
///
/// The algorithm is ours: a header that names another one than `ES256`, or an extension that must be understood, is
/// refused before anything else is read.
#[derive(Clone)]
pub struct UnverifiedJwt<'a> {
    signed: &'a str,
    payload: Vec<u8>,
    signature: EcdsaSignature,
    kid: KeyLabel,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
    typ: Option<String>,
    // Present at all means refused, `null` included.
    #[serde(default, deserialize_with = "present")]
    crit: bool,
    #[serde(default, deserialize_with = "present")]
    b64: bool,
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<bool, D::Error> {
    serde::de::IgnoredAny::deserialize(deserializer).map(|_| true)
}

impl<'a> UnverifiedJwt<'a> {
    /// Takes a token apart: three segments of base64url without padding, an `ES256` header with a key id, a signature
    /// of 64 bytes, at most 8 KiB in all.
    ///
    /// # Errors
    /// [`Reason::MalformedHeader`], or [`Reason::WrongAlgorithm`].
    pub fn parse(token: &'a str) -> Result<Self> {
        let malformed = || Reason::MalformedHeader.error();
        if token.len() > MAX_TOKEN {
            return Err(malformed());
        }
        let (signed, signature) = token.rsplit_once('.').ok_or_else(malformed)?;
        let (header, payload) = signed.split_once('.').ok_or_else(malformed)?;
        let decode = |segment: &str| URL_SAFE_NO_PAD.decode(segment).map_err(|_| malformed());

        let names_another = |header: &[u8]| {
            // A header without our key id may still say plainly that it wants another algorithm.
            let value = serde_json::from_slice::<Value>(header).ok();
            value.is_some_and(|value| value.get("alg").is_some_and(|alg| alg != "ES256"))
        };
        let header = decode(header)?;
        if names_another(&header) {
            return Err(Reason::WrongAlgorithm.error());
        }
        let header: Header = serde_json::from_slice(&header).map_err(|_| malformed())?;
        if header.alg != "ES256" {
            return Err(Reason::WrongAlgorithm.error());
        }
        if header.crit || header.b64 || header.typ.is_some_and(|typ| !typ.eq_ignore_ascii_case("JWT")) {
            return Err(malformed());
        }
        Ok(Self {
            signed,
            payload: decode(payload)?,
            signature: EcdsaSignature::from_bytes(EcdsaEncoding::Fixed, decode(signature)?)?,
            kid: KeyLabel::new(&header.kid).map_err(|_| malformed())?,
        })
    }

    /// The key id that the token claims, up to 128 visible ASCII characters. Anybody may have written it: look it up,
    /// and bound how many unknown ids may be looked up.
    pub fn kid(&self) -> &KeyLabel {
        &self.kid
    }

    /// Checks the signature and gives the claims. Time and body are not judged here; [`verify_jwt`] does that.
    ///
    /// # Errors
    /// [`Reason::UnknownKey`] when the key is not the one named or has expired, [`Reason::Mismatch`], or
    /// [`Reason::MalformedHeader`] for claims that are no object or name one twice.
    pub fn verify(&self, key: &VerifyingKey, now: DateTime<Utc>) -> Result<JwtClaims> {
        if *key.label() != self.kid || !key.is_valid(now) {
            return Err(Reason::UnknownKey.error());
        }
        if !key.key().accepts(&[self.signed.as_bytes()], &self.signature) {
            return Err(Reason::Mismatch.error());
        }
        serde_json::from_slice(&self.payload).map_err(|_| Reason::MalformedHeader.error())
    }
}

impl fmt::Debug for UnverifiedJwt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedJwt")
            .field("signed_bytes", &self.signed.len())
            .field("kid_bytes", &self.kid.as_str().len())
            .finish_non_exhaustive()
    }
}

/// The claims of a token whose signature was right. `Debug` shows how many there are.
pub struct JwtClaims(BTreeMap<String, Value>);

impl JwtClaims {
    /// A claim that is text.
    ///
    /// # Errors
    /// [`Reason::MissingClaim`] when it is absent or no text.
    pub fn text(&self, name: &str) -> Result<&str> {
        self.0.get(name).and_then(Value::as_str).ok_or_else(|| Reason::MissingClaim.error())
    }

    /// When the token was issued: the claim `iat`, whole seconds since 1970.
    ///
    /// # Errors
    /// [`Reason::MissingClaim`] when it is absent or no whole number in chrono's range.
    pub fn issued_at(&self) -> Result<DateTime<Utc>> {
        let seconds = self.0.get("iat").and_then(Value::as_i64);
        seconds
            .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
            .ok_or_else(|| Reason::MissingClaim.error())
    }
}

impl fmt::Debug for JwtClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JwtClaims({})", self.0.len())
    }
}

impl<'de> Deserialize<'de> for JwtClaims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Claims;

        impl<'de> Visitor<'de> for Claims {
            type Value = JwtClaims;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<JwtClaims, A::Error> {
                let mut claims = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    // Two readers may disagree about which of two counts.
                    if claims.insert(name, value).is_some() {
                        return Err(A::Error::custom("a claim stands twice"));
                    }
                }
                Ok(JwtClaims(claims))
            }
        }

        deserializer.deserialize_map(Claims)
    }
}

/// How a token speaks about the push that it came with.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct JwtRule<'a> {
    /// The claim that holds the body's SHA-256 in lower-case hexadecimal digits.
    pub body_claim: &'a str,
    /// How old the claim `iat` may be, and how far ahead.
    pub time: TimeRule,
}

impl<'a> JwtRule<'a> {
    /// The body's hash is in this claim; 300 seconds back and 60 ahead.
    pub fn new(body_claim: &'a str) -> Self {
        Self { body_claim, time: TimeRule::default() }
    }

    /// Another time rule.
    pub fn with_time(mut self, time: TimeRule) -> Self {
        self.time = time;
        self
    }
}

/// Checks a push whose body's hash stands in a signed token.
///
/// In this order: the key is the one named, the signature is right, the time is within the rule, the body has the
/// signed hash.
///
/// # Errors
/// [`SignatureInvalid`](crate::ErrorKind::SignatureInvalid) with [`Reason::UnknownKey`], [`Reason::Mismatch`],
/// [`Reason::MissingClaim`], [`Reason::Stale`], [`Reason::Future`], [`Reason::BodyMismatch`] or
/// [`Reason::MalformedHeader`].
pub fn verify_jwt(
    raw: &RawWebhook,
    token: &UnverifiedJwt<'_>,
    key: &VerifyingKey,
    rule: JwtRule<'_>,
    now: DateTime<Utc>,
) -> Result<Proof> {
    let claims = token.verify(key, now)?;
    let signed_at = claims.issued_at()?;
    let body = sha256_from_hex(claims.text(rule.body_claim)?).ok_or_else(|| Reason::MissingClaim.error())?;
    rule.time.check(signed_at, now)?;
    check_body_sha256(&raw.body, &body)?;
    let digest = sha256(&[token.signed.as_bytes()]);
    let identity = Identity::Hashed(digest);
    Ok(Proof::mint(raw.body.clone(), Freshness::SignedFresh { signed_at }, key.label().clone(), identity))
}
