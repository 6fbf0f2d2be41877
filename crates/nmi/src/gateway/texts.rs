//! Limits on text. NMI publishes no lengths, so these are cautious: longer texts may well be cut over there without a word.

use turnbuckle_core::FieldError;
use turnbuckle_core::payment::{Address, Charset, TextChange, TextPolicy, TextRule};

use crate::Contact;

/// The longest text that is sent anywhere.
pub(super) const LONGEST: usize = 255;

const fn text(field: &'static str) -> TextRule {
    TextRule::new(field, LONGEST, Charset::Unicode)
}

/// One rule a field.
pub(super) static RULES: &[TextRule] = &[
    text("description"),
    // As the strictest of the card networks' own fields.
    TextRule::new("statement_descriptor", 22, Charset::Ascii),
    text("level2.purchase_order"),
    text("method.holder"),
    text("customer.id"),
    text("customer.name"),
    text("customer.email"),
    text("customer.phone"),
    text("billing.first_name"),
    text("billing.last_name"),
    text("billing.company"),
    text("billing.line1"),
    text("billing.line2"),
    text("billing.city"),
    TextRule::new("billing.region", 2, Charset::Alphanumeric),
    text("billing.postal_code"),
    TextRule::new("billing.country", 2, Charset::Alphanumeric).with_min(2),
    text("billing.phone"),
    text("shipping.first_name"),
    text("shipping.last_name"),
    text("shipping.company"),
    text("shipping.line1"),
    text("shipping.line2"),
    text("shipping.city"),
    TextRule::new("shipping.region", 2, Charset::Alphanumeric),
    text("shipping.postal_code"),
    TextRule::new("shipping.country", 2, Charset::Alphanumeric).with_min(2),
    text("shipping.phone"),
];

/// Texts on their way out: what was changed to fit, and what cannot go.
pub(super) struct Texts {
    policy: TextPolicy,
    pub(super) changes: Vec<TextChange>,
    pub(super) problems: Vec<FieldError>,
}

impl Texts {
    pub(super) fn new(policy: TextPolicy) -> Self {
        Self { policy, changes: Vec::new(), problems: Vec::new() }
    }

    pub(super) fn refuse(&mut self, field: &'static str, problem: impl Into<std::borrow::Cow<'static, str>>) {
        self.problems.push(FieldError::new(field, problem));
    }

    /// The text as it may be sent; an empty one is none.
    pub(super) fn fit(&mut self, field: &'static str, text: Option<&str>) -> Option<String> {
        let text = text.filter(|text| !text.is_empty())?;
        let Some(rule) = RULES.iter().find(|rule| rule.field == field) else {
            self.refuse(field, "has no rule, so it cannot be sent");
            return None;
        };
        match rule.apply(text, self.policy) {
            Ok((text, change)) => {
                self.changes.extend(change);
                Some(text)
            }
            Err(error) => {
                self.problems.extend(error.fields().iter().cloned());
                None
            }
        }
    }

    /// An address whose fields are called so.
    pub(super) fn address(&mut self, names: AddressNames, address: Option<&Address>) -> Contact {
        let Some(address) = address else { return Contact::default() };
        let [first, last, company, line1, line2, city, region, postal, country, phone] = names;
        let mut contact = Contact::new();
        contact.first_name = self.fit(first, address.first_name.as_deref());
        contact.last_name = self.fit(last, address.last_name.as_deref());
        contact.company = self.fit(company, address.company.as_deref());
        contact.address1 = self.fit(line1, address.line1.as_deref());
        contact.address2 = self.fit(line2, address.line2.as_deref());
        contact.city = self.fit(city, address.city.as_deref());
        contact.state = self.fit(region, address.region.as_deref());
        contact.zip = self.fit(postal, address.postal_code.as_deref());
        contact.country = self.fit(country, address.country.as_deref()).map(|code| code.to_ascii_uppercase());
        if contact.country.as_ref().is_some_and(|code| !code.bytes().all(|byte| byte.is_ascii_alphabetic())) {
            self.refuse(country, "is not an ISO 3166-1 code of two letters");
        }
        contact.phone = self.fit(phone, address.phone.as_deref());
        contact
    }
}

pub(super) type AddressNames = [&'static str; 10];

pub(super) const BILLING: AddressNames = [
    "billing.first_name",
    "billing.last_name",
    "billing.company",
    "billing.line1",
    "billing.line2",
    "billing.city",
    "billing.region",
    "billing.postal_code",
    "billing.country",
    "billing.phone",
];

pub(super) const SHIPPING: AddressNames = [
    "shipping.first_name",
    "shipping.last_name",
    "shipping.company",
    "shipping.line1",
    "shipping.line2",
    "shipping.city",
    "shipping.region",
    "shipping.postal_code",
    "shipping.country",
    "shipping.phone",
];

/// Given and family name of a whole one, parted at the last space, so that both together are the same text again. What
/// cannot be parted is a family name.
pub(super) fn part_name(name: String) -> (Option<String>, Option<String>) {
    match name.rsplit_once(' ') {
        Some((first, last)) if !first.is_empty() && !last.is_empty() => {
            (Some(first.to_owned()), Some(last.to_owned()))
        }
        _ => (None, Some(name)),
    }
}
