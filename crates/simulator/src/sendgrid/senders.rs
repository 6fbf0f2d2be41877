//! Single senders that confirm by a mail.

use serde_json::{Map, Value, json};

use super::error::{Answer, ApiError, Outcome};
use super::fields::{self, Field, Kind, is_address, may, must, text};
use super::router::Query;
use super::state::{Account, merge};

const FIELDS: &[Field] = &[
    must("nickname", Kind::Text(100)),
    must("from_email", Kind::Text(256)),
    may("from_name", Kind::Text(256)),
    must("reply_to", Kind::Text(256)),
    may("reply_to_name", Kind::Text(256)),
    may("address", Kind::Text(100)),
    may("address2", Kind::Text(100)),
    may("state", Kind::Text(2)),
    may("city", Kind::Text(150)),
    may("zip", Kind::Text(10)),
    may("country", Kind::Text(100)),
];

fn id_of(sender: &Value) -> Option<u64> {
    sender.get("id").and_then(Value::as_u64)
}

fn find<'a>(account: &'a mut Account, id: &str) -> Result<&'a mut Value, ApiError> {
    let id: Option<u64> = id.parse().ok();
    let found = account.senders.iter_mut().find(|sender| id.is_some() && id_of(sender) == id);
    found.ok_or_else(|| ApiError::plain(404, "resource not found"))
}

fn input(body: &[u8]) -> Result<Map<String, Value>, ApiError> {
    let input = fields::parse(body, FIELDS, fields::plain)?;
    for name in ["from_email", "reply_to"] {
        if !is_address(text(&input, name)) {
            return Err(ApiError::field("invalid email address", name));
        }
    }
    Ok(input)
}

/// Unverified, until the person behind the address follows the link in the mail.
pub(super) fn create(account: &mut Account, body: &[u8]) -> Outcome {
    let input = input(body)?;
    let email = text(&input, "from_email");
    let taken = account.senders.iter().any(|sender| {
        sender
            .get("from_email")
            .and_then(Value::as_str)
            .is_some_and(|known| known.eq_ignore_ascii_case(email))
    });
    if taken {
        return Err(ApiError::field("already exists", "from_email"));
    }
    let id = account.number();
    let mut sender: Map<String, Value> =
        FIELDS.iter().map(|field| (field.name().to_owned(), Value::from(""))).collect();
    sender.extend(input);
    let mut sender = Value::Object(sender);
    merge(&mut sender, super::lifecycle::object(json!({ "id": id, "verified": false, "locked": false })));
    account.senders.push(sender.clone());
    ask(account, id);
    Answer::created(sender)
}

/// Sends the mail with the link: a token that only the person gets to see.
fn ask(account: &mut Account, id: u64) {
    let token = account.ids.letters(32);
    account.sender_tokens.push((token, id));
}

pub(super) fn list(account: &Account, query: &Query) -> Outcome {
    query.allow(&["limit", "lastSeenID", "id"])?;
    let limit = query.number("limit")?.unwrap_or(u64::MAX);
    let after = query.number("lastSeenID")?.unwrap_or(0);
    let only = query.number("id")?;
    let found = account.senders.iter().filter(|sender| {
        let id = id_of(sender).unwrap_or_default();
        id > after && only.is_none_or(|only| only == id)
    });
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    Answer::ok(json!({ "results": found.take(limit).cloned().collect::<Vec<_>>() }))
}

/// A changed address has to be confirmed again.
pub(super) fn update(account: &mut Account, id: &str, body: &[u8]) -> Outcome {
    let input = input(body)?;
    let sender = find(account, id)?;
    let same = sender.get("from_email") == input.get("from_email");
    merge(sender, input);
    if !same {
        merge(sender, Map::from_iter([("verified".to_owned(), false.into())]));
    }
    Answer::ok(sender.clone())
}

pub(super) fn delete(account: &mut Account, id: &str) -> Outcome {
    let number = id_of(find(account, id)?);
    account.senders.retain(|sender| id_of(sender) != number);
    Answer::nothing()
}

pub(super) fn resend(account: &mut Account, id: &str) -> Outcome {
    let sender = find(account, id)?;
    let number = id_of(sender).unwrap_or_default();
    if sender.get("verified").and_then(Value::as_bool) == Some(true) {
        return Err(ApiError::plain(400, "already verified"));
    }
    ask(account, number);
    Answer::nothing()
}

pub(super) fn steps(account: &Account) -> Outcome {
    let any = |list: &[Value], name: &str| {
        list.iter().any(|one| one.get(name).and_then(Value::as_bool) == Some(true))
    };
    Answer::ok(json!({ "results": {
        "sender_verified": any(&account.senders, "verified"),
        "domain_verified": any(&account.domains, "valid"),
    } }))
}

/// Providers whose mail is refused when somebody else sends it in their name.
pub(super) fn blocked_domains() -> Outcome {
    Answer::ok(json!({ "results": { "soft_failures": ["gmail.com"], "hard_failures": ["yahoo.com"] } }))
}

pub(super) fn follow_link(account: &mut Account, token: &str) -> Outcome {
    let at = account.sender_tokens.iter().position(|(known, _)| known == token);
    let Some(at) = at else { return Err(ApiError::plain(404, "resource not found")) };
    let (_, id) = account.sender_tokens.remove(at);
    let sender = find(account, &id.to_string())?;
    merge(sender, Map::from_iter([("verified".to_owned(), true.into())]));
    Answer::nothing()
}

/// The person behind an address confirms. Whether there was a mail to answer.
pub(super) fn confirm(account: &mut Account, email: &str) -> bool {
    let sender = account.senders.iter_mut().find(|sender| {
        sender
            .get("from_email")
            .and_then(Value::as_str)
            .is_some_and(|known| known.eq_ignore_ascii_case(email))
    });
    let Some(sender) = sender else { return false };
    merge(sender, Map::from_iter([("verified".to_owned(), true.into())]));
    true
}
