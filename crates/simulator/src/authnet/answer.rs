//! The answer to a transaction, and the frame of every reply.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha512;

use super::cards::Means;
use super::error::Refusal;
use super::json::Json;
use super::money::decimal;
use super::reasons;
use super::state::Gateway;

/// What a call answers.
pub(super) type Outcome = Result<Reply, Refusal>;

/// The fields of a reply before `refId` and `messages`.
pub(super) struct Reply {
    pub(super) fields: Vec<(String, Json)>,
    pub(super) error: bool,
    pub(super) code: &'static str,
    pub(super) text: String,
}

impl Reply {
    pub(super) fn ok() -> Self {
        Self { fields: Vec::new(), error: false, code: "I00001", text: "Successful.".to_owned() }
    }

    /// Ok, and yet there is something to say: I00002, I00004.
    pub(super) fn noting(code: &'static str, text: &str) -> Self {
        Self { code, text: text.to_owned(), ..Self::ok() }
    }

    /// A list without anything in it.
    pub(super) fn nothing_found() -> Self {
        Self::noting("I00004", "No records found.")
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<Json>) -> Self {
        self.fields.push((name.to_owned(), value.into()));
        self
    }

    /// The whole body.
    pub(super) fn body(self, ref_id: Option<String>) -> Json {
        let mut body = Json::Object(self.fields);
        body.push_some("refId", ref_id);
        body.push("messages", messages(self.error, self.code, &self.text));
        body
    }
}

impl Refusal {
    pub(super) fn body(self, ref_id: Option<String>) -> Json {
        let fields = self.beside.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Reply { fields, error: true, code: self.code, text: self.text }.body(ref_id)
    }
}

pub(super) fn messages(error: bool, code: &str, text: &str) -> Json {
    let message = Json::object([("code", code.into()), ("text", text.into())]);
    Json::object([
        ("resultCode", if error { "Error" } else { "Ok" }.into()),
        ("message", Json::List(vec![message])),
    ])
}

/// `transactionResponse`, before it is written.
pub(super) struct Answer {
    pub(super) reason: u16,
    pub(super) response_code: u8,
    pub(super) text: String,
    pub(super) auth_code: String,
    pub(super) avs: &'static str,
    pub(super) cvv: &'static str,
    pub(super) cavv: &'static str,
    pub(super) trans_id: String,
    pub(super) ref_trans_id: String,
    pub(super) test: bool,
    pub(super) account: (String, String),
    pub(super) amount: i64,
    pub(super) network_id: Option<String>,
    pub(super) prepaid: Option<Json>,
    pub(super) split: Option<(String, Json)>,
    pub(super) profile: Option<Json>,
    pub(super) user_fields: Option<Json>,
}

impl Answer {
    pub(super) fn new(reason: u16) -> Self {
        Self {
            reason,
            response_code: reasons::response_code(reason),
            text: reasons::text(reason).to_owned(),
            auth_code: String::new(),
            avs: "P",
            cvv: "",
            cavv: "",
            trans_id: "0".to_owned(),
            ref_trans_id: String::new(),
            test: false,
            account: (String::new(), String::new()),
            amount: 0,
            network_id: None,
            prepaid: None,
            split: None,
            profile: None,
            user_fields: None,
        }
    }

    /// Reason 33 for a field by its name.
    pub(super) fn blank(field: &str) -> Self {
        Self { text: format!("{field} cannot be left blank."), ..Self::new(33) }
    }

    pub(super) fn of(mut self, means: &Means) -> Self {
        self.account = (means.masked(), means.kind().to_owned());
        self
    }

    /// The reply; its `resultCode` is `Error` only for response code 3.
    pub(super) fn reply(self, gateway: &Gateway) -> Reply {
        let error = self.response_code == 3;
        let response = self.write(gateway);
        let reply = Reply::ok().with("transactionResponse", response);
        if error {
            Reply { error, code: "E00027", text: "The transaction was unsuccessful.".to_owned(), ..reply }
        } else {
            reply
        }
    }

    fn write(self, gateway: &Gateway) -> Json {
        let (number, kind) = self.account;
        let mut response = Json::object([
            ("responseCode", self.response_code.to_string().into()),
            ("authCode", self.auth_code.into()),
            ("avsResultCode", self.avs.into()),
            ("cvvResultCode", self.cvv.into()),
            ("cavvResultCode", self.cavv.into()),
            ("transId", self.trans_id.as_str().into()),
            ("refTransID", self.ref_trans_id.into()),
        ]);
        if self.response_code != 3 {
            response.push("transHash", "");
        }
        response.push("testRequest", if self.test { "1" } else { "0" });
        response.push("accountNumber", number);
        // An error leaves the kind out unless there is a transaction behind it.
        response.push("accountType", if self.response_code == 3 { String::new() } else { kind });
        if let Some((id, _)) = &self.split {
            response.push("splitTenderId", id.as_str());
        }
        response.push_some("prePaidCard", self.prepaid);
        if matches!(self.response_code, 1 | 4) {
            let message =
                Json::object([("code", self.reason.to_string().into()), ("description", self.text.into())]);
            response.push("messages", Json::List(vec![message]));
        } else {
            let error = Json::object([
                ("errorCode", self.reason.to_string().into()),
                ("errorText", self.text.into()),
            ]);
            response.push("errors", Json::List(vec![error]));
        }
        response.push_some("splitTenderPayments", self.split.map(|(_, payments)| payments));
        response.push_some("userFields", self.user_fields);
        if self.response_code != 3 {
            let hash = transaction_hash(
                &gateway.keys.signature,
                &gateway.keys.login,
                &self.trans_id,
                &decimal(self.amount),
            );
            response.push("transHashSha2", hash);
            response.push_some("profile", self.profile);
            response.push("SupplementalDataQualificationIndicator", 0_usize);
            response.push_some("networkTransId", self.network_id);
        }
        response
    }
}

/// `transHashSha2`: here the signature key is decoded from hexadecimal, unlike in webhooks.
pub(super) fn transaction_hash(signature_key: &str, login: &str, trans_id: &str, amount: &str) -> String {
    let pairs = signature_key.as_bytes().chunks(2);
    let key: Option<Vec<u8>> = pairs
        .map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect();
    let message = format!("^{login}^{trans_id}^{amount}^");
    upper_hex_mac(&key.unwrap_or_default(), message.as_bytes())
}

pub(super) fn upper_hex_mac(key: &[u8], message: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha512>::new_from_slice(key) else { return String::new() };
    mac.update(message);
    let mut hex = String::with_capacity(128);
    for byte in mac.finalize().into_bytes() {
        for half in [byte >> 4, byte & 15] {
            hex.push(char::from_digit(u32::from(half), 16).unwrap_or('0').to_ascii_uppercase());
        }
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::transaction_hash;

    #[test]
    fn the_hash_matches_a_vector_computed_elsewhere() {
        assert_eq!(
            transaction_hash(&"0123456789ABCDEF".repeat(8), "APILOGIN", "60123456789", "20.00"),
            "D654C96DFD305215FE1C0143945B458982D1072563EA8033791B787EF78C7C5CB6B82838700BF7B47AEBDE201FF9A4621446B2005F7472C114CBF0842E1475FA"
        );
    }
}
