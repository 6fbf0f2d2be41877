//! Any bytes, read as Plaid's answers that hold amounts: nothing panics, and no amount shows in `Debug`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use turnbuckle_plaid::{
    AccountList, HoldingList, InvestmentTransactionList, LiabilityList, PlaidError, TransactionPage,
};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(page) = serde_json::from_str::<TransactionPage>(text) {
        let shown = format!("{page:?} {:?}", page.added);
        assert!(!shown.contains("amount"));
    }
    let _ = serde_json::from_str::<AccountList>(text).map(|list| format!("{list:?}"));
    let _ = serde_json::from_str::<HoldingList>(text).map(|list| format!("{list:?}"));
    let _ = serde_json::from_str::<InvestmentTransactionList>(text).map(|list| format!("{list:?}"));
    let _ = serde_json::from_str::<LiabilityList>(text).map(|list| format!("{list:?}"));
    let _ = serde_json::from_str::<PlaidError>(text).map(|error| format!("{error:?} {error}"));
});
