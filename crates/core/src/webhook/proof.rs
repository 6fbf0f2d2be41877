//! Proofs and what may be read from them.

use std::fmt;
use std::future::Future;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;

use super::content::{Identity, sha256};
use super::keyset::KeyLabel;
use super::reason::Reason;
use crate::error::{Error, ErrorKind, Result};

/// What the check of a push was worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Body and time were signed, and the time was within the rule.
    SignedFresh {
        /// When the sender signed it.
        signed_at: DateTime<Utc>,
    },
    /// The body was signed, the time was not: the push is genuine, and may be a copy of an old one.
    Signed,
    /// The value was fetched from the vendor's API; the push was only the occasion.
    Refetched,
}

/// Proof that a push was signed with a known key. It owns the signed body, and comes out of a check only:
///
/// ```compile_fail,E0451
/// use turnbuckle_core::webhook::{Freshness, Proof};
/// let proof = Proof { bytes: bytes::Bytes::new(), freshness: Freshness::Signed, matched_key: todo!(), identity: todo!() };
/// ```
pub struct Proof {
    bytes: Bytes,
    freshness: Freshness,
    matched_key: KeyLabel,
    identity: Identity,
}

impl Proof {
    pub(super) fn mint(
        bytes: Bytes,
        freshness: Freshness,
        matched_key: KeyLabel,
        identity: Identity,
    ) -> Self {
        Self { bytes, freshness, matched_key, identity }
    }

    /// The signed body, byte for byte.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Whether the time was signed.
    pub fn freshness(&self) -> Freshness {
        self.freshness
    }

    /// When the sender signed it, where that is part of the signature.
    pub fn signed_at(&self) -> Option<DateTime<Utc>> {
        match self.freshness {
            Freshness::SignedFresh { signed_at } => Some(signed_at),
            Freshness::Signed | Freshness::Refetched => None,
        }
    }

    /// Which key fitted. When the previous one still does, the sender has not rotated yet.
    pub fn matched_key(&self) -> &KeyLabel {
        &self.matched_key
    }

    /// SHA-256 of everything that was signed (for a token: of its signed part). The signature is not in it, since some
    /// signatures can be rewritten and stay good.
    pub fn digest(&self) -> [u8; 32] {
        self.identity.digest()
    }

    /// Reads the signed body.
    ///
    /// # Errors
    /// Whatever the closure answers.
    pub fn decode<E>(self, decode: impl FnOnce(&[u8]) -> Result<E>) -> Result<Verified<E>> {
        let value = decode(&self.bytes)?;
        Ok(Verified {
            value,
            freshness: self.freshness,
            matched_key: Some(self.matched_key),
            identity: Some(self.identity),
        })
    }

    /// Reads the signed body as JSON.
    ///
    /// # Errors
    /// [`InvalidResponse`](crate::ErrorKind::InvalidResponse) when it is not the JSON that is expected. The parser's
    /// own wording is dropped, since it may quote the body.
    pub fn decode_json<E: DeserializeOwned>(self) -> Result<Verified<E>> {
        self.decode(|bytes| {
            serde_json::from_slice(bytes).map_err(|_| {
                Error::new(ErrorKind::InvalidResponse, "the signed body is not the JSON that was expected")
            })
        })
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proof")
            .field("bytes", &self.bytes.len())
            .field("freshness", &self.freshness)
            .field("matched_key", &self.matched_key)
            .finish_non_exhaustive()
    }
}

/// A value that was read from a signed push, or fetched from the vendor. Handlers ask for this type, so that a value
/// of other origin does not compile:
///
/// ```compile_fail,E0451
/// use turnbuckle_core::webhook::{Freshness, Verified};
/// let event = Verified { value: 1, freshness: Freshness::Signed, matched_key: None, identity: None };
/// ```
/// ```compile_fail,E0308
/// # use turnbuckle_core::webhook::{Event, Verified};
/// fn handle(event: Verified<Event>) {}
/// fn receive(unchecked: Event) { handle(unchecked) }
/// ```
///
/// `Debug` shows the origin and leaves the value out.
pub struct Verified<E> {
    value: E,
    freshness: Freshness,
    matched_key: Option<KeyLabel>,
    identity: Option<Identity>,
}

impl<E> Verified<E> {
    /// Takes what the vendor's API answers.
    ///
    /// For pushes that nobody signed: the future asks the vendor, over an authenticated connection, about the id that
    /// the push named, and the value is what the vendor said. Nothing of the push itself may go into it. This cannot be
    /// checked here, so it stands in the name, at the one place where it happens.
    ///
    /// # Errors
    /// Whatever the future answers.
    pub async fn refetched<F>(fetch: F) -> Result<Self>
    where
        F: Future<Output = Result<E>>,
    {
        let value = fetch.await?;
        Ok(Self { value, freshness: Freshness::Refetched, matched_key: None, identity: None })
    }

    /// The value.
    pub fn get(&self) -> &E {
        &self.value
    }

    /// The value alone; from here on nothing says where it came from.
    pub fn into_inner(self) -> E {
        self.value
    }

    /// Whether the time was signed, or the value fetched.
    pub fn freshness(&self) -> Freshness {
        self.freshness
    }

    /// Which key fitted; `None` for a fetched value.
    pub fn matched_key(&self) -> Option<&KeyLabel> {
        self.matched_key.as_ref()
    }

    /// Stands for the signed content, and after [`split`](Verified::split) for the place in it; `None` for a fetched
    /// value.
    pub fn digest(&self) -> Option<[u8; 32]> {
        self.identity.as_ref().map(Identity::digest)
    }

    /// Turns the value into another that follows from it.
    pub fn map<U>(self, map: impl FnOnce(E) -> U) -> Verified<U> {
        Verified {
            value: map(self.value),
            freshness: self.freshness,
            matched_key: self.matched_key,
            identity: self.identity,
        }
    }

    /// The same where the step may fail, for example when the account in the body is not the one expected.
    ///
    /// # Errors
    /// Whatever the closure answers.
    pub fn try_map<U>(self, map: impl FnOnce(E) -> Result<U>) -> Result<Verified<U>> {
        let Self { value, freshness, matched_key, identity } = self;
        Ok(Verified { value: map(value)?, freshness, matched_key, identity })
    }

    /// Demands a signed time or a fetched value, as handlers should that act on money without asking the vendor again.
    ///
    /// # Errors
    /// [`Reason::TimeUnsigned`] for a push whose time was not signed.
    pub fn require_fresh(self) -> Result<Self> {
        match self.freshness {
            Freshness::SignedFresh { .. } | Freshness::Refetched => Ok(self),
            Freshness::Signed => Err(Reason::TimeUnsigned.error()),
        }
    }
}

impl<E> Verified<Vec<E>> {
    /// Splits a batch into its events, each with an identity of its own.
    pub fn split(self) -> Vec<Verified<E>> {
        let Self { value, freshness, matched_key, identity } = self;
        let digest = identity.as_ref().map(Identity::digest);
        value
            .into_iter()
            .zip(0_u64..)
            .map(|(value, place)| Verified {
                value,
                freshness,
                matched_key: matched_key.clone(),
                identity: digest
                    .map(|digest| Identity::Hashed(sha256(&[b"split", &digest, &place.to_be_bytes()]))),
            })
            .collect()
    }
}

impl<E> fmt::Debug for Verified<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("freshness", &self.freshness)
            .field("matched_key", &self.matched_key)
            .finish_non_exhaustive()
    }
}
