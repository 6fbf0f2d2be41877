//! Signature headers made of names and values, such as `t=1700000000,v1=27931f…`.

use std::fmt;

use super::reason::Reason;
use crate::error::Result;

/// Most pairs in one header.
const MAX_PAIRS: usize = 32;

/// A signature header of the form `name=value,name=value`, with separators of the scheme's choice.
///
/// Parsing never trusts and never guesses: an entry without a name or without the assigning character is refused, while
/// names that nobody asks for are left alone, since vendors add schemes.
#[derive(Clone)]
pub struct SignatureHeader<'a> {
    pairs: Vec<(&'a str, &'a str)>,
}

impl<'a> SignatureHeader<'a> {
    /// Splits a header at `separator`, and each entry at its first `assign`. Spaces around an entry are dropped.
    ///
    /// # Errors
    /// [`Reason::MalformedHeader`] for an entry that is not a pair, for an empty header, or for more than 32 entries.
    pub fn parse(value: &'a str, separator: char, assign: char) -> Result<Self> {
        let mut pairs = Vec::new();
        for entry in value.split(separator) {
            let pair = entry.trim_matches(' ').split_once(assign).filter(|(name, _)| !name.is_empty());
            match pair {
                Some(pair) if pairs.len() < MAX_PAIRS => pairs.push(pair),
                _ => return Err(Reason::MalformedHeader.error()),
            }
        }
        Ok(Self { pairs })
    }

    /// The value of a name that must stand exactly once.
    ///
    /// # Errors
    /// [`Reason::MalformedHeader`] when it is missing or repeated.
    pub fn single(&self, name: &str) -> Result<&'a str> {
        let mut values = self.all(name);
        match (values.next(), values.next()) {
            (Some(value), None) => Ok(value),
            _ => Err(Reason::MalformedHeader.error()),
        }
    }

    /// Every value of a name that may repeat, in the order of the header.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(found, _)| *found == name).map(|(_, value)| *value)
    }
}

impl fmt::Debug for SignatureHeader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignatureHeader").field("pairs", &self.pairs.len()).finish_non_exhaustive()
    }
}
