//! What Stripe's objects have in common: ids, references that may be expanded, and words that may grow.

use secrecy::SecretString;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// An object that Stripe names by an id.
pub trait Object {
    /// The id, for example `pi_3TbOrder6735BoardsPay001`.
    fn id(&self) -> &str;
}

/// A reference to another object: its id, or the object itself where the request asked for it with
/// [`expand`](crate::CallOptions::with_expand).
#[derive(Debug, Clone)]
pub enum Expandable<T> {
    /// The id alone.
    Id(String),
    /// The object.
    Object(Box<T>),
}

impl<T: Object> Expandable<T> {
    /// The id, which is there either way.
    pub fn id(&self) -> &str {
        match self {
            Self::Id(id) => id,
            Self::Object(object) => object.id(),
        }
    }
}

impl<T> Expandable<T> {
    /// The object, where it was expanded.
    pub fn object(&self) -> Option<&T> {
        match self {
            Self::Id(_) => None,
            Self::Object(object) => Some(object),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Expandable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IdOrObject<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for IdOrObject<T> {
            type Value = Expandable<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id or an object")
            }

            fn visit_str<E: de::Error>(self, id: &str) -> Result<Self::Value, E> {
                Ok(Expandable::Id(id.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
                    .map(|object| Expandable::Object(Box::new(object)))
            }
        }

        deserializer.deserialize_any(IdOrObject(PhantomData))
    }
}

/// Reads `null` as the default: Stripe sends it for what is merely absent.
pub(crate) fn null_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Reads text straight into a secret.
pub(crate) fn secret_option<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<SecretString>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(SecretString::from))
}

/// An enum of Stripe's words that keeps a word it does not know, since Stripe adds words without a new version.
macro_rules! string_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$word_meta:meta])* $word:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(from = "String", into = "String")]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$word_meta])* $word,)+
            /// A word that this version of the crate does not know, or the empty string where Stripe sent none.
            Other(String),
        }
        impl $name {
            /// Stripe's word.
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
