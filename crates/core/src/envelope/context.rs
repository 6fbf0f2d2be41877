//! What an envelope is bound to. The same bytes in another tenant's row do not open.

use crate::envelope::format::{CONTEXT_LAYOUT, FORMAT, MAGIC, SUITE, WrapKind};
use crate::envelope::key::KeyId;
use crate::error::{Error, ErrorKind, FieldError, Result};
use crate::provider::{Environment, ProviderId};

/// Where a credential belongs: authenticated with the envelope, stored nowhere inside it.
///
/// The host rebuilds the context from its own row whenever it opens a blob, so a blob that was moved to another
/// organization, scope, integration, provider, environment, purpose or version does not open. Use stable ids, never
/// display names: renaming a tenant must not lock it out.
///
/// ```
/// use turnbuckle_core::envelope::Context;
/// use turnbuckle_core::{Environment, ProviderId};
///
/// let context = Context::builder()
///     .organization("org_1")
///     .scope("client", "client_7")
///     .integration("int_42")
///     .provider(&ProviderId::from_static("stripe"))
///     .environment(Environment::Sandbox)
///     .purpose("credentials")
///     .version(1)
///     .build()?;
/// assert_eq!(context.organization(), "org_1");
/// # Ok::<(), turnbuckle_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Context {
    parts: [String; PARTS.len()],
    version: u64,
}

/// In the order of the encoding.
const PARTS: [&str; 7] =
    ["organization", "scope_kind", "scope_id", "integration_id", "provider", "environment", "purpose"];

impl Context {
    /// Starts a context. Every part must be given; the version starts at 1.
    pub fn builder() -> ContextBuilder {
        ContextBuilder { parts: std::array::from_fn(|_| String::new()), version: 1 }
    }

    /// The context of a key ring's own canary envelopes.
    pub(crate) fn canary(key_id: &KeyId) -> Self {
        let parts = ["turnbuckle", "key_ring", key_id.as_str(), "canary", "key_ring", "none", "canary"];
        Self { parts: parts.map(str::to_owned), version: 1 }
    }

    /// The organization that owns the credential.
    pub fn organization(&self) -> &str {
        let [organization, ..] = &self.parts;
        organization
    }

    /// What kind of scope the credential is for, for example `organization` or `client`.
    pub fn scope_kind(&self) -> &str {
        let [_, kind, ..] = &self.parts;
        kind
    }

    /// The scope's stable id.
    pub fn scope_id(&self) -> &str {
        let [_, _, id, ..] = &self.parts;
        id
    }

    /// The stored integration's stable id.
    pub fn integration_id(&self) -> &str {
        let [_, _, _, id, ..] = &self.parts;
        id
    }

    /// The provider's id.
    pub fn provider(&self) -> &str {
        let [.., provider, _, _] = &self.parts;
        provider
    }

    /// `sandbox` or `production`.
    pub fn environment(&self) -> &str {
        let [.., environment, _] = &self.parts;
        environment
    }

    /// What the sealed bytes are for, for example `credentials` or `webhook_secret`.
    pub fn purpose(&self) -> &str {
        let [.., purpose] = &self.parts;
        purpose
    }

    /// The credential's version. A host that counts it up on every replacement keeps an old blob from being put back.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The encoding that is authenticated: each part behind its length as a big-endian `u16`, then the version as a
    /// big-endian `u64`. Lengths instead of delimiters, so that no two contexts share an encoding.
    pub fn encode(&self) -> Vec<u8> {
        let length = self.parts.iter().map(|part| 2 + part.len()).sum::<usize>() + 8;
        let mut bytes = Vec::with_capacity(length);
        for part in &self.parts {
            push_prefixed(&mut bytes, part);
        }
        bytes.extend_from_slice(&self.version.to_be_bytes());
        bytes
    }
}

/// Builds a [`Context`]; [`build`](Self::build) reports every bad part at once.
#[derive(Debug, Clone)]
#[must_use]
pub struct ContextBuilder {
    parts: [String; PARTS.len()],
    version: u64,
}

impl ContextBuilder {
    /// The organization that owns the credential: its stable id.
    pub fn organization(mut self, id: impl Into<String>) -> Self {
        let [organization, ..] = &mut self.parts;
        *organization = id.into();
        self
    }

    /// The scope inside the organization: its kind, for example `organization` or `client`, and its stable id.
    pub fn scope(mut self, kind: impl Into<String>, id: impl Into<String>) -> Self {
        let [_, scope_kind, scope_id, ..] = &mut self.parts;
        *scope_kind = kind.into();
        *scope_id = id.into();
        self
    }

    /// The stored integration's stable id.
    pub fn integration(mut self, id: impl Into<String>) -> Self {
        let [_, _, _, integration, ..] = &mut self.parts;
        *integration = id.into();
        self
    }

    /// The provider.
    pub fn provider(mut self, id: &ProviderId) -> Self {
        let [.., provider, _, _] = &mut self.parts;
        id.as_str().clone_into(provider);
        self
    }

    /// The environment.
    pub fn environment(mut self, environment: Environment) -> Self {
        let [.., part, _] = &mut self.parts;
        environment.as_str().clone_into(part);
        self
    }

    /// What the sealed bytes are for, for example `credentials`.
    pub fn purpose(mut self, purpose: impl Into<String>) -> Self {
        let [.., part] = &mut self.parts;
        *part = purpose.into();
        self
    }

    /// The credential's version; 1 unless set.
    pub fn version(mut self, version: u64) -> Self {
        self.version = version;
        self
    }

    /// The context.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`], naming each part that is missing, empty or longer than 65535 bytes.
    pub fn build(self) -> Result<Context> {
        let mut problems = Vec::new();
        for (name, part) in PARTS.into_iter().zip(&self.parts) {
            if part.is_empty() {
                problems.push(FieldError::new(name, "must not be empty"));
            } else if part.len() > usize::from(u16::MAX) {
                problems.push(FieldError::new(name, "must be at most 65535 bytes"));
            }
        }
        if problems.is_empty() {
            return Ok(Context { parts: self.parts, version: self.version });
        }
        Err(Error::new(ErrorKind::InvalidRequest, "the envelope context is incomplete").with_fields(problems))
    }
}

/// What a wrapped data key is bound to: the format, the kind of wrapping, the key's name and the context.
///
/// A key provider passes it on as associated data. A service that takes only text takes
/// [`sha256`](Self::sha256) in hex.
#[derive(Clone, PartialEq, Eq)]
pub struct WrapAad {
    kind: WrapKind,
    bytes: Vec<u8>,
}

impl WrapAad {
    /// The data that a wrapping under this key is bound to.
    pub fn new(kind: WrapKind, key_id: &KeyId, context: &Context) -> Self {
        let context = context.encode();
        let mut bytes = Vec::with_capacity(MAGIC.len() + 7 + key_id.as_str().len() + context.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&[FORMAT, SUITE]);
        bytes.extend_from_slice(&CONTEXT_LAYOUT.to_be_bytes());
        bytes.push(kind.code());
        push_prefixed(&mut bytes, key_id.as_str());
        bytes.extend_from_slice(&context);
        Self { kind, bytes }
    }

    /// How the data key is wrapped.
    pub fn kind(&self) -> WrapKind {
        self.kind
    }

    /// The associated data itself. No secret is in it.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 of the associated data, for services whose encryption context is short text.
    pub fn sha256(&self) -> [u8; 32] {
        use sha2::Digest as _;
        sha2::Sha256::digest(&self.bytes).into()
    }
}

impl std::fmt::Debug for WrapAad {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WrapAad").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// The text behind its length. Callers have checked that the length fits; one that does not could only make an
/// envelope that never opens, not one that opens elsewhere.
pub(crate) fn push_prefixed(bytes: &mut Vec<u8>, text: &str) {
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(text.as_bytes());
}
