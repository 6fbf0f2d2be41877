//! Forms and queries: names and values in the order in which they are given, arrays as repeated names.

use bytes::Bytes;
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use secrecy::zeroize::Zeroizing;
use url::form_urlencoded::Serializer;

/// The parameters of one request, encoded as they are added.
#[derive(Clone, Default)]
pub(crate) struct Form(String);

impl Form {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn text(&mut self, name: &str, value: &str) {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        let pair = Serializer::new(String::new()).append_pair(name, value).finish();
        self.0.push_str(&pair);
    }

    pub(crate) fn maybe(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    pub(crate) fn each<T: AsRef<str>>(&mut self, name: &str, values: &[T]) {
        for value in values {
            self.text(name, value.as_ref());
        }
    }

    pub(crate) fn flag(&mut self, name: &str, value: Option<bool>) {
        self.maybe(name, value.map(|value| if value { "true" } else { "false" }));
    }

    pub(crate) fn number(&mut self, name: &str, value: Option<u32>) {
        self.maybe(name, value.map(|value| value.to_string()).as_deref());
    }

    /// A moment as Twilio writes it in requests: whole seconds, UTC, `Z` at the end.
    pub(crate) fn time(&mut self, name: &str, value: Option<DateTime<Utc>>) {
        self.maybe(name, value.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true)).as_deref());
    }

    pub(crate) fn day(&mut self, name: &str, value: Option<NaiveDate>) {
        self.maybe(name, value.map(|day| day.to_string()).as_deref());
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The body of a request. It is wiped when the last attempt is over: it holds numbers and texts of people.
    pub(crate) fn into_body(self) -> Bytes {
        Bytes::from_owner(Zeroizing::new(self.0.into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use turnbuckle_core::webhook::form_pairs;

    use super::Form;

    proptest! {
        /// What is written is read again, whatever the characters, and repeated names stay repeated.
        #[test]
        fn what_is_written_is_read(pairs in prop::collection::vec((any::<String>(), any::<String>()), 0..20)) {
            let mut form = Form::new();
            for (name, value) in &pairs {
                form.text(name, value);
            }
            let expected: Vec<_> = pairs
                .iter()
                .map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()))
                .collect();
            prop_assert_eq!(form_pairs(form.as_str().as_bytes()).unwrap(), expected);
        }
    }
}
