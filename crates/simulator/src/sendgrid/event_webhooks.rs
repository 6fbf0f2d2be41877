//! Settings of event webhooks, and their signing keys.

use serde_json::{Map, Value, json};

use super::error::{Answer, ApiError, Outcome};
use super::events::{self, KINDS};
use super::fields::{self, Field, Kind, may, must, text};
use super::router::Query;
use super::signing::SigningKey;
use super::state::{Account, stamp};

const FIELDS: &[Field] = &[
    may("enabled", Kind::Flag),
    must("url", Kind::Text(2048)),
    may("group_resubscribe", Kind::Flag),
    may("delivered", Kind::Flag),
    may("group_unsubscribe", Kind::Flag),
    may("spam_report", Kind::Flag),
    may("bounce", Kind::Flag),
    may("deferred", Kind::Flag),
    may("unsubscribe", Kind::Flag),
    may("processed", Kind::Flag),
    may("open", Kind::Flag),
    may("click", Kind::Flag),
    may("dropped", Kind::Flag),
    may("account_status_change", Kind::Flag),
    may("friendly_name", Kind::Nullable),
    may("oauth_client_id", Kind::Nullable),
    may("oauth_client_secret", Kind::Nullable),
    may("oauth_token_url", Kind::Nullable),
];
const SIGNED: &[Field] = &[must("enabled", Kind::Flag)];
const TEST: &[Field] = &[
    may("id", Kind::Text(36)),
    must("url", Kind::Text(2048)),
    may("oauth_client_id", Kind::Nullable),
    may("oauth_client_secret", Kind::Nullable),
    may("oauth_token_url", Kind::Nullable),
];

pub(super) struct EventWebhook {
    pub(super) id: String,
    settings: Map<String, Value>,
    created: u64,
    updated: u64,
    pub(super) key: SigningKey,
    pub(super) signed: bool,
}

impl EventWebhook {
    pub(super) fn url(&self) -> String {
        text(&self.settings, "url").to_owned()
    }

    fn on(&self, name: &str) -> bool {
        self.settings.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    pub(super) fn enabled(&self) -> bool {
        self.on("enabled")
    }

    pub(super) fn wants(&self, event: &Value) -> bool {
        let kind = event.get("event").and_then(Value::as_str).unwrap_or_default();
        let setting = KINDS.iter().find(|(known, _)| *known == kind);
        self.enabled() && setting.is_some_and(|(_, setting)| self.on(setting))
    }

    /// The secret of an OAuth client is never shown.
    pub(super) fn shown(&self, dates: [&str; 2], key: bool) -> Value {
        let date = |unix: u64| stamp(unix).replace(' ', "T") + "Z";
        let mut map = self.settings.clone();
        map.remove("oauth_client_secret");
        map.insert("id".to_owned(), self.id.clone().into());
        let [created, updated] = dates;
        map.insert(created.to_owned(), date(self.created).into());
        map.insert(updated.to_owned(), date(self.updated).into());
        if key {
            map.insert("public_key".to_owned(), self.public().into());
        }
        Value::Object(map)
    }

    pub(super) fn public(&self) -> String {
        if self.signed { self.key.public() } else { String::new() }
    }
}

const DATES: [&str; 2] = ["created_date", "updated_date"];

fn missing() -> ApiError {
    ApiError::bare(404, "Invalid id provided.")
}

fn find<'a>(account: &'a mut Account, id: &str) -> Result<&'a mut EventWebhook, ApiError> {
    account.webhooks.iter_mut().find(|webhook| webhook.id == id).ok_or_else(missing)
}

fn input(account: &Account, body: &[u8], own: Option<&str>) -> Result<Map<String, Value>, ApiError> {
    let input = fields::parse(body, FIELDS, fields::plain)?;
    let url = text(&input, "url");
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
    if host.is_empty() || host.starts_with('/') || host.contains(char::is_whitespace) {
        return Err(ApiError::bare(400, format!("'{url}' is not a valid url")));
    }
    let taken = account.webhooks.iter().find(|known| known.url() == url && Some(known.id.as_str()) != own);
    if let Some(taken) = taken {
        let message = format!("Webhook at '{url}' already exists. Please provide a unique URL.");
        let error = json!({ "errors": [{ "id": taken.id, "message": message, "url": url }] });
        return Err(ApiError { status: 400, body: error });
    }
    Ok(input)
}

/// Signing is off until it is asked for.
pub(super) fn create(account: &mut Account, body: &[u8]) -> Outcome {
    let input = input(account, body, None)?;
    if account.webhooks.len() >= account.settings.event_webhooks {
        let message = "You have reached the maximum number of webhooks per your current billing plan.";
        return Err(ApiError::bare(400, message));
    }
    let mut settings: Map<String, Value> =
        KINDS.iter().map(|(_, name)| ((*name).to_owned(), false.into())).collect();
    for name in ["friendly_name", "oauth_client_id", "oauth_token_url"] {
        settings.insert(name.to_owned(), Value::Null);
    }
    settings.insert("enabled".to_owned(), false.into());
    settings.extend(input);
    let now = account.now;
    let webhook = EventWebhook {
        id: account.uuid(),
        settings,
        created: now,
        updated: now,
        key: SigningKey::new(&mut account.ids),
        signed: false,
    };
    let shown = webhook.shown(DATES, false);
    account.webhooks.push(webhook);
    Answer::created(shown)
}

/// `include=account_status_change` shows that setting as well, which is left out otherwise.
fn included(query: &Query, mut shown: Value) -> Result<Value, ApiError> {
    query.allow(&["include"])?;
    let wanted = query.all("include").any(|list| list.split(',').any(|one| one == "account_status_change"));
    if let Some(map) = shown.as_object_mut().filter(|_| !wanted) {
        map.remove("account_status_change");
    }
    Ok(shown)
}

pub(super) fn list(account: &Account, query: &Query) -> Outcome {
    let all = account.webhooks.iter().map(|webhook| included(query, webhook.shown(DATES, true)));
    let all = all.collect::<Result<Vec<_>, _>>()?;
    Answer::ok(json!({ "max_allowed": account.settings.event_webhooks, "webhooks": all }))
}

/// The dates have other names here than everywhere else, as the specification has it.
pub(super) fn get(account: &mut Account, id: &str, query: &Query) -> Outcome {
    let shown = find(account, id)?.shown(["created_at", "updated_at"], true);
    Answer::ok(included(query, shown)?)
}

pub(super) fn update(account: &mut Account, id: &str, body: &[u8], query: &Query) -> Outcome {
    find(account, id)?;
    let input = input(account, body, Some(id))?;
    let now = account.now;
    let webhook = find(account, id)?;
    webhook.settings.extend(input);
    webhook.updated = now;
    Answer::ok(included(query, webhook.shown(DATES, false))?)
}

pub(super) fn delete(account: &mut Account, id: &str) -> Outcome {
    find(account, id)?;
    account.webhooks.retain(|webhook| webhook.id != id);
    Answer::nothing()
}

pub(super) fn key(account: &mut Account, id: &str) -> Outcome {
    let webhook = find(account, id)?;
    Answer::ok(json!({ "id": webhook.id, "public_key": webhook.public() }))
}

/// Turns signing on or off. Whether the real thing keeps its key over that is not documented; here, off and on makes
/// a new one, so that nobody counts on the old.
pub(super) fn sign(account: &mut Account, id: &str, body: &[u8]) -> Outcome {
    let input = fields::parse(body, SIGNED, fields::plain)?;
    let on = input.get("enabled").and_then(Value::as_bool).unwrap_or_default();
    find(account, id)?;
    let fresh = SigningKey::new(&mut account.ids);
    let webhook = find(account, id)?;
    if on && !webhook.signed {
        webhook.key = fresh;
    }
    webhook.signed = on;
    Answer::ok(json!({ "id": webhook.id, "public_key": webhook.public() }))
}

/// Sends one event of each kind to a URL, signed as the named webhook's are.
pub(super) fn test(account: &mut Account, body: &[u8]) -> Outcome {
    let input = fields::parse(body, TEST, fields::plain)?;
    let id = input.get("id").and_then(Value::as_str).filter(|id| !id.is_empty());
    if let Some(id) = id {
        find(account, id)?;
    }
    let samples = events::samples(account);
    account.samples.push((samples, text(&input, "url").to_owned(), id.map(str::to_owned)));
    Answer::nothing()
}
