//! Events and their signatures.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod common;

use bytes::Bytes;
use common::Client;
use turnbuckle_simulator::stripe::sign;

fn signature(headers: &http::HeaderMap) -> &str {
    headers["stripe-signature"].to_str().unwrap()
}

#[test]
fn signatures_match_vectors_computed_elsewhere() {
    let secret = ["whsec_test_vector_not_real".to_owned()];
    let body = r#"{"id":"evt_1","object":"event","type":"payment_intent.succeeded","data":{"object":{"id":"pi_1","object":"payment_intent","amount":1099}}}"#;
    let signed = sign(Bytes::from_static(body.as_bytes()), &secret, 1_700_000_000);
    assert_eq!(
        signature(&signed.headers),
        "t=1700000000,v1=a89964d4e6258a2b693d0c753b65e04ee2e20b62e894714b56f0af3c42b89027"
    );
    assert_eq!(signed.body, body.as_bytes());
    let signed = sign(Bytes::from("{\"name\":\"Zoë\"}"), &secret, 1_700_000_000);
    assert_eq!(
        signature(&signed.headers),
        "t=1700000000,v1=27931f13808376c9470fab19d036659994f5009e3bb3f4cc189b83c7f8a673fa"
    );
}

#[test]
fn every_change_is_told_once_and_in_order() {
    let stripe = Client::new();
    stripe.with("idempotency-key", "k7").pay("pm_card_visa", "capture_method=automatic").ok();
    let kinds: Vec<String> = stripe
        .sim
        .take_webhooks()
        .iter()
        .map(|webhook| {
            let event: serde_json::Value = serde_json::from_slice(&webhook.body).unwrap();
            assert_eq!(event["object"], "event");
            assert_eq!(event["request"]["idempotency_key"], "k7");
            assert!(event["request"]["id"].as_str().unwrap().starts_with("req_"));
            assert_eq!(event["api_version"], turnbuckle_simulator::stripe::DEFAULT_VERSION);
            assert_eq!(webhook.provider, "stripe");
            event["type"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(kinds, ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]);
    assert!(stripe.sim.take_webhooks().is_empty());
}

#[test]
fn updates_tell_what_was_before() {
    let stripe = Client::new();
    let customer = stripe.post("/v1/customers", "name=A").ok();
    stripe.post(&format!("/v1/customers/{}", common::id(&customer)), "name=B").ok();
    let event = &stripe.sim.stripe().events()[0];
    assert_eq!(event["type"], "customer.updated");
    assert_eq!(event["data"]["previous_attributes"], serde_json::json!({ "name": "A" }));
    assert_eq!(event["data"]["object"]["name"], "B");
}

#[test]
fn a_roll_signs_with_both_secrets() {
    let stripe = Client::new();
    stripe.post("/v1/customers", "name=A").ok();
    let event = stripe.sim.stripe().events().remove(0);
    let old = stripe.sim.stripe().webhook_secret();
    let alone = stripe.sim.stripe().signed_webhook(&event, 5);
    let new = stripe.sim.stripe().roll_webhook_secret();
    let both = stripe.sim.stripe().signed_webhook(&event, 5);
    assert_eq!(signature(&both.headers).matches("v1=").count(), 2);
    let by =
        |secret: &str| signature(&sign(both.body.clone(), &[secret.to_owned()], 5).headers)[4..].to_owned();
    assert_eq!(signature(&both.headers), format!("t=5,{},{}", by(&old), by(&new)));
    assert_eq!(signature(&alone.headers), format!("t=5,{}", by(&old)));
    stripe.sim.stripe().finish_webhook_roll();
    assert_eq!(
        signature(&stripe.sim.stripe().signed_webhook(&event, 5).headers),
        format!("t=5,{}", by(&new))
    );
}

#[test]
fn the_same_seed_gives_the_same_world() {
    let run = |seed| {
        let stripe = Client::over(turnbuckle_simulator::Simulator::builder().with_seed(seed).build());
        stripe.pay("pm_card_visa", "").ok();
        (stripe.key.clone(), stripe.sim.state())
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}
