//! ECDSA over P-256: the keys of event webhooks, by the seed.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use sha2::{Digest as _, Sha256};

use crate::ids::Ids;
use crate::webhook::SignedWebhook;

/// A private key as SEC 1 writes it, around the number itself.
const SEC1_BEFORE: &[u8] = &[0x30, 0x31, 0x02, 0x01, 0x01, 0x04, 0x20];
const SEC1_AFTER: &[u8] = &[0xA0, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];
/// What stands before the point in a SubjectPublicKeyInfo: id-ecPublicKey, prime256v1, a bit string.
const SPKI_BEFORE: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86,
    0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// The key of one event webhook.
pub(super) struct SigningKey {
    pair: Option<EcdsaKeyPair>,
}

impl SigningKey {
    pub(super) fn new(ids: &mut Ids) -> Self {
        // A number that is none of the curve's comes up once in four billion tries.
        let pair = (0..4).find_map(|_| {
            let mut der = SEC1_BEFORE.to_vec();
            der.extend_from_slice(&Sha256::digest(ids.letters(43)));
            der.extend_from_slice(SEC1_AFTER);
            EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_ASN1_SIGNING, &der).ok()
        });
        Self { pair }
    }

    /// Base64 of the SubjectPublicKeyInfo, without PEM lines, as the settings show it.
    pub(super) fn public(&self) -> String {
        let point = self.pair.as_ref().map(|pair| pair.public_key().as_ref().to_vec()).unwrap_or_default();
        STANDARD.encode([SPKI_BEFORE, &point].concat())
    }

    /// Base64 of the DER signature over the timestamp's characters and the body.
    pub(super) fn signature(&self, timestamp: &str, body: &[u8]) -> String {
        let message = [timestamp.as_bytes(), body].concat();
        let signed = self.pair.as_ref().and_then(|pair| pair.sign(&SystemRandom::new(), &message).ok());
        signed.map(|signature| STANDARD.encode(signature.as_ref())).unwrap_or_default()
    }
}

/// A delivery as SendGrid makes it; without a key it is unsigned.
pub(super) fn delivery(key: Option<&SigningKey>, at: u64, body: Bytes, url: Option<String>) -> SignedWebhook {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("application/json;charset=utf-8"));
    headers.insert("user-agent", HeaderValue::from_static("SendGrid Event API"));
    if let Some(key) = key {
        let timestamp = at.to_string();
        if let Ok(value) = HeaderValue::from_str(&key.signature(&timestamp, &body)) {
            headers.insert("x-twilio-email-event-webhook-signature", value);
        }
        if let Ok(value) = HeaderValue::from_str(&timestamp) {
            headers.insert("x-twilio-email-event-webhook-timestamp", value);
        }
    }
    SignedWebhook { provider: "sendgrid", headers, body, url }
}
