//! Domains that mail may come from, and the DNS records that say so.

use std::collections::BTreeMap;

use http::Method;
use serde::{Deserialize, Serialize};
use turnbuckle_core::http::Operation;
use turnbuckle_core::{Error, Result};

use crate::client::{once, read, set};
use crate::list::{Listed, Paging};
use crate::object::{id, null_default};
use crate::{ListRequest, SendGrid};

const CREATE: Operation = once("domain_create");
const FETCH: Operation = read("domain_fetch");
const LIST: Operation = read("domain_list");
/// It looks records up and notes what it found.
const VALIDATE: Operation = set("domain_validate");
const DELETE: Operation = set("domain_delete");

/// A domain that mail may come from once its DNS says so.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "SendGrid's own switches")]
pub struct AuthenticatedDomain {
    /// Its number.
    #[serde(deserialize_with = "id")]
    pub id: u64,
    /// The domain.
    pub domain: String,
    /// The subdomain whose records are SendGrid's.
    pub subdomain: Option<String>,
    /// The user that it belongs to.
    pub username: Option<String>,
    /// Whether the records were found when they were last looked up.
    #[serde(default, deserialize_with = "null_default")]
    pub valid: bool,
    /// Whether it is used where no other domain fits.
    #[serde(default, deserialize_with = "null_default")]
    pub default: bool,
    /// Whether SendGrid keeps DKIM and SPF up to date, behind CNAME records.
    #[serde(default, deserialize_with = "null_default")]
    pub automatic_security: bool,
    /// Whether SPF is the account's own.
    #[serde(default, deserialize_with = "null_default")]
    pub custom_spf: bool,
    /// The records that DNS must hold, by what they are for: `mail_cname`, `dkim1` and `dkim2` with automatic security,
    /// else `mail_server`, `subdomain_spf` and `dkim`.
    #[serde(default, deserialize_with = "null_default")]
    pub dns: BTreeMap<String, DnsRecord>,
}

impl Listed for AuthenticatedDomain {}

/// A record that DNS must hold.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct DnsRecord {
    /// Whether it was found.
    #[serde(default, deserialize_with = "null_default")]
    pub valid: bool,
    /// `cname`, `txt` or `mx`.
    #[serde(rename = "type")]
    pub record_type: String,
    /// Its name.
    pub host: String,
    /// What it holds.
    pub data: String,
}

/// What came of looking the records up.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct DomainValidation {
    /// The domain's number.
    #[serde(deserialize_with = "id")]
    pub id: u64,
    /// Whether all were found.
    #[serde(default, deserialize_with = "null_default")]
    pub valid: bool,
    /// What was found, by what the record is for.
    #[serde(default, deserialize_with = "null_default")]
    pub validation_results: BTreeMap<String, RecordValidation>,
}

/// Whether one record was found.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct RecordValidation {
    /// Whether it was.
    #[serde(default, deserialize_with = "null_default")]
    pub valid: bool,
    /// Why not, in SendGrid's words.
    pub reason: Option<String>,
}

/// A domain as it is to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NewDomain {
    /// The domain.
    pub domain: String,
    /// The subdomain whose records are SendGrid's; one is chosen where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subdomain: Option<String>,
    /// Whether it is used where no other domain fits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<bool>,
    /// Whether SendGrid keeps DKIM and SPF up to date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub automatic_security: Option<bool>,
    /// Whether SPF is the account's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_spf: Option<bool>,
    /// Three letters or digits by which two DKIM keys of one domain are told apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_dkim_selector: Option<String>,
    /// `global` or `eu`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

impl NewDomain {
    /// A domain as SendGrid sets it up.
    pub fn new(domain: impl Into<String>) -> Self {
        Self {
            domain: domain.into(),
            subdomain: None,
            default: None,
            automatic_security: None,
            custom_spf: None,
            custom_dkim_selector: None,
            region: None,
        }
    }

    /// Sets the subdomain.
    pub fn with_subdomain(mut self, subdomain: impl Into<String>) -> Self {
        self.subdomain = Some(subdomain.into());
        self
    }

    /// Sets whether it is used where no other domain fits.
    pub fn with_default(mut self, default: bool) -> Self {
        self.default = Some(default);
        self
    }

    /// Sets whether SendGrid keeps DKIM and SPF up to date.
    pub fn with_automatic_security(mut self, automatic: bool) -> Self {
        self.automatic_security = Some(automatic);
        self
    }

    /// Sets whether SPF is the account's own.
    pub fn with_custom_spf(mut self, custom: bool) -> Self {
        self.custom_spf = Some(custom);
        self
    }

    /// Sets the DKIM selector.
    pub fn with_custom_dkim_selector(mut self, selector: impl Into<String>) -> Self {
        self.custom_dkim_selector = Some(selector.into());
        self
    }

    /// Sets the region.
    pub fn with_region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }
}

/// Which domains to list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListDomains {
    /// Only this one.
    pub domain: Option<String>,
    /// Domains in a page, 1 to 50. SendGrid documents no limit of its own.
    pub limit: u32,
}

impl ListDomains {
    /// All, 50 a page.
    pub fn new() -> Self {
        Self { domain: None, limit: 50 }
    }

    /// Lists this domain alone.
    pub fn with_domain(mut self, domain: impl Into<String>) -> Self {
        self.domain = Some(domain.into());
        self
    }

    /// Sets how many stand in a page.
    pub fn with_limit(mut self, limit: u32) -> Self {
        self.limit = limit;
        self
    }
}

impl Default for ListDomains {
    fn default() -> Self {
        Self::new()
    }
}

/// Domains that mail may come from.
/// See <https://www.twilio.com/docs/sendgrid/api-reference/domain-authentication>.
#[derive(Debug, Clone, Copy)]
pub struct Domains<'a> {
    client: &'a SendGrid,
}

impl<'a> Domains<'a> {
    pub(crate) fn new(client: &'a SendGrid) -> Self {
        Self { client }
    }

    /// Makes a domain. Its [`dns`](AuthenticatedDomain::dns) says which records are to be set.
    ///
    /// # Errors
    /// [`InvalidRequest`](turnbuckle_core::ErrorKind::InvalidRequest) when the domain is empty.
    pub async fn create(&self, domain: &NewDomain) -> Result<AuthenticatedDomain> {
        if domain.domain.is_empty() {
            return Err(Error::invalid_field("domain", "is empty"));
        }
        self.client.call(&CREATE, Method::POST, "/v3/whitelabel/domains", domain).await
    }

    /// One domain.
    pub async fn fetch(&self, id: u64) -> Result<AuthenticatedDomain> {
        self.client.get(&FETCH, &format!("/v3/whitelabel/domains/{id}"), &[]).await
    }

    /// Domains.
    pub fn list(&self, params: &ListDomains) -> ListRequest<AuthenticatedDomain> {
        let query = params.domain.iter().map(|domain| ("domain", domain.clone())).collect();
        let size = ("limit", params.limit, 50);
        ListRequest::new(self.client, &LIST, "/v3/whitelabel/domains", Paging::Offset, size, query)
    }

    /// Looks the records up now.
    pub async fn validate(&self, id: u64) -> Result<DomainValidation> {
        self.client.poke(&VALIDATE, &format!("/v3/whitelabel/domains/{id}/validate")).await
    }

    /// Deletes a domain.
    pub async fn delete(&self, id: u64) -> Result<()> {
        self.client.nudge(&DELETE, Method::DELETE, &format!("/v3/whitelabel/domains/{id}")).await
    }
}
