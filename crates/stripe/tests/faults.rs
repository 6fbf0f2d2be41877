//! What happens when answers get lost: money moves once, the caller is told the truth, and the truth is found out.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests, which clippy does not recognize as such"
)]

mod support;

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use support::{Break, BreakingTransport, Rig, approved, reference, token, usd};
use turnbuckle_core::http::{Transport, transport_fn};
use turnbuckle_core::money::Currency;
use turnbuckle_core::payment::{
    Attempt, CaptureRequest, DeclineReason, End, Journal, Lifecycle, MemoryJournal, OnAction, Payment,
    PaymentGateway, RefundRequest, Resolution, StoreRequest, Swept, VerifyRequest, VoidRequest, resolve,
    resolve_store, sweep,
};
use turnbuckle_core::{Advice, Clock, Effect, Error, ErrorKind};
use turnbuckle_simulator::{Fault, FaultKind};
use turnbuckle_stripe::StripeProvider;

/// A rig, the transport that a test breaks, and the gateway behind it.
fn broken() -> (Rig, Arc<BreakingTransport>, Arc<dyn PaymentGateway>) {
    let rig = Rig::new();
    let transport = Arc::new(BreakingTransport::new(&rig.sim));
    let gateway = rig.breaking(&transport);
    (rig, transport, gateway)
}

#[track_caller]
fn unknown(error: &Error) -> Attempt {
    assert_eq!(error.effect(), Effect::Unknown, "{error:?}");
    assert_eq!(error.advice(), Advice::ResolveFirst);
    error.attempt().unwrap().clone()
}

async fn happened(rig: &Rig, gateway: &dyn PaymentGateway, attempt: &Attempt) -> Payment {
    match resolve(gateway, attempt, rig.clock.now()).await.unwrap() {
        Resolution::Happened(payment) => payment,
        other => panic!("{other:?}"),
    }
}

/// Nobody knows at first; once the request cannot be under way any more, it is certain.
async fn did_not_happen(rig: &Rig, gateway: &dyn PaymentGateway, attempt: &Attempt) {
    let resolution = resolve(gateway, attempt, rig.clock.now()).await.unwrap();
    let Resolution::StillUnknown { check_after } = resolution else { panic!("{resolution:?}") };
    assert!(check_after > rig.clock.now());
    rig.clock.advance((check_after - rig.clock.now()).to_std().unwrap());
    assert_eq!(resolve(gateway, attempt, rig.clock.now()).await.unwrap(), Resolution::DidNotHappen);
}

#[tokio::test]
async fn a_purchase_whose_answer_is_lost_is_found() {
    let (rig, transport, gateway) = broken();
    transport.plan(Break::AfterEffect, "/payment_intents", 1);
    let request = rig.request(1099, "pm_card_visa", "k");
    let attempt = unknown(&gateway.purchase(&request).await.unwrap_err());
    let found = happened(&rig, &*gateway, &attempt).await;
    assert_eq!((found.lifecycle, found.amounts.captured), (Lifecycle::Captured, usd(1099)));
    assert_eq!(found.wire_key.as_ref(), Some(&attempt.wire_key));
    // Sending it again with its key is as good: Stripe answers with the first result.
    assert!(approved(&gateway.purchase(&request).await.unwrap()).replayed);
    assert_eq!(rig.good_charges(), 1);
}

#[tokio::test]
async fn a_purchase_that_never_arrived_did_not_happen() {
    let (rig, transport, gateway) = broken();
    transport.plan(Break::BeforeEffect, "/payment_intents", 1);
    let attempt = unknown(&gateway.purchase(&rig.request(1099, "pm_card_visa", "k")).await.unwrap_err());
    did_not_happen(&rig, &*gateway, &attempt).await;
    assert_eq!(rig.good_charges(), 0);
}

#[tokio::test]
async fn what_was_never_sent_needs_no_looking_up() {
    let (rig, transport, gateway) = broken();
    transport.plan(Break::NotSent, "/payment_intents", 1);
    let request = rig.request(1099, "pm_card_visa", "k");
    let error = gateway.purchase(&request).await.unwrap_err();
    assert_eq!((error.effect(), error.advice()), (Effect::None, Advice::Retry));
    approved(&gateway.purchase(&request).await.unwrap());
    assert_eq!(rig.good_charges(), 1);
}

#[tokio::test]
async fn a_lost_decline_counts_as_not_having_happened() {
    let (rig, transport, gateway) = broken();
    transport.plan(Break::AfterEffect, "/payment_intents", 1);
    let error = gateway.purchase(&rig.request(1099, "pm_card_chargeDeclined", "k")).await.unwrap_err();
    let attempt = unknown(&error);
    assert_eq!(resolve(&*gateway, &attempt, rig.clock.now()).await.unwrap(), Resolution::DidNotHappen);
}

#[tokio::test]
async fn lost_authorizations_captures_and_refunds_are_found_and_done_once() {
    let (rig, transport, gateway) = broken();
    transport.plan(Break::AfterEffect, "/payment_intents", 1);
    let attempt = unknown(&gateway.authorize(&rig.request(5000, "pm_card_visa", "a")).await.unwrap_err());
    let held = happened(&rig, &*gateway, &attempt).await;
    assert_eq!(held.lifecycle, Lifecycle::Authorized);

    let capture = CaptureRequest::new(held.reference.clone(), rig.key("c")).with_amount(usd(3000));
    transport.plan(Break::BeforeEffect, "/capture", 1);
    let attempt = unknown(&gateway.capture(&capture).await.unwrap_err());
    did_not_happen(&rig, &*gateway, &attempt).await;
    transport.plan(Break::AfterEffect, "/capture", 1);
    let attempt = unknown(&gateway.capture(&capture).await.unwrap_err());
    let captured = happened(&rig, &*gateway, &attempt).await;
    assert_eq!((captured.amounts.requested, captured.amounts.captured), (usd(3000), usd(3000)));
    // Another capture that lost its answer did not do this one's work.
    transport.plan(Break::BeforeEffect, "/capture", 1);
    let other = CaptureRequest::new(held.reference.clone(), rig.key("c2")).with_amount(usd(3000));
    let attempt = unknown(&gateway.capture(&other).await.unwrap_err());
    assert_eq!(resolve(&*gateway, &attempt, rig.clock.now()).await.unwrap(), Resolution::DidNotHappen);

    let refund = RefundRequest::new(held.reference.clone(), rig.key("r")).with_amount(usd(500));
    transport.plan(Break::BeforeEffect, "/refunds", 1);
    let attempt = unknown(&gateway.refund(&refund).await.unwrap_err());
    did_not_happen(&rig, &*gateway, &attempt).await;
    transport.plan(Break::AfterEffect, "/refunds", 1);
    let attempt = unknown(&gateway.refund(&refund).await.unwrap_err());
    let found = happened(&rig, &*gateway, &attempt).await;
    assert_eq!((found.lifecycle, found.amounts.refunded), (Lifecycle::Refunded, usd(500)));
    approved(&gateway.refund(&refund).await.unwrap());
    assert_eq!((rig.sim.stripe().refunds().len(), rig.good_charges()), (1, 1));
}

#[tokio::test]
async fn lost_voids_verifications_and_stored_methods_are_found() {
    let (rig, transport, gateway) = broken();
    let held = approved(&gateway.authorize(&rig.request(5000, "pm_card_visa", "a")).await.unwrap()).clone();
    let void = VoidRequest::new(held.reference.clone(), rig.key("v"));
    transport.plan(Break::BeforeEffect, "/cancel", 1);
    let attempt = unknown(&gateway.void(&void).await.unwrap_err());
    did_not_happen(&rig, &*gateway, &attempt).await;
    transport.plan(Break::AfterEffect, "/cancel", 1);
    let attempt = unknown(&gateway.void(&void).await.unwrap_err());
    assert_eq!(happened(&rig, &*gateway, &attempt).await.lifecycle, Lifecycle::Voided);

    let verify = VerifyRequest::new(token("pm_card_visa"), Currency::USD, rig.key("y"), reference("check"));
    transport.plan(Break::AfterEffect, "/setup_intents", 1);
    let attempt = unknown(&gateway.verify(&verify).await.unwrap_err());
    assert_eq!(happened(&rig, &*gateway, &attempt).await.lifecycle, Lifecycle::Verified);

    let store = StoreRequest::new(token("pm_card_visa"), rig.key("s"), reference("customer-7"));
    transport.plan(Break::BeforeEffect, "/customers", 1);
    let attempt = unknown(&gateway.store(&store).await.unwrap_err());
    let resolution = resolve_store(&*gateway, &attempt, rig.clock.now()).await.unwrap();
    assert!(matches!(resolution, Resolution::StillUnknown { .. }));
    transport.plan(Break::AfterEffect, "/customers", 1);
    let attempt = unknown(&gateway.store(&store).await.unwrap_err());
    let resolution = resolve_store(&*gateway, &attempt, rig.clock.now()).await.unwrap();
    let Resolution::Happened(stored) = resolution else { panic!("{resolution:?}") };
    assert_eq!(gateway.store(&store).await.unwrap().reference, stored.reference);
    assert_eq!(rig.sim.stripe().customers().len(), 1);
}

#[tokio::test]
async fn the_client_itself_sends_again_and_charges_once() {
    for kind in
        [FaultKind::ResetAfter, FaultKind::ResetBefore, FaultKind::Truncated, FaultKind::HtmlBadGateway]
    {
        let rig = Rig::new();
        let transport = Arc::new(BreakingTransport::new(&rig.sim));
        let config = rig.config_with(rig.credentials(), Arc::<BreakingTransport>::clone(&transport) as _);
        let gateway = StripeProvider::new().payments(config).unwrap();
        rig.sim.faults().push(Fault::new(kind.clone()).on_method("POST"));
        let result = gateway.purchase(&rig.request(1099, "pm_card_visa", "k")).await;
        match (&kind, result) {
            // What was answered and cannot be read is not asked for again on its own: it is looked up.
            (FaultKind::Truncated, Err(error)) => {
                let attempt = unknown(&error);
                assert_eq!(happened(&rig, &*gateway, &attempt).await.amounts.captured, usd(1099));
            }
            (kind, result) => {
                let outcome = result.unwrap_or_else(|error| panic!("{kind:?}: {error:?}"));
                assert_eq!(approved(&outcome).replayed, *kind == FaultKind::ResetAfter, "{kind:?}");
                assert_eq!(transport.sent.load(Ordering::SeqCst), 2, "{kind:?}");
            }
        }
        assert_eq!(rig.good_charges(), 1, "{kind:?}");
    }
}

#[tokio::test]
async fn a_500_is_unknown_and_stays_so_until_it_is_looked_up() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let request = rig.request(1099, "pm_card_visa", "k");
    rig.sim.faults().push(Fault::new(FaultKind::Status(500, None)).on_method("POST"));
    let error = gateway.purchase(&request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    unknown(&error);
    // Stripe keeps a 500 like any other first result.
    let attempt = unknown(&gateway.purchase(&request).await.unwrap_err());
    did_not_happen(&rig, &*gateway, &attempt).await;

    let request = rig.request(1200, "pm_card_visa", "k2");
    rig.sim.faults().push(Fault::new(FaultKind::StatusAfterEffect(500, None)).on_method("POST"));
    let attempt = unknown(&gateway.purchase(&request).await.unwrap_err());
    assert_eq!(happened(&rig, &*gateway, &attempt).await.amounts.captured, usd(1200));
    assert_eq!(rig.good_charges(), 1);
}

#[tokio::test]
async fn a_key_that_is_still_running_is_unknown() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let request = rig.request(1099, "pm_card_visa", "k");
    let key = turnbuckle_core::payment::WireKey::derive(
        &StripeProvider::ID,
        support::ACCOUNT,
        turnbuckle_core::payment::PaymentOperation::Purchase,
        &request.key,
    );
    let hold = rig.sim.stripe().hold_idempotency_key(key.as_str());
    let error = gateway.purchase(&request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    unknown(&error);
    drop(hold);
    approved(&gateway.purchase(&request).await.unwrap());
    assert_eq!(rig.good_charges(), 1);
}

#[tokio::test]
async fn a_rate_limit_is_waited_out_or_handed_back_without_an_effect() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let limit = |times| Fault::new(FaultKind::RateLimited { retry_after: Some("1".to_owned()) }).times(times);
    rig.sim.faults().push(limit(2));
    approved(&gateway.purchase(&rig.request(1099, "pm_card_visa", "k1")).await.unwrap());
    rig.sim.faults().push(limit(50));
    let error = gateway.purchase(&rig.request(1099, "pm_card_visa", "k2")).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::RateLimited, Effect::None));
    assert!(matches!(error.advice(), Advice::RetryAfter(_)));
    assert!(rig.sim.faults().remaining() >= 47, "a storm is not fed");
    assert_eq!(rig.good_charges(), 1);

    // A limit says nothing about the attempt before it, whose answer was lost.
    rig.sim.faults().clear();
    rig.sim.faults().push(Fault::new(FaultKind::ResetAfter).on_method("POST"));
    rig.sim.faults().push(limit(5));
    let transport: Arc<dyn Transport> = Arc::new(BreakingTransport::new(&rig.sim));
    let gateway = StripeProvider::new().payments(rig.config_with(rig.credentials(), transport)).unwrap();
    let attempt = unknown(&gateway.purchase(&rig.request(1300, "pm_card_visa", "k3")).await.unwrap_err());
    rig.sim.faults().clear();
    assert_eq!(happened(&rig, &*gateway, &attempt).await.amounts.captured, usd(1300));
}

#[tokio::test]
async fn a_body_that_is_no_json_is_unknown_and_found() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    rig.sim.faults().push(Fault::new(FaultKind::Malformed).on_method("POST"));
    let error = gateway.purchase(&rig.request(1099, "pm_card_visa", "k")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    let attempt = unknown(&error);
    assert_eq!(happened(&rig, &*gateway, &attempt).await.amounts.captured, usd(1099));
}

#[test]
fn a_future_that_is_dropped_at_any_poll_leaves_a_record_that_a_sweep_settles() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut seen = (false, false);
    for polls in 0..8 {
        let rig = Rig::new();
        let transport = Arc::new(BreakingTransport::new(&rig.sim).with_yields(2, 3));
        let journal = Arc::new(MemoryJournal::new());
        let shared: Arc<dyn Journal> = Arc::<MemoryJournal>::clone(&journal);
        let config = rig
            .config_with(rig.credentials(), Arc::<BreakingTransport>::clone(&transport) as _)
            .with_journal(shared);
        let gateway = StripeProvider::new().payments(config).unwrap();
        let request = rig.request(1099, "pm_card_visa", "k");
        {
            let mut call = pin!(gateway.purchase(&request));
            let mut context = Context::from_waker(Waker::noop());
            for _ in 0..polls {
                if let Poll::Ready(result) = call.as_mut().poll(&mut context) {
                    approved(&result.unwrap());
                    break;
                }
            }
        }
        let charged = rig.good_charges();
        rig.clock.advance(Duration::from_secs(600));
        let now = rig.clock.now();
        let report = runtime.block_on(sweep(&*journal, &*gateway, None, now, now, 10)).unwrap();
        assert!(report.is_settled(), "{polls}: {report:?}");
        for (record, swept) in &report.swept {
            let ended = runtime.block_on(journal.get(&record.attempt.wire_key)).unwrap().unwrap();
            let end = ended.conclusion.unwrap().end;
            match swept {
                Swept::Payment(payment) => {
                    assert_eq!((charged, payment.amounts.captured, end), (1, usd(1099), End::Done));
                    seen.0 = true;
                }
                Swept::DidNotHappen => {
                    assert_eq!((charged, end), (0, End::NotDone));
                    seen.1 = true;
                }
                other => panic!("{polls}: {other:?}"),
            }
        }
        // Whatever was lost, the same request with the same key charges once in all.
        approved(&runtime.block_on(gateway.purchase(&request)).unwrap());
        assert_eq!(rig.good_charges(), 1, "{polls}");
    }
    assert_eq!(seen, (true, true), "some drops came before the effect and some after it");
}

#[tokio::test]
async fn a_payment_that_waits_for_an_absent_payer_is_canceled() {
    let rig = Rig::new();
    let sim = rig.sim.clone();
    // A Stripe that asks the payer although it was told not to.
    let deaf = transport_fn(move |request: http::Request<Bytes>| {
        let body =
            String::from_utf8(request.body().to_vec()).unwrap().replace("&error_on_requires_action=true", "");
        sim.handle(request.map(|_| Bytes::from(body)))
    });
    let gateway = StripeProvider::new().payments(rig.config_with(rig.credentials(), Arc::new(deaf))).unwrap();
    let request = rig.request(1099, "pm_card_threeDSecureRequired", "k");
    assert_eq!(request.on_action, OnAction::Refuse);
    let outcome = gateway.purchase(&request).await.unwrap();
    assert_eq!(outcome.declined().unwrap().reason, DeclineReason::AuthenticationRequired);
    assert_eq!(rig.sim.stripe().payment_intents()[0]["status"], "canceled");

    // A withdrawal that fails is said so, with the handle of what is left.
    rig.sim.faults().push(Fault::new(FaultKind::Status(500, None)).on_path("/cancel"));
    let error = gateway.purchase(&rig.request(1100, "pm_card_threeDSecureRequired", "k2")).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::ActionRequired, Effect::Unknown));
    assert_eq!(error.payment().unwrap().id(), rig.sim.stripe().payment_intents()[0]["id"].as_str().unwrap());
}
