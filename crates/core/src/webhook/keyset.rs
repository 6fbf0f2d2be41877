//! Shared secrets: the current ones, and those being rotated out.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use super::content::hex;
use crate::error::{Error, ErrorKind, Result};

/// The name of a key, shown in logs: `current`, `previous`, a key id. Never made from the secret.
///
/// 1 to 128 visible ASCII characters.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct KeyLabel(Arc<str>);

impl KeyLabel {
    /// Names a key.
    ///
    /// # Errors
    /// [`InvalidConfig`](crate::ErrorKind::InvalidConfig) when the name breaks the rule above.
    pub fn new(label: &str) -> Result<Self> {
        if (1..=128).contains(&label.len()) && label.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(label.into()))
        } else {
            Err(invalid("a key label is 1 to 128 visible ASCII characters"))
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for KeyLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyLabel({})", self.0)
    }
}

impl fmt::Display for KeyLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub(super) fn invalid(message: &'static str) -> Error {
    Error::new(ErrorKind::InvalidConfig, message)
}

/// One shared secret and its label. `Debug` shows the label.
#[derive(Clone)]
pub struct MacKey {
    label: KeyLabel,
    secret: SecretSlice<u8>,
}

impl MacKey {
    /// A secret whose text itself is the key, byte for byte: nothing is stripped or decoded.
    ///
    /// # Errors
    /// [`InvalidConfig`](crate::ErrorKind::InvalidConfig) when it is empty or blank, or the label breaks its rule.
    pub fn text(label: &str, secret: &SecretString) -> Result<Self> {
        let text = secret.expose_secret();
        if text.trim().is_empty() {
            return Err(invalid("a webhook secret is empty"));
        }
        Self::bytes(label, text.as_bytes().to_vec().into())
    }

    /// A secret that is the key in padded standard base64. The adapter removes a prefix first, where its vendor has
    /// one.
    ///
    /// # Errors
    /// [`InvalidConfig`](crate::ErrorKind::InvalidConfig) when it is empty or not base64, or the label breaks its rule.
    pub fn base64(label: &str, secret: &SecretString) -> Result<Self> {
        let key =
            STANDARD.decode(secret.expose_secret()).map_err(|_| invalid("a webhook secret is not base64"))?;
        Self::bytes(label, key.into())
    }

    /// A secret that is the key in hexadecimal digits of either case.
    ///
    /// # Errors
    /// [`InvalidConfig`](crate::ErrorKind::InvalidConfig) when it is empty or not hexadecimal, or the label breaks its
    /// rule.
    pub fn hex(label: &str, secret: &SecretString) -> Result<Self> {
        let key =
            hex(secret.expose_secret()).ok_or_else(|| invalid("a webhook secret is not hexadecimal"))?;
        Self::bytes(label, key.into())
    }

    /// The key itself.
    ///
    /// # Errors
    /// [`InvalidConfig`](crate::ErrorKind::InvalidConfig) when it is empty, or the label breaks its rule.
    pub fn bytes(label: &str, secret: SecretSlice<u8>) -> Result<Self> {
        if secret.expose_secret().is_empty() {
            return Err(invalid("a webhook secret is empty"));
        }
        Ok(Self { label: KeyLabel::new(label)?, secret })
    }

    /// The key's name.
    pub fn label(&self) -> &KeyLabel {
        &self.label
    }

    pub(super) fn expose(&self) -> &[u8] {
        self.secret.expose_secret()
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MacKey").field("label", &self.label).finish_non_exhaustive()
    }
}

/// The secrets that are accepted now: at least one current, and previous ones until they expire.
///
/// Never empty, at most twelve. A check tries every key that has not expired, and does not stop at the first that
/// fits, so that its time does not tell which one it was. `Debug` shows labels and expiry.
///
/// ```
/// use chrono::DateTime;
/// use secrecy::SecretString;
/// use turnbuckle_core::webhook::{KeySet, MacKey};
///
/// # fn main() -> turnbuckle_core::Result<()> {
/// let until = DateTime::from_timestamp(1_700_000_000, 0).expect("a valid time");
/// let keys = KeySet::new(MacKey::text("2024-05", &SecretString::from("the new one"))?)
///     .with_previous(MacKey::text("2023-11", &SecretString::from("the old one"))?, until)?;
/// assert_eq!(keys.len(), 2);
/// assert!(MacKey::text("blank", &SecretString::from(" ")).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct KeySet {
    entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    key: MacKey,
    until: Option<DateTime<Utc>>,
}

impl KeySet {
    /// Most keys in one set.
    pub const MAX_KEYS: usize = 12;

    /// A set of one current secret.
    pub fn new(current: MacKey) -> Self {
        Self { entries: vec![Entry { key: current, until: None }] }
    }

    /// Adds another current secret, for senders that sign for several endpoints with a secret each.
    ///
    /// # Errors
    /// [`InvalidConfig`](crate::ErrorKind::InvalidConfig) above twelve keys, or when the label is taken.
    pub fn with_current(self, key: MacKey) -> Result<Self> {
        self.with(Entry { key, until: None })
    }

    /// Adds a secret that is being rotated out, accepted before `until` and not from then on.
    ///
    /// # Errors
    /// As [`with_current`](Self::with_current).
    pub fn with_previous(self, key: MacKey, until: DateTime<Utc>) -> Result<Self> {
        self.with(Entry { key, until: Some(until) })
    }

    fn with(mut self, entry: Entry) -> Result<Self> {
        if self.entries.len() == Self::MAX_KEYS {
            return Err(invalid("a webhook takes at most twelve secrets"));
        }
        if self.entries.iter().any(|held| held.key.label == entry.key.label) {
            return Err(invalid("two webhook secrets have the same label"));
        }
        self.entries.push(entry);
        Ok(self)
    }

    /// How many keys the set holds, expired ones included.
    #[expect(clippy::len_without_is_empty, reason = "a set is never empty")]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// The labels, the first current key first.
    pub fn labels(&self) -> impl Iterator<Item = &KeyLabel> {
        self.entries.iter().map(|entry| &entry.key.label)
    }

    /// The keys that are accepted now.
    pub(super) fn valid(&self, now: DateTime<Utc>) -> impl Iterator<Item = &MacKey> {
        self.entries
            .iter()
            .filter(move |entry| entry.until.is_none_or(|until| now < until))
            .map(|entry| &entry.key)
    }
}
