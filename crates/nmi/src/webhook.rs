//! Webhooks: NMI's signature, and the events behind it.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use turnbuckle_core::provider::ConnectionConfig;
use turnbuckle_core::webhook::{
    Event, FreshnessClass, KeySet, MacAlgorithm, MacKey, MacTags, Part, RawWebhook, Reason, SignatureHeader,
    SignedContent, TagEncoding, Verified, WebhookReceiver, verify_mac,
};
use turnbuckle_core::{Environment, Result};

use crate::NmiEvent;
use crate::client::PROVIDER;

/// Checks NMI's pushes, and reads them.
///
/// A push carries `Webhook-Signature: t=<nonce>,s=<hex>`: HMAC-SHA256 over the nonce, a dot and the body, under the signing
/// key of the account. `t` is a nonce and no time, so a copy of an old push is as good as the push: claim the event's id in
/// a [`ReplayGuard`](turnbuckle_core::webhook::ReplayGuard) that never forgets
/// ([`guard_for`](turnbuckle_core::webhook::guard_for) refuses any other). NMI sends a push again about twenty times in
/// three days until it is answered with 200.
///
/// ```
/// use bytes::Bytes;
/// use chrono::DateTime;
/// use turnbuckle_core::webhook::RawWebhook;
/// use turnbuckle_nmi::{NmiObject, NmiWebhooks};
///
/// # fn main() -> turnbuckle_core::Result<()> {
/// let webhooks = NmiWebhooks::new(&"nmi_signing_key_not_real".into())?;
///
/// let body = concat!(
///     r#"{"event_id":"evt-0001","event_type":"transaction.sale.success","#,
///     r#""event_body":{"transaction_id":"1234567890"}}"#,
/// );
/// let tag = "06786c759a74c5233c1292a49828c823e9769cdd068b9b03d1eabc28c4a2abed";
/// let push = http::Request::post("/nmi")
///     .header("webhook-signature", format!("t=a1b2c3d4e5f60718,s={tag}"))
///     .body(Bytes::from(body))
///     .expect("a request");
///
/// let now = DateTime::from_timestamp(1_700_000_000, 0).expect("a time");
/// let event = webhooks.verify(&RawWebhook::new(push, "https://shop.example/nmi")?, now)?;
/// let NmiObject::Transaction(transaction) = event.get().decode()? else { unreachable!() };
/// assert_eq!(transaction.transaction_id.as_deref(), Some("1234567890"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct NmiWebhooks {
    keys: KeySet,
    environment: Option<Environment>,
}

impl NmiWebhooks {
    /// Checks with the signing key of one account.
    ///
    /// # Errors
    /// [`InvalidConfig`](turnbuckle_core::ErrorKind::InvalidConfig) when it is empty.
    pub fn new(key: &SecretString) -> Result<Self> {
        let key = MacKey::text("webhookKey", key).map_err(|error| error.with_provider(PROVIDER))?;
        Ok(Self::with_keys(KeySet::new(key)))
    }

    /// Checks with several keys: of several accounts, or while one is being replaced.
    pub fn with_keys(keys: KeySet) -> Self {
        Self { keys, environment: None }
    }

    /// Checks with what a connection knows: the credential `webhookKey`. `None` without it.
    ///
    /// # Errors
    /// [`InvalidConfig`](turnbuckle_core::ErrorKind::InvalidConfig) when the key is blank.
    pub fn from_config(config: &ConnectionConfig) -> Result<Option<Self>> {
        let Some(key) = config.credentials().get("webhookKey") else { return Ok(None) };
        Ok(Some(Self { environment: Some(config.environment()), ..Self::new(key)? }))
    }

    /// Checks a push, and reads what all events have in common. The body stays as it is until [`NmiEvent::decode`].
    ///
    /// # Errors
    /// [`SignatureInvalid`](turnbuckle_core::ErrorKind::SignatureInvalid) with a
    /// [`Reason`](turnbuckle_core::webhook::Reason) as its code: answer 401.
    /// [`InvalidResponse`](turnbuckle_core::ErrorKind::InvalidResponse) when NMI signed it, and it is no event.
    pub fn verify(&self, raw: &RawWebhook, now: DateTime<Utc>) -> Result<Verified<NmiEvent>> {
        self.check(raw, now).map_err(|error| error.or_context(&PROVIDER, "webhook"))
    }

    fn check(&self, raw: &RawWebhook, now: DateTime<Utc>) -> Result<Verified<NmiEvent>> {
        let header = SignatureHeader::parse(raw.header("webhook-signature")?, ',', '=')?;
        let tag = header.single("s")?;
        let tags = MacTags::parse(MacAlgorithm::HmacSha256, TagEncoding::HexLower, [tag])?;
        let nonce = header.single("t")?;
        // A dot in the nonce could take a part of the body over.
        if nonce.is_empty() || nonce.contains('.') {
            return Err(Reason::MalformedHeader.error());
        }
        let content = SignedContent::new([Part::Text(nonce), Part::Text("."), Part::Body]);
        let proof = verify_mac(raw, &content, &tags, &self.keys, now)?;
        proof.decode(NmiEvent::parse)
    }
}

#[async_trait]
impl WebhookReceiver for NmiWebhooks {
    fn freshness(&self) -> FreshnessClass {
        FreshnessClass::UnsignedTime
    }

    /// One push is one event. Its `live` is false for an account in test mode, true for one out of it on a production
    /// connection, and unsaid otherwise: a test account may be out of test mode.
    async fn receive(&self, raw: RawWebhook, now: DateTime<Utc>) -> Result<Vec<Verified<Event>>> {
        let environment = self.environment;
        Ok(vec![self.verify(&raw, now)?.map(|event| event.normalize(environment))])
    }
}
