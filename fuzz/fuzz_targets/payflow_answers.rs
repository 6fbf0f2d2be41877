//! Any bytes, read as every kind of answer that Payflow gives: nothing panics, and a history is in order.
#![no_main]

use libfuzzer_sys::fuzz_target;
use turnbuckle_payflow::{Inquiry, Profile, ProfileChange, ProfilePayment, Transaction, nvp};

fuzz_target!(|bytes: &[u8]| {
    let Ok(fields) = nvp::decode(bytes) else { return };
    let _ = Inquiry::read(fields.clone());
    let _ = Profile::read(fields.clone());
    if let Some(payments) = ProfilePayment::read_all(&fields) {
        assert!(payments.windows(2).all(|pair| pair[0].number <= pair[1].number));
    }
    if let Some(transaction) = Transaction::read(fields) {
        let _ = format!("{transaction:?}");
        let _ = ProfileChange::read(transaction);
    }
});
