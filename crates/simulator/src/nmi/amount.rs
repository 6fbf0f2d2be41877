//! Amounts as NMI writes them: `x.xx`, always two decimals.

/// The most a single field may hold, in cents.
const MOST: i64 = 99_999_999_999;

/// `12.30` in cents. A sign, a missing decimal or a third one is no amount.
pub(super) fn parse(text: &str) -> Option<i64> {
    let (whole, cents) = text.split_once('.')?;
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(cents) || cents.len() != 2 || whole.len() > 9 {
        return None;
    }
    let total = whole.parse::<i64>().ok()? * 100 + cents.parse::<i64>().ok()?;
    (total <= MOST).then_some(total)
}

pub(super) fn show(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100)
}

#[cfg(test)]
mod tests {
    use super::{parse, show};

    #[test]
    fn two_decimals_and_nothing_else() {
        assert_eq!((parse("10.00"), parse("0.05"), parse("007.10")), (Some(1000), Some(5), Some(710)));
        for wrong in
            ["10", "10.0", "10.000", "-1.00", "+1.00", "1,00", ".50", "1.5e", " 1.00", "", "1234567890.00"]
        {
            assert_eq!(parse(wrong), None, "{wrong:?}");
        }
        assert_eq!((show(1005), show(-101), show(-5)), ("10.05".into(), "-1.01".into(), "-0.05".into()));
    }
}
