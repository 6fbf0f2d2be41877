//! Keys and who keeps them.

use std::fmt;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, ExposeSecretMut as _, SecretBox, SecretString};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::envelope::format::{MAX_KEY_ID, WrapKind};
use crate::envelope::{EnvelopeError, WrapAad};
use crate::error::{Error, ErrorKind, Result};
use crate::random::Random;

/// A key's name: 1 to 512 bytes of UTF-8. Not a secret; it stands in every envelope in clear.
///
/// `Display` escapes control characters, since a name may come out of a blob that somebody tampered with.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(String);

impl KeyId {
    /// A key's name.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`] when it is empty or longer than 512 bytes.
    pub fn new(id: impl Into<String>) -> Result<Self> {
        let id = id.into();
        if id.is_empty() || id.len() > MAX_KEY_ID {
            return Err(Error::new(ErrorKind::InvalidConfig, "a key id has 1 to 512 bytes"));
        }
        Ok(Self(id))
    }

    /// The caller has checked the length.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let id = std::str::from_utf8(bytes).map_err(|_| EnvelopeError::Corrupt("key id is not UTF-8"))?;
        Ok(Self(id.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.escape_debug())
    }
}

/// The 32-byte key that one envelope's payload is sealed under. Wiped when dropped, never printed.
pub struct DataKey(SecretBox<[u8; 32]>);

impl DataKey {
    pub(super) fn generate(random: &dyn Random) -> Result<Self, EnvelopeError> {
        fill_secret(random).map(Self)
    }

    /// A data key that a key service has unwrapped. The caller wipes its own copy.
    ///
    /// # Errors
    /// [`EnvelopeError::Rejected`] unless there are exactly 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        if bytes.len() != 32 {
            return Err(EnvelopeError::Rejected);
        }
        Ok(Self(SecretBox::init_with_mut(|key: &mut [u8; 32]| key.copy_from_slice(bytes))))
    }

    /// The bytes, for the one place that wraps them.
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose_secret()
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataKey").finish_non_exhaustive()
    }
}

/// A 32-byte key that wraps data keys in this process. Wiped when dropped, never printed.
pub struct MasterKey(SecretBox<[u8; 32]>);

impl MasterKey {
    /// A fresh key.
    ///
    /// # Errors
    /// When the random source fails.
    pub fn generate(random: &dyn Random) -> Result<Self> {
        Ok(Self(fill_secret(random)?))
    }

    /// A key from its base64 text (standard alphabet, with padding).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`] unless it is base64 of exactly 32 bytes, and when all bytes are the same, as in a
    /// placeholder. The error shows no part of the text.
    pub fn from_base64(text: &str) -> Result<Self> {
        let refuse = |problem: String| Err(Error::new(ErrorKind::InvalidConfig, problem));
        let mut bytes = Zeroizing::new([0; 66]);
        let length = match STANDARD.decode_slice(text, bytes.as_mut_slice()) {
            Ok(length) => length,
            Err(base64::DecodeSliceError::OutputSliceTooSmall) => {
                return refuse("the key is longer than 32 bytes".to_owned());
            }
            // The decoder's own error quotes a byte of the key.
            Err(_) => return refuse("the key is not base64".to_owned()),
        };
        let Some((key, [])) = bytes.get(..length).and_then(<[u8]>::split_first_chunk::<32>) else {
            return refuse(format!("the key has {length} bytes, and 32 are needed"));
        };
        let [first, ..] = key;
        if key.iter().all(|byte| byte == first) {
            return refuse("the key is a placeholder: all its bytes are the same".to_owned());
        }
        Ok(Self(SecretBox::init_with_mut(|secret: &mut [u8; 32]| secret.copy_from_slice(key))))
    }

    /// The key as base64, to be put away where the service finds it again.
    pub fn to_base64(&self) -> SecretString {
        SecretString::from(STANDARD.encode(self.expose()))
    }

    pub(super) fn expose(&self) -> &[u8; 32] {
        self.0.expose_secret()
    }

    pub(super) fn same_as(&self, other: &Self) -> bool {
        self.expose().ct_eq(other.expose()).into()
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MasterKey").finish_non_exhaustive()
    }
}

fn fill_secret(random: &dyn Random) -> Result<SecretBox<[u8; 32]>, EnvelopeError> {
    let mut key = SecretBox::<[u8; 32]>::default();
    fill(random, key.expose_secret_mut())?;
    Ok(key)
}

pub(super) fn fill(random: &dyn Random, buffer: &mut [u8]) -> Result<(), EnvelopeError> {
    random.fill(buffer).map_err(|_| EnvelopeError::Failed("the random generator failed"))
}

/// Wraps and unwraps data keys: a ring in this process or a key service.
///
/// # Contract
/// - An envelope names its key. [`unwrap`](Self::unwrap) uses that key and no other; a name or a wrap kind that is not
///   its own is [`EnvelopeError::UnknownKey`].
/// - A throttled or unreachable service is [`EnvelopeError::Transient`], a refused permission
///   [`EnvelopeError::Denied`], a wrapping that does not open [`EnvelopeError::Rejected`].
/// - The associated data is authenticated: a data key that was wrapped for one context does not unwrap in another.
/// - No error and no `Debug` output holds key bytes.
#[async_trait]
pub trait KeyProvider: fmt::Debug + Send + Sync + 'static {
    /// The kind of wrapping that [`wrap`](Self::wrap) makes; it is written into every envelope. A provider that joins
    /// two kinds answers the one that the active key has, and tells them apart by [`WrapAad::kind`] when unwrapping.
    fn wrap_kind(&self) -> WrapKind;

    /// The key that new envelopes are wrapped under.
    async fn active(&self) -> Result<KeyId, EnvelopeError>;

    /// Wraps a data key under the named key: 1 to 4096 bytes.
    async fn wrap(&self, key_id: &KeyId, data_key: &DataKey, aad: &WrapAad)
    -> Result<Vec<u8>, EnvelopeError>;

    /// Unwraps a data key with the named key.
    async fn unwrap(&self, key_id: &KeyId, wrapped: &[u8], aad: &WrapAad) -> Result<DataKey, EnvelopeError>;

    /// Wraps under another key what was wrapped under the first. A service that can do so without giving the data key
    /// out overrides this.
    async fn rewrap(
        &self,
        from: Wrapping<'_>,
        to: &KeyId,
        to_aad: &WrapAad,
    ) -> Result<Vec<u8>, EnvelopeError> {
        let data_key = self.unwrap(from.key_id, from.wrapped, from.aad).await?;
        self.wrap(to, &data_key, to_aad).await
    }
}

/// A wrapped data key with what is needed to unwrap it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Wrapping<'a> {
    /// The key that wraps it.
    pub key_id: &'a KeyId,
    /// The wrapped data key.
    pub wrapped: &'a [u8],
    /// What it is bound to.
    pub aad: &'a WrapAad,
}

impl<'a> Wrapping<'a> {
    /// A wrapped data key with what is needed to unwrap it.
    pub fn new(key_id: &'a KeyId, wrapped: &'a [u8], aad: &'a WrapAad) -> Self {
        Self { key_id, wrapped, aad }
    }
}
