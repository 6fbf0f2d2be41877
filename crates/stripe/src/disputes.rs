//! Disputes, as events bring them.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::object::null_default;
use crate::{Charge, Expandable, Object, PaymentIntent};

/// A payer's complaint at the bank about a charge.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Dispute {
    /// Id, `dp_...` or `du_...`.
    pub id: String,
    /// Disputed amount in minor units.
    #[serde(default, deserialize_with = "null_default")]
    pub amount: i64,
    /// The charge.
    pub charge: Option<Expandable<Charge>>,
    /// When it was made.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub created: Option<DateTime<Utc>>,
    /// ISO 4217 code in lower case.
    #[serde(default, deserialize_with = "null_default")]
    pub currency: String,
    /// Until when evidence counts.
    pub evidence_details: Option<EvidenceDetails>,
    /// Whether a refund still settles it.
    #[serde(default, deserialize_with = "null_default")]
    pub is_charge_refundable: bool,
    /// Whether it is real.
    #[serde(default, deserialize_with = "null_default")]
    pub livemode: bool,
    /// The host's own entries.
    #[serde(default, deserialize_with = "null_default")]
    pub metadata: BTreeMap<String, String>,
    /// The payment.
    pub payment_intent: Option<Expandable<PaymentIntent>>,
    /// What the payment method adds.
    pub payment_method_details: Option<DisputeMethodDetails>,
    /// For example `fraudulent`, `product_not_received` or `duplicate`.
    #[serde(default, deserialize_with = "null_default")]
    pub reason: String,
    /// For example `needs_response`, `under_review`, `won` or `lost`; those that begin with `warning_` are inquiries.
    #[serde(default, deserialize_with = "null_default")]
    pub status: String,
}

impl fmt::Debug for Dispute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dispute")
            .field("id", &self.id)
            .field("amount", &self.amount)
            .field("charge", &self.charge)
            .field("created", &self.created)
            .field("currency", &self.currency)
            .field("evidence_details", &self.evidence_details)
            .field("is_charge_refundable", &self.is_charge_refundable)
            .field("livemode", &self.livemode)
            .field("payment_intent", &self.payment_intent)
            .field("payment_method_details", &self.payment_method_details)
            .field("reason", &self.reason)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl Object for Dispute {
    fn id(&self) -> &str {
        &self.id
    }
}

/// Until when evidence counts.
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct EvidenceDetails {
    /// Last moment.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub due_by: Option<DateTime<Utc>>,
    /// Whether some is there.
    #[serde(default, deserialize_with = "null_default")]
    pub has_evidence: bool,
    /// Whether it is too late.
    #[serde(default, deserialize_with = "null_default")]
    pub past_due: bool,
    /// How often evidence was sent.
    #[serde(default, deserialize_with = "null_default")]
    pub submission_count: i64,
}

/// What the payment method adds to a dispute.
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct DisputeMethodDetails {
    /// The kind, for example `card`.
    #[serde(rename = "type", default, deserialize_with = "null_default")]
    pub method_type: String,
    /// The card, when it is one.
    pub card: Option<DisputeCard>,
}

/// What a card network says about a dispute.
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct DisputeCard {
    /// Brand, for example `visa`.
    pub brand: Option<String>,
    /// `chargeback`, `inquiry` or another step.
    pub case_type: Option<String>,
    /// The network's own reason.
    pub network_reason_code: Option<String>,
}
