//! Faults in process: what is refused, what is lost, and whether the effect happened.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod common;

use common::Client;
use turnbuckle_simulator::{Fault, FaultKind, WireFault};

const FORM: &str =
    "amount=1099&currency=usd&confirm=true&payment_method=pm_card_visa&payment_method_types[]=card";

fn made(stripe: &Client) -> usize {
    stripe.sim.stripe().payment_intents().len()
}

#[test]
fn a_fault_hits_only_what_it_names_and_only_so_often() {
    let stripe = Client::new();
    stripe
        .sim
        .faults()
        .push(Fault::new(FaultKind::Status(503, None)).on_method("post").on_path("/refunds").times(2));
    stripe.get("/v1/refunds").ok();
    stripe.post("/v1/customers", "name=A").ok();
    assert_eq!(stripe.post("/v1/refunds", "charge=ch_1").status, 503);
    assert_eq!(stripe.sim.faults().remaining(), 1);
    assert_eq!(stripe.post("/v1/refunds", "charge=ch_1").status, 503);
    assert_eq!(stripe.post("/v1/refunds", "charge=ch_1").status, 404);
    stripe.sim.faults().push(Fault::new(FaultKind::ResetBefore));
    stripe.sim.faults().clear();
    stripe.get("/v1/balance").ok();
}

#[test]
fn rate_limits_speak_stripe() {
    let stripe = Client::new();
    stripe.sim.faults().push(Fault::new(FaultKind::RateLimited { retry_after: Some("2".to_owned()) }));
    let reply = stripe.post("/v1/payment_intents", FORM);
    assert_eq!((reply.status, reply.header("retry-after")), (429, Some("2")));
    assert_eq!(reply.error()["code"], "rate_limit");
    stripe.sim.faults().push(Fault::new(FaultKind::RateLimited { retry_after: None }));
    assert_eq!(stripe.post("/v1/payment_intents", FORM).header("retry-after"), None);
    assert_eq!(made(&stripe), 0);
}

#[test]
fn resets_lose_the_answer_before_or_after_the_effect() {
    let stripe = Client::new();
    stripe.sim.faults().push(Fault::new(FaultKind::ResetBefore));
    let dropped = stripe.sim.try_handle(stripe.request("POST", "/v1/payment_intents", FORM)).unwrap_err();
    assert!(!dropped.effect_happened);
    assert_eq!(made(&stripe), 0);
    assert_eq!(stripe.sim.stripe().request_log()[0].status, 0);

    stripe.sim.faults().push(Fault::new(FaultKind::ResetAfter));
    let dropped = stripe.sim.try_handle(stripe.request("POST", "/v1/payment_intents", FORM)).unwrap_err();
    assert!(dropped.effect_happened);
    assert_eq!(made(&stripe), 1);
}

#[test]
fn a_proxy_answers_in_html() {
    let stripe = Client::new();
    stripe.sim.faults().push(Fault::new(FaultKind::HtmlBadGateway));
    let response = stripe.sim.handle(stripe.request("POST", "/v1/payment_intents", FORM));
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (502, &"text/html".parse().unwrap())
    );
    assert_eq!(made(&stripe), 0);
}

#[test]
fn broken_bodies_come_after_the_effect() {
    let stripe = Client::new();
    for kind in [FaultKind::Malformed, FaultKind::Truncated] {
        let before = made(&stripe);
        stripe.sim.faults().push(Fault::new(kind));
        let response = stripe.sim.try_handle(stripe.request("POST", "/v1/payment_intents", FORM)).unwrap();
        assert_eq!(response.status(), 200);
        assert!(serde_json::from_slice::<serde_json::Value>(response.body()).is_err());
        assert_eq!(made(&stripe), before + 1);
    }
}

#[test]
fn what_only_a_wire_can_do_is_told() {
    let stripe = Client::new();
    for (kind, wire) in [
        (FaultKind::Latency(40), WireFault::Delay(40)),
        (FaultKind::SlowBody(5), WireFault::Trickle(5)),
        (FaultKind::Truncated, WireFault::Truncate),
        (FaultKind::ResetAfter, WireFault::Reset { effect_happened: true }),
    ] {
        stripe.sim.faults().push(Fault::new(kind));
        let handled = stripe.sim.handle_wire(stripe.request("GET", "/v1/balance", ""));
        assert_eq!((handled.wire, handled.response.status().as_u16()), (wire, 200));
    }
}

#[test]
fn a_slow_request_keeps_its_key_running() {
    let stripe = Client::new();
    let keyed = stripe.with("idempotency-key", "k");
    stripe.sim.faults().push(Fault::new(FaultKind::Latency(1000)));
    let slow = keyed.sim.handle_wire(keyed.request("POST", "/v1/payment_intents", FORM));
    assert_eq!(keyed.post("/v1/payment_intents", FORM).status, 409);
    drop(slow);
    assert_eq!(keyed.post("/v1/payment_intents", FORM).header("idempotent-replayed"), Some("true"));
}

#[test]
fn own_bodies_and_a_header_for_other_languages() {
    let stripe = Client::new();
    let body = r#"{"error":{"type":"api_error","message":"mine"}}"#;
    stripe.sim.faults().push(Fault::new(FaultKind::Status(500, Some(body.to_owned()))));
    assert_eq!(stripe.get("/v1/balance").error()["message"], "mine");
    assert_eq!(stripe.with("x-simulator-fault", "status=503").get("/v1/balance").status, 503);
    assert_eq!(stripe.with("x-simulator-fault", "earthquake").get("/v1/balance").status, 400);
    let reset = stripe.with("x-simulator-fault", "reset-after");
    assert!(stripe.sim.try_handle(reset.request("GET", "/v1/balance", "")).is_err());
}
