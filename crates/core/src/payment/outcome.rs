//! What came of a payment call: an outcome, never a bare success.

use std::fmt;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{Decline, MerchantReference, PaymentOperation, PaymentRef, TextChange, WireKey};
use crate::money::Money;

/// What came of a call that moves money. Only [`Approved`](Self::Approved) is a success.
#[derive(Debug, Clone)]
#[must_use = "an outcome is not a success until it is `Approved`"]
#[non_exhaustive]
pub enum Outcome {
    /// Done, for exactly what was asked.
    Approved(Payment),
    /// Done for a smaller amount, which the request allowed.
    PartiallyApproved(Payment),
    /// The payer must do something first.
    RequiresAction(Payment, NextAction),
    /// Accepted, and settled later (bank debits): a webhook or a lookup tells.
    Processing(Payment),
    /// Authorized, and held for review: [`decide`](super::PaymentGateway::decide) ends it.
    Held(Payment),
    /// Refused. Nothing was charged.
    Declined(Decline),
}

impl Outcome {
    /// The payment, if and only if it was approved in full.
    pub fn approved(&self) -> Option<&Payment> {
        match self {
            Self::Approved(payment) => Some(payment),
            _ => None,
        }
    }

    /// The decline, if it was refused.
    pub fn declined(&self) -> Option<&Decline> {
        match self {
            Self::Declined(decline) => Some(decline),
            _ => None,
        }
    }

    /// The payment in whatever state it is, approved or not. Never proof of a success.
    pub fn payment_in_any_state(&self) -> Option<&Payment> {
        match self {
            Self::Approved(payment)
            | Self::PartiallyApproved(payment)
            | Self::RequiresAction(payment, _)
            | Self::Processing(payment)
            | Self::Held(payment) => Some(payment),
            Self::Declined(_) => None,
        }
    }

    /// Stable lower-case name, for logs and metrics.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Approved(_) => "approved",
            Self::PartiallyApproved(_) => "partially_approved",
            Self::RequiresAction(..) => "requires_action",
            Self::Processing(_) => "processing",
            Self::Held(_) => "held",
            Self::Declined(_) => "declined",
        }
    }
}

/// What the payer must do next.
#[derive(Clone)]
#[non_exhaustive]
pub enum NextAction {
    /// Send the payer to this address; they come back to the request's return address.
    Redirect {
        /// Where to send the payer. It may carry a secret: hand it to the payer only.
        url: Url,
    },
    /// Confirm in the browser or app with the vendor's own code.
    ClientConfirm {
        /// What the vendor's code needs. It belongs to this payer alone.
        client_secret: SecretString,
    },
    /// Two small deposits arrive at the bank account; the payer names their amounts.
    Microdeposits {
        /// Where the payer confirms them, if the vendor has a page for it.
        url: Option<Url>,
        /// When they should have arrived.
        arrives_at: Option<DateTime<Utc>>,
    },
}

impl fmt::Debug for NextAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Redirect { url } => {
                f.debug_struct("Redirect").field("host", &url.host_str()).finish_non_exhaustive()
            }
            Self::ClientConfirm { .. } => f.debug_struct("ClientConfirm").finish_non_exhaustive(),
            Self::Microdeposits { arrives_at, .. } => {
                f.debug_struct("Microdeposits").field("arrives_at", arrives_at).finish_non_exhaustive()
            }
        }
    }
}

/// A payment as the vendor has it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Payment {
    /// The handle for everything that follows. Store it.
    pub reference: PaymentRef,
    /// What made it.
    pub operation: PaymentOperation,
    /// Where it stands.
    pub lifecycle: Lifecycle,
    /// The amounts that belong to it.
    pub amounts: Amounts,
    /// Real money, or test.
    pub live: bool,
    /// The payment that this one belongs to: a refund's charge.
    pub parent: Option<PaymentRef>,
    /// The merchant's reference, where the vendor returned it.
    pub merchant_reference: Option<MerchantReference>,
    /// The wire key of the attempt that made it, where the vendor returned it.
    pub wire_key: Option<WireKey>,
    /// What paid.
    pub method: Option<MethodSummary>,
    /// Address verification.
    pub avs: Option<AvsResult>,
    /// Security code verification.
    pub cvv: Option<CvvResult>,
    /// The issuer's authorization code.
    pub auth_code: Option<String>,
    /// The network's transaction id, for later payments of a series.
    pub network_id: Option<String>,
    /// The vendor's own word for the state.
    pub vendor_status: Option<String>,
    /// When the vendor made it.
    pub created_at: Option<DateTime<Utc>>,
    /// When an authorization ends.
    pub capture_before: Option<DateTime<Utc>>,
    /// Whether the vendor answered with the stored result of an earlier request.
    pub replayed: bool,
    /// Whether it is held for review: [`decide`](super::PaymentGateway::decide) ends that.
    pub under_review: bool,
    /// Texts that were changed to fit.
    pub text_changes: Vec<TextChange>,
}

impl Payment {
    /// A payment with nothing optional set.
    pub fn new(
        reference: PaymentRef,
        operation: PaymentOperation,
        lifecycle: Lifecycle,
        amounts: Amounts,
        live: bool,
    ) -> Self {
        Self {
            reference,
            operation,
            lifecycle,
            amounts,
            live,
            parent: None,
            merchant_reference: None,
            wire_key: None,
            method: None,
            avs: None,
            cvv: None,
            auth_code: None,
            network_id: None,
            vendor_status: None,
            created_at: None,
            capture_before: None,
            replayed: false,
            under_review: false,
            text_changes: Vec::new(),
        }
    }
}

/// Where a payment stands. Apart from the outcome of any one call, and open: bank debits may still be returned after
/// they settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Lifecycle {
    /// Waiting for the payer, the bank or a review.
    Pending,
    /// Reserved, not taken.
    Authorized,
    /// Taken, not yet on its way.
    Captured,
    /// On its way to the merchant.
    Settling,
    /// With the merchant.
    Settled,
    /// Released or stopped before it settled.
    Voided,
    /// Partly returned.
    PartlyRefunded,
    /// Wholly returned.
    Refunded,
    /// Returned by the payer's bank, possibly days after it settled.
    Returned,
    /// Disputed by the payer.
    Disputed,
    /// An authorization that ran out.
    Expired,
    /// Verified or otherwise complete, with no money moved.
    Verified,
    /// Declined or broken off; nothing was charged.
    Failed,
}

/// The amounts of one payment, all in its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Amounts {
    /// What was asked for.
    pub requested: Money,
    /// What is or was reserved.
    pub authorized: Money,
    /// What was taken.
    pub captured: Money,
    /// What was returned.
    pub refunded: Money,
}

impl Amounts {
    /// Nothing but the request yet.
    pub fn requested(requested: Money) -> Self {
        let zero = Money::zero(requested.currency());
        Self { requested, authorized: zero, captured: zero, refunded: zero }
    }

    /// Sets what was reserved.
    pub fn with_authorized(mut self, amount: Money) -> Self {
        self.authorized = amount;
        self
    }

    /// Sets what was taken.
    pub fn with_captured(mut self, amount: Money) -> Self {
        self.captured = amount;
        self
    }

    /// Sets what was returned.
    pub fn with_refunded(mut self, amount: Money) -> Self {
        self.refunded = amount;
        self
    }
}

/// What may be shown of a payment method.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MethodSummary {
    /// The vendor's word: `card`, `us_bank_account`, ...
    pub kind: String,
    /// The card's brand in lower case: `visa`, `mastercard`, ...
    pub brand: Option<String>,
    /// The first six digits.
    pub bin: Option<String>,
    /// The last four digits.
    pub last4: Option<String>,
    /// The expiry month, 1 to 12.
    pub exp_month: Option<u8>,
    /// The expiry year, four digits.
    pub exp_year: Option<u16>,
    /// `credit`, `debit`, `prepaid`.
    pub funding: Option<String>,
}

/// Address verification, normalized.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AvsResult {
    /// Street and postal code match.
    Match,
    /// Only the street matches.
    StreetOnly,
    /// Only the postal code matches.
    PostalOnly,
    /// Neither matches.
    NoMatch,
    /// Checked neither one: the issuer could not, or the vendor did not ask.
    NotChecked,
}

/// Security code verification, normalized.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CvvResult {
    /// It matches.
    Match,
    /// It does not match.
    NoMatch,
    /// It was not checked.
    NotChecked,
}
