//! The list of what the vendors document and the descriptions do not hold yet.
//!
//! ```toml
//! [[newer]]
//! provider = "stripe"                       # the fixture folder
//! operation = "POST /v1/payment_intents"    # as the report spells it
//! parameter = "payment_details.order"       # as the report spells it, list positions as []; absent: the whole operation
//! url = "https://docs.stripe.com/api/payment_intents/create"
//! # Only where the parameter is known and a rule about it is outdated:
//! rule = "enum"                             # as the report spells it, in brackets at the line's end
//! value = "some_new_value"                  # for an enumeration: the one value that is new
//! ```
//!
//! An entry for a whole operation counts where the description knows none, and where it knows only one with a path
//! parameter in the place of the entry's fixed text. Such requests are not judged any further.

use std::cell::Cell;
use std::path::Path;

use serde::Deserialize;

use super::Provider;
use super::http_message::Request;
use super::openapi::Template;
use super::report::{Problem, Report};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    #[serde(default)]
    newer: Vec<Raw>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    provider: String,
    operation: String,
    parameter: Option<String>,
    rule: Option<String>,
    value: Option<String>,
    url: String,
}

struct Entry {
    raw: Raw,
    used: Cell<bool>,
}

/// The entries, and which of them were needed.
pub(super) struct Newer(Vec<Entry>);

impl Newer {
    /// Reads the list; what is wrong with it goes into the report.
    pub(super) fn read(path: &Path, report: &mut Report) -> Self {
        let name = file_name(path);
        let list = std::fs::read_to_string(path)
            .map_err(|error| format!("the file cannot be read: {error}"))
            .and_then(|text| toml::from_str::<List>(&text).map_err(|error| error.message().to_owned()));
        let raw = match list {
            Ok(list) => list.newer,
            Err(error) => {
                report.add(&name, "", Problem::new("", "newer", error));
                Vec::new()
            }
        };
        for entry in &raw {
            if let Some(fault) = fault(entry) {
                report.add(&name, &entry.operation, entry.problem(fault));
            }
        }
        Self(raw.into_iter().map(|raw| Entry { raw, used: Cell::new(false) }).collect())
    }

    /// Whether an entry covers a request that matches no described operation.
    pub(super) fn covers_operation(&self, provider: &str, operation: &str, request: &Request) -> bool {
        self.mark(|raw| {
            raw.parameter.is_none()
                && raw.provider == provider
                && (raw.operation == operation || raw.template_for(request).is_some())
        })
    }

    /// Whether an entry covers a request that matches the described `operation` only because a parameter of its path
    /// stands where the newer operation has fixed text.
    pub(super) fn displaces(&self, provider: &str, operation: &str, request: &Request) -> bool {
        let Some((_, path)) = operation.split_once(' ') else { return false };
        let described = Template::new(path);
        self.mark(|raw| {
            raw.parameter.is_none()
                && raw.provider == provider
                && raw.template_for(request).is_some_and(|newer| newer.beats(&described))
        })
    }

    /// Whether an entry covers this problem.
    pub(super) fn covers(&self, provider: &str, operation: &str, problem: &Problem) -> bool {
        let field = without_positions(&problem.field);
        self.mark(|raw| {
            raw.provider == provider
                && raw.operation == operation
                && raw.parameter.as_deref() == Some(field.as_str())
                && raw.rule.as_deref().unwrap_or("unknown") == problem.rule
                && (problem.rule != "enum" || raw.value == problem.value)
        })
    }

    /// Reports every entry that nothing needed: the description has caught up, or no recording uses it.
    pub(super) fn report_unused(&self, path: &Path, report: &mut Report) {
        for entry in self.0.iter().filter(|entry| !entry.used.get()) {
            let says = format!("no recorded request of {} needs this entry; remove it", entry.raw.provider);
            report.add(&file_name(path), &entry.raw.operation, entry.raw.problem(says));
        }
    }

    fn mark(&self, fits: impl Fn(&Raw) -> bool) -> bool {
        let mut any = false;
        for entry in self.0.iter().filter(|entry| fits(&entry.raw)) {
            entry.used.set(true);
            any = true;
        }
        any
    }
}

impl Raw {
    /// The entry's path, where the request is one of its operation.
    fn template_for(&self, request: &Request) -> Option<Template> {
        let (method, path) = self.operation.split_once(' ')?;
        let template = Template::new(path);
        (method == request.method && template.ends(&request.segments)).then_some(template)
    }

    fn problem(&self, says: impl Into<String>) -> Problem {
        Problem::new(self.parameter.as_deref().unwrap_or_default(), "newer", says)
    }
}

fn fault(entry: &Raw) -> Option<String> {
    let Some(provider) = Provider::of_folder(&entry.provider) else {
        return Some(format!("the provider {} is not in the table", entry.provider));
    };
    if !provider.pages.iter().any(|page| entry.url.starts_with(page)) {
        return Some(format!("the url must be a page of the vendor: {}", provider.pages.join(", ")));
    }
    let enumeration = entry.rule.as_deref() == Some("enum");
    if enumeration != entry.value.is_some() {
        return Some("`rule = \"enum\"` and `value` belong together".to_owned());
    }
    (entry.rule.is_some() && entry.parameter.is_none()).then(|| "a rule needs a parameter".to_owned())
}

/// `items[3].price` as `items[].price`.
fn without_positions(field: &str) -> String {
    let mut plain = String::with_capacity(field.len());
    let mut inside = false;
    for letter in field.chars() {
        inside &= letter.is_ascii_digit();
        if !inside {
            plain.push(letter);
        }
        inside |= letter == '[';
    }
    plain
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::without_positions;

    #[test]
    fn positions_go_and_names_stay() {
        assert_eq!(without_positions("items[12].a1[0].b2"), "items[].a1[].b2");
        assert_eq!(without_positions("?expand[0]"), "?expand[]");
    }
}
