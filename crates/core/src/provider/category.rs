//! The words that sort providers: category, capability, status.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};

/// What kind of service a provider is. Written in snake_case: `payment_gateway`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Category {
    /// Sign-in and identity.
    Authentication,
    /// Card and bank payments.
    PaymentGateway,
    /// Single messages caused by an event.
    EmailTransactional,
    /// Campaigns.
    EmailMarketing,
    /// Text messages.
    Sms,
    /// Phone calls.
    Voice,
    /// Push notifications.
    PushNotification,
    /// Models and inference.
    AiMl,
    /// Object storage.
    Storage,
    /// Logs, metrics and alerts.
    Monitoring,
    /// Feature flags.
    FeatureFlags,
    /// Plain webhooks.
    Webhook,
    /// Bookkeeping.
    Accounting,
    /// Project management.
    ProjectManagement,
    /// Chat and collaboration.
    Communication,
    /// Calendars and documents.
    Productivity,
    /// Bank accounts and transactions.
    Banking,
    /// Permits of authorities.
    Permits,
    /// Cameras.
    Cameras,
    /// Drones.
    Drones,
    /// Parcels and freight.
    Shipping,
    /// Equipment rental.
    Rental,
    /// Licences.
    Licensing,
    /// Files that are read in.
    DataImport,
}

impl Category {
    /// Every category that this release knows.
    pub const ALL: &[Self] = &[
        Self::Authentication,
        Self::PaymentGateway,
        Self::EmailTransactional,
        Self::EmailMarketing,
        Self::Sms,
        Self::Voice,
        Self::PushNotification,
        Self::AiMl,
        Self::Storage,
        Self::Monitoring,
        Self::FeatureFlags,
        Self::Webhook,
        Self::Accounting,
        Self::ProjectManagement,
        Self::Communication,
        Self::Productivity,
        Self::Banking,
        Self::Permits,
        Self::Cameras,
        Self::Drones,
        Self::Shipping,
        Self::Rental,
        Self::Licensing,
        Self::DataImport,
    ];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authentication => "authentication",
            Self::PaymentGateway => "payment_gateway",
            Self::EmailTransactional => "email_transactional",
            Self::EmailMarketing => "email_marketing",
            Self::Sms => "sms",
            Self::Voice => "voice",
            Self::PushNotification => "push_notification",
            Self::AiMl => "ai_ml",
            Self::Storage => "storage",
            Self::Monitoring => "monitoring",
            Self::FeatureFlags => "feature_flags",
            Self::Webhook => "webhook",
            Self::Accounting => "accounting",
            Self::ProjectManagement => "project_management",
            Self::Communication => "communication",
            Self::Productivity => "productivity",
            Self::Banking => "banking",
            Self::Permits => "permits",
            Self::Cameras => "cameras",
            Self::Drones => "drones",
            Self::Shipping => "shipping",
            Self::Rental => "rental",
            Self::Licensing => "licensing",
            Self::DataImport => "data_import",
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Category {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|known| known.as_str() == text)
            .ok_or_else(|| Error::new(ErrorKind::InvalidConfig, "no such category"))
    }
}

/// What a connected provider can do. Written in snake_case: `bank_data`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Capability {
    /// Take, refund and look up payments.
    Payments,
    /// Charge on a schedule that the provider keeps.
    Subscriptions,
    /// Read bank accounts and transactions.
    BankData,
    /// Send text messages.
    Sms,
    /// Send email.
    Email,
    /// Verify and decode the provider's webhooks.
    Webhooks,
    /// Read files in.
    Imports,
}

impl Capability {
    /// Every capability that this release knows.
    pub const ALL: &[Self] = &[
        Self::Payments,
        Self::Subscriptions,
        Self::BankData,
        Self::Sms,
        Self::Email,
        Self::Webhooks,
        Self::Imports,
    ];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payments => "payments",
            Self::Subscriptions => "subscriptions",
            Self::BankData => "bank_data",
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Webhooks => "webhooks",
            Self::Imports => "imports",
        }
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Capability {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|known| known.as_str() == text)
            .ok_or_else(|| Error::new(ErrorKind::InvalidConfig, "no such capability"))
    }
}

/// How far a provider's adapter has come. An integration that a tenant set up has a status of its own, which the host
/// keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ProviderStatus {
    /// Ready for use.
    #[default]
    Active,
    /// Incomplete, or not yet proven.
    Beta,
    /// Keeps working for those who have it; not offered to others.
    Deprecated,
}

impl ProviderStatus {
    /// Every status that this release knows.
    pub const ALL: &[Self] = &[Self::Active, Self::Beta, Self::Deprecated];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Beta => "beta",
            Self::Deprecated => "deprecated",
        }
    }
}

impl fmt::Display for ProviderStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for ProviderStatus {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|known| known.as_str() == text).ok_or_else(|| {
            Error::new(ErrorKind::InvalidConfig, "a provider's status is active, beta or deprecated")
        })
    }
}
