//! Unsubscribe groups (ASM) and who left them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::error::{Answer, ApiError, Outcome};
use super::fields::{self, Field, Kind, may, text};
use super::router::Query;
use super::state::Account;
use super::suppressions::{self, UNSUBSCRIBES};

const FIELDS: &[Field] =
    &[may("name", Kind::Text(30)), may("description", Kind::Text(100)), may("is_default", Kind::Flag)];

pub(super) struct Group {
    pub(super) id: u64,
    name: String,
    description: String,
    default: bool,
    /// By address: when it left.
    pub(super) members: BTreeMap<String, u64>,
}

impl Group {
    fn shown(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "is_default": self.default,
        })
    }

    fn counted(&self) -> Value {
        let mut shown = self.shown();
        if let Some(map) = shown.as_object_mut() {
            map.insert("unsubscribes".to_owned(), self.members.len().into());
        }
        shown
    }
}

fn number(id: &str) -> Option<u64> {
    id.parse().ok()
}

fn find<'a>(account: &'a mut Account, id: &str) -> Result<&'a mut Group, ApiError> {
    let id = number(id);
    account.groups.iter_mut().find(|group| Some(group.id) == id).ok_or_else(ApiError::not_found)
}

pub(super) fn create(account: &mut Account, body: &[u8]) -> Outcome {
    let input = fields::parse(body, FIELDS, fields::plain)?;
    let name = text(&input, "name");
    if name.is_empty() {
        return Err(ApiError::field("name is required", "name"));
    }
    if account.groups.iter().any(|group| group.name == name) {
        return Err(ApiError::field("group name already exists", "name"));
    }
    let default = input.get("is_default").and_then(Value::as_bool).unwrap_or_default();
    if default {
        account.groups.iter_mut().for_each(|group| group.default = false);
    }
    let group = Group {
        id: account.number(),
        name: name.to_owned(),
        description: text(&input, "description").to_owned(),
        default,
        members: BTreeMap::new(),
    };
    let shown = group.shown();
    account.groups.push(group);
    Answer::created(shown)
}

/// All, or those whose ids are asked for.
pub(super) fn list(account: &Account, query: &Query) -> Outcome {
    query.allow(&["id"])?;
    let wanted: Vec<_> = query.all("id").map(number).collect();
    let groups = account.groups.iter().filter(|group| wanted.is_empty() || wanted.contains(&Some(group.id)));
    Answer::ok(groups.map(Group::counted).collect())
}

pub(super) fn get(account: &mut Account, id: &str) -> Outcome {
    Answer::ok(find(account, id)?.counted())
}

/// Answers 201, as the specification has it.
pub(super) fn update(account: &mut Account, id: &str, body: &[u8]) -> Outcome {
    let input = fields::parse(body, FIELDS, fields::plain)?;
    let group = find(account, id)?;
    for (name, field) in [("name", &mut group.name), ("description", &mut group.description)] {
        if input.contains_key(name) {
            text(&input, name).clone_into(field);
        }
    }
    if let Some(default) = input.get("is_default").and_then(Value::as_bool) {
        group.default = default;
    }
    Answer::created(group.shown())
}

pub(super) fn delete(account: &mut Account, id: &str) -> Outcome {
    let id = find(account, id)?.id;
    account.groups.retain(|group| group.id != id);
    Answer::nothing()
}

/// Adds addresses to a group. The trap of the real thing: an id that no group has suppresses them for everything.
pub(super) fn suppress(account: &mut Account, id: &str, body: &[u8]) -> Outcome {
    let emails = suppressions::addresses(body)?;
    let now = account.now;
    if let Ok(group) = find(account, id) {
        group.members.extend(emails.iter().map(|email| (email.clone(), now)));
    } else {
        for email in &emails {
            suppressions::add(account, UNSUBSCRIBES, email, "", "");
        }
    }
    Answer::created(json!({ "recipient_emails": emails }))
}

pub(super) fn suppressed(account: &mut Account, id: &str) -> Outcome {
    Answer::ok(find(account, id)?.members.keys().cloned().collect())
}

pub(super) fn search(account: &mut Account, id: &str, body: &[u8]) -> Outcome {
    let emails = suppressions::addresses(body)?;
    let group = find(account, id)?;
    Answer::ok(emails.into_iter().filter(|email| group.members.contains_key(email)).collect())
}

pub(super) fn restore(account: &mut Account, id: &str, email: &str) -> Outcome {
    find(account, id)?.members.remove(&email.to_lowercase());
    Answer::nothing()
}

/// Every address in every group.
pub(super) fn everyone(account: &Account) -> Outcome {
    let rows = account.groups.iter().flat_map(|group| {
        group.members.iter().map(move |(email, at)| {
            json!({ "email": email, "group_id": group.id, "group_name": group.name, "created_at": at })
        })
    });
    Answer::ok(rows.collect())
}

/// Every group, and whether an address left it.
pub(super) fn of_address(account: &Account, email: &str) -> Outcome {
    let email = email.to_lowercase();
    let rows = account.groups.iter().map(|group| {
        let mut shown = group.shown();
        if let Some(map) = shown.as_object_mut() {
            map.insert("suppressed".to_owned(), group.members.contains_key(&email).into());
        }
        shown
    });
    Answer::ok(json!({ "suppressions": rows.collect::<Vec<_>>() }))
}
