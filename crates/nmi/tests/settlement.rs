//! Refunds, bank debits, lookups and settlement over the simulator.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use turnbuckle_core::payment::Journal as _;
use turnbuckle_core::payment::{
    AccountType, BankAccount, CreditRequest, Lifecycle, Lookup, LookupQuery, MemoryJournal, Outcome,
    PaymentMethod, PaymentRef, RefundRequest, SettlementKind, TransactionQuery, VerifyRequest, VoidRequest,
    reconcile,
};
use turnbuckle_core::{Clock as _, ErrorKind};
use turnbuckle_nmi::NmiProvider;

use support::{Rig, VISA, approved, card, reference, usd};

const DAY: Duration = Duration::from_secs(24 * 3600);

#[tokio::test]
async fn what_is_left_is_right_whether_the_payment_lists_its_refunds_or_not() {
    for listed in [false, true] {
        let rig = Rig::new();
        rig.nmi().refunds_on_payment(listed);
        let gateway = rig.gateway();
        let paid = gateway.purchase(&rig.request(2010, card(VISA), "1")).await.unwrap();
        let paid = approved(&paid).reference.clone();
        rig.nmi().settle();
        let part = RefundRequest::new(paid.clone(), rig.key("2")).with_amount(usd(10));
        approved(&gateway.refund(&part).await.unwrap());
        let rest = gateway.refund(&RefundRequest::new(paid.clone(), rig.key("3"))).await.unwrap();
        assert_eq!(approved(&rest).amounts.refunded, usd(2000), "listed: {listed}");
        assert_eq!(rig.transactions().iter().filter(|known| known["refund_of"] == *paid.id()).count(), 2);
    }
}

#[tokio::test]
async fn a_void_stands_in_for_a_refund_only_where_it_is_the_same() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let pay = async |key: &str, cents: i64| {
        let outcome = gateway.purchase(&rig.request(cents, card(VISA), key)).await.unwrap();
        approved(&outcome).reference.clone()
    };
    let whole = pay("1", 2010).await;
    let request = RefundRequest::new(whole.clone(), rig.key("2")).with_void_if_unsettled();
    let outcome = gateway.refund(&request).await.unwrap();
    let refund = approved(&outcome);
    assert_eq!((refund.amounts.refunded, refund.lifecycle), (usd(2010), Lifecycle::Voided));
    assert_eq!(rig.transactions()[0]["condition"], "canceled");
    // A part is refunded, since a void would give everything back.
    let part = pay("3", 3000).await;
    let request =
        RefundRequest::new(part.clone(), rig.key("4")).with_void_if_unsettled().with_amount(usd(1000));
    let outcome = gateway.refund(&request).await.unwrap();
    assert_eq!(approved(&outcome).amounts.refunded, usd(1000));
    assert_ne!(approved(&outcome).reference.id(), part.id());
    // So is a payment that settled.
    let settled = pay("5", 4000).await;
    rig.nmi().settle();
    let request = RefundRequest::new(settled.clone(), rig.key("6")).with_void_if_unsettled();
    assert_ne!(approved(&gateway.refund(&request).await.unwrap()).reference.id(), settled.id());
}

#[tokio::test]
async fn bank_accounts_pay_settle_and_come_back() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let mut account = BankAccount::new("123123123", "000123456789", "Robin Doe").unwrap();
    account.account_type = AccountType::Savings;
    let bank = PaymentMethod::BankAccount(account);
    let outcome = gateway.purchase(&rig.request(5000, bank.clone(), "1")).await.unwrap();
    let Outcome::Processing(payment) = outcome else { unreachable!("approval is not settlement") };
    assert_eq!((payment.lifecycle, payment.amounts.captured), (Lifecycle::Settling, usd(0)));
    let handle = payment.reference;
    let state = async |handle: &PaymentRef| {
        let Lookup::Found(found) = gateway.lookup(&LookupQuery::Reference(handle.clone())).await.unwrap()
        else {
            unreachable!("the payment is found")
        };
        found[0].lifecycle
    };
    assert_eq!(state(&handle).await, Lifecycle::Settling);
    rig.nmi().settle();
    assert_eq!(state(&handle).await, Lifecycle::Settled);
    assert!(rig.nmi().return_check(handle.id(), "R01"));
    assert_eq!(state(&handle).await, Lifecycle::Returned);
    let from = rig.clock.now() - TimeDelta::hours(1);
    let page = gateway.transactions(&TransactionQuery::new(from, from + TimeDelta::hours(2))).await.unwrap();
    let kinds: Vec<_> = page.entries.iter().map(|entry| (entry.kind, entry.gross)).collect();
    assert_eq!(kinds, [(SettlementKind::Payment, usd(5000)), (SettlementKind::Return, usd(-5000))]);

    let failed = gateway.purchase(&rig.request(99, bank.clone(), "2")).await.unwrap();
    assert!(failed.declined().is_some());
    let credit = CreditRequest::new(usd(700), bank.clone(), rig.key("3"), reference("back"));
    let sent = gateway.credit(&credit).await.unwrap();
    assert_eq!(sent.payment_in_any_state().unwrap().amounts.refunded, usd(700));
    let again = gateway.credit(&credit).await.unwrap();
    assert!(again.payment_in_any_state().unwrap().replayed);
    // What a bank account cannot do is refused before anything leaves.
    let requests = rig.nmi().request_log().len();
    assert_eq!(
        gateway.authorize(&rig.request(5000, bank.clone(), "4")).await.unwrap_err().kind(),
        ErrorKind::Unsupported
    );
    let verify = VerifyRequest::new(bank, usd(0).currency(), rig.key("5"), reference("v"));
    assert_eq!(gateway.verify(&verify).await.unwrap_err().kind(), ErrorKind::Unsupported);
    assert_eq!(rig.nmi().request_log().len(), requests);
    // A debit is voided as one.
    let open = gateway
        .purchase(&rig.request(
            6000,
            PaymentMethod::BankAccount(BankAccount::new("123123123", "42", "A").unwrap()),
            "6",
        ))
        .await
        .unwrap();
    let open = open.payment_in_any_state().unwrap().reference.clone();
    assert_eq!(
        approved(&gateway.void(&VoidRequest::new(open, rig.key("7"))).await.unwrap()).lifecycle,
        Lifecycle::Voided
    );
}

#[tokio::test]
async fn lookups_by_the_merchants_reference_tell_processors_and_times_apart() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let before = rig.clock.now();
    approved(&gateway.purchase(&rig.request(2010, card(VISA), "1")).await.unwrap());
    let query = |since, sub_account: Option<&str>| LookupQuery::MerchantReference {
        reference: reference("order-1001"),
        since,
        sub_account: sub_account.map(str::to_owned),
    };
    let found = async |query: LookupQuery| matches!(gateway.lookup(&query).await.unwrap(), Lookup::Found(_));
    assert!(found(query(before, None)).await);
    assert!(found(query(before, Some("ccprocessora"))).await);
    assert!(!found(query(before, Some("another"))).await);
    assert!(!found(query(before + TimeDelta::hours(1), None)).await);
    let other = LookupQuery::merchant_reference(reference("order-1002"), before);
    assert!(!found(other).await);
}

#[tokio::test]
async fn settlements_that_miss_add_and_differ_are_told() {
    let journal = Arc::new(MemoryJournal::new());
    let rig = Rig::new().with_journal(Arc::clone(&journal) as _);
    let gateway = rig.gateway();
    let start = rig.clock.now() - TimeDelta::minutes(1);
    for (key, cents) in [("1", 2010), ("2", 3010), ("3", 4010)] {
        approved(&gateway.purchase(&rig.request(cents, card(VISA), key)).await.unwrap());
    }
    rig.clock.advance(DAY);
    rig.nmi().settle();
    // Not settled by the end of the period: missing.
    approved(&gateway.purchase(&rig.request(5010, card(VISA), "4")).await.unwrap());
    // Made past the journal: extra.
    let stranger = Rig { sim: rig.sim.clone(), clock: rig.clock.clone(), journal: None };
    approved(&stranger.gateway().purchase(&rig.request(6010, card("5431111111111111"), "5")).await.unwrap());
    let missing = rig.transactions().iter().find(|known| known["authorized_cents"] == 5010).unwrap().clone();
    rig.clock.advance(DAY);
    rig.nmi().settle();
    let end = rig.clock.now() + TimeDelta::minutes(1);
    let records = journal.records(start, end).await.unwrap();
    let page = gateway.transactions(&TransactionQuery::new(start, end)).await.unwrap();
    assert_eq!(page.entries.len(), 5);
    let mut entries = page.entries;
    entries.retain(|entry| entry.payment.as_ref().unwrap().id() != missing["transaction_id"]);
    entries[0].gross = usd(2011);
    let result = reconcile(&records, entries);
    assert_eq!((result.matched.len(), result.missing.len()), (2, 1));
    assert_eq!((result.extra.len(), result.mismatched.len()), (1, 1));
    assert_eq!(result.missing[0].attempt.amount, Some(usd(5010)));
    assert_eq!(result.extra[0].gross, usd(6010));

    // A batch by its id, also when a refund changed its payment after the period.
    let batches = rig.nmi().batches();
    let first = batches.last().unwrap()["batch_id"].as_str().unwrap();
    let paid = PaymentRef::new(
        NmiProvider::ID,
        "transaction",
        rig.transactions().last().unwrap()["transaction_id"].as_str().unwrap(),
    );
    approved(&gateway.refund(&RefundRequest::new(paid, rig.key("6"))).await.unwrap());
    let query = TransactionQuery::new(start, end).with_batch(first);
    let page = gateway.transactions(&query).await.unwrap();
    assert_eq!(page.entries.len(), 3);
    assert!(page.entries.iter().all(|entry| entry.batch.as_deref() == Some(first)));
}

#[tokio::test]
async fn pages_follow_each_other_from_zero() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let start = rig.clock.now() - TimeDelta::minutes(1);
    for number in 0..205 {
        approved(
            &gateway.purchase(&rig.request(1000 + number, card(VISA), &number.to_string())).await.unwrap(),
        );
    }
    rig.nmi().settle();
    let mut query = TransactionQuery::new(start, start + TimeDelta::days(1));
    let (mut sum, mut pages) = (0, 0);
    loop {
        let page = gateway.transactions(&query).await.unwrap();
        sum += page.entries.iter().map(|entry| entry.gross.minor()).sum::<i64>();
        pages += 1;
        match page.next {
            Some(next) => query = query.with_page(next),
            None => break,
        }
    }
    assert_eq!((pages, sum), (3, (1000..1205).sum::<i64>()));
    let bad = query.with_page("elsewhere");
    assert_eq!(gateway.transactions(&bad).await.unwrap_err().kind(), ErrorKind::InvalidRequest);
}
