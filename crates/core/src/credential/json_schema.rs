//! JSON Schema, written with its keys in a fixed order.

use std::fmt;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::credential::{CredentialField, CredentialSchema, SettingField, SettingKind, SettingsSchema};

/// A schema as JSON Schema: an object with `type`, `required` and `properties`, always in that order.
///
/// [`Display`](fmt::Display) writes compact JSON, `{:#}` indents it.
#[derive(Debug, Clone, Copy)]
pub struct JsonSchema(Of);

#[derive(Debug, Clone, Copy)]
enum Of {
    Credentials(CredentialSchema),
    Settings(SettingsSchema),
}

impl JsonSchema {
    pub(super) fn of_credentials(schema: CredentialSchema) -> Self {
        Self(Of::Credentials(schema))
    }

    pub(super) fn of_settings(schema: SettingsSchema) -> Self {
        Self(Of::Settings(schema))
    }

    /// The schema as a JSON value. Its keys come in `serde_json`'s order, not in the form's.
    pub fn to_value(&self) -> serde_json::Value {
        // Maps with string keys always fit a value.
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl fmt::Display for JsonSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json =
            if f.alternate() { serde_json::to_string_pretty(self) } else { serde_json::to_string(self) };
        f.write_str(&json.map_err(|_| fmt::Error)?)
    }
}

impl Serialize for JsonSchema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(3))?;
        object.serialize_entry("type", "object")?;
        match self.0 {
            Of::Credentials(schema) => {
                let required = schema.fields().iter().filter(|field| field.required).map(|field| field.name);
                object.serialize_entry("required", &required.collect::<Vec<_>>())?;
                object.serialize_entry("properties", &CredentialProperties(schema))?;
            }
            Of::Settings(schema) => {
                let required = schema.fields().iter().filter(|field| field.required).map(|field| field.name);
                object.serialize_entry("required", &required.collect::<Vec<_>>())?;
                object.serialize_entry("properties", &SettingProperties(schema))?;
            }
        }
        object.end()
    }
}

struct CredentialProperties(CredentialSchema);

impl Serialize for CredentialProperties {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.fields().iter().map(|field| (field.name, CredentialProperty(field))))
    }
}

struct CredentialProperty(&'static CredentialField);

impl Serialize for CredentialProperty {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let field = self.0;
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("type", "string")?;
        object.serialize_entry("title", field.title)?;
        if field.secret {
            object.serialize_entry("format", "password")?;
        }
        if let Some(description) = field.description {
            object.serialize_entry("description", description)?;
        }
        if let Some(pattern) = field.pattern {
            object.serialize_entry("pattern", &pattern.regex())?;
        }
        object.end()
    }
}

struct SettingProperties(SettingsSchema);

impl Serialize for SettingProperties {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.fields().iter().map(|field| (field.name, SettingProperty(field))))
    }
}

struct SettingProperty(&'static SettingField);

impl Serialize for SettingProperty {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let field = self.0;
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("type", field.kind.json_type())?;
        object.serialize_entry("title", field.title)?;
        if let Some(description) = field.description {
            object.serialize_entry("description", description)?;
        }
        match field.kind {
            SettingKind::Text { max_len, default } => {
                object.serialize_entry("maxLength", &max_len)?;
                serialize_default(&mut object, default.as_ref())?;
            }
            SettingKind::Integer { minimum, maximum, default } => {
                object.serialize_entry("minimum", &minimum)?;
                object.serialize_entry("maximum", &maximum)?;
                serialize_default(&mut object, default.as_ref())?;
            }
            SettingKind::Boolean { default } => serialize_default(&mut object, default.as_ref())?,
            SettingKind::Choice { values, default } => {
                object.serialize_entry("enum", values)?;
                serialize_default(&mut object, default.as_ref())?;
            }
        }
        object.end()
    }
}

fn serialize_default<M: SerializeMap, T: Serialize>(
    object: &mut M,
    default: Option<&T>,
) -> Result<(), M::Error> {
    match default {
        Some(default) => object.serialize_entry("default", default),
        None => Ok(()),
    }
}
