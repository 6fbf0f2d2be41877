//! One check for credentials from every source.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use zeroize::{Zeroize, Zeroizing};

use crate::credential::set::invalid;
use crate::credential::{CredentialField, CredentialSchema, Credentials, mask};
use crate::error::{FieldError, Result};

/// More names than any form has; a guard against endless input.
const MAX_ENTRIES: usize = 256;

/// What was given for one name.
pub(super) enum Given {
    Text(SecretString),
    Nothing,
    WrongType,
}

impl From<Value> for Given {
    fn from(value: Value) -> Self {
        match value {
            Value::String(text) => Self::Text(secret(text)),
            Value::Null => Self::Nothing,
            other => {
                wipe(other);
                Self::WrongType
            }
        }
    }
}

/// Copies the text into a buffer of its exact size and wipes the old one, which a plain conversion may leave behind.
pub(super) fn secret(text: String) -> SecretString {
    SecretString::from(Zeroizing::new(text).as_str())
}

/// Wipes what was refused: a secret may stand in it all the same.
pub(super) fn wipe(value: Value) {
    match value {
        Value::String(mut text) => text.zeroize(),
        Value::Array(values) => values.into_iter().for_each(wipe),
        Value::Object(values) => values.into_iter().for_each(|(mut name, value)| {
            name.zeroize();
            wipe(value);
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Checks everything that was given and reports every bad field at once, in the order of the form.
pub(super) fn collect(
    schema: CredentialSchema,
    entries: impl IntoIterator<Item = (Zeroizing<String>, Given)>,
) -> Result<Credentials> {
    let mut given = BTreeMap::new();
    let mut misplaced: BTreeMap<&'static str, &'static str> = BTreeMap::new();
    let mut unknown = false;
    for (count, (name, entry)) in entries.into_iter().enumerate() {
        if count == MAX_ENTRIES {
            unknown = true;
            break;
        }
        if let Some(field) = schema.field(&name) {
            if given.insert(field.name, entry).is_some() {
                misplaced.insert(field.name, "is given twice");
            }
        } else if let Some(field) = schema.fields().iter().find(|field| spelled_alike(field.name, &name)) {
            misplaced.insert(field.name, "is given under another spelling; names are exact");
        } else {
            unknown = true;
        }
    }

    let mut problems = Vec::new();
    let mut values = BTreeMap::new();
    for field in schema.fields() {
        let problem = match (misplaced.get(field.name), given.remove(field.name)) {
            (Some(problem), _) => Some(Cow::Borrowed(*problem)),
            (None, Some(Given::WrongType)) => Some("must be a string".into()),
            (None, Some(Given::Text(value))) if !value.expose_secret().is_empty() => {
                let problem = check_text(field, value.expose_secret());
                values.insert(field.name, value);
                problem
            }
            (None, _) => field.required.then_some("is required".into()),
        };
        problems.extend(problem.map(|problem| FieldError::new(field.name, problem)));
    }
    if unknown {
        problems
            .push(FieldError::new("(unknown)", not_a_field(schema.fields().iter().map(|field| field.name))));
    }
    if problems.is_empty() { Ok(Credentials::assemble(schema, values)) } else { Err(invalid(problems)) }
}

/// The name itself is not quoted: a secret may have been pasted where a name belongs.
pub(super) fn not_a_field(names: impl Iterator<Item = &'static str>) -> String {
    let names = names.collect::<Vec<_>>();
    if names.is_empty() {
        "is refused: this provider takes no fields at all".to_owned()
    } else {
        format!("is not one of the fields: {}", names.join(", "))
    }
}

fn spelled_alike(name: &str, given: &str) -> bool {
    let mut given = given.chars().filter(|character| !matches!(character, '_' | '-' | ' '));
    let alike = name
        .chars()
        .all(|character| given.next().is_some_and(|other| other.eq_ignore_ascii_case(&character)));
    alike && given.next().is_none()
}

/// The first rule that a value breaks. The value is not empty.
pub(super) fn check_text(field: &CredentialField, value: &str) -> Option<Cow<'static, str>> {
    if value.len() > field.max_len {
        return Some(format!("is longer than {} bytes", field.max_len).into());
    }
    if mask::is_mask(value) {
        return Some("equals its mask: credentials are replaced as a whole, so type it again".into());
    }
    if value.starts_with(char::is_whitespace) || value.ends_with(char::is_whitespace) {
        return Some("starts or ends with white space".into());
    }
    if value.chars().any(char::is_control) {
        return Some("holds a control character, such as a line break".into());
    }
    if value.chars().any(is_unseen) {
        return Some("holds a character that cannot be seen".into());
    }
    match field.pattern {
        Some(pattern) if !pattern.matches(value) => {
            Some(format!("does not match {}", pattern.regex()).into())
        }
        _ => None,
    }
}

/// Zero-width and direction marks, which come along when a key is copied from a page, and the mark that stands for
/// bytes that were not text.
pub(super) fn is_unseen(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffd}'
    )
}

/// The members of a JSON object, repeated ones included.
pub(super) struct Entries(pub(super) Vec<(Zeroizing<String>, Given)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor)
    }
}

struct EntriesVisitor;

impl<'de> Visitor<'de> for EntriesVisitor {
    type Value = Entries;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
        let mut entries = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            entries.push((Zeroizing::new(name), map.next_value()?));
        }
        Ok(Entries(entries))
    }
}

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(GivenVisitor)
    }
}

struct GivenVisitor;

impl<'de> Visitor<'de> for GivenVisitor {
    type Value = Given;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, text: &str) -> Result<Given, E> {
        Ok(Given::Text(SecretString::from(text)))
    }

    fn visit_string<E>(self, text: String) -> Result<Given, E> {
        Ok(Given::Text(secret(text)))
    }

    fn visit_unit<E>(self) -> Result<Given, E> {
        Ok(Given::Nothing)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Given, E> {
        Ok(Given::WrongType)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Given, E> {
        Ok(Given::WrongType)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Given, E> {
        Ok(Given::WrongType)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Given, E> {
        Ok(Given::WrongType)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Given, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Given::WrongType)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Given, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Given::WrongType)
    }
}
