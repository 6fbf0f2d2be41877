//! Pushes signed with keys made here, and a stand-in for the one call that hands out their public halves.

#![allow(dead_code, reason = "each test uses its part")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests, which clippy does not recognize as such"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, OnceLock};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use turnbuckle_core::http::{Delivery, TransportError, TransportErrorKind, transport_try_fn};
use turnbuckle_core::provider::ConnectionConfig;
use turnbuckle_core::webhook::{RawWebhook, Verified};
use turnbuckle_core::{Clock, Environment, Result};
use turnbuckle_plaid::{Plaid, PlaidEvent, PlaidProvider, PlaidWebhooks};
use turnbuckle_testkit::FixedClock;

pub(crate) const KID: &str = "aaaaaaaa-0000-4000-8000-000000000001";

/// A private key and its id.
pub(crate) struct Signer {
    pair: EcdsaKeyPair,
    kid: String,
}

impl Signer {
    pub(crate) fn new(kid: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Self { pair, kid: kid.to_owned() }
    }

    /// The public half, as the vendor's call answers it.
    pub(crate) fn answer(&self, expired_at: Option<i64>) -> Value {
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        json!({
            "key": {
                "alg": "ES256", "crv": "P-256", "kid": self.kid, "kty": "EC", "use": "sig",
                "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y),
                "created_at": 1_760_000_000, "expired_at": expired_at,
            },
            "request_id": "StandBoardReq01",
        })
    }

    pub(crate) fn token(&self, header: &Value, claims: &Value) -> String {
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(header), encode(claims));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }

    /// A push as the vendor sends it.
    pub(crate) fn push(&self, body: &str, at: DateTime<Utc>) -> RawWebhook {
        let mut hash = String::new();
        for byte in Sha256::digest(body.as_bytes()) {
            write!(hash, "{byte:02x}").unwrap();
        }
        let header = json!({ "alg": "ES256", "kid": self.kid, "typ": "JWT" });
        let claims = json!({ "iat": at.timestamp(), "request_body_sha256": hash });
        with_token(&self.token(&header, &claims), body)
    }
}

pub(crate) fn with_token(token: &str, body: &str) -> RawWebhook {
    let request = Request::post("/plaid")
        .header("plaid-verification", token)
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .unwrap();
    RawWebhook::new(request, "https://shop.example/plaid").unwrap()
}

/// Answers the call for keys, and counts what it was asked for.
#[derive(Clone, Default)]
pub(crate) struct KeyServer {
    answers: Arc<Mutex<BTreeMap<String, (u16, Value)>>>,
    asked: Arc<Mutex<Vec<String>>>,
    lost: Arc<Mutex<bool>>,
}

impl KeyServer {
    pub(crate) fn with(signers: &[&Signer]) -> Self {
        let server = Self::default();
        for signer in signers {
            server.put(&signer.kid, 200, signer.answer(None));
        }
        server
    }

    pub(crate) fn put(&self, kid: &str, status: u16, answer: Value) {
        self.answers.lock().unwrap().insert(kid.to_owned(), (status, answer));
    }

    pub(crate) fn lose(&self, lost: bool) {
        *self.lost.lock().unwrap() = lost;
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    /// Answers after one turn, so that several callers can be under way at once.
    async fn answer(self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        assert_eq!(request.uri().path(), "/webhook_verification_key/get");
        let body: Value = serde_json::from_slice(request.body()).unwrap();
        let kid = body["key_id"].as_str().unwrap().to_owned();
        self.asked.lock().unwrap().push(kid.clone());
        tokio::task::yield_now().await;
        if *self.lost.lock().unwrap() {
            return Err(TransportError::new(TransportErrorKind::Reset, Delivery::MaybeDelivered));
        }
        let unknown = || {
            let error = json!({
                "error_type": "INVALID_INPUT", "error_code": "INVALID_WEBHOOK_VERIFICATION_KEY_ID",
                "error_message": "no such key", "display_message": null, "request_id": "StandBoardErr01",
            });
            (400, error)
        };
        let (status, answer) = self.answers.lock().unwrap().get(&kid).cloned().unwrap_or_else(unknown);
        let mut response = Response::new(Bytes::from(answer.to_string()));
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        Ok(response)
    }

    pub(crate) fn config(&self, environment: Environment, clock: &Arc<FixedClock>) -> ConnectionConfig {
        let server = self.clone();
        let transport = transport_try_fn(move |request, _| server.clone().answer(request));
        let credentials = PlaidProvider::credentials("client", "secret".into()).unwrap();
        ConnectionConfig::new("acct", environment, credentials)
            .with_transport(Arc::new(transport))
            .with_clock(clock.clone())
    }

    pub(crate) fn webhooks(&self, clock: &Arc<FixedClock>) -> PlaidWebhooks {
        PlaidWebhooks::new(Plaid::new(&self.config(Environment::Sandbox, clock)).unwrap())
    }
}

fn signer() -> &'static Signer {
    static SIGNER: OnceLock<Signer> = OnceLock::new();
    SIGNER.get_or_init(|| Signer::new(KID))
}

/// A push with this body, signed now.
pub(crate) fn signed(body: &str) -> RawWebhook {
    signer().push(body, FixedClock::new().now())
}

/// Checks and reads a push of [`signed`].
pub(crate) async fn receive(raw: &RawWebhook) -> Result<Verified<PlaidEvent>> {
    let clock = Arc::new(FixedClock::new());
    KeyServer::with(&[signer()]).webhooks(&clock).verify(raw, clock.now()).await
}
