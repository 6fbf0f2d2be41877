//! The declaration of what a provider asks for.

use crate::credential::{Credentials, JsonSchema};
use crate::error::Result;

/// The fields that make up one provider's credentials, in the order of the form.
///
/// Two fields cannot share a name; in a constant that is a compile error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CredentialSchema {
    fields: &'static [CredentialField],
}

impl CredentialSchema {
    /// A schema of these fields. An empty one is for providers without credentials.
    ///
    /// # Panics
    /// When two fields share a name. In a constant this happens at compile time.
    #[expect(clippy::indexing_slicing, reason = "iterators are not const; the indexes stay below the length")]
    pub const fn new(fields: &'static [CredentialField]) -> Self {
        let mut index = 0;
        while index < fields.len() {
            let mut earlier = 0;
            while earlier < index {
                assert!(!same(fields[index].name, fields[earlier].name), "two fields share a name");
                earlier += 1;
            }
            index += 1;
        }
        Self { fields }
    }

    /// The fields, in the order of the form.
    pub fn fields(&self) -> &'static [CredentialField] {
        self.fields
    }

    /// The field with this exact name.
    pub fn field(&self, name: &str) -> Option<&'static CredentialField> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The schema as JSON Schema, for a form or an API.
    pub fn json_schema(&self) -> JsonSchema {
        JsonSchema::of_credentials(*self)
    }

    /// Checks what a tenant typed: see [`Credentials::from_value`].
    ///
    /// # Errors
    /// [`InvalidConfig`](crate::ErrorKind::InvalidConfig), naming every bad field and no value.
    pub fn parse(&self, value: serde_json::Value) -> Result<Credentials> {
        Credentials::from_value(*self, value)
    }

    /// Checks that a set which may have been made with another schema fits this one.
    ///
    /// # Errors
    /// [`InvalidConfig`](crate::ErrorKind::InvalidConfig), naming every bad field and no value.
    pub fn check(&self, credentials: &Credentials) -> Result<()> {
        credentials.recheck(*self)
    }
}

/// One field of a [`CredentialSchema`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CredentialField {
    /// The name on the wire and in errors, in camelCase: `secretKey`.
    pub name: &'static str,
    /// The label beside the input.
    pub title: &'static str,
    /// A hint under the input.
    pub description: Option<&'static str>,
    /// Whether the value is hidden: typed as a password, and shown afterwards only as a mask.
    pub secret: bool,
    /// Whether the provider cannot work without it.
    pub required: bool,
    /// The shape that a value must have.
    pub pattern: Option<Pattern>,
    /// Environment variables that may carry it; the first is the one to document.
    pub env: &'static [&'static str],
    /// The longest value, in bytes.
    pub max_len: usize,
}

impl CredentialField {
    /// The longest value of a field that states no limit of its own, in bytes.
    pub const DEFAULT_MAX_LEN: usize = 4096;

    /// An optional field whose value may be shown again, such as a user name or a publishable key.
    ///
    /// # Panics
    /// When the name is not camelCase. In a constant this happens at compile time.
    pub const fn text(name: &'static str, title: &'static str) -> Self {
        Self::new(name, title, false)
    }

    /// An optional field whose value is never shown again.
    ///
    /// # Panics
    /// When the name is not camelCase. In a constant this happens at compile time.
    pub const fn secret(name: &'static str, title: &'static str) -> Self {
        Self::new(name, title, true)
    }

    const fn new(name: &'static str, title: &'static str, secret: bool) -> Self {
        assert!(is_camel_case(name.as_bytes()), "a field's name is camelCase: ASCII letters and digits");
        Self {
            name,
            title,
            description: None,
            secret,
            required: false,
            pattern: None,
            env: &[],
            max_len: Self::DEFAULT_MAX_LEN,
        }
    }

    /// Makes the field required.
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Adds the hint under the input.
    pub const fn with_description(mut self, description: &'static str) -> Self {
        self.description = Some(description);
        self
    }

    /// Demands a shape.
    pub const fn with_pattern(mut self, pattern: Pattern) -> Self {
        self.pattern = Some(pattern);
        self
    }

    /// Names the environment variables that may carry the value, the documented one first.
    pub const fn with_env(mut self, names: &'static [&'static str]) -> Self {
        self.env = names;
        self
    }

    /// Changes the longest value, in bytes.
    pub const fn with_max_len(mut self, bytes: usize) -> Self {
        self.max_len = bytes;
        self
    }
}

/// The shape of a value. Each shape is one rule from which both the regular expression in the JSON Schema and our own
/// check are made, so the form and the server cannot disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pattern(Shape);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Prefix { words: &'static [&'static str], then: &'static str },
    Hex { prefix: &'static str, digits: usize },
}

impl Pattern {
    /// Starts with one of the words, followed by `then`: `prefix(&["sk", "rk"], "_")` is `^(sk|rk)_`.
    ///
    /// # Panics
    /// When there is no word, or a word or `then` holds anything but ASCII letters, digits, `_` and `-`. In a constant
    /// this happens at compile time.
    #[expect(clippy::indexing_slicing, reason = "iterators are not const; the index stays below the length")]
    pub const fn prefix(words: &'static [&'static str], then: &'static str) -> Self {
        assert!(!words.is_empty(), "a prefix pattern has at least one word");
        let mut index = 0;
        while index < words.len() {
            assert!(
                is_plain(words[index].as_bytes()),
                "the words of a pattern are letters, digits, `_` and `-`"
            );
            index += 1;
        }
        assert!(is_plain(then.as_bytes()), "the words of a pattern are letters, digits, `_` and `-`");
        Self(Shape::Prefix { words, then })
    }

    /// The prefix and then exactly so many hexadecimal digits: `hex("AC", 32)` is `^AC[0-9a-fA-F]{32}$`.
    ///
    /// # Panics
    /// When the prefix holds anything but ASCII letters, digits, `_` and `-`. In a constant this happens at compile time.
    pub const fn hex(prefix: &'static str, digits: usize) -> Self {
        assert!(is_plain(prefix.as_bytes()), "the words of a pattern are letters, digits, `_` and `-`");
        Self(Shape::Hex { prefix, digits })
    }

    /// The regular expression, in the dialect of JSON Schema.
    pub fn regex(&self) -> String {
        match self.0 {
            Shape::Prefix { words: [word], then } => format!("^{word}{then}"),
            Shape::Prefix { words, then } => format!("^({}){then}", words.join("|")),
            Shape::Hex { prefix, digits } => format!("^{prefix}[0-9a-fA-F]{{{digits}}}$"),
        }
    }

    /// Whether the value has this shape.
    pub fn matches(&self, value: &str) -> bool {
        match self.0 {
            Shape::Prefix { words, then } => {
                words.iter().any(|word| value.strip_prefix(word).is_some_and(|rest| rest.starts_with(then)))
            }
            Shape::Hex { prefix, digits } => value.strip_prefix(prefix).is_some_and(|rest| {
                rest.len() == digits && rest.bytes().all(|byte| byte.is_ascii_hexdigit())
            }),
        }
    }
}

#[expect(clippy::indexing_slicing, reason = "iterators are not const; the index stays below the length")]
pub(super) const fn is_camel_case(name: &[u8]) -> bool {
    if name.is_empty() || !name[0].is_ascii_lowercase() {
        return false;
    }
    let mut index = 0;
    while index < name.len() {
        if !name[index].is_ascii_alphanumeric() {
            return false;
        }
        index += 1;
    }
    true
}

#[expect(clippy::indexing_slicing, reason = "iterators are not const; the index stays below the length")]
const fn is_plain(text: &[u8]) -> bool {
    let mut index = 0;
    while index < text.len() {
        if !(text[index].is_ascii_alphanumeric() || text[index] == b'_' || text[index] == b'-') {
            return false;
        }
        index += 1;
    }
    true
}

#[expect(clippy::indexing_slicing, reason = "iterators are not const; the index stays below both lengths")]
pub(super) const fn same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len() != right.len() {
        return false;
    }
    let mut index = 0;
    while index < left.len() {
        if left[index] != right[index] {
            return false;
        }
        index += 1;
    }
    true
}
