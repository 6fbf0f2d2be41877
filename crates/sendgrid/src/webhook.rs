//! Webhooks: SendGrid's signature, and the events or the mail behind it.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;
use turnbuckle_core::provider::ConnectionConfig;
use turnbuckle_core::webhook::{
    EcdsaEncoding, EcdsaSignature, Event, FreshnessClass, KeyLabel, P256PublicKey, Part, Proof, PublicKeySet,
    RawWebhook, SignedContent, SignedTime, TimeRule, Verified, VerifyingKey, WebhookReceiver, verify_ecdsa,
};
use turnbuckle_core::{Error, ErrorKind, FieldError, Result};

use crate::SendGridEvent;
use crate::client::PROVIDER;
use crate::inbound::{InboundEmail, InboundLimits};

const SIGNATURE: &str = "x-twilio-email-event-webhook-signature";
const TIMESTAMP: &str = "x-twilio-email-event-webhook-timestamp";

/// Checks the pushes of an account, and reads them.
///
/// A push carries a signature (base64 of ECDSA over P-256 and SHA-256, in DER) over its timestamp and the raw body, which
/// ends in a line break: hand the body over as it came. See
/// <https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features>.
///
/// - Each webhook has a key of its own; several may be accepted at once.
/// - SendGrid repeats pushes for 24 hours. Whether it signs them again is unproven, so the signed time may be 25 hours old
///   unless the setting `webhookToleranceSeconds` or [`with_time_rule`](Self::with_time_rule) says otherwise. What keeps an
///   event from being handled twice is its id, in a [`ReplayGuard`](turnbuckle_core::webhook::ReplayGuard) that remembers
///   that long. Signatures can be rewritten and stay good: never tell pushes apart by them.
///
/// ```
/// use bytes::Bytes;
/// use chrono::DateTime;
/// use turnbuckle_core::webhook::RawWebhook;
/// use turnbuckle_sendgrid::SendGridWebhooks;
///
/// # fn main() -> turnbuckle_core::Result<()> {
/// let webhooks = SendGridWebhooks::new(concat!(
///     "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1",
///     "flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=="
/// ))?;
/// let push = http::Request::post("/sendgrid")
///     .header("x-twilio-email-event-webhook-timestamp", "1600112502")
///     .header("x-twilio-email-event-webhook-signature", "MEQCIA==")
///     .body(Bytes::from_static(b"[]\r\n"))
///     .expect("a request");
/// let now = DateTime::from_timestamp(1_600_112_510, 0).expect("a time");
/// let raw = RawWebhook::new(push, "https://shop.example/sendgrid")?;
/// assert!(webhooks.verify(&raw, now).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct SendGridWebhooks {
    keys: PublicKeySet,
    rule: TimeRule,
}

impl SendGridWebhooks {
    /// How old the signed time may be unless another rule is set: 25 hours, one more than SendGrid repeats a push for.
    pub const MAX_AGE: Duration = Duration::from_secs(25 * 60 * 60);
    /// How far ahead it may be: 5 minutes.
    pub const MAX_LEAD: Duration = Duration::from_secs(300);

    /// Checks with the public keys of one or more webhooks, as SendGrid shows them (base64 without PEM lines), separated by
    /// commas.
    ///
    /// # Errors
    /// [`InvalidConfig`](ErrorKind::InvalidConfig) naming `webhookPublicKey` when one is no such key, one stands twice, or
    /// there are more than twelve.
    pub fn new(public_keys: &str) -> Result<Self> {
        let bad = || {
            Error::new(ErrorKind::InvalidConfig, "the webhook's key cannot be used")
                .with_fields(vec![FieldError::new(
                    "webhookPublicKey",
                    "is not one to twelve public keys as SendGrid shows them, separated by commas",
                )])
                .with_provider(PROVIDER)
        };
        let mut set: Option<PublicKeySet> = None;
        let mut seen: Vec<&str> = Vec::new();
        for (index, text) in public_keys.split(',').map(str::trim).enumerate() {
            if seen.contains(&text) {
                return Err(bad());
            }
            seen.push(text);
            let key = P256PublicKey::from_spki_base64(text).map_err(|_| bad())?;
            let label = KeyLabel::new(&format!("webhookPublicKey-{}", index + 1)).map_err(|_| bad())?;
            let key = VerifyingKey::new(label, key);
            set = Some(match set {
                Some(set) => set.with_key(key).map_err(|_| bad())?,
                None => PublicKeySet::new(key),
            });
        }
        set.map(Self::with_keys).ok_or_else(bad)
    }

    /// Checks with these keys.
    pub fn with_keys(keys: PublicKeySet) -> Self {
        Self { keys, rule: TimeRule::new(Self::MAX_AGE, Self::MAX_LEAD) }
    }

    /// Checks with what a connection knows: the credential `webhookPublicKey`, and the setting `webhookToleranceSeconds`
    /// as the age where there is one. `None` without the credential.
    ///
    /// # Errors
    /// [`InvalidConfig`](ErrorKind::InvalidConfig), as [`new`](Self::new), or when the tolerance is negative.
    pub fn from_config(config: &ConnectionConfig) -> Result<Option<Self>> {
        let Some(key) = config.credentials().get("webhookPublicKey") else { return Ok(None) };
        let webhooks = Self::new(key.expose_secret())?;
        let Some(seconds) = config.settings().integer("webhookToleranceSeconds") else {
            return Ok(Some(webhooks));
        };
        let age = u64::try_from(seconds).map(Duration::from_secs).map_err(|_| {
            Error::new(ErrorKind::InvalidConfig, "the settings cannot be used")
                .with_fields(vec![FieldError::new("webhookToleranceSeconds", "is negative")])
                .with_provider(PROVIDER)
        })?;
        Ok(Some(webhooks.with_time_rule(TimeRule::new(age, Self::MAX_LEAD.min(age)))))
    }

    /// Sets how old the signed time may be, and how far ahead of our clock.
    pub fn with_time_rule(mut self, rule: TimeRule) -> Self {
        self.rule = rule;
        self
    }

    /// Checks a push of events, and reads what all events have in common, in SendGrid's order.
    ///
    /// # Errors
    /// [`SignatureInvalid`](ErrorKind::SignatureInvalid) with a [`Reason`](turnbuckle_core::webhook::Reason) as its code:
    /// answer 401. [`InvalidResponse`](ErrorKind::InvalidResponse) when SendGrid signed it, and it is no array.
    pub fn verify(&self, raw: &RawWebhook, now: DateTime<Utc>) -> Result<Verified<Vec<SendGridEvent>>> {
        let read = || {
            let proof = self.prove(raw, now)?;
            let body = proof.bytes().clone();
            proof.decode(|_| SendGridEvent::read_batch(&body))
        };
        read().map_err(|error| error.or_context(&PROVIDER, "webhook"))
    }

    /// Checks a push of inbound mail, and reads it. Only domains whose parse setting has a security policy with signatures
    /// push so; that it signs with the same headers as events do is unproven.
    ///
    /// # Errors
    /// As [`verify`](Self::verify), and [`InboundEmail::parse_unverified`].
    pub fn verify_inbound(
        &self,
        raw: &RawWebhook,
        now: DateTime<Utc>,
        limits: &InboundLimits,
    ) -> Result<Verified<InboundEmail>> {
        let read = || {
            let content_type = raw.header("content-type")?;
            let proof = self.prove(raw, now)?;
            let body = proof.bytes().clone();
            proof.decode(|_| InboundEmail::read(content_type, &body, limits))
        };
        read().map_err(|error| error.or_context(&PROVIDER, "inbound"))
    }

    fn prove(&self, raw: &RawWebhook, now: DateTime<Utc>) -> Result<Proof> {
        let signature = EcdsaSignature::from_base64(EcdsaEncoding::Der, raw.header(SIGNATURE)?)?;
        let time = raw.header(TIMESTAMP)?;
        let content = SignedContent::new([Part::Text(time), Part::Body])
            .with_time(SignedTime::unix_seconds(time, self.rule)?);
        verify_ecdsa(raw, &content, &signature, &self.keys, now)
    }
}

#[async_trait]
impl WebhookReceiver for SendGridWebhooks {
    fn freshness(&self) -> FreshnessClass {
        self.rule.into()
    }

    /// One push is a batch of events, each with an id of its own.
    async fn receive(&self, raw: RawWebhook, now: DateTime<Utc>) -> Result<Vec<Verified<Event>>> {
        let batch = self.verify(&raw, now)?;
        Ok(batch.split().into_iter().map(|event| event.map(|event| event.normalize(now))).collect())
    }
}
