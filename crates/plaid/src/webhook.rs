//! Webhooks: Plaid's token, and the events behind it.

use std::fmt::Write as _;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use turnbuckle_core::webhook::{
    Event, FreshnessClass, JwtRule, RawWebhook, TimeRule, UnverifiedJwt, Verified, WebhookReceiver,
    verify_jwt,
};
use turnbuckle_core::{Error, ErrorKind, Result};

use crate::client::PROVIDER;
use crate::key_cache::KeyCache;
use crate::{Plaid, PlaidEvent};

/// Checks Plaid's pushes, and reads them.
///
/// A push carries a token in `Plaid-Verification`, signed with ES256, whose claims hold the time and the hash of the body
/// (<https://plaid.com/docs/api/webhooks/webhook-verification/>). The key comes from Plaid by the id that the token names,
/// with the keys of the same environment, and is remembered in the connection's
/// [`ConnectionState`](turnbuckle_core::http::ConnectionState) for an hour: a host that connects anew for each push must
/// hand in the same state. Ids that Plaid does not know are remembered too, and few are asked for a minute.
///
/// Plaid waits ten seconds for an answer and repeats for 24 hours. Answer 401 to
/// [`SignatureInvalid`](ErrorKind::SignatureInvalid), 503 to anything else.
#[derive(Debug, Clone)]
pub struct PlaidWebhooks {
    client: Plaid,
    keys: Arc<KeyCache>,
    rule: TimeRule,
}

impl PlaidWebhooks {
    /// Checks pushes with keys that this client asks for. At most 300 seconds old, at most 60 ahead; Plaid states the
    /// first bound, the second is ours.
    pub fn new(client: Plaid) -> Self {
        let keys = client.http().state().slot(KeyCache::new);
        Self { client, keys, rule: TimeRule::default() }
    }

    /// Sets how old a push may be, and how far ahead of our clock.
    pub fn with_time_rule(mut self, rule: TimeRule) -> Self {
        self.rule = rule;
        self
    }

    /// Checks a push and reads it. Compare its item with the host's ([`PlaidEvent::require_item`]).
    ///
    /// # Errors
    /// [`SignatureInvalid`](ErrorKind::SignatureInvalid) with a [`Reason`](turnbuckle_core::webhook::Reason) as its code,
    /// or `wrong_environment`: answer 401. [`InvalidResponse`](ErrorKind::InvalidResponse) when Plaid signed it, and it is
    /// no push of Plaid's. The kinds of a call when the key could not be asked for: answer 503.
    pub async fn verify(&self, raw: &RawWebhook, now: DateTime<Utc>) -> Result<Verified<PlaidEvent>> {
        self.check(raw, now).await.map_err(|error| error.or_context(&PROVIDER, "webhook"))
    }

    async fn check(&self, raw: &RawWebhook, now: DateTime<Utc>) -> Result<Verified<PlaidEvent>> {
        let token = UnverifiedJwt::parse(raw.header("plaid-verification")?)?;
        let key = self.keys.key(&self.client, token.kid()).await?;
        let rule = JwtRule::new("request_body_sha256").with_time(self.rule);
        let proof = verify_jwt(raw, &token, &key, rule, now)?;
        let body = proof.bytes().clone();
        let event = proof.decode(|_| PlaidEvent::parse(&body))?;
        if event.get().is_foreign(self.client.environment()) {
            return Err(Error::new(ErrorKind::SignatureInvalid, "the push belongs to another environment")
                .with_code("wrong_environment"));
        }
        Ok(event)
    }
}

#[async_trait]
impl WebhookReceiver for PlaidWebhooks {
    fn freshness(&self) -> FreshnessClass {
        self.rule.into()
    }

    /// One push is one event. Its `account` is the item: compare it with the integration's. Plaid gives pushes no id; the
    /// hash of what was signed (key, time, hash of the body) stands for one. Plaid may sign a repetition anew, which is
    /// another event then: handling must bear being done twice, as a sync does.
    async fn receive(&self, raw: RawWebhook, now: DateTime<Utc>) -> Result<Vec<Verified<Event>>> {
        let event = self.verify(&raw, now).await?;
        let id = event.digest().map(|digest| hex(&digest));
        Ok(vec![event.map(|event| match id {
            Some(id) => event.normalize().with_id(id),
            None => event.normalize(),
        })])
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
