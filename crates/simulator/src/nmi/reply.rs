//! What `transact.php` answers: one form, whose spaces stay as they are.

/// An answer. The names are NMI's own, in NMI's order.
#[derive(Clone, Debug, Default)]
pub(super) struct Reply {
    /// 1 approved, 2 declined, 3 error.
    pub(super) response: u8,
    pub(super) text: String,
    pub(super) authcode: String,
    pub(super) transaction_id: String,
    pub(super) avs: String,
    pub(super) cvv: String,
    pub(super) order_id: String,
    pub(super) kind: String,
    pub(super) code: String,
    /// Fields that only some answers have, after the usual ones.
    pub(super) more: Vec<(&'static str, String)>,
}

impl Reply {
    /// An approval without anything else to tell.
    pub(super) fn approved(text: &str, kind: &str) -> Self {
        Self {
            response: 1,
            text: text.to_owned(),
            kind: kind.to_owned(),
            code: "100".to_owned(),
            ..Self::default()
        }
    }

    pub(super) fn encode(&self) -> String {
        let mut form = format!("response={}", self.response);
        let usual = [
            ("responsetext", &self.text),
            ("authcode", &self.authcode),
            ("transactionid", &self.transaction_id),
            ("avsresponse", &self.avs),
            ("cvvresponse", &self.cvv),
            ("orderid", &self.order_id),
            ("type", &self.kind),
            ("response_code", &self.code),
        ];
        let more = self.more.iter().map(|(name, value)| (*name, value));
        for (name, value) in usual.into_iter().chain(more) {
            form.push('&');
            form.push_str(name);
            form.push('=');
            escape(value, &mut form);
        }
        form
    }
}

/// Only what would make two fields of one is escaped; captured answers show spaces and colons as they are.
fn escape(value: &str, into: &mut String) {
    for letter in value.chars() {
        if matches!(letter, '&' | '=' | '+' | '%' | '#') || letter.is_control() || !letter.is_ascii() {
            let mut bytes = [0; 4];
            for byte in letter.encode_utf8(&mut bytes).bytes() {
                into.push('%');
                for half in [byte >> 4, byte & 15] {
                    let digit = char::from_digit(u32::from(half), 16).unwrap_or('0');
                    into.push(digit.to_ascii_uppercase());
                }
            }
        } else {
            into.push(letter);
        }
    }
}

/// A request that the gateway itself turns down; nothing happened.
#[derive(Clone, Debug)]
pub(super) struct Refused {
    pub(super) text: String,
    pub(super) code: &'static str,
    /// Whether the text ends in a `REFID:`.
    pub(super) numbered: bool,
    pub(super) transaction_id: &'static str,
    pub(super) more: Vec<(&'static str, String)>,
}

impl Refused {
    /// Code 300, which is nearly everything: only the text tells what it was.
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), code: "300", numbered: true, transaction_id: "", more: Vec::new() }
    }

    pub(super) fn required(field: &str) -> Self {
        Self::new(format!("The {field} field is required"))
    }

    pub(super) fn invalid(field: &str) -> Self {
        Self::new(format!("The {field} field is invalid"))
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.more.push((name, value.into()));
        self
    }

    pub(super) fn authentication() -> Self {
        let mut refused = Self::new("Authentication Failed");
        refused.numbered = false;
        refused.transaction_id = "0";
        refused
    }

    pub(super) fn rate_limited() -> Self {
        let mut refused = Self::new("Rate limit exceeded");
        refused.numbered = false;
        refused.code = "301";
        refused
    }
}

#[cfg(test)]
mod tests {
    use super::Reply;

    #[test]
    fn spaces_stay_and_separators_do_not() {
        let mut reply = Reply::approved("Transaction Void Successful", "void");
        reply.order_id = "a&b=c é".to_owned();
        assert_eq!(
            reply.encode(),
            "response=1&responsetext=Transaction Void Successful&authcode=&transactionid=&avsresponse=&cvvresponse=&orderid=a%26b%3Dc %C3%A9&type=void&response_code=100"
        );
    }
}
