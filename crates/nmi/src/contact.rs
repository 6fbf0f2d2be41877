//! Names and addresses as NMI takes them.

use std::fmt;

use crate::form::Form;

/// A person and an address, for billing or for shipping. Personal data: its `Debug` shows the country only.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Contact {
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Company.
    pub company: Option<String>,
    /// Street and number.
    pub address1: Option<String>,
    /// Apartment, floor.
    pub address2: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State or province, two letters.
    pub state: Option<String>,
    /// Postal code.
    pub zip: Option<String>,
    /// Country, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// Email address.
    pub email: Option<String>,
}

impl Contact {
    /// Nobody yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name.
    pub fn with_name(mut self, first: impl Into<String>, last: impl Into<String>) -> Self {
        self.first_name = Some(first.into());
        self.last_name = Some(last.into());
        self
    }

    /// Sets street and postal code, which address verification compares.
    pub fn with_address(mut self, street: impl Into<String>, zip: impl Into<String>) -> Self {
        self.address1 = Some(street.into());
        self.zip = Some(zip.into());
        self
    }

    pub(crate) fn write_billing(&self, form: &mut Form) {
        self.write(form, BILLING);
    }

    pub(crate) fn write_shipping(&self, form: &mut Form) {
        self.write(form, SHIPPING);
    }

    fn write(&self, form: &mut Form, names: [&'static str; 11]) {
        let values = [
            &self.first_name,
            &self.last_name,
            &self.company,
            &self.address1,
            &self.address2,
            &self.city,
            &self.state,
            &self.zip,
            &self.country,
            &self.phone,
            &self.email,
        ];
        for (name, value) in names.into_iter().zip(values) {
            form.maybe(name, value.as_ref());
        }
    }
}

const BILLING: [&str; 11] = [
    "firstname",
    "lastname",
    "company",
    "address1",
    "address2",
    "city",
    "state",
    "zip",
    "country",
    "phone",
    "email",
];

const SHIPPING: [&str; 11] = [
    "shipping_firstname",
    "shipping_lastname",
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

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contact").field("country", &self.country).finish_non_exhaustive()
    }
}
