//! Refusals in SendGrid's words.

use serde_json::{Value, json};

/// Where `help` points for refusals of `mail/send`.
const HELP: &str = "http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html#message.";

/// A refusal: a status and the body under it.
#[derive(Clone, Debug)]
pub(super) struct ApiError {
    pub(super) status: u16,
    pub(super) body: Value,
}

/// What a call answers: a status and a body; no body is an empty one.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Option<Value>,
    pub(super) message_id: Option<String>,
}

pub(super) type Outcome = Result<Answer, ApiError>;

#[expect(clippy::unnecessary_wraps, reason = "every call ends in one of these")]
impl Answer {
    pub(super) fn new(status: u16, body: Value) -> Self {
        Self { status, body: Some(body), message_id: None }
    }

    pub(super) fn ok(body: Value) -> Outcome {
        Ok(Self::new(200, body))
    }

    pub(super) fn created(body: Value) -> Outcome {
        Ok(Self::new(201, body))
    }

    pub(super) fn nothing() -> Outcome {
        Ok(Self { status: 204, body: None, message_id: None })
    }
}

impl ApiError {
    fn of(status: u16, error: &Value) -> Self {
        Self { status, body: json!({ "errors": [error] }) }
    }

    /// A refusal that names no field.
    pub(super) fn plain(status: u16, message: &str) -> Self {
        Self::of(status, &json!({ "field": null, "message": message }))
    }

    /// A refusal whose `field` is the text `null`, as that of some endpoints is.
    pub(super) fn null_text(status: u16, message: &str) -> Self {
        Self::of(status, &json!({ "message": message, "field": "null" }))
    }

    /// A refusal of a field, without help.
    pub(super) fn field(message: impl Into<String>, field: &str) -> Self {
        Self::of(400, &json!({ "message": message.into(), "field": field }))
    }

    /// A refusal of `mail/send`: the field with its indices, and help about the field without them.
    pub(super) fn mail(message: impl Into<String>, field: &str) -> Self {
        let named: Vec<_> = field.split('.').filter(|part| part.parse::<usize>().is_err()).collect();
        let help = format!("{HELP}{}", named.join("."));
        Self::of(400, &json!({ "message": message.into(), "field": field, "help": help }))
    }

    /// A refusal that is a message and nothing else.
    pub(super) fn bare(status: u16, message: impl Into<String>) -> Self {
        Self::of(status, &json!({ "message": message.into() }))
    }

    /// The older form, without a list.
    pub(super) fn single(status: u16, message: &str) -> Self {
        Self { status, body: json!({ "error": message }) }
    }

    pub(super) fn not_found() -> Self {
        Self::null_text(404, "not found")
    }

    pub(super) fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
}
