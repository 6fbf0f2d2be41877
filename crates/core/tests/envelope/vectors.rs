//! The fixed vectors in `fixtures/envelope/vectors.json`, which a second implementation computed.

use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use turnbuckle_core::envelope::{
    Context, Envelope, EnvelopeError, LocalKeyRing, MAX_ENVELOPE, MAX_PLAINTEXT, MasterKey, WrapAad, WrapKind,
};
use turnbuckle_core::{Environment, ErrorKind, ProviderId};

use crate::support::{Scripted, access, context, id, now, parts, ring, sealer, unhex};

fn cases() -> Vec<Value> {
    let cases: Vec<Value> =
        serde_json::from_str(include_str!("../../../../fixtures/envelope/vectors.json")).unwrap();
    assert_eq!(cases.len(), 6);
    cases
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name}"))
}

fn case_context(case: &Value) -> Context {
    let given = &case["context"];
    Context::builder()
        .organization(text(given, "organization"))
        .scope(text(given, "scope_kind"), text(given, "scope_id"))
        .integration(text(given, "integration_id"))
        .provider(&text(given, "provider").parse::<ProviderId>().unwrap())
        .environment(text(given, "environment").parse::<Environment>().unwrap())
        .purpose(text(given, "purpose"))
        .version(given["version"].as_u64().unwrap())
        .build()
        .unwrap()
}

fn case_ring(case: &Value) -> LocalKeyRing {
    LocalKeyRing::new(id(text(case, "key_id")), MasterKey::from_base64(text(case, "master_key")).unwrap())
}

#[test]
fn sealing_gives_the_bytes_of_the_vectors() {
    for case in cases().iter().filter(|case| case.get("refused").is_none()) {
        let script = |names: &[&str]| {
            let bytes = names.iter().map(|name| unhex(text(case, name))).collect();
            Arc::new(Scripted(Mutex::new(bytes)))
        };
        let (sealing, wrapping) = (script(&["data_key", "salt", "nonce"]), script(&["wrap_salt"]));
        let ring = Arc::new(case_ring(case).with_random(wrapping.clone()));
        let sealer = sealer(ring).with_random(sealing.clone());
        let sealed = now(sealer.seal_bytes(&case_context(case), &unhex(text(case, "plaintext")))).unwrap();
        assert_eq!(sealed.blob, unhex(text(&case["expected"], "blob")), "{}", text(case, "name"));
        assert_eq!(sealed.key_id.as_str(), text(case, "key_id"));
        assert!(sealing.0.lock().unwrap().is_empty() && wrapping.0.lock().unwrap().is_empty());
    }
}

#[test]
fn the_vectors_open() {
    let (mut opened, mut refused) = (0, 0);
    for case in &cases() {
        let blob = unhex(text(&case["expected"], "blob"));
        let envelope = Envelope::parse(&blob).unwrap();
        assert_eq!(envelope.to_bytes(), blob);
        assert_eq!(envelope.wrap_kind(), WrapKind::Local);
        assert_eq!(envelope.key_id().as_str(), text(case, "key_id"));
        assert_eq!(envelope.wrapped_key(), unhex(text(&case["expected"], "wrapped_key")));
        let outcome =
            now(sealer(Arc::new(case_ring(case))).open_bytes(&case_context(case), &blob, &access()));
        if case.get("refused").is_some() {
            assert_eq!(outcome.unwrap_err(), EnvelopeError::Rejected, "{}", text(case, "name"));
            refused += 1;
        } else {
            assert_eq!(outcome.unwrap().expose_secret(), unhex(text(case, "plaintext")));
            opened += 1;
        }
    }
    assert_eq!((opened, refused), (5, 1));
}

#[test]
fn contexts_and_associated_data_are_those_of_the_vectors() {
    for case in &cases() {
        let context = case_context(case);
        let aad = WrapAad::new(WrapKind::Local, &id(text(case, "key_id")), &context);
        let expected = &case["expected"];
        assert_eq!(context.encode(), unhex(text(expected, "encoded_context")));
        assert_eq!(aad.as_bytes(), unhex(text(expected, "wrap_aad")));
        assert_eq!(aad.sha256().as_slice(), unhex(text(expected, "wrap_aad_sha256")));
    }
}

#[test]
fn an_envelope_holds_no_more_than_its_limit() {
    let sealer = sealer(ring(&"k".repeat(512), 1));
    let longest = vec![7; MAX_PLAINTEXT];
    let sealed = now(sealer.seal_bytes(&context(), &longest)).unwrap();
    assert!(sealed.blob.len() <= MAX_ENVELOPE);
    assert_eq!(now(sealer.open_bytes(&context(), &sealed.blob, &access())).unwrap().expose_secret(), longest);
    let refused = now(sealer.seal_bytes(&context(), &vec![7; MAX_PLAINTEXT + 1])).unwrap_err();
    assert_eq!(refused, EnvelopeError::TooLarge { limit: MAX_PLAINTEXT });
}

#[test]
fn every_seal_draws_a_new_key_salt_and_nonce() {
    let sealer = sealer(ring("k", 1));
    let blobs: Vec<_> =
        (0..2).map(|_| now(sealer.seal_bytes(&context(), b"the same")).unwrap().blob).collect();
    assert_ne!(blobs[0][8..40], blobs[1][8..40], "salt");
    assert_ne!(blobs[0][40..72], blobs[1][40..72], "commitment");
    assert_ne!(blobs[0][72..84], blobs[1][72..84], "nonce");
    assert_ne!(blobs[0][90..122], blobs[1][90..122], "salt of the wrapping");
}

#[test]
fn a_context_names_every_part_that_it_lacks() {
    let error = Context::builder().organization("org_1").build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    let names: Vec<_> = error.fields().iter().map(|field| field.field.as_ref()).collect();
    assert_eq!(names, ["scope_kind", "scope_id", "integration_id", "provider", "environment", "purpose"]);
    let error = parts().organization("x".repeat(65_536)).build().unwrap_err();
    assert_eq!(error.fields()[0].field, "organization");
    assert!(parts().organization("x".repeat(65_535)).build().is_ok());
}

proptest! {
    #[test]
    fn what_was_sealed_opens(
        plaintext in prop::collection::vec(any::<u8>(), 0..2_000),
        words in prop::array::uniform5("\\PC{1,40}"),
        key_id in "\\PC{1,60}",
        version in any::<u64>(),
    ) {
        let [organization, kind, scope, integration, purpose] = words;
        let context = parts()
            .organization(organization)
            .scope(kind, scope)
            .integration(integration)
            .purpose(purpose)
            .version(version)
            .build()
            .unwrap();
        let sealer = sealer(ring(&key_id, 1));
        let sealed = now(sealer.seal_bytes(&context, &plaintext)).unwrap();
        prop_assert_eq!(Envelope::parse(&sealed.blob).unwrap().to_bytes(), sealed.blob.clone());
        let opened = now(sealer.open_bytes(&context, &sealed.blob, &access())).unwrap();
        prop_assert_eq!(opened.expose_secret(), plaintext.as_slice());
    }

    #[test]
    fn no_two_contexts_share_an_encoding(a in "[ab]{1,3}", b in "[ab]{1,3}", c in "[ab]{1,3}", d in "[ab]{1,3}") {
        let one = parts().scope(a.clone(), b.clone()).build().unwrap();
        let other = parts().scope(c.clone(), d.clone()).build().unwrap();
        prop_assert_eq!(one.encode() == other.encode(), (a, b) == (c, d));
    }

    #[test]
    fn parsing_never_panics(mut bytes in prop::collection::vec(any::<u8>(), 0..400), fix_head in any::<bool>()) {
        if fix_head && bytes.len() >= 8 {
            bytes[..8].copy_from_slice(b"TBE1\x01\x01\x00\x01");
        }
        if let Ok(envelope) = Envelope::parse(&bytes) {
            prop_assert_eq!(envelope.to_bytes(), bytes);
        }
    }
}
