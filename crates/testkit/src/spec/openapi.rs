//! Finds the operation of a request in OpenAPI documents and judges its parameters and body.

use std::collections::BTreeSet;

use serde_json::Value;

use super::http_message::{Request, pairs};
use super::node::Node;
use super::report::Problem;
use super::schema::{Rules, Wire};
use super::{Verdict, form, host};

const METHODS: [&str; 8] = ["get", "post", "put", "patch", "delete", "head", "options", "trace"];

/// Names and values out of a path.
type PathParameters<'a> = Vec<(&'a str, &'a str)>;

/// A path with parameters, for example `/v1/refunds/{refund}` or `/Messages/{Sid}.json`.
pub(super) struct Template(Vec<Segment>);

/// One segment: what stands before and after its parameter, and the parameter's name; or text alone.
enum Segment {
    Text(String),
    Parameter { before: String, name: String, after: String },
}

impl Template {
    pub(super) fn new(path: &str) -> Self {
        let segment = |text: &str| match text.split_once('{').and_then(|(before, rest)| {
            let (name, after) = rest.split_once('}')?;
            Some((before.to_owned(), name.to_owned(), after.to_owned()))
        }) {
            Some((before, name, after)) => Segment::Parameter { before, name, after },
            None => Segment::Text(text.to_owned()),
        };
        Self(path.trim_start_matches('/').split('/').map(segment).collect())
    }

    /// The parameters, where the path fits. A parameter is never empty.
    fn parameters<'a>(&'a self, segments: &'a [String]) -> Option<PathParameters<'a>> {
        if segments.len() != self.0.len() {
            return None;
        }
        let mut found = Vec::new();
        for (segment, text) in self.0.iter().zip(segments) {
            match segment {
                Segment::Text(fixed) if fixed == text => {}
                Segment::Text(_) => return None,
                Segment::Parameter { before, name, after } => {
                    let value = text.strip_prefix(before.as_str())?.strip_suffix(after.as_str())?;
                    if value.is_empty() {
                        return None;
                    }
                    found.push((name.as_str(), value));
                }
            }
        }
        Some(found)
    }

    /// Whether the path fits, a stand-in's prefix before it allowed.
    pub(super) fn ends(&self, segments: &[String]) -> bool {
        host::tails(segments).any(|tail| self.parameters(tail).is_some())
    }

    /// Whether this path, where both fit, is the one that is meant: `/v1/things/search` and not `/v1/things/{thing}`.
    pub(super) fn beats(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && self.rank() > other.rank()
    }

    /// Fixed text beats a parameter with a fixed ending, and that beats a bare parameter, from the left.
    fn rank(&self) -> Vec<u8> {
        self.0
            .iter()
            .map(|segment| match segment {
                Segment::Text(_) => 2,
                Segment::Parameter { before, after, .. } => u8::from(!before.is_empty() || !after.is_empty()),
            })
            .collect()
    }
}

struct Operation {
    document: usize,
    hosts: BTreeSet<String>,
    /// Server base path and template together.
    full: Template,
    path: String,
    method: &'static str,
}

/// All documents of one vendor.
pub(super) struct Descriptions {
    documents: Vec<Value>,
    operations: Vec<Operation>,
    hosts: BTreeSet<String>,
}

impl Descriptions {
    /// Reads one document, or an object of documents.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text)
            .map_err(|error| format!("not JSON (line {}, column {})", error.line(), error.column()))?;
        let documents = match value {
            Value::Object(map) if !map.contains_key("paths") => {
                map.into_iter().map(|(_, document)| document).collect()
            }
            document => vec![document],
        };
        let mut operations = Vec::new();
        for (index, document) in documents.iter().enumerate() {
            let paths = document.get("paths").and_then(Value::as_object).ok_or("a document has no paths")?;
            for (path, item) in paths {
                for method in METHODS.into_iter().filter(|method| item.get(method).is_some()) {
                    let holders = [&item[method], item, document];
                    let servers = holders.iter().find_map(|holder| holder.get("servers")?.as_array());
                    operations.extend(operation(index, path, method, servers.map_or(&[], Vec::as_slice)));
                }
            }
        }
        if operations.is_empty() {
            return Err("the description holds no operation".to_owned());
        }
        let hosts = operations.iter().flat_map(|operation| operation.hosts.iter().cloned()).collect();
        Ok(Self { documents, operations, hosts })
    }

    pub(super) fn judge(&self, request: &Request) -> Verdict {
        let candidates = match self.find(request) {
            Ok(candidates) => candidates,
            Err(problem) => return Verdict::Unmatched { operation: request.line(), problem },
        };
        // A vendor may describe one operation in two documents: the more favourable one counts.
        let verdicts = candidates.into_iter().map(|(operation, parameters)| {
            let name = format!("{} {}", operation.method.to_ascii_uppercase(), operation.path);
            (name, self.judge_operation(request, operation, &parameters))
        });
        match verdicts.min_by_key(|(_, problems)| problems.len()) {
            Some((operation, problems)) => Verdict::Matched { operation, problems },
            None => Verdict::Unmatched { operation: request.line(), problem: no_path() },
        }
    }

    fn find<'a>(&'a self, request: &'a Request) -> Result<Vec<(&'a Operation, PathParameters<'a>)>, Problem> {
        let routes = host::routes(&request.host, &request.segments, &self.hosts).ok_or_else(|| {
            Problem::new("header Host", "host", "the host is none of the description's servers")
        })?;
        for (hosts, segments) in routes {
            let mut found: Vec<_> = self
                .operations
                .iter()
                .filter(|operation| operation.hosts.is_empty() || !operation.hosts.is_disjoint(&hosts))
                .filter_map(|operation| Some((operation, operation.full.parameters(segments)?)))
                .collect();
            let Some(best) = found.iter().map(|(operation, _)| operation.full.rank()).max() else { continue };
            found.retain(|(operation, _)| operation.full.rank() == best);
            let methods: BTreeSet<_> =
                found.iter().map(|(operation, _)| operation.method.to_ascii_uppercase()).collect();
            found.retain(|(operation, _)| operation.method.eq_ignore_ascii_case(&request.method));
            if found.is_empty() {
                let methods: Vec<_> = methods.into_iter().collect();
                let says = format!("the description holds {} at this path", methods.join(", "));
                return Err(Problem::new("", "method", says));
            }
            let places: BTreeSet<_> = found.iter().map(|(operation, _)| &operation.hosts).collect();
            if places.len() > 1 {
                let says = "several of the vendor's hosts have this path: record the vendor's own host";
                return Err(Problem::new("header Host", "host", says));
            }
            return Ok(found);
        }
        Err(no_path())
    }

    fn judge_operation(
        &self,
        request: &Request,
        operation: &Operation,
        path: &[(&str, &str)],
    ) -> Vec<Problem> {
        let mut problems = Vec::new();
        let Some(document) = self.documents.get(operation.document) else { return problems };
        let rules = Rules { document, wire: Wire::Flat, prose: "" };
        let Some(item) = document.get("paths").and_then(|paths| paths.get(&operation.path)) else {
            return problems;
        };
        let described = &item[operation.method];
        let parameters = parameters(rules, item, described);
        for (name, value) in path {
            let schema =
                parameters.iter().find(|parameter| parameter["in"] == "path" && parameter["name"] == **name);
            if let Some(schema) = schema.and_then(|parameter| parameter.get("schema")) {
                rules.judge(&Node::Text((*value).to_owned()), schema, &format!("{{{name}}}"), &mut problems);
            }
        }
        judge_headers(rules, request, &parameters, &mut problems);
        judge_query(rules, request, &parameters, &mut problems);
        judge_body(rules, request, described.get("requestBody"), &mut problems);
        problems
    }
}

fn no_path() -> Problem {
    Problem::new("", "operation", "the description holds no such path")
}

fn operation(document: usize, path: &str, method: &'static str, servers: &[Value]) -> Vec<Operation> {
    let mut bases: Vec<(String, BTreeSet<String>)> = Vec::new();
    for url in servers.iter().filter_map(|server| server.get("url")?.as_str()) {
        let (host, base) = match url::Url::parse(url) {
            Ok(parsed) => (parsed.host_str().map(str::to_ascii_lowercase), parsed.path().to_owned()),
            Err(_) => (None, url.to_owned()),
        };
        let base = base.trim_end_matches('/').to_owned();
        match bases.iter_mut().find(|(known, _)| *known == base) {
            Some((_, hosts)) => hosts.extend(host),
            None => bases.push((base, host.into_iter().collect())),
        }
    }
    if bases.is_empty() {
        bases.push((String::new(), BTreeSet::new()));
    }
    bases
        .into_iter()
        .map(|(base, hosts)| Operation {
            document,
            hosts,
            full: Template::new(&format!("{base}{path}")),
            path: path.to_owned(),
            method,
        })
        .collect()
}

/// The operation's own parameters and those of its path that it does not replace.
fn parameters<'a>(rules: Rules<'a>, item: &'a Value, described: &'a Value) -> Vec<&'a Value> {
    let mut all: Vec<&Value> = Vec::new();
    for holder in [described, item] {
        for parameter in holder.get("parameters").and_then(Value::as_array).into_iter().flatten() {
            let parameter = rules.resolve(parameter);
            if !all.iter().any(|known| known["in"] == parameter["in"] && known["name"] == parameter["name"]) {
                all.push(parameter);
            }
        }
    }
    all
}

fn name_of(parameter: &Value) -> &str {
    parameter.get("name").and_then(Value::as_str).unwrap_or_default()
}

fn judge_headers(rules: Rules<'_>, request: &Request, parameters: &[&Value], problems: &mut Vec<Problem>) {
    // OpenAPI says that descriptions of these three are to be ignored.
    let described_elsewhere = |name: &str| {
        ["accept", "authorization", "content-type"].contains(&name.to_ascii_lowercase().as_str())
    };
    for parameter in parameters.iter().filter(|parameter| parameter["in"] == "header") {
        let name = name_of(parameter);
        if described_elsewhere(name) {
            continue;
        }
        let place = format!("header {name}");
        match (request.header(name), parameter.get("schema")) {
            (Some(value), Some(schema)) => {
                rules.judge(&Node::Text(value.to_owned()), schema, &place, problems);
            }
            (None, _) if parameter["required"] == true => {
                problems.push(Problem::new(&place, "required", "the description requires this header"));
            }
            _ => {}
        }
    }
}

fn judge_query(rules: Rules<'_>, request: &Request, parameters: &[&Value], problems: &mut Vec<Problem>) {
    let mut used = vec![false; request.query.len()];
    for parameter in parameters.iter().filter(|parameter| parameter["in"] == "query") {
        let name = name_of(parameter);
        let Some(schema) = parameter.get("schema") else { continue };
        let prose = parameter.get("description").and_then(Value::as_str).unwrap_or_default();
        let rules = Rules { prose, ..rules };
        let nested = parameter["style"] == "deepObject";
        // One vendor's way to say: every name with this prefix and a dot.
        let prefix = rules
            .resolve(schema)
            .get("format")
            .and_then(Value::as_str)
            .and_then(|format| format.strip_prefix("prefixed-collapsible-map-"));
        let mut mine = Vec::new();
        for (pair, used) in request.query.iter().zip(&mut used) {
            let fits = match prefix {
                Some(prefix) => pair.0.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('.')),
                None if nested => form::base(&pair.0) == name,
                None => pair.0 == name,
            };
            if fits {
                *used = true;
                mine.push(pair);
            }
        }
        let place = format!("?{name}");
        if mine.is_empty() {
            if parameter["required"] == true {
                problems.push(Problem::new(&place, "required", "the description requires this parameter"));
            }
        } else if nested {
            let rules = Rules { wire: Wire::Brackets, ..rules };
            for (_, node) in form::tree(mine, problems) {
                rules.judge(&node, schema, &place, problems);
            }
        } else if prefix.is_none() {
            let values: Vec<&str> = mine.iter().map(|pair| pair.1.as_str()).collect();
            let exploded = parameter["explode"] != false;
            judge_flat(rules, &values, schema, exploded, &place, problems);
        }
    }
    for (pair, _) in request.query.iter().zip(used).filter(|(_, used)| !used) {
        let place = format!("?{}", pair.0);
        problems.push(Problem::new(&place, "unknown", "the description holds no such query parameter"));
    }
}

/// One name without brackets: a value, a repeated name, or values between commas.
fn judge_flat<'a>(
    rules: Rules<'a>,
    values: &[&str],
    schema: &'a Value,
    exploded: bool,
    place: &str,
    problems: &mut Vec<Problem>,
) {
    if rules.is_list(schema) {
        let items: Vec<&str> = match values {
            [joined] if !exploded => joined.split(',').collect(),
            _ => values.to_vec(),
        };
        let items = items.into_iter().map(|value| Node::Text(value.to_owned())).collect();
        rules.judge(&Node::List(items), schema, place, problems);
        return;
    }
    if values.len() > 1 {
        problems.push(Problem::new(place, "duplicate", "the parameter is given more than once"));
    }
    for value in values {
        rules.judge(&Node::Text((*value).to_owned()), schema, place, problems);
    }
}

fn judge_body(rules: Rules<'_>, request: &Request, described: Option<&Value>, problems: &mut Vec<Problem>) {
    let body = described.map(|body| rules.resolve(body));
    let Some(content) = body.and_then(|body| body.get("content")?.as_object()) else {
        if !request.body.is_empty() {
            problems.push(Problem::new("", "body", "the description holds no body for this operation"));
        }
        return;
    };
    let media = request.media_type();
    if request.body.is_empty() {
        // An empty form is a form without fields; empty JSON is no JSON.
        let is_form = content.keys().any(|media| media.contains("form"));
        let schema = content.values().find_map(|content| content.get("schema"));
        if let Some(schema) = schema.filter(|schema| rules.needs_something(schema)) {
            rules.judge(&Node::Map(Vec::new()), schema, "", problems);
        } else if !is_form && body.is_some_and(|body| body["required"] == true) {
            problems.push(Problem::new("", "required", "the description requires a body"));
        }
        return;
    }
    let known =
        media.as_deref().and_then(|media| content.iter().find(|(name, _)| name.eq_ignore_ascii_case(media)));
    let Some((media, content)) = known else {
        let names: Vec<_> = content.keys().map(String::as_str).filter(|name| name.contains('/')).collect();
        let says = format!("expected {}", names.join(" or "));
        problems.push(Problem::new("header Content-Type", "media type", says));
        return;
    };
    let Some(schema) = content.get("schema") else { return };
    let fields = match media.as_str() {
        "application/x-www-form-urlencoded" => {
            std::str::from_utf8(&request.body).map_err(|_| "the body is not UTF-8".to_owned()).and_then(pairs)
        }
        "multipart/form-data" => {
            form::multipart(request.header("content-type").unwrap_or_default(), &request.body)
        }
        _ => {
            let rules = Rules { wire: Wire::Json, ..rules };
            match Node::from_json(&request.body) {
                Ok(node) => rules.judge(&node, schema, "", problems),
                Err(says) => problems.push(Problem::new("", "body", says)),
            }
            return;
        }
    };
    match fields {
        Ok(fields) => judge_form(rules, &fields, schema, content.get("encoding"), problems),
        Err(says) => problems.push(Problem::new("", "body", says)),
    }
}

fn judge_form(
    rules: Rules<'_>,
    fields: &[(String, String)],
    schema: &Value,
    encoding: Option<&Value>,
    problems: &mut Vec<Problem>,
) {
    let style = |name: &str| encoding.and_then(|encoding| encoding.get(name)?.get("style")?.as_str());
    let nested = |field: &&(String, String)| style(form::base(&field.0)) == Some("deepObject");
    // Vendors with bracketed keys declare every one of them; where none is declared, names are plain.
    let bracketed = encoding.is_some();
    let rules = Rules { wire: if bracketed { Wire::Brackets } else { Wire::Flat }, ..rules };
    let mut entries = form::tree(fields.iter().filter(nested), problems);
    let mut names: Vec<&str> = Vec::new();
    for (name, value) in fields.iter().filter(|field| !nested(field)) {
        let plain = form::base(name);
        if bracketed && plain != name && rules.property(schema, plain).is_some() {
            problems.push(Problem::new(
                name,
                "form",
                format!("{plain} is described as a plain value, without brackets"),
            ));
        } else if rules.property(schema, name).is_some_and(|schema| rules.is_list(schema)) {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        } else {
            // An unknown object is one unknown field, not one for each of its keys.
            let known = if rules.property(schema, name).is_some() { name } else { plain };
            if known == name || !entries.iter().any(|(key, _)| key == known) {
                entries.push((known.to_owned(), Node::Text(value.clone())));
            }
        }
    }
    for name in names {
        let items = fields
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| Node::Text(value.clone()))
            .collect();
        entries.push((name.to_owned(), Node::List(items)));
    }
    rules.judge(&Node::Map(entries), schema, "", problems);
}
