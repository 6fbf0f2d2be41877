//! Forms as NMI takes them: names and values in the order of the caller, encoded once, wiped afterwards.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use turnbuckle_core::money::Money;

/// The pairs of one request.
#[derive(Default)]
pub(crate) struct Form {
    pairs: Vec<(Cow<'static, str>, Zeroizing<String>)>,
}

impl Form {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a pair.
    pub(crate) fn set(&mut self, name: impl Into<Cow<'static, str>>, value: impl AsRef<str>) -> &mut Self {
        self.pairs.push((name.into(), Zeroizing::new(value.as_ref().to_owned())));
        self
    }

    /// Adds a pair where there is a value.
    pub(crate) fn maybe<V: AsRef<str>>(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        value: Option<V>,
    ) -> &mut Self {
        if let Some(value) = value {
            self.set(name, value);
        }
        self
    }

    /// Adds a secret.
    pub(crate) fn secret(&mut self, name: &'static str, value: &SecretString) -> &mut Self {
        self.set(name, value.expose_secret())
    }

    /// Adds an amount as NMI writes it, `10.00`.
    pub(crate) fn amount(&mut self, name: &'static str, amount: Money) -> &mut Self {
        self.set(name, amount.to_decimal())
    }

    /// This form's pairs and then the other's.
    pub(crate) fn followed_by(mut self, other: Self) -> Self {
        self.pairs.extend(other.pairs);
        self
    }

    /// The encoded form. Its one buffer has the exact length from the start, so no copy is left behind by growing, and is
    /// wiped when the last attempt is over.
    pub(crate) fn into_body(self) -> Bytes {
        let pairs = self.pairs.len();
        let length: usize =
            self.pairs.iter().map(|(name, value)| encoded_len(name) + encoded_len(value) + 1).sum();
        let mut body = Zeroizing::new(Vec::with_capacity(length + pairs.saturating_sub(1)));
        for (index, (name, value)) in self.pairs.iter().enumerate() {
            if index > 0 {
                body.push(b'&');
            }
            encode(name, &mut body);
            body.push(b'=');
            encode(value, &mut body);
        }
        Bytes::from_owner(body)
    }
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Form")
            .field("names", &self.pairs.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// What the URL Standard's form serializer leaves as it is; a space becomes `+`.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"*-._".contains(&byte)
}

fn encoded_len(text: &str) -> usize {
    text.bytes().map(|byte| if is_plain(byte) || byte == b' ' { 1 } else { 3 }).sum()
}

fn encode(text: &str, into: &mut Vec<u8>) {
    let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'A' + nibble - 10 };
    for byte in text.bytes() {
        match byte {
            b' ' => into.push(b'+'),
            byte if is_plain(byte) => into.push(byte),
            byte => into.extend([b'%', digit(byte >> 4), digit(byte & 15)]),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use turnbuckle_core::money::Currency;

    use super::*;

    fn body(pairs: &[(&str, &str)]) -> Bytes {
        let mut form = Form::new();
        for (name, value) in pairs {
            form.set((*name).to_owned(), *value);
        }
        form.into_body()
    }

    #[test]
    fn writes_names_and_values_in_order() {
        let mut form = Form::new();
        form.set("type", "sale").amount("amount", Money::new(1005, Currency::USD)).maybe("tax", None::<&str>);
        form.set("city", "São Paulo & more");
        assert_eq!(form.into_body(), "type=sale&amount=10.05&city=S%C3%A3o+Paulo+%26+more");
        assert_eq!(body(&[]), "");
    }

    #[test]
    fn shows_no_value() {
        let mut form = Form::new();
        form.secret("ccnumber", &"4111111111111111".into());
        assert_eq!(format!("{form:?}"), r#"Form { names: ["ccnumber"], .. }"#);
    }

    proptest! {
        #[test]
        fn every_text_comes_out_of_an_ordinary_decoder(pairs in proptest::collection::vec((".*", ".*"), 0..8)) {
            let borrowed: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let decoded: Vec<_> = url::form_urlencoded::parse(&body(&borrowed)).into_owned().collect();
            // An empty name with an empty value is still a pair: `=`.
            prop_assert_eq!(decoded, pairs);
        }
    }
}
