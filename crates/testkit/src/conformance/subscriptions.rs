//! The subscription suite.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use turnbuckle_core::payment::{
    CancelWhen, IdempotencyKey, MerchantReference, Outcome, PaymentMethod, PaymentRef, Plan, Resolution,
    Subscription, SubscriptionFeature, SubscriptionRequest, SubscriptionStatus, SubscriptionUpdate,
    Subscriptions, resolve_subscription,
};
use turnbuckle_core::{Clock as _, Effect, Error, ErrorKind};

use super::report::ensure;
use super::{Bench, Failed, Fixture, Report, Setup, SubscriptionCases};
use crate::fault::Fault;

type Done = Result<(), Failed>;

struct Stage {
    bench: Box<dyn Bench>,
    setup: Setup,
    subscriptions: Arc<dyn Subscriptions>,
}

impl Stage {
    fn new(fixture: &dyn Fixture) -> Result<Self, Failed> {
        let bench = fixture.bench();
        let setup = Setup::new(fixture.credentials(), bench.clock());
        let connection = bench.connect(&setup)?;
        let subscriptions =
            connection.subscriptions().ok_or_else(|| Failed::new("the connection has no subscriptions"))?;
        Ok(Self { bench, setup, subscriptions })
    }

    fn key(&self, name: &str) -> Result<IdempotencyKey, Failed> {
        Ok(IdempotencyKey::new(format!("conformance-{name}"), self.setup.clock.now())?)
    }

    fn request(&self, cases: &SubscriptionCases, name: &str) -> Result<SubscriptionRequest, Failed> {
        let reference = MerchantReference::new(format!("CONF{name}"))?;
        Ok(SubscriptionRequest::new(cases.method.clone(), cases.plan.clone(), self.key(name)?, reference))
    }

    async fn started(&self, cases: &SubscriptionCases, name: &str) -> Result<Subscription, Failed> {
        let outcome = self.subscriptions.create(&self.request(cases, name)?).await?;
        outcome.subscription.ok_or_else(|| Failed::new("nothing was started"))
    }
}

pub(super) async fn run(fixture: &dyn Fixture, cases: &SubscriptionCases, report: &mut Report) {
    report.run("subscriptions: start", starts(fixture, cases)).await;
    report.run("subscriptions: the same key once", once(fixture, cases)).await;
    report.run("subscriptions: end, twice", ends(fixture, cases)).await;
    report.run("subscriptions: end with the period", ends_later(fixture, cases)).await;
    report.run("subscriptions: history", history(fixture, cases)).await;
    report.run("subscriptions: a lost answer is found", lost(fixture, cases, &Fault::ResetAfter)).await;
    report.run("subscriptions: a lost request is disproved", lost(fixture, cases, &Fault::ResetBefore)).await;
    report.run("subscriptions: what is declared and what is not", declares(fixture, cases)).await;
    report.run("subscriptions: start again", again(fixture, cases)).await;
    if let Some(plan) = &cases.other_plan {
        report.run("subscriptions: another plan", changes(fixture, cases, plan)).await;
        report.run("subscriptions: another plan, its answer lost", loses_change(fixture, cases, plan)).await;
    }
    if let Some(method) = &cases.declined {
        report.run("subscriptions: a declined first payment", declined(fixture, cases, method)).await;
    }
}

/// What is not declared is refused with nothing sent, and what is declared has its case.
async fn declares(fixture: &dyn Fixture, cases: &SubscriptionCases) -> Done {
    use SubscriptionFeature::{
        CancelAtPeriodEnd, ChangeDescription, ChangeMethod, ChangePlan, Metadata, PaymentCount, Reactivate,
        RetryPayment, StartsOn, Trial,
    };
    let stage = Stage::new(fixture)?;
    let subscriptions = stage.subscriptions.as_ref();
    let declared = |feature| subscriptions.features().has(feature);
    ensure(declared(ChangePlan) == cases.other_plan.is_some(), "`change of plan` and its case disagree")?;
    let none = PaymentRef::new(subscriptions.provider().clone(), "subscription", "none");
    let request = stage.request(cases, "9")?;
    let update = SubscriptionUpdate::new(none.clone(), stage.key("9")?);
    let day = stage.setup.clock.now().date_naive() + TimeDelta::days(9);
    for feature in SubscriptionFeature::ALL.iter().copied().filter(|feature| !declared(*feature)) {
        let create = async |request: SubscriptionRequest| subscriptions.create(&request).await.map(drop);
        let change = async |update: SubscriptionUpdate| subscriptions.update(&update).await.map(drop);
        let result = match feature {
            StartsOn => create(request.clone().with_starts_on(day)).await,
            Trial => create(request.clone().with_trial_days(7)).await,
            PaymentCount => create(request.clone().with_payments(3)).await,
            Metadata => create(request.clone().with_metadata("name", "value")).await,
            ChangePlan => change(update.clone().with_plan(cases.plan.clone())).await,
            ChangeMethod => change(update.clone().with_method(cases.method.clone())).await,
            ChangeDescription => change(update.clone().with_description("words")).await,
            CancelAtPeriodEnd => subscriptions.cancel(&none, CancelWhen::PeriodEnd).await.map(drop),
            Reactivate => subscriptions.reactivate(&none, &stage.key("9")?).await.map(drop),
            RetryPayment => subscriptions.retry_payment(&none, &stage.key("9")?).await.map(drop),
            // Plans and methods of other kinds have no case that they could be shown with.
            _ => continue,
        };
        let kind = result.as_ref().map_err(Error::kind);
        ensure(kind == Err(ErrorKind::Unsupported), format!("`{}` is not refused", feature.as_str()))?;
    }
    ensure(stage.bench.subscriptions() == 0, "something that is not declared was started")
}

async fn starts(fixture: &dyn Fixture, cases: &SubscriptionCases) -> Done {
    let stage = Stage::new(fixture)?;
    let outcome = stage.subscriptions.create(&stage.request(cases, "1")?).await?;
    let started = outcome.subscription.ok_or_else(|| Failed::new("nothing was started"))?;
    ensure(!started.live, "a sandbox subscription claims to be live")?;
    if let (Plan::Inline { amount, every }, Some(told)) = (&cases.plan, started.amount) {
        ensure(told == *amount, "another amount")?;
        ensure(started.every.is_none_or(|told| told == *every), "another interval")?;
    }
    if let Some(first) = &outcome.first_payment {
        ensure(!matches!(first, Outcome::Declined(_)), "the first payment was declined")?;
    }
    let got = stage.subscriptions.get(&started.reference).await?;
    ensure(got.reference.id() == started.reference.id(), "`get` returns another one")?;
    ensure(got.status == started.status, "`get` returns another status")?;
    ensure(stage.bench.subscriptions() == 1, "the vendor did not start one subscription")
}

async fn once(fixture: &dyn Fixture, cases: &SubscriptionCases) -> Done {
    let stage = Stage::new(fixture)?;
    let request = stage.request(cases, "1")?;
    let first = stage.subscriptions.create(&request).await?.subscription;
    let again = stage.subscriptions.create(&request).await;
    ensure(stage.bench.subscriptions() == 1, "the same key started a second subscription")?;
    if let (Some(first), Ok(again)) = (first, again) {
        let same = again.subscription.is_some_and(|again| again.reference.id() == first.reference.id());
        ensure(same, "the repetition names another subscription")?;
    }
    Ok(())
}

fn over(subscription: &Subscription) -> bool {
    matches!(subscription.status, SubscriptionStatus::Cancelled | SubscriptionStatus::Completed)
}

async fn ends(fixture: &dyn Fixture, cases: &SubscriptionCases) -> Done {
    let stage = Stage::new(fixture)?;
    let started = stage.started(cases, "1").await?;
    for _ in 0..2 {
        let ended = stage.subscriptions.cancel(&started.reference, CancelWhen::Now).await?;
        ensure(over(&ended), "ended, and its status says otherwise")?;
    }
    ensure(over(&stage.subscriptions.get(&started.reference).await?), "`get` says that it goes on")
}

async fn ends_later(fixture: &dyn Fixture, cases: &SubscriptionCases) -> Done {
    let stage = Stage::new(fixture)?;
    let started = stage.started(cases, "1").await?;
    match stage.subscriptions.cancel(&started.reference, CancelWhen::PeriodEnd).await {
        Ok(ending) => ensure(over(&ending) || ending.ends_at.is_some(), "no end was set"),
        Err(error) => ensure(
            error.kind() == ErrorKind::Unsupported
                && !stage.subscriptions.features().has(SubscriptionFeature::CancelAtPeriodEnd),
            format!("declared, and refused: {error}"),
        ),
    }
}

async fn history(fixture: &dyn Fixture, cases: &SubscriptionCases) -> Done {
    let stage = Stage::new(fixture)?;
    let outcome = stage.subscriptions.create(&stage.request(cases, "1")?).await?;
    let started = outcome.subscription.ok_or_else(|| Failed::new("nothing was started"))?;
    let payments = stage.subscriptions.history(&started.reference, 10).await?;
    if let Some(first) = outcome.first_payment.as_ref().and_then(Outcome::approved) {
        let found = payments.iter().any(|payment| payment.reference.id() == first.reference.id());
        ensure(found, "the first payment is not in the history")?;
    }
    ensure(stage.subscriptions.history(&started.reference, 0).await?.is_empty(), "the limit is not kept")
}

async fn changes(fixture: &dyn Fixture, cases: &SubscriptionCases, plan: &Plan) -> Done {
    let stage = Stage::new(fixture)?;
    let started = stage.started(cases, "1").await?;
    let mut update = SubscriptionUpdate::new(started.reference.clone(), stage.key("2")?);
    update.plan = Some(plan.clone());
    stage.subscriptions.update(&update).await?;
    let got = stage.subscriptions.get(&started.reference).await?;
    match (plan, got.amount) {
        (Plan::Inline { amount, .. }, Some(told)) => ensure(told == *amount, "the amount did not change"),
        _ => Ok(()),
    }
}

/// Each request of a change loses its answer in turn; what is found out is what the subscription says.
async fn loses_change(fixture: &dyn Fixture, cases: &SubscriptionCases, plan: &Plan) -> Done {
    let Plan::Inline { amount, .. } = plan else { return Ok(()) };
    let mut unknown = 0;
    for number in 1..=12 {
        let stage = Stage::new(fixture)?;
        let started = stage.started(cases, "1").await?;
        let update = SubscriptionUpdate::new(started.reference.clone(), stage.key("2")?);
        stage.setup.faults.from_request(number, Fault::ResetAfter);
        let result = stage.subscriptions.update(&update.with_plan(plan.clone())).await;
        let met = stage.setup.faults.met() > 0;
        stage.setup.faults.clear();
        let error = match result {
            Ok(_) if met => continue,
            Ok(_) => break,
            Err(error) => error,
        };
        let now_costs = stage.subscriptions.get(&started.reference).await?.amount;
        let changed = now_costs.is_none_or(|costs| costs == *amount);
        if error.effect() == Effect::None {
            ensure(!changed, "it was changed, and the error denies it")?;
            continue;
        }
        unknown += 1;
        let attempt = error.attempt().ok_or_else(|| Failed::new("the error has no attempt"))?;
        let late = attempt.last_sent_at + TimeDelta::hours(1);
        match resolve_subscription(stage.subscriptions.as_ref(), attempt, late).await? {
            Resolution::Happened(_) => ensure(changed, "nothing was changed, and one was found")?,
            Resolution::DidNotHappen => ensure(!changed, "it was changed, and the lookup denies it")?,
            _ => ensure(now_costs.is_none(), "still unknown, though the vendor tells")?,
        }
    }
    ensure(unknown > 0, "no answer was lost, so nothing is shown")
}

async fn declined(fixture: &dyn Fixture, cases: &SubscriptionCases, method: &PaymentMethod) -> Done {
    let stage = Stage::new(fixture)?;
    let mut request = stage.request(cases, "1")?;
    request.method = method.clone();
    let outcome = stage.subscriptions.create(&request).await?;
    let declined = matches!(outcome.first_payment, Some(Outcome::Declined(_)));
    ensure(declined, "the first payment was not declined")?;
    let paid = outcome.subscription.is_some_and(|made| made.status == SubscriptionStatus::Active);
    ensure(!paid, "an unpaid subscription is active")?;
    ensure(stage.bench.ledger().iter().all(|entry| entry.captured.is_zero()), "money was taken")
}

async fn again(fixture: &dyn Fixture, cases: &SubscriptionCases) -> Done {
    let stage = Stage::new(fixture)?;
    let started = stage.started(cases, "1").await?;
    stage.subscriptions.cancel(&started.reference, CancelWhen::Now).await?;
    if !stage.subscriptions.features().has(SubscriptionFeature::Reactivate) {
        return Ok(());
    }
    match stage.subscriptions.reactivate(&started.reference, &stage.key("2")?).await {
        Ok(running) => ensure(!over(&running), "started again, and still over"),
        // Some vendors bring back what is suspended, and not what is over.
        Err(error) => ensure(
            matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::Conflict),
            format!("neither done nor refused: {error}"),
        ),
    }
}

async fn lost(fixture: &dyn Fixture, cases: &SubscriptionCases, fault: &Fault) -> Done {
    let mut unknown = 0;
    for number in 1..=12 {
        let stage = Stage::new(fixture)?;
        stage.setup.faults.from_request(number, fault.clone());
        let result = stage.subscriptions.create(&stage.request(cases, "1")?).await;
        if stage.setup.faults.met() == 0 {
            break;
        }
        stage.setup.faults.clear();
        let happened = stage.bench.subscriptions() > 0;
        ensure(stage.bench.subscriptions() <= 1, "more than one subscription was started")?;
        let Err(error) = result else {
            ensure(happened, "nothing was started, and the answer says so")?;
            continue;
        };
        if error.effect() == Effect::None {
            ensure(!happened, "it was started, and the error denies it")?;
            continue;
        }
        unknown += 1;
        let attempt = error.attempt().ok_or_else(|| Failed::new("the error has no attempt"))?;
        let mut settled = false;
        for _ in 0..6 {
            let now = stage.setup.clock.now();
            match resolve_subscription(stage.subscriptions.as_ref(), attempt, now).await? {
                Resolution::Happened(_) => ensure(happened, "nothing was started, and one was found")?,
                Resolution::DidNotHappen => ensure(!happened, "it was started, and the lookup denies it")?,
                Resolution::StillUnknown { check_after } => {
                    let wait = check_after.signed_duration_since(now).to_std().unwrap_or_default();
                    stage.setup.clock.advance(wait + Duration::from_secs(1));
                    stage.bench.clock_moved(&stage.setup.clock);
                    continue;
                }
                _ => return Err(Failed::new("a resolution that this suite does not know")),
            }
            settled = true;
            break;
        }
        ensure(settled || !happened, "it was started, and nobody finds it")?;
    }
    ensure(unknown > 0, "no answer was lost, so nothing is shown")
}
