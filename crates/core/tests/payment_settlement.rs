//! Reconciliation: every record and every entry ends in one list.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod payment_support;

use std::collections::BTreeMap;

use payment_support::*;
use proptest::prelude::*;
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::*;

fn record(
    operation: PaymentOperation,
    value: &str,
    asked: i64,
    end: Option<(End, Option<i64>)>,
    id: &str,
) -> JournalRecord {
    let mut record = JournalRecord::new(attempt(operation, value, Some(usd(asked))));
    record.conclusion = end.map(|(end, moved)| {
        let mut end = Conclusion::new(start(), end).with_payment(handle(id));
        end.moved = moved.map(usd);
        end
    });
    record
}

fn bought(value: &str, minor: i64, id: &str) -> JournalRecord {
    record(PaymentOperation::Purchase, value, minor, Some((End::Done, Some(minor))), id)
}

fn refunded(value: &str, minor: i64, id: &str) -> JournalRecord {
    record(PaymentOperation::Refund, value, minor, Some((End::Done, Some(minor))), id)
}

fn entry(id: &str, kind: SettlementKind, minor: i64) -> SettlementEntry {
    SettlementEntry::new(id, kind, usd(minor), start())
}

fn paid(id: &str, minor: i64) -> SettlementEntry {
    entry(id, SettlementKind::Payment, minor)
}

fn keyed(mut entry: SettlementEntry, record: &JournalRecord) -> SettlementEntry {
    entry.wire_key = Some(record.attempt.wire_key.clone());
    entry
}

fn of(mut entry: SettlementEntry, id: &str) -> SettlementEntry {
    entry.payment = Some(handle(id).with_detail("seen", "later"));
    entry
}

/// The four lists in short: matched, missing, extra, mismatched.
fn lists(records: &[JournalRecord], entries: Vec<SettlementEntry>) -> [Vec<String>; 4] {
    let result = reconcile(records, entries);
    let name = |key: &WireKey| {
        records.iter().find(|record| &record.attempt.wire_key == key).unwrap().attempt.key.value().to_owned()
    };
    let mut lists = [
        result.matched.iter().map(|(key, entry)| format!("{}={}", name(key), entry.id)).collect::<Vec<_>>(),
        result.missing.iter().map(|record| record.attempt.key.value().to_owned()).collect(),
        result.extra.iter().map(|entry| entry.id.clone()).collect(),
        result
            .mismatched
            .iter()
            .map(|wrong| format!("{}={}", wrong.record.attempt.key.value(), wrong.entry.id))
            .collect(),
    ];
    for list in &mut lists {
        list.sort_unstable();
    }
    lists
}

fn expect(records: &[JournalRecord], entries: Vec<SettlementEntry>, expected: [&[&str]; 4]) {
    assert_eq!(
        lists(records, entries),
        expected.map(|list| list.iter().map(ToString::to_string).collect::<Vec<_>>())
    );
}

#[test]
fn entries_meet_their_records_by_key_or_handle() {
    let (a, b) = (bought("a", 100, "pa"), bought("b", 200, "pb"));
    let both = [a.clone(), b.clone()];
    expect(
        &both,
        vec![keyed(paid("1", 100), &a), of(paid("2", 200), "pb")],
        [&["a=1", "b=2"], &[], &[], &[]],
    );
    expect(&both, vec![of(keyed(paid("1", 100), &a), "pb")], [&["a=1"], &["b"], &[], &[]]);
    expect(&both, vec![], [&[], &["a", "b"], &[], &[]]);
    expect(
        &[],
        vec![keyed(paid("1", 100), &a), of(paid("2", 1), "pb"), paid("3", 1)],
        [&[], &[], &["1", "2", "3"], &[]],
    );
    expect(&both, vec![keyed(paid("1", 99), &a), of(paid("2", 201), "pb")], [&[], &[], &[], &["a=1", "b=2"]]);
}

#[test]
fn an_authorizations_key_leads_to_its_capture() {
    let reserved = record(PaymentOperation::Authorize, "auth", 100, Some((End::Done, None)), "p");
    let taken = record(PaymentOperation::Capture, "capture", 100, Some((End::Done, Some(100))), "p");
    let entry = of(keyed(paid("1", 100), &reserved), "p");
    expect(&[reserved.clone(), taken], vec![entry.clone()], [&["capture=1"], &[], &[], &[]]);
    expect(&[reserved], vec![entry], [&[], &[], &["1"], &[]]);
}

#[test]
fn refunds_turn_their_sign_and_stay_apart_from_the_purchase() {
    let (buy, back) = (bought("buy", 100, "p"), refunded("back", 30, "p"));
    let refund = |id: &str, minor| entry(id, SettlementKind::Refund, minor);
    let both = [buy.clone(), back.clone()];
    expect(
        &both,
        vec![of(paid("1", 100), "p"), of(refund("2", -30), "p")],
        [&["back=2", "buy=1"], &[], &[], &[]],
    );
    expect(
        &both,
        vec![keyed(paid("1", 100), &buy), keyed(refund("2", 30), &back)],
        [&["buy=1"], &[], &[], &["back=2"]],
    );
    expect(std::slice::from_ref(&buy), vec![of(refund("2", -30), "p")], [&[], &["buy"], &["2"], &[]]);
    expect(
        std::slice::from_ref(&buy),
        vec![keyed(refund("2", -30), &buy), keyed(paid("1", 100), &buy)],
        [&["buy=1"], &[], &["2"], &[]],
    );
    expect(
        std::slice::from_ref(&back),
        vec![keyed(refund("2", i64::MIN), &back)],
        [&[], &[], &[], &["back=2"]],
    );
    let credit = record(PaymentOperation::Credit, "credit", 5, Some((End::Done, Some(5))), "c");
    expect(&[credit], vec![of(refund("3", -5), "c")], [&["credit=3"], &[], &[], &[]]);
}

#[test]
fn parts_are_compared_by_their_sum() {
    let a = bought("a", 100, "p");
    let one = std::slice::from_ref(&a);
    let parts = |x, y| vec![keyed(paid("1", x), &a), keyed(paid("2", y), &a)];
    expect(one, parts(60, 40), [&["a=1", "a=2"], &[], &[], &[]]);
    expect(one, parts(100, 100), [&[], &[], &[], &["a=1", "a=2"]]);
    expect(one, parts(i64::MAX, i64::MAX), [&[], &[], &[], &["a=1", "a=2"]]);
    expect(one, vec![of(paid("1", 60), "p"), of(paid("2", 40), "p")], [&["a=1", "a=2"], &[], &[], &[]]);
}

#[test]
fn captures_of_one_handle_each_find_their_entry() {
    let capture = |value: &str, minor| {
        record(PaymentOperation::Capture, value, minor, Some((End::Done, Some(minor))), "p")
    };
    let two = [capture("x", 30), capture("y", 70)];
    let on = |id: &str, minor| of(paid(id, minor), "p");
    expect(&two, vec![on("1", 70), on("2", 30)], [&["x=2", "y=1"], &[], &[], &[]]);
    expect(&two, vec![on("1", 70)], [&["y=1"], &["x"], &[], &[]]);
    expect(&two, vec![on("1", 70), on("2", 30), on("3", 5)], [&["x=2", "y=1"], &[], &["3"], &[]]);
    expect(&two, vec![on("1", 70), on("2", 31)], [&["y=1"], &[], &[], &["x=2"]]);
    expect(&two, vec![on("1", 1), on("2", 2), on("3", 3)], [&[], &[], &[], &["x=1", "y=2", "y=3"]]);
}

#[test]
fn another_currency_is_a_mismatch() {
    let a = bought("a", 100, "p");
    let mut euro = keyed(paid("1", 100), &a);
    euro.gross = Money::new(100, Currency::EUR);
    expect(std::slice::from_ref(&a), vec![euro.clone()], [&[], &[], &[], &["a=1"]]);
    expect(std::slice::from_ref(&a), vec![euro, keyed(paid("2", 100), &a)], [&[], &[], &[], &["a=1", "a=2"]]);
}

#[test]
fn what_the_journal_is_unsure_of_is_neither_missing_nor_extra() {
    for end in [None, Some((End::Pending, None)), Some((End::Wrong, None))] {
        let unsure = [record(PaymentOperation::Purchase, "u", 100, end, "p")];
        expect(&unsure, vec![], [&[], &[], &[], &[]]);
        expect(&unsure, vec![keyed(paid("1", 100), &unsure[0])], [&["u=1"], &[], &[], &[]]);
        expect(&unsure, vec![keyed(paid("1", 99), &unsure[0])], [&[], &[], &[], &["u=1"]]);
    }
    for end in [End::Declined, End::NotDone, End::Refused] {
        let not = [record(PaymentOperation::Purchase, "n", 100, Some((end, None)), "p")];
        expect(&not, vec![], [&[], &[], &[], &[]]);
        expect(&not, vec![keyed(paid("1", 100), &not[0])], [&[], &[], &[], &["n=1"]]);
        expect(&not, vec![of(paid("1", 100), "p")], [&[], &[], &[], &["n=1"]]);
    }
}

#[test]
fn fees_payouts_and_the_rest_take_no_part() {
    let a = bought("a", 100, "p");
    let entries = [
        SettlementKind::Fee,
        SettlementKind::Payout,
        SettlementKind::Dispute,
        SettlementKind::Return,
        SettlementKind::Other,
    ]
    .map(|kind| of(keyed(entry("x", kind, 100), &a), "p"));
    expect(&[a], entries.into(), [&[], &["a"], &[], &[]]);
}

fn any_record() -> impl Strategy<Value = (usize, i64, usize, bool)> {
    (0..6_usize, 1..4_i64, 0..4_usize, any::<bool>())
}

fn any_entry() -> impl Strategy<Value = (bool, i64, Option<usize>, Option<usize>, bool)> {
    (
        any::<bool>(),
        -4..4_i64,
        prop::option::of(0..10_usize),
        prop::option::of(0..5_usize),
        prop::bool::weighted(0.1),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn nothing_is_lost_and_nothing_counted_twice(
        records in prop::collection::vec(any_record(), 0..8),
        entries in prop::collection::vec(any_entry(), 0..10),
    ) {
        let records: Vec<_> = records.into_iter().enumerate().map(|(index, (end, minor, id, refund))| {
            let operation = if refund { PaymentOperation::Refund } else { PaymentOperation::Purchase };
            let end = [
                Some((End::Done, Some(minor))), Some((End::Done, Some(minor))), Some((End::Pending, None)),
                Some((End::Declined, None)), Some((End::Wrong, None)), None,
            ][end];
            record(operation, &format!("r{index}"), minor, end, &format!("p{id}"))
        }).collect();
        let entries: Vec<_> = entries.into_iter().enumerate().map(|(index, (refund, minor, key, id, euro))| {
            let kind = if refund { SettlementKind::Refund } else { SettlementKind::Payment };
            let mut made = entry(&index.to_string(), kind, minor);
            if euro { made.gross = Money::new(minor, Currency::EUR); }
            if let Some(record) = key.and_then(|index| records.get(index)) { made = keyed(made, record); }
            if let Some(id) = id { made = of(made, &format!("p{id}")); }
            made
        }).collect();
        let result = reconcile(&records, entries.clone());

        let mut seen: Vec<_> = result.matched.iter().map(|(_, entry)| entry)
            .chain(&result.extra)
            .chain(result.mismatched.iter().map(|wrong| &wrong.entry))
            .map(|entry| entry.id.clone()).collect();
        seen.sort_unstable();
        let mut all: Vec<_> = entries.iter().map(|entry| entry.id.clone()).collect();
        all.sort_unstable();
        prop_assert_eq!(seen, all, "every entry once");

        let mut places: BTreeMap<WireKey, std::collections::BTreeSet<&str>> = BTreeMap::new();
        for (key, _) in &result.matched { places.entry(key.clone()).or_default().insert("matched"); }
        for record in &result.missing {
            prop_assert!(places.entry(record.attempt.wire_key.clone()).or_default().insert("missing"), "missing once");
        }
        for wrong in &result.mismatched {
            places.entry(wrong.record.attempt.wire_key.clone()).or_default().insert("mismatched");
        }
        for record in &records {
            let places = places.get(&record.attempt.wire_key).map_or(0, std::collections::BTreeSet::len);
            prop_assert!(places <= 1, "a record is in one list only");
            prop_assert!(places == 1 || record.moved().is_none(), "money that moved is in one of them");
        }
        // What is matched agrees to the cent.
        let mut sums: BTreeMap<WireKey, i64> = BTreeMap::new();
        for (key, entry) in &result.matched {
            let sign = if entry.kind == SettlementKind::Refund { -1 } else { 1 };
            prop_assert_eq!(entry.gross.currency(), Currency::USD);
            *sums.entry(key.clone()).or_default() += sign * entry.gross.minor();
        }
        for (key, sum) in sums {
            let record = records.iter().find(|record| record.attempt.wire_key == key).unwrap();
            prop_assert_eq!(Some(usd(sum)), record.moved().or(record.attempt.amount));
        }
    }
}
