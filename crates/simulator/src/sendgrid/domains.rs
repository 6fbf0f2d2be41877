//! Domain authentication: the records to publish, and whether they are.

use serde_json::{Map, Value, json};

use super::error::{Answer, ApiError, Outcome};
use super::fields::{self, Field, Kind, may, must, text};
use super::lifecycle::object;
use super::router::Query;
use super::state::{Account, is, merge};

const CREATE: &[Field] = &[
    must("domain", Kind::Text(253)),
    may("subdomain", Kind::Text(63)),
    may("username", Kind::Text(320)),
    may("ips", Kind::List(&Kind::Text(45), 100)),
    may("custom_spf", Kind::Flag),
    may("default", Kind::Flag),
    may("automatic_security", Kind::Flag),
    may("custom_dkim_selector", Kind::Text(3)),
    may("region", Kind::Word(&["global", "eu"])),
];
const CHANGE: &[Field] = &[may("default", Kind::Flag), may("custom_spf", Kind::Flag)];

fn record(kind: &str, host: &str, data: &str) -> Value {
    json!({ "valid": false, "type": kind, "host": host, "data": data })
}

/// Three CNAMEs where SendGrid keeps the keys, an MX and two TXT records otherwise.
fn records(domain: &str, subdomain: &str, user: u64, automatic: bool, selector: &str) -> Value {
    let host = format!("{subdomain}.{domain}");
    if !automatic {
        return json!({
            "mail_server": record("mx", &host, "mx.sendgrid.net"),
            "subdomain_spf": record("txt", &host, "v=spf1 include:sendgrid.net ~all"),
            "dkim": record(
                "txt",
                &format!("{}._domainkey.{domain}", if selector.is_empty() { "m1" } else { selector }),
                "k=rsa; t=s; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDpublic",
            ),
        });
    }
    let key = |number: u8| {
        let selector = if selector.is_empty() { format!("s{number}") } else { format!("{selector}{number}") };
        record(
            "cname",
            &format!("{selector}._domainkey.{domain}"),
            &format!("{selector}.domainkey.u{user}.wl.sendgrid.net"),
        )
    };
    json!({
        "mail_cname": record("cname", &host, &format!("u{user}.wl.sendgrid.net")),
        "dkim1": key(1),
        "dkim2": key(2),
    })
}

fn find<'a>(account: &'a mut Account, id: &str) -> Result<&'a mut Value, ApiError> {
    let id: Option<u64> = id.parse().ok();
    let found = account.domains.iter_mut().find(|domain| id.is_some() && id_of(domain) == id);
    found.ok_or_else(|| ApiError::plain(404, "Domain not found"))
}

fn id_of(domain: &Value) -> Option<u64> {
    domain.get("id").and_then(Value::as_u64)
}

fn make(account: &mut Account, input: &Map<String, Value>) -> Value {
    let flag = |name: &str, default: bool| input.get(name).and_then(Value::as_bool).unwrap_or(default);
    let id = account.number();
    let domain = text(input, "domain").to_lowercase();
    let subdomain = match text(input, "subdomain") {
        "" => format!("em{id}"),
        given => given.to_owned(),
    };
    let automatic = flag("automatic_security", true);
    let selector = text(input, "custom_dkim_selector");
    json!({
        "id": id,
        "user_id": account.user_id,
        "subdomain": subdomain,
        "domain": domain,
        "username": account.username,
        "ips": input.get("ips").cloned().unwrap_or_else(|| json!([])),
        "custom_spf": flag("custom_spf", false),
        "default": flag("default", false),
        "legacy": false,
        "automatic_security": automatic,
        "valid": false,
        "dns": records(&domain, &subdomain, account.user_id, automatic, selector),
    })
}

pub(super) fn create(account: &mut Account, body: &[u8]) -> Outcome {
    let input = fields::parse(body, CREATE, fields::plain)?;
    let domain = text(&input, "domain");
    if !fields::is_address(&format!("a@{domain}")) {
        return Err(ApiError::field("invalid domain", "domain"));
    }
    let made = make(account, &input);
    let same =
        |known: &&Value| ["domain", "subdomain"].iter().all(|name| known.get(*name) == made.get(*name));
    if account.domains.iter().any(|known| same(&known)) {
        return Err(ApiError::plain(400, "An authenticated domain already exists for this URL."));
    }
    account.domains.push(made.clone());
    Answer::created(made)
}

pub(super) fn list(account: &Account, query: &Query) -> Outcome {
    query.allow(&["limit", "offset", "exclude_subusers", "username", "domain"])?;
    let limit = usize::try_from(query.number("limit")?.unwrap_or(50)).unwrap_or(50);
    let offset = usize::try_from(query.number("offset")?.unwrap_or(0)).unwrap_or(usize::MAX);
    let found = account.domains.iter().filter(|known| {
        query.get("domain").is_none_or(|domain| {
            known
                .get("domain")
                .and_then(Value::as_str)
                .is_some_and(|name| name.contains(&domain.to_lowercase()))
        }) && query.get("username").is_none_or(|name| is(known, "username", name))
    });
    Answer::ok(found.skip(offset).take(limit).cloned().collect())
}

pub(super) fn get(account: &mut Account, id: &str) -> Outcome {
    Answer::ok(find(account, id)?.clone())
}

/// An array of the one domain, as the specification has it.
pub(super) fn update(account: &mut Account, id: &str, body: &[u8]) -> Outcome {
    let input = fields::parse(body, CHANGE, fields::plain)?;
    if input.get("default").and_then(Value::as_bool) == Some(true) {
        find(account, id)?;
        for domain in &mut account.domains {
            merge(domain, Map::from_iter([("default".to_owned(), false.into())]));
        }
    }
    let domain = find(account, id)?;
    merge(domain, input);
    Answer::ok(json!([domain]))
}

pub(super) fn delete(account: &mut Account, id: &str) -> Outcome {
    let id = id_of(find(account, id)?);
    account.domains.retain(|domain| id_of(domain) != id);
    Answer::nothing()
}

pub(super) fn default(account: &Account, query: &Query) -> Outcome {
    query.allow(&["domain"])?;
    let found = account.domains.iter().filter(|known| {
        known.get("default").and_then(Value::as_bool) == Some(true)
            && query.get("domain").is_none_or(|domain| is(known, "domain", domain))
    });
    Answer::ok(found.cloned().collect())
}

/// Looks the records up. They are all there or none is.
pub(super) fn validate(account: &mut Account, id: &str) -> Outcome {
    let published = account.published.clone();
    let now = account.now;
    let domain = find(account, id)?;
    let name = domain.get("domain").and_then(Value::as_str).unwrap_or_default().to_owned();
    let valid = published.contains(&name);
    let mut results = Map::new();
    for (record, entry) in domain.get_mut("dns").and_then(Value::as_object_mut).into_iter().flatten() {
        let kind = entry.get("type").and_then(Value::as_str).unwrap_or_default().to_uppercase();
        let of = |field: &str| entry.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        let reason = format!("Expected {kind} for \"{}\" to match \"{}\".", of("host"), of("data"));
        results.insert(
            record.clone(),
            json!({ "valid": valid, "reason": if valid { Value::Null } else { reason.into() } }),
        );
        merge(entry, Map::from_iter([("valid".to_owned(), valid.into())]));
    }
    merge(domain, object(json!({ "valid": valid, "last_validation_attempt_at": now })));
    Answer::ok(json!({ "id": id_of(domain), "valid": valid, "validation_results": results }))
}

/// A domain that is there with its records published and checked. The first is the default.
pub(super) fn authenticate(account: &mut Account, name: &str) {
    let name = name.to_lowercase();
    account.published.insert(name.clone());
    let known = account.domains.iter().find(|domain| is(domain, "domain", &name)).and_then(id_of);
    let id = known.or_else(|| {
        let first = account.domains.is_empty();
        let made = make(account, &object(json!({ "domain": name, "default": first })));
        let id = id_of(&made);
        account.domains.push(made);
        id
    });
    // It was just found or made, so there is one to validate.
    let _validated = validate(account, &id.unwrap_or_default().to_string());
}
