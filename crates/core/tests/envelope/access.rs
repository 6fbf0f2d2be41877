//! No access record, no secret; and a key service that is away is not a bad credential.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use turnbuckle_core::envelope::{
    Access, AccessAction, EnvelopeError, KeyProvider as _, MemoryAuditSink, Sealer,
};
use turnbuckle_core::{Advice, Clock as _, Effect, Error, ErrorKind};

use crate::support::{Counted, FixedClock, NoRandom, Watched, access, context, id, now, ring, sealer};

#[test]
fn a_refused_record_means_that_nothing_is_unwrapped() {
    let keys = Watched::new(ring("k1", 1));
    let audit = Arc::new(MemoryAuditSink::new(1));
    let sealer = Sealer::new(keys.clone(), audit.clone(), Arc::new(FixedClock));
    let blob = now(sealer.seal_bytes(&context(), b"secret")).unwrap().blob;
    assert!(audit.records().is_empty(), "sealing shows nobody anything");

    now(sealer.open_bytes(&context(), &blob, &access())).unwrap();
    assert_eq!(keys.unwraps.load(Ordering::Relaxed), 1);
    let record = audit.records().remove(0);
    assert_eq!(record.at, FixedClock.now());
    assert_eq!(record.action, AccessAction::Open);
    assert_eq!(record.access, access());
    assert_eq!(record.context, context());
    assert_eq!(record.key_id, id("k1"));

    // The sink is full now.
    assert_eq!(
        now(sealer.open_bytes(&context(), &blob, &access())).unwrap_err(),
        EnvelopeError::AuditRefused
    );
    assert_eq!(now(sealer.reencrypt(&context(), &blob, &access())).unwrap_err(), EnvelopeError::AuditRefused);
    assert_eq!(keys.unwraps.load(Ordering::Relaxed), 1, "the key was asked for in spite of the refusal");
}

#[test]
fn an_access_that_then_fails_was_recorded_all_the_same() {
    let keys = Watched::new(ring("k1", 1));
    let audit = Arc::new(MemoryAuditSink::new(10));
    let sealer = Sealer::new(keys.clone(), audit.clone(), Arc::new(FixedClock));
    let blob = now(sealer.seal_bytes(&context(), b"secret")).unwrap().blob;
    keys.fail_with(EnvelopeError::Denied);
    assert_eq!(now(sealer.open_bytes(&context(), &blob, &access())).unwrap_err(), EnvelopeError::Denied);
    assert_eq!(audit.records().len(), 1);
}

#[test]
fn re_encryption_is_recorded_and_changes_everything_but_the_secret() {
    use secrecy::ExposeSecret as _;
    let audit = Arc::new(MemoryAuditSink::new(10));
    let sealer = Sealer::new(ring("k1", 1), audit.clone(), Arc::new(FixedClock))
        .with_random(Arc::new(Counted::default()));
    let old = now(sealer.seal_bytes(&context(), b"secret")).unwrap().blob;
    let new = now(sealer.reencrypt(&context(), &old, &access())).unwrap().blob;
    assert_eq!(audit.records()[0].action, AccessAction::Reencrypt);
    assert_ne!(old[8..84], new[8..84]);
    let opened = now(sealer.open_bytes(&context(), &new, &access())).unwrap();
    assert_eq!(opened.expose_secret(), b"secret");
}

#[test]
fn an_access_needs_an_actor_a_purpose_and_a_correlation_id() {
    let error = Access::new("", "charge", "a\nb").unwrap_err();
    let names: Vec<_> = error.fields().iter().map(|field| field.field.as_ref()).collect();
    assert_eq!(names, ["actor", "correlation_id"]);
    assert!(Access::new("a".repeat(257), "charge", "req_1").is_err());
}

#[test]
fn a_throttled_key_service_asks_for_a_retry_and_nothing_else_does() {
    let keys = Watched::new(ring("k1", 1));
    let sealer = sealer(keys.clone());
    let blob = now(sealer.seal_bytes(&context(), b"secret")).unwrap().blob;

    keys.fail_with(EnvelopeError::Transient);
    let opening = now(sealer.open_bytes(&context(), &blob, &access())).unwrap_err();
    let sealing = now(sealer.seal_bytes(&context(), b"secret")).unwrap_err();
    for error in [opening, sealing] {
        assert_eq!(error, EnvelopeError::Transient);
        let error = Error::from(error);
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Unavailable, Effect::None));
        assert_eq!(error.advice(), Advice::Retry);
    }

    let others = [
        EnvelopeError::UnknownKey { key_id: id("k9") },
        EnvelopeError::Denied,
        EnvelopeError::Corrupt("truncated"),
        EnvelopeError::Rejected,
        EnvelopeError::AuditRefused,
        EnvelopeError::TooLarge { limit: 1 },
        EnvelopeError::Failed("a test"),
    ];
    for envelope_error in others {
        let error = Error::from(envelope_error.clone());
        assert_eq!((error.kind(), error.advice()), (ErrorKind::Envelope, Advice::Never));
        let source = std::error::Error::source(&error).unwrap();
        assert_eq!(source.downcast_ref::<EnvelopeError>(), Some(&envelope_error));
    }
}

#[test]
fn an_unknown_key_is_an_error_of_its_own() {
    let blob = now(sealer(ring("gone", 1)).seal_bytes(&context(), b"secret")).unwrap().blob;
    // The same key bytes under another name do not count: the blob names its key.
    let error = now(sealer(ring("k1", 1)).open_bytes(&context(), &blob, &access())).unwrap_err();
    assert_eq!(error, EnvelopeError::UnknownKey { key_id: id("gone") });
}

#[test]
fn a_name_from_a_hostile_blob_is_printed_escaped() {
    let blob = now(sealer(ring("a\nb\u{1b}", 1)).seal_bytes(&context(), b"secret")).unwrap().blob;
    let error = now(sealer(ring("k1", 1)).open_bytes(&context(), &blob, &access())).unwrap_err();
    assert!(!error.to_string().chars().any(char::is_control));
}

#[test]
fn without_randomness_nothing_is_sealed() {
    let dry = sealer(ring("k1", 1)).with_random(Arc::new(NoRandom));
    assert!(matches!(now(dry.seal_bytes(&context(), b"secret")), Err(EnvelopeError::Failed(_))));
    let ring = turnbuckle_core::envelope::LocalKeyRing::new(id("k1"), crate::support::master(1))
        .with_random(Arc::new(NoRandom));
    assert_eq!(now(ring.active()).unwrap(), id("k1"));
    let sealer = sealer(Arc::new(ring));
    assert!(matches!(now(sealer.seal_bytes(&context(), b"secret")), Err(EnvelopeError::Failed(_))));
}
