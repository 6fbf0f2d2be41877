//! The form encoding: `a[b][c]=v`, `a[0]=v`, `a[]=v` into one tree of strings.

use percent_encoding::percent_decode;
use serde_json::{Map, Value};

use super::error::ApiError;

const MOST_PAIRS: usize = 2_000;
const DEEPEST: usize = 10;

/// Parses query strings and bodies alike. Lists stay objects with numbers as keys; what is meant to be a
/// list, only the endpoint knows.
pub(super) fn parse(encoded: &[u8], into: &mut Map<String, Value>) -> Result<(), ApiError> {
    for (count, pair) in encoded.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).enumerate() {
        if count >= MOST_PAIRS {
            return Err(ApiError::invalid("Invalid request: too many parameters."));
        }
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let name = decode(halves.next().unwrap_or_default())?;
        let value = decode(halves.next().unwrap_or_default())?;
        insert(into, &name, value)?;
    }
    Ok(())
}

fn decode(raw: &[u8]) -> Result<String, ApiError> {
    let spaced: Vec<u8> = raw.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let bytes: Vec<u8> = percent_decode(&spaced).collect();
    String::from_utf8(bytes)
        .map_err(|_| ApiError::invalid("Invalid request: parameters must be valid UTF-8."))
}

pub(super) fn insert(root: &mut Map<String, Value>, name: &str, value: String) -> Result<(), ApiError> {
    let (first, rest) = name
        .split_once('[')
        .map_or((name, ""), |(first, _)| (first, name.get(first.len()..).unwrap_or_default()));
    let mut path = vec![first];
    for part in rest.split('[').skip(1) {
        path.push(part.strip_suffix(']').ok_or_else(|| {
            ApiError::invalid(format!("Invalid request: unbalanced brackets in the parameter {name}."))
        })?);
    }
    if path.len() > DEEPEST {
        return Err(ApiError::invalid("Invalid request: parameters are nested too deeply."));
    }
    let Some((last, parents)) = path.split_last() else { return Ok(()) };
    let mut here = root;
    for part in parents {
        let key = key_in(here, part);
        let next = here.entry(key).or_insert_with(|| Value::Object(Map::new()));
        if !next.is_object() {
            *next = Value::Object(Map::new());
        }
        match next.as_object_mut() {
            Some(members) => here = members,
            None => return Ok(()),
        }
    }
    let key = key_in(here, last);
    here.insert(key, Value::String(value));
    Ok(())
}

/// `a[]` appends: its key is the next free number.
fn key_in(members: &Map<String, Value>, part: &str) -> String {
    if part.is_empty() { members.len().to_string() } else { part.to_owned() }
}
