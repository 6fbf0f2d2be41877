//! A checked set of credentials.

use std::collections::BTreeMap;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::credential::validate::{self, Given};
use crate::credential::{CredentialSchema, Masks, SECRET_MASK, env};
use crate::error::{Error, ErrorKind, FieldError, Result};

/// The longest JSON text that is read as credentials, in bytes.
pub(super) const MAX_JSON_LEN: usize = 64 * 1024;

/// Credentials that fit their schema. It exists only checked, and it is wiped from memory when dropped.
///
/// Every way to make one follows the same rules:
///
/// - Names are exact, each occurs once, and names that the schema does not have are refused.
/// - Every value is a string. A missing field, `null` and the empty string all mean that the field is absent, since an
///   HTML form sends an empty string for what was left blank; a required field must not be absent.
/// - A value is at most the field's `max_len` bytes, has the field's pattern, neither starts nor ends with white space,
///   and holds no control character and none that cannot be seen. Values are never trimmed or changed.
/// - A value made only of bullets (`•`) came from a masked form and is refused.
///
/// All bad fields are reported at once. Errors name fields and rules; they hold no value, no length of one, and no name
/// that is not in the schema, since secrets get pasted into the wrong box.
///
/// There is no `Serialize`: the only way out as JSON is [`expose_json`](Self::expose_json).
#[derive(Clone)]
pub struct Credentials {
    schema: CredentialSchema,
    values: BTreeMap<&'static str, SecretString>,
}

impl Credentials {
    /// Checks a JSON object of strings. The value's own strings are wiped, whatever the outcome.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`], naming every bad field.
    pub fn from_value(schema: CredentialSchema, value: serde_json::Value) -> Result<Self> {
        let serde_json::Value::Object(object) = value else {
            validate::wipe(value);
            return Err(not_an_object());
        };
        validate::collect(
            schema,
            object.into_iter().map(|(name, value)| (Zeroizing::new(name), Given::from(value))),
        )
    }

    /// Checks the text of a JSON object of strings, at most 64 KiB long. A repeated name is refused.
    /// Wiping the text itself is the caller's part.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`], naming every bad field.
    pub fn from_json(schema: CredentialSchema, json: &str) -> Result<Self> {
        if json.len() > MAX_JSON_LEN {
            return Err(Error::new(
                ErrorKind::InvalidConfig,
                "the credentials are longer than 64 KiB of JSON",
            ));
        }
        // The parser's own message may quote the text, so it is not kept.
        let entries = serde_json::from_str::<validate::Entries>(json).map_err(|_| not_an_object())?;
        validate::collect(schema, entries.0)
    }

    /// Checks names and values from anywhere else, for example a form post. At most 256 pairs are read.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`], naming every bad field.
    pub fn from_pairs<N, V>(schema: CredentialSchema, pairs: impl IntoIterator<Item = (N, V)>) -> Result<Self>
    where
        N: Into<String>,
        V: Into<SecretString>,
    {
        let entries = pairs.into_iter();
        validate::collect(
            schema,
            entries.map(|(name, value)| (Zeroizing::new(name.into()), Given::Text(value.into()))),
        )
    }

    /// Reads every field from the environment variables that the schema names for it.
    ///
    /// Of a field's variables the first that is not empty counts; if another one holds a different value, both are named
    /// in an error. [`process_env`](crate::credential::process_env) looks into the process's own environment.
    ///
    /// ```
    /// use turnbuckle_core::credential::{CredentialField, CredentialSchema, Credentials};
    ///
    /// const SCHEMA: CredentialSchema = CredentialSchema::new(&[
    ///     CredentialField::secret("apiKey", "API Key").required().with_env(&["SENDGRID_API_KEY", "SENDGRID_KEY"]),
    /// ]);
    /// let old_name = |name: &str| (name == "SENDGRID_KEY").then(|| "SG.example".to_owned());
    /// assert!(Credentials::from_env(SCHEMA, &old_name)?.get("apiKey").is_some());
    ///
    /// let error = Credentials::from_env(SCHEMA, &|_| None).unwrap_err();
    /// assert!(error.to_string().contains("set SENDGRID_API_KEY or SENDGRID_KEY"));
    /// # Ok::<(), turnbuckle_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`], naming every bad or missing field and its variables.
    pub fn from_env(schema: CredentialSchema, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        env::read(schema, lookup)
    }

    pub(super) fn assemble(schema: CredentialSchema, values: BTreeMap<&'static str, SecretString>) -> Self {
        Self { schema, values }
    }

    pub(super) fn recheck(&self, schema: CredentialSchema) -> Result<()> {
        if schema == self.schema {
            return Ok(());
        }
        let entries = self.values.iter();
        validate::collect(
            schema,
            entries.map(|(name, value)| (Zeroizing::new((*name).to_owned()), Given::Text(value.clone()))),
        )?;
        Ok(())
    }

    /// The schema that the set was checked against.
    pub fn schema(&self) -> CredentialSchema {
        self.schema
    }

    /// The value of a field, if it is present.
    pub fn get(&self, name: &str) -> Option<&SecretString> {
        self.values.get(name)
    }

    /// The value of a field that must be present.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`] with the field's name.
    pub fn require(&self, name: &'static str) -> Result<&SecretString> {
        self.get(name).ok_or_else(|| invalid(vec![FieldError::new(name, "is required")]))
    }

    /// The names of the fields that are present, sorted.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.values.keys().copied()
    }

    /// What may be shown of this set once it is sealed.
    pub fn masks(&self) -> Masks {
        let shown = self.schema.fields().iter().filter_map(|field| {
            let value = self.values.get(field.name)?;
            let mask = if field.secret { SECRET_MASK } else { value.expose_secret() };
            Some((field.name.to_owned(), mask.to_owned()))
        });
        Masks::new(shown.collect())
    }

    /// The whole set as a JSON object, secrets included, for sealing and for nothing else.
    /// [`from_json`](Self::from_json) reads it back.
    pub fn expose_json(&self) -> SecretString {
        // Room for the worst case, so that the buffer never grows and leaves a copy behind.
        let room = self.values.iter().map(|(name, value)| name.len() + 2 * value.expose_secret().len() + 6);
        let mut json = Zeroizing::new(String::with_capacity(room.sum::<usize>() + 2));
        json.push('{');
        for (index, (name, value)) in self.values.iter().enumerate() {
            if index > 0 {
                json.push(',');
            }
            push_json_string(&mut json, name);
            json.push(':');
            push_json_string(&mut json, value.expose_secret());
        }
        json.push('}');
        SecretString::from(json.as_str())
    }
}

/// Checked values hold no control character, which leaves two characters to escape.
fn push_json_string(json: &mut String, text: &str) {
    json.push('"');
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            json.push('\\');
        }
        json.push(character);
    }
    json.push('"');
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("fields", &self.values.keys()).finish_non_exhaustive()
    }
}

pub(super) fn invalid(problems: Vec<FieldError>) -> Error {
    Error::new(ErrorKind::InvalidConfig, "the credentials do not fit the provider's form")
        .with_fields(problems)
}

fn not_an_object() -> Error {
    Error::new(ErrorKind::InvalidConfig, "the credentials are not a JSON object")
}
