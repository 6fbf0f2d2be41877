//! Times as the vendor writes them: UTC and the merchant's own time.

const DAY: i64 = 86_400;

/// The merchant's time zone is eight hours behind UTC all year.
pub(super) const ZONE: i64 = -8 * 3_600;

/// Days since 1970 of a civil date (Howard Hinnant's `days_from_civil`).
fn days_from(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Its inverse, `civil_from_days`.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

fn month_lasts(year: i64, month: i64) -> i64 {
    let (next_year, next) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    days_from(next_year, next, 1) - days_from(year, month, 1)
}

/// A day, counted from 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Day(i64);

impl Day {
    pub(super) fn of(unix: u64, zone: i64) -> Self {
        Self((seconds(unix) + zone).div_euclid(DAY))
    }

    /// The first second of the day in a zone.
    pub(super) fn starts(self, zone: i64) -> i64 {
        self.0 * DAY - zone
    }

    pub(super) fn plus_days(self, days: i64) -> Self {
        Self(self.0 + days)
    }

    /// A day that the month lacks is its last one.
    pub(super) fn plus_months(self, months: i64) -> Self {
        let (year, month, day) = civil(self.0);
        let total = year * 12 + month - 1 + months;
        let (year, month) = (total.div_euclid(12), total.rem_euclid(12) + 1);
        Self(days_from(year, month, day.min(month_lasts(year, month))))
    }

    /// Year and month.
    pub(super) fn month(self) -> (i64, i64) {
        let (year, month, _) = civil(self.0);
        (year, month)
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (year, month, day) = civil(self.0);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

fn seconds(unix: u64) -> i64 {
    i64::try_from(unix).unwrap_or(i64::MAX / 2)
}

fn written(at: i64) -> String {
    let clock = at.rem_euclid(DAY);
    format!("{}T{:02}:{:02}:{:02}", Day(at.div_euclid(DAY)), clock / 3_600, clock / 60 % 60, clock % 60)
}

/// `2025-06-15T12:00:00Z`
pub(super) fn utc(unix: u64) -> String {
    format!("{}Z", written(seconds(unix)))
}

/// `2025-06-15T04:00:00`, the merchant's own time.
pub(super) fn local(unix: u64) -> String {
    written(seconds(unix) + ZONE)
}

fn number(text: &str, digits: usize) -> Option<i64> {
    (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

/// `2025-06-15`
pub(super) fn parse_date(text: &str) -> Option<Day> {
    let mut parts = text.split('-');
    let (year, month, day) =
        (number(parts.next()?, 4)?, number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let valid =
        parts.next().is_none() && (1..=12).contains(&month) && day >= 1 && day <= month_lasts(year, month);
    valid.then(|| Day(days_from(year, month, day)))
}

/// `2025-06-15T12:00:00`, with a fraction and a zone where they are given; UTC without a zone.
pub(super) fn parse_moment(text: &str) -> Option<i64> {
    let (date, time) = text.split_once('T')?;
    let (time, zone) = match time.find(['Z', '+', '-']) {
        Some(at) => (time.get(..at)?, time.get(at..)?),
        None => (time, "Z"),
    };
    let offset = if zone == "Z" {
        0
    } else {
        let (hours, minutes) = zone.get(1..)?.split_once(':')?;
        let size = number(hours, 2)? * 3_600 + number(minutes, 2)? * 60;
        if zone.starts_with('-') { -size } else { size }
    };
    let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut parts = clock.split(':');
    let (hour, minute, second) =
        (number(parts.next()?, 2)?, number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let digits = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let valid = parts.next().is_none() && digits && hour < 24 && minute < 60 && second < 60;
    valid.then_some(parse_date(date)?.0 * DAY + hour * 3_600 + minute * 60 + second - offset)
}

#[cfg(test)]
mod tests {
    use super::{Day, ZONE, local, parse_date, parse_moment, utc};

    #[test]
    fn times_are_written_and_read() {
        assert_eq!(utc(1_749_988_800), "2025-06-15T12:00:00Z");
        assert_eq!(local(1_749_988_800), "2025-06-15T04:00:00");
        for text in ["2025-06-15T12:00:00Z", "2025-06-15T12:00:00", "2025-06-15T14:00:00.25+02:00"] {
            assert_eq!(parse_moment(text), Some(1_749_988_800), "{text}");
        }
        for text in ["2025-06-15", "2025-06-15T24:00:00", "2025-06-15T12:00", "2025-02-30T12:00:00"] {
            assert_eq!(parse_moment(text), None, "{text}");
        }
    }

    #[test]
    fn days_and_months_are_added() {
        let day = parse_date("2024-01-31").unwrap();
        assert_eq!(day.plus_months(1).to_string(), "2024-02-29");
        assert_eq!(day.plus_months(13).to_string(), "2025-02-28");
        assert_eq!(day.plus_days(30).to_string(), "2024-03-01");
        assert_eq!(Day::of(1_749_988_800, ZONE).to_string(), "2025-06-15");
        assert_eq!(Day::of(1_749_945_600, ZONE).to_string(), "2025-06-14");
        assert_eq!(day.month(), (2024, 1));
        for text in ["2023-02-29", "2024-13-01", "2024-1-01", "x"] {
            assert!(parse_date(text).is_none(), "{text}");
        }
    }
}
