//! From a request to an answer: headers, keys, fields, limits.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Response, StatusCode};
use serde_json::{Map, Value};

use super::error::{ApiError, Outcome};
use super::fields::{self, Field, Kind, may};
use super::item::Item;
use super::{
    LoggedRequest, World, accounts, amount, identity, institutions, investments, items, liabilities, link,
    numbers, processor, sandbox, transactions, webhooks,
};
use crate::provider::{Bend, Incoming};

pub(super) const SANDBOX_HOST: &str = "sandbox.plaid.com";
pub(super) const PRODUCTION_HOST: &str = "production.plaid.com";
/// Where hosted sessions are opened.
pub(super) const HOSTED_HOST: &str = "secure.plaid.com";

const VERSION: &str = "2020-09-14";
const OLDER_VERSIONS: &[&str] = &["2019-05-29", "2018-05-22", "2017-03-08"];

/// An endpoint.
#[derive(Clone, Copy)]
pub(super) struct Route {
    pub(super) path: &'static str,
    fields: &'static [Field],
    run: fn(&mut Call<'_>) -> Outcome,
    limit: Option<Limit>,
}

impl Route {
    pub(super) const fn new(
        path: &'static str,
        fields: &'static [Field],
        run: fn(&mut Call<'_>) -> Outcome,
    ) -> Self {
        Self { path, fields, run, limit: None }
    }

    pub(super) const fn limited(mut self, limit: Limit) -> Self {
        self.limit = Some(limit);
        self
    }
}

/// How many calls a minute, as Plaid documents for its sandbox.
#[derive(Clone, Copy)]
pub(super) struct Limit {
    code: &'static str,
    item: Option<usize>,
    client: Option<usize>,
}

impl Limit {
    pub(super) const fn client(code: &'static str, client: usize) -> Self {
        Self { code, item: None, client: Some(client) }
    }

    pub(super) const fn item(code: &'static str, item: usize) -> Self {
        Self { code, item: Some(item), client: None }
    }

    pub(super) const fn both(code: &'static str, item: usize, client: usize) -> Self {
        Self { code, item: Some(item), client: Some(client) }
    }
}

const TABLES: &[&[Route]] = &[
    accounts::ROUTES,
    institutions::ROUTES,
    investments::ROUTES,
    items::ROUTES,
    liabilities::ROUTES,
    link::ROUTES,
    numbers::ROUTES,
    identity::ROUTES,
    processor::ROUTES,
    sandbox::ROUTES,
    transactions::ROUTES,
    webhooks::ROUTES,
];

/// A request whose keys and fields are right.
pub(super) struct Call<'a> {
    pub(super) world: &'a mut World,
    pub(super) params: Map<String, Value>,
    pub(super) now: u64,
    pub(super) origin: Option<String>,
}

impl Call<'_> {
    pub(super) fn text(&self, name: &str) -> &str {
        self.params.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn option(&self, name: &str) -> Option<&Value> {
        self.params.get("options").and_then(|options| options.get(name))
    }

    fn number(value: Option<&Value>, default: usize) -> usize {
        value.and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok()).unwrap_or(default)
    }

    pub(super) fn size(&self, name: &str, default: usize) -> usize {
        Self::number(self.params.get(name), default)
    }

    pub(super) fn option_size(&self, name: &str, default: usize) -> usize {
        Self::number(self.option(name), default)
    }

    /// The item of the access token, whatever state it is in.
    pub(super) fn item(&mut self) -> Result<&mut Item, ApiError> {
        let token = self.params.get("access_token").and_then(Value::as_str).unwrap_or_default();
        check_token("access", "INVALID_ACCESS_TOKEN", token)?;
        self.world.item_of(token)
    }

    /// The item, for data of a product: it must work, and its bank must have the product.
    pub(super) fn item_with(&mut self, product: &str) -> Result<&mut Item, ApiError> {
        self.item()?;
        let (off, consent) =
            (self.world.settings.products_off.contains(product), self.world.settings.consent_required);
        let token = self.params.get("access_token").and_then(Value::as_str).unwrap_or_default();
        let bank = self.world.item_of(token)?.bank;
        let down = self.world.outage(bank);
        let item = self.world.item_of(token)?;
        if let Some(error) = &item.error {
            return Err(error.clone());
        }
        if let Some(error) = down {
            return Err(error);
        }
        if off {
            let message =
                format!("client is not authorized to access the following products: [\"{product}\"]");
            return Err(ApiError::of("INVALID_PRODUCT").saying(message));
        }
        if !bank.products.contains(&product) {
            return Err(ApiError::of("PRODUCTS_NOT_SUPPORTED"));
        }
        if !item.products.iter().any(|known| known == product) {
            if consent && product != "balance" {
                return Err(ApiError::of("ADDITIONAL_CONSENT_REQUIRED"));
            }
            item.products.push(product.to_owned());
        }
        Ok(item)
    }
}

/// The form of a token, and its environment.
pub(super) fn check_token(kind: &str, code: &str, token: &str) -> Result<(), ApiError> {
    let mut parts = token.splitn(3, '-');
    let (own, environment, id) = (parts.next(), parts.next(), parts.next());
    if own != Some(kind) || id.is_none_or(|id| id.len() != 36) {
        let message = format!(
            "provided {kind} token is in an invalid format. expected format: {kind}-<environment>-<identifier>"
        );
        return Err(ApiError::of(code).saying(message));
    }
    match environment {
        Some("sandbox") => Ok(()),
        Some(other) => Err(ApiError::of(code).saying(format!(
            "provided {kind} token is for the wrong Plaid environment. expected \"sandbox\", got \"{other}\""
        ))),
        None => Err(ApiError::of(code)),
    }
}

pub(super) fn handle(world: &mut World, request: &Incoming, bend: Option<&Bend>) -> Response<Bytes> {
    let request_id = world.ids.letters(15);
    let response = match bend {
        Some(Bend::Answer(status, body)) => bent(*status, body.as_deref(), &request_id),
        Some(Bend::RateLimited(after)) => {
            let mut response = bent(429, None, &request_id);
            if let Some(value) = after.as_deref().and_then(|after| HeaderValue::from_str(after).ok()) {
                response.headers_mut().insert(http::header::RETRY_AFTER, value);
            }
            response
        }
        Some(Bend::AnswerAfter(status, body)) => {
            answer(world, request, &request_id);
            bent(*status, body.as_deref(), &request_id)
        }
        None => answer(world, request, &request_id),
    };
    world.log.push(LoggedRequest::of(request, response.status().as_u16()));
    response
}

/// What Plaid itself would say with this status.
fn bent(status: u16, body: Option<&str>, request_id: &str) -> Response<Bytes> {
    let error = match status {
        429 => ApiError::rate_limit("RATE_LIMIT", "this client"),
        503 => ApiError::of("PLANNED_MAINTENANCE"),
        404 => ApiError::of("NOT_FOUND"),
        400..=499 => ApiError::of("INVALID_FIELD"),
        _ => ApiError::of("INTERNAL_SERVER_ERROR"),
    };
    let text = body.map_or_else(|| error.body(request_id).to_string(), str::to_owned);
    respond(status, text, request_id)
}

fn respond(status: u16, body: String, request_id: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert("plaid-request-id", id);
    }
    response
}

fn answer(world: &mut World, request: &Incoming, request_id: &str) -> Response<Bytes> {
    if request.method == Method::GET
        && let Some(page) = link::visit(world, request)
    {
        return page;
    }
    match outcome(world, request) {
        Ok(mut body) => {
            if let Some(fields) = body.as_object_mut() {
                fields.insert("request_id".to_owned(), request_id.into());
            }
            respond(200, amount::render(&body), request_id)
        }
        Err(error) => respond(error.status, error.body(request_id).to_string(), request_id),
    }
}

fn outcome(world: &mut World, request: &Incoming) -> Outcome {
    let route = TABLES.iter().copied().flatten().find(|route| route.path == request.path);
    let route = route.filter(|_| request.method == Method::POST && request.host != HOSTED_HOST);
    let route = route.ok_or_else(|| ApiError::of("NOT_FOUND"))?;
    let header = |name: &str| request.headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let kind = header("content-type").unwrap_or_default();
    if !kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json")) {
        return Err(ApiError::of("INVALID_HEADERS"));
    }
    match header("plaid-version") {
        None | Some(VERSION) => {}
        Some(older) if OLDER_VERSIONS.contains(&older) => {
            return Err(ApiError::of("INCOMPATIBLE_API_VERSION")
                .saying(format!("this simulator speaks version {VERSION} of the API only")));
        }
        Some(_) => return Err(ApiError::of("INVALID_HEADERS").saying("the header Plaid-Version is invalid")),
    }
    let Ok(Value::Object(mut params)) = serde_json::from_slice::<Value>(&request.body) else {
        return Err(ApiError::of("INVALID_BODY"));
    };
    let mut key = |field: &str, name: &str| {
        let given = params.remove(field);
        header(name).map(str::to_owned).or_else(|| Some(given?.as_str().unwrap_or_default().to_owned()))
    };
    let (client, secret) = (key("client_id", "plaid-client-id"), key("secret", "plaid-secret"));
    let absent = [("client_id", &client), ("secret", &secret)];
    let absent: Vec<_> =
        absent.iter().filter(|(_, given)| given.is_none()).map(|(name, _)| (*name).to_owned()).collect();
    if !absent.is_empty() {
        return Err(ApiError::missing(&absent));
    }
    if client.as_deref() != Some(&world.client_id) || secret.as_deref() != Some(&world.secret) {
        return Err(ApiError::of("INVALID_API_KEYS"));
    }
    if request.host == PRODUCTION_HOST {
        return Err(ApiError::of("UNAUTHORIZED_ENVIRONMENT"));
    }
    fields::check(route.fields, &mut params)?;
    limit(world, route, &params)?;
    let now = world.clock.unix();
    let origin = request.origin.clone();
    (route.run)(&mut Call { world, params, now, origin })
}

/// Counts the calls of the running minute.
fn limit(world: &mut World, route: &Route, params: &Map<String, Value>) -> Result<(), ApiError> {
    let Some(limit) = route.limit.filter(|_| world.settings.rate_limits) else { return Ok(()) };
    let minute = world.clock.unix() / 60;
    world.calls.retain(|(of, _, _), _| *of == minute);
    let token = params.get("access_token").and_then(Value::as_str);
    let mut over = |whose: &str, most: usize| {
        let count = world.calls.entry((minute, limit.code, whose.to_owned())).or_default();
        *count += 1;
        *count > most
    };
    if let (Some(token), Some(most)) = (token, limit.item)
        && over(token, most)
    {
        return Err(ApiError::rate_limit(limit.code, "attempts to access this item"));
    }
    if limit.client.is_some_and(|most| over("", most)) {
        return Err(ApiError::rate_limit(limit.code, "attempts by this client"));
    }
    Ok(())
}

const FILTER: &[Field] = &[fields::ACCOUNT_IDS];
/// `access_token`, and `options.account_ids`.
pub(super) const BY_ACCOUNTS: &[Field] = &[fields::TOKEN, may("options", Kind::Hash(FILTER))];
pub(super) const BY_TOKEN: &[Field] = &[fields::TOKEN];
