//! How Twilio writes words, times and numbers in its answers.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// Reads `null` as the default: Twilio sends it for what is merely absent.
pub(crate) fn null_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A time as RFC 2822 or RFC 3339 writes it: the API of 2010 has the one, newer products the other. One that cannot be
/// read counts as absent: it must not hide that a message was sent.
pub(crate) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.and_then(|text| {
        DateTime::parse_from_rfc2822(&text)
            .or_else(|_| DateTime::parse_from_rfc3339(&text))
            .ok()
            .map(|time| time.to_utc())
    }))
}

/// A whole number, as a number or as text; `null` or anything else counts as absent.
pub(crate) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    Ok(decimal(deserializer)?.and_then(|text| text.parse().ok()))
}

/// A decimal, as a number or as text, digit for digit.
pub(crate) fn decimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    let text = raw.get();
    if text.starts_with('"') {
        return Ok(serde_json::from_str(text).ok());
    }
    let is_number = text.starts_with(|first: char| first == '-' || first.is_ascii_digit());
    Ok(is_number.then(|| text.to_owned()))
}

/// Reads text straight into a secret.
pub(crate) fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(SecretString::from))
}

/// An enum of Twilio's words that keeps a word it does not know, since Twilio adds words without a new version.
macro_rules! string_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$word_meta:meta])* $word:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(from = "String", into = "String")]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$word_meta])* $word,)+
            /// A word that this version of the crate does not know, or the empty string where Twilio sent none.
            Other(String),
        }
        impl $name {
            /// Twilio's word.
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
