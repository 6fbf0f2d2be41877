//! The tour's own bookkeeping: steps, times, and how they are shown.

use std::fmt::Display;
use std::future::Future;
use std::io::{IsTerminal, Write};
use std::time::Duration;

use serde::Serialize;
use turnbuckle_core::{Clock, SystemClock};

/// What a step found out, and what it hands to later ones.
pub(crate) type StepResult<T> = Result<(T, String), Failure>;

/// Why a step failed, in words that are safe to print.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    /// A failure in the tour's own words.
    pub(crate) fn new(why: impl Display) -> Self {
        Self(why.to_string())
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<turnbuckle_core::Error> for Failure {
    fn from(error: turnbuckle_core::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<turnbuckle_core::envelope::EnvelopeError> for Failure {
    fn from(error: turnbuckle_core::envelope::EnvelopeError) -> Self {
        Self(error.to_string())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

/// Fails a step unless something holds.
pub(crate) fn ensure(holds: bool, otherwise: impl Display) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(Failure::new(otherwise)) }
}

#[derive(Serialize)]
struct Step {
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    part: String,
    name: String,
    ok: bool,
    result: String,
    proves: String,
    milliseconds: f64,
}

/// How the tour is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// For a person: a line a step.
    Lines,
    /// For a machine: one JSON object at the end.
    Json,
}

/// Everything that the tour has done so far.
pub(crate) struct Report {
    style: Style,
    colour: bool,
    part: String,
    column: Option<String>,
    steps: Vec<Step>,
    places: Vec<(String, String)>,
    clock: SystemClock,
}

#[derive(Serialize)]
struct Whole<'a> {
    ok: bool,
    providers: serde_json::Map<String, serde_json::Value>,
    steps: &'a [Step],
}

const NAME: usize = 28;
const RESULT: usize = 76;

impl Report {
    /// An empty report. Colours only on a terminal, and never with `NO_COLOR`.
    pub(crate) fn new(style: Style) -> Self {
        let colour = style == Style::Lines
            && std::io::stdout().is_terminal()
            && std::env::var_os("NO_COLOR").is_none();
        Self {
            style,
            colour,
            part: String::new(),
            column: None,
            steps: Vec::new(),
            places: Vec::new(),
            clock: SystemClock::new(),
        }
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn line(&self, text: &str) {
        if self.style == Style::Lines {
            // A closed pipe ends the output, not the tour.
            let _ = writeln!(std::io::stdout(), "{text}");
        }
    }

    /// From here on steps belong to this provider, and stand side by side at the end.
    pub(crate) fn column(&mut self, provider: &str) {
        self.column = Some(provider.to_owned());
    }

    /// The same scenario over each provider, a row a step: how long it took, or that it failed.
    fn side_by_side(&self) {
        let mut columns: Vec<&str> = Vec::new();
        let mut rows: Vec<&str> = Vec::new();
        for step in &self.steps {
            let Some(column) = step.provider.as_deref() else { continue };
            if !columns.contains(&column) {
                columns.push(column);
            }
            if !rows.contains(&step.name.as_str()) {
                rows.push(&step.name);
            }
        }
        // What only one provider does stands in its own part already.
        let of = |row: &str, column: &str| {
            self.steps.iter().any(|step| step.provider.as_deref() == Some(column) && step.name == row)
        };
        rows.retain(|row| columns.iter().filter(|column| of(row, column)).count() > 1);
        if columns.len() < 2 {
            return;
        }
        let width = columns.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(9) + 2;
        self.line(&format!("\n{}", self.paint("1", "One scenario, side by side")));
        let head = columns.iter().fold(String::new(), |head, name| format!("{head}{name:>width$}"));
        self.line(&format!("       {:<NAME$} {head}", ""));
        for row in rows {
            let cells: String = columns
                .iter()
                .map(|column| {
                    let mut steps = self.steps.iter();
                    let step =
                        steps.find(|step| step.provider.as_deref() == Some(*column) && step.name == row);
                    match step {
                        Some(step) if step.ok => {
                            format!("{:>width$}", format!("{:.1} ms", step.milliseconds))
                        }
                        Some(_) => self.paint("31", &format!("{:>width$}", "FAIL")),
                        None => format!("{:>width$}", "–"),
                    }
                })
                .collect();
            self.line(&format!("       {row:<NAME$} {cells}"));
        }
    }

    /// Begins a part of the tour.
    pub(crate) fn part(&mut self, title: &str) {
        title.clone_into(&mut self.part);
        self.line(&format!("\n{}", self.paint("1", title)));
    }

    /// Says something that is not a step.
    pub(crate) fn say(&self, text: &str) {
        self.line(&format!("  {text}"));
    }

    /// Notes which of the two a provider uses.
    pub(crate) fn place(&mut self, provider: &str, place: &str) {
        self.places.push((provider.to_owned(), place.to_owned()));
    }

    /// Runs a step and shows it. A failing one is shown with its reason, and the tour goes on.
    pub(crate) async fn step<T>(
        &mut self,
        name: &str,
        proves: &str,
        work: impl Future<Output = StepResult<T>>,
    ) -> Option<T> {
        let began = self.clock.monotonic();
        let done = work.await;
        let elapsed = self.clock.monotonic().saturating_sub(began);
        let (value, ok, result) = match done {
            Ok((value, result)) => (Some(value), true, result),
            Err(Failure(why)) => (None, false, why),
        };
        self.note(name, proves, ok, result, elapsed);
        value
    }

    /// Notes a step that cannot run because an earlier one failed.
    pub(crate) fn skip(&mut self, name: &str, proves: &str) {
        self.note(name, proves, false, "not tried, since an earlier step failed".to_owned(), Duration::ZERO);
    }

    fn note(&mut self, name: &str, proves: &str, ok: bool, result: String, elapsed: Duration) {
        let milliseconds = elapsed.as_secs_f64() * 1000.0;
        let mark = if ok { self.paint("32", "ok  ") } else { self.paint("31", "FAIL") };
        let shown = if ok { result.clone() } else { self.paint("31", &result) };
        let pad = " ".repeat(RESULT.saturating_sub(result.chars().count()));
        let proof = self.paint("2", proves);
        self.line(&format!("  {mark} {name:<NAME$} {shown}{pad} {milliseconds:>8.1} ms  {proof}"));
        self.steps.push(Step {
            provider: self.column.clone(),
            part: self.part.clone(),
            name: name.to_owned(),
            ok,
            result,
            proves: proves.to_owned(),
            milliseconds: (milliseconds * 1000.0).round() / 1000.0,
        });
    }

    /// Ends the tour. Returns whether every step passed.
    pub(crate) fn finish(self) -> bool {
        let failed = self.steps.iter().filter(|step| !step.ok).count();
        let ok = failed == 0;
        match self.style {
            Style::Json => {
                let providers =
                    self.places.iter().map(|(id, place)| (id.clone(), place.as_str().into())).collect();
                let whole = Whole { ok, providers, steps: &self.steps };
                let text = serde_json::to_string_pretty(&whole).unwrap_or_else(|error| error.to_string());
                let _ = writeln!(std::io::stdout(), "{text}");
            }
            Style::Lines => {
                self.side_by_side();
                for (provider, place) in &self.places {
                    self.line(&format!("\n{provider} used {}.", self.paint("1", place)));
                }
                let passed = self.steps.len() - failed;
                let verdict = format!("{passed} of {} steps passed.", self.steps.len());
                self.line(&self.paint(if ok { "32" } else { "31" }, &verdict));
            }
        }
        ok
    }
}
