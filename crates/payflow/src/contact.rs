//! Names and addresses.

use std::fmt;

use crate::params::Params;

/// A name and an address. Personal data: its `Debug` shows the country only.
///
/// Texts are sent as they are; Payflow's limits are 30 characters a name and street, 9 a postal code without spaces or
/// dashes.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Contact {
    /// Given name, or the whole name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Company. Of billing addresses only.
    pub company: Option<String>,
    /// Street and number.
    pub street: Option<String>,
    /// Apartment, floor.
    pub street2: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State, province or region.
    pub region: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Country: ISO 3166-1, numeric or alpha-2. Payflow's libraries show the numeric code, its guides the letters as well.
    pub country: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// Email address.
    pub email: Option<String>,
}

impl Contact {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the given name, or the whole name.
    pub fn with_first_name(mut self, value: impl Into<String>) -> Self {
        self.first_name = Some(value.into());
        self
    }

    /// Sets the family name.
    pub fn with_last_name(mut self, value: impl Into<String>) -> Self {
        self.last_name = Some(value.into());
        self
    }

    /// Sets the company.
    pub fn with_company(mut self, value: impl Into<String>) -> Self {
        self.company = Some(value.into());
        self
    }

    /// Sets street and number.
    pub fn with_street(mut self, value: impl Into<String>) -> Self {
        self.street = Some(value.into());
        self
    }

    /// Sets apartment, floor.
    pub fn with_street2(mut self, value: impl Into<String>) -> Self {
        self.street2 = Some(value.into());
        self
    }

    /// Sets the city.
    pub fn with_city(mut self, value: impl Into<String>) -> Self {
        self.city = Some(value.into());
        self
    }

    /// Sets the state, province or region.
    pub fn with_region(mut self, value: impl Into<String>) -> Self {
        self.region = Some(value.into());
        self
    }

    /// Sets the postal code.
    pub fn with_postal_code(mut self, value: impl Into<String>) -> Self {
        self.postal_code = Some(value.into());
        self
    }

    /// Sets the country.
    pub fn with_country(mut self, value: impl Into<String>) -> Self {
        self.country = Some(value.into());
        self
    }

    /// Sets the telephone number.
    pub fn with_phone(mut self, value: impl Into<String>) -> Self {
        self.phone = Some(value.into());
        self
    }

    /// Sets the email address.
    pub fn with_email(mut self, value: impl Into<String>) -> Self {
        self.email = Some(value.into());
        self
    }

    pub(crate) fn write_billing(&self, params: &mut Params) {
        params.set_some("BILLTOFIRSTNAME", self.first_name.as_deref());
        params.set_some("BILLTOLASTNAME", self.last_name.as_deref());
        params.set_some("COMPANYNAME", self.company.as_deref());
        params.set_some("BILLTOSTREET", self.street.as_deref());
        params.set_some("BILLTOSTREET2", self.street2.as_deref());
        params.set_some("BILLTOCITY", self.city.as_deref());
        params.set_some("BILLTOSTATE", self.region.as_deref());
        params.set_some("BILLTOZIP", self.postal_code.as_deref());
        params.set_some("BILLTOCOUNTRY", self.country.as_deref());
        params.set_some("BILLTOPHONENUM", self.phone.as_deref());
        params.set_some("BILLTOEMAIL", self.email.as_deref());
    }

    pub(crate) fn write_shipping(&self, params: &mut Params) {
        params.set_some("SHIPTOFIRSTNAME", self.first_name.as_deref());
        params.set_some("SHIPTOLASTNAME", self.last_name.as_deref());
        params.set_some("SHIPTOSTREET", self.street.as_deref());
        params.set_some("SHIPTOSTREET2", self.street2.as_deref());
        params.set_some("SHIPTOCITY", self.city.as_deref());
        params.set_some("SHIPTOSTATE", self.region.as_deref());
        params.set_some("SHIPTOZIP", self.postal_code.as_deref());
        params.set_some("SHIPTOCOUNTRY", self.country.as_deref());
        params.set_some("SHIPTOPHONENUM", self.phone.as_deref());
        params.set_some("SHIPTOEMAIL", self.email.as_deref());
    }
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contact").field("country", &self.country).finish_non_exhaustive()
    }
}
