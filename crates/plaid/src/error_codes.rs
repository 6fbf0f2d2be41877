//! Plaid's error codes and types as one table, and what each class means.
//!
//! The HTTP status says little: wrong keys and banks that are down are both 400. Only the code decides
//! (<https://plaid.com/docs/errors/>).

use turnbuckle_core::ErrorKind;

/// What a code means for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorClass {
    /// The client id or the secret is wrong.
    BadCredentials,
    /// The keys are good and may not do this: ask Plaid to enable it.
    Permission,
    /// Plaid does not know the item, token, account or institution.
    NotFound,
    /// The request is wrong.
    InvalidRequest,
    /// The person must sign in or consent again: open Link in update mode with the access token. The token stays.
    UpdateMode,
    /// The person ended it: a new item is needed, update mode does not help.
    NewItem,
    /// Plaid is still fetching: ask again later.
    NotReady,
    /// The bank or the account cannot do this.
    Unsupported,
    /// The bank does not answer. Plaid itself works.
    InstitutionDown,
    /// Plaid itself does not work.
    PlaidDown,
    /// Too many calls in a minute, of this item as a rule: limits per item are far lower than those per client, and the
    /// code does not tell which was met.
    ItemRateLimit,
    /// Too many calls in a minute, of the whole client.
    ClientRateLimit,
    /// The credits are used up. Waiting does not help.
    Quota,
    /// The account lacks the money.
    InsufficientFunds,
    /// The data changed while they were paged through: throw the pages away and begin from the cursor of the first.
    RestartSync,
    /// The request contradicts another one.
    Conflict,
}

impl ErrorClass {
    /// The class of a code; `None` for codes that are newer than this table.
    pub fn of_code(code: &str) -> Option<Self> {
        CODES.iter().find(|(_, codes)| codes.contains(&code)).map(|(class, _)| *class)
    }

    /// The class of a type, for codes that are not in the table.
    ///
    /// It is a guess by the type's purpose. An unknown `ITEM_ERROR` is taken for one that the person can mend, since most
    /// of them are.
    pub fn of_type(error_type: &str) -> Option<Self> {
        TYPES.iter().find(|(known, _)| *known == error_type).map(|(_, class)| *class)
    }

    /// The kind of the error.
    pub fn kind(self) -> ErrorKind {
        match self {
            Self::BadCredentials => ErrorKind::Unauthorized,
            Self::Permission | Self::Quota => ErrorKind::Forbidden,
            Self::NotFound => ErrorKind::NotFound,
            Self::InvalidRequest | Self::InsufficientFunds => ErrorKind::InvalidRequest,
            Self::UpdateMode | Self::NewItem => ErrorKind::ActionRequired,
            Self::Unsupported => ErrorKind::Unsupported,
            Self::NotReady | Self::InstitutionDown | Self::PlaidDown => ErrorKind::Unavailable,
            Self::ItemRateLimit | Self::ClientRateLimit => ErrorKind::RateLimited,
            Self::RestartSync | Self::Conflict => ErrorKind::Conflict,
        }
    }

    /// What went wrong and what to do, in one sentence.
    pub fn message(self) -> &'static str {
        match self {
            Self::BadCredentials => "Plaid does not accept the client id or the secret",
            Self::Permission => "the keys may not do this: it must be enabled at Plaid",
            Self::NotFound => "Plaid has no such object",
            Self::InvalidRequest => "Plaid refused the request",
            Self::UpdateMode => "the person must sign in or consent again: open Link in update mode",
            Self::NewItem => "the person ended the access: a new link is needed",
            Self::NotReady => "Plaid is still fetching the data",
            Self::Unsupported => "the bank or the account cannot do this",
            Self::InstitutionDown => "the bank does not answer",
            Self::PlaidDown => "Plaid failed to answer the request",
            Self::ItemRateLimit => "Plaid's rate limit is reached, of the item or of the client",
            Self::ClientRateLimit => "Plaid's rate limit of the client is reached",
            Self::Quota => "the credits at Plaid are used up",
            Self::InsufficientFunds => "the account lacks the money",
            Self::RestartSync => "the data changed while they were paged through",
            Self::Conflict => "the request conflicts with another one",
        }
    }

    /// Whether it says that Plaid itself may have begun and not finished: what happened is then open.
    pub(crate) fn leaves_open(self) -> bool {
        matches!(self, Self::PlaidDown)
    }
}

/// Every code, by class.
pub const CODES: &[(ErrorClass, &[&str])] = &[
    (ErrorClass::BadCredentials, &["INVALID_API_KEYS"]),
    (
        ErrorClass::Permission,
        &[
            "UNAUTHORIZED_ENVIRONMENT",
            "UNAUTHORIZED_ROUTE_ACCESS",
            "INVALID_PRODUCT",
            "PRODUCT_NOT_ENABLED",
            "DIRECT_INTEGRATION_NOT_ENABLED",
            "UNAUTHORIZED_INSTITUTION",
            "INSTITUTION_REGISTRATION_REQUIRED",
            "SANDBOX_PRODUCT_NOT_ENABLED",
        ],
    ),
    (
        ErrorClass::NotFound,
        &[
            "ITEM_NOT_FOUND",
            "INVALID_INSTITUTION",
            "NOT_FOUND",
            "INVALID_ACCESS_TOKEN",
            "INVALID_PUBLIC_TOKEN",
            "INVALID_LINK_TOKEN",
            "INVALID_ACCOUNT_ID",
            "INVALID_PROCESSOR_TOKEN",
            "INVALID_WEBHOOK_VERIFICATION_KEY_ID",
        ],
    ),
    (
        ErrorClass::InvalidRequest,
        &[
            "MISSING_FIELDS",
            "UNKNOWN_FIELDS",
            "INVALID_FIELD",
            "INVALID_BODY",
            "INVALID_HEADERS",
            "INVALID_CONFIGURATION",
            "INCOMPATIBLE_API_VERSION",
            "SANDBOX_WEBHOOK_INVALID",
        ],
    ),
    (
        ErrorClass::UpdateMode,
        &[
            "ITEM_LOGIN_REQUIRED",
            "ADDITIONAL_CONSENT_REQUIRED",
            "ACCESS_NOT_GRANTED",
            "ITEM_LOCKED",
            "PASSWORD_RESET_REQUIRED",
            "USER_SETUP_REQUIRED",
            // What the person typed at the bank, not Plaid's keys.
            "INVALID_CREDENTIALS",
            "INVALID_MFA",
            "INSUFFICIENT_CREDENTIALS",
            "MANUAL_VERIFICATION_REQUIRED",
            "NO_ACCOUNTS",
        ],
    ),
    (ErrorClass::NewItem, &["USER_PERMISSION_REVOKED"]),
    (ErrorClass::NotReady, &["PRODUCT_NOT_READY"]),
    (
        ErrorClass::Unsupported,
        &[
            "PRODUCTS_NOT_SUPPORTED",
            "ITEM_NOT_SUPPORTED",
            "MFA_NOT_SUPPORTED",
            "NO_AUTH_ACCOUNTS",
            "NO_INVESTMENT_ACCOUNTS",
            "NO_LIABILITY_ACCOUNTS",
            "INSTITUTION_NO_LONGER_SUPPORTED",
        ],
    ),
    (
        ErrorClass::InstitutionDown,
        &["INSTITUTION_DOWN", "INSTITUTION_NOT_RESPONDING", "INSTITUTION_NOT_AVAILABLE"],
    ),
    (ErrorClass::PlaidDown, &["INTERNAL_SERVER_ERROR", "PLANNED_MAINTENANCE"]),
    (
        ErrorClass::ItemRateLimit,
        &[
            "ACCOUNTS_LIMIT",
            "ACCOUNTS_BALANCE_GET_LIMIT",
            "BALANCE_LIMIT",
            "AUTH_LIMIT",
            "ITEM_GET_LIMIT",
            "TRANSACTIONS_LIMIT",
            "TRANSACTIONS_SYNC_LIMIT",
        ],
    ),
    (ErrorClass::ClientRateLimit, &["INSTITUTION_RATE_LIMIT", "RATE_LIMIT"]),
    (ErrorClass::Quota, &["CREDITS_EXHAUSTED"]),
    (ErrorClass::InsufficientFunds, &["PAYMENT_INSUFFICIENT_FUNDS", "TRANSACTION_INSUFFICIENT_FUNDS"]),
    (ErrorClass::RestartSync, &["TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"]),
    (ErrorClass::Conflict, &["NONIDENTICAL_REQUEST", "REQUEST_CONFLICT"]),
];

/// Every type, and the class of its codes that are not in [`CODES`].
pub const TYPES: &[(&str, ErrorClass)] = &[
    ("INVALID_REQUEST", ErrorClass::InvalidRequest),
    ("INVALID_RESULT", ErrorClass::InvalidRequest),
    ("INVALID_INPUT", ErrorClass::InvalidRequest),
    ("INSTITUTION_ERROR", ErrorClass::InstitutionDown),
    ("RATE_LIMIT_EXCEEDED", ErrorClass::ItemRateLimit),
    ("API_ERROR", ErrorClass::PlaidDown),
    ("ITEM_ERROR", ErrorClass::UpdateMode),
    ("ASSET_REPORT_ERROR", ErrorClass::InvalidRequest),
    ("BASE_REPORT_ERROR", ErrorClass::InvalidRequest),
    ("RECAPTCHA_ERROR", ErrorClass::UpdateMode),
    ("OAUTH_ERROR", ErrorClass::UpdateMode),
    ("PAYMENT_ERROR", ErrorClass::InvalidRequest),
    ("BANK_TRANSFER_ERROR", ErrorClass::InvalidRequest),
    ("INCOME_VERIFICATION_ERROR", ErrorClass::InvalidRequest),
    ("MICRODEPOSITS_ERROR", ErrorClass::InvalidRequest),
    ("SANDBOX_ERROR", ErrorClass::InvalidRequest),
    ("PARTNER_ERROR", ErrorClass::InvalidRequest),
    ("SIGNAL_ERROR", ErrorClass::InvalidRequest),
    ("TRANSACTIONS_ERROR", ErrorClass::InvalidRequest),
    ("TRANSACTION_ERROR", ErrorClass::InvalidRequest),
    ("TRANSFER_ERROR", ErrorClass::InvalidRequest),
    ("CHECK_REPORT_ERROR", ErrorClass::InvalidRequest),
    ("CONSUMER_REPORT_ERROR", ErrorClass::InvalidRequest),
    ("USER_ERROR", ErrorClass::Permission),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_and_every_type_stands_once() {
        let codes: Vec<_> = CODES.iter().flat_map(|(_, codes)| codes.iter().copied()).collect();
        let types: Vec<_> = TYPES.iter().map(|(known, _)| *known).collect();
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len());
        assert_eq!(types.iter().collect::<BTreeSet<_>>().len(), types.len());
        assert_eq!((codes.len(), types.len()), (66, 24));
    }

    #[test]
    fn only_plaids_own_failure_leaves_the_effect_open() {
        let open: Vec<_> = CODES.iter().filter(|(class, _)| class.leaves_open()).collect();
        assert_eq!(open.len(), 1);
    }
}
