//! Billing periods: whole intervals counted from an anchor, in UTC.

pub(crate) const DAY: i64 = 86_400;

/// Days since 1970 of a civil date (Howard Hinnant's `days_from_civil`).
pub(crate) fn days_from(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Its inverse, `civil_from_days`.
pub(crate) fn date_of(unix: i64) -> (i64, i64, i64) {
    let days = unix.div_euclid(DAY) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

pub(crate) fn month_lasts(year: i64, month: i64) -> i64 {
    let (next_year, next) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    days_from(next_year, next, 1) - days_from(year, month, 1)
}

/// `times` intervals after the anchor (before it, when negative). A day that a month lacks is its last one,
/// and the next month returns to the anchor's day: 31 January, 28 February, 31 March.
pub(crate) fn after(anchor: i64, interval: &str, times: i64) -> i64 {
    let months = match interval {
        "day" => return anchor + times * DAY,
        "week" => return anchor + times * 7 * DAY,
        "year" => times * 12,
        _ => times,
    };
    let (year, month, day) = date_of(anchor);
    let total = year * 12 + month - 1 + months;
    let (year, month) = (total.div_euclid(12), total.rem_euclid(12) + 1);
    days_from(year, month, day.min(month_lasts(year, month))) * DAY + anchor.rem_euclid(DAY)
}

/// The period of `count` intervals that holds `now`: its start and its end, both on the anchor's grid.
pub(crate) fn period(anchor: i64, interval: &str, count: i64, now: i64) -> (i64, i64) {
    let length = match interval {
        "day" => DAY,
        "week" => 7 * DAY,
        "year" => 366 * DAY,
        _ => 31 * DAY,
    };
    let count = count.max(1);
    // The longest interval never counts too far: from there at most a few steps are left.
    let mut steps = (now - anchor).div_euclid(length * count);
    while after(anchor, interval, (steps + 1) * count) <= now {
        steps += 1;
    }
    while after(anchor, interval, steps * count) > now {
        steps -= 1;
    }
    (after(anchor, interval, steps * count), after(anchor, interval, (steps + 1) * count))
}

/// `15 Jun 2025`, as invoices write it.
pub(crate) fn shown(unix: i64) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (year, month, day) = date_of(unix);
    let name = usize::try_from(month - 1).ok().and_then(|at| MONTHS.get(at)).copied().unwrap_or_default();
    format!("{day} {name} {year}")
}

#[cfg(test)]
mod tests {
    use super::{DAY, after, date_of, days_from, period, shown};

    #[test]
    fn dates_run_both_ways() {
        for day in -800_000..800_000 {
            let (year, month, date) = date_of(day * DAY + 5);
            assert_eq!(days_from(year, month, date), day);
        }
        assert_eq!(shown(1_749_988_800), "15 Jun 2025");
    }

    #[test]
    fn months_keep_the_anchor_s_day() {
        let anchor = days_from(2024, 1, 31) * DAY + 3_600;
        let dates: Vec<_> = (0..4).map(|n| date_of(after(anchor, "month", n))).collect();
        assert_eq!(dates, [(2024, 1, 31), (2024, 2, 29), (2024, 3, 31), (2024, 4, 30)]);
        assert_eq!(date_of(after(days_from(2024, 2, 29) * DAY, "year", 1)), (2025, 2, 28));
    }

    #[test]
    fn periods_lie_around_now() {
        let anchor = days_from(2024, 1, 31) * DAY;
        for (interval, count) in [("day", 1), ("week", 2), ("month", 1), ("month", 3), ("year", 1)] {
            for now in (anchor - 900 * DAY..anchor + 900 * DAY).step_by(50_000) {
                let (start, end) = period(anchor, interval, count, now);
                assert!(start <= now && now < end, "{interval} {count} {now}");
            }
            assert_eq!(period(anchor, interval, count, anchor).0, anchor);
        }
    }
}
