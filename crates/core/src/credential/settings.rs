//! Settings: what a provider lets a tenant choose beside the credentials. Not secret.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::credential::JsonSchema;
use crate::credential::schema::{is_camel_case, same};
use crate::credential::validate::{is_unseen, not_a_field};
use crate::error::{Error, ErrorKind, FieldError, Result};

/// The settings that one provider has, in the order of the form.
///
/// ```
/// use serde_json::json;
/// use turnbuckle_core::credential::{SettingField, SettingKind, SettingsSchema};
///
/// const SCHEMA: SettingsSchema = SettingsSchema::new(&[
///     SettingField::new("captureDays", "Capture after (days)", SettingKind::integer(1, 7).with_default_integer(3)),
///     SettingField::new("region", "Region", SettingKind::choice(&["global", "eu"])).required(),
/// ]);
/// let settings = SCHEMA.parse(&json!({"region": "eu"}))?;
/// assert_eq!(settings.integer("captureDays"), Some(3));
/// # Ok::<(), turnbuckle_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettingsSchema {
    fields: &'static [SettingField],
}

impl SettingsSchema {
    /// A schema of these fields.
    ///
    /// # Panics
    /// When two fields share a name, or a default is not among the allowed values. In a constant this happens at
    /// compile time.
    #[expect(clippy::indexing_slicing, reason = "iterators are not const; the indexes stay below the length")]
    pub const fn new(fields: &'static [SettingField]) -> Self {
        let mut index = 0;
        while index < fields.len() {
            assert!(fields[index].kind.default_is_allowed(), "a default is not an allowed value");
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
    pub fn fields(&self) -> &'static [SettingField] {
        self.fields
    }

    /// The schema as JSON Schema, for a form or an API.
    pub fn json_schema(&self) -> JsonSchema {
        JsonSchema::of_settings(*self)
    }

    /// Checks a JSON object and fills in the defaults. `null` stands for an absent object or field.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`], naming every bad field. Values are not quoted: secrets get pasted into the wrong
    /// box.
    pub fn parse(&self, value: &Value) -> Result<Settings> {
        let nothing = serde_json::Map::new();
        let object = match value {
            Value::Null => &nothing,
            Value::Object(object) => object,
            _ => return Err(Error::new(ErrorKind::InvalidConfig, "the settings are not a JSON object")),
        };
        let mut problems = Vec::new();
        let mut values = BTreeMap::new();
        for field in self.fields {
            match object.get(field.name).filter(|given| !given.is_null()) {
                Some(given) => match field.kind.check(given) {
                    Ok(()) => {
                        values.insert(field.name, given.clone());
                    }
                    Err(problem) => problems.push(FieldError::new(field.name, problem)),
                },
                None => match field.kind.default() {
                    Some(default) => {
                        values.insert(field.name, default);
                    }
                    None if field.required => problems.push(FieldError::new(field.name, "is required")),
                    None => {}
                },
            }
        }
        if object.keys().any(|name| self.fields.iter().all(|field| field.name != name)) {
            problems
                .push(FieldError::new("(unknown)", not_a_field(self.fields.iter().map(|field| field.name))));
        }
        if problems.is_empty() {
            Ok(Settings { values })
        } else {
            let message = "the settings do not fit the provider's form";
            Err(Error::new(ErrorKind::InvalidConfig, message).with_fields(problems))
        }
    }
}

/// One field of a [`SettingsSchema`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SettingField {
    /// The name on the wire and in errors, in camelCase.
    pub name: &'static str,
    /// The label beside the input.
    pub title: &'static str,
    /// A hint under the input.
    pub description: Option<&'static str>,
    /// Whether a value must be given where there is no default.
    pub required: bool,
    /// What values it takes.
    pub kind: SettingKind,
}

impl SettingField {
    /// An optional setting.
    ///
    /// # Panics
    /// When the name is not camelCase. In a constant this happens at compile time.
    pub const fn new(name: &'static str, title: &'static str, kind: SettingKind) -> Self {
        assert!(is_camel_case(name.as_bytes()), "a field's name is camelCase: ASCII letters and digits");
        Self { name, title, description: None, required: false, kind }
    }

    /// Makes the setting required.
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Adds the hint under the input.
    pub const fn with_description(mut self, description: &'static str) -> Self {
        self.description = Some(description);
        self
    }
}

/// What values a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SettingKind {
    /// Text without control characters.
    #[non_exhaustive]
    Text {
        /// The longest value, in characters.
        max_len: usize,
        /// The value where none is given.
        default: Option<&'static str>,
    },
    /// A whole number, bounds included.
    #[non_exhaustive]
    Integer {
        /// The smallest value.
        minimum: i64,
        /// The largest value.
        maximum: i64,
        /// The value where none is given.
        default: Option<i64>,
    },
    /// Yes or no.
    #[non_exhaustive]
    Boolean {
        /// The value where none is given.
        default: Option<bool>,
    },
    /// One of several words.
    #[non_exhaustive]
    Choice {
        /// The words.
        values: &'static [&'static str],
        /// The word where none is given.
        default: Option<&'static str>,
    },
}

impl SettingKind {
    /// Text of at most so many characters.
    pub const fn text(max_len: usize) -> Self {
        Self::Text { max_len, default: None }
    }

    /// A whole number between these bounds, both included.
    pub const fn integer(minimum: i64, maximum: i64) -> Self {
        Self::Integer { minimum, maximum, default: None }
    }

    /// Yes or no.
    pub const fn boolean() -> Self {
        Self::Boolean { default: None }
    }

    /// One of these words.
    pub const fn choice(values: &'static [&'static str]) -> Self {
        Self::Choice { values, default: None }
    }

    /// The default of a text or a choice.
    ///
    /// # Panics
    /// On any other kind. In a constant this happens at compile time.
    #[expect(clippy::panic, reason = "evaluated at compile time where it is used, in constants")]
    pub const fn with_default_text(self, value: &'static str) -> Self {
        match self {
            Self::Text { max_len, .. } => Self::Text { max_len, default: Some(value) },
            Self::Choice { values, .. } => Self::Choice { values, default: Some(value) },
            Self::Integer { .. } | Self::Boolean { .. } => {
                panic!("only a text or a choice has a default text")
            }
        }
    }

    /// The default of a whole number.
    ///
    /// # Panics
    /// On any other kind. In a constant this happens at compile time.
    #[expect(clippy::panic, reason = "evaluated at compile time where it is used, in constants")]
    pub const fn with_default_integer(self, value: i64) -> Self {
        match self {
            Self::Integer { minimum, maximum, .. } => {
                Self::Integer { minimum, maximum, default: Some(value) }
            }
            _ => panic!("only a whole number has a default number"),
        }
    }

    /// The default of a yes or no.
    ///
    /// # Panics
    /// On any other kind. In a constant this happens at compile time.
    #[expect(clippy::panic, reason = "evaluated at compile time where it is used, in constants")]
    pub const fn with_default_boolean(self, value: bool) -> Self {
        match self {
            Self::Boolean { .. } => Self::Boolean { default: Some(value) },
            _ => panic!("only a yes or no has such a default"),
        }
    }

    #[expect(clippy::indexing_slicing, reason = "iterators are not const; the index stays below the length")]
    const fn default_is_allowed(&self) -> bool {
        match *self {
            Self::Integer { minimum, maximum, default: Some(value) } => minimum <= value && value <= maximum,
            Self::Choice { values, default: Some(value) } => {
                let mut index = 0;
                while index < values.len() {
                    if same(values[index], value) {
                        return true;
                    }
                    index += 1;
                }
                false
            }
            // Bytes bound characters from above, so this may only be too strict.
            Self::Text { max_len, default: Some(value) } => value.len() <= max_len,
            _ => true,
        }
    }

    pub(super) fn json_type(self) -> &'static str {
        match self {
            Self::Text { .. } | Self::Choice { .. } => "string",
            Self::Integer { .. } => "integer",
            Self::Boolean { .. } => "boolean",
        }
    }

    fn default(self) -> Option<Value> {
        match self {
            Self::Text { default, .. } | Self::Choice { default, .. } => default.map(Value::from),
            Self::Integer { default, .. } => default.map(Value::from),
            Self::Boolean { default } => default.map(Value::from),
        }
    }

    fn check(self, value: &Value) -> Result<(), String> {
        match self {
            Self::Text { max_len, .. } => {
                let text = value.as_str().ok_or("must be a string")?;
                if text.chars().nth(max_len).is_some() {
                    return Err(format!("is longer than {max_len} characters"));
                }
                if text.chars().any(|character| character.is_control() || is_unseen(character)) {
                    return Err("holds a control character or one that cannot be seen".to_owned());
                }
                Ok(())
            }
            Self::Integer { minimum, maximum, .. } => match value.as_i64() {
                Some(number) if (minimum..=maximum).contains(&number) => Ok(()),
                _ => Err(format!("must be a whole number from {minimum} to {maximum}")),
            },
            Self::Boolean { .. } => {
                value.as_bool().map(|_| ()).ok_or_else(|| "must be true or false".to_owned())
            }
            Self::Choice { values, .. } => match value.as_str() {
                Some(text) if values.contains(&text) => Ok(()),
                _ => Err(format!("must be one of: {}", values.join(", "))),
            },
        }
    }
}

/// Settings that fit their schema, defaults filled in. They serialize as a JSON object.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Settings {
    values: BTreeMap<&'static str, Value>,
}

impl Settings {
    /// A value as JSON.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// The value of a text or a choice.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// The value of a whole number.
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.get(name)?.as_i64()
    }

    /// The value of a yes or no.
    pub fn boolean(&self, name: &str) -> Option<bool> {
        self.get(name)?.as_bool()
    }
}

/// Names only: a tenant may have pasted a secret into a setting.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("fields", &self.values.keys()).finish_non_exhaustive()
    }
}
