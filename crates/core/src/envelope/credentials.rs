//! Sealing what a tenant typed, and opening it again to act for that tenant.

use secrecy::ExposeSecret;

use super::{Access, Context, KeyId, Sealer};
use crate::credential::{CredentialSchema, Credentials, Masks};
use crate::error::{Error, ErrorKind, Result};

/// Sealed credentials and what may be shown of them: store both, side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SealedCredentials {
    /// The envelope.
    pub blob: Vec<u8>,
    /// The key that it is wrapped under.
    pub key_id: KeyId,
    /// What lists and forms show, so that they never decrypt.
    pub masks: Masks,
}

impl Sealer {
    /// Seals checked credentials. A change replaces them whole: there is no way to merge into sealed ones.
    ///
    /// # Errors
    /// [`Envelope`](ErrorKind::Envelope), or [`Unavailable`](ErrorKind::Unavailable) when the key provider is.
    pub async fn seal_credentials(
        &self,
        context: &Context,
        credentials: &Credentials,
    ) -> Result<SealedCredentials> {
        let json = credentials.expose_json();
        let sealed = self.seal_bytes(context, json.expose_secret().as_bytes()).await?;
        Ok(SealedCredentials { blob: sealed.blob, key_id: sealed.key_id, masks: credentials.masks() })
    }

    /// Opens sealed credentials and checks them against the provider's schema of today. The access is recorded before
    /// anything is decrypted.
    ///
    /// # Errors
    /// As [`open_bytes`](Self::open_bytes); [`InvalidConfig`](ErrorKind::InvalidConfig) when the schema has changed so
    /// that they no longer fit, naming every field.
    pub async fn open_credentials(
        &self,
        context: &Context,
        blob: &[u8],
        access: &Access,
        schema: CredentialSchema,
    ) -> Result<Credentials> {
        let opened = self.open_bytes(context, blob, access).await?;
        let json = std::str::from_utf8(opened.expose_secret())
            .map_err(|_| Error::new(ErrorKind::Envelope, "the envelope holds no credentials"))?;
        Credentials::from_json(schema, json)
    }
}
