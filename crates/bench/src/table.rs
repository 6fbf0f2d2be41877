//! The one table.

use std::fmt::Write as _;

use crate::Budget;

/// One operation, measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What was measured.
    pub operation: String,
    /// Its median, in nanoseconds.
    pub median: f64,
    /// What it was measured beside, and the median of that in nanoseconds.
    pub counterpart: Option<(String, f64)>,
    /// What it may cost.
    pub budget: Budget,
}

impl Row {
    /// Whether the budget holds. `None` without one.
    pub fn holds(&self) -> Option<bool> {
        let (_, counterpart) = self.counterpart.as_ref()?;
        Some(self.median <= self.budget.limit(*counterpart)?)
    }
}

/// The rows as a table in Markdown.
pub fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| Operation | Median | Beside | Its median | Ratio | Budget | Holds |\n|---|---:|---|---:|---:|---|---|\n",
    );
    for row in rows {
        let median = time(row.median);
        let (beside, its, ratio) = match &row.counterpart {
            Some((name, median)) => (name.clone(), time(*median), format!("{:.2}", row.median / median)),
            None => (format!("{:.0} a second", 1e9 / row.median), String::new(), String::new()),
        };
        let holds = match row.holds() {
            Some(true) => "yes",
            Some(false) => "**no**",
            None => "",
        };
        let budget = match row.budget {
            Budget::Open => String::new(),
            budget => budget.to_string(),
        };
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "| {} | {median} | {beside} | {its} | {ratio} | {budget} | {holds} |",
            row.operation
        );
    }
    text
}

fn time(nanos: f64) -> String {
    if nanos < 1e3 { format!("{nanos:.0} ns") } else { format!("{:.2} µs", nanos / 1e3) }
}
