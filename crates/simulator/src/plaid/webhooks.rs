//! Webhooks on their way, and the keys to check them with.

use bytes::Bytes;
use serde_json::{Value, json};

use super::PlaidSimulator;
use super::error::{ApiError, Outcome};
use super::fields::{Field, Kind, must};
use super::router::{Call, Route};
use super::signing;
use crate::webhook::SignedWebhook;

const KEY: &[Field] = &[must("key_id", Kind::Text)];

pub(super) const ROUTES: &[Route] = &[Route::new("/webhook_verification_key/get", KEY, get)];

fn get(call: &mut Call<'_>) -> Outcome {
    let key = call.world.keys.iter().find(|key| key.kid == call.text("key_id"));
    let key = key.ok_or_else(|| ApiError::of("INVALID_WEBHOOK_VERIFICATION_KEY_ID"))?;
    Ok(json!({ "key": key.shown() }))
}

/// Two spaces of indentation, as Plaid sends them: whoever writes the JSON anew gets another hash.
fn bytes(body: &Value) -> Bytes {
    Bytes::from(format!("{body:#}"))
}

impl PlaidSimulator {
    /// The webhooks that came up since the last call, in order, signed at the present simulated time. There are none
    /// for items without an address.
    pub fn take_webhooks(&self) -> Vec<SignedWebhook> {
        let mut world = self.present();
        let now = world.clock.unix();
        let waiting = std::mem::take(&mut world.outbox);
        let Some(key) = world.keys.last() else { return Vec::new() };
        waiting.into_iter().map(|(body, url)| key.sign(bytes(&body), now, Some(url))).collect()
    }

    /// Signs a webhook of the test's own, at a Unix time. It is indented as Plaid's are.
    pub fn signed_webhook(&self, body: &Value, at: u64) -> SignedWebhook {
        self.sign(bytes(body), at)
    }

    /// Signs any bytes with the newest key, at a Unix time.
    pub fn sign(&self, body: impl Into<Bytes>, at: u64) -> SignedWebhook {
        let world = self.world();
        let body = body.into();
        match world.keys.last() {
            Some(key) => key.sign(body, at, None),
            None => SignedWebhook { provider: "plaid", headers: http::HeaderMap::new(), body, url: None },
        }
    }

    /// Signs any bytes with one of the keys, expired ones included. `None` for an unknown key.
    pub fn sign_with(&self, key_id: &str, body: impl Into<Bytes>, at: u64) -> Option<SignedWebhook> {
        let world = self.world();
        let key = world.keys.iter().find(|key| key.kid == key_id)?;
        Some(key.sign(body.into(), at, None))
    }

    /// Another key signs from now on; the earlier ones are still given out, and valid. Gives its id.
    pub fn roll_webhook_key(&self) -> String {
        signing::roll(&mut self.present())
    }

    /// A key is marked as expired now. Whether there is such a key.
    pub fn expire_webhook_key(&self, key_id: &str) -> bool {
        let mut world = self.present();
        let now = world.clock.unix();
        let key = world.keys.iter_mut().find(|key| key.kid == key_id);
        key.map(|key| key.expired = Some(now)).is_some()
    }

    /// The ids of all keys; the last one signs.
    pub fn webhook_key_ids(&self) -> Vec<String> {
        self.world().keys.iter().map(|key| key.kid.clone()).collect()
    }
}
