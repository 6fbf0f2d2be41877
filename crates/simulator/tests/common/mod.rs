//! A bare client: raw forms in, raw JSON out, so that no adapter's view of Stripe takes part.
#![allow(dead_code, reason = "every test file uses its own part")]

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use serde_json::Value;
use turnbuckle_simulator::Simulator;

pub(crate) struct Client {
    pub(crate) sim: Simulator,
    pub(crate) key: String,
    pub(crate) extra: Vec<(&'static str, String)>,
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) json: Value,
}

impl Reply {
    pub(crate) fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{:#}", self.json);
        self.json
    }

    pub(crate) fn error(&self) -> &Value {
        assert!(self.status >= 400, "{:#}", self.json);
        &self.json["error"]
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

impl From<Response<Bytes>> for Reply {
    fn from(response: Response<Bytes>) -> Self {
        let (parts, body) = response.into_parts();
        let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Self { status: parts.status.as_u16(), headers: parts.headers, json }
    }
}

pub(crate) fn request(method: &str, path: &str, body: &str, headers: &[(&str, &str)]) -> Request<Bytes> {
    let mut builder = Request::builder().method(method).uri(format!("https://api.stripe.com{path}"));
    if !body.is_empty() {
        builder = builder.header("content-type", "application/x-www-form-urlencoded");
    }
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

impl Client {
    pub(crate) fn new() -> Self {
        Self::over(Simulator::new())
    }

    pub(crate) fn over(sim: Simulator) -> Self {
        let key = sim.stripe().secret_key();
        Self { sim, key, extra: Vec::new() }
    }

    /// The same simulator, with one more header on every request.
    pub(crate) fn with(&self, name: &'static str, value: &str) -> Self {
        let mut extra = self.extra.clone();
        extra.push((name, value.to_owned()));
        Self { sim: self.sim.clone(), key: self.key.clone(), extra }
    }

    pub(crate) fn request(&self, method: &str, path: &str, body: &str) -> Request<Bytes> {
        let auth = format!("Bearer {}", self.key);
        let mut headers = vec![("authorization", auth.as_str())];
        headers.extend(self.extra.iter().map(|(name, value)| (*name, value.as_str())));
        request(method, path, body, &headers)
    }

    pub(crate) fn send(&self, method: &str, path: &str, body: &str) -> Reply {
        self.sim.handle(self.request(method, path, body)).into()
    }

    pub(crate) fn post(&self, path: &str, body: &str) -> Reply {
        self.send("POST", path, body)
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.send("GET", path, "")
    }

    /// A confirmed payment with a test card.
    pub(crate) fn pay(&self, method: &str, more: &str) -> Reply {
        let body = format!(
            "amount=1099&currency=usd&confirm=true&payment_method={method}&payment_method_types[]=card&{more}"
        );
        self.post("/v1/payment_intents", &body)
    }

    pub(crate) fn kinds_of_events(&self) -> Vec<String> {
        let events = self.sim.stripe().events();
        events.iter().rev().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    }
}

pub(crate) fn id(object: &Value) -> &str {
    object["id"].as_str().unwrap()
}
