//! Text that vendors limit: refused with its field named, or fitted with the change reported. Never silently.

use serde::{Deserialize, Serialize};

use crate::error::{Error, FieldError, Result};

/// What to do with text that the vendor cannot take as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum TextPolicy {
    /// Refuse the request and name the field.
    #[default]
    Refuse,
    /// Transliterate and shorten, and report each change in the result.
    Fit,
}

/// Which characters a vendor's field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Charset {
    /// Any Unicode except control characters.
    Unicode,
    /// Printable ASCII.
    Ascii,
    /// The printable part of ISO 8859-1.
    Latin1,
    /// ASCII letters and digits.
    Alphanumeric,
}

impl Charset {
    fn takes(self, c: char) -> bool {
        match self {
            Self::Unicode => !c.is_control(),
            Self::Ascii => c == ' ' || c.is_ascii_graphic(),
            Self::Latin1 => !c.is_control() && u32::from(c) <= 0xFF,
            Self::Alphanumeric => c.is_ascii_alphanumeric(),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Unicode => "no control characters",
            Self::Ascii => "printable ASCII only",
            Self::Latin1 => "ISO 8859-1 only",
            Self::Alphanumeric => "ASCII letters and digits only",
        }
    }
}

/// A vendor's limit on one text field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TextRule {
    /// The field as the caller knows it, for example `billing.city`.
    pub field: &'static str,
    /// Most characters (Unicode scalar values).
    pub max_chars: usize,
    /// Fewest characters of a text that is not empty.
    pub min_chars: usize,
    /// Which characters it takes.
    pub charset: Charset,
    /// Characters that it refuses although the set has them.
    pub forbidden: &'static str,
}

/// A text that was changed to fit. Holds no text, since that may be personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TextChange {
    /// The field.
    pub field: String,
    /// Characters that were replaced or left out.
    pub replaced: usize,
    /// Characters that were cut off the end.
    pub cut: usize,
}

impl TextChange {
    /// A text that the vendor has no place for and that was left out whole.
    pub fn left_out(field: impl Into<String>, text: &str) -> Self {
        Self { field: field.into(), replaced: 0, cut: text.chars().count() }
    }
}

impl TextRule {
    /// A field of at most so many characters of a set.
    pub const fn new(field: &'static str, max_chars: usize, charset: Charset) -> Self {
        Self { field, max_chars, min_chars: 0, charset, forbidden: "" }
    }

    /// Refuses these characters as well.
    pub const fn with_forbidden(mut self, characters: &'static str) -> Self {
        self.forbidden = characters;
        self
    }

    /// Refuses shorter texts.
    pub const fn with_min(mut self, characters: usize) -> Self {
        self.min_chars = characters;
        self
    }

    fn takes(&self, c: char) -> bool {
        self.charset.takes(c) && !self.forbidden.contains(c)
    }

    /// What stands against sending the text as it is.
    pub fn problem(&self, text: &str) -> Option<FieldError> {
        let length = text.chars().count();
        if length > self.max_chars {
            return Some(FieldError::new(
                self.field,
                format!("is longer than {} characters", self.max_chars),
            ));
        }
        if length > 0 && length < self.min_chars {
            return Some(FieldError::new(
                self.field,
                format!("is shorter than {} characters", self.min_chars),
            ));
        }
        if text.chars().all(|c| self.takes(c)) {
            return None;
        }
        let problem = match self.forbidden {
            "" => format!("has characters that the vendor refuses: {}", self.charset.name()),
            forbidden => {
                format!(
                    "has characters that the vendor refuses: {}, and none of {forbidden}",
                    self.charset.name()
                )
            }
        };
        Some(FieldError::new(self.field, problem))
    }

    /// The text as it may be sent, and what was changed.
    ///
    /// # Errors
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) naming the field: under [`TextPolicy::Refuse`] for any
    /// problem, under [`TextPolicy::Fit`] when nothing that fits is left of it.
    pub fn apply(&self, text: &str, policy: TextPolicy) -> Result<(String, Option<TextChange>)> {
        let Some(problem) = self.problem(text) else { return Ok((text.to_owned(), None)) };
        let refuse = || {
            Error::new(crate::ErrorKind::InvalidRequest, "a text does not fit the vendor's limits")
                .with_fields(vec![problem.clone()])
        };
        if policy == TextPolicy::Refuse {
            return Err(refuse());
        }
        let mut fitted = String::with_capacity(text.len());
        let (mut replaced, mut lost_all) = (0, false);
        for c in text.chars() {
            if self.takes(c) {
                fitted.push(c);
                continue;
            }
            replaced += 1;
            match replacement(c) {
                Some(substitute) => fitted.extend(substitute.chars().filter(|c| self.takes(*c))),
                None => lost_all |= !c.is_control() && !self.forbidden.contains(c),
            }
        }
        let length = fitted.chars().count();
        let cut = length.saturating_sub(self.max_chars);
        let fitted: String = fitted.chars().take(self.max_chars).collect();
        if lost_all || fitted.trim().is_empty() || fitted.chars().count() < self.min_chars {
            return Err(refuse());
        }
        Ok((fitted, Some(TextChange { field: self.field.to_owned(), replaced, cut })))
    }
}

/// ASCII for a character outside the set. With the feature `transliterate` every script is covered; without it, a text
/// that is not in the set is refused even under `Fit`, since dropping letters would change a name.
#[cfg(feature = "transliterate")]
fn replacement(c: char) -> Option<&'static str> {
    deunicode::deunicode_char(c)
}

#[cfg(not(feature = "transliterate"))]
fn replacement(_: char) -> Option<&'static str> {
    None
}
