//! Webhooks: Stripe's signature, and the events behind it.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use turnbuckle_core::provider::ConnectionConfig;
use turnbuckle_core::webhook::{
    Event, FreshnessClass, KeySet, MacAlgorithm, MacKey, MacTags, Part, RawWebhook, SignatureHeader,
    SignedContent, SignedTime, TagEncoding, TimeRule, Verified, WebhookReceiver, verify_mac,
};
use turnbuckle_core::{Error, ErrorKind, FieldError, Result};

use crate::StripeEvent;
use crate::client::PROVIDER;

/// Checks the pushes of a webhook endpoint, and reads them.
///
/// A push carries `Stripe-Signature: t=<seconds>,v1=<hex>`: HMAC-SHA256 over the time, a dot and the body, under the
/// endpoint's secret as it is shown (`whsec_...`, all of it). While a secret is being rolled Stripe signs with both;
/// one `v1` that fits is enough. Other schemes in the header are ignored.
///
/// Stripe repeats pushes and does not keep their order: claim the event's id in a
/// [`ReplayGuard`](turnbuckle_core::webhook::ReplayGuard), and fetch the object before money moves.
///
/// ```
/// use bytes::Bytes;
/// use chrono::DateTime;
/// use turnbuckle_core::webhook::RawWebhook;
/// use turnbuckle_stripe::{StripeObject, StripeWebhooks};
///
/// # fn main() -> turnbuckle_core::Result<()> {
/// let webhooks = StripeWebhooks::new(&"whsec_test_vector_not_real".into())?;
///
/// let body = concat!(
///     r#"{"id":"evt_1","object":"event","type":"payment_intent.succeeded","#,
///     r#""data":{"object":{"id":"pi_1","object":"payment_intent","amount":1099}}}"#,
/// );
/// let tag = "a89964d4e6258a2b693d0c753b65e04ee2e20b62e894714b56f0af3c42b89027";
/// let push = http::Request::post("/stripe")
///     .header("stripe-signature", format!("t=1700000000,v1={tag}"))
///     .body(Bytes::from(body))
///     .expect("a request");
///
/// let now = DateTime::from_timestamp(1_700_000_010, 0).expect("a time");
/// let event = webhooks.verify(&RawWebhook::new(push, "https://shop.example/stripe")?, now)?;
/// let StripeObject::PaymentIntent(payment) = event.get().decode()? else { unreachable!() };
/// assert_eq!((event.get().id.as_str(), payment.amount), ("evt_1", 1099));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct StripeWebhooks {
    keys: KeySet,
    rule: TimeRule,
}

impl StripeWebhooks {
    /// How far the signed time may be from now, either way, unless another rule is set: 300 seconds.
    pub const TOLERANCE: Duration = Duration::from_secs(300);

    /// Checks with the secret of one endpoint.
    ///
    /// # Errors
    /// [`InvalidConfig`](turnbuckle_core::ErrorKind::InvalidConfig) when it is empty.
    pub fn new(secret: &SecretString) -> Result<Self> {
        let key = MacKey::text("webhookSecret", secret).map_err(|error| error.with_provider(PROVIDER))?;
        Ok(Self::with_keys(KeySet::new(key)))
    }

    /// Checks with several secrets: of several endpoints, or while one is being rolled on our side.
    pub fn with_keys(keys: KeySet) -> Self {
        Self { keys, rule: TimeRule::new(Self::TOLERANCE, Self::TOLERANCE) }
    }

    /// Checks with what a connection knows: the credential `webhookSecret`, and as the tolerance either way the setting
    /// `webhookToleranceSeconds` where there is one. `None` without the credential.
    ///
    /// # Errors
    /// [`InvalidConfig`](ErrorKind::InvalidConfig) when the secret is blank or the tolerance is negative.
    pub fn from_config(config: &ConnectionConfig) -> Result<Option<Self>> {
        let Some(secret) = config.credentials().get("webhookSecret") else { return Ok(None) };
        let webhooks = Self::new(secret)?;
        let Some(seconds) = config.settings().integer("webhookToleranceSeconds") else {
            return Ok(Some(webhooks));
        };
        let tolerance = u64::try_from(seconds).map(Duration::from_secs).map_err(|_| {
            Error::new(ErrorKind::InvalidConfig, "the settings cannot be used")
                .with_fields(vec![FieldError::new("webhookToleranceSeconds", "is negative")])
                .with_provider(PROVIDER)
        })?;
        Ok(Some(webhooks.with_time_rule(TimeRule::new(tolerance, tolerance))))
    }

    /// Sets how old a push may be, and how far ahead of our clock.
    pub fn with_time_rule(mut self, rule: TimeRule) -> Self {
        self.rule = rule;
        self
    }

    /// Checks a push, and reads what all events have in common. The object inside stays as it is until
    /// [`StripeEvent::decode`].
    ///
    /// # Errors
    /// [`SignatureInvalid`](turnbuckle_core::ErrorKind::SignatureInvalid) with a
    /// [`Reason`](turnbuckle_core::webhook::Reason) as its code: answer 401.
    /// [`InvalidResponse`](turnbuckle_core::ErrorKind::InvalidResponse) when Stripe signed it, and it is no event.
    pub fn verify(&self, raw: &RawWebhook, now: DateTime<Utc>) -> Result<Verified<StripeEvent>> {
        self.check(raw, now).map_err(|error| error.or_context(&PROVIDER, "webhook"))
    }

    fn check(&self, raw: &RawWebhook, now: DateTime<Utc>) -> Result<Verified<StripeEvent>> {
        let header = SignatureHeader::parse(raw.header("stripe-signature")?, ',', '=')?;
        let tags = MacTags::parse(MacAlgorithm::HmacSha256, TagEncoding::HexLower, header.all("v1"))?;
        let time = header.single("t")?;
        let content = SignedContent::new([Part::Text(time), Part::Text("."), Part::Body])
            .with_time(SignedTime::unix_seconds(time, self.rule)?);
        let proof = verify_mac(raw, &content, &tags, &self.keys, now)?;
        let body = proof.bytes().clone();
        proof.decode(|_| StripeEvent::parse(&body))
    }
}

#[async_trait]
impl WebhookReceiver for StripeWebhooks {
    fn freshness(&self) -> FreshnessClass {
        self.rule.into()
    }

    /// One push is one event. Its `live` says which world it belongs to: endpoints of platforms get both.
    async fn receive(&self, raw: RawWebhook, now: DateTime<Utc>) -> Result<Vec<Verified<Event>>> {
        Ok(vec![self.verify(&raw, now)?.map(StripeEvent::normalize)])
    }
}
