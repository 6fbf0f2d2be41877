//! Numbers of money, shares and rates: read and written digit by digit, never through a binary float.

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use turnbuckle_core::bank_data::Decimal;

/// Reads a JSON number as the decimal that stands there.
pub(crate) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    let raw = <&'de RawValue>::deserialize(deserializer)?;
    parse(raw.get()).ok_or_else(|| D::Error::custom("not a number that can be held exactly"))
}

/// The same for a number that may be absent or `null`.
pub(crate) fn read_option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
    let Some(raw) = Option::<&'de RawValue>::deserialize(deserializer)? else { return Ok(None) };
    parse(raw.get()).map(Some).ok_or_else(|| D::Error::custom("not a number that can be held exactly"))
}

/// Writes a decimal as a JSON number with the digits that it has.
pub(crate) fn write<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    let raw =
        RawValue::from_string(value.to_string()).map_err(|_| S::Error::custom("a decimal is no number"))?;
    raw.serialize(serializer)
}

/// `None` for text that is no JSON number, and for numbers that 96 bits and 28 decimals cannot hold without loss.
fn parse(text: &str) -> Option<Decimal> {
    // `from_str_exact` takes more than JSON does, such as `1_000`.
    let json = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
    if !text.bytes().all(json) {
        return None;
    }
    let Some((digits, exponent)) = text.split_once(['e', 'E']) else {
        return Decimal::from_str_exact(text).ok();
    };
    shift(Decimal::from_str_exact(digits).ok()?, exponent.parse().ok()?)
}

/// The value times ten to the power of the exponent.
fn shift(value: Decimal, exponent: i32) -> Option<Decimal> {
    let mut mantissa = value.mantissa();
    if mantissa == 0 {
        return Some(Decimal::ZERO);
    }
    let mut scale = i64::from(value.scale()) - i64::from(exponent);
    while scale > i64::from(Decimal::MAX_SCALE) && mantissa % 10 == 0 {
        mantissa /= 10;
        scale -= 1;
    }
    while scale < 0 {
        mantissa = mantissa.checked_mul(10)?;
        scale += 1;
    }
    Decimal::try_from_i128_with_scale(mantissa, u32::try_from(scale).ok()?).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[derive(Deserialize)]
    struct Read {
        #[serde(deserialize_with = "read")]
        n: Decimal,
        #[serde(default, deserialize_with = "read_option")]
        o: Option<Decimal>,
    }

    #[derive(Serialize)]
    struct Write {
        #[serde(serialize_with = "write")]
        n: Decimal,
    }

    fn number(text: &str) -> Option<String> {
        let read: Read = serde_json::from_str(&format!(r#"{{"n":{text}}}"#)).ok()?;
        Some(read.n.to_string())
    }

    #[test]
    fn holds_what_a_binary_float_cannot() {
        let exact = [
            "0.1",
            "0.3",
            "23631.9805",
            "9007199254740993",
            "12345678901234567.89",
            "-99999999999999999999.99999999",
            "0.0000000000000000000000000001",
            "79228162514264337593543950335",
            "0.30",
            "100",
        ];
        for text in exact {
            assert_eq!(number(text).as_deref(), Some(text));
        }
        // The same text through a float comes out as another number.
        let float: f64 = "12345678901234567.89".parse().unwrap();
        assert_ne!(format!("{float}"), "12345678901234567.89");
    }

    #[test]
    fn exponents_move_the_point() {
        assert_eq!(number("1.5e3").as_deref(), Some("1500"));
        assert_eq!(number("1.25E-2").as_deref(), Some("0.0125"));
        assert_eq!(number("-3e+0").as_deref(), Some("-3"));
        assert_eq!(number("0e99").as_deref(), Some("0"));
        assert_eq!(number("1000e-30").as_deref(), Some("0.0000000000000000000000000010"));
    }

    #[test]
    fn refuses_what_it_would_have_to_round() {
        for text in [
            "0.00000000000000000000000000001",
            "79228162514264337593543950336",
            "1e29",
            "1e-29",
            "1e2147483647",
            "1e-2147483648",
            "1e99999999999",
            "\"12\"",
            "null",
            "true",
        ] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn absent_and_null_are_none() {
        let read = |text: &str| serde_json::from_str::<Read>(text).unwrap().o;
        assert_eq!(read(r#"{"n":1}"#), None);
        assert_eq!(read(r#"{"n":1,"o":null}"#), None);
        assert_eq!(read(r#"{"n":1,"o":0.10}"#), Some(Decimal::new(10, 2)));
    }

    #[test]
    fn writes_the_digits_that_it_has() {
        let write = |n| serde_json::to_string(&Write { n }).unwrap();
        assert_eq!(
            write(Decimal::from_str_exact("12345678901234567.890").unwrap()),
            r#"{"n":12345678901234567.890}"#
        );
        assert_eq!(write(Decimal::new(-5, 2)), r#"{"n":-0.05}"#);
    }
}
