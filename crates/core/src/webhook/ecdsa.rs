//! ECDSA signatures over P-256 with SHA-256.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, ParsedPublicKey, UnparsedPublicKey,
    VerificationAlgorithm,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};

use super::content::SignedContent;
use super::keyset::{KeyLabel, KeySet, invalid};
use super::proof::Proof;
use super::raw::RawWebhook;
use super::reason::Reason;
use crate::error::Result;

/// Length of an uncompressed point: a tag and two coordinates of 32 bytes.
const POINT: usize = 65;

/// Everything that stands before the point in the one DER form of a P-256 key: two sequences, the two object ids, the
/// head of the bit string.
const SPKI_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// Longest DER signature: two integers of at most 33 bytes and their heads.
const MAX_DER: usize = 72;

/// How a signature's two numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EcdsaEncoding {
    /// ASN.1 DER, in its only valid form.
    Der,
    /// Both numbers in 32 bytes each (IEEE P1363), as JSON web tokens have it.
    Fixed,
}

impl EcdsaEncoding {
    fn algorithm(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::Der => &ECDSA_P256_SHA256_ASN1,
            Self::Fixed => &ECDSA_P256_SHA256_FIXED,
        }
    }

    fn admits(self, len: usize) -> bool {
        match self {
            Self::Der => (1..=MAX_DER).contains(&len),
            Self::Fixed => len == 64,
        }
    }
}

/// A claimed signature. A good one can be rewritten into another good one (the second number negated), so it never
/// tells two pushes apart.
#[derive(Clone)]
pub struct EcdsaSignature {
    encoding: EcdsaEncoding,
    bytes: Vec<u8>,
}

impl EcdsaSignature {
    /// Reads a signature in padded standard base64.
    ///
    /// # Errors
    /// [`Reason::MalformedHeader`] for other text, or a length that the encoding cannot have.
    pub fn from_base64(encoding: EcdsaEncoding, text: &str) -> Result<Self> {
        let bytes = if text.len() > 2 * MAX_DER { None } else { STANDARD.decode(text).ok() };
        Self::from_bytes(encoding, bytes.unwrap_or_default())
    }

    /// Takes the bytes of a signature.
    ///
    /// # Errors
    /// [`Reason::MalformedHeader`] for a length that the encoding cannot have.
    pub fn from_bytes(encoding: EcdsaEncoding, bytes: Vec<u8>) -> Result<Self> {
        if encoding.admits(bytes.len()) {
            Ok(Self { encoding, bytes })
        } else {
            Err(Reason::MalformedHeader.error())
        }
    }
}

impl fmt::Debug for EcdsaSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EcdsaSignature")
            .field("encoding", &self.encoding)
            .field("bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

/// A public key on P-256, known to lie on the curve.
#[derive(Clone)]
pub struct P256PublicKey {
    point: [u8; POINT],
}

impl P256PublicKey {
    /// Reads a `SubjectPublicKeyInfo` in DER: named curve, uncompressed point, nothing else and nothing behind.
    ///
    /// # Errors
    /// [`InvalidConfig`](crate::ErrorKind::InvalidConfig).
    pub fn from_spki_der(der: &[u8]) -> Result<Self> {
        let point = der.strip_prefix(&SPKI_PREFIX).and_then(|point| <[u8; POINT]>::try_from(point).ok());
        point.and_then(Self::on_curve).ok_or_else(not_a_key)
    }

    /// The same in padded standard base64, without PEM lines.
    ///
    /// # Errors
    /// As [`from_spki_der`](Self::from_spki_der).
    pub fn from_spki_base64(text: &str) -> Result<Self> {
        // 91 bytes are 124 characters.
        let der = if text.len() == 124 { STANDARD.decode(text).ok() } else { None };
        Self::from_spki_der(&der.ok_or_else(not_a_key)?)
    }

    /// Reads the `x` and `y` of a JSON web key: 32 bytes each, base64url without padding. The caller has seen that the
    /// key is `EC` and `P-256`.
    ///
    /// # Errors
    /// As [`from_spki_der`](Self::from_spki_der).
    pub fn from_jwk_coordinates(x: &str, y: &str) -> Result<Self> {
        let mut point = [0; POINT];
        let [tag, coordinates @ ..] = &mut point;
        *tag = 4;
        let (to_x, to_y) = coordinates.split_at_mut(32);
        for (to, text) in [(to_x, x), (to_y, y)] {
            let bytes = if text.len() == 43 { URL_SAFE_NO_PAD.decode(text).ok() } else { None };
            to.copy_from_slice(&bytes.filter(|bytes| bytes.len() == 32).ok_or_else(not_a_key)?);
        }
        Self::on_curve(point).ok_or_else(not_a_key)
    }

    fn on_curve(point: [u8; POINT]) -> Option<Self> {
        ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).ok().filter(|_| point.first() == Some(&4))?;
        Some(Self { point })
    }

    pub(super) fn accepts(&self, parts: &[&[u8]], signature: &EcdsaSignature) -> bool {
        let mut digest = Context::new(&SHA256);
        for part in parts {
            digest.update(part);
        }
        UnparsedPublicKey::new(signature.encoding.algorithm(), &self.point)
            .verify_digest(&digest.finish(), &signature.bytes)
            .is_ok()
    }
}

impl fmt::Debug for P256PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("P256PublicKey").finish_non_exhaustive()
    }
}

fn not_a_key() -> crate::error::Error {
    invalid("the public key is not a P-256 key of the expected form")
}

/// A public key under a name: the vendor's key id, or the host's own label.
#[derive(Debug, Clone)]
pub struct VerifyingKey {
    label: KeyLabel,
    key: P256PublicKey,
    until: Option<DateTime<Utc>>,
}

impl VerifyingKey {
    /// Names a key.
    pub fn new(label: KeyLabel, key: P256PublicKey) -> Self {
        Self { label, key, until: None }
    }

    /// Accepts the key before `until` and not from then on.
    pub fn with_expiry(mut self, until: DateTime<Utc>) -> Self {
        self.until = Some(until);
        self
    }

    /// The key's name.
    pub fn label(&self) -> &KeyLabel {
        &self.label
    }

    /// Whether the key is accepted now.
    pub fn is_valid(&self, now: DateTime<Utc>) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    pub(super) fn key(&self) -> &P256PublicKey {
        &self.key
    }
}

/// The public keys that are accepted. Never empty, at most twelve.
#[derive(Debug, Clone)]
pub struct PublicKeySet {
    keys: Vec<VerifyingKey>,
}

impl PublicKeySet {
    /// A set of one key.
    pub fn new(key: VerifyingKey) -> Self {
        Self { keys: vec![key] }
    }

    /// Adds a key.
    ///
    /// # Errors
    /// [`InvalidConfig`](crate::ErrorKind::InvalidConfig) above twelve keys, or when the label is taken.
    pub fn with_key(mut self, key: VerifyingKey) -> Result<Self> {
        if self.keys.len() == KeySet::MAX_KEYS {
            return Err(invalid("a webhook takes at most twelve public keys"));
        }
        if self.keys.iter().any(|held| held.label == key.label) {
            return Err(invalid("two public keys have the same label"));
        }
        self.keys.push(key);
        Ok(self)
    }

    /// The key of this name that is accepted now.
    pub fn find(&self, label: &str, now: DateTime<Utc>) -> Option<&VerifyingKey> {
        self.keys.iter().find(|key| key.label.as_str() == label && key.is_valid(now))
    }
}

/// Checks a push that was signed with a private key whose public half is in the set.
///
/// Every valid key is tried over every alternative of the content. Keys and signatures are public here, so the first
/// that fits ends the search. The time is judged after the signature.
///
/// # Errors
/// As [`verify_mac`](super::verify_mac).
pub fn verify_ecdsa(
    raw: &RawWebhook,
    content: &SignedContent<'_>,
    signature: &EcdsaSignature,
    keys: &PublicKeySet,
    now: DateTime<Utc>,
) -> Result<Proof> {
    let form = content.form(raw)?;
    let alternatives = content.resolve(raw, &form)?;
    for key in keys.keys.iter().filter(|key| key.is_valid(now)) {
        for slices in &alternatives {
            if key.key.accepts(slices, signature) {
                return content.prove(raw, slices, &key.label, now);
            }
        }
    }
    Err(Reason::Mismatch.error())
}
