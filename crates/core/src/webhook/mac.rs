//! Message authentication codes: computed over pieces, compared in constant time only.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use hmac::digest::{FixedOutput, KeyInit, Update};
use hmac::{Hmac, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

use super::content::{SignedContent, hex};
use super::keyset::{KeyLabel, KeySet, MacKey};
use super::proof::Proof;
use super::raw::RawWebhook;
use super::reason::Reason;
use crate::error::Result;

/// Longest tag, in bytes.
const MAX_TAG: usize = 64;

/// A MAC algorithm. It is fixed by the adapter and never read from a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MacAlgorithm {
    /// HMAC with SHA-1, 20 bytes. Weak as a hash, sound as a MAC, and still what some vendors sign with.
    HmacSha1,
    /// HMAC with SHA-256, 32 bytes.
    HmacSha256,
    /// HMAC with SHA-512, 64 bytes.
    HmacSha512,
}

impl MacAlgorithm {
    /// Length of a tag in bytes. Shortened tags are never accepted.
    pub fn tag_len(self) -> usize {
        match self {
            Self::HmacSha1 => 20,
            Self::HmacSha256 => 32,
            Self::HmacSha512 => 64,
        }
    }

    /// The tag over the pieces, one after the other.
    pub fn tag<'p>(self, key: &MacKey, parts: impl IntoIterator<Item = &'p [u8]>) -> MacTag {
        match self {
            Self::HmacSha1 => compute::<Hmac<Sha1>>(key, parts),
            Self::HmacSha256 => compute::<Hmac<Sha256>>(key, parts),
            Self::HmacSha512 => compute::<Hmac<Sha512>>(key, parts),
        }
    }
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
fn compute<'p, M: Mac + KeyInit + FixedOutput + Update>(
    key: &MacKey,
    parts: impl IntoIterator<Item = &'p [u8]>,
) -> MacTag {
    let mut mac = <M as KeyInit>::new_from_slice(key.expose()).expect("HMAC takes keys of every length");
    for part in parts {
        Mac::update(&mut mac, part);
    }
    MacTag::from_slice(&mac.finalize().into_bytes())
}

/// A MAC, computed or claimed. It cannot be printed, and two of them can be compared in constant time only:
///
/// ```compile_fail,E0369
/// # fn f(one: turnbuckle_core::webhook::MacTag, other: turnbuckle_core::webhook::MacTag) -> bool {
/// one == other
/// # }
/// ```
#[derive(Clone)]
pub struct MacTag {
    bytes: Zeroizing<[u8; MAX_TAG]>,
    len: usize,
}

impl MacTag {
    /// Reads a claimed tag, which must have exactly the algorithm's length.
    ///
    /// # Errors
    /// [`Reason::MalformedHeader`].
    pub fn parse(algorithm: MacAlgorithm, encoding: TagEncoding, text: &str) -> Result<Self> {
        // Neither encoding takes more than two characters a byte at these lengths.
        let bytes = if text.len() > 2 * algorithm.tag_len() { None } else { encoding.decode(text) };
        match bytes {
            Some(bytes) if bytes.len() == algorithm.tag_len() => Ok(Self::from_slice(&bytes)),
            _ => Err(Reason::MalformedHeader.error()),
        }
    }

    fn from_slice(tag: &[u8]) -> Self {
        let mut bytes = Zeroizing::new([0; MAX_TAG]);
        for (to, from) in bytes.iter_mut().zip(tag) {
            *to = *from;
        }
        Self { bytes, len: tag.len().min(MAX_TAG) }
    }

    /// Whether both are the same tag. Takes the same time whatever their bytes are.
    pub fn matches(&self, other: &Self) -> bool {
        self.ct_matches(other).into()
    }

    fn ct_matches(&self, other: &Self) -> Choice {
        // Bytes behind a tag's end are zero, so whole arrays can be compared.
        self.bytes.ct_eq(&*other.bytes) & Choice::from(u8::from(self.len == other.len))
    }
}

impl fmt::Debug for MacTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MacTag({} bytes)", self.len)
    }
}

/// How a tag is written in a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TagEncoding {
    /// Hexadecimal, lower case only.
    HexLower,
    /// Hexadecimal, either case.
    HexAny,
    /// Standard base64 with padding.
    Base64,
}

impl TagEncoding {
    fn decode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::HexLower if text.bytes().any(|byte| byte.is_ascii_uppercase()) => None,
            Self::HexLower | Self::HexAny => hex(text),
            Self::Base64 => STANDARD.decode(text).ok(),
        }
    }
}

/// The tags that a push claims, any of which may be the right one: senders that rotate a secret sign with both.
#[derive(Debug, Clone)]
pub struct MacTags {
    algorithm: MacAlgorithm,
    tags: Vec<MacTag>,
}

impl MacTags {
    /// Most tags in one push.
    pub const MAX_TAGS: usize = 16;

    /// Reads every claimed tag.
    ///
    /// # Errors
    /// [`Reason::MalformedHeader`] when there is none, when there are more than sixteen, or when one is not of the
    /// algorithm's length and encoding.
    pub fn parse<'t>(
        algorithm: MacAlgorithm,
        encoding: TagEncoding,
        texts: impl IntoIterator<Item = &'t str>,
    ) -> Result<Self> {
        let mut tags = Vec::new();
        for text in texts {
            if tags.len() == Self::MAX_TAGS {
                return Err(Reason::MalformedHeader.error());
            }
            tags.push(MacTag::parse(algorithm, encoding, text)?);
        }
        if tags.is_empty() {
            return Err(Reason::MalformedHeader.error());
        }
        Ok(Self { algorithm, tags })
    }
}

/// Checks a push that was signed with a shared secret.
///
/// Every valid key is tried over every alternative of the content against every claimed tag, without stopping early.
/// Only then is the time judged, so that `stale` and `future` are said of pushes that the sender did sign.
///
/// # Errors
/// [`SignatureInvalid`](crate::ErrorKind::SignatureInvalid) with [`Reason::Mismatch`], [`Reason::Stale`],
/// [`Reason::Future`], [`Reason::BodyMismatch`] or [`Reason::MalformedBody`];
/// [`Internal`](crate::ErrorKind::Internal) for content whose time or body hash is not signed.
pub fn verify_mac(
    raw: &RawWebhook,
    content: &SignedContent<'_>,
    claimed: &MacTags,
    keys: &KeySet,
    now: DateTime<Utc>,
) -> Result<Proof> {
    let form = content.form(raw)?;
    let alternatives = content.resolve(raw, &form)?;
    let mut found: Option<(&KeyLabel, &[&[u8]])> = None;
    for key in keys.valid(now) {
        for slices in &alternatives {
            let tag = claimed.algorithm.tag(key, slices.iter().copied());
            let mut hit = Choice::from(0);
            for claim in &claimed.tags {
                hit |= tag.ct_matches(claim);
            }
            if bool::from(hit) && found.is_none() {
                found = Some((key.label(), slices));
            }
        }
    }
    let (label, slices) = found.ok_or_else(|| Reason::Mismatch.error())?;
    content.prove(raw, slices, label, now)
}
