//! From a request to an answer: headers, credentials, request ids, transaction types.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};

use super::nvp::{self, Fields, Malformed, Reply};
use super::payments::Outcome;
use super::results::Refusal;
use super::state::{Call, Merchant, Phase};
use super::{LoggedRequest, World, changes, fields, inquiry, payments, recurring};
use crate::provider::{Bend, Incoming};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-vps-request-id");
const CLIENT_TIMEOUT: HeaderName = HeaderName::from_static("x-vps-client-timeout");

/// In seconds. Payflow's own bound is not published; 45 is what it recommends, and 1 is known to be too small.
const SHORTEST_TIMEOUT: u32 = 30;

/// The host that refuses every test account.
pub(super) const LIVE_HOST: &str = "payflowpro.paypal.com";

pub(super) fn handle(world: &mut World, request: &Incoming, bend: Option<&Bend>) -> Response<Bytes> {
    let response = match bend {
        Some(Bend::Answer(status, body)) => edge(*status, body.as_deref()),
        Some(Bend::RateLimited(after)) => {
            let mut response = edge(429, None);
            if let Some(value) = after.as_deref().and_then(|after| HeaderValue::from_str(after).ok()) {
                response.headers_mut().insert(http::header::RETRY_AFTER, value);
            }
            response
        }
        Some(Bend::AnswerAfter(status, body)) => {
            answer(world, request);
            edge(*status, body.as_deref())
        }
        None => answer(world, request),
    };
    log(world, request, response.status().as_u16());
    response
}

/// The request goes to the log of the merchant that it names, or of the first one.
pub(super) fn log(world: &mut World, request: &Incoming, status: u16) {
    let named = nvp::parse(&request.body).ok().and_then(|fields| world.position(fields.get("VENDOR")?));
    if let Some(merchant) = world.merchants.get_mut(named.unwrap_or_default()) {
        merchant.log.push(LoggedRequest::of(request, status));
    }
}

/// What a server in front of Payflow answers; Payflow itself has no errors of HTTP's kind.
fn edge(status: u16, body: Option<&str>) -> Response<Bytes> {
    let page = || format!("<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>");
    let kind = if body.is_some() { "text/namevalue" } else { "text/html" };
    let mut response = Response::new(Bytes::from(body.map_or_else(page, str::to_owned)));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn answer(world: &mut World, request: &Incoming) -> Response<Bytes> {
    if !matches!(request.path.as_str(), "/" | "/transaction" | "/transaction/") {
        return edge(404, None);
    }
    if request.method != Method::POST {
        return edge(405, None);
    }
    let reply = reply(world, request).unwrap_or_else(|refusal| told(&refusal));
    let mut response = Response::new(Bytes::from(reply.encode()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/namevalue"));
    if let Some(id) = request.headers.get(&REQUEST_ID) {
        response.headers_mut().insert(REQUEST_ID, id.clone());
    }
    response
}

/// A refusal before anything was looked at: no PNREF.
fn told(refusal: &Refusal) -> Reply {
    Reply::of(refusal.result).with("RESPMSG", refusal.message.clone())
}

fn reply(world: &mut World, request: &Incoming) -> Outcome {
    if !is_nvp(&request.headers) {
        return Err(Refusal::of(9));
    }
    let fields = nvp::parse(&request.body).map_err(|malformed| match malformed {
        Malformed::Empty | Malformed::Name | Malformed::Tag => Refusal::of(9),
        Malformed::Value(name) => Refusal::field(&name),
    })?;
    let request_id = request_id(&request.headers).ok_or_else(|| Refusal::of(-41))?;
    check_timeout(&request.headers)?;
    let now = world.clock.unix();
    let merchant = authenticate(world, &fields, &request.host)?;
    if merchant.running.contains(&request_id) {
        return Err(Refusal::of(107));
    }
    if let Some(reply) = merchant.replay(&request_id, &request.body, now) {
        return Ok(reply);
    }
    let call = Call { fields: fields::modernize(fields), request_id, now };
    let reply = carry_out(merchant, &call).unwrap_or_else(|refusal| refuse(merchant, &call, &refusal));
    merchant.remember(&call, &request.body, &reply);
    Ok(reply)
}

fn is_nvp(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/namevalue"))
}

pub(super) fn request_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(&REQUEST_ID)?.to_str().ok()?;
    let fits = (1..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| id.to_owned())
}

fn check_timeout(headers: &HeaderMap) -> Result<(), Refusal> {
    let seconds = headers.get(&CLIENT_TIMEOUT).and_then(|value| value.to_str().ok()?.parse::<u32>().ok());
    if seconds.is_some_and(|seconds| seconds >= SHORTEST_TIMEOUT) { Ok(()) } else { Err(Refusal::of(101)) }
}

/// RESULT 26 for an account that does not exist, 1 for one that does and whose credentials are wrong, or for a test
/// account on the live host.
fn authenticate<'a>(world: &'a mut World, fields: &Fields, host: &str) -> Result<&'a mut Merchant, Refusal> {
    let text = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let at = world.position(text("VENDOR")).ok_or_else(|| Refusal::of(26))?;
    let merchant = world.merchants.get_mut(at).ok_or_else(|| Refusal::of(26))?;
    let user = merchant.users.iter().find(|(name, _)| name == text("USER")).ok_or_else(|| Refusal::of(26))?;
    if user.1 != text("PWD") || merchant.partner != text("PARTNER") || host == LIVE_HOST {
        return Err(Refusal::of(1));
    }
    Ok(merchant)
}

fn carry_out(merchant: &mut Merchant, call: &Call) -> Outcome {
    fields::check(&call.fields)?;
    let recurring = call.text("TRXTYPE") == Some("R");
    match call.text("TENDER") {
        Some("A") if !merchant.settings.bank_accounts => return Err(Refusal::of(2)),
        Some("C" | "A") => {}
        None if recurring && call.text("ACTION") != Some("A") => {}
        _ => return Err(Refusal::of(2)),
    }
    match call.text("TRXTYPE") {
        Some("S" | "A" | "F") => payments::pay(merchant, call),
        Some("D") => changes::capture(merchant, call),
        Some("V") => changes::void(merchant, call),
        Some("C") => changes::refund(merchant, call),
        Some("I") => inquiry::inquire(merchant, call),
        Some("L") => payments::upload(merchant, call),
        Some("U") => changes::review(merchant, call),
        Some("R") => recurring::run(merchant, call),
        _ => Err(Refusal::of(3)),
    }
}

/// Refused after the login: kept under a PNREF (RPREF for profiles) like anything else. An inquiry is not kept.
fn refuse(merchant: &mut Merchant, call: &Call, refusal: &Refusal) -> Reply {
    let mut trx = call.begin(merchant.mint_pnref());
    if call.kind() == 'R' {
        let rpref = trx.pnref.replacen("A10A", "RA0A", 1);
        return Reply::of(refusal.result).with("RPREF", rpref).with("RESPMSG", refusal.message.clone());
    }
    let reply =
        Reply::of(refusal.result).with("PNREF", trx.pnref.clone()).with("RESPMSG", refusal.message.clone());
    if call.kind() != 'I' {
        trx.money = call.money().ok().flatten();
        trx.phase = Phase::Failed;
        trx.result = refusal.result;
        trx.message.clone_from(&refusal.message);
        merchant.keep(trx);
    }
    reply
}
