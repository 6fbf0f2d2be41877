//! Refusals in Twilio's shape: `code`, `message`, `more_info`, `status`.

use serde_json::{Value, json};

#[derive(Debug)]
pub(super) struct ApiError {
    pub(super) status: u16,
    pub(super) code: u32,
    pub(super) message: String,
}

impl ApiError {
    pub(super) fn new(status: u16, code: u32, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    pub(super) fn invalid(code: u32, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    pub(super) fn authenticate() -> Self {
        Self::new(401, 20003, "Authenticate")
    }

    pub(super) fn not_found(path: &str) -> Self {
        Self::new(404, 20404, format!("The requested resource {path} was not found"))
    }

    /// Without words of its own, a code gets a few plain ones.
    pub(super) fn of(code: u32) -> Self {
        let status = match code {
            20003 => 401,
            20006 | 20008 | 70051 | 20005 => 403,
            20404 => 404,
            20004 => 405,
            20009 | 20409 | 30409 => 409,
            20429 | 60202 | 60203 => 429,
            20500 => 500,
            20503 => 503,
            _ => 400,
        };
        Self::new(status, code, words(code))
    }

    pub(super) fn body(&self) -> Value {
        json!({
            "code": self.code,
            "message": self.message,
            "more_info": format!("https://www.twilio.com/docs/errors/{}", self.code),
            "status": self.status,
        })
    }
}

/// What an error code says, for refusals and for messages that were not delivered.
pub(super) fn words(code: u32) -> &'static str {
    match code {
        20003 => "Authenticate",
        20005 => "Account not active",
        20008 => "Resource not accessible with Test Account Credentials",
        20009 => "The resource cannot be changed while it is in progress",
        20429 => "Too Many Requests",
        20500 => "An internal server error has occurred",
        20503 => "Service unavailable",
        21210 => "The source number of the call is not verified",
        21211 | 21217 => "The 'To' number is not valid",
        21212 => "The 'From' number is not valid",
        21214 => "The 'To' number cannot be reached",
        21215 => "No permission to call this country",
        21216 => "The account may not call this number",
        21265 => "The 'To' number cannot be a short code",
        21408 => "Permission to send to this region is not enabled",
        21421 => "The phone number is invalid",
        21422 => "The phone number is not available",
        21606 => "The 'From' number cannot send messages for this account",
        21608 => "The 'To' number is not verified, which trial accounts need",
        21610 => "The recipient has opted out of messages from this sender",
        21611 => "The queue of the 'From' number is full",
        21612 => "Messages from this sender to the 'To' number cannot be routed",
        21614 => "The 'To' number is not a mobile number",
        21635 => "The 'To' number is a landline",
        30001 => "Queue overflow",
        30002 => "Account suspended",
        30003 => "Unreachable destination handset",
        30004 => "Message blocked",
        30005 => "Unknown destination handset",
        30006 => "Landline or unreachable carrier",
        30007 => "Message filtered",
        30008 => "Unknown error",
        30032 => "Toll-free number not verified",
        30034 => "Number not registered for messages to the United States",
        30409 => "This message cannot be canceled",
        60200 => "Invalid parameter",
        60202 => "Max check attempts reached",
        60203 => "Max send attempts reached",
        63016 => "Free-form message outside of the allowed window",
        70051 => "The API key lacks the permission for this resource",
        _ => "Refused",
    }
}
