//! What may be shown of credentials afterwards.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The mask of every secret: eight bullets (U+2022), whatever the length of the secret.
pub const SECRET_MASK: &str = "••••••••";

const BULLET: char = '\u{2022}';

/// Whether a value was copied from a masked form. A person may have deleted some of the bullets, so any number counts.
pub(super) fn is_mask(value: &str) -> bool {
    !value.is_empty() && value.chars().all(|character| character == BULLET)
}

/// A field's name and what may be shown of it: [`SECRET_MASK`] for a secret, the value itself for any other field.
///
/// Made when credentials are sealed and stored beside them, so that lists and forms never decrypt anything. Fields that
/// were left out have no mask.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Masks(BTreeMap<String, String>);

impl Masks {
    pub(super) fn new(masks: BTreeMap<String, String>) -> Self {
        Self(masks)
    }

    /// What may be shown of this field.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Every name and mask, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, mask)| (name.as_str(), mask.as_str()))
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no field at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Masks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Masks").field("fields", &self.0.keys()).finish_non_exhaustive()
    }
}
