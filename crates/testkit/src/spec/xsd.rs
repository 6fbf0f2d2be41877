//! Judges JSON whose keys follow the sequences of an XML schema.

use std::collections::HashMap;

use roxmltree::{Document, Node as Xml};

use super::format;
use super::http_message::Request;
use super::node::Node;
use super::report::Problem;
use super::{Verdict, host};

/// Where the JSON goes.
const PATH: [&str; 3] = ["xml", "v1", "request.api"];
const HOSTS: [&str; 3] = ["api.authorize.net", "api2.authorize.net", "apitest.authorize.net"];
/// How many types may extend each other.
const DEEPEST: usize = 16;

/// The global definitions of one schema by name.
pub(super) struct Schema<'a> {
    elements: HashMap<&'a str, Xml<'a, 'a>>,
    complex: HashMap<&'a str, Xml<'a, 'a>>,
    simple: HashMap<&'a str, Xml<'a, 'a>>,
}

/// One element that a complex type may hold.
struct Slot<'a> {
    name: &'a str,
    declaration: Xml<'a, 'a>,
    /// Its place in the sequence; elements of one choice share it.
    place: usize,
    least: u64,
    most: u64,
    choice: Option<usize>,
}

struct Choice {
    required: bool,
    repeats: bool,
}

#[derive(Default)]
struct Content<'a> {
    slots: Vec<Slot<'a>>,
    choices: Vec<Choice>,
    places: usize,
}

impl<'a> Schema<'a> {
    pub(super) fn read(document: &'a Document<'a>) -> Self {
        let named = |kind: &str| {
            let root = document.root_element();
            let definitions = root.children().filter(|node| node.has_tag_name((XS, kind)));
            definitions.filter_map(|node| Some((node.attribute("name")?, node))).collect()
        };
        Self { elements: named("element"), complex: named("complexType"), simple: named("simpleType") }
    }

    pub(super) fn judge(&self, request: &Request) -> Verdict {
        let unmatched = |field: &str, rule, says: &str| Verdict::Unmatched {
            operation: request.line(),
            problem: Problem::new(field, rule, says),
        };
        let hosts = HOSTS.map(str::to_owned).into();
        let Some(routes) = host::routes(&request.host, &request.segments, &hosts) else {
            return unmatched("header Host", "host", "the host is none of the vendor's");
        };
        if !routes.iter().any(|(_, segments)| *segments == PATH) {
            return unmatched("", "operation", "the schema describes requests to /xml/v1/request.api only");
        }
        if request.method != "POST" {
            return unmatched("", "method", "requests are sent with POST");
        }
        let entries = match Node::from_json(&request.body) {
            Ok(Node::Map(entries)) => entries,
            Ok(_) => return unmatched("", "body", "the body is not a JSON object"),
            Err(says) => return unmatched("", "body", &says),
        };
        let [(name, body)] = entries.as_slice() else {
            return unmatched("", "body", "the body must hold one key, the name of the request");
        };
        let operation = name.clone();
        let Some(declaration) = self.elements.get(name.as_str()).filter(|_| name.ends_with("Request")) else {
            let problem = Problem::new("", "operation", "the schema declares no such request");
            return Verdict::Unmatched { operation, problem };
        };
        let mut problems = Vec::new();
        if request.media_type().as_deref() != Some("application/json") {
            problems.push(Problem::new("header Content-Type", "media type", "expected application/json"));
        }
        if !request.query.is_empty() {
            problems.push(Problem::new("", "unknown", "the schema knows no query parameters"));
        }
        self.judge_element(body, *declaration, "", &mut problems);
        Verdict::Matched { operation, problems }
    }

    fn judge_element(&self, node: &Node, declaration: Xml<'a, 'a>, field: &str, problems: &mut Vec<Problem>) {
        if matches!(node, Node::Null) {
            if declaration.attribute("nillable") != Some("true") {
                problems.push(Problem::new(field, "type", "null is not allowed"));
            }
            return;
        }
        let inline = |kind: &str| declaration.children().find(|child| child.has_tag_name((XS, kind)));
        let named = declaration.attribute("type").map(local);
        let complex =
            named.and_then(|name| self.complex.get(name).copied()).or_else(|| inline("complexType"));
        if let Some(complex) = complex {
            match node {
                Node::Map(entries) => self.judge_object(entries, complex, field, problems),
                _ => problems.push(Problem::new(
                    field,
                    "type",
                    format!("expected an object, found {}", node.kind()),
                )),
            }
            return;
        }
        let mut facets = Facets::default();
        match inline("simpleType") {
            Some(simple) => self.collect_facets(simple, 0, &mut facets),
            None => self.collect_named(named.unwrap_or("string"), 0, &mut facets),
        }
        facets.judge(node, field, problems);
    }

    fn judge_object(
        &self,
        entries: &[(String, Node)],
        complex: Xml<'a, 'a>,
        field: &str,
        problems: &mut Vec<Problem>,
    ) {
        let mut content = Content::default();
        self.collect_content(complex, 0, &mut content);
        let named = |name: &str| if field.is_empty() { name.to_owned() } else { format!("{field}.{name}") };
        let mut last: Option<&Slot<'_>> = None;
        let mut seen: Vec<&Slot<'_>> = Vec::new();
        for (name, value) in entries {
            let place = named(name);
            let Some(slot) = content.slots.iter().find(|slot| slot.name == name) else {
                problems.push(Problem::new(&place, "unknown", "the schema holds no such element here"));
                continue;
            };
            if seen.iter().any(|known| known.name == name) {
                problems.push(Problem::new(&place, "duplicate", "the field is given more than once"));
            }
            if let Some(before) = last.filter(|last| last.place > slot.place) {
                let says = format!(
                    "must stand before {}: the schema orders {}",
                    before.name,
                    content.order(slot, before)
                );
                problems.push(Problem::new(&place, "order", says));
            } else {
                last = Some(slot);
            }
            seen.push(slot);
            self.judge_occurrences(value, slot, &content, &place, problems);
        }
        for slot in content.slots.iter().filter(|slot| slot.choice.is_none() && slot.least > 0) {
            if !seen.iter().any(|known| known.name == slot.name) {
                problems.push(Problem::new(
                    &named(slot.name),
                    "required",
                    "the schema requires this element",
                ));
            }
        }
        for (index, choice) in content.choices.iter().enumerate() {
            let members = || content.slots.iter().filter(move |slot| slot.choice == Some(index));
            let chosen = members().filter(|slot| seen.iter().any(|known| known.name == slot.name)).count();
            let members_shown = || members().map(|slot| slot.name).collect::<Vec<_>>().join(", ");
            // An optional member can be chosen and left out, so such a choice may stay empty.
            if chosen == 0 && choice.required && members().all(|slot| slot.least > 0) {
                problems.push(Problem::new(
                    field,
                    "required",
                    format!("one of {} is required", members_shown()),
                ));
            } else if chosen > 1 && !choice.repeats {
                problems.push(Problem::new(
                    field,
                    "choice",
                    format!("only one of {} is allowed", members_shown()),
                ));
            }
        }
    }

    fn judge_occurrences(
        &self,
        value: &Node,
        slot: &Slot<'a>,
        content: &Content<'a>,
        place: &str,
        problems: &mut Vec<Problem>,
    ) {
        let Node::List(items) = value else {
            return self.judge_element(value, slot.declaration, place, problems);
        };
        let repeats =
            slot.choice.and_then(|index| content.choices.get(index)).is_some_and(|choice| choice.repeats);
        if slot.most < 2 && !repeats {
            return problems.push(Problem::new(
                place,
                "type",
                "the element stands once; a list is not allowed",
            ));
        }
        let count = items.len() as u64;
        if count > slot.most && !repeats {
            problems.push(Problem::new(
                place,
                "maxOccurs",
                format!("at most {} times, found {count}", slot.most),
            ));
        }
        if count < slot.least {
            problems.push(Problem::new(
                place,
                "minOccurs",
                format!("at least {} times, found {count}", slot.least),
            ));
        }
        for (index, item) in items.iter().enumerate() {
            self.judge_element(item, slot.declaration, &format!("{place}[{index}]"), problems);
        }
    }

    /// The elements of a complex type in order, those of its base type first.
    fn collect_content(&self, holder: Xml<'a, 'a>, depth: usize, content: &mut Content<'a>) {
        if depth > DEEPEST {
            return;
        }
        for child in holder.children().filter(Xml::is_element) {
            match child.tag_name().name() {
                "complexContent" => self.collect_content(child, depth + 1, content),
                "extension" => {
                    if let Some(base) = child.attribute("base").and_then(|base| self.complex.get(local(base)))
                    {
                        self.collect_content(*base, depth + 1, content);
                    }
                    self.collect_content(child, depth + 1, content);
                }
                "sequence" | "choice" | "all" => content.add(child, None),
                _ => {}
            }
        }
    }

    fn collect_facets(&self, simple: Xml<'a, 'a>, depth: usize, facets: &mut Facets<'a>) {
        let Some(restriction) = simple.children().find(|child| child.has_tag_name((XS, "restriction")))
        else {
            return;
        };
        self.collect_named(restriction.attribute("base").map_or("string", local), depth + 1, facets);
        let mut values = Vec::new();
        for facet in restriction.children().filter(Xml::is_element) {
            match (facet.tag_name().name(), facet.attribute("value").unwrap_or_default()) {
                ("enumeration", value) => values.push(value),
                (rule, value) => facets.rules.push((rule, value)),
            }
        }
        if !values.is_empty() {
            facets.enumerations.push(values);
        }
    }

    fn collect_named(&self, name: &'a str, depth: usize, facets: &mut Facets<'a>) {
        match self.simple.get(name) {
            Some(simple) if depth <= DEEPEST => self.collect_facets(*simple, depth, facets),
            _ => facets.base = name,
        }
    }
}

const XS: &str = "http://www.w3.org/2001/XMLSchema";

/// A name without its prefix.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

impl<'a> Content<'a> {
    fn add(&mut self, group: Xml<'a, 'a>, choice: Option<usize>) {
        let least = occurs(group, "minOccurs");
        let repeats = occurs(group, "maxOccurs") > 1;
        let kind = group.tag_name().name();
        let choice = if kind == "choice" {
            self.choices.push(Choice { required: least > 0, repeats });
            self.places += 1;
            Some(self.choices.len() - 1)
        } else {
            choice
        };
        for child in group.children().filter(Xml::is_element) {
            if child.has_tag_name((XS, "element")) {
                // Within a choice, and in a group without order, every element stands at the same place.
                if kind == "sequence" {
                    self.places += 1;
                }
                self.slots.push(Slot {
                    name: child.attribute("name").unwrap_or_default(),
                    declaration: child,
                    place: self.places,
                    least: if least == 0 { 0 } else { occurs(child, "minOccurs") },
                    most: if repeats { u64::MAX } else { occurs(child, "maxOccurs") },
                    choice,
                });
            } else {
                self.add(child, choice);
            }
        }
        self.places += 1;
    }

    /// The part of the sequence between two elements, for a message.
    fn order(&self, first: &Slot<'_>, last: &Slot<'_>) -> String {
        let between = self.slots.iter().filter(|slot| (first.place..=last.place).contains(&slot.place));
        between.map(|slot| slot.name).collect::<Vec<_>>().join(", ")
    }
}

fn occurs(node: Xml<'_, '_>, name: &str) -> u64 {
    match node.attribute(name) {
        None => 1,
        Some(count) => count.parse().unwrap_or(u64::MAX),
    }
}

/// A simple type: its built-in base, and the facets of every restriction on the way.
#[derive(Default)]
struct Facets<'a> {
    base: &'a str,
    enumerations: Vec<Vec<&'a str>>,
    rules: Vec<(&'a str, &'a str)>,
}

impl Facets<'_> {
    fn judge(&self, node: &Node, field: &str, problems: &mut Vec<Problem>) {
        let text = match (node, self.base) {
            (Node::Text(text), _) => text.clone(),
            (Node::Number(number), "decimal" | "int" | "integer" | "long" | "short") => number.to_string(),
            (Node::Bool(value), "boolean") => value.to_string(),
            _ => {
                let says = format!("expected {}, found {}", self.base, node.kind());
                return problems.push(Problem::new(field, "type", says));
            }
        };
        if !is_of(self.base, &text) {
            return problems.push(Problem::new(field, "type", format!("expected {}", self.base)));
        }
        for values in self.enumerations.iter().filter(|values| !values.contains(&text.as_str())) {
            let says = format!("expected one of {}", values.join(", "));
            problems.push(Problem::new(field, "enum", says).with_value(Some(text.clone())));
        }
        for (rule, bound) in &self.rules {
            if let Some((rule, says)) = broken(rule, bound, &text) {
                problems.push(Problem::new(field, rule, says));
            }
        }
    }
}

fn is_of(base: &str, text: &str) -> bool {
    let integer = |least: i64, most: i64| {
        format::is_integer(text) && text.parse().is_ok_and(|value: i64| (least..=most).contains(&value))
    };
    match base {
        "boolean" => matches!(text, "true" | "false" | "1" | "0"),
        "decimal" => format::is_decimal(text),
        "int" => integer(i32::MIN.into(), i32::MAX.into()),
        "short" => integer(i16::MIN.into(), i16::MAX.into()),
        "long" | "integer" => integer(i64::MIN, i64::MAX),
        "date" => format::is_date(text),
        "dateTime" => format::is_xsd_date_time(text),
        _ => true,
    }
}

fn broken(rule: &str, bound: &str, text: &str) -> Option<(&'static str, String)> {
    let length = text.chars().count();
    let longer = |limit: &str| limit.parse().is_ok_and(|limit: usize| length > limit);
    let shorter = |limit: &str| limit.parse().is_ok_and(|limit: usize| length < limit);
    let compare = |wrong: fn(f64, f64) -> bool| matches!((text.parse::<f64>(), bound.parse::<f64>()), (Ok(value), Ok(limit)) if wrong(value, limit));
    let digits = |digits: &str| bound.parse().is_ok_and(|limit: usize| digits.len() > limit);
    let (whole, fraction) =
        text.trim_start_matches('-').split_once('.').unwrap_or((text.trim_start_matches('-'), ""));
    let fraction = fraction.trim_end_matches('0');
    let (rule, fails, says) = match rule {
        "maxLength" => ("maxLength", longer(bound), format!("at most {bound} characters, found {length}")),
        "minLength" => ("minLength", shorter(bound), format!("at least {bound} characters, found {length}")),
        "length" => {
            ("length", longer(bound) || shorter(bound), format!("{bound} characters, found {length}"))
        }
        "minInclusive" => {
            ("minInclusive", compare(|value, limit| value < limit), format!("at least {bound}"))
        }
        "maxInclusive" => ("maxInclusive", compare(|value, limit| value > limit), format!("at most {bound}")),
        "fractionDigits" => ("fractionDigits", digits(fraction), format!("at most {bound} decimal places")),
        "totalDigits" => {
            let all = format!("{}{fraction}", whole.trim_start_matches('0'));
            ("totalDigits", digits(&all), format!("at most {bound} digits"))
        }
        "pattern" => match format::matches(&format!("^(?:{bound})$"), text) {
            Some(matched) => ("pattern", !matched, format!("the value must match {bound}")),
            None => ("pattern", true, format!("the schema's pattern {bound} cannot be read")),
        },
        _ => return None,
    };
    fails.then_some((rule, says))
}
