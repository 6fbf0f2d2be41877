//! JSON Schema as OpenAPI 3.0 and 3.1 use it, for request values.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::format;
use super::node::Node;
use super::report::Problem;

/// How deep `$ref` and `allOf` may nest.
const DEEPEST: usize = 32;

/// How scalars arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wire {
    /// Typed, in a JSON body.
    Json,
    /// As text; objects and lists through bracketed keys.
    Brackets,
    /// As text; an object is JSON text, a list a repeated key.
    Flat,
}

/// Schemas of one document.
#[derive(Clone, Copy)]
pub(super) struct Rules<'a> {
    pub(super) document: &'a Value,
    pub(super) wire: Wire,
    /// The prose about a parameter, which OpenAPI keeps outside its schema.
    pub(super) prose: &'a str,
}

/// A schema together with everything it must also satisfy, and the alternatives still open.
#[derive(Clone, Default)]
struct Parts<'a> {
    all: Vec<&'a Value>,
    choices: Vec<&'a Vec<Value>>,
}

impl<'a> Rules<'a> {
    /// Follows references to the definition itself.
    pub(super) fn resolve(&self, mut schema: &'a Value) -> &'a Value {
        for _ in 0..DEEPEST {
            let Some(pointer) = schema.get("$ref").and_then(Value::as_str) else { break };
            match pointer.strip_prefix('#').and_then(|pointer| self.document.pointer(pointer)) {
                Some(target) => schema = target,
                None => break,
            }
        }
        schema
    }

    /// The schema of one property, looked for in references and `allOf` as well.
    pub(super) fn property(&self, schema: &'a Value, name: &str) -> Option<&'a Value> {
        self.gather(schema).all.iter().find_map(|part| part.get("properties")?.get(name))
    }

    /// Whether the description calls it a list, in any alternative.
    pub(super) fn is_list(&self, schema: &'a Value) -> bool {
        let parts = self.gather(schema);
        parts.all.iter().any(|part| allowed_types(part).contains(&"array"))
            || parts.choices.iter().any(|choice| choice.iter().any(|option| self.is_list(option)))
    }

    /// Whether an empty body breaks it.
    pub(super) fn needs_something(&self, schema: &'a Value) -> bool {
        let required = |part: &&Value| {
            part.get("required").and_then(Value::as_array).is_some_and(|names| !names.is_empty())
        };
        self.gather(schema).all.iter().any(required)
    }

    /// Holds a value against a schema. `field` is the place, as reports spell it.
    pub(super) fn judge(&self, node: &Node, schema: &'a Value, field: &str, problems: &mut Vec<Problem>) {
        problems.extend(self.judge_parts(node, self.gather(schema), field));
    }

    fn gather(&self, schema: &'a Value) -> Parts<'a> {
        let mut parts = Parts::default();
        self.gather_into(schema, 0, &mut parts);
        parts
    }

    fn gather_into(&self, schema: &'a Value, depth: usize, parts: &mut Parts<'a>) {
        if depth > DEEPEST {
            return;
        }
        parts.all.push(schema);
        if schema.get("$ref").is_some() {
            let target = self.resolve(schema);
            if !std::ptr::eq(target, schema) {
                self.gather_into(target, depth + 1, parts);
            }
        }
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.gather_into(part, depth + 1, parts);
        }
        parts.choices.extend(["anyOf", "oneOf"].iter().filter_map(|key| schema.get(key)?.as_array()));
    }

    fn judge_parts(&self, node: &Node, mut parts: Parts<'a>, field: &str) -> Vec<Problem> {
        let Some(options) = parts.choices.pop() else {
            return self.judge_all(node, &parts.all, field);
        };
        let mut best: Option<Vec<Problem>> = None;
        let mut roots: Vec<Problem> = Vec::new();
        for option in options {
            let mut whole = parts.clone();
            self.gather_into(option, 0, &mut whole);
            let found = self.judge_parts(node, whole, field);
            if found.is_empty() {
                return found;
            }
            // A value of the wrong kind says nothing about the other fields of that alternative.
            if let Some(root) =
                found.iter().find(|problem| problem.field == field && matches!(problem.rule, "type" | "enum"))
            {
                roots.push(root.clone());
            } else if best.as_ref().is_none_or(|best| found.len() < best.len()) {
                best = Some(found);
            }
        }
        best.unwrap_or_else(|| alternatives(&roots))
    }

    fn judge_all(&self, node: &Node, parts: &[&'a Value], field: &str) -> Vec<Problem> {
        let mut problems = Vec::new();
        if matches!(node, Node::Null) {
            let typed = parts.iter().any(|part| part.get("type").is_some());
            let nullable = parts.iter().any(|part| {
                part.get("nullable").and_then(Value::as_bool) == Some(true)
                    || allowed_types(part).contains(&"null")
            });
            if typed && !nullable {
                problems.push(Problem::new(field, "type", "null is not allowed"));
            }
            return problems;
        }
        if parts.iter().any(|part| part.get("readOnly").and_then(Value::as_bool) == Some(true)) {
            problems.push(Problem::new(field, "readOnly", "only answers hold this field"));
        }
        let unpacked = self.unpack(node, parts);
        if let Some((object, rules)) = &unpacked {
            return rules.judge_all(object, parts, field);
        }
        for part in parts {
            let types = allowed_types(part);
            if !types.is_empty() && !types.iter().any(|kind| self.has_type(node, kind)) {
                problems.push(Problem::new(
                    field,
                    "type",
                    format!("expected {}, found {}", types.join(" or "), node.kind()),
                ));
                return problems;
            }
        }
        for part in parts {
            judge_enumeration(node, part, field, &mut problems);
            self.judge_limits(node, part, field, &mut problems);
        }
        if parts.iter().any(|part| allowed_types(part).contains(&"array")) || matches!(node, Node::List(_)) {
            self.judge_items(node, parts, field, &mut problems);
        } else if let Node::Map(entries) = node {
            self.judge_object(entries, parts, field, &mut problems);
        }
        problems
    }

    /// An object in a flat form is JSON text.
    fn unpack(&self, node: &Node, parts: &[&'a Value]) -> Option<(Node, Self)> {
        let Node::Text(text) = node else { return None };
        let object = parts.iter().any(|part| allowed_types(part) == ["object"]);
        if self.wire != Wire::Flat || !object {
            return None;
        }
        Some((Node::from_json(text.as_bytes()).ok()?, Self { wire: Wire::Json, ..*self }))
    }

    fn has_type(&self, node: &Node, kind: &str) -> bool {
        match (kind, node) {
            ("object", Node::Map(_))
            | ("array", Node::List(_))
            | ("string", Node::Text(_))
            | ("boolean", Node::Bool(_))
            | ("number", Node::Number(_)) => true,
            ("integer", Node::Number(number)) => !number.is_f64(),
            ("array", Node::Map(_)) => self.wire != Wire::Json && node.items().is_some(),
            ("integer", Node::Text(text)) => self.wire != Wire::Json && format::is_integer(text),
            ("number", Node::Text(text)) => self.wire != Wire::Json && format::is_decimal(text),
            ("boolean", Node::Text(text)) => {
                self.wire != Wire::Json && matches!(text.as_str(), "true" | "false")
            }
            _ => false,
        }
    }

    fn judge_limits(&self, node: &Node, part: &Value, field: &str, problems: &mut Vec<Problem>) {
        let mut fail = |rule, says: String| problems.push(Problem::new(field, rule, says));
        let numeric = allowed_types(part).iter().any(|kind| matches!(*kind, "integer" | "number"));
        if let Node::Text(text) = node {
            let length = text.chars().count() as u64;
            if limit(part, "maxLength").is_some_and(|most| length > most) {
                fail("maxLength", format!("at most {} characters, found {length}", part["maxLength"]));
            }
            if limit(part, "minLength").is_some_and(|least| length < least) {
                fail("minLength", format!("at least {} characters, found {length}", part["minLength"]));
            }
            let named = part.get("format").and_then(Value::as_str);
            // One description writes its pattern where the format's name belongs.
            let pattern =
                part.get("pattern").and_then(Value::as_str).or(named.filter(|name| name.starts_with('^')));
            if let Some(pattern) = pattern {
                match format::matches(pattern, text) {
                    Some(true) => {}
                    Some(false) => fail("pattern", format!("the value must match {pattern}")),
                    None => fail("pattern", format!("the description's pattern {pattern} cannot be read")),
                }
            }
            let description = part.get("description").and_then(Value::as_str).unwrap_or(self.prose);
            if let Some(says) =
                named.filter(|_| !numeric).and_then(|name| format::fault(name, text, description))
            {
                fail("format", says);
            }
        }
        let number = match node {
            Node::Number(number) => number.as_f64(),
            Node::Text(text) if self.wire != Wire::Json && numeric => text.parse().ok(),
            _ => None,
        };
        if let Some(number) = number {
            judge_number(number, part, &mut fail);
        }
    }

    fn judge_items(&self, node: &Node, parts: &[&'a Value], field: &str, problems: &mut Vec<Problem>) {
        let Some(items) = node.items() else { return };
        let count = items.len() as u64;
        for part in parts {
            let mut fail = |rule, says: String| problems.push(Problem::new(field, rule, says));
            if limit(part, "maxItems").is_some_and(|most| count > most) {
                fail("maxItems", format!("at most {} items, found {count}", part["maxItems"]));
            }
            if limit(part, "minItems").is_some_and(|least| count < least) {
                fail("minItems", format!("at least {} items, found {count}", part["minItems"]));
            }
            if part.get("uniqueItems").and_then(Value::as_bool) == Some(true) {
                let distinct: BTreeSet<_> = items.iter().map(|item| item.spelled()).collect();
                if distinct.len() < items.len() {
                    fail("uniqueItems", "every item must be different".to_owned());
                }
            }
            if let Some(schema) = part.get("items") {
                for (index, item) in items.iter().enumerate() {
                    self.judge(item, schema, &format!("{field}[{index}]"), problems);
                }
            }
        }
    }

    fn judge_object(
        &self,
        entries: &[(String, Node)],
        parts: &[&'a Value],
        field: &str,
        problems: &mut Vec<Problem>,
    ) {
        let mut properties: BTreeMap<&str, Vec<&'a Value>> = BTreeMap::new();
        for (name, schema) in parts.iter().filter_map(|part| part.get("properties")?.as_object()).flatten() {
            properties.entry(name).or_default().push(schema);
        }
        let extra: Vec<&'a Value> =
            parts.iter().filter_map(|part| part.get("additionalProperties")).collect();
        let named = |name: &str| if field.is_empty() { name.to_owned() } else { format!("{field}.{name}") };
        let mut seen = BTreeSet::new();
        for (name, value) in entries {
            let place = named(name);
            if !seen.insert(name.as_str()) {
                problems.push(Problem::new(&place, "duplicate", "the field is given more than once"));
            }
            if let Some(schemas) = properties.get(name.as_str()) {
                for schema in schemas {
                    self.judge(value, schema, &place, problems);
                }
            } else if let Some(schema) = extra.iter().find(|extra| extra.is_object()) {
                self.judge(value, schema, &place, problems);
            } else if !properties.is_empty() || extra.iter().any(|extra| extra.as_bool() == Some(false)) {
                problems.push(Problem::new(&place, "unknown", "the description holds no such field"));
            }
        }
        for part in parts {
            for name in
                part.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
            {
                let answer_only = properties.get(name).is_some_and(|schemas| {
                    schemas.iter().any(|schema| self.resolve(schema)["readOnly"] == true)
                });
                if !seen.contains(name) && !answer_only {
                    problems.push(Problem::new(
                        &named(name),
                        "required",
                        "the description requires this field",
                    ));
                }
            }
            if limit(part, "maxProperties").is_some_and(|most| seen.len() as u64 > most) {
                problems.push(Problem::new(
                    field,
                    "maxProperties",
                    format!("at most {} entries", part["maxProperties"]),
                ));
            }
        }
    }
}

/// No alternative takes this kind of value: one problem that names them all.
fn alternatives(roots: &[Problem]) -> Vec<Problem> {
    let says = roots.iter().map(|root| root.says.as_str()).collect::<Vec<_>>().join("; or ");
    let chosen = roots.iter().find(|root| root.rule == "enum").or(roots.first());
    chosen.map(|root| Problem { says, ..root.clone() }).into_iter().collect()
}

fn allowed_types(part: &Value) -> Vec<&str> {
    match part.get("type") {
        Some(Value::String(kind)) if kind != "any" => vec![kind],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn limit(part: &Value, name: &str) -> Option<u64> {
    part.get(name)?.as_u64()
}

fn judge_enumeration(node: &Node, part: &Value, field: &str, problems: &mut Vec<Problem>) {
    let Some(values) = part.get("enum").and_then(Value::as_array) else { return };
    let spelled: Vec<String> =
        values.iter().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).collect();
    let found = node.spelled();
    if !spelled.contains(&found) {
        let shown: Vec<_> =
            spelled.iter().map(|value| if value.is_empty() { "(empty)" } else { value }).collect();
        let says = format!("expected one of {}", shown.join(", "));
        problems.push(Problem::new(field, "enum", says).with_value(Some(found)));
    }
}

fn judge_number(number: f64, part: &Value, fail: &mut impl FnMut(&'static str, String)) {
    // OpenAPI 3.0 makes the bound exclusive with a flag, 3.1 gives the exclusive bound itself.
    let bound = |name: &str, exclusive: &str| {
        let strict = part.get(exclusive);
        let flag = strict.and_then(Value::as_bool) == Some(true);
        let inclusive = part.get(name).and_then(Value::as_f64).map(|bound| (bound, flag));
        strict.and_then(Value::as_f64).map(|bound| (bound, true)).or(inclusive)
    };
    if let Some((least, strict)) = bound("minimum", "exclusiveMinimum")
        && (number < least || (strict && number <= least))
    {
        fail("minimum", format!("{} {least}", if strict { "more than" } else { "at least" }));
    }
    if let Some((most, strict)) = bound("maximum", "exclusiveMaximum")
        && (number > most || (strict && number >= most))
    {
        fail("maximum", format!("{} {most}", if strict { "less than" } else { "at most" }));
    }
    if let Some(step) = part.get("multipleOf").and_then(Value::as_f64)
        && step > 0.0
        && ((number / step) - (number / step).round()).abs() > 1e-9
    {
        fail("multipleOf", format!("a multiple of {step}"));
    }
    let range = match part.get("format").and_then(Value::as_str) {
        Some("int32") => Some((f64::from(i32::MIN), f64::from(i32::MAX))),
        _ => None,
    };
    if range.is_some_and(|(least, most)| number < least || number > most) {
        fail("format", "a 32-bit integer".to_owned());
    }
}
