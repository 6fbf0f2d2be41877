//! Content templates: kept as JSON, rendered well enough to read.

use http::Method;
use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::page::Page;
use super::router::{Answer, Ask};
use super::stamp;
use super::state::Account;

const TYPES: &[&str] = &[
    "twilio/text",
    "twilio/media",
    "twilio/location",
    "twilio/list-picker",
    "twilio/call-to-action",
    "twilio/quick-reply",
    "twilio/card",
    "twilio/catalog",
    "twilio/carousel",
    "twilio/flows",
    "twilio/schedule",
    "whatsapp/card",
    "whatsapp/authentication",
    "whatsapp/flows",
];

pub(super) fn run(account: &mut Account, ask: &Ask<'_>, rest: &[&str], now: i64) -> Result<Answer, ApiError> {
    match (ask.method, rest) {
        (&Method::GET, []) => {
            let page = Page::of(&ask.query, &[], &[])?;
            let rows =
                account.contents.iter().rev().map(|row| (sid_of(row).to_owned(), shown(row, ask))).collect();
            Ok(Answer::ok(page.product(&ask.url("content", &ask.path), "contents", rows)?))
        }
        (&Method::POST, []) => {
            let asked = parse(ask)?;
            let sid = account.sid("HX");
            account.contents.push(json!({
                "account_sid": account.sid, "date_created": stamp::iso(now), "date_updated": stamp::iso(now),
                "friendly_name": asked.get("friendly_name"), "language": asked.get("language"), "sid": sid,
                "types": asked.get("types"), "variables": asked.get("variables").cloned().unwrap_or(json!({})),
            }));
            Ok(Answer::created(shown(find(account, &sid).ok_or_else(|| ask.not_found())?, ask)))
        }
        (&Method::GET, [sid]) => {
            Ok(Answer::ok(shown(find(account, sid).ok_or_else(|| ask.not_found())?, ask)))
        }
        (&Method::DELETE, [sid]) => {
            find(account, sid).ok_or_else(|| ask.not_found())?;
            account.contents.retain(|row| sid_of(row) != *sid);
            Ok(Answer::gone())
        }
        _ => Err(ask.not_found()),
    }
}

fn sid_of(row: &Value) -> &str {
    row.get("sid").and_then(Value::as_str).unwrap_or_default()
}

fn find<'a>(account: &'a Account, sid: &str) -> Option<&'a Value> {
    account.contents.iter().find(|row| sid_of(row) == sid)
}

fn shown(row: &Value, ask: &Ask<'_>) -> Value {
    let url = ask.url("content", &format!("/v1/Content/{}", sid_of(row)));
    let mut fields = row.as_object().cloned().unwrap_or_default();
    let links = json!({
        "approval_create": format!("{url}/ApprovalRequests/whatsapp"),
        "approval_fetch": format!("{url}/ApprovalRequests"),
    });
    fields.insert("links".to_owned(), links);
    fields.insert("url".to_owned(), url.into());
    Value::Object(fields)
}

fn parse(ask: &Ask<'_>) -> Result<Map<String, Value>, ApiError> {
    let refuse = |text: String| Err(ApiError::invalid(20001, text));
    let Ok(Value::Object(asked)) = serde_json::from_slice(ask.body) else {
        return refuse("The body is not a JSON object".to_owned());
    };
    if let Some(name) = asked
        .keys()
        .find(|name| !["friendly_name", "language", "variables", "types"].contains(&name.as_str()))
    {
        return refuse(format!("Unknown field '{name}'"));
    }
    if asked.get("language").and_then(Value::as_str).unwrap_or_default().is_empty() {
        return refuse("Missing required field 'language'".to_owned());
    }
    let Some(types) = asked.get("types").and_then(Value::as_object).filter(|types| !types.is_empty()) else {
        return refuse("Missing required field 'types'".to_owned());
    };
    for (name, fields) in types {
        if !TYPES.contains(&name.as_str()) || !fields.is_object() {
            return refuse(format!("Unknown type '{name}'"));
        }
        if name == "twilio/text" && fields.get("body").and_then(Value::as_str).unwrap_or_default().is_empty()
        {
            return refuse("twilio/text needs a 'body'".to_owned());
        }
    }
    let variables = asked.get("variables");
    let plain = |all: &Map<String, Value>| all.values().all(Value::is_string);
    if variables.is_some_and(|all| !all.as_object().is_some_and(plain)) {
        return refuse("'variables' must be an object of texts".to_owned());
    }
    Ok(asked)
}

/// The text of a template: the body of its first type that has one, each `{{name}}` replaced by what came with the
/// message, else by the sample of the template.
pub(super) fn render(account: &Account, sid: &str, variables: Option<&str>) -> Result<String, ApiError> {
    let row = find(account, sid)
        .ok_or_else(|| ApiError::invalid(21655, "The ContentSid is not one of the account's templates"))?;
    let given: Map<String, Value> = match variables {
        None => Map::new(),
        Some(text) => serde_json::from_str(text)
            .map_err(|_| ApiError::invalid(21656, "ContentVariables is not a JSON object"))?,
    };
    if !given.values().all(Value::is_string) {
        return Err(ApiError::invalid(21656, "Each of the ContentVariables must be a text"));
    }
    let samples = row.get("variables").and_then(Value::as_object);
    let body = row
        .get("types")
        .and_then(Value::as_object)
        .and_then(|types| {
            types.values().find_map(|fields| fields.get("body").or_else(|| fields.get("title"))?.as_str())
        })
        .unwrap_or_default();
    let mut text = String::new();
    let mut rest = body;
    while let Some((before, after)) = rest.split_once("{{") {
        text.push_str(before);
        let Some((name, after)) = after.split_once("}}") else {
            text.push_str("{{");
            rest = after;
            continue;
        };
        let value = given.get(name).or_else(|| samples?.get(name)).and_then(Value::as_str);
        match value {
            Some(value) => text.push_str(value),
            None => return Err(ApiError::invalid(21656, format!("ContentVariables lacks '{name}'"))),
        }
        rest = after;
    }
    text.push_str(rest);
    Ok(text)
}
