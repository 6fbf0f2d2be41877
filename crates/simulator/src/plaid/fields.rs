//! What an endpoint takes, and the refusal of everything else.

use serde_json::{Map, Value};

use super::amount::Amount;
use super::dates;
use super::error::ApiError;

/// A field of a request.
#[derive(Clone, Copy)]
pub(super) struct Field {
    name: &'static str,
    kind: Kind,
    required: bool,
    nullable: bool,
}

#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// Text that is not empty.
    Text,
    /// Text of at most so many characters, which may be empty.
    Short(usize),
    Boolean,
    Integer(i64, i64),
    Number,
    Date,
    /// A time with its zone.
    Instant,
    Url,
    /// One of these.
    Word(&'static [&'static str]),
    /// A list of texts.
    Texts,
    /// A list of these words, with this many at least.
    Words(&'static [&'static str], usize),
    Hash(&'static [Field]),
    Hashes(&'static [Field]),
    /// An object whose inside is another product's and not looked at.
    Open,
}

pub(super) const fn must(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: true, nullable: false }
}

pub(super) const fn may(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: false, nullable: false }
}

/// Optional, and null means absent.
pub(super) const fn nullable(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: false, nullable: true }
}

pub(super) const TOKEN: Field = must("access_token", Kind::Text);
pub(super) const ACCOUNT_IDS: Field = may("account_ids", Kind::Texts);

pub(super) const PRODUCTS: &[&str] = &[
    "assets",
    "auth",
    "balance",
    "balance_plus",
    "beacon",
    "identity",
    "identity_match",
    "investments",
    "investments_auth",
    "liabilities",
    "payment_initiation",
    "identity_verification",
    "transactions",
    "credit_details",
    "income",
    "income_verification",
    "standing_orders",
    "transfer",
    "employment",
    "recurring_transactions",
    "transactions_refresh",
    "signal",
    "statements",
    "processor_payments",
    "processor_identity",
    "profile",
    "cra_base_report",
    "cra_income_insights",
    "cra_partner_insights",
    "cra_network_insights",
    "cra_cashflow_insights",
    "cra_monitoring",
    "cra_lend_score",
    "cra_plaid_credit_score",
    "layer",
    "pay_by_bank",
    "protect_linked_bank",
];

pub(super) const COUNTRIES: &[&str] = &[
    "US", "GB", "ES", "NL", "FR", "IE", "CA", "DE", "IT", "PL", "DK", "NO", "SE", "EE", "LT", "LV", "PT",
    "BE", "AT", "FI",
];

/// Checks a whole body, and takes out what is null: unknown names first, then missing ones, then values.
pub(super) fn check(fields: &[Field], body: &mut Map<String, Value>) -> Result<(), ApiError> {
    let mut unknown = Vec::new();
    find_unknown(fields, body, "", &mut unknown);
    if !unknown.is_empty() {
        return Err(ApiError::unknown(&unknown));
    }
    let mut missing = Vec::new();
    find_missing(fields, body, "", &mut missing);
    if !missing.is_empty() {
        return Err(ApiError::missing(&missing));
    }
    check_values(fields, body, "")
}

fn find_unknown(fields: &[Field], body: &Map<String, Value>, prefix: &str, unknown: &mut Vec<String>) {
    for (name, value) in body {
        let Some(field) = fields.iter().find(|field| field.name == name) else {
            unknown.push(format!("{prefix}{name}"));
            continue;
        };
        let under = format!("{prefix}{name}.");
        each_inside(field.kind, value, |fields, inside| find_unknown(fields, inside, &under, unknown));
    }
}

fn find_missing(fields: &[Field], body: &Map<String, Value>, prefix: &str, missing: &mut Vec<String>) {
    for field in fields {
        let value = body.get(field.name).filter(|value| !value.is_null());
        match value {
            None if field.required => missing.push(format!("{prefix}{}", field.name)),
            None => {}
            Some(value) => {
                let under = format!("{prefix}{}.", field.name);
                each_inside(field.kind, value, |fields, inside| {
                    find_missing(fields, inside, &under, missing);
                });
            }
        }
    }
}

fn each_inside(kind: Kind, value: &Value, mut act: impl FnMut(&[Field], &Map<String, Value>)) {
    match (kind, value) {
        (Kind::Hash(fields), Value::Object(inside)) => act(fields, inside),
        (Kind::Hashes(fields), Value::Array(items)) => {
            items.iter().filter_map(Value::as_object).for_each(|inside| act(fields, inside));
        }
        _ => {}
    }
}

fn check_values(fields: &[Field], body: &mut Map<String, Value>, prefix: &str) -> Result<(), ApiError> {
    for field in fields {
        let Some(value) = body.get_mut(field.name) else { continue };
        if value.is_null() && field.nullable {
            body.remove(field.name);
            continue;
        }
        let name = format!("{prefix}{}", field.name);
        match (field.kind, value) {
            (Kind::Hash(fields), Value::Object(inside)) => check_values(fields, inside, &format!("{name}."))?,
            (Kind::Hashes(fields), Value::Array(items)) => {
                for item in items {
                    let Value::Object(inside) = item else {
                        return Err(ApiError::field(format!("{name} must be a list of objects")));
                    };
                    check_values(fields, inside, &format!("{name}."))?;
                }
            }
            (kind, value) => {
                check_value(kind, value).map_err(|must| ApiError::field(format!("{name} must be {must}")))?;
            }
        }
    }
    Ok(())
}

/// What the value must be, when it is not.
fn check_value(kind: Kind, value: &Value) -> Result<(), String> {
    let text = value.as_str();
    let fits = |fits: bool, must: &str| if fits { Ok(()) } else { Err(must.to_owned()) };
    match kind {
        Kind::Text => {
            fits(text.is_some_and(|text| !text.is_empty()), "a properly formatted, non-empty string")
        }
        Kind::Short(most) => fits(
            text.is_some_and(|text| text.chars().count() <= most),
            &format!("a string of at most {most} characters"),
        ),
        Kind::Boolean => fits(value.is_boolean(), "a boolean"),
        Kind::Integer(least, most) => fits(
            value.as_i64().is_some_and(|number| (least..=most).contains(&number)),
            &format!("an integer between {least} and {most}"),
        ),
        Kind::Number => fits(value.is_number() && Amount::read(value).is_some(), "a number"),
        Kind::Date => fits(text.and_then(dates::read).is_some(), "a date in the form YYYY-MM-DD"),
        Kind::Instant => fits(text.is_some_and(dates::is_instant), "a datetime with a time zone"),
        Kind::Url => fits(text.is_some_and(is_url), "a properly formatted URL"),
        Kind::Word(words) => {
            fits(text.is_some_and(|text| words.contains(&text)), &format!("one of {}", words.join(", ")))
        }
        Kind::Texts => fits(
            value
                .as_array()
                .is_some_and(|all| all.iter().all(|one| one.as_str().is_some_and(|text| !text.is_empty()))),
            "a list of non-empty strings",
        ),
        Kind::Words(words, least) => {
            let all = value.as_array().filter(|all| all.len() >= least);
            let known = |one: &Value| one.as_str().is_some_and(|text| words.contains(&text));
            fits(
                all.is_some_and(|all| all.iter().all(known)),
                &format!("a list of at least {least} of {}", words.join(", ")),
            )
        }
        Kind::Open | Kind::Hash(_) => fits(value.is_object(), "an object"),
        Kind::Hashes(_) => Err("a list of objects".to_owned()),
    }
}

fn is_url(text: &str) -> bool {
    let uri = text.parse::<http::Uri>().ok();
    uri.is_some_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some())
}
