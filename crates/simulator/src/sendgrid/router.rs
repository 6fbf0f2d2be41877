//! From a request to an answer: key, subuser, scope, call.

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::error::{Answer, ApiError, Outcome};
use super::state::Account;
use super::{
    World, account, batches, domains, event_webhooks, inbound, lifecycle, mail, senders, suppressions,
    templates, unsubscribe_groups as groups,
};
use crate::provider::{Bend, Incoming};

/// The parameters of a query string.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    fn parse(text: &str) -> Self {
        let decode = |text: &str| {
            let spaced = text.replace('+', " ");
            percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
        };
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
                .map(|(a, b)| (decode(a), decode(b)))
                .collect(),
        )
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, ApiError> {
        let number =
            |text: &str| text.parse().map_err(|_| ApiError::field(format!("{name} must be a number"), name));
        self.get(name).map(number).transpose()
    }

    /// Refuses everything else.
    pub(super) fn allow(&self, names: &[&str]) -> Result<(), ApiError> {
        match self.0.iter().find(|(name, _)| !names.contains(&name.as_str())) {
            None => Ok(()),
            Some((name, _)) => Err(ApiError::field(format!("unknown parameter {name}"), name)),
        }
    }
}

/// What the answer says about the rate.
struct Rate {
    limit: u64,
    remaining: u64,
    reset: u64,
}

pub(super) fn handle(world: &mut World, request: &Incoming, bend: Option<&Bend>) -> Response<Bytes> {
    match bend {
        Some(Bend::RateLimited(after)) => {
            let now = world.clock.unix();
            let wait = after.as_ref().and_then(|text| text.trim().parse::<u64>().ok()).unwrap_or(60);
            let rate = Rate { limit: 600, remaining: 0, reset: now.saturating_add(wait) };
            let mut response = written(&refusal(ApiError::plain(429, "too many requests")), Some(&rate));
            if let Some(value) = after.as_ref().and_then(|text| HeaderValue::from_str(text).ok()) {
                response.headers_mut().insert("retry-after", value);
            }
            response
        }
        Some(Bend::Answer(status, body)) => broken(*status, body.as_deref()),
        Some(Bend::AnswerAfter(status, body)) => {
            let _answer = run(world, request);
            broken(*status, body.as_deref())
        }
        None => run(world, request),
    }
}

fn refusal(error: ApiError) -> Answer {
    Answer::new(error.status, error.body)
}

fn run(world: &mut World, request: &Incoming) -> Response<Bytes> {
    let mut rate = None;
    let answer = call(world, request, &mut rate).unwrap_or_else(refusal);
    written(&answer, rate.as_ref())
}

/// The status that a fault asked for, with its body or SendGrid's own.
fn broken(status: u16, body: Option<&str>) -> Response<Bytes> {
    let own = Answer::new(status, json!({ "errors": [{ "message": "internal server error" }] }));
    let mut response = written(&own, None);
    if let Some(text) = body {
        *response.body_mut() = Bytes::copy_from_slice(text.as_bytes());
    }
    response
}

fn written(answer: &Answer, rate: Option<&Rate>) -> Response<Bytes> {
    let body = answer.body.as_ref().map(Value::to_string).unwrap_or_default();
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    if answer.body.is_some() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    if let Some(value) = answer.message_id.as_ref().and_then(|id| HeaderValue::from_str(id).ok()) {
        headers.insert("x-message-id", value);
    }
    if let Some(rate) = rate {
        headers.insert("x-ratelimit-limit", rate.limit.into());
        headers.insert("x-ratelimit-remaining", rate.remaining.into());
        headers.insert("x-ratelimit-reset", rate.reset.into());
    }
    response
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn call(world: &mut World, request: &Incoming, rate: &mut Option<Rate>) -> Outcome {
    let Some(path) = request.path.strip_prefix("/v3/") else { return Err(ApiError::not_found()) };
    let accept = header(&request.headers, ACCEPT.as_str());
    let fits =
        |accept: &str| accept.contains("json") || accept.contains("*/*") || accept.contains("application/*");
    // The lists of bounces are known to insist on the header.
    if accept.map_or(path.starts_with("suppression/bounces"), |accept| !fits(accept)) {
        return Err(ApiError::null_text(406, "not acceptable"));
    }
    let given = header(&request.headers, AUTHORIZATION.as_str());
    let Some(given) = given.and_then(|value| value.strip_prefix("Bearer ")).map(str::trim) else {
        return Err(ApiError::plain(401, "authorization required"));
    };
    let Some(key) = world.keys.iter().find(|key| key.secret == given) else {
        let message = "The provided authorization grant is invalid, expired, or revoked";
        return Err(ApiError::plain(401, message));
    };
    let subuser = header(&request.headers, "on-behalf-of")
        .or_else(|| header(&request.headers, "account-id"))
        .map(|name| name.strip_prefix("account-id ").unwrap_or(name).trim().to_owned());
    let name = match subuser {
        None => key.account.clone(),
        // Only the parent's keys act for subusers.
        Some(name) if key.account.is_empty() && world.accounts.contains_key(&name) && !name.is_empty() => {
            name
        }
        Some(_) => return Err(ApiError::null_text(403, "access forbidden")),
    };
    let parts: Vec<String> = path
        .trim_end_matches('/')
        .split('/')
        .map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned())
        .collect();
    let segments: Vec<&str> = parts.iter().map(String::as_str).collect();
    let scopes = key.scopes.clone();
    if let Some(scope) = scope_of(request.method.as_str(), &segments)
        && !scopes.contains(&scope)
    {
        return Err(ApiError::null_text(403, "access forbidden"));
    }
    let now = world.clock.unix();
    let Some(account) = world.accounts.get_mut(&name) else { return Err(ApiError::not_found()) };
    lifecycle::advance(account, now);
    limit(account, &segments, rate)?;
    check_body(request)?;
    let base = request.origin.clone().unwrap_or_else(|| format!("https://{}", request.host));
    if segments == ["scopes"] && request.method == http::Method::GET {
        return Answer::ok(json!({ "scopes": scopes }));
    }
    route(account, request, &segments, &base)
}

/// Counts the call, and refuses it when there were too many within a minute.
fn limit(account: &mut Account, segments: &[&str], rate: &mut Option<Rate>) -> Result<(), ApiError> {
    let Some(limit) = account.settings.calls_a_minute else { return Ok(()) };
    let endpoint = segments.iter().take(2).copied().collect::<Vec<_>>().join("/");
    let minute = account.now / 60;
    let (known, calls) = account.calls.entry(endpoint).or_insert((minute, 0));
    if *known != minute {
        (*known, *calls) = (minute, 0);
    }
    let over = *calls >= limit;
    if !over {
        *calls += 1;
    }
    *rate = Some(Rate { limit, remaining: limit.saturating_sub(*calls), reset: (minute + 1) * 60 });
    if over { Err(ApiError::plain(429, "too many requests")) } else { Ok(()) }
}

fn check_body(request: &Incoming) -> Result<(), ApiError> {
    if request.body.is_empty() {
        return Ok(());
    }
    let kind = header(&request.headers, CONTENT_TYPE.as_str()).unwrap_or_default();
    if !kind.to_ascii_lowercase().starts_with("application/json") {
        return Err(ApiError::plain(415, "Content-Type should be application/json."));
    }
    // The real thing takes gzip for mail/send, on request.
    match header(&request.headers, CONTENT_ENCODING.as_str()) {
        None | Some("identity") => Ok(()),
        Some(_) => Err(ApiError::plain(415, "Content-Encoding is not supported.")),
    }
}

/// The scope that a call needs; `None` needs nothing but a key.
fn scope_of(method: &str, segments: &[&str]) -> Option<String> {
    let verb = match method {
        "GET" => "read",
        "POST" => "create",
        "DELETE" => "delete",
        _ => "update",
    };
    let of = |area: &str| Some(format!("{area}.{verb}"));
    match segments {
        ["mail", "send"] => Some("mail.send".to_owned()),
        ["mail", "batch", ..] => of("mail.batch"),
        ["user", "scheduled_sends", ..] => of("user.scheduled_sends"),
        ["templates", ..] => of("templates"),
        ["verified_senders", ..] => Some("sender_verification_eligible".to_owned()),
        ["whitelabel", ..] => of("whitelabel"),
        ["suppression", ..] | ["asm", "suppressions", ..] => of("suppression"),
        ["asm", "groups", ..] => of("asm.groups"),
        ["stats"] => of("stats"),
        ["user", "credits"] => of("user.credits"),
        ["user", "account"] => of("user.account"),
        ["validations", ..] => of("validations.email"),
        ["user", "webhooks", "event", "test"] => of("user.webhooks.event.test"),
        ["user", "webhooks", "event", ..] => of("user.webhooks.event.settings"),
        ["user", "webhooks", "parse", ..] => of("user.webhooks.parse.settings"),
        _ => None,
    }
}

fn route(account: &mut Account, request: &Incoming, segments: &[&str], base: &str) -> Outcome {
    let body = request.body.as_ref();
    let query = Query::parse(&request.query);
    match (request.method.as_str(), segments) {
        ("POST", ["mail", "send"]) => mail::send(account, body),
        ("POST", ["mail", "batch"]) => batches::create(account),
        ("GET", ["mail", "batch", id]) => batches::get(account, id),
        ("POST", ["user", "scheduled_sends"]) => batches::hold(account, body),
        ("GET", ["user", "scheduled_sends"]) => batches::list(account),
        ("GET", ["user", "scheduled_sends", id]) => batches::status(account, id),
        ("PATCH", ["user", "scheduled_sends", id]) => batches::change(account, id, body),
        ("DELETE", ["user", "scheduled_sends", id]) => batches::release(account, id),
        ("GET", ["user", "credits"]) => account::credits(account),
        ("GET", ["user", "account"]) => account::account(account),
        ("GET", ["stats"]) => account::stats(account, &query),
        ("POST", ["validations", "email"]) => account::validate(account, body),
        (method, ["templates", rest @ ..]) => template_calls(account, method, rest, body, &query, base),
        (method, ["verified_senders", rest @ ..]) => sender_calls(account, method, rest, body, &query),
        (method, ["whitelabel", "domains", rest @ ..]) => domain_calls(account, method, rest, body, &query),
        (method, ["suppression", list, rest @ ..]) => {
            suppression_calls(account, method, list, rest, body, &query)
        }
        (method, ["asm", rest @ ..]) => group_calls(account, method, rest, body, &query),
        (method, ["user", "webhooks", rest @ ..]) => webhook_calls(account, method, rest, body, &query),
        (_, ["mail", "send" | "batch"] | ["user", "scheduled_sends"] | ["stats" | "scopes"]) => not_allowed(),
        _ => Err(ApiError::not_found()),
    }
}

fn not_allowed() -> Outcome {
    Err(ApiError::null_text(405, "method not allowed"))
}

fn template_calls(
    account: &mut Account,
    method: &str,
    rest: &[&str],
    body: &[u8],
    query: &Query,
    base: &str,
) -> Outcome {
    match (method, rest) {
        ("POST", []) => templates::create(account, body),
        ("GET", []) => templates::list(account, query, base),
        ("GET", [id]) => templates::get(account, id),
        ("POST", [id]) => templates::duplicate(account, id, body),
        ("PATCH", [id]) => templates::rename(account, id, body),
        ("DELETE", [id]) => templates::delete(account, id),
        ("POST", [id, "versions"]) => templates::add_version(account, id, body),
        ("GET", [id, "versions", own]) => templates::get_version(account, id, own),
        ("PATCH", [id, "versions", own]) => templates::change_version(account, id, own, body),
        ("DELETE", [id, "versions", own]) => templates::delete_version(account, id, own),
        ("POST", [id, "versions", own, "activate"]) => templates::activate(account, id, own),
        (_, [] | [_] | [_, "versions"] | [_, "versions", _]) => not_allowed(),
        _ => Err(ApiError::not_found()),
    }
}

fn sender_calls(account: &mut Account, method: &str, rest: &[&str], body: &[u8], query: &Query) -> Outcome {
    match (method, rest) {
        ("POST", []) => senders::create(account, body),
        ("GET", []) => senders::list(account, query),
        ("GET", ["steps_completed"]) => senders::steps(account),
        ("GET", ["domains"]) => senders::blocked_domains(),
        ("GET", ["verify", token]) => senders::follow_link(account, token),
        ("POST", ["resend", id]) => senders::resend(account, id),
        ("PATCH", [id]) => senders::update(account, id, body),
        ("DELETE", [id]) => senders::delete(account, id),
        (_, [] | [_]) => not_allowed(),
        _ => Err(ApiError::not_found()),
    }
}

fn domain_calls(account: &mut Account, method: &str, rest: &[&str], body: &[u8], query: &Query) -> Outcome {
    match (method, rest) {
        ("POST", []) => domains::create(account, body),
        ("GET", []) => domains::list(account, query),
        ("GET", ["default"]) => domains::default(account, query),
        ("GET", [id]) => domains::get(account, id),
        ("PATCH", [id]) => domains::update(account, id, body),
        ("DELETE", [id]) => domains::delete(account, id),
        ("POST", [id, "validate"]) => domains::validate(account, id),
        (_, [] | [_]) => not_allowed(),
        _ => Err(ApiError::not_found()),
    }
}

fn suppression_calls(
    account: &mut Account,
    method: &str,
    list: &str,
    rest: &[&str],
    body: &[u8],
    query: &Query,
) -> Outcome {
    let list = suppressions::named(list)?;
    match (method, rest) {
        ("GET", []) => suppressions::list(account, list, query),
        ("DELETE", []) => suppressions::delete_many(account, list, body),
        ("GET", [email]) => suppressions::get(account, list, email),
        ("DELETE", [email]) => suppressions::delete(account, list, email),
        (_, [] | [_]) => not_allowed(),
        _ => Err(ApiError::not_found()),
    }
}

fn group_calls(account: &mut Account, method: &str, rest: &[&str], body: &[u8], query: &Query) -> Outcome {
    match (method, rest) {
        ("POST", ["groups"]) => groups::create(account, body),
        ("GET", ["groups"]) => groups::list(account, query),
        ("GET", ["groups", id]) => groups::get(account, id),
        ("PATCH", ["groups", id]) => groups::update(account, id, body),
        ("DELETE", ["groups", id]) => groups::delete(account, id),
        ("POST", ["groups", id, "suppressions"]) => groups::suppress(account, id, body),
        ("GET", ["groups", id, "suppressions"]) => groups::suppressed(account, id),
        ("POST", ["groups", id, "suppressions", "search"]) => groups::search(account, id, body),
        ("DELETE", ["groups", id, "suppressions", email]) => groups::restore(account, id, email),
        ("GET", ["suppressions"]) => groups::everyone(account),
        ("POST", ["suppressions", "global"]) => suppressions::add_global(account, body),
        ("GET", ["suppressions", "global", email]) => suppressions::get_global(account, email),
        ("DELETE", ["suppressions", "global", email]) => suppressions::delete_global(account, email),
        ("GET", ["suppressions", email]) => groups::of_address(account, email),
        (_, ["groups" | "suppressions"] | ["groups" | "suppressions", _]) => not_allowed(),
        _ => Err(ApiError::not_found()),
    }
}

fn webhook_calls(account: &mut Account, method: &str, rest: &[&str], body: &[u8], query: &Query) -> Outcome {
    match (method, rest) {
        ("POST", ["event", "settings"]) => event_webhooks::create(account, body),
        ("GET", ["event", "settings", "all"]) => event_webhooks::list(account, query),
        ("GET", ["event", "settings", "signed", id]) => event_webhooks::key(account, id),
        ("PATCH", ["event", "settings", "signed", id]) => event_webhooks::sign(account, id, body),
        ("GET", ["event", "settings", id]) => event_webhooks::get(account, id, query),
        ("PATCH", ["event", "settings", id]) => event_webhooks::update(account, id, body, query),
        ("DELETE", ["event", "settings", id]) => event_webhooks::delete(account, id),
        ("POST", ["event", "test"]) => event_webhooks::test(account, body),
        ("GET", ["parse", "settings"]) => inbound::list(account),
        ("POST", ["parse", "settings"]) => inbound::create(account, body),
        ("GET", ["parse", "settings", host]) => inbound::get(account, host),
        ("PATCH", ["parse", "settings", host]) => inbound::update(account, host, body),
        ("DELETE", ["parse", "settings", host]) => inbound::delete(account, host),
        (_, ["event" | "parse", "settings"] | ["event" | "parse", "settings", _]) => not_allowed(),
        _ => Err(ApiError::not_found()),
    }
}
