//! A bare client: raw forms out, raw JSON in, so that no adapter's view of Twilio takes part.
#![allow(dead_code, reason = "every test file uses its own part")]

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;
use turnbuckle_simulator::{SignedWebhook, Simulator};

pub(crate) const TO: &str = "%2B14155550123";

pub(crate) struct Client {
    pub(crate) sim: Simulator,
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) sid: String,
}

impl Client {
    pub(crate) fn new() -> Self {
        let sim = Simulator::new();
        let (user, password) = (sim.twilio().account_sid(), sim.twilio().auth_token());
        Self { sid: user.clone(), user, password, sim }
    }

    pub(crate) fn over(&self, (user, password): (String, String), sid: &str) -> Self {
        Self { sim: self.sim.clone(), user, password, sid: sid.to_owned() }
    }

    pub(crate) fn request(&self, method: &str, url: &str, kind: &str, body: &str) -> Request<Bytes> {
        let login = STANDARD.encode(format!("{}:{}", self.user, self.password));
        Request::builder()
            .method(method)
            .uri(url)
            .header("authorization", format!("Basic {login}"))
            .header("content-type", kind)
            .body(Bytes::copy_from_slice(body.as_bytes()))
            .unwrap()
    }

    pub(crate) fn raw(&self, method: &str, url: &str, body: &str) -> Response<Bytes> {
        self.sim.handle(self.request(method, url, "application/x-www-form-urlencoded", body))
    }

    /// Status and body of any URL.
    pub(crate) fn call(&self, method: &str, url: &str, body: &str) -> (u16, Value) {
        let response = self.raw(method, url, body);
        let json = if response.body().is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(response.body()).unwrap()
        };
        (response.status().as_u16(), json)
    }

    /// Below the account of the API of 2010.
    pub(crate) fn core(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        self.call(method, &format!("https://api.twilio.com/2010-04-01/Accounts/{}{path}", self.sid), body)
    }

    /// A message that is taken.
    pub(crate) fn send(&self, body: &str) -> Value {
        let (status, message) = self.core("POST", "/Messages.json", body);
        assert_eq!(status, 201, "{message}");
        message
    }

    pub(crate) fn fetch(&self, sid: &str) -> Value {
        let (status, message) = self.core("GET", &format!("/Messages/{sid}.json"), "");
        assert_eq!(status, 200, "{message}");
        message
    }

    /// A message that is refused: status and code.
    pub(crate) fn refused(&self, body: &str) -> (u16, u64) {
        code(&self.core("POST", "/Messages.json", body))
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.sim.clock().advance(Duration::from_secs(seconds));
    }
}

/// Status and code of a refusal, whose body has the documented shape.
pub(crate) fn code((status, body): &(u16, Value)) -> (u16, u64) {
    assert!(*status >= 400, "{body}");
    let code = body["code"].as_u64().unwrap_or_else(|| panic!("no code in {body}"));
    assert_eq!(body["more_info"], format!("https://www.twilio.com/docs/errors/{code}"));
    assert_eq!(body["status"], *status);
    assert!(body["message"].is_string());
    (*status, code)
}

pub(crate) fn sid(value: &Value) -> String {
    value["sid"].as_str().unwrap().to_owned()
}

/// The value of a parameter in a webhook's form, still encoded.
pub(crate) fn param(webhook: &SignedWebhook, name: &str) -> Option<String> {
    let body = std::str::from_utf8(&webhook.body).unwrap();
    body.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=').map(str::to_owned))
}
