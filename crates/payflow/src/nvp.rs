//! Payflow's wire format: names and values, plain or with the length of the value.
//!
//! `NAME=value&NAME2[14]=Ruff & Johnson`. Nothing is URL-encoded, in neither direction. A value that holds `&` or `=` needs
//! its length in brackets; double quotes are not allowed at all. An answer may carry lengths too, so it is read by length
//! and never split at `&`.
//! See <https://developer.paypal.com/docs/payflow/integration-guide/simple-transaction/>.
//!
//! Whether a length counts bytes or characters is not documented beyond "characters and spaces", and PayPal's own libraries
//! differ. What is sent is ASCII, so that both counts agree.

use std::collections::BTreeMap;
use std::fmt;

use secrecy::zeroize::Zeroizing;
use turnbuckle_core::{Error, Result};

/// Most fields of an answer. A profile's history has six a payment.
pub const MAX_FIELDS: usize = 20_000;

/// Longest answer in bytes.
pub const MAX_BODY: usize = 1024 * 1024;

/// Longest name in bytes.
const MAX_NAME: usize = 64;

/// Writes fields as a request's body. The buffer is made in its final size, so that wiping it wipes every copy.
///
/// # Errors
/// [`InvalidRequest`](turnbuckle_core::ErrorKind::InvalidRequest) naming the field, for a name that is not letters, digits
/// and `_`, and for a value that is empty, holds a double quote, or anything but printable ASCII.
pub fn encode<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)> + Clone) -> Result<Zeroizing<String>> {
    let mut length = 0;
    for (name, value) in fields.clone() {
        check(name, value)?;
        length += name.len() + value.len() + 2;
        if needs_length(value) {
            length += 2 + decimal_digits(value.len());
        }
    }
    let mut body = Zeroizing::new(String::with_capacity(length));
    for (index, (name, value)) in fields.into_iter().enumerate() {
        if index > 0 {
            body.push('&');
        }
        body.push_str(name);
        if needs_length(value) {
            body.push('[');
            body.push_str(&value.len().to_string());
            body.push(']');
        }
        body.push('=');
        body.push_str(value);
    }
    Ok(body)
}

fn needs_length(value: &str) -> bool {
    value.contains(['&', '='])
}

fn decimal_digits(number: usize) -> usize {
    number.checked_ilog10().map_or(1, |digits| digits as usize + 1)
}

fn check(name: &str, value: &str) -> Result<()> {
    if !is_name(name) {
        return Err(Error::invalid_field("name", "is not a name of Payflow's"));
    }
    match problem(value) {
        None => Ok(()),
        Some(problem) => Err(Error::invalid_field(name.to_owned(), problem)),
    }
}

/// What stands against sending a value.
pub(crate) fn problem(value: &str) -> Option<&'static str> {
    if value.is_empty() {
        Some("is empty")
    } else if value.contains('"') {
        Some("holds a double quote, which Payflow does not allow")
    } else if value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        None
    } else {
        Some("holds something other than printable ASCII")
    }
}

fn is_name(name: &str) -> bool {
    (1..=MAX_NAME).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}

/// Why an answer cannot be read. Holds nothing of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed(&'static str);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Malformed {}

/// An answer's fields by name. Its `Debug` shows how many there are, since values are personal data.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Fields(BTreeMap<String, String>);

impl Fields {
    /// The value of a field, which may be empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The value of a field that is there and not empty.
    pub fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// Every field, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fields").field("len", &self.len()).finish_non_exhaustive()
    }
}

/// Reads an answer.
///
/// - A line break at the very end is dropped.
/// - A length counts characters, or else bytes, whichever ends at `&` or at the end.
/// - A name that comes twice with different values makes the answer unreadable: nobody could say which one holds.
///
/// # Errors
/// When the bytes are not UTF-8, longer than [`MAX_BODY`], hold more than [`MAX_FIELDS`] fields, or break the format.
pub fn decode(body: &[u8]) -> Result<Fields, Malformed> {
    if body.len() > MAX_BODY {
        return Err(Malformed("the answer is too long"));
    }
    let text = std::str::from_utf8(body).map_err(|_| Malformed("the answer is not UTF-8"))?;
    let mut rest = text.trim_end_matches(['\r', '\n']);
    let mut fields = BTreeMap::new();
    if rest.is_empty() {
        return Err(Malformed("the answer is empty"));
    }
    let mut count = 0;
    loop {
        count += 1;
        if count > MAX_FIELDS {
            return Err(Malformed("the answer has too many fields"));
        }
        let (name, value, after) = field(rest)?;
        match fields.get(name) {
            Some(earlier) if earlier != value => {
                return Err(Malformed("a name comes twice with different values"));
            }
            Some(_) => {}
            None => {
                fields.insert(name.to_owned(), value.to_owned());
            }
        }
        match after {
            Some(next) => rest = next,
            None => return Ok(Fields(fields)),
        }
    }
}

/// One field, and what follows the `&` after it.
fn field(text: &str) -> Result<(&str, &str, Option<&str>), Malformed> {
    let end = text.find(['=', '[', '&']).ok_or(Malformed("a name has no value"))?;
    let (name, rest) = text.split_at(end);
    if !is_name(name) {
        return Err(Malformed("a name is not one of Payflow's"));
    }
    if let Some(value) = rest.strip_prefix('=') {
        return Ok(match value.split_once('&') {
            Some((value, after)) => (name, value, Some(after)),
            None => (name, value, None),
        });
    }
    let tag = rest.strip_prefix('[').ok_or(Malformed("a name holds `&`"))?;
    let (digits, rest) = tag.split_once(']').ok_or(Malformed("a length has no end"))?;
    if digits.is_empty() || digits.len() > 7 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Malformed("a length is not a number"));
    }
    let length: usize = digits.parse().map_err(|_| Malformed("a length is not a number"))?;
    let rest = rest.strip_prefix('=').ok_or(Malformed("a length is not followed by `=`"))?;
    let (value, after) = measured(rest, length).ok_or(Malformed("a length does not fit its value"))?;
    Ok((name, value, after))
}

fn measured(text: &str, length: usize) -> Option<(&str, Option<&str>)> {
    let by_characters = text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(length);
    let ends = [by_characters, Some(length)];
    ends.into_iter().flatten().find_map(|end| {
        let (value, after) = text.split_at_checked(end)?;
        match after.strip_prefix('&') {
            Some(after) => Some((value, Some(after))),
            None => after.is_empty().then_some((value, None)),
        }
    })
}
