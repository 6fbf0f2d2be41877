//! How SendGrid writes words, times and numbers in its answers.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// Reads `null` as the default.
pub(crate) fn null_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Seconds since 1970, as a number or as text. What cannot be read counts as absent.
pub(crate) fn unix<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    let value = Option::<Value>::deserialize(deserializer)?;
    let seconds = match &value {
        Some(Value::Number(number)) => number.as_i64(),
        Some(Value::String(text)) => text.parse().ok(),
        _ => None,
    };
    Ok(seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0)))
}

/// A whole number that SendGrid describes as "number", so that it may stand with a fraction of zero.
pub(crate) fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    let text = raw.get().trim_matches('"');
    let whole = text.strip_suffix(".0").unwrap_or(text);
    whole.parse().map_err(|_| serde::de::Error::custom("an id is a whole number"))
}

/// 0 and 1, or false and true, where SendGrid means no and yes.
pub(crate) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(match Option::<Value>::deserialize(deserializer)? {
        Some(Value::Bool(flag)) => flag,
        Some(Value::Number(number)) => number.as_i64() == Some(1),
        _ => false,
    })
}

/// An enum of SendGrid's words that keeps a word it does not know, since SendGrid adds words without a new version.
macro_rules! string_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$word_meta:meta])* $word:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(from = "String", into = "String")]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$word_meta])* $word,)+
            /// A word that this version of the crate does not know, or the empty string where SendGrid sent none.
            Other(String),
        }
        impl $name {
            /// SendGrid's word.
            pub fn as_str(&self) -> &str { match self { $(Self::$word => $text,)+ Self::Other(word) => word } }
        }
        impl From<String> for $name {
            fn from(word: String) -> Self { match word.as_str() { $($text => Self::$word,)+ _ => Self::Other(word) } }
        }
        impl From<$name> for String { fn from(word: $name) -> Self { word.as_str().to_owned() } }
        impl Default for $name { fn default() -> Self { Self::Other(String::new()) } }
    };
}
pub(crate) use string_enum;
