//! Webhooks: Authorize.Net's signature, and the events behind it.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use turnbuckle_core::provider::ConnectionConfig;
use turnbuckle_core::webhook::{
    Event, FreshnessClass, KeySet, MacAlgorithm, MacKey, MacTags, Part, RawWebhook, SignatureHeader,
    SignedContent, TagEncoding, Verified, WebhookReceiver, verify_mac,
};
use turnbuckle_core::{Error, ErrorKind, FieldError, Result};

use crate::AuthorizeNetEvent;
use crate::client::PROVIDER;

/// Checks the pushes of a webhook, and reads them.
///
/// A push carries `X-ANET-Signature: sha512=<hex>`: HMAC-SHA-512 over the body. The key is the *text* of the signature
/// key, all 128 characters; decoding it first gives another signature, which is refused. (`transHashSha2` uses the
/// decoded key: see [`TransHashKey`](crate::TransHashKey).)
///
/// No time is signed, so a push can be replayed for ever: remember
/// [`notification_id`](AuthorizeNetEvent::notification_id) in a guard that does not forget, which
/// [`guard_for`](turnbuckle_core::webhook::guard_for) demands. How often Authorize.Net repeats a push is not proven.
///
/// ```
/// use bytes::Bytes;
/// use chrono::DateTime;
/// use turnbuckle_authnet::{AuthorizeNetWebhooks, EventType};
/// use turnbuckle_core::webhook::RawWebhook;
///
/// # fn main() -> turnbuckle_core::Result<()> {
/// let webhooks = AuthorizeNetWebhooks::new(&"0123456789ABCDEF".repeat(8).into())?;
///
/// let body = concat!(
///     r#"{"notificationId":"n-1","eventType":"net.authorize.payment.authcapture.created","#,
///     r#""eventDate":"2024-01-02T03:04:05.678Z","webhookId":"w-1","payload":{"responseCode":1,"#,
///     r#""authCode":"ABC123","avsResponse":"Y","authAmount":20.00,"entityName":"transaction","id":"60123456789"}}"#,
/// );
/// let tag = concat!(
///     "53CF83B60A0426B2D7D144E40B5B2E6C084904F48250B5A6E57E67204147D7E0",
///     "E5EEF62E2699036A2CBCA73FE34FE0D1E45BFB7F2E5764456F2C0AED8C422DB2",
/// );
/// let push = http::Request::post("/hooks")
///     .header("x-anet-signature", format!("sha512={tag}"))
///     .body(Bytes::from(body))
///     .expect("a request");
///
/// let now = DateTime::from_timestamp(1_704_164_646, 0).expect("a time");
/// let event = webhooks.verify(&RawWebhook::new(push, "https://shop.example/hooks")?, now)?;
/// assert_eq!(event.get().event_type, EventType::AuthCaptureCreated);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct AuthorizeNetWebhooks {
    keys: KeySet,
}

impl AuthorizeNetWebhooks {
    /// Checks with this signature key, as the merchant interface shows it.
    ///
    /// # Errors
    /// [`InvalidConfig`](ErrorKind::InvalidConfig) naming `signatureKey` when it is empty.
    pub fn new(signature_key: &SecretString) -> Result<Self> {
        let key = MacKey::text("current", signature_key).map_err(|_| {
            Error::new(ErrorKind::InvalidConfig, "the signature key cannot be used")
                .with_fields(vec![FieldError::new("signatureKey", "is empty")])
                .with_provider(PROVIDER)
        })?;
        Ok(Self { keys: KeySet::new(key) })
    }

    /// Checks with these keys, for the time after a new signature key was made.
    pub fn with_keys(keys: KeySet) -> Self {
        Self { keys }
    }

    pub(crate) fn from_config(config: &ConnectionConfig) -> Result<Option<Self>> {
        config.credentials().get("signatureKey").map(Self::new).transpose()
    }

    /// Checks a push and reads its event.
    ///
    /// # Errors
    /// [`SignatureInvalid`](ErrorKind::SignatureInvalid): answer 401 with an empty body.
    /// [`InvalidResponse`](ErrorKind::InvalidResponse) when the body was signed and is no event.
    pub fn verify(&self, raw: &RawWebhook, now: DateTime<Utc>) -> Result<Verified<AuthorizeNetEvent>> {
        let header = SignatureHeader::parse(raw.header("x-anet-signature")?, ',', '=')?;
        let tags = MacTags::parse(MacAlgorithm::HmacSha512, TagEncoding::HexAny, [header.single("sha512")?])?;
        let content = SignedContent::new([Part::Body]);
        verify_mac(raw, &content, &tags, &self.keys, now)?.decode(AuthorizeNetEvent::decode)
    }
}

#[async_trait]
impl WebhookReceiver for AuthorizeNetWebhooks {
    fn freshness(&self) -> FreshnessClass {
        FreshnessClass::UnsignedTime
    }

    async fn receive(&self, raw: RawWebhook, now: DateTime<Utc>) -> Result<Vec<Verified<Event>>> {
        let context = |error: Error| error.or_context(&PROVIDER, "webhook");
        let event = self.verify(&raw, now).map_err(context)?;
        Ok(vec![event.map(|event| event.to_event())])
    }
}
