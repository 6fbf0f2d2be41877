//! Stripe's errors, and what they mean for the caller.

use std::fmt;

use bytes::Bytes;
use http::StatusCode;
use serde::{Deserialize, Deserializer};
use turnbuckle_core::http::{Operation, Reply, Safety};
use turnbuckle_core::{Effect, Error, ErrorKind, FieldError};

use crate::object::string_enum;
use crate::{PaymentIntent, PaymentMethod, SetupIntent};

string_enum! {
    /// The broad class of an error.
    StripeErrorType {
        /// Stripe's own failure.
        Api = "api_error",
        /// The card was refused.
        Card = "card_error",
        /// The same idempotency key came with other parameters.
        Idempotency = "idempotency_error",
        /// The request is wrong, or contradicts the state of the object.
        InvalidRequest = "invalid_request_error",
    }
}

/// What Stripe says about a refusal, or about the last failure of a payment.
///
/// It is the source of the [`Error`] of every call that Stripe answered with an error it could explain;
/// [`StripeError::of`] finds it there. A decline (HTTP 402) carries the [`PaymentIntent`], which stays alive and may be
/// confirmed again with another payment method.
#[derive(Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct StripeError {
    /// The broad class.
    #[serde(rename = "type", default)]
    pub error_type: StripeErrorType,
    /// Stripe's code, for example `card_declined`.
    pub code: Option<String>,
    /// Why the issuer or Stripe declined, for example `insufficient_funds`.
    pub decline_code: Option<String>,
    /// The parameter at fault, in Stripe's spelling.
    pub param: Option<String>,
    /// Stripe's wording. It may quote what was sent: show it to the merchant, keep it out of logs.
    pub message: Option<String>,
    /// The id of the charge that failed.
    pub charge: Option<String>,
    /// The payment, as it stands after the refusal.
    #[serde(default, deserialize_with = "where_readable")]
    pub payment_intent: Option<Box<PaymentIntent>>,
    /// The setup, as it stands after the refusal.
    #[serde(default, deserialize_with = "where_readable")]
    pub setup_intent: Option<Box<SetupIntent>>,
    /// The payment method that was refused.
    #[serde(default, deserialize_with = "where_readable")]
    pub payment_method: Option<Box<PaymentMethod>>,
    /// What to do: `try_again_later`, `do_not_try_again`, `confirm_card_data`.
    pub advice_code: Option<String>,
    /// The card network's decline code.
    pub network_decline_code: Option<String>,
    /// The card network's advice, such as Mastercard's merchant advice code.
    pub network_advice_code: Option<String>,
    /// A page that explains the code.
    pub doc_url: Option<String>,
    /// The HTTP status that it came with; zero for the last error of a payment.
    #[serde(skip)]
    pub http_status: u16,
    /// Whether Stripe replayed the stored answer to an earlier request with the same idempotency key.
    #[serde(skip)]
    pub replayed: bool,
}

impl StripeError {
    /// Stripe's own words about an error of this crate, where it has any.
    pub fn of(error: &Error) -> Option<&Self> {
        std::error::Error::source(error)?.downcast_ref()
    }

    /// Whether the payment method was refused, rather than the request.
    pub fn is_decline(&self) -> bool {
        self.http_status == 402 || self.error_type == StripeErrorType::Card
    }
}

impl fmt::Display for StripeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stripe answered with an error")?;
        let words = [Some(self.error_type.as_str()), self.code.as_deref(), self.decline_code.as_deref()];
        for (index, word) in words.into_iter().flatten().filter(|word| is_word(word)).enumerate() {
            write!(f, "{}{word}", if index == 0 { ": " } else { ", " })?;
        }
        Ok(())
    }
}

impl fmt::Debug for StripeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |text: &Option<String>| text.clone().filter(|text| is_word(text));
        f.debug_struct("StripeError")
            .field("error_type", &word(&Some(self.error_type.as_str().to_owned())))
            .field("code", &word(&self.code))
            .field("decline_code", &word(&self.decline_code))
            .field("param", &word(&self.param))
            .field("payment_intent", &self.payment_intent.as_ref().map(|payment| &payment.id))
            .field("http_status", &self.http_status)
            .field("replayed", &self.replayed)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for StripeError {}

/// An error stays readable when an object inside it is not: the decline matters more than its attachments.
fn where_readable<'de, D, T>(deserializer: D) -> Result<Option<Box<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: serde::de::DeserializeOwned,
{
    let value = Option::<serde_json::Value>::deserialize(deserializer)?;
    Ok(value.and_then(|value| serde_json::from_value(value).ok()).map(Box::new))
}

/// The body around a [`StripeError`].
#[derive(Deserialize)]
pub(crate) struct ErrorBody {
    pub(crate) error: StripeError,
}

impl ErrorBody {
    /// `None` for anything else than Stripe's error object, such as a gateway's HTML page.
    pub(crate) fn parse(body: &Bytes) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }
}

/// Codes, names of parameters: what may stand in a log line. Anything else a vendor sends there may not.
fn is_word(text: &str) -> bool {
    (1..=100).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.[]".contains(&byte))
}

/// The error of an answer that is not a success.
pub(crate) fn from_reply(operation: &Operation, reply: &Reply) -> Error {
    let status = reply.response.status();
    let body = ErrorBody::parse(reply.response.body()).map(|body| StripeError {
        http_status: status.as_u16(),
        replayed: is_replayed(reply),
        ..body.error
    });
    let (kind, message) = classify(status, body.as_ref());
    let mut error = Error::new(kind, message)
        .with_effect(effect(operation, reply, status, body.as_ref()))
        .with_http_status(status.as_u16());
    if let Some(id) = &reply.request_id {
        error = error.with_request_id(id.clone());
    }
    if let Some(wait) = reply.retry_after {
        error = error.with_retry_after(wait);
    }
    let Some(body) = body else { return error };
    if let Some(code) = body.decline_code.as_ref().or(body.code.as_ref()).filter(|code| is_word(code)) {
        error = error.with_code(code.clone());
    }
    if let Some(message) = &body.message {
        error = error.with_vendor_message(message.chars().take(1000).collect::<String>());
    }
    if let Some(param) = body.param.as_ref().filter(|param| is_word(param) && !body.is_decline()) {
        error = error.with_fields(vec![FieldError::new(param.clone(), problem(body.code.as_deref()))]);
    }
    error.with_source(body)
}

pub(crate) fn is_replayed(reply: &Reply) -> bool {
    reply.response.headers().get("idempotent-replayed").is_some_and(|value| value.as_bytes() == b"true")
}

/// What may have happened.
///
/// Stripe stores the first result under an idempotency key and gives it to every later request with that key. A decline,
/// and any refusal that it marks as replayed, is therefore the result of all attempts; only other refusals leave open
/// what an earlier, unanswered attempt did.
fn effect(operation: &Operation, reply: &Reply, status: StatusCode, body: Option<&StripeError>) -> Effect {
    if operation.safety == Safety::Read {
        return Effect::None;
    }
    let in_use = body.is_some_and(|body| body.code.as_deref() == Some("idempotency_key_in_use"));
    // This request did nothing, but another one came under the same key before, and nobody here knows what it did.
    let reused = body.is_some_and(|body| body.error_type == StripeErrorType::Idempotency);
    if !status.is_client_error() || status == StatusCode::REQUEST_TIMEOUT || in_use || reused {
        return Effect::Unknown;
    }
    let settled = body.is_some_and(|body| body.replayed || status == StatusCode::PAYMENT_REQUIRED);
    if settled { Effect::None } else { reply.refusal_effect() }
}

fn classify(status: StatusCode, body: Option<&StripeError>) -> (ErrorKind, &'static str) {
    let code = body.and_then(|body| body.code.as_deref()).unwrap_or_default();
    let error_type = body.map(|body| &body.error_type);
    match code {
        "idempotency_key_in_use" => {
            return (ErrorKind::Conflict, "a request with the same idempotency key is still running");
        }
        "rate_limit" | "card_decline_rate_limit_exceeded" => {
            return (ErrorKind::RateLimited, "Stripe's rate limit is reached");
        }
        "lock_timeout" => return (ErrorKind::RateLimited, "another request holds the object"),
        "authentication_required" => {
            return (ErrorKind::ActionRequired, "the payer must authenticate the payment");
        }
        "api_key_expired"
        | "platform_api_key_expired"
        | "secret_key_required"
        | "testmode_charges_only"
        | "livemode_mismatch" => return (ErrorKind::Unauthorized, "Stripe does not accept the secret key"),
        "resource_missing" => return (ErrorKind::NotFound, "Stripe has no such object"),
        "balance_insufficient" => {
            return (ErrorKind::Conflict, "the Stripe balance is too low");
        }
        "payment_intent_unexpected_state"
        | "setup_intent_unexpected_state"
        | "charge_already_captured"
        | "charge_already_refunded"
        | "charge_expired_for_capture"
        | "charge_disputed" => {
            return (ErrorKind::Conflict, "the object's state does not allow this");
        }
        _ => {}
    }
    if error_type == Some(&StripeErrorType::Idempotency) {
        return (ErrorKind::Conflict, "the idempotency key was used with other parameters");
    }
    if body.is_some_and(StripeError::is_decline) || status == StatusCode::PAYMENT_REQUIRED {
        return (ErrorKind::InvalidRequest, "the payment method was declined");
    }
    match status.as_u16() {
        401 => (ErrorKind::Unauthorized, "Stripe does not accept the secret key"),
        403 => (ErrorKind::Forbidden, "the secret key lacks a permission"),
        404 => (ErrorKind::NotFound, "Stripe has no such object"),
        409 => (ErrorKind::Conflict, "the request conflicts with another one"),
        408 => (ErrorKind::Timeout, "Stripe did not answer in time"),
        429 => (ErrorKind::RateLimited, "Stripe's rate limit is reached"),
        400..=499 => (ErrorKind::InvalidRequest, "Stripe refused the request"),
        500..=599 => (ErrorKind::Unavailable, "Stripe failed to answer the request"),
        _ => (ErrorKind::InvalidResponse, "the answer is neither a success nor an error of Stripe's"),
    }
}

fn problem(code: Option<&str>) -> &'static str {
    match code {
        Some("parameter_missing") => "is missing",
        Some("parameter_unknown") => "is not a parameter of this call",
        Some("parameter_invalid_empty") => "must not be empty",
        Some("resource_missing") => "names nothing at Stripe",
        Some("amount_too_small") => "is too small",
        Some("amount_too_large") => "is too large",
        _ => "was refused",
    }
}
