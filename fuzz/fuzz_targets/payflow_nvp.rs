//! Any bytes go into the decoder of Payflow's names and values: it never panics, and what it takes can be written and read
//! again without a difference, where the values are such as may be sent.
#![no_main]

use libfuzzer_sys::fuzz_target;
use turnbuckle_payflow::nvp::{self, MAX_BODY, MAX_FIELDS};
use turnbuckle_payflow::Transaction;

fuzz_target!(|bytes: &[u8]| {
    let Ok(fields) = nvp::decode(bytes) else { return };
    assert!(bytes.len() <= MAX_BODY && fields.len() <= MAX_FIELDS && !fields.is_empty());
    if let Ok(text) = nvp::encode(fields.iter().collect::<Vec<_>>()) {
        assert_eq!(nvp::decode(text.as_bytes()), Ok(fields.clone()));
    }
    let _ = Transaction::read(fields);
});
