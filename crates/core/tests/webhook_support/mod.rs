//! What the webhook tests share: pushes, keys, times, and tags made by the MAC crates directly.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, reason = "each test file takes what it needs")]

use std::fmt::Write as _;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use hmac::digest::KeyInit as _;
use hmac::{Hmac, Mac as _};
use http::Request;
use secrecy::SecretString;
use sha2::{Sha256, Sha512};
use turnbuckle_core::Error;
use turnbuckle_core::webhook::{KeySet, MacKey, RawWebhook};

pub(crate) const URL: &str = "https://hooks.example.test/in";

pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

pub(crate) fn push(headers: &[(&str, &str)], body: &[u8]) -> RawWebhook {
    let mut request = Request::post("/in");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    RawWebhook::new(request.body(Bytes::copy_from_slice(body)).unwrap(), URL).unwrap()
}

pub(crate) fn key(label: &str, secret: &str) -> MacKey {
    MacKey::text(label, &SecretString::from(secret)).unwrap()
}

pub(crate) fn keys(secret: &str) -> KeySet {
    KeySet::new(key("current", secret))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

pub(crate) fn sign256(key: &[u8], message: &[u8]) -> Vec<u8> {
    Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(message).finalize().into_bytes().to_vec()
}

pub(crate) fn sign512(key: &[u8], message: &[u8]) -> Vec<u8> {
    Hmac::<Sha512>::new_from_slice(key).unwrap().chain_update(message).finalize().into_bytes().to_vec()
}

/// The reason code of a refusal.
pub(crate) fn code(error: &Error) -> &str {
    error.code().unwrap_or("no code")
}
