//! A bare client: bytes in, bytes out, so that no adapter's view of Authorize.Net takes part.
#![allow(dead_code, reason = "every test file uses its own part")]

use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;
use turnbuckle_simulator::Simulator;

pub(crate) const URL: &str = "https://apitest.authorize.net/xml/v1/request.api";
pub(crate) const CARD: &str = r#""payment":{"creditCard":{"cardNumber":"4111111111111111","expirationDate":"2034-12","cardCode":"123"}}"#;
pub(crate) const CHECK: &str = r#""payment":{"bankAccount":{"accountType":"checking","routingNumber":"121042882","accountNumber":"123456789","nameOnAccount":"Robin Doe","echeckType":"WEB"}}"#;

pub(crate) struct Client {
    pub(crate) sim: Simulator,
}

impl Client {
    pub(crate) fn new() -> Self {
        Self { sim: Simulator::new() }
    }

    fn auth(&self) -> String {
        let (login, key) = (self.sim.authnet().api_login_id(), self.sim.authnet().transaction_key());
        format!(r#""merchantAuthentication":{{"name":"{login}","transactionKey":"{key}"}}"#)
    }

    /// The request of a call; `rest` are the fields after the credentials.
    pub(crate) fn request(&self, call: &str, rest: &str) -> Request<Bytes> {
        let comma = if rest.is_empty() { "" } else { "," };
        post(&format!(r#"{{"{call}":{{{}{comma}{rest}}}}}"#, self.auth()))
    }

    pub(crate) fn call(&self, call: &str, rest: &str) -> Value {
        read(&self.sim.handle(self.request(call, rest)))
    }

    /// A call that must be fine.
    pub(crate) fn ok(&self, call: &str, rest: &str) -> Value {
        let reply = self.call(call, rest);
        assert_eq!(reply["messages"]["resultCode"], "Ok", "{reply:#}");
        reply
    }

    /// A call that must be refused: its code and text.
    pub(crate) fn refused(&self, call: &str, rest: &str) -> (String, String) {
        let reply = self.call(call, rest);
        assert_eq!(reply["messages"]["resultCode"], "Error", "{reply:#}");
        assert!(reply.get("transactionResponse").is_none(), "{reply:#}");
        let message = &reply["messages"]["message"][0];
        (text(&message["code"]), text(&message["text"]))
    }

    /// `transactionResponse` of a transaction; `rest` are its fields after the type.
    pub(crate) fn transact(&self, kind: &str, rest: &str) -> Value {
        let fields = format!(r#""transactionRequest":{{"transactionType":"{kind}",{rest}}}"#);
        let reply = self.call("createTransactionRequest", &fields);
        reply.get("transactionResponse").cloned().unwrap_or_else(|| panic!("{reply:#}"))
    }

    /// The code and reason of a transaction.
    pub(crate) fn outcome(&self, kind: &str, rest: &str) -> (String, String) {
        outcome(&self.transact(kind, rest))
    }

    /// An approved card payment of this amount; gives its id.
    pub(crate) fn sale(&self, amount: &str, more: &str) -> String {
        approved(&self.transact("authCaptureTransaction", &format!(r#""amount":"{amount}",{CARD}{more}"#)))
    }

    pub(crate) fn authorize(&self, amount: &str, more: &str) -> String {
        approved(&self.transact("authOnlyTransaction", &format!(r#""amount":"{amount}",{CARD}{more}"#)))
    }

    pub(crate) fn details(&self, id: &str) -> Value {
        self.ok("getTransactionDetailsRequest", &format!(r#""transId":"{id}""#))["transaction"].clone()
    }

    pub(crate) fn status(&self, id: &str) -> String {
        text(&self.details(id)["transactionStatus"])
    }

    /// The REST side.
    pub(crate) fn rest(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        use base64::Engine as _;
        let pair = format!("{}:{}", self.sim.authnet().api_login_id(), self.sim.authnet().transaction_key());
        let basic = base64::engine::general_purpose::STANDARD.encode(pair);
        let request = Request::builder()
            .method(method)
            .uri(format!("https://apitest.authorize.net/rest/v1/{path}"))
            .header("authorization", format!("Basic {basic}"))
            .header("content-type", "application/json")
            .body(Bytes::copy_from_slice(body.as_bytes()))
            .unwrap();
        let response = self.sim.handle(request);
        let status = response.status().as_u16();
        let empty = response.body().is_empty();
        (status, if empty { Value::Null } else { serde_json::from_slice(response.body()).unwrap() })
    }
}

pub(crate) fn post(body: &str) -> Request<Bytes> {
    let body = Bytes::copy_from_slice(body.as_bytes());
    Request::post(URL).header("content-type", "application/json").body(body).unwrap()
}

/// Takes the byte order mark off, which must be there.
pub(crate) fn read(response: &Response<Bytes>) -> Value {
    let bytes = response.body().strip_prefix(b"\xEF\xBB\xBF").expect("a byte order mark");
    serde_json::from_slice(bytes).unwrap()
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

pub(crate) fn outcome(answer: &Value) -> (String, String) {
    let reason = match answer.get("messages") {
        Some(messages) => &messages[0]["code"],
        None => &answer["errors"][0]["errorCode"],
    };
    (text(&answer["responseCode"]), text(reason))
}

pub(crate) fn approved(answer: &Value) -> String {
    assert_eq!(outcome(answer), ("1".to_owned(), "1".to_owned()), "{answer:#}");
    text(&answer["transId"])
}

pub(crate) fn pair(code: &str, reason: &str) -> (String, String) {
    (code.to_owned(), reason.to_owned())
}
