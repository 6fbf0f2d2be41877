//! One error type for every provider: what went wrong, and what may have happened over there.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::payment::{Attempt, PaymentRef};
use crate::provider::ProviderId;

/// Result of every fallible call in this workspace.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, whether anything may have happened at the provider, and what the caller may do.
///
/// [`Display`](fmt::Display) and [`Debug`](fmt::Debug) show only text of our own, vendor codes and ids. The vendor's
/// wording, which may quote what the payer typed, is held apart in [`vendor_message`](Self::vendor_message).
///
/// ```
/// use turnbuckle_core::{Advice, Effect, Error, ErrorKind};
///
/// let lost = Error::new(ErrorKind::Timeout, "no answer in time").with_effect(Effect::Unknown);
/// assert_eq!(lost.advice(), Advice::ResolveFirst);
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    effect: Effect,
    provider: Option<ProviderId>,
    operation: Option<Cow<'static, str>>,
    code: Option<String>,
    message: Cow<'static, str>,
    vendor_message: Option<String>,
    request_id: Option<String>,
    http_status: Option<u16>,
    retry_after: Option<Duration>,
    fields: Vec<FieldError>,
    payment: Option<PaymentRef>,
    attempt: Option<Box<Attempt>>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What kind of failure an [`Error`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Credentials, settings or builder input are unusable; nothing was sent.
    InvalidConfig,
    /// The request is wrong; [`Error::fields`] names each bad field that is known.
    InvalidRequest,
    /// The provider does not accept these credentials.
    Unauthorized,
    /// The credentials are good but may not do this.
    Forbidden,
    /// The provider does not know the object.
    NotFound,
    /// The request contradicts an earlier one or the object's state.
    Conflict,
    /// The provider's duplicate check stopped the request, and the earlier one is not ours.
    DuplicateBlocked,
    /// Too many requests.
    RateLimited,
    /// A person must act first (sign in again, give consent, verify a sender).
    ActionRequired,
    /// The provider, the connection or this library cannot do it; nothing was sent.
    Unsupported,
    /// The provider is down or overloaded.
    Unavailable,
    /// No answer within the deadline.
    Timeout,
    /// The connection failed.
    Network,
    /// The answer could not be understood, or contradicts what was asked.
    InvalidResponse,
    /// A webhook or token signature is missing, malformed, stale or wrong.
    SignatureInvalid,
    /// Sealing or opening credentials failed.
    Envelope,
    /// A fault of this library or of a host's own implementation (journal, audit sink).
    Internal,
}

impl ErrorKind {
    /// Stable lower-case name, for logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidConfig => "invalid_config",
            Self::InvalidRequest => "invalid_request",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::DuplicateBlocked => "duplicate_blocked",
            Self::RateLimited => "rate_limited",
            Self::ActionRequired => "action_required",
            Self::Unsupported => "unsupported",
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
            Self::Network => "network",
            Self::InvalidResponse => "invalid_response",
            Self::SignatureInvalid => "signature_invalid",
            Self::Envelope => "envelope",
            Self::Internal => "internal",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What may have happened at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Nothing: it never left, or the provider refused it.
    None,
    /// It happened, and what came back is not what was asked; [`Error::payment`] names it where known.
    Happened,
    /// Nobody knows yet. Look it up before doing anything again.
    Unknown,
}

/// What the caller may do about an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Advice {
    /// Repeating the same request will not help.
    Never,
    /// Nothing happened; the same request may be sent again, with its idempotency key.
    Retry,
    /// Nothing happened; the same request may be sent again, not before this long.
    RetryAfter(Duration),
    /// The effect is unknown: look it up ([`resolve`](crate::payment::resolve)) before anything else.
    ResolveFirst,
}

/// One bad field. Names the field and the rule, never the value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldError {
    /// The field's name as the caller knows it, for example `secretKey` or `amount`.
    pub field: Cow<'static, str>,
    /// What is wrong with it.
    pub problem: Cow<'static, str>,
}

impl FieldError {
    /// A problem with one field.
    pub fn new(field: impl Into<Cow<'static, str>>, problem: impl Into<Cow<'static, str>>) -> Self {
        Self { field: field.into(), problem: problem.into() }
    }
}

impl Error {
    /// A new error with the effect [`Effect::None`]. The message is shown in logs: ids and rules only, never values.
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            effect: Effect::None,
            provider: None,
            operation: None,
            code: None,
            message: message.into(),
            vendor_message: None,
            request_id: None,
            http_status: None,
            retry_after: None,
            fields: Vec::new(),
            payment: None,
            attempt: None,
            source: None,
        }))
    }

    /// An [`ErrorKind::InvalidRequest`] about one field.
    pub fn invalid_field(field: impl Into<Cow<'static, str>>, problem: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::InvalidRequest, "the request has a field that cannot be sent")
            .with_fields(vec![FieldError::new(field, problem)])
    }

    /// An [`ErrorKind::Unsupported`]: nothing was sent.
    pub fn unsupported(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Unsupported, message)
    }

    /// Sets what may have happened at the provider.
    pub fn with_effect(mut self, effect: Effect) -> Self {
        self.0.effect = effect;
        self
    }

    /// Names the provider.
    pub fn with_provider(mut self, provider: ProviderId) -> Self {
        self.0.provider = Some(provider);
        self
    }

    /// Names the operation, for example `capture`.
    pub fn with_operation(mut self, operation: impl Into<Cow<'static, str>>) -> Self {
        self.0.operation = Some(operation.into());
        self
    }

    /// Attaches the vendor's own code.
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.0.code = Some(code.into());
        self
    }

    /// Attaches the vendor's wording, which is kept out of `Display` and `Debug`.
    pub fn with_vendor_message(mut self, message: impl Into<String>) -> Self {
        self.0.vendor_message = Some(message.into());
        self
    }

    /// Attaches the vendor's request id.
    pub fn with_request_id(mut self, id: impl Into<String>) -> Self {
        self.0.request_id = Some(id.into());
        self
    }

    /// Attaches the HTTP status of the answer.
    pub fn with_http_status(mut self, status: u16) -> Self {
        self.0.http_status = Some(status);
        self
    }

    /// Attaches how long to wait before the next attempt.
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Replaces the list of bad fields.
    pub fn with_fields(mut self, fields: Vec<FieldError>) -> Self {
        self.0.fields = fields;
        self
    }

    /// Names the payment that exists at the provider in spite of the error.
    pub fn with_payment(mut self, payment: PaymentRef) -> Self {
        self.0.payment = Some(payment);
        self
    }

    /// Attaches the attempt that failed, to [`resolve`](crate::payment::resolve) it by.
    pub fn with_attempt(mut self, attempt: Attempt) -> Self {
        self.0.attempt = Some(Box::new(attempt));
        self
    }

    /// Attaches the underlying error. It must be safe to print.
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Fills in provider and operation where they are still missing.
    pub fn or_context(mut self, provider: &ProviderId, operation: &'static str) -> Self {
        self.0.provider.get_or_insert_with(|| provider.clone());
        self.0.operation.get_or_insert(Cow::Borrowed(operation));
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What may have happened at the provider.
    pub fn effect(&self) -> Effect {
        self.0.effect
    }

    /// The provider, where one was involved.
    pub fn provider(&self) -> Option<&ProviderId> {
        self.0.provider.as_ref()
    }

    /// The operation, for example `capture`.
    pub fn operation(&self) -> Option<&str> {
        self.0.operation.as_deref()
    }

    /// The vendor's own code, for example `idempotency_key_in_use`; for webhooks the [reason](crate::webhook::Reason).
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// Our own message, safe to log.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The vendor's wording. It may quote personal data: show it to the merchant, keep it out of logs.
    pub fn vendor_message(&self) -> Option<&str> {
        self.0.vendor_message.as_deref()
    }

    /// The vendor's request id, for a support ticket.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The HTTP status of the answer, where there was one. For diagnosis only: decide by kind, effect and advice.
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// How long the provider asked to be left alone.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Every bad field that is known.
    pub fn fields(&self) -> &[FieldError] {
        &self.0.fields
    }

    /// The payment that exists at the provider in spite of the error.
    pub fn payment(&self) -> Option<&PaymentRef> {
        self.0.payment.as_ref()
    }

    /// The attempt that failed: what [`resolve`](crate::payment::resolve) needs when the effect is unknown.
    pub fn attempt(&self) -> Option<&Attempt> {
        self.0.attempt.as_deref()
    }

    /// What the caller may do. Reads the effect first, then the kind; never an HTTP status.
    pub fn advice(&self) -> Advice {
        match self.0.effect {
            Effect::Unknown => return Advice::ResolveFirst,
            Effect::Happened => return Advice::Never,
            Effect::None => {}
        }
        match self.0.kind {
            ErrorKind::RateLimited | ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::Network => {
                self.0.retry_after.map_or(Advice::Retry, Advice::RetryAfter)
            }
            _ => self.0.retry_after.map_or(Advice::Never, Advice::RetryAfter),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        if let Some(provider) = &inner.provider {
            write!(f, "{provider} ")?;
        }
        if let Some(operation) = &inner.operation {
            write!(f, "{operation}: ")?;
        }
        f.write_str(&inner.message)?;
        for (index, field) in inner.fields.iter().enumerate() {
            let lead = if index == 0 { ": " } else { "; " };
            write!(f, "{lead}{} {}", field.field, field.problem)?;
        }
        write!(f, " [{}", inner.kind)?;
        if let Some(code) = &inner.code {
            write!(f, ", code {code}")?;
        }
        if let Some(id) = &inner.request_id {
            write!(f, ", request {id}")?;
        }
        match inner.effect {
            Effect::None => {}
            Effect::Happened => f.write_str(", it happened at the provider")?,
            Effect::Unknown => f.write_str(", effect unknown")?,
        }
        f.write_str("]")
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        f.debug_struct("Error")
            .field("kind", &inner.kind)
            .field("effect", &inner.effect)
            .field("provider", &inner.provider)
            .field("operation", &inner.operation)
            .field("code", &inner.code)
            .field("message", &inner.message)
            .field("request_id", &inner.request_id)
            .field("http_status", &inner.http_status)
            .field("retry_after", &inner.retry_after)
            .field("fields", &inner.fields)
            .field("payment", &inner.payment)
            .field("source", &inner.source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
