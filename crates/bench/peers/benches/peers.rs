//! One event, verified and read: turnbuckle-stripe beside async-stripe-webhook.

#![allow(clippy::expect_used, reason = "a benchmark that cannot run must stop")]

use std::path::Path;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::Request;
use stripe_webhook::{Event, EventObject, Webhook};
use turnbuckle_bench::{Budget, Budgets, material, timed};
use turnbuckle_core::webhook::RawWebhook;
use turnbuckle_stripe::{StripeObject, StripeWebhooks};

const BLOCK: u64 = 16;
const BESIDE: &str = "async-stripe-webhook 1.0.0-rc.10";

fn main() {
    let mut budgets = Budgets::from_args();
    let webhooks = StripeWebhooks::new(&material::WEBHOOK_SECRET.into()).expect("a secret");
    // Their own signer makes the header that both are given.
    let header =
        Webhook::generate_test_header(material::EVENT, material::WEBHOOK_SECRET, Some(material::SIGNED_AT));
    let now: DateTime<Utc> = DateTime::from_timestamp(material::SIGNED_AT + 1, 0).expect("a time");
    let push = Request::post("/webhooks/stripe")
        .header("content-type", "application/json; charset=utf-8")
        .header("stripe-signature", &header)
        .body(Bytes::from_static(material::EVENT.as_bytes()))
        .expect("a request");
    let raw = RawWebhook::new(push, "https://shop.example/webhooks/stripe").expect("a push");

    let verify = || webhooks.verify(&raw, now).expect("a verified event");
    let typed = || {
        let event = verify();
        let StripeObject::PaymentIntent(payment) = event.get().decode().expect("a payment") else {
            unreachable!("the event is about a payment")
        };
        (event, payment)
    };
    let theirs = || -> Event {
        let (event, secret) = (material::EVENT, material::WEBHOOK_SECRET);
        Webhook::construct_event_with_timestamp(event, &header, secret, material::SIGNED_AT + 1)
            .expect("a verified event")
    };
    let EventObject::PaymentIntentSucceeded(payment) = theirs().data.object else {
        panic!("they read the payment too")
    };
    assert_eq!((payment.id.as_str(), payment.amount), (typed().1.id.as_str(), typed().1.amount));

    budgets.pair(
        "Webhook: verify, object left raw",
        BESIDE,
        Budget::Faster(6.0),
        BLOCK,
        |calls| timed(calls, verify),
        |calls| timed(calls, theirs),
    );
    budgets.pair(
        "Webhook: verify, object typed",
        BESIDE,
        Budget::Faster(3.0),
        BLOCK,
        |calls| timed(calls, typed),
        |calls| timed(calls, theirs),
    );
    budgets.finish(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers.md")).expect("a file to write");
}
