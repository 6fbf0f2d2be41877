//! Lookup: what is known about a phone number.

use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value};
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::Twilio;
use crate::client::read;
use crate::form::Form;
use crate::hosts::Product;
use crate::object::{null_default, number, string_enum};

string_enum! {
    /// What to ask about a number. Each has a price; plain formatting has none.
    LookupField {
        /// Whether the number can exist.
        Validation = "validation",
        /// Whose name is registered; United States only.
        CallerName = "caller_name",
        /// Whether the SIM changed lately.
        SimSwap = "sim_swap",
        /// Whether calls are forwarded.
        CallForwarding = "call_forwarding",
        /// Whether the line works.
        LineStatus = "line_status",
        /// Mobile, landline, VoIP and so on, and the carrier.
        LineTypeIntelligence = "line_type_intelligence",
        /// Whether a name and address fit the number.
        IdentityMatch = "identity_match",
        /// Whether somebody else has the number since a date.
        ReassignedNumber = "reassigned_number",
        /// Whether the number takes part in SMS pumping.
        SmsPumpingRisk = "sms_pumping_risk",
        /// How good the number's reputation is.
        PhoneNumberQualityScore = "phone_number_quality_score",
        /// What could stand in a form.
        PreFill = "pre_fill",
    }
}

/// What kind of line a number is.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct LineType {
    /// `mobile`, `landline`, `fixedVoip`, `nonFixedVoip`, `tollFree` and others.
    #[serde(rename = "type")]
    pub line_type: Option<String>,
    /// The carrier.
    pub carrier_name: Option<String>,
    /// The carrier's country, as mobile networks number it.
    pub mobile_country_code: Option<String>,
    /// The carrier's network.
    pub mobile_network_code: Option<String>,
    /// Why nothing is known.
    #[serde(default, deserialize_with = "number")]
    pub error_code: Option<u32>,
}

/// How likely a number is to take part in SMS pumping.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct PumpingRisk {
    /// 0 (none) to 100.
    #[serde(default, deserialize_with = "number")]
    pub sms_pumping_risk_score: Option<u32>,
    /// `low`, `mild`, `moderate` or `high`, for the carrier as a whole.
    pub carrier_risk_category: Option<String>,
    /// Whether Twilio blocks it at the moment.
    pub number_blocked: Option<bool>,
    /// Why nothing is known.
    #[serde(default, deserialize_with = "number")]
    pub error_code: Option<u32>,
}

/// What is known about a number. A number that cannot exist is an answer with `valid` false, not an error.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct LookedUpNumber {
    /// The number, `+` and digits.
    #[serde(default, deserialize_with = "null_default")]
    pub phone_number: String,
    /// The number as people of the country write it.
    pub national_format: Option<String>,
    /// The country, ISO 3166-1.
    pub country_code: Option<String>,
    /// The digits behind the plus.
    pub calling_country_code: Option<String>,
    /// Whether it can exist.
    #[serde(default, deserialize_with = "null_default")]
    pub valid: bool,
    /// Why it cannot, for example `TOO_SHORT`.
    #[serde(default, deserialize_with = "null_default")]
    pub validation_errors: Vec<String>,
    /// What kind of line it is.
    pub line_type_intelligence: Option<LineType>,
    /// How likely it takes part in SMS pumping.
    pub sms_pumping_risk: Option<PumpingRisk>,
    /// Whose name is registered, as Twilio sends it.
    #[serde(default, deserialize_with = "null_default")]
    pub caller_name: Map<String, Value>,
    /// When the SIM changed, as Twilio sends it.
    #[serde(default, deserialize_with = "null_default")]
    pub sim_swap: Map<String, Value>,
    /// Whether calls are forwarded, as Twilio sends it.
    #[serde(default, deserialize_with = "null_default")]
    pub call_forwarding: Map<String, Value>,
    /// Whether the line works, as Twilio sends it.
    #[serde(default, deserialize_with = "null_default")]
    pub line_status: Map<String, Value>,
    /// How well name and address fit, as Twilio sends it.
    #[serde(default, deserialize_with = "null_default")]
    pub identity_match: Map<String, Value>,
    /// Whether somebody else has it now, as Twilio sends it.
    #[serde(default, deserialize_with = "null_default")]
    pub reassigned_number: Map<String, Value>,
}

impl fmt::Debug for LookedUpNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LookedUpNumber")
            .field("country_code", &self.country_code)
            .field("calling_country_code", &self.calling_country_code)
            .field("valid", &self.valid)
            .field("validation_errors", &self.validation_errors)
            .field("line_type_intelligence", &self.line_type_intelligence)
            .field("sms_pumping_risk", &self.sms_pumping_risk)
            .finish_non_exhaustive()
    }
}

/// What to ask about a number.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct LookupNumber {
    /// What to ask; nothing is a plain check of the form.
    pub fields: Vec<LookupField>,
    /// The country of a number without plus, ISO 3166-1.
    pub country_code: Option<String>,
    /// For `identity_match`.
    pub first_name: Option<String>,
    /// For `identity_match`.
    pub last_name: Option<String>,
    /// For `identity_match`.
    pub address_line1: Option<String>,
    /// For `identity_match`.
    pub city: Option<String>,
    /// For `identity_match`.
    pub state: Option<String>,
    /// For `identity_match`.
    pub postal_code: Option<String>,
    /// For `identity_match`.
    pub address_country_code: Option<String>,
    /// For `reassigned_number`: a day as `YYYYMMDD`.
    pub last_verified_date: Option<String>,
}

impl LookupNumber {
    /// Nothing is set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one of [`fields`](Self::fields).
    pub fn with_field(mut self, field: LookupField) -> Self {
        self.fields.push(field);
        self
    }

    /// Sets [`country_code`](Self::country_code).
    pub fn with_country_code(mut self, country_code: impl Into<String>) -> Self {
        self.country_code = Some(country_code.into());
        self
    }

    /// Sets [`first_name`](Self::first_name).
    pub fn with_first_name(mut self, first_name: impl Into<String>) -> Self {
        self.first_name = Some(first_name.into());
        self
    }

    /// Sets [`last_name`](Self::last_name).
    pub fn with_last_name(mut self, last_name: impl Into<String>) -> Self {
        self.last_name = Some(last_name.into());
        self
    }

    /// Sets [`address_line1`](Self::address_line1).
    pub fn with_address_line1(mut self, address_line1: impl Into<String>) -> Self {
        self.address_line1 = Some(address_line1.into());
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

    /// Sets [`address_country_code`](Self::address_country_code).
    pub fn with_address_country_code(mut self, address_country_code: impl Into<String>) -> Self {
        self.address_country_code = Some(address_country_code.into());
        self
    }

    /// Sets [`last_verified_date`](Self::last_verified_date).
    pub fn with_last_verified_date(mut self, last_verified_date: impl Into<String>) -> Self {
        self.last_verified_date = Some(last_verified_date.into());
        self
    }

    fn form(&self) -> Form {
        let mut form = Form::new();
        if !self.fields.is_empty() {
            let names: Vec<_> = self.fields.iter().map(LookupField::as_str).collect();
            form.text("Fields", &names.join(","));
        }
        form.maybe("CountryCode", self.country_code.as_deref());
        form.maybe("FirstName", self.first_name.as_deref());
        form.maybe("LastName", self.last_name.as_deref());
        form.maybe("AddressLine1", self.address_line1.as_deref());
        form.maybe("City", self.city.as_deref());
        form.maybe("State", self.state.as_deref());
        form.maybe("PostalCode", self.postal_code.as_deref());
        form.maybe("AddressCountryCode", self.address_country_code.as_deref());
        form.maybe("LastVerifiedDate", self.last_verified_date.as_deref());
        form
    }
}

impl fmt::Debug for LookupNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LookupNumber")
            .field("fields", &self.fields)
            .field("country_code", &self.country_code)
            .field("address_country_code", &self.address_country_code)
            .field("last_verified_date", &self.last_verified_date)
            .finish_non_exhaustive()
    }
}

const FETCH: Operation = read("lookups.fetch");

/// Calls for Lookup: [`Twilio::lookups`].
#[derive(Debug, Clone, Copy)]
pub struct Lookups<'a> {
    twilio: &'a Twilio,
}

impl<'a> Lookups<'a> {
    pub(crate) fn new(twilio: &'a Twilio) -> Self {
        Self { twilio }
    }

    /// What is known about a number: `GET /v2/PhoneNumbers/{PhoneNumber}`.
    ///
    /// # Errors
    /// [`InvalidRequest`](turnbuckle_core::ErrorKind::InvalidRequest) when it is not an optional plus and 1 to 20
    /// digits.
    pub async fn fetch(self, number: &str, params: &LookupNumber) -> Result<LookedUpNumber> {
        let digits = number.strip_prefix('+').unwrap_or(number);
        if !(1..=20).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(turnbuckle_core::Error::invalid_field("PhoneNumber", "is not a plus and digits"));
        }
        // The plus is escaped, since some servers read a bare one as a space.
        let plus = if digits.len() == number.len() { "" } else { "%2B" };
        let path = format!("/v2/PhoneNumbers/{plus}{digits}");
        self.twilio.get(&FETCH, Product::Lookups, &path, params.form().as_str()).await
    }
}
