//! Settings of a subscription as a whole: invoices, pauses, cancellation, billing cycle.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{AccountChoice, Field};

/// What a subscription's invoices carry.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct SubscriptionInvoiceSettings {
    /// The merchant's tax ids.
    pub account_tax_ids: Vec<String>,
    /// Free text that the payer reads.
    pub description: Option<String>,
    /// Text at the foot.
    pub footer: Option<String>,
    /// Who issues them.
    pub issuer: Option<AccountChoice>,
}

impl SubscriptionInvoiceSettings {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`account_tax_ids`](Self::account_tax_ids).
    pub fn with_account_tax_ids<T: Into<String>>(
        mut self,
        account_tax_ids: impl IntoIterator<Item = T>,
    ) -> Self {
        self.account_tax_ids = account_tax_ids.into_iter().map(Into::into).collect();
        self
    }

    /// Sets [`description`](Self::description).
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets [`footer`](Self::footer).
    pub fn with_footer(mut self, footer: impl Into<String>) -> Self {
        self.footer = Some(footer.into());
        self
    }

    /// Sets [`issuer`](Self::issuer).
    pub fn with_issuer(mut self, issuer: AccountChoice) -> Self {
        self.issuer = Some(issuer);
        self
    }
}

impl fmt::Debug for SubscriptionInvoiceSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubscriptionInvoiceSettings")
            .field("account_tax_ids", &self.account_tax_ids)
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

/// Stops collecting while the subscription goes on.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct PauseCollection {
    /// What becomes of its invoices: `keep_as_draft`, `mark_uncollectible` or `void`.
    pub behavior: String,
    /// When it collects again.
    #[serde(serialize_with = "chrono::serde::ts_seconds_option::serialize")]
    pub resumes_at: Option<DateTime<Utc>>,
}

impl PauseCollection {
    /// The required fields; nothing else is sent.
    pub fn new(behavior: impl Into<String>) -> Self {
        Self { behavior: behavior.into(), resumes_at: None }
    }

    /// Sets [`resumes_at`](Self::resumes_at).
    pub fn with_resumes_at(mut self, resumes_at: DateTime<Utc>) -> Self {
        self.resumes_at = Some(resumes_at);
        self
    }
}

/// Why a customer left.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct CancellationDetails {
    /// In the customer's words.
    pub comment: Field<String>,
    /// For example `too_expensive`, `missing_features`, `switched_service` or `unused`.
    pub feedback: Field<String>,
}

impl CancellationDetails {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`comment`](Self::comment).
    pub fn with_comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Field::Set(comment.into());
        self
    }

    /// Clears [`comment`](Self::comment) at Stripe.
    pub fn without_comment(mut self) -> Self {
        self.comment = Field::Clear;
        self
    }

    /// Sets [`feedback`](Self::feedback).
    pub fn with_feedback(mut self, feedback: impl Into<String>) -> Self {
        self.feedback = Field::Set(feedback.into());
        self
    }

    /// Clears [`feedback`](Self::feedback) at Stripe.
    pub fn without_feedback(mut self) -> Self {
        self.feedback = Field::Clear;
        self
    }
}

impl fmt::Debug for CancellationDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancellationDetails").field("feedback", &self.feedback).finish_non_exhaustive()
    }
}

/// The day on which a subscription is paid.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct BillingCycleAnchorConfig {
    /// 1 to 31; shorter months end earlier.
    pub day_of_month: u8,
    /// 0 to 23, UTC.
    pub hour: Option<u8>,
    /// 0 to 59.
    pub minute: Option<u8>,
    /// 1 to 12.
    pub month: Option<u8>,
    /// 0 to 59.
    pub second: Option<u8>,
}

impl BillingCycleAnchorConfig {
    /// The required fields; nothing else is sent.
    pub fn new(day_of_month: u8) -> Self {
        Self { day_of_month, hour: None, minute: None, month: None, second: None }
    }

    /// Sets [`hour`](Self::hour).
    pub fn with_hour(mut self, hour: u8) -> Self {
        self.hour = Some(hour);
        self
    }

    /// Sets [`minute`](Self::minute).
    pub fn with_minute(mut self, minute: u8) -> Self {
        self.minute = Some(minute);
        self
    }

    /// Sets [`month`](Self::month).
    pub fn with_month(mut self, month: u8) -> Self {
        self.month = Some(month);
        self
    }

    /// Sets [`second`](Self::second).
    pub fn with_second(mut self, second: u8) -> Self {
        self.second = Some(second);
        self
    }
}

/// How proration is worked out.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct BillingMode {
    /// `flexible` or `classic`.
    #[serde(rename = "type")]
    pub mode: String,
}

impl BillingMode {
    /// The required fields; nothing else is sent.
    pub fn new(mode: impl Into<String>) -> Self {
        Self { mode: mode.into() }
    }
}
