//! What the envelope's tests share: deterministic randomness, a fixed clock, a key provider that can fail.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use turnbuckle_core::envelope::{
    Access, Context, ContextBuilder, DataKey, EnvelopeError, KeyId, KeyProvider, LocalKeyRing, MasterKey,
    MemoryAuditSink, Sealer, WrapAad, WrapKind,
};
use turnbuckle_core::{Clock, Environment, Error, ErrorKind, ProviderId, Random, Result};

/// Different bytes on each call, the same ones on each run.
#[derive(Debug, Default)]
pub(crate) struct Counted(AtomicU64);

impl Random for Counted {
    fn fill(&self, buffer: &mut [u8]) -> Result<()> {
        let call = self.0.fetch_add(1, Ordering::Relaxed);
        for (index, chunk) in buffer.chunks_mut(32).enumerate() {
            let block = Sha256::digest(format!("{call}/{index}"));
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
        Ok(())
    }
}

/// Exactly these bytes, in this order.
#[derive(Debug)]
pub(crate) struct Scripted(pub(crate) Mutex<VecDeque<Vec<u8>>>);

impl Random for Scripted {
    fn fill(&self, buffer: &mut [u8]) -> Result<()> {
        let next =
            self.0.lock().unwrap().pop_front().expect("more randomness was drawn than the format needs");
        buffer.copy_from_slice(&next);
        Ok(())
    }
}

/// A generator that is broken.
#[derive(Debug)]
pub(crate) struct NoRandom;

impl Random for NoRandom {
    fn fill(&self, _buffer: &mut [u8]) -> Result<()> {
        Err(Error::new(ErrorKind::Internal, "no randomness"))
    }
}

#[derive(Debug)]
pub(crate) struct FixedClock;

#[async_trait]
impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(1_760_000_000, 0).unwrap()
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    async fn sleep(&self, _duration: Duration) {}
}

/// A ring behind a counter of calls and, if set, in front of it a fault.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) ring: Arc<LocalKeyRing>,
    pub(crate) unwraps: AtomicU64,
    pub(crate) fault: Mutex<Option<EnvelopeError>>,
}

impl Watched {
    pub(crate) fn new(ring: Arc<LocalKeyRing>) -> Arc<Self> {
        Arc::new(Self { ring, unwraps: AtomicU64::new(0), fault: Mutex::new(None) })
    }

    pub(crate) fn fail_with(&self, fault: EnvelopeError) {
        *self.fault.lock().unwrap() = Some(fault);
    }

    fn check(&self) -> Result<(), EnvelopeError> {
        self.fault.lock().unwrap().clone().map_or(Ok(()), Err)
    }
}

#[async_trait]
impl KeyProvider for Watched {
    fn wrap_kind(&self) -> WrapKind {
        self.ring.wrap_kind()
    }

    async fn active(&self) -> Result<KeyId, EnvelopeError> {
        self.ring.active().await
    }

    async fn wrap(
        &self,
        key_id: &KeyId,
        data_key: &DataKey,
        aad: &WrapAad,
    ) -> Result<Vec<u8>, EnvelopeError> {
        self.check()?;
        self.ring.wrap(key_id, data_key, aad).await
    }

    async fn unwrap(&self, key_id: &KeyId, wrapped: &[u8], aad: &WrapAad) -> Result<DataKey, EnvelopeError> {
        self.unwraps.fetch_add(1, Ordering::Relaxed);
        self.check()?;
        self.ring.unwrap(key_id, wrapped, aad).await
    }
}

pub(crate) fn id(name: &str) -> KeyId {
    KeyId::new(name).unwrap()
}

/// A key that is different for each seed.
pub(crate) fn master(seed: u8) -> MasterKey {
    MasterKey::from_base64(&master_text(seed)).unwrap()
}

pub(crate) fn master_text(seed: u8) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(Sha256::digest([seed]))
}

pub(crate) fn ring(name: &str, seed: u8) -> Arc<LocalKeyRing> {
    Arc::new(LocalKeyRing::new(id(name), master(seed)).with_random(Arc::new(Counted::default())))
}

pub(crate) fn sealer(keys: Arc<dyn KeyProvider>) -> Sealer {
    Sealer::new(keys, Arc::new(MemoryAuditSink::new(1_000_000)), Arc::new(FixedClock))
        .with_random(Arc::new(Counted::default()))
}

/// Every part of the context that the tests use by default.
pub(crate) fn parts() -> ContextBuilder {
    Context::builder()
        .organization("org_1")
        .scope("client", "client_7")
        .integration("int_42")
        .provider(&ProviderId::from_static("stripe"))
        .environment(Environment::Sandbox)
        .purpose("credentials")
}

pub(crate) fn context() -> Context {
    parts().build().unwrap()
}

pub(crate) fn access() -> Access {
    Access::new("user_3", "charge", "req_9").unwrap()
}

/// Runs a future that never waits for anything outside.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> T {
    match poll_once(future) {
        Some(value) => value,
        None => panic!("the future waits for something"),
    }
}

/// Polls once and drops the future, as when its task is killed where it waits.
pub(crate) fn poll_once<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut std::task::Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2));
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}
