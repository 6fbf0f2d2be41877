//! Names, addresses and descriptions within the vendor's limits: refused with the field named, or fitted and reported.

use turnbuckle_core::FieldError;
use turnbuckle_core::payment::{
    Address, Charset, Customer, MerchantReference, TextChange, TextPolicy, TextRule,
};

use crate::Address as Wire;

const fn rule(field: &'static str, max: usize) -> TextRule {
    TextRule::new(field, max, Charset::Unicode)
}

/// What stands between the merchant's reference and what is bought.
pub(super) const SEPARATOR: &str = " | ";

/// The longest street, with number and apartment.
const STREET: usize = 60;

/// The vendor's limits, from its schema. Reference and description share one field of 255 characters.
pub(super) static TEXT: &[TextRule] = &[
    rule("reference", 100).with_forbidden("|"),
    rule("description", 150),
    rule("level2.purchase_order", 25),
    rule("method.holder", 50),
    rule("customer.id", 20),
    rule("customer.name", 50),
    rule("customer.email", 255),
    rule("customer.phone", 25),
    rule("billing.first_name", 50),
    rule("billing.last_name", 50),
    rule("billing.company", 50),
    rule("billing.line1", STREET),
    rule("billing.line2", STREET),
    rule("billing.city", 40),
    rule("billing.region", 40),
    rule("billing.postal_code", 20),
    rule("billing.country", 60),
    rule("billing.phone", 25),
    rule("shipping.first_name", 50),
    rule("shipping.last_name", 50),
    rule("shipping.company", 50),
    rule("shipping.line1", STREET),
    rule("shipping.line2", STREET),
    rule("shipping.city", 40),
    rule("shipping.region", 40),
    rule("shipping.postal_code", 20),
    rule("shipping.country", 60),
];

/// The holder of a bank account has less room than that of a card.
const BANK_HOLDER: TextRule = rule("method.holder", 22);

/// Which of the two addresses it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Billing,
    Shipping,
}

struct Fields {
    first_name: &'static str,
    last_name: &'static str,
    company: &'static str,
    line1: &'static str,
    line2: &'static str,
    city: &'static str,
    region: &'static str,
    postal_code: &'static str,
    country: &'static str,
    phone: &'static str,
}

impl Side {
    fn fields(self) -> Fields {
        match self {
            Self::Billing => Fields {
                first_name: "billing.first_name",
                last_name: "billing.last_name",
                company: "billing.company",
                line1: "billing.line1",
                line2: "billing.line2",
                city: "billing.city",
                region: "billing.region",
                postal_code: "billing.postal_code",
                country: "billing.country",
                phone: "billing.phone",
            },
            Self::Shipping => Fields {
                first_name: "shipping.first_name",
                last_name: "shipping.last_name",
                company: "shipping.company",
                line1: "shipping.line1",
                line2: "shipping.line2",
                city: "shipping.city",
                region: "shipping.region",
                postal_code: "shipping.postal_code",
                country: "shipping.country",
                phone: "shipping.phone",
            },
        }
    }
}

/// Takes the texts of one request, and collects what is wrong with them and what was changed.
#[derive(Debug)]
pub(super) struct Texts {
    policy: TextPolicy,
    pub(super) problems: Vec<FieldError>,
    pub(super) changes: Vec<TextChange>,
}

impl Texts {
    pub(super) fn new(policy: TextPolicy) -> Self {
        Self { policy, problems: Vec::new(), changes: Vec::new() }
    }

    /// The text as it may be sent, by the declared rule of its field.
    pub(super) fn take(&mut self, field: &'static str, text: Option<&str>) -> Option<String> {
        let rule = TEXT.iter().find(|rule| rule.field == field)?;
        self.by(rule, text)
    }

    fn by(&mut self, rule: &TextRule, text: Option<&str>) -> Option<String> {
        let text = text.filter(|text| !text.is_empty())?;
        match rule.apply(text, self.policy) {
            Ok((fitted, change)) => {
                self.changes.extend(change);
                Some(fitted)
            }
            Err(error) => {
                self.problems.extend(error.fields().iter().cloned());
                None
            }
        }
    }

    /// A text that the vendor has no place for.
    fn no_place(&mut self, field: &'static str, text: &str, problem: &'static str) {
        match self.policy {
            TextPolicy::Fit => self.changes.push(TextChange::left_out(field, text)),
            _ => self.problems.push(FieldError::new(field, problem)),
        }
    }

    /// The merchant's reference, and what is bought behind it.
    pub(super) fn description(
        &mut self,
        reference: &MerchantReference,
        description: Option<&str>,
    ) -> Option<String> {
        let reference = self.take("reference", Some(reference.as_str()));
        let description = self.take("description", description);
        match (reference, description) {
            (Some(reference), Some(description)) => Some(format!("{reference}{SEPARATOR}{description}")),
            (reference, _) => reference,
        }
    }

    /// The holder of a bank account.
    pub(super) fn bank_holder(&mut self, holder: &str) -> String {
        self.by(&BANK_HOLDER, Some(holder)).unwrap_or_default()
    }

    /// The billing address. A card's holder goes where the vendor keeps names: the address. The customer's name stands
    /// in where nothing else names the payer, and so does the customer's telephone number.
    pub(super) fn billing(
        &mut self,
        address: Option<&Address>,
        holder: Option<&str>,
        customer: Option<&Customer>,
    ) -> Wire {
        let none = Address::default();
        let mut wire = self.address(Side::Billing, address.unwrap_or(&none));
        let holder = holder.filter(|holder| !holder.is_empty());
        if wire.first_name.is_none() && wire.last_name.is_none() {
            let name = match holder {
                Some(holder) => self.take("method.holder", Some(holder)),
                None => self.take("customer.name", customer.and_then(|customer| customer.name.as_deref())),
            };
            (wire.first_name, wire.last_name) = split(name);
        } else if let Some(holder) = holder {
            let parts = address.map(|address| [address.first_name.as_deref(), address.last_name.as_deref()]);
            let named = parts.into_iter().flatten().flatten().filter(|part| !part.is_empty());
            if named.collect::<Vec<_>>().join(" ") != holder {
                self.no_place(
                    "method.holder",
                    holder,
                    "is another name than the billing address has, and Authorize.Net takes one",
                );
            }
        }
        if wire.phone_number.is_none() {
            let phone = customer.and_then(|customer| customer.phone.as_deref());
            wire.phone_number = self.take("customer.phone", phone);
        }
        wire
    }

    /// An address; the telephone number of a shipping address has no place.
    pub(super) fn address(&mut self, side: Side, from: &Address) -> Wire {
        let fields = side.fields();
        let mut wire = Wire {
            first_name: self.take(fields.first_name, from.first_name.as_deref()),
            last_name: self.take(fields.last_name, from.last_name.as_deref()),
            company: self.take(fields.company, from.company.as_deref()),
            address: self.street(&fields, from),
            city: self.take(fields.city, from.city.as_deref()),
            state: self.take(fields.region, from.region.as_deref()),
            zip: self.take(fields.postal_code, from.postal_code.as_deref()),
            country: self.take(fields.country, from.country.as_deref()),
            phone_number: None,
        };
        let phone = from.phone.as_deref().filter(|phone| !phone.is_empty());
        match (side, phone) {
            (Side::Billing, phone) => wire.phone_number = self.take(fields.phone, phone),
            (Side::Shipping, Some(phone)) => {
                self.no_place(fields.phone, phone, "has no place at Authorize.Net");
            }
            (Side::Shipping, None) => {}
        }
        wire
    }

    /// Both lines in the one field that there is, the second in the room that the first leaves.
    fn street(&mut self, fields: &Fields, from: &Address) -> Option<String> {
        const COMMA: &str = ", ";
        let first = self.take(fields.line1, from.line1.as_deref());
        let second = from.line2.as_deref().filter(|line| !line.is_empty());
        let (Some(first), Some(second)) = (&first, second) else {
            return first.or_else(|| self.take(fields.line2, second));
        };
        let room = STREET.saturating_sub(first.chars().count() + COMMA.len());
        if room == 0 {
            self.no_place(
                fields.line2,
                second,
                "has no room behind the first line: both share 60 characters",
            );
            return Some(first.clone());
        }
        let rest = self.by(&rule(fields.line2, room), Some(second))?;
        Some(format!("{first}{COMMA}{rest}"))
    }
}

/// A whole name as given and family name, such that both together are the name again.
fn split(name: Option<String>) -> (Option<String>, Option<String>) {
    let Some(name) = name else { return (None, None) };
    match name.rsplit_once(' ') {
        Some((first, last)) if !first.is_empty() && !last.is_empty() => {
            (Some(first.to_owned()), Some(last.to_owned()))
        }
        _ => (Some(name), None),
    }
}
