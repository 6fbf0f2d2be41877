//! The fuzzer's corpus as plain tests: what is good is read, what is bad is refused, and nothing panics.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;

use turnbuckle_plaid::{
    AccountList, HoldingList, InvestmentTransactionList, LiabilityList, PlaidError, TransactionPage,
};

/// Whether any of the answers can be read from this; each of them is shown, as the fuzzer does.
fn reads(text: &str) -> bool {
    let page = serde_json::from_str::<TransactionPage>(text).map(|page| {
        let shown = format!("{page:?} {:?}", page.added);
        assert!(!shown.contains("amount"));
    });
    let read = [
        page.is_ok(),
        serde_json::from_str::<HoldingList>(text).map(|list| format!("{list:?}")).is_ok(),
        serde_json::from_str::<InvestmentTransactionList>(text).map(|list| format!("{list:?}")).is_ok(),
        serde_json::from_str::<LiabilityList>(text).map(|list| format!("{list:?}")).is_ok(),
        serde_json::from_str::<PlaidError>(text).map(|error| format!("{error:?} {error}")).is_ok(),
    ];
    // Every page of transactions has accounts too.
    let accounts = serde_json::from_str::<AccountList>(text).is_ok_and(|list| !list.accounts.is_empty());
    read.contains(&true) || accounts
}

#[test]
fn corpus() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/plaid_answer");
    let (mut good, mut bad) = (0, 0);
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let text = fs::read_to_string(entry.path()).unwrap();
        assert_eq!(reads(&text), name.starts_with("good-"), "{name}");
        if name.starts_with("good-") {
            good += 1;
        } else {
            assert!(name.starts_with("bad-"), "{name}");
            bad += 1;
        }
    }
    assert!(good >= 10 && bad >= 8, "{good} good, {bad} bad");
}
