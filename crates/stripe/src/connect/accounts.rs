//! Connected accounts.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::{check_id, delete, get, post};
use crate::object::null_default;
use crate::{CallOptions, CreateAccount, ListAccounts, ListRequest, Object, Stripe, UpdateAccount};

/// An account of somebody who sells through the platform. Personal parts are in no `Debug` output.
#[expect(clippy::struct_excessive_bools, reason = "Stripe's own object")]
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct ConnectedAccount {
    /// Id, `acct_...`.
    pub id: String,
    /// What the public sees.
    pub business_profile: Option<AccountProfile>,
    /// `individual`, `company`, `non_profit` or `government_entity`.
    pub business_type: Option<String>,
    /// What it may do: name and `active`, `inactive` or `pending`.
    #[serde(default, deserialize_with = "null_default")]
    pub capabilities: BTreeMap<String, String>,
    /// Whether it can take payments.
    #[serde(default, deserialize_with = "null_default")]
    pub charges_enabled: bool,
    /// ISO 3166 code of two letters.
    pub country: Option<String>,
    /// When it was made.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub created: Option<DateTime<Utc>>,
    /// ISO 4217 code in lower case.
    pub default_currency: Option<String>,
    /// Whether it is deleted; the other fields are empty then.
    #[serde(default, deserialize_with = "null_default")]
    pub deleted: bool,
    /// Whether its owner has answered everything asked at the beginning.
    #[serde(default, deserialize_with = "null_default")]
    pub details_submitted: bool,
    /// Email address.
    pub email: Option<String>,
    /// What will be asked.
    pub future_requirements: Option<AccountRequirements>,
    /// The host's own entries.
    #[serde(default, deserialize_with = "null_default")]
    pub metadata: BTreeMap<String, String>,
    /// Whether it is paid out.
    #[serde(default, deserialize_with = "null_default")]
    pub payouts_enabled: bool,
    /// What is asked.
    pub requirements: Option<AccountRequirements>,
    /// `standard`, `express`, `custom` or `none`.
    #[serde(rename = "type")]
    pub account_type: Option<String>,
}

impl fmt::Debug for ConnectedAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectedAccount")
            .field("id", &self.id)
            .field("business_type", &self.business_type)
            .field("capabilities", &self.capabilities)
            .field("charges_enabled", &self.charges_enabled)
            .field("country", &self.country)
            .field("created", &self.created)
            .field("default_currency", &self.default_currency)
            .field("deleted", &self.deleted)
            .field("details_submitted", &self.details_submitted)
            .field("future_requirements", &self.future_requirements)
            .field("payouts_enabled", &self.payouts_enabled)
            .field("requirements", &self.requirements)
            .field("account_type", &self.account_type)
            .finish_non_exhaustive()
    }
}

impl Object for ConnectedAccount {
    fn id(&self) -> &str {
        &self.id
    }
}

/// What the public sees of an account.
#[derive(Clone, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AccountProfile {
    /// Merchant category code, four digits.
    pub mcc: Option<String>,
    /// Name that customers know.
    pub name: Option<String>,
    /// What is sold.
    pub product_description: Option<String>,
    /// Address for customers' questions.
    pub support_email: Option<String>,
    /// Telephone number for customers' questions.
    pub support_phone: Option<String>,
    /// Page for customers' questions.
    pub support_url: Option<String>,
    /// Web site.
    pub url: Option<String>,
}

impl AccountProfile {
    /// Says nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`mcc`](Self::mcc).
    pub fn with_mcc(mut self, mcc: impl Into<String>) -> Self {
        self.mcc = Some(mcc.into());
        self
    }

    /// Sets [`name`](Self::name).
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets [`product_description`](Self::product_description).
    pub fn with_product_description(mut self, product_description: impl Into<String>) -> Self {
        self.product_description = Some(product_description.into());
        self
    }

    /// Sets [`support_email`](Self::support_email).
    pub fn with_support_email(mut self, support_email: impl Into<String>) -> Self {
        self.support_email = Some(support_email.into());
        self
    }

    /// Sets [`support_phone`](Self::support_phone).
    pub fn with_support_phone(mut self, support_phone: impl Into<String>) -> Self {
        self.support_phone = Some(support_phone.into());
        self
    }

    /// Sets [`support_url`](Self::support_url).
    pub fn with_support_url(mut self, support_url: impl Into<String>) -> Self {
        self.support_url = Some(support_url.into());
        self
    }

    /// Sets [`url`](Self::url).
    pub fn with_url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }
}

impl fmt::Debug for AccountProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountProfile").field("mcc", &self.mcc).finish_non_exhaustive()
    }
}

/// What Stripe asks about an account, by the names of its fields.
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct AccountRequirements {
    /// When it will be restricted otherwise.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub current_deadline: Option<DateTime<Utc>>,
    /// Asked now.
    #[serde(default, deserialize_with = "null_default")]
    pub currently_due: Vec<String>,
    /// Why it is restricted.
    pub disabled_reason: Option<String>,
    /// Asked some day.
    #[serde(default, deserialize_with = "null_default")]
    pub eventually_due: Vec<String>,
    /// Asked and late: this restricts it.
    #[serde(default, deserialize_with = "null_default")]
    pub past_due: Vec<String>,
    /// Answered and being checked.
    #[serde(default, deserialize_with = "null_default")]
    pub pending_verification: Vec<String>,
}

const CREATE: Operation = post("accounts.create");
const RETRIEVE: Operation = get("accounts.retrieve");
const UPDATE: Operation = post("accounts.update");
const DELETE: Operation = delete("accounts.delete");
static LIST: Operation = get("accounts.list");

/// Calls for connected accounts: [`Stripe::accounts`].
#[derive(Debug, Clone, Copy)]
pub struct Accounts<'a> {
    stripe: &'a Stripe,
}

impl<'a> Accounts<'a> {
    pub(crate) fn new(stripe: &'a Stripe) -> Self {
        Self { stripe }
    }

    /// Makes a connected account: `POST /v1/accounts`.
    pub async fn create(self, params: &CreateAccount, options: &CallOptions) -> Result<ConnectedAccount> {
        self.stripe.post(&CREATE, "/v1/accounts", params, options).await
    }

    /// One account: `GET /v1/accounts/{id}`.
    pub async fn retrieve(self, id: &str, options: &CallOptions) -> Result<ConnectedAccount> {
        let path = format!("/v1/accounts/{}", check_id(id)?);
        self.stripe.get(&RETRIEVE, &path, &(), options).await
    }

    /// Changes an account: `POST /v1/accounts/{id}`.
    pub async fn update(
        self,
        id: &str,
        params: &UpdateAccount,
        options: &CallOptions,
    ) -> Result<ConnectedAccount> {
        let path = format!("/v1/accounts/{}", check_id(id)?);
        self.stripe.post(&UPDATE, &path, params, options).await
    }

    /// Deletes an account, where its balance is zero and its kind allows it: `DELETE /v1/accounts/{id}`.
    /// # Errors
    /// [`NotFound`](turnbuckle_core::ErrorKind::NotFound) or [`Forbidden`](turnbuckle_core::ErrorKind::Forbidden)
    /// when it is gone already.
    pub async fn delete(self, id: &str, options: &CallOptions) -> Result<ConnectedAccount> {
        let path = format!("/v1/accounts/{}", check_id(id)?);
        self.stripe.delete(&DELETE, &path, options).await
    }

    /// Accounts, newest first: `GET /v1/accounts`.
    pub fn list(self, params: &ListAccounts) -> ListRequest<ConnectedAccount> {
        ListRequest::list(self.stripe, &LIST, "/v1/accounts", params)
    }
}
