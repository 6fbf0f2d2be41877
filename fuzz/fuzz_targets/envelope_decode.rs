//! Any bytes go into the envelope's decoder: it never panics, and what it takes it gives back byte for byte.
#![no_main]

use libfuzzer_sys::fuzz_target;
use turnbuckle_core::envelope::{Envelope, MAX_ENVELOPE};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(envelope) = Envelope::parse(bytes) {
        assert!(bytes.len() <= MAX_ENVELOPE);
        assert_eq!(envelope.to_bytes(), bytes);
    }
});
