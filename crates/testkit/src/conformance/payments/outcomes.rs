//! What comes of each kind of payment.

use turnbuckle_core::payment::{
    CreditRequest, Decision, Feature, Lifecycle, MerchantReference, NextAction, OnAction, Outcome, Payment,
    PaymentOperation, VerifyRequest, WireKey,
};
use turnbuckle_core::payment::{Resolution, resolve};
use turnbuckle_core::{Clock as _, Effect};
use url::Url;

use super::super::report::ensure;
use super::super::{Case, Failed, Report};
use super::{Done, Suite, approved};
use crate::fault::Fault;

/// More requests than any one decision takes.
const MOST_REQUESTS: usize = 6;

pub(super) async fn run(suite: &Suite<'_>, report: &mut Report) {
    let cases = suite.cases;
    report.run("payments: approved for what was asked", approves(suite, &cases.approved)).await;
    for (name, case) in [("raw card", &cases.raw_card), ("token", &cases.token)] {
        if let Some(case) = case {
            report.run(format!("payments: approved by {name}"), approves(suite, case)).await;
        }
    }
    report.run("payments: a decline is declined", declines(suite)).await;
    if suite.has(Feature::Authorize) {
        report.run("payments: an authorization reserves and takes nothing", authorizes(suite)).await;
        report.run("payments: a declined authorization is declined", declines_authorization(suite)).await;
    }
    if let Some(case) = &cases.bank_account {
        report.run("payments: a bank account is accepted", debits(suite, case)).await;
    }
    if let Some(case) = &cases.partial {
        report.run("payments: a part where it is allowed", parts(suite, case)).await;
        report.run("payments: no part where it is not", no_parts(suite, case)).await;
    }
    if let Some(case) = &cases.action {
        report.run("payments: the payer acts", acts(suite, case, true)).await;
        report.run("payments: the payer fails to act", acts(suite, case, false)).await;
        report.run("payments: nobody is there to act", nobody_acts(suite, case)).await;
    }
    if let Some(case) = &cases.held {
        report.run("payments: a hold accepted", holds(suite, case, Decision::Accept)).await;
        report.run("payments: a hold rejected", holds(suite, case, Decision::Reject)).await;
        if suite.has(Feature::LookupByReference) {
            report.run("payments: a decision whose answer is lost", loses_decision(suite, case)).await;
        }
    }
    if suite.has(Feature::Verify) {
        report.run("payments: verify moves nothing", verifies(suite)).await;
    }
    if suite.has(Feature::UnlinkedCredit) {
        report.run("payments: unlinked credit", credits(suite)).await;
    }
}

fn agrees(suite: &Suite<'_>, payment: &Payment, case: &Case, operation: PaymentOperation) -> Done {
    let amounts = payment.amounts;
    ensure(payment.operation == operation, "the payment names another operation")?;
    ensure(amounts.requested == case.amount, "the requested amount differs")?;
    let moved = if operation == PaymentOperation::Authorize { amounts.authorized } else { amounts.captured };
    ensure(moved == case.amount, "the amount that moved differs from the one asked for")?;
    ensure(!payment.live, "a sandbox payment claims to be live")?;
    ensure(
        payment.reference.provider() == &suite.fixture.provider().definition().id,
        "the handle names another provider",
    )
}

async fn approves(suite: &Suite<'_>, case: &Case) -> Done {
    let stage = suite.stage()?;
    let request = stage.request(case, "1")?;
    let payment = approved(stage.charge(&request).await?)?;
    let operation =
        if suite.has(Feature::Purchase) { PaymentOperation::Purchase } else { PaymentOperation::Authorize };
    agrees(suite, &payment, case, operation)?;
    let wire_key =
        WireKey::derive(stage.gateway.provider(), stage.gateway.account(), operation, &request.key);
    ensure(payment.wire_key.is_none_or(|key| key == wire_key), "the wire key differs")?;
    let echoed = payment.merchant_reference.is_none_or(|reference| reference == request.reference);
    ensure(echoed, "the merchant's reference differs")?;
    let totals = stage.totals();
    let booked = if operation == PaymentOperation::Purchase { totals.captured } else { totals.authorized };
    ensure(totals.entries == 1, format!("the vendor booked {} payments for one", totals.entries))?;
    ensure(booked == case.amount.minor(), "the vendor booked another amount than the answer says")
}

async fn declines(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    match stage.charge(&stage.request(&suite.cases.declined, "1")?).await {
        Ok(Outcome::Declined(_)) => {}
        Ok(other) => return Err(Failed::new(format!("a decline came out as {}", other.as_str()))),
        Err(error) => return Err(Failed::new(format!("a decline came out as an error: {error}"))),
    }
    ensure(stage.totals().captured == 0, "a declined payment took money")
}

async fn authorizes(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let case = &suite.cases.approved;
    let payment = stage.authorized(case, "1").await?;
    agrees(suite, &payment, case, PaymentOperation::Authorize)?;
    ensure(payment.lifecycle == Lifecycle::Authorized, "the lifecycle is not `Authorized`")?;
    let totals = stage.totals();
    ensure(totals.captured == 0, "an authorization took money")?;
    ensure(totals.authorized == case.amount.minor(), "the vendor reserved another amount")
}

async fn declines_authorization(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let outcome = stage.gateway.authorize(&stage.request(&suite.cases.declined, "1")?).await?;
    ensure(outcome.declined().is_some(), format!("came out as {}", outcome.as_str()))
}

async fn debits(suite: &Suite<'_>, case: &Case) -> Done {
    let stage = suite.stage()?;
    let outcome = stage.charge(&stage.request(case, "1")?).await?;
    let accepted = matches!(outcome, Outcome::Processing(_) | Outcome::Approved(_));
    ensure(accepted, format!("a bank debit came out as {}", outcome.as_str()))?;
    ensure(stage.totals().entries == 1, "the vendor did not book one debit")
}

async fn parts(suite: &Suite<'_>, case: &Case) -> Done {
    let stage = suite.stage()?;
    let outcome = stage.charge(&stage.request(case, "1")?.with_allow_partial(true)).await?;
    let Outcome::PartiallyApproved(payment) = outcome else {
        return Err(Failed::new(format!("came out as {}", outcome.as_str())));
    };
    let amounts = payment.amounts;
    let moved = if suite.has(Feature::Purchase) { amounts.captured } else { amounts.authorized };
    ensure(moved.is_positive() && moved < case.amount, "the part is not a part")?;
    let totals = stage.totals();
    let booked = if suite.has(Feature::Purchase) { totals.captured } else { totals.authorized };
    ensure(booked == moved.minor(), "the vendor booked another amount than the answer says")
}

async fn no_parts(suite: &Suite<'_>, case: &Case) -> Done {
    let stage = suite.stage()?;
    let result = stage.charge(&stage.request(case, "1")?).await;
    refused_or_whole(result, case)?;
    let totals = stage.totals();
    let whole = totals.captured.max(totals.authorized);
    ensure(whole == 0 || whole == case.amount.minor(), "a part was taken although nobody allowed it")
}

fn refused_or_whole(result: turnbuckle_core::Result<Outcome>, case: &Case) -> Done {
    match result {
        Ok(Outcome::Declined(_)) | Err(_) => Ok(()),
        Ok(Outcome::Approved(payment)) => {
            ensure(payment.amounts.requested == case.amount, "approved for another amount")
        }
        Ok(other) => Err(Failed::new(format!("came out as {}", other.as_str()))),
    }
}

fn return_url() -> Result<Url, Failed> {
    Url::parse("https://shop.test/return").map_err(|_| Failed::new("no return address"))
}

async fn acts(suite: &Suite<'_>, case: &Case, succeeds: bool) -> Done {
    let stage = suite.stage()?;
    let allow = OnAction::Allow { return_url: return_url()? };
    let outcome = stage.charge(&stage.request(case, "1")?.with_on_action(allow)).await?;
    let Outcome::RequiresAction(payment, action) = outcome else {
        return Err(Failed::new(format!("came out as {}", outcome.as_str())));
    };
    ensure(stage.totals().captured == 0, "money was taken before the payer acted")?;
    if let NextAction::Redirect { url } = &action {
        ensure(url.scheme() == "https" || url.host_str() == Some("127.0.0.1"), "the redirect is not https")?;
    }
    let returned = stage.bench.payer_acts(&payment, &action, succeeds);
    let outcome = stage.gateway.resume(&payment.reference, &returned).await;
    let totals = stage.totals();
    if succeeds {
        let payment = approved(outcome?)?;
        ensure(payment.amounts.requested == case.amount, "resumed for another amount")?;
        let booked = totals.captured.max(totals.authorized);
        return ensure(booked == case.amount.minor(), "the vendor booked another amount");
    }
    if matches!(&outcome, Ok(Outcome::Approved(_) | Outcome::PartiallyApproved(_))) {
        return Err(Failed::new("approved although the payer failed to act"));
    }
    ensure(totals.captured == 0, "money was taken although the payer failed to act")
}

async fn nobody_acts(suite: &Suite<'_>, case: &Case) -> Done {
    let stage = suite.stage()?;
    let outcome = stage.charge(&stage.request(case, "1")?).await?;
    ensure(outcome.declined().is_some(), format!("came out as {}", outcome.as_str()))?;
    ensure(stage.totals().captured == 0, "money was taken")
}

async fn holds(suite: &Suite<'_>, case: &Case, decision: Decision) -> Done {
    let stage = suite.stage()?;
    let outcome = stage.charge(&stage.request(case, "1")?).await?;
    let Outcome::Held(payment) = outcome else {
        return Err(Failed::new(format!("came out as {}", outcome.as_str())));
    };
    let decided = stage.gateway.decide(&payment.reference, decision).await?;
    let totals = stage.totals();
    match decision {
        Decision::Accept => {
            let payment = approved(decided)?;
            ensure(payment.amounts.requested == case.amount, "accepted for another amount")?;
            let whole = !suite.has(Feature::Purchase) || totals.captured == case.amount.minor();
            ensure(whole, "the vendor took another amount")
        }
        Decision::Reject => {
            ensure(decided.approved().is_none(), "rejected, and approved all the same")?;
            // Some vendors take the money while they look, and give it back.
            let kept = totals.captured - totals.refunded;
            ensure(kept == 0, "rejected, and the money was taken all the same")
        }
    }
}

/// Each request of a decision loses its answer in turn. What is found out later agrees with the books.
async fn loses_decision(suite: &Suite<'_>, case: &Case) -> Done {
    let mut unknown = 0;
    for number in 1..=MOST_REQUESTS {
        let stage = suite.stage()?;
        let Outcome::Held(payment) = stage.charge(&stage.request(case, "1")?).await? else {
            return Err(Failed::new("not held"));
        };
        ensure(payment.under_review, "held, and not under review")?;
        stage.faults().from_request(number, Fault::ResetAfter);
        let result = stage.gateway.decide(&payment.reference, Decision::Accept).await;
        let met = stage.faults().met() > 0;
        stage.faults().clear();
        let error = match result {
            Ok(_) if met => continue,
            Ok(_) => break,
            Err(error) => error,
        };
        if error.effect() != Effect::Unknown {
            continue;
        }
        unknown += 1;
        let attempt = error.attempt().ok_or_else(|| Failed::new("the error has no attempt"))?;
        let Resolution::Happened(found) =
            resolve(stage.gateway.as_ref(), attempt, stage.setup.clock.now()).await?
        else {
            return Err(Failed::new("the decision was made, and the lookup denies it"));
        };
        ensure(!found.under_review, "decided, and still under review")?;
        ensure(found.reference.same_as(&payment.reference), "another payment was found")?;
    }
    ensure(unknown > 0, "no answer was lost, so nothing is shown")
}

async fn verifies(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    for (name, case, good) in [("1", &suite.cases.approved, true), ("2", &suite.cases.declined, false)] {
        let request = VerifyRequest::new(
            case.method.clone(),
            case.amount.currency(),
            stage.key(name)?,
            MerchantReference::new(format!("CONF{name}"))?,
        );
        let outcome = stage.gateway.verify(&request).await?;
        ensure(outcome.approved().is_some() == good, format!("came out as {}", outcome.as_str()))?;
    }
    let totals = stage.totals();
    ensure(totals.captured == 0 && totals.refunded == 0, "verifying moved money")
}

async fn credits(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let case = &suite.cases.approved;
    let request = CreditRequest::new(
        case.amount,
        case.method.clone(),
        stage.key("1")?,
        MerchantReference::new("CONF1")?,
    );
    let payment = approved(stage.gateway.credit(&request).await?)?;
    ensure(payment.amounts.refunded == case.amount, "another amount was credited")?;
    ensure(stage.totals().refunded == case.amount.minor(), "the vendor sent another amount")?;
    let again = stage.gateway.credit(&request).await;
    ensure(stage.totals().refunded == case.amount.minor(), "the same key sent the credit twice")?;
    if let Ok(outcome) = again {
        let same = outcome.approved().is_some_and(|again| again.reference.id() == payment.reference.id());
        ensure(same, "the repetition answers with another credit")?;
    }
    Ok(())
}
