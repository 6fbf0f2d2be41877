//! The two ways in which Twilio writes times, both in UTC.

use crate::calendar::{DAY, date_of, days_from, month_lasts};

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

fn clock(unix: i64) -> (i64, i64, i64) {
    let seconds = unix.rem_euclid(DAY);
    (seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

fn pick<'a>(names: &[&'a str], at: i64) -> &'a str {
    usize::try_from(at).ok().and_then(|at| names.get(at)).copied().unwrap_or_default()
}

/// `Fri, 14 Aug 2026 09:12:31 +0000`, in the API of 2010.
pub(super) fn rfc2822(unix: i64) -> String {
    let (year, month, day) = date_of(unix);
    let (hour, minute, second) = clock(unix);
    let weekday = pick(&WEEKDAYS, unix.div_euclid(DAY).rem_euclid(7));
    let month = pick(&MONTHS, month - 1);
    format!("{weekday}, {day:02} {month} {year} {hour:02}:{minute:02}:{second:02} +0000")
}

/// `2026-08-14T09:12:31Z`, everywhere else.
pub(super) fn iso(unix: i64) -> String {
    let (hour, minute, second) = clock(unix);
    format!("{}T{hour:02}:{minute:02}:{second:02}Z", day(unix))
}

/// `2026-08-14`.
pub(super) fn day(unix: i64) -> String {
    let (year, month, day) = date_of(unix);
    format!("{year:04}-{month:02}-{day:02}")
}

/// `260814091231`, as delivery reports write it, to the minute.
pub(super) fn report(unix: i64) -> String {
    let (year, month, day) = date_of(unix);
    let (hour, minute, _) = clock(unix);
    format!("{:02}{month:02}{day:02}{hour:02}{minute:02}", year.rem_euclid(100))
}

fn number(text: &str, digits: usize) -> Option<i64> {
    (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

/// Midnight of `YYYY-MM-DD`.
pub(super) fn parse_day(text: &str) -> Option<i64> {
    let mut parts = text.splitn(3, '-');
    let year = number(parts.next()?, 4)?;
    let month = number(parts.next()?, 2)?;
    let day = number(parts.next()?, 2)?;
    let there_is = (1..=12).contains(&month) && (1..=month_lasts(year, month)).contains(&day);
    there_is.then(|| days_from(year, month, day) * DAY)
}

/// `YYYY-MM-DDTHH:MM:SSZ`, and nothing else.
pub(super) fn parse_iso(text: &str) -> Option<i64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let mut parts = time.splitn(3, ':');
    let hour = number(parts.next()?, 2)?;
    let minute = number(parts.next()?, 2)?;
    let second = number(parts.next()?, 2)?;
    (hour < 24 && minute < 60 && second < 60)
        .then(|| parse_day(date).map(|day| day + hour * 3_600 + minute * 60 + second))?
}

#[cfg(test)]
mod tests {
    use super::{iso, parse_day, parse_iso, report, rfc2822};

    #[test]
    fn times_run_both_ways() {
        assert_eq!(rfc2822(1_749_988_800), "Sun, 15 Jun 2025 12:00:00 +0000");
        assert_eq!(iso(1_749_988_800), "2025-06-15T12:00:00Z");
        assert_eq!(report(1_749_988_800), "2506151200");
        assert_eq!(parse_iso("2025-06-15T12:00:00Z"), Some(1_749_988_800));
        assert_eq!(parse_day("2025-06-15"), Some(1_749_945_600));
        for bad in
            ["2025-06-15T12:00:00", "2025-06-15T24:00:00Z", "2025-6-15T12:00:00Z", "2025-06-31T12:00:00Z"]
        {
            assert_eq!(parse_iso(bad), None, "{bad}");
        }
    }
}
