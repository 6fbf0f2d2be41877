//! The codec: exact decimals, answers with a byte order mark, and values that come as text or as numbers.
//!
//! Answers are JSON made from XML: they begin with a UTF-8 byte order mark, the same field is a string in one answer and
//! a number in the next, and lists stand bare or in a wrapper. Requests are written in the order of the vendor's schema,
//! since Authorize.Net reads its JSON as the XML that the schema describes.

use std::fmt;

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::de::{
    self, Deserialize, DeserializeOwned, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use std::marker::PhantomData;
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::{Error, ErrorKind, Result};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Longest decimal that is read, in characters.
const LONGEST_DECIMAL: usize = 32;

/// Reads an answer: one byte order mark is dropped, anything that is not UTF-8 and JSON of this shape is `None`.
///
/// Never panics; depth is bounded by the parser (128 levels), size by the client's limit on answers.
pub fn decode<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    serde_json::from_str(text_of(body)?).ok()
}

/// The answer as text, without its byte order mark.
pub(crate) fn text_of(body: &[u8]) -> Option<&str> {
    std::str::from_utf8(body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body)).ok()
}

/// An exact decimal number in currency units, as Authorize.Net writes amounts: `20.10`. Never a float.
#[derive(Clone, PartialEq, Eq)]
pub struct Decimal(String);

impl Decimal {
    /// A plain decimal such as `20.10` or `-3`: a sign, digits and one point, at most 32 characters.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        (text.len() <= LONGEST_DECIMAL && all_digits(whole) && all_digits(fraction))
            .then(|| Self(text.to_owned()))
    }

    /// The number as it stands on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The amount in a currency; Authorize.Net's answers do not name it.
    ///
    /// # Errors
    /// [`InvalidResponse`](ErrorKind::InvalidResponse) when it has more decimals than the currency, or does not fit.
    pub fn money(&self, currency: Currency) -> Result<Money> {
        Money::parse(&self.0, currency).map_err(|_| {
            Error::new(ErrorKind::InvalidResponse, "the answer has an amount that its currency does not have")
        })
    }
}

impl From<Money> for Decimal {
    fn from(money: Money) -> Self {
        Self(money.to_decimal())
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The number's own digits, which a float would not keep.
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = raw.get();
        let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
        Self::parse(text).ok_or_else(|| de::Error::custom("expected a plain decimal"))
    }
}

/// A decimal that may be absent, null or the empty string.
pub(crate) fn decimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    match raw.get() {
        "null" | "\"\"" => Ok(None),
        text => {
            let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
            Decimal::parse(text).map(Some).ok_or_else(|| de::Error::custom("expected a plain decimal"))
        }
    }
}

/// A text that may come as a number or a boolean; absent, null and the empty string are `None`.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    struct Text;

    impl Visitor<'_> for Text {
        type Value = Option<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string or a number")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok((!text.is_empty()).then(|| text.to_owned()))
        }

        fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
            Ok(Some(number.to_string()))
        }

        fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
            Ok(Some(number.to_string()))
        }

        fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Self::Value, E> {
            Ok(Some(flag.to_string()))
        }

        fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
    }

    deserializer.deserialize_any(Text)
}

/// A flag that may come as a string.
pub(crate) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(match text(deserializer)?.as_deref() {
        Some("true" | "1") => Some(true),
        Some("false" | "0") => Some(false),
        _ => None,
    })
}

/// A time in UTC with up to nine decimals of a second, with or without its `Z`; one that cannot be read is `None`.
pub(crate) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    Ok(text(deserializer)?.as_deref().and_then(parse_time))
}

pub(crate) fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    match DateTime::parse_from_rfc3339(text) {
        Ok(time) => Some(time.to_utc()),
        Err(_) => text.parse::<NaiveDateTime>().ok().map(|time| time.and_utc()),
    }
}

/// A time as the schema's `dateTime`, to the second.
pub(crate) fn write_time<S: Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&time.format("%Y-%m-%dT%H:%M:%SZ"))
}

/// One id or word of a list, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word(pub(crate) String);

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer).map(|text| Self(text.unwrap_or_default()))
    }
}

/// A list, bare or in a wrapper (`{"setting":[..]}`); null and the empty string are an empty one.
pub(crate) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct List<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for List<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
            let mut found = Vec::new();
            while let Some(item) = items.next_element()? {
                found.push(item);
            }
            Ok(found)
        }

        fn visit_map<A: MapAccess<'de>>(self, mut wrapper: A) -> Result<Self::Value, A::Error> {
            let mut found = Vec::new();
            while wrapper.next_key::<IgnoredAny>()?.is_some() {
                found.extend(wrapper.next_value::<Vec<T>>()?);
            }
            Ok(found)
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
            if text.is_empty() { Ok(Vec::new()) } else { Err(de::Error::custom("expected a list")) }
        }

        fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }
    }

    deserializer.deserialize_any(List(PhantomData))
}

/// A list of ids or words.
pub(crate) fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(list::<D, Word>(deserializer)?.into_iter().map(|Word(word)| word).collect())
}

/// Whether a text is what the schema calls a numeric string, as all ids are.
pub(crate) fn is_numeric(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Codes and short words: what may stand in a log line. Anything else a vendor sends there may not.
pub(crate) fn is_word(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}
