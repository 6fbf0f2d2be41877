//! What a scheme signs, put together from the push itself.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::form::{nibble, sorted_pairs};
use super::keyset::KeyLabel;
use super::proof::{Freshness, Proof};
use super::raw::RawWebhook;
use super::reason::Reason;
use crate::error::{Error, ErrorKind, Result};

/// Most ways to put the signed bytes together that one check tries.
const MAX_ALTERNATIVES: usize = 8;

/// One piece of the signed bytes. The pieces follow each other with nothing between.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Part<'a> {
    /// Text that the adapter took from a header or the URL, or a fixed separator.
    Text(&'a str),
    /// The public URL as text, with the request's query ([`RawWebhook::url_text`]).
    Url,
    /// The body, byte for byte.
    Body,
    /// The body as a form: its decoded pairs sorted by name and value, each distinct pair once, name before value,
    /// nothing between. Such a form does not say where a name ends: `A=BC` and `AB=C` are the same signed bytes.
    SortedForm,
}

impl fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Url => f.write_str("Url"),
            Self::Body => f.write_str("Body"),
            Self::SortedForm => f.write_str("SortedForm"),
        }
    }
}

/// How old a signed time may be, and how far ahead. Both limits are still accepted.
///
/// The default is 300 seconds back and 60 seconds ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimeRule {
    /// Largest accepted age.
    pub past: Duration,
    /// Largest accepted lead of the sender's clock.
    pub future: Duration,
}

impl TimeRule {
    /// A rule of its own.
    pub fn new(past: Duration, future: Duration) -> Self {
        Self { past, future }
    }

    /// How long one push can stay acceptable: the least that a replay guard must remember.
    pub fn window(&self) -> Duration {
        self.past.saturating_add(self.future)
    }

    /// Whether a signed time is acceptable now.
    ///
    /// # Errors
    /// [`Reason::Stale`] or [`Reason::Future`].
    pub fn check(&self, signed_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<()> {
        let age = now.signed_duration_since(signed_at);
        let (distance, limit, reason) = if age < TimeDelta::zero() {
            (signed_at.signed_duration_since(now), self.future, Reason::Future)
        } else {
            (age, self.past, Reason::Stale)
        };
        match distance.to_std() {
            Ok(distance) if distance <= limit => Ok(()),
            _ => Err(reason.error()),
        }
    }
}

impl Default for TimeRule {
    fn default() -> Self {
        Self { past: Duration::from_secs(300), future: Duration::from_secs(60) }
    }
}

/// A time that the sender signed along with the body.
#[derive(Clone, Copy)]
pub struct SignedTime<'a> {
    text: &'a str,
    at: DateTime<Utc>,
    rule: TimeRule,
}

impl<'a> SignedTime<'a> {
    /// A time in seconds since 1970, written as exactly ten digits.
    ///
    /// The fixed length (good until 2286) matters where nothing stands between time and body: no digit can be moved
    /// from one to the other.
    ///
    /// # Errors
    /// [`Reason::MalformedHeader`] for any other text.
    pub fn unix_seconds(text: &'a str, rule: TimeRule) -> Result<Self> {
        let digits =
            text.len() == 10 && !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
        let at =
            text.parse().ok().filter(|_| digits).and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        at.map(|at| Self { text, at, rule }).ok_or_else(|| Reason::MalformedHeader.error())
    }

    /// The time.
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }
}

impl fmt::Debug for SignedTime<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedTime").field("at", &self.at).field("rule", &self.rule).finish()
    }
}

/// What a scheme signs: the pieces, the signed time, and how the body is bound.
///
/// A check refuses content that leaves the body out. The body is bound by a [`Part::Body`] or [`Part::SortedForm`], by
/// its hash standing in the signed text ([`with_body_sha256`](Self::with_body_sha256)), or by being empty.
#[derive(Debug, Clone)]
pub struct SignedContent<'a> {
    alternatives: Vec<Vec<Part<'a>>>,
    time: Option<SignedTime<'a>>,
    body_sha256: Option<[u8; 32]>,
    body_sha256_text: Option<Hidden<'a>>,
}

#[derive(Clone, Copy)]
struct Hidden<'a>(&'a str);

impl fmt::Debug for Hidden<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}

impl<'a> SignedContent<'a> {
    /// The signed bytes are these pieces, one after the other.
    pub fn new(parts: impl Into<Vec<Part<'a>>>) -> Self {
        Self { alternatives: vec![parts.into()], time: None, body_sha256: None, body_sha256_text: None }
    }

    /// Another way in which the sender may have put the bytes together, tried as well (for example the URL without its
    /// port). At most eight in all.
    pub fn or_parts(mut self, parts: impl Into<Vec<Part<'a>>>) -> Self {
        self.alternatives.push(parts.into());
        self
    }

    /// The time that was signed. Its text must be one of the [`Part::Text`] pieces of every alternative, so that a
    /// time that nobody signed cannot pass for one.
    pub fn with_time(mut self, time: SignedTime<'a>) -> Self {
        self.time = Some(time);
        self
    }

    /// The body's SHA-256 as 64 lower-case hexadecimal digits, which must occur in the signed text or URL.
    ///
    /// # Errors
    /// [`Reason::MalformedHeader`] for any other text.
    pub fn with_body_sha256(mut self, hex: &'a str) -> Result<Self> {
        self.body_sha256 = Some(sha256_from_hex(hex).ok_or_else(|| Reason::MalformedHeader.error())?);
        self.body_sha256_text = Some(Hidden(hex));
        Ok(self)
    }

    /// Resolves the pieces against a push, after checking that they bind the body and the time.
    pub(super) fn resolve<'b>(&'b self, raw: &'b RawWebhook, form: &'b Form) -> Result<Vec<Vec<&'b [u8]>>> {
        if self.alternatives.len() > MAX_ALTERNATIVES {
            return Err(misuse("a webhook scheme tries too many ways to put the signed bytes together"));
        }
        self.alternatives
            .iter()
            .map(|parts| {
                self.check_binding(parts, raw)?;
                let mut slices = Vec::with_capacity(parts.len());
                for part in parts {
                    match part {
                        Part::Text(text) => slices.push(text.as_bytes()),
                        Part::Url => slices.push(raw.url_text().as_bytes()),
                        Part::Body => slices.push(&raw.body[..]),
                        Part::SortedForm => {
                            for (name, value) in &form.0 {
                                slices.extend([name.as_slice(), value.as_slice()]);
                            }
                        }
                    }
                }
                Ok(slices)
            })
            .collect()
    }

    fn check_binding(&self, parts: &[Part<'_>], raw: &RawWebhook) -> Result<()> {
        let texts = || {
            parts.iter().filter_map(|part| match part {
                Part::Text(text) => Some(*text),
                Part::Url => Some(raw.url_text()),
                Part::Body | Part::SortedForm => None,
            })
        };
        if let Some(Hidden(hash)) = self.body_sha256_text
            && !texts().any(|text| text.contains(hash))
        {
            return Err(misuse("a webhook scheme compares a body hash that is not signed"));
        }
        let in_parts = parts.iter().any(|part| matches!(part, Part::Body | Part::SortedForm));
        if !in_parts && self.body_sha256.is_none() && !raw.body.is_empty() {
            // Not a fault of the scheme's author alone: a push may simply lack the hash that would bind its body.
            return Err(Reason::BodyMismatch.error());
        }
        if let Some(time) = &self.time
            && !parts.iter().any(|part| matches!(part, Part::Text(text) if *text == time.text))
        {
            return Err(misuse("a webhook scheme reads a time that is not signed"));
        }
        Ok(())
    }

    pub(super) fn form(&self, raw: &RawWebhook) -> Result<Form> {
        let needed = self.alternatives.iter().flatten().any(|part| matches!(part, Part::SortedForm));
        if needed { sorted_pairs(&raw.body).map(Form) } else { Ok(Form(Vec::new())) }
    }

    /// Makes the proof, once a signature over `slices` has been found good: the last two checks are the body's hash
    /// and the time.
    pub(super) fn prove(
        &self,
        raw: &RawWebhook,
        slices: &[&[u8]],
        label: &KeyLabel,
        now: DateTime<Utc>,
    ) -> Result<Proof> {
        if let Some(claimed) = &self.body_sha256 {
            check_body_sha256(&raw.body, claimed)?;
        }
        let freshness = match &self.time {
            Some(time) => {
                time.rule.check(time.at, now)?;
                Freshness::SignedFresh { signed_at: time.at }
            }
            None => Freshness::Signed,
        };
        Ok(Proof::mint(raw.body.clone(), freshness, label.clone(), Identity::of(slices, &raw.body)))
    }
}

/// The form's pairs in signed order; empty where no part needs them.
pub(super) struct Form(Vec<(Vec<u8>, Vec<u8>)>);

fn misuse(message: &'static str) -> Error {
    Error::new(ErrorKind::Internal, message)
}

/// The hash of everything that was signed, which is also what tells two pushes apart.
pub(super) fn sha256(slices: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for slice in slices {
        hash.update(slice);
    }
    hash.finalize().into()
}

/// What tells two pushes apart. Most events have an id of their own and never ask, so the hash waits until somebody does.
#[derive(Clone)]
pub(super) enum Identity {
    Hashed([u8; 32]),
    /// Everything that was signed before the body, the body, and what was signed after it.
    Signed {
        before: Box<[u8]>,
        body: Bytes,
        after: Box<[u8]>,
    },
}

impl Identity {
    fn of(slices: &[&[u8]], body: &Bytes) -> Self {
        let is_body = |slice: &&[u8]| slice.as_ptr() == body.as_ptr() && slice.len() == body.len();
        let Some(place) = slices.iter().position(is_body) else {
            return Self::Hashed(sha256(slices));
        };
        let (before, rest) = slices.split_at(place);
        let after = rest.get(1..).unwrap_or_default();
        Self::Signed { before: before.concat().into(), body: body.clone(), after: after.concat().into() }
    }

    pub(super) fn digest(&self) -> [u8; 32] {
        match self {
            Self::Hashed(digest) => *digest,
            Self::Signed { before, body, after } => sha256(&[before, body, after]),
        }
    }
}

pub(super) fn check_body_sha256(body: &Bytes, claimed: &[u8; 32]) -> Result<()> {
    if bool::from(sha256(&[body]).ct_eq(claimed)) { Ok(()) } else { Err(Reason::BodyMismatch.error()) }
}

/// Exactly 64 lower-case hexadecimal digits.
pub(super) fn sha256_from_hex(text: &str) -> Option<[u8; 32]> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    hex(text)?.try_into().ok()
}

/// Hexadecimal digits of either case, two a byte.
pub(super) fn hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(nibble(*high)? << 4 | nibble(*low)?)).collect()
}
