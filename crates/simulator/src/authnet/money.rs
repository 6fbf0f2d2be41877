//! Amounts in hundredths, and how they are written.

use super::json::Json;

/// The hundredths of a decimal that has been checked against the schema; `None` when it has more than two decimals or
/// is too large.
pub(super) fn hundredths(text: &str) -> Option<i64> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > 2 {
        return None;
    }
    let amount: i64 = format!("{whole}{fraction:0<2}").parse().ok()?;
    Some(if negative { -amount } else { amount })
}

/// `12.30`
pub(super) fn decimal(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let size = hundredths.unsigned_abs();
    format!("{sign}{}.{:02}", size / 100, size % 100)
}

/// A JSON number with two decimals.
pub(super) fn number(hundredths: i64) -> Json {
    Json::Number(decimal(hundredths))
}

#[cfg(test)]
mod tests {
    use super::{decimal, hundredths};

    #[test]
    fn amounts_are_exact() {
        for (text, amount) in
            [("20", 2000), ("20.1", 2010), ("0.05", 5), (".5", 50), ("20.1000", 2010), ("-1.23", -123)]
        {
            assert_eq!(hundredths(text), Some(amount), "{text}");
        }
        assert_eq!(hundredths("1.001"), None);
        assert_eq!(hundredths("99999999999999999999"), None);
        assert_eq!(
            (decimal(2010), decimal(5), decimal(-123)),
            ("20.10".into(), "0.05".into(), "-1.23".into())
        );
    }
}
