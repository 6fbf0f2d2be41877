//! The credential envelope: secrets at rest, bound to where they belong.
//!
//! [`Sealer`] turns a secret into a blob that a database may hold: AES-256-GCM under a fresh data key, committed to
//! that key, bound to a [`Context`], the data key wrapped by a [`KeyProvider`]. The blob names the key that opens it, so
//! keys rotate while the service runs. Every opening is recorded by an [`AuditSink`] first. The bytes are described in
//! `docs/envelope.md`, completely enough for another implementation.
//!
//! [`LocalKeyRing`] keeps keys in this process; a cloud key service is another [`KeyProvider`].

mod audit;
mod context;
mod credentials;
mod crypto;
mod error;
mod format;
mod key;
mod ring;
mod ring_text;
mod rotate;
mod seal;

pub use audit::{Access, AccessAction, AccessRecord, AuditRefused, AuditSink, MemoryAuditSink};
pub use context::{Context, ContextBuilder, WrapAad};
pub use credentials::SealedCredentials;
pub use error::EnvelopeError;
pub use format::{
    Envelope, MAX_CIPHERTEXT, MAX_ENVELOPE, MAX_KEY_ID, MAX_PLAINTEXT, MAX_WRAPPED_KEY, WrapKind,
};
pub use key::{DataKey, KeyId, KeyProvider, MasterKey, Wrapping};
pub use ring::LocalKeyRing;
pub use rotate::{
    BlobStore, Interrupted, Report, RotateOptions, StoredBlob, Unreadable, keys_in_use, reencrypt_all,
    rewrap_all,
};
pub use seal::{Sealed, Sealer};
