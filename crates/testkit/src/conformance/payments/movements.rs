//! Capture, void and refund: whole, in part, too much, and twice.

use turnbuckle_core::money::Money;
use turnbuckle_core::payment::{
    CaptureRequest, Feature, Lifecycle, PaymentOperation, RefundRequest, VoidRequest,
};

use super::super::Report;
use super::super::report::ensure;
use super::{Done, Suite, approved, refused};

pub(super) async fn run(suite: &Suite<'_>, report: &mut Report) {
    if suite.has(Feature::Authorize) {
        report.run("capture: the whole amount", whole_capture(suite)).await;
        report.run("capture: a second time takes nothing", captures_twice(suite)).await;
        report.run("void: releases the reservation", voids(suite)).await;
        report.run("void: twice is no error", voids_twice(suite)).await;
        report.run("void: after capture", voids_captured(suite)).await;
        report.run("capture: after void is refused", captures_voided(suite)).await;
    }
    if suite.has(Feature::PartialCapture) {
        report.run("capture: a part", part_capture(suite)).await;
        report.run("capture: too much is refused", captures_too_much(suite)).await;
    }
    if suite.has(Feature::MultiCapture) {
        report.run("capture: in two parts", captures_in_parts(suite)).await;
    }
    if suite.has(Feature::Refund) {
        report.run("refund: the whole amount", whole_refund(suite)).await;
        report.run("refund: more than is left is refused", refunds_twice(suite)).await;
        report.run("refund: the same key once", refund_key(suite)).await;
    }
    if suite.has(Feature::PartialRefund) {
        report.run("refund: in parts", refunds_in_parts(suite)).await;
        report.run("refund: too much is refused", refunds_too_much(suite)).await;
    }
    if suite.has(Feature::Refund) && suite.has(Feature::VoidCaptured) {
        report.run("refund: void instead", voids_instead(suite)).await;
    }
}

fn part(amount: Money) -> Money {
    Money::new(amount.minor() * 2 / 5, amount.currency())
}

fn more(amount: Money) -> Money {
    Money::new(amount.minor() + 1, amount.currency())
}

async fn whole_capture(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let amount = suite.cases.approved.amount;
    let payment = stage.authorized(&suite.cases.approved, "1").await?;
    let capture = CaptureRequest::new(payment.reference, stage.key("2")?);
    let captured = approved(stage.gateway.capture(&capture).await?)?;
    ensure(captured.operation == PaymentOperation::Capture, "the answer names another operation")?;
    ensure(captured.amounts.captured == amount, "another amount was captured")?;
    ensure(stage.totals().captured == amount.minor(), "the vendor took another amount")
}

async fn captures_twice(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let amount = suite.cases.approved.amount;
    let payment = stage.authorized(&suite.cases.approved, "1").await?;
    let capture = CaptureRequest::new(payment.reference.clone(), stage.key("2")?);
    approved(stage.gateway.capture(&capture).await?)?;
    let same_key = stage.gateway.capture(&capture).await;
    ensure(stage.totals().captured == amount.minor(), "the same key captured twice")?;
    if let Ok(outcome) = same_key {
        approved(outcome)?;
    }
    let other_key = CaptureRequest::new(payment.reference, stage.key("3")?);
    if let Ok(outcome) = stage.gateway.capture(&other_key).await
        && let Some(payment) = outcome.approved()
    {
        ensure(payment.amounts.captured == amount, "approved again for another amount")?;
    }
    ensure(stage.totals().captured == amount.minor(), "a second capture took money")
}

async fn part_capture(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let part = part(suite.cases.approved.amount);
    let payment = stage.authorized(&suite.cases.approved, "1").await?;
    let capture = CaptureRequest::new(payment.reference, stage.key("2")?).with_amount(part);
    let captured = approved(stage.gateway.capture(&capture).await?)?;
    ensure(captured.amounts.captured == part, "another amount was captured")?;
    ensure(stage.totals().captured == part.minor(), "the vendor took another amount")
}

async fn captures_too_much(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let amount = suite.cases.approved.amount;
    let payment = stage.authorized(&suite.cases.approved, "1").await?;
    let capture = CaptureRequest::new(payment.reference, stage.key("2")?).with_amount(more(amount));
    refused(stage.gateway.capture(&capture).await, "a capture of more than was authorized")?;
    ensure(stage.totals().captured == 0, "more than was authorized was taken")
}

async fn captures_in_parts(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let amount = suite.cases.approved.amount;
    let payment = stage.authorized(&suite.cases.approved, "1").await?;
    let first = CaptureRequest::new(payment.reference.clone(), stage.key("2")?)
        .with_amount(part(amount))
        .with_more_to_come();
    approved(stage.gateway.capture(&first).await?)?;
    let rest = CaptureRequest::new(payment.reference, stage.key("3")?);
    let rest = approved(stage.gateway.capture(&rest).await?)?;
    ensure(rest.amounts.captured == amount, "the parts do not add up")?;
    ensure(stage.totals().captured == amount.minor(), "the vendor took another amount")
}

async fn voids(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let payment = stage.authorized(&suite.cases.approved, "1").await?;
    let voided = approved(stage.gateway.void(&VoidRequest::new(payment.reference, stage.key("2")?)).await?)?;
    ensure(voided.lifecycle == Lifecycle::Voided, "the lifecycle is not `Voided`")?;
    ensure(stage.totals().authorized == 0, "the vendor still holds the reservation")
}

async fn voids_twice(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let payment = stage.authorized(&suite.cases.approved, "1").await?;
    for name in ["2", "2", "3"] {
        let void = VoidRequest::new(payment.reference.clone(), stage.key(name)?);
        approved(stage.gateway.void(&void).await?)?;
    }
    Ok(())
}

async fn voids_captured(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let amount = suite.cases.approved.amount;
    let payment = stage.authorized(&suite.cases.approved, "1").await?;
    let capture = CaptureRequest::new(payment.reference.clone(), stage.key("2")?);
    let captured = approved(stage.gateway.capture(&capture).await?)?;
    let result = stage.gateway.void(&VoidRequest::new(captured.reference, stage.key("3")?)).await;
    let totals = stage.totals();
    if suite.has(Feature::VoidCaptured) {
        approved(result?)?;
        return ensure(totals.captured == totals.refunded, "voided, and the money is still taken");
    }
    refused(result, "a void after capture")?;
    ensure(totals.captured == amount.minor(), "refused, and the money is gone")
}

async fn captures_voided(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let payment = stage.authorized(&suite.cases.approved, "1").await?;
    approved(stage.gateway.void(&VoidRequest::new(payment.reference.clone(), stage.key("2")?)).await?)?;
    let capture = CaptureRequest::new(payment.reference, stage.key("3")?);
    refused(stage.gateway.capture(&capture).await, "a capture after the void")?;
    ensure(stage.totals().captured == 0, "a voided payment was captured")
}

async fn whole_refund(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let amount = suite.cases.approved.amount;
    let payment = stage.paid(&suite.cases.approved, "1").await?;
    stage.bench.settle();
    let request = RefundRequest::new(payment.reference.clone(), stage.key("2")?);
    let refund = approved(stage.gateway.refund(&request).await?)?;
    ensure(refund.operation == PaymentOperation::Refund, "the answer names another operation")?;
    ensure(refund.amounts.refunded == amount, "another amount was refunded")?;
    let parent = refund.parent.is_some_and(|parent| parent.id() == payment.reference.id());
    ensure(parent, "the refund's parent is not the payment")?;
    ensure(stage.totals().refunded == amount.minor(), "the vendor returned another amount")
}

async fn refunds_twice(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let amount = suite.cases.approved.amount;
    let payment = stage.paid(&suite.cases.approved, "1").await?;
    stage.bench.settle();
    approved(stage.gateway.refund(&RefundRequest::new(payment.reference.clone(), stage.key("2")?)).await?)?;
    let again = RefundRequest::new(payment.reference, stage.key("3")?);
    refused(stage.gateway.refund(&again).await, "a second refund of everything")?;
    ensure(stage.totals().refunded == amount.minor(), "more was returned than was taken")
}

async fn refund_key(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let amount = suite.cases.approved.amount;
    let payment = stage.paid(&suite.cases.approved, "1").await?;
    stage.bench.settle();
    let amount_of_it = if suite.has(Feature::PartialRefund) { part(amount) } else { amount };
    let mut request = RefundRequest::new(payment.reference, stage.key("2")?);
    if suite.has(Feature::PartialRefund) {
        request = request.with_amount(amount_of_it);
    }
    let first = approved(stage.gateway.refund(&request).await?)?;
    if let Ok(outcome) = stage.gateway.refund(&request).await {
        let second = approved(outcome)?;
        ensure(second.reference.id() == first.reference.id(), "the repetition names another refund")?;
    }
    ensure(stage.totals().refunded == amount_of_it.minor(), "the same key returned the money twice")
}

async fn refunds_in_parts(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let amount = suite.cases.approved.amount;
    let payment = stage.paid(&suite.cases.approved, "1").await?;
    stage.bench.settle();
    let first = RefundRequest::new(payment.reference.clone(), stage.key("2")?).with_amount(part(amount));
    let refund = approved(stage.gateway.refund(&first).await?)?;
    ensure(refund.amounts.refunded == part(amount), "another amount was refunded")?;
    let rest = RefundRequest::new(payment.reference, stage.key("3")?);
    approved(stage.gateway.refund(&rest).await?)?;
    ensure(stage.totals().refunded == amount.minor(), "the parts do not add up")
}

async fn refunds_too_much(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let amount = suite.cases.approved.amount;
    let payment = stage.paid(&suite.cases.approved, "1").await?;
    stage.bench.settle();
    let request = RefundRequest::new(payment.reference, stage.key("2")?).with_amount(more(amount));
    refused(stage.gateway.refund(&request).await, "a refund of more than was taken")?;
    ensure(stage.totals().refunded == 0, "more was returned than was taken")
}

async fn voids_instead(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let payment = stage.paid(&suite.cases.approved, "1").await?;
    let request = RefundRequest::new(payment.reference, stage.key("2")?).with_void_if_unsettled();
    approved(stage.gateway.refund(&request).await?)?;
    let totals = stage.totals();
    ensure(totals.captured == totals.refunded, "neither voided nor refunded")
}
