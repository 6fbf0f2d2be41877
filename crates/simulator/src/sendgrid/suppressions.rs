//! The lists of addresses that get no mail, or that something went wrong with.

use serde_json::{Value, json};

use super::error::{Answer, ApiError, Outcome};
use super::fields::{self, Field, Kind, is_address, may, must};
use super::router::Query;
use super::state::Account;

pub(super) const BOUNCES: &str = "bounces";
pub(super) const BLOCKS: &str = "blocks";
pub(super) const INVALID: &str = "invalid_emails";
pub(super) const SPAM: &str = "spam_reports";
pub(super) const UNSUBSCRIBES: &str = "unsubscribes";
const LISTS: &[&str] = &[BOUNCES, BLOCKS, INVALID, SPAM, UNSUBSCRIBES];

const DELETE: &[Field] =
    &[may("delete_all", Kind::Flag), may("emails", Kind::List(&Kind::Text(320), 10_000))];
pub(super) const ADDRESSES: &[Field] = &[must("recipient_emails", Kind::List(&Kind::Text(320), 10_000))];

pub(super) struct Suppressed {
    created: u64,
    email: String,
    reason: String,
    status: String,
}

impl Suppressed {
    fn shown(&self, list: &str) -> Value {
        let (created, email, reason) = (self.created, &self.email, &self.reason);
        match list {
            SPAM => json!({ "created": created, "email": email, "ip": "192.0.2.1" }),
            UNSUBSCRIBES => json!({ "created": created, "email": email }),
            INVALID => json!({ "created": created, "email": email, "reason": reason }),
            _ => json!({ "created": created, "email": email, "reason": reason, "status": self.status }),
        }
    }
}

/// The list of a path.
pub(super) fn named(name: &str) -> Result<&'static str, ApiError> {
    LISTS.iter().find(|list| **list == name).copied().ok_or_else(ApiError::not_found)
}

pub(super) fn holds(account: &Account, list: &str, email: &str) -> bool {
    account.suppressed.get(list).is_some_and(|all| all.iter().any(|one| one.email == email))
}

pub(super) fn add(account: &mut Account, list: &'static str, email: &str, reason: &str, status: &str) {
    let (created, email) = (account.now, email.to_lowercase());
    let all = account.suppressed.entry(list).or_default();
    all.retain(|one| one.email != email);
    all.push(Suppressed { created, email, reason: reason.to_owned(), status: status.to_owned() });
}

fn remove(account: &mut Account, list: &'static str, gone: impl Fn(&Suppressed) -> bool) -> usize {
    let all = account.suppressed.entry(list).or_default();
    let before = all.len();
    all.retain(|one| !gone(one));
    before - all.len()
}

/// Newest first.
pub(super) fn list(account: &Account, list: &'static str, query: &Query) -> Outcome {
    query.allow(&["start_time", "end_time", "limit", "offset", "email"])?;
    let (from, to) =
        (query.number("start_time")?.unwrap_or(0), query.number("end_time")?.unwrap_or(u64::MAX));
    let limit = query.number("limit")?.unwrap_or(500);
    if !(1..=500).contains(&limit) {
        return Err(ApiError::field("limit must be between 1 and 500", "limit"));
    }
    let offset = usize::try_from(query.number("offset")?.unwrap_or(0)).unwrap_or(usize::MAX);
    let email = query.get("email").map(str::to_lowercase);
    let all = account.suppressed.get(list).map(Vec::as_slice).unwrap_or_default();
    let found = all.iter().rev().filter(|one| {
        (from..=to).contains(&one.created)
            && email.as_ref().is_none_or(|email| one.email.starts_with(email.trim_end_matches('%')))
    });
    let limit = usize::try_from(limit).unwrap_or(500);
    Answer::ok(found.skip(offset).take(limit).map(|one| one.shown(list)).collect())
}

/// An array of one, or of none when the address is not on the list.
pub(super) fn get(account: &Account, list: &'static str, email: &str) -> Outcome {
    let all = account.suppressed.get(list).map(Vec::as_slice).unwrap_or_default();
    Answer::ok(
        all.iter().filter(|one| one.email.eq_ignore_ascii_case(email)).map(|one| one.shown(list)).collect(),
    )
}

pub(super) fn delete(account: &mut Account, list: &'static str, email: &str) -> Outcome {
    match remove(account, list, |one| one.email.eq_ignore_ascii_case(email)) {
        0 => Err(ApiError::not_found()),
        _ => Answer::nothing(),
    }
}

/// Some, or all; never both.
pub(super) fn delete_many(account: &mut Account, list: &'static str, body: &[u8]) -> Outcome {
    let input = fields::parse(body, DELETE, fields::plain)?;
    let all = input.get("delete_all").and_then(Value::as_bool).unwrap_or_default();
    match (all, input.get("emails").and_then(Value::as_array)) {
        (true, None) => remove(account, list, |_| true),
        (false, Some(emails)) => {
            let emails: Vec<_> = emails.iter().filter_map(Value::as_str).map(str::to_lowercase).collect();
            remove(account, list, |one| emails.contains(&one.email))
        }
        (true, Some(_)) => {
            return Err(ApiError::plain(400, "delete_all and emails cannot be used together"));
        }
        (false, None) => return Err(ApiError::plain(400, "emails or delete_all is required")),
    };
    Answer::nothing()
}

/// Addresses of a body, all of them well formed.
pub(super) fn addresses(body: &[u8]) -> Result<Vec<String>, ApiError> {
    let input = fields::parse(body, ADDRESSES, fields::plain)?;
    let list = input.get("recipient_emails").and_then(Value::as_array).cloned().unwrap_or_default();
    let emails: Vec<_> = list.iter().filter_map(Value::as_str).map(str::to_lowercase).collect();
    match emails.iter().find(|email| !is_address(email)) {
        None => Ok(emails),
        Some(_) => Err(ApiError::field("invalid email address", "recipient_emails")),
    }
}

pub(super) fn add_global(account: &mut Account, body: &[u8]) -> Outcome {
    let emails = addresses(body)?;
    for email in &emails {
        add(account, UNSUBSCRIBES, email, "", "");
    }
    Answer::created(json!({ "recipient_emails": emails }))
}

/// An empty object when the address is not on the list.
pub(super) fn get_global(account: &Account, email: &str) -> Outcome {
    let email = email.to_lowercase();
    let found = holds(account, UNSUBSCRIBES, &email);
    Answer::ok(if found { json!({ "recipient_email": email }) } else { json!({}) })
}

pub(super) fn delete_global(account: &mut Account, email: &str) -> Outcome {
    remove(account, UNSUBSCRIBES, |one| one.email.eq_ignore_ascii_case(email));
    Answer::nothing()
}
