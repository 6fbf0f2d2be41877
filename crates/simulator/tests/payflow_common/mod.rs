//! A bare client: raw bytes in, raw bytes out, so that no adapter's view of Payflow takes part.
#![allow(dead_code, reason = "every test file uses its own part")]

use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;
use turnbuckle_simulator::Simulator;
use turnbuckle_simulator::payflow::{Login, PayflowSimulator};

pub(crate) const CARD: &str = "ACCT=4111111111111111&EXPDATE=1230";
pub(crate) const BANK: &str = "ACCT=1111111111&ABA=111111118&ACCTTYPE=C&FIRSTNAME=Robin Doe&AUTHTYPE=WEB";

pub(crate) struct Client {
    pub(crate) sim: Simulator,
    pub(crate) login: Login,
    requests: AtomicU32,
}

/// An answer, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply(pub(crate) String);

impl Reply {
    /// Reads one value by hand: up to the next `&`, or as long as its tag says.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let text = self.0.as_str();
        let at = if text.starts_with(&format!("{name}=")) || text.starts_with(&format!("{name}[")) {
            0
        } else {
            let plain = text.find(&format!("&{name}="));
            plain.or_else(|| text.find(&format!("&{name}[")))? + 1
        };
        let rest = &text[at + name.len()..];
        if let Some(plain) = rest.strip_prefix('=') {
            return Some(plain.split('&').next().unwrap());
        }
        let (count, value) = rest.strip_prefix('[')?.split_once("]=").unwrap();
        Some(&value[..count.parse::<usize>().unwrap()])
    }

    pub(crate) fn result(&self) -> i32 {
        self.get("RESULT").unwrap().parse().unwrap()
    }

    pub(crate) fn pnref(&self) -> String {
        self.get("PNREF").unwrap_or_else(|| panic!("no PNREF: {}", self.0)).to_owned()
    }

    /// The answer of an approved transaction.
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.result(), 0, "{}", self.0);
        self
    }

    #[track_caller]
    pub(crate) fn refused(&self, result: i32) {
        assert_eq!(self.result(), result, "{}", self.0);
    }
}

impl From<Response<Bytes>> for Reply {
    fn from(response: Response<Bytes>) -> Self {
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/namevalue");
        Self(String::from_utf8(response.into_body().to_vec()).unwrap())
    }
}

impl Client {
    pub(crate) fn new() -> Self {
        Self::over(Simulator::new())
    }

    pub(crate) fn over(sim: Simulator) -> Self {
        let login = sim.payflow().login();
        Self { sim, login, requests: AtomicU32::new(0) }
    }

    pub(crate) fn payflow(&self) -> &PayflowSimulator {
        self.sim.payflow()
    }

    pub(crate) fn body(&self, fields: &str) -> String {
        let Login { partner, vendor, user, password, .. } = &self.login;
        format!("PARTNER={partner}&VENDOR={vendor}&USER={user}&PWD={password}&{fields}")
    }

    pub(crate) fn request_as(&self, id: &str, fields: &str) -> Request<Bytes> {
        raw(id, &self.body(fields))
    }

    pub(crate) fn request(&self, fields: &str) -> Request<Bytes> {
        let number = self.requests.fetch_add(1, Ordering::SeqCst);
        self.request_as(&format!("request{number}"), fields)
    }

    /// A request under an id of its own.
    pub(crate) fn send(&self, fields: &str) -> Reply {
        self.sim.handle(self.request(fields)).into()
    }

    pub(crate) fn send_as(&self, id: &str, fields: &str) -> Reply {
        self.sim.handle(self.request_as(id, fields)).into()
    }

    /// A payment by card of the given type and amount.
    pub(crate) fn pay(&self, kind: char, amount: &str, more: &str) -> Reply {
        self.send(&format!("TRXTYPE={kind}&TENDER=C&{CARD}&AMT={amount}{more}"))
    }

    /// Something done to an earlier transaction.
    pub(crate) fn follow(&self, kind: char, pnref: &str, more: &str) -> Reply {
        self.send(&format!("TRXTYPE={kind}&TENDER=C&ORIGID={pnref}{more}"))
    }

    pub(crate) fn inquire(&self, pnref: &str) -> Reply {
        self.follow('I', pnref, "&VERBOSITY=HIGH").ok()
    }

    /// The books' line of a transaction.
    pub(crate) fn kept(&self, pnref: &str) -> Value {
        let all = self.payflow().transactions();
        all.into_iter().find(|trx| trx["pnref"] == pnref).unwrap_or_else(|| panic!("{pnref} is not kept"))
    }
}

pub(crate) fn raw(id: &str, body: &str) -> Request<Bytes> {
    Request::post("https://pilot-payflowpro.paypal.com/")
        .header("content-type", "text/namevalue")
        .header("x-vps-request-id", id)
        .header("x-vps-client-timeout", "45")
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .unwrap()
}
