//! Days and times as Plaid writes them, in UTC.

pub(super) const DAY: u64 = 86_400;

/// The day of a Unix time, counted from the epoch.
pub(super) fn day_of(unix: u64) -> i64 {
    i64::try_from(unix / DAY).unwrap_or(i64::MAX / 2)
}

/// Year, month and day of a day since the epoch, by Howard Hinnant's algorithm.
pub(super) fn civil(day: i64) -> (i64, i64, i64) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, of_year - (153 * shifted_month + 2) / 5 + 1)
}

fn day_from(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let shifted_month = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * shifted_month + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// `2025-06-15`.
pub(super) fn shown(day: i64) -> String {
    let (year, month, day) = civil(day);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Reads `2025-06-15`; a day that no calendar has is refused.
pub(super) fn read(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |part: &str, count: usize| part.len() == count && part.bytes().all(|b| b.is_ascii_digit());
    if parts.next().is_some() || !digits(year, 4) || !digits(month, 2) || !digits(day, 2) {
        return None;
    }
    let found = day_from(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    (shown(found) == text).then_some(found)
}

/// `2025-06-15T12:00:00Z`.
pub(super) fn instant(unix: u64) -> String {
    let second = unix % DAY;
    format!("{}T{:02}:{:02}:{:02}Z", shown(day_of(unix)), second / 3600, second / 60 % 60, second % 60)
}

/// Whether a text is a time with a zone: `2025-06-15T12:00:00Z`, `…+02:00`, with or without a fraction.
pub(super) fn is_instant(text: &str) -> bool {
    let Some((day, time)) = text.split_once(['T', 't']) else { return false };
    let zoned = time.strip_suffix(['Z', 'z']).or_else(|| {
        let (clock, zone) = time.rsplit_once(['+', '-'])?;
        let (hours, minutes) = zone.split_once(':')?;
        (number_below(hours, 24) && number_below(minutes, 60)).then_some(clock)
    });
    let Some(clock) = zoned else { return false };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let parts: Vec<_> = clock.split(':').collect();
    let &[hours, minutes, seconds] = parts.as_slice() else { return false };
    read(day).is_some()
        && number_below(hours, 24)
        && number_below(minutes, 60)
        && number_below(seconds, 61)
        && !fraction.is_empty()
        && fraction.bytes().all(|b| b.is_ascii_digit())
}

fn number_below(text: &str, bound: u32) -> bool {
    text.len() == 2 && text.parse::<u32>().is_ok_and(|number| number < bound)
}
