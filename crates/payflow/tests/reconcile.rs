//! The journal beside what Payflow settled. The gateway reads no settlement reports, so a host brings the entries from its
//! own export; the handles must match all the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::sync::Arc;

use chrono::TimeDelta;
use support::{BreakingTransport, Rig, approved, usd};
use turnbuckle_core::Clock;
use turnbuckle_core::money::Money;
use turnbuckle_core::payment::{
    CaptureRequest, Feature, Journal, MemoryJournal, PaymentRef, RefundRequest, SettlementEntry,
    SettlementKind, TransactionQuery, reconcile,
};
use turnbuckle_payflow::PayflowProvider;

/// The simulator's settled transactions as a report would list them.
fn settled(rig: &Rig) -> Vec<SettlementEntry> {
    let now = rig.clock.now();
    let entry = |transaction: &serde_json::Value| {
        let (kind, handle, sign) = match transaction["trxtype"].as_str()? {
            "S" => (SettlementKind::Payment, "sale", 1),
            "D" => (SettlementKind::Payment, "capture", 1),
            "C" => (SettlementKind::Refund, "refund", -1),
            _ => return None,
        };
        let id = transaction["pnref"].as_str()?;
        if transaction["state"] != "settled" {
            return None;
        }
        let gross = usd(sign * transaction["minor"].as_i64()?);
        let mut entry = SettlementEntry::new(id, kind, gross, now);
        entry.payment = Some(PaymentRef::new(PayflowProvider::ID, handle, id));
        entry.batch = transaction["batchid"].as_i64().map(|batch| batch.to_string());
        Some(entry)
    };
    rig.transactions().iter().filter_map(entry).collect()
}

#[tokio::test]
async fn settlements_that_agree_miss_add_and_differ() {
    let rig = Rig::new();
    let journal: Arc<dyn Journal> = Arc::new(MemoryJournal::new());
    let transport = Arc::new(BreakingTransport::new(&rig.sim));
    let (gateway, _) = rig.breaking_with(&transport, &journal);
    let start = rig.clock.now() - TimeDelta::minutes(5);
    approved(&gateway.purchase(&rig.request(1000, "1")).await.unwrap());
    let paid = approved(&gateway.purchase(&rig.request(2000, "2")).await.unwrap()).clone();
    let held = approved(&gateway.authorize(&rig.request(3000, "3")).await.unwrap()).clone();
    let part =
        CaptureRequest::new(held.reference.clone(), rig.key("4")).with_amount(usd(1200)).with_more_to_come();
    approved(&gateway.capture(&part).await.unwrap());
    approved(&gateway.capture(&CaptureRequest::new(held.reference, rig.key("5"))).await.unwrap());
    rig.sim.payflow().settle().unwrap();
    let refund = RefundRequest::new(paid.reference, rig.key("6")).with_amount(usd(500));
    approved(&gateway.refund(&refund).await.unwrap());
    rig.sim.payflow().settle().unwrap();

    let end = rig.clock.now() + TimeDelta::minutes(5);
    let records = journal.records(start, end).await.unwrap();
    let entries = settled(&rig);
    assert_eq!(entries.len(), 5);
    let agreed = reconcile(&records, entries.clone());
    assert_eq!((agreed.matched.len(), agreed.missing.len()), (5, 0), "{agreed:?}");
    assert!(agreed.extra.is_empty() && agreed.mismatched.is_empty());

    let missed = reconcile(&records, entries.iter().skip(1).cloned());
    assert_eq!((missed.matched.len(), missed.missing.len()), (4, 1));
    let mut stranger = entries[0].clone();
    stranger.payment = Some(PaymentRef::new(PayflowProvider::ID, "sale", "A10A6AE7042E"));
    let added = reconcile(&records, entries.iter().cloned().chain([stranger]));
    assert_eq!((added.matched.len(), added.extra.len()), (5, 1));
    let mut differing = entries.clone();
    differing[0].gross = Money::new(differing[0].gross.minor() - 1, differing[0].gross.currency());
    let differs = reconcile(&records, differing);
    assert_eq!((differs.matched.len(), differs.mismatched.len()), (4, 1));
}

#[tokio::test]
async fn settlement_reports_are_not_declared() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    assert!(
        !gateway.features().has(Feature::Transactions) && !gateway.features().has(Feature::SettlementBatch)
    );
    let now = rig.clock.now();
    let query = TransactionQuery::new(now - TimeDelta::days(1), now);
    let error = gateway.transactions(&query).await.unwrap_err();
    assert_eq!(error.kind(), turnbuckle_core::ErrorKind::Unsupported);
    assert!(rig.sim.payflow().request_log().is_empty());
}
