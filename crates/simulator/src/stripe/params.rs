//! Parameters against what an endpoint takes: unknown, missing and ill-typed ones are refused as Stripe does.

use serde_json::{Map, Value};

use super::error::ApiError;

/// What one parameter may be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Text,
    Integer,
    Boolean,
    OneOf(&'static [&'static str]),
    Metadata,
    List(&'static Kind),
    Hash(&'static [Field]),
    /// A hash whose members are not looked at: features that the simulator only stores.
    Opaque,
    /// `off_session`: a boolean or a word.
    OffSession,
    /// `created`: seconds, or bounds.
    Range,
    /// A decimal number, kept as its text.
    Decimal,
    /// A number, or one of these words.
    IntegerOr(&'static [&'static str]),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    kind: Kind,
    required: bool,
    /// Whether an empty string unsets it.
    clearable: bool,
}

pub(super) const fn need(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: true, clearable: false }
}

pub(super) const fn may(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: false, clearable: false }
}

/// Optional, and an empty string unsets it.
pub(super) const fn clear(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: false, clearable: true }
}

/// No amount, time or count is larger; sums and products of a few of them fit their types.
const LARGEST: i64 = 1_000_000_000_000;

const RANGE: &[Field] = &[
    may("gt", Kind::Integer),
    may("gte", Kind::Integer),
    may("lt", Kind::Integer),
    may("lte", Kind::Integer),
];

pub(super) const EXPAND: Field = may("expand", Kind::List(&Kind::Text));

pub(super) const ADDRESS: &[Field] = &[
    clear("city", Kind::Text),
    clear("country", Kind::Text),
    clear("line1", Kind::Text),
    clear("line2", Kind::Text),
    clear("postal_code", Kind::Text),
    clear("state", Kind::Text),
];

pub(super) const SHIPPING: &[Field] = &[
    need("address", Kind::Hash(ADDRESS)),
    need("name", Kind::Text),
    clear("phone", Kind::Text),
    clear("carrier", Kind::Text),
    clear("tracking_number", Kind::Text),
];

/// Checks against several groups of fields at once and gives back typed values.
pub(super) fn check(
    raw: &Map<String, Value>,
    groups: &[&'static [Field]],
) -> Result<Map<String, Value>, ApiError> {
    let fields: Vec<&Field> = groups.iter().copied().flatten().collect();
    check_members(raw, &fields, "")
}

fn check_members(
    raw: &Map<String, Value>,
    fields: &[&Field],
    prefix: &str,
) -> Result<Map<String, Value>, ApiError> {
    let unknown: Vec<String> = raw
        .keys()
        .filter(|name| !fields.iter().any(|field| field.name == name.as_str()))
        .map(|name| join(prefix, name))
        .collect();
    if !unknown.is_empty() {
        return Err(ApiError::unknown_params(&unknown));
    }
    let mut typed = Map::new();
    for field in fields {
        let path = join(prefix, field.name);
        match raw.get(field.name) {
            None if field.required => return Err(ApiError::missing_param(&path)),
            None => {}
            Some(Value::String(text)) if text.is_empty() => {
                if !field.clearable {
                    return Err(ApiError::empty(&path));
                }
                typed.insert(field.name.to_owned(), Value::Null);
            }
            Some(value) => {
                typed.insert(field.name.to_owned(), convert(value, field.kind, &path)?);
            }
        }
    }
    Ok(typed)
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}[{name}]") }
}

fn convert(value: &Value, kind: Kind, path: &str) -> Result<Value, ApiError> {
    let text = value.as_str();
    match kind {
        Kind::Text => match text {
            Some(text) if text.chars().count() > 5_000 => {
                Err(ApiError::invalid(format!("Invalid string: {path} is too long.")).param(path))
            }
            Some(_) => Ok(value.clone()),
            None => Err(ApiError::invalid("Invalid string: {}").param(path)),
        },
        Kind::Integer => {
            let number = text.and_then(|text| text.parse::<i64>().ok());
            number.filter(|number| (-LARGEST..=LARGEST).contains(number)).map(Value::from).ok_or_else(|| {
                ApiError::invalid(format!("Invalid integer: {}", text.unwrap_or("{}")))
                    .code("parameter_invalid_integer")
                    .param(path)
            })
        }
        Kind::Boolean => boolean(text, path),
        Kind::OffSession => match text {
            Some("one_off" | "recurring") => Ok(Value::Bool(true)),
            _ => boolean(text, path),
        },
        Kind::OneOf(words) => {
            match text {
                Some(text) if words.contains(&text) => Ok(value.clone()),
                _ => Err(ApiError::invalid(format!("Invalid {path}: must be one of {}", listed(words)))
                    .param(path)),
            }
        }
        Kind::Metadata => metadata(value, path),
        Kind::List(of) => {
            let Some(members) = value.as_object() else {
                return Err(ApiError::invalid("Invalid array").param(path));
            };
            let mut items: Vec<(usize, &Value)> = Vec::with_capacity(members.len());
            for (key, item) in members {
                let index = key.parse().map_err(|_| ApiError::invalid("Invalid array").param(path))?;
                items.push((index, item));
            }
            items.sort_by_key(|(index, _)| *index);
            let typed: Result<Vec<Value>, ApiError> = items
                .into_iter()
                .map(|(index, item)| convert(item, *of, &format!("{path}[{index}]")))
                .collect();
            typed.map(Value::Array)
        }
        Kind::Hash(fields) => {
            let members = value.as_object().ok_or_else(|| ApiError::invalid("Invalid object").param(path))?;
            let fields: Vec<&Field> = fields.iter().collect();
            check_members(members, &fields, path).map(Value::Object)
        }
        Kind::Decimal => match text {
            Some(text) if super::decimal::scaled(text, 12).is_some() => Ok(value.clone()),
            _ => Err(ApiError::invalid(format!("Invalid decimal: {}", text.unwrap_or("{}"))).param(path)),
        },
        Kind::IntegerOr(words) => match text {
            Some(text) if words.contains(&text) => Ok(value.clone()),
            _ => convert(value, Kind::Integer, path),
        },
        Kind::Opaque if value.is_object() => Ok(value.clone()),
        Kind::Opaque => Err(ApiError::invalid("Invalid object").param(path)),
        Kind::Range if value.is_object() => convert(value, Kind::Hash(RANGE), path),
        Kind::Range => convert(value, Kind::Integer, path),
    }
}

fn boolean(text: Option<&str>, path: &str) -> Result<Value, ApiError> {
    match text {
        Some("true") => Ok(Value::Bool(true)),
        Some("false") => Ok(Value::Bool(false)),
        other => Err(ApiError::invalid(format!("Invalid boolean: {}", other.unwrap_or("{}"))).param(path)),
    }
}

fn listed(words: &[&str]) -> String {
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, [one])) => format!("{one} or {last}"),
        Some((last, rest)) => format!("{}, or {last}", rest.join(", ")),
        None => String::new(),
    }
}

fn metadata(value: &Value, path: &str) -> Result<Value, ApiError> {
    let members = value.as_object().ok_or_else(|| ApiError::invalid("Invalid object").param(path))?;
    if members.len() > 50 {
        return Err(ApiError::invalid("Metadata can have at most 50 keys.").param(path));
    }
    for (key, value) in members {
        let Some(text) = value.as_str() else {
            return Err(ApiError::invalid("Metadata values must be strings.").param(&join(path, key)));
        };
        if key.chars().count() > 40 {
            return Err(ApiError::invalid("Metadata keys can be at most 40 characters long.").param(path));
        }
        if text.chars().count() > 500 {
            let message = format!(
                "Metadata values can have up to 500 characters, but you passed in a value that is {} \
                 characters. Invalid value: {text}",
                text.chars().count()
            );
            return Err(ApiError::invalid(message).param(&join(path, key)));
        }
    }
    Ok(value.clone())
}
