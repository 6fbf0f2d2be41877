//! Parts of an account: capabilities, who controls it, payments and payouts.

use std::fmt;

use serde::Serialize;

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
