//! Times as NMI writes them, in UTC: `YYYYMMDDhhmmss` for moments, `YYYYMMDD` for days.

use crate::calendar::{DAY, date_of, days_from, month_lasts};

/// `20250615120000`.
pub(super) fn moment(unix: u64) -> String {
    let unix = i64::try_from(unix).unwrap_or(i64::MAX);
    let (year, month, day) = date_of(unix);
    let second = unix.rem_euclid(DAY);
    format!("{year:04}{month:02}{day:02}{:02}{:02}{:02}", second / 3600, second / 60 % 60, second % 60)
}

/// `2025-06-15`, as the recurring report writes days.
pub(super) fn day(unix: u64) -> String {
    let (year, month, day) = date_of(i64::try_from(unix).unwrap_or(i64::MAX));
    format!("{year:04}-{month:02}-{day:02}")
}

/// The start of a day given as `YYYYMMDD`.
pub(super) fn parse_day(text: &str) -> Option<u64> {
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    if year < 1970 || !(1..=12).contains(&month) || !(1..=month_lasts(year, month)).contains(&day) {
        return None;
    }
    u64::try_from(days_from(year, month, day) * DAY).ok()
}

/// A moment given as `YYYYMMDDhhmmss`.
pub(super) fn parse_moment(text: &str) -> Option<u64> {
    let start = parse_day(text.get(..8)?)?;
    let clock = text.get(8..)?;
    if clock.len() != 6 || !clock.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize, below: u64| {
        clock.get(from..to)?.parse::<u64>().ok().filter(|value| *value < below)
    };
    Some(start + part(0, 2, 24)? * 3600 + part(2, 4, 60)? * 60 + part(4, 6, 60)?)
}

#[cfg(test)]
mod tests {
    use super::{day, moment, parse_day, parse_moment};

    #[test]
    fn stamps_run_both_ways() {
        assert_eq!(moment(1_749_988_800), "20250615120000");
        assert_eq!(day(1_749_988_800), "2025-06-15");
        for unix in [0, 951_782_399, 951_782_400, 1_749_988_861, 4_102_444_799] {
            assert_eq!(parse_moment(&moment(unix)), Some(unix));
        }
        assert_eq!(parse_day("20240229"), Some(1_709_164_800));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for wrong in ["", "2025", "20250229", "20251301", "2025061x", "20250615"] {
            assert_eq!(parse_moment(wrong), None, "{wrong:?}");
        }
        assert_eq!(parse_moment("20250615246000"), None);
        assert_eq!(parse_day("2025-06-15"), None);
    }
}
