//! Parameters of connected accounts.
//!
//! What identifies an owner (tax numbers, dates of birth, documents) is left to Stripe's own pages, which
//! [`account_links`](crate::Stripe::account_links) open, or to an account token made in the browser.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::{AccountProfile, Created};

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

/// Whether a capability is wanted.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct RequestedCapability {
    /// Wanted or not.
    pub requested: bool,
}

impl RequestedCapability {
    /// The required fields; nothing else is sent.
    pub fn new(requested: bool) -> Self {
        Self { requested }
    }
}

/// Who is responsible for what.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct AccountController {
    /// Stripe's fees.
    pub fees: Option<ControllerFees>,
    /// Losses.
    pub losses: Option<ControllerLosses>,
    /// Who asks the owner: `stripe` or `application`.
    pub requirement_collection: Option<String>,
    /// What its owner sees at Stripe.
    pub stripe_dashboard: Option<ControllerDashboard>,
}

impl AccountController {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`fees`](Self::fees).
    pub fn with_fees(mut self, fees: ControllerFees) -> Self {
        self.fees = Some(fees);
        self
    }

    /// Sets [`losses`](Self::losses).
    pub fn with_losses(mut self, losses: ControllerLosses) -> Self {
        self.losses = Some(losses);
        self
    }

    /// Sets [`requirement_collection`](Self::requirement_collection).
    pub fn with_requirement_collection(mut self, requirement_collection: impl Into<String>) -> Self {
        self.requirement_collection = Some(requirement_collection.into());
        self
    }

    /// Sets [`stripe_dashboard`](Self::stripe_dashboard).
    pub fn with_stripe_dashboard(mut self, stripe_dashboard: ControllerDashboard) -> Self {
        self.stripe_dashboard = Some(stripe_dashboard);
        self
    }
}

/// Who pays Stripe's fees.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ControllerFees {
    /// `account` or `application`.
    pub payer: String,
}

impl ControllerFees {
    /// The required fields; nothing else is sent.
    pub fn new(payer: impl Into<String>) -> Self {
        Self { payer: payer.into() }
    }
}

/// Who bears negative balances.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ControllerLosses {
    /// `stripe` or `application`.
    pub payments: String,
}

impl ControllerLosses {
    /// The required fields; nothing else is sent.
    pub fn new(payments: impl Into<String>) -> Self {
        Self { payments: payments.into() }
    }
}

/// What an owner sees at Stripe.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ControllerDashboard {
    /// `full`, `express` or `none`.
    #[serde(rename = "type")]
    pub dashboard: String,
}

impl ControllerDashboard {
    /// The required fields; nothing else is sent.
    pub fn new(dashboard: impl Into<String>) -> Self {
        Self { dashboard: dashboard.into() }
    }
}

/// Settings of a connected account.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct AccountSettings {
    /// How it is paid out.
    pub payouts: Option<PayoutSettings>,
    /// Its payments.
    pub payments: Option<PaymentSettings>,
}

impl AccountSettings {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`payouts`](Self::payouts).
    pub fn with_payouts(mut self, payouts: PayoutSettings) -> Self {
        self.payouts = Some(payouts);
        self
    }

    /// Sets [`payments`](Self::payments).
    pub fn with_payments(mut self, payments: PaymentSettings) -> Self {
        self.payments = Some(payments);
        self
    }
}

impl fmt::Debug for AccountSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountSettings").field("payouts", &self.payouts).finish_non_exhaustive()
    }
}

/// Settings of an account's payments.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct PaymentSettings {
    /// Text on statements.
    pub statement_descriptor: Option<String>,
}

impl PaymentSettings {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`statement_descriptor`](Self::statement_descriptor).
    pub fn with_statement_descriptor(mut self, statement_descriptor: impl Into<String>) -> Self {
        self.statement_descriptor = Some(statement_descriptor.into());
        self
    }
}

impl fmt::Debug for PaymentSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PaymentSettings").finish_non_exhaustive()
    }
}

/// How an account is paid out.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct PayoutSettings {
    /// Takes negative balances from its bank account.
    pub debit_negative_balances: Option<bool>,
    /// When.
    pub schedule: Option<PayoutSchedule>,
    /// Text on its bank statement.
    pub statement_descriptor: Option<String>,
}

impl PayoutSettings {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`debit_negative_balances`](Self::debit_negative_balances).
    pub fn with_debit_negative_balances(mut self, debit_negative_balances: bool) -> Self {
        self.debit_negative_balances = Some(debit_negative_balances);
        self
    }

    /// Sets [`schedule`](Self::schedule).
    pub fn with_schedule(mut self, schedule: PayoutSchedule) -> Self {
        self.schedule = Some(schedule);
        self
    }

    /// Sets [`statement_descriptor`](Self::statement_descriptor).
    pub fn with_statement_descriptor(mut self, statement_descriptor: impl Into<String>) -> Self {
        self.statement_descriptor = Some(statement_descriptor.into());
        self
    }
}

impl fmt::Debug for PayoutSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PayoutSettings")
            .field("debit_negative_balances", &self.debit_negative_balances)
            .field("schedule", &self.schedule)
            .finish_non_exhaustive()
    }
}

/// When an account is paid out.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct PayoutSchedule {
    /// Days that money waits.
    pub delay_days: Option<u32>,
    /// `daily`, `weekly`, `monthly` or `manual`.
    pub interval: Option<String>,
    /// With `monthly`: the day.
    pub monthly_anchor: Option<u8>,
    /// With `weekly`: the day, for example `friday`.
    pub weekly_anchor: Option<String>,
}

impl PayoutSchedule {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`delay_days`](Self::delay_days).
    pub fn with_delay_days(mut self, delay_days: u32) -> Self {
        self.delay_days = Some(delay_days);
        self
    }

    /// Sets [`interval`](Self::interval).
    pub fn with_interval(mut self, interval: impl Into<String>) -> Self {
        self.interval = Some(interval.into());
        self
    }

    /// Sets [`monthly_anchor`](Self::monthly_anchor).
    pub fn with_monthly_anchor(mut self, monthly_anchor: u8) -> Self {
        self.monthly_anchor = Some(monthly_anchor);
        self
    }

    /// Sets [`weekly_anchor`](Self::weekly_anchor).
    pub fn with_weekly_anchor(mut self, weekly_anchor: impl Into<String>) -> Self {
        self.weekly_anchor = Some(weekly_anchor.into());
        self
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
