//! What happens when answers get lost: money moves once, the caller is told the truth, and the truth is found out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use support::{Break, BreakingTransport, Rig, approved, bank_account, reference, usd, visa};
use turnbuckle_core::http::RetryPolicy;
use turnbuckle_core::payment::{
    Attempt, CaptureRequest, End, Interval, IntervalUnit, Journal, Lifecycle, MemoryJournal, Outcome,
    Payment, PaymentGateway, Plan, RefundRequest, Resolution, StoreRequest, SubscriptionRequest, Swept,
    VerifyRequest, VoidRequest, resolve, resolve_store, sweep,
};
use turnbuckle_core::provider::IntegrationProvider;
use turnbuckle_core::{Advice, Clock, Effect, Error};
use turnbuckle_payflow::PayflowProvider;
use turnbuckle_simulator::{Fault, FaultKind};

/// A rig, the transport that a test breaks, and the gateway behind it.
fn broken() -> (Rig, Arc<BreakingTransport>, Arc<dyn PaymentGateway>) {
    let rig = Rig::new();
    let transport = Arc::new(BreakingTransport::new(&rig.sim));
    let gateway = rig.breaking(&transport).payments().unwrap();
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
    transport.plan(Break::AfterEffect, "TRXTYPE=S", 1);
    let request = rig.request(1099, "k");
    let attempt = unknown(&gateway.purchase(&request).await.unwrap_err());
    let found = happened(&rig, &*gateway, &attempt).await;
    assert_eq!((found.lifecycle, found.amounts.captured), (Lifecycle::Captured, usd(1099)));
    assert_eq!(found.wire_key.as_ref(), Some(&attempt.wire_key));
    // Sending it again with its key is as good: Payflow answers with the first result.
    let again = gateway.purchase(&request).await.unwrap();
    assert!(approved(&again).replayed && approved(&again).reference.same_as(&found.reference));
    assert_eq!(rig.count("S"), 1);
}

#[tokio::test]
async fn a_purchase_that_never_arrived_did_not_happen() {
    let (rig, transport, gateway) = broken();
    transport.plan(Break::BeforeEffect, "TRXTYPE=S", 1);
    let attempt = unknown(&gateway.purchase(&rig.request(1099, "k")).await.unwrap_err());
    did_not_happen(&rig, &*gateway, &attempt).await;
    assert_eq!(rig.count("S"), 0);
    // With bank debits off, the question about one is no trouble.
    rig.sim.payflow().configure(|settings| settings.bank_accounts = false);
    assert_eq!(resolve(&*gateway, &attempt, rig.clock.now()).await.unwrap(), Resolution::DidNotHappen);
}

#[tokio::test]
async fn what_was_never_sent_needs_no_looking_up() {
    let (rig, transport, gateway) = broken();
    transport.plan(Break::NotSent, "TRXTYPE=S", 1);
    let request = rig.request(1099, "k");
    let error = gateway.purchase(&request).await.unwrap_err();
    assert_eq!((error.effect(), error.advice()), (Effect::None, Advice::Retry));
    approved(&gateway.purchase(&request).await.unwrap());
    assert_eq!(rig.count("S"), 1);
}

#[tokio::test]
async fn a_lost_decline_counts_as_not_having_happened() {
    let (rig, transport, gateway) = broken();
    transport.plan(Break::AfterEffect, "TRXTYPE=S", 1);
    let attempt = unknown(&gateway.purchase(&rig.request(101_200, "k")).await.unwrap_err());
    assert_eq!(resolve(&*gateway, &attempt, rig.clock.now()).await.unwrap(), Resolution::DidNotHappen);
}

#[tokio::test]
async fn a_lost_bank_debit_is_found_as_one() {
    let (rig, transport, gateway) = broken();
    transport.plan(Break::AfterEffect, "TRXTYPE=S&TENDER=A", 1);
    let mut request = rig.request(5000, "k");
    request.method = bank_account();
    let attempt = unknown(&gateway.purchase(&request).await.unwrap_err());
    let found = happened(&rig, &*gateway, &attempt).await;
    assert_eq!((found.lifecycle, found.method.unwrap().kind.as_str()), (Lifecycle::Pending, "ach"));
}

#[tokio::test]
async fn lost_authorizations_captures_and_refunds_are_found_and_done_once() {
    let (rig, transport, gateway) = broken();
    transport.plan(Break::AfterEffect, "TRXTYPE=A", 1);
    let attempt = unknown(&gateway.authorize(&rig.request(5000, "a")).await.unwrap_err());
    let held = happened(&rig, &*gateway, &attempt).await;
    assert_eq!(held.lifecycle, Lifecycle::Authorized);

    let capture = CaptureRequest::new(held.reference.clone(), rig.key("c")).with_amount(usd(3000));
    transport.plan(Break::BeforeEffect, "TRXTYPE=D", 1);
    let attempt = unknown(&gateway.capture(&capture).await.unwrap_err());
    did_not_happen(&rig, &*gateway, &attempt).await;
    transport.plan(Break::AfterEffect, "TRXTYPE=D", 1);
    let attempt = unknown(&gateway.capture(&capture).await.unwrap_err());
    let captured = happened(&rig, &*gateway, &attempt).await;
    assert_eq!((captured.amounts.requested, captured.amounts.captured), (usd(3000), usd(3000)));
    assert!(captured.parent.as_ref().unwrap().same_as(&held.reference));
    let again = gateway.capture(&capture).await.unwrap();
    assert!(approved(&again).reference.same_as(&captured.reference));
    // Another capture that lost its request did not do this one's work.
    transport.plan(Break::BeforeEffect, "TRXTYPE=D", 1);
    let other = CaptureRequest::new(held.reference.clone(), rig.key("c2")).with_amount(usd(3000));
    let attempt = unknown(&gateway.capture(&other).await.unwrap_err());
    rig.clock.advance(Duration::from_secs(3600));
    assert_eq!(resolve(&*gateway, &attempt, rig.clock.now()).await.unwrap(), Resolution::DidNotHappen);

    rig.sim.payflow().settle().unwrap();
    let refund = RefundRequest::new(captured.reference.clone(), rig.key("r")).with_amount(usd(500));
    transport.plan(Break::BeforeEffect, "TRXTYPE=C", 1);
    let attempt = unknown(&gateway.refund(&refund).await.unwrap_err());
    did_not_happen(&rig, &*gateway, &attempt).await;
    transport.plan(Break::AfterEffect, "TRXTYPE=C", 1);
    let attempt = unknown(&gateway.refund(&refund).await.unwrap_err());
    let found = happened(&rig, &*gateway, &attempt).await;
    assert_eq!((found.lifecycle, found.amounts.refunded), (Lifecycle::Refunded, usd(500)));
    approved(&gateway.refund(&refund).await.unwrap());
    assert_eq!((rig.count("A"), rig.count("D"), rig.count("C")), (1, 1, 1));
}

#[tokio::test]
async fn lost_voids_verifications_and_stored_cards_are_found() {
    let (rig, transport, gateway) = broken();
    let held = approved(&gateway.authorize(&rig.request(5000, "a")).await.unwrap()).clone();
    let void = VoidRequest::new(held.reference.clone(), rig.key("v"));
    transport.plan(Break::BeforeEffect, "TRXTYPE=V", 1);
    let attempt = unknown(&gateway.void(&void).await.unwrap_err());
    did_not_happen(&rig, &*gateway, &attempt).await;
    transport.plan(Break::AfterEffect, "TRXTYPE=V", 1);
    let attempt = unknown(&gateway.void(&void).await.unwrap_err());
    let found = happened(&rig, &*gateway, &attempt).await;
    assert_eq!(found.lifecycle, Lifecycle::Voided);
    assert!(found.reference.same_as(&held.reference));
    assert!(approved(&gateway.void(&void).await.unwrap()).replayed);

    let verify =
        VerifyRequest::new(visa(), turnbuckle_core::money::Currency::USD, rig.key("y"), reference("c-1"));
    transport.plan(Break::AfterEffect, "TRXTYPE=A", 1);
    let attempt = unknown(&gateway.verify(&verify).await.unwrap_err());
    assert_eq!(happened(&rig, &*gateway, &attempt).await.lifecycle, Lifecycle::Verified);

    let store = StoreRequest::new(visa(), rig.key("s"), reference("c-1"));
    transport.plan(Break::AfterEffect, "TRXTYPE=L", 1);
    let attempt = unknown(&gateway.store(&store).await.unwrap_err());
    let found = resolve_store(&*gateway, &attempt, rig.clock.now()).await.unwrap();
    let Resolution::Happened(stored) = found else { panic!("{found:?}") };
    assert_eq!(gateway.store(&store).await.unwrap().reference, stored.reference);
    assert_eq!(rig.sim.payflow().stored_methods().len(), 1);
    // That none is found proves nothing.
    transport.plan(Break::BeforeEffect, "TRXTYPE=L", 1);
    let store = StoreRequest::new(visa(), rig.key("s2"), reference("c-1"));
    let attempt = unknown(&gateway.store(&store).await.unwrap_err());
    rig.clock.advance(Duration::from_secs(3600));
    let found = resolve_store(&*gateway, &attempt, rig.clock.now()).await.unwrap();
    assert!(matches!(found, Resolution::StillUnknown { .. }), "{found:?}");
}

#[tokio::test]
async fn a_capture_of_everything_whose_amount_cannot_be_asked_stays_unknown_and_is_found() {
    let (rig, transport, gateway) = broken();
    let held = approved(&gateway.authorize(&rig.request(5000, "a")).await.unwrap()).clone();
    transport.plan(Break::BeforeEffect, "TRXTYPE=I", 1);
    let capture = CaptureRequest::new(held.reference, rig.key("c"));
    let attempt = unknown(&gateway.capture(&capture).await.unwrap_err());
    let found = happened(&rig, &*gateway, &attempt).await;
    assert_eq!(found.amounts.captured, usd(5000));
    assert_eq!(rig.count("D"), 1);
}

#[tokio::test]
async fn a_repeated_answer_that_cannot_be_proven_stays_unknown() {
    let (rig, transport, gateway) = broken();
    let request = rig.request(1099, "k");
    approved(&gateway.purchase(&request).await.unwrap());
    transport.plan(Break::BeforeEffect, "TRXTYPE=I", 1);
    let attempt = unknown(&gateway.purchase(&request).await.unwrap_err());
    assert_eq!(happened(&rig, &*gateway, &attempt).await.amounts.captured, usd(1099));
}

#[tokio::test]
async fn the_client_sends_the_same_request_again_by_itself() {
    let rig = Rig::new();
    for what in [Break::AfterEffect, Break::BeforeEffect, Break::Busy] {
        let transport = Arc::new(BreakingTransport::new(&rig.sim));
        let gateway = PayflowProvider::new()
            .connect(rig.config(Arc::clone(&transport) as _))
            .unwrap()
            .payments()
            .unwrap();
        transport.plan(what, "TRXTYPE=S", 2);
        let before = rig.count("S");
        let outcome = gateway.purchase(&rig.request(1099, &format!("{what:?}"))).await.unwrap();
        assert_eq!(approved(&outcome).replayed, what == Break::AfterEffect);
        assert_eq!(rig.count("S"), before + 1, "{what:?}");
    }
}

/// More calls than the retry budget pays for.
const CALLS: usize = 400;

#[tokio::test]
async fn a_storm_is_bounded_by_the_retry_budget() {
    for kind in [FaultKind::RateLimited { retry_after: None }, FaultKind::Status(503, None)] {
        let rig = Rig::new();
        let transport = Arc::new(BreakingTransport::new(&rig.sim));
        let gateway = PayflowProvider::new()
            .connect(rig.config(Arc::clone(&transport) as _).with_retry(RetryPolicy::new()))
            .unwrap()
            .payments()
            .unwrap();
        rig.sim.faults().push(Fault::new(kind.clone()).times(10_000));
        for call in 0..CALLS {
            let error = gateway.purchase(&rig.request(1099, &format!("k{call}"))).await.unwrap_err();
            assert_ne!(error.effect(), Effect::Happened);
        }
        let sent = transport.sent.load(Ordering::SeqCst);
        // Three attempts each while the budget of 500 tokens pays for the second and third, then one.
        assert!(sent > CALLS && sent <= CALLS + 110, "{sent} requests for {CALLS} calls");
        assert_eq!(rig.count("S"), 0);
    }
}

fn monthly(rig: &Rig, key: &str) -> SubscriptionRequest {
    let plan = Plan::Inline { amount: usd(1200), every: Interval::new(1, IntervalUnit::Month) };
    SubscriptionRequest::new(visa(), plan, rig.key(key), reference("sub-1"))
}

/// Polls a call so often, then drops it. True when it was done before.
fn drop_after(call: impl Future, polls: usize) -> bool {
    let mut call = pin!(call);
    let mut context = Context::from_waker(Waker::noop());
    (0..polls).any(|_| matches!(call.as_mut().poll(&mut context), Poll::Ready(_)))
}

/// Drops a call at every poll: what was done is done once, and a sweep of the journal knows it.
async fn dropped_everywhere(
    prepare: impl AsyncFn(&Rig, &dyn PaymentGateway) -> Option<Payment>,
    act: impl AsyncFn(&Rig, &dyn PaymentGateway, &dyn turnbuckle_core::payment::Subscriptions, Option<Payment>),
    count: impl Fn(&Rig) -> usize,
) {
    let (mut effects, mut nothing) = (0, 0);
    for polls in 1..200 {
        let rig = Rig::new();
        let transport = Arc::new(BreakingTransport::new(&rig.sim).with_yields(2, 2));
        let journal: Arc<dyn Journal> = Arc::new(MemoryJournal::new());
        let (gateway, subscriptions) = rig.breaking_with(&transport, &journal);
        let straight = rig.gateway();
        let prepared = prepare(&rig, &*straight).await;
        let before = count(&rig);
        let done = drop_after(act(&rig, &*gateway, &*subscriptions, prepared), polls);
        let did = count(&rig) - before;
        assert!(did <= 1, "{did} effects after {polls} polls");
        // Long enough that nothing can be under way.
        rig.clock.advance(Duration::from_secs(3600));
        let now = rig.clock.now();
        let report = sweep(&*journal, &*gateway, Some(&*subscriptions), now, now, 10).await.unwrap();
        for (record, swept) in &report.swept {
            let known = match swept {
                Swept::Payment(_) | Swept::Stored(_) | Swept::Subscription(_) => did == 1,
                Swept::DidNotHappen => did == 0,
                // An upload that left no trace may be unfindable.
                Swept::StillUnknown { .. } => did == 0 && record.attempt.operation.as_str() == "store",
                _ => false,
            };
            assert!(known, "{did} effects after {polls} polls, and the sweep says {swept:?}");
        }
        if done {
            assert!(report.swept.is_empty(), "a call that was answered leaves nothing open");
            assert!(effects > 0 && nothing > 0, "{effects} drops after the effect, {nothing} before");
            return;
        }
        effects += usize::from(did == 1);
        nothing += usize::from(did == 0);
    }
    panic!("never done");
}

#[tokio::test]
async fn dropped_purchases() {
    dropped_everywhere(
        async |_, _| None,
        async |rig, gateway, _, _| drop(gateway.purchase(&rig.request(1099, "k")).await),
        |rig| rig.count("S"),
    )
    .await;
}

#[tokio::test]
async fn dropped_captures_and_voids() {
    let authorized = async |rig: &Rig, gateway: &dyn PaymentGateway| {
        Some(approved(&gateway.authorize(&rig.request(5000, "a")).await.unwrap()).clone())
    };
    dropped_everywhere(
        authorized,
        async |rig, gateway, _, held| {
            let capture = CaptureRequest::new(held.unwrap().reference, rig.key("c"));
            drop(gateway.capture(&capture).await);
        },
        |rig| rig.count("D"),
    )
    .await;
    dropped_everywhere(
        authorized,
        async |rig, gateway, _, held| {
            drop(gateway.void(&VoidRequest::new(held.unwrap().reference, rig.key("v"))).await);
        },
        |rig| rig.count("V"),
    )
    .await;
}

#[tokio::test]
async fn dropped_refunds() {
    dropped_everywhere(
        async |rig, gateway| {
            let payment = approved(&gateway.purchase(&rig.request(5000, "a")).await.unwrap()).clone();
            rig.sim.payflow().settle().unwrap();
            Some(payment)
        },
        async |rig, gateway, _, paid| {
            let refund = RefundRequest::new(paid.unwrap().reference, rig.key("r")).with_amount(usd(700));
            drop(gateway.refund(&refund).await);
        },
        |rig| rig.count("C"),
    )
    .await;
}

#[tokio::test]
async fn dropped_uploads_and_profiles() {
    dropped_everywhere(
        async |_, _| None,
        async |rig, gateway, _, _| {
            drop(gateway.store(&StoreRequest::new(visa(), rig.key("s"), reference("c"))).await);
        },
        |rig| rig.count("L"),
    )
    .await;
    dropped_everywhere(
        async |_, _| None,
        async |rig, _, subscriptions, _| drop(subscriptions.create(&monthly(rig, "p")).await),
        |rig| rig.sim.payflow().subscriptions().len(),
    )
    .await;
}

#[tokio::test]
async fn the_journal_says_how_a_held_payment_ended() {
    let rig = Rig::new();
    let transport = Arc::new(BreakingTransport::new(&rig.sim));
    let journal: Arc<dyn Journal> = Arc::new(MemoryJournal::new());
    let (gateway, _) = rig.breaking_with(&transport, &journal);
    let Outcome::Held(held) = gateway.purchase(&rig.request(112_600, "k")).await.unwrap() else {
        panic!("not held")
    };
    transport.plan(Break::AfterEffect, "TRXTYPE=U", 1);
    let decided = gateway.decide(&held.reference, turnbuckle_core::payment::Decision::Accept).await;
    let attempt = unknown(&decided.unwrap_err());
    assert_eq!(happened(&rig, &*gateway, &attempt).await.lifecycle, Lifecycle::Captured);
    let now = rig.clock.now();
    sweep(&*journal, &*gateway, None, now + chrono::TimeDelta::hours(1), now, 10).await.unwrap();
    let record = journal.get(&attempt.wire_key).await.unwrap().unwrap();
    assert_eq!(record.conclusion.unwrap().end, End::Done);
}
