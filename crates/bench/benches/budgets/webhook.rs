//! A webhook from the request to the typed event beside the HMAC that it cannot do without.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use http::Request;
use sha2::Sha256;
use turnbuckle_bench::{Budget, Budgets, material, timed, timed_with};
use turnbuckle_core::webhook::RawWebhook;
use turnbuckle_stripe::{StripeObject, StripeWebhooks};

const BLOCK: u64 = 16;

pub(crate) fn measure(budgets: &mut Budgets) {
    let webhooks = StripeWebhooks::new(&material::WEBHOOK_SECRET.into()).expect("a secret");
    let header = material::signature_header(&tag());
    let now: DateTime<Utc> = DateTime::from_timestamp(material::SIGNED_AT + 1, 0).expect("a time");
    let push = || request(&header);
    let receive = |push| RawWebhook::new(push, "https://shop.example/webhooks/stripe").expect("a push");
    let raw = receive(push());
    let typed = |raw: &RawWebhook| {
        let event = webhooks.verify(raw, now).expect("a verified event");
        let StripeObject::PaymentIntent(payment) = event.get().decode().expect("a payment") else {
            unreachable!("the event is about a payment")
        };
        (event, payment)
    };

    budgets.pair(
        "Webhook: verify, object left raw",
        "HMAC-SHA-256 of the same bytes",
        Budget::TimesPlus(2.0, 2_000.0),
        BLOCK,
        |calls| timed(calls, || webhooks.verify(&raw, now).expect("a verified event")),
        |calls| timed(calls, tag),
    );
    budgets.pair(
        "Webhook: verify, object typed",
        "HMAC-SHA-256 of the same bytes",
        Budget::TimesPlus(2.0, 3_000.0),
        BLOCK,
        |calls| timed(calls, || typed(&raw)),
        |calls| timed(calls, tag),
    );
    budgets.pair(
        "Webhook: take the request, verify, object typed",
        "HMAC-SHA-256 of the same bytes",
        Budget::Open,
        BLOCK,
        |calls| timed_with(calls, push, |push| typed(&receive(push))),
        |calls| timed(calls, tag),
    );
}

fn tag() -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(material::WEBHOOK_SECRET.as_bytes()).expect("any key fits");
    mac.update(b"1760000002");
    mac.update(b".");
    mac.update(material::EVENT.as_bytes());
    mac.finalize().into_bytes().into()
}

/// As it comes out of a web framework behind a proxy.
fn request(signature: &str) -> Request<Bytes> {
    Request::post("/webhooks/stripe")
        .header("host", "shop.example")
        .header("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
        .header("accept", "*/*; q=0.5, application/xml")
        .header("cache-control", "no-cache")
        .header("content-type", "application/json; charset=utf-8")
        .header("content-length", material::EVENT.len())
        .header("stripe-signature", signature)
        .header("x-forwarded-for", "192.0.2.7")
        .header("x-forwarded-proto", "https")
        .body(Bytes::from_static(material::EVENT.as_bytes()))
        .expect("a request")
}
