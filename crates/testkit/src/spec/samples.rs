//! The sample bodies that a description holds, for adapters to decode.

use std::path::Path;

use serde_json::Value;

use super::load;

/// A sample body of a vendor's own description.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Sample {
    /// The operation that answers with it, for example `POST /item/get`, or the name of the schema that it shows.
    pub of: String,
    /// The vendor's name of the sample.
    pub name: String,
    /// The body as JSON.
    pub body: String,
}

/// Every sample of a successful answer, and every sample of a schema, in the OpenAPI document `file` (or `file.xz`) of the
/// folder `specs`. The samples are the vendor's and stay outside this repository.
///
/// # Errors
/// Says why the document cannot be read, or that it holds no sample.
pub fn samples(specs: &Path, file: &str) -> Result<Vec<Sample>, String> {
    let text = load::text(specs, file)?;
    let document: Value =
        serde_json::from_str(&text).map_err(|error| format!("{file} is not JSON: {error}"))?;
    let mut found = Vec::new();
    for (path, item) in entries(document.get("paths")) {
        for (method, operation) in entries(Some(item)) {
            let answers = entries(operation.get("responses")).filter(|(status, _)| status.starts_with('2'));
            let of = format!("{} {path}", method.to_uppercase());
            for media in answers.flat_map(|(_, answer)| entries(answer.get("content"))) {
                collect(&mut found, &of, media.1.get("examples"));
            }
        }
    }
    for (schema, description) in entries(document.pointer("/components/schemas")) {
        collect(&mut found, schema, description.get("x-examples"));
    }
    if found.is_empty() {
        return Err(format!("{file} holds no sample"));
    }
    Ok(found)
}

fn entries(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flatten()
}

/// An example is the body itself or an object around it.
fn collect(found: &mut Vec<Sample>, of: &str, examples: Option<&Value>) {
    for (name, example) in entries(examples) {
        let body = example.get("value").unwrap_or(example).to_string();
        found.push(Sample { of: of.to_owned(), name: name.clone(), body });
    }
}
