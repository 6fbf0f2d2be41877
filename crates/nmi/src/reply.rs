//! What transact.php answers: a form whose values are mostly not encoded, read leniently and never guessed at.

use std::fmt;

use turnbuckle_core::{Error, ErrorKind, Result};

/// Longest reply in bytes.
pub(crate) const MAX_REPLY: usize = 256 * 1024;

/// Most pairs in one reply. Accounts that echo what was sent stay far below.
const MAX_PAIRS: usize = 512;

/// What decides about money. A second, different value for one of these means that the reply cannot be trusted.
const DECISIVE: [&str; 8] = [
    "response",
    "response_code",
    "transactionid",
    "orderid",
    "type",
    "customer_vault_id",
    "amount_authorized",
    "subscription_id",
];

/// A reply of transact.php.
///
/// NMI sends spaces and colons as they are (`responsetext=Transaction Void Successful`), and some accounts echo more keys
/// than others. Percent escapes are decoded where they are whole, and stay as they are otherwise; a piece without `=` is
/// taken for the rest of the value before it, since a text may hold an ampersand.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reply {
    pairs: Vec<(String, String)>,
}

impl Reply {
    /// Reads a reply. Never panics, whatever the bytes.
    ///
    /// # Errors
    /// [`InvalidResponse`](ErrorKind::InvalidResponse) when it is not UTF-8, longer than 256 KiB, has more than 512 pairs,
    /// lacks `response` or `responsetext`, or gives two values for a key that decides about money.
    pub fn parse(body: &[u8]) -> Result<Self> {
        if body.len() > MAX_REPLY {
            return Err(malformed("the reply is longer than 256 KiB"));
        }
        let text = std::str::from_utf8(body).map_err(|_| malformed("the reply is not UTF-8"))?;
        let mut pairs: Vec<(String, String)> = Vec::new();
        for piece in text.trim_matches(['\r', '\n', ' ', '\t', '\u{feff}']).split('&') {
            match (piece.split_once('='), pairs.last_mut()) {
                (Some((name, value)), _) if is_name(name) => {
                    if pairs.len() == MAX_PAIRS {
                        return Err(malformed("the reply has too many pairs"));
                    }
                    pairs.push((name.to_owned(), decode(value)));
                }
                (_, Some((_, before))) => {
                    before.push('&');
                    before.push_str(&decode(piece));
                }
                (_, None) => return Err(malformed("the reply is not a form")),
            }
        }
        let reply = Self { pairs };
        if DECISIVE.iter().any(|name| reply.contradicts(name)) {
            return Err(malformed("the reply gives two values for one key"));
        }
        if reply.pair("response").is_none() || reply.pair("responsetext").is_none() {
            return Err(malformed("the reply does not say what came of the request"));
        }
        Ok(reply)
    }

    fn contradicts(&self, name: &str) -> bool {
        let mut values = self.pairs.iter().filter(|(found, _)| found == name).map(|(_, value)| value);
        let first = values.next();
        values.any(|other| Some(other) != first)
    }

    fn pair(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The value of a key; `None` when it is absent or empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pair(name).filter(|value| !value.is_empty())
    }

    /// `response`: 1 approved, 2 declined, 3 error.
    pub fn response(&self) -> &str {
        self.pair("response").unwrap_or_default()
    }

    /// `response_code`: see [`codes`](crate::codes).
    pub fn response_code(&self) -> Option<&str> {
        self.get("response_code")
    }

    /// `responsetext`, as it came: it may quote what the payer typed.
    pub fn response_text(&self) -> &str {
        self.pair("responsetext").unwrap_or_default()
    }

    /// The transaction's id; `None` also for the `0` that refused logins carry.
    pub fn transaction_id(&self) -> Option<&str> {
        self.get("transactionid").filter(|id| *id != "0")
    }

    /// The subscription's id: NMI answers with it in `transactionid`, and some accounts in `subscription_id`.
    pub fn subscription_id(&self) -> Option<&str> {
        self.get("subscription_id").or_else(|| self.transaction_id())
    }

    /// The customer vault's id.
    pub fn customer_vault_id(&self) -> Option<&str> {
        self.get("customer_vault_id")
    }

    /// The order id that was sent, where it comes back.
    pub fn order_id(&self) -> Option<&str> {
        self.get("orderid")
    }

    /// The issuer's authorization code.
    pub fn auth_code(&self) -> Option<&str> {
        self.get("authcode")
    }

    /// The letter of the address check.
    pub fn avs_response(&self) -> Option<&str> {
        self.get("avsresponse")
    }

    /// The letter of the security code check.
    pub fn cvv_response(&self) -> Option<&str> {
        self.get("cvvresponse")
    }

    /// The kind of transaction, where it comes back.
    pub fn transaction_type(&self) -> Option<&str> {
        self.get("type")
    }
}

/// Codes and ids only: the text and what an account echoes may be personal.
impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |name| self.get(name).filter(|text| is_word(text));
        f.debug_struct("Reply")
            .field("response", &word("response"))
            .field("response_code", &word("response_code"))
            .field("transaction_id", &word("transactionid"))
            .field("order_id", &word("orderid"))
            .finish_non_exhaustive()
    }
}

fn malformed(why: &'static str) -> Error {
    Error::new(ErrorKind::InvalidResponse, why)
}

/// Names of NMI's are plain words; anything else before a `=` belongs to a text.
fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// What may stand in a log line: ids and codes.
pub(crate) fn is_word(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
        // As long as a card number, and digits alone: ids of NMI's have ten or eleven.
        && !(text.len() >= 12 && text.bytes().all(|byte| byte.is_ascii_digit()))
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, tail)) = rest.split_first() {
        rest = tail;
        match (byte, tail) {
            (b'+', _) => bytes.push(b' '),
            (b'%', [high, low, after @ ..]) => {
                if let (Some(high), Some(low)) = (hex(*high), hex(*low)) {
                    bytes.push(high << 4 | low);
                    rest = after;
                } else {
                    bytes.push(b'%');
                }
            }
            _ => bytes.push(*byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_spaces_colons_escapes_and_stray_ampersands() {
        let reply = Reply::parse(
            b"response=3&responsetext=Duplicate transaction REFID:3174971726&authcode=&transactionid=&response_code=300",
        )
        .unwrap();
        assert_eq!(reply.response_text(), "Duplicate transaction REFID:3174971726");
        assert_eq!((reply.response(), reply.response_code()), ("3", Some("300")));
        assert_eq!((reply.auth_code(), reply.transaction_id()), (None, None));

        let reply =
            Reply::parse(b"response=2&responsetext=AT&T says 100% no %4g %c3%a9&response_code=200\r\n")
                .unwrap();
        assert_eq!(reply.response_text(), "AT&T says 100% no %4g \u{e9}");
        assert_eq!(reply.response_code(), Some("200"));
    }

    #[test]
    fn a_text_cannot_pass_for_a_key() {
        for body in [
            "response=2&responsetext=DECLINE&response=1&response_code=200",
            "response=2&responsetext=x&response_code=200&response_code=100",
            "response=1&responsetext=SUCCESS&transactionid=1&transactionid=2&response_code=100",
        ] {
            assert_eq!(Reply::parse(body.as_bytes()).unwrap_err().kind(), ErrorKind::InvalidResponse);
        }
        // Said twice alike is still one answer.
        Reply::parse(b"response=1&response=1&responsetext=SUCCESS").unwrap();
    }

    #[test]
    fn refuses_what_is_no_reply() {
        let many = format!("response=1&responsetext=x{}", "&a=b".repeat(600));
        let long = format!("response=1&responsetext={}", "x".repeat(MAX_REPLY));
        let bodies: [&[u8]; 8] = [
            b"",
            b"<html>502 Bad Gateway</html>",
            b"responsetext=SUCCESS&response_code=100",
            b"response=1&response_code=100",
            b"\xff\xfe=1&response=1&responsetext=x",
            b"{\"response\":\"1\"}",
            many.as_bytes(),
            long.as_bytes(),
        ];
        for body in bodies {
            assert_eq!(Reply::parse(body).unwrap_err().kind(), ErrorKind::InvalidResponse);
        }
    }

    #[test]
    fn shows_codes_and_never_texts() {
        let reply = Reply::parse(
            b"response=3&responsetext=Invalid card 4111111111111111&transactionid=4111111111111111&orderid=a b&response_code=300",
        )
        .unwrap();
        let shown = format!("{reply:?}");
        assert!(!shown.contains("4111") && !shown.contains("a b") && shown.contains("300"), "{shown}");
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(reply) = Reply::parse(&bytes) {
                let _ = format!("{reply:?}");
            }
        }

        #[test]
        fn reads_any_text_that_was_encoded(text in ".*") {
            let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
            let reply = Reply::parse(format!("response=1&responsetext={encoded}&response_code=100").as_bytes()).unwrap();
            prop_assert_eq!(reply.response_text(), text);
            prop_assert_eq!(reply.response_code(), Some("100"));
        }
    }
}
