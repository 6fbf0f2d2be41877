//! Provider ids and environments.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};

/// A provider's id: an open string such as `stripe` or `paypal_payflow`, checked against a registry and never against
/// a closed list. Lower-case ASCII letters, digits and underscores, starting with a letter, at most 64 bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProviderId(Cow<'static, str>);

impl ProviderId {
    /// A provider's own constant id.
    ///
    /// # Panics
    /// In a constant, at compile time, when the id breaks the rule.
    pub const fn from_static(id: &'static str) -> Self {
        assert!(
            is_valid(id.as_bytes()),
            "a provider id is 1 to 64 lower-case letters, digits and underscores, starting with a letter"
        );
        Self(Cow::Borrowed(id))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[expect(clippy::indexing_slicing, reason = "iterators are not const; the index stays below the length")]
const fn is_valid(id: &[u8]) -> bool {
    if id.is_empty() || id.len() > 64 || !id[0].is_ascii_lowercase() {
        return false;
    }
    let mut index = 0;
    while index < id.len() {
        if !(id[index].is_ascii_lowercase() || id[index].is_ascii_digit() || id[index] == b'_') {
            return false;
        }
        index += 1;
    }
    true
}

impl FromStr for ProviderId {
    type Err = Error;

    fn from_str(id: &str) -> Result<Self> {
        Self::try_from(id.to_owned())
    }
}

impl TryFrom<String> for ProviderId {
    type Error = Error;

    fn try_from(id: String) -> Result<Self> {
        if is_valid(id.as_bytes()) {
            Ok(Self(Cow::Owned(id)))
        } else {
            Err(Error::new(
                ErrorKind::InvalidConfig,
                "a provider id is 1 to 64 lower-case letters, digits and underscores, starting with a letter",
            ))
        }
    }
}

impl From<ProviderId> for String {
    fn from(id: ProviderId) -> Self {
        id.0.into_owned()
    }
}

impl fmt::Display for ProviderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Which of a provider's two worlds a connection speaks to. There is no default: test and live money never mix by
/// omission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// The provider's test world.
    Sandbox,
    /// Real money, real messages.
    Production,
}

impl Environment {
    /// `sandbox` or `production`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Production => "production",
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Environment {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "sandbox" => Ok(Self::Sandbox),
            "production" => Ok(Self::Production),
            _ => Err(Error::new(
                ErrorKind::InvalidConfig,
                "the environment is either `sandbox` or `production`",
            )),
        }
    }
}
