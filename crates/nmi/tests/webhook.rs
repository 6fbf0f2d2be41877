//! Webhooks: the computed vector, every kind of event, and what must not pass.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::Request;
use turnbuckle_core::payment::{
    BankAccount, Interval, IntervalUnit, PaymentMethod, Plan, RefundRequest, SubscriptionRequest,
};
use turnbuckle_core::webhook::{
    DisputeEvent, EventKind, Freshness, FreshnessClass, MemoryReplayGuard, PaymentEvent, PayoutEvent,
    RawWebhook, RefundEvent, SetupEvent, SubscriptionEvent, WebhookReceiver, guard_for,
};
use turnbuckle_core::{Environment, ErrorKind};
use turnbuckle_nmi::{NmiObject, NmiWebhooks};
use turnbuckle_simulator::nmi::sign;

use support::{Rig, VISA, approved, card, reference, usd};

const URL: &str = "https://shop.example/nmi";
const KEY: &str = "nmi_signing_key_not_real";
const TAG: &str = "06786c759a74c5233c1292a49828c823e9769cdd068b9b03d1eabc28c4a2abed";

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).unwrap()
}

fn body(name: &str) -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/nmi/responses");
    std::fs::read_to_string(format!("{path}/{name}.json")).unwrap()
}

fn raw(header: &str, body: impl Into<Bytes>) -> RawWebhook {
    let push = Request::post("/nmi").header("webhook-signature", header).body(body.into()).unwrap();
    RawWebhook::new(push, URL).unwrap()
}

fn signed(body: &str) -> RawWebhook {
    let push = sign(body.to_owned().into(), KEY, "n0nce");
    let mut request = Request::post("/nmi").body(push.body).unwrap();
    *request.headers_mut() = push.headers;
    RawWebhook::new(request, URL).unwrap()
}

fn webhooks() -> NmiWebhooks {
    NmiWebhooks::new(&KEY.into()).unwrap()
}

#[test]
fn the_computed_vector_is_accepted_and_nothing_near_it() {
    let good = body("webhook_sale");
    assert_eq!(good.len(), 108);
    let header = format!("t=a1b2c3d4e5f60718,s={TAG}");
    let event = webhooks().verify(&raw(&header, good.clone()), now()).unwrap();
    assert_eq!(event.freshness(), Freshness::Signed);
    assert_eq!(
        (event.get().event_id.as_str(), event.get().event_type.as_str()),
        ("evt-0001", "transaction.sale.success")
    );
    // The nonce is no time: a year later the copy is as good, which is why the guard must not forget.
    assert!(webhooks().verify(&raw(&header, good.clone()), now() + chrono::TimeDelta::days(365)).is_ok());

    for header in [
        format!("t=a1b2c3d4e5f60719,s={TAG}"),
        format!("t=a1b2c3d4e5f60718,s={}", TAG.to_uppercase()),
        format!("t=a1b2c3d4e5f60718,s={}", &TAG[..62]),
        format!("t=a1b2c3d4e5f60718,s={TAG},s={TAG}"),
        format!("t=a1b2c3d4e5f60718,t=a1b2c3d4e5f60718,s={TAG}"),
        format!("s={TAG}"),
        "t=a1b2c3d4e5f60718".to_owned(),
        format!("t=a1b2c3d4e5f60718,s={}", "0".repeat(64)),
    ] {
        let error = webhooks().verify(&raw(&header, good.clone()), now()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SignatureInvalid, "{header}");
    }
    let error = webhooks().verify(&raw(&header, good.replace("0001", "0002")), now()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignatureInvalid);
    let other = NmiWebhooks::new(&"another key".into()).unwrap();
    assert!(other.verify(&raw(&header, good), now()).is_err());
    assert_eq!(NmiWebhooks::new(&"".into()).unwrap_err().kind(), ErrorKind::InvalidConfig);
}

#[test]
fn no_part_of_the_body_can_pass_for_the_nonce() {
    let good = r#"{"event_id":"1","event_type":"x","event_body":{"a":"v.2"}}"#;
    let push = sign(good.to_owned().into(), KEY, "n0nce");
    let header = push.headers["webhook-signature"].to_str().unwrap();
    let (before, after) = good.split_once('.').unwrap();
    // The signed bytes are the same, parted at another dot.
    let moved = header.replace("t=n0nce", &format!("t=n0nce.{}", before.replace(',', "")));
    assert!(moved.contains("n0nce."));
    for header in [moved, header.replace("t=n0nce", "t="), header.replace("t=n0nce", "t=n0nce.")] {
        let error = webhooks().verify(&raw(&header, after.to_owned()), now()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SignatureInvalid);
    }
    let plain = r"a.b";
    let push = sign(plain.to_owned().into(), KEY, "n");
    let tag = push.headers["webhook-signature"].to_str().unwrap().split_once("s=").unwrap().1;
    let error = webhooks().verify(&raw(&format!("t=n.a,s={tag}"), "b"), now()).unwrap_err();
    assert_eq!(error.code(), Some("malformed_header"));
}

#[test]
fn a_guard_that_forgets_is_refused() {
    let room = NonZeroUsize::new(100).unwrap();
    let memory = Arc::new(MemoryReplayGuard::new(room, Duration::from_secs(3600)).unwrap());
    assert_eq!(webhooks().freshness(), FreshnessClass::UnsignedTime);
    assert!(guard_for(webhooks().freshness(), memory).is_err());
}

#[test]
fn what_was_signed_and_is_no_event_is_an_error_of_its_own() {
    for body in [
        "",
        "[]",
        "{}",
        r#"{"event_id":"","event_type":"x","event_body":{}}"#,
        r#"{"event_id":"1","event_type":"x"}"#,
    ] {
        let error = webhooks().verify(&signed(body), now()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{body}");
    }
    let odd = signed(r#"{"event_id":"1","event_type":"transaction.sale.success","event_body":[1]}"#);
    assert!(webhooks().verify(&odd, now()).unwrap().get().decode().is_err());
}

#[tokio::test]
async fn every_type_has_its_kind() {
    for (vendor_type, body, kind) in [
        (
            "transaction.sale.success",
            r#"{"transaction_type":"cc"}"#,
            EventKind::Payment(PaymentEvent::Succeeded),
        ),
        (
            "transaction.sale.success",
            r#"{"transaction_type":"ck"}"#,
            EventKind::Payment(PaymentEvent::Processing),
        ),
        ("transaction.sale.success", r#"{"check":{}}"#, EventKind::Payment(PaymentEvent::Processing)),
        ("transaction.sale.failure", "{}", EventKind::Payment(PaymentEvent::Failed)),
        ("transaction.sale.unknown", "{}", EventKind::Payment(PaymentEvent::Updated)),
        ("transaction.auth.success", "{}", EventKind::Payment(PaymentEvent::Authorized)),
        ("transaction.auth.failure", "{}", EventKind::Payment(PaymentEvent::Failed)),
        ("transaction.capture.success", "{}", EventKind::Payment(PaymentEvent::Captured)),
        ("transaction.capture.failure", "{}", EventKind::Payment(PaymentEvent::Updated)),
        ("transaction.void.success", "{}", EventKind::Payment(PaymentEvent::Canceled)),
        ("transaction.void.failure", "{}", EventKind::Payment(PaymentEvent::Updated)),
        ("transaction.refund.success", "{}", EventKind::Refund(RefundEvent::Succeeded)),
        ("transaction.refund.failure", "{}", EventKind::Refund(RefundEvent::Failed)),
        ("transaction.credit.unknown", "{}", EventKind::Refund(RefundEvent::Updated)),
        ("transaction.validate.success", "{}", EventKind::Payment(PaymentEvent::Updated)),
        ("transaction.check.status.settle", "{}", EventKind::Payment(PaymentEvent::Settled)),
        ("transaction.check.status.return", "{}", EventKind::Return),
        ("transaction.check.status.latereturn", "{}", EventKind::Return),
        ("recurring.plan.add", "{}", EventKind::Other),
        ("recurring.subscription.add", "{}", EventKind::Subscription(SubscriptionEvent::Created)),
        ("recurring.subscription.update", "{}", EventKind::Subscription(SubscriptionEvent::Updated)),
        ("recurring.subscription.delete", "{}", EventKind::Subscription(SubscriptionEvent::Canceled)),
        ("settlement.batch.complete", "{}", EventKind::Payout(PayoutEvent::Created)),
        ("settlement.batch.failure", "{}", EventKind::Payout(PayoutEvent::Failed)),
        ("chargeback.batch.complete", "{}", EventKind::Dispute(DisputeEvent::Opened)),
        ("acu.summary.closedaccount", "{}", EventKind::Setup(SetupEvent::Updated)),
        ("networktoken.token.refresh", "{}", EventKind::Setup(SetupEvent::Updated)),
        ("of.next.year", "[]", EventKind::Other),
    ] {
        let push = format!(r#"{{"event_id":"e","event_type":"{vendor_type}","event_body":{body}}}"#);
        let events = webhooks().receive(signed(&push), now()).await.unwrap();
        let event = events[0].get();
        assert_eq!((event.kind, event.vendor_type.as_str()), (kind, vendor_type));
        assert_eq!((event.id.as_deref(), event.live), (Some("e"), None));
    }
}

#[tokio::test]
async fn bodies_are_typed_and_normalized() {
    let event = webhooks().verify(&signed(&body("webhook_sale_full")), now()).unwrap();
    let NmiObject::Transaction(transaction) = event.get().decode().unwrap() else { unreachable!() };
    assert_eq!(transaction.order_id.as_deref(), Some("0123456789abcdefghijklmnopqrstuv"));
    assert_eq!(transaction.action.as_ref().unwrap().amount.as_deref(), Some("20.10"));
    assert_eq!(transaction.card.as_ref().unwrap().csc_response.as_deref(), Some("M"));
    let events = webhooks().receive(signed(&body("webhook_sale_full")), now()).await.unwrap();
    let event = events[0].get();
    assert_eq!((event.account.as_deref(), event.references[0].id()), (Some("1234567"), "11000000007"));
    assert_eq!(event.occurred_at.unwrap().to_rfc3339(), "2026-05-05T19:35:42+00:00");

    let event = webhooks().verify(&signed(&body("webhook_subscription")), now()).unwrap();
    let NmiObject::Subscription(subscription) = event.get().decode().unwrap() else { unreachable!() };
    assert_eq!(subscription.plan.as_ref().unwrap().month_frequency.as_deref(), Some("1"));
    let events = webhooks().receive(signed(&body("webhook_subscription")), now()).await.unwrap();
    assert_eq!((events[0].get().live, events[0].get().references[0].kind()), (Some(false), "subscription"));

    let event = webhooks().verify(&signed(&body("webhook_batch")), now()).unwrap();
    let NmiObject::SettlementBatch(batch) = event.get().decode().unwrap() else { unreachable!() };
    assert_eq!(batch.transaction_ids.as_ref().unwrap(), &["11000000007", "11000000014"]);
    let events = webhooks().receive(signed(&body("webhook_batch")), now()).await.unwrap();
    let ids: Vec<_> =
        events[0].get().references.iter().map(turnbuckle_core::payment::PaymentRef::id).collect();
    assert_eq!(ids, ["76158269", "11000000007", "11000000014"]);
}

#[tokio::test]
async fn only_a_production_connection_calls_an_event_live() {
    let rig = Rig::new();
    let push = || {
        let event = serde_json::json!({"event_id": "1", "event_type": "transaction.sale.success",
            "event_body": {"features": {"is_test_mode": false}}});
        let push = rig.nmi().signed_webhook(&event);
        let mut request = Request::post("/nmi").body(push.body).unwrap();
        *request.headers_mut() = push.headers;
        RawWebhook::new(request, URL).unwrap()
    };
    for (environment, live) in [(Environment::Sandbox, None), (Environment::Production, Some(true))] {
        let config = rig.config_with(environment, rig.credentials(), rig.transport());
        let receiver = NmiWebhooks::from_config(&config).unwrap().unwrap();
        assert_eq!(receiver.receive(push(), now()).await.unwrap()[0].get().live, live);
    }
}

#[tokio::test]
async fn the_simulator_s_pushes_name_what_the_gateway_made() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let paid = gateway.purchase(&rig.request(2010, card(VISA), "1")).await.unwrap();
    let paid = approved(&paid).clone();
    let bank =
        PaymentMethod::BankAccount(BankAccount::new("123123123", "000123456789", "Robin Doe").unwrap());
    let debit = gateway.purchase(&rig.request(5000, bank, "2")).await.unwrap();
    let debit = debit.payment_in_any_state().unwrap().reference.clone();
    let plan = Plan::Inline { amount: usd(1200), every: Interval::new(1, IntervalUnit::Month) };
    let request = SubscriptionRequest::new(card(VISA), plan, rig.key("3"), reference("s"));
    let started = rig.subscriptions().create(&request).await.unwrap();
    assert!(started.subscription.is_some());
    rig.nmi().settle();
    assert!(rig.nmi().return_check(debit.id(), "R01"));
    approved(&gateway.refund(&RefundRequest::new(paid.reference.clone(), rig.key("4"))).await.unwrap());
    let receiver = rig.connect().webhooks().unwrap();
    let mut kinds = Vec::new();
    let mut paid_by = None;
    for push in rig.nmi().take_webhooks() {
        let mut request = Request::post("/nmi").body(push.body).unwrap();
        *request.headers_mut() = push.headers;
        let events = receiver.receive(RawWebhook::new(request, URL).unwrap(), now()).await.unwrap();
        let event = events[0].get();
        assert_eq!(event.account.as_deref(), Some(rig.nmi().merchant_id().as_str()));
        if event.kind == EventKind::Payment(PaymentEvent::Succeeded) && paid_by.is_none() {
            paid_by = Some(event.references[0].clone());
        }
        kinds.push(event.kind);
    }
    assert!(paid_by.unwrap().same_as(&paid.reference));
    for kind in [
        EventKind::Payment(PaymentEvent::Processing),
        EventKind::Payment(PaymentEvent::Settled),
        EventKind::Return,
        EventKind::Payout(PayoutEvent::Created),
        EventKind::Refund(RefundEvent::Succeeded),
        EventKind::Subscription(SubscriptionEvent::Created),
    ] {
        assert!(kinds.contains(&kind), "{kind:?} is missing in {kinds:?}");
    }
}
