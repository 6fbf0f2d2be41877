//! What a gateway would say, told offline.

use super::{Address, PaymentMethod, PaymentRequest, TextChange, TextPolicy, TextRule};
use crate::error::FieldError;

/// What a gateway would refuse or change, found without sending anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Preflight {
    /// What would be refused.
    pub refusals: Vec<FieldError>,
    /// What would be changed to fit.
    pub changes: Vec<TextChange>,
}

impl Preflight {
    /// Whether nothing would be refused.
    pub fn passes(&self) -> bool {
        self.refusals.is_empty()
    }

    /// Adds a refusal.
    pub fn refuse(
        &mut self,
        field: impl Into<std::borrow::Cow<'static, str>>,
        problem: impl Into<std::borrow::Cow<'static, str>>,
    ) {
        self.refusals.push(FieldError::new(field, problem));
    }

    /// Checks one text against its rule.
    pub fn text(&mut self, rule: &TextRule, text: &str, policy: TextPolicy) {
        match rule.apply(text, policy) {
            Ok((_, Some(change))) => self.changes.push(change),
            Ok((_, None)) => {}
            Err(error) => self.refusals.extend(error.fields().iter().cloned()),
        }
    }

    /// Checks every text of a request for which the gateway declares a rule.
    pub fn texts(&mut self, rules: &[TextRule], request: &PaymentRequest) {
        for (field, text) in texts(request) {
            if let Some(rule) = rules.iter().find(|rule| rule.field == field) {
                self.text(rule, text, request.options.text);
            }
        }
    }
}

/// Every text of a request with the name of its field.
fn texts(request: &PaymentRequest) -> impl Iterator<Item = (&'static str, &str)> {
    let customer = request.customer.as_ref();
    let holder = match &request.method {
        PaymentMethod::Card(card) => card.holder(),
        PaymentMethod::BankAccount(account) => Some(account.holder_name.as_str()),
        _ => None,
    };
    let level2 = request.options.level2.as_ref();
    let own = [
        ("reference", Some(request.reference.as_str())),
        ("description", request.description.as_deref()),
        ("statement_descriptor", request.options.statement_descriptor.as_deref()),
        ("level2.purchase_order", level2.and_then(|level2| level2.purchase_order.as_deref())),
        ("method.holder", holder),
        ("customer.id", customer.and_then(|customer| customer.id.as_deref())),
        ("customer.name", customer.and_then(|customer| customer.name.as_deref())),
        ("customer.email", customer.and_then(|customer| customer.email.as_deref())),
        ("customer.phone", customer.and_then(|customer| customer.phone.as_deref())),
    ];
    let billing = request.billing.iter().flat_map(|address| address_texts(BILLING, address));
    let shipping = request.shipping.iter().flat_map(|address| address_texts(SHIPPING, address));
    own.into_iter()
        .chain(billing)
        .chain(shipping)
        .filter_map(|(field, text)| text.filter(|text| !text.is_empty()).map(|text| (field, text)))
}

type AddressFields = [&'static str; 10];

const BILLING: AddressFields = [
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

const SHIPPING: AddressFields = [
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

fn address_texts(
    fields: AddressFields,
    address: &Address,
) -> impl Iterator<Item = (&'static str, Option<&str>)> {
    fields.into_iter().zip([
        address.first_name.as_deref(),
        address.last_name.as_deref(),
        address.company.as_deref(),
        address.line1.as_deref(),
        address.line2.as_deref(),
        address.city.as_deref(),
        address.region.as_deref(),
        address.postal_code.as_deref(),
        address.country.as_deref(),
        address.phone.as_deref(),
    ])
}
