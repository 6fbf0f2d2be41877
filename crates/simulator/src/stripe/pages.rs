//! What a person opens in a browser: no key, a redirect back to the shop.

use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode};
use serde_json::{Map, Value};

use super::{World, checkout_completion, confirm, form, invoice_payments, schedule, setup_intents};
use crate::provider::Incoming;

/// A person opens the address of `next_action`: no key, a page, and a redirect back to the shop.
pub(super) fn authenticate(world: &mut World, request: &Incoming) -> Option<Response<Bytes>> {
    let id = request.path.strip_prefix("/_authenticate/").filter(|_| request.method == Method::GET)?;
    let mut query = Map::new();
    form::parse(request.query.as_bytes(), &mut query).ok()?;
    let passed = query.get("result").and_then(Value::as_str) != Some("fail");
    let account_id = query.get("account").and_then(Value::as_str).unwrap_or(&world.platform).to_owned();
    let now = world.clock.unix();
    let account = world.accounts.get_mut(&account_id)?;
    schedule::advance(account, now);
    let back = account.attempts.get(id).and_then(|attempt| attempt.return_url.clone());
    let intent = confirm::authenticate(account, id, passed)
        .or_else(|| setup_intents::authenticate(account, id, passed));
    invoice_payments::follow(account, id);
    let mut response = Response::new(Bytes::new());
    let Some(intent) = intent else {
        *response.status_mut() = StatusCode::NOT_FOUND;
        return Some(response);
    };
    let text = |name: &str| intent.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let kind = text("object");
    let status = if matches!(text("status").as_str(), "succeeded" | "requires_capture") {
        "succeeded"
    } else {
        "failed"
    };
    let mut target = back.unwrap_or_else(|| "/".to_owned());
    target.push(if target.contains('?') { '&' } else { '?' });
    let secret = text("client_secret");
    let target = format!("{target}{kind}={id}&{kind}_client_secret={secret}&redirect_status={status}");
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(value) = HeaderValue::from_str(&target) {
        response.headers_mut().insert(http::header::LOCATION, value);
    }
    Some(response)
}

/// The page of a checkout session: opening it pays, with `payment_method` or a card that works.
pub(super) fn check_out(world: &mut World, request: &Incoming) -> Option<Response<Bytes>> {
    let id = request.path.strip_prefix("/_checkout/").filter(|_| request.method == Method::GET)?;
    let mut query = Map::new();
    form::parse(request.query.as_bytes(), &mut query).ok()?;
    let text = |name: &str| query.get(name).and_then(Value::as_str);
    let account_id = text("account").unwrap_or(&world.platform).to_owned();
    let method = text("payment_method").unwrap_or("pm_card_visa").to_owned();
    let now = world.clock.unix();
    let account = world.accounts.get_mut(&account_id)?;
    schedule::advance(account, now);
    let mut response = Response::new(Bytes::new());
    match checkout_completion::complete(account, id, &method) {
        Ok(session) => {
            let target = session.get("success_url").and_then(Value::as_str).unwrap_or("/");
            let target = target.replace("{CHECKOUT_SESSION_ID}", id);
            *response.status_mut() = StatusCode::SEE_OTHER;
            if let Ok(value) = HeaderValue::from_str(&target) {
                response.headers_mut().insert(http::header::LOCATION, value);
            }
        }
        Err(error) => {
            *response.status_mut() =
                StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            *response.body_mut() = Bytes::from(error.body().to_string());
        }
    }
    Some(response)
}
