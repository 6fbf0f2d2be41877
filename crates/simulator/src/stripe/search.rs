//! The search query language, as far as payments need it.

use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::object::Object;
use super::page;
use super::params::{Field, Kind, may, need};

pub(super) const SEARCH: &[Field] = &[
    need("query", Kind::Text),
    may("limit", Kind::Integer),
    may("page", Kind::Text),
    may("expand", Kind::List(&Kind::Text)),
];

#[derive(Debug)]
struct Clause {
    negated: bool,
    field: String,
    /// The key of a `metadata['…']` clause.
    key: Option<String>,
    operator: char,
    or_equal: bool,
    /// `None` is the word `null`.
    value: Option<String>,
}

/// Searches `rows`, newest first, which are as old as the index is.
pub(super) fn search(
    params: &Map<String, Value>,
    rows: Vec<Value>,
    fields: &[&str],
    url: &str,
) -> Result<Value, ApiError> {
    let limit = page::limit(params)?;
    let query = params.get("query").and_then(Value::as_str).unwrap_or_default();
    let (clauses, any) = parse(query)?;
    for clause in &clauses {
        if !fields.contains(&clause.field.as_str()) {
            let message =
                format!("Field `{}` is an unsupported search field for this resource.", clause.field);
            return Err(ApiError::invalid(message).param("query"));
        }
    }
    let mut found: Vec<Value> = rows
        .into_iter()
        .filter(|row| {
            let mut results = clauses.iter().map(|clause| clause.matches(row) != clause.negated);
            if any { results.any(|yes| yes) } else { results.all(|yes| yes) }
        })
        .collect();
    if let Some(token) = params.get("page").and_then(Value::as_str) {
        let last = token.strip_prefix("after_").unwrap_or_default();
        let at = found.iter().position(|row| row.text("id") == last);
        let at = at.ok_or_else(|| ApiError::invalid("Invalid page token.").param("page"))?;
        found.drain(..=at);
    }
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| has_more).map(|row| format!("after_{}", row.text("id")));
    Ok(json!({
        "object": "search_result", "url": url, "has_more": has_more, "data": found, "next_page": next,
        "total_count": null,
    }))
}

impl Clause {
    fn matches(&self, row: &Value) -> bool {
        let path: Vec<&str> = match &self.key {
            Some(key) => vec!["metadata", key],
            None => self.field.split('.').collect(),
        };
        let actual = row.at(&path);
        let Some(wanted) = &self.value else { return actual.is_null() };
        if let Some(number) = actual.as_i64() {
            let Ok(wanted) = wanted.parse::<i64>() else { return false };
            return match (self.operator, self.or_equal) {
                ('>', false) => number > wanted,
                ('>', true) => number >= wanted,
                ('<', false) => number < wanted,
                ('<', true) => number <= wanted,
                _ => number == wanted,
            };
        }
        let actual = match actual {
            Value::Bool(flag) => flag.to_string(),
            other => other.as_str().unwrap_or_default().to_lowercase(),
        };
        let wanted = wanted.to_lowercase();
        if self.operator == '~' { actual.contains(&wanted) } else { actual == wanted }
    }
}

fn malformed() -> ApiError {
    ApiError::invalid(
        "We were unable to parse your search query. Try using the format `metadata[\"key\"]:\"value\"` to query \
         for metadata or key:\"value\" to query for other fields.",
    )
    .param("query")
}

/// The clauses, and whether any of them suffices (`OR`). The two words cannot be mixed.
fn parse(query: &str) -> Result<(Vec<Clause>, bool), ApiError> {
    let mut rest = query.trim();
    let mut clauses = Vec::new();
    let mut joined: Option<bool> = None;
    loop {
        let (clause, after) = clause(rest)?;
        clauses.push(clause);
        rest = after.trim_start();
        if rest.is_empty() {
            break;
        }
        let (word, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let any = word.eq_ignore_ascii_case("or");
        if !any && !word.eq_ignore_ascii_case("and") {
            // Two clauses side by side are both wanted.
            continue;
        }
        if joined.is_some_and(|before| before != any) {
            return Err(ApiError::invalid("You cannot combine AND and OR in the same query.").param("query"));
        }
        joined = Some(any);
        rest = after.trim_start();
    }
    if clauses.len() > 10 {
        return Err(ApiError::invalid("A search query can have at most 10 clauses.").param("query"));
    }
    Ok((clauses, joined.unwrap_or(false)))
}

fn clause(text: &str) -> Result<(Clause, &str), ApiError> {
    let negated = text.starts_with('-');
    let text = text.strip_prefix('-').unwrap_or(text);
    let end = text.find([':', '~', '<', '>', '[']).ok_or_else(malformed)?;
    let field = text.get(..end).unwrap_or_default();
    if field.is_empty() || !field.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.') {
        return Err(malformed());
    }
    let mut rest = text.get(end..).unwrap_or_default();
    let mut key = None;
    if let Some(inner) = rest.strip_prefix('[') {
        let (found, after) = quoted(inner)?;
        key = Some(found);
        rest = after.strip_prefix(']').ok_or_else(malformed)?;
    }
    let mut letters = rest.chars();
    let operator = letters.next().filter(|c| ":~<>".contains(*c)).ok_or_else(malformed)?;
    rest = letters.as_str();
    let or_equal = matches!(operator, '<' | '>') && rest.starts_with('=');
    if or_equal {
        rest = rest.strip_prefix('=').unwrap_or(rest);
    }
    let (value, rest) = if rest.starts_with(['\'', '"']) {
        let (value, rest) = quoted(rest)?;
        (Some(value), rest)
    } else {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (word, rest) = rest.split_at(end);
        if word.is_empty() {
            return Err(malformed());
        }
        ((word != "null" && word != "NULL").then(|| word.to_owned()), rest)
    };
    if field == "metadata" && key.is_none() {
        return Err(malformed());
    }
    Ok((Clause { negated, field: field.to_owned(), key, operator, or_equal, value }, rest))
}

/// A quoted string with backslash escapes, and what follows it.
fn quoted(text: &str) -> Result<(String, &str), ApiError> {
    let mut letters = text.chars();
    let quote = letters.next().filter(|c| matches!(c, '\'' | '"')).ok_or_else(malformed)?;
    let mut value = String::new();
    loop {
        match letters.next().ok_or_else(malformed)? {
            '\\' => value.push(letters.next().ok_or_else(malformed)?),
            c if c == quote => return Ok((value, letters.as_str())),
            c => value.push(c),
        }
    }
}
