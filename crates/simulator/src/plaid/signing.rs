//! The keys that webhooks are signed with: ES256, by the seed.

use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::World;
use crate::ids::Ids;
use crate::webhook::SignedWebhook;

pub(super) struct SigningKey {
    pub(super) kid: String,
    pair: EcdsaKeyPair,
    created: u64,
    pub(super) expired: Option<u64>,
}

/// A private key as SEC 1 writes it, around the number itself.
const SEC1_BEFORE: &[u8] = &[0x30, 0x31, 0x02, 0x01, 0x01, 0x04, 0x20];
const SEC1_AFTER: &[u8] = &[0xA0, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];

fn pair(ids: &mut Ids) -> Option<EcdsaKeyPair> {
    let mut der = SEC1_BEFORE.to_vec();
    der.extend((0..32).map(|_| u8::try_from(ids.below(256)).unwrap_or_default()));
    der.extend_from_slice(SEC1_AFTER);
    EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).ok()
}

/// Makes the key that signs from now on. The others stay as they are.
pub(super) fn roll(world: &mut World) -> String {
    let kid = world.ids.uuid();
    // A number that is none of the curve's comes up once in four billion tries.
    let made = (0..4).find_map(|_| pair(&mut world.ids));
    if let Some(pair) = made {
        world.keys.push(SigningKey { kid: kid.clone(), pair, created: world.clock.unix(), expired: None });
    }
    kid
}

impl SigningKey {
    pub(super) fn shown(&self) -> Value {
        // 4, then both coordinates.
        let point = self.pair.public_key().as_ref();
        let (x, y) = point.get(1..).unwrap_or_default().split_at_checked(32).unwrap_or_default();
        json!({
            "alg": "ES256",
            "crv": "P-256",
            "kid": self.kid,
            "kty": "EC",
            "use": "sig",
            "x": URL_SAFE_NO_PAD.encode(x),
            "y": URL_SAFE_NO_PAD.encode(y),
            "created_at": self.created,
            "expired_at": self.expired,
        })
    }

    /// The whole of `Plaid-Verification`.
    pub(super) fn token(&self, body: &[u8], at: u64) -> String {
        let hash = digest::digest(&digest::SHA256, body);
        let hex = hash.as_ref().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        let head = json!({ "alg": "ES256", "kid": self.kid, "typ": "JWT" });
        let claims = json!({ "iat": at, "request_body_sha256": hex });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(&head), part(&claims));
        let signature = self.pair.sign(&SystemRandom::new(), message.as_bytes());
        let signature =
            signature.map(|signature| URL_SAFE_NO_PAD.encode(signature.as_ref())).unwrap_or_default();
        format!("{message}.{signature}")
    }

    pub(super) fn sign(&self, body: Bytes, at: u64, url: Option<String>) -> SignedWebhook {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        if let Ok(value) = HeaderValue::from_str(&self.token(&body, at)) {
            headers.insert("plaid-verification", value);
        }
        SignedWebhook { provider: "plaid", headers, body, url }
    }
}
