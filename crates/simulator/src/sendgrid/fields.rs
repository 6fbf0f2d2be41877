//! What a JSON body may hold. Whatever is not listed is refused.

use serde_json::{Map, Value};

use super::error::ApiError;

/// What a value must be.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// Text of at most so many characters.
    Text(usize),
    /// Text that may be null.
    Nullable,
    /// One of these.
    Word(&'static [&'static str]),
    Whole,
    Flag,
    /// 0 or 1.
    Bit,
    /// An object whose values are texts.
    Texts,
    /// Any object.
    Data,
    Object(&'static [Field]),
    /// At most so many of a kind.
    List(&'static Kind, usize),
}

#[derive(Clone, Copy)]
pub(super) struct Field {
    name: &'static str,
    kind: Kind,
    required: bool,
}

/// A field that may be left out.
pub(super) const fn may(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: false }
}

/// A field that has to be there.
pub(super) const fn must(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: true }
}

impl Field {
    pub(super) fn name(&self) -> &'static str {
        self.name
    }
}

impl Kind {
    fn expected(self) -> &'static str {
        match self {
            Self::Text(_) | Self::Nullable | Self::Word(_) => "string",
            Self::Whole | Self::Bit => "integer",
            Self::Flag => "boolean",
            Self::Texts | Self::Data | Self::Object(_) => "object",
            Self::List(..) => "array",
        }
    }

    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Text(_) | Self::Word(_) => value.is_string(),
            Self::Nullable => value.is_string() || value.is_null(),
            Self::Whole | Self::Bit => value.is_i64() || value.is_u64(),
            Self::Flag => value.is_boolean(),
            Self::Texts | Self::Data | Self::Object(_) => value.is_object(),
            Self::List(..) => value.is_array(),
        }
    }
}

fn given(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// How refusals are told: those of `mail/send` have help.
pub(super) type Refuse = fn(String, &str) -> ApiError;

/// The body as an object, checked against `fields`.
pub(super) fn parse(body: &[u8], fields: &[Field], refuse: Refuse) -> Result<Map<String, Value>, ApiError> {
    let bad = || ApiError { status: 400, body: BAD_REQUEST.clone() };
    let text = std::str::from_utf8(body).map_err(|_| ApiError::plain(415, "Invalid UTF8 in request"))?;
    let value: Value = serde_json::from_str(text).map_err(|_| bad())?;
    let Value::Object(map) = value else { return Err(bad()) };
    check(&map, fields, "", refuse)?;
    Ok(map)
}

/// What is answered to a body that is no JSON object.
static BAD_REQUEST: std::sync::LazyLock<Value> = std::sync::LazyLock::new(
    || serde_json::json!({ "errors": [{ "message": "Bad Request", "field": null, "help": null }] }),
);

pub(super) fn plain(message: String, field: &str) -> ApiError {
    ApiError::field(message, field)
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn check(map: &Map<String, Value>, fields: &[Field], path: &str, refuse: Refuse) -> Result<(), ApiError> {
    for (name, value) in map {
        let at = join(path, name);
        let Some(field) = fields.iter().find(|field| field.name == name) else {
            return Err(refuse(format!("Additional property {name} is not allowed"), &at));
        };
        check_value(value, field.kind, &at, refuse)?;
    }
    match fields.iter().find(|field| field.required && !map.contains_key(field.name)) {
        None => Ok(()),
        Some(field) => Err(refuse(format!("{} is required", field.name), &join(path, field.name))),
    }
}

fn check_value(value: &Value, kind: Kind, at: &str, refuse: Refuse) -> Result<(), ApiError> {
    if !kind.fits(value) {
        let message = format!("Invalid type. Expected: {}, given: {}.", kind.expected(), given(value));
        return Err(refuse(message, at));
    }
    match (kind, value) {
        (Kind::Text(most), Value::String(text)) if text.chars().count() > most => {
            Err(refuse(format!("String length must be less than or equal to {most}"), at))
        }
        (Kind::Word(words), Value::String(text)) if !words.contains(&text.as_str()) => {
            Err(refuse(format!("{} must be one of the following: {}", last(at), words.join(", ")), at))
        }
        (Kind::Bit, Value::Number(number)) if !matches!(number.as_u64(), Some(0 | 1)) => {
            Err(refuse(format!("{} must be one of the following: 0, 1", last(at)), at))
        }
        (Kind::Texts, Value::Object(map)) => map.iter().try_for_each(|(name, value)| {
            check_value(value, Kind::Text(usize::MAX), &join(at, name), refuse)
        }),
        (Kind::Object(fields), Value::Object(map)) => check(map, fields, at, refuse),
        (Kind::List(kind, most), Value::Array(list)) => {
            if list.len() > most {
                return Err(refuse(format!("Array must have at most {most} items"), at));
            }
            let mut items = list.iter().enumerate();
            items.try_for_each(|(index, value)| {
                check_value(value, *kind, &join(at, &index.to_string()), refuse)
            })
        }
        _ => Ok(()),
    }
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

pub(super) fn text<'a>(map: &'a Map<String, Value>, name: &str) -> &'a str {
    map.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Whether a text can be an address: one @, something before it, a domain with a dot behind it, no blanks.
pub(super) fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let part =
        |part: &str| !part.is_empty() && !part.contains(['@', ' ', '<', '>', ',', ';', '\r', '\n', '\t']);
    part(local)
        && local.len() <= 64
        && part(domain)
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !domain.contains("..")
}
