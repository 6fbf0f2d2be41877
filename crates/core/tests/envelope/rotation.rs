//! Rotation that is stopped, raced and resumed: every blob still opens.

use std::collections::BTreeMap;
use std::future::pending;
use std::ops::Bound;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use secrecy::ExposeSecret as _;
use turnbuckle_core::envelope::{
    BlobStore, Context, DataKey, Envelope, EnvelopeError, KeyId, KeyProvider, LocalKeyRing, RotateOptions,
    Sealer, StoredBlob, WrapAad, WrapKind, keys_in_use, reencrypt_all, rewrap_all,
};
use turnbuckle_core::{Advice, Error, ErrorKind, Result};

use crate::support::{Watched, access, context, id, master, now, parts, poll_once, ring, sealer};

const BLOBS: u64 = 5;

/// What happens at the n-th step of store and key provider together.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    Fails,
    /// The effect happens and the answer is lost.
    FailsAfterwards,
    /// The task is killed.
    Hangs,
    HangsAfterwards,
}

#[derive(Debug)]
struct Fuse {
    steps: AtomicUsize,
    at: usize,
    fault: Fault,
}

impl Fuse {
    fn new(at: usize, fault: Fault) -> Arc<Self> {
        Arc::new(Self { steps: AtomicUsize::new(0), at, fault })
    }

    fn none() -> Arc<Self> {
        Self::new(usize::MAX, Fault::Fails)
    }

    async fn around<T, E>(
        &self,
        fail: impl FnOnce() -> E,
        effect: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let blown = self.steps.fetch_add(1, Ordering::Relaxed) == self.at;
        match self.fault {
            Fault::Fails if blown => Err(fail()),
            Fault::Hangs if blown => pending().await,
            Fault::FailsAfterwards if blown => effect.await.and_then(|_| Err(fail())),
            Fault::HangsAfterwards if blown => {
                let _lost = effect.await;
                pending().await
            }
            _ => effect.await,
        }
    }
}

#[derive(Debug)]
struct Memory {
    rows: Mutex<BTreeMap<String, (Context, Vec<u8>)>>,
    fuse: Arc<Fuse>,
    /// Lets other tasks run in between.
    yields: bool,
}

impl Memory {
    /// Blobs of different contexts; the first one is empty.
    fn filled(sealer: &Sealer, fuse: Arc<Fuse>) -> Self {
        let rows = (0..BLOBS).map(|row| {
            let context = parts().integration(format!("int_{row}")).version(row).build().unwrap();
            let blob = now(sealer.seal_bytes(&context, &plaintext(row))).unwrap().blob;
            (format!("row{row}"), (context, blob))
        });
        Self { rows: Mutex::new(rows.collect()), fuse, yields: false }
    }

    fn assert_all_open(&self, sealer: &Sealer) {
        let rows = self.rows.lock().unwrap();
        assert_eq!(rows.len() as u64, BLOBS);
        for (row, (context, blob)) in (0..).zip(rows.values()) {
            let opened = now(sealer.open_bytes(context, blob, &access())).unwrap();
            assert_eq!(opened.expose_secret(), plaintext(row));
        }
    }

    fn payloads(&self) -> Vec<Vec<u8>> {
        let rows = self.rows.lock().unwrap();
        rows.values().map(|(_, blob)| [&blob[..84], &blob[blob.len() - 16..]].concat()).collect()
    }

    fn blob(&self, row: &str) -> Vec<u8> {
        self.rows.lock().unwrap()[row].1.clone()
    }

    fn replace(&self, row: &str, blob: Vec<u8>) {
        self.rows.lock().unwrap().get_mut(row).unwrap().1 = blob;
    }
}

fn plaintext(row: u64) -> Vec<u8> {
    vec![b'p'; usize::try_from(row).unwrap()]
}

fn lost() -> Error {
    Error::new(ErrorKind::Unavailable, "the store went away")
}

#[async_trait]
impl BlobStore for Memory {
    async fn page(&self, after: Option<&str>, limit: usize) -> Result<Vec<StoredBlob>> {
        if self.yields {
            tokio::task::yield_now().await;
        }
        let effect = async {
            let rows = self.rows.lock().unwrap();
            let from = after.map_or(Bound::Unbounded, Bound::Excluded);
            let found = rows.range::<str, _>((from, Bound::Unbounded)).take(limit);
            Ok(found
                .map(|(id, (context, blob))| StoredBlob::new(id, context.clone(), blob.clone()))
                .collect())
        };
        self.fuse.around(lost, effect).await
    }

    async fn compare_and_swap(&self, id: &str, old: &[u8], new: &[u8]) -> Result<bool> {
        if self.yields {
            tokio::task::yield_now().await;
        }
        let effect = async {
            let mut rows = self.rows.lock().unwrap();
            let row = rows.get_mut(id).filter(|(_, blob)| blob == old);
            let swapped = row.is_some();
            if let Some((_, blob)) = row {
                *blob = new.to_vec();
            }
            Ok(swapped)
        };
        self.fuse.around(lost, effect).await
    }
}

#[derive(Debug)]
struct FusedKeys(Arc<LocalKeyRing>, Arc<Fuse>);

#[async_trait]
impl KeyProvider for FusedKeys {
    fn wrap_kind(&self) -> WrapKind {
        self.0.wrap_kind()
    }

    async fn active(&self) -> Result<KeyId, EnvelopeError> {
        self.1.around(|| EnvelopeError::Transient, self.0.active()).await
    }

    async fn wrap(
        &self,
        key_id: &KeyId,
        data_key: &DataKey,
        aad: &WrapAad,
    ) -> Result<Vec<u8>, EnvelopeError> {
        self.1.around(|| EnvelopeError::Transient, self.0.wrap(key_id, data_key, aad)).await
    }

    async fn unwrap(&self, key_id: &KeyId, wrapped: &[u8], aad: &WrapAad) -> Result<DataKey, EnvelopeError> {
        self.1.around(|| EnvelopeError::Transient, self.0.unwrap(key_id, wrapped, aad)).await
    }
}

fn activate_second(ring: &LocalKeyRing) {
    ring.add(id("k2"), master(2)).unwrap();
    ring.check_canary(&ring.canary(&id("k2")).unwrap()).unwrap();
    ring.activate(&id("k2")).unwrap();
}

fn options() -> RotateOptions {
    RotateOptions::new().with_page_size(2)
}

fn only_second(store: &Memory) -> bool {
    now(keys_in_use(store)).unwrap() == BTreeMap::from([(id("k2"), BLOBS)])
}

#[test]
fn re_wrapping_changes_the_key_and_not_the_payload() {
    let ring = ring("k1", 1);
    let sealer = sealer(ring.clone());
    let store = Memory::filled(&sealer, Fuse::none());
    let payloads = store.payloads();
    activate_second(&ring);
    let report = now(rewrap_all(&sealer, &store, options())).unwrap();
    assert_eq!((report.rewritten, report.already, report.is_complete()), (BLOBS, 0, true));
    assert_eq!(store.payloads(), payloads);
    assert!(only_second(&store));
    let again = now(rewrap_all(&sealer, &store, options())).unwrap();
    assert_eq!((again.rewritten, again.already, again.is_complete()), (0, BLOBS, true));
    ring.retire(&id("k1")).unwrap();
    store.assert_all_open(&sealer);
}

#[test]
fn re_encryption_changes_the_payload_too() {
    let ring = ring("k1", 1);
    let sealer = sealer(ring.clone());
    let store = Memory::filled(&sealer, Fuse::none());
    let payloads = store.payloads();
    activate_second(&ring);
    let report = now(reencrypt_all(&sealer, &store, &access(), options())).unwrap();
    assert_eq!((report.rewritten, report.is_complete()), (BLOBS, true));
    assert!(store.payloads().iter().zip(&payloads).all(|(new, old)| new != old));
    assert!(only_second(&store));
    ring.retire(&id("k1")).unwrap();
    store.assert_all_open(&sealer);
}

/// Stops the walk at its first step, its second, and so on until one runs through.
fn stop_at_every_step(reencrypt: bool, fault: Fault) {
    for at in 0.. {
        let ring = ring("k1", 1);
        let plain = sealer(ring.clone());
        let fuse = Fuse::new(at, fault);
        let store = Memory::filled(&plain, fuse.clone());
        activate_second(&ring);
        let fused = sealer(Arc::new(FusedKeys(ring.clone(), fuse.clone())));
        let walk = async {
            if reencrypt {
                reencrypt_all(&fused, &store, &access(), options()).await
            } else {
                rewrap_all(&fused, &store, options()).await
            }
        };
        let outcome = poll_once(walk);
        store.assert_all_open(&plain);
        let resume = match outcome {
            Some(Ok(report)) => {
                assert!(report.is_complete() && fuse.steps.load(Ordering::Relaxed) <= at);
                assert!(at > 20, "the loop ended after {at} steps");
                return;
            }
            Some(Err(interrupted)) => {
                assert_eq!(interrupted.source.advice(), Advice::Retry);
                assert!(interrupted.report.unreadable.is_empty(), "an outage is no bad blob");
                match interrupted.report.next {
                    Some(next) => options().with_after(next),
                    None => options(),
                }
            }
            // Killed: nothing is known, so from the start.
            None => options(),
        };
        // The fuse has blown, so the second walk gets through.
        let report = now(rewrap_all(&fused, &store, resume)).unwrap();
        assert!(report.is_complete(), "{report:?}");
        assert!(only_second(&store), "resumed behind a blob that was not done");
        ring.retire(&id("k1")).unwrap();
        store.assert_all_open(&plain);
    }
}

#[test]
fn re_wrapping_survives_a_stop_at_every_step() {
    for fault in [Fault::Fails, Fault::FailsAfterwards, Fault::Hangs, Fault::HangsAfterwards] {
        stop_at_every_step(false, fault);
    }
}

#[test]
fn re_encryption_survives_a_stop_at_every_step() {
    for fault in [Fault::Fails, Fault::FailsAfterwards, Fault::Hangs, Fault::HangsAfterwards] {
        stop_at_every_step(true, fault);
    }
}

#[tokio::test]
async fn two_rotators_at_once_do_the_work_once() {
    let ring = ring("k1", 1);
    let sealer = sealer(ring.clone());
    let mut store = Memory::filled(&sealer, Fuse::none());
    store.yields = true;
    activate_second(&ring);
    let (one, two) =
        tokio::join!(rewrap_all(&sealer, &store, options()), rewrap_all(&sealer, &store, options()));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.rewritten + two.rewritten, BLOBS);
    assert!(one.lost_races + two.lost_races > 0, "they never met: {one:?} {two:?}");
    assert!(one.unreadable.is_empty() && two.unreadable.is_empty());
    store.yields = false;
    assert!(only_second(&store));
    ring.retire(&id("k1")).unwrap();
    store.assert_all_open(&sealer);
}

/// Somebody saves a credential between the page and the swap.
#[derive(Debug)]
struct Overtaken<'a>(&'a Memory, Vec<u8>);

#[async_trait]
impl BlobStore for Overtaken<'_> {
    async fn page(&self, after: Option<&str>, limit: usize) -> Result<Vec<StoredBlob>> {
        let page = self.0.page(after, limit).await;
        self.0.replace("row0", self.1.clone());
        page
    }

    async fn compare_and_swap(&self, id: &str, old: &[u8], new: &[u8]) -> Result<bool> {
        self.0.compare_and_swap(id, old, new).await
    }
}

#[test]
fn a_newer_credential_is_not_overwritten() {
    let ring = ring("k1", 1);
    let sealer = sealer(ring.clone());
    let store = Memory::filled(&sealer, Fuse::none());
    let newer = now(sealer.seal_bytes(&context(), b"newer")).unwrap().blob;
    activate_second(&ring);
    let report = now(rewrap_all(&sealer, &Overtaken(&store, newer.clone()), options())).unwrap();
    assert_eq!((report.rewritten, report.lost_races, report.is_complete()), (BLOBS - 1, 1, false));
    assert_eq!(store.blob("row0"), newer);
}

#[test]
fn bad_blobs_are_named_and_left_alone() {
    let ring = ring("k1", 1);
    let sealer = sealer(ring.clone());
    let store = Memory::filled(&sealer, Fuse::none());
    let foreign = now(crate::support::sealer(crate::support::ring("k9", 9)).seal_bytes(&context(), b"x"));
    let foreign = foreign.unwrap().blob;
    store.replace("row0", foreign.clone());
    store.replace("row1", b"TBE1".to_vec());
    let moved = store.blob("row2");
    store.replace("row3", moved);
    // A damaged commitment unwraps and stops nobody else's blob.
    let mut damaged = store.blob("row4");
    damaged[40] ^= 1;
    store.replace("row4", damaged);
    activate_second(&ring);
    let report = now(rewrap_all(&sealer, &store, options())).unwrap();
    let found: Vec<_> = report.unreadable.iter().map(|bad| (bad.id.as_str(), bad.error.clone())).collect();
    let expected = [
        ("row0", EnvelopeError::UnknownKey { key_id: id("k9") }),
        ("row1", EnvelopeError::Corrupt("truncated")),
        ("row3", EnvelopeError::Rejected),
        ("row4", EnvelopeError::Rejected),
    ];
    assert_eq!(found, expected);
    assert_eq!((report.rewritten, report.is_complete()), (1, false));
    assert_eq!(store.blob("row0"), foreign);
    // A blob that is no envelope may name any key, so nothing may be retired on its account.
    assert_eq!(now(keys_in_use(&store)).unwrap_err().kind(), ErrorKind::Envelope);

    let stopped = now(rewrap_all(&sealer, &store, options().with_max_unreadable(2))).unwrap_err();
    assert_eq!(stopped.report.unreadable.len(), 2);
    assert_eq!(stopped.report.next.as_deref(), Some("row1"));
}

#[test]
fn a_walk_goes_on_where_its_limit_stopped_it() {
    let ring = ring("k1", 1);
    let sealer = sealer(ring.clone());
    let store = Memory::filled(&sealer, Fuse::none());
    activate_second(&ring);
    let first = now(rewrap_all(&sealer, &store, options().with_limit(3))).unwrap();
    assert_eq!((first.rewritten, first.next.as_deref(), first.is_complete()), (3, Some("row2"), false));
    let keys = now(keys_in_use(&store)).unwrap();
    assert_eq!(keys, BTreeMap::from([(id("k1"), 2), (id("k2"), 3)]));
    let second = now(rewrap_all(&sealer, &store, options().with_after("row2"))).unwrap();
    assert_eq!((second.rewritten, second.already, second.is_complete()), (2, 0, true));
}

#[test]
fn a_denied_key_names_each_blob_and_a_refused_record_stops() {
    let ring = ring("k1", 1);
    let keys = Watched::new(ring.clone());
    let sealer = sealer(keys.clone());
    let store = Memory::filled(&sealer, Fuse::none());
    activate_second(&ring);
    keys.fail_with(EnvelopeError::Denied);
    let report = now(rewrap_all(&sealer, &store, options())).unwrap();
    assert_eq!(report.unreadable.len() as u64, BLOBS);
    assert!(report.unreadable.iter().all(|bad| bad.error == EnvelopeError::Denied));

    let full = Arc::new(turnbuckle_core::envelope::MemoryAuditSink::new(2));
    let sealer = Sealer::new(ring.clone(), full, Arc::new(crate::support::FixedClock));
    let stopped = now(reencrypt_all(&sealer, &store, &access(), options())).unwrap_err();
    assert_eq!((stopped.report.rewritten, stopped.report.next.as_deref()), (2, Some("row1")));
    assert_eq!(Error::from(stopped).kind(), ErrorKind::Envelope);
}

/// Wraps into bytes that nobody can unwrap.
#[derive(Debug)]
struct Shredder(Arc<LocalKeyRing>);

#[async_trait]
impl KeyProvider for Shredder {
    fn wrap_kind(&self) -> WrapKind {
        WrapKind::Local
    }

    async fn active(&self) -> Result<KeyId, EnvelopeError> {
        self.0.active().await
    }

    async fn wrap(&self, _: &KeyId, _: &DataKey, _: &WrapAad) -> Result<Vec<u8>, EnvelopeError> {
        Ok(vec![9; 80])
    }

    async fn unwrap(&self, key_id: &KeyId, wrapped: &[u8], aad: &WrapAad) -> Result<DataKey, EnvelopeError> {
        self.0.unwrap(key_id, wrapped, aad).await
    }
}

#[test]
fn a_wrapping_that_does_not_open_never_replaces_one_that_does() {
    let ring = ring("k1", 1);
    let store = Memory::filled(&sealer(ring.clone()), Fuse::none());
    activate_second(&ring);
    let broken = sealer(Arc::new(Shredder(ring.clone())));
    let stopped = now(rewrap_all(&broken, &store, options())).unwrap_err();
    assert_eq!((stopped.report.rewritten, stopped.report.next), (0, None));
    store.assert_all_open(&sealer(ring));
}

/// Gives the first page for ever.
#[derive(Debug)]
struct Stuck(Memory);

#[async_trait]
impl BlobStore for Stuck {
    async fn page(&self, _after: Option<&str>, limit: usize) -> Result<Vec<StoredBlob>> {
        self.0.page(None, limit).await
    }

    async fn compare_and_swap(&self, id: &str, old: &[u8], new: &[u8]) -> Result<bool> {
        self.0.compare_and_swap(id, old, new).await
    }
}

#[test]
fn a_store_that_does_not_advance_does_not_hang_the_walk() {
    let ring = ring("k1", 1);
    let sealer = sealer(ring);
    let store = Stuck(Memory::filled(&sealer, Fuse::none()));
    assert_eq!(now(rewrap_all(&sealer, &store, options())).unwrap_err().source.kind(), ErrorKind::Internal);
    assert_eq!(now(keys_in_use(&store)).unwrap_err().kind(), ErrorKind::Internal);
}

#[test]
fn walks_can_be_spawned() {
    fn assert_send<T: Send>(_: &T) {}
    let ring = ring("k1", 1);
    let sealer = sealer(ring);
    let store = Memory::filled(&sealer, Fuse::none());
    let walk = rewrap_all(&sealer, &store, options());
    assert_send(&walk);
    assert!(now(walk).unwrap().is_complete());
    assert_eq!(Envelope::parse(&store.blob("row1")).unwrap().key_id(), &id("k1"));
}
