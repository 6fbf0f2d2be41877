//! Dates as Payflow writes and counts them, all in UTC.

pub(super) const DAY: u64 = 86_400;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A calendar day as days since 1970.
pub(super) type Day = i64;

pub(super) fn day_of(unix: u64) -> Day {
    i64::try_from(unix / DAY).unwrap_or(i64::MAX)
}

/// When a day begins.
pub(super) fn start_of(day: Day) -> u64 {
    u64::try_from(day).unwrap_or_default().saturating_mul(DAY)
}

fn from_civil(year: i64, month: i64, day: i64) -> Day {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn civil(day: Day) -> (i64, i64, i64) {
    let days = day + 719_468;
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
    from_civil(next_year, next, 1) - from_civil(year, month, 1)
}

fn checked(year: i64, month: i64, day: i64) -> Option<Day> {
    let possible = (1..=12).contains(&month) && (1..=month_lasts(year, month)).contains(&day);
    possible.then(|| from_civil(year, month, day))
}

fn number(digits: &str) -> Option<i64> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

/// Reads `MMDDYYYY`.
pub(super) fn day_from(text: &str) -> Option<Day> {
    if text.len() != 8 {
        return None;
    }
    checked(number(text.get(4..8)?)?, number(text.get(..2)?)?, number(text.get(2..4)?)?)
}

/// Writes `MMDDYYYY`.
pub(super) fn shown_day(day: Day) -> String {
    let (year, month, date) = civil(day);
    format!("{month:02}{date:02}{year:04}")
}

/// Reads `YYYYMMDDHHMMSS`.
pub(super) fn time_from(text: &str) -> Option<u64> {
    if text.len() != 14 {
        return None;
    }
    let part = |from: usize, to: usize| number(text.get(from..to)?);
    let day = checked(part(0, 4)?, part(4, 6)?, part(6, 8)?)?;
    let (hour, minute, second) = (part(8, 10)?, part(10, 12)?, part(12, 14)?);
    let possible = hour < 24 && minute < 60 && second < 60;
    let seconds = u64::try_from(hour * 3_600 + minute * 60 + second).ok()?;
    possible.then(|| start_of(day) + seconds)
}

/// Writes `YYYY-MM-DD HH:MM:SS`.
pub(super) fn shown_time(unix: u64) -> String {
    let (year, month, date) = civil(day_of(unix));
    let (hour, minute, second) = (unix % DAY / 3_600, unix % 3_600 / 60, unix % 60);
    format!("{year:04}-{month:02}-{date:02} {hour:02}:{minute:02}:{second:02}")
}

/// Writes `21-May-04 04:47 PM`.
pub(super) fn history_time(unix: u64) -> String {
    let (year, month, date) = civil(day_of(unix));
    let name = usize::try_from(month - 1).ok().and_then(|at| MONTHS.get(at)).copied().unwrap_or_default();
    let (hour, minute) = (unix % DAY / 3_600, unix % 3_600 / 60);
    let half = if hour < 12 { "AM" } else { "PM" };
    let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
    format!("{date:02}-{name}-{:02} {hour:02}:{minute:02} {half}", year.rem_euclid(100))
}

/// The last day of an expiry `MMYY`.
pub(super) fn expiry(text: &str) -> Option<Day> {
    if text.len() != 4 {
        return None;
    }
    let (month, year) = (number(text.get(..2)?)?, 2000 + number(text.get(2..4)?)?);
    (1..=12).contains(&month).then(|| from_civil(year, month, month_lasts(year, month)))
}

/// The day of the month.
pub(super) fn date_in_month(day: Day) -> i64 {
    civil(day).2
}

/// The day of payment `count` of a profile that begins on `start`; `None` for no pay period.
pub(super) fn payment_day(start: Day, pay_period: &str, count: i64) -> Option<Day> {
    let months = match pay_period {
        "DAY" => return Some(start + count),
        "WEEK" => return Some(start + 7 * count),
        "BIWK" => return Some(start + 14 * count),
        "FRWK" => return Some(start + 28 * count),
        "SMMO" => return Some(twice_a_month(start, count)),
        "MONT" => count,
        "QTER" => 3 * count,
        "SMYR" => 6 * count,
        "YEAR" => 12 * count,
        _ => return None,
    };
    Some(months_after(start, months))
}

fn months_after(start: Day, months: i64) -> Day {
    let (year, month, day) = civil(start);
    let total = year * 12 + month - 1 + months;
    let (year, month) = (total.div_euclid(12), total.rem_euclid(12) + 1);
    from_civil(year, month, day.min(month_lasts(year, month)))
}

/// On the day of the month it began, and fifteen days later or on the month's last day.
fn twice_a_month(start: Day, count: i64) -> Day {
    let first = months_after(start, count.div_euclid(2));
    if count.rem_euclid(2) == 0 {
        return first;
    }
    let (year, month, day) = civil(first);
    from_civil(year, month, (day + 15).min(month_lasts(year, month)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_run_both_ways() {
        for day in 0..200_000 {
            assert_eq!(day_from(&shown_day(day)), Some(day));
        }
        for text in ["02302025", "13012025", "00012025", "0101202", "010120255", "0101+025"] {
            assert_eq!(day_from(text), None, "{text}");
        }
    }

    #[test]
    fn times_look_as_documented() {
        let at = time_from("20140210183458").unwrap();
        assert_eq!(shown_time(at), "2014-02-10 18:34:58");
        assert_eq!(history_time(time_from("20040521164700").unwrap()), "21-May-04 04:47 PM");
        assert_eq!(history_time(time_from("20040521000700").unwrap()), "21-May-04 12:07 AM");
        assert_eq!(time_from("20140210246060"), None);
        assert_eq!(expiry("0228").map(shown_day).as_deref(), Some("02292028"));
        assert_eq!((expiry("1328"), expiry("128"), expiry("1/28")), (None, None, None));
    }

    #[test]
    fn pay_periods_count_from_the_first_payment() {
        let dates = |from: &str, period: &str| {
            let start = day_from(from).unwrap();
            (0..4).map(|count| shown_day(payment_day(start, period, count).unwrap())).collect::<Vec<_>>()
        };
        assert_eq!(dates("01312025", "MONT"), ["01312025", "02282025", "03312025", "04302025"]);
        assert_eq!(dates("01152025", "SMMO"), ["01152025", "01302025", "02152025", "02282025"]);
        assert_eq!(dates("01312025", "QTER"), ["01312025", "04302025", "07312025", "10312025"]);
        assert_eq!(dates("01012025", "FRWK"), ["01012025", "01292025", "02262025", "03262025"]);
        assert_eq!(payment_day(0, "month", 1), None);
    }
}
