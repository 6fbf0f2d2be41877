//! Webhooks: Twilio's signature, and the events behind it.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use turnbuckle_core::Result;
use turnbuckle_core::provider::ConnectionConfig;
use turnbuckle_core::webhook::{
    Event, FreshnessClass, KeySet, MacAlgorithm, MacKey, MacTags, Part, RawWebhook, Reason, SignatureHeader,
    SignedContent, TagEncoding, Verified, WebhookReceiver, verify_mac,
};

use crate::TwilioEvent;
use crate::client::PROVIDER;

const SIGNATURE: &str = "x-twilio-signature";
const SETTINGS: &str = "x-twilio-webhooks-signature-settings";

/// Checks the pushes of an account, and reads them.
///
/// A push carries `X-Twilio-Signature`: base64 of an HMAC-SHA1 under the account's primary auth token, over the public URL
/// and, of a form, every parameter. A JSON body is bound by `bodySHA256` in the URL. See
/// <https://www.twilio.com/docs/usage/webhooks/webhooks-security>.
///
/// - The public URL is the configured one of [`RawWebhook`], with the request's query; the `Host` header is never asked.
///   Twilio is not consistent about ports, so the URL counts with and without the scheme's own port, and one with
///   another port also without it. User and password in the URL are not signed, and neither is its fragment.
/// - The scheme signs no time. Keep what was handled for good:
///   [`guard_for`](turnbuckle_core::webhook::guard_for) refuses a guard that forgets.
/// - The signed text does not say where a name ends: `A=BC` and `AB=C` are the same. Nothing can be done about that.
/// - While a token is being replaced, accept both for a while with [`with_keys`](Self::with_keys).
/// - A subaccount signs with its own token.
///
/// ```
/// use bytes::Bytes;
/// use chrono::DateTime;
/// use turnbuckle_core::webhook::RawWebhook;
/// use turnbuckle_twilio::{TwilioEvent, TwilioWebhooks};
///
/// # fn main() -> turnbuckle_core::Result<()> {
/// let webhooks = TwilioWebhooks::new(&"12345".into())?;
/// let push = http::Request::post("/myapp.php?foo=1&bar=2")
///     .header("content-type", "application/x-www-form-urlencoded")
///     .header("x-twilio-signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8=")
///     .body(Bytes::from(concat!(
///         "CallSid=CA1234567890ABCDE&Digits=1234&From=%2B14158675309",
///         "&To=%2B18005551212&Caller=%2B14158675309"
///     )))
///     .expect("a request");
/// let now = DateTime::from_timestamp(1_700_000_000, 0).expect("a time");
/// let event = webhooks.verify(&RawWebhook::new(push, "https://mycompany.com/myapp.php")?, now)?;
/// let TwilioEvent::Call(call) = event.get() else { unreachable!() };
/// assert_eq!(call.params.get("Digits"), Some("1234"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct TwilioWebhooks {
    tokens: KeySet,
    shared: Vec<(String, MacKey)>,
}

impl TwilioWebhooks {
    /// Most shared keys.
    pub const MAX_SHARED_KEYS: usize = 12;

    /// Checks with an auth token.
    ///
    /// # Errors
    /// [`InvalidConfig`](turnbuckle_core::ErrorKind::InvalidConfig) when it is empty.
    pub fn new(auth_token: &SecretString) -> Result<Self> {
        let key = MacKey::text("authToken", auth_token).map_err(|error| error.with_provider(PROVIDER))?;
        Ok(Self::with_keys(KeySet::new(key)))
    }

    /// Checks with several auth tokens: of several accounts, or while one is being replaced.
    pub fn with_keys(tokens: KeySet) -> Self {
        Self { tokens, shared: Vec::new() }
    }

    /// Also accepts pushes signed with a shared key, `webhooks_sharedkey_...`, which name it in a header of their own. The
    /// header chooses between HMAC-SHA1 and HMAC-SHA256; any other algorithm is refused. Twilio calls these keys a public
    /// beta, and that the secret's text itself is the key is unproven.
    /// See <https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys>.
    ///
    /// # Errors
    /// [`InvalidConfig`](turnbuckle_core::ErrorKind::InvalidConfig) when the secret is empty, the id is no label, or
    /// there are twelve already.
    pub fn with_shared_key(mut self, id: &str, secret: &SecretString) -> Result<Self> {
        let key = MacKey::text(id, secret).map_err(|error| error.with_provider(PROVIDER))?;
        if self.shared.len() == Self::MAX_SHARED_KEYS {
            let kind = turnbuckle_core::ErrorKind::InvalidConfig;
            return Err(turnbuckle_core::Error::new(kind, "a webhook takes at most twelve shared keys"));
        }
        self.shared.push((id.to_owned(), key));
        Ok(self)
    }

    /// Checks with the credential `authToken`, which signs webhooks even where requests use an API key. `None` without
    /// it.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn from_config(config: &ConnectionConfig) -> Result<Option<Self>> {
        config.credentials().get("authToken").map(Self::new).transpose()
    }

    /// Checks a push, and reads it.
    ///
    /// # Errors
    /// [`SignatureInvalid`](turnbuckle_core::ErrorKind::SignatureInvalid) with a
    /// [`Reason`](turnbuckle_core::webhook::Reason) as its code: answer 401.
    pub fn verify(&self, raw: &RawWebhook, now: DateTime<Utc>) -> Result<Verified<TwilioEvent>> {
        self.check(raw, now).map_err(|error| error.or_context(&PROVIDER, "webhook"))
    }

    fn check(&self, raw: &RawWebhook, now: DateTime<Utc>) -> Result<Verified<TwilioEvent>> {
        let (algorithm, keys) = self.keys(raw)?;
        let tags = MacTags::parse(algorithm, TagEncoding::Base64, [raw.header(SIGNATURE)?])?;
        let is_form = is_form(raw)?;
        let query = raw.url_text().split_once('?').map(|(_, query)| query).unwrap_or_default().to_owned();
        let hash = query.split('&').find_map(|pair| pair.strip_prefix("bodySHA256="));
        let urls = spellings(raw);
        let in_form = is_form || raw.body_len() == 0;
        let parts = |url| if in_form { vec![url, Part::SortedForm] } else { vec![url] };
        let mut content = SignedContent::new(parts(Part::Url));
        for url in &urls {
            content = content.or_parts(parts(Part::Text(url)));
        }
        if let Some(hash) = hash.filter(|_| !in_form) {
            content = content.with_body_sha256(hash)?;
        }
        let proof = verify_mac(raw, &content, &tags, &keys, now)?;
        let body = proof.bytes().clone();
        proof.decode(|_| TwilioEvent::read(&body, &query, is_form))
    }

    /// Which algorithm and keys a push asks for. The header that says so is not signed: it only chooses among keys, each
    /// of which has to fit.
    fn keys(&self, raw: &RawWebhook) -> Result<(MacAlgorithm, KeySet)> {
        let Some(settings) = raw.optional_header(SETTINGS)? else {
            return Ok((MacAlgorithm::HmacSha1, self.tokens.clone()));
        };
        let settings = SignatureHeader::parse(settings, ',', '=')?;
        let algorithm = match settings.single("algorithm")? {
            "HMAC_SHA1" => MacAlgorithm::HmacSha1,
            "HMAC_SHA256" => MacAlgorithm::HmacSha256,
            _ => return Err(Reason::WrongAlgorithm.error()),
        };
        let id = settings.single("key")?;
        let found = self.shared.iter().find(|(known, _)| known == id);
        found.map(|(_, key)| (algorithm, KeySet::new(key.clone()))).ok_or_else(|| Reason::UnknownKey.error())
    }
}

fn is_form(raw: &RawWebhook) -> Result<bool> {
    let content_type = raw.optional_header("content-type")?.unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    Ok(media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

/// The other ways in which Twilio may have spelled the URL.
fn spellings(raw: &RawWebhook) -> Vec<String> {
    let given = raw.url_text();
    let Some((scheme, rest)) = given.split_once("://") else { return Vec::new() };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let host_and_port = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    // A colon inside brackets is an IPv6 address's.
    let (host, port) = match host_and_port.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (host_and_port, None),
    };
    let own = if scheme.eq_ignore_ascii_case("https") { "443" } else { "80" };
    let port = port.unwrap_or(own);
    let mut spelled = vec![format!("{scheme}://{host}{tail}"), format!("{scheme}://{host}:{port}{tail}")];
    if host_and_port.len() == authority.len() {
        spelled.push(raw.public_url().as_str().to_owned());
    }
    spelled.retain(|url| url != given);
    spelled.dedup();
    spelled
}

#[async_trait]
impl WebhookReceiver for TwilioWebhooks {
    fn freshness(&self) -> FreshnessClass {
        FreshnessClass::UnsignedTime
    }

    /// One push is one event. It does not say whether it is a test: test credentials push nothing.
    async fn receive(&self, raw: RawWebhook, now: DateTime<Utc>) -> Result<Vec<Verified<Event>>> {
        Ok(vec![self.verify(&raw, now)?.map(|event| event.normalize(now))])
    }
}
