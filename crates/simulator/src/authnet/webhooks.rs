//! The REST side: webhooks that are registered, and the history of what was sent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method};

use super::events::{Endpoint, Event, NOBODY, TYPES};
use super::json::Json;
use super::state::Gateway;

/// Status and body.
pub(super) type Rest = (u16, Option<Json>);

/// An error in the shape of the REST side.
pub(super) fn error(
    gateway: &mut Gateway,
    status: u16,
    reason: &str,
    message: &str,
    details: &[&str],
) -> Rest {
    let mut body = Json::object([("status", usize::from(status).into()), ("reason", reason.into())]);
    body.push("message", message);
    body.push("correlationId", gateway.uuid());
    if !details.is_empty() {
        let rows = details.iter().map(|text| Json::object([("message", Json::from(*text))]));
        body.push("details", rows.collect::<Vec<_>>());
    }
    (status, Some(body))
}

fn known(gateway: &Gateway, headers: &HeaderMap) -> bool {
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let encoded = given
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"));
    let decoded = encoded.and_then(|(_, text)| STANDARD.decode(text.trim()).ok());
    let pair = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    pair.is_some_and(|pair| pair == format!("{}:{}", gateway.keys.login, gateway.keys.transaction))
}

/// Answers a path below `/rest/v1`.
pub(super) fn handle(
    gateway: &mut Gateway,
    method: &Method,
    path: &str,
    query: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Rest {
    if !known(gateway, headers) || !gateway.settings.active {
        return error(gateway, 401, "UNAUTHORIZED", "Authentication failed", &[]);
    }
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    match (method.as_str(), parts.as_slice()) {
        ("GET", ["eventtypes"]) => {
            let rows =
                TYPES.iter().map(|name| Json::object([("name", format!("net.authorize.{name}").into())]));
            (200, Some(Json::List(rows.collect())))
        }
        ("GET", ["webhooks"]) => {
            (200, Some(Json::List(gateway.endpoints.iter().map(Endpoint::shown).collect())))
        }
        ("POST", ["webhooks"]) => create(gateway, body),
        ("GET", ["webhooks", id]) => match find(gateway, id) {
            Some(one) => (200, Some(one.shown())),
            None => missing(gateway),
        },
        ("PUT", ["webhooks", id]) => update(gateway, id, body),
        ("DELETE", ["webhooks", id]) => {
            let before = gateway.endpoints.len();
            gateway.endpoints.retain(|one| one.id != *id);
            if gateway.endpoints.len() == before { missing(gateway) } else { (200, None) }
        }
        ("POST", ["webhooks", id, "pings"]) => ping(gateway, id),
        ("GET", ["notifications"]) => history(gateway, query),
        ("GET", ["notifications", id]) => {
            let found = gateway.events.iter().find(|event| event.id == *id).cloned();
            match found {
                Some(event) => (200, Some(event.shown(true))),
                None => missing(gateway),
            }
        }
        _ => error(gateway, 404, "NOT_FOUND", "The requested resource was not found", &[]),
    }
}

fn missing(gateway: &mut Gateway) -> Rest {
    error(gateway, 404, "MISSING_DATA", "Requested data not found", &[])
}

fn find<'a>(gateway: &'a Gateway, id: &str) -> Option<&'a Endpoint> {
    gateway.endpoints.iter().find(|one| one.id == id)
}

impl Endpoint {
    pub(super) fn shown(&self) -> Json {
        let link = Json::object([("href", format!("/rest/v1/webhooks/{}", self.id).into())]);
        let mut all = Json::object([
            ("_links", Json::object([("self", link)])),
            ("webhookId", self.id.as_str().into()),
        ]);
        all.push_some("name", self.name.clone());
        all.push("status", if self.active { "active" } else { "inactive" });
        all.push("url", self.url.as_str());
        all.push("eventTypes", Json::texts(self.events.iter().cloned()));
        all
    }
}

impl Event {
    fn shown(&self, whole: bool) -> Json {
        let link = Json::object([("href", format!("/rest/v1/notifications/{}", self.id).into())]);
        let mut all = Json::object([
            ("_links", Json::object([("self", link)])),
            ("notificationId", self.id.as_str().into()),
            ("deliveryStatus", "Delivered".into()),
            ("eventType", self.kind.as_str().into()),
            ("eventDate", self.date().into()),
        ]);
        if whole {
            all.push("webhookId", NOBODY);
            all.push("payload", self.payload().clone());
        }
        all
    }
}

/// The fields that a body may hold, checked: name, address, event types, active.
type Given = (Option<String>, Option<String>, Option<Vec<String>>, Option<bool>);

fn read(body: &[u8]) -> Result<Given, Vec<&'static str>> {
    let text = std::str::from_utf8(body).map_err(|_| vec!["The body is no JSON."])?;
    let json = Json::parse(text.trim_start_matches('\u{feff}')).map_err(|_| vec!["The body is no JSON."])?;
    if !matches!(json, Json::Object(_)) {
        return Err(vec!["The body is no JSON object."]);
    }
    let mut wrong = Vec::new();
    if json.fields().iter().any(|(name, _)| !["name", "url", "eventTypes", "status"].contains(&name.as_str()))
    {
        wrong.push("The body holds an unknown field.");
    }
    let name = json.text_at("name");
    if name.as_ref().is_some_and(|name| !name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == ' ')) {
        wrong.push(
            "Invalid name entered. Strings containing only letters, numbers, or underscores are supported.",
        );
    }
    let url = json.text_at("url");
    if url.as_ref().is_some_and(|url| !url.starts_with("https://") && !url.starts_with("http://")) {
        wrong.push("Invalid url entered.");
    }
    let events = json.get("eventTypes").map(|_| json.items_at("eventTypes"));
    let events: Option<Vec<String>> = events.map(|all| all.into_iter().filter_map(Json::scalar).collect());
    let valid = |name: &String| {
        let own = name.strip_prefix("net.authorize.").unwrap_or_default();
        let below = format!("{own}.");
        !own.is_empty() && TYPES.iter().any(|known| *known == own || known.starts_with(&below))
    };
    if events.as_ref().is_some_and(|all| all.is_empty() || !all.iter().all(valid)) {
        wrong.push("Invalid event type entered.");
    }
    let active = match json.text_at("status").as_deref() {
        None => None,
        Some("active") => Some(true),
        Some("inactive") => Some(false),
        Some(_) => {
            wrong.push("Invalid status entered.");
            None
        }
    };
    if wrong.is_empty() { Ok((name, url, events, active)) } else { Err(wrong) }
}

fn invalid(gateway: &mut Gateway, details: &[&str]) -> Rest {
    error(gateway, 400, "INVALID_DATA", "Field validation errors", details)
}

fn create(gateway: &mut Gateway, body: &[u8]) -> Rest {
    let (name, url, events, active) = match read(body) {
        Ok(given) => given,
        Err(wrong) => return invalid(gateway, &wrong),
    };
    let (Some(url), Some(events)) = (url, events) else {
        return invalid(gateway, &["url and eventTypes are required."]);
    };
    let made = Endpoint { id: gateway.uuid(), name, url, events, active: active.unwrap_or(true) };
    let shown = made.shown();
    gateway.endpoints.push(made);
    (201, Some(shown))
}

fn update(gateway: &mut Gateway, id: &str, body: &[u8]) -> Rest {
    let (name, url, events, active) = match read(body) {
        Ok(given) => given,
        Err(wrong) => return invalid(gateway, &wrong),
    };
    let Some(one) = gateway.endpoints.iter_mut().find(|one| one.id == id) else { return missing(gateway) };
    if name.is_some() {
        one.name = name;
    }
    one.url = url.unwrap_or_else(|| one.url.clone());
    one.events = events.unwrap_or_else(|| one.events.clone());
    one.active = active.unwrap_or(one.active);
    (200, Some(one.shown()))
}

/// Only an inactive webhook can be pinged.
fn ping(gateway: &mut Gateway, id: &str) -> Rest {
    match find(gateway, id) {
        None => missing(gateway),
        Some(one) if one.active => {
            error(gateway, 400, "INVALID_DATA", "A ping goes to inactive webhooks only", &[])
        }
        Some(_) => (200, None),
    }
}

fn history(gateway: &mut Gateway, query: &str) -> Rest {
    let number = |name: &str, otherwise: usize| {
        let own = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        own.and_then(|text| text.parse().ok()).unwrap_or(otherwise)
    };
    let (offset, limit) = (number("offset", 0), number("limit", 100));
    let rows = gateway.events.iter().rev().skip(offset).take(limit).map(|event| event.shown(false));
    let rows: Vec<Json> = rows.collect();
    let link =
        Json::object([("href", format!("/rest/v1/notifications?offset={offset}&limit={limit}").into())]);
    (200, Some(Json::object([("_links", Json::object([("self", link)])), ("notifications", rows.into())])))
}
