//! Idempotency keys.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod common;

use common::{Client, id};
use std::time::Duration;
use turnbuckle_simulator::{Fault, FaultKind};

const FORM: &str =
    "amount=1099&currency=usd&confirm=true&payment_method=pm_card_visa&payment_method_types[]=card";

#[test]
fn the_same_key_replays_the_first_answer() {
    let stripe = Client::new();
    let keyed = stripe.with("idempotency-key", "order-7");
    let first = keyed.post("/v1/payment_intents", FORM);
    assert_eq!(first.header("idempotent-replayed"), None);
    let second = keyed.post("/v1/payment_intents", FORM);
    assert_eq!(second.header("idempotent-replayed"), Some("true"));
    assert_eq!(second.header("original-request"), first.header("request-id"));
    assert_eq!(first.json, second.json);
    // The order of parameters is no difference.
    let turned =
        "payment_method_types[]=card&payment_method=pm_card_visa&confirm=true&currency=usd&amount=1099";
    assert_eq!(keyed.post("/v1/payment_intents", turned).header("idempotent-replayed"), Some("true"));
    assert_eq!(stripe.sim.stripe().charges().len(), 1);
}

#[test]
fn a_replayed_decline_stays_a_decline() {
    let stripe = Client::new();
    let keyed = stripe.with("idempotency-key", "d");
    let declined = keyed.pay("pm_card_chargeDeclined", "");
    let again = keyed.pay("pm_card_chargeDeclined", "");
    assert_eq!((again.status, again.header("idempotent-replayed")), (402, Some("true")));
    assert_eq!(declined.json, again.json);
    assert_eq!(stripe.sim.stripe().charges().len(), 1);
}

#[test]
fn another_request_with_the_key_is_refused() {
    let stripe = Client::new();
    let keyed = stripe.with("idempotency-key", "k");
    keyed.post("/v1/payment_intents", FORM).ok();
    let other = keyed.post("/v1/payment_intents", &FORM.replace("1099", "1100"));
    assert_eq!((other.status, other.error()["type"].as_str()), (400, Some("idempotency_error")));
    assert_eq!(keyed.post("/v1/customers", "name=A").error()["type"], "idempotency_error");
    assert_eq!(stripe.sim.stripe().payment_intents().len(), 1);
}

#[test]
fn a_running_key_is_409_until_it_ends() {
    let stripe = Client::new();
    let keyed = stripe.with("idempotency-key", "k");
    let hold = stripe.sim.stripe().hold_idempotency_key("k");
    let busy = keyed.post("/v1/payment_intents", FORM);
    assert_eq!((busy.status, busy.error()["code"].as_str()), (409, Some("idempotency_key_in_use")));
    drop(hold);
    keyed.post("/v1/payment_intents", FORM).ok();
}

#[test]
fn refused_parameters_do_not_use_the_key_up() {
    let stripe = Client::new();
    let keyed = stripe.with("idempotency-key", "k");
    assert_eq!(keyed.post("/v1/payment_intents", "amount=1&currency=usd").status, 400);
    keyed.post("/v1/payment_intents", FORM).ok();
}

#[test]
fn server_errors_are_kept_too() {
    let stripe = Client::new();
    let keyed = stripe.with("idempotency-key", "k");
    stripe.sim.faults().push(Fault::new(FaultKind::Status(500, None)));
    let first = keyed.post("/v1/payment_intents", FORM);
    assert_eq!((first.status, first.header("stripe-should-retry")), (500, Some("false")));
    let again = keyed.post("/v1/payment_intents", FORM);
    assert_eq!((again.status, again.header("idempotent-replayed")), (500, Some("true")));
    assert!(stripe.sim.stripe().payment_intents().is_empty());

    let after = stripe.with("idempotency-key", "k2");
    stripe.sim.faults().push(Fault::new(FaultKind::StatusAfterEffect(500, None)));
    assert_eq!(after.post("/v1/payment_intents", FORM).status, 500);
    assert_eq!(after.post("/v1/payment_intents", FORM).status, 500);
    assert_eq!(stripe.sim.stripe().payment_intents().len(), 1, "the money moved once");
}

#[test]
fn keys_are_forgotten_after_a_day() {
    let stripe = Client::new();
    let keyed = stripe.with("idempotency-key", "k");
    let first = keyed.post("/v1/customers", "name=A").ok();
    stripe.sim.clock().advance(Duration::from_secs(24 * 60 * 60));
    let second = keyed.post("/v1/customers", "name=A").ok();
    assert_ne!(id(&first), id(&second));
}

#[test]
fn keys_belong_to_one_account_and_to_posts() {
    let stripe = Client::new();
    let keyed = stripe.with("idempotency-key", "k");
    let here = keyed.post("/v1/customers", "name=A").ok();
    let account = stripe.sim.stripe().connected_account_id();
    let there = keyed.with("stripe-account", &account).post("/v1/customers", "name=A").ok();
    assert_ne!(id(&here), id(&there));
    assert_eq!(keyed.get("/v1/balance").header("idempotency-key"), None);
}
