//! Stripe's error bodies.

use serde_json::{Map, Value, json};

use super::object::Object;

/// An error answer: status and the members of its `error` object.
#[derive(Clone, Debug)]
pub(super) struct ApiError {
    pub(super) status: u16,
    pub(super) fields: Map<String, Value>,
    /// Whether the call failed before the endpoint began its work: such answers do not use up an idempotency key.
    pub(super) before_work: bool,
}

impl ApiError {
    pub(super) fn new(status: u16, kind: &str, message: impl Into<String>) -> Self {
        let mut fields = Map::new();
        fields.insert("type".to_owned(), json!(kind));
        fields.insert("message".to_owned(), Value::String(message.into()));
        Self { status, fields, before_work: true }
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", message)
    }

    /// A failed card: 402, kept under its idempotency key.
    pub(super) fn card(code: &str, message: &str) -> Self {
        let mut error = Self::new(402, "card_error", message).code(code);
        error.before_work = false;
        error
    }

    pub(super) fn code(self, code: &str) -> Self {
        let page = format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-"));
        self.with("code", code).with("doc_url", page)
    }

    pub(super) fn param(self, param: &str) -> Self {
        self.with("param", param)
    }

    pub(super) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    /// A refusal because of the state an object is in: the object comes along.
    pub(super) fn unexpected_state(object: &Value, message: impl Into<String>) -> Self {
        let kind = object.text("object");
        let mut error =
            Self::invalid(message).code(&format!("{kind}_unexpected_state")).with(kind, object.clone());
        error.before_work = false;
        error
    }

    /// A failure that the endpoint found while it worked: kept under its idempotency key.
    pub(super) fn while_working(mut self) -> Self {
        self.before_work = false;
        self
    }

    /// `kind` as Stripe spells it in this message, which is not always the object's name.
    pub(super) fn missing(kind: &str, id: &str, param: &str) -> Self {
        Self::invalid(format!("No such {kind}: '{id}'")).code("resource_missing").param(param).status(404)
    }

    pub(super) fn missing_param(name: &str) -> Self {
        Self::invalid(format!("Missing required param: {name}.")).code("parameter_missing").param(name)
    }

    pub(super) fn unknown_params(names: &[String]) -> Self {
        let plural = if names.len() == 1 { "" } else { "s" };
        let error = Self::invalid(format!("Received unknown parameter{plural}: {}", names.join(", ")))
            .code("parameter_unknown");
        match names.first() {
            Some(first) => error.param(first),
            None => error,
        }
    }

    pub(super) fn empty(name: &str) -> Self {
        Self::invalid(format!(
            "You passed an empty string for '{name}'. We assume empty values are an attempt to unset a \
             parameter; however '{name}' cannot be unset. You should remove '{name}' from your request or \
             supply a non-empty value."
        ))
        .code("parameter_invalid_empty")
        .param(name)
    }

    pub(super) fn too_low(name: &str, least: i64) -> Self {
        Self::invalid(format!("This value must be greater than or equal to {least}."))
            .code("parameter_invalid_integer")
            .param(name)
    }

    /// Stripe takes this, and the simulator would have to do something about it that it does not do.
    pub(super) fn not_simulated(param: &str) -> Self {
        Self::invalid(format!("The simulator does not carry out `{param}`.")).param(param)
    }

    pub(super) fn unrecognized(method: &str, path: &str) -> Self {
        Self::invalid(format!(
            "Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at \
             https://support.stripe.com/."
        ))
        .status(404)
    }

    pub(super) fn body(&self) -> Value {
        json!({ "error": self.fields })
    }
}
