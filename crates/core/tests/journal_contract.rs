//! What every journal promises, held against both that core brings.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod payment_support;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use payment_support::*;
use turnbuckle_core::payment::*;
use turnbuckle_core::{Effect, ErrorKind};

fn at(seconds: i64) -> DateTime<Utc> {
    start() + TimeDelta::seconds(seconds)
}

fn sent(value: &str, minor: i64, seconds: i64) -> Attempt {
    let key = IdempotencyKey::new(value, at(seconds)).unwrap();
    Attempt::new(&PROVIDER, ACCOUNT, PaymentOperation::Purchase, &key, at(seconds))
        .with_amount(Some(usd(minor)))
}

fn done() -> Conclusion {
    let mut done = Conclusion::new(at(9), End::Done).with_payment(handle("p").with_detail("last4", "4242"));
    done.moved = Some(usd(100));
    done
}

fn end(end: End) -> Conclusion {
    Conclusion::new(at(9), end)
}

async fn keeps_its_promises(journal: &dyn Journal) {
    let (a, b, c) = (sent("a", 100, 30), sent("b", 200, 10), sent("c", 300, 20));
    assert_eq!(journal.get(&a.wire_key).await.unwrap(), None);
    for attempt in [&a, &b, &c] {
        journal.begin(attempt).await.unwrap();
    }
    let record = journal.get(&a.wire_key).await.unwrap().unwrap();
    assert_eq!(record, JournalRecord::new(a.clone()));
    assert!(record.is_open() && record.moved().is_none() && record.payment().is_none());

    let open = async |before: i64, limit: usize| -> Vec<String> {
        let open = journal.open(&PROVIDER, ACCOUNT, at(before), limit).await.unwrap();
        open.iter().map(|record| record.attempt.key.value().to_owned()).collect()
    };
    assert_eq!(open(99, 9).await, ["b", "c", "a"], "oldest first");
    assert_eq!(open(99, 2).await, ["b", "c"]);
    assert_eq!(open(99, 0).await, [""; 0]);
    assert_eq!(open(20, 9).await, ["b"], "before, not at");
    assert!(journal.open(&PROVIDER, "acct-2", at(99), 9).await.unwrap().is_empty());
    let other = turnbuckle_core::ProviderId::from_static("other");
    assert!(journal.open(&other, ACCOUNT, at(99), 9).await.unwrap().is_empty());

    let within = async |from: i64, until: i64| journal.records(at(from), at(until)).await.unwrap().len();
    assert_eq!(within(0, 99).await, 3);
    assert_eq!((within(10, 20).await, within(10, 21).await, within(11, 20).await), (1, 2, 0));

    journal.conclude(&a.wire_key, &done()).await.unwrap();
    let record = journal.get(&a.wire_key).await.unwrap().unwrap();
    assert_eq!((record.conclusion.clone(), record.moved()), (Some(done()), Some(usd(100))));
    assert_eq!(record.payment().unwrap().detail("last4"), Some("4242"));
    assert_eq!(open(99, 9).await, ["b", "c"]);
    let missing = journal.conclude(&sent("z", 1, 1).wire_key, &done()).await.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);

    // A repetition opens the record again, keeps the first time and remembers the last.
    let mut again = sent("a", 100, 30);
    again.last_sent_at = at(50);
    again.started_at = at(40);
    journal.begin(&again).await.unwrap();
    let record = journal.get(&a.wire_key).await.unwrap().unwrap();
    assert!(record.is_open() && record.repeated);
    assert_eq!((record.attempt.started_at, record.attempt.last_sent_at), (at(30), at(50)));
    journal.begin(&a).await.unwrap();
    assert_eq!(
        journal.get(&a.wire_key).await.unwrap().unwrap().attempt.last_sent_at,
        at(50),
        "never backwards"
    );

    // Refusing the repetition says nothing about the first send; anything else does.
    journal.conclude(&a.wire_key, &end(End::Refused)).await.unwrap();
    assert!(journal.get(&a.wire_key).await.unwrap().unwrap().is_open());
    journal.conclude(&a.wire_key, &done()).await.unwrap();
    journal.conclude(&a.wire_key, &end(End::Refused)).await.unwrap();
    assert_eq!(journal.get(&a.wire_key).await.unwrap().unwrap().conclusion, Some(done()));
    // A send after a refused one is a first send again.
    journal.conclude(&b.wire_key, &end(End::Refused)).await.unwrap();
    journal.begin(&b).await.unwrap();
    assert!(!journal.get(&b.wire_key).await.unwrap().unwrap().repeated);
    journal.conclude(&b.wire_key, &end(End::Refused)).await.unwrap();
    assert!(!journal.get(&b.wire_key).await.unwrap().unwrap().is_open());

    // The same key for something else.
    let with = |change: fn(&mut Attempt)| {
        let mut other = sent("c", 300, 20);
        change(&mut other);
        other
    };
    for (other, settled) in [
        with(|other| other.amount = Some(usd(301))),
        with(|other| other.amount = None),
        with(|other| other.parent = Some(handle("p"))),
        with(|other| other.merchant_reference = Some(order("o"))),
        with(|other| other.sub_account = Some("s".into())),
        with(|other| other.operation = PaymentOperation::Refund),
    ]
    .iter()
    .zip([false; 6])
    .chain([(&with(|other| other.amount = Some(usd(1))), true)])
    {
        if settled {
            journal.conclude(&c.wire_key, &done()).await.unwrap();
        }
        let error = journal.begin(other).await.unwrap_err();
        let effect = if settled { Effect::None } else { Effect::Unknown };
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Conflict, effect));
        assert_eq!(error.attempt(), Some(&c), "the first attempt, to resolve it by");
        let record = journal.get(&c.wire_key).await.unwrap().unwrap();
        assert_eq!((&record.attempt, record.is_open()), (&c, !settled), "a conflict changes nothing");
    }
}

async fn takes_many_at_once(journal: Arc<dyn Journal>) {
    let tasks: Vec<_> = (0..1000)
        .map(|index| {
            let journal = journal.clone();
            tokio::spawn(async move {
                let attempt = sent(&format!("many-{index}"), index + 1, index);
                journal.begin(&attempt).await.unwrap();
                if index % 2 == 0 {
                    journal.conclude(&attempt.wire_key, &done()).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(journal.records(at(0), at(5000)).await.unwrap().len(), 1000);
    assert_eq!(journal.open(&PROVIDER, ACCOUNT, at(5000), 5000).await.unwrap().len(), 500);
}

#[tokio::test]
async fn memory_keeps_its_promises() {
    keeps_its_promises(&MemoryJournal::new()).await;
    takes_many_at_once(Arc::new(MemoryJournal::default())).await;
}

#[tokio::test]
async fn a_file_keeps_its_promises_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let all = async |journal: &FileJournal| journal.records(at(0), at(99)).await.unwrap();
    let journal = FileJournal::open(&path).unwrap();
    keeps_its_promises(&journal).await;
    let before = all(&journal).await;
    drop(journal);
    let journal = FileJournal::open(&path).unwrap();
    assert_eq!(all(&journal).await, before);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.lines().all(|line| line.as_bytes()[8] == b' ' && line[9..].starts_with('{')));
}

/// On one thread a journal whose queue is full must not wait for itself.
#[tokio::test(flavor = "current_thread")]
async fn a_file_takes_many_at_once_on_one_thread() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    takes_many_at_once(Arc::new(FileJournal::open(&path).unwrap())).await;
    let again = FileJournal::open(&path).unwrap();
    assert_eq!(again.records(at(0), at(5000)).await.unwrap().len(), 1000);
    assert_eq!(again.open(&PROVIDER, ACCOUNT, at(5000), 5000).await.unwrap().len(), 500);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_file_takes_many_at_once_on_many_threads() {
    let folder = tempfile::tempdir().unwrap();
    takes_many_at_once(Arc::new(FileJournal::open(folder.path().join("journal")).unwrap())).await;
}

#[tokio::test]
async fn a_full_journal_takes_repetitions_and_ends_but_nothing_new() {
    let journal = MemoryJournal::with_capacity(2);
    let (a, b, c) = (sent("a", 1, 0), sent("b", 2, 0), sent("c", 3, 0));
    journal.begin(&a).await.unwrap();
    journal.begin(&b).await.unwrap();
    let error = journal.begin(&c).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Internal, Effect::None));
    journal.begin(&a).await.unwrap();
    journal.conclude(&b.wire_key, &done()).await.unwrap();
    assert_eq!(journal.get(&c.wire_key).await.unwrap(), None);
}

#[test]
fn ends_say_what_is_known() {
    use turnbuckle_core::Error;
    let bought = sent("a", 100, 0);
    let right = payment(PaymentOperation::Purchase, "p", usd(100));
    let of = |outcome: &Outcome| Conclusion::of_outcome(&bought, outcome, at(1));
    let done = of(&Outcome::Approved(right.clone()));
    assert_eq!((done.end, done.moved, done.payment), (End::Done, Some(usd(100)), Some(handle("p"))));
    let mut part = right.clone();
    part.amounts.captured = usd(60);
    let part = of(&Outcome::PartiallyApproved(part));
    assert_eq!((part.end, part.moved), (End::Done, Some(usd(60))), "a part moved a part");
    let action = NextAction::ClientConfirm { client_secret: "s".to_owned().into() };
    for pending in [
        Outcome::Processing(right.clone()),
        Outcome::Held(right.clone()),
        Outcome::RequiresAction(right.clone(), action),
    ] {
        let pending = of(&pending);
        assert_eq!((pending.end, pending.moved, pending.payment), (End::Pending, None, Some(handle("p"))));
    }
    let mut decline = Decline::new(DeclineReason::Fraud, DeclineAdvice::AskBank);
    decline.payment = Some(handle("kept"));
    assert_eq!(of(&Outcome::Declined(decline.clone())).payment, Some(handle("kept")));
    decline.open_authorization = Some(handle("left"));
    let declined = of(&Outcome::Declined(decline));
    assert_eq!((declined.end, declined.moved, declined.payment), (End::Declined, None, Some(handle("left"))));

    let authorized = attempt(PaymentOperation::Authorize, "a", Some(usd(100)));
    let reserved = Outcome::Approved(payment(PaymentOperation::Authorize, "p", usd(100)));
    assert_eq!(
        Conclusion::of_outcome(&authorized, &reserved, at(1)).moved,
        None,
        "a reservation moves nothing"
    );
    let captured = attempt(PaymentOperation::Capture, "a", Some(usd(40)));
    let mut total = payment(PaymentOperation::Capture, "p", usd(40));
    total.amounts.captured = usd(70);
    assert_eq!(
        Conclusion::of_payment(&captured, &total, at(1)).moved,
        Some(usd(40)),
        "its own part of the total"
    );

    let of = |lifecycle| {
        let mut found = right.clone();
        found.lifecycle = lifecycle;
        let found = Conclusion::of_payment(&bought, &found, at(1));
        (found.end, found.moved)
    };
    assert_eq!(of(Lifecycle::Pending), (End::Pending, None));
    assert_eq!(of(Lifecycle::Failed), (End::Declined, None));
    assert_eq!(of(Lifecycle::Settled), (End::Done, Some(usd(100))));
    let error = |effect| Error::new(ErrorKind::Timeout, "t").with_effect(effect).with_payment(handle("p"));
    assert_eq!(Conclusion::of_error(&error(Effect::Unknown), at(1)), None);
    assert_eq!(Conclusion::of_error(&error(Effect::None), at(1)).unwrap().end, End::Refused);
    let wrong = Conclusion::of_error(&error(Effect::Happened), at(1)).unwrap();
    assert_eq!((wrong.end, wrong.payment), (End::Wrong, Some(handle("p"))));
}
