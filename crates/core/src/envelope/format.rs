//! The bytes of an envelope. Parsing allocates nothing before every length was checked against its limit and against
//! what is there.

use std::fmt;

use crate::envelope::{EnvelopeError, KeyId};

pub(crate) const MAGIC: &[u8; 4] = b"TBE1";
pub(crate) const FORMAT: u8 = 1;
pub(crate) const SUITE: u8 = 1;
pub(crate) const CONTEXT_LAYOUT: u16 = 1;

/// Everything before the wrap kind; authenticated together with the context.
pub(crate) const HEADER_LEN: usize = 84;
pub(crate) const SALT_LEN: usize = 32;
pub(crate) const NONCE_LEN: usize = 12;
pub(crate) const TAG_LEN: usize = 16;

/// The longest key id, in bytes.
pub const MAX_KEY_ID: usize = 512;
/// The longest wrapped data key, in bytes.
pub const MAX_WRAPPED_KEY: usize = 4096;
/// The longest ciphertext with its tag, in bytes.
pub const MAX_CIPHERTEXT: usize = 64 * 1024;
/// The longest plaintext that one envelope holds, in bytes.
pub const MAX_PLAINTEXT: usize = MAX_CIPHERTEXT - TAG_LEN;
/// The longest envelope, in bytes: what a store must be able to hold.
pub const MAX_ENVELOPE: usize = HEADER_LEN + 1 + 2 + MAX_KEY_ID + 2 + MAX_WRAPPED_KEY + 4 + MAX_CIPHERTEXT;

/// What kind of key wraps the data key. A provider opens only its own kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WrapKind {
    /// A key held in this process, see [`LocalKeyRing`](crate::envelope::LocalKeyRing).
    Local,
    /// AWS Key Management Service.
    AwsKms,
    /// Google Cloud Key Management Service.
    GcpKms,
    /// HashiCorp Vault's transit engine.
    Vault,
}

impl WrapKind {
    /// The byte that stands for it.
    pub fn code(self) -> u8 {
        match self {
            Self::Local => 1,
            Self::AwsKms => 2,
            Self::GcpKms => 3,
            Self::Vault => 4,
        }
    }

    fn from_code(code: u8) -> Result<Self, EnvelopeError> {
        match code {
            1 => Ok(Self::Local),
            2 => Ok(Self::AwsKms),
            3 => Ok(Self::GcpKms),
            4 => Ok(Self::Vault),
            _ => Err(EnvelopeError::Corrupt("unknown wrap kind")),
        }
    }
}

/// A sealed blob, taken apart. It says by itself which key opens it; nothing in it is secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Envelope {
    pub(crate) salt: [u8; SALT_LEN],
    pub(crate) commitment: [u8; 32],
    pub(crate) nonce: [u8; NONCE_LEN],
    pub(crate) wrap_kind: WrapKind,
    pub(crate) key_id: KeyId,
    pub(crate) wrapped: Vec<u8>,
    /// With its tag at the end.
    pub(crate) ciphertext: Vec<u8>,
}

impl Envelope {
    /// Takes a blob apart. Decrypts nothing and checks no signature.
    ///
    /// # Errors
    /// [`EnvelopeError::Corrupt`] for anything but one whole envelope of a known format.
    pub fn parse(blob: &[u8]) -> Result<Self, EnvelopeError> {
        if blob.len() > MAX_ENVELOPE {
            return Err(EnvelopeError::Corrupt("too long"));
        }
        let mut rest = Reader(blob);
        if rest.array::<4>()? != *MAGIC {
            return Err(EnvelopeError::Corrupt("unknown magic"));
        }
        if rest.array()? != [FORMAT] {
            return Err(EnvelopeError::Corrupt("unknown format"));
        }
        if rest.array()? != [SUITE] {
            return Err(EnvelopeError::Corrupt("unknown suite"));
        }
        if u16::from_be_bytes(rest.array()?) != CONTEXT_LAYOUT {
            return Err(EnvelopeError::Corrupt("unknown context layout"));
        }
        let salt = rest.array()?;
        let commitment = rest.array()?;
        let nonce = rest.array()?;
        let [kind] = rest.array()?;
        let wrap_kind = WrapKind::from_code(kind)?;
        let key_id_len = usize::from(u16::from_be_bytes(rest.array()?));
        let key_id =
            KeyId::from_bytes(rest.take(key_id_len, 1, MAX_KEY_ID, "key id length out of bounds")?)?;
        let wrapped_len = usize::from(u16::from_be_bytes(rest.array()?));
        let wrapped = rest.take(wrapped_len, 1, MAX_WRAPPED_KEY, "wrapped key length out of bounds")?;
        let length = usize::try_from(u32::from_be_bytes(rest.array()?)).unwrap_or(usize::MAX);
        let ciphertext = rest.take(length, TAG_LEN, MAX_CIPHERTEXT, "ciphertext length out of bounds")?;
        if !rest.0.is_empty() {
            return Err(EnvelopeError::Corrupt("trailing bytes"));
        }
        Ok(Self {
            salt,
            commitment,
            nonce,
            wrap_kind,
            key_id,
            wrapped: wrapped.to_vec(),
            ciphertext: ciphertext.to_vec(),
        })
    }

    /// Which key opens it.
    pub fn key_id(&self) -> &KeyId {
        &self.key_id
    }

    /// What kind of key wraps its data key.
    pub fn wrap_kind(&self) -> WrapKind {
        self.wrap_kind
    }

    /// The wrapped data key, as the key provider made it.
    pub fn wrapped_key(&self) -> &[u8] {
        &self.wrapped
    }

    /// The blob again, byte for byte what [`parse`](Self::parse) took.
    pub fn to_bytes(&self) -> Vec<u8> {
        let key_id = self.key_id.as_str().as_bytes();
        let total = HEADER_LEN + 9 + key_id.len() + self.wrapped.len() + self.ciphertext.len();
        let mut bytes = Vec::with_capacity(total);
        bytes.extend_from_slice(&self.header());
        bytes.push(self.wrap_kind.code());
        // `parse`, `KeyId` and the sealer keep these lengths within limits that fit.
        bytes.extend_from_slice(&u16::try_from(key_id.len()).unwrap_or(u16::MAX).to_be_bytes());
        bytes.extend_from_slice(key_id);
        bytes.extend_from_slice(&u16::try_from(self.wrapped.len()).unwrap_or(u16::MAX).to_be_bytes());
        bytes.extend_from_slice(&self.wrapped);
        bytes.extend_from_slice(&u32::try_from(self.ciphertext.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend_from_slice(&self.ciphertext);
        bytes
    }

    /// The fixed part, which the payload is bound to. Key id and wrapped key are left out of it, so that re-wrapping
    /// leaves the payload alone.
    pub(crate) fn header(&self) -> Vec<u8> {
        header(&self.salt, &self.commitment, &self.nonce)
    }
}

pub(crate) fn header(salt: &[u8; SALT_LEN], commitment: &[u8; 32], nonce: &[u8; NONCE_LEN]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER_LEN);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&[FORMAT, SUITE]);
    bytes.extend_from_slice(&CONTEXT_LAYOUT.to_be_bytes());
    bytes.extend_from_slice(salt);
    bytes.extend_from_slice(commitment);
    bytes.extend_from_slice(nonce);
    bytes
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope")
            .field("wrap_kind", &self.wrap_kind)
            .field("key_id", &self.key_id)
            .field("ciphertext_len", &self.ciphertext.len())
            .finish_non_exhaustive()
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], EnvelopeError> {
        let (head, tail) = self.0.split_first_chunk::<N>().ok_or(EnvelopeError::Corrupt("truncated"))?;
        self.0 = tail;
        Ok(*head)
    }

    fn take(
        &mut self,
        length: usize,
        least: usize,
        most: usize,
        problem: &'static str,
    ) -> Result<&'a [u8], EnvelopeError> {
        if length < least || length > most {
            return Err(EnvelopeError::Corrupt(problem));
        }
        let (head, tail) = self.0.split_at_checked(length).ok_or(EnvelopeError::Corrupt("truncated"))?;
        self.0 = tail;
        Ok(head)
    }
}
