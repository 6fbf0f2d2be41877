//! Refusals, with a reason that every gateway shares and what the merchant may do.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{AvsResult, CvvResult, PaymentRef};

/// A payment that was refused. Nothing was charged, though a reservation may remain: see
/// [`open_authorization`](Self::open_authorization).
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decline {
    /// The normalized reason.
    pub reason: DeclineReason,
    /// What the merchant may do.
    pub advice: DeclineAdvice,
    /// The vendor's code, for example `insufficient_funds`.
    pub code: Option<String>,
    /// The vendor's text. For the merchant's eyes; kept out of `Debug`.
    pub text: Option<String>,
    /// The network's own decline code, where the vendor passes it on.
    pub network_code: Option<String>,
    /// Address verification.
    pub avs: Option<AvsResult>,
    /// Security code verification.
    pub cvv: Option<CvvResult>,
    /// The refused payment, where the vendor keeps one that another method can still complete.
    pub payment: Option<PaymentRef>,
    /// A reservation that the vendor left behind: void it.
    pub open_authorization: Option<PaymentRef>,
    /// The vendor's request id.
    pub request_id: Option<String>,
}

impl Decline {
    /// A decline with nothing optional set.
    pub fn new(reason: DeclineReason, advice: DeclineAdvice) -> Self {
        Self {
            reason,
            advice,
            code: None,
            text: None,
            network_code: None,
            avs: None,
            cvv: None,
            payment: None,
            open_authorization: None,
            request_id: None,
        }
    }
}

impl fmt::Debug for Decline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decline")
            .field("reason", &self.reason)
            .field("advice", &self.advice)
            .field("code", &self.code)
            .field("network_code", &self.network_code)
            .field("avs", &self.avs)
            .field("cvv", &self.cvv)
            .field("payment", &self.payment)
            .field("open_authorization", &self.open_authorization)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

/// Why a payment was refused, in words that every gateway shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeclineReason {
    /// Not enough money.
    InsufficientFunds,
    /// A limit of the card on amount or number of payments.
    LimitExceeded,
    /// The issuer says no and does not say why.
    DoNotHonor,
    /// Lost or stolen. Tell the payer no more than that it was declined.
    LostOrStolen,
    /// Suspected fraud, by the vendor or the merchant's rules.
    Fraud,
    /// The card has expired.
    ExpiredCard,
    /// No such card or account.
    InvalidNumber,
    /// The expiry date is wrong.
    InvalidExpiry,
    /// The security code is wrong.
    IncorrectCvv,
    /// The address does not match.
    AddressMismatch,
    /// The card does not allow this kind of payment, currency or merchant.
    NotSupported,
    /// A PIN is needed, or wrong.
    Pin,
    /// The same payment was just made.
    Duplicate,
    /// The issuer or network could not be asked.
    ProcessingError,
    /// The payer must authenticate, and could not be asked to.
    AuthenticationRequired,
    /// The payer took back the consent for further payments.
    ConsentRevoked,
    /// The bank account is closed or cannot be debited.
    AccountClosed,
    /// The merchant's own account is not set up for it.
    MerchantSetup,
    /// A code that this release does not know: see [`Decline::code`].
    Other,
}

impl DeclineReason {
    /// Stable lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InsufficientFunds => "insufficient_funds",
            Self::LimitExceeded => "limit_exceeded",
            Self::DoNotHonor => "do_not_honor",
            Self::LostOrStolen => "lost_or_stolen",
            Self::Fraud => "fraud",
            Self::ExpiredCard => "expired_card",
            Self::InvalidNumber => "invalid_number",
            Self::InvalidExpiry => "invalid_expiry",
            Self::IncorrectCvv => "incorrect_cvv",
            Self::AddressMismatch => "address_mismatch",
            Self::NotSupported => "not_supported",
            Self::Pin => "pin",
            Self::Duplicate => "duplicate",
            Self::ProcessingError => "processing_error",
            Self::AuthenticationRequired => "authentication_required",
            Self::ConsentRevoked => "consent_revoked",
            Self::AccountClosed => "account_closed",
            Self::MerchantSetup => "merchant_setup",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for DeclineReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What the merchant may do after a decline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeclineAdvice {
    /// Never try this method again.
    NeverAgain,
    /// Ask the payer for another card or account.
    OtherMethod,
    /// Ask the payer to correct what they typed.
    CorrectAndRetry,
    /// Try again later, within the brand's limits.
    RetryLater(RetryCaps),
    /// The payer should ask their bank.
    AskBank,
    /// Try again with the payer present, so that they can authenticate.
    Authenticate,
    /// Change the merchant's own set-up first.
    FixSetup,
}

/// How often a brand lets a declined card be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct RetryCaps {
    /// At most this many attempts.
    pub attempts: u32,
    /// Within this time.
    pub within: Duration,
    /// Wait at least this long first.
    pub wait: Duration,
}

impl RetryCaps {
    /// Fifteen attempts in thirty days: the strictest of the large brands' published limits on the same card and amount.
    pub const BRAND: Self = Self {
        attempts: 15,
        within: Duration::from_secs(30 * 24 * 3600),
        wait: Duration::from_secs(24 * 3600),
    };

    /// Waits this long first, with the brand's limits.
    pub const fn after(wait: Duration) -> Self {
        Self { wait, ..Self::BRAND }
    }
}
