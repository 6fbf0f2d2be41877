//! What a gateway can do, declared once, enforced once in core, and printed as a matrix.

use std::time::Duration;

use super::TextRule;

/// One ability of a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Feature {
    /// `purchase`.
    Purchase,
    /// `authorize`, with `capture` of the whole amount and `void`.
    Authorize,
    /// `capture` of a part.
    PartialCapture,
    /// Several captures of one authorization.
    MultiCapture,
    /// `void` of something captured but unsettled.
    VoidCaptured,
    /// `refund` of the whole amount.
    Refund,
    /// `refund` of a part.
    PartialRefund,
    /// `credit` with no earlier payment.
    UnlinkedCredit,
    /// `verify`.
    Verify,
    /// `store`.
    Store,
    /// `unstore`: removing a stored method again. Not every vendor that keeps methods can forget one.
    Unstore,
    /// Charging a stored method.
    ChargeStored,
    /// Raw card numbers.
    RawCard,
    /// Tokens of the vendor's own browser code.
    VendorToken,
    /// Bank accounts by ACH or eCheck.
    BankAccount,
    /// Approving less than was asked for.
    PartialApproval,
    /// Asking the payer to do something, and `resume` afterwards.
    PayerAction,
    /// Holds for review, and `decide`.
    Review,
    /// `lookup` by handle.
    LookupByReference,
    /// `lookup` by the merchant's reference.
    LookupByMerchantReference,
    /// `lookup` of an attempt whose answer was lost.
    LookupByAttempt,
    /// `transactions` of a period.
    Transactions,
    /// `transactions` of one settlement batch.
    SettlementBatch,
    /// Stored credential data (initial, recurring, unscheduled).
    StoredCredential,
    /// 3-D Secure results passed through.
    ThreeDSecure,
    /// Tax and purchase order.
    Level2,
    /// The text on the payer's statement.
    StatementDescriptor,
    /// The merchant's own data.
    Metadata,
    /// Acting for a sub-account.
    SubAccount,
}

impl Feature {
    /// Every feature, in the order of the matrix.
    pub const ALL: &'static [Self] = &[
        Self::Purchase,
        Self::Authorize,
        Self::PartialCapture,
        Self::MultiCapture,
        Self::VoidCaptured,
        Self::Refund,
        Self::PartialRefund,
        Self::UnlinkedCredit,
        Self::Verify,
        Self::Store,
        Self::Unstore,
        Self::ChargeStored,
        Self::RawCard,
        Self::VendorToken,
        Self::BankAccount,
        Self::PartialApproval,
        Self::PayerAction,
        Self::Review,
        Self::LookupByReference,
        Self::LookupByMerchantReference,
        Self::LookupByAttempt,
        Self::Transactions,
        Self::SettlementBatch,
        Self::StoredCredential,
        Self::ThreeDSecure,
        Self::Level2,
        Self::StatementDescriptor,
        Self::Metadata,
        Self::SubAccount,
    ];

    /// The feature in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Purchase => "purchase",
            Self::Authorize => "authorize, capture, void",
            Self::PartialCapture => "partial capture",
            Self::MultiCapture => "several captures",
            Self::VoidCaptured => "void of a captured payment",
            Self::Refund => "refund",
            Self::PartialRefund => "partial refund",
            Self::UnlinkedCredit => "unlinked credit",
            Self::Verify => "verify",
            Self::Store => "store",
            Self::Unstore => "unstore",
            Self::ChargeStored => "charge a stored method",
            Self::RawCard => "raw card numbers",
            Self::VendorToken => "vendor tokens",
            Self::BankAccount => "bank accounts (ACH)",
            Self::PartialApproval => "partial approval",
            Self::PayerAction => "payer action and resume",
            Self::Review => "review and decide",
            Self::LookupByReference => "lookup by handle",
            Self::LookupByMerchantReference => "lookup by merchant reference",
            Self::LookupByAttempt => "lookup of a lost answer",
            Self::Transactions => "transactions of a period",
            Self::SettlementBatch => "transactions of a batch",
            Self::StoredCredential => "stored-credential data",
            Self::ThreeDSecure => "3-D Secure pass-through",
            Self::Level2 => "level 2 data",
            Self::StatementDescriptor => "statement descriptor",
            Self::Metadata => "metadata",
            Self::SubAccount => "sub-accounts",
        }
    }
}

/// The vendor's own device against doing something twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Idempotency {
    /// The vendor keeps keys, and answers a repetition with the first result, for this long. A replay later than that
    /// is refused, since it would be a new charge.
    Keys {
        /// How long the vendor keeps a key.
        retention: Duration,
    },
    /// The vendor has no such device: an attempt is never sent twice, and a lost answer is looked up.
    LookupOnly,
}

/// What a gateway declares about itself. Core refuses the rest before anything is sent.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GatewayFeatures {
    features: &'static [Feature],
    /// The vendor's device against doing something twice.
    pub idempotency: Idempotency,
    /// The kinds of [`VendorToken`](super::VendorToken) that it takes.
    pub token_kinds: &'static [&'static str],
    /// The vendor's limits on text, by field.
    pub text: &'static [TextRule],
}

impl GatewayFeatures {
    /// Declares a gateway.
    pub const fn new(features: &'static [Feature], idempotency: Idempotency) -> Self {
        Self { features, idempotency, token_kinds: &[], text: &[] }
    }

    /// Declares which vendor tokens it takes.
    pub const fn with_token_kinds(mut self, kinds: &'static [&'static str]) -> Self {
        self.token_kinds = kinds;
        self
    }

    /// Declares the vendor's limits on text.
    pub const fn with_text(mut self, rules: &'static [TextRule]) -> Self {
        self.text = rules;
        self
    }

    /// Whether it declares this feature.
    pub fn has(&self, feature: Feature) -> bool {
        self.features.contains(&feature)
    }

    /// Every declared feature, in the order of the matrix.
    pub fn iter(&self) -> impl Iterator<Item = Feature> + '_ {
        Feature::ALL.iter().copied().filter(|feature| self.has(*feature))
    }
}
