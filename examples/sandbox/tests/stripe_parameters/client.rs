//! What the typed client can send, read from its sources: a request's parameters are the fields of its struct, and of the
//! structs in those.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The client's sources, as far as they say what is sent.
#[derive(Default)]
pub(crate) struct Client {
    /// Structs that are written into forms: each field with its name on the wire and its type.
    structs: BTreeMap<String, Vec<Field>>,
    /// The parts of uploads, by the struct that makes them.
    uploads: BTreeMap<String, Vec<String>>,
    /// The struct of an operation's request; `None` for one that takes no parameters.
    pub(crate) operations: BTreeMap<String, Option<String>>,
}

struct Field {
    name: String,
    kind: String,
}

/// One step to a parameter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Name(String),
    Index,
    /// A name of the host's own.
    Any,
}

/// One parameter that a request can hold.
pub(crate) struct Parameter {
    pub(crate) steps: Vec<Step>,
    /// For each struct on the way: where it begins in `steps`, what it is called, and its field.
    pub(crate) fields: Vec<(usize, String, String)>,
}

impl Parameter {
    /// `tiers[up_to]`: without indices.
    pub(crate) fn path(&self) -> String {
        let shown = |(at, step): (usize, &Step)| match step {
            Step::Name(name) if at == 0 => name.clone(),
            Step::Name(name) => format!("[{name}]"),
            Step::Any => "[*]".to_owned(),
            Step::Index => String::new(),
        };
        self.steps.iter().enumerate().map(shown).collect()
    }

    /// Whether `tiers[0][up_to]` names it.
    pub(crate) fn is(&self, sent: &str) -> bool {
        let parts: Vec<_> = sent.split('[').map(|part| part.trim_end_matches(']')).collect();
        parts.len() == self.steps.len()
            && parts.iter().zip(&self.steps).all(|(part, step)| match step {
                Step::Name(name) => part == name,
                Step::Index => part.is_empty() || part.bytes().all(|byte| byte.is_ascii_digit()),
                Step::Any => true,
            })
    }
}

impl Client {
    pub(crate) fn read(folder: &Path) -> Self {
        let mut client = Self::default();
        client.read_folder(folder);
        client
    }

    fn read_folder(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                self.read_folder(&path);
                continue;
            }
            let source = fs::read_to_string(&path).unwrap();
            self.read_structs(&source);
            self.read_operations(&source);
        }
    }

    fn read_structs(&mut self, source: &str) {
        let mut attributes = String::new();
        let mut inside: Option<String> = None;
        for line in source.lines() {
            let text = line.trim();
            if text.starts_with("#[") {
                attributes.push_str(text);
                continue;
            }
            if text.starts_with("///") {
                continue;
            }
            let of = std::mem::take(&mut attributes);
            if line == "}" {
                inside = None;
            } else if let Some(name) = &inside {
                let field = text.trim_start_matches("pub(crate) ").trim_start_matches("pub ");
                let (name_here, kind) = field.split_once(": ").unwrap_or_else(|| panic!("{name}: {line}"));
                let skipped = of.contains("serde(skip)");
                let renamed = of.split_once("rename = \"").map(|(_, rest)| rest.split('"').next().unwrap());
                let field = Field {
                    name: renamed.unwrap_or(name_here).to_owned(),
                    kind: kind.trim_end_matches(',').to_owned(),
                };
                if !skipped {
                    self.structs.get_mut(name).unwrap().push(field);
                }
            } else if let Some((_, name)) = text.split_once("struct ").filter(|_| written(&of)) {
                // A struct of one value is written as that value: its users end there.
                if line.ends_with('{') && !line.starts_with(' ') {
                    let name: String = name.chars().take_while(|c| c.is_alphanumeric()).collect();
                    let again = self.structs.insert(name.clone(), Vec::new());
                    assert!(again.is_none(), "two structs are called {name}");
                    inside = Some(name);
                }
            }
        }
    }

    fn read_operations(&mut self, source: &str) {
        let mut constants = BTreeMap::new();
        for (at, _) in source.match_indices(": Operation =") {
            let name = source[..at].rsplit(' ').next().unwrap();
            let operation = source[at..].split('"').nth(1).unwrap();
            constants.insert(name, operation);
        }
        for function in source.split("    pub ").skip(1) {
            let function = function.split("\n    }\n").next().unwrap();
            let Some((head, body)) = function.split_once("{\n").filter(|(head, _)| head.contains("fn "))
            else {
                continue;
            };
            let used = |name: &str| {
                let mut words = body.split(|c: char| !c.is_alphanumeric() && c != '_');
                words.any(|word| word == name)
            };
            let Some((_, operation)) = constants.iter().find(|(name, _)| used(name)) else { continue };
            let types = head.split(": &").skip(1).map(|rest| rest.split([',', ')', '\n']).next().unwrap());
            let mut given = types.filter(|kind| !["str", "CallOptions"].contains(kind));
            let request = given.next().map(str::to_owned);
            assert!(given.next().is_none(), "{operation} takes several structs");
            if let Some(upload) = request.as_ref().filter(|name| !self.structs.contains_key(*name)) {
                let parts = source.split("; name=\\\"").skip(1).map(|part| part.split('\\').next().unwrap());
                self.uploads.insert(upload.clone(), parts.map(str::to_owned).collect());
            }
            let again = self.operations.insert((*operation).to_owned(), request);
            assert!(again.is_none(), "two functions send {operation}");
        }
    }

    /// Everything that the request of an operation can hold.
    pub(crate) fn parameters(&self, operation: &str) -> Vec<Parameter> {
        let mut found = Vec::new();
        let Some(request) = &self.operations[operation] else { return found };
        if self.structs.contains_key(request) {
            self.walk(request, &[], &[], &mut found);
            return found;
        }
        let parts = self.uploads.get(request).filter(|parts| !parts.is_empty());
        for part in parts.unwrap_or_else(|| panic!("{request} is not written into a form")) {
            found.push(Parameter { steps: vec![Step::Name(part.clone())], fields: Vec::new() });
        }
        found
    }

    fn walk(
        &self,
        name: &str,
        steps: &[Step],
        fields: &[(usize, String, String)],
        found: &mut Vec<Parameter>,
    ) {
        for field in &self.structs[name] {
            let mut fields = fields.to_vec();
            fields.push((steps.len(), name.to_owned(), field.name.clone()));
            let mut steps = steps.to_vec();
            steps.push(Step::Name(field.name.clone()));
            let mut kind = field.kind.as_str();
            loop {
                let inner = |wrapper: &str| kind.strip_prefix(wrapper)?.strip_suffix('>');
                if let Some(inner) = inner("Option<").or(inner("Field<")).or(inner("Box<")) {
                    kind = inner;
                } else if let Some(inner) = inner("Vec<") {
                    steps.push(Step::Index);
                    kind = inner;
                } else if let Some(inner) = inner("BTreeMap<String, ") {
                    steps.push(Step::Any);
                    kind = inner;
                } else {
                    break;
                }
            }
            assert!(
                !kind.replace("DateTime<Utc>", "").contains('<'),
                "{name}: the type {kind} is not understood"
            );
            if self.structs.contains_key(kind) {
                self.walk(kind, &steps, &fields, found);
            } else {
                found.push(Parameter { steps, fields });
            }
        }
    }
}

fn written(attributes: &str) -> bool {
    let derived = attributes.split_once("derive(").and_then(|(_, rest)| rest.split(')').next());
    derived.is_some_and(|names| names.split(", ").any(|name| name == "Serialize"))
}
