//! What can go wrong when sealing and opening, told apart so that the caller can act on it.

use crate::envelope::KeyId;
use crate::error::{Error, ErrorKind};

/// Why an envelope was not sealed, opened or re-wrapped. Holds key ids and fixed texts only: never plaintext, never key
/// bytes.
///
/// The variants stay apart on purpose. An unreachable key service ([`Transient`](Self::Transient)) must never be taken
/// for a bad credential, and a missing key ([`UnknownKey`](Self::UnknownKey)) never for a manipulated blob.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// The key provider has no key of this name and wrap kind. No other key is tried.
    #[error("no key named {key_id} is known here")]
    UnknownKey {
        /// The name that the envelope or the caller gave.
        key_id: KeyId,
    },
    /// The key service refuses this caller the use of the key. Waiting will not help; a permission must change.
    #[error("the key service denies the use of the key")]
    Denied,
    /// The key service is throttled or cannot be reached. Nothing is known about the credential; try again later.
    #[error("the key service cannot answer now")]
    Transient,
    /// The bytes are not a whole envelope of a known format: truncated, trailing bytes, unknown magic, format, suite,
    /// context layout or wrap kind, or a length out of bounds.
    #[error("not a valid envelope: {0}")]
    Corrupt(&'static str),
    /// The envelope is well formed and does not open: another context, other key bytes under the same name, or changed
    /// bytes. Which of them it was cannot be told apart.
    #[error("the envelope does not open in this context")]
    Rejected,
    /// The audit sink did not take the access record, so nothing was decrypted.
    #[error("the access was not recorded, so nothing was opened")]
    AuditRefused,
    /// The plaintext is longer than an envelope holds; nothing was sealed.
    #[error("the plaintext is longer than {limit} bytes")]
    TooLarge {
        /// The most bytes that one envelope holds.
        limit: usize,
    },
    /// The random generator or the cipher itself failed; nothing was sealed.
    #[error("sealing failed: {0}")]
    Failed(&'static str),
}

impl EnvelopeError {
    /// Whether the same call may succeed later with nothing changed.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Transient)
    }
}

/// [`EnvelopeError::Transient`] becomes [`ErrorKind::Unavailable`], whose advice is to retry; everything else becomes
/// [`ErrorKind::Envelope`]. The envelope error stays reachable as the source.
impl From<EnvelopeError> for Error {
    fn from(error: EnvelopeError) -> Self {
        let kind = if error.is_transient() { ErrorKind::Unavailable } else { ErrorKind::Envelope };
        Error::new(kind, error.to_string()).with_source(error)
    }
}
