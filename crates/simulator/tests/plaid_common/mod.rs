//! A bare client: raw JSON in, raw JSON out, so that no adapter's view of Plaid takes part.
#![allow(dead_code, reason = "every test file uses its own part")]

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use turnbuckle_simulator::Simulator;
use turnbuckle_simulator::plaid::PlaidSimulator;

pub(crate) const BANK: &str = "ins_109508";
pub(crate) const DAY: u64 = 86_400;

pub(crate) struct Client {
    pub(crate) sim: Simulator,
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) text: String,
    pub(crate) body: Value,
}

impl Reply {
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.body
    }

    /// A refusal with status 400.
    #[track_caller]
    pub(crate) fn refused(&self, kind: &str, code: &str) -> String {
        assert_eq!(self.status, 400, "{}", self.text);
        assert_eq!(
            (self.body["error_type"].as_str(), self.body["error_code"].as_str()),
            (Some(kind), Some(code))
        );
        assert_eq!(self.body["request_id"].as_str().unwrap().len(), 15);
        self.body["error_message"].as_str().unwrap().to_owned()
    }
}

impl From<Response<Bytes>> for Reply {
    fn from(response: Response<Bytes>) -> Self {
        let text = String::from_utf8(response.body().to_vec()).unwrap();
        let body: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("no JSON: {text}"));
        Self { status: response.status().as_u16(), body, text }
    }
}

pub(crate) struct Linked {
    pub(crate) access: Value,
    pub(crate) id: String,
}

impl Client {
    pub(crate) fn new() -> Self {
        Self { sim: Simulator::new() }
    }

    /// Without purchases of its own, ready at once, and a login that lasts.
    pub(crate) fn quiet() -> Self {
        let client = Self::new();
        client.plaid().configure(|settings| {
            settings.purchases_a_day = 0;
            settings.initial_after = 0;
            settings.historical_after = 0;
            settings.login_lasts_days = None;
        });
        client
    }

    pub(crate) fn plaid(&self) -> &PlaidSimulator {
        self.sim.plaid()
    }

    pub(crate) fn request(&self, path: &str, body: &str) -> Request<Bytes> {
        Request::post(format!("https://sandbox.plaid.com{path}"))
            .header("content-type", "application/json")
            .header("plaid-version", "2020-09-14")
            .header("plaid-client-id", self.plaid().client_id())
            .header("plaid-secret", self.plaid().secret())
            .body(Bytes::copy_from_slice(body.as_bytes()))
            .unwrap()
    }

    pub(crate) fn raw(&self, path: &str, body: &str) -> Reply {
        self.sim.handle(self.request(path, body)).into()
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Reply {
        self.raw(path, &body.to_string())
    }

    pub(crate) fn public_token(&self, products: &[&str], options: &Value) -> Reply {
        let body = json!({ "institution_id": BANK, "initial_products": products, "options": options });
        self.post("/sandbox/public_token/create", &body)
    }

    pub(crate) fn link_with(&self, products: &[&str], options: &Value) -> Linked {
        let public = self.public_token(products, options).ok()["public_token"].clone();
        let made = self.post("/item/public_token/exchange", &json!({ "public_token": public })).ok();
        Linked { access: made["access_token"].clone(), id: made["item_id"].as_str().unwrap().to_owned() }
    }

    pub(crate) fn link(&self, products: &[&str]) -> Linked {
        self.link_with(products, &json!({}))
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.sim.clock().advance(Duration::from_secs(seconds));
    }

    /// One page of changes.
    pub(crate) fn page(&self, access: &Value, cursor: &str, count: usize) -> Reply {
        let mut body = json!({ "access_token": access, "count": count });
        if !cursor.is_empty() {
            body["cursor"] = cursor.into();
        }
        self.post("/transactions/sync", &body)
    }

    /// A whole loop, folded into a ledger. Gives the new cursor.
    pub(crate) fn fold(&self, access: &Value, cursor: &str, count: usize, ledger: &mut Ledger) -> String {
        let mut cursor = cursor.to_owned();
        loop {
            let page = self.page(access, &cursor, count).ok();
            ledger.take(&page);
            page["next_cursor"].as_str().unwrap().clone_into(&mut cursor);
            if page["has_more"] == false {
                return cursor;
            }
        }
    }

    pub(crate) fn codes(&self) -> Vec<String> {
        let webhooks = self.plaid().take_webhooks();
        let code = |webhook: &turnbuckle_simulator::SignedWebhook| {
            let body: Value = serde_json::from_slice(&webhook.body).unwrap();
            format!("{}/{}", body["webhook_type"].as_str().unwrap(), body["webhook_code"].as_str().unwrap())
        };
        webhooks.iter().map(code).collect()
    }
}

/// What somebody has who applies pages in order.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Ledger(pub(crate) BTreeMap<String, (String, bool, String)>);

impl Ledger {
    pub(crate) fn take(&mut self, page: &Value) {
        for one in page["added"].as_array().unwrap() {
            assert!(self.put(one).is_none(), "added twice: {one}");
        }
        for one in page["modified"].as_array().unwrap() {
            assert!(self.put(one).is_some(), "modified before it came: {one}");
        }
        for one in page["removed"].as_array().unwrap() {
            let id = one["transaction_id"].as_str().unwrap();
            assert!(self.0.remove(id).is_some(), "removed before it came: {id}");
        }
    }

    fn put(&mut self, one: &Value) -> Option<(String, bool, String)> {
        let text = |name: &str| one[name].as_str().unwrap().to_owned();
        let amount = one["amount"].as_str().map_or_else(|| one["amount"].to_string(), str::to_owned);
        self.0.insert(text("transaction_id"), (amount, one["pending"] == true, text("name")))
    }

    /// The truth.
    pub(crate) fn of(client: &Client, item_id: &str) -> Self {
        let mut ledger = Self::default();
        for one in client.plaid().transactions(item_id) {
            ledger.put(&one);
        }
        ledger
    }
}
