//! Whole flows against the simulator.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use turnbuckle_authnet::{AuthorizeNet, EventType, NewWebhook, customer_of};
use turnbuckle_core::payment::{
    Address, AvsResult, BankAccount, CancelWhen, CaptureRequest, CreditRequest, Customer, CvvResult,
    Decision, DeclineReason, Idempotency, Journal, Lifecycle, Lookup, LookupQuery, MemoryJournal, Outcome,
    PaymentMethod, PaymentRef, RefundRequest, SettlementKind, StoreRequest, SubscriptionStatus,
    SubscriptionUpdate, TransactionQuery, VerifyRequest, VoidRequest, reconcile,
};
use turnbuckle_core::{Clock, Effect, ErrorKind};

use support::{Rig, approved, card, reference, usd};

fn zip(code: &str) -> Address {
    let mut address = Address::default();
    address.postal_code = Some(code.into());
    address
}

#[tokio::test]
async fn authorize_capture_settle_refund() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    assert_eq!(gateway.features().idempotency, Idempotency::LookupOnly);
    let payment =
        approved(gateway.authorize(&rig.request(2000, "a").with_billing(zip("46203"))).await.unwrap());
    assert_eq!((payment.avs, payment.cvv), (Some(AvsResult::NotChecked), Some(CvvResult::Match)));
    let capture = CaptureRequest::new(payment.reference.clone(), rig.key("c")).with_amount(usd(1500));
    let captured = approved(gateway.capture(&capture).await.unwrap());
    assert_eq!((captured.amounts.authorized, captured.amounts.captured), (usd(2000), usd(1500)));

    let refund = RefundRequest::new(captured.reference.clone(), rig.key("r1")).with_amount(usd(500));
    let early = gateway.refund(&refund).await.unwrap_err();
    assert_eq!((early.kind(), early.code()), (ErrorKind::Conflict, Some("54")));
    rig.sim.authnet().settle();
    let refund = RefundRequest::new(captured.reference.clone(), rig.key("r2")).with_amount(usd(500));
    let refunded = approved(gateway.refund(&refund).await.unwrap());
    assert_eq!(refunded.amounts.refunded, usd(500));
    // What is left is what no refund has returned.
    let rest = RefundRequest::new(captured.reference.clone(), rig.key("r3"));
    let rest = approved(gateway.refund(&rest).await.unwrap());
    assert_eq!(rest.amounts.refunded, usd(1000));
    let nothing = RefundRequest::new(captured.reference.clone(), rig.key("r4"));
    assert_eq!(gateway.refund(&nothing).await.unwrap_err().kind(), ErrorKind::Conflict);
    let found = gateway.lookup(&LookupQuery::Reference(refunded.reference)).await.unwrap();
    let Lookup::Found(found) = found else { panic!("{found:?}") };
    assert_eq!(found[0].lifecycle, Lifecycle::Refunded);
    assert!(found[0].parent.as_ref().unwrap().same_as(&captured.reference));
}

#[tokio::test]
async fn void_instead_only_when_asked_for_whole_and_unsettled() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let payment = approved(gateway.purchase(&rig.request(2000, "a")).await.unwrap());
    let part = RefundRequest::new(payment.reference.clone(), rig.key("r1"))
        .with_amount(usd(500))
        .with_void_if_unsettled();
    assert_eq!(gateway.refund(&part).await.unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(rig.status(&payment), "capturedPendingSettlement");
    let plain = RefundRequest::new(payment.reference.clone(), rig.key("r2"));
    assert_eq!(gateway.refund(&plain).await.unwrap_err().code(), Some("54"));
    assert_eq!(rig.status(&payment), "capturedPendingSettlement");
    let whole = RefundRequest::new(payment.reference.clone(), rig.key("r3")).with_void_if_unsettled();
    let voided = approved(gateway.refund(&whole).await.unwrap());
    assert_eq!((voided.lifecycle, voided.amounts.refunded), (Lifecycle::Voided, usd(2000)));
    assert_eq!(rig.status(&payment), "voided");

    let settled = approved(gateway.purchase(&rig.request(2000, "b")).await.unwrap());
    rig.sim.authnet().settle();
    let whole = RefundRequest::new(settled.reference.clone(), rig.key("r4")).with_void_if_unsettled();
    let refunded = approved(gateway.refund(&whole).await.unwrap());
    assert_eq!(refunded.lifecycle, Lifecycle::Refunded);
    let late = gateway.void(&VoidRequest::new(settled.reference, rig.key("v"))).await.unwrap_err();
    assert_eq!((late.kind(), late.code()), (ErrorKind::Conflict, Some("327")));
}

#[tokio::test]
async fn declines_by_postal_code_and_code() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let declined = gateway.purchase(&rig.request(2000, "a").with_billing(zip("46282"))).await.unwrap();
    assert_eq!(declined.declined().unwrap().reason, DeclineReason::DoNotHonor);
    for (reason, expected) in [
        (4, DeclineReason::LostOrStolen),
        (8, DeclineReason::ExpiredCard),
        (27, DeclineReason::AddressMismatch),
        (44, DeclineReason::IncorrectCvv),
        (28, DeclineReason::NotSupported),
        (250, DeclineReason::Fraud),
    ] {
        rig.sim.authnet().next_reason(reason);
        let declined = gateway.purchase(&rig.request(2000, &format!("r{reason}"))).await.unwrap();
        assert_eq!(declined.declined().unwrap().reason, expected, "{reason}");
    }
}

#[tokio::test]
async fn processor_errors_are_unknown_whatever_happened() {
    for reason in [19, 20, 21, 22, 23, 25, 26, 57, 58, 59, 60, 61, 62, 63, 120, 121, 122] {
        for happened in [false, true] {
            let rig = Rig::new();
            let gateway = rig.gateway();
            let vendor = rig.sim.authnet();
            if happened {
                vendor.next_reason_after_effect(reason);
            } else {
                vendor.next_reason(reason);
            }
            let error = gateway.purchase(&rig.request(2000, "a")).await.unwrap_err();
            assert_eq!(error.effect(), Effect::Unknown, "{reason}");
            let attempt = error.attempt().unwrap();
            rig.clock.advance(Duration::from_secs(600));
            let found = turnbuckle_core::payment::resolve(gateway.as_ref(), attempt, rig.clock.now()).await;
            let happens = matches!(found.unwrap(), turnbuckle_core::payment::Resolution::Happened(_));
            assert_eq!(happens, happened, "{reason}");
        }
    }
}

#[tokio::test]
async fn holds_are_decided() {
    for (postal_code, decision) in [
        ("46298", Decision::Accept),
        ("46299", Decision::Accept),
        ("46298", Decision::Reject),
        ("46299", Decision::Reject),
    ] {
        let rig = Rig::new();
        let gateway = rig.gateway();
        let request = rig.request(2000, "a").with_billing(zip(postal_code));
        let Outcome::Held(held) = gateway.purchase(&request).await.unwrap() else { panic!("not held") };
        let found = gateway.lookup(&LookupQuery::Reference(held.reference.clone())).await.unwrap();
        let Lookup::Found(found) = found else { panic!("{found:?}") };
        assert_eq!(found[0].lifecycle, Lifecycle::Pending);
        let decided = gateway.decide(&held.reference, decision).await.unwrap();
        match decision {
            Decision::Accept => assert_eq!(approved(decided).amounts.captured, usd(2000)),
            Decision::Reject => assert_eq!(decided.declined().unwrap().reason, DeclineReason::Fraud),
        }
        let again = gateway.decide(&held.reference, decision).await.unwrap_err();
        assert_eq!(again.kind(), ErrorKind::NotFound);
    }
}

#[tokio::test]
async fn bank_accounts_are_debited_credited_and_returned() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let account = BankAccount::new("121042882", "000123456789", "Robin Doe").unwrap();
    let method = PaymentMethod::BankAccount(account);
    let mut request = rig.request(5000, "a");
    request.method = method.clone();
    let Outcome::Processing(payment) = gateway.purchase(&request).await.unwrap() else {
        panic!("not under way")
    };
    let state = async |payment: &PaymentRef| {
        let found = gateway.lookup(&LookupQuery::Reference(payment.clone())).await.unwrap();
        let Lookup::Found(found) = found else { panic!("{found:?}") };
        found[0].lifecycle
    };
    assert_eq!(state(&payment.reference).await, Lifecycle::Pending);
    rig.sim.authnet().settle();
    assert_eq!(state(&payment.reference).await, Lifecycle::Settled);
    // The account is sent back masked, as the vendor has it.
    let refund = RefundRequest::new(payment.reference.clone(), rig.key("r")).with_amount(usd(1000));
    assert!(matches!(gateway.refund(&refund).await.unwrap(), Outcome::Approved(_)));
    rig.sim.authnet().return_echeck(payment.reference.id()).unwrap();
    assert_eq!(state(&payment.reference).await, Lifecycle::Returned);
    let credit = CreditRequest::new(usd(700), method.clone(), rig.key("c"), reference("payout-1"));
    assert_eq!(approved(gateway.credit(&credit).await.unwrap()).amounts.refunded, usd(700));
    let verify = VerifyRequest::new(method, usd(1).currency(), rig.key("v"), reference("check-1"));
    assert_eq!(gateway.verify(&verify).await.unwrap_err().fields()[0].field, "method");
    request.amount = usd(20_000);
    request.key = rig.key("b");
    assert!(gateway.purchase(&request).await.unwrap().declined().is_some());
}

#[tokio::test]
async fn stored_methods_share_a_customer() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let store = StoreRequest::new(card(), rig.key("s1"), reference("customer-7"));
    let first = gateway.store(&store).await.unwrap();
    let mut customer = Customer::default();
    customer.reference = customer_of(&first.reference);
    let account = BankAccount::new("121042882", "000123456789", "Robin Doe").unwrap();
    let other =
        StoreRequest::new(PaymentMethod::BankAccount(account), rig.key("s2"), reference("customer-7"))
            .with_customer(customer);
    let second = gateway.store(&other).await.unwrap();
    assert_eq!(first.reference.detail("customer"), second.reference.detail("customer"));
    // The same method again is found, not made again.
    let mut again = other.clone();
    again.key = rig.key("s3");
    assert_eq!(gateway.store(&again).await.unwrap().reference.id(), second.reference.id());
    assert_eq!(rig.sim.authnet().customer_profiles().len(), 1);

    let mut request = rig.request(2000, "a");
    request.method = PaymentMethod::Stored(second.reference.clone());
    assert!(matches!(gateway.purchase(&request).await.unwrap(), Outcome::Processing(_)));
    request.method = PaymentMethod::Stored(first.reference.clone());
    request.key = rig.key("b");
    let paid = approved(gateway.purchase(&request).await.unwrap());
    assert_eq!(paid.reference.detail("last4"), Some("1111"));
    gateway.unstore(&first.reference).await.unwrap();
    gateway.unstore(&first.reference).await.unwrap();
    request.key = rig.key("c");
    let gone = gateway.purchase(&request).await.unwrap_err();
    assert_eq!((gone.kind(), gone.retry_after()), (ErrorKind::NotFound, Some(Duration::from_secs(30))));
    // A method that was removed can be stored again under the same key.
    assert_ne!(gateway.store(&store).await.unwrap().reference.id(), first.reference.id());
}

#[tokio::test]
async fn subscriptions_wait_for_a_new_method_and_run() {
    let rig = Rig::new();
    let connection = rig.connect();
    let (gateway, subscriptions) = (connection.payments().unwrap(), connection.subscriptions().unwrap());
    let stored = gateway.store(&StoreRequest::new(card(), rig.key("s"), reference("c-7"))).await.unwrap();
    let mut request = rig.subscription("sub");
    request.method = PaymentMethod::Stored(stored.reference.clone());
    let early = subscriptions.create(&request).await.unwrap_err();
    assert_eq!((early.kind(), early.effect()), (ErrorKind::NotFound, Effect::None));
    rig.clock.advance(early.retry_after().unwrap());
    let made = subscriptions.create(&request).await.unwrap().subscription.unwrap();
    assert_eq!(made.status, SubscriptionStatus::Active);
    // The very same request finds it.
    let again = subscriptions.create(&request).await.unwrap().subscription.unwrap();
    assert_eq!(again.reference.id(), made.reference.id());
    request.plan = turnbuckle_core::payment::Plan::Inline {
        amount: usd(9900),
        every: turnbuckle_core::payment::Interval::new(1, turnbuckle_core::payment::IntervalUnit::Month),
    };
    assert_eq!(subscriptions.create(&request).await.unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(rig.sim.authnet().subscriptions().len(), 1);
    // A card that pays for a subscription stays.
    assert_eq!(gateway.unstore(&stored.reference).await.unwrap_err().code(), Some("E00105"));

    rig.clock.advance(Duration::from_secs(33 * 24 * 3600));
    let history = subscriptions.history(&made.reference, 10).await.unwrap();
    assert_eq!(history.len(), 2);
    assert!(history[0].created_at > history[1].created_at);
    assert!(history.iter().all(|payment| payment.amounts.requested == usd(1200)));
    assert_eq!(subscriptions.history(&made.reference, 1).await.unwrap().len(), 1);

    let mut update = SubscriptionUpdate::new(made.reference.clone(), rig.key("u"));
    update.plan = Some(turnbuckle_core::payment::Plan::Inline {
        amount: usd(1500),
        every: turnbuckle_core::payment::Interval::new(1, turnbuckle_core::payment::IntervalUnit::Month),
    });
    update.description = Some("another thing".into());
    let updated = subscriptions.update(&update).await.unwrap();
    assert_eq!(updated.amount, Some(usd(1500)));
    let order = &rig.sim.authnet().subscriptions()[0]["request"]["order"];
    assert_eq!(order["description"], "sub-1 | another thing");
    update.plan = Some(turnbuckle_core::payment::Plan::Inline {
        amount: usd(1500),
        every: turnbuckle_core::payment::Interval::new(1, turnbuckle_core::payment::IntervalUnit::Week),
    });
    assert_eq!(subscriptions.update(&update).await.unwrap_err().fields()[0].field, "plan.every");

    for _ in 0..2 {
        let ended = subscriptions.cancel(&made.reference, CancelWhen::Now).await.unwrap();
        assert_eq!(ended.status, SubscriptionStatus::Cancelled);
    }
    for refused in [
        subscriptions.cancel(&made.reference, CancelWhen::PeriodEnd).await.map(drop),
        subscriptions.reactivate(&made.reference, &rig.key("x")).await.map(drop),
        subscriptions.retry_payment(&made.reference, &rig.key("y")).await.map(drop),
    ] {
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Unsupported);
    }
}

#[tokio::test]
async fn the_same_key_after_the_duplicate_window_is_looked_up() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let request = rig.request(2000, "a");
    let first = approved(gateway.purchase(&request).await.unwrap());
    let again = approved(gateway.purchase(&request).await.unwrap());
    assert!(again.replayed && again.reference.id() == first.reference.id());
    rig.clock.advance(Duration::from_secs(9 * 3600));
    rig.sim.authnet().settle();
    let late = approved(gateway.purchase(&request).await.unwrap());
    assert!(late.replayed && late.reference.id() == first.reference.id());
    assert_eq!(rig.standing().len(), 1);
    // A key that is old and was never used is sent.
    let mut fresh = rig.request(2100, "b");
    fresh.key =
        turnbuckle_core::payment::IdempotencyKey::new("b", rig.clock.now() - TimeDelta::hours(10)).unwrap();
    approved(gateway.purchase(&fresh).await.unwrap());
    assert_eq!(rig.standing().len(), 2);
}

#[tokio::test]
async fn settlements_that_miss_add_and_differ() {
    let rig = Rig::new();
    let journal = Arc::new(MemoryJournal::new());
    let transport = Arc::new(support::BreakingTransport::new(&rig.sim));
    let gateway = rig.breaking(&transport, Some(Arc::clone(&journal) as _)).payments().unwrap();
    let start = rig.clock.now() - TimeDelta::minutes(5);
    let kept = approved(gateway.purchase(&rig.request(1000, "kept")).await.unwrap());
    let missing = approved(gateway.purchase(&rig.request(2000, "missing")).await.unwrap());
    let reserved = approved(gateway.authorize(&rig.request(3000, "part")).await.unwrap());
    let capture = CaptureRequest::new(reserved.reference.clone(), rig.key("capture")).with_amount(usd(2500));
    let captured = approved(gateway.capture(&capture).await.unwrap());
    // Behind the journal's back: one payment is voided, and another one made.
    let stranger = rig.gateway();
    stranger
        .void(&VoidRequest::new(missing.reference, rig.key("elsewhere")))
        .await
        .unwrap()
        .approved()
        .unwrap();
    let extra = approved(stranger.purchase(&rig.request(4000, "elsewhere")).await.unwrap());
    rig.sim.authnet().settle();
    let end = rig.clock.now() + TimeDelta::minutes(5);
    let page = gateway.transactions(&TransactionQuery::new(start, end)).await.unwrap();
    assert!(page.next.is_none());
    let mut entries = page.entries;
    // And one amount is not what was captured.
    for entry in &mut entries {
        if entry.id == captured.reference.id() {
            assert_eq!((entry.gross, entry.kind), (usd(2500), SettlementKind::Payment));
            entry.gross = usd(2400);
        }
    }
    let records = journal.records(start, end).await.unwrap();
    let result = reconcile(&records, entries);
    let of = |payment: &Option<PaymentRef>| payment.as_ref().unwrap().id().to_owned();
    assert_eq!(result.matched.len(), 1);
    assert_eq!(of(&result.matched[0].1.payment), kept.reference.id());
    assert_eq!(result.missing.len(), 1);
    assert_eq!(result.missing[0].attempt.key.value(), "missing");
    assert_eq!(result.extra.len(), 1);
    assert_eq!(of(&result.extra[0].payment), extra.reference.id());
    assert_eq!(result.mismatched.len(), 1);
    assert_eq!(result.mismatched[0].record.attempt.key.value(), "capture");
}

#[tokio::test]
async fn readiness_is_told() {
    let rig = Rig::new();
    let good = rig.connect().test().await.unwrap();
    assert!(good.success && good.is_ready() && good.live == Some(false), "{good:?}");
    assert_eq!(good.account.unwrap().id, "565697");
    rig.sim.authnet().set_test_mode(true);
    rig.sim.authnet().enable_transaction_details(false);
    let mut credentials = rig.credentials();
    credentials.as_object_mut().unwrap().remove("signatureKey");
    let config = rig.config_with(credentials, rig.transport());
    let connection = turnbuckle_core::provider::IntegrationProvider::connect(
        &turnbuckle_authnet::AuthorizeNetProvider::new(),
        config,
    );
    let bad = connection.unwrap().test().await.unwrap();
    let codes: Vec<_> = bad.findings.iter().map(|finding| finding.code.as_ref()).collect();
    assert!(bad.success && !bad.is_ready());
    assert_eq!(codes, ["test_mode", "transaction_details_off", "signature_key_missing"]);
    rig.sim.authnet().set_active(false);
    assert!(!rig.connect().test().await.unwrap().success);
}

#[tokio::test]
async fn webhooks_are_registered_and_received() {
    let rig = Rig::new();
    let connection = rig.connect();
    let client = connection.client::<AuthorizeNet>().unwrap();
    let events = [EventType::AuthCaptureCreated, EventType::FraudHeld];
    let made = client.webhooks().create(&NewWebhook::new("https://shop.test/hooks", events)).await.unwrap();
    let id = made.webhook_id.unwrap();
    assert_eq!(client.webhooks().list().await.unwrap().len(), 1);
    let events = [EventType::AuthCaptureCreated];
    let changed = NewWebhook::new("https://shop.test/other", events);
    assert_eq!(
        client.webhooks().update(&id, &changed).await.unwrap().url.unwrap(),
        "https://shop.test/other"
    );
    let paid = approved(connection.payments().unwrap().purchase(&rig.request(2000, "a")).await.unwrap());
    let pushes = rig.sim.authnet().take_webhooks();
    assert!(!pushes.is_empty());
    for push in pushes {
        let mut request = http::Request::post("https://shop.test/other").body(push.body).unwrap();
        *request.headers_mut() = push.headers;
        let raw = turnbuckle_core::webhook::RawWebhook::new(request, "https://shop.test/other").unwrap();
        let received = connection.webhooks().unwrap().receive(raw, rig.clock.now()).await.unwrap();
        assert!(received[0].get().references[0].same_as(&paid.reference));
    }
    client.webhooks().delete(&id).await.unwrap();
    assert_eq!(client.webhooks().get(&id).await.unwrap_err().kind(), ErrorKind::NotFound);
}
