//! What the check found, all of it at once.

use std::collections::BTreeMap;
use std::fmt;

/// One deviation of a recorded request from its vendor's description.
///
/// Names the place and the rule, never the recorded value: a recording may hold what a test typed into it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Finding {
    /// The recorded request, relative to the folder of all fixtures; or the file that is at fault itself.
    pub file: String,
    /// The operation as the description spells it, for example `POST /v1/refunds` or `createTransactionRequest`.
    /// Empty where the file is at fault before an operation is known.
    pub operation: String,
    /// Where in the request: a body field as `items[0].price`, a query parameter as `?limit`, a path parameter as
    /// `{id}`, a header as `header Content-Type`. Empty when the whole request is meant.
    pub field: String,
    /// The rule that was broken, for example `unknown`, `required`, `enum` or `maxLength`.
    pub rule: &'static str,
    /// What the description says.
    pub says: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        for part in [&self.operation, &self.field] {
            if !part.is_empty() {
                write!(f, ": {part}")?;
            }
        }
        write!(f, ": {} [{}]", self.says, self.rule)
    }
}

/// The outcome of one [`check`](super::check).
#[derive(Debug, Clone, Default)]
pub struct Report {
    judged: BTreeMap<String, usize>,
    undescribed: BTreeMap<String, usize>,
    findings: Vec<Finding>,
}

impl Report {
    /// Whether every request agrees with its description and every entry of the list of newer parameters was used.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    /// Every deviation, ordered by file.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// How many requests were held against a description, by provider folder.
    pub fn judged(&self) -> &BTreeMap<String, usize> {
        &self.judged
    }

    /// How many requests belong to vendors that publish no machine-readable description, by provider folder.
    pub fn undescribed(&self) -> &BTreeMap<String, usize> {
        &self.undescribed
    }

    /// One line for a log: what was judged and what could not be.
    pub fn summary(&self) -> String {
        let list = |counts: &BTreeMap<String, usize>| {
            let items: Vec<_> =
                counts.iter().map(|(provider, count)| format!("{provider} {count}")).collect();
            if items.is_empty() { "none".to_owned() } else { items.join(", ") }
        };
        format!(
            "{} findings; requests judged: {}; without a published description: {}",
            self.findings.len(),
            list(&self.judged),
            list(&self.undescribed)
        )
    }

    pub(super) fn count_judged(&mut self, provider: &str) {
        *self.judged.entry(provider.to_owned()).or_default() += 1;
    }

    pub(super) fn count_undescribed(&mut self, provider: &str, requests: usize) {
        *self.undescribed.entry(provider.to_owned()).or_default() += requests;
    }

    pub(super) fn add(&mut self, file: &str, operation: &str, problem: Problem) {
        self.findings.push(Finding {
            file: file.to_owned(),
            operation: operation.to_owned(),
            field: problem.field,
            rule: problem.rule,
            says: problem.says,
        });
    }

    pub(super) fn sort(&mut self) {
        self.findings.sort();
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            writeln!(f, "{finding}")?;
        }
        f.write_str(&self.summary())
    }
}

/// A finding that does not know its file and operation yet.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    pub(super) field: String,
    pub(super) rule: &'static str,
    pub(super) says: String,
    /// The value outside an enumeration, so that an entry for a newer value can name it. Never shown.
    pub(super) value: Option<String>,
}

impl Problem {
    pub(super) fn new(field: &str, rule: &'static str, says: impl Into<String>) -> Self {
        Self { field: field.to_owned(), rule, says: says.into(), value: None }
    }

    pub(super) fn with_value(mut self, value: Option<String>) -> Self {
        self.value = value;
        self
    }
}
