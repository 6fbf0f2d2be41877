//! Banks.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use turnbuckle_core::bank_data::Decimal;
use turnbuckle_core::http::Operation;
use turnbuckle_core::{Error, Result};

use crate::client::refused;
use crate::transactions::check_count;
use crate::words::{null_default, string_enum};
use crate::{Plaid, Product, number};

/// Room for 500 banks with their logos.
const LIST: Operation = Operation::read("institutions.get").with_max_body(32 * 1024 * 1024);
const SEARCH: Operation = Operation::read("institutions.search");
const GET_BY_ID: Operation = Operation::read("institutions.get_by_id");

/// Banks (<https://plaid.com/docs/api/institutions/>).
#[derive(Debug, Clone, Copy)]
pub struct Institutions<'a>(&'a Plaid);

impl Plaid {
    /// Banks.
    pub fn institutions(&self) -> Institutions<'_> {
        Institutions(self)
    }
}

impl Institutions<'_> {
    /// Banks by part of their name, at most ten: `POST /institutions/search`.
    ///
    /// # Errors
    /// As every call.
    pub async fn search(&self, params: &SearchInstitutions) -> Result<InstitutionMatches> {
        if params.query.is_empty() {
            return Err(refused(&SEARCH)(Error::invalid_field("query", "is empty")));
        }
        check_countries(&params.country_codes).map_err(refused(&SEARCH))?;
        self.0.call(&SEARCH, "/institutions/search", params).await
    }

    /// A page of all banks: `POST /institutions/get`. Limited to 10 calls a minute in sandbox and 50 in production.
    ///
    /// # Errors
    /// As every call.
    pub async fn get(&self, params: &ListInstitutions) -> Result<InstitutionPage> {
        check_count(Some(params.count)).map_err(refused(&LIST))?;
        check_countries(&params.country_codes).map_err(refused(&LIST))?;
        self.0.call(&LIST, "/institutions/get", params).await
    }

    /// One bank: `POST /institutions/get_by_id`.
    ///
    /// # Errors
    /// As every call; [`NotFound`](turnbuckle_core::ErrorKind::NotFound) when there is none of this id.
    pub async fn get_by_id(&self, params: &GetInstitution) -> Result<InstitutionInfo> {
        check_countries(&params.country_codes).map_err(refused(&GET_BY_ID))?;
        self.0.call(&GET_BY_ID, "/institutions/get_by_id", params).await
    }
}

fn check_countries(countries: &[String]) -> Result<()> {
    if countries.is_empty() {
        return Err(Error::invalid_field("country_codes", "is empty"));
    }
    Ok(())
}

/// Which banks to find.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct SearchInstitutions {
    /// Part of the name.
    pub query: String,
    /// Countries, ISO 3166-1 alpha-2. At least one.
    pub country_codes: Vec<String>,
    /// What they must have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<Product>,
    /// More about what to send.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<InstitutionOptions>,
}

impl SearchInstitutions {
    /// Banks by part of their name, in these countries.
    pub fn new(query: impl Into<String>, country_codes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            query: query.into(),
            country_codes: country_codes.into_iter().map(Into::into).collect(),
            products: Vec::new(),
            options: None,
        }
    }

    /// Sets `products`.
    pub fn with_products(mut self, products: impl IntoIterator<Item = Product>) -> Self {
        self.products = products.into_iter().collect();
        self
    }

    /// Sets `options`.
    pub fn with_options(mut self, options: InstitutionOptions) -> Self {
        self.options = Some(options);
        self
    }
}

/// Which page of all banks.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct ListInstitutions {
    /// How many at most, 1 to 500.
    pub count: u16,
    /// How many to skip.
    pub offset: u32,
    /// Countries, ISO 3166-1 alpha-2. At least one.
    pub country_codes: Vec<String>,
    /// More about which, and what to send.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<ListInstitutionOptions>,
}

impl ListInstitutions {
    /// So many banks (1 to 500) after so many, in these countries.
    pub fn new(count: u16, offset: u32, country_codes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            count,
            offset,
            country_codes: country_codes.into_iter().map(Into::into).collect(),
            options: None,
        }
    }

    /// Sets `options`.
    pub fn with_options(mut self, options: ListInstitutionOptions) -> Self {
        self.options = Some(options);
        self
    }
}

/// More about which banks, and what to send.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct ListInstitutionOptions {
    /// What they must have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<Product>,
    /// Banks with one of these routing numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub routing_numbers: Vec<String>,
    /// Whether the person signs in on the bank's own page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oauth: Option<bool>,
    /// Whether to send page, colour and logo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include_optional_metadata: Option<bool>,
}

impl ListInstitutionOptions {
    /// Nothing set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `products`.
    pub fn with_products(mut self, products: impl IntoIterator<Item = Product>) -> Self {
        self.products = products.into_iter().collect();
        self
    }

    /// Sets `routing_numbers`.
    pub fn with_routing_numbers(
        mut self,
        routing_numbers: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.routing_numbers = routing_numbers.into_iter().map(Into::into).collect();
        self
    }

    /// Sets `oauth`.
    pub fn with_oauth(mut self, oauth: bool) -> Self {
        self.oauth = Some(oauth);
        self
    }

    /// Sets `include_optional_metadata`.
    pub fn with_include_optional_metadata(mut self, include_optional_metadata: bool) -> Self {
        self.include_optional_metadata = Some(include_optional_metadata);
        self
    }
}

/// Which bank.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct GetInstitution {
    /// Plaid's id, for example `ins_109508`.
    pub institution_id: String,
    /// Countries, ISO 3166-1 alpha-2. At least one.
    pub country_codes: Vec<String>,
    /// More about what to send.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<GetInstitutionOptions>,
}

impl GetInstitution {
    /// A bank by Plaid's id, as seen from these countries.
    pub fn new(
        institution_id: impl Into<String>,
        country_codes: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self {
            institution_id: institution_id.into(),
            country_codes: country_codes.into_iter().map(Into::into).collect(),
            options: None,
        }
    }

    /// Sets `options`.
    pub fn with_options(mut self, options: GetInstitutionOptions) -> Self {
        self.options = Some(options);
        self
    }
}

/// More about which banks, and what to send.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct InstitutionOptions {
    /// Whether the person signs in on the bank's own page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oauth: Option<bool>,
    /// Whether to send page, colour and logo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include_optional_metadata: Option<bool>,
}

impl InstitutionOptions {
    /// Nothing set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `oauth`.
    pub fn with_oauth(mut self, oauth: bool) -> Self {
        self.oauth = Some(oauth);
        self
    }

    /// Sets `include_optional_metadata`.
    pub fn with_include_optional_metadata(mut self, include_optional_metadata: bool) -> Self {
        self.include_optional_metadata = Some(include_optional_metadata);
        self
    }
}

/// More about what to send.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct GetInstitutionOptions {
    /// Whether to send page, colour and logo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include_optional_metadata: Option<bool>,
    /// Whether to send how the bank is doing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include_status: Option<bool>,
}

impl GetInstitutionOptions {
    /// Nothing set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `include_optional_metadata`.
    pub fn with_include_optional_metadata(mut self, include_optional_metadata: bool) -> Self {
        self.include_optional_metadata = Some(include_optional_metadata);
        self
    }

    /// Sets `include_status`.
    pub fn with_include_status(mut self, include_status: bool) -> Self {
        self.include_status = Some(include_status);
        self
    }
}

/// Banks that were found.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct InstitutionMatches {
    /// The banks, at most ten.
    pub institutions: Vec<InstitutionData>,
    /// Plaid's id of the request.
    #[serde(default, deserialize_with = "null_default")]
    pub request_id: String,
}

/// A page of all banks.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct InstitutionPage {
    /// The banks.
    pub institutions: Vec<InstitutionData>,
    /// How many there are in all.
    pub total: u64,
    /// Plaid's id of the request.
    #[serde(default, deserialize_with = "null_default")]
    pub request_id: String,
}

/// One bank.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct InstitutionInfo {
    /// The bank.
    pub institution: InstitutionData,
    /// Plaid's id of the request.
    #[serde(default, deserialize_with = "null_default")]
    pub request_id: String,
}

/// A bank.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct InstitutionData {
    /// Plaid's id.
    pub institution_id: String,
    /// Its name.
    pub name: String,
    /// What it has.
    #[serde(default, deserialize_with = "null_default")]
    pub products: Vec<Product>,
    /// Countries, ISO 3166-1 alpha-2.
    #[serde(default, deserialize_with = "null_default")]
    pub country_codes: Vec<String>,
    /// Its page.
    pub url: Option<String>,
    /// Its colour, as `#rrggbb`.
    pub primary_color: Option<String>,
    /// Its logo, a PNG in base64.
    pub logo: Option<String>,
    /// Routing numbers that are known to be its own.
    #[serde(default, deserialize_with = "null_default")]
    pub routing_numbers: Vec<String>,
    /// DTC numbers of a broker.
    #[serde(default, deserialize_with = "null_default")]
    pub dtc_numbers: Vec<String>,
    /// Whether the person signs in on the bank's own page.
    #[serde(default, deserialize_with = "null_default")]
    pub oauth: bool,
    /// How it is doing, where that was asked for.
    pub status: Option<InstitutionHealth>,
}

/// How a bank is doing.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct InstitutionHealth {
    /// Signing in.
    pub item_logins: Option<ProductHealth>,
    /// Transactions.
    pub transactions_updates: Option<ProductHealth>,
    /// Numbers.
    pub auth: Option<ProductHealth>,
    /// Owners.
    pub identity: Option<ProductHealth>,
    /// Holdings and trades.
    pub investments_updates: Option<ProductHealth>,
    /// Loans and cards.
    pub liabilities_updates: Option<ProductHealth>,
    /// What is known to be wrong.
    #[serde(default, deserialize_with = "null_default")]
    pub health_incidents: Vec<HealthIncident>,
}

string_enum! {
    /// How well something works.
    HealthStatus {
        /// Well.
        Healthy = "HEALTHY",
        /// For some, or slowly.
        Degraded = "DEGRADED",
        /// Not at all.
        Down = "DOWN",
    }
}

/// How well one thing works at a bank.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct ProductHealth {
    /// In one word.
    #[serde(default, deserialize_with = "null_default")]
    pub status: HealthStatus,
    /// Since when.
    pub last_status_change: Option<DateTime<Utc>>,
    /// In numbers.
    pub breakdown: Option<HealthBreakdown>,
}

/// Shares of the latest attempts, 0 to 1.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct HealthBreakdown {
    /// Those that worked.
    #[serde(default, deserialize_with = "number::read_option")]
    pub success: Option<Decimal>,
    /// Those that failed at Plaid.
    #[serde(default, deserialize_with = "number::read_option")]
    pub error_plaid: Option<Decimal>,
    /// Those that failed at the bank.
    #[serde(default, deserialize_with = "number::read_option")]
    pub error_institution: Option<Decimal>,
    /// `NORMAL`, `DELAYED` or `STOPPED`.
    pub refresh_interval: Option<String>,
}

/// Something that is known to be wrong.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct HealthIncident {
    /// What.
    pub title: String,
    /// Since when.
    pub start_date: DateTime<Utc>,
    /// Until when.
    pub end_date: Option<DateTime<Utc>>,
}
