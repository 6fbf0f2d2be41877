//! Parts that several objects share.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, Serializer};

use crate::object::string_enum;

string_enum! {
    /// What the issuer said about one part of what the payer typed.
    CheckResult {
        /// It is right.
        Pass = "pass",
        /// It is wrong.
        Fail = "fail",
        /// The issuer could not say.
        Unavailable = "unavailable",
        /// Nobody asked yet.
        Unchecked = "unchecked",
    }
}

/// Checks of address and card code.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct CardChecks {
    /// First line of the address.
    pub address_line1_check: Option<CheckResult>,
    /// Postal code.
    pub address_postal_code_check: Option<CheckResult>,
    /// Card code (CVC).
    pub cvc_check: Option<CheckResult>,
}

/// A range of creation times, in whole seconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Created {
    /// Not before.
    #[serde(serialize_with = "seconds")]
    pub gte: Option<DateTime<Utc>>,
    /// Before.
    #[serde(serialize_with = "seconds")]
    pub lt: Option<DateTime<Utc>>,
}

impl Created {
    /// From this time on.
    pub fn since(from: DateTime<Utc>) -> Self {
        Self { gte: Some(from), lt: None }
    }

    /// Up to this time, itself excluded.
    pub fn until(mut self, end: DateTime<Utc>) -> Self {
        self.lt = Some(end);
        self
    }
}

#[expect(clippy::ref_option, reason = "the shape that serde calls")]
fn seconds<S: Serializer>(time: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    time.map(|time| time.timestamp()).serialize(serializer)
}

/// A postal address. Personal: it is in no `Debug` output.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Address {
    /// Street and number.
    pub line1: Option<String>,
    /// Flat, suite, building.
    pub line2: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State, county, province.
    pub state: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// ISO 3166 code of two letters.
    pub country: Option<String>,
}

/// Who pays, as the payer typed it. Personal: it is in no `Debug` output.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BillingDetails {
    /// Address.
    pub address: Option<Address>,
    /// Email address.
    pub email: Option<String>,
    /// Full name.
    pub name: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
}

/// Where the goods go. Personal: it is in no `Debug` output.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Shipping {
    /// Address.
    pub address: Option<Address>,
    /// Recipient.
    pub name: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// Carrier, for example `FedEx`.
    pub carrier: Option<String>,
    /// Tracking numbers, separated by commas.
    pub tracking_number: Option<String>,
}

impl Address {
    /// Nothing known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`line1`](Self::line1).
    pub fn with_line1(mut self, line1: impl Into<String>) -> Self {
        self.line1 = Some(line1.into());
        self
    }

    /// Sets [`line2`](Self::line2).
    pub fn with_line2(mut self, line2: impl Into<String>) -> Self {
        self.line2 = Some(line2.into());
        self
    }

    /// Sets [`city`](Self::city).
    pub fn with_city(mut self, city: impl Into<String>) -> Self {
        self.city = Some(city.into());
        self
    }

    /// Sets [`state`](Self::state).
    pub fn with_state(mut self, state: impl Into<String>) -> Self {
        self.state = Some(state.into());
        self
    }

    /// Sets [`postal_code`](Self::postal_code).
    pub fn with_postal_code(mut self, postal_code: impl Into<String>) -> Self {
        self.postal_code = Some(postal_code.into());
        self
    }

    /// Sets [`country`](Self::country).
    pub fn with_country(mut self, country: impl Into<String>) -> Self {
        self.country = Some(country.into());
        self
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address").finish_non_exhaustive()
    }
}

impl BillingDetails {
    /// Nothing known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`address`](Self::address).
    pub fn with_address(mut self, address: Address) -> Self {
        self.address = Some(address);
        self
    }

    /// Sets [`email`](Self::email).
    pub fn with_email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// Sets [`name`](Self::name).
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets [`phone`](Self::phone).
    pub fn with_phone(mut self, phone: impl Into<String>) -> Self {
        self.phone = Some(phone.into());
        self
    }
}

impl fmt::Debug for BillingDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BillingDetails").finish_non_exhaustive()
    }
}

impl Shipping {
    /// Nothing known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`address`](Self::address).
    pub fn with_address(mut self, address: Address) -> Self {
        self.address = Some(address);
        self
    }

    /// Sets [`name`](Self::name).
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets [`phone`](Self::phone).
    pub fn with_phone(mut self, phone: impl Into<String>) -> Self {
        self.phone = Some(phone.into());
        self
    }

    /// Sets [`carrier`](Self::carrier).
    pub fn with_carrier(mut self, carrier: impl Into<String>) -> Self {
        self.carrier = Some(carrier.into());
        self
    }

    /// Sets [`tracking_number`](Self::tracking_number).
    pub fn with_tracking_number(mut self, tracking_number: impl Into<String>) -> Self {
        self.tracking_number = Some(tracking_number.into());
        self
    }
}

impl fmt::Debug for Shipping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shipping").finish_non_exhaustive()
    }
}
