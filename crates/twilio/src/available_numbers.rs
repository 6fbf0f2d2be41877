//! Phone numbers that can be had.

use std::fmt;

use serde::Deserialize;
use turnbuckle_core::Error;
use turnbuckle_core::http::Operation;

use crate::client::read;
use crate::form::Form;
use crate::hosts::Product;
use crate::object::{decimal, null_default};
use crate::{ListRequest, NumberCapabilities, Twilio};

/// What kind of number to look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NumberKind {
    /// Of a place.
    Local,
    /// Free for whoever calls it.
    TollFree,
    /// Of a mobile network.
    Mobile,
}

impl NumberKind {
    fn segment(self) -> &'static str {
        match self {
            Self::Local => "Local",
            Self::TollFree => "TollFree",
            Self::Mobile => "Mobile",
        }
    }
}

/// A number that can be had.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct AvailablePhoneNumber {
    /// The number, `+` and digits.
    #[serde(default, deserialize_with = "null_default")]
    pub phone_number: String,
    /// The number as people of the country write it.
    #[serde(default, deserialize_with = "null_default")]
    pub friendly_name: String,
    /// The country, ISO 3166-1.
    #[serde(default, deserialize_with = "null_default")]
    pub iso_country: String,
    /// The state or province.
    pub region: Option<String>,
    /// The town.
    pub locality: Option<String>,
    /// The postal code.
    pub postal_code: Option<String>,
    /// The rate center.
    pub rate_center: Option<String>,
    /// The local access and transport area.
    pub lata: Option<String>,
    /// Degrees, digit for digit.
    #[serde(default, deserialize_with = "decimal")]
    pub latitude: Option<String>,
    /// Degrees, digit for digit.
    #[serde(default, deserialize_with = "decimal")]
    pub longitude: Option<String>,
    /// Which address its holder must have: `none`, `any`, `local`, `foreign`.
    pub address_requirements: Option<String>,
    /// Whether it is new to Twilio's platform.
    #[serde(default, deserialize_with = "null_default")]
    pub beta: bool,
    /// What it can do.
    #[serde(default, deserialize_with = "null_default")]
    pub capabilities: NumberCapabilities,
}

impl fmt::Debug for AvailablePhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AvailablePhoneNumber")
            .field("iso_country", &self.iso_country)
            .field("region", &self.region)
            .field("locality", &self.locality)
            .field("postal_code", &self.postal_code)
            .field("rate_center", &self.rate_center)
            .field("lata", &self.lata)
            .field("latitude", &self.latitude)
            .field("longitude", &self.longitude)
            .field("address_requirements", &self.address_requirements)
            .field("beta", &self.beta)
            .field("capabilities", &self.capabilities)
            .finish_non_exhaustive()
    }
}

/// Which numbers to look for.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct SearchPhoneNumbers {
    /// With this area code; North America only.
    pub area_code: Option<u32>,
    /// With these digits or letters; `*` stands for any one.
    pub contains: Option<String>,
    /// Good for text messages.
    pub sms_enabled: Option<bool>,
    /// Good for messages with media.
    pub mms_enabled: Option<bool>,
    /// Good for calls.
    pub voice_enabled: Option<bool>,
    /// Without those whose holder must have an address.
    pub exclude_all_address_required: Option<bool>,
    /// With those that are new to Twilio's platform.
    pub beta: Option<bool>,
    /// Close to this number; North America only.
    pub near_number: Option<String>,
    /// Within so many miles of it.
    pub distance: Option<u32>,
    /// In this postal code.
    pub in_postal_code: Option<String>,
    /// In this state or province.
    pub in_region: Option<String>,
    /// In this town.
    pub in_locality: Option<String>,
    /// Objects a page, 1 to 1000; Twilio's default is 50.
    pub page_size: Option<u32>,
}

impl SearchPhoneNumbers {
    /// Nothing is set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`area_code`](Self::area_code).
    pub fn with_area_code(mut self, area_code: u32) -> Self {
        self.area_code = Some(area_code);
        self
    }

    /// Sets [`contains`](Self::contains).
    pub fn with_contains(mut self, contains: impl Into<String>) -> Self {
        self.contains = Some(contains.into());
        self
    }

    /// Sets [`sms_enabled`](Self::sms_enabled).
    pub fn with_sms_enabled(mut self, sms_enabled: bool) -> Self {
        self.sms_enabled = Some(sms_enabled);
        self
    }

    /// Sets [`mms_enabled`](Self::mms_enabled).
    pub fn with_mms_enabled(mut self, mms_enabled: bool) -> Self {
        self.mms_enabled = Some(mms_enabled);
        self
    }

    /// Sets [`voice_enabled`](Self::voice_enabled).
    pub fn with_voice_enabled(mut self, voice_enabled: bool) -> Self {
        self.voice_enabled = Some(voice_enabled);
        self
    }

    /// Sets [`exclude_all_address_required`](Self::exclude_all_address_required).
    pub fn with_exclude_all_address_required(mut self, exclude_all_address_required: bool) -> Self {
        self.exclude_all_address_required = Some(exclude_all_address_required);
        self
    }

    /// Sets [`beta`](Self::beta).
    pub fn with_beta(mut self, beta: bool) -> Self {
        self.beta = Some(beta);
        self
    }

    /// Sets [`near_number`](Self::near_number).
    pub fn with_near_number(mut self, near_number: impl Into<String>) -> Self {
        self.near_number = Some(near_number.into());
        self
    }

    /// Sets [`distance`](Self::distance).
    pub fn with_distance(mut self, distance: u32) -> Self {
        self.distance = Some(distance);
        self
    }

    /// Sets [`in_postal_code`](Self::in_postal_code).
    pub fn with_in_postal_code(mut self, in_postal_code: impl Into<String>) -> Self {
        self.in_postal_code = Some(in_postal_code.into());
        self
    }

    /// Sets [`in_region`](Self::in_region).
    pub fn with_in_region(mut self, in_region: impl Into<String>) -> Self {
        self.in_region = Some(in_region.into());
        self
    }

    /// Sets [`in_locality`](Self::in_locality).
    pub fn with_in_locality(mut self, in_locality: impl Into<String>) -> Self {
        self.in_locality = Some(in_locality.into());
        self
    }

    /// Sets [`page_size`](Self::page_size).
    pub fn with_page_size(mut self, page_size: u32) -> Self {
        self.page_size = Some(page_size);
        self
    }

    fn form(&self) -> Form {
        let mut form = Form::new();
        form.number("AreaCode", self.area_code);
        form.maybe("Contains", self.contains.as_deref());
        form.flag("SmsEnabled", self.sms_enabled);
        form.flag("MmsEnabled", self.mms_enabled);
        form.flag("VoiceEnabled", self.voice_enabled);
        form.flag("ExcludeAllAddressRequired", self.exclude_all_address_required);
        form.flag("Beta", self.beta);
        form.maybe("NearNumber", self.near_number.as_deref());
        form.number("Distance", self.distance);
        form.maybe("InPostalCode", self.in_postal_code.as_deref());
        form.maybe("InRegion", self.in_region.as_deref());
        form.maybe("InLocality", self.in_locality.as_deref());
        form
    }
}

impl fmt::Debug for SearchPhoneNumbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SearchPhoneNumbers")
            .field("area_code", &self.area_code)
            .field("contains", &self.contains)
            .field("sms_enabled", &self.sms_enabled)
            .field("mms_enabled", &self.mms_enabled)
            .field("voice_enabled", &self.voice_enabled)
            .field("exclude_all_address_required", &self.exclude_all_address_required)
            .field("beta", &self.beta)
            .field("distance", &self.distance)
            .field("in_postal_code", &self.in_postal_code)
            .field("in_region", &self.in_region)
            .field("in_locality", &self.in_locality)
            .field("page_size", &self.page_size)
            .finish_non_exhaustive()
    }
}

static SEARCH: Operation = read("available_phone_numbers.list");

/// Calls for numbers that can be had: [`Twilio::available_phone_numbers`].
#[derive(Debug, Clone, Copy)]
pub struct AvailablePhoneNumbers<'a> {
    twilio: &'a Twilio,
}

impl<'a> AvailablePhoneNumbers<'a> {
    pub(crate) fn new(twilio: &'a Twilio) -> Self {
        Self { twilio }
    }

    /// Numbers of a country that can be had: `GET .../AvailablePhoneNumbers/{CountryCode}/{Kind}.json`. The country is an
    /// ISO 3166-1 code of two letters.
    pub fn search(
        self,
        country: &str,
        kind: NumberKind,
        params: &SearchPhoneNumbers,
    ) -> ListRequest<AvailablePhoneNumber> {
        let path = if country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase()) {
            let rest = format!("/AvailablePhoneNumbers/{country}/{}.json", kind.segment());
            Ok(self.twilio.account_path(&rest))
        } else {
            Err(Error::invalid_field("CountryCode", "is not a code of two capital letters"))
        };
        let key = "available_phone_numbers";
        ListRequest::new(self.twilio, &SEARCH, Product::Api, path, key, params.form(), params.page_size)
    }
}
