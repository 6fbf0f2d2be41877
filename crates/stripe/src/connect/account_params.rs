//! Parameters of connected accounts.
//!
//! What identifies an owner (tax numbers, dates of birth, documents) is left to Stripe's own pages, which
//! [`account_links`](crate::Stripe::account_links) open, or to an account token made in the browser.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::{AccountController, AccountProfile, AccountSettings, Created, RequestedCapability};

/// A new connected account.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct CreateAccount {
    /// `standard`, `express` or `custom`; either this or `controller`.
    #[serde(rename = "type")]
    pub account_type: Option<String>,
    /// A token of Stripe's browser code that carries what its owner typed.
    pub account_token: Option<String>,
    /// What the public sees.
    pub business_profile: Option<AccountProfile>,
    /// `individual`, `company`, `non_profit` or `government_entity`.
    pub business_type: Option<String>,
    /// What it is to be able to do.
    pub capabilities: BTreeMap<String, RequestedCapability>,
    /// Who is responsible for what.
    pub controller: Option<AccountController>,
    /// ISO 3166 code of two letters; the platform's otherwise.
    pub country: Option<String>,
    /// ISO 4217 code in lower case.
    pub default_currency: Option<String>,
    /// Email address of its owner.
    pub email: Option<String>,
    /// Settings.
    pub settings: Option<AccountSettings>,
    /// Up to 50 entries of the host's own.
    pub metadata: BTreeMap<String, String>,
}

impl CreateAccount {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`account_type`](Self::account_type).
    pub fn with_account_type(mut self, account_type: impl Into<String>) -> Self {
        self.account_type = Some(account_type.into());
        self
    }

    /// Sets [`account_token`](Self::account_token).
    pub fn with_account_token(mut self, account_token: impl Into<String>) -> Self {
        self.account_token = Some(account_token.into());
        self
    }

    /// Sets [`business_profile`](Self::business_profile).
    pub fn with_business_profile(mut self, business_profile: AccountProfile) -> Self {
        self.business_profile = Some(business_profile);
        self
    }

    /// Sets [`business_type`](Self::business_type).
    pub fn with_business_type(mut self, business_type: impl Into<String>) -> Self {
        self.business_type = Some(business_type.into());
        self
    }

    /// Asks for one more of [`capabilities`](Self::capabilities), for example `card_payments` or `transfers`.
    pub fn with_capability(mut self, name: impl Into<String>) -> Self {
        self.capabilities.insert(name.into(), RequestedCapability::new(true));
        self
    }

    /// Sets [`controller`](Self::controller).
    pub fn with_controller(mut self, controller: AccountController) -> Self {
        self.controller = Some(controller);
        self
    }

    /// Sets [`country`](Self::country).
    pub fn with_country(mut self, country: impl Into<String>) -> Self {
        self.country = Some(country.into());
        self
    }

    /// Sets [`default_currency`](Self::default_currency).
    pub fn with_default_currency(mut self, default_currency: impl Into<String>) -> Self {
        self.default_currency = Some(default_currency.into());
        self
    }

    /// Sets [`email`](Self::email).
    pub fn with_email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// Sets [`settings`](Self::settings).
    pub fn with_settings(mut self, settings: AccountSettings) -> Self {
        self.settings = Some(settings);
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for CreateAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateAccount")
            .field("account_type", &self.account_type)
            .field("business_type", &self.business_type)
            .field("capabilities", &self.capabilities)
            .field("controller", &self.controller)
            .field("country", &self.country)
            .field("default_currency", &self.default_currency)
            .finish_non_exhaustive()
    }
}

/// Changes of a connected account.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct UpdateAccount {
    /// A token of Stripe's browser code that carries what its owner typed.
    pub account_token: Option<String>,
    /// What the public sees.
    pub business_profile: Option<AccountProfile>,
    /// `individual`, `company`, `non_profit` or `government_entity`.
    pub business_type: Option<String>,
    /// What it is to be able to do.
    pub capabilities: BTreeMap<String, RequestedCapability>,
    /// ISO 4217 code in lower case.
    pub default_currency: Option<String>,
    /// Email address of its owner.
    pub email: Option<String>,
    /// Settings.
    pub settings: Option<AccountSettings>,
    /// Entries to add or replace; an empty value removes one.
    pub metadata: BTreeMap<String, String>,
}

impl UpdateAccount {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`account_token`](Self::account_token).
    pub fn with_account_token(mut self, account_token: impl Into<String>) -> Self {
        self.account_token = Some(account_token.into());
        self
    }

    /// Sets [`business_profile`](Self::business_profile).
    pub fn with_business_profile(mut self, business_profile: AccountProfile) -> Self {
        self.business_profile = Some(business_profile);
        self
    }

    /// Sets [`business_type`](Self::business_type).
    pub fn with_business_type(mut self, business_type: impl Into<String>) -> Self {
        self.business_type = Some(business_type.into());
        self
    }

    /// Asks for one more of [`capabilities`](Self::capabilities), for example `card_payments` or `transfers`.
    pub fn with_capability(mut self, name: impl Into<String>) -> Self {
        self.capabilities.insert(name.into(), RequestedCapability::new(true));
        self
    }

    /// Sets [`default_currency`](Self::default_currency).
    pub fn with_default_currency(mut self, default_currency: impl Into<String>) -> Self {
        self.default_currency = Some(default_currency.into());
        self
    }

    /// Sets [`email`](Self::email).
    pub fn with_email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// Sets [`settings`](Self::settings).
    pub fn with_settings(mut self, settings: AccountSettings) -> Self {
        self.settings = Some(settings);
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for UpdateAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpdateAccount")
            .field("business_type", &self.business_type)
            .field("capabilities", &self.capabilities)
            .field("default_currency", &self.default_currency)
            .finish_non_exhaustive()
    }
}

/// Which accounts to list, newest first.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct ListAccounts {
    /// Created in this time.
    pub created: Option<Created>,
    /// Objects a page, 1 to 100; Stripe's default is 10.
    pub limit: Option<u32>,
    /// After this id.
    pub starting_after: Option<String>,
}

impl ListAccounts {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`created`](Self::created).
    pub fn with_created(mut self, created: Created) -> Self {
        self.created = Some(created);
        self
    }

    /// Sets [`limit`](Self::limit).
    pub fn with_limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Sets [`starting_after`](Self::starting_after).
    pub fn with_starting_after(mut self, starting_after: impl Into<String>) -> Self {
        self.starting_after = Some(starting_after.into());
        self
    }
}
