//! A bare client: raw forms out, raw forms and XML in, so that no adapter's view of NMI takes part.
#![allow(dead_code, reason = "every test file uses its own part")]

use bytes::Bytes;
use http::Request;
use turnbuckle_simulator::Simulator;

pub(crate) const VISA: &str = "ccnumber=4111111111111111&ccexp=1030";
pub(crate) const ACH: &str =
    "payment=check&checkname=Robin+Doe&checkaba=123123123&checkaccount=123123123&sec_code=WEB";

pub(crate) struct Client {
    pub(crate) sim: Simulator,
    pub(crate) key: String,
}

/// An answer of `transact.php`, as it came.
#[derive(Debug)]
pub(crate) struct Reply(pub(crate) String);

impl Reply {
    pub(crate) fn get(&self, name: &str) -> &str {
        let pair = self.0.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        pair.unwrap_or_else(|| panic!("no {name} in {}", self.0))
    }

    /// The text without the number of the refusal.
    pub(crate) fn text(&self) -> &str {
        self.get("responsetext").split(" REFID:").next().unwrap()
    }

    pub(crate) fn ok(self) -> Self {
        assert_eq!((self.get("response"), self.get("response_code")), ("1", "100"), "{}", self.0);
        self
    }

    pub(crate) fn id(&self) -> String {
        self.get("transactionid").to_owned()
    }

    /// Refused by the gateway: code 300, this text, a number behind it, and no transaction.
    pub(crate) fn refused(&self, text: &str) {
        assert_eq!((self.get("response"), self.get("response_code")), ("3", "300"), "{}", self.0);
        assert_eq!(self.text(), text);
        let number = self.get("responsetext").rsplit_once(" REFID:").unwrap().1;
        assert!(number.len() >= 9 && number.bytes().all(|byte| byte.is_ascii_digit()));
        assert_eq!(self.get("transactionid"), "");
    }
}

pub(crate) fn request(script: &str, body: &str) -> Request<Bytes> {
    Request::post(format!("https://secure.nmi.com/api/{script}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .unwrap()
}

impl Client {
    pub(crate) fn new() -> Self {
        Self::over(Simulator::new())
    }

    pub(crate) fn over(sim: Simulator) -> Self {
        let key = sim.nmi().security_key();
        Self { sim, key }
    }

    fn send(&self, script: &str, body: &str) -> String {
        let response = self.sim.handle(request(script, &format!("security_key={}&{body}", self.key)));
        assert_eq!(response.status(), 200);
        String::from_utf8(response.into_body().to_vec()).unwrap()
    }

    pub(crate) fn transact(&self, body: &str) -> Reply {
        Reply(self.send("transact.php", body))
    }

    pub(crate) fn query(&self, body: &str) -> String {
        self.send("query.php", body)
    }

    pub(crate) fn sale(&self, amount: &str, more: &str) -> Reply {
        self.transact(&format!("type=sale&amount={amount}&{VISA}&{more}"))
    }

    /// The types of the events so far, oldest first.
    pub(crate) fn told(&self) -> Vec<String> {
        let events = self.sim.nmi().events();
        events.iter().rev().map(|event| event["event_type"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.sim.clock().advance(std::time::Duration::from_secs(seconds));
    }
}

/// The texts of all elements of a name, in order.
pub(crate) fn all<'a>(xml: &'a str, name: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    xml.split(&open).skip(1).map(|rest| rest.split(&close).next().unwrap()).collect()
}
