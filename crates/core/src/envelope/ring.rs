//! Keys held in this process: several, one of them active.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use async_trait::async_trait;
use secrecy::ExposeSecret as _;
use zeroize::Zeroizing;

use crate::envelope::crypto::{derive_key, gcm_open, gcm_seal};
use crate::envelope::format::{NONCE_LEN, SALT_LEN};
use crate::envelope::key::{DataKey, KeyId, KeyProvider, MasterKey, fill};
use crate::envelope::seal::{Payload, open_payload};
use crate::envelope::{Context, Envelope, EnvelopeError, WrapAad, WrapKind, ring_text};
use crate::error::{Error, ErrorKind, Result};
use crate::random::{Random, SystemRandom};

/// Salt, wrapped data key, tag.
const WRAPPED_LEN: usize = SALT_LEN + 32 + 16;

/// What every canary holds.
const CANARY: &[u8] = b"turnbuckle canary";

/// Several master keys held in this process, one of them active. The embedded default; keys come from an environment
/// variable, a file, or text that the host fetched from a secret store.
///
/// # The text
/// One entry a line; `;` also ends an entry, for places that cannot hold a newline. Blank lines and lines that begin
/// with `#` are skipped.
/// ```text
/// # the key that new envelopes are wrapped under
/// active = 2026-01
/// 2025-07 = <base64 of 32 bytes>
/// 2026-01 = <base64 of 32 bytes>
/// ```
/// The name `active` is taken. Every mistake is refused with its line: an unknown or missing active key, a name given
/// twice, the same key under two names, a key that is not 32 bytes.
///
/// # Changing keys while the service runs
/// [`add`](Self::add) the new key in every process; it opens what is sealed under it and is not used for sealing.
/// Make a [`canary`](Self::canary) where the key was made, and [`check_canary`](Self::check_canary) it in every process:
/// that shows that all of them hold the same bytes under the name. Then [`activate`](Self::activate), re-wrap what is
/// stored with [`rewrap_all`](crate::envelope::rewrap_all), and [`retire`](Self::retire) the old key once
/// [`keys_in_use`](crate::envelope::keys_in_use) no longer lists it and no backup that is still needed does.
pub struct LocalKeyRing {
    state: RwLock<State>,
    random: Arc<dyn Random>,
}

struct State {
    keys: BTreeMap<KeyId, Entry>,
    active: KeyId,
}

struct Entry {
    key: Arc<MasterKey>,
    /// A canary has opened under it in this process.
    proven: bool,
}

impl LocalKeyRing {
    /// A ring of one key, which is active.
    pub fn new(id: KeyId, key: MasterKey) -> Self {
        let keys = BTreeMap::from([(id.clone(), Entry { key: Arc::new(key), proven: true })]);
        Self { state: RwLock::new(State { keys, active: id }), random: Arc::new(SystemRandom::new()) }
    }

    /// Another source of randomness, for tests. A source that repeats itself breaks the encryption.
    pub fn with_random(mut self, random: Arc<dyn Random>) -> Self {
        self.random = random;
        self
    }

    /// A ring from its text, for hosts that fetch it from a secret store. The caller wipes its own copy.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`], naming the line and never showing what stands in it behind the `=`.
    pub fn from_text(text: &str) -> Result<Self> {
        let (active, keys) = ring_text::parse(text)?;
        let keys = keys
            .into_iter()
            .map(|(id, key)| {
                let proven = id == active;
                (id, Entry { key: Arc::new(key), proven })
            })
            .collect();
        Ok(Self { state: RwLock::new(State { keys, active }), random: Arc::new(SystemRandom::new()) })
    }

    /// A ring from the text in an environment variable.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`] when the variable is missing, and as [`from_text`](Self::from_text).
    pub fn from_env(name: &str) -> Result<Self> {
        Self::from_env_map(name, |name| std::env::var(name).ok())
    }

    /// Like [`from_env`](Self::from_env) with a lookup of the caller's own.
    ///
    /// # Errors
    /// As [`from_env`](Self::from_env).
    pub fn from_env_map(name: &str, lookup: impl FnOnce(&str) -> Option<String>) -> Result<Self> {
        let text = lookup(name).map(Zeroizing::new).ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidConfig,
                format!("the environment variable {name} is missing or not UTF-8"),
            )
        })?;
        Self::from_text(&text)
            .map_err(|error| Error::new(error.kind(), format!("{name}: {}", error.message())))
    }

    /// A ring from the text in a file of at most 64 KiB. On Unix the file must be closed to group and others (mode
    /// `0600` or `0400`); elsewhere the host answers for its access list.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`] when the file cannot be read, is no regular file, is open to others or too long,
    /// and as [`from_text`](Self::from_text).
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text = ring_text::read_file(path)?;
        Self::from_text(&text)
            .map_err(|error| Error::new(error.kind(), format!("{}: {}", path.display(), error.message())))
    }

    /// The names of all keys, in order.
    pub fn key_ids(&self) -> Vec<KeyId> {
        self.read().keys.keys().cloned().collect()
    }

    /// The name of the active key.
    pub fn active_key_id(&self) -> KeyId {
        self.read().active.clone()
    }

    /// Adds a key. It opens envelopes that name it, and seals none before it is activated.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] when the name is taken or the same key is already there under another name.
    pub fn add(&self, id: KeyId, key: MasterKey) -> Result<()> {
        let mut state = self.write();
        if state.keys.contains_key(&id) {
            return Err(Error::new(ErrorKind::Conflict, format!("a key named {id} is already in the ring")));
        }
        if let Some((other, _)) = state.keys.iter().find(|(_, entry)| entry.key.same_as(&key)) {
            let message = format!("the key {id} is already in the ring as {other}");
            return Err(Error::new(ErrorKind::Conflict, message));
        }
        state.keys.insert(id, Entry { key: Arc::new(key), proven: false });
        Ok(())
    }

    /// An envelope with nothing secret in it, sealed under the named key: whoever opens it holds the same key.
    ///
    /// # Errors
    /// [`EnvelopeError::UnknownKey`], or [`EnvelopeError::Failed`] when the random source fails.
    pub fn canary(&self, id: &KeyId) -> Result<Vec<u8>, EnvelopeError> {
        let key = self.key(id)?;
        let context = Context::canary(id);
        let data_key = DataKey::generate(self.random.as_ref())?;
        let payload = Payload::seal(self.random.as_ref(), &data_key, &context, CANARY)?;
        let aad = WrapAad::new(WrapKind::Local, id, &context);
        let wrapped = wrap_local(&key, self.random.as_ref(), id, &data_key, &aad)?;
        Ok(payload.into_envelope(WrapKind::Local, id.clone(), wrapped).to_bytes())
    }

    /// Opens a canary. Its key, whose name is returned, may be activated in this process from now on.
    ///
    /// # Errors
    /// [`EnvelopeError::UnknownKey`], [`EnvelopeError::Corrupt`], or [`EnvelopeError::Rejected`] when the key under that
    /// name has other bytes here, or the envelope is no canary.
    pub fn check_canary(&self, canary: &[u8]) -> Result<KeyId, EnvelopeError> {
        let envelope = Envelope::parse(canary)?;
        let id = envelope.key_id();
        if envelope.wrap_kind() != WrapKind::Local {
            return Err(EnvelopeError::UnknownKey { key_id: id.clone() });
        }
        let key = self.key(id)?;
        let context = Context::canary(id);
        let aad = WrapAad::new(WrapKind::Local, id, &context);
        let data_key = unwrap_local(&key, id, envelope.wrapped_key(), &aad)?;
        if open_payload(&envelope, &data_key, &context)?.expose_secret() != CANARY {
            return Err(EnvelopeError::Rejected);
        }
        // The ring may have changed since the key was taken out of it.
        match self.write().keys.get_mut(id) {
            Some(entry) if Arc::ptr_eq(&entry.key, &key) => entry.proven = true,
            _ => return Err(EnvelopeError::UnknownKey { key_id: id.clone() }),
        }
        Ok(id.clone())
    }

    /// Makes a key the one that new envelopes are wrapped under.
    ///
    /// # Errors
    /// [`ErrorKind::Envelope`] for an unknown name; [`ErrorKind::Conflict`] before a canary of that key was opened in
    /// this process.
    pub fn activate(&self, id: &KeyId) -> Result<()> {
        let mut state = self.write();
        let entry = state.keys.get(id).ok_or_else(|| EnvelopeError::UnknownKey { key_id: id.clone() })?;
        if !entry.proven {
            let message = format!("the key {id} is not active: no canary of it was opened in this process");
            return Err(Error::new(ErrorKind::Conflict, message));
        }
        state.active = id.clone();
        Ok(())
    }

    /// Forgets a key. Envelopes that still name it no longer open.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] for the active key, [`ErrorKind::Envelope`] for an unknown name.
    pub fn retire(&self, id: &KeyId) -> Result<()> {
        let mut state = self.write();
        if state.active == *id {
            return Err(Error::new(
                ErrorKind::Conflict,
                format!("the key {id} is active and cannot be retired"),
            ));
        }
        match state.keys.remove(id) {
            Some(_) => Ok(()),
            None => Err(EnvelopeError::UnknownKey { key_id: id.clone() }.into()),
        }
    }

    fn key(&self, id: &KeyId) -> Result<Arc<MasterKey>, EnvelopeError> {
        match self.read().keys.get(id) {
            Some(entry) => Ok(entry.key.clone()),
            None => Err(EnvelopeError::UnknownKey { key_id: id.clone() }),
        }
    }

    // Every change is a single assignment, so the state is whole even after a panic under the lock.
    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for LocalKeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.read();
        f.debug_struct("LocalKeyRing")
            .field("active", &state.active)
            .field("keys", &state.keys.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl KeyProvider for LocalKeyRing {
    fn wrap_kind(&self) -> WrapKind {
        WrapKind::Local
    }

    async fn active(&self) -> Result<KeyId, EnvelopeError> {
        Ok(self.active_key_id())
    }

    async fn wrap(
        &self,
        key_id: &KeyId,
        data_key: &DataKey,
        aad: &WrapAad,
    ) -> Result<Vec<u8>, EnvelopeError> {
        wrap_local(self.key(key_id)?.as_ref(), self.random.as_ref(), key_id, data_key, aad)
    }

    async fn unwrap(&self, key_id: &KeyId, wrapped: &[u8], aad: &WrapAad) -> Result<DataKey, EnvelopeError> {
        if aad.kind() != WrapKind::Local {
            return Err(EnvelopeError::UnknownKey { key_id: key_id.clone() });
        }
        unwrap_local(self.key(key_id)?.as_ref(), key_id, wrapped, aad)
    }
}

fn wrap_local(
    key: &MasterKey,
    random: &dyn Random,
    id: &KeyId,
    data_key: &DataKey,
    aad: &WrapAad,
) -> Result<Vec<u8>, EnvelopeError> {
    let mut salt = [0; SALT_LEN];
    fill(random, &mut salt)?;
    let wrapping_key = derive_wrapping_key(key, &salt, id)?;
    let sealed = gcm_seal(&wrapping_key, &[0; NONCE_LEN], aad.as_bytes(), data_key.expose())?;
    let mut wrapped = Vec::with_capacity(WRAPPED_LEN);
    wrapped.extend_from_slice(&salt);
    wrapped.extend_from_slice(&sealed);
    Ok(wrapped)
}

fn unwrap_local(
    key: &MasterKey,
    id: &KeyId,
    wrapped: &[u8],
    aad: &WrapAad,
) -> Result<DataKey, EnvelopeError> {
    let (salt, sealed) = match wrapped.split_first_chunk::<SALT_LEN>() {
        Some(parts) if wrapped.len() == WRAPPED_LEN => parts,
        _ => return Err(EnvelopeError::Corrupt("a locally wrapped key has 80 bytes")),
    };
    let wrapping_key = derive_wrapping_key(key, salt, id)?;
    let data_key = gcm_open(&wrapping_key, &[0; NONCE_LEN], aad.as_bytes(), sealed)?;
    DataKey::from_slice(data_key.expose_secret())
}

/// A key that is used once, thanks to its fresh salt; hence the constant nonce beside it.
fn derive_wrapping_key(
    key: &MasterKey,
    salt: &[u8; SALT_LEN],
    id: &KeyId,
) -> Result<Zeroizing<[u8; 32]>, EnvelopeError> {
    let mut name = Vec::with_capacity(2 + id.as_str().len());
    crate::envelope::context::push_prefixed(&mut name, id.as_str());
    derive_key(salt, key.expose(), &[b"tbe1/wrap", &name])
}
