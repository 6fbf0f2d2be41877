//! The life of a payment: what each state allows, and what it leaves behind.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod common;

use common::{Client, id};
use std::time::Duration;

#[test]
fn a_sale_succeeds_and_its_charge_carries_what_adapters_read() {
    let stripe = Client::new();
    let intent = stripe.pay("pm_card_visa", "expand[]=latest_charge&metadata[order]=7").ok();
    assert_eq!(intent["status"], "succeeded");
    assert_eq!(intent["amount_received"], 1099);
    assert_eq!(intent["amount_capturable"], 0);
    assert_eq!(intent["metadata"]["order"], "7");
    let charge = &intent["latest_charge"];
    assert_eq!(charge["object"], "charge");
    assert_eq!(charge["captured"], true);
    assert_eq!(charge["outcome"]["network_status"], "approved_by_network");
    assert_eq!(charge["outcome"]["type"], "authorized");
    let card = &charge["payment_method_details"]["card"];
    assert_eq!(card["brand"], "visa");
    assert_eq!(card["last4"], "4242");
    assert_eq!(card["checks"]["cvc_check"], "pass");
    assert_eq!(card["authorization_code"].as_str().unwrap().len(), 6);
    assert!(card["network_transaction_id"].is_string());
    assert!(card["capture_before"].is_null());
    assert_eq!(
        stripe.kinds_of_events(),
        ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "charge.updated"],
    );
}

#[test]
fn asynchronous_capture_tells_the_booking_later_and_automatic_at_once() {
    let stripe = Client::new();
    let later = stripe.pay("pm_card_visa", "expand[]=latest_charge").ok();
    assert_eq!(later["capture_method"], "automatic_async");
    assert!(later["latest_charge"]["balance_transaction"].is_null());
    let charge =
        stripe.get(&format!("/v1/charges/{}?expand[]=balance_transaction", id(&later["latest_charge"]))).ok();
    assert_eq!(charge["balance_transaction"]["amount"], 1099);
    assert_eq!(charge["balance_transaction"]["net"], 1099 - 61);

    let now = stripe.pay("pm_card_visa", "capture_method=automatic&expand[]=latest_charge").ok();
    assert!(now["latest_charge"]["balance_transaction"].is_string());
}

#[test]
fn an_authorization_is_captured_once_in_part_and_the_rest_is_released() {
    let stripe = Client::new();
    let intent = stripe.pay("pm_card_mastercard", "capture_method=manual&expand[]=latest_charge").ok();
    assert_eq!(intent["status"], "requires_capture");
    assert_eq!(intent["amount_capturable"], 1099);
    assert_eq!(intent["latest_charge"]["captured"], false);
    let held = intent["latest_charge"]["payment_method_details"]["card"]["capture_before"].as_u64().unwrap();
    assert_eq!(held, stripe.sim.clock().unix() + 7 * 86_400);
    let path = format!("/v1/payment_intents/{}/capture", id(&intent));

    let refused = stripe.post(&path, "amount_to_capture=1100");
    assert_eq!((refused.status, refused.error()["param"].as_str()), (400, Some("amount_to_capture")));

    let captured = stripe.post(&path, "amount_to_capture=1000").ok();
    assert_eq!(captured["status"], "succeeded");
    assert_eq!(captured["amount_received"], 1000);
    assert_eq!(captured["amount_capturable"], 0);
    let charge = &stripe.sim.stripe().charges()[0];
    assert_eq!(
        (charge["amount_captured"].as_i64(), charge["amount_refunded"].as_i64()),
        (Some(1000), Some(99))
    );

    let again = stripe.post(&path, "");
    assert_eq!(again.status, 400);
    assert_eq!(again.error()["code"], "payment_intent_unexpected_state");
    assert_eq!(again.error()["payment_intent"]["status"], "succeeded");
    assert!(
        again.error()["message"]
            .as_str()
            .unwrap()
            .contains("could not be captured because it has a status of succeeded")
    );
}

#[test]
fn several_captures_only_where_they_were_asked_for() {
    let stripe = Client::new();
    let plain = stripe.pay("pm_card_visa", "capture_method=manual").ok();
    let path = format!("/v1/payment_intents/{}/capture", id(&plain));
    let refused = stripe.post(&path, "amount_to_capture=100&final_capture=false");
    assert_eq!(refused.error()["param"], "final_capture");

    let more = "capture_method=manual&payment_method_options[card][request_multicapture]=if_available";
    let several = stripe.pay("pm_card_visa", more).ok();
    let path = format!("/v1/payment_intents/{}/capture", id(&several));
    let first = stripe.post(&path, "amount_to_capture=400&final_capture=false").ok();
    assert_eq!(first["status"], "requires_capture");
    assert_eq!(
        (first["amount_capturable"].as_i64(), first["amount_received"].as_i64()),
        (Some(699), Some(400))
    );
    let second = stripe.post(&path, "amount_to_capture=600").ok();
    assert_eq!(
        (second["status"].as_str(), second["amount_received"].as_i64()),
        (Some("succeeded"), Some(1000))
    );
}

#[test]
fn an_authorization_is_raised_only_when_the_card_was_asked() {
    let stripe = Client::new();
    let plain = stripe.pay("pm_card_visa", "capture_method=manual").ok();
    assert_eq!(
        stripe
            .post(&format!("/v1/payment_intents/{}/increment_authorization", id(&plain)), "amount=2000")
            .status,
        400
    );
    let more =
        "capture_method=manual&payment_method_options[card][request_incremental_authorization]=if_available";
    let open = stripe.pay("pm_card_visa", more).ok();
    let raised = stripe
        .post(&format!("/v1/payment_intents/{}/increment_authorization", id(&open)), "amount=2000")
        .ok();
    assert_eq!(raised["amount_capturable"], 2000);
}

#[test]
fn a_void_releases_an_authorization_and_is_refused_after_success() {
    let stripe = Client::new();
    let held = stripe.pay("pm_card_visa", "capture_method=manual").ok();
    let path = format!("/v1/payment_intents/{}/cancel", id(&held));
    let voided = stripe.post(&path, "cancellation_reason=requested_by_customer").ok();
    assert_eq!(
        (voided["status"].as_str(), voided["amount_capturable"].as_i64()),
        (Some("canceled"), Some(0))
    );
    assert_eq!(voided["cancellation_reason"], "requested_by_customer");
    assert_eq!(stripe.sim.stripe().charges()[0]["refunded"], true);
    assert_eq!(stripe.post(&path, "").error()["code"], "payment_intent_unexpected_state");

    let sold = stripe.pay("pm_card_visa", "").ok();
    let refused = stripe.post(&format!("/v1/payment_intents/{}/cancel", id(&sold)), "");
    assert_eq!(refused.status, 400);
    assert_eq!(refused.error()["code"], "payment_intent_unexpected_state");
    assert!(
        refused.error()["message"]
            .as_str()
            .unwrap()
            .starts_with("You cannot cancel this PaymentIntent because it has a status of succeeded.")
    );
    assert_eq!(id(&refused.error()["payment_intent"]), id(&sold));
}

#[test]
fn an_authorization_lapses_after_a_week() {
    let stripe = Client::new();
    let held = stripe.pay("pm_card_visa", "capture_method=manual").ok();
    stripe.sim.clock().advance(Duration::from_secs(7 * 86_400));
    let late = stripe.post(&format!("/v1/payment_intents/{}/capture", id(&held)), "");
    assert_eq!(late.error()["code"], "charge_expired_for_capture");
    assert_eq!(late.error()["payment_intent"]["status"], "canceled");
    assert!(stripe.kinds_of_events().contains(&"charge.expired".to_owned()));
}

#[test]
fn refunds_stop_at_what_is_left() {
    let stripe = Client::new();
    let sold = stripe.pay("pm_card_visa", "").ok();
    let pi = id(&sold);
    let part = stripe
        .post("/v1/refunds", &format!("payment_intent={pi}&amount=1000&reason=duplicate&metadata[r]=1"))
        .ok();
    assert_eq!(
        (part["status"].as_str(), part["amount"].as_i64(), part["payment_intent"].as_str()),
        (Some("succeeded"), Some(1000), Some(pi))
    );

    let over = stripe.post("/v1/refunds", &format!("payment_intent={pi}&amount=100"));
    assert_eq!((over.status, over.error()["param"].as_str()), (400, Some("amount")));
    assert_eq!(
        over.error()["message"],
        "Refund amount ($1.00 usd) is greater than unrefunded amount on charge ($0.99 usd)"
    );

    let charge = part["charge"].as_str().unwrap();
    let rest = stripe.post("/v1/refunds", &format!("charge={charge}")).ok();
    assert_eq!(rest["amount"], 99);
    let again = stripe.post("/v1/refunds", &format!("payment_intent={pi}"));
    assert_eq!(again.error()["code"], "charge_already_refunded");
    assert_eq!(stripe.sim.stripe().charges()[0]["refunded"], true);

    let listed = stripe.get(&format!("/v1/refunds?payment_intent={pi}")).ok();
    assert_eq!(listed["data"].as_array().unwrap().len(), 2);
    assert_eq!(listed["data"][0]["amount"], 99, "newest first");
    let marked = stripe.post(&format!("/v1/refunds/{}", id(&part)), "metadata[r]=&metadata[s]=2").ok();
    assert_eq!(marked["metadata"], serde_json::json!({ "s": "2" }));
}

#[test]
fn nothing_that_was_not_captured_is_refunded() {
    let stripe = Client::new();
    let open = stripe.post("/v1/payment_intents", "amount=500&currency=usd").ok();
    let refused = stripe.post("/v1/refunds", &format!("payment_intent={}", id(&open)));
    assert!(
        refused.error()["message"].as_str().unwrap().contains("does not have a successful charge to refund")
    );
    let held = stripe.pay("pm_card_visa", "capture_method=manual").ok();
    assert_eq!(stripe.post("/v1/refunds", &format!("payment_intent={}", id(&held))).status, 400);
    assert_eq!(stripe.post("/v1/refunds", "payment_intent=pi_none").status, 404);
    assert_eq!(stripe.post("/v1/refunds", "").error()["code"], "parameter_missing");
    assert!(stripe.sim.stripe().refunds().is_empty());
}

#[test]
fn a_refund_can_fail_later_and_gives_the_money_back() {
    let stripe = Client::new();
    let sold = stripe.pay("pm_card_refundFail", "").ok();
    let refund = stripe.post("/v1/refunds", &format!("payment_intent={}", id(&sold))).ok();
    assert_eq!(refund["status"], "succeeded");
    stripe.sim.clock().advance(Duration::from_secs(60));
    let failed = stripe.get(&format!("/v1/refunds/{}", id(&refund))).ok();
    assert_eq!(failed["status"], "failed");
    assert_eq!(stripe.sim.stripe().charges()[0]["amount_refunded"], 0);
    assert!(stripe.kinds_of_events().contains(&"refund.failed".to_owned()));
}

#[test]
fn an_intent_is_confirmed_in_two_steps() {
    let stripe = Client::new();
    let open = stripe.post("/v1/payment_intents", "amount=500&currency=eur&payment_method_types[]=card").ok();
    assert_eq!(open["status"], "requires_payment_method");
    let path = format!("/v1/payment_intents/{}", id(&open));
    let missing = stripe.post(&format!("{path}/confirm"), "");
    assert_eq!(missing.error()["code"], "payment_intent_unexpected_state");
    let ready = stripe.post(&path, "payment_method=pm_card_visa&amount=600").ok();
    assert_eq!(
        (ready["status"].as_str(), ready["amount"].as_i64()),
        (Some("requires_confirmation"), Some(600))
    );
    let paid = stripe.post(&format!("{path}/confirm"), "").ok();
    assert_eq!(paid["status"], "succeeded");
    let again = stripe.post(&format!("{path}/confirm"), "");
    assert!(again.error()["message"].as_str().unwrap().contains("already succeeded"));
    assert_eq!(stripe.post(&path, "amount=700").error()["code"], "payment_intent_unexpected_state");
}

#[test]
fn customers_keep_cards_and_loose_cards_pay_once() {
    let stripe = Client::new();
    let customer = stripe.post("/v1/customers", "email=a%40example.com&metadata[k]=v").ok();
    let card = stripe
        .post(
            "/v1/payment_methods",
            "type=card&card[number]=4242424242424242&card[exp_month]=12&card[exp_year]=2030&card[cvc]=123",
        )
        .ok();
    assert_eq!(card["card"]["checks"]["cvc_check"], "pass");
    let attached = stripe
        .post(&format!("/v1/payment_methods/{}/attach", id(&card)), &format!("customer={}", id(&customer)))
        .ok();
    assert_eq!(attached["customer"], customer["id"]);

    let alone = stripe.pay(id(&card), "");
    assert!(alone.error()["message"].as_str().unwrap().contains("belongs to the Customer"));
    for _ in 0..2 {
        let paid = stripe.pay(id(&card), &format!("customer={}&off_session=true", id(&customer))).ok();
        assert_eq!(paid["status"], "succeeded");
    }
    let listed = stripe.get(&format!("/v1/payment_methods?customer={}&type=card", id(&customer))).ok();
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    let detached = stripe.post(&format!("/v1/payment_methods/{}/detach", id(&card)), "").ok();
    assert!(detached["customer"].is_null());
    assert!(stripe.pay(id(&card), "").error()["message"].as_str().unwrap().contains("may not be used again"));
    assert_eq!(stripe.post(&format!("/v1/payment_methods/{}/detach", id(&card)), "").status, 400);

    let loose = stripe.pay("pm_card_visa", "").ok();
    let used = loose["payment_method"].as_str().unwrap();
    assert!(stripe.pay(used, "").error()["message"].as_str().unwrap().contains("previously used"));

    let gone = stripe.send("DELETE", &format!("/v1/customers/{}", id(&customer)), "").ok();
    assert_eq!(gone["deleted"], true);
    assert_eq!(
        stripe.post(&format!("/v1/customers/{}", id(&customer)), "name=x").error()["code"],
        "resource_missing"
    );
}

#[test]
fn a_sale_can_save_its_card() {
    let stripe = Client::new();
    let customer = stripe.post("/v1/customers", "name=A").ok();
    let paid = stripe
        .pay(
            "pm_card_visa",
            &format!("customer={}&setup_future_usage=off_session&expand[]=payment_method", id(&customer)),
        )
        .ok();
    assert_eq!(paid["payment_method"]["customer"], customer["id"]);
}

#[test]
fn a_card_is_verified_and_saved_without_a_payment() {
    let stripe = Client::new();
    let customer = stripe.post("/v1/customers", "name=A").ok();
    let body = |card: &str| {
        format!(
            "confirm=true&payment_method={card}&payment_method_types[]=card&customer={}&usage=off_session",
            id(&customer)
        )
    };
    let good = stripe.post("/v1/setup_intents", &body("pm_card_visa")).ok();
    assert_eq!(good["status"], "succeeded");
    let bad = stripe.post("/v1/setup_intents", &body("pm_card_chargeDeclinedIncorrectCvc"));
    assert_eq!(bad.status, 402);
    assert_eq!(
        (bad.error()["code"].as_str(), bad.error()["param"].as_str()),
        (Some("incorrect_cvc"), Some("cvc"))
    );
    assert_eq!(bad.error()["setup_intent"]["status"], "requires_payment_method");
    let asks = stripe.post("/v1/setup_intents", &body("pm_card_authenticationRequiredOnSetup")).ok();
    assert_eq!(asks["status"], "requires_action");
    let done = stripe.sim.stripe().complete_authentication(id(&asks), true).unwrap();
    assert_eq!(done["status"], "succeeded");
    let method = done["payment_method"].as_str().unwrap();
    let paid = stripe.pay(method, &format!("customer={}&off_session=true", id(&customer))).ok();
    assert_eq!(paid["status"], "succeeded", "a card that was set up is not asked again");
    let canceled = stripe.post(&format!("/v1/setup_intents/{}/cancel", id(&good)), "");
    assert_eq!(canceled.error()["code"], "setup_intent_unexpected_state");
}

#[test]
fn bank_debits_settle_days_later() {
    let stripe = Client::new();
    let body = |account: &str| {
        format!(
            "amount=1099&currency=usd&confirm=true&payment_method_types[]=us_bank_account&payment_method_data[type]=us_bank_account\
         &payment_method_data[us_bank_account][account_number]={account}&payment_method_data[us_bank_account][routing_number]=110000000\
         &payment_method_data[us_bank_account][account_holder_type]=individual&payment_method_data[billing_details][name]=A\
         &mandate_data[customer_acceptance][type]=offline"
        )
    };
    let good = stripe.post("/v1/payment_intents", &body("000123456789")).ok();
    assert_eq!(good["status"], "processing");
    assert_eq!(stripe.sim.stripe().settle(id(&good)).unwrap()["status"], "succeeded");
    assert!(stripe.sim.stripe().settle(id(&good)).is_none());
    let bad = stripe.post("/v1/payment_intents", &body("000222222227")).ok();
    let failed = stripe.sim.stripe().settle(id(&bad)).unwrap();
    assert_eq!(failed["status"], "requires_payment_method");
    assert_eq!(failed["last_payment_error"]["code"], "insufficient_funds");
    assert_eq!(stripe.sim.stripe().charges()[0]["status"], "failed");
}

#[test]
fn the_balance_adds_up() {
    let stripe = Client::new();
    assert_eq!(stripe.get("/v1/balance").ok()["pending"][0]["amount"], 0);
    let sold = stripe.pay("pm_card_visa", "capture_method=automatic").ok();
    stripe.post("/v1/refunds", &format!("payment_intent={}&amount=99", id(&sold))).ok();
    let balance = stripe.get("/v1/balance").ok();
    assert_eq!(balance["pending"][0]["amount"], 1099 - 61 - 99);
    assert_eq!(balance["livemode"], false);
    stripe.sim.clock().advance(Duration::from_secs(2 * 86_400));
    assert_eq!(stripe.get("/v1/balance").ok()["available"][0]["amount"], 1099 - 61 - 99);
}
