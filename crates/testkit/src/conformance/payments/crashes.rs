//! Dropped futures and killed processes: at most one effect, and the journal finds it.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::{Either, select};
use turnbuckle_core::payment::{
    Attempt, Conclusion, Feature, Journal, JournalRecord, MemoryJournal, PaymentRef, Swept, WireKey, sweep,
};
use turnbuckle_core::{Clock as _, Effect, Error, ErrorKind, ProviderId, Result};

use super::super::report::ensure;
use super::super::{Failed, Report};
use super::faults::Mover;
use super::{Done, Stage, Suite, Totals};
use crate::fault::DropAfterPolls;

/// More polls than any call takes.
const MOST_POLLS: usize = 400;

/// How often a sweep is repeated while something is unknown.
const SWEEPS: usize = 6;

pub(super) async fn run(suite: &Suite<'_>, report: &mut Report) {
    for (mover, feature) in Mover::ALL {
        if !suite.has(feature) {
            continue;
        }
        report.run(format!("dropped: {} at every poll", mover.name()), dropped(suite, mover)).await;
        for (name, step) in [
            ("before it is begun", Step::BeforeBegin),
            ("after it is begun", Step::AfterBegin),
            ("before it is concluded", Step::BeforeConclude),
            ("after it is concluded", Step::AfterConclude),
        ] {
            report.run(format!("killed: {} {name}", mover.name()), killed(suite, mover, step)).await;
        }
        let name = mover.name();
        report.run(format!("journal: {name} is not sent unless begun"), not_begun(suite, mover)).await;
        report
            .run(format!("journal: {name} answers though not concluded"), not_concluded(suite, mover))
            .await;
    }
}

async fn dropped(suite: &Suite<'_>, mover: Mover) -> Done {
    let whole = mover.whole_effect(suite).await?;
    let mut effects = 0;
    for polls in 0..MOST_POLLS {
        let journal = Arc::new(MemoryJournal::new());
        let stage = Stage::new(suite.fixture, |setup| setup.journal = Some(Arc::clone(&journal) as _))?;
        let on = mover.prepare(suite, &stage).await?;
        let before = stage.totals();
        let call = DropAfterPolls::new(mover.act(suite, &stage, on.as_ref()), polls);
        if call.await.is_some() {
            return ensure(polls > 0 && effects > 0, "no drop came after the effect, so nothing is shown");
        }
        let change = stage.totals().since(before);
        effects += usize::from(!change.nothing());
        let at = |failed: Failed| Failed::new(format!("dropped after {polls} polls: {failed}"));
        settled(suite, &stage, journal.as_ref(), change, whole).await.map_err(at)?;
    }
    Err(Failed::new(format!("not done after {MOST_POLLS} polls")))
}

/// One effect at most, and a sweep knows which.
async fn settled(
    suite: &Suite<'_>,
    stage: &Stage,
    journal: &dyn Journal,
    change: Totals,
    whole: Totals,
) -> Done {
    let happened = !change.nothing();
    ensure(!happened || change.same_money(whole), "the vendor's books show more or less than one effect")?;
    let begun = all(journal).await?.into_iter().find(|record| record.attempt.key.value() == "conformance-1");
    let Some(begun) = begun else {
        return ensure(!happened, "it happened, and the journal has no record of it");
    };
    if !suite.has(Feature::LookupByAttempt) {
        return Ok(());
    }
    if begun.is_open() {
        swept(suite, stage, journal, happened).await?;
    }
    let now = journal.get(&begun.attempt.wire_key).await?;
    let concluded = now.as_ref().and_then(|record| record.conclusion.as_ref());
    let Some(conclusion) = concluded else {
        return ensure(suite.cases.never_disproves && !happened, "the record is still open");
    };
    let moves = whole.captured != 0 || whole.refunded != 0;
    if moves && whole.captured >= 0 {
        ensure(
            conclusion.moved.is_some() == happened,
            format!("the journal says {:?}, which is not what the books say", conclusion.end),
        )?;
    }
    ensure(conclusion.payment.is_some() || !happened, "the journal does not name the payment")
}

async fn swept(suite: &Suite<'_>, stage: &Stage, journal: &dyn Journal, happened: bool) -> Done {
    for _ in 0..SWEEPS {
        // Far enough that no process could still be waiting.
        stage.advance(Duration::from_secs(120));
        let now = stage.setup.clock.now();
        let report = sweep(journal, stage.gateway.as_ref(), None, now, now, 100).await?;
        let mut again = None;
        for (record, swept) in report.swept {
            match swept {
                Swept::Payment(_) => ensure(happened, "nothing happened, and the sweep found something")?,
                Swept::DidNotHappen => ensure(!happened, "it happened, and the sweep denies it")?,
                Swept::StillUnknown { check_after } => again = Some(check_after),
                Swept::Failed(error) => return Err(Failed::new(format!("the sweep failed: {error}"))),
                _ => return Err(Failed::new(format!("the sweep found {:?}", record.attempt.operation))),
            }
        }
        let Some(check_after) = again else { return Ok(()) };
        let wait = check_after.signed_duration_since(now).to_std().unwrap_or_default();
        stage.advance(wait);
    }
    ensure(suite.cases.never_disproves && !happened, format!("still unknown after {SWEEPS} sweeps"))
}

async fn all(journal: &dyn Journal) -> Result<Vec<JournalRecord>> {
    let far = TimeDelta::days(36_500);
    journal.records(DateTime::<Utc>::UNIX_EPOCH - far, DateTime::<Utc>::UNIX_EPOCH + far + far).await
}

/// Where the process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    BeforeBegin,
    AfterBegin,
    BeforeConclude,
    AfterConclude,
}

/// Dies, or fails, at one step of the attempt under test; every other attempt passes.
#[derive(Debug)]
struct Trap {
    inner: Arc<MemoryJournal>,
    step: Step,
    fails: bool,
    armed: AtomicBool,
    sprung: AtomicBool,
    calls: AtomicUsize,
}

impl Trap {
    fn new(inner: Arc<MemoryJournal>, step: Step, fails: bool) -> Self {
        let (armed, sprung) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { inner, step, fails, armed, sprung, calls: AtomicUsize::new(0) }
    }

    async fn at(&self, step: Step) -> Result<()> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        if step != self.step || !self.armed.load(Ordering::SeqCst) {
            return Ok(());
        }
        if self.fails {
            return Err(Error::new(ErrorKind::Internal, "the journal's disk is full"));
        }
        self.sprung.store(true, Ordering::SeqCst);
        std::future::pending().await
    }
}

#[async_trait]
impl Journal for Trap {
    async fn begin(&self, attempt: &Attempt) -> Result<()> {
        self.at(Step::BeforeBegin).await?;
        self.inner.begin(attempt).await?;
        self.at(Step::AfterBegin).await
    }

    async fn conclude(&self, key: &WireKey, conclusion: &Conclusion) -> Result<()> {
        self.at(Step::BeforeConclude).await?;
        self.inner.conclude(key, conclusion).await?;
        self.at(Step::AfterConclude).await
    }

    async fn get(&self, key: &WireKey) -> Result<Option<JournalRecord>> {
        self.inner.get(key).await
    }

    async fn open(
        &self,
        provider: &ProviderId,
        account: &str,
        sent_before: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<JournalRecord>> {
        self.inner.open(provider, account, sent_before, limit).await
    }

    async fn records(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<Vec<JournalRecord>> {
        self.inner.records(from, until).await
    }
}

struct Trapped {
    stage: Stage,
    trap: Arc<Trap>,
    on: Option<PaymentRef>,
    before: Totals,
}

async fn trapped(suite: &Suite<'_>, mover: Mover, step: Step, fails: bool) -> Result<Trapped, Failed> {
    let trap = Arc::new(Trap::new(Arc::new(MemoryJournal::new()), step, fails));
    let stage = Stage::new(suite.fixture, |setup| setup.journal = Some(Arc::clone(&trap) as _))?;
    let on = mover.prepare(suite, &stage).await?;
    let before = stage.totals();
    stage.faults().clear();
    trap.armed.store(true, Ordering::SeqCst);
    Ok(Trapped { stage, trap, on, before })
}

async fn killed(suite: &Suite<'_>, mover: Mover, step: Step) -> Done {
    let whole = mover.whole_effect(suite).await?;
    let Trapped { mut stage, trap, on, before } = trapped(suite, mover, step, false).await?;
    {
        let call = pin!(mover.act(suite, &stage, on.as_ref()));
        let death = pin!(poll_fn(|_| if trap.sprung.load(Ordering::SeqCst) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }));
        if let Either::Left((result, _)) = select(call, death).await {
            return Err(match result? {
                Ok(outcome) => {
                    Failed::new(format!("the journal was not asked; came out as {}", outcome.as_str()))
                }
                Err(error) => Failed::new(format!("the journal was not asked: {error}")),
            });
        }
    }
    if matches!(step, Step::BeforeBegin | Step::AfterBegin) {
        ensure(stage.faults().requests() == 0, "something was sent before the record was written")?;
    }
    // What is left of the process is its journal: another one takes over.
    let change = stage.totals().since(before);
    stage.setup.journal = Some(Arc::clone(&trap.inner) as _);
    let connection = stage.bench.connect(&stage.setup)?;
    stage.gateway = connection.payments().ok_or_else(|| Failed::new("the connection has no payments"))?;
    settled(suite, &stage, trap.inner.as_ref(), change, whole).await
}

async fn not_begun(suite: &Suite<'_>, mover: Mover) -> Done {
    let Trapped { stage, on, before, .. } = trapped(suite, mover, Step::BeforeBegin, true).await?;
    let result = mover.act(suite, &stage, on.as_ref()).await?;
    ensure(stage.faults().requests() == 0, "the journal refused, and it was sent all the same")?;
    ensure(stage.totals().since(before).nothing(), "the journal refused, and money moved")?;
    match result {
        Ok(outcome) => Err(Failed::new(format!("came out as {}", outcome.as_str()))),
        Err(error) => ensure(error.effect() == Effect::None, "the error does not say that nothing happened"),
    }
}

async fn not_concluded(suite: &Suite<'_>, mover: Mover) -> Done {
    let Trapped { stage, trap, on, before } = trapped(suite, mover, Step::BeforeConclude, true).await?;
    let outcome = mover.act(suite, &stage, on.as_ref()).await??;
    super::approved(outcome)?;
    ensure(trap.calls.load(Ordering::SeqCst) > 0, "the journal was not asked")?;
    let change = stage.totals().since(before);
    ensure(!change.nothing(), "approved, and nothing happened")
}
