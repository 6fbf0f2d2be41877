//! The journal around a gateway: nothing is sent unwritten, nothing written is forgotten, sweeps settle the rest.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod payment_support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use payment_support::*;
use turnbuckle_core::payment::*;
use turnbuckle_core::{Advice, Effect, Environment, Error, ErrorKind, ProviderId, Result};

/// A journal in memory that fails on request.
#[derive(Debug, Default)]
struct Failing {
    inner: MemoryJournal,
    begin: AtomicBool,
    conclude: AtomicBool,
}

fn fault() -> Error {
    Error::new(ErrorKind::Internal, "disk full")
}

#[async_trait]
impl Journal for Failing {
    async fn begin(&self, attempt: &Attempt) -> Result<()> {
        if self.begin.load(Ordering::SeqCst) { Err(fault()) } else { self.inner.begin(attempt).await }
    }

    async fn conclude(&self, key: &WireKey, conclusion: &Conclusion) -> Result<()> {
        if self.conclude.load(Ordering::SeqCst) {
            Err(fault())
        } else {
            self.inner.conclude(key, conclusion).await
        }
    }

    async fn get(&self, key: &WireKey) -> Result<Option<JournalRecord>> {
        self.inner.get(key).await
    }

    async fn open(
        &self,
        p: &ProviderId,
        a: &str,
        before: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<JournalRecord>> {
        self.inner.open(p, a, before, limit).await
    }

    async fn records(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<Vec<JournalRecord>> {
        self.inner.records(from, until).await
    }
}

fn journaled() -> (Arc<Failing>, Bench) {
    let journal = Arc::new(Failing::default());
    let bench = bench(Feature::ALL, Some(journal.clone()));
    (journal, bench)
}

async fn record(journal: &dyn Journal, operation: PaymentOperation, value: &str) -> JournalRecord {
    journal.get(&attempt(operation, value, None).wire_key).await.unwrap().expect("a record")
}

fn approved(operation: PaymentOperation, id: &str, minor: i64) -> Outcome {
    Outcome::Approved(payment(operation, id, usd(minor)))
}

fn error(kind: ErrorKind, effect: Effect) -> Answer {
    Answer::Outcome(Err(Error::new(kind, "from the vendor").with_effect(effect)))
}

fn later() -> DateTime<Utc> {
    start() + TimeDelta::hours(1)
}

async fn swept(journal: &dyn Journal, gateway: &dyn PaymentGateway, limit: usize) -> SweepReport {
    sweep(journal, gateway, None, later(), later(), limit).await.unwrap()
}

#[tokio::test]
async fn nothing_is_sent_that_is_not_written() {
    let (journal, bench) = journaled();
    journal.begin.store(true, Ordering::SeqCst);
    let gateway = &bench.gateway;
    let capture = CaptureRequest::new(handle("p"), key("k"));
    let void = VoidRequest::new(handle("p"), key("k"));
    let refund = RefundRequest::new(handle("p"), key("k"));
    let credit = CreditRequest::new(usd(1), token(), key("k"), order("o"));
    let verify = VerifyRequest::new(token(), usd(1).currency(), key("k"), order("o"));
    let store = StoreRequest::new(token(), key("k"), order("o"));
    let errors = [
        gateway.purchase(&purchase("k", 1)).await.unwrap_err(),
        gateway.authorize(&purchase("k", 1)).await.unwrap_err(),
        gateway.capture(&capture).await.unwrap_err(),
        gateway.void(&void).await.unwrap_err(),
        gateway.refund(&refund).await.unwrap_err(),
        gateway.credit(&credit).await.unwrap_err(),
        gateway.verify(&verify).await.unwrap_err(),
        gateway.store(&store).await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Internal, Effect::None));
        assert_eq!(error.provider(), Some(&PROVIDER));
    }
    assert_eq!(bench.fake.calls(), [""; 0]);
}

#[tokio::test]
async fn an_outcome_survives_a_journal_that_fails_after_it() {
    let (journal, bench) = journaled();
    journal.conclude.store(true, Ordering::SeqCst);
    bench.answers(approved(PaymentOperation::Purchase, "p", 100));
    let outcome = bench.gateway.purchase(&purchase("k", 100)).await.unwrap();
    assert!(outcome.approved().is_some());
    assert!(record(&*journal, PaymentOperation::Purchase, "k").await.is_open());
    bench.fake.say(error(ErrorKind::InvalidRequest, Effect::None));
    let refused = bench.gateway.purchase(&purchase("other", 100)).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidRequest, "the vendor's error, not the journal's");
    // What stayed open is settled by a sweep.
    journal.conclude.store(false, Ordering::SeqCst);
    let found = payment(PaymentOperation::Purchase, "p", usd(100));
    bench.fake.say(Answer::Found(Ok(Lookup::Found(vec![found]))));
    bench.fake.say(Answer::Found(Ok(Lookup::Absent(Authority::Authoritative))));
    assert!(swept(&*journal, &bench.gateway, 9).await.is_settled());
    let ends = [
        record(&*journal, PaymentOperation::Purchase, "k").await,
        record(&*journal, PaymentOperation::Purchase, "other").await,
    ]
    .map(|record| (record.conclusion.as_ref().unwrap().end, record.moved()));
    assert!(ends.contains(&(End::Done, Some(usd(100)))) && ends.contains(&(End::NotDone, None)));
}

#[tokio::test]
async fn every_end_is_written_as_what_it_is() {
    let (journal, bench) = journaled();
    let mut part = payment(PaymentOperation::Purchase, "part", usd(100));
    part.amounts.captured = usd(60);
    let mut wrong = payment(PaymentOperation::Purchase, "wrong", usd(100));
    wrong.live = true;
    let held = payment(PaymentOperation::Purchase, "held", usd(100));
    let decline = Decline::new(DeclineReason::Fraud, DeclineAdvice::AskBank);
    for (value, answer, end, moved) in [
        (
            "done",
            Answer::Outcome(Ok(approved(PaymentOperation::Purchase, "done", 100))),
            Some(End::Done),
            Some(100),
        ),
        ("part", Answer::Outcome(Ok(Outcome::PartiallyApproved(part))), Some(End::Done), Some(60)),
        ("held", Answer::Outcome(Ok(Outcome::Held(held))), Some(End::Pending), None),
        ("declined", Answer::Outcome(Ok(Outcome::Declined(decline))), Some(End::Declined), None),
        ("wrong", Answer::Outcome(Ok(Outcome::Approved(wrong))), Some(End::Wrong), None),
        ("refused", error(ErrorKind::InvalidRequest, Effect::None), Some(End::Refused), None),
        ("unknown", error(ErrorKind::Timeout, Effect::Unknown), None, None),
        ("happened", error(ErrorKind::Conflict, Effect::Happened), Some(End::Wrong), None),
    ] {
        bench.fake.say(answer);
        drop(bench.gateway.purchase(&purchase(value, 100).with_allow_partial(true)).await);
        let record = record(&*journal, PaymentOperation::Purchase, value).await;
        assert_eq!(record.conclusion.as_ref().map(|known| known.end), end, "{value}");
        assert_eq!(record.moved(), moved.map(usd), "{value}");
        assert_eq!(record.attempt.merchant_reference, Some(order("order-1")));
    }
    let stored = StoredMethod::new(handle("m"), MethodSummary::default());
    bench.fake.say(Answer::Stored(Ok(stored)));
    bench.gateway.store(&StoreRequest::new(token(), key("s"), order("o"))).await.unwrap();
    let record = record(&*journal, PaymentOperation::Store, "s").await;
    assert_eq!((record.conclusion.as_ref().unwrap().end, record.payment()), (End::Done, Some(&handle("m"))));
}

#[tokio::test]
async fn a_refused_repetition_does_not_hide_the_first_send() {
    for first in [
        Answer::Outcome(Ok(approved(PaymentOperation::Purchase, "p", 100))),
        error(ErrorKind::Timeout, Effect::Unknown),
    ] {
        let (journal, bench) = journaled();
        bench.fake.say(first);
        drop(bench.gateway.purchase(&purchase("k", 100)).await);
        bench.fake.say(error(ErrorKind::Network, Effect::None));
        drop(bench.gateway.purchase(&purchase("k", 100)).await);
        assert!(
            record(&*journal, PaymentOperation::Purchase, "k").await.is_open(),
            "the first send may have charged"
        );
        let found = payment(PaymentOperation::Purchase, "p", usd(100));
        bench.fake.say(Answer::Found(Ok(Lookup::Found(vec![found]))));
        assert!(swept(&*journal, &bench.gateway, 9).await.is_settled());
        assert_eq!(record(&*journal, PaymentOperation::Purchase, "k").await.moved(), Some(usd(100)));
    }
}

#[tokio::test]
async fn the_same_key_for_another_amount_is_not_sent() {
    let (journal, bench) = journaled();
    bench.fake.say(error(ErrorKind::Timeout, Effect::Unknown));
    drop(bench.gateway.purchase(&purchase("k", 100)).await);
    bench.fake.calls();
    let conflict = bench.gateway.purchase(&purchase("k", 200)).await.unwrap_err();
    assert_eq!((conflict.kind(), conflict.advice()), (ErrorKind::Conflict, Advice::ResolveFirst));
    assert_eq!(conflict.attempt().unwrap().amount, Some(usd(100)), "the attempt that may have happened");
    assert_eq!((conflict.provider(), conflict.operation()), (Some(&PROVIDER), Some("purchase")));
    assert_eq!(bench.fake.calls(), [""; 0]);
    assert!(record(&*journal, PaymentOperation::Purchase, "k").await.is_open());
    // Another operation has a key of its own.
    bench.answers(approved(PaymentOperation::Authorize, "p", 200));
    assert!(bench.gateway.authorize(&purchase("k", 200)).await.is_ok());
}

#[tokio::test]
async fn a_key_stamped_anew_is_as_old_as_its_first_use() {
    let (_journal, bench) = journaled();
    bench.fake.say(error(ErrorKind::Timeout, Effect::Unknown));
    drop(bench.gateway.purchase(&purchase("k", 100)).await);
    bench.fake.calls();
    bench.clock.set(TimeDelta::days(2));
    let mut again = purchase("k", 100);
    again.key = IdempotencyKey::new("k", start() + TimeDelta::days(2)).unwrap();
    let error = bench.gateway.purchase(&again).await.unwrap_err();
    assert_eq!((error.kind(), error.advice()), (ErrorKind::Conflict, Advice::ResolveFirst));
    assert_eq!(error.attempt().unwrap().started_at, start());
    assert_eq!(bench.fake.calls(), [""; 0]);
}

#[tokio::test]
async fn a_dropped_future_leaves_a_record_that_a_sweep_settles() {
    let (journal, bench) = journaled();
    bench.fake.say(Answer::Never);
    let request = purchase("k", 100);
    tokio::select! {
        biased;
        _ = bench.gateway.purchase(&request) => unreachable!(),
        () = std::future::ready(()) => {}
    }
    assert_eq!(bench.fake.calls(), ["purchase"]);
    assert!(record(&*journal, PaymentOperation::Purchase, "k").await.is_open());
    let found = payment(PaymentOperation::Purchase, "p", usd(100));
    bench.fake.say(Answer::Found(Ok(Lookup::Found(vec![found.clone()]))));
    let report = swept(&*journal, &bench.gateway, 9).await;
    assert!(report.is_settled());
    assert!(matches!(&report.swept[..], [(_, Swept::Payment(payment))] if **payment == found));
    assert_eq!(record(&*journal, PaymentOperation::Purchase, "k").await.moved(), Some(usd(100)));
    assert!(swept(&*journal, &bench.gateway, 9).await.swept.is_empty(), "settled once");
}

fn sent(value: &str, seconds: i64) -> Attempt {
    let mut sent = attempt(PaymentOperation::Purchase, value, Some(usd(100)));
    sent.last_sent_at = start() + TimeDelta::seconds(seconds);
    sent
}

#[tokio::test]
async fn a_sweep_goes_on_after_a_failing_lookup() {
    let (journal, bench) = journaled();
    for (value, seconds) in
        [("fails", 1), ("gone", 2), ("lags", 3), ("other-amount", 4), ("refused", 5), ("here", 6)]
    {
        journal.begin(&sent(value, seconds)).await.unwrap();
    }
    let mut failed = payment(PaymentOperation::Purchase, "f", usd(100));
    failed.lifecycle = Lifecycle::Failed;
    let until = later() + TimeDelta::minutes(1);
    let here = payment(PaymentOperation::Purchase, "h", usd(100));
    let other = payment(PaymentOperation::Purchase, "o", usd(7));
    for answer in [
        Err(Error::new(ErrorKind::Unavailable, "down")),
        Ok(Lookup::Absent(Authority::Authoritative)),
        Ok(Lookup::Absent(Authority::Lagging { until })),
        Ok(Lookup::Found(vec![other])),
        Ok(Lookup::Found(vec![failed])),
        Ok(Lookup::Found(vec![here])),
    ] {
        bench.fake.say(Answer::Found(answer));
    }
    let report = swept(&*journal, &bench.gateway, 9).await;
    let seen: Vec<_> = report
        .swept
        .iter()
        .map(|(record, swept)| {
            let word = match swept {
                Swept::Failed(error) => format!("failed {:?}", error.effect()),
                Swept::DidNotHappen => "nothing".into(),
                Swept::StillUnknown { check_after } => format!("again {}", *check_after == until),
                Swept::Payment(payment) => payment.reference.id().to_owned(),
                other => panic!("{other:?}"),
            };
            format!("{}: {word}", record.attempt.key.value())
        })
        .collect();
    assert_eq!(
        seen,
        [
            "fails: failed None",
            "gone: nothing",
            "lags: again true",
            "other-amount: failed Happened",
            "refused: nothing",
            "here: h",
        ]
    );
    assert!(!report.is_settled());
    let open = journal.open(&PROVIDER, ACCOUNT, later(), 9).await.unwrap();
    let open: Vec<_> = open.iter().map(|record| record.attempt.key.value()).collect();
    assert_eq!(open, ["fails", "lags"], "what is not settled stays open");
    let other = record(&*journal, PaymentOperation::Purchase, "other-amount").await;
    assert_eq!((other.conclusion.as_ref().unwrap().end, other.payment().unwrap().id()), (End::Wrong, "o"));
}

#[tokio::test]
async fn a_sweep_keeps_to_its_account_time_and_limit() {
    let (journal, bench) = journaled();
    for index in 0..5 {
        let mut theirs = sent(&format!("theirs-{index}"), index);
        theirs.account = "acct-2".into();
        journal.begin(&theirs).await.unwrap();
    }
    for index in 10..14 {
        journal.begin(&sent(&format!("ours-{index}"), index)).await.unwrap();
    }
    let mut fresh = sent("fresh", 0);
    fresh.last_sent_at = later();
    journal.begin(&fresh).await.unwrap();
    for _ in 0..3 {
        bench.fake.say(Answer::Found(Ok(Lookup::Absent(Authority::Authoritative))));
    }
    let report = swept(&*journal, &bench.gateway, 3).await;
    let seen: Vec<_> = report.swept.iter().map(|(record, _)| record.attempt.key.value()).collect();
    assert_eq!(seen, ["ours-10", "ours-11", "ours-12"], "others' records do not use up the limit");
    bench.fake.say(Answer::Found(Ok(Lookup::Absent(Authority::Authoritative))));
    assert_eq!(
        swept(&*journal, &bench.gateway, 9).await.swept.len(),
        1,
        "what may still be under way is left alone"
    );
    assert_eq!(journal.open(&PROVIDER, "acct-2", later(), 9).await.unwrap().len(), 5);
}

#[tokio::test]
async fn a_sweep_settles_stored_methods_and_says_so_without_subscriptions() {
    let (journal, bench) = journaled();
    let (kept, plan) = (
        attempt(PaymentOperation::Store, "s", None),
        attempt(PaymentOperation::CreateSubscription, "s", None),
    );
    journal.begin(&kept).await.unwrap();
    journal.begin(&plan).await.unwrap();
    let method = StoredMethod::new(handle("m"), MethodSummary::default());
    bench.fake.say(Answer::FoundStored(Ok(Lookup::Found(vec![method]))));
    let report = swept(&*journal, &bench.gateway, 9).await;
    assert_eq!(report.swept.len(), 2);
    assert!(report.swept.iter().any(|(_, swept)| matches!(swept, Swept::Stored(_))));
    assert!(
        report.swept.iter().any(
            |(_, swept)| matches!(swept, Swept::Failed(error) if error.kind() == ErrorKind::Unsupported)
        )
    );
    assert!(!record(&*journal, PaymentOperation::Store, "s").await.is_open());
    assert!(record(&*journal, PaymentOperation::CreateSubscription, "s").await.is_open());
}

#[tokio::test]
async fn a_journal_that_fails_ends_the_sweep() {
    let (journal, bench) = journaled();
    journal.begin(&sent("a", 0)).await.unwrap();
    journal.conclude.store(true, Ordering::SeqCst);
    bench.fake.say(Answer::Found(Ok(Lookup::Absent(Authority::Authoritative))));
    let result = sweep(&*journal, &bench.gateway, None, later(), later(), 9).await;
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Internal);
}

/// A gateway whose vendor keeps no keys.
fn keyless() -> Fake {
    let mut fake = Fake::new(Feature::ALL);
    fake.features = GatewayFeatures::new(Feature::ALL, Idempotency::LookupOnly).with_token_kinds(&["nonce"]);
    fake
}

#[tokio::test]
async fn without_keys_at_the_vendor_the_journal_keeps_an_attempt_from_being_sent_twice() {
    let journal = Arc::new(MemoryJournal::new());
    let fake = Arc::new(keyless());
    let gateway = CheckedGateway::new(
        fake.clone(),
        Environment::Sandbox,
        PaymentPolicy::default(),
        Arc::new(FixedClock::default()),
        Some(journal.clone()),
    );
    let asked = usd(500);
    let lost = || Error::new(ErrorKind::Timeout, "no answer").with_effect(Effect::Unknown);
    let refused = || Error::new(ErrorKind::InvalidRequest, "refused");

    // Refused: nothing happened, so the same key may be tried again.
    fake.say(Answer::Outcome(Err(refused())));
    gateway.purchase(&purchase("k", 500)).await.unwrap_err();
    // Lost: from here on nothing is sent under this key.
    fake.say(Answer::Outcome(Err(lost())));
    gateway.purchase(&purchase("k", 500)).await.unwrap_err();
    assert_eq!(fake.calls().len(), 2);
    let error = gateway.purchase(&purchase("k", 500)).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Conflict, Effect::Unknown));
    assert!(error.attempt().is_some());
    assert!(fake.calls().is_empty());

    // Done: the error names the payment.
    let paid = payment(PaymentOperation::Purchase, "p1", asked);
    fake.say(Answer::Outcome(Ok(Outcome::Approved(paid.clone()))));
    let _ = gateway.purchase(&purchase("other", 500)).await.unwrap();
    assert_eq!(fake.calls().len(), 1);
    let error = gateway.purchase(&purchase("other", 500)).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Conflict, Effect::Happened));
    assert_eq!(error.payment(), Some(&paid.reference));
    assert!(fake.calls().is_empty());
}

#[tokio::test]
async fn a_repetition_that_the_journal_refuses_leaves_the_first_send_unknown() {
    let journal = Arc::new(MemoryJournal::new());
    let fake = Arc::new(Fake::new(Feature::ALL));
    let gateway = CheckedGateway::new(
        fake.clone(),
        Environment::Sandbox,
        PaymentPolicy::default(),
        Arc::new(FixedClock::default()),
        Some(journal),
    );
    fake.say(Answer::Outcome(Err(Error::new(ErrorKind::Timeout, "no answer").with_effect(Effect::Unknown))));
    gateway.purchase(&purchase("k", 500)).await.unwrap_err();
    let error = gateway.purchase(&purchase("k", 600)).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Conflict, Effect::Unknown));
    assert_eq!(error.attempt().and_then(|attempt| attempt.amount), Some(usd(500)));
    assert_eq!(fake.calls().len(), 1);
}
