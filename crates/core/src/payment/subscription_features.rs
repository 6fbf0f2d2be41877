//! What a provider of subscriptions can do, declared once and enforced once in core.

use super::Idempotency;

/// One ability of a provider of subscriptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SubscriptionFeature {
    /// Plans kept at the vendor ([`Plan::Vendor`](super::Plan::Vendor)).
    VendorPlan,
    /// Plans given in the request ([`Plan::Inline`](super::Plan::Inline)).
    InlinePlan,
    /// A later day of the first payment.
    StartsOn,
    /// Days without a payment at the beginning.
    Trial,
    /// A number of payments after which it ends.
    PaymentCount,
    /// Starting with a raw card number.
    RawCard,
    /// Starting with a token of the vendor's own browser code.
    VendorToken,
    /// Starting with a stored method.
    Stored,
    /// Starting with a bank account.
    BankAccount,
    /// The merchant's own data.
    Metadata,
    /// `update` of amount, interval or plan.
    ChangePlan,
    /// `update` of what pays.
    ChangeMethod,
    /// `update` of the description.
    ChangeDescription,
    /// `cancel` at the end of what is paid for.
    CancelAtPeriodEnd,
    /// `reactivate`.
    Reactivate,
    /// `retry_payment`.
    RetryPayment,
}

impl SubscriptionFeature {
    /// Every ability, in the order of the matrix.
    pub const ALL: &'static [Self] = &[
        Self::VendorPlan,
        Self::InlinePlan,
        Self::StartsOn,
        Self::Trial,
        Self::PaymentCount,
        Self::RawCard,
        Self::VendorToken,
        Self::Stored,
        Self::BankAccount,
        Self::Metadata,
        Self::ChangePlan,
        Self::ChangeMethod,
        Self::ChangeDescription,
        Self::CancelAtPeriodEnd,
        Self::Reactivate,
        Self::RetryPayment,
    ];

    /// The ability in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::VendorPlan => "plans kept at the vendor",
            Self::InlinePlan => "plans given in the request",
            Self::StartsOn => "a later first day",
            Self::Trial => "trial days",
            Self::PaymentCount => "a number of payments",
            Self::RawCard => "paid by a raw card number",
            Self::VendorToken => "paid by a vendor token",
            Self::Stored => "paid by a stored method",
            Self::BankAccount => "paid from a bank account",
            Self::Metadata => "metadata",
            Self::ChangePlan => "change of plan",
            Self::ChangeMethod => "change of method",
            Self::ChangeDescription => "change of description",
            Self::CancelAtPeriodEnd => "cancel at the period's end",
            Self::Reactivate => "reactivate",
            Self::RetryPayment => "retry a failed payment",
        }
    }
}

/// What a provider of subscriptions declares about itself. Core refuses the rest before anything is sent.
///
/// Every one can create, read, find, cancel at once and list payments.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SubscriptionFeatures {
    features: &'static [SubscriptionFeature],
    /// The vendor's device against doing something twice.
    pub idempotency: Idempotency,
    /// The kinds of [`VendorToken`](super::VendorToken) that it takes.
    pub token_kinds: &'static [&'static str],
}

impl SubscriptionFeatures {
    /// Declares a provider of subscriptions.
    pub const fn new(features: &'static [SubscriptionFeature], idempotency: Idempotency) -> Self {
        Self { features, idempotency, token_kinds: &[] }
    }

    /// Declares which vendor tokens it takes.
    pub const fn with_token_kinds(mut self, kinds: &'static [&'static str]) -> Self {
        self.token_kinds = kinds;
        self
    }

    /// Whether it declares this ability.
    pub fn has(&self, feature: SubscriptionFeature) -> bool {
        self.features.contains(&feature)
    }

    /// Every declared ability, in the order of the matrix.
    pub fn iter(&self) -> impl Iterator<Item = SubscriptionFeature> + '_ {
        SubscriptionFeature::ALL.iter().copied().filter(|feature| self.has(*feature))
    }
}
