//! From a request to an answer: content type, root name, schema, credentials, call.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Response, StatusCode};

use super::answer::{Outcome, Reply};
use super::error::Refusal;
use super::json::Json;
use super::state::Gateway;
use super::{
    addresses, charge, follow_ups, merchant, opaque, payment_profiles, profiles, reporting, schema,
    subscription_queries, subscriptions, webhooks,
};
use crate::provider::{Bend, Incoming};

type Handler = fn(&mut Gateway, &Json) -> Outcome;

const PATH: &str = "/xml/v1/request.api";
const REST: &str = "/rest/v1/";

/// Every call that is carried out.
const CALLS: &[(&str, Handler)] = &[
    ("isAliveRequest", merchant::nothing),
    ("authenticateTestRequest", merchant::nothing),
    ("logoutRequest", merchant::nothing),
    ("getMerchantDetailsRequest", merchant::details),
    ("updateMerchantDetailsRequest", merchant::update),
    ("createTransactionRequest", charge::create),
    ("updateHeldTransactionRequest", follow_ups::decide),
    ("updateSplitTenderGroupRequest", merchant::split_tender),
    ("sendCustomerTransactionReceiptRequest", merchant::receipt),
    ("getTransactionDetailsRequest", reporting::details),
    ("getUnsettledTransactionListRequest", reporting::unsettled),
    ("getSettledBatchListRequest", reporting::batches),
    ("getBatchStatisticsRequest", reporting::batch),
    ("getTransactionListRequest", reporting::batch_list),
    ("getTransactionListForCustomerRequest", reporting::customer_list),
    ("getAUJobSummaryRequest", merchant::updater),
    ("getAUJobDetailsRequest", merchant::updater),
    ("createCustomerProfileRequest", profiles::create),
    ("getCustomerProfileRequest", profiles::get),
    ("getCustomerProfileIdsRequest", profiles::ids),
    ("updateCustomerProfileRequest", profiles::update),
    ("deleteCustomerProfileRequest", profiles::delete),
    ("createCustomerProfileFromTransactionRequest", profiles::create_from_transaction),
    ("createCustomerPaymentProfileRequest", payment_profiles::create),
    ("getCustomerPaymentProfileRequest", payment_profiles::get),
    ("getCustomerPaymentProfileListRequest", payment_profiles::list),
    ("updateCustomerPaymentProfileRequest", payment_profiles::update),
    ("deleteCustomerPaymentProfileRequest", payment_profiles::delete),
    ("validateCustomerPaymentProfileRequest", payment_profiles::check),
    ("createCustomerShippingAddressRequest", addresses::create),
    ("getCustomerShippingAddressRequest", addresses::get),
    ("updateCustomerShippingAddressRequest", addresses::update),
    ("deleteCustomerShippingAddressRequest", addresses::delete),
    ("ARBCreateSubscriptionRequest", subscriptions::create),
    ("ARBUpdateSubscriptionRequest", subscriptions::update),
    ("ARBCancelSubscriptionRequest", subscriptions::cancel),
    ("ARBGetSubscriptionStatusRequest", subscription_queries::status),
    ("ARBGetSubscriptionRequest", subscription_queries::get),
    ("ARBGetSubscriptionListRequest", subscription_queries::list),
    ("securePaymentContainerRequest", opaque::contain),
    ("getHostedPaymentPageRequest", merchant::payment_page),
    ("getHostedProfilePageRequest", merchant::profile_page),
];

/// Answers one request; the status is 200 whatever the vendor thinks of it.
pub(super) fn handle(gateway: &mut Gateway, request: &Incoming, bend: Option<&Bend>) -> Response<Bytes> {
    gateway.advance();
    if let Some(path) = request.path.strip_prefix(REST) {
        return rest(gateway, request, path, bend);
    }
    if request.path != PATH {
        return plain(StatusCode::NOT_FOUND, "Not Found");
    }
    if request.method != Method::POST {
        return plain(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
    }
    match bend {
        // There is no 429 here: the vendor says that it is busy, with 200 like everything else.
        Some(Bend::RateLimited(after)) => {
            let mut response = written(200, &Refusal::new("E00053").body(None));
            if let Some(value) = after.as_ref().and_then(|text| HeaderValue::from_str(text).ok()) {
                response.headers_mut().insert("retry-after", value);
            }
            response
        }
        Some(Bend::Answer(status, body)) => broken(*status, body.as_deref()),
        Some(Bend::AnswerAfter(status, body)) => {
            let _answer = call(gateway, request);
            broken(*status, body.as_deref())
        }
        None => written(200, &call(gateway, request)),
    }
}

fn call(gateway: &mut Gateway, request: &Incoming) -> Json {
    match understand(request) {
        Err(refusal) => refusal.body(None),
        Ok((name, body, handler)) => {
            let ref_id = body.text_at("refId");
            match authenticate(gateway, &name, &body).and_then(|()| handler(gateway, &body)) {
                Ok(reply) => reply.body(ref_id),
                Err(refusal) => refusal.body(ref_id),
            }
        }
    }
}

/// The name of the call and its body, checked against the schema.
fn understand(request: &Incoming) -> Result<(String, Json, Handler), Refusal> {
    let kind = request.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.to_ascii_lowercase().contains("json") {
        return Err(Refusal::new("E00002"));
    }
    let text = std::str::from_utf8(&request.body).map_err(|_| Refusal::new("E00003"))?;
    let json = Json::parse(text.trim_start_matches('\u{feff}'))
        .map_err(|why| Refusal::malformed(format!("An error occurred while parsing the request: {why}.")))?;
    let [(name, body)] = json.fields() else {
        return Err(Refusal::malformed("The request must have exactly one root element."));
    };
    let found = schema::shape_of(name).zip(CALLS.iter().find(|(known, _)| known == name));
    let Some((shape, (_, handler))) = found else { return Err(Refusal::new("E00004")) };
    schema::check(name, body, &shape)?;
    Ok((name.clone(), body.clone(), *handler))
}

fn authenticate(gateway: &Gateway, call: &str, body: &Json) -> Result<(), Refusal> {
    if call == "isAliveRequest" {
        return Ok(());
    }
    let given = |name: &str| body.text_at(&format!("merchantAuthentication.{name}"));
    let login = given("name").is_some_and(|name| name == gateway.keys.login);
    // The public key is for the browser, and good for nothing else.
    let public = body.at("merchantAuthentication.clientKey").is_some();
    if public != (call == "securePaymentContainerRequest") {
        return Err(Refusal::new("E00059"));
    }
    let key = if public {
        given("clientKey").is_some_and(|key| key == gateway.keys.client)
    } else {
        given("transactionKey").is_some_and(|key| key == gateway.keys.transaction)
    };
    if !login || !key {
        return Err(Refusal::new("E00007"));
    }
    if gateway.settings.active { Ok(()) } else { Err(Refusal::new("E00008")) }
}

fn rest(gateway: &mut Gateway, request: &Incoming, path: &str, bend: Option<&Bend>) -> Response<Bytes> {
    let (status, body) = match bend {
        Some(Bend::RateLimited(after)) => {
            let (_, body) = webhooks::error(gateway, 429, "RATE_LIMITED", "Too many requests", &[]);
            let mut response = unmarked(429, &body.unwrap_or(Json::Null));
            if let Some(value) = after.as_ref().and_then(|text| HeaderValue::from_str(text).ok()) {
                response.headers_mut().insert("retry-after", value);
            }
            return response;
        }
        Some(Bend::Answer(status, Some(text))) => return broken(*status, Some(text)),
        Some(Bend::Answer(status, None)) => {
            webhooks::error(gateway, *status, "SERVER_ERROR", "An error occurred during processing", &[])
        }
        bend => {
            let body = request.body.as_ref();
            let done =
                webhooks::handle(gateway, &request.method, path, &request.query, &request.headers, body);
            match bend {
                Some(Bend::AnswerAfter(status, text)) => return broken(*status, text.as_deref()),
                _ => done,
            }
        }
    };
    if let Some(body) = body {
        return unmarked(status, &body);
    }
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    response
}

/// A status that a fault asked for, with its body or the vendor's words for an inner error.
fn broken(status: u16, body: Option<&str>) -> Response<Bytes> {
    let Some(text) = body else { return written(status, &Refusal::new("E00001").body(None)) };
    let mut response = written(status, &Json::Null);
    *response.body_mut() = Bytes::copy_from_slice(text.as_bytes());
    response
}

/// JSON as the vendor sends it: a byte order mark comes first.
fn written(status: u16, body: &Json) -> Response<Bytes> {
    let mut response = unmarked(status, body);
    *response.body_mut() = Bytes::from(format!("\u{feff}{body}"));
    response
}

/// JSON of the REST side.
fn unmarked(status: u16, body: &Json) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}

fn plain(status: StatusCode, text: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(text.as_bytes()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}

impl Reply {
    /// Whether anything is missing between the calls and their shapes.
    #[cfg(test)]
    fn unmatched() -> Vec<&'static str> {
        CALLS.iter().map(|(name, _)| *name).filter(|name| schema::shape_of(name).is_none()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Reply;

    #[test]
    fn every_call_has_a_shape() {
        assert!(Reply::unmatched().is_empty(), "{:?}", Reply::unmatched());
    }
}
