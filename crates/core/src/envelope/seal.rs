//! Sealing, opening, re-wrapping.

use std::fmt;
use std::sync::Arc;

use secrecy::SecretSlice;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::clock::Clock;
use crate::envelope::audit::{Access, AccessAction, AccessRecord, AuditSink};
use crate::envelope::crypto::{derive_key, gcm_open, gcm_seal};
use crate::envelope::format::{MAX_PLAINTEXT, MAX_WRAPPED_KEY, NONCE_LEN, SALT_LEN, header};
use crate::envelope::key::{DataKey, KeyProvider, Wrapping, fill};
use crate::envelope::{Context, Envelope, EnvelopeError, KeyId, WrapAad, WrapKind};
use crate::random::{Random, SystemRandom};

/// Seals secrets for storage and opens them again: one fresh data key a write, bound to its [`Context`], wrapped by a
/// [`KeyProvider`], every opening recorded first.
///
#[cfg_attr(feature = "reqwest", doc = "```")]
#[cfg_attr(not(feature = "reqwest"), doc = "```ignore")]
/// use std::sync::Arc;
/// use secrecy::ExposeSecret as _;
/// use turnbuckle_core::envelope::{Access, Context, KeyId, LocalKeyRing, MasterKey, MemoryAuditSink, Sealer};
/// use turnbuckle_core::{Environment, ProviderId, SystemClock, SystemRandom};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> turnbuckle_core::Result<()> {
/// let key = MasterKey::generate(&SystemRandom::new())?;
/// let ring = Arc::new(LocalKeyRing::new(KeyId::new("2026-01")?, key));
/// let audit = Arc::new(MemoryAuditSink::new(1_000));
/// let sealer = Sealer::new(ring, audit.clone(), Arc::new(SystemClock::new()));
///
/// let context = Context::builder()
///     .organization("org_1")
///     .scope("client", "client_7")
///     .integration("int_42")
///     .provider(&ProviderId::from_static("stripe"))
///     .environment(Environment::Sandbox)
///     .purpose("credentials")
///     .build()?;
/// let sealed = sealer.seal_bytes(&context, b"a secret").await?;
///
/// let access = Access::new("user_3", "charge", "req_9")?;
/// let opened = sealer.open_bytes(&context, &sealed.blob, &access).await?;
/// assert_eq!(opened.expose_secret(), b"a secret");
/// assert_eq!(audit.records().len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Sealer {
    keys: Arc<dyn KeyProvider>,
    audit: Arc<dyn AuditSink>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

/// A sealed secret, ready to be stored.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sealed {
    /// The envelope: at most [`MAX_ENVELOPE`](crate::envelope::MAX_ENVELOPE) bytes, and safe to store.
    pub blob: Vec<u8>,
    /// The key that it is wrapped under, for a column to search by; the blob says so itself too.
    pub key_id: KeyId,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed")
            .field("key_id", &self.key_id)
            .field("blob_len", &self.blob.len())
            .finish_non_exhaustive()
    }
}

impl Sealer {
    /// A sealer that draws its randomness from the operating system. The clock dates the access records.
    pub fn new(keys: Arc<dyn KeyProvider>, audit: Arc<dyn AuditSink>, clock: Arc<dyn Clock>) -> Self {
        Self { keys, audit, clock, random: Arc::new(SystemRandom::new()) }
    }

    /// Another source of randomness, for tests. A source that repeats itself breaks the encryption.
    pub fn with_random(mut self, random: Arc<dyn Random>) -> Self {
        self.random = random;
        self
    }

    /// Seals a secret of at most [`MAX_PLAINTEXT`] bytes under the active key. The caller wipes its own copy.
    ///
    /// # Errors
    /// [`EnvelopeError::TooLarge`]; [`EnvelopeError::Failed`]; whatever the key provider answers.
    pub async fn seal_bytes(&self, context: &Context, plaintext: &[u8]) -> Result<Sealed, EnvelopeError> {
        if plaintext.len() > MAX_PLAINTEXT {
            return Err(EnvelopeError::TooLarge { limit: MAX_PLAINTEXT });
        }
        let key_id = self.keys.active().await?;
        let wrap_kind = self.keys.wrap_kind();
        let data_key = DataKey::generate(self.random.as_ref())?;
        let payload = Payload::seal(self.random.as_ref(), &data_key, context, plaintext)?;
        let aad = WrapAad::new(wrap_kind, &key_id, context);
        let wrapped = checked_wrapping(self.keys.wrap(&key_id, &data_key, &aad).await?)?;
        let blob = payload.into_envelope(wrap_kind, key_id.clone(), wrapped).to_bytes();
        Ok(Sealed { blob, key_id })
    }

    /// Opens a blob in the context that it was sealed in. The access is recorded before anything is decrypted; a blob
    /// that is no envelope at all is refused before that, since it holds nothing to see.
    ///
    /// # Errors
    /// [`EnvelopeError::Corrupt`], [`EnvelopeError::AuditRefused`], [`EnvelopeError::Rejected`], or what the key
    /// provider answers. Only [`EnvelopeError::Transient`] is worth a retry.
    pub async fn open_bytes(
        &self,
        context: &Context,
        blob: &[u8],
        access: &Access,
    ) -> Result<SecretSlice<u8>, EnvelopeError> {
        self.open_as(AccessAction::Open, context, blob, access).await
    }

    /// Wraps the data key under the active key and leaves the payload alone; `None` when the blob is already under the
    /// active key. Shows nobody the secret, so it needs no [`Access`]. The new wrapping has been unwrapped once
    /// when this returns, so a key that cannot open what it wraps never replaces one that can.
    ///
    /// # Errors
    /// [`EnvelopeError::Corrupt`], [`EnvelopeError::Rejected`] and what the key provider answers about the old
    /// wrapping; [`EnvelopeError::Failed`] when the new one does not open.
    pub async fn rewrap(&self, context: &Context, blob: &[u8]) -> Result<Option<Vec<u8>>, EnvelopeError> {
        let mut envelope = Envelope::parse(blob)?;
        let to = self.keys.active().await?;
        let kind = self.keys.wrap_kind();
        if envelope.key_id == to && envelope.wrap_kind == kind {
            return Ok(None);
        }
        let from_aad = WrapAad::new(envelope.wrap_kind, &envelope.key_id, context);
        let to_aad = WrapAad::new(kind, &to, context);
        let from = Wrapping::new(&envelope.key_id, &envelope.wrapped, &from_aad);
        let wrapped = checked_wrapping(self.keys.rewrap(from, &to, &to_aad).await?)?;
        let data_key = match self.keys.unwrap(&to, &wrapped, &to_aad).await {
            Ok(data_key) => data_key,
            Err(EnvelopeError::Transient) => return Err(EnvelopeError::Transient),
            Err(_) => return Err(EnvelopeError::Failed("the new wrapping does not open")),
        };
        content_key(&envelope, &data_key)?;
        envelope.wrap_kind = kind;
        envelope.key_id = to;
        envelope.wrapped = wrapped;
        Ok(Some(envelope.to_bytes()))
    }

    /// Opens a blob and seals it again with a new data key, salt and nonce under the active key. Needed after a master
    /// key was exposed: whoever unwrapped the old data keys keeps them, and re-wrapping does not change them.
    ///
    /// # Errors
    /// As [`open_bytes`](Self::open_bytes) and [`seal_bytes`](Self::seal_bytes).
    pub async fn reencrypt(
        &self,
        context: &Context,
        blob: &[u8],
        access: &Access,
    ) -> Result<Sealed, EnvelopeError> {
        use secrecy::ExposeSecret as _;
        let plaintext = self.open_as(AccessAction::Reencrypt, context, blob, access).await?;
        self.seal_bytes(context, plaintext.expose_secret()).await
    }

    async fn open_as(
        &self,
        action: AccessAction,
        context: &Context,
        blob: &[u8],
        access: &Access,
    ) -> Result<SecretSlice<u8>, EnvelopeError> {
        let envelope = Envelope::parse(blob)?;
        let record = AccessRecord {
            at: self.clock.now(),
            action,
            access: access.clone(),
            context: context.clone(),
            key_id: envelope.key_id.clone(),
        };
        self.audit.record(&record).await.map_err(|_| EnvelopeError::AuditRefused)?;
        let aad = WrapAad::new(envelope.wrap_kind, &envelope.key_id, context);
        let data_key = self.keys.unwrap(&envelope.key_id, &envelope.wrapped, &aad).await?;
        open_payload(&envelope, &data_key, context)
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer").field("keys", &self.keys).field("audit", &self.audit).finish_non_exhaustive()
    }
}

fn checked_wrapping(wrapped: Vec<u8>) -> Result<Vec<u8>, EnvelopeError> {
    if wrapped.is_empty() || wrapped.len() > MAX_WRAPPED_KEY {
        return Err(EnvelopeError::Failed("the key provider's wrapped key does not fit"));
    }
    Ok(wrapped)
}

/// The part of an envelope that re-wrapping never touches.
pub(super) struct Payload {
    salt: [u8; SALT_LEN],
    commitment: [u8; 32],
    nonce: [u8; NONCE_LEN],
    ciphertext: Vec<u8>,
}

impl Payload {
    pub(super) fn seal(
        random: &dyn Random,
        data_key: &DataKey,
        context: &Context,
        plaintext: &[u8],
    ) -> Result<Self, EnvelopeError> {
        let (mut salt, mut nonce) = ([0; SALT_LEN], [0; NONCE_LEN]);
        fill(random, &mut salt)?;
        fill(random, &mut nonce)?;
        let commitment = *derive_key(&salt, data_key.expose(), &[b"tbe1/commit"])?;
        let content_key = derive_key(&salt, data_key.expose(), &[b"tbe1/data"])?;
        let aad = content_aad(header(&salt, &commitment, &nonce), context);
        let ciphertext = gcm_seal(&content_key, &nonce, &aad, plaintext)?;
        Ok(Self { salt, commitment, nonce, ciphertext })
    }

    pub(super) fn into_envelope(self, wrap_kind: WrapKind, key_id: KeyId, wrapped: Vec<u8>) -> Envelope {
        let Self { salt, commitment, nonce, ciphertext } = self;
        Envelope { salt, commitment, nonce, wrap_kind, key_id, wrapped, ciphertext }
    }
}

pub(super) fn open_payload(
    envelope: &Envelope,
    data_key: &DataKey,
    context: &Context,
) -> Result<SecretSlice<u8>, EnvelopeError> {
    let key = content_key(envelope, data_key)?;
    gcm_open(&key, &envelope.nonce, &content_aad(envelope.header(), context), &envelope.ciphertext)
}

/// The content key, after the commitment has shown that this is the data key: GCM alone would also open under a
/// second key that somebody constructed.
fn content_key(envelope: &Envelope, data_key: &DataKey) -> Result<Zeroizing<[u8; 32]>, EnvelopeError> {
    let commitment = derive_key(&envelope.salt, data_key.expose(), &[b"tbe1/commit"])?;
    if !bool::from(commitment.as_slice().ct_eq(&envelope.commitment)) {
        return Err(EnvelopeError::Rejected);
    }
    derive_key(&envelope.salt, data_key.expose(), &[b"tbe1/data"])
}

fn content_aad(mut header: Vec<u8>, context: &Context) -> Vec<u8> {
    header.extend_from_slice(&context.encode());
    header
}
