//! Who owns the accounts.

use std::fmt;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::words::null_default;
use crate::{AccountFilter, AccountList, Item, Plaid};

const GET: Operation = Operation::read("identity.get");
/// Compares and changes nothing.
const MATCH: Operation = Operation::read("identity.match");

/// Owners of accounts (<https://plaid.com/docs/api/products/identity/>).
#[derive(Debug, Clone, Copy)]
pub struct Identity<'a>(&'a Plaid);

impl Plaid {
    /// Who owns the accounts.
    pub fn identity(&self) -> Identity<'_> {
        Identity(self)
    }
}

impl Identity<'_> {
    /// The accounts with their [`owners`](crate::Account::owners): `POST /identity/get`.
    ///
    /// # Errors
    /// As every call.
    pub async fn get(&self, access_token: &SecretString, filter: &AccountFilter) -> Result<AccountList> {
        self.0.call_item(&GET, "/identity/get", access_token, &filter.options()).await
    }

    /// How well what the host knows fits the owners, without handing the owners out: `POST /identity/match`.
    ///
    /// # Errors
    /// As every call.
    pub async fn match_user(
        &self,
        access_token: &SecretString,
        user: &IdentityUser,
        filter: &AccountFilter,
    ) -> Result<IdentityMatch> {
        #[derive(Serialize)]
        struct Body<'a> {
            user: &'a IdentityUser,
            #[serde(skip_serializing_if = "AccountFilter::is_all")]
            options: &'a AccountFilter,
        }

        self.0.call_item(&MATCH, "/identity/match", access_token, &Body { user, options: filter }).await
    }
}

/// Owners of an account, as the bank has them. Personal data: `Debug` shows counts.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Owner {
    /// Names; several where the bank joins owners.
    #[serde(default, deserialize_with = "null_default")]
    pub names: Vec<String>,
    /// Email addresses.
    #[serde(default, deserialize_with = "null_default")]
    pub emails: Vec<OwnerContact>,
    /// Telephone numbers.
    #[serde(default, deserialize_with = "null_default")]
    pub phone_numbers: Vec<OwnerContact>,
    /// Postal addresses.
    #[serde(default, deserialize_with = "null_default")]
    pub addresses: Vec<OwnerAddress>,
}

impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Owner")
            .field("names", &self.names.len())
            .field("emails", &self.emails.len())
            .field("phone_numbers", &self.phone_numbers.len())
            .field("addresses", &self.addresses.len())
            .finish_non_exhaustive()
    }
}

/// An email address or telephone number.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct OwnerContact {
    /// The address or number.
    pub data: String,
    /// Whether it is the main one.
    #[serde(default, deserialize_with = "null_default")]
    pub primary: bool,
    /// `home`, `work`, `mobile`, ...
    #[serde(rename = "type", default, deserialize_with = "null_default")]
    pub kind: String,
}

impl fmt::Debug for OwnerContact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnerContact")
            .field("primary", &self.primary)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// A postal address and its rank.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct OwnerAddress {
    /// The address.
    pub data: PostalAddress,
    /// Whether it is the main one.
    #[serde(default, deserialize_with = "null_default")]
    pub primary: bool,
}

impl fmt::Debug for OwnerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnerAddress").field("primary", &self.primary).finish_non_exhaustive()
    }
}

/// A postal address.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct PostalAddress {
    /// Street and house.
    pub street: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State or region.
    pub region: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
}

impl fmt::Debug for PostalAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostalAddress").field("country", &self.country).finish_non_exhaustive()
    }
}

/// What the host knows of a person. Personal data: `Debug` shows nothing of it.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct IdentityUser {
    /// The whole name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legal_name: Option<String>,
    /// The telephone number, in E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// The email address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_address: Option<String>,
    /// The postal address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<IdentityAddress>,
}

impl fmt::Debug for IdentityUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityUser").finish_non_exhaustive()
    }
}

impl IdentityUser {
    /// Nothing set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `legal_name`.
    pub fn with_legal_name(mut self, legal_name: impl Into<String>) -> Self {
        self.legal_name = Some(legal_name.into());
        self
    }

    /// Sets `phone_number`.
    pub fn with_phone_number(mut self, phone_number: impl Into<String>) -> Self {
        self.phone_number = Some(phone_number.into());
        self
    }

    /// Sets `email_address`.
    pub fn with_email_address(mut self, email_address: impl Into<String>) -> Self {
        self.email_address = Some(email_address.into());
        self
    }

    /// Sets `address`.
    pub fn with_address(mut self, address: IdentityAddress) -> Self {
        self.address = Some(address);
        self
    }
}

/// A postal address that the host knows.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct IdentityAddress {
    /// Street and house.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State or region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

impl fmt::Debug for IdentityAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityAddress").field("country", &self.country).finish_non_exhaustive()
    }
}

impl IdentityAddress {
    /// Nothing set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `street`.
    pub fn with_street(mut self, street: impl Into<String>) -> Self {
        self.street = Some(street.into());
        self
    }

    /// Sets `city`.
    pub fn with_city(mut self, city: impl Into<String>) -> Self {
        self.city = Some(city.into());
        self
    }

    /// Sets `region`.
    pub fn with_region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Sets `postal_code`.
    pub fn with_postal_code(mut self, postal_code: impl Into<String>) -> Self {
        self.postal_code = Some(postal_code.into());
        self
    }

    /// Sets `country`.
    pub fn with_country(mut self, country: impl Into<String>) -> Self {
        self.country = Some(country.into());
        self
    }
}

/// How well a person fits the owners, by account.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct IdentityMatch {
    /// The accounts.
    pub accounts: Vec<MatchedAccount>,
    /// The item.
    pub item: Option<Item>,
    /// Plaid's id of the request.
    #[serde(default, deserialize_with = "null_default")]
    pub request_id: String,
}

/// How well a person fits the owners of one account; `None` where there was nothing to compare.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct MatchedAccount {
    /// Which account.
    pub account_id: String,
    /// The name.
    pub legal_name: Option<NameMatch>,
    /// The telephone number.
    pub phone_number: Option<MatchScore>,
    /// The email address.
    pub email_address: Option<MatchScore>,
    /// The postal address.
    pub address: Option<AddressMatch>,
}

/// How well a name fits.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct NameMatch {
    /// 0 to 100.
    pub score: Option<u8>,
    /// Whether first or last name is the same.
    pub is_first_name_or_last_name_match: Option<bool>,
    /// Whether one is a nickname of the other.
    pub is_nickname_match: Option<bool>,
    /// Whether one is the name of a business.
    pub is_business_name_detected: Option<bool>,
}

/// How well an address fits.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct AddressMatch {
    /// 0 to 100.
    pub score: Option<u8>,
    /// Whether the postal code is the same.
    pub is_postal_code_match: Option<bool>,
}

/// How well a number or address fits.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct MatchScore {
    /// 0 to 100.
    pub score: Option<u8>,
}
