//! Any bytes go into the decoder of Authorize.Net's answers: it never panics.
#![no_main]

use libfuzzer_sys::fuzz_target;
use turnbuckle_authnet::wire::decode;
use turnbuckle_authnet::{Messages, TransactionDetails, TransactionList, TransactionResponse};

fuzz_target!(|bytes: &[u8]| {
    let _ = decode::<Messages>(bytes);
    let _ = decode::<TransactionDetails>(bytes);
    let _ = decode::<TransactionList>(bytes);
    if let Some(response) = decode::<TransactionResponse>(bytes) {
        let _ = (response.reason_code(), response.id(), response.last4(), response.meaning());
    }
});
