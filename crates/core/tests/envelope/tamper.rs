//! Nothing but the blob that was sealed, in the context that it was sealed in, opens.

use std::sync::Arc;

use secrecy::ExposeSecret as _;
use turnbuckle_core::envelope::{Envelope, EnvelopeError, LocalKeyRing, MAX_ENVELOPE};
use turnbuckle_core::{Environment, ProviderId};

use crate::support::{access, context, id, master, now, parts, ring, sealer};

const SECRET: &[u8] = b"sentinel-plaintext";

// Where the fields of a blob under the key `k1` lie.
const KIND: usize = 84;
const KEY_ID: usize = 87;
const WRAPPED: usize = 91;
const CIPHERTEXT: usize = WRAPPED + 80 + 4;

fn sealed() -> (turnbuckle_core::envelope::Sealer, Vec<u8>) {
    let sealer = sealer(ring("k1", 1));
    let blob = now(sealer.seal_bytes(&context(), SECRET)).unwrap().blob;
    assert_eq!(blob.len(), CIPHERTEXT + SECRET.len() + 16);
    (sealer, blob)
}

#[test]
fn every_flipped_bit_is_refused() {
    let (sealer, blob) = sealed();
    for bit in 0..blob.len() * 8 {
        let mut changed = blob.clone();
        let byte = bit / 8;
        changed[byte] ^= 1 << (bit % 8);
        let error = now(sealer.open_bytes(&context(), &changed, &access())).unwrap_err();
        let expected = match byte {
            0..8 => matches!(error, EnvelopeError::Corrupt(_)),
            8..KIND => error == EnvelopeError::Rejected,
            KIND | KEY_ID..89 => {
                matches!(error, EnvelopeError::Corrupt(_) | EnvelopeError::UnknownKey { .. })
            }
            WRAPPED..171 | CIPHERTEXT.. => error == EnvelopeError::Rejected,
            // The three lengths.
            _ => matches!(error, EnvelopeError::Corrupt(_) | EnvelopeError::UnknownKey { .. }),
        };
        assert!(expected, "bit {bit}: {error:?}");
    }
    assert_eq!(now(sealer.open_bytes(&context(), &blob, &access())).unwrap().expose_secret(), SECRET);
}

#[test]
fn every_truncation_and_every_tail_is_corrupt() {
    let (sealer, blob) = sealed();
    for length in 0..blob.len() {
        let error = now(sealer.open_bytes(&context(), &blob[..length], &access())).unwrap_err();
        assert_eq!(error, EnvelopeError::Corrupt("truncated"), "{length} bytes");
    }
    for extra in [&[0][..], b"TBE1", &blob] {
        let error = now(sealer.open_bytes(&context(), &[&blob, extra].concat(), &access())).unwrap_err();
        assert_eq!(error, EnvelopeError::Corrupt("trailing bytes"));
    }
}

#[test]
fn every_part_of_the_context_counts() {
    let (sealer, blob) = sealed();
    let others = [
        parts().organization("org_2"),
        parts().scope("organization", "client_7"),
        parts().scope("client", "client_8"),
        parts().integration("int_43"),
        parts().provider(&ProviderId::from_static("nmi")),
        parts().environment(Environment::Production),
        parts().purpose("webhook_secret"),
        parts().version(2),
        // The same letters, split elsewhere.
        parts().organization("org_1c").scope("lient", "client_7"),
        parts().scope("clientc", "lient_7"),
    ];
    for other in others {
        let other = other.build().unwrap();
        let error = now(sealer.open_bytes(&other, &blob, &access())).unwrap_err();
        assert_eq!(error, EnvelopeError::Rejected, "{other:?}");
    }
}

#[test]
fn re_wrapping_does_not_move_a_blob_to_another_context() {
    let ring = ring("k1", 1);
    let sealer = sealer(ring.clone());
    let blob = now(sealer.seal_bytes(&context(), SECRET)).unwrap().blob;
    ring.add(id("k2"), master(2)).unwrap();
    ring.check_canary(&ring.canary(&id("k2")).unwrap()).unwrap();
    ring.activate(&id("k2")).unwrap();
    let other = parts().organization("org_2").build().unwrap();
    assert_eq!(now(sealer.rewrap(&other, &blob)).unwrap_err(), EnvelopeError::Rejected);
    // Nor does it heal a payload that was tampered with.
    let mut changed = blob.clone();
    *changed.last_mut().unwrap() ^= 1;
    let rewrapped = now(sealer.rewrap(&context(), &changed)).unwrap().unwrap();
    let error = now(sealer.open_bytes(&context(), &rewrapped, &access())).unwrap_err();
    assert_eq!(error, EnvelopeError::Rejected);
    // A changed salt or commitment no longer fits the data key, which re-wrapping sees.
    for byte in [8, 40] {
        let mut changed = blob.clone();
        changed[byte] ^= 1;
        assert_eq!(now(sealer.rewrap(&context(), &changed)).unwrap_err(), EnvelopeError::Rejected);
    }
}

#[test]
fn swapped_keys_open_nothing() {
    let straight = Arc::new(LocalKeyRing::new(id("k1"), master(1)));
    straight.add(id("k2"), master(2)).unwrap();
    let blob = now(sealer(straight).seal_bytes(&context(), SECRET)).unwrap().blob;
    let crossed = Arc::new(LocalKeyRing::new(id("k1"), master(2)));
    crossed.add(id("k2"), master(1)).unwrap();
    let error = now(sealer(crossed).open_bytes(&context(), &blob, &access())).unwrap_err();
    assert_eq!(error, EnvelopeError::Rejected, "no other key may be tried");
}

#[test]
fn wrapped_keys_of_two_blobs_do_not_change_places() {
    let (sealer, one) = sealed();
    let two = now(sealer.seal_bytes(&context(), SECRET)).unwrap().blob;
    let mixed = [&one[..WRAPPED], &two[WRAPPED..WRAPPED + 80], &one[WRAPPED + 80..]].concat();
    let error = now(sealer.open_bytes(&context(), &mixed, &access())).unwrap_err();
    assert_eq!(error, EnvelopeError::Rejected);
}

#[test]
fn a_wrap_kind_that_the_ring_does_not_have_is_an_unknown_key() {
    let (sealer, mut blob) = sealed();
    for kind in 2..=4 {
        blob[KIND] = kind;
        let error = now(sealer.open_bytes(&context(), &blob, &access())).unwrap_err();
        assert_eq!(error, EnvelopeError::UnknownKey { key_id: id("k1") });
    }
    for kind in [0, 5, 255] {
        blob[KIND] = kind;
        let error = now(sealer.open_bytes(&context(), &blob, &access())).unwrap_err();
        assert_eq!(error, EnvelopeError::Corrupt("unknown wrap kind"));
    }
}

#[test]
fn lengths_are_checked_against_their_limits() {
    let (_, blob) = sealed();
    let head = &blob[..85];
    let parse = |tail: &[u8]| Envelope::parse(&[head, tail].concat()).unwrap_err();
    let corrupt = EnvelopeError::Corrupt;
    assert_eq!(parse(&[0, 0]), corrupt("key id length out of bounds"));
    assert_eq!(parse(&[2, 1]), corrupt("key id length out of bounds"), "513");
    assert_eq!(parse(&[2, 0]), corrupt("truncated"), "512 is allowed and not there");
    assert_eq!(parse(&[0, 1, 0xff]), corrupt("key id is not UTF-8"));
    assert_eq!(parse(&[0, 1, b'k', 0, 0]), corrupt("wrapped key length out of bounds"));
    assert_eq!(parse(&[0, 1, b'k', 0x10, 1]), corrupt("wrapped key length out of bounds"), "4097");
    assert_eq!(parse(&[0, 1, b'k', 0x10, 0]), corrupt("truncated"), "4096 is allowed and not there");
    assert_eq!(parse(&[0, 1, b'k', 0, 1, 9, 0, 0, 0, 15]), corrupt("ciphertext length out of bounds"));
    assert_eq!(
        parse(&[0, 1, b'k', 0, 1, 9, 0, 1, 0, 1]),
        corrupt("ciphertext length out of bounds"),
        "65537"
    );
    assert_eq!(
        parse(&[0, 1, b'k', 0, 1, 9, 0xff, 0xff, 0xff, 0xff]),
        corrupt("ciphertext length out of bounds")
    );
    assert_eq!(
        parse(&[0, 1, b'k', 0, 1, 9, 0, 1, 0, 0]),
        corrupt("truncated"),
        "65536 is allowed and not there"
    );
    assert_eq!(Envelope::parse(&vec![0; MAX_ENVELOPE + 1]).unwrap_err(), corrupt("too long"));
}
