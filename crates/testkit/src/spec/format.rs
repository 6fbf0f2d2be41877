//! The formats that can be decided from the text alone, and patterns.

use std::net::Ipv4Addr;

use regex::RegexBuilder;

/// The largest compiled pattern, in bytes.
const LARGEST_PATTERN: usize = 1024 * 1024;

/// What is wrong with `text`, where the format can be decided. `description` is the field's own: vendors state there
/// when a date is enough for a time.
pub(super) fn fault(format: &str, text: &str, description: &str) -> Option<String> {
    let fine = match format {
        "date" => is_date(text),
        "date-time" => is_date_time(text) || (description.contains("YYYY-MM-DD") && is_date(text)),
        "uri" | "url" => url::Url::parse(text).is_ok(),
        "email" => text.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && !host.is_empty() && !host.contains('@') && !text.contains(char::is_whitespace)
        }),
        "uuid" => is_uuid(text),
        "ipv4" => text.parse::<Ipv4Addr>().is_ok(),
        "decimal" => is_decimal(text),
        "unix-time" | "int64" => is_integer(text),
        "int32" => is_integer(text) && text.parse::<i32>().is_ok(),
        "http-method" => matches!(text, "HEAD" | "GET" | "POST" | "PATCH" | "PUT" | "DELETE"),
        "iso-country-code" => text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()),
        // Phone numbers may be short codes, sender names and channel addresses; names of one vendor's own are unknown.
        _ => true,
    };
    (!fine).then(|| format!("expected the format {format}"))
}

/// Whether the pattern is found in the text; `None` where it cannot be compiled.
pub(super) fn matches(pattern: &str, text: &str) -> Option<bool> {
    let pattern = RegexBuilder::new(pattern).size_limit(LARGEST_PATTERN).build().ok()?;
    Some(pattern.is_match(text))
}

pub(super) fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    is_digits(digits) && text.parse::<i64>().is_ok()
}

pub(super) fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    is_digits(whole) && is_digits(fraction)
}

/// `YYYY-MM-DD`, a day that exists.
pub(super) fn is_date(text: &str) -> bool {
    text.len() == 10 && chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}

/// RFC 3339.
fn is_date_time(text: &str) -> bool {
    chrono::DateTime::parse_from_rfc3339(text).is_ok()
}

/// ISO 8601 as XML writes it: the zone may be absent.
pub(super) fn is_xsd_date_time(text: &str) -> bool {
    is_date_time(text) || chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").is_ok()
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<_> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_decide_both_ways() {
        for (format, good, bad) in [
            ("date", "2024-02-29", "2023-02-29"),
            ("date-time", "2024-02-29T10:00:00Z", "2024-02-29 10:00"),
            ("uri", "https://example.com/a", "example.com/a"),
            ("email", "a@example.com", "a.example.com"),
            ("uuid", "123e4567-e89b-12d3-a456-426614174000", "123e4567"),
            ("ipv4", "192.0.2.1", "192.0.2.256"),
            ("decimal", "-1.50", "1,50"),
            ("http-method", "POST", "post"),
            ("iso-country-code", "US", "USA"),
        ] {
            assert!(fault(format, good, "").is_none(), "{format} {good}");
            assert!(fault(format, bad, "").is_some(), "{format} {bad}");
        }
        assert!(fault("date-time", "2024-02-29", "formats: `YYYY-MM-DD`").is_none());
        assert!(fault("date-time", "2024-02-29", "").is_some());
        assert!(fault("phone-number", "whatsapp:+15550100", "").is_none());
    }

    #[test]
    fn numbers_as_text() {
        assert!(is_integer("-12") && !is_integer("+12") && !is_integer("1.0") && !is_integer(""));
        assert!(is_decimal("10") && !is_decimal("1e3") && !is_decimal("1."));
        assert_eq!(matches("^AC[0-9a-f]{2}$", "AC0f"), Some(true));
        assert_eq!(matches("(", ""), None);
    }
}
