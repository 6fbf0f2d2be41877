//! Opening sealed credentials beside the primitives that their format asks for.

use std::sync::Arc;

use async_trait::async_trait;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hkdf;
use secrecy::ExposeSecret;
use turnbuckle_bench::{Budget, Budgets, timed};
use turnbuckle_core::credential::{CredentialField, CredentialSchema, Credentials};
use turnbuckle_core::envelope::{
    Access, AccessRecord, AuditRefused, AuditSink, Context, Envelope, KeyId, LocalKeyRing, MasterKey, Sealer,
    WrapAad, WrapKind,
};
use turnbuckle_core::{Environment, ProviderId, SystemClock};

use crate::timed_on;

const BLOCK: u64 = 16;
const BUDGET: Budget = Budget::Times(3.0);
const MASTER_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const NEXT_MASTER_KEY: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

const SCHEMA: CredentialSchema = CredentialSchema::new(&[
    CredentialField::secret("secretKey", "Secret Key").required(),
    CredentialField::text("publishableKey", "Publishable Key"),
    CredentialField::secret("webhookSecret", "Webhook Secret"),
]);

/// Takes every record and keeps none: what a host's audit trail costs is the host's.
#[derive(Debug)]
struct TakeAll;

#[async_trait]
impl AuditSink for TakeAll {
    async fn record(&self, _record: &AccessRecord) -> Result<(), AuditRefused> {
        Ok(())
    }
}

pub(crate) fn measure(budgets: &mut Budgets) {
    let runtime = crate::runtime();
    let first = KeyId::new("2026-01").expect("a key id");
    let master = MasterKey::from_base64(MASTER_KEY).expect("a key");
    let ring = Arc::new(LocalKeyRing::new(first.clone(), master));
    let clock = Arc::new(SystemClock::new());
    let sealer = Sealer::new(Arc::<LocalKeyRing>::clone(&ring), Arc::new(TakeAll), clock);
    let context = context();
    let credentials = credentials();
    let plaintext = credentials.expose_json();
    assert_eq!(plaintext.expose_secret().len(), 300, "typical credentials");
    let stored = runtime.block_on(sealer.seal_credentials(&context, &credentials)).expect("a blob");
    let blob = stored.blob;
    let access = Access::new("user_3", "charge", "req_9").expect("an access");

    let primitives = Primitives::new(&blob, &context);
    assert_eq!(primitives.open(), plaintext.expose_secret().as_bytes());

    budgets.pair(
        "Envelope: open 300 bytes",
        "its primitives in aws-lc-rs",
        BUDGET,
        BLOCK,
        |calls| {
            timed_on(&runtime, calls, async || {
                sealer.open_bytes(&context, &blob, &access).await.expect("the plaintext")
            })
        },
        |calls| timed(calls, || primitives.open()),
    );
    budgets.pair(
        "Envelope: open credentials, checked against their schema",
        "its primitives in aws-lc-rs",
        BUDGET,
        BLOCK,
        |calls| {
            timed_on(&runtime, calls, async || {
                sealer.open_credentials(&context, &blob, &access, SCHEMA).await.expect("credentials")
            })
        },
        |calls| timed(calls, || primitives.open()),
    );
    budgets.alone("Envelope: seal credentials", BLOCK, |calls| {
        timed_on(&runtime, calls, async || {
            sealer.seal_credentials(&context, &credentials).await.expect("a blob")
        })
    });

    let next = KeyId::new("2026-02").expect("a key id");
    ring.add(next.clone(), MasterKey::from_base64(NEXT_MASTER_KEY).expect("a key")).expect("a second key");
    let canary = ring.canary(&next).expect("a canary");
    ring.check_canary(&canary).expect("a proven key");
    ring.activate(&next).expect("an active key");
    budgets.alone("Envelope: re-wrap under the next key", BLOCK, |calls| {
        timed_on(&runtime, calls, async || {
            sealer.rewrap(&context, &blob).await.expect("a blob").expect("it was under the first key")
        })
    });
}

fn context() -> Context {
    Context::builder()
        .organization("org_01J9Z3K4M5N6P7Q8R9S0")
        .scope("client", "client_01J9Z3K4M5N6P7Q8R9S1")
        .integration("int_01J9Z3K4M5N6P7Q8R9S2")
        .provider(&ProviderId::from_static("stripe"))
        .environment(Environment::Sandbox)
        .purpose("credentials")
        .build()
        .expect("a context")
}

fn credentials() -> Credentials {
    let filler = "benchmark0".repeat(10);
    let pairs = [
        ("secretKey", format!("sk_test_{filler}")),
        ("publishableKey", format!("pk_test_{}", &filler[..91])),
        ("webhookSecret", format!("whsec_{}", &filler[..32])),
    ];
    Credentials::from_pairs(SCHEMA, pairs).expect("credentials")
}

/// What the format asks for, with everything else already done: the blob taken apart, the associated data put together.
struct Primitives {
    master: [u8; 32],
    wrap_salt: [u8; 32],
    wrapped: Vec<u8>,
    wrap_aad: Vec<u8>,
    name: Vec<u8>,
    salt: [u8; 32],
    nonce: [u8; 12],
    aad: Vec<u8>,
    ciphertext: Vec<u8>,
}

impl Primitives {
    fn new(blob: &[u8], context: &Context) -> Self {
        let envelope = Envelope::parse(blob).expect("an envelope");
        let id = envelope.key_id();
        let mut name = u16::try_from(id.as_str().len()).expect("a short id").to_be_bytes().to_vec();
        name.extend_from_slice(id.as_str().as_bytes());
        let mut aad = blob[..84].to_vec();
        aad.extend_from_slice(&context.encode());
        let (wrap_salt, wrapped) = envelope.wrapped_key().split_first_chunk().expect("80 bytes");
        let ciphertext = 85 + name.len() + 2 + envelope.wrapped_key().len() + 4;
        Self {
            master: std::array::from_fn(|index| u8::try_from(index).expect("below 32")),
            wrap_salt: *wrap_salt,
            wrapped: wrapped.to_vec(),
            wrap_aad: WrapAad::new(WrapKind::Local, id, context).as_bytes().to_vec(),
            name,
            salt: blob[8..40].try_into().expect("32 bytes"),
            nonce: blob[72..84].try_into().expect("12 bytes"),
            aad,
            ciphertext: blob[ciphertext..].to_vec(),
        }
    }

    /// Two extracts, three expands, two openings: the wrapping key, the data key, the commitment, the content key, the
    /// content.
    fn open(&self) -> Vec<u8> {
        let wrapping = extract(&self.wrap_salt, &self.master);
        let wrapping_key = expand(&wrapping, &[b"tbe1/wrap", &self.name]);
        let data_key = decrypt(&wrapping_key, [0; 12], &self.wrap_aad, &self.wrapped);
        let prk = extract(&self.salt, &data_key);
        std::hint::black_box(expand(&prk, &[b"tbe1/commit"]));
        let content_key = expand(&prk, &[b"tbe1/data"]);
        decrypt(&content_key, self.nonce, &self.aad, &self.ciphertext)
    }
}

fn extract(salt: &[u8], secret: &[u8]) -> hkdf::Prk {
    hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(secret)
}

fn expand(prk: &hkdf::Prk, info: &[&[u8]]) -> [u8; 32] {
    let mut key = [0; 32];
    prk.expand(info, hkdf::HKDF_SHA256).and_then(|okm| okm.fill(&mut key)).expect("a key");
    key
}

fn decrypt(key: &[u8; 32], nonce: [u8; 12], aad: &[u8], sealed: &[u8]) -> Vec<u8> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("a key"));
    let nonce = Nonce::assume_unique_for_key(nonce);
    let mut plaintext = sealed.to_vec();
    let length = key.open_in_place(nonce, Aad::from(aad), &mut plaintext).expect("the plaintext").len();
    plaintext.truncate(length);
    plaintext
}
