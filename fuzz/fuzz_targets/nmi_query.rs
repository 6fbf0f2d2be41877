//! Any bytes go into the reader of query.php's answers: it never panics, and what it takes has ids.
#![no_main]

use libfuzzer_sys::fuzz_target;
use turnbuckle_core::money::Currency;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(transactions) = turnbuckle_nmi::parse_transactions(bytes) {
        for transaction in transactions {
            assert!(!transaction.transaction_id.is_empty());
            let _ = (format!("{transaction:?}"), transaction.last4(), transaction.currency());
            for action in &transaction.actions {
                if let Ok(money) = action.money(Currency::USD) {
                    assert!(money.minor() >= 0);
                }
            }
        }
    }
});
