//! From a request to its answer: which product, whose account, what a fault makes of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use serde_json::{Value, json};

use super::error::ApiError;
use super::form::Form;
use super::state::Account;
use super::{World, calls, contents, lookups, messages, numbers, progress, services, testing, usage, verify};
use crate::provider::{Bend, Incoming};

/// A request as the resources see it.
pub(super) struct Ask<'a> {
    pub(super) method: &'a Method,
    /// The product's own path, `/v1/Services`.
    pub(super) path: String,
    /// Whether the path of the API of 2010 ended in `.json`.
    pub(super) is_json: bool,
    pub(super) query: Form,
    pub(super) form: Form,
    pub(super) body: &'a Bytes,
    origin: Option<&'a str>,
}

impl Ask<'_> {
    pub(super) fn not_found(&self) -> ApiError {
        ApiError::not_found(&self.path)
    }

    /// The address of a product's path, where the request found it.
    pub(super) fn url(&self, product: &str, path: &str) -> String {
        match self.origin {
            Some(origin) => format!("{origin}/{product}{path}"),
            None => format!("https://{product}.twilio.com{path}"),
        }
    }
}

pub(super) struct Answer {
    status: u16,
    body: Option<Value>,
    location: Option<String>,
}

impl Answer {
    pub(super) fn ok(body: Value) -> Self {
        Self { status: 200, body: Some(body), location: None }
    }

    pub(super) fn created(body: Value) -> Self {
        Self { status: 201, body: Some(body), location: None }
    }

    pub(super) fn gone() -> Self {
        Self { status: 204, body: None, location: None }
    }

    pub(super) fn redirect(to: String) -> Self {
        Self { status: 307, body: None, location: Some(to) }
    }
}

/// Who asks.
enum Caller {
    Account(usize),
    Restricted(usize),
    Test(usize),
}

pub(super) fn handle(world: &mut World, request: &Incoming, bend: Option<&Bend>) -> Response<Bytes> {
    match bend {
        Some(Bend::Answer(status, body)) => bent(*status, body.as_deref()),
        Some(Bend::RateLimited(retry_after)) => {
            let mut response = refused(&ApiError::of(20429));
            if let Some(value) = retry_after.as_deref().and_then(|value| HeaderValue::from_str(value).ok()) {
                response.headers_mut().insert(header::RETRY_AFTER, value);
            }
            response
        }
        Some(Bend::AnswerAfter(status, body)) => {
            answer(world, request);
            bent(*status, body.as_deref())
        }
        None => answer(world, request),
    }
}

fn bent(status: u16, body: Option<&str>) -> Response<Bytes> {
    let code = match status {
        401 => 20003,
        404 => 20404,
        429 => 20429,
        503 => 20503,
        _ => 20500,
    };
    let mut error = ApiError::of(code);
    error.status = status;
    match body {
        Some(own) => respond(status, Some(own.to_owned())),
        None => refused(&error),
    }
}

fn respond(status: u16, body: Option<String>) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.unwrap_or_default()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if status != 204 {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    headers.insert("twilio-concurrent-requests", HeaderValue::from_static("1"));
    response
}

fn refused(error: &ApiError) -> Response<Bytes> {
    let mut response = respond(error.status, Some(error.body().to_string()));
    if error.status == 401 {
        let realm = HeaderValue::from_static("Basic realm=\"Twilio API\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, realm);
    }
    response
}

fn answer(world: &mut World, request: &Incoming) -> Response<Bytes> {
    match carry_out(world, request) {
        Ok(answer) => {
            let mut response = respond(answer.status, answer.body.map(|body| body.to_string()));
            if let Some(to) = answer.location.and_then(|to| HeaderValue::from_str(&to).ok()) {
                response.headers_mut().insert(header::LOCATION, to);
            }
            response
        }
        Err(error) => refused(&error),
    }
}

/// The product and its own path: by the host, or by the first part of the path where there is one host for all.
fn product(request: &Incoming) -> (&str, &str) {
    if request.origin.is_none() {
        return (request.host.split('.').next().unwrap_or_default(), &request.path);
    }
    let rest = request.path.trim_start_matches('/');
    let first = rest.split('/').next().unwrap_or_default();
    match first {
        "messaging" | "lookups" | "verify" | "content" => {
            (first, request.path.get(first.len() + 1..).unwrap_or_default())
        }
        _ => ("api", &request.path),
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim() == "application/x-www-form-urlencoded")
}

fn carry_out(world: &mut World, request: &Incoming) -> Result<Answer, ApiError> {
    let caller = authenticate(world, request)?;
    if world.limited > 0 {
        world.limited -= 1;
        return Err(ApiError::of(20429));
    }
    let now = world.now();
    let (product, path) = product(request);
    let empty = Bytes::new();
    let mut ask = Ask {
        method: &request.method,
        path: path.to_owned(),
        is_json: path.rsplit_once('.').is_some_and(|(_, end)| end == "json"),
        query: Form::parse(request.query.as_bytes())?,
        form: Form::parse(if is_form(&request.headers) { &request.body } else { &empty })?,
        body: &request.body,
        origin: request.origin.as_deref(),
    };
    let bare = path.strip_suffix(".json").filter(|_| product == "api").unwrap_or(path).to_owned();
    let parts: Vec<&str> = bare.split('/').skip(1).collect();
    if let Caller::Test(index) = caller {
        let account = world.account(index)?;
        return match (product, parts.as_slice()) {
            ("api", ["2010-04-01", "Accounts", sid, rest @ ..])
                if *sid == account.keys.test.0 && ask.is_json =>
            {
                testing::run(account, &ask, rest, now)
            }
            _ => Err(ApiError::of(20008)),
        };
    }
    let (own, restricted) = match caller {
        Caller::Account(index) | Caller::Test(index) => (index, false),
        Caller::Restricted(index) => (index, true),
    };
    if product == "api" {
        return core(world, own, restricted, &mut ask, &parts);
    }
    let account = world.account(own)?;
    progress::advance(account, now);
    if restricted {
        return Err(ApiError::of(70051));
    }
    active(account)?;
    match (product, parts.as_slice()) {
        ("messaging", ["v1", "Services", rest @ ..]) => services::run(account, &ask, rest, now),
        ("messaging", ["v1", "Tollfree", "Verifications"]) => services::toll_free(account, &ask),
        ("lookups", ["v2", "PhoneNumbers", number]) => lookups::run(account, &ask, number),
        ("verify", ["v2", "Services", rest @ ..]) => verify::run(account, &ask, rest, now),
        ("content", ["v1", "Content", rest @ ..]) => contents::run(account, &ask, rest, now),
        _ => Err(ask.not_found()),
    }
}

fn active(account: &Account) -> Result<(), ApiError> {
    if account.status == "active" { Ok(()) } else { Err(ApiError::of(20005)) }
}

/// The API of 2010: an account's own paths, and those of its subaccounts.
fn core(
    world: &mut World,
    own: usize,
    restricted: bool,
    ask: &mut Ask<'_>,
    parts: &[&str],
) -> Result<Answer, ApiError> {
    let ["2010-04-01", "Accounts", sid, rest @ ..] = parts else { return Err(ask.not_found()) };
    let now = world.now();
    let caller = world.account(own)?.sid.clone();
    let account = world
        .accounts
        .iter_mut()
        .find(|account| account.sid == *sid && (account.sid == caller || account.owner == caller))
        .ok_or_else(ApiError::authenticate)?;
    progress::advance(account, now);
    let media = matches!(rest, ["Messages", _, "Media", _]) && ask.method == Method::GET;
    if !ask.is_json && !media {
        // XML is not spoken here.
        return Err(ask.not_found());
    }
    if restricted && !matches!(rest, ["Messages", ..]) {
        return Err(ApiError::of(70051));
    }
    match (ask.method, rest) {
        (&Method::GET, []) => {
            ask.query.check(&[], &[])?;
            return Ok(Answer::ok(account.fetch_account()));
        }
        (&Method::GET, ["Balance"]) => {
            let (units, sign) = (account.balance.unsigned_abs(), if account.balance < 0 { "-" } else { "" });
            let balance = format!("{sign}{}.{:04}", units / 100_000, units % 100_000 / 10);
            return Ok(Answer::ok(json!({
                "account_sid": account.sid, "balance": balance, "currency": "USD",
            })));
        }
        _ => active(account)?,
    }
    match rest {
        ["Messages", rest @ ..] => messages::run(account, ask, rest, now),
        ["Calls", rest @ ..] => calls::run(account, ask, rest, now),
        ["IncomingPhoneNumbers", rest @ ..] => numbers::run(account, ask, rest, now),
        ["AvailablePhoneNumbers", rest @ ..] => numbers::available(account, ask, rest),
        ["Usage", rest @ ..] => usage::run(account, ask, rest, now),
        _ => Err(ask.not_found()),
    }
}

fn authenticate(world: &World, request: &Incoming) -> Result<Caller, ApiError> {
    // Credentials belong to a region, and these to us1.
    let labels: Vec<&str> = request.host.split('.').collect();
    let elsewhere = request.origin.is_none()
        && !matches!(
            labels.as_slice(),
            [_, "twilio", "com"] | [_, "us1", "twilio", "com"] | [_, _, "us1", "twilio", "com"]
        );
    let value = request.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let decoded = value
        .and_then(|value| value.strip_prefix("Basic "))
        .and_then(|text| STANDARD.decode(text.trim()).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let (user, password) = decoded.as_deref().and_then(|text| text.split_once(':')).unwrap_or_default();
    if elsewhere || user.is_empty() {
        return Err(ApiError::authenticate());
    }
    let is = |pair: &(String, String)| pair.0 == user && pair.1 == password;
    world
        .accounts
        .iter()
        .enumerate()
        .find_map(|(index, account)| {
            let keys = &account.keys;
            if (account.sid == user && keys.token == password) || is(&keys.api_key) {
                Some(Caller::Account(index))
            } else if is(&keys.restricted) {
                Some(Caller::Restricted(index))
            } else if is(&keys.test) {
                Some(Caller::Test(index))
            } else {
                None
            }
        })
        .ok_or_else(ApiError::authenticate)
}
