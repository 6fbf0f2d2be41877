//! From a request to an answer: keys, versions, routes, idempotency, expansion.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::params::{self, Field};
use super::state::{Account, Cause};
use super::{
    DEFAULT_VERSION, LoggedRequest, World, accounts, capture, charges, checkout_sessions, coupons, customers,
    disputes, events, expand, files, form, invoice_items, invoice_preview, invoices, multipart,
    payment_intents, payment_links, payment_methods, payouts, portal, prices, products, promotion_codes,
    refunds, reviews, schedule, setup_intents, subscription_ends, subscription_items, subscription_updates,
    subscriptions, tax_ids, tax_rates, test_clocks, transfers, webhook_endpoints,
};
use crate::provider::{Bend, Incoming};

/// What an endpoint answers: the object, or the error.
pub(super) type Outcome = Result<Value, ApiError>;

/// One call of an endpoint, checked and typed.
pub(super) struct Call<'a> {
    pub(super) account: &'a mut Account,
    pub(super) params: Map<String, Value>,
    /// The id in the path, where there is one.
    pub(super) id: String,
    pub(super) version: String,
}

impl Call<'_> {
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.params.get(name).and_then(Value::as_str)
    }

    pub(super) fn int(&self, name: &str) -> Option<i64> {
        self.params.get(name).and_then(Value::as_i64)
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.params.get(name).and_then(Value::as_bool).unwrap_or_default()
    }
}

type Handler = fn(&mut Call<'_>) -> Outcome;

/// One endpoint: what it takes, what a restricted key needs for it, what it does.
pub(super) struct Route {
    method: Method,
    /// `payment_intents/*/capture`, under `/v1/`.
    path: &'static str,
    fields: &'static [&'static [Field]],
    permission: &'static str,
    run: Handler,
}

impl Route {
    pub(super) const fn get(
        path: &'static str,
        fields: &'static [&'static [Field]],
        permission: &'static str,
        run: Handler,
    ) -> Self {
        Self { method: Method::GET, path, fields, permission, run }
    }

    pub(super) const fn post(
        path: &'static str,
        fields: &'static [&'static [Field]],
        permission: &'static str,
        run: Handler,
    ) -> Self {
        Self { method: Method::POST, path, fields, permission, run }
    }

    pub(super) const fn delete(
        path: &'static str,
        fields: &'static [&'static [Field]],
        permission: &'static str,
        run: Handler,
    ) -> Self {
        Self { method: Method::DELETE, path, fields, permission, run }
    }

    /// The id in the path (empty without one), when the path is this route's.
    fn fits(&self, path: &str) -> Option<String> {
        let mut id = String::new();
        let mut given = path.split('/');
        for wanted in self.path.split('/') {
            let part = given.next()?;
            if wanted == "*" {
                id = percent_encoding::percent_decode_str(part).decode_utf8().ok()?.into_owned();
                if id.is_empty() {
                    return None;
                }
            } else if wanted != part {
                return None;
            }
        }
        given.next().is_none().then_some(id)
    }
}

/// Fixed paths stand before those with an id, or `search` would be read as one.
const RESOURCES: &[&[Route]] = &[
    payment_intents::ROUTES,
    capture::ROUTES,
    setup_intents::ROUTES,
    customers::ROUTES,
    tax_ids::ROUTES,
    tax_rates::ROUTES,
    payment_methods::ROUTES,
    refunds::ROUTES,
    charges::ROUTES,
    events::ROUTES,
    products::ROUTES,
    prices::ROUTES,
    coupons::ROUTES,
    promotion_codes::ROUTES,
    subscriptions::ROUTES,
    subscription_updates::ROUTES,
    subscription_ends::ROUTES,
    subscription_items::ROUTES,
    invoice_preview::ROUTES,
    invoices::ROUTES,
    invoice_items::ROUTES,
    checkout_sessions::ROUTES,
    payment_links::ROUTES,
    portal::ROUTES,
    disputes::ROUTES,
    reviews::ROUTES,
    files::ROUTES,
    payouts::ROUTES,
    transfers::ROUTES,
    accounts::ROUTES,
    webhook_endpoints::ROUTES,
    test_clocks::ROUTES,
];

struct Answer {
    status: u16,
    body: Value,
    headers: Vec<(&'static str, String)>,
}

/// Handles one request against the whole simulated Stripe.
pub(super) fn handle(world: &mut World, request: &Incoming, bend: Option<&Bend>) -> Response<Bytes> {
    let request_id = format!("req_{}", world.ids.letters(14));
    let (answer, account_id) = match authorize(world, request) {
        Ok(account_id) => {
            let now = world.clock.unix();
            let restricted = world.is_restricted(&presented_key(&request.headers).unwrap_or_default());
            let platform_id = world.platform.clone();
            let answer = match world.accounts.get_mut(&account_id) {
                Some(account) => {
                    schedule::advance(account, now);
                    account.cause = Cause {
                        request_id: Some(request_id.clone()),
                        idempotency_key: idempotency_key(request),
                        origin: request.origin.clone(),
                        version: DEFAULT_VERSION.to_owned(),
                    };
                    let answer = within(account, request, bend, &request_id, restricted);
                    account.cause = Cause::default();
                    answer
                }
                None => refusal(&ApiError::invalid("No such account.").status(403)),
            };
            (answer, if account_id.is_empty() { platform_id } else { account_id })
        }
        Err(error) => (refusal(&error), world.platform.clone()),
    };
    accounts::reach_across(world, &account_id);
    let response = respond(request, &answer, &request_id);
    if let Some(account) = world.accounts.get_mut(&account_id) {
        account.log.push(LoggedRequest::of(request, answer.status));
    }
    response
}

fn presented_key(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = value.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.trim().to_owned());
    }
    if scheme.eq_ignore_ascii_case("basic") {
        let decoded = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
        return Some(decoded.split_once(':').map_or(decoded.clone(), |(user, _)| user.to_owned()));
    }
    None
}

fn masked(key: &str) -> String {
    let shown_from = key.len().saturating_sub(4);
    let start: String = key.chars().take(8.min(shown_from)).collect();
    let hidden = key.chars().count().saturating_sub(start.chars().count() + 4);
    let end: String = key.chars().skip(start.chars().count() + hidden).collect();
    format!("{start}{}{end}", "*".repeat(hidden))
}

/// The account that the request acts for.
fn authorize(world: &World, request: &Incoming) -> Result<String, ApiError> {
    let Some(key) = presented_key(&request.headers).filter(|key| !key.is_empty()) else {
        return Err(ApiError::invalid(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using \
             Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication \
             for details, or we can help at https://support.stripe.com/.",
        )
        .status(401));
    };
    if key == world.keys.publishable {
        return Err(ApiError::invalid(
            "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a \
             list of your API keys at https://dashboard.stripe.com/account/apikeys.",
        )
        .code("secret_key_required")
        .status(401));
    }
    if world.keys.expired.contains(&key) {
        return Err(ApiError::invalid(format!("Expired API Key provided: {}", masked(&key)))
            .code("api_key_expired")
            .status(401));
    }
    if key != world.keys.secret && key != world.keys.restricted {
        return Err(ApiError::invalid(format!("Invalid API Key provided: {}", masked(&key))).status(401));
    }
    let Some(account) = request.headers.get("stripe-account") else { return Ok(world.platform.clone()) };
    let id = account.to_str().unwrap_or_default();
    if world.accounts.contains_key(id) {
        return Ok(id.to_owned());
    }
    Err(ApiError::invalid(format!(
        "The provided key '{}' does not have access to account '{id}' (or that account does not exist). Application \
         access may have been revoked.",
        masked(&key)
    ))
    .code("account_invalid")
    .status(403))
}

fn refusal(error: &ApiError) -> Answer {
    Answer { status: error.status, body: error.body(), headers: Vec::new() }
}

pub(super) fn idempotency_key(request: &Incoming) -> Option<String> {
    let key = request.headers.get("idempotency-key").and_then(|value| value.to_str().ok())?;
    (request.method == Method::POST && !key.is_empty()).then(|| key.to_owned())
}

/// Everything after the account is known.
fn within(
    account: &mut Account,
    request: &Incoming,
    bend: Option<&Bend>,
    request_id: &str,
    restricted: bool,
) -> Answer {
    if let Some(Bend::RateLimited(retry_after)) = bend {
        let error = ApiError::invalid(
            "Testmode request rate limit exceeded, the rate limits in testmode are lower than livemode. You can learn \
             more about rate limits here https://stripe.com/docs/rate-limits.",
        )
        .code("rate_limit")
        .status(429);
        let headers = retry_after.iter().map(|value| ("retry-after", value.clone())).collect();
        return Answer { status: 429, body: error.body(), headers };
    }
    let (route, id, version, raw) = match recognize(account, request, restricted) {
        Ok(recognized) => recognized,
        Err(error) => return refusal(&error),
    };
    let key = idempotency_key(request);
    if let Some(key) = &key {
        match account.ledger.look_up(key, &request.path, &raw, account.now) {
            Ok(None) => {}
            Ok(Some(kept)) => {
                let headers = vec![
                    ("idempotent-replayed", "true".to_owned()),
                    ("original-request", kept.request_id.clone()),
                ];
                return Answer { status: kept.status, body: kept.body, headers };
            }
            Err(error) => return refusal(&error),
        }
    }
    let mut answer = match bend {
        Some(Bend::Answer(..)) => None,
        _ => Some(match run(account, route, id, version, &raw) {
            Ok(body) => (200, body, true),
            Err(error) => (error.status, error.body(), !error.before_work),
        }),
    };
    if let Some(Bend::Answer(status, text) | Bend::AnswerAfter(status, text)) = bend {
        // Stripe keeps its own 500s like any other first answer.
        answer = Some((*status, fault_body(text.as_deref()), *status >= 500));
    }
    let (status, body, keep) = answer.unwrap_or_else(|| (500, fault_body(None), true));
    if let Some(key) = key.filter(|_| keep) {
        let now = account.now;
        account.ledger.keep(&key, &request.path, raw, now, request_id, status, body.clone());
    }
    let mut headers = Vec::new();
    if status >= 500 {
        headers.push(("stripe-should-retry", "false".to_owned()));
    }
    Answer { status, body, headers }
}

fn fault_body(text: Option<&str>) -> Value {
    match text {
        Some(text) => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())),
        None => json!({ "error": {
            "message": "Something went wrong inside the simulated Stripe, as it was told to.",
            "type": "api_error",
        } }),
    }
}

type Recognized = (&'static Route, String, String, Map<String, Value>);

fn recognize(account: &Account, request: &Incoming, restricted: bool) -> Result<Recognized, ApiError> {
    let unrecognized = || ApiError::unrecognized(request.method.as_str(), &request.path);
    let path = request.path.strip_prefix("/v1/").ok_or_else(unrecognized)?;
    let found = RESOURCES.iter().copied().flatten().filter(|route| route.method == request.method);
    let (route, id) = found
        .into_iter()
        .find_map(|route| route.fits(path).map(|id| (route, id)))
        .ok_or_else(unrecognized)?;
    if restricted && !super::RESTRICTED_KEY_MAY.contains(&route.permission) {
        return Err(ApiError::invalid(format!(
            "The provided key 'rk_test_***' does not have the required permissions for this endpoint on account '{}'. \
             Having the 'rak_{}' permission would allow this request to continue.",
            account.id, route.permission
        ))
        .status(403));
    }
    let version = match request.headers.get("stripe-version") {
        None => DEFAULT_VERSION.to_owned(),
        Some(value) => version(value)?,
    };
    let mut raw = Map::new();
    form::parse(request.query.as_bytes(), &mut raw)?;
    if request.method != Method::GET && !request.body.is_empty() {
        let kind =
            request.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if path == "files" && kind.starts_with("multipart/form-data") {
            multipart::parse(kind, &request.body, &mut raw)?;
            return Ok((route, id, version, raw));
        }
        if !kind.starts_with("application/x-www-form-urlencoded") {
            return Err(ApiError::invalid(
                "Invalid request (check that your POST content type is application/x-www-form-urlencoded). If you \
                 have any questions, we can help at https://support.stripe.com/.",
            ));
        }
        form::parse(&request.body, &mut raw)?;
    }
    Ok((route, id, version, raw))
}

/// `2026-06-24.dahlia`, or an older plain date; a beta's suffix may follow.
fn version(value: &HeaderValue) -> Result<String, ApiError> {
    let text = value.to_str().unwrap_or_default();
    let shape = |(at, c): (usize, char)| if at == 4 || at == 7 { c == '-' } else { c.is_ascii_digit() };
    let dated = text.len() >= 10 && text.chars().take(10).enumerate().all(shape);
    let rest = text.get(10..).unwrap_or_default();
    if dated && (rest.is_empty() || rest.starts_with(['.', ';'])) {
        return Ok(text.to_owned());
    }
    Err(ApiError::invalid(format!("Invalid Stripe API version: {text}")))
}

fn run(
    account: &mut Account,
    route: &Route,
    id: String,
    version: String,
    raw: &Map<String, Value>,
) -> Outcome {
    let params = params::check(raw, route.fields)?;
    expand::check(&route.method, route.path, &params)?;
    account.cause.version.clone_from(&version);
    let real = account.now;
    test_clocks::enter(account, &id, &params);
    let mut call = Call { account, params, id, version };
    let outcome = (route.run)(&mut call);
    call.account.now = real;
    call.account.clock = None;
    let mut body = outcome?;
    expand::expand(call.account, &mut body, &call.params);
    Ok(body)
}

fn respond(request: &Incoming, answer: &Answer, request_id: &str) -> Response<Bytes> {
    // A fault may ask for a body that is no JSON.
    let body = match &answer.body {
        Value::String(text) => text.clone(),
        other => format!("{other:#}"),
    };
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    let mut put = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    put("content-type", "application/json");
    put("request-id", request_id);
    put("cache-control", "no-cache, no-store");
    let asked = request.headers.get("stripe-version").and_then(|value| value.to_str().ok());
    put("stripe-version", asked.unwrap_or(DEFAULT_VERSION));
    if let Some(key) = idempotency_key(request) {
        put("idempotency-key", &key);
    }
    if let Some(account) = request.headers.get("stripe-account").and_then(|value| value.to_str().ok()) {
        put("stripe-account", account);
    }
    if answer.status == 401 {
        put("www-authenticate", "Basic realm=\"Stripe\"");
    }
    for (name, value) in &answer.headers {
        put(name, value);
    }
    response
}
