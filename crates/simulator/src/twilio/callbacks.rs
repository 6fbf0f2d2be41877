//! What Twilio tells a host, and how it signs that.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, HeaderValue};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::form::encode;
use super::stamp;
use super::state::{Account, Message, Push};
use crate::webhook::SignedWebhook;

/// A form signed as Twilio signs it: `X-Twilio-Signature`, HMAC-SHA1 with the auth token over the URL and each
/// parameter, names sorted, of a repeated name the distinct values sorted. `token` is the delivery's
/// `I-Twilio-Idempotency-Token`.
///
/// `url` must be what the host believes its public address to be, query and all. User, password and port of an https
/// URL, and user and password of an http URL, are no part of what is signed; a part behind `#` is dropped.
pub fn sign(url: &str, params: &[(String, String)], auth_token: &str, token: &str) -> SignedWebhook {
    let mut data = signed_url(url);
    let mut sorted: Vec<(&str, &str)> =
        params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    sorted.sort_unstable();
    sorted.dedup();
    for (name, value) in sorted {
        data.push_str(name);
        data.push_str(value);
    }
    let body = Bytes::from(encode(params));
    delivery(url, &data, body, "application/x-www-form-urlencoded; charset=UTF-8", auth_token, token)
}

/// A JSON body signed as Twilio signs it: the URL gets `bodySHA256`, the lower hexadecimal digest of the body, and only
/// the URL is signed.
pub fn sign_json(url: &str, body: Bytes, auth_token: &str, token: &str) -> SignedWebhook {
    let url = url.split('#').next().unwrap_or_default();
    let between = if url.contains('?') { '&' } else { '?' };
    let url = format!("{url}{between}bodySHA256={}", hex(&Sha256::digest(&body)));
    delivery(&url, &signed_url(&url), body, "application/json", auth_token, token)
}

fn delivery(url: &str, data: &str, body: Bytes, kind: &'static str, key: &str, token: &str) -> SignedWebhook {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static(kind));
    headers.insert("accept", HeaderValue::from_static("*/*"));
    headers.insert("user-agent", HeaderValue::from_static("TwilioProxy/1.1"));
    // An HMAC takes a key of any length.
    if let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(key.as_bytes()) {
        mac.update(data.as_bytes());
        let signature = STANDARD.encode(mac.finalize().into_bytes());
        if let Ok(value) = HeaderValue::from_str(&signature) {
            headers.insert("x-twilio-signature", value);
        }
    }
    if let Ok(value) = HeaderValue::from_str(token) {
        headers.insert("i-twilio-idempotency-token", value);
    }
    let url = url.split('#').next().unwrap_or_default().to_owned();
    SignedWebhook { provider: super::ID, headers, body, url: Some(url) }
}

fn signed_url(url: &str) -> String {
    let url = url.split('#').next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    // In brackets a colon belongs to the address.
    let host = match host.rsplit_once(':') {
        Some((name, port)) if scheme == "https" && !port.contains(']') => name,
        _ => host,
    };
    format!("{scheme}://{host}{path}")
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|half| char::from_digit(u32::from(half), 16)).collect()
}

pub(super) fn signed(push: &Push, auth_token: &str) -> SignedWebhook {
    sign(&push.url, &push.params, auth_token, &push.token)
}

fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The parameters of a status callback.
pub(super) fn status_params(account: &Account, message: &Message, at: i64) -> Vec<(String, String)> {
    let mut params = pairs(&[
        ("ApiVersion", "2010-04-01"),
        ("MessageStatus", message.status),
        ("SmsSid", &message.sid),
        ("SmsStatus", message.status),
        ("To", &message.to),
        ("MessageSid", &message.sid),
        ("AccountSid", &account.sid),
    ]);
    if let Some(from) = &message.from {
        params.extend(pairs(&[("From", from)]));
    }
    if let Some(service) = &message.service {
        params.extend(pairs(&[("MessagingServiceSid", service)]));
    }
    if let Some(code) = message.error {
        params.extend(pairs(&[("ErrorCode", &code.to_string())]));
    }
    if matches!(message.status, "delivered" | "undelivered") {
        params.extend(pairs(&[("RawDlrDoneDate", &stamp::report(at))]));
    }
    params
}

/// Tells the host about the present status, if it wants to know.
pub(super) fn tell_status(account: &mut Account, at: usize, now: i64) {
    let Some(message) = account.messages.get(at) else { return };
    let of_service =
        || account.service(message.service.as_deref()?)?.text("status_callback").map(str::to_owned);
    let Some(url) = message.callback.clone().or_else(of_service) else { return };
    let params = status_params(account, message, now);
    account.push(&url, params);
}

/// The parameters of an incoming message.
pub(super) fn inbound_params(
    account: &Account,
    message: &Message,
    service: Option<&str>,
    opt_out: Option<&str>,
    media: &[String],
) -> Vec<(String, String)> {
    let from = message.from.as_deref().unwrap_or_default();
    let country = |number: &str| super::address::country(number).map_or("", |(country, _)| country);
    let mut params = pairs(&[
        ("ToCountry", country(&message.to)),
        ("ToState", ""),
        ("ToCity", ""),
        ("ToZip", ""),
        ("FromCountry", country(from)),
        ("FromState", ""),
        ("FromCity", ""),
        ("FromZip", ""),
        ("SmsMessageSid", &message.sid),
        ("SmsSid", &message.sid),
        ("MessageSid", &message.sid),
        ("SmsStatus", "received"),
        ("AccountSid", &account.sid),
        ("ApiVersion", "2010-04-01"),
        ("From", from),
        ("To", &message.to),
        ("Body", &message.body),
        ("NumSegments", &message.segments.to_string()),
        ("NumMedia", &message.media.len().to_string()),
    ]);
    for (at, (url, held)) in media.iter().zip(&message.media).enumerate() {
        params.push((format!("MediaUrl{at}"), url.clone()));
        params.push((format!("MediaContentType{at}"), held.kind.to_owned()));
    }
    if let Some(service) = service {
        params.extend(pairs(&[("MessagingServiceSid", service)]));
    }
    if let Some(kind) = opt_out {
        params.extend(pairs(&[("OptOutType", kind)]));
    }
    params
}
