//! A request form, and which fields may stand in it.

use std::net::IpAddr;

use percent_encoding::percent_decode;

use super::reply::Refused;
use super::{amount, stamp};

const MOST_FIELDS: usize = 500;
/// Longest value. NMI publishes no lengths; a column of this size is a guess on the safe side.
const LONGEST: usize = 255;

/// Spellings that the gateway takes as well.
const ALIASES: &[(&str, &str)] = &[
    ("firstname", "first_name"),
    ("lastname", "last_name"),
    ("orderdescription", "order_description"),
    ("shipping_firstname", "shipping_first_name"),
    ("shipping_lastname", "shipping_last_name"),
];

pub(super) const CREDENTIALS: &[&str] = &["security_key", "username", "password"];

/// Stands in a group for the twenty fields that a merchant gives a meaning to.
pub(super) const MERCHANT_DEFINED: &str = "merchant_defined_field_#";

pub(super) const ORDER: &[&str] = &[
    MERCHANT_DEFINED,
    "amount",
    "billing_method",
    "currency",
    "descriptor",
    "descriptor_address",
    "descriptor_city",
    "descriptor_country",
    "descriptor_mcc",
    "descriptor_merchant_id",
    "descriptor_phone",
    "descriptor_postal",
    "descriptor_state",
    "descriptor_url",
    "dup_seconds",
    "initial_transaction_id",
    "initiated_by",
    "ipaddress",
    "orderid",
    "order_description",
    "ponumber",
    "processor_id",
    "shipping",
    "stored_credential_indicator",
    "tax",
    "test_mode",
];

pub(super) const BILLING: &[&str] = &[
    "first_name",
    "last_name",
    "company",
    "address1",
    "address2",
    "city",
    "state",
    "zip",
    "country",
    "phone",
    "fax",
    "email",
];

pub(super) const SHIPPING: &[&str] = &[
    "shipping_first_name",
    "shipping_last_name",
    "shipping_company",
    "shipping_address1",
    "shipping_address2",
    "shipping_city",
    "shipping_state",
    "shipping_zip",
    "shipping_country",
    "shipping_phone",
    "shipping_email",
];

pub(super) const PAYMENT: &[&str] = &[
    "payment",
    "ccnumber",
    "ccexp",
    "cvv",
    "payment_token",
    "checkname",
    "checkaba",
    "checkaccount",
    "account_holder_type",
    "account_type",
    "sec_code",
    "customer_vault_id",
    "billing_id",
];

/// What only a payment by card may carry.
pub(super) const AUTHENTICATION: &[&str] = &[
    "cardholder_auth",
    "cavv",
    "xid",
    "eci",
    "three_ds_version",
    "directory_server_id",
    "decrypted_applepay_data",
    "decrypted_googlepay_data",
];

/// The fields of a request, aliases resolved, without the empty ones.
#[derive(Debug, Default)]
pub(super) struct Form {
    fields: Vec<(String, String)>,
}

impl Form {
    pub(super) fn parse(encoded: &[u8]) -> Result<Self, Refused> {
        let mut form = Self::default();
        for pair in encoded.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            if form.fields.len() >= MOST_FIELDS {
                return Err(Refused::new("Too many fields"));
            }
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next().unwrap_or_default())?;
            let value = decode(halves.next().unwrap_or_default())?;
            let name = ALIASES.iter().find(|alias| alias.0 == name).map_or(name, |alias| alias.1.to_owned());
            if form.fields.iter().any(|(known, _)| *known == name) {
                return Err(Refused::new(format!("The {name} field was sent twice")));
            }
            form.fields.push((name, value));
        }
        form.fields.retain(|(_, value)| !value.is_empty());
        Ok(form)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value, or nothing.
    pub(super) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    pub(super) fn owned(&self, name: &str) -> String {
        self.text(name).to_owned()
    }

    pub(super) fn need(&self, name: &str) -> Result<&str, Refused> {
        self.get(name).ok_or_else(|| Refused::required(name))
    }

    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.parse().ok()
    }

    /// The fields whose names are in a group, as they were sent.
    pub(super) fn group(&self, names: &[&str]) -> Vec<(String, String)> {
        let wanted = |name: &String| names.contains(&name.as_str());
        self.fields.iter().filter(|(name, _)| wanted(name)).cloned().collect()
    }

    /// Everything that is neither a credential nor a payment instrument.
    pub(super) fn harmless(&self) -> Vec<(String, String)> {
        let secret = |name: &str| CREDENTIALS.contains(&name) || PAYMENT.contains(&name);
        self.fields.iter().filter(|(name, _)| !secret(name)).cloned().collect()
    }

    /// Refuses a field that does not belong here, and one whose value has the wrong form. NMI itself lets
    /// fields pass that it does not know; here a misspelt name must not go unnoticed.
    pub(super) fn check(&self, groups: &[&[&str]]) -> Result<(), Refused> {
        for (name, value) in &self.fields {
            let listed = if is_merchant_defined(name) { MERCHANT_DEFINED } else { name.as_str() };
            if !groups.iter().any(|group| group.contains(&listed)) {
                return Err(Refused::new(format!("The {name} field is unknown")));
            }
            well_formed(name, value)?;
        }
        Ok(())
    }
}

pub(super) fn is_merchant_defined(name: &str) -> bool {
    let number = name.strip_prefix("merchant_defined_field_");
    number.and_then(|number| number.parse::<u8>().ok()).is_some_and(|number| (1..=20).contains(&number))
}

fn decode(raw: &[u8]) -> Result<String, Refused> {
    let spaced: Vec<u8> = raw.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    String::from_utf8(percent_decode(&spaced).collect())
        .map_err(|_| Refused::new("The request is not valid UTF-8"))
}

fn digits(value: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit())
}

fn within(value: &str, least: u64, most: u64) -> bool {
    value.parse::<u64>().is_ok_and(|number| (least..=most).contains(&number))
}

fn letters(value: &str, count: usize) -> bool {
    value.len() == count && value.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn id(value: &str) -> bool {
    (1..=36).contains(&value.len())
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn well_formed(name: &str, value: &str) -> Result<(), Refused> {
    let fits = match name {
        "amount" if amount::parse(value).is_none() => return Err(Refused::new("Invalid amount")),
        "ccexp" if !digits(value, 4, 4) || !within(value.get(..2).unwrap_or_default(), 1, 12) => {
            return Err(Refused::new("Invalid Expiration Date"));
        }
        "cvv" if !digits(value, 3, 4) => return Err(Refused::new("CVV must be 3 or 4 digits")),
        "checkaba" if !digits(value, 9, 9) || !is_routing_number(value) => {
            return Err(Refused::new("Invalid ABA number"));
        }
        "tax" | "shipping" | "plan_amount" => amount::parse(value).is_some(),
        "checkaccount" => digits(value, 1, 17),
        "payment" => ["creditcard", "check", "cash"].contains(&value),
        "account_holder_type" => ["business", "personal"].contains(&value),
        "account_type" => ["checking", "savings"].contains(&value),
        "sec_code" => ["PPD", "WEB", "TEL", "CCD"].contains(&value),
        "initiated_by" => ["customer", "merchant"].contains(&value),
        "stored_credential_indicator" => ["stored", "used"].contains(&value),
        "billing_method" => ["recurring", "installment"].contains(&value),
        "cardholder_auth" => ["verified", "attempted"].contains(&value),
        "test_mode" => value == "enabled",
        "decrypted_applepay_data" | "decrypted_googlepay_data" => value == "1",
        "eci" => digits(value, 1, 2),
        "currency" => letters(value, 3),
        "country" | "shipping_country" => letters(value, 2),
        "email" | "shipping_email" => {
            value.split_once('@').is_some_and(|(at, host)| !at.is_empty() && !host.is_empty())
        }
        "ipaddress" => value.parse::<IpAddr>().is_ok(),
        "dup_seconds" => within(value, 0, 7_862_400),
        "day_frequency" => within(value, 1, 3_650),
        "month_frequency" => within(value, 1, 24),
        "day_of_month" => within(value, 1, 31),
        "plan_payments" => within(value, 0, 9_999),
        "start_date" => stamp::parse_day(value).is_some(),
        "customer_vault_id" | "billing_id" => id(value),
        "transactionid" | "subscription_id" => digits(value, 1, 20),
        _ => true,
    };
    if fits && value.chars().count() <= LONGEST { Ok(()) } else { Err(Refused::invalid(name)) }
}

/// The check digit of an American routing number.
fn is_routing_number(value: &str) -> bool {
    let weights = [3, 7, 1].into_iter().cycle();
    let sum: u32 =
        value.chars().filter_map(|digit| digit.to_digit(10)).zip(weights).map(|(d, w)| d * w).sum();
    sum.is_multiple_of(10) && sum > 0
}

#[cfg(test)]
mod tests {
    use super::{Form, ORDER};

    #[test]
    fn values_are_decoded_and_aliases_resolved() {
        let form = Form::parse(b"firstname=Zo%C3%AB+M&amount=1.00&zip=").unwrap();
        assert_eq!((form.text("first_name"), form.get("zip")), ("Zo\u{eb} M", None));
        assert!(Form::parse(b"firstname=A&first_name=B").is_err());
        assert!(Form::parse(b"a=%FF").is_err());
    }

    #[test]
    fn what_does_not_belong_is_named() {
        let text = |body: &[u8]| Form::parse(body).unwrap().check(&[ORDER]).unwrap_err().text;
        assert_eq!(text(b"amout=1.00"), "The amout field is unknown");
        assert_eq!(text(b"merchant_defined_field_21=x"), "The merchant_defined_field_21 field is unknown");
        assert_eq!(text(b"amount=1"), "Invalid amount");
        assert_eq!(text(b"currency=usd"), "The currency field is invalid");
        assert!(Form::parse(b"merchant_defined_field_20=x").unwrap().check(&[ORDER]).is_ok());
    }
}
