//! Dynamic templates, as far as a preview needs them. Mistakes are silent, as they are at SendGrid: what cannot be
//! read is left out.
//!
//! Values with their paths, `{{{unescaped}}}`, comments, `if`, `unless`, `each`, `equals`, `notEquals`, `greaterThan`,
//! `lessThan`, `and`, `or`, `length`, `insert` with a default. Dates are not formatted.

use serde_json::Value;

/// How deep blocks may nest; deeper ones render to nothing.
const DEEPEST: usize = 32;
/// How long a text may become.
const LONGEST: usize = 4 * 1024 * 1024;

struct Scope<'a> {
    root: &'a Value,
    this: &'a Value,
    index: Option<usize>,
    last: bool,
    key: Option<&'a str>,
}

/// The text with the data in it. Values are escaped for HTML where `html` says so.
pub(super) fn render(template: &str, data: &Value, html: bool) -> String {
    let mut out = String::new();
    let scope = Scope { root: data, this: data, index: None, last: false, key: None };
    block(template, &scope, html, &mut out, 0);
    out
}

/// One tag: what is inside, whether it had three braces, and where the text goes on.
fn tag(rest: &str) -> Option<(&str, bool, usize)> {
    if let Some(inner) = rest.strip_prefix("{{{") {
        let end = inner.find("}}}")?;
        return Some((inner.get(..end)?.trim(), true, end + 6));
    }
    let inner = rest.strip_prefix("{{")?;
    let end = inner.find("}}")?;
    Some((inner.get(..end)?.trim(), false, end + 4))
}

fn block(template: &str, scope: &Scope<'_>, html: bool, out: &mut String, depth: usize) {
    let mut rest = template;
    while let Some(at) = rest.find("{{") {
        out.push_str(rest.get(..at).unwrap_or_default());
        let from = rest.get(at..).unwrap_or_default();
        let Some((inner, raw, length)) = tag(from) else { return };
        let after = from.get(length..).unwrap_or_default();
        if depth >= DEEPEST || out.len() > LONGEST {
            return;
        }
        if let Some(open) = inner.strip_prefix('#') {
            let words = words(open);
            let name = words.first().map(String::as_str).unwrap_or_default();
            let Some((body, otherwise, end)) = body(after, name) else { return };
            rest = after.get(end..).unwrap_or_default();
            open_block(&words, body, otherwise, scope, html, out, depth);
            continue;
        }
        rest = after;
        if !inner.starts_with(['!', '/', '>']) && inner != "else" {
            let text = value_of(inner, scope);
            out.push_str(&if html && !raw { escape(&text) } else { text });
        }
    }
    out.push_str(rest);
}

fn open_block(
    words: &[String],
    body: &str,
    otherwise: &str,
    scope: &Scope<'_>,
    html: bool,
    out: &mut String,
    depth: usize,
) {
    let word = |at: usize| words.get(at).map(String::as_str).unwrap_or_default();
    let value = |at: usize| resolve(word(at), scope);
    let holds = match word(0) {
        "if" => truthy(&value(1)),
        "unless" => !truthy(&value(1)),
        "equals" => shown(&value(1)) == shown(&value(2)),
        "notEquals" => shown(&value(1)) != shown(&value(2)),
        "greaterThan" => compare(&value(1), &value(2)) == Some(std::cmp::Ordering::Greater),
        "lessThan" => compare(&value(1), &value(2)) == Some(std::cmp::Ordering::Less),
        "and" => truthy(&value(1)) && truthy(&value(2)),
        "or" => truthy(&value(1)) || truthy(&value(2)),
        "each" => return each(&value(1), body, otherwise, scope, html, out, depth),
        _ => return,
    };
    block(if holds { body } else { otherwise }, scope, html, out, depth + 1);
}

fn each(
    over: &Value,
    body: &str,
    otherwise: &str,
    scope: &Scope<'_>,
    html: bool,
    out: &mut String,
    depth: usize,
) {
    let items: Vec<(Option<&str>, &Value)> = match over {
        Value::Array(list) => list.iter().map(|item| (None, item)).collect(),
        Value::Object(map) => map.iter().map(|(key, item)| (Some(key.as_str()), item)).collect(),
        _ => Vec::new(),
    };
    if items.is_empty() {
        return block(otherwise, scope, html, out, depth + 1);
    }
    let count = items.len();
    for (index, (key, this)) in items.into_iter().enumerate() {
        if out.len() > LONGEST {
            return;
        }
        let inner = Scope { root: scope.root, this, index: Some(index), last: index + 1 == count, key };
        block(body, &inner, html, out, depth + 1);
    }
}

/// The inside of a block, what stands behind its `else`, and where the text goes on. Blocks of other names inside may
/// close in any way.
fn body<'a>(text: &'a str, name: &str) -> Option<(&'a str, &'a str, usize)> {
    let mut at = 0;
    let mut open = 1_usize;
    // Blocks of any name, so that an `else` of an inner one is not taken for ours.
    let mut nested = 0_usize;
    let mut otherwise = None;
    while let Some(found) = text.get(at..)?.find("{{") {
        let start = at + found;
        let (inner, _, length) = tag(text.get(start..)?)?;
        at = start + length;
        if let Some(opened) = inner.strip_prefix('#') {
            nested += 1;
            if words(opened).first().is_some_and(|word| word == name) {
                open += 1;
            }
        } else if let Some(closed) = inner.strip_prefix('/') {
            if closed.trim() == name {
                open -= 1;
                if open == 0 {
                    let (before, after) = otherwise.unwrap_or((start, start));
                    return Some((text.get(..before)?, text.get(after..start)?, at));
                }
            }
            nested = nested.saturating_sub(1);
        } else if inner == "else" && nested == 0 && otherwise.is_none() {
            otherwise = Some((start, at));
        }
    }
    None
}

/// Words apart at blanks, quoted ones in one piece with their quotes.
fn words(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for letter in text.chars() {
        match quote {
            Some(open) => {
                word.push(letter);
                if letter == open {
                    quote = None;
                }
            }
            None if letter.is_whitespace() => {
                if !word.is_empty() {
                    found.push(std::mem::take(&mut word));
                }
            }
            None => {
                if letter == '"' || letter == '\'' {
                    quote = Some(letter);
                }
                word.push(letter);
            }
        }
    }
    if !word.is_empty() {
        found.push(word);
    }
    found
}

fn value_of(inner: &str, scope: &Scope<'_>) -> String {
    let words = words(inner);
    let word = |at: usize| words.get(at).map(String::as_str).unwrap_or_default();
    match (word(0), words.len()) {
        ("length", 2) => match resolve(word(1), scope) {
            Value::Array(list) => list.len().to_string(),
            Value::String(text) => text.chars().count().to_string(),
            _ => "0".to_owned(),
        },
        ("insert", 2..) => {
            let value = shown(&resolve(word(1), scope));
            let default = inner.split_once("default=").map_or("", |(_, text)| text.trim_matches(['"', '\'']));
            if value.is_empty() { default.to_owned() } else { value }
        }
        (path, 1) => shown(&resolve(path, scope)),
        _ => String::new(),
    }
}

fn resolve(word: &str, scope: &Scope<'_>) -> Value {
    if let Some(text) = word.strip_prefix(['"', '\'']) {
        return Value::from(text.trim_end_matches(['"', '\'']));
    }
    if let Ok(number) = word.parse::<serde_json::Number>() {
        return Value::Number(number);
    }
    match word {
        "true" => return Value::Bool(true),
        "false" => return Value::Bool(false),
        "@index" => return scope.index.map_or(Value::Null, Value::from),
        "@first" => return Value::Bool(scope.index == Some(0)),
        "@last" => return Value::Bool(scope.last),
        "@key" => return scope.key.map_or(Value::Null, Value::from),
        "this" | "." => return scope.this.clone(),
        _ => {}
    }
    let (start, path) = if let Some(path) = word.strip_prefix("@root.") {
        (scope.root, path)
    } else if let Some(path) = word.strip_prefix("this.") {
        (scope.this, path)
    } else if let Some(path) = word.strip_prefix("../") {
        // One level is enough for most templates: the outermost data stand in for all of them.
        (scope.root, path.trim_start_matches("../"))
    } else {
        (scope.this, word)
    };
    let step = |value: &Value, name: &str| match value {
        Value::Object(map) => map.get(name).cloned(),
        Value::Array(list) => {
            name.trim_matches(['[', ']']).parse().ok().and_then(|at: usize| list.get(at).cloned())
        }
        _ => None,
    };
    path.split('.').try_fold(start.clone(), |value, name| step(&value, name)).unwrap_or(Value::Null)
}

fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(_) => true,
    }
}

fn compare(one: &Value, other: &Value) -> Option<std::cmp::Ordering> {
    let number = |value: &Value| value.as_f64().or_else(|| value.as_str()?.parse().ok());
    number(one)?.partial_cmp(&number(other)?)
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(shown).collect::<Vec<_>>().join(","),
        Value::Object(_) => "[object Object]".to_owned(),
        other => other.to_string(),
    }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#x27;"),
            '`' => out.push_str("&#x60;"),
            '=' => out.push_str("&#x3D;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::render;

    #[test]
    fn values_blocks_and_mistakes() {
        let data = json!({
            "name": "A & B", "open": true, "none": [], "n": 3,
            "items": [{ "t": "x" }, { "t": "y" }], "user": { "city": "Ulm" },
        });
        let shows =
            |template: &str, text: &str| assert_eq!(render(template, &data, true), text, "{template}");
        shows("{{name}}|{{{name}}}|{{ user.city }}|{{missing.deep}}|", "A &amp; B|A & B|Ulm||");
        shows("{{#if open}}a{{else}}b{{/if}}{{#unless open}}c{{else}}d{{/unless}}", "ad");
        shows("{{#each items}}{{@index}}{{this.t}}{{t}}{{#if @last}}.{{else}},{{/if}}{{/each}}", "0xx,1yy.");
        shows("{{#each none}}x{{else}}empty{{/each}}{{length items}}", "empty2");
        shows("{{#equals n 3}}{{#if open}}in{{else}}out{{/if}}{{else}}no{{/equals}}", "in");
        shows("{{#greaterThan n 2}}>{{/greaterThan}}{{#lessThan n 2}}<{{/lessThan}}", ">");
        shows("{{insert missing \"default=you\"}} {{insert name \"default=you\"}}", "you A &amp; B");
        shows("{{! note }}a{{#if open}}never closed", "a");
        shows("left {{open", "left ");
        assert_eq!(render("{{name}}", &data, false), "A & B");
    }
}
