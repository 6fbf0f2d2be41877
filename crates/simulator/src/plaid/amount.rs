//! Exact amounts in JSON.

use std::fmt;

use serde_json::Value;

/// An exact decimal: `units` divided by ten to the power of `scale`.
///
/// Values of `serde_json` hold floats, so an amount travels in them as marked text; [`render`] takes the marks off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Amount {
    units: i128,
    scale: u32,
}

/// A private-use character, which no name has.
const MARK: char = '\u{e000}';

/// As many decimals as an exact type of 128 bits holds.
const MOST_DECIMALS: usize = 28;

impl Amount {
    pub(super) const fn cents(cents: i64) -> Self {
        Self { units: cents as i128, scale: 2 }
    }

    pub(super) const fn scaled(units: i64, scale: u32) -> Self {
        Self { units: units as i128, scale }
    }

    /// Reads `-12.50`. No exponent, at most 28 digits.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text),
        };
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        let all = format!("{whole}{decimals}");
        let fits = !whole.is_empty() && all.len() <= MOST_DECIMALS && all.bytes().all(|b| b.is_ascii_digit());
        if !fits || (digits.contains('.') && decimals.is_empty()) {
            return None;
        }
        let units = sign * all.parse::<i128>().ok()?;
        Some(Self { units, scale: u32::try_from(decimals.len()).ok()? })
    }

    /// Reads a JSON number, or a text that holds one.
    pub(super) fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => Self::parse(&number.to_string()),
            Value::String(text) => Self::parse(text.trim_matches(MARK)),
            _ => None,
        }
    }

    pub(super) fn is_negative(self) -> bool {
        self.units < 0
    }

    /// This many hundredths of it, rounded towards zero to whole cents.
    pub(super) fn percent(self, percent: i128) -> Self {
        let cents = self.units * percent / 100;
        Self { units: cents, scale: self.scale }
    }

    pub(super) fn product(one: Self, other: Self) -> Self {
        Self { units: one.units.saturating_mul(other.units), scale: one.scale + other.scale }
    }

    /// The mean of several, with their scale; zero of none.
    pub(super) fn mean(all: &[Self]) -> Self {
        let scale = all.iter().map(|one| one.scale).max().unwrap_or(2);
        let sum = all.iter().fold(0_i128, |sum, one| {
            sum.saturating_add(one.units.saturating_mul(10_i128.pow(scale - one.scale)))
        });
        let count = i128::try_from(all.len().max(1)).unwrap_or(1);
        Self { units: sum / count, scale }
    }

    pub(super) fn value(self) -> Value {
        Value::String(format!("{MARK}{self}"))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = self.scale as usize;
        let digits = format!("{:0>width$}", self.units.unsigned_abs(), width = scale + 1);
        let (whole, decimals) = digits.split_at(digits.len() - scale);
        // Numbers in JSON do not keep zeros at their end.
        let decimals = decimals.trim_end_matches('0');
        let sign = if self.units < 0 { "-" } else { "" };
        if decimals.is_empty() { write!(f, "{sign}{whole}") } else { write!(f, "{sign}{whole}.{decimals}") }
    }
}

/// JSON with the exact amounts as numbers.
pub(super) fn render(value: &Value) -> String {
    let text = value.to_string();
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    let opening = format!("\"{MARK}");
    while let Some((before, after)) = rest.split_once(&opening) {
        let (number, after) = after.split_once('"').unwrap_or((after, ""));
        out.push_str(before);
        out.push_str(number);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// For a look from outside: amounts as plain text, so that nothing of them is lost.
pub(super) fn readable(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.trim_start_matches(MARK).to_owned()),
        Value::Array(items) => items.into_iter().map(readable).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, readable(value))).collect(),
        other => other,
    }
}
