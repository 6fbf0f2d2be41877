//! What Plaid's objects have in common: words that may grow, lists that may be `null`, texts that are secrets.

use secrecy::SecretString;
use serde::{Deserialize, Deserializer};

/// Reads `null` as the default.
pub(crate) fn null_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Reads text straight into a secret.
pub(crate) fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    String::deserialize(deserializer).map(SecretString::from)
}

/// The same for text that may be absent or `null`.
pub(crate) fn secret_option<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<SecretString>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(SecretString::from))
}

/// The same for a list.
pub(crate) fn secret_list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<SecretString>, D::Error> {
    let list = Option::<Vec<String>>::deserialize(deserializer)?.unwrap_or_default();
    Ok(list.into_iter().map(SecretString::from).collect())
}

/// Error codes and ids: what may stand in a log line. Anything else that a vendor sends there may not.
pub(crate) fn is_word(text: &str) -> bool {
    (1..=100).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}

/// An enum of Plaid's words that keeps a word it does not know, since Plaid adds words without a new version
/// (<https://plaid.com/docs/api/versioning/>).
macro_rules! string_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$word_meta:meta])* $word:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(from = "String", into = "String")]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$word_meta])* $word,)+
            /// A word that this version of the crate does not know, or the empty string where Plaid sent none.
            Other(String),
        }
        impl $name {
            /// Plaid's word.
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
