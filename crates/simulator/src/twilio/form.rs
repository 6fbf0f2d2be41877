//! The form encoding with repeated keys, and what may stand in a form.

use std::fmt::Write as _;

use percent_encoding::percent_decode;

use super::error::ApiError;

const MOST_PAIRS: usize = 1_000;

/// Decoded pairs in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    pub(super) fn parse(encoded: &[u8]) -> Result<Self, ApiError> {
        let mut pairs = Vec::new();
        for pair in encoded.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            if pairs.len() == MOST_PAIRS {
                return Err(ApiError::invalid(20001, "Too many parameters"));
            }
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next().unwrap_or_default())?;
            pairs.push((name, decode(halves.next().unwrap_or_default())?));
        }
        Ok(Self(pairs))
    }

    /// Refuses names outside of both lists, and names of the first that come twice. `lists` may repeat.
    pub(super) fn check(&self, known: &[&str], lists: &[&str]) -> Result<(), ApiError> {
        let mut seen: Vec<&str> = Vec::new();
        for (name, _) in &self.0 {
            let name = name.as_str();
            if lists.contains(&name) {
                continue;
            }
            if !known.contains(&name) {
                return Err(ApiError::invalid(20001, format!("Unknown parameter '{name}'")));
            }
            if seen.contains(&name) {
                return Err(ApiError::invalid(20001, format!("Parameter '{name}' is given more than once")));
            }
            seen.push(name);
        }
        Ok(())
    }

    /// The value as it came, which may be empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value, unless it is empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    pub(super) fn all(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect()
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.text(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(ApiError::invalid(20001, format!("Parameter '{name}' must be true or false"))),
        }
    }

    pub(super) fn whole(&self, name: &str, least: i64, most: i64) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        match text.parse::<i64>() {
            Ok(number) if (least..=most).contains(&number) => Ok(Some(number)),
            _ => Err(ApiError::invalid(
                20001,
                format!("Parameter '{name}' must be a whole number from {least} to {most}"),
            )),
        }
    }

    pub(super) fn one_of(&self, name: &str, choices: &[&str]) -> Result<Option<&str>, ApiError> {
        match self.text(name) {
            Some(value) if !choices.contains(&value) => {
                let message = format!("Parameter '{name}' must be one of {}", choices.join(", "));
                Err(ApiError::invalid(20001, message))
            }
            value => Ok(value),
        }
    }

    /// An address to fetch or to tell; `code` is the refusal of one that is none.
    pub(super) fn url(&self, name: &str, code: u32) -> Result<Option<&str>, ApiError> {
        match self.text(name) {
            Some(value) if !is_url(value) => {
                Err(ApiError::invalid(code, format!("Parameter '{name}' is not a valid URL")))
            }
            value => Ok(value),
        }
    }
}

/// Absolute, http or https, with a host and without white space.
pub(super) fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    !host.is_empty() && text.len() <= 4_000 && !text.contains(char::is_whitespace)
}

/// `AC` and 32 hexadecimal digits, for example.
pub(super) fn is_sid(text: &str, prefix: &str) -> bool {
    let rest = text.strip_prefix(prefix).unwrap_or_default();
    rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn decode(raw: &[u8]) -> Result<String, ApiError> {
    let spaced: Vec<u8> = raw.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let bytes: Vec<u8> = percent_decode(&spaced).collect();
    String::from_utf8(bytes).map_err(|_| ApiError::invalid(20001, "Parameters must be valid UTF-8"))
}

/// The pairs as a body, as Twilio encodes what it sends.
pub(super) fn encode(pairs: &[(String, String)]) -> String {
    let mut body = String::new();
    for (name, value) in pairs {
        if !body.is_empty() {
            body.push('&');
        }
        put(&mut body, name);
        body.push('=');
        put(&mut body, value);
    }
    body
}

pub(super) fn put(into: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' => {
                into.push(char::from(byte));
            }
            b' ' => into.push('+'),
            // Writing into a String cannot fail.
            _ => {
                let _written = write!(into, "%{byte:02X}");
            }
        }
    }
}
