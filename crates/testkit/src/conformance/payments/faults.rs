//! Lost answers: what an error claims about its effect agrees with the vendor's books, and so does what is found out
//! later.

use turnbuckle_core::Clock as _;
use turnbuckle_core::payment::{
    CaptureRequest, CreditRequest, Feature, MerchantReference, Outcome, PaymentRef, RefundRequest,
    Resolution, VoidRequest, resolve,
};
use turnbuckle_core::{Effect, Error};

use super::super::report::ensure;
use super::super::{Failed, Report};
use super::{Done, Stage, Suite, Totals};
use crate::fault::Fault;

/// More requests than any one operation takes.
const MOST_REQUESTS: usize = 12;

/// How often an attempt that is still unknown is looked up again.
const LOOKUPS: usize = 6;

/// A call that moves money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mover {
    Purchase,
    Authorize,
    Capture,
    Void,
    Refund,
    Credit,
}

impl Mover {
    pub(super) const ALL: [(Self, Feature); 6] = [
        (Self::Purchase, Feature::Purchase),
        (Self::Authorize, Feature::Authorize),
        (Self::Capture, Feature::Authorize),
        (Self::Void, Feature::Authorize),
        (Self::Refund, Feature::Refund),
        (Self::Credit, Feature::UnlinkedCredit),
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Purchase => "purchase",
            Self::Authorize => "authorize",
            Self::Capture => "capture",
            Self::Void => "void",
            Self::Refund => "refund",
            Self::Credit => "credit",
        }
    }

    /// What must exist first.
    pub(super) async fn prepare(
        self,
        suite: &Suite<'_>,
        stage: &Stage,
    ) -> Result<Option<PaymentRef>, Failed> {
        let case = &suite.cases.approved;
        Ok(match self {
            Self::Purchase | Self::Authorize | Self::Credit => None,
            Self::Capture | Self::Void => Some(stage.authorized(case, "0").await?.reference),
            Self::Refund => {
                let payment = stage.paid(case, "0").await?;
                stage.bench.settle();
                Some(payment.reference)
            }
        })
    }

    pub(super) async fn act(
        self,
        suite: &Suite<'_>,
        stage: &Stage,
        on: Option<&PaymentRef>,
    ) -> Result<turnbuckle_core::Result<Outcome>, Failed> {
        let case = &suite.cases.approved;
        let key = stage.key("1")?;
        let on = || on.cloned().ok_or_else(|| Failed::new("nothing was prepared"));
        Ok(match self {
            Self::Purchase => stage.gateway.purchase(&stage.request(case, "1")?).await,
            Self::Authorize => stage.gateway.authorize(&stage.request(case, "1")?).await,
            Self::Capture => stage.gateway.capture(&CaptureRequest::new(on()?, key)).await,
            Self::Void => stage.gateway.void(&VoidRequest::new(on()?, key)).await,
            Self::Refund => stage.gateway.refund(&RefundRequest::new(on()?, key)).await,
            Self::Credit => {
                let reference = MerchantReference::new("CONF1")?;
                let request = CreditRequest::new(case.amount, case.method.clone(), key, reference);
                stage.gateway.credit(&request).await
            }
        })
    }

    /// What the call does to the books when nothing goes wrong.
    pub(super) async fn whole_effect(self, suite: &Suite<'_>) -> Result<Totals, Failed> {
        let stage = suite.stage()?;
        let on = self.prepare(suite, &stage).await?;
        let before = stage.totals();
        let outcome = self.act(suite, &stage, on.as_ref()).await??;
        super::approved(outcome)?;
        Ok(stage.totals().since(before))
    }
}

/// Everything that can go wrong with one request, by name.
pub(in super::super) fn named() -> [(&'static str, Fault); 16] {
    [
        ("no connection", Fault::ConnectRefused),
        ("reset before the effect", Fault::ResetBefore),
        ("reset after the effect", Fault::ResetAfter),
        ("timeout before the effect", Fault::TimeoutBefore),
        ("timeout after the effect", Fault::TimeoutAfter),
        ("truncated answer", Fault::Truncated),
        ("answer that is not UTF-8", Fault::BadUtf8),
        ("answer nested too deep", Fault::DeepJson),
        ("502 with a page", Fault::HtmlBadGateway),
        ("oversized answer", Fault::Oversized),
        ("compressed answer", Fault::Compressed),
        ("500 before the effect", Fault::ServerError { after_effect: false }),
        ("500 after the effect", Fault::ServerError { after_effect: true }),
        ("429", Fault::TooManyRequests { retry_after: None }),
        ("429 with a pause", Fault::TooManyRequests { retry_after: Some(2) }),
        ("redirect to another host", Fault::Redirect { location: "https://elsewhere.test/".to_owned() }),
    ]
}

pub(super) async fn run(suite: &Suite<'_>, report: &mut Report) {
    let faults = named();
    for (mover, feature) in Mover::ALL {
        if !suite.has(feature) {
            continue;
        }
        for (name, fault) in &faults {
            let name = format!("faults: {}, {name}", mover.name());
            report.run(name, survives(suite, mover, fault)).await;
        }
    }
}

/// Spoils each request of the call in turn, once and for good.
async fn survives(suite: &Suite<'_>, mover: Mover, fault: &Fault) -> Done {
    let whole = mover.whole_effect(suite).await?;
    let (mut met, mut unknown) = (0, 0);
    for for_good in [true, false] {
        for number in 1..=MOST_REQUESTS {
            let stage = suite.stage()?;
            let on = mover.prepare(suite, &stage).await?;
            let before = stage.totals();
            stage.faults().clear();
            if for_good {
                stage.faults().from_request(number, fault.clone());
            } else {
                stage.faults().on_request(number, fault.clone());
            }
            let result = mover.act(suite, &stage, on.as_ref()).await?;
            if stage.faults().met() == 0 {
                break;
            }
            met += 1;
            stage.faults().clear();
            let change = stage.totals().since(before);
            let at = |failed: Failed| {
                let kind = if for_good { "from" } else { "at" };
                Failed::new(format!("{kind} request {number}: {failed}"))
            };
            truthful(&result, change, whole).map_err(at)?;
            let Err(error) = result else { continue };
            if error.effect() == Effect::Unknown {
                unknown += usize::from(!change.nothing());
                found_out(suite, &stage, &error, !change.nothing()).await.map_err(at)?;
            }
        }
    }
    ensure(met > 0, "the call sent nothing, so nothing could be spoiled")?;
    let lost = matches!(fault, Fault::ResetAfter | Fault::TimeoutAfter);
    ensure(!lost || unknown > 0, "no answer was lost after the effect, so nothing is shown")
}

/// What the caller was told agrees with the books.
fn truthful(result: &turnbuckle_core::Result<Outcome>, change: Totals, whole: Totals) -> Done {
    let happened = !change.nothing();
    ensure(!happened || change.same_money(whole), "the vendor's books show more or less than one effect")?;
    match result {
        Ok(Outcome::Declined(_)) if happened => Err(Failed::new("it happened, and the answer is a decline")),
        Ok(Outcome::Declined(_)) => Err(Failed::new("a fault came out as a decline")),
        Ok(outcome) => ensure(happened, format!("nothing happened, and the answer is {}", outcome.as_str())),
        Err(error) => match error.effect() {
            Effect::None => {
                ensure(!happened, format!("it happened, and the error claims it did not: {error}"))
            }
            Effect::Happened => {
                ensure(happened, format!("nothing happened, and the error claims it did: {error}"))
            }
            Effect::Unknown => Ok(()),
        },
    }
}

/// What is found out later agrees with the books.
async fn found_out(suite: &Suite<'_>, stage: &Stage, error: &Error, happened: bool) -> Done {
    if !suite.has(Feature::LookupByAttempt) {
        return Ok(());
    }
    let attempt = error
        .attempt()
        .ok_or_else(|| Failed::new("an unknown effect comes without the attempt to look up"))?;
    for _ in 0..LOOKUPS {
        let now = stage.setup.clock.now();
        match resolve(stage.gateway.as_ref(), attempt, now).await? {
            Resolution::Happened(payment) => {
                ensure(happened, "nothing happened, and the lookup found something")?;
                let same = attempt.amount.is_none_or(|amount| payment.amounts.requested == amount);
                let void = attempt.operation == turnbuckle_core::payment::PaymentOperation::Void;
                return ensure(same || void, "the lookup found another amount");
            }
            Resolution::DidNotHappen => return ensure(!happened, "it happened, and the lookup denies it"),
            Resolution::StillUnknown { check_after } => {
                let wait = check_after.signed_duration_since(now).to_std().unwrap_or_default();
                stage.advance(wait + std::time::Duration::from_secs(1));
            }
            _ => return Err(Failed::new("a resolution that this suite does not know")),
        }
    }
    let excused = suite.cases.never_disproves && !happened;
    ensure(excused, format!("still unknown after {LOOKUPS} lookups"))
}
