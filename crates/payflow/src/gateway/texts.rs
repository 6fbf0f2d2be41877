//! Payflow's limits on text, and what is made of a text that does not fit.

use turnbuckle_core::payment::{Charset, Preflight, TextPolicy, TextRule};
use turnbuckle_core::{Error, ErrorKind, FieldError, Result};

use turnbuckle_core::payment::TextChange;

const fn plain(field: &'static str, max: usize) -> TextRule {
    TextRule::new(field, max, Charset::Ascii).with_forbidden("\"")
}

/// Letters and digits; spaces and dashes are common, and may go.
const fn postal(field: &'static str) -> TextRule {
    TextRule::new(field, 9, Charset::Alphanumeric).with_forbidden(" -")
}

const fn country(field: &'static str) -> TextRule {
    TextRule::new(field, 2, Charset::Alphanumeric).with_min(2)
}

/// Text as Payflow takes it. Where its guides differ, the smaller limit stands; the limits of email addresses are not
/// proven. Everything is printable ASCII without double quotes: how Payflow counts anything else is not documented.
pub(super) static TEXT: &[TextRule] = &[
    plain("reference", 128),
    plain("description", 128),
    plain("level2.purchase_order", 15),
    plain("method.holder", 30),
    plain("customer.name", 30),
    plain("customer.email", 64),
    plain("customer.phone", 20),
    plain("billing.first_name", 30),
    plain("billing.last_name", 30),
    plain("billing.company", 30),
    plain("billing.line1", 30),
    plain("billing.line2", 30),
    plain("billing.city", 30),
    plain("billing.region", 10),
    postal("billing.postal_code"),
    country("billing.country"),
    plain("billing.phone", 20),
    plain("shipping.first_name", 30),
    plain("shipping.last_name", 30),
    plain("shipping.line1", 30),
    plain("shipping.line2", 30),
    plain("shipping.city", 30),
    plain("shipping.region", 10),
    postal("shipping.postal_code"),
    country("shipping.country"),
    plain("shipping.phone", 20),
];

/// Texts on their way into a request: every refusal and every change is kept.
pub(super) struct Texts {
    policy: TextPolicy,
    refusals: Vec<FieldError>,
    changes: Vec<TextChange>,
}

impl Texts {
    pub(super) fn new(policy: TextPolicy) -> Self {
        Self { policy, refusals: Vec::new(), changes: Vec::new() }
    }

    /// The text as it may be sent; `None` where there is none, or where it is refused.
    pub(super) fn fit(&mut self, field: &'static str, text: Option<&str>) -> Option<String> {
        let text = text.filter(|text| !text.is_empty())?;
        let Some(rule) = TEXT.iter().find(|rule| rule.field == field) else {
            self.refuse(field, "has no place at Payflow");
            return None;
        };
        match rule.apply(text, self.policy) {
            Ok((text, change)) => {
                self.changes.extend(change);
                Some(text)
            }
            Err(error) => {
                self.refusals.extend(error.fields().iter().cloned());
                None
            }
        }
    }

    pub(super) fn refuse(&mut self, field: &'static str, problem: &'static str) {
        self.refusals.push(FieldError::new(field, problem));
    }

    /// Keeps the fields of an error that is about some.
    ///
    /// # Errors
    /// An error that is not about fields.
    pub(super) fn keep<T>(&mut self, result: Result<T>) -> Result<Option<T>> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.fields().is_empty() => Err(error),
            Err(error) => {
                self.refusals.extend(error.fields().iter().cloned());
                Ok(None)
            }
        }
    }

    /// What was changed.
    ///
    /// # Errors
    /// [`InvalidRequest`](ErrorKind::InvalidRequest) naming every field that was refused.
    pub(super) fn finish(self) -> Result<Vec<TextChange>> {
        if self.refusals.is_empty() {
            return Ok(self.changes);
        }
        Err(Error::new(ErrorKind::InvalidRequest, "the request does not fit Payflow")
            .with_fields(self.refusals))
    }

    pub(super) fn preflight(self) -> Preflight {
        let mut preflight = Preflight::default();
        preflight.refusals = self.refusals;
        preflight.changes = self.changes;
        preflight
    }
}
