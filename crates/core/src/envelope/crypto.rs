//! The two primitives under the envelope, in the exact shape in which it uses them.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hkdf;
use secrecy::{ExposeSecretMut as _, SecretSlice};
use zeroize::Zeroizing;

use crate::envelope::EnvelopeError;
use crate::envelope::format::{NONCE_LEN, TAG_LEN};

const ENGINE: EnvelopeError = EnvelopeError::Failed("the cipher engine refused its input");

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// HKDF-SHA-256, extract and expand, filling `out`, which may be up to 8160 bytes long.
pub(super) fn hkdf_sha256(
    salt: &[u8],
    ikm: &[u8],
    info: &[&[u8]],
    out: &mut [u8],
) -> Result<(), EnvelopeError> {
    let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(ikm);
    let okm = prk.expand(info, Length(out.len())).map_err(|_| ENGINE)?;
    okm.fill(out).map_err(|_| ENGINE)
}

/// One 32-byte key out of [`hkdf_sha256`].
pub(super) fn derive_key(
    salt: &[u8],
    ikm: &[u8],
    info: &[&[u8]],
) -> Result<Zeroizing<[u8; 32]>, EnvelopeError> {
    let mut key = Zeroizing::new([0; 32]);
    hkdf_sha256(salt, ikm, info, key.as_mut_slice())?;
    Ok(key)
}

/// AES-256-GCM: the ciphertext with its tag at the end. The plaintext is read where it lies and never copied.
pub(super) fn gcm_seal(
    key: &[u8; 32],
    nonce: &[u8; NONCE_LEN],
    aad: &[u8],
    plaintext: &[u8],
) -> Result<Vec<u8>, EnvelopeError> {
    let mut out = vec![0; plaintext.len() + TAG_LEN];
    let (ciphertext, tag) = out.split_at_mut(plaintext.len());
    gcm_key(key)?
        .seal_out_of_place_scatter(
            Nonce::assume_unique_for_key(*nonce),
            Aad::from(aad),
            plaintext,
            ciphertext,
            &[],
            tag,
        )
        .map_err(|_| ENGINE)?;
    Ok(out)
}

/// AES-256-GCM back again. Nothing of the plaintext outlives a refusal.
pub(super) fn gcm_open(
    key: &[u8; 32],
    nonce: &[u8; NONCE_LEN],
    aad: &[u8],
    sealed: &[u8],
) -> Result<SecretSlice<u8>, EnvelopeError> {
    let (ciphertext, tag) = sealed
        .split_last_chunk::<TAG_LEN>()
        .ok_or(EnvelopeError::Corrupt("ciphertext shorter than its tag"))?;
    let mut plaintext = SecretSlice::from(vec![0; ciphertext.len()]);
    gcm_key(key)?
        .open_separate_gather(
            Nonce::assume_unique_for_key(*nonce),
            Aad::from(aad),
            ciphertext,
            tag,
            plaintext.expose_secret_mut(),
        )
        .map_err(|_| EnvelopeError::Rejected)?;
    Ok(plaintext)
}

fn gcm_key(key: &[u8; 32]) -> Result<LessSafeKey, EnvelopeError> {
    Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).map_err(|_| ENGINE)?))
}

#[cfg(test)]
#[path = "crypto_tests.rs"]
mod tests;
