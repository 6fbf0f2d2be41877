//! Account links: Stripe's pages where an account's owner answers questions.

use std::fmt;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::post;
use crate::object::secret_option;
use crate::{CallOptions, Stripe};

/// A new link.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct CreateAccountLink {
    /// The connected account.
    pub account: String,
    /// `account_onboarding` or `account_update`.
    #[serde(rename = "type")]
    pub link_type: String,
    /// Where the owner goes when the link is used up: make another link there.
    pub refresh_url: Option<String>,
    /// Where the owner comes back to, finished or not.
    pub return_url: Option<String>,
    /// What is asked.
    pub collection_options: Option<CollectionOptions>,
}

impl CreateAccountLink {
    /// The required fields; nothing else is sent.
    pub fn new(account: impl Into<String>, link_type: impl Into<String>) -> Self {
        Self {
            account: account.into(),
            link_type: link_type.into(),
            refresh_url: None,
            return_url: None,
            collection_options: None,
        }
    }

    /// Sets [`refresh_url`](Self::refresh_url).
    pub fn with_refresh_url(mut self, refresh_url: impl Into<String>) -> Self {
        self.refresh_url = Some(refresh_url.into());
        self
    }

    /// Sets [`return_url`](Self::return_url).
    pub fn with_return_url(mut self, return_url: impl Into<String>) -> Self {
        self.return_url = Some(return_url.into());
        self
    }

    /// Sets [`collection_options`](Self::collection_options).
    pub fn with_collection_options(mut self, collection_options: CollectionOptions) -> Self {
        self.collection_options = Some(collection_options);
        self
    }
}

impl fmt::Debug for CreateAccountLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateAccountLink")
            .field("account", &self.account)
            .field("link_type", &self.link_type)
            .finish_non_exhaustive()
    }
}

/// What a link asks.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct CollectionOptions {
    /// `currently_due` (Stripe's default) or `eventually_due`.
    pub fields: Option<String>,
    /// `include` or `omit` (Stripe's default).
    pub future_requirements: Option<String>,
}

impl CollectionOptions {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`fields`](Self::fields).
    pub fn with_fields(mut self, fields: impl Into<String>) -> Self {
        self.fields = Some(fields.into());
        self
    }

    /// Sets [`future_requirements`](Self::future_requirements).
    pub fn with_future_requirements(mut self, future_requirements: impl Into<String>) -> Self {
        self.future_requirements = Some(future_requirements.into());
        self
    }
}

/// A link for an account's owner. Whoever has it is that owner: it is in no `Debug` output. Never send it by email.
#[derive(Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct AccountLink {
    /// When it was made.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub created: Option<DateTime<Utc>>,
    /// When it ends, some minutes from now; it works once.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub expires_at: Option<DateTime<Utc>>,
    /// The link.
    #[serde(default, deserialize_with = "secret_option")]
    pub url: Option<SecretString>,
}

impl fmt::Debug for AccountLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountLink")
            .field("created", &self.created)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

const CREATE: Operation = post("account_links.create");

/// Calls for account links: [`Stripe::account_links`].
#[derive(Debug, Clone, Copy)]
pub struct AccountLinks<'a> {
    stripe: &'a Stripe,
}

impl<'a> AccountLinks<'a> {
    pub(crate) fn new(stripe: &'a Stripe) -> Self {
        Self { stripe }
    }

    /// Makes a link: `POST /v1/account_links`.
    pub async fn create(self, params: &CreateAccountLink, options: &CallOptions) -> Result<AccountLink> {
        self.stripe.post(&CREATE, "/v1/account_links", params, options).await
    }
}
