//! What Plaid answers when it refuses.

use serde_json::{Value, json};

/// A refusal in Plaid's form.
#[derive(Clone, Debug)]
pub(super) struct ApiError {
    pub(super) status: u16,
    pub(super) kind: &'static str,
    pub(super) code: String,
    pub(super) message: String,
    pub(super) display: Option<String>,
}

pub(super) type Outcome = Result<Value, ApiError>;

/// Type, code and message. What is not in the list is an error of the item.
const KNOWN: &[(&str, &str, &str)] = &[
    ("API_ERROR", "INTERNAL_SERVER_ERROR", "an unexpected error occurred"),
    (
        "API_ERROR",
        "PLANNED_MAINTENANCE",
        "the Plaid API is temporarily unavailable due to maintenance. visit https://status.plaid.com for more information",
    ),
    (
        "INSTITUTION_ERROR",
        "INSTITUTION_DOWN",
        "this institution is not currently responding to this request. please try again soon",
    ),
    ("INSTITUTION_ERROR", "INSTITUTION_NOT_AVAILABLE", "this institution is not currently available"),
    (
        "INSTITUTION_ERROR",
        "INSTITUTION_NOT_RESPONDING",
        "this institution is not currently responding to this request. please try again soon",
    ),
    ("INSTITUTION_ERROR", "INSTITUTION_NO_LONGER_SUPPORTED", "this institution is no longer supported"),
    (
        "INSTITUTION_ERROR",
        "INSTITUTION_REGISTRATION_REQUIRED",
        "this institution requires registration before it can be used",
    ),
    (
        "INSTITUTION_ERROR",
        "UNAUTHORIZED_INSTITUTION",
        "not authorized to create items for this institution at this time",
    ),
    ("INVALID_INPUT", "INVALID_ACCESS_TOKEN", "could not find matching access token"),
    ("INVALID_INPUT", "INVALID_ACCOUNT_ID", "failed to find requested account ID for requested item"),
    ("INVALID_INPUT", "INVALID_API_KEYS", "invalid client_id or secret provided"),
    ("INVALID_INPUT", "INVALID_INSTITUTION", "invalid institution_id provided"),
    ("INVALID_INPUT", "INVALID_LINK_TOKEN", "invalid link_token provided"),
    ("INVALID_INPUT", "INVALID_PROCESSOR_TOKEN", "provided processor token is in an invalid format"),
    ("INVALID_INPUT", "INVALID_PUBLIC_TOKEN", "could not find matching public token"),
    ("INVALID_INPUT", "INVALID_PRODUCT", "client is not authorized to access the requested product"),
    (
        "INVALID_INPUT",
        "INVALID_WEBHOOK_VERIFICATION_KEY_ID",
        "invalid key_id provided. note that key_ids are specific to Plaid environments, and verification requests must be made to the same environment that the webhook was sent from",
    ),
    ("INVALID_INPUT", "PRODUCT_NOT_ENABLED", "the requested product is not enabled"),
    (
        "INVALID_INPUT",
        "DIRECT_INTEGRATION_NOT_ENABLED",
        "your client ID is only authorized to use Plaid Link",
    ),
    (
        "INVALID_INPUT",
        "UNAUTHORIZED_ENVIRONMENT",
        "you are not authorized to create items in this api environment",
    ),
    (
        "INVALID_INPUT",
        "UNAUTHORIZED_ROUTE_ACCESS",
        "you are not authorized to access this route in this api environment",
    ),
    ("INVALID_REQUEST", "INCOMPATIBLE_API_VERSION", "this version of the API is not known"),
    ("INVALID_REQUEST", "INVALID_BODY", "body could not be parsed as JSON"),
    ("INVALID_REQUEST", "INVALID_CONFIGURATION", "the configuration is invalid"),
    ("INVALID_REQUEST", "INVALID_FIELD", "a field is invalid"),
    ("INVALID_REQUEST", "INVALID_HEADERS", "the header Content-Type must be application/json"),
    ("INVALID_REQUEST", "NOT_FOUND", "not found"),
    (
        "INVALID_RESULT",
        "LAST_UPDATED_DATETIME_OUT_OF_RANGE",
        "requested datetime out of range, most recently updated balance is older",
    ),
    ("ITEM_ERROR", "ACCESS_NOT_GRANTED", "access to this product was not granted for the account"),
    (
        "ITEM_ERROR",
        "INSUFFICIENT_CREDENTIALS",
        "insufficient authorization was provided to complete the request",
    ),
    ("ITEM_ERROR", "INVALID_CREDENTIALS", "the credentials were not correct"),
    ("ITEM_ERROR", "INVALID_MFA", "the MFA response was not correct"),
    ("ITEM_ERROR", "ITEM_LOCKED", "this account is locked"),
    (
        "ITEM_ERROR",
        "ITEM_LOGIN_REQUIRED",
        "the login details of this item have changed (credentials, MFA, or required user action) and a user login is required to update this information. use Link's update mode to restore the item to a good state",
    ),
    (
        "ITEM_ERROR",
        "ITEM_NOT_FOUND",
        "The Item you requested cannot be found. This Item does not exist, has been previously removed via /item/remove, or has had access removed by the user.",
    ),
    ("ITEM_ERROR", "ITEM_NOT_SUPPORTED", "this account is not currently supported"),
    ("ITEM_ERROR", "MFA_NOT_SUPPORTED", "this account requires an MFA type that is not currently supported"),
    ("ITEM_ERROR", "NO_ACCOUNTS", "no valid accounts were found for this item"),
    (
        "ITEM_ERROR",
        "NO_AUTH_ACCOUNTS",
        "there are no valid checking or savings accounts associated with this Item",
    ),
    (
        "ITEM_ERROR",
        "NO_INVESTMENT_ACCOUNTS",
        "there are no valid investment accounts associated with this Item",
    ),
    (
        "ITEM_ERROR",
        "NO_LIABILITY_ACCOUNTS",
        "there are no valid liability accounts associated with this Item",
    ),
    ("ITEM_ERROR", "PASSWORD_RESET_REQUIRED", "the user must reset their password"),
    ("ITEM_ERROR", "PRODUCTS_NOT_SUPPORTED", "the institution does not support the requested product"),
    (
        "ITEM_ERROR",
        "PRODUCT_NOT_READY",
        "the requested product is not yet ready. please provide a webhook or try the request again later",
    ),
    (
        "ITEM_ERROR",
        "USER_SETUP_REQUIRED",
        "the account has not been fully set up. prompt the user to visit the issuing institution's site and finish the setup process",
    ),
    (
        "ITEM_ERROR",
        "USER_PERMISSION_REVOKED",
        "the holder of this account has revoked their permission for your application to access it",
    ),
    (
        "ITEM_ERROR",
        "ADDITIONAL_CONSENT_REQUIRED",
        "the user has not given consent to access the requested product",
    ),
    ("ITEM_ERROR", "MANUAL_VERIFICATION_REQUIRED", "this account requires manual verification"),
    ("SANDBOX_ERROR", "SANDBOX_PRODUCT_NOT_ENABLED", "the requested product is not enabled for this item"),
    ("SANDBOX_ERROR", "SANDBOX_WEBHOOK_INVALID", "webhook for this item is either not set or invalid"),
    (
        "TRANSACTIONS_ERROR",
        "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION",
        "Underlying transaction data changed since last page was fetched. Please restart pagination from last update.",
    ),
];

impl ApiError {
    /// By its code; the type and the message are the usual ones.
    pub(super) fn of(code: &str) -> Self {
        let known = KNOWN.iter().find(|(_, known, _)| *known == code);
        let (kind, message) = known.map_or_else(
            || ("ITEM_ERROR", format!("the item is in the state {code}")),
            |(kind, _, message)| (*kind, (*message).to_owned()),
        );
        let status = match code {
            "NOT_FOUND" => 404,
            "INTERNAL_SERVER_ERROR" => 500,
            "PLANNED_MAINTENANCE" => 503,
            _ => 400,
        };
        Self { status, kind, code: code.to_owned(), message, display: None }
    }

    pub(super) fn saying(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    pub(super) fn shown(mut self, display: &str) -> Self {
        self.display = Some(display.to_owned());
        self
    }

    pub(super) fn field(message: impl Into<String>) -> Self {
        Self::of("INVALID_FIELD").saying(message)
    }

    pub(super) fn missing(names: &[String]) -> Self {
        let message = format!("the following required fields are missing: {}", names.join(", "));
        Self { code: "MISSING_FIELDS".to_owned(), ..Self::of("INVALID_FIELD").saying(message) }
    }

    pub(super) fn unknown(names: &[String]) -> Self {
        let message =
            format!("the following fields are not recognized by this endpoint: {}", names.join(", "));
        Self { code: "UNKNOWN_FIELDS".to_owned(), ..Self::of("INVALID_FIELD").saying(message) }
    }

    pub(super) fn rate_limit(code: &str, about: &str) -> Self {
        Self {
            status: 429,
            kind: "RATE_LIMIT_EXCEEDED",
            code: code.to_owned(),
            message: format!("rate limit exceeded for {about}. please try again later"),
            display: None,
        }
    }

    pub(super) fn body(&self, request_id: &str) -> Value {
        json!({
            "display_message": self.display,
            "documentation_url": "https://plaid.com/docs/errors/",
            "error_code": self.code,
            "error_message": self.message,
            "error_type": self.kind,
            "request_id": request_id,
            "suggested_action": null,
        })
    }

    /// As an item and a webhook tell it: with the status, without a request.
    pub(super) fn told(&self) -> Value {
        json!({
            "display_message": self.display,
            "error_code": self.code,
            "error_code_reason": null,
            "error_message": self.message,
            "error_type": self.kind,
            "status": self.status,
        })
    }
}
