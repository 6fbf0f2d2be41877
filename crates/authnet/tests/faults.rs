//! Lost answers, dropped futures and storms: one effect, and a caller who knows it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use turnbuckle_core::payment::{
    CaptureRequest, Journal, MemoryJournal, PaymentOperation, RefundRequest, Resolution, StoreRequest, Swept,
    VoidRequest, resolve, resolve_store, resolve_subscription, sweep,
};
use turnbuckle_core::provider::Connection;
use turnbuckle_core::{Clock, Effect, Error, Result};
use turnbuckle_testkit::fault::DropAfterPolls;

use support::{Break, BreakingTransport, Rig, approved, card, reference, usd};

/// The calls whose answers are lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Purchase,
    Capture,
    Void,
    Refund,
    VoidInstead,
    Store,
    Subscribe,
}

const ALL: [Call; 7] = [
    Call::Purchase,
    Call::Capture,
    Call::Void,
    Call::Refund,
    Call::VoidInstead,
    Call::Store,
    Call::Subscribe,
];

impl Call {
    /// The words of the request that has the effect.
    fn words(self) -> &'static str {
        match self {
            Self::Purchase => "authCaptureTransaction",
            Self::Capture => "priorAuthCaptureTransaction",
            Self::Void | Self::VoidInstead => "voidTransaction",
            Self::Refund => "refundTransaction",
            Self::Store => "createCustomerProfileRequest",
            Self::Subscribe => "ARBCreateSubscriptionRequest",
        }
    }

    async fn prepare(self, rig: &Rig) -> Option<turnbuckle_core::payment::PaymentRef> {
        let gateway = rig.gateway();
        match self {
            Self::Capture | Self::Void => {
                Some(approved(gateway.authorize(&rig.request(2000, "first")).await.unwrap()).reference)
            }
            Self::Refund => {
                let paid = approved(gateway.purchase(&rig.request(2000, "first")).await.unwrap());
                rig.sim.authnet().settle();
                Some(paid.reference)
            }
            Self::VoidInstead => {
                Some(approved(gateway.purchase(&rig.request(2000, "first")).await.unwrap()).reference)
            }
            _ => None,
        }
    }

    async fn act(
        self,
        rig: &Rig,
        connection: &Connection,
        on: Option<&turnbuckle_core::payment::PaymentRef>,
    ) -> Result<()> {
        let gateway = connection.payments().unwrap();
        let on = || on.unwrap().clone();
        match self {
            Self::Purchase => gateway.purchase(&rig.request(2000, "key")).await.map(|outcome| {
                approved(outcome);
            }),
            Self::Capture => {
                let request = CaptureRequest::new(on(), rig.key("key")).with_amount(usd(1500));
                gateway.capture(&request).await.map(|outcome| {
                    approved(outcome);
                })
            }
            Self::Void => gateway.void(&VoidRequest::new(on(), rig.key("key"))).await.map(|outcome| {
                approved(outcome);
            }),
            Self::Refund => {
                let request = RefundRequest::new(on(), rig.key("key")).with_amount(usd(500));
                gateway.refund(&request).await.map(|outcome| {
                    approved(outcome);
                })
            }
            Self::VoidInstead => {
                let request = RefundRequest::new(on(), rig.key("key")).with_void_if_unsettled();
                gateway.refund(&request).await.map(|outcome| {
                    approved(outcome);
                })
            }
            Self::Store => {
                gateway.store(&StoreRequest::new(card(), rig.key("key"), reference("c-7"))).await.map(drop)
            }
            Self::Subscribe => {
                connection.subscriptions().unwrap().create(&rig.subscription("key")).await.map(drop)
            }
        }
    }

    /// How often it has happened.
    fn effects(self, rig: &Rig) -> usize {
        let vendor = rig.sim.authnet();
        let with = |status: &str| {
            vendor.transactions().iter().filter(|one| one["transactionStatus"] == status).count()
        };
        match self {
            Self::Purchase => rig.standing().len(),
            Self::Capture => with("capturedPendingSettlement"),
            Self::Void | Self::VoidInstead => with("voided"),
            Self::Refund => with("refundPendingSettlement"),
            Self::Store => vendor.customer_profiles().len(),
            Self::Subscribe => vendor.subscriptions().len(),
        }
    }
}

/// What is found out about a call whose answer was lost; `None` while nobody can tell.
async fn found_out(rig: &Rig, connection: &Connection, error: &Error) -> Option<bool> {
    let attempt = error.attempt().expect("an unknown effect comes with its attempt");
    let gateway = connection.payments().unwrap();
    for _ in 0..3 {
        let now = rig.clock.now();
        let wait = match attempt.operation {
            PaymentOperation::Store => match resolve_store(gateway.as_ref(), attempt, now).await.unwrap() {
                Resolution::Happened(_) => return Some(true),
                Resolution::DidNotHappen => return Some(false),
                Resolution::StillUnknown { check_after } => check_after,
                _ => unreachable!(),
            },
            PaymentOperation::CreateSubscription => {
                let subscriptions = connection.subscriptions().unwrap();
                match resolve_subscription(subscriptions.as_ref(), attempt, now).await.unwrap() {
                    Resolution::Happened(_) => return Some(true),
                    Resolution::DidNotHappen => return Some(false),
                    Resolution::StillUnknown { check_after } => check_after,
                    _ => unreachable!(),
                }
            }
            _ => match resolve(gateway.as_ref(), attempt, now).await.unwrap() {
                Resolution::Happened(_) => return Some(true),
                Resolution::DidNotHappen => return Some(false),
                Resolution::StillUnknown { check_after } => check_after,
                _ => unreachable!(),
            },
        };
        let wait = wait.signed_duration_since(now).to_std().unwrap_or_default();
        rig.clock.advance(wait + Duration::from_secs(1));
    }
    None
}

#[tokio::test]
async fn a_lost_answer_is_found_out() {
    for call in ALL {
        for what in [Break::AfterEffect, Break::BeforeEffect, Break::Answer(502)] {
            let rig = Rig::new();
            let on = call.prepare(&rig).await;
            let transport = Arc::new(BreakingTransport::new(&rig.sim));
            let connection = rig.breaking(&transport, None);
            transport.plan(what, call.words(), 5);
            let before = transport.sent.load(Ordering::SeqCst);
            let error = call.act(&rig, &connection, on.as_ref()).await.unwrap_err();
            assert_eq!(error.effect(), Effect::Unknown, "{call:?} {what:?}: {error}");
            let happened = what == Break::AfterEffect;
            assert_eq!(call.effects(&rig), usize::from(happened), "{call:?} {what:?}");
            assert!(transport.sent.load(Ordering::SeqCst) - before <= 5, "{call:?}");
            transport.plan(what, "nothing", 0);
            match found_out(&rig, &connection, &error).await {
                Some(found) => assert_eq!(found, happened, "{call:?} {what:?}"),
                // A store can be found and never disproved.
                None => assert!(call == Call::Store && !happened, "{call:?} {what:?}"),
            }
            assert_eq!(call.effects(&rig), usize::from(happened), "{call:?} {what:?}");
        }
    }
}

#[tokio::test]
async fn the_request_with_the_effect_leaves_once() {
    for call in ALL {
        for what in [Break::AfterEffect, Break::BeforeEffect, Break::Answer(500), Break::Answer(503)] {
            let rig = Rig::new();
            let on = call.prepare(&rig).await;
            let transport = Arc::new(BreakingTransport::new(&rig.sim));
            let connection = rig.breaking(&transport, None);
            // Broken once: a second send would go through.
            transport.plan(what, call.words(), 1);
            call.act(&rig, &connection, on.as_ref()).await.unwrap_err();
            assert_eq!(call.effects(&rig), usize::from(what == Break::AfterEffect), "{call:?} {what:?}");
        }
    }
}

#[tokio::test]
async fn a_dropped_future_leaves_one_effect_that_a_sweep_finds() {
    for call in ALL {
        let mut effects = 0;
        for polls in 0.. {
            let rig = Rig::new();
            let on = call.prepare(&rig).await;
            let journal = Arc::new(MemoryJournal::new());
            let transport = Arc::new(BreakingTransport::new(&rig.sim).with_yields(1, 1));
            let connection = rig.breaking(&transport, Some(Arc::clone(&journal) as _));
            if DropAfterPolls::new(call.act(&rig, &connection, on.as_ref()), polls).await.is_some() {
                assert!(effects > 0, "{call:?}: no drop came after the effect");
                break;
            }
            let happened = call.effects(&rig);
            assert!(happened <= 1, "{call:?} dropped after {polls}");
            effects += happened;
            swept(&rig, &connection, journal.as_ref(), call, happened > 0).await;
        }
    }
}

async fn swept(rig: &Rig, connection: &Connection, journal: &dyn Journal, call: Call, happened: bool) {
    let gateway = connection.payments().unwrap();
    let subscriptions = connection.subscriptions().unwrap();
    for _ in 0..3 {
        rig.clock.advance(Duration::from_secs(16 * 60));
        let now = rig.clock.now();
        let report =
            sweep(journal, gateway.as_ref(), Some(subscriptions.as_ref()), now, now, 10).await.unwrap();
        for (_, swept) in &report.swept {
            match swept {
                Swept::Payment(_) | Swept::Stored(_) | Swept::Subscription(_) => {
                    assert!(happened, "{call:?}");
                }
                Swept::DidNotHappen => assert!(!happened, "{call:?}"),
                Swept::StillUnknown { .. } => {}
                other => panic!("{call:?}: {other:?}"),
            }
        }
        if report.is_settled() {
            return;
        }
    }
    assert!(call == Call::Store && !happened, "{call:?} is still open");
}

#[tokio::test]
async fn storms_stay_within_the_budget() {
    for status in [429, 500, 503] {
        let rig = Rig::new();
        let transport = Arc::new(BreakingTransport::new(&rig.sim));
        let connection = rig.breaking(&transport, None);
        transport.plan(Break::Answer(status), "", usize::MAX);
        let client = connection.client::<turnbuckle_authnet::AuthorizeNet>().unwrap();
        let calls = 400;
        for _ in 0..calls {
            client.authenticate_test().await.unwrap_err();
        }
        let sent = transport.sent.load(Ordering::SeqCst);
        // Three attempts a call while the budget lasts, one when it is spent.
        assert!(sent < calls * 2, "{status}: {sent} requests for {calls} calls");
        let before = transport.sent.load(Ordering::SeqCst);
        connection.payments().unwrap().purchase(&rig.request(2000, "key")).await.unwrap_err();
        assert!(transport.sent.load(Ordering::SeqCst) - before <= 3);
        assert!(rig.standing().is_empty());
    }
}

#[tokio::test]
async fn a_busy_vendor_is_asked_again_for_reads_only() {
    use turnbuckle_simulator::{Fault, FaultKind};
    let rig = Rig::new();
    rig.sim.faults().push(Fault::new(FaultKind::RateLimited { retry_after: None }).times(2));
    let connection = rig.connect();
    let client = connection.client::<turnbuckle_authnet::AuthorizeNet>().unwrap();
    client.authenticate_test().await.unwrap();
    rig.sim.faults().push(Fault::new(FaultKind::RateLimited { retry_after: None }).times(1));
    let error = connection.payments().unwrap().purchase(&rig.request(2000, "key")).await.unwrap_err();
    assert_eq!((error.code(), error.effect()), (Some("E00053"), Effect::Unknown));
    assert!(rig.standing().is_empty());
}
