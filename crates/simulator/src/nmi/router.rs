//! From a request to its answer: the two scripts, who may call them, and what a fault makes of it.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};

use super::form::Form;
use super::reply::{Refused, Reply};
use super::state::Account;
use super::xml::Document;
use super::{LoggedRequest, follow_ups, plans, query, sales, subscriptions, vault};
use crate::provider::{Bend, Incoming};

const KINDS: &[&str] =
    &["sale", "auth", "credit", "validate", "offline", "capture", "void", "refund", "update"];

pub(super) fn handle(account: &mut Account, request: &Incoming, bend: Option<&Bend>) -> Response<Bytes> {
    let response = match bend {
        Some(Bend::Answer(status, body)) => bent(request, *status, body.as_deref()),
        Some(Bend::RateLimited(retry_after)) => {
            // The system's limit; the account's own limit is answered with 200 and code 301.
            let mut response = page(StatusCode::TOO_MANY_REQUESTS, "text/html; charset=UTF-8", String::new());
            if let Some(value) = retry_after.as_deref().and_then(|value| HeaderValue::from_str(value).ok()) {
                response.headers_mut().insert(header::RETRY_AFTER, value);
            }
            response
        }
        Some(Bend::AnswerAfter(status, body)) => {
            answer(account, request);
            bent(request, *status, body.as_deref())
        }
        None => answer(account, request),
    };
    account.log.push(LoggedRequest::of(request, response.status().as_u16()));
    response
}

fn answer(account: &mut Account, request: &Incoming) -> Response<Bytes> {
    match request.path.as_str() {
        "/api/transact.php" => form_page(&transact(account, request).encode()),
        "/api/query.php" => {
            let body = query::run(account, &posted(request));
            match body {
                query::Answer::Xml(text) => page(StatusCode::OK, "text/xml; charset=UTF-8", text),
                query::Answer::Html(text) => page(StatusCode::OK, "text/html; charset=UTF-8", text),
            }
        }
        _ => page(StatusCode::NOT_FOUND, "text/html; charset=UTF-8", html(StatusCode::NOT_FOUND)),
    }
}

/// What a fault answers. Without a body of its own, 200 is what the gateway says when it lost the processor:
/// code 420, after which nobody knows.
fn bent(request: &Incoming, status: u16, body: Option<&str>) -> Response<Bytes> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let on_query = request.path == "/api/query.php";
    let kind = if on_query { "text/xml; charset=UTF-8" } else { "text/html; charset=UTF-8" };
    match body {
        Some(own) => page(status, kind, own.to_owned()),
        None if status != StatusCode::OK => page(status, "text/html; charset=UTF-8", html(status)),
        None if on_query => page(status, kind, Document::new().finish()),
        None => {
            let lost = Reply {
                response: 3,
                text: "Communication error".to_owned(),
                code: "420".to_owned(),
                ..Reply::default()
            };
            form_page(&lost.encode())
        }
    }
}

fn html(status: StatusCode) -> String {
    let reason = status.canonical_reason().unwrap_or("Error");
    format!(
        "<html><head><title>{0} {reason}</title></head><body><h1>{reason}</h1></body></html>\n",
        status.as_u16()
    )
}

fn form_page(text: &str) -> Response<Bytes> {
    page(StatusCode::OK, "text/html; charset=UTF-8", text.to_owned())
}

fn page(status: StatusCode, kind: &'static str, text: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// The form that was posted. What comes any other way is not seen, credentials included.
fn posted(request: &Incoming) -> Result<Form, Refused> {
    if request.method == Method::POST && is_form(&request.headers) {
        Form::parse(&request.body)
    } else {
        Ok(Form::default())
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim() == "application/x-www-form-urlencoded")
}

fn transact(account: &mut Account, request: &Incoming) -> Reply {
    let form = match posted(request) {
        Ok(form) => form,
        Err(refused) => return turned_down(account, refused, ""),
    };
    let kind = KINDS.iter().copied().find(|kind| *kind == form.text("type"));
    match carry_out(account, &form, kind) {
        Ok(reply) => reply,
        Err(refused) => turned_down(account, refused, kind.unwrap_or_default()),
    }
}

fn turned_down(account: &mut Account, refused: Refused, kind: &str) -> Reply {
    let text = account.worded(&refused);
    Reply {
        response: 3,
        text,
        transaction_id: refused.transaction_id.to_owned(),
        // The rate limit is seen before anything of the request is.
        kind: if refused.code == "301" { String::new() } else { kind.to_owned() },
        code: refused.code.to_owned(),
        more: refused.more,
        ..Reply::default()
    }
}

fn carry_out(account: &mut Account, form: &Form, kind: Option<&'static str>) -> Result<Reply, Refused> {
    if account.limited > 0 {
        account.limited -= 1;
        return Err(Refused::rate_limited());
    }
    authenticate(account, form)?;
    match (kind, form.get("customer_vault"), form.get("recurring")) {
        (Some(_), _, Some(_)) => {
            Err(Refused::new("A payment and a recurring action in one request are not carried out here"))
        }
        (Some("capture"), None, None) => follow_ups::capture(account, form),
        (Some("void"), None, None) => follow_ups::void(account, form),
        (Some("refund"), None, None) => follow_ups::refund(account, form),
        (Some("update"), None, None) => follow_ups::update(account, form),
        (Some(kind @ ("sale" | "auth" | "validate" | "credit" | "offline")), _, None) => {
            sales::run(account, form, kind)
        }
        (None, Some(action), None) if form.get("type").is_none() => vault::run(account, form, action),
        (None, None, Some(action)) if form.get("type").is_none() => recurring(account, form, action),
        _ => Err(Refused::new("Invalid Transaction Type")),
    }
}

fn recurring(account: &mut Account, form: &Form, action: &str) -> Result<Reply, Refused> {
    if !account.settings.recurring {
        return Err(Refused::new("Recurring billing is not enabled for this account"));
    }
    match action {
        "add_plan" => plans::add(account, form),
        "edit_plan" => plans::edit(account, form),
        "add_subscription" => subscriptions::add(account, form),
        "update_subscription" => subscriptions::update(account, form),
        "delete_subscription" => subscriptions::delete(account, form),
        _ => Err(Refused::invalid("recurring")),
    }
}

fn authenticate(account: &Account, form: &Form) -> Result<(), Refused> {
    let keys = &account.keys;
    match (form.get("security_key"), form.get("username"), form.get("password")) {
        (Some(key), ..) if key == keys.security || key == keys.payments_only => Ok(()),
        (Some(_), ..) => Err(Refused::new("Specified API key not found")),
        (None, Some(name), Some(word)) if name == keys.username && word == keys.password => Ok(()),
        _ => Err(Refused::authentication()),
    }
}
