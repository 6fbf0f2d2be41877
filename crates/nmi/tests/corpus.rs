//! The fuzz corpora, replayed: the same assertions as in the fuzz targets.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;

use turnbuckle_core::money::Currency;
use turnbuckle_nmi::codes::{Meaning, meaning};
use turnbuckle_nmi::{Reply, parse_transactions};

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(name);
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect()
}

#[test]
fn the_reader_of_replies_survives_its_corpus() {
    let (mut read, mut refused) = (0, 0);
    for bytes in corpus("nmi_reply") {
        match Reply::parse(&bytes) {
            Ok(reply) => {
                let what = meaning(reply.response(), reply.response_code(), reply.response_text());
                let both = (reply.response(), reply.response_code()) == ("1", Some("100"));
                assert_eq!(what == Meaning::Approved, both, "{reply:?}");
                read += 1;
            }
            Err(_) => refused += 1,
        }
    }
    assert!(read >= 20 && refused >= 4, "{read} read and {refused} refused");
}

#[test]
fn the_reader_of_queries_survives_its_corpus() {
    let (mut read, mut refused) = (0, 0);
    for bytes in corpus("nmi_query") {
        match parse_transactions(&bytes) {
            Ok(transactions) => {
                for transaction in &transactions {
                    assert!(!transaction.transaction_id.is_empty());
                    let amounts =
                        transaction.actions.iter().filter_map(|action| action.money(Currency::USD).ok());
                    assert!(amounts.into_iter().all(|amount| amount.minor() >= 0), "{transaction:?}");
                }
                read += 1;
            }
            Err(_) => refused += 1,
        }
    }
    assert!(read >= 10 && refused >= 6, "{read} read and {refused} refused");
}
